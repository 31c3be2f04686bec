"""Tables print nan where a step of a formula has no value in real numbers, and only there."""

import numpy as np
import pytest

import actcli

UNDEFINED = {
    "1/x": [0], "log(x)": [0, -1, -800], "exp(-1/x**2)": [0], "tanh(1/x)": [0], "x**-2": [0],
    "min(sqrt(x), abs(x) + x)": [-1, -800], "where(1/x > 0, 1, 2)": [0], "log(relu(x))": [0, -1, -800],
    "relu(x/x) - relu(-(x/x))": [0], "min((x*(3 - x))**0.1, x*x)": [-1, -800], "1/(x*x - x)": [0, 1],
    "tanh(atanh(x))": [-1, 1, -800], "x**2/x": [0], "where(log(x) > 0, 1, 0)": [0, -1, -800],
    "where(x != 0, sin(x)/x, 1)": [], "where(x > 0, log(x), x)": [], "cbrt(x)": [], "x/(1+exp(-x))": [],
    "sqrt(x*x)": [], "1/(x*x + 1e-300)": [],
}  # fmt: skip
INPUTS = np.array([0, -1, 1, 0.25, -800, 1e-200])


@pytest.mark.parametrize("formula", UNDEFINED)
def test_nan_stands_where_a_step_has_no_value(formula):
    value = actcli.activation(formula)(INPUTS)
    assert INPUTS[np.isnan(value)].tolist() == [x for x in INPUTS if x in UNDEFINED[formula]]
    assert np.isnan(actcli.activation(formula).gradient(INPUTS))[np.isnan(value)].all()


def test_underflow_is_no_hole():
    """x**2 is 0 in floats at 1e-200, but 1/x**2 is 1e400, which overflows."""
    assert actcli.activation("1/x**2")(np.array([1e-200, 0.0])).tolist()[0] == np.inf
    f = actcli.activation("1/(exp(x) - exp(-1000))")
    assert np.isnan(f(np.array([-1000.0])))[0]
    assert f(np.array([-999.0]))[0] == np.inf


def test_an_interval_without_values_is_missing_whole():
    f = actcli.activation("log(relu(x))")
    x = np.linspace(-5, 5, 1001)
    assert (np.isnan(f(x)) == (x <= 0)).all()
