"""Certifies averages over a standard normal input, where that is possible.

Gauss-Legendre sums over Arb balls; what they leave out is bounded by the integrand on an ellipse around
each cell, and beyond the cells by enclosures. Where that fails, plain quadrature answers instead and
the result says so.
"""

from fractions import Fraction
from itertools import pairwise
from math import inf, isfinite, nan, sqrt
from typing import Any, NamedTuple

import numpy as np
from flint import arb, ctx

from ...expressions.node import Node, node
from ...expressions.program import Program
from ...numbers.ball import Ball
from ...numbers.distinct import distinct
from ...numbers.interval import LARGEST, Enclosure, enclosure, exact
from ...numbers.types import Array
from ...numbers.wide import widened
from ...primitives import exp
from ...proofs.asymptotics import limit
from ...proofs.exact_values import rational
from ...proofs.points import Undecided
from ...proofs.shape import Shape
from .flat_share import flat_share
from .inverse import Work
from .quadrature import (
    DEGREES,
    ELLIPSES,
    PRECISION,
    ellipse,
    evenly,
    remainder,
    rule,
    spread,
    tanh_sinh,
)

_FIRST_REACH = 9.5
AGREE = 1e-9  # relative, of two plain sums that are given as measured
_WORK = 400_000  # steps of formulas; a function that takes more is left to plain quadrature
ALL = (0, 1, 2, 3)  # what is averaged: f, f^2, f'^2 and x^2 f^2


class _Uncertified(Exception):
    """Averages that could not be certified; the message says where that failed."""


# -- certified integrals ---------------------------------------------------------------------------
class _Integrals:
    """The integrals wanted, but for the factor 1/sqrt(2 pi), of a function within and beyond +-reach.

    They are of f and f' over `units`, powers of 2 near their sizes, so that a function and 1e150 times it
    are answered alike.
    """

    def __init__(self, shape: Shape, wanted: tuple[int, ...], reach: float) -> None:
        self.shape, self.wanted, self.reach = shape, wanted, reach
        self.units, sizes = _scales(shape, reach)
        self.sizes = [sizes[k] for k in wanted]
        self.limits = [size * 1e-14 for size in self.sizes]  # of what a cell may leave open
        self.work = Work(_WORK)

    def averages(self, sums: list[Any]) -> list[Any]:
        """The integrals in units of 1, over sqrt(2 pi)."""
        root = (2 * arb.pi()).sqrt()
        value, slope = self.units
        powers = (value, value**2, slope**2, value**2)
        return [s / root * powers[k] for s, k in zip(sums, self.wanted, strict=True)]

    def _products(self, program: Program, x: Any) -> list[Any]:
        """The integrands at a ball."""
        self.work.spend(program)
        f, slope = (v / unit for v, unit in zip(program.bare(Ball(x)), self.units, strict=True))
        bell = (x * x * -0.5).exp()
        first = f * bell
        second = f * first
        products = (first, second, slope * slope * bell, x * x * second)
        return [products[k] for k in self.wanted]

    def _bounds(self, program: Program, x: Enclosure, far: Any) -> list[Any]:
        """Bounds of the integrands on a cell that lies within +-far, without their factor exp(-x^2/2)."""
        sizes = (enclosure(v).magnitude for v in program.run(x))
        value, rate = (size / unit for size, unit in zip(sizes, self.units, strict=True))
        bounds = (value, value**2, rate**2, (value * far) ** 2)
        return [bounds[k] for k in self.wanted]

    def _degree(self, program: Program, middle: Any, half: Any) -> tuple[int, Any] | None:
        """A number of nodes that keeps the remainders below the limits, and bounds for those."""
        best: tuple[int, list[Any]] | None = None
        for rho in ELLIPSES:
            bounds = [abs(p) for p in self._products(program, ellipse(middle, half, rho))]
            if not all(b.is_finite() for b in bounds):
                continue
            for degree in DEGREES:
                if best is not None and degree >= best[0]:
                    break
                rests = [remainder(b.upper(), half, rho, degree).upper() for b in bounds]
                if all(r <= limit for r, limit in zip(rests, self.limits, strict=True)):
                    best = degree, rests
                    break
            if best is not None and best[0] <= 20:
                break
        return best

    def _end_cell(self, program: Program, low: Any, high: Any) -> list[Any] | None:
        """The integrals over a tiny cell, by bounds alone; None if they are not small."""
        x = Enclosure(low, high)
        found = [bound * (high - low) for bound in self._bounds(program, x, x.magnitude)]
        if all(s.is_finite() and s <= limit for s, limit in zip(found, self.limits, strict=True)):
            return [arb(0, s.upper()) for s in found]
        return None

    def over(self, program: Program, low: Any, high: Any) -> list[Any]:
        """The integrals over an interval on which the formula is analytic."""
        sums = [arb(0)] * len(self.wanted)
        stack = evenly(low, high, int(float(high - low) / 2 + 0.999))
        while stack:
            a, b = stack.pop()
            middle, half = ((a + b) / 2).mid(), ((b - a) / 2).upper()
            found = self._degree(program, middle, half)
            if found is None:
                closed = self._end_cell(program, a, b) if b - a < 1e-9 else None
                if closed is not None:
                    sums = _added(sums, closed)
                    continue
                if b - a < 1e-40 * (1 + 1e12 * abs(a)):
                    raise _Uncertified(f"the averages stay open near {float(middle):.6g}")
                stack += [(a, middle), (middle, b)]
                continue
            degree, rests = found
            totals = [arb(0, r) for r in rests]
            half = (b - a) / 2
            for place, weight in rule(degree):
                factor = weight * half
                parts = self._products(program, middle + half * place)
                totals = _added(totals, [p * factor for p in parts])
            sums = _added(sums, totals)
        return sums

    def beyond(self, side: int) -> list[Any]:
        """Bounds for the integrals over what lies beyond +-reach; _Uncertified if one is too large."""
        totals = [arb(0)] * len(self.wanted)
        limits = [size * 1e-13 for size in self.sizes]
        marks: list[float] = [self.reach]
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
            bounds = [arb(0)] * len(self.wanted)
            for index, p, q in self.shape.spans(low, high):
                sizes = self._bounds(self.shape.program(index, 0), Enclosure(p, q), far)
                bounds = _added(bounds, [size * density for size in sizes])
            share = 0.02 if b < 50 else 1e-4
            if all(x.is_finite() and x < m * share for x, m in zip(bounds, limits, strict=True)):
                totals = _added(totals, bounds)
            elif spent > 300 or b < a * 1.01:
                raise _Uncertified(f"the averages stay open beyond {side * a:.6g}")
            else:
                middle = sqrt(a) * sqrt(b)
                stack += [(middle, b), (a, middle)]
        return totals


