"""What is asked of a best rational function: degrees, weights, pins and a side, by symmetry."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flint import arb

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from .constrained import slopes_at_0
from .polynomials import Parity, Reading, parity_of


@dataclass(frozen=True)
class RationalProblem:
    """f on [low, high] by s*p(u)/q(u): p of degree m, q of degree n in u, s the factor (1 or x).

    `square` says that u is of x^2, from -1 at 0 to 1 at high; else it is linear, from -1 to 1. `weight`
    and `weights` divide errors at a ball and at arrays. p/q is f at `pins`, and nowhere below it if
    `side` is 1, nowhere above if that is -1.
    """

    low: float
    high: float
    m: int
    n: int
    exact: Callable[[Any], Any]
    quick: Callable[[Floats], Floats]
    square: bool = False
    factor: bool = False
    places: Sequence[float] = ()
    pins: Sequence[float] = ()
    weight: Callable[[Any], Any] | None = None
    weights: Callable[[Floats], Floats] | None = None
    side: int = 0

    @property
    def touches(self) -> int:
        """How many places with alternating errors make a best one, if it is not degenerate."""
        return self.m + self.n + 2 - len(self.pins)

    def u(self, x: Any) -> Any:
        """The variable of p and q at a ball or at arrays."""
        if self.square:
            return 2 * x * x / self._number(x, self.high) ** 2 - 1
        low, high = self._number(x, self.low), self._number(x, self.high)
        return (2 * x - low - high) / (high - low)

    def _number(self, x: Any, value: float) -> Any:
        return arb(value) if isinstance(x, arb) else value

    def turn(self, x: float) -> int:
        """1, or -1 where an odd number of pins is below: errors alternate but for these signs."""
        return -1 if sum(pin < x for pin in self.pins) % 2 else 1


def moved(problem: RationalProblem, margin: float) -> RationalProblem:
    """The problem of f moved by a margin to the side that is asked for."""
    by = problem.side * margin
    return replace(
        problem,
        exact=lambda x: problem.exact(x) + arb(by),
        quick=lambda x: problem.quick(x) + by,
    )


@dataclass(frozen=True)
class TakenOff:
    """What leads from the function of a problem to the one asked for: times x, then slope*x + height."""

    slope: Any = 0
    height: Any = 0
    root: bool = False


def problem_of(
    f: Activation, low: float, high: float, m: int, n: int, *, relative: bool = False,
    root: bool = False, pins: Sequence[float] = (), side: int = 0, symmetric: bool = True,
) -> tuple[RationalProblem, TakenOff]:  # fmt: skip
    """The problem by symmetry, if that is to be used, and what is taken off f for it.

    Of the `relative` error a `root` of f at 0 is divided out, so that it is kept. ValueError where
    the degrees are too low for the pins.
    """
    reading = Reading(f)
    kinks = [x for x in f.breakpoints.within(low, high) if low < x < high]
    pins = sorted(pin for pin in pins if pin or not root)
    if m < root or m + n - root < len(pins):
        raise ValueError(
            f"--degree {m}/{n} is too low for {len(pins) + root} values that are kept; take more"
        )
    if root:
        without = _without_root(f, reading, low, high, m, n, kinks, pins, symmetric)
        return without, TakenOff(root=True)
    parity = _parity(f, low, high, m, n, relative, pins, side) if symmetric else None
    if parity is None:
        of = _weight(reading.exact), _weight(reading.quick)
        weight, weights = of if relative else (None, None)
        return RationalProblem(
            low, high, m, n, reading.exact, reading.quick, places=kinks, pins=pins,
            weight=weight, weights=weights, side=side,
        ), TakenOff()  # fmt: skip
    slope, height = arb(parity.slope), arb(parity.height)
    odd = parity.kind == "odd"

    def exact(x: Any) -> Any:
        return reading.exact(x) - slope * x - height

    def quick(x: Floats) -> Floats:
        return reading.quick(x) - float(slope) * x - float(height)

    start = high * 2.0**-20 if odd else 0.0  # at 0 what is odd vanishes with the function
    return RationalProblem(
        start, high, (m - odd) // 2, n // 2, exact, quick, square=True, factor=odd,
        places=[x for x in kinks if x > start], pins=[x for x in pins if x >= start],
        weight=_weight(exact) if relative else None,
        weights=_weight(quick) if relative else None, side=side,
    ), TakenOff(slope, height)  # fmt: skip


def _parity(
    f: Activation, low: float, high: float, m: int, n: int, relative: bool, pins: Sequence[float],
    side: int,
) -> Parity | None:  # fmt: skip
    """The symmetry that the best one shares; None where there is none."""
    if low != -high or {-pin for pin in pins} != {*pins}:
        return None
    parity = parity_of(f, high, m)
    if parity is None:
        return None
    odd, shifted = parity.kind == "odd", bool(parity.slope or parity.height)
    if shifted and (relative or m < n + bool(parity.slope)):
        return None  # with the slope or height the numerator has another degree
    if odd and (m < 1 or side or relative):
        return None
    if (m - odd) // 2 + n // 2 < sum(pin >= 0 for pin in pins):
        return None
    return parity


def _without_root(
    f: Activation, reading: Reading, low: float, high: float, m: int, n: int, kinks: list[float],
    pins: list[float], symmetric: bool,
) -> RationalProblem:  # fmt: skip
    """The problem of f/x, whose relative errors are those of f."""
    slope = slopes_at_0(f, low, high)[0]

    def exact(x: Any) -> Any:
        return slope if x == 0 else reading.exact(x) / x

    def quick(x: Floats) -> Floats:
        with np.errstate(all="ignore"):
            found = reading.quick(x) / x
        found[x == 0] = float(slope)
        return found

    even = symmetric and low == -high and {-pin for pin in pins} == {*pins}
    if even:
        parity = parity_of(f, high, m)
        even = parity is not None and parity.kind == "odd" and not (parity.slope or parity.height)
    if even:
        return RationalProblem(
            0.0, high, (m - 1) // 2, n // 2, exact, quick, square=True,
            places=[x for x in kinks if x > 0], pins=[x for x in pins if x >= 0],
            weight=_weight(exact), weights=_weight(quick),
        )  # fmt: skip
    places = sorted({*kinks, *([0.0] if low < 0 < high else [])})
    return RationalProblem(
        low, high, m - 1, n, exact, quick, places=places, pins=pins,
        weight=_weight(exact), weights=_weight(quick),
    )  # fmt: skip


def _weight(function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    return lambda x: abs(function(x))
