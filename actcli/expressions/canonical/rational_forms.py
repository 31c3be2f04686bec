"""Quotients of polynomials in atoms, and what is known of the atoms: relations and signs."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flint import fmpq, fmpq_mpoly_ctx

Poly = Any  # fmpq_mpoly
Rational = Any  # fmpq

ATOMS = 24  # x, sqrt(pi) and 22 more
BUDGET = 60_000  # of one proof, about products of two terms
DEGREE = 160  # of any polynomial
TERMS = 1500  # of any polynomial
BITS = 20_000  # of any coefficient
POWER = 64  # largest exponent taken apart


class Unsupported(Exception):
    """The formula is outside of what canonical forms cover, or too large."""


@lru_cache(1)
def _ring() -> tuple[Any, tuple[Poly, ...]]:
    ring = fmpq_mpoly_ctx.get([f"a{i}" for i in range(ATOMS)], "lex")
    return ring, tuple(ring.gens())


class RationalForm:
    """A quotient of two polynomials in the atoms; arithmetic needs the `Atoms` it belongs to."""

    __slots__ = ("bottom", "home", "top")

    def __init__(self, home: "Atoms", top: Poly, bottom: Poly) -> None:
        self.home = home
        self.top = top
        self.bottom = bottom

    def __repr__(self) -> str:
        return f"({self.top})/({self.bottom})"

    def __neg__(self) -> "RationalForm":
        return RationalForm(self.home, -self.top, self.bottom)

    def __add__(self, other: "RationalForm") -> "RationalForm":
        a, b, c, d = self.top, self.bottom, other.top, other.bottom
        if b == d:
            return self.home.form(a + c, b)
        times = self.home.times
        return self.home.form(times(a, d) + times(c, b), times(b, d))

    def __sub__(self, other: "RationalForm") -> "RationalForm":
        return self + -other

    def __mul__(self, other: "RationalForm") -> "RationalForm":
        times = self.home.times
        return self.home.form(times(self.top, other.top), times(self.bottom, other.bottom))

    def __truediv__(self, other: "RationalForm") -> "RationalForm":
        if other.top == 0:
            raise Unsupported("division by 0")
        times = self.home.times
        return self.home.form(times(self.top, other.bottom), times(self.bottom, other.top))

    def __pow__(self, count: int) -> "RationalForm":
        if abs(count) > POWER:
            raise Unsupported("high power")
        result, base = self.home.one, self if count >= 0 else self.home.one / self
        for bit in bin(abs(count))[2:]:
            result = result * result
            if bit == "1":
                result = result * base
        return result

    def scaled(self, number: Rational) -> "RationalForm":
        return RationalForm(self.home, self.top * number, self.bottom)

    @property
    def value(self) -> Rational | None:
        """The number that this is, if no atom is left in it."""
        if not (self.top.is_constant() and self.bottom.is_constant()):
            return None
        return self.top.leading_coefficient() if self.top != 0 else fmpq(0)


class Atoms:
    """The atoms that the formulas of one proof share."""

    def __init__(self, side: int = 0) -> None:
        self.ring, self.gens = _ring()
        self.used = 2
        self.spent = 0
        self.positive = {1}
        self.relations: dict[int, tuple[int, Poly]] = {}  # atom -> (m, p): atom^m = p
        self.signs: list[tuple[Poly, int]] = []  # learnt: log(f) is there, so f > 0
        if side:
            self.signs.append((self.gens[0], side))
        self.keyed: list[tuple[str, Poly, int]] = []  # atoms of a polynomial: log, root, abs
        self.opaque: list[tuple[str, list[RationalForm], int]] = []
        self.exps: list[tuple[RationalForm, Rational, int]] = []  # direction, multiple, atom
        self.waves: list[tuple[RationalForm, Rational, int, int]] = []  # the same, sine, cosine
        self.logs: dict[int, RationalForm] = {}  # atom -> its logarithm, where that is simple
        self.roots: dict[int, Poly] = {}  # atom sqrt|f| -> f
        self.grounds: dict[int, Poly] = {}  # atom log|f| -> f
        self.primes: dict[int, int] = {}  # prime -> atom of its root
        self.unit = self.ring.constant(fmpq(1))
        self.one = RationalForm(self, self.unit, self.unit)
        self.zero = RationalForm(self, self.unit * 0, self.unit)
        self.x = self.atom(0)
        self.pi = self.atom(1) ** 2

    # -- polynomials ---------------------------------------------------------------------------
    def spend(self, work: int) -> None:
        self.spent += work
        if self.spent > BUDGET:
            raise Unsupported("too much work")

    def times(self, a: Poly, b: Poly) -> Poly:
        if a == 1:
            return b
        if b == 1:
            return a
        self.spend(len(a) * len(b) + 1)
        product = a * b
        if len(product) > TERMS:
            raise Unsupported("too many terms")
        if product != 0:
            if product.total_degree() > DEGREE:
                raise Unsupported("high degree")
            lead = product.leading_coefficient()
            if int(lead.p).bit_length() + int(lead.q).bit_length() > BITS:
                raise Unsupported("long coefficients")
        return product

    def reduced(self, p: Poly) -> Poly:
        """The same value with no power of an atom left that a relation replaces."""
        for _ in range(100):
            if not self.relations or p == 0:
                return p
            degrees = p.degrees()
            due = [i for i, (m, _) in self.relations.items() if degrees[i] >= m]
            if not due:
                return p
            # renamed atoms first, then the youngest
            p = self._replaced(p, min(due, key=lambda i: (self.relations[i][0], -i)))
        raise Unsupported("relations without end")

    def _replaced(self, p: Poly, atom: int) -> Poly:
        self.spend(20 * len(p))
        m, value = self.relations[atom]
        parts: dict[int, dict[tuple[int, ...], Rational]] = {}
        for powers, number in p.to_dict().items():
            count, rest = divmod(int(powers[atom]), m)
            key = (*powers[:atom], rest, *powers[atom + 1 :])
            parts.setdefault(count, {})[key] = number
        result, power, reached = self.unit * 0, self.unit, 0
        for count in sorted(parts):
            while reached < count:
                power, reached = self.times(power, value), reached + 1
            result = result + self.times(self.ring.from_dict(parts[count]), power)
        return result

    def form(self, top: Poly, bottom: Poly) -> RationalForm:
        """top/bottom reduced; cancelled where that is cheap."""
        top, bottom = self.reduced(top), self.reduced(bottom)
        if bottom == 0:
            raise Unsupported("division by 0")
        if top == 0:
            return self.zero
        if bottom == 1:
            return RationalForm(self, top, bottom)
        if not bottom.is_constant():
            if len(bottom) == 1:  # roots of primes go upstairs
                powers = bottom.degrees()
                for prime, atom in self.primes.items():
                    if powers[atom]:
                        root = self.gens[atom]
                        top = self.reduced(top * root)
                        bottom = bottom / root * prime
            if len(top) * len(bottom) <= 600:
                self.spend(5 * len(top) * len(bottom))
                common = top.gcd(bottom)
                if common != 1:
                    top, bottom = top / common, bottom / common
        lead = bottom.leading_coefficient()
        return (
            RationalForm(self, top, bottom)
            if lead == 1
            else RationalForm(self, top / lead, bottom / lead)
        )

    def number(self, value: Any) -> RationalForm:
        if value != value:
            raise Unsupported("no number")
        return self.rational(fmpq(value.numerator, value.denominator))

    def rational(self, value: Rational) -> RationalForm:
        return RationalForm(self, self.ring.constant(value), self.unit)

    def whole(self, p: Poly) -> RationalForm:
        return self.form(p, self.unit)

    def same(self, a: RationalForm, b: RationalForm) -> bool:
        if a.bottom == b.bottom:
            return bool(self.reduced(a.top - b.top) == 0)
        gap = self.times(a.top, b.bottom) - self.times(b.top, a.bottom)
        return bool(self.reduced(gap) == 0)

    # -- atoms ---------------------------------------------------------------------------------
    def atom(self, index: int) -> RationalForm:
        return self.whole(self.gens[index])

    def fresh(self) -> int:
        if self.used >= ATOMS:
            raise Unsupported("too many atoms")
        self.used += 1
        return self.used - 1

    def of(self, kind: str, f: Poly, start: Callable[[int], None]) -> int:
        """The atom of that kind that belongs to the polynomial f."""
        f = self.reduced(f)
        for known, other, index in self.keyed:
            if known == kind and self.reduced(f - other) == 0:
                return index
        index = self.fresh()
        self.keyed.append((kind, f, index))
        start(index)
        return index

    def sign(self, f: Poly) -> int:
        """1 or -1 if f is known to be >= 0 or <= 0 where the formulas are defined, else 0."""
        f = self.reduced(f)
        for other, sign in self.signs:
            if f == other:
                return sign
        found = 0
        for powers, number in f.to_dict().items():
            if any(k % 2 for i, k in enumerate(powers) if i not in self.positive):
                return 0
            sign = 1 if number > 0 else -1
            if found and sign != found:
                return 0
            found = sign
        return found

    def factors(self, u: RationalForm) -> tuple[Rational, list[tuple[Poly, int]]]:
        """(c, [(f, k), ...]): u = c * product of f^k, all f with positive leading terms."""
        number, found = fmpq(1), []
        for p, side in ((u.top, 1), (u.bottom, -1)):
            if len(p) == 1:
                constant = p.leading_coefficient()
                listed = [(self.gens[i], k) for i, k in enumerate(p.degrees()) if k]
            elif len(p) <= 40 and p.total_degree() <= 24:
                self.spend(200 + 20 * len(p))
                constant, listed = p.factor()
            else:
                constant = p.leading_coefficient()
                listed = [(p / constant, 1)]
            number *= constant**side
            for f, k in listed:
                if f.leading_coefficient() < 0:
                    f = -f
                    number *= (-1) ** (int(k) % 2)
                found.append((f, side * int(k)))
        return number, found

    def learn(self, number: Rational, factors: list[tuple[Poly, int]]) -> None:
        """The product is > 0 (or >= 0): that may settle the sign of one factor."""
        side, open_ = (1 if number > 0 else -1), []
        for f, k in factors:
            if k % 2:
                sign = self.sign(f)
                side *= sign or 1
                if not sign:
                    open_.append(f)
        if len(open_) == 1:
            self.signs.append((open_[0], side))
            for kind, f, index in self.keyed:
                if kind == "abs" and f == open_[0]:
                    self.relations[index] = (1, f * side)
        elif not open_ and side < 0:
            raise Unsupported("defined nowhere")

    def size(self, f: Poly, count: int) -> RationalForm:
        """|f|^count."""
        sign = self.sign(f)
        if count % 2 == 0 or sign:
            power = self.whole(f) ** count
            return -power if count % 2 and sign < 0 else power

        def start(index: int) -> None:
            self.positive.add(index)
            self.relations[index] = (2, self.times(f, f))

        return self.whole(f) ** (count - 1) * self.atom(self.of("abs", f, start))

    def abs(self, u: RationalForm) -> RationalForm:
        if u.top == 0:
            return u
        number, factors = self.factors(u)
        result = self.rational(abs(number))
        for f, k in factors:
            result = result * self.size(f, k)
        return result
