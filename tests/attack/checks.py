"""Every proved or refuted row of check-properties against the independent evaluation.

A check yields sentences; none means that nothing false was seen. It complains only of what is
certain: differences beyond the digits promised, at points whose values are known.
"""

from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from math import inf, isfinite
from typing import Any

from . import averages, directions, extents
from .common import (
    Complaints,
    bend,
    breakpoint_near,
    far_apart,
    figure,
    holes,
    inside,
    listed,
    meanings,
    near,
    show,
    witness,
)  # fmt: skip
from .exact import order, size_of
from .sample import UNKNOWN, Breakpoint, Sample


def check(sample: Sample, row: Any) -> list[str]:
    """What is false in a row with property, verdict, value, where, detail."""
    if row.verdict not in ("proved", "refuted", "measured"):
        return []
    gone = missing(sample)
    if row.property in ("cost", "numerically_stable"):
        return []
    if gone is not None:
        if row.property == "continuous":
            if row.verdict == "proved":
                return [f"not defined around {show(gone)}"]
            return []
        return [f"domain: answered, though f is not defined around {show(gone)}"]
    return list(CHECKS[row.property](sample, row))


def missing(sample: Sample) -> Fraction | None:
    """An x with its neighbours where f is not defined."""
    for a, b in pairwise(sample.points):
        if a.value is None and b.value is None and far_apart(a, b):
            middle = sample.point((a.x + b.x) / 2)
            if middle.value is None:
                return middle.x
    return None


def continuous(sample: Sample, row: Any) -> Complaints:
    jumps = [figure(w) for w in row.where] if isinstance(row.where, list) else []
    for p in holes(sample):
        if not listed(size_of(p.x), jumps) and inside(row, size_of(p.x)):
            yield f"not defined at {show(p.x)}"
    for breakpoint in sample.breakpoints:
        if listed(breakpoint.place, jumps) or not inside(row, breakpoint.place):
            continue
        if breakpoint.gap(0) in ("finite", "infinite") or breakpoint.off() in ("finite", "hole"):
            yield f"a break at {breakpoint.place!r} ({breakpoint.gap(0)}, {breakpoint.off()}) is not listed"
    if row.verdict == "proved":
        if jumps or row.value != 0:
            yield "proved with jumps"
        return
    tallest = 0.0
    certain = True
    for place in jumps:
        breakpoints = breakpoint_near(sample, place)
        if breakpoints and all(b.unbroken(0) for b in breakpoints):
            yield f"nothing breaks at {place!r}"
        heights = [_height(s) for s in breakpoints]
        if len(breakpoints) == 1 and heights[0] is not None and not sample.at_end(place):
            tallest = max(tallest, heights[0])
        else:
            certain = False
    if row.value is not None and certain and jumps and "[-10" not in row.detail:
        value = figure(row.value)
        # Of what is tiny the contract promises no digits; far below the sides do not tell it.
        close = (1e-2, 1e-280) if value < 1e-12 else (1e-8, 2e-12)
        if not near(value, tallest, *close):
            yield f"the height is {tallest!r}, not {value!r}"


def _height(breakpoint: Breakpoint) -> float | None:
    if breakpoint.gap(0) == "infinite":
        return inf
    if breakpoint.gap(0) == "open" or (breakpoint.here is UNKNOWN and breakpoint.exact):
        return None
    numbers = [side[-1][0] for side in breakpoint.sides]
    if breakpoint.gap(0) == "none":
        if not breakpoint.exact:
            return None
        if breakpoint.off() in ("hole", "none"):
            return 0.0
        numbers = numbers[:1]
    if breakpoint.exact and breakpoint.here is not None:
        numbers.append(breakpoint.here)
    return max(abs(size_of(a - b)) for a in numbers for b in numbers)


def differentiable(sample: Sample, row: Any) -> Complaints:
    places = [figure(v) for v in row.value or []]
    for breakpoint in sample.breakpoints:
        if listed(breakpoint.place, places) or not inside(row, breakpoint.place):
            continue
        if breakpoint.gap(0) in ("finite", "infinite") or breakpoint.off() in ("finite", "hole"):
            yield f"it breaks at {breakpoint.place!r}, which is not listed"
        elif breakpoint.gap(1) in ("finite", "infinite") and breakpoint.gap(0) == "none":
            yield f"a kink at {breakpoint.place!r} is not listed"
    if row.verdict == "proved":
        for p in holes(sample):
            yield f"not defined at {show(p.x)}"
    for place in places:
        breakpoints = breakpoint_near(sample, place)
        if breakpoints and all(b.unbroken(1) for b in breakpoints):
            yield f"{place!r} is listed, but f has a derivative there"


def smoothness(sample: Sample, row: Any) -> Complaints:
    value = figure(row.value) if row.value is not None else None
    if value is None:
        return
    places = [figure(w) for w in row.where or []]
    if row.verdict == "proved":
        for p in holes(sample):
            yield f"not defined at {show(p.x)}"
    for breakpoint in sample.breakpoints:
        if not inside(row, breakpoint.place):
            continue
        if breakpoint.gap(0) in ("finite", "infinite") or breakpoint.off() in ("finite", "hole"):
            breaks = -1.0
        else:
            breaks = next(
                (k - 1.0 for k in (1, 2, 3) if breakpoint.gap(k) in ("finite", "infinite")), inf
            )
            if any(breakpoint.gap(k) == "open" for k in range(int(min(breaks, 2)) + 2)):
                continue
        if breaks < value:
            yield f"derivative {breaks + 1:.0f} breaks at {breakpoint.place!r}, but C{value} is claimed"
        elif breaks == value < inf and not listed(breakpoint.place, places):
            yield f"derivative {breaks + 1:.0f} breaks at {breakpoint.place!r}, which is not listed"
    if -1 <= value <= 2:
        for place in places:
            breakpoints = breakpoint_near(sample, place)
            if breakpoints and all(b.unbroken(int(value) + 1) for b in breakpoints):
                yield f"derivative {value + 1:.0f} does not break at {place!r}"


