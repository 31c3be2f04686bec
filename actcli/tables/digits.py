"""The fewest decimal digits that give back the same float, for whole arrays at once.

`repr` does this for one float64 in 0.4 microseconds; in long arrays it takes 0.1. float32 gets the
digits it needs: 0.1 is printed 0.1, not 0.10000000149011612. 16 bits need so few that they say little
of the number (65504 would be printed 65500.0): float16 and bfloat16 get those of the float64 they are.
"""

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numbers.types import NumpyArray as Array

    Bytes = NDArray[np.uint8]

WIDTH = 32  # a sign, four leading zeros, 17 digits, a point and an exponent, in whole words
FEW = 256  # numbers for which `repr` is faster


def texts(values: "Array") -> list[str]:
    """Writes the shortest text of each element of an array of shape (n,), as `repr` writes floats.

    Accepts integers and float64, float32, float16, bfloat16; other floats count as float64.
    """
    if values.dtype.kind in "iu":
        return [str(value) for value in values.tolist()]
    if values.dtype.itemsize == 2:
        return [text.decode() for text in _of_16_bits(values).view(f"S{WIDTH}").ravel().tolist()]
    if values.dtype == np.float32:
        return [repr(float(str(value))) for value in values]
    return [repr(value) for value in values.astype(np.float64).tolist()]


def characters(values: "Array") -> "Bytes":
    """Writes the same texts as ASCII codes of shape (n, WIDTH), with 0 where there is no character.

    The zeros may stand anywhere; a text is what remains when they are left out.
    """
    if values.dtype.itemsize == 2:
        return _of_16_bits(values)
    if len(values) < FEW or values.dtype not in (np.float64, np.float32):
        return _packed(texts(values))
    from .shortest import laid_out, shortest

    digits, order, certain = shortest(values)
    result = laid_out(values, digits, order, WIDTH)
    rest = np.flatnonzero(~certain)
    if rest.size:
        result[rest] = _packed(texts(values[rest]))
    return result


def _packed(strings: list[str]) -> "Bytes":
    return np.array(strings, dtype=f"S{WIDTH}").view(np.uint8).reshape(-1, WIDTH)


def _of_16_bits(values: "Array") -> "Bytes":
    """Characters by looking up: there are only 65536 numbers."""
    if values.dtype.name not in _KNOWN:
        _KNOWN[values.dtype.name] = np.zeros((1 << 16, WIDTH), np.uint8), np.zeros(1 << 16, bool)
    table, known = _KNOWN[values.dtype.name]
    bits = values.view(np.uint16)
    missing = np.unique(bits[~known[bits]])
    with np.errstate(all="ignore"):
        numbers = missing.view(values.dtype).astype(np.float64)
    table[missing] = _packed([repr(number) for number in numbers.tolist()])
    known[missing] = True
    return table[bits]


_KNOWN: dict[str, tuple["Bytes", "Array"]] = {}
