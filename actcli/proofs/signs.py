"""Certifies sign patterns by bisection: intervals on cells, halved where the sign is open, and roots."""

from dataclasses import dataclass
from enum import Enum
from fractions import Fraction
from math import inf
from typing import Any

import numpy as np
from flint import arb, ctx

from ..expressions.canonical import equal, replace
from ..expressions.node import node
from ..expressions.program import Program, derivatives
from ..numbers.arb_points import larger
from ..numbers.interval import LARGEST, Enclosure, enclosure, exact
from ..numbers.interval_array import IntervalArray, bounds
from .exact_values import rational, sign_at, values_at
from .factors import Factors
from .points import Budget, Place, SignInterval, at, cells, midpoint, narrowed, outward
from .taylor_model import TaylorModel

NEGLIGIBLE = arb("1e-300")  # a gradient below this keeps its sign to infinity (PROPERTIES.md)

# First cuts. They are no round numbers, so that roots at round numbers lie inside a cell; but 0 is
# one, for there formulas are often exactly 0.
_STEPS = (0.037, 0.31, 0.93, 2.17, 4.7, 9.3, 21.7, 47.0, 103.0, 391.0, 811.0)
_FAR = tuple(10.0 ** (3.3 * 1.9**k) for k in range(8))
_NEAREST = 4.7  # of the cuts, for an expansion far out
_BESIDE = (1.0, 1e-2, 1e-4, 1e-9, 1e-20)  # widths of cells at 0 from which on an expansion is tried
_COST = 20  # of a step with an expansion to one with an enclosure
_SIMPLE = 1000  # denominators of roots that are tried exactly
_PRECISE = 640  # bits for values next to a root
_ZEROS = 4  # derivatives that are looked at for being exactly 0
_MANY = 8  # cells that are told by arrays
_PLAIN = 1e-290  # not negligible
_FIRST = 20  # open cells before factors are tried if not far out, and misses before they are not
FIRST_CUTS = sorted({0.0, *_STEPS, *_FAR, *(-s for s in _STEPS), *(-s for s in _FAR)})


class Tails(Enum):
    """What becomes of cells on which |g| is negligible."""

    CUT = "cut until the sign is known"
    OPEN = "left open"
    CARRIED = "left open, but far tails take over the sign before them"


@dataclass
class _Cell:
    """A cell with its sign (None: open), whether |g| is negligible on it, and the root at its low end."""

    low: Any
    high: Any
    sign: int | None = None
    tiny: bool = False
    root: Place | None = None


def signs(
    program: Program, low: Place, high: Place, budget: Budget, tails: Tails = Tails.CUT
) -> list[SignInterval]:
    """Certifies the sign pattern of a program's first formula g between two places; its second is g'.

    A stretch of sign 1 or -1 has at most isolated zeros inside; neighbours meet at a root, which is
    isolated to a relative width of 1e-24. Where a sign stays open, so does the stretch.
    """
    first = [_Cell(*ends) for ends in cells(low, high, FIRST_CUTS)]
    if not first:
        return []
    _tell(program, first)
    wide = _Wide(program, low, high, budget)
    settled = _settled(first, program, budget, wide, tails)
    if tails == Tails.CARRIED:
        if not high.finite:
            _carry(settled[::-1])
        if not low.finite:
            _carry(settled)
        settled = [part for cell in settled for part in _cut(cell, program, budget, wide)]
    found = _stretches(_reopened(program, settled, budget), low, high)
    _check_ends(program, found, low, high)
    if all(s.sign is not None for s in found):
        return found
    start, stop = first[0].low, first[-1].high
    simple = wide.factors.simple(Enclosure((start + (stop - start) * 0.4871).mid()))
    if simple is None:
        return found
    return signs(Program(derivatives(simple, 1)), low, high, budget)


