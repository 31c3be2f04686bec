"""Rounded numbers below each other, for whole arrays at once."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .digits import texts

if TYPE_CHECKING:
    from ..numbers.types import NumpyArray as Array
    from .digits import Bytes

_SPACE, _POINT, _EXPONENT = b" .e"


def rounded_characters(values: "Array", digits: int) -> "Bytes":
    """Writes numbers with so many digits, as `wording.rounded` does: ASCII codes of shape (n, width),
    from the left, with 0 behind each text."""
    if values.dtype != np.float64:
        values = np.array([float(text) for text in texts(values)])
    numbers = (f"%.{digits}g\n" * len(values) % tuple((values + 0.0).tolist())).encode()
    return _matrix(numbers.split(b"\n")[:-1])


def _matrix(cells: Sequence[bytes]) -> "Bytes":
    array = np.array(cells, dtype=bytes)
    return array.view(np.uint8).reshape(len(cells), -1)


def strings(cells: "Bytes") -> list[str]:
    """The texts themselves."""
    return [
        text.decode() for text in np.ascontiguousarray(cells).view(f"S{cells.shape[1]}").ravel()
    ]


def before_point(cells: "Bytes") -> "Array":
    """How many characters each text has before its decimal point or exponent, shape (n,)."""
    ends = np.column_stack([(cells == _POINT) | (cells == _EXPONENT) | (cells == 0),
                            np.ones(len(cells), bool)])  # fmt: skip
    return np.asarray(ends.argmax(axis=1))


def lengths(cells: "Bytes") -> "Array":
    """How many characters each text has, shape (n,)."""
    return np.asarray(np.count_nonzero(cells, axis=1))


def moved(cells: "Bytes", offsets: "Array", width: int, last: bool = False) -> "Bytes":
    """Puts each text `offsets` spaces to the right, and spaces up to `width` behind it.

    Longer ones end later. In the `last` column of a table there is nothing behind the texts.
    """
    count, size = cells.shape
    result = np.zeros((count, max(width, int(offsets.max(initial=0)) + size)), np.uint8)
    result[:, :width] = _SPACE
    rows, places = np.nonzero(cells)
    if last:
        ends = offsets + lengths(cells)
        result[np.arange(result.shape[1]) >= ends[:, None]] = 0
    result[rows, places + offsets[rows]] = cells[rows, places]
    return result


def joined_rows(parts: Sequence["str | Bytes"], count: int) -> str:
    """Writes `count` rows, of texts that all of them have and of characters."""
    columns = [
        np.broadcast_to(np.frombuffer(part.encode(), np.uint8), (count, len(part.encode())))
        if isinstance(part, str) else part
        for part in parts
    ]  # fmt: skip
    return np.concatenate(columns, axis=1).tobytes().translate(None, b"\0").decode()
