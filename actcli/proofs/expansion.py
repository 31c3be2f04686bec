"""Expansions with remainders: what formulas are near a place, or far out, where wide cells say nothing.

With t > 0 the distance from the place, or 1/|x|, a value is t^power (c_0 + c_1 t + ... + rest t^n) for
every t up to `reach`; coefficients and rest are balls.
"""

from functools import cache
from math import factorial
from typing import Any

from flint import acb, arb

from ..numbers.ball import Ball, raw
from ..numbers.recorder import BROKEN_AT_0, Node, Program, derivatives, node
from ..numbers.where import Constant
from ..primitives import PRIMITIVES

Number = Any

TERMS = 8
_RADII = (1.0, 0.5, 0.25, 0.1, 0.01)  # of discs on which a primitive is bounded, if wide enough,
_RATIOS = (8, 4, 2)  # or by their ratio to the one that is needed


class NoExpansion(ArithmeticError):
    """A formula that has no such expansion, or none that is found."""


class Expansion:
    """A number that formulas without branches can be read with."""

    __slots__ = ("power", "reach", "rest", "terms")
    __array_ufunc__ = None

    def __init__(self, power: int, terms: list[Any], rest: Any, reach: Any) -> None:
        self.power, self.terms, self.rest, self.reach = power, terms, rest, reach

    @classmethod
    def far(cls, side: int, start: Any) -> "Expansion":
        """x where side*x >= start."""
        return cls(-1, [arb(side), *[arb(0)] * (TERMS - 1)], arb(0), (1 / arb(start)).upper())

    @classmethod
    def beside_0(cls, side: int, reach: Any) -> "Expansion":
        """x where 0 < side*x <= reach."""
        return cls(1, [arb(side), *[arb(0)] * (TERMS - 1)], arb(0), arb(reach))

    def like(self, value: Any) -> "Expansion":
        return Expansion(0, [arb(value), *[arb(0)] * (TERMS - 1)], arb(0), self.reach)

    def of(self, number: Number) -> "Expansion":
        return number if isinstance(number, Expansion) else self.like(raw(number))

    @property
    def _t(self) -> Any:
        return arb(0).union(self.reach)

    @property
    def factor(self) -> Any:
        """All values of value/t^power."""
        return _horner([*self.terms, self.rest], self._t)

    @property
    def sign(self) -> int | None:
        """1 or -1 if the value has that sign for every t."""
        try:
            factor = self._leading().factor
        except NoExpansion:
            return None
        return 1 if factor > 0 else -1 if factor < 0 else None

    def _leading(self) -> "Expansion":
        """The same with a first coefficient that is not exactly 0."""
        for k, term in enumerate(self.terms):
            if term != 0:
                if term.contains(0):
                    break
                return Expansion(self.power + k, self.terms[k:], self.rest, self.reach)
            if not (term.is_exact() and term.is_zero()):
                break
        raise NoExpansion("the leading coefficient is not known")

    def _order(self, power: int, count: int) -> "Expansion":
        """Written with another power, at most as high, and no more than so many terms."""
        terms = [arb(0)] * (self.power - power) + self.terms
        rest = _horner([*terms[count:], self.rest], self._t)
        if len(terms) < count:
            raise NoExpansion("terms that are not known")
        return Expansion(power, terms[:count], rest, self.reach)

    # -- arithmetic -------------------------------------------------------------------------------
    def __neg__(self) -> "Expansion":
        return Expansion(self.power, [-c for c in self.terms], -self.rest, self.reach)

    def __add__(self, number: Number) -> "Expansion":
        other = self.of(number)
        power = min(self.power, other.power)
        known = min(self.power + len(self.terms), other.power + len(other.terms)) - power
        count = max(0, min(TERMS, known))
        a, b = self._order(power, count), other._order(power, count)
        terms = [p + q for p, q in zip(a.terms, b.terms, strict=True)]
        return Expansion(power, terms, a.rest + b.rest, self.reach)

    __radd__ = __add__

    def __sub__(self, number: Number) -> "Expansion":
        return self + -self.of(number)

    def __rsub__(self, number: Number) -> "Expansion":
        return self.of(number) - self

    def __mul__(self, number: Number) -> "Expansion":
        other = self.of(number)
        count = min(len(self.terms), len(other.terms))
        a, b = self._order(self.power, count), other._order(other.power, count)
        product = _product(a.terms, b.terms)
        rest = _horner([*product[count:], arb(0)], self._t)
        rest += a.rest * b.factor + b.rest * _horner([*a.terms, arb(0)], self._t)
        return Expansion(self.power + other.power, product[:count], rest, self.reach)

    __rmul__ = __mul__

    def __truediv__(self, number: Number) -> "Expansion":
        return self * self.of(number)._inverse()

    def __rtruediv__(self, number: Number) -> "Expansion":
        return self.of(number) / self

    def _inverse(self) -> "Expansion":
        own = self._leading()
        found = [1 / own.terms[0]]
        for k in range(1, len(own.terms)):
            total = sum((own.terms[i] * found[k - i] for i in range(1, k + 1)), arb(0))
            found.append(-total * found[0])
        flat = Expansion(0, found, arb(0), self.reach)
        missed = (Expansion(0, own.terms, own.rest, self.reach) * flat).rest
        return Expansion(-own.power, found, _known(-missed / _apart(own.factor)), self.reach)

    def _sqrt(self) -> "Expansion":
        own = self._leading()
        if own.power % 2 or not own.factor > 0:
            raise NoExpansion("a root of what may be negative, or of an odd power")
        found = [own.terms[0].sqrt()]
        for k in range(1, len(own.terms)):
            total = sum((found[i] * found[k - i] for i in range(1, k)), arb(0))
            found.append((own.terms[k] - total) / (2 * found[0]))
        flat = Expansion(0, found, arb(0), self.reach)
        missed = own.rest - (flat * flat).rest
        rest = missed / _apart(own.factor.sqrt() + flat.factor)
        return Expansion(own.power // 2, found, _known(rest), self.reach)

    def __pow__(self, exponent: Number) -> "Expansion":
        power = float(raw(exponent)) if not isinstance(exponent, Expansion) else float("nan")
        if not (2 * power).is_integer() or abs(power) > 40:
            raise NoExpansion("a power that is not half an integer")
        base = self if power >= 0 else self._inverse()
        found = base._sqrt() if abs(power) % 1 else self.like(1)
        for _ in range(int(abs(power))):
            found = found * base
        return found

    # -- functions --------------------------------------------------------------------------------
    def lift(self, constant: Constant) -> "Expansion":
        return self.like(raw(constant))

    def apply(self, primitive: Any, *constants: Number) -> "Expansion":
        x = self
        for w in constants:  # sin(x, w) is sin(w*x)
            x = x * w
        if primitive.name == "sqrt":
            return x._sqrt()
        try:
            x = x._leading()
        except NoExpansion:
            if x.power < 0:
                raise
        return x._beyond(primitive.name) if x.power < 0 else x._composed(primitive)

    def _composed(self, primitive: Any) -> "Expansion":
        """By the primitive's Taylor polynomial at the limit of the argument."""
        if primitive.name in BROKEN_AT_0:
            raise NoExpansion(f"{primitive.name} has no Taylor polynomial")
        whole = self._order(0, min(TERMS, self.power + len(self.terms)))
        if not whole.terms:
            raise NoExpansion("the limit of an argument is not known")
        centre = whole.terms[0]
        step = Expansion(0, [arb(0), *whole.terms[1:]], whole.rest, self.reach)
        per_t = _horner([*whole.terms[1:], whole.rest], self._t)  # step/t
        size = (abs(per_t) * self.reach).upper()
        rest = arb.nan() if size > 0 else arb(0)
        for radius in (*map(arb, _RADII), *((size * ratio).upper() for ratio in _RATIOS)):
            if not (size > 0 and radius > size * 1.9):
                continue
            box = acb(centre + arb(0, radius), arb(0, radius))
            bound = abs(raw(Ball(box).apply(primitive))).upper()
            if bound.is_finite():
                share = bound / (1 - size / radius)
                rest = arb(0, (share * (abs(per_t) / radius) ** TERMS).upper())
                break
        found = Expansion(0, [arb(0)] * TERMS, _known(rest), self.reach)
        total = self.like(0)
        values = _taylor(primitive).run(Ball(centre))
        for k, value in reversed(list(enumerate(values))):
            total = total * step + _known(raw(value) / factorial(k))
        return total + found

    def _beyond(self, name: str) -> "Expansion":
        """A primitive of what tends to an infinity."""
        up = 1 if self.terms[0] > 0 else -1
        size = self * up
        if name == "arctan":
            return self.like(arb.pi() / 2 * up) - (1 / self).apply(PRIMITIVES[name])
        if name in ("exp", "expm1") and up < 0:
            return (-size)._vanishing() - (name == "expm1")
        if name == "sech":
            return (-size)._vanishing() * arb(0).union(2)
        if name == "tanh":
            return (1 - (size * -2)._vanishing() * arb(0).union(2)) * up
        if name in ("logistic", "softplus"):
            small = (-size)._vanishing() * arb(0).union(1)
            top = self.like(1) - small if name == "logistic" else self + small
            return top if up > 0 else small
        if name in ("erf", "erfc", "normal_cdf"):
            square = size * size
            small = (-square if name != "normal_cdf" else square * -0.5)._vanishing()
            small = small * arb(0).union(1)
            if name == "erf":
                return (1 - small) * up
            return small if (up > 0) == (name == "erfc") else (2 if name == "erfc" else 1) - small
        raise NoExpansion(f"{name} far out")

    def _vanishing(self) -> "Expansion":
        """Something from 0 to exp of this, which tends to -infinity."""
        rate, falls = -self.factor.upper(), -self.power
        if not rate > 0:
            raise NoExpansion("an exponential that need not vanish")
        # exp(-rate/t^falls)/t^TERMS rises up to t^falls = rate*falls/TERMS
        peak = (rate * falls / TERMS) ** (arb(1) / falls)
        t = peak if peak < self.reach else self.reach
        bound = (-rate / t**falls).exp() / t**TERMS * 1.01  # for a peak next to the reach
        return Expansion(0, [arb(0)] * TERMS, arb(0).union(_known(bound).upper()), self.reach)


def _known(ball: Any) -> Any:
    if not ball.is_finite():
        raise NoExpansion("a coefficient is not finite")
    return ball


def _apart(ball: Any) -> Any:
    if ball.contains(0):
        raise NoExpansion("a denominator may be 0")
    return ball


def _horner(terms: list[Any], t: Any) -> Any:
    total = arb(0)
    for term in reversed(terms):
        total = total * t + term
    return total


def _product(a: list[Any], b: list[Any]) -> list[Any]:
    found = [arb(0)] * (len(a) + len(b) - 1 if a and b else 0)
    for i, p in enumerate(a):
        for j, q in enumerate(b):
            found[i + j] += p * q
    return found


@cache
def _taylor(primitive: Any) -> Program:
    return Program(derivatives(node(primitive(Node("x"))), TERMS - 1))
