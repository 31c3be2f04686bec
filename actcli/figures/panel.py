"""One pair of axes: shading, axes, asymptotes, curves, marks and their coordinates."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.typing import ColorType, LineStyleType

from ..numbers.types import Floats
from .data import Curve, Extremum, Picture, Point, Trace, exits
from .label_placement import Room, empty_room, put_label
from .legend import lane_room, span_look
from .overlap import overlap_segments
from .page import ASYMPTOTE, DOT, POINT, Frame, Look, Page, plot
from .ticks import number

NAMES = ("value", "gradient", "curvature")
TITLES = ("value  f(x)", "gradient  f′(x)", "curvature  f″(x)")
MOST_LABELS = 12
FEWER_LABELS = 6
"""Coordinates in a panel of more than MANY curves; those of crowded points are left out first."""
MANY = 4
CROWDED = 0.13
"""Inches between points that are too close for coordinates at each."""
MOST_NESTED = 4
"""Of marks at one point; more would cover what they mark."""
UNIT = 3.2
"""Length of a dash where curves coincide, in line widths."""


@dataclass
class Cell:
    """What the parts of a panel share."""

    page: Page
    ax: Axes
    frame: Frame
    curves: Sequence[Curve]
    traces: list[Trace]
    styles: list[Look]

    def front(self) -> list[int]:
        """The indices of the curves that are not behind."""
        return [i for i, curve in enumerate(self.curves) if not curve.behind]

    def tamed(self, y: Floats) -> Floats:
        """Values far outside of the panel brought nearer."""
        return self.frame.tamed(y)


def draw_panel(page: Page, frame: Frame, picture: Picture, index: int, styles: list[Look]) -> None:
    """The picture's panel of that index, in the frame."""
    panel = picture.panels[index]
    order = panel.order
    lanes = lane_room(picture) if order == 1 else 0.0
    frame.ylim = frame.value_at_y(frame.bottom - lanes / (1 - lanes) * frame.high), frame.ylim[1]
    traces = [curve.traces[index] for curve in picture.curves]
    cell = Cell(page, page.axes(frame, NAMES[order]), frame, picture.curves, traces, styles)
    page.caption(frame, panel.titled(TITLES[order]), "panel-title")
    _axis_lines(cell)
    if order == 1:
        _shade(cell, lanes)
    _asymptotes(cell)
    _curves(cell)
    _marks(cell)
    room = _room(cell)
    _cuts(cell, room)
    if lanes:
        floor = frame.bottom + lanes * frame.high
        room.boxes.append((frame.left, frame.bottom, frame.right, floor))
    _labels(cell, room)


def _axis_lines(cell: Cell) -> None:
    """Axes through the origin where it is in sight, else along the frame; x at its end.

    They leave room for asymptotes that lie on them, or the dashes would not be seen.
    """
    page, frame, ax = cell.page, cell.frame, cell.ax
    (x0, x1), (y0, y1) = frame.xlim, frame.ylim
    level, across = 0.0 if y0 <= 0 <= y1 else y0, 0.0 if x0 <= 0 <= x1 else x0
    look: Look = {"color": page.theme.axis, "lw": 1.0, "zorder": 1}
    lines = [line for trace in cell.traces for line in trace.asymptotes]
    taken = [(a[0], b[0]) for a, b in lines if a[1] == b[1] == level]
    ends = sorted({x0, x1, *(end for pair in taken for end in pair)})
    for a, b in pairwise(ends):
        if not any(low <= a and b <= high for low, high in taken):
            plot(ax, [a, b], [level, level], gid="axis-x", **look)
    if not any(across in trace.poles for trace in cell.traces):
        ax.axvline(across, gid="axis-y", **look)
    at_foot = frame.y(level) < frame.bottom + 0.6 * page.tick_size * POINT  # above a tick label
    page.text(frame.right + 0.06, frame.y(level), "x", 1.1 * page.tick_size, page.theme.muted,
               va="bottom" if at_foot else "center", gid="x")  # fmt: skip


