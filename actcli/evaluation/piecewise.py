"""Value and gradient in float64 from polynomials, one for each 1/256 of the line.

The polynomials are made from the wide reading of a formula, cell by cell as inputs fall into
them, and each is held against that reading before it is used. A root of the gradient, beside which
digits would cancel, has a polynomial around it, made from Arb balls. Where none will do (a breakpoint,
results below REST, inputs beyond REACH) the reading itself answers. What an input gives does not
depend on what else is in the array.
"""

import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..numbers.root_polynomials import (
    AROUND,
    AROUND_DEGREE,
    PER_UNIT,
    TOLERANCE,
    Floats,
    RootNeighbourhood,
    Sharp,
    Wide,
    _places,
    polynomial_around,
)
from ..numbers.wide import widened

Read = Callable[[Wide, int], list[Any]]  # (x, order) -> [value, gradient][: order + 1]
Kernel = Callable[[Floats, Floats | None, Floats | None], None]  # fills value and gradient

BLOCK = 65_536  # numbers; small blocks make threads wait for the interpreter between operations
AT_ONCE = 8_192  # numbers of a wide reading, whose temporaries then stay in the cache
REACH = 64
REST = 1e-280  # far below it a double loses digits
HIGHEST = 8  # degree of a gradient's polynomial
STEEPEST = 2.5  # sizes in a cell and in its middle differ by no more: digits would cancel

_HALF = REACH * PER_UNIT
_CELLS = 2 * _HALF
_ROUND = 1.5 * 2.0**52 / PER_UNIT  # what is added to it is rounded to a multiple of 1/PER_UNIT
_BITS = int(np.float64(_ROUND).view(np.int64))
_TOGETHER = 64  # neighbours that are made together, where half of them are wanted
_MUCH_USED = 1024  # cells of a table, from where on they are whenever one is

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


def in_cells(x: Floats, half: int, middle: Floats, step: Floats, room: Floats) -> Any:
    """The cells of x, counted from -half/PER_UNIT; fills their middles and the steps from there.

    The cells take the place of `room`. Those of numbers far out are beyond all others.
    """
    cell = room.view(np.int64)
    np.add(x, _ROUND, out=middle)
    np.subtract(middle.view(np.int64), _BITS - half, out=cell)
    middle -= _ROUND
    np.subtract(x, middle, out=step)
    return cell


def in_blocks(
    fill: Kernel,
    complete: Callable[[Any], None],
    x: Floats,
    value: Floats | None,
    gradient: Floats | None,
) -> None:
    """`fill` for every block, and `complete` for the places where it leaves nan.

    Those of several blocks together, as a few numbers take nearly as long as a thousand; but no
    more than a block's, so that little memory is needed even where all are left.
    """
    unknown: list[Any] = []
    for start in range(0, x.size, BLOCK):
        part = slice(start, start + BLOCK)
        outs = [None if out is None else out[part] for out in (value, gradient)]
        fill(x[part], *outs)
        judge = outs[1] if outs[0] is None else outs[0]
        if judge is not None and np.isnan(judge.min()):
            unknown.append(start + np.flatnonzero(np.isnan(judge)))
        if unknown and (start + BLOCK >= x.size or sum(map(len, unknown)) >= AT_ONCE):
            complete(np.concatenate(unknown))
            unknown.clear()


