"""Certifies distances between two functions: sup |f - g| and sup |f' - g'|."""

from math import inf
from typing import Any

from flint import ctx

from ..expressions.node import Node
from .branch_and_bound import PATIENCE, Distance, Search
from .difference import FormulaDifference
from .points import Undecided

CELLS = 4_000  # that one supremum may cost
SHARP = 1e-11  # relative width of a supremum all of whose digits are known,
LOST = 1e-25  # what may be rounding alone,
FINE = 1200  # and bits that bring digits back where they cancel


def supremum(difference: FormulaDifference, order: int, cells: int) -> Distance:
    """Certifies the supremum of the absolute derivative of that order of a difference.

    It is asked for once more, with more bits, where what cancels leaves few digits of it.
    """
    found, spent = _searched(difference, order, cells)
    cut = spent > PATIENCE and found.high > LOST  # by the number of cells, not of bits
    if cut or found.value in (None, inf) or found.high - found.low <= SHARP * found.high:
        return found
    with ctx.workprec(FINE):
        again, _ = _searched(difference.anew(), order, cells)
    return found if again.value is None else again


def _searched(difference: FormulaDifference, order: int, cells: int) -> tuple[Distance, float]:
    """The supremum, and how many cells it took."""
    try:
        search = Search(difference, order, cells)
        return search.run(), search.spent
    except Undecided as why:
        told = str(why)
    except (TypeError, ArithmeticError, RecursionError):
        told = "the difference could not be evaluated where it was needed"
    return Distance(None, None, 0.0, inf, False, f"undecided: {told}"), cells


def distances(
    f: Node, g: Node, limits: tuple[float, float] | None = None, cells: int = CELLS
) -> tuple[Distance, Distance]:
    """Certifies sup |f - g| and sup |f' - g'|, the latter over all x where both exist.

    Over the line, or over [low, high], ends included; each costs `cells` cells at most.
    """
    difference = FormulaDifference(f, g, limits)
    return supremum(difference, 0, cells), supremum(difference, 1, cells)


def difference_record(a: str, b: str, value: Distance, gradient: Distance) -> dict[str, Any]:
    """The record of a pair, by the labels of both: largest differences and where they are."""
    return {
        "a": a,
        "b": b,
        "max_difference": value.value,
        "max_difference_at": value.where,
        "max_gradient_difference": gradient.value,
        "max_gradient_difference_at": gradient.where,
    }
