"""Approximations that are nowhere below f, or nowhere above: what is within E of f, moved by E.

Where constants are of the family the best on one side is the best on both, moved, of twice the error: what
is on one side of f within 2E is within E of it once half is taken off.
"""

from dataclasses import replace
from fractions import Fraction
from math import inf, nextafter

from ..evaluation.activation import Activation
from .design import Design
from .grids import Grid
from .pieces import PolynomialPiece, assembled


def moved_beyond(number: float, size: float, above: bool, grid: Grid) -> float:
    """The number of a grid, about the nearest, that is further up, or down, by the size at least."""
    wanted = Fraction(number) + (Fraction(size) if above else -Fraction(size))
    found = float(wanted)
    if above and Fraction(found) < wanted:
        found = nextafter(found, inf)
    if not above and Fraction(found) > wanted:
        found = nextafter(found, -inf)
    return found if grid.name == "float64" else grid.beyond(found, 1 if above else -1)


def moved_pieces(f: Activation, design: Design, above: bool, grid: Grid) -> Design:
    """Pieces, each moved by the error of all, proved again: nowhere below f, or nowhere above."""
    if not 0 < design.error_high < inf:
        return replace(design, one_sided=True)
    pieces = [
        PolynomialPiece(
            low, high, [moved_beyond(float(first), design.error_high, above, grid), *rest]
        )
        for low, high, (first, *rest) in design.parts
    ]
    found = assembled(
        f, pieces, kind=design.kind, segments=design.segments, degree=design.degree, one_sided=True
    )
    optimum = None if design.optimum_low is None else 2 * design.optimum_low
    low = min(max(found.error_low, optimum or 0.0), found.error_high)
    found = replace(found, optimum_low=optimum, error_low=low, format=design.format)
    if grid.name != "float64":  # of which pieces move by sizes of their own
        return found
    return replace(found, attained_at=design.attained_at)
