"""Coefficients on grids: against all combinations near by, and against rounding."""

from itertools import product

import ml_dtypes
import numpy as np
import pytest

import actcli
from actcli.design.by_polynomial import by_degree, by_error
from actcli.design.grids import grid_named
from actcli.design.request import Conditions
from actcli.evaluation.function_text import resolve


def neighbours(number, dtype, count):
    """The numbers of a format around one, by the bits of a library."""
    nearest = np.array([number]).astype(dtype)
    bits = nearest.view(np.int16)[0]
    return [float(v) for v in (bits + np.arange(-count, count + 1)).astype(np.int16).view(dtype)]


@pytest.mark.parametrize("name", ["exp(x)", "softplus", "sin(x + 1)"])
@pytest.mark.parametrize(
    ("form", "degree"), [("fixed5", 3), ("fixed6", 4), ("bfloat16", 3), ("bfloat16", 2)]
)
def test_none_of_all_combinations_near_by_is_better(name, form, degree):
    f = actcli.activation(name)
    design = by_degree(f, -1.0, 1.5, degree, Conditions(coefficients=form))
    free = by_degree(f, -1.0, 1.5, degree)
    x = np.cos(np.linspace(0, np.pi, 241)) * 1.25 + 0.25
    y = f(x)
    if form == "bfloat16":
        choices = [neighbours(c, ml_dtypes.bfloat16, 4) for c in free.coefficients]
    else:
        step = 2.0 ** -int(form.removeprefix("fixed"))
        choices = [(round(c / step) + np.arange(-4, 5)) * step for c in free.coefficients]
    *rest, last = choices
    top = np.outer(last, x**degree) - y
    found = []
    for head in product(*rest):
        sizes = np.max(np.abs(np.polynomial.polynomial.polyval(x, head) + top), axis=1)
        found += [(size, (*head, c)) for size, c in zip(sizes, last, strict=True)]
    least = min(size for size, _ in found)
    x = np.linspace(-1.0, 1.5, 20_001)  # the first samples see a little less than all
    best = min(
        np.max(np.abs(np.polynomial.polynomial.polyval(x, c) - f(x)))
        for size, c in found
        if size <= least * 1.001
    )
    assert design.error_high <= best * 1.0001
    assert design.optimum_low <= best


@pytest.mark.parametrize(("form", "dtype"), [("float32", np.float32), ("float16", np.float16),
                                             ("bfloat16", ml_dtypes.bfloat16)])  # fmt: skip
def test_coefficients_are_numbers_of_the_format(form, dtype):
    for name, degree in (("exp(x)", 5), ("gelu", 6)):
        design = by_degree(
            actcli.activation(name), -2.0, 2.0, degree, Conditions(coefficients=form)
        )
        c = np.array(design.coefficients)
        np.testing.assert_array_equal(c, c.astype(dtype).astype(np.float64))
        x = np.linspace(-2, 2, 4001)
        error = np.max(np.abs(np.polynomial.polynomial.polyval(x, c) - actcli.activation(name)(x)))
        assert error <= design.error_high * (1 + 1e-12)
        assert error == pytest.approx(design.error_high, rel=1e-4)
        rounded = np.array(by_degree(actcli.activation(name), -2.0, 2.0, degree).coefficients)
        rounded = rounded.astype(dtype).astype(np.float64)
        plain = np.max(
            np.abs(np.polynomial.polynomial.polyval(x, rounded) - actcli.activation(name)(x))
        )
        assert design.error_high <= plain * (1 + 1e-4)


def test_steps_of_a_grid_are_its_neighbours():
    for number in (1.0, -1.0, 1.5, 0.75, 2.0, -0.5, 3.14):
        grid = grid_named("bfloat16")
        start = grid.nearest(number)
        around = sorted(neighbours(start, ml_dtypes.bfloat16, 1))
        assert [grid.next(start, -1), start, grid.next(start, 1)] == around


@pytest.mark.parametrize("name", ["float8", "fixed", "fixed99", "int8"])
def test_another_format_is_refused(name):
    with pytest.raises(ValueError, match="as in fixed8"):
        grid_named(name)


