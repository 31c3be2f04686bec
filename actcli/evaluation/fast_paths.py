"""The functions that networks use most, in float64 from two or three looked-up numbers.

With u the middle of a cell and r = x - u, addition theorems give the function at u + r from its
value and gradient at u: tanh(u + r) = t + w with t = tanh(u) and w = (1 - t^2) tanh(r)/(1 + t tanh(r)).
Only series in r of a few terms remain. Every result is a looked-up number, itself rounded once, and
a small term, so that errors stay near one ulp. Cells reach to +-REACH; what lies beyond, and the
surroundings of roots, is nan and left to the polynomials of piecewise.py.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from ..numbers.types import Floats
from ..numbers.wide import widened
from .lookup import BLOCK, scratch
from .piecewise import AT_ONCE, Kernel

Rest = Callable[[], Any]  # gives the kernel that is asked for what is left

PER_UNIT = 256  # cells per unit
REACH = 32
AROUND = 5 / PER_UNIT  # what is left around roots
_ROUND = 1.5 * 2.0**52 / PER_UNIT  # what is added to it is rounded to a multiple of 1/PER_UNIT
_BITS = int(np.float64(_ROUND).view(np.int64))

_HALF = REACH * PER_UNIT
_H = 0.5 / PER_UNIT  # the largest r
# 2 tanh(r/2) = r - r^3/12 + r^5/120; of the last term the part that a cubic can take over.
_CUBIC = -1 / 12 + 0.87 * _H**2 / 120
SWISH_ROOT = -1.2784645427610738  # of the gradient


@cache
def _middles() -> Any:
    """u of every cell, wide; nan at both ends, where everything beyond is looked up."""
    middles = widened(np.arange(-_HALF, _HALF)) / PER_UNIT
    middles[[0, -1]] = np.nan
    return middles


def in_cells(x: Floats, half: int, middle: Floats, step: Floats, room: Floats) -> Any:
    """The cells of x, counted from -half/PER_UNIT; fills their middles and the steps from there.

    The cells take the place of `room`. Those of numbers far out are beyond all others.
    """
    cell = room.view(np.int64)
    np.add(x, _ROUND, out=middle)
    np.subtract(middle.view(np.int64), _BITS - half, out=cell)
    middle -= _ROUND
    np.subtract(x, middle, out=step)
    return cell


def in_blocks(
    fill: Kernel,
    complete: Callable[[Any], None],
    x: Floats,
    value: Floats | None,
    gradient: Floats | None,
) -> None:
    """`fill` for every block, and `complete` for the places where it leaves nan.

    Those of several blocks together, as a few numbers take nearly as long as a thousand; but no
    more than a block's, so that little memory is needed even where all are left.
    """
    unknown: list[Any] = []
    for start in range(0, x.size, BLOCK):
        part = slice(start, start + BLOCK)
        outs = [None if out is None else out[part] for out in (value, gradient)]
        fill(x[part], *outs)
        judge = outs[1] if outs[0] is None else outs[0]
        if judge is not None and np.isnan(judge.min()):
            unknown.append(start + np.flatnonzero(np.isnan(judge)))
        if unknown and (start + BLOCK >= x.size or sum(map(len, unknown)) >= AT_ONCE):
            complete(np.concatenate(unknown))
            unknown.clear()


def _double(table: Any) -> Floats:
    return np.asarray(table, np.float64)


@cache
def _logistic_table() -> tuple[Floats, Floats]:
    """Value and gradient."""
    up, down = np.exp(_middles()), np.exp(-_middles())
    return _double(1 / (1 + down)), _double(1 / (2 + up + down))


@cache
def _tanh_table() -> tuple[Floats, Floats]:
    """Value and gradient."""
    up, down = np.exp(2 * _middles()), np.exp(-2 * _middles())
    return _double(np.tanh(_middles())), _double(4 / (2 + up + down))


@cache
def _softplus_table() -> Floats:
    u = _middles()
    return _double(np.maximum(u, 0) + np.log1p(np.exp(-np.abs(u))))


@cache
def _swish_table() -> tuple[Floats, Floats]:
    """logistic, and the gradient; both nan around the root of the latter."""
    u = _middles().copy()
    u[np.abs(u - SWISH_ROOT) < AROUND - 1 / PER_UNIT] = np.nan
    share = 1 / (1 + np.exp(-u))
    return _double(share), _double(share * (1 + u / (1 + np.exp(u))))


@cache
def _exponential_table() -> tuple[Floats, Floats]:
    """exp and expm1."""
    return _double(np.exp(_middles())), _double(np.expm1(_middles()))


def _look_up(table: Floats, cell: Any, out: Floats) -> Floats:
    table.take(cell, out=out, mode="clip")
    return out


def _horner(x: Floats, coefficients: tuple[float, ...], out: Floats) -> Floats:
    """x times the polynomial with these coefficients, the highest first."""
    np.multiply(x, coefficients[0], out=out)
    for coefficient in coefficients[1:]:
        out += coefficient
        out *= x
    return out


def _logistic_step(
    share: Floats, slope: Floats, change: Floats, value: Floats, spare: Floats
) -> None:
    """From logistic and its gradient at u and change = 2 tanh(r/2): value = logistic(x),
    change = value - share, and spare = what is added to the gradient."""
    np.subtract(share, 0.5, out=spare)
    np.multiply(spare, change, out=value)
    value += 1
    change /= value
    change *= slope
    np.add(share, change, out=value)
    spare += value  # 2 share + change - 1/2
    np.subtract(0.5, spare, out=spare)
    spare *= change


def _logistic(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    share, slope, step, spare, change, room = scratch(x.size, 6)
    shares, slopes = _logistic_table()
    cell = in_cells(x, _HALF, spare, step, room)
    _look_up(shares, cell, share)
    _look_up(slopes, cell, slope)
    np.multiply(step, step, out=change)
    change *= _CUBIC
    change += 1
    change *= step
    _logistic_step(share, slope, change, room if value is None else value, spare)
    if gradient is not None:
        np.add(slope, spare, out=gradient)


def _swish(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    share, slope, step, spare, change, room, middle = scratch(x.size, 7)
    shares, gradients = _swish_table()
    cell = in_cells(x, _HALF, middle, step, room)
    _look_up(shares, cell, share)
    _look_up(_logistic_table()[1], cell, slope)
    if gradient is not None:
        _look_up(gradients, cell, gradient)
    np.multiply(step, step, out=room)
    _horner(room, (1 / 120, -1 / 12), change)
    change += 1
    change *= step
    _logistic_step(share, slope, change, room if value is None else value, spare)
    if gradient is not None:  # G(u) + change + r (slope + spare) + u spare
        middle *= spare
        slope += spare
        slope *= step
        slope += middle
        slope += change
        gradient += slope
    if value is not None:
        value *= x


def _tanh(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    start, slope, step, change, room, square = scratch(x.size, 6)
    starts, slopes = _tanh_table()
    cell = in_cells(x, _HALF, square, step, room)
    _look_up(starts, cell, start)
    _look_up(slopes, cell, slope)
    np.multiply(step, step, out=square)
    _horner(square, (2 / 15, -1 / 3), change)
    change *= step
    change += step  # tanh(r)
    np.multiply(start, change, out=square)
    square += 1
    change /= square
    change *= slope
    total = room if value is None else value
    np.add(start, change, out=total)
    if gradient is not None:  # 1 - (t + w)^2
        start += total
        start *= change
        np.subtract(slope, start, out=gradient)


def _softplus(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    share, rise, step, spare, room = scratch(x.size, 5)
    cell = in_cells(x, _HALF, spare, step, room)
    _look_up(_logistic_table()[0], cell, share)
    _horner(step, (1 / 24, 1 / 6 + 0.87 * _H**2 / 120, 1 / 2, 1), rise)
    rise *= share  # (1 + exp(x))/(1 + exp(u)) - 1
    if value is not None:  # log(1 + z) = 2 artanh(z/(2 + z))
        _look_up(_softplus_table(), cell, value)
        np.add(rise, 2, out=spare)
        np.divide(rise, spare, out=spare)
        np.multiply(spare, spare, out=step)
        step *= 2 / 3 + 0.87 * 2 / 5 * (_H / 2) ** 2
        step += 2
        step *= spare
        value += step
    if gradient is not None:
        share += rise
        rise += 1
        np.divide(share, rise, out=gradient)


def _elu(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    left, rise, step, room, spare = scratch(x.size, 5)
    exps, expm1s = _exponential_table()
    np.minimum(x, _zeros()[: x.size], out=left)
    cell = in_cells(left, _HALF, spare, step, room)
    _horner(step, (1 / 120, 1 / 24, 1 / 6, 1 / 2, 1), rise)
    _look_up(exps, cell, spare)
    rise *= spare
    if gradient is not None:
        np.add(spare, rise, out=gradient)
    if value is not None:
        rise += _look_up(expm1s, cell, spare)
        np.maximum(x, rise, out=value)


@cache
def _zeros() -> Floats:
    """For numpy's maximum and minimum, which are slower against a scalar 0."""
    return np.zeros(BLOCK)


