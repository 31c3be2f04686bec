"""What an approximation leaves of a function, to the last digits of what is left.

Float64 loses what is 1e-16 of the function. So the rest is read in balls at Chebyshev nodes of cells, and
its interpolants there in float64: these lose 1e-16 of the rest.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, Protocol

import numpy as np
from flint import arb

from ..numbers.types import Floats

NODES = 32
EPS = 2.0**-53
MOST_CELLS = 80
ENOUGH = 1e-11  # of the rest, that the last coefficients of an interpolant may be
DOUBLES = 2e-6  # of the size of f, below which errors are read from what is left
NEARER = 1e-3  # times the error of a base, that of the next
NOTHING = 1e-32  # of the size of f
LAST = 4  # coefficients that are looked at

chebval = np.polynomial.chebyshev.chebval
_ANGLES = np.pi * (np.arange(NODES) + 0.5) / NODES
_COSINES = np.cos(np.outer(np.arange(NODES), _ANGLES)) * 2 / NODES
_COSINES[0] /= 2


class Residual:
    """A function on an interval, by Chebyshev sums on cells that begin and end at `places`.

    `exact` gives it at an arb, as a ball. `settled` tells whether the sums are the function within 1e-11 of
    its size on each cell, or within `least`; there are not if there would be too many.
    """

    def __init__(self, exact: Callable[[Any], Any], places: Sequence[float], least: float) -> None:
        ends: list[float] = [places[0]]
        self.sums: list[Floats] = []
        stack = list(pairwise(places))[::-1]
        while stack and len(self.sums) + len(stack) <= MOST_CELLS:
            a, b = stack.pop()
            middle, half = (a + b) / 2, (b - a) / 2
            x = middle + half * np.cos(_ANGLES)
            values = np.array([float(exact(arb(v)).mid()) for v in x.tolist()])
            found = _COSINES @ values
            if np.max(np.abs(found[-LAST:])) > max(ENOUGH * np.max(np.abs(values)), least):
                stack += [(middle, b), (a, middle)]
            else:
                ends.append(b)
                self.sums.append(found)
        self.settled = not stack
        self.ends = np.array(ends)

    def __call__(self, x: Floats) -> Floats:
        cell = np.clip(np.searchsorted(self.ends, x, side="left") - 1, 0, len(self.sums) - 1)
        found = np.empty(x.shape)
        for k in np.unique(cell):
            a, b = self.ends[k : k + 2]
            here = cell == k
            found[here] = chebval((2 * x[here] - a - b) / (b - a), self.sums[k])
        return found


class Range(Protocol):
    """An interval and the kinks in it."""

    @property
    def low(self) -> float: ...
    @property
    def high(self) -> float: ...
    @property
    def places(self) -> Sequence[float]: ...


class Weighed(Range, Protocol):
    """A function at arrays there, and what divides errors."""

    @property
    def quick(self) -> Callable[[Floats], Floats]: ...
    @property
    def weights(self) -> Callable[[Floats], Floats] | None: ...


class Rests:
    """What is left, as soon as it is small, of the approximation of that time: its base."""

    def __init__(self, problem: Weighed) -> None:
        x = np.linspace(problem.low, problem.high, 129)
        with np.errstate(all="ignore"):
            f = np.abs(problem.quick(x))
            w = np.ones(x.shape) if problem.weights is None else problem.weights(x)
        self.scale = (
            float(np.max(f / w)) or 1.0
        )  # of weighted errors, where nothing is approximated
        self.places = [problem.low, *problem.places, problem.high]
        self.base: Any = None
        self.rest: Residual | None = None
        self._nothing = NOTHING * (float(np.max(f)) or 1.0)
        lost = (float(np.max(f)) or 1.0) / float(np.min(w[w > 0]))
        self._limit = DOUBLES * lost  # errors that are smaller need a new base

    def renewed(
        self, top: float, base: Any, exact: Callable[[Any], Any], moved: float = 0.0
    ) -> bool:
        """Whether another base was taken: this one, with what it leaves.

        The error is so small, or so small beside the size by which coefficients `moved` from the base.
        """
        lost = self.rest is not None and EPS * moved > ENOUGH * top
        if not (top < self._limit or lost):
            return False
        self._limit = top * NEARER
        self.base, self.rest = base, Residual(exact, self.places, self._nothing)
        if not self.rest.settled:
            self.rest = None
            self._limit = 0.0
        return self.rest is not None
