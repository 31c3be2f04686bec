"""What a function does to stored pre-activations, in one pass and constant memory.

Means and variances of blocks are joined by the formulas of Chan, Golub and LeVeque (1979).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from math import inf, log, sqrt
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.exact import SATURATED
from ..numbers.types import Array, Floats
from .stored import Stored

COLUMNS = (
    "file", "array", "function", "count", "units", "nan", "infinite", "dead", "dead_units",
    "saturated", "alive", "linear_share", "mean_before", "variance_before", "mean_after",
    "variance_after", "gradient_factor", "suggestion", "suggestion_factor",
)  # fmt: skip
KEPT = 1 << 16  # numbers of an array by which functions are suggested


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


@cache
def dead_intervals(f: Activation) -> tuple[tuple[float, float], ...]:
    """The intervals on which f is constant, as they are proved; () if that is open."""
    from ..properties import check

    (verdict,) = check(f, ["dead_zone"])
    value = verdict.value
    return tuple((float(a), float(b)) for a, b in value) if isinstance(value, list) else ()


@np.errstate(all="ignore")
def sums_of(f: Activation, z: Array) -> Sums:
    """The sums of one block, (examples, units), not all of them finite perhaps."""
    found = Sums.nothing(z.shape[1])
    good = np.isfinite(z)
    found.count[:] = z.shape[0]
    if good.all():
        weight: Any = None
    else:
        found.nan[:] = np.isnan(z).sum(axis=0)
        found.infinite[:] = np.isinf(z).sum(axis=0)
        weight = good
        z = np.where(good, z, 0)
    value, slope = (np.asarray(v, np.float64) for v in f.value_and_gradient(z))
    z = z.astype(np.float64, copy=False)
    flat = np.zeros(z.shape, bool)
    for low, high in dead_intervals(f):
        flat |= (z > low) & (z < high)
        if np.isfinite(low):  # the end belongs to the piece where the gradient says so
            flat |= (z == low) & (slope == 0)
        if np.isfinite(high):
            flat |= (z == high) & (slope == 0)
    still = (np.abs(slope) < SATURATED) & ~flat
    if weight is not None:
        flat &= weight
        still &= weight
    found.dead[:], found.saturated[:] = flat.sum(axis=0), still.sum(axis=0)
    n = np.maximum(found.finite, 1)
    if weight is not None:
        value, slope = np.where(weight, value, 0), np.where(weight, slope, 0)
    found.mean[:] = z.sum(axis=0) / n, value.sum(axis=0) / n
    dz, df = z - found.mean[0], value - found.mean[1]
    if weight is not None:
        dz, df = np.where(weight, dz, 0), np.where(weight, df, 0)
    for row, (a, b) in enumerate(((dz, dz), (df, df), (dz, df))):
        found.square[row] = np.einsum("ij,ij->j", a, b)
    found.gradient[:] = np.einsum("ij,ij->j", slope, slope)
    return found


def summaries(
    functions: Sequence[Activation], array: Stored, units: int | None, per_unit: bool, best: int = 1
) -> Iterator[dict[str, Any]]:
    """The records of one array: one for each function, or one for each of its units."""
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
        dead = (sums.dead == sums.finite) & (sums.finite > 0)
        parts = [sums.only(k) for k in range(width)] if per_unit else [sums.whole()]
        for unit, part in enumerate(parts):
            record = _record(array, f, part, width, dead[unit : unit + 1] if per_unit else dead)
            record |= {"suggestion": named or None, "suggestion_factor": factor}
            yield record | ({"unit": unit} if per_unit else {})


def _record(array: Stored, f: Activation, sums: Sums, units: int, dead: Any) -> dict[str, Any]:
    n = int(sums.finite[0])
    variance = [float(v) / n if n else None for v in sums.square[:, 0]]
    before, after, both = variance
    linear = None
    if before and after and both is not None:
        linear = min(both**2 / (before * after), 1.0)
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
        if not self.rows:
            return []
        z = np.stack(self.rows)
        good = np.isfinite(z)
        numbers = z[good]
        if not numbers.size:
            return []
        found = []
        for f in _registered():
            with np.errstate(all="ignore"):
                slope = np.asarray(f.gradient(numbers), np.float64)
            factor = sqrt(float(np.mean(slope * slope)))
            if not 0 < factor < inf or self._has_dead_unit(f, z, good):
                continue
            found.append((abs(log(factor)), f.label, factor, f))
        found.sort(key=lambda each: each[0])
        kept: list[tuple[str, float]] = []
        for (
            _,
            label,
            factor,
            f,
        ) in found:  # what is proved is asked in their order, until it is enough
            if len(kept) == count:
                break
            if _is_suggestible(f):
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
