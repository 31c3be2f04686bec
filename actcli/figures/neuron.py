"""The picture of one neuron: its activation over the plane of two inputs, or along one."""

from dataclasses import replace
from itertools import pairwise
from typing import Any, Literal

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.patches import Polygon
from matplotlib.patheffects import withStroke
from numpy.typing import NDArray

from ..numbers.exact import SATURATED
from ..numbers.types import Floats
from .charts import draw_title, mixed, pair, two_colours
from .data import Limits, Trace
from .legend import LOOSE, Item, Legend, patch, stroke
from .neuron_data import Neuron
from .output import rendered
from .page import DOT, POINT, Frame, Look, Page, page_for
from .ticks import number, ticks

MOST_POINTS = 500
HATCHES: dict[str, str] = {"saturated": "...", "dead": "////"}


def render(neuron: Neuron, kind: Literal["png", "svg", "pdf"]) -> bytes:
    """The finished file; the same bytes for the same neuron."""
    return rendered(lambda: compose(neuron), neuron, kind)


def compose(neuron: Neuron) -> Figure:
    """The figure, laid out. Call it inside the style's context."""
    two = len(neuron.weights) == 2
    page = page_for(neuron, (10.6, 5.7) if two else (10.0, 4.6), 9.8, (10, 5.2), (0.55, 1.25))
    width, base = page.width, page.base
    title = neuron.heading or f"{neuron.label}     {neuron.equation},   a = f(z)"
    top = draw_title(page, title, 0.7) - 0.08
    foot = _legend(page, neuron)
    bottom = foot + 1.3 * page.tick_size * POINT + (1.6 * base * POINT)
    high = max(top - bottom - 1.7 * base * POINT, 0.4)
    if two:
        small = min(1.0, 0.2 + width / 10)
        side = min(high, (0.52 if small == 1 else 0.4) * width)
        plane = Frame(0.75 * small, bottom + high - side, side, side)
        _plane(page, neuron, plane)
        left = plane.right + 1.25 * small
        curve = Frame(left, plane.bottom, max(width - left - 0.3 * small, 0.4), side)
        _curve(page, neuron, curve)
    else:
        wide = max((width - 2 * 0.85 - 0.25) / 2, 0.4)
        _along(page, neuron, Frame(0.8, bottom, wide, high), "a")
        _along(page, neuron, Frame(1.65 + wide, bottom, wide, high), "da")
    return page.finished()


# --- the legend --------------------------------------------------------------------------------


def _legend(page: Page, neuron: Neuron) -> float:
    """What marks mean, at the foot; returns its height."""
    ink, paper = page.theme.ink, page.theme.paper
    items: list[Item] = []
    if any(neuron.weights):
        where = "z = 0"
        if len(neuron.weights) == 1:
            where = f"threshold: z = 0 at {neuron.names[0]} = {number(threshold(neuron))}"
        items.append(([stroke(0, 0.26, color=ink, lw=1.8)], where))
        if len(neuron.weights) > 1:
            head = stroke(0.22, marker=">", ms=6, mfc=ink, mec=ink)
            arrow = [stroke(0, 0.2, color=ink, lw=2.4), head]
            items.append((arrow, "weight vector w (its direction)"))
    if _shown_decisions(neuron):
        line = stroke(0, 0.26, color=ink, lw=1.5, ls=(0, (4, 2)))
        items.append(([line], f"decision: a = {number(neuron.mid)}"))
    rows = [("row", "row")] if len(neuron.rows) else []
    if neuron.classes is not None:
        rows = [(f"class-{k}", name) for k, name in enumerate(neuron.class_names)]
    items += [([stroke(0.13, mec=paper, **DOT | _point(page, row))], name) for row, name in rows]
    if neuron.classes is not None and neuron.wrong is not None and neuron.wrong.any():
        items.append(([stroke(0.13, marker="x", ms=6.5, mec=ink, mew=1.6)], "on the wrong side"))
    kinds = {span.kind for span in neuron.spans}
    for kind, meaning in (
        ("saturated", f"saturated: |f′(z)| < {SATURATED:g}"),
        ("dead", "dead: f constant, gradient 0"),
    ):
        if kind in kinds:
            look = {"facecolor": paper, "edgecolor": page.theme.muted, "lw": 0}
            items.append(([patch(0, -0.06, 0.26, 0.13, hatch=HATCHES[kind], **look)], meaning))
    legend = Legend(
        page, items if neuron.legend else [], 0.9 * page.base, replace(LOOSE, sample=0.58)
    )
    legend.draw()
    return legend.height


def _point(page: Page, mark: str) -> Look:
    """How a row is drawn: by class, in shape and colour."""
    if mark == "row":
        return {"marker": "o", "mfc": page.theme.ink}
    k = int(mark[-1])
    colour = to_hex(mixed(pair(page)[k], page.theme.ink, 0.5))
    return {"marker": "os"[k], "mfc": colour, "ms": 6.0 - 0.6 * k}


