"""Minimax polynomials: known optima, the truth by mpmath, and what is typed back."""

from dataclasses import replace
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from by_mpmath import TRUTHS
from flint import fmpq, fmpq_poly
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.polynomial import chebyshev

import actcli
from actcli.design.by_polynomial import by_degree, by_error
from actcli.design.compared import polynomial_of
from actcli.design.design import Design, chebyshev_text
from actcli.design.request import Conditions
from actcli.evaluation.function_text import resolve
from actcli.expressions.parser import parse

NAMES = ("tanh", "exp(x)", "gelu", "logistic", "swish", "abs(x)", "sin(3*x)", "mish")


def value(design: Design, x: float) -> mpmath.mpf:
    """The polynomial of a record at x, in exact fractions."""
    c = [Fraction(v) for v in design.coefficients]
    at = Fraction(x)
    if design.basis == "power":
        total = sum((v * at**k for k, v in enumerate(c)), Fraction(0))
    else:
        low, high = Fraction(design.low), Fraction(design.high)
        u = (2 * at - low - high) / (high - low)
        before, here, total = Fraction(1), u, c[0]
        for v in c[1:]:
            total += v * here
            before, here = here, 2 * u * here - before
    return mpmath.mpf(total.numerator) / total.denominator


def sampled(design: Design, name: str, count: int = 40) -> mpmath.mpf:
    """The largest error at samples and at the touching points."""
    x = [*np.linspace(design.low, design.high, count), *design.attained_at]
    return max(abs(TRUTHS[name](mpmath.mpf(float(v))) - value(design, float(v))) for v in x)


@pytest.mark.parametrize(
    ("name", "degree", "optimum"),
    [("abs(x)", 2, 1 / 8), ("abs(x)", 4, 0.0676209), ("abs(x)", 6, 0.0459291),
     ("exp(x)", 3, 0.00552837)],
)  # fmt: skip
def test_published_optima_are_reached_and_bounded(name, degree, optimum):
    design = by_degree(actcli.activation(name), -1.0, 1.0, degree)
    assert design.error_high == pytest.approx(optimum, rel=1e-5)
    assert design.optimum_low <= design.error_low <= design.error_high
    assert 1 <= design.ratio <= 1 + 1e-6


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("low", "high"), [(-3.0, 3.0), (-1.0, 2.5), (0.5, 8.0)])
def test_no_claim_is_below_an_error_that_is_found(name, low, high):
    f = actcli.activation(name)
    for degree in (0, 1, 2, 3, 6, 9, 14):
        design = by_degree(f, low, high, degree)
        assert design.verdict == "proved"
        error = sampled(design, name)
        assert error <= design.error_high
        assert error >= design.error_low * (1 - 1e-6)  # the touching points are touched
        assert design.error_high - design.error_low <= 1e-6 * design.error_high
        if design.optimum_low >= 1e-9:
            assert design.ratio <= 1 + 1e-6, (degree, design.ratio)


@pytest.mark.parametrize(("name", "low", "high"), [("gelu", -4.0, 4.0), ("exp(x)", -1.0, 1.0)])
def test_the_bound_is_below_what_another_method_reaches(name, low, high):
    """Interpolation in Chebyshev nodes is a rival; none is below the bound, none above the optimum."""
    f = actcli.activation(name)
    x = np.linspace(low, high, 20_001)
    for degree in (1, 2, 5, 8):
        rival = chebyshev.Chebyshev.interpolate(lambda v: f(v), degree, [low, high])
        design = by_degree(f, low, high, degree)
        reached = np.max(np.abs(rival(x) - f(x)))
        assert design.optimum_low <= reached * (1 + 1e-9)
        assert design.error_high <= reached * (1 + 1e-6)


def test_small_errors_are_proved_and_near_the_optimum():
    for degree, most in ((12, 5e-14), (13, 2e-15)):
        design = by_degree(actcli.activation("exp(x)"), -1.0, 1.0, degree)
        assert sampled(design, "exp(x)", 200) <= design.error_high <= most
        assert design.ratio <= 1.15


@settings(max_examples=25)
@given(
    st.lists(st.integers(-999, 999), min_size=1, max_size=6),
    st.sampled_from([(-1.0, 1.0), (-2.0, 3.0), (0.0, 0.5)]),
)
def test_polynomials_are_recovered_exactly(numbers, ends):
    text = " + ".join(f"({n}/8)*x**{k}" for k, n in enumerate(numbers)) + " + 0*x"
    design = by_degree(actcli.activation(text), *ends, len(numbers))
    expected = [n / 8 for n in numbers] + [0.0]
    assert list(design.coefficients) == expected
    assert (design.error_high, design.optimum_low, design.ratio) == (0, 0, 1)


def test_the_least_degree_that_reaches_an_error():
    f = actcli.activation("gelu")
    design = by_error(f, -4.0, 4.0, 1e-3)
    assert design.error_high <= 1e-3 < by_degree(f, -4.0, 4.0, design.degree - 1).optimum_low
    with pytest.raises(ValueError, match=r"degree 60 reaches 0\.0046"):
        by_error(actcli.activation("abs(x)"), -1.0, 1.0, 1e-3)


def test_wherever_powers_lose_digits_chebyshev_polynomials_are_taken():
    design = by_degree(actcli.activation("mish"), -8.0, 8.0, 40)
    assert design.basis == "chebyshev"
    assert design.ratio <= 1 + 1e-6
    assert sampled(design, "mish") <= design.error_high


