"""Measures rounding errors of the program against Arb, in units in the last place."""

from fractions import Fraction
from functools import cache
from math import inf
from typing import Any, NamedTuple

import numpy as np
from flint import arb, ctx

from ..evaluation.activation import Activation
from ..numbers.ball import Ball
from ..numbers.distinct import distinct
from ..numbers.formats import FORMATS, Format
from ..numbers.interval import Enclosure, enclosure
from ..proofs.points import Undecided
from ..proofs.shape import Shape
from ..wording import words
from .subject import Answer, Subject

LIMIT = 16  # units in the last place
DIGITS = 53  # of a double; no format that is judged has more
PLAIN = arb(60_000)  # in the range of every format that is judged
PRECISIONS = (128, 256, 512, 1152, 2304)  # bits; sin(1e300) takes 1000 for a start


def numerically_stable(subject: Subject) -> Answer:
    """Measures whether value and gradient are right to LIMIT units in the last place."""
    found = stability(subject.activation, subject.shape, subject.dtype, subject.low, subject.high)
    worst = max(found.value_ulp, found.gradient_ulp)
    value = {"value_ulp": found.value_ulp, "gradient_ulp": found.gradient_ulp}
    where = [found.value_at, found.gradient_at]
    if worst > LIMIT:
        of_value = found.value_ulp >= found.gradient_ulp
        place = where[0] if of_value else where[1]
        breakpoints = subject.activation.breakpoints
        if (
            not of_value
            and breakpoints.is_known(place)
            and np.isnan(breakpoints.sides(place, 1)[1])
        ):
            told = "the gradient is that of one branch, by convention at a kink"
            return "refuted", value, where, f"at x = {words(place)} {told}"
        lost = "all digits are" if worst > 1e15 or worst == inf else f"{words(worst)} ulp are"
        return "refuted", value, where, f"at x = {words(place)} {lost} lost to rounding"
    return "measured", value, where, f"right to {words(worst)} ulp at every test input"


class Stability(NamedTuple):
    """The worst errors in units of the contract, and the inputs where they occur."""

    value_ulp: float
    gradient_ulp: float
    value_at: float
    gradient_at: float


@cache
def inputs() -> tuple[float, ...]:
    """Where the program is tried: all k/8 up to 40 in size, and +-10^k."""
    powers = [float(f"1e{k}") for k in (*range(-20, 21), -300, -100, 100, 300)]
    return tuple(
        sorted({k / 8 for k in range(-320, 321)} | {s * p for p in powers for s in (-1, 1)})
    )


def stability(
    activation: Activation, shape: Shape, dtype: str = "float64", low: float = -inf,
    high: float = inf,
) -> Stability:  # fmt: skip
    """Measures the worst errors of value and gradient over the test inputs in an interval, for a dtype.

    The truth is a ball narrower than 1/8 of a unit. An infinity or a nan where the truth is within
    the dtype's range counts as infinite error; gradients are left out at jumps and kinks.
    """
    if dtype == "bfloat16":
        import ml_dtypes

        kind: Any = ml_dtypes.bfloat16
    else:
        kind = np.dtype(dtype)
    with np.errstate(all="ignore"):
        more = np.linspace(low, high, 65) if high - low < inf else ()
        tried = (*inputs(), *more)
        x = np.array([x for x in tried if low <= x <= high]).astype(kind)
    wide = x.astype(np.float64)
    x = distinct(x[np.isfinite(wide) & (low <= wide) & (wide <= high)])
    if not x.size:
        raise Undecided(f"no {dtype} number lies in the interval")
    values, gradients = (
        np.asarray(v).astype(np.float64).tolist() for v in activation.value_and_gradient(x)
    )
    points = x.astype(np.float64).tolist()
    rough = {
        float(np.array(p.number).astype(kind))
        for p in shape.places
        if p in (shape.low, shape.high) or shape.order(p, 1) <= 0
    }  # fmt: skip
    form = FORMATS[dtype]
    worst, worst_at = 0.0, points[0]
    slopes: list[_Slope] = []
    for point, value, gradient in zip(points, values, gradients, strict=True):
        index = shape.piece_at(point)
        truth = _truth(shape, index, point, form, point in rough)
        if truth is None:
            continue
        f, slope = truth
        if point in rough:
            f = _at_breakpoint(shape, point, f)
            if f is None:
                continue
        if worst < 0.5 or not _is_nearest(value, f, form):
            error = _units(f, value, form, abs(float(slope) * point))
            if error > worst:
                worst, worst_at = error, point
        if point not in rough:
            slopes.append(_Slope(point, slope, gradient, index))
    apart = [s for s in slopes if not _is_nearest(s.got, s.truth, form)]
    steep, steep_at = _steepest(shape, apart, form, points[0])
    if steep < 0.5 and len(apart) < len(slopes):  # those that are rounded right err by as much
        steep, steep_at = _steepest(shape, slopes, form, points[0])
    return Stability(worst, steep, worst_at, steep_at)


