"""Value and slope of activation functions for contiguous numbers, with little ado.

Training takes lean kernels; records keep those whose slopes are exact far out.
"""

from collections.abc import Callable

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.types import Floats

Kernel = Callable[[Floats, Floats, Floats | None], None]  # fills value, and slope unless None

BLOCK = 16_384  # numbers per call of a kernel, whose temporaries then stay in the cache


def _tanh(x: Floats, value: Floats, slope: Floats | None) -> None:
    np.tanh(x, value)
    if slope is not None:
        np.multiply(value, value, out=slope)
        np.subtract(1, slope, out=slope)


def _logistic(x: Floats, value: Floats, slope: Floats | None) -> None:
    np.multiply(x, 0.5, out=value)
    np.tanh(value, value)
    value *= 0.5
    value += 0.5
    if slope is not None:
        np.subtract(1, value, out=slope)
        slope *= value


def _relu(x: Floats, value: Floats, slope: Floats | None) -> None:
    np.fmax(x, 0, out=value)
    if slope is not None:
        np.greater(x, 0, out=slope)


LEAN: dict[str, Kernel] = {"tanh": _tanh, "logistic": _logistic}
EXACT: dict[str, Kernel] = {"relu": _relu}  # the formula's own numbers


def kernel_of(activation: Activation, lean: bool = False) -> Kernel:
    """Fills value and slope for contiguous numbers of shape (n,).

    `lean` kernels are quick for few numbers; their slopes end at 0 where tanh rounds to 1.
    """
    plain = type(activation) is Activation
    quick = activation._quick_kernel if plain else None

    def formula(x: Floats, value: Floats, slope: Floats | None) -> None:
        if slope is not None:
            value[...], slope[...] = activation.quick(x)
        else:
            value[...] = activation.read(x) if plain else activation.quick(x)[0]

    single: Kernel = quick or formula
    if plain and activation.at_defaults:
        single = (EXACT | LEAN if lean else EXACT).get(activation.name, single)

    def kernel(x: Floats, value: Floats, slope: Floats | None) -> None:
        if x.size <= BLOCK:
            single(x, value, slope)
            return
        for start in range(0, x.size, BLOCK):
            part = slice(start, start + BLOCK)
            single(x[part], value[part], None if slope is None else slope[part])

    return kernel
