"""Nearly rational numbers: as exact as can be told, for rounding a formula's value at one place.

A number is a rational one and a rest in a ball of Arb. What approaches a rational number keeps the
distance as its rest: 1 - exp(-1e30) is less than 1, which no precision would show in one ball.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import cache
from math import isfinite, isqrt
from threading import Lock
from typing import Any, NoReturn

from flint import arb, ctx, fmpq

from .ball import Ball, raw
from .exact import rational
from .formats import Format
from .jet import Jet, slope_of, value_of
from .types import Number
from .where import Constant, where

PRECISIONS = (128, 320, 800, 2000)  # bits
LONGEST = 20_000  # bits of a rational number
OUT_OF_RANGE = 2000  # a power of two that no format has
ZERO, ONE = fmpq(0), fmpq(1)


Operation = Callable[["NearRational", "NearRational"], "NearRational"]


def _with_numbers(operation: Operation) -> Callable[..., "NearRational"]:
    """An operation on any number; a jet does its own."""

    def apply(a: "NearRational", b: Number) -> "NearRational":
        return NotImplemented if isinstance(b, Jet) else operation(a, sharp(b))

    return apply


class NearRational:
    """The number exact + rest; a rest of None is 0."""

    __slots__ = ("exact", "rest")
    __array_ufunc__ = None

    def __init__(self, exact: Any, rest: Any = None) -> None:
        if rest is not None and rest.is_zero():
            rest = None
        if exact.p.bit_length() + exact.q.bit_length() > LONGEST:
            exact, rest = ZERO, _sum(arb(exact), rest)
        self.exact, self.rest = exact, rest

    @property
    def ball(self) -> Any:
        return _sum(arb(self.exact), self.rest)

    @property
    def sign(self) -> int | None:
        """That of the number; None if it is not known."""
        own = int(self.exact > 0) - int(self.exact < 0)
        if self.rest is None:
            return own
        side = int(self.rest > 0) - int(self.rest < 0)
        if own == 0 or side == own:
            return side or None
        if abs(self.rest) < abs(self.exact):
            return own
        return 1 if self.ball > 0 else -1 if self.ball < 0 else None

    # -- what a number type owes -------------------------------------------------------------------
    def apply(self, primitive: Any, *constants: Number) -> "NearRational":
        x = self
        for w in constants:  # sin(x, w) is sin(w*x)
            x = x * w
        form = _FORMS.get(primitive.name)
        if form is None and not primitive.named and not primitive.at_0:
            form = _if_rational(primitive.plain)
        found = None if form is None else form(x)
        if found is None:
            found = _in_ball(Ball(x.ball).apply(primitive).ball)
        return found

    def lift(self, number: Number) -> "NearRational":
        return sharp(number)

    @staticmethod
    def select(condition: Number, chosen: Number, otherwise: Number) -> "NearRational":
        return UNKNOWN

    def __neg__(self) -> "NearRational":
        return NearRational(-self.exact, None if self.rest is None else -self.rest)

    def __abs__(self) -> "NearRational":
        sign = self.sign
        return NearRational(ZERO, abs(self.ball)) if sign is None else -self if sign < 0 else self

    @_with_numbers
    def __add__(self, other: "NearRational") -> "NearRational":
        return NearRational(self.exact + other.exact, _sum(self.rest, other.rest))

    __radd__ = __add__

    @_with_numbers
    def __sub__(self, other: "NearRational") -> "NearRational":
        return self + -other

    def __rsub__(self, other: Number) -> "NearRational":
        return sharp(other) - self

    @_with_numbers
    def __mul__(self, other: "NearRational") -> "NearRational":
        rest = None
        if self.rest is not None:
            rest = self.rest * other.ball if other.rest is not None else self.rest * other.exact
        if other.rest is not None and self.exact:
            rest = _sum(rest, other.rest * self.exact)
        return NearRational(self.exact * other.exact, rest)

    __rmul__ = __mul__

    @_with_numbers
    def __truediv__(self, other: "NearRational") -> "NearRational":
        return self * other._inverse()

    def __rtruediv__(self, other: Number) -> "NearRational":
        return sharp(other) / self

    def _inverse(self) -> "NearRational":
        if not self.sign:
            return UNKNOWN
        if self.exact == 0:
            return NearRational(ZERO, 1 / self.rest)
        rest = None if self.rest is None else -self.rest / (self.ball * self.exact)
        return NearRational(1 / self.exact, rest)

    def __pow__(self, exponent: Number) -> "NearRational":
        power = sharp(exponent)
        if power.rest is not None:
            return UNKNOWN
        if power.exact.q == 1 and abs(power.exact) <= 64:
            found = NearRational(ONE)
            for _ in range(abs(int(power.exact.p))):
                found = found * self
            return found if power.exact >= 0 else found._inverse()
        if power.exact == fmpq(1, 2):
            return _root(self) or NearRational(ZERO, self.ball.sqrt())
        if power.exact.q == 1:
            return NearRational(ZERO, self.ball ** int(power.exact.p))
        return NearRational(ZERO, (self.ball.log() * power.exact).exp())

    def __lt__(self, other: Number) -> Number:
        return _sign_holds(self, other, lambda sign: sign < 0)

    def __le__(self, other: Number) -> Number:
        return _sign_holds(self, other, lambda sign: sign <= 0)

    def __gt__(self, other: Number) -> Number:
        return _sign_holds(self, other, lambda sign: sign > 0)

    def __ge__(self, other: Number) -> Number:
        return _sign_holds(self, other, lambda sign: sign >= 0)

    def __eq__(self, other: object) -> Number:
        return _sign_holds(self, other, lambda sign: sign == 0)

    def __ne__(self, other: object) -> Number:
        return _sign_holds(self, other, lambda sign: sign != 0)

    __hash__ = None  # type: ignore[assignment]

    def maximum(self, other: Number) -> Number:
        return other.maximum(self) if isinstance(other, Jet) else where(self > other, self, other)

    def minimum(self, other: Number) -> Number:
        return other.minimum(self) if isinstance(other, Jet) else where(self < other, self, other)

    # -- rounding ------------------------------------------------------------------------------------
    def nearest(self, form: Format) -> float | None:
        """The number of a format nearest to it, a tie going to the even one; None if not known."""
        if self.rest is None:
            return form.nearest_to(int(self.exact.p), int(self.exact.q))
        if not self.rest.is_finite():
            return None
        ends = {self._rounded(end, form) for end in (self.rest.lower(), self.rest.upper())}
        return ends.pop() if len(ends) == 1 else None

    def _rounded(self, rest: Any, form: Format) -> float | None:
        """exact + rest rounded, for an exact rest."""
        mantissa, exponent = (int(part) for part in rest.man_exp())
        least = -OUT_OF_RANGE - mantissa.bit_length()
        near = self.exact + mantissa * fmpq(2) ** min(max(exponent, least), OUT_OF_RANGE)
        found = form.nearest_to(int(near.p), int(near.q))
        if exponent >= least:
            return found
        beside = form.nearest_to(int(self.exact.p), int(self.exact.q), 1 if mantissa > 0 else -1)
        return found if found == beside else None  # for `near` is a little too far


def _sum(a: Any, b: Any) -> Any:
    """The sum of two balls, None being 0."""
    return b if a is None else a if b is None else a + b


UNKNOWN = NearRational(ZERO, arb.nan())


class UnknownComparison:
    """The answer to a comparison that is not known; what it chooses is unknown too."""

    @staticmethod
    def select(condition: Number, chosen: Number, otherwise: Number) -> NearRational:
        return UNKNOWN

    def __and__(self, other: Number) -> Number:
        return other is not False and self

    def __or__(self, other: Number) -> Number:
        return other is True or self

    __rand__, __ror__ = __and__, __or__

    def __invert__(self) -> "UnknownComparison":
        return self

    def __bool__(self) -> NoReturn:
        raise TypeError("the comparison is open; use where(condition, a, b)")


OPEN = UnknownComparison()


def _sign_holds(a: NearRational, b: Number, holds: Callable[[int], bool]) -> Number:
    """Whether a condition holds for the sign of a - b; of a jet the value counts."""
    while isinstance(b, Jet):
        b = b.value
    sign = (a - b).sign
    return OPEN if sign is None else holds(sign)


def sharp(number: Number) -> NearRational:
    """A number of any kind; a float means its shortest decimal."""
    if isinstance(number, NearRational):
        return number
    if isinstance(number, Constant):
        return NearRational(ZERO, raw(number))
    if isinstance(number, float) and not isfinite(number):
        return UNKNOWN
    return NearRational(_rational(number))


@cache
def _rational(number: Number) -> Any:
    exact = rational(number)
    return fmpq(exact.numerator, exact.denominator)


# -- primitives ------------------------------------------------------------------------------------
def _in_ball(found: Any) -> NearRational:
    if found.is_exact() and found.is_finite() and abs(int(found.man_exp()[1])) < LONGEST:
        return NearRational(found.fmpq())
    return NearRational(ZERO, found)


def _root(x: NearRational) -> NearRational | None:
    """The square root, if it is rational."""
    if x.rest is not None or x.exact < 0:
        return None
    root = fmpq(*(isqrt(int(part)) for part in (x.exact.p, x.exact.q)))
    return NearRational(root) if root * root == x.exact else None


def _sign(x: NearRational) -> NearRational | None:
    return None if x.sign is None else NearRational(fmpq(x.sign))


Formula = Callable[[NearRational], Any]


def _if_rational(form: Formula) -> Formula:
    """A formula where its value is rational, as if each step were."""

    def of(x: NearRational) -> NearRational | None:
        found = form(x) if x.rest is None else None
        return found if found is not None and found.rest is None else None

    return of


def _near(
    left: Formula | None = None,
    middle: Formula | None = None,
    right: Formula | None = None,
) -> Callable[[NearRational], NearRational | None]:
    """A function as a rational number and a rest, left of -1, between, and right of 1."""

    def of(x: NearRational) -> NearRational | None:
        form = left if (x + 1).sign == -1 else right if (x - 1).sign == 1 else middle
        return None if form is None else form(x)

    return of


def _off(limit: Any, rest: Callable[[Any], Any]) -> Formula:
    return lambda x: NearRational(limit, rest(x.ball))


def _share(u: Any) -> Any:
    """1/(1 + exp(-u)) for a negative u."""
    return u.exp() / (1 + u.exp())


def _bell(u: Any) -> Any:
    """Of the normal distribution, what lies beyond u."""
    return (u / arb(2).sqrt()).erfc() / 2


HALF = fmpq(1, 2)
_tanh = _near(
    _off(-ONE, lambda u: 2 * _share(2 * u)), None, _off(ONE, lambda u: -2 * _share(-2 * u))
)
_expm1 = _near(_off(-ONE, lambda u: u.exp()))
_FORMS: dict[str, Callable[[NearRational], NearRational | None]] = {
    "abs": abs,
    "sign": _sign,
    "sqrt": _root,
    "exp": _near(None, _off(ONE, lambda u: u.expm1())),
    "expm1": _expm1,
    "exp_gap": _near(lambda x: _expm1(x) - x),
    "logistic": _near(
        None, _off(HALF, lambda u: (u / 2).tanh() / 2), _off(ONE, lambda u: -_share(-u))
    ),
    "normal_cdf": _near(
        None, _off(HALF, lambda u: (u / arb(2).sqrt()).erf() / 2), _off(ONE, lambda u: -_bell(u))
    ),
    "softplus": _near(None, None, lambda x: x + NearRational(ZERO, (-x.ball).exp().log1p())),
    "tanh": _tanh,
    "tanh_gap": _near(lambda x: x - _tanh(x), None, lambda x: x - _tanh(x)),
    "erf": _near(_off(-ONE, lambda u: (-u).erfc()), None, _off(ONE, lambda u: -u.erfc())),
    "erfc": _near(_off(fmpq(2), lambda u: -(-u).erfc()), _off(ONE, lambda u: -u.erf()), None),
}


# -- a formula at one place ------------------------------------------------------------------------
_turn = Lock()  # threads have one precision in common


def _new_turn() -> None:
    """A forked process has none of the threads, one of which may have the turn."""
    global _turn
    _turn = Lock()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_new_turn)


def known_at(
    read: Callable[[Any], Any], x: "NearRational | Fraction | float", order: int = 0
) -> NearRational:
    """The derivative of that order at an exact place (a float means all its bits), as far as the
    precision of the moment tells.

    `read` gives the value of a formula for a number.
    """
    number: Any = x if isinstance(x, NearRational) else NearRational(fmpq(*x.as_integer_ratio()))
    for _ in range(order):
        number = Jet(number, 1)
    found = read(number)
    for _ in range(order):
        found = slope_of(found)
    return sharp(value_of(value_of(found)))


def nearest(
    read: Callable[[Any], Any], places: Iterable[float], order: int, form: Format
) -> Iterator[float | None]:
    """The derivative of that order at each place, correctly rounded; None if it is not decided."""
    for x in places:
        rounded = None
        for precision in PRECISIONS:
            with _turn, ctx.workprec(precision):
                rounded = known_at(read, float(x), order).nearest(form)
            if rounded is not None:
                break
        yield rounded
