"""Sharp numbers: as exact as can be told, for rounding a formula's value at one place.

A number is rational, or lies next to a rational number on a known side (1 - exp(-1e30) is next to 1,
below it), or in a ball of Arb that shrinks as the precision rises.
"""

from collections.abc import Callable, Iterable, Iterator
from fractions import Fraction
from functools import cache
from math import isfinite, isqrt
from typing import Any, NoReturn

from flint import arb, ctx, fmpq

from .ball import Ball, raw
from .differentiate import expanded
from .jet import Jet, slope_of, value_of
from .recorder import Node
from .rounding import Format
from .where import Constant, where

Number = Any

PRECISIONS = (128, 320, 800, 2000)  # bits; exp(-FAR) next to 1 takes 1450
FAR = 1000
TINY = -1442  # exp(-FAR) < 2**TINY
LONGEST = 20_000  # bits of a rational number
OUT_OF_RANGE = 2000  # binary exponents that no format has
ZERO, ONE = fmpq(0), fmpq(1)


def _with_numbers(operation: Callable[["Sharp", "Sharp"], "Sharp"]) -> Callable[..., "Sharp"]:
    """An operation on any number; a jet does its own."""

    def apply(a: "Sharp", b: Number) -> "Sharp":
        return NotImplemented if isinstance(b, Jet) else operation(a, sharp(b))

    return apply


class Sharp:
    """`exact`, or a real number off it by less than 2**size on one side; else inside `ball`."""

    __slots__ = ("_ball", "exact", "side", "size")
    __array_ufunc__ = None

    def __init__(self, exact: Any, side: int = 0, size: int = 0, ball: Any = None) -> None:
        self.exact, self.side, self.size, self._ball = exact, side, size, ball

    @property
    def ball(self) -> Any:
        if self._ball is None:
            self._ball = arb(self.exact)
            if self.side:
                self._ball = self._ball.union(self._ball + arb((self.side, self.size)))
        return self._ball

    @property
    def sign(self) -> int | None:
        """That of the number; None if it is not known."""
        if self.exact is None:
            return 1 if self.ball > 0 else -1 if self.ball < 0 else None
        own = (self.exact > 0) - (self.exact < 0)
        if own == 0 or self.side in (0, own):
            return own or self.side
        return own if self.size < _exponent(self.exact) else None

    # -- what a number type owes -------------------------------------------------------------------
    def apply(self, primitive: Any, *constants: Number) -> "Sharp":
        x = self
        for w in constants:  # sin(x, w) is sin(w*x)
            x = x * w
        found = _FORMS[primitive.name](x) if primitive.name in _FORMS else None
        if found is None or found.exact is None:
            found = _in_ball(Ball(x.ball).apply(primitive).ball)
        return found

    def lift(self, constant: Constant) -> "Sharp":
        return _in_ball(raw(constant))

    @staticmethod
    def select(condition: Number, chosen: Number, otherwise: Number) -> "Sharp":
        return UNKNOWN

    def __neg__(self) -> "Sharp":
        if self.exact is None:
            return Sharp(None, ball=-self.ball)
        return Sharp(-self.exact, -self.side, self.size)

    def __abs__(self) -> "Sharp":
        sign = self.sign
        return _in_ball(abs(self.ball)) if sign is None else -self if sign < 0 else self

    @_with_numbers
    def __add__(self, other: "Sharp") -> "Sharp":
        a, b = self, other
        if a.exact is None or b.exact is None or a.side * b.side < 0:
            return _in_ball(a.ball + b.ball)
        return _short(a.exact + b.exact, a.side or b.side, _larger(a, b) + 1)

    __radd__ = __add__

    @_with_numbers
    def __sub__(self, other: "Sharp") -> "Sharp":
        return self + -other

    def __rsub__(self, other: Number) -> "Sharp":
        return sharp(other) - self

    @_with_numbers
    def __mul__(self, other: "Sharp") -> "Sharp":
        a, b = self, other
        if a.exact is None or b.exact is None:
            zero = any(n.exact == 0 and not n.side for n in (a, b))
            product = a.ball * b.ball
            return Sharp(ZERO) if zero and product.is_finite() else _in_ball(product)
        sides, sizes = set(), []
        if b.side and a.exact:
            sides.add(b.side if a.exact > 0 else -b.side)
            sizes.append(b.size + _exponent(a.exact) + 2)
        if a.side and b.exact:
            sides.add(a.side if b.exact > 0 else -a.side)
            sizes.append(a.size + _exponent(b.exact) + 2)
        if a.side and b.side:
            sizes.append(a.size + b.size)
            larger, small = (a.exact, a.size) if a.exact else (b.exact, b.size)
            if not larger or small >= _exponent(larger):
                sides.add(a.side * b.side)  # else this part is smaller than one above
        if len(sides) > 1:
            return _in_ball(a.ball * b.ball)
        side = sides.pop() if sides else 0
        return _short(a.exact * b.exact, side, max(sizes, default=0) + len(sizes))

    __rmul__ = __mul__

    @_with_numbers
    def __truediv__(self, other: "Sharp") -> "Sharp":
        return self * other._inverse()

    def __rtruediv__(self, other: Number) -> "Sharp":
        return sharp(other) / self

    def _inverse(self) -> "Sharp":
        if self.exact:
            exponent = _exponent(self.exact)
            if not self.side or self.size < exponent - 1:
                return Sharp(1 / self.exact, -self.side, self.size - 2 * exponent + 1)
        return UNKNOWN if self.ball.contains(0) else _in_ball(1 / self.ball)

    def __pow__(self, exponent: Number) -> "Sharp":
        power = sharp(exponent).exact
        if power is None:
            return UNKNOWN
        if power.q == 1 and abs(power) <= 64:
            found = Sharp(ONE)
            for _ in range(abs(int(power.p))):
                found = found * self
            return found if power >= 0 else found._inverse()
        if power == fmpq(1, 2):
            return _root(self) or _in_ball(self.ball.sqrt())
        if power.q == 1:
            return _in_ball(self.ball ** int(power.p))
        return _in_ball((self.ball.log() * arb(power)).exp())

    def __lt__(self, other: Number) -> Number:
        return _sign_holds(self - other, lambda sign: sign < 0)

    def __le__(self, other: Number) -> Number:
        return _sign_holds(self - other, lambda sign: sign <= 0)

    def __gt__(self, other: Number) -> Number:
        return _sign_holds(self - other, lambda sign: sign > 0)

    def __ge__(self, other: Number) -> Number:
        return _sign_holds(self - other, lambda sign: sign >= 0)

    def __eq__(self, other: object) -> Number:
        return _sign_holds(self - other, lambda sign: sign == 0)

    def __ne__(self, other: object) -> Number:
        return _sign_holds(self - other, lambda sign: sign != 0)

    __hash__ = None  # type: ignore[assignment]

    def maximum(self, other: Number) -> Number:
        return where(self > other, self, other)

    def minimum(self, other: Number) -> Number:
        return where(self < other, self, other)

    def seam(self) -> "Sharp":
        return self

    # -- rounding ------------------------------------------------------------------------------------
    def nearest(self, form: Format) -> float | None:
        """The number of a format nearest to it, a tie going to the even one; None if not known."""
        if self.exact is not None:
            found = _rounded(self.exact, self.side, form)
            if not self.side:
                return found
            end = self.exact + self.side * fmpq(2) ** self.size
            return found if _rounded(end, -self.side, form) == found else None
        if not self.ball.is_finite():
            return None
        low, high = (_rounded_end(end, form) for end in (self.ball.lower(), self.ball.upper()))
        return low if low == high else None


