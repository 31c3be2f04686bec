"""Designs piecewise polynomials whose breakpoints are given, equally spaced, or, with jumps, found.

Continuous ones are linear programs (joined.py); with jumps each segment is a best polynomial by itself.
All are proved segment by segment.
"""

from collections.abc import Callable, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from math import exp, inf, log, log2, nextafter
from typing import Any, TypeAlias

import numpy as np
from flint import arb

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from .design import Design
from .exchange import Best, NoConvergence, chebyshev_places
from .free_breakpoints import balanced, improved
from .joined import Joined
from .jumps import jump_places
from .pieces import Piece, assembled
from .piecewise import arb_between, exact_tail, reach_of, sampled, tail_of
from .polynomials import Reading, best_polynomial, powers

Limits: TypeAlias = tuple[float, float] | None  # None: the whole line

PER_SEGMENT = 48  # samples
ROUNDS = 100
EQUAL = 2e-6  # of errors of segments
ENOUGH = 1e-3  # of a bound
SECTIONS = 24  # of the reach that is looked for
NEAREST = 2.0**-6
STARTS = 12  # of that reach, of segments of one width
NARROW = 2e-6  # of that reach
MOST_OF = 0.8  # of a step towards the error inside, as that falls where tails begin earlier
FAR_OUT = 200  # samples of a tail


def breakpoints_of(text: str, limits: Limits) -> list[float]:
    """The breakpoints as typed, and the ends of the range that they are to be between."""
    from ..inputs.numbers import parse_numbers

    inner = sorted({*parse_numbers(text, "--breakpoints", "--breakpoints -1,0,1").tolist()})
    if limits is None:
        return inner
    low, high = limits
    if not low < inner[0] or not inner[-1] < high:
        raise ValueError(f"--breakpoints are between {low:g} and {high:g}, the ends of the range")
    return [low, *inner, high]


def meeting(
    f: Activation, limits: Limits, ends: Sequence[float], degree: int, on_curve: bool
) -> Design:
    """The polynomials that meet at given places, or meet there on f, with the least largest error.

    On the whole line, limits None, the outer ones are lines along the asymptotes.
    """
    segments = len(ends) + 1 if limits is None else len(ends) - 1
    form = Joined(f, sampled(f, limits, segments), degree, on_curve)
    state, _ = form.best(np.array(ends, np.float64))
    return assembled(f, form.pieces(state), segments=segments, degree=degree)


def uniform(f: Activation, limits: Limits, segments: int, degree: int, on_curve: bool) -> Design:
    """The same at equally spaced places; on the whole line these are where the error is least."""
    if limits is not None:
        return meeting(f, limits, equally(*limits, segments), degree, on_curve)
    form = Joined(f, sampled(f, None, segments), degree, on_curve, tied=True)
    if segments == 2:
        return meeting(f, None, [0.0], degree, on_curve)
    starts = np.geomspace(NEAREST, form.reach, STARTS)
    rough = [form.best(np.array(equally(-r, r, segments - 2)))[1] for r in starts.tolist()]
    reach = float(starts[int(np.argmin(rough))])
    state, _ = improved(form, np.array(equally(-reach, reach, segments - 2)))
    reach = float(state.ends[-1])
    return meeting(f, None, equally(-reach, reach, segments - 2), degree, on_curve)


def equally(low: float, high: float, count: int) -> list[float]:
    """The ends of so many segments of one width."""
    if count < 1:
        return [low / 2 + high / 2]
    return [low, *(low + k * ((high - low) / count) for k in range(1, count)), high]


def least_at(error: Callable[[float], float], most: float) -> float:
    """Where an error that falls and then rises is least, up to a place: by sections of logarithms."""
    places = np.geomspace(NEAREST, most, SECTIONS)
    errors = [error(float(x)) for x in places]
    k = int(np.argmin(errors))
    low, high = log(float(places[max(k - 1, 0)])), log(float(places[min(k + 1, SECTIONS - 1)]))
    golden = (5**0.5 - 1) / 2
    left, right = high - golden * (high - low), low + golden * (high - low)
    at_left, at_right = error(exp(left)), error(exp(right))
    while high - low > NARROW:
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - golden * (high - low)
            at_left = error(exp(left))
        else:
            low, left, at_left = left, right, at_right
            right = low + golden * (high - low)
            at_right = error(exp(right))
    return exp(left if at_left <= at_right else right)


