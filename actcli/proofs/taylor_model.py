"""Evaluates formulas by Taylor models near a place, or far out, where wide cells say nothing.

With t > 0 the distance from the place, or 1/|x|, a value is exp(E) t^power (c_0 + c_1 t + ... + rest t^n)
for every t up to `reach`; coefficients and rest are balls. The exponent E is a sum of multiples of
models; mostly it is 0. Kept apart, it lets x*exp(x) + 800*exp(x) be told from 0 far out.

Taylor models are from Makino and Berz, Taylor models and other validated functional inclusion methods
(2003); a remainder that is a multiple of t^n, not an interval alone, is the relative one of Joldes,
Rigorous polynomial approximations and applications (2011).
"""

from collections.abc import Callable
from fractions import Fraction
from math import factorial
from typing import Any

from flint import acb, arb

from ..expressions.program import Program
from ..numbers.ball import Ball, raw
from ..numbers.interval import Enclosure, enclosure, exact
from ..numbers.types import Number
from ..primitives import PRIMITIVES
from .far_out import FAR
from .primitive_derivatives import derivatives_at

Multiples = tuple[tuple[Fraction, "TaylorModel"], ...]

TERMS = 8
_RADII = (1.0, 0.5, 0.25, 0.1, 0.01)  # of discs on which a primitive is bounded, if wide enough,
_RATIOS = (8, 4, 2)  # or by their ratio to the one that is needed


class NoTaylorModel(ArithmeticError):
    """A formula has no Taylor model, or none that is found."""


