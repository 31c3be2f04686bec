"""Enclosures: two ends, rounded outward with Arb, between which the true value lies.

Two exact ends (and not one ball) because a ball cannot hold a sharp 0 and explodes when it is wide; a
primitive that rises is enclosed by its two ends exactly. Comparisons answer only when they are
certain: an open question has no truth value.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import arb, ctx, fmpq

from .where import Constant

ctx.prec = 128

Number = Any
Ball = Any  # arb

ZERO, ONE, HALF = arb(0), arb(1), arb(0.5)
INFINITY = arb("inf")
FAR = arb(10) ** 7  # beyond it exp is only known to a factor of 4
LIMIT = 10**320  # largest binary exponent: enough for exp(1.8e308)
LARGEST = 1.7976931348623157e308


class Enclosure:
    """All reals from `low` to `high`; both are exact Arb numbers, infinities allowed."""

    __slots__ = ("high", "low")
    __array_ufunc__ = None

    def __init__(self, low: Ball, high: Ball | None = None) -> None:
        self.low = low
        self.high = low if high is None else high

    def __repr__(self) -> str:
        return f"[{float(self.low):.17g}, {float(self.high):.17g}]"

    # -- facts ----------------------------------------------------------------------------------
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
    def width(self) -> float:
        return float((self.high - self.low).upper())

    @property
    def middle(self) -> float:
        """A double about half-way."""
        low, high = float(self.low), float(self.high)
        return low + (high - low) / 2 if abs(high - low) < LARGEST else low / 2 + high / 2

    def contains(self, value: Number) -> bool:
        point = exact(value)
        return bool(self.low <= point) and bool(point <= self.high)

    # -- what a number type owes ------------------------------------------------------------------
    def apply(self, primitive: Any, *constants: Number) -> "Enclosure":
        if constants:  # sin(x, w) is sin(w*x)
            return enclose(primitive, self * constants[0])
        return enclose(primitive, self)

    @staticmethod
    def point(number: Number) -> "Enclosure":
        """The enclosure of one float."""
        return enclosure(number)

    def lift(self, constant: Constant) -> "Enclosure":
        return of_constant(constant)

    @staticmethod
    def select(condition: Number, chosen: Number, otherwise: Number) -> "Enclosure":
        if condition is True or condition is False:
            return enclosure(chosen if condition else otherwise)
        raise TypeError("this condition is open here; cut the line at the seams first")

    def maximum(self, other: Number) -> "Enclosure":
        b = enclosure(other)
        return Enclosure(_max(self.low, b.low), _max(self.high, b.high))

    def minimum(self, other: Number) -> "Enclosure":
        b = enclosure(other)
        return Enclosure(_min(self.low, b.low), _min(self.high, b.high))

    def seam(self) -> "Enclosure":
        return self

    def __neg__(self) -> "Enclosure":
        return Enclosure(-self.high, -self.low)

    def __add__(self, other: Number) -> "Enclosure":
        b = enclosure(other)
        return _outward(self.low + b.low, self.high + b.high)

    __radd__ = __add__

    def __sub__(self, other: Number) -> "Enclosure":
        b = enclosure(other)
        return _outward(self.low - b.high, self.high - b.low)

    def __rsub__(self, other: Number) -> "Enclosure":
        return enclosure(other) - self

    def __mul__(self, other: Number) -> "Enclosure":
        b = enclosure(other)
        if self.low >= 0 and b.low >= 0:
            return _outward(_times(self.low, b.low), _times(self.high, b.high))
        products = [_times(p, q) for p in (self.low, self.high) for q in (b.low, b.high)]
        low = high = products[0]
        for product in products[1:]:
            low, high = _min(low, product.lower()), _max(high, product.upper())
        return _outward(low, high)

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> "Enclosure":
        b = enclosure(other)
        if b.low > 0 or b.high < 0:
            return self * Enclosure((ONE / b.high).lower(), (ONE / b.low).upper())
        if b.low == 0 and b.high > 0:
            return self * Enclosure((ONE / b.high).lower(), INFINITY)
        if b.high == 0 and b.low < 0:
            return self * Enclosure(-INFINITY, (ONE / b.low).upper())
        return Enclosure(-INFINITY, INFINITY)

    def __rtruediv__(self, other: Number) -> "Enclosure":
        return enclosure(other) / self

    def __pow__(self, exponent: Number) -> "Enclosure":
        power = float(exponent)
        if power == int(power) and abs(power) < 1e6:
            n = int(power)
            if n < 0:
                return 1 / self**-n
            low, high = _power(self.low, n), _power(self.high, n)
            if n % 2 or self.low >= 0:
                return _outward(low, high)
            if self.high <= 0:
                return _outward(high, low)
            return _outward(ZERO, _max(low.upper(), high.upper()))
        if self.low < 0:
            return Enclosure(-INFINITY, INFINITY)  # undefined in part
        ends = [_root_power(end, power) for end in (self.low, self.high)]
        return _outward(*(ends if power > 0 else ends[::-1]))

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


class Open:
    """The answer to a comparison that the ends do not settle."""

    def __bool__(self) -> bool:
        raise TypeError("enclosures overlap, the comparison is open; use where(condition, a, b)")


OPEN = Open()


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
    ball = number if isinstance(number, arb) else exact(number)
    return Enclosure(ball.lower(), ball.upper())


def exact(number: Number) -> Ball:
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


def _outward(low: Ball, high: Ball) -> Enclosure:
    low, high = low.lower(), high.upper()
    return Enclosure(-INFINITY if low.is_nan() else low, INFINITY if high.is_nan() else high)


def _min(a: Ball, b: Ball) -> Ball:
    return a if a < b else b


def _max(a: Ball, b: Ball) -> Ball:
    return a if a > b else b


def _times(a: Ball, b: Ball) -> Ball:
    """The product of two ends; 0 times infinity is 0, for the infinity is a bound, not a member."""
    return ZERO if a == 0 or b == 0 else a * b


def _power(end: Ball, n: int) -> Ball:
    return end**n if end.is_finite() or n == 0 else (end if n % 2 else INFINITY)


def _root_power(end: Ball, power: float) -> Ball:
    if end == 0:
        return ZERO if power > 0 else INFINITY
    if not end.is_finite():
        return INFINITY if power > 0 else ZERO
    return (arb(power) * end.log()).exp() if power != 0.5 else end.sqrt()


# -- primitives ------------------------------------------------------------------------------------
def enclose(primitive: Any, x: Enclosure) -> Enclosure:
    """The primitive over an enclosure: exact ends if it rises or falls, a sharp hull if not."""
    special = _SHAPES.get(primitive.name)
    if special is not None:
        return special(x)
    low = _at(primitive.name, x.low)[0]
    high = _at(primitive.name, x.high)[1]
    return _outward(low, high)


def _at(name: str, end: Ball) -> tuple[Ball, Ball]:
    """Lower and upper bound of a rising primitive at an exact end."""
    if not end.is_finite():
        below, above = _LIMITS[name]
        limit = above if end > 0 else below
        limit = limit() if callable(limit) else limit
        return limit, limit
    ball = _POINTS[name](end)
    return ball.lower(), ball.upper()


class _Span:
    """Two bounds where a ball is expected."""

    def __init__(self, low: Ball, high: Ball) -> None:
        self._low, self._high = low, high

    def lower(self) -> Ball:
        return self._low

    def upper(self) -> Ball:
        return self._high


def _exp(x: Ball) -> Any:
    if abs(x) < FAR:
        return x.exp()
    if x > LIMIT:
        return _Span(arb((1, LIMIT)), INFINITY)
    if x < -LIMIT:
        return _Span(ZERO, arb((1, -LIMIT)))
    power = int((x / arb(2).log()).lower().floor().unique_fmpz())
    return _Span(arb((1, power - 1)), arb((1, power + 2)))


def _logistic(x: Ball) -> Any:
    if x < -FAR:
        tail = _exp(x)
        return _Span((tail.lower() * HALF).lower(), tail.upper())
    if x > FAR:
        return _Span((ONE - _exp(-x).upper()).lower(), ONE)
    return 1 / (1 + (-x).exp())


def _softplus(x: Ball) -> Any:
    if x > FAR:
        return _Span(x, (x + _exp(-x).upper()).upper())
    if x < -FAR:
        tail = _exp(x)
        return _Span((tail.lower() * HALF).lower(), tail.upper())
    return x + (-x).exp().log1p() if x > 0 else x.exp().log1p()


def _expm1(x: Ball) -> Any:
    if abs(x) < FAR:
        return x.expm1()
    grown = _exp(x)
    return _Span((grown.lower() - 1).lower(), (grown.upper() - 1).upper())


def _tanh(x: Ball) -> Any:
    if abs(x) < FAR:
        return x.tanh()
    gap = _exp(-2 * abs(x)).upper() * 2
    return _Span((ONE - gap).lower(), ONE) if x > 0 else _Span(-ONE, (gap - ONE).upper())


def _sinh(x: Ball) -> Any:
    if abs(x) < FAR:
        return x.sinh()
    size = _exp(abs(x))
    low, high = (size.lower() / 4).lower(), size.upper()
    return _Span(low, high) if x > 0 else _Span(-high, -low)


def _normal_tail(x: Ball) -> Any:
    """P(Z < x) far on the left: between exp(-x^2/2)/(6|x|) and exp(-x^2/2)."""
    bell = _exp(-x * x / 2)
    return _Span((bell.lower() / (-6 * x)).lower(), bell.upper())


def _erfc(x: Ball) -> Any:
    if abs(x) < FAR:
        return x.erfc()
    tail = _normal_tail(-abs(x))  # an upper bound; erfc falls faster still
    if x > 0:
        return _Span(ZERO, tail.upper())
    return _Span((2 - tail.upper()).lower(), arb(2))


def _erf(x: Ball) -> Any:
    if abs(x) < FAR:
        return x.erf()
    gap = _normal_tail(-abs(x)).upper()
    return _Span((ONE - gap).lower(), ONE) if x > 0 else _Span(-ONE, (gap - ONE).upper())


def _normal_cdf(x: Ball) -> Any:
    if abs(x) < FAR:
        return (-x / arb(2).sqrt()).erfc() / 2
    if x < 0:
        return _normal_tail(x)
    return _Span((ONE - _normal_tail(-x).upper()).lower(), ONE)


def _algebraic_cdf(x: Ball) -> Ball:
    root = (1 + x * x).sqrt()
    share = HALF / (root * (root + abs(x)))
    return share if x < 0 else 1 - share


def _root_ramp(x: Ball) -> Ball:
    root = (1 + x * x).sqrt() + abs(x)
    return HALF / root if x < 0 else root / 2


def _root_gap(x: Enclosure) -> Enclosure:
    """sqrt(x^2 + 1) - 1: even, 0 at 0."""
    size = _abs(x)
    ends = [e * e / ((1 + e * e).sqrt() + 1) if e.is_finite() else INFINITY
            for e in (size.low, size.high)]  # fmt: skip
    return _outward(*ends)


def _tanh_gap(x: Ball) -> Ball:
    """x - tanh(x); near 0 within x^3/3 - 2x^5/15 and x^3/3."""
    if abs(x) < 1e-4:
        a = x**3 / 3
        b = a - 2 * x**5 / 15
        return _Span(b.lower(), a.upper()) if x >= 0 else _Span(a.lower(), b.upper())
    gap = _tanh(x)
    return _Span((x - gap.upper()).lower(), (x - gap.lower()).upper())


def _arctan_gate(x: Ball) -> Ball:
    share = (-1 / x).atan() if x < -1 else x.atan() + arb.pi() / 2
    return x * share / arb.pi()


def _arctan_gate_slope(x: Ball) -> Ball:
    if x < -1:
        t = -1 / x
        if t < 1e-4:  # between 2t^3/3 - 4t^5/5 and 2t^3/3
            a = 2 * t**3 / 3
            return _Span(((a - 4 * t**5 / 5) / arb.pi()).lower(), (a / arb.pi()).upper())
        return (t.atan() - t / (1 + t * t)) / arb.pi()
    return HALF + x.atan() / arb.pi() + x / (arb.pi() * (1 + x * x))


_POINTS: dict[str, Callable[[Ball], Any]] = {
    "exp": _exp, "expm1": _expm1, "logistic": _logistic, "softplus": _softplus, "tanh": _tanh,
    "erf": _erf, "normal_cdf": _normal_cdf, "sinh": _sinh,
    "arctan": lambda x: x.atan(), "asinh": lambda x: x.asinh(),
    "softsign": lambda x: x / (1 + abs(x)),
    "softsign_cdf": lambda x: HALF / (1 - x) if x < 0 else 1 - HALF / (1 + x),
    "algebraic": lambda x: x / (1 + x * x).sqrt(),
    "algebraic_cdf": _algebraic_cdf, "root_ramp": _root_ramp, "tanh_gap": _tanh_gap,
    "arctan_gate": _arctan_gate, "arctan_gate_slope": _arctan_gate_slope,
}  # fmt: skip


def _half_pi() -> Ball:
    return (arb.pi() / 2).upper()


# Bounds of the rising primitives as the argument goes to -infinity and to infinity.
_LIMITS: dict[str, tuple[Any, Any]] = {
    "exp": (ZERO, INFINITY), "expm1": (-ONE, INFINITY), "logistic": (ZERO, ONE),
    "softplus": (ZERO, INFINITY), "tanh": (-ONE, ONE), "erf": (-ONE, ONE),
    "normal_cdf": (ZERO, ONE), "sinh": (-INFINITY, INFINITY), "asinh": (-INFINITY, INFINITY),
    "arctan": (lambda: -_half_pi(), _half_pi), "softsign": (-ONE, ONE), "softsign_cdf": (ZERO, ONE),
    "algebraic": (-ONE, ONE), "algebraic_cdf": (ZERO, ONE), "root_ramp": (ZERO, INFINITY),
    "tanh_gap": (-INFINITY, INFINITY), "arctan_gate": (lambda: (-1 / arb.pi()).lower(), INFINITY),
    "arctan_gate_slope": (ZERO, ONE),
}  # fmt: skip


def _abs(x: Enclosure) -> Enclosure:
    if x.low >= 0:
        return x
    return -x if x.high <= 0 else Enclosure(ZERO, _max(-x.low, x.high))


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
        low, high = _min(*(e.lower() for e in ends)), _max(*(e.upper() for e in ends))
        first = (x.low / arb.pi() - shift).lower().floor().unique_fmpz()
        last = (x.high / arb.pi() - shift).upper().ceil().unique_fmpz()
        for k in range(int(first) - 1, int(last) + 2):
            place = (k + arb(shift)) * arb.pi()
            if not (place < x.low or place > x.high):
                low, high = (low, ONE) if k % 2 == 0 else (-ONE, high)
        return Enclosure(_max(low, -ONE), _min(high, ONE))

    return shape


def _tan(x: Enclosure) -> Enclosure:
    if x.low.is_finite() and x.high.is_finite() and x.high - x.low < 3 and abs(x.low) < 1e30:
        low, high = (x.low / arb.pi() - HALF).floor(), (x.high / arb.pi() - HALF).floor()
        if low == high and low.is_exact():
            return _outward(x.low.tan(), x.high.tan())
    return Enclosure(-INFINITY, INFINITY)


def _cosh(x: Enclosure) -> Enclosure:
    size = _abs(x)
    ends: list[Any] = []
    for end in (size.low, size.high):
        if end < FAR:
            ends.append(end.cosh())
        else:
            grown = _exp(end) if end.is_finite() else _Span(INFINITY, INFINITY)
            ends.append(_Span((grown.lower() / 2).lower(), grown.upper()))
    return _outward(ends[0].lower(), ends[1].upper())


def _erfc_shape(x: Enclosure) -> Enclosure:
    ends = [_erfc(e) if e.is_finite() else (ZERO if e > 0 else arb(2)) for e in (x.high, x.low)]
    return _outward(ends[0].lower(), ends[1].upper())


def _exp_gap_at(x: Ball) -> Any:
    """exp(x) - 1 - x at a point; near 0 within x^2/2 and x^2/2 + x^3/6."""
    if abs(x) < 1e-4:
        a, b = x * x / 2, x * x / 2 + x**3 / 6 * (ONE + x.abs_upper())
        return _Span(_min(a.lower(), b.lower()), _max(a.upper(), b.upper()))
    grown = _expm1(x)
    return _Span((grown.lower() - x).lower(), (grown.upper() - x).upper())


def _exp_gap(x: Enclosure) -> Enclosure:
    """It falls to 0 at 0 and rises from there."""
    ends = [_exp_gap_at(e) if e.is_finite() else _Span(INFINITY, INFINITY) for e in (x.low, x.high)]
    if x.low >= 0:
        return _outward(ends[0].lower(), ends[1].upper())
    if x.high <= 0:
        return _outward(ends[1].lower(), ends[0].upper())
    return _outward(ZERO, _max(ends[0].upper(), ends[1].upper()))


def _sine_quotient(x: Enclosure) -> Enclosure:
    """sin(x)/x: even, falls from 1 on [0, 4.49]; further out by division."""
    size = _abs(x)
    if size.high < 4.4:
        ends = [_sinc_at(e) for e in (size.high, size.low)]
        return _outward(ends[0].lower(), ends[1].upper())
    if size.low < 1:
        return Enclosure(arb(-0.2173).lower(), ONE)
    quotient = _wave("sin", 0.5)(size) / size
    return Enclosure(_max(quotient.low, -ONE), _min(quotient.high, ONE))


def _sinc_at(x: Ball) -> Any:
    if abs(x) < 1e-4:
        return _Span((1 - x * x / 6).lower(), (1 - x * x / 6 + x**4 / 120).upper())
    return x.sin() / x


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
        return Enclosure(_max(here.low, -bound.high), _min(here.high, bound.high))

    return shape


def _gate_slope(x: Enclosure) -> Enclosure:
    """The slope of algebraic_gate: (1 + x*w)(w + x)/(2w^3) with w = sqrt(1 + x^2)."""
    root = _sqrt(1 + x**2)
    ramp = _outward(*(_root_ramp(e) if e.is_finite() else (ZERO if e < 0 else INFINITY)
                      for e in (x.low, x.high)))  # fmt: skip
    return (1 + x * root) * ramp * (1 / root) ** 3


def _gate(x: Enclosure) -> Enclosure:
    """x*algebraic_cdf(x): falls to its minimum at -0.78615 and rises from there."""
    ends = [(e * _algebraic_cdf(e)) if e.is_finite() else (ZERO if e < 0 else INFINITY)
            for e in (x.low, x.high)]  # fmt: skip
    if x.low > arb("-0.7861"):
        return _outward(*ends)
    if x.high < arb("-0.7862"):
        return _outward(*ends[::-1])
    return _outward(arb("-0.1501417"), _max(*(e.upper() for e in ends)))


_SHAPES: dict[str, Callable[[Enclosure], Enclosure]] = {
    "abs": _abs, "sign": _sign, "sqrt": _sqrt, "log": _log_shape("log", 0),
    "log1p": _log_shape("log1p", -1), "atanh": _atanh, "sin": _wave("sin", 0.5),
    "cos": _wave("cos", 0.0), "tan": _tan, "cosh": _cosh, "erfc": _erfc_shape, "exp_gap": _exp_gap,
    "sinc": _sine_quotient, "root_gap": _root_gap, "algebraic_gate": _gate,
    "algebraic_gate_slope": _gate_slope,
    **{f"sinc_{n}": _bessel_quotient(n) for n in (1, 2, 3)},
}  # fmt: skip
