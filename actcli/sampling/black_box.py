"""Jumps and kinks of a function of which nothing is known but its values."""

from collections.abc import Callable, Sequence
from typing import Literal

import numpy as np

from ..evaluation.breakpoints import Cut
from ..numbers.types import Array, Floats
from .grid import breaks, grid, round_to
from .protocol import Reading, SampledFunction, reading

LAST = 1e-7
"""Width, relative to the range, down to which a kink must keep its change of slope."""


def find_breakpoints(f: SampledFunction, low: float, high: float) -> list[Cut]:
    """Jumps and kinks in [low, high], ascending; at most 32 of each.

    Their one-sided limits are differences, good to about five digits.
    """
    read = reading(f, 0)
    x = grid(low, high, 2000)
    y = read(x)
    _, dots, _ = breaks(read, x, y)
    kinds = dict.fromkeys(sorted({dot.x for dot in dots}), "jump")
    for at in _kinks(read, x, y):
        if all(abs(at - other) > 2e-3 * (high - low) for other in kinds if kinds[other] == "jump"):
            kinds[at] = "kink"
    return [_breakpoint(read, at, kinds[at]) for at in sorted(kinds)]


def _kinks(read: Reading, x: Floats, y: Floats) -> list[float]:
    """Where the slope changes as abruptly as one can see; at most 32 places."""
    change = np.abs(np.diff(np.diff(y) / np.diff(x)))
    change[~np.isfinite(change)] = 0.0
    middle = change[1:-1]
    tops = 1 + np.flatnonzero((middle >= change[:-2]) & (middle >= change[2:]) & (middle > 0.01))
    tops = tops[np.argsort(-change[tops], kind="stable")][:32]
    found: list[float] = []
    for i in tops:
        low, high, width = float(x[i]), float(x[i + 2]), float(np.ptp(x))
        left = change[i]
        while high - low > LAST * width and left > 0.5 * change[i]:
            inner = np.linspace(low, high, 17)
            bends = np.abs(np.diff(np.diff(read(inner)))) / (inner[1] - inner[0])
            k = int(np.argmax(bends))
            low, high, left = float(inner[k]), float(inner[k + 2]), float(bends[k])
        at = round_to((low + high) / 2, 10 * width)
        at = 0.0 if abs(at) < 10 * LAST * width else at
        if left > 0.5 * change[i] and all(abs(at - other) > 1e-3 * width for other in found):
            found.append(at)
    return found


def _breakpoint(read: Reading, at: float, kind: str) -> Cut:
    """The place with its one-sided limits and gradients, by differences."""
    step = 1e-5 * max(1.0, abs(at))
    a, b, value, c, d = (float(v) for v in read(at + step * np.array([-2.0, -1.0, 0.0, 1.0, 2.0])))
    left, right = (2 * b - a, 2 * c - d) if kind == "jump" else (value, value)
    near = 1e-6 * max(abs(left), abs(right), 1e-2)  # the value itself, not its extrapolation
    left, right = (value if abs(side - value) < near else side for side in (left, right))
    before, after = (round(slope / step, 6) + 0.0 for slope in (b - a, d - c))
    return Cut(at, kind, left, value, right, before, after)


class Examined:
    """A function with derivatives by differences, which are wrong near jumps and kinks: finds
    those, and takes its gradients beside them. At them it has none."""

    def __init__(self, f: SampledFunction, low: float, high: float) -> None:
        self._f = f
        self._breakpoints = find_breakpoints(f, low, high)

    def __call__(self, x: Array) -> Array:
        return self._f(x)

    def gradient(self, x: Array) -> Array:
        return self._beside(self._f.gradient, x, 9)

    def curvature(self, x: Array) -> Array:
        return self._beside(self._f.curvature, x, 6)

    def cuts(self, low: float, high: float) -> Sequence[Cut]:
        """Those of the found breakpoints that lie in [low, high]."""
        return [breakpoint for breakpoint in self._breakpoints if low <= breakpoint.x <= high]

    def sides(self, x: float, order: int) -> tuple[float, float, float]:
        return np.nan, np.nan, np.nan

    def rounding(self, x: Array, order: int) -> Array:
        """Half a unit of the last digit that is kept."""
        return np.full(np.shape(x), (1e-13, 5e-10, 5e-7)[order])

    def asymptote(self, side: Literal[-1, 1]) -> tuple[float, float] | None:
        return self._f.asymptote(side)

    def _beside(self, method: Callable[[Array], Array], x: Array, digits: int) -> Floats:
        """Rounded to what differences give, or their noise would be drawn for landmarks."""
        x = np.asarray(x, dtype=np.float64)
        moved = x.copy()
        for breakpoint in self._breakpoints:
            blur = 6e-3 * max(1.0, abs(breakpoint.x))
            near = np.abs(x - breakpoint.x) < blur
            moved[near] = breakpoint.x + np.where(x[near] < breakpoint.x, -blur, blur)
        found: Floats = np.asarray(np.round(method(moved), digits), dtype=np.float64) + 0.0
        found[np.isin(x, [breakpoint.x for breakpoint in self._breakpoints])] = np.nan
        return found
