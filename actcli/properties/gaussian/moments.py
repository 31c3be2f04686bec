"""Certifies averages over a standard normal input, where that is possible.

Gauss-Legendre sums over Arb balls; what they leave out is bounded by the integrand on an ellipse around
each cell, and beyond the cells by enclosures. Where that fails, plain quadrature answers instead and
the result says so.
"""

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import inf, isfinite, nan, sqrt
from typing import Any

import numpy as np
from flint import acb, arb, ctx

from ...expressions.node import Node, node
from ...expressions.program import Program
from ...numbers.ball import Ball, raw
from ...numbers.interval import LARGEST, Enclosure, enclosure, exact
from ...numbers.types import Number
from ...primitives import exp
from ...proofs.asymptotics import limit
from ...proofs.exact_values import rational
from ...proofs.points import Undecided
from ...proofs.shape import Shape
from .flat_share import evenly, flat_share
from .inverse import Work
from .quadrature import spread, tanh_sinh

PRECISION = 96  # bits; sums come out to about 25 digits
_FIRST_REACH = 9.5


# -- certified integrals ---------------------------------------------------------------------------
# What is averaged: f, f^2, f'^2 and x^2 f^2.
DEGREES = (8, 12, 16, 20, 26, 34, 44)
ELLIPSES = (4.0, 2.4, 1.7)  # sums of the half-axes, for a cell [-1, 1]
AGREE = 1e-9  # relative, of two plain sums that are given as measured
_WORK = 400_000  # steps of formulas; a function that takes more is left to plain quadrature


ALL = (0, 1, 2, 3)


class _Uncertified(Exception):
    """Averages that could not be certified; the message says where that failed."""


@cache
def rule(degree: int) -> list[tuple[Any, Any]]:
    with ctx.workprec(PRECISION + 16):
        return [arb.legendre_p_root(degree, k, weight=True) for k in range(degree)]


@dataclass(frozen=True)
class _Units:
    """Powers of 2 near the sizes of f and f': averages are of f and f' over these.

    So a function and 1e150 times it are answered alike.
    """

    value: Any
    slope: Any

    def of(self, f: Any, slope: Any) -> tuple[Any, Any]:
        return f / self.value, slope / self.slope

    def back(self, balls: list[Any], wanted: tuple[int, ...]) -> list[Any]:
        powers = (self.value, self.value**2, self.slope**2, self.value**2)
        return [ball * powers[k] for ball, k in zip(balls, wanted, strict=True)]


def _products(x: Any, values: list[Number], wanted: tuple[int, ...], units: _Units) -> list[Any]:
    """The integrands wanted at a ball, but for the factor 1/sqrt(2 pi)."""
    f, slope = units.of(*(raw(v) for v in values))
    bell = (x * x * -0.5).exp()
    first = f * bell
    if wanted == (0,):
        return [first]
    second = f * first
    if len(wanted) == 4:
        return [first, second, slope * slope * bell, x * x * second]
    known = {0: first, 1: second, 2: slope * slope * bell, 3: x * x * second}
    return [known[k] for k in wanted]


def _degree(
    program: Program,
    middle: Any,
    half: Any,
    limits: list[float],
    wanted: tuple[int, ...],
    units: _Units,
    work: Work,
) -> tuple[int, Any] | None:
    """A number of nodes that keeps the remainders below the limits, and bounds for those."""
    best: tuple[int, list[Any]] | None = None
    for rho in ELLIPSES:
        wide, tall = half * ((rho + 1 / rho) / 2), half * ((rho - 1 / rho) / 2)
        box = acb(arb(middle, wide.upper()), arb(0, tall.upper()))
        work.spend(program)
        bounds = [abs(p) for p in _products(box, program.run(Ball(box)), wanted, units)]
        if not all(b.is_finite() for b in bounds):
            continue
        sizes = [b.upper() * half * (64 / 15 / (1 - rho**-2)) for b in bounds]
        for degree in DEGREES:
            if best is not None and degree >= best[0]:
                break
            rests = [(s * arb(rho) ** (-2 * degree)).upper() for s in sizes]
            if all(r <= limit for r, limit in zip(rests, limits, strict=True)):
                best = degree, rests
                break
        if best is not None and best[0] <= 20:
            break
    return best


