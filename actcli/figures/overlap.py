"""Curves that lie on one another: who is drawn where, so that each stays visible.

Where two or more curves coincide, the lowest is drawn solid and the others take turns in
dashes over it. All lengths in inches.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..numbers.types import Floats

STEP = 0.013
"""Width of the columns in which curves are compared: about two dots on paper."""
LASTS = 24
"""How long curves must run together to coincide, in multiples of their distance."""
MOST = 12
"""Of more curves each coincides with its neighbours somewhere, and dashes would hide them all."""


@dataclass(frozen=True)
class Segment:
    """A stretch of a curve, and its turn among `of` curves that coincide there."""

    x: Floats
    y: Floats
    turn: int
    of: int


def overlap_segments(
    curves: Sequence[Sequence[tuple[Floats, Floats]]], left: float, right: float, near: float
) -> list[list[Segment]]:
    """Splits each curve's pieces (x, y) where it begins or ends to coincide with
    others, i.e. to run less than `near` from them for a while."""
    if not 1 < len(curves) <= MOST:
        return [[Segment(x, y, 0, 1) for x, y in pieces] for pieces in curves]
    columns = np.linspace(left, right, int((right - left) / STEP) + 2)
    levels = np.array([_levels(pieces, columns) for pieces in curves])
    slopes = np.abs(np.gradient(levels, STEP, axis=1))
    together = np.zeros((len(curves), len(curves), columns.size), dtype=bool)
    for i in range(len(curves)):
        for j in range(i):
            slope = np.fmin(slopes[i], slopes[j])
            with np.errstate(invalid="ignore"):
                apart = np.abs(levels[i] - levels[j]) / np.sqrt(1 + slope**2)
            lasting = _lasting(apart < near, apart < 3 * near, int(LASTS * near / STEP) + 1)
            together[i, j] = together[j, i] = lasting
    found = []
    for i, pieces in enumerate(curves):
        turn = together[i, :i].sum(axis=0)
        of = 1 + together[i].sum(axis=0)
        found.append([segment for x, y in pieces for segment in _split(x, y, columns, turn, of)])
    return found


def _levels(pieces: Sequence[tuple[Floats, Floats]], columns: Floats) -> Floats:
    """The y of pieces at the columns; nan where there is none."""
    levels = np.full(columns.size, np.nan)
    for x, y in pieces:
        inside = (columns >= x[0]) & (columns <= x[-1])
        levels[inside] = np.interp(columns[inside], x, y)
    return levels


def _lasting(close: NDArray[np.bool_], nearly: NDArray[np.bool_], least: int) -> NDArray[np.bool_]:
    """The runs that are close for at least so many columns; short gaps between them that are
    nearly close are bridged first."""
    mask = close.copy()
    for start, stop in _runs(~close):
        inner = start > 0 and stop < mask.size
        if inner and stop - start < least and nearly[start:stop].all():
            mask[start:stop] = True
    for start, stop in _runs(mask):
        if stop - start < least:
            mask[start:stop] = False
    return mask


def _runs(mask: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Start and stop of each run of True, one per row."""
    return np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]))).reshape(-1, 2)


def _split(
    x: Floats, y: Floats, columns: Floats, turn: NDArray[np.intp], of: NDArray[np.intp]
) -> list[Segment]:
    """Splits a piece where its turn, or the number of curves that coincide, changes."""
    inside = (columns >= x[0]) & (columns <= x[-1])
    if not inside.any():
        return [Segment(x, y, 0, 1)]
    at, turn, of = columns[inside], turn[inside], of[inside]
    change = 1 + np.flatnonzero((np.diff(turn) != 0) | (np.diff(of) != 0))
    starts = np.concatenate([[0], change])
    bounds = np.concatenate([[x[0]], at[change], [x[-1]]])
    found = []
    for k, start in enumerate(starts):
        a, b = bounds[k], bounds[k + 1]
        own = (x > a) & (x < b)
        sx = np.concatenate([[a], x[own], [b]])
        sy = np.concatenate([[np.interp(a, x, y)], y[own], [np.interp(b, x, y)]])
        found.append(Segment(sx, sy, int(turn[start]), int(of[start])))
    return found
