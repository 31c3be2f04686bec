"""The numbers of a format as bit patterns: all of them, or a hard sample."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from ..evaluation.dtypes import dtype_named
from ..numbers.types import Array

UNSIGNED: dict[int, Any] = {2: np.uint16, 4: np.uint32, 8: np.uint64}
SAMPLES = {"float32": 120_000, "float64": 4_000}  # float64 needs Arb for every one
BESIDE = 12  # neighbours of a special place, on either side


def unsigned(dtype: str) -> Any:
    """The unsigned integers as wide as a dtype."""
    return UNSIGNED[dtype_named(dtype).itemsize]


def count(dtype: str) -> int:
    """How many bit patterns a dtype has."""
    return 1 << (8 * int(dtype_named(dtype).itemsize))


def numbers(patterns: Array, dtype: str) -> Array:
    """Bit patterns, integers of any kind, as an array of the dtype."""
    return np.asarray(patterns).astype(unsigned(dtype)).view(dtype_named(dtype))


def ordered(values: Array) -> Array:
    """Numbers of a dtype as integers (int64) in their order; both zeros are 0."""
    kind = UNSIGNED[values.dtype.itemsize]
    bits = np.ascontiguousarray(values).view(kind).astype(np.int64)
    if values.dtype.itemsize == 8:
        return np.where(bits < 0, np.int64(-(2**63)) - bits, bits)
    top = np.int64(1) << (8 * values.dtype.itemsize - 1)
    return np.where(bits >= top, top - bits, bits)


def hard_sample(dtype: str, places: Iterable[float], samples: int | None = None) -> Array:
    """Finite numbers of a wide dtype, ascending and without doubles: shape (n,).

    Some of every exponent, more where networks have their inputs, and all beside special places:
    breakpoints, roots, ends of the format. The same at every call.
    """
    wanted = samples or SAMPLES[dtype]
    kind = dtype_named(dtype)
    random = np.random.default_rng(0)
    info = np.finfo(kind)
    low, high = np.log2(float(info.smallest_subnormal)), np.log2(float(info.max))
    with np.errstate(all="ignore"):
        exponents = random.uniform(low, high, wanted // 3)
        usual = random.uniform(-6, 5, wanted // 3)
        even = np.linspace(-24, 24, wanted - 2 * (wanted // 3))
        spread = np.concatenate([np.exp2(exponents), np.exp2(usual)])
        spread *= random.choice([-1.0, 1.0], spread.size)
        around = [0.0, 1.0, -1.0, float(info.max), -float(info.max), float(info.tiny),
                  -float(info.tiny), *places]  # fmt: skip
        found = np.concatenate([spread, even, np.asarray(around, np.float64)]).astype(kind)
        beside = [np.asarray(around, np.float64).astype(kind)]
        for side in (-np.inf, np.inf):
            step = beside[0]
            for _ in range(BESIDE):
                step = np.nextafter(step, kind.type(side))
                beside.append(step)
        found = np.unique(np.concatenate([found, *beside]))
    return found[np.isfinite(found)]
