"""What a formula and its derivatives do on both sides of a place, as numbers."""

from fractions import Fraction
from math import nan

from ..numbers.enclosure import Enclosure
from ..numbers.recorder import Node
from .approach import Approach, enclosure_of, exact_value
from .branches import resolve_at, resolve_near
from .orders import same
from .places import Undecided
from .shape import number_of


def limits_beside(
    tree: Node, place: Fraction | Node | float, order: int
) -> list[tuple[float, float, float]]:
    """(left limit, value, right limit) of f, f', ... up to that order at a place; nan where not proved.

    A derivative has a value where f has that derivative: where the limits of all up to it agree.
    """
    place = place if isinstance(place, Node) else Fraction(place)
    beside = [Approach(tree, side, place) for side in (-1, 1)]
    here = _itself(tree, place)
    found = []
    for k in range(order + 1):
        ends = [_limit(approach, k) for approach in beside]
        sides = [end for end in ends if isinstance(end, Enclosure)]
        agree = here is not None and len(sides) == 2 and same(*sides)
        if k == 0:
            agree = agree and here is not None and same(here, sides[0])
            numbers = [ends[0], here, ends[1]]
            smooth = agree
        else:
            smooth = smooth and agree
            numbers = [ends[0], sides[0] if smooth else None, ends[1]]
        left, value, right = map(_number, numbers)
        found.append((left, value, right))
    return found


def slope_beside(tree: Node, place: Fraction | Node) -> Node | None:
    """f' right of a place as a formula without branches, if it has a value at the place itself."""
    try:
        slope = Approach(tree, 1, place).derivative(1)
        return slope if exact_value(slope, place).finite else None
    except Undecided:
        return None


def _limit(approach: Approach, order: int) -> Enclosure | float | None:
    try:
        return approach.limit(order)
    except Undecided:
        return None


def _itself(tree: Node, place: Fraction | Node) -> Enclosure | None:
    """f at a place: the value of the branch that the formula takes there; None where it has none."""
    try:
        if isinstance(place, Node):
            branch = resolve_near(tree, enclosure_of(place))
        else:
            branch = resolve_at(tree, place)
        value = exact_value(branch, place)
    except (TypeError, Undecided):
        return None
    return value if value.finite else None


def _number(value: Enclosure | float | None) -> float:
    try:
        return nan if value is None else number_of(value) + 0.0
    except Undecided:
        return nan