UNKNOWN = Sharp(None, ball=arb.nan())


class Open:
    """The answer to a comparison that is not known; what it chooses is unknown too."""

    @staticmethod
    def select(condition: Number, chosen: Number, otherwise: Number) -> Sharp:
        return UNKNOWN

    def __and__(self, other: Number) -> Number:
        return other is not False and self

    def __or__(self, other: Number) -> Number:
        return other is True or self

    __rand__, __ror__ = __and__, __or__

    def __invert__(self) -> "Open":
        return self

    def __bool__(self) -> NoReturn:
        raise TypeError("the comparison is open; use where(condition, a, b)")


OPEN = Open()


def nearest(
    tree: Node, places: Iterable[float], order: int, form: Format
) -> Iterator[float | None]:
    """The derivative of that order of a formula at each place, correctly rounded; None if it is not
    decided."""
    tree = expanded(tree)
    for x in places:
        place = Sharp(fmpq(*float(x).as_integer_ratio()))
        number = place if order == 0 else Jet(place, 1) if order == 1 else Jet(Jet(place, 1), 1)
        rounded = None
        for precision in PRECISIONS:
            with ctx.workprec(precision):
                found = tree.read(number, {})
                for _ in range(order):
                    found = slope_of(found)
                rounded = sharp(value_of(value_of(found))).nearest(form)
            if rounded is not None:
                break
        yield rounded


def sharp(number: Number) -> Sharp:
    """A number of any kind; a float means its shortest decimal."""
    if isinstance(number, Sharp):
        return number
    if isinstance(number, Constant):
        return _in_ball(raw(number))
    if isinstance(number, float) and not isfinite(number):
        return UNKNOWN
    return Sharp(_rational(number))


