"""Where the results of an implementation break off, to the number, by further calls of it."""

from collections.abc import Callable

import numpy as np

from ..numbers.types import Array
from . import patterns

Ask = Callable[[Array], Array]
AT_ONCE = 1024  # numbers of a call


def broken_off(y: float, x: float) -> Callable[[Array, Array], Array]:
    """Whether results are as y at x is: no finite number, x itself, or one constant."""
    if not np.isfinite(y):
        return lambda at, found: ~np.isfinite(found)
    if y == x:
        return lambda at, found: found == at
    return lambda at, found: found == y


def bisected(
    ask: Ask, like: Callable[[Array, Array], Array], side: int, ends: list[int], dtype: str
) -> int | None:
    """The bit pattern, without its sign, from which on results are so; None if they change back.

    `ends` are patterns before and behind it. Each call tries numbers evenly spread between both.
    """
    low, high = ends
    while high - low > 1:
        count = min(high - low, AT_ONCE)
        places = np.array([low + (high - low) * k // count for k in range(count + 1)], np.uint64)
        x = side * patterns.numbers(places, dtype)
        y = np.asarray(ask(x)).astype(np.float64)
        so = like(x.astype(np.float64), y)
        first = int(np.argmax(so))
        if not first or not so[first:].all():
            return None
        low, high = int(places[first - 1]), int(places[first])
    return high
