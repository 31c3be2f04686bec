"""Designs minimax polynomials: the best of a degree, or the least degree that reaches an error."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import replace
from math import inf
from typing import Any

from flint import arb, ctx

from ..evaluation.activation import Activation
from .certificates import Bound, bits_for, is_formula, largest_error
from .constrained import best_constrained, pins_of, root_at_zero
from .design import Design, chebyshev_text, horner
from .exchange import PRECISION, Best, NoConvergence
from .grid_quotients import on_grid
from .grids import grid_named
from .jumps import largest_jump
from .one_sided import error_beside, moved_beyond
from .polynomials import (
    MOST,
    Reading,
    best_polynomial,
    in_chebyshev,
    likely_degree,
    mended_powers,
    powers,
)
from .request import PLAIN, Conditions

Exact = tuple[
    Sequence[Any], Best, bool
]  # coefficients as balls, and whether of Chebyshev polynomials
SURE = 1 + 1e-6  # times a bound, an error that needs no other bound
BEYOND = 1.1  # times an error, what a rounding of coefficients does not add
HOPELESS = 1 - 1e-7  # a relative error from which on 0 is as good, whose error is 1
GAIN, STALLED = 0.98, 5  # errors of a grid that gain no more, for so many degrees
FINE = 1 / 30  # of errors of rounding, those of degrees where finer ones begin to help
BEFORE = 4  # degrees from which on one is looked for
TINY = 1e-50  # an error that none reaches
COST = 1e-7  # of the error, that rounding powers may add to it


def by_degree(
    f: Activation, low: float, high: float, degree: int, asked: Conditions = PLAIN,
    known: Exact | None = None, enough: float = 0.0, lower: Sequence[float] = (),
) -> Design:  # fmt: skip
    """The best polynomial of a degree on [low, high], its coefficients rounded to doubles, proved.

    Coefficients are those of powers, or of Chebyshev polynomials where rounding powers costs too much.
    The best exact ones may be `known`. On a grid an error may be `enough`, with what a `lower` degree has.
    """
    pins, root = _kept(f, low, high, asked)
    exact, best, chebyshev = known or _best(f, low, high, degree, pins, asked.relative)
    grid = grid_named(asked.coefficients)
    basis, lowest = "power", 0.0
    side = 1 if asked.above else -1 if asked.below else 0
    with ctx.workprec(2 * bits_for(degree, low, high)):
        sums = exact
        if chebyshev:
            exact = powers(sums, low, high)
        rounded = [float(c) for c in exact]
        if asked.relative and best.level > HOPELESS and not asked.pin:
            exact = rounded = [0.0] * (degree + 1)
        if best.exact:  # what is left of zeros is dropped
            size = max(map(abs, rounded))
            rounded = [c if abs(c) > 1e-40 * size else 0.0 for c in rounded]
        coefficients = rounded
        plain = chebyshev and not best.exact and grid.name == "float64"
        if plain and _cost(exact, rounded, best, Reading(f)) > COST:
            basis, coefficients = "chebyshev", [float(c) for c in sums]

        def certified(kept: Sequence[float]) -> Bound:
            known = powers(kept, low, high) if basis == "chebyshev" else kept
            return largest_error(f, known, low, high, relative=asked.relative, root=root)

        if grid.name != "float64":
            free = [rounded[0] + side * best.level, *rounded[1:]]
            if not (enough or lower):
                near = certified([grid.nearest(c) for c in free]).high
                lower = _lower(f, low, high, degree, asked, best.level, near)
            (coefficients, _), found, lowest = on_grid(
                f, (low, high), free, [1.0], best.level * (1 + abs(side)), best.reference, grid,
                lambda parts: error_beside(f, *parts, (low, high), side) if side else
                certified(parts[0]), asked.relative, pins, side, enough, ([*lower], [1.0])
            )  # fmt: skip
        elif best.exact and not asked.relative and is_formula(f, horner(coefficients), low, high):
            found = Bound(0.0, 0.0, None)
        else:
            found = certified(coefficients)
        if (
            (asked.relative or pins or best.exact)
            and grid.name == "float64"
            and found.low > best.level * (1 + COST)
        ):
            if 0.0 in pins:
                other = mended_powers(exact, low, high)
            else:
                basis, other = "chebyshev", [float(c) for c in in_chebyshev(exact, low, high)]
            again = certified(other)
            if again.high < found.high:
                coefficients, found = other, again
            else:
                basis = "power"
        if asked.relative and not asked.pin:
            if any(coefficients) and not found.high <= 1:
                basis, coefficients = "power", [0.0] * (degree + 1)
                found = certified(coefficients)
            if not any(coefficients):  # the error is 1 everywhere
                best = replace(best, reference=[])
        optimum = best.lower
        if optimum < best.level / SURE and (jump := largest_jump(f, low, high, root)):
            optimum = max(optimum, jump.bound(asked.relative))
        if side:  # what is within E of f is above f with E added, and best
            optimum *= 2
            if grid.name == "float64" and 0 < found.high < inf:
                coefficients = [*coefficients]
                coefficients[0] = moved_beyond(coefficients[0], found.high, asked.above, grid)
                found = certified(coefficients)
        in_x = coefficients
        if basis == "chebyshev":
            in_x = [float(c) for c in powers(coefficients, low, high)]
    optimum = max(optimum, lowest)
    if found.high < inf and not pins:  # as it is one of its kind
        found = replace(found, low=max(found.low, optimum))
    attained = best.reference
    if grid.name != "float64" and found.where is not None:
        attained = [found.where]
    formula = horner(coefficients) if basis == "power" else chebyshev_text(coefficients, low, high)
    return Design(
        function=f.label, kind="polynomial", low=low, high=high, degree=degree,
        coefficients=coefficients, basis=basis, error_low=found.low, error_high=found.high,
        attained_at=attained, optimum_low=optimum, formula=formula, segments_used=1,
        parts=[(low, high, in_x)], format=grid.name, relative=asked.relative,
        one_sided=asked.above or asked.below,
    )  # fmt: skip


def _lower(
    f: Activation,
    low: float,
    high: float,
    degree: int,
    asked: Conditions,
    level: float,
    rounded: float,
) -> Sequence[float]:
    """Coefficients of a lower degree, if that has a level well below the error of those rounded."""
    if not TINY < rounded < inf:  # else nothing is left to be gained
        return []
    first = likely_degree(f, low, high, FINE * rounded)
    least = _climbed(f, low, high, max(level, TINY), asked, range(first, degree))
    return least.coefficients if least else []


def _kept(f: Activation, low: float, high: float, asked: Conditions) -> tuple[list[float], bool]:
    """Where f is kept exactly, and whether a root at 0 is, as the relative error needs it."""
    pins = pins_of(asked.pin, low, high)
    root = asked.relative and root_at_zero(f, low, high)
    return [0.0, *pins] if root and 0.0 not in pins else pins, root


def _best(
    f: Activation, low: float, high: float, degree: int, pins: Sequence[float], relative: bool,
    first: Sequence[float] = (),
) -> Exact:  # fmt: skip
    """The best coefficients as balls, and whether these are of Chebyshev polynomials instead of powers."""
    try:
        if pins or relative:
            return *best_constrained(f, low, high, degree, pins, relative), False
        return *best_polynomial(f, low, high, degree, first), True
    except NoConvergence as why:
        if not pins and not relative and (zero := _nothing(f, low, high, degree)) is not None:
            return zero
        advice = "give another --degree, or a shorter range"
        raise NoConvergence(
            f"{f.label} on {low:g}:{high:g} by degree {degree}: {why}; {advice}"
        ) from None


def _nothing(f: Activation, low: float, high: float, degree: int) -> Exact | None:
    """The polynomial 0, if f itself alternates so often that none of a degree is better."""
    from .rational import nothing
    from .rational_problem import problem_of

    with ctx.workprec(PRECISION):
        found = nothing(problem_of(f, low, high, degree, 0, symmetric=False)[0])
    if found is None:
        return None
    zeros = [arb(0)] * (degree + 1)
    return zeros, Best(zeros, found.level, found.reference, found.lower, 0), False


def _cost(exact: Sequence[Any], rounded: Sequence[float], best: Best, reading: Reading) -> float:
    """What rounding adds to the error at its touching points, of the error."""
    if not best.level:
        return 0.0
    added = 0.0
    for x in best.reference:
        at, change, value = arb(x), arb(0), arb(0)
        for c, d in zip(reversed(exact), reversed(rounded), strict=True):
            value = value * at + c
            change = change * at + (c - arb(d))
        error = reading.exact(at) - value
        added = max(added, float(change if error > 0 else -change))
    return added / best.level


def by_error(
    f: Activation, low: float, high: float, error: float, asked: Conditions = PLAIN
) -> Design:
    """The polynomial of the least degree whose error is proved to be `error` at most.

    ValueError where degree MOST does not reach it.
    """
    bests: dict[int, Exact] = {}
    reached: dict[int, float] = {}
    pins, _ = _kept(f, low, high, asked)
    lowest = max(len(pins), 1) - (not pins)

    def tried(degree: int) -> float:
        """About the error of a degree, if coefficients are free: which costs no proof."""
        if degree not in reached:
            bests[degree] = _best(f, low, high, degree, pins, asked.relative)
            reached[degree] = bests[degree][1].level * (1 + (asked.above or asked.below))
        return reached[degree]

    above = _least(
        lambda degree: tried(degree) <= error, lowest, likely_degree(f, low, high, error)
    )
    if asked.coefficients != "float64" and tried(above) <= error:
        return _of_grid(f, low, high, error, asked, max(above - BEFORE, lowest))
    asked = asked._replace(coefficients="float64")
    least: Design | None = None
    for degree in range(above, MOST + 1):
        found = by_degree(f, low, high, degree, asked, bests.get(degree))
        if found.error_high <= error:
            return found
        if least is None or found.error_high < least.error_high:
            least = found
        if found.error_high > BEYOND * error:
            break
    best = min(reached, key=lambda degree: reached[degree])
    if least is None or reached[best] < least.error_high:
        least = by_degree(f, low, high, best, asked)
    raise ValueError(
        f"no polynomial up to degree {MOST} reaches {error:g} for {f.label} on "
        f"{low:g}:{high:g}; degree {least.degree} reaches {least.error_high:.6g}, "
        "a shorter range less"
    )


def _of_grid(
    f: Activation, low: float, high: float, error: float, asked: Conditions, first: int
) -> Design:
    """The polynomial on a grid of the least degree, from a first on, for which one of an error is found."""
    least = _climbed(f, low, high, error, asked, range(first, MOST + 1))
    if least is not None and least.error_high <= error:
        degree = int(str(least.degree))
        best = by_degree(f, low, high, degree, asked, lower=least.coefficients)
        return min(least, best, key=lambda design: design.error_high)
    told = f"; degree {least.degree} reaches {least.error_high:.6g}" if least else ""
    raise ValueError(
        f"no polynomial with coefficients of {asked.coefficients} that reaches {error:g} for {f.label} on "
        f"{low:g}:{high:g} was found{told}, finer ones, or a shorter range, less"
    )


def _climbed(
    f: Activation, low: float, high: float, error: float, asked: Conditions, degrees: Iterable[int]
) -> Design | None:
    """The best polynomial on a grid that is found, degree by degree, until one reaches an error.

    What a degree has is where the search of the next begins, as long as they gain. None if there are none.
    """
    least: Design | None = None
    stalled = 0
    for degree in degrees:
        lower = least.coefficients if least else ()
        with suppress(ValueError):  # none are at pins, or on a side
            found = by_degree(f, low, high, degree, asked, enough=error, lower=lower)
            if found.error_high <= error:
                return found
            stalled = (
                0 if least is None or found.error_high < least.error_high * GAIN else stalled + 1
            )
            if least is None or found.error_high < least.error_high:
                least = found
        if stalled == STALLED:
            break
    return least


def _least(enough: Callable[[int], bool], lowest: int, first: int) -> int:
    """The least degree that is enough, MOST if none is, by steps that grow from a first guess."""
    below, above, step = lowest - 1, MOST, 1
    degree = min(max(first, lowest), MOST)
    if enough(degree):
        above = degree
        while above - step > below and enough(above - step):
            above, step = above - step, 2 * step
        below = max(below, above - step)
    else:
        below = degree
        while below + step < MOST and not enough(below + step):
            below, step = below + step, 2 * step
        above = min(below + step, MOST)
    while above - below > 1:
        middle = (above + below) // 2
        below, above = (below, middle) if enough(middle) else (middle, above)
    return above


def whole_line(
    f: Activation, degree: int | None, error: float | None, asked: Conditions = PLAIN
) -> Design:
    """The best polynomial on [-R, R] with the asymptotes of f outside: of a degree, or for an error."""
    from .whole_line import on_the_line, shortest, within

    if degree is None:  # what reaches it on the shortest range does with the best range
        assert error is not None
        reach = shortest(f, error, asked)
        degree = int(by_error(f, -reach, reach, error, within(asked, reach)).degree)

    shares: list[float] = []  # the last reference, of R

    def level(reach: float, asked: Conditions) -> float:
        pins, _ = _kept(f, -reach, reach, asked)
        first = [x * reach for x in shares]
        best = _best(f, -reach, reach, degree, pins, asked.relative, first)[1]
        shares[:] = [x / reach for x in best.reference]
        return best.level * (1 + (asked.above or asked.below))

    return on_the_line(f, level, lambda reach: by_degree(f, -reach, reach, degree, asked), asked)
