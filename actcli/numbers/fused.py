"""The hot activation functions in float64: value and gradient together, from one exponential.

A kernel fills `value` and `gradient` (either may be None) for a block of inputs: contiguous float64
arrays of one length, about BLOCK, that do not overlap. Its error is below 4 ulp at every finite input,
subnormal results included. nan gives nan; infinity is left to the caller. FUSED lists the kernels.

Each has a core for common inputs, where nothing overflows or underflows. The few numbers beyond get
their asymptotic form (`tails`), and those next to a root of the gradient its power series (`Root`).
"""

import threading
from collections.abc import Callable
from functools import cache, wraps
from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import gauss

Floats = NDArray[np.float64]
Kernel = Callable[[Floats, Floats | None, Floats | None], None]

BLOCK = 16_000  # a kernel's arrays then fit into the second-level cache

_local = threading.local()


def _scratch(size: int, count: int) -> list[Floats]:
    """Arrays to work in; they belong to the thread, and the next call hands out the same ones."""
    if size > BLOCK:
        return [np.empty(size) for _ in range(count)]
    arrays: list[Floats] = _local.__dict__.setdefault("arrays", [])
    while len(arrays) < count:
        arrays.append(np.empty(BLOCK))
    return [array[:size] for array in arrays[:count]]


class Root:
    """A root of a gradient, and the gradient's power series around it, without the constant 0.

    The root is `place + rest`. A double next to it may have no correct digit in common with the
    gradient that a core computes there, since two terms near 1/4 cancel.
    """

    REACH = 1 / 8

    def __init__(self, place: float, rest: float, *series: float) -> None:
        self.place = place
        self.rest = rest
        self.series = series

    def mend(self, x: Floats, gradient: Floats) -> None:
        """Overwrite the gradient where x is within REACH."""
        (distance,) = _scratch(x.size, 1)
        np.subtract(x, self.place, out=distance)
        np.absolute(distance, out=distance)
        near = np.flatnonzero(distance < self.REACH)
        if near.size:
            d = x[near] - self.place - self.rest
            total = np.full_like(d, self.series[-1])
            for coefficient in self.series[-2::-1]:
                total *= d
                total += coefficient
            gradient[near] = total * d


