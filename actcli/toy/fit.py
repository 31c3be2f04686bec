"""A fitted neuron."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.bisection import bisected
from ..numbers.types import Floats
from .separability import Flags, Separation


@dataclass(frozen=True)
class NeuronProblem:
    """What a neuron is to learn, and how: `rows` (n, d) with the rows of class 1 in `high` (n,), and
    the outputs `aims` of the two classes. Without a `start` (weights and bias) the rule chooses."""

    f: Activation
    rows: Floats
    high: Flags
    aims: tuple[float, float] | None
    epochs: int
    rate: float | None
    start: tuple[Floats, float] | None


@dataclass(frozen=True)
class FittedNeuron:
    """A fitted neuron. `aims` are the two outputs that the classes were given, or None where the
    target is a quantity; `mid` lies between them, and `levels` are the z at which f crosses it.
    `error` is the root of the mean squared error; `alive` the largest |f'(z)| on the rows."""

    weights: Floats
    bias: float
    rule: Literal["gradient descent", "perceptron rule"]
    epochs: int
    rate: float
    starts: int
    error: float
    spread: float
    aims: tuple[float, float] | None
    mid: float
    levels: tuple[float, ...]
    correct: Flags | None
    alive: float
    separation: Separation | None

    @property
    def accuracy(self) -> float | None:
        """The share of rows on the right side; None for a quantity."""
        return None if self.correct is None else float(self.correct.mean())


def crossings(above: Callable[[Floats], Flags], low: float, high: float) -> list[float]:
    """Where a condition changes in [low, high], on a grid of 2001 points and then narrowed."""
    grid = np.linspace(low, high, 2001)
    state = above(grid)
    found = []
    for i in np.flatnonzero(state[:-1] != state[1:]):
        a, b = bisected(lambda x: above(np.array([x]))[0], state[i], *grid[i : i + 2])
        found.append(0.0 if abs(a) < 1e-9 else 0.5 * (a + b))
    return found
