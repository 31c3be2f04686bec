"""Pictures as bytes, by matplotlib. One layout pass, one drawing pass, no global state."""

from dataclasses import replace
from typing import Literal

from . import grid
from .data import Picture
from .header import Header
from .legend import SweepBar, curve_styles, picture_legend
from .lower_panels import draw_histogram, draw_residuals, strip_labels
from .output import ShownFigure, rendered
from .page import POINT, Frame, Page, page_for
from .panel import draw_panel
from .scales import scaled_ticks

ROOM_FOR_TWO = 3.5
"""Inches of height from which on two strips leave enough of the panels."""

ROOM_FOR_ERROR = 1.5
"""Inches of width from which on the error of one approximation can be read."""


def render(picture: Picture, kind: Literal["png", "svg", "pdf"]) -> bytes:
    """The finished file."""
    return rendered(lambda: compose(picture), picture, kind)


def default_size(picture: Picture) -> tuple[float, float]:
    """Inches, roomy enough for what the picture holds."""
    return 13.5 if len(picture.panels) > 2 else 10.0, 4.4 + 1.5 * _strips(picture)


def _strips(picture: Picture) -> int:
    """How many strips lie below the panels: one for errors, one for inputs."""
    return bool(picture.residuals) + (picture.histogram is not None)


def compose(picture: Picture) -> ShownFigure:
    """The figure, laid out. Call it inside the style's context."""
    if picture.grid:
        return grid.compose(picture)
    page = page_for(picture, default_size(picture), 9.5, (9, 3.9), (0.62, 1.15))
    height, base = page.height, page.base
    narrow = page.width < ROOM_FOR_ERROR * len(picture.residuals)
    if narrow or (_strips(picture) > 1 and height < ROOM_FOR_TWO):
        picture = replace(picture, residuals=())
    styles = curve_styles(page, picture)
    below = _strips(picture)
    legend = picture_legend(page, picture, (0.2 if below else 0.3) * height)
    bar = SweepBar(page, picture)
    header = Header(page, picture, styles, (0.4 if below else 0.6) * height - legend.height)
    header.draw()
    legend.draw()
    title = 1.7 * base * POINT
    bottom = legend.height + 1.25 * page.tick_size * POINT + 0.06
    strip = max((0.27, 0.27, 0.2)[below] * (height - header.height - legend.height), 0.2)
    step = strip + bottom - legend.height + title
    above = bottom + below * step
    high = max(height - header.height - title - above, 0.3)
    frames = columns(page, picture, above, high, bar.width, strip_labels(page, picture, strip))
    for i, frame in enumerate(frames):
        draw_panel(page, frame, picture, i, styles)
    fronts = zip(styles, picture.curves, strict=True)
    bar.draw([look["color"] for look, curve in fronts if not curve.behind], frames[-1])
    if picture.residuals:
        draw_residuals(page, picture, frames, styles, bottom, strip)
    if picture.histogram:
        base = bottom + (step if picture.residuals else 0.0)
        draw_histogram(page, picture, picture.histogram, frames, base, strip)
    return page.finished()


def most_ticks(high: float) -> int:
    """So many ticks at most on a vertical axis of that length in inches."""
    return max(2 if high < 0.45 else 3, min(7, int(high / 0.38)))


def columns(
    page: Page, picture: Picture, bottom: float, high: float, bar: float, labels: float
) -> list[Frame]:
    """The panels side by side, equally wide, each with room for its own tick labels, which is
    `labels` at least; `bar` is the width of what stands to their right."""
    most = most_ticks(high)
    yticks = [scaled_ticks(panel.yscale, *panel.ylim, most) for panel in picture.panels]
    rooms = [max(page.labels_width(found), labels) + 0.07 for found in yticks]
    gap = 0.03 * page.width + 0.08
    count = len(picture.panels)
    outer = 0.18 + (bar + 0.28 if bar else 0.26)
    wide = max((page.width - outer - sum(rooms) - gap * (count - 1)) / count, 0.4)
    xticks = page.xticks(picture.xlim, wide, picture.xscale)
    frames = []
    left = 0.18
    for panel, found, room in zip(picture.panels, yticks, rooms, strict=True):
        left += room
        frame = Frame(left, bottom, wide, high, picture.xlim, panel.ylim, xticks, found)
        frames.append(replace(frame, xscale=picture.xscale, yscale=panel.yscale))
        left += wide + gap
    return frames
