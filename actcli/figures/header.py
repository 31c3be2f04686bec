"""The top of a picture (formula or legend), the key at its foot, the bar of a sweep."""

from dataclasses import dataclass
from typing import Any

import matplotlib

from .data import Curve, Picture
from .sheet import DASHES, POINT, Sheet
from .ticks import number, percent

HANDLE = 0.34
"""Length of a line sample, inches."""


@dataclass
class _Entry:
    """A sample of a line (or none), a name and a formula, set side by side."""

    style: dict[str, Any] | None
    name: str
    math: str
    size: float
    width: float = 0.0
    ascent: float = 0.0
    depth: float = 0.0

    def measure(self, sheet: Sheet) -> None:
        self.width = HANDLE + 0.08 if self.style else 0.0
        self.ascent, self.depth = self.size * POINT * 0.8, self.size * POINT * 0.2
        for text in (self.name, self.math):
            if text:
                width, height, depth = sheet.extent(text, self.size)
                self.width += width
                self.ascent = max(self.ascent, height - depth)
                self.depth = max(self.depth, depth)
        if self.name and self.math:
            self.width += 0.12


class Header:
    """Rows of entries across the sheet; knows its height before it is drawn."""

    def __init__(self, sheet: Sheet, picture: Picture, styles: list[dict[str, Any]]) -> None:
        self.sheet = sheet
        self.margin = 0.22
        room = sheet.width - 2 * self.margin
        entries = _entries(sheet, picture, styles)
        for entry in entries:
            _fit(sheet, entry, room)
        self.rows: list[list[_Entry]] = []
        left = 0.0
        for entry in entries:
            if not self.rows or left + entry.width > room:
                self.rows.append([])
                left = 0.0
            self.rows[-1].append(entry)
            left += entry.width + 0.35
        self.height = 0.1 + sum(self._height(row) for row in self.rows)

    @staticmethod
    def _height(row: list[_Entry]) -> float:
        return max(entry.ascent for entry in row) + max(entry.depth for entry in row) + 0.09

    def draw(self) -> None:
        sheet = self.sheet
        top = sheet.height - 0.1
        for row in self.rows:
            base = top - max(entry.ascent for entry in row)
            left = self.margin
            for entry in row:
                x = left
                if entry.style:
                    middle = base + 0.3 * entry.size * POINT
                    sheet.line([x, x + HANDLE], [middle, middle], gid="legend-line", **entry.style)
                    x += HANDLE + 0.08
                if entry.name:
                    sheet.text(x, base, entry.name, entry.size, gid="name")
                    x += sheet.extent(entry.name, entry.size)[0] + 0.12
                if entry.math:
                    sheet.text(x, base, entry.math, entry.size, gid="formula")
                left += entry.width + 0.35
            top -= self._height(row)


def _entries(sheet: Sheet, picture: Picture, styles: list[dict[str, Any]]) -> list[_Entry]:
    if picture.sweep:
        return [_Entry(None, picture.title, _math(picture.title_latex.replace(r"\frac", r"\dfrac")),
                       sheet.base * 1.3)]
    if len(picture.curves) == 1:
        curve = picture.curves[0]
        latex = curve.latex.replace(r"\frac", r"\dfrac")  # there is room for tall fractions
        return [_Entry(None, _name(curve), _math(latex), sheet.base * 1.3)]
    size = sheet.base * (1.15 if len(picture.curves) <= 4 else 1.0)
    order = sorted(range(len(styles)), key=lambda i: picture.curves[i].behind)
    return [
        _Entry(styles[i], _name(picture.curves[i]), _math(picture.curves[i].latex), size)
        for i in order
    ]


def _name(curve: Curve) -> str:
    return "" if curve.typed and curve.latex else curve.label


def _math(latex: str) -> str:
    return f"$f(x) = {latex}$" if latex else ""


