"""Elementary functions of pairs of doubles, by numpy's names: relative errors near 2^-98.

Arguments are brought near a point of a table by addition theorems; a short series remains, of which only
the first terms need pairs. The tables are made once, in integers.
"""

import operator
from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from .double_double import (
    FOLDED,
    FUNCTIONS,
    HIGH,
    NO_EXPONENT,
    UFUNCS,
    DoubleDouble,
    clip,
    completed,
    in_range,
    lifted,
    maximum,
    minimum,
    outside,
    pair,
    rescaled,
    shifted,
    two_product,
    two_sum,
    where,
)
from .double_double_tables import (
    BITS,
    PIECE,
    PIECES,
    STEPS,
    arctan_table,
    exp_table,
    ln2,
    log_step,
    log_table,
    of_integers,
    pi,
    turns,
    wave_table,
)
from .types import Array

__all__ = ["DoubleDouble"]

FARTHEST_TURN = 1050  # binary exponent of the largest angle
EXP_LIMIT = 2.0**17  # exp is 0 or infinite beyond


# -- parts and roots ------------------------------------------------------------------------------
def exact_product(a: DoubleDouble, b: DoubleDouble) -> tuple[DoubleDouble, DoubleDouble]:
    """a*b as the exact product of the leading doubles and all the rest of it."""
    first, other = pair(a.high, 0.0, a.scale), pair(b.high, 0.0, b.scale)
    return first * other, first * (b - other) + (a - first) * b


def rint(x: DoubleDouble) -> DoubleDouble:
    nearest = np.rint(x.leading)
    if x.scale is not None:  # those of that size are whole
        return where(np.abs(nearest) < HIGH, nearest, x)
    if type(x.low) is float:
        return pair(nearest, x.low)
    return completed(nearest, np.where(nearest == x.high, np.rint(x.low), 0))


def copysign(x: DoubleDouble, of: DoubleDouble) -> DoubleDouble:
    return where(np.signbit(x.high) == np.signbit(of.high), x, -x)


def ldexp(x: DoubleDouble, places: Any) -> DoubleDouble:
    if isinstance(places, DoubleDouble):
        places = places.high.astype(np.int64)
    if x.scale is None and np.abs(places).max(initial=0) < FOLDED:
        found = shifted(x.high, places)
        if not outside(np.abs(found)):
            return pair(found, x.low if type(x.low) is float else shifted(x.low, places))
    scale = places + (0 if x.scale is None else x.scale)
    return rescaled(*np.broadcast_arrays(x.high, x.low, scale))


def frexp(x: DoubleDouble) -> tuple[DoubleDouble, Any]:
    mantissa, low, exponent = x.parts()
    return pair(mantissa, low, None), np.where(exponent == NO_EXPONENT, 0, exponent)


