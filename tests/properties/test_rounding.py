"""What the program is measured at: errors in the contract's units, operations, time."""

from math import inf, nan, ulp
from types import SimpleNamespace

import numpy as np
import pytest

from actcli import activation, names
from actcli.proofs.shape import Shape
from actcli.properties import check
from actcli.properties.cost import gradient_operations, operations
from actcli.properties.rounding import inputs, stability


def worst(text, dtype="float64"):
    function = activation(text)
    return stability(function, Shape(function.tree), dtype)


def judged(formula, program):
    """The errors of a program that should compute a formula."""
    fake = SimpleNamespace(value_and_gradient=program)
    return stability(fake, Shape(activation(formula).tree))


# -- rounding ----------------------------------------------------------------------------------------
def test_the_contract_s_inputs():
    tried = set(inputs())
    assert {k / 8 for k in range(-320, 321)} <= tried
    for k in (*range(-20, 21), -300, -100, 100, 300):
        assert {float(f"1e{k}"), -float(f"1e{k}")} <= tried


@pytest.mark.parametrize("name", names())
def test_registered_functions_keep_their_digits(name):
    found = worst(name)
    assert found.value_ulp < 3
    assert found.gradient_ulp < 3


@pytest.mark.parametrize(
    "text", ["2*logistic(2*x) - 1", "0.5*x*(1 + erf(x/sqrt(2)))", "log(1 + exp(x))"]
)
def test_unstable_formulas_are_found_out(text):
    found = worst(text)
    assert max(found.value_ulp, found.gradient_ulp) > 16


@pytest.mark.parametrize("dtype", ["float32", "float16", "bfloat16"])
@pytest.mark.parametrize("name", ["gelu", "hard_sigmoid", "square", "exponential", "max_logistic"])
def test_other_dtypes_have_units_of_their_own(name, dtype):
    found = worst(name, dtype)
    assert found.value_ulp <= 0.51
    assert found.gradient_ulp <= 0.51


def test_an_error_counts_in_units_of_value_or_slope():
    def off(x):
        return x + np.where(x == 3, 8 * ulp(3.0), 0), np.ones_like(x)

    found = judged("x", off)
    assert (found.value_ulp, found.value_at, found.gradient_ulp) == (8, 3, 0)

    def shifted(x):  # x - 1 at 1.125 moves by one unit of x, which is 8 units of f
        return np.where(x == 1.125, x - 1 + ulp(1.125), x - 1), np.ones_like(x)

    assert judged("x - 1", shifted).value_ulp < 2


def test_gradients_are_measured_in_units_of_the_curvature_s_reach():
    def off(x):  # f'(x) = 2x
        with np.errstate(over="ignore"):
            return x * x, np.where(x == 1, 2 + 5 * ulp(2.0), 2 * x)

    found = judged("x**2", off)
    assert (found.gradient_ulp, found.gradient_at) == (5, 1)


@pytest.mark.parametrize("wrong", [nan, inf, -inf])
def test_lost_values_are_infinitely_wrong(wrong):
    def lost(x):
        return np.where(x == 2, wrong, x), np.ones_like(x)

    found = judged("x", lost)
    assert (found.value_ulp, found.value_at) == (inf, 2)


def test_overflow_is_right_where_the_truth_overflows():
    assert worst("exp(x)").value_ulp < 1
    assert worst("x**2").value_ulp < 1

    def capped(x):
        with np.errstate(all="ignore"):
            return np.where(np.abs(x) > 1e200, nan, x * x), 2 * x

    assert judged("x**2", capped).value_ulp == inf


def test_zero_for_a_small_truth_is_many_units():
    def flushed(x):
        return np.where(np.abs(x) < 1e-15, 0, x), np.ones_like(x)

    assert 2**52 <= judged("x", flushed).value_ulp <= 2**53


def test_gradients_do_not_count_at_kinks_and_jumps():
    def relu(x):
        return np.maximum(x, 0), np.where(x == 0, 77, np.where(x > 0, 1, 0))

    assert judged("relu", relu).gradient_ulp == 0
    assert worst("hard_sigmoid").gradient_ulp <= 0.5  # 1/6 is rounded
    assert worst("hard_shrink").gradient_ulp == 0
    assert worst("sqrt(abs(x))").gradient_ulp < 3  # vertical at 0


def test_values_count_at_jumps():
    def closed(x):
        return np.where(x >= 0, 1.0, 0.0), np.zeros_like(x)

    found = judged("step", closed)
    assert found.value_ulp > 16
    assert found.value_at == 0


# -- operations --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "count"),
    {
        "x": 0,
        "tanh(x)": 1,
        "x*normal_cdf(x)": 2,
        "where(x > 0, x, 0)": 2,
        "where(x > 0, x, 0.01*x)": 3,
        "-x": 1,
        "sqrt(8/pi)*x": 1,
        "min(1, max(0, 0.25*x + 0.5))": 4,
        "where(x > 0 and x < 1, x, 1)": 4,
        "(x/(1 + abs(x)))": 3,
        "package.module:f(x)": 1,
    }.items(),
)
def test_operations(text, count):
    assert operations(text) == count


@pytest.mark.parametrize(
    ("text", "count"),
    {
        "identity": 0,
        "relu": 2,  # where(x > 0, 1, 0)
        "leaky_relu": 2,
        "softplus": 1,  # logistic(x)
        "logistic": 4,  # logistic(x)*logistic(-x)
        "square": 1,
        "max(0, x)": 2,
        "where(x > 1, x, 2 + x)": 0,
        "relu(2*x)": 3,
        "x*exp(x)": 3,  # exp(x) + x*exp(x): exp once
    }.items(),
)
def test_gradient_operations(text, count):
    assert gradient_operations(activation(text).tree) == count


@pytest.mark.parametrize("name", names())
def test_every_derivative_can_be_counted(name):
    function = activation(name)
    assert operations(function.text) >= 0
    assert gradient_operations(function.tree) is not None


def cost(text):
    return check(activation(text), ["cost"])[0].value


def test_nothing_is_known_of_a_python_callable():
    found = cost("numpy:tanh")
    assert found["operations"] == 1
    assert found["gradient_operations"] is None


def test_cost_is_a_count_and_no_time():
    # x*tanh(s) with s = softplus(x): three; tanh(s) + x*4*logistic(2*s)*logistic(-2*s)*logistic(x):
    # s, tanh, 2*s, -2*s, three times logistic, four products and the sum
    assert cost("mish") == {"operations": 3, "gradient_operations": 12}
    # where(x > 0, x, 0): a selection and a comparison, and so is its derivative where(x > 0, 1, 0)
    assert cost("relu") == {"operations": 2, "gradient_operations": 2}
