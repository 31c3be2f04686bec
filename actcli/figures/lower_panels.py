"""Strips below the panels: what an approximation misses, and a histogram of the inputs."""

from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray

from ..numbers.types import Floats
from .data import ErrorStrip, Histogram, Picture
from .label_placement import empty_room, put_label
from .legend import state_look
from .page import DOT, POINT, SMALLEST, Frame, Look, Page, plot
from .ticks import Ticks, number, percent, ticks

STATES = ("alive", "saturated", "dead")
LEAST_APART = 0.13
"""Inches between two tick labels."""
LABEL_LINE = 0.28
"""Inches beyond the largest error, for its label."""


def strip_labels(page: Page, picture: Picture, high: float) -> float:
    """Room that the tick labels of the strips need, in inches."""
    found = [_error_axis(page, residual, high)[1] for residual in picture.residuals]
    if picture.histogram is not None:
        counts = picture.histogram.counts, picture.histogram.gradient_counts
        found += [_count_ticks(each, high) for each in counts]
    return max((page.labels_width(each) for each in found), default=0.0)


def _name(picture: Picture, k: int) -> str:
    """A curve's label; in a sweep the value that sets it apart."""
    if not picture.sweep:
        return picture.curves[k].label
    behind = sum(curve.behind for curve in picture.curves[:k])
    return f"{picture.sweep.parameter}={number(picture.sweep.values[k - behind], 4)}"


# --- errors --------------------------------------------------------------------------------


def draw_residuals(
    page: Page,
    picture: Picture,
    frames: list[Frame],
    styles: list[Look],
    bottom: float,
    high: float,
) -> None:
    """One strip per approximation, side by side: each has an error of its own size."""
    count = len(picture.residuals)
    gap = frames[1].left - frames[0].right if len(frames) > 1 else 0.5
    wide = (frames[-1].right - frames[0].left - gap * (count - 1)) / count
    for k, residual in enumerate(picture.residuals):
        left = frames[k].left if count == len(frames) else frames[0].left + k * (wide + gap)
        wide = frames[k].wide if count == len(frames) else wide
        ylim, yticks = _error_axis(page, residual, high)
        xticks = page.xticks(picture.xlim, wide, picture.xscale)
        frame = Frame(left, bottom, wide, high, picture.xlim, ylim, xticks, yticks, picture.xscale)
        title = f"{residual.kind}  {picture.curves[residual.curve].label} − {residual.exact}"
        if picture.sweep:  # which function it is stands in the title
            title = f"{residual.kind}  {_name(picture, residual.curve)}"
        unplaced = _residual(page, frame, residual, styles[residual.curve])
        page.caption(frame, ", ".join(filter(None, [title, unplaced])), "error-title")


def _error_axis(page: Page, residual: ErrorStrip, high: float) -> tuple[tuple[float, float], Ticks]:
    """Limits that leave a line for the label beyond the largest error, and ticks."""
    values = np.concatenate([y for _, y in residual.pieces])
    bottom, top = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    wide, narrow = min(LABEL_LINE, 0.45 * high), min(0.1, 0.2 * high)
    unit = ((top - bottom) or 1.0) / (high - wide - narrow)  # of the error, in an inch
    below, above = (narrow, wide) if residual.largest[1] > 0 else (wide, narrow)
    ylim = (bottom - below * unit, top + above * unit)
    if bottom == top:
        return ylim, ticks(*ylim, 3)
    for most in range(max(3, min(5, int(high / 0.3))), 1, -1):
        found = ticks(bottom, top, most)
        if len(found.at) > 1 and found.at[1] - found.at[0] > LEAST_APART * unit:
            return ylim, found
    digit = 10.0 ** np.floor(np.log10(abs(residual.largest[1])))  # a low strip: 0 and one number
    level = float(np.trunc(residual.largest[1] / digit) * digit)
    apart = abs(level) > 0.95 * page.tick_size * POINT * unit
    at = sorted([0.0, level]) if apart else [level]
    return ylim, Ticks(at, [number(v, 1) for v in at])


