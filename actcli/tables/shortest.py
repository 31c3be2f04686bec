"""The shortest digits of float64 and float32 numbers and their text, by arithmetic on whole arrays.

Importing this makes the look-up tables, a few milliseconds of work.
"""

from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from ..numbers.formats import product_error

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numbers.types import NumpyArray as Array

    Bytes = NDArray[np.uint8]
    Digits = tuple[NDArray[np.int64], NDArray[np.intp], NDArray[np.bool_]]


def shortest(values: "Array") -> "Digits":
    """Finds digits as integers (17, with trailing zeros), the power of ten of the first digit, and
    whether these digits are certainly the shortest.

    They are certain for almost all numbers from 1e-99 to 1e16 (float32: 1e8) and for zero. The
    number is scaled to the wanted count of digits with an error far below one of them, then
    rounded to ever fewer digits as long as that stays in the interval that rounds to the number.
    """
    single = values.dtype == np.float32
    places, coarser = (9, (10, 100, 1000)) if single else (17, (10, 100))
    positive = np.abs(values)
    certain = (positive >= (1e-37 if single else 1e-99)) & (positive < (1e8 if single else 1e16))
    positive[~certain] = 1
    number = positive.astype(np.float64)
    binade = number.view(np.int64) >> 52
    half = _HALF_SPACINGS[places].take(binade)
    order = _ORDERS[places].take(binade)
    order += number >= _POWERS[places].take(order + (1 - LOWEST))
    power = places - 1 - order
    scale, scale_error = _SCALES.take(power), _SCALE_ERRORS.take(power)
    half *= scale
    product = number * scale
    whole = product.astype(np.int64)
    part = (product - whole) + product_error(number, scale, product) + number * scale_error
    nearest = np.rint(part)
    whole += nearest.astype(np.int64)
    part -= nearest  # number * 10**(places - 1 - order) is whole + part, and abs(part) <= 1/2
    digits = whole.copy()
    tie = np.abs(np.abs(part) - 0.5) < DOUBT
    for step in coarser:
        multiple = (whole + step // 2 - (part < 0)) // step * step
        distance = np.abs((multiple - whole) - part)
        inside = distance < half
        tie &= ~inside
        tie |= inside & (np.abs(distance - step / 2) < DOUBT)
        tie |= np.abs(distance - half) < DOUBT
        multiple -= digits
        multiple *= inside
        digits += multiple
    # Below a power of two the floats are twice as dense, so `half` is too wide there.
    lopsided = (number.view(np.uint64) & ((1 << 52) - 1)) == 0
    certain &= ~tie & ~(lopsided & (digits != whole))
    zero = values == 0
    digits *= 10 ** (17 - places)
    return np.where(zero, 0, digits), order, certain | zero


LOWEST = -99  # of the powers of ten of a first digit
DOUBT = 1e-6  # in digits: the error of whole + part is below 1e-14
# As the dtype has them: float32 0.01 is less than 1/100, but its first digit is at 10**-2.
_POWERS = {
    places: np.array([f"1e{k}" for k in range(LOWEST, 18)], dtype).astype(np.float64)
    for places, dtype in ((17, np.float64), (9, np.float32))
}
# By the exponent bits of a float64: half a unit in the last place, and the first digit's power of
# ten for the smallest number with these bits.
_LEAST = np.ldexp(1.0, np.arange(2047) - 1023)
_HALF_SPACINGS = {places: np.ldexp(_LEAST, -bits) for places, bits in ((17, 53), (9, 24))}
_ORDERS = {
    places: np.searchsorted(powers, _LEAST, side="right") - 1 + LOWEST
    for places, powers in _POWERS.items()
}
_SCALES = np.array([float(10**k) for k in range(17 - LOWEST)])
_SCALE_ERRORS = np.array([float(10**k - int(float(10**k))) for k in range(17 - LOWEST)])
_EXPONENTS = np.array([f"e{k:+03}" if k < -4 else "" for k in range(LOWEST, 17)], "S4").view("<u4")


def laid_out(
    values: "Array", digits: "NDArray[np.int64]", order: "NDArray[np.intp]", width: int
) -> "Bytes":
    """Writes sign, digits, point, exponent: 21 digits in a row, then what is not to be seen is cut.

    Four zeros stand before the 17 digits. The row is laid over itself, moved by one place, so
    that the point fits between.
    """
    words = np.zeros((len(values), width // 4), "<u4")
    words[:, 0] = ord("0") << 24
    last = np.zeros(len(values), np.uint8)
    upper = digits // 10**8
    high = (upper // 10**4).astype(np.uint32)
    middle = (upper - high * np.int64(10**4)).astype(np.uint32)
    lower = (digits - upper * 10**8).astype(np.uint32)
    first, fourth = high // 10**4, lower // 10**4
    groups = (first, high - first * 10**4, middle, fourth, lower - fourth * 10**4)
    for group, value in enumerate(groups):
        words[:, group + 1] = _FOUR.take(value)
        np.maximum(last, _LAST[group].take(value), out=last)
    small = order < -4  # written with an exponent
    units = np.where(small, 4, order + 4)  # the place before the point
    key = (small * 21 + units) * 21 + last
    row = words.view("<u8").reshape(-1)
    moved = row << np.uint64(8)
    moved[1:] |= row[:-1] >> np.uint64(56)
    *both, point = _cuts(width)
    for text, kept in zip((row, moved), both, strict=True):
        text &= kept.take(key, axis=0).reshape(-1)
    row |= moved
    row |= point.take(key, axis=0).reshape(-1)
    if small.any():
        words[:, 7] = _EXPONENTS.take(order - LOWEST)
    result = words.view(np.uint8)
    result[:, 0] = np.signbit(values) * np.uint8(ord("-"))
    return result


def _four_digits() -> tuple["Array", "Array"]:
    """0 to 9999 as text, and the place of the last digit that is not 0, from 1; 0 if all are."""
    digits = np.arange(10**4)[:, None] // [1000, 100, 10, 1] % 10
    texts = (digits + ord("0")).astype(np.uint8).view("<u4").reshape(-1)
    return texts, ((digits != 0) * np.arange(1, 5)).max(axis=1)


@cache
def _cuts(width: int) -> tuple["Array", "Array", "Array"]:
    """What to keep of a row before the point and behind it, and the point, as words of eight
    bytes; one row each for (with an exponent or not, place of the units, place of the last)."""
    exponent, units, last = np.ogrid[:2, :21, :21, :1][:3]
    last = np.maximum(last, units + 1 - exponent)
    place = np.arange(width) - 3
    before = (place >= np.minimum(units, 4)) & (place <= units) & (last >= 0)
    behind = (place - 1 > units) & (place - 1 <= last)
    point = (place == units + 1) & (last > units)
    return (
        (before * np.uint8(255)).view("<u8").reshape(-1, width // 8),
        (behind * np.uint8(255)).view("<u8").reshape(-1, width // 8),
        (point * np.uint8(ord("."))).view("<u8").reshape(-1, width // 8),
    )


_FOUR, _inside = _four_digits()
_LAST = [np.where(_inside, group * 4 + _inside, 0).astype(np.uint8) for group in range(5)]
