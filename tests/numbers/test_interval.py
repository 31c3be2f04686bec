"""Enclosures of every primitive against mpmath, on random intervals, narrow and wide."""

import random

import mpmath
import pytest
from flint import arb, ctx
from mpmath import mp, mpf
from primitive_values import TRUTH

from actcli.expressions.node import Node, node
from actcli.expressions.program import Program
from actcli.numbers.interval import Enclosure, enclose, enclosure
from actcli.primitives import PRIMITIVES


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
