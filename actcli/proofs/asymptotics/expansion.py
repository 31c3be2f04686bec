"""Implements the number type: an asymptotic expansion as its first terms and a bound of the rest."""

import math
import operator
from collections.abc import Callable, Sequence
from enum import Enum
from functools import wraps
from typing import Any, TypeVar, cast

from flint import fmpq

from ...numbers.interval import Enclosure, enclosure
from ...numbers.types import Number
from ...numbers.where import Constant
from ...primitives import PRIMITIVES
from .coefficients import (
    ONE,
    ZERO,
    Coefficient,
    Real,
    UndecidedError,
    bounds_of,
    constant_of,
    inverse,
    is_varying,
    power_of,
    sign_of,
    symbol,
    to_rational,
)
from .monomials import TERMS, UNIT, Monomial, compare, largest, merged, products


class Answer(Enum):
    """What a limit may be besides a number: there is none (proved), or it was not found."""

    NONE = "none"
    UNKNOWN = "unknown"


NONE, UNKNOWN = Answer.NONE, Answer.UNKNOWN

# The expansion of a function of an expansion: rules.py, which needs this file, registers it.
RULES: "dict[str, Callable[[str, AsymptoticExpansion], AsymptoticExpansion]]" = {}


class Wave:
    """What sin and cos of a growing argument are: `base` = (w, m) and a point on the unit circle.

    With a point (c, s) the expansion is read along the t at which w*m(t) is the angle of that point;
    without one the arguments that come by are collected in `seen`.
    """

    def __init__(self, point: Any = None, base: Any = None) -> None:
        self.point = point
        self.base = base
        self.seen: list[Any] = []

    def values(self, c: Coefficient, m: Monomial) -> Any:
        """(cos, sin) of c*m as rational numbers, or None."""
        if self.point is None:
            self.seen.append((c, m))
            return None
        if m.key != self.base[1].key:
            return None
        turns = c * inverse(self.base[0])
        if isinstance(turns, Real) or turns.q != 1 or abs(turns) > 400:
            return None
        x, y, result = *map(to_rational, self.point), (ONE, ZERO)
        for _ in range(abs(int(turns.p))):
            result = (result[0] * x - result[1] * y, result[0] * y + result[1] * x)
        return (result[0], result[1] if turns > 0 else -result[1])


F = TypeVar("F", bound=Callable[..., "AsymptoticExpansion"])


def _safe(method: F) -> F:
    """The method, but the unknown expansion where something could not be decided."""

    @wraps(method)
    def guarded(self: Any, *args: Any) -> Any:
        try:
            return method(self, *args)
        except (UndecidedError, OverflowError, ZeroDivisionError):
            waves = (getattr(number, "wave", None) for number in (self, *args))
            return AsymptoticExpansion(known=False, wave=next(filter(None, waves), None))

    return cast(F, guarded)


def _compared(holds: Callable[[int, int], bool]) -> Callable[[Any, Any], bool]:
    """A comparison, for all large t; UndecidedError if it is open."""

    def method(self: "AsymptoticExpansion", other: Number) -> bool:
        sign = (self - other).sign
        if sign is None:
            raise UndecidedError("this comparison is open near infinity")
        return holds(sign, 0)

    return method


