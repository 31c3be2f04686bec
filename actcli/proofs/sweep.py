"""Sweeps a piece of a difference: cells as arrays, of which few are left that may hold the supremum.

A cell is done with if its bound, from values or a Taylor form, is not above what some point reaches; a run
of cells on which d is monotone has its tops at its ends. What is left: turning points, where |d| is
shown to be concave, points that have to be read, and cells that nothing could be shown of.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from math import inf, nextafter
from typing import Any

import numpy as np
from flint import fmpq_poly

from ..expressions.node import Node
from ..numbers.interval import LARGEST, Enclosure, enclosure
from ..numbers.interval_array import IntervalArray
from .branch_levels import CUTS, EDGES, branch, columns
from .points import Place

ROUNDS = 6  # of cutting what is open
FINER = 8  # cells that one is cut into
MOST = 24  # open cells that are cut
FARTHEST = 2000  # further out cells are not cut: there a double is a poor bound of what vanishes
TIGHT = 1 + 1e-12  # of what is reached: a bound that no cutting makes better
NEAR = 1 - 2e-11  # of the supremum is as good as the supremum, in telling where it is
TOLD = sorted({0.0, *CUTS, *(-cut for cut in CUTS)})


@dataclass
class Swept:
    """What a sweep leaves: |d| exceeds what it reaches somewhere at these places alone."""

    turns: list[tuple[float, float, float]] = field(
        default_factory=list
    )  # a bound of |d|, the cell
    points: list[tuple[float, float]] = field(default_factory=list)  # a bound of |d|, the point
    cells: list[tuple[float, float, float]] = field(default_factory=list)  # as turns


class Pair:
    """The difference of two branch-free formulas between two places."""

    def __init__(self, f: Node, g: Node, low: Place, high: Place) -> None:
        self.both = branch(f), branch(g)
        self.ends = low, high
        self._polynomials: dict[tuple[int, int], fmpq_poly] = {}
        self.low = -LARGEST if not low.finite else _rounded(low.low, -inf)
        self.high = LARGEST if not high.finite else _rounded(high.high, inf)

    def between(self, low: Place, high: Place) -> "Pair":
        """The same difference between two other places."""
        f, g = self.both
        return self if (low, high) == self.ends else Pair(f.tree, g.tree, low, high)

    def polynomial(self, side: int, order: int) -> fmpq_poly:
        """The derivative of what stands apart."""
        if (side, order) not in self._polynomials:
            if order:
                found = self.polynomial(side, order - 1).derivative()
            else:
                one, other = (each.polynomial(side) for each in self.both)
                found = one - other
            self._polynomials[side, order] = found
        return self._polynomials[side, order]

    def at(self, side: int, order: int, x: Enclosure) -> list[Enclosure]:
        """d's derivative of that order and the next two on a cell, or at a point, in Arb."""
        one, other = (each.at(side, order, x) for each in self.both)
        found = [a - b for a, b in zip(one, other, strict=True)]
        if side:
            for k, value in enumerate(found):
                if self.polynomial(side, order + k).degree() >= 0:
                    found[k] = value + _polynomial_at(self.polynomial(side, order + k), x)
        return found

    # -- arrays ---------------------------------------------------------------------------------
    def groups(self) -> Iterator[tuple[int, tuple[float, ...], slice]]:
        """Sides and edges of the first cells, and which of the cells lie within the piece; ascending."""
        for side, edges in EDGES.items():
            inside = [i for i, edge in enumerate(edges) if self.low <= edge <= self.high]
            first, last = (inside[0], inside[-1]) if inside else (0, 0)
            below = edges[0] < self.low < edges[-1] and (not inside or self.low < edges[first])
            above = edges[0] < self.high < edges[-1] and (not inside or edges[last] < self.high)
            if not inside:
                if below or above:
                    yield side, _cut((self.low, self.high)), slice(None)
                continue
            if below:
                yield side, _cut((self.low, edges[first])), slice(None)
            if first < last:
                yield side, edges, slice(first, last)
            if above:
                yield side, _cut((edges[last], self.high)), slice(None)

    def levels(self, side: int, edges: tuple[float, ...], order: int) -> list[IntervalArray]:
        """d's derivative of that order and the next two on the columns of some edges."""
        one, other = (each.on(side, edges) for each in self.both)
        x = columns(edges)
        return [self._level(side, order + k, a, b, x) for k, (a, b) in
                enumerate(zip(one[order:order + 3], other[order:order + 3], strict=True))]  # fmt: skip

    def anew(self, side: int, order: int, x: IntervalArray) -> list[IntervalArray]:
        """The same on any intervals."""
        one, other = (each.levels(side, order, order + 2, x) for each in self.both)
        return [
            self._level(side, order + k, a, b, x)
            for k, (a, b) in enumerate(zip(one, other, strict=True))
        ]

    def _level(self, side: int, order: int, a: Any, b: Any, x: IntervalArray) -> IntervalArray:
        found = IntervalArray(a) - IntervalArray(b)
        polynomial = self.polynomial(side, order)
        if polynomial.degree() < 0:
            return found
        total: Any = 0
        for c in reversed(polynomial.coeffs()):
            total = total * x + Fraction(int(c.p), int(c.q))
        return IntervalArray.__add__(found, total)


