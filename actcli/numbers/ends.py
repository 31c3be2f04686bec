"""Arithmetic of enclosures, on the pairs of exact ends that they hold; results are rounded outward.

Proofs spend most of their time here. Ends are compared with Arb numbers, which is ten times as fast as
with ints; and as a nan is not below anything, one comparison of the two new ends finds it.
"""

from collections.abc import Callable
from typing import Any

from flint import arb

from . import arb_points
from .arb_points import INFINITY, ONE, ZERO, larger, smaller

Ends = tuple[arb, arb]
EVERYTHING: Ends = (-INFINITY, INFINITY)


def outward(low: arb, high: arb) -> Ends:
    """The lower end of one ball and the upper end of another; a nan says nothing."""
    low, high = low.lower(), high.upper()
    if low <= high:
        return low, high
    return (-INFINITY if low.is_nan() else low), (INFINITY if high.is_nan() else high)


def negated(x: Ends) -> Ends:
    return -x[1], -x[0]


def added(x: Ends, y: Ends) -> Ends:
    low, high = (x[0] + y[0]).lower(), (x[1] + y[1]).upper()
    return (low, high) if low <= high else outward(low, high)


def subtracted(x: Ends, y: Ends) -> Ends:
    low, high = (x[0] - y[1]).lower(), (x[1] - y[0]).upper()
    return (low, high) if low <= high else outward(low, high)


def multiplied(x: Ends, y: Ends) -> Ends:
    """The product; an end of 0 times an infinite one is 0, for the infinity is a bound, not a member."""
    a, b = x
    c, d = y
    if a >= ZERO:
        p, q, r, s = (a if c >= ZERO else b), c, (a if d <= ZERO else b), d
    elif b <= ZERO:
        p, q, r, s = (b if d <= ZERO else a), d, (b if c >= ZERO else a), c
    elif c >= ZERO:
        p, q, r, s = a, d, b, d
    elif d <= ZERO:
        p, q, r, s = b, c, a, c
    else:
        below, above = (_times(a, d), _times(b, c)), (_times(a, c), _times(b, d))
        return outward(smaller(*(p.lower() for p in below)), larger(*(p.upper() for p in above)))
    low, high = (p * q).lower(), (r * s).upper()
    return (low, high) if low <= high else outward(_times(p, q), _times(r, s))


def _times(a: arb, b: arb) -> arb:
    return ZERO if a == ZERO or b == ZERO else a * b


def divided(x: Ends, y: Ends) -> Ends:
    low, high = y
    if low > ZERO or high < ZERO:
        return multiplied(x, ((ONE / high).lower(), (ONE / low).upper()))
    if low == ZERO and high > ZERO:
        return multiplied(x, ((ONE / high).lower(), INFINITY))
    if high == ZERO and low < ZERO:
        return multiplied(x, (-INFINITY, (ONE / low).upper()))
    return EVERYTHING


def larger_of(x: Ends, y: Ends) -> Ends:
    return larger(x[0], y[0]), larger(x[1], y[1])


def smaller_of(x: Ends, y: Ends) -> Ends:
    return smaller(x[0], y[0]), smaller(x[1], y[1])


def to_whole_power(x: Ends, n: int) -> Ends:
    if n < 0:
        return divided((ONE, ONE), to_whole_power(x, -n))
    low, high = _power(x[0], n), _power(x[1], n)
    if n % 2 or x[0] >= ZERO:
        return outward(low, high)
    if x[1] <= ZERO:
        return outward(high, low)
    return outward(ZERO, larger(low.upper(), high.upper()))


def _power(end: arb, n: int) -> arb:
    return end**n if end.is_finite() or n == 0 else (end if n % 2 else INFINITY)


def rising(name: str) -> Callable[[Ends], Ends]:
    """A rising primitive: exact at both ends."""
    point = arb_points.RISING[name][0]

    def apply(x: Ends) -> Ends:
        low, high = x
        if not (low.is_finite() and high.is_finite()):
            return outward(arb_points.at(name, low)[0], arb_points.at(name, high)[1])
        first: Any = point(low)
        last: Any = first if high is low else point(high)
        return outward(first.lower(), last.upper())

    return apply
