"""Averages over a standard normal input, certified where that is possible.

Gauss-Legendre sums over Arb balls; what they leave out is bounded by the integrand on an ellipse around
each cell, and beyond the cells by enclosures. Where that fails, plain quadrature answers instead and
the result says so.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import inf, isfinite, nan, sqrt
from typing import TYPE_CHECKING, Any

from flint import acb, arb, ctx

from .numbers.enclosure import LARGEST, Enclosure, enclosure, exact, of_constant
from .numbers.recorder import Node, Program, node
from .numbers.where import Constant
from .proofs import Stretch, Undecided, rational

if TYPE_CHECKING:
    from .analysis import Shape

Number = Any
Array = Any

PRECISION = 96  # bits; sums come out to about 25 digits
FLAT = 0.01  # a gradient smaller than this counts as flat
REACH = 8.5  # P(|Z| > 8.5) = 2e-17
_FIRST_REACH = 9.5


# -- balls -----------------------------------------------------------------------------------------
class Ball:
    """A real or complex Arb ball as a number that formulas without branches can be read with.

    Complex balls are not finite where the formula is not holomorphic on the whole ball.
    """

    __slots__ = ("ball",)
    __array_ufunc__ = None

    def __init__(self, ball: Any) -> None:
        self.ball = ball

    def __repr__(self) -> str:
        return repr(self.ball)

    def apply(self, primitive: Any, *constants: Number) -> "Ball":
        x = self.ball
        for w in constants:  # sin(x, w) is sin(w*x)
            x = x * _raw(w)
        return Ball(_PRIMITIVES[primitive.name](x))

    def lift(self, constant: Constant) -> "Ball":
        return Ball(_constant(constant.text, ctx.prec))

    def __neg__(self) -> "Ball":
        return Ball(-self.ball)

    def __add__(self, other: Number) -> "Ball":
        return Ball(self.ball + _raw(other))

    __radd__ = __add__

    def __sub__(self, other: Number) -> "Ball":
        return Ball(self.ball - _raw(other))

    def __rsub__(self, other: Number) -> "Ball":
        return Ball(_raw(other) - self.ball)

    def __mul__(self, other: Number) -> "Ball":
        return Ball(self.ball * _raw(other))

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> "Ball":
        return Ball(_quotient(self.ball, _raw(other)))

    def __rtruediv__(self, other: Number) -> "Ball":
        return Ball(_quotient(_raw(other), self.ball))

    def __pow__(self, exponent: Number) -> "Ball":
        power = exponent.ball if isinstance(exponent, Ball) else float(exponent)
        if isinstance(power, float) and power.is_integer() and abs(power) < 1e6:
            n = int(power)
            return Ball(self.ball**n if n >= 0 else _quotient(1, self.ball**-n))
        if power == 0.5:
            return Ball(_sqrt(self.ball))
        return Ball((_log(self.ball) * power).exp())


def _raw(number: Number) -> Any:
    if isinstance(number, Ball):
        return number.ball
    if isinstance(number, Constant):
        return _constant(number.text, ctx.prec)
    return number


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


def _normal_cdf(x: Any) -> Any:
    return (x * _minus_root_half(ctx.prec)).erfc() / 2


@cache
def _minus_root_half(precision: int) -> Any:
    return -1 / arb(2).sqrt()


@cache
def _pi(precision: int) -> Any:
    return arb.pi()


def _algebraic(x: Any) -> Any:
    return x / _sqrt(1 + x * x)


def _algebraic_cdf(x: Any) -> Any:
    if isinstance(x, acb) or _right(x):
        return (1 + _algebraic(x)) / 2
    root = (1 + x * x).sqrt()
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
        for coefficient in _sinc_series(n)[::-1]:
            total = total * square + coefficient
        rest = arb(0, 2.0**-200)  # terms alternate and fall; the first left out is 2^30/(30! 61!!)
        return total + (acb(rest, rest) if isinstance(x, acb) else rest)

    return apply


@cache
def _sinc_series(n: int) -> list[Any]:
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


_PRIMITIVES: dict[str, Callable[[Any], Any]] = {
    "exp": lambda x: x.exp(), "expm1": lambda x: x.expm1(), "log": _log, "log1p": _log1p,
    "sqrt": _sqrt, "sin": lambda x: x.sin(), "cos": lambda x: x.cos(), "tan": lambda x: x.tan(),
    "sinh": lambda x: x.sinh(), "cosh": lambda x: x.cosh(), "asinh": _off_imaginary_cuts("asinh"),
    "atanh": _atanh, "arctan": _arctan, "tanh": _tanh, "logistic": _logistic,
    "softplus": _softplus, "erf": lambda x: x.erf(), "erfc": lambda x: x.erfc(),
    "normal_cdf": _normal_cdf, "algebraic": _algebraic, "algebraic_cdf": _algebraic_cdf,
    "root_ramp": _root_ramp, "root_gap": lambda x: x * x / (_sqrt(1 + x * x) + 1),
    "algebraic_gate": lambda x: x * _algebraic_cdf(x), "tanh_gap": lambda x: x - _tanh(x),
    "exp_gap": lambda x: x.expm1() - x, "arctan_gate": lambda x: x * _arctan_share(x),
    "arctan_gate_slope": lambda x: _arctan_share(x) + x / (_pi(ctx.prec) * (1 + x * x)),
    "sinc": _sinc, **{f"sinc_{n}": _sinc_n(n) for n in (1, 2, 3)},
    "algebraic_gate_slope": _algebraic_gate_slope,
    "softsign": lambda x: x / (1 + abs(x)),
    "softsign_cdf": lambda x: 0.5 / (1 - x) if x < 0 else 1 - 0.5 / (1 + x),
    "abs": abs, "sign": lambda x: x.sgn(),
}  # fmt: skip


# -- certified integrals ---------------------------------------------------------------------------
# What is averaged: f, f^2, f'^2 and x^2 f^2.
_DEGREES = (8, 12, 16, 20, 26, 34, 44)
_ELLIPSES = (4.0, 2.4, 1.7)  # sums of the half-axes, for a cell [-1, 1]
_CELLS = 1500  # a function that takes more is left to plain quadrature


ALL = (0, 1, 2, 3)


class _Uncertified(Exception):
    """Averages that could not be certified; the message says where that failed."""


@cache
def _rule(degree: int) -> list[tuple[Any, Any]]:
    with ctx.workprec(PRECISION + 16):
        return [arb.legendre_p_root(degree, k, weight=True) for k in range(degree)]


def _products(x: Any, values: list[Number], wanted: tuple[int, ...]) -> list[Any]:
    """The integrands wanted at a ball, but for the factor 1/sqrt(2 pi)."""
    f, slope = (_raw(v) for v in values)
    bell = (x * x * -0.5).exp()
    first = f * bell
    if wanted == (0,):
        return [first]
    second = f * first
    if len(wanted) == 4:
        return [first, second, slope * slope * bell, x * x * second]
    known = {0: first, 1: second, 2: slope * slope * bell, 3: x * x * second}
    return [known[k] for k in wanted]


def _degree(
    program: Program, middle: Any, half: Any, limits: list[float], wanted: tuple[int, ...]
) -> tuple[int, Any] | None:
    """A number of nodes that keeps the remainders below the limits, and bounds for those."""
    best: tuple[int, list[Any]] | None = None
    for rho in _ELLIPSES:
        wide, tall = half * ((rho + 1 / rho) / 2), half * ((rho - 1 / rho) / 2)
        box = acb(arb(middle, wide.upper()), arb(0, tall.upper()))
        bounds = [abs(p) for p in _products(box, program.run(Ball(box)), wanted)]
        if not all(b.is_finite() for b in bounds):
            continue
        sizes = [b.upper() * half * (64 / 15 / (1 - rho**-2)) for b in bounds]
        for degree in _DEGREES:
            if best is not None and degree >= best[0]:
                break
            rests = [(s * arb(rho) ** (-2 * degree)).upper() for s in sizes]
            if all(r <= limit for r, limit in zip(rests, limits, strict=True)):
                best = degree, rests
                break
        if best is not None and best[0] <= 20:
            break
    return best


def _end_cell(
    program: Program, low: Any, high: Any, limits: list[float], wanted: tuple[int, ...]
) -> list[Any] | None:
    """The integrals over a tiny cell, by bounds alone; None if they are not small."""
    x = Enclosure(low, high)
    f, slope = (enclosure(v) for v in program.run(x))
    value, rate = (_size(v) for v in (f, slope))
    width, place = high - low, _size(x)
    sizes = (value, value**2, rate**2, (value * place) ** 2)
    found = [sizes[k] * width for k in wanted]
    if all(s.is_finite() and s <= limit for s, limit in zip(found, limits, strict=True)):
        return [arb(0, s.upper()) for s in found]
    return None


def _size(x: Enclosure) -> Any:
    """The largest absolute value in an enclosure."""
    low, high = abs(x.low), abs(x.high)
    return low if low > high else high


def _cell_sum(
    program: Program, low: Any, high: Any, limits: list[float], wanted: tuple[int, ...]
) -> list[Any]:
    """The integrals over an interval on which the formula is analytic."""
    sums = [arb(0)] * len(wanted)
    count = max(1, int(float(high - low) / 2 + 0.999))
    ends = [low, *((low + (high - low) * k / count).mid() for k in range(1, count)), high]
    stack = list(pairwise(ends))
    spent = 0
    while stack:
        a, b = stack.pop()
        spent += 1
        middle, half = ((a + b) / 2).mid(), ((b - a) / 2).upper()
        found = _degree(program, middle, half, limits, wanted)
        if found is None:
            tiny = b - a < 1e-9
            closed = _end_cell(program, a, b, limits, wanted) if tiny else None
            if closed is not None:
                sums = [s + c for s, c in zip(sums, closed, strict=True)]
                continue
            if spent > _CELLS or b - a < 1e-40 * (1 + 1e12 * abs(a)):
                raise _Uncertified(f"the averages stay open near {float(middle):.6g}")
            stack += [(a, middle), (middle, b)]
            continue
        degree, rests = found
        totals = [arb(0, r) for r in rests]
        half = (b - a) / 2
        for place, weight in _rule(degree):
            x = middle + half * place
            parts = _products(x, program.run(Ball(x)), wanted)
            factor = weight * half
            totals = [t + p * factor for t, p in zip(totals, parts, strict=True)]
        sums = [s + t for s, t in zip(sums, totals, strict=True)]
    return sums


def _spans(shape: "Shape", low: Any, high: Any) -> Iterator[tuple[int, Any, Any]]:
    """The pieces between two points, as (index, low, high) in exact Arb numbers."""
    for index, piece in enumerate(shape.pieces):
        a = piece.low.enclosure.high if piece.low.finite else low
        b = piece.high.enclosure.low if piece.high.finite else high
        a, b = (low if a < low else a), (high if b > high else b)
        if a < b:
            yield index, a, b


def _tail(
    shape: "Shape", side: int, start: float, limits: list[float], wanted: tuple[int, ...]
) -> list[Any]:
    """Bounds for the integrals over what lies beyond +-start; _Uncertified if one is too large."""
    totals = [arb(0)] * len(wanted)
    marks: list[float] = [start]
    while marks[-1] < 40:
        marks.append(marks[-1] * 1.2)
    marks += [400.0, 4e4, 1e9, 1e19, 1e39, 1e80, 1e160, LARGEST]
    stack = list(pairwise(marks))[::-1]
    spent = 0
    while stack:
        a, b = stack.pop()
        spent += 1
        near, far = arb(a), arb(b)
        density = _size(Enclosure(-near * near / 2).apply(_EXP)) / near
        low, high = (near, far) if side > 0 else (-far, -near)
        bounds = [arb(0)] * len(wanted)
        for index, p, q in _spans(shape, low, high):
            f, slope = (enclosure(v) for v in shape.program(index, 0).run(Enclosure(p, q)))
            value, rate = _size(f), _size(slope)
            sizes = (value, value**2, rate**2, (value * far) ** 2)
            bounds = [t + sizes[k] * density for t, k in zip(bounds, wanted, strict=True)]
        share = 0.02 if b < 50 else 1e-4
        if all(x.is_finite() and x < m * share for x, m in zip(bounds, limits, strict=True)):
            totals = [t + x for t, x in zip(totals, bounds, strict=True)]
        elif spent > 300 or b < a * 1.01:
            raise _Uncertified(f"the averages stay open beyond {side * a:.6g}")
        else:
            middle = sqrt(a) * sqrt(b)
            stack += [(middle, b), (a, middle)]
    return totals


class _Exp:
    name = "exp"


_EXP = _Exp()


def _scales(shape: "Shape", reach: float) -> list[float]:
    """Rough sizes of the four integrals of absolute values."""
    import numpy as np

    x = np.linspace(-reach, reach, 1203) + 1e-4
    totals = np.zeros(4)
    with np.errstate(all="ignore"):
        for index, piece in enumerate(shape.pieces):
            inside = x[(x > piece.low.number) & (x < piece.high.number)]
            if not inside.size:
                continue
            f, slope = (
                np.abs(np.broadcast_to(np.asarray(v, np.float64), inside.shape))
                for v in shape.program(index, 0).run(inside)
            )
            bell = np.exp(-(inside**2) / 2)
            parts = np.array([f * bell, f * f * bell, slope**2 * bell, (inside * f) ** 2 * bell])
            totals += np.where(np.isfinite(parts), parts, 0).sum(axis=1) * (x[1] - x[0])
    most = max(1e-290, float(totals.max()))
    return [max(float(t), most * 1e-12) for t in totals]


def _certified(shape: "Shape", wanted: tuple[int, ...]) -> list[Any]:
    """The averages wanted, of E f, E f^2, E f'^2 and E Z^2 f^2, as balls; or _Uncertified."""
    reach = _FIRST_REACH
    while True:
        scales = [_scales(shape, reach)[k] for k in wanted]
        limits = [scale * 1e-13 for scale in scales]
        try:
            left, right = (_tail(shape, side, reach, limits, wanted) for side in (-1, 1))
            break
        except _Uncertified:
            reach *= 1.35
            if reach > 40:
                raise
    sums = [arb(0, (a + b).upper()) for a, b in zip(left, right, strict=True)]
    limits = [scale * 1e-14 for scale in scales]
    with ctx.workprec(PRECISION):
        for index, low, high in _spans(shape, arb(-reach), arb(reach)):
            found = _cell_sum(shape.program(index, 0), low, high, limits, wanted)
            sums = [s + x for s, x in zip(sums, found, strict=True)]
        root = (2 * arb.pi()).sqrt()
        return [s / root for s in sums]


