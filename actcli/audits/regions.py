"""Where the truth changes its regime: each input belongs to one region."""

from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from .reference import Truth

ORDER = (
    "left tail", "shoulders", "centre", "right tail", "near roots", "near kinks", "tiny",
    "subnormal inputs", "subnormal results", "overflow", "special",
)  # fmt: skip
NEAR = 2.0**-6  # of a place, in its size or 1
TINY = 2.0**-10
SETTLED = 0.01  # of a gradient from its limit: the tails begin


class Regions:
    """The regions of one function's value (order 0) or gradient (1)."""

    def __init__(self, f: Activation, order: int) -> None:
        x = np.concatenate([-np.geomspace(60, 1e-3, 4000), np.geomspace(1e-3, 60, 4000)])
        with np.errstate(all="ignore"):
            read = np.asarray((f, f.gradient)[order](x), np.float64)
            slope = np.asarray(f.gradient(x), np.float64)
        self.kinks = f.breakpoints.within(-1e6, 1e6)
        turns = np.flatnonzero(np.sign(read[:-1]) * np.sign(read[1:]) < 0)
        self.roots = [float(x[k] + x[k + 1]) / 2 for k in turns][:64]
        if order == 0 and f(np.array([0.0]))[0] == 0:
            self.roots.append(0.0)
        self.ends = tuple(self._end(x, slope, side) for side in (-1, 1))

    @staticmethod
    def _end(x: Floats, slope: Floats, side: int) -> float:
        """The size from which on the gradient stays next to what it is far out."""
        here = x * side > 0
        at, far = np.abs(x[here]), slope[here]
        order = np.argsort(at)
        at, far = at[order], far[order]
        moving = ~(np.abs(far - far[-1]) <= SETTLED)
        last = np.flatnonzero(moving)
        return float(at[last[-1]]) if last.size else 1.0

    def of(self, truth: Truth, tiny: float, largest: float) -> Any:
        """The number in ORDER of each input's region: integers of shape (n,)."""
        x, size = truth.x, np.abs(truth.x)
        with np.errstate(all="ignore"):
            found = np.where(
                size <= 1, 2,
                np.where(x < 0, np.where(size > self.ends[0], 0, 1),
                         np.where(size > self.ends[1], 3, 1)),
            )  # fmt: skip
            found[size < TINY] = 6
            for places, number in ((self.roots, 4), (self.kinks, 5)):
                for place in places:
                    near = np.abs(x - place) <= NEAR * max(abs(place), 1.0)
                    found[near & (place != 0 or size >= TINY)] = number
            subnormal = (np.abs(truth.right) < tiny) & ~truth.zero & (truth.value != 0)
            found[subnormal] = 8
            found[(size < tiny) & (size > 0)] = 7
            found[np.abs(truth.right) > largest] = 9
            found[~np.isfinite(x)] = 10
        return found


def intervals_above(
    x: Floats, ulps: Floats, least: float = 2.0, most: int = 6
) -> list[tuple[float, float]]:
    """Intervals of neighbouring inputs that are all off by more than `least`, the longest first."""
    order = np.argsort(x, kind="stable")
    bad = np.nan_to_num(ulps[order], nan=np.inf) > least
    edges = np.flatnonzero(np.diff(np.concatenate([[0], bad.astype(np.int8), [0]])))
    runs = [(int(a), int(b)) for a, b in edges.reshape(-1, 2)]
    runs.sort(key=lambda run: run[0] - run[1])
    kept = sorted(run for run in runs[:most] if run[1] - run[0] > 1)
    return [(float(x[order[a]]), float(x[order[b - 1]])) for a, b in kept]
