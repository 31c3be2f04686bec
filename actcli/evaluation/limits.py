"""Limits at infinity as numbers: what is proved of them, nan where there is none or it stays open.

`table`, pictures, neurons and `check-properties` all ask here or where this asks (Shape.limit).
"""

from functools import lru_cache
from math import nan
from threading import RLock
from typing import Any

from ..expressions.node import Node

PROVING = RLock()  # the precision of proofs is one for all threads


@lru_cache(16)
def _shape(tree: Node) -> Any:
    from ..proofs.shape import Shape

    return Shape(tree)


def at_infinity(tree: Node, side: int, order: int = 0) -> float:
    """Limit of the derivative of that order as x -> side*infinity; nan if none is proved."""
    from ..proofs.points import Undecided, number_of

    with PROVING:
        try:
            limit = _shape(tree).limit(side, order)
            return nan if limit is None else number_of(limit, rounded=True)
        except Undecided:
            return nan


def asymptote(tree: Node, side: int) -> tuple[float, float] | None:
    """Slope and intercept of the line that the graph approaches as x -> side*infinity, or None."""
    from ..proofs.points import Undecided, number_of

    with PROVING:
        try:
            line = _shape(tree).asymptote(side)
            return None if line is None else (number_of(line[0]), number_of(line[1]))
        except Undecided:
            return None
