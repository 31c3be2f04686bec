"""Minimax rational functions: published optima, the truth by mpmath, degenerate cases."""

from fractions import Fraction
from functools import cache

import ml_dtypes
import mpmath
import numpy as np
import pytest
from by_mpmath import TRUTHS

import actcli
from actcli.design.by_rational import by_degrees, by_error, whole_line
from actcli.design.request import Conditions
from actcli.evaluation.function_text import resolve

NAMES = ("tanh", "exp(x)", "gelu", "logistic", "abs(x)", "mish")


def sampled(design, truth, count=60):
    """The largest error at samples and touching points, of the coefficients as exact fractions."""

    def part(coefficients, x):
        total = sum(
            (Fraction(c) * Fraction(x) ** k for k, c in enumerate(coefficients)), Fraction(0)
        )
        return mpmath.mpf(total.numerator) / total.denominator

    assert design.basis == "power"
    x = [float(v) for v in (*np.linspace(design.low, design.high, count), *design.attained_at)]
    return max(
        abs(truth(mpmath.mpf(v)) - part(design.coefficients, v) / part(design.denominator, v))
        for v in x
    )


@pytest.mark.parametrize(
    ("name", "m", "n", "optimum"),
    [("abs(x)", 2, 2, 0.0436890), ("abs(x)", 4, 4, 0.00850148), ("exp(x)", 1, 1, 0.0209696),
     ("exp(x)", 2, 2, 8.68999e-5)],
)  # fmt: skip
def test_published_optima_are_reached_and_bounded(name, m, n, optimum):
    """abs: Varga, Ruttan, Carpenter (1993); exp: Trefethen, Approximation Theory, chapter 24."""
    design = by_degrees(actcli.activation(name), -1.0, 1.0, m, n)
    assert design.error_high == pytest.approx(optimum, rel=1e-5)
    assert design.optimum_low <= design.error_high
    assert 1 <= design.ratio <= 1 + 1e-6


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("low", "high"), [(-3.0, 3.0), (-1.0, 2.5), (0.5, 6.0)])
def test_no_claim_is_below_an_error_that_is_found(name, low, high):
    f = actcli.activation(name)
    for m, n in ((1, 0), (1, 1), (2, 1), (2, 2), (3, 2), (4, 4)):
        try:
            design = by_degrees(f, low, high, m, n)
        except ValueError:  # that of these degrees is degenerate
            assert (m, n) != (1, 0)
            continue
        if design.error_high == 0 or design.basis != "power":
            continue
        error = sampled(design, TRUTHS[name])
        assert error <= design.error_high
        if design.optimum_low >= 1e-9:
            assert error >= design.error_low * (1 - 1e-6)
            assert design.ratio <= 1 + 1e-6
            x = np.linspace(low, high, 1001)
            below = np.polynomial.polynomial.polyval(x, design.denominator)
            assert (below > 0).all() or (below < 0).all()


def test_rational_functions_are_recovered():
    design = by_degrees(actcli.activation("x/(1 + x**2)"), -2.0, 3.0, 1, 2)
    assert list(design.coefficients) == [0, 1]
    assert list(design.denominator) == [1, 0, 1]
    assert design.error_high < 1e-40


def test_a_degenerate_best_one_is_proved_by_how_often_it_touches():
    """Of degree 1/1 the best to abs(x) on [-1, 1] is 1/2, which touches at -1, 0 and 1."""
    design = by_degrees(actcli.activation("abs(x)"), -1.0, 1.0, 1, 1)
    assert design.error_high == pytest.approx(0.5)
    assert design.ratio == pytest.approx(1)


def test_the_least_degrees_that_reach_an_error():
    f = actcli.activation("tanh")
    design = by_error(f, -4.0, 4.0, 1e-5)
    m, n = map(int, design.degree.split("/"))
    assert design.error_high <= 1e-5
    smaller = (m, n - 1) if m == n else (m - 1, n)
    assert by_degrees(f, -4.0, 4.0, *smaller).optimum_low > 1e-5


def test_the_whole_line_and_what_is_typed_back():
    design = whole_line(actcli.activation("gelu"), (4, 3), None)
    low, high = design.breakpoints
    typed = actcli.activation(design.formula)
    x = np.concatenate([np.linspace(-3 * high, 3 * high, 1001), [low, high, np.nextafter(high, 9)]])
    errors = [abs(float(TRUTHS["gelu"](mpmath.mpf(float(v)))) - float(typed(v))) for v in x]
    assert max(errors) <= design.error_high + 1e-12
    assert max(errors) == pytest.approx(design.error_high, rel=1e-5)


