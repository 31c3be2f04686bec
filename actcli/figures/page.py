"""A page measured in inches: theme, frames, text and its extents. Needs a live rc context."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal, get_args

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cbook import is_math_text
from matplotlib.collections import Collection, PathCollection
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Patch, Rectangle
from matplotlib.transforms import Affine2D
from matplotlib.typing import ColorType

from ..numbers.types import Floats
from .choices import Context, Scale
from .data import FigureOptions
from .output import ShownFigure
from .scales import OPTIONS, fraction_at, scaled_ticks, value_at
from .ticks import Ticks

POINT = 1 / 72
CONTEXTS: tuple[Context, ...] = get_args(Context)
COLUMN = 3.5
"""Width of a column of a journal, in inches."""
PAPER_TYPE = 7.8, 0.05
"""Points of ordinary text in a column; the power of the width by which it grows."""
PAPER_HEAD = 0.85
"""Names and formulas above a picture are so much smaller there."""
SLIDE = 40 / 3, 7.5
"""Inches, unless said otherwise."""
TALK_SHARE = 0.42
"""On a slide a picture is set as on so large a share of its usual area, and magnified."""
TALK_LEAST = 0.9
"""Of the usual type, however much a slide holds."""
PEN = 0.8
"""Points of a thin line; a style with others makes all lines thinner or wider."""
Look = dict[str, Any]  # how an artist of matplotlib looks, by keyword
SMALLEST = 0.75
"""How far a caption may shrink before it is shortened."""
DOT: Look = {"marker": "o", "ms": 4.6, "mew": 0.8}
ASYMPTOTE: Look = {"lw": 1.1, "ls": (0, (4, 2.5))}


def plot(ax: Axes, x: Any, y: Any, **look: Any) -> None:
    """Adds a line. Axes.plot asks besides what it does to their limits, which are given here."""
    ax.add_artist(Line2D(np.asarray(x), np.asarray(y), **look))


@dataclass(frozen=True)
class Theme:
    """Colours by what they are for, read from the style files."""

    paper: str
    ink: str
    muted: str
    axis: str
    flat: str
    alive: str
    still: str
    hatch: str
    curves: list[str]

    @classmethod
    def current(cls) -> "Theme":
        """Reads the colours from the styles in force."""
        rc = matplotlib.rcParams
        return cls(
            paper=rc["figure.facecolor"],
            ink=rc["text.color"],
            muted=rc["axes.labelcolor"],
            axis=rc["axes.edgecolor"],
            flat=rc["boxplot.flierprops.color"],
            alive=rc["boxplot.boxprops.color"],
            still=rc["patch.facecolor"],
            hatch=rc["hatch.color"],
            curves=rc["axes.prop_cycle"].by_key()["color"],
        )


def legible(colour: ColorType, theme: Theme) -> tuple[float, float, float]:
    """A curve's colour made fit for its text: nearer to the ink until the contrast is 4 to 1."""
    paper, ink, own = (to_rgb(each) for each in (theme.paper, theme.ink, colour))
    mixed = own
    for share in (0.0, 0.15, 0.3, 0.45, 0.6, 0.75):
        r, g, b = (a + share * (c - a) for a, c in zip(own, ink, strict=True))
        mixed = (r, g, b)
        brighter, darker = sorted((_luminance(mixed), _luminance(paper)), reverse=True)
        if brighter + 0.05 >= 4 * (darker + 0.05):
            break
    return mixed


def _luminance(colour: tuple[float, float, float]) -> float:
    """As WCAG defines it."""
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@dataclass
class Frame:
    """Where a pair of axes lies (inches) and what it spans (data)."""

    left: float
    bottom: float
    wide: float
    high: float
    xlim: tuple[float, float] = (0.0, 1.0)
    ylim: tuple[float, float] = (0.0, 1.0)
    xticks: Ticks = Ticks([], [])  # noqa: RUF009 (frozen)
    yticks: Ticks = Ticks([], [])  # noqa: RUF009
    xscale: Scale = "linear"
    yscale: Scale = "linear"

    @property
    def right(self) -> float:
        return self.left + self.wide

    @property
    def top(self) -> float:
        return self.bottom + self.high

    def x(self, value: Any) -> Any:
        """Inches from the page's left edge; a number or an array."""
        return self.left + fraction_at(self.xscale, value, *self.xlim) * self.wide

    def y(self, value: Any) -> Any:
        """Inches from the page's lower edge."""
        return self.bottom + fraction_at(self.yscale, value, *self.ylim) * self.high

    def tamed(self, y: Floats) -> Floats:
        """Values far outside of the frame brought nearer: 1e300 breaks the drawing library."""
        ends = [self.bottom - 20 * self.high, self.top + 20 * self.high]
        low, high = np.nan_to_num(self.value_at_y(np.array(ends)))
        return np.clip(y, low if self.yscale != "log" else None, high)

    def value_at_x(self, x: Any) -> Any:
        """What lies so many inches from the page's left edge: the inverse of `x`."""
        return value_at(self.xscale, (x - self.left) / self.wide, *self.xlim)

    def value_at_y(self, y: Any) -> Any:
        """What lies so many inches from the page's lower edge: the inverse of `y`."""
        return value_at(self.yscale, (y - self.bottom) / self.high, *self.ylim)


