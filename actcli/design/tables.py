"""Designs tables: uniform ones with linear interpolation, and those of 256 entries for 8-bit networks."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import nextafter

import numpy as np
from flint import arb

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from .design import Design
from .grids import grid_named
from .int8 import quantized, table
from .one_sided import moved_pieces
from .pieces import PolynomialPiece, assembled
from .polynomials import Reading
from .quantization import TYPES, Quantization
from .request import PLAIN, Conditions, Entries

REACH = (-8.0, 8.0)  # of input codes, where nothing is said


def by_table(
    f: Activation,
    asked: Entries,
    limits: tuple[float, float] | None,
    conditions: Conditions = PLAIN,
) -> Design:
    """The table asked for; ValueError says what is wrong."""
    if (asked.points is None) == (asked.dtype is None):
        many = "" if asked.points is None else "--points and --dtype exclude one another; "
        raise ValueError(f"{many}give one of --points N and --dtype int8|uint8, as in --points 64")
    for name, value in conditions._asdict().items():
        if value != getattr(PLAIN, name) and (asked.points is None or name in ("relative", "pin")):
            if asked.points is None:
                raise ValueError(
                    f"--{name} does not go with --dtype, whose codes are as near as can be; leave it out"
                )
            raise ValueError(
                f"--{name} does not go with --points, whose entries are those of {f.label}; take "
                f"--by piecewise --uniform --segments {asked.points - 1}"
            )
    if asked.points is None:
        return table(f, _quantization(f, asked, limits))
    for name in asked._fields[2:]:
        if getattr(asked, name) is not None:
            raise ValueError(f"--{name.replace('_', '-')} goes with --dtype, not with --points")
    if limits is None:
        raise ValueError("a table of --points N needs a range, as in -r -4:4")
    return uniform(f, *limits, asked.points, conditions)


def uniform(
    f: Activation, low: float, high: float, points: int, asked: Conditions = PLAIN
) -> Design:
    """The lines between f at equally spaced points, proved one by one.

    On a side of f, or of a grid of numbers, entries are not those of f but the best.
    """
    x = np.linspace(low, high, points)
    if np.any(np.diff(x) <= 0):
        raise ValueError(f"{points} points do not fit between {low:g} and {high:g}")
    y = np.asarray(f(x), np.float64)
    if not np.isfinite(y).all():
        at = float(x[~np.isfinite(y)][0])
        raise ValueError(f"{f.label} has no finite value at {at:g}; give a range where it has")
    grid, side = grid_named(asked.coefficients), asked.above - asked.below
    if grid.name != "float64":
        from .grid_tables import on_grid

        found = on_grid(f, x, grid, side)
        least = found.optimum_low or (1 + abs(side)) * (_least(f, x, [_farthest(f, x)]) or 0.0)
        return replace(found, optimum_low=least or None)
    if side:
        from .given_breakpoints import meeting

        free = meeting(f, (low, high), x.tolist(), 1, False)
        return moved_pieces(f, replace(free, kind="table"), asked.above, grid)
    pieces = []
    for (a, b), (left, right) in zip(pairwise(x.tolist()), pairwise(y.tolist()), strict=True):
        slope = (Fraction(right) - Fraction(left)) / (Fraction(b) - Fraction(a))
        pieces.append(
            PolynomialPiece(a, b, [float(Fraction(left) - slope * Fraction(a)), float(slope)])
        )
    design = assembled(f, pieces, kind="table", segments=points - 1, degree=1)
    return replace(design, optimum_low=_least(f, x, design.attained_at))


def _farthest(f: Activation, ends: Floats) -> float:
    """The middle of two ends at which f is farthest from its chord."""
    middle, y = (ends[1:] + ends[:-1]) / 2, np.asarray(f(ends), np.float64)
    return float(middle[np.argmax(np.abs(f(middle) - (y[1:] + y[:-1]) / 2))])


def _least(f: Activation, ends: Floats, places: Sequence[float]) -> float | None:
    """An error that no lines between the same ends are below, whatever their entries: proved.

    The error at a place less that of the chord of errors at the ends of its segment is the distance of f
    from its own chord, which so is twice the largest error at most.
    """
    reading, found = Reading(f), arb(0)
    for place in places:
        k = min(max(int(np.searchsorted(ends, place, side="right")) - 1, 0), len(ends) - 2)
        a, x, b = arb(float(ends[k])), arb(place), arb(float(ends[k + 1]))
        if not a < x < b:
            continue
        low, here, high = (reading.exact(v) for v in (a, x, b))
        gap = abs(here - (low * (b - x) + high * (x - a)) / (b - a)).lower() / 2
        if gap.is_finite() and gap > found:
            found = gap
    return max(nextafter(float(found.lower()), 0.0), 0.0) or None


def _quantization(
    f: Activation, asked: Entries, limits: tuple[float, float] | None
) -> Quantization:
    """The scales and zero points as given, the others as tight as they can be."""
    assert asked.dtype is not None
    for name in ("input", "output"):
        if (
            getattr(asked, f"{name}_scale") is None
            and getattr(asked, f"{name}_zero_point") is not None
        ):
            raise ValueError(f"--{name}-zero-point goes with a scale; add --{name}-scale S")
    first, last = TYPES[asked.dtype]
    inputs = _scale(asked, "input"), asked.input_zero_point or 0
    outputs = _scale(asked, "output"), asked.output_zero_point or 0
    rounding = asked.rounding or "even"
    low, high = limits or REACH
    if inputs[0] is not None and limits is None:
        low, high = (float(inputs[0] * (code - inputs[1])) for code in (first, last))
    if inputs[0] is None or outputs[0] is None:
        found = quantized(f, asked.dtype, low, high)
        if inputs[0] is None:
            inputs = found.input_scale, found.input_zero
        if outputs[0] is None:
            outputs = found.output_scale, found.output_zero
    assert inputs[0] is not None
    assert outputs[0] is not None
    return Quantization(asked.dtype, inputs[0], inputs[1], outputs[0], outputs[1], rounding)


def _scale(asked: Entries, name: str) -> Fraction | None:
    """A scale as it is written, a number > 0."""
    from ..numbers.exact import rational

    text = getattr(asked, f"{name}_scale")
    if text is None:
        return None
    try:
        value = Fraction(rational(text))
    except (ValueError, TypeError, ArithmeticError):
        value = Fraction(0)
    if value <= 0:
        raise ValueError(
            f"--{name}-scale is a number > 0, such as 0.05 or 1/256, not {text[:40]!r}"
        )
    return value
