"""What is proved of a function, and which results of an implementation go against it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.formats import FORMATS
from ..numbers.types import Floats

Point = list[float]  # x and y


class Proved:
    """Where a function is proved to rise or fall, and the numbers between which it is proved to lie."""

    def __init__(self, f: Activation) -> None:
        self._f = f
        self._extents: dict[int, tuple[float, float]] = {}

    @staticmethod
    @cache
    def of(f: Activation) -> "Proved":
        """What is proved of a function: found out once."""
        return Proved(f)

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
        if order not in self._extents:
            self._extents[order] = self._extent(order)
        return self._extents[order]

    def _extent(self, order: int) -> tuple[float, float]:
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


@dataclass
class ProvedFacts:
    """Results of neighbouring inputs that go against what is proved; those of blocks join.

    `pairs` of neighbours rise where the function falls or the other way round, the first being
    `pair` (x, y, next x, next y); `outliers` lie beyond the range, the first being `outlier`.
    `ends` are the first and the last input that has a result, of values alone, and `wrong` tells
    whether any result is not R.
    """

    pairs: int = 0
    pair: Point | None = None
    outliers: int = 0
    outlier: Point | None = None
    ends: list[Point] = field(default_factory=list)
    wrong: bool = False

    def add(self, other: "ProvedFacts", proved: Proved) -> "ProvedFacts":
        """These and those of the inputs that come next."""
        between: list[Point] = []
        if self.ends and other.ends and (self.wrong or other.wrong):
            (a, fa), (b, fb) = self.ends[-1], other.ends[0]
            between = [*_falls(proved, np.array([a, b]), np.array([fa, fb]))]
        return ProvedFacts(
            self.pairs + len(between) + other.pairs,
            self.pair or next(iter(between), None) or other.pair,
            self.outliers + other.outliers,
            self.outlier or other.outlier,
            [*(self.ends or other.ends)[:1], *(other.ends or self.ends)[-1:]],
            self.wrong or other.wrong,
        )


@np.errstate(all="ignore")
def facts(
    proved: Proved, order: int, dtype: str, x: Floats, y: Floats, right: Floats
) -> ProvedFacts:
    """What results y at inputs x, of which `right` are the right ones, have against what is proved.

    All are of shape (n,). Nothing is asked of the proofs where all results are right: rounding keeps
    order and range.
    """
    kept = ~(np.isnan(x) | np.isnan(y) | ((x == 0) & np.signbit(x)))
    if not kept.all():
        x, y, right = x[kept], y[kept], right[kept]
    if x.size > 1 and not (x[1:] > x[:-1]).all():
        ascending = np.argsort(x, kind="stable")
        x, y, right = x[ascending], y[ascending], right[ascending]
    found = ProvedFacts()
    if not x.size:
        return found
    if order == 0:
        found.ends = [[float(x[k]), float(y[k])] for k in (0, -1)]
    found.wrong = bool((y != right).any())
    if not found.wrong:
        return found
    if order == 0:
        pairs = [*_falls(proved, x, y)]
        found.pairs, found.pair = len(pairs), min(pairs, default=None)
    out = np.flatnonzero(_outside(proved, order, dtype, y))
    if out.size:
        found.outliers, found.outlier = int(out.size), [float(x[out[0]]), float(y[out[0]])]
    return found


def _falls(proved: Proved, x: Floats, y: Floats) -> Iterator[Point]:
    """Neighbours (x, y, next x, next y) between which the results go against what is proved."""
    for low, high, side in proved.runs:
        inside = slice(np.searchsorted(x, low), np.searchsorted(x, high, side="right"))
        v = side * y[inside]
        for k in np.flatnonzero(v[1:] < v[:-1]) + (inside.start or 0):
            yield [float(x[k]), float(y[k]), float(x[k + 1]), float(y[k + 1])]


def _outside(proved: Proved, order: int, dtype: str, y: Floats) -> Any:
    """Which results lie beyond the proved range, rounded to the format."""
    form = FORMATS[dtype]
    low, high = (
        float(end if form.digits == 53 else form.nearest(np.float64(end)))
        for end in proved.extent(order)
    )
    return (y < low) | (y > high)
