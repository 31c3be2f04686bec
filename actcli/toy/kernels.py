"""Value and slope of activation functions for contiguous numbers, with little ado.

Training takes lean kernels, records careful ones: many numbers at once, exact slopes far out.
"""

from collections.abc import Callable
from functools import cache

import numpy as np
from numpy.typing import NDArray

from ..evaluate import Activation

Floats = NDArray[np.float64]
Kernel = Callable[[Floats, Floats, Floats | None], None]  # fills value, and slope unless None

BLOCK = 16_384  # numbers per call of a kernel, whose temporaries then stay in the cache


def _from_tanh(tanh: Callable[[Floats, Floats], object]) -> dict[str, Kernel]:
    """Kernels by the text of the formula, from one that fills its second array with tanh."""

    def of_tanh(x: Floats, value: Floats, slope: Floats | None) -> None:
        tanh(x, value)
        if slope is not None:
            np.multiply(value, value, out=slope)
            np.subtract(1, slope, out=slope)

    def of_logistic(x: Floats, value: Floats, slope: Floats | None) -> None:
        np.multiply(x, 0.5, out=value)
        tanh(value, value)
        value *= 0.5
        value += 0.5
        if slope is not None:
            np.subtract(1, value, out=slope)
            slope *= value

    return {"tanh(x)": of_tanh, "logistic(x)": of_logistic}


LEAN = _from_tanh(np.tanh)


def kernel_of(activation: Activation, lean: bool = False, careful: bool = False) -> Kernel:
    """Fills value and slope for contiguous numbers of shape (n,).

    `lean` kernels take a third of the time; their slopes end at 0 where tanh rounds to 1. `careful`
    ones keep small slopes exact, and are the fastest for many numbers, the slowest for few.
    """
    plain = type(activation) is Activation
    fused = activation._fused if plain else None

    def formula(x: Floats, value: Floats, slope: Floats | None) -> None:
        if slope is not None:
            value[...], slope[...] = activation.quick(x)
        else:
            value[...] = activation.read(x) if plain else activation.quick(x)[0]

    single: Kernel = fused or formula
    if fused and careful and activation.text in CAREFUL:
        single = _repaired(CAREFUL[activation.text], fused)
    elif fused and lean:
        single = LEAN.get(activation.text, fused)

    def kernel(x: Floats, value: Floats, slope: Floats | None) -> None:
        if x.size <= BLOCK:
            single(x, value, slope)
            return
        for start in range(0, x.size, BLOCK):
            part = slice(start, start + BLOCK)
            single(x[part], value[part], None if slope is None else slope[part])

    return kernel


# -- for many numbers ------------------------------------------------------------------------------
# tanh(g + d) = (tanh g + tanh d) / (1 + tanh g tanh d), g on a grid and d so small that three terms
# of its series are enough. Costs half of numpy's tanh from some thousand numbers on.
PER_UNIT = 256
REACH = 19.5  # tanh is 1 beyond, to the last bit
SERIES = 1 / PER_UNIT, -1 / 3 / PER_UNIT**3, 2 / 15 / PER_UNIT**5
FAR = 1e-6  # a slope below, taken from the value, has lost up to ten of its sixteen digits


@cache
def _tables() -> tuple[Floats, Floats]:
    """tanh on the grid, and arrays to work in."""
    count = int(REACH * PER_UNIT)
    return np.tanh(np.arange(-count, count + 1) / PER_UNIT), np.empty((4, BLOCK))


def table_tanh(x: Floats, value: Floats) -> None:
    """Fills value with tanh(x), for at most BLOCK numbers; within 5 ulp."""
    grid, room = _tables()
    steps, near, square, at_grid = room[:, : x.size]
    count = len(grid) // 2
    shift = 1.5 * 2.0**52 + count  # so large that adding it rounds to integers
    np.multiply(x, PER_UNIT, out=steps)
    if x.size and not (x.min() >= -REACH and x.max() <= REACH):
        np.clip(steps, -count, count, out=steps)
    np.add(steps, shift, out=near)
    place = near.view(np.int64) - np.float64(shift - count).view(np.int64)
    near -= shift
    steps -= near
    grid.take(place, out=at_grid, mode="clip")
    first, third, fifth = SERIES
    np.multiply(steps, steps, out=square)
    small = np.multiply(square, fifth, out=near)
    small += third
    small *= square
    small += first
    small *= steps
    np.multiply(at_grid, small, out=square)
    square += 1
    np.add(at_grid, small, out=value)
    value /= square


def many_tanh(x: Floats) -> Floats:
    """tanh(x) of any shape, a new array."""
    flat = np.ascontiguousarray(x).reshape(-1)
    value = np.empty_like(flat)
    for start in range(0, flat.size, BLOCK):
        part = slice(start, start + BLOCK)
        table_tanh(flat[part], value[part])
    return value.reshape(x.shape)


CAREFUL = _from_tanh(table_tanh)


def _repaired(kernel: Kernel, exact: Kernel) -> Kernel:
    """The kernel, with what belongs to small slopes from the exact one."""

    def repaired(x: Floats, value: Floats, slope: Floats | None) -> None:
        kernel(x, value, slope)
        if slope is not None and slope.size and slope.min() < FAR:
            few = np.flatnonzero(slope < FAR)
            fine = np.empty((2, few.size))
            exact(x[few], fine[0], fine[1])
            value[few], slope[few] = fine

    return repaired
