"""Room for text: boxes that touch no curve, no mark and no other text. All lengths in inches."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from matplotlib.typing import ColorType
from numpy.typing import NDArray

from ..numbers.types import Floats
from .page import POINT, Frame, Page, legible

Flags = NDArray[np.bool_]
Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""

TURNS = np.array([0, 25, -25, 50, -50, 75, -75, 90, -90, 115, -115, 140, -140, 165, 180])
"""Directions in which a label is tried, in degrees from straight above (or below)."""
GAPS = np.array([1.8, 3.5, 6, 10, 15, 21, 28, 36, 45, 55])
"""Distances at which it is tried, in multiples of the padding."""
SHORT = 2 * POINT
"""So far from the text such a line ends."""
REACH = 11 * POINT
"""A label further from its point than this gets a line to it."""


@dataclass
class Room:
    """What is already taken inside a frame; `pad` is kept free around every text."""

    frame: Box
    pad: float
    paths: list[Floats] = field(default_factory=list)
    faint: list[Floats] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    reach: float = np.inf
    """A text further from its point than this gets a leader, a straight line to it."""
    farthest: float = np.inf
    """No text is further from its point than this."""
    leaders: list[Floats] = field(default_factory=list)
    texts: list[Box] = field(default_factory=list)

    def add_path(self, x: Floats, y: Floats, faint: bool = False) -> None:
        """Takes the room under a curve; `faint` lines are crossed if nothing else is near."""
        (self.faint if faint else self.paths).append(dense(x, y, self.frame))

    def add_mark(self, x: float, y: float, half: float) -> None:
        """Takes the room of a mark with that half width."""
        self.boxes.append((x - half, y - half, x + half, y + half))

    def crosses(self, box: Box) -> bool:
        """Whether a faint line runs through the box."""
        return bool(_covers(np.array([box]), self.faint)[0])

    def find(self, x: float, y: float, width: float, height: float, up: bool) -> Box | None:
        """Takes and returns the best free box near (x, y), above or below it if that is free;
        None if there is none in the frame whose leader, if it needs one, runs through no text."""
        offers, cost = _offers(x, y, width, height, up, self.pad)
        left, bottom, right, top = self.frame
        inside = (offers[:, 0] >= left) & (offers[:, 2] <= right)
        inside &= (offers[:, 1] >= bottom + self.pad / 2) & (offers[:, 3] <= top - self.pad / 2)
        offers, cost = offers[inside], cost[inside]
        grown = offers + self.pad * np.array([-1, -1, 1, 1])
        free = ~_covers(grown, self.paths) & ~_overlaps(grown, self.boxes)
        lines = _leaders(x, y, offers, self.reach)
        free &= ~_meets(lines, self.texts) & ~_covers(offers, self.leaders)
        free &= _distances(x, y, offers) <= self.farthest
        if not free.any():
            return None
        offers, cost, lines = offers[free], cost[free], lines[free]
        cost = cost + 8.0 * _covers(grown[free], self.faint)
        if self.paths:
            cost += 2.0 * _crossed(x, y, offers, np.concatenate(self.paths, axis=1), self.pad)
        cost += 6.0 * _meets(lines, [box for box in self.boxes if not _holds(box, x, y)])
        best = int(np.argmin(cost))
        left, bottom, right, top = offers[best].tolist()
        box = left, bottom, right, top
        self.boxes.append(box)
        self.texts.append(box)
        if not np.isnan(lines[best]).any():
            self.leaders.append(lines[best])
        return box


def _offers(
    x: float, y: float, width: float, height: float, up: bool, pad: float
) -> tuple[Floats, Floats]:
    """Boxes around the point and their cost: near before far, above (or below) before beside."""
    angle = np.radians(TURNS)
    dx, dy = np.sin(angle), (1 if up else -1) * np.cos(angle)
    offers, cost = [], []
    for ring, gap in enumerate(pad * GAPS):
        cx, cy = x + dx * (gap + width / 2), y + dy * (gap + height / 2)
        offers.append(np.stack([cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2]))
        cost.append(ring + np.abs(TURNS) / 180)
    return np.concatenate(offers, axis=1).T, np.concatenate(cost)


def _covers(boxes: Floats, paths: Sequence[Floats]) -> Flags:
    """Whether each box (k, 4) holds a point of the paths (2, n)."""
    if not paths or not boxes.size:
        return np.zeros(len(boxes), dtype=bool)
    x, y = np.concatenate(paths, axis=1)
    left, bottom, right, top = boxes.T[:, :, None]
    inside = (x >= left) & (x <= right) & (y >= bottom) & (y <= top)
    return np.asarray(inside.any(axis=1))


def _leaders(x: float, y: float, offers: Floats, reach: float) -> Floats:
    """Points along the way from (x, y) to each box: shape (boxes, 2, n); nan within `reach`."""
    ends = np.stack(
        [np.clip(x, offers[:, 0], offers[:, 2]), np.clip(y, offers[:, 1], offers[:, 3])]
    )
    start = np.array([[x], [y]])
    way = ends - start
    way[:, np.hypot(*way) <= reach] = np.nan
    lines = start[:, :, None] + way[:, :, None] * np.linspace(0, 1, 100)
    return np.asarray(lines.transpose(1, 0, 2))


def _distances(x: float, y: float, offers: Floats) -> Floats:
    """From the point to the nearest of each box."""
    left, bottom, right, top = offers.T
    away: Floats = np.hypot(np.clip(x, left, right) - x, np.clip(y, bottom, top) - y)
    return away


def _meets(lines: Floats, boxes: Sequence[Box]) -> Flags:
    """Whether each line runs through one of the boxes."""
    x, y = lines[:, 0, :, None], lines[:, 1, :, None]
    left, bottom, right, top = np.reshape(boxes, (-1, 4)).T
    inside = (x > left) & (x < right) & (y > bottom) & (y < top)
    return np.asarray(inside.any(axis=(1, 2)))


def _holds(box: Box, x: float, y: float) -> bool:
    return box[0] <= x <= box[2] and box[1] <= y <= box[3]


def _overlaps(boxes: Floats, others: Sequence[Box]) -> Flags:
    """Whether each box (k, 4) overlaps one of the others."""
    a, b, c, d = boxes.T[:, :, None]
    left, bottom, right, top = np.reshape(others, (-1, 4)).T
    return np.asarray(((a < right) & (c > left) & (b < top) & (d > bottom)).any(axis=1))


def _crossed(x: float, y: float, offers: Floats, points: Floats, pad: float) -> Flags:
    """Whether the straight way from (x, y) to each box meets a curve other than at its start."""
    dx = np.clip(x, offers[:, 0], offers[:, 2]) - x
    dy = np.clip(y, offers[:, 1], offers[:, 3]) - y
    far = np.hypot(dx, dy)
    crossed = np.zeros(len(offers), dtype=bool)
    for share in np.linspace(0.3, 0.95, 8):
        at_x, at_y = (x + share * dx)[:, None], (y + share * dy)[:, None]
        near = np.hypot(points[0] - at_x, points[1] - at_y).min(axis=1, initial=np.inf) < pad
        crossed |= near & (far > 3 * pad) & (share * far > 2 * pad)
    return crossed


def dense(x: Floats, y: Floats, frame: Box, step: float = 0.02) -> Floats:
    """Points along a path, at most `step` apart, as far as they lie in the frame: shape (2, n)."""
    height = frame[3] - frame[1]
    y = np.clip(y, frame[1] - height, frame[3] + height)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(np.diff(x), np.diff(y)))])
    at = np.linspace(0, along[-1], max(int(along[-1] / step) + 2, 2))
    px, py = np.interp(at, along, x), np.interp(at, along, y)
    inside = (py >= frame[1]) & (py <= frame[3])
    return np.stack([px[inside], py[inside]])


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
    page: Page,
    room: Room,
    at: tuple[float, float],
    text: str,
    size: float,
    colour: ColorType,
    *,
    up: bool,
    gid: str,
) -> bool:
    """Writes the text near the point (inches), where there is room; whether there was."""
    width, height, _ = page.extent(text, size)
    box = room.find(*at, width, height, up)
    if box is None:
        return False
    left, bottom, right, top = box
    ink = legible(colour, page.theme)
    near = float(np.clip(at[0], left, right)), float(np.clip(at[1], bottom, top))
    away = float(np.hypot(near[0] - at[0], near[1] - at[1]))
    if away > REACH:
        share = 1 - SHORT / away
        near = at[0] + share * (near[0] - at[0]), at[1] + share * (near[1] - at[1])
        page.line([at[0], near[0]], [at[1], near[1]], color=colour, lw=0.6, alpha=0.8,
                   gid="leader")  # fmt: skip
    page.text((left + right) / 2, (bottom + top) / 2, text, size, ink, ha="center",
               va="center", gid=gid, clear=room.crosses(box))  # fmt: skip
    return True
