"""Value and gradient from polynomials, each for a cell of the line.

Their coefficients are made from the wide reading of a formula as inputs fall into cells (lookup.py),
and each polynomial is held against that reading before it is used. A cell with a breakpoint or a
root, beside which digits would cancel, is made of segments, which end or are centred there. Where
none will do (waves far out) the reading itself answers. What an input gives does not depend on what
else is in the array.
"""

import os
import threading
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

import numpy as np

from ..native.cells import fence
from ..numbers import cell_polynomials as polynomials
from ..numbers.cell_polynomials import LAST, CellPolynomials, Floats, Read, Root, Sharp, readings
from ..numbers.distinct import distinct, union
from ..numbers.wide import narrowed
from .lookup import BLOCK, COEFFICIENTS, FAR, MORE, START, TOGETHER, Cells, Keys, Tables

Kernel = Callable[[Any, Any, Any], Any]  # fills value and gradient; False: all numbers are finite

AT_ONCE = 8_192  # numbers of a wide reading, whose temporaries then stay in the cache
WIDTHS = (5, 6, 7), (8, 9)  # what is tried at once: cells of 1/32 to
NARROWEST = 10  # 1/1024, up to 16
ENOUGH = (
    0.95,
    0.9,
)  # of a sample of cells, where wider ones will do: better the second than narrower
DEEPEST = 6  # halvings of a cell
FEW = 4  # breakpoints, between which a function may be made of lines
TURNS = (
    0.125  # radians that a wave may go on from the middle of a cell: else it is made of many pieces
)

_ROOM = 2048, 64  # rows and segments, at first
_MUCH_USED = 256  # cells of a table, from where on they are whenever one is
_NOWHERE = np.array([*[np.nan] * MORE, np.inf, 0, 0])  # the segment where the reading answers

_making = threading.Lock()  # of cells