# --- two inputs --------------------------------------------------------------------------------


def _plane(page: Page, neuron: Neuron, frame: Frame) -> None:
    """The activation in bands of colour, the line z = 0, the weight vector and the rows."""
    ax = _axes(page, frame, neuron.xlim, neuron.ylim, "plane")
    ax.grid(False)
    bands = colour_bands(neuron.curve, neuron.zlim, neuron.alim)
    cmap = two_colours(page)
    (x0, x1), (y0, y1) = neuron.xlim, neuron.ylim
    corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]])
    weights = np.asarray(neuron.weights, dtype=np.float64)
    if not weights.any():
        here = [dot.y for dot in neuron.curve.dots if dot.filled and dot.x == neuron.bias]
        bands = [(neuron.bias, y) for y in here] or [b for b in bands if b[0] <= neuron.bias][-1:]
    for k, (low, level) in enumerate(bands):
        # each band covers all that lies half_plane_part its lower line, and so leaves no gap
        shape = corners if k == 0 else half_plane_part(corners, weights, low - neuron.bias)
        if len(shape) > 2:
            colour = cmap(_share(level, neuron.ends))
            ax.add_patch(Polygon(shape, facecolor=colour, lw=0, zorder=0.5, gid="band"))
            if k > 0 and len(bands) < 60:
                _level(ax, neuron, low, "band-line", color=page.theme.paper, lw=0.5, zorder=0.8)
    _spans_in_plane(page, ax, neuron, corners, weights)
    _level(ax, neuron, 0.0, "zero", color=page.theme.ink, lw=1.8)
    for level in _shown_decisions(neuron):
        _level(ax, neuron, level, "decision", color=page.theme.ink, lw=1.5, ls=(0, (4, 2)))
    _arrow(page, ax, neuron, frame)
    if len(neuron.rows):
        _points(page, ax, neuron, neuron.rows[:, 0], neuron.rows[:, 1])
    page.caption(frame, "collect:  z = w·x + b,  colour: activation a", "panel-title")
    _axis_name(page, frame, f"{neuron.names[0]} →")
    up = page.shortened(f"{neuron.names[1]} ↑", page.tick_size, frame.left - 0.16)
    page.text(frame.left - 0.1, frame.top + 0.07, up, page.tick_size, page.theme.muted, ha="right",
               gid="axis-name")  # fmt: skip


def _axes(
    page: Page, frame: Frame, xlim: Limits, ylim: Limits, gid: str, step: float = 0.45
) -> Axes:
    """The frame with these limits, and ticks about every `step` inches up."""
    frame.xlim, frame.ylim = xlim, ylim
    frame.xticks = page.xticks(xlim, frame.wide)
    frame.yticks = ticks(*ylim, max(3, min(8, int(frame.high / step))))
    return page.axes(frame, gid)


def _axis_name(page: Page, frame: Frame, name: str) -> None:
    under = frame.bottom - 2.75 * page.tick_size * POINT
    page.text(frame.right, under, name, page.tick_size, page.theme.muted, ha="right",
               gid="axis-name")  # fmt: skip


def _share(level: float, ends: Limits) -> float:
    """Where the level lies between the ends, from 0 to 1."""
    return float(np.clip((level - ends[0]) / (ends[1] - ends[0]), 0, 1))


def colour_bands(curve: Trace, zlim: Limits, alim: Limits) -> list[tuple[float, float]]:
    """(lower z, output in the middle) of the bands between round outputs, by ascending z."""
    step = np.diff(ticks(*alim, 14).at)[:1]
    unit = float(step[0]) if step.size else (alim[1] - alim[0]) / 10
    found: list[tuple[float, float]] = []
    for x, y in curve.pieces:
        z = np.linspace(x[0], x[-1], 4001)
        a = np.interp(z, x, y)
        band = np.floor(a / unit + 1e-9)
        starts = np.concatenate([[0], 1 + np.flatnonzero(np.diff(band)), [z.size]])
        for first, stop in pairwise(starts.tolist()):
            found.append((float(z[first]), float(np.median(a[first:stop]))))
    merged: list[tuple[float, float]] = []
    for low, level in found:  # a curve that creeps up to a round number makes no new band
        if not merged or abs(level - merged[-1][1]) > 0.02 * unit:
            merged.append((low, level))
    return merged or [(zlim[0], 0.0)]


def half_plane_part(corners: Floats, weights: Floats, level: float) -> Floats:
    """The part of a convex polygon where w.x >= level; maybe empty."""
    kept = []
    heights = corners @ weights - level
    for k, (point, height) in enumerate(zip(corners, heights, strict=True)):
        before, last = corners[k - 1], heights[k - 1]
        if (height >= 0) != (last >= 0):
            share = last / (last - height)
            kept.append(before + share * (point - before))
        if height >= 0:
            kept.append(point)
    return np.array(kept).reshape(-1, 2)


