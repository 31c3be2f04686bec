"""What an implementation got right and wrong, in numbers that add up over blocks in any order."""

from dataclasses import dataclass, field
from math import inf, nan
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

    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys(COUNTS, 0))
    low: float = inf  # of the inputs, nan left out
    high: float = -inf
    max_ulps: float = -1.0
    pattern: int = 0  # of the worst input: the smallest among equally bad ones
    x: float = nan
    got: float = nan
    right: float = nan
    max_steps: int = 0
    total: int = 0  # of ulps, in PARTS of a unit
    judged: int = 0  # numbers that have ulps
    bins: dict[int, int] = field(default_factory=dict)  # numbers by the bin of their ulps

    def add(self, other: "Measures") -> "Measures":
        """These and those of another block."""
        worst = min((self, other), key=lambda m: (-m.max_ulps, m.pattern))
        bins = dict(self.bins)
        for place, number in other.bins.items():
            bins[place] = bins.get(place, 0) + number
        return Measures(
            {name: self.counts[name] + other.counts[name] for name in COUNTS},
            min(self.low, other.low), max(self.high, other.high),
            worst.max_ulps, worst.pattern, worst.x, worst.got, worst.right,
            max(self.max_steps, other.max_steps),
            self.total + other.total,
            self.judged + other.judged,
            bins,
        )  # fmt: skip

    def as_json(self) -> dict[str, Any]:
        """These as what JSON knows; `from_json` gives them back."""
        found = dict(vars(self))
        found["counts"] = {name: count for name, count in self.counts.items() if count}
        found["bins"] = [[place, self.bins[place]] for place in sorted(self.bins)]
        return found

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> "Measures":
        """The measures that were stored."""
        counts = dict.fromkeys(COUNTS, 0) | stored["counts"]
        return cls(**stored | {"counts": counts, "bins": dict(stored["bins"])})

    @property
    def mean_ulps(self) -> float | None:
        """The mean error; None without numbers."""
        return self.total / PARTS / self.judged if self.judged else None

    @property
    def p99_ulps(self) -> float | None:
        """An error that 99 of 100 do not exceed: an upper edge of its bin."""
        if not self.judged:
            return None
        wanted, seen = -(-99 * self.judged // 100), 0
        for place in sorted(self.bins):
            seen += self.bins[place]
            if seen >= wanted:
                break
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
        near = (got - value) / truth.unit - truth.rest
        found = np.abs(np.where(far, error, near))
    else:
        found = np.abs(got - value) / truth.unit
    both = np.isinf(y) & (y == truth.right)
    found = np.where(both, 0.0, found)
    if truth.kink.any():
        within = (y >= truth.low) & (y <= truth.high)
        found = np.where(truth.kink & within, 0.0, found)
    return found


@np.errstate(all="ignore")
def compared(
    truth: Truth, x: Array, y: Array, dtype: str, where: Any = None, ulps: Floats | None = None
) -> Measures:
    """Measures results y (of the dtype) at inputs x, both (n,); `where` chooses some of them.

    `ulps` are those of `ulps_of`, where they are known already.
    """
    got = np.asarray(y).astype(np.float64)
    off = ulps_of(truth, got, dtype) if ulps is None else ulps
    if where is not None:
        x, got, off, truth = np.asarray(x)[where], got[where], off[where], truth.where(where)
    found = Measures()
    if not got.size:
        return found
    known = truth.x if truth.counted.all() else truth.x[~np.isnan(truth.x)]
    if known.size:  # + 0.0: whether -0.0 or 0.0 is met first is a matter of order
        found.low, found.high = float(known.min()) + 0.0, float(known.max()) + 0.0
    right = truth.right
    _count(found.counts, truth, got, off, dtype)
    judged: Any = truth.counted
    for out in (np.isnan(got), truth.zero & (got != 0) & ~truth.kink):
        if out.any():
            judged = judged & ~out
    own = off if judged.all() else off[judged]
    if not own.size:
        return found
    found.judged = int(own.size)
    found.total = _total(own)
    found.bins = _binned(own)
    top = found.max_ulps = float(own.max())
    worst = np.flatnonzero((off == top) & judged)
    bits = np.ascontiguousarray(np.asarray(x)[worst]).view(patterns.unsigned(dtype))
    first = int(worst[int(np.argmin(bits))])
    found.pattern = int(bits.min())
    found.x, found.got, found.right = (
        float(truth.x[first]), float(got[first]), float(right[first])
    )  # fmt: skip
    apart = np.flatnonzero((got != right) & judged & ~(truth.kink & (off == 0)))
    if apart.size:
        ends = [_ordered_floats(values[apart], dtype) for values in (got, right)]
        found.max_steps = int(np.abs(ends[0] - ends[1]).max())
    return found


def _count(counts: dict[str, int], truth: Truth, got: Floats, ulps: Floats, dtype: str) -> None:
    """Fills in the counts. What is wrong is looked for among the results that are not R alone."""
    right: Any
    counted: Any
    right, counted = truth.right, truth.counted
    counts["inputs"] = int(np.count_nonzero(counted))
    zeros = counted & (right == 0) & (got == 0)
    if zeros.any():
        counts["zero_sign"] = int((zeros & (np.signbit(got) != np.signbit(right))).sum())
    apart = np.flatnonzero(got != right)
    counts["correctly_rounded"] = counts["inputs"] - int(np.count_nonzero(counted[apart]))
    counts["within_1"] = counts["correctly_rounded"]
    if not apart.size:
        return
    x: Any = truth.x[apart]
    got, right, counted, ulps = (v[apart] for v in (got, right, counted, ulps))
    kink = truth.kink[apart]
    exact_zero = truth.zero[apart] & counted & ~kink
    judged = counted & ~np.isnan(got) & ~(exact_zero & (got != 0))
    tiny = float(np.finfo(dtype).tiny) if dtype != "bfloat16" else 2.0**-126
    subnormal = counted & (np.abs(right) < tiny) & ~exact_zero
    tallies = {
        "correctly_rounded": judged & kink & (ulps == 0),
        "within_1": judged & (ulps <= 1),
        "nan": counted & np.isnan(got),
        "infinite": counted & np.isinf(got) & np.isfinite(right),
        "zero": counted & (got == 0) & ~kink,
        "not_zero": exact_zero & ~np.isnan(got),
        "wrong_sign": counted & (np.sign(got) * np.sign(right) < 0),  # products underflow
        "flushed": subnormal & (right != 0) & (got == 0),
        "special": ~np.isfinite(x) & ~(np.isnan(got) & np.isnan(right)),
    }
    for name, tally in tallies.items():
        counts[name] += int(np.count_nonzero(tally))


def _total(ulps: Floats) -> int:
    """The sum of ulps in whole PARTS of a unit: an integer, whatever the order."""
    parts = np.minimum(ulps, 2.0**62) * PARTS
    if float(parts.max()) < 2.0**62 / len(parts):
        return int(parts.astype(np.int64).sum())
    return sum(int(v) for v in parts)


def _binned(ulps: Floats) -> dict[int, int]:
    """How many of them lie in each bin: above one edge of EDGES, and not above the next."""
    fine = float(ulps.max()) <= FINEST
    places = (
        np.maximum(np.ceil(ulps * FINEST), 1).astype(np.int64) - 1
        if fine
        else np.searchsorted(EDGES, ulps)
    )
    counts = np.bincount(places)
    return {int(k): int(counts[k]) for k in np.flatnonzero(counts)}


def _ordered_floats(values: Floats, dtype: str) -> Any:
    from ..evaluation.dtypes import dtype_named

    order = patterns.ordered(values.astype(dtype_named(dtype)))
    return order.astype(object) if dtype == "float64" else order
