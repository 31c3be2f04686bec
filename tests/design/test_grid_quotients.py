"""Rational functions with coefficients on grids: against all combinations of them, and from outside."""

from fractions import Fraction
from itertools import product

import ml_dtypes
import numpy as np
import pytest

from actcli.design.by_polynomial import by_degree, by_error
from actcli.design.by_rational import by_degrees
from actcli.design.grids import grid_named
from actcli.design.request import Conditions
from actcli.design.watching import watched
from actcli.evaluation.function_text import resolve

polyval = np.polynomial.polynomial.polyval


def around(number, form, count):
    """The numbers of a format about one, by the bits of a library, or multiples of a step."""
    if form.startswith("fixed"):
        step = 2.0 ** -int(form.removeprefix("fixed"))
        return (round(number / step) + np.arange(-count, count + 1)) * step
    bits = np.array([number]).astype(ml_dtypes.bfloat16).view(np.int16)[0]
    bits = (bits + np.arange(-count, count + 1)).astype(np.int16)
    return bits.view(ml_dtypes.bfloat16).astype(float)


def least_of_all(f, limits, over, under, form, count):
    """The least error of all numerators and denominators about some, at samples and at many more."""
    x = np.cos(np.linspace(0, np.pi, 121)) * (limits[1] - limits[0]) / 2 + sum(limits) / 2
    tops = np.array(list(product(*(around(c, form, count) for c in over))))
    values = polyval(x, tops.T)
    best, kept = np.inf, None
    for q in product([1.0], *(around(c, form, count) for c in under[1:])):
        below = polyval(x, q)
        if below.min() <= 0:
            continue
        errors = np.max(np.abs(values / below - f(x)), axis=1)
        if errors.min() < best:
            best, kept = errors.min(), (tops[errors.argmin()], q)
    x = np.linspace(*limits, 20_001)
    return np.max(np.abs(polyval(x, kept[0]) / polyval(x, kept[1]) - f(x)))


@pytest.mark.parametrize(
    ("text", "limits", "degrees", "form", "count"),
    [
        ("exp(x)", (-1.0, 1.0), (1, 1), "fixed4", 24),
        ("exp(x)", (1.0, 2.0), (1, 1), "fixed4", 40),
        ("tanh", (0.5, 3.0), (1, 1), "bfloat16", 24),
        ("gelu", (-2.0, 3.0), (2, 1), "fixed6", 8),
        ("logistic", (-2.0, 2.0), (1, 2), "bfloat16", 6),
        ("softplus", (-1.0, 2.0), (2, 2), "fixed4", 4),
    ],
)
def test_none_of_all_combinations_is_better(text, limits, degrees, form, count):
    f = resolve(text)
    found = by_degrees(f, *limits, *degrees, Conditions(coefficients=form))
    free = by_degrees(f, *limits, *degrees)
    least = min(
        least_of_all(f, limits, d.coefficients, d.denominator, form, count) for d in (free, found)
    )
    assert found.error_high <= least * 1.0001
    assert found.optimum_low <= found.grid_low <= least
    assert found.error_high <= found.grid_low * 1.0001


def test_degrees_of_hardware_are_proved_the_best():
    f = resolve("gelu")
    found = by_degrees(f, -4.0, 4.0, 3, 3, Conditions(coefficients="bfloat16"))
    assert found.grid_low < found.error_high <= found.grid_low * 1.0001
    x = np.linspace(-4, 4, 20_001)
    error = np.abs(polyval(x, found.coefficients) / polyval(x, found.denominator) - f(x)).max()
    assert error == pytest.approx(found.error_high, rel=1e-5)
    numbers = np.array([*found.coefficients, *found.denominator])
    np.testing.assert_array_equal(numbers, numbers.astype(ml_dtypes.bfloat16).astype(float))


