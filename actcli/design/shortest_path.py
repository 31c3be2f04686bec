"""Fewest lines through gates: continuous piecewise linear functions with free breakpoints.

A gate is a place x with an interval of values. Each line is laid as far as any can go, given those before
it: it has to cross the line before behind that one's last support and pass what stopped it
(Suri, A linear time algorithm for minimum link paths inside a simple polygon, 1986, for monotone
paths; a line through gates as in O'Rourke, An on-line algorithm for fitting straight lines between
data ranges, 1981). Numbers are floats, or Fractions, with which the least number of lines is proved.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

STEEPEST = 10**30

Point = tuple[Any, Any, int]  # x, y and the gate


@dataclass(frozen=True)
class Line:
    """y = height + slope*(x - at); `held` are the gates that it touches, `end` is where it is stopped."""

    slope: Any
    at: Any
    height: Any
    held: tuple[int, ...]
    end: Any = None

    def __call__(self, x: Any) -> Any:
        return self.height + self.slope * (x - self.at)


@dataclass(frozen=True)
class Tail:
    """A line that a path ends as: its slope, and where its value at x = 0 may lie."""

    slope: Any
    low: Any
    high: Any


@dataclass(frozen=True)
class Path:
    """Lines from left to right, each crossing the next; whether they pass all gates."""

    lines: list[Line]
    complete: bool


def path(
    x: Sequence[Any],
    low: Sequence[Any],
    high: Sequence[Any],
    most: int,
    tails: Sequence[Tail | None] = (None, None),
    between: Callable[[Line, int, int, Any], tuple[Any, Any] | None] | None = None,
) -> Path:
    """The fewest lines that pass all gates, or as many as `most` that do not.

    `between(line, side, k, x)` tells where, after x and before gate k, a line is stopped by what is between
    gates, and above which value there (side 1), or below which (-1), the next has to be.
    """
    left, right = tails
    bands = {1: (low, high), -1: ([-v for v in high], [-v for v in low])}
    ends = None if right is None else _remaining(x, low, high, right)
    found: list[Line] = []
    side, support, start = 1, 0, 0
    end: tuple[Any, Any] | None = None
    while True:
        if not found and left is not None:
            line, side, support, stop = _first(x, low, high, left)
        elif right and ends and (last := _last(right, ends, side, support, start, end)):
            return Path([*found, last], True)
        else:
            line, side, support, stop = _furthest(x, bands, side, support, start, end)
        if stop < len(x):
            after = end[0] if end and stop == start else x[stop - 1]
            end = between(line, side, stop, after) if between and stop else None
            if end is not None and not end[0] < x[stop]:  # at the gate
                end = None
            line = replace(line, end=x[stop] if end is None else end[0])
        found.append(line)
        if stop == len(x) and (right is None or line.slope == right.slope):
            return Path(found, True)
        if len(found) == most:
            return Path(found, False)
        if stop == len(x) and right is not None:  # past all gates, but not as far as the tail
            height = min(max(line(x[-1]) - right.slope * x[-1], right.low), right.high)
            return Path([*found, Line(right.slope, 0, height, (start,))], True)
        start = stop


def _first(
    x: Sequence[Any], low: Sequence[Any], high: Sequence[Any], tail: Tail
) -> tuple[Line, int, int, int]:
    """The line of a slope from the left end that goes furthest, as `_furthest` tells it."""
    least, greatest = tail.low, tail.high
    below = above = -1
    for k, place in enumerate(x):
        down, up = low[k] - tail.slope * place, high[k] - tail.slope * place
        if down > greatest:
            return Line(tail.slope, 0, greatest, (above, k)), 1, max(above, 0), k
        if up < least:
            return Line(tail.slope, 0, least, (below, k)), -1, max(below, 0), k
        if down > least:
            least, below = down, k
        if up < greatest:
            greatest, above = up, k
    return Line(tail.slope, 0, (least + greatest) / 2, (below, above)), 1, 0, len(x)


def _remaining(
    x: Sequence[Any], low: Sequence[Any], high: Sequence[Any], tail: Tail
) -> tuple[list[Any], list[Any]]:
    """Where a line of the tail's slope may lie at 0: the least and greatest from each gate on."""
    least, greatest = [tail.low], [tail.high]
    for place, down, up in zip(reversed(x), reversed(low), reversed(high), strict=True):
        least.append(max(least[-1], down - tail.slope * place))
        greatest.append(min(greatest[-1], up - tail.slope * place))
    return least[::-1], greatest[::-1]


