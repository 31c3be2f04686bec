"""What a network has learned: its output over the plane, or its guesses on a graph."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from numpy.typing import NDArray

from ..numbers.types import Floats
from .charts import mixed, pair, two_colours
from .data import Limits
from .page import Frame, Page
from .ticks import ticks

MOST_POINTS = 400


@dataclass(frozen=True)
class Surface:
    """What a network has learned on the plane, and the data it learned from.

    `values` has shape (height, width), its first row on the lower edge, its last on the upper:
    the output, or the number of the likeliest of more than two `classes` (0: a quantity).
    `targets` are on the same scale, `span` is what the colours reach from and to. `units` (u,
    height, width) are inputs of hidden units, whose 0 is the line where a unit turns on or off.
    """

    xlim: Limits
    ylim: Limits
    values: Floats
    points: Floats
    targets: Floats
    span: Limits = (-1.0, 1.0)
    classes: int = 2
    units: Sequence[Floats] = ()


@dataclass(frozen=True)
class Graph:
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
    colours = page.theme.curves
    extent = _extent(shown)
    if many:
        palette = np.array([mixed(c, page.theme.paper, 0.45) for c in colours])
        pixels = palette[np.asarray(shown.values, dtype=int) % len(colours)]
        ax.imshow(pixels, origin="lower", extent=extent, aspect="auto", zorder=0,
                  interpolation="nearest")  # fmt: skip
        fills = [colours[int(t) % len(colours)] for t in shown.targets]
    else:
        cmap = two_colours(page, steps)
        ax.imshow(shown.values, origin="lower", extent=extent, aspect="auto", zorder=0, cmap=cmap,
                  vmin=low, vmax=high, interpolation="bilinear", interpolation_stage="data")  # fmt: skip
        share = np.clip((shown.targets - low) / ((high - low) or 1.0), 0, 1)
        fills = [to_hex(mixed(cmap(float(s)), page.theme.ink, 0.2)) for s in share]
    x = np.linspace(*shown.xlim, shown.values.shape[1])
    y = np.linspace(*shown.ylim, shown.values.shape[0])
    if shown.classes == 2:
        _line(ax, x, y, shown.values - 0.5 * (low + high), "decision", colors=[page.theme.ink],
              linewidths=[1.8], linestyles=["solid"], alpha=1.0)  # fmt: skip
    for unit in shown.units:
        _line(ax, x, y, unit, "unit", colors=[page.theme.ink], linewidths=[0.9],
              linestyles=[(0, (4, 2))], alpha=0.75)  # fmt: skip
    every = max(1, -(-len(shown.points) // MOST_POINTS))
    edge = page.theme.paper if shown.classes else page.theme.muted
    ax.scatter(shown.points[::every, 0], shown.points[::every, 1], s=(6.0 * frame.wide) * page.mark,
               c=fills[::every], edgecolors=edge, linewidths=0.5, zorder=3, gid="data")  # fmt: skip
    ax.set_xlim(*shown.xlim)
    ax.set_ylim(*shown.ylim)
    for spine in ax.spines.values():
        spine.set(visible=True, color=page.theme.hatch, linewidth=0.6)
    return ax


def _extent(shown: Surface) -> tuple[float, float, float, float]:
    """The edges of the outermost pixels, whose middles lie on the limits."""
    rows, columns = shown.values.shape
    ends: list[float] = []
    for (low, high), count in ((shown.xlim, columns), (shown.ylim, rows)):
        half = 0.5 * (high - low) / max(count - 1, 1)
        ends += [low - half, high + half]
    return ends[0], ends[1], ends[2], ends[3]


def _line(ax: Axes, x: Floats, y: Floats, level: Floats, gid: str, **look: Any) -> None:
    """The line on which a grid of numbers passes 0, if it does."""
    finite = level[np.isfinite(level)]
    if finite.size == 0 or not finite.min() < 0 < finite.max():
        return
    drawn = ax.contour(x, y, level, levels=[0.0], zorder=2, **look)
    drawn.set_gid(gid)


def graph(page: Page, frame: Frame, shown: Graph) -> Axes:
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
    colours = np.array(pair(page) if groups <= 2 else [to_hex(c) for c in page.theme.curves])
    for nodes, shape in ((~told & ~wrong, "o"), (wrong, "X"), (told, "s")):
        if nodes.any():
            fills = colours[shown.guesses[nodes] % len(colours)].tolist()
            x, y = shown.positions[nodes].T
            ax.scatter(x, y, s=1.9 * size if shape == "X" else size, c=fills,
                       marker=shape, edgecolors=page.theme.ink if shape == "s" else
                       page.theme.paper, linewidths=0.013 * size if shape == "s" else 0.5, zorder=3,
                       gid="nodes", clip_on=False)  # fmt: skip
    return ax
