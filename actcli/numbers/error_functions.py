"""erf, erfc and the normal distribution for longdouble and float64 arrays.

numpy has none of them and scipy stops at float64. Upper tails are written exp(-rate*t^2/2) * f(t):
rate 1 gives the normal distribution's, rate 2 erfc. f falls gently, like 1/t, and f' = rate*t*f - b
with b = sqrt(rate^3/(2 pi)), so its Taylor coefficients on a grid follow from one another. They are
made once, in integer arithmetic. Beyond the grid f is Laplace's continued fraction.
"""

from functools import cache
from math import isqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

Floats = Any  # an array of longdouble or float64

PER_UNIT = 32  # grid points per unit, so that t is within 1/64 of one
LIMIT = 16  # end of the grid
DEGREE = 10  # of the Taylor polynomials: what they leave out is below 2^-68 of f
FRACTION_DEPTH = 12  # of the continued fraction: exact to 2^-64 from LIMIT on
SERIES_LIMIT = 0.5  # below it erf is its power series,
SERIES_TERMS = 15  # of which what is left out is below 2^-66

_PI = "3.14159265358979323846264338327950288419716939937510"
_BITS = 128  # of the integers, after the point


def pi(dtype: Any) -> Any:
    """pi as a number of that type."""
    return dtype(_PI)


@cache
def coefficients(rate: int) -> Floats:
    """Taylor coefficients of f: longdouble of shape (DEGREE + 1, LIMIT*PER_UNIT + 1).

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
    table = np.empty((DEGREE + 1, len(columns)), np.longdouble)
    for n in range(DEGREE + 1):
        row = [column[n] for column in reversed(columns)]
        high = np.array([c >> 66 for c in row])  # both halves fit into 64 bits
        low = np.array([(c & (1 << 66) - 1) >> 4 for c in row])
        table[n] = np.ldexp(high.astype(np.longdouble), 66 - _BITS)
        table[n] += np.ldexp(low.astype(np.longdouble), 4 - _BITS)
    return table


@cache
def bell(rate: int) -> Floats:
    """exp(-rate*t^2/2) at the points of the grid, longdouble."""
    grid = np.arange(LIMIT * PER_UNIT + 1).astype(np.longdouble) / PER_UNIT
    return np.exp(-rate * grid * grid / 2)


@cache
def _weighted(rate: int, dtype: Any) -> Floats:
    return (coefficients(rate) * bell(rate)).astype(dtype)


def fraction(t: Floats, rate: int) -> Floats:
    """f(t) for t >= LIMIT."""
    real = t.dtype.type
    below = t
    for n in range(FRACTION_DEPTH, 0, -1):
        below = t + real(n) / rate / below
    return np.sqrt(rate / (2 * pi(real))) / below


def _upper_near(t: Floats, rate: int) -> Floats:
    grid = np.rint(t * PER_UNIT)
    column = grid.astype(np.intp)
    grid /= PER_UNIT
    h = t - grid
    table = _weighted(rate, t.dtype.type)
    upper = table[DEGREE].take(column)
    for row in table[DEGREE - 1 :: -1]:
        upper *= h
        upper += row.take(column)
    h *= t + grid
    h *= -rate / 2
    upper *= np.exp(h)
    return upper


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


def _flat(x: ArrayLike) -> tuple[Floats, tuple[int, ...]]:
    """x as a one-dimensional array of longdouble or else float64, and its shape."""
    array = np.asarray(x)
    dtype = np.longdouble if array.dtype == np.longdouble else np.float64
    return array.astype(dtype, copy=False).ravel(), array.shape


def normal_cdf(x: ArrayLike) -> Floats:
    """P(Z < x) for a standard normal Z, relatively accurate in the left tail too.

    Any shape; longdouble stays longdouble (error below 2^-61), all else becomes float64 (3 ulp).
    """
    flat, shape = _flat(x)
    with np.errstate(all="ignore"):
        upper = _upper(np.abs(flat), 1)
        return np.where(flat < 0, upper, 1 - upper).reshape(shape)


def erfc(x: ArrayLike) -> Floats:
    """1 - erf(x), accurate in the right tail too; shape, dtype and error as `normal_cdf`."""
    flat, shape = _flat(x)
    with np.errstate(all="ignore"):
        upper = _upper(np.abs(flat), 2)
        return np.where(flat < 0, 2 - upper, upper).reshape(shape)


def erf(x: ArrayLike) -> Floats:
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
        total += 1 / real(factorial[n] * (2 * n + 1))
        total *= square
    total += 1  # after the loop, so that x*total keeps the digits of a subnormal x
    return x * total * (2 / np.sqrt(pi(real)))
