"""A fitted neuron."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from ..numbers.types import Floats
from .separability import Flags, Separation


@dataclass(frozen=True)
class Fit:
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
    start_error: float
    spread: float
    aims: tuple[float, float] | None
    mid: float
    levels: tuple[float, ...]
    correct: Flags | None
    alive: float
    separation: Separation | None

    @property
    def accuracy(self) -> float | None:
        return None if self.correct is None else float(self.correct.mean())


def crossings(above: Callable[[Floats], Flags], low: float, high: float) -> list[float]:
    """Where a condition changes in [low, high], on a grid of 2001 points and then narrowed."""
    grid = np.linspace(low, high, 2001)
    state = above(grid)
    found = []
    for i in np.flatnonzero(state[:-1] != state[1:]):
        a, b = float(grid[i]), float(grid[i + 1])
        for _ in range(60):
            middle = 0.5 * (a + b)
            if bool(above(np.array([middle]))[0]) == bool(state[i]):
                a = middle
            else:
                b = middle
        found.append(0.0 if abs(a) < 1e-9 else 0.5 * (a + b))
    return found
