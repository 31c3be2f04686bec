"""Proves an error that a formula is not below with any constants up to a size: branch and bound over these.

Constants in a box are refuted by one place where f and the formula are further apart than the error,
whatever they are there: that is read with enclosures. Places are those that the best touches, so boxes are
the narrower, the nearer they are to its constants.
"""

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

from flint import arb

from ..evaluation.activation import Activation
from ..expressions.node import Node
from ..expressions.parametric import read_with
from ..numbers.interval import Enclosure, enclosure
from .polynomials import Reading
from .refit_form import LARGEST

SHARES = (
    1e-6,
    1e-3,
    1e-2,
)  # of the error, below it: bounds that are tried, the others if these are not
BOXES = 2_000
MOST_PLACES = 40
SOME, MOST_LEFT = 0.03, 60  # boxes that are no wider tell of constants that may be better
NARROW = 1e-13  # boxes that are not split

Box: TypeAlias = tuple[tuple[float, float], ...]


def least_error(
    f: Activation, tree: Node, best: Mapping[str, float], error: float, places: Sequence[float],
    relative: bool = False, shares: Sequence[float] = SHARES[:1],
) -> tuple[float | None, list[list[float]]]:  # fmt: skip
    """An error that no constants up to LARGEST in size bring the formula below; None if none is found.

    With it constants that these places do not refute.
    """
    if not error:  # the formula is f
        return None, []
    places = places[:: len(places) // MOST_PLACES + 1]  # a plateau has many
    reading = Reading(f)
    truths = [(Enclosure(arb(x)), reading.exact(arb(x))) for x in places]
    truths = [(x, y) for x, y in truths if y.is_finite() and not (relative and y.contains(0))]
    left: list[list[float]] = []
    for share in shares if truths else ():
        bound = error * (1 - share)
        known = [(x, y, bound * abs(y) if relative else arb(bound)) for x, y in truths]
        refuted, left = _refuted(tree, best, known)
        if refuted:
            return bound, []
    return None, left


def _refuted(
    tree: Node, best: Mapping[str, float], truths: Sequence[tuple[Enclosure, Any, Any]]
) -> tuple[bool, list[list[float]]]:
    """Whether all constants are proved further from f than the bound at some place; some that are not."""
    names = [*best]
    sizes = [abs(v) or 1.0 for v in best.values()]
    stack: list[Box] = [((-LARGEST, LARGEST),) * len(names)]
    order = list(range(len(truths)))
    left: list[list[float]] = []
    for _ in range(BOXES):
        if not stack:
            return True, []
        box = stack.pop()
        given = {n: Enclosure(arb(a), arb(b)) for n, (a, b) in zip(names, box, strict=True)}
        for rank, k in enumerate(order):
            if apart(tree, given, *truths[k]):
                order.insert(0, order.pop(rank))
                break
        else:
            parts, width = _halves(box, sizes)
            if not parts:
                break
            if width < SOME and len(left) < MOST_LEFT:
                left.append([a / 2 + b / 2 for a, b in box])
            stack += parts
    return False, left


def apart(tree: Node, given: Mapping[str, Any], x: Enclosure, truth: Any, bound: Any) -> bool:
    """Whether the formula is further from f than a bound at x, with all constants given."""
    try:
        found = enclosure(read_with(tree, x, given))
    except (TypeError, ArithmeticError, ValueError):  # a condition is open, or it has no value
        return False
    return bool(found.low > truth + bound) or bool(found.high < truth - bound)


def _halves(box: Box, sizes: Sequence[float]) -> tuple[list[Box], float]:
    """A box in two, along what is widest on a scale up to infinity, and that width; none of a point."""
    widths = [_place(b, size) - _place(a, size) for (a, b), size in zip(box, sizes, strict=True)]
    k = widths.index(max(widths))
    if widths[k] < NARROW:
        return [], 0.0
    a, b = box[k]
    near = min(abs(a), abs(b)) if a >= 0 or b <= 0 else 0.0
    if near and max(abs(a), abs(b)) > 4 * near:
        middle = (1 if a > 0 else -1) * (abs(a) * abs(b)) ** 0.5
    else:
        middle = _value(_place(a, sizes[k]) / 2 + _place(b, sizes[k]) / 2, sizes[k])
    if not a < middle < b:
        return [], 0.0
    halves: list[Box] = [tuple((c, d) if j != k else part for j, (c, d) in enumerate(box))
            for part in ((a, middle), (middle, b))]  # fmt: skip
    return halves, widths[k]


def _place(value: float, size: float) -> float:
    """Where a constant is on a scale that ends at infinity, from -1 to 1."""
    return value / (size + abs(value))


def _value(place: float, size: float) -> float:
    """The constant there."""
    return size * place / (1 - abs(place))
