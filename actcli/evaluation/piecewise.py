"""Value and gradient from polynomials, each for a cell of the line.

Cells are those of |x| + 16 by its leading bits: as wide as one another up to 16, beyond that in
proportion; all from 2**32 on are one. Their polynomials are made from the wide reading of a formula
as inputs fall into them, and each is held against that reading before it is used. A cell with a
breakpoint or a root, beside which digits would cancel, is made of segments, which end or are
centred there. Where none will do (waves far out) the reading itself answers. What an input gives
does not depend on what else is in the array. The lookup is compiled (native/kernel.cpp), or numpy's.
"""

import ctypes
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import native
from ..numbers import cell_polynomials as polynomials
from ..numbers.cell_polynomials import FIRST, LAST, Fit, Floats, Read, Root, Sharp, readings
from ..numbers.distinct import distinct, union
from ..numbers.wide import narrowed

Kernel = Callable[[Any, Any, Any], Any]  # fills value and gradient; False: all numbers are finite
Keys = NDArray[np.int64]

BLOCK = 65_536  # numbers; small blocks make threads wait for the interpreter between operations
AT_ONCE = 8_192  # numbers of a wide reading, whose temporaries then stay in the cache
COEFFICIENTS = 8  # of the polynomial of a cell,
MORE = 13  # and of a segment
WIDTHS = (5, 6, 7), (8, 9)  # what is tried at once: cells of 1/32 to
NARROWEST = 10  # 1/1024, up to 16
ENOUGH = 0.95  # of a sample of cells, where wider ones will do
DEEPEST = 4  # halvings of a cell
FEW = 4  # breakpoints, between which a function may be made of lines
TURNS = 0.5  # radians that a wave may go on in a cell

_START = 16.0  # where cells begin to widen
_FAR = 2.0**32  # where the last one begins
_SIGN = np.uint64(1 << 63)
_TOGETHER = 64  # neighbours that are made together, where half of them are wanted
_MUCH_USED = 1024  # cells of a table, from where on they are whenever one is
_NOWHERE = np.array([np.inf, *[np.nan] * (MORE + 2)])  # the segment where the reading answers

_local = threading.local()
_making = threading.Lock()  # of cells


def _unlocked() -> None:
    """In a forked process: the thread that makes cells did not come along."""
    global _making
    _making = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlocked)


def scratch(size: int, count: int) -> list[Floats]:
    """Arrays to work in; they belong to the thread, and the next call hands them out again."""
    arrays: list[Floats] = _local.__dict__.setdefault("arrays", [])
    while len(arrays) < count:
        arrays.append(np.empty(BLOCK))
    return [array[:size] for array in arrays[:count]]


class _Cells(ctypes.Structure):
    """Of kernel.cpp."""

    _fields_ = [
        *((name, ctypes.c_void_p) for name in ("index", "rows", "segments")),
        *(
            (name, ctypes.c_int64)
            for name in ("row_count", "segment_count", "shift", "half", "base", "degree")
        ),
    ]