# --- flat regions --------------------------------------------------------------------------


def _shade(cell: Cell, lanes: float) -> None:
    """Flat regions: the whole height for a single curve, a lane at the foot for each of many, with
    the curve's line in it."""
    flat = [(cell.curves[i], cell.styles[i]) for i in cell.front() if cell.curves[i].spans]
    step = (lanes - 0.015) / max(len(flat), 1)
    dashed = lanes and any(look["ls"] != "-" for _, look in flat)
    for k, (curve, look) in enumerate(flat):
        top = lanes - 0.01 - k * step
        for span in curve.spans:
            style = span_look(cell.page, span.kind, look["color"] if lanes else None)
            ends = (top - 0.78 * step, top) if lanes else (0.0, 1.0)
            cell.ax.axvspan(span.low, span.high, *ends, zorder=2.5 if lanes else 0.4,
                            gid=span.kind, **style)  # fmt: skip
            if dashed:
                middle, wide = top - 0.39 * step, min(look["lw"], 20 * step * cell.frame.high)
                plot(cell.ax, [span.low, span.high], [middle, middle], color=look["color"],
                             ls=look["ls"], lw=wide, transform=cell.ax.get_xaxis_transform(),
                             zorder=2.6, solid_capstyle="butt", gid="lane")  # fmt: skip


# --- lines and marks -----------------------------------------------------------------------


def _asymptotes(cell: Cell) -> None:
    """Asymptotes and poles, dashed; each but once, of several curves in the colour of its own."""
    look: Look = {"zorder": 1.5, "gid": "asymptote"} | ASYMPTOTE
    straight = cell.frame.xscale == cell.frame.yscale == "linear"
    for (a, b), colour in sorted(_owned(cell, "asymptotes").items()):
        steps = np.linspace(0, 1, 2 if straight else 400)
        x, y = (start + steps * (end - start) for start, end in zip(a, b, strict=True))
        plot(cell.ax, x, y, color=colour, **look)
    for pole, colour in sorted(_owned(cell, "poles").items()):
        cell.ax.axvline(pole, color=colour, **look)


def _owned(cell: Cell, marks: Literal["asymptotes", "poles"]) -> dict[Any, ColorType]:
    """Each of these lines with its colour: neutral for a single curve, or where curves share it."""
    neutral, front = cell.page.theme.muted, cell.front()
    owners: dict[Any, set[int]] = defaultdict(set)
    for i, trace in enumerate(cell.traces):
        for mark in getattr(trace, marks):
            owners[mark].add(i)
    return {
        mark: cell.styles[min(own)]["color"]
        if len(front) > 1 and len(own) == 1 and min(own) in front
        else neutral
        for mark, own in owners.items()
    }


def _curves(cell: Cell) -> None:
    """Curves behind first; then those in front, taking turns where they coincide."""
    frame, ax = cell.frame, cell.ax
    for i, curve in enumerate(cell.curves):
        if curve.behind:
            for x, y in cell.traces[i].pieces:
                plot(ax, x, cell.tamed(y), zorder=2, gid=f"exact-{i}", solid_capstyle="butt",
                        **cell.styles[i])  # fmt: skip
    front = cell.front()
    paths = [
        [(frame.x(x), frame.y(cell.tamed(y))) for x, y in cell.traces[i].pieces] for i in front
    ]
    near = 0.7 * cell.styles[front[0]]["lw"] * POINT
    for k, found in enumerate(overlap_segments(paths, frame.left, frame.right, near)):
        look = cell.styles[front[k]]
        for segment in found:
            x, y = frame.value_at_x(segment.x), frame.value_at_y(segment.y)
            plot(ax, x, y, color=look["color"], lw=look["lw"],
                    ls=_turn(segment.turn, segment.of) if segment.of > 1 else look["ls"],
                    solid_capstyle="butt" if segment.of > 1 else "round", zorder=3 + 0.01 * k,
                    gid=f"curve-{front[k]}")  # fmt: skip


