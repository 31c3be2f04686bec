"""Truncated Taylor series over fractions and balls, and the functions of the vocabulary.

Each function takes the coefficients of its argument and gives its own; the first is the value. A
sign that the bits do not show raises Unresolved, a step without a real value Undefined.
"""

from collections.abc import Callable
from fractions import Fraction
from math import isqrt

import truth
from mpmath import libmp
from truth import ONE, ZERO, Ball, Number, Unresolved, as_ball

FIRST_BITS, LAST_BITS = 190, 3040
SHARP = 80  # relative bits of a result,
DEEP = -1100  # or the size of its absolute error
LONGEST = 8_000  # bits of an exact fraction
STEEPEST = 400  # bits of an argument of exp
FAR = 2_100  # bits of an argument of sin: 2**2100


class Undefined(ArithmeticError):
    """The formula has no value here."""


class Unknown(ArithmeticError):
    """What happens here cannot be decided with the bits that are allowed."""


class AtBreakpoint(Unknown):
    """A derivative is asked for where the formula changes branch."""


class OutOfTime(Exception):
    """The time for one formula is over."""


Series = list[Number]


def number(text: str) -> Fraction:
    return Fraction(text.replace("_", ""))


def short(value: Number) -> Number:
    """Long fractions become balls."""
    if isinstance(value, Fraction) and value.denominator.bit_length() > LONGEST:
        return as_ball(value)
    return value


def sgn(value: Number) -> int:
    return truth.sign(value)


def constant(u: Series) -> bool:
    return all(isinstance(c, Fraction) and c == 0 for c in u[1:])


def add(a: Series, b: Series) -> Series:
    return [short(p + q) for p, q in zip(a, b, strict=True)]


def neg(a: Series) -> Series:
    return [-c for c in a]


def sub(a: Series, b: Series) -> Series:
    return add(a, neg(b))


def scaled(c: Number, a: Series) -> Series:
    return [short(c * p) for p in a]


def mul(a: Series, b: Series) -> Series:
    return [_dot(a, b, k) for k in range(len(a))]


def _dot(a: Series, b: Series, k: int, weights: Callable[[int], int] | None = None, first: int = 0,
         last: int | None = None) -> Number:  # fmt: skip
    """sum of weights(j) a[j] b[k - j], j from first to last."""
    total: Number = ZERO
    for j in range(first, (k if last is None else last) + 1):
        p, q = a[j], b[k - j]
        if (isinstance(p, Fraction) and p == 0) or (isinstance(q, Fraction) and q == 0):
            continue
        term = p * q
        total = total + (term if weights is None else Fraction(weights(j)) * term)
    return short(total)


def div(a: Series, b: Series) -> Series:
    if isinstance(b[0], Fraction) and b[0] == 0:
        raise Undefined("division by 0")
    sgn(b[0])
    out: Series = []
    for k in range(len(a)):
        rest = a[k] - _dot([*out, ZERO], b, k, last=k - 1) if k else a[k]
        out.append(short(rest / b[0]))
    return out


def integrate(at: Number, slope: Series, u: Series) -> Series:
    """w with w(0) = at, w' = slope u'; slope may be one term shorter."""
    out: Series = [at]
    for k in range(1, len(u)):
        out.append(_dot(slope, u, k, lambda j, k=k: k - j, 0, k - 1) / Fraction(k))
    return out


def exp(u: Series) -> Series:
    size = as_ball(u[0]).size
    if size is not None and size > STEEPEST * 8:
        raise Unknown("exp of a giant")
    try:
        out: Series = [truth.exp(u[0])]
    except OverflowError:
        raise Unknown("exp of a giant") from None
    for k in range(1, len(u)):
        out.append(_dot(out, u, k, lambda j, k=k: k - j, 0, k - 1) / Fraction(k))
    return out


def log(u: Series) -> Series:
    if sgn(u[0]) <= 0:
        raise Undefined("log of a number that is not positive")
    return integrate(truth.log(u[0]), div([ONE] + [ZERO] * (len(u) - 1), u), u)


def log1p(u: Series) -> Series:
    one = add([ONE] + [ZERO] * (len(u) - 1), u) if not isinstance(u[0], Ball) else None
    if one is not None:
        return log(one)
    total = [1 + u[0], *u[1:]]
    if sgn(total[0]) <= 0:
        raise Undefined("log of a number that is not positive")
    return integrate(truth.log1p(u[0]), div([ONE] + [ZERO] * (len(u) - 1), total), u)


def _boosted(u: Number, make: Callable[[], Number]) -> Number:
    """With as many more bits as the argument is small."""
    small = -(as_ball(u).size or 0)
    before = truth._bits
    if small > 0:
        truth._bits = before + 2 * min(small, LAST_BITS)
    try:
        return make()
    finally:
        truth._bits = before