def with_jumps(
    f: Activation, limits: Limits, ends: Sequence[float], degree: int, free: bool = False
) -> Design:
    """The best polynomial on each segment; with `free` ends these are of equal error.

    On the whole line, limits None, the outer ones are lines along the asymptotes. None is better at these
    ends than the worst segment, and with any ends than the best: a segment of that one's without a
    breakpoint inside has no smaller error. Where f jumps at an end, that is no part of the segment left of
    it, and the bound is of what is beside it.
    """
    outmost = limits or (nextafter(ends[0], -inf), nextafter(ends[-1], inf))
    jumps = {*ends} & jump_places(f, *outmost)
    pieces, lowers = [], []
    for a, b in pairwise(ends):
        inside = nextafter(a, inf) if a in jumps else a, nextafter(b, -inf) if b in jumps else b
        chebyshev, found = _best(f, (a, inside[1]), inside, degree)
        pieces.append(Piece(a, b, [float(c) for c in powers(chebyshev, a, inside[1])]))
        lowers.append(
            found.lower if inside[0] == a else best_polynomial(f, *inside, degree)[1].lower
        )
    if limits is None:
        outer = [Outer(f, side, degree) for side in (-1, 1)]
        begin = ends[0], ends[-1]
        heights = [tail.height(end) for tail, end in zip(outer, begin, strict=True)]
        lines = [[height, tail.slope] for tail, height in zip(outer, heights, strict=True)]
        pieces = [Piece(-inf, ends[0], lines[0]), *pieces, Piece(ends[-1], inf, lines[1])]
        lowers += [
            tail.lower(nextafter(end, tail.side * inf) if end in jumps else end)
            for tail, end in zip(outer, begin, strict=True)
        ]
    lower = (min if free else max)(lowers)
    return assembled(f, pieces, segments=len(pieces), degree=degree, optimum_low=lower)


def _best(
    f: Activation, limits: tuple[float, float], inside: tuple[float, float], degree: int
) -> tuple[Sequence[Any], Best]:
    """The best polynomial between limits, or inside of these if that is not found."""
    try:
        return best_polynomial(f, *limits, degree)
    except NoConvergence:
        return best_polynomial(f, *inside, degree)


class Outer:
    """Lines along the asymptote of f on one side, from a place on."""

    def __init__(self, f: Activation, side: int, degree: int) -> None:
        self.f, self.side = f, side
        self.slope, self.at_0 = tail_of(f, side)
        if not degree and self.slope:
            raise ValueError(
                f"constants cannot follow {f.label} on the whole line; give a range, as in -r -4:4"
            )
        reach = abs(reach_of(f, side, (self.slope, self.at_0)))
        self.far = np.concatenate([[0.0], np.geomspace(1e-4, max(2 * reach, 1.0), FAR_OUT)])
        self.reach = reach

    def band(self, end: float) -> tuple[float, float]:
        """Between which heights above the asymptote f is, beyond an end."""
        x = end + self.side * self.far
        gap = np.asarray(self.f(x), np.float64) - self.slope * x - self.at_0
        return min(0.0, float(gap.min())), max(0.0, float(gap.max()))

    def height(self, end: float) -> float:
        """Where a line lies at 0 amid these."""
        return self.at_0 + sum(self.band(end)) / 2

    def error(self, end: float) -> float:
        """How far that line is from f."""
        low, high = self.band(end)
        return (high - low) / 2

    def lower(self, end: float) -> float:
        """An error that no line of this slope is below, beyond an end: half of the gap there, proved."""
        line = exact_tail(self.f, self.side, Fraction(0))
        if line is None:
            return 0.0
        value, height = Reading(self.f).exact(arb(end)), arb_between(line.low, line.high)
        gap = abs(value - arb_between(line.slope, line.slope) * arb(end) - height) / 2
        return max(0.0, nextafter(float(gap.lower()), 0.0)) if gap.is_finite() else 0.0

    def begins(self, error: float, halvings: int = 40) -> float:
        """The nearest place from which on the line is within an error."""
        places, errors = self._rough
        k = int(np.argmax(errors > error)) if errors[-1] > error else len(errors) - 1
        high, low = float(places[max(k - 1, 0)]), float(places[k])
        for _ in range(halvings):
            middle = (low + high) / 2
            low, high = (low, middle) if self.error(middle) <= error else (middle, high)
        return high

    @cached_property
    def _rough(self) -> tuple[Floats, Floats]:
        """Places from far out to the other side, and errors of lines from there on."""
        places = np.linspace(self.reach * self.side, -self.reach * self.side, 4 * FAR_OUT)
        x = places[:, None] + self.side * self.far
        gap = np.asarray(self.f(x), np.float64) - self.slope * x - self.at_0
        return places, (np.maximum(gap.max(axis=1), 0) - np.minimum(gap.min(axis=1), 0)) / 2


