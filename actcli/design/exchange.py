"""Best approximations by the exchange of Remez: sums of functions that alternate.

A sum p of m functions is the best to f on an interval if the weighted error takes its largest size at
m + 1 places with alternating signs (Chebyshev); of any p whose errors alternate there, the smallest
of them bounds the best error from below (de la Vallee-Poussin). Systems are solved in balls of Arb, errors
are read in float64 where these suffice, else from what is left of f, which is read in balls. Weights that
differ by more than the digits of float64 magnify what is left of its rounding: then errors are balls.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from flint import arb, arb_mat, ctx

from ..numbers.types import Floats
from .residual import Range, Rests

PRECISION = 320  # bits of systems
ROUNDS = 60
CLOSE = 1e-9  # of the level, that the largest error may exceed it
STEPS = 8  # to a top
FLAT = 1e-13  # of an error, that is no gain
PER_PLACE = 24  # samples between two places of a reference
TOUCHES = 1e-6  # of the level, that the error at a touching point may be below it
ZERO = 1e-30  # of the size of f, below which errors are 0
SETTLED = 1e-5  # of the bound from below, that the level of what is the best may exceed it


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
    exact: bool = False  # the error is 0, as far as it can be told

    @property
    def settled(self) -> bool:
        """Whether the bound from below shows that it is the best."""
        return self.exact or self.level <= self.lower * (1 + SETTLED)


def exchange(problem: Problem) -> Best:
    """Finds the best approximation. NoConvergence where the exchange ends elsewhere."""
    with ctx.workprec(PRECISION):
        stopped = NoConvergence("the exchange has no place to start from")
        kept: Best | None = None
        for reading in (_Reader, _ReaderInBalls) if problem.weight else (_Reader,):
            for start in _starts(problem):
                try:
                    found = _exchanged(problem, start, reading(problem))
                except NoConvergence as why:  # the level may be 0 there, as of even functions
                    stopped = why
                    continue
                if problem.weight is None or found.settled:
                    return found
                kept = found
                break
        if kept is None:
            raise stopped
        return kept


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


def _exchanged(problem: Problem, reference: list[float], reader: "_Reader") -> Best:
    m = problem.count
    best: Best | None = None
    scale = reader.rests.scale
    for number in range(1, ROUNDS + 1):
        coefficients, level = _levelled(problem, reference)
        size = abs(float(level))
        peaks, top = reader.peaks(coefficients, reference)
        found = alternating(peaks, m + 1)
        if found is None:
            if top <= ZERO * scale and size <= ZERO * scale:
                return Best(coefficients, 0.0, [], 0.0, number, exact=True)
            raise NoConvergence("the error does not alternate often enough")
        renewed = [x for x, _ in found]
        if best is None or top < best.level:
            places = touched(peaks, top, problem.high - problem.low)
            best = Best(coefficients, top, places, 0.0, number)
            turning = renewed
        if top <= size * (1 + CLOSE) or top <= ZERO * scale or renewed == reference:
            break
        reference = renewed
    else:
        number = 0
    assert best is not None
    lower = max(
        bound_below([_error(problem, sums, x) for x in places])
        for sums, places in ((best.coefficients, turning), (coefficients, renewed))
    )
    if best.level <= ZERO * scale and not lower:
        return Best(best.coefficients, 0.0, [], 0.0, number, exact=True)
    best = replace(best, lower=lower)
    if number or best.settled:
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


class _Reader:
    """Weighted errors; once they are small, by what the sum of that time leaves."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.rests = Rests(problem)

    def peaks(
        self, coefficients: list[Any], reference: Sequence[float]
    ) -> tuple[list[tuple[float, float]], float]:
        """Where the size of the error is larger than beside, the error, and the largest size."""
        while True:
            found = peaks_of(partial(self._read, coefficients), self.problem, reference)
            top = max(abs(e) for _, e in found)
            if not self.rests.renewed(
                top, coefficients, partial(_left, self.problem, coefficients)
            ):
                return found, top

    def _read(self, coefficients: list[Any], x: Floats) -> Floats:
        problem, rests = self.problem, self.rests
        if rests.rest is None:
            error = problem.quick(x) - problem.sums(np.array([float(c) for c in coefficients]), x)
        else:
            moved = [float(c - b) for c, b in zip(coefficients, rests.base, strict=True)]
            error = rests.rest(x) - problem.sums(np.array(moved), x)
        return error if problem.weights is None else error / problem.weights(x)


