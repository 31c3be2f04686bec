"""Best approximations by the exchange of Remez: sums of functions that alternate.

A sum p of m functions is the best to f on an interval if the weighted error takes its largest size at
m + 1 places with alternating signs (Chebyshev); of any p whose errors alternate there, the smallest
of them bounds the best error from below (de la Vallee-Poussin). Systems are solved in balls of Arb, errors
are read in float64 where these suffice, else in balls.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from flint import arb, arb_mat, ctx

from ..numbers.types import Floats

PRECISION = 320  # bits of systems
ROUNDS = 60
CLOSE = 1e-9  # of the level, that the largest error may exceed it
PER_PLACE = 24  # samples between two places of a reference
DOUBLES = 1e-8  # errors below it, of the size of f, are read in balls


class NoConvergence(ValueError):
    """The exchange found no best approximation; the message says what happened."""


@dataclass(frozen=True)
class Problem:
    """What is to be approximated on [low, high].

    `exact` gives f at a ball's middle (an arb), `quick` f at float64 arrays; `functions(x)` gives
    the m functions of the sum at an arb, `sums(coefficients, x)` their sum at float64 arrays;
    `weight(x)` divides an arb's error, and `weights(x)` those at arrays. `places` are kinks.
    """

    low: float
    high: float
    count: int  # m
    exact: Callable[[Any], Any]
    quick: Callable[[Floats], Floats]
    functions: Callable[[Any], list[Any]]
    sums: Callable[[Floats, Floats], Floats]
    weight: Callable[[Any], Any] | None = None
    weights: Callable[[Floats], Floats] | None = None
    places: Sequence[float] = ()
    start: Sequence[float] = ()  # the first reference; () for that of Chebyshev


@dataclass(frozen=True)
class Best:
    """A best approximation: coefficients as balls, the level, and the places that it touches."""

    coefficients: list[Any]
    level: float  # the size of the error
    reference: list[float]
    lower: float  # no sum of these functions has a smaller largest error: proved
    rounds: int


def exchange(problem: Problem) -> Best:
    """Finds the best approximation. NoConvergence where the exchange ends elsewhere."""
    with ctx.workprec(PRECISION):
        m = problem.count
        reference = list(problem.start) or chebyshev_places(problem.low, problem.high, m + 1)
        scale = (
            float(np.max(np.abs(problem.quick(np.linspace(problem.low, problem.high, 129))))) or 1.0
        )
        best: Best | None = None
        for number in range(1, ROUNDS + 1):
            coefficients, level = _levelled(problem, reference)
            size = abs(float(level))
            read = _reader(problem, coefficients, size < DOUBLES * scale)
            found = _alternating(read, problem, reference, m + 1)
            if found is None:
                raise NoConvergence("the error does not alternate often enough")
            top = max(abs(e) for _, e in found)
            lower = _lower(problem, coefficients, [x for x, _ in found])
            if best is None or top < best.level:
                best = Best(coefficients, top, [x for x, _ in found], lower, number)
            if top <= size * (1 + CLOSE) or top <= 1e-30 * scale:
                return best
            renewed = [x for x, _ in found]
            if renewed == reference:
                return best
            reference = renewed
        if best is not None and best.level <= best.lower * (1 + 1e-5):
            return best
        raise NoConvergence(f"the exchange did not settle in {ROUNDS} rounds")


def chebyshev_places(low: float, high: float, count: int) -> list[float]:
    """The places where a Chebyshev polynomial on [low, high] is largest, ascending."""
    angles = np.pi * np.arange(count) / max(count - 1, 1)
    middle, half = (low + high) / 2, (high - low) / 2
    return [float(v) for v in (middle - half * np.cos(angles))]


def _levelled(problem: Problem, reference: Sequence[float]) -> tuple[list[Any], Any]:
    """The sum whose weighted errors at the reference are level and alternate, and that level."""
    rows, right = [], []
    for k, x in enumerate(reference):
        at = arb(x)
        unit = arb(1) if problem.weight is None else problem.weight(at)
        rows.append([*problem.functions(at), unit if k % 2 == 0 else -unit])
        right.append([problem.exact(at)])
    try:
        solution = arb_mat(rows).solve(arb_mat(right))
    except (ZeroDivisionError, ValueError):
        raise NoConvergence("the functions do not determine a sum at these places") from None
    values = [solution[k, 0].mid() for k in range(problem.count + 1)]
    return values[:-1], values[-1]


def _reader(problem: Problem, coefficients: list[Any], sharp: bool) -> Callable[[Floats], Floats]:
    """The weighted error at float64 arrays."""
    if not sharp:
        numbers = np.array([float(c) for c in coefficients])

        def quick(x: Floats) -> Floats:
            error = problem.quick(x) - problem.sums(numbers, x)
            return error if problem.weights is None else error / problem.weights(x)

        return quick

    def exact(x: Floats) -> Floats:
        return np.array([float(_error(problem, coefficients, v).mid()) for v in x.tolist()])

    return exact


def _error(problem: Problem, coefficients: list[Any], x: float) -> Any:
    """The weighted error at a double, as a ball."""
    at = arb(x)
    total = problem.exact(at)
    for c, value in zip(coefficients, problem.functions(at), strict=True):
        total -= c * value
    return total if problem.weight is None else total / problem.weight(at)


def _lower(problem: Problem, coefficients: list[Any], places: Sequence[float]) -> float:
    """De la Vallee-Poussin's bound from places where the error alternates; 0 where it does not."""
    errors = [_error(problem, coefficients, x) for x in places]
    signs = [1 if e > 0 else -1 if e < 0 else 0 for e in errors]
    if any(a * b >= 0 for a, b in pairwise(signs)):
        return 0.0
    least = min((abs(e).lower() for e in errors), key=float)
    return max(float(np.nextafter(float(least), 0)), 0.0)


