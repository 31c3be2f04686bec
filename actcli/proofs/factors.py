"""Determines signs by factors: the canonical form, factored, its leading terms apart far out.

A gradient such as logistic(x) + x*logistic(x)*logistic(-x) - 1 has lost its sign to cancellation far
out, and a double root can be told from two roots by no enclosure. As a quotient of polynomials in atoms
(x, exp(x), erf(x) ...) what cancels is gone, double roots are even powers, and a factor far out is
its largest term times a sum near 1.
"""

from fractions import Fraction
from functools import cached_property
from operator import itemgetter

from flint import arb, fmpq

from ..expressions.canonical.rational_forms import Poly, Rational, RationalForm, Unsupported
from ..expressions.canonical.rules import Forms
from ..expressions.node import Node, node
from ..numbers.interval import Enclosure, exact
from ..primitives import PRIMITIVES
from .atoms import Atlas, NoValue, Values, step_of

FAR = 1000  # where is looked which terms are largest
GROWN, SMALL = 3, 0.1  # an argument that is so large or small there is taken to grow, or vanish
NEAR = 1  # cells nearer to 0 are not read with the limits apart
LONGEST = 60  # terms of a factor that is read

Parts = list[tuple[Poly, int]]


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
            if not all(Values(side.atlas, inside).sign(f) for f, _ in parts):
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
        self.atlas = Atlas(self.forms)
        self.side = side
        self.form = self.forms.read(formula)
        self.reading = self._factors(self.form)

    def _factors(self, form: RationalForm) -> tuple[int, Parts]:
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
            found = _Apart(self.atlas, self.side).form(self.form)
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
        cell = Values(self.atlas, x)
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
            Values(self.atlas, Enclosure((x.low + (x.high - x.low) * share).mid())).sign(f)
            for share in (0.5, 0.3125)
        )


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
    if (step := step_of(forms, index)) is None:
        raise NoValue
    name, argument, multiple = step
    u = node(written(forms, argument.top) / written(forms, argument.bottom))
    u = u if multiple is None else node(u * node(_fraction(multiple)))
    return Node("call", (PRIMITIVES[name], u))


def _fraction(c: Rational) -> Fraction:
    return Fraction(int(c.p), int(c.q))


class _Apart:
    """Forms with the limits of their atoms at an infinity apart: erf(u) = 1 - exp(-u^2) erfcx(u)."""

    def __init__(self, atlas: Atlas, side: int) -> None:
        self.forms = atlas.forms
        self.far = Values(atlas, Enclosure(arb(side * FAR)))
        self.known: dict[int, RationalForm | None] = {}

    def form(self, form: RationalForm) -> RationalForm | None:
        """None if there is nothing to take apart."""
        used = {i for p in (form.top, form.bottom) for i, k in enumerate(p.degrees()) if k}
        if all(self._atom(i) is None for i in used):
            return None
        return self._polynomial(form.top) / self._polynomial(form.bottom)

    def _polynomial(self, p: Poly) -> RationalForm:
        total = self.forms.zero
        for powers, c in p.to_dict().items():
            term = self.forms.rational(c)
            for i, k in enumerate(powers):
                if k:
                    atom = self._atom(i)
                    term = term * (self.forms.atom(i) if atom is None else atom) ** int(k)
            total = total + term
        return total

    def _atom(self, index: int) -> RationalForm | None:
        if index not in self.known:
            self.known[index] = self._found(index)
        return self.known[index]

    def _found(self, index: int) -> RationalForm | None:
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

    def _erf(self, u: RationalForm, sign: int) -> RationalForm:
        """1 - exp(-u^2) erfcx(u)."""
        small = self.forms.exp(-(u * u)) * self.forms.other("erfcx", u)
        return (self.forms.one - small).scaled(fmpq(sign))

    def _arctan(self, u: RationalForm, sign: int) -> RationalForm:
        """pi/2 - arctan(1/u), arctan(r) = r - r^3 a."""
        r = self.forms.one / u
        small = r - r**3 * self.forms.other("arctan_rest", r)
        return (self.forms.pi.scaled(fmpq(1, 2)) - small).scaled(fmpq(sign))

    def _leading(self, kind: str, f: Poly) -> RationalForm:
        """log|f| = log|m| + log(1 + r), sqrt|f| = sqrt|m| sqrt(1 + r), m the largest term of f."""
        forms = self.forms
        sizes = []
        for powers, c in f.to_dict().items():
            term = forms.ring.from_dict({powers: c})
            used = [i for i, k in enumerate(powers) if k]
            sizes.append((self.far.size([int(k) for k in powers], used, abs(exact(c)).log()), term))
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
