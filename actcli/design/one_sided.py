"""Approximations that are nowhere below f, or nowhere above: what is within E of f, moved by E.

Where constants are of the family the best on one side is the best on both, moved, of twice the error: what
is on one side of f within 2E is within E of it once half is taken off.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import zip_longest
from math import ceil, factorial, floor, inf, log2, nextafter
from typing import Any

import numpy as np
from flint import arb, arb_poly, arb_series, fmpq, fmpq_poly, fmpq_series

from ..evaluation.activation import Activation
from ..expressions.differentiate import expanded
from ..expressions.program import Program, derivatives
from ..numbers.interval import hull
from ..numbers.near_rational import known_at
from ..proofs.points import Undecided
from .certificates import Bound, cells_of, is_formula, largest_error
from .design import Design, horner
from .grids import Grid
from .pieces import PolynomialPiece, Proofs, assembled

PLACES = 9  # at which a quotient is f, if it is f itself
ROUNDING = 1e-14  # of sizes, by which doubles may be off
NEAR = (1 / 8, 1 / 32, 1 / 128, 1 / 512)  # shares of a range, beside places where it is f
SIMPLE = 64  # simple fractions on a range at which f is read
MOST_EQUAL = 6  # derivatives that are those of f there
TRACE = arb(2) ** -10  # more than half of the error, from which proofs start

polyval = np.polynomial.polynomial.polyval


def moved_beyond(number: float, size: float, above: bool, grid: Grid) -> float:
    """The number of a grid, about the nearest, that is further up, or down, by the size at least."""
    wanted = Fraction(number) + (Fraction(size) if above else -Fraction(size))
    found = float(wanted)
    if above and Fraction(found) < wanted:
        found = nextafter(found, inf)
    if not above and Fraction(found) > wanted:
        found = nextafter(found, -inf)
    return found if grid.name == "float64" else grid.beyond(found, 1 if above else -1)


def moved_by(parts: Sequence[Sequence[Any]], change: Any) -> list[list[Any]]:
    """Numerator and denominator of a quotient with a number added, as balls."""
    over, under = parts
    pairs = zip_longest(over, under, fillvalue=0)
    return [[arb(a) + change * arb(b) for a, b in pairs], [*under]]


def error_beside(
    f: Activation, over: Sequence[float], under: Sequence[float], limits: tuple[float, float], side: int
) -> Bound:  # fmt: skip
    """The error of a quotient that is above f, or below with -1; infinite if that is not proved.

    Where f is a fraction it may be f, as numbers of a grid are exact there: beside it, it bends away.
    """
    x = np.linspace(*limits, PLACES)
    gaps, sizes = (
        np.abs(polyval(x, over) - f(x) * polyval(x, under)),
        polyval(np.abs(x), np.abs(over)),
    )
    text = f"({horner(over)})/({horner(under)})"
    if np.all(gaps <= ROUNDING * sizes) and is_formula(f, text, *limits):
        return Bound(0.0, 0.0, None)
    found = largest_error(f, over, *limits, under)
    if found.high == inf:
        return found
    half = arb(found.high) / 2 * (1 + TRACE)
    lowered, _ = moved_by((over, under), -side * half)
    beside = largest_error(f, lowered, *limits, under)
    if arb(beside.high) <= half:
        return found

    def within(a: float, b: float) -> bool:
        return a >= b or bool(arb(largest_error(f, lowered, a, b, under).high) <= half)

    low, high = limits
    x = np.array(exact_places(f, limits))
    gaps = np.abs(polyval(x, over) - f(x) * polyval(x, under))
    here = x[
        gaps <= ROUNDING * (polyval(np.abs(x), np.abs(over)) + np.abs(polyval(x, under)))
    ].tolist()
    for share in NEAR:
        reach = share * (high - low)
        left = low
        for place in here:
            near = max(low, place - reach), min(high, place + reach)
            ends = [(near[0], place), (place, near[1])]
            if not all(_bends_away(f, over, under, end, place, side) for end in ends):
                continue
            if not within(left, near[0]):
                break
            left = near[1]
        else:
            if left > low and within(left, high):
                return found
    return Bound(0.0, inf, beside.where)


def exact_places(f: Activation, limits: tuple[float, float]) -> list[float]:
    """Places where numbers of a grid may be f: ends, kinks and simple fractions where f is a fraction."""
    low, high = limits
    step = 2.0 ** ceil(log2((high - low) / SIMPLE))
    simple = (step * np.arange(ceil(low / step), floor(high / step) + 1)).tolist()
    places = sorted({low, high, *f.breakpoints.within(low, high), *simple})
    read = expanded(f.tree).read_once
    return [x for x in places if known_at(read, x).rest is None]


def _bends_away(
    f: Activation, over: Sequence[float], under: Sequence[float], limits: tuple[float, float],
    place: float, side: int,
) -> bool:  # fmt: skip
    """Whether a quotient is f at an end of limits and on the side of it there, by their derivatives."""
    if limits[0] == limits[1]:
        return True
    sides = [arb_poly([arb(c) for c in part]) for part in (over, under)]
    try:
        cells, _ = cells_of(f, sides[0], sides[1], *limits, without_high=False)
    except Undecided:
        return False
    if len(cells) > 1:
        return False
    value, tree = known_at(expanded(f.tree).read_once, place), cells[0][2].formulas[0]
    at = fmpq_poly([fmpq(*place.as_integer_ratio()), 1])
    p, q = (
        fmpq_series(
            fmpq_poly([fmpq(*Fraction(c).as_integer_ratio()) for c in part])(at), MOST_EQUAL
        )
        for part in (over, under)
    )
    equal, order = p / q, 0
    if value.rest is not None or value.exact != equal[0]:
        return False
    while order < MOST_EQUAL:  # from the limit of f on: it may jump
        known = known_at(tree.read_once, place, order)
        if known.rest is not None or known.exact != equal[order] * factorial(order):
            break
        order += 1
    if order == 0:
        return False
    span = hull(*limits)
    slopes = Program(derivatives(tree, order)).run(span)[order]
    around = arb_poly([span.low.union(span.high), 1])
    a, b = (arb_series(part(around).coeffs(), order + 1) for part in sides)
    gap = (a / b)[order] * factorial(order) - slopes.low.union(slopes.high)
    return bool(gap * (-side if place == limits[1] and order % 2 else side) > 0)


def moved_pieces(
    f: Activation, design: Design, above: bool, grid: Grid, apart: bool = False
) -> Design:
    """Pieces moved by the error of all, proved again: nowhere below f, or nowhere above.

    Those that are `apart`, and need not meet, are each moved by their own error.
    """
    if not 0 < design.error_high < inf:
        return replace(design, one_sided=True)
    pieces = [PolynomialPiece(*part) for part in design.parts]
    sizes = [design.error_high] * len(pieces)
    if apart:
        prove = Proofs(f, design.low, design.high)
        sizes = [
            0.0 if is_formula(f, horner(piece.coefficients), piece.low, piece.high)
            else min(prove(piece)[1], design.error_high)
            for piece in pieces
        ]  # fmt: skip
    pieces = [
        piece._replace(coefficients=[moved_beyond(float(first), size, above, grid), *rest])
        for piece, size in zip(pieces, sizes, strict=True)
        for first, *rest in [piece.coefficients]
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
