"""Designs piecewise polynomials whose breakpoints are given, equally spaced, or, with jumps, found.

With jumps each segment is a best polynomial by itself. All are proved segment by segment.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import pairwise
from math import exp, inf, log, nextafter
from typing import Any, TypeAlias

import numpy as np
from flint import arb

from ..evaluation.activation import Activation
from ..numbers.types import Floats, NumpyArray
from . import given_bound
from .design import Design
from .exchange import Best, NoConvergence, chebyshev_places
from .free_breakpoints import first_ends, on_kinks
from .jumps import jump_places
from .minimax_steps import improved, least_errors, polished
from .pieces import PolynomialPiece, assembled
from .piecewise import arb_between, exact_tail, reach_of, sampled, tail_of
from .polynomials import Reading, best_polynomial, powers
from .segments import Segments, Touching

Limits: TypeAlias = tuple[float, float] | None  # None: the whole line

PER_SEGMENT = 48  # samples
ROUNDS = 100
NOISE = 100  # times what doubles cannot tell from 0: errors that are not compared
ENOUGH, NEAREST_BOUND = 1e-3, 5e-5  # of the error, how near bounds are
SECTIONS, SHARPER = 24, 12  # places of the reach that is looked for, and rounds near the best
NEAREST = 2.0**-6
STARTS = 12  # of that reach, of segments of one width
NARROW = 1e-6  # of that reach
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
    form = Segments(f, sampled(f, limits, segments), degree, on_curve=on_curve)
    y, _ = polished(form, form.start(np.array(ends, np.float64)), free=False)
    design = assembled(f, form.pieces(y), segments=segments, degree=degree)
    if form.tails:  # of which those with other breakpoints are a bound, too
        return replace(design, optimum_low=least_error(f, limits, segments, degree))
    lower = given_bound.least_error(form, y, design.parts, design.error_high)
    return replace(design, optimum_low=lower)


def uniform(f: Activation, limits: Limits, segments: int, degree: int, on_curve: bool) -> Design:
    """The same at equally spaced places; on the whole line these are where the error is least."""
    if limits is not None:
        return meeting(f, limits, equally(*limits, segments), degree, on_curve)
    form = Segments(f, sampled(f, None, segments), degree, on_curve=on_curve)

    def errors(reaches: Floats) -> Floats:
        ends = [equally(-reach, reach, segments - 2) for reach in reaches.tolist()]
        return least_errors(form, np.array(ends))

    reach = least_at(errors, form.high) if segments > 2 else 0.0
    return meeting(f, None, equally(-reach, reach, segments - 2), degree, on_curve)


def equally(low: float, high: float, count: int) -> list[float]:
    """The ends of so many segments of one width."""
    if count < 1:
        return [low / 2 + high / 2]
    return [low, *((low * (count - k) + high * k) / count for k in range(1, count)), high]


def least_at(errors: Callable[[Floats], Floats], most: float) -> float:
    """Where errors that fall and then rise are least, up to a place.

    That is where what falls meets what rises, or near it; lines through errors on both sides tell.
    """
    places = np.linspace(log(NEAREST), log(most), SECTIONS)
    found = errors(np.exp(places))
    for _ in range(SHARPER):
        k = min(max(int(np.argmin(found)), 1), len(places) - 2)
        low, high = places[k - 1], places[k + 1]
        if high - low <= NARROW:
            break
        meet = [_meeting(places, found, i, k + 1) for i in (k - 2, k - 1)]
        near = [
            place + shift for place in meet for shift in np.array([-1, 0, 1]) * (high - low) / 64
        ]
        more = np.array([*near, (low + places[k]) / 2, (places[k] + high) / 2])
        more = np.setdiff1d(more[(more > low) & (more < high)], places)
        order = np.argsort(places := np.append(places, more))
        places, found = places[order], np.append(found, errors(np.exp(more)))[order]
    return exp(float(places[np.argmin(found)]))


def _meeting(x: Floats, y: Floats, left: int, right: int) -> float:
    """Where the line through a place and the next meets that through two others; nan if it does not."""
    if left < 0 or right + 1 >= len(x):
        return float("nan")
    rises = [(y[k + 1] - y[k]) / (x[k + 1] - x[k]) for k in (left, right)]
    with np.errstate(all="ignore"):
        return float(
            (y[right] - y[left] + rises[0] * x[left] - rises[1] * x[right]) / (rises[0] - rises[1])
        )


def with_jumps(f: Activation, limits: Limits, ends: Sequence[float], degree: int) -> Design:
    """The best polynomial on each segment; none is better at these ends than the worst segment.

    On the whole line, limits None, the outer ones are lines along the asymptotes. Where f jumps at an end,
    that is no part of the segment left of it, and the bound is of what is beside it.
    """
    outmost = limits or (nextafter(ends[0], -inf), nextafter(ends[-1], inf))
    jumps = {*ends} & jump_places(f, *outmost)
    pieces, lowers = [], []
    for a, b in pairwise(ends):
        inside = nextafter(a, inf) if a in jumps else a, nextafter(b, -inf) if b in jumps else b
        chebyshev, found = _best(f, (a, inside[1]), inside, degree)
        pieces.append(PolynomialPiece(a, b, [float(c) for c in powers(chebyshev, a, inside[1])]))
        lowers.append(
            found.lower if inside[0] == a else best_polynomial(f, *inside, degree)[1].lower
        )
    if limits is None:
        outer = [Outer(f, side, degree) for side in (-1, 1)]
        begin = ends[0], ends[-1]
        heights = [tail.height(end) for tail, end in zip(outer, begin, strict=True)]
        lines = [[height, tail.slope] for tail, height in zip(outer, heights, strict=True)]
        pieces = [
            PolynomialPiece(-inf, ends[0], lines[0]),
            *pieces,
            PolynomialPiece(ends[-1], inf, lines[1]),
        ]
        lowers += [
            tail.lower(nextafter(end, tail.side * inf) if end in jumps else end)
            for tail, end in zip(outer, begin, strict=True)
        ]
    return assembled(f, pieces, segments=len(pieces), degree=degree, optimum_low=max(lowers))


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
        line = exact_tail(self.f, self.side)
        if line is None:
            return 0.0
        value, height = Reading(self.f).exact(arb(end)), arb_between(line.low, line.high)
        gap = abs(value - arb_between(line.slope, line.slope) * arb(end) - height) / 2
        return max(0.0, nextafter(float(gap.lower()), 0.0)) if gap.is_finite() else 0.0


def free_with_jumps(f: Activation, limits: Limits, segments: int, degree: int) -> Design:
    """Polynomials of equal errors, which need not meet; on the whole line two of them are outer lines."""
    if limits is None and segments < 3:
        raise ValueError(f"--jumps on the whole line takes 3 segments or more, not {segments}")
    pieces, lower = _apart(f, limits, segments, degree, NEAREST_BOUND)
    return assembled(f, pieces, segments=segments, degree=degree, optimum_low=lower)


def least_error(f: Activation, limits: Limits, segments: int, degree: int) -> float | None:
    """An error that no so many polynomials are below, whether they meet or not: proved, or None."""
    if limits is None and segments < 3:
        return None
    return _apart(f, limits, segments, degree, ENOUGH)[1]


def _apart(
    f: Activation, limits: Limits, segments: int, degree: int, enough: float
) -> tuple[list[PolynomialPiece], float | None]:
    """So many segments that need not meet, and an error that none are below, proved and near `enough`.

    Of segments and as many of others one has no breakpoint inside, and there the others are one polynomial,
    which is no nearer than alternating errors show (de la Vallee-Poussin).
    """
    form = Segments(f, sampled(f, limits, segments, jumps=True), degree, jumps=True)
    reading = Reading(f)

    def bound(y: Floats) -> float:
        ends, touch = form.ends(y).tolist(), form.touching(y)
        if {*ends} & {*form.jumped}:  # a rival may have what f is there on either side
            return 0.0
        found = [
            _least_at(reading, _alternating_places(touch, k, low, high, degree))
            for k, (low, high) in enumerate(pairwise(ends))
        ]
        if form.tails:
            found += [Outer(f, side, degree).lower(ends[min(side, 0)]) for side in (-1, 1)]
        return min(found) if len(found) == segments else 0.0  # of fewer it is no bound

    starts = [first_ends(form, segments)]
    if len(form.kinks):
        starts.append(on_kinks(starts[0], form.jumped or form.kinks.tolist(), not form.tails))
    y, error = improved(form, *starts)
    lower = bound(y)
    found = form.tails or form.jumped or error <= NOISE * form.nothing
    if lower < error * (1 - enough) and segments > 1 and not found:
        reached, missed = _furthest(form, segments, lower, error, enough)
        other, its_error = improved(form, np.array(reached))
        lower = max(
            lower, bound(other),
            min(_least_at(reading, _level(f, a, b, degree)[1].tolist()) for a, b in pairwise(missed)),
        )  # fmt: skip
        y = other if its_error < error else y
    return form.pieces(y), lower or None


def _alternating_places(
    touch: Touching, segment: int, low: float, high: float, degree: int
) -> list[float]:
    """The best alternation on a segment of so many places that no polynomial of a degree is nearer."""
    runs: list[tuple[float, float, float]] = []
    here = touch.segment == segment
    for u, sign, size in zip(touch.u[here], touch.signs[here], touch.sizes[here], strict=True):
        x = high if u == 1 else low + (high - low) * (1 + u) / 2
        if not runs or runs[-1][1] != sign:
            runs.append((x, sign, size))
        elif size > runs[-1][2]:
            runs[-1] = (x, sign, size)
    parts = [runs[k : k + degree + 2] for k in range(len(runs) - degree - 1)]
    best = max(parts, key=lambda part: min(size for _, _, size in part), default=[])
    return [float(x) for x, _, _ in best]


def _least_at(reading: Reading, places: list[float]) -> float:
    """An error that no polynomial of two degrees less than there are places is below there, proved."""
    x = [arb(v) for v in sorted({*places})]
    if len(x) < max(len(places), 2):
        return 0.0
    unit, total, size = (x[-1] - x[0]) / 4, arb(0), arb(0)
    for k, here in enumerate(x):
        factor = arb(1)
        for other in x[:k] + x[k + 1 :]:
            factor *= unit / (here - other)  # a scale that leaves factors near to 1
        total, size = total + factor * reading.exact(here), size + abs(factor)
    bound = (abs(total) / size).lower()
    return max(nextafter(float(bound.lower()), 0.0), 0.0) if bound.is_finite() else 0.0


def _furthest(
    form: Segments, segments: int, least: float, most: float, enough: float
) -> tuple[list[float], list[float]]:
    """Ends of segments that each reach as far as they can within an error, which lies between two.

    As many segments reach the end of the range with the first, and do not quite with the second.
    """
    from scipy.optimize import brentq

    f, degree, high = form.f, form.degree, form.high
    reached = missed = first_ends(form, segments).tolist()
    least = max(least, most / 16)
    while most - least > enough * most:
        error, ends = (least * most) ** 0.5, [form.low]

        def beyond(x: float, low: float = 0.0, error: float = error) -> float:
            share = 1 / (degree + 1)
            return float(_level(f, low, x, degree)[0] ** share - error**share)

        while len(ends) < segments and ends[-1] < high:
            low = ends[-1]
            if beyond(high, low) <= 0:
                ends.append(high)
            else:
                near = low + 1e-9 * (high - form.low)
                if beyond(near, low) >= 0:  # errors are what doubles are off
                    return reached, missed
                width = 1e-5 * (high - form.low) / segments
                ends.append(float(brentq(beyond, near, high, args=(low,), xtol=width)))
        if ends[-1] == high or beyond(high, ends[-1]) <= 0:
            most, reached = error, [*ends, high] if ends[-1] < high else ends
        else:
            least, missed = error, [*ends, high]
    return reached, missed


def uniform_with_jumps(f: Activation, limits: Limits, segments: int, degree: int) -> Design:
    """The best polynomials on segments of one width; on the whole line between outer lines."""
    if limits is not None:
        return with_jumps(f, limits, equally(*limits, segments), degree)
    outer = [Outer(f, side, degree) for side in (-1, 1)]

    def error(reach: float) -> float:
        ends = equally(-reach, reach, segments - 2)
        inner = [_level(f, a, b, degree)[0] for a, b in pairwise(ends)]
        return max([*inner, *(tail.error(tail.side * reach) for tail in outer)])

    def errors(reaches: Floats) -> Floats:
        return np.array([error(reach) for reach in reaches.tolist()])

    reach = least_at(errors, max(tail.reach for tail in outer)) if segments > 2 else 0.0
    return with_jumps(f, None, equally(-reach, reach, segments - 2), degree)


def _level(f: Activation, low: float, high: float, degree: int) -> tuple[float, Floats]:
    """About how far the best polynomial of a degree is from f, and where it is: by Remez on samples."""
    u = np.array(chebyshev_places(-1.0, 1.0, PER_SEGMENT * 2 + 1))
    truth = np.asarray(f((low + high) / 2 + (high - low) / 2 * u), np.float64)
    basis = np.polynomial.chebyshev.chebvander(u, degree)
    signs = (-1.0) ** np.arange(degree + 2)

    def levelled(at: NumpyArray) -> tuple[Floats, float]:
        solved = np.linalg.lstsq(np.column_stack([basis[at], signs]), truth[at], rcond=None)[0]
        return truth - basis @ solved[:-1], abs(float(solved[-1]))

    first = np.searchsorted(u, chebyshev_places(-1.0, 1.0, degree + 3)).clip(0, len(u) - 1)
    for left_out in range(degree + 2, -1, -1):  # at mirror images, or on a line, all may be 0
        at = np.delete(first, left_out)
        errors, level = levelled(at)
        if level > 1e-6 * np.max(np.abs(errors)):
            break
    for _ in range(12):
        if np.max(np.abs(errors)) <= level * (1 + 1e-9) + 1e-16:
            break
        at = _alternating(errors, at)
        errors, level = levelled(at)
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


def _alternating(errors: Floats, at: NumpyArray) -> NumpyArray:
    """As many places where errors of alternating signs are largest, the largest among them; or the same."""
    begins = np.flatnonzero(np.diff(np.sign(errors), prepend=0.0))
    runs = zip(begins, [*begins[1:], len(errors)], strict=True)
    tops = [int(a + np.argmax(np.abs(errors[a:b]))) for a, b in runs if errors[a]]
    while len(tops) > len(at):
        tops.pop(0 if abs(errors[tops[0]]) < abs(errors[tops[-1]]) else -1)
    return np.array(tops) if len(tops) == len(at) else at
