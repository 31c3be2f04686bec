"""Strips below the panels: what an approximation misses, and a histogram of the inputs."""

from typing import Any

import numpy as np

from .data import Histogram, Picture, Residual
from .key import state_look
from .labels import empty_room, put_label
from .sheet import DOT, POINT, Frame, Sheet
from .ticks import Ticks, number, percent, ticks

STATES = ("alive", "saturated", "dead")
LABEL_LINE = 0.28
"""Inches beyond the largest error, for its label."""


def strip_labels(sheet: Sheet, picture: Picture, high: float) -> float:
    """Room that the tick labels of the strips need, in inches."""
    found = [_error_axis(residual, high)[1] for residual in picture.residuals]
    if picture.histogram is not None:
        counts = picture.histogram.counts, picture.histogram.gradient_counts
        found += [_count_ticks(each, high) for each in counts]
    return max((sheet.labels_width(each) for each in found), default=0.0)


# --- errors --------------------------------------------------------------------------------


def draw_residuals(
    sheet: Sheet,
    picture: Picture,
    frames: list[Frame],
    styles: list[dict[str, Any]],
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
        ylim, yticks = _error_axis(residual, high)
        xticks = sheet.xticks(picture.xlim, wide)
        frame = Frame(left, bottom, wide, high, picture.xlim, ylim, xticks, yticks)
        label = picture.curves[residual.curve].label
        sheet.caption(frame, f"error  {label} − {residual.exact}", "error-title")
        _residual(sheet, frame, residual, styles[residual.curve])


def _error_axis(residual: Residual, high: float) -> tuple[tuple[float, float], Ticks]:
    """Limits that leave a line for the label beyond the largest error, and ticks."""
    values = np.concatenate([y for _, y in residual.pieces])
    bottom, top = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    wide, narrow = min(LABEL_LINE, 0.45 * high), min(0.1, 0.2 * high)
    unit = ((top - bottom) or 1.0) / (high - wide - narrow)  # of the error, in an inch
    below, above = (narrow, wide) if residual.largest[1] > 0 else (wide, narrow)
    ylim = (bottom - below * unit, top + above * unit)
    return ylim, ticks(*ylim, max(2, min(5, int(high / 0.3))))


def _residual(sheet: Sheet, frame: Frame, residual: Residual, look: dict[str, Any]) -> None:
    """The error with its largest value marked."""
    ax, theme, room = sheet.axes(frame, "error"), sheet.theme, empty_room(frame)
    ax.axhline(0, color=theme.axis, lw=1.0, zorder=1)
    if frame.xlim[0] <= 0 <= frame.xlim[1]:
        ax.axvline(0, color=theme.axis, lw=1.0, zorder=1)
    colour = look["color"]
    for x, y in residual.pieces:
        ax.plot(x, y, color=colour, lw=0.85 * look["lw"], zorder=3, gid="error-curve")
        room.add_path(frame.x(x), frame.y(y))
    at, most = residual.largest
    ax.plot([at], [most], mfc=colour, mec=theme.paper, zorder=6, gid="largest", **DOT)
    place = frame.x(at), frame.y(most)
    room.add_mark(*place, 3.2 * POINT)
    text, size = f"largest |error| {number(abs(most))} at x = {number(at)}", 0.9 * sheet.base
    if not put_label(sheet, room, place, text, size, colour, up=most > 0, gid="largest-label"):
        # no room inside: on the caption's line, where its note would stand
        sheet.text(frame.right - 0.5, frame.top + 0.07, text, size, colour, ha="right",
                   gid="largest-label")  # fmt: skip


# --- inputs --------------------------------------------------------------------------------


def draw_histogram(
    sheet: Sheet,
    picture: Picture,
    histogram: Histogram,
    frames: list[Frame],
    bottom: float,
    high: float,
) -> None:
    """Inputs under the value panel. Beside them, the gradients there (one function), or how many
    of them each function keeps alive (several)."""
    first, several = frames[0], len(histogram.shares) > 1
    frame = Frame(first.left, bottom, first.wide, high, picture.xlim, xticks=first.xticks)
    _bars(sheet, frame, "inputs", histogram.edges, histogram.counts, merged=several)
    sheet.caption(frame, f"inputs  {histogram.note}", "inputs-title")
    if len(frames) < 2:
        return
    left, right = frames[1].left, frames[-1].right
    edges = histogram.gradient_edges
    frame = Frame(left, bottom, right - left, high, (float(edges[0]), float(edges[-1])))
    if several:
        _shares(sheet, picture, histogram, frame)
        return
    frame.xticks = sheet.xticks(frame.xlim, frame.wide)
    if histogram.levels:
        labels = [number(level) for level in histogram.levels]
        frame.xticks = Ticks([float(i) for i in range(len(labels))], labels)
    _bars(sheet, frame, "gradients", edges, histogram.gradient_counts, merged=False)
    sheet.caption(frame, "gradients at these inputs", "gradients-title")
    sheet.text(frame.right + 0.06, bottom, "f′", 1.1 * sheet.tick_size, sheet.theme.muted,
               va="center", gid="x")  # fmt: skip


def _count_ticks(counts: Any, high: float) -> Ticks:
    return ticks(0, 1.08 * (float(counts.sum(axis=0).max()) or 1.0), max(2, int(high / 0.34)))


def _bars(sheet: Sheet, frame: Frame, gid: str, edges: Any, counts: Any, *, merged: bool) -> None:
    """A histogram, stacked by state unless `merged`."""
    total = counts.sum(axis=0)
    frame.ylim = (0.0, 1.08 * (float(total.max()) or 1.0))
    frame.yticks = _count_ticks(counts, frame.high)
    ax = sheet.axes(frame, gid)
    ax.axhline(0, color=sheet.theme.axis, lw=1.0, zorder=4)
    if gid == "inputs" and frame.xlim[0] <= 0 <= frame.xlim[1]:
        ax.axvline(0, color=sheet.theme.axis, lw=1.0, zorder=4)
    floor = np.zeros(total.size)
    for state, row in zip(STATES, [total] if merged else counts, strict=False):
        some = row > 0
        ax.bar(edges[:-1][some], row[some], width=np.diff(edges)[some], bottom=floor[some],
               align="edge", zorder=3, gid=f"bar-{state}", **state_look(sheet, state)
               )  # fmt: skip
        floor = floor + row


def _shares(sheet: Sheet, picture: Picture, histogram: Histogram, frame: Frame) -> None:
    """One bar per curve, split into alive, saturated and dead; below it the numbers."""
    sheet.caption(frame, "share of the inputs", "shares-title")
    block = frame.high / len(histogram.shares)
    size = min(0.95 * sheet.base, 0.33 * block / POINT)
    names = [picture.curves[share.curve].label for share in histogram.shares]
    widths = [max(sheet.extent(name, size)[0] for name in names) + 0.15]
    widths += [sheet.extent(f"{state} > 99.9 %", size)[0] + 2 * size * POINT for state in STATES]
    shrink = min(1.0, frame.wide / sum(widths))
    size, widths = shrink * size, [shrink * width for width in widths]
    for k, (share, name) in enumerate(zip(histogram.shares, names, strict=True)):
        top = frame.top - k * block
        tall = float(np.clip(block - 2 * size * POINT, 0.04, 0.2))
        base = top - tall - 1.4 * size * POINT
        bar, text = frame.left, frame.left + widths[0]
        sheet.text(frame.left, base, name, size, gid="share-name")
        for state, width in zip(STATES, widths[1:], strict=True):
            look, part = state_look(sheet, state), getattr(share, state)
            if part > 0:
                sheet.box(bar, top - tall, part * frame.wide, tall, gid=f"share-{state}", **look)
            bar += part * frame.wide
            sheet.box(text, base - 0.01, 0.8 * size * POINT, 0.75 * size * POINT, **look)
            sheet.text(text + 1.2 * size * POINT, base, f"{state} {percent(part)}", size,
                       gid="share")  # fmt: skip
            text += width
