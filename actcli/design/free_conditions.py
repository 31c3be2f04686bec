"""Breakpoints of pieces of the relative error, or with pins: by linear programs that move them too.

What is found from the best of some starts is a valley, perhaps not the deepest. Of as many pieces of any
rival one has no breakpoint in one of these, which bounds how much better it may be.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.polynomial import chebyshev

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from .design import Design
from .free_breakpoints import balanced, on_kinks
from .request import Conditions
from .weighed_pieces import NoPieces, PiecesProblem, kept_places, proved

STEPS, TRUST, LEAST_TRUST = 30, 0.25, 1e-6  # shares of the widths beside, by which ends may move
GAIN = 1e-7  # of the error, that goes on being looked for


def with_free_ends(
    f: Activation,
    low: float,
    high: float,
    segments: int,
    degree: int,
    jumps: bool,
    asked: Conditions,
) -> Design:
    """The best so many pieces that were found under conditions; their error is proved, and a bound."""
    pins, root = kept_places(f, low, high, degree, asked)

    def problem(ends: Sequence[float], own: Sequence[float] = pins) -> PiecesProblem:
        return PiecesProblem(f, ends, degree, own, asked.relative, root, jumps)

    best, known, error = None, np.zeros((1, degree + 1)), np.inf
    for start in _starts(f, low, high, segments, degree, root):
        try:
            tried, sums, reached = _lowered(problem(start))
        except NoPieces:
            continue
        if reached < error:
            best, known, error = tried, sums, reached
    if best is None:
        raise ValueError(
            f"no segments of degree {degree} were found for {f.label}; give --breakpoints X,.."
        )
    found = proved(best, known)
    lowest = []
    for a, b in pairwise(best.ends.tolist()):
        own = root and a <= 0 <= b
        alone = PiecesProblem(f, [a, b], degree, [0.0] if own else [], asked.relative, own)
        try:
            sums, factors, _ = alone.solved()
        except NoPieces:
            lowest.append(0.0)
            break
        lowest.append(alone.bound(proved(alone, sums), factors) or 0.0)
    return replace(found, optimum_low=min(lowest) or None)


def _starts(
    f: Activation, low: float, high: float, segments: int, degree: int, root: bool
) -> list[list[float]]:
    """Ends to begin with: on which f is equally hard, or of one width, and on kinks and the root."""
    ends = balanced(f, low, high, segments, degree)[0]
    found = [ends, np.linspace(low, high, segments + 1)]
    kinks = [x for x in f.breakpoints.within(low, high) if low < x < high]
    if root and low < 0 < high:
        kinks.append(0.0)
    if kinks and segments > 1:
        found += [on_kinks(start, kinks, True) for start in found]
    return [start.tolist() for start in found]


def _lowered(problem: PiecesProblem) -> tuple[PiecesProblem, Floats, float]:
    """The problem with ends moved to where the error is less, what solves it, and its error."""
    sums, _, error = problem.solved()
    trust = TRUST
    for _ in range(STEPS):
        if problem.count == 1 or trust < LEAST_TRUST or not error > 1e-14:
            break
        ends, promised = _moved(problem, sums, trust)
        if promised > error * (1 - GAIN):
            break
        other = PiecesProblem(
            problem.f, ends.tolist(), problem.degree, problem.pins, problem.relative, problem.root,
            not problem.joints,
        )  # fmt: skip
        try:
            its, _, reached = other.solved()
        except NoPieces:  # as of an end that all but is a root
            reached = np.inf
        if reached < error * (1 - GAIN / 10):
            problem, sums, error, trust = other, its, reached, min(2 * trust, 0.4)
        else:
            trust /= 4
    return problem, sums, error


def _moved(problem: PiecesProblem, sums: Floats, trust: float) -> tuple[Floats, float]:
    """The ends that a program of first derivatives leads to, and the error that it promises."""
    from scipy.optimize import linprog

    rows = sorted({*problem.first(), *problem.largest(sums)[0]})
    values, sizes = problem.values(rows)
    basis, k = problem.basis(rows), np.array([row.segment for row in rows])
    x = np.array([row.x for row in rows])
    order = np.array([row.order for row in rows])
    widths, ends, width = np.diff(problem.ends), problem.ends, problem.degree + 1
    w = widths[k]
    u = np.clip((2 * x - ends[k] - ends[k + 1]) / w, -1, 1)
    p = np.sum(basis * sums[k], axis=1)
    first, second = (
        np.array(
            [chebyshev.chebval(v, chebyshev.chebder(sums[i], n)) for v, i in zip(u, k, strict=True)]
        )
        for n in (1, 2)
    )
    with np.errstate(all="ignore"):
        rise = np.nan_to_num(np.asarray(problem.f.gradient(x), np.float64), posinf=0, neginf=0)
    turn = rise * p / values if problem.relative else rise
    left = np.where(order == 0, turn * (1 - u) / 2, -2 * (second * (u - 1) + first) / w**2)
    right = np.where(order == 0, turn * (1 + u) / 2, 2 * (second * (1 + u) + first) / w**2)
    count, inner = problem.count * width, problem.count + 1
    matrix = np.zeros((len(rows), count + inner + 1))
    at = np.arange(len(rows))
    for j in range(width):
        matrix[at, k * width + j] = -basis[:, j] / sizes
    matrix[at, count + k] += left / sizes
    matrix[at, count + k + 1] += right / sizes
    off = (values - p) / sizes
    scale = float(np.max(np.abs(off)))
    equal, kept = problem.kept()
    tied = np.zeros((len(equal), count + inner + 1))
    tied[:, :count] = equal
    for row, (segment, pin) in zip(tied[len(problem.joints) :], problem.held, strict=True):
        a, b = ends[segment], ends[segment + 1]
        v = (2 * pin - a - b) / (b - a)
        slope = float(chebyshev.chebval(v, chebyshev.chebder(sums[segment])))
        row[count + segment] = slope * (v - 1) / (b - a)
        row[count + segment + 1] = -slope * (1 + v) / (b - a)
    room = (
        trust * np.minimum(np.append(widths, widths[-1]), np.insert(widths, 0, widths[0])) / scale
    )
    room[[0, -1]] = 0.0
    top = np.zeros(count + inner + 1)
    top[-1] = 1.0
    done = linprog(
        top, A_ub=np.concatenate([matrix - top, -matrix - top]), b_ub=np.concatenate([-off, off]) / scale,
        A_eq=tied if len(tied) else None,
        b_eq=(kept - equal @ sums.ravel()) / scale if len(tied) else None,
        bounds=[(None, None)] * count + [(-v, v) for v in room.tolist()] + [(0, None)],
    )  # fmt: skip
    if done.x is None:
        return ends, np.inf
    return ends + done.x[count:-1] * scale, float(done.fun) * scale
