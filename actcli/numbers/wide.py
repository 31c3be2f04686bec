"""The number type of arrays that registered formulas are read in, chosen here for all.

It is long double where that has 64 bits of mantissa (x86 but for Windows), and pairs of doubles
(double_double.py) everywhere else, or wherever the environment variable ACTCLI_LONG_DOUBLE is 0.
"""

import os
from functools import cache
from typing import Any

import numpy as np

from .types import Array


@cache
def wide_type() -> Any:
    """numpy.longdouble or DoubleDouble: called with a number, or its text, it makes one of its own."""
    if os.environ.get("ACTCLI_LONG_DOUBLE") != "0" and np.finfo(np.longdouble).nmant == 63:
        return np.longdouble
    from .double_double_functions import DoubleDouble

    return DoubleDouble


def widened(x: Any) -> Array:
    """Numbers, or an array of doubles or integers, in the wide type, exactly."""
    kind = wide_type()
    return x.astype(kind) if kind is np.longdouble and isinstance(x, np.ndarray) else kind(x)


def narrowed(x: Array) -> Array:
    """A wide array rounded to float64."""
    with np.errstate(all="ignore"):
        return x.astype(np.float64)


def is_wide(x: Any) -> bool:
    """Whether an array is of the wide type."""
    return getattr(getattr(x, "dtype", None), "type", None) is wide_type()
