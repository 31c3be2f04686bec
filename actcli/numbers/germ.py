"""Germs: a formula read near infinity, as the first terms of its expansion and a bound of the rest.

With x = t or x = -t and t growing, a germ is c1*m1 + c2*m2 + ... + O(r): monomials
m = t^p * log(t)^q * log(log(t))^r * exp(large terms) in falling order, coefficients that are exact
numbers, or functions of t with known bounds (sin(t)). What cancels exactly is gone, so that limits
and signs are proved, never estimated; what is not proved is UNKNOWN.
"""

import math
from collections.abc import Callable, Sequence
from enum import Enum
from fractions import Fraction
from functools import wraps
from typing import Any, TypeVar, cast

from flint import arb, fmpq

from ..primitives import PRIMITIVES
from .enclosure import Enclosure, enclose, enclosure, hull, of_constant
from .jet import Jet, slope_of, value_of
from .recorder import BINARY, Node, Program
from .where import Constant, maximum, minimum, where

Number = Any
Coefficient = Any  # fmpq or Real

TERMS = 4  # as many are kept


class Answer(Enum):
    """What a limit may be besides a number: there is none (proved), or it was not found."""

    NONE = "none"
    UNKNOWN = "unknown"


NONE, UNKNOWN = Answer.NONE, Answer.UNKNOWN


class UndecidedError(Exception):
    """Two things could not be compared, or a function not be applied: the germ is unknown."""


# -- coefficients ---------------------------------------------------------------------------------
class Symbol:
    """A number such as pi or tanh(1), or a function of t (`varies`), that lies in an enclosure."""

    __slots__ = ("_compute", "_enclosure", "index", "square", "varies")
    count = 0

    def __init__(self, compute: Callable[[], Enclosure], varies: bool, square: Any) -> None:
        Symbol.count += 1
        self.index = Symbol.count
        self.varies = varies
        self.square = square  # of the root of a rational number
        self._compute = compute
        self._enclosure: Enclosure | None = None

    @property
    def enclosure(self) -> Enclosure:
        if self._enclosure is None:
            found = self._compute()
            if not (found.low.is_finite() and found.high.is_finite()):
                raise UndecidedError
            self._enclosure = found
        return self._enclosure


_KNOWN: dict[Any, Symbol] = {}


def _symbol(
    key: Any, compute: Callable[[], Enclosure], varies: bool = False, square: Any = None
) -> Coefficient:
    """The symbol of that key as a coefficient; a key of None gives a new one."""
    found = _KNOWN.get(key) if key is not None else None
    if found is None:
        found = Symbol(compute, varies, square)
        found.enclosure  # noqa: B018 - refuses what is not finite
        if len(_KNOWN) > 5000:
            _KNOWN.clear()
        if key is not None:
            _KNOWN[key] = found
    return Real({((found, 1),): fmpq(1)})


class Real:
    """A sum of rational numbers times products of symbols; rational ones are plain fmpq."""

    __slots__ = ("_enclosure", "poly")

    def __init__(self, poly: dict[Any, Any]) -> None:
        self.poly = poly
        self._enclosure: Enclosure | None = None

    @staticmethod
    def of(poly: dict[Any, Any]) -> Coefficient:
        poly = {k: v for k, v in poly.items() if v != 0}
        if not poly:
            return fmpq(0)
        if len(poly) == 1 and () in poly:
            return poly[()]
        return Real(poly)

    @property
    def varies(self) -> bool:
        return any(s.varies for product in self.poly for s, _ in product)

    @property
    def enclosure(self) -> Enclosure:
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
        poly: dict[Any, Any] = {}
        for a, p in self.poly.items():
            for b, q in other.poly.items():
                product, factor = _product(a, b)
                poly[product] = poly.get(product, 0) + p * q * factor
        return Real.of(poly)

    __rmul__ = __mul__


