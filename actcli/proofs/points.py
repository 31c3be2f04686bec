"""Places on the line, what lies between them, and the budget of a question."""

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import pairwise
from math import inf, nextafter
from typing import Any, NamedTuple, TypeVar

from flint import arb

from ..expressions.node import Node
from ..numbers.arb_points import larger, smaller
from ..numbers.exact import rational
from ..numbers.interval import LARGEST, Enclosure, exact

BUDGET = 4_000  # cells that one question may cost: about a second
CELL = (
    100  # steps of a formula, in enclosures, that a cell stands for; a long formula takes several
)

Key = TypeVar("Key")
Found = TypeVar("Found")

TOLERANCE = arb("1e-20")  # width of a value at a breakpoint that is known exactly


class Undecided(Exception):
    """A question that could not be settled; the message says where and what was spent."""


def found_once(known: dict[Key, Found | Undecided], key: Key, find: Callable[[], Found]) -> Found:
    """Finds what is not known under the key; what was undecided once stays so, at no further cost."""
    if key not in known:
        try:
            known[key] = find()
        except Undecided as why:
            known[key] = why
    found = known[key]
    if isinstance(found, Undecided):
        raise found
    return found


class Budget:
    """Cells left for one question. Work is counted, not timed: two runs agree."""

    def __init__(self, cells: int = BUDGET) -> None:
        self.total = cells
        self.left: float = cells

    def spend(self, low: Any, high: Any, steps: int = 0) -> None:
        """Take a cell, or as many as that number of steps is worth."""
        if self.left <= 0:
            raise Undecided(
                f"open between {float(low):.6g} and {float(high):.6g} after {self.total} cells"
            )
        self.left -= max(1, steps / CELL)


class Place(NamedTuple):
    """A point of the line, known exactly (low == high) or within a tiny interval; or an infinity."""

    low: Fraction | float
    high: Fraction | float

    @property
    def exact(self) -> bool:
        """Whether it is one known number, or an infinity."""
        return self.low == self.high

    @property
    def finite(self) -> bool:
        """Whether it is no infinity."""
        return self.low not in (inf, -inf)

    @property
    def number(self) -> float:
        """The nearest double (or infinity); 0 if that is among what it may be."""
        if not self.finite:
            return float(self.low)
        if self.low <= 0 <= self.high:
            return 0.0
        return float((Fraction(self.low) + Fraction(self.high)) / 2)

    @property
    def enclosure(self) -> Enclosure:
        """The place as an enclosure, rounded outward."""
        return Enclosure(exact(self.low).lower(), exact(self.high).upper())


def at(value: Fraction | float | int) -> Place:
    """The place of an exactly known number or infinity."""
    known = value if value in (inf, -inf) else Fraction(value)
    return Place(known, known)


def written(end: float) -> Place:
    """The place of an end as it is written: 0.7 is seven tenths."""
    return at(end) if end in (inf, -inf) else at(rational(end))


LEFT_END, RIGHT_END = at(-inf), at(inf)


class Piece(NamedTuple):
    """An open interval between neighbouring breakpoints, and the branch-free formula that holds there.

    `edge`: the formula itself may break at `low` (a denominator or the argument of a root is 0).
    """

    low: Place
    high: Place
    tree: Node
    edge: bool = False

    @property
    def inside(self) -> Fraction:
        """A simple number inside."""
        return between(self.low, self.high)


class SignInterval(NamedTuple):
    """An interval on which a quantity keeps its sign: 1, -1, 0 (identically), None (open)."""

    low: Place
    high: Place
    sign: int | None


def between(low: Place, high: Place) -> Fraction:
    """A simple number strictly between two places."""
    if not low.finite and not high.finite:
        return Fraction(0)
    if not low.finite:
        return Fraction(high.low) - 1
    if not high.finite:
        return Fraction(low.high) + 1
    return (Fraction(low.high) + Fraction(high.low)) / 2


def outward(end: Any, direction: float) -> float:
    """An end in Arb as a double, rounded in that direction."""
    nearest = float(end)
    wrong = arb(nearest) > end if direction < 0 else arb(nearest) < end
    return nextafter(nearest, direction) if wrong else nearest


def midpoint(low: Any, high: Any, share: float = 0.5) -> Any:
    """A point between two ends in Arb, geometrically half-way where they are magnitudes apart."""
    if low > 0 and high > 4 * low:
        return (low * high).sqrt().mid()
    if high < 0 and low < 4 * high:
        return -(low * high).sqrt().mid()
    return (low + (high - low) * share).mid()


def cells(low: Place, high: Place, cuts: Sequence[float]) -> list[tuple[Any, Any]]:
    """Cuts what lies between two places, within the doubles, at numbers: cells with exact ends in Arb."""
    start = arb(-LARGEST) if not low.finite else exact(low.high).upper()
    stop = arb(LARGEST) if not high.finite else exact(high.low).lower()
    inner = [cut for cut in map(arb, cuts) if start < cut < stop]
    return list(pairwise([start, *inner, stop])) if start < stop else []


def narrowed(
    low: Any, high: Any, value: Enclosure, slope: Enclosure, middle: Any, side: Callable[[], Any]
) -> tuple[Any, Any] | None:
    """Narrows a cell around the root of a monotone function, by interval Newton or else by bisection.

    `value` encloses the function in the middle and `slope` its derivative on the cell; `side`() is
    positive if the root lies below the middle, and None, as the answer is then, if that is open.
    """
    left, right = low, high
    if slope.positive or slope.negative:
        newton = Enclosure(middle) - value / slope
        left, right = larger(newton.low, low), smaller(newton.high, high)
    if not right - left < (high - low) * 0.6:
        found = side()
        if found is None:
            return None
        left, right = (low, middle) if found > 0 else (middle, high)
    return (left, right) if left <= right else None


def intersection(a: Enclosure, b: Enclosure) -> Enclosure:
    """What lies in both of two enclosures of one number."""
    return Enclosure(larger(a.low, b.low), smaller(a.high, b.high))


def number_of(value: Enclosure | float, rounded: bool = False) -> float:
    """The double in the middle of a narrow enclosure, 0 if it is among its members; an infinity.

    What lies beyond the doubles is one only if it is to be `rounded`, as IEEE has it.
    """
    if isinstance(value, float):
        return value
    if value.low <= 0 <= value.high and value.high - value.low < TOLERANCE:
        return 0.0
    if not value.finite or value.high - value.low > value.magnitude * 1e-9 + 1e-12:
        raise Undecided("a number could not be pinned down")
    found = float(((value.low + value.high) / 2).mid())
    if abs(found) == inf and not rounded:
        raise Undecided("a number lies beyond the doubles")
    return found