def _tell(program: Program, cells: list[_Cell]) -> None:
    """Signs of cells that arrays of intervals tell, all at once; the others stay open.

    By values on the cell, or in its middle with every slope on it. Both ends are rounded outward, of
    cells too, and nothing is told where |g| may be negligible: so each is what Arb would find.
    """
    if len(cells) < _MANY:
        return
    ends = [(outward(cell.low, -inf), outward(cell.high, inf)) for cell in cells]
    x = IntervalArray.of(*np.array(ends).T)
    middles = IntervalArray.points(x.middle)
    both = IntervalArray(np.concatenate([x.ends, middles.ends], axis=1))
    shape, n = both.ends.shape, len(cells)
    value, slope = (
        IntervalArray(np.broadcast_to(bounds(found), shape)) for found in program.run(both)[:2]
    )
    centred = value[n:] + slope[:n] * (x - middles)
    for found in (value[:n], centred):
        for sign, known in ((1, found.low > _PLAIN), (-1, found.high < -_PLAIN)):
            for place in np.flatnonzero(known):
                cells[place].sign = sign


def _cut(cell: _Cell, program: Program, budget: Budget, wide: "_Wide") -> list[_Cell]:
    """The cell, or if it is negligible and open those that it is cut into."""
    if not cell.tiny or cell.sign is not None:
        return [cell]
    found = _settled([cell], program, budget, wide, Tails.CUT)
    found[0].low, found[-1].high = cell.low, cell.high  # what is known further out is known already
    return found


def _settled(
    first: list[_Cell], program: Program, budget: Budget, wide: "_Wide", tails: Tails
) -> list[_Cell]:
    """Cells with their signs, from left to right."""
    cells: list[_Cell] = []
    stack = first[::-1]
    while stack:
        cell = stack.pop()
        if cell.sign is not None:
            budget.spend(cell.low, cell.high, 2 * len(program.steps))
            cells.append(cell)
            continue
        settled = _settle(program, cell, budget, tails)
        left = tails == Tails.OPEN and settled is not None and settled[0].sign is None
        if settled is not None and not left:
            cells += settled
            continue
        if (found := wide.settle(cell)) is not None:
            if found.low < cell.low:
                cells = []  # all are in it
            while stack and stack[-1].low < found.high:
                stack.pop()
            cells.append(found)
            continue
        if settled is not None:
            cells += settled
            continue
        middle = _split(cell.low, cell.high)
        if middle is None or _blurred(program, cell, middle):
            cells.append(_Cell(cell.low, cell.high, None))
        else:
            stack += [_Cell(middle, cell.high), _Cell(cell.low, middle)]
    return cells


