"""Certifies distances between two functions: sup |f - g| and sup |f' - g'|."""

from typing import Any

from ..expressions.node import Node
from .branch_and_bound import Distance, supremum
from .difference import FormulaDifference

CELLS = 4_000  # that one supremum may cost


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