class AsymptoticExpansion:
    """`terms` [(coefficient, monomial)] in falling order, and O(`rest`); exact without a rest.

    If there are no terms, `sign` may still be known, and a `floor`: |g| >= k*floor for some k > 0.
    """

    __slots__ = ("_floor", "_sign", "known", "rest", "terms", "wave")
    __array_ufunc__ = None
    __hash__ = None  # type: ignore[assignment]

    def __init__(
        self,
        terms: Sequence[Any] = (),
        rest: Monomial | None = None,
        *,
        sign: int | None = None,
        floor: Monomial | None = None,
        known: bool = True,
        wave: Wave | None = None,
    ) -> None:
        kept = list(terms)
        if rest is not None:
            while kept and compare(kept[-1][1], rest) <= 0:
                kept.pop()
        while kept and sign_of(kept[0][0]) == 0:
            kept.pop(0)
        if len(kept) > TERMS:
            rest = kept[TERMS][1]
            kept = kept[:TERMS]
        self.terms = kept
        self.rest = rest
        self.known = known
        self.wave = wave
        self._sign = sign
        self._floor = floor

    def __repr__(self) -> str:
        if not self.known:
            return "AsymptoticExpansion(unknown)"
        parts = [f"{bounds_of(c)!r}*{m.powers}{'e' * len(m.exponent)}" for c, m in self.terms]
        return f"AsymptoticExpansion({' + '.join(parts)}{'' if self.rest is None else ' + O(...)'})"

    # -- facts ----------------------------------------------------------------------------------
    @property
    def sign(self) -> int | None:
        """The sign for all large t: 1, -1 or 0 (it is 0); None if that is open."""
        if not self.known:
            return None
        if self.terms:
            return sign_of(self.terms[0][0])
        return 0 if self.rest is None else self._sign

    @property
    def floor(self) -> Monomial | None:
        """|g| >= k*floor for some k > 0; None if no such monomial is known."""
        if self.terms:
            return self.terms[0][1] if sign_of(self.terms[0][0]) else None
        return self._floor

    @property
    def top(self) -> Monomial | None:
        """g = O(top); None if g is 0."""
        if not self.known:
            raise UndecidedError
        return self.terms[0][1] if self.terms else self.rest

    @property
    def size(self) -> int | None:
        """-1 if g tends to 0, 0 if it is bounded, 1 if |g| grows to infinity; else None."""
        try:
            if not self.known:
                return None
            top = self.top
            if top is None:
                return -1
            order = compare(top, UNIT)
            if order <= 0:
                return order
            floor = self.floor
            grows = floor is not None and self.sign and compare(floor, UNIT) > 0
        except UndecidedError:
            return None
        return 1 if grows else None

    def limit(self) -> "Enclosure | float | Answer":
        """The limit as an enclosure of one number, an infinity, or UNKNOWN."""
        size = self.size
        if size == -1:
            return enclosure(0)
        if size == 1:
            return math.inf if self.sign == 1 else -math.inf
        if size == 0 and self.terms:
            c = self.terms[0][0]
            if not is_varying(c):
                return bounds_of(c)
        return UNKNOWN

    # -- what a number type owes ------------------------------------------------------------------
    @_safe
    def apply(self, primitive: Any, *constants: Number) -> "AsymptoticExpansion":
        """A primitive of this, by the rule for it."""
        u = self
        for factor in constants:  # sin(x, w) is sin(w*x)
            u = u * factor
        if not u.known:
            raise UndecidedError
        return RULES["apply"](primitive.name, u)

    def lift(self, number: Number) -> "AsymptoticExpansion":
        return expansion_of(number)

    def within(self, low: float, high: float) -> "AsymptoticExpansion":
        """Anything between two numbers: O(1)."""
        return AsymptoticExpansion(rest=UNIT, wave=self.wave)

    @staticmethod
    def select(condition: Number, chosen: Number, otherwise: Number) -> Number:
        return chosen if bool(condition) else otherwise

    def maximum(self, other: Number) -> "AsymptoticExpansion":
        """The larger of two for all large t; unknown if that is open."""
        b = expansion_of(other)
        sign = (self - b).sign
        if sign is None:
            return AsymptoticExpansion(known=False, wave=self.wave)
        return self if sign >= 0 else b

    def minimum(self, other: Number) -> "AsymptoticExpansion":
        return -(-self).maximum(-expansion_of(other))

    def __abs__(self) -> "AsymptoticExpansion":
        return self.apply(PRIMITIVES["abs"])

    def __neg__(self) -> "AsymptoticExpansion":
        turned = -self._sign if self._sign else self._sign
        terms = [(-c, m) for c, m in self.terms]
        return AsymptoticExpansion(
            terms, self.rest, sign=turned, floor=self._floor, known=self.known, wave=self.wave
        )

    def _beside(
        self, other: Number
    ) -> "tuple[AsymptoticExpansion, AsymptoticExpansion, Wave | None]":
        """Both, which must be known, and the wave in them."""
        b = expansion_of(other)
        if not (self.known and b.known):
            raise UndecidedError
        return self, b, self.wave or b.wave

    @_safe
    def __add__(self, other: Number) -> "AsymptoticExpansion":
        a, b, wave = self._beside(other)
        sum_ = AsymptoticExpansion(merged(a.terms, b.terms), largest(a.rest, b.rest), wave=wave)
        if sum_.terms or sum_.rest is None:
            return sum_
        for one, two in ((a, b), (b, a)):
            floor, top = one.floor, two.top
            if one.sign and (two.sign == one.sign or top is None or (
                floor is not None and compare(floor, top) > 0
            )):  # fmt: skip
                sum_._sign = one.sign
                sum_._floor = largest(floor, two.floor if two.sign == one.sign else None)
                break
        return sum_

    __radd__ = __add__

    def __sub__(self, other: Number) -> "AsymptoticExpansion":
        return self + (-expansion_of(other))

    def __rsub__(self, other: Number) -> "AsymptoticExpansion":
        return expansion_of(other) + (-self)

    @_safe
    def __mul__(self, other: Number) -> "AsymptoticExpansion":
        a, b, wave = self._beside(other)
        if a.top is None or b.top is None:
            return AsymptoticExpansion(wave=wave)
        rest = largest(a.rest and a.rest * b.top, b.rest and b.rest * a.top)
        terms, rest = products(a.terms, b.terms, rest)
        product = AsymptoticExpansion(terms, rest, wave=wave)
        if not product.terms and rest is not None:
            product._sign = a.sign * b.sign if a.sign and b.sign else None
            product._floor = a.floor * b.floor if a.floor and b.floor else None
        return product

    __rmul__ = __mul__

    @_safe
    def __truediv__(self, other: Number) -> "AsymptoticExpansion":
        return self * expansion_of(other)._inverse()

    @_safe
    def __rtruediv__(self, other: Number) -> "AsymptoticExpansion":
        return expansion_of(other) * self._inverse()

    def _inverse(self) -> "AsymptoticExpansion":
        """1/g as the geometric series of 1/(c m (1 + e))."""
        if not self.terms and self.floor is not None and self.sign and self.rest is not None:
            low, high = self.rest**-ONE, self.floor**-ONE
            return AsymptoticExpansion(rest=high, sign=self.sign, floor=low, wave=self.wave)
        c, m, small = self._split()
        share = inverse(c)
        return power_series([(-1) ** k for k in range(5)], small) * AsymptoticExpansion(
            [(share, m**-ONE)]
        )

    def _split(self) -> Any:
        """(c, m, e): the expansion is c*m*(1 + e), e = o(1)."""
        if not self.terms or sign_of(self.terms[0][0]) not in (1, -1):
            raise UndecidedError
        c, m = self.terms[0]
        factor = AsymptoticExpansion([(inverse(c), m**-ONE)])
        return c, m, AsymptoticExpansion(self.terms[1:], self.rest, wave=self.wave) * factor

    @_safe
    def __pow__(self, exponent: Number) -> "AsymptoticExpansion":
        p = _exponent(exponent)
        if not self.known:
            raise UndecidedError
        whole = int(p.p) if p.q == 1 else None
        if whole is not None and 0 <= whole <= 8:
            power = expansion_of(1)
            for _ in range(whole):
                power = power * self
            if whole % 2 == 0 and not power.terms and power.rest and whole and self._floor:
                power._sign = 1
            return power
        if self.sign == 0 and p > 0:
            return self
        if whole is None and self.sign != 1:
            raise UndecidedError
        if not self.terms and self.rest is not None:
            if self._floor is None or not self.sign:
                raise UndecidedError
            ends = [self.rest**p, self._floor**p]
            sign = self.sign if whole is not None and whole % 2 else 1
            return AsymptoticExpansion(
                rest=ends[p < 0], sign=sign, floor=ends[p > 0], wave=self.wave
            )
        c, m, small = self._split()
        coefficients = [ONE]
        for k in range(4):
            coefficients.append(coefficients[-1] * (p - k) / (k + 1))
        return power_series(coefficients, small) * AsymptoticExpansion(
            [(power_of(c, p), m**p)], wave=self.wave
        )

    __lt__ = _compared(operator.lt)
    __le__ = _compared(operator.le)
    __gt__ = _compared(operator.gt)
    __ge__ = _compared(operator.ge)
    __eq__ = _compared(operator.eq)
    __ne__ = _compared(operator.ne)


