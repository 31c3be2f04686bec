"""Reads branch-free formulas and their derivatives on many cells at once, or at a point.

What was read is kept: a function that is compared with many others is read once on the cells that all
comparisons begin with.
"""

from functools import cached_property, lru_cache
from heapq import heappop, heappush
from itertools import count, pairwise
from math import inf, nextafter
from typing import Any

import numpy as np
from flint import arb, ctx, fmpq_poly

from ..expressions.node import Node
from ..expressions.program import Program
from ..numbers.arb_points import INFINITY
from ..numbers.interval import LARGEST, Enclosure, enclosure
from ..numbers.interval_array import IntervalArray
from .approach import extended
from .exact_values import values_at
from .far_form import parts
from .points import midpoint

LEVELS = 4  # the formula and three derivatives
CORE = 0.5  # beyond it formulas are read with the terms apart that do not vanish at infinity
CUTS = (0.5, 1.3, 2.7, 5.1, 11.0, 31.0, 170.0, 2e3, 1e6, 1e12, 1e25, 1e60, 1e150, LARGEST)
SHARES = (8, 8, 8, 8, 8, 4, 2, 1, 1, 1, 1, 1, 1)  # cells that one of these intervals is cut into
KEPT = 400  # branches that are remembered, and
PATCHES = 100  # groups of cells of one of them,
READ = 2_000  # and cells and points that it was read on in Arb
OUTSIDE = 170.0  # where cells that the arrays tell nothing of are cut in Arb, into at most
PARTS = 2_000
ROUGH = 100.0


def _right() -> list[float]:
    edges = [CORE]
    for (low, high), share in zip(pairwise(CUTS), SHARES, strict=True):
        edges += [low + (high - low) * k / share for k in range(1, share)] + [high]
    return edges


RIGHT = tuple(_right())
EDGES = {
    -1: tuple(-edge for edge in reversed(RIGHT)), 0: tuple(k / 16 for k in range(-8, 9)), 1: RIGHT
}  # fmt: skip


@lru_cache(PATCHES)
def columns(edges: tuple[float, ...]) -> IntervalArray:
    """The cells between neighbouring edges, then their middles, then the edges."""
    cells = IntervalArray.between(edges)
    points = IntervalArray.points(np.concatenate([cells.middle, edges]))
    return IntervalArray(np.concatenate([cells.ends, points.ends], axis=1))


class Branch:
    """A branch-free formula and its derivatives."""

    def __init__(self, tree: Node) -> None:
        self.tree = tree
        self._trees: dict[int, list[Node]] = {}
        self._programs: dict[tuple[int, int, int], Program] = {}
        self._kept: dict[tuple[int, tuple[float, ...]], list[Any]] = {}
        self._read: dict[tuple[int, int, Any, Any, int], list[Enclosure]] = {}

    @cached_property
    def _apart(self) -> dict[int, tuple[fmpq_poly, Node]]:
        return {side: parts(self.tree, side) for side in (-1, 1)} | {0: (fmpq_poly(), self.tree)}

    def polynomial(self, side: int) -> fmpq_poly:
        """What stands apart of the formula as it is read on a side, -1 or 1; 0 for the middle."""
        return self._apart[side][0]

    def program(self, side: int, first: int, last: int) -> Program:
        """The rest: its derivatives of these orders."""
        key = side, first, last
        if key not in self._programs:
            known = self._trees.setdefault(side, [self._apart[side][1]])
            self._programs[key] = Program(extended(known, last)[first : last + 1])
        return self._programs[key]

    def on(self, side: int, edges: tuple[float, ...]) -> list[Any]:
        """Rows of the levels of the rest on the `columns` of these edges."""
        key = side, edges
        if key not in self._kept:
            if len(self._kept) >= PATCHES:
                self._kept.clear()
            found = self.levels(side, 0, LEVELS - 1, columns(edges))
            self._kept[key] = self._sharper(side, edges, found) if edges == EDGES[side] else found
        return self._kept[key]

    def _sharper(self, side: int, edges: tuple[float, ...], found: list[Any]) -> list[Any]:
        """The value and the first derivative anew in Arb on cells far out of which they tell nothing."""
        for order in (0, 1):
            rows = found[order] = found[order].copy()
            for cell, (low, high) in enumerate(pairwise(edges)):
                if max(abs(low), abs(high)) > OUTSIDE and not rows[:, cell].max() < ROUGH:
                    bounds = self._hull(side, order, low, high)
                    rows[:, cell] = np.fmin(rows[:, cell], bounds)
        return found

    def _hull(self, side: int, order: int, low: float, high: float) -> list[float]:
        """-low and high of what holds a derivative on a cell, cut until it is near to that at its ends."""
        program = self.program(side, order, order)

        def bounds(start: Any, stop: Any) -> tuple[float, int, Any, Any, Enclosure]:
            try:
                value = enclosure(program.run(Enclosure(start, stop))[0])
            except (TypeError, ZeroDivisionError, ValueError):
                value = Enclosure(-INFINITY, INFINITY)
            size = value.magnitude
            return -float(size) if size.is_finite() else -inf, next(serial), start, stop, value

        serial = count()
        parts = [bounds(arb(low), arb(high))]
        enough = 1e-6 - 2 * min(bounds(arb(end), arb(end))[0] for end in (low, high))
        while -parts[0][0] > enough and len(parts) < PARTS:
            _, _, start, stop, _ = heappop(parts)
            middle = midpoint(start, stop)
            heappush(parts, bounds(start, middle))
            heappush(parts, bounds(middle, stop))
        least = min(nextafter(float(part[4].low), -inf) for part in parts)
        return [-least, max(nextafter(float(part[4].high), inf) for part in parts)]

    def levels(self, side: int, first: int, last: int, x: IntervalArray) -> list[Any]:
        """The same for derivatives of some orders on any intervals."""
        shape = x.ends.shape
        return [
            np.broadcast_to((x.lift(found) if not hasattr(found, "ends") else found).ends, shape)
            for found in self.program(side, first, last).run(x)
        ]

    def at(self, side: int, order: int, x: Enclosure) -> list[Enclosure]:
        """The rest's derivative of that order and the next two on a cell, or at a point, in Arb."""
        key = side, order, x.low, x.high, ctx.prec
        found = self._read.get(key)
        if found is None:
            program = self.program(side, order, order + 2)
            values = values_at(program, x) if x.low == x.high else program.run(x)
            if len(self._read) >= READ:
                self._read.clear()
            found = self._read[key] = [enclosure(value) for value in values]
        return found


_BRANCHES: dict[Any, Branch] = {}


def branch(tree: Node) -> Branch:
    """The branch of that formula, remembered by its steps."""
    key = tuple(Program([tree]).steps)
    if key not in _BRANCHES:
        if len(_BRANCHES) >= KEPT:
            _BRANCHES.clear()
        _BRANCHES[key] = Branch(tree)
    return _BRANCHES[key]
