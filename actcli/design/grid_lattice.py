"""Coefficients of a grid as integers in a basis of short steps.

Powers of x are nearly dependent, so that steps of one coefficient are made up for by others: a search
that fixes one after the other tries them all. In a reduced basis (Lenstra, Lenstra, Lovasz 1982) each step
changes p - f*q by much, and few of them are left.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import inf

import numpy as np
from flint import arb, arb_mat, fmpq, fmpq_mat, fmpz_mat

from ..numbers.types import Floats
from .grid_search import GapRows, Quotients, searched
from .grids import Grid
from .request import LARGEST

MENDINGS = 200  # steps at the end, of a search that proves no bound,
PAIRED = 30  # steps that change errors least, of which two are taken
FEWER = 30  # and of one for an error that is enough
TRIED = 8  # of all steps, those that look best
FINE = 2.0**30  # times what is told apart: of errors the best one, of coefficients the largest


class ShortSteps:
    """Coefficients that are multiples of the steps at those that are known, in a reduced basis.

    `problem` is that of the integers: it is the one of the coefficients, where all steps are the same.
    """

    def __init__(self, problem: Quotients, samples: Floats, known: Floats) -> None:
        self.of = problem
        self._units = units = [  # of those that are 0, as others begin
            _fraction(problem.grid.unit(c))
            for c in np.where(known == 0, problem.free, known).tolist()
        ]
        self._origin = [_fraction(c) for c in known.tolist()]
        rows = problem.rows(samples)
        weight = np.abs(rows.below + rows.belows @ problem.free)
        scale = np.array([int(u.p) / int(u.q) for u in units])
        gaps = np.asarray(rows.gaps * scale / weight[:, None], np.float64)
        columns = np.transpose(np.linalg.qr(gaps, mode="r")) * (FINE / problem.level)
        sizes = np.diag(np.maximum(FINE / LARGEST * scale, 1.0))
        vectors = np.concatenate([columns, sizes], axis=1).tolist()
        _, basis = fmpz_mat([[int(c) for c in row] for row in vectors]).lll(True)
        table = basis.transpose().table()
        self._steps = fmpq_mat([[u * c for c in row] for u, row in zip(units, table, strict=True)])
        self._turned = self._steps.inv()
        self._exact = arb_mat(self._steps), arb_mat([[arb(c)] for c in self._origin])
        self._changes = gaps / scale
        self._about = tuple(
            np.array([[int(c.p) / int(c.q) for c in row] for row in part], np.longdouble)
            for part in (self._steps.table(), [self._origin])
        )
        frame = self._about[1][0].astype(np.float64), self._about[0].astype(np.float64)
        self.problem = Quotients(
            Grid("integers"), self.integers(problem.free), problem.level, self._rows, self._in_balls,
            lambda found: problem.measured(self.coefficients(found)), problem.errors, frame, problem.side,
            problem.enough, problem.touched,
        )  # fmt: skip

    def coefficients(self, integers: Floats) -> Floats:
        """Coefficients of the grid, those of integers or the nearest."""
        moved = self._steps * fmpq_mat([[int(z)] for z in integers.tolist()])
        exact = [c + moved[k, 0] for k, c in enumerate(self._origin)]
        return self.of.grid.rounded(np.array([int(c.p) / int(c.q) for c in exact]))

    def integers(self, coefficients: Floats) -> Floats:
        """What stands for coefficients."""
        gaps = zip(coefficients.tolist(), self._origin, strict=True)
        found = self._turned * fmpq_mat([[_fraction(c) - start] for c, start in gaps])
        return np.array([int(c.p) / int(c.q) for c in found.entries()])

    def searched(
        self, samples: Floats, signs: Sequence[int], known: tuple[Floats, float], nodes: int
    ) -> tuple[Floats, float, float]:  # fmt: skip
        """The best coefficients that are found, as by a search of these themselves."""
        first = np.rint(self.integers(known[0])), known[1]
        integers, error, lowest = searched(self.problem, samples, signs, first, nodes)
        return self.coefficients(integers), error, lowest

    def mended(self, best: Floats, error: float) -> tuple[Floats, float]:
        """What one or two steps, of single coefficients or of the basis, make better until none does."""
        units = np.diag([float(Fraction(int(u.p), int(u.q))) for u in self._units])
        single = np.concatenate([units, self._about[0].T.astype(np.float64)])
        single = single[np.argsort(np.max(np.abs(single @ self._changes.T), axis=1))]
        single = np.concatenate([single[:PAIRED], -single[:PAIRED]])
        moves = np.concatenate([single, *(single[:k] + single[k] for k in range(1, len(single)))])
        for _ in range(FEWER if self.of.enough else MENDINGS):
            values = self.of.grid.rounded(best + moves)
            values = values[np.isfinite(values).all(axis=1)]
            about = self.of.errors(values)
            for k in np.argsort(about)[:TRIED].tolist():
                if about[k] >= error:
                    return best, error
                found, _ = self.of.measured(values[k])
                if found < error:
                    best, error = values[k], found
                    break
            else:
                break
        return best, error

    def _rows(self, x: Floats) -> GapRows:
        units, origin = self._about
        gap, gaps, below, belows = self.of.rows(x)
        return GapRows(
            gap + gaps @ origin[0], gaps @ units, below + belows @ origin[0], belows @ units
        )  # fmt: skip

    def _in_balls(self, x: float) -> GapRows:
        units, origin = self._exact
        gap, gaps, below, belows = self.of.exact(x)
        over, under = arb_mat([list(gaps)]), arb_mat([list(belows)])
        return GapRows(
            gap + (over * origin)[0, 0], (over * units).entries(),
            below + (under * origin)[0, 0], (under * units).entries(),
        )  # fmt: skip


def best_of_grid(
    problem: Quotients, samples: Floats, signs: Sequence[int], first: tuple[Floats, float], nodes: int
) -> tuple[Floats, float, float]:  # fmt: skip
    """The best of a grid that are found, from first ones; their error; one that none is below."""
    if problem.grid.format is None:
        steps = ShortSteps(problem, samples, first[0])
        best, error, lowest = steps.searched(samples, signs, first, nodes)
    else:
        best, error, lowest = searched(problem, samples, signs, first, nodes // 2)
        for _ in range(2):  # once more with the steps of what is found
            if error < inf and problem.left(error, lowest):
                steps = ShortSteps(problem, samples, best)
                best, error, _ = steps.searched(samples, signs, (best, error), nodes // 2)
    if error < inf and problem.left(error, lowest):
        best, error = steps.mended(best, error)
    return best, error, lowest


def _fraction(number: float) -> fmpq:
    return fmpq(*number.as_integer_ratio())