def expm1(u: Series) -> Series:
    if u[0] == ZERO:
        value: Number = ZERO
    else:
        value = _boosted(u[0], lambda: truth.exp(u[0]) - ONE) if _moderate(u[0]) else exp(u)[0] - 1
    return [value, *exp(u)[1:]]


def _moderate(u: Number) -> bool:
    return (as_ball(u).size or 0) < 20


def sinh_cosh(u: Series) -> tuple[Series, Series]:
    up, down = exp(u), exp(neg(u))
    half = Fraction(1, 2)
    sinh, cosh = scaled(half, sub(up, down)), scaled(half, add(up, down))
    if isinstance(u[0], Fraction) and u[0] == 0:
        sinh[0], cosh[0] = ZERO, ONE
    elif _moderate(u[0]):
        sinh[0] = _boosted(u[0], lambda: half * (truth.exp(u[0]) - truth.exp(-u[0])))
    return sinh, cosh


def sin_cos(u: Series) -> tuple[Series, Series]:
    if (as_ball(u[0]).size or 0) > FAR:
        raise Unknown("sine of a giant")
    error = as_ball(u[0]).err
    if error is not None and error > 0:
        raise Unresolved
    s: Series = [truth.sin(u[0])]
    c: Series = [truth.cos(u[0])]
    for k in range(1, len(u)):
        weight: Callable[[int], int] = lambda j, k=k: k - j  # noqa: E731
        s.append(_dot([*c, ZERO], u, k, weight, 0, k - 1) / Fraction(k))
        c.append(-_dot(s, u, k, weight, 0, k - 1) / Fraction(k))
    return s, c


def tanh(u: Series) -> Series:
    w: Series = [truth.tanh(u[0])]
    if len(u) == 1:
        return w
    g: Series = [ONE if u[0] == ZERO else _sech2(u[0])]
    for k in range(1, len(u)):
        weight: Callable[[int], int] = lambda j, k=k: k - j  # noqa: E731
        w.append(_dot([*g, ZERO], u, k, weight, 0, k - 1) / Fraction(k))
        g.append(-2 * _dot([*mul(w[:k], g[:k]), ZERO], u, k, weight, 0, k - 1) / Fraction(k))
    return w


def _sech2(u: Number) -> Number:
    e = exp([2 * u if as_ball(u).mid[0] else -2 * u])[0]
    return 4 * e / ((1 + e) * (1 + e))


def erf(u: Series, complement: bool = False) -> Series:
    value = truth.erfc(u[0]) if complement else truth.erf(u[0])
    if len(u) == 1:
        return [value]
    slope = scaled((-2 if complement else 2) / truth.sqrt(truth.pi()), exp(neg(mul(u, u))))
    return integrate(value, slope, u)


def arctan(u: Series) -> Series:
    one = [ONE] + [ZERO] * (len(u) - 1)
    return integrate(truth.atan(u[0]), div(one, add(one, mul(u, u))), u)


def root(value: Fraction, n: int) -> Fraction | None:
    """The exact n-th root of a positive fraction, if it has one."""
    parts = [_integer_root(part, n) for part in (value.numerator, value.denominator)]
    if None in parts:
        return None
    return Fraction(parts[0], parts[1])  # type: ignore[arg-type]


