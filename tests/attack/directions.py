"""monotonic, convex, dead_zone, order_kept."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from math import copysign, inf, isfinite
from typing import Any

import numpy as np
from scipy.special import ndtri

from .common import (
    Complaints,
    bend,
    between,
    breakpoint_near,
    drops,
    far_apart,
    figure,
    flat,
    inside,
    meanings,
    show,
    shrunk,
    witness,
)  # fmt: skip
from .exact import order, size_of
from .sample import LARGEST, UNKNOWN, Sample


def monotonic(sample: Sample, row: Any) -> Complaints:
    if row.verdict == "proved":
        found = drops(sample, -inf, inf, 1)
        if found:
            yield f"it falls from {show(found[0])} to {show(found[1])}"
    else:
        yield from witness(sample, row, lambda _, v: order(*v) > 0, "f(a) > f(b)")
    runs = [(figure(a), figure(b), kind) for a, b, kind in row.value or []]
    for a, b, kind in runs:
        low, high = shrunk(a, b)
        if not low < high:
            continue
        if kind == "constant":
            within = [p for p in sample.known if between(p.x, low, high)]
            for p, q in pairwise(within):
                if order(p.value, q.value):
                    yield f"not constant between {show(p.x)} and {show(q.x)}"
                    break
            continue
        found = drops(sample, low, high, 1 if kind == "increasing" else -1)
        if found:
            yield f"not {kind} from {show(found[0])} to {show(found[1])}"
        level = flat(sample, low, high)
        if level:
            yield f"constant between {level[0]!r} and {level[1]!r}, not {kind}"
    for (_a, b, kind), (c, _d, other) in pairwise(runs):
        if b != c and "[-10, 10]" not in row.detail:
            yield f"a gap between {b!r} and {c!r}"
        if kind == other:
            breakpoints = breakpoint_near(sample, b)
            if breakpoints and all(b.unbroken(0) for b in breakpoints):
                yield f"two runs that are {kind} meet at {b!r}, where nothing breaks"
    bounds = (
        [v if isfinite(v) else copysign(float(LARGEST), v) for v in (runs[0][0], runs[-1][1])]
        if runs
        else []
    )
    wanted = [float(v) for v in sample.limits]
    if bounds and "[-10, 10]" not in row.detail and bounds != wanted:
        yield "the runs do not cover the line"


def convex(sample: Sample, row: Any) -> Complaints:
    if row.verdict == "refuted":
        yield from witness(sample, row, lambda p, v: order(*bend(p, v)) > 0, "a point above")
    signs = {"convex": (1,), "concave": (-1,), "affine": (1, -1)}.get(row.value, ())
    for sign in signs:
        for triple in _triples(sample):
            if not (sample.limits[0] <= triple[0] and triple[2] <= sample.limits[1]):
                continue
            values = [sample.value(p) for p in triple]
            if any(v is None or v is UNKNOWN for v in values):
                continue
            middle, chord = bend(triple, values)
            if sign * order(middle, chord) > 0:
                gap = size_of(middle - chord)
                if abs(gap) > 1e-290:
                    yield f"not {row.value}: {', '.join(map(show, triple))} (by {gap:.3g})"
                    return


def _triples(sample: Sample) -> Iterator[list[Fraction]]:
    known = [p.x for p in sample.known if abs(p.x) < 10**6]
    for i in range(1, len(known) - 1):
        yield known[i - 1 : i + 2]
        if 3 <= i < len(known) - 3:
            yield [known[i - 3], known[i], known[i + 3]]
    for breakpoint in sample.breakpoints:
        if breakpoint.exact:
            for d in (Fraction(1), Fraction(1, 10**4)):
                yield [breakpoint.x - d, breakpoint.x, breakpoint.x + d]
    grid, values = sample.grid, sample.rough_values
    for k in (1, 8):
        a, b, c = grid[: -2 * k], grid[k:-k], grid[2 * k :]
        with np.errstate(all="ignore"):
            share = (b - a) / (c - a)
            ya, yb, yc = values[: -2 * k], values[k:-k], values[2 * k :]
            bend = (yb - (ya + (yc - ya) * share)) / (np.abs(ya) + np.abs(yb) + np.abs(yc))
        bend = np.where(np.isfinite(bend), bend, 0)
        for i in (int(np.argmax(bend)), int(np.argmin(bend))):
            yield [Fraction(a[i]), Fraction(b[i]), Fraction(c[i])]


def dead_zone(sample: Sample, row: Any) -> Complaints:
    zones = [(figure(a), figure(b)) for a, b in row.value]
    for low, high in zones:
        a, b = shrunk(low, high)
        within = [p for p in sample.known if between(p.x, a, b)]
        for p, q in pairwise(within):
            if order(p.value, q.value):
                yield f"not constant between {show(p.x)} and {show(q.x)}"
                break
        for end, sign in ((low, -1), (high, 1)):
            if isfinite(end) and not any(abs(end - float(v)) < 1e-3 for v in sample.limits):
                beyond = Fraction(end) + sign * (abs(Fraction(end)) + 1) / 10**5
                p, base = sample.point(beyond), within[0].value if within else None
                here = {sample.value(x) for x in meanings(end)}
                same = {p.value, base} == here and p.slope == 0
                same = same and all(breakpoint.exact for breakpoint in breakpoint_near(sample, end))
                if isinstance(base, Fraction) and same:
                    further = sample.point(beyond + sign * (abs(Fraction(end)) + 1) / 10**5)
                    if further.value == base and (abs(end) != 10 or "[-10" not in row.detail):
                        yield f"the zone goes on beyond {end!r}"
    for p, q in pairwise(sample.known):
        if not (isinstance(p.value, Fraction) and p.value == q.value and p.slope == q.slope == 0):
            continue
        if not far_apart(p, q) or any(
            between(p.x, a - 1e-6, b + 1e-6) and between(q.x, a - 1e-6, b + 1e-6) for a, b in zones
        ):
            continue
        found = flat(sample, size_of(p.x), size_of(q.x))
        if found and inside(row, found[0]) and inside(row, found[1]):
            yield f"constant between {found[0]!r} and {found[1]!r}, which is not listed"
            return


def order_kept(sample: Sample, row: Any) -> Complaints:
    if row.verdict == "proved":
        found = drops(sample, -inf, inf, 1) or flat(sample, -inf, inf)
        if found:
            yield f"order is lost between {found[0]} and {found[1]}"
    else:
        yield from witness(sample, row, lambda _, v: order(*v) >= 0, "f(a) >= f(b)")
    if row.value is None or sample.limits[1] < LARGEST:
        return
    share = pairs_kept(sample) if sample.sharp else None
    if share is not None and abs(share - figure(row.value)) > 2e-3:
        yield f"P is {share!r}, not {row.value!r}"


def pairs_kept(sample: Sample, count: int = 4001) -> float | None:
    """P(f(a) < f(b) | a < b), by counting; None where floats are too rough."""

    x = ndtri((np.arange(count) + 0.5) / count)
    y = sample.rough(x)
    if not np.all(np.isfinite(y)):
        return None
    scale = np.abs(y).max()
    steps = np.abs(np.diff(y))
    if np.any((steps > 0) & (steps < 1e-10 * scale)):
        return None  # rounding decides
    ties = np.flatnonzero(steps == 0)
    for i in ties[:: len(ties) // 12 + 1]:
        a, b = (sample.point(Fraction(v)) for v in x[i : i + 2])
        exact = isinstance(a.value, Fraction) and a.value == b.value
        flat = isinstance(a.slope, Fraction) and a.slope == b.slope == 0
        if not (exact or flat):
            return None
    kept = 0
    for i in range(0, count, 500):
        block = y[i : i + 500]
        kept += int(((block[:, None] < y[None, :]) & (x[i : i + 500, None] < x[None, :])).sum())
    return kept / (count * (count - 1) / 2)