def page_for(
    design: FigureOptions,
    usual: tuple[float, float],
    size: float,
    at: tuple[float, float],
    bounds: tuple[float, float],
) -> "Page":
    """The page that a design asks for. `usual` is its size in inches unless the design says it;
    text has so many points on a page of the size `at`, and on others within the `bounds` of that."""

    def type_on(width: float, height: float) -> float:
        return size * float(np.clip(np.sqrt(min(width / at[0], height / at[1])), *bounds))

    wide, high = usual
    if design.context == "paper":
        width, height = design.size or (2 * COLUMN, 2 * COLUMN * high / wide)
        points, power = PAPER_TYPE
        scale = points * (width / COLUMN) ** power / size
        return Page(width / scale, height / scale, design.dpi, size, scale, PAPER_HEAD)
    if design.context == "talk":
        width, height = design.size or SLIDE
        scale = float(np.sqrt(width * height / (TALK_SHARE * wide * high)))
        width, height = width / scale, height / scale
        base = max(type_on(width, height), TALK_LEAST * size)
        return Page(width, height, design.dpi, base, scale)
    width, height = design.size or usual
    return Page(width, height, design.dpi, type_on(width, height))


class Page:
    """The figure, with everything outside of axes placed in inches from the lower left.

    `base` is the size of ordinary text, in points; tick labels are a little smaller. All of it is
    magnified by `scale`, and the head of it by `head`.
    """

    def __init__(
        self,
        width: float,
        height: float,
        dpi: int,
        base: float,
        scale: float = 1.0,
        head: float = 1.0,
    ) -> None:
        self.width, self.height, self.base, self.scale = width, height, base, scale
        self.head = head * base
        self.figure = ShownFigure(figsize=(scale * width, scale * height), dpi=dpi)
        self.canvas = FigureCanvasAgg(self.figure)
        self.theme = Theme.current()
        self._math: dict[str, bool] = {}
        self._sizes: dict[tuple[str, float, bool], tuple[float, float, float]] = {}
        self.inch = Affine2D().scale(scale) + self.figure.dpi_scale_trans

    @property
    def tick_size(self) -> float:
        return 0.92 * self.base

    @property
    def mark(self) -> float:
        """The factor by which marks shrink on small pages."""
        return min(1.0, self.base / 9)

    @cached_property
    def _renderer(self) -> Any:
        return self.canvas.get_renderer()  # type: ignore[no-untyped-call]

    def extent(self, text: str, size: float) -> tuple[float, float, float]:
        """Width, height and depth below the base line, in inches."""
        found = self._measured(text, size, self.is_math(text, size))
        width, height, depth = (length / self.figure.dpi for length in found)
        return width, height, depth

    def is_math(self, text: str, size: float) -> bool:
        """Whether the text holds formulas between dollar signs, all of which mathtext can set; it is
        set in that `size`, as the next to measure it will ask for."""
        if text not in self._math:
            self._math[text] = is_math_text(text)
            if self._math[text]:
                try:
                    self._measured(text, size, True)
                except ValueError:
                    self._math[text] = False
        return self._math[text]

    def _measured(self, text: str, size: float, math: bool) -> tuple[float, float, float]:
        asked = text, size, math
        if asked not in self._sizes:
            self._sizes[asked] = self._renderer.get_text_width_height_descent(
                text, FontProperties(size=size), math
            )
        return self._sizes[asked]

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: float,
        color: ColorType | None = None,
        *,
        ha: Literal["left", "center", "right"] = "left",
        va: Literal["baseline", "center", "bottom"] = "baseline",
        gid: str = "text",
        clear: bool = False,
        upright: bool = False,
    ) -> None:
        """`clear` wipes the paper under the text, where it lies on an axis or asymptote; an
        `upright` one reads from below."""
        wiped = {"facecolor": self.theme.paper, "edgecolor": "none", "pad": 0.6}
        look: Look = {"color": color or self.theme.ink, "ha": ha, "va": va, "gid": gid}
        if clear:
            look["bbox"] = wiped
        if upright:
            look["rotation"] = 90
        self.figure.text(x, y, text, fontsize=self.scale * size, transform=self.inch,
                         parse_math=self.is_math(text, size), **look)  # fmt: skip

    def finished(self) -> ShownFigure:
        """The figure, with lines and marks as large as the rest."""
        pen = self.scale * matplotlib.rcParams["axes.linewidth"] / PEN
        for line in self.figure.findobj(Line2D):
            line.set_linewidth(pen * line.get_linewidth())
            line.set_markersize(self.scale * line.get_markersize())
            line.set_markeredgewidth(pen * line.get_markeredgewidth())
        for patch in self.figure.findobj(Patch):
            patch.set_linewidth(pen * patch.get_linewidth())
        for marks in self.figure.findobj(Collection):
            marks.set_linewidth([pen * width for width in np.atleast_1d(marks.get_linewidth())])
            if isinstance(marks, PathCollection):
                marks.set_sizes(self.scale**2 * marks.get_sizes())
        return self.figure

    def line(self, x: list[float], y: list[float], **look: Any) -> None:
        """Draws a line through points in inches."""
        self.figure.add_artist(Line2D(x, y, transform=self.inch, **look))

    def box(self, x: float, y: float, width: float, height: float, **look: Any) -> None:
        """Draws a rectangle in inches."""
        self.figure.add_artist(Rectangle((x, y), width, height, transform=self.inch, **look))

    def axes(self, frame: Frame, gid: str) -> Axes:
        """Bare axes over the frame, with its limits, grid and tick labels."""
        low = frame.left / self.width, frame.bottom / self.height
        ax = self.figure.add_axes((*low, frame.wide / self.width, frame.high / self.height))
        ax.set_gid(gid)
        for axis in (ax.xaxis, ax.yaxis):  # no room is sought for labels that there are not
            axis.set_label_coords(0, 0)
        if frame.xscale != "linear":
            ax.set_xscale(frame.xscale, **OPTIONS[frame.xscale])
        if frame.yscale != "linear":
            ax.set_yscale(frame.yscale, **OPTIONS[frame.yscale])
        ax.set_xlim(*frame.xlim)
        ax.set_ylim(*frame.ylim)
        ax.set_xticks(frame.xticks.at, frame.xticks.labels, fontsize=self.scale * self.tick_size)
        yticks = frame.yticks
        if any(frame.x(at) < frame.left + 0.25 for at in frame.xticks.at):
            yticks = yticks.only([frame.y(at) > frame.bottom + 0.03 for at in yticks.at])
        ax.set_yticks(yticks.at, yticks.labels, fontsize=self.scale * self.tick_size)
        ax.minorticks_off()
        ax.tick_params(pad=self.scale * matplotlib.rcParams["xtick.major.pad"])
        return ax

    def caption(self, frame: Frame, text: str, gid: str) -> None:
        """A line above the frame, with what was taken out of its tick labels at the end.

        It is set smaller where it would run beyond the frame, and shortened if that is too little.
        """
        y, room = frame.top + 0.07, frame.wide
        if frame.yticks.note:
            size = 0.9 * self.tick_size
            room -= self.extent(frame.yticks.note, size)[0] + 0.12
            self.text(frame.right, y, frame.yticks.note, size, self.theme.muted, ha="right",
                      gid="note")  # fmt: skip
        size = self.base * float(np.clip(room / self.extent(text, self.base)[0], SMALLEST, 1.0))
        while size > SMALLEST * self.base and self.extent(text, size)[0] > room:
            size = max(0.98 * size, SMALLEST * self.base)  # letters have no width in proportion
        text = self.shortened(text, size, room)
        self.text(frame.left, y, text, size, self.theme.muted, gid=gid)

    def shortened(self, text: str, size: float, room: float) -> str:
        """The text, with its middle left out as far as it is wider than the room."""
        kept = len(text)
        while kept > 4 and self.extent(text, size)[0] > room:
            kept -= 1
            end = text[len(text) - (kept - kept // 2) :]
            text = text[: kept // 2].rstrip() + "…" + end.lstrip()
        return text

    def labels_width(self, found: Ticks) -> float:
        """The widest tick label."""
        return max((self.extent(label, self.tick_size)[0] for label in found.labels), default=0.1)

    def xticks(self, xlim: tuple[float, float], wide: float, scale: Scale = "linear") -> Ticks:
        """As many round positions as their labels leave room for."""
        for most in (11, 7, 6, 5, 4, 3, 2):
            found = self._within(scaled_ticks(scale, *xlim, most, whole=True), xlim, wide, scale)
            room = max(self.labels_width(found) + 1.1 * self.tick_size * POINT, 0.38)
            apart = wide
            if len(found.at) > 1:
                places = fraction_at(scale, np.array(found.at), *xlim)
                apart = float(np.diff(places).min()) * wide
            if found.at and room <= apart:
                return found
        every = int(room / apart) + 1
        return found.only([i % every == every // 2 for i in range(len(found.at))])

    def _within(self, found: Ticks, xlim: tuple[float, float], wide: float, scale: Scale) -> Ticks:
        """Without labels that would stick out by more than 0.2 inches."""
        kept = []
        for at, label in zip(found.at, found.labels, strict=True):
            middle = fraction_at(scale, at, *xlim) * wide
            half = self.extent(label, self.tick_size)[0] / 2
            kept.append(middle - half > -0.2 and middle + half < wide + 0.2)
        return found.only(kept)
