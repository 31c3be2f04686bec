"""Samples of a reading: where to take them, and where they must not be joined up."""

from collections.abc import Callable

import numpy as np

from ..figures.data import Dot
from ..numbers.distinct import distinct, quantiles, union, without
from ..numbers.types import Floats
from .protocol import Indices, Reading

NOISE = 16
"""So many times the error of a reading a landmark must stand out."""
SMALLEST = 5e-324  # above 0
OVERFLOW = 1e290
"""A reading that ends above this has left the doubles: that is no pole."""


def grid(low: float, high: float, points: int) -> Floats:
    """Ascending inputs from low to high: evenly spaced, and dense around 0.

    Most of what an activation function does, it does within a few units of 0; on -1000:1000
    an even grid would step over it.
    """
    even = np.linspace(low, high, max(points, 2))
    reach = max(abs(low), abs(high))
    least = max(min(1e-4, reach / 1e4), SMALLEST)
    near = np.geomspace(least, max(reach, least), max(points // 6, 16))
    both = np.concatenate([even, near, -near, [0.0]])
    return distinct(both[(both >= low) & (both <= high)])


def _narrow(
    read: Reading, low: Floats, high: Floats, pick: Callable[[Floats], Indices], rounds: int
) -> tuple[Floats, Floats]:
    """Shrinks the intervals [low, high] 16-fold per round to the step that `pick` chooses from
    the readings (one row per interval) by the index of its left end."""
    rows = np.arange(low.size)
    for _ in range(rounds):
        x = np.linspace(low, high, 17, axis=1)
        index = pick(read(x.ravel()).reshape(x.shape))
        low, high = x[rows, index], x[rows, index + 1]
    return low, high


def _widest_step(y: Floats) -> Indices:
    with np.errstate(invalid="ignore", over="ignore"):
        step = np.abs(np.diff(y, axis=1))
    return np.asarray(np.argmax(np.where(np.isfinite(step), step, np.inf), axis=1))


def climb(
    read: Reading, low: Floats, high: Floats, sign: Floats, rounds: int
) -> tuple[Floats, Floats]:
    """Where sign * reading is largest in each [low, high], and the reading there."""
    rows = np.arange(low.size)
    for _ in range(rounds):
        x = np.linspace(low, high, 17, axis=1)
        y = read(x.ravel()).reshape(x.shape)
        best = np.argmax(np.where(np.isnan(y), -np.inf, sign[:, None] * y), axis=1)
        low, high = x[rows, np.maximum(best - 1, 0)], x[rows, np.minimum(best + 1, 16)]
    return x[rows, best], y[rows, best]


def _edge_of_domain(y: Floats) -> Indices:
    return np.asarray(np.argmax(np.diff(np.isfinite(y), axis=1), axis=1))


def spread(y: Floats) -> float:
    """The height of what matters in y: its span without the steepest tails."""
    y = y[np.isfinite(y)]
    if y.size == 0:
        return 1.0
    low, high = quantiles(y, [0.1, 0.9])
    inner, outer = float(high - low), float(np.ptp(y))
    noise = 1e-13 * float(np.max(np.abs(y)))
    return max(outer if outer < 6 * inner else inner or outer, noise) or 1.0


def refine(read: Reading, x: Floats, y: Floats, limit: int = 12_000) -> tuple[Floats, Floats]:
    """Adds samples where the curve is steep, so that it stays smooth on paper."""
    for _ in range(2):
        with np.errstate(invalid="ignore", over="ignore"):
            steep = np.abs(np.diff(y)) > 0.02 * spread(y)
        if steep.sum() > 0.3 * steep.size:
            steep[:] = True  # a wave: a step that looks flat may have a period inside
        steep &= np.isfinite(y[:-1]) & np.isfinite(y[1:])
        if not steep.any() or x.size + 7 * int(steep.sum()) > limit:
            break
        new = np.linspace(x[:-1][steep], x[1:][steep], 9)[1:-1].ravel()
        new = without(new, x)
        x, order = np.unique(np.concatenate([x, new]), return_index=True)
        y = np.concatenate([y, read(new)])[order]
    return x, y


def breaks(
    read: Reading, x: Floats, y: Floats, error: Reading | None = None
) -> tuple[list[int], list[Dot], list[float]]:
    """Steps of the samples that are no steep slopes: the indices after which to break the
    curve, the dots of jumps, and poles. Narrows each suspect down to a few ulp.

    What is not far beyond the `error` of the readings is neither jump nor pole."""
    height, width = spread(y), float(np.ptp(x))
    broken, poles = _peaks(read, x, y, 5 * height, error)
    dots: list[Dot] = []
    with np.errstate(over="ignore", invalid="ignore"):
        step = np.abs(np.diff(y))
    suspects = np.flatnonzero(np.isfinite(step) & (step > 0.04 * height))
    suspects = suspects[np.argsort(-step[suspects], kind="stable")][:32]
    if error is not None:
        about = np.maximum(error(x[suspects]), error(x[suspects + 1]))
        suspects = suspects[step[suspects] > NOISE * about]
    if suspects.size == 0:
        return broken, dots, poles
    low, high = _narrow(read, x[suspects], x[suspects + 1], _widest_step, 11)
    for i, where, a, b in zip(suspects, (low + high) / 2, read(low), read(high), strict=True):
        at = round_to(float(where), width)
        if max((abs(v) for v in (a, b) if np.isfinite(v)), default=0.0) > OVERFLOW:
            continue
        if not np.isfinite([a, b]).all() or abs(b - a) > 4 * step[i]:
            poles.append(at)
            broken.append(int(i))
        elif abs(b - a) > 0.5 * step[i]:
            value = float(read(np.array([at]))[0])
            dots += [Dot(at, float(side), bool(side == value)) for side in (a, b)]
            if value not in (a, b) and np.isfinite(value):
                dots.append(Dot(at, value, True))
            broken.append(int(i))
    return broken, dots, poles


def _peaks(
    read: Reading, x: Floats, y: Floats, least: float, error: Reading | None
) -> tuple[list[int], list[float]]:
    """Poles without a change of sign: the indices of the samples before them, and where."""
    size = np.abs(y)
    peaks = 1 + np.flatnonzero((size[1:-1] > size[:-2]) & (size[1:-1] >= size[2:]))
    peaks = peaks[(size[peaks] > least) & (size[peaks] < OVERFLOW)][:32]
    if error is not None:
        peaks = peaks[size[peaks] > NOISE * error(x[peaks])]
    if peaks.size == 0:
        return [], []
    where, most = climb(read, x[peaks - 1], x[peaks + 1], np.sign(y[peaks]), 12)
    endless = ~(np.abs(most) < 1e4 * size[peaks])
    found = where[endless]
    return (
        [int(i) - 1 for i in np.searchsorted(x, found)],
        [round_to(float(at), float(np.ptp(x))) for at in found],
    )


def round_to(x: float, width: float) -> float:
    """x without the digits that a picture of this width cannot show: 1e-9 of it."""
    if width <= 0 or not np.isfinite(x):
        return x
    return float(round(x, int(np.clip(9 - np.floor(np.log10(width)), 0, 300)))) + 0.0


def _endless(y: Floats) -> bool:
    """Whether readings at ever smaller distances from an edge, nearest first, go on as they do for a
    pole or a logarithm; towards a limit their steps shrink."""
    y = y[np.isfinite(y)]
    last, middle, first = y[0], y[y.size // 3], y[2 * y.size // 3]
    return bool(abs(last - middle) > 0.5 * abs(middle - first))


def runs(
    read: Reading, x: Floats, y: Floats, search: bool = True, error: Reading | None = None
) -> tuple[list[tuple[Floats, Floats]], list[Dot], list[float]]:
    """Splits samples into finite, unbroken runs; runs that end at a pole are drawn up to it."""
    broken, dots, poles = breaks(read, x, y, error) if search and x.size > 1 else ([], [], [])
    before = x[broken]
    finite = np.isfinite(y)
    if x.size > 1 and not finite.all() and finite.any():
        steps = np.flatnonzero(finite[:-1] != finite[1:])[:32]
        low, high = _narrow(read, x[steps], x[steps + 1], _edge_of_domain, 9)
        for i, a, b in zip(steps, low, high, strict=True):
            inner, edge, outer = (a, b, x[i]) if finite[i] else (b, a, x[i + 1])
            new = inner + (outer - inner) * np.geomspace(1e-9, 1, 40)[:-1]
            new = without(np.append(new, inner), x)
            values = read(new)
            x, y = np.append(x, new), np.append(y, values)
            known = np.abs(y[np.isfinite(y)])
            most = np.max(np.abs(values[np.isfinite(values)]), initial=0.0)
            if 4 * float(quantiles(known / 2, 0.5)) < most < OVERFLOW and _endless(
                values if inner < outer else values[::-1]
            ):
                poles.append(round_to(float(edge), float(np.ptp(x))))
        x, index = np.unique(x, return_index=True)
        y = y[index]
        finite = np.isfinite(y)
    broken_at = np.searchsorted(x, before)
    cuts = union(np.flatnonzero(finite[:-1] != finite[1:]), broken_at).astype(int) + 1
    found = [
        (run_x, run_y)
        for run_x, run_y in zip(np.split(x, cuts), np.split(y, cuts), strict=True)
        if run_x.size and np.isfinite(run_y).all()
    ]
    return found, dots, poles
