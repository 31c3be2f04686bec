"""The numpy reading: kernels for blocks of float64 or wide numbers, by the names of the primitives.

Registered formulas are read in a type (wide.py) of 64 or more bits of mantissa and an exponent range that
no double overflows, and rounded once; the kernels below lose no more than a few units of that. They are
written once, as pairs of doubles answer numpy's functions too. `NAME_pair` gives value and derivative
where they share work.
"""

from typing import Any

import numpy as np

from .error_functions import erf, erfc, normal_cdf
from .formats import product_error
from .types import Array
from .wide import is_wide, narrowed, widened

__all__ = ["erf", "erfc", "narrowed", "normal_cdf", "widened"]


# exp in wide readings stays between 1e-4880 and 1e1220 instead of reaching 0 and infinity: the
# slopes of tanh(exp(x)) and sqrt(softplus(x)) then end at 0, where they would be 0*inf or 0/0. When
# rounded to float64 the ends become the 0 and the infinity that they stand for.
LOWEST_EXP = -0.99 * 16384 * float(np.log(2))  # 2^16384 is beyond an 80-bit long double
HIGHEST_EXP = -LOWEST_EXP / 4


def at_scalar(kernel: Any, x: Any, *constants: Any) -> Any:
    """The kernel at one float, or number of numpy's, without its warnings; of the same type."""
    with np.errstate(all="ignore"):
        found = kernel(np.reshape(x, 1), *constants)[0]
    return float(found) if isinstance(x, float) else found


def select(condition: Array, chosen: Array, otherwise: Array) -> Array:
    return np.where(condition, chosen, otherwise)


def maximum(a: Array, b: Array) -> Array:
    return np.maximum(a, b)


def minimum(a: Array, b: Array) -> Array:
    return np.minimum(a, b)


def exp(x: Array) -> Array:
    if is_wide(x):
        x = np.clip(x, LOWEST_EXP, HIGHEST_EXP)
    return np.exp(x)


expm1, log, log1p, sqrt, tan = np.expm1, np.log, np.log1p, np.sqrt, np.tan
sinh, cosh, asinh, atanh, arctan, tanh = (
    np.sinh, np.cosh, np.arcsinh, np.arctanh, np.arctan, np.tanh
)  # fmt: skip
abs, sign, cbrt = np.abs, np.sign, np.cbrt


def _product(parts: tuple[Array, Array], x: Array) -> tuple[Array, Array]:
    """w*x as a rounded product and what the rounding lost.

    w is the sum of two parts, the second below the last place of the first.
    """
    w, rest = parts
    if isinstance(x, np.ndarray):
        high = w * x
        low = product_error(np.asarray(w, high.dtype), x, high)
    else:
        from .double_double_functions import exact_product

        high, low = exact_product(w, x)
    low = low + rest * x
    return high, np.where(np.isfinite(low), low, 0)


def sin(x: Array, w: tuple[Array, Array] = (1, 0)) -> Array:
    """sin(x), or sin(w*x) with the product taken exactly: at x = 1e10 its rounding is all there is."""
    if w == (1, 0):
        return np.sin(x)
    high, low = _product(w, x)
    return np.sin(high) * np.cos(low) + np.cos(high) * np.sin(low)


def cos(x: Array, w: tuple[Array, Array] = (1, 0)) -> Array:
    """cos(x), or cos(w*x) with the product taken exactly."""
    if w == (1, 0):
        return np.cos(x)
    high, low = _product(w, x)
    return np.cos(high) * np.cos(low) - np.sin(high) * np.sin(low)


def _logistic_parts(x: Array) -> tuple[Array, Array, Array]:
    """logistic(x), logistic(-x) and exp(-|x|), from one exp."""
    small = exp(-np.abs(x))
    share = 1 / (1 + small)
    other = small * share
    right = x >= 0
    return np.where(right, share, other), np.where(right, other, share), small


def logistic(x: Array) -> Array:
    return _logistic_parts(x)[0]


def logistic_pair(x: Array) -> tuple[Array, Array]:
    value, complement, _ = _logistic_parts(x)
    return value, value * complement


def softplus(x: Array) -> Array:
    return np.maximum(x, 0) + np.log1p(exp(-np.abs(x)))


def softplus_pair(x: Array) -> tuple[Array, Array]:
    share, _, small = _logistic_parts(x)
    return np.maximum(x, 0) + np.log1p(small), share