class TaylorModel:
    """A truncated power series with an interval remainder, as a number for branch-free formulas."""

    __slots__ = ("exponent", "origin", "power", "reach", "rest", "terms")
    __array_ufunc__ = None

    def __init__(
        self, power: int, terms: list[Any], rest: Any, reach: Any, exponent: Multiples = (),
        origin: "tuple[Fraction, TaylorModel] | None" = None,
    ) -> None:  # fmt: skip
        self.power, self.terms, self.rest, self.reach = power, terms, rest, reach
        self.exponent = exponent
        self.origin = origin or (Fraction(1), self)  # what it is a multiple of

    @classmethod
    def far(cls, side: int, start: Any) -> "TaylorModel":
        """x where side*x >= start."""
        return cls(-1, _constant(side), arb(0), (1 / arb(start)).upper())

    @classmethod
    def beside(cls, place: Any, side: int, reach: Any) -> "TaylorModel":
        """x where 0 < side*(x - place) <= reach."""
        if place == 0:
            return cls(1, _constant(side), arb(0), arb(reach))
        return cls(0, [place, *_constant(side)[:-1]], arb(0), arb(reach))

    def like(self, value: Any) -> "TaylorModel":
        """A constant beside this one."""
        return TaylorModel(0, _constant(value), arb(0), self.reach)

    def of(self, number: Number) -> "TaylorModel":
        """A number as a model beside this one."""
        return number if isinstance(number, TaylorModel) else self.like(exact(raw(number)))

    lift = of

    @property
    def _t(self) -> Any:
        return arb(0).union(self.reach)

    @property
    def factor(self) -> Any:
        """All values of value/(exp(E) t^power)."""
        return _horner([*self.terms, self.rest], self._t)

    def bounds(self, start: Any) -> Enclosure:
        """All its values for t from `start` on."""
        flat = self._flat()
        power, terms = flat.power, flat.terms
        while power < 0:
            if not (terms and terms[0].is_exact() and terms[0].is_zero()):
                raise NoTaylorModel("it is not bounded")
            power, terms = power + 1, terms[1:]
        t, total = Enclosure(start, arb(self.reach).upper()), enclosure(flat.rest)
        for term in reversed([*[arb(0)] * power, *terms]):
            total = total * t + enclosure(term)
        return total

    @property
    def sign(self) -> int | None:
        """1 or -1 if the value has that sign for every t."""
        try:
            factor = self._leading().factor
        except NoTaylorModel:
            return None
        return 1 if factor > 0 else -1 if factor < 0 else None

    @property
    def _is_0(self) -> bool:
        return all(c.is_zero() for c in (*self.terms, self.rest))

    def _leading(self) -> "TaylorModel":
        """The same with a first coefficient that is not 0."""
        for k, term in enumerate(self.terms):
            if term != 0:
                if term.contains(0):
                    break
                power, terms = self.power + k, self.terms[k:]
                return TaylorModel(power, terms, self.rest, self.reach, self.exponent, self.origin)
            if not (term.is_exact() and term.is_zero()):
                break
        raise NoTaylorModel("the leading coefficient is not known")

    def without(self, count: int) -> "TaylorModel":
        """The same where the coefficients of t^0 to t^(count - 1) are known to be 0."""
        terms = [arb(0) if self.power + k < count else c for k, c in enumerate(self.terms)]
        return TaylorModel(self.power, terms, self.rest, self.reach)

    def _order(self, power: int, count: int) -> "TaylorModel":
        """Written with another power, at most as high, and no more than so many terms."""
        terms = [arb(0)] * (self.power - power) + self.terms
        rest = _horner([*terms[count:], self.rest], self._t)
        if len(terms) < count:
            raise NoTaylorModel("terms that are not known")
        return TaylorModel(power, terms[:count], rest, self.reach)

    # -- exponents --------------------------------------------------------------------------------
    def _with(self, exponent: Multiples) -> "TaylorModel":
        return TaylorModel(self.power, self.terms, self.rest, self.reach, exponent)

    def _total(self, exponent: Multiples) -> "TaylorModel":
        total = self.like(0)
        for factor, part in exponent:
            total = total + part * factor
        return total

    def _growth(self) -> int:
        """1 or -1 if an exponential makes it grow or vanish, else 0."""
        total = self._total(self.exponent)
        if total._is_0:
            return 0
        total = total._leading()
        if total.exponent:
            grows = total._growth()
            if grows == 0:
                raise NoTaylorModel("an exponent that is not known")
            return grows and (1 if total.terms[0] > 0 else -1) if grows > 0 else 0
        return 0 if total.power >= 0 else 1 if total.terms[0] > 0 else -1

    def _flat(self) -> "TaylorModel":
        """Without an exponential, of which only its size is kept where it vanishes."""
        if not self.exponent:
            return self
        total, plain = self._total(self.exponent), self._with(())
        if total._is_0:
            return plain
        growth = self._growth()
        if growth > 0:
            raise NoTaylorModel("it grows faster than any power")
        return plain * (total._vanishing() if growth else total.apply(PRIMITIVES["exp"]))

    # -- arithmetic -------------------------------------------------------------------------------
    def __neg__(self) -> "TaylorModel":
        terms = [-c for c in self.terms]
        return TaylorModel(
            self.power, terms, -self.rest, self.reach, self.exponent, self._multiple(-1)
        )

    def _multiple(self, number: Any) -> "tuple[Fraction, TaylorModel]":
        return self.origin[0] * Fraction(number), self.origin[1]

    def __add__(self, number: Number) -> "TaylorModel":
        other = self.of(number)
        if other._is_0:
            return self
        if self._is_0:
            return other
        if self.exponent or other.exponent:
            gap = other._with(_combined(other.exponent, self.exponent, -1))
            if gap.exponent:
                if gap._growth() > 0:
                    return other + self
                other = gap._flat()
        power = min(self.power, other.power)
        known = min(self.power + len(self.terms), other.power + len(other.terms)) - power
        count = max(0, min(TERMS, known))
        a, b = self._order(power, count), other._order(power, count)
        terms = [p + q for p, q in zip(a.terms, b.terms, strict=True)]
        return TaylorModel(power, terms, a.rest + b.rest, self.reach, self.exponent)

    __radd__ = __add__

    def __sub__(self, number: Number) -> "TaylorModel":
        return self + -self.of(number)

    def __rsub__(self, number: Number) -> "TaylorModel":
        return self.of(number) - self

    def __mul__(self, number: Number) -> "TaylorModel":
        other = self.of(number)
        if self._is_0 or other._is_0:
            return self.like(0)
        count = min(len(self.terms), len(other.terms))
        a, b = self._order(self.power, count), other._order(other.power, count)
        product = _product(a.terms, b.terms)
        rest = _horner([*product[count:], arb(0)], self._t)
        rest += a.rest * b.factor + b.rest * _horner([*a.terms, arb(0)], self._t)
        return TaylorModel(
            self.power + other.power, product[:count], rest, self.reach,
            _combined(self.exponent, other.exponent, 1),
            self._multiple(number) if isinstance(number, int | float | Fraction) else None,
        )  # fmt: skip

    __rmul__ = __mul__

    def __truediv__(self, number: Number) -> "TaylorModel":
        found = self * self.of(number)._inverse()
        if isinstance(number, int | float | Fraction) and number:
            found.origin = self._multiple(1 / Fraction(number))
        return found

    def __rtruediv__(self, number: Number) -> "TaylorModel":
        return self.of(number) / self

    def _inverse(self) -> "TaylorModel":
        """By the series of 1/(c_0 + c_1 t + ...); the rest from what times this is missing to 1."""
        own = self._leading()
        found = [1 / own.terms[0]]
        for k in range(1, len(own.terms)):
            total = sum((own.terms[i] * found[k - i] for i in range(1, k + 1)), arb(0))
            found.append(-total * found[0])
        flat = TaylorModel(0, found, arb(0), self.reach)
        missed = (TaylorModel(0, own.terms, own.rest, self.reach) * flat).rest
        rest = _known(-missed / _apart(own.factor))
        turned = _combined((), self.exponent, -1)
        return TaylorModel(-own.power, found, rest, self.reach, turned)

    def _sqrt(self) -> "TaylorModel":
        """By the series of the root; the rest from what its square is missing."""
        own = self._leading()
        if own.power % 2 or not own.factor > 0:
            raise NoTaylorModel("a root of what may be negative, or of an odd power")
        found = [own.terms[0].sqrt()]
        for k in range(1, len(own.terms)):
            total = sum((found[i] * found[k - i] for i in range(1, k)), arb(0))
            found.append((own.terms[k] - total) / (2 * found[0]))
        flat = TaylorModel(0, found, arb(0), self.reach)
        missed = own.rest - (flat * flat).rest
        rest = _known(missed / _apart(own.factor.sqrt() + flat.factor))
        halved = tuple((factor / 2, part) for factor, part in self.exponent)
        return TaylorModel(own.power // 2, found, rest, self.reach, halved)

    def __pow__(self, exponent: Number) -> "TaylorModel":
        power: Any = exponent if isinstance(exponent, int | Fraction) else Fraction(1, 3)
        if power.denominator > 2 or abs(power) > 40:
            raise NoTaylorModel("a power that is not half an integer")
        base = self if power >= 0 else self._inverse()
        found = base._sqrt() if abs(power) % 1 else self.like(1)
        for _ in range(int(abs(power))):
            found = found * base
        return found

    # -- functions --------------------------------------------------------------------------------
    def within(self, low: float, high: float) -> "TaylorModel":
        """Anything between two numbers, for every t."""
        return self.like(arb(low).union(high))

    def apply(self, primitive: Any, *constants: Number) -> "TaylorModel":
        """A primitive: by its Taylor polynomial, or far out by the formula for it (`far_out`)."""
        x = self
        for w in constants:  # sin(x, w) is sin(w*x)
            x = x * w
        if primitive.name == "sqrt":
            return x._sqrt()
        if primitive.name == "log":
            return x._log()
        if x.exponent:
            growth = x._growth()
            if growth > 0:
                return x._leading()._beyond(primitive)
            if growth < 0:
                return x._near_0(primitive)
            x = x._flat()
        try:
            x = x._leading()
        except NoTaylorModel:
            if x.power < 0:
                raise
        return x._beyond(primitive) if x.power < 0 else x._composed(primitive)

    def _log(self) -> "TaylorModel":
        """log(exp(E) c) = E + log(c)."""
        own = self._leading()
        if own.power or not own.factor > 0:
            raise NoTaylorModel("a logarithm of a power")
        return own._with(())._composed(PRIMITIVES["log"]) + self._total(self.exponent)

    def _composed(self, primitive: Any) -> "TaylorModel":
        """By the primitive's Taylor polynomial at the limit of the argument."""
        whole = self._order(0, min(TERMS, self.power + len(self.terms)))
        if not whole.terms:
            raise NoTaylorModel("the limit of an argument is not known")
        step = TaylorModel(0, [arb(0), *whole.terms[1:]], whole.rest, self.reach)
        return step._series(primitive, whole.terms[0], 0)

    def _near_0(self, primitive: Any) -> "TaylorModel":
        """f(u) as f(0) + u g(u), for an argument that an exponential makes vanish."""
        flat = self._flat()
        step = flat._order(0, min(TERMS, flat.power + len(flat.terms)))
        if not (step.terms and step.terms[0].is_zero()):
            raise NoTaylorModel("the limit of an argument is not known")
        at_0 = raw(Ball(arb(0)).apply(primitive))
        return self * step._series(primitive, arb(0), 1) + self.like(_known(at_0))

    def _series(self, primitive: Any, centre: Any, skip: int) -> "TaylorModel":
        """f(centre + this), or with `skip` 1 the quotient (f(centre + this) - f(centre))/this."""
        if primitive.broken_at_0:
            raise NoTaylorModel(f"{primitive.name} has no Taylor polynomial")
        count = TERMS - skip
        per_t = _horner([*self.terms[1:], self.rest], self._t)  # step/t
        size = (abs(per_t) * self.reach).upper()
        values = derivatives_at(primitive, centre, TERMS)
        rest = arb.nan() if size > 0 else arb(0)
        for radius in (*map(arb, _RADII), *((size * ratio).upper() for ratio in _RATIOS)):
            if not (size > 0 and radius > size * 1.9):
                continue
            box = acb(centre + arb(0, radius), arb(0, radius))
            bound = abs(raw(Ball(box).apply(primitive))).upper()
            if bound.is_finite():
                if skip:
                    bound = (bound + abs(values[0])).upper() / radius
                share = bound / (1 - size / radius)
                rest = arb(0, (share * (abs(per_t) / radius) ** count).upper())
                break
        found = TaylorModel(0, [arb(0)] * count, _known(rest), self.reach)
        total = self.like(0)
        for k, value in reversed(list(enumerate(values))[skip:]):
            total = total * self + self.like(_known(value / factorial(k)))
        return total + found

    def _beyond(self, primitive: Any) -> "TaylorModel":
        """A primitive of what tends to an infinity."""
        up = 1 if self.terms[0] > 0 else -1
        if primitive.name in _FAR:
            return _FAR[primitive.name](self, self * up, up)
        if primitive.plain is None or primitive.needs:
            raise NoTaylorModel(f"{primitive.name} far out")
        return self.of(primitive.plain(self))

    def _exp(self) -> "TaylorModel":
        return self.like(1)._with((self.origin,))

    def _vanishing(self) -> "TaylorModel":
        """Something from 0 to exp of this, which tends to -infinity."""
        if self.exponent:  # exp(E) > E
            total = self._total(self.exponent)
            if total.sign != 1:
                raise NoTaylorModel("an exponential that need not vanish")
            return (self._with(()) * total)._vanishing()
        rate, falls = -self.factor.upper(), -self.power
        if not (rate > 0 and falls > 0):
            raise NoTaylorModel("an exponential that need not vanish")
        # exp(-rate/t^falls)/t^TERMS rises up to t^falls = rate*falls/TERMS
        peak = (rate * falls / TERMS) ** (arb(1) / falls)
        t = peak if peak < self.reach else self.reach
        bound = (-rate / t**falls).exp() / t**TERMS * 1.01  # for a peak next to the reach
        return TaylorModel(0, [arb(0)] * TERMS, arb(0).union(_known(bound).upper()), self.reach)


def sign_far(program: Program, side: int, start: Any) -> int | None:
    """The sign that a program's first formula has wherever side*x >= start; None: open."""
    try:
        x = TaylorModel.far(side, start)
        return x.of(program.run(x)[0]).sign
    except (ArithmeticError, TypeError, ValueError):
        return None


def _far_arctan_gate_slope(u: TaylorModel, s: TaylorModel, up: int) -> TaylorModel:
    t = 1 / s
    left = (t.apply(PRIMITIVES["arctan"]) - t / (1 + t * t)) * s.like(1 / arb.pi())
    return 1 - left if up > 0 else left


_FAR: dict[str, Callable[[TaylorModel, TaylorModel, int], TaylorModel]] = FAR | {
    "exp": lambda u, s, up: u._exp(),
    "arctan_gate_slope": _far_arctan_gate_slope,
    "sin": lambda u, s, up: s.within(-1, 1),
    "cos": lambda u, s, up: s.within(-1, 1),
}


def _constant(value: Any) -> list[Any]:
    return [arb(value), *[arb(0)] * (TERMS - 1)]


def _combined(one: Multiples, other: Multiples, sign: int) -> Multiples:
    """The sum of two exponents, the second with that sign; what cancels is gone."""
    found = {id(part): (factor, part) for factor, part in one}
    for factor, part in other:
        total = found.get(id(part), (Fraction(0), part))[0] + sign * factor
        found[id(part)] = total, part
    return tuple((factor, part) for factor, part in found.values() if factor)


def _known(ball: Any) -> Any:
    if not ball.is_finite():
        raise NoTaylorModel("a coefficient is not finite")
    return ball


def _apart(ball: Any) -> Any:
    if ball.contains(0):
        raise NoTaylorModel("a denominator may be 0")
    return ball


def _horner(terms: list[Any], t: Any) -> Any:
    """A polynomial at t, by Horner's rule."""
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