def _spans_in_plane(page: Page, ax: Axes, neuron: Neuron, corners: Floats, weights: Floats) -> None:
    """Dead and saturated regions, hatched."""
    for span in neuron.spans:
        shape = corners
        if weights.any():
            shape = half_plane_part(corners, weights, span.low - neuron.bias)
            if len(shape) > 2:
                shape = half_plane_part(shape, -weights, neuron.bias - span.high)
        elif not span.low <= neuron.bias <= span.high:
            continue
        if len(shape) > 2:
            with matplotlib.rc_context({"hatch.color": page.theme.ink}):
                ax.add_patch(Polygon(shape, facecolor="none", edgecolor=page.theme.ink, lw=0,
                                     hatch=HATCHES[span.kind], zorder=1, gid=span.kind,
                                     alpha=0.3 if span.kind == "dead" else 0.5)
                             )  # fmt: skip


def _level(ax: Axes, neuron: Neuron, z: float, gid: str, **look: Any) -> None:
    """The line w.x + b = z across the plane."""
    weights = np.asarray(neuron.weights, dtype=np.float64)
    if not weights.any():
        return
    unit = np.array([neuron.xlim[1] - neuron.xlim[0], neuron.ylim[1] - neuron.ylim[0]])
    low = np.array([neuron.xlim[0], neuron.ylim[0]])
    scaled = weights * unit  # in a square of side 1 the arithmetic keeps its digits
    gap = (z - neuron.bias - weights @ low) / float(scaled @ scaled)
    foot, along = gap * scaled, np.array([-scaled[1], scaled[0]]) / float(np.hypot(*scaled))
    middle = float((np.array([0.5, 0.5]) - foot) @ along)
    if np.hypot(*(foot + middle * along - 0.5)) > 0.75:
        return
    ends = [low + unit * (foot + (middle + t) * along) for t in (-1.5, 1.5)]
    ax.plot(*np.transpose(ends), gid=gid, scalex=False, scaley=False, **{"zorder": 3} | look)


def _arrow(page: Page, ax: Axes, neuron: Neuron, frame: Frame) -> None:
    """The weight vector from the line z = 0, a quarter of the plane long, across rising z; where on
    the line, so that it hides no row."""
    weights = np.asarray(neuron.weights, dtype=np.float64)
    if not weights.any():
        return
    size = np.array([frame.wide, frame.high])
    unit = np.array([neuron.xlim[1] - neuron.xlim[0], neuron.ylim[1] - neuron.ylim[0]])
    middle = np.array([np.mean(neuron.xlim), np.mean(neuron.ylim)])
    across = weights * unit / size  # z's gradient on paper, per inch
    gap = -(weights @ middle + neuron.bias) / float(across @ across)
    foot = middle + gap * across * unit / size
    low = np.array([neuron.xlim[0], neuron.ylim[0]])
    on_paper = (foot - low) / unit
    if not np.all((on_paper > 0.02) & (on_paper < 0.98)):
        foot = middle
    direction = across / np.hypot(*across)
    way = 0.22 * frame.wide * direction * unit / size
    along = np.array([-direction[1], direction[0]]) * frame.wide * unit / size
    rows = (neuron.rows - low) / unit
    best, room = (foot, foot + way), -1.0
    for shift in (0.0, -0.12, 0.12, -0.24, 0.24):
        start = foot + shift * along
        inside = (np.array([start, start + way]) - low) / unit
        if not np.all((inside[0] > 0) & (inside[0] < 1)):
            continue
        if not np.all((inside[1] > 0) & (inside[1] < 1)):
            start = start - way  # it points to the line instead
        shaft = (start + np.linspace(0, 1, 9)[:, None] * way - low) / unit
        away = np.hypot(*(shaft[:, None] - rows[None]).T).min(initial=1.0)
        if away > room + 0.05 and room < 0.1:
            best, room = (start, start + way), float(away)
    foot, tip = best
    ax.annotate("", xy=(float(tip[0]), float(tip[1])), xytext=(float(foot[0]), float(foot[1])),
                zorder=7, gid="weights",
                arrowprops={"arrowstyle": "-|>,head_width=0.32,head_length=0.6", "lw": 2.4,
                            "color": page.theme.ink, "shrinkA": 0, "shrinkB": 0,
                            "path_effects": [withStroke(linewidth=4, foreground=page.theme.paper)]}
                )  # fmt: skip


