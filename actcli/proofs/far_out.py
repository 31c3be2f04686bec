"""Writes primitives of u -> +-infinity as formulas of what vanishes there, of roots and quotients.

One row serves every number type that expands formulas far out; it is given u, s = |u| and `up`, the sign
of u. The number type owes `within(low, high)`: anything between two numbers. What has no row is read by its
plain formula.
"""

from collections.abc import Callable

from ..numbers.types import Number
from ..primitives import ONE_OVER_ROOT_TWO_PI, PRIMITIVES, TWO_OVER_ROOT_PI, pi

exp, sqrt, arctan = (PRIMITIVES[name] for name in ("exp", "sqrt", "arctan"))


def _arctan_share(u: Number, s: Number, up: int) -> Number:
    """arctan(u)/pi + 1/2."""
    share = arctan(1 / s) / u.lift(pi)
    return 1 - share if up > 0 else share


def _erfc(s: Number) -> Number:
    """exp(-s^2)/(s sqrt(pi)) (1 - 1/(2s^2) + 3/(4s^4) - ...); the error is below the next term."""
    w = 1 / (s * s)
    series = (((s.within(0, 105) / 16 * w - 1.875) * w + 0.75) * w - 0.5) * w + 1
    return exp(-(s * s)) * series * (s.lift(TWO_OVER_ROOT_PI) / (s * 2))


def _normal_cdf(u: Number, s: Number, up: int) -> Number:
    w = 1 / (s * s)
    series = (((s.within(0, 105) * w - 15) * w + 3) * w - 1) * w + 1
    tail = exp(s * s * -0.5) * series * (s.lift(ONE_OVER_ROOT_TWO_PI) / s)
    return 1 - tail if up > 0 else tail


def _logistic(u: Number, s: Number, up: int) -> Number:
    small = exp(-s)
    return 1 / (1 + small) if up > 0 else small / (1 + small)


def _softplus(u: Number, s: Number, up: int) -> Number:
    small = PRIMITIVES["log1p"](exp(-s))
    return u + small if up > 0 else small


def _tanh(u: Number, s: Number, up: int) -> Number:
    small = exp(s * -2)
    return (1 - 2 * small / (1 + small)) * up


def _root(u: Number) -> Number:
    return sqrt(1 + u * u)


def _algebraic_cdf(u: Number, s: Number, up: int) -> Number:
    left = 0.5 / (_root(s) * (_root(s) + s))
    return 1 - left if up > 0 else left


def _root_ramp(u: Number, s: Number, up: int) -> Number:
    total = s + _root(s)
    return total * 0.5 if up > 0 else 0.5 / total


FAR: dict[str, Callable[[Number, Number, int], Number]] = {
    "arctan": lambda u, s, up: u.lift(pi) * (up * 0.5) - arctan(1 / u),
    "arctan_gate": lambda u, s, up: u * _arctan_share(u, s, up),
    "asinh": lambda u, s, up: PRIMITIVES["log"](s + _root(s)) * up,
    "tanh": _tanh,
    "logistic": _logistic,
    "softplus": _softplus,
    "erf": lambda u, s, up: (1 - _erfc(s)) * up,
    "erfc": lambda u, s, up: _erfc(s) if up > 0 else 2 - _erfc(s),
    "normal_cdf": _normal_cdf,
    "algebraic_cdf": _algebraic_cdf,
    "algebraic_gate_slope": lambda u, s, up: (
        (1 + u * _root(u)) * _root_ramp(u, s, up) / (_root(u) * _root(u) * _root(u))
    ),
    "root_ramp": _root_ramp,
}