def _polynomial_at(polynomial: fmpq_poly, x: Enclosure) -> Enclosure:
    total = enclosure(0)
    for c in reversed(polynomial.coeffs()):
        total = total * x + Fraction(int(c.p), int(c.q))
    return total


def _cut(edges: tuple[float, float]) -> tuple[float, ...]:
    """A cell cut in four, at numbers between."""
    low, high = edges
    inner = [low + (high - low) * share for share in (0.25, 0.5, 0.75)]
    return tuple(sorted({low, high, *(m for m in inner if low < m < high)}))


def _rounded(end: Fraction | float, direction: float) -> float:
    """A double that is not on the inner side of a place's end."""
    near = float(end)
    outside = Fraction(near) >= end if direction > 0 else Fraction(near) <= end
    return near if outside else nextafter(near, direction)


@dataclass
class _Cells:
    """Cells, ascending; d on them, d at their middles and at their two ends."""

    side: Any
    low: Any
    high: Any
    value: IntervalArray
    slope: IntervalArray
    curve: IntervalArray
    middle: IntervalArray
    rate: IntervalArray
    ends: tuple[IntervalArray, IntervalArray]

    @classmethod
    def of(cls, side: int, low: Any, high: Any, found: list[IntervalArray], right: int) -> "_Cells":
        """Of the columns cells, middles, lower ends; upper ends `right` columns on."""
        n = len(low)
        value, slope, curve = found
        return cls(np.full(n, side), low, high, value[:n], slope[:n], curve[:n], value[n:2 * n],
                   slope[n:2 * n], (value[2 * n:3 * n], value[2 * n + right:3 * n + right]))  # fmt: skip

    @cached_property
    def centres(self) -> Any:
        """Numbers half-way, at which `middle` and `rate` are."""
        return IntervalArray.of(self.low, self.high).middle

    def __getitem__(self, chosen: Any) -> "_Cells":
        return _Cells(self.side[chosen], self.low[chosen], self.high[chosen], self.value[chosen],
                      self.slope[chosen], self.curve[chosen], self.middle[chosen], self.rate[chosen],
                      (self.ends[0][chosen], self.ends[1][chosen]))  # fmt: skip


def _joined(parts: list[_Cells]) -> _Cells:
    def arrays(read: Any) -> IntervalArray:
        return IntervalArray(np.concatenate([read(p).ends for p in parts], axis=1))

    def numbers(read: Any) -> Any:
        return np.concatenate([read(p) for p in parts])

    return _Cells(
        numbers(lambda p: p.side), numbers(lambda p: p.low), numbers(lambda p: p.high),
        arrays(lambda p: p.value), arrays(lambda p: p.slope), arrays(lambda p: p.curve),
        arrays(lambda p: p.middle), arrays(lambda p: p.rate),
        (arrays(lambda p: p.ends[0]), arrays(lambda p: p.ends[1])),
    )  # fmt: skip