# -- infinite and uncertified averages -------------------------------------------------------------
def _diverges(shape: "Shape", which: int) -> bool:
    """Whether the integral of |f|, f^2 or f'^2 (0, 1, 2) is proved to be infinite at some end."""
    from .numbers.germ import limit
    from .primitives import exp

    x = Node("x")
    for index, piece in enumerate(shape.pieces):
        tree = shape.trees(index, 1)[which == 2]
        size = tree if which == 0 else node(tree * tree)
        for place, side in ((piece.low, -1), (piece.high, 1)):
            try:
                if not place.finite:
                    found = limit([node(size * exp(-(x * x) / 2))], side)[0]
                elif place.exact:
                    near = node(float(place.low)) - side / x
                    found = limit([node(node(size).read(near) / x)], 1)[0]
                else:
                    continue
            except (Undecided, TypeError, ArithmeticError, ValueError):
                continue
            if found == inf or found == -inf:
                return True
            if isinstance(found, Enclosure) and (found.positive or (which == 0 and found.negative)):
                return True
    return False


def _measured(shape: "Shape") -> list[float]:
    """The four averages by tanh-sinh sums in longdouble."""
    import numpy as np

    u, weight = _tanh_sinh(0.04)
    totals = np.zeros(4)
    with np.errstate(all="ignore"):
        for index, low, high in _spans(shape, arb(-14), arb(14)):
            ends = np.unique([float(low), float(high), *(
                c for c in range(-13, 14) if float(low) < c < float(high)
            )])  # fmt: skip
            for a, b in pairwise(ends):
                # distances to the ends are kept apart: singularities sit there
                x = np.where(u < 0.5, a + (b - a) * u, b - (b - a) * u[::-1])
                f, slope = (
                    np.broadcast_to(np.asarray(v, np.longdouble), x.shape)
                    for v in shape.program(index, 0).run(x)
                )
                bell = np.exp(-x * x / 2) * weight * (b - a)
                parts = np.array([f * bell, f * f * bell, slope**2 * bell, (x * f) ** 2 * bell])
                totals += np.where(np.isfinite(parts), parts, 0).sum(axis=1).astype(np.float64)
    return [float(t) / sqrt(2 * np.pi) for t in totals]