def test_a_polynomial_of_a_grid_has_the_bound_of_its_grid():
    f = resolve("exp(x)")
    found = by_degree(f, -1.0, 1.0, 6, Conditions(coefficients="bfloat16"))
    free = by_degree(f, -1.0, 1.0, 6)
    assert found.optimum_low > 10 * free.error_high
    assert found.error_high <= found.optimum_low * 1.0001


EXACT = {
    "relu": lambda x: max(x, Fraction(0)),
    "softsign": lambda x: x / (1 + abs(x)),
    "hard_swish": lambda x: x * min(max(x + 3, Fraction(0)), Fraction(6)) / 6,
}


@pytest.mark.parametrize(
    ("text", "limits", "degrees", "pins", "form"),
    [
        ("relu", (-1.0, 2.0), (2, 0), [0.5], "fixed4"),
        ("relu", (-1.0, 2.0), (3, 0), [1.0], "bfloat16"),
        ("relu", (-1.0, 1.0), (4, 0), [-1.0, 0.0, 1.0], "float16"),
        ("hard_swish", (-4.0, 4.0), (4, 0), [0.0, 3.0], "fixed8"),
        ("softsign", (-1.0, 2.0), (2, 2), [0.5], "bfloat16"),
        ("softsign", (-1.0, 2.0), (1, 1), [1.0], "fixed4"),
    ],
)
def test_pins_are_kept_exactly(text, limits, degrees, pins, form):
    f, (m, n) = resolve(text), degrees
    asked = Conditions(pin=",".join(map(repr, pins)), coefficients=form)
    found = by_degrees(f, *limits, m, n, asked) if n else by_degree(f, *limits, m, asked)
    under = found.denominator or [1.0]
    for pin in map(Fraction, pins):
        over, below = (
            sum(Fraction(c) * pin**k for k, c in enumerate(part))
            for part in (found.coefficients, under)
        )
        assert over / below == EXACT[text](pin)
    lowest = found.grid_low if n else found.optimum_low
    assert found.error_high <= lowest * 1.0001
    x = np.linspace(*limits, 20_001)
    error = np.abs(polyval(x, found.coefficients) / polyval(x, under) - f(x)).max()
    assert error == pytest.approx(found.error_high, rel=1e-5)


def test_none_of_all_combinations_with_a_pin_is_better():
    found = by_degree(resolve("relu"), -1.0, 2.0, 3, Conditions(pin="1,-1", coefficients="fixed5"))
    x = np.unique([0.0, *np.linspace(-1, 2, 4001)])
    least = np.inf
    for c3, c2 in product(np.arange(-32, 33) / 32, repeat=2):
        slope, height = 0.5 - c3, 0.5 - c2  # p(1) = 1 and p(-1) = 0
        assert height + slope + c2 + c3 == 1
        least = min(least, np.abs(polyval(x, [height, slope, c2, c3]) - np.maximum(x, 0)).max())
    assert found.error_high <= least * 1.0001


@pytest.mark.parametrize(
    ("text", "pin", "why"),
    [
        ("gelu", "1", "about 0.841345 there, not known to be a fraction"),
        ("softsign", "0.5", "softsign is 1/3 there, which no polynomial"),
        ("relu", "-0.5,0.5,1", "none were found"),
    ],
)
def test_why_a_pin_is_refused(text, pin, why):
    with pytest.raises(ValueError, match=why):
        by_degree(resolve(text), -1.0, 2.0, 3, Conditions(pin=pin, coefficients="fixed1"))


def descended(error, numbers, grid, fixed):
    """The least error that steps of one or two numbers lead to, as long as they make it smaller."""
    best, again = error(numbers), True
    while again:
        again = False
        for a, b in product(range(len(numbers)), repeat=2):
            for up, also in product((-1, 1), (-1, 0, 1)):
                tried = list(numbers)
                if fixed in (a, b) or a < b:
                    continue
                tried[a] = grid.next(tried[a], up)
                tried[b] = grid.next(tried[b], also) if also else tried[b]
                if (found := error(tried)) < best * (1 - 1e-7):
                    best, numbers, again = found, tried, True
    return best


