"""How often the larger of two standard normal inputs gives the larger output."""

from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Any

import numpy as np

from ..numbers.gauss import normal_cdf
from ..numbers.recorder import Program
from ..proofs import Shape, Undecided
from .quadrature import REACH, spread, tanh_sinh

Array = Any


@dataclass
class _Run:
    """A monotone or constant stretch: f there, its ends, and the levels at its ends."""

    program: Program
    low: float
    high: float
    sign: int
    start: float = 0.0  # f at low
    stop: float = 0.0  # f at high


def order_kept_probability(shape: Shape) -> float:
    """P(f(a) < f(b) | a < b) for independent standard normal a and b, to 1e-8.

    The line is cut into monotone stretches and the values into bands between the stretches' end
    levels; pairs from different bands are counted by their masses, those within one by quadrature.
    """
    runs = [run for run in _runs(shape) if run.high > run.low]
    levels = _levels([v for run in runs for v in (run.start, run.stop)])
    spans = [sorted(_index(levels, v) for v in (run.start, run.stop)) for run in runs]
    crowd = np.zeros(len(levels))
    for first, last in spans:
        crowd[first:last] += 1
    if crowd.sum() > 5000:
        raise Undecided("too many stretches for the share of pairs that keep their order")
    pairs = [
        (run, levels[k])
        for run, (first, last) in zip(runs, spans, strict=True)
        for k in range(first + 1, last)[:: run.sign or 1]
    ]
    cuts = iter(_inverse(pairs))
    masses = np.zeros((len(runs), 2 * len(levels)))
    parts: dict[int, list[_Run]] = {}
    for i, (run, (first, last)) in enumerate(zip(runs, spans, strict=True)):
        if run.sign == 0 or first == last:
            masses[i, 2 * first] = _normal_mass(run.low, run.high)
            continue
        ends = [run.low, *(float(next(cuts)) for _ in range(first + 1, last)), run.high]
        for k, (a, b) in enumerate(pairwise(ends)):
            band = first + k if run.sign > 0 else last - 1 - k
            masses[i, 2 * band + 1] = _normal_mass(a, b)
            top, floor = levels[band + 1], levels[band]
            rising = (floor, top) if run.sign > 0 else (top, floor)
            parts.setdefault(band, []).append(_Run(run.program, a, b, run.sign, *rising))
    below = np.cumsum(masses, axis=1) - masses  # mass of a run in lower bands
    before = np.cumsum(below, axis=0) - below  # ... of all runs further left
    total = float((before * masses).sum())
    total += sum(float(masses[i].sum()) ** 2 / 2 for i, run in enumerate(runs) if run.sign > 0)
    few = float((crowd**2).sum()) < 300
    for found in parts.values():
        if len(found) > 1:
            total += _pairs_in_band(found) if few else _crowd_in_band(found)
    return min(1.0, max(0.0, round(2 * total, 12)))


def _pairs_in_band(found: list[_Run]) -> float:
    """P(a in an earlier run, b in a later one, f(a) < f(b)): tanh-sinh sums over b."""
    u, weight = tanh_sinh(0.08)
    total = 0.0
    for k, later in enumerate(found[1:], 1):
        a, b = later.low, later.high
        x = spread(u, a, b)
        level = _read(later.program, x)[0]
        share = (b - a) * weight * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
        for run in found[:k]:
            total += float((share * _mass_below(run, _inverse([(run, t) for t in level]))).sum())
    return total


def _crowd_in_band(found: list[_Run]) -> float:
    """The same for many runs, which all cross the band: Gauss sums over the level.

    With the level at middle - half*cos(angle), places are smooth functions of the angle also where
    a run turns at an end of the band.
    """
    answers = []
    floor, top = sorted((found[0].start, found[0].stop))
    for count in (24, 40):
        node_, weight = np.polynomial.legendre.leggauss(count)
        angle = (node_ + 1) * (np.pi / 2)
        level = (top + floor) / 2 - (top - floor) / 2 * np.cos(angle)
        places = _inverse([(run, t) for run in found for t in level]).reshape(-1, count)
        lower = np.array([_mass_below(r, x) for r, x in zip(found, places, strict=True)])
        slopes = np.array(
            [np.abs(_read(r.program, x)[1]) for r, x in zip(found, places, strict=True)]
        )
        density = np.exp(-places * places / 2) / np.sqrt(2 * np.pi) / slopes
        rate = weight * (np.pi / 2) * (top - floor) / 2 * np.sin(angle)
        earlier = np.cumsum(lower, axis=0) - lower
        answers.append(float((earlier * density * rate).sum()))
    if not abs(answers[1] - answers[0]) < 1e-10 * len(found):
        return _pairs_in_band(found)
    return answers[1]