def _tanh_sinh(step: float) -> tuple[Array, Array]:
    """Nodes in (0, 1), ascending and symmetric, and weights."""
    import numpy as np

    count = int(3.4 / step)
    t = np.arange(-count, count + 1, dtype=np.longdouble) * step
    grown = np.longdouble(np.pi) * np.sinh(t)
    u = 1 / (1 + np.exp(-grown))
    return u, step * np.longdouble(np.pi) * np.cosh(t) * u * u[::-1]


# -- the flat share --------------------------------------------------------------------------------
def _flat_share(shape: "Shape") -> tuple[Any, bool]:
    """P(|f'(Z)| < 0.01) as a ball, and whether all of it is certified."""
    total, open_ = arb(0, 1e-16), arb(0)
    for index, low, high in _spans(shape, arb(-REACH), arb(REACH)):
        slope = shape.trees(index, 1)[1]
        if not slope.has_x:
            known = rational(slope, Fraction(0))
            size = exact(abs(known)) if known is not None else _size(enclosure(slope.read(_ZERO)))
            if size < FLAT:
                total += _mass(low, high)
            continue
        for a, b, certain in _flat_parts(shape.program(index, 1), low, high):
            if certain:
                total += _mass(a, b)
            else:
                open_ += _mass(a, b)
    return total + open_ / 2 + arb(0, open_.upper()), bool(open_ < 1e-9)


