"""Constants of a formula on a grid of numbers: searched depth first, not rounded.

One constant after the other takes the grid's numbers, from the best outward, and the others follow it
freely: where they cannot keep the error below that of a grid's, the numbers beyond are left out. Errors
are taken to grow outward, so this is a search and no proof.
"""

from itertools import product
from math import inf, isfinite

import numpy as np

from ..numbers.types import Floats
from .grids import ENOUGH, Grid
from .refit_form import Fit, Form
from .refit_search import improved

MOST = 300  # fits of constants that are free yet
SIDES = 12  # numbers of a constant on one side


def on_grid(form: Form, free: Fit, grid: Grid) -> Fit:
    """The constants on a grid with the least error that is found; infinite if there are none."""
    return _ConstantSearch(form, grid).best_of(free)


class _ConstantSearch:
    def __init__(self, form: Form, grid: Grid) -> None:
        self.form, self.grid = form, grid
        self.best = Fit(np.zeros(len(form.names)), inf)
        self.known: dict[tuple[float, ...], float] = {}
        self.left = MOST

    def best_of(self, free: Fit) -> Fit:
        self._take(self.grid.rounded(free.values))
        if not self.form.names:  # all are tied
            return self.best
        slopes = self.form.slopes(np.array(self.form.touched(free.values)), free.values)
        units = np.array([self.grid.unit(value) for value in free.values.tolist()])
        weights = units * np.max(np.abs(np.nan_to_num(slopes)), axis=0)
        self._fix(free, [int(k) for k in np.argsort(-weights, kind="stable")])
        while self._beside():
            pass
        return self.best

    def _take(self, values: Floats) -> bool:
        """Whether constants of the grid are better than those that were."""
        key = tuple(values.tolist())
        if key not in self.known:
            finite = bool(np.isfinite(values).all())
            self.known[key] = self.form.largest(values) if finite else inf
        better = self.known[key] < self.best.error
        if better:
            self.best = Fit(values, self.known[key])
        return better

    def _fix(self, found: Fit, order: list[int]) -> None:
        """Tries the numbers of the first constant, with the later ones free."""
        k, rest = order[0], order[1:]
        centre = float(found.values[k])
        for side in (1, -1):
            number = self.grid.beyond(centre, side)
            for _ in range(SIDES):
                if not isfinite(number) or self.left <= 0:
                    break
                values = found.values.copy()
                values[k] = number
                if rest:
                    self.left -= 1
                    follows = improved(self.form, values, rest)
                    if not follows.error < self.best.error * (1 - ENOUGH):
                        break
                    self._fix(follows, rest)
                else:
                    before = self.best.error
                    self._take(values)
                    if self.known[tuple(values.tolist())] > before:
                        break
                number = self.grid.next(number, side)

    def _beside(self) -> bool:
        """Whether a step of each constant, or none, leads to better ones."""
        at = self.best.values.tolist()
        steps = [[v, self.grid.next(v, 1), self.grid.next(v, -1)] for v in at]
        many = product(*steps) if len(at) <= 3 else (
            (*at[:k], v, *at[k + 1 :]) for k, each in enumerate(steps) for v in each
        )  # fmt: skip
        return any(self._take(np.array(values)) for values in many)
