"""Polynomials of the relative error, exact at places, and on one side: against mpmath."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from by_mpmath import TRUTHS
from scipy.optimize import linprog

import actcli
from actcli.design.by_polynomial import by_degree, by_error
from actcli.design.request import Conditions


def errors(design, truth, relative=False):
    """p - f at samples and touching points, with the coefficients as exact fractions."""
    assert design.basis == "power"
    found = []
    for x in [*np.linspace(design.low, design.high, 201), *design.attained_at]:
        at = Fraction(float(x))
        p = sum((Fraction(c) * at**k for k, c in enumerate(design.coefficients)), Fraction(0))
        f = truth(mpmath.mpf(float(x)))
        error = mpmath.mpf(p.numerator) / p.denominator - f
        if not relative:
            found.append(error)
        elif f:
            found.append(error / abs(f))
    return found


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [("exp(x)", -1.0, 1.0), ("tanh", -3.0, 3.0), ("gelu", -4.0, 4.0), ("gelu", 0.0, 3.0),
     ("softplus", -4.0, 2.0)],
)  # fmt: skip
@pytest.mark.parametrize("degree", [2, 5, 8])
def test_relative_errors_are_proved_and_best(name, low, high, degree):
    design = by_degree(actcli.activation(name), low, high, degree, Conditions(relative=True))
    worst = max(map(abs, errors(design, TRUTHS[name], relative=True)))
    assert design.error_low * (1 - 1e-6) <= worst <= design.error_high
    assert 1 <= design.ratio <= 1 + 1e-6
    plain = by_degree(actcli.activation(name), low, high, degree)
    if plain.coefficients[0] == design.coefficients[0] == 0:  # a rival that keeps the root
        assert max(map(abs, errors(plain, TRUTHS[name], relative=True))) >= design.optimum_low


@pytest.mark.parametrize(
    ("name", "low", "high", "degree"),
    [("exp(x)", -20.0, 20.0, 6), ("exp(x)", -100.0, 1.0, 4), ("gelu", -10.0, 4.0, 8),
     ("laplace", -4.0, 4.0, 4), ("logistic", -40.0, 4.0, 3)],
)  # fmt: skip
def test_what_spans_more_orders_than_doubles_have_digits(name, low, high, degree):
    f = actcli.activation(name)
    design = by_degree(f, low, high, degree, Conditions(relative=True))
    assert design.error_high <= 1 + 1e-12  # that of the polynomial 0
    assert 1 <= design.ratio <= 1 + 1e-6
    # p alternates about f at any places by this at least, as exact elimination gives it
    root = name == "gelu"
    with mpmath.workdps(120):
        truth = TRUTHS.get(name) or (lambda x: mpmath.ncdf((x - 0.707107) / 0.282095))
        ends = [low + (high - low) * t for t in (1e-5, 0.004, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1)]
        x = [mpmath.mpf(v) for v in [low, *ends, high - 0.01, high][-(degree + 2 - root) :]]
        rows = mpmath.matrix([
            [*(v**k for k in range(root, degree + 1)), (-1) ** i * abs(truth(v))]
            for i, v in enumerate(x)
        ])  # fmt: skip
        level = mpmath.lu_solve(rows, mpmath.matrix([truth(v) for v in x]))[-1]
    assert abs(level) <= design.error_high


@pytest.mark.parametrize(
    ("name", "low", "high", "place"),
    [("cos(x)", -1.0, 2.0, "1.5708"), ("relu", -1.0, 1.0, "-1"), ("x**2", -1.0, 1.0, "0 that is not"),
     ("tanh(x - 1)", -3.0, 3.0, "1")],
)  # fmt: skip
def test_another_root_is_named(name, low, high, place):
    with pytest.raises(ValueError, match=f"root at {place}"):
        by_degree(actcli.activation(name), low, high, 3, Conditions(relative=True))


@pytest.mark.parametrize("pin", ["0", "0,1", "-1,0.5"])
def test_pins_hold_and_the_rest_is_best(pin):
    f = actcli.activation("exp(x)")
    design = by_degree(f, -1.0, 1.0, 4, Conditions(pin=pin))
    for x in map(float, pin.split(",")):
        p = sum(Fraction(c) * Fraction(x) ** k for k, c in enumerate(design.coefficients))
        assert abs(mpmath.mpf(p.numerator) / p.denominator - mpmath.exp(x)) < 1e-15
    worst = max(map(abs, errors(design, mpmath.exp)))
    assert design.error_low * (1 - 1e-6) <= worst <= design.error_high
    assert 1 <= design.ratio <= 1 + 1e-6
    assert design.optimum_low >= by_degree(f, -1.0, 1.0, 4).optimum_low


@pytest.mark.parametrize("name", ["exp(x)", "tanh", "gelu"])
def test_one_side_is_kept(name):
    f = actcli.activation(name)
    both = by_degree(f, -2.0, 2.0, 5)
    for asked, sign in ((Conditions(above=True), 1), (Conditions(below=True), -1)):
        design = by_degree(f, -2.0, 2.0, 5, asked)
        assert min(sign * e for e in errors(design, TRUTHS[name])) >= 0
        assert design.error_high == pytest.approx(2 * both.error_high, rel=1e-6)
        assert 1 <= design.ratio <= 1 + 1e-6


def test_an_error_is_reached_under_conditions():
    asked = Conditions(relative=True)
    design = by_error(actcli.activation("exp(x)"), -1.0, 1.0, 1e-4, asked)
    assert design.error_high <= 1e-4
    less = by_degree(actcli.activation("exp(x)"), -1.0, 1.0, design.degree - 1, asked)
    assert less.optimum_low > 1e-4


@pytest.mark.parametrize(
    ("name", "low", "high"), [("tanh", -1.237706558, -1.237706329), ("relu", 2.1, 8.9)]
)
def test_pins_leave_nothing_to_divide_by_beside_them(name, low, high):
    f = actcli.activation(name)
    design = by_degree(f, low, high, 11, Conditions(relative=name == "relu", pin=repr(high)))
    x = np.linspace(low, high, 101)
    t = x if design.basis == "power" else (2 * x - low - high) / (high - low)
    read = (
        np.polynomial.polynomial.polyval
        if design.basis == "power"
        else np.polynomial.chebyshev.chebval
    )
    assert np.max(np.abs(read(t, design.coefficients) - f(x))) < 1e-15 * abs(high)
    assert design.error_high < 1e-15


def test_a_degree_that_is_too_low_for_a_root_is_no_fault_of_a_pin():
    with pytest.raises(
        ValueError, match="a root at 0 that is kept: 1 place; give --degree 1 or more"
    ):
        by_degree(actcli.activation("swish"), -2.0, 2.0, 0, Conditions(relative=True))


def test_a_value_pinned_at_0_is_the_first_coefficient():
    design = by_degree(actcli.activation("tanh_shrink"), -7.0, 7.0, 21, Conditions(pin="-3.5,0"))
    assert design.coefficients[0] == 0.0


def rival(f, low, high, degree, pins):
    """The size of the largest relative error of what a linear program finds, with a root kept at 0."""
    near = [s * 2.0**e for e in range(-40, 0) for s in (-1, 1) if low <= s * 2.0**e <= high]
    x = np.unique([*np.linspace(low, high, 3001), *near])
    y = f(x)
    x, y = x[y != 0], y[y != 0]

    powers = np.arange(f(0.0) == 0, degree + 1)
    terms, ones = x[:, None] ** powers / np.abs(y)[:, None], np.ones((x.size, 1))
    fixed = np.array(pins)[:, None]
    found = linprog(
        [0] * powers.size + [1],
        np.vstack([np.hstack([terms, -ones]), np.hstack([-terms, -ones])]),
        np.concatenate([np.sign(y), -np.sign(y)]),
        np.hstack([fixed**powers, 0 * fixed]), f(fixed),
        bounds=[(None, None)] * powers.size + [(0, None)],
    )  # fmt: skip
    return float(np.abs(terms @ found.x[:-1] - np.sign(y)).max())


@pytest.mark.parametrize(
    ("name", "low", "high", "degree", "pins"),
    [
        ("gelu", -1.0, 1.0, 4, [0.5]),  # with the root at 0 there are two
        ("tanh", -2.0, 1.5, 6, [-1.2, 0.7]),
        ("logistic", -1.0, 3.0, 4, [1.0]),  # touches .002 from an end
        ("leaky_relu", -1.0, 0.75, 5, [0.3]),  # with another slope on each side of the root
        ("softsign", -2.6, 0.9, 4, [0.4]),
    ],
)
def test_no_linear_program_finds_better(name, low, high, degree, pins):
    f = actcli.activation(name)
    asked = Conditions(relative=True, pin=",".join(map(repr, pins)))
    design = by_degree(f, low, high, degree, asked)
    other = rival(f, low, high, degree, pins)
    assert design.optimum_low <= other * (1 + 1e-6)
    assert other <= design.error_high * 1.01  # programs have 1e-7 and a grid
    assert 1 <= design.ratio <= 1 + 1e-6


def test_a_line_is_met_where_its_root_is_an_end_of_the_range():
    """At 0 the formula takes the other branch, whose slope no error on the range has."""
    design = by_degree(actcli.activation("leaky_relu"), 0.0, 1.0, 6, Conditions(relative=True))
    assert design.error_high < 1e-12
    assert not design.optimum_low


@pytest.mark.parametrize(
    ("name", "degree", "asked", "most"),
    [("tanh", 43, Conditions(pin="0"), 1.15), ("tanh", 30, Conditions(pin="0"), 1 + 1e-6),
     ("gelu", 17, Conditions(relative=True), 1 + 1e-6)],
)  # fmt: skip
def test_lower_powers_make_up_for_the_rounding_of_higher_ones(name, degree, asked, most):
    design = by_degree(actcli.activation(name), -2.0, 2.0, degree, asked)
    assert design.coefficients[0] == 0
    assert 1 <= design.ratio <= most
    worst = max(map(abs, errors(design, TRUTHS[name], asked.relative)))
    assert design.optimum_low <= worst <= design.error_high