def nonlinear(sample: Sample, row: Any) -> Complaints:
    if row.verdict == "proved":
        yield from witness(sample, row, lambda p, v: order(*bend(p, v)) != 0, "a bend")
    else:
        a, b = (Fraction(figure(v)) for v in row.value)
        for p in sample.known:
            got, want = size_of(p.value), size_of(a * p.x + b)
            if not near(got, want, 1e-9, 1e-11) and isfinite(got):
                yield f"f({show(p.x)}) = {got!r} is not {want!r}"
                return
    for p in holes(sample)[:1]:
        if row.verdict == "refuted":
            yield f"not defined at {show(p.x)}"


def symmetry(sample: Sample, row: Any) -> Complaints:
    if row.verdict == "refuted":
        for place, sign, word in zip(row.where, (1, -1), ("odd", "even"), strict=True):
            readings = meanings(figure(place))
            if not any(_asymmetric(sample, x, sign) for x in readings):
                yield f"the witness {place!r} does not refute {word}"
        return
    for sign in {"odd": (1,), "even": (-1,), "both": (1, -1)}[row.value]:
        for p in sample.known:
            value = sample.value(-p.x)
            if value is UNKNOWN:
                continue
            if value is None:
                yield f"defined at {show(p.x)}, not at {show(-p.x)}"
                return
            gap = size_of(p.value + sign * value)  # type: ignore[operator]
            if abs(gap) > 2e-12 * max(1, abs(size_of(p.value))):  # type: ignore[arg-type]
                yield f"not {row.value} at {show(p.x)}: off by {gap:.3g}"
                return


def _asymmetric(sample: Sample, x: Fraction, sign: int) -> bool:
    """Whether f(-x) differs from -f(x) (sign 1) or f(x) (-1), or that is not known."""
    a, b = sample.value(-x), sample.value(x)
    if (a is None) != (b is None) or a is UNKNOWN or b is UNKNOWN:
        return True
    if a is None or b is None:
        return False
    return abs(size_of(a + sign * b)) > 0.9e-12 * max(1, abs(size_of(a)))


def identity_at_zero(sample: Sample, row: Any) -> Complaints:
    here = sample.point(Fraction(0))
    if here.value is UNKNOWN or row.value is None:
        return
    if here.value is None:
        if row.verdict == "proved" or row.value.get("f") is not None:
            yield "f is not defined at 0"
        return
    if row.value["f"] is not None and not near(size_of(here.value), figure(row.value["f"])):
        yield f"f(0) = {size_of(here.value)!r}"
    slope = row.value["gradient"]
    breakpoint = Breakpoint(sample, Fraction(0), Fraction(0))
    if here.slope is not None:
        if slope is None or not near(size_of(here.slope), figure(slope)):
            yield f"f'(0) = {size_of(here.slope)!r}, not {slope!r}"
    elif breakpoint.gap(0) == "none" and breakpoint.off() == "none":
        if breakpoint.gap(1) == "finite" and slope is not None:
            yield f"f has a kink at 0, but f'(0) = {slope!r} is printed"
        elif breakpoint.gap(1) == "none":
            left = breakpoint.level(False, 1) or [0.0]
            if slope is None or not near(left[-1], figure(slope), 1e-6, 1e-8):
                yield f"f'(0) = {left[-1]!r}, not {slope!r}"
    if row.verdict == "proved" and (
        breakpoint.gap(0) in ("finite", "infinite") or breakpoint.gap(1) in ("finite", "infinite")
    ):
        yield "f or f' breaks at 0"


def same_as(sample: Sample, row: Any) -> Complaints:
    for p in holes(sample)[:1]:
        if row.verdict == "proved":
            yield f"not defined at {show(p.x)}"
    for name in row.value or []:
        other = Sample(f"{name}(x)", sample.r, 0.0)
        for p in sample.known:
            value = other.value(p.x)
            if value is None or value is UNKNOWN:
                continue
            gap = size_of(p.value - value)  # type: ignore[operator]
            if abs(gap) > 2e-12 * max(1, abs(size_of(p.value))):  # type: ignore[arg-type]
                yield f"not {name} at {show(p.x)}: off by {gap:.3g}"
                break


CHECKS: dict[str, Callable[[Sample, Any], Complaints]] = {
    "continuous": continuous, "differentiable": differentiable, "smoothness": smoothness,
    "nonlinear": nonlinear, "monotonic": directions.monotonic, "convex": directions.convex,
    "range": extents.range_, "gradient_range": extents.gradient_range,
    "saturates_left": extents.saturates(-1), "saturates_right": extents.saturates(1),
    "zero_centred": averages.zero_centred, "symmetry": symmetry,
    "identity_at_zero": identity_at_zero, "dead_zone": directions.dead_zone,
    "order_kept": directions.order_kept, "gaussian_moments": averages.gaussian_moments,
    "gain": averages.gain, "same_as": same_as,
}  # fmt: skip
NAMES = tuple(CHECKS)
