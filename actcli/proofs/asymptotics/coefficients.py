"""Computes with coefficients: exact rationals, or sums of products of symbols with known enclosures."""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from functools import reduce
from itertools import count
from typing import Any, TypeAlias

from flint import arb, fmpq

from ...numbers.interval import Enclosure, enclose, enclosure, of_constant
from ...numbers.types import Number
from ...numbers.where import Constant
from ...primitives import PRIMITIVES

Coefficient: TypeAlias = "fmpq | Real"
Product: TypeAlias = (
    "tuple[tuple[Symbol, int], ...]"  # symbols and their powers, in the order of their making
)

ZERO, ONE = fmpq(0), fmpq(1)


class UndecidedError(Exception):
    """Two things could not be compared, or a function not be applied: the expansion is unknown."""


@dataclass(frozen=True, eq=False, slots=True)
class Symbol:
    """A number such as pi or tanh(1), or a function of t (`varies`), that lies in an enclosure."""

    enclosure: Enclosure
    varies: bool
    square: fmpq | None  # of the root of a rational number
    power: fmpq | None  # of e, of the logarithm of a rational number
    index: int = field(default_factory=count().__next__)


_KNOWN: dict[Any, Symbol] = {}


def symbol(
    key: Any, compute: Callable[[], Enclosure], varies: bool = False, square: Any = None,
    power: Any = None,
) -> Coefficient:  # fmt: skip
    """Returns the symbol of that key as a coefficient; a key of None makes a new one.

    UndecidedError if it is not finite.
    """
    found = _KNOWN.get(key) if key is not None else None
    if found is None:
        found = Symbol(compute(), varies, square, power)
        if not found.enclosure.finite:
            raise UndecidedError
        if len(_KNOWN) > 5000:
            _KNOWN.clear()
        if key is not None:
            _KNOWN[key] = found
    return Real({((found, 1),): fmpq(1)})


class Real:
    """A sum of rational numbers times products of symbols; rational ones are plain fmpq."""

    __slots__ = ("_enclosure", "poly")

    def __init__(self, poly: "dict[Product, fmpq]") -> None:
        self.poly = poly
        self._enclosure: Enclosure | None = None

    @staticmethod
    def of(poly: "dict[Product, fmpq]") -> Coefficient:
        """The sum without products of share 0: a rational number if no symbol is left."""
        poly = {k: v for k, v in poly.items() if v != 0}
        if not poly:
            return fmpq(0)
        if len(poly) == 1 and () in poly:
            return poly[()]
        return Real(poly)

    @property
    def varies(self) -> bool:
        """Whether a function of t is in it."""
        return any(s.varies for product in self.poly for s, _ in product)

    @property
    def enclosure(self) -> Enclosure:
        """Where the sum lies, from the enclosures of its symbols."""
        if self._enclosure is None:
            total: Any = enclosure(0)
            for product, share in self.poly.items():
                part = enclosure(share)
                for s, n in product:
                    part = part * s.enclosure**n
                total = total + part
            self._enclosure = total
        return self._enclosure

    def __hash__(self) -> int:
        return hash(frozenset(self.poly.items()))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Real) and self.poly == other.poly

    def __neg__(self) -> "Real":
        return Real({k: -v for k, v in self.poly.items()})

    def __add__(self, other: Coefficient) -> Coefficient:
        poly = dict(self.poly)
        for k, v in (other.poly if isinstance(other, Real) else {(): other}).items():
            poly[k] = poly.get(k, 0) + v
        return Real.of(poly)

    __radd__ = __add__

    def __sub__(self, other: Coefficient) -> Coefficient:
        return self + (-other)

    def __mul__(self, other: Coefficient) -> Coefficient:
        if not isinstance(other, Real):
            return Real({k: v * other for k, v in self.poly.items()}) if other != 0 else fmpq(0)
        poly: dict[Product, fmpq] = {}
        for a, p in self.poly.items():
            for b, q in other.poly.items():
                product, factor = _product(a, b)
                poly[product] = poly.get(product, 0) + p * q * factor
        return Real.of(poly)

    __rmul__ = __mul__


