"""Designs piecewise linear functions: continuous, with free breakpoints and values, of the least error.

Fewest lines through the gates of a tube (tubes.py, shortest_path.py), with E as small as the segments
allow; gates are added where the error is largest until none is missing. What is found is proved segment by
segment, and the bound in exact fractions.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from math import inf
from typing import Any, NamedTuple

import numpy as np

from ..evaluation.activation import Activation
from ..evaluation.limits import asymptote
from ..numbers.types import Floats
from ..wording import count_of
from .design import Design
from .pieces import PolynomialPiece, assembled
from .polynomials import Parity, parity_of
from .request import PLAIN, Conditions, NotReached
from .shortest_path import Line, Tail, path
from .tubes import Gates, Weights, gates_at, weights_of
from .whole_line import exact_line

PER_SEGMENT = 64  # samples, which are gates at first
ROUNDS = 10
CLOSE = 2e-6  # of the error, between the bounds
BEST = 5e-5  # of the error, by which mirror images may be worse than the best
FINEST = -4096  # power of 2, of numbers that are between 0 and the next fraction
MARGINS = 1e-6, 2e-5  # of the error, that proofs of the bound are given
SHARPENED = 2  # times that gates are put where lines touch
FAR = 2.0**20  # beyond which tails are not followed
SLOW = 1e3  # wider than it lines follow a tail that dies slowly
NEAR = 1e-13  # of an asymptote
CLOSEST = 1e-9  # of a range up to 1, from a root, where slopes are what counts
ENDLESS = 2.0**40  # times the size of f, an error beyond which lines cannot be what they are asked


@dataclass(frozen=True)
class Samples:
    """Places between which an error is read, f there, the lines that f approaches, and what is asked."""

    x: Floats
    f: Floats
    tails: tuple[tuple[float, float] | None, tuple[float, float] | None]
    weights: Weights

    @property
    def asymptotes(self) -> tuple[Tail | None, ...]:
        """The lines that f approaches, as those that a path ends as."""
        return tuple(tail and Tail(tail[0], tail[1], tail[1]) for tail in self.tails)

    @property
    def scale(self) -> float:
        """About the largest error there is any sense in."""
        return 1.0 if self.weights.relative else float(np.ptp(self.f)) or 1.0


@dataclass(frozen=True)
class Found:
    """Lines with their breakpoints, how far they are from f, and what no other lines can reach."""

    lines: list[Line]
    breakpoints: list[float]
    error: float
    least: float
    gates: Gates


def by_segments(
    f: Activation, limits: tuple[float, float] | None, segments: int, asked: Conditions = PLAIN
) -> Design:
    """The best continuous piecewise linear function of so many segments, proved.

    It is exact at pins. Over the whole line, limits None, the outer segments run along asymptotes.
    """
    samples = sampled(f, limits, segments, asked=asked)
    itself = _itself(f, limits, samples)
    if itself and len(itself) <= segments:
        return _assembled(f, samples, itself, segments, None)
    slopes = [tail[0] for tail in samples.tails if tail]
    parallel = len(slopes) == 2 and slopes[0] == slopes[1]  # if they meet they are one line
    if segments == 1 and len(slopes) == 2 and not parallel:
        raise ValueError(
            f"{f.label} approaches lines of two slopes; give --segments 2 or more, or a range, as -r -4:4"
        )
    count = 1 if segments == 2 and parallel else segments
    for found in _candidates(f, limits, samples, count):
        bound = _proved_bound(f, samples, found, count)
        if bound and found.error <= bound * (1 + BEST):
            break
    return _design(f, limits, samples, found, segments, bound)


def _candidates(
    f: Activation, limits: tuple[float, float] | None, samples: Samples, segments: int
) -> Iterator[Found]:
    """The best lines that are mirror images, if f and its conditions are, and the best of all."""
    if limits is None or limits[0] == -limits[1]:
        parity, weights = parity_of(f, -float(samples.x[0]), 1), samples.weights
        shift = parity and (parity.slope or parity.height)
        if parity and not (weights.relative and shift) and weights.mirrored:
            yield Halves(parity, segments).best(f, samples)
    yield _least_error(f, samples, samples.asymptotes, segments)


class Halves(NamedTuple):
    """Lines right of 0, and left of it the mirror images that f less a line has, even or odd."""

    parity: Parity
    segments: int

    def best(self, f: Activation, samples: Samples) -> Found:
        """The best such lines, of which an odd number is one through 0, or of the slope of f there."""
        odd, slope = self.parity.kind == "odd", float(self.parity.slope)
        weights, x = samples.weights, np.append(0.0, samples.x[samples.x > 0])
        pins = {x for x in weights.pins if x >= 0} | ({0.0} if odd else set())
        half = replace(
            samples, x=x, f=np.asarray(f(x), np.float64),
            weights=weights._replace(pins=tuple(sorted(pins))),
        )  # fmt: skip
        level = Tail(slope, -inf, inf) if not odd and self.segments % 2 else None
        tails = (level, samples.asymptotes[1])
        found = _least_error(f, half, tails, (self.segments + 1) // 2)
        lines = [Line(v.slope, 0.0, v(0.0), ()) for v in found.lines]
        once = odd or level is not None
        breakpoints = [
            *(-b for b in found.breakpoints[::-1]),
            *([] if once else [0.0]),
            *found.breakpoints,
        ]
        x = np.unique(np.concatenate([-found.gates.x, found.gates.x]))
        return Found(
            [*map(self._mirrored, lines[: 0 if once else None : -1]), *lines], breakpoints, found.error,
            found.least, gates_at(f, x, weights),
        )  # fmt: skip

    def _mirrored(self, line: Line) -> Line:
        if self.parity.kind == "odd":
            return replace(line, height=2 * float(self.parity.height) - line.height)
        return replace(line, slope=2 * float(self.parity.slope) - line.slope)


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


def by_error(
    f: Activation, limits: tuple[float, float] | None, error: float, most: int,
    asked: Conditions = PLAIN,
) -> Design:  # fmt: skip
    """The continuous piecewise linear function of the fewest segments that reaches an error, proved.

    ValueError where `most` segments do not reach it.
    """
    segments = 8
    while (count := _count(f, sampled(f, limits, segments, asked=asked), error, most)) > segments:
        if count > most:
            raise NotReached(f"no {most} segments, the most there are, reach an error of {error:g}")
        segments = count
    for tried in (count, count + 1):  # gates may miss what is between them
        design = by_segments(f, limits, tried, asked)
        if design.error_high <= error:
            break
    return design


def _count(f: Activation, samples: Samples, error: float, most: int) -> int:
    """How many lines pass the samples within an error; most + 1 if more."""
    found = gates_at(f, samples.x, samples.weights).through(samples.asymptotes, error, most)
    return len(found.lines) if found.complete else most + 1


def sampled(
    f: Activation, limits: tuple[float, float] | None, segments: int, jumps: bool = False,
    asked: Conditions = PLAIN,
) -> Samples:  # fmt: skip
    """Samples denser where f bends, with kinks, pins and ends among them; f has no `jumps`, or may."""
    tails: Any = (None, None)
    if limits is None:
        tails = tuple(tail_of(f, side) for side in (-1, 1))
        low, high = (reach_of(f, side, tail) for side, tail in zip((-1, 1), tails, strict=True))
    else:
        low, high = limits
    weights = weights_of(f, low, high, asked)
    if asked.relative:
        _check_tails(f, tails)
    count = PER_SEGMENT * max(segments, 16) * (2 if high - low > SLOW else 1)
    spread = np.sinh(np.linspace(np.arcsinh(low), np.arcsinh(high), 2 * count))
    grid = np.unique(
        np.clip(np.concatenate([np.linspace(low, high, 2 * count), spread]), low, high)
    )
    middle = (grid[1:] + grid[:-1]) / 2
    sizes = weights.sizes(np.asarray(f(grid), np.float64))
    sizes = np.maximum(np.maximum(sizes[1:], sizes[:-1]), 1e-300)
    bend = np.sqrt(np.abs(np.nan_to_num(f.curvature(middle), posinf=0, neginf=0) / sizes))
    steps = bend * np.diff(grid)
    share = steps / (steps.sum() or 1.0) + 0.1 / len(steps)
    along = np.concatenate([[0.0], np.cumsum(share)])
    x = np.interp(np.linspace(0, along[-1], count), along, grid)
    kinks = [k for k in f.breakpoints.within(low, high) if low < k < high]
    beyond = [high * 2.0**10, high * 2.0**17] if tails[1] else []  # holds lines near to the tail
    inner = x[(x > low) & (x < high)]
    if weights.root:
        near = min(high - low, 1.0) * np.geomspace(CLOSEST, 1e-3, 24)
        inner = np.concatenate([inner, *(v[(v > low) & (v < high)] for v in (-near, near))])
    x = np.unique(np.concatenate([[low, high], kinks, weights.pins, inner, beyond]))
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
    return Samples(x, values, tails, weights)


def _check_tails(f: Activation, tails: tuple[tuple[float, float] | None, ...]) -> None:
    """Refuses asymptotes along which the relative error has no bound, or lines may rise otherwise."""
    for tail, end in zip(tails, ("left", "right"), strict=True):
        if tail and (tail[0] or not tail[1]):
            line = "0" if not tail[0] else "a line that rises or falls"
            raise ValueError(
                f"--relative on the whole line takes asymptotes that are constants other than 0; that of "
                f"{f.label} on the {end} is {line}; give a range, as in -r -4:4"
            )


def tail_of(f: Activation, side: int) -> tuple[float, float]:
    line = asymptote(f.tree, side)
    end = "left" if side < 0 else "right"
    exact = line and exact_tail(f, side)
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


def _least_error(
    f: Activation, samples: Samples, tails: tuple[Tail | None, ...], segments: int
) -> Found:
    """The least error of so many lines, to CLOSE."""
    gates, scale = gates_at(f, samples.x, samples.weights), samples.scale
    low, high = 0.0, scale + max(abs(float(v)) for v in (samples.f[0], samples.f[-1]))
    best: Found | None = None
    for _ in range(ROUNDS):
        while not (reached := gates.through(tails, high, segments)).complete:
            if high > ENDLESS * scale:
                raise ValueError(
                    f"{count_of(segments, 'segment')} cannot be exact at all of --pin; give more --segments"
                )
            low, high = high, 2 * high
        while high - low > CLOSE / 8 * high and high > 1e-15 * scale:
            middle = (low + high) / 2 if low >= high / 16 else high / 16
            tried = gates.through(tails, middle, segments)
            if tried.complete:
                high, reached = middle, tried
            else:
                low = middle
        breakpoints = _crossings(reached.lines, samples)
        places, errors = _peaks(f, samples, reached.lines, breakpoints)
        error = float(np.max(np.abs(errors)))
        if best is None or error < best.error:
            best = Found(reached.lines, breakpoints, error, low, gates)
        if error <= max(high * (1 + CLOSE), 1e-15 * scale):
            break
        gates = gates.renewed(f, places[np.abs(errors) > low])
        low, high = low * (1 - CLOSE), max(best.error, high)
        while low > 0 and gates.through(tails, low, segments).complete:
            low *= 1 - 1e-4
    assert best is not None
    return Found(best.lines, best.breakpoints, best.error, low, gates)


def _crossings(lines: list[Line], samples: Samples) -> list[float]:
    """Where each line meets the next; at a root that is kept rather than beside it."""
    found = [(b(0.0) - a(0.0)) / (a.slope - b.slope) for a, b in pairwise(lines)]
    near = CLOSEST * min(float(np.ptp(samples.x)), 1.0) if samples.weights.root else 0.0
    return [0.0 if abs(x) <= near else x for x in found]


def _peaks(
    f: Activation, samples: Samples, lines: list[Line], breakpoints: list[float]
) -> tuple[Floats, Floats]:
    """Where the error of lines is as large as beside, between samples too, and the error there."""
    inside = [b for b in breakpoints if samples.x[0] < b < samples.x[-1]]
    x = np.concatenate([samples.x, inside])
    order = np.argsort(x, kind="stable")
    x = x[order]
    values = np.concatenate([samples.f, np.asarray(f(np.array(inside, np.float64)), np.float64)])

    rises, through, heights = np.array([(v.slope, v.at, v.height) for v in lines]).T

    def ratios(at: Floats, truth: Floats) -> Floats:
        index = np.searchsorted(breakpoints, at)
        sizes = samples.weights.sizes(truth)
        off = truth - heights[index] - rises[index] * (at - through[index])
        return np.asarray(np.divide(off, sizes, np.zeros_like(off), where=sizes > 0), np.float64)

    errors = ratios(x, values[order])
    if samples.weights.root:
        beside = [
            np.searchsorted(breakpoints, 0.0, "left"),
            np.searchsorted(breakpoints, 0.0, "right"),
        ]
        errors[np.searchsorted(x, 0.0)] = max(1 - rises[beside] / samples.weights.slopes, key=abs)
    size = np.concatenate([[0.0], np.abs(errors), [0.0]])
    top = np.flatnonzero((size[1:-1] >= size[:-2]) & (size[1:-1] >= size[2:]))
    inner = top[(top > 0) & (top < len(x) - 1)]
    a, b, c = x[inner - 1], x[inner], x[inner + 1]
    ea, eb, ec = errors[inner - 1], errors[inner], errors[inner + 1]
    with np.errstate(all="ignore"):
        over = (b - a) ** 2 * (eb - ec) - (b - c) ** 2 * (eb - ea)
        vertex = b - over / ((b - a) * (eb - ec) - (b - c) * (eb - ea)) / 2
    vertex = np.where((vertex > a) & (vertex < c), vertex, b)
    at_vertex = ratios(vertex, np.asarray(f(vertex), np.float64))
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

    weights, about = samples.weights, float(error) * (1 + MARGINS[0] / 100)
    lines = [t and exact_tail(f, side) for side, t in zip((-1, 1), samples.tails, strict=True)]
    if any(exact is None and given for exact, given in zip(lines, samples.tails, strict=True)):
        return False
    for last in range(SHARPENED + 1):
        stopped = gates.through(samples.asymptotes, about, segments)
        if last < SHARPENED:
            gates = gates.also(f, gates.touched(f, stopped, about))
    held = {k for line in stopped.lines for k in line.held if k >= 0}
    if samples.tails[1]:  # and what keeps the right tail from beginning earlier
        over = gates.f - samples.tails[1][0] * gates.x
        held |= {k + int(pick(over[k:])) for k in held for pick in (np.argmax, np.argmin)}
    places = {float(gates.x[k]) for k in held} | {*gates.x[[0, -1]].tolist(), *weights.pins}
    x, reading = sorted(map(Fraction, places)), Reading(f)

    def tube(place: Fraction) -> tuple[Fraction, Fraction]:
        return weights.between(*_between(reading.exact(_ball(place))), place, error)

    def between(line: Line, side: int, k: int, after: Fraction) -> tuple[Fraction, Fraction] | None:
        for place in gates.stops(f, line, side, float(after), float(x[k]), float(error)):
            edge = tube(Fraction(place))[0 if side > 0 else 1]
            if side * edge > side * line(Fraction(place)):
                return Fraction(place), edge
        return None

    low, high = map(list, zip(*map(tube, x), strict=True))
    tails = [line and weights.tail(line, error) for line in lines]
    return not path(x, low, high, segments, tails, between).complete


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


def exact_tail(f: Activation, side: int) -> Tail | None:
    """The asymptote of f in fractions, if its slope is one: that, and between what its value at 0 is."""
    from ..proofs.shape import Shape

    line = Shape(f.tree).asymptote(side)
    if line is None:
        return None
    if line[0].low != line[0].high:  # no double, perhaps a number as it is written
        exact = exact_line(f, side)
        return exact and Tail(exact[0], exact[1], exact[1])
    slope, _ = _between(line[0].low)
    low, high = _between(line[1].low)[0], _between(line[1].high)[1]
    return Tail(slope, low, high)


def _design(
    f: Activation, limits: tuple[float, float] | None, samples: Samples, found: Found, segments: int,
    bound: float | None,
) -> Design:  # fmt: skip
    low, high = limits or (-inf, inf)
    breakpoints = [b for b in found.breakpoints if low < b < high]
    ends = [low, *breakpoints, high]
    pieces = [
        PolynomialPiece(a, b, [line(0.0), line.slope])
        for (a, b), line in zip(pairwise(ends), found.lines, strict=True)
    ]
    return _assembled(f, samples, pieces, segments, bound)


def _assembled(
    f: Activation, samples: Samples, pieces: list[PolynomialPiece], segments: int, bound: float | None
) -> Design:  # fmt: skip
    """The design of lines, which are 0 at a root that is kept."""
    weights = samples.weights
    if weights.root:
        pieces = [
            piece._replace(coefficients=[0.0, piece.coefficients[1]])
            if piece.low <= 0 <= piece.high else piece
            for piece in pieces
        ]  # fmt: skip
    return assembled(
        f, pieces, segments=segments, degree=1, optimum_low=bound, relative=weights.relative,
        root=weights.root,
    )  # fmt: skip
