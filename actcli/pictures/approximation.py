"""The picture of an approximation: it, the function behind, and the error with the points it touches."""

from dataclasses import replace

import numpy as np

from ..design.design import Design
from ..evaluation.activation import Activation
from ..evaluation.function_text import resolve
from ..figures.data import Picture
from ..numbers.types import Floats
from .function import Wanted, picture

BEYOND = 1.5  # times R that is shown of the whole line


def approximation_picture(f: Activation, design: Design, wanted: Wanted) -> Picture:
    """The picture of a design of f; ValueError where there is nothing to draw, as of a table of codes."""
    if not design.formula:
        raise ValueError("a table of codes has no picture; leave out -o, or take -o table.json")
    approximation = resolve(design.formula).relabelled(_label(design))
    approximation.approximates = f
    low, high = design.low, design.high
    ends = [x for x in design.breakpoints or design.attained_at if abs(x) < np.inf]
    if not np.isfinite([low, high]).all():
        reach = BEYOND * max([abs(x) for x in ends], default=5.0)
        low, high = max(low, -reach), min(high, reach)
    drawn = picture([approximation], replace(wanted, order=0, range_=(low, high), marks=()))
    x = np.array([v for v in design.attained_at if low <= v <= high])

    def scaled(x: Floats, error: Floats) -> tuple[Floats, Floats]:
        """The places and errors, as parts of f if the design is relative, without its roots."""
        exact = np.asarray(f(x)) if design.relative else np.ones_like(x)
        return x[exact != 0], error[exact != 0] / exact[exact != 0]

    at, errors = scaled(x, np.asarray(approximation(x)) - np.asarray(f(x)))
    touching = list(zip(at.tolist(), errors.tolist(), strict=True))
    tops = [point for point in touching if abs(point[1]) >= (1 - 1e-6) * design.error_low]
    residuals = [
        r._replace(
            pieces=[scaled(*piece) for piece in r.pieces],
            touching=touching,
            largest=min(tops, key=lambda p: (abs(p[0]), p[0] < 0), default=r.largest),
            relative=design.relative,
        )
        for r in drawn.residuals
    ]
    curves = [c if c.behind else c._replace(latex="") for c in drawn.curves]
    return replace(drawn, curves=curves, residuals=residuals)


def _label(design: Design) -> str:
    """What it is called in the picture's legend, as "polynomial of degree 5", "refit c = 1.77293"."""
    if design.kind == "refit":
        found = ", ".join(f"{name} = {value:.6g}" for name, value in design.coefficients.items())
        return f"refit {found}"
    if design.kind == "table":
        return f"table of {len(design.parts) + 1} points"
    return design.kind if design.degree is None else f"{design.kind} of degree {design.degree}"
