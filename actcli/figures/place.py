"""Room for text: boxes that touch no curve, no dot and no other text. All lengths in pixels."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Box = tuple[float, float, float, float]
"""Left, bottom, right, top."""


@dataclass
class Room:
    """What is already taken inside a frame."""

    frame: Box
    points: list[Floats] = field(default_factory=list)
    faint: list[Floats] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)

    def add_path(self, x: Floats, y: Floats, faint: bool = False) -> None:
        """Takes the room under a curve; `faint` lines are crossed if nothing else is left."""
        (self.faint if faint else self.points).append(dense(x, y, self.frame))

    def add_box(self, box: Box) -> None:
        self.boxes.append(box)

    def find(self, x: float, y: float, width: float, height: float, up: bool, pad: float) -> (
        Box | None
    ):
        """The free box nearest to (x, y), above or below it first; None if there is none.

        Keeps `pad` from everything, the point itself included.
        """
        offers, cost = _offers(x, y, width, height, up, pad)
        left, bottom, right, top = self.frame
        bottom, top = bottom + pad / 2, top - pad / 2
        inside = (offers[:, 0] >= left) & (offers[:, 2] <= right)
        inside &= (offers[:, 1] >= bottom) & (offers[:, 3] <= top)
        offers, cost = offers[inside], cost[inside]
        grown = offers + np.array([-pad, -pad, pad, pad])
        free = ~_covers(grown, self.points) & ~_overlaps(grown, self.boxes)
        if not free.any():
            return None
        offers, cost = offers[free], cost[free]
        cost = cost + 6.0 * _covers(offers, self.faint)
        if self.points:
            cost += 2.0 * _crossed(x, y, offers, np.concatenate(self.points, axis=1), pad)
        a, b, c, d = (float(v) for v in offers[int(np.argmin(cost))])
        return a, b, c, d


def _crossed(x: float, y: float, offers: Floats, points: Floats, pad: float) -> NDArray[np.bool_]:
    """Whether the straight way from (x, y) to each box meets a curve other than at its start."""
    end_x, end_y = np.clip(x, offers[:, 0], offers[:, 2]), np.clip(y, offers[:, 1], offers[:, 3])
    crossed = np.zeros(len(offers), dtype=bool)
    far = np.hypot(end_x - x, end_y - y) > 3 * pad
    for share in np.linspace(0.3, 0.95, 8):
        at_x, at_y = x + share * (end_x - x), y + share * (end_y - y)
        near = np.hypot(points[0] - at_x[:, None], points[1] - at_y[:, None]).min(axis=1) < pad
        crossed |= near & far & (share * np.hypot(end_x - x, end_y - y) > 2 * pad)
    return crossed


def _offers(
    x: float, y: float, width: float, height: float, up: bool, pad: float
) -> tuple[Floats, Floats]:
    """Boxes around the point and their cost: near before far, above (or below) before beside."""
    sign = 1.0 if up else -1.0
    turns = np.array([0, 25, -25, 50, -50, 75, -75, 90, -90, 115, -115, 140, -140, 165, 180])
    offers, cost = [], []
    for ring, gap in enumerate(pad * np.array([1.8, 3.5, 6, 10, 15, 21, 28, 36, 45, 55])):
        angle = np.radians(turns)
        dx, dy = np.sin(angle), sign * np.cos(angle)
        # the box touches the ellipse of radius gap around the point with its nearest side
        cx = x + dx * (gap + width / 2)
        cy = y + dy * (gap + height / 2)
        offers.append(np.stack([cx - width / 2, cy - height / 2, cx + width / 2, cy + height / 2]))
        cost.append(ring + np.abs(turns) / 180)
    return np.concatenate(offers, axis=1).T, np.concatenate(cost)


def _covers(boxes: Floats, paths: Sequence[Floats]) -> NDArray[np.bool_]:
    if not paths or not boxes.size:
        return np.zeros(len(boxes), dtype=bool)
    x, y = np.concatenate(paths, axis=1)
    left, bottom, right, top = boxes.T[:, :, None]
    return np.any((x >= left) & (x <= right) & (y >= bottom) & (y <= top), axis=1)


def _overlaps(boxes: Floats, others: Iterable[Box]) -> NDArray[np.bool_]:
    taken = np.zeros(len(boxes), dtype=bool)
    for left, bottom, right, top in others:
        taken |= (
            (boxes[:, 0] < right)
            & (boxes[:, 2] > left)
            & (boxes[:, 1] < top)
            & (boxes[:, 3] > bottom)
        )
    return taken


def dense(x: Floats, y: Floats, frame: Box, step: float = 3.0) -> Floats:
    """Points along a path, at most `step` apart, as far as they lie in the frame: shape (2, n)."""
    height = frame[3] - frame[1]
    y = np.clip(y, frame[1] - height, frame[3] + height)
    lengths = np.hypot(np.diff(x), np.diff(y))
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    at = np.linspace(0, along[-1], max(int(along[-1] / step) + 2, 2))
    px, py = np.interp(at, along, x), np.interp(at, along, y)
    inside = (py >= frame[1]) & (py <= frame[3])
    return np.stack([px[inside], py[inside]])
