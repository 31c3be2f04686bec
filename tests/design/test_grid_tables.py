"""Tables of entries on a grid: on it, against the best of all such by a program of its own, and mpmath."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from by_mpmath import TRUTHS

from actcli.design.forms import designed
from actcli.design.request import Conditions, Entries, Request
from actcli.evaluation.function_text import resolve

POSITIVE = {
    "bfloat16": (np.arange(0x7F80, dtype=np.uint32) << 16).view(np.float32).astype(float),
    "float16": np.arange(0x7C00, dtype=np.uint16).view(np.float16).astype(float),
    "fixed4": np.arange(2**10) / 2**4,
    "fixed8": np.arange(2**14) / 2**8,
}
NUMBERS = {name: np.unique([*-v, *v]) for name, v in POSITIVE.items()}


def design(name, limits, points, coefficients="float64", side=0):
    asked = Conditions(above=side > 0, below=side < 0, coefficients=coefficients)
    request = Request("table", limits, entries=Entries(points=points), conditions=asked)
    return designed(resolve(name), request)


def best_of_all(name, limits, points, grid, side, most):
    """The least error of all entries within `most` of f, at samples, by the best ways to each."""
    x, shares = np.linspace(*limits, points), np.linspace(0, 1, 201)
    truth = np.vectorize(lambda v: float(TRUTHS[name](mpmath.mpf(v))))
    best = before = None
    for k, (place, value) in enumerate(zip(x, truth(x), strict=True)):
        here = NUMBERS[grid][np.abs(NUMBERS[grid] - value) <= most]
        if k:
            f = truth(x[k - 1] + shares * (place - x[k - 1]))
            ways = []
            for a in before:
                errors = (1 - shares) * a + np.outer(here, shares) - f
                off = np.max(np.abs(errors), axis=1)
                if side:
                    off[np.min(side * errors, axis=1) < -1e-15] = np.inf
                ways.append(off)
            best = np.min(np.maximum(best[:, None], ways), axis=0)
        else:
            best = np.zeros(len(here))
        before = here
    return float(np.min(best))


@pytest.mark.parametrize("side", [0, 1, -1])
@pytest.mark.parametrize(
    ("name", "limits", "points", "grid"),
    [("tanh", (-3.0, 3.0), 9, "fixed4"), ("gelu", (-2.0, 2.0), 9, "fixed8"),
     ("softsign", (0.5, 4.0), 6, "bfloat16"), ("exp(x)", (-1.0, 0.0), 5, "float16")],
)  # fmt: skip
def test_none_of_the_grid_is_nearer(name, limits, points, grid, side):
    found = design(name, limits, points, grid, side)
    assert len(found.coefficients) == points
    assert all(v in NUMBERS[grid] for v in found.coefficients)
    least = best_of_all(name, limits, points, grid, side, found.error_high * (1 + 1e-9))
    assert least * (1 - 1e-6) <= found.error_high <= least * (1 + 2e-4)
    assert found.optimum_low <= least * (1 + 1e-6)
    assert found.grid_low <= least * (1 + 1e-6)
    if not side and grid != "float16":
        assert found.error_high <= max(found.grid_low, found.optimum_low) * (1 + 1e-4)


@pytest.mark.parametrize("side", [0, 1, -1])
@pytest.mark.parametrize("grid", ["float64", "float32", "fixed6"])
def test_the_error_is_that_of_lines_between_entries(grid, side):
    found = design("mish", (-4.0, 3.0), 12, grid, side)
    x = [Fraction(float(v)) for v in np.linspace(-4, 3, 12)]
    y = [Fraction(v) for v in found.coefficients] if grid != "float64" else None
    errors = []
    for k, (low, high, c) in enumerate(found.parts):
        for share in map(Fraction, [*np.linspace(0, 1, 65)]):
            at = x[k] + share * (x[k + 1] - x[k])
            line = y[k] + share * (y[k + 1] - y[k]) if y else Fraction(c[0]) + Fraction(c[1]) * at
            assert low <= at <= high
            with mpmath.workdps(60):
                place = mpmath.mpf(at.numerator) / at.denominator
                p = mpmath.mpf(line.numerator) / line.denominator
                errors.append(p - TRUTHS["mish"](place))
    worst = max(map(abs, errors))
    assert min(side * e for e in errors) >= 0 or not side
    assert worst <= found.error_high <= min(worst * (1 + 1e-3), found.error_low * (1 + 1e-6))
    assert found.verdict == "proved"
    assert found.format == grid


def test_fine_numbers_cost_nothing_of_the_best():
    found = design("gelu", (-4.0, 4.0), 33, "float32")
    assert 1 <= found.ratio <= 1 + 1e-4
    assert found.error_high < 0.51 * design("gelu", (-4.0, 4.0), 33).error_high  # entries of f


def test_a_jump_is_met_by_entries_beside_it():
    assert design("step", (-4.0, 3.0), 8, "float16").error_high == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize(
    ("asked", "entries", "message"),
    [(Conditions(coefficients="float16"), Entries(dtype="int8"), "--coefficients does not go with --dtype"),
     (Conditions(coefficients="float7"), Entries(points=5), "--coefficients takes float64"),
     (Conditions(relative=True), Entries(points=5), "take --by piecewise --uniform --segments 4")],
)  # fmt: skip
def test_what_is_refused(asked, entries, message):
    with pytest.raises(ValueError, match=message):
        designed(resolve("tanh"), Request("table", (-3.0, 3.0), entries=entries, conditions=asked))


def test_entries_beyond_the_largest_are_refused():
    with pytest.raises(ValueError, match="an entry is beyond its largest"):
        design("exp(x)", (10.0, 20.0), 5, "float16")
