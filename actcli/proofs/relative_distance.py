"""Certifies relative distances: sup |f - g|/|f| and sup |f' - g'|/|f'|.

Where f is 0 and g is not, the quotient is infinite; where both are 0 it is left out. The line is cut
where f or g changes branch and at the zeros of f; on each part the quotient is searched as a
difference is, by branch and bound.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import inf
from typing import Any

from flint import arb

from ..expressions.breakpoints import zeros as plain_zeros
from ..expressions.canonical import equal
from ..expressions.differentiate import Kinds
from ..expressions.node import Node, node
from ..expressions.program import Program, derivatives
from ..numbers.interval import LARGEST, Enclosure, enclosure, exact
from .approach import Approach, extended
from .branch_and_bound import Distance
from .breakpoints import joined, merged, pieces, value_there, zeros
from .difference import FormulaDifference, read
from .distance import CELLS, supremum
from .exact_values import rational, value_at
from .far_form import split
from .points import Budget, Piece, Place, Undecided, at, between, intersection, written
from .shape import Shape
from .sweep import Pair
from .taylor_model import TaylorModel

_ZERO = node(0)
NEAR = 4  # widths of a cell, from its part's end
FAR = 30  # where expansions far out are tried


def relative_distances(
    f: Node, g: Node, limits: tuple[float, float] | None = None, cells: int = CELLS
) -> tuple[Distance, Distance]:
    """Certifies sup |f - g|/|f| and sup |f' - g'|/|f'|, the latter over all x where both exist.

    Over the line, or over [low, high], ends included; each costs `cells` cells at most.
    """
    return relative_distance(f, g, limits, cells), relative_distance(f, g, limits, cells, 1)


@dataclass(frozen=True)
class _Part:
    """An interval between two cuts, the branches of f and g on it, and the order of derivative asked."""

    low: Place
    high: Place
    f: Node
    g: Node
    order: int

    def slope(self, tree: Node) -> Node:
        return derivatives(tree, self.order)[self.order]

    @cached_property
    def over(self) -> Node:
        """f - g, or its derivative."""
        return self.slope(node(self.f - self.g))

    @cached_property
    def under(self) -> Node:
        """The divisor: f, or its derivative."""
        return self.slope(self.f)

    @cached_property
    def other(self) -> Node:
        """g, or its derivative."""
        return self.slope(self.g)

    @cached_property
    def absent(self) -> bool:
        """Whether the divisor is 0 throughout."""
        return equal(self.under, _ZERO)

    @cached_property
    def quotient(self) -> Node:
        """1 - g/f, with factors cancelled that both have: none is 0 between the cuts."""
        if self.absent:
            return _ZERO  # it is left out
        top, bottom = _without_common_factors(self.other, self.under)
        return node(1 - top / bottom)


def _zeros(tree: Node, low: Place, high: Place) -> list[Place]:
    """Places among which the zeros of a formula are, exactly where they are plain to see."""
    plain = plain_zeros(tree)
    if plain is not None and all(isinstance(place, Fraction) for place in plain):
        return [at(place) for place in plain]
    return zeros(tree, Budget(), low, high)


def _without_common_factors(a: Node, b: Node) -> tuple[Node, Node]:
    """Both products without the factors that stand in both."""
    kinds = Kinds()
    top, bottom = _factors(a), _factors(b)
    shared = Counter(map(kinds.of, top)) & Counter(map(kinds.of, bottom))
    if not shared:
        return a, b
    kept = []
    for factors in (top, bottom):
        left, product = shared.copy(), node(1)
        for factor in factors:
            if left[kinds.of(factor)] > 0:
                left[kinds.of(factor)] -= 1
            else:
                product = node(product * factor)
        kept.append(product)
    return kept[0], kept[1]


def _factors(tree: Node) -> list[Node]:
    """What a product is made of."""
    op, args = tree.op, tree.args
    if op == "*":
        return _factors(args[0]) + _factors(args[1])
    if op == "/" and not args[1].has_x:
        return [*_factors(args[0]), node(1 / args[1])]
    if op == "neg":
        return [node(-1), *_factors(args[0])]
    if op == "**" and args[1].op == "number" and args[1].args[0] in range(2, 9):
        return _factors(args[0]) * int(args[1].args[0])
    return [tree]


class _Quotient(FormulaDifference):
    """(f - g)/f of two formulas, or of their derivatives."""

    def __init__(self, f: Node, g: Node, limits: tuple[float, float] | None, order: int) -> None:
        super().__init__(f, g, limits)
        self.both = f, g
        self.derivative = order
        self._apart: dict[tuple[int, int], Program] = {}

    def anew(self) -> "_Quotient":
        return _Quotient(*self.both, self.limits, self.derivative)

    @cached_property
    def cut(self) -> list[_Part]:
        """The interval cut where f or g changes branch, and at the zeros of the divisor."""
        low, high = map(written, self.limits or (-inf, inf))
        mine, theirs = (pieces(tree, Budget(), low, high) for tree in self.both)
        ends = joined(self.both, (mine, theirs), low, high)
        found: list[_Part] = []
        for a, b in pairwise([low, *ends, high]):
            middle = between(a, b)
            f, g = (next(p.tree for p in parts if p.high.low > middle) for parts in (mine, theirs))
            part = _Part(a, b, f, g, self.derivative)
            inner = [] if part.absent else _zeros(part.under, a, b)
            inside = merged([p for p in inner if a.high < p.low and p.high < b.low])
            found += [
                _Part(start, stop, f, g, self.derivative)
                for start, stop in pairwise([a, *inside, b])
            ]
        return found

    @cached_property
    def shape(self) -> Shape:
        return _Given([Piece(p.low, p.high, p.quotient, edge=True) for p in self.cut])

    def unbounded_at(self) -> float | None:
        """A place at which the divisor is 0 and the other function is not, if there is one."""
        for part in self.cut:
            if part.absent and not equal(part.other, _ZERO):
                inside = at(between(part.low, part.high))
                for place in (
                    inside,
                    at(between(part.low, inside)),
                    at(between(inside, part.high)),
                ):
                    if value_at(part.other, place.enclosure).sign in (1, -1):
                        return place.number
                raise Undecided(f"whether both are 0 at {inside.number:.6g} stays open")
        for place, f, g in self._values():
            if f.sign == 0 or self._vanishes(place):
                if g.sign in (1, -1):
                    return place.number
                if g.sign is None:
                    raise Undecided(f"whether both are 0 at {place.number:.6g} stays open")
            elif f.sign is None:
                raise Undecided(f"whether the first is 0 at {place.number:.6g} stays open")
        return None

    def _vanishes(self, place: Place) -> bool:
        """Whether the divisor is proved to have a zero within a place that is no number."""
        for part in self.cut:
            if part.low == place and not place.exact:
                ends = (
                    value_at(part.under, enclosure(end)).sign for end in (place.low, place.high)
                )
                return {1, -1} == set(ends)
        return False

    def _values(self) -> Iterator[tuple[Place, Enclosure, Enclosure]]:
        """f and g, or their derivatives where they have some, at cuts and ends."""
        cuts = [part.low for part in self.cut] + [self.cut[-1].high]
        beside = pairwise([None, *self.cut, None])
        for place, (left, right) in zip(cuts, beside, strict=True):
            if not place.finite:
                continue
            if self.derivative == 0:
                values = [value_there(tree, place) for tree in self.both]
                yield place, values[0], values[1]
            elif left is None or right is None or (left.f is right.f and left.g is right.g):
                part = left or right
                assert part is not None
                yield place, value_there(part.under, place), value_there(part.other, place)

    @cached_property
    def breakpoints(self) -> list[Place]:
        """Cuts and ends at which the quotient has a value."""
        return [place for place, f, _ in self._values() if f.sign in (1, -1)]

    def itself(self, place: Place) -> Enclosure:
        """The quotient at a cut or an end."""
        f, g = next((f, g) for there, f, g in self._values() if there == place)
        return (f - g) / f

    @cached_property
    def constants(self) -> dict[int, Any]:
        """The parts on which the quotient is a constant."""
        found: dict[int, Any] = {}
        for index, part in enumerate(self.cut):
            if part.absent:
                continue
            known = None if part.quotient.has_x else rational(part.quotient, Fraction(0))
            if known is not None:
                found[index] = known
            elif equal(part.over, _ZERO):
                found[index] = 0
        return found

    @property
    def pairs(self) -> dict[int, Pair]:
        """None: quotients are read as a whole."""
        return {}

    def trees(self, index: int, side: int, order: int) -> list[Node]:
        level = self.constants.get(index)
        tree = self.cut[index].quotient if level is None else node(level)
        return extended(self._readings.setdefault((index, 0), [tree]), order)

    def read(self, index: int, side: int, order: int, x: Enclosure) -> list[Enclosure]:
        """By 1 - g/f, by (f - g)/f with the terms of f - g apart, and at the ends by expansions."""
        found = read(self.program(index, 0, order), x)
        part = self.cut[index]
        if part.absent or index in self.constants:
            return found
        if (index, side) not in self._apart:
            over = part.slope(split(node(part.f - part.g), side)) if side else part.over
            trees = derivatives(node(over / part.under), order + 2)
            self._apart[index, side] = Program(trees[order:])
        apart = read(self._apart[index, side], x)
        found = [intersection(a, b) for a, b in zip(found, apart, strict=True)]
        for beside, start in self._expansions(part, x):
            with suppress(ArithmeticError, TypeError, ValueError):
                (value,) = Program([part.quotient]).run(beside)
                found[0] = intersection(found[0], beside.of(value).bounds(start))
        return found

    @staticmethod
    def _expansions(part: _Part, x: Enclosure) -> Iterator[tuple[TaylorModel, Any]]:
        """x as expansions about places that are near, and where in these it starts."""
        ends = (1, part.low, x.low, x.high), (-1, part.high, x.high, x.low)
        for side, place, near, far in ends:
            if not place.finite:
                if near * -side > FAR and far * -side > 1:
                    start = arb(0) if abs(near) >= LARGEST else (1 / abs(near)).lower()
                    yield TaylorModel.far(-side, abs(far)), start
            elif place.exact and x.low < x.high:
                close, wide = (abs(end - exact(place.low)) for end in (near, far))
                if close < NEAR * (wide - close):
                    yield TaylorModel.beside(exact(place.low), side, wide.upper()), close.lower()
        if x.low < x.high and abs(x.low) < LARGEST:
            yield TaylorModel.beside(x.low, 1, (x.high - x.low).upper()), arb(0)


def relative_distance(
    f: Node, g: Node, limits: tuple[float, float] | None = None, cells: int = CELLS, order: int = 0
) -> Distance:
    """Certifies sup |f - g|/|f|, or that of their derivatives; infinite where only the divisor is 0."""
    quotient = _Quotient(f, g, limits, order)
    try:
        place = quotient.unbounded_at()
    except Undecided as why:
        return Distance(None, None, 0.0, inf, False, f"undecided: {why}")
    if place is None:
        return supremum(quotient, 0, cells)
    told = f"unbounded: at {place:.15g} the first is 0 and the second is not"
    return Distance(inf, place, inf, inf, True, told)


class _Given(Shape):
    """A shape of which the pieces are known; its formula as a whole is not."""

    def __init__(self, parts: list[Piece]) -> None:
        super().__init__(Node("x"))
        self.parts = parts
        self._outward = {-1: Approach(parts[0].tree, -1), 1: Approach(parts[-1].tree, 1)}

    @property
    def pieces(self) -> list[Piece]:
        return self.parts