_ZERO = Enclosure(arb(0))


def _mass(low: Any, high: Any) -> Any:
    """P(low < Z < high)."""
    scale = _minus_root_half(ctx.prec)
    if low > 0:
        return ((-low * scale).erfc() - (-high * scale).erfc()) / 2
    return ((high * scale).erfc() - (low * scale).erfc()) / 2


def _flat_parts(program: Program, low: Any, high: Any) -> Iterator[tuple[Any, Any, bool]]:
    """Intervals on which |f'| < 0.01, and (False) small ones on which that stays open."""
    count = max(1, int(float(high - low) / 1.3))
    ends = [low, *((low + (high - low) * k / count).mid() for k in range(1, count)), high]
    stack = list(pairwise(ends))
    spent = 0
    while stack:
        a, b = stack.pop()
        spent += 1
        x = Enclosure(a, b)
        g, bend = (enclosure(v) for v in program.run(x))
        if not _inside(g) and not _outside(g):
            middle = Enclosure(((a + b) / 2).mid())
            centre = enclosure(program.run(middle)[0]) + bend * (x - middle)
            g = Enclosure(
                g.low if g.low > centre.low else centre.low,
                g.high if g.high < centre.high else centre.high,
            )
        if _outside(g):
            continue
        if _inside(g):
            yield a, b, True
        elif bend.low >= 0 or bend.high <= 0:
            rises = bend.low >= 0
            first = _crossing(program, a, b, -FLAT if rises else FLAT, rises)
            last = _crossing(program, a, b, FLAT if rises else -FLAT, rises)
            if first < last:
                yield first, last, True
        elif b - a < 1e-10 or spent > 2500:
            yield a, b, False
        else:
            middle_ = (a + (b - a) * 0.4871).mid()
            stack += [(a, middle_), (middle_, b)]


