"""Chooses how a piecewise polynomial is designed: by what is asked of its breakpoints and joints."""

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache, partial
from typing import NamedTuple, TypeVar

from ..evaluation.activation import Activation
from .design import Design
from .grids import grid_named
from .request import MOST_SEGMENTS, NotReached, Request

GUESSED = 4  # segments that are tried first for an error
MOVED = 1e-12  # of an error, that moving by half of it may cost in rounding
NEAR = 1.02  # times an error, that better breakpoints may bring down to it

Some = TypeVar("Some", Design, "Reached")


def piecewise(f: Activation, request: Request) -> Design:
    """The piecewise polynomial asked for; ValueError says what is wrong."""
    asked = request.conditions
    if asked.relative or asked.pin:
        return _conditioned(f, request)
    pieces, side = request.pieces, asked.above or asked.below
    if side and pieces.on_curve:
        raise ValueError(
            "--on-curve makes segments meet on the function, --above and --below keep them off; "
            "leave one out"
        )
    grid, rounded = grid_named(asked.coefficients), asked.coefficients != "float64"
    if rounded and request.limits is None:
        _check_slopes(f, asked.coefficients)

    def finished(counted: Request) -> Design:
        design = _free_of_grids(f, counted)
        if rounded:
            from .grid_pieces import on_grid

            design = on_grid(f, design, asked.coefficients, request.limits, pieces)
        if side:
            from .one_sided import moved_pieces

            design = moved_pieces(f, design, asked.above, grid, pieces.jumps)
        return design

    if request.error is None or not (side or rounded):
        return finished(request)
    if not rounded:
        try:
            return finished(request._replace(error=request.error / 2 * (1 - MOVED)))
        except NotReached as why:
            raise ValueError(f"{why}, on both sides; on one it is twice that") from None

    def of(count: int) -> Design:
        return finished(request._replace(error=None, pieces=pieces._replace(segments=count)))

    least = 1 if request.limits else 3
    return _fewest(of, request.error, 1 if request.degree is None else request.degree, least)


def _conditioned(f: Activation, request: Request) -> Design:
    """Of the relative error, or exact at places."""
    pieces, asked = request.pieces, request.conditions
    name = "--relative" if asked.relative else "--pin"
    degree = _check_pieces(request)
    free = pieces.breakpoints is None and not (pieces.uniform or pieces.jumps or pieces.on_curve)
    if degree == 1 and free and asked.coefficients == "float64":
        return _lines(f, request)
    from .free_conditions import with_free_ends
    from .given_breakpoints import breakpoints_of, equally
    from .weighed_pieces import conditioned

    if request.limits is None:
        raise ValueError(
            f"{name} of other pieces than lines between breakpoints that are found needs a range, as in "
            "-r -4:4"
        )
    if asked.coefficients != "float64" or pieces.on_curve:
        other = "--on-curve" if pieces.on_curve else "--coefficients"
        raise ValueError(f"{name} of a piecewise polynomial goes without {other}; leave one out")
    if pieces.breakpoints is not None:
        ends = breakpoints_of(pieces.breakpoints, request.limits)
        return conditioned(f, ends, degree, pieces.jumps, asked)
    low, high = request.limits

    def of(count: int) -> Design:
        if pieces.uniform:
            return conditioned(f, equally(low, high, count), degree, pieces.jumps, asked)
        return with_free_ends(f, low, high, count, degree, pieces.jumps, asked)

    if request.error is not None:
        return _fewest(of, request.error, degree, 1)
    assert pieces.segments is not None
    return of(pieces.segments)


def _lines(f: Activation, request: Request) -> Design:
    """The best lines with free breakpoints that meet."""
    from .piecewise import by_error, by_segments

    asked = request.conditions
    if request.error is not None:
        return by_error(f, request.limits, request.error, MOST_SEGMENTS, asked)
    assert request.pieces.segments is not None
    return by_segments(f, request.limits, request.pieces.segments, asked)


def _check_slopes(f: Activation, grid: str) -> None:
    """Refuses the whole line where a slope is no double, much less a number of a grid."""
    from .piecewise import exact_tail

    for side, end in ((-1, "left"), (1, "right")):
        tail = exact_tail(f, side)
        if tail and Fraction(float(tail.slope)) != tail.slope:
            raise ValueError(
                f"the slope of {f.label} towards the {end} is no number of {grid}, and the error of any "
                "other has no bound; give a range, as in -r -4:4"
            )