class Tabulated:
    """A kernel: fills value and gradient for contiguous float64 or float32 numbers of shape (n,).

    `breakpoints` are the places where the formula changes branch, each the sum of two floats;
    `fastest` is the largest |w| of its sin(w*x). Results are within about an ulp of the reading's.
    Infinity is left to the caller.
    """

    def __init__(
        self,
        read: Read,
        sharp: Sharp,
        breakpoints: Iterable[tuple[float, float]],
        fastest: float = 0,
    ) -> None:
        self._read = read
        self._sharp = sharp
        self._breakpoints = dict(breakpoints)
        self._fastest = fastest
        self._made = self._cells = 0  # how often cells were made, and how many
        self._shift = self._half = self._base = 0
        self._native = native.library()
        self._roots: dict[tuple[int, float, float], Root | None] = {}
        self._index = np.zeros(0, np.int32)
        with np.errstate(all="ignore"):
            found = (
                polynomials.lines(read, list(self._breakpoints))
                if len(self._breakpoints) <= FEW
                else None
            )
            if found is None:
                self._set_width(self._sampled_width())
                last = (int(np.float64(_FAR).view(np.int64)) >> self._shift) - self._base
                self._index = np.zeros(last + 1 + (1 << (63 - self._shift)), np.int32)
        # Row 0 stands for cells that were not tried, segment 0 for the reading.
        self._rows, self._row_count = self._table(1024, COEFFICIENTS), 1
        self._segments, self._segment_count = self._table(64, MORE + 3), 1
        self._segments[0] = _NOWHERE
        self._degree = 1  # of all rows
        self.is_lines = found is not None
        if found is not None:  # which take the place of cells
            self._segment_count = len(found)
            self._segments[: len(found)] = 0
            for row, (end, centre, value, slope) in zip(self._segments, found, strict=False):
                row[:5] = end, centre, 0, value, slope

    def _set_width(self, bits: int) -> None:
        """Cells of 2**-bits up to 16."""
        self._shift = 52 - 4 - bits
        self._half = 1 << (self._shift - 1)
        self._base = int(np.float64(_START).view(np.int64)) >> self._shift

    def _table(self, size: int, columns: int) -> Floats:
        """One row for each polynomial; stored by column where numpy takes it apart."""
        return np.full((size, columns), np.nan, order="C" if self._native else "F")

    def __call__(self, x: Any, value: Any, gradient: Any) -> bool:
        """Whether some numbers are not finite."""
        odd = False
        with np.errstate(all="ignore"):
            for start in range(0, x.size, BLOCK):
                part = slice(start, start + BLOCK)
                outs = [None if out is None else out[part] for out in (value, gradient)]
                made = self._made
                left = self._look_up(x[part], *outs)
                if not left.size:
                    continue
                numbers = x[part][left].astype(np.float64)
                known = np.isfinite(numbers)
                odd = odd or not known.all()
                if self.is_lines:
                    continue
                if self._make_cells(numbers[known]) != made:
                    left = self._look_up(x[part], *outs)
                left = left[np.isfinite(x[part][left])]
                for first in range(0, left.size, AT_ONCE):
                    self._read_at(x[part], left[first : first + AT_ONCE], outs)
        return odd

    def _read_at(self, x: Any, places: Any, outs: list[Any]) -> None:
        """Fill in what the reading gives at some places, seeing equal numbers once: all may be 0."""
        bits, place = np.unique(x[places].astype(np.float64).view(np.int64), return_inverse=True)
        for out, found in zip(outs, readings(self._read, bits.view(np.float64)), strict=True):
            if out is not None:
                out[places] = narrowed(found)[place]

    # -- lookup ---------------------------------------------------------------------------------
    def _look_up(self, x: Any, value: Any, gradient: Any) -> Any:
        """Fill value and gradient at up to BLOCK numbers; the places where nothing is known are nan."""
        count, degree = self._row_count, self._degree  # before the rows, which may become more
        index, rows, segments = self._index, self._rows, self._segments
        width = self._shift, self._half, self._base
        if self._native is None and self.is_lines:
            return self._by_lines(np.asarray(x, np.float64), value, gradient)
        if self._native is None:
            return self._look_up_by_numpy(x, value, gradient, rows, segments)
        places: Any = _local.__dict__.get("places")
        if places is None:
            places = _local.places = np.empty(BLOCK, np.int64)
        cells = _Cells(
            index.ctypes.data if index.size else None,
            rows.ctypes.data,
            segments.ctypes.data,
            count,
            self._segment_count if self.is_lines else len(segments),
            *width,
            degree,
        )
        outs = (
            None if out is None else out.ctypes.data_as(ctypes.c_void_p)
            for out in (value, gradient)
        )
        function = getattr(self._native, f"cells_{x.dtype.name}")
        function.restype = ctypes.c_int64
        left = function(
            ctypes.byref(cells),
            x.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_int64(x.size),
            *outs,
            places.ctypes.data_as(ctypes.c_void_p),
        )
        return places[:left].copy()

    def _by_lines(self, x: Floats, value: Any, gradient: Any) -> Any:
        """The lookup where lines cover all numbers; the places of those that are not finite."""
        line, total, slope = scratch(x.size, 3)
        before = -np.inf
        for last, centre, _, start, rise in self._segments[: self._segment_count, :5].tolist():
            np.subtract(x, centre, out=line)
            line *= rise
            line += start
            inside = ~(x <= before)  # nan too
            np.copyto(total, line, where=inside)
            np.copyto(slope, rise, where=inside)
            before = last
        left = np.flatnonzero(~np.isfinite(x))
        total[left] = slope[left] = np.nan
        if value is not None:
            value[...] = total
        if gradient is not None:
            gradient[...] = slope
        return left

    def _look_up_by_numpy(
        self, given: Any, value: Any, gradient: Any, rows: Floats, segments: Floats
    ) -> Any:
        """Horner's scheme gives the gradient along with the value."""
        x = np.asarray(given, np.float64)
        step, coefficient, total, slope, room = scratch(x.size, 5)
        keys = self._keys(x, step, coefficient, room.view(np.int64))
        row = self._index.take(keys, mode="clip")
        np.copyto(row, 0, where=(row < 0) | (row >= len(rows)))
        rows[:, COEFFICIENTS - 1].take(row, out=total, mode="clip")
        np.copyto(slope, total)
        for n in range(COEFFICIENTS - 2, -1, -1):
            rows[:, n].take(row, out=coefficient, mode="clip")
            total *= step
            total += coefficient
            if n and gradient is not None:
                slope *= step
                slope += total
        left = np.flatnonzero(row == 0)
        if left.size:
            which = ~self._index.take(keys[left])
            known = (which >= 0) & (which < len(segments))
            at, which = left[known], which[known]
            total[left] = slope[left] = np.nan
            total[at], slope[at] = polynomials.by_segments(segments, which, x[at])
            left = left[np.isnan(total[left]) | np.isinf(x[left])]
        if value is not None:
            value[...] = total
        if gradient is not None:
            gradient[...] = slope
        return left

    def _keys(self, x: Floats, step: Floats, spare: Floats, keys: Keys) -> Keys:
        """The keys of the cells of x; fills the steps from their middles. nan and infinity have some."""
        np.abs(x, out=step)
        np.add(step, _START, out=spare)
        np.fmin(spare, _FAR, out=spare)
        bits = spare.view(np.int64)
        bits += self._half
        signs = x.view(np.uint64) & _SIGN
        np.right_shift(
            bits.view(np.uint64) | signs, np.uint64(self._shift), out=keys.view(np.uint64)
        )
        keys -= self._base
        bits &= -1 << self._shift
        spare -= _START
        step -= spare
        np.copysign(1.0, x, out=spare)
        step *= spare
        return keys

    def keys(self, x: Floats) -> Keys:
        return self._keys(x, np.empty_like(x), np.empty_like(x), np.empty(x.shape, np.int64))

    # -- cells ----------------------------------------------------------------------------------
    def _ends(self, keys: Keys) -> tuple[Floats, Floats]:
        """The middles of cells, and how far at most their ends are from there."""
        full = keys + self._base
        top = 63 - self._shift
        middle = ((full & ((1 << top) - 1)) << self._shift).view(np.float64)
        half = (((full & ((1 << top) - 1)) << self._shift) + self._half).view(np.float64) - middle
        return np.where(full >> top != 0, -1.0, 1.0) * (middle - _START), half

    def _make_cells(self, x: Floats) -> int:
        """Make the cells that these numbers are the first to fall into; how often any were made."""
        wanted = distinct(self.keys(x))
        with _making:
            keys = wanted[self._index[wanted] == 0]
            if keys.size:
                self._add_cells(self._with_neighbours(keys), keys)
                self._made += 1
            return self._made

    def _with_neighbours(self, keys: Keys) -> Keys:
        each = keys // _TOGETHER
        groups = distinct(each)
        if self._cells < _MUCH_USED:
            wanted = np.searchsorted(each, groups, "right") - np.searchsorted(each, groups)
            groups = groups[wanted >= _TOGETHER // 2]
        whole = (groups[:, None] * _TOGETHER + np.arange(_TOGETHER)).ravel()
        whole = whole[(whole >= 0) & (whole < self._index.size)]
        middle, half = self._ends(whole)
        whole = whole[(self._index[whole] == 0) & (np.abs(middle) + half < _START)]
        return union(keys, whole)

    def _add_cells(self, keys: Keys, wanted: Keys) -> None:
        """Add rows for these cells where they will do, and segments for the wanted ones of the others."""
        middle, half = self._ends(keys)
        fit = self._plain_fit(middle, half)
        good = fit.good & ~self._is_broken(middle, half) & (half * self._fastest <= TURNS)
        good &= np.abs(middle) + _START < _FAR
        kept = good.copy()
        kept[np.searchsorted(keys, wanted)] = True
        keys, middle, half, good = keys[kept], middle[kept], half[kept], good[kept]
        index = np.empty(keys.size, np.int32)
        count = int(good.sum())
        self._rows = self._grown(self._rows, self._row_count, count)
        self._rows[self._row_count : self._row_count + count] = fit.coefficients[kept][good]
        index[good] = self._row_count + np.arange(count)
        used = np.flatnonzero((fit.coefficients[kept][good] != 0).any(axis=0))
        self._degree = max(self._degree, *used.tolist(), 0)
        self._row_count += count
        lists = self._segments_of(middle[~good], half[~good], keys[~good])
        starts = np.cumsum([0, *map(len, lists)])
        self._segments = self._grown(self._segments, self._segment_count, int(starts[-1]))
        for first, rows in zip(starts, lists, strict=False):
            start = self._segment_count + int(first)
            self._segments[start : start + len(rows)] = rows
        index[~good] = [
            ~(self._segment_count + int(first)) if len(rows) else ~0
            for first, rows in zip(starts, lists, strict=False)
        ]
        self._segment_count += int(starts[-1])
        # Whoever looks a cell up meanwhile finds nan, until all of it is there.
        if self._native is not None:
            self._native.fence()
        self._index[keys] = index
        self._cells += keys.size

    def _grown(self, table: Floats, used: int, more: int) -> Floats:
        """The table, or a larger copy of it with room for so many rows."""
        if used + more <= len(table):
            return table
        larger = self._table(2 * (used + more), table.shape[1])
        larger[:used] = table[:used]
        return larger

    def _plain_fit(self, middle: Floats, half: Floats) -> Fit:
        centre = middle, np.zeros_like(middle)
        fit = Fit(self._read, middle - half, middle + half, centre, 0, COEFFICIENTS)
        polynomials.sign_zeros(fit.coefficients)
        return fit

    def _is_broken(self, middle: Floats, half: Floats) -> Any:
        """Whether there is a breakpoint in a cell, or as good as; a number near an end may be beyond it."""
        broken = np.zeros(middle.size, bool)
        for breakpoint in self._breakpoints:
            broken |= np.abs(middle - breakpoint) <= half * (1 + 2.0**-20)
        return broken

    def _sampled_width(self) -> int:
        """The bits of the widest cells that will do for most of a sample."""
        sizes = np.arange(0.16, 6, 0.31)
        sample = np.concatenate([-sizes, sizes])
        for widths in WIDTHS:
            ends = []
            for bits in widths:
                self._set_width(bits)
                ends.append(self._ends(self.keys(sample)))
            middle, half = (np.concatenate(parts) for parts in zip(*ends, strict=True))
            whole = (~self._is_broken(middle, half)).reshape(len(ends), -1)
            good = self._plain_fit(middle, half).good.reshape(len(ends), -1) & whole
            enough = good.sum(axis=1) >= ENOUGH * whole.sum(axis=1)
            if enough.any():
                return widths[int(enough.argmax())]
        return NARROWEST

    # -- segments -------------------------------------------------------------------------------
    def _segments_of(self, middle: Floats, half: Floats, keys: Keys) -> list[Floats]:
        """The segments of cells, in ascending order; none where the reading answers everywhere."""
        found: list[list[Floats]] = [[] for _ in keys]
        far = np.abs(middle) + _START >= _FAR
        for cell in np.flatnonzero(far):
            side = np.sign(middle[cell])
            line = polynomials.far_line(self._read, side, _FAR / 2, self._breakpoints)
            segment = [np.inf, 0, 0, *(line or ()), *[0] * (MORE - 2)]
            found[cell].append(np.array(segment) if line else _NOWHERE)
        fine = (half * self._fastest <= TURNS) & ~far
        pieces = [
            (cell, *piece)
            for cell in np.flatnonzero(fine)
            for piece in polynomials.unbroken(self._breakpoints, middle[cell], half[cell])
        ]
        for depth in range(DEEPEST + 1):
            pieces = self._halves_of_unfit(pieces, found, depth == DEEPEST)
        ordered = []
        for rows in found:
            table = np.array(sorted(rows, key=lambda row: row[LAST])).reshape(-1, MORE + 3)
            if len(table):
                table[-1, LAST] = np.inf
                if np.isnan(table[:, FIRST]).all():
                    table = table[:0]
            ordered.append(table)
        return ordered

    def _halves_of_unfit(
        self, pieces: list[Any], found: list[list[Floats]], is_last: bool
    ) -> list[Any]:
        """Add the segments of pieces that have a good polynomial to `found`; the others in halves."""
        halves = []
        groups: dict[int, list[Any]] = {}
        for cell, low, high in pieces:
            power, *where = self._centre(low, high)
            groups.setdefault(power, []).append((cell, low, high, *where))
        for power, members in groups.items():
            low, high, first, last, near, rest = np.array([m[1:] for m in members]).T
            fit = Fit(self._read, first, last, (near, rest), power, MORE)
            points = low == high
            fit.coefficients[points] = 0
            fit.coefficients[points, 0] = fit.value[points, -1]
            fit.coefficients[points, 1] = fit.gradient[points, -1]
            fit.good |= points
            polynomials.sign_zeros(fit.coefficients)
            rooted = self._around_roots(low, high, ~fit.good)
            for k, (cell, a, b, *_) in enumerate(members):
                if fit.good[k]:
                    found[cell].append(np.array([b, near[k], rest[k], *fit.coefficients[k]]))
                elif k in rooted:
                    found[cell].append(rooted[k])
                elif is_last:
                    found[cell].append(np.array([b, *_NOWHERE[1:]]))
                else:
                    half = (a + b) / 2
                    halves += [(cell, a, half), (cell, float(np.nextafter(half, np.inf)), b)]
        return halves

    def _centre(self, low: float, high: float) -> tuple[int, float, float, float, float]:
        """How the polynomial of a piece is made: the power that the gradient has at its centre, the
        ends of what it is made for, and its centre as the sum of two floats.

        That is 0, or a breakpoint beside it, where value or gradient is 0; else in the middle.
        """
        if low == high:
            return 0, low, high, low, 0.0
        for at, rest in {0.0: 0.0, **self._breakpoints}.items():
            if not 2 * low - high <= at <= 2 * high - low:
                continue
            side = 1.0 if high > at else -1.0
            first = float(np.nextafter(at, side * np.inf)) if at in self._breakpoints else at
            low, high = min(low, first), max(high, first)
            tiny = side * (high - low) * 2.0**-20
            beside = at + np.array([tiny, tiny / 2, tiny * 2.0**20 * 0.7])
            value, slope = readings(self._read, beside)
            value, slope = np.abs(narrowed(value)), np.abs(narrowed(slope))
            power = 0
            if slope[1] > 0 and slope[0] < slope[2] * 2.0**-8:
                power = int(np.clip(np.rint(np.log2(slope[0] / slope[1])), 0, 4))
            if at == 0 or power or value[0] < value[2] * 2.0**-8:
                return power, low, high, at, rest
        return 0, low, high, (low + high) / 2, 0.0

    def _around_roots(self, low: Floats, high: Floats, unfit: Any) -> dict[int, Floats]:
        """The segments of pieces that have, or lie beside, a root of value or gradient, by place.

        Roots are looked for in windows that hold several pieces, and found once.
        """
        found: dict[int, Floats] = {}
        if not unfit.any():
            return found
        half = np.exp2(np.ceil(np.log2(2 * (high - low))))
        middle = np.rint((low / 2 + high / 2) / half) * half
        ends = [readings(self._read, x) for x in (middle - half, middle + half)]
        for order in (1, 0):
            left, right = (narrowed(end[order]) for end in ends)
            for k in np.flatnonzero(unfit & (np.sign(left) * np.sign(right) < 0)).tolist():
                root = self._root(order, float(middle[k] - half[k]), float(middle[k] + half[k]))
                if root is None or k in found:
                    continue
                coefficients = root.coefficients
                if order == 0:
                    piece = slice(k, k + 1)
                    centre = np.array([root.high]), np.array([root.low])
                    fit = Fit(self._read, low[piece], high[piece], centre, 0, MORE)
                    coefficients = fit.coefficients[0] if fit.good[0] else None
                if coefficients is not None:
                    found[k] = np.array([high[k], root.high, root.low, *coefficients])
        return found

    def _root(self, order: int, low: float, high: float) -> Root | None:
        key = order, low, high
        if key not in self._roots:
            try:
                self._roots[key] = Root(self._sharp, *key, MORE)
            except ValueError:
                self._roots[key] = None
        return self._roots[key]
