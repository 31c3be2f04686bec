"""Exact numbers: constants mean what is written, and a number type rounds them when it needs to.

A whole number is an int, any other a Fraction. Of a float the shortest decimal that prints it is meant.
"""

import re
from functools import cache, lru_cache
from math import inf, isfinite
from typing import Any

from .types import Number

Exact = Any  # int or Fraction

SATURATED = 0.01  # a smaller gradient, in absolute value, teaches next to nothing
LONGEST = 4096  # bits of a constant that is worked out
FARTHEST = 5000  # power of ten of a number as text
_DECIMAL = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?(\d+))?", re.IGNORECASE | re.ASCII)


def rational(given: Any) -> Exact:
    """The exact value of a finite number: an int, a float, a Fraction, or text such as 0.1 or 2/3.

    ValueError, TypeError, ZeroDivisionError or OverflowError for anything else.
    """
    if isinstance(given, int):
        return int(given)
    if isinstance(given, str):
        over, slash, under = given.partition("/")
        value = _of_decimal(over.strip())
        return quotient(value, _of_decimal(under.strip())) if slash else value
    if isinstance(given, float):
        whole = given.is_integer() and abs(given) < 2**53
        return int(given) if whole else _of_decimal(float.__repr__(given))  # of np.float64 too
    if hasattr(given, "numerator"):
        return quotient(int(given.numerator), int(given.denominator))
    return rational(float(given))


def _of_decimal(text: str) -> Exact:
    found = _DECIMAL.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no finite number")
    if len(found[3] or "") > 4 or int(found[3] or 0) > FARTHEST:
        raise OverflowError("a power of ten that is too large")
    if not found[2] and "." not in text:
        return int(text)
    from fractions import Fraction  # costs 2 ms, and few formulas need it

    return plain(Fraction(text))


def plain(value: Exact) -> Exact:
    """The same number, as an int if it is whole."""
    return int(value) if value.denominator == 1 else value


def quotient(over: Exact, under: Exact) -> Exact:
    """over/under."""
    from fractions import Fraction

    return plain(Fraction(over) / Fraction(under))


def combined(op: str, x: Exact, y: Exact) -> Exact | None:
    """x op y, worked out exactly; None where there is no such rational, or only a very long one."""
    if op == "/":
        result = quotient(x, y) if y != 0 else None
    elif op == "**":
        size = x.numerator.bit_length() + x.denominator.bit_length()
        whole = y.denominator == 1 and abs(y) * size <= LONGEST and (x != 0 or y > 0)
        result = (x ** int(y) if y >= 0 else quotient(1, x ** -int(y))) if whole else None
    else:
        result = x + y if op == "+" else x - y if op == "-" else x * y
    if result is None or result.numerator.bit_length() + result.denominator.bit_length() > LONGEST:
        return None
    return plain(result)


def lifted(number: Exact, x: Number) -> Number:
    """An exact number, or a named constant, as a number of the type of `x`, rounded at most once."""
    lift = getattr(x, "lift", None)
    if lift is not None:
        return lift(number)
    dtype = getattr(x, "dtype", None)
    kind = float if dtype is None else dtype.type if dtype.kind == "f" else _widest()
    digits = getattr(number, "digits", None)
    return kind(digits) if digits is not None else _rounded(number, kind)


@cache
def _widest() -> Any:
    """The type of a slope that is 0 here and 1 there, and so an array of integers."""
    from .wide import wide_type

    return wide_type()


def in_parts(number: Exact, x: Number) -> tuple[Number, Number]:
    """An exact number as the nearest one of the type of x and what is left of it."""
    high = lifted(number, x)
    return high, lifted(number - rational_of_double(high), x)


def as_float(number: Exact) -> float:
    """The nearest float; an infinity beyond the largest."""
    try:
        return float(number)
    except OverflowError:
        return inf if number > 0 else -inf


@lru_cache(1000)
def _rounded(number: Exact, kind: Any) -> Any:
    near = as_float(number)
    if kind is float or number == 0 or number != number:
        return kind(near)
    from numpy import ldexp

    # in two parts, as near 1 as a power of two brings it: a wide number has more digits and reaches farther
    places = number.numerator.bit_length() - number.denominator.bit_length()
    scaled = number / _power_of_two(places)
    high = float(scaled)
    return ldexp(kind(high) + kind(float(scaled - rational_of_double(high))), places)


def _power_of_two(places: int) -> Exact:
    return 2**places if places >= 0 else quotient(1, 2**-places)


def rational_of_double(value: Any) -> Exact:
    """The rational that a float of any precision is, as opposed to the decimal that prints it."""
    return quotient(*map(int, value.as_integer_ratio()))


def number_text(value: Exact | float) -> str:
    """The shortest text that means this number: a decimal where there is one, else a ratio."""
    if isinstance(value, float) or (isinstance(value, int) and abs(value) < 2**53):  # a float: nan
        return repr(value)
    near = as_float(value)
    if isfinite(near) and rational(near) == value:
        whole = value.denominator == 1 and abs(value) < 10**16
        return repr(int(value)) if whole else repr(near)
    odd, places = value.denominator, 0
    for prime in (2, 5):
        count = 0
        while odd % prime == 0:
            odd, count = odd // prime, count + 1
        places = max(places, count)
    if odd == 1:
        digits = str(abs(int(value * 10**places))).rjust(places + 1, "0")
        sign = "-" if value < 0 else ""
        if places == 0:
            return sign + digits
        if digits.startswith("000000"):
            digits = digits.lstrip("0")
            behind = f".{digits[1:]}" if digits[1:] else ""
            return f"{sign}{digits[0]}{behind}e-{places - len(digits) + 1}"
        return f"{sign}{digits[:-places]}.{digits[-places:]}"
    return f"{value.numerator}/{value.denominator}"
