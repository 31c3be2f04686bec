"""Coefficients on grids of what is nowhere below f, or nowhere above: against all combinations near by."""

from itertools import product

import numpy as np
import pytest

from actcli.design.by_polynomial import by_degree
from actcli.design.by_rational import by_degrees
from actcli.design.grids import grid_named
from actcli.design.request import Conditions
from actcli.evaluation.function_text import resolve

polyval = np.polynomial.polynomial.polyval


@pytest.mark.parametrize("side", [1, -1])
@pytest.mark.parametrize(
    ("text", "limits", "degrees", "form"),
    [
        ("exp(x)", (-1.0, 1.0), (3, 0), "fixed6"),  # above it is 1 + x + ... which touches at 0
        ("gelu", (0.0, 2.0), (3, 0), "fixed6"),
        ("tanh", (0.0, 3.0), (1, 2), "fixed8"),
        ("sin(x)", (-2.0, 0.0), (1, 1), "fixed8"),
        ("softplus", (-1.0, 2.0), (2, 1), "bfloat16"),
        ("relu", (-1.0, 3.0), (2, 1), "fixed4"),  # which touches at a kink, and at both ends
    ],
)
def test_none_near_by_on_the_side_is_better(text, limits, degrees, form, side):
    f, (m, n), grid = resolve(text), degrees, grid_named(form)
    asked = Conditions(coefficients=form, above=side > 0, below=side < 0)
    found = by_degrees(f, *limits, m, n, asked) if n else by_degree(f, *limits, m, asked)
    x = np.unique([0.0, *np.linspace(*limits, 4001)])
    y = f(x)

    def read(over, under):
        return side * (polyval(x, over) / polyval(x, under) - y)

    own = read(found.coefficients, found.denominator or [1.0])
    assert own.min() >= -1e-15
    assert own.max() == pytest.approx(found.error_high, rel=1e-5)
    assert found.verdict == "proved"
    numbers = [*found.coefficients, *(found.denominator or [1.0])[1:]]
    steps = [[grid.next(c, -1), c, grid.next(c, 1)] for c in numbers]
    least = np.inf
    for tried in product(*steps):
        under = [1.0, *tried[m + 1 :]]
        if polyval(x, under).min() > 0 and (r := read(tried[: m + 1], under)).min() >= 1e-12:
            least = min(least, r.max())
    assert found.error_high <= least * 1.0001
    assert max(found.optimum_low, found.grid_low) <= least


def test_f_itself_is_on_both_sides():
    found = by_degrees(
        resolve("x/(1 + x*x)"), 0.0, 1.0, 1, 2, Conditions(coefficients="fixed4", above=True)
    )
    assert (found.coefficients, found.denominator) == ([0.0, 1.0], [1.0, 0.0, 1.0])
    assert found.error_high == 0.0


@pytest.mark.parametrize(
    ("text", "limits", "grid", "side", "best"),
    [
        ("abs(x - 1)", (-2.0, 2.0), "fixed2", 1, [1.5, -0.75, 0.25]),  # at its end
        ("softsign", (-1.5, 3.0), "fixed3", -1, [-0.25, 0.25, 0.0]),  # at -1, inside
        ("abs(x - 1)", (-1.0, 3.0), "fixed5", -1, [0.5, -1.0, 0.5]),  # at its kink
        ("softsign", (0.0, 1.0), "fixed2", -1, [0.0, 0.5]),  # at both ends
        ("cos(x)", (-1.0, 0.5), "bfloat16", 1, [1.0, 0.0, -0.478515625, -0.0189208984375]),
    ],
)
def test_one_on_a_side_may_be_f_where_that_is_a_fraction(text, limits, grid, side, best):
    asked = Conditions(above=side > 0, below=side < 0, coefficients=grid)
    f = resolve(text)
    found = by_degree(f, *limits, len(best) - 1, asked)
    x = np.union1d(np.linspace(*limits, 4001), [*limits, 0.0, 1.0, -1.0])
    x = x[(x >= limits[0]) & (x <= limits[1])]
    for coefficients in (best, found.coefficients):
        assert np.min(side * (polyval(x, coefficients) - f(x))) >= -1e-15
    assert found.verdict == "proved"
    assert found.error_high <= np.max(np.abs(polyval(x, best) - f(x))) * 1.0001