@cache
def _rational(number: Number) -> Any:
    exact = Fraction(repr(float(number)) if isinstance(number, float) else number)
    return fmpq(exact.numerator, exact.denominator)


def _short(exact: Any, side: int = 0, size: int = 0) -> Sharp:
    if exact.p.bit_length() + exact.q.bit_length() > LONGEST:
        return _in_ball(Sharp(exact, side, size).ball)
    return Sharp(exact, side, size)


def _in_ball(found: Any) -> Sharp:
    if found.is_exact() and found.is_finite():
        return Sharp(found.fmpq())
    return Sharp(None, ball=found)


def _exponent(exact: Any) -> int:
    """The largest k that is sure to have 2**k <= abs(exact); it is below 2**(k + 2)."""
    return int(exact.p.bit_length()) - int(exact.q.bit_length()) - 1


# -- primitives ------------------------------------------------------------------------------------
def _root(x: Sharp) -> Sharp | None:
    """The square root, if it is rational."""
    if x.exact is None or x.side or x.exact < 0:
        return None
    over, under = (isqrt(int(part)) for part in (x.exact.p, x.exact.q))
    root = fmpq(over, under)
    return Sharp(root) if root * root == x.exact else None


def _sign(x: Sharp) -> Sharp | None:
    return None if x.sign is None else Sharp(fmpq(x.sign))


def _rooted(form: Callable[[Sharp, Sharp], Sharp]) -> Callable[[Sharp], Sharp | None]:
    """A formula in x and sqrt(1 + x^2)."""

    def of(x: Sharp) -> Sharp | None:
        root = _root(1 + x * x)
        return None if root is None else form(x, root)

    return of


def _far(left: Callable[[Sharp], Sharp] | None, right: Callable[[Sharp], Sharp] | None) -> Any:
    """What a function is left of -FAR and right of FAR, where exp is too small to be told from 0."""

    def of(x: Sharp) -> Sharp | None:
        side = left if (x + FAR).sign == -1 else right if (x - FAR).sign == 1 else None
        return None if side is None else side(x)

    return of


def _beside(limit: int, side: int) -> Callable[[Sharp], Sharp]:
    return lambda x: Sharp(fmpq(limit), side, TINY)


_ABOVE_0, _BELOW_1, _ABOVE_MINUS_1 = _beside(0, 1), _beside(1, -1), _beside(-1, 1)
_FORMS: dict[str, Callable[[Sharp], Sharp | None]] = {
    "abs": abs,
    "sign": _sign,
    "sqrt": _root,
    "softsign": lambda x: x / (1 + abs(x)),
    "softsign_cdf": lambda x: (1 + x / (1 + abs(x))) / 2,
    "algebraic": _rooted(lambda x, root: x / root),
    "algebraic_cdf": _rooted(lambda x, root: (1 + x / root) / 2),
    "root_ramp": _rooted(lambda x, root: (x + root) / 2),
    "root_gap": _rooted(lambda x, root: root - 1),
    "algebraic_gate": _rooted(lambda x, root: x * (1 + x / root) / 2),
    "algebraic_gate_slope": _rooted(lambda x, root: (1 + x * root) * (x + root) / (2 * root**3)),
    "exp": _far(_ABOVE_0, None),
    "expm1": _far(_ABOVE_MINUS_1, None),
    "exp_gap": _far(lambda x: _ABOVE_MINUS_1(x) - x, None),
    "logistic": _far(_ABOVE_0, _BELOW_1),
    "normal_cdf": _far(_ABOVE_0, _BELOW_1),
    "softplus": _far(_ABOVE_0, lambda x: x + _ABOVE_0(x)),
    "tanh": _far(_ABOVE_MINUS_1, _BELOW_1),
    "tanh_gap": _far(lambda x: x + _BELOW_1(x), lambda x: x + _ABOVE_MINUS_1(x)),
    "erf": _far(_ABOVE_MINUS_1, _BELOW_1),
    "erfc": _far(_beside(2, -1), _ABOVE_0),
}


def _larger(a: Sharp, b: Sharp) -> int:
    return max((n.size for n in (a, b) if n.side), default=0)


def _sign_holds(gap: Sharp, holds: Callable[[int], bool]) -> Number:
    return OPEN if gap.sign is None else holds(gap.sign)


def _rounded(exact: Any, side: int, form: Format) -> float:
    return form.nearest_to(int(exact.p), int(exact.q), side)


def _rounded_end(end: Any, form: Format) -> float:
    mantissa, exponent = (int(part) for part in end.man_exp())
    size = mantissa.bit_length()
    exponent = min(max(exponent, -OUT_OF_RANGE - size), OUT_OF_RANGE)
    return form.nearest_to(mantissa << max(exponent, 0), 1 << max(-exponent, 0))
