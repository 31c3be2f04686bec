"""Recognizes periodic formulas: x stands in sines of multiples of one w*x alone."""

from fractions import Fraction
from math import ceil, floor, gcd

from ..expressions.node import Node, node
from ..expressions.program import derivatives
from .exact_values import rational
from .points import Place, at

LONGER = 8  # than the longest period
SLOWEST = Fraction(95, 100)  # w of a period of 6.6, of which [-10, 10] holds three


def in_waves(tree: Node) -> bool:
    """Whether x stands in sines and cosines of multiples of one w*x alone, with w >= SLOWEST."""
    rates = _rates(tree)
    if not rates or 0 in rates:
        return False
    base = rates[0]
    for rate in rates[1:]:
        base = Fraction(
            gcd(base.numerator * rate.denominator, rate.numerator * base.denominator),
            base.denominator * rate.denominator,
        )
    return base >= SLOWEST


def one_period(tree: Node, low: Place, high: Place) -> tuple[Place, Place]:
    """Two places; if one is endless and the formula periodic, such as take in all its values between."""
    if (low.finite and high.finite) or not in_waves(tree):
        return low, high
    if low.finite:
        return low, at(ceil(low.high) + LONGER)
    if high.finite:
        return at(floor(high.low) - LONGER), high
    return at(-Fraction(LONGER, 2)), at(Fraction(LONGER, 2))


def _rates(tree: Node) -> list[Fraction]:
    """|w| of every sin(w*x + c) and the like; 0 where x stands elsewhere."""
    if tree.op == "x":
        return [Fraction(0)]
    if tree.op == "use":
        return _rates(tree.args[3])
    if tree.op == "call" and tree.args[0].name in ("sin", "cos", "tan") and tree.has_x:
        angle = tree.args[1] if len(tree.args) == 2 else node(tree.args[2] * tree.args[1])
        if any(part.op in ("use", "where", "max", "min") for part in angle.walk()):
            return _rates(angle)
        slope = derivatives(angle, 1)[1]
        rate = None if slope.has_x else rational(slope, Fraction(0))
        return [abs(rate) if rate is not None else Fraction(0)]
    return [rate for arg in tree.args if isinstance(arg, Node) for rate in _rates(arg)]
