"""Curves for one panel, with their kinks, jumps, poles and extrema."""

from collections.abc import Sequence
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..evaluation.breakpoints import Cut
from ..figures.data import Dot, Extremum, Point, Trace
from ..numbers.distinct import union, without
from ..numbers.types import Floats
from .grid import NOISE, climb, grid, refine, round_to, runs, spread
from .protocol import Indices, Order, Reading, SampledFunction, breakpoints_of, reading

ALIKE = 1e-6  # of a range: tops are flat, and their places known to half of the digits
MOST_TOPS = 64
RIPPLE = 1e-3
"""Of the height, which may be cut in the picture: a tenth of it is seen at times."""
PIXEL = 1e-3
"""About a pixel's share of a panel's width."""


def trace(
    f: SampledFunction,
    order: Order,
    low: float,
    high: float,
    points: int = 800,
    breakpoints: Sequence[Cut] | None = None,
    search: bool = True,
    turns: bool = True,
) -> Trace:
    """The curve of f (order 0), its gradient (1) or curvature (2) over [low, high].

    Jumps and poles other than at the breakpoints are looked for unless `search` is False, and extrema
    unless `turns` is.
    """
    read = reading(f, order)
    breakpoints = breakpoints_of(f, low, high) if breakpoints is None else breakpoints
    width, at = high - low, [breakpoint.x for breakpoint in breakpoints]
    sides = [_sides(f, breakpoint, order, width) for breakpoint in breakpoints]
    x = without(grid(low, high, points), at)
    y = read(x)
    ends = [0, *np.searchsorted(x, at), x.size]
    pieces: list[tuple[Floats, Floats]] = []
    joined: list[bool] = []  # does a piece go on in the next one?
    dots: list[Dot] = []
    poles: list[float] = []
    for i, (start, stop) in enumerate(pairwise(ends)):
        px, py = refine(read, x[start:stop], y[start:stop])
        if i > 0:
            px, py = _begun(read, px, py, at[i - 1], sides[i - 1][2])
        if i < len(at):
            px, py = (v[::-1] for v in _begun(read, px[::-1], py[::-1], at[i], sides[i][0]))
        found, more_dots, more_poles = runs(read, px, py, search, partial(f.rounding, order=order))
        pieces += found
        joined += [False] * len(found)
        dots += more_dots
        poles += more_poles
        if i < len(at) and found and breakpoints[i].kind != "hole" and _joined(*sides[i], at[i]):
            joined[-1] = bool(found[-1][0][-1] == at[i])
    kinks: list[Point] = []
    for breakpoint, (left, value, right) in zip(breakpoints, sides, strict=True):
        if not low < breakpoint.x < high:
            continue
        if breakpoint.kind == "hole" or not _joined(left, value, right, breakpoint.x):
            dots += _dots(breakpoint.x, left, value, right)
        elif _bends(f, breakpoint, order, width):
            kinks.append((breakpoint.x, value))
    for breakpoint, (left, _, right) in zip(breakpoints, sides, strict=True):
        if np.isinf([left, right]).any():
            poles.append(breakpoint.x)
        elif breakpoint.proved and np.isfinite([left, right]).any():  # it rises steeply, to a limit
            poles = [pole for pole in poles if abs(pole - breakpoint.x) > 1e-6 * width]
    poles.sort()
    return Trace(
        pieces=[piece for piece in pieces if piece[0].size > 1],
        kinks=kinks,
        dots=dots,
        extrema=extrema(f, order, pieces, joined, at, low, high) if turns else [],
        poles=[b for a, b in pairwise([-np.inf, *poles]) if b - a > 1e-6 * width],
    )


def _sides(
    f: SampledFunction, breakpoint: Cut, order: Order, width: float
) -> tuple[float, float, float]:
    """The reading left of the breakpoint, at it, and right of it."""
    read = reading(f, order)
    if order == 0:
        left, value, right = map(float, (breakpoint.left, breakpoint.value, breakpoint.right))
        if not breakpoint.proved:
            left = _limit(read, breakpoint.x, -1, left, value)
            right = _limit(read, breakpoint.x, 1, right, value)
        return left, value, right
    step = max(abs(breakpoint.x) * 1e-9, width * 1e-9)
    near = read(np.array([breakpoint.x - step, breakpoint.x, breakpoint.x + step]))
    if order == 1:
        return float(breakpoint.left_gradient), float(near[1]), float(breakpoint.right_gradient)
    if breakpoint.proved:
        left, _, right = f.sides(breakpoint.x, order)
        if breakpoint.kind == "hole" or not np.isnan([left, right]).any():
            return left, float(near[1]), right
    return float(near[0]), float(near[1]), float(near[2])


