"""Arrays of intervals: many cells of the line at once, each with two ends that are rounded outward.

An `IntervalArray` is a number type like any other: programs, jets and primitives read formulas with it.
What comes out encloses, cell by cell, every value of the formula on the cell (a closed interval of
reals, ends included, whatever they are); an operation costs a few microseconds and some nanoseconds a
cell, where an Arb enclosure costs a microsecond a cell. So one sweeps a line of cells, keeps those that
stay open, cuts them and sweeps again, and asks Arb for the few that are left:

    x = IntervalArray.between(np.linspace(-8, 8, 257))     # 256 cells side by side
    value, slope = Program(derivatives(tree, 1)).run(x)    # of a formula without branches
    x = x[~(value.positive | value.negative)].halved()     # twice as many cells, half as wide

Where a formula has no value, or none that is known, the ends are infinite. An infinite end is a bound
and no member: 0 times it is 0. Of a `where`, `maximum` or kink within a cell both sides are taken: a
slope is then that of either side, which says nothing of a jump. Mean-value forms want formulas without
branches, as between breakpoints; others are read by `tree.read(x)`.

Rows are kept as the rows -low and high of one array: both are rounded up.
"""

from collections.abc import Callable
from fractions import Fraction
from functools import cache, lru_cache
from math import inf, nextafter
from typing import Any, ClassVar

import numpy as np

from .exact import as_float
from .interval import LARGEST, enclosure
from .interval_primitives import RULES
from .interval_rows import (
    Rows,
    larger,
    minus,
    opposite,
    over,
    plus,
    power,
    raised,
    size,
    smaller,
    times,
)  # fmt: skip
from .jet import Jet
from .plan import Algebra
from .types import Floats, Number
from .where import Constant


