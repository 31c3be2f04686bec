"""Encloses atoms, and polynomials and quotients of them, over cells."""

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any

from flint import arb

from ..expressions.canonical.rational_forms import Poly, Rational, RationalForm
from ..expressions.canonical.rules import Forms
from ..numbers.arb_points import ONE, ZERO
from ..numbers.ends import Ends, added, multiplied, to_whole_power
from ..numbers.interval import Enclosure, enclosure, exact
from ..primitives import PRIMITIVES

LARGE = arb(1000)  # beyond it erfcx is known by two terms of its expansion

Powers = tuple[tuple[int, int], ...]  # (atom, exponent)
Monomial = tuple[Ends, list[tuple[int, int]], Powers]


class NoValue(Exception):
    """An atom that has no value on a cell."""


class Terms:
    """A polynomial in atoms as a list of terms, with what does not depend on the cell."""

    def __init__(self, p: Poly) -> None:
        self.terms = [([int(k) for k in powers], c) for powers, c in p.to_dict().items()]
        count = len(self.terms[0][0]) if self.terms else 0
        self.used = [i for i in range(count) if any(powers[i] for powers, _ in self.terms)]
        self._divided: dict[Any, tuple[list[int], Rational, list[Monomial]]] = {}

    @cached_property
    def logarithms(self) -> list[Any]:
        """The logarithms of the coefficients' absolute values."""
        return [abs(exact(c)).log() for _, c in self.terms]

    def divided(
        self, best: int, apart: list[int], exponents: dict[int, Any]
    ) -> tuple[list[int], Rational, list[Monomial]]:
        """A term as far as it can be divided by, and all terms divided by it."""
        key = best, *apart, id(exponents)
        if key not in self._divided:
            largest, top = self.terms[best]
            head = [k if i in apart else 0 for i, k in enumerate(largest)]
            gaps = [([k - h for k, h in zip(powers, head, strict=True)], c / top)
                    for powers, c in self.terms]  # fmt: skip
            rest = [monomial(powers, c, exponents) for powers, c in gaps]
            self._divided[key] = head, top, rest
        return self._divided[key]


def monomial(powers: list[int], c: Rational, exponents: dict[int, Any]) -> Monomial:
    """A coefficient as ends, and the powers of what is no exponential, and of what is one."""
    used = [(i, k) for i, k in enumerate(powers) if k]
    return (
        enclosure(c).ends,
        [(i, k) for i, k in used if i not in exponents],
        tuple((i, k) for i, k in used if i in exponents),
    )


class Atlas:
    """What is known of forms whatever the cell; looked up anew once they have new atoms or signs."""

    def __init__(self, forms: Forms) -> None:
        self.forms = forms
        self._version: tuple[int, ...] = ()
        self.look()

    def look(self) -> "Atlas":
        """This, after a look at whether the forms have changed: exp(x) may have become exp(x/2)^2."""
        forms = self.forms
        version = forms.used, len(forms.signs)
        if version != self._version:
            self._version = version
            self.exponents = {atom: (direction, base) for direction, base, atom in forms.exps}
            self._terms: dict[int, tuple[Poly, Terms]] = {}
            self._exponents: dict[Any, RationalForm] = {}
            self._recipes: dict[int, Callable[[Values], Enclosure]] = {}
        return self

    def terms(self, p: Poly) -> Terms:
        """A polynomial, reduced."""
        if id(p) not in self._terms:
            self._terms[id(p)] = p, Terms(self.forms.reduced(p))
        return self._terms[id(p)][1]

    def exponent(self, powers: Powers, exponents: dict[int, Any]) -> RationalForm:
        """The exponent of a product of powers of exponentials."""
        key = powers, id(exponents)
        if key not in self._exponents:
            parts = [exponents[i][0].scaled(exponents[i][1] * k) for i, k in powers]
            self._exponents[key] = sum(parts[1:], parts[0])
        return self._exponents[key]

    def recipe(self, index: int) -> "Callable[[Values], Enclosure]":
        """How an atom follows from what it is made of."""
        if index not in self._recipes:
            self._recipes[index] = self._recipe(index)
        return self._recipes[index]

    def _recipe(self, index: int) -> "Callable[[Values], Enclosure]":
        forms = self.forms
        if (step := step_of(forms, index)) is not None:
            name, argument, multiple = step
            call = _RESTS.get(name) or partial(_call, name)
            if multiple is None:
                return lambda cell: call(cell.form(argument))
            factor = enclosure(multiple)
            return lambda cell: call(cell.form(argument) * factor)
        for prime, atom in forms.primes.items():
            if index == atom:
                return lambda cell: enclosure(exact(prime).sqrt())
        for kind, f, atom in forms.keyed:
            if index == atom:
                less = f - 1
                if kind == "log" and len(less) < len(f):  # log(1 + r)
                    return lambda cell: _call("log1p", cell.polynomial(less))
                name = {"root": "sqrt"}.get(kind, kind)
                if kind == "abs":
                    return lambda cell: _call("abs", cell.polynomial(f))
                return lambda cell: _call(name, _call("abs", cell.polynomial(f)))
        raise NoValue