def _turn(turn: int, of: int) -> LineStyleType:
    """Solid for the lowest of several coinciding curves, else a dash in every `of`."""
    return "-" if turn == 0 else ((of - turn) * UNIT, (UNIT, (of - 1) * UNIT))


def _marks(cell: Cell) -> None:
    """Kinks and the ends of jumps, one inside the other where curves have theirs at one point."""
    theme, small = cell.page.theme, cell.page.mark
    paper, (low, high) = theme.paper, cell.frame.ylim
    colours = [cell.styles[i]["color"] for i in cell.front()]
    traces = [cell.traces[i] for i in cell.front()]
    turns = [(point.x, point.y) for trace in traces for point in trace.extrema]
    for (x, y), colour, later in _nested([trace.kinks for trace in traces], colours, theme.muted):
        later += bool(_near(cell, (x, y), turns, 2 * POINT))  # a dot would hide it
        plot(cell.ax, [x], [y], marker="D", ms=5 * small * (1 + 0.6 * later), mfc=colour, mec=paper,
                     mew=0.7, zorder=5, gid="kink")  # fmt: skip
    for dot, colour, later in _nested([trace.dots for trace in traces], colours, theme.muted):
        if low <= dot.y <= high:
            plot(cell.ax, [dot.x], [dot.y], marker="o", ms=5.6 * small * (1 + 0.5 * later), mew=1.4,
                         mec=colour, mfc=colour if dot.filled else paper,
                         zorder=5.2 if dot.filled else 5.1, clip_on=False,
                         gid="filled" if dot.filled else "open")  # fmt: skip


def _cuts(cell: Cell, room: Room) -> None:
    """Where a curve leaves the panel: a mark at the edge, which takes its room."""
    frame = cell.frame
    for i in cell.front():
        for x, up in exits(cell.traces[i], frame.xlim, frame.ylim):
            y = frame.top - 2.5 * POINT if up else frame.bottom + 2.5 * POINT
            plot(cell.ax, [x], [frame.value_at_y(y)], marker="^" if up else "v", mew=0.6,
                         ms=5.5 * cell.page.mark, mfc=cell.styles[i]["color"],
                         mec=cell.page.theme.paper, zorder=5.5, gid="cut")  # fmt: skip
            room.add_mark(frame.x(x), y, 3.2 * POINT)


def _nested(
    marks: Sequence[Sequence[Any]], colours: Sequence[ColorType], neutral: ColorType
) -> list[tuple[Any, ColorType, int]]:
    """Each mark with its curve's colour and how many later curves have the same one.

    What more than MOST_NESTED curves share is one mark in a colour of none.
    """
    counts = Counter(mark for own in marks for mark in set(own))
    found: list[tuple[Any, ColorType, int]] = []
    for k, (own, colour) in enumerate(zip(marks, colours, strict=True)):
        for mark in own:
            later = sum(mark in other for other in marks[k + 1 :])
            if counts[mark] <= MOST_NESTED:
                found.append((mark, colour, later))
            elif later == 0:
                found.append((mark, neutral, 0))
    return found


# --- coordinates ---------------------------------------------------------------------------


def _room(cell: Cell) -> Room:
    """The panel with its curves, marks, axes and asymptotes as obstacles."""
    frame, room = cell.frame, empty_room(cell.frame)

    def path(x: Any, y: Any, faint: bool = False) -> None:
        at, level = frame.x(np.asarray(x)), frame.y(cell.tamed(np.asarray(y)))
        seen = np.isfinite(at) & np.isfinite(level)
        if seen.any():
            room.add_path(at[seen], level[seen], faint)

    for trace in cell.traces:
        for x, y in trace.pieces:
            path(x, y)
        for a, b in trace.asymptotes:
            path([a[0], b[0]], [a[1], b[1]], faint=True)
        for pole in trace.poles:
            path([pole, pole], frame.ylim, faint=True)
        marks = [(dot.x, dot.y) for dot in trace.dots]
        marks += [(point.x, point.y) for point in trace.extrema]
        for at, level in [*trace.kinks, *trace.inputs, *marks]:
            room.add_mark(frame.x(at), frame.y(level), 3.2 * POINT)
    return room


