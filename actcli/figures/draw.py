"""Pictures as bytes, by matplotlib. One layout pass, one drawing pass, no global state."""

import io
from pathlib import Path
from typing import Any, Literal

import numpy as np
from matplotlib import style
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from .data import Curve, Extremum, Picture, Trace
from .header import Header, Key, SweepBar, curve_styles
from .place import Floats, Room
from .sheet import POINT, Frame, Sheet, labels_width, xticks_for, yticks_for
from .strands import strands
from .strips import draw_histogram, draw_residuals, strip_labels
from .ticks import number

STYLES = Path(__file__).parent.parent
TITLES = ("value  f(x)", "gradient  f′(x)", "curvature  f″(x)")
# Dates and program versions out: two runs give identical bytes.
METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
MOST_LABELS = 12


def render(picture: Picture, kind: Literal["png", "svg", "pdf"]) -> bytes:
    """The finished file."""
    sheets: list[Any] = [STYLES / "actcli.mplstyle"]
    if picture.style == "dark":
        sheets.append(STYLES / "actcli-dark.mplstyle")
    buffer = io.BytesIO()
    with style.context(sheets, after_reset=True):
        compose(picture).savefig(buffer, format=kind, metadata=METADATA[kind])
    return buffer.getvalue()


def default_size(picture: Picture) -> tuple[float, float]:
    """Inches, roomy enough for what the picture holds."""
    width = 10.0 if len(picture.panels) < 3 else 13.5
    strip = bool(picture.residuals) or picture.histogram is not None
    return width, 5.9 if strip else 4.4


def compose(picture: Picture) -> Figure:
    """The figure, laid out. Call it inside the style's context."""
    width, height = picture.size or default_size(picture)
    base = 9.5 * float(np.clip(np.sqrt(min(width / 9, height / 3.9)), 0.62, 1.15))
    sheet = Sheet(width, height, picture.dpi, base)
    styles = curve_styles(sheet, picture)
    header, key, bar = Header(sheet, picture, styles), Key(sheet, picture), SweepBar(sheet, picture)
    header.draw()
    key.draw()
    size = 0.92 * base
    label = 1.25 * size * POINT + 0.06  # tick labels under an axis
    title = 1.7 * base * POINT
    body = height - header.height - key.height
    strip = 0.0
    if picture.residuals or picture.histogram:
        strip = 0.27 * body
    bottom = key.height + label + (strip + label + title if strip else 0.0)
    high = height - header.height - title - bottom
    least = strip_labels(sheet, picture, strip, size)
    frames = _columns(sheet, picture, bottom, max(high, 0.3), size, bar.width, least)
    for i, frame in enumerate(frames):
        sheet.text(frame.left, frame.bottom + frame.high + 0.07,
                   TITLES[picture.panels[i].order], base, sheet.theme.muted, gid="panel-title")
        _panel(sheet, frame, picture, i, styles)
    last = frames[-1]
    bar.draw([s["color"] for s in styles], last.left + last.wide + 0.28, last.bottom,
             last.bottom + last.high)
    if picture.residuals:
        draw_residuals(sheet, picture, frames, styles, key.height + label, strip, size)
    elif picture.histogram:
        draw_histogram(sheet, picture, frames, key.height + label, strip, size)
    return sheet.figure


def _columns(
    sheet: Sheet,
    picture: Picture,
    bottom: float,
    high: float,
    size: float,
    bar: float,
    least: float,
) -> list[Frame]:
    """The panels side by side, equally wide, each with room for its own tick labels."""
    yticks = [yticks_for(panel.ylim, high) for panel in picture.panels]
    labels = [max(labels_width(sheet, found, size), least) + 0.07 for found in yticks]
    gap = 0.03 * sheet.width + 0.08
    right = bar + 0.28 if bar else 0.26
    count = len(picture.panels)
    wide = (sheet.width - 0.18 - sum(labels) - gap * (count - 1) - right) / count
    wide = max(wide, 0.4)
    xticks = xticks_for(sheet, picture.xlim, wide, size)
    frames = []
    left = 0.18
    for panel, found, room in zip(picture.panels, yticks, labels, strict=True):
        left += room
        frames.append(Frame(left, bottom, wide, high, picture.xlim, panel.ylim, xticks, found, size))
        left += wide + gap
    return frames


# --- one panel -----------------------------------------------------------------------------