class _Wide:
    """Signs by factors, far out and beside 0 by expansions too, tried where cells stay open."""

    def __init__(self, program: Program, low: Place, high: Place, budget: Budget) -> None:
        self.program, self.budget = program, budget
        self.factors = Factors(program.formulas[0])
        self.asked, self.missed = 0, 0  # cells, and how many in a row that factors left open
        self.zeros: dict[Fraction, int] = {}
        self.ends = low, high
        ends = (exact(end.low) for end in self.ends if end.exact and end.finite)
        self.places = [arb(0), *(end for end in ends if end.is_exact() and end != 0)]
        self.tried: set[tuple[int, Any, Any]] = set()  # side, place, and how wide
        self.known: dict[tuple[int, float], int | None] = {}

    def settle(self, cell: _Cell) -> _Cell | None:
        """A cell that holds this one, with its sign; or None."""
        if sign := self.by_factors(cell):
            return _Cell(cell.low, cell.high, sign)
        low, high = self.ends
        outer = not high.finite and cell.low >= _NEAREST and float(cell.low) in FIRST_CUTS
        if outer and (sign := self._sign((1, cell.low))):
            return _Cell(cell.low, arb(LARGEST), sign)
        if not low.finite and cell.high <= -_NEAREST:
            for start in (s for s in FIRST_CUTS if s >= _NEAREST):
                inside = not high.finite or exact(high.low) > -start
                if inside and cell.high <= -start and (sign := self._sign((-1, arb(start)))):
                    return _Cell(arb(-LARGEST), arb(-start), sign)
        for side, near, far in ((1, cell.low, cell.high), (-1, cell.high, cell.low)):
            for place in self.places:
                wide = ((far - place) * side).upper()
                if not (wide < _BESIDE[0] and (near - place) * side >= 0):
                    continue
                if near != place and float(far) not in FIRST_CUTS:
                    continue
                level = far if near != place else sum(1 for limit in _BESIDE if wide < limit)
                if (side, place, level) not in self.tried:
                    self.tried.add((side, place, level))
                    if sign := self._read(TaylorModel.beside(place, side, wide), place):
                        return _Cell(cell.low, cell.high, sign)
        return None

    def by_factors(self, cell: _Cell) -> int | None:
        """Tried far out, and elsewhere once many cells were open, until it is of no use."""
        far = cell.low >= _NEAREST or cell.high <= -_NEAREST
        self.asked += 1
        if not far and (self.asked <= _FIRST or self.missed > _FIRST):
            return None
        self.budget.spend(cell.low, cell.high, _COST * len(self.program.steps))
        sign = self.factors.sign(Enclosure(cell.low, cell.high))
        self.missed = 0 if sign else self.missed + 1
        return sign

    def _sign(self, far: tuple[int, Any]) -> int | None:
        key = far[0], float(far[1])
        if key not in self.known:
            self.known[key] = self._read(TaylorModel.far(*far))
        return self.known[key]

    def _read(self, x: TaylorModel, place: Any = None) -> int | None:
        self.budget.spend(0, 0, _COST * len(self.program.steps))
        try:
            found = x.of(self.program.run(x)[0])
        except (ArithmeticError, TypeError, ValueError):
            return None
        analytic = found.power >= 0 and not found.exponent
        if found.sign is None and place is not None and analytic:
            found = found.without(self._zeros(fraction(place)))
        return found.sign

    def _zeros(self, place: Fraction) -> int:
        """How many derivatives of g, itself the first, are proved to be exactly 0 at a place."""
        if place not in self.zeros:
            tree, count = self.program.formulas[0], 0
            while count < _ZEROS and equal(replace(tree, node(place)), node(0)):
                tree, count = derivatives(tree, 1)[1], count + 1
            self.zeros[place] = count
        return self.zeros[place]


def _settle(
    program: Program, cell: _Cell, budget: Budget, tails: Tails = Tails.CUT
) -> list[_Cell] | None:
    """The cell with its sign, or the two sides of its only root, or None: open."""
    budget.spend(cell.low, cell.high, 2 * len(program.steps))
    x = Enclosure(cell.low, cell.high)
    value, slope = (enclosure(v) for v in program.run(x)[:2])
    sign = _weak(value)
    tiny = bool(value.high < NEGLIGIBLE) and bool(value.low > -NEGLIGIBLE)
    if sign is not None or (tiny and tails != Tails.CUT):
        return [_Cell(cell.low, cell.high, sign, tiny)]
    if not slope.finite:
        return None
    middle = ((cell.low + cell.high) / 2).mid()
    (centre,) = (enclosure(v) for v in program.run(Enclosure(middle))[:1])
    sign = _weak(centre + slope * (x - Enclosure(middle)))
    if sign is not None:
        return [_Cell(cell.low, cell.high, sign)]
    rises = _weak(slope)
    if rises in (None, 0):
        return None
    first, last = (_weak(values_at(program, Enclosure(e))[0]) for e in (cell.low, cell.high))
    if first is None or last is None:
        return None
    if first * last >= 0:
        return [_Cell(cell.low, cell.high, first or last)]
    root = _refine(program, cell, int(rises or 0), budget)
    if root is None:
        return None
    below, above = exact(root.low).lower(), exact(root.high).upper()
    return [_Cell(cell.low, below, first), _Cell(above, cell.high, last, root=root)]


def _weak(value: Enclosure) -> int | None:
    """1 for >= 0, -1 for <= 0, 0 for 0 alone."""
    if value.low >= 0:
        return 0 if value.high == 0 else 1
    return -1 if value.high <= 0 else None


