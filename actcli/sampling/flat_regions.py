"""Where nothing changes any more: flat regions and asymptotes."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import numpy as np

from ..evaluation.breakpoints import Cut
from ..figures.data import Point, Span, Trace
from ..numbers.distinct import distinct, union
from ..numbers.exact import SATURATED
from ..numbers.types import Floats
from .grid import NOISE, grid, spread
from .protocol import Order, SampledFunction, breakpoints_of, reading

FAR = 100.0
"""As far from 0, on both sides, a constant piece is followed at least."""


def spans(
    f: SampledFunction,
    low: float,
    high: float,
    breakpoints: Sequence[Cut],
    points: int = 800,
    turns: bool = False,
) -> list[Span]:
    """Where the gradient is below 0.01 and where the function is constant, inside [low, high].

    A gradient that merely passes through 0, as at a minimum, is no flat region unless it
    stays small for 3 % of the range; with `turns` all stretches count, however short.
    """
    inside = [breakpoint.x for breakpoint in breakpoints if low < breakpoint.x < high]
    outside = [breakpoint.x for breakpoint in breakpoints_of(f, min(low, -FAR), max(high, FAR))]
    jumps = {breakpoint.x for breakpoint in breakpoints if breakpoint.kind in ("jump", "hole")}
    ends = [low, *inside, high]
    found: list[Span] = []
    for a, b in pairwise(ends):
        if not a < b:
            continue
        x = distinct(np.concatenate([np.linspace(a, b, 33)[1:-1], grid(a, b, points // 2)]))
        x = x[(x > a) & (x < b)]
        gradient = reading(f, 1)(x)
        if x.size and _constant(f, a, b, gradient, outside):
            found.append(Span(a, b, "dead"))
            continue
        if turns and x.size:
            x, gradient = _with_roots(f, x, gradient)
        found += _saturated(x, gradient, a, b, 0.0 if turns else 0.03 * (high - low))
    return _merged(found, jumps)


def _with_roots(f: SampledFunction, x: Floats, gradient: Floats) -> tuple[Floats, Floats]:
    """The samples, and such as are near to where the gradient changes its sign."""
    i = np.flatnonzero(gradient[:-1] * gradient[1:] < 0)
    slope = (gradient[i + 1] - gradient[i]) / (x[i + 1] - x[i])
    root = x[i] - gradient[i] / slope
    reach = 1.5 * SATURATED / np.abs(slope)
    new = np.clip(root + reach * np.linspace(-1, 1, 13)[:, None], x[i], x[i + 1]).ravel()
    x = union(x, new)
    return x, reading(f, 1)(x)


def _constant(
    f: SampledFunction, a: float, b: float, gradient: Floats, breakpoints: Sequence[float]
) -> bool:
    """Whether f looks constant on (a, b): gradients of 0, and one value.

    That must hold as far as the next breakpoints: in the far tail of tanh it only seems so.
    """
    if np.any(gradient != 0):
        return False
    start = max((x for x in breakpoints if x <= a), default=min(a, -FAR))
    stop = min((x for x in breakpoints if x >= b), default=max(b, FAR))
    x = np.concatenate([grid(start, stop, 200), np.linspace(a, b, 9)])
    x = x[(x > start) & (x < stop)]
    value = reading(f, 0)(x)
    return bool(np.all(value == value[0]))


def _saturated(x: Floats, gradient: Floats, a: float, b: float, least: float) -> list[Span]:
    """Where |gradient| < 0.01 between two breakpoints, for as long as `least`."""
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


def asymptotes(
    f: SampledFunction, order: Order, curve: Trace, low: float, high: float
) -> list[tuple[Point, Point]]:
    """Segments of the lines that the curve approaches, on the side where it does so.

    None where the curve lies on its line, or is still far from it at the range's end: farther where
    the line is in sight anyhow, between the values of the curve and 0.
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
        if gap.max() < NOISE * np.max(f.rounding(x[near], order)):
            continue
        seen = (
            line[0] == 0
            and b - a > 0.2 * (high - low)
            and min(y.min(), 0) <= line[1] <= max(y.max(), 0)
        )
        close = end < (0.5 if seen else 0.35) * height
        if gap.max() > 0.004 * height and close and end < 0.9 * gap.max():
            found.append(((a, line[0] * a + line[1]), (b, line[0] * b + line[1])))
    return found


def _line(f: SampledFunction, order: Order, side: Literal[-1, 1]) -> tuple[float, float] | None:
    """Slope and intercept of the asymptote of f's value, gradient or curvature."""
    if order == 0:
        return f.asymptote(side)
    limit = float(reading(f, order)(np.array([side * np.inf]))[0])
    return (0.0, limit) if np.isfinite(limit) else None
