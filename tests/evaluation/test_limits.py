"""Limits at infinity: one answer in `table`, `check-properties` and Python; values by hand."""

import json
import math
from functools import cache

import numpy as np
import pytest
from click.testing import CliRunner

import actcli
from actcli.cli import main
from actcli.evaluation.limits import asymptote
from actcli.properties import check

INF, NAN, PI = math.inf, math.nan, math.pi
bound = cache(actcli.activation)

# formula: (value, gradient) at -infinity, (value, gradient) at infinity
LIMITS = {
    "x/(1+exp(-x))": ((0, 0), (INF, 1)),
    "log(1+exp(x))": ((0, 0), (INF, 1)),
    "log((1+exp(x))/(1+exp(x-1)))": ((0, 0), (1, 0)),
    "x*(arctan(x)/pi+0.5)": ((-1 / PI, 0), (INF, 1)),
    "softplus(x)-softplus(x-1)": ((0, 0), (1, 0)),
    "exp(x)*sigmoid(-x)": ((0, 0), (1, 0)),
    "log(1-tanh(x)**2)": ((-INF, 2), (-INF, -2)),
    "normal_cdf(x)**0.5": ((0, 0), (1, 0)),
    "tanh(2*x*cos(x))": ((NAN, NAN), (NAN, NAN)),
    "asinh(asinh(x))": ((-INF, 0), (INF, 0)),
    "relu(x - 2) - relu(x + 2)": ((0, 0), (-4, 0)),
    "tanh(x) + 1e-25*sin(x)": ((NAN, NAN), (NAN, NAN)),
    "log(exp(x)+exp(-x))": ((INF, -1), (INF, 1)),
    "atanh(tanh(x))": ((-INF, 1), (INF, 1)),
    "where(x > 0, exp(-1/x), 0)": ((0, 0), (1, 0)),
    "erfc(x)*exp(x*x)*x": ((-INF, INF), (1 / math.sqrt(PI), 0)),
    "sin(x**2)/x": ((0, NAN), (0, NAN)),
    "x**2*sin(1/x)": ((-INF, 1), (INF, 1)),
    "where(sin(x) > 0, 1, 0)": ((NAN, 0), (NAN, 0)),
    "x/x*tanh(x)": ((-1, 0), (1, 0)),
    # not defined on one side, or on neither
    "x**0.5": ((NAN, NAN), (INF, 0)),
    "log(x+1)-log(x)": ((NAN, NAN), (0, 0)),
    "tanh(atanh(x))": ((NAN, NAN), (NAN, NAN)),
    "exp(log(-x))": ((INF, -1), (NAN, NAN)),
}


@pytest.mark.parametrize("formula", LIMITS)
def test_at_infinity_stands_what_is_proved(formula):
    value, gradient = bound(formula).value_and_gradient(np.array([-INF, INF]))
    (left, left_slope), (right, right_slope) = LIMITS[formula]
    np.testing.assert_allclose(value, [left, right], rtol=1e-15)
    np.testing.assert_allclose(gradient, [left_slope, right_slope], rtol=1e-15)


@pytest.mark.parametrize("formula", LIMITS)
def test_the_command_says_the_same(formula):
    done = CliRunner().invoke(main, ["table", formula, "--at", "-inf,inf", "--json"])
    assert done.exit_code == 0
    got = [float(row[c]) for row in json.loads(done.stdout) for c in ("value", "gradient")]
    np.testing.assert_allclose(got, np.ravel(LIMITS[formula]), rtol=1e-15)


@pytest.mark.parametrize("formula", [*LIMITS, "gelu", "snake", "sine", "atlu", "mish", "square"])
def test_saturation_is_judged_by_the_same_limits(formula):
    f = bound(formula)
    for side, verdict in zip((-1, 1), check(f, ["saturates_left", "saturates_right"]), strict=True):
        shown = f.limit(side), f.limit(side, 1)
        if verdict.verdict == "undecided":
            assert np.isnan(shown[0]) or "it is not defined at" in verdict.detail
            continue
        known = [NAN if v is None else v for v in verdict.value.values()]
        np.testing.assert_array_equal(shown, known)


@pytest.mark.parametrize("name", actcli.names())
def test_of_registered_functions_every_limit_is_proved(name):
    verdicts = check(bound(name), ["saturates_left", "saturates_right"])
    assert {v.verdict for v in verdicts} <= {"proved", "refuted"}


@pytest.mark.parametrize(
    ("formula", "left", "right"),
    [
        ("log(1+exp(x))-log(2)", (0, -math.log(2)), (1, -math.log(2))),
        ("log(1-tanh(x)**2)", (2, math.log(4)), (-2, math.log(4))),
        ("x*(27+x*x)/(27+9*x*x)", (1 / 9, 0), (1 / 9, 0)),
        ("x - tanh(x)", (1, 1), (1, -1)),
        ("x*arctan(x)", (-PI / 2, -1), (PI / 2, -1)),
        ("atlu", (0, -1 / PI), (1, -1 / PI)),
        ("x + log(abs(x) + 1)", None, None),
        ("x + sin(x)", None, None),
        ("x*x", None, None),
    ],
)
def test_asymptotes_are_proved_lines(formula, left, right):
    for side, line in ((-1, left), (1, right)):
        found = asymptote(bound(formula).tree, side)
        assert found == (None if line is None else pytest.approx(line, rel=1e-15, abs=1e-30))