@pytest.mark.parametrize(
    ("text", "limits", "degree", "value"),
    [("exp(x)", (-1.0, 1.0), 4, 1.0), ("logistic", (-4.0, 4.0), 5, 0.5), ("tanh", (-1.0, 1.0), 5, 0.0)],
)  # fmt: skip
def test_a_pin_at_0_stays_on_a_grid(text, limits, degree, value):
    free = by_degree(resolve(text), *limits, degree, Conditions(pin="0"))
    found = by_degree(resolve(text), *limits, degree, Conditions(pin="0", coefficients="bfloat16"))
    assert found.coefficients[0] == value
    assert free.error_high <= found.error_high <= 4 * free.error_high


@pytest.mark.parametrize("side", ["above", "below"])
@pytest.mark.parametrize("name", ["bfloat16", "fixed6"])
def test_a_side_is_kept_on_a_grid(side, name):
    asked = Conditions(coefficients=name, **{side: True})
    found = by_degree(resolve("exp(x)"), -1.0, 1.0, 3, asked)
    x = np.linspace(-1, 1, 4001)
    gap = np.polynomial.polynomial.polyval(x, found.coefficients) - np.exp(x)
    assert np.all(gap * (1 if side == "above" else -1) >= 0)
    assert np.max(np.abs(gap)) == pytest.approx(found.error_high, rel=1e-4)
    assert all(grid_named(name).nearest(c) == c for c in found.coefficients)


def test_a_root_that_is_kept_is_no_sample_of_a_relative_error():
    f = actcli.activation("hard_tanh")  # odd with kinks: the samples between touching points meet 0
    asked = Conditions(relative=True, coefficients="bfloat16")
    design = by_degree(f, -2.8, 2.8, 7, asked)
    free = by_degree(f, -2.8, 2.8, 7, Conditions(relative=True))
    x = np.linspace(1e-3, 2.8, 20_001)
    rounded = np.array(free.coefficients).astype(ml_dtypes.bfloat16).astype(float)
    off, rounded_off = (
        np.max(np.abs(np.polynomial.polynomial.polyval(x, c) / f(x) - 1))
        for c in (design.coefficients, rounded)
    )
    assert off == pytest.approx(design.error_high, rel=1e-5)
    assert off <= rounded_off
    assert np.array_equal(
        design.coefficients, np.array(design.coefficients).astype(ml_dtypes.bfloat16)
    )


def test_a_neighbour_of_the_smallest_coefficient_is_not_missed():
    f = actcli.activation("swish")
    design = by_degree(f, -0.1, 2.4, 3, Conditions(coefficients="bfloat16"))
    x = np.linspace(-0.1, 2.4, 100_001)
    others = design.coefficients[1:]
    off = [
        np.max(np.abs(np.polynomial.polynomial.polyval(x, [c, *others]) - f(x)))
        for c in neighbours(design.coefficients[0], ml_dtypes.bfloat16, 3)
    ]
    assert design.error_high <= min(off) * (1 + 1e-6)


def test_programs_that_doubles_do_not_solve_leave_what_was_found(monkeypatch):
    """As of powers up to 30 on -1:7, where rows of different places are the same in doubles."""

    def singular(*_):
        raise np.linalg.LinAlgError("Singular matrix")

    monkeypatch.setattr("actcli.design.grid_search.least", singular)
    f = actcli.activation("exp(x)")
    design = by_degree(f, -1.0, 1.0, 3, Conditions(coefficients="fixed5"))
    x = np.linspace(-1, 1, 100_001)
    off = np.max(np.abs(np.polynomial.polynomial.polyval(x, design.coefficients) - f(x)))
    assert all(c * 32 == round(c * 32) for c in design.coefficients)
    assert off == pytest.approx(design.error_high, rel=1e-6)


@pytest.mark.parametrize("form", ["fixed3", "bfloat16"])
@pytest.mark.parametrize("side", [{}, {"above": True}, {"below": True}])
@pytest.mark.parametrize(("name", "high"), [("relu", 0.0), ("x/2", 1.0), ("0*x", 1.0)])
def test_what_is_a_polynomial_of_the_grid_is_found_without_an_error(name, high, side, form):
    asked = Conditions(coefficients=form, **side)
    found = by_degree(resolve(name), -1.0, high, 2, asked)
    assert found.coefficients == [0.0, 0.5 if name == "x/2" else 0.0, 0.0]
    assert found.error_high < 1e-50


def test_an_error_that_is_0_in_units_of_f_is_refused_as_any_other():
    with pytest.raises(ValueError, match="no polynomial up to degree 60 reaches"):
        by_error(resolve("exp"), 0.0, 20.0, 1e-320)