def _end_cell(
    program: Program,
    low: Any,
    high: Any,
    limits: list[float],
    wanted: tuple[int, ...],
    units: _Units,
) -> list[Any] | None:
    """The integrals over a tiny cell, by bounds alone; None if they are not small."""
    x = Enclosure(low, high)
    f, slope = (enclosure(v) for v in program.run(x))
    value, rate = units.of(f.magnitude, slope.magnitude)
    width, place = high - low, x.magnitude
    sizes = (value, value**2, rate**2, (value * place) ** 2)
    found = [sizes[k] * width for k in wanted]
    if all(s.is_finite() and s <= limit for s, limit in zip(found, limits, strict=True)):
        return [arb(0, s.upper()) for s in found]
    return None


def _cell_sum(
    program: Program,
    low: Any,
    high: Any,
    limits: list[float],
    wanted: tuple[int, ...],
    units: _Units,
    work: Work,
) -> list[Any]:
    """The integrals over an interval on which the formula is analytic."""
    sums = [arb(0)] * len(wanted)
    stack = evenly(low, high, int(float(high - low) / 2 + 0.999))
    while stack:
        a, b = stack.pop()
        middle, half = ((a + b) / 2).mid(), ((b - a) / 2).upper()
        found = _degree(program, middle, half, limits, wanted, units, work)
        if found is None:
            tiny = b - a < 1e-9
            closed = _end_cell(program, a, b, limits, wanted, units) if tiny else None
            if closed is not None:
                sums = [s + c for s, c in zip(sums, closed, strict=True)]
                continue
            if b - a < 1e-40 * (1 + 1e12 * abs(a)):
                raise _Uncertified(f"the averages stay open near {float(middle):.6g}")
            stack += [(a, middle), (middle, b)]
            continue
        degree, rests = found
        totals = [arb(0, r) for r in rests]
        half = (b - a) / 2
        for place, weight in rule(degree):
            x = middle + half * place
            work.spend(program)
            parts = _products(x, program.run(Ball(x)), wanted, units)
            factor = weight * half
            totals = [t + p * factor for t, p in zip(totals, parts, strict=True)]
        sums = [s + t for s, t in zip(sums, totals, strict=True)]
    return sums


def _tail(
    shape: Shape,
    side: int,
    start: float,
    limits: list[float],
    wanted: tuple[int, ...],
    units: _Units,
) -> list[Any]:
    """Bounds for the integrals over what lies beyond +-start; _Uncertified if one is too large."""
    totals = [arb(0)] * len(wanted)
    marks: list[float] = [start]
    while marks[-1] < 40:
        marks.append(marks[-1] * 1.2)
    marks += [400.0, 4e4, 1e9, 1e19, 1e39, 1e80, 1e160, LARGEST]
    stack = list(pairwise(marks))[::-1]
    spent = 0
    while stack:
        a, b = stack.pop()
        spent += 1
        near, far = arb(a), arb(b)
        density = exp(Enclosure(-near * near / 2)).magnitude / near
        low, high = (near, far) if side > 0 else (-far, -near)
        bounds = [arb(0)] * len(wanted)
        for index, p, q in shape.spans(low, high):
            f, slope = (enclosure(v) for v in shape.program(index, 0).run(Enclosure(p, q)))
            value, rate = units.of(f.magnitude, slope.magnitude)
            sizes = (value, value**2, rate**2, (value * far) ** 2)
            bounds = [t + sizes[k] * density for t, k in zip(bounds, wanted, strict=True)]
        share = 0.02 if b < 50 else 1e-4
        if all(x.is_finite() and x < m * share for x, m in zip(bounds, limits, strict=True)):
            totals = [t + x for t, x in zip(totals, bounds, strict=True)]
        elif spent > 300 or b < a * 1.01:
            raise _Uncertified(f"the averages stay open beyond {side * a:.6g}")
        else:
            middle = sqrt(a) * sqrt(b)
            stack += [(middle, b), (a, middle)]
    return totals