def _limit(read: Reading, at: float, side: int, linear: float, value: float) -> float:
    """The one-sided limit at a breakpoint, of which `linear` is the linear extrapolation.

    Nearer by one factor after the other, a limit is approached in ever smaller steps, those of a
    root by a steady factor, while a logarithm keeps its pace and a pole quickens it.
    """
    if linear == value:
        return value
    unit = max(abs(at), 1e-3) * 1e-9
    y = read(at + side * unit * np.array([1e6, 1e4, 1e2, 1.0]))
    steps = np.diff(y) if np.isfinite(y).all() else np.zeros(3)
    pace = np.abs(steps)
    if abs(linear) > 10 * np.max(np.abs(y)):  # the slope is of no use: a wave without end
        linear = np.nan
    if pace[0] < 1e-6 * max(1.0, abs(y[-1])) or pace[1] == 0:
        return linear
    if np.all(pace[1:] > 0.99 * pace[:-1]):
        return float(np.sign(steps[-1]) * np.inf)
    factor = steps[2] / steps[1]
    root = float(y[-1] + steps[-1] * factor / (1 - factor)) if 0 < factor < 0.99 else linear
    return value if abs(root - value) < 1e-6 * max(1.0, abs(value)) else linear


def _begun(read: Reading, x: Floats, y: Floats, at: float, limit: float) -> tuple[Floats, Floats]:
    """Samples of a piece that begins at a breakpoint with that limit; followed up to it if infinite, and
    close to it if unknown."""
    if np.isfinite(limit) or x.size == 0:
        return np.append(at, x), np.append(limit, y)
    near = at + (x[0] - at) * np.geomspace(1e-9 if np.isinf(limit) else 1e-3, 1, 40)[:-1]
    near = near[near != at]
    return np.append(near, x), np.append(read(near), y)


def _joined(left: float, value: float, right: float, x: float = 0.0) -> bool:
    """Whether the curve is continuous at x, as far as one can tell."""
    # one-sided readings are taken 1e-9 of x aside, so they differ a little where all is smooth
    near = 1e-6 * max(abs(left), abs(right), 1e-2) + 4e-9 * abs(x)
    return near < np.inf and bool(abs(left - right) <= near and not abs(value - left) > near)


def _bends(f: SampledFunction, breakpoint: Cut, order: Order, width: float) -> bool:
    """Whether a curve that is continuous at the breakpoint has a corner there."""
    if order == 0:
        return breakpoint.kind == "kink"
    if order == 2:
        return False
    left, _, right = _sides(f, breakpoint, 2, width)
    return bool(abs(left - right) > 1e-3 * max(abs(left), abs(right), 0.1))


def _dots(x: float, left: float, value: float, right: float) -> list[Dot]:
    """Open and filled ends of a jump; a filled one apart where neither side is the value."""
    known = np.isfinite(value)
    sides = [side for side in dict.fromkeys((left, right)) if np.isfinite(side)]
    dots = [Dot(x, side, bool(known and _joined(side, value, side))) for side in sides]
    if dots and known and not any(dot.filled for dot in dots):
        dots.append(Dot(x, value, True))
    return dots


def extrema(
    f: SampledFunction,
    order: Order,
    pieces: Sequence[tuple[Floats, Floats]],
    joined: Sequence[bool],
    breakpoints: Sequence[float],
    low: float,
    high: float,
) -> list[Extremum]:
    """Isolated minima and maxima strictly inside (low, high), by x.

    Plateaus are none, and neither are ripples lower than RIPPLE of the curve's height, or such as
    rounding makes, or a wave too fast to be told from its samples (three turns within a pixel).
    """
    found: list[Extremum] = []
    start = 0
    for stop in range(len(pieces)):
        if joined[stop] and stop + 1 < len(pieces):
            continue
        x = np.concatenate([piece[0] for piece in pieces[start : stop + 1]])
        y = np.concatenate([piece[1] for piece in pieces[start : stop + 1]])
        start = stop + 1
        x, index = np.unique(x, return_index=True)
        found += _extrema(f, order, x, y[index], breakpoints)
    found = [point for point in found if low < point.x < high]
    at = np.array([point.x for point in found])
    crowds = np.split(np.arange(at.size), 1 + np.flatnonzero(np.diff(at) > PIXEL * (high - low)))
    return [found[i] for crowd in crowds if crowd.size < 3 for i in crowd]


