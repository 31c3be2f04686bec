"""Coefficients on the grid that hardware has: rounded where that is good enough, else searched.

Rounding each coefficient to the nearest number of a coarse format loses up to a factor of 16. The search
fixes one coefficient after the other, that whose steps weigh most first, and bounds what the others can
still reach by a linear program over samples of the error.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import frexp, inf, isfinite
from typing import Any

import numpy as np

from ..numbers.formats import FORMATS, Format
from ..numbers.types import Floats

ENOUGH = 3e-5  # relative gain that is not looked for
NODES = 1500  # linear programs of one search
ROUNDS = 8  # of adding the place of the largest error to the samples
PER_PLACE = 12  # samples between touching points


@dataclass(frozen=True)
class Grid:
    """The numbers of a format, or the multiples of 2^-bits."""

    name: str
    format: Format | None = None
    bits: int = 0

    def rounded(self, numbers: Floats) -> Floats:
        """The nearest of them; infinite beyond the largest."""
        if self.format is None:
            return np.asarray(np.rint(numbers * 2.0**self.bits) / 2.0**self.bits, np.float64)
        return np.asarray(self.format.nearest(numbers) + 0.0, np.float64)

    def nearest(self, number: float) -> float:
        """The same of one number."""
        return float(self.rounded(np.array([number]))[0])

    def beyond(self, number: float, side: int) -> float:
        """The nearest of them that is not on the other side."""
        found = self.nearest(number)
        return self.next(found, side) if (found - number) * side < 0 else found

    def unit(self, number: float) -> float:
        """The step between them there."""
        return 2.0**-self.bits if self.format is None else self.format.unit(abs(number))

    def next(self, number: float, side: int) -> float:
        """The neighbour of one of them on a side."""
        step = self.unit(number)
        if self.format is not None and number * side < 0 and frexp(abs(number))[0] == 0.5:
            step = max(step / 2, 2.0**self.format.lowest)  # below a power of two
        return number + side * step


def grid_named(name: str) -> Grid:
    """The grid of --coefficients; ValueError says what is accepted."""
    if name in FORMATS:
        return Grid(name, FORMATS[name])
    digits = name.removeprefix("fixed")
    if name.startswith("fixed") and digits.isdecimal() and int(digits) <= 52:
        return Grid(name, bits=int(digits))
    raise ValueError(
        f"--coefficients takes {', '.join(FORMATS)} or fixedK with K bits behind the point, as "
        f"in fixed8, not {name[:60]!r}"
    )


def on_grid(
    grid: Grid, exact: Sequence[float], level: float, places: Sequence[float],
    errors: Callable[[Floats], Floats], weights: Callable[[Floats], Floats],
    certify: Callable[[list[float]], Any], fixed: bool = False,
) -> tuple[list[float], Any]:  # fmt: skip
    """Coefficients of the grid and what `certify` says of them, within 1e-4 of the best of the grid
    unless the search ends at NODES programs.

    `exact` are the best coefficients that are free, of error `level`, `errors` what they leave at samples,
    both divided by `weights`; `places` are where that is largest. Zeros stay zeros, and a first one
    that is `fixed` stays.
    """
    rounded = [grid.nearest(c) for c in exact]
    if not all(map(isfinite, rounded)):
        raise ValueError(
            f"--coefficients {grid.name}: {max(exact, key=abs):.6g} is beyond its largest"
        )
    found = certify(rounded)
    if not level or found.high <= level * (1 + ENOUGH):
        return rounded, found
    samples = _samples(places)
    best = rounded
    for _ in range(ROUNDS):
        samples = samples[weights(samples) > 0]  # without a root that is kept
        search = _Search(grid, exact, level, samples, errors(samples), weights(samples), fixed)
        chosen = search.run(best)
        tried = found if chosen == best else certify(chosen)
        if tried.high <= found.high:
            best, found = chosen, tried
        if tried.where is None or tried.high <= search.least * level * (1 + ENOUGH):
            break
        samples = np.unique([*samples, tried.where])
    return best, found


def _samples(places: Sequence[float]) -> Floats:
    share = np.arange(PER_PLACE) / PER_PLACE
    parts = [a + (b - a) * share for a, b in pairwise(places)]
    return np.unique(np.concatenate([*parts, places]))


class _Search:
    """Depth first, in changes of the coefficients from the best free ones, in units of the level."""

    def __init__(
        self, grid: Grid, exact: Sequence[float], level: float, x: Floats, errors: Floats,
        weights: Floats, fixed: bool,
    ) -> None:  # fmt: skip
        from scipy.optimize import linprog

        self.solve = linprog
        self.grid = grid
        self.exact = exact
        self.level = level
        reach = float(np.max(np.abs(x)))
        self.kept = {0: exact[0]} if fixed else {}
        order = [k for k, c in enumerate(exact) if c and k not in self.kept]
        self.order = sorted(order, key=lambda k: -grid.unit(exact[k]) * reach**k)
        self.columns = {k: (x / reach) ** k / weights for k in self.order}
        self.scale = {k: reach**k / level for k in self.order}
        self.errors = errors / level
        self.nodes = 0
        self.least = inf  # the largest error at samples, of the best that was found
        self.best: list[float] = []

    def run(self, first: Sequence[float]) -> list[float]:
        """The best coefficients of the grid at the samples."""
        self._take({k: first[k] for k in self.order})
        self._fix({}, self.errors)
        return self.best

    def _moved(self, k: int, value: float) -> Floats:
        return self.columns[k] * ((value - self.exact[k]) * self.scale[k])

    def _take(self, chosen: dict[int, float]) -> None:
        left = self.errors.copy()
        for k, value in chosen.items():
            left = left - self._moved(k, value)
        size = float(np.max(np.abs(left)))
        if size < self.least:
            self.least = size
            self.best = [chosen.get(k, self.kept.get(k, 0.0)) for k in range(len(self.exact))]

    def _bound(self, left: Floats, free: Sequence[int]) -> tuple[float, float]:
        """The least error that the free coefficients reach, and the first of them there."""
        self.nodes += 1
        rows = np.stack([self.columns[k] for k in free], axis=1)
        ones = np.ones((len(left), 1))
        found = self.solve(
            np.array([0.0] * len(free) + [1.0]),
            A_ub=np.block([[-rows, -ones], [rows, -ones]]),
            b_ub=np.concatenate([-left, left]),
            bounds=[(None, None)] * len(free) + [(0, None)], method="highs",
        )  # fmt: skip
        if found.x is None:
            return 0.0, self.exact[free[0]]
        return float(found.fun), self.exact[free[0]] + float(found.x[0]) / self.scale[free[0]]

    def _fix(self, chosen: dict[int, float], left: Floats) -> None:
        free = self.order[len(chosen) :]
        if not free:
            self._take(chosen)
            return
        bound, value = self._bound(left, free)
        if bound >= self.least * (1 - ENOUGH) or self.nodes > NODES:
            return
        k = free[0]
        middle = self.grid.nearest(value)
        sides = [middle, self.grid.next(middle, 1 if value > middle else -1)]
        steps = [1 if sides[1] < middle else -1, 1 if sides[1] > middle else -1]
        running = [True, True]
        while any(running):  # outward on both sides, the nearer first: the bound is convex there
            for side in (0, 1):
                if not running[side]:
                    continue
                candidate = sides[side]
                rest = left - self._moved(k, candidate)
                after = free[1:]
                reached = self._bound(rest, after)[0] if after else float(np.max(np.abs(rest)))
                if reached >= self.least * (1 - ENOUGH) or self.nodes > NODES:
                    running[side] = False
                    continue
                self._fix({**chosen, k: candidate}, rest)
                sides[side] = self.grid.next(candidate, steps[side])
