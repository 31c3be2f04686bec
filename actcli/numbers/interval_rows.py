"""Arithmetic of intervals as rows: -low and high of many cells in one array, both rounded up.

An end is never -inf: a low end beyond the doubles is the largest of them. inf and nan say that
nothing is known. Sums that are 0 are exact, and a product is 0 where a factor is: such ends stay
sharp. All else is rounded to the next number above the nearest, which is not below the true value.
Callers turn numpy's warnings off.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from math import inf
from typing import Any

import numpy as np

from .types import Floats

Rows = Floats  # of shape (2, n), or (2, 1) for one interval in all cells

LARGEST = 1.7976931348623157e308
TINY = (
    2.0**-1022
)  # what a computed value may be off beside its relative error: the least normal number
FARTHEST = 10**6  # exponents that are multiplied out


def opposite(a: Rows) -> Rows:
    """-a."""
    return a[::-1]


def plus(a: Rows, b: Rows) -> Rows:
    """a + b."""
    total: Rows = a + b
    return np.nextafter(total, inf, out=total, where=total != 0)


def minus(a: Rows, b: Rows) -> Rows:
    """a - b."""
    return plus(a, b[::-1])


def times(a: Rows, b: Rows) -> Rows:
    """a*b; 0 times an infinite end is 0."""
    if a.shape[1] == 1:
        a, b = b, a
    if b.shape[1] == 1 and -b[0, 0] == b[1, 0]:
        return _scaled(a, float(b[1, 0]))
    products: Rows = np.empty((2, 2, a.shape[1]))
    np.multiply(a, b[::-1], out=products[0])  # a0*b1 and a1*b0, of which -low is one,
    np.multiply(a, b, out=products[1])  # a0*b0 and a1*b1, of which high is one,
    highest, lowest = products.max(axis=1), products.min(axis=1)
    found: Rows = np.maximum(highest, -lowest[::-1])  # or the opposite of one of the others
    if not np.abs(found).min() > 0:
        return _sharp_product(a, b)
    return np.nextafter(found, inf, out=found)


def _sharp_product(a: Rows, b: Rows) -> Rows:
    """a*b with each of the four products rounded alone, those with a factor 0 not at all."""
    turned = np.concatenate((b, -b))
    found = []
    for row in a:
        members = np.logical_and(row, turned)
        product = np.zeros(turned.shape if turned.shape[1] > 1 else (4, a.shape[1]))
        np.multiply(row, turned, out=product, where=members)
        found.append(np.nextafter(product, inf, out=product, where=members))
    one, other = found
    low = np.maximum(np.maximum(one[1], one[2]), np.maximum(other[0], other[3]))
    high = np.maximum(np.maximum(one[0], one[3]), np.maximum(other[1], other[2]))
    return np.stack((low, high))


def _scaled(a: Rows, factor: float) -> Rows:
    """a times one number."""
    if factor == 0:
        return np.zeros_like(a)
    if factor < 0:
        a, factor = a[::-1], -factor
    if factor == 1:
        return a
    found: Rows = a * factor
    return np.nextafter(found, inf, out=found, where=a != 0)


def over(a: Rows, b: Rows) -> Rows:
    """a/b; where b holds 0 as an end alone, its quotients are unbounded to one side."""
    inverse = _inverse(b)
    return inverse if a.shape[1] == 1 and a[1, 0] == 1 == -a[0, 0] else times(a, inverse)


def _inverse(b: Rows) -> Rows:
    """1/b."""
    found: Rows = (-1 / b)[::-1]
    np.nextafter(found, inf, out=found, where=found != 0)
    around = (b[0] >= 0) & (b[1] >= 0)
    if around.any():
        nothing = (b == 0).all(axis=0)
        found[0, around & ((b[0] != 0) | nothing)] = inf
        found[1, around & ((b[1] != 0) | nothing)] = inf
    return found


def larger(a: Rows, b: Rows) -> Rows:
    """max(a, b)."""
    return np.stack((np.minimum(a[0], b[0]), np.maximum(a[1], b[1])))


def smaller(a: Rows, b: Rows) -> Rows:
    """min(a, b)."""
    return np.stack((np.maximum(a[0], b[0]), np.minimum(a[1], b[1])))


def size(a: Rows) -> Rows:
    """|a|."""
    return np.stack((np.minimum(np.minimum(a[0], a[1]), 0.0), np.maximum(a[0], a[1])))


def spread(rows: Rows, relative: float | Rows) -> Rows:
    """Computed rows, rounded up by a relative error and the least normal number; in place."""
    np.maximum(rows, -LARGEST, out=rows)
    margin = np.abs(rows)
    margin *= relative
    margin += TINY
    rows += margin
    return rows


def signed(rows: Rows, a: Rows) -> Rows:
    """Rows of what has the sign of a, and is 0 where a is: no end beyond 0; in place."""
    return np.minimum(rows, 0.0, out=rows, where=a <= 0)


@cache
def raised(exponent: Any) -> Callable[[Rows], Rows]:
    """What raises to an exact exponent; all reals where the base has no such power in part."""
    factor = Fraction(exponent)
    if factor.denominator == 1 and abs(factor) < FARTHEST:
        n = int(factor)
        if n < 0:
            return lambda a: _inverse(_multiplied_out(a, -n))
        return lambda a: _multiplied_out(a, n)
    if factor == Fraction(1, 2):
        return root
    if factor == Fraction(-1, 2):
        return lambda a: _inverse(root(a))
    near = float(factor)
    known = np.array([[-np.nextafter(near, -inf)], [np.nextafter(near, inf)]])
    return lambda a: power(a, known)


def _multiplied_out(a: Rows, n: int) -> Rows:
    """a**n: of the ends, each by at most 2*log2(n) products, which err by less than n roundings."""
    if n == 0:
        return np.stack((np.full_like(a[0], -1.0), np.ones_like(a[0])))
    if n == 1:
        return a
    base = a if n % 2 else size(a)
    found: Any = 1.0
    factor, left = base, n
    while left:
        if left % 2:
            found = found * factor
        left //= 2
        factor = factor * factor
    if n % 2 == 0:
        found[0] *= -1
    return signed(spread(found, (n + 2) * 2.0**-52), base)


def root(a: Rows) -> Rows:
    """The square root."""
    found: Rows = np.sqrt(np.stack((-a[0], a[1])))
    found[0] *= -1
    np.nextafter(found, inf, out=found, where=(found != 0) & (found < inf))
    found[np.isnan(found)] = inf
    np.minimum(found, np.array([[0.0], [inf]]), out=found, where=a[0] <= 0)
    return found


def exponential(a: Rows) -> Rows:
    """exp(a)."""
    found: Rows = np.exp(np.stack((-a[0], a[1])))
    found[0] *= -1
    found = spread(found, MARGIN)
    found[0] = np.minimum(found[0], 0.0)
    found[1] = np.where(a[1] < VANISHED, LEAST, found[1])
    return found


def logarithm(a: Rows) -> Rows:
    """log(a); unbounded where a is not positive."""
    low, high = -a[0], a[1]
    found: Rows = np.log(np.stack((low, high)))
    found[0] = np.where(low > 0, -found[0], inf)
    found[1] = np.where(high >= 0, found[1], inf)
    return spread(found, MARGIN)


def power(a: Rows, exponent: Rows) -> Rows:
    """a**exponent, for a >= 0; all reals where a is negative in part."""
    found = exponential(times(exponent, logarithm(a)))
    unknown: Rows = np.where(a[0] > 0, inf, found)
    return unknown


VANISHED = -746.0  # exp of what is smaller is below LEAST, the least double above 0
LEAST = 2.0**-1074
# what numpy's functions may err by, relative to the value: 16 roundings, where good libraries have 1 to 4
MARGIN = 2.0**-49
