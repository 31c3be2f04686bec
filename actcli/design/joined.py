"""Designs continuous piecewise polynomials of any degree with given breakpoints, by linear programs.

With u from -1 to 1 along each segment, sums of Chebyshev polynomials of u meet by linear equations. The
least largest error at samples is a linear program; those where the error is larger are added.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
from math import inf
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from .exchange import chebyshev_places
from .pieces import Piece
from .piecewise import Samples, reach_of
from .polynomials import powers

PER_EXTREME = 4  # samples of a segment between two places where its error may be largest
ROUNDS = 100
SETTLED = 2e-7  # of the error, that a round may still promise
OUTER = 60  # samples of a tail
ZERO = 4e-16  # of the size of f, errors that doubles cannot tell from 0


@dataclass(frozen=True)
class State:
    """Ends of the inner segments, their coefficients of Chebyshev polynomials, and heights of tails."""

    ends: Floats
    sums: Floats
    heights: Floats  # above the asymptotes; empty on a range


@dataclass(frozen=True)
class Places:
    """Segments and u in them, -1 and the number of segments for tails, where u is how far out; errors."""

    segment: Any
    u: Floats
    errors: Floats


class Joined:
    """Segments of one degree between ends, and the asymptotes beyond if there are tails."""

    def __init__(
        self, f: Activation, samples: Samples, degree: int, on_curve: bool = False,
        tied: bool = False,
    ) -> None:  # fmt: skip
        self.f = f
        self.degree = degree
        self.on_curve = on_curve
        self.tied = tied  # the ends of the whole line, to -R, ..., R of one width
        left, right = samples.tails
        self.tails = (left, right) if left and right else None
        self.reach = max(map(abs, samples.x[[0, -1]].tolist()))
        if left and right:  # samples reach further, to hold lines near to tails
            self.reach = max(
                abs(reach_of(f, side, line)) for side, line in ((-1, left), (1, right))
            )
        self.scale = float(np.max(np.abs(samples.f[np.abs(samples.x) < 64]), initial=1e-300))
        self.kinks = [float(k) for k in f.breakpoints.within(-self.reach, self.reach)]
        self.nothing = ZERO * self.scale  # an error that doubles cannot tell from 0
        self.u = np.array(chebyshev_places(-1.0, 1.0, PER_EXTREME * (degree + 1) + 1))

    # -- reading ----------------------------------------------------------------------------------
    def places(self, ends: Floats, segment: Any, u: Floats) -> Floats:
        """x of places."""
        count = len(ends) - 1
        k = np.clip(segment, 0, max(count - 1, 0))
        low, high = ends[k], ends[np.minimum(k + 1, count)]
        x = low + (high - low) * ((1 + u) / 2)
        x = np.where(u == 1, high, x)
        x = np.where(segment < 0, ends[0] - u, x)
        if self.tails:
            x = np.where(segment >= count, ends[-1] + u, x)
        return np.asarray(x, np.float64)

    def errors(self, state: State, segment: Any, u: Floats) -> Floats:
        """f less the approximation at places."""
        x = self.places(state.ends, segment, u)
        e = np.asarray(self.f(x), np.float64)
        count = len(state.ends) - 1
        inner = (segment >= 0) & (segment < count)
        rows = np.polynomial.chebyshev.chebvander(u[inner], self.degree)
        e[inner] -= np.sum(rows * state.sums[segment[inner]], axis=1)
        for side, height in zip((0, 1), state.heights, strict=False):
            assert self.tails is not None
            out = segment >= count if side else segment < 0
            slope, at_0 = self.tails[side]
            e[out] = e[out] - slope * x[out] - at_0 - height
        return e

    def read(self, state: State) -> Places:
        """The errors at samples and where they are largest between these."""
        count = len(state.ends) - 1
        segment = np.repeat(np.arange(count), len(self.u))
        u = np.tile(self.u, count)
        if self.kinks and count:
            inside = [k for k in self.kinks if state.ends[0] < k < state.ends[-1]]
            at = np.searchsorted(state.ends, inside, side="right") - 1
            low, high = state.ends[at], state.ends[at + 1]
            segment = np.concatenate([segment, at])
            u = np.concatenate([u, (2 * np.array(inside) - low - high) / (high - low)])
        if self.tails:
            far = np.concatenate([[0.0], np.geomspace(1e-4, 1.0, OUTER)])
            for k, end in ((-1, -state.ends[0]), (count, state.ends[-1])):
                sign = 1.0 if k == count else -1.0
                beyond = far * max(self.reach - end, 1.0)
                beyond = np.append(
                    beyond, [v - end for v in np.array(self.kinks) * sign if v > end]
                )
                segment, u = (
                    np.append(segment, np.full(len(beyond), k)), np.append(u, beyond)
                )  # fmt: skip
        order = np.lexsort((u, segment))
        segment, u = segment[order], u[order]
        e = self.errors(state, segment, u)
        middle = np.arange(1, len(u) - 1)
        size = np.abs(e)
        top = middle[
            (size[1:-1] >= size[:-2]) & (size[1:-1] >= size[2:])
            & (segment[:-2] == segment[1:-1]) & (segment[2:] == segment[1:-1])
        ]  # fmt: skip
        more, near = segment[top], np.stack([u[top - 1], u[top], u[top + 1]])
        found = np.stack([e[top - 1], e[top], e[top + 1]])
        low, high = near[0], near[2]
        v = _vertex(near, found, low, high)
        for part in (12, 60):
            step = np.minimum((high - low) / part, np.minimum(v - low, high - v))
            near = np.stack([v - step, v, v + step])
            found = np.stack([self.errors(state, more, places) for places in near])
            v = _vertex(near, found, low, high)
        e = np.concatenate([e, self.errors(state, more, v)])
        return Places(np.concatenate([segment, more]), np.concatenate([u, v]), e)

    # -- the linear program -----------------------------------------------------------------------
    def meetings(self, count: int) -> list[tuple[int, list[tuple[int, float]]]]:
        """Equations of so many segments: an end, and parts whose values there, with factors, sum to 0.

        If they meet on the curve f is taken off.
        """
        found: list[tuple[int, list[tuple[int, float]]]] = []
        for end in range(count + 1):
            sides = [k for k in (end - 1, end) if self.tails or 0 <= k < count]
            if self.on_curve:
                found += [(end, [(k, 1.0)]) for k in sides]
            elif len(sides) == 2:
                found.append((end, [(end - 1, 1.0), (end, -1.0)]))
        return found

    def step(self, state: State, at: Places) -> tuple[State, float]:
        """The state with the same ends of the least largest error at places, and that error."""
        from scipy.optimize import linprog
        from scipy.sparse import coo_array

        count, terms = len(state.ends) - 1, self.degree + 1
        unit = float(np.max(np.abs(at.errors))) or 1.0
        heights = len(state.heights)
        first_height, size = count * terms, count * terms + heights
        inner = (at.segment >= 0) & (at.segment < count)
        rows: list[Any] = []
        columns: list[Any] = []
        values: list[Any] = []

        def put(row: Any, column: Any, value: Any) -> None:
            parts = np.broadcast_arrays(row, column, value)
            for kept, part in zip((rows, columns, values), parts, strict=True):
                kept.append(part.ravel())

        number, k, u = np.flatnonzero(inner), at.segment[inner], at.u[inner]
        basis = np.polynomial.chebyshev.chebvander(u, self.degree)
        put(number[:, None], k[:, None] * terms + np.arange(terms), basis)
        for side in range(heights):
            out = np.flatnonzero(at.segment >= count if side else at.segment < 0)
            put(out, first_height + side, 1.0)
        e = np.append(at.errors, -state.heights) / unit
        put(len(at.errors) + np.arange(heights), first_height + np.arange(heights), 1.0)
        row, column, value = (np.concatenate(part) for part in (rows, columns, values))
        places = len(e)
        every, last = np.arange(2 * places), np.full(2 * places, size)
        matrix = coo_array(
            (np.concatenate([value, -value, np.full(2 * places, -1.0)]),
             (np.concatenate([row, row + places, every]), np.concatenate([column, column, last]))),
            shape=(2 * places, size + 1),
        ).tocsr()  # fmt: skip
        rows, columns, values = [], [], []
        wanted = self._meeting(state, put, unit)
        equal = coo_array(
            (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))),
            shape=(len(wanted), size + 1),
        ).tocsr() if len(wanted) else None  # fmt: skip
        found = linprog(
            [*[0.0] * size, 1.0],
            A_ub=matrix, b_ub=np.concatenate([e, -e]), A_eq=equal, b_eq=wanted if len(wanted) else None,
            bounds=[*[(None, None)] * size, (0, None)], method="highs-ds",
        )  # fmt: skip
        if found.x is None:
            return state, unit
        moved = State(
            state.ends, state.sums + found.x[:first_height].reshape(state.sums.shape) * unit,
            state.heights + found.x[first_height:size] * unit,
        )  # fmt: skip
        return self._closed(moved), float(found.x[-1]) * unit

    def _meeting(self, state: State, put: Any, unit: float) -> Floats:
        """Equations of segments that meet, or meet on f: how much is missing to them."""
        count, terms = len(state.ends) - 1, self.degree + 1
        on = np.asarray(self.f(state.ends), np.float64)
        missing: list[float] = []
        for end, parts in self.meetings(count):
            rest = -float(on[end]) if self.on_curve else 0.0
            for k, factor in parts:
                if 0 <= k < count:
                    kind = np.ones(terms) if k < end else (-1.0) ** np.arange(terms)
                    put(len(missing), k * terms + np.arange(terms), factor * kind)
                    rest += factor * float(kind @ state.sums[k])
                    continue
                assert self.tails is not None
                side = int(k >= count)
                slope, at_0 = self.tails[side]
                put(len(missing), count * terms + side, factor)
                rest += factor * (
                    slope * float(state.ends[end]) + at_0 + float(state.heights[side])
                )
            missing.append(-rest / unit)
        return np.array(missing)

    def _taken_along(self, state: State, ends: Floats) -> Floats:
        """The same polynomials, told between other ends."""
        if not len(state.sums):
            return state.sums
        nodes = np.cos(np.pi * (np.arange(self.degree + 1) + 0.5) / (self.degree + 1))
        x = ends[:-1, None] + np.diff(ends)[:, None] * (1 + nodes) / 2
        u = (2 * x - (state.ends[:-1] + state.ends[1:])[:, None]) / np.diff(state.ends)[:, None]
        values = np.einsum(
            "kij,kj->ki", np.polynomial.chebyshev.chebvander(u, self.degree), state.sums
        )
        back = np.linalg.inv(np.polynomial.chebyshev.chebvander(nodes, self.degree))
        found: Floats = values @ back.T
        return found

    def _closed(self, state: State) -> State:
        """The small gaps where segments meet closed, by a line added to each."""
        lines: list[float] = []
        for side, (slope, at_0) in zip((0, -1), self.tails or (), strict=False):
            line = slope * float(state.ends[side]) + at_0
            if self.on_curve:
                state.heights[side] = float(self.f(state.ends[side])) - line
            elif len(state.ends) == 1 and lines:  # two tails that meet
                state.heights[side] = lines[0] - line
            lines.append(line + float(state.heights[side]))
        if len(state.ends) == 1:
            return state
        signs = (-1.0) ** np.arange(self.degree + 1)
        left, right = state.sums @ signs, state.sums.sum(axis=1)
        joints = np.append(left, right[-1])
        joints[1:-1] = (left[1:] + right[:-1]) / 2
        if self.on_curve:
            joints = np.asarray(self.f(state.ends), np.float64)
        elif lines:
            joints[[0, -1]] = lines
        up, down = joints[1:] - right, joints[:-1] - left
        sums = state.sums.copy()
        sums[:, 0] += (up + down) / 2
        sums[:, 1] += (up - down) / 2
        return replace(state, sums=sums)

    def changed(self, state: State, change: Floats) -> State | None:
        """The state with all unknowns changed; ends move apart from polynomials. None if ends cross."""
        sums, heights, ends = np.split(change, np.cumsum([state.sums.size, len(state.heights)]))
        placed = state.ends + ends
        if np.any(np.diff(placed) <= 0):
            return None
        grown = replace(state, sums=state.sums + sums.reshape(state.sums.shape))
        return self._closed(
            State(placed, self._taken_along(grown, placed), state.heights + heights)
        )

    def largest(self, state: State) -> float:
        """The largest error by samples."""
        return self._read(state)[1]

    # -- given ends -------------------------------------------------------------------------------
    def best(self, ends: Floats, rounds: int = ROUNDS) -> tuple[State, float]:
        """The best state at given ends, and its largest error by samples: an exchange of places."""
        count = len(ends) - 1
        state = State(ends, np.zeros((count, self.degree + 1)), np.zeros(2 if self.tails else 0))
        at, error = self._read(state)
        for _ in range(rounds):
            tried, promised = self.step(state, at)
            there, reached = self._read(tried)
            if reached <= error:
                state, error = tried, reached
            at = self._with(state, at, there)
            if reached <= promised * (1 + SETTLED) or error <= self.nothing:
                break
        return state, error

    def _with(self, state: State, at: Places, more: Places) -> Places:
        """Both places, and the errors there."""
        segment = np.concatenate([at.segment, more.segment])
        u = np.concatenate([at.u, more.u])
        return Places(segment, u, self.errors(state, segment, u))

    def _read(self, state: State) -> tuple[Places, float]:
        at = self.read(state)
        largest = float(np.max(np.abs(at.errors))) if len(at.errors) else 0.0
        return at, max([largest, *np.abs(state.heights).tolist()])

    def pieces(self, state: State) -> list[Piece]:
        """The polynomials of a state."""
        found = [
            Piece(a, b, [float(c) for c in powers(sums, a, b)])
            for (a, b), sums in zip(pairwise(state.ends.tolist()), state.sums.tolist(), strict=True)
        ]
        if self.tails:
            lines = [
                [at_0 + float(height), slope]
                for (slope, at_0), height in zip(self.tails, state.heights, strict=True)
            ]
            low, high = float(state.ends[0]), float(state.ends[-1])
            found = [Piece(-inf, low, lines[0]), *found, Piece(high, inf, lines[1])]
        return found


def _vertex(x: Floats, y: Floats, low: Floats, high: Floats) -> Floats:
    """Where the parabola through three points is flat, between two places; else the middle one."""
    (a, b, c), (ya, yb, yc) = x, y
    with np.errstate(all="ignore"):
        over = (b - a) ** 2 * (yb - yc) - (b - c) ** 2 * (yb - ya)
        found = b - over / ((b - a) * (yb - yc) - (b - c) * (yb - ya)) / 2
    return np.asarray(np.where((found > low) & (found < high), found, b), np.float64)
