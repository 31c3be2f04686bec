"""The primitives of asymptotic expansions: near 0, near another number, near infinity, and waves."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, cast

from flint import fmpq

from ...numbers.interval import enclose, enclosure, hull
from ...numbers.jet import Jet, slope_of, value_of
from ...numbers.types import Number
from ...primitives import PRIMITIVES, pi
from ..far_out import FAR
from .coefficients import (
    ONE,
    ZERO,
    Real,
    UndecidedError,
    bounds_of,
    enclosed,
    exp_of,
    exp_of_logarithm,
    inverse,
    is_varying,
    log_of,
    power_of,
    root_pi,
    symbol,
    to_rational,
)
from .expansion import RULES, AsymptoticExpansion, Wave, expansion_of, power_series
from .monomials import LOG, LOGLOG, UNIT, Monomial, compare, largest


def _q(*numbers: Any) -> list[Any]:
    """Rational coefficients, from numerators and 'a/b'."""
    return [to_rational(Fraction(n)) if isinstance(n, str) else fmpq(n) for n in numbers]


# Taylor coefficients at 0; the first one left out is that of the next power, or it is 0.
_AT_ZERO: dict[str, list[Any]] = {
    "exp": _q(1, 1, "1/2", "1/6", "1/24"), "expm1": _q(0, 1, "1/2", "1/6", "1/24"),
    "log1p": _q(0, 1, "-1/2", "1/3", "-1/4"),
    "logistic": _q("1/2", "1/4", 0, "-1/48", 0), "tanh": _q(0, 1, 0, "-1/3", 0),
    "sinh": _q(0, 1, 0, "1/6", 0),
    "cosh": _q(1, 0, "1/2", 0, "1/24"), "asinh": _q(0, 1, 0, "-1/6", 0),
    "sech": _q(1, 0, "-1/2", 0, "5/24"),
    "atanh": _q(0, 1, 0, "1/3", 0), "arctan": _q(0, 1, 0, "-1/3", 0),
    "tan": _q(0, 1, 0, "1/3", 0), "sin": _q(0, 1, 0, "-1/6", 0),
    "cos": _q(1, 0, "-1/2", 0, "1/24"), "sinc": _q(1, 0, "-1/6", 0, "1/120"),
    "sinc_1": _q("1/3", 0, "-1/30", 0, "1/840"), "sinc_2": _q("1/15", 0, "-1/210", 0, "1/7560"),
    "sinc_3": _q("1/105", 0, "-1/1890", 0, "1/83160"),
}  # fmt: skip


def _at_zero(name: str) -> list[Any] | None:
    """The same with the rows whose coefficients are irrational."""
    if name not in _AT_ZERO:
        erf = inverse(root_pi()) * fmpq(2)
        normal = inverse(root_pi() * power_of(fmpq(2), fmpq(1, 2)))
        _AT_ZERO.update({
            "softplus": [log_of(fmpq(2)), *_q("1/2", "1/8", 0, "-1/192")],
            "erf": [ZERO, erf, ZERO, erf * fmpq(-1, 3), ZERO],
            "erfc": [ONE, -erf, ZERO, erf * fmpq(1, 3), ZERO],
            "normal_cdf": [fmpq(1, 2), normal, ZERO, normal * fmpq(-1, 6), ZERO],
        })  # fmt: skip
    return _AT_ZERO.get(name)


# Where a primitive lies, whatever its argument is.
_RANGES: dict[str, tuple[float, float]] = {
    "sin": (-1, 1), "cos": (-1, 1), "tanh": (-1, 1), "logistic": (0, 1), "erf": (-1, 1),
    "erfc": (0, 2), "normal_cdf": (0, 1), "arctan": (-2, 2), "softsign": (-1, 1),
    "softsign_cdf": (0, 1), "algebraic": (-1, 1), "algebraic_cdf": (0, 1), "sinc": (-1, 1),
    "sinc_1": (-1, 1), "sinc_2": (-1, 1), "sinc_3": (-1, 1), "algebraic_gate_slope": (-1, 2),
    "arctan_gate_slope": (0, 1), "sech": (0, 1), "sign": (-1, 1),
}  # fmt: skip


def apply(name: str, u: AsymptoticExpansion) -> AsymptoticExpansion:
    """A primitive of an expansion: by its Taylor series, its expansion at infinity, or its range."""
    special = _SPECIAL.get(name)
    if special is not None:
        return special(u)
    size = u.size
    if size == -1 and (series := _at_zero(name)) is not None:
        return power_series(series, u)
    if size == 1 and name in ("sin", "cos"):
        return _wave(name, u)
    if size == 1 and name in _FAR:
        up = 1 if u.sign == 1 else -1
        return cast(AsymptoticExpansion, _FAR[name](u, up * u, up))
    if size in (-1, 1) and PRIMITIVES[name].plain is not None:
        return _plain(name, u)
    if size == 0 and u.terms:
        return _near(name, u)
    return _loose(name, u, size)


def _plain(name: str, u: AsymptoticExpansion) -> AsymptoticExpansion:
    """By the plain formula of the primitive."""
    plain: Any = PRIMITIVES[name].plain
    return cast(AsymptoticExpansion, plain(u))


def _loose(name: str, u: AsymptoticExpansion, size: int | None) -> AsymptoticExpansion:
    """Of an argument about which little is known."""
    if name in _RANGES and (size == 0 or u.top is not None):
        return _varying(*_RANGES[name], wave=u.wave)
    if size == 0 and PRIMITIVES[name].needs is None and name != "sign":
        return AsymptoticExpansion(rest=UNIT, wave=u.wave)
    raise UndecidedError


def _varying(
    low: float, high: float, key: Any = None, wave: Wave | None = None
) -> AsymptoticExpansion:
    return AsymptoticExpansion(
        [(symbol(key, lambda: hull(low, high), varies=True), UNIT)], wave=wave
    )


# What is rational at the logarithm of a rational number, by its power of e.
_BY_POWER: dict[str, Callable[[fmpq], fmpq]] = {
    "tanh": lambda e: (e * e - 1) / (e * e + 1),
    "logistic": lambda e: e / (1 + e),
    "sech": lambda e: 2 * e / (e * e + 1),
}


def _value(name: str, c: Any) -> Any:
    """A primitive at a coefficient."""
    e = exp_of_logarithm(c) if name in _BY_POWER else None
    if e is not None and not isinstance(e, Real):
        return _BY_POWER[name](e)
    return symbol((name, c), lambda: enclose(PRIMITIVES[name], bounds_of(c)), is_varying(c))


def _near(name: str, u: AsymptoticExpansion) -> AsymptoticExpansion:
    """At a expansion c + e, where c is not 0 and e = o(1): its Taylor polynomial of degree 2."""
    c = u.terms[0][0]
    x, varies = bounds_of(c), is_varying(c)
    primitive = PRIMITIVES[name]
    value = _value(name, c)
    small = AsymptoticExpansion(u.terms[1:], u.rest, wave=u.wave)
    if small.top is None:
        return AsymptoticExpansion([(value, UNIT)], wave=u.wave)
    try:
        found = primitive.derivative(Jet(x, 1))
        slope = symbol((name, c, 1), lambda: enclosure(value_of(found)), varies)
        bend = symbol((name, c, 2), lambda: enclosure(slope_of(found)) / 2, varies)
    except TypeError:  # an open comparison of enclosures
        return AsymptoticExpansion([(value, UNIT)], small.top, wave=u.wave)
    return power_series([value, slope, bend], small)


def _exp(u: AsymptoticExpansion) -> AsymptoticExpansion:
    """exp of growing terms is a monomial, of the constant a coefficient, of the rest a power series."""
    if not u.known:
        raise UndecidedError
    if u.rest is not None and compare(u.rest, UNIT) >= 0:
        return _exp_loosely(u)
    large: list[Any] = []
    small: list[Any] = []
    constant: Any = ZERO
    for c, m in u.terms:
        order = compare(m, UNIT)
        if order > 0:
            large.append((c, m))
        elif order < 0:
            small.append((c, m))
        else:
            constant = c
    if any(is_varying(c) for c, _ in large):
        return _exp_loosely(u)
    factor = AsymptoticExpansion([(exp_of(constant), _exponential(large))], wave=u.wave)
    return power_series(_AT_ZERO["exp"], AsymptoticExpansion(small, u.rest, wave=u.wave)) * factor


def _exponential(large: Sequence[Any]) -> Monomial:
    """exp of a sum of growing terms as a monomial; t to an irrational power is none."""
    powers, exponent = [ZERO, ZERO, ZERO], []
    for c, m in large:
        if compare(m, LOG) > 0:
            exponent.append((c, m))
        elif m.key in (LOG.key, LOGLOG.key) and not isinstance(c, Real):
            powers[0 if m.key == LOG.key else 1] += c
        else:
            raise UndecidedError
    return Monomial(tuple(powers), tuple(exponent))


def _exp_loosely(u: AsymptoticExpansion) -> AsymptoticExpansion:
    """Two monomials between which exp(u) lies, for an argument known to leading order."""
    size, sign = u.size, u.sign
    if size == 0:
        return AsymptoticExpansion(rest=UNIT, sign=1, floor=UNIT, wave=u.wave)
    if size != 1 or not sign:
        raise UndecidedError
    if not u.terms:
        assert u.floor is not None
        assert u.rest is not None
        ends = [(fmpq(sign), u.floor ** fmpq(1, 2)), (fmpq(sign), u.rest ** fmpq(2))]
    elif (
        u.rest is not None and u.rest.key == UNIT.key and not any(is_varying(c) for c, _ in u.terms)
    ):
        ends = []
        both = _exponential(u.terms)
        return AsymptoticExpansion(rest=both, sign=1, floor=both, wave=u.wave)
    else:
        c, m = u.terms[0]
        x = bounds_of(c)
        near, far = sorted(abs(float(end)) for end in (x.low, x.high))
        if near < 1e-300:
            raise UndecidedError
        ends = [(to_rational(sign * near / 2), m), (to_rational(sign * far * 2), m)]
    low, high = (_exponential([end]) for end in ends[::sign])
    return AsymptoticExpansion(rest=high, sign=1, floor=low, wave=u.wave)


def _log(u: AsymptoticExpansion) -> AsymptoticExpansion:
    """log(c m (1 + e)) as log(m) + log(c) + a power series in e."""
    if u.sign != 1:
        raise UndecidedError
    if not u.terms:
        # between log(k*floor) and log(K*rest)
        assert u.rest is not None
        if u.floor is None:
            raise UndecidedError
        low, high = (AsymptoticExpansion(_log_of_monomial(m)) for m in (u.floor, u.rest))
        if low.size == 1 and low.sign == high.sign:
            ends = (low.floor, high.top) if low.sign == 1 else (high.floor, low.top)
            if high.size == 1:
                return AsymptoticExpansion(rest=ends[1], sign=low.sign, floor=ends[0], wave=u.wave)
        return AsymptoticExpansion(rest=largest(low.top, high.top, UNIT), wave=u.wave)
    c, m, small = u._split()
    head = AsymptoticExpansion(_log_of_monomial(m), wave=u.wave) + expansion_of(log_of(c))
    return head + power_series(_AT_ZERO["log1p"], small)


def _log_of_monomial(m: Monomial) -> list[Any]:
    p, q, r = m.powers
    if r != 0:
        raise UndecidedError
    return [*m.exponent, *([(p, LOG)] if p != 0 else []), *([(q, LOGLOG)] if q != 0 else [])]


def _log1p(u: AsymptoticExpansion) -> AsymptoticExpansion:
    if u.size == -1:
        return power_series(_AT_ZERO["log1p"], u)
    return _log(1 + u)


def _atanh(u: AsymptoticExpansion) -> AsymptoticExpansion:
    if u.size == -1:
        return power_series(_AT_ZERO["atanh"], u)
    return (_log(1 + u) - _log(1 - u)) / 2


def _abs(u: AsymptoticExpansion) -> AsymptoticExpansion:
    """|u| by the sign of u; where that varies, by its size."""
    if u.sign is not None:
        return -u if u.sign == -1 else u
    if u.size == 0 and u.terms and u.terms[0][1].key == UNIT.key:
        c = u.terms[0][0]
        head = symbol(("abs", c), lambda: enclosed("abs", bounds_of(c)), is_varying(c))
        return AsymptoticExpansion([(head, UNIT)], _rest_of(u), wave=u.wave)
    return AsymptoticExpansion(rest=u.top, wave=u.wave)


def _rest_of(u: AsymptoticExpansion) -> Monomial | None:
    return u.terms[1][1] if len(u.terms) > 1 else u.rest


def _signum(u: AsymptoticExpansion) -> AsymptoticExpansion:
    return expansion_of(u.sign) if u.sign is not None else _varying(-1, 1, wave=u.wave)


def _of_size(name: str) -> Callable[[AsymptoticExpansion], AsymptoticExpansion]:
    """A plain formula in u and abs(u)."""

    def apply(u: AsymptoticExpansion) -> AsymptoticExpansion:
        if u.sign is None:
            return _varying(*_RANGES[name], wave=u.wave)
        return _plain(name, u)

    return apply


def _cbrt(u: AsymptoticExpansion) -> AsymptoticExpansion:
    if u.sign is None:
        raise UndecidedError
    third = fmpq(1, 3)
    return -((-u) ** third) if u.sign == -1 else u**third


_SPECIAL: dict[str, Callable[[AsymptoticExpansion], AsymptoticExpansion]] = {
    "exp": _exp, "log": _log, "log1p": _log1p, "atanh": _atanh, "sqrt": lambda u: u ** fmpq(1, 2),
    "cbrt": _cbrt,
    "abs": _abs, "sign": _signum, "softsign": _of_size("softsign"),
    "softsign_cdf": _of_size("softsign_cdf"),
}  # fmt: skip


def _far_arctan_gate_slope(u: Number, s: Number, up: int) -> AsymptoticExpansion:
    t = 1 / s  # arctan(t) - t/(1 + t^2) = 2t^3/3 - 4t^5/5 + ...
    left = t**3 * power_series(_q("2/3", "-4/5", "6/7"), t * t) / s.lift(pi)
    return cast(AsymptoticExpansion, 1 - left if up > 0 else left)


_FAR = FAR | {"arctan_gate_slope": _far_arctan_gate_slope}


# what has sines of large angles
WAVES = ("sin", "cos", "tan", "sinc", "sinc_1", "sinc_2", "sinc_3")


def _wave(name: str, u: AsymptoticExpansion) -> AsymptoticExpansion:
    """sin and cos of a growing argument."""
    if u.sign == -1:
        return -_wave(name, -u) if name == "sin" else _wave(name, -u)
    large = [term for term in u.terms if compare(term[1], UNIT) > 0]
    if any(is_varying(c) for c, _ in large) or (u.rest is not None and compare(u.rest, UNIT) >= 0):
        return _varying(-1, 1, wave=u.wave)
    found = u.wave.values(*large[0]) if u.wave is not None and len(large) == 1 else None
    if found is not None:
        cosine, sine = (
            AsymptoticExpansion([(v, UNIT)] if v != 0 else [], wave=u.wave) for v in found
        )
    else:
        key = tuple((c, m.key) for c, m in large)
        cosine, sine = (_varying(-1, 1, (n, key), u.wave) for n in ("cos", "sin"))
    rest = AsymptoticExpansion(u.terms[len(large) :], u.rest, wave=u.wave)
    if rest.top is None:
        return sine if name == "sin" else cosine
    cos, sin = rest.apply(PRIMITIVES["cos"]), rest.apply(PRIMITIVES["sin"])
    return sine * cos + cosine * sin if name == "sin" else cosine * cos - sine * sin


RULES["apply"] = apply
