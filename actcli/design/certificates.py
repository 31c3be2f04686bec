"""Proves how far a polynomial is from a function, down to 1e-15 and below.

On a cell without breakpoints the function is replaced by its interpolant in Chebyshev nodes: where it is
holomorphic and at most M on the ellipse with foci at the ends of the cell and half axes that sum to
rho halves of the cell, that is off by 4 M rho^-n/(rho - 1) at most (Trefethen, Approximation Theory
and Approximation Practice, theorem 8.2). The difference of two polynomials has its largest size at an end
or at a root of its derivative, all of which Arb encloses.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import inf, nextafter
from typing import Any

from flint import acb, arb, arb_poly, ctx

from ..evaluation.activation import Activation
from ..expressions.program import Program
from ..numbers.ball import Ball, raw

PRECISION = 256  # bits
NODES = 48
RHO = 3.0
START, MOST_PARTS = 16, 20_000  # cells in which the largest size of a polynomial is looked for
UNIT = arb(0, 1)
MOST_CELLS = 400
RELATIVE = 1e-7  # of the largest error, that a remainder may take


@dataclass(frozen=True)
class Bound:
    """The largest |f - p| is in [low, high]; `where` it is about, or None if nothing is proved."""

    low: float
    high: float
    where: float | None


def largest_error(f: Activation, coefficients: Sequence[float], low: float, high: float) -> Bound:
    """Bounds sup |f - p| on [low, high] for p with power coefficients, ascending, exactly these.

    `high` is infinite where nothing is proved: f has a jump or a pole there, or too many cells.
    """
    with ctx.workprec(PRECISION):
        exact = arb_poly([arb(c) for c in coefficients])
        cuts = [x for x in f.breakpoints.within(low, high) if low < x < high]
        ends = [low, *cuts, high]
        tops: list[tuple[Any, Any, float]] = []
        stack = [*pairwise(ends)]
        cells = 0
        least = arb(0)
        while stack:
            a, b = stack.pop()
            cells += 1
            if cells > MOST_CELLS:
                return Bound(float(least), inf, None)
            found = _cell(f, exact, a, b, least)
            if found is None:
                middle = a / 2 + b / 2
                if not a < middle < b:
                    return Bound(float(least), inf, None)
                stack += [(a, middle), (middle, b)]
                continue
            tops.append(found)
            if found[0] > least:
                least = found[0]
        best = max(tops, key=lambda top: float(top[0]))
        most = max(float(top[1].upper()) for top in tops)
        return Bound(nextafter(float(best[0].lower()), -inf), nextafter(most, inf), best[2])


def _cell(
    f: Activation, exact: Any, a: float, b: float, least: Any
) -> tuple[Any, Any, float] | None:
    """A value of |f - p| on a cell, a bound of all, and where; None if the cell is too wide."""
    program = _program(f, a, b)
    middle, half = (arb(a) + arb(b)) / 2, (arb(b) - arb(a)) / 2
    size = _on_ellipse(program, middle, half)
    if size is None:
        return None
    rho = arb(RHO)
    remainder = 4 * size * rho ** -(NODES - 1) / (rho - 1)
    difference = _interpolant(program, middle, half) - exact(arb_poly([middle, half]))
    tops = _largest(difference, RELATIVE)
    if tops is None:
        return None
    top_low, top_high, where = tops
    wanted = RELATIVE * max(float(top_low), float(least))
    if not (remainder < wanted or remainder < 1e-40):
        return None
    return top_low - remainder, top_high + remainder, float((middle + half * where).mid())


_PROGRAMS: dict[tuple[str, float], Program] = {}


def _program(f: Activation, a: float, b: float) -> Program:
    """The formula of the branch between a and b."""
    from ..expressions.differentiate import expanded
    from ..proofs.branches import resolve_at

    inside = a / 2 + b / 2
    cuts = f.breakpoints.within(-1e9, 1e9)
    piece = sum(c <= inside for c in cuts)
    key = (f.text, piece)
    if key not in _PROGRAMS:
        _PROGRAMS[key] = Program([resolve_at(expanded(f.tree), Fraction(inside))])
    return _PROGRAMS[key]


def _on_ellipse(program: Program, middle: Any, half: Any) -> Any | None:
    """A bound of |f| on the ellipse; None where it is not known to be holomorphic inside."""
    # inside: a few discs cover the ellipse; that f is finite on them makes it holomorphic there
    grown, shrunk = (RHO + 1 / RHO) / 2, (RHO - 1 / RHO) / 2
    largest = arb(0)
    columns, rows = 8, 5
    for i in range(columns):
        for j in range(rows):
            re = arb(-grown + (2 * i + 1) * grown / columns, grown / columns * 1.01)
            im = arb(-shrunk + (2 * j + 1) * shrunk / rows, shrunk / rows * 1.01)
            value = raw(program.run(Ball(acb(middle + half * re, half * im)))[0])
            value = abs(acb(value))
            if not value.is_finite():
                return None
            upper = value.upper()
            if upper > largest:
                largest = upper
    return largest


def _interpolant(program: Program, middle: Any, half: Any) -> Any:
    """The polynomial in u = (x - middle)/half through f in the Chebyshev nodes."""
    nodes = [(arb(2 * k + 1) / (2 * NODES)).cos_pi() for k in range(NODES)]
    values = [arb(raw(program.run(Ball(middle + half * u))[0])) for u in nodes]
    before, here = arb_poly([1]), arb_poly([0, 1])
    total = arb_poly([sum(values, arb(0)) / NODES])
    for n in range(1, NODES):
        weight = sum(
            (v * (arb(n * (2 * k + 1)) / (2 * NODES)).cos_pi() for k, v in enumerate(values)),
            arb(0),
        )
        total += here * (2 * weight / NODES)
        before, here = here, arb_poly([0, 2]) * here - before
    return total


def _largest(p: Any, enough: float) -> tuple[Any, Any, Any] | None:
    """A value of |p| on [-1, 1], a bound of all, and about where it is largest.

    By bisection with a Taylor expansion to the second order in each cell; the bound is within `enough`
    of the value, relatively. None after too many cells.
    """
    first, second = p.derivative(), p.derivative().derivative()
    best, where = arb(0), arb(0)
    for place in (arb(-1), arb(1)):
        value = abs(p(place)).lower()
        if value > best:
            best, where = value, place
    most = max(abs(p(arb(-1))).upper(), abs(p(arb(1))).upper(), key=float)
    cells = [(arb(2 * k + 1) / START - 1, arb(1) / START) for k in range(START)]
    for _ in range(MOST_PARTS):
        if not cells:
            return best, max(most, best, key=float), where
        m, r = cells.pop()
        value = p(m)
        size = abs(value)
        if size.lower() > best:
            best, where = size.lower(), m
        bound = (
            size.upper() + r * abs(first(m)).upper() + r * r / 2 * abs(second(m + r * UNIT)).upper()
        )
        if bound <= best * (1 + enough) or bound < 1e-45:
            if bound.upper() > most:
                most = bound.upper()
            continue
        cells += [(m - r / 2, r / 2), (m + r / 2, r / 2)]
    return None