def _relu(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
    """Leaves nothing open and takes any number of numbers."""
    if value is not None:
        for start in range(0, x.size, BLOCK):
            part = x[start : start + BLOCK]
            np.maximum(part, _zeros()[: part.size], out=value[start : start + BLOCK])
    if gradient is not None:
        np.greater(x, 0, out=gradient)
        if x.size and np.isnan(x.min()):
            gradient[np.isnan(x)] = np.nan


def _completed(fill: Kernel) -> Callable[[Rest], Kernel]:
    """Kernels for any number of numbers: where `fill`, for BLOCK at most, leaves nan, `rest()` answers."""

    def with_rest(rest: Rest) -> Kernel:
        def kernel(x: Floats, value: Floats | None, gradient: Floats | None) -> None:
            def complete(places: Any) -> None:
                found = [None if o is None else np.empty(places.size) for o in (value, gradient)]
                rest()(x[places], *found)
                for out, known in zip((value, gradient), found, strict=True):
                    if out is not None:
                        out[places] = known

            with np.errstate(all="ignore"):
                in_blocks(fill, complete, x, value, gradient)

        return kernel

    return with_rest


HOT: dict[str, Callable[[Rest], Kernel]] = {  # of registered functions at their defaults
    "logistic": _completed(_logistic),
    "tanh": _completed(_tanh),
    "softplus": _completed(_softplus),
    **dict.fromkeys(("swish", "acon_c"), _completed(_swish)),
    **dict.fromkeys(("elu", "celu"), _completed(_elu)),
    "relu": lambda rest: _relu,
}
