"""Strips below the panels: what an approximation misses, and a histogram of the inputs."""

from typing import Any

import numpy as np

from .data import Histogram, Picture, Residual
from .header import state_look
from .place import Room
from .sheet import POINT, Frame, Sheet, labels_width, xticks_for
from .ticks import Ticks, number, percent, ticks


def draw_residuals(
    sheet: Sheet,
    picture: Picture,
    frames: list[Frame],
    styles: list[dict[str, Any]],
    bottom: float,
    high: float,
    size: float,
) -> None:
    """One strip per approximation, side by side: each has an error of its own size."""
    first, last = frames[0], frames[-1]
    count = len(picture.residuals)
    if count == len(frames):
        cells = [(frame.left, frame.wide) for frame in frames]
    else:
        gap = frames[1].left - frames[0].left - frames[0].wide if len(frames) > 1 else 0.5
        whole = last.left + last.wide - first.left
        wide = (whole - gap * (count - 1)) / count
        cells = [(first.left + i * (wide + gap), wide) for i in range(count)]
    for residual, (left, wide) in zip(picture.residuals, cells, strict=True):
        _residual(sheet, picture, residual, styles[residual.curve],
                  Frame(left, bottom, wide, high, picture.xlim, (0, 1), Ticks([], []),
                        Ticks([], []), size))


def strip_labels(sheet: Sheet, picture: Picture, high: float, size: float) -> float:
    """Room that the tick labels of the strips need, in inches."""
    found = [_error_axis(residual, high)[1] for residual in picture.residuals]
    if picture.histogram is not None:
        found.append(_count_ticks(picture.histogram.counts, high))
        if picture.histogram.gradient_counts.size:
            found.append(_count_ticks(picture.histogram.gradient_counts, high))
    return max((labels_width(sheet, each, size) for each in found), default=0.0)


def _error_axis(residual: Residual, high: float) -> tuple[tuple[float, float], Ticks]:
    values = np.concatenate([y for _, y in residual.pieces])
    bottom, top = min(float(values.min()), 0.0), max(float(values.max()), 0.0)
    height = (top - bottom) or 1.0
    ylim = (bottom - 0.22 * height, top + 0.22 * height)
    return ylim, ticks(*ylim, max(2, min(5, int(high / 0.3))))


def _count_ticks(counts: Any, high: float) -> Ticks:
    most = float(counts.sum(axis=0).max()) or 1.0
    return ticks(0, 1.08 * most, max(2, int(high / 0.34)))


def _residual(
    sheet: Sheet, picture: Picture, residual: Residual, look: dict[str, Any], frame: Frame
) -> None:
    frame.ylim, frame.yticks = _error_axis(residual, frame.high)
    frame.xticks = xticks_for(sheet, frame.xlim, frame.wide, frame.size)
    ax = sheet.axes(frame, "error")
    theme = sheet.theme
    ax.axhline(0, color=theme.axis, lw=1.0, zorder=1)
    if frame.xlim[0] <= 0 <= frame.xlim[1]:
        ax.axvline(0, color=theme.axis, lw=1.0, zorder=1)
    dpi = sheet.figure.dpi
    room = Room((frame.left * dpi, frame.bottom * dpi, (frame.left + frame.wide) * dpi,
                 (frame.bottom + frame.high) * dpi))
    for x, y in residual.pieces:
        ax.plot(x, y, color=look["color"], lw=0.85 * look["lw"], zorder=3, gid="error-curve")
        room.add_path(
            np.array([frame.x(v) for v in x]) * dpi, np.array([frame.y(v) for v in y]) * dpi
        )
    room.add_path(np.array([frame.x(v) for v in frame.xlim]) * dpi,
                  np.full(2, frame.y(0) * dpi), faint=True)
    if frame.xlim[0] <= 0 <= frame.xlim[1]:
        room.add_path(np.full(2, frame.x(0) * dpi),
                      np.array([frame.bottom, frame.bottom + frame.high]) * dpi, faint=True)
    name = picture.curves[residual.curve].label
    top = frame.bottom + frame.high
    sheet.text(frame.left, top + 0.07, f"error  {name} − {residual.exact}", sheet.base,
               theme.muted, gid="error-title")
    if frame.yticks.note:
        sheet.text(frame.left + frame.wide, top + 0.07, frame.yticks.note, 0.9 * frame.size,
                   theme.muted, ha="right", gid="note")
    x, y = residual.largest
    ax.plot([x], [y], marker="o", ms=5, mfc=look["color"], mec=theme.paper, mew=0.8, zorder=6,
            gid="largest")
    text = f"largest |error| {number(abs(y), 3)} at x = {number(x, 3)}"
    size = 0.9 * sheet.base
    wide, tall, _ = sheet.extent(text, size)
    px, py = frame.x(x) * dpi, frame.y(y) * dpi
    half = 3.2 * POINT * dpi
    room.add_box((px - half, py - half, px + half, py + half))
    box = room.find(px, py, wide * dpi, tall * dpi, y > 0, 2.6 * POINT * dpi)
    if box is None:
        sheet.text(frame.left + frame.wide, top + 0.07, text, size, look["color"], ha="right",
                   gid="largest-label")
        return
    sheet.text((box[0] + box[2]) / 2 / dpi, (box[1] + box[3]) / 2 / dpi, text, size,
               look["color"], ha="center", va="center", gid="largest-label")


