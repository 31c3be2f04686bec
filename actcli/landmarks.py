"""Numerical analysis for pictures: samples that break at jumps, extrema, flat regions, ranges.

Nothing here is proved: what is found is found on a fine grid and then narrowed down. The
seams of a formula are not searched for, they come from `Activation.cuts`; only a Python
callable, whose insides nobody knows, has its jumps and poles found by bisection.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from .figures.data import Dot, Extremum, Limits, Point, Span, Trace

Floats = NDArray[np.float64]
Reading = Callable[[Floats], Floats]
Order = Literal[0, 1, 2]

SATURATED = 0.01
"""A gradient smaller than this, in absolute value, teaches next to nothing."""


class Seam(Protocol):
    """Where two branches of a formula meet; evaluate.Cut is one."""

    @property
    def x(self) -> float: ...
    @property
    def kind(self) -> str: ...
    @property
    def left(self) -> float: ...
    @property
    def value(self) -> float: ...
    @property
    def right(self) -> float: ...
    @property
    def left_gradient(self) -> float: ...
    @property
    def right_gradient(self) -> float: ...


class Function(Protocol):
    """What is read of evaluate.Activation."""

    def __call__(self, x: Any) -> Any: ...
    def gradient(self, x: Any) -> Any: ...
    def curvature(self, x: Any) -> Any: ...
    def cuts(self, low: float, high: float) -> Sequence[Seam]: ...
    def asymptote(self, side: Literal[-1, 1]) -> tuple[float, float] | None: ...


def reading(f: Function, order: Order) -> Reading:
    """The value, gradient or curvature of f as a function of a float64 array."""
    method = (f, f.gradient, f.curvature)[order]

    def read(x: Floats) -> Floats:
        return np.asarray(method(x), dtype=np.float64)

    return read


# --- samples -------------------------------------------------------------------------------


def grid(low: float, high: float, points: int) -> Floats:
    """Ascending inputs from low to high: evenly spaced, and dense around 0.

    Most of what an activation function does, it does within a few units of 0; on -1000:1000
    an even grid would step over it.
    """
    even = np.linspace(low, high, max(points, 2))
    reach = max(abs(low), abs(high))
    near = np.geomspace(min(1e-4, reach / 1e4), reach, max(points // 6, 16))
    both = np.concatenate([even, near, -near, [0.0]])
    return np.unique(both[(both >= low) & (both <= high)])


def _narrow(read: Reading, low: Floats, high: Floats, pick: Callable[[Floats], NDArray[np.intp]],
            rounds: int) -> tuple[Floats, Floats]:
    """Shrinks the intervals [low, high] 16-fold per round to the step that `pick` chooses from
    the readings (one row per interval) by the index of its left end."""
    rows = np.arange(low.size)
    for _ in range(rounds):
        x = np.linspace(low, high, 17, axis=1)
        index = pick(read(x.ravel()).reshape(x.shape))
        low, high = x[rows, index], x[rows, index + 1]
    return low, high


def _widest_step(y: Floats) -> NDArray[np.intp]:
    with np.errstate(invalid="ignore", over="ignore"):
        step = np.abs(np.diff(y, axis=1))
    return np.argmax(np.where(np.isfinite(step), step, np.inf), axis=1)


def _climb(read: Reading, low: Floats, high: Floats, sign: Floats, rounds: int) -> tuple[
    Floats, Floats
]:
    """Where sign * reading is largest in each [low, high], and the reading there."""
    rows = np.arange(low.size)
    for _ in range(rounds):
        x = np.linspace(low, high, 17, axis=1)
        y = read(x.ravel()).reshape(x.shape)
        best = np.argmax(np.where(np.isnan(y), -np.inf, sign[:, None] * y), axis=1)
        low, high = x[rows, np.maximum(best - 1, 0)], x[rows, np.minimum(best + 1, 16)]
    return x[rows, best], y[rows, best]


def _edge_of_domain(y: Floats) -> NDArray[np.intp]:
    return np.argmax(np.diff(np.isfinite(y).astype(np.int8), axis=1) != 0, axis=1)


def spread(y: Floats) -> float:
    """The height of what matters in y: its span without the steepest tails."""
    y = y[np.isfinite(y)]
    if y.size == 0:
        return 1.0
    low, high = np.quantile(y, [0.1, 0.9])
    inner, outer = float(high - low), float(np.ptp(y))
    return (outer if outer < 6 * inner else inner) or outer or 1.0


def refine(read: Reading, x: Floats, y: Floats, limit: int = 4000) -> tuple[Floats, Floats]:
    """Adds samples where the curve is steep, so that it stays smooth on paper."""
    for _ in range(2):
        with np.errstate(invalid="ignore", over="ignore"):
            steep = np.abs(np.diff(y)) > 0.02 * spread(y)
        steep &= np.isfinite(y[:-1]) & np.isfinite(y[1:])
        if not steep.any() or x.size + 7 * int(steep.sum()) > limit:
            break
        new = np.linspace(x[:-1][steep], x[1:][steep], 9)[1:-1].ravel()
        new = np.setdiff1d(new, x)
        x, order = np.unique(np.concatenate([x, new]), return_index=True)
        y = np.concatenate([y, read(new)])[order]
    return x, y


def _breaks(read: Reading, x: Floats, y: Floats) -> tuple[list[int], list[Dot], list[float]]:
    """Steps of the samples that are no steep slopes: the indices after which to break the
    curve, the dots of jumps, and poles. Narrows each suspect down to a few ulp."""
    with np.errstate(over="ignore", invalid="ignore"):
        step = np.abs(np.diff(y))
    height = spread(y)
    suspects = np.flatnonzero(np.isfinite(step) & (step > 0.04 * height))
    suspects = suspects[np.argsort(-step[suspects], kind="stable")][:32]
    breaks, dots, poles = [], [], []
    size = np.abs(y)
    peaks = 1 + np.flatnonzero((size[1:-1] > size[:-2]) & (size[1:-1] >= size[2:]))
    peaks = peaks[size[peaks] > 5 * height][:32]  # poles without a change of sign
    if peaks.size:
        where, most = _climb(read, x[peaks - 1], x[peaks + 1], np.sign(y[peaks]), 12)
        for i, at, top in zip(peaks, where, most, strict=True):
            if not abs(top) < 1e4 * size[i]:
                poles.append(round_to(float(at), x[-1] - x[0]))
                breaks.append(int(i))
    if suspects.size == 0:
        return breaks, dots, poles
    low, high = _narrow(read, x[suspects], x[suspects + 1], _widest_step, 11)
    at_low, at_high = read(low), read(high)
    for k, i in enumerate(suspects):
        a, b = float(at_low[k]), float(at_high[k])
        if not (np.isfinite(a) and np.isfinite(b)) or abs(b - a) > 4 * step[i]:
            poles.append(round_to(float((low[k] + high[k]) / 2), x[-1] - x[0]))
            breaks.append(int(i))
        elif abs(b - a) > 0.5 * step[i]:
            where = round_to(float((low[k] + high[k]) / 2), x[-1] - x[0])
            value = float(read(np.array([where]))[0])
            sides = {a, b}
            dots += [Dot(where, side, side == value) for side in sorted(sides)]
            if value not in sides and np.isfinite(value):
                dots.append(Dot(where, value, True))
            breaks.append(int(i))
    return breaks, dots, poles


def round_to(x: float, width: float) -> float:
    """x without the digits that a picture of this width cannot show: 1e-9 of it."""
    if width <= 0 or not np.isfinite(x):
        return x
    return float(round(x, int(np.clip(9 - np.floor(np.log10(width)), 0, 300)))) + 0.0


# --- traces --------------------------------------------------------------------------------


def trace(f: Function, order: Order, low: float, high: float, points: int = 800,
          seams: Sequence[Seam] | None = None) -> Trace:
    """The curve of f (order 0), its gradient (1) or curvature (2) over [low, high]."""
    read = reading(f, order)
    seams = f.cuts(low, high) if seams is None else seams
    seams = [seam for seam in seams if low <= seam.x <= high]
    width = high - low
    sides = [_sides(read, seam, order, width) for seam in seams]
    x = grid(low, high, points)
    x = np.setdiff1d(x, [seam.x for seam in seams])
    y = read(x)
    ends = np.searchsorted(x, [seam.x for seam in seams])
    pieces: list[tuple[Floats, Floats]] = []
    dots: list[Dot] = []
    poles: list[float] = []
    joined: list[bool] = []  # does piece i go on in piece i + 1?
    for i in range(len(seams) + 1):
        start, stop = (0 if i == 0 else ends[i - 1]), (x.size if i == len(seams) else ends[i])
        px, py = refine(read, x[start:stop], y[start:stop])
        if i > 0:
            px, py = np.append(seams[i - 1].x, px), np.append(sides[i - 1][2], py)
        if i < len(seams):
            px, py = np.append(px, seams[i].x), np.append(py, sides[i][0])
        runs, more_dots, more_poles = _runs(read, px, py)
        pieces += runs
        dots += more_dots
        poles += more_poles
        joined += [False] * len(runs)
        if i < len(seams) and runs and _joined(*sides[i], seams[i].x):
            joined[-1] = runs[-1][0][-1] == seams[i].x
    poles.sort()
    kinks: list[Point] = []
    for seam, (left, value, right) in zip(seams, sides, strict=True):
        if low < seam.x < high and not _joined(left, value, right, seam.x):
            dots += _dots(seam.x, left, value, right)
        elif low < seam.x < high and _bends(f, seam, order, width):
            kinks.append((seam.x, value))
    return Trace(
        pieces=[piece for piece in pieces if piece[0].size > 1],
        kinks=kinks,
        dots=dots,
        extrema=extrema(read, pieces, joined, [seam.x for seam in seams], low, high),
        poles=[at for i, at in enumerate(poles) if i == 0 or at - poles[i - 1] > 1e-6 * width],
    )


def _sides(read: Reading, seam: Seam, order: Order, width: float) -> tuple[float, float, float]:
    """The reading left of the seam, at it, and right of it."""
    if order == 0:
        return float(seam.left), float(seam.value), float(seam.right)
    step = max(abs(seam.x) * 1e-9, width * 1e-9)
    near = read(np.array([seam.x - step, seam.x, seam.x + step]))
    if order == 1:
        return float(seam.left_gradient), float(near[1]), float(seam.right_gradient)
    return float(near[0]), float(near[1]), float(near[2])


def _joined(left: float, value: float, right: float, x: float = 0.0) -> bool:
    # one-sided readings are taken 1e-9 of x aside, so they differ a little where all is smooth
    near = 1e-6 * max(abs(left), abs(right), 1e-2) + 4e-9 * abs(x)
    return bool(abs(left - right) <= near and abs(value - left) <= near)


def _bends(f: Function, seam: Seam, order: Order, width: float) -> bool:
    """Whether a curve that is continuous at the seam has a corner there."""
    if order == 0:
        return seam.kind == "kink"
    if order == 2:
        return False
    left, _, right = _sides(reading(f, 2), seam, 2, width)
    return bool(abs(left - right) > 1e-3 * max(abs(left), abs(right), 0.1))


def _dots(x: float, left: float, value: float, right: float) -> list[Dot]:
    """Open and filled ends of a jump; a filled one apart where neither side is the value."""
    dots = [Dot(x, side, _joined(side, value, side)) for side in (left, right) if np.isfinite(side)]
    if dots and np.isfinite(value) and not any(dot.filled for dot in dots):
        dots.append(Dot(x, value, True))
    return dots


def _runs(
    read: Reading, x: Floats, y: Floats
) -> tuple[list[tuple[Floats, Floats]], list[Dot], list[float]]:
    """Splits samples into finite, unbroken runs; runs that end at a pole are drawn up to it."""
    finite = np.isfinite(y)
    poles: list[float] = []
    if x.size > 1 and not finite.all() and finite.any():
        steps = np.flatnonzero(finite[:-1] != finite[1:])[:32]
        low, high = _narrow(read, x[steps], x[steps + 1], _edge_of_domain, 9)
        for i, a, b in zip(steps, low, high, strict=True):
            inner, edge, outer = (a, b, x[i]) if finite[i] else (b, a, x[i + 1])
            new = inner + (outer - inner) * np.geomspace(1e-9, 1, 40)[:-1]
            new = np.setdiff1d(np.append(new, inner), x)
            values = read(new)
            x, y = np.append(x, new), np.append(y, values)
            known = np.abs(y[np.isfinite(y)])
            if values.size and np.nanmax(np.abs(values)) > 2 * float(np.median(known)):
                poles.append(round_to(float(edge), float(np.ptp(x))))
        x, order = np.unique(x, return_index=True)
        y = y[order]
        finite = np.isfinite(y)
    breaks, dots, more = _breaks(read, x, y) if x.size > 1 else ([], [], [])
    cuts = np.union1d(np.flatnonzero(finite[:-1] != finite[1:]), breaks).astype(int) + 1
    runs = [
        (run_x, run_y)
        for run_x, run_y in zip(np.split(x, cuts), np.split(y, cuts), strict=True)
        if run_x.size and np.isfinite(run_y).all()
    ]
    return runs, dots, poles + more


# --- extrema -------------------------------------------------------------------------------


def extrema(
    read: Reading,
    pieces: Sequence[tuple[Floats, Floats]],
    joined: Sequence[bool],
    seams: Sequence[float],
    low: float,
    high: float,
) -> list[Extremum]:
    """Isolated minima and maxima strictly inside (low, high), by x.

    Plateaus are none, and neither are ripples lower than 0.4 % of the curve's height.
    """
    found: list[Extremum] = []
    start = 0
    for stop in range(len(pieces)):
        if joined[stop] and stop + 1 < len(pieces):
            continue
        x = np.concatenate([piece[0] for piece in pieces[start : stop + 1]])
        y = np.concatenate([piece[1] for piece in pieces[start : stop + 1]])
        start = stop + 1
        x, order = np.unique(x, return_index=True)
        found += _extrema(read, x, y[order], seams)
    return [point for point in found if low < point.x < high]


def _extrema(read: Reading, x: Floats, y: Floats, seams: Sequence[float]) -> list[Extremum]:
    if x.size < 3:
        return []
    rise = np.sign(np.diff(y)).astype(np.int8)
    moves = np.flatnonzero(rise)
    turns = np.flatnonzero(rise[moves][:-1] != rise[moves][1:])
    last, after = moves[turns] + 1, moves[turns + 1]  # a plateau goes from `last` to `after`
    narrow = x[after] - x[last] <= 2e-3 * (x[-1] - x[0])
    last, after, up = last[narrow], after[narrow], rise[moves[turns[narrow]]] > 0
    keep = _prominent(y, last, 0.004 * spread(y))
    last, after, up = last[keep], after[keep], up[keep]
    if last.size == 0:
        return []
    sign = np.where(up, 1.0, -1.0)
    where, value = _climb(read, x[last - 1], x[after + 1], sign, 8)
    corners = {float(seam) for seam in seams}
    found = []
    for k in range(last.size):
        inside = [float(v) for v in x[last[k] : after[k] + 1] if float(v) in corners]
        if inside:
            at_seam = float(y[np.searchsorted(x, inside[0])])
            where_k, value_k = inside[0], at_seam
        else:
            where_k, value_k = round_to(float(where[k]), float(x[-1] - x[0]) * 100), value[k]
        known = float(np.max(np.abs(y[last[k] - 1 : after[k] + 2])))
        if abs(float(value_k)) <= 100 * known + 1e-300:  # else a pole
            found.append(Extremum(where_k, float(value_k), "maximum" if up[k] else "minimum"))
    return found


def _prominent(y: Floats, turns: NDArray[np.intp], least: float) -> NDArray[np.intp]:
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
    read: Reading, low: float, high: float, points: int = 1200
) -> tuple[list[tuple[Floats, Floats]], Point]:
    """A difference of two functions as pieces, and the point where it is largest in size."""
    x = grid(low, high, points)
    runs, _, _ = _runs(read, x, read(x))
    runs = [run for run in runs if run[0].size > 1]
    if not runs:
        return [], (0.0, 0.0)
    x, y = (np.concatenate(parts) for parts in zip(*runs, strict=True))
    most = int(np.argmax(np.abs(y)))
    around = x[[max(most - 1, 0)]], x[[min(most + 1, x.size - 1)]]
    where, value = _climb(read, *around, np.array([np.sign(y[most]) or 1.0]), 8)
    return runs, (round_to(float(where[0]), 100 * (high - low)), float(value[0]))


# --- flat regions --------------------------------------------------------------------------


def spans(f: Function, low: float, high: float, seams: Sequence[Seam], points: int = 800) -> list[
    Span
]:
    """Where the gradient is below 0.01 and where the function is constant, inside [low, high].

    A gradient that merely passes through 0, as at a minimum, is no flat region unless it
    stays small for 3 % of the range.
    """
    inside = [seam.x for seam in seams if low < seam.x < high]
    jumps = {seam.x for seam in seams if seam.kind == "jump"}
    ends = [low, *inside, high]
    found: list[Span] = []
    for a, b in zip(ends[:-1], ends[1:], strict=True):
        if not a < b:
            continue
        x = np.unique(np.concatenate([np.linspace(a, b, 33)[1:-1], grid(a, b, points // 2)]))
        x = x[(x > a) & (x < b)]
        gradient = reading(f, 1)(x)
        if inside and x.size and constant(f, a, b, gradient):
            found.append(Span(a, b, "dead"))
            continue
        found += _saturated(x, gradient, a, b, 0.03 * (high - low))
    return _merged(found, jumps)


def constant(f: Function, a: float, b: float, gradient: Floats) -> bool:
    """Whether f looks constant on (a, b): gradients of 0, and one value."""
    if gradient.size == 0 or np.any(gradient != 0):
        return False
    value = reading(f, 0)(np.linspace(a, b, 9)[1:-1])
    return bool(np.all(value == value[0]))


def _saturated(x: Floats, gradient: Floats, a: float, b: float, least: float) -> list[Span]:
    small = np.abs(gradient) < SATURATED
    edges = np.flatnonzero(np.diff(np.concatenate([[0], small.astype(np.int8), [0]])))
    found = []
    for start, stop in edges.reshape(-1, 2):
        around = np.sign(gradient[max(start - 1, 0) : stop + 1])
        low = a if start == 0 else _crossing(x, gradient, start - 1)
        high = b if stop == x.size else _crossing(x, gradient, stop - 1)
        passing = around.min() < 0 < around.max()
        if high - low > (least if passing else least / 6):
            found.append(Span(low, high, "saturated"))
    return found


def _crossing(x: Floats, gradient: Floats, i: int) -> float:
    """Where |gradient| passes 0.01 between the samples i and i + 1."""
    g = np.abs(gradient[i : i + 2])
    if not np.isfinite(g).all() or g[0] == g[1]:
        return float(x[i + 1])
    return float(x[i] + (x[i + 1] - x[i]) * (SATURATED - g[0]) / (g[1] - g[0]))


def _merged(spans: list[Span], jumps: set[float]) -> list[Span]:
    """Neighbours of one kind joined, unless the value jumps between them."""
    merged: list[Span] = []
    for span in spans:
        last = merged[-1] if merged else None
        if last and last.kind == span.kind and last.high == span.low and span.low not in jumps:
            merged[-1] = Span(last.low, span.high, span.kind)
        else:
            merged.append(span)
    return merged


# --- asymptotes ----------------------------------------------------------------------------


def asymptotes(
    f: Function, order: Order, curve: Trace, low: float, high: float
) -> list[tuple[Point, Point]]:
    """Segments of the lines that the curve approaches, on the side where it does so.

    None where the curve lies on its line, or is still far from it at the range's end.
    """
    found: list[tuple[Point, Point]] = []
    x = np.concatenate([piece[0] for piece in curve.pieces]) if curve.pieces else np.zeros(0)
    y = np.concatenate([piece[1] for piece in curve.pieces]) if curve.pieces else np.zeros(0)
    height = spread(y)
    middle = 0.0 if low < 0 < high else (low if low >= 0 else high)
    sides: tuple[Literal[-1, 1], ...] = (-1, 1)
    for side in sides:
        line = _line(f, order, side)
        a, b = (low, middle) if side < 0 else (middle, high)
        near = (x > a) & (x < b)
        if line is None or not a < b or not near.any():
            continue
        gap = np.abs(y[near] - (line[0] * x[near] + line[1]))
        end = gap[-1 if side > 0 else 0]
        if gap.max() > 0.004 * height and end < 0.35 * height and end < 0.9 * gap.max():
            found.append(((a, line[0] * a + line[1]), (b, line[0] * b + line[1])))
    return found


def _line(f: Function, order: Order, side: Literal[-1, 1]) -> tuple[float, float] | None:
    """Slope and intercept of the asymptote of f's value, gradient or curvature."""
    if order == 0:
        return f.asymptote(side)
    limit = float(reading(f, order)(np.array([side * np.inf]))[0])
    return (0.0, limit) if np.isfinite(limit) else None


