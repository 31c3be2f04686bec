"""Certifies the supremum of a difference by branch and bound.

Enclosures bound a cell from above, values at points and limits bound the supremum from below, and
the cell with the largest bound is looked at next. A cell on which the difference is monotone, or
has one turning point, is settled at once.
"""

from contextlib import suppress
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context
from fractions import Fraction
from functools import partial
from heapq import heappop, heappush
from itertools import count, pairwise
from math import copysign, inf
from typing import Any

from flint import arb

from ..expressions.node import Node
from ..expressions.program import Program
from ..numbers.arb_points import larger, smaller
from ..numbers.interval import LARGEST, Enclosure, enclosure, exact
from .approach import proved_limit
from .asymptotics import bounded
from .branch_levels import CORE
from .difference import FormulaDifference, size_of
from .envelopes import Envelope, bounded_waves
from .factors import Factors
from .periods import one_period
from .points import Budget, Undecided, cells, intersection, midpoint, narrowed, outward
from .sweep import TOLD, sweep
from .taylor_model import sign_far

WAVES = 150  # cells after which envelopes of waves are asked for
PATIENCE = 1_000  # cells after which an answer that is good enough will do
SHARP = arb("1e-17")  # relative width at which a supremum is done
ENOUGH = arb("1e-11")  # relative width that is still good for an answer,
SMALL = arb("1e-13")  # and absolute width
SWEPT = 4  # cells that sweeping a piece counts as
STEPS = 12  # Newton steps to a turning point, up to where
FLAT = arb("1e-28")  # of the value is what the tangent adds
BESIDE = arb("1e-9")  # of a cell's width, next to an end: it may be the end that is the top
NEARLY = arb(1 - 2e-11)  # of the supremum is near enough to tell where it is
NEAR = 10
FAR = 4.7  # from where on d may be shown to be monotone, in
TRIES = 4  # attempts on a side
MODEL = 20  # what a step with a Taylor model costs, in steps with enclosures
DOUBTFUL = 1e100  # a supremum found further out says nothing where the limit is not known


@dataclass(frozen=True)
class Distance:
    """A supremum: the number (inf; None: undecided), the x where it is attained or approached, the
    certified interval around it, and a sentence."""

    value: float | None
    where: float | None
    low: float
    high: float
    attained: bool
    detail: str


@dataclass(frozen=True)
class _Top:
    """A size that |g| has or comes near to: bounds, and where."""

    low: Any
    high: Any
    where: float
    attained: bool


@dataclass
class _Tail:
    tries: int = 0  # to show that d is monotone far out,
    start: Any = None  # and from where on it is