def _kernel(
    low: float, high: float, tails: Callable[[Floats], tuple[Any, Any]], root: Root | None = None
) -> Callable[[Kernel], Kernel]:
    """A kernel from a core that is right for low <= x <= high and nan, and `tails` for all other x."""

    def decorate(core: Kernel) -> Kernel:
        @wraps(core)
        def kernel(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
            if not x.size:
                return
            with np.errstate(all="ignore"):
                if low <= x.min() and x.max() <= high:
                    core(x, value, gradient)
                else:
                    core(np.clip(x, low, high), value, gradient)
                    beyond = np.flatnonzero((x < low) | (x > high))
                    ends = tails(x[beyond])
                    if value is not None:
                        value[beyond] = ends[0]
                    if gradient is not None:
                        gradient[beyond] = ends[1]
                if root is not None and gradient is not None:
                    root.mend(x, gradient)

        return kernel

    return decorate


# -- exponential tails ------------------------------------------------------------------------------
# A product with a subnormal exp(x) has lost its digits: exp(x + 64) has not, and x + 64 is exact.
_SHIFT = 64
_UNSHIFT = float(np.exp(-np.longdouble(_SHIFT)))


def _shifted_exp(x: Floats) -> Floats:
    """exp(x)/_UNSHIFT for x <= -128."""
    return np.exp(x + _SHIFT)


def _logistic_tails(x: Floats) -> tuple[Any, Any]:
    small = np.exp(-np.abs(x))
    return np.where(x < 0, small, 1), small


def _tanh_tails(x: Floats) -> tuple[Any, Any]:
    return np.copysign(1, x), _shifted_exp(-2 * np.abs(x)) * (4 * _UNSHIFT)


def _softplus_tails(x: Floats) -> tuple[Any, Any]:
    small = np.exp(np.minimum(x, 0))
    return np.where(x < 0, small, x), small


def _gate_tails(x: Floats) -> tuple[Any, Any]:
    """x exp(x) and its derivative on the left, x on the right."""
    left = np.minimum(x, -_SHIFT)
    small = _shifted_exp(left)
    return (
        np.where(x < 0, left * small * _UNSHIFT, x),
        np.where(x < 0, (1 + left) * small * _UNSHIFT, 1),
    )


# -- built on one exponential -------------------------------------------------------------------------
@_kernel(-350, 350, _logistic_tails)
def logistic(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    e, d = _scratch(x.size, 2)
    np.negative(x, out=e)
    np.exp(e, out=e)
    np.add(e, 1, out=d)
    if value is not None:
        np.divide(1, d, out=value)
    if gradient is not None:
        d *= d
        np.divide(e, d, out=gradient)


@_kernel(-170, 170, _tanh_tails)
def tanh(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    if value is not None:
        np.tanh(x, out=value)
    if gradient is not None:
        e, d = _scratch(x.size, 2)
        np.multiply(x, -2, out=e)
        np.exp(e, out=e)
        np.add(e, 1, out=d)
        d *= d
        np.divide(e, d, out=gradient)
        gradient *= 4


@_kernel(-700, 700, _softplus_tails)
def softplus(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    e, d = _scratch(x.size, 2)
    np.exp(x, out=e)
    if value is not None:
        np.log1p(e, out=value)
    if gradient is not None:
        np.add(e, 1, out=d)
        np.divide(e, d, out=gradient)


SILU_ROOT = Root(
    -1.2784645427610737,
    -1.0946994183093437e-16,
    0.2178117057198001,
    0.1466487969969469,
    0.018874814223782312,
    -0.015222655223188032,
    -0.006606589138356696,
    0.000126627410081122,
    0.0007985218818397998,
    0.00018570724361186496,
    -4.090534237428612e-05,
    -2.9733542213263917e-05,
    -2.942631888842464e-06,
    2.346029682463866e-06,
    8.599695028268575e-07,
)


@_kernel(-700, 350, _gate_tails, SILU_ROOT)
def silu(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    e, d, t = _scratch(x.size, 3)
    np.exp(x, out=e)
    np.add(e, 1, out=d)
    if value is not None:
        np.multiply(x, e, out=value)
        value /= d
    if gradient is not None:  # e (x + 1 + e) / d^2
        np.add(x, 1, out=t)
        t += e
        t *= e
        d *= d
        np.divide(t, d, out=gradient)


MISH_ROOT = Root(
    -1.1924312145154952,
    -4.8484829848031044e-17,
    0.2669479140495345,
    0.20473126408010586,
    0.04190782104360987,
    -0.020271822716684245,
    -0.01582112656173338,
    -0.0033606849270232685,
    0.0010924055409445854,
    0.0009898181021289196,
    0.00025412936386191073,
    -4.1961496031696126e-05,
    -5.582891567360688e-05,
    -1.72992708103044e-05,
    9.427361327376651e-07,
)


@_kernel(-700, 170, _gate_tails, MISH_ROOT)
def mish(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    e, n, d, t = _scratch(x.size, 4)
    np.exp(x, out=e)
    np.add(e, 2, out=n)
    n *= e
    np.add(n, 2, out=d)  # tanh(softplus(x)) = n/d
    if value is not None:
        np.multiply(x, n, out=value)
        value /= d
    if gradient is not None:  # e (4 (x + 1) (e + 1) + e (d + 2 e)) / d^2
        np.add(e, e, out=n)
        n += d
        n *= e
        d *= d
        np.add(x, 1, out=t)
        t *= 4
        t *= e + 1
        t += n
        t *= e
        np.divide(t, d, out=gradient)


# -- ramps --------------------------------------------------------------------------------------------
def elu(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    (left,) = _scratch(x.size, 1)
    with np.errstate(all="ignore"):
        np.minimum(x, 0, out=left)
        if value is not None:
            np.expm1(left, out=value)
            np.maximum(x, value, out=value)  # expm1(left) is 0 for x > 0, and above x for x < 0
        if gradient is not None:
            np.exp(left, out=gradient)


def relu(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    if value is not None:
        np.maximum(x, 0, out=value)
    if gradient is not None:
        np.copyto(gradient, x > 0)
        if x.size and np.isnan(x.min()):
            gradient[np.isnan(x)] = np.nan


# -- GELU -----------------------------------------------------------------------------------------
GELU_ROOT = Root(
    -0.7517915246935645,
    1.4956759177009883e-17,
    0.4314939923140469,
    0.388284982990552,
    -0.018199676398671087,
    -0.1140082332972217,
    -0.014771522148244337,
    0.019421679838189067,
    0.004539228379125415,
    -0.002239538068073497,
    -0.0007448268386746817,
    0.00018633974623233514,
    8.615947861116571e-05,
    -1.121438018842664e-05,
    -7.74846130700372e-06,
)


@cache
def _gelu_tables() -> tuple[Floats, Floats, Floats]:
    """By grid point t: the upper tail's Taylor coefficients, density, and t*density - upper tail."""
    bell = gauss.bell(1)
    upper = gauss.coefficients(1)[:8] * bell
    density = bell / np.sqrt(2 * gauss.pi(np.longdouble))
    slope = np.arange(bell.size) * density / gauss.PER_UNIT - upper[0]
    return upper.astype(np.float64), density.astype(np.float64), slope.astype(np.float64)


def _gelu_tails(x: Floats) -> tuple[Any, Any]:
    t = np.clip(-x, 16, 40)
    grid = np.rint(t * gauss.PER_UNIT) / gauss.PER_UNIT
    root = np.sqrt(2 * np.pi)
    bell = np.exp((grid - t) * (grid + t) / 2) * np.exp(_SHIFT - grid * grid / 2) * (_UNSHIFT / root)
    ratio = root * gauss.fraction(t, 1)
    return np.where(x < 0, x * ratio * bell, x), np.where(x < 0, (ratio - t) * bell, 1)


@_kernel(-16, 16, _gelu_tails, GELU_ROOT)
def gelu(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    upper, density, slope = _gelu_tables()
    t, grid, h, series, row = _scratch(x.size, 5)
    np.absolute(x, out=t)
    np.multiply(t, gauss.PER_UNIT, out=grid)
    np.rint(grid, out=grid)
    column = grid.astype(np.intp)
    grid /= gauss.PER_UNIT
    np.subtract(t, grid, out=h)

    def lookup(table: Floats) -> Floats:
        return table.take(column, out=row, mode="clip")

    # Upper tail = w (upper[0] + series), with w = exp((grid^2 - t^2)/2).
    series[:] = lookup(upper[-1])
    for coefficients in upper[-2:0:-1]:
        series *= h
        series += lookup(coefficients)
    series *= h
    w = grid
    w += t
    w *= h
    w *= -0.5
    np.exp(w, out=w)
    if value is not None:  # max(x, 0) - t * upper tail
        np.add(series, lookup(upper[0]), out=value)
        value *= w
        value *= t
        np.subtract(np.maximum(x, 0), value, out=value)
    if gradient is not None:  # t * density - upper tail, and 1 + that on the right, - that on the left
        h *= lookup(density)
        h -= series
        h += lookup(slope)
        h *= w
        gradient[:] = np.where(x < 0, -h, 1 + h)


# -- GELU's tanh form: x logistic(u), u = SLOPE x + CUBIC x^3 ----------------------------------------------
# An error of u is a relative error of exp(u), so u is needed to more digits than a double has. Its leading
# part, taken at x rounded to 1/256, consists of pieces so short that it is exact up to abs(x) = 32.
SLOPE = 1.5957691216057308  # 2 sqrt(2/pi)
SLOPE_HIGH, SLOPE_LOW = 1.595769121660851, -5.5120230375072935e-11  # 33 bits after the point
CUBIC = 0.07135481627260025  # 2 sqrt(2/pi) 0.044715
CUBIC_HIGH, CUBIC_LOW = 0.07135772705078125, -2.910778181004728e-06  # 17 bits after the point

GELU_TANH_ROOT = Root(
    -0.7524614220710163,
    3.4358218314355225e-17,
    0.4304000910248585,
    0.38751844613578895,
    -0.015782853521848023,
    -0.11394448308095899,
    -0.016619328343052565,
    0.019682309459833118,
    0.005261059254921913,
    -0.002422731845875097,
    -0.0009274420230205452,
    0.0002639276405268104,
    0.00012425227802639787,
    -3.495617169443609e-05,
    -1.595089687164511e-05,
)


def _argument(x: Floats, work: list[Floats]) -> tuple[Floats, Floats]:
    """u as the sum of two doubles, for abs(x) <= 32; they lie in `work`, five arrays."""
    u, rest, short, square, t = work
    np.multiply(x, 256, out=short)
    np.rint(short, out=short)
    short /= 256
    np.multiply(short, short, out=square)
    np.multiply(square, CUBIC_HIGH, out=u)
    u += SLOPE_HIGH
    u *= short  # exact so far
    np.add(x, short, out=t)  # (x - short) (SLOPE + CUBIC (x^2 + x short + short^2))
    t *= x
    t += square
    t *= CUBIC
    t += SLOPE
    np.subtract(x, short, out=rest)
    rest *= t
    square *= CUBIC_LOW
    square += SLOPE_LOW
    square *= short
    rest += square
    np.add(u, rest, out=t)
    u -= t
    rest += u
    return t, rest


def _gelu_tanh_tails(x: Floats) -> tuple[Any, Any]:
    left = np.clip(x, -23, -21)
    u, rest = _argument(left, [np.empty_like(x) for _ in range(5)])
    small = np.exp(u + _SHIFT)
    small += small * rest
    slope = 1 + left * (SLOPE + 3 * CUBIC * left * left)
    return (
        np.where(x < 0, left * small * _UNSHIFT, x),
        np.where(x < 0, slope * small * _UNSHIFT, 1),
    )


@_kernel(-21, 16, _gelu_tanh_tails, GELU_TANH_ROOT)
def gelu_tanh(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    e, t, *work = _scratch(x.size, 7)
    u, rest = _argument(x, work)
    np.exp(u, out=e)
    np.multiply(e, rest, out=t)
    e += t
    np.add(e, 1, out=t)
    if value is not None:
        np.multiply(x, e, out=value)
        value /= t
    if gradient is not None:  # e (1 + e + x u') / (1 + e)^2, with x u' = u + 2 CUBIC x^3
        t *= t
        u += 1
        cube = work[0]
        np.multiply(x, x, out=cube)
        cube *= x
        cube *= 2 * CUBIC
        cube += rest
        u += cube
        u += e
        u *= e
        np.divide(u, t, out=gradient)


FUSED: dict[str, Kernel] = {
    "logistic(x)": logistic,
    "tanh(x)": tanh,
    "softplus(x)": softplus,
    "x*logistic(x)": silu,
    "x*normal_cdf(x)": gelu,
    "x*normal_cdf_tanh(x)": gelu_tanh,
    "x*tanh(softplus(x))": mish,
    "where(x > 0, x, expm1(x))": elu,
    "where(x > 0, x, 0)": relu,
}
