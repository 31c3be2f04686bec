"""Pairs of inputs near a turn: the places of a level, as functions of the root of its height.

Where f turns at m, f(x) = f(m) + t^2 has two solutions h(t) and h(-t) with h analytic, though as
functions of the level, or of each other's place, they are hard to follow near m. f(x) - f(m) is
(x - m)^2 q(x) with q a mean of f''/2. If Re f''/2 >= c > 0 on a disc of radius r around m, then
g = (x - m) sqrt(q) is analytic there, has the one zero m, and |g| >= r sqrt(c) on the rim: by Rouche's
theorem h = g^-1 takes |t| < r sqrt(c) into the disc.
"""

from typing import Any, NamedTuple

from flint import acb, arb

from ...numbers.ball import Ball, raw
from .inverse import MonotonePiece

_RADII = (1.4, 1.0, 0.7, 0.5, 0.35, 0.25, 0.17, 0.1, 0.05, 0.02, 0.01, 0.001)
_TILES = 4
_SHARES = (0.6, 0.45, 0.3, 0.15, 0.05)  # of the reach of h that a cell takes
_INSIDE = 0.8  # of its reach that an ellipse may take


class Turn(NamedTuple):
    """A level at which stretches turn: h reaches |t| < reach, and has values in the box."""

    level: Any
    box: Any
    radius: Any
    reach: Any
    up: int  # 1 at a minimum, -1 at a maximum

    def rate(self, t: Any) -> Any:
        """A bound for |h'| within |t|, by Cauchy's estimate."""
        return self.radius / (self.reach - t)

    def cells(self, height: Any) -> list[tuple[Any, Any, Any]]:
        """Lengths in t, with the sum of the half-axes of an ellipse and how far that reaches."""
        found = []
        for share in _SHARES:
            length = self.reach * share
            if length**2 > height / 2:
                length = (height / 2).sqrt()
            length = length.lower()
            ratio = 2 * _INSIDE * self.reach / length - 1
            rho = (ratio + (ratio * ratio - 1).sqrt()).lower()
            if rho > 12:
                rho = arb(12)
            span = (length / 2 * (1 + (rho + 1 / rho) / 2)).upper()
            if length > 0 and span < self.reach:
                found.append((length, rho, span))
        return found


def turn(part: MonotonePiece, place: Any, up: int) -> Turn | None:
    """What is known around the only zero of f' in a ball; None if f'' may be 0 as well."""
    best: Turn | None = None
    for radius in map(arb, _RADII):
        least = _least(part, place, radius, up)
        reach = (radius * (least / 2).sqrt()).lower() if least > 0 else arb(0)
        if best is not None and not reach > best.reach:
            break
        if reach > 0:
            box = acb(place + arb(0, radius), arb(0, radius))
            best = Turn(part.read(place)[0], box, radius, reach, up)
    return best


def _least(part: MonotonePiece, place: Any, radius: Any, up: int) -> Any:
    """A bound below for the real part of up*f'' on a square: on the tiles of its upper half."""
    half = radius / _TILES
    least = arb("inf")
    for row in range(_TILES // 2):
        for column in (0, _TILES - 1, *range(1, _TILES - 1)):
            x = place + half * (2 * column + 1 - _TILES) + arb(0, half)
            part.work.spend(part.bends)
            bend = raw(part.bends.run(Ball(acb(x, half * (2 * row + 1) + arb(0, half))))[1])
            bound = (raw(acb(bend)).real * up).lower()
            if not bound > 0:  # or no number: beside a pole
                return arb(0)
            least = min(least, bound)
    return least
