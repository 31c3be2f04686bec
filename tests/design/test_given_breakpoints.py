"""Piecewise polynomials at given breakpoints and with jumps, against other ways to find them."""

from math import e

import numpy as np
import pytest

from actcli.design.forms import designed
from actcli.design.request import Pieces, Request
from actcli.evaluation.function_text import resolve


def design(function, limits, degree=None, **pieces):
    return designed(
        resolve(function), Request("piecewise", limits, degree, pieces=Pieces(**pieces))
    )


def test_jumps_of_a_square_are_equal_widths():
    found = design("x**2", (-1.0, 1.0), segments=4, jumps=True)
    assert found.breakpoints == pytest.approx([-0.5, 0, 0.5], abs=1e-5)
    assert found.error_high == pytest.approx(1 / 32, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "count", "degree"), [("gelu", 5, 1), ("elu", 3, 1), ("tanh", 4, 3)]
)
def test_no_rival_is_much_better(name, count, degree):
    found = design(name, (-4.0, 4.0), degree, segments=count, jumps=True)
    assert found.verdict == "proved"
    assert found.ratio <= 1 + 1e-4
    assert found.error_high <= found.error_low * (1 + 1e-6)


def test_steps_of_a_rising_function_are_halved_differences():
    found = design("exp(x)", (0.0, 1.0), 0, segments=8, jumps=True)
    assert found.error_high == pytest.approx((e - 1) / 16, rel=1e-4)


def test_uniform_lines_are_no_worse_than_those_through_the_function():
    meeting = design("tanh", (-4.0, 4.0), segments=8, uniform=True)
    through = design("tanh", (-4.0, 4.0), segments=8, uniform=True, on_curve=True)
    x = np.linspace(-4, 4, 8001)
    nodes = np.linspace(-4, 4, 9)
    worst = np.max(np.abs(np.interp(x, nodes, np.tanh(nodes)) - np.tanh(x)))
    assert through.error_high == pytest.approx(worst, rel=1e-4)
    assert meeting.error_high < through.error_high
    for shift in np.random.default_rng(1).normal(size=(200, 9)) * 0.02:
        lines = np.interp(x, nodes, np.array([c[0] + c[1] * a for a, _, c in meeting.parts]
                                             + [np.dot(meeting.parts[-1][2], [1, 4])]) + shift)  # fmt: skip
        assert np.max(np.abs(lines - np.tanh(x))) >= meeting.error_high * (1 - 1e-4)


def test_lines_through_a_convex_function_are_twice_as_far():
    through = design("exp(x)", (0.0, 1.0), segments=1, uniform=True, on_curve=True)
    free = design("exp(x)", (0.0, 1.0), segments=1)
    assert through.error_high == pytest.approx(2 * free.error_high, rel=1e-5)


def test_breakpoints_as_typed():
    found = design("tanh", (-4.0, 4.0), breakpoints="1,-1,0")
    assert found.breakpoints == [-1.0, 0.0, 1.0]
    assert found.segments_used == 4


@pytest.mark.parametrize(
    ("limits", "degree", "pieces", "message"),
    [
        (None, None, {"segments": 3, "uniform": True}, "need a range"),
        ((-1.0, 1.0), 2, {"segments": 3}, "add --jumps"),
        ((-1.0, 1.0), None, {}, "give one of --segments N"),
        ((-1.0, 1.0), None, {"segments": 3, "on_curve": True}, "add --uniform or --breakpoints"),
        ((-1.0, 1.0), None, {"breakpoints": "0,2"}, "are between -1 and 1"),
        ((-1.0, 1.0), None, {"breakpoints": "0", "uniform": True}, "exclude one another"),
        ((-1.0, 1.0), None, {"segments": 2, "uniform": True, "on_curve": True, "jumps": True},
         "leave --jumps out"),
    ],
)  # fmt: skip
def test_what_is_refused(limits, degree, pieces, message):
    with pytest.raises(ValueError, match=message):
        design("tanh", limits, degree, **pieces)
