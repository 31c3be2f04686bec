"""Expansions with remainders against mpmath at points of the interval they hold on."""

import mpmath
import pytest
from flint import arb
from mpmath import mp, mpf

import actcli
from actcli.expressions.program import Program
from actcli.numbers.interval import exact
from actcli.proofs.taylor_model import NoTaylorModel, TaylorModel

FORMULAS = {
    "x**3/(1 + x**2)": lambda x: x**3 / (1 + x**2),
    "sqrt(1 + x**2) - 1": lambda x: mpmath.sqrt(1 + x**2) - 1,
    "x*arctan(x)": lambda x: x * mpmath.atan(x),
    "x*tanh(x)/(2 + x**2)**1.5": lambda x: x * mpmath.tanh(x) / (2 + x**2) ** mpf(1.5),
    "x**5 - 3*x**3": lambda x: x**5 - 3 * x**3,
    "erf(x) - 2*logistic(x)": lambda x: mpmath.erf(x) - 2 / (1 + mpmath.exp(-x)),
    "normal_cdf(x) + softplus(x)/x": lambda x: mpmath.ncdf(x) + mpmath.log1p(mpmath.exp(x)) / x,
    "exp(-x**2)*x**4": lambda x: mpmath.exp(-x * x) * x**4,
    "exp(x)*x + 800*exp(x)": lambda x: mpmath.exp(x) * (x + 800),
}


def at(found, t):
    """The ball in which an expansion puts the value at t."""
    total = (
        sum((c * t**k for k, c in enumerate([*found.terms, found.rest])), arb(0)) * t**found.power
    )
    exponent = sum((at(part, t) * exact(factor) for factor, part in found.exponent), arb(0))
    return total * exponent.exp()


def contains(found, t, value):
    with mp.workdps(60):
        gap = at(found, t) - arb(mpmath.nstr(value, 50))
        return bool(abs(gap).lower() <= abs(arb(mpmath.nstr(value, 20))) * arb("1e-20"))


@pytest.mark.parametrize("text", FORMULAS)
@pytest.mark.parametrize("side", [-1, 1])
def test_values_far_out_and_beside_0_are_enclosed(text, side):
    program = Program([actcli.activation(text).tree])
    far, near = TaylorModel.far(side, 8.0), TaylorModel.beside(0, side, 0.125)
    with mp.workdps(60):
        for t in (0.125, 0.0625, 2.0**-9, 2.0**-30):
            assert contains(program.run(far)[0], arb(t), FORMULAS[text](side / mpf(t)))
            assert contains(program.run(near)[0], arb(t), FORMULAS[text](side * mpf(t)))


def test_signs():
    x = TaylorModel.far(1, 100.0)
    assert ((x + 1) / x - 1).sign == 1
    assert (x * x / (1 + x * x) - 1).sign == -1
    assert (x - x).sign is None
    assert (1 - 200 / x).sign is None  # it is -1 at 100


def test_what_has_no_expansion():
    program = Program([actcli.activation("tan(x)").tree])
    with pytest.raises(NoTaylorModel, match="tan far out"):
        program.run(TaylorModel.far(1, 100.0))