def _unlocked() -> None:
    """In a forked process: the thread that makes cells did not come along."""
    global _making
    _making = threading.Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_unlocked)


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
        self._cells = 0  # that were made
        self._roots: dict[tuple[int, float, float], Root | None] = {}
        self._row_count, self._segment_count = 0, 2
        with np.errstate(all="ignore"):
            found = (
                polynomials.lines(read, list(self._breakpoints))
                if len(self._breakpoints) <= FEW
                else None
            )
            cells = Cells(self._sampled_width()) if found is None else None
        self.is_lines = found is not None
        self._tables = Tables(cells, *_ROOM, len(found or ()))
        self._tables.segments[:2] = _NOWHERE  # of cells not made yet, and where the reading answers
        for row, (end, centre, value, slope) in zip(
            self._tables.segments, found or (), strict=False
        ):
            row[:] = value, slope, *[0] * (MORE - 2), end, centre, 0

    def __call__(self, x: Any, value: Any, gradient: Any) -> bool:
        """Whether some numbers are not finite."""
        odd = False
        left: list[Any] = []  # of several blocks: a few take as long as hundreds
        with np.errstate(all="ignore"):
            for start in range(0, x.size, BLOCK):
                part = slice(start, start + BLOCK)
                outs = [None if out is None else out[part] for out in (value, gradient)]
                if (places := self._tables.look_up(x[part], *outs)).size:
                    left.append(start + places)
                if left and (start + BLOCK >= x.size or sum(map(len, left)) >= AT_ONCE):
                    places = np.concatenate(left)
                    finite = np.isfinite(x[places])
                    odd = odd or not finite.all()
                    places = places[finite & (not self.is_lines)]
                    for first in range(0, places.size, BLOCK):
                        self._complete(x, places[first : first + BLOCK], (value, gradient))
                    left.clear()
        return odd

    def _complete(self, x: Any, places: Any, outs: tuple[Any, Any]) -> None:
        """Fill in what cells that are made now, or the reading, give at some places."""
        numbers = x[places]
        self._make_cells(numbers.astype(np.float64))
        found = [None if out is None else np.empty_like(numbers) for out in outs]
        left = self._tables.look_up(numbers, *found)
        for first in range(0, left.size, AT_ONCE):
            some = left[first : first + AT_ONCE]
            bits = numbers[some].astype(np.float64).view(np.int64)
            bits, place = np.unique(bits, return_inverse=True)  # all may be 0
            for out, wide in zip(found, readings(self._read, bits.view(np.float64)), strict=True):
                if out is not None:
                    out[some] = narrowed(wide)[place]
        for out, known in zip(outs, found, strict=True):
            if out is not None:
                out[places] = known

    # -- cells ----------------------------------------------------------------------------------
    def _make_cells(self, x: Floats) -> None:
        """Make the cells that these numbers are the first to fall into."""
        assert self._tables.cells is not None
        wanted = distinct(self._tables.cells.keys(x))
        with _making:
            keys = wanted[self._tables.index[wanted] == 0]
            if keys.size:
                self._add_cells(self._tables.cells, self._with_neighbours(keys), keys)

    def _with_neighbours(self, keys: Keys) -> Keys:
        cells, index = self._tables.cells, self._tables.index
        assert cells is not None
        each = keys // TOGETHER
        groups = distinct(each)
        if self._cells < _MUCH_USED:
            wanted = np.searchsorted(each, groups, "right") - np.searchsorted(each, groups)
            groups = groups[wanted >= TOGETHER // 2]
        whole = (groups[:, None] * TOGETHER + np.arange(TOGETHER)).ravel()
        middle, half = cells.ends(whole)
        whole = whole[(index[whole] == 0) & (np.abs(middle) + half < START)]
        return union(keys, whole)

    def _add_cells(self, cells: Cells, keys: Keys, wanted: Keys) -> None:
        """Add rows for these cells where they will do, and segments for the wanted ones of the others."""
        middle, half = cells.ends(keys)
        fit = self._plain_fit(middle, half)
        good = fit.good & ~self._is_broken(middle, half) & (half * self._fastest <= TURNS)
        good &= np.abs(middle) + START < FAR
        kept = good.copy()
        kept[np.searchsorted(keys, wanted)] = True
        keys, middle, half, good = keys[kept], middle[kept], half[kept], good[kept]
        rows = fit.coefficients[kept][good]
        lists = self._segments_of(middle[~good], half[~good])
        starts = self._segment_count + np.cumsum([0, *map(len, lists)])
        tables, first = self._tables, self._row_count
        self._row_count, self._segment_count = first + len(rows), int(starts[-1])
        room = len(tables.rows), len(tables.segments)
        if self._row_count > room[0] or self._segment_count > room[1]:
            tables = tables.grown(self._row_count, self._segment_count)
        tables.rows[first : self._row_count] = rows
        for start, segments in zip(starts, lists, strict=False):
            tables.segments[start : start + len(segments)] = segments
        index = np.empty(keys.size, np.int32)
        index[good] = -tables.row_step * (first + 1 + np.arange(len(rows)))
        empty = np.diff(starts) == 0
        index[~good] = tables.segment_step * np.where(empty, 1, starts[:-1])
        # Whoever looks a cell up meanwhile finds nothing, until all of it is there.
        fence()
        tables.index[keys] = index
        self._tables = tables
        self._cells += keys.size

    def _plain_fit(self, middle: Floats, half: Floats) -> CellPolynomials:
        centre = middle, np.zeros_like(middle)
        fit = CellPolynomials(self._read, middle - half, middle + half, centre, 0, COEFFICIENTS)
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
                cells = Cells(bits)
                ends.append(cells.ends(cells.keys(sample)))
            middle, half = (np.concatenate(parts) for parts in zip(*ends, strict=True))
            whole = (~self._is_broken(middle, half)).reshape(len(ends), -1)
            good = self._plain_fit(middle, half).good.reshape(len(ends), -1) & whole
            for share in ENOUGH:
                enough = good.sum(axis=1) >= share * whole.sum(axis=1)
                if enough.any():
                    return widths[int(enough.argmax())]
        return NARROWEST

    # -- segments -------------------------------------------------------------------------------
    def _segments_of(self, middle: Floats, half: Floats) -> list[Floats]:
        """The segments of cells, in ascending order; none where the reading answers everywhere."""
        found: list[tuple[Any, Floats]] = []
        far = np.abs(middle) + START >= FAR
        for cell in np.flatnonzero(far):
            side = np.sign(middle[cell])
            line = polynomials.far_line(self._read, side, FAR / 2, self._breakpoints)
            segment = [*(line or ()), *[0] * (MORE - 2), np.inf, 0, 0] if line else _NOWHERE
            found.append((np.array([cell]), np.array([segment])))
        fine = (half * self._fastest <= TURNS) & ~far
        pieces = [
            (cell, *piece)
            for cell in np.flatnonzero(fine).tolist()
            for piece in polynomials.unbroken(self._breakpoints, middle[cell], half[cell])
        ]
        which, low, high = np.array(pieces).reshape(-1, 3).T
        which = which.astype(np.intp)
        for depth in range(DEEPEST + 1):
            which, low, high = self._halves_of_unfit(which, low, high, found, DEEPEST - depth)
        owners = np.concatenate([[], *(cells for cells, _ in found)]).astype(np.intp)
        rows = np.concatenate([np.empty((0, MORE + 3)), *(part for _, part in found)])
        rows = rows[np.lexsort((rows[:, LAST], owners))]
        ends = np.cumsum(np.bincount(owners, minlength=middle.size)).tolist()
        tables = [rows[start:end] for start, end in pairwise([0, *ends])]
        for table in tables:
            table[-1:, LAST] = np.inf
        return [table[:0] if np.isnan(table[:, 0]).all() else table for table in tables]

    def _halves_of_unfit(
        self, cells: Any, low: Floats, high: Floats, found: list[tuple[Any, Floats]], halvings: int
    ) -> tuple[Any, Floats, Floats]:
        """Add the segments of pieces that have a good polynomial to `found`; the others in halves.

        A piece is from `low` to `high`, all in shape (n,). In halves, up to so many `halvings` from
        here, or in those that none of them makes better, the reading answers.
        """
        powers, first, last, near, rest = self._centres(low, high)
        unfit = np.zeros(low.size, bool)
        for power in distinct(powers).tolist():
            some = np.flatnonzero(powers == power)
            centre = near[some], rest[some]
            fit = CellPolynomials(
                self._read, first[some], last[some], centre, power, MORE, halvings
            )
            points = low[some] == high[some]
            fit.coefficients[points] = 0
            fit.coefficients[points, 0] = fit.value[points, -1]
            fit.coefficients[points, 1] = fit.gradient[points, -1]
            fit.good |= points
            polynomials.sign_zeros(fit.coefficients)
            rows = np.column_stack([fit.coefficients, high[some], *centre])
            done = fit.good.copy()
            for k, row in self._around_roots(low[some], high[some], ~fit.good).items():
                rows[k], done[k] = row, True
            lost = ~done & (fit.always_lost | (halvings == 0))
            rows[lost] = _NOWHERE
            rows[lost, LAST] = high[some][lost]
            found.append((cells[some][done | lost], rows[done | lost]))
            unfit[some] = ~(done | lost)
        cells, low, high = cells[unfit], low[unfit], high[unfit]
        half = (low + high) / 2
        return (
            np.concatenate([cells, cells]),
            np.concatenate([low, np.nextafter(half, np.inf)]),
            np.concatenate([half, high]),
        )

    def _centres(self, low: Floats, high: Floats) -> tuple[Any, Floats, Floats, Floats, Floats]:
        """What `_centre` says of each piece: it is asked where 0 or a breakpoint is near."""
        powers = np.zeros(low.size, np.intp)
        first, last, near, rest = low.copy(), high.copy(), (low + high) / 2, np.zeros(low.size)
        marks = np.sort([0.0, *self._breakpoints])
        after = np.append(marks, np.inf)[np.searchsorted(marks, 2 * low - high)]
        for k in np.flatnonzero((after <= 2 * high - low) | (low == high)).tolist():
            powers[k], first[k], last[k], near[k], rest[k] = self._centre(
                float(low[k]), float(high[k])
            )
        return powers, first, last, near, rest

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
        left, right = (readings(self._read, x) for x in (middle - half, middle + half))
        crosses = [
            np.sign(narrowed(a)) * np.sign(narrowed(b)) < 0
            for a, b in zip(left, right, strict=True)
        ]
        slow = half * self._fastest <= 4 * TURNS  # else no polynomial reaches as far as the window
        roots: dict[int, Root] = {}
        for order, where in ((1, unfit & crosses[1] & slow), (0, unfit & crosses[0])):
            for k in np.flatnonzero(where).tolist():
                if k in found:
                    continue
                root = self._root(order, float(middle[k] - half[k]), float(middle[k] + half[k]))
                if root is not None and order == 0:
                    roots[k] = root
                elif root is not None and root.coefficients is not None:
                    found[k] = np.array([*root.coefficients, high[k], root.high, root.low])
        if roots:
            places = np.array(list(roots))
            centre = np.array([(root.high, root.low) for root in roots.values()]).T
            fit = CellPolynomials(
                self._read, low[places], high[places], (centre[0], centre[1]), 0, MORE
            )
            for i in np.flatnonzero(fit.good).tolist():
                found[int(places[i])] = np.array(
                    [*fit.coefficients[i], high[places[i]], *centre[:, i]]
                )
        return found

    def _root(self, order: int, low: float, high: float) -> Root | None:
        key = order, low, high
        if key not in self._roots:
            try:
                self._roots[key] = Root(self._sharp, *key, MORE)
            except ValueError:
                self._roots[key] = None
        return self._roots[key]
