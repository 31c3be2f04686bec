"""Doubles next to multiples of a period that are themselves next to the largest doubles."""

from fractions import Fraction
from functools import cache
from typing import Any

BITS = 2_400
DIGITS = 31  # binary ones of the doubles, so that products with integers up to 2**22 are exact


@cache
def near_period(rate: Any) -> tuple[float, float]:
    """(p, r): rate*p less r is a multiple of 2*pi, for a rational rate with |rate| > 1.

    |rate|*p is between 2**1019 and 2**1021; p has few digits.
    """
    from flint import arb, ctx, fmpq

    exact = Fraction(rate)
    unit = 1021 - DIGITS - (abs(exact).numerator // abs(exact).denominator).bit_length()
    with ctx.workprec(BITS):
        turns = arb(fmpq(exact.numerator, exact.denominator)) * arb(2) ** unit / (2 * arb.pi())
        share = turns - turns.floor()
        count = _best(Fraction(int(str((share * 2**200).floor().mid().fmpq())), 2**200))
        count *= 2**DIGITS // count
        rest = count * turns
        rest -= (rest + arb(0.5)).floor()
        return float(count * 2**unit), float(rest * 2 * arb.pi())


def _best(share: Fraction) -> int:
    """The integer below 2**DIGITS whose product with a number is closest to an integer."""
    before, here = 1, 0
    while share:
        whole = 1 / share
        quotient = whole.numerator // whole.denominator
        before, here = (here, quotient * here + before) if here else (1, quotient)
        if here >= 2**DIGITS:
            return before
        share = whole - quotient
    return here or 1
