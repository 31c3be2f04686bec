"""Code of waves, far out and beside their roots, against mpmath: numpy's, as all are one formula."""

import math
from fractions import Fraction

import mpmath
import numpy as np
import pytest

import actcli
from actcli.evaluation.as_code import code_formulas, computed
from actcli.numbers.approximate_periods import near_period

LARGEST = math.ldexp(1 - 2.0**-53, 1024)
BITS = 2_400  # sin(1e308) takes 1,100 for a start


def everywhere(number, seed):
    """Doubles of both signs, of all sizes and around 0."""
    rng = np.random.default_rng(seed)
    sizes = np.exp(rng.uniform(-40, math.log(LARGEST), number))
    near = rng.uniform(0, 60, number)
    signs = rng.choice([-1, 1], 2 * number)
    return np.concatenate([sizes, near, [LARGEST, LARGEST / 1.5]]) * np.append(signs, [1, -1])


def ulps(x, got, truth):
    """Errors in units in the last place of results (n,) at inputs (n,)."""
    found = []
    with mpmath.workprec(BITS):
        for at, number in zip(x.tolist(), got.tolist(), strict=True):
            right = truth(mpmath.mpf(at))
            unit = math.ulp(float(right))
            found.append(float(abs(number - right) / unit) if math.isfinite(number) else math.inf)
    return np.array(found)


def cos_less_x_sin(x):
    return mpmath.cos(x) - x * mpmath.sin(x)


def slope_of_sinc(x):
    return (mpmath.cos(x) - mpmath.sin(x) / x) / x


@pytest.mark.parametrize(
    ("name", "order", "truth"),
    [
        ("snake", 1, lambda x: 1 + mpmath.sin(2 * x)),
        ("sine:omega=2", 0, lambda x: mpmath.sin(2 * x)),
        ("cosine:omega=2", 1, lambda x: -2 * mpmath.sin(2 * x)),
        ("gcu", 1, cos_less_x_sin),
        ("sinc", 1, slope_of_sinc),
        ("sinc", 2, lambda x: -mpmath.sin(x) / x - 2 * slope_of_sinc(x) / x),
        ("sinlu", 2, lambda x: -mpmath.sin(x) if x > 800 else mpmath.mpf(0)),
    ],
)
def test_waves_are_right_at_all_sizes(name, order, truth):
    f = actcli.activation(name)
    x = everywhere(300, order)
    if name == "sinlu":
        x = x[abs(x) > 2000]
    bound = 8 if order < 2 else 2_000  # beside roots of a curvature
    got = computed(code_formulas(f, order)[order], x)
    assert ulps(x, got, truth).max() <= bound


@pytest.mark.parametrize("shift", [0, 0.5])
def test_slopes_of_waves_are_right_beside_their_roots(shift):
    """x sin(x) meets cos(x) about 1/x right of multiples of pi; sin(x) meets x cos(x) left of halves."""
    truth, name = ((cos_less_x_sin, "gcu"), (slope_of_sinc, "sinc"))[shift > 0]
    middles = (np.arange(1, 40) + shift) * math.pi
    roots = middles + (1 if shift == 0 else -1) / middles
    x = np.concatenate([roots + step for step in np.linspace(-0.02, 0.02, 41)])
    got = computed(code_formulas(actcli.activation(name))[1], x)
    assert ulps(x, got, truth).max() <= 8


@pytest.mark.parametrize(
    "formula", ["sin(3*x)", "cos(5*x/4)", "sin(30*x)", "cos(2*x + 1)", "sin(-7*x)"]
)
def test_the_rounding_of_an_argument_turns_no_wave(formula):
    """Of 3*x at 1e30 it is many periods; where 3*x overflows there is a sine all the same."""
    x = everywhere(200, 3)
    if "+" in formula:
        x = x[abs(x) < 1e307]
    typed = formula.replace("sin", "mpmath.sin").replace("cos", "mpmath.cos")
    got = computed(code_formulas(actcli.activation(formula))[0], x)
    with mpmath.workprec(BITS):
        right = [eval(typed, {"mpmath": mpmath, "x": mpmath.mpf(at)}) for at in x.tolist()]
        errors = [float(abs(mpmath.mpf(g) - r)) for g, r in zip(got.tolist(), right, strict=True)]
    assert max(errors) <= 8 * 2.0**-53


@pytest.mark.parametrize("rate", [2, 3, -7, 30, Fraction(3, 2), Fraction(11, 10), 131071])
def test_doubles_next_to_multiples_of_a_period(rate):
    period, rest = near_period(rate)
    with mpmath.workprec(BITS + 600):
        turns = mpmath.mpf(Fraction(rate).numerator) / Fraction(rate).denominator * period
        left = turns - 2 * mpmath.pi * mpmath.nint(turns / (2 * mpmath.pi))
        assert rest == pytest.approx(float(left), rel=1e-15, abs=0)
    assert 2.0**1019 <= abs(float(rate)) * period <= 2.0**1021
    assert abs(rest) < 1e-6
    assert math.frexp(period)[0] * 2**31 % 1 == 0


@pytest.mark.parametrize(
    ("name", "at", "truth"),
    [
        ("arctan", 4.9e84, lambda x: -2 * x / (1 + x * x) ** 2),
        ("arctan", -1e100, lambda x: -2 * x / (1 + x * x) ** 2),
        ("pflu", 1e70, lambda x: (2 - x * x) / 2 / (1 + x * x) ** mpmath.mpf("2.5")),
        ("pflu", -1e90, lambda x: (2 - x * x) / 2 / (1 + x * x) ** mpmath.mpf("2.5")),
        ("dsilu", 1e-109, lambda x: -x / 2),
        ("sqrt_softplus", -1400, lambda x: mpmath.exp(x / 2) / 4),
        ("sqrt_softplus", -300, lambda x: mpmath.exp(x / 2) / 4),
        ("coslu", 1.7e308, lambda x: -mpmath.cos(x)),
    ],
)
def test_curvatures_far_out(name, at, truth):
    got = computed(code_formulas(actcli.activation(name), 2)[2], np.array([at]))
    assert ulps(np.array([at]), got, truth).max() <= 8