def _panel(
    sheet: Sheet, frame: Frame, picture: Picture, index: int, styles: list[dict[str, Any]]
) -> None:
    order = picture.panels[index].order
    lanes = 0.0
    if order == 1:
        lanes = _lane_room(picture)
        low, high = frame.ylim
        frame.ylim = (low - lanes / (1 - lanes) * (high - low), high)
    ax = sheet.axes(frame, ("value", "gradient", "curvature")[order])
    traces = [curve.traces[index] for curve in picture.curves]
    _axis_lines(sheet, ax, frame, traces)
    if order == 1:
        _shade(sheet, ax, picture, styles, lanes)
    room = _room(sheet, frame, traces)
    if lanes:
        room.add_box((*_pixels(sheet, frame.left, frame.bottom),
                      *_pixels(sheet, frame.left + frame.wide, frame.bottom + lanes * frame.high)))
    _asymptotes(sheet, ax, traces)
    _curves(sheet, ax, frame, picture.curves, traces, styles)
    for i, trace in enumerate(traces):
        if not picture.curves[i].behind:
            _marks(sheet, ax, trace, styles[i], [other for other in traces[i + 1 :]])
    _extrema(sheet, ax, frame, room, picture.curves, traces, styles)


def _axis_lines(sheet: Sheet, ax: Axes, frame: Frame, traces: list[Trace]) -> None:
    """Axes through the origin where it is in sight, else along the frame; x at its end.

    The x axis leaves room for asymptotes that lie on it, or their dashes would not be seen.
    """
    theme = sheet.theme
    (x0, x1), (y0, y1) = frame.xlim, frame.ylim
    level = 0.0 if y0 <= 0 <= y1 else (y0 if y0 > 0 else y1)
    taken = [(a[0], b[0]) for trace in traces for a, b in trace.asymptotes if a[1] == b[1] == level]
    ends = sorted({x0, x1, *(end for pair in taken for end in pair)})
    for a, b in zip(ends[:-1], ends[1:], strict=True):
        if not any(low <= a and b <= high for low, high in taken):
            ax.plot([a, b], [level, level], color=theme.axis, lw=1.0, zorder=1, gid="axis-x")
    ax.axvline(0.0 if x0 <= 0 <= x1 else (x0 if x0 > 0 else x1), color=theme.axis, lw=1.0,
               zorder=1, gid="axis-y")
    line = frame.size * POINT
    right = frame.left + frame.wide
    sheet.text(right + 0.06, frame.y(level), "x", frame.size * 1.1, theme.muted, va="center",
               gid="x")
    if frame.xticks.note:
        sheet.text(right, frame.bottom + 0.35 * line, frame.xticks.note, frame.size * 0.9,
                   theme.muted, ha="right", gid="note")
    if frame.yticks.note:
        sheet.text(right, frame.bottom + frame.high + 0.07, frame.yticks.note, frame.size * 0.9,
                   theme.muted, ha="right", gid="note")


def _lane_room(picture: Picture) -> float:
    """The share of the gradient panel's height that lanes of several curves take."""
    count = sum(1 for curve in picture.curves if curve.spans and not curve.behind)
    alone = sum(1 for curve in picture.curves if not curve.behind) == 1
    return 0.0 if alone or not count else min(0.045 * count + 0.015, 0.3)


def _shade(
    sheet: Sheet, ax: Axes, picture: Picture, styles: list[dict[str, Any]], lanes: float
) -> None:
    """Flat regions: the whole height for a single curve, a lane at the foot for each of many."""
    theme = sheet.theme
    shown = [(curve, s) for curve, s in zip(picture.curves, styles, strict=True) if not curve.behind]
    if not lanes:
        for span in shown[0][0].spans:
            dead = span.kind == "dead"
            ax.axvspan(span.low, span.high, facecolor=theme.still if dead else theme.flat,
                       edgecolor=theme.hatch if dead else "none", hatch="////" if dead else None,
                       lw=0, zorder=0.4, gid=span.kind)
        return
    flat = [(curve, s) for curve, s in shown if curve.spans]
    step = (lanes - 0.015) / len(flat)
    for k, (curve, look) in enumerate(flat):
        top = lanes - 0.01 - k * step
        for span in curve.spans:
            dead = span.kind == "dead"
            ax.axvspan(span.low, span.high, top - 0.78 * step, top, facecolor=look["color"],
                       alpha=0.85 if dead else 0.38, edgecolor=theme.paper if dead else "none",
                       hatch="////" if dead else None, lw=0, zorder=2.5, gid=span.kind)


