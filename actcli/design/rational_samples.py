"""Rational functions at samples by linear programs, where the exchange has no place to start from.

Differential correction lowers the largest error at samples step by step, from any start (Barrodale, Powell,
Roberts 1972). Where f jumps no continuous function is nearer than half of the jump, and one that goes
through the middle of it may be as near as that everywhere: that is one linear program.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..numbers.types import Floats
from .exchange import NoConvergence, chebyshev_places, dense_places
from .rational_problem import RationalProblem

STEPS = 40
SETTLED = 1e-9  # of an error, that is no gain
SLACK = 0.05  # of the error, that is asked for at a range's width from a jump
LEAST = 1e-6  # of a denominator, by its largest coefficient

chebvander = np.polynomial.chebyshev.chebvander


def corrected(problem: RationalProblem) -> tuple[Floats, Floats, float]:
    """p and q with about the least largest error at samples, and that; by steps that lower it.

    NoConvergence where there are none.
    """
    from scipy.optimize import linprog

    x = dense_places(problem, chebyshev_places(problem.low, problem.high, problem.touches + 1))
    f, w, p, q = _columns(problem, x)
    equal = _equal(problem, problem.pins, [float(problem.exact(v)) for v in _arbs(problem.pins)])
    level, below = 2 * float(np.max(np.abs(f) / w)), np.ones(len(x))
    found: tuple[Floats, Floats] | None = None
    for _ in range(STEPS):
        limit = (level * w)[:, None] * q
        over = np.hstack([p, -f[:, None] * q])
        units = (w * below)[:, None]
        if problem.side:
            over = problem.side * over
            rows = [np.hstack([over - np.hstack([0 * p, limit]), -units]),
                    np.hstack([-over, 0 * units])]  # fmt: skip
        else:
            limit = np.hstack([0 * p, limit])
            rows = [np.hstack([over - limit, -units]), np.hstack([-over - limit, -units])]
        matrix = np.vstack(rows) / np.tile(units, (2, 1))
        result = linprog(
            [*[0.0] * (p.shape[1] + q.shape[1]), 1.0], A_ub=matrix, b_ub=np.zeros(len(matrix)),
            A_eq=None if equal is None else np.hstack([equal, np.zeros((len(equal), 1))]),
            b_eq=None if equal is None else np.zeros(len(equal)),
            bounds=[(None, None)] * p.shape[1] + [(-1, 1)] * q.shape[1] + [(None, 0)],
            method="highs",
        )  # fmt: skip
        if result.x is None:
            break
        over_c, under_c = result.x[: p.shape[1]], result.x[p.shape[1] : -1]
        below = q @ under_c
        if not np.min(below) > 0:
            break
        error = (f - p @ over_c / below) / w
        reached = float(np.max(-problem.side * error if problem.side else np.abs(error)))
        if not reached < level * (1 - SETTLED):
            break
        level, found = reached, (over_c, under_c)
    if found is None:
        raise NoConvergence("no rational function was found, as its denominator nears 0")
    return *found, level


def crossing(
    problem: RationalProblem, place: float, middle: float, level: float
) -> tuple[Floats, Floats] | None:
    """p and q that are `middle` at a jump, and within the level at samples elsewhere; or None."""
    from scipy.optimize import linprog

    beside = [
        place + side * (problem.high - problem.low) * 2.0**-k
        for side in (-1, 1)
        for k in range(4, 40)
    ]
    around = [x for x in beside if problem.low < x < problem.high]
    x = dense_places(problem, sorted({*chebyshev_places(problem.low, problem.high, 16), *around}))
    x = x[x != place]
    f, w, p, q = _columns(problem, x)
    room = level * w * (1 - SLACK * np.abs(x - place) / (problem.high - problem.low))
    values = [middle, *(float(problem.exact(v)) for v in _arbs(problem.pins))]
    equal = _equal(problem, [place, *problem.pins], values)
    assert equal is not None
    one = np.ones((len(x), 1))
    matrix = np.vstack([
        np.hstack([p, -(f + room)[:, None] * q, 0 * one]),
        np.hstack([-p, (f - room)[:, None] * q, 0 * one]),
        np.hstack([0 * p, -q, one]),
    ])  # fmt: skip
    result = linprog(
        [*[0.0] * (p.shape[1] + q.shape[1]), -1.0], A_ub=matrix, b_ub=np.zeros(len(matrix)),
        A_eq=np.hstack([equal, np.zeros((len(equal), 1))]), b_eq=np.zeros(len(equal)),
        bounds=[(None, None)] * p.shape[1] + [(-1, 1)] * q.shape[1] + [(None, 1)], method="highs",
    )  # fmt: skip
    if result.x is None or not result.x[-1] > LEAST:
        return None
    return result.x[: p.shape[1]], result.x[p.shape[1] : -1]


def _columns(problem: RationalProblem, x: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """f and weights at places, and the columns of the coefficients of p and of q there."""
    f = np.asarray(problem.quick(x), np.float64)
    w = np.ones(len(x)) if problem.weights is None else np.asarray(problem.weights(x), np.float64)
    u = np.asarray(problem.u(x), np.float64)
    p = np.asarray(chebvander(u, problem.m) * (x[:, None] if problem.factor else 1.0), np.float64)
    return f, w, p, np.asarray(chebvander(u, problem.n), np.float64)


def _equal(
    problem: RationalProblem, places: Sequence[float], values: Sequence[float]
) -> Floats | None:
    """The rows that make p/q take values at places."""
    if not places:
        return None
    x = np.asarray(places, np.float64)
    _, _, p, q = _columns(problem, x)
    return np.hstack([p, -np.asarray(values)[:, None] * q])


def _arbs(numbers: Sequence[float]) -> list[Any]:
    from flint import arb

    return [arb(x) for x in numbers]
