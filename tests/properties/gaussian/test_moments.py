"""Averages over a normal input, against closed forms, the contract's numbers and plain quadrature."""

from fractions import Fraction
from math import e, erf, exp, factorial, gamma, inf, isnan, log, pi, sqrt

import numpy as np
import pytest
from scipy.special import ndtr

from actcli import activation, names
from actcli.evaluation.function_text import resolve
from actcli.proofs.shape import Shape
from actcli.properties import check
from actcli.properties.gaussian.moments import gaussian


def shape(text):
    return Shape(activation(text).tree)


def near(expected, relative=1e-10):
    return pytest.approx(expected, rel=relative, abs=1e-13 * min(1, abs(expected)))


PHI_1 = (1 + erf(1 / sqrt(2))) / 2  # P(Z < 1)
BELL_1 = exp(-1 / 2) / sqrt(2 * pi)

CLOSED = {  # f: (E f, E f^2, E f'^2)
    "relu": (1 / sqrt(2 * pi), 1 / 2, 1 / 2),
    "identity": (0, 1, 1),
    "2*x + 3": (3, 13, 4),
    "square": (1, 3, 4),
    "abs": (sqrt(2 / pi), 1, 1),
    "step": (1 / 2, 1 / 2, 0),
    "sign": (0, 1, 0),
    "exponential": (sqrt(e), e**2, e**2),
    "cosine": (exp(-1 / 2), (1 + exp(-2)) / 2, (1 - exp(-2)) / 2),
    "sine:omega=30": (0, 1 / 2, 450),
    "gaussian": (1 / sqrt(3), 1 / sqrt(5), 4 / 5**1.5),
    "normal_cdf(x)": (1 / 2, 1 / 3, 1 / (2 * pi * sqrt(3))),
    "gelu": (1 / (2 * sqrt(pi)), 1 / 3 + 1 / (2 * pi * sqrt(3)), None),
    "leaky_relu": (0.99 / sqrt(2 * pi), (1 + 0.01**2) / 2, (1 + 0.01**2) / 2),
    "hard_tanh": (0, 2 * PHI_1 - 1 - 2 * BELL_1 + 2 * (1 - PHI_1), 2 * PHI_1 - 1),
    "squared_relu": (1 / 2, 3 / 2, 2),
    "x**4": (3, 105, 16 * 15),
    "x**20": (factorial(20) / (2**10 * factorial(10)), factorial(40) / (2**20 * factorial(20)), None),
    "1e-20*x**2": (1e-20, 3e-40, 4e-40),
    "abs(x)**1.5": (2**0.75 * gamma(1.25) / sqrt(pi), 2 * sqrt(2 / pi), 9 / 4 * sqrt(2 / pi)),
    "0*x": (0, 0, 0),
}  # fmt: skip


@pytest.mark.parametrize("text", CLOSED)
def test_closed_forms(text):
    found = gaussian(shape(text))
    assert found.certified
    for number, expected in zip(
        (found.mean, found.mean_square, found.gradient_mean_square), CLOSED[text], strict=True
    ):
        if expected is not None:
            assert number == near(expected)
    if not found.infinite and found.mean_square:
        assert found.variance == near(found.mean_square - found.mean**2, 1e-7)
        assert found.gain == near(1 / sqrt(found.mean_square))


@pytest.mark.parametrize(
    ("text", "expected"),
    {
        "tanh": (0, 0.394294490398, 0.394294490398, 0.464402902448, 0.002760481055),
        "relu": (0.398942280401, 0.5, 0.340845056908, 0.5, 0.5),
    }.items(),
)
def test_the_contract_s_moments(text, expected):
    found = gaussian(shape(text))
    numbers = (
        found.mean, found.mean_square, found.variance, found.gradient_mean_square, found.flat_share
    )  # fmt: skip
    assert numbers == pytest.approx(expected, abs=6e-13)


@pytest.mark.parametrize(
    ("text", "gain", "slope", "chi1"),
    [
        ("relu", 1.41421356237, 1, 1),
        ("gelu", 1.53353044120, 1.14406319687, 1.07203159844),
        ("tanh", 1.59253741972, 0.461070830478, 1.17780723230),
    ],
)
def test_the_contract_s_gains(text, gain, slope, chi1):
    found = gaussian(shape(text))
    assert (found.gain, found.slope, found.chi1) == pytest.approx((gain, slope, chi1), rel=1e-11)


def test_the_contract_s_means():
    assert abs(gaussian(shape("selu")).mean) < 1e-15
    assert gaussian(shape("serlu")).mean == pytest.approx(1.8273449968e-07, rel=1e-9)
    assert gaussian(shape("logistic")).mean == 0.5


@pytest.mark.parametrize("name", names())
def test_every_function_is_certified_and_agrees_with_plain_quadrature(name):
    function = activation(name)
    form = Shape(function.tree)
    found = gaussian(form)
    assert found.certified
    assert not found.infinite
    edges = np.unique([*np.linspace(-12, 12, 193), *(p.number for p in form.breakpoints)])
    u, w = np.polynomial.legendre.leggauss(16)
    half = np.diff(edges)[:, None] / 2
    x = edges[:-1, None] + half * (1 + u)
    weight = w * half * np.exp(-x * x / 2) / sqrt(2 * pi)
    value, gradient = function.value_and_gradient(x)
    assert found.mean == pytest.approx((value * weight).sum(), abs=1e-12)
    assert found.mean_square == pytest.approx((value**2 * weight).sum(), rel=1e-11)
    assert found.gradient_mean_square == pytest.approx((gradient**2 * weight).sum(), rel=1e-11)
    moment = (x**2 * value**2 * weight).sum()
    slope = (moment - found.mean_square) / (2 * found.mean_square)
    assert found.slope == pytest.approx(slope, abs=1e-10)
    fine = np.linspace(-6, 6, 400_001)
    flat = np.abs(function.gradient(fine)) < 0.01
    share = (flat * np.exp(-fine * fine / 2)).sum() * (fine[1] - fine[0]) / sqrt(2 * pi)
    assert found.flat_share == pytest.approx(share, abs=2e-5)