def _residual(page: Page, frame: Frame, residual: ErrorStrip, look: Look) -> str:
    """The error with its largest value marked; returns the mark's label if it found no room."""
    ax, theme, room = page.axes(frame, "error"), page.theme, empty_room(frame)
    ax.axhline(0, color=theme.axis, lw=1.0, zorder=1)
    if frame.xlim[0] <= 0 <= frame.xlim[1]:
        ax.axvline(0, color=theme.axis, lw=1.0, zorder=1)
    colour = look["color"]
    for x, y in residual.pieces:
        plot(ax, x, y, color=colour, lw=0.85 * look["lw"], zorder=3, gid="error-curve")
        room.add_path(frame.x(x), frame.y(y))
    at, most = residual.largest
    plot(ax, [at], [most], mfc=colour, mec=theme.paper, zorder=6, gid="largest", **DOT)
    for touch, error in residual.touching:
        plot(
            ax,
            [touch],
            [error],
            mfc=colour,
            mec=theme.paper,
            zorder=5,
            gid="touching",
            clip_on=False,
            **DOT,
        )
    place = frame.x(at), frame.y(most)
    room.add_mark(*place, 3.2 * POINT)
    short = f"{number(abs(most))} at x = {number(at)}"
    for text, size in ((f"largest |error| {short}", 0.9), (f"largest {short}", 0.8), (short, 0.8)):
        if put_label(page, room, place, text, size * page.base, colour, up=most > 0,
                     gid="largest-label"):  # fmt: skip
            return ""
    return f"largest {short}"


# --- inputs --------------------------------------------------------------------------------


def draw_histogram(
    page: Page,
    picture: Picture,
    histogram: Histogram,
    frames: list[Frame],
    bottom: float,
    high: float,
) -> None:
    """Inputs under the value panel. Beside them, the gradients there (one function), or how many
    of them each function keeps alive (several)."""
    first, several = frames[0], len(histogram.shares) > 1
    frame = Frame(first.left, bottom, first.wide, high, picture.xlim, xticks=first.xticks,
                  xscale=picture.xscale)  # fmt: skip
    draw_bars(page, frame, "inputs", histogram.edges, histogram.counts, merged=several)
    page.caption(frame, _inputs_title(page, histogram, frame.wide), "inputs-title")
    if len(frames) < 2:
        return
    left, right = frames[1].left, frames[-1].right
    edges = histogram.gradient_edges
    frame = Frame(left, bottom, right - left, high, (float(edges[0]), float(edges[-1])))
    if several:
        _shares(page, picture, histogram, frame)
        return
    frame.xticks = page.xticks(frame.xlim, frame.wide)
    if histogram.levels:
        labels = [number(level) for level in histogram.levels]
        frame.xticks = Ticks([float(i) for i in range(len(labels))], labels)
    ax = draw_bars(page, frame, "gradients", edges, histogram.gradient_counts, merged=False)
    ax.grid(not histogram.levels, axis="x")  # these are names, no scale
    page.caption(frame, "gradients at these inputs", "gradients-title")
    page.text(frame.right + 0.06, bottom, "f′", 1.1 * page.tick_size, page.theme.muted,
               va="center", gid="x")  # fmt: skip


def _inputs_title(page: Page, histogram: Histogram, room: float) -> str:
    """How many inputs from where. It is the name of the file that gives way, not the numbers."""
    source, size = histogram.source, SMALLEST * page.base
    text = f"inputs  {histogram.note}"
    over = page.extent(text, size)[0] - room
    if not source or over <= 0:
        return text
    left = page.extent(source, size)[0] - over
    short = page.shortened(source, size, left)
    if page.extent(short, size)[0] <= left:
        return text.replace(source, short, 1)
    return text.replace(f" from {source}", "", 1)