def _check_pieces(request: Request) -> int:
    """The degree; ValueError where what is asked for does not go together."""
    pieces, degree = request.pieces, 1 if request.degree is None else request.degree
    counts = pieces.segments, request.error, pieces.breakpoints
    if sum(count is not None for count in counts) != 1:
        raise ValueError("give one of --segments N, --error E and --breakpoints X,..")
    if request.under is not None:
        raise ValueError(
            f"--degree {degree}/{request.under} is of --by rational; segments have --degree N"
        )
    if not degree and not pieces.jumps:
        raise ValueError("constants do not meet; add --jumps, or --degree 1")
    if pieces.jumps and pieces.on_curve:
        raise ValueError("--on-curve makes segments meet on the function; leave --jumps out")
    if pieces.breakpoints is not None and pieces.uniform:
        raise ValueError("--uniform and --breakpoints exclude one another; give one")
    return degree


def _free_of_grids(f: Activation, request: Request) -> Design:
    pieces, degree = request.pieces, _check_pieces(request)
    if pieces.breakpoints is not None:
        return _given(f, request, degree)
    given = pieces.jumps or pieces.uniform or pieces.on_curve
    if request.error is not None:
        if degree == 1 and not given:
            return _lines(f, request)
        least = 2 if request.limits is None else 1
        if request.limits is None and pieces.jumps and not pieces.uniform:
            least = 3
        design = partial(_counted, f, request, degree)
        if not (pieces.jumps or pieces.uniform):
            return _fewest_free(f, request, design, degree, least)
        return _fewest(design, request.error, degree, least)
    assert pieces.segments is not None
    return _counted(f, request, degree, pieces.segments)


def _given(f: Activation, request: Request, degree: int) -> Design:
    from . import given_breakpoints as given

    pieces, limits = request.pieces, request.limits
    assert pieces.breakpoints is not None
    ends = given.breakpoints_of(pieces.breakpoints, limits)
    if pieces.jumps:
        return given.with_jumps(f, limits, ends, degree)
    return given.meeting(f, limits, ends, degree, pieces.on_curve)


def _counted(f: Activation, request: Request, degree: int, segments: int) -> Design:
    """What is asked for, of so many segments."""
    from . import given_breakpoints as given

    pieces, limits = request.pieces, request.limits
    if limits is None and segments < 2 and (pieces.uniform or pieces.on_curve or pieces.jumps):
        raise ValueError("the whole line takes 2 segments or more; give a range, as in -r -4:4")
    if pieces.uniform:
        if pieces.jumps:
            return given.uniform_with_jumps(f, limits, segments, degree)
        return given.uniform(f, limits, segments, degree, pieces.on_curve)
    if pieces.jumps:
        return given.free_with_jumps(f, limits, segments, degree)
    if not pieces.on_curve and (degree == 1 or (limits is None and segments < 3)):
        from .piecewise import by_segments

        return by_segments(f, limits, segments)
    from .free_breakpoints import by_count

    design = by_count(f, limits, segments, degree, pieces.on_curve)
    return replace(design, optimum_low=given.least_error(f, limits, segments, degree))


class Reached(NamedTuple):
    """What so many segments reach, about."""

    segments: int
    error_high: float


def _fewest_free(
    f: Activation, request: Request, design: Callable[[int], Design], degree: int, least: int
) -> Design:
    """The same with free ends: so many as one start shows, or fewer if these are near."""
    from .free_breakpoints import likely_count, reached

    error, limits, on_curve = request.error, request.limits, request.pieces.on_curve
    assert error is not None

    @cache
    def rough(count: int) -> Reached:
        return Reached(count, reached(f, limits, count, degree, on_curve))

    first = likely_count(f, limits, error, degree)
    count = _fewest(rough, error, degree, max(least, 1 if limits else 3), first).segments
    found = design(count)
    while count > least and rough(count - 1).error_high <= error * NEAR:
        fewer = design(count - 1)
        if fewer.error_high > error:
            break
        found, count = fewer, count - 1
    if found.error_high > error:
        return _fewest(design, error, degree, count + 1)
    return found


def _fewest(
    design: Callable[[int], Some], error: float, degree: int, least: int, first: int = GUESSED
) -> Some:
    """The design of the fewest segments that is proved to reach an error, if errors fall with them."""
    below, above, count = least - 1, MOST_SEGMENTS + 1, min(max(first, least), MOST_SEGMENTS)
    found: Some | None = None
    while above - below > 1:
        tried = design(count)
        if tried.error_high <= error:
            above, found = count, tried
        elif count == MOST_SEGMENTS:
            raise NotReached(
                f"no {MOST_SEGMENTS} segments, the most there are, reach an error of {error:g}; "
                f"these reach {tried.error_high:.6g}"
            )
        else:
            below = count
        inner = count - (least > 1)  # errors fall as its powers
        more = min((tried.error_high / error) ** (1 / (degree + 1)), 16.0)
        guess = int(inner * more) + (least > 1) + (tried.error_high > error)
        count = min(max(guess, below + 1), above - 1)
    assert found is not None
    return found