def _inside(g: Enclosure) -> bool:
    return bool(g.low > -FLAT and g.high < FLAT)


def _outside(g: Enclosure) -> bool:
    return bool(g.low >= FLAT or g.high <= -FLAT)


def _crossing(program: Program, low: Any, high: Any, level: float, rises: bool) -> Any:
    """Where a monotone f' crosses a level, to 1e-13; an end if it does not."""

    def gap(x: Any) -> tuple[Any, Any]:
        g, bend = (_raw(v) for v in program.run(Ball(x)))
        return (g - level, bend) if rises else (level - g, -bend)

    if not gap(low)[0] < 0:
        return low
    if not gap(high)[0] > 0:
        return high
    x = ((low + high) / 2).mid()
    for _ in range(100):
        value, slope = gap(x)
        if value < 0:
            low = x
        elif value > 0:
            high = x
        else:
            return x
        if high - low < 1e-13:
            break
        step = (x - value / slope).mid() if slope > 0 else low
        # a step of Newton's and one just beyond it, so that the root is caught between them
        if abs(step - x) < 1e-9:
            step = (step + (1e-14 if step > x else -1e-14)).mid()
        x = step if low < step and step < high else ((low + high) / 2).mid()
    return ((low + high) / 2).mid()


# -- the answer ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Averages:
    """Averages of f(Z), Z ~ N(0, 1): inf where infinite, nan where unknown or not existing.

    `certified`: every finite number is proved right to 1e-8; else some are by plain quadrature.
    `slope` is that of q -> gain^2 E f(sqrt(q) Z)^2 at q = 1, and chi1 is gain^2 E f'(Z)^2.
    """

    mean: float
    mean_square: float
    variance: float
    gradient_mean_square: float
    flat_share: float
    slope: float
    gain: float
    chi1: float
    certified: bool
    infinite: bool