class Sweep:
    """One piece of a difference, and the order of the derivative whose supremum is asked."""

    def __init__(self, pair: Pair, order: int) -> None:
        self.pair = pair
        self.order = order
        self.swept = Swept()

    def first(self) -> _Cells:
        """The cells to begin with."""
        found = []
        for side, edges, chosen in self.pair.groups():
            levels = self.pair.levels(side, edges, self.order)
            low, high = np.array(edges[:-1]), np.array(edges[1:])
            found.append(_Cells.of(side, low, high, levels, 1)[chosen])
        return _joined(found)

    def finer(self, cells: _Cells) -> _Cells:
        """The cells cut into FINER each, and read anew."""
        parts = []
        for side in (-1, 0, 1):
            chosen = cells.side == side
            if not chosen.any():
                continue
            low, high = cells.low[chosen], cells.high[chosen]
            edges = [low, *_between(low, high), high]
            low, high = np.stack(edges[:-1], 1).ravel(), np.stack(edges[1:], 1).ravel()
            x = IntervalArray.of(low, high)
            points = IntervalArray.points(np.concatenate([x.middle, low, high]))
            x = IntervalArray(np.concatenate([x.ends, points.ends], axis=1))
            parts.append(_Cells.of(side, low, high, self.pair.anew(side, self.order, x), len(low)))
        return _joined(parts)

    def reached(self, cells: _Cells) -> float:
        """What |d| is not below at one of the points that are inside of the piece."""
        inner = (cells.low > self.pair.low) | (not self.pair.ends[0].finite)
        middles = cells.centres
        between = (cells.low < middles) & (middles < cells.high)
        sizes = [
            np.where(between, cells.middle.mignitude, 0.0), np.where(inner, cells.ends[0].mignitude, 0.0)
        ]  # fmt: skip
        return float(max(size.max(initial=0.0) for size in sizes))

    def settle(self, cells: _Cells, least: float) -> tuple[_Cells, Any]:
        """Puts down what has to be read in Arb; the cells that are to be cut, and bounds of |d| there."""
        top = cells.value.magnitude
        step = IntervalArray.of(cells.low, cells.high) - IntervalArray.points(cells.centres)
        sloped = (cells.middle + cells.slope * step).magnitude
        bent = (cells.middle + (cells.rate + cells.curve * step / 2) * step).magnitude
        top = np.minimum(top, np.minimum(sloped, bent))
        rises, falls = cells.slope.nonnegative, cells.slope.nonpositive
        steady = rises | falls
        over = top > least
        self._ends(cells, rises, falls, over, least)
        left = over & ~steady
        concave = (cells.value.nonnegative & cells.curve.nonpositive) | (
            cells.value.nonpositive & cells.curve.nonnegative
        )
        # for Arb, which reads what is smaller than any double, and tells sums apart that are not here
        far = np.maximum(np.abs(cells.low), np.abs(cells.high)) > FARTHEST
        tight = left & (top <= least * TIGHT)
        unread = tight | (left & (far | ~(top < inf)))
        self.swept.cells += _merged(_listed(top, cells, tight))
        self.swept.cells += _listed(top, cells, unread & ~tight)
        self.swept.turns += _listed(top, cells, left & concave & ~unread)
        left &= ~concave & ~unread
        return cells[left], top[left]

    def told(self, cells: _Cells, least: float) -> None:
        """Puts down those of the first edges that come as near to the supremum as tells where it is."""
        chosen = (
            (cells.low[:, None] == TOLD).any(axis=1)
            & (cells.low > self.pair.low)
            & (cells.low < self.pair.high)
        )
        sizes = cells.ends[0].magnitude
        chosen &= sizes >= least * NEAR
        self.swept.points += zip(sizes[chosen].tolist(), cells.low[chosen].tolist(), strict=True)

    def _ends(self, cells: _Cells, rises: Any, falls: Any, over: Any, least: float) -> None:
        """The ends of monotone cells, but those that a neighbour covers."""
        steady = rises | falls
        n = len(cells.low)
        for shift, places, values in (
            (-1, cells.low, cells.ends[0]),
            (1, cells.high, cells.ends[1]),
        ):
            beside = np.clip(np.arange(n) + shift, 0, n - 1)
            meets = (cells.high[beside] if shift < 0 else cells.low[beside]) == places
            same = (rises & rises[beside]) | (falls & falls[beside])
            covered = meets & (same | ~steady[beside] | ~over[beside])
            known = self._known(places, shift)
            sizes = values.magnitude
            asked = over & steady & ~covered & ~known & (sizes >= least * NEAR)
            self.swept.points += zip(sizes[asked].tolist(), places[asked].tolist(), strict=True)

    def _known(self, places: Any, shift: int) -> Any:
        """Whether a cell's end is the piece's own, where the limit is known."""
        low, high = self.pair.ends
        if shift < 0:
            return (places <= self.pair.low) & low.finite
        return (places >= self.pair.high) & high.finite


def _between(low: Any, high: Any) -> list[Any]:
    """Numbers at which cells are cut, geometrically far from 0."""
    step = high / FINER - low / FINER
    small, large = np.minimum(np.abs(low), np.abs(high)), np.maximum(np.abs(low), np.abs(high))
    far = (small > 0) & (large / 16 > small) & ((low > 0) == (high > 0))
    ratio = np.exp((np.log(large) - np.log(small)) / FINER)
    found = []
    for k in range(1, FINER):
        grown = np.where(low > 0, small * ratio**k, -(small * ratio ** (FINER - k)))
        found.append(np.clip(np.where(far, grown, low + step * k), low, high))
    return found


def _listed(top: Any, cells: _Cells, chosen: Any) -> list[tuple[float, float, float]]:
    columns = (top[chosen], cells.low[chosen], cells.high[chosen])
    return list(zip(*(column.tolist() for column in columns), strict=True))


def _merged(cells: list[tuple[float, float, float]]) -> list[tuple[float, float, float]]:
    """Neighbours as one, but at CUTS."""
    found: list[tuple[float, float, float]] = []
    for top, low, high in cells:
        if found and found[-1][2] == low and abs(low) not in CUTS:
            top, low = max(top, found[-1][0]), found.pop()[1]
        found.append((top, low, high))
    return found


def sweep(pairs: list[Pair], order: int, least: float) -> tuple[float, list[Swept]]:
    """Sweeps the pieces of a difference; `least` is not above the supremum.

    What |d| reaches at some point, or `least`, and what is left of each piece.
    """
    with np.errstate(all="ignore"):
        sweeps = [Sweep(pair, order) for pair in pairs]
        begun = [each.first() for each in sweeps]
        for each, cells in zip(sweeps, begun, strict=True):
            least = max(least, each.reached(cells))
        for each, cells in zip(sweeps, begun, strict=True):
            start = cells
            for _ in range(ROUNDS):
                cells, tops = each.settle(cells, least)
                if not len(cells.low) or len(cells.low) > MOST:
                    break
                finer = each.finer(cells)
                least = max(least, each.reached(finer))
                cells = finer
            else:
                cells, tops = each.settle(cells, least)
            each.swept.cells += _listed(tops, cells, slice(None))
            each.told(start, least)
    return least, [each.swept for each in sweeps]
