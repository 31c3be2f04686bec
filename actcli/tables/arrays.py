"""Numbers as a .npy file, written row by row."""

import io
from collections.abc import Sequence
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self

import numpy as np
from numpy.lib import format as npy

if TYPE_CHECKING:
    from ..numbers.types import NumpyArray as Array

HEADER_BYTES = 128  # room for the shape, which is known at the end


class ArrayWriter:
    """Writes blocks of rows, as `tables.Writer` does, to a stream that can be sought.

    One block makes an array of shape (rows, columns), several one of shape (blocks, rows, columns).
    It keeps the dtype of the numbers, but bfloat16, of which numpy files know nothing, is float32.
    """

    def __init__(self, stream: IO[Any], blocks: int) -> None:
        self._stream, self._blocks = stream, blocks
        self._rows = self._columns = 0
        self._dtype = np.dtype(np.float64)
        stream.write(bytes(HEADER_BYTES))

    def batch(self, entries: Sequence["str | Array"]) -> None:
        """Writes one row per element of the arrays, all of shape (n,)."""
        rows = np.stack([entry for entry in entries if not isinstance(entry, str)], axis=1)
        rows = rows if rows.dtype.kind == "f" else rows.astype(np.float32)
        self._dtype = rows.dtype
        self._rows, self._columns = self._rows + rows.shape[0], rows.shape[1]
        self._stream.write(rows.data)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is not None:
            return
        shape = (self._blocks, self._rows // self._blocks, self._columns)
        header = io.BytesIO()
        npy.write_array_header_1_0(header, {
            "descr": npy.dtype_to_descr(self._dtype), "fortran_order": False,
            "shape": shape if self._blocks > 1 else shape[1:],
        })  # fmt: skip
        assert len(header.getvalue()) == HEADER_BYTES
        self._stream.seek(0)
        self._stream.write(header.getvalue())
