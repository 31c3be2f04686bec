"""Enclosures: two ends, rounded outward with Arb, between which the true value lies.

Two exact ends (and not one ball) because a ball cannot hold a sharp 0 and explodes when it is wide; a
primitive that rises is enclosed by its two ends exactly. Comparisons answer only when they are
certain: an open question has no truth value.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import cache, lru_cache
from typing import Any

from flint import arb, ctx, fmpq

from . import arb_points, ends
from .arb_points import HALF, INFINITY, ONE, ZERO, Bounds, larger, smaller
from .ends import Ends
from .jet import Jet
from .plan import Algebra
from .types import Number
from .where import Constant

ctx.prec = 128

LARGEST = 1.7976931348623157e308


class Enclosure:
    """All reals from `low` to `high`; both are exact Arb numbers, infinities allowed."""

    __slots__ = ("high", "low")
    __array_ufunc__ = None

    def __init__(self, low: arb, high: arb | None = None) -> None:
        self.low = low
        self.high = low if high is None else high

    def __repr__(self) -> str:
        return f"[{float(self.low):.17g}, {float(self.high):.17g}]"

    # -- facts ----------------------------------------------------------------------------------
    @property
    def ends(self) -> Ends:
        return self.low, self.high

    @property
    def positive(self) -> bool:
        return bool(self.low > 0)

    @property
    def negative(self) -> bool:
        return bool(self.high < 0)

    @property
    def sign(self) -> int | None:
        """1 or -1 if no member is of the other sign or 0, 0 if all are 0, else None."""
        if self.low > 0:
            return 1
        if self.high < 0:
            return -1
        return 0 if self.low == 0 and self.high == 0 else None

    @property
    def finite(self) -> bool:
        return bool(self.low.is_finite() and self.high.is_finite())

    @property
    def magnitude(self) -> arb:
        """The largest absolute value."""
        return larger(abs(self.low), abs(self.high))

    @property
    def width(self) -> float:
        return float((self.high - self.low).upper())

    def contains(self, value: Number) -> bool:
        point = exact(value)
        return bool(self.low <= point) and bool(point <= self.high)

    # -- what a number type owes ------------------------------------------------------------------
    def apply(self, primitive: Any, *constants: Number) -> "Enclosure":
        if constants:  # sin(x, w) is sin(w*x)
            return enclose(primitive, self * constants[0])
        return enclose(primitive, self)

    def lift(self, number: Number) -> "Enclosure":
        return enclosure(number)

    def algebra(self) -> Algebra:
        return _algebra(ctx.prec)

    @staticmethod
    def select(condition: Number, chosen: Number, otherwise: Number) -> "Enclosure":
        if condition is True or condition is False:
            return enclosure(chosen if condition else otherwise)
        raise TypeError("this condition is open here; cut the line at the breakpoints first")

    def maximum(self, other: Number) -> "Enclosure":
        return Enclosure(*ends.larger_of(self.ends, enclosure(other).ends))

    def minimum(self, other: Number) -> "Enclosure":
        return Enclosure(*ends.smaller_of(self.ends, enclosure(other).ends))

    def __neg__(self) -> "Enclosure":
        return Enclosure(-self.high, -self.low)

    def __add__(self, other: Number) -> "Enclosure":
        if isinstance(other, Jet):
            return NotImplemented
        return Enclosure(*ends.added(self.ends, enclosure(other).ends))

    __radd__ = __add__

    def __sub__(self, other: Number) -> "Enclosure":
        if isinstance(other, Jet):
            return NotImplemented
        return Enclosure(*ends.subtracted(self.ends, enclosure(other).ends))

    def __rsub__(self, other: Number) -> "Enclosure":
        return enclosure(other) - self

    def __mul__(self, other: Number) -> "Enclosure":
        if isinstance(other, Jet):
            return NotImplemented
        return Enclosure(*ends.multiplied(self.ends, enclosure(other).ends))

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> "Enclosure":
        if isinstance(other, Jet):
            return NotImplemented
        return Enclosure(*ends.divided(self.ends, enclosure(other).ends))

    def __rtruediv__(self, other: Number) -> "Enclosure":
        return enclosure(other) / self

    def __pow__(self, exponent: Number) -> "Enclosure":
        if isinstance(exponent, Enclosure):
            return _rising("exp", exponent * _log_shape("log", 0)(self))
        if exponent.denominator == 1 and abs(exponent) < 1e6:
            return Enclosure(*ends.to_whole_power(self.ends, int(exponent)))
        if self.low < 0:
            return Enclosure(-INFINITY, INFINITY)  # undefined in part
        found = [_root_power(end, exponent) for end in (self.low, self.high)]
        return _outward(*(found if exponent > 0 else found[::-1]))

    def __lt__(self, other: Number) -> Number:
        return _decide(self, other, lambda a, b: a.high < b.low, lambda a, b: a.low >= b.high)

    def __le__(self, other: Number) -> Number:
        return _decide(self, other, lambda a, b: a.high <= b.low, lambda a, b: a.low > b.high)

    def __gt__(self, other: Number) -> Number:
        return _decide(self, other, lambda a, b: a.low > b.high, lambda a, b: a.high <= b.low)

    def __ge__(self, other: Number) -> Number:
        return _decide(self, other, lambda a, b: a.low >= b.high, lambda a, b: a.high < b.low)

    def __eq__(self, other: object) -> Number:
        b = enclosure(other)
        return _decide(
            self, b, lambda a, b: a.low == a.high == b.low == b.high,
            lambda a, b: a.high < b.low or a.low > b.high,
        )  # fmt: skip

    def __ne__(self, other: object) -> Number:
        equal = self == other
        return equal if equal is OPEN else not equal

    __hash__ = None  # type: ignore[assignment]


@cache
def _algebra(precision: int) -> Algebra:
    return Algebra(
        bare=lambda x: (x.low, x.high), whole=lambda pair: Enclosure(*pair),
        lift=lambda number: enclosure(number).ends, apply=_applied, raised=_raised,
        sum=ends.added, difference=ends.subtracted, product=ends.multiplied, opposite=ends.negated,
        quotient=ends.divided, maximum=ends.larger_of, minimum=ends.smaller_of,
        power=lambda x, exponent: (Enclosure(*x) ** Enclosure(*exponent)).ends,
    )  # fmt: skip


def _applied(primitive: Any) -> Callable[..., Ends]:
    """The primitive on pairs of ends; sin(x, w) is sin(w*x)."""
    if primitive.name in arb_points.RISING and primitive.name not in _SHAPES:
        return ends.rising(primitive.name)

    def apply(x: Ends, constant: Ends | None = None) -> Ends:
        x = x if constant is None else ends.multiplied(x, constant)
        return enclose(primitive, Enclosure(*x)).ends

    return apply


def _raised(exponent: Number) -> Callable[[Ends], Ends]:
    if exponent.denominator == 1 and abs(exponent) < 1e6:
        n = int(exponent)
        return lambda x: ends.to_whole_power(x, n)
    return lambda x: (Enclosure(*x) ** exponent).ends


class UndecidedComparison:
    """The answer to a comparison that the ends do not settle."""

    def __bool__(self) -> bool:
        raise TypeError("enclosures overlap, the comparison is open; use where(condition, a, b)")


OPEN = UndecidedComparison()


def _decide(
    a: Enclosure, other: Number, holds: Callable[..., Any], fails: Callable[..., Any]
) -> Any:
    b = enclosure(other)
    if holds(a, b):
        return True
    return False if fails(a, b) else OPEN


def enclosure(number: Number) -> Enclosure:
    """An enclosure of one number: int, float, Fraction, fmpq, Constant or Arb ball."""
    if isinstance(number, Enclosure):
        return number
    if isinstance(number, Constant):
        return of_constant(number)
    if isinstance(number, Fraction):
        return _of_fraction(number, ctx.prec)
    ball = number if isinstance(number, arb) else exact(number)
    return Enclosure(ball.lower(), ball.upper())


@lru_cache(4000)
def _of_fraction(number: Fraction, precision: int) -> Enclosure:
    ball = exact(number)
    return Enclosure(ball.lower(), ball.upper())


def exact(number: Number) -> arb:
    """A ball around an int, float, Fraction or fmpq; of radius 0 if it is a dyadic number."""
    if isinstance(number, Fraction):
        return arb(fmpq(number.numerator, number.denominator))
    if isinstance(number, int | fmpq | arb):
        return arb(number)
    return arb(float(number))


def hull(low: Number, high: Number) -> Enclosure:
    """Everything between two numbers."""
    return Enclosure(exact(low).lower(), exact(high).upper())


def of_constant(constant: Constant) -> Enclosure:
    """pi and e from Arb; other named constants from their closed form."""
    ball = {
        "pi": lambda: arb.pi(),
        "e": lambda: arb.const_e(),
        "2/sqrt(pi)": lambda: 2 / arb.pi().sqrt(),
        "1/sqrt(2*pi)": lambda: 1 / (2 * arb.pi()).sqrt(),
        "sqrt(8/pi)": lambda: (8 / arb.pi()).sqrt(),
    }[constant.text.lstrip("-")]()
    return enclosure(-ball if constant.text.startswith("-") else ball)


def _outward(low: arb, high: arb) -> Enclosure:
    return Enclosure(*ends.outward(low, high))


def _root_power(end: arb, power: Any) -> arb:
    if end == 0:
        return ZERO if power > 0 else INFINITY
    if not end.is_finite():
        return INFINITY if power > 0 else ZERO
    return arb_points.exp(exact(power) * end.log()) if power != Fraction(1, 2) else end.sqrt()


# -- primitives ------------------------------------------------------------------------------------
def enclose(primitive: Any, x: Enclosure) -> Enclosure:
    """The primitive over an enclosure: exact ends if it rises, else a hull, maybe by its plain formula."""
    special = _SHAPES.get(primitive.name)
    if special is not None:
        return special(x)
    if primitive.name not in arb_points.RISING:
        return enclosure(primitive.plain(x))
    return _rising(primitive.name, x)


def _rising(name: str, x: Enclosure) -> Enclosure:
    return Enclosure(*ends.rising(name)(x.ends))


def _abs(x: Enclosure) -> Enclosure:
    if x.low >= 0:
        return x
    return -x if x.high <= 0 else Enclosure(ZERO, larger(-x.low, x.high))


def _even(name: str) -> Callable[[Enclosure], Enclosure]:
    """A function of |x| that rises with it."""
    return lambda x: _rising(name, _abs(x))


def _sign(x: Enclosure) -> Enclosure:
    sign = x.sign
    return enclosure(sign) if sign is not None else Enclosure(-ONE, ONE)


def _log_shape(name: str, start: int) -> Callable[[Enclosure], Enclosure]:
    def shape(x: Enclosure) -> Enclosure:
        """Undefined (hence unbounded) where the argument is below its start."""
        ends = []
        for end, bound in ((x.low, -INFINITY), (x.high, INFINITY)):
            if end < start or not end.is_finite():
                ends.append(bound)
            elif end == start:
                ends.append(-INFINITY)
            else:
                ends.append(getattr(end, name)())
        return _outward(*ends)

    return shape


def _sqrt(x: Enclosure) -> Enclosure:
    low = x.low.sqrt() if x.low >= 0 else -INFINITY
    high = x.high.sqrt() if x.high >= 0 and x.high.is_finite() else INFINITY
    return _outward(low, high)


def _atanh(x: Enclosure) -> Enclosure:
    if x.low > -1 and x.high < 1:
        return _outward(x.low.atanh(), x.high.atanh())
    return Enclosure(-INFINITY, INFINITY)


def _wave(name: str, shift: float) -> Callable[[Enclosure], Enclosure]:
    """sin, or cos: with its extremes where the enclosure holds one (at (k + shift)*pi)."""

    def shape(x: Enclosure) -> Enclosure:
        if (
            not (x.low.is_finite() and x.high.is_finite())
            or x.high - x.low > 6
            or (abs(x.low) > 1e30 or abs(x.high) > 1e30)
        ):
            return Enclosure(-ONE, ONE)
        ends = [getattr(end, name)() for end in (x.low, x.high)]
        low, high = smaller(*(e.lower() for e in ends)), larger(*(e.upper() for e in ends))
        first = arb_points.floor(x.low / arb.pi() - shift)
        last = -arb_points.floor(shift - x.high / arb.pi())
        for k in range(first - 1, last + 2):
            place = (k + arb(shift)) * arb.pi()
            if not (place < x.low or place > x.high):
                low, high = (low, ONE) if k % 2 == 0 else (-ONE, high)
        return Enclosure(larger(low, -ONE), smaller(high, ONE))

    return shape


def _tan(x: Enclosure) -> Enclosure:
    if x.low.is_finite() and x.high.is_finite() and x.high - x.low < 3 and abs(x.low) < 1e30:
        low, high = (x.low / arb.pi() - HALF).floor(), (x.high / arb.pi() - HALF).floor()
        if low == high and low.is_exact():
            return _outward(x.low.tan(), x.high.tan())
    return Enclosure(-INFINITY, INFINITY)


def _exp_gap(x: Enclosure) -> Enclosure:
    """It falls to 0 at 0 and rises from there."""
    ends = [
        arb_points.exp_gap(e) if e.is_finite() else Bounds(INFINITY, INFINITY)
        for e in (x.low, x.high)
    ]
    if x.low >= 0:
        return _outward(ends[0].lower(), ends[1].upper())
    if x.high <= 0:
        return _outward(ends[1].lower(), ends[0].upper())
    return _outward(ZERO, larger(ends[0].upper(), ends[1].upper()))


def _sine_quotient(x: Enclosure) -> Enclosure:
    """sin(x)/x: even, falls from 1 on [0, 4.49]; further out by division."""
    size = _abs(x)
    if size.high < 4.4:
        ends = [arb_points.sinc(e) for e in (size.high, size.low)]
        return _outward(ends[0].lower(), ends[1].upper())
    if size.low < 1:
        return Enclosure(arb(-0.2173).lower(), ONE)
    quotient = _wave("sin", 0.5)(size) / size
    return Enclosure(larger(quotient.low, -ONE), smaller(quotient.high, ONE))


def _bessel_quotient(n: int) -> Callable[[Enclosure], Enclosure]:
    """j_n(x)/x^n: within [-2, 2] its alternating series in x^2, further out by recurrence in n."""

    def shape(x: Enclosure) -> Enclosure:
        size = _abs(x)
        bound = enclosure(1)
        for k in range(1, n + 1):
            bound = bound / (2 * k + 1)  # the value at 0, which is the largest
        if size.high <= 2:
            square = size**2
            total = Enclosure(ZERO)
            for k in range(24, 0, -1):
                total = 1 - square / (2 * k * (2 * n + 2 * k + 1)) * total
            return total * bound  # the rest is below 1e-50: the ends are rounded outward by more
        if size.low < 1:
            return Enclosure(-bound.high, bound.high)
        before, here = _wave("cos", 0.0)(size), _sine_quotient(size)
        for k in range(n):
            before, here = here, ((2 * k + 1) * here - before) / size**2
        return Enclosure(larger(here.low, -bound.high), smaller(here.high, bound.high))

    return shape


def _gate_slope(x: Enclosure) -> Enclosure:
    """The slope of algebraic_gate: (1 + x*w)(w + x)/(2w^3) with w = sqrt(1 + x^2)."""
    root = _sqrt(1 + x**2)
    ramp = _outward(*(arb_points.root_ramp(e) if e.is_finite() else (ZERO if e < 0 else INFINITY)
                      for e in (x.low, x.high)))  # fmt: skip
    return (1 + x * root) * ramp * (1 / root) ** 3


_SHAPES: dict[str, Callable[[Enclosure], Enclosure]] = {
    "abs": _abs, "sign": _sign, "sqrt": _sqrt, "log": _log_shape("log", 0),
    "log1p": _log_shape("log1p", -1), "atanh": _atanh, "sin": _wave("sin", 0.5),
    "cos": _wave("cos", 0.0), "tan": _tan, "cosh": _even("cosh"),
    "erfc": lambda x: _rising("erfc", -x), "exp_gap": _exp_gap, "sinc": _sine_quotient,
    "root_gap": _even("root_gap"), "algebraic_gate_slope": _gate_slope,
    **{f"sinc_{n}": _bessel_quotient(n) for n in (1, 2, 3)},
}  # fmt: skip