def _extrema(
    f: SampledFunction, order: Order, x: Floats, y: Floats, breakpoints: Sequence[float]
) -> list[Extremum]:
    """Extrema of one unbroken curve."""
    if x.size < 3:
        return []
    rise = np.sign(np.diff(y)).astype(np.int8)
    moves = np.flatnonzero(rise)
    turns = np.flatnonzero(rise[moves][:-1] != rise[moves][1:])
    last, after = moves[turns] + 1, moves[turns + 1]  # a plateau goes from `last` to `after`
    narrow = x[after] - x[last] <= 2e-3 * (x[-1] - x[0])
    last, after, up = last[narrow], after[narrow], rise[moves[turns[narrow]]] > 0
    keep = _prominent(y, last, RIPPLE * spread(y))
    keep = keep[_beyond_rounding(f, order, x, y, last[keep])]
    last, after, up = last[keep], after[keep], up[keep]
    if last.size == 0:
        return []
    read = reading(f, order)
    alone = _alone(f, order, x[last - 1], x[after + 1], np.where(up, 1.0, -1.0))
    last, after, up = last[alone], after[alone], up[alone]
    if last.size == 0:
        return []
    sign = np.where(up, 1.0, -1.0)
    where, value = climb(read, x[last - 1], x[after + 1], sign, 8)
    slope = reading(f, 1 if order == 0 else 2) if order < 2 else _chord(read, x, last, after)
    at = _turning(slope, x, last, after, sign, where)
    if order == 2:  # a chord leans to the flatter side, where that shows
        lost = sign * (value - read(at))
        at = np.where(lost <= NOISE * np.nan_to_num(f.rounding(at, order)), at, where)
    where, value = at, read(at)
    corners = {float(breakpoint) for breakpoint in breakpoints}
    found = []
    for k in range(last.size):
        inside = [float(v) for v in x[last[k] : after[k] + 1] if float(v) in corners]
        if inside:
            at_breakpoint = float(y[np.searchsorted(x, inside[0])])
            where_k, value_k = inside[0], at_breakpoint
        else:
            where_k, value_k = round_to(float(where[k]), 10 * float(x[-1] - x[0])), value[k]
        known = float(np.max(np.abs(y[last[k] - 1 : after[k] + 2])))
        if abs(float(value_k)) <= 100 * known + 1e-300:  # else a pole
            found.append(Extremum(where_k, float(value_k), "maximum" if up[k] else "minimum"))
    return found


@np.errstate(invalid="ignore")
def _alone(
    f: SampledFunction, order: Order, low: Floats, high: Floats, sign: Floats
) -> NDArray[np.bool_]:
    """Whether the reading turns but once in each [low, high]; a wave that is faster than its samples
    turns more often."""
    x = np.linspace(low, high, 17)
    y = sign * reading(f, order)(x.ravel()).reshape(x.shape)
    error = np.nan_to_num(f.rounding(x.ravel(), order).reshape(x.shape), posinf=0.0).max(axis=0)
    y = np.where(np.isfinite(y), y, -np.inf)
    top, rows = np.argmax(y, axis=0), np.arange(17)[:, None]
    left = np.where(rows <= top, y, -np.inf)
    right = np.where(rows >= top, y, -np.inf)[::-1]
    back = [np.fmax.accumulate(side) - side for side in (left, right)]  # how far it falls again
    worst = [np.where(np.isfinite(fall), fall, 0.0).max(axis=0) for fall in back]
    height = y.max(axis=0) - np.where(y > -np.inf, y, np.inf).min(axis=0)
    return np.asarray(np.maximum(*worst) <= 0.1 * height + NOISE * error)


def _chord(read: Reading, x: Floats, last: Indices, after: Indices) -> Reading:
    """Differences of readings on both sides, some samples apart, in place of a slope."""
    step = 8 * np.minimum(x[last] - x[last - 1], x[after + 1] - x[after])

    def slope(at: Floats) -> Floats:
        middle = at.reshape(-1, step.size)
        return np.asarray(read((middle + step).ravel()) - read((middle - step).ravel()))

    return slope


