"""A page measured in inches: theme, text and its extents. Needs a live rc context."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from .ticks import Ticks, ticks

POINT = 1 / 72
DASHES: list[Any] = ["-", (0, (5, 1.6)), (0, (6, 1.4, 1.2, 1.4)), (0, (1.6, 1.1)), (0, (3, 1)),
                     (0, (8, 1.4, 1.2, 1.4, 1.2, 1.4))]
"""One per colour of the style's cycle, in its order."""


@dataclass(frozen=True)
class Theme:
    """Colours by what they are for, read from the style files."""

    paper: str
    ink: str
    muted: str
    axis: str
    grid: str
    flat: str
    still: str
    hatch: str
    curves: list[str]

    @classmethod
    def current(cls) -> "Theme":
        rc = matplotlib.rcParams
        return cls(
            paper=rc["figure.facecolor"],
            ink=rc["text.color"],
            muted=rc["axes.labelcolor"],
            axis=rc["axes.edgecolor"],
            grid=rc["grid.color"],
            flat=rc["boxplot.flierprops.color"],
            still=rc["patch.facecolor"],
            hatch=rc["hatch.color"],
            curves=rc["axes.prop_cycle"].by_key()["color"],
        )


class Sheet:
    """The figure, with everything outside of axes placed in inches from the lower left."""

    def __init__(self, width: float, height: float, dpi: int, base: float) -> None:
        self.width, self.height, self.base = width, height, base
        self.figure = Figure(figsize=(width, height), dpi=dpi)
        self.canvas = FigureCanvasAgg(self.figure)
        self.theme = Theme.current()
        self.inch = self.figure.dpi_scale_trans

    @cached_property
    def renderer(self) -> RendererAgg:
        return self.canvas.get_renderer()

    def extent(self, text: str, size: float) -> tuple[float, float, float]:
        """Width, height and depth below the base line, in inches."""
        math = "$" in text
        font = FontProperties(size=size)
        w, h, d = self.renderer.get_text_width_height_descent(text, font, math)
        dpi = self.figure.dpi
        return w / dpi, h / dpi, d / dpi

    def text(self, x: float, y: float, text: str, size: float, color: str | None = None,
             ha: Literal["left", "center", "right"] = "left",
             va: Literal["baseline", "center", "top", "bottom"] = "baseline",
             gid: str | None = None) -> None:
        self.figure.text(x, y, text, fontsize=size, color=color or self.theme.ink, ha=ha, va=va,
                         transform=self.inch, gid=gid, parse_math="$" in text)

    def line(self, x: list[float], y: list[float], **style: Any) -> None:
        self.figure.add_artist(Line2D(x, y, transform=self.inch, **style))

    def box(self, x: float, y: float, width: float, height: float, **style: Any) -> None:
        self.figure.add_artist(Rectangle((x, y), width, height, transform=self.inch, **style))

    def axes(self, frame: "Frame", gid: str) -> Axes:
        """Bare axes over the frame, with its limits, grid and tick labels."""
        ax = self.figure.add_axes((frame.left / self.width, frame.bottom / self.height,
                                   frame.wide / self.width, frame.high / self.height))
        ax.set_gid(gid)
        ax.set_xlim(*frame.xlim)
        ax.set_ylim(*frame.ylim)
        ax.set_xticks(frame.xticks.at, frame.xticks.labels, fontsize=frame.size)
        ax.set_yticks(frame.yticks.at, frame.yticks.labels, fontsize=frame.size)
        return ax


@dataclass
class Frame:
    """Where a pair of axes lies (inches) and what it spans (data)."""

    left: float
    bottom: float
    wide: float
    high: float
    xlim: tuple[float, float]
    ylim: tuple[float, float]
    xticks: Ticks
    yticks: Ticks
    size: float
    """Of the tick labels, in points."""

    def x(self, value: float) -> float:
        """Inches from the sheet's left edge."""
        low, high = self.xlim
        return self.left + (value - low) / (high - low) * self.wide

    def y(self, value: float) -> float:
        """Inches from the sheet's lower edge."""
        low, high = self.ylim
        return self.bottom + (value - low) / (high - low) * self.high


def xticks_for(sheet: Sheet, xlim: tuple[float, float], wide: float, size: float) -> Ticks:
    """As many round positions as their labels leave room for."""
    for most in (11, 7, 6, 5, 4, 3, 2):
        found = ticks(*xlim, most)
        widest = labels_width(sheet, found, size)
        gap = 1.1 * size * POINT
        if (widest + gap) * len(found.at) <= wide and wide / max(len(found.at), 1) > 0.38:
            return found
    return found


def yticks_for(ylim: tuple[float, float], high: float) -> Ticks:
    return ticks(*ylim, max(2, min(7, int(high / 0.38))))


def labels_width(sheet: Sheet, found: Ticks, size: float) -> float:
    """The widest tick label, in inches."""
    return max((sheet.extent(label, size)[0] for label in found.labels), default=0.1)
