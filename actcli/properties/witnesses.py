"""Finds witnesses: inputs that refute, as short as they can be written."""

from math import inf


def tidy(value: float) -> float | int:
    """0 for -0."""
    return value + 0.0


def candidates(low: float, high: float) -> list[float]:
    """Lists numbers strictly inside an interval, the simple ones first."""
    found: list[float] = []
    for step in (1.0, 0.5, 0.25, 0.125, 2.0**-5, 2.0**-8):
        first = -16.0 if low == -inf else max(low, -64.0)
        last = 16.0 if high == inf else min(high, 64.0)
        if first > last:
            break
        k = int(first // step)
        while k * step <= last and len(found) < 400:
            x = k * step
            if low < x < high and x not in found:
                found.append(x)
            k += 1
        if len(found) >= 12:
            break
    if len(found) < 3 and low > -inf and high < inf:
        width = high - low
        found += [low + width * share for share in (0.25, 0.5, 0.75, 0.1, 0.9)]
    elif len(found) < 3:
        start = low if low > -inf else high
        sign = 1 if low > -inf else -1
        found += [start + sign * abs(start) * share + sign for share in (0.5, 1.0, 2.0)]
    return sorted(found, key=lambda x: (abs(x), x))
