"""Derivatives of primitives at balls against mpmath, and those at 0 that are exact."""

import mpmath
import pytest
from flint import arb
from mpmath import mp, mpf

from actcli.primitives import PRIMITIVES
from actcli.proofs.primitive_derivatives import derivatives_at

FORMULAS = {
    "tanh": mpmath.tanh, "logistic": lambda x: 1 / (1 + mpmath.exp(-x)), "sech": mpmath.sech,
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)), "erf": mpmath.erf, "arctan": mpmath.atan,
    "sinc": lambda x: mpmath.sin(x) / x, "sqrt": mpmath.sqrt, "normal_cdf": mpmath.ncdf,
    "asinh": mpmath.asinh, "log": mpmath.log,
}  # fmt: skip


@pytest.mark.parametrize("name", FORMULAS)
def test_derivatives(name):
    with mp.workdps(60):
        known = mpmath.taylor(FORMULAS[name], mpf(0.75), 7)
        for k, (c, found) in enumerate(
            zip(known, derivatives_at(PRIMITIVES[name], arb(0.75), 8), strict=True)
        ):
            value = arb(mpmath.nstr(c * mpmath.factorial(k), 45))
            assert abs(found - value) < abs(value) * arb("1e-28") + arb("1e-30")
            assert found.rad() < arb("1e-28") * (1 + abs(value))


def test_a_ball_holds_what_its_members_have():
    wide = derivatives_at(PRIMITIVES["tanh"], arb(0.75, 1e-3), 8)
    for x in (0.7490001, 0.75, 0.7509999):
        inner = derivatives_at(PRIMITIVES["tanh"], arb(x), 8)
        assert all(ball.contains(value) for ball, value in zip(wide, inner, strict=True))


def test_zeros_are_exact():
    for name in ("tanh", "arctan", "erf", "sin", "asinh"):
        even = derivatives_at(PRIMITIVES[name], arb(0), 8)[::2]
        assert all(c.is_exact() and c.is_zero() for c in even)
