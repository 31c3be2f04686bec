"""erf, erfc and the normal distribution for wide and float64 arrays.

numpy has none of them and scipy stops at float64. Upper tails are the sum of midpoints that stands for
erfc(x) = (2x/pi) exp(-x^2) int_0^inf exp(-u^2)/(u^2 + x^2) du, and what the pole at ix adds to it (Matta
and Reichel 1971): all terms are positive, and what is left out shrinks like exp(-(pi/step)^2). `rate` 1
gives the normal distribution's tail at t = x*sqrt(2), 2 that of erfc at t = x.
"""

from functools import cache
from typing import Any

import numpy as np

from .wide import is_wide, narrowed, wide_type, widened

Floats = Any  # an array of wide numbers or float64

PER_UNIT = 32  # grid points per unit, so that t is within 1/64 of one
LIMIT = 16  # end of the table of exp on that grid
SERIES_LIMIT = 0.5  # below it erf is its power series
# For long double (pairs of doubles): 1/step^2, which leaves out 2^-71 (2^-99); how many terms there are,
# and how many of them need more than the digits of doubles; and the terms of the power series, of
# which what is left out is below 2^-66 (2^-96).
LONG = wide_type() is np.longdouble
DENSITY, TERMS, WIDE_TERMS, SERIES_TERMS = (5, 16, 6, 15) if LONG else (7, 22, 15, 20)

_PI = "3.14159265358979323846264338327950288419716939937510"


def pi(dtype: Any) -> Any:
    """pi as a number of that type."""
    return dtype(_PI)


@cache
def bell(rate: int) -> Floats:
    """exp(-rate*t^2/2) at the points of the grid, wide."""
    grid = widened(np.arange(LIMIT * PER_UNIT + 1)) / PER_UNIT
    return np.exp(-rate * grid * grid / 2)


@cache
def _terms(rate: int, dtype: Any) -> list[tuple[Any, Any]]:
    """(weight, square of the midpoint) of the terms w/(s + t^2) of the sum, the smallest weight first."""
    squares = [(2 * k + 1) ** 2 for k in range(TERMS)]
    weights = np.exp(-widened(np.array(squares)) / (4 * DENSITY))
    real = [dtype if k < WIDE_TERMS else float for k in range(TERMS)]
    terms = [
        (kind(weights[k]), kind(squares[k]) / (2 * rate * DENSITY)) for k, kind in enumerate(real)
    ]
    return terms[::-1]


def share(t: Floats, rate: int) -> Floats:
    """What the sum gives of exp(rate*t^2/2) times the upper tail at t >= 0: all but the pole's part."""
    square = t * t
    near = narrowed(square)
    terms = _terms(rate, t.dtype.type)
    total: Floats = 0
    for n, (weight, place) in enumerate(terms):
        total = total + weight / ((near if n < TERMS - WIDE_TERMS else square) + place)
    real = t.dtype.type
    return t * total * (np.sqrt(real(2 * rate) / DENSITY) / pi(real))


def _pole(t: Floats, rate: int) -> Floats:
    """What the pole adds to the tail at t >= 0, where that is something."""
    real = t.dtype.type
    return rate / (1 + np.exp(t * (2 * pi(real) * np.sqrt(real(rate * DENSITY) / 2))))


def _upper(t: Floats, rate: int) -> Floats:
    """The upper tail at t >= 0 (or nan), one-dimensional."""
    t = np.minimum(t, 300)  # 0 in every type
    column = np.rint(narrowed(t) * PER_UNIT)
    grid = column / PER_UNIT
    near = grid <= LIMIT
    # In one exp the rounding of t^2 would be magnified.
    if near.all():
        head = bell(rate).take(column.astype(np.intp))
    else:
        head = np.exp(-rate * widened(grid) * grid / 2)
    upper = head.astype(t.dtype.type) * np.exp((grid - t) * (grid + t) * rate / 2) * share(t, rate)
    close = grid < np.sqrt(20 * DENSITY / rate)  # about pi/step
    upper[close] = upper[close] + _pole(t[close], rate)
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