class IntervalArray:
    """n intervals from `low` to `high`, arrays of float64; a condition on them is a `Condition`."""

    __slots__ = ("ends",)
    __array_ufunc__ = None

    def __init__(self, ends: Rows) -> None:
        self.ends = ends

    @classmethod
    def of(cls, low: Any, high: Any) -> "IntervalArray":
        """The intervals from each number of `low` to that of `high`."""
        with np.errstate(all="ignore"):
            return cls(
                np.stack(np.broadcast_arrays(-np.atleast_1d(low), np.atleast_1d(high))) + 0.0
            )

    @classmethod
    def points(cls, x: Any) -> "IntervalArray":
        """Intervals of one number each."""
        return cls.of(x, x)

    @classmethod
    def between(cls, edges: Any) -> "IntervalArray":
        """The cells between neighbouring edges, which ascend."""
        edges = np.asarray(edges, np.float64)
        return cls.of(edges[:-1], edges[1:])

    def __repr__(self) -> str:
        return "\n".join(f"[{a:.17g}, {b:.17g}]" for a, b in zip(self.low, self.high, strict=True))

    def __len__(self) -> int:
        return int(self.ends.shape[1])

    def __getitem__(self, chosen: Any) -> "IntervalArray":
        """The intervals at an index, a slice or a mask."""
        return IntervalArray(self.ends[:, chosen].reshape(2, -1))

    # -- facts ----------------------------------------------------------------------------------
    @property
    def low(self) -> Floats:
        """The lower ends; -inf where nothing is known."""
        return -np.where(np.isnan(self.ends[0]), inf, self.ends[0])

    @property
    def high(self) -> Floats:
        """The upper ends; inf where nothing is known."""
        return np.where(np.isnan(self.ends[1]), inf, self.ends[1])

    @property
    def positive(self) -> Any:
        """Where every member is above 0."""
        return self.ends[0] < 0

    @property
    def negative(self) -> Any:
        """Where every member is below 0."""
        return self.ends[1] < 0

    @property
    def nonnegative(self) -> Any:
        """Where no member is below 0."""
        return self.ends[0] <= 0

    @property
    def nonpositive(self) -> Any:
        """Where no member is above 0."""
        return self.ends[1] <= 0

    @property
    def finite(self) -> Any:
        """Where both ends are."""
        return np.isfinite(self.ends).all(axis=0)

    @property
    def magnitude(self) -> Floats:
        """The largest absolute values; inf where nothing is known."""
        largest = self.ends.max(axis=0)
        return np.where(np.isnan(largest), inf, largest)

    @property
    def mignitude(self) -> Floats:
        """The smallest absolute values; 0 where 0 is a member or nothing is known."""
        least: Floats = np.maximum(-self.ends.min(axis=0), 0.0)
        return np.where(np.isnan(self.ends).any(axis=0), 0.0, least)

    @property
    def middle(self) -> Floats:
        """A number of each: half-way, or geometrically so where the ends are magnitudes apart."""
        low, high = np.maximum(self.low, -LARGEST), np.minimum(self.high, LARGEST)
        with np.errstate(all="ignore"):
            middle = low / 2 + high / 2
            root = np.sqrt(np.abs(low)) * np.sqrt(np.abs(high))
        middle = np.where((low > 0) & (high / 4 > low), root, middle)
        middle = np.where((high < 0) & (low / 4 < high), -root, middle)
        return np.clip(middle, low, high)

    def halved(self) -> "IntervalArray":
        """The lower halves of all, in order, then the upper ones; cut at their middles."""
        low, middle, high = self.low, self.middle, self.high
        return IntervalArray.of(np.concatenate([low, middle]), np.concatenate([middle, high]))

    def intersected(self, other: "IntervalArray") -> "IntervalArray":
        """What lies in both of two enclosures of the same numbers."""
        return IntervalArray(np.fmin(self.ends, other.ends))

    # -- what a number type owes ------------------------------------------------------------------
    def apply(self, primitive: Any, *constants: Number) -> "IntervalArray":
        return _run(applied(primitive), self.ends, *(bounds(c) for c in constants))

    def lift(self, number: Number) -> "IntervalArray":
        return IntervalArray(bounds(number))

    def algebra(self) -> Algebra:
        return _algebra()

    @staticmethod
    def select(condition: Any, chosen: Number, otherwise: Number) -> Any:
        """`chosen` where the condition holds for certain, `otherwise` where it fails; else their hull."""
        if isinstance(chosen, Jet) or isinstance(otherwise, Jet):
            return Jet.select(condition, chosen, otherwise)
        one, other = bounds(chosen), bounds(otherwise)
        if isinstance(condition, bool):
            return IntervalArray(one if condition else other)
        both = np.maximum(one, other)
        return IntervalArray(
            np.where(condition.certain, one, np.where(condition.possible, both, other))
        )

    def maximum(self, other: Number) -> Any:
        if isinstance(other, Jet):
            return other.maximum(self)
        return IntervalArray(larger(self.ends, bounds(other)))

    def minimum(self, other: Number) -> Any:
        if isinstance(other, Jet):
            return other.minimum(self)
        return IntervalArray(smaller(self.ends, bounds(other)))

    def __abs__(self) -> "IntervalArray":
        return IntervalArray(size(self.ends))

    def __neg__(self) -> "IntervalArray":
        return IntervalArray(self.ends[::-1])

    def __add__(self, other: Number) -> "IntervalArray":
        return _binary(plus, self, other)

    __radd__ = __add__

    def __sub__(self, other: Number) -> "IntervalArray":
        return _binary(minus, self, other)

    def __rsub__(self, other: Number) -> "IntervalArray":
        return _run(minus, bounds(other), self.ends)

    def __mul__(self, other: Number) -> "IntervalArray":
        return _binary(times, self, other)

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> "IntervalArray":
        return _binary(over, self, other)

    def __rtruediv__(self, other: Number) -> "IntervalArray":
        return _run(over, bounds(other), self.ends)

    def __pow__(self, exponent: Number) -> "IntervalArray":
        if isinstance(exponent, IntervalArray):
            return _run(power, self.ends, exponent.ends)
        return _run(raised(exponent), self.ends)

    def __lt__(self, other: Number) -> "Condition":
        a, b = self.ends, bounds(other)
        return Condition(a[1] < -b[0], ~(-a[0] >= b[1]))

    def __le__(self, other: Number) -> "Condition":
        a, b = self.ends, bounds(other)
        return Condition(a[1] <= -b[0], ~(-a[0] > b[1]))

    def __gt__(self, other: Number) -> "Condition":
        a, b = self.ends, bounds(other)
        return Condition(-a[0] > b[1], ~(a[1] <= -b[0]))

    def __ge__(self, other: Number) -> "Condition":
        a, b = self.ends, bounds(other)
        return Condition(-a[0] >= b[1], ~(a[1] < -b[0]))

    def __eq__(self, other: object) -> "Condition":  # type: ignore[override]
        a, b = self.ends, bounds(other)
        same = (-a[0] == a[1]) & (-b[0] == b[1]) & (a[1] == b[1])
        return Condition(same, ~((a[1] < -b[0]) | (-a[0] > b[1])))

    def __ne__(self, other: object) -> "Condition":  # type: ignore[override]
        return ~(self == other)

    __hash__: ClassVar[None] = None  # type: ignore[assignment]