def _scales(shape: Shape, reach: float) -> tuple[_Units, list[float]]:
    """Rough sizes of f and f', and of the four integrals of absolute values in these units."""
    x = np.linspace(-reach, reach, 1203) + 1e-4
    f, slope = np.zeros_like(x), np.zeros_like(x)
    with np.errstate(all="ignore"):
        for index, piece in enumerate(shape.pieces):
            inside = (x > piece.low.number) & (x < piece.high.number)
            if inside.any():
                for whole, v in zip(
                    (f, slope), shape.program(index, 0).run(x[inside]), strict=True
                ):
                    whole[inside] = np.abs(v)
        bell = np.exp(-(x**2) / 2)
        tops = [np.max(v * bell, where=np.isfinite(v), initial=0.0) for v in (f, slope)]
        sizes = [np.ldexp(1.0, int(np.frexp(top)[1]) - 1) if top > 0 else 1.0 for top in tops]
        f, slope = f / sizes[0], slope / sizes[1]
        parts = np.array([f * bell, f * f * bell, slope**2 * bell, (x * f) ** 2 * bell])
        totals = np.where(np.isfinite(parts), parts, 0).sum(axis=1) * (x[1] - x[0])
    return _Units(*map(arb, sizes)), [max(float(t), 1e-12) for t in totals]


def _certified(shape: Shape, wanted: tuple[int, ...]) -> list[Any]:
    """The averages wanted, of E f, E f^2, E f'^2 and E Z^2 f^2, as balls; or _Uncertified."""
    reach = _FIRST_REACH
    while True:
        units, scales = _scales(shape, reach)
        limits = [scales[k] * 1e-13 for k in wanted]
        try:
            left, right = (_tail(shape, side, reach, limits, wanted, units) for side in (-1, 1))
            break
        except _Uncertified:
            reach *= 1.35
            if reach > 40:
                raise
    sums = [arb(0, (a + b).upper()) for a, b in zip(left, right, strict=True)]
    limits, work = [scales[k] * 1e-14 for k in wanted], Work(_WORK)
    with ctx.workprec(PRECISION):
        for index, low, high in shape.spans(arb(-reach), arb(reach)):
            try:
                found = _cell_sum(shape.program(index, 0), low, high, limits, wanted, units, work)
            except Undecided as why:
                raise _Uncertified(str(why)) from None
            sums = [s + x for s, x in zip(sums, found, strict=True)]
        root = (2 * arb.pi()).sqrt()
        return units.back([s / root for s in sums], wanted)


# -- infinite and uncertified averages -------------------------------------------------------------
def _diverges(shape: Shape, which: int) -> bool:
    """Whether the integral of |f|, f^2 or f'^2 (0, 1, 2) is proved to be infinite at some end."""
    x = Node("x")
    for index, piece in enumerate(shape.pieces):
        tree = shape.trees(index, 1)[which == 2]
        size = tree if which == 0 else node(tree * tree)
        for place, side in ((piece.low, -1), (piece.high, 1)):
            try:
                if not place.finite:
                    found = limit([node(size * exp(-(x * x) / 2))], side)[0]
                elif place.exact:
                    near = node(float(place.low)) - side / x
                    found = limit([node(node(size).read(near) / x)], 1)[0]
                else:
                    continue
            except (Undecided, TypeError, ArithmeticError, ValueError):
                continue
            if found == inf or found == -inf:
                return True
            if isinstance(found, Enclosure) and (found.positive or (which == 0 and found.negative)):
                return True
    return False


def _measured(shape: Shape) -> list[float]:
    """The four averages by tanh-sinh sums in longdouble; nan where two sums do not agree.

    Where a formula cancels (a quotient of two zeros, say) sums are of rounding errors; and where it
    grows like exp(x^2/5) much lies far out.
    """
    fine, coarse = _tanh_sinh_sums(shape, 0.04, 40), _tanh_sinh_sums(shape, 0.0631, 35)
    size = sqrt(fine[1]) if fine[1] >= 0 and isfinite(fine[1]) else 0.0
    slack = (1e-12 * min(1.0, size), 0.0, 0.0, 0.0)  # a mean may be 0
    return [
        a if isfinite(a) and abs(a - b) <= AGREE * abs(a) + rest else nan
        for a, b, rest in zip(fine, coarse, slack, strict=True)
    ]


