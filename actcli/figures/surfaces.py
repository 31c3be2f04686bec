"""What a network has learned: its output over the plane, or its guesses on a graph."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from numpy.typing import NDArray

from ..numbers.types import Floats
from .charts import MARKERS, class_colours, mixed, pair, two_colours
from .data import Limits
from .page import POINT, Frame, Look, Page
from .ticks import number, ticks

MOST_POINTS = 400


@dataclass(frozen=True)
class Surface:
    """What a network has learned on the plane, and the data it learned from.

    `values` has shape (height, width), its first row on the lower edge, its last on the upper:
    the output, or the number of the likeliest of more than two `classes` (0: a quantity).
    `targets` are on the same scale, `span` is what the colours reach from and to. `units` (u,
    height, width) are inputs of hidden units, whose 0 is the line where a unit turns on or off.
    `axes` and `names` name the columns and the classes of a file.
    """

    xlim: Limits
    ylim: Limits
    values: Floats
    points: Floats
    targets: Floats
    span: Limits = (-1.0, 1.0)
    classes: int = 2
    units: Sequence[Floats] = ()
    axes: tuple[str, str] = ("", "")
    names: Sequence[str] = ()


@dataclass(frozen=True)
class FittedLine:
    """What a network has learned on the line: its output y at x, (n,) each, and the data, (m, 2).

    `axes` name the input and the target.
    """

    x: Floats
    y: Floats
    points: Floats
    axes: tuple[str, str]


@dataclass(frozen=True)
class GraphPicture:
    """A graph with n nodes: positions (n, 2), edges (m, 2) by node number, groups and guesses
    (n,) as class numbers; `labelled` are the nodes whose group was told."""

    positions: Floats
    edges: NDArray[np.int64]
    groups: NDArray[np.int64]
    guesses: NDArray[np.int64]
    labelled: Sequence[int] = ()


def surface(page: Page, frame: Frame, shown: Surface, steps: int = 256) -> Axes:
    """The plane in the colours of the output, with data, decision line and the units' lines."""
    frame.xlim, frame.ylim = shown.xlim, shown.ylim
    few = max(3, min(5, int(frame.wide / 0.5)))
    frame.xticks, frame.yticks = ticks(*shown.xlim, few), ticks(*shown.ylim, few)
    ax = page.axes(frame, "surface")
    ax.grid(False)
    many = shown.classes > 2
    low, high = shown.span
    extent = _extent(shown)
    if many:
        colours = class_colours(page)
        palette = np.array([mixed(c, page.theme.paper, 0.6) for c in colours])
        pixels = palette[np.asarray(shown.values, dtype=int) % len(colours)]
        ax.imshow(pixels, origin="lower", extent=extent, aspect="auto", zorder=0,
                  interpolation="nearest")  # fmt: skip
        fills = [colours[int(t) % len(colours)] for t in shown.targets]
    else:
        cmap = two_colours(page, steps)
        ax.imshow(shown.values, origin="lower", extent=extent, aspect="auto", zorder=0, cmap=cmap,
                  vmin=low, vmax=high, interpolation="bilinear", interpolation_stage="data")  # fmt: skip
        share = np.clip((shown.targets - low) / ((high - low) or 1.0), 0, 1)
        inked = 0.2 if shown.classes else 0.0
        fills = [to_hex(mixed(cmap(float(s)), page.theme.ink, inked)) for s in share]
    if shown.classes == 2:
        _line(ax, shown, shown.values - 0.5 * (low + high), "decision", colors=[page.theme.ink],
              linewidths=[1.8], linestyles=["solid"], alpha=1.0)  # fmt: skip
    for k in range(shown.classes if many else 0):
        _line(ax, shown, np.where(shown.values == k, 1.0, -1.0), "border", linewidths=[1.2],
              colors=[page.theme.paper], linestyles=["solid"])  # fmt: skip
    for unit in shown.units:
        _line(ax, shown, unit, "unit", colors=[page.theme.ink], linewidths=[0.9],
              linestyles=[(0, (4, 2))], alpha=0.75)  # fmt: skip
    every = max(1, -(-len(shown.points) // MOST_POINTS))
    edge = page.theme.paper if shown.classes else page.theme.muted
    points, targets, fills = shown.points[::every], shown.targets[::every], fills[::every]
    size = 6.0 * max(frame.wide, 1.5) * page.mark
    kinds = np.unique(targets) if many else [None]
    for kind in kinds:
        of = [k for k, target in enumerate(targets) if kind in (None, target)]
        marker = "o" if kind is None else MARKERS[int(kind) % len(MARKERS)]
        ax.scatter(points[of, 0], points[of, 1], s=size, c=[fills[k] for k in of], marker=marker,
                   edgecolors=edge, linewidths=0.5, zorder=3, gid="data")  # fmt: skip
    ax.set_xlim(*shown.xlim)
    ax.set_ylim(*shown.ylim)
    for spine in ax.spines.values():
        spine.set(visible=True, color=page.theme.hatch, linewidth=0.6)
    axis_names(page, frame, shown.axes)
    return ax


def fitted(page: Page, frame: Frame, shown: FittedLine, look: Look) -> Axes:
    """The learned curve over the data."""
    reach = np.concatenate([shown.y, shown.points[:, 1]])
    low, high = float(reach.min()), float(reach.max())
    margin = 0.06 * ((high - low) or 1.0)
    frame.xlim, frame.ylim = (float(shown.x[0]), float(shown.x[-1])), (low - margin, high + margin)
    few = max(3, min(5, int(frame.wide / 0.5)))
    frame.xticks, frame.yticks = ticks(*frame.xlim, few), ticks(*frame.ylim, few)
    ax = page.axes(frame, "fit")
    every = max(1, -(-len(shown.points) // MOST_POINTS))
    x, y = shown.points[::every].T
    ax.scatter(x, y, s=6.0 * max(frame.wide, 1.5) * page.mark, color=page.theme.muted, alpha=0.55,
               lw=0, zorder=2, gid="data")  # fmt: skip
    ax.plot(shown.x, shown.y, zorder=3, gid="fit-curve", **look)
    axis_names(page, frame, shown.axes)
    return ax


def colour_scale(page: Page, frame: Frame, shown: Sequence[Surface], lines: int) -> None:
    """Draws what the colours of a quantity mean, so many lines of text below the ticks."""
    size = 0.9 * page.tick_size
    y = frame.bottom - (0.85 + 1.5 * lines) * page.tick_size * POINT
    low, high = (shown[0].span[0], shown[0].span[1])
    values = np.concatenate([each.values.ravel() for each in shown])
    ends = (
        f"output {'≤ ' * bool(values.min() < low)}{number(low)}",
        f"{'≥ ' * bool(values.max() > high)}{number(high)}",
    )
    left, right = (page.extent(end, size)[0] + 0.08 for end in ends)
    wide = max(frame.wide - left - right, 0.3)
    steps = 64
    for k, colour in enumerate(two_colours(page)(np.arange(steps) / (steps - 1))):
        page.box(frame.left + left + wide * k / steps, y, 1.02 * wide / steps, 0.7 * size * POINT,
                 facecolor=tuple(colour), lw=0, gid="colour-scale")  # fmt: skip
    page.text(frame.left, y, ends[0], size, page.theme.muted, gid="scale")
    page.text(frame.left + left + wide + 0.08, y, ends[1], size, page.theme.muted, gid="scale")


def axis_names(page: Page, frame: Frame, names: tuple[str, str]) -> None:
    """Writes what the axes are of, below the ticks and left of them."""
    size = 0.9 * page.tick_size
    across, up = (page.shortened(name, size, frame.wide) if name else "" for name in names)
    if across:
        y = frame.bottom - (2.35 * page.tick_size) * POINT
        page.text((frame.left + frame.right) / 2, y, across, size, page.theme.muted, ha="center",
                  gid="axis-name")  # fmt: skip
    if up:
        x = frame.left - 0.1 - page.labels_width(frame.yticks)
        page.text(x, (frame.bottom + frame.top) / 2, up, size, page.theme.muted, ha="right",
                  va="center", gid="axis-name", upright=True)  # fmt: skip


def _extent(shown: Surface) -> tuple[float, float, float, float]:
    """The edges of the outermost pixels, whose middles lie on the limits."""
    rows, columns = shown.values.shape
    ends: list[float] = []
    for (low, high), count in ((shown.xlim, columns), (shown.ylim, rows)):
        half = 0.5 * (high - low) / max(count - 1, 1)
        ends += [low - half, high + half]
    return ends[0], ends[1], ends[2], ends[3]


def _line(ax: Axes, shown: Surface, level: Floats, gid: str, **look: Any) -> None:
    """The line on which a grid of numbers over the surface passes 0, if it does."""
    x, y = np.linspace(*shown.xlim, level.shape[1]), np.linspace(*shown.ylim, level.shape[0])
    finite = level[np.isfinite(level)]
    if finite.size == 0 or not finite.min() < 0 < finite.max():
        return
    drawn = ax.contour(x, y, level, levels=[0.0], zorder=2, **look)
    drawn.set_gid(gid)


def graph(page: Page, frame: Frame, shown: GraphPicture) -> Axes:
    """Nodes in the colours of their guesses; squares were told, crosses are wrong."""
    ax = page.axes(frame, "graph")
    ax.grid(False)
    ax.set_xticks([])
    ax.set_yticks([])
    low, high = shown.positions.min(axis=0), shown.positions.max(axis=0)
    middle, half = 0.5 * (low + high), 0.54 * np.maximum(high - low, 1e-9)
    ax.set_xlim(middle[0] - half[0], middle[0] + half[0])
    ax.set_ylim(middle[1] - half[1], middle[1] + half[1])
    ends = shown.positions[shown.edges]
    gaps = np.full((len(ends), 1, 2), np.nan)
    path = np.concatenate([ends, gaps], axis=1).reshape(-1, 2)
    many = len(shown.positions) > 80
    ax.plot(path[:, 0], path[:, 1], color=page.theme.hatch, lw=0.35 if many else 0.7, zorder=1,
            alpha=0.5 if many else 0.9, gid="edges")  # fmt: skip
    told = np.isin(np.arange(len(shown.positions)), list(shown.labelled))
    wrong = (shown.guesses != shown.groups) & ~told
    size = page.mark * float(np.clip(430.0 * frame.wide / len(shown.positions), 16, 90))
    groups = int(max(shown.groups.max(), shown.guesses.max())) + 1
    colours = np.array(pair(page) if groups <= 2 else class_colours(page))
    for nodes, shape in ((~told & ~wrong, "o"), (wrong, "X"), (told, "s")):
        if nodes.any():
            fills = colours[shown.guesses[nodes] % len(colours)].tolist()
            x, y = shown.positions[nodes].T
            ax.scatter(x, y, s=1.9 * size if shape == "X" else size, c=fills,
                       marker=shape, edgecolors=page.theme.ink if shape == "s" else
                       page.theme.paper, linewidths=0.013 * size if shape == "s" else 0.5, zorder=3,
                       gid="nodes", clip_on=False)  # fmt: skip
    return ax
