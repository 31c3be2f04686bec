"""erf, erfc and the normal distribution for wide and float64 arrays.

numpy has none of them and scipy stops at float64. Upper tails are written exp(-rate*t^2/2) * f(t):
rate 1 gives the normal distribution's, rate 2 erfc. f falls gently, like 1/t, and f' = rate*t*f - b
with b = sqrt(rate^3/(2 pi)), so its Taylor coefficients on a grid follow from one another. They are
made once, in integer arithmetic. Beyond the grid f is Laplace's continued fraction.
"""

from functools import cache
from math import isqrt
from typing import Any

import numpy as np

from .wide import is_wide, narrowed, wide_type, widened

Floats = Any  # an array of wide numbers or float64

PER_UNIT = 32  # grid points per unit, so that t is within 1/64 of one
LIMIT = 16  # end of the grid
SERIES_LIMIT = 0.5  # below it erf is its power series
# For long double (pairs of doubles): the degree of the Taylor polynomials, which leave out less than
# 2^-68 (2^-97) of f; the depth of the continued fraction, exact to 2^-64 (2^-95) from LIMIT on; and
# the terms of the power series, of which what is left out is below 2^-66 (2^-96).
LONG = wide_type() is np.longdouble
DEGREE, FRACTION_DEPTH, SERIES_TERMS = (10, 12, 15) if LONG else (15, 28, 20)
# From these on doubles are enough: a power of t, a level of the fraction (each is 1/85 of the last).
COARSE, FRACTION_WIDE = (DEGREE + 1, 2) if LONG else (7, 7)

_PI = "3.14159265358979323846264338327950288419716939937510"
_BITS = 128  # of the integers, after the point


def pi(dtype: Any) -> Any:
    """pi as a number of that type."""
    return dtype(_PI)


