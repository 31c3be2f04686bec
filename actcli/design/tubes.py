"""The tube in which a path of lines has to stay: all values within an error of f.

It is f - E*w .. f + E*w, where w is 1, or |f| of the relative error, and f alone at places where the lines
are to be exact: there the tube is pinched to a point, as it is at a root of the relative error.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import sqrt
from typing import Any, NamedTuple

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.types import Floats, NumpyArray
from .request import Conditions
from .shortest_path import Line, Path, Tail, path

BESIDE = 4  # new gates up to the next one
CUTS, CUTTING = 64, 7  # of the way between gates, to where a line is stopped


class Weights(NamedTuple):
    """What errors are divided by, the places without any, and f' on both sides of 0 as a root."""

    relative: bool = False
    pins: tuple[float, ...] = ()
    slopes: tuple[float, ...] = ()

    @property
    def root(self) -> bool:
        """Whether the lines are 0 at 0 as f is."""
        return bool(self.slopes)

    @property
    def mirrored(self) -> bool:
        """Whether places to be exact at are mirror images."""
        return {-x for x in self.pins} == {*self.pins}

    def sizes(self, f: Floats) -> Floats:
        """What errors are divided by where f is so."""
        return np.abs(f) if self.relative else np.ones_like(f)

    def tail(self, line: Tail, error: Any) -> Tail:
        """The lines that a path may end as, given the asymptote."""
        size = max(abs(line.low), abs(line.high)) if self.relative else 1
        return Tail(line.slope, line.low - error * size, line.high + error * size)

    def between(
        self, low: Fraction, high: Fraction, x: Fraction, error: Fraction
    ) -> tuple[Any, Any]:
        """The ends of the tube at a place where f is between two numbers."""
        size = 0 if x in self.pins else max(abs(low), abs(high)) if self.relative else 1
        return low - error * size, high + error * size


def weights_of(f: Activation, low: float, high: float, asked: Conditions) -> Weights:
    """What is asked of errors on a range; ValueError where it cannot be."""
    from .constrained import pins_of, root_at_zero, slopes_at_0

    pins = {*pins_of(asked.pin, low, high)}
    if not (asked.relative and root_at_zero(f, low, high)):
        return Weights(asked.relative, tuple(sorted(pins)))
    slopes = [float(slope) for slope in slopes_at_0(f, low, high)]  # one, or that of each side
    return Weights(True, tuple(sorted({0.0, *pins})), (slopes[0], slopes[-1]))


@dataclass(frozen=True)
class Gates:
    """Places, f there, and half of f'' and the sign of f between each and the one before.

    Errors are divided by `sizes` there, and none is allowed where they are `pinned`.
    """

    x: Floats
    f: Floats
    bend: Floats
    sign: Floats
    sizes: Floats
    pinned: NumpyArray
    weights: Weights

    def renewed(self, f: Activation, places: Floats) -> "Gates":
        """These gates and others."""
        return self.also(f, _beside(self.x, places))

    def also(self, f: Activation, places: Floats) -> "Gates":
        """These gates, and more just there."""
        return gates_at(f, np.unique(np.concatenate([self.x, places])), self.weights)

    def through(self, tails: tuple[Tail | None, ...], error: float, most: int) -> Path:
        """The fewest lines within an error of f at the gates, and about so between them."""
        ends = [tail and self.weights.tail(tail, error) for tail in tails]
        x, f, bend, sizes = (v.tolist() for v in (self.x, self.f, self.bend, self.sizes * error))
        signs = (self.sign * error).tolist()

        def between(line: Line, side: int, k: int, after: float) -> tuple[float, float]:
            a, b = x[k - 1], x[k]
            first = side * (f[k - 1] - line(a)) - sizes[k - 1]
            last = side * (f[k] - line(b)) - sizes[k]
            curve = side * bend[k] * (1 - side * signs[k]) * (b - a) ** 2
            linear = last - first - curve
            root = linear * linear - 4 * curve * first
            under = linear + sqrt(root) if root >= 0 else 0.0
            share = -2 * first / under if under > 0 else 1.0
            end = max(a + (b - a) * min(max(share, 0.0), 1.0), after)
            return end, line(end)

        size = np.where(self.pinned, 0.0, self.sizes) * error
        low, high = (self.f - size).tolist(), (self.f + size).tolist()
        return path(x, low, high, most, ends, between=between)

    def touched(self, f: Activation, passed: Path, error: float) -> Floats:
        """Where lines are stopped, and where they touch between gates, by a step of Newton."""
        ends = [line.end for line in passed.lines if line.end is not None]
        held = [
            (k, line.slope) for line in passed.lines for k in line.held if 0 < k < len(self.x) - 1
        ]
        k = np.array([k for k, _ in held], np.intp)
        x, found = self.x[k], [np.array(ends, np.float64)]
        for share in (1 - error, 1 + error) if self.weights.relative else (1.0,):
            with np.errstate(all="ignore"):
                slopes = np.array([slope for _, slope in held]) / share
                there = x + (slopes - f.gradient(x)) / f.curvature(x)
            found.append(there[(there > self.x[k - 1]) & (there < self.x[k + 1])])
        return np.concatenate(found)

    def stops(
        self, f: Activation, line: Line, side: int, low: float, high: float, error: float
    ) -> list[float]:
        """Places soon after that where a line leaves the tube between two places, the nearest first."""
        slope, at, height = float(line.slope), float(line.at), float(line.height)
        k = np.searchsorted(self.x, [low, high], "right")
        x, found = np.concatenate([[low], self.x[k[0] : k[1]], [high]]), list[float]()
        for _ in range(CUTTING):
            values = np.asarray(f(x), np.float64)
            off = side * (values - height - slope * (x - at)) - error * self.weights.sizes(values)
            beyond = np.flatnonzero(off[1:] > 0)
            if not len(beyond):
                break
            a, b = x[beyond[0] : beyond[0] + 2].tolist()
            found.append(b)
            x = np.linspace(a, b, CUTS + 1)
        return found[::-1]


def gates_at(f: Activation, x: Floats, weights: Weights) -> Gates:
    """Gates at these places."""
    middle = (x[1:] + x[:-1]) / 2
    half = np.nan_to_num(f.curvature(middle), posinf=0, neginf=0) / 2
    sign = np.sign(f(middle)) if weights.relative else np.zeros_like(middle)
    values = np.asarray(f(x), np.float64)
    return Gates(
        x, values, np.append(0.0, half), np.append(0.0, sign), weights.sizes(values),
        np.isin(x, weights.pins), weights,
    )  # fmt: skip


def _beside(gates: Floats, places: Floats) -> Floats:
    """Places and, as the lines will move, some on either side up to the next gates."""
    after = np.clip(np.searchsorted(gates, places), 1, len(gates) - 1)
    shares = np.arange(1, BESIDE) / BESIDE
    beside = [
        places + (end - places) * share
        for end in (gates[after - 1], gates[after])
        for share in shares
    ]
    found: Floats = np.concatenate([places, *beside])
    return found
