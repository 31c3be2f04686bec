"""Distances of `compare` and the numbers of `table` against the independent evaluation."""

import random
from collections.abc import Iterator
from fractions import Fraction
from math import inf, isfinite, isnan
from typing import Any

import numpy as np

from .checks import figure, meanings, near, show
from .exact import Formula, Undefined, Unknown, order, size_of
from .sample import UNKNOWN, Sample, literals

Complaints = Iterator[str]
WAVES = ("sin", "cos", "tan(", "snake", "gcu")


class Gap:
    """|f^(k) - g^(k)|, or that over |f^(k)|, at fractions; None where something is missing."""

    def __init__(
        self, f: str, g: str, k: int, r: random.Random, seconds: float = 0.2, relative: bool = False
    ) -> None:
        self.k = k
        self.relative = relative
        self.samples = Sample(f, r, seconds), Sample(g, r, seconds)
        self.difference = Formula(f"({f}) - ({g})")

    def at(self, x: Fraction) -> Any:
        try:
            gap = self.difference(x, self.k)[self.k]
            if self.relative:
                base = self.samples[0].formula(x, self.k)[self.k]
                if order(base, Fraction(0)) == 0:
                    return None
                gap = gap / base
        except (Undefined, Unknown):
            return None
        return -gap if order(gap, Fraction(0)) < 0 else gap

    @property
    def places(self) -> list[Fraction]:
        found = {p.x for s in self.samples for p in s.points}
        for s in self.samples:
            for breakpoint in s.breakpoints:
                scale = abs(breakpoint.low) or Fraction(1)
                for d in (Fraction(1, 10**6), Fraction(1, 10**20)):
                    found |= {breakpoint.low - d * scale, breakpoint.high + d * scale}
        kept = sorted(found)
        self.samples[0].r.shuffle(kept)
        return sorted(kept[:90])


def check_distance(
    gap: Gap, result: Any, limits: tuple[float, float] | None = None, whole: Any = None
) -> Complaints:
    """What is false in a certified supremum (value, where, low, high)."""
    if result.value is None:
        return
    value, low, high = result.value, result.low, result.high
    slack = 1e-12 * abs(value) + 1e-300
    if value < inf and not low - slack <= value <= high + slack:
        yield f"{value!r} lies outside of its interval [{low!r}, {high!r}]"
    if whole is not None and whole.value is not None and low > whole.high * (1 + 1e-12):
        yield f"on {limits} it is {value!r}, on the line {whole.value!r}"
    for x in gap.places:
        if limits and not limits[0] <= x <= limits[1]:
            continue
        got = gap.at(x)
        if got is not None and isfinite(high) and size_of(got) > high * (1 + 1e-11) + 1e-14:
            yield f"at {show(x)} it is {size_of(got)!r}, above {high!r}"
            break
    yield from _top(gap, value, result.where, limits)


def _top(gap: Gap, value: float, where: float, limits: Any) -> Complaints:
    """Whether the value is attained or approached at `where`."""
    if value == inf:
        if isfinite(where):
            row = _approach(gap, where)
            if len(row) >= 6 and max(row) < 1e3:
                yield f"not unbounded near {where!r}: {max(row)!r}"
        else:
            sign = 1 if where > 0 else -1
            row = [gap.at(sign * Fraction(10) ** k) for k in (1, 3, 8, 30, 100, 300)]
            row = [size_of(v) for v in row if v is not None]
            rising = len(row) > 4 and row[-3] < row[-2] < row[-1]  # x**1e-17 too
            grown = rising or inf in row[2:] or (row[2:] and max(row[2:]) > max(row[0], 1e-3))
            steep = gap.k == 1 and any(wave in gap.difference.text for wave in WAVES)
            if len(row) > 4 and not (grown or steep):  # steep places of waves are not met by chance
                yield f"not unbounded towards {where!r}: {row}"
        return
    if isfinite(where):
        row = _approach(gap, where)
        if row and not any(near(v, value, 1e-6, 1e-11) for v in row):
            yield f"at {where!r} it is {max(row)!r}, not {value!r}"
    else:
        sign = 1 if where > 0 else -1
        far = [
            gap.at(sign * Fraction(f) * 10**k)
            for k in (2, 9, 50, 150, 300)
            for f in ("1", "3.3", "4.7")
        ]
        row = [size_of(v) for v in far if v is not None]
        if len(row) > 8 and not any(near(v, value, 0.05, 1e-9) for v in row):
            yield f"towards {where!r} it is {row[-1]!r}, not {value!r}"


def _approach(gap: Gap, where: float) -> list[float]:
    found = []
    for centre in meanings(where):
        scale = abs(centre) or Fraction(1)
        for d in (
            0,
            Fraction(1, 10**15),
            -Fraction(1, 10**15),
            Fraction(1, 10**25),
            -Fraction(1, 10**25),
        ):
            got = gap.at(centre + d * scale)
            if got is not None:
                found.append(size_of(got))
    return found


