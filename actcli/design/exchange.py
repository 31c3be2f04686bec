"""Best approximations by the exchange of Remez: sums of functions that alternate.

A sum p of m functions is the best to f on an interval if the weighted error takes its largest size at
m + 1 places with alternating signs (Chebyshev); of any p whose errors alternate there, the smallest
of them bounds the best error from below (de la Vallee-Poussin). Systems are solved in balls of Arb, errors
are read in float64 where these suffice, else in balls.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, NamedTuple, Protocol

import numpy as np
from flint import arb, arb_mat, ctx

from ..numbers.types import Floats

PRECISION = 320  # bits of systems
ROUNDS = 60
CLOSE = 1e-9  # of the level, that the largest error may exceed it
STEPS = 8  # to a top
FLAT = 1e-13  # of an error, that is no gain
PER_PLACE = 24  # samples between two places of a reference
TOUCHES = 1e-6  # of the level, that the error at a touching point may be below it
ZERO = 1e-30  # of the size of f, below which errors are 0
DOUBLES = 1e-8  # errors below it, of the size of f, are read in balls


class NoConvergence(ValueError):
    """The exchange found no best approximation; the message says what happened."""


class Range(Protocol):
    """An interval and the kinks in it."""

    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def places(self) -> Sequence[float]: ...


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
    exact: bool = False  # the error is 0, as far as it can be told


def exchange(problem: Problem) -> Best:
    """Finds the best approximation. NoConvergence where the exchange ends elsewhere."""
    with ctx.workprec(PRECISION):
        stopped = NoConvergence("the exchange has no place to start from")
        for start in _starts(problem):
            try:
                return _exchanged(problem, start)
            except NoConvergence as why:  # the level may be 0 there, as of even functions
                stopped = why
        raise stopped


def _starts(problem: Problem) -> Iterator[list[float]]:
    """First references: that of the problem or of Chebyshev, then others without its symmetry."""
    low, high, count = problem.low, problem.high, problem.count + 1
    if problem.start:
        yield list(problem.start)
    yield chebyshev_places(low, high, count)
    longer = chebyshev_places(low, high, count + 1)
    yield longer[1:]
    yield longer[:-1]
    share = np.linspace(0, 1, count + 2)[1:-1] ** 1.25
    yield [float(x) for x in low + (high - low) * share]


def _exchanged(problem: Problem, reference: list[float]) -> Best:
    m = problem.count
    scale = float(np.max(np.abs(problem.quick(np.linspace(problem.low, problem.high, 129))))) or 1.0
    best: Best | None = None
    lower = 0.0
    for number in range(1, ROUNDS + 1):
        coefficients, level = _levelled(problem, reference)
        size = abs(float(level))
        read = _reader(problem, coefficients, size < DOUBLES * scale)
        peaks = peaks_of(read, problem, reference)
        top = max(abs(e) for _, e in peaks)
        found = alternating(peaks, m + 1)
        if found is None:
            if top <= ZERO * scale and size <= ZERO * scale:
                return Best(coefficients, 0.0, [], 0.0, number, exact=True)
            raise NoConvergence("the error does not alternate often enough")
        renewed = [x for x, _ in found]
        lower = max(lower, bound_below([_error(problem, coefficients, x) for x in renewed]))
        if top <= ZERO * scale and not lower:
            return Best(coefficients, 0.0, [], 0.0, number, exact=True)
        if best is None or top < best.level:
            places = touched(peaks, top, problem.high - problem.low)
            best = Best(coefficients, top, places, lower, number)
        best = replace(best, lower=lower)
        if top <= size * (1 + CLOSE) or top <= ZERO * scale or renewed == reference:
            return best
        reference = renewed
    if best is not None and best.level <= best.lower * (1 + 1e-5):
        return best
    raise NoConvergence(f"the exchange did not settle in {ROUNDS} rounds")


def touched(peaks: Sequence[tuple[float, float]], top: float, width: float) -> list[float]:
    """The peaks that are as large as the largest; of those very near to one another the first."""
    places: list[float] = []
    for x, e in peaks:
        near = places and x - places[-1] < 1e-7 * width
        if abs(e) >= top * (1 - TOUCHES) and not near:
            places.append(x)
    return places


def chebyshev_places(low: float, high: float, count: int) -> list[float]:
    """The places where a Chebyshev polynomial on [low, high] is largest, ascending."""
    angles = np.pi * np.arange(count) / max(count - 1, 1)
    middle, half = (low + high) / 2, (high - low) / 2
    places = middle - half * np.sin(np.pi / 2 - angles)  # exactly 0 in the middle
    return [low, *(float(v) for v in places[1:-1]), high] if count > 1 else [middle]


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


def bound_below(errors: Sequence[Any]) -> float:
    """De la Vallee-Poussin's bound from errors that alternate; 0 where they do not."""
    signs = [1 if e > 0 else -1 if e < 0 else 0 for e in errors]
    if any(a * b >= 0 for a, b in pairwise(signs)):
        return 0.0
    least = min((abs(e).lower() for e in errors), key=float)
    return max(float(np.nextafter(float(least), 0)), 0.0)