@pytest.mark.parametrize(
    ("text", "limits", "degrees", "form", "reached"),
    [
        ("swish", (-2.0, -1.0), (4, 3), "fixed8", 1.1e-5),
        ("gelu", (-3.0, 3.5), (4, 4), "bfloat16", 1.22e-3),
        ("exp(x)", (-1.0, 1.0), (5, 5), "fixed8", 2.1e-6),
    ],
)
def test_no_steps_near_by_are_better_where_powers_are_nearly_dependent(
    text, limits, degrees, form, reached
):
    f = resolve(text)
    found = by_degrees(f, *limits, *degrees, Conditions(coefficients=form))
    x, top = np.linspace(*limits, 4001), degrees[0] + 1

    def error(numbers):
        below = polyval(x, numbers[top:])
        if below.min() <= 0 <= below.max():
            return np.inf
        return np.abs(polyval(x, numbers[:top]) / below - f(x)).max()

    numbers = [*found.coefficients, *found.denominator]
    if form == "bfloat16":
        np.testing.assert_array_equal(numbers, np.array(numbers).astype(ml_dtypes.bfloat16))
    else:
        np.testing.assert_array_equal(np.array(numbers) * 256 % 1, 0)
    assert error(numbers) == pytest.approx(found.error_high, rel=1e-4)
    least = descended(error, numbers, grid_named(form), top)
    assert found.error_high <= min(least * 1.0001, reached)


def test_a_bound_is_proved_where_places_decide_alone():
    """At 0 the height alone decides, so that weights of all other places are 0."""
    found = by_degree(resolve("tanh"), 0.0, 3.0, 6, Conditions(coefficients="fixed8"))
    assert found.error_high <= found.optimum_low * 1.0001


def test_a_search_tells_who_watches():
    told = []
    with watched(lambda *how_far: told.append(how_far)):
        by_degrees(resolve("mish"), -4.0, 4.0, 3, 3, Conditions(coefficients="fixed12"))
    done, total, what = told[-1]
    assert 0 < done <= total
    assert "0.0046" in what


@pytest.mark.filterwarnings("error")
def test_what_lies_beyond_the_largest_of_a_format_is_no_warning():
    f = resolve("softplus")
    found = by_degrees(f, -4.0, 0.0, 4, 4, Conditions(coefficients="float16"))
    x = np.linspace(-4, 0, 4001)
    error = np.abs(polyval(x, found.coefficients) / polyval(x, found.denominator) - f(x)).max()
    assert error == pytest.approx(found.error_high, rel=1e-4)


def test_higher_degrees_begin_with_what_lower_ones_have():
    f, asked = resolve("exp"), Conditions(coefficients="fixed8")
    bests = [by_degree(f, 0.0, 1.0, degree, asked).error_high for degree in (4, 6)]
    most = by_degree(f, 0.0, 1.0, 24, asked)
    assert most.error_high <= min(bests) < 5e-4
    x = np.linspace(0, 1, 4001)
    found = np.abs(polyval(x, most.coefficients) - np.exp(x)).max()
    assert most.error_low * (1 - 1e-4) <= found <= most.error_high * (1 + 1e-9)


def test_an_error_is_looked_for_on_a_grid_degree_by_degree():
    f, asked = resolve("gelu"), Conditions(coefficients="bfloat16")
    found = by_error(f, -4.0, 4.0, 5e-3, asked)
    assert found.error_high <= 5e-3
    before = by_degree(f, -4.0, 4.0, found.degree - 2, asked)
    assert max(before.optimum_low, before.grid_low) > 5e-3
    with pytest.raises(ValueError, match=r"of bfloat16 that reaches 3e-05 .* was found; degree 1"):
        by_error(resolve("tanh"), -2.0, 2.0, 3e-5, asked)