@cache
def coefficients(rate: int) -> Floats:
    """Taylor coefficients of f: wide, of shape (DEGREE + 1, LIMIT*PER_UNIT + 1).

    Column k holds those at t = k/PER_UNIT.
    """
    terms = DEGREE + 5  # a step goes from point to point, twice as far as the polynomials
    two_pi = (2 * int(_PI.replace(".", "")) << _BITS) // 10**50
    slope = isqrt((rate**3 << 3 * _BITS) // two_pi)
    below = LIMIT << _BITS
    for n in range(60, 0, -1):
        below = (LIMIT << _BITS) + (n << 2 * _BITS) // (rate * below)
    value = (slope << _BITS) // (rate * below)
    columns = []
    # Downwards an error shrinks like exp(t^2/2); upwards it would grow.
    for k in range(LIMIT * PER_UNIT, -1, -1):
        column = [value, rate * k * value // PER_UNIT - slope]
        for n in range(2, terms):
            column.append(rate * (k * column[-1] // PER_UNIT + column[-2]) // n)
        columns.append(column)
        value = 0
        for coefficient in reversed(column):
            value = coefficient - value // PER_UNIT
    rows = []
    for n in range(DEGREE + 1):
        row = [column[n] for column in reversed(columns)]
        high = np.array([c >> 66 for c in row])  # both halves fit into 64 bits
        low = np.array([(c & (1 << 66) - 1) >> 4 for c in row])
        rows.append(np.ldexp(widened(high), 66 - _BITS) + np.ldexp(widened(low), 4 - _BITS))
    return np.stack(rows)


@cache
def bell(rate: int) -> Floats:
    """exp(-rate*t^2/2) at the points of the grid, wide."""
    grid = widened(np.arange(LIMIT * PER_UNIT + 1)) / PER_UNIT
    return np.exp(-rate * grid * grid / 2)


@cache
def _weighted(rate: int, dtype: Any) -> list[Floats]:
    """The rows of coefficients times the bell, in that type, but where doubles are enough."""
    table = coefficients(rate) * bell(rate)
    rows = [table[n].astype(dtype) for n in range(DEGREE + 1)]
    return rows[:COARSE] + [narrowed(row) for row in rows[COARSE:]]


def fraction(t: Floats, rate: int) -> Floats:
    """f(t) for t >= LIMIT; what is deep in the fraction needs only the digits of doubles."""
    real = t.dtype.type
    near = narrowed(t)
    rest: Floats = 0 * near
    for n in range(FRACTION_DEPTH, FRACTION_WIDE, -1):
        rest = n / rate / (near + rest)
    for n in range(FRACTION_WIDE, 0, -1):
        rest = real(n) / rate / (t + rest)
    return np.sqrt(rate / (2 * pi(real))) / (t + rest)


def _upper_near(t: Floats, rate: int) -> Floats:
    column = np.rint(narrowed(t) * PER_UNIT).astype(np.intp)
    grid = column / PER_UNIT
    h = t - grid
    near = narrowed(h)
    table = _weighted(rate, t.dtype.type)
    upper = table[DEGREE].take(column)
    for n, row in enumerate(table[DEGREE - 1 :: -1]):
        upper = upper * (h if DEGREE - n <= COARSE else near) + row.take(column)
    return upper * np.exp(h * (t + grid) * (-rate / 2))


def _upper_far(t: Floats, rate: int) -> Floats:
    t = np.minimum(t, 300)  # 0 in every type
    grid = np.rint(t * PER_UNIT) / PER_UNIT
    # In one exp the rounding of t^2 would be magnified.
    head = np.exp(-rate * grid * grid / 2)
    return head * (np.exp((grid - t) * (grid + t) * rate / 2) * fraction(t, rate))


def _upper(t: Floats, rate: int) -> Floats:
    """The upper tail at t >= 0 (or nan), one-dimensional."""
    near = t < LIMIT
    if near.all():
        return _upper_near(t, rate)
    upper = np.empty_like(t)
    upper[near] = _upper_near(t[near], rate)
    upper[~near] = _upper_far(t[~near], rate)
    return upper


def _flat(x: Any) -> tuple[Floats, tuple[int, ...]]:
    """x as a one-dimensional array of wide numbers or else float64, and its shape."""
    if is_wide(x):
        return x.ravel(), x.shape
    array = np.asarray(x, np.float64)
    return array.ravel(), array.shape


def normal_cdf(x: Any) -> Floats:
    """P(Z < x) for a standard normal Z, relatively accurate in the left tail too.

    Any shape; wide numbers stay wide (error below 2^-61), all else becomes float64 (3 ulp).
    """
    flat, shape = _flat(x)
    with np.errstate(all="ignore"):
        upper = _upper(np.abs(flat), 1)
        return np.where(flat < 0, upper, 1 - upper).reshape(shape)


def erfc(x: Any) -> Floats:
    """1 - erf(x), accurate in the right tail too; shape, dtype and error as `normal_cdf`."""
    flat, shape = _flat(x)
    with np.errstate(all="ignore"):
        upper = _upper(np.abs(flat), 2)
        return np.where(flat < 0, 2 - upper, upper).reshape(shape)


def erf(x: Any) -> Floats:
    """The error function, accurate near 0 too; shape, dtype and error as `normal_cdf`."""
    flat, shape = _flat(x)
    with np.errstate(all="ignore"):
        size = np.abs(flat)
        value = np.copysign(1 - _upper(size, 2), flat)
        near = size < SERIES_LIMIT
        value[near] = _erf_series(flat[near])
        return value.reshape(shape)


def _erf_series(x: Floats) -> Floats:
    real = x.dtype.type
    square = -x * x
    total = np.zeros_like(x)
    factorial = [1]
    for n in range(1, SERIES_TERMS):
        factorial.append(n * factorial[-1])
    for n in range(SERIES_TERMS - 1, 0, -1):
        total = (total + 1 / real(factorial[n] * (2 * n + 1))) * square
    total = total + 1  # after the loop, so that x*total keeps the digits of a subnormal x
    return x * total * (2 / np.sqrt(pi(real)))
