"""Balls against enclosures, and over singularities."""

import pytest
from flint import acb, arb, ctx

from actcli.numbers.ball import Ball, raw
from actcli.numbers.interval import Enclosure, enclosure
from actcli.primitives import PRIMITIVES

POINTS = {"log": (0.3, 2.0), "log1p": (-0.6, 2.0), "sqrt": (0.3, 2.0), "atanh": (-0.6, 0.3)}


@pytest.mark.parametrize("name", PRIMITIVES)
def test_balls_know_every_primitive(name):
    primitive = PRIMITIVES[name]
    for x in POINTS.get(name, (-7.3, -1.1, 0.2, 0.9, 6.5)):
        real = primitive(Ball(arb(x))).ball
        sharp = enclosure(primitive(Enclosure(arb(x))))
        assert real.overlaps(sharp.low.union(sharp.high))
        assert real.rad() < 1e-20 * (abs(real) + 1e-9)
        if name in ("abs", "sign", "softsign", "softsign_cdf"):
            continue  # they are resolved before formulas are integrated
        thin = primitive(Ball(acb(arb(x, 1e-30), arb(0, 1e-30)))).ball
        assert thin.real.overlaps(real)
        wide = primitive(Ball(acb(arb(x, 0.1), arb(0, 0.1)))).ball
        assert not wide.is_finite() or wide.real.contains(real.mid())


@pytest.mark.parametrize(
    ("name", "centre", "radius"),
    [("log", 0.1, 0.2), ("sqrt", 0.1, 0.2), ("log1p", -0.9, 0.2), ("arctan", 0, 1.1),
     ("asinh", 0, 1.1), ("atanh", 0.9, 0.2), ("logistic", 0, 3.5), ("tanh", 0, 1.7),
     ("algebraic", 0, 1.1), ("softplus", 0, 3.5), ("tan", 1.5, 0.2)],
)  # fmt: skip
def test_balls_over_singularities_are_not_finite(name, centre, radius):
    ball = Ball(acb(arb(centre, radius), arb(0, radius)))
    assert not PRIMITIVES[name](ball).ball.is_finite()


def test_series_are_as_sharp_as_asked_whatever_was_asked_before():
    for bits in (40, 200):
        with ctx.workprec(bits):
            found = raw(Ball(arb(0.75)).apply(PRIMITIVES["sinc_1"]))
            assert found.rad() < arb(2) ** (8 - bits)
