"""Designs piecewise linear functions: continuous, with free breakpoints and values, of the least error.

Fewest lines through gates f(x) -+ E (shortest_path.py), with E as small as the segments allow; gates
are added where the error is largest until none is missing. What is found is proved segment by
segment, and the bound in exact fractions.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import inf, sqrt
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..evaluation.limits import asymptote
from ..numbers.types import Floats
from .design import Design
from .pieces import PolynomialPiece, assembled
from .request import NotReached
from .shortest_path import Line, Path, Tail, path
from .whole_line import exact_line

PER_SEGMENT = 64  # samples, which are gates at first
ROUNDS = 10
BESIDE = 4  # new gates up to the next one
CLOSE = 2e-6  # of the error, between the bounds
FINEST = -4096  # power of 2, of numbers that are between 0 and the next fraction
MARGINS = 1e-6, 2e-5  # of the error, that proofs of the bound are given
SHARPENED = 2  # times that gates are put where lines touch
FAR = 2.0**20  # beyond which tails are not followed
SLOW = 1e3  # wider than it lines follow a tail that dies slowly
NEAR = 1e-13  # of an asymptote


@dataclass(frozen=True)
class Samples:
    """Places between which an error is read, f there, and the lines that f approaches at the ends."""

    x: Floats
    f: Floats
    tails: tuple[tuple[float, float] | None, tuple[float, float] | None]


@dataclass(frozen=True)
class Found:
    """Lines with their breakpoints, how far they are from f, and what no other lines can reach."""

    lines: list[Line]
    breakpoints: list[float]
    error: float
    least: float
    gates: "Gates"


def by_segments(f: Activation, limits: tuple[float, float] | None, segments: int) -> Design:
    """The best continuous piecewise linear function of so many segments, proved.

    Over the whole line, limits None, the outer segments run along asymptotes.
    """
    samples = sampled(f, limits, segments)
    itself = _itself(f, limits, samples)
    if itself and len(itself) <= segments:
        return assembled(f, itself, segments=segments, degree=1)
    slopes = [tail[0] for tail in samples.tails if tail]
    parallel = len(slopes) == 2 and slopes[0] == slopes[1]  # if they meet they are one line
    count = 1 if segments == 2 and parallel else segments
    found = _least_error(f, samples, count)
    return _design(f, limits, found, segments, _proved_bound(f, samples, found, count))


def _itself(
    f: Activation, limits: tuple[float, float] | None, samples: Samples
) -> list[PolynomialPiece]:
    """The pieces of a function that is piecewise linear; none of another."""
    low, high = limits or (-inf, inf)
    ends = [low, *(k for k in f.breakpoints.within(low, high) if low < k < high), high]
    pieces = []
    for a, b in pairwise(ends):
        inside = samples.x[(samples.x > a) & (samples.x < b)]
        if not len(inside) or np.any(f.curvature(inside)) or np.ptp(f.gradient(inside)):
            return []
        middle = inside[len(inside) // 2]
        slope = float(f.gradient(middle))
        pieces.append(PolynomialPiece(a, b, [float(f(middle)) - slope * float(middle), slope]))
    return pieces


def by_error(f: Activation, limits: tuple[float, float] | None, error: float, most: int) -> Design:
    """The continuous piecewise linear function of the fewest segments that reaches an error, proved.

    ValueError where `most` segments do not reach it.
    """
    segments = 8
    while (count := _count(f, sampled(f, limits, segments), error, most)) > segments:
        if count > most:
            raise NotReached(f"no {most} segments, the most there are, reach an error of {error:g}")
        segments = count
    for tried in (count, count + 1):  # gates may miss what is between them
        design = by_segments(f, limits, tried)
        if design.error_high <= error:
            break
    return design


def _count(f: Activation, samples: Samples, error: float, most: int) -> int:
    """How many lines pass the samples within an error; most + 1 if more."""
    found = _through(samples, gates_at(f, samples.x), error, most)
    return len(found.lines) if found.complete else most + 1


def sampled(
    f: Activation, limits: tuple[float, float] | None, segments: int, jumps: bool = False
) -> Samples:
    """Samples denser where f bends, with kinks and ends among them; f has no `jumps`, or may."""
    tails: Any = (None, None)
    if limits is None:
        tails = tuple(tail_of(f, side) for side in (-1, 1))
        low, high = (reach_of(f, side, tail) for side, tail in zip((-1, 1), tails, strict=True))
    else:
        low, high = limits
    count = PER_SEGMENT * max(segments, 16) * (2 if high - low > SLOW else 1)
    spread = np.sinh(np.linspace(np.arcsinh(low), np.arcsinh(high), 2 * count))
    grid = np.unique(
        np.clip(np.concatenate([np.linspace(low, high, 2 * count), spread]), low, high)
    )
    middle = (grid[1:] + grid[:-1]) / 2
    bend = np.sqrt(np.abs(np.nan_to_num(f.curvature(middle), posinf=0, neginf=0)))
    steps = bend * np.diff(grid)
    share = steps / (steps.sum() or 1.0) + 0.1 / len(steps)
    along = np.concatenate([[0.0], np.cumsum(share)])
    x = np.interp(np.linspace(0, along[-1], count), along, grid)
    kinks = [k for k in f.breakpoints.within(low, high) if low < k < high]
    beyond = [high * 2.0**10, high * 2.0**17] if tails[1] else []  # holds lines near to the tail
    x = np.unique(np.concatenate([[low, high], kinks, x[(x > low) & (x < high)], beyond]))
    values = np.asarray(f(x), np.float64)
    if not np.isfinite(values).all():
        at = float(x[~np.isfinite(values)][0])
        raise ValueError(f"{f.label} has no finite value at {at:g}; give a range where it has one")
    for k in () if jumps else f.breakpoints.within(low, high):
        beside = np.array([np.nextafter(k, -inf), k, np.nextafter(k, inf)])
        sides = f(np.clip(beside, low, high))
        if np.ptp(sides) > 1e-9 * (1 + np.max(np.abs(sides))):
            raise ValueError(
                f"{f.label} jumps at {k:g}, which lines that meet cannot; give a range beside it"
            )
    return Samples(x, values, tails)


def tail_of(f: Activation, side: int) -> tuple[float, float]:
    line = asymptote(f.tree, side)
    end = "left" if side < 0 else "right"
    exact = line and exact_tail(f, side, Fraction(1))
    if line and (exact is None or float(exact.slope) != line[0]):
        raise ValueError(
            f"the slope of {f.label} towards the {end} is not known, and the error of any other "
            "has no bound; give a range, as in -r -4:4"
        )
    if line is None:
        raise ValueError(
            f"{f.label} approaches no line towards the {end}; give a range, as in -r -4:4"
        )
    return line


def reach_of(f: Activation, side: int, line: tuple[float, float]) -> float:
    """From where on f is as good as its asymptote."""
    x = 2 * max([2.0, *map(abs, f.breakpoints.within(-FAR, FAR))])
    while x < FAR and not all(
        abs(float(f(np.float64(side * far))) - line[0] * side * far - line[1]) < NEAR
        for far in (x, 1.5 * x)
    ):
        x *= 2
    return side * x


@dataclass(frozen=True)
class Gates:
    """Places, f there, and half of f'' between each and the one before."""

    x: Floats
    f: Floats
    bend: Floats

    def renewed(self, f: Activation, places: Floats) -> "Gates":
        """These gates and others."""
        return gates_at(f, np.unique(np.concatenate([self.x, _beside(self.x, places)])))


def gates_at(f: Activation, x: Floats) -> Gates:
    """Gates at these places."""
    half = np.nan_to_num(f.curvature((x[1:] + x[:-1]) / 2), posinf=0, neginf=0) / 2
    return Gates(x, np.asarray(f(x), np.float64), np.concatenate([[0.0], half]))


def _through(samples: Samples, gates: Gates, error: float, most: int) -> Path:
    """The fewest lines within an error of f at the gates, and about so between them."""
    ends = [None if t is None else Tail(t[0], t[1] - error, t[1] + error) for t in samples.tails]
    x, f, bend = gates.x.tolist(), gates.f.tolist(), gates.bend.tolist()

    def between(line: Line, side: int, k: int) -> float:
        a, b = x[k - 1], x[k]
        first = side * (f[k - 1] - line(a)) - error
        last = side * (f[k] - line(b)) - error
        curve = side * bend[k] * (b - a) ** 2
        linear = last - first - curve
        root = linear * linear - 4 * curve * first
        under = linear + sqrt(root) if root >= 0 else 0.0
        share = -2 * first / under if under > 0 else 1.0
        return float(a + (b - a) * min(max(share, 0.0), 1.0))

    low, high = (gates.f - error).tolist(), (gates.f + error).tolist()
    return path(x, low, high, most, ends, between=between)


def _least_error(f: Activation, samples: Samples, segments: int) -> Found:
    """The least error of so many lines, to CLOSE."""
    gates = gates_at(f, samples.x)
    scale = float(np.ptp(samples.f)) or 1.0
    low, high = 0.0, scale + max(abs(float(v)) for v in (samples.f[0], samples.f[-1]))
    best: Found | None = None
    for _ in range(ROUNDS):
        reached = _through(samples, gates, high, segments)
        while high - low > CLOSE / 8 * high and high > 1e-15 * scale:
            middle = (low + high) / 2 if low >= high / 16 else high / 16
            tried = _through(samples, gates, middle, segments)
            if tried.complete:
                high, reached = middle, tried
            else:
                low = middle
        breakpoints = _crossings(reached.lines)
        places, errors = _peaks(f, samples, reached.lines, breakpoints)
        error = float(np.max(np.abs(errors)))
        if best is None or error < best.error:
            best = Found(reached.lines, breakpoints, error, low, gates)
        if error <= max(high * (1 + CLOSE), 1e-15 * scale):
            break
        gates = gates.renewed(f, places[np.abs(errors) > low])
        low, high = low * (1 - CLOSE), max(best.error, high)
        while _through(samples, gates, low, segments).complete:
            low *= 1 - 1e-4
    assert best is not None
    return Found(best.lines, best.breakpoints, best.error, low, gates)


def _crossings(lines: list[Line]) -> list[float]:
    """Where each line meets the next."""
    return [(b(0.0) - a(0.0)) / (a.slope - b.slope) for a, b in pairwise(lines)]


def _beside(gates: Floats, places: Floats) -> Floats:
    """Places and, as the lines will move, some on either side up to the next gates."""
    after = np.clip(np.searchsorted(gates, places), 1, len(gates) - 1)
    shares = np.arange(1, BESIDE) / BESIDE
    beside = [
        places + (end - places) * share
        for end in (gates[after - 1], gates[after])
        for share in shares
    ]
    found: Floats = np.concatenate([places, *beside])
    return found


def _peaks(
    f: Activation, samples: Samples, lines: list[Line], breakpoints: list[float]
) -> tuple[Floats, Floats]:
    """Where the error of lines is as large as beside, between samples too, and the error there."""
    inside = [b for b in breakpoints if samples.x[0] < b < samples.x[-1]]
    x = np.concatenate([samples.x, inside])
    order = np.argsort(x, kind="stable")
    x = x[order]
    values = np.concatenate([samples.f, np.asarray(f(np.array(inside, np.float64)), np.float64)])

    def lay(at: Floats) -> Floats:
        index = np.searchsorted(breakpoints, at)
        slope = np.array([line.slope for line in lines])[index]
        through = np.array([line.at for line in lines])[index]
        values: Floats = np.array([line.height for line in lines])[index] + slope * (at - through)
        return values

    errors = values[order] - lay(x)
    size = np.concatenate([[0.0], np.abs(errors), [0.0]])
    top = np.flatnonzero((size[1:-1] >= size[:-2]) & (size[1:-1] >= size[2:]))
    inner = top[(top > 0) & (top < len(x) - 1)]
    a, b, c = x[inner - 1], x[inner], x[inner + 1]
    ea, eb, ec = errors[inner - 1], errors[inner], errors[inner + 1]
    with np.errstate(all="ignore"):
        over = (b - a) ** 2 * (eb - ec) - (b - c) ** 2 * (eb - ea)
        vertex = b - over / ((b - a) * (eb - ec) - (b - c) * (eb - ea)) / 2
    vertex = np.where((vertex > a) & (vertex < c), vertex, b)
    at_vertex = np.asarray(f(vertex), np.float64) - lay(vertex)
    return np.concatenate([x[top], vertex]), np.concatenate([errors[top], at_vertex])


def _proved_bound(f: Activation, samples: Samples, found: Found, segments: int) -> float | None:
    """An error that no such function of so many segments is below, in exact fractions; or None."""
    for margin in MARGINS:
        error = Fraction(found.least * (1 - margin))
        if error > 0 and _unreachable(f, samples, found.gates, error, segments):
            value = float(error)
            return value if Fraction(value) <= error else float(np.nextafter(value, 0))
    return None


def _unreachable(
    f: Activation, samples: Samples, gates: Gates, error: Fraction, segments: int
) -> bool:
    """Whether it is proved that so many lines do not come so near to f."""
    from .polynomials import Reading

    tails = [
        t and exact_tail(f, side, error) for side, t in zip((-1, 1), samples.tails, strict=True)
    ]
    if any(exact is None and given for exact, given in zip(tails, samples.tails, strict=True)):
        return False
    for last in range(SHARPENED + 1):
        stopped = _through(samples, gates, float(error) * (1 + MARGINS[0] / 100), segments)
        if last < SHARPENED:
            gates = gates_at(f, np.unique(np.concatenate([gates.x, _touched(f, gates, stopped)])))
    held = {k for line in stopped.lines for k in line.held if k >= 0}
    if samples.tails[1]:  # and what keeps the right tail from beginning earlier
        over = gates.f - samples.tails[1][0] * gates.x
        held |= {k + int(pick(over[k:])) for k in held for pick in (np.argmax, np.argmin)}
    places = {float(gates.x[k]) for k in held}
    for line in stopped.lines:
        if line.end is not None:  # which is about the place: a line may be stopped a little later
            to = float(gates.x[max(line.held)])
            places |= {line.end, *(line.end + (to - line.end) * 2.0**-k for k in (3, 7, 11, 15))}
    x = sorted(map(Fraction, places | {*gates.x[[0, -1]].tolist()}))
    reading = Reading(f)
    ends = [_between(reading.exact(_ball(v))) for v in x]
    low, high = [a - error for a, _ in ends], [b + error for _, b in ends]
    return not path(x, low, high, segments, tails).complete


def _touched(f: Activation, gates: Gates, passed: Path) -> Floats:
    """Where lines are stopped, and where they touch between gates, by a step of Newton."""
    ends = [line.end for line in passed.lines if line.end is not None]
    held = [(k, line.slope) for line in passed.lines for k in line.held if 0 < k < len(gates.x) - 1]
    k = np.array([k for k, _ in held], np.intp)
    x = gates.x[k]
    with np.errstate(all="ignore"):
        step = (np.array([slope for _, slope in held]) - f.gradient(x)) / f.curvature(x)
    inside = (x + step > gates.x[k - 1]) & (x + step < gates.x[k + 1])
    return np.append((x + step)[inside], ends)


def _ball(x: Fraction) -> Any:
    from flint import arb

    return arb(float(x))


def arb_between(low: Fraction, high: Fraction) -> Any:
    """The ball between two fractions."""
    from flint import arb, fmpq

    ends = (arb(fmpq(v.numerator, v.denominator)) for v in (low, high))
    return next(ends).union(next(ends))


def _between(ball: Any) -> tuple[Fraction, Fraction]:
    """Fractions of few digits around a ball."""
    unit = Fraction(1, 2**90)
    ends = []
    for end in (ball.lower(), ball.upper()):
        mantissa, exponent = (int(v) for v in end.man_exp())
        if exponent < FINEST:  # as exp(-x*x) is far out, with more digits than there is room for
            mantissa, exponent = (mantissa > 0) - (mantissa < 0), FINEST
        ends.append(Fraction(mantissa) * Fraction(2) ** exponent)
    return (ends[0] // unit) * unit, -(-ends[1] // unit) * unit


def exact_tail(f: Activation, side: int, error: Fraction) -> Tail | None:
    """The tails of all functions that keep to an error, where the slope is a fraction."""
    from ..proofs.shape import Shape

    line = Shape(f.tree).asymptote(side)
    if line is None:
        return None
    if line[0].low != line[0].high:  # no double, perhaps a number as it is written
        exact = exact_line(f, side)
        return exact and Tail(exact[0], exact[1] - error, exact[1] + error)
    slope, _ = _between(line[0].low)
    low, high = _between(line[1].low)[0], _between(line[1].high)[1]
    return Tail(slope, low - error, high + error)


def _design(
    f: Activation, limits: tuple[float, float] | None, found: Found, segments: int,
    bound: float | None,
) -> Design:  # fmt: skip
    low, high = limits or (-inf, inf)
    breakpoints = [b for b in found.breakpoints if low < b < high]
    ends = [low, *breakpoints, high]
    pieces = [
        PolynomialPiece(a, b, [line(0.0), line.slope])
        for (a, b), line in zip(pairwise(ends), found.lines, strict=True)
    ]
    return assembled(f, pieces, segments=segments, degree=1, optimum_low=bound)
