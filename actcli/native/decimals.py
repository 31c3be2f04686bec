"""Decimal text of whole arrays by the compiled part; None where that is missing or gives up."""

import ctypes
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from . import library

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Array = NDArray[Any]

LONGEST = 40  # characters of a number
RIGHT, POINT = 1, 2


class _Column(ctypes.Structure):
    _fields_ = (
        ("numbers", ctypes.c_void_p),
        ("before", ctypes.c_char_p),
        *((name, ctypes.c_int) for name in ("is_float32", "align", "whole", "rest")),
    )


class Alignment(NamedTuple):
    """How numbers stand below each other: all RIGHT, or with the POINT at the same place; and the
    characters left and right of it."""

    align: int = 0
    whole: int = 0
    rest: int = 0


def read(text: bytes, mark: bytes) -> "NDArray[np.float64] | None":
    """Reads the numbers between white space and marks, as float64 of shape (n,).

    Lines that start with # are skipped. None also where something may be no number: the caller has
    to look closer.
    """
    call = getattr(library(), "read_decimals", None)
    if call is None:
        return None
    numbers = np.empty(len(text) // 2 + 1)
    call.restype = ctypes.c_long
    address = ctypes.c_void_p(numbers.ctypes.data)
    count = call(text, ctypes.c_long(len(text)), ctypes.c_char(mark), address)
    return None if count < 0 else numbers[:count].copy()


def write(
    columns: "Sequence[Array]",
    pieces: Sequence[str],
    special: Sequence[str] = ("nan", "inf", "-inf"),
    digits: int = 0,
    places: Sequence[Alignment] | None = None,
) -> str | None:
    """Writes rows of numbers, the fewest digits of each as Python's repr does, or so many.

    The columns are float64 or float32 of shape (n,); a piece stands before each and the last one ends
    the row. `special` names what is not finite. None also where a number does not fit into its place.
    """
    call = getattr(library(), "write_rows", None)
    if call is None:
        return None
    *before, last = [piece.encode() for piece in pieces]
    held = [*map(np.ascontiguousarray, columns)]
    cells = zip(held, before, places or [Alignment()] * len(held), strict=True)
    given = (_Column * len(held))()
    for k, (column, piece, place) in enumerate(cells):
        given[k] = _Column(column.ctypes.data, piece, column.dtype == np.float32, *place)
    names = (ctypes.c_char_p * len(special))(*(name.encode() for name in special))
    rows = len(held[0])
    width = sum(max(LONGEST, p.whole + p.rest) for p in places or [])
    size = rows * (sum(map(len, (*before, last))) + max(width, LONGEST * len(held)))
    text = np.empty(size, np.uint8)
    call.restype = ctypes.c_long
    length = call(
        given, len(held), ctypes.c_long(rows), last, names, digits,
        ctypes.c_void_p(text.ctypes.data),
    )  # fmt: skip
    return None if length < 0 else str(text[:length].data, "utf-8")
