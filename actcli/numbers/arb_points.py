"""Bounds of the primitives at one exact point or infinity, from Arb.

Arb's exponents are unbounded, but far out exp is only known to a factor of 4 here; that is enough
to settle signs, and costs nothing.
"""

from collections.abc import Callable
from typing import Any, cast

from flint import arb, fmpz

ZERO, ONE, HALF = arb(0), arb(1), arb(0.5)
INFINITY = arb("inf")
FAR = arb(10) ** 7  # beyond it exp is only known to a factor of 4
LIMIT = 10**320  # largest binary exponent: enough for exp(1.8e308)


def at(name: str, end: arb) -> tuple[arb, arb]:
    """Lower and upper bound of a rising primitive at an exact end."""
    point, below, above = RISING[name]
    if not end.is_finite():
        limit = above if end > 0 else below
        limit = limit() if callable(limit) else limit
        return limit, limit
    ball = point(end)
    return ball.lower(), ball.upper()


def smaller(a: arb, b: arb) -> arb:
    return a if a < b else b


def larger(a: arb, b: arb) -> arb:
    return a if a > b else b


def floor(x: arb) -> int:
    """The largest whole number that is certainly not above x."""
    return int(cast(fmpz, x.lower().floor().unique_fmpz()))


class Bounds:
    """Two bounds where a ball is expected."""

    def __init__(self, low: arb, high: arb) -> None:
        self._low, self._high = low, high

    def lower(self) -> arb:
        return self._low

    def upper(self) -> arb:
        return self._high


def exp(x: arb) -> Any:
    if abs(x) < FAR:
        return x.exp()
    if x > LIMIT:
        return Bounds(arb((1, LIMIT)), INFINITY)
    if x < -LIMIT:
        return Bounds(ZERO, arb((1, -LIMIT)))
    power = floor(x / arb(2).log())
    return Bounds(arb((1, power - 1)), arb((1, power + 2)))


def _logistic(x: arb) -> Any:
    if x < -FAR:
        tail = exp(x)
        return Bounds((tail.lower() * HALF).lower(), tail.upper())
    if x > FAR:
        return Bounds((ONE - exp(-x).upper()).lower(), ONE)
    return 1 / (1 + (-x).exp())


def _softplus(x: arb) -> Any:
    if x > FAR:
        return Bounds(x, (x + exp(-x).upper()).upper())
    if x < -FAR:
        tail = exp(x)
        return Bounds((tail.lower() * HALF).lower(), tail.upper())
    return x + (-x).exp().log1p() if x > 0 else x.exp().log1p()


def _expm1(x: arb) -> Any:
    if abs(x) < FAR:
        return x.expm1()
    grown = exp(x)
    return Bounds((grown.lower() - 1).lower(), (grown.upper() - 1).upper())


def _tanh(x: arb) -> Any:
    if abs(x) < FAR:
        return x.tanh()
    gap = exp(-2 * abs(x)).upper() * 2
    return Bounds((ONE - gap).lower(), ONE) if x > 0 else Bounds(-ONE, (gap - ONE).upper())


def cbrt(x: arb) -> arb:
    """The cube root of an exact number."""
    return x if x == 0 else x.root(3) if x > 0 else -(-x).root(3)


def _sinh(x: arb) -> Any:
    if abs(x) < FAR:
        return x.sinh()
    size = exp(abs(x))
    low, high = (size.lower() / 4).lower(), size.upper()
    return Bounds(low, high) if x > 0 else Bounds(-high, -low)


def _cosh(x: arb) -> Any:
    if x < FAR:
        return x.cosh()
    grown = exp(x)
    return Bounds((grown.lower() / 2).lower(), grown.upper())


def _normal_tail(x: arb) -> Any:
    """P(Z < x) far on the left: between exp(-x^2/2)/(6|x|) and exp(-x^2/2)."""
    bell = exp(-x * x / 2)
    return Bounds((bell.lower() / (-6 * x)).lower(), bell.upper())


def erfc(x: arb) -> Any:
    if abs(x) < FAR:
        return x.erfc()
    tail = _normal_tail(-abs(x))  # an upper bound; erfc falls faster still
    if x > 0:
        return Bounds(ZERO, tail.upper())
    return Bounds((2 - tail.upper()).lower(), arb(2))


def _erf(x: arb) -> Any:
    if abs(x) < FAR:
        return x.erf()
    gap = _normal_tail(-abs(x)).upper()
    return Bounds((ONE - gap).lower(), ONE) if x > 0 else Bounds(-ONE, (gap - ONE).upper())


