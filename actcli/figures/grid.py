"""Small multiples: one panel a function, all with the same axes."""

from dataclasses import replace
from math import ceil, sqrt

import numpy as np

from .data import Curve, FigureOptions, Picture
from .header import Header
from .legend import TIGHT, Item, Legend, function_styles, stroke
from .output import ShownFigure
from .page import POINT, SMALLEST, Frame, Look, Page, page_for, plot
from .scales import scaled_ticks
from .ticks import Ticks

WIDEST, NARROWEST = 3.0, 1.55
"""Width of a panel in inches where no size is asked for: of few functions, and of very many."""
SHAPE = 1.35
"""Width by height of a panel that shows most."""
LEAST = 0.6, 0.4
"""Inches of width and height below which nothing can be read in a panel."""
GAP = 0.1
MEANINGS = ("value f(x)", "gradient f′(x)", "curvature f″(x)")


def compose(picture: Picture) -> ShownFigure:
    """The figure, laid out. Call it inside the style's context. ValueError where the panels do not
    fit its size."""
    count = len(picture.curves)
    page = page_for(picture, _usual_size(count), 8.0, (9, 3.9), (0.8, 1.0))
    looks = _looks(page, len(picture.panels))
    header = Header(page, replace(picture, curves=(), legend=False), [])
    legend = _legend(page, picture, looks)
    header.draw()
    legend.draw()
    panel = picture.panels[0]
    name = 1.6 * page.base * POINT
    left = 0.2 + page.labels_width(scaled_ticks(panel.yscale, *panel.ylim, 4))
    foot = legend.height + 1.35 * page.tick_size * POINT + 0.05
    room = page.width - left - 0.3, page.height - header.height - foot
    columns = _columns(count, *room, name)
    rows = ceil(count / columns)
    wide, high = (room[0] + GAP) / columns - GAP, room[1] / rows - name
    if wide < LEAST[0] or high < LEAST[1]:
        raise ValueError(_too_small(picture, count, page.scale))
    xticks = page.xticks(picture.xlim, wide, picture.xscale)
    yticks = scaled_ticks(panel.yscale, *panel.ylim, max(2, min(5, int(high / 0.25))))
    for k, curve in enumerate(picture.curves):
        row, column = divmod(k, columns)
        frame = Frame(left + column * (wide + GAP), foot + (rows - 1 - row) * (high + name),
                      wide, high, picture.xlim, panel.ylim, xticks, yticks,
                      picture.xscale, panel.yscale)  # fmt: skip
        if column + 1 < columns and k + 1 < count:  # the next panel begins with a number
            frame.xticks = Ticks(xticks.at, [
                "" if frame.x(at) > frame.right - 0.06 else label
                for at, label in zip(xticks.at, xticks.labels, strict=True)
            ])  # fmt: skip
        _panel(page, frame, curve, looks, (column == 0, k + columns >= count))
    return page.finished()


def _usual_size(count: int) -> tuple[float, float]:
    """Inches: a landscape page, as large as so many panels need."""
    columns = ceil(sqrt(1.1 * count))
    rows = ceil(count / columns)
    wide = float(np.clip(10 / columns, NARROWEST, WIDEST))
    return columns * wide + 0.5, rows * (wide / SHAPE + 0.1) + 0.6


def _columns(count: int, width: float, height: float, name: float) -> int:
    """How many columns make the panels largest, seen in the same shape."""

    def size(columns: int) -> float:
        high = height / ceil(count / columns) - name
        return min((width + GAP) / columns - GAP, SHAPE * high)

    return max(range(1, count + 1), key=size)


def _too_small(design: FigureOptions, count: int, scale: float) -> str:
    wide, high = (ceil(scale * side) for side in _usual_size(count))
    width, height = design.size or (0.0, 0.0)
    return (
        f"{count} panels cannot be read on {width:.3g}x{height:.3g} inches; draw fewer functions, "
        f"or give more room, as in --size {wide}x{high}"
    )


def _looks(page: Page, count: int) -> list[Look]:
    """The value drawn through, the others thin and dashed, in colours of their own."""
    value, *others = function_styles(page, count)
    dashes = ((0, (4, 1.6)), (0, (1.2, 1.2)))
    value |= {"ls": "-", "lw": 0.85 * value["lw"]}
    thin = [
        look | {"ls": ls, "lw": 0.6 * look["lw"]} for look, ls in zip(others, dashes, strict=False)
    ]
    return [value, *thin]


def _legend(page: Page, picture: Picture, looks: list[Look]) -> Legend:
    """What the lines mean, at the foot."""
    items: list[Item] = [
        ([stroke(0, 0.26, **look)], panel.titled(MEANINGS[panel.order]))
        for look, panel in zip(looks, picture.panels, strict=True)
    ]
    if any(trace.dots for curve in picture.curves for trace in curve.traces):
        ring: Look = {"marker": "o", "ms": 4, "mec": page.theme.muted, "mew": 1.0}
        ends = [stroke(at, mfc=fill, **ring) for at, fill in ((0.06, page.theme.paper),
                                                             (0.18, page.theme.muted))]  # fmt: skip
        items.append((ends, "jump: left out, taken"))
    return Legend(page, items if picture.legend else [], 0.95 * page.base, TIGHT)


def _panel(
    page: Page, frame: Frame, curve: Curve, looks: list[Look], outer: tuple[bool, bool]
) -> None:
    """One function with its name above; numbers at the `outer` sides only, left and below."""
    ax = page.axes(frame, "panel")
    ax.tick_params(labelleft=outer[0], labelbottom=outer[1])
    (x0, x1), (y0, y1) = frame.xlim, frame.ylim
    line: Look = {"color": page.theme.axis, "lw": 0.7, "zorder": 1}
    ax.axhline(0.0 if y0 <= 0 <= y1 else y0, gid="axis-x", **line)
    ax.axvline(0.0 if x0 <= 0 <= x1 else x0, gid="axis-y", **line)
    for k, (trace, look) in enumerate(zip(curve.traces, looks, strict=True)):
        for x, y in trace.pieces:
            plot(
                ax,
                x,
                frame.tamed(y),
                gid=("curve", "gradient", "curvature")[k],
                zorder=3 + k,
                **look,
            )
        for dot in trace.dots:
            if y0 <= dot.y <= y1:
                plot(ax, [dot.x], [dot.y], marker="o", ms=3, mew=0.8, mec=look["color"], zorder=5,
                        mfc=look["color"] if dot.filled else page.theme.paper, clip_on=False,
                        gid="filled" if dot.filled else "open")  # fmt: skip
    size, room = page.base, frame.wide + 0.6 * GAP
    while size > SMALLEST * page.base and page.extent(curve.label, size)[0] > room:
        size *= 0.96
    name = page.shortened(curve.label, size, room)
    page.text(frame.left, frame.top + 0.05, name, size, gid="name")