def _asymptotes(sheet: Sheet, ax: Axes, traces: list[Trace]) -> None:
    look = {"color": sheet.theme.muted, "lw": 1.1, "ls": (0, (4, 2.5)), "zorder": 1.5,
            "gid": "asymptote"}
    done = set()
    for trace in traces:
        for line in trace.asymptotes:
            if line not in done:
                done.add(line)
                ax.plot([line[0][0], line[1][0]], [line[0][1], line[1][1]], **look)
        for pole in trace.poles:
            if pole not in done:
                done.add(pole)
                ax.axvline(pole, **look)


def _curves(
    sheet: Sheet,
    ax: Axes,
    frame: Frame,
    curves: "list[Curve] | tuple[Curve, ...] | Any",
    traces: list[Trace],
    styles: list[dict[str, Any]],
) -> None:
    dpi = sheet.figure.dpi
    front = [i for i, curve in enumerate(curves) if not curve.behind]
    for i, curve in enumerate(curves):
        if curve.behind:
            for x, y in traces[i].pieces:
                ax.plot(x, _tamed(y, frame), zorder=2, gid=f"exact-{i}",
                        solid_capstyle="butt", **styles[i])
    paths = [
        [((frame.left + (x - frame.xlim[0]) / (frame.xlim[1] - frame.xlim[0]) * frame.wide) * dpi,
          (frame.bottom + (_tamed(y, frame) - frame.ylim[0]) / (frame.ylim[1] - frame.ylim[0])
           * frame.high) * dpi)
         for x, y in traces[i].pieces]
        for i in front
    ]  # fmt: skip
    near = 0.9 * styles[front[0]]["lw"] * POINT * dpi
    left, right = frame.left * dpi, (frame.left + frame.wide) * dpi
    wide, high = frame.wide * dpi, frame.high * dpi
    for k, stretches in enumerate(strands(paths, left, right, near)):
        look = styles[front[k]]
        for strand in stretches:
            dash = look["ls"]
            if strand.of > 1:
                unit = 3.2
                turns = (0, (unit, unit * (strand.of - 1)))
                dash = "-" if strand.turn == 0 else ((strand.of - strand.turn) * unit, turns[1])
            x = frame.xlim[0] + (strand.x - left) / wide * (frame.xlim[1] - frame.xlim[0])
            y = frame.ylim[0] + (strand.y - frame.bottom * dpi) / high * (
                frame.ylim[1] - frame.ylim[0]
            )
            ax.plot(x, y, color=look["color"], lw=look["lw"], ls=dash, zorder=3 + 0.01 * k,
                    gid=f"curve-{front[k]}",
                    solid_capstyle="butt" if strand.of > 1 else "round")


def _tamed(y: Floats, frame: Frame) -> Floats:
    """Values far outside of the panel brought nearer: 1e300 breaks the drawing library."""
    low, high = frame.ylim
    return np.clip(y, low - 20 * (high - low), high + 20 * (high - low))


def _marks(
    sheet: Sheet, ax: Axes, trace: Trace, look: dict[str, Any], later: list[Trace]
) -> None:
    """Kinks and the ends of jumps; larger where a later curve has its own at the same point."""
    paper, colour = sheet.theme.paper, look["color"]
    small = min(1.0, sheet.base / 9)
    for x, y in trace.kinks:
        nest = 1 + 0.6 * sum((x, y) in other.kinks for other in later)
        ax.plot([x], [y], marker="D", ms=5 * small * nest, mfc=colour, mec=paper, mew=0.7,
                zorder=5, gid="kink")
    for dot in trace.dots:
        nest = 1 + 0.5 * sum(dot in other.dots for other in later)
        ax.plot([dot.x], [dot.y], marker="o", ms=5.6 * small * nest,
                mfc=colour if dot.filled else paper, mec=colour, mew=1.4,
                zorder=5.2 if dot.filled else 5.1, clip_on=False,
                gid="filled" if dot.filled else "open")


# --- labels --------------------------------------------------------------------------------


def _pixels(sheet: Sheet, x: float, y: float) -> tuple[float, float]:
    dpi = sheet.figure.dpi
    return x * dpi, y * dpi


