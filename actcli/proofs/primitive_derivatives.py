"""Computes derivatives of primitives at balls from the formulas of their first derivatives.

f' is a formula over primitives, mostly f itself and a few others, so the first n derivatives of f(u) follow
from f'(u), of which n - 1 are needed, and so on down to values. This is how power series solve
differential equations (Moore, Methods and applications of interval analysis, 1979, chapter 3). Every
step is one of ball arithmetic, so that derivatives are enclosed; those that are small numbers over a power
of 2 are exact, which a coefficient, divided by a factorial, is not.
"""

from math import comb
from typing import Any

from flint import arb

from ..numbers.ball import Ball, raw
from ..numbers.interval import exact
from ..numbers.types import Number

Known = dict[tuple[Any, ...], list[Any]]  # derivatives by primitive and argument


class Derivatives:
    """[u, u', u'', ...] of a function at one point, as a number for formulas without branches."""

    __slots__ = ("known", "terms")
    __array_ufunc__ = None

    def __init__(self, terms: list[Any], known: Known) -> None:
        self.terms = terms
        self.known = known

    def lift(self, number: Number) -> "Derivatives":
        """A constant beside this one."""
        if isinstance(number, Derivatives):
            return number
        return self._like([exact(raw(number)), *[arb(0)] * (len(self.terms) - 1)])

    def _like(self, terms: list[Any]) -> "Derivatives":
        return Derivatives(terms, self.known)

    def apply(self, primitive: Any, *constants: Number) -> "Derivatives":
        """f(u): its value, and the derivatives of f'(u) u'."""
        u = self
        for w in constants:  # sin(x, w) is sin(w*x)
            u = u * w
        key = primitive.name, *((term.mid(), term.rad()) for term in u.terms)
        if key not in u.known:
            found = [raw(Ball(u.terms[0]).apply(primitive))]
            if u.terms[1:]:
                inner = u._like(u.terms[:-1])
                found += (inner.lift(primitive.derivative(inner)) * u._like(u.terms[1:])).terms
            u.known[key] = found
        return u._like(u.known[key])

    def __neg__(self) -> "Derivatives":
        return self._like([-c for c in self.terms])

    def __add__(self, number: Number) -> "Derivatives":
        other = self.lift(number)
        return self._like([a + b for a, b in zip(self.terms, other.terms, strict=True)])

    __radd__ = __add__

    def __sub__(self, number: Number) -> "Derivatives":
        return self + -self.lift(number)

    def __rsub__(self, number: Number) -> "Derivatives":
        return self.lift(number) - self

    def __mul__(self, number: Number) -> "Derivatives":
        a, b = self.terms, self.lift(number).terms
        return self._like(
            [sum((a[i] * b[k - i] * comb(k, i) for i in range(k + 1)), arb(0))
             for k in range(len(a))])  # fmt: skip

    __rmul__ = __mul__

    def __truediv__(self, number: Number) -> "Derivatives":
        other = self.lift(number).terms
        found: list[Any] = []
        for k, c in enumerate(self.terms):
            known = (other[k - i] * found[i] * comb(k, i) for i in range(k))
            found.append(raw((Ball(c) - sum(known, arb(0))) / other[0]))
        return self._like(found)

    def __rtruediv__(self, number: Number) -> "Derivatives":
        return self.lift(number) / self

    def __pow__(self, exponent: int) -> "Derivatives":
        found = self.lift(1)
        for _ in range(abs(exponent)):
            found = found * self
        return found if exponent >= 0 else 1 / found


def derivatives_at(primitive: Any, centre: Any, count: int) -> list[Any]:
    """Encloses the value and the next derivatives, `count` in all, of a primitive at a real ball."""
    return Derivatives([centre, arb(1), *[arb(0)] * count][:count], {}).apply(primitive).terms
