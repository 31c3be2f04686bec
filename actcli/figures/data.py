"""What a picture shows, as plain data: built by pictures/, read by function.py and terminal.py."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..numbers.types import Floats
from .choices import Context, Scale, Style
from .ticks import Ticks, power_of_ten

Limits = tuple[float, float]
Point = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class FigureOptions:
    """How a picture is set: its colours, its size in inches (None: as it needs), and what it is for,
    which scales type and lines. A `heading` stands above it; without `legend` nothing else does,
    and nothing below it."""

    style: Style = "light"
    size: tuple[float, float] | None = None
    dpi: int = 150
    context: Context = "notebook"
    heading: str = ""
    legend: bool = True

    @property
    def design(self) -> dict[str, Any]:
        """These settings by name, for another picture."""
        return {each.name: getattr(self, each.name) for each in fields(FigureOptions)}


class Dot(NamedTuple):
    """The end of a curve at a jump: filled where the function takes that value, else open."""

    x: float
    y: float
    filled: bool


class Extremum(NamedTuple):
    """A minimum or maximum inside the range."""

    x: float
    y: float
    kind: Literal["minimum", "maximum"]


class Span(NamedTuple):
    """An interval of inputs where learning stands still: |gradient| < 0.01, or a constant piece."""

    low: float
    high: float
    kind: Literal["saturated", "dead"]


class Band(NamedTuple):
    """Where most of several curves lie: between low and high at x, all (n,)."""

    x: Floats
    low: Floats
    high: Floats


class Trace(NamedTuple):
    """One curve in one panel.

    `pieces` are unbroken runs (x, y), both float64 of one length, x ascending, all finite;
    the curve is never drawn from one piece to the next. `asymptotes` are pairs of points,
    `poles` the x of vertical ones. `inputs` are points that were asked for.
    """

    pieces: Sequence[tuple[Floats, Floats]]
    kinks: Sequence[Point] = ()
    dots: Sequence[Dot] = ()
    extrema: Sequence[Extremum] = ()
    asymptotes: Sequence[tuple[Point, Point]] = ()
    poles: Sequence[float] = ()
    inputs: Sequence[Point] = ()
    band: Band | None = None


class Curve(NamedTuple):
    """A function in the picture: one trace per panel, in the panels' order.

    `latex` is the right-hand side of f(x) = ... in mathtext without $, or empty. A `behind`
    curve is the exact function that another one approximates: drawn wide and pale at the back.
    A `typed` formula is its own name.
    """

    label: str
    latex: str
    traces: Sequence[Trace]
    spans: Sequence[Span] = ()
    behind: bool = False
    typed: bool = False


class Panel(NamedTuple):
    """One pair of axes; `order` 0 is the value, 1 the gradient, 2 the curvature. `precision` is
    named where it is not that of float64. All y are in units of 10**`unit`."""

    order: Literal[0, 1, 2]
    ylim: Limits
    precision: str = ""
    unit: int = 0
    yscale: Scale = "linear"
    left_out: bool = False
    """Whether a logarithmic axis leaves out what is 0 or less."""
    title: str = ""
    yticks: Ticks | None = None
    """Those of y, where not every round number has one."""

    def titled(self, title: str) -> str:
        """The panel's own title or this one, with the unit and the precision behind it."""
        title = self.title or title
        title += f" / {power_of_ten(self.unit)}" if self.unit else ""
        return f"{title} in {self.precision}" if self.precision else title


class ErrorStrip(NamedTuple):
    """What an approximation misses: curve minus exact, and the largest of it in absolute value;
    `touching` are the points where it is as large as it gets. `relative` ones are parts of the exact."""

    curve: int
    exact: str
    pieces: Sequence[tuple[Floats, Floats]]
    largest: Point
    touching: Sequence[Point] = ()
    relative: bool = False

    @property
    def kind(self) -> str:
        """What is shown, in words."""
        return "relative error" if self.relative else "error"


class ParameterValues(NamedTuple):
    """One parameter over several values, one per curve, in the curves' order."""

    parameter: str
    values: Sequence[float]


class Share(NamedTuple):
    """How a layer's inputs sit on one function, as fractions of all of them; sum 1."""

    curve: int
    alive: float
    saturated: float
    dead: float


class Histogram(NamedTuple):
    """Inputs under the curve: counts (one row per state: alive, saturated, dead) in the bins
    between the edges, and the same for the gradients at the inputs. The states are those of the
    first curve in front; `shares` has every curve's. Where the gradient takes a few values only,
    these are `levels`, one bar each. `note` tells how many inputs there are from `source`."""

    edges: Floats
    counts: NDArray[np.int64]
    shares: Sequence[Share]
    note: str
    gradient_edges: Floats
    gradient_counts: NDArray[np.int64]
    levels: Sequence[float] = ()
    source: str = ""


@dataclass(frozen=True)
class Picture(FigureOptions):
    """Everything that is drawn. `title` is the name shown for a single curve or a sweep."""

    xlim: Limits
    curves: Sequence[Curve]
    panels: Sequence[Panel]
    title: str = ""
    title_latex: str = ""
    residuals: Sequence[ErrorStrip] = ()
    sweep: ParameterValues | None = None
    histogram: Histogram | None = None
    xscale: Scale = "linear"
    grid: bool = False
    """Whether each function has a panel of its own."""


def at_even_x(pieces: Sequence[tuple[Floats, Floats]], low: float, high: float) -> Floats:
    """The y of pieces at 400 evenly spaced x in [low, high], where there is one."""
    columns = np.linspace(low, high, 400)
    levels = [np.interp(columns, *piece, left=np.nan, right=np.nan) for piece in pieces]
    even = np.concatenate(levels)
    return even[np.isfinite(even)]


MOST_EXITS = 8
"""A wave that leaves its panel more often is seen to be cut."""


def exits(trace: Trace, xlim: Limits, ylim: Limits) -> list[tuple[float, bool]]:
    """Where a curve leaves the panel or comes back: x, and whether it is through the top.

    None on the way to a pole, whose line says the same, and none of a wave.
    """
    near = 1e-3 * (xlim[1] - xlim[0])
    found = []
    for x, y in trace.pieces:
        for edge, up in ((ylim[0], False), (ylim[1], True)):
            beyond = y > edge if up else y < edge
            turns = np.flatnonzero(np.diff(beyond))
            for i in turns:
                last = x[-1] if beyond[i + 1] and i == turns[-1] else x[i]
                last = x[0] if beyond[i] and i == turns[0] else last
                if any(abs(last - pole) < near for pole in trace.poles):
                    continue
                share = (edge - y[i]) / (y[i + 1] - y[i])
                found.append((float(x[i] + share * (x[i + 1] - x[i])), up))
    return sorted(found) if len(found) <= MOST_EXITS else []