def _room(sheet: Sheet, frame: Frame, traces: list[Trace]) -> Room:
    """The panel with its curves, marks, axes and asymptotes as obstacles, in pixels."""
    left, bottom = _pixels(sheet, frame.left, frame.bottom)
    right, top = _pixels(sheet, frame.left + frame.wide, frame.bottom + frame.high)
    room = Room((left, bottom, right, top))

    def path(x: Any, y: Any, faint: bool = False) -> None:
        px = left + (np.asarray(x) - frame.xlim[0]) / (frame.xlim[1] - frame.xlim[0]) * (
            right - left
        )
        py = bottom + (_tamed(np.asarray(y), frame) - frame.ylim[0]) / (
            frame.ylim[1] - frame.ylim[0]
        ) * (top - bottom)
        room.add_path(px, py, faint)

    for trace in traces:
        for x, y in trace.pieces:
            path(x, y)
        for (x0, y0), (x1, y1) in trace.asymptotes:
            path([x0, x1], [y0, y1], faint=True)
        for pole in trace.poles:
            path([pole, pole], list(frame.ylim), faint=True)
        for x, y in [*trace.kinks, *((d.x, d.y) for d in (*trace.dots, *trace.extrema)),
                     *trace.inputs]:
            cx, cy = _pixels(sheet, frame.x(x), frame.y(y))
            half = 3.2 * POINT * sheet.figure.dpi
            room.add_box((cx - half, cy - half, cx + half, cy + half))
    if frame.ylim[0] <= 0 <= frame.ylim[1]:
        path(list(frame.xlim), [0, 0], faint=True)
    if frame.xlim[0] <= 0 <= frame.xlim[1]:
        path([0, 0], list(frame.ylim), faint=True)
    return room


def _extrema(
    sheet: Sheet,
    ax: Axes,
    frame: Frame,
    room: Room,
    curves: Any,
    traces: list[Trace],
    styles: list[dict[str, Any]],
) -> None:
    """A dot and its coordinates at each minimum and maximum, the highest and lowest first."""
    width, height = (end[1] - end[0] for end in (frame.xlim, frame.ylim))
    small = min(1.0, sheet.base / 9)
    points: list[tuple[Extremum, Any]] = []
    asked: list[tuple[Extremum, Any]] = []
    for i, trace in enumerate(traces):
        if not curves[i].behind:
            colour = styles[i]["color"]
            points += [(point, colour) for point in trace.extrema]
            asked += [(Extremum(x, y, "maximum"), colour) for x, y in trace.inputs]
    points, asked = (
        [p for p in each if frame.ylim[0] <= p[0].y <= frame.ylim[1]] for each in (points, asked)
    )
    for point, colour in points[:80]:
        ax.plot([point.x], [point.y], marker="o", ms=4.6 * small, mfc=colour,
                mec=sheet.theme.paper, mew=0.8, zorder=6, gid=point.kind)
    for point, colour in asked:
        ax.plot([point.x], [point.y], marker="s", ms=5 * small, mfc=colour,
                mec=sheet.theme.paper, mew=0.8, zorder=6.1, gid="input")
    size = 0.86 * sheet.base
    middle = (frame.xlim[0] + frame.xlim[1]) / 2
    points = asked + sorted(points, key=lambda item: abs(item[0].x - middle))
    written: set[str] = set()
    for point, colour in points[:MOST_LABELS]:
        text = f"({_coordinate(point.x, width)}, {_coordinate(point.y, height)})"
        if text in written:  # another curve's, at the same place
            continue
        written.add(text)
        wide, high, _ = sheet.extent(text, size)
        dpi = sheet.figure.dpi
        x, y = _pixels(sheet, frame.x(point.x), frame.y(point.y))
        pad = 2.4 * POINT * dpi
        box = room.find(x, y, wide * dpi, high * dpi, point.kind == "maximum", pad)
        if box is None:
            continue
        room.add_box(box)
        left, bottom, right, top = (v / dpi for v in box)
        nearest = np.clip(x / dpi, left, right), np.clip(y / dpi, bottom, top)
        if np.hypot(nearest[0] - x / dpi, nearest[1] - y / dpi) > 11 * POINT:
            sheet.line([x / dpi, float(nearest[0])], [y / dpi, float(nearest[1])], color=colour,
                       lw=0.6, alpha=0.8, gid="leader")
        sheet.text((left + right) / 2, (bottom + top) / 2, text, size, colour, ha="center",
                   va="center", gid="coordinates")


def _coordinate(value: float, width: float) -> str:
    """As many digits as the panel resolves, at least three where they are not finer than that."""
    if value == 0:
        return "0"
    digits = int(np.clip(np.ceil(np.log10(abs(value) / width * 1e3)), 3, 12))
    return number(value, digits, width / 1e4)