def _count_ticks(counts: NDArray[np.int64], high: float) -> Ticks:
    top = int(counts.sum(axis=0).max()) or 1
    return ticks(0, 1.08 * top, min(max(2, int(high / 0.34)), top + 1))  # of whole counts


def draw_bars(
    page: Page, frame: Frame, gid: str, edges: Floats, counts: NDArray[np.int64], *, merged: bool
) -> Axes:
    """A histogram, stacked by state unless `merged`."""
    total = counts.sum(axis=0)
    frame.ylim = (0.0, 1.08 * (float(total.max()) or 1.0))
    frame.yticks = _count_ticks(counts, frame.high)
    ax = page.axes(frame, gid)
    ax.axhline(0, color=page.theme.axis, lw=1.0, zorder=4)
    if gid == "inputs" and frame.xlim[0] <= 0 <= frame.xlim[1]:
        ax.axvline(0, color=page.theme.axis, lw=1.0, zorder=4)
    if merged:
        ax.stairs(
            total, edges, fill=True, zorder=3, gid="bar-all", facecolor=page.theme.hatch, lw=0
        )
        return ax
    floor = np.zeros(total.size)
    for state, row in zip(STATES, counts, strict=True):  # one shape each: no lines between bars
        if row.any():
            ax.stairs(floor + row, edges, baseline=floor, fill=True, zorder=3, gid=f"bar-{state}",
                      **state_look(page, state))  # fmt: skip
        floor = floor + row
    return ax


def _shares(page: Page, picture: Picture, histogram: Histogram, frame: Frame) -> None:
    """A row per curve: its name, a bar split into alive, saturated and dead, and the numbers."""
    names = [_name(picture, share.curve) for share in histogram.shares]
    row = frame.high / (len(names) + 0.3)
    texts = [[percent(getattr(share, state)) for share in histogram.shares] for state in STATES]
    size = min(0.95 * page.base, 0.8 * row / POINT)
    for _ in range(2):  # set smaller where the page is too narrow
        head, box, gap = 0.85 * size, 0.6 * size * POINT, 1.1 * size * POINT
        columns = [
            max(
                *(page.extent(text, size)[0] for text in own),
                page.extent(state, head)[0] + box + 0.04,
            )
            for own, state in zip(texts, STATES, strict=True)
        ]
        named = max(page.extent(name, size)[0] for name in names) + 0.02
        named = min(named, 0.35 * frame.wide)
        fits = frame.wide / (named + sum(columns) + gap * len(columns))
        if fits >= 1:
            break
        size *= 0.98 * fits
    left = frame.left + named
    bar = frame.right - sum(columns) - gap * (len(columns) + 1) - left
    bar = bar if bar > 0.4 else 0.0
    page.caption(replace(frame, wide=frame.wide - sum(columns) - gap * len(columns)),
                  "share of the inputs", "shares-title")  # fmt: skip
    right = frame.right
    for state, wide, own in reversed(list(zip(STATES, columns, texts, strict=True))):
        top = frame.top + 0.07
        page.text(right, top, state, head, page.theme.muted, ha="right", gid="share-head")
        page.box(right - page.extent(state, head)[0] - box - 0.03, top, box, box,
                  **state_look(page, state))  # fmt: skip
        for k, text in enumerate(own):
            middle = frame.top - (k + 0.65) * row
            page.text(right, middle, text, size, ha="right", va="center", gid=f"share-{state}")
        right -= wide + gap
    for k, (share, name) in enumerate(zip(histogram.shares, names, strict=True)):
        middle, start = frame.top - (k + 0.65) * row, left + gap
        page.text(frame.left, middle, page.shortened(name, size, left - frame.left), size,
                   va="center", gid="share-name")  # fmt: skip
        for state in STATES:
            part = getattr(share, state) * bar
            if part > 0:
                page.box(start, middle - 0.3 * row, part, 0.6 * row, gid=f"share-bar-{state}",
                          **state_look(page, state))  # fmt: skip
            start += part
