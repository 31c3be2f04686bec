"""Signs by factors: against mpmath on every cell, where cancellation hides them and at double roots."""

import random
from fractions import Fraction
from itertools import pairwise

import pytest
from attack.exact import Formula
from attack.series import Undefined, Unknown, sgn
from flint import arb
from truth import Unresolved

from actcli.expressions.parser import parse
from actcli.numbers.interval import Enclosure
from actcli.proofs.asymptotics.limits import plain
from actcli.proofs.factors import Factors

FORMULAS = (
    "x*logistic(x) - x", "x*(1 + erf(x))/2", "1 - tanh(x)**2", "tanh(x + 1) - tanh(x - 1)",
    "log(1 + exp(x)) - x", "softplus(x) - softplus(x - 6) - 6", "gelu(x) - silu(x)",
    "gelu(x) - gelu(2*x)/2", "(x - 3)**2*(x + 3)**2/(3 + x**2)**2", "exp(-1/x)*(1 - 2*x)/x**4",
    "sqrt(1 + x*x) - x", "arctan(x) - pi/2 + 1/x", "exp(-exp(x)) - 1 + exp(x)",
    "softplus(x) - 2*sqrt(softplus(x))", "erf(x) - tanh(2*x/sqrt(pi))",
    "2*exp(-x*x) - 2*x*exp(-x) + x", "log(softplus(x)) - x",
    "(exp(x) - 1)**2 - x*x", "abs(x)*x - x**2 + 1", "cos(x)**2 + sin(x)**2 - 0.5 - exp(-x*x)",
)  # fmt: skip
ENDS = (0, 1e-9, 0.01, 0.2, 0.9, 1.7, 3.1, 7, 15, 40, 110, 700, 3000, 1e6, 1e20, 1e100, 1e308)


@pytest.mark.parametrize("text", FORMULAS)
def test_signs_are_those_of_mpmath(text: str) -> None:
    factors = Factors(plain(parse(text)))
    draw = random.Random(text)
    for low, high in pairwise(ENDS):
        for side in (1, -1):
            ends = sorted((side * low, side * high))
            found = factors.sign(Enclosure(*map(arb, ends)))
            if found is None:
                continue
            for _ in range(4):
                x = Fraction(side * (low + (high - low) * draw.random() ** 4))
                try:
                    assert sgn(Formula(text)(x)[0]) * found >= 0, float(x)
                except (Undefined, Unknown, Unresolved):
                    continue


@pytest.mark.parametrize(
    ("text", "low", "high", "sign"),
    [
        ("x*logistic(x) - x", 1e100, 1e308, -1),
        ("1 - tanh(x)**2", 1e100, 1e308, 1),
        ("gelu(x) - x", 1e5, 1e300, -1),
        ("softplus(x) - softplus(x - 6) - 6", 1e3, 1e9, -1),
        ("log(softplus(x)) - x", -1e200, -1e3, -1),
        ("x*x*(x - 1)**2", 0.5, 1.5, 1),
        ("(exp(x) - 3)**2", 1, 1.2, 1),
        ("erf(x) - erf(x - 1)", 30, 1e9, 1),
        ("x*(exp(x) - 1)", 0, 1, 1),
        ("x - sin(x)**2 - cos(x)**2", 0.5, 1.5, None),
        ("arctan(1/2) + arctan(1/3) - pi/4 + 0*x", 1, 2, None),
        ("(arctan(1/2) + arctan(1/3) - pi/4 + 0*x)**2", 1, 2, None),
    ],
)
def test_signs_by_hand(text: str, low: float, high: float, sign: int | None) -> None:
    assert Factors(plain(parse(text))).sign(Enclosure(arb(low), arb(high))) == sign
