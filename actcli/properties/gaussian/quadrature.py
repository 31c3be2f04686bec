"""Integrates in longdouble by tanh-sinh quadrature (Takahasi and Mori 1974); nothing is certified."""

import numpy as np

from ...numbers.types import Array

REACH = 8.5  # P(|Z| > 8.5) = 2e-17


def tanh_sinh(step: float) -> tuple[Array, Array]:
    """Computes nodes in (0, 1), ascending and symmetric, and weights: longdouble arrays of one length."""
    count = int(3.4 / step)
    t = np.arange(-count, count + 1, dtype=np.longdouble) * step
    grown = np.longdouble(np.pi) * np.sinh(t)
    u = 1 / (1 + np.exp(-grown))
    return u, step * np.longdouble(np.pi) * np.cosh(t) * u * u[::-1]


def spread(u: Array, low: float, high: float) -> Array:
    """Maps the nodes to an interval; distances to its ends are kept apart: singularities sit there."""
    return np.where(u < 0.5, low + (high - low) * u, high - (high - low) * u[::-1])