def _mass_below(run: _Run, x: Array) -> Array:
    """P(Z in the run, f(Z) < f(x)) for places x in the run."""
    start = run.low if run.sign > 0 else run.high
    return np.abs(_cdf(x) - _cdf(np.array([start])))


def _runs(shape: Shape) -> list[_Run]:
    """The stretches of the gradient's sign within +-8.5."""
    found = []
    for index, stretch in shape.known_pattern(1):
        low, high = max(-REACH, stretch.low.number), min(REACH, stretch.high.number)
        if high <= low:
            continue
        run = _Run(shape.program(index, 0), low, high, stretch.sign or 0)
        run.start, run.stop = (_end_level(run, x) for x in (low, high))
        if run.sign == 0:
            run.start = run.stop = _end_level(run, (low + high) / 2)
        found.append(run)
    return found


def _end_level(run: _Run, x: float) -> float:
    """f at an end, or just inside where it is not finite there."""
    inward = 1 if x <= run.low else -1
    for step in (0.0, 1e-14, 1e-11):
        near = x + inward * step * max(1.0, abs(x))
        value = float(_read(run.program, np.array([near], np.longdouble))[0][0])
        if isfinite(value):
            return value
    raise Undecided(f"no value near {x:.6g}")


def _read(program: Program, x: Array) -> list[Array]:
    with np.errstate(all="ignore"):
        return [np.broadcast_to(np.asarray(v, x.dtype), x.shape) for v in program.run(x)]


def _levels(values: list[float]) -> list[float]:
    """Ascending; values that differ by rounding alone are one."""
    kept: list[float] = []
    for value in sorted(values):
        if not kept or value - kept[-1] > 1e-14 * abs(value):
            kept.append(value)
    return kept


def _index(levels: list[float], value: float) -> int:
    return min(range(len(levels)), key=lambda k: abs(levels[k] - value))


def _inverse(pairs: list[tuple[_Run, float]]) -> Array:
    """Where monotone runs take the given levels."""
    found = np.empty(len(pairs))
    groups: dict[int, list[int]] = {}
    for k, (run, _) in enumerate(pairs):
        groups.setdefault(id(run.program), []).append(k)
    wide = np.longdouble if len(pairs) < 2000 else np.float64
    for chosen in groups.values():
        low, high, start, stop, sign, target = np.array(
            [(r.low, r.high, r.start, r.stop, r.sign, t) for r, t in (pairs[k] for k in chosen)],
            wide,
        ).T
        share = (target - start) / np.where(stop == start, 1, stop - start)
        x = low + (high - low) * np.clip(share, 0.01, 0.99)
        found[chosen] = _solve(pairs[chosen[0]][0].program, low, high, sign, target, x)
    return found


def _solve(
    program: Program, low: Array, high: Array, sign: Array, target: Array, x: Array
) -> Array:
    """Newton's steps kept between shrinking brackets; the bracket is halved where they are slow."""
    before = high - low
    found, todo = x.copy(), np.arange(len(x))
    for _ in range(90):
        value, slope = _read(program, x)
        gap = (value - target) * sign
        low, high = np.where(gap <= 0, x, low), np.where(gap >= 0, x, high)
        with np.errstate(all="ignore"):
            step = gap / (slope * sign)
        newton, size = x - step, np.abs(step)
        done = (size < 1e-13) | (high - low < 1e-12)
        found[todo] = x
        if done.all():
            break
        halve = (size > 0.7 * before) | ~((newton > low) & (newton < high))
        x, before = np.where(halve, (low + high) / 2, newton), size
        if done.any():
            left = ~done
            x, before, low, high = x[left], before[left], low[left], high[left]
            sign, target, todo = sign[left], target[left], todo[left]
    return found


def _cdf(x: Array) -> Array:
    return normal_cdf(x.astype(float))


def _normal_mass(low: float, high: float) -> float:
    a, b = (-high, -low) if low > 0 else (low, high)
    ends = _cdf(np.array([a, b]))
    return float(ends[1] - ends[0])
