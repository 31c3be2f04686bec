"""The inputs that an audit tries of a function in a format."""

import numpy as np

from ..evaluation.activation import Activation
from ..evaluation.dtypes import dtype_named
from ..numbers.types import Array
from . import patterns


def inputs(f: Activation, dtype: str, samples: int | None = None) -> Array:
    """The inputs of one dtype: all patterns of 16 bits, else a hard sample with the special ones."""
    kind = dtype_named(dtype)
    if kind.itemsize == 2:
        return patterns.numbers(np.arange(1 << 16), dtype)
    places = [*f.breakpoints.within(-1e6, 1e6), *_turns(f)]
    special = np.array([np.inf, -np.inf, np.nan]).astype(kind)
    return np.concatenate([patterns.hard_sample(dtype, places, samples), special])


def _turns(f: Activation) -> list[float]:
    """Roots of value, gradient and curvature, about."""
    x = np.linspace(-20, 20, 4001) + 1e-4
    with np.errstate(all="ignore"):
        found = f.derivatives(x, 2)
    turns = [np.flatnonzero(np.sign(v[:-1]) * np.sign(v[1:]) < 0)[:40] for v in found]
    return [float(x[k]) for each in turns for k in each]
