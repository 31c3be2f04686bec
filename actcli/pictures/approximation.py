"""The picture of an approximation: it, the function behind, and the error with the points it touches."""

from dataclasses import replace

import numpy as np

from ..design.design import Design
from ..evaluation.activation import Activation
from ..evaluation.function_text import resolve
from ..figures.data import Picture
from .function import Wanted, picture

BEYOND = 1.5  # times R that is shown of the whole line


def approximation_picture(f: Activation, design: Design, wanted: Wanted) -> Picture:
    """The picture of a design of f; ValueError where there is nothing to draw, as of a table of codes."""
    if not design.formula:
        raise ValueError("a table of codes has no picture; leave out -o, or take -o table.json")
    degree = "" if design.degree is None else f" of degree {design.degree}"
    approximation = resolve(design.formula).relabelled(f"{design.kind}{degree}")
    approximation.approximates = f
    low, high = design.low, design.high
    ends = [x for x in design.breakpoints or design.attained_at if abs(x) < np.inf]
    if not np.isfinite([low, high]).all():
        reach = BEYOND * max([abs(x) for x in ends], default=5.0)
        low, high = max(low, -reach), min(high, reach)
    drawn = picture([approximation], replace(wanted, order=0, range_=(low, high), marks=()))
    x = np.array([v for v in design.attained_at if low <= v <= high])
    errors = np.asarray(approximation(x)) - np.asarray(f(x))
    touching = list(zip(x.tolist(), errors.tolist(), strict=True))
    residuals = [replace(r, touching=touching) for r in drawn.residuals]
    curves = [c if c.behind else replace(c, latex="") for c in drawn.curves]
    return replace(drawn, curves=curves, residuals=residuals)