def _product(a: Any, b: Any) -> tuple[Any, Any]:
    powers = dict(a)
    factor = fmpq(1)
    for s, n in b:
        powers[s] = powers.get(s, 0) + n
    for s, n in powers.items():
        if s.square is not None and n not in (0, 1):
            factor *= s.square ** (n // 2)
            powers[s] = n % 2
    return tuple(sorted(((s, n) for s, n in powers.items() if n), key=lambda f: f[0].index)), factor


def _rational(value: Number) -> Any:
    """An int, float, Fraction or fmpq as fmpq; only finite ones have one."""
    if isinstance(value, fmpq):
        return value
    if isinstance(value, int):
        return fmpq(value)
    if isinstance(value, Fraction):
        return fmpq(value.numerator, value.denominator)
    if not math.isfinite(value):
        raise UndecidedError
    return fmpq(*float(value).as_integer_ratio())


def _bounds(c: Coefficient) -> Enclosure:
    return c.enclosure if isinstance(c, Real) else enclosure(c)


def _sign(c: Coefficient) -> int | None:
    """1 or -1: bounded away from 0 on that side; 0: zero; None: open."""
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


def _varies(c: Coefficient) -> bool:
    return isinstance(c, Real) and c.varies


def _inverse(c: Coefficient) -> Coefficient:
    if _sign(c) not in (1, -1):
        raise UndecidedError
    if not isinstance(c, Real):
        return 1 / c
    if len(c.poly) == 1:
        ((product, share),) = c.poly.items()
        turned, factor = _product((), tuple((s, -n) for s, n in product))
        return Real.of({turned: factor / share})
    return _symbol(("inverse", c), lambda: 1 / c.enclosure, c.varies)


def _power(c: Coefficient, p: Any) -> Coefficient:
    """c**p, for c > 0 or an integer p."""
    whole = int(p.p) if p.q == 1 else None
    if c == 1 or p == 0:
        return fmpq(1)
    if whole is not None and abs(whole) <= 64:
        base = c if whole > 0 else _inverse(c)
        result = base
        for _ in range(abs(whole) - 1):
            result = result * base
        return result
    if _sign(c) == -1 and whole is not None:
        return _power(-c, p) * (-1) ** (whole % 2)
    if _sign(c) != 1:
        raise UndecidedError
    if p.q == 2 and abs(p.p) < 64 and not isinstance(c, Real):
        n = (int(p.p) - 1) // 2
        roots = [math.isqrt(int(c.p)), math.isqrt(int(c.q))]
        if roots[0] ** 2 == c.p and roots[1] ** 2 == c.q:
            root = fmpq(*roots)
        else:
            root = _symbol(("root", c), lambda: _enclose("sqrt", enclosure(c)), square=c)
        return c**n * root
    return _symbol(
        ("power", c, p),
        lambda: _enclose("exp", enclosure(p) * _enclose("log", _bounds(c))),
        _varies(c),
    )


def _enclose(name: str, x: Enclosure) -> Enclosure:
    return enclose(PRIMITIVES[name], x)


def _root_pi() -> Coefficient:
    return _symbol("root pi", lambda: enclosure(arb.pi().sqrt()))


def _exp_of(c: Coefficient) -> Coefficient:
    """exp(c); exp(c)*exp(-c) is 1."""
    if c == 0:
        return fmpq(1)
    if _sign(c) == -1:
        return _inverse(_exp_of(-c))
    if not isinstance(c, Real) and c.q == 1 and c < 20:
        return _power(_symbol("e", lambda: enclosure(arb.const_e())), c)
    return _symbol(("exp", c), lambda: _enclose("exp", _bounds(c)), _varies(c))


def _log_of(c: Coefficient) -> Coefficient:
    if c == 1:
        return fmpq(0)
    return _symbol(("log", c), lambda: _enclose("log", _bounds(c)), _varies(c))


def _constant(constant: Constant) -> Coefficient:
    text = constant.text.lstrip("-")
    sign = -1 if constant.text.startswith("-") else 1
    if text == "e":
        return _exp_of(fmpq(1)) * sign
    root, two = _root_pi(), _power(fmpq(2), fmpq(1, 2))
    known = {
        "pi": lambda: root * root,
        "2/sqrt(pi)": lambda: _inverse(root) * fmpq(2),
        "1/sqrt(2*pi)": lambda: _inverse(root * two),
        "sqrt(8/pi)": lambda: _inverse(root) * two * fmpq(2),
    }
    if text in known:
        return known[text]() * fmpq(sign)
    return _symbol(("constant", text), lambda: of_constant(Constant(text, "", ""))) * fmpq(sign)


# -- monomials ------------------------------------------------------------------------------------
class Monomial:
    """t^p * log(t)^q * log(log(t))^r * exp(sum of c*m), every m beyond log(t), in falling order."""

    __slots__ = ("exponent", "key", "powers")

    def __init__(self, powers: Any, exponent: Any = ()) -> None:
        self.powers = powers
        self.exponent = exponent
        self.key: Any = (powers, tuple((c, m.key) for c, m in exponent)) if exponent else powers

    def __mul__(self, other: "Monomial") -> "Monomial":
        a, b = self.powers, other.powers
        powers = (a[0] + b[0], a[1] + b[1], a[2] + b[2])
        if not (self.exponent or other.exponent):
            return Monomial(powers)
        return Monomial(powers, tuple(_merge(self.exponent, other.exponent)))

    def __pow__(self, p: Any) -> "Monomial":
        return Monomial(
            tuple(a * p for a in self.powers), tuple((c * p, m) for c, m in self.exponent)
        )


_0, _1 = fmpq(0), fmpq(1)
UNIT = Monomial((_0, _0, _0))
T = Monomial((_1, _0, _0))
LOG = Monomial((_0, _1, _0))
LOGLOG = Monomial((_0, _0, _1))


def compare(a: Monomial, b: Monomial) -> int:
    """1 if b = o(a), -1 if a = o(b), 0 if they are equal."""
    if a is b or a.key == b.key:
        return 0
    if a.exponent or b.exponent:
        sign = _leading_sign(a.exponent, b.exponent)
        if sign:
            return sign
    return 1 if a.powers > b.powers else -1 if a.powers < b.powers else 0


def _leading_sign(a: Sequence[Any], b: Sequence[Any]) -> int:
    """The sign of the first term of a - b, two falling lists; 0 if there is none."""
    i = j = 0
    while i < len(a) or j < len(b):
        order = 1 if j == len(b) else -1 if i == len(a) else compare(a[i][1], b[j][1])
        c: Any = 0
        if order >= 0:
            c = a[i][0]
            i += 1
        if order <= 0:
            c = c + (-b[j][0])
            j += 1
        sign = _sign(c)
        if sign is None:
            raise UndecidedError
        if sign:
            return sign
    return 0


def _merge(a: Sequence[Any], b: Sequence[Any]) -> list[Any]:
    """The sum of two falling lists of (coefficient, monomial)."""
    if not a or not b:
        return list(a or b)
    result = []
    i = j = 0
    while i < len(a) and j < len(b):
        order = compare(a[i][1], b[j][1])
        if order > 0:
            result.append(a[i])
            i += 1
        elif order < 0:
            result.append(b[j])
            j += 1
        else:
            c = a[i][0] + b[j][0]
            if c != 0:
                result.append((c, a[i][1]))
            i, j = i + 1, j + 1
    return result + list(a[i:]) + list(b[j:])


def _largest(*found: Monomial | None) -> Monomial | None:
    """The largest; None stands for 0."""
    result = None
    for m in found:
        if m is not None and (result is None or compare(m, result) > 0):
            result = m
    return result


def _products(a: Sequence[Any], b: Sequence[Any], rest: Monomial | None) -> Any:
    """The product of two falling lists, as far as it is beyond O(rest), and the new rest."""
    total: list[Any] = []
    for c, m in a:
        row = []
        for d, n in b:
            product = m * n
            if rest is not None and compare(product, rest) <= 0:
                break
            share = c * d
            if share != 0:
                row.append((share, product))
        total = _merge(total, row)
        if len(total) > TERMS:
            rest = _largest(rest, total[TERMS][1])
            total = total[:TERMS]
    return total, rest


class Wave:
    """What sin and cos of a growing argument are: `base` = (w, m) and a point on the unit circle.

    With a point (c, s) the germ is read along the t at which w*m(t) is the angle of that point;
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
        turns = c * _inverse(self.base[0])
        if isinstance(turns, Real) or turns.q != 1 or abs(turns) > 64:
            return None
        x, y, result = *map(_rational, self.point), (_1, _0)
        for _ in range(abs(int(turns.p))):
            result = (result[0] * x - result[1] * y, result[0] * y + result[1] * x)
        return (result[0], result[1] if turns > 0 else -result[1])


# -- germs ----------------------------------------------------------------------------------------
F = TypeVar("F", bound=Callable[..., "Germ"])


def _safe(method: F) -> F:
    """The method, but the unknown germ where something could not be decided."""

    @wraps(method)
    def guarded(self: Any, *args: Any) -> Any:
        try:
            return method(self, *args)
        except (UndecidedError, OverflowError, ZeroDivisionError):
            return Germ(known=False, wave=self.wave)

    return cast(F, guarded)


class Germ:
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
        while kept and _sign(kept[0][0]) == 0:
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
            return "Germ(unknown)"
        parts = [f"{_bounds(c)!r}*{m.powers}{'e' * len(m.exponent)}" for c, m in self.terms]
        return f"Germ({' + '.join(parts)}{'' if self.rest is None else ' + O(...)'})"

    # -- facts ----------------------------------------------------------------------------------
    @property
    def sign(self) -> int | None:
        """The sign for all large t: 1, -1 or 0 (it is 0); None if that is open."""
        if not self.known:
            return None
        if self.terms:
            return _sign(self.terms[0][0])
        return 0 if self.rest is None else self._sign

    @property
    def floor(self) -> Monomial | None:
        if self.terms:
            return self.terms[0][1] if _sign(self.terms[0][0]) else None
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
            if not _varies(c):
                return _bounds(c)
        return UNKNOWN

    @property
    def approach(self) -> int | None:
        """The sign of g minus its finite limit; None if that is open, or there is no such limit."""
        if isinstance(self.limit(), Enclosure):
            away = Germ(self.terms[1:], self.rest) if self.size == 0 else self
            return away.sign
        return None

    # -- what a number type owes ------------------------------------------------------------------
    @_safe
    def apply(self, primitive: Any, *constants: Number) -> "Germ":
        u = self
        for factor in constants:  # sin(x, w) is sin(w*x)
            u = u * factor
        if not u.known:
            raise UndecidedError
        return _apply(primitive.name, u)

    def lift(self, constant: Constant) -> "Germ":
        return _germ(_constant(constant))

    @staticmethod
    def select(condition: Number, chosen: Number, otherwise: Number) -> Number:
        return chosen if bool(condition) else otherwise

    def seam(self) -> "Germ":
        return self

    def maximum(self, other: Number) -> "Germ":
        b = _germ(other)
        sign = (self - b).sign
        return Germ(known=False, wave=self.wave) if sign is None else self if sign >= 0 else b

    def minimum(self, other: Number) -> "Germ":
        return -(-self).maximum(-_germ(other))

    def __abs__(self) -> "Germ":
        return self.apply(PRIMITIVES["abs"])

    def __neg__(self) -> "Germ":
        turned = -self._sign if self._sign else self._sign
        return Germ([(-c, m) for c, m in self.terms], self.rest, sign=turned, floor=self._floor,
                    known=self.known, wave=self.wave)  # fmt: skip

    @_safe
    def __add__(self, other: Number) -> "Germ":
        a, b = self, _germ(other)
        wave = a.wave or b.wave
        if not (a.known and b.known):
            return Germ(known=False, wave=wave)
        sum_ = Germ(_merge(a.terms, b.terms), _largest(a.rest, b.rest), wave=wave)
        if sum_.terms or sum_.rest is None:
            return sum_
        for one, two in ((a, b), (b, a)):
            floor, top = one.floor, two.top
            if one.sign and (two.sign == one.sign or top is None or (
                floor is not None and compare(floor, top) > 0
            )):  # fmt: skip
                sum_._sign = one.sign
                sum_._floor = _largest(floor, two.floor if two.sign == one.sign else None)
                break
        return sum_

    __radd__ = __add__

    def __sub__(self, other: Number) -> "Germ":
        return self + (-_germ(other))

    def __rsub__(self, other: Number) -> "Germ":
        return _germ(other) + (-self)

    @_safe
    def __mul__(self, other: Number) -> "Germ":
        a, b = self, _germ(other)
        wave = a.wave or b.wave
        if not (a.known and b.known):
            return Germ(known=False, wave=wave)
        if a.top is None or b.top is None:
            return Germ(wave=wave)
        rest = _largest(a.rest and a.rest * b.top, b.rest and b.rest * a.top)
        terms, rest = _products(a.terms, b.terms, rest)
        product = Germ(terms, rest, wave=wave)
        if not product.terms and rest is not None:
            product._sign = a.sign * b.sign if a.sign and b.sign else None
            product._floor = a.floor * b.floor if a.floor and b.floor else None
        return product

    __rmul__ = __mul__

    @_safe
    def __truediv__(self, other: Number) -> "Germ":
        return self * _germ(other)._inverse()

    @_safe
    def __rtruediv__(self, other: Number) -> "Germ":
        return _germ(other) * self._inverse()

    def _inverse(self) -> "Germ":
        if not self.terms and self.floor is not None and self.sign and self.rest is not None:
            low, high = self.rest**-_1, self.floor**-_1
            return Germ(rest=high, sign=self.sign, floor=low, wave=self.wave)
        c, m, small = self._split()
        share = _inverse(c)
        return _series([(-1) ** k for k in range(5)], small) * Germ([(share, m**-_1)])

    def _split(self) -> Any:
        """(c, m, e): the germ is c*m*(1 + e), e = o(1)."""
        if not self.terms or _sign(self.terms[0][0]) not in (1, -1):
            raise UndecidedError
        c, m = self.terms[0]
        factor = Germ([(_inverse(c), m**-_1)])
        return c, m, Germ(self.terms[1:], self.rest, wave=self.wave) * factor

    @_safe
    def __pow__(self, exponent: Number) -> "Germ":
        p = _exponent(exponent)
        if not self.known:
            raise UndecidedError
        whole = int(p.p) if p.q == 1 else None
        if whole is not None and 0 <= whole <= 8:
            power = _germ(1)
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
            return Germ(rest=ends[p < 0], sign=sign, floor=ends[p > 0], wave=self.wave)
        c, m, small = self._split()
        coefficients = [_1]
        for k in range(4):
            coefficients.append(coefficients[-1] * (p - k) / (k + 1))
        return _series(coefficients, small) * Germ([(_power(c, p), m**p)], wave=self.wave)

    def _difference(self, other: Number) -> int:
        sign: int | None = (self - other).sign
        if sign is None:
            raise UndecidedError("this comparison is open near infinity")
        return sign

    def __lt__(self, other: Number) -> bool:
        return self._difference(other) < 0

    def __le__(self, other: Number) -> bool:
        return self._difference(other) <= 0

    def __gt__(self, other: Number) -> bool:
        return self._difference(other) > 0

    def __ge__(self, other: Number) -> bool:
        return self._difference(other) >= 0

    def __eq__(self, other: object) -> bool:
        return self._difference(other) == 0

    def __ne__(self, other: object) -> bool:
        return self._difference(other) != 0


def _germ(number: Number) -> Germ:
    """A germ for a number, a coefficient, a constant or a germ."""
    if isinstance(number, Germ):
        return number
    if isinstance(number, Constant):
        number = _constant(number)
    elif isinstance(number, Enclosure):
        given = number
        number = _symbol(None, lambda: given, varies=bool(given.low != given.high))
    elif not isinstance(number, Real):
        try:
            number = _rational(number)
        except UndecidedError:
            return Germ(known=False)
    return Germ([(number, UNIT)] if number != 0 else [])


def _exponent(number: Number) -> Any:
    if isinstance(number, Germ):
        if number.terms and not number.rest and len(number.terms) == 1:
            c, m = number.terms[0]
            if m.key == UNIT.key and not isinstance(c, Real):
                return c
        if number.sign == 0:
            return fmpq(0)
        raise UndecidedError
    return _rational(number) if not isinstance(number, Constant) else _exponent(_germ(number))


def _series(coefficients: Sequence[Any], small: Germ) -> Germ:
    """The power series with these leading coefficients, at a germ that tends to 0."""
    zeros = next((k for k, c in enumerate(coefficients[:-1]) if c != 0), 0)
    if zeros:  # keeps the sign of what has no terms
        return small ** fmpq(zeros) * _series(coefficients[zeros:], small)
    result = _germ(coefficients[-1])
    for c in reversed(coefficients[:-1]):
        result = result * small + c
    if small.top is None:
        return _germ(coefficients[0])
    return result + Germ(rest=small.top ** fmpq(len(coefficients)), wave=small.wave)


# -- primitives -----------------------------------------------------------------------------------
def _q(*numbers: Any) -> list[Any]:
    """Rational coefficients, from numerators and 'a/b'."""
    return [_rational(Fraction(n)) if isinstance(n, str) else fmpq(n) for n in numbers]


# Taylor coefficients at 0; the first one left out is that of the next power, or it is 0.
_AT_ZERO: dict[str, list[Any]] = {
    "exp": _q(1, 1, "1/2", "1/6", "1/24"), "expm1": _q(0, 1, "1/2", "1/6", "1/24"),
    "exp_gap": _q(0, 0, "1/2", "1/6", "1/24"), "log1p": _q(0, 1, "-1/2", "1/3", "-1/4"),
    "logistic": _q("1/2", "1/4", 0, "-1/48", 0), "tanh": _q(0, 1, 0, "-1/3", 0),
    "tanh_gap": _q(0, 0, 0, "1/3", 0), "sinh": _q(0, 1, 0, "1/6", 0),
    "cosh": _q(1, 0, "1/2", 0, "1/24"), "asinh": _q(0, 1, 0, "-1/6", 0),
    "atanh": _q(0, 1, 0, "1/3", 0), "arctan": _q(0, 1, 0, "-1/3", 0),
    "tan": _q(0, 1, 0, "1/3", 0), "sin": _q(0, 1, 0, "-1/6", 0),
    "cos": _q(1, 0, "-1/2", 0, "1/24"), "sinc": _q(1, 0, "-1/6", 0, "1/120"),
    "sinc_1": _q("1/3", 0, "-1/30", 0, "1/840"), "sinc_2": _q("1/15", 0, "-1/210", 0, "1/7560"),
    "sinc_3": _q("1/105", 0, "-1/1890", 0, "1/83160"), "algebraic": _q(0, 1, 0, "-1/2", 0),
    "algebraic_cdf": _q("1/2", "1/2", 0, "-1/4", 0),
    "root_ramp": _q("1/2", "1/2", "1/4", 0, "-1/16"), "root_gap": _q(0, 0, "1/2", 0, "-1/8"),
    "algebraic_gate": _q(0, "1/2", "1/2", 0, "-1/4"),
    "algebraic_gate_slope": _q("1/2", 1, 0, -1, 0),
}  # fmt: skip


def _at_zero(name: str) -> list[Any]:
    """The same with the rows whose coefficients are irrational."""
    if name not in _AT_ZERO:
        over_pi = _inverse(_root_pi() * _root_pi())
        erf = _inverse(_root_pi()) * fmpq(2)
        normal = _inverse(_root_pi() * _power(fmpq(2), fmpq(1, 2)))
        _AT_ZERO.update({
            "softplus": [_log_of(fmpq(2)), *_q("1/2", "1/8", 0, "-1/192")],
            "erf": [_0, erf, _0, erf * fmpq(-1, 3), _0],
            "erfc": [_1, -erf, _0, erf * fmpq(1, 3), _0],
            "normal_cdf": [fmpq(1, 2), normal, _0, normal * fmpq(-1, 6), _0],
            "arctan_gate": [_0, fmpq(1, 2), over_pi, _0, over_pi * fmpq(-1, 3)],
            "arctan_gate_slope": [
                fmpq(1, 2), over_pi * fmpq(2), _0, over_pi * fmpq(-4, 3), _0
            ],
        })  # fmt: skip
    return _AT_ZERO.get(name, [])


# Where a primitive lies, whatever its argument is.
_RANGES: dict[str, tuple[float, float]] = {
    "sin": (-1, 1), "cos": (-1, 1), "tanh": (-1, 1), "logistic": (0, 1), "erf": (-1, 1),
    "erfc": (0, 2), "normal_cdf": (0, 1), "arctan": (-2, 2), "softsign": (-1, 1),
    "softsign_cdf": (0, 1), "algebraic": (-1, 1), "algebraic_cdf": (0, 1), "sinc": (-1, 1),
    "sinc_1": (-1, 1), "sinc_2": (-1, 1), "sinc_3": (-1, 1), "algebraic_gate_slope": (-1, 2),
    "arctan_gate_slope": (0, 1), "sign": (-1, 1),
}  # fmt: skip
_EVERYWHERE = set(PRIMITIVES) - {"log", "log1p", "sqrt", "atanh", "tan", "sign"}  # continuous there


def _apply(name: str, u: Germ) -> Germ:
    special = _SPECIAL.get(name)
    if special is not None:
        return special(u)
    size = u.size
    if size == -1:
        coefficients = _at_zero(name)
        return _series(coefficients, u) if coefficients else _by_text(name, u)
    if size == 1:
        if name in _WAVES:
            return _wave(name, u)
        far = _FAR.get(name)
        return _by_text(name, u) if far is None else far(u, 1 if u.sign == 1 else -1)
    if size == 0 and u.terms:
        return _near(name, u)
    return _loose(name, u, size)


def _by_text(name: str, u: Germ) -> Germ:
    """A row that has no expansion here, by its familiar formula."""
    from ..formula import parse

    text = PRIMITIVES[name].text
    if not text:
        raise UndecidedError
    return read([parse(text)], u)[0]


def _loose(name: str, u: Germ, size: int | None) -> Germ:
    """Of an argument about which little is known."""
    if name in _RANGES and (size == 0 or u.top is not None):
        return _varying(*_RANGES[name], wave=u.wave)
    if size == 0 and name in _EVERYWHERE:
        return Germ(rest=UNIT, wave=u.wave)
    raise UndecidedError


def _varying(low: float, high: float, key: Any = None, wave: Wave | None = None) -> Germ:
    return Germ([(_symbol(key, lambda: hull(low, high), varies=True), UNIT)], wave=wave)


def _near(name: str, u: Germ) -> Germ:
    """At a germ c + e, where c is not 0 and e = o(1): its Taylor polynomial of degree 2."""
    c = u.terms[0][0]
    x, varies = _bounds(c), _varies(c)
    primitive = PRIMITIVES[name]
    value = _symbol((name, c), lambda: enclose(primitive, x), varies)
    small = Germ(u.terms[1:], u.rest, wave=u.wave)
    if small.top is None:
        return Germ([(value, UNIT)], wave=u.wave)
    try:
        found = primitive.derivative(Jet(x, 1))
        slope = _symbol((name, c, 1), lambda: enclosure(value_of(found)), varies)
        bend = _symbol((name, c, 2), lambda: enclosure(slope_of(found)) / 2, varies)
    except TypeError:  # an open comparison of enclosures
        return Germ([(value, UNIT)], small.top, wave=u.wave)
    return _series([value, slope, bend], small)


def _exp(u: Germ) -> Germ:
    if not u.known:
        raise UndecidedError
    if u.rest is not None and compare(u.rest, UNIT) >= 0:
        return _exp_loosely(u)
    large: list[Any] = []
    small: list[Any] = []
    constant: Any = _0
    for c, m in u.terms:
        order = compare(m, UNIT)
        if order > 0:
            large.append((c, m))
        elif order < 0:
            small.append((c, m))
        else:
            constant = c
    if any(_varies(c) for c, _ in large):
        return _exp_loosely(u)
    factor = Germ([(_exp_of(constant), _exponential(large))], wave=u.wave)
    return _series(_AT_ZERO["exp"], Germ(small, u.rest, wave=u.wave)) * factor


def _exponential(large: Sequence[Any]) -> Monomial:
    """exp of a sum of growing terms as a monomial; t to an irrational power is none."""
    powers, exponent = [_0, _0, _0], []
    for c, m in large:
        if compare(m, LOG) > 0:
            exponent.append((c, m))
        elif m.key in (LOG.key, LOGLOG.key) and not isinstance(c, Real):
            powers[0 if m.key == LOG.key else 1] += c
        else:
            raise UndecidedError
    return Monomial(tuple(powers), tuple(exponent))


def _exp_loosely(u: Germ) -> Germ:
    """Two monomials between which exp(u) lies, for an argument known to leading order."""
    size, sign = u.size, u.sign
    if size == 0:
        return Germ(rest=UNIT, sign=1, floor=UNIT, wave=u.wave)
    if size != 1 or not sign:
        raise UndecidedError
    if not u.terms:
        assert u.floor is not None
        assert u.rest is not None
        ends = [(fmpq(sign), u.floor ** fmpq(1, 2)), (fmpq(sign), u.rest ** fmpq(2))]
    elif u.rest is not None and u.rest.key == UNIT.key and not any(_varies(c) for c, _ in u.terms):
        ends = []
        both = _exponential(u.terms)
        return Germ(rest=both, sign=1, floor=both, wave=u.wave)
    else:
        c, m = u.terms[0]
        x = _bounds(c)
        near, far = sorted(abs(float(end)) for end in (x.low, x.high))
        if near < 1e-300:
            raise UndecidedError
        ends = [(_rational(sign * near / 2), m), (_rational(sign * far * 2), m)]
    low, high = (_exponential([end]) for end in ends[::sign])
    return Germ(rest=high, sign=1, floor=low, wave=u.wave)


def _log(u: Germ) -> Germ:
    if u.sign != 1:
        raise UndecidedError
    if not u.terms:
        # between log(k*floor) and log(K*rest)
        assert u.rest is not None
        if u.floor is None:
            raise UndecidedError
        low, high = (Germ(_log_of_monomial(m)) for m in (u.floor, u.rest))
        if low.size == 1 and low.sign == high.sign:
            ends = (low.floor, high.top) if low.sign == 1 else (high.floor, low.top)
            if high.size == 1:
                return Germ(rest=ends[1], sign=low.sign, floor=ends[0], wave=u.wave)
        return Germ(rest=_largest(low.top, high.top, UNIT), wave=u.wave)
    c, m, small = u._split()
    head = Germ(_log_of_monomial(m), wave=u.wave) + _germ(_log_of(c))
    return head + _series(_AT_ZERO["log1p"], small)


def _log_of_monomial(m: Monomial) -> list[Any]:
    p, q, r = m.powers
    if r != 0:
        raise UndecidedError
    return [*m.exponent, *([(p, LOG)] if p != 0 else []), *([(q, LOGLOG)] if q != 0 else [])]


def _log1p(u: Germ) -> Germ:
    if u.size == -1:
        return _series(_AT_ZERO["log1p"], u)
    return _log(1 + u)


def _atanh(u: Germ) -> Germ:
    if u.size == -1:
        return _series(_AT_ZERO["atanh"], u)
    return (_log(1 + u) - _log(1 - u)) / 2


def _abs(u: Germ) -> Germ:
    if u.sign is not None:
        return -u if u.sign == -1 else u
    if u.size == 0 and u.terms and u.terms[0][1].key == UNIT.key:
        c = u.terms[0][0]
        head = _symbol(("abs", c), lambda: _enclose("abs", _bounds(c)), _varies(c))
        return Germ([(head, UNIT)], _rest_of(u), wave=u.wave)
    return Germ(rest=u.top, wave=u.wave)


def _rest_of(u: Germ) -> Monomial | None:
    return u.terms[1][1] if len(u.terms) > 1 else u.rest


def _signum(u: Germ) -> Germ:
    return _germ(u.sign) if u.sign is not None else _varying(-1, 1, wave=u.wave)


def _softsign(u: Germ) -> Germ:
    if u.sign is None:
        return _varying(-1, 1, wave=u.wave)
    return u / (1 + _abs(u))


def _softsign_cdf(u: Germ) -> Germ:
    if u.sign is None:
        return _varying(0, 1, wave=u.wave)
    half = fmpq(1, 2)
    return half / (1 - u) if u.sign == -1 else 1 - half / (1 + u)


_SPECIAL: dict[str, Callable[[Germ], Germ]] = {
    "exp": _exp, "log": _log, "log1p": _log1p, "atanh": _atanh, "sqrt": lambda u: u ** fmpq(1, 2),
    "abs": _abs, "sign": _signum, "softsign": _softsign, "softsign_cdf": _softsign_cdf,
}  # fmt: skip


def _far_erfc(u: Germ, sign: int) -> Germ:
    """For u -> infinity the asymptotic series; its error is at most the next term."""
    if sign < 0:
        return 2 - _far_erfc(-u, 1)
    square = u * u
    series = _series(_q(1, "-1/2", "3/4", "-15/8"), 1 / square)
    return _exp(-square) * series / (u * _germ(_root_pi()))


def _far_tanh(u: Germ, sign: int) -> Germ:
    small = _exp(-2 * sign * u)
    return sign * (1 - small) / (1 + small)


def _far_logistic(u: Germ, sign: int) -> Germ:
    small = _exp(-sign * u)
    return 1 / (1 + small) if sign > 0 else small / (1 + small)


def _far_softplus(u: Germ, sign: int) -> Germ:
    rest = _log1p(_exp(-sign * u))
    return u + rest if sign > 0 else rest


def _far_sinh(u: Germ, sign: int) -> Germ:
    return (_exp(u) - _exp(-u)) / 2


def _far_asinh(u: Germ, sign: int) -> Germ:
    size = sign * u
    return sign * _log(size + (1 + u * u) ** fmpq(1, 2))


def _far_arctan(u: Germ, sign: int) -> Germ:
    right = _germ(_root_pi() * _root_pi() * fmpq(sign, 2))
    return right - _series(_AT_ZERO["arctan"], 1 / u)


def _far_algebraic(u: Germ, sign: int) -> Germ:
    return sign * (1 + 1 / (u * u)) ** fmpq(-1, 2)


def _far_root_ramp(u: Germ, sign: int) -> Germ:
    total = (1 + u * u) ** fmpq(1, 2) + sign * u
    return total / 2 if sign > 0 else 1 / (2 * total)


def _far_arctan_gate(u: Germ, sign: int) -> Germ:
    if sign > 0:
        return u - _far_arctan_gate(-u, -1) * -1
    return u * _series(_AT_ZERO["arctan"], -1 / u) / _pi()


def _far_arctan_gate_slope(u: Germ, sign: int) -> Germ:
    if sign > 0:
        return 1 - _far_arctan_gate_slope(-u, -1)
    t = -1 / u  # arctan(t) - t/(1 + t^2) = 2t^3/3 - 4t^5/5 + ...
    return t**3 * _series(_q("2/3", "-4/5", "6/7"), t * t) / _pi()


def _pi() -> Germ:
    return _germ(_root_pi() * _root_pi())


_FAR: dict[str, Callable[[Germ, int], Germ]] = {
    "expm1": lambda u, s: _exp(u) - 1,
    "exp_gap": lambda u, s: _exp(u) - 1 - u,
    "sinh": _far_sinh,
    "cosh": lambda u, s: (_exp(u) + _exp(-u)) / 2,
    "asinh": _far_asinh,
    "arctan": _far_arctan,
    "tanh": _far_tanh,
    "tanh_gap": lambda u, s: u - _far_tanh(u, s),
    "logistic": _far_logistic,
    "softplus": _far_softplus,
    "erf": lambda u, s: s * (1 - _far_erfc(s * u, 1)),
    "erfc": _far_erfc,
    "normal_cdf": lambda u, s: _far_erfc(-u * _germ(_power(fmpq(1, 2), fmpq(1, 2))), -s) / 2,
    "algebraic": _far_algebraic,
    "algebraic_cdf": lambda u, s: (1 + _far_algebraic(u, s)) / 2,
    "root_ramp": _far_root_ramp,
    "root_gap": lambda u, s: (1 + u * u) ** fmpq(1, 2) - 1,
    "algebraic_gate": lambda u, s: u * (1 + _far_algebraic(u, s)) / 2,
    "algebraic_gate_slope": lambda u, s: (1 + _far_algebraic(u, s) * (1 + 1 / (1 + u * u))) / 2,
    "arctan_gate": _far_arctan_gate,
    "arctan_gate_slope": _far_arctan_gate_slope,
}


_WAVES = ("sin", "cos", "tan", "sinc", "sinc_1", "sinc_2", "sinc_3")


def _wave(name: str, u: Germ) -> Germ:
    """sin, cos and what is made of them, of a growing argument."""
    if name == "sinc":
        return _wave("sin", u) / u
    if name in ("sinc_1", "sinc_2", "sinc_3"):  # spherical Bessel functions j_n(u)/u^n
        before, here = _wave("cos", u), _wave("sin", u) / u
        for n in range(int(name[-1])):
            before, here = here, ((2 * n + 1) * here - before) / (u * u)
        return here
    if name == "tan":
        return _wave("sin", u) / _wave("cos", u)
    if u.sign == -1:
        return -_wave(name, -u) if name == "sin" else _wave(name, -u)
    large = [term for term in u.terms if compare(term[1], UNIT) > 0]
    if any(_varies(c) for c, _ in large) or (u.rest is not None and compare(u.rest, UNIT) >= 0):
        return _varying(-1, 1, wave=u.wave)
    found = u.wave.values(*large[0]) if u.wave is not None and len(large) == 1 else None
    if found is not None:
        cosine, sine = (Germ([(v, UNIT)] if v != 0 else [], wave=u.wave) for v in found)
    else:
        key = tuple((c, m.key) for c, m in large)
        cosine, sine = (_varying(-1, 1, (n, key), u.wave) for n in ("cos", "sin"))
    rest = Germ(u.terms[len(large) :], u.rest, wave=u.wave)
    if rest.top is None:
        return sine if name == "sin" else cosine
    cos, sin = rest.apply(PRIMITIVES["cos"]), rest.apply(PRIMITIVES["sin"])
    return sine * cos + cosine * sin if name == "sin" else cosine * cos - sine * sin


# -- reading --------------------------------------------------------------------------------------
def at_infinity(side: int, phase: Any = None, base: Any = None) -> Germ:
    """x itself as x -> side*infinity.

    With a `phase`, a rational point (cos, sin) on the unit circle, it is read along the x at which
    w*|x| has that angle; `base` is w, by default 1.
    """
    if phase is not None and not isinstance(base, tuple):
        base = (_rational(base if base is not None else 1), T)
    return Germ([(fmpq(side), T)], wave=Wave(phase, base))


def read(formulas: Any, x: Germ) -> list[Germ]:
    """Formulas (a Program or nodes) at a germ, numbers taken exactly."""
    program = formulas if isinstance(formulas, Program) else Program(map(_plain, formulas))
    values: list[Any] = []
    for op, args in program.steps:
        try:
            values.append(_step(op, args, values, x))
        except UndecidedError:  # an open comparison
            values.append(None)
    found = (values[i] for i in program.roots)
    return [Germ(known=False) if v is None else _germ(v) for v in found]


def _step(op: str, args: tuple[Any, ...], values: list[Any], x: Germ) -> Any:
    if op == "x":
        return x
    if op in ("number", "constant"):
        return _germ(args[0])
    if op == "where":
        if values[args[0]] is None:
            raise UndecidedError
        chosen = values[args[1]] if values[args[0]] else values[args[2]]
        if chosen is None:
            raise UndecidedError
        return chosen
    given = [values[i] for i in args if not hasattr(i, "name")]
    if any(v is None for v in given):
        raise UndecidedError
    if op == "call":
        return args[0](*given)
    if op == "neg":
        return -given[0]
    if op == "not":
        return not given[0]
    if op in ("max", "min"):
        return (maximum if op == "max" else minimum)(*given)
    return BINARY[op](*given)


def _plain(formula: Node) -> Node:
    """The formula with registered functions in use written out."""
    if not any(part.op == "use" for part in formula.walk()):
        return formula
    if formula.op == "use":
        inner, argument = formula.args[2], _plain(formula.args[3])
        return argument if inner is None else _plain(inner.read(argument))
    parts = (_plain(a) if isinstance(a, Node) else a for a in formula.args)
    return where(*parts) if formula.op == "where" else Node(formula.op, tuple(parts))


# Angles at which a formula with waves is tried.
_POINTS = [
    (1, 0), (0, 1), (-1, 0), (0, -1),
    *((Fraction(a, c), Fraction(b, c)) for a, b, c in ((3, 4, 5), (-4, 3, 5), (5, -12, 13))),
]  # fmt: skip


def limit(formulas: Any, side: int) -> "list[Enclosure | float | Answer]":
    """The limit of every formula at side*infinity: an enclosure, an infinity, NONE or UNKNOWN."""
    x = at_infinity(side)
    program = formulas if isinstance(formulas, Program) else Program(map(_plain, formulas))
    results = [germ.limit() for germ in read(program, x)]
    if not any(r is UNKNOWN for r in results) or x.wave is None:
        return results
    first: list[Any] = [None] * len(results)
    for base in _bases(x.wave.seen):
        for point in _POINTS:
            found = [g.limit() for g in read(program, at_infinity(side, point, base))]
            for i, there in enumerate(found):
                if results[i] is not UNKNOWN or there is UNKNOWN:
                    continue
                if first[i] is None:
                    first[i] = there
                elif _differ(first[i], there):
                    results[i] = NONE
            if not any(r is UNKNOWN for r in results):
                return results
    return results


def bounded(formula: Any, side: int) -> bool | None:
    """Whether |f| stays bounded as x -> side*infinity; None if that is open."""
    program = formula if isinstance(formula, Program) else Program([_plain(formula)])
    x = at_infinity(side)
    size = read(program, x)[0].size
    if size is not None or x.wave is None:
        return None if size is None else size <= 0
    for base in _bases(x.wave.seen):
        for point in _POINTS:
            if read(program, at_infinity(side, point, base))[0].size == 1:
                return False
    return None


def _differ(a: Any, b: Any) -> bool:
    if isinstance(a, float) or isinstance(b, float):
        return not (isinstance(a, float) and isinstance(b, float) and a == b)
    return bool(a.high < b.low) or bool(b.high < a.low)


def _bases(seen: list[Any]) -> list[Any]:
    """Base frequencies (w, monomial): every argument of that kind is a multiple of one of them."""
    found: list[list[Any]] = []
    for c, m in seen:
        for group in found:
            ratio = c * _inverse(group[0])
            if m.key == group[1].key and not isinstance(ratio, Real):
                step = fmpq(math.gcd(int(ratio.p), int(ratio.q)), int(ratio.q))
                group[0] = group[0] * step
                break
        else:
            found.append([c, m])
    return [tuple(group) for group in found]
