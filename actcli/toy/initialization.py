"""Initial weights."""

import math

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.types import Floats


def drawn(
    scheme: str, gain: float, inputs: int, outputs: int, random: np.random.Generator
) -> Floats:
    """(inputs + 1, outputs) weights over biases of 0, or of 0.1 in the playground."""
    weights = np.zeros((inputs + 1, outputs))
    shape = (inputs, outputs)
    if scheme == "playground":
        weights[:-1] = random.uniform(-0.5, 0.5, shape)
        weights[-1] = 0.1
    elif scheme == "xavier":
        reach = math.sqrt(6 / (inputs + outputs))
        weights[:-1] = random.uniform(-reach, reach, shape)
    else:
        spread = {"he": math.sqrt(2), "lecun": 1.0, "gain": gain}[scheme]
        weights[:-1] = random.normal(0, spread / math.sqrt(inputs), shape)
    return weights


def gain_of(activation: Activation) -> float:
    """1/sqrt(E f(Z)^2) for a standard normal Z; 1 where that is 0 or not finite."""
    z = np.linspace(-12, 12, 48_001)
    bell = np.exp(-z * z / 2)
    with np.errstate(all="ignore"):
        mean = float((activation.quick(z)[0] ** 2 * bell).sum() / bell.sum())
    return 1 / math.sqrt(mean) if 0 < mean < math.inf else 1.0