# -- tables ---------------------------------------------------------------------------------------
def check_table(
    sample: Sample, activation: Any, rows: dict[str, Any], registered: bool
) -> Complaints:
    """Printed values and gradients against the truth, where plain arithmetic gets it right."""
    points = [p for p in sample.points if p.value is not UNKNOWN and Fraction(size_of(p.x)) == p.x]
    x = np.array([size_of(p.x) for p in points])
    value, gradient = activation.value_and_gradient(x)
    rough = sample.rough(x)
    h = 1e-6 * (1 + np.abs(x))
    with np.errstate(all="ignore"):
        slopes = (sample.rough(x + h) - sample.rough(x - h)) / (2 * h)
    rounded = {b.place for b in sample.breakpoints if Fraction(b.place) != b.x}
    for i, p in enumerate(points):
        if x[i] in rounded:
            continue  # it counts as the breakpoint
        if not (p.x == 0 or 1e-100 < abs(x[i]) < 1e100):
            continue
        if p.value is None:
            if isfinite(value[i]) and not isfinite(rough[i]):
                yield f"table value: f({show(p.x)}) is not defined, but {value[i]!r} is printed"
            continue
        true = size_of(p.value)
        with np.errstate(all="ignore"):
            beside = sample.rough(x[i] * (1 + np.array([-3, -2, -1, 1, 2, 3]) * 2.0**-52))
        reach = 0.0 if p.slope is None else abs(size_of(p.x * p.slope))
        steady = all(near(true, v, 1e-9, 1e-300 + 1e-14 * reach) for v in beside)
        plain = isfinite(true) and near(true, rough[i], 1e-11, 1e-300) and steady
        if plain and not near(true, float(value[i]), 1e-8, 1e-290 + 1e-11 * reach):
            yield f"table value: f({show(p.x)}) = {true!r}, not {value[i]!r}"
        elif registered and isfinite(true) and abs(value[i] - true) > 4.6 * np.spacing(abs(true)):
            yield f"table ulps: f({show(p.x)}) = {true!r}, not {value[i]!r}: over 4 ulp"
        told = isfinite(gradient[i]) or registered or p.x == 0  # as typed, products may overflow
        if p.slope is not None and plain and told:
            steep, printed = size_of(p.slope), float(gradient[i])
            noise = 1e-14 * abs(true / x[i]) if x[i] else 0.0  # quotients cancel as typed
            if near(steep, slopes[i], 1e-5, 1e-9) and not near(steep, printed, 1e-6, 1e-5 + noise):
                yield f"table gradient: f'({show(p.x)}) = {steep!r}, not {printed!r}"
    yield from _gradient_at_breakpoints(sample, activation, rows)
    yield from _equals(rows, points, x, value, rough)
    yield from _infinities(sample, activation, rows)


def _equals(rows: dict[str, Any], points: list[Any], x: Any, value: Any, rough: Any) -> Complaints:
    """What is proved equal prints equal, where plain arithmetic keeps the digits."""
    from actcli.evaluation.function_text import resolve

    row = rows.get("same_as")
    for name in row.value or [] if row is not None and row.verdict == "proved" else []:
        other = resolve(name)(x)
        for i, p in enumerate(points):
            plain = p.value is not None and near(size_of(p.value), float(rough[i]), 1e-14, 0.0)
            if plain and not near(float(other[i]), float(value[i]), 1e-13, 1e-300):
                yield f"table equal: {value[i]!r} at {show(p.x)}, {name} has {other[i]!r}"


def _gradient_at_breakpoints(sample: Sample, activation: Any, rows: dict[str, Any]) -> Complaints:
    row = rows.get("differentiable")
    for breakpoint in sample.breakpoints:
        if not breakpoint.exact or Fraction(breakpoint.place) != breakpoint.x:
            continue
        if (
            abs(breakpoint.place) > 1e100
            or any(breakpoint.gap(k) != "none" for k in (0, 1))
            or breakpoint.off() != "none"
        ):
            continue
        left = breakpoint.level(False, 1)
        at = np.array([breakpoint.place])
        printed = float(activation.gradient(at)[0])
        if not near(size_of(breakpoint.here), float(sample.rough(at)[0])):
            continue  # plain arithmetic is on another branch
        if isnan(printed) and (abs(breakpoint.place) > 100 or max(literals(sample.text)) > 100):
            continue  # as typed, products overflow
        if left and isfinite(left[-1]) and not near(left[-1], printed, 1e-5, 1e-6):
            known = (
                "proved differentiable" if row is not None and row.verdict == "proved" else "smooth"
            )
            yield f"table breakpoint: f' at {breakpoint.place!r} ({known}) is {left[-1]!r}, not {printed!r}"


def _infinities(sample: Sample, activation: Any, rows: dict[str, Any]) -> Complaints:
    if not {"saturates_left", "saturates_right"} & rows.keys():
        return
    ends = np.array([-inf, inf])
    value, gradient = activation.value_and_gradient(ends)
    for i, side in enumerate(("saturates_left", "saturates_right")):
        row = rows.get(side)
        if row is None or row.verdict not in ("proved", "refuted"):
            continue
        for key, printed in (("limit", value[i]), ("gradient_limit", gradient[i])):
            limit = row.value[key]
            number = float("nan") if limit is None else figure(limit)
            same = isnan(printed) if isnan(number) else near(number, float(printed), 1e-9, 1e-11)
            if not same:
                yield f"table infinity: at {ends[i]} the {key} is {printed!r}, proved {limit!r}"
