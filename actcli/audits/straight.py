"""Where a function is a straight line but for a rest whose sign is proved: x/2 below 1e-17, x in a tail.

If f'' keeps its sign s from c to infinity and f approaches the line p*x + q there, then
g = f - p*x - q has the sign of s and falls to 0: its size at one place bounds it from there on. If
f'' keeps its sign between 0 and h, then g = f - f(0) - f'(0)*x has it too, and abs(g/x) rises.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import frexp, inf, nextafter
from typing import Any

import numpy as np

from ..expressions.node import Node
from ..numbers.formats import Format
from ..numbers.types import Floats

CLOSE = Fraction(1, 2**54)  # of the line's value: a quarter of a float64's last place
TINY = Fraction(1, 2**200)  # where the line is 0: far below the formats narrower than double
BITS = 29  # of a slope: its products with float32 numbers are exact
FAR = 120  # lines begin below 2**FAR and above 2**-FAR


@dataclass(frozen=True)
class StraightPart:
    """t = slope*x + level + rest for low < x < high, with abs(rest) far below a unit.

    `side` is the sign of the rest: 0 if there is none.
    """

    low: float
    high: float
    slope: float
    level: float
    side: int

    def inside(self, x: Floats) -> Any:
        """Which of x lie in its interval."""
        return (x > self.low) & (x < self.high)

    def at(self, x: Floats) -> Floats:
        """slope*x + level in float64; a 0 has the sign of the rest."""
        found = np.full(x.shape, self.level) if self.slope == 0 else self.slope * x
        if self.slope and self.level:
            found += self.level
        if self.side:
            found[found == 0] = np.copysign(0.0, self.side)
        return found

    def rounded(self, x: Floats, form: Format) -> Floats:
        """t rounded to a format narrower than double at numbers of float32 or less; nan: not known."""
        line = self.at(x)
        product = self.slope * x
        back = line - product
        exact = (line - back == product) & (back == self.level)
        low, high = (form.nearest(np.nextafter(line, side)) for side in (-inf, inf))
        beyond = 2.0 ** frexp(form.largest)[1]
        ends = [np.clip(end, -beyond, beyond) for end in (low, high)]
        middle = line == (ends[0] + ends[1]) / 2
        beside = {-1: low, 0: form.nearest(line), 1: high}[self.side]
        found = np.where(middle & (low != high), beside, form.nearest(line))
        return np.where(exact, found, np.nan)


def lines(tree: Node, order: int) -> list[StraightPart]:
    """The straight parts of a formula's value (order 0) or gradient (1), as far as they are proved."""
    from ..proofs.points import Undecided
    from ..proofs.shape import Shape

    shape = Shape(tree)
    try:
        pattern = shape.pattern(2)
    except Undecided:
        return []
    found = []
    for search in (_tails, _beside_0) if order == 0 else (_tails,):
        try:
            found += list(search(shape, tree, pattern, order))
        except Undecided:
            continue
    return found + list(_straight(shape, pattern, order))


def _straight(shape: Any, pattern: Any, order: int) -> Iterator[StraightPart]:
    """Pieces on which f'' is 0."""
    for index, part in pattern:
        if part.sign != 0:
            continue
        inside = shape.pieces[index].inside
        slope = _known(shape.value(inside, 1, index))
        value = _known(shape.value(inside, 0, index))
        if slope is None or value is None:
            continue
        line = (slope, value - slope * Fraction(inside)) if order == 0 else (Fraction(0), slope)
        yield from _line(_up(part.low), _down(part.high), *line, 0)


def _tails(shape: Any, tree: Node, pattern: Any, order: int) -> Iterator[StraightPart]:
    for side in (-1, 1):
        _, part = pattern[-1 if side > 0 else 0]
        if not part.sign or (part.high if side > 0 else part.low).finite:
            continue
        approached = shape.asymptote(side)
        if approached is None:
            continue
        slope, level = (_known(end) for end in approached)
        if slope is None or level is None:
            continue
        sign = part.sign if order == 0 else -side * part.sign
        line = (slope, level) if order == 0 else (Fraction(0), slope)
        begin = max(side * (_up(part.low) if side > 0 else _down(part.high)), 2.0**-FAR)
        if line[0]:
            begin = max(begin, float(4 * (abs(line[1] / line[0]) + 1)))
        start = _first(tree, order, side, line, begin)
        if start is not None:
            ends = (start, inf) if side > 0 else (-inf, -start)
            yield from _line(*ends, *line, sign)


def _first(
    tree: Node, order: int, side: int, line: tuple[Fraction, Fraction], begin: float
) -> float | None:
    """A size from `begin` on at which the rest is small; there and from there on."""
    size = begin
    while size < 2.0**FAR:
        x = Fraction(side * size)
        value = line[0] * x + line[1]
        bound = CLOSE * abs(value) if any(line) else TINY
        if _rest(tree, order, x, value) <= _arb(bound):
            return size
        size *= 2.0 if size > 64 else 1.125
    return None


def _beside_0(shape: Any, tree: Node, pattern: Any, order: int) -> Iterator[StraightPart]:
    for side in (-1, 1):
        for index, part in pattern:
            if not part.sign or not (part.low.low <= 0 <= part.high.high):
                continue
            low, high = _up(part.low), _down(part.high)
            if not (low <= 0 < high if side > 0 else low < 0 <= high):
                continue
            if not (part.low.exact or low < 0) or not (part.high.exact or high > 0):
                continue
            value, slope = (_known(shape.value(Fraction(0), k, index)) for k in (0, 1))
            if value != 0 or not slope:
                continue
            size = min(0.5, side * (high if side > 0 else low))
            while size > 2.0**-FAR:
                x = Fraction(side * size)
                if _rest(tree, 0, x, slope * x) <= _arb(CLOSE * abs(slope * x)):
                    ends = (0.0, size) if side > 0 else (-size, 0.0)
                    yield from _line(*ends, slope, Fraction(0), part.sign)
                    break
                size /= 2


def _line(
    low: float, high: float, slope: Fraction, level: Fraction, side: int
) -> Iterator[StraightPart]:
    """The line, if its numbers are floats and its products exact."""
    fits = all(Fraction(float(v)) == v for v in (slope, level)) and low < high
    if fits and _bits(slope) <= BITS:
        yield StraightPart(low, high, float(slope), float(level), side)


def _bits(value: Fraction) -> int:
    over = abs(value.numerator)
    return 0 if over == 0 else (over // (over & -over)).bit_length()


def _rest(tree: Node, order: int, x: Fraction, line: Fraction) -> Any:
    """An upper bound of the distance between the truth at x and a rational number, in Arb."""
    from flint import arb, ctx

    from ..numbers.near_rational import known_at

    with ctx.workprec(256):
        gap = abs((known_at(tree.read_once, x, order) - line).ball)
        return gap.upper() if gap.is_finite() else arb(inf)


def _arb(value: Fraction) -> Any:
    from flint import arb, fmpq

    return arb(fmpq(value.numerator, value.denominator)).lower()


def _known(value: Any) -> Fraction | None:
    """The number that an enclosure holds, if it is one."""
    if not getattr(value, "finite", False) or value.low != value.high:
        return None
    exact = value.low.fmpq()
    return Fraction(int(exact.p), int(exact.q))


def _up(place: Any) -> float:
    """A double not below a place."""
    number = float(place.high)
    return number if number >= place.high else nextafter(number, inf)


def _down(place: Any) -> float:
    """A double not above a place."""
    number = float(place.low)
    return number if number <= place.low else nextafter(number, -inf)
