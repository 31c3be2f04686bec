"""What lines, marks and colours mean: curve styles, the key at the foot, the bar of a sweep."""

from dataclasses import replace
from math import inf
from typing import Any

import matplotlib

from .data import Panel, Picture, Trace
from .page import ASYMPTOTE, DOT, POINT, Frame, Sheet
from .ticks import number, percent

DASHES: list[Any] = [
    "-",
    (0, (5, 1.6)),
    (0, (6, 1.4, 1.2, 1.4)),
    (0, (1.6, 1.1)),
    (0, (3, 1)),
    (0, (8, 1.4, 1.2, 1.4, 1.2, 1.4)),
]
"""One per colour of the style's cycle, in its order."""

MARGIN = 0.22


def curve_styles(sheet: Sheet, picture: Picture) -> list[dict[str, Any]]:
    """Colour, dashes and width of each curve."""
    width = matplotlib.rcParams["lines.linewidth"] * sheet.mark
    styles, i = [], 0
    count = len(sheet.theme.curves)
    swept = []
    if picture.sweep:
        swept = sweep_colours(len(picture.sweep.values), picture.style == "dark")
    for curve in picture.curves:
        if curve.behind:
            styles.append({"color": sheet.theme.hatch, "ls": "-", "lw": 3.2 * width, "alpha": 0.55})
            continue
        dash = DASHES[(i + i // count) % len(DASHES)]  # a colour that returns has another dash
        look = {"color": sheet.theme.curves[i % count], "ls": dash, "lw": width}
        styles.append({"color": swept[i], "ls": "-", "lw": width} if swept else look)
        i += 1
    return styles


def sweep_colours(count: int, dark: bool) -> list[Any]:
    """Evenly spaced in lightness, none too close to the paper."""
    cmap = matplotlib.colormaps[matplotlib.rcParams["image.cmap"]]
    low, high = (0.28, 1.0) if dark else (0.0, 0.86)
    return [cmap(low + (high - low) * i / max(count - 1, 1)) for i in range(count)]


def state_look(sheet: Sheet, state: str) -> dict[str, Any]:
    """How inputs are painted that are alive, saturated or dead."""
    theme = sheet.theme
    if state == "dead":
        return {"facecolor": theme.hatch, "edgecolor": theme.paper, "hatch": "////", "lw": 0}
    colour = theme.curves[4 if state == "alive" else 1]
    return {"facecolor": colour, "edgecolor": "none", "lw": 0}


class Key:
    """What the marks mean; only those that occur. Knows its height before it is drawn."""

    def __init__(self, sheet: Sheet, picture: Picture, most: float = inf) -> None:
        """`most` is the height it may take; rows beyond that are left out."""
        self.sheet = sheet
        self.size = sheet.base * 0.84
        self.several = sum(1 for curve in picture.curves if not curve.behind) > 1
        self.rows: list[list[tuple[str, str, float]]] = []
        left = sheet.width
        for mark, text in _shares(picture) + _items(picture):
            width = (0.52 if mark else 0.22) + sheet.extent(text, self.size)[0]
            if mark == "end" or left + width > sheet.width - MARGIN:
                self.rows.append([])
                left = MARGIN
            if mark != "end":
                self.rows[-1].append((mark, text, width))
                left += width
        self.row = 1.6 * self.size * POINT
        while self.row * len(self.rows) > most:
            self.rows.pop()
        self.height = 0.08 + self.row * len(self.rows) if self.rows else 0.04

    def draw(self) -> None:
        muted = self.sheet.theme.muted
        for k, row in enumerate(self.rows):
            left = MARGIN
            base = 0.11 + self.row * (len(self.rows) - 1 - k)
            for mark, text, width in row:
                if mark:
                    self._mark(mark, left, base + 0.32 * self.size * POINT)
                start = left + (0.3 if mark else 0.0)
                self.sheet.text(start, base, text, self.size, muted, gid="key")
                left += width

    def _mark(self, mark: str, x: float, y: float) -> None:
        sheet, theme = self.sheet, self.sheet.theme
        ink, paper = theme.muted, theme.paper
        dead = mark == "dead"
        if mark == "kink":
            sheet.line([x + 0.12], [y], marker="D", ms=4.5, mfc=ink, mec=paper, mew=0.6)
        elif mark == "jump":
            sheet.line([x + 0.05], [y], marker="o", ms=5, mfc=paper, mec=ink, mew=1.2)
            sheet.line([x + 0.19], [y], marker="o", ms=5, mfc=ink, mec=ink, mew=1.2)
        elif mark == "hole":
            sheet.line([x + 0.12], [y], marker="o", ms=5, mfc=paper, mec=ink, mew=1.2)
        elif mark == "extremum":
            sheet.line([x + 0.12], [y], mfc=ink, mec=paper, **DOT)
        elif mark == "input":
            sheet.line([x + 0.12], [y], mfc=ink, mec=paper, **DOT | {"marker": "s"})
        elif mark == "asymptote":
            sheet.line([x, x + 0.24], [y, y], color=ink, **ASYMPTOTE)
        elif mark.startswith("share-"):
            sheet.box(x + 0.04, y - 0.05, 0.2, 0.11, **state_look(sheet, mark[6:]))
        elif self.several:  # the lanes have their curves' colours
            sheet.box(x, y - 0.045, 0.24, 0.1, facecolor=ink, alpha=0.85 if dead else 0.38, lw=0,
                      edgecolor=paper, hatch="////" if dead else None)  # fmt: skip
        else:
            sheet.box(x, y - 0.045, 0.24, 0.1, facecolor=theme.still if dead else theme.flat,
                      lw=0, edgecolor=theme.hatch, hatch="////" if dead else None)  # fmt: skip


def _shares(picture: Picture) -> list[tuple[str, str]]:
    """How a single function's inputs sit on it."""
    if picture.histogram is None or len(picture.histogram.shares) > 1:
        return []
    share = picture.histogram.shares[0]
    return [
        ("share-alive", f"alive {percent(share.alive)}"),
        ("share-saturated", f"saturated (|gradient| < 0.01) {percent(share.saturated)}"),
        ("share-dead", f"dead (gradient 0) {percent(share.dead)}"),
        ("end", ""),
    ]


def _items(picture: Picture) -> list[tuple[str, str]]:
    traces = [
        _seen(trace, panel)
        for curve in picture.curves
        for trace, panel in zip(curve.traces, picture.panels, strict=False)
    ]
    items = []
    formulas = picture.title_latex + "".join(curve.latex for curve in picture.curves)
    if r"\sigma\left(" in formulas:
        items.append(("", "σ(t) = 1/(1 + e⁻ᵗ)"))
    if r"\Phi\left(" in formulas:
        items.append(("", "Φ: normal distribution function"))
    if any(trace.kinks for trace in traces):
        items.append(("kink", "kink"))
    dots = [dot for trace in traces for dot in trace.dots]
    if any(dot.filled for dot in dots):
        items.append(("jump", "jump: left out, taken"))
    elif dots:
        items.append(("hole", "hole: no value there"))
    if any(trace.extrema for trace in traces):
        items.append(("extremum", "minimum or maximum"))
    if any(trace.inputs for trace in traces):
        items.append(("input", "input asked for"))
    if any(trace.asymptotes or trace.poles for trace in traces):
        items.append(("asymptote", "asymptote"))
    kinds = {span.kind for curve in picture.curves for span in curve.spans}
    if "saturated" in kinds:
        items.append(("saturated", "saturated: |gradient| < 0.01"))
    if "dead" in kinds:
        items.append(("dead", "dead zone: constant, gradient 0"))
    return items


def _seen(trace: Trace, panel: Panel) -> Trace:
    """The trace, with no other marks than those inside the panel."""
    low, high = panel.ylim

    def inside(*y: float) -> bool:
        return max(y) >= low and min(y) <= high

    return replace(
        trace,
        kinks=[p for p in trace.kinks if inside(p[1])],
        dots=[dot for dot in trace.dots if inside(dot.y)],
        extrema=[p for p in trace.extrema if inside(p.y)],
        asymptotes=[(a, b) for a, b in trace.asymptotes if inside(a[1], b[1])],
        inputs=[p for p in trace.inputs if inside(p[1])],
    )


class SweepBar:
    """A colour bar with one step per curve, and the parameter's values beside it."""

    def __init__(self, sheet: Sheet, picture: Picture) -> None:
        self.sheet, self.sweep = sheet, picture.sweep
        self.size = sheet.base * 0.95
        self.labels = [number(v, 4) for v in self.sweep.values] if self.sweep else []
        self.width = 0.0
        if self.sweep:
            texts = [*self.labels, self.sweep.parameter]
            self.width = 0.34 + max(sheet.extent(text, self.size)[0] for text in texts)

    def draw(self, colours: list[Any], beside: Frame) -> None:
        """Draws the bar, if there is a sweep, to the right of the frame."""
        if not self.sweep:
            return
        sheet, size, left = self.sheet, self.size, beside.right + 0.28
        line, last = 1.5 * size * POINT, len(self.labels) - 1
        step = min(0.3, (beside.high - line) / len(self.labels))
        base = beside.bottom + (beside.high - line - step * len(self.labels)) / 2
        every = max(1, int(line * 0.85 / step + 0.999))
        top = base + step * len(self.labels)
        sheet.text(left, top + 0.4 * line, self.sweep.parameter, size, gid="sweep")
        for i, (label, colour) in enumerate(zip(self.labels, colours, strict=True)):
            y = base + i * step
            sheet.box(left, y, 0.15, step, facecolor=colour, edgecolor="none", gid="sweep-step")
            if i % every == 0 or (i == last and i % every > every // 2):
                sheet.text(left + 0.21, y + step / 2, label, size, va="center", gid="sweep-value")
