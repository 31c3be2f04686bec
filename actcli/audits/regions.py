"""Where the truth changes its regime: each input belongs to one region."""

from functools import cached_property
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.formats import FORMATS
from ..numbers.types import Floats
from .reference import Truth

ORDER = (
    "left tail", "shoulders", "centre", "right tail", "near roots", "near kinks", "tiny",
    "subnormal inputs", "subnormal results", "overflow", "special",
)  # fmt: skip
SUBNORMAL, SPECIAL = ORDER.index("subnormal inputs"), ORDER.index("special")
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

    @cached_property
    def cuts(self) -> Floats:
        """All that parts regions by the input alone, ascending."""
        tiny = [2.0 ** (form.lowest + form.digits - 1) for form in FORMATS.values()]
        found = [0.0, *(s * v for v in (TINY, 1.0, *self.ends, *tiny) for s in (-1, 1))]
        for place in (*self.roots, *self.kinks):
            found += [place + side * NEAR * max(abs(place), 1.0) for side in (-1, 1)]
        return np.sort(found)

    @np.errstate(all="ignore")
    def of(self, truth: Truth, dtype: str) -> Any:
        """The number in ORDER of each input's region: integers of shape (n,)."""
        x, size = truth.x, np.abs(truth.right)
        form = FORMATS[dtype]
        tiny = 2.0 ** (form.lowest + form.digits - 1)
        found = self._by_input(x, tiny)
        found[(size < tiny) & (size > 0) & (found != SUBNORMAL)] = 8
        found[(size > form.largest) & (found != SPECIAL)] = 9
        return found

    def _by_input(self, x: Floats, tiny: float) -> Any:
        low, high = (float(x.min()), float(x.max())) if x.size else (np.nan, np.nan)
        if low > -np.inf and high < np.inf:  # one region, if no cut lies between
            place = np.searchsorted(self.cuts, [low, high])
            if place[0] == place[1] and high not in self.cuts:
                return np.full(x.shape, self._each(np.array([low]), tiny)[0])
        return self._each(x, tiny)

    def _each(self, x: Floats, tiny: float) -> Any:
        size = np.abs(x)
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
        found[(size < tiny) & (size > 0)] = SUBNORMAL
        found[~np.isfinite(x)] = SPECIAL
        return found
