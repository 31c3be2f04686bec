"""How smooth a function is at its seams, looked at as far as a question needs."""

from fractions import Fraction
from math import inf
from typing import TYPE_CHECKING

from flint import arb

from ..numbers.canonical import equal
from ..numbers.enclosure import Enclosure
from ..numbers.recorder import node
from .cuts import may_break
from .germ import is_flat
from .patterns import fraction
from .places import Place, Undecided

if TYPE_CHECKING:
    from .shape import Shape

TOLERANCE = arb("1e-20")  # equal at a seam that is known to 1e-26
MAX_ORDER = 8  # derivatives that are compared at a seam


class Orders:
    """The orders of a shape at its seams and its finite ends; at an end from inside alone."""

    def __init__(self, shape: "Shape") -> None:
        self.shape = shape
        self._known: dict[Place, tuple[float, bool]] = {}  # so far, and whether that is all

    def order(self, place: Place, enough: float = inf) -> float:
        """-1 for a jump, else the largest k <= `enough` with f in C^k at a place.

        Only what is asked for is looked at: a derivative that stays open leaves the lower ones known.
        """
        if place not in self._known:
            self._known[place] = (0, False) if self._continuous(place) else (-1, True)
        order, final = self._known[place]
        while not final and order < enough:
            if order == 1 and self._smooth(place):
                order, final = inf, True
            elif order == MAX_ORDER:
                raise Undecided(
                    f"at {place.number:.6g} the first {MAX_ORDER} derivatives agree; "
                    "the next were not compared"
                )
            elif self._agree(place, int(order) + 1):
                order += 1
            else:
                final = True
            self._known[place] = order, final
        return min(order, enough)

    def _sides(self, place: Place) -> list[tuple[int, int]]:
        """(piece, side of the place on which it lies)."""
        shape = self.shape
        if place in shape.seams:
            seam = shape.seams.index(place)
            return [(seam, -1), (seam + 1, 1)]
        return [(0, 1)] if place == shape.low else [(len(shape.pieces) - 1, -1)]

    def _agree(self, place: Place, order: int) -> bool:
        """Whether f^(order) has one finite limit at a place."""
        limits = [self.shape.end(i, side < 0, order) for i, side in self._sides(place)]
        first = limits[0]
        return isinstance(first, Enclosure) and all(
            isinstance(other, Enclosure) and same(first, other) for other in limits[1:]
        )

    def _continuous(self, place: Place) -> bool:
        if not self._agree(place, 0):
            return False
        here = self.shape.itself(place)
        if not here.finite:
            raise Undecided(f"the formula is not defined at {place.number:.6g}")
        index, side = self._sides(place)[0]
        return same(here, self.shape.finite_end(index, side < 0))

    def _smooth(self, place: Place) -> bool:
        """Whether all derivatives agree: of one formula on both sides, or with a flat difference."""
        sides = [(self.shape.pieces[index].tree, side) for index, side in self._sides(place)]
        whole = [tree for tree, _ in sides if not may_break(tree, place)]
        if len(whole) == len(sides) and all(equal(whole[0], tree) for tree in whole[1:]):
            return True
        if not place.exact:
            return False
        index, side = self._sides(place)[0]
        level = self.shape.finite_end(index, side < 0)
        middle = [node(fraction(level.low))] if level.low == level.high else []
        return any(
            all(is_flat(node(tree - other), side, Fraction(place.low))
                for tree, side in sides if tree is not other)
            for other in (*whole, *middle)
        )  # fmt: skip


def same(a: Enclosure, b: Enclosure) -> bool:
    """Whether two limits at a seam are equal: exactly where they are exact, else to 1e-20."""
    if a.low == a.high and b.low == b.high:
        return bool(a.low == b.low)
    gap = a - b
    if gap.sign:
        return False
    scale = TOLERANCE * (1 + abs(a.low) + abs(a.high))
    return bool(abs(gap.low) < scale) and bool(abs(gap.high) < scale)
