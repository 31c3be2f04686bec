"""Ranges in which what matters is visible."""

from collections.abc import Sequence

import numpy as np

from ..figures.data import Limits, Trace, at_even_x
from ..numbers.distinct import quantiles
from ..numbers.types import Floats
from .protocol import Order

TINY = 1e-250
"""What is smaller than this is drawn as 0: the drawing library cannot tell it from that."""


def xlimits(inputs: Floats | None, breakpoints: Sequence[float]) -> Limits:
    """The range to draw when none is given.

    Inputs: all but the outermost 1 in 1000 at each end. Else -5:5, widened where a formula
    has a breakpoint just outside (relu6 at 6), as nobody asks for a picture of everything but it.
    """
    if inputs is not None:
        inputs = inputs[np.isfinite(inputs)]
    if inputs is not None and inputs.size:
        low, high = (float(v) for v in quantiles(inputs, [0.001, 0.999]))
        low, high = min(low, 0.0), max(high, 0.0)
        margin = 0.06 * (high - low) or 1.0
        return _outward(low - margin, high + margin)
    near = [breakpoint for breakpoint in breakpoints if abs(breakpoint) <= 20]
    near = near if len(near) <= 12 else []  # a wave has breakpoints everywhere
    low, high = min([-5.0, *near]), max([5.0, *near])
    return (
        low if low == -5 else float(np.floor(1.3 * low)),
        high if high == 5 else float(np.ceil(1.3 * high)),
    )


def _outward(low: float, high: float) -> Limits:
    """Rounds the ends outward, to two digits of their distance."""
    step = 10.0 ** (np.floor(np.log10(high - low)) - 1)
    return float(np.floor(low / step) * step), float(np.ceil(high / step) * step)


def ylimits(traces: Sequence[Trace], order: Order, low: float, high: float) -> Limits:
    """The range of y in which what matters of all these curves is visible, 0 included if near.

    A curve that shoots up (exp, squares, poles) is cut where three quarters of it are seen,
    but not below twice the range of x (for the value) or 3 (for gradients).
    """
    reach = 2 * max(abs(low), abs(high)) if order == 0 else 3.0
    shown = [curve for curve in traces if curve.pieces]
    ends = [_central(curve, reach, low, high) for curve in shown]
    if not ends:
        return -1.0, 1.0
    if len(ends) > 1:
        ends = _without_spikes(shown, ends, low, high)
    bottom, top = min(end[0] for end in ends), max(end[1] for end in ends)
    for curve in traces:
        for (_, y0), (_, y1) in curve.asymptotes:
            if y0 == y1 and bottom - 0.6 * (top - bottom) <= y0 <= top + 0.6 * (top - bottom):
                bottom, top = min(bottom, y0), max(top, y0)
    height = top - bottom
    if height <= max(1e-12 * max(abs(top), abs(bottom)), TINY):
        middle = (top + bottom) / 2
        half = abs(middle) if abs(middle) > TINY else 1.0
        return (min(0.0, middle) - 0.5 * half, max(0.0, middle) + 0.5 * half)
    if 0 < bottom < 0.6 * height:
        bottom = 0.0
    if -0.6 * height < top < 0:
        top = 0.0
    height = top - bottom
    turns = [point.y for curve in traces for point in curve.extrema]
    below = any(bottom <= y < bottom + 0.07 * height for y in turns)  # their labels need a line
    above = any(top - 0.07 * height < y <= top for y in turns)
    return bottom - (0.13 if below else 0.07) * height, top + (0.11 if above else 0.07) * height


def _without_spikes(
    traces: Sequence[Trace], ends: list[Limits], low: float, high: float
) -> list[Limits]:
    """Cuts the tallest curve where it is a spike that would press all the others flat."""
    heights = [top - bottom for bottom, top in ends]
    tallest = int(np.argmax(heights))
    others = [end for i, end in enumerate(ends) if i != tallest]
    bottom, top = min(end[0] for end in others), max(end[1] for end in others)
    room = 2 * (top - bottom)
    if not 0 < 4 * room < heights[tallest]:
        return ends
    even = at_even_x(traces[tallest].pieces, low, high)
    if not even.size or np.mean((even > bottom - room) & (even < top + room)) < 0.75:
        return ends
    cut = (max(ends[tallest][0], bottom - room), min(ends[tallest][1], top + room))
    return [*others, cut]


def _central(curve: Trace, reach: float, low: float, high: float) -> Limits:
    """The range of y in which what matters of one curve is visible."""
    y = np.concatenate([piece[1] for piece in curve.pieces])
    even = at_even_x(curve.pieces, low, high)
    if even.size == 0:
        even = y
    size = quantiles(np.abs(even), [0.5, 0.75, 0.9])
    far_off = 1e3 * max(reach, float(size[2]))
    marks = [dot.y for dot in curve.dots] + [point.y for point in curve.extrema]
    kept = [y for y in marks if abs(y) < far_off]
    ends = []
    for sign in (-1.0, 1.0):
        far = float(np.max(sign * y, initial=-np.inf))
        if far > reach or curve.poles:
            most = quantiles(sign * even, 0.75)
            cut = max(float(size[1]), min(reach, 3 * float(size[2])), float(most))
            cut = min(cut, max(6 * reach, 2 * float(size[0])))
            far = far if far <= 1.5 * cut and not curve.poles else min(far, cut)
        ends.append(sign * far)
    bottom, top = min(ends), max(ends)
    return min([bottom, *kept]), max([top, *kept])
