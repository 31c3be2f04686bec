"""Correct rounding to 16 bits: to the nearest number of the dtype, ties to the even one.

float64 results are a few units in the last place off. Only where that much could round otherwise
is the exact value asked for (numbers/near_rational.py), which needs python-flint: at one input in 400.
"""

from collections.abc import Callable
from math import copysign
from typing import TYPE_CHECKING, Any

import numpy as np

from ..numbers.formats import Format
from ..numbers.types import Array

if TYPE_CHECKING:
    from ..expressions.node import Node

Derivatives = Callable[[Array, tuple[int, ...]], list[Array]]

DOUBT = 2.0**-32  # of a result: far more than its error, and still next to no numbers
NEIGHBOURS = 1 - 2.0**-8, 1 + 2.0**-8
NEAR_ROOT = 2.0**-6  # a result so much smaller than at both neighbours has few digits
DOUBT_NEAR_ROOT = 2.0**-50  # of the input, or of 1 if that is more


class SixteenBitLookup:
    """Derivatives at the numbers of a 16-bit dtype: worked out when first asked for, then looked up.

    `compute` takes float64 numbers of shape (n,) and orders, and gives rounded results.
    """

    def __init__(self, dtype: Any, compute: Derivatives) -> None:
        self._dtype = np.dtype(dtype)
        self._compute = compute
        self._tables: dict[int, tuple[Array, Array]] = {}

    def __call__(self, x: Array, orders: tuple[int, ...]) -> list[Array]:
        """The derivatives of these orders at an array of shape (n,), in its dtype."""
        bits = x.view(np.uint16)
        asked = np.zeros(1 << 16, bool)
        asked[bits] = True
        known = np.ones(1 << 16, bool)
        tables = []
        for order in orders:
            made = np.zeros(1 << 16, self._dtype), np.zeros(1 << 16, bool)
            tables.append(self._tables.setdefault(order, made))
            known &= tables[-1][1]
        missing = np.flatnonzero(asked & ~known).astype(np.uint16)
        if missing.size:
            with np.errstate(all="ignore"):
                numbers = missing.view(self._dtype).astype(np.float64)
                found = self._compute(numbers, orders)
                for (table, filled), results in zip(tables, found, strict=True):
                    table[missing] = results
                    filled[missing] = True  # last, for other threads may be looking
        return [table[bits] for table, _ in tables]


def settled(
    form: Format, derivatives: Derivatives, tree: "Node", x: Array, orders: tuple[int, ...]
) -> list[Array]:
    """Derivatives of a formula at float64 numbers of shape (n,), rounded to the format.

    `derivatives` gives them in float64, to within DOUBT, and `tree` is the formula itself. Where the
    two disagree by more, as at a kink, where a gradient is a convention, float64 is right.
    """
    results = []
    around = [derivatives(x * factor, orders) for factor in NEIGHBOURS]
    for order, value, *near in zip(orders, derivatives(x, orders), *around, strict=True):
        size = np.abs(value)
        doubt = DOUBT * size
        close = size < NEAR_ROOT * np.maximum(*np.abs(near))
        doubt += np.where(close, DOUBT_NEAR_ROOT * np.maximum(1, np.abs(x)), 0)
        doubt[~np.isfinite(doubt)] = 0
        low, high = form.nearest(value - doubt), form.nearest(value + doubt)
        result = form.nearest(value)
        doubtful = np.flatnonzero((low < high) & np.isfinite(x))
        if doubtful.size:
            from ..expressions.differentiate import expanded
            from ..numbers.near_rational import nearest

            exactly = nearest(expanded(tree).read_once, x[doubtful], order, form)
            for i, exact in zip(doubtful, exactly, strict=True):
                if exact is not None and low[i] <= exact <= high[i]:
                    result[i] = exact or copysign(0.0, value[i])
        results.append(result)
    return results
