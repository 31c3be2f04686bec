"""Segments with coefficients on a grid: numbers of the grid, and none on it that is better."""

import ml_dtypes
import numpy as np
import pytest

from actcli.design.forms import designed
from actcli.design.request import Conditions, Pieces, Request
from actcli.evaluation.function_text import resolve

pytestmark = pytest.mark.usefixtures("free_designs")


def design(function, limits, name, degree=None, error=None, **pieces):
    asked = Request("piecewise", limits, degree, error, pieces=Pieces(**pieces),
                    conditions=Conditions(coefficients=name))  # fmt: skip
    return designed(resolve(function), asked)


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("bfloat16", lambda c: float(ml_dtypes.bfloat16(c))),
        ("float16", lambda c: float(np.float16(c))),
        ("float32", lambda c: float(np.float32(c))),
        ("fixed6", lambda c: round(c * 64) / 64),
    ],
)
@pytest.mark.parametrize("asked", [{}, {"uniform": True}, {"jumps": True}])
@pytest.mark.parametrize("limits", [None, (-3.0, 4.0)])
def test_coefficients_are_of_the_grid(limits, asked, name, nearest):
    found = design("silu", limits, name, segments=7, **asked)
    assert found.format == name
    assert found.verdict == "proved"
    assert found.segments_used <= 7
    assert all(nearest(c) == c for part in found.coefficients for c in part)
    x = np.linspace(*(limits or (-30, 30)), 20_001)
    values = np.empty_like(x)
    for low, high, c in found.parts:
        inside = (x >= low) & (x <= high)
        values[inside] = np.polynomial.polynomial.polyval(x[inside], c)
    worst = np.max(np.abs(values - x / (1 + np.exp(-x))))
    assert worst <= found.error_high * (1 + 1e-9)
    assert worst >= found.error_low * (1 - 5e-3)


def test_two_lines_of_a_coarse_grid_are_the_best_of_all():
    found = design("exp(x)", (-1.0, 1.0), "fixed3", segments=2)
    x = np.linspace(-1, 1, 401)
    y = np.exp(x)
    slopes, heights = np.arange(0, 25) / 8, np.arange(-8, 25) / 8
    errors = np.abs(y - heights[:, None, None] - slopes[:, None] * x).reshape(-1, len(x))
    first = np.min(np.maximum.accumulate(errors, axis=1), axis=0)
    last = np.min(np.maximum.accumulate(errors[:, ::-1], axis=1), axis=0)[::-1]
    best = np.min(np.maximum(first, last))
    assert found.error_high == pytest.approx(best, rel=5e-3)  # of 401 samples


def test_an_error_is_reached_on_a_grid():
    found = design("tanh", None, "bfloat16", error=0.05)
    assert found.error_high <= 0.05
    fewer = design("tanh", None, "bfloat16", segments=found.segments - 1)
    assert fewer.error_high > 0.05


@pytest.mark.parametrize(
    ("pieces", "degree", "least"),
    [
        ({"segments": 1}, 1, 0.278801604),  # the best line of exp
        ({"segments": 1, "uniform": True}, 1, 0.278801604),
        ({"segments": 5, "jumps": True}, 0, (np.e - 1 / np.e) / 10),  # halves of equal rises
        ({"segments": 2, "uniform": True}, 1, 0.1059334163),  # of that on 0:1, of slope e - 1
    ],
)
def test_bounds_of_all_real_coefficients_hold_on_grids(pieces, degree, least):
    """Those of segments that need not meet, as those of a grid do not."""
    found = design("exp(x)", (-1.0, 1.0), "bfloat16", degree, **pieces)
    assert least * 0.99 <= found.optimum_low <= least * (1 + 1e-8)
    assert found.error_high >= found.optimum_low
