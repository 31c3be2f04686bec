"""Determines the order of smoothness at breakpoints, as far as a question needs."""

from fractions import Fraction
from itertools import pairwise
from math import inf
from typing import Protocol

from ..expressions.breakpoints import breakpoints
from ..expressions.canonical import equal
from ..expressions.node import Node, node
from ..numbers.interval import Enclosure
from .asymptotics import is_flat
from .breakpoints import branch_at, may_break
from .meeting import Limit, step
from .points import Piece, Place, Undecided
from .signs import fraction

MAX_ORDER = 8  # derivatives that are compared at a breakpoint


class Pieces(Protocol):
    """What is asked of a formula in pieces: a Shape is one."""

    tree: Node
    low: Place

    @property
    def pieces(self) -> list[Piece]: ...
    @property
    def breakpoints(self) -> list[Place]: ...
    def trees(self, index: int, order: int) -> list[Node]: ...
    def end(self, index: int, right: bool, order: int = 0) -> Enclosure | float | None: ...
    def finite_end(self, index: int, right: bool) -> Enclosure: ...
    def is_hole(self, place: Place) -> bool: ...
    def itself(self, place: Place) -> Enclosure: ...


class Orders:
    """The orders of a shape at its breakpoints and its finite ends; at an end from inside alone."""

    def __init__(self, shape: Pieces) -> None:
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
        if place in shape.breakpoints:
            index = shape.breakpoints.index(place)
            return [(index, -1), (index + 1, 1)]
        return [(0, 1)] if place == shape.low else [(len(shape.pieces) - 1, -1)]

    def _agree(self, place: Place, order: int) -> bool:
        """Whether f^(order) has one finite limit at a place."""
        sides = self._sides(place)
        levels = [self._level(i, side, order) for i, side in sides]
        if not all(isinstance(level.value, Enclosure) for level in levels):
            return False
        return not any(self._steps(place, levels))

    def _level(self, index: int, side: int, order: int) -> Limit:
        return Limit(
            self.shape.end(index, side < 0, order), self.shape.trees(index, order)[order], side
        )

    def _continuous(self, place: Place) -> bool:
        if self.shape.is_hole(place) or not self._agree(place, 0):
            return False
        if not self.shape.itself(place).finite:
            raise Undecided(f"the value at {place.number:.6g} stays open")
        return not any(self.steps(place))

    def steps(self, place: Place) -> list[int]:
        """The signs of the steps that f makes at a place: left limit, value, right limit, where it has
        them."""
        shape = self.shape
        levels = [self._level(i, side, 0) for i, side in self._sides(place)]
        if not shape.is_hole(place):
            here = Limit(shape.itself(place), branch_at(shape.tree, place), 0)
            levels.insert(0 if place == shape.low else 1, here)
        return self._steps(place, levels)

    def _steps(self, place: Place, levels: list[Limit]) -> list[int]:
        known = breakpoints(self.shape.tree)
        return [step(one, other, place, known) for one, other in pairwise(levels)]

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