def sqrt(x: DoubleDouble) -> DoubleDouble:
    if x.scale is not None:
        odd = x.scale & 1
        root = sqrt(in_range(shifted(x.high, odd), shifted(x.low, odd)))
        return rescaled(root.high, root.low, (x.scale - odd) // 2)
    first = np.sqrt(x.high)
    square, lost = two_product(first, first)
    left = ((x.high - square) - lost + x.low) / (2 * first)
    return completed(first, np.where(first == 0, 0, left))


def cbrt(x: DoubleDouble) -> DoubleDouble:
    if x.scale is not None:
        rest = x.scale % 3
        root = cbrt(in_range(shifted(x.high, rest), shifted(x.low, rest)))
        return rescaled(root.high, root.low, (x.scale - rest) // 3)
    first = np.cbrt(x.high)
    root = lifted(first)
    left = (x - root * root * root).leading / (3 * first * first)
    return completed(first, np.where(first == 0, 0, left))


# -- series ---------------------------------------------------------------------------------------
def _fraction(over: int, under: int) -> DoubleDouble:
    return DoubleDouble(Fraction(over, under))


def _series(x: DoubleDouble, fine: tuple[Any, ...], coarse: tuple[float, ...]) -> DoubleDouble:
    """The polynomial with these coefficients, constant first; the coarse ones, last, in doubles."""
    near = x.leading
    tail = np.full_like(near, coarse[-1])
    for coefficient in coarse[-2::-1]:
        tail *= near
        tail += coefficient
    total = lifted(tail)
    for coefficient in reversed(fine):
        total = total * x + coefficient
    return total


@cache
def _exp_series() -> tuple[Any, Any]:
    factorial = [1]
    for n in range(1, 12):
        factorial.append(factorial[-1] * n)
    return tuple(_fraction(1, f) for f in factorial[2:4]), tuple(1 / f for f in factorial[4:])


@cache
def _odd_series(sign: int) -> tuple[Any, Any]:
    """Of artanh(x)/x or arctan(x)/x, in powers of x^2."""
    return (
        tuple(_fraction(sign**n, 2 * n + 1) for n in range(2)),
        tuple(sign**n / (2 * n + 1) for n in range(2, 8)),
    )


@cache
def _wave_series() -> tuple[Any, Any, Any, Any]:
    """Of sin(x)/x and cos(x) - 1 over x^2, in powers of x^2."""
    factorial = [1]
    for n in range(1, 16):
        factorial.append(factorial[-1] * n)
    sines = [(-1) ** n * factorial[2 * n + 1] for n in range(7)]
    cosines = [-((-1) ** n) * factorial[2 * n + 2] for n in range(6)]
    return (
        tuple(_fraction(1, f) for f in sines[:2]), tuple(1 / f for f in sines[2:]),
        tuple(_fraction(1, f) for f in cosines[:1]), tuple(1 / f for f in cosines[1:]),
    )  # fmt: skip


# -- exponential ----------------------------------------------------------------------------------
def _whole(x: Array) -> Any:
    """Rounded to integers, nan to 0."""
    near = np.rint(x)
    if np.isnan(near).any():
        near = np.where(np.isnan(near), 0, near)
    return near.astype(np.int64)


def _exp_parts(x: DoubleDouble) -> tuple[Any, DoubleDouble]:
    """n and expm1(r) with x = n*ln(2)/256 + r."""
    n = _whole(x.leading * (STEPS / float(np.log(2))))
    first, second, third = log_step()
    if x.scale is None:
        rounded, lost = two_sum(x.high - n * first, n * -second)  # the difference is exact
        rest = completed(rounded, lost + (x.low - n * third), np.where(n == 0, x.high, rounded))
    else:
        rest = (x - n * first) - n * second - n * third
    fine, coarse = _exp_series()
    return n, rest * (1 + rest * _series(rest, fine, coarse))


def _inside(x: DoubleDouble) -> DoubleDouble:
    small = np.abs(x.leading).max(initial=0) <= EXP_LIMIT
    return x if small else clip(x, -EXP_LIMIT, EXP_LIMIT)


def exp(x: DoubleDouble) -> DoubleDouble:
    n, rest = _exp_parts(_inside(x))
    power = exp_table()[0].take(n & 255)
    found = ldexp(power + power * rest, n >> 8)
    return _beyond(found, x, 0.0, np.inf)


def _beyond(found: DoubleDouble, x: DoubleDouble, low: float, high: float) -> DoubleDouble:
    """`found`, but where x lies beyond +-EXP_LIMIT."""
    near = x.leading
    if np.abs(near).max(initial=0) <= EXP_LIMIT:
        return found
    return where(near > EXP_LIMIT, high, where(near < -EXP_LIMIT, low, found))


def expm1(x: DoubleDouble) -> DoubleDouble:
    n, rest = _exp_parts(_inside(x))
    powers, less = exp_table()
    near = np.abs(n) < STEPS
    few = np.where(near, n, 0)
    found = less.take(few + STEPS)
    found = where(few == 0, rest, found + (found + 1) * rest)
    if not near.all():
        power = powers.take(n & 255)
        found = where(near, found, ldexp(power + power * rest, n >> 8) - 1)
    return _beyond(found, x, -1.0, np.inf)


def sinh(x: DoubleDouble) -> DoubleDouble:
    grown = expm1(clip(abs(x), 0, EXP_LIMIT))
    return _beyond(copysign((grown + grown / (grown + 1)) / 2, x), x, -np.inf, np.inf)


def cosh(x: DoubleDouble) -> DoubleDouble:
    grown = exp(clip(abs(x), 0, EXP_LIMIT))
    return _beyond((grown + 1 / grown) / 2, x, np.inf, np.inf)


def tanh(x: DoubleDouble) -> DoubleDouble:
    grown = expm1(2 * clip(abs(x), 0, 1000))
    return copysign(grown / (grown + 2), x)


# -- logarithm ------------------------------------------------------------------------------------
def _log(over: DoubleDouble, under: DoubleDouble, base: Any) -> DoubleDouble:
    """base + 2 artanh(over/under)."""
    ratio = over / under
    fine, coarse = _odd_series(1)
    found: DoubleDouble = base + 2 * (ratio * _series(ratio * ratio, fine, coarse))
    return found


def _log_parts(x: DoubleDouble) -> tuple[DoubleDouble, DoubleDouble, DoubleDouble]:
    """over, under and base of the logarithm of positive numbers."""
    mantissa, low, exponent = x.parts()
    less = mantissa < 0.7
    mantissa, low = np.where(less, 2 * mantissa, mantissa), np.where(less, 2 * low, low)
    exponent = exponent - less
    near = np.clip(_whole(mantissa * 128), 0, 191)
    scaled, middle = pair(mantissa, low), near / 128
    base = DoubleDouble(exponent) * of_integers([ln2(BITS)])[0] + log_table().take(near)
    return scaled - middle, scaled + middle, base


def _of_log(found: DoubleDouble, x: DoubleDouble) -> DoubleDouble:
    """The logarithm of x, with what it is of no positive number."""
    ordinary = np.isfinite(x.high) & (x.high > 0)
    if ordinary.all():
        return found
    with np.errstate(all="ignore"):
        return where(ordinary, found, np.log(x.high))


def log(x: DoubleDouble) -> DoubleDouble:
    return _of_log(_log(*_log_parts(x)), x)


def log1p(x: DoubleDouble) -> DoubleDouble:
    near = np.abs(x.leading) < 2.0**-8
    whole = 1 + x
    if near.all():
        return copysign(_log(x, 2 + x, 0), x)
    over, under, base = _log_parts(where(near, 1, whole))
    found = _log(where(near, x, over), where(near, 2 + x, under), where(near, 0, base))
    return copysign(where(near, found, _of_log(found, whole)), x)


def arcsinh(x: DoubleDouble) -> DoubleDouble:
    size = abs(x)
    square = size * size
    found = log1p(size + square / (1 + np.sqrt(1 + square)))
    return copysign(where(np.isinf(size.high), size, found), x)


def arctanh(x: DoubleDouble) -> DoubleDouble:
    size = abs(x)
    return copysign(log1p(2 * size / (1 - size)) / 2, x)


# -- waves ----------------------------------------------------------------------------------------
def _quarters(mantissa: Array, exponent: Array) -> tuple[Array, DoubleDouble]:
    """mantissa*2^exponent*2/pi modulo 4 for doubles: an integer and what is left, within +-1/2.

    The mantissa, as two integers of 27 and 26 bits, times the bits of 2/pi that count (Payne and Hanek).
    """
    upper = np.trunc(mantissa * 2.0**27)
    lower = (mantissa * 2.0**27 - upper) * 2.0**26
    terms = []
    for k in range(PIECES):
        term = np.zeros_like(mantissa)
        for part, places in ((upper, 27), (lower, 53)):
            row = np.clip(exponent.astype(np.intp) - places + 80, 0, 1179)
            exact = part * turns()[k].take(row) * 2.0 ** (2 - PIECE * (k + 1))
            if k < 2:
                exact -= 4 * np.rint(exact / 4)
            term = term + exact
        terms.append(term)
    quarter, rest = np.zeros_like(mantissa), lifted(np.zeros_like(mantissa))
    for k, term in enumerate(terms):
        rest = rest + term
        if k < 2 or k == PIECES - 1:  # what comes later is small, and may be all that is left
            whole = np.rint(rest.high)
            quarter, rest = quarter + whole, rest - whole
    return quarter, rest


def _reduced(x: DoubleDouble) -> tuple[Any, DoubleDouble]:
    """Quarter turns and what is left of an angle, within +-pi/4 or a little more."""
    near = x.leading
    inside = np.isfinite(x.high) & (x.parts()[2] <= FARTHEST_TURN)
    far = (np.abs(near) > 0.78) & inside
    quarter = np.zeros(x.shape, np.int64)
    if not far.any():
        return quarter, where(inside, x, np.nan)
    flat, chosen = x.each(np.atleast_1d), np.atleast_1d(far)
    large = flat[chosen]
    mantissa, _, exponent = large.parts()
    turn, rest = _quarters(mantissa, exponent)
    if type(large.low) is not float:
        low = large.low if large.scale is None else shifted(large.low, large.scale)
        small = np.abs(low) < 0.5
        rest = rest + np.where(small, low, 0) / of_integers([pi(BITS) >> 1])
        if not small.all():
            more, other = _quarters(*np.frexp(np.where(small, 0, low)))
            rest, turn = rest + other, turn + more
        whole = np.rint(rest.high)
        rest, turn = rest - whole, turn + whole
    found = where(np.atleast_1d(inside), flat, np.nan).copy()
    found[chosen] = rest * of_integers([pi(BITS) >> 1])[0]
    quarters = np.atleast_1d(quarter)
    quarters[chosen] = turn.astype(np.int64)
    return quarters.reshape(x.shape), found.reshape(x.shape)


def _wave(x: DoubleDouble, ahead: int) -> DoubleDouble:
    """The sine of x and so many quarter turns."""
    quarter, angle = _reduced(x)
    quarter = (quarter + ahead) & 3
    place = _whole(angle.leading * STEPS)
    size, sign = np.abs(place), np.sign(place)
    step = angle - place / STEPS
    sines, cosines = wave_table()
    sine, cosine = sines.take(size, mode="clip") * sign, cosines.take(size, mode="clip")
    square = step * step
    fine, coarse, fine_too, coarse_too = _wave_series()
    small = step * _series(square, fine, coarse)  # sin(step)
    bend = square * _series(square, fine_too, coarse_too)  # cos(step) - 1
    even = quarter & 1 == 0
    first, second = where(even, sine, cosine), where(even, cosine, -sine)
    found = first + (first * bend + second * small)
    found = where(even & (place == 0), small, found)
    return where(quarter >= 2, -found, found)


def sin(x: DoubleDouble) -> DoubleDouble:
    return _wave(x, 0)


def cos(x: DoubleDouble) -> DoubleDouble:
    return _wave(x, 1)


def tan(x: DoubleDouble) -> DoubleDouble:
    found: DoubleDouble = sin(x) / cos(x)
    return found


def arctan(x: DoubleDouble) -> DoubleDouble:
    size = abs(x)
    large = size.leading > 1
    inside = where(large, 1 / where(large, size, 1), size)
    place = _whole(inside.leading * STEPS)
    middle = place / STEPS
    step = (inside - middle) / (1 + inside * middle)
    fine, coarse = _odd_series(-1)
    found = arctan_table().take(place, mode="clip") + step * _series(step * step, fine, coarse)
    quarter = of_integers([pi(BITS) >> 1])[0]
    return copysign(where(large, quarter - found, found), x)


# -- powers, and numpy's names --------------------------------------------------------------------
def power(base: DoubleDouble, exponent: DoubleDouble) -> DoubleDouble:
    single = exponent.ndim == 0 and exponent.scale is None and exponent.low == 0
    if single and exponent.high == 0.5:
        return abs(sqrt(base))
    if single and exponent.high in range(-64, 65):
        count = int(abs(exponent.high))
        result: DoubleDouble | None = None
        while count:
            if count & 1:
                result = base if result is None else result * base
            count >>= 1
            base = base * base if count else base
        result = lifted(np.ones(base.shape)) if result is None else result
        inverse: DoubleDouble = 1 / result
        return result if exponent.high >= 0 else inverse
    size = exp(log(abs(base)) * exponent)
    whole, half = rint(exponent) == exponent, rint(exponent / 2) == exponent / 2
    size = where((base.high < 0) & ~whole, np.nan, where(exponent.high == 0, 1, size))
    return where((base.high < 0) & ~half, -size, size)


def _each_part(function: Callable[..., Any], parts: list[Any]) -> DoubleDouble:
    """A function that puts arrays together, of the parts of pairs."""
    pairs = [lifted(part) for part in parts]
    scales: Any = None
    if any(pair.scale is not None for pair in pairs):
        scales = function([
            np.zeros(pair.shape, np.int64) if pair.scale is None else pair.scale for pair in pairs
        ])  # fmt: skip
    low: Any = 0.0
    if any(type(pair.low) is not float for pair in pairs):
        low = function([np.broadcast_to(pair.low, pair.shape) for pair in pairs])
    return pair(function([pair.high for pair in pairs]), low, scales)


def _joined(parts: Any, axis: int = 0) -> DoubleDouble:
    return _each_part(lambda arrays: np.concatenate(arrays, axis), list(parts))


def _stacked(parts: Any, axis: int = 0) -> DoubleDouble:
    return _each_part(lambda arrays: np.stack(arrays, axis), list(parts))


FUNCTIONS.update(
    {
        "where": where,
        "clip": clip,
        "broadcast_to": lambda x, shape: x.each(lambda part: np.broadcast_to(part, shape)),
        "reshape": lambda x, shape: x.reshape(shape),
        "ravel": lambda x: x.ravel(),
        "take": lambda x, places, **how: x.take(places, **how),
        "concatenate": _joined,
        "stack": _stacked,
        "zeros_like": lambda x: DoubleDouble(np.zeros(x.shape)),
        "empty_like": lambda x: DoubleDouble(np.zeros(x.shape)),
        "full_like": lambda x, value: DoubleDouble(np.full(x.shape, value)),
        "sum": lambda x, axis=None: x.sum(axis),
        "shape": lambda x: x.shape,
        "ndim": lambda x: x.ndim,
        "size": lambda x: x.size,
    }
)

UFUNCS.update({
    "add": operator.add, "subtract": operator.sub, "multiply": operator.mul,
    "divide": operator.truediv, "power": power, "matmul": operator.matmul,
    "negative": operator.neg, "positive": lambda x: x, "absolute": operator.abs,
    "less": operator.lt, "less_equal": operator.le, "greater": operator.gt,
    "greater_equal": operator.ge, "equal": operator.eq, "not_equal": operator.ne,
    "maximum": maximum, "minimum": minimum, "rint": rint, "copysign": copysign, "ldexp": ldexp,
    "frexp": frexp, "sqrt": sqrt, "cbrt": cbrt, "square": lambda x: x * x,
    "isnan": lambda x: np.isnan(x.high), "isfinite": lambda x: np.isfinite(x.high),
    "isinf": lambda x: np.isinf(x.high), "signbit": lambda x: np.signbit(x.high),
    "exp": exp, "expm1": expm1, "log": log, "log1p": log1p, "sin": sin, "cos": cos, "tan": tan,
    "sinh": sinh, "cosh": cosh, "tanh": tanh, "arcsinh": arcsinh, "arctanh": arctanh,
    "arctan": arctan, "sign": lambda x: DoubleDouble(np.sign(x.high)),
})  # fmt: skip