def _points(page: Page, ax: Axes, neuron: Neuron, x: Floats, y: Floats) -> None:
    """The rows, by class; those on the wrong side are crossed out."""
    every = max(1, -(-len(x) // MOST_POINTS))
    small = 1.0 if len(x) < 60 else 0.75
    groups: list[tuple[str, NDArray[np.bool_]]] = [("row", np.ones(len(x), dtype=bool))]
    if neuron.classes is not None:
        groups = [(f"class-{k}", neuron.classes == k) for k in (0, 1)]
    shown = np.arange(len(x)) % every == 0
    for mark, mine in groups:
        look: Look = DOT | {"ms": 6.0} | _point(page, mark)
        look["ms"] *= small * page.mark
        ax.plot(x[mine & shown], y[mine & shown], ls="", mec=page.theme.paper, zorder=7.5, gid=mark,
                clip_on=False, **look)  # fmt: skip
    if neuron.wrong is not None:
        ax.plot(x[neuron.wrong & shown], y[neuron.wrong & shown], ls="", marker="x", zorder=7.4,
                ms=12 * small * page.mark, mec=page.theme.ink, mew=1.5, gid="wrong"
                )  # fmt: skip


def _curve(page: Page, neuron: Neuron, frame: Frame) -> None:
    """a = f(z) beside the colours of the plane, with the rows on it."""
    cmap, bands = two_colours(page), 48
    tall = frame.high / bands
    for k in range(bands):
        level = neuron.alim[0] + (k + 0.5) / bands * (neuron.alim[1] - neuron.alim[0])
        page.box(frame.left - 0.19, frame.bottom + k * tall, 0.13, tall, lw=0, gid="colours",
                  facecolor=cmap(_share(level, neuron.ends)), antialiased=False)  # fmt: skip
    _along(page, neuron, frame, "curve").tick_params(axis="y", pad=17 * page.scale)


def _shown_decisions(neuron: Neuron) -> list[float]:
    """Those that are not the line z = 0 itself."""
    width = neuron.zlim[1] - neuron.zlim[0]
    return [z for z in neuron.decisions if abs(z) > 1e-6 * width]


# --- one input ---------------------------------------------------------------------------------


def threshold(neuron: Neuron) -> float:
    """The x at which the only input makes z = 0."""
    return -neuron.bias / neuron.weights[0] + 0.0


def _along(page: Page, neuron: Neuron, frame: Frame, what: Literal["a", "da", "curve"]) -> Axes:
    """The output, or its gradient, along the only input; or the output along z ("curve")."""
    value, name = what != "da", neuron.names[0]
    xlim, x = neuron.xlim, neuron.rows[:, 0]
    weight, bias = neuron.weights[0], neuron.bias
    caption = "output  a" if value else f"gradient  da/d{name}"
    if what == "curve":
        xlim, x, weight, bias = neuron.zlim, neuron.z, 1.0, 0.0
        caption, name = "activate:  a = f(z)", "z"
    ylim = neuron.alim if value else neuron.glim
    ax = _axes(page, frame, xlim, ylim, what, 0.45 if what == "curve" else 0.4)
    for span in neuron.spans:
        ax.axvspan(span.low, span.high, facecolor="none", edgecolor=page.theme.muted, lw=0,
                   alpha=0.45, hatch=HATCHES[span.kind], zorder=0.5, gid=span.kind)  # fmt: skip
    level = 0.0 if ylim[0] <= 0 <= ylim[1] else ylim[0]
    ax.axhline(level, color=page.theme.axis, lw=1.0, zorder=1, gid="axis-x")
    if weight:
        ax.axvline(-bias / weight + 0.0, color=page.theme.ink, lw=1.8, zorder=2, gid="zero")
        for level in _shown_decisions(neuron):
            ax.axvline((level - bias) / weight, color=page.theme.ink, lw=1.5, zorder=2,
                       ls=(0, (4, 2)), gid="decision")  # fmt: skip
    _trace(page, ax, neuron.curve if value else neuron.gradient)
    if len(neuron.rows):
        _points(page, ax, neuron, x, neuron.a if value else neuron.da)
    ax.set_xlim(*xlim)
    ax.set_ylim(*ylim)
    page.caption(frame, caption, "panel-title")
    _axis_name(page, frame, f"{name} →")
    return ax


def _trace(page: Page, ax: Axes, trace: Trace) -> None:
    """The curve, with the ends of its jumps."""
    width = 1.2 * matplotlib.rcParams["lines.linewidth"] * page.mark
    colour = page.theme.curves[0]
    for x, y in trace.pieces:
        ax.plot(x, y, color=colour, lw=width, zorder=4, gid="curve")
    for dot in trace.dots:
        ax.plot([dot.x], [dot.y], marker="o", ms=6 * page.mark, mew=1.4, mec=colour, zorder=4.5,
                mfc=colour if dot.filled else page.theme.paper, clip_on=False,
                gid="filled" if dot.filled else "open")  # fmt: skip
