"""Jumps of a function, half of which no continuous approximation comes below."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import nextafter
from typing import Any, NamedTuple

from flint import arb

from ..evaluation.activation import Activation
from ..numbers.exact import rational
from ..proofs.points import Place, Undecided
from .constrained import slopes_at_0


class Jump(NamedTuple):
    """A place and the values beside it, as balls."""

    place: float
    one: Any
    other: Any

    def nearest(self, weighed: bool) -> tuple[Any, Any]:
        """The least error there of what is continuous, of the size of f if `weighed`, and its value."""
        a, b = (abs(self.one), abs(self.other)) if weighed else (arb(1), arb(1))
        return abs(self.one - self.other) / (a + b), (self.one * b + self.other * a) / (a + b)

    def bound(self, weighed: bool) -> float:
        """That error as a number that it is not below: proved."""
        return max(nextafter(float(self.nearest(weighed)[0].lower()), 0), 0.0)


def largest_jump(f: Activation, low: float, high: float, root: bool = False) -> Jump | None:
    """The largest jump of f in (low, high), or of f/x if a `root` at 0 is kept; None if none is known."""
    if root and len(slopes := slopes_at_0(f, low, high)) == 2 and not slopes[0].overlaps(slopes[1]):
        return Jump(0.0, *slopes)
    found = _largest(f, low, high)
    if found is None or not root:
        return found
    return Jump(found.place, found.one / found.place, found.other / found.place)


def jump_places(f: Activation, low: float, high: float) -> set[float]:
    """The doubles in (low, high) at which f is not shown to be continuous."""
    try:
        return {
            float(place.number)
            for place, known in _levels(f, low, high)
            if not all(a.overlaps(b) for a, b in pairwise(known)) or len(known) < 2
        }
    except (Undecided, ValueError):
        return {*f.breakpoints.within(low, high)}


def jumps_beside(f: Activation, end: float) -> bool:
    """Whether f may jump between a number as it is written and the double next to it."""
    from ..proofs.points import BUDGET, at
    from ..proofs.shape import Shape

    low, high = sorted((Fraction(rational(end)), Fraction(end)))
    if low == high or not f.breakpoints.listed:
        return False
    try:
        return bool(Shape(f.tree, BUDGET, at(low), at(high)).jumps)
    except (Undecided, ValueError):
        return True


def _levels(f: Activation, low: float, high: float) -> Iterator[tuple[Place, list[Any]]]:
    """The breakpoints of f in [low, high], and what f is there and towards it, where that is finite."""
    from ..numbers.interval import Enclosure
    from ..proofs.points import BUDGET, at
    from ..proofs.shape import Shape

    if not f.breakpoints.listed:
        return
    shape = Shape(f.tree, BUDGET, at(low), at(high))
    for place in shape.breakpoints:
        levels = [
            *shape.one_sided(place, 0),
            *([] if shape.is_hole(place) else [shape.itself(place)]),
        ]
        finite = [v for v in levels if isinstance(v, Enclosure) and v.finite]
        yield place, [v.low.union(v.high) for v in finite]


def _largest(f: Activation, low: float, high: float) -> Jump | None:
    """The largest jump of f in (low, high): proved. None where f is continuous, or that stays open."""
    found, size = None, 0.0
    try:
        for place, known in _levels(f, low, high):
            if len(known) < 2:
                continue
            least, most = (
                min(known, key=lambda v: float(v.mid())),
                max(known, key=lambda v: float(v.mid())),
            )
            gap = float((most - least).lower())
            if gap > size and place.exact:
                found, size = Jump(float(place.number), least, most), gap
    except (Undecided, ValueError):
        return None
    return found