def _last(
    tail: Tail, ends: tuple[list[Any], list[Any]], side: int, support: int, start: int,
    end: tuple[Any, Any] | None,
) -> Line | None:  # fmt: skip
    """The line of the right tail that follows, if there is one."""
    least = ends[0][start if side > 0 else support]
    greatest = ends[1][support if side > 0 else start]
    if end is not None:
        met = end[1] - tail.slope * end[0]
        least, greatest = (max(least, met), greatest) if side > 0 else (least, min(greatest, met))
    if least > greatest:
        return None
    return Line(tail.slope, 0, (least + greatest) / 2, (start,))


def _furthest(
    x: Sequence[Any], bands: dict[int, Any], side: int, support: int, start: int,
    end: tuple[Any, Any] | None,
) -> tuple[Line, int, int, int]:  # fmt: skip
    """The line that goes furthest, which side stopped it, its last support, and the gate that stopped it.

    It is to be below the upper ends from gate `support` on, and above the lower ends from `start` on;
    for side -1 the other way round, which is this in a mirror. With an `end` it is to be above that
    point, too.
    """
    low, high = bands[side]
    above: list[Point] = []  # the lower hull of upper ends
    for k in range(support, start + (end is None)):
        _bend(above, (x[k], high[k], k), 1, 0)
    bottom = (x[start], low[start], start)
    if end is not None:
        bottom = (end[0], side * end[1], start)
    below: list[Point] = [bottom]  # the upper hull of lower ends
    above_start = below_start = 0
    # the flattest line touches `flat`, an upper end and then a lower one; the steepest the other way
    flat: tuple[Point, Point] | None = None
    if above and above[0][0] < bottom[0]:
        above_start = _tangent(above, 0, bottom, -1)
        flat = (above[above_start], bottom)
    steep: tuple[Point, Point] | None = None
    count = len(x)
    least = _slope(*flat) if flat else -STEEPEST
    greatest: Any = STEEPEST
    k = start + (end is None)
    while k < count:
        place, floor, ceiling = x[k], low[k], high[k]
        if flat and flat[1][1] + least * (place - flat[1][0]) > ceiling:
            line = Line(side * least, flat[1][0], side * flat[1][1], (flat[0][2], flat[1][2], k))
            return line, -side, flat[1][2], k
        if steep and steep[1][1] + greatest * (place - steep[1][0]) < floor:
            line = Line(
                side * greatest, steep[1][0], side * steep[1][1], (steep[0][2], steep[1][2], k)
            )
            return line, side, steep[1][2], k
        if not steep or steep[1][1] + greatest * (place - steep[1][0]) > ceiling:
            point = (place, ceiling, k)
            below_start = _tangent(below, below_start, point, 1)
            steep = (below[below_start], point)
            greatest = _slope(*steep)
            _bend(above, point, 1, above_start)
        if not flat or flat[1][1] + least * (place - flat[1][0]) < floor:
            point = (place, floor, k)
            above_start = _tangent(above, above_start, point, -1)
            flat = (above[above_start], point)
            least = _slope(*flat)
            _bend(below, point, -1, below_start)
        k += 1
    return _between(side, flat, steep, bottom), side, 0, count


def _slope(a: Point, b: Point) -> Any:
    return (b[1] - a[1]) / (b[0] - a[0])


def _bend(hull: list[Point], point: Point, side: int, start: int) -> None:
    """Adds a point at the right to a hull that is convex (side 1) or concave (-1)."""
    while len(hull) >= start + 2:
        a, b = hull[-2], hull[-1]
        turn = (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0])
        if side * turn > 0:
            break
        hull.pop()
    hull.append(point)


def _tangent(hull: list[Point], start: int, point: Point, side: int) -> int:
    """From where on a hull the slope to a point at the right is least (side 1) or greatest (-1)."""
    best = side * _slope(hull[start], point)
    while start + 1 < len(hull) and hull[start + 1][0] < point[0]:
        found = side * _slope(hull[start + 1], point)
        if found > best:
            break
        best = found
        start += 1
    return start


def _between(
    side: int, flat: tuple[Point, Point] | None, steep: tuple[Point, Point] | None, at: Point
) -> Line:
    """A line amid all that reach the last gate."""
    if flat and steep:
        low, high = _slope(*flat), _slope(*steep)
        x = steep[1][0]
        height = (flat[1][1] + low * (x - flat[1][0]) + steep[1][1]) / 2
        held = (flat[0][2], flat[1][2], steep[0][2], steep[1][2])
        return Line(side * (low + high) / 2, x, side * height, tuple(sorted({*held})))
    slope = _slope(*flat) + 1 if flat else 0  # it ends where it starts
    return Line(side * slope, at[0], side * at[1], (at[2],))
