"""Scales of axes: linear, logarithmic, or logarithmic in both directions from 1 on."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..numbers.types import Floats
from .choices import Scale
from .ticks import Ticks, number, power_of_ten, ticks

SLOPE = 1 / math.log(10)
"""Of symlog around 0, in decades: that of the logarithm at 1, so that curves do not bend there."""
OPTIONS: dict[str, dict[str, Any]] = {
    "log": {"nonpositive": "mask"},
    "symlog": {"linthresh": 1, "linscale": 0.9 * SLOPE},
}
"""What matplotlib is told of a scale; symlog is linear between -1 and 1."""
LARGEST = 1.7e308
MOST_DECADES = 40
FEW_DECADES = 2.2
"""So short an axis has ticks between the powers of ten."""


def fraction_at(scale: Scale, value: Any, low: float, high: float) -> Any:
    """How far between the ends of an axis a value lies, as a fraction; a number or an array."""
    if scale == "linear":
        return (value - low) / (high - low)
    at, start, end = (_forward(scale, v) for v in (value, low, high))
    return (at - start) / (end - start)


def value_at(scale: Scale, fraction: Any, low: float, high: float) -> Any:
    """The value at that fraction of an axis: the inverse of `fraction_at`."""
    if scale == "linear":
        return low + fraction * (high - low)
    start, end = _forward(scale, low), _forward(scale, high)
    at = np.asarray(start + fraction * (end - start))
    with np.errstate(over="ignore"):
        if scale == "log":
            found = 10.0**at
        else:
            beyond = np.sign(at) * 10.0 ** (np.abs(at) - SLOPE)
            found = np.where(np.abs(at) <= SLOPE, at / SLOPE, beyond)
    return found if np.ndim(fraction) else float(found)


def _forward(scale: Scale, value: Any) -> Any:
    """Where a value stands, in decades."""
    value = np.asarray(value, dtype=np.float64)
    with np.errstate(all="ignore"):
        found = np.log10(np.abs(value))
        if scale == "log":
            found = np.where(value > 0, found, np.nan)
        else:
            found = np.where(np.abs(value) <= 1, SLOPE * value, np.sign(value) * (SLOPE + found))
    return found if np.ndim(value) else float(found)


def scaled_limits(scale: Scale, values: Floats) -> tuple[float, float] | None:
    """The ends of an axis on which all values are seen, with a margin; None where log has none."""
    if scale == "log":
        values = values[values > 0]
        if not values.size:
            return None
        values = values[values >= values.max() / 10.0**MOST_DECADES]
    low, high = float(values.min()), float(values.max())
    if low == high:
        low, high = (low / 2, min(2 * high, LARGEST)) if scale == "log" else (low - 1, high + 1)
    bottom, top = (value_at(scale, at, low, high) for at in (-0.06, 1.08))
    return max(bottom, -LARGEST), min(top, LARGEST)


def scaled_ticks(scale: Scale, low: float, high: float, most: int, whole: bool = False) -> Ticks:
    """At most so many round positions in [low, high]: powers of ten where there are several."""
    if scale == "linear" or (scale == "symlog" and max(-low, high) <= 1):
        return ticks(low, high, most, whole)
    if scale == "log":
        return _decades(low, high, most)
    sides = [math.floor(math.log10(end)) if end >= 1 else -1 for end in (-low, high)]
    every = max(1, -(-(sum(sides) + 2) // max(most - 1, 1)))
    below, above = ([10.0**k for k in range(every - 1, top + 1, every)] for top in sides)
    at = [*(-v for v in reversed(below)), *([0.0] if low <= 0 <= high else []), *above]
    at = [v for v in at if low <= v <= high]
    return Ticks(at, [_power(v) for v in at])


def _decades(low: float, high: float, most: int) -> Ticks:
    first, last = math.log10(low), math.log10(high)
    if last - first > FEW_DECADES:
        whole = range(math.ceil(first), math.floor(last) + 1)
        every = max(1, -(-len(whole) // max(most, 1)))
        at = [10.0**k for k in whole if k % every == 0]
        return Ticks(at, [_power(v) for v in at])
    steps: Sequence[int]
    for steps in ((1, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        decades = range(math.floor(first), math.ceil(last) + 1)
        round_numbers = [float(f"{s}e{k}") for k in decades for s in steps]
        at = [v for v in round_numbers if low <= v <= high]
        if len(at) <= most:
            break
    return Ticks(at, [number(v) for v in at]) if len(at) > 1 else ticks(low, high, most, True)


def _power(value: float) -> str:
    """A power of ten as a tick label."""
    if value == 0 or 1e-2 <= abs(value) <= 1e2:
        return number(value)
    return ("−" if value < 0 else "") + power_of_ten(round(math.log10(abs(value))))
