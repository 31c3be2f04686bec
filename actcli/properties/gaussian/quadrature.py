"""Integrates: certified Gauss-Legendre sums over balls, and tanh-sinh sums that certify nothing."""

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from flint import acb, arb, ctx

from ...numbers.types import Array
from ...numbers.wide import widened

REACH = 8.5  # P(|Z| > 8.5) = 2e-17
PRECISION = 96  # bits; sums come out to about 25 digits
DEGREES = (8, 12, 16, 20, 26, 34, 44)  # numbers of nodes
ELLIPSES = (4.0, 2.4, 1.7)  # sums of the half-axes, for a cell [-1, 1]


@cache
def rule(degree: int) -> list[tuple[Any, Any]]:
    """Encloses the nodes and weights of Gauss-Legendre quadrature on [-1, 1] in balls."""
    with ctx.workprec(PRECISION + 16):
        return [arb.legendre_p_root(degree, k, weight=True) for k in range(degree)]


def ellipse(middle: Any, half: Any, rho: float) -> Any:
    """Covers the Bernstein ellipse of a cell by a complex ball; rho: the sum of its half-axes / half."""
    wide, tall = half * ((rho + 1 / rho) / 2), half * ((rho - 1 / rho) / 2)
    return acb(arb(middle, wide.upper()), arb(0, tall.upper()))


def remainder(bound: Any, half: Any, rho: Any, degree: int) -> Any:
    """Bounds what the rule misses of an integral over a cell of that half length.

    The integrand is analytic on the ellipse and its modulus at most `bound` there: 64/15 M rho^(-2n) /
    (1 - rho^-2) for n >= 2 nodes on [-1, 1] (Rabinowitz 1969; Trefethen, Approximation Theory and
    Approximation Practice, theorem 19.3, which counts n + 1 nodes).
    """
    return bound * half * (64 / 15 / (1 - rho**-2)) * arb(rho) ** (-2 * degree)


def evenly(low: Any, high: Any, count: int) -> list[tuple[Any, Any]]:
    """Cuts an interval into `count` equal cells, at least one."""
    count = max(1, count)
    ends = [low, *((low + (high - low) * k / count).mid() for k in range(1, count)), high]
    return list(pairwise(ends))


def tanh_sinh(step: float) -> tuple[Array, Array]:
    """Computes nodes in (0, 1), ascending and symmetric, and weights: wide arrays of one length.

    Takahasi and Mori 1974.
    """
    count = int(3.4 / step)
    t = widened(np.arange(-count, count + 1)) * step
    grown = np.pi * np.sinh(t)
    u = 1 / (1 + np.exp(-grown))
    return u, step * np.pi * np.cosh(t) * u * u[::-1]


def spread(u: Array, low: float, high: float) -> Array:
    """Maps the nodes to an interval; distances to its ends are kept apart: singularities sit there."""
    return np.where(u < 0.5, low + (high - low) * u, high - (high - low) * u[::-1])
