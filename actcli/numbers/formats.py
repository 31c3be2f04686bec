"""Floating-point formats narrower than double, and what a rounded product loses."""

from math import frexp, inf, ldexp
from sys import float_info
from typing import NamedTuple

import numpy as np

from .types import Array


class Format(NamedTuple):
    """A binary floating-point format."""

    digits: int  # of the mantissa, the hidden one included
    lowest: int  # 2**lowest is the smallest positive number
    largest: float

    def nearest(self, numbers: Array) -> Array:
        """float64 numbers rounded to the format, as float64; its overflow is infinite."""
        if self == FORMATS["float32"]:  # the machine has it
            return np.asarray(numbers).astype(np.float32).astype(np.float64)
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


def product_error(a: Array, b: Array, product: Array) -> Array:
    """a*b - product, without error: both factors are split into halves (Dekker 1971)."""
    splitter = product.dtype.type(2 ** ((np.finfo(product.dtype).nmant + 2) // 2) + 1)
    a_high = a * splitter
    a_high -= a_high - a
    b_high = b * splitter
    b_high -= b_high - b
    a_low, b_low = a - a_high, b - b_high
    return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low
