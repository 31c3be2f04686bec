"""Determines the shape of a function over the line: pieces, breakpoints, sign patterns, limits.

Everything here is computed once per function, when first asked for, and rests on enclosures.
"""

from bisect import bisect_left
from collections.abc import Iterator
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import inf, nextafter
from typing import Any

from flint import arb, fmpq

from ..expressions.breakpoints import breakpoints, breaks
from ..expressions.canonical import equal
from ..expressions.node import Node, node
from ..expressions.program import Program, derivatives
from ..numbers.interval import Enclosure, enclosure
from .approach import DERIVATIVES, LONGEST, Approach, extended, proved_limit
from .asymptotics import alternates, is_flat
from .asymptotics.coefficients import bounds_of
from .asymptotics.rules import WAVES
from .breakpoints import branch_at, may_break, pieces, value_there
from .domain import undefined
from .exact_values import rational, values_at
from .meeting import Limit, sign_there, step
from .periods import in_waves
from .points import (
    BUDGET,
    LEFT_END,
    RIGHT_END,
    TOLERANCE,
    Budget,
    Piece,
    Place,
    SignInterval,
    Undecided,
    at,
    between,
    found_once,
)
from .signs import Tails, fraction, signs

WINDOW = 10  # lists that would never end hold what lies within [-10, 10]
MAX_ORDER = 8  # derivatives that are compared at a breakpoint
ROUGH = arb("1e-15")  # width of a value at a breakpoint that is known to 1e-26


