"""What a function does to stored pre-activations, in one pass and constant memory.

Means and variances of blocks are joined by the formulas of Chan, Golub and LeVeque (1979).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import inf, isfinite, log, sqrt
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.exact import SATURATED
from ..numbers.jet import Jet, slope_of
from ..numbers.types import Array, Floats
from ..sampling.states import dead, dead_intervals
from .stored import Stored

COLUMNS = (
    "file", "array", "function", "count", "units", "nan", "infinite", "dead", "dead_units",
    "saturated", "alive", "linear_share", "mean_before", "variance_before", "mean_after",
    "variance_after", "gradient_factor", "suggestion", "suggestion_factor",
)  # fmt: skip
ROOM = 1 << 24  # bytes; else every array of a block is new memory, three times as slow
KEPT = 1 << 16  # numbers of an array by which functions are suggested
LEAST = np.finfo(float).tiny  # variance: below it squares have lost digits


@dataclass
class Sums:
    """Counts, means and sums of squares of deviations per unit: arrays of shape (units,)."""

    count: Any
    nan: Any
    infinite: Any
    dead: Any
    saturated: Any
    mean: Floats  # (2, units): of z and f(z)
    square: Floats  # (3, units): of z, f(z), and their products
    gradient: Floats  # sum of squares of f'

    @classmethod
    def nothing(cls, units: int) -> "Sums":
        a, b, c, d, e = (np.zeros(units, np.int64) for _ in range(5))
        return cls(a, b, c, d, e, np.zeros((2, units)), np.zeros((3, units)), np.zeros(units))

    @property
    def finite(self) -> Any:
        """The numbers that means are taken of."""
        return self.count - self.nan - self.infinite

    @np.errstate(over="ignore", invalid="ignore")
    def add(self, other: "Sums") -> None:
        """Joins those of further examples of the same units."""
        n, m = self.finite, other.finite
        total = np.maximum(n + m, 1)
        gap = other.mean - self.mean
        share = n * m / total
        self.square += other.square
        self.square[0] += gap[0] ** 2 * share
        self.square[1] += gap[1] ** 2 * share
        self.square[2] += gap[0] * gap[1] * share
        self.mean += gap * (m / total)
        for name in ("count", "nan", "infinite", "dead", "saturated", "gradient"):
            setattr(self, name, getattr(self, name) + getattr(other, name))

    def whole(self) -> "Sums":
        """Those of all units as one."""
        found = Sums.nothing(1)
        for k in range(len(self.count)):
            found.add(self.only(k))
        return found

    def only(self, unit: int) -> "Sums":
        """Those of one unit."""
        part = slice(unit, unit + 1)
        return Sums(
            self.count[part], self.nan[part], self.infinite[part], self.dead[part],
            self.saturated[part], self.mean[:, part].copy(), self.square[:, part].copy(),
            self.gradient[part],
        )  # fmt: skip


@np.errstate(all="ignore")
def sums_of(f: Activation, z: Array) -> Sums:
    """The sums of one block, (examples, units), not all of them finite perhaps."""
    found = Sums.nothing(z.shape[1])
    found.count[:] = z.shape[0]
    wide = z.astype(np.float64, copy=False)
    sums = np.add.reduce(wide, axis=0)
    good: Any = None  # all of them
    if not np.isfinite(sums).all():  # also where finite ones add up to more than a double
        good = np.isfinite(z)
        found.nan[:] = np.isnan(z).sum(axis=0)
        found.infinite[:] = np.isinf(z).sum(axis=0)
        z = np.where(good, z, 0)
        wide = z.astype(np.float64, copy=False)
        sums = np.add.reduce(wide, axis=0)
    value, slope = f.value_and_gradient(wide)
    flat = dead(f, z, slope)
    still = np.abs(slope) < SATURATED
    if good is not None:
        flat, still = flat & good, still & good
        value, slope = np.where(good, value, 0), np.where(good, slope, 0)
    found.dead[:] = _counts(flat)
    found.saturated[:] = _counts(still) - found.dead
    n = np.maximum(found.finite, 1)
    found.mean[:] = sums / n, np.add.reduce(value, axis=0) / n
    if good is not None and not np.isfinite(found.mean).all():
        found.mean[:] = [np.add.reduce(v / n, axis=0) for v in (wide, value)]
    dz, df = wide - found.mean[0], value - found.mean[1]
    if good is not None:
        dz, df = np.where(good, dz, 0), np.where(good, df, 0)
    for row, (one, other) in enumerate(((dz, dz), (df, df), (dz, df))):
        found.square[row] = np.einsum("ij,ij->j", one, other)
    found.gradient[:] = np.einsum("ij,ij->j", slope, slope)
    return found


def _counts(chosen: Any) -> Any:
    """How many of each column are chosen."""
    bytes_ = np.ascontiguousarray(chosen).view(np.uint8)
    parts = [
        np.add.reduce(bytes_[k : k + 255], axis=0, dtype=np.uint8)
        for k in range(0, len(bytes_), 255)
    ]
    return np.sum(parts, axis=0, dtype=np.int64)


def summaries(
    functions: Sequence[Activation], array: Stored, units: int | None, per_unit: bool, best: int = 1
) -> Iterator[dict[str, Any]]:
    """The records of one array: one for each function, or one for each of its units."""
    np.empty(ROOM, np.uint8)  # once freed, the C library keeps that much for the blocks' arrays
    width = array.count_units(units)
    found = [Sums.nothing(width) for _ in functions]
    kept = Kept(width)
    for block in array.blocks(units):
        kept.add(block)
        for f, sums in zip(functions, found, strict=True):
            sums.add(sums_of(f, block))
    suggestions = kept.suggestions(best)
    named = " ".join(name for name, _ in suggestions)
    factor = suggestions[0][1] if suggestions else None
    for f, sums in zip(functions, found, strict=True):
        gone = (sums.dead == sums.finite) & (sums.finite > 0)
        parts = [sums.only(k) for k in range(width)] if per_unit else [sums.whole()]
        for unit, part in enumerate(parts):
            record = _record(array, f, part, width, gone[unit : unit + 1] if per_unit else gone)
            record |= {"suggestion": named or None, "suggestion_factor": factor}
            yield record | ({"unit": unit} if per_unit else {})


def _record(array: Stored, f: Activation, sums: Sums, units: int, dead: Any) -> dict[str, Any]:
    n = int(sums.finite[0])
    variance = [float(v) / n if n else None for v in sums.square[:, 0]]
    before, after, both = variance
    linear = None
    if before and after and both is not None and min(before, after) >= LEAST:
        share_of_each = both / before * (both / after)
        linear = min(share_of_each, 1.0) if isfinite(share_of_each * after) else None
    share = [float(v[0]) / n if n else None for v in (sums.dead, sums.saturated)]
    alive = None if share[0] is None or share[1] is None else 1 - share[0] - share[1]
    return {
        "file": array.file,
        "array": array.array or None,
        "function": f.label,
        "count": int(sums.count[0]),
        "units": units,
        "nan": int(sums.nan[0]),
        "infinite": int(sums.infinite[0]),
        "dead": share[0],
        "dead_units": int(dead.sum()),
        "saturated": share[1],
        "alive": None if alive is None else max(alive, 0.0),
        "linear_share": linear,
        "mean_before": float(sums.mean[0, 0]) if n else None,
        "variance_before": before,
        "mean_after": float(sums.mean[1, 0]) if n else None,
        "variance_after": after,
        "gradient_factor": sqrt(float(sums.gradient[0]) / n) if n else None,
    }


def sample(array: Stored, units: int | None) -> Floats:
    """Some finite numbers of an array, of examples evenly spread: (n,). ValueError without any."""
    kept = Kept(array.count_units(units))
    for block in array.blocks(units):
        kept.add(block)
    numbers: Floats = np.concatenate([row.astype(np.float64) for row in kept.rows] or [np.zeros(0)])
    numbers = numbers[np.isfinite(numbers)]
    if not numbers.size:
        raise ValueError(f"{array.file!r} holds no finite numbers to draw")
    return numbers


class Kept:
    """Some examples of an array, evenly spread, and the ends of each unit: for suggestions."""

    def __init__(self, units: int) -> None:
        self.units = units
        self.every = 1
        self.seen = 0
        self.rows: list[Array] = []
        self.low = np.full(units, inf)
        self.high = np.full(units, -inf)

    def add(self, block: Array) -> None:
        """Keeps every so many examples of a block; fewer of all when they become too many."""
        with np.errstate(all="ignore"):
            low, high = block.min(axis=0, initial=inf), block.max(axis=0, initial=-inf)
        if np.isfinite(low).all() and np.isfinite(high).all():
            self.low, self.high = np.minimum(self.low, low), np.maximum(self.high, high)
        else:
            good = np.isfinite(block)
            self.low = np.minimum(self.low, np.where(good, block, inf).min(axis=0, initial=inf))
            self.high = np.maximum(self.high, np.where(good, block, -inf).max(axis=0, initial=-inf))
        first = -self.seen % self.every
        self.rows += list(np.array(block[first :: self.every]))
        self.seen += len(block)
        while len(self.rows) > 1 and len(self.rows) * self.units > KEPT:
            self.rows = self.rows[::2]
            self.every *= 2

    def suggestions(self, count: int) -> list[tuple[str, float]]:
        """The registered functions with a gradient factor nearest 1, best first."""
        if not self.rows or not count:
            return []
        z = np.stack(self.rows)
        good = np.isfinite(z)
        numbers = z[good]
        if not numbers.size:
            return []
        found = []
        numbers = numbers.astype(np.float64)
        for f in _registered():
            factor = _factor(f, numbers)
            if 0 < factor < inf:
                found.append((abs(log(factor)), f.label, factor, f))
        found.sort(key=lambda each: each[0])
        kept: list[tuple[str, float]] = []
        for _, label, factor, f in found:  # what is proved is asked in order, until it is enough
            if len(kept) == count:
                break
            if not self._has_dead_unit(f, z, good) and _is_suggestible(f):
                kept.append((label, factor))
        return kept

    def _has_dead_unit(self, f: Activation, z: Array, good: Any) -> bool:
        zones = dead_intervals(f)
        if not zones:
            return False
        inside = np.zeros(z.shape, bool)
        for low, high in zones:
            if ((self.low > low) & (self.high < high)).any():
                return True
            inside |= (z > low) & (z < high)
        return bool(((inside | ~good).all(axis=0) & good.any(axis=0)).any()) and len(zones) > 1


@np.errstate(all="ignore")
def _factor(f: Activation, numbers: Floats) -> float:
    """The gradient factor; in plain arithmetic, unless that fails in a tail."""
    slope: Any = slope_of(f.read(Jet(numbers, 1)))
    factor = float(np.sqrt(np.mean(slope * slope)))
    if not factor < inf:
        factor = float(np.sqrt(np.mean(np.asarray(f.gradient(numbers)) ** 2)))
    return factor


@cache
def _registered() -> list[Activation]:
    from ..evaluation.function_text import resolve
    from ..functions.catalogue import names

    return [resolve(name) for name in names()]


@cache
def _is_suggestible(f: Activation) -> bool:
    """Whether the gradient is bounded, and the function neither affine nor abs: all of it proved."""
    from ..properties import check

    verdicts = check(f, ["nonlinear", "gradient_range"])
    return f.name != "abs" and all(v.verdict == "proved" for v in verdicts)