def _fit(sheet: Sheet, entry: _Entry, room: float) -> None:
    """Makes the entry narrow enough: smaller type, then no formula, then a shortened name."""
    size = entry.size
    for share in (1.0, 0.85, 0.7):
        entry.size = size * share
        try:
            entry.measure(sheet)
        except ValueError:  # mathtext cannot set this formula
            entry.math = ""
            entry.measure(sheet)
        if entry.width <= room:
            return
    if entry.name and entry.math:
        entry.math = ""
        _fit(sheet, entry, room)
    entry.measure(sheet)
    while entry.width > room and len(entry.name) > 8:
        entry.name = entry.name[: max(8, int(len(entry.name) * 0.9)) - 1] + "…"
        entry.measure(sheet)


# --- the key at the foot -------------------------------------------------------------------


class Key:
    """What the marks mean; only those that occur."""

    def __init__(self, sheet: Sheet, picture: Picture) -> None:
        self.sheet = sheet
        self.size = sheet.base * 0.84
        self.items = _shares(picture) + _items(picture)
        self.several = sum(1 for curve in picture.curves if not curve.behind) > 1
        self.margin = 0.22
        self.rows: list[list[tuple[str, str, float]]] = []
        left = 0.0
        for mark, text in self.items:
            if mark == "end":  # of a row
                left = sheet.width
                continue
            width = (0.3 if mark else 0.0) + sheet.extent(text, self.size)[0] + 0.22
            if not self.rows or left + width > sheet.width - 2 * self.margin:
                self.rows.append([])
                left = 0.0
            self.rows[-1].append((mark, text, width))
            left += width
        self.row = 1.6 * self.size * POINT
        self.height = 0.08 + self.row * len(self.rows) if self.rows else 0.04

    def draw(self) -> None:
        for k, row in enumerate(self.rows):
            left = self.margin
            base = 0.08 + self.row * (len(self.rows) - 1 - k) + 0.03
            for mark, text, width in row:
                self._mark(mark, left, base + 0.32 * self.size * POINT)
                self.sheet.text(left + (0.3 if mark else 0.0), base, text, self.size, self.sheet.theme.muted, gid="key")
                left += width

    def _mark(self, mark: str, x: float, y: float) -> None:
        sheet, theme = self.sheet, self.sheet.theme
        ink = theme.muted
        if mark == "kink":
            sheet.line([x + 0.12], [y], marker="D", ms=4.5, mfc=ink, mec=theme.paper, mew=0.6)
        elif mark == "jump":
            sheet.line([x + 0.05], [y], marker="o", ms=5, mfc=theme.paper, mec=ink, mew=1.2)
            sheet.line([x + 0.19], [y], marker="o", ms=5, mfc=ink, mec=ink, mew=1.2)
        elif mark == "extremum":
            sheet.line([x + 0.12], [y], marker="o", ms=4.6, mfc=ink, mec=theme.paper, mew=0.8)
        elif mark == "input":
            sheet.line([x + 0.12], [y], marker="s", ms=4.6, mfc=ink, mec=theme.paper, mew=0.8)
        elif mark.startswith("share-"):
            sheet.box(x + 0.04, y - 0.05, 0.2, 0.11, **state_look(sheet, mark[6:]))
        elif mark == "asymptote":
            sheet.line([x, x + 0.24], [y, y], color=ink, lw=1.1, ls=(0, (4, 2.5)))
        elif mark and self.several:  # the lanes have their curves' colours
            dead = mark == "dead"
            sheet.box(x, y - 0.045, 0.24, 0.1, facecolor=ink, alpha=0.85 if dead else 0.38, lw=0,
                      edgecolor=theme.paper, hatch="////" if dead else None)
        elif mark:
            face = theme.flat if mark == "saturated" else theme.still
            hatch = "////" if mark == "dead" else None
            sheet.box(x, y - 0.045, 0.24, 0.1, facecolor=face, edgecolor=theme.hatch, lw=0,
                      hatch=hatch)