# --- inputs --------------------------------------------------------------------------------

STATES = ("alive", "saturated", "dead")


def draw_histogram(
    sheet: Sheet,
    picture: Picture,
    frames: list[Frame],
    bottom: float,
    high: float,
    size: float,
) -> None:
    """Inputs under the value panel. Beside them, the gradients there (one function), or how many
    of them each function keeps alive (several)."""
    histogram = picture.histogram
    assert histogram is not None
    first, several = frames[0], len(histogram.shares) > 1
    top = bottom + high
    frame = Frame(first.left, bottom, first.wide, high, picture.xlim, (0, 1), first.xticks,
                  Ticks([], []), size)  # fmt: skip
    _bars(sheet, frame, "inputs", histogram.edges, histogram.counts, several)
    sheet.text(frame.left, top + 0.07, f"inputs  {histogram.note}", sheet.base,
               sheet.theme.muted, gid="inputs-title")
    if len(frames) < 2:
        return
    left, right = frames[1].left, frames[-1].left + frames[-1].wide
    if several:
        _shares(sheet, picture, histogram, left, right, bottom, top)
        return
    edges = histogram.gradient_edges
    span = (float(edges[0]), float(edges[-1]))
    frame = Frame(left, bottom, right - left, high, span, (0, 1),
                  xticks_for(sheet, span, right - left, size), Ticks([], []), size)  # fmt: skip
    _bars(sheet, frame, "gradients", edges, histogram.gradient_counts, False)
    sheet.text(left, top + 0.07, "gradients at these inputs", sheet.base, sheet.theme.muted,
               gid="gradients-title")
    sheet.text(right + 0.06, bottom, "f′", 1.1 * size, sheet.theme.muted, va="center", gid="x")


def _bars(
    sheet: Sheet, frame: Frame, gid: str, edges: Any, counts: Any, merged: bool
) -> None:
    """A histogram, stacked by state."""
    total = counts.sum(axis=0)
    frame.ylim = (0.0, 1.08 * (float(total.max()) or 1.0))
    frame.yticks = _count_ticks(counts, frame.high)
    ax = sheet.axes(frame, gid)
    ax.axhline(0, color=sheet.theme.axis, lw=1.0, zorder=4)
    floor = np.zeros(total.size)
    for state, row in zip(STATES, [total] if merged else counts, strict=False):
        some = row > 0
        ax.bar(edges[:-1][some], row[some], width=np.diff(edges)[some], bottom=floor[some],
               align="edge", zorder=3, gid=f"bar-{state}", **state_look(sheet, state))
        floor = floor + row
    if frame.xlim[0] <= 0 <= frame.xlim[1]:
        ax.axvline(0, color=sheet.theme.axis, lw=1.0, zorder=4)


def _shares(
    sheet: Sheet,
    picture: Picture,
    histogram: Histogram,
    left: float,
    right: float,
    bottom: float,
    top: float,
) -> None:
    """One bar per curve, split into alive, saturated and dead; a legend with the numbers."""
    count = len(histogram.shares)
    block = (top - bottom) / count
    size = min(0.95 * sheet.base, 0.5 * block / POINT / 1.5)
    line = 1.5 * size * POINT
    sheet.text(left, top + 0.07, "share of the inputs", sheet.base, sheet.theme.muted,
               gid="shares-title")
    names = [picture.curves[share.curve].label for share in histogram.shares]
    column = max(sheet.extent(name, size)[0] for name in names) + 0.15
    for k, (share, name) in enumerate(zip(histogram.shares, names, strict=True)):
        upper = top - k * block
        tall = float(np.clip(block - 1.35 * line, 0.04, 0.2))
        base = upper - tall - 0.95 * line
        x = left
        for state in STATES:
            part = getattr(share, state) * (right - left)
            if part > 0:
                sheet.box(x, upper - tall, part, tall, gid=f"share-{state}",
                          **state_look(sheet, state))
            x += part
        sheet.text(left, base, name, size, gid="share-name")
        x = left + column
        step = (right - x) / 3
        for state in STATES:
            sheet.box(x, base - 0.01, 0.8 * size * POINT, 0.75 * size * POINT,
                      **state_look(sheet, state))
            sheet.text(x + 1.2 * size * POINT, base, f"{state} {percent(getattr(share, state))}",
                       size, gid="share")
            x += step
