"""Segments with coefficients on the grid that hardware has: rounded if that is good enough, else searched.

On a coarse grid segments meet only to within its steps: each is the best of the grid by itself. Lines with
free ends are laid as far as any of the grid goes within an error, one after the other, which is the
least number of them; the error is halved until the segments do not suffice.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import inf, isfinite
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from .by_polynomial import by_degree
from .design import Design
from .grids import ENOUGH, Grid, grid_named
from .pieces import PolynomialPiece, assembled
from .piecewise import Samples, sampled
from .request import Conditions, Pieces

SAMPLES = 96  # segments, of whose samples the ends of lines are looked for, at least
MOST_SLOPES = 300
HALVINGS = 28  # of the error
MISSED = 0.02  # of a bound, by which errors at samples may be below it


def on_grid(f: Activation, design: Design, name: str, limits: Any, pieces: Pieces) -> Design:
    """A piecewise design with coefficients on a grid, proved; its ends move if they are free."""
    grid, free = grid_named(name), not (pieces.uniform or pieces.on_curve or pieces.breakpoints)
    rounded = [
        PolynomialPiece(low, high, [grid.nearest(c) for c in coefficients])
        for low, high, coefficients in design.parts
    ]
    if not all(isfinite(c) for piece in rounded for c in piece.coefficients):
        raise ValueError(f"--coefficients {name}: a coefficient is beyond its largest")
    lower = _least_error(f, design, limits, pieces, free)
    found = [_assembled(f, rounded, design, name)]
    if found[0].error_high > design.error_high * (1 + ENOUGH):
        if free and design.degree == 1:
            samples = sampled(f, limits, max(len(rounded), SAMPLES))
            least = (lower or 0.0) * (1 - MISSED)
            if lines := _Lines(f, samples, grid, len(rounded)).best(least, found[0].error_high):
                found.append(_assembled(f, lines, design, name))
        if len(found) == 1:
            asked = Conditions(coefficients=name)
            searched = [
                piece if not (isfinite(piece.low) and isfinite(piece.high)) else piece._replace(
                    coefficients=by_degree(
                        f, piece.low, piece.high, int(design.degree), asked
                    ).coefficients
                )
                for piece in rounded
            ]  # fmt: skip
            found.append(_assembled(f, searched, design, name))
    best = min(found, key=lambda d: d.error_high)
    return replace(best, optimum_low=lower)


def _least_error(
    f: Activation, design: Design, limits: Any, pieces: Pieces, free: bool
) -> float | None:
    """An error that none with real coefficients are below, whether they meet or not: proved, or None."""
    from .given_breakpoints import least_error, with_jumps

    degree = int(design.degree)
    if pieces.jumps or (free and degree > 1):
        return design.optimum_low
    if free:
        return least_error(f, limits, int(design.segments or 0), degree)
    if limits is None:
        return None
    ends = [design.low, *(design.breakpoints or ()), design.high]
    return with_jumps(f, limits, ends, degree).optimum_low


def _assembled(
    f: Activation, pieces: Sequence[PolynomialPiece], design: Design, name: str
) -> Design:
    found = assembled(f, pieces, segments=design.segments, degree=design.degree)
    return replace(found, format=name)


class _Lines:
    """Lines of a grid through the samples of a function."""

    def __init__(self, f: Activation, samples: Samples, grid: Grid, segments: int) -> None:
        self.f, self.grid, self.segments = f, grid, segments
        self.tails = samples.tails
        self.x, self.y = samples.x, samples.f
        self.slopes = np.asarray(f.gradient(self.x), np.float64)

    def best(self, low: float, error: float) -> list[PolynomialPiece]:
        """The lines of the least error between one that none are below and one that is known, if any."""
        high, best = error, self._within(error)
        if not best:
            return []
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            if tried := self._within(middle):
                best, high = tried, middle
            else:
                low = middle
            if high - low < ENOUGH * high:
                break
        return self._placed(best)

    def _height(self, least: Any, greatest: Any) -> Any:
        """The number of the grid amid two, nan where there is none."""
        found = self.grid.rounded((least + greatest) / 2)
        return np.where((found >= least) & (found <= greatest), found, np.nan)

    def _within(self, error: float) -> list[tuple[int, float, float]]:
        """The first sample of each line, its height and slope; none if there are too many."""
        count, found = len(self.x), []
        start, stop, last = 0, count - 1, None
        if self.tails[0]:
            start, height = self._tail(0, error)
            if start < 0:
                return []
            found.append((0, height, self.tails[0][0]))
        if self.tails[1]:
            stop, height = self._tail(1, error)
            if stop < 0:
                return []
            last = (stop, height, self.tails[1][0])
        while start < stop:
            if len(found) + (last is not None) == self.segments:
                return []
            reached, line = self._furthest(start, error)
            if reached <= start:
                return []
            found.append((start, *line))
            start = reached
        return [*found, (max(start, stop), *last[1:])] if last else found

    def _tail(self, side: int, error: float) -> tuple[int, float]:
        """How far a line of the slope of a tail goes, and its height; -1 if none is on the grid."""
        tail = self.tails[side]
        assert tail is not None
        slope, at_0 = tail
        if self.grid.nearest(slope) != slope:
            return -1, 0.0
        step = -1 if side else 1
        gap = (self.y - slope * self.x)[::step]
        most = np.maximum(np.maximum.accumulate(gap), at_0)
        least = np.minimum(np.minimum.accumulate(gap), at_0)
        heights = self._height(most - error, least + error)
        good = np.flatnonzero(np.isfinite(heights))
        if not len(good):
            return -1, 0.0
        k = int(good[-1])
        return (len(gap) - 1 - k if side else k), float(heights[k])

    def _furthest(self, start: int, error: float) -> tuple[int, tuple[float, float]]:
        """The last sample that any line of the grid reaches from a sample on, and that line."""
        count, width = len(self.x), 16
        best, line = start, (0.0, 0.0)
        while True:
            stop = min(start + width, count)
            x, y = self.x[start:stop], self.y[start:stop]
            spare = 2 * error / (x[-1] - x[0])
            slopes = self._slopes(start, stop, spare)
            behind = np.linspace(0, best - start, 9).astype(
                int
            )  # which a line that goes on is near
            slopes = slopes[np.ptp(y[behind] - slopes[:, None] * x[behind], axis=1) <= 2 * error]
            if not len(slopes):
                return best, line
            gap = y - slopes[:, None] * x
            most, least = np.maximum.accumulate(gap, 1), np.minimum.accumulate(gap, 1)
            ahead = most - least <= 2 * error
            ahead[:, : best - start + 1] = False
            heights = np.full(gap.shape, np.nan)
            heights[ahead] = self._height(most[ahead] - error, least[ahead] + error)
            good = np.isfinite(heights)
            reach = good.shape[1] - 1 - np.argmax(good[:, ::-1], axis=1)
            reach = np.where(good.any(axis=1), reach, -1)
            k = int(np.argmax(reach))
            if start + reach[k] > best:
                best, line = start + int(reach[k]), (float(heights[k, reach[k]]), float(slopes[k]))
            if reach[k] < stop - start - 1 or stop == count:
                return best, line
            width *= 2

    def _slopes(self, start: int, stop: int, spare: float) -> Floats:
        """Slopes of the grid that a line within the error over these samples may have."""
        slopes = self.slopes[start:stop]
        low, high = float(slopes.min()) - spare, float(slopes.max()) + spare
        tried = np.linspace(low, high, MOST_SLOPES)
        return np.unique(self.grid.rounded(tried))

    def _placed(self, lines: Sequence[tuple[int, float, float]]) -> list[PolynomialPiece]:
        """The lines with ends where the errors of both beside them are the same, or where they meet."""
        ends = []
        for before, after in pairwise(lines):
            at = float(self.x[after[0]])
            ahead = min(after[0] + 1, len(self.x) - 1)
            low, high = at, float(self.x[ahead])

            def worse(x: float, one: Any = before, other: Any = after) -> bool:
                value = float(self.f(np.float64(x)))
                return bool(abs(value - one[1] - one[2] * x) > abs(value - other[1] - other[2] * x))

            for _ in range(40):
                middle = (low + high) / 2
                low, high = (low, middle) if worse(middle) else (middle, high)
            ends.append(low)
        first = -inf if self.tails[0] else float(self.x[0])
        last = inf if self.tails[1] else float(self.x[-1])
        places = [first, *ends, last]
        return [
            PolynomialPiece(a, b, [height, slope])
            for (a, b), (_, height, slope) in zip(pairwise(places), lines, strict=True)
            if a < b
        ]
