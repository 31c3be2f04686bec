"""What is required of results: an error, special values, signs, and what a proof says of the function."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.formats import FORMATS
from ..numbers.types import Floats
from .audit import Block, records
from .reference import QUANTITIES

NAMES = ("special", "sign", "monotonic", "range")


class Proved:
    """Where a function is proved to rise or fall, and the numbers between which it is proved to lie."""

    def __init__(self, f: Activation) -> None:
        self._f = f

    @cached_property
    def _subject(self) -> Any:
        from ..proofs.points import BUDGET
        from ..properties.subject import Subject

        return Subject(self._f, BUDGET, "float64")

    @cached_property
    def runs(self) -> list[tuple[float, float, int]]:
        """Intervals, ends included, with 1 where the value never falls, -1 where it never rises.

        () where the sign of the gradient stays open.
        """
        from ..properties.calculus import monotonic

        def whole() -> bool:
            return monotonic(self._subject)[0] == "proved"

        if _decided(whole, False):
            return [(-np.inf, np.inf, 1)]
        found = []
        for run in _decided(lambda: self._subject.stretches, []):
            ends = _above(run.low.low, run.low.high), -_above(-run.high.high, -run.high.low)
            for kind, side in (("decreasing", 1), ("increasing", -1)):
                if run.kind != kind:  # a constant one does neither
                    found.append((*ends, side))
        return found

    def extent(self, order: int) -> tuple[float, float]:
        """Doubles between which f^(order) lies, infinities where that is not known."""
        from ..numbers.interval import Enclosure
        from ..proofs.extrema import extremum

        found = []
        for sign in (-1, 1):
            level = _decided(lambda sign=sign: extremum(self._subject.shape, order, sign), None)
            value = getattr(level, "value", None)
            bound = np.inf
            if isinstance(value, Enclosure) and value.finite:
                bound = _double_above(value.high if sign > 0 else -value.low)
            found.append(sign * bound)
        return found[0], found[1]


def _decided(ask: Any, otherwise: Any) -> Any:
    from ..proofs.points import Undecided

    try:
        return ask()
    except (Undecided, TypeError, ArithmeticError, RecursionError):
        return otherwise


def _above(low: Any, high: Any) -> float:
    """A double not below a place, which is enclosed by two numbers."""
    return max(_double_above(low), _double_above(high))


def _double_above(number: Any) -> float:
    """A double not below a number of Arb or an infinity: the number itself if it is a double."""
    found = float(number)
    return found if found >= number else float(np.nextafter(found, np.inf))


def falls(proved: Proved, x: Floats, y: Floats) -> list[tuple[float, float, float, float]]:
    """Neighbours (x, y, next x, next y) between which the results go against what is proved."""
    kept = ~np.isnan(x) & ~np.isnan(y) & ~((x == 0) & np.signbit(x))
    order = np.flatnonzero(kept)[np.argsort(x[kept], kind="stable")]
    x, y = x[order], y[order]
    found = []
    for low, high, side in proved.runs:
        inside = np.flatnonzero((x >= low) & (x <= high))
        v = side * y[inside]
        for k in np.flatnonzero(v[1:] < v[:-1]):
            a, b = inside[k], inside[k + 1]
            found.append((float(x[a]), float(y[a]), float(x[b]), float(y[b])))
    return found


def outside(proved: Proved, order: int, dtype: str, y: Floats) -> Any:
    """Which results lie beyond the proved range, rounded to the format."""
    form = FORMATS[dtype]
    low, high = (
        float(end if form.digits == 53 else form.nearest(np.float64(end)))
        for end in proved.extent(order)
    )
    return (y < low) | (y > high)


@dataclass
class Required:
    """What is asked of every block; `missed` says what one does not hold, a line for each."""

    f: Activation
    names: "list[str]" = field(default_factory=list)
    max_ulps: float | None = None
    max_steps: int | None = None

    def __post_init__(self) -> None:
        """ValueError if something is asked that is not proved of the function."""
        self.proved = Proved(self.f)
        if "monotonic" in self.names and not self.proved.runs:
            raise ValueError(
                f"it is not proved where {self.f.label} rises or falls, so that --require "
                "monotonic cannot be judged; leave it out"
            )
        if "range" in self.names and not np.isfinite(self.proved.extent(0)).any():
            raise ValueError(
                f"no bound of {self.f.label} is proved, so that --require range cannot be judged; "
                "leave it out"
            )

    @np.errstate(all="ignore")
    def missed(self, block: Block) -> list[str]:
        """What the results of a block do not hold."""
        (record, *_) = records(self.f, "", block)
        found = [*self._errors(record)]
        if "special" in self.names and record["special"]:
            found.append(f"{record['special']} of nan and the infinities are answered wrongly")
        if "sign" in self.names and record["wrong_sign"]:
            found.append(f"{record['wrong_sign']} results have the wrong sign")
        x, y = (np.asarray(v).astype(np.float64) for v in (block.x, block.y))
        order = QUANTITIES.index(block.quantity)
        if "monotonic" in self.names and order == 0 and (pairs := falls(self.proved, x, y)):
            a, fa, b, fb = pairs[0]
            found.append(
                f"goes from {fa:.9g} at {a:.9g} to {fb:.9g} at {b:.9g}, against what is proved; "
                f"{len(pairs)} such pairs"
            )
        if "range" in self.names:
            out = np.flatnonzero(outside(self.proved, order, block.dtype, y) & ~np.isnan(x))
            if out.size:
                low, high = self.proved.extent(order)
                found.append(
                    f"{y[out[0]]:.9g} at {x[out[0]]:.9g} is not between {low:.9g} and {high:.9g}; "
                    f"{out.size} such results"
                )
        name = f"{block.dtype} {block.quantity} ({block.call})"
        return [f"{name}: {line}" for line in found]

    def _errors(self, record: dict[str, Any]) -> list[str]:
        found = []
        for limit, column, unit in (
            (self.max_ulps, "max_ulps", "ulps"), (self.max_steps, "max_steps", "steps")
        ):  # fmt: skip
            if limit is None:
                continue
            worst = record[column]
            if worst is not None and worst > limit:
                where = f" at {record['x']:.9g}" if column == "max_ulps" else ""
                found.append(f"{worst:.6g} {unit}{where}, {limit:g} are allowed")
        if self.max_ulps is not None or self.max_steps is not None:
            if record["nan"]:
                found.append(f"{record['nan']} results are nan")
            if record["not_zero"]:
                found.append(f"{record['not_zero']} results are not 0 where the truth is 0 exactly")
        return found
