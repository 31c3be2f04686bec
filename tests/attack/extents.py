"""range, gradient_range, saturates_left, saturates_right."""

from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from itertools import pairwise
from math import inf, isfinite
from typing import Any

import numpy as np

from .common import Complaints, breakpoint_near, figure, near, show
from .exact import Number, order, size_of
from .sample import UNKNOWN, Breakpoint, Sample

FAR = ("1e3", "1.7e4", "2.3e6", "1e9", "3.1e20", "7e60", "1e150", "2.9e151", "1e250", "9e299",
       "1.1e308", "1.797e308")  # fmt: skip


def _extremes(
    sample: Sample, row: Any, numbers: list[tuple[Fraction, Number]], k: int
) -> Complaints:
    value = row.value
    low, high = figure(value["inf"]), figure(value["sup"])
    what = "f" if k == 0 else "f'"
    for x, number in numbers:
        got = size_of(number)
        for end, sign in ((low, -1), (high, 1)):
            if not isfinite(end):
                if (end > 0) == (sign > 0):
                    continue
                yield f"{what} is said to be infinite"
                continue
            slack = 1e-10 * abs(end) + 1e-12
            if sign * (got - end) > slack:
                yield f"{what}({show(x)}) = {got!r} is beyond {end!r}"
                return
            flag = value["inf_attained" if sign < 0 else "sup_attained"]
            equal = isinstance(number, Fraction) and number == _exact(end)
            if flag is not False or not equal or _far_tail(sample, x, k):
                continue
            if not any(sign * order(other, number) > 0 for _, other in numbers):
                yield f"{what}({show(x)}) = {end!r} is attained"
                return
    for end, flag, where, sign in (
        (low, value["inf_attained"], row.where[0], -1),
        (high, value["sup_attained"], row.where[1], 1),
    ):
        yield from _reached(sample, k, end, flag, where, sign, what)
    bounded = isfinite(low) and isfinite(high)
    if bounded != (row.verdict == "proved"):
        yield "the verdict does not fit the ends"


def _nearing(levels: list[float], end: float) -> bool:
    """Whether values come nearer and nearer, as 1/log(x) does."""
    gaps = [abs(end - v) for v in levels]
    return all(b < 0.8 * a for a, b in pairwise(gaps))


def _still_moving(far: list[tuple[int, float]], sign: int) -> bool:
    """Whether values go on towards an end at 1e300: x**1e-17 comes there beyond all doubles."""
    first = max(item[1] * sign for item in far if item[0] == 20)
    return max(item[1] * sign for item in far if item[0] == 300) > first


def _far_tail(sample: Sample, x: Fraction, k: int) -> bool:
    """Where the sign of f' may be carried on: |f'| stays below 1e-300 from some point to x."""
    try:
        slope = sample.formula(x, k + 1)[k + 1]
    except ArithmeticError:
        return True
    return slope != 0 and abs(size_of(slope)) < 1e-300


def _exact(end: float) -> Fraction:
    return Fraction(repr(end))


def _reached(
    sample: Sample, k: int, end: float, flag: Any, where: Any, sign: int, what: str
) -> Complaints:
    if where is None:
        return
    place = figure(where)
    if isfinite(place) and flag:
        got = []
        wide = (abs(Fraction(place)) or 1) / 10**12
        for x in (
            Fraction(place),
            Fraction(repr(place)),
            Fraction(place).limit_denominator(5000),
            Fraction(place) - wide,
            Fraction(place) + wide,
        ):
            try:
                got.append(sample.formula(x, k)[k])
            except ArithmeticError:
                continue
        if k == 0 and sample.value(Fraction(place)) is None:
            yield f"{what} is not defined at {place!r}, where it is said to be {end!r}"
        elif (
            all(s.exact for s in breakpoint_near(sample, place))
            and got
            and not any(near(size_of(v), end, 1e-6, 1e-6) for v in got)
        ):  # f at a root that is no fraction is not known
            yield f"{what}({place!r}) = {size_of(got[0])!r} is not {end!r}"
        return
    if isfinite(place):
        breakpoints = breakpoint_near(sample, place)
        levels = [s.level(side, k) for s in breakpoints for side in (False, True)]
        levels += [
            [size_of(s.here)] * 6 for s in breakpoints if k == 0 and s.here not in (None, UNKNOWN)
        ]
        if not levels or None in levels:
            return
        if isfinite(end):
            if not any(near(v[-1], end, 1e-4, 1e-6) or _nearing(v, end) for v in levels if v):
                yield f"{what} does not come near to {end!r} at {place!r}: {levels}"
        elif not any(
            level[-1] * sign > level[0] * sign or level[-1] == end for level in levels if level
        ):
            yield f"{what} is not unbounded at {place!r}"
        return
    side = 1 if place > 0 else -1
    far = []
    factors = "1", "1.37", "2.9", "4.4", "6.1"
    places = [(e, Fraction(factor) * 10**e) for e in (2, 5, 20, 100, 300) for factor in factors]
    places += [(5, 10**5 + Fraction(37 * step, 100)) for step in range(30)]  # all of a wave
    for exponent, x in places:
        with suppress(ArithmeticError):
            x += Fraction(13 * len(far) ** 2 + 7, 101)
            far.append((exponent, size_of(sample.formula(side * x, k)[k])))
    if len(far) < 12:
        return
    best = max(far, key=lambda item: item[1] * sign)[1]
    if isfinite(end):
        near_end = near(best, end, 0.05, 0.02) or (
            sign * (best - end) < 0 and _still_moving(far, sign)
        )
        if not near_end:
            yield f"{what} is at most {best!r} far out, not near to {end!r}"
    else:
        first = max(item[1] * sign for item in far if item[0] == 2)
        if k == 0 and not (
            best * sign > first or first == inf
        ):  # steep places are not met by chance
            yield f"{what} does not grow towards {where}"


