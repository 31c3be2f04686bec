"""Flushed subnormals, accepted: an implementation may take subnormal numbers for 0, or not."""

from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.formats import FORMATS
from ..numbers.types import Array, Floats
from .measures import ulps_of
from .proved import Proved, facts
from .reference import QUANTITIES, Reference, Truth
from .regions import Regions
from .tallies import Tally, tally


class Measuring:
    """Measures results of one function, dtype and quantity; `flush` accepts flushed subnormals."""

    def __init__(self, f: Activation, dtype: str, quantity: str, flush: bool = False) -> None:
        self.dtype = dtype
        self.reference = Reference(f, dtype, quantity)
        self.order = QUANTITIES.index(quantity)
        self.regions = Regions(f, self.order)
        self.proved = Proved.of(f)
        self.flush = flush
        form = FORMATS[dtype]
        self._tiny = 2.0 ** (form.lowest + form.digits - 1)

    def measured(self, truth: Truth, x: Array, y: Array) -> tuple[Floats, Tally]:
        """The ulps of results y at x, both (n,), and their tally.

        What is flushed counts as right where that is accepted; the columns zero and flushed count it
        all the same.
        """
        got = np.asarray(y).astype(np.float64)
        ulps, found = self._plain(truth, x, y)
        found.facts = facts(self.proved, self.order, self.dtype, truth.x, got, truth.right)
        if not self.flush:
            return ulps, found
        flushed = self._flushed(truth, got)
        y = np.where(flushed, truth.right, got).astype(x.dtype)
        ulps, kept = self._plain(truth, x, y)
        kept.facts = found.facts
        for name, measures in kept.regions.items():
            for column in ("zero", "flushed"):
                measures.counts[column] = found.regions[name].counts[column]
        return np.where(flushed, 0.0, ulps), kept

    def _plain(self, truth: Truth, x: Array, y: Array) -> tuple[Floats, Tally]:
        ulps = ulps_of(truth, np.asarray(y).astype(np.float64), self.dtype)
        return ulps, tally(self.regions, truth, x, y, ulps, self.dtype)

    def _flushed(self, truth: Truth, y: Floats) -> Any:
        """Where y is what subnormals taken for 0 give: 0, or the result at 0."""
        result = (y == 0) & (np.abs(truth.right) < self._tiny) & truth.counted & ~truth.kink
        small = (np.abs(truth.x) < self._tiny) & (truth.x != 0)
        if not small.any():
            return result
        from ..evaluation.dtypes import dtype_named

        zeros = self.reference.at(np.array([0.0, -0.0]).astype(dtype_named(self.dtype)))
        for k in range(2):
            at_zero = y == zeros.right[k]
            if zeros.kink[k]:
                at_zero = (y >= zeros.low[k]) & (y <= zeros.high[k])
            result |= small & (np.signbit(truth.x) == bool(k)) & at_zero
        return result