def _normal_cdf(x: arb) -> Any:
    if abs(x) < FAR:
        return (-x / arb(2).sqrt()).erfc() / 2
    if x < 0:
        return _normal_tail(x)
    return Bounds((ONE - _normal_tail(-x).upper()).lower(), ONE)


def algebraic_cdf(x: arb) -> arb:
    root = (1 + x * x).sqrt()
    share = HALF / (root * (root + abs(x)))
    return share if x < 0 else 1 - share


def root_ramp(x: arb) -> arb:
    root = (1 + x * x).sqrt() + abs(x)
    return HALF / root if x < 0 else root / 2


def _tanh_gap(x: arb) -> Any:
    """x - tanh(x); near 0 within x^3/3 - 2x^5/15 and x^3/3."""
    if abs(x) < 1e-4:
        a = x**3 / 3
        b = a - 2 * x**5 / 15
        return Bounds(b.lower(), a.upper()) if x >= 0 else Bounds(a.lower(), b.upper())
    gap = _tanh(x)
    return Bounds((x - gap.upper()).lower(), (x - gap.lower()).upper())


def _arctan_gate(x: arb) -> arb:
    share = (-1 / x).atan() if x < -1 else x.atan() + arb.pi() / 2
    return x * share / arb.pi()


def _arctan_gate_slope(x: arb) -> Any:
    if x < -1:
        t = -1 / x
        if t < 1e-4:  # between 2t^3/3 - 4t^5/5 and 2t^3/3
            a = 2 * t**3 / 3
            return Bounds(((a - 4 * t**5 / 5) / arb.pi()).lower(), (a / arb.pi()).upper())
        return (t.atan() - t / (1 + t * t)) / arb.pi()
    return HALF + x.atan() / arb.pi() + x / (arb.pi() * (1 + x * x))


def exp_gap(x: arb) -> Any:
    """exp(x) - 1 - x at a point; near 0 within x^2/2 and x^2/2 + x^3/6."""
    if abs(x) < 1e-4:
        a, b = x * x / 2, x * x / 2 + x**3 / 6 * (ONE + x.abs_upper())
        return Bounds(smaller(a.lower(), b.lower()), larger(a.upper(), b.upper()))
    grown = _expm1(x)
    return Bounds((grown.lower() - x).lower(), (grown.upper() - x).upper())


def sinc(x: arb) -> Any:
    if abs(x) < 1e-4:
        return Bounds((1 - x * x / 6).lower(), (1 - x * x / 6 + x**4 / 120).upper())
    return x.sin() / x


def _half_pi() -> arb:
    return (arb.pi() / 2).upper()


# What rises: at a point, and its bounds as the argument goes to -infinity and to infinity. Of cosh and
# root_gap the half x >= 0, of erfc its mirror image.
RISING: dict[str, tuple[Callable[[arb], Any], Any, Any]] = {
    "exp": (exp, ZERO, INFINITY),
    "expm1": (_expm1, -ONE, INFINITY),
    "logistic": (_logistic, ZERO, ONE),
    "softplus": (_softplus, ZERO, INFINITY),
    "tanh": (_tanh, -ONE, ONE),
    "erf": (_erf, -ONE, ONE),
    "normal_cdf": (_normal_cdf, ZERO, ONE),
    "sinh": (_sinh, -INFINITY, INFINITY),
    "cosh": (_cosh, ONE, INFINITY),
    "root_gap": (lambda x: x * x / ((1 + x * x).sqrt() + 1), ZERO, INFINITY),
    "erfc": (lambda x: erfc(-x), ZERO, arb(2)),
    "asinh": (lambda x: x.asinh(), -INFINITY, INFINITY),
    "cbrt": (cbrt, -INFINITY, INFINITY),
    "arctan": (lambda x: x.atan(), lambda: -_half_pi(), _half_pi),
    "softsign": (lambda x: x / (1 + abs(x)), -ONE, ONE),
    "softsign_cdf": (lambda x: HALF / (1 - x) if x < 0 else 1 - HALF / (1 + x), ZERO, ONE),
    "algebraic": (lambda x: x / (1 + x * x).sqrt(), -ONE, ONE),
    "algebraic_cdf": (algebraic_cdf, ZERO, ONE),
    "root_ramp": (root_ramp, ZERO, INFINITY),
    "tanh_gap": (_tanh_gap, -INFINITY, INFINITY),
    "arctan_gate": (_arctan_gate, lambda: (-1 / arb.pi()).lower(), INFINITY),
    "arctan_gate_slope": (_arctan_gate_slope, ZERO, ONE),
}
