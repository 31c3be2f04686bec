"""Claims over the line: pieces between seams, sign patterns, roots; three honest answers.

The line is every double that is finite. It is cut where a formula changes branch; on each piece the
formula is analytic, and signs are settled by enclosures on cells that are halved where they are
open, on a total budget of cells.
"""

from .beside import limits_beside, slope_beside
from .branches import resolve_at
from .breakpoints import merged, pieces, value_there, zeros
from .domain import NotDefined
from .exact_values import rational, value_at, values_at
from .far_form import split
from .points import BUDGET, Budget, Piece, Place, Stretch, Undecided, at, between, written
from .shape import Level, Shape, number_of
from .signs import signs

__all__ = [
    "BUDGET", "Budget", "Level", "NotDefined", "Piece", "Place", "Shape", "Stretch", "Undecided",
    "at", "between", "limits_beside", "merged", "number_of", "pieces", "rational", "resolve_at", "signs",
    "slope_beside", "split", "value_at", "value_there", "values_at", "written", "zeros",
]  # fmt: skip