class _ReaderInBalls(_Reader):
    """Weighted errors, each to its last digit."""

    def peaks(
        self, coefficients: list[Any], reference: Sequence[float]
    ) -> tuple[list[tuple[float, float]], float]:
        """Where the size of the error is larger than beside, the error, and the largest size."""
        found = peaks_of(partial(self._read, coefficients), self.problem, reference)
        return found, max(abs(e) for _, e in found)

    def _read(self, coefficients: list[Any], x: Floats) -> Floats:
        return np.array([float(_error(self.problem, coefficients, v)) for v in x.tolist()])


def _left(problem: Problem, coefficients: list[Any], at: Any) -> Any:
    """What a sum leaves of f at an arb, as a ball."""
    total = problem.exact(at)
    for c, value in zip(coefficients, problem.functions(at), strict=True):
        total -= c * value
    return total


def _error(problem: Problem, coefficients: list[Any], x: float) -> Any:
    """The weighted error at a double, as a ball."""
    left = _left(problem, coefficients, arb(x))
    return left if problem.weight is None else left / problem.weight(arb(x))


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
    tops = _tops(e)
    fixed = {0, len(x) - 1, *np.flatnonzero(np.isin(x, problem.places)).tolist()}
    owners = [k for k in tops if k not in fixed]
    brackets = [Bracket(x[k - 1 : k + 2], e[k - 1 : k + 2]) for k in owners]
    for k in fixed.intersection(tops):
        beside = _beside_end(read, x, e, k)
        owners += [k] * len(beside)
        brackets += beside
    found = {k: (float(x[k]), float(e[k])) for k in tops}
    for k, place, error in zip(owners, *_vertices(read, brackets), strict=True):
        if abs(error) > abs(found[k][1]):
            found[k] = place, error
    return list(found.values())


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


class Bracket(NamedTuple):
    """Three places, ascending, and the errors there, of which that in the middle is a top."""

    x: Floats
    e: Floats


def _beside_end(read: Callable[[Floats], Floats], x: Floats, e: Floats, k: int) -> list[Bracket]:
    """Tops beside an end or a kink, where samples are not so near."""
    found = []
    for step in (-1, 1):
        if not 0 <= k + 2 * step < len(x):
            continue
        near = np.sort([k, k + step, k + 2 * step])
        at = float(_turns(x[near][:, None], e[near][:, None])[0])
        if not min(x[k], x[k + step]) < at < max(x[k], x[k + step]):
            continue
        error = float(read(np.array([at]))[0])
        if error * e[k] > 0 and abs(error) > abs(e[k]):
            (left, right), (first, last) = (
                (part[near[1 - (step > 0)]], part[near[2 - (step > 0)]]) for part in (x, e)
            )
            found.append(Bracket(np.array([left, at, right]), np.array([first, error, last])))
    return found


def _turns(x: Floats, e: Floats) -> Floats:
    """Where the parabolas through three samples turn, infinite or nan where they do not."""
    with np.errstate(all="ignore"):
        over = (x[1] - x[0]) ** 2 * (e[1] - e[2]) - (x[1] - x[2]) ** 2 * (e[1] - e[0])
        under = (x[1] - x[0]) * (e[1] - e[2]) - (x[1] - x[2]) * (e[1] - e[0])
        return np.asarray(x[1] - over / under / 2, np.float64)


def _vertices(
    read: Callable[[Floats], Floats], brackets: Sequence[Bracket]
) -> tuple[list[float], list[float]]:
    """The tops in brackets, all at once: vertices of parabolas that close in on them."""
    if not brackets:
        return [], []
    x, e = (np.array(part).T for part in zip(*brackets, strict=True))
    active = np.ones(x.shape[1], bool)
    for _ in range(STEPS):
        at = _turns(x, e)
        active &= (x[0] < at) & (at < x[2]) & (at != x[1])
        if not active.any():
            break
        now = np.flatnonzero(active)
        places, errors = x[:, now], e[:, now]
        at, value = at[now], read(at[now])
        gain = np.abs(value) - np.abs(errors[1])
        better, right = gain > 0, at > places[1]
        for part, new in ((places, at), (errors, value)):
            inner, outer = np.where(better, new, part[1]), np.where(better, part[1], new)
            below = right == better  # what is no top is left of it
            part[0] = np.where(below, outer, part[0])
            part[2] = np.where(below, part[2], outer)
            part[1] = inner
        x[:, now], e[:, now] = places, errors
        active[now] = np.abs(gain) > FLAT * np.abs(errors[1])
    return x[1].tolist(), e[1].tolist()