class Search:
    """Branch and bound for one supremum."""

    def __init__(self, gap: FormulaDifference, order: int, cells: int) -> None:
        self.gap = gap
        self.order = order
        self.budget = Budget(cells)
        self.tops: list[_Top] = []
        self.least: Any = arb(0)  # the supremum is not below
        self.most: Any = arb(0)  # nothing settled is above
        self.open: list[tuple[float, float, int, int, Any, Any, Any]] = []
        self.serial = count()
        self.ends: dict[tuple[int, Any], Any] = {}  # bounds of |d| at ends of cells, by piece
        self.unknown: list[tuple[int, int]] = []  # pieces and sides without a limit that is known
        self.tails: dict[tuple[int, int], _Tail] = {}  # by piece and side
        self.envelopes: dict[tuple[int, int], Envelope] = {}  # by piece and side
        self.asked = False  # for envelopes
        self.parts = [
            (index, *one_period(self._tree(index), low, high)) for index, low, high in gap.parts
        ]
        self.pairs = {index: gap.pairs[index].between(*ends)
                      for index, *ends in self.parts if index in gap.pairs}  # fmt: skip

    def run(self) -> Distance:
        """The supremum: what is known beforehand, then cells, the one with the largest bound first."""
        self._ends()
        endless = [top for top in self.tops if not top.low.is_finite()]
        if endless:
            best = min(endless, key=_order)
            return Distance(inf, best.where, inf, inf, False, "unbounded")
        first = [(index, *ends) for index, low, high in self.parts
                 if index not in self.pairs and index not in self.gap.constants
                 for ends in cells(low, high, TOLD)]  # fmt: skip
        for (index, _, end), (other, _, _) in pairwise(first):
            if index == other:  # the end is inside of the piece
                self._note(self._at(index, Enclosure(end)), float(end), True)
        for cell in first:
            self._look(*cell)
        self._sweep(list(self.pairs))
        ceiling = self._drain()
        return self._answer(ceiling)

    # -- what is known beforehand ----------------------------------------------------------------
    def _tree(self, index: int, side: int = 0, more: int = 0) -> Node:
        """d, or a further derivative, as a piece has it."""
        order = self.order + more
        return self.gap.trees(index, side, order)[order]

    def _ends(self) -> None:
        """One-sided limits at breakpoints and infinities, and values at breakpoints and ends."""
        gap, order = self.gap, self.order
        for index, low, high in self.parts:
            piece = gap.shape.pieces[index]
            if not self._tree(index).has_x:
                self._note(self._at(index, enclosure(piece.inside)), float(piece.inside), True)
                continue
            for right, place in ((False, low), (True, high)):
                if not place.finite:
                    self._infinity(index, 1 if right else -1)
                elif place == (piece.high if right else piece.low):
                    limit = gap.shape.end(index, right, order)
                    if limit is None:
                        raise Undecided(f"no limit at {place.number:.6g}")
                    self._note(limit, place.number, gap.shape.attains(place, right, order))
                else:
                    self._note(self._at(index, place.enclosure), place.number, True)
        for place in gap.breakpoints:
            if order == 0:
                self._note(gap.itself(place), place.number, True)
            elif gap.shape.order(place, order) >= order:
                self._note(gap.shape.slope(place, order), place.number, True)

    def _infinity(self, index: int, side: int) -> None:
        """Takes up the limit at an infinity, or that there is none that is known."""
        limit: Enclosure | float | None = None
        try:
            limit = self.gap.shape.limit(side, self.order)
        except Undecided:  # the reading with terms apart may have one
            with suppress(Undecided):
                limit = proved_limit(self._tree(index, side), side, None, "the limit")
        if limit is None:
            if bounded(self._tree(index, side), side) is False:
                limit = inf
            else:
                self.unknown.append((index, side))
                return
        self._note(limit, side * inf, False)
        self.tails[index, side] = _Tail()

    def _ask_waves(self) -> None:
        """Takes up envelopes of waves, and what comes near to them without end.

        They take longer than most searches as a whole.
        """
        self.asked = True
        for index, side in self.unknown.copy():
            if (found := bounded_waves(self._tree(index), side)) is not None:
                self.envelopes[index, side] = found
                self.unknown.remove((index, side))
                for limit in found.limits:
                    self._note(limit, side * inf, False)
        if self.envelopes:
            self.ends = {(index, end): size_of(self._at(index, Enclosure(end)))[1]
                         for index, end in self.ends}  # fmt: skip

    def _note(self, value: Enclosure | float, where: float, attained: bool) -> None:
        """Take up a value of d, or a limit."""
        low, high = size_of(enclosure(value) if isinstance(value, Enclosure) else arb(abs(value)))
        self._take(low, high, where, attained)
        self.most = max(self.most, high)

    def _take(self, low: Any, high: Any, where: float, attained: bool) -> None:
        """Take up a size that |d| has or comes near to; what is above is known otherwise."""
        self.tops.append(_Top(low, high, where + 0.0, attained))
        self.least = max(self.least, low)

    # -- cells -----------------------------------------------------------------------------------
    def _sweep(self, indices: list[int]) -> None:
        """Sweep pieces as arrays of cells, and take up what is left of them."""
        if not indices:
            return
        pairs = [self.pairs[index] for index in indices]
        for pair in pairs:
            for _ in range(SWEPT):
                self.budget.spend(pair.low, pair.high)
        least, swept = sweep(pairs, self.order, outward(self.least, -inf))
        self.least = max(self.least, arb(least))
        self.most = max(self.most, self.least)
        left: list[tuple[int, float, list[float], int]] = []
        for index, each in zip(indices, swept, strict=True):
            left += [(index, top, [*ends], 0) for top, *ends in each.turns]
            left += [(index, top, [*ends], 1) for top, *ends in each.points]
            left += [(index, top, [*ends], 2) for top, *ends in each.cells]
        for index, top, ends, kind in sorted(left, key=_first):
            if top < NEARLY * self.least:
                continue
            if kind == 1:
                end = arb(ends[0])
                if not self._is_steady(index, end, end):
                    self._note_end(index, end)
                continue
            cell = self._within(index, *ends)
            if kind == 2 or not self._pinpoint(index, *cell):
                self._look(index, *cell)

    def _within(self, index: int, low: float, high: float) -> tuple[Any, Any]:
        """A cell as far as it lies within its piece."""
        ((start, stop),) = cells(*self.pairs[index].ends, [])
        return larger(arb(low), start), smaller(arb(high), stop)

    def _pinpoint(self, index: int, low: Any, high: Any) -> bool:
        """Whether a cell on which |d| is concave is settled, by Newton steps and a tangent."""
        x, ends = midpoint(low, high), []
        for _ in range(STEPS):
            value, slope, curve = self._read(index, Enclosure(x))
            if not (value.positive or value.negative) or not (curve.positive or curve.negative):
                return False
            rate = slope if value.positive else -slope
            excess = larger(rate.high * (high - x), rate.low * (low - x)).upper()
            least, most = size_of(value)
            if excess <= least * FLAT:
                whole = size_of(self._read(index, Enclosure(low, high))[0])[1]
                top = smaller((most + least * FLAT).upper() if excess > 0 else most, whole)
                self.tops.append(_Top(least, top, float(x), True))
                self.least, self.most = max(self.least, least), max(self.most, top)
                return True
            step = (slope.low / curve.low).mid()
            x = (x - step).mid()
            inside = (high - low) * BESIDE
            if not low + inside < x < high - inside:
                end = low if x <= low + inside else high
                if end in ends or self._known(index, end):
                    return False
                x = end
                ends.append(end)
        return False

    def _at(self, index: int, x: Enclosure) -> Enclosure:
        return self._read(index, x)[0]

    def _read(self, index: int, x: Enclosure) -> list[Enclosure]:
        """d^(order), in an envelope, and two more derivatives; all reals where it cannot be read."""
        side = 1 if x.low >= CORE else -1 if x.high <= -CORE else 0
        try:
            found = self.gap.read(index, side, self.order, x)
        except (TypeError, ZeroDivisionError, ValueError):
            found = [Enclosure(arb(-inf), arb(inf))] * 3
        if (index, side) in self.envelopes:
            with suppress(TypeError, ZeroDivisionError, ValueError):
                most = self.envelopes[index, side].most(x)
                found = [intersection(found[0], Enclosure(-most, most)), *found[1:]]
        return found

    def _look(self, index: int, low: Any, high: Any) -> None:
        """Settle a cell, or put it among the open ones with a bound of |d| on it."""
        if self._is_steady(index, low, high):
            return
        self.budget.spend(low, high)
        if self.unknown and not self.asked and self.spent > WAVES:
            self._ask_waves()
        x = Enclosure(low, high)
        value, slope, curve = self._read(index, x)
        top = size_of(value)[1]
        if self._below(top):
            self.most = max(self.most, top)
            return
        middle = midpoint(low, high)
        (centre, at_slope, _) = self._read(index, Enclosure(middle))
        least, most = size_of(centre)
        self._take(least, smaller(most, top), float(middle), True)
        if most <= least * (1 + SHARP):  # of sin(1e150) no more is known than of the cell
            self.most = max(self.most, most)
        step = x - Enclosure(middle)
        if slope.finite:
            top = smaller(size_of(centre + slope * step)[1], top)
        if curve.finite:
            top = smaller(size_of(centre + at_slope * step + curve * step * step * 0.5)[1], top)
        if self._below(top):
            self.most = max(self.most, top)
        elif not (self._settle(index, low, high, slope, curve) or self._steady(index, low, high)):
            key = -float(top.upper()) if top.is_finite() else -inf
            place = abs(float(middle)), next(self.serial)
            heappush(self.open, (key, *place, index, low, high, top))

    def _steady(self, index: int, low: Any, high: Any) -> bool:
        """Whether d is shown to be monotone from a cell on out to an infinity.

        d^(order + 1) has one sign there, as a Taylor model in 1/|x| or its factors show. Then the tops
        are the limit, which is known, and the values at the ends. So |d| may come near to its supremum
        without end, which no cutting settles.
        """
        side = 1 if low >= FAR else -1 if high <= -FAR else 0
        tail = self.tails.get((index, side))
        if tail is None or tail.tries == TRIES:
            return False
        tail.tries += 1
        near = low if side > 0 else high
        slope = Program([self._tree(index, side, 1)])
        self.budget.spend(low, high, MODEL * len(slope.steps))
        known = bool(sign_far(slope, side, abs(near)))
        if not known:  # factors tell nothing of what lies beyond the doubles, where the limit is
            far = arb(side * LARGEST)
            outer = Enclosure(near, far) if side > 0 else Enclosure(far, near)
            known = bool(Factors(slope.formulas[0]).sign(outer)) and self._note_end(index, far)
        if known and self._note_end(index, near):
            tail.start = abs(near)
        return tail.start is not None

    def _is_steady(self, index: int, low: Any, high: Any) -> bool:
        """Whether a cell lies where d is monotone out to an infinity."""
        return any(
            tail.start is not None and part == index and (low if side > 0 else -high) >= tail.start
            for (part, side), tail in self.tails.items()
        )

    @property
    def spent(self) -> float:
        """How many cells it took."""
        return self.budget.total - self.budget.left

    def _enough(self, top: Any) -> bool:
        return bool(top - self.least <= self.least * ENOUGH or top - self.least <= SMALL)

    def _below(self, top: Any) -> bool:
        return bool(top <= self.least * (1 + SHARP))

    def _settle(self, index: int, low: Any, high: Any, slope: Enclosure, curve: Enclosure) -> bool:
        """Whether d is monotone on the cell, or has one turning point: its tops are then known."""
        places = [low, high]
        if not (slope.low >= 0 or slope.high <= 0):
            if not (curve.low >= 0 or curve.high <= 0):
                return False
            first, last = (self._read(index, Enclosure(end))[1] for end in places)
            signs = _sign(first), _sign(last)
            if None in signs:
                return False
            if signs[0] != signs[1]:
                turn = self._turn(index, low, high, int(signs[1] or 0))
                if turn is None:
                    return False
                self._note(self._at(index, turn), float(midpoint(turn.low, turn.high)), True)
        return all(self._known(index, end) or self._note_end(index, end) for end in places)

    def _note_end(self, index: int, end: Any) -> bool:
        """Take up the value at an end of a cell, if it has one; the largest doubles stand for infinity."""
        value = self._at(index, Enclosure(end))
        if value.finite:
            number = float(end)
            far = abs(number) >= LARGEST
            size = size_of(value)
            self.ends[index, end] = size[1]
            self._take(*size, copysign(inf, number) if far else number, not far)
        return value.finite

    def _known(self, index: int, end: Any) -> bool:
        """Whether a cell's end is a piece's end, whose limit was taken up at the beginning."""
        return any(
            part == index and (
                (low.finite and end <= exact(low.high).upper())
                or (high.finite and end >= exact(high.low).lower())
            )
            for part, low, high in self.parts
        )  # fmt: skip

    def _turn(self, index: int, low: Any, high: Any, rises: int) -> Enclosure | None:
        """The only root of a monotone d^(order + 1) in a cell, by Newton steps and bisection."""
        for _ in range(160):
            width = high - low
            if width < (abs(low) + abs(high)) * arb("1e-24") or width < arb("1e-300"):
                return Enclosure(low, high)
            middle = midpoint(low, high)
            value = self._read(index, Enclosure(middle))[1]
            slope = self._read(index, Enclosure(low, high))[2]
            if value.low == 0 and value.high == 0:
                return Enclosure(middle)
            ends = narrowed(low, high, value, slope, middle, partial(_sign, value * rises))
            if ends is None:
                break
            low, high = ends
        return None

    def _drain(self) -> Any:
        """Cut the open cells until none can hold more than is known; the bound of those left."""
        try:
            while self.open:
                _, _, _, index, low, high, top = self.open[0]
                if self._below(top) or (self.spent > PATIENCE and self._enough(top)):
                    return top
                heappop(self.open)
                middle = midpoint(low, high)
                if not low < middle < high:
                    return top
                try:
                    self._look(index, low, middle)
                    self._look(index, middle, high)
                except Undecided:
                    return top
        except Undecided:
            return arb(inf)
        return arb(0)

    def _answer(self, ceiling: Any) -> Distance:
        """The distance, if bounds from below and above are near enough; else Undecided."""
        high = max(ceiling, self.most, *self.ends.values())
        low = self.least
        if not self._enough(high):
            top = f"{float(high):.6g}" if high.is_finite() else "infinity"
            raise Undecided(
                f"it lies between {float(low):.6g} and {top} (after {self.budget.total} cells)"
            )
        near = [top for top in self.tops if top.high >= low and self._enough_below(top.low)]
        ends = {top.where for top in near}

        def far(top: _Top) -> bool:
            """What cannot be told from the limit, far out, only comes near to it."""
            return NEAR < abs(top.where) < inf and copysign(inf, top.where) in ends

        best = min((top for top in near if not far(top)), key=_order)
        if self.unknown and abs(best.where) > DOUBTFUL:
            raise Undecided("the limit at infinity stays open")
        # the supremum and the best top may lie apart: the number is taken from what both allow
        number = float(((max(low, best.low) + min(high, best.high)) / 2).mid())
        attained = best.attained and self._is_attained(best, near, high)
        words = "attained" if attained else "almost attained" if best.attained else "approached"
        if low == high and Fraction(float(low)).limit_denominator(10**6) == Fraction(float(low)):
            span = f"is {float(low):.15g}"
        else:
            span = f"in [{_digits(low, ROUND_FLOOR)}, {_digits(high, ROUND_CEILING)}]"
        return Distance(
            number, best.where, outward(low, -inf), outward(high, inf), attained,
            f"{span}, {words} at {best.where:.15g}",
        )  # fmt: skip

    def _is_attained(self, best: _Top, near: list[_Top], high: Any) -> bool:
        """Whether a top is one, as far as can be told, and no limit that may be as large."""
        if high <= best.low or self.unknown:
            return bool(high <= best.high)
        constant = {inf, -inf} - {side * inf for _, side in (*self.tails, *self.envelopes)}
        limits = (top for top in near if not top.attained and top.where not in constant)
        if any(top.high >= best.low for top in limits):
            return False
        # of two tops that mirror one another either may be known better
        alike = [top.high for top in near if top.attained and top.low <= best.high]
        return bool(high <= max(end for end in alike if end <= best.high * (1 + SHARP)))

    def _enough_below(self, size: Any) -> bool:
        """Whether a size can hardly be told from the supremum."""
        gap = self.least - size
        return bool(gap <= self.least * ENOUGH or gap <= SMALL)


def _order(top: _Top) -> tuple[bool, float, bool, float]:
    """Of equal tops the one that is attained, nearest to 0, positive, and known best."""
    return (not top.attained, abs(top.where), top.where < 0, float(top.high - top.low))


def _first(found: tuple[int, float, list[float], int]) -> tuple[bool, float, float, float, int]:
    """What is looked at first: cells, then points; the largest bounds, of equal ones those nearest to 0."""
    index, top, ends, kind = found
    middle = sum(ends) / len(ends)
    return kind == 1, -float(f"{top:.11e}"), abs(middle), middle, index


def _sign(value: Enclosure) -> int | None:
    """1 for >= 0, -1 for <= 0, None: open."""
    if value.low >= 0:
        return 1
    return -1 if value.high <= 0 else None


def _digits(end: Any, rounding: str) -> str:
    """An end with 15 digits, rounded outward."""
    near = outward(end, {ROUND_FLOOR: -inf, ROUND_CEILING: inf}[rounding])
    return f"{Context(15, rounding).create_decimal_from_float(near):g}"