def gaussian(shape: "Shape") -> Averages:
    """The averages of a function over a standard normal input."""
    certified = True
    try:
        balls = _certified(shape, ALL)
    except _Uncertified:
        balls, certified = _one_by_one(shape)
    mean, square, slope_square, moment = balls
    with ctx.workprec(PRECISION):
        flat, sure = _flat_share(shape)
        infinite = not all(b.is_finite() or b.is_nan() for b in balls)
        positive = bool(square.is_finite() and square > 0)
        variance = square - mean * mean if positive else square
        gain = 1 / square.sqrt() if positive else square
        return Averages(
            mean=_float(mean),
            mean_square=_float(square),
            variance=_float(variance if mean.is_finite() else square),
            gradient_mean_square=_float(slope_square),
            flat_share=_float(flat),
            slope=_float((moment - square) / (2 * square)) if positive else nan,
            gain=_float(gain) if positive else _no_gain(square),
            chi1=_float(slope_square / square) if positive else nan,
            certified=certified and sure,
            infinite=infinite,
        )


def _one_by_one(shape: "Shape") -> tuple[list[Any], bool]:
    """The averages where they cannot be had together: infinite, certified or measured."""
    endless = [_diverges(shape, which) for which in range(3)]
    wanted = tuple(k for k in ALL if not endless[(0, 1, 2, 1)[k]])
    balls = [arb("inf")] * 4
    if endless[0] and not _one_sided(shape):
        balls[0] = arb.nan()
    if not wanted:
        return balls, True
    certified = any(endless)
    try:
        if not certified:
            raise _Uncertified
        found = _certified(shape, wanted)
    except _Uncertified:
        plain = _measured(shape)
        known = not certified and all(map(isfinite, plain))
        found = [arb(plain[k]) if known else arb.nan() for k in wanted]
    for k, ball in zip(wanted, found, strict=True):
        balls[k] = ball
    return balls, certified


def _one_sided(shape: "Shape") -> bool:
    """Whether f is nowhere negative, as far as a point in every piece tells."""
    return all(enclosure(shape.value(p.inside, 0, i)).low >= 0 for i, p in enumerate(shape.pieces))


def _no_gain(square: Any) -> float:
    """1/sqrt of a mean square that is 0, infinite or unknown."""
    return nan if square.is_nan() else (inf if square.is_finite() else 0.0)


def _float(ball: Any) -> float:
    """The middle; exactly 0 for a narrow ball around 0."""
    if ball.is_nan():
        return nan
    if not ball.is_finite():
        return inf
    return 0.0 if ball.contains(0) else float(ball.mid())


# -- order -----------------------------------------------------------------------------------------
@dataclass
class _Run:
    """A monotone or constant stretch: f there, its ends, and the levels at its ends."""

    program: Program
    low: float
    high: float
    sign: int
    start: float = 0.0  # f at low
    stop: float = 0.0  # f at high


