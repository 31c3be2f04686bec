"""The picture of `compare`: values, gradients, and how far every pair is apart."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..numbers.types import Floats
from .data import Panel, Picture, Point, at_even_x
from .function import columns
from .header import Header
from .label_placement import Room, empty_room, put_label
from .legend import curve_styles, picture_legend
from .output import rendered
from .page import DOT, POINT, Frame, Look, Page, page_for
from .panel import draw_panel
from .ticks import Ticks, number, power_of_ten, ticks

DECADES = 2.0  # from here on the scale is logarithmic
MOST_DECADES = 10
MOST_LABELS = 6
DASH = 3.2  # in line widths


@dataclass(frozen=True)
class Difference:
    """|a - b| of two curves, by their indices: pieces as in Trace, and its largest point."""

    a: int
    b: int
    pieces: Sequence[tuple[Floats, Floats]]
    largest: Point


@dataclass(frozen=True)
class Scale:
    """The vertical axis: limits and ticks as drawn, which are powers of ten if `log`."""

    log: bool
    ylim: tuple[float, float]
    ticks: Ticks

    def __call__(self, y: Floats | float) -> Floats | float:
        """Where sizes are drawn; zero lies below the axis."""
        if not self.log:
            return y
        return np.log10(np.maximum(y, 10 ** (self.ylim[0] - 1)))


def render(
    picture: Picture, differences: Sequence[Difference], kind: Literal["png", "svg", "pdf"]
) -> bytes:
    """The finished file; the same bytes for the same picture."""
    return rendered(lambda: compose(picture, differences), picture, kind)


def compose(picture: Picture, differences: Sequence[Difference]) -> Figure:
    """The figure, laid out. Call it inside the style's context."""
    page = page_for(picture, (13.5, 4.6), 9.5, (12, 3.9), (0.62, 1.15))
    height, base = page.height, page.base
    styles = curve_styles(page, picture)
    header, legend = Header(page, picture, styles), picture_legend(page, picture)
    header.draw()
    legend.draw()
    bottom = legend.height + 1.25 * page.tick_size * POINT + 0.06
    high = max(height - header.height - 1.7 * base * POINT - bottom, 0.3)
    scale = scale_of(differences, max(2, min(7, int(high / 0.38))))
    panels = [*picture.panels, Panel(0, scale.ylim)]
    room = page.labels_width(scale.ticks)
    *frames, last = columns(page, replace(picture, panels=panels), bottom, high, 0.0, room)
    for i, frame in enumerate(frames):
        draw_panel(page, frame, picture, i, styles)
    last.ylim, last.yticks = scale.ylim, scale.ticks
    _draw(page, last, differences, scale, styles)
    return page.finished()


def scale_of(differences: Sequence[Difference], most: int) -> Scale:
    """Linear from 0, or logarithmic where the differences span decades."""
    drawn = [d.pieces for d in differences if d.pieces]
    even = [at_even_x(pieces, pieces[0][0][0], pieces[-1][0][-1]) for pieces in drawn]
    sizes = np.concatenate(even or [np.zeros(1)])
    tops = [d.largest[1] for d in differences if d.largest[1] > 0]
    positive = sizes[sizes > 0]
    top = float(max([*positive, *tops], default=0.0))
    if top == 0:
        return Scale(False, (0.0, 1.0), ticks(0.0, 1.0, most))
    least = top / 10**MOST_DECADES
    seen = (positive > least).any()  # else all but a single point is rounding
    low = float(max(np.quantile(positive, 0.05), least)) if seen else top
    if np.log10(top / low) < DECADES and top / min(tops) < 10**DECADES:
        ylim = (-0.04 * top, 1.16 * top)
        return Scale(False, ylim, ticks(*ylim, most))
    low = max(min(low, min(tops) / 100), top / 10**MOST_DECADES)
    bottom, above = float(np.floor(np.log10(low))), float(np.log10(top))
    ylim = bottom, above + 0.16 * (above - bottom)
    first, last = round(ylim[0]), int(np.floor(ylim[1]))
    step = max(1, -(-(last - first) // max(most - 1, 1)))
    at = range(first, last + 1, step)
    return Scale(True, ylim, Ticks([float(k) for k in at], [power_of_ten(k) for k in at]))


def _draw(
    page: Page, frame: Frame, differences: Sequence[Difference], scale: Scale, styles: list[Look]
) -> None:
    """Each pair in the colours of its two functions, and where it is largest."""
    ax, theme, room = page.axes(frame, "difference"), page.theme, empty_room(frame)
    caption = "difference  |f − g|"
    if len(styles) > 2:
        caption += "  in the colours of f and g"
    page.caption(frame, caption, "panel-title")
    look: Look = {"color": theme.axis, "lw": 1.0, "zorder": 1}
    level = frame.ylim[0] if scale.log else 0.0
    ax.axhline(level, gid="axis-x", clip_on=False, **look)
    if frame.xlim[0] <= 0 <= frame.xlim[1]:
        ax.axvline(0, gid="axis-y", **look)
    page.text(frame.right + 0.06, frame.y(level), "x", 1.1 * page.tick_size, theme.muted,
               va="center", gid="x")  # fmt: skip
    for k, pair in enumerate(differences):
        a, b = styles[pair.a], styles[pair.b]
        for x, y in pair.pieces:
            line = {"lw": a["lw"], "zorder": 3 + 0.01 * k, "solid_capstyle": "butt"}
            ax.plot(x, scale(y), color=a["color"], gid=f"difference-{k}", **line)
            ax.plot(x, scale(y), color=b["color"], ls=(0, (DASH, DASH)), gid=f"difference-{k}",
                    **line)  # fmt: skip
            room.add_path(frame.x(x), frame.y(scale(y)))
    _label(page, frame, ax, room, differences, scale)


def _label(
    page: Page, frame: Frame, ax: Axes, room: Room, differences: Sequence[Difference], scale: Scale
) -> None:
    """The largest difference of each pair, unless it is at the edge of what is drawn."""
    low, high = frame.xlim
    edge = 1e-6 * (high - low)
    inside = [d for d in differences if low + edge < d.largest[0] < high - edge]
    inside = [d for d in inside if d.largest[1] > 0][:MOST_LABELS]
    look: Look = {"mfc": page.theme.ink, "mec": page.theme.paper, "zorder": 6, **DOT}
    for pair in inside:
        x, y = pair.largest[0], float(scale(pair.largest[1]))
        ax.plot([x], [y], gid="largest", **look)
        room.add_mark(frame.x(x), frame.y(y), 3.2 * POINT)
    written: set[str] = set()
    for pair in inside:
        x, y = pair.largest[0], float(scale(pair.largest[1]))
        text = f"{number(pair.largest[1])} at {number(x, 3, (high - low) / 1e4)}"
        if text in written:
            continue
        written.add(text)
        put_label(page, room, (frame.x(x), frame.y(y)), text, 0.86 * page.base,
                  page.theme.ink, up=True, gid="largest-label")  # fmt: skip
