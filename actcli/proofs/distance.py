"""Certifies distances between two functions: sup |f - g| and sup |f' - g'|."""

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