def peaks_of(
    read: Callable[[Floats], Floats], problem: Range, reference: Sequence[float]
) -> list[tuple[float, float]]:
    """Where the size of the error is larger than beside, and the error."""
    x = dense_places(problem, reference)
    e = read(x)
    if not np.isfinite(e).all():
        raise NoConvergence(
            "the function has no finite value somewhere on the range; give one where it is "
            "bounded, as in -r -4:4"
        )
    return [_peak(read, x, e, k, problem) for k in _tops(e)]


def alternating(
    peaks: Sequence[tuple[float, float]], count: int
) -> list[tuple[float, float]] | None:
    """`count` of the peaks where the error alternates, with the largest of all among them."""
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


def dense_places(problem: Range, reference: Sequence[float]) -> Floats:
    """Samples between the places of a reference, denser at its ends, and the kinks."""
    ends = sorted({problem.low, problem.high, *reference, *problem.places})
    share = (1 - np.cos(np.pi * np.arange(PER_PLACE) / PER_PLACE)) / 2
    parts = [a + (b - a) * share[:-1] for a, b in pairwise(ends)]
    return np.unique(np.concatenate([*parts, [problem.high]]))


def _tops(e: Floats) -> list[int]:
    """Where |e| is as large as beside, both ends included; what has the other sign is no rival."""
    size = np.abs(e)
    turns = np.sign(e[1:]) * np.sign(e[:-1]) < 0
    right = np.append(np.where(turns, 0.0, size[1:]), -1.0)
    left = np.insert(np.where(turns, 0.0, size[:-1]), 0, -1.0)
    return [int(k) for k in np.flatnonzero((size >= right) & (size >= left))]


def _peak(
    read: Callable[[Floats], Floats], x: Floats, e: Floats, k: int, problem: Range
) -> tuple[float, float]:
    """The top beside a sample."""
    if k in (0, len(x) - 1) or float(x[k]) in problem.places:
        return _peak_at_end(read, x, e, k)
    return _vertex(read, *(Sample(float(x[i]), float(e[i])) for i in (k - 1, k, k + 1)))


class Sample(NamedTuple):
    """A place and the error there."""

    x: float
    e: float


def _peak_at_end(
    read: Callable[[Floats], Floats], x: Floats, e: Floats, k: int
) -> tuple[float, float]:
    """The top at an end or a kink, or beside it where samples are not so near."""
    end = top = Sample(float(x[k]), float(e[k]))
    for step in (-1, 1):
        if not 0 <= k + 2 * step < len(x):
            continue
        beside, far = (Sample(float(x[i]), float(e[i])) for i in (k + step, k + 2 * step))
        at = _turn(far, beside, end)
        if at is None or not min(beside.x, end.x) < at < max(beside.x, end.x):
            continue
        found = Sample(at, float(read(np.array([at]))[0]))
        if found.e * end.e > 0 and abs(found.e) > abs(end.e):
            a, c = (beside, end) if step < 0 else (end, beside)
            top = max(top, Sample(*_vertex(read, a, found, c)), key=lambda s: abs(s.e))
    return top


def _turn(a: Sample, b: Sample, c: Sample) -> float | None:
    """Where the parabola through three samples turns."""
    over = (b.x - a.x) ** 2 * (b.e - c.e) - (b.x - c.x) ** 2 * (b.e - a.e)
    under = (b.x - a.x) * (b.e - c.e) - (b.x - c.x) * (b.e - a.e)
    return b.x - over / under / 2 if under else None


def _vertex(
    read: Callable[[Floats], Floats], a: Sample, b: Sample, c: Sample
) -> tuple[float, float]:
    """The top between a and c: vertices of parabolas that close in on it."""
    for _ in range(STEPS):
        at = _turn(a, b, c)
        if at is None or not a.x < at < c.x or at == b.x:
            break
        found = Sample(at, float(read(np.array([at]))[0]))
        gain = abs(found.e) - abs(b.e)
        if gain <= 0:
            found, b = b, found
        a, b, c = (a, found, b) if found.x < b.x else (b, found, c)
        if abs(gain) <= FLAT * abs(b.e):
            break
    return b
