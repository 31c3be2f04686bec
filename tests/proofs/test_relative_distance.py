"""Relative distances: against mpmath, at zeros of one or both, on intervals, and from the command line."""

import json
import math

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf

import actcli
from actcli.proofs.relative_distance import relative_distances


def measured(a, b, limits=None):
    return relative_distances(actcli.activation(a).tree, actcli.activation(b).tree, limits)


def largest(f, g, low, high, turn):
    """|f - g|/|f| at its turning point, by mpmath."""
    with mpmath.workdps(30):

        def size(x):
            return abs(f(x) - g(x)) / abs(f(x))

        x = mp.findroot(lambda t: mp.diff(size, t), mpf(turn))
        assert low < x < high
        return float(size(x)), float(x)


def logistic(x):
    return 1 / (1 + mp.exp(-x))


@pytest.mark.parametrize(
    ("a", "b", "f", "g", "limits", "turn"),
    [
        ("tanh", "softsign", mp.tanh, lambda x: x / (1 + abs(x)), None, 1.15),
        ("swish", "mish", logistic, lambda x: mp.tanh(mp.log(1 + mp.exp(x))), None, 0.3),
        ("gelu", "swish", lambda x: mp.erfc(-x / mp.sqrt(2)) / 2, logistic, (0.5, 4.0), 1.1),
    ],
)
def test_the_largest_is_where_mpmath_finds_it(a, b, f, g, limits, turn):
    value, _ = measured(a, b, limits)
    top, x = largest(f, g, *(limits or (-math.inf, math.inf)), turn)
    assert value.value == pytest.approx(top, rel=1e-13)
    assert value.low <= top <= value.high or math.isclose(value.low, top, rel_tol=1e-15)
    assert abs(value.where) == pytest.approx(x, rel=1e-6)


@pytest.mark.parametrize(
    ("a", "b", "limits", "top", "where"),
    [
        ("x", "x + 1", None, math.inf, 0),  # at 0 the first is 0, the second is not
        ("relu", "softplus", None, math.inf, None),
        ("softplus", "relu", None, 1, None),
        ("sign", "step", None, 1, None),  # both are 0 at 0
        ("x**2", "x**3", (0.0, 1.0), 1, 0),  # 1 - x
        ("x**2", "x**3", (0.25, 1.0), 0.75, 0.25),
        ("x*x*x", "sinh(x) - x", (-3.0, 3.0), 5 / 6, 0),  # x^3/6 at 0
        ("erf", "tanh", None, 1 - math.sqrt(math.pi) / 2, 0),
        ("tanh", "arctan", None, math.pi / 2 - 1, math.inf),
        ("gelu", "gelu:approx=tanh", None, 1, -math.inf),
        ("elu", "selu", None, 0.7580993408473766, None),
        ("softplus", "squareplus", None, math.inf, -math.inf),
        ("relu", "relu", None, 0, None),
        ("swish", "x*sigmoid(x)", None, 0, None),
        ("hard_tanh", "relu6", (0.5, 4.0), 3, 4),
        ("where(x > 0, x, 0)", "where(x > 0, 2*x, 0)", None, 1, None),
        ("where(x == 0, 0, 1)", "0*x + 1", None, math.inf, 0),
        ("sin(x)", "cos(x)", (0.5, 2.0), 1 - 1 / math.tan(2), 2),
        ("log(x)", "x - 1", (0.5, 2.0), 1 / math.log(2) - 1, 2),
        ("tanh", "grad(log(cosh(x)))", None, 0, None),
    ],
)
def test_zeros_and_ends(a, b, limits, top, where):
    value, _ = measured(a, b, limits)
    assert value.value == pytest.approx(top, rel=1e-11)
    if where is not None:
        assert value.where == pytest.approx(where, abs=1e-6)


@pytest.mark.parametrize(
    ("a", "b", "limits", "top"),
    [
        ("x", "x + 1", None, 0),
        ("logistic", "hard_sigmoid", None, (1 / 6) / (math.exp(-3) / (1 + math.exp(-3)) ** 2) - 1),
        ("gelu", "swish", None, math.inf),  # the gradients have their zeros at different places
        ("tanh", "softsign", None, math.inf),
        ("sin(x)", "x", (-1.0, 1.0), 1 / math.cos(1) - 1),
        ("2*x", "3*x", None, 0.5),
        ("relu6", "hard_swish", None, math.inf),
    ],
)
def test_gradients(a, b, limits, top):
    _, gradient = measured(a, b, limits)
    assert gradient.value == pytest.approx(top, rel=1e-11)


@pytest.mark.parametrize(
    ("a", "b"), [("swish", "gelu"), ("softsign", "arctan"), ("mish", "gelu"), ("softplus", "relu")]
)
def test_no_sample_is_above_and_a_part_is_not_above_the_whole(a, b):
    f, g = actcli.activation(a), actcli.activation(b)
    x = np.concatenate([np.linspace(-30, 30, 4001), np.geomspace(1e-9, 1e3, 200)])
    whole, _ = relative_distances(f.tree, g.tree)
    part, _ = relative_distances(f.tree, g.tree, (0.5, 3.0))
    with np.errstate(all="ignore"):
        ratio = np.nan_to_num(abs(f(x) - g(x)) / abs(f(x)), nan=0, posinf=0)
    assert whole.value is not None
    assert ratio.max() <= whole.high * (1 + 1e-9)
    assert ratio[(x >= 0.5) & (x <= 3)].max() <= part.high * (1 + 1e-9)
    assert part.value <= whole.value


def test_the_command_has_the_same_columns_and_holds_the_bound(compare):
    pair = ("swish", "mish")
    status, plain, _ = compare(*pair, "--json")
    _, divided, _ = compare(*pair, "--json", "--relative")
    assert status == 0
    assert json.loads(plain)[0].keys() == json.loads(divided)[0].keys()
    (row,) = json.loads(divided)
    assert row["max_difference"] == pytest.approx((math.sqrt(2) - 1) / 2, rel=1e-12)
    assert row["max_gradient_difference"] == "Infinity"
    assert compare(*pair, "--relative", "--max-difference", "0.2")[0] == 1
    assert compare(*pair, "--relative", "--max-difference", "0.21")[0] == 0
    _, shown, _ = compare(*pair, "--relative", "-f", "table")
    assert "Largest relative differences, to the first, over the whole line:" in shown


@pytest.mark.parametrize("text", ["x + x", "tanh(x)", "-1000 + 0*x"])
def test_a_factor_that_is_no_fraction_is_not_1(text):
    """g is f times 1 + exp(-40), in value and gradient."""
    value, gradient = measured(text, f"({text})*(1 + exp(-40))")
    assert value.value == pytest.approx(math.exp(-40), rel=1e-9, abs=0)
    assert gradient.value == pytest.approx(0 if text[0] == "-" else math.exp(-40), rel=1e-9, abs=0)