@cache
def free_of_grids(text, limits, degrees):
    return by_degrees(resolve(text), *limits, *degrees)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("bfloat16", lambda c: float(ml_dtypes.bfloat16(c))),
        ("float16", lambda c: float(np.float16(c))),
        ("float32", lambda c: float(np.float32(c))),
        ("fixed8", lambda c: round(c * 256) / 256),
    ],
)
@pytest.mark.parametrize(
    ("text", "limits", "degrees"),
    [("tanh", (-4.0, 4.0), (5, 4)), ("exp(x)", (0.0, 1.0), (2, 2)), ("gelu", (-3.0, 4.0), (3, 2))],
)
def test_coefficients_on_a_grid(text, limits, degrees, name, nearest):
    f = resolve(text)
    free = free_of_grids(text, limits, degrees)
    found = by_degrees(f, *limits, *degrees, Conditions(coefficients=name))
    assert found.format == name
    assert found.verdict == "proved"
    assert all(nearest(c) == c for c in [*found.coefficients, *found.denominator])
    x = np.linspace(*limits, 8001)
    value = np.polynomial.polynomial.polyval
    worst = np.max(np.abs(f(x) - value(x, found.coefficients) / value(x, found.denominator)))
    assert found.error_low * (1 - 1e-4) <= worst <= found.error_high * (1 + 1e-9)
    plain = [np.array([nearest(c) for c in part]) for part in (free.coefficients, free.denominator)]
    rounded = np.max(np.abs(f(x) - value(x, plain[0]) / value(x, plain[1])))
    assert found.error_high <= rounded * (1 + 1e-6)
    assert found.optimum_low <= free.error_high


@pytest.mark.parametrize(
    ("text", "limits", "degrees", "optimum"),
    [
        ("tanh", (-4.0, 4.0), (0, 3), np.tanh(4)),  # 0: what has one sign cannot follow both
        ("hard_tanh", (-2.0, 5.0), (0, 1), 1.0),
        (
            "step",
            (-4.0, 4.0),
            (3, 2),
            0.5,
        ),  # no continuous function is nearer to a jump than half of it
        ("threshold", (-4.0, 4.0), (0, 5), 0.5),
        ("softsign", (-1.5, 4.0), (0, 1), None),
        ("hard_tanh", (-2.0, 5.0), (4, 4), None),
        ("hard_sigmoid", (-4.0, 4.0), (3, 6), None),
    ],
)
def test_what_the_exchange_alone_does_not_find_is_found_and_proved(text, limits, degrees, optimum):
    f = actcli.activation(text)
    design = by_degrees(f, *limits, *degrees)
    assert 1 <= design.ratio <= 1 + 1e-6
    assert optimum is None or design.error_high == pytest.approx(optimum, rel=1e-6)
    x = np.concatenate([np.linspace(*limits, 4001), design.attained_at])
    value = np.polynomial.polynomial.polyval
    below = value(x, design.denominator)
    assert (below > 0).all() or (below < 0).all()
    error = f(x) - value(x, design.coefficients) / below
    assert np.max(np.abs(error)) <= design.error_high * (1 + 1e-12)
    if text not in (
        "step",
        "threshold",
    ):  # at the touching points signs turn as often as the proof needs
        signs = np.sign(error[4001:])
        turns = 1 + np.count_nonzero(np.diff(signs))
        assert turns == (2 if max(map(abs, design.coefficients)) == 0 else sum(degrees) + 2)
        assert np.min(np.abs(error[4001:])) == pytest.approx(design.error_high, rel=1e-5)


def test_parts_are_told_in_powers():
    design = by_degrees(resolve("exp(x)"), 5.0, 6.0, 4, 4)
    x = np.linspace(5, 6, 101)
    assert design.basis == "chebyshev"
    ((_, _, powers),) = design.parts
    over, under = (
        np.polynomial.chebyshev.chebval(2 * x - 11, part)
        for part in (design.coefficients, design.denominator)
    )
    assert np.polynomial.polynomial.polyval(x, powers) == pytest.approx(over, rel=1e-12)
    assert over / under == pytest.approx(np.exp(x), rel=1e-12)