class Condition:
    """For each interval, whether a comparison holds for all members, and whether it may for some."""

    __slots__ = ("certain", "possible")
    __array_ufunc__ = None

    def __init__(self, certain: Any, possible: Any) -> None:
        self.certain = certain
        self.possible = possible

    def __bool__(self) -> bool:
        raise TypeError("cells have no one answer; use where(condition, a, b)")

    def __and__(self, other: Any) -> "Condition":
        other = _condition(other)
        return Condition(self.certain & other.certain, self.possible & other.possible)

    __rand__ = __and__

    def __or__(self, other: Any) -> "Condition":
        other = _condition(other)
        return Condition(self.certain | other.certain, self.possible | other.possible)

    __ror__ = __or__

    def __invert__(self) -> "Condition":
        return Condition(~np.asarray(self.possible), ~np.asarray(self.certain))

    def select(self, condition: Any, chosen: Number, otherwise: Number) -> Any:
        """The choice between two numbers that are no intervals."""
        return IntervalArray.select(condition, chosen, otherwise)


def _condition(answer: Any) -> Condition:
    return answer if isinstance(answer, Condition) else Condition(answer, answer)


def bounds(number: Number) -> Rows:
    """-low and high of an IntervalArray; or of one number, exact, named or a float, in one column."""
    if isinstance(number, IntervalArray):
        return number.ends
    if isinstance(number, Constant):
        return _of_constant(number.text, number)
    return _of_number(number)


@lru_cache(4000)
def _of_number(number: Any) -> Rows:
    """Between neighbouring doubles if it is none itself."""
    if isinstance(number, float):
        return _column(number, number)
    if isinstance(number, int | Fraction):
        near = as_float(number)
        if abs(near) == inf:
            return _column(LARGEST, inf) if near > 0 else _column(-inf, -LARGEST)
        low = near if Fraction(near) <= number else nextafter(near, -inf)
        return _column(low, near if Fraction(near) >= number else nextafter(near, inf))
    return _of_enclosure(number)


@cache
def _constants() -> dict[str, Rows]:
    return {}


def _of_constant(text: str, constant: Constant) -> Rows:
    known = _constants()
    if text not in known:
        known[text] = _of_enclosure(constant)
    return known[text]


def _of_enclosure(number: Number) -> Rows:
    known = enclosure(number)
    low, high = float(known.low), float(known.high)  # nearest doubles, or next to them
    return _column(nextafter(low, -inf), nextafter(high, inf))


def _column(low: float, high: float) -> Rows:
    ends: Rows = np.array([[-low], [high]]) + 0.0
    ends.flags.writeable = False
    return ends


def _binary(function: Callable[..., Rows], a: IntervalArray, other: Number) -> IntervalArray:
    """The operation on both; the other is asked if it is a jet."""
    return NotImplemented if isinstance(other, Jet) else _run(function, a.ends, bounds(other))


def _run(function: Callable[..., Rows], *ends: Rows) -> IntervalArray:
    with np.errstate(all="ignore"):
        return IntervalArray(function(*ends))


@cache
def _algebra() -> Algebra:
    return Algebra(
        bare=lambda number: number.ends, whole=IntervalArray, lift=bounds, apply=applied,
        raised=raised, quotient=over, maximum=larger, minimum=smaller, power=power,
        sum=plus, difference=minus, product=times, opposite=opposite, guard=_silent,
    )  # fmt: skip


def _silent() -> Any:
    """Overflow and the like are no news: ends are rounded outward."""
    return np.errstate(all="ignore")


def applied(primitive: Any) -> Callable[..., Rows]:
    """The primitive on rows; sin(x, w) is sin(w*x)."""
    rule = RULES.get(primitive.name)

    def function(x: Rows, *constants: Rows) -> Rows:
        for constant in constants:
            x = times(x, constant)
        return rule(x) if rule else bounds(primitive.plain(IntervalArray(x)))

    return rule if rule and primitive.name not in ("sin", "cos") else function