class Shape:
    """What can be proved of one formula between two places; a question may cost `budget` cells."""

    def __init__(
        self, tree: Node, budget: int = BUDGET, low: Place = LEFT_END, high: Place = RIGHT_END
    ) -> None:
        self.tree = tree
        self.budget = budget
        self.low = low
        self.high = high
        self._trees: dict[int, list[Node]] = {}
        self._programs: dict[tuple[int, int], Program] = {}
        self._patterns: dict[tuple[int, bool], list[tuple[int, SignInterval]] | Undecided] = {}
        self._holes: dict[Place, bool] = {}
        self._orders: dict[Place, tuple[float, bool]] = {}  # known so far, and whether that is all
        self._outward = {side: Approach(tree, side) for side in (-1, 1)}

    @property
    def pieces(self) -> list[Piece]:
        """Left to right. Undecided if the formula is not defined on the whole line."""
        found = self._pieces
        if isinstance(found, Undecided):
            raise found
        return found

    @cached_property
    def _pieces(self) -> list[Piece] | Undecided:
        try:
            if self.periodic:  # one period says it all, and the window holds three
                window = Shape(self.tree, self.budget, at(-WINDOW), at(WINDOW))
                if not window.one_number:
                    return window.pieces
                self.periodic = False  # max(sin(x), 1.5), max(sin(x), 0) + min(sin(x), 0) - sin(x)
                return [Piece(self.low, self.high, window.pieces[0].tree)]
            return pieces(self.tree, Budget(self.budget), self.low, self.high)
        except Undecided as why:
            return why

    @cached_property
    def one_number(self) -> bool:
        """Whether f is shown to be one number at every x; it may be in sines."""
        if not all(equal(self.trees(index, 1)[1], node(0)) for index in range(len(self.pieces))):
            return False
        try:
            return not self.jumps
        except Undecided:
            return False

    @cached_property
    def periodic(self) -> bool:
        """Whether x stands in sines and cosines of multiples of one w*x alone, with period <= 20/3."""
        if self.low.finite or self.high.finite or not in_waves(self.tree):
            return False
        # no constant in disguise: sin(x)**2 + cos(x)**2
        return bool(breakpoints(self.tree)) or not equal(derivatives(self.tree, 1)[1], node(0))

    def trees(self, index: int, order: int) -> list[Node]:
        """[f, f', ...] of a piece, up to that order."""
        known = self._trees.setdefault(index, [self.pieces[index].tree])
        return extended(known, order, LONGEST)[: order + 1]

    def program(self, index: int, order: int) -> Program:
        """The program of f^(order) and its derivative on a piece."""
        key = (index, order)
        if key not in self._programs:
            self._programs[key] = Program(self.trees(index, order + 1)[order:])
        return self._programs[key]

    @cached_property
    def waves(self) -> bool:
        """Whether a sine of x is in it, so that lists may never end."""
        return any(
            part.op == "call" and part.args[0].name in WAVES and part.args[1].has_x
            for piece in self.pieces
            for part in piece.tree.walk()
        )

    # -- values ---------------------------------------------------------------------------------
    def piece_at(self, x: float) -> int:
        """The piece that holds x, or one of the two that x separates."""
        return min(bisect_left(self._last, x), len(self.pieces) - 1)

    @cached_property
    def _last(self) -> list[float]:
        """The largest double of every piece."""
        ends = [(float(piece.high.high), piece.high.high) for piece in self.pieces]
        return [near if near <= end else nextafter(near, -inf) for near, end in ends]

    def spans(self, low: Any, high: Any) -> Iterator[tuple[int, Any, Any]]:
        """The pieces between two points, as (index, low, high) in exact Arb numbers."""
        for index, piece in enumerate(self.pieces):
            a = piece.low.enclosure.high if piece.low.finite else low
            b = piece.high.enclosure.low if piece.high.finite else high
            a, b = (low if a < low else a), (high if b > high else b)
            if a < b:
                yield index, a, b

    def value(
        self, x: Place | float | Fraction, order: int = 0, index: int | None = None
    ) -> Enclosure:
        """f^(order) of a piece at a finite place."""
        place = x if isinstance(x, Place) else at(x if isinstance(x, Fraction) else Fraction(x))
        index = self.piece_at(place.number) if index is None else index
        known = (
            rational(self.trees(index, order)[order], Fraction(place.low)) if place.exact else None
        )
        if known is not None:
            return enclosure(known)
        return values_at(self.program(index, order), place.enclosure)[0]

    def itself(self, place: Place) -> Enclosure:
        """f at a breakpoint: the value of the branch that the formula takes there."""
        return value_there(self.tree, place)

    def end(self, index: int, right: bool, order: int = 0) -> Enclosure | float | None:
        """One-sided limit of f^(order) at an end of a piece; None: there is none; or Undecided."""
        piece = self.pieces[index]
        place = piece.high if right else piece.low
        if not place.finite:
            return self.limit(1 if right else -1, order)
        known = self.value(place, order, index)
        sharp = TOLERANCE if place.exact else ROUGH
        if known.finite and known.high - known.low < abs(known.low) * sharp + sharp:
            return known
        if not place.exact:
            raise Undecided(f"the limit at {place.number:.6g} stays open")
        tree, at_place = self.trees(index, order)[order], f"the limit at {place.number:.6g}"
        return proved_limit(tree, -1 if right else 1, Fraction(place.low), at_place)

    def limit(self, side: int, order: int = 0) -> Enclosure | float | None:
        """Limit of f^(order) at an end: an enclosure, an infinity, or None: there is none."""
        if self.periodic:
            levels = [self.trees(index, order)[order] for index in range(len(self.pieces))]
            level = self._level(0, order)
            if level is None or not all(equal(levels[0], other) for other in levels):
                return None
            off = order == 0 and any(any(self.steps(place)) for place in self.breakpoints)
            return None if off else level
        end = self.high if side > 0 else self.low
        if end.finite:
            return self.end(len(self.pieces) - 1 if side > 0 else 0, side > 0, order)
        try:
            return self._outward[side].limit(order)
        except Undecided:
            level = self._level(0 if side < 0 else len(self.pieces) - 1, order)
            if level is None:
                raise
            return level

    def asymptote(self, side: int) -> tuple[Enclosure, Enclosure] | None:
        """Slope and intercept of the line approached as x -> side*infinity; None: there is none."""
        line = self._outward[side].line()
        if line is None:
            level, slope = self.limit(side), self.limit(side, 1)
            flat = isinstance(slope, Enclosure) and slope.contains(0)
            return (enclosure(0), level) if flat and isinstance(level, Enclosure) else None
        return bounds_of(line[0]), bounds_of(line[1])

    def exact_asymptote(self, side: int) -> tuple[Fraction, Fraction] | None:
        """The same as fractions; None if it is not known that it is made of such."""
        line = self._outward[side].line()
        if line is None or not (isinstance(line[0], fmpq) and isinstance(line[1], fmpq)):
            return None
        return Fraction(int(line[0].p), int(line[0].q)), Fraction(int(line[1].p), int(line[1].q))

    def constant(self, index: int) -> bool:
        """Whether f is constant on a piece; if not, then on no part of it, for it is analytic there."""
        if equal(self.trees(index, 1)[1], node(0)):
            return True
        piece = self.pieces[index]
        inside = piece.inside
        for x in (inside, between(piece.low, at(inside)), between(at(inside), piece.high)):
            if self.value(at(x), 1, index).sign in (1, -1):
                return False
        raise Undecided(f"whether it is constant near {float(inside):.6g} stays open")

    def _level(self, index: int, order: int) -> Enclosure | None:
        """The value of f^(order) on a piece, if it is proved to be constant there."""
        if not equal(self.trees(index, order + 1)[order + 1], node(0)):
            return None
        return self.value(self.pieces[index].inside, order, index)

    # -- breakpoints -----------------------------------------------------------------------------
    @cached_property
    def breakpoints(self) -> list[Place]:
        """Where neighbouring pieces meet, ascending."""
        return [piece.low for piece in self.pieces[1:]]

    def has_value_of(self, tree: Node, place: Place) -> bool:
        """Whether another formula has exactly the same value at a place."""
        one, other = branch_at(self.tree, place), branch_at(tree, place)
        return sign_there(node(one - other), place, breaks(tree) + breaks(self.tree)) == 0

    def is_hole(self, place: Place) -> bool:
        """Whether the formula has no value at a breakpoint or end."""
        if place not in self._holes:
            self._holes[place] = undefined(self.tree, place)
        return self._holes[place]

    @property
    def holes(self) -> list[Place]:
        """The breakpoints and finite ends at which the formula has no value."""
        return [place for place in self.places if self.is_hole(place)]

    @property
    def places(self) -> list[Place]:
        """The breakpoints, and the ends if they are finite; ascending."""
        low, high = ([end] if end.finite else [] for end in (self.low, self.high))
        return [*low, *self.breakpoints, *high]

    def slope(self, place: Place, order: int = 1) -> Enclosure:
        """f^(order) at a breakpoint or end where it exists: the limit, for the formula may break there."""
        index = next((i for i, p in enumerate(self.pieces) if p.high == place), None)
        limit = self.end(0, False, order) if index is None else self.end(index, True, order)
        if not isinstance(limit, Enclosure):
            raise Undecided(f"the {DERIVATIVES[order]} at {place.number:.6g} stays open")
        return limit

    @property
    def jumps(self) -> list[Place]:
        """The breakpoints and finite ends at which f is not continuous."""
        return [place for place in self.places if self.order(place, 0) < 0]

    # -- smoothness; at an end from inside alone ----------------------------------------------------
    def order(self, place: Place, enough: float = inf) -> float:
        """-1 for a jump, else the largest k <= `enough` with f in C^k at a place.

        Only what is asked for is looked at: a derivative that stays open leaves the lower ones known.
        """
        if place not in self._orders:
            self._orders[place] = (0, False) if self._continuous(place) else (-1, True)
        order, final = self._orders[place]
        while not final and order < enough:
            if order == 1 and self._smooth(place):
                order, final = inf, True
            elif order == MAX_ORDER:
                raise Undecided(
                    f"at {place.number:.6g} the first {MAX_ORDER} derivatives agree; "
                    "the next were not compared"
                )
            elif self._agree(place, int(order) + 1):
                order += 1
            else:
                final = True
            self._orders[place] = order, final
        return min(order, enough)

    def _sides(self, place: Place) -> list[tuple[int, int]]:
        """(piece, side of the place on which it lies)."""
        if place in self.breakpoints:
            index = self.breakpoints.index(place)
            return [(index, -1), (index + 1, 1)]
        return [(0, 1)] if place == self.low else [(len(self.pieces) - 1, -1)]

    def one_sided(self, place: Place, order: int) -> list[Enclosure | float | None]:
        """The one-sided limits of f^(order) at a place; None: there is none; or Undecided."""
        return [self.end(i, side < 0, order) for i, side in self._sides(place)]

    def _agree(self, place: Place, order: int) -> bool:
        """Whether f^(order) has one finite limit at a place."""
        sides = self._sides(place)
        levels = [self._limit_at(i, side, order) for i, side in sides]
        if not all(isinstance(level.value, Enclosure) for level in levels):
            return False
        return not any(self._steps(place, levels))

    def _limit_at(self, index: int, side: int, order: int) -> Limit:
        return Limit(self.end(index, side < 0, order), self.trees(index, order)[order], side)

    def _continuous(self, place: Place) -> bool:
        """Whether both limits and the value at a place are finite and equal."""
        if self.is_hole(place) or not self._agree(place, 0):
            return False
        if not self.itself(place).finite:
            raise Undecided(f"the value at {place.number:.6g} stays open")
        return not any(self.steps(place))

    def levels(self, place: Place) -> list[Limit]:
        """Left limit, value and right limit of f at a breakpoint or end, as far as there are some."""
        levels = [self._limit_at(i, side, 0) for i, side in self._sides(place)]
        if not self.is_hole(place):
            here = Limit(self.itself(place), branch_at(self.tree, place), 0)
            levels.insert(0 if place == self.low else 1, here)
        return levels

    def steps(self, place: Place) -> list[int]:
        """The signs of the steps that f makes at a place from one of its levels to the next."""
        return self._steps(place, self.levels(place))

    def attains(self, place: Place, right: bool, order: int) -> bool:
        """Whether f^(order) is shown to take the limit at an end of a piece, its right one or its left."""
        if order:
            return self.order(place, order) >= order
        try:
            return not self.is_hole(place) and self.steps(place)[0 if right else -1] == 0
        except Undecided:
            return False

    def _steps(self, place: Place, levels: list[Limit]) -> list[int]:
        known = breaks(self.tree)
        return [step(one, other, place, known) for one, other in pairwise(levels)]

    def _smooth(self, place: Place) -> bool:
        """Whether all derivatives agree: of one formula on both sides, or with a flat difference."""
        sides = [(self.pieces[index].tree, side) for index, side in self._sides(place)]
        whole = [tree for tree, _ in sides if not may_break(tree, place)]
        if len(whole) == len(sides) and all(equal(whole[0], tree) for tree in whole[1:]):
            return True
        if not place.exact:
            return False
        level = self.slope(place, 0)
        middle = [node(fraction(level.low))] if level.low == level.high else []
        return any(
            all(is_flat(node(tree - other), side, Fraction(place.low))
                for tree, side in sides if tree is not other)
            for other in (*whole, *middle)
        )  # fmt: skip

    # -- signs --------------------------------------------------------------------------------------
    def pattern(self, order: int, window: bool = False) -> list[tuple[int, SignInterval]]:
        """Sign pattern of f^(order), piece by piece, over the line or over [-10, 10]."""
        found = self.loose_pattern(order, window)
        for _, stretch in found:
            if stretch.sign is None:
                raise Undecided(
                    f"the sign of the {DERIVATIVES[order]} stays open between "
                    f"{stretch.low.number:.6g} and {stretch.high.number:.6g}"
                )
        return found

    def loose_pattern(self, order: int, window: bool = False) -> list[tuple[int, SignInterval]]:
        """The same, but with stretches on which the sign is open."""
        return found_once(
            self._patterns, (order, window), lambda: self._find_pattern(order, window)
        )

    def known_pattern(self, order: int) -> list[tuple[int, SignInterval]]:
        """The sign pattern over the line if that is known already, else over [-10, 10]."""
        known = self._patterns.get((order, False))
        return known if isinstance(known, list) else self.pattern(order, True)

    def _find_pattern(self, order: int, window: bool) -> list[tuple[int, SignInterval]]:
        limited = 1500 if self.waves and not window else self.budget
        budget = Budget(min(limited, self.budget))
        found = []
        for index, piece in enumerate(self.pieces):
            low, high = piece.low, piece.high
            if window:
                if piece.low.low >= WINDOW or piece.high.high <= -WINDOW:
                    continue
                low = low if low.low > -WINDOW else at(-WINDOW)
                high = high if high.high < WINDOW else at(WINDOW)
            if equal(self.trees(index, order)[order], node(0)):
                found.append((index, SignInterval(low, high, 0)))
                continue
            tails = Tails.CARRIED if order == 1 else Tails.OPEN
            stretches = signs(self.program(index, order), low, high, budget, tails)
            found += [(index, stretch) for stretch in stretches]
        return found

    @cached_property
    def windowed(self) -> bool:
        """Whether the sign pattern of the gradient never ends (and is given within [-10, 10])."""
        return self.periodic or self.endless(1)

    def endless(self, order: int) -> bool:
        """Whether f^(order) is proved to change its sign without end."""
        ends = ((0, -1, self.low), (len(self.pieces) - 1, 1, self.high))
        return self.waves and any(
            not end.finite and alternates(self.trees(index, order)[order], side)
            for index, side, end in ends
        )