def _refine(program: Program, cell: _Cell, rises: int, budget: Budget) -> Place | None:
    """The root of a monotone g in a cell, by interval Newton steps and bisection."""
    low, high = cell.low, cell.high
    for _ in range(200):
        width = high - low
        if width < abs(low + high) * arb("1e-26") or width < arb("1e-320"):
            break
        budget.spend(low, high, 2 * len(program.steps))
        middle = ((low + high) / 2).mid()
        point = Enclosure(middle)
        value = enclosure(program.run(point)[0])
        slope = enclosure(program.run(Enclosure(low, high))[1])
        if value.low == 0 and value.high == 0:
            return at(fraction(middle))

        def side(value: Enclosure = value, point: Enclosure = point) -> int | None:
            sign = _weak(value)
            if sign is None:  # near a root of higher order
                with ctx.workprec(_PRECISE):
                    sign = _weak(enclosure(program.run(point)[0]))
            return None if sign is None else sign * rises

        ends = narrowed(low, high, value, slope, middle, side)
        if ends is None:
            break
        low, high = ends
    if not high - low < (abs(low) + abs(high)) * arb("1e-14") + arb("1e-30"):
        return None
    root = Place(fraction(low), fraction(high))
    simple = ((Fraction(root.low) + Fraction(root.high)) / 2).limit_denominator(_SIMPLE)
    if root.low <= simple <= root.high and rational(program.formulas[0], simple) == 0:
        return at(simple)
    return root


def fraction(end: Any) -> Fraction:
    """An exact Arb number as a fraction."""
    mantissa, exponent = end.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _blurred(program: Program, cell: _Cell, middle: Any) -> bool:
    """Whether even points of a small cell have values that cannot be told from 0."""
    size = larger(abs(cell.low), abs(cell.high))
    if not (size < arb("1e-20") or cell.high - cell.low < size * 1e-6):
        return False
    other = (cell.low + (cell.high - cell.low) * 0.71).mid()
    return all(values_at(program, Enclosure(x))[0].sign is None for x in (middle, other))


def _split(low: Any, high: Any) -> Any:
    """A point inside the cell, or None if it is too small."""
    if high - low < (abs(low) + abs(high)) * 1e-13 or high - low < arb("1e-290"):
        return None
    if low * high == 0 and high - low < _BESIDE[1]:  # magnitudes, not halves
        return ((low + high) * 0.0137).mid()
    return midpoint(low, high, 0.4871)


def _reopened(program: Program, cells: list[_Cell], budget: Budget) -> list[_Cell]:
    """Neighbouring open cells tried once more as one: a root may sit on their common end."""
    result: list[_Cell] = []
    for cell in cells:
        if cell.sign is None and not cell.tiny and result:
            before = result[-1]
            if before.sign is None and not before.tiny and before.root is None:
                joined = _Cell(before.low, cell.high)
                settled = _settle(program, joined, budget)
                result[-1:] = settled if settled is not None else [joined]
                continue
        result.append(cell)
    return result


def _check_ends(program: Program, found: list[SignInterval], low: Place, high: Place) -> None:
    """Opens the stretch at an end where g has the other sign: a root lies beyond the last cell.

    Cells end beside a number that Arb does not hold, such as 3/10.
    """
    for index, end in ((0, low), (-1, high)):
        part = found[index]
        if not (end.exact and end.finite and part.sign) or exact(end.low).is_exact():
            continue
        if sign_at(program.formulas[0], Fraction(end.low)) == -part.sign:
            found[index] = part._replace(sign=None)


def _carry(cells: list[_Cell]) -> None:
    """Let open cells in the far tail that comes first, where |g| is negligible, take over the sign
    before them."""
    count = next((k for k, cell in enumerate(cells) if not cell.tiny), 0)
    for cell, before in zip(cells[:count][::-1], cells[1 : count + 1][::-1], strict=True):
        if cell.sign is None:
            cell.sign = before.sign


def _stretches(cells: list[_Cell], low: Place, high: Place) -> list[SignInterval]:
    """Cells as stretches: neighbours of one sign are joined, but at a root."""
    found: list[SignInterval] = []
    for cell in cells:
        start = cell.root or at(fraction(cell.low))
        if found and found[-1].sign == cell.sign and cell.root is None:
            continue
        if found and found[-1].sign == cell.sign and cell.sign is not None:
            continue
        if found:
            found[-1] = SignInterval(found[-1].low, start, found[-1].sign)
        found.append(SignInterval(start if found else low, high, cell.sign))
    return found