def order_kept_probability(shape: "Shape") -> float:
    """P(f(a) < f(b) | a < b) for independent standard normal a and b, to 1e-8.

    The line is cut into monotone stretches and the values into bands between the stretches' end
    levels; pairs from different bands are counted by their masses, those within one by quadrature.
    """
    import numpy as np

    runs = [run for run in _runs(shape) if run.high > run.low]
    levels = _levels([v for run in runs for v in (run.start, run.stop)])
    spans = [sorted(_index(levels, v) for v in (run.start, run.stop)) for run in runs]
    crowd = np.zeros(len(levels))
    for first, last in spans:
        crowd[first:last] += 1
    if crowd.sum() > 5000:
        raise Undecided("too many stretches for the share of pairs that keep their order")
    pairs = [
        (run, levels[k])
        for run, (first, last) in zip(runs, spans, strict=True)
        for k in range(first + 1, last)[:: run.sign or 1]
    ]
    cuts = iter(_inverse(pairs))
    masses = np.zeros((len(runs), 2 * len(levels)))
    parts: dict[int, list[_Run]] = {}
    for i, (run, (first, last)) in enumerate(zip(runs, spans, strict=True)):
        if run.sign == 0 or first == last:
            masses[i, 2 * first] = _normal_mass(run.low, run.high)
            continue
        ends = [run.low, *(float(next(cuts)) for _ in range(first + 1, last)), run.high]
        for k, (a, b) in enumerate(pairwise(ends)):
            band = first + k if run.sign > 0 else last - 1 - k
            masses[i, 2 * band + 1] = _normal_mass(a, b)
            top, floor = levels[band + 1], levels[band]
            rising = (floor, top) if run.sign > 0 else (top, floor)
            parts.setdefault(band, []).append(_Run(run.program, a, b, run.sign, *rising))
    below = np.cumsum(masses, axis=1) - masses  # mass of a run in lower bands
    before = np.cumsum(below, axis=0) - below  # ... of all runs further left
    total = float((before * masses).sum())
    total += sum(float(masses[i].sum()) ** 2 / 2 for i, run in enumerate(runs) if run.sign > 0)
    few = float((crowd**2).sum()) < 300
    for found in parts.values():
        if len(found) > 1:
            total += _pairs_in_band(found) if few else _crowd_in_band(found)
    return min(1.0, max(0.0, round(2 * total, 12)))


def _pairs_in_band(found: list[_Run]) -> float:
    """P(a in an earlier run, b in a later one, f(a) < f(b)): tanh-sinh sums over b."""
    import numpy as np

    u, weight = _tanh_sinh(0.08)
    total = 0.0
    for k, later in enumerate(found[1:], 1):
        a, b = later.low, later.high
        x = np.where(u < 0.5, a + (b - a) * u, b - (b - a) * u[::-1])
        level = _read(later.program, x)[0]
        share = (b - a) * weight * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
        for run in found[:k]:
            total += float((share * _mass_below(run, _inverse([(run, t) for t in level]))).sum())
    return total


def _crowd_in_band(found: list[_Run]) -> float:
    """The same for many runs, which all cross the band: Gauss sums over the level.

    With the level at middle - half*cos(angle), places are smooth functions of the angle also where
    a run turns at an end of the band.
    """
    import numpy as np

    answers = []
    floor, top = sorted((found[0].start, found[0].stop))
    for count in (24, 40):
        node_, weight = np.polynomial.legendre.leggauss(count)
        angle = (node_ + 1) * (np.pi / 2)
        level = (top + floor) / 2 - (top - floor) / 2 * np.cos(angle)
        places = _inverse([(run, t) for run in found for t in level]).reshape(-1, count)
        lower = np.array([_mass_below(r, x) for r, x in zip(found, places, strict=True)])
        slopes = np.array(
            [np.abs(_read(r.program, x)[1]) for r, x in zip(found, places, strict=True)]
        )
        density = np.exp(-places * places / 2) / np.sqrt(2 * np.pi) / slopes
        rate = weight * (np.pi / 2) * (top - floor) / 2 * np.sin(angle)
        earlier = np.cumsum(lower, axis=0) - lower
        answers.append(float((earlier * density * rate).sum()))
    if not abs(answers[1] - answers[0]) < 1e-10 * len(found):
        return _pairs_in_band(found)
    return answers[1]


def _mass_below(run: _Run, x: Array) -> Array:
    """P(Z in the run, f(Z) < f(x)) for places x in the run."""
    import numpy as np

    start = run.low if run.sign > 0 else run.high
    return np.abs(_cdf(x) - _cdf(np.array([start])))


def _runs(shape: "Shape") -> list[_Run]:
    """The stretches of the gradient's sign within +-8.5."""
    found = []
    for index, stretch in _pattern(shape):
        low, high = max(-REACH, stretch.low.number), min(REACH, stretch.high.number)
        if high <= low:
            continue
        run = _Run(shape.program(index, 0), low, high, stretch.sign or 0)
        run.start, run.stop = (_end_level(run, x) for x in (low, high))
        if run.sign == 0:
            run.start = run.stop = _end_level(run, (low + high) / 2)
        found.append(run)
    return found