def _shares(picture: Picture) -> list[tuple[str, str]]:
    """How a single function's inputs sit on it."""
    if picture.histogram is None or len(picture.histogram.shares) > 1:
        return []
    share = picture.histogram.shares[0]
    return [
        ("share-alive", f"alive {percent(share.alive)}"),
        ("share-saturated", f"saturated {percent(share.saturated)}"),
        ("share-dead", f"dead {percent(share.dead)}"),
        ("end", ""),
    ]


def state_look(sheet: Sheet, state: str) -> dict[str, Any]:
    """How inputs are painted that are alive, saturated or dead."""
    theme = sheet.theme
    if state == "alive":
        return {"facecolor": theme.curves[4], "edgecolor": "none", "lw": 0}
    if state == "saturated":
        return {"facecolor": theme.curves[1], "edgecolor": "none", "lw": 0}
    return {"facecolor": theme.hatch, "edgecolor": theme.paper, "hatch": "////", "lw": 0}


def _items(picture: Picture) -> list[tuple[str, str]]:
    traces = [trace for curve in picture.curves for trace in curve.traces]
    items = []
    formulas = picture.title_latex + "".join(curve.latex for curve in picture.curves)
    if r"\sigma\left(" in formulas:
        items.append(("", "σ(t) = 1/(1 + e⁻ᵗ)"))
    if r"\Phi\left(" in formulas:
        items.append(("", "Φ: normal distribution function"))
    if any(trace.kinks for trace in traces):
        items.append(("kink", "kink"))
    if any(trace.dots for trace in traces):
        items.append(("jump", "jump: left out, taken"))
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


# --- sweeps --------------------------------------------------------------------------------


def sweep_colours(count: int, dark: bool) -> list[Any]:
    """Evenly spaced in lightness, none too close to the paper."""
    cmap = matplotlib.colormaps[matplotlib.rcParams["image.cmap"]]
    low, high = (0.28, 1.0) if dark else (0.0, 0.86)
    return [cmap(low + (high - low) * i / max(count - 1, 1)) for i in range(count)]


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

    def draw(self, colours: list[Any], left: float, bottom: float, top: float) -> None:
        if not self.sweep:
            return
        sheet, count = self.sheet, len(self.labels)
        line = 1.5 * self.size * POINT
        step = min(0.3, (top - bottom - line) / count)
        high = step * count
        base = (bottom + top - line - high) / 2
        every = max(1, int(line * 0.85 / step + 0.999))
        sheet.text(left, base + high + 0.4 * line, self.sweep.parameter, self.size, gid="sweep")
        for i, (label, colour) in enumerate(zip(self.labels, colours, strict=True)):
            sheet.box(left, base + i * step, 0.15, step, facecolor=colour, edgecolor="none",
                      gid="sweep-step")
            if i % every == 0 or i == count - 1 and (count - 1) % every > every // 2:
                sheet.text(left + 0.21, base + (i + 0.5) * step, label, self.size, va="center",
                           gid="sweep-value")


def curve_styles(sheet: Sheet, picture: Picture) -> list[dict[str, Any]]:
    """Colour, dashes and width of each curve."""
    width = matplotlib.rcParams["lines.linewidth"] * min(1.0, sheet.base / 9)
    if picture.sweep:
        colours = sweep_colours(len(picture.curves), picture.style == "dark")
        return [{"color": colour, "ls": "-", "lw": width} for colour in colours]
    styles, i = [], 0
    count = len(sheet.theme.curves)
    for curve in picture.curves:
        if curve.behind:
            styles.append({"color": sheet.theme.hatch, "ls": "-", "lw": 3.2 * width, "alpha": 0.55})
            continue
        dash = DASHES[(i + i // count) % len(DASHES)]
        styles.append({"color": sheet.theme.curves[i % count], "ls": dash, "lw": width})
        i += 1
    return styles
