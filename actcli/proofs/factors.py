"""Determines signs by factors: the canonical form, factored, its leading terms apart far out.

A gradient such as logistic(x) + x*logistic(x)*logistic(-x) - 1 has lost its sign to cancellation far
out, and a double root can be told from two roots by no enclosure. As a quotient of polynomials in atoms
(x, exp(x), erf(x) ...) what cancels is gone, double roots are even powers, and a factor far out is
its largest term times a sum near 1.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import cached_property
from operator import itemgetter
from typing import Any

from flint import arb, fmpq

from ..expressions.canonical.rational_forms import Form, Poly, Rational, Unsupported
from ..expressions.canonical.rules import Forms
from ..expressions.node import Node, node
from ..numbers.interval import Enclosure, enclosure, exact
from ..primitives import PRIMITIVES

FAR = 1000  # where is looked which terms are largest
GROWN, SMALL = 3, 0.1  # an argument that is so large or small there is taken to grow, or vanish
LARGE = arb(1000)  # beyond it erfcx is known by two terms of its expansion
NEAR = 1  # cells nearer to 0 are not read with the limits apart
LONGEST = 60  # terms of a factor that is read

Parts = list[tuple[Poly, int]]


class NoValue(Exception):
    """An atom that has no value on a cell."""


class Factors:
    """The signs of a formula without branches on cells that do not hold 0 inside."""

    def __init__(self, formula: Node) -> None:
        self.formula = formula
        self._sides: dict[int, _Side | None] = {}

    def sign(self, x: Enclosure) -> int | None:
        """1 or -1: it has that sign on all of x, but for isolated zeros; None: open."""
        side = 1 if x.low >= 0 else -1 if x.high <= 0 else 0
        if side not in self._sides:
            try:
                self._sides[side] = _Side(self.formula, side)
            except (Unsupported, RecursionError, ZeroDivisionError):
                self._sides[side] = None
        known = self._sides[side]
        return None if known is None else known.sign(x)

    def simple(self, inside: Enclosure) -> Node | None:
        """A formula with the same signs and roots that are simple, if a factor is a power; else None.

        `inside` is a point of the interval that is meant: no factor is 0 there.
        """
        try:
            side = _Side(self.formula, 0)
            sign, parts = side.reading
            if all(abs(k) == 1 for _, k in parts):
                return None
            if not all(Values(side.forms, inside).sign(f) for f, _ in parts):
                return None
            total = node(sign)
            for f, k in parts:
                if k % 2:
                    total = node(total * written(side.forms, f))
            return total
        except (Unsupported, NoValue, RecursionError, ArithmeticError):
            return None


class _Side:
    """The factors on one side of 0, as they are and with the limits of their atoms apart."""

    def __init__(self, formula: Node, side: int) -> None:
        self.forms = Forms(side)
        self.side = side
        self.form = self.forms.read(formula)
        self.reading = self._factors(self.form)

    def _factors(self, form: Form) -> tuple[int, Parts]:
        number, parts = self.forms.factors(form)
        if number == 0 or any(len(f) > LONGEST for f, _ in parts):
            raise Unsupported("nothing to factor")
        return (1 if number > 0 else -1), parts

    @cached_property
    def apart(self) -> tuple[int, Parts] | None:
        """The factors of the same form with the limits of growing atoms apart."""
        if not self.side:
            return None
        try:
            found = _Apart(self.forms, self.side).form(self.form)
            return None if found is None else self._factors(found)
        except (Unsupported, NoValue, ArithmeticError):
            return None

    def sign(self, x: Enclosure) -> int | None:
        found = self._sign(self.reading, x)
        far = x.low >= NEAR or x.high <= -NEAR
        if found is None and far and self.apart is not None:
            found = self._sign(self.apart, x)
        return found

    def _sign(self, reading: tuple[int, Parts], x: Enclosure) -> int | None:
        sign, parts = reading
        cell = Values(self.forms, x)
        try:
            for f, k in parts:
                if k % 2:
                    found = cell.sign(f)
                    if not found:
                        return None
                    sign *= found
            return sign if all(k % 2 or self._somewhere(f, x) for f, k in parts) else None
        except (NoValue, Unsupported, ArithmeticError, TypeError):
            return None

    def _somewhere(self, f: Poly, x: Enclosure) -> bool:
        """Whether a factor is shown not to be 0 everywhere."""
        return any(
            Values(self.forms, Enclosure((x.low + (x.high - x.low) * share).mid())).sign(f)
            for share in (0.5, 0.3125)
        )


class Values:
    """Atoms, polynomials and forms over a cell."""

    def __init__(self, forms: Forms, x: Enclosure) -> None:
        self.forms = forms
        self.x = x
        self.known: dict[int, Enclosure] = {0: x, 1: enclosure(arb.pi().sqrt())}
        self.powers: dict[tuple[tuple[int, int], ...], Enclosure] = {}  # of exponentials
        self.logarithms: dict[int, Any] = {}
        self.exponents = {atom: (direction, base) for direction, base, atom in forms.exps}

    @cached_property
    def middle(self) -> "Values":
        """The same at a point inside the cell."""
        low, high = self.x.low, self.x.high
        inside = (
            (low * high).sqrt() if low > 0 else -(low * high).sqrt() if high < 0 else low + high
        )
        if not low * high > 0:
            inside = inside / 2
        return Values(self.forms, Enclosure(inside.mid()))

    # -- atoms -----------------------------------------------------------------------------------
    def atom(self, index: int) -> Enclosure:
        """An atom over the cell."""
        if index not in self.known:
            self.known[index] = self._atom(index)
        return self.known[index]

    def _atom(self, index: int) -> Enclosure:
        forms = self.forms
        if (step := _step(forms, index)) is not None:
            name, argument, multiple = step
            u = self.form(argument)
            u = u if multiple is None else u * enclosure(multiple)
            return _RESTS[name](u) if name in _RESTS else _call(name, u)
        for prime, atom in forms.primes.items():
            if index == atom:
                return enclosure(exact(prime).sqrt())
        for kind, f, atom in forms.keyed:
            if index == atom:
                if kind == "log" and len(f - 1) < len(f):  # log(1 + r)
                    return _call("log1p", self.polynomial(f - 1))
                size = _call("abs", self.polynomial(f))
                return size if kind == "abs" else _call({"root": "sqrt"}.get(kind, kind), size)
        raise NoValue

    # -- polynomials -------------------------------------------------------------------------------
    def form(self, form: Form) -> Enclosure:
        """A quotient of polynomials over the cell."""
        return self.polynomial(form.top) / self.polynomial(form.bottom)

    def polynomial(self, p: Poly) -> Enclosure:
        """A polynomial over the cell: a term times what is left when all are divided by it."""
        if p == 0:
            return enclosure(0)
        powers, c, total = self._leading(p)
        return self._monomial(powers, c) * total

    def sign(self, p: Poly) -> int | None:
        """1 or -1, but for a zero at the end of the cell; None if that is open."""
        powers, c, total = self._leading(p)
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
        if sign is None and index in self.forms.positive:
            sign = self.middle.atom(index).sign
        return sign

    @property
    def _side(self) -> int:
        return 1 if self.x.low >= 0 else -1 if self.x.high <= 0 else 0

    def _leading(self, p: Poly) -> tuple[list[int], Rational, Enclosure]:
        """A term as far as it can be divided by, and the sum of all divided by it."""
        p = self.forms.reduced(p)  # exp(x) may have become exp(x/2)^2 since
        terms = [([int(k) for k in powers], c) for powers, c in p.to_dict().items()]
        if len(terms) == 1:
            return *terms[0], enclosure(1)
        used = [i for i in range(len(terms[0][0])) if any(powers[i] for powers, _ in terms)]
        apart = [i for i in used if self._divides(i)]
        sizes = [self._size(powers, apart, c) for powers, c in terms]
        best, top = max(zip(terms, sizes, strict=True), key=itemgetter(1))[0]
        head = [k if i in apart else 0 for i, k in enumerate(best)]
        total = enclosure(0)
        for powers, c in terms:
            gap = [k - h for k, h in zip(powers, head, strict=True)]
            total = total + self._monomial(gap, c / top)
        return head, top, total

    def _divides(self, index: int) -> bool:
        """Whether an atom is never 0 on the cell."""
        if index in self.exponents:
            return True
        return bool(self.atom(index).sign)

    def _size(self, powers: list[int], apart: list[int], c: Rational) -> Any:
        """The logarithm of a term in the middle of the cell, as an Arb number."""
        total = abs(exact(c)).log()
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

    def _monomial(self, powers: list[int], c: Rational) -> Enclosure:
        """A term; its exponentials as one."""
        value = enclosure(c)
        for i, k in enumerate(powers):
            if k and i not in self.exponents:
                value = value * self.atom(i) ** k
        grown = tuple((i, k) for i, k in enumerate(powers) if k and i in self.exponents)
        return value * self._grown(grown) if grown else value

    def _grown(self, powers: tuple[tuple[int, int], ...]) -> Enclosure:
        """A product of powers of exponentials, by the sum of their exponents."""
        if powers not in self.powers:
            parts = [self.exponents[i][0].scaled(self.exponents[i][1] * k) for i, k in powers]
            exponent = sum(parts[1:], parts[0])
            self.powers[powers] = _call("exp", self.form(exponent))
        return self.powers[powers]


def written(forms: Forms, p: Poly) -> Node:
    """A polynomial in atoms as a formula; NoValue if it has branches."""
    p = forms.reduced(p)
    total = node(0)
    for powers, c in p.to_dict().items():
        term = node(_fraction(c))
        for i, k in enumerate(powers):
            if k:
                term = node(term * _written_atom(forms, i) ** int(k))
        total = node(total + term)
    return total


def _written_atom(forms: Forms, index: int) -> Node:
    if index == 0:
        return Node("x")
    if (step := _step(forms, index)) is None:
        raise NoValue
    name, argument, multiple = step
    u = node(written(forms, argument.top) / written(forms, argument.bottom))
    u = u if multiple is None else node(u * node(_fraction(multiple)))
    return Node("call", (PRIMITIVES[name], u))


def _step(forms: Forms, index: int) -> tuple[str, Form, Rational | None] | None:
    """(name, u, c) of an atom that is a primitive of c*u, or of u where c is None; else None."""
    for direction, base, atom in forms.exps:
        if atom == index:
            return "exp", direction, base
    for direction, base, sine, cosine in forms.waves:
        if index in (sine, cosine):
            return "sin" if index == sine else "cos", direction, base
    opaque = (step for step in forms.opaque if step[2] == index and len(step[1]) == 1)
    return next(((name, args[0], None) for name, args, _ in opaque), None)


def _fraction(c: Rational) -> Fraction:
    return Fraction(int(c.p), int(c.q))


class _Apart:
    """Forms with the limits of their atoms at an infinity apart: erf(u) = 1 - exp(-u^2) erfcx(u)."""

    def __init__(self, forms: Forms, side: int) -> None:
        self.forms = forms
        self.far = Values(forms, Enclosure(arb(side * FAR)))
        self.known: dict[int, Form | None] = {}

    def form(self, form: Form) -> Form | None:
        """None if there is nothing to take apart."""
        used = {i for p in (form.top, form.bottom) for i, k in enumerate(p.degrees()) if k}
        if all(self._atom(i) is None for i in used):
            return None
        return self._polynomial(form.top) / self._polynomial(form.bottom)

    def _polynomial(self, p: Poly) -> Form:
        total = self.forms.zero
        for powers, c in p.to_dict().items():
            term = self.forms.rational(c)
            for i, k in enumerate(powers):
                if k:
                    atom = self._atom(i)
                    term = term * (self.forms.atom(i) if atom is None else atom) ** int(k)
            total = total + term
        return total

    def _atom(self, index: int) -> Form | None:
        if index not in self.known:
            self.known[index] = self._found(index)
        return self.known[index]

    def _found(self, index: int) -> Form | None:
        """An atom as its limit and what vanishes; None if it has none that is known."""
        forms = self.forms
        for direction, base, atom in list(forms.exps):
            if atom == index and self.far.form(direction).magnitude < SMALL:
                r = direction.scaled(base)
                return forms.one + r + r * r * forms.other("exp_rest", r)
        for name, args, atom in list(forms.opaque):
            if atom == index and name in ("erf", "arctan") and len(args) == 1:
                u = args[0]
                size = self.far.form(u)
                if size.low > GROWN or size.high < -GROWN:
                    sign = 1 if size.low > 0 else -1
                    return (self._erf if name == "erf" else self._arctan)(
                        u.scaled(fmpq(sign)), sign
                    )
                if size.magnitude < SMALL:
                    rest = u - u**3 * forms.other(f"{name}_rest", u)
                    return rest if name == "arctan" else rest.scaled(fmpq(2)) / forms.atom(1)
        for kind, f, atom in list(forms.keyed):
            if atom == index and kind in ("log", "root"):
                inner = self.form(forms.whole(f))
                if inner is not None or len(f) > 1:
                    found = forms.whole(f) if inner is None else inner
                    top, bottom = self._leading(kind, found.top), self._leading(kind, found.bottom)
                    return top - bottom if kind == "log" else top / bottom
        return None

    def _erf(self, u: Form, sign: int) -> Form:
        """1 - exp(-u^2) erfcx(u)."""
        small = self.forms.exp(-(u * u)) * self.forms.other("erfcx", u)
        return (self.forms.one - small).scaled(fmpq(sign))

    def _arctan(self, u: Form, sign: int) -> Form:
        """pi/2 - arctan(1/u), arctan(r) = r - r^3 a."""
        r = self.forms.one / u
        small = r - r**3 * self.forms.other("arctan_rest", r)
        return (self.forms.pi.scaled(fmpq(1, 2)) - small).scaled(fmpq(sign))

    def _leading(self, kind: str, f: Poly) -> Form:
        """log|f| = log|m| + log(1 + r), sqrt|f| = sqrt|m| sqrt(1 + r), m the largest term of f."""
        forms = self.forms
        sizes = []
        for powers, c in f.to_dict().items():
            term = forms.ring.from_dict({powers: c})
            used = [i for i, k in enumerate(powers) if k]
            sizes.append((self.far._size([int(k) for k in powers], used, c), term))
        term = max(sizes, key=itemgetter(0))[1]
        r = forms.form(f - term, term)
        size = forms.abs(forms.whole(term))
        if kind == "log":
            head = forms.log(size)
            return head if r.top == 0 else head + r - r * r * forms.other("log1p_rest", r)
        head = forms.root(size)
        if r.top == 0:
            return head
        return head * (forms.one + r.scaled(fmpq(1, 2)) - r * r * forms.other("root_rest", r))


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
