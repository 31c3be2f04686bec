"""Balls: formulas read over a real or complex Arb ball, for integrals and for sharp values."""

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from typing import Any

from flint import acb, arb, ctx

from . import arb_points
from .interval import exact, of_constant
from .plan import Algebra
from .types import Number
from .where import Constant


class Ball:
    """A real or complex Arb ball as a number that formulas can be read with; if they branch, a real one.

    Complex balls are not finite where the formula is not holomorphic on the whole ball.
    """

    __slots__ = ("ball",)
    __array_ufunc__ = None

    def __init__(self, ball: Any) -> None:
        self.ball = ball

    def __repr__(self) -> str:
        return repr(self.ball)

    def apply(self, primitive: Any, *constants: Number) -> "Ball":
        return Ball(_applied(primitive)(self.ball, *map(raw, constants)))

    def lift(self, number: Number) -> "Ball":
        return Ball(arb(raw(number)))

    def algebra(self) -> Algebra:
        return _algebra(ctx.prec)

    def __neg__(self) -> "Ball":
        return Ball(-self.ball)

    def __add__(self, other: Number) -> "Ball":
        return Ball(self.ball + raw(other))

    __radd__ = __add__

    def __sub__(self, other: Number) -> "Ball":
        return Ball(self.ball - raw(other))

    def __rsub__(self, other: Number) -> "Ball":
        return Ball(raw(other) - self.ball)

    def __mul__(self, other: Number) -> "Ball":
        return Ball(self.ball * raw(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> "Ball":
        return Ball(_quotient(self.ball, raw(other)))

    def __rtruediv__(self, other: Number) -> "Ball":
        return Ball(_quotient(raw(other), self.ball))

    def __pow__(self, exponent: Number) -> "Ball":
        return Ball(_power(self.ball, raw(exponent) if isinstance(exponent, Ball) else exponent))

    def __lt__(self, other: Number) -> bool:
        """TypeError, here and below, where the balls overlap: the comparison is open."""
        return _decided(self.ball < raw(other), self.ball >= raw(other))

    def __le__(self, other: Number) -> bool:
        return _decided(self.ball <= raw(other), self.ball > raw(other))

    def __gt__(self, other: Number) -> bool:
        return _decided(self.ball > raw(other), self.ball <= raw(other))

    def __ge__(self, other: Number) -> bool:
        return _decided(self.ball >= raw(other), self.ball < raw(other))

    def maximum(self, other: Number) -> "Ball":
        return self if self > other else self.lift(other)

    def minimum(self, other: Number) -> "Ball":
        return self if self < other else self.lift(other)


def _decided(holds: bool, fails: bool) -> bool:
    if holds == fails:
        raise TypeError("balls that overlap")
    return holds


def raw(number: Number) -> Any:
    if isinstance(number, Ball):
        return number.ball
    if isinstance(number, Constant):
        return _constant(number.text, ctx.prec)
    return exact(number) if isinstance(number, Fraction) else number


@cache
def _algebra(precision: int) -> Algebra:
    return Algebra(
        bare=raw, whole=Ball, lift=lambda number: arb(raw(number)), apply=_applied,
        raised=lambda exponent: lambda x: _power(x, exponent), quotient=_quotient, power=_power,
    )  # fmt: skip


def _applied(primitive: Any) -> Callable[..., Any]:
    """The primitive on bare balls; sin(x, w) is sin(w*x)."""
    function = _PRIMITIVES.get(primitive.name) or (lambda x: primitive.plain(Ball(x)).ball)
    return lambda x, *constants: function(x * constants[0] if constants else x)


def _power(x: Any, exponent: Any) -> Any:
    if isinstance(exponent, int) and abs(exponent) < 1e6:
        whole = x ** abs(exponent)
        return whole if exponent >= 0 else _quotient(1, whole)
    if exponent == Fraction(1, 2):
        return _sqrt(x)
    return (_log(x) * raw(exponent)).exp()


@cache
def _constant(text: str, precision: int) -> Any:
    found = of_constant(Constant(text, "", ""))
    return found.low.union(found.high)


def _quotient(a: Any, b: Any) -> Any:
    try:
        return a / b
    except ZeroDivisionError:
        return arb.nan()


def _sqrt(x: Any) -> Any:
    return x.sqrt(analytic=True) if isinstance(x, acb) else x.sqrt()


def _log(x: Any) -> Any:
    return x.log(analytic=True) if isinstance(x, acb) else x.log()


def _log1p(x: Any) -> Any:
    return (1 + x).log(analytic=True) if isinstance(x, acb) else x.log1p()


def _off_imaginary_cuts(name: str) -> Callable[[Any], Any]:
    """arctan or arsinh: cut along the imaginary axis beyond +-i."""

    def apply(x: Any) -> Any:
        if isinstance(x, acb) and x.real.contains(0) and not x.imag.abs_upper() < 1:
            return acb(arb.nan())
        return getattr(x, name)()

    return apply


_arctan = _off_imaginary_cuts("atan")


def _atanh(x: Any) -> Any:
    if isinstance(x, acb) and x.imag.contains(0) and not x.real.abs_upper() < 1:
        return acb(arb.nan())
    return x.atanh()


def _right(x: Any) -> bool:
    return bool((x.real if isinstance(x, acb) else x).mid() > 0)


def _logistic(x: Any) -> Any:
    """From the exponential that is small: a wide ball of a large one would reach down to 0."""
    if _right(x):
        return 1 / (1 + (-x).exp())
    tail = x.exp()
    return tail / (1 + tail)


def _softplus(x: Any) -> Any:
    return x + _log1p((-x).exp()) if _right(x) else _log1p(x.exp())


def _tanh(x: Any) -> Any:
    if not isinstance(x, acb):
        return x.tanh()
    tail = (-2 * x if _right(x) else 2 * x).exp()  # acb.tanh is not finite on wide balls
    share = 2 * tail / (1 + tail)
    return 1 - share if _right(x) else share - 1


def _sech(x: Any) -> Any:
    tail = (-x if _right(x) else x).exp()  # cosh overflows
    return _quotient(2 * tail, 1 + tail * tail)


def _cbrt(x: Any) -> Any:
    """The real cube root; over complex balls on either side of the imaginary axis."""
    if isinstance(x, acb):
        if x.real.contains(0):
            return acb(arb.nan())
        return (_log(x) / 3).exp() if _right(x) else -(_log(-x) / 3).exp()
    return arb_points.cbrt(x.lower()).union(arb_points.cbrt(x.upper()))


def _normal_cdf(x: Any) -> Any:
    return (x * minus_root_half(ctx.prec)).erfc() / 2


@cache
def minus_root_half(precision: int) -> Any:
    return -1 / arb(2).sqrt()


@cache
def _pi(precision: int) -> Any:
    return arb.pi()


def _algebraic_cdf(x: Any) -> Any:
    root = _sqrt(1 + x * x)
    if isinstance(x, acb) or _right(x):
        return (1 + x / root) / 2
    return 1 / (2 * root * (root - x))


def _root_ramp(x: Any) -> Any:
    root = _sqrt(1 + x * x)
    if isinstance(x, acb) or _right(x):
        return (x + root) / 2
    return 1 / (2 * (root - x))


def _algebraic_gate_slope(x: Any) -> Any:
    """(1 + x sqrt(1 + x^2)) (x + sqrt(1 + x^2)) / (2 sqrt(1 + x^2)^3)."""
    root = _sqrt(1 + x * x)
    return (1 + x * root) * _root_ramp(x) / root**3


def _sinc(x: Any) -> Any:
    return x.sinc() if x.contains(0) else x.sin() / x


_TERMS = 30  # of the series of sinc_n


def _sinc_n(n: int) -> Callable[[Any], Any]:
    """j_n(x)/x^n: the sum of (-x^2/2)^k / (k! (2n + 2k + 1)!!) up to |x| = 2, by recurrence beyond."""

    def apply(x: Any) -> Any:
        if not x.abs_upper() < 2:
            before, here = x.cos(), x.sin() / x  # j_-1 x and j_0
            before = before / x
            for k in range(n):
                before, here = here, (2 * k + 1) * here / x - before
            return here / x**n
        square = x * x
        total: Any = 0
        for coefficient in _sinc_series(n, ctx.prec)[::-1]:
            total = total * square + coefficient
        rest = arb(0, 2.0**-200)  # terms alternate and fall; the first left out is 2^30/(30! 61!!)
        return total + (acb(rest, rest) if isinstance(x, acb) else rest)

    return apply


@cache
def _sinc_series(n: int, precision: int) -> list[Any]:
    odd = 1
    for k in range(1, n + 1):
        odd *= 2 * k + 1
    term, found = Fraction(1, odd), []
    for k in range(_TERMS):
        found.append(exact(term))
        term *= Fraction(-1, 2 * (k + 1) * (2 * n + 2 * k + 3))
    return found


def _arctan_share(x: Any) -> Any:
    """arctan(x)/pi + 1/2."""
    if not isinstance(x, acb) and x < -1:
        return (-1 / x).atan() / _pi(ctx.prec)
    return _arctan(x) / _pi(ctx.prec) + 0.5


# those that are sharper than their plain formulas
_PRIMITIVES: dict[str, Callable[[Any], Any]] = {
    "exp": lambda x: x.exp(), "expm1": lambda x: x.expm1(), "log": _log, "log1p": _log1p,
    "sqrt": _sqrt, "cbrt": _cbrt, "sech": _sech,
    "sin": lambda x: x.sin(), "cos": lambda x: x.cos(), "tan": lambda x: x.tan(),
    "sinh": lambda x: x.sinh(), "cosh": lambda x: x.cosh(), "asinh": _off_imaginary_cuts("asinh"),
    "atanh": _atanh, "arctan": _arctan, "tanh": _tanh, "logistic": _logistic,
    "softplus": _softplus, "erf": lambda x: x.erf(), "erfc": lambda x: x.erfc(),
    "normal_cdf": _normal_cdf, "algebraic_cdf": _algebraic_cdf,
    "root_ramp": _root_ramp, "root_gap": lambda x: x * x / (_sqrt(1 + x * x) + 1),
    "arctan_gate": lambda x: x * _arctan_share(x),
    "arctan_gate_slope": lambda x: _arctan_share(x) + x / (_pi(ctx.prec) * (1 + x * x)),
    "sinc": _sinc, **{f"sinc_{n}": _sinc_n(n) for n in (1, 2, 3)},
    "algebraic_gate_slope": _algebraic_gate_slope,
    "softsign_cdf": lambda x: 0.5 / (1 - x) if x < 0 else 1 - 0.5 / (1 + x),
    "abs": abs, "sign": lambda x: x.sgn(),
}  # fmt: skip
