"""What lines, marks and colours mean: curve styles, the legend at the foot, the bar of a sweep."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

import matplotlib
from matplotlib.colors import to_rgba
from matplotlib.typing import ColorType, LineStyleType

from ..numbers.exact import SATURATED
from .data import Panel, Picture, Trace, exits
from .page import ASYMPTOTE, DOT, POINT, Frame, Look, Page
from .scales import value_at
from .ticks import number, percent

DASHES: list[LineStyleType] = [
    "-",
    (0, (5, 1.6)),
    (0, (6, 1.4, 1.2, 1.4)),
    (0, (1.6, 1.1)),
    (0, (3, 1)),
    (0, (8, 1.4, 1.2, 1.4, 1.2, 1.4)),
]
"""One after the other goes with the colours of the style's cycle."""

MARGIN = 0.22
MOST_LANES = 0.22
"""Of a panel's height, for the flat regions of many curves."""


def function_styles(page: Page, count: int) -> list[Look]:
    """Colour, dashes and width of each of so many functions."""
    colours, width = page.theme.curves, matplotlib.rcParams["lines.linewidth"] * page.mark
    every = len(colours)  # a colour that returns has another dash
    return [
        {"color": colours[i % every], "ls": DASHES[(i + i // every) % len(DASHES)], "lw": width}
        for i in range(count)
    ]


def curve_styles(page: Page, picture: Picture) -> list[Look]:
    """Colour, dashes and width of each curve."""
    styles = function_styles(page, len(picture.curves))
    if picture.sweep:
        colours = sweep_colours(len(picture.sweep.values), picture.style == "dark")
        styles = [{**styles[0], "color": colour, "ls": "-"} for colour in colours]
    behind = {"color": page.theme.hatch, "ls": "-", "lw": 3.2 * styles[0]["lw"], "alpha": 0.55}
    front = iter(styles)
    return [behind if curve.behind else next(front) for curve in picture.curves]


def sweep_colours(count: int, dark: bool) -> list[ColorType]:
    """Evenly spaced in lightness, none too close to the paper."""
    cmap = matplotlib.colormaps[matplotlib.rcParams["image.cmap"]]
    low, high = (0.28, 1.0) if dark else (0.0, 0.86)
    return [cmap(low + (high - low) * i / max(count - 1, 1)) for i in range(count)]


def state_look(page: Page, state: str) -> Look:
    """How inputs are painted that are alive, saturated or dead."""
    theme = page.theme
    if state == "dead":
        return {"facecolor": theme.still, "edgecolor": theme.hatch, "hatch": "////", "lw": 0}
    colour = theme.alive if state == "alive" else theme.flat
    return {"facecolor": colour, "edgecolor": "none", "lw": 0}


Sample = Callable[[Page, float, float], None]
"""Draws a mark on a page, from the sample's left end and middle."""
Item = tuple[Sequence[Sample], str]
"""The parts of a sample of a mark, none for a mere text, and what it means."""


def stroke(*at: float, **look: Any) -> Sample:
    """A line through points at these distances from the left end of a sample, or marks there."""
    return lambda page, x, y: page.line([x + each for each in at], [y] * len(at), **look)


def patch(left: float, bottom: float, wide: float, high: float, **look: Any) -> Sample:
    """A box in a sample."""
    return lambda page, x, y: page.box(x + left, y + bottom, wide, high, **look)


def span_look(page: Page, kind: str, colour: ColorType | None) -> Look:
    """How a flat region is painted: across a panel, or in a lane in the colour of its curve."""
    theme, dead = page.theme, kind == "dead"
    look: Look = {"lw": 0, "hatch": "////" if dead else None}
    if colour is None and dead:
        return look | {"facecolor": theme.still, "edgecolor": theme.hatch}
    if colour is None:
        return look | {"facecolor": theme.flat, "alpha": 0.55}
    return look | {"facecolor": to_rgba(colour, 0.3), "edgecolor": to_rgba(colour, 0.9)}


@dataclass(frozen=True)
class Spacing:
    """Distances in a legend, in inches."""

    sample: float  # of an item's width: the sample, and the gaps around the text
    bare: float  # the same where there is no sample
    text: float  # from the sample's left end to the text
    over: float  # how far a row may run into the margin
    foot: float
    middle: float  # of a sample above the base line, in sizes of the text
    empty: float  # height of a legend without rows
    more: float  # height beyond that of the rows


TIGHT = Spacing(0.52, 0.22, 0.3, 0.0, 0.11, 0.32, 0.04, 0.08)
LOOSE = Spacing(0.56, 0.25, 0.34, 0.2, 0.12, 0.33, 0.16, 0.16)


class Legend:
    """What the marks mean, in rows at the foot of a page. Knows its height before it is drawn."""

    def __init__(
        self,
        page: Page,
        items: Sequence[Item | None],
        size: float,
        spacing: Spacing,
        most: float = inf,
    ) -> None:
        """None among the items ends a row; rows beyond the height `most` are left out."""
        self.page, self.size, self.spacing = page, size, spacing
        self.items = items
        self.rows: list[list[tuple[Item, float]]] = []
        left = page.width
        for item in items:
            if item is None:
                self.rows.append([])
                left = MARGIN
                continue
            width = (spacing.sample if item[0] else spacing.bare) + page.extent(item[1], size)[0]
            if left + width > page.width - MARGIN + spacing.over:
                self.rows.append([])
                left = MARGIN
            self.rows[-1].append((item, width))
            left += width
        self.row = 1.6 * size * POINT
        while self.row * len(self.rows) > most:
            self.rows.pop()
        self.height = spacing.more + self.row * len(self.rows) if self.rows else spacing.empty

    def draw(self) -> None:
        """Draws the rows at the foot of the page."""
        page, spacing = self.page, self.spacing
        for k, row in enumerate(self.rows):
            left = MARGIN
            base = spacing.foot + self.row * (len(self.rows) - 1 - k)
            middle = base + spacing.middle * self.size * POINT
            for (sample, text), width in row:
                for draw in sample:
                    draw(page, left, middle)
                start = left + (spacing.text if sample else 0.0)
                page.text(start, base, text, self.size, page.theme.muted, gid="key")
                left += width


def lane_room(picture: Picture) -> float:
    """The share of the gradient panel's height that lanes of several curves take."""
    front = [curve for curve in picture.curves if not curve.behind]
    count = sum(1 for curve in front if curve.spans)
    return min(0.045 * count + 0.015, MOST_LANES) if len(front) > 1 and count else 0.0


def picture_legend(page: Page, picture: Picture, most: float = inf) -> Legend:
    """The legend of functions; only of those marks that occur, and no higher than `most`."""
    shares = _shares(page, picture)  # which say what is saturated, and dead
    items = [*shares, *_marks(page, picture), *([] if shares else _flat_regions(page, picture))]
    items = items if picture.legend else []
    return Legend(page, items, page.base * 0.84, TIGHT, most)


def _shares(page: Page, picture: Picture) -> list[Item | None]:
    """How a single function's inputs sit on it."""
    if picture.histogram is None or len(picture.histogram.shares) > 1:
        return []
    share = picture.histogram.shares[0]
    states = {
        "alive": f"alive {percent(share.alive)}",
        "saturated": f"saturated (|gradient| < {SATURATED:g}) {percent(share.saturated)}",
        "dead": f"dead (gradient 0) {percent(share.dead)}",
    }
    box = 0.04, -0.05, 0.2, 0.11
    items = [([patch(*box, **state_look(page, s))], text) for s, text in states.items()]
    return [*items, None]


def _marks(page: Page, picture: Picture) -> list[Item]:
    """Kinks, jumps, extrema, inputs and asymptotes, and the symbols of formulas."""
    ink, paper = page.theme.muted, page.theme.paper
    traces = [
        _seen(trace, panel)
        for curve in picture.curves
        for trace, panel in zip(curve.traces, picture.panels, strict=False)
    ]
    items: list[Item] = []
    formulas = picture.title_latex + "".join(curve.latex for curve in picture.curves)
    if r"\sigma\left(" in formulas:
        items.append(([], "σ(t) = 1/(1 + e⁻ᵗ)"))
    if r"\Phi\left(" in formulas:
        items.append(([], "Φ: normal distribution function"))
    if any(trace.kinks for trace in traces):
        items.append(([stroke(0.12, marker="D", ms=4.5, mfc=ink, mec=paper, mew=0.6)], "kink"))
    dots = [dot for trace in traces for dot in trace.dots]
    ring: Look = {"marker": "o", "ms": 5, "mec": ink, "mew": 1.2}
    if any(dot.filled for dot in dots):
        ends = [stroke(0.05, mfc=paper, **ring), stroke(0.19, mfc=ink, **ring)]
        items.append((ends, "jump: left out, taken"))
    elif dots:
        items.append(([stroke(0.12, mfc=paper, **ring)], "hole: no value there"))
    if any(trace.extrema for trace in traces):
        items.append(([stroke(0.12, mfc=ink, mec=paper, **DOT)], "minimum or maximum"))
    if any(trace.inputs for trace in traces):
        square = stroke(0.12, mfc=ink, mec=paper, **DOT | {"marker": "s"})
        items.append(([square], "input asked for"))
    if any(trace.asymptotes or trace.poles for trace in traces):
        items.append(([stroke(0, 0.24, color=ink, **ASYMPTOTE)], "asymptote"))
    if any(_cut(picture, i) for i in range(len(picture.panels))):
        arrow = stroke(0.12, marker="^", ms=5.5, mfc=ink, mec=paper, mew=0.6)
        items.append(([arrow], "goes on beyond the panel"))
    return items


def _cut(picture: Picture, index: int) -> bool:
    """Whether a curve in front leaves that panel."""
    if index >= len(picture.curves[0].traces):
        return False
    panel = picture.panels[index]
    lanes = lane_room(picture) if panel.order == 1 else 0.0
    low = float(value_at(panel.yscale, -lanes / (1 - lanes), *panel.ylim))
    ylim = low, panel.ylim[1]
    front = [curve for curve in picture.curves if not curve.behind]
    return any(exits(curve.traces[index], picture.xlim, ylim) for curve in front)


def _flat_regions(page: Page, picture: Picture) -> list[Item]:
    """Saturated regions and dead zones."""
    kinds = {span.kind for curve in picture.curves for span in curve.spans}
    several = sum(1 for curve in picture.curves if not curve.behind) > 1
    colour = page.theme.muted if several else None  # for the colours of the lanes
    meanings = {
        "saturated": f"saturated: |gradient| < {SATURATED:g}",
        "dead": "dead zone: constant, gradient 0",
    }
    return [
        ([patch(0, -0.045, 0.24, 0.1, **span_look(page, kind, colour))], meaning)
        for kind, meaning in meanings.items()
        if kind in kinds
    ]


def _seen(trace: Trace, panel: Panel) -> Trace:
    """The trace, with no other marks than those inside the panel."""
    low, high = panel.ylim

    def inside(*y: float) -> bool:
        return max(y) >= low and min(y) <= high

    return trace._replace(
        kinks=[p for p in trace.kinks if inside(p[1])],
        dots=[dot for dot in trace.dots if inside(dot.y)],
        extrema=[p for p in trace.extrema if inside(p.y)],
        asymptotes=[(a, b) for a, b in trace.asymptotes if inside(a[1], b[1])],
        inputs=[p for p in trace.inputs if inside(p[1])],
    )


class SweepBar:
    """A colour bar with one step per curve, and the parameter's values beside it."""

    def __init__(self, page: Page, picture: Picture) -> None:
        self.page, self.sweep = page, picture.sweep
        self.size = page.base * 0.95
        self.labels = [number(v, 4) for v in self.sweep.values] if self.sweep else []
        self.width = 0.0
        if self.sweep:
            texts = [*self.labels, self.sweep.parameter]
            self.width = 0.34 + max(page.extent(text, self.size)[0] for text in texts)

    def draw(self, colours: Sequence[ColorType], beside: Frame) -> None:
        """Draws the bar, if there is a sweep, to the right of the frame."""
        if not self.sweep:
            return
        page, size, left = self.page, self.size, beside.right + 0.28
        line, last = 1.5 * size * POINT, len(self.labels) - 1
        step = min(0.3, (beside.high - line) / len(self.labels))
        base = beside.bottom + (beside.high - line - step * len(self.labels)) / 2
        every = max(1, int(line * 0.85 / step + 0.999))
        top = base + step * len(self.labels)
        page.text(left, top + 0.4 * line, self.sweep.parameter, size, gid="sweep")
        for i, (label, colour) in enumerate(zip(self.labels, colours, strict=True)):
            y = base + i * step
            page.box(left, y, 0.15, step, facecolor=colour, edgecolor="none", gid="sweep-step")
            if i % every == 0 or (i == last and i % every > every // 2):
                page.text(left + 0.21, y + step / 2, label, size, va="center", gid="sweep-value")
