"""Shares of pairs whose order is kept, against closed forms, plain quadrature and counts."""

from math import comb, exp, inf, pi, sqrt

import numpy as np
import pytest
from flint import acb, arb
from scipy.integrate import quad
from scipy.special import ndtr, ndtri

from actcli import activation
from actcli.expressions.node import Node
from actcli.expressions.program import Program, derivatives
from actcli.proofs.shape import Shape
from actcli.properties.gaussian.inverse import MonotonePiece, Work
from actcli.properties.gaussian.order_kept import order_kept_probability


def shape(text):
    return Shape(activation(text).tree)


def tie(low, high):
    return (ndtr(high) - ndtr(low)) ** 2


ORDER = {
    "tanh": 1,
    "leaky_relu": 1,
    "relu": 0.75,
    "gelu": 0.892453635811,
    "swish": 0.973198671221,
    "abs": 0.5,
    "square": 0.5,
    "gaussian": 0.5,
    "lisht": 0.5,
    "x**20": 0.5,
    "1e-20*x*tanh(x)": 0.5,
    "cosine": 0.5,
    "sinc": 0.5,
    "step": 0.5,
    "sign": 0.5,
    "-x": 0,
    "0*x": 0,
    "hard_tanh": 1 - 2 * tie(-inf, -1),
    "hard_sigmoid": 1 - 2 * tie(-inf, -3),
    "hard_shrink": 1 - tie(-0.5, 0.5),
    "relu6": 1 - tie(-inf, 0) - tie(6, inf),
    "threshold": 1 - tie(-inf, 1),
    "where(x > 0, 1, 0) + where(x > 1, 1, 0)": 1 - tie(-inf, 0) - tie(0, 1) - tie(1, inf),
    "(x - 1)**2": 1 - ndtr(sqrt(2)),  # in order if a + b > 2, whichever of the two is larger
    "where(x > 0, -1, x)": tie(-inf, 0) + 2 * ndtr(-1) / 2,
}


@pytest.mark.parametrize("text", ORDER)
def test_share_of_pairs_in_order(text):
    assert order_kept_probability(shape(text)) == pytest.approx(ORDER[text], abs=1e-10)


# P = 1 - 2*E[Phi(partner(Z)) - Phi(Z); Z < m], with the partner of a place left of the minimum m right
# of it at the same level; by mpmath's quadrature with 25 digits.
ONE_MINIMUM = {"swish": 0.97319867122082, "swish(x, beta=100)": 0.75007851705431}


@pytest.mark.parametrize("text", ONE_MINIMUM)
def test_share_of_pairs_around_one_minimum(text):
    assert order_kept_probability(shape(text)) == pytest.approx(ONE_MINIMUM[text], abs=1e-10)


def test_share_of_pairs_of_a_wave_on_a_slope():
    """coslu with b = 2 has turns at many levels; counted on 2,000,000 quantiles, right to 2e-7."""
    assert order_kept_probability(Shape(activation("coslu", b=2).tree)) == pytest.approx(
        0.8176074151, abs=2e-7
    )


def test_share_of_pairs_with_turns_far_out():
    """By mpmath: E of the mass right of a of {x: f(x) < f(a)}, whose ends are roots of a quadratic."""
    found = order_kept_probability(shape("0.197*x - 0.004*x**3"))
    assert found == pytest.approx(0.99999998761082929, abs=2e-11)


def test_every_place_of_a_ball_of_levels_is_in_the_ball_that_is_proved():
    """x**2 takes the levels around 1 at their roots, and has a slope of twice those."""
    of_square = activation("x**2").tree
    programs = (Program(derivatives(of_square, n + 1)[n:]) for n in (0, 1))
    part = MonotonePiece(*programs, arb(0.5), arb(2), 1, Work(10_000))
    for size in (1e-9, 0.1, 0.3):
        ball, least = part.roots(acb(arb(1, size), arb(0, size)), arb(1))
        for corner in (acb(1 + a * size, b * size) for a in (-1, 0, 1) for b in (-1, 1)):
            assert ball.contains(corner.sqrt())
            assert abs(2 * corner.sqrt()) > least
    assert part.roots(acb(arb(1, 0.8), arb(0, 0.8)), arb(1)) is None  # down to the turn at 0


def test_a_question_at_its_limit_costs_about_as_much_for_short_formulas():
    """What a call costs beside its steps is counted: sin(40*x) has four steps, and many places."""
    work = Work(1_000_000)
    short, long = Program([Node("x")]), Program([activation("mish").tree])
    work.spend(short)
    first = 1_000_000 - work.left
    work.spend(long)
    assert 1_000_000 - work.left - first < 2 * first


def test_a_share_that_takes_too_long_is_none():
    assert order_kept_probability(shape("sin(40*x)")) is None


def test_share_of_pairs_across_a_jump():
    lost, _ = quad(
        lambda a: exp(-a * a / 2) / sqrt(2 * pi) * (ndtr(a + 5) - 0.5), -5, 0, epsabs=1e-13
    )
    assert order_kept_probability(shape("where(x > 0, x, x + 5)")) == pytest.approx(
        1 - 2 * lost, rel=1e-9
    )


@pytest.mark.parametrize("text", ["phish", "gcu", "sin(2*x)", "min_sine", "exp(-x**2)*sin(x)"])
def test_share_of_pairs_by_counting(text):
    """Many stretches, against counts on a grid."""
    count = 3000
    y = activation(text)(ndtri((np.arange(count) + 0.5) / count))
    kept = sum(int((y[i + 1 :] > y[i]).sum()) for i in range(count)) / comb(count, 2)
    assert order_kept_probability(shape(text)) == pytest.approx(kept, abs=3e-4)