def expansion_of(number: Number) -> AsymptoticExpansion:
    """Converts a number, a coefficient or a constant to an expansion."""
    if isinstance(number, AsymptoticExpansion):
        return number
    if isinstance(number, Constant):
        number = constant_of(number)
    elif isinstance(number, Enclosure):
        given = number
        number = symbol(None, lambda: given, varies=bool(given.low != given.high))
    elif not isinstance(number, Real):
        try:
            number = to_rational(number)
        except UndecidedError:
            return AsymptoticExpansion(known=False)
    return AsymptoticExpansion([(number, UNIT)] if number != 0 else [])


def _exponent(number: Number) -> Any:
    """A rational exponent; UndecidedError for any other."""
    if isinstance(number, AsymptoticExpansion):
        if number.terms and not number.rest and len(number.terms) == 1:
            c, m = number.terms[0]
            if m.key == UNIT.key and not isinstance(c, Real):
                return c
        if number.sign == 0:
            return fmpq(0)
        raise UndecidedError
    return (
        to_rational(number) if not isinstance(number, Constant) else _exponent(expansion_of(number))
    )


def power_series(coefficients: Sequence[Any], small: AsymptoticExpansion) -> AsymptoticExpansion:
    """Composes a power series, by its leading coefficients, with an expansion that tends to 0."""
    zeros = next((k for k, c in enumerate(coefficients[:-1]) if c != 0), 0)
    if zeros:  # keeps the sign of what has no terms
        return small ** fmpq(zeros) * power_series(coefficients[zeros:], small)
    result = expansion_of(coefficients[-1])
    for c in reversed(coefficients[:-1]):
        result = result * small + c
    if small.top is None:
        return expansion_of(coefficients[0])
    return result + AsymptoticExpansion(rest=small.top ** fmpq(len(coefficients)), wave=small.wave)
