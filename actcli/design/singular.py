"""Where a function is not bounded, so that no approximation has a finite error."""

from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from math import inf, isfinite

import numpy as np

from ..evaluation.activation import Activation

FAR = 4.0  # from a pole, where a range may end
BESIDE = np.geomspace(1e-12, 1e-3, 10)  # of a range, steps to a place
STEEP = 1e3  # times the size at the widest step, that of a pole at the closest


def check_bounded(f: Activation, low: float, high: float) -> None:
    """Refuses, by a ValueError that names the place, a function with a pole in [low, high]."""
    places = _poles(f, low, high)
    if not places:
        return
    raise ValueError(
        f"{f.label} has no bound beside {places[0]:.6g}, so that every error is infinite there; give a "
        f"range without it, as in -r {free_range(places, low, high)}"
    )


def free_range(places: Sequence[float], low: float, high: float) -> str:
    """The widest LOW:HIGH between ascending places of a range, near them, as it is typed."""
    ends = sorted({max(low, places[0] - FAR), *places, min(high, places[-1] + FAR)})
    left, right = max(pairwise(ends), key=lambda gap: gap[1] - gap[0])
    share = (right - left) / 8
    return f"{left + share * (left in places):.2g}:{right - share * (right in places):.2g}"


def _poles(f: Activation, low: float, high: float) -> list[float]:
    """The places in the range beside which f has no bound, as far as they are known."""
    from ..proofs.points import BUDGET, Undecided, at
    from ..proofs.shape import Shape

    found = []
    with suppress(Undecided, ValueError):
        shape = Shape(f.tree, BUDGET, at(low), at(high))
        for place in shape.places:
            x = float(place.number)
            try:
                endless = any(end in (inf, -inf) for end in shape.one_sided(place, 0))
            except Undecided:
                endless = shape.is_hole(place) and _rises(f, x, low, high)
            if endless:
                found.append(x)
    return found


def _rises(f: Activation, place: float, low: float, high: float) -> bool:
    """Whether the size of f grows without a bound in sight towards a place."""
    width = high - low if isfinite(high - low) else 1.0
    for side in (-1, 1):
        x = place + side * width * BESIDE
        with np.errstate(all="ignore"):
            y = np.abs(np.asarray(f(x[(low <= x) & (x <= high)]), np.float64))
        if len(y) == len(x) and not y[0] < STEEP * y[-1]:
            return True
    return False
