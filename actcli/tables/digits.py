"""The fewest decimal digits that give back the same float, for whole arrays at once.

float32 gets the digits it needs: 0.1 is printed 0.1, not 0.10000000149011612. 16 bits need so few that
they say little of the number (65504 would be printed 65500.0): float16 and bfloat16 get those of the
float64 they are.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from ..native import decimals
from ..native.decimals import RIGHT, Alignment
from .entries import NOT_FINITE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..numbers.types import NumpyArray as Array

    Bytes = NDArray[np.uint8]

WIDTH = 32  # a sign, four leading zeros, 17 digits, a point and an exponent, in whole words
FEW = 256  # numbers for which `repr` is faster than arithmetic


def texts(values: "Array") -> list[str]:
    """Writes the shortest text of each element of an array of shape (n,), as `repr` writes floats.

    Accepts integers and float64, float32, float16, bfloat16; other floats count as float64.
    """
    if values.dtype.kind in "iu":
        return [str(value) for value in values.tolist()]
    return rows([values], ["", "\n"], [*NOT_FINITE]).split("\n")[:-1]


def rows(columns: "Sequence[Array]", pieces: Sequence[str], special: Sequence[str]) -> str:
    """Writes rows of such numbers, columns of shape (n,): a piece stands before each and the last one
    ends the row; `special` names nan, inf and -inf. Whole numbers have no point."""
    if any(column.dtype.kind in "iu" for column in columns):
        return _rows(columns, pieces, special)
    columns = [*map(doubles_of, columns)]
    text = decimals.write(columns, pieces, special)
    return _rows(columns, pieces, special) if text is None else text


def rounded_texts(values: "Array", digits: int) -> list[str]:
    """Writes numbers with so many significant digits, as `wording.rounded` does."""
    if values.dtype == np.float32:
        values = np.array([float(text) for text in texts(values)])
    numbers = tuple((doubles_of(values) + 0.0).tolist())
    return (f"%.{digits}g\n" * len(numbers) % numbers).split("\n")[:-1]


def rounded_rows(
    columns: "Sequence[Array]", pieces: Sequence[str], digits: int, places: Sequence[Alignment]
) -> str | None:
    """Writes rows of such texts at their places, with pieces around them as `rows` does, and no spaces
    behind the last column; None where one does not fit beside the point."""
    special = [*NOT_FINITE]
    text = decimals.write([*map(doubles_of, columns)], pieces, special, digits, places)
    if text is not None:
        return text
    parts = []
    for column, (align, whole, rest) in zip(columns, places, strict=True):
        cells = rounded_texts(column, digits)
        if align == RIGHT:
            cells = [cell.rjust(whole) for cell in cells]
        else:
            points = [cell.find(".") for cell in cells]
            points = [
                k if k >= 0 else len(cell.partition("e")[0])
                for k, cell in zip(points, cells, strict=True)
            ]
            if max(points) > whole:
                return None
            spaces = [" " * (whole - k) for k in range(whole + 1)]
            width = whole + rest
            cells = [(spaces[k] + cell).ljust(width) for k, cell in zip(points, cells, strict=True)]
            if max(map(len, cells)) > width:
                return None
        parts.append(cells)
    parts[-1] = [cell.rstrip() for cell in parts[-1]]
    row = "%s".join(piece.replace("%", "%%") for piece in pieces)
    return "".join(map(row.__mod__, zip(*parts, strict=True)))


def doubles_of(values: "Array") -> "Array":
    """The same numbers as float64, but float32 as it is, whose texts are shorter."""
    with np.errstate(invalid="ignore"):  # a signalling nan of bfloat16
        return values if values.dtype == np.float32 else values.astype(np.float64, copy=False)


def _rows(columns: "Sequence[Array]", pieces: Sequence[str], special: Sequence[str]) -> str:
    """The same by arithmetic: rows of characters, with 0 where there is none."""
    size = len(columns[0])
    parts = []
    for piece, column in zip(pieces, columns, strict=False):
        if column.dtype.kind in "iu":
            cells = _packed(column)
            parts += [_repeated(piece, size), cells]
            continue
        column = doubles_of(column)
        cells = _characters(column)
        for number, name in zip((np.nan, np.inf, -np.inf), special, strict=True):
            where = np.isnan(column) if number != number else column == number
            if where.any():
                cells[where] = np.frombuffer(name.encode().ljust(WIDTH, b"\0"), np.uint8)
        parts += [_repeated(piece, size), cells]
    parts.append(_repeated(pieces[-1], size))
    return np.concatenate(parts, axis=1).tobytes().translate(None, b"\0").decode()


def _characters(values: "Array") -> "Bytes":
    """ASCII codes of shape (n, WIDTH); the zeros among them may stand anywhere."""
    if len(values) < FEW:
        return _packed(values)
    from .shortest import laid_out, shortest

    digits, order, certain = shortest(values)
    result = laid_out(values, digits, order, WIDTH)
    rest = np.flatnonzero(~certain)
    if rest.size:
        result[rest] = _packed(values[rest])
    return result


def _packed(values: "Array") -> "Bytes":
    single = values.dtype == np.float32
    found = [repr(float(str(v))) for v in values] if single else [*map(repr, values.tolist())]
    return np.array(found, dtype=f"S{WIDTH}").view(np.uint8).reshape(-1, WIDTH)


def _repeated(text: str, size: int) -> "Bytes":
    """The UTF-8 bytes of a text, `size` times: shape (size, length)."""
    codes = np.frombuffer(text.encode(), np.uint8)
    return np.broadcast_to(codes, (size, codes.size))