def tanh_pair(x: Array) -> tuple[Array, Array]:
    small = exp(-2 * np.abs(x))  # 1 - tanh(x)**2 has no correct digit left at 19
    return np.tanh(x), 4 * small / (1 + small) ** 2


def sech(x: Array) -> Array:
    small = exp(-np.abs(x))  # cosh overflows where sech is still a number
    return 2 * small / (1 + small * small)


def softsign_cdf(x: Array) -> Array:
    half = 0.5 / (1 + np.abs(x))
    return np.where(x < 0, half, 1 - half)


def algebraic_cdf(x: Array) -> Array:
    root = np.sqrt(1 + x * x)
    share = 0.5 / (root * (root + np.abs(x)))
    return np.where(x < 0, share, 1 - share)


def root_ramp(x: Array) -> Array:
    root = np.sqrt(1 + x * x) + np.abs(x)
    return np.where(x < 0, 0.5 / root, root / 2)


def root_gap(x: Array) -> Array:
    """sqrt(x^2 + 1) - 1, without its cancellation near 0."""
    return x * x / (np.sqrt(1 + x * x) + 1)


def algebraic_gate_slope(x: Array) -> Array:
    root = np.sqrt(1 + x * x)
    return (1 + x * root) * root_ramp(x) / root**3


def tanh_gap(x: Array) -> Array:
    """x - tanh(x); near 0 from the continued fraction of tanh, which has no cancellation."""
    square = np.minimum(np.abs(x), 1) ** 2
    tail = square / 29
    for odd in range(27, 1, -2):
        tail = square / (odd + tail)
    return np.where(np.abs(x) < 1, x * (tail / (1 + tail)), x - np.tanh(x))


def exp_gap(x: Array) -> Array:
    """exp(x) - 1 - x; near 0 its Taylor series."""
    near = np.clip(x, -1, 1)
    tail = 0 * near + 1
    for n in range(23, 2, -1):
        tail = 1 + tail * near / n
    return np.where(np.abs(x) < 1, near * near / 2 * tail, np.expm1(x) - x)


def arctan_gate(x: Array) -> Array:
    """x*(arctan(x)/pi + 1/2), with the left tail through arctan(-1/x)."""
    pi = _pi(x)
    left = x < -1
    share = np.where(left, np.arctan(-1 / np.where(left, x, -1)), np.arctan(x) + pi / 2)
    return x * (share / pi)


def arctan_gate_slope(x: Array) -> Array:
    """Its derivative; in the left tail (t = -1/x) a series in place of arctan(t) - t/(1 + t**2)."""
    t = -1 / np.where(x < -1, x, -1)
    square = np.minimum(t, 0.125) ** 2
    series = 0 * t
    for k in range(12, 0, -1):
        series = 2 * k / (2 * k + t.dtype.type(1)) - square * series
    tail = np.where(t < 0.125, t**3 * series, np.arctan(t) - t / (1 + t * t))
    pi = _pi(x)
    return np.where(x < -1, tail / pi, 0.5 + np.arctan(x) / pi + x / (pi * (1 + x * x)))


def sinc(x: Array) -> Array:
    return np.where(x == 0, 1, np.sin(x) / np.where(x == 0, 1, x))


def _bessel_quotient(x: Array, n: int) -> Array:
    """j_n(x)/x^n; near 0 from its series, further out by recurrence in n."""
    square = x * x
    near = np.minimum(square, n + 1.0)
    series, term = 0 * near, 0 * near + 1
    for k in range(1, n + 1):
        term = term / (2 * k + 1)
    for k in range(1, 24):
        series = series + term
        term = -term * near / (2 * k * (2 * n + 2 * k + 1))
    outside = square > n + 1.0
    far = np.where(outside, x, 1)
    before, here = np.cos(far), np.sin(far) / far
    for k in range(n):
        before, here = here, ((2 * k + 1) * here - before) / (far * far)
    return np.where(outside, here, series)


def sinc_1(x: Array) -> Array:
    return _bessel_quotient(x, 1)


def sinc_2(x: Array) -> Array:
    return _bessel_quotient(x, 2)


def sinc_3(x: Array) -> Array:
    return _bessel_quotient(x, 3)


def _pi(x: Array) -> Array:
    return x.dtype.type("3.14159265358979323846264338327950288")