def _integer_root(value: int, n: int) -> int | None:
    if n == 2:
        found = isqrt(value)
    else:
        found = round(value ** (1 / n)) if value < 1 << 1000 else 0
        if value >= 1 << 52:
            low, high = 0, 1 << (value.bit_length() // n + 1)
            while low < high:
                middle = (low + high + 1) // 2
                low, high = (middle, high) if middle**n <= value else (low, middle - 1)
            found = low
    return found if found**n == value else None


def power(u: Series, p: Number) -> Series:
    if isinstance(p, Ball):
        nearest = libmp.to_int(p.mid, "n")
        sgn(p - Fraction(nearest))  # certain that it is no integer
    integer = isinstance(p, Fraction) and p.denominator == 1
    zero = isinstance(u[0], Fraction) and u[0] == 0
    side = 0 if zero else sgn(u[0])
    if side < 0 and not integer:
        raise Undefined("a negative base to a power that is no integer")
    one: Series = [ONE] + [ZERO] * (len(u) - 1)
    if zero:
        if sgn(p) < 0:
            raise Undefined("0 to a negative power")
        if sgn(p) == 0:
            return one
        if len(u) == 1 or (integer and p >= len(u)):  # type: ignore[operator]
            return [ZERO] * len(u)
        if integer:
            for _ in range(int(p)):  # type: ignore[arg-type]
                one = mul(one, u)
            return one
        raise AtBreakpoint("a power at 0")
    value = _power(u[0], p, integer)
    out: Series = [value]
    if constant(u):
        return [value, *u[1:]]
    for k in range(1, len(u)):
        total: Number = ZERO
        for j in range(1, k + 1):
            total = total + (p * Fraction(j) - Fraction(k - j)) * (u[j] * out[k - j])
        out.append(short(total / (Fraction(k) * u[0])))
    return out


def _power(base: Number, p: Number, integer: bool) -> Number:
    if integer:
        n = int(p)  # type: ignore[arg-type]
        if isinstance(base, Fraction) and abs(n) * base.denominator.bit_length() < LONGEST and (
            abs(n) * base.numerator.bit_length() < LONGEST
        ):  # fmt: skip
            return base**n
        if abs(n) <= 64:
            out: Number = ONE
            for _ in range(abs(n)):
                out = out * base
            return out if n >= 0 else ONE / out
        away = exp([as_ball(p) * truth.log(base if sgn(base) > 0 else -base)])[0]
        return -away if sgn(base) < 0 and n % 2 else away
    if isinstance(base, Fraction) and isinstance(p, Fraction) and p.denominator <= 12:
        exact = root(base, p.denominator)
        if exact is not None and abs(p.numerator) < 60:
            return exact**p.numerator
    if p == Fraction(1, 2):
        return truth.sqrt(base)
    return exp([p * truth.log(base)])[0]


# -- the vocabulary -------------------------------------------------------------------------------
def one_like(u: Series) -> Series:
    return [ONE] + [ZERO] * (len(u) - 1)


def logistic(u: Series) -> Series:
    if sgn(u[0]) < 0:
        e = exp(u)
        return div(e, add(one_like(u), e))
    return div(one_like(u), add(one_like(u), exp(neg(u))))


def softplus(u: Series) -> Series:
    if sgn(u[0]) < 0:
        return log1p(exp(u))
    return add(u, log1p(exp(neg(u))))


def sqrt(u: Series) -> Series:
    if sgn(u[0]) < 0:
        raise Undefined("sqrt of a negative number")
    return power(u, Fraction(1, 2))


def asinh(u: Series) -> Series:
    if isinstance(u[0], Fraction) and u[0] == 0:
        value: Number = ZERO
    else:
        side = sgn(u[0])
        v = [u[0] if side > 0 else -u[0]]
        square = mul(v, v)
        inner = add(v, div(square, add([ONE], sqrt(add([ONE], square)))))
        value = Fraction(side) * log1p(inner)[0]
    return integrate(value, div(one_like(u), sqrt(add(one_like(u), mul(u, u)))), u)


def atanh(u: Series) -> Series:
    if sgn(ONE - u[0]) <= 0 or sgn(u[0] + ONE) <= 0:
        raise Undefined("atanh outside of (-1, 1)")
    double = scaled(Fraction(2), u)
    return scaled(Fraction(1, 2), log1p(div(double, sub(one_like(u), u))))


def normal_cdf(u: Series) -> Series:
    argument = scaled(-1 / as_ball(truth.sqrt(Fraction(2))), u)
    return scaled(Fraction(1, 2), erf(argument, True))


def cbrt(u: Series) -> Series:
    side = 0 if u[0] == ZERO else sgn(u[0])
    third = Fraction(1, 3)
    return power(u, third) if side >= 0 else neg(power(neg(u), third))


def sinc(u: Series) -> Series:
    if isinstance(u[0], Fraction) and u[0] == 0:
        if len(u) > 1:
            raise AtBreakpoint("sinc at 0")
        return [ONE]
    return div(sin_cos(u)[0], u)


def ln_over(base: int) -> Callable[[Series], Series]:
    return lambda u: scaled(ONE / as_ball(truth.log(Fraction(base))), log(u))


FUNCTIONS: dict[str, Callable[[Series], Series]] = {
    "exp": exp, "expm1": expm1, "log": log, "ln": log, "log1p": log1p, "sqrt": sqrt,
    "log2": ln_over(2), "log10": ln_over(10), "cbrt": cbrt,
    "sin": lambda u: sin_cos(u)[0], "cos": lambda u: sin_cos(u)[1],
    "tan": lambda u: div(*sin_cos(u)), "sinh": lambda u: sinh_cosh(u)[0],
    "cosh": lambda u: sinh_cosh(u)[1], "sech": lambda u: div(one_like(u), sinh_cosh(u)[1]),
    "asinh": asinh, "atanh": atanh, "arctan": arctan, "atan": arctan, "tanh": tanh, "erf": erf,
    "erfc": lambda u: erf(u, True), "logistic": logistic, "sigmoid": logistic,
    "softplus": softplus, "normal_cdf": normal_cdf, "sinc": sinc,
}  # fmt: skip