def free_with_jumps(f: Activation, limits: Limits, segments: int, degree: int) -> Design:
    """Polynomials of equal errors, which need not meet; on the whole line two of them are outer lines."""
    return with_jumps(f, limits, equally_hard(f, limits, segments, degree), degree, free=True)


def least_error(f: Activation, limits: Limits, segments: int, degree: int) -> float | None:
    """An error that no so many polynomials are below, whether they meet or not: proved, or None.

    Of segments and as many of others one has no breakpoint inside, and there the others are one polynomial,
    which is no nearer than alternating errors show (de la Vallee-Poussin).
    """
    if limits is None and segments < 3:
        return None
    try:
        ends = equally_hard(f, limits, segments, degree, ENOUGH)
    except ValueError:
        return None
    reading = Reading(f)
    found = [_alternation(f, reading, a, b, degree) for a, b in pairwise(ends)]
    if limits is None:
        found += [
            Outer(f, side, degree).lower(end)
            for side, end in zip((-1, 1), (ends[0], ends[-1]), strict=True)
        ]
    return min(found) or None


def _alternation(f: Activation, reading: Reading, low: float, high: float, degree: int) -> float:
    """An error that no polynomial of a degree is below on a segment, proved by as many places and two."""
    _, places = _level(f, low, high, degree)
    x = [arb(v) for v in np.unique(np.clip(places, low, high)).tolist()]
    if len(x) < degree + 2:
        return 0.0
    total, size = arb(0), arb(0)
    for k, here in enumerate(x):
        factor = arb(1)
        for other in x[:k] + x[k + 1 :]:
            factor *= (high - low) / 4 / (here - other)  # a scale that leaves factors near to 1
        total, size = total + factor * reading.exact(here), size + abs(factor)
    bound = (abs(total) / size).lower()
    return max(nextafter(float(bound.lower()), 0.0), 0.0) if bound.is_finite() else 0.0


def equally_hard(
    f: Activation, limits: Limits, segments: int, degree: int, enough: float = EQUAL
) -> list[float]:
    """Ends of segments whose best polynomials are equally far from f, and on the whole line outer lines."""
    if limits is not None:
        return equal_errors(f, *limits, segments, degree, enough)
    if segments < 3:
        raise ValueError(f"--jumps on the whole line takes 3 segments or more, not {segments}")
    outer = [Outer(f, side, degree) for side in (-1, 1)]

    def inside(error: float, halvings: int = 40) -> tuple[float, float]:
        left, right = (tail.begins(error, halvings) for tail in outer)
        return left, max(right, left)

    most = max(tail.error(0.0) for tail in outer)
    if not most:
        raise ValueError(f"{f.label} is its asymptotes; give a range, as in -r -4:4")
    low, high = most * 1e-14, most
    for _ in range(24):  # the estimate: where tails and the segments inside are about as far from f
        middle = (low * high) ** 0.5
        left, right = inside(middle, 0)
        rough = balanced(f, left, right, segments - 2, degree)[1] if left < right else 0.0
        low, high = (middle, high) if rough > middle else (low, middle)
    error, ends = high, []
    for _ in range(SECTIONS):
        left, right = inside(error)
        if not left < right:
            break
        ends = equal_errors(f, left, right, segments - 2, degree, enough)
        level = max(_level(f, a, b, degree)[0] for a, b in pairwise(ends))
        if abs(level - error) <= max(1e-6, enough) * error:
            break
        error = level**MOST_OF * error ** (1 - MOST_OF)
    if not ends:
        raise ValueError(f"{f.label} is its asymptotes there; give a range, as in -r -4:4")
    return ends


def uniform_with_jumps(f: Activation, limits: Limits, segments: int, degree: int) -> Design:
    """The best polynomials on segments of one width; on the whole line between outer lines."""
    if limits is not None:
        return with_jumps(f, limits, equally(*limits, segments), degree)
    outer = [Outer(f, side, degree) for side in (-1, 1)]

    def error(reach: float) -> float:
        ends = equally(-reach, reach, segments - 2)
        inner = [_level(f, a, b, degree)[0] for a, b in pairwise(ends)]
        return max([*inner, *(tail.error(tail.side * reach) for tail in outer)])

    reach = least_at(error, max(tail.reach for tail in outer)) if segments > 2 else 0.0
    return with_jumps(f, None, equally(-reach, reach, segments - 2), degree)