# --- ranges --------------------------------------------------------------------------------


def xlimits(inputs: Floats | None, seams: Sequence[float]) -> Limits:
    """The range to draw when none is given.

    Inputs: all but the outermost 1 in 1000 at each end. Else -5:5, widened where a formula
    has a seam just outside (relu6 at 6), as nobody asks for a picture of everything but it.
    """
    if inputs is not None:
        inputs = inputs[np.isfinite(inputs)]
    if inputs is not None and inputs.size:
        low, high = (float(v) for v in np.quantile(inputs, [0.001, 0.999]))
        low, high = min(low, 0.0), max(high, 0.0)
        margin = 0.06 * (high - low) or 1.0
        return _outward(low - margin, high + margin)
    near = [seam for seam in seams if abs(seam) <= 20]
    low, high = min([-5.0, *near]), max([5.0, *near])
    return (
        low if low == -5 else float(np.floor(1.3 * low)),
        high if high == 5 else float(np.ceil(1.3 * high)),
    )


def _outward(low: float, high: float) -> Limits:
    step = 10.0 ** (np.floor(np.log10(high - low)) - 1)
    return float(np.floor(low / step) * step), float(np.ceil(high / step) * step)


def ylimits(traces: Sequence[Trace], order: Order, low: float, high: float) -> Limits:
    """The range of y in which what matters of all these curves is visible, 0 included if near.

    A curve that shoots up (exp, squares, poles) is cut where three quarters of it are seen,
    but not below twice the range of x (for the value) or 3 (for gradients).
    """
    reach = 2 * max(abs(low), abs(high)) if order == 0 else 3.0
    ends = [_central(curve, reach, low, high) for curve in traces if curve.pieces]
    if not ends:
        return -1.0, 1.0
    bottom, top = min(end[0] for end in ends), max(end[1] for end in ends)
    for curve in traces:
        for (_, y0), (_, y1) in curve.asymptotes:
            if y0 == y1 and bottom - 0.6 * (top - bottom) <= y0 <= top + 0.6 * (top - bottom):
                bottom, top = min(bottom, y0), max(top, y0)
    height = top - bottom
    if height <= 1e-12 * max(abs(top), abs(bottom)):
        middle = (top + bottom) / 2
        half = abs(middle) or 1.0
        return (min(0.0, middle) - 0.5 * half, max(0.0, middle) + 0.5 * half)
    if 0 < bottom < 0.6 * height:
        bottom = 0.0
    if -0.6 * height < top < 0:
        top = 0.0
    height = top - bottom
    turns = [point.y for curve in traces for point in curve.extrema]
    below = any(bottom <= y < bottom + 0.07 * height for y in turns)  # their labels need a line
    above = any(top - 0.07 * height < y <= top for y in turns)
    return bottom - (0.13 if below else 0.07) * height, top + (0.11 if above else 0.07) * height


def _central(curve: Trace, reach: float, low: float, high: float) -> Limits:
    y = np.concatenate([piece[1] for piece in curve.pieces])
    columns = np.linspace(low, high, 400)
    levels = [np.interp(columns, *piece, left=np.nan, right=np.nan) for piece in curve.pieces]
    even = np.concatenate(levels)
    even = even[np.isfinite(even)]
    if even.size == 0:
        even = y
    kept = [dot.y for dot in curve.dots] + [point.y for point in curve.extrema]
    ends = []
    for sign in (-1.0, 1.0):
        far = float(np.max(sign * y, initial=-np.inf))
        if far > reach or curve.poles:
            most = np.quantile(sign * even, [0.75, 0.9])
            size = np.quantile(np.abs(even), [0.75, 0.9])
            cut = max(float(size[0]), min(reach, 3 * float(size[1])), float(most[0]))
            cut = min(cut, 20 * reach)
            far = far if far <= 1.5 * cut and not curve.poles else min(far, cut)
        ends.append(sign * far)
    bottom, top = min(ends), max(ends)
    return min([bottom, *kept]), max([top, *kept])