@pytest.mark.parametrize(("name", "low", "high", "degree"),
                         [("mish", -8.0, 8.0, 40), ("tanh", -3.0, 3.0, 9), ("gelu", -1.0, 3.5, 60),
                          ("exp(x)", 0.1, 0.7, 11), ("abs(x)", -1.0, 1.0, 0)])  # fmt: skip
def test_the_formula_can_be_typed_back(name, low, high, degree):
    design = by_degree(actcli.activation(name), low, high, degree)
    typed = actcli.activation(design.formula)
    for x in np.linspace(low, high, 7):
        assert float(typed(x)) == pytest.approx(float(value(design, float(x))), rel=1e-5, abs=1e-6)


def test_jumps_and_single_values_count():
    design = by_degree(actcli.activation("where(x != 2, gelu(x), 7)"), 0.0, 3.0, 3)
    p = float(value(design, 2.0))
    assert design.error_high >= abs(7 - p)
    step = by_degree(actcli.activation("where(x < 0.1, 0, 1)"), -1.0, 1.0, 4)
    assert step.error_high >= 0.5


def test_a_pole_is_not_proved():
    design = by_degree(actcli.activation("1/x"), -1.0, 1.0, 3)
    assert design.verdict == "undecided"
    with pytest.raises(ValueError, match="no finite value"):
        by_degree(actcli.activation("log(x)"), -1.0, 1.0, 3)


@pytest.mark.parametrize(
    ("text", "limits", "degree"),
    [("tanh", (-4.0, 4.0), 50), ("mish", (-8.0, 8.0), 40), ("logistic", (0.0, 8.0), 30),
     ("exp(x)", (1.0, 3.0), 9), ("softplus", (-3.0, 5.0), 60)],
)  # fmt: skip
def test_chebyshev_sums_as_text_are_the_same_and_lose_no_digits(text, limits, degree):
    found = by_degree(resolve(text), *limits, degree)
    if found.basis != "chebyshev":
        f = resolve(text)
        sums = chebyshev.Chebyshev.interpolate(f, degree, limits).coef.tolist()
        found = replace(found, coefficients=sums, formula=chebyshev_text(sums, *limits))
    low, high = map(Fraction, limits)
    exact = polynomial_of(parse(found.formula))
    u = fmpq_poly([-fmpq(int(low + high)) / int(high - low), fmpq(2) / int(high - low)])
    before, here, total = fmpq_poly([1]), u, fmpq_poly([0])
    for c in found.coefficients:
        total += before * fmpq(*Fraction(c).as_integer_ratio())
        before, here = here, 2 * u * here - before
    assert exact == total
    g = resolve(found.formula)
    for x in np.linspace(*limits, 101).tolist():
        truth = total(fmpq(*Fraction(x).as_integer_ratio()))
        assert abs(Fraction(int(truth.p), int(truth.q)) - Fraction(float(g(x)))) < 2e-14


@pytest.mark.parametrize(("degree", "pin"), [(20, None), (8, "10444.4")])
def test_far_from_0_nothing_is_lost_by_powers_where_hardly_an_error_is_left(degree, pin):
    f = actcli.activation("squareplus")
    design = by_degree(f, 10444.4, 10445.4, degree, Conditions(pin=pin))
    truth = [
        abs((mpmath.mpf(x) + mpmath.sqrt(mpmath.mpf(x) ** 2 + 4)) / 2 - value(design, x))
        for x in np.linspace(10444.4, 10445.4, 201).tolist()
    ]
    assert max(truth) <= design.error_high <= 1e-11  # a double there has steps of 2e-12


def test_half_a_jump_bounds_every_polynomial():
    design = by_degree(actcli.activation("step"), -6.0, 6.0, 14)
    assert 0.5 * (1 - 1e-6) <= design.optimum_low <= 0.5 <= design.error_high <= 0.5 * (1 + 1e-6)


@pytest.mark.parametrize("side", ["above", "below"])
def test_parts_are_told_in_powers_of_what_is_on_a_side(side):
    design = by_degree(resolve("gelu"), -8.0, 8.0, 30, Conditions(**{side: True}))
    x = np.linspace(-8, 8, 401)
    sums = np.polynomial.chebyshev.chebval(x / 8, design.coefficients)
    assert design.basis == "chebyshev"
    ((_, _, powers),) = design.parts
    assert np.polynomial.polynomial.polyval(x, powers) == pytest.approx(sums, abs=1e-8)


@pytest.mark.parametrize("degree", [30, 45])
def test_0_is_the_best_of_what_alternates_more_often(degree):
    """sin(50 x) is 1 or -1 at 128 places of [-4, 4], in turn: 0 is the best of degrees up to 126."""
    found = by_degree(actcli.activation("sin(50*x)"), -4.0, 4.0, degree)
    assert set(found.coefficients) == {0.0}
    assert found.optimum_low <= 1 <= found.error_high <= 1 + 1e-6
    assert found.optimum_low > 1 - 1e-9


@pytest.mark.parametrize("text", ["gelu(x)*sin(x)", "tanh(gelu(x))", "swish(x) - mish(x)/2",
                                  "gelu(mish(2*x), approx=tanh)", "grad(mish(x))*softplus(x)"])  # fmt: skip
def test_registered_functions_in_formulas_are_designed_for(text):
    """Their formulas stand within others; this ended in an internal error."""
    f = resolve(text)
    design = by_degree(f, -2.0, 2.0, 5)
    x = np.linspace(-2, 2, 2001)
    most = np.abs(f(x) - np.polynomial.polynomial.polyval(x, design.coefficients)).max()
    assert design.error_high == pytest.approx(most, rel=1e-5)
    assert design.optimum_low > design.error_high * (1 - 1e-6)