class Values:
    """Atoms, polynomials and forms over a cell."""

    def __init__(self, atlas: Atlas, x: Enclosure) -> None:
        self.atlas = atlas.look()
        self.x = x
        self.known: dict[int, Enclosure] = {0: x, 1: enclosure(arb.pi().sqrt())}
        self.powers: dict[Any, Ends] = {}
        self.forms: dict[int, tuple[RationalForm, Enclosure]] = {}
        self.logarithms: dict[int, Any] = {}
        self.exponents = self.atlas.exponents

    @cached_property
    def middle(self) -> "Values":
        """The same at a point inside the cell."""
        low, high = self.x.low, self.x.high
        inside = (
            (low * high).sqrt() if low > 0 else -(low * high).sqrt() if high < 0 else low + high
        )
        if not low * high > 0:
            inside = inside / 2
        return Values(self.atlas, Enclosure(inside.mid()))

    # -- atoms -----------------------------------------------------------------------------------
    def atom(self, index: int) -> Enclosure:
        """An atom over the cell."""
        if index not in self.known:
            self.known[index] = self.atlas.recipe(index)(self)
        return self.known[index]

    # -- polynomials -------------------------------------------------------------------------------
    def form(self, form: RationalForm) -> Enclosure:
        """A quotient of polynomials over the cell."""
        if id(form) not in self.forms:
            found = self.polynomial(form.top) / self.polynomial(form.bottom)
            self.forms[id(form)] = form, found
        return self.forms[id(form)][1]

    def polynomial(self, p: Poly) -> Enclosure:
        """A polynomial over the cell: a term times what is left when all are divided by it."""
        if p == 0:
            return enclosure(0)
        powers, c, total = self._leading(p)
        return Enclosure(*multiplied(self._monomial(monomial(powers, c, self.exponents)), total))

    def sign(self, p: Poly) -> int | None:
        """1 or -1, but for a zero at the end of the cell; None if that is open."""
        powers, c, ends = self._leading(p)
        total = Enclosure(*ends)
        sign = total.sign
        if sign is None and self.x.low != self.x.high:  # 0 at an end
            weak = 1 if total.low >= 0 else -1 if total.high <= 0 else 0
            sign = weak if weak and self.middle.sign(p) else None
        if not sign:
            return None
        sign *= 1 if c > 0 else -1
        for i, k in enumerate(powers):
            if k and i not in self.exponents:
                own = self._side if i == 0 else self._sign(i)
                if not own:
                    return None
                sign *= own ** (k % 2)
        return sign

    def _sign(self, index: int) -> int | None:
        """The sign of an atom; of a root, say, whose enclosure may go down to 0."""
        sign = self.atom(index).sign
        if sign is None and index in self.atlas.forms.positive:
            sign = self.middle.atom(index).sign
        return sign

    @property
    def _side(self) -> int:
        return 1 if self.x.low >= 0 else -1 if self.x.high <= 0 else 0

    def _leading(self, p: Poly) -> tuple[list[int], Rational, Ends]:
        """A term as far as it can be divided by, and the sum of all divided by it."""
        known = self.atlas.look().terms(p)
        if len(known.terms) == 1:
            return *known.terms[0], (ONE, ONE)
        apart = [i for i in known.used if self._divides(i)]
        sizes = [self.size(powers, apart, own)
                 for (powers, _), own in zip(known.terms, known.logarithms, strict=True)]  # fmt: skip
        best = max(range(len(sizes)), key=sizes.__getitem__)
        head, top, rest = known.divided(best, apart, self.exponents)
        total = ZERO, ZERO
        for term in rest:
            total = added(total, self._monomial(term))
        return head, top, total

    def _divides(self, index: int) -> bool:
        """Whether an atom is never 0 on the cell."""
        if index in self.exponents:
            return True
        return bool(self.atom(index).sign)

    def size(self, powers: list[int], apart: list[int], own: Any) -> Any:
        """The logarithm of a term in the middle of the cell, from that of its coefficient."""
        total = own
        for i in apart:
            if powers[i]:
                total += self.middle.logarithm(i) * powers[i]
        return total.mid()

    def logarithm(self, index: int) -> Any:
        """log of an atom at a point."""
        if index not in self.logarithms:
            if index in self.exponents:
                direction, base = self.exponents[index]
                value = self.form(direction) * enclosure(base)
            else:
                value = _call("log", _call("abs", self.atom(index)))
            self.logarithms[index] = ((value.low + value.high) / 2).mid()
        return self.logarithms[index]

    def _monomial(self, term: Monomial) -> Ends:
        """A term; its exponentials as one."""
        value, factors, grown = term
        for factor in factors:
            value = multiplied(value, self._power(factor))
        return multiplied(value, self._grown(grown)) if grown else value

    def _power(self, factor: tuple[int, int]) -> Ends:
        if factor not in self.powers:
            i, k = factor
            self.powers[factor] = to_whole_power(self.atom(i).ends, k)
        return self.powers[factor]

    def _grown(self, powers: Powers) -> Ends:
        """A product of powers of exponentials, by the sum of their exponents."""
        if powers not in self.powers:
            exponent = self.atlas.look().exponent(powers, self.exponents)
            self.powers[powers] = _call("exp", self.form(exponent)).ends
        return self.powers[powers]