@pytest.mark.parametrize(
    ("text", "share"),
    [
        ("square", erf(0.005 / sqrt(2))),  # |x| < 0.005
        ("leaky_relu", 0),
        ("0.01*x", 0),  # strict
        ("where(x > 1, 5, 7)", 1),
        ("x**2/2 + x", ndtr(-0.99) - ndtr(-1.01)),
        ("min(1, max(0, x))", 1 - (ndtr(1) - ndtr(0))),
    ],
)
def test_flat_share(text, share):
    assert gaussian(shape(text)).flat_share == pytest.approx(share, abs=1e-11)


def test_infinite_averages_are_told():
    everything = gaussian(shape("exp(x**2)"))
    assert everything.infinite
    assert everything.mean == everything.mean_square == everything.variance == inf
    root = gaussian(shape("sqrt(abs(x))"))
    assert (root.infinite, root.certified, root.gradient_mean_square) == (True, True, inf)
    assert root.mean_square == near(sqrt(2 / pi))
    pole = gaussian(shape("1/x"))
    assert isnan(pole.mean)
    assert pole.mean_square == inf
    assert pole.infinite
    edge = gaussian(shape("exp(x**2/4)"))  # its square is as large as the density is small
    assert edge.mean_square == inf


def test_what_cannot_be_certified_is_measured():
    found = gaussian(shape("exp(x**2/8)"))
    assert not found.certified
    assert found.mean == pytest.approx(2 / sqrt(3), rel=1e-12)
    assert found.mean_square == pytest.approx(sqrt(2), rel=1e-12)
    beyond = gaussian(shape("1e200*x"))  # its mean square is no double, ratios are known
    assert not beyond.infinite
    assert isnan(beyond.mean_square)
    assert (beyond.gain, beyond.slope, beyond.chi1) == (near(1e-200), near(1), near(1))


def test_slow_decay_is_not_cut_off():
    """E exp(2*c*Z^2) = 1/sqrt(1 - 4*c); for c = 0.24 most of it lies beyond 5."""
    found = gaussian(shape("exp(0.24*x**2)"))
    assert found.mean_square == pytest.approx(5, rel=1e-9)
    assert found.slope == pytest.approx(12, rel=1e-9)  # (0.04^-1.5 - 5)/10


def test_rounding_errors_are_no_averages():
    """f' cancels beside 0: sums over it are of rounding errors, 4.5e20 instead of 0.7."""
    found = gaussian(shape("where(x != 0, (exp(x) - 1)/x, 1)"))
    assert isnan(found.gradient_mean_square) or found.gradient_mean_square < 1
    assert found.mean == pytest.approx(1.19495766, abs=1e-7)  # sum of m_k/(k + 1)!, m_k = E Z^k
    assert isnan(gaussian(shape("x/tanh(x)")).flat_share) or (
        gaussian(shape("x/tanh(x)")).flat_share == pytest.approx(0.0119758, abs=1e-5)
    )


@pytest.mark.parametrize("scale", ["1e-200", "1e-12", "1", "1e12", "1.2e154", "1e200"])
def test_moments_of_a_function_times_a_constant(scale):
    """Those of tanh (PROPERTIES.md) times the constant, or its square; beyond the doubles none."""
    size = Fraction(scale)
    asked = check(resolve(f"{scale}*tanh(x)"), ["gaussian_moments", "gain"])
    moments, gain = (row.value for row in asked)
    for key, unit in (
        ("mean_square", "0.394294490398"),
        ("gradient_mean_square", "0.464402902448"),
    ):
        right = size**2 * Fraction(unit)
        if right > Fraction(1.7976931348623157e308):
            assert moments[key] is None
        else:
            assert moments[key] == pytest.approx(float(right), rel=1e-10, abs=0)
    assert asked[1].verdict == "proved"
    assert gain["gain"] == pytest.approx(float(Fraction("1.59253741972") / size), rel=1e-10)
    assert gain["slope"] == pytest.approx(0.461070830478, rel=1e-10)
    assert gain["chi1"] == pytest.approx(1.17780723230, rel=1e-10)


def test_mean_hidden_by_the_size_of_the_function():
    """E is 1e123, far below what sums of numbers of size 1e153 show."""
    (row,) = check(resolve("(tanh(x) + 1e-30)*1e153"), ["gaussian_moments"])
    assert row.value["mean"] in (None, pytest.approx(1e123, rel=1e-8))


def test_measured_means_of_giants_that_sit_far_out():
    """E exp(40 Z) 1e-600 is exp(800) 1e-600: half of it lies beyond 40, where sums end."""
    (row,) = check(resolve("1e-300*exp(20*x)"), ["gaussian_moments"])
    right = exp(800 - 600 * log(10))
    assert row.value["mean_square"] in (None, pytest.approx(right, rel=1e-8))
