"""Proves an error that no polynomials which meet at given breakpoints are below: by factors of errors.

Factors with which errors of all rivals have one sum tell how large one is at least (duality of
linear programs). What is found in doubles has such a sum but for a little: that is weighed by how far
polynomials may be apart that are so near to f, as their Chebyshev coefficients are no more than twice that.
"""

from collections.abc import Sequence
from math import nextafter
from typing import Any

import numpy as np
from flint import arb, arb_poly, ctx

from ..numbers.types import Floats
from .exchange import PRECISION
from .minimax_steps import balance
from .polynomials import Reading, chebyshev_values
from .segments import Segments


def least_error(
    form: Segments, y: Floats, parts: Sequence[tuple[float, float, Sequence[float]]], error: float
) -> float | None:
    """An error that no rival of these parts on a range, as near to f as `error`, is below; or None.

    Rivals have the same ends and meet there, on f if these do.
    """
    if form.tails or not form.nothing < error < np.inf:
        return None
    touch = form.touching(y)
    factors = balance(form.local(y, touch, free=False))
    if factors is None:
        return None
    with ctx.workprec(PRECISION):
        found = _bound(form, parts, touch.segment, touch.u, touch.signs * factors, error)
        low = float(found.lower()) if found.is_finite() else 0.0
    return nextafter(low, 0.0) if low > 0 else None


def _bound(
    form: Segments, parts: Sequence[tuple[float, float, Sequence[float]]], segment: Any, u: Floats,
    factors: Floats, error: float,
) -> Any:  # fmt: skip
    """The least error, for any factors of errors at places of segments."""
    reading = Reading(form.f)
    total, size, lost = arb(0), arb(0), arb(0)  # `lost` is what rivals change the sum by, at most
    polynomials = [arb_poly([arb(c) for c in coefficients]) for *_, coefficients in parts]
    shared = arb(0)  # the factor of what one and the next are where they meet
    for k, ((low, high, _), p) in enumerate(zip(parts, polynomials, strict=True)):
        a, b = arb(low), arb(high)
        sums = [arb(0)] * (form.degree + 1)  # of Chebyshev polynomials
        for v, factor in zip(u[segment == k].tolist(), factors[segment == k].tolist(), strict=True):
            place = low if v == -1 else high if v == 1 else low + (high - low) * ((1 + v) / 2)
            x = arb(min(max(place, low), high))
            total += factor * (reading.exact(x) - p(x))
            size += abs(arb(factor))
            values = chebyshev_values((2 * x - a - b) / (b - a), form.degree + 1)
            sums = [s + factor * t for s, t in zip(sums, values, strict=True)]
        first, second = float(sums[0]), float(sums[1])
        left, right = arb((first - second) / 2), arb(-(first + second) / 2)
        if not form.on_curve:
            left = shared
            right = arb(0) if k == len(parts) - 1 else arb(float(shared) - first)
        for j, s in enumerate(sums):
            lost += 4 * arb(error) * abs(s + right - left * (-1) ** j)
        if form.on_curve:
            lost += abs(left * (reading.exact(a) - p(a))) + abs(right * (reading.exact(b) - p(b)))
        elif k + 1 < len(parts):
            lost += abs(right * (polynomials[k + 1](b) - p(b)))
        shared = right
    return (abs(total) - lost) / size
