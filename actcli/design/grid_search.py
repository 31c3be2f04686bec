"""Coefficients on a grid by search: depth first, with bounds of linear programs that are proved.

The error of a quotient p/q is at most E where |p - f*q| <= E*w*q, which is linear in all coefficients:
those that are fixed leave a linear program for the others, whose dual solution, read in balls, proves
that there are none. The search fixes that coefficient first whose steps weigh most.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import inf, isfinite
from typing import Any, NamedTuple

import numpy as np
from flint import arb, arb_mat, ctx

from ..numbers.types import Floats
from .grids import ENOUGH, Grid
from .request import LARGEST
from .watching import tell

PIVOTS = 400  # of one linear program
FRESH = 16  # pivots, after which an inverse is made anew
MEASURED = 2  # programs that take as long as an error
FEW = 16  # pivots, which more are counted as another program
APART = 1e-5  # of an error, how far one on a side is away from f at least
BESIDE = 1 / 64  # of the range, from where it may be f
MISSED = 1e-9  # by which rows of a program may be missed
UNSEEN = 1e-12  # of the best error: less is no change of p - f*q
TOO_LITTLE = 1e-12  # by which weights fall
NEGATIVE = 1e-7  # weights of rows that bound no program
SMALL = 1e-2  # of what changes errors by their size: a coefficient that is as good as 0
GRAIN = 1e-6  # of the error: steps of a coefficient that are not told apart
PROVED = 1 - 2e-5  # times an error that is searched, the one that is proved
RISE = 1.5  # from an error that none reaches to the next that is tried, at least,
STEPS = 30  # and the number of these
FAR = 1e6  # of an error, what a step of a reduced basis may change
MOST = 1e9  # times the error of no grid, beyond which nothing is looked for
FIRST = 0.1  # of all linear programs, for one of these errors
SHARE = 0.5  # of what is left, for one number of a coefficient
BITS = 160
MANY_BITS = 1600  # where weights of rows are 0, in balls of more
SIZE = arb(2) ** 1280  # beyond all doubles, and integers that stand for them
TINY = arb(2) ** -64


class GapRows(NamedTuple):
    """p - f*q at places is gap + gaps*v, and w*q is below + belows*v, with coefficients v.

    They are arrays of more digits than those of doubles, or balls.
    """

    gap: Any
    gaps: Any
    below: Any
    belows: Any


@dataclass(frozen=True)
class Quotients:
    """Quotients p/q with coefficients on a grid, of the error (p - f*q)/(w*q).

    `rows` gives them at an array, `exact` at a double in balls. `free` are the best coefficients that are
    on no grid, of error `level`; `measured` the error of others and where it is: none if these are
    not to be had; `errors` those of many, at fewer places. With a `frame` they stand for others, which are
    its first, and its second times them. Those beyond LARGEST are not looked at, none once an error is
    `enough`. On a `side` p/q is f or above, or below with -1: away from f but beside places that are
    `touched`.
    """

    grid: Grid
    free: Floats
    level: float
    rows: Callable[[Floats], GapRows]
    exact: Callable[[float], GapRows]
    measured: Callable[[Floats], tuple[float, float | None]]
    errors: Callable[[Floats], Floats]
    frame: tuple[Floats, Floats] | None = None
    side: int = 0
    enough: float = 0.0
    touched: Floats | None = None

    def left(self, error: float, lowest: float) -> bool:
        """Whether more may be found, or proved."""
        least = min(error * (1 - 2 * ENOUGH), self.enough * PROVED or inf)
        return self.enough < error and lowest < least

    def allowed(self, flip: int) -> int:
        """How many errors p - f*q may be above 0, or below it with a flip."""
        return 0 if self.side == (1 if flip else -1) else 1


class Least(NamedTuple):
    """The least t with A u <= b + t, or a bound of it; u; the rows that bound it, their weights; pivots.

    What weights may change by, if the first unknown is known, is a multiple of the `way`.
    """

    t: float
    u: Floats
    rows: list[int]
    weights: Floats
    way: Floats
    pivots: int = 0


def least(a: Floats, b: Floats, rows: Sequence[int], enough: float) -> Least:
    """Solves a linear program from as many rows as bound it, by pivots; a bound above `enough` will do.

    The last column of A is that of t. LinAlgError where rows do not determine one.
    """
    kept = list(rows)
    inverse = np.linalg.inv(a[kept])
    if inverse[-1].max() > NEGATIVE:
        raise np.linalg.LinAlgError
    for pivots in range(PIVOTS):
        if pivots and not pivots % FRESH:
            inverse = np.linalg.inv(a[kept])
        solution = inverse @ b[kept]
        t, weights = float(solution[-1]), -inverse[-1]
        missed = a @ solution - b
        worst = int(missed.argmax())
        if t > enough or not missed[worst] > MISSED * max(1.0, abs(t)) or worst in kept:
            break
        share = a[worst] @ inverse
        out = _first_to_vanish(weights.clip(0.0), share)
        if not share[out] > TOO_LITTLE:
            raise np.linalg.LinAlgError
        column = inverse[:, out] / share[out]
        share[out] -= 1.0
        inverse -= column[:, None] * share
        kept[out] = worst
    return Least(t, solution[:-1], kept, np.maximum(weights, 0.0), inverse[0], pivots)


def _with_one_less(b: Floats, known: Least) -> list[int]:
    """Rows that bound a program, of those that bounded it with one more column."""
    way = known.way / np.abs(known.way).max()
    if way @ b[known.rows] > 0:
        way = -way
    kept = list(known.rows)
    kept.pop(_first_to_vanish(known.weights, -way))
    return kept


def _first_to_vanish(weights: Floats, rates: Floats) -> int:
    """Which of some weights that fall at some rates is the first to be 0."""
    ratios = np.full(len(rates), np.inf)
    np.divide(weights, rates, out=ratios, where=rates > TOO_LITTLE)
    return int(ratios.argmin())


class GridSearch:
    """The best coefficients of a grid at samples, among those with one `sign` of q."""

    def __init__(
        self, problem: Quotients, samples: Floats, sign: int = 1, most: int = 0
    ) -> None:  # fmt: skip
        self.problem, self.sign = problem, sign
        self.grid, self.free = problem.grid, problem.free
        self.best, self.error = problem.free, np.inf
        self.nodes, self.most = 0, most
        self.x = samples
        self._read()
        changes = np.max(np.abs(self.rows.gaps) / self.weight[:, None], axis=0)
        self.unit = 1 / np.maximum(changes / problem.level, UNSEEN)
        self._known: dict[tuple[float, int], GapRows] = {}

    def _read(self) -> None:
        rows = self.problem.rows(self.x)
        self.rows = GapRows(*(np.asarray(self.sign * part, np.float64) for part in rows))
        self.weight = np.abs(self.rows.below + self.rows.belows @ self.free)
        self.apart = np.full(len(self.x), APART)
        if self.problem.touched is not None:
            gaps = np.abs(self.x[:, None] - self.problem.touched)
            self.apart[np.min(gaps, axis=1, initial=np.inf) < BESIDE * np.ptp(self.x)] = 0.0

    def dive(self, error: float) -> None:
        """Takes coefficients one by one, each as near as can be to what is best with those before."""
        self._begin(error)
        fixed: list[float] = []
        known: Least | None = None
        for k in self.order:
            known = self._least(fixed, known, np.inf)
            fixed.append(self._nearest(k, self._first(known, k)))
            if not isfinite(fixed[-1]):  # beyond the largest of a format
                return
        self._take(fixed)

    def below(self, error: float, nodes: int, share: float = 1.0) -> float:
        """Looks for coefficients with less than an error; gives a bound of all others, 0 if unproved.

        `best` and `error` are what was found. After so many linear programs it ends; what is tried for
        one coefficient gets a share of those that are left.
        """
        self._begin(error)
        self.complete = True
        self.closed: list[tuple[float, list[float], Least, int]] = []
        root = self._least([], None)
        if root.t > 0:
            self.closed.append((self.limit, [], root, 0))
        else:
            self._fix([], root, self.nodes + nodes, share)
        proved = self.complete and all(self._none(*place) for place in self.closed)
        return self.limit * PROVED if proved else 0.0

    def _begin(self, error: float) -> None:
        """Sets the error, and the order: first the widest steps, of numbers as large as they may be."""
        wide = self.unit * (error / self.problem.level)
        if self.problem.frame is None:
            sizes = np.maximum(np.abs(self.free), wide)
            steps = [self.grid.unit(float(size)) for size in sizes] / self.unit
            self.order = [int(k) for k in np.argsort(-steps, kind="stable")]
            self.reach = np.full(len(wide), LARGEST)
        else:  # reduced bases have those last that the others cannot make up for
            self.order = [*range(len(wide))][::-1]
            self.reach = FAR * wide
        self.wide = wide
        self.limit = self.first = error
        self._pose()

    def _pose(self) -> None:
        """The linear program of the limit; its first rows bound all changes."""
        gap, gaps, below, belows = self.rows
        over, overs = gap + gaps @ self.free, gaps * self.unit
        under, unders = below + belows @ self.free, belows * self.unit
        unit = self.limit * np.maximum(self.weight, 1e-9 * np.max(self.weight))
        count = len(self.free)
        bounds = np.diag(self.unit / self.reach)
        sizes, ends_of_sizes = np.zeros((0, count)), np.zeros(0)
        if self.problem.frame is not None:
            origin, units = self.problem.frame
            size = units / LARGEST
            middle = origin / LARGEST + size @ self.free
            sizes = np.concatenate([size, -size]) * self.unit
            ends_of_sizes = np.concatenate([1 - middle, 1 + middle])
        self.bounding = count + 1 + len(sizes)
        under, unders = self.limit * under, self.limit * unders
        ups, downs = (self.problem.allowed(flip) or -self.apart for flip in (0, 1))
        up, down = (np.broadcast_to(way, self.x.shape) for way in (ups, downs))
        rows = np.stack([overs - up[:, None] * unders, -overs - down[:, None] * unders], axis=1)
        rows /= unit[:, None, None]
        ends = np.stack([up * under - over, down * under + over], axis=1) / unit[:, None]
        self.a = np.concatenate([
            bounds, -np.sum(bounds, axis=0, keepdims=True), sizes, rows.reshape(-1, count)
        ])[:, [*self.order, -1]]  # fmt: skip
        self.a[:, -1] = -1.0
        self.b = np.concatenate([np.ones(count + 1), ends_of_sizes, ends.ravel()])

    def _first(self, known: Least, k: int) -> float:
        return float(self.free[k] + known.u[0] * self.unit[k])

    def _least(self, fixed: Sequence[float], known: Least | None, enough: float = 0.0) -> Least:
        """The least t once the first coefficients of the order are fixed; what it was before is known."""
        found = self._solved(fixed, known, enough)
        self.nodes += 1 + found.pivots // FEW
        tell(self.nodes, self.most, f"programs, an error of {self.error:.6g} found")
        return found

    def _solved(self, fixed: Sequence[float], known: Least | None, enough: float) -> Least:
        count = len(fixed)
        done, left = self.order[:count], self.order[count:]
        b = self.b - self.a[:, :count] @ ((np.asarray(fixed) - self.free[done]) / self.unit[done])
        if not left:
            worst = int(np.argmin(b))
            return Least(-float(b[worst]), np.zeros(0), [worst], np.ones(1), np.zeros(1))
        a = self.a[:, count:]
        if known is not None:
            with suppress(np.linalg.LinAlgError, ValueError):
                rows = known.rows
                if len(rows) > len(left) + 1:
                    rows = _with_one_less(b, known)
                return least(a, b, rows, enough)
        return least(a, b, [*left, len(self.free)], enough)

    def _fix(self, fixed: list[float], known: Least, most: int, share: float) -> None:
        """Tries numbers for the next coefficient on both sides of where it is best, outward.

        The least t is convex there, so none is left where it is above 0.
        """
        k = self.order[len(fixed)]
        value = self._first(known, k)
        middle = self._nearest(k, value)
        if not isfinite(middle):  # beyond the largest of a format
            self.complete = False
            return
        if self.problem.side and middle and abs(value) < SMALL * self.wide[k]:
            none = [*fixed, 0.0]  # with which it may be f
            if (found := self._least(none, known)).t <= 0:
                self._goes_on(none, found, most, share)
        sides = [middle, self._after(k, middle, 1 if value > middle else -1)]
        steps = [1 if sides[1] < middle else -1, 1 if sides[1] > middle else -1]
        running = [True, True]
        while any(running):
            for side in (0, 1):
                if not running[side]:
                    continue
                if self.nodes >= most or self.error <= self.problem.enough:
                    self.complete = False
                    return
                tried = [*fixed, sides[side]]
                found = self._least(tried, known)
                if found.t > 0:
                    if steps[side] * (found.weights @ self.a[found.rows, len(fixed)]) < 0:
                        found = self._least(tried, known, np.inf)
                    running[side] = False
                    self.closed.append((self.limit, tried, found, steps[side]))
                    continue
                self._goes_on(tried, found, most, share)
                sides[side] = self._after(k, sides[side], steps[side])
                if abs(sides[side] - self.free[k]) > self.reach[k]:
                    running[side] = self.complete = False

    def _goes_on(self, fixed: list[float], known: Least, most: int, share: float) -> None:
        """Takes up coefficients that are all fixed, else fixes the next, with a share of what is left."""
        if len(fixed) < len(self.order):
            self._fix(fixed, known, self.nodes + int(share * (most - self.nodes)), share)
        else:
            self._take(fixed)

    def _nearest(self, k: int, value: float) -> float:
        """The nearest number; 0 if it cannot be told from it, as the function of such is f at places."""
        return 0.0 if abs(value) < self._grain(k) else self.grid.nearest(value)

    def _after(self, k: int, value: float, side: int) -> float:
        """The next number of a coefficient that can be told from one."""
        following = self.grid.next(value, side)
        grain = self._grain(k)
        if abs(following - value) >= grain:
            return following
        return self.grid.beyond(value + side * grain, side)

    def _grain(self, k: int) -> float:
        return float(GRAIN * self.unit[k] * self.first / self.problem.level)

    def _take(self, fixed: Sequence[float]) -> None:
        """Keeps coefficients if they are better than all before, else the place where they are not."""
        values = np.empty(len(self.free))
        values[self.order] = fixed
        error, where = self.problem.measured(values)
        self.nodes += MEASURED
        if error < self.error:
            self.best, self.error = values, error
        if error * (1 - ENOUGH) < self.limit:
            self.limit = error * (1 - ENOUGH)
        elif where is not None and where not in self.x:
            self.x = np.append(self.x, where)
            self._read()
        else:
            return
        self._pose()

    def _none(self, bound: float, fixed: Sequence[float], found: Least, side: int) -> bool:
        """Whether no coefficients are proved below a bound with the first ones fixed.

        That is proved with the last of these anywhere beyond on a side, all of them off by a grain too.
        """
        if min(found.rows) < self.bounding:
            return False
        return any(self._none_in(bits, bound, fixed, found, side) for bits in (BITS, MANY_BITS))

    def _none_in(
        self, bits: int, bound: float, fixed: Sequence[float], found: Least, side: int
    ) -> bool:  # fmt: skip
        """The same with balls of so many bits, in which weights cancel all but a trace of what is free."""
        with ctx.workprec(bits):
            limit, rows = arb(bound * PROVED), []
            for row in found.rows:
                sample, flip = divmod(row - self.bounding, 2)
                known = self._exact(float(self.x[sample]))
                sign, reach = self.sign * (-1 if flip else 1), self.problem.allowed(flip)
                unit = 1 / float(bound * self.weight[sample])
                gaps, belows = [known.gap, *known.gaps], [known.below, *known.belows]
                rows.append(
                    [
                        (sign * over - self.sign * reach * limit * under) * unit
                        for over, under in zip(gaps, belows, strict=True)
                    ]
                )
            left = self.order[len(fixed) :]
            matrix = [[row[k + 1] for row in rows] for k in left] + [[arb(1)] * len(rows)]
            try:
                weights = arb_mat(matrix).solve(arb_mat([[arb(0)] for _ in left] + [[arb(1)]]))
            except ZeroDivisionError:
                return False
            shares = weights.entries()
            cancel = all(share >= 0 for share in shares)
            if not all(share > -TINY for share in shares):
                return False
            if not cancel:
                shares = [max(share.mid(), arb(0)) for share in shares]
            total, *slopes = (
                sum((s * row[k] for s, row in zip(shares, rows, strict=True)), arb(0))
                for k in range(len(self.free) + 1)
            )
            for k in () if cancel else left:
                total -= abs(slopes[k]) * SIZE
            for k, value in zip(self.order, fixed, strict=False):
                total += slopes[k] * value - abs(slopes[k]) * self._grain(k)
            if side and not slopes[k] * side >= 0:
                return False
            return bool(total > 0)

    def _exact(self, x: float) -> GapRows:
        if (x, ctx.prec) not in self._known:
            self._known[x, ctx.prec] = self.problem.exact(x)
        return self._known[x, ctx.prec]


def searched(
    problem: Quotients, samples: Floats, signs: Sequence[int], first: tuple[Floats, float], nodes: int
) -> tuple[Floats, float, float]:  # fmt: skip
    """The best coefficients that are found, from first ones, their error, and one that none is below.

    Errors rise from that of no grid, which takes few programs, until something is found.
    """
    searches = [GridSearch(problem, samples, sign, nodes) for sign in signs]
    best, error = first

    def run(limit: float, share: float, sure: float) -> float:
        nonlocal best, error
        left = nodes - sum(each.nodes for each in searches)
        bounds = []
        for search in searches:
            search.best, search.error = best, error
            with suppress(np.linalg.LinAlgError):
                search.dive(min(limit, search.error))
            below = min(limit, search.error * (1 - ENOUGH))
            bounds.append(0.0)
            with suppress(np.linalg.LinAlgError):  # of powers that doubles do not tell apart
                bounds[-1] = search.below(below, int(share * left), sure) if share else 0.0
            best, error = search.best, search.error
        return min(bounds)

    lowest, share = 0.0, FIRST
    limit = problem.level
    rise = max(RISE, (error / limit) ** (1 / STEPS)) if error < inf else RISE
    while limit * rise < min(error, MOST * problem.level) and problem.left(error, lowest):
        limit *= rise
        bound = run(limit, share, 1.0)
        lowest = max(lowest, bound)
        if not bound:
            share = 0.0
    if error < inf and problem.left(error, lowest):
        run(inf, 0.5, SHARE)
        lowest = max(lowest, run(inf, 1.0, 1.0))
    return best, error, lowest
