"""What is asked of a function to find its landmarks, and how it is read."""

from collections.abc import Callable, Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ..evaluation.breakpoints import Cut
from ..numbers.types import Array, Floats

Indices = NDArray[np.intp]
Reading = Callable[[Floats], Floats]
Order = Literal[0, 1, 2]


class SampledFunction(Protocol):
    """What is read of evaluation.activation.Activation."""

    def __call__(self, x: Array) -> Array: ...
    def gradient(self, x: Array) -> Array: ...
    def curvature(self, x: Array) -> Array: ...
    def cuts(self, low: float, high: float) -> Sequence[Cut]: ...
    def sides(self, x: float, order: int) -> tuple[float, float, float]: ...
    def rounding(self, x: Array, order: int) -> Array: ...
    def asymptote(self, side: Literal[-1, 1]) -> tuple[float, float] | None: ...


def reading(f: SampledFunction, order: Order) -> Reading:
    """The value, gradient or curvature of f as a function of a float64 array."""
    method = (f, f.gradient, f.curvature)[order]

    def read(x: Floats) -> Floats:
        return np.asarray(method(x), dtype=np.float64)

    return read


def breakpoints_of(f: SampledFunction, low: float, high: float) -> list[Cut]:
    """The cuts of f in [low, high], with 0 where bisection stopped within 1e-12 of it."""
    least = 1e-12 * (high - low)
    return [
        cut._replace(x=0.0) if abs(cut.x) < least and not cut.proved else cut
        for cut in f.cuts(low, high)
    ]
