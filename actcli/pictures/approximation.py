"""The picture of an approximation: it, the function behind, and the error with the points it touches."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np

from ..design.design import Design
from ..evaluation.activation import Activation
from ..evaluation.function_text import resolve
from ..figures.data import Curve, ErrorStrip, Picture, Point, Trace
from ..numbers.types import Floats
from ..wording import count_of
from .function import PictureRequest, picture

SHOWN = 5.0  # of the line, where nothing tells how much
BEYOND = 1.5  # times R that is shown of the whole line


def approximation_picture(f: Activation, design: Design, wanted: PictureRequest) -> Picture:
    """The picture of a design of f."""
    if design.codes:
        return _picture_of_codes(f, design, wanted)
    approximation = resolve(design.formula).relabelled(_label(design))
    approximation.approximates = f
    low, high = design.low, design.high
    ends = [x for x in (*(design.breakpoints or ()), *design.attained_at) if abs(x) < np.inf]
    if not np.isfinite([low, high]).all():
        reach = BEYOND * max([abs(x) for x in ends], default=SHOWN)
        if design.kind == "refit":  # which need not be as far off where it is not touched
            reach = max(reach, SHOWN)
        low, high = max(low, -reach), min(high, reach)
    drawn = picture([approximation], replace(wanted, order=0, range_=(low, high), marks=()))
    x = np.array([v for v in design.places if low <= v <= high])

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
            largest=_first(tops, r.largest),
            relative=design.relative,
        )
        for r in drawn.residuals
    ]
    curves = [c if c.behind else c._replace(latex="") for c in drawn.curves]
    return replace(drawn, curves=curves, residuals=residuals)


def _first(points: Sequence[Point], other: Point) -> Point:
    """The point nearest to 0, of two as near the right one; `other` if there is none."""
    return min(points, key=lambda p: (abs(p[0]), p[0] < 0), default=other)


def _picture_of_codes(f: Activation, design: Design, wanted: PictureRequest) -> Picture:
    """f and the steps of a table of codes, and for each code a line as high as its error."""
    assert design.codes is not None
    x = np.array([float(v) for v in design.codes.inputs()])
    y = np.array([float(v) for v in design.codes.outputs(design.coefficients)])
    half = float(design.codes.input_scale) / 2
    low, high = float(x[0]) - half, float(x[-1]) + half
    drawn = picture([f], replace(wanted, order=0, range_=(low, high), marks=()))
    scale = 10.0 ** drawn.panels[0].unit
    steps = np.stack([x - half, x + half], axis=1).ravel(), np.repeat(y / scale, 2)
    exact = drawn.curves[0]._replace(behind=True, label=f"{f.label} (exact)")
    table = Curve(f"table of {len(x)} {design.format} codes", "", [Trace([steps])])
    errors = y - np.asarray(f(x), np.float64)
    comb = np.repeat(x, 3), np.stack([0 * x, errors, 0 * x], axis=1).ravel()
    there = np.isin(x, design.attained_at)
    touching = list(zip(x[there].tolist(), errors[there].tolist(), strict=True))
    residual = ErrorStrip(1, f.label, [comb], _first(touching, (0.0, 0.0)), touching)
    return replace(drawn, curves=[exact, table], residuals=[residual])


def _label(design: Design) -> str:
    """What it is called in the picture's legend, as "polynomial of degree 5", "refit c = 1.77293"."""
    if design.kind == "refit":
        found = ", ".join(
            f"{name} = {float(Fraction(value)):.6g}" for name, value in design.coefficients.items()
        )
        return f"refit {found}"
    if design.kind == "table":
        return f"table of {count_of(len(design.parts) + 1, 'point')}"
    what = count_of(len(design.parts), "segment") if design.kind == "piecewise" else design.kind
    plain = what != design.kind and design.degree == 1
    return what if plain else f"{what} of degree {design.degree}"
