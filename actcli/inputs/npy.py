"""Arrays in .npy files, read in blocks."""

import io
import math
import warnings
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.lib import format as npy

from ..evaluation.dtypes import cast
from .layout import Layout, columns_of
from .streams import Stream

if TYPE_CHECKING:
    from ..numbers.types import Floats, NumpyArray

MAGIC = b"\x93NUMPY"
Header = tuple[tuple[int, ...], bool, "np.dtype[Any]"]

_HEADER_BYTES = 1 << 16  # numpy's own bound is smaller


def npy_blocks(stream: Stream, name: str, column: str | None, size: int) -> Iterator["Floats"]:
    """Reads the numbers of an array of any shape, in C order, or of one column of its last axis.

    Blocks have shape (n,) with n <= `size`, unless a single row is longer. A structured array has
    named columns. Raises ValueError.
    """
    yield from _blocks(stream, name, _header(stream, name), column, size)


def _blocks(
    stream: Stream, name: str, header: "Header", column: str | None, size: int
) -> Iterator["Floats"]:
    shape, by_columns, dtype = header
    width = 1
    pick = slice(None)
    kinds = dtype
    if dtype.names is not None:
        width = len(dtype.names)
        if column is None:
            raise ValueError(
                f"{name} holds {columns_of(dtype.names, width)}, not floats or integers; "
                f"choose one, as in --column {dtype.names[-1]}"
            )
        found = Layout(header=dtype.names).place(column, name, width)
        kinds = dtype[dtype.names[found]]
    elif column is not None:
        width = shape[-1] if len(shape) > 1 else 1
        pick = slice(Layout().place(column, name, width), None, width)
    if kinds.kind not in "fiu":
        raise ValueError(
            f"{name} holds {kinds} values, not floats or integers; save x.astype(float) instead"
        )

    def take(count: int) -> "NumpyArray":
        part = stream.read(count * dtype.itemsize)
        if len(part) < count * dtype.itemsize:
            raise ValueError(f"{name} ends early: its shape is {shape}; save it again")
        array = np.frombuffer(part, dtype)
        return array if dtype.names is None else array[dtype.names[found]]

    total = math.prod(shape)
    step = size if pick == slice(None) else max(size // width, 1) * width
    steps = range(0, total, step)
    blocks: Iterable[NumpyArray] = (take(min(step, total - k)) for k in steps)
    if total and by_columns and len(shape) > 1:  # rows first needs it all
        blocks = [np.concatenate(list(blocks)).reshape(shape, order="F").ravel()]
    for numbers in blocks:
        yield cast(numbers[pick], np.float64)
    if stream.read(1):
        raise ValueError(f"{name} holds more than one array; save one with numpy.save")


def npy_array(stream: Stream, name: str, most: int) -> "Floats":
    """Reads an array of any shape, of `most` numbers at most. Raises ValueError."""
    shape, by_columns, dtype = _header(stream, name)
    total = math.prod(shape)
    if total > most:
        raise ValueError(f"{name} holds {total} numbers; at most {most} are read here")
    numbers = np.concatenate(
        [np.empty(0), *_blocks(stream, name, (shape, False, dtype), None, most)]
    )
    return numbers.reshape(shape, order="F" if by_columns else "C")


def _header(stream: Stream, name: str) -> "Header":
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            beginning = stream.read(len(MAGIC) + 2)
            version = npy.read_magic(io.BytesIO(beginning))
            lengths = stream.read({(1, 0): 2, (2, 0): 4}[version])
            rest = stream.read(min(int.from_bytes(lengths, "little"), _HEADER_BYTES))
            shape, by_columns, dtype = readers[version](io.BytesIO(lengths + rest))
        if any(type(length) is not int or length < 0 for length in shape):
            raise ValueError
    except (ValueError, KeyError) as error:
        raise ValueError(f"{name} is a damaged .npy file; save it again with numpy.save") from error
    return shape, by_columns, dtype
