"""Coordinates beside the points that they belong to."""

from typing import Any

import numpy as np

from .label_placement import Room
from .page import POINT, Frame, Sheet, legible

REACH = 11 * POINT
"""A label further from its point than this gets a line to it."""


def empty_room(frame: Frame) -> Room:
    """The frame with its axes as faint lines."""
    edges = frame.left, frame.bottom, frame.right, frame.top
    room = Room(edges, pad=2.4 * POINT, reach=REACH)
    ends_x, ends_y = np.array(frame.xlim), np.array(frame.ylim)
    if frame.ylim[0] <= 0 <= frame.ylim[1]:
        room.add_path(frame.x(ends_x), frame.y(np.zeros(2)), faint=True)
    if frame.xlim[0] <= 0 <= frame.xlim[1]:
        room.add_path(frame.x(np.zeros(2)), frame.y(ends_y), faint=True)
    return room


def put_label(
    sheet: Sheet,
    room: Room,
    at: tuple[float, float],
    text: str,
    size: float,
    colour: Any,
    *,
    up: bool,
    gid: str,
) -> bool:
    """Writes the text near the point (inches), where there is room; whether there was."""
    width, height, _ = sheet.extent(text, size)
    box = room.find(*at, width, height, up)
    if box is None:
        return False
    left, bottom, right, top = box
    ink = legible(colour, sheet.theme)
    near = float(np.clip(at[0], left, right)), float(np.clip(at[1], bottom, top))
    if np.hypot(near[0] - at[0], near[1] - at[1]) > REACH:
        sheet.line([at[0], near[0]], [at[1], near[1]], color=colour, lw=0.6, alpha=0.8,
                   gid="leader")  # fmt: skip
    sheet.text((left + right) / 2, (bottom + top) / 2, text, size, ink, ha="center",
               va="center", gid=gid, clear=room.crosses(box))  # fmt: skip
    return True