def _added(one: list[Any], other: list[Any]) -> list[Any]:
    return [a + b for a, b in zip(one, other, strict=True)]


def _plain_sums(x: Array, f: Array, slope: Array, weight: Array) -> Array:
    """Sums of the four integrands times a weight over inputs, those that are not finite left out."""
    parts = np.stack([f * weight, f * f * weight, slope**2 * weight, (x * f) ** 2 * weight])
    return np.where(np.isfinite(parts), parts, 0).sum(axis=1)


def _scales(shape: Shape, reach: float) -> tuple[tuple[Any, Any], list[float]]:
    """Units of f and f', and rough sizes of the four integrals of absolute values in these units."""
    x = np.linspace(-reach, reach, 1203) + 1e-4
    f, slope = np.zeros_like(x), np.zeros_like(x)
    with np.errstate(all="ignore"):
        for index, piece in enumerate(shape.pieces):
            inside = (x > piece.low.number) & (x < piece.high.number)
            if inside.any():
                values = shape.program(index, 0).run(x[inside])
                f[inside], slope[inside] = (np.abs(v) for v in values)
        bell = np.exp(-(x**2) / 2)
        tops = [np.max(v * bell, where=np.isfinite(v), initial=0.0) for v in (f, slope)]
        units = [np.ldexp(1.0, int(np.frexp(top)[1]) - 1) if top > 0 else 1.0 for top in tops]
        totals = _plain_sums(x, f / units[0], slope / units[1], bell) * (x[1] - x[0])
    return (arb(units[0]), arb(units[1])), [max(float(t), 1e-12) for t in totals]


def _certified(shape: Shape, wanted: tuple[int, ...]) -> list[Any]:
    """The averages wanted, of E f, E f^2, E f'^2 and E Z^2 f^2, as balls; or _Uncertified."""
    reach = _FIRST_REACH
    while True:
        integrals = _Integrals(shape, wanted, reach)
        try:
            tails = _added(integrals.beyond(-1), integrals.beyond(1))
            break
        except _Uncertified:
            reach *= 1.35
            if reach > 40:
                raise
    sums = [arb(0, tail.upper()) for tail in tails]
    with ctx.workprec(PRECISION):
        for index, low, high in shape.spans(arb(-reach), arb(reach)):
            try:
                sums = _added(sums, integrals.over(shape.program(index, 0), low, high))
            except Undecided as why:
                raise _Uncertified(str(why)) from None
        return integrals.averages(sums)


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
    """The four averages by tanh-sinh sums in wide numbers; nan where two sums do not agree.

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
            ends = distinct([float(low), float(high), *(
                c for c in range(-reach, reach) if float(low) < c < float(high)
            )])  # fmt: skip
            for a, b in pairwise(ends):
                x = spread(u, a, b)
                f, slope = (
                    np.broadcast_to(widened(v), x.shape) for v in shape.program(index, 0).run(x)
                )
                bell = np.exp(-x * x / 2) * weight * (b - a)
                totals += _plain_sums(x, f, slope, bell).astype(np.float64)
    return [float(t) / sqrt(2 * np.pi) for t in totals]


# -- the answer ------------------------------------------------------------------------------------
class Averages(NamedTuple):
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