def _product(a: Product, b: Product) -> tuple[Product, fmpq]:
    """The product of two products of symbols, and the rational factor that squares of roots give."""
    powers = dict(a)
    factor = fmpq(1)
    for s, n in b:
        powers[s] = powers.get(s, 0) + n
    for s, n in powers.items():
        if s.square is not None and n not in (0, 1):
            factor *= s.square ** (n // 2)
            powers[s] = n % 2
    return tuple(sorted(((s, n) for s, n in powers.items() if n), key=lambda f: f[0].index)), factor


def to_rational(value: Number) -> Any:
    """Converts an int, float, Fraction or fmpq to fmpq; UndecidedError if it is not finite."""
    if isinstance(value, fmpq):
        return value
    if not isinstance(value, int | Fraction):
        value = float(value)
        if not math.isfinite(value):
            raise UndecidedError
    return fmpq(*value.as_integer_ratio())


def bounds_of(c: Coefficient) -> Enclosure:
    """Encloses a coefficient."""
    return c.enclosure if isinstance(c, Real) else enclosure(c)


def sign_of(c: Coefficient) -> int | None:
    """Determines the sign: 1 or -1: bounded away from 0 on that side; 0: zero; None: open."""
    if isinstance(c, Real):
        if len(c.poly) > 1:
            return c.enclosure.sign
        ((product, share),) = c.poly.items()
        total = 1 if share > 0 else -1
        for s, n in product:
            sign = s.enclosure.sign
            if sign is None:
                return None
            total *= sign if n % 2 else abs(sign)
        return total
    return 1 if c > 0 else -1 if c < 0 else 0


def is_varying(c: Coefficient) -> bool:
    """Whether a coefficient is a function of t."""
    return isinstance(c, Real) and c.varies


def inverse(c: Coefficient) -> Coefficient:
    """1/c; UndecidedError if c may be 0."""
    if sign_of(c) not in (1, -1):
        raise UndecidedError
    if not isinstance(c, Real):
        return 1 / c
    if len(c.poly) == 1:
        ((product, share),) = c.poly.items()
        turned, factor = _product((), tuple((s, -n) for s, n in product))
        return Real.of({turned: factor / share})
    return symbol(("inverse", c), lambda: 1 / c.enclosure, c.varies)


def power_of(c: Coefficient, p: fmpq) -> Coefficient:
    """c**p, for c > 0 or an integer p."""
    whole = int(p.p) if p.q == 1 else None
    if c == 1 or p == 0:
        return fmpq(1)
    if whole is not None and abs(whole) <= 64:
        base = c if whole > 0 else inverse(c)
        return reduce(operator.mul, [base] * abs(whole))
    if sign_of(c) == -1 and whole is not None:
        return -power_of(-c, p) if whole % 2 else power_of(-c, p)
    if sign_of(c) != 1:
        raise UndecidedError
    if p.q == 2 and abs(p.p) < 64 and not isinstance(c, Real):
        n = (int(p.p) - 1) // 2
        roots = [math.isqrt(int(c.p)), math.isqrt(int(c.q))]
        if roots[0] ** 2 == c.p and roots[1] ** 2 == c.q:
            return c**n * fmpq(*roots)
        return c**n * symbol(("root", c), lambda: enclosed("sqrt", enclosure(c)), square=c)
    return symbol(
        ("power", c, p),
        lambda: enclosed("exp", enclosure(p) * enclosed("log", bounds_of(c))),
        is_varying(c),
    )


def enclosed(name: str, x: Enclosure) -> Enclosure:
    """Encloses a primitive on an enclosure."""
    return enclose(PRIMITIVES[name], x)


def root_pi() -> Coefficient:
    """sqrt(pi) as a coefficient: pi is its square."""
    return symbol("root pi", lambda: enclosure(arb.pi().sqrt()))


def exp_of(c: Coefficient) -> Coefficient:
    """exp(c); exp(c)*exp(-c) is 1, and exp(2*log(3)) is 9."""
    if c == 0:
        return fmpq(1)
    if (power := exp_of_logarithm(c)) is not None:
        return power
    if sign_of(c) == -1:
        return inverse(exp_of(-c))
    if not isinstance(c, Real) and c.q == 1 and c < 20:
        return power_of(symbol("e", lambda: enclosure(arb.const_e())), c)
    return symbol(("exp", c), lambda: enclosed("exp", bounds_of(c)), is_varying(c))


def exp_of_logarithm(c: Coefficient) -> "Coefficient | None":
    """exp(c) by a power of r, if c is a multiple of log(r) for a rational number r."""
    if not isinstance(c, Real) or len(c.poly) > 1:
        return None
    ((product, share),) = c.poly.items()
    if len(product) > 1 or product[0][1] != 1 or product[0][0].power is None:
        return None
    return power_of(product[0][0].power, share)


def log_of(c: Coefficient) -> Coefficient:
    """log(c), for c > 0."""
    if c == 1:
        return fmpq(0)
    power = None if isinstance(c, Real) else c
    return symbol(("log", c), lambda: enclosed("log", bounds_of(c)), is_varying(c), power=power)


def constant_of(constant: Constant) -> Coefficient:
    """A named constant of formulas as a coefficient, by sqrt(pi), sqrt(2) and e where it can be."""
    text = constant.text.lstrip("-")
    sign = -1 if constant.text.startswith("-") else 1
    if text == "e":
        return exp_of(fmpq(1)) * fmpq(sign)
    root, two = root_pi(), power_of(fmpq(2), fmpq(1, 2))
    known = {
        "pi": lambda: root * root,
        "2/sqrt(pi)": lambda: inverse(root) * fmpq(2),
        "1/sqrt(2*pi)": lambda: inverse(root * two),
        "sqrt(8/pi)": lambda: inverse(root) * two * fmpq(2),
    }
    if text in known:
        return known[text]() * fmpq(sign)
    return symbol(("constant", text), lambda: of_constant(Constant(text, "", ""))) * fmpq(sign)