class Tabulated:
    """A kernel: fills value and gradient for contiguous float64 numbers of shape (n,).

    `breakpoints` are the places where the formula changes branch. Results are within about an ulp of the
    reading's. Infinity is left to the caller.
    """

    def __init__(self, read: Read, sharp: Sharp, breakpoints: Iterable[float]) -> None:
        self._read = read
        self._sharp = sharp
        self._roots: list[RootNeighbourhood] = []
        self._root_of = np.zeros(_CELLS, np.int32)  # by cell: 0, or 1 + where it is in the list
        self._made = self._cells = 0  # how often cells were made, and how many
        self._tried = np.zeros(_CELLS, bool)
        self._tried[[0, -1]] = True  # what lies beyond is looked up there
        for breakpoint in breakpoints:
            if abs(breakpoint) < REACH - 1:
                at = breakpoint * PER_UNIT + _HALF
                self._tried[[round(at - 0.01), round(at + 0.01)]] = True
        self.degree = self._least_degree()
        # By power of the distance to the middle of a cell.
        self._rows = np.full((self.degree + 2, _CELLS), np.nan)

    def __call__(self, x: Floats, value: Floats | None, gradient: Floats | None) -> None:
        made = self._made

        def complete(places: Any) -> None:
            nonlocal made
            for start in range(0, places.size, AT_ONCE):
                part_of = places[start : start + AT_ONCE]
                found = self._complete(x[part_of], made)
                for out, known in zip((value, gradient), found, strict=True):
                    if out is not None:
                        out[part_of] = known
            made = self._made

        with np.errstate(all="ignore"):
            in_blocks(self._look_up, complete, x, value, gradient)

    def _complete(self, x: Floats, made: int) -> list[Floats]:
        """Value and gradient at x, of which nothing was known after cells were made `made` times."""
        found = [np.full(x.size, np.nan), np.full(x.size, np.nan)]
        if self._make_cells(x) != made:
            self._look_up(x, *found)
        self._answer(x, found)
        return found

    def _answer(self, x: Floats, found: list[Floats]) -> None:
        """Fill what is still nan and should not be: around roots, else from the reading."""
        unknown = np.isnan(found[0]) & ~np.isnan(x)
        if self._roots:
            cells = np.rint(np.clip(x, -REACH, REACH) * PER_UNIT).astype(np.intp) + _HALF
            root_of = self._root_of.take(cells, mode="clip") * unknown
            for which in np.unique(root_of[root_of > 0]):
                root = self._roots[which - 1]
                near = (root_of == which) & (np.abs(x - root.high) <= AROUND)
                found[0][near], found[1][near] = root(x[near])
                unknown &= ~near
        if unknown.any():
            # The reading sees equal numbers once: inputs may all be 0.
            bits, place = np.unique(x[unknown].view(np.int64), return_inverse=True)
            wide = widened(bits.view(np.float64))
            for out, part in zip(found, self._read(wide, 1), strict=True):
                out[unknown] = np.broadcast_to(part, wide.shape).astype(np.float64)[place]

    def _look_up(self, x: Floats, value: Floats | None, gradient: Floats | None) -> None:
        """nan where there is no polynomial. Horner's scheme gives the gradient along with the value."""
        step, coefficient, room, spare = scratch(x.size, 4)
        cell = in_cells(x, _HALF, coefficient, step, room)
        total = spare if value is None else value
        self._rows[-1].take(cell, out=total, mode="clip")
        if gradient is not None:
            np.copyto(gradient, total)
        for n in range(self.degree, -1, -1):
            self._rows[n].take(cell, out=coefficient, mode="clip")
            total *= step
            total += coefficient
            if n and gradient is not None:
                gradient *= step
                gradient += total

    # -- cells ----------------------------------------------------------------------------------
    def _make_cells(self, x: Floats) -> int:
        """Make the cells that these numbers are the first to fall into; how often any were made."""
        near = x[np.abs(x) < REACH]
        cells = np.unique(np.rint(near * PER_UNIT).astype(np.intp) + _HALF)
        with _making:
            cells = cells[~self._tried.take(cells, mode="clip")]
            if cells.size:
                groups, wanted = np.unique(cells // _TOGETHER, return_counts=True)
                if self._cells < _MUCH_USED:
                    groups = groups[wanted >= _TOGETHER // 2]
                whole = (groups[:, None] * _TOGETHER + np.arange(_TOGETHER)).ravel()
                cells = np.union1d(cells, whole[~self._tried[whole]])
                rows, good = self._fitted(cells - _HALF, self.degree)
                self._look_for_roots(cells[~good])
                # Whoever looks a cell up meanwhile finds nan, until all of it is there.
                self._rows[:, cells[good]] = rows[:, good]
                self._tried[cells] = True
                self._made += 1
                self._cells += cells.size
            return self._made

    def _fitted(self, cells: NDArray[np.intp], degree: int) -> tuple[Wide, Any]:
        """The rows of the cells with middles cells/PER_UNIT, and which of them will do."""
        places, inverse = _places(degree)
        at = (cells[:, None] + places) / PER_UNIT
        value, gradient = (
            np.broadcast_to(part, at.size).reshape(at.shape) for part in self._read(at.ravel(), 1)
        )
        powers = np.arange(degree + 1)[:, None]
        rows = widened(np.empty((degree + 2, cells.size)))
        rows[1:] = inverse @ gradient[:, : degree + 1].T
        rows[1:] = rows[1:] * float(PER_UNIT) ** powers / (powers + 1)
        rows[1] = gradient[:, -1]
        rows[0] = value[:, -1]

        step = places[degree + 1 :] / PER_UNIT
        slope = total = widened(np.zeros((cells.size, step.size)))
        for row in rows[::-1]:
            slope = slope * step + total
            total = total * step + row[:, None]
        good = np.ones(cells.size, bool)
        for exact, fitted in ((value, total), (gradient, slope)):
            shown, size = exact[:, degree + 1 :], np.abs(exact)
            least, most, middle = size.min(axis=1), size.max(axis=1), size[:, -1]
            good &= (np.abs(fitted - shown) <= TOLERANCE * np.abs(shown)).all(axis=1)
            even = (most <= STEEPEST * middle) & (middle <= STEEPEST * least) & (least >= REST)
            # A unit of the middle's last place is no more than two of any result's.
            even &= np.frexp(middle)[1] <= np.frexp(least)[1] + 1
            good &= (middle == 0) | even
        # A sum with -0 keeps the sign of the step, as tanh(-0) is -0.
        rows[0, (rows[0] == 0) & (rows[1] != 0)] = -0.0
        return rows, good

    def _look_for_roots(self, cells: NDArray[np.intp]) -> None:
        """Make the polynomials around the roots of the gradient that numbers of cells may be near.

        Each cell has its own: beside two roots, what a neighbour finds may not be found from here.
        """
        ends = (cells[:, None] - _HALF) / PER_UNIT + np.array([-1, 1]) * (AROUND + 1 / PER_UNIT)
        slopes = np.broadcast_to(self._read(widened(ends.ravel()), 1)[1], ends.size)
        below, above = slopes.reshape(ends.shape).T
        known = {root.high: n for n, root in enumerate(self._roots, 1)}
        changing = np.flatnonzero(below * above < 0)
        for k in changing[self._is_plain(ends[changing])]:
            root = polynomial_around(self._sharp, *ends[k].tolist())
            if root is not None:
                if root.high not in known:
                    self._roots.append(root)
                    known[root.high] = len(self._roots)
                self._root_of[cells[k]] = known[root.high]

    def _is_plain(self, ends: Floats) -> Any:
        """Whether gradients between the ends are nearly polynomials; others cost time in vain."""
        places, inverse = _places(AROUND_DEGREE + 1)
        at = ends.mean(axis=1)[:, None] + places * (ends[:, 1] - ends[:, 0])[:, None]
        gradient = np.broadcast_to(self._read(at.ravel(), 1)[1], at.size).reshape(at.shape)
        coefficients = inverse @ gradient[:, : len(inverse)].T
        fitted = coefficients.T @ places ** np.arange(len(inverse))[:, None]
        return np.abs(fitted - gradient).max(1) <= 64 * TOLERANCE * np.abs(gradient).max(1)

    def _least_degree(self) -> int:
        """The least degree that will do for every cell of a sample, but for those where none does."""
        sizes = np.geomspace(0.05, 8, 20)
        cells = np.rint(np.concatenate([-sizes, sizes]) * PER_UNIT).astype(np.intp)
        cells = cells[~self._tried[cells + _HALF]]
        with np.errstate(all="ignore"):
            cells = cells[self._fitted(cells, HIGHEST)[1]]
            if not cells.size:
                self._tried[:] = True
                return 0
            return next(n for n in range(HIGHEST + 1) if self._fitted(cells, n)[1].all())
