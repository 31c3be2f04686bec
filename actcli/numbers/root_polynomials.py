"""Polynomials around the simple roots of gradients, which give few digits elsewhere."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .wide import wide_type, widened

Wide = Any  # an array of the type in wide.py
PER_UNIT = 256  # cells per unit
Floats = NDArray[np.float64]
Sharp = Callable[[Any], Any]  # the value at a Ball, as a Ball
AROUND = 5 / PER_UNIT  # reach of the polynomial around a root,
AROUND_DEGREE = 7  # and its degree, odd so that no node is the root
TOLERANCE = 2.0**-55  # a polynomial's relative error: a quarter of half an ulp


@dataclass(frozen=True)
class RootNeighbourhood:
    """A simple root of a gradient as the sum of two doubles, and polynomials in the distance to it."""

    high: float
    low: float
    value: float
    slopes: tuple[float, ...]  # coefficients of gradient/distance

    def __call__(self, x: Floats) -> tuple[Floats, Floats]:
        """Value and gradient at x, within AROUND of the root."""
        d = x - self.high - self.low
        gradient, value = np.zeros_like(x), np.zeros_like(x)
        for n in range(len(self.slopes) - 1, -1, -1):
            gradient = gradient * d + self.slopes[n]
            value = value * d + self.slopes[n] / (n + 2)
        return value * d * d + self.value, gradient * d


def polynomial_around(sharp: Sharp, low: float, high: float) -> RootNeighbourhood | None:
    """The polynomial around the root between low and high; None where none will do."""
    from flint import arb, ctx

    from .ball import Ball, raw

    def wide(number: Any) -> Any:
        first = float(number.mid())
        return wide_type()(first) + float((number - first).mid())

    with ctx.workprec(500):
        tiny = arb(2) ** -100

        def gradient(x: Any) -> Any:  # what the difference leaves out is about 2^-200
            return (raw(sharp(Ball(x + tiny))) - raw(sharp(Ball(x - tiny)))) / (2 * tiny)

        try:
            a, b = arb(low), arb(high)
            before, after = gradient(a), gradient(b)
            for _ in range(60):  # the secant method, each step from the middles of balls
                step = (after * (b - a) / (after - before)).mid()
                a, before, b = b, after, b - step
                after = gradient(b)
                if abs(step) < 2.0**-150:
                    break
            margin = arb(2) ** -140
            ends = gradient(b - margin), gradient(b + margin)
            if not (low < b and b < high and ends[0] * ends[1] < 0):
                return None
            places, inverse = _places(AROUND_DEGREE)
            distances = [arb(float(place * 2)) * AROUND for place in places[:-1]]
            shares = [wide(gradient(b + d) / d) for d in distances]
            value = float(raw(sharp(Ball(b))).mid())
            root = float(b.mid()) if abs(b) > margin else 0.0
            rest = float((b - root).mid()) if root else 0.0
        except (TypeError, AttributeError, ValueError):  # a formula that balls cannot read
            return None
    count = AROUND_DEGREE + 1
    found = inverse @ np.stack(shares[:count])
    coefficients = [found[n] / widened(2 * AROUND) ** n for n in range(count)]
    for d, share in zip(distances[count:], shares[count:], strict=True):
        fitted = sum(c * widened(float(d)) ** n for n, c in enumerate(coefficients))
        if not abs(fitted - share) <= TOLERANCE * abs(share):
            return None
    return RootNeighbourhood(root, rest, value, tuple(float(c) for c in coefficients))


@cache
def _places(degree: int) -> tuple[Wide, Wide]:
    """Where a cell is looked at, in units of its width, and what makes coefficients of the nodes.

    First degree + 1 Chebyshev nodes, then places for tests, last the middle.
    """
    count = degree + 1
    nodes = np.cos((2 * np.arange(count) + 1) * np.pi / (2 * count)) / 2
    nodes[np.abs(nodes) < 1e-9] = 0
    tests = np.array([-0.5, -0.27, 0.11, 0.5, 0])
    columns = []
    for node in nodes:
        column: Any = widened(np.ones(1))
        for other in nodes[nodes != node]:
            share = np.stack([widened(-other), widened(1.0)]) / (widened(node) - other)
            column = _convolved(column, share)
        columns.append(column)
    return widened(np.concatenate([nodes, tests])), np.stack(columns, axis=1)


def _convolved(column: Wide, share: Wide) -> Wide:
    """The product of a polynomial and one of degree 1."""
    if isinstance(column, np.ndarray):
        return np.convolve(column, share)
    zero = widened(np.zeros(1))
    return np.concatenate([column, zero]) * share[0] + np.concatenate([zero, column]) * share[1]
