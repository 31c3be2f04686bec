"""The hot activation functions in float64: value and gradient together, from shared exponentials.

A kernel fills `value` and `gradient` (either may be None) for a block of inputs: contiguous
float64 arrays of one length, about BLOCK, that do not overlap. Errors are below 4 ulp at every
finite input, subnormal results included. nan gives nan; infinity is left to the caller. FUSED
lists the kernels.

What keeps the rounding errors few: the order of the sums, exp(x) + exp(-x) + 2 where the textbook
squares 1 + exp(-x), and, where a gradient has a root, differences to the values at the root: two
terms near 1/4 would cancel there.
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

BLOCK = 65_536  # numbers; small blocks make threads wait for the interpreter between operations

_local = threading.local()


def _scratch(size: int, count: int) -> list[Floats]:
    """Arrays to work in; they belong to the thread, and the next call hands out the same ones."""
    if size > BLOCK:
        return [np.empty(size) for _ in range(count)]
    arrays: list[Floats] = _local.__dict__.setdefault("arrays", [])
    while len(arrays) < count:
        arrays.append(np.empty(BLOCK))
    return [array[:size] for array in arrays[:count]]


@cache
def _block_of_zeros() -> Floats:
    return np.zeros(BLOCK)


def _zeros(size: int) -> Floats:
    """For numpy's maximum and minimum, which are slower against a scalar 0."""
    return _block_of_zeros()[:size] if size <= BLOCK else np.zeros(size)


# -- logistic and its like: one e = exp(-|x|), for every x ------------------------------------
def _decay(x: Floats, rate: float, e: Floats) -> None:
    """e = exp(-rate*abs(x))."""
    np.absolute(x, out=e)
    e *= -rate
    np.exp(e, out=e)


def _numerator(x: Floats, e: Floats, out: Floats) -> None:
    """1 on the right, e on the left: that over 1 + e is logistic(x). nan stays nan."""
    np.greater_equal(x, 0, out=out)
    np.maximum(out, e, out=out)


def _square(e: Floats, out: Floats) -> None:
    """(1 + e)^2, nearly correctly rounded for small e."""
    np.add(e, 2, out=out)
    out *= e
    out += 1