def _labels(cell: Cell, room: Room) -> None:
    """Minima, maxima and inputs asked for: a mark each, and its coordinates.

    Of very many extrema only a few in the middle are marked.
    """
    (x0, x1), (y0, y1) = cell.frame.xlim, cell.frame.ylim
    points: list[tuple[Extremum, ColorType]] = []
    asked: list[tuple[Extremum, ColorType]] = []
    for i in cell.front():
        colour = cell.styles[i]["color"]
        points += [(point, colour) for point in cell.traces[i].extrema if y0 <= point.y <= y1]
        asked += [
            (Extremum(x, y, "maximum"), colour) for x, y in cell.traces[i].inputs if y0 <= y <= y1
        ]
    middle = (x0 + x1) / 2
    points.sort(key=lambda item: (abs(item[0].x - middle), item[0].x < middle))
    if len(points) > 2 * MOST_LABELS:
        del points[4:]
    most = MOST_LABELS if len(cell.front()) <= MANY else FEWER_LABELS
    named = points
    if len(points) > FEWER_LABELS:
        places = [(point.x, point.y) for point, _ in points]
        named = [
            item
            for item, place in zip(points, places, strict=True)
            if _near(cell, place, [other for other in places if other != place], CROWDED) == 0
        ]
    if most == FEWER_LABELS:  # one of each curve before others
        room.farthest = 0.5
        seen = Counter[str]()
        ranks = []
        for _, colour in named:
            ranks.append(seen[str(colour)])
            seen[str(colour)] += 1
        order = sorted(range(len(named)), key=ranks.__getitem__)
        named = [named[k] for k in order]
    look: Look = {"mec": cell.page.theme.paper, "zorder": 6, **DOT}
    look["ms"] *= cell.page.mark
    for point, colour in points:
        plot(cell.ax, [point.x], [point.y], mfc=colour, gid=point.kind, **look)
    for point, colour in asked:
        plot(cell.ax, [point.x], [point.y], mfc=colour, gid="input", **look | {"marker": "s"})
    wide = x1 - x0 if cell.frame.xscale == "linear" else 0.0
    high = y1 - y0 if cell.frame.yscale == "linear" else 0.0
    written: set[str] = set()
    for point, colour in (asked + named)[: max(most, len(asked))]:
        text = f"({coordinate(point.x, wide)}, {coordinate(point.y, high)})"
        if text in written:  # by another curve with the same turning point
            continue
        written.add(text)
        at = cell.frame.x(point.x), cell.frame.y(point.y)
        put_label(cell.page, room, at, text, 0.86 * cell.page.base, colour,
                  up=point.kind == "maximum", gid="coordinates")  # fmt: skip


def _near(cell: Cell, at: Point, points: Sequence[Point], reach: float) -> int:
    """How many of the points lie within so many inches."""
    frame = cell.frame
    x, y = frame.x(at[0]), frame.y(at[1])
    return sum(np.hypot(frame.x(a) - x, frame.y(b) - y) < reach for a, b in points)


def coordinate(value: float, width: float) -> str:
    """As many digits as a panel that spans `width` resolves, but three at least; just three where
    no width is told.

    What is smaller than that by far, as rounding and searching make it, is 0.
    """
    width = width or abs(value)
    if abs(value) <= 1e-7 * width:
        return "0"
    if abs(value) < width / 1e4:
        return number(value)
    digits = int(np.clip(np.ceil(np.log10(abs(value) / width * 1e3)), 3, 12))
    return number(value, digits, width / 1e4)
