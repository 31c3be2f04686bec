"""Averages over a normal input, by Gauss-Legendre sums between the places where a function breaks."""

import math
from collections.abc import Callable
from functools import cache

import numpy as np

from ...evaluation.activation import Activation
from ...numbers.types import Floats

NODES = 24, 36  # per stretch of at most half a standard deviation: two sums that should be the same
FARTHEST = 12.0  # standard deviations
TOLERANCE = 1e-7


def mean_and_variance(f: Activation) -> tuple[float, float]:
    """Of f(z), z ~ N(0, 1); nan where the sums do not settle, as when there is no such average."""
    mean, square = _averages(f, 1.0, lambda value, _: (value, value * value))
    return mean, square - mean * mean


def mean_squares(f: Activation, variance: float) -> tuple[float, float]:
    """E f(z)^2 and E f'(z)^2 for z ~ N(0, variance); nan where the sums do not settle."""
    return _averages(f, variance, lambda value, slope: (value * value, slope * slope))


@cache
def _rule(count: int) -> tuple[Floats, Floats]:
    nodes, shares = np.polynomial.legendre.leggauss(count)
    return nodes, shares


def _averages(
    f: Activation, variance: float, of: Callable[[Floats, Floats], tuple[Floats, Floats]]
) -> tuple[float, float]:
    """Two averages of value and slope by two rules each, which must agree."""
    scale = math.sqrt(variance)
    reach = FARTHEST * scale
    cuts = np.array([cut.x / scale for cut in f.cuts(-reach, reach)])
    even = np.arange(-2 * FARTHEST, 2 * FARTHEST + 1) / 2
    edges = np.unique(np.concatenate([even, cuts]))
    half = np.diff(edges)[:, None] / 2
    sums = []
    for count in NODES:
        nodes, shares = _rule(count)
        t = edges[:-1, None] + half * (nodes + 1)
        density = half * shares * np.exp(-t * t / 2) / math.sqrt(2 * math.pi)
        value, slope = f.quick(scale * t)
        sums.append([float((part * density).sum()) for part in of(value, slope)])
    first, second = (
        fine if abs(fine - rough) <= TOLERANCE * max(1.0, abs(fine)) else math.nan
        for rough, fine in zip(*sums, strict=True)
    )
    return first, second
