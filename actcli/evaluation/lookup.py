"""Cells of the line, and the tables of their polynomials, read by the compiled part or by numpy.

Cells are those of |x| + 16 by its leading bits: as wide as one another up to 16, beyond that in
proportion; all from 2**32 on are one. A cell has a row of coefficients, in powers of the distance to
its middle, or segments, each of which says where it ends and is centred. Where there is no polynomial
a lookup leaves numbers to its caller.
"""

import threading
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import native
from ..native.cells import CompiledCells, look_up
from ..numbers import cell_polynomials as polynomials
from ..numbers.types import Floats

Keys = NDArray[np.int64]

BLOCK = 65_536  # numbers; small blocks make threads wait for the interpreter between operations
COEFFICIENTS = 8  # of the polynomial of a cell,
MORE = polynomials.LAST  # and of a segment
START = 16.0  # where cells begin to widen
FAR = 2.0**32  # where the last one begins
TOGETHER = 64  # neighbours, none of which are on two sides of 0

_LINE = 64  # bytes of memory that are read together
_local = threading.local()


def scratch(size: int, count: int) -> list[Floats]:
    """Arrays to work in; they belong to the thread, and the next call hands them out again."""
    arrays: list[Floats] = _local.__dict__.setdefault("arrays", [])
    while len(arrays) < count:
        arrays.append(np.empty(BLOCK))
    return [array[:size] for array in arrays[:count]]


class Cells:
    """Cells of 2**-bits up to 16, by their keys: those of what has a sign come after the others."""

    def __init__(self, bits: int) -> None:
        self.shift = 52 - 4 - bits
        self.half = 1 << (self.shift - 1)
        self.base = int(np.float64(START).view(np.int64)) >> self.shift
        last = (int(np.float64(FAR).view(np.int64)) >> self.shift) - self.base
        self.side = (last // TOGETHER + 1) * TOGETHER

    def find(self, x: Floats, step: Floats, spare: Floats, keys: Keys) -> Keys:
        """Fills the keys of the cells of x and the steps from their middles; nan and infinity have some."""
        np.abs(x, out=step)
        np.add(step, START, out=spare)
        np.fmin(spare, FAR, out=spare)
        bits = spare.view(np.int64)
        bits += self.half
        np.right_shift(x.view(np.int64), 63, out=keys)  # -1 for what has a sign
        keys &= self.side
        keys -= self.base
        keys += bits >> self.shift
        bits &= -1 << self.shift
        spare -= START
        step -= spare
        np.copysign(1.0, x, out=spare)
        step *= spare
        return keys

    def keys(self, x: Floats) -> Keys:
        return self.find(x, np.empty_like(x), np.empty_like(x), np.empty(x.shape, np.int64))

    def ends(self, keys: Keys) -> tuple[Floats, Floats]:
        """The middles of cells, and how far at most their ends are from there."""
        bits = (keys % self.side + self.base) << self.shift
        middle = bits.view(np.float64)
        half = (bits + self.half).view(np.float64) - middle
        return np.where(keys >= self.side, -1.0, 1.0) * (middle - START), half


class Tables:
    """Rows and segments of some cells, or without cells the segments of the whole line, all lines.

    Rows and segments may be added up to the room that there is, and cells be pointed at them after
    that; nothing else changes, so that other threads may read meanwhile.
    """

    def __init__(self, cells: Cells | None, rows: int, segments: int, lines: int = 0) -> None:
        self.cells = cells
        self.lines = lines
        self.index = np.zeros(0 if cells is None else 2 * cells.side, np.int32)
        self.is_compiled = native.library() is not None
        # As steps of the index: rows go down from where segments go up.
        self.row_step, self.segment_step = (COEFFICIENTS, MORE + 3) if self.is_compiled else (1, 1)
        if not self.is_compiled:  # which takes columns apart
            self.rows: Floats = np.empty((rows, COEFFICIENTS), order="F")
            self.segments: Floats = np.empty((segments, MORE + 3))
            return
        size, middle = 8 * (rows * self.row_step + segments * self.segment_step), rows * _LINE
        memory = np.empty(size + _LINE, np.uint8)
        memory = memory[-memory.ctypes.data % _LINE :][:size]
        self.rows = memory[:middle].view(np.float64).reshape(-1, COEFFICIENTS)[::-1]
        self.segments = memory[middle:].view(np.float64).reshape(-1, MORE + 3)
        self._compiled = CompiledCells(
            self.index.ctypes.data if cells else None,
            memory.ctypes.data + middle,
            *((cells.shift, cells.half, cells.base, cells.side) if cells else (0, 0, 0, lines)),
        )

    def grown(self, rows: int, segments: int) -> "Tables":
        """A copy with room for so many and some more."""
        rows, segments = max(2 * rows, len(self.rows)), max(2 * segments, len(self.segments))
        larger = Tables(self.cells, rows, segments)
        larger.rows[: len(self.rows)] = self.rows
        larger.segments[: len(self.segments)] = self.segments
        larger.index[:] = self.index
        return larger

    def look_up(self, x: Any, value: Any, gradient: Any) -> Any:
        """Fill value and gradient at up to BLOCK numbers; the places where nothing is known.

        Those of numbers that are not finite belong to them.
        """
        if self.is_compiled:
            if "places" not in _local.__dict__:
                _local.places = np.empty(BLOCK, np.int64)
            return look_up(self._compiled, x, value, gradient, _local.places).copy()
        exact = np.asarray(x, np.float64)
        total, slope, left = self._on_lines(exact) if self.lines else self._in_cells(exact)
        if value is not None:
            value[...] = total
        if gradient is not None:
            gradient[...] = slope
        return left

    def _on_lines(self, x: Floats) -> tuple[Floats, Floats, Any]:
        line, total, slope = scratch(x.size, 3)
        before = -np.inf
        for start, rise, *_, last, centre, _ in self.segments[: self.lines].tolist():
            np.subtract(x, centre, out=line)
            line *= rise
            line += start
            inside = ~(x <= before)  # nan too
            np.copyto(total, line, where=inside)
            np.copyto(slope, rise, where=inside)
            before = last
        left = np.flatnonzero(~np.isfinite(x))
        total[left] = slope[left] = np.nan
        return total, slope, left

    def _in_cells(self, x: Floats) -> tuple[Floats, Floats, Any]:
        """Horner's scheme gives the gradient along with the value."""
        assert self.cells is not None
        step, coefficient, total, slope, room = scratch(x.size, 5)
        keys = self.cells.find(x, step, coefficient, room.view(np.int64))
        start = self.index.take(keys, mode="clip")
        row = ~start
        self.rows[:, COEFFICIENTS - 1].take(row, out=total, mode="clip")
        np.copyto(slope, total)
        for n in range(COEFFICIENTS - 2, -1, -1):
            self.rows[:, n].take(row, out=coefficient, mode="clip")
            total *= step
            total += coefficient
            if n:
                slope *= step
                slope += total
        left = np.flatnonzero(start >= 0)
        if left.size:
            total[left], slope[left] = polynomials.by_segments(self.segments, start[left], x[left])
            left = left[np.isnan(total[left]) | np.isinf(x[left])]
        return total, slope, left
