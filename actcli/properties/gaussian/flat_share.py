"""Certifies how much of a standard normal input meets a gradient that is nearly 0."""

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from flint import arb

from ...expressions.node import node
from ...expressions.program import Program
from ...numbers.ball import Ball, raw
from ...numbers.exact import SATURATED
from ...numbers.interval import Enclosure, enclosure, exact
from ...proofs.exact_values import sign_at, values_at
from ...proofs.points import intersection
from ...proofs.shape import Shape
from .inverse import mass
from .quadrature import REACH, evenly

LIMIT = Fraction(str(SATURATED))
FLAT = exact(LIMIT)


def flat_share(shape: Shape) -> tuple[Any, bool]:
    """P(|f'(Z)| < 0.01) as a ball, and whether all of it is certified."""
    total, open_ = arb(0, 1e-16), arb(0)
    for index, low, high in shape.spans(arb(-REACH), arb(REACH)):
        slope = shape.trees(index, 1)[1]
        if not slope.has_x:
            side = sign_at(node(slope * slope - LIMIT**2), Fraction(0))
            if side is None:
                open_ += mass(low, high)
            elif side < 0:
                total += mass(low, high)
            continue
        for a, b, certain in _flat_parts(shape.program(index, 1), low, high):
            if certain:
                total += mass(a, b)
            else:
                open_ += mass(a, b)
    return total + open_ / 2 + arb(0, open_.upper()), bool(open_ < 1e-9)


def _flat_parts(program: Program, low: Any, high: Any) -> Iterator[tuple[Any, Any, bool]]:
    """Intervals on which |f'| < 0.01, and (False) small ones on which that stays open."""
    stack = evenly(low, high, int(float(high - low) / 1.3))
    spent = 0
    while stack:
        a, b = stack.pop()
        spent += 1
        x = Enclosure(a, b)
        g, bend = (enclosure(v) for v in program.run(x))
        if not _inside(g) and not _outside(g):
            middle = Enclosure(((a + b) / 2).mid())
            centre = enclosure(program.run(middle)[0]) + bend * (x - middle)
            g = intersection(g, centre)
        if _outside(g):
            continue
        if _inside(g):
            yield a, b, True
        elif not any(_told(enclosure(program.run(Enclosure(end))[0])) for end in (a, b)):
            yield a, b, False
        elif bend.low >= 0 or bend.high <= 0:
            rises = bend.low >= 0
            first = _crossing(program, a, b, -FLAT if rises else FLAT, rises)
            last = _crossing(program, a, b, FLAT if rises else -FLAT, rises)
            if first < last:
                yield first, last, True
        elif b - a < 1e-10 or spent > 2500:
            yield a, b, False
        else:
            middle_ = (a + (b - a) * 0.4871).mid()
            stack += [(a, middle_), (middle_, b)]


def _inside(g: Enclosure) -> bool:
    return bool(g.low > -FLAT and g.high < FLAT)


def _outside(g: Enclosure) -> bool:
    return bool(g.low >= FLAT or g.high <= -FLAT)


def _told(g: Enclosure) -> bool:
    """Whether a slope is told from 0.01 and -0.01."""
    return _inside(g) or _outside(g)


def _crossing(program: Program, low: Any, high: Any, level: Any, rises: bool) -> Any:
    """Where a monotone f' crosses a level, to 1e-13; an end if it does not."""

    def gap(x: Any) -> tuple[Any, Any]:
        g, bend = (raw(v) for v in program.run(Ball(x)))
        if g.is_nan():  # a ball of 0 to a broken power
            g = values_at(program, Enclosure(x))[0].low
        return (g - level, bend) if rises else (level - g, -bend)

    first, last = gap(low)[0], gap(high)[0]
    if first.is_finite() and not first < 0:
        return low
    if last.is_finite() and not last > 0:
        return high
    x = ((low + high) / 2).mid()
    for _ in range(100):
        value, slope = gap(x)
        if value < 0:
            low = x
        elif value > 0:
            high = x
        else:
            return x
        if high - low < 1e-13:
            break
        step = (x - value / slope).mid() if slope > 0 else low
        # a step of Newton's and one just beyond it, so that the root is caught between them
        if abs(step - x) < 1e-9:
            step = (step + (1e-14 if step > x else -1e-14)).mid()
        x = step if low < step and step < high else ((low + high) / 2).mid()
    return ((low + high) / 2).mid()