def logistic(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    e, t = _scratch(x.size, 2)
    with np.errstate(all="ignore"):
        _decay(x, 1, e)
        if value is not None:
            _numerator(x, e, value)
            np.add(e, 1, out=t)
            value /= t
        if gradient is not None:
            _square(e, t)
            np.divide(e, t, out=gradient)


def tanh(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    with np.errstate(all="ignore"):
        if value is not None:
            np.tanh(x, out=value)
        if gradient is not None:  # 1 - tanh(x)^2 has no correct digit left at 19
            e, t = _scratch(x.size, 2)
            _decay(x, 2, e)
            _square(e, t)
            e *= 4
            np.divide(e, t, out=gradient)


def softplus(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    e, t = _scratch(x.size, 2)
    with np.errstate(all="ignore"):
        _decay(x, 1, e)
        if value is not None:
            np.log1p(e, out=t)
            np.maximum(x, _zeros(x.size), out=value)
            value += t
        if gradient is not None:
            _numerator(x, e, gradient)
            e += 1
            gradient /= e


# -- ramps ------------------------------------------------------------------------------------
def elu(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    (left,) = _scratch(x.size, 1)
    with np.errstate(all="ignore"):
        np.minimum(x, _zeros(x.size), out=left)
        if value is not None:
            np.expm1(left, out=value)
            np.maximum(x, value, out=value)  # expm1(x) > x on the left, expm1(0) < x on the right
        if gradient is not None:
            np.exp(left, out=gradient)


def relu(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    with np.errstate(all="ignore"):
        if value is not None:
            np.maximum(x, _zeros(x.size), out=value)
        if gradient is not None:
            np.greater(x, 0, out=gradient)
            if x.size and np.isnan(x.min()):
                gradient[np.isnan(x)] = np.nan


# -- gates: a core where nothing overflows or underflows, tails beyond -----------------
def _gate(
    low: float, high: float, tails: Callable[[Floats], tuple[Any, Any]]
) -> Callable[[Kernel], Kernel]:
    """A kernel from a core for low <= x <= high and nan, and from `tails` for all other x."""

    def decorate(core: Kernel) -> Kernel:
        @wraps(core)
        def kernel(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
            if not x.size:
                return
            with np.errstate(all="ignore"):
                if low <= x.min() and x.max() <= high:
                    core(x, value, gradient)
                    return
                core(np.clip(x, low, high), value, gradient)
                beyond = np.flatnonzero((x < low) | (x > high))
                ends = tails(x[beyond])
                if value is not None:
                    value[beyond] = ends[0]
                if gradient is not None:
                    gradient[beyond] = ends[1]

        return kernel

    return decorate


# A subnormal exp(x) has lost digits, exp(x + SHIFT) has not, and x + SHIFT is exact.
SHIFT = 64
UNSHIFT = float(np.exp(-np.longdouble(SHIFT)))


def _gate_tails(x: Floats) -> tuple[Any, Any]:
    """x exp(x) and its derivative on the left, x on the right."""
    left = np.minimum(x, -SHIFT)
    small = np.exp(left + SHIFT)
    return (
        np.where(x < 0, left * small * UNSHIFT, x),
        np.where(x < 0, (1 + left) * small * UNSHIFT, 1),
    )


# The root of the gradient as a sum of two doubles, and exp(root).
SILU_ROOT, SILU_ROOT_LOW = -1.2784645427610737, -1.0946994183093437e-16
SILU_UP = 0.2784645427610738


@_gate(-700, 700, _gate_tails)
def silu(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    down, t = _scratch(x.size, 2)
    np.negative(x, out=down)
    np.exp(down, out=down)
    if value is not None:
        np.add(down, 1, out=value)
        np.divide(x, value, out=value)
    if gradient is not None:
        # n / (n + 1 - x + down) with n = 1 + x + exp(x) = x - root + exp(x) - exp(root)
        n = np.subtract(x, SILU_ROOT, out=gradient)
        np.expm1(n, out=t)
        t *= SILU_UP
        t -= SILU_ROOT_LOW * (1 + SILU_UP)
        n += t
        np.subtract(1, x, out=t)
        t += n
        t += down
        n /= t


MISH_ROOT, MISH_ROOT_LOW = -1.1924312145154952, -4.8484829848031044e-17
MISH_UP = 0.3034825352815289


@_gate(-700, 230, _gate_tails)
def mish(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    down, up, rise, d, t = _scratch(x.size, 5)
    np.negative(x, out=down)
    np.exp(down, out=down)
    np.subtract(x, MISH_ROOT, out=d)
    d -= MISH_ROOT_LOW
    np.expm1(d, out=rise)
    rise *= MISH_UP
    np.add(rise, MISH_UP, out=up)
    if value is not None:  # x / (down + 1 - 1/(2 + up))
        np.add(up, 2, out=value)
        np.divide(-1, value, out=value)
        value += 1
        value += down
        np.divide(x, value, out=value)
    if gradient is not None:
        # n / (n + 1 - x + up (1/2 - x) + down) with n = 1 + x + up (3/2 + x + up + up^2/4).
        # With d = x - root and rise = up - exp(root), n = d + d up + rise (a + b up + up^2/4).
        n = np.multiply(up, 0.25, out=gradient)
        n += 1 + MISH_UP / 4
        n *= up
        n += 1.5 + MISH_ROOT + MISH_UP + MISH_UP * MISH_UP / 4
        n *= rise
        n += np.multiply(d, up, out=t)
        n += d
        np.subtract(0.5, x, out=t)
        t *= up
        t += np.subtract(1, x, out=d)
        t += n
        t += down
        n /= t


# -- GELU -------------------------------------------------------------------------------------
GELU_ROOT = -0.7517915246935645
GELU_AT_ROOT = -6.453751729367753e-18  # the gradient at this double


@cache
def _gelu_tables() -> tuple[Floats, Floats, Floats, Floats]:
    """By grid point t: t, Taylor coefficients of the upper tail, density, t*density - upper tail.

    The grid is that of gauss.py, with the point next to the root moved there.
    """
    grid = np.arange(gauss.LIMIT * gauss.PER_UNIT + 1).astype(np.longdouble) / gauss.PER_UNIT
    near = round(-GELU_ROOT * gauss.PER_UNIT)
    shift = -GELU_ROOT - grid[near]
    series = gauss.coefficients(1).copy()
    moved = series[:, near]
    for start in range(len(moved) - 1):  # Horner's scheme, to the end
        for n in range(len(moved) - 2, start - 1, -1):
            moved[n] += shift * moved[n + 1]
    grid[near] = -GELU_ROOT
    bell = np.exp(-grid * grid / 2)
    upper = series[:8] * bell
    density = bell / np.sqrt(2 * gauss.pi(np.longdouble))
    slope = grid * density - upper[0]
    slope[near] = -GELU_AT_ROOT
    return _double(grid), _double(upper), _double(density), _double(slope)


def _double(array: Any) -> Floats:
    return np.asarray(array, np.float64)


def _gelu_tails(x: Floats) -> tuple[Any, Any]:
    t = np.clip(-x, gauss.LIMIT, 40).astype(np.longdouble)
    grid = np.rint(t * gauss.PER_UNIT) / gauss.PER_UNIT
    bell = np.exp((grid - t) * (grid + t) / 2) * np.exp(SHIFT - grid * grid / 2)
    unshift = np.exp(-np.longdouble(SHIFT))
    upper = gauss.fraction(t, 1)
    slope = upper - t / np.sqrt(2 * gauss.pi(np.longdouble))
    return (
        np.where(x < 0, -t * upper * bell * unshift, x),
        np.where(x < 0, slope * bell * unshift, 1),
    )


@_gate(-gauss.LIMIT, gauss.LIMIT, _gelu_tails)
def gelu(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    points, upper, density, slope = _gelu_tables()
    t, grid, h, series, row, integers = _scratch(x.size, 6)
    column = integers.view(np.intp)[: x.size]

    def at_grid(table: Floats, out: Floats = row) -> Floats:
        return table.take(column, out=out, mode="clip")

    np.absolute(x, out=t)
    np.multiply(t, gauss.PER_UNIT, out=h)
    np.rint(h, out=h)
    np.copyto(column, h, casting="unsafe")
    at_grid(points, grid)
    np.subtract(t, grid, out=h)

    # Upper tail = (upper[0] + series) exp((grid^2 - t^2)/2), and the exponential is 1 + w.
    at_grid(upper[-1], series)
    for coefficients in upper[-2:0:-1]:
        series *= h
        series += at_grid(coefficients)
    series *= h
    w = np.add(grid, t, out=grid)
    w *= h
    w *= -0.5
    np.expm1(w, out=w)
    if value is not None:  # max(x, 0) - t * upper tail
        at_grid(upper[0], value)
        value += series
        value += np.multiply(value, w, out=row)
        value *= t
        np.maximum(x, _zeros(x.size), out=row)
        np.subtract(row, value, out=value)
    if gradient is not None:  # s = t*density - upper tail; -s on the left, 1 + s on the right
        h *= at_grid(density)
        h -= series
        h += at_grid(slope)
        h += np.multiply(h, w, out=row)
        side = np.copysign(1, x, out=row)
        h *= side
        side += 1
        side *= 0.5
        np.add(h, side, out=gradient)


# -- GELU's tanh form: x logistic(u), u = SLOPE x + CUBIC x^3 ---------------------------------
# An error of u is a relative error of exp(u), so u is needed to more digits than a double has.
# Its leading part, at x rounded to 1/256, is made of pieces so short that it is exact up to 32.
SLOPE = 1.5957691216057308  # 2 sqrt(2/pi)
SLOPE_HIGH, SLOPE_LOW = 1.595769121660851, -5.5120230375072935e-11  # 33 bits after the point
CUBIC = 0.07135481627260025  # 2 sqrt(2/pi) 0.044715
CUBIC_HIGH, CUBIC_LOW = 0.07135772705078125, -2.910778181004728e-06  # 17 bits after the point

# The root of the gradient as a sum of two doubles, and the gradient over the distance to it.
GELU_TANH_ROOT, GELU_TANH_ROOT_LOW = -0.7524614220710163, 3.4358218314355225e-17
GELU_TANH_REACH = 1 / 4
GELU_TANH_SERIES = (
    0.4304000910248585, 0.38751844613578895, -0.015782853521849695, -0.11394448308095831,
    -0.01661932834262487, 0.019682309459657894, 0.005261059213815733, -0.002422731829037907,
    -0.0009274401400614236, 0.00026392686955828973, 0.0001242079285288394, -3.493802564633534e-05,
    -1.5430854239553375e-05, 5.706140750432436e-06,
)  # fmt: skip


def _argument(x: Floats) -> tuple[Floats, ...]:
    """u and x u' - u = 2 CUBIC x^3 for abs(x) <= 32, each as a sum of two doubles.

    Two arrays more are free to work in; all six are the thread's scratch.
    """
    short, square, cube, cube_low, u, u_low = _scratch(x.size, 6)
    np.multiply(x, 256, out=short)
    np.rint(short, out=short)
    short /= 256
    np.multiply(short, short, out=square)
    np.multiply(square, CUBIC_HIGH, out=cube)
    cube *= short
    np.multiply(short, SLOPE_HIGH, out=u)
    u += cube  # exact so far

    # CUBIC x^3 - cube = CUBIC (x - short) (x^2 + x short + short^2) + CUBIC_LOW short^3
    rest = np.subtract(x, short, out=u_low)
    np.add(x, short, out=cube_low)
    cube_low *= x
    cube_low += square
    cube_low *= rest
    cube_low *= CUBIC
    square *= short
    square *= CUBIC_LOW
    cube_low += square

    rest *= SLOPE
    short *= SLOPE_LOW
    rest += short
    rest += cube_low
    total = np.add(u, rest, out=square)
    u -= total
    u_low += u
    cube *= 2
    cube_low *= 2
    return total, u_low, cube, cube_low, short, u


def _gelu_tanh_tails(x: Floats) -> tuple[Any, Any]:
    left = np.clip(x, -23, -21)
    u, u_low, cube, cube_low, *_ = _argument(left)
    small = np.exp(u + SHIFT)
    small += small * u_low
    return (
        np.where(x < 0, left * small * UNSHIFT, x),
        np.where(x < 0, (1 + u + (cube + cube_low)) * small * UNSHIFT, 1),
    )


def _near_gelu_tanh_root(x: Floats) -> Floats:
    """The gradient within GELU_TANH_REACH of its root, where 1 + x u' and exp(u) would cancel."""
    d = x - GELU_TANH_ROOT - GELU_TANH_ROOT_LOW
    total = np.full_like(d, GELU_TANH_SERIES[-1])
    for coefficient in GELU_TANH_SERIES[-2::-1]:
        total *= d
        total += coefficient
    total *= d
    return total


@_gate(-21, 20, _gelu_tanh_tails)
def gelu_tanh(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    u, u_low, cube, cube_low, down, t = _argument(x)
    np.negative(u, out=down)
    np.exp(down, out=down)
    correction = np.multiply(down, u_low, out=t)
    if value is not None:  # x / (1 + exp(-u))
        np.subtract(1, correction, out=value)
        value += down
        np.divide(x, value, out=value)
    if gradient is not None:  # (1 + x u' + exp(u)) / (2 + exp(u) + exp(-u))
        up = np.exp(u, out=gradient)
        u += 1
        u_low += cube_low
        u_low += up
        u += u_low
        u += cube
        up += 2
        up -= correction
        up += down
        np.divide(u, up, out=gradient)
        np.subtract(x, GELU_TANH_ROOT, out=t)
        near = np.flatnonzero(np.absolute(t, out=t) < GELU_TANH_REACH)
        if near.size:
            gradient[near] = _near_gelu_tanh_root(x[near])


FUSED: dict[str, Kernel] = {
    "logistic(x)": logistic,
    "tanh(x)": tanh,
    "softplus(x)": softplus,
    "x*logistic(x)": silu,
    "x*normal_cdf(x)": gelu,
    "x*logistic(sqrt(8/pi)*(x + 0.044715*x**3))": gelu_tanh,
    "x*tanh(softplus(x))": mish,
    "where(x > 0, x, expm1(x))": elu,
    "where(x > 0, x, 0)": relu,
}