def _beyond_rounding(
    f: SampledFunction, order: Order, x: Floats, y: Floats, turns: Indices
) -> NDArray[np.bool_]:
    """Which turns stand out from both neighbouring ones by far more than the readings' errors."""
    if turns.size == 0:
        return np.zeros(0, bool)
    stops = np.concatenate([[0], turns, [x.size - 1]])
    error = np.nan_to_num(f.rounding(x[stops], order), nan=0.0, posinf=np.inf)  # holes have limits
    beside = np.maximum(error[:-1], error[1:])
    clear = np.abs(np.diff(y[stops])) > NOISE * beside
    return np.asarray(clear[:-1] & clear[1:])


def _turning(
    slope: Reading, x: Floats, last: Indices, after: Indices, sign: Floats, where: Floats
) -> Floats:
    """Where the slope changes its sign around the samples `last` to `after`, or else `where`.

    At an extremum values hardly differ, so that its place is lost in their rounding.
    """
    rows, seen = np.arange(where.size), np.zeros(where.size, bool)
    low, high = where.copy(), where.copy()
    for reach in (64, 16, 4, 1):
        at = np.linspace(
            x[np.maximum(last - reach, 0)], x[np.minimum(after + reach, x.size - 1)], 9
        )
        falls = np.sign(sign * slope(at.ravel()).reshape(at.shape))
        one = (falls[0] > 0) & (falls[-1] < 0) & (np.diff(falls, axis=0) <= 0).all(axis=0)
        low, high = np.where(one, at[0], low), np.where(one, at[-1], high)
        seen |= one
    for _ in range(14):
        at = np.linspace(low, high, 17)
        here = sign * slope(at.ravel()).reshape(at.shape)
        rising = np.clip((here > 0).sum(axis=0), 1, 16)
        low, high = at[rising - 1, rows], at[rising, rows]
        zero = (here == 0).any(axis=0)
        root = at[(here == 0).argmax(axis=0), rows]
        low, high = np.where(zero, root, low), np.where(zero, root, high)
    return np.where(seen, low, where)


def _prominent(y: Floats, turns: Indices, least: float) -> Indices:
    """Indices into `turns` of those that stand out by `least` from both neighbouring turns;
    the flattest pair of neighbours goes first, as ripples come in pairs."""
    kept = list(range(turns.size))
    while kept:
        levels = np.concatenate([y[:1], y[turns[kept]], y[-1:]])
        steps = np.abs(np.diff(levels))
        flattest = int(np.argmin(steps))
        if steps[flattest] >= least:
            break
        del kept[max(flattest - 1, 0) : min(flattest + 1, len(kept))]
    return np.array(kept, dtype=np.intp)


def difference(
    read: Reading, low: float, high: float, points: int = 1200, breakpoints: Sequence[float] = ()
) -> tuple[list[tuple[Floats, Floats]], Point]:
    """A difference of two functions as pieces, and the point where it is largest in size.

    That may be a breakpoint alone, at which a branch holds. If it is as large at several, that nearest to
    0, and right of it, as for certified distances.
    """
    x = grid(low, high, points)
    beside = [at + sign * 1e-9 * max(1.0, abs(at)) for at in breakpoints for sign in (-1, 1)]
    x = union(x, [at for at in beside if low < at < high])
    found = [run for run in runs(read, x, read(x))[0] if run[0].size > 1]
    if not found:
        return [], (0.0, 0.0)
    x, y = (np.concatenate(parts) for parts in zip(*found, strict=True))
    size = np.abs(y)
    most = float(size.max())
    neighbours = np.concatenate([[-1.0], size, [-1.0]])
    tops = np.flatnonzero(
        (size >= neighbours[:-2]) & (size >= neighbours[2:]) & (size >= 0.99 * most)
    )[:MOST_TOPS]
    around = x[np.maximum(tops - 1, 0)], x[np.minimum(tops + 1, x.size - 1)]
    where, value = climb(read, *around, np.where(y[tops] < 0, -1.0, 1.0), 8)
    reached = np.abs(value)
    for breakpoint, alone in zip(breakpoints, read(np.array(breakpoints, np.float64)), strict=True):
        if low < breakpoint < high and (1 + 1e-9) * reached.max() < abs(alone) < np.inf:
            where, value = np.array([breakpoint]), np.array([alone])
            reached = np.abs(value)
    tied = np.flatnonzero(reached >= (1 - 1e-9) * reached.max())
    sizes = np.abs(where[tied])
    best = max(tied[sizes <= sizes.min() + ALIKE * (high - low)], key=lambda k: float(where[k]))
    return found, (round_to(float(where[best]), high - low), float(value[best]))
