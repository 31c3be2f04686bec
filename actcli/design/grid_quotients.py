"""Polynomials and rational functions on a grid: rounded where that is good enough, else searched."""

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import inf
from typing import Any

import numpy as np
from flint import arb

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from .certificates import Bound
from .exchange import chebyshev_places
from .grid_search import Quotients, Rows, searched
from .grids import ENOUGH, Grid
from .polynomials import Reading, parity_of

PER_PLACE = 12  # samples of programs between touching points
SAMPLES = 3000  # at which errors are measured
NODES = 20_000  # linear programs of one search
ROUNDS = 4  # of adding the place of the largest error to the samples

polyval = np.polynomial.polynomial.polyval
Parts = tuple[list[float], list[float]]  # coefficients of a numerator and of a denominator


def on_grid(
    f: Activation, limits: tuple[float, float], over: Sequence[float], under: Sequence[float],
    level: float, places: Sequence[float], grid: Grid, certified: Callable[[Parts], Bound],
    relative: bool = False, fixed: bool = False,
) -> tuple[Parts, Bound, float]:  # fmt: skip
    """Numerator and denominator of the grid, the proof of their error, and one that no others are below.

    `over` and `under` are the best that are on no grid, of error `level`, which is attained at `places`.
    The first coefficient 1 of the denominator stays, and one of the numerator that is `fixed`.
    """
    form = _Form(f, limits, over, under, grid, relative, fixed)
    rounded = form.parts(np.array([grid.nearest(c) for c in form.free]))
    if not np.isfinite(np.concatenate(rounded)).all():
        largest = max([*over, *under], key=abs)
        raise ValueError(f"--coefficients {grid.name}: {largest:.6g} is beyond its largest")
    best, found, lowest = rounded, certified(rounded), 0.0
    if not level or found.high <= level * (1 + ENOUGH):
        return best, found, lowest
    form.dense = np.unique([*chebyshev_places(*limits, SAMPLES), *places, *form.dense])
    samples = _samples(sorted({*limits, *places}))
    problem = Quotients(grid, form.free, level, form.rows, form.exact, form.measured)
    first = np.array([grid.nearest(c) for c in form.free])
    for k in range(ROUNDS):
        samples = samples[form.sizes(samples) > 0]
        values, error, lowest = searched(
            problem, samples, form.signs, (first, form.measured(first)[0]), NODES >> k
        )
        tried = form.parts(values)
        bound = found if tried == best else certified(tried)
        if bound.high <= found.high:
            best, found, first = tried, bound, values
        if bound.where is None or bound.high <= error * (1 + ENOUGH):
            break
        form.dense = np.append(form.dense, bound.where)
        samples = np.unique([*samples, bound.where])
    return best, found, lowest


def _samples(places: Sequence[float]) -> Floats:
    share = np.arange(PER_PLACE) / PER_PLACE
    parts = [a + (b - a) * share for a, b in pairwise(places)]
    return np.unique(np.concatenate([*parts, places]))


class _Form:
    """Which coefficients of numerator and denominator are free, and what they leave of f."""

    def __init__(
        self, f: Activation, limits: tuple[float, float], over: Sequence[float], under: Sequence[float],
        grid: Grid, relative: bool, fixed: bool,
    ) -> None:  # fmt: skip
        self.f, self.reading, self.relative = f, Reading(f), relative
        self.over, self.under = np.zeros(len(over)), np.zeros(len(under))
        unit = list(under).index(1.0)
        self.under[unit] = 1.0
        zeros = self._zeros(limits, over, under, grid)
        self.p = [k for k in range(len(over)) if k or not fixed]
        self.q = [k for k in range(len(under)) if k != unit]
        if zeros:
            self.p = [k for k in self.p if over[k]]
            self.q = [k for k in self.q if under[k]]
        if fixed:
            self.over[0] = over[0]
        self.free = np.array([*(over[k] for k in self.p), *(under[k] for k in self.q)])
        self.dense = np.array(f.breakpoints.within(*limits))
        keeps = not self.q or (unit == 0 and limits[0] <= 0 <= limits[1])
        self.signs = (1,) if keeps else (1, -1)

    def _zeros(
        self, limits: tuple[float, float], over: Sequence[float], under: Sequence[float], grid: Grid
    ) -> bool:
        """Whether what is 0 may stay so: others of the grid are no better than with their mirror images."""
        if limits[0] != -limits[1]:
            return False
        parity = parity_of(self.f, limits[1], len(over))
        if parity is None:
            return False
        shifted = bool(parity.slope or parity.height)
        return not shifted or (len(under) == 1 and grid.nearest(0.5) == 0.5)

    def sizes(self, x: Floats) -> Floats:
        """What errors are divided by."""
        return np.abs(self.reading.quick(x)) if self.relative else np.ones(x.shape)

    def parts(self, values: Floats) -> Parts:
        """All coefficients with these free ones."""
        over, under = self.over.copy(), self.under.copy()
        over[self.p], under[self.q] = values[: len(self.p)], values[len(self.p) :]
        return over.tolist(), under.tolist()

    def rows(self, x: Floats) -> Rows:
        """The rows of a search at an array."""
        y, w, powers = self.reading.quick(x), self.sizes(x), x[:, None] ** np.arange(64)
        return self._rows(y, w, powers.T, np.column_stack)

    def exact(self, x: float) -> Rows:
        """The same at a double, in balls."""
        y = self.reading.exact(arb(x))
        w = abs(y) if self.relative else arb(1)
        return self._rows(y, w, [arb(x) ** k for k in range(64)], list)

    def _rows(self, y: Any, w: Any, powers: Any, joined: Callable[[list[Any]], Any]) -> Rows:
        over, under = (
            sum((c * powers[k] for k, c in enumerate(part.tolist())), 0 * y)
            for part in (self.over, self.under)
        )
        gaps = [*(powers[k] for k in self.p), *(-y * powers[k] for k in self.q)]
        belows = [*(0 * y for _ in self.p), *(w * powers[k] for k in self.q)]
        return Rows(over - y * under, joined(gaps), w * under, joined(belows))

    def measured(self, values: Floats) -> tuple[float, float | None]:
        """About the error of these free coefficients, and where it is."""
        over, under = self.parts(values)
        x = self.dense
        below = polyval(x, under)
        sign = 1 if below[0] > 0 else -1
        if np.min(sign * below) <= 0:
            return inf, float(x[np.argmin(sign * below)])
        with np.errstate(all="ignore"):
            e = np.abs(self.reading.quick(x) - polyval(x, over) / below) / self.sizes(x)
        e[~np.isfinite(e)] = 0.0  # at a root that is kept
        worst = int(np.argmax(e))
        return float(e[worst]), float(x[worst])