def _tanh_sinh_sums(shape: Shape, step: float, reach: int) -> list[float]:
    """The sums over +-reach."""
    u, weight = tanh_sinh(step)
    totals = np.zeros(4)
    with np.errstate(all="ignore"):
        for index, low, high in shape.spans(arb(-reach), arb(reach)):
            ends = np.unique([float(low), float(high), *(
                c for c in range(-reach, reach) if float(low) < c < float(high)
            )])  # fmt: skip
            for a, b in pairwise(ends):
                x = spread(u, a, b)
                f, slope = (
                    np.broadcast_to(np.asarray(v, np.longdouble), x.shape)
                    for v in shape.program(index, 0).run(x)
                )
                bell = np.exp(-x * x / 2) * weight * (b - a)
                parts = np.array([f * bell, f * f * bell, slope**2 * bell, (x * f) ** 2 * bell])
                totals += np.where(np.isfinite(parts), parts, 0).sum(axis=1).astype(np.float64)
    return [float(t) / sqrt(2 * np.pi) for t in totals]


# -- the answer ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Averages:
    """Averages of f(Z), Z ~ N(0, 1): inf where infinite, nan where unknown or not existing.

    `certified`: every finite number is proved right to 1e-8; else some are by plain quadrature.
    `gain` is 0 where the mean square is infinite.
    `slope` is that of q -> gain^2 E f(sqrt(q) Z)^2 at q = 1, and chi1 is gain^2 E f'(Z)^2.
    """

    mean: float
    mean_square: float
    variance: float
    gradient_mean_square: float
    flat_share: float
    slope: float
    gain: float
    chi1: float
    certified: bool
    infinite: bool


def gaussian(shape: Shape) -> Averages:
    """Computes the averages of a function over a standard normal input."""
    certified = True
    constant = _constant(shape)
    try:
        balls = _certified(shape, ALL) if constant is None else constant
    except _Uncertified:
        balls, certified = _one_by_one(shape)
    mean, square, slope_square, moment = balls
    with ctx.workprec(PRECISION):
        flat, sure = flat_share(shape)
        infinite = not all(b.is_finite() or b.is_nan() for b in balls)
        positive = bool(square.is_finite() and square > 0)
        variance = square - mean * mean if positive else square
        gain = 1 / square.sqrt() if positive else square
        infinite_square = not (square.is_finite() or square.is_nan())
        return Averages(
            mean=_float(mean),
            mean_square=_float(square),
            variance=_float(variance if mean.is_finite() else square),
            gradient_mean_square=_float(slope_square),
            flat_share=_float(flat) if sure else nan,
            slope=_float((moment - square) / (2 * square)) if positive else nan,
            gain=(_float(gain) or nan) if positive else 0.0 if infinite_square else nan,
            chi1=_float(slope_square / square) if positive else nan,
            certified=certified,
            infinite=infinite,
        )


def _constant(shape: Shape) -> list[Any] | None:
    """The averages of a formula without x: sums would leave its variance of 0 to rounding."""
    tree = shape.trees(0, 0)[0]
    if len(shape.pieces) > 1 or tree.has_x:
        return None
    known = rational(tree, Fraction(0))
    if known is None:
        return None
    return [exact(known), exact(known**2), arb(0), exact(known**2)]


def _one_by_one(shape: Shape) -> tuple[list[Any], bool]:
    """The averages where they cannot be had together: infinite, certified or measured."""
    endless = [_diverges(shape, which) for which in range(3)]
    wanted = tuple(k for k in ALL if not endless[(0, 1, 2, 1)[k]])
    balls = [arb("inf")] * 4
    if endless[0] and not _one_sided(shape):
        balls[0] = arb.nan()
    if not wanted:
        return balls, True
    certified = any(endless)
    try:
        if not certified:
            raise _Uncertified
        found = _certified(shape, wanted)
    except _Uncertified:
        plain = _measured(shape)
        found = [arb.nan() if certified else arb(plain[k]) for k in wanted]
    for k, ball in zip(wanted, found, strict=True):
        balls[k] = ball
    return balls, certified


def _one_sided(shape: Shape) -> bool:
    """Whether f is nowhere negative, as far as a point in every piece tells."""
    return all(enclosure(shape.value(p.inside, 0, i)).low >= 0 for i, p in enumerate(shape.pieces))


def _float(ball: Any) -> float:
    """The middle; exactly 0 for a narrow ball around 0; nan where it is wide or beyond the doubles."""
    if not ball.is_finite():
        return nan if ball.is_nan() else inf
    middle, wide = float(ball.mid()), ball.rad()
    if not isfinite(middle) or not (wide < 1e-9 * abs(ball.mid()) or wide < 1e-13):
        return nan
    return 0.0 if ball.contains(0) else middle
