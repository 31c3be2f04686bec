"""The picture of `compare`: values, gradients, and how far every pair is apart."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ..numbers.types import Floats
from .data import Limits, Picture, Point, at_even_x
from .function import columns, most_ticks
from .header import Header
from .label_placement import Room, empty_room, put_label
from .legend import TIGHT, Item, Legend, curve_styles, picture_legend, stroke
from .output import rendered
from .page import DOT, POINT, Frame, Look, Page, page_for, plot
from .panel import draw_panel
from .ticks import Ticks, number, power_of_ten, ticks

DECADES = 2.0  # from here on the scale is logarithmic
MOST_DECADES = 10
CASING, CORE = 2.1, 0.75
"""Widths of the two strokes of a pair, in those of a curve: a dash would mean that curves coincide."""
LABEL_SHARE, LABEL_LINE = 0.16, 0.22
"""Room above the largest difference for its label: of the panel, and in inches at least."""
LONGEST = 32
"""Letters of two names that a caption has room for."""


@dataclass(frozen=True)
class Difference:
    """|a - b| of two curves, by their indices: pieces as in Trace, and its largest point; of their
    gradients if `order` is 1. `ylim` are the limits that its panel was asked to have."""

    a: int
    b: int
    pieces: Sequence[tuple[Floats, Floats]]
    largest: Point
    order: int = 0
    ylim: Limits | None = None


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
    """The figure, laid out: each difference below what differs. Call it inside the style's context."""
    page = page_for(picture, (10.0, 7.4), 9.5, (9, 6.4), (0.62, 1.15))
    height, base = page.height, page.base
    styles = curve_styles(page, picture)
    pairs = [*dict.fromkeys((d.a, d.b) for d in differences)]
    looks = _looks(page, pairs, styles)
    header, legend = Header(page, picture, styles), picture_legend(page, picture, 0.2 * height)
    if len(pairs) > 1 and picture.legend:
        items = _named(picture, differences, looks)
        legend = Legend(page, [*legend.items, None, *items], legend.size, TIGHT, 0.35 * height)
    header.draw()
    legend.draw()
    title, labels = 1.7 * base * POINT, 1.25 * page.tick_size * POINT + 0.06
    bottom = legend.height + labels
    high = max((height - header.height - bottom - labels - 2 * title) / 2, 0.3)
    count = most_ticks(high)
    above = max(LABEL_SHARE, LABEL_LINE / high)
    scales = [scale_of([d for d in differences if d.order == k], count, above) for k in (0, 1)]
    room = max(page.labels_width(scale.ticks) for scale in scales)
    frames = columns(page, picture, bottom + high + title + labels, high, 0.0, room)
    for i, frame in enumerate(frames):
        draw_panel(page, frame, picture, i, styles)
    for order, (upper, scale) in enumerate(zip(frames, scales, strict=True)):
        frame = replace(upper, bottom=bottom, ylim=scale.ylim, yticks=scale.ticks, yscale="linear")
        mine = [d for d in differences if d.order == order]
        name = "gradient-difference" if order else "difference"
        unplaced = _draw(page, frame, name, mine, scale, looks)
        page.caption(frame, unplaced or _caption(picture, mine, order, scale.log), "panel-title")
    return page.finished()