def _pattern(shape: "Shape") -> list[tuple[int, Stretch]]:
    """Over the line if that is known already, else over [-10, 10]."""
    known = getattr(shape, "_patterns", {}).get((1, False))
    return known if known is not None else shape.pattern(1, True)


def _end_level(run: _Run, x: float) -> float:
    """f at an end, or just inside where it is not finite there."""
    import numpy as np

    inward = 1 if x <= run.low else -1
    for step in (0.0, 1e-14, 1e-11):
        near = x + inward * step * max(1.0, abs(x))
        value = float(_read(run.program, np.array([near], np.longdouble))[0][0])
        if isfinite(value):
            return value
    raise Undecided(f"no value near {x:.6g}")


def _read(program: Program, x: Array) -> list[Array]:
    import numpy as np

    with np.errstate(all="ignore"):
        return [np.broadcast_to(np.asarray(v, x.dtype), x.shape) for v in program.run(x)]


def _levels(values: list[float]) -> list[float]:
    """Ascending; values that differ by rounding alone are one."""
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > 1e-14 * abs(value):
            kept.append(value)
    return kept


def _index(levels: list[float], value: float) -> int:
    return min(range(len(levels)), key=lambda k: abs(levels[k] - value))


def _inverse(pairs: list[tuple[_Run, float]]) -> Array:
    """Where monotone runs take the given levels."""
    import numpy as np

    found = np.empty(len(pairs))
    groups: dict[int, list[int]] = {}
    for k, (run, _) in enumerate(pairs):
        groups.setdefault(id(run.program), []).append(k)
    wide = np.longdouble if len(pairs) < 2000 else np.float64
    for chosen in groups.values():
        low, high, start, stop, sign, target = np.array(
            [(r.low, r.high, r.start, r.stop, r.sign, t) for r, t in (pairs[k] for k in chosen)],
            wide,
        ).T
        share = (target - start) / np.where(stop == start, 1, stop - start)
        x = low + (high - low) * np.clip(share, 0.01, 0.99)
        found[chosen] = _solve(pairs[chosen[0]][0].program, low, high, sign, target, x)
    return found


def _solve(
    program: Program, low: Array, high: Array, sign: Array, target: Array, x: Array
) -> Array:
    """Newton's steps kept between shrinking brackets; the bracket is halved where they are slow."""
    import numpy as np

    before = high - low
    found, todo = x.copy(), np.arange(len(x))
    for _ in range(90):
        value, slope = _read(program, x)
        gap = (value - target) * sign
        low, high = np.where(gap <= 0, x, low), np.where(gap >= 0, x, high)
        with np.errstate(all="ignore"):
            step = gap / (slope * sign)
        newton, size = x - step, np.abs(step)
        done = (size < 1e-13) | (high - low < 1e-12)
        found[todo] = x
        if done.all():
            break
        halve = (size > 0.7 * before) | ~((newton > low) & (newton < high))
        x, before = np.where(halve, (low + high) / 2, newton), size
        if done.any():
            left = ~done
            x, before, low, high = x[left], before[left], low[left], high[left]
            sign, target, todo = sign[left], target[left], todo[left]
    return found


def _cdf(x: Array) -> Array:
    from .numbers.gauss import normal_cdf

    return normal_cdf(x.astype(float))


def _normal_mass(low: float, high: float) -> float:
    import numpy as np

    a, b = (-high, -low) if low > 0 else (low, high)
    ends = _cdf(np.array([a, b]))
    return float(ends[1] - ends[0])


# -- PyTorch ---------------------------------------------------------------------------------------
def torch_gain(name: str, parameters: Any) -> float | None:
    """What torch.nn.init.calculate_gain returns for a registered function; None if it knows none."""
    if name == "leaky_relu":
        return sqrt(2 / (1 + float(parameters["slope"]) ** 2))
    known = {"identity": 1.0, "logistic": 1.0, "tanh": 5 / 3, "relu": sqrt(2), "selu": 3 / 4}
    return known.get(name)


__all__ = ["Averages", "Ball", "gaussian", "order_kept_probability", "torch_gain"]