def step_of(forms: Forms, index: int) -> tuple[str, RationalForm, Rational | None] | None:
    """(name, u, c) of an atom that is a primitive of c*u, or of u where c is None; else None."""
    for direction, base, atom in forms.exps:
        if atom == index:
            return "exp", direction, base
    for direction, base, sine, cosine in forms.waves:
        if index in (sine, cosine):
            return "sin" if index == sine else "cos", direction, base
    opaque = (step for step in forms.opaque if step[2] == index and len(step[1]) == 1)
    return next(((name, args[0], None) for name, args, _ in opaque), None)


def _call(name: str, x: Enclosure) -> Enclosure:
    return enclosure(PRIMITIVES[name](x))


def _erfcx(u: Enclosure) -> Enclosure:
    """exp(u^2) erfc(u), u > 0: it falls."""
    if not u.low > 0:
        raise NoValue
    ends = []
    for end, upper in ((u.high, False), (u.low, True)):
        if end > LARGE:
            scale = 1 / (end * arb.pi().sqrt())
            ball = scale if upper else scale * (1 - 1 / (2 * end * end))
        else:
            ball = (end * end).exp() * end.erfc()
        ends.append(ball.upper() if upper else ball.lower())
    return Enclosure(*ends)


def _between(r: Enclosure) -> Enclosure:
    """Everything between 0 and r; not down to -1/2."""
    low, high = min(r.low, arb(0)), max(r.high, arb(0))
    if not low > -0.5:
        raise NoValue
    return Enclosure(low, high)


# What is left of a Taylor polynomial, by Lagrange's form of the remainder: every value of a derivative.
_RESTS: dict[str, Callable[[Enclosure], Enclosure]] = {
    "erfcx": _erfcx,
    "exp_rest": lambda r: _call("exp", _between(r)) / 2,
    "erf_rest": lambda r: Enclosure((enclosure(1) / 3 - r * r / 10).low, (arb(1) / 3).upper()),
    "log1p_rest": lambda r: 1 / (2 * (1 + _between(r)) ** 2),
    "root_rest": lambda r: 1 / (8 * (1 + _between(r)) * _call("sqrt", 1 + _between(r))),
    "arctan_rest": lambda r: Enclosure((enclosure(1) / 3 - r * r / 5).low, (arb(1) / 3).upper()),
}
