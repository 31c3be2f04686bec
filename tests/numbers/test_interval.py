"""Enclosures of every primitive against mpmath, on random intervals, narrow and wide."""

import random

import mpmath
import pytest
from flint import arb, ctx
from mpmath import mp, mpf

from actcli.expressions.node import Node, node
from actcli.expressions.program import Program
from actcli.numbers.interval import Enclosure, enclose, enclosure
from actcli.primitives import PRIMITIVES


def _bessel(n):
    """j_n(x)/x^n."""

    def value(x):
        if abs(x) < mpf("1e-3"):
            terms = (
                (-x * x / 2) ** k / (mp.factorial(k) * mp.fac2(2 * n + 2 * k + 1))
                for k in range(12)
            )
            return sum(terms, mpf(0))
        before, here = mp.cos(x), mp.sin(x) / x
        for k in range(n):
            before, here = here, ((2 * k + 1) * here - before) / (x * x)
        return here

    return value


def _root(x):
    return mp.sqrt(1 + x * x)


TRUTH = {
    "exp": mp.exp, "expm1": mp.expm1, "log": lambda x: mp.log(x) if x > 0 else None,
    "log1p": lambda x: mp.log(1 + x) if x > -1 else None,
    "sqrt": lambda x: mp.sqrt(x) if x >= 0 else None, "cbrt": lambda x: mp.sign(x) * mp.cbrt(abs(x)),
    "abs": abs, "sign": mp.sign, "sin": mp.sin, "cos": mp.cos, "tan": mp.tan,
    "sinh": mp.sinh, "cosh": mp.cosh, "sech": mp.sech, "asinh": mp.asinh, "arctan": mp.atan,
    "atanh": lambda x: mp.atanh(x) if abs(x) < 1 else None, "tanh": mp.tanh,
    "logistic": lambda x: 1 / (1 + mp.exp(-x)), "softplus": lambda x: mp.log1p(mp.exp(x)),
    "erf": mp.erf, "erfc": mp.erfc, "normal_cdf": lambda x: mp.erfc(-x / mp.sqrt(2)) / 2,
    "softsign": lambda x: x / (1 + abs(x)), "softsign_cdf": lambda x: (1 + x / (1 + abs(x))) / 2,
    "algebraic": lambda x: x / _root(x), "algebraic_cdf": lambda x: (1 + x / _root(x)) / 2,
    "root_ramp": lambda x: (x + _root(x)) / 2, "root_gap": lambda x: _root(x) - 1,
    "algebraic_gate": lambda x: x * (1 + x / _root(x)) / 2,
    "algebraic_gate_slope": lambda x: (1 + x / _root(x) * (1 + 1 / (1 + x * x))) / 2,
    "tanh_gap": lambda x: x - mp.tanh(x), "exp_gap": lambda x: mp.expm1(x) - x,
    "arctan_gate": lambda x: x * (mp.atan(x) / mp.pi + mpf(1) / 2),
    "arctan_gate_slope": lambda x: mp.atan(x) / mp.pi + mpf(1) / 2 + x / (mp.pi * (1 + x * x)),
    "sinc": _bessel(0), "sinc_1": _bessel(1), "sinc_2": _bessel(2), "sinc_3": _bessel(3),
}  # fmt: skip


def _point(chance):
    return chance.choice([
        chance.uniform(-6, 6), chance.uniform(-60, 60), chance.randint(-8, 8) / 4,
        chance.choice([-1, 1]) * 10 ** chance.uniform(-12, 2),
    ])  # fmt: skip


def test_no_primitive_is_left_out():
    assert set(TRUTH) == set(PRIMITIVES)


@pytest.mark.parametrize("name", TRUTH)
def test_values_lie_in_their_enclosures(name):
    chance = random.Random(name)
    for _ in range(40):
        a = _point(chance)
        b = chance.choice([a, a + abs(a) * 10 ** chance.uniform(-15, 0), _point(chance)])
        low, high = min(a, b), max(a, b)
        found = enclose(PRIMITIVES[name], Enclosure(arb(low), arb(high)))
        for x in (low, high, chance.uniform(low, high), chance.uniform(low, high)):
            with mp.workdps(120):
                value = TRUTH[name](mpf(x))
            if value is not None:
                near = arb(mpmath.nstr(value, 40))
                slack = abs(near) * arb("1e-35") + arb("1e-100")
                assert found.low <= near + slack, (low, high, x)
                assert near - slack <= found.high, (low, high, x)


def test_an_infinite_bound_times_0_is_0_over_an_open_cell():
    unbounded = Enclosure(arb(1), arb("inf"))
    product = Enclosure(arb(0)) * unbounded
    assert (product.low, product.high) == (0, 0)
    product = Enclosure(arb(0), arb(1)) * unbounded
    assert product.low == 0
    assert not product.high.is_finite()


def test_what_has_no_x_is_worked_out_again_at_another_precision():
    program = Program([Node("x") * 0 + node(1) / 3])
    rough = program.run(enclosure(2))[0]
    with ctx.workprec(400):
        fine = program.run(enclosure(2))[0]
        third = arb(1) / 3
        assert fine.low <= third.upper()
        assert third.lower() <= fine.high
        assert fine.high - fine.low < (rough.high - rough.low) * 1e-60
