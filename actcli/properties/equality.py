"""Compares values for equality to a stated tolerance."""

from fractions import Fraction

from ..expressions.node import Node
from ..numbers.interval import Enclosure, enclosure
from ..proofs.branches import resolve_at
from ..proofs.exact_values import value_at

NEAR = 1e-12  # equal means within NEAR * max(1, |f|)


def differ(a: Enclosure, b: Enclosure) -> bool:
    """Whether two values certainly differ by more than equality allows."""
    gap = a - b
    scale = NEAR * max(1.0, abs(float(a.low)), abs(float(a.high)))
    return bool(gap.low > scale) or bool(gap.high < -scale)


def agree(a: Enclosure, b: Enclosure) -> bool:
    """Whether two values are certainly equal, as far as equality asks."""
    if not (a.finite and b.finite):
        return False
    gap = a - b
    scale = NEAR * max(1.0, min(abs(float(a.low)), abs(float(a.high))))
    return bool(gap.high <= scale) and bool(gap.low >= -scale)


def value_at_place(tree: Node, x: float) -> Enclosure:
    """Encloses a formula at x, on the branch that it takes there."""
    return value_at(resolve_at(tree, Fraction(x)), enclosure(x))
