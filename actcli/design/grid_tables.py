"""Tables whose entries are numbers that hardware has: found one after the other, all that still lead on.

The error between two entries is of these two alone. So what the next may be follows from what one may be,
and no entry of a grid within an error is missed where all of them near f are tried.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from itertools import pairwise
from math import inf, nextafter, ulp
from typing import Any

import numpy as np
from flint import arb

from ..evaluation.activation import Activation
from ..numbers.types import Floats, NumpyArray
from .design import Design
from .given_bound import least_error
from .grids import ENOUGH, Grid
from .minimax_steps import polished
from .pieces import PolynomialPiece, Proofs, assembled
from .piecewise import sampled
from .polynomials import Reading
from .segments import Segments

MOST_PARTS, ALL = 256, 2**17  # between two entries, at which errors are read; in all
TRIED = 40  # numbers of a grid for an entry, on either side of what is best without one
HALVINGS = 24  # of the error
OFF = 2e-6  # of the error, that one on a side stays off f
BETWEEN = 1.1 / 8  # of a second difference, what f may be further off between readings
LESS = 1e-7  # of an error, below which none is proved to be
SLACK = 64 * ulp(1.0)  # that roundings of one step may cost


def on_grid(f: Activation, x: Floats, grid: Grid, side: int) -> Design:
    """The table of a grid with the least error that is found, proved: above f for side 1, below for -1."""
    readings, bound = read(f, x, side), None
    search = EntrySearch(readings, grid, readings.at_entries, side)
    if search.error > search.nearest * (1 + ENOUGH):
        best, bound = _free(f, x, readings, side)
        search = EntrySearch(readings, grid, best, side)
        search.lower(bound or 0.0)
    entries = search.entries
    pieces = lines_between(x, entries)
    design = assembled(f, pieces, kind="table", segments=len(x) - 1, degree=1)
    if side:
        _check_side(f, pieces, readings, entries, design.error_high, side)
    lower = 0.0 if side else search.proved(f, bound or 0.0)
    low = min(max(design.error_low, bound or 0.0, lower), design.error_high)
    return replace(
        design, coefficients=entries.tolist(), optimum_low=bound, format=grid.name, grid_low=lower,
        one_sided=bool(side), error_low=low,
    )  # fmt: skip


def _check_side(
    f: Activation, pieces: Sequence[PolynomialPiece], readings: "Readings", entries: Floats,
    error: float, side: int,
) -> None:  # fmt: skip
    """Proves that lines are on a side of f: where it bends that way if its entries are.

    Elsewhere if none is further off than half of the error, once that half is taken off it.
    """
    prove, half = Proofs(f, pieces[0].low, pieces[-1].high), Fraction(error / 2 * (1 + OFF / 2))
    ends = readings.side_of_f(side)
    for k, (a, b, (height, slope)) in enumerate(pieces):
        if readings.safe[k]:
            kept = (
                side * entries[k] >= side * ends[k, 0]
                and side * entries[k + 1] >= side * ends[k, -1]
            )
        else:
            kept = prove(PolynomialPiece(a, b, [height - side * half, slope]))[1] <= half
        if not kept:
            told = "above" if side > 0 else "below"
            raise ValueError(
                f"--{told}: that lines are {told} {f.label} on {a:g}:{b:g} is not proved; give another "
                "--coefficients, or more --points"
            )


def lines_between(x: Floats, entries: Floats) -> list[PolynomialPiece]:
    """The lines through entries, in exact fractions."""
    points = [(Fraction(float(a)), Fraction(float(b))) for a, b in zip(x, entries, strict=True)]
    pieces = []
    for (a, u), (b, v) in pairwise(points):
        slope = (v - u) / (b - a)
        pieces.append(PolynomialPiece(float(a), float(b), [u - slope * a, slope]))
    return pieces


@dataclass(frozen=True)
class Readings:
    """f between entries: a row of ascending places for each two, from one to the next."""

    x: Floats
    low: Floats
    high: Floats
    between: Floats  # of each row, by how much f may bend beyond what is read
    safe: NumpyArray  # rows on which lines are on the side asked for if their ends are: proved

    @property
    def shares(self) -> Floats:
        """How far along places are."""
        found: Floats = (self.x - self.x[:, :1]) / (self.x[:, -1:] - self.x[:, :1])
        return found

    @property
    def at_entries(self) -> Floats:
        """f where the entries are."""
        return np.append(self.low[:, 0], self.low[-1, -1])

    def side_of_f(self, side: int) -> Floats:
        """The end of what f may be that is further on a side."""
        return self.high if side > 0 else self.low

    def apart(self, row: slice, error: float) -> Floats:
        """How far off f, on the side asked for, lines are to be at places."""
        ends = np.full(self.x.shape[1], -inf)
        ends[[0, -1]] = 0.0
        off = OFF * error + self.between[row, None]
        return np.asarray(np.where(self.safe[row, None], ends, off), np.float64)

    def errors(self, entries: Floats, side: int) -> float:
        """The largest error of lines between entries; infinite where these are not on the side."""
        shares = self.shares
        lines = (1 - shares) * entries[:-1, None] + shares * entries[1:, None]
        error = float(np.max(np.abs(lines - self.low)))
        off = side * (lines - self.side_of_f(side))
        if side and np.any(off < self.apart(slice(None), error)):
            return inf
        return error


def read(f: Activation, x: Floats, side: int) -> Readings:
    """f between entries at places, and on kinks; at entries by balls if there is a side."""
    kinks = np.array(f.breakpoints.within(float(x[0]), float(x[-1])), np.float64)
    kinks = kinks[~np.isin(kinks, x)]
    at = np.clip(np.searchsorted(x, kinks, side="right") - 1, 0, len(x) - 2)
    count = int(np.max(np.bincount(at, minlength=1), initial=0))
    parts = min(max(ALL // len(x), MOST_PARTS // 8), MOST_PARTS)
    widths = np.diff(x)[:, None]
    places = x[:-1, None] + np.append(np.full(count, 0.5), np.linspace(0, 1, parts + 1)) * widths
    used = [0] * (len(x) - 1)
    for k, kink in zip(at.tolist(), kinks.tolist(), strict=True):
        places[k, used[k]] = kink
        used[k] += 1
    places[:, -1] = x[1:]
    places = np.sort(places, axis=1)
    values = np.asarray(f(places), np.float64)
    bend = np.nan_to_num(f.curvature(places), nan=0.0, posinf=0.0, neginf=0.0)
    between = BETWEEN * np.max(np.abs(bend), axis=1) * (widths[:, 0] / parts) ** 2
    low, high, safe = values.copy(), values.copy(), np.zeros(len(x) - 1, bool)
    if side:
        balls = [Reading(f).exact(arb(v)) for v in x.tolist()]
        down = np.array([_down(ball) for ball in balls])
        up = -np.array([_down(-ball) for ball in balls])
        low[:, 0], low[:, -1], high[:, 0], high[:, -1] = down[:-1], down[1:], up[:-1], up[1:]
        bends = Proofs(f, nextafter(float(x[0]), -inf), nextafter(float(x[-1]), inf)).bends
        safe = np.array([side in bends(a, b) for a, b in pairwise(x.tolist())])
    return Readings(places, low, high, between, safe)


def _down(ball: Any) -> float:
    """A double that a ball is not below, itself if that is one."""
    value = float(ball)
    return value if ball == value else nextafter(float(ball.lower()), -inf)


def _free(f: Activation, x: Floats, readings: Readings, side: int) -> tuple[Floats, float | None]:
    """The best entries of any numbers, and an error that none are below, if one is proved."""
    try:
        form = Segments(f, sampled(f, (float(x[0]), float(x[-1])), len(x) - 1), 1)
    except ValueError:  # where f jumps
        if side:
            raise
        return readings.at_entries, None
    y, error = polished(form, form.start(x), free=False)
    pieces = form.pieces(y)
    parts = [(a, b, [float(c) for c in sums]) for a, b, sums in pieces]
    bound = least_error(form, y, parts, error)
    lines = [(c[0] + c[1] * a, c[0] + c[1] * b) for a, b, c in parts]
    best = np.array([*(line[0] for line in lines), lines[-1][1]])
    best += side * (error * (1 + 4 * OFF) + float(np.max(readings.between)))
    return best, bound and bound * (2 if side else 1)


class EntrySearch:
    """Entries of a grid, by what each may be within an error."""

    def __init__(self, readings: Readings, grid: Grid, best: Floats, side: int) -> None:
        self.readings, self.grid, self.side = readings, grid, side
        ends = readings.at_entries
        near = grid.rounded(ends)
        first = [near, grid.rounded(best)]
        if side:
            first = [np.array([grid.beyond(float(v), side) for v in best])]
        if not all(np.isfinite(entries).all() for entries in first):
            raise ValueError(f"--coefficients {grid.name}: an entry is beyond its largest")
        errors = [readings.errors(entries, side) for entries in first]
        self.error = min(errors)
        self.entries = first[errors.index(self.error)]
        self.nearest = 0.0 if side else float(np.max(np.abs(near - ends)))
        self.tried: list[Floats] = []  # numbers for each entry
        self.all: list[bool] = []  # whether these are all within the error

    def lower(self, bound: float) -> None:
        """Finds the entries of the least error; none of any numbers are below the bound."""
        low = max(bound, self.nearest)
        if not low * (1 + ENOUGH) < self.error < inf:
            return
        self._try_all()
        for _ in range(HALVINGS):
            if self.error <= low * (1 + ENOUGH):
                break
            middle = (low + self.error) / 2
            found, _ = self._within(middle, self.readings)
            if found is None:
                low = middle
            else:
                self.entries = found
                self.error = min(self.readings.errors(found, self.side), middle)

    def _try_all(self) -> None:
        ends = self.readings.at_entries.tolist()
        for at, end in zip(self.entries.tolist(), ends, strict=True):
            self.tried.append(self._near(at, end))

    def _near(self, at: float, end: float) -> Floats:
        """Numbers of the grid by one, up to the error away from f; whether these are all is kept."""
        found, complete = [at], True
        for side in (-1, 1):
            number = at
            for _ in range(TRIED):
                number = self.grid.next(number, side)
                if side * (number - end) > self.error:
                    break
                found.append(number)
            else:
                complete = False
        self.all.append(complete)
        return np.array(sorted(found))

    def _within(
        self, error: float, readings: Readings, first: int = 0, last: int | None = None,
        slack: float = 0.0,
    ) -> tuple[Floats | None, int]:  # fmt: skip
        """Entries within an error from the first on, whose row leads; or None and where none is left."""
        alive, shares = np.arange(len(self.tried[first])), readings.shares
        down, up = (0.0 if self.side == side else error for side in (1, -1))
        steps: list[tuple[NumpyArray, NumpyArray, NumpyArray]] = []
        stop = len(self.tried) - 1 if last is None else last
        for row, k in enumerate(range(first, stop)):
            low, high = readings.low[row] - down, readings.high[row] + up
            if self.side:
                off = self.side * readings.apart(slice(row, row + 1), error)[0]
                near = readings.side_of_f(self.side)[row] + off
                low, high = (near, high) if self.side > 0 else (low, near)
            here, after, share = self.tried[k][alive], self.tried[k + 1], shares[row, 1:]
            room = 0.0
            if slack:
                room = slack * max(np.max(np.abs(v), initial=0.0) for v in (low, high, here))
            kept = (here >= low[0] - room) & (here <= high[0] + room)
            alive, here = alive[kept], here[kept, None]
            under = np.max((low[1:] - (1 - share) * here - room) / share, axis=1)
            over = np.min((high[1:] - (1 - share) * here + room) / share, axis=1)
            begin = np.searchsorted(after, under, side="left")
            end = np.searchsorted(after, over, side="right")
            kept = begin < end
            alive, begin, end = alive[kept], begin[kept], end[kept]
            steps.append((alive, begin, end))
            count = len(after) + 1
            open_ = np.cumsum(
                np.bincount(begin, minlength=count) - np.bincount(end, minlength=count)
            )
            alive = np.flatnonzero(open_ > 0)
            if not len(alive):
                return None, k + 1
        path = [int(alive[len(alive) // 2])]
        for before, begin, end in reversed(steps):
            ways = np.flatnonzero((begin <= path[-1]) & (path[-1] < end))
            path.append(int(before[ways[len(ways) // 2]]))
        numbers = zip(self.tried[first : stop + 1], reversed(path), strict=True)
        return np.array([tried[k] for tried, k in numbers]), stop

    def proved(self, f: Activation, bound: float) -> float:
        """An error above a bound that no entries of the grid are below, by f in balls; or 0."""
        if self.error <= bound * (1 + ENOUGH):
            return 0.0
        reading = Reading(f)
        k = int(
            np.argmax(
                np.abs(self.grid.rounded(self.readings.at_entries) - self.readings.at_entries)
            )
        )
        exact = reading.exact(
            arb(float(np.append(self.readings.x[:, 0], self.readings.x[-1, -1])[k]))
        )
        near = self.grid.nearest(float(exact))
        others = [near, self.grid.next(near, -1), self.grid.next(near, 1)]
        nearest = min(float(abs(exact - arb(v)).lower()) for v in others)
        least = max(nextafter(nearest, 0.0), 0.0)
        if least * (1 + ENOUGH) >= self.error:
            return least if least > bound else 0.0
        if not self.tried:
            self._try_all()
        runs, low, high, stopped = self._runs(), max(least, bound), self.error, None
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            if found := next((r for r in runs if not self._passes(middle, *r)), None):
                low, stopped = middle, (middle, *found)
            else:
                high = middle
            if high <= low * (1 + ENOUGH):
                break
        proved = max(self._proved_between(reading, *stopped) if stopped else 0.0, least)
        return proved if proved > bound else 0.0

    def _runs(self) -> list[tuple[int, int]]:
        """The first and the last of entries that follow each other of which all numbers are tried."""
        edges = np.flatnonzero(np.diff([0, *self.all, 0]))
        return [(a, b - 1) for a, b in edges.reshape(-1, 2).tolist() if b - a > 1]

    def _part(self, first: int, last: int) -> Readings:
        whole = self.readings
        return Readings(*(getattr(whole, part.name)[first:last] for part in fields(Readings)))

    def _passes(self, error: float, first: int, last: int) -> bool:
        return self._within(error, self._part(first, last), first, last)[0] is not None

    def _proved_between(self, reading: Reading, error: float, first: int, last: int) -> float:
        """The error, or a little less, if no numbers of entries between two are within: proved; or 0."""
        least, back = error * (1 - LESS), 1
        found, stop = self._within(least, self._part(first, last), first, last)
        if found is not None:
            return 0.0
        while self._passes(least, begin := max(stop - back, first), stop):
            back *= 2
        part = self._part(begin, stop)
        balls = [[reading.exact(arb(v)) for v in row] for row in part.x.tolist()]
        low = np.array([[nextafter(float(b.lower()), -inf) for b in row] for row in balls])
        high = np.array([[nextafter(float(b.upper()), inf) for b in row] for row in balls])
        if not np.isfinite(low + high).all():
            return 0.0
        exact = replace(part, low=low, high=high)
        return 0.0 if self._within(least, exact, begin, stop, SLACK)[0] is not None else least
