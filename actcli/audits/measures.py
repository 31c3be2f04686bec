"""What an implementation got right and wrong, in numbers that add up over blocks in any order."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..numbers.formats import FORMATS
from ..numbers.types import Array, Floats
from . import patterns
from .reference import Truth

PARTS = 1 << 20  # of a unit, in sums of integers, which do not depend on the order
FINEST, COARSEST = 64, 1 << 62  # edges of the bins of ulps: k/64 up to 64, then eight to an octave
_FINE = np.arange(1, 64 * FINEST + 1) / FINEST
_COARSE = 64 * 2.0 ** (np.arange(1, 8 * 60 + 1) / 8)
EDGES = np.concatenate([_FINE, _COARSE])  # upper edges; what is larger is in one more bin

COUNTS = (
    "inputs", "correctly_rounded", "within_1", "nan", "infinite", "zero", "not_zero", "wrong_sign",
    "flushed", "zero_sign", "special",
)  # fmt: skip


@dataclass
class Measures:
    """Counts, the worst input and sums. `add` joins those of two blocks, in any order."""

    dtype: str
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    max_ulps: float = -1.0
    pattern: int = 0  # of the worst input: the smallest among equally bad ones
    x: float = float("nan")
    got: float = float("nan")
    right: float = float("nan")
    max_steps: int = 0
    total: int = 0  # of ulps, in PARTS of a unit
    judged: int = 0  # numbers that have ulps
    bins: Any = field(default_factory=lambda: np.zeros(len(EDGES) + 1, np.int64))

    def add(self, other: "Measures") -> "Measures":
        """These and those of another block."""
        worst = min((self, other), key=lambda m: (-m.max_ulps, m.pattern))
        return Measures(
            self.dtype,
            {name: self.counts[name] + other.counts[name] for name in COUNTS},
            worst.max_ulps, worst.pattern, worst.x, worst.got, worst.right,
            max(self.max_steps, other.max_steps),
            self.total + other.total,
            self.judged + other.judged,
            self.bins + other.bins,
        )  # fmt: skip

    @property
    def mean_ulps(self) -> float | None:
        """The mean error; None without numbers."""
        return self.total / PARTS / self.judged if self.judged else None

    @property
    def p99_ulps(self) -> float | None:
        """An error that 99 of 100 do not exceed: an upper edge of its bin."""
        if not self.judged:
            return None
        place = int(np.searchsorted(np.cumsum(self.bins), 0.99 * self.judged))
        return min(float(EDGES[place]), self.max_ulps) if place < len(EDGES) else self.max_ulps


@np.errstate(all="ignore")
def ulps_of(truth: Truth, y: Floats, dtype: str) -> Floats:
    """|y - t|/u; an infinite y counts as the first power of two beyond the range; nan for a nan."""
    beyond = 2.0 ** np.frexp(FORMATS[dtype].largest)[1] if dtype != "float64" else np.inf
    got = np.where(np.isinf(y), np.copysign(beyond, y), y)
    value = np.where(np.isinf(truth.right), np.copysign(beyond, truth.right), truth.value)
    if dtype == "float64":  # 2**1024 is no double: halves, of both and of the unit
        far = np.isinf(got) | np.isinf(value)
        half = [np.where(np.isinf(v), np.copysign(2.0**1023, v), v / 2) for v in (got, value)]
        error = np.where(far, (half[0] - half[1]) / (truth.unit / 2), 0)
        near = ((got - value) - truth.rest) / truth.unit
        found = np.abs(np.where(far, error, near))
    else:
        found = np.abs(got - value) / truth.unit
    both = np.isinf(y) & (y == truth.right)
    found = np.where(both, 0.0, found)
    if truth.kink.any():
        within = (y >= truth.low) & (y <= truth.high)
        found = np.where(truth.kink & within, 0.0, found)
    return found


def compared(truth: Truth, x: Array, y: Array, dtype: str, where: Any = None) -> Measures:
    """Measures results y (of the dtype) at inputs x, both (n,); `where` chooses some of them."""
    chosen = np.ones(x.shape, bool) if where is None else where
    got = np.asarray(y).astype(np.float64)
    found = Measures(dtype)
    tiny = float(np.finfo(np.asarray(x).dtype).tiny) if dtype != "bfloat16" else 2.0**-126
    with np.errstate(all="ignore"):
        counted = chosen & truth.counted
        exact_zero = truth.zero & counted
        ulps = ulps_of(truth, got, dtype)
        judged = counted & ~np.isnan(got) & ~(exact_zero & (got != 0))
        finite = np.isfinite(truth.right)
        subnormal = counted & (np.abs(truth.right) < tiny) & ~exact_zero
        same = (got == truth.right) | (truth.kink & (ulps == 0))
        tallies = {
            "inputs": counted,
            "correctly_rounded": judged & same,
            "within_1": judged & (ulps <= 1),
            "nan": counted & np.isnan(got),
            "infinite": counted & np.isinf(got) & finite,
            "zero": counted & (got == 0) & (truth.right != 0) & ~truth.kink,
            "not_zero": exact_zero & (got != 0) & ~np.isnan(got) & ~truth.kink,
            "wrong_sign": counted & (got * truth.right < 0),
            "flushed": subnormal & (truth.right != 0) & (got == 0),
            "zero_sign": counted & (got == 0) & (truth.right == 0)
            & (np.signbit(got) != np.signbit(truth.right)),
            "special": chosen & ~np.isfinite(truth.x) & ~_alike(got, truth.right),
        }  # fmt: skip
        found.counts = {name: int(tally.sum()) for name, tally in tallies.items()}
        if not judged.any():
            return found
        places = np.flatnonzero(judged)
        own = ulps[places]
        found.judged = len(places)
        capped = np.minimum(own, 2.0**62)
        parts = (capped * PARTS).astype(np.float64)
        found.total = int(sum(int(v) for v in parts[parts >= 2.0**52])) + int(
            parts[parts < 2.0**52].astype(np.int64).sum(dtype=object)
        )
        found.bins = np.bincount(np.searchsorted(EDGES, own), minlength=len(EDGES) + 1)
        top = float(own.max())
        worst = places[own == top]
        kind = patterns.unsigned(dtype)
        bits = np.ascontiguousarray(np.asarray(x)[worst]).view(kind)
        first = int(worst[int(np.argmin(bits))])
        found.max_ulps, found.pattern = top, int(bits.min())
        found.x, found.got, found.right = (
            float(truth.x[first]), float(got[first]), float(truth.right[first])
        )  # fmt: skip
        steps = np.abs(_ordered_floats(got[places], dtype) - _ordered_floats(
            np.where(truth.kink & (ulps == 0), got, truth.right)[places], dtype))  # fmt: skip
        found.max_steps = int(steps.max())
    return found


def _ordered_floats(values: Floats, dtype: str) -> Any:
    from ..evaluation.dtypes import dtype_named

    order = patterns.ordered(values.astype(dtype_named(dtype)))
    return order.astype(object) if dtype == "float64" else order


def _alike(got: Floats, wanted: Floats) -> Any:
    return (got == wanted) | (np.isnan(got) & np.isnan(wanted))
