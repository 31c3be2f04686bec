"""The primitives on forms, each by its mathematics, and formulas as forms."""

from collections.abc import Callable
from functools import cached_property
from math import isqrt

from flint import fmpq

from ...primitives import Primitive
from ..node import OPERATIONS, Interpreter, Node, Rule, inlined, node
from .rational_forms import POWER, Atoms, Poly, Rational, RationalForm, Unsupported

PRIMES = tuple(n for n in range(2, 100) if all(n % k for k in range(2, n)))


class Forms(Atoms):
    """The forms of formulas: atoms, and the functions that lead from form to form."""

    # -- roots -----------------------------------------------------------------------------------
    def root_of_number(self, value: Rational) -> RationalForm:
        """sqrt(value), value >= 0."""
        rest = int(value.p) * int(value.q)
        outside, inside = 1, []
        for prime in PRIMES:
            while rest and rest % (prime * prime) == 0:
                rest, outside = rest // (prime * prime), outside * prime
            if rest and rest % prime == 0:
                rest //= prime
                inside.append(prime)
        whole = isqrt(rest)
        if whole * whole == rest:
            outside *= whole
        else:
            inside.append(rest)
        result = self.rational(fmpq(outside, value.q))
        for prime in inside:
            if prime not in self.primes:
                self.primes[prime] = index = self.fresh()
                self.positive.add(index)
                self.relations[index] = (2, self.ring.constant(fmpq(prime)))
                self.roots[index] = self.ring.constant(fmpq(prime))
            result = result * self.atom(self.primes[prime])
        return result

    def is_atom(self, f: Poly) -> int | None:
        if len(f) == 1 and f.total_degree() == 1 and f.leading_coefficient() == 1:
            return next(i for i, k in enumerate(f.degrees()) if k)
        return None

    def root_of(self, f: Poly, sign: int) -> RationalForm:
        """sqrt(sign*f), sign*f a polynomial that is >= 0."""
        index = self.is_atom(f)
        if index is not None and index in self.logs:
            return self.exp(self.logs[index].scaled(fmpq(1, 2)))

        def start(index: int) -> None:
            self.positive.add(index)
            self.relations[index] = (2, f * sign)
            self.roots[index] = f

        return self.atom(self.of("root", f, start))

    def root(self, u: RationalForm) -> RationalForm:
        if u.top == 0:
            return u
        number, factors = self.factors(u)
        self.learn(number, factors)
        result = self.root_of_number(abs(number))
        side, rest = (1 if number > 0 else -1), self.unit
        for f, k in factors:
            half, odd = divmod(k, 2)
            result = result * self.size(f, half)
            if odd:
                sign = self.sign(f)
                if sign:
                    result = result * self.root_of(f, sign)
                    side *= sign
                else:
                    rest = self.times(rest, f)
        return result if rest == 1 else result * self.root_of(rest, side)

    def cube_root(self, u: RationalForm) -> RationalForm:
        """The real cube root: of a product the product of the cube roots."""
        if u.top == 0:
            return u
        number, factors = self.factors(u)
        result = self.one if number > 0 else -self.one
        for end, k in ((abs(number.p), 1), (number.q, -1)):
            root = end.root(3)
            exact = root**3 == end
            part = (
                self.rational(fmpq(root)) if exact else self.cube_root_of(self.ring.constant(end))
            )
            result = result * part**k
        for f, k in factors:
            result = result * self.cube_root_of(f) ** k
        return result

    def cube_root_of(self, f: Poly) -> RationalForm:
        def start(index: int) -> None:
            self.relations[index] = (3, f)

        return self.atom(self.of("cbrt", f, start))

    # -- logarithms and exponentials -----------------------------------------------------------
    def log_of_number(self, value: Rational) -> RationalForm:
        """log(value), value > 0."""
        result = self.zero
        for rest, side in ((int(value.p), 1), (int(value.q), -1)):
            counts: dict[int, int] = {}
            for prime in PRIMES:
                while rest % prime == 0:
                    rest, counts[prime] = rest // prime, counts.get(prime, 0) + 1
            if rest != 1:
                counts[rest] = 1
            for base, count in counts.items():
                atom = self.log_atom(self.ring.constant(fmpq(base)))
                result = result + atom.scaled(side * count)
        return result

    def log_atom(self, f: Poly) -> RationalForm:
        def start(index: int) -> None:
            self.grounds[index] = f
            if self.sign(f - 1) > 0:
                self.positive.add(index)

        return self.atom(self.of("log", f, start))

    def log_of(self, f: Poly) -> RationalForm:
        """log|f| of one factor."""
        index = self.is_atom(f)
        if index in self.roots:
            return self.log(self.abs(self.whole(self.roots[index]))).scaled(fmpq(1, 2))
        return self.logs[index] if index in self.logs else self.log_atom(f)

    def log(self, u: RationalForm) -> RationalForm:
        if u.top == 0:
            raise Unsupported("log(0)")
        number, factors = self.factors(u)
        self.learn(number, factors)
        result = self.log_of_number(abs(number))
        for f, k in factors:
            result = result + self.log_of(f).scaled(k)
        return result

    def split(self, u: RationalForm) -> list[tuple[Rational, RationalForm]]:
        """u as a sum of rational multiples of directions."""
        parts = []
        top = u.top
        if len(u.bottom) > 1 and len(top) <= 40:
            quotient, top = divmod(top, u.bottom)
            parts += self.split(self.whole(quotient)) if quotient != 0 else []
        if top == 0:
            return parts
        if len(u.bottom) > 1:
            lead = top.leading_coefficient()
            return [*parts, (lead, self.form(top / lead, u.bottom))]
        if len(top) > 12:
            raise Unsupported("long sum in an exponent or angle")
        for powers, number in top.to_dict().items():
            term = self.form(self.ring.from_dict({powers: fmpq(1)}), u.bottom)
            lead = term.top.leading_coefficient()
            parts.append((number * lead, term.scaled(1 / lead)))
        return parts

    def exp(self, u: RationalForm) -> RationalForm:
        result = self.one
        for number, direction in self.split(u):
            result = result * self.exp_of(number, direction)
        return result

    def exp_of(self, number: Rational, direction: RationalForm) -> RationalForm:
        """exp(number*direction) as a power of an atom."""
        index = self.is_atom(direction.top) if direction.bottom == 1 else None
        if index in self.grounds and abs(number.p) <= POWER and number.q in (1, 2, 4, 8, 16):
            f = self.grounds[index]
            if number.q == 1:
                return self.size(f, int(number))
            sign = self.sign(f)
            if sign:
                root, depth = self.whole(f * sign), int(number.q)
                while depth > 1:
                    root, depth = self.root(root), depth // 2
                return root ** int(number.p)
        for place, (known, base, atom) in enumerate(self.exps):
            if self.same(known, direction):
                ratio = number / base
                if abs(ratio.p) > POWER or ratio.q > 12:
                    continue
                if ratio.q > 1:
                    finer = self.fresh()
                    base = base / ratio.q
                    self.relations[atom] = (1, self.gens[finer] ** int(ratio.q))
                    self.positive.add(finer)
                    self.logs[finer] = direction.scaled(base)
                    self.exps[place] = (known, base, atom := finer)
                return self.atom(atom) ** int(number / base)
        atom = self.fresh()
        self.positive.add(atom)
        self.logs[atom] = direction.scaled(abs(number))
        self.exps.append((direction, abs(number), atom))
        return self.atom(atom) if number > 0 else self.one / self.atom(atom)

    # -- waves ---------------------------------------------------------------------------------
    def wave(self, u: RationalForm) -> tuple[RationalForm, RationalForm]:
        """(sin(u), cos(u))."""
        sine, cosine = self.zero, self.one
        parts = self.split(u)
        if len(parts) > 4:
            raise Unsupported("long sum in an angle")
        for number, direction in parts:
            s, c = self.wave_of(number, direction)
            sine, cosine = sine * c + cosine * s, cosine * c - sine * s
        return sine, cosine

    def wave_of(
        self, number: Rational, direction: RationalForm
    ) -> tuple[RationalForm, RationalForm]:
        if number < 0:
            s, c = self.wave_of(-number, direction)
            return -s, c
        if (number * 2).q == 1 and self.same(direction, self.pi):
            turn = int(number * 2) % 4
            values = [self.zero, self.one, self.zero, -self.one]
            return values[turn], values[(turn + 1) % 4]
        for place, (known, base, sine, cosine) in enumerate(self.waves):
            ratio = number / base
            if abs(ratio.p) <= 16 and ratio.q <= 6 and self.same(known, direction):
                if ratio.q > 1:
                    base = base / ratio.q
                    renamed = sine, cosine
                    sine, cosine = self.new_wave()
                    finer = self.multiple(sine, cosine, int(ratio.q))
                    for old, new in zip(renamed, finer, strict=True):
                        self.relations[old] = (1, new.top)
                    self.waves[place] = (known, base, sine, cosine)
                return self.multiple(sine, cosine, int(number / base))
        sine, cosine = self.new_wave()
        self.waves.append((direction, number, sine, cosine))
        return self.atom(sine), self.atom(cosine)

    def new_wave(self) -> tuple[int, int]:
        sine, cosine = self.fresh(), self.fresh()
        self.relations[sine] = (2, 1 - self.gens[cosine] ** 2)
        return sine, cosine

    def multiple(self, sine: int, cosine: int, count: int) -> tuple[RationalForm, RationalForm]:
        """sin and cos of `count` times the angle."""
        s, c = self.atom(sine), self.atom(cosine)
        several = (s, c)
        for _ in range(count - 1):
            several = several[0] * c + several[1] * s, several[1] * c - several[0] * s
        return several

    # -- everything else ------------------------------------------------------------------------
    def other(self, name: str, *args: RationalForm, odd: bool = False) -> RationalForm:
        """A function of which no more is known than its arguments, and whether it is odd."""
        if odd and args[0].top == 0:
            return self.zero
        for known, kept, index in self.opaque:
            if known == name and len(kept) == len(args):
                if all(map(self.same, kept, args)):
                    return self.atom(index)
                if odd and self.same(kept[0], -args[0]):
                    return -self.atom(index)
        index = self.fresh()
        self.opaque.append((name, list(args), index))
        return self.atom(index)

    def logistic(self, u: RationalForm) -> RationalForm:
        q = self.exp(u)
        return q / (self.one + q)

    def tanh(self, u: RationalForm) -> RationalForm:
        q = self.exp(u + u)
        return (q - self.one) / (q + self.one)

    def arctan(self, u: RationalForm) -> RationalForm:
        value = u.value
        if value is not None and abs(value) == 1:
            return self.pi.scaled(value / 4)
        sign = self.sign(u.top) * self.sign(u.bottom)
        if sign:  # arctan(1/u) is sign*pi/2 - arctan(u)
            for name, kept, index in self.opaque:
                if name == "arctan" and self.same(kept[0] * u, self.one):
                    return self.pi.scaled(fmpq(sign, 2)) - self.atom(index)
        return self.other("arctan", u, odd=True)

    def asinh(self, u: RationalForm) -> RationalForm:
        if u.top != 0 and u.top.leading_coefficient() < 0:
            return -self.asinh(-u)
        return self.log(u + self.root(u * u + self.one))

    def atanh(self, u: RationalForm) -> RationalForm:
        gap = self.log(self.one + u) - self.log(self.one - u)
        return gap.scaled(fmpq(1, 2))

    def normal_cdf(self, u: RationalForm) -> RationalForm:
        erf = self.other("erf", u / self.root(self.number(2)), odd=True)
        return (self.one + erf).scaled(fmpq(1, 2))

    def call(self, primitive: Primitive, args: list[RationalForm]) -> RationalForm:
        u, name = args[0], primitive.name
        if name in ("sin", "cos") and len(args) == 2:
            u, args = u * args[1], args[:1]
        if len(args) == 1 and name in RULES:
            return RULES[name](self, u)
        if len(args) == 1 and primitive.formula is not None:
            return self.read(primitive.formula, u)
        return self.other(name, *args, odd=primitive.odd)

    def power(self, base: RationalForm, exponent: RationalForm) -> RationalForm:
        count = exponent.value
        if count is not None and count.q == 1:
            return base ** int(count)
        if count is not None and count.q == 2 and abs(count.p) <= POWER:
            return self.root(base) ** int(count.p)
        return self.exp(exponent * self.log(base))

    def constant(self, text: str) -> RationalForm:
        if text.startswith("-"):
            return -self.constant(text[1:])
        one, two = self.one, self.rational(fmpq(2))
        match text:
            case "pi":
                return self.pi
            case "e":
                return self.exp(one)
            case "2/sqrt(pi)":
                return two / self.atom(1)
            case "1/sqrt(2*pi)":
                return one / (self.root(two) * self.atom(1))
            case "sqrt(8/pi)":
                return two * self.root(two) / self.atom(1)
        raise Unsupported(f"the constant {text}")

    def read(self, formula: Node, x: RationalForm | None = None) -> RationalForm:
        """The form of a formula at x; Unsupported if it has none within the limits."""
        return Interpreter[RationalForm](self.rules, _unshown)(node(formula), x or self.x)

    @cached_property
    def rules(self) -> dict[str, Rule]:
        """Operations on forms."""

        def on(function: Callable[..., RationalForm]) -> Rule:
            return lambda at, part, x: function(*[at(a, x) for a in part.args])

        def extremum(sign: int) -> Callable[[RationalForm, RationalForm], RationalForm]:
            return lambda a, b: (a + b + self.abs(a - b).scaled(fmpq(sign))).scaled(fmpq(1, 2))

        return {
            "x": lambda at, part, x: x,
            "number": lambda at, part, x: self.number(part.args[0]),
            "constant": lambda at, part, x: self.constant(part.args[0].text),
            "call": lambda at, part, x: self.call(part.args[0], [at(a, x) for a in part.args[1:]]),
            "use": lambda at, part, x: (_unshown if part.args[2] is None else inlined)(at, part, x),
            **{op: on(OPERATIONS[op]) for op in ("neg", "+", "-", "*", "/")},
            "**": on(self.power),
            "max": on(extremum(1)),
            "min": on(extremum(-1)),
        }


def _unshown(at: Interpreter[RationalForm], part: Node, x: RationalForm) -> RationalForm:
    raise Unsupported(f"{part.op} in a formula")


# primitives by their mathematics; all others by their plain formulas
RULES: dict[str, Callable[[Forms, RationalForm], RationalForm]] = {
    "exp": Forms.exp,
    "log": Forms.log,
    "sqrt": Forms.root,
    "cbrt": Forms.cube_root,
    "abs": Forms.abs,
    "sin": lambda forms, u: forms.wave(u)[0],
    "cos": lambda forms, u: forms.wave(u)[1],
    "asinh": Forms.asinh,
    "atanh": Forms.atanh,
    "arctan": Forms.arctan,
    "tanh": Forms.tanh,
    "logistic": Forms.logistic,
    "normal_cdf": Forms.normal_cdf,
}
