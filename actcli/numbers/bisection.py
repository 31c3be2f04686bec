"""Bisection over the doubles."""

from collections.abc import Callable

HALVINGS = 200  # at most: down to two neighbours, but for places next to 0


def bisected(
    value: Callable[[float], object], first: object, low: float, high: float
) -> tuple[float, float]:
    """Halves [low, high] around the end of where the value is the `first`; both ends."""
    low, high = float(low), float(high)
    for _ in range(HALVINGS):
        middle = low + (high - low) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if value(middle) == first else (low, middle)
    return low, high
