"""Correct rounding to 16 bits: to the nearest number of the dtype, ties to the even one.

float64 results are a few units in the last place off. Only where that much could round otherwise
is the exact value asked for (numbers/sharp.py), which needs python-flint: at one input in 400.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import copysign, frexp, inf, ldexp
from sys import float_info
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from ..expressions.node import Node

Array = Any
Derivatives = Callable[[Array, tuple[int, ...]], list[Array]]

DOUBT = 2.0**-32  # of a result: far more than its error, and still next to no numbers
NEIGHBOURS = 1 - 2.0**-8, 1 + 2.0**-8
NEAR_ROOT = 2.0**-6  # a result so much smaller than at both neighbours has few digits
DOUBT_NEAR_ROOT = 2.0**-50  # of the input, or of 1 if that is more


@dataclass(frozen=True)
class Format:
    """A binary floating-point format."""

    digits: int  # of the mantissa, the hidden one included
    lowest: int  # 2**lowest is the smallest positive number
    largest: float

    def nearest(self, numbers: Array) -> Array:
        """float64 numbers rounded to the format, as float64; its overflow is infinite."""
        unit = np.maximum(np.frexp(numbers)[1] - self.digits, self.lowest)
        rounded = np.ldexp(np.rint(np.ldexp(numbers, -unit)), unit)
        return np.where(np.abs(rounded) > self.largest, np.copysign(inf, rounded), rounded)

    def nearest_to(self, over: int, under: int = 1, side: int = 0) -> float:
        """over/under rounded to the format, or what lies next to it on the given side."""
        sign, over = (-1, -over) if over < 0 else (1, over)
        power = over.bit_length() - under.bit_length()
        if over << max(-power, 0) < under << max(power, 0):
            power -= 1
        unit = max(power + 1 - self.digits, self.lowest)
        under <<= max(unit, 0)
        whole, rest = divmod(over << max(-unit, 0), under)
        above_half = (2 * rest > under) - (2 * rest < under)
        if (above_half or sign * side or whole % 2 * 2 - 1) > 0:
            whole += 1
        overflows = whole.bit_length() + unit > frexp(self.largest)[1]
        return sign * (inf if overflows else ldexp(whole, unit))

    def unit(self, size: float) -> float:
        """A unit in the last place of numbers of that size."""
        exponent = frexp(min(size, self.largest))[1] - self.digits if size else self.lowest
        return ldexp(1.0, max(exponent, self.lowest))


FORMATS = {
    "float64": Format(53, -1074, float_info.max),
    "float32": Format(24, -149, 2.0**128 - 2.0**104),
    "float16": Format(11, -24, 65504.0),
    "bfloat16": Format(8, -133, 2.0**128 - 2.0**120),
}


class Lookup:
    """Derivatives at the numbers of a 16-bit dtype: worked out when first asked for, then looked up.

    `compute` takes float64 numbers of shape (n,) and orders, and gives rounded results.
    """

    def __init__(self, dtype: Any, compute: Derivatives) -> None:
        self._dtype = np.dtype(dtype)
        self._compute = compute
        self._tables: dict[int, tuple[Array, Array]] = {}

    def __call__(self, x: Array, orders: tuple[int, ...]) -> list[Array]:
        """The derivatives of these orders at an array of shape (n,), in its dtype."""
        bits = x.view(np.uint16)
        asked = np.zeros(1 << 16, bool)
        asked[bits] = True
        known = np.ones(1 << 16, bool)
        tables = []
        for order in orders:
            made = np.zeros(1 << 16, self._dtype), np.zeros(1 << 16, bool)
            tables.append(self._tables.setdefault(order, made))
            known &= tables[-1][1]
        missing = np.flatnonzero(asked & ~known).astype(np.uint16)
        if missing.size:
            with np.errstate(all="ignore"):
                numbers = missing.view(self._dtype).astype(np.float64)
                found = self._compute(numbers, orders)
                for (table, filled), results in zip(tables, found, strict=True):
                    table[missing] = results
                    filled[missing] = True  # last, for other threads may be looking
        return [table[bits] for table, _ in tables]


def settled(
    form: Format, derivatives: Derivatives, tree: "Node", x: Array, orders: tuple[int, ...]
) -> list[Array]:
    """Derivatives of a formula at float64 numbers of shape (n,), rounded to the format.

    `derivatives` gives them in float64, to within DOUBT, and `tree` is the formula itself. Where the
    two disagree by more, as at a kink, where a gradient is a convention, float64 is right.
    """
    results = []
    around = [derivatives(x * factor, orders) for factor in NEIGHBOURS]
    for order, value, *near in zip(orders, derivatives(x, orders), *around, strict=True):
        size = np.abs(value)
        doubt = DOUBT * size
        close = size < NEAR_ROOT * np.maximum(*np.abs(near))
        doubt += np.where(close, DOUBT_NEAR_ROOT * np.maximum(1, np.abs(x)), 0)
        doubt[~np.isfinite(doubt)] = 0
        low, high = form.nearest(value - doubt), form.nearest(value + doubt)
        result = form.nearest(value)
        doubtful = np.flatnonzero((low < high) & np.isfinite(x))
        if doubtful.size:
            from ..numbers.near_rational import nearest

            for i, exact in zip(doubtful, nearest(tree, x[doubtful], order, form), strict=True):
                if exact is not None and low[i] <= exact <= high[i]:
                    result[i] = exact or copysign(0.0, value[i])
        results.append(result)
    return results
