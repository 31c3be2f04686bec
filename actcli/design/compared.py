"""Distances between functions, down to rounding where they hardly differ."""

from fractions import Fraction
from math import inf
from typing import Any

import numpy as np
from flint import arb, fmpq, fmpq_poly

from ..evaluation.activation import Activation
from ..expressions.differentiate import derivative
from ..expressions.node import Node, node
from ..numbers.exact import rational
from ..proofs.branch_and_bound import Distance
from ..proofs.difference import FormulaDifference
from ..proofs.distance import CELLS, supremum
from ..proofs.distance import distances as by_cells
from ..proofs.periods import one_period
from ..proofs.points import written
from .certificates import largest_error
from .polynomials import Reading

SHARP = 1e-12  # relative width of the interval around a distance, and the most
ENOUGH = 1e-10  # of one that is told
MOST = 200  # degree of a polynomial
SAMPLES = 33
REACHES, FEW = (10.0, 40.0), 300  # of the middle of the line, and cells that its ends may cost
CLOSE = 1e-6  # relative difference of all of these, of which cells tell little, or nothing


def distances(
    f: Activation, g: Activation, limits: tuple[float, float] | None
) -> tuple[Distance, Distance]:
    """Certifies sup |f - g| and sup |f' - g'|, as proofs.distance does, whose cells end near 1e-10.

    Where they end undecided, or samples tell that they would, functions on a range, or periodic ones, are
    compared by interpolation on ellipses, and slopes of what has no breakpoints; ends of the range
    that are no doubles are left to the cells.
    """
    if "Python callable" in (f.family, g.family):  # nothing is known of its formula
        return by_cells(f.tree, g.tree, limits)
    whole = FormulaDifference(f.tree, g.tree, limits)
    values = _distance(whole, 0, f, g, limits)
    if f.breakpoints.listed or g.breakpoints.listed:
        return values, supremum(whole, 1, CELLS)
    return values, _distance(whole, 1, _slope(f), _slope(g), limits)


def _distance(
    whole: FormulaDifference, order: int, f: Activation, g: Activation,
    limits: tuple[float, float] | None,
) -> Distance:  # fmt: skip
    """The largest difference of derivatives f and g of that order."""
    ends = _ends(f, g, limits)
    near = ends is not None and _hardly_differ(f, g, ends)
    found = _interpolated(f, g, ends) if ends and near else None
    if found is None:
        found = supremum(whole, order, CELLS)
        if found.value is None and ends and not near:
            found = _interpolated(f, g, ends) or found
    return found


def _slope(f: Activation) -> Activation:
    """The derivative of what has no breakpoints."""
    return typed(f"grad({f.label})", derivative(f.tree))


def typed(label: str, tree: Node) -> Activation:
    """Wraps a formula as a function to compare."""
    return Activation(label, label, lambda x, **_: tree.read(x), {}, typed=True)


def _hardly_differ(f: Activation, g: Activation, limits: tuple[float, float]) -> bool:
    """Whether no sample differs by what cells could tell."""
    x = np.linspace(*limits, SAMPLES)
    with np.errstate(all="ignore"):
        one, other = f(x), g(x)
    return bool(np.all(np.abs(one - other) <= CLOSE * np.max(np.abs(one))))


def by_interpolation(
    f: Activation, g: Activation, limits: tuple[float, float] | None
) -> Distance | None:
    """The largest difference; None where it is not proved.

    On the line it is that of the middle, if it is shown to be no larger far out.
    """
    ends = _ends(f, g, limits)
    if ends is not None or limits is not None:
        return None if ends is None else _interpolated(f, g, ends)
    for reach in REACHES:
        found = _interpolated(f, g, (-reach, reach))
        tails = (FormulaDifference(f.tree, g.tree, far) for far in ((-inf, -reach), (reach, inf)))
        if found is None or all(supremum(far, 0, FEW).high <= found.low for far in tails):
            return found
    return None


def _ends(
    f: Activation, g: Activation, limits: tuple[float, float] | None
) -> tuple[float, float] | None:
    """The range, or a period of both functions; None if there is none, or ends are no doubles."""
    if limits is None:
        low, high = one_period(node(f.tree - g.tree), written(-inf), written(inf))
        return (low.number, high.number) if low.finite and high.finite else None
    return limits if all(rational(x) == Fraction(x) for x in limits) else None


def _interpolated(f: Activation, g: Activation, limits: tuple[float, float]) -> Distance | None:
    left = typed(f"{f.label} - {g.label}", node(f.tree - g.tree))
    for one, other in ((f, g.tree), (g, f.tree), (left, node(0))):
        p = polynomial_of(other)
        if p is None:
            continue
        found = largest_error(one, p.coeffs() or [0], *limits, enough=SHARP)
        sharp = found.high - found.low <= ENOUGH * found.high  # not below what is as good as 0
        if found.where is not None and sharp:
            here = p(fmpq(*found.where.as_integer_ratio()))
            there = float(abs(Reading(one).exact(arb(found.where)) - arb(here)))
            middle = there if found.low <= there <= found.high else (found.low + found.high) / 2
            told = f"in [{found.low:.15g}, {found.high:.15g}], attained near {found.where:.6g}"
            return Distance(middle, found.where, found.low, found.high, True, told)
    return None


def polynomial_of(tree: Node) -> Any:
    """The polynomial that a formula is, in exact fractions; None if it is none, or of a huge degree."""
    known: dict[int, Any] = {}

    def read(part: Node) -> Any:
        if id(part) not in known:
            known[id(part)] = step(part)
        return known[id(part)]

    def step(part: Node) -> Any:
        if part.op == "x":
            return fmpq_poly([0, 1])
        if part.op == "number":
            value = Fraction(part.args[0])
            return fmpq_poly([fmpq(value.numerator, value.denominator)])
        if part.op not in ("+", "-", "*", "/", "**", "neg"):
            return None
        args = [read(arg) for arg in part.args]
        if any(arg is None for arg in args):
            return None
        if part.op == "neg":
            return -args[0]
        a, b = args
        if part.op in "+-":
            return a + b if part.op == "+" else a - b
        if part.op == "*":
            return a * b if a.degree() + b.degree() <= MOST else None
        if b.degree() > 0:
            return None
        if part.op == "/":
            return a * fmpq_poly([1 / b[0]]) if b[0] != 0 else None
        power = b[0]
        whole = power.q == 1 and power >= 0
        return a ** int(power.p) if whole and a.degree() * int(power.p) <= MOST else None

    return read(tree)