def range_(sample: Sample, row: Any) -> Complaints:
    numbers: list[tuple[Fraction, Number]] = [(p.x, p.value) for p in sample.known]  # type: ignore[misc]
    grid, values = sample.grid, sample.rough_values
    finite = np.where(np.isfinite(values), values, 0)
    for i in (int(np.argmax(finite)), int(np.argmin(finite))):
        p = sample.point(Fraction(grid[i]))
        if p.known:
            numbers.append((p.x, p.value))  # type: ignore[arg-type]
    for breakpoint in sample.breakpoints:
        for side in breakpoint.sides:
            for step, v in enumerate(side):
                if v is not None and v is not UNKNOWN:
                    numbers.append((_beside(breakpoint, side is breakpoint.sides[1], step), v[0]))
    yield from _extremes(sample, row, numbers, 0)


def _beside(breakpoint: Breakpoint, right: bool, index: int) -> Fraction:

    step = (abs(breakpoint.low) or Fraction(1)) / 10 ** breakpoint.steps[index]
    return breakpoint.high + step if right else breakpoint.low - step


def gradient_range(sample: Sample, row: Any) -> Complaints:
    numbers = [(p.x, p.slope) for p in sample.known if p.slope is not None]
    grid, values = sample.grid, sample.rough_values
    with np.errstate(all="ignore"):
        slopes = np.diff(values) / np.diff(grid)
    finite = np.where(np.isfinite(slopes), slopes, 0)
    for i in (int(np.argmax(finite)), int(np.argmin(finite))):
        p = sample.point(Fraction((grid[i] + grid[i + 1]) / 2))
        if p.slope is not None:
            numbers.append((p.x, p.slope))
    for breakpoint in sample.breakpoints:
        if breakpoint.gap(0) in ("none", "finite"):
            for side in breakpoint.sides:
                for step, v in enumerate(side):
                    if v is not None and v is not UNKNOWN:
                        numbers.append(
                            (_beside(breakpoint, side is breakpoint.sides[1], step), v[1])
                        )
    yield from _extremes(sample, row, numbers, 1)


def saturates(side: int) -> Callable[[Sample, Any], Complaints]:
    def saturates(sample: Sample, row: Any) -> Complaints:
        for key, k in (("limit", 0), ("gradient_limit", 1)):
            if k and row.value["limit"] is None:
                continue  # a wave: its steep places are not met by chance
            yield from _limit(sample, row.value[key], side, k, key)
        limits = [row.value["limit"], row.value["gradient_limit"]]
        levels_off = (
            limits[0] is not None and isfinite(figure(limits[0])) and limits[1] is not None
            and abs(figure(limits[1])) < 1e-12
        )  # fmt: skip
        if (row.verdict == "proved") != levels_off:
            yield "the verdict does not fit the limits"

    return saturates


def far_values(sample: Sample, side: int, k: int) -> list[float]:
    """f^(k) further and further out."""
    found = []
    for i, text in enumerate(FAR):
        x = side * (Fraction(text) + Fraction(13 * i * i + 7, 101))  # at no fixed place of a wave
        try:
            found.append(size_of(sample.formula(x, k)[k]))
        except ArithmeticError:
            if i > 6:
                return []  # what happens far out is not known
    return found


def _limit(sample: Sample, limit: Any, side: int, k: int, key: str) -> Complaints:
    far = far_values(sample, side, k)
    if len(far) < 6:
        return
    if limit is None:
        if all(abs(v) < 1e9 and near(v, far[0], 1e-13, 1e-16 * min(1, abs(far[0]))) for v in far):
            yield f"the {key} exists: {far[-1]!r}"
        elif all(v == far[-1] for v in far[4:]) and not isfinite(far[-1]):
            yield f"the {key} is {far[-1]!r}"
        return
    value = figure(limit)
    if isfinite(value):
        settled = [v for v in far[-5:] if near(v, far[-1], 1e-9, 1e-13)]
        if len(settled) == 5 and not near(far[-1], value, 1e-8, 1e-11):
            yield f"the {key} is {far[-1]!r}, not {value!r}"
        elif not near(far[-1], value, 0.05, 0.05):
            yield f"far out it is {far[-3:]}, not near to the {key} {value!r}"
    else:
        sign = 1 if value > 0 else -1
        rising = all(sign * b > sign * a for a, b in pairwise(far))  # 1e-8*log(x) too
        large = sign * far[-1] > 1 and sign * far[-1] >= max(sign * v for v in far[:3])
        if not (large or rising):
            yield f"far out it is {far[-3:]}, the {key} is not {value!r}"
