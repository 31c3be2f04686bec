"""Averages over a normal input, by Gauss-Legendre sums between the places where a function breaks."""

import math

import numpy as np

from ...evaluate import Activation
from ..layers import Floats

NODES = 24  # per stretch of at most half a standard deviation
FARTHEST = 12.0  # standard deviations


def normal_points(f: Activation, variance: float = 1.0) -> tuple[Floats, Floats]:
    """Points z and shares p of the same shape, so that E g(z) = sum(g(z) * p) for z ~ N(0, variance).

    g may break where f does, and nowhere else.
    """
    scale = math.sqrt(variance)
    reach = FARTHEST * scale
    cuts = np.array([cut.x / scale for cut in f.cuts(-reach, reach)])
    even = np.arange(-2 * FARTHEST, 2 * FARTHEST + 1) / 2
    edges = np.unique(np.concatenate([even, cuts]))
    nodes, shares = np.polynomial.legendre.leggauss(NODES)
    half = np.diff(edges)[:, None] / 2
    t = edges[:-1, None] + half * (nodes + 1)
    return scale * t, half * shares * np.exp(-t * t / 2) / math.sqrt(2 * math.pi)


def mean_and_variance(f: Activation) -> tuple[float, float]:
    """Of f(z), z ~ N(0, 1)."""
    z, shares = normal_points(f)
    value = f.quick(z)[0]
    mean = float((value * shares).sum())
    return mean, float(((value - mean) ** 2 * shares).sum())


def mean_squares(f: Activation, variance: float) -> tuple[float, float]:
    """E f(z)^2 and E f'(z)^2 for z ~ N(0, variance)."""
    z, shares = normal_points(f, variance)
    value, slope = f.quick(z)
    return float((value * value * shares).sum()), float((slope * slope * shares).sum())