def _alternating(
    read: Callable[[Floats], Floats], problem: Problem, reference: Sequence[float], count: int
) -> list[tuple[float, float]] | None:
    """`count` places where the error is largest and alternates, with the largest of all among them."""
    x = _samples(problem, reference)
    e = read(x)
    if not np.isfinite(e).all():
        raise NoConvergence("the function has no finite value somewhere on the range")
    tops = _tops(x, e)
    peaks = [_peak(read, x, e, k, problem) for k in tops]
    runs: list[tuple[float, float]] = []  # of each run of one sign the largest
    for place, error in peaks:
        if error == 0:
            continue
        if runs and runs[-1][1] * error > 0:
            if abs(error) > abs(runs[-1][1]):
                runs[-1] = (place, error)
        else:
            runs.append((place, error))
    while len(runs) > count:
        if len(runs) == count + 1:
            runs.pop(0 if abs(runs[0][1]) < abs(runs[-1][1]) else -1)
            break
        pairs = [max(abs(a[1]), abs(b[1])) for a, b in pairwise(runs)]
        least = int(np.argmin(pairs))
        ends = min((abs(runs[0][1]), 0), (abs(runs[-1][1]), len(runs) - 1))
        if ends[0] <= pairs[least]:
            runs.pop(ends[1])
        else:
            del runs[least : least + 2]
    return runs if len(runs) == count else None


def _samples(problem: Problem, reference: Sequence[float]) -> Floats:
    """Samples between the places of a reference, denser at its ends, and the kinks."""
    ends = sorted({problem.low, problem.high, *reference, *problem.places})
    share = (1 - np.cos(np.pi * np.arange(PER_PLACE) / PER_PLACE)) / 2
    parts = [a + (b - a) * share for a, b in pairwise(ends)]
    return np.unique(np.concatenate([*parts, [problem.high]]))


def _tops(x: Floats, e: Floats) -> list[int]:
    """Where |e| is as large as beside, both ends included."""
    size = np.concatenate([[-1.0], np.abs(e), [-1.0]])
    return [int(k) for k in np.flatnonzero((size[1:-1] >= size[:-2]) & (size[1:-1] >= size[2:]))]


def _peak(
    read: Callable[[Floats], Floats], x: Floats, e: Floats, k: int, problem: Problem
) -> tuple[float, float]:
    """The top beside a sample: the vertex of a parabola, twice."""
    if k in (0, len(x) - 1) or float(x[k]) in problem.places:
        return float(x[k]), float(e[k])
    a, b, c = (float(v) for v in x[k - 1 : k + 2])
    ea, eb, ec = (float(v) for v in e[k - 1 : k + 2])
    for _ in range(4):
        over = (b - a) ** 2 * (eb - ec) - (b - c) ** 2 * (eb - ea)
        under = (b - a) * (eb - ec) - (b - c) * (eb - ea)
        if under == 0:
            break
        at = b - over / under / 2
        if not a < at < c or at == b:
            break
        (value,) = (float(v) for v in read(np.array([at])))
        if abs(value) <= abs(eb):
            break
        if at < b:
            c, ec = b, eb
        else:
            a, ea = b, eb
        b, eb = at, value
    return b, eb
