"""What the checks share: numbers, breakpoints near a printed place, falls, flats and witnesses."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import pairwise
from math import inf, isfinite
from typing import Any

import numpy as np

from .exact import Number, order, size_of
from .sample import UNKNOWN, Breakpoint, Point, Sample

Complaints = Iterator[str]
TOLERANCE = 1e-9


def figure(value: Any) -> float:
    return float(value) if not isinstance(value, str) else float(value.replace("Infinity", "inf"))


def near(a: float, b: float, relative: float = TOLERANCE, absolute: float = 2e-12) -> bool:
    if a == b:
        return True
    return bool(
        isfinite(a) and isfinite(b) and abs(a - b) <= relative * max(abs(a), abs(b)) + absolute
    )


def show(x: Any) -> str:
    plain = isinstance(x, Fraction) and x.denominator < 1 << 40 and abs(x) < 10**9
    return str(x) if plain else f"{size_of(x)!r}"


def far_apart(a: Point, b: Point) -> bool:
    return b.x - a.x > Fraction(1, 10**6) * (abs(a.x) + abs(b.x))


def holes(sample: Sample) -> list[Point]:
    return [p for p in sample.points if p.value is None]


def breakpoint_near(sample: Sample, place: float) -> list[Breakpoint]:
    """The breakpoints that a printed place may mean."""
    if sample.at_end(place):
        return []
    reach = 1e-9 * (abs(place) or 1)
    found = [s for s in sample.breakpoints if abs(s.place - place) <= reach]
    if found:
        return found
    around = [sample.point(Fraction(place) * (1 + s * Fraction(1, 10**9))) for s in (-1, 1)]
    if place and around[0].trace != around[1].trace and UNKNOWN not in [p.value for p in around]:
        breakpoint = sample.bisect(*sorted(around, key=lambda p: p.x))
        return [] if breakpoint is None else [breakpoint]
    return [Breakpoint(sample, x, x) for x in meanings(place) if abs(size_of(x) - place) <= reach]


def listed(place: float, places: list[float]) -> bool:
    return any(abs(p - place) <= 1e-6 * (abs(p) if p else 1) for p in places)


def inside(row: Any, place: float) -> bool:
    return "[-10, 10]" not in (row.detail or "") or abs(place) < 10


def between(x: Fraction, low: float, high: float) -> bool:
    return (low == -inf or order(x, Fraction(low)) >= 0) and (
        high == inf or order(x, Fraction(high)) <= 0
    )


def shrunk(low: float, high: float) -> tuple[float, float]:
    """The interval without its ends, whose last digits are rounded."""
    pad = 1e-6 if "inf" in (repr(low), repr(high)) else min(1e-6, (high - low) / 100)
    return (low + pad * (abs(low) or 1) if isfinite(low) else low,
            high - pad * (abs(high) or 1) if isfinite(high) else high)  # fmt: skip


def flat(sample: Sample, low: float, high: float) -> tuple[float, float] | None:
    """Neighbours with exactly the same value and slope 0, and another between them."""
    within = [p for p in sample.known if between(p.x, low, high) and isinstance(p.value, Fraction)]
    for p, q in pairwise(within):
        if p.value == q.value and p.slope == q.slope == 0 and far_apart(p, q):
            middle = sample.point((p.x + q.x) / 2)
            third = sample.point(p.x + (q.x - p.x) * Fraction(3, 11))
            if p.value == middle.value == third.value and middle.slope == third.slope == 0:
                return size_of(p.x), size_of(q.x)
    return None


MEANINGS: tuple[Callable[[float], Fraction], ...] = (
    Fraction, lambda place: Fraction(repr(place)), lambda place: Fraction(place).limit_denominator(5000),
)  # fmt: skip


def meanings(place: float) -> set[Fraction]:
    """What a printed place may mean: the double, its decimal, or the simple fraction next to it."""
    return {reading(place) for reading in MEANINGS}


def witness(sample: Sample, row: Any, holds: Callable[..., bool], words: str) -> Complaints:
    """The points of a witness are doubles, or the decimals that a breakpoint is written with."""
    if not isinstance(row.where, list):
        yield "no witness"
        return
    for reading in MEANINGS:
        points = [reading(figure(w)) for w in row.where]
        values = [sample.value(p) for p in points]
        if UNKNOWN in values:
            return
        rising = sorted(points) == points and len(set(points)) == len(points)
        if rising and None not in values and holds(points, values):
            return
    yield f"the witness {row.where} does not show {words}"


def bend(points: list[Fraction], values: list[Any]) -> tuple[Number, Number]:
    """f at the middle point, and the chord there."""
    share = (points[1] - points[0]) / (points[2] - points[0])
    return values[1], (1 - share) * values[0] + share * values[2]


def drops(sample: Sample, low: float, high: float, sign: int) -> tuple[Fraction, Fraction] | None:
    """a < b inside with sign*f(a) > sign*f(b) for certain, not in a far tail."""
    within = [p for p in sample.known if between(p.x, low, high)]
    within = [p for p in within if p.slope is None or abs(size_of(p.slope)) > 1e-300]
    best: Point | None = None
    for p in within:
        if best is not None and sign * order(best.value, p.value) > 0:
            return best.x, p.x
        if best is None or sign * order(p.value, best.value) > 0:
            best = p
    grid, values = sample.grid, sign * sample.rough_values
    where = (grid > low) & (grid < high) & np.isfinite(values)
    xs, ys = grid[where], values[where]
    if len(xs) > 1:
        top = np.maximum.accumulate(ys)
        worst = int(np.argmax(top - ys))
        if top[worst] > ys[worst]:
            first = int(np.argmax(ys[: worst + 1]))
            a, b = Fraction(xs[first]), Fraction(xs[worst])
            pair = sample.value(a), sample.value(b)
            if not any(v is None or v is UNKNOWN for v in pair) and sign * order(*pair) > 0:
                slopes = [sample.point(x).slope for x in (a, b)]
                if all(s is None or abs(size_of(s)) > 1e-300 for s in slopes):
                    return a, b
    return None