class _Slope(NamedTuple):
    """A gradient that was computed, and what it should be: a ball."""

    point: float
    truth: Any
    got: float
    piece: int


def _steepest(
    shape: Shape, slopes: list[_Slope], form: Format, start: float
) -> tuple[float, float]:
    """The worst error of a gradient, and where; 0 at `start` if there is none.

    A larger unit, from f'', can only make an error smaller: the largest first, until none can win.
    """
    steep, steep_at = 0.0, start
    firsts = [(_units(s.truth, s.got, form, 0.0), s) for s in slopes]
    for first, s in sorted(firsts, key=lambda c: -c[0]):
        if first <= steep:
            break
        error = first
        if s.point and first < inf:
            error = _units(s.truth, s.got, form, _bend(shape, s.piece, s.point))
        if error > steep:
            steep, steep_at = error, s.point
    return steep, steep_at


def _is_nearest(got: float, truth: Any, form: Format) -> bool:
    """Whether a number is the double next to the truth, so that it errs by half a unit at most."""
    return form.digits == DIGITS and got == float(truth.mid()) and abs(got) < inf


def _at_breakpoint(shape: Shape, x: float, otherwise: Any) -> Any:
    """f where it has a value of its own: at a breakpoint that is exactly x; None if it has none there."""
    for place in shape.places:
        if place.exact and place.low == Fraction(x):
            known = shape.itself(place)
            return known.low.union(known.high) if known.finite else None
    return otherwise


def _truth(shape: Shape, index: int, x: float, form: Format, rough: bool) -> tuple[Any, Any] | None:
    """f(x) and f'(x) as balls much narrower than a unit; None where f is not defined.

    What lies beyond the dtype's range, however far, comes as an infinity. At a rough place the
    gradient is of no interest, and 0 where it is not known.
    """
    program = shape.program(index, 0)
    point = arb(x)
    if ctx.prec == PRECISIONS[0]:  # as nearly always: it is enough, and need not be set
        f, slope = program.bare(Ball(point))
        if _settled(f, form) and _settled(slope, form):
            return f, slope
    for precision in PRECISIONS:
        with ctx.workprec(precision):
            balls = program.bare(Ball(point))
            ends = [enclosure(v) for v in program.run(Enclosure(point))]
            balls = [
                b if _settled(b, form) else _between(e, form)
                for b, e in zip(balls, ends, strict=True)
            ]
            if rough and balls[1] is None:
                balls[1] = arb(0)
            if all(b is not None for b in balls):
                return balls[0], balls[1]
    if not ends[0].finite:
        return None
    raise Undecided(f"the truth at {x:.6g} is not known to the last digit")


def _between(found: Enclosure, form: Format) -> Any:
    """An enclosure as a ball if that is narrow, as an infinity if it is out of range, else None."""
    beyond = 2 * arb(form.largest)
    if found.low > beyond:
        return arb("inf")
    if found.high < -beyond:
        return arb("-inf")
    if not found.finite:
        return None
    ball = found.low.union(found.high)
    return ball if _settled(ball, form) else None


def _settled(ball: Any, form: Format) -> bool:
    """Whether a ball is narrow enough to judge a number by."""
    if ball.rel_accuracy_bits() > DIGITS + 10 and abs(ball) < PLAIN:  # no infinity or nan
        return True
    return ball.is_finite() and bool(ball.rad() * 8 <= form.unit(abs(float(ball.mid()))))


def _units(truth: Any, got: float, form: Format, other: float) -> float:
    """|got - truth| in units of max(|truth|, other)."""
    if got != got:
        return inf
    if abs(got) == inf or not truth.is_finite():
        least = arb(form.largest) + form.unit(form.largest) / 2  # rounds to infinity from here on
        beyond = truth > least if got > 0 else truth < -least
        return 0.0 if beyond and abs(got) in (inf, form.largest) else inf
    unit = form.unit(max(abs(float(truth.mid())), other if other == other else 0.0))
    return float((abs(truth - got) / unit).mid())


def _bend(shape: Shape, index: int, x: float) -> float:
    """|x f''(x)|."""
    program = shape.program(index, 1)
    for precision in PRECISIONS[:3]:
        with ctx.workprec(precision):
            bend = abs(program.bare(Ball(arb(x)))[1] * x)
            if bend.is_finite() and bend.rel_accuracy_bits() > 8:
                return float(bend.mid())
    bend = enclosure(program.run(Enclosure(arb(x)))[1])
    low, high = abs(float(bend.low)), abs(float(bend.high))
    return min(low, high) * abs(x) if max(low, high) < inf else 0.0