def equal_errors(
    f: Activation, low: float, high: float, segments: int, degree: int, enough: float = EQUAL
) -> list[float]:
    """Ends of segments whose best polynomials are equally far from f."""
    widths = np.diff(balanced(f, low, high, segments, degree)[0])
    best, spread, between = widths, np.inf, (0.0, np.inf)
    for _ in range(ROUNDS):
        ends = low + np.concatenate([[0.0], np.cumsum(widths)])
        errors = np.array([_level(f, a, b, degree)[0] for a, b in pairwise(ends.tolist())])
        least, most = float(errors.min()), float(errors.max())
        if most - least < spread * most:
            best, spread, between = widths, (most - least) / (most or 1.0), (least, most)
        if most - least <= enough * most:
            break
        middle = float(np.exp(np.mean(np.log(np.maximum(errors, 1e-3 * most)))))
        grow = (middle / np.maximum(errors, 1e-3 * most)) ** (1 / (degree + 1))
        widths = widths * np.clip(grow, 0.5, 2.0) ** 0.7
        widths *= (high - low) / widths.sum()
    placed = [low, *(low + np.cumsum(best)[:-1]).tolist(), high]
    if spread > max(1e-4, enough):  # where f is all but a polynomial somewhere
        return _greedy(f, placed, between, degree, enough)
    return placed


def _greedy(
    f: Activation, best: list[float], between: tuple[float, float], degree: int, enough: float
) -> list[float]:
    """The same by halving the error, `between` two, with segments that each reach as far as they can.

    With an error that is only near `enough` they are those of the largest that does not reach the end.
    """
    halvings = 2 * int(-log2(enough)) - 2
    low, high, segments = best[0], best[-1], len(best) - 1
    (least, most), below = between, best
    while most - least > enough * most and most > 1e-15:
        middle = (least + most) / 2 if least >= most / 16 else most / 16
        ends = [low]
        while len(ends) < segments and ends[-1] < high:
            near, far = ends[-1], high
            if _level(f, near, far, degree)[0] <= middle:
                near = far
            for _ in range(halvings):
                half = (near + far) / 2
                if not near < half < far:
                    break
                near, far = (
                    (half, far) if _level(f, ends[-1], half, degree)[0] <= middle else (near, half)
                )
            ends.append(near)
        if ends[-1] == high or _level(f, ends[-1], high, degree)[0] <= middle:
            most, best = middle, [*ends, high] if ends[-1] < high else ends
        else:
            least, below = middle, [*ends, high]
    return best if enough == EQUAL else below


def _level(f: Activation, low: float, high: float, degree: int) -> tuple[float, Floats]:
    """About how far the best polynomial of a degree is from f, and where it is: by Remez on samples."""
    places = np.array(chebyshev_places(-1.0, 1.0, degree + 2))
    u = np.array(chebyshev_places(-1.0, 1.0, PER_SEGMENT * 2 + 1))
    truth = np.asarray(f((low + high) / 2 + (high - low) / 2 * u), np.float64)
    at = np.searchsorted(u, places).clip(0, len(u) - 1)
    basis = np.polynomial.chebyshev.chebvander(u, degree)
    signs = (-1.0) ** np.arange(degree + 2)
    level = 0.0
    for _ in range(12):
        solved = np.linalg.lstsq(np.column_stack([basis[at], signs]), truth[at], rcond=None)[0]
        errors = truth - basis @ solved[:-1]
        level = abs(float(solved[-1]))
        if np.max(np.abs(errors)) <= level * (1 + 1e-9) + 1e-16:
            break
        at = _alternating(errors, at)
    # between samples: at the vertices of parabolas through the largest errors
    inner = at[(at > 0) & (at < len(u) - 1)]
    down, here, up = u[inner - 1] - u[inner], errors[inner], u[inner + 1] - u[inner]
    before, after = errors[inner - 1] - here, errors[inner + 1] - here
    with np.errstate(all="ignore"):
        shift = (down**2 * after - up**2 * before) / (down * after - up * before) / 2
    vertex = u.copy()
    vertex[inner] += np.where((shift > down) & (shift < up), shift, 0.0)
    x = (low + high) / 2 + (high - low) / 2 * vertex[at]
    basis = np.polynomial.chebyshev.chebvander(vertex[at], degree)
    truth = np.asarray(f(x), np.float64)
    solved = np.linalg.lstsq(np.column_stack([basis, signs]), truth, rcond=None)[0]
    return max(level, abs(float(solved[-1]))), x


def _alternating(errors: Floats, at: Floats) -> Floats:
    """The places with the largest error put in for a neighbour of its sign."""
    top = int(np.argmax(np.abs(errors)))
    at = at.copy()
    k = int(np.searchsorted(at, top))
    same = [j for j in (k - 1, k) if 0 <= j < len(at) and errors[at[j]] * errors[top] > 0]
    if same:
        at[same[0]] = top
    elif k == 0:
        at = np.concatenate([[top], at[:-1]])
    else:
        at = np.concatenate([at[1:], [top]])
    return at
