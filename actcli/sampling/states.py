"""Which inputs of a function are dead, saturated and alive: by its gradient, and where it is constant.

Constant pieces of a formula are proved; those of a Python callable are what a fine grid shows.
"""

from functools import cache
from math import inf

import numpy as np
from numpy.typing import NDArray

from ..evaluation.activation import Activation
from ..numbers.exact import SATURATED
from ..numbers.types import Array
from .black_box import Examined
from .flat_regions import FAR, spans
from .protocol import breakpoints_of

Flags = NDArray[np.bool_]


@cache
def dead_intervals(f: Activation) -> tuple[tuple[float, float], ...]:
    """The intervals on which f is constant; () if that is open."""
    if type(f) is not Activation:
        return _seen_constant(f)
    from ..properties import check

    (verdict,) = check(f, ["dead_zone"])
    value = verdict.value
    return tuple((float(a), float(b)) for a, b in value) if isinstance(value, list) else ()


def _seen_constant(f: Activation) -> tuple[tuple[float, float], ...]:
    """The same of a callable, within +-FAR; one that reaches so far is taken to be endless."""
    read = Examined(f, -FAR, FAR)
    found = spans(read, -FAR, FAR, breakpoints_of(read, -FAR, FAR))
    return tuple(
        (-inf if s.low == -FAR else s.low, inf if s.high == FAR else s.high)
        for s in found
        if s.kind == "dead"
    )


def dead(f: Activation, x: Array, gradient: Array) -> Flags:
    """Which inputs lie on a constant piece: within its ends, where the gradient is 0.

    `x` and `gradient` are arrays of one shape. A gradient that underflows to 0 is only saturated.
    """
    found: Flags | None = None
    for low, high in dead_intervals(f):
        inside = gradient == 0
        if low > -inf:
            inside &= x >= low
        if high < inf:
            inside &= x <= high
        found = inside if found is None else found | inside
    return np.zeros(x.shape, bool) if found is None else found


def states(f: Activation, x: Array, gradient: Array) -> tuple[Flags, Flags, Flags]:
    """Which inputs are alive, saturated and dead; arrays of one shape."""
    gone = dead(f, x, gradient)
    small = np.asarray(np.abs(gradient) < SATURATED) & ~gone
    return ~gone & ~small, small, gone
