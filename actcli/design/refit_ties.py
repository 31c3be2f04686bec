"""Ties between the constants of a formula that its tails need: a*gelu(b*x) is near x only where a*b = 1.

What a fit on samples comes near to is read as a tie of few digits: that of one constant, or of two. Fitted
again so, the formula is proved or it is not; a tie is no claim.
"""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import permutations
from math import isclose
from typing import Any, NamedTuple

from ..expressions.node import node

NEAR = 1e-4  # how well samples show a tie
LARGEST_TERM = 12  # of fractions that are read as ties


class Tie(NamedTuple):
    """A constant that is a number, or one times, by or less another constant."""

    name: str
    number: Fraction
    op: str = ""  # "*", "/" or "-"
    other: str = ""

    def of(self, values: Mapping[str, Any]) -> Any:
        """Its value with those of the others: formulas or fractions."""
        if not self.op:
            return self.number
        other = values[self.other]
        if self.op == "-":
            return self.number - other
        return self.number * other if self.op == "*" else self.number / other

    @property
    def written(self) -> str:
        """What it is, as it is typed."""
        number = str(self.number)
        if not self.op or (self.op == "*" and self.number == 1):
            return self.other or number
        if self.op == "/":
            return (
                f"{number}/{self.other}"
                if self.number.denominator == 1
                else f"({number})/{self.other}"
            )
        return f"{number}{self.op}{self.other}" if self.number else f"-{self.other}"


def with_ties(given: Mapping[str, Any], ties: Sequence[Tie]) -> dict[str, Any]:
    """The constants and those that are tied to them: the last tie is of the first names."""
    found = dict(given)
    for tie in reversed(ties):
        value = tie.of(found)
        found[tie.name] = value if isinstance(value, Fraction) else node(value)
    return found


def ties_near(names: Sequence[str], values: Sequence[float]) -> Iterator[Tie]:
    """The ties that constants come near to, those of one constant first."""
    for name, value in zip(names, values, strict=True):
        if (number := _plain(value)) is not None:
            yield Tie(name, number)
    for (a, one), (b, other) in permutations(zip(names, values, strict=True), 2):
        for op, value in (
            ("*", one / other if other else 0.0),
            ("/", one * other),
            ("-", one + other),
        ):
            number = _plain(value)
            if number is not None and (number or op == "-"):
                yield Tie(a, number, op, b)


def _plain(value: float) -> Fraction | None:
    """The fraction of small numbers that a value is near to."""
    if not abs(value) < LARGEST_TERM:
        return None
    found = Fraction(value).limit_denominator(LARGEST_TERM)
    near = isclose(found, value, rel_tol=NEAR, abs_tol=NEAR)
    return found if near and abs(found.numerator) <= LARGEST_TERM else None