def scale_of(differences: Sequence[Difference], most: int, above: float = LABEL_SHARE) -> Scale:
    """Linear from 0, or logarithmic where the differences span decades; with room above the largest,
    as a share of it."""
    drawn = [d.pieces for d in differences if d.pieces]
    even = [at_even_x(pieces, pieces[0][0][0], pieces[-1][0][-1]) for pieces in drawn]
    sizes = np.concatenate(even or [np.zeros(1)])
    tops = [d.largest[1] for d in differences if d.largest[1] > 0]
    positive = sizes[sizes > 0]
    if differences and differences[0].ylim:
        return Scale(False, differences[0].ylim, ticks(*differences[0].ylim, most))
    top = float(max([*positive, *tops], default=0.0))
    if top == 0:
        return Scale(False, (0.0, 1.0), ticks(0.0, 1.0, most))
    least = top / 10**MOST_DECADES
    seen = (positive > least).any()  # else all but a single point is rounding
    low = float(max(np.quantile(positive, 0.05), least)) if seen else top
    if np.log10(top / low) < DECADES and top / min(tops) < 10**DECADES:
        ylim = (-0.04 * top, (1 + above) * top)
        return Scale(False, ylim, ticks(*ylim, most))
    low = max(min(low, min(tops) / 100), top / 10**MOST_DECADES)
    bottom, upper = float(np.floor(np.log10(low))), float(np.log10(top))
    ylim = bottom, upper + above * (upper - bottom)
    first, last = round(ylim[0]), int(np.floor(ylim[1]))
    step = max(1, -(-(last - first) // max(most - 1, 1)))
    at = range(last, first - 1, -step)[::-1]
    return Scale(True, ylim, Ticks([float(k) for k in at], [power_of_ten(k) for k in at]))


def _looks(
    page: Page, pairs: Sequence[tuple[int, int]], styles: list[Look]
) -> dict[tuple[int, int], list[Look]]:
    """The strokes of each pair, one over the other: the first function's colour around the second's;
    ink for a single pair."""
    if len(pairs) < 2:
        return {pair: [{"color": page.theme.ink, "lw": styles[0]["lw"]}] for pair in pairs}
    return {
        (a, b): [
            {"color": styles[a]["color"], "lw": CASING * styles[a]["lw"]},
            {"color": styles[b]["color"], "lw": CORE * styles[b]["lw"]},
        ]
        for a, b in pairs
    }


def _named(
    picture: Picture,
    differences: Sequence[Difference],
    looks: dict[tuple[int, int], list[Look]],
) -> list[Item]:
    """Each pair with the largest differences of its values and gradients."""
    low, high = picture.xlim
    items: list[Item] = [([], "largest difference of values; of gradients:")]
    for (a, b), strokes in looks.items():
        told = [
            f"{number(d.largest[1])} at {number(d.largest[0], 3, (high - low) / 1e4)}"
            for d in differences
            if (d.a, d.b) == (a, b)
        ]
        name = f"{picture.curves[a].label}, {picture.curves[b].label}"
        items.append(([stroke(0, 0.24, **look) for look in strokes], f"{name}  {'; '.join(told)}"))
    return items


def _caption(picture: Picture, differences: Sequence[Difference], order: int, log: bool) -> str:
    """What is drawn, of which functions, on which scale."""
    f, g = "f", "g"
    if len(differences) == 1 and not order:
        names = [picture.curves[i].label for i in (differences[0].a, differences[0].b)]
        f, g = names if sum(map(len, names)) < LONGEST else (f, g)
    name = f"gradient difference  |{f}′ − {g}′|" if order else f"difference  |{f} − {g}|"
    return name + (",  log scale" if log else "")


def _draw(
    page: Page,
    frame: Frame,
    name: str,
    differences: Sequence[Difference],
    scale: Scale,
    looks: dict[tuple[int, int], list[Look]],
) -> str:
    """Each pair's difference, and where it is largest; returns the label of a single pair that found
    no room."""
    ax, theme, room = page.axes(frame, name), page.theme, empty_room(frame)
    look: Look = {"color": theme.axis, "lw": 1.0, "zorder": 1}
    level = frame.ylim[0] if scale.log else 0.0
    ax.axhline(level, gid="axis-x", clip_on=False, **look)
    if frame.xlim[0] <= 0 <= frame.xlim[1]:
        ax.axvline(0, gid="axis-y", **look)
    page.text(frame.right + 0.06, frame.y(level), "x", 1.1 * page.tick_size, theme.muted,
               va="center", gid="x")  # fmt: skip
    for k, pair in enumerate(differences):
        for x, y in pair.pieces:
            for depth, line in enumerate(looks[pair.a, pair.b]):
                plot(ax, x, scale(y), gid=f"{name}-{k}", zorder=3 + 0.01 * k + 0.005 * depth,
                        solid_capstyle="butt", **line)  # fmt: skip
            room.add_path(frame.x(x), frame.y(scale(y)))
    return _label(page, frame, ax, room, differences, scale)


def _label(
    page: Page, frame: Frame, ax: Axes, room: Room, differences: Sequence[Difference], scale: Scale
) -> str:
    """The largest difference of each pair, unless it is at the edge of what is drawn; in words for a
    single pair, for the legend has those of several."""
    low, high = frame.xlim
    edge = 1e-6 * (high - low)
    inside = [d for d in differences if low + edge < d.largest[0] < high - edge]
    inside = [d for d in inside if d.largest[1] > 0]
    look: Look = {"mfc": page.theme.ink, "mec": page.theme.paper, "zorder": 6, **DOT}
    for pair in inside:
        x, y = pair.largest[0], float(scale(pair.largest[1]))
        plot(ax, [x], [y], gid="largest", **look)
        room.add_mark(frame.x(x), frame.y(y), 3.2 * POINT)
    for pair in inside if len(differences) == 1 else ():
        x, y = pair.largest[0], float(scale(pair.largest[1]))
        text = f"{number(pair.largest[1])} at {number(x, 3, (high - low) / 1e4)}"
        if not put_label(page, room, (frame.x(x), frame.y(y)), text, 0.86 * page.base,
                         page.theme.ink, up=True, gid="largest-label"):  # fmt: skip
            return f"|f′ − g′|:  {text}" if pair.order else f"|f − g|:  {text}"
    return ""
