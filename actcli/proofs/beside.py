"""Computes limits of a formula and its derivatives on both sides of a place, as doubles."""

from collections.abc import Callable
from fractions import Fraction
from math import nan
from typing import Any

from ..expressions.node import Node
from ..numbers.interval import Enclosure
from .approach import Approach, exact_value
from .branches import resolve_at
from .meeting import Limit, step
from .points import Undecided, number_of


def limits_beside(
    tree: Node, place: Fraction | Node | float, order: int
) -> list[tuple[float, float, float]]:
    """Computes (left limit, value, right limit) of f, f', ... at a place, as doubles; nan where not proved.

    A derivative has a value where f has that derivative: where the limits of all up to it agree.
    """
    place = place if isinstance(place, Node) else Fraction(place)
    beside = [Approach(tree, side, place) for side in (-1, 1)]
    here = _itself(tree, place)
    found = []
    smooth = here is not None
    for k in range(order + 1):
        ends = [_settled(approach.limit, k) for approach in beside]
        smooth = smooth and all(isinstance(end, Enclosure) for end in ends)
        value = ends[0]
        if smooth:
            left, right = (
                Limit(end, approach.derivative(k), approach.side)
                for end, approach in zip(ends, beside, strict=True)
            )
            smooth = _settled(step, left, right, place, []) == 0
        if not k:
            value = None if here is None else here.value
            smooth = smooth and _settled(step, left, here, place, []) == 0
        middle = value if smooth or not k else None
        found.append((_number(ends[0]), _number(middle), _number(ends[1])))
    return found


def slope_beside(tree: Node, place: Fraction | Node) -> Node | None:
    """f' right of a place as a formula without branches, if it has a value at the place itself."""
    try:
        slope = Approach(tree, 1, place).derivative(1)
        return slope if exact_value(slope, place).finite else None
    except Undecided:
        return None


def _settled(question: Callable[..., Any], *given: Any) -> Any:
    """The answer to a question, None where it stays open."""
    try:
        return question(*given)
    except Undecided:
        return None


def _itself(tree: Node, place: Fraction | Node) -> Limit | None:
    """f at a place, and the branch that it takes there; None where it has no value."""
    try:
        branch = resolve_at(tree, place)
        value = exact_value(branch, place)
    except (TypeError, Undecided):
        return None
    return Limit(value, branch, 0) if value.finite else None


def _number(value: Enclosure | float | None) -> float:
    """A limit as a double; nan where it is not proved."""
    found = None if value is None else _settled(number_of, value)
    return nan if found is None else found + 0.0
