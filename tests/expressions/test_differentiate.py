"""grad(...) in formulas: against mpmath's derivatives, at kinks, outside of domains, in every command."""

import json
import math

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf

import actcli
from actcli.expressions.differentiate import derivative
from actcli.expressions.node import Node
from actcli.expressions.parser import FormulaError, parse
from actcli.properties import check

X = (-37.25, -4.5, -1.75, -0.5, 0.1875, 0.75, 3.0, 12.5)


def softplus(x):
    return mp.log(1 + mp.exp(x))


# the functions as mathematics, written down anew
TRUTH = {
    "tanh(x)": mp.tanh,
    "mish(x)": lambda x: x * mp.tanh(softplus(x)),
    "gelu(x)": lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2,
    "gelu(2*x) + x": lambda x: 2 * x * mp.erfc(-2 * x / mp.sqrt(2)) / 2 + x,
    "swish(x, beta=2)": lambda x: x / (1 + mp.exp(-2 * x)),
    "x*sigmoid(x**2 - 1)": lambda x: x / (1 + mp.exp(1 - x * x)),
    "max(x, 0.5*x**2)": lambda x: max(x, x * x / 2),
    "clip(x**3, -8, 8)": lambda x: min(max(x**3, -8), 8),
    "where(x > 0, x, 2*expm1(x))": lambda x: x if x > 0 else 2 * mp.expm1(x),
    "abs(x)*sin(3*x)": lambda x: abs(x) * mp.sin(3 * x),
    "cbrt(x) + sech(x)": lambda x: mp.sign(x) * mp.cbrt(abs(x)) + mp.sech(x),
    "x/(1 + abs(x)) - log2(1 + x**2)": lambda x: x / (1 + abs(x)) - mp.log(1 + x * x, 2),
}


@pytest.mark.parametrize("text", TRUTH)
def test_grad_is_the_derivative(text):
    first, second = actcli.activation(f"grad({text})"), actcli.activation(f"grad(grad({text}))")
    x = np.array(X)
    with mpmath.workdps(60):
        slopes, bends = (
            [float(mp.diff(TRUTH[text], mpf(v), order)) for v in X] for order in (1, 2)
        )
    # mpmath's differences are good to 1e-25 or so, beside values up to 100
    np.testing.assert_allclose(first(x), slopes, rtol=4e-16, atol=1e-22)
    np.testing.assert_allclose(first.gradient(x), bends, rtol=2e-15, atol=1e-15)
    np.testing.assert_allclose(second(x), bends, rtol=2e-15, atol=1e-15)
    np.testing.assert_array_equal(first.gradient(x), second(x))


@pytest.mark.parametrize("text", TRUTH)
def test_the_derivative_as_a_formula_is_the_same(text):
    f = actcli.activation(f"grad({text})")
    with np.errstate(all="ignore"):
        written = f.tree.read(np.array(X))
    np.testing.assert_allclose(np.broadcast_to(written, len(X)), f(np.array(X)), rtol=1e-12)


@pytest.mark.parametrize("name", actcli.names())
def test_the_derivative_of_a_registered_function_is_the_gradient_of_its_table(name):
    x = np.array([-700.0, -38.25, -7.0, -2.5, -0.25, 0.0, 1e-20, 0.25, 2.5, 7.0, 700.0])
    gradient = actcli.activation(name).gradient(x)
    np.testing.assert_allclose(
        actcli.activation(f"grad({name}(x))")(x), gradient, rtol=5e-15, atol=1e-300
    )


@pytest.mark.parametrize(
    ("text", "x", "value"),
    [
        ("grad(relu(x))", 0.0, 0.0),  # the convention of list relu
        ("grad(max(x, 0))", 0.0, 0.0),
        ("grad(max(x, 2*x))", 0.0, 1.0),  # the slope of smaller size
        ("grad(min(x**2, x))", 1.0, 1.0),
        ("grad(max(x**2, x))", 1.0, 1.0),
        ("grad(where(x >= 0, 3*x, x))", 0.0, 3.0),  # the branch taken
        ("grad(abs(x))", 0.0, 0.0),
        ("grad(hard_mish(x))", 0.0, 1.0),
        ("grad(x**3 + 2)", -2.0, 12.0),
        ("grad(5) + x", 2.0, 2.0),
        ("3*grad(x)", 2.0, 3.0),
    ],
)
def test_at_a_kink_it_is_the_gradient_of_the_table(text, x, value):
    f = actcli.activation(text)
    assert f(x) == value
    assert f.tree.read(x) == value


@pytest.mark.parametrize(
    ("text", "x", "value"),
    [
        ("relu(x) + log1p(exp(-abs(x)))", 0.0, 0.5),
        ("relu(x) - relu(-x)", 0.0, 1.0),
        ("max(x, 0) + min(x, 0)", 0.0, 1.0),
        ("abs(x - 0.5)*sign(x - 0.5)", 0.5, 1.0),
        ("sin(x)*sign(x)*sign(x)", 0.0, 1.0),
        ("hard_tanh(x) + relu(x - 1) - relu(-x - 1)", -1.0, 1.0),
        ("grad(relu(x) + log1p(exp(-abs(x))))", 0.0, 0.25),
    ],
)
def test_where_branches_meet_it_is_the_derivative_if_there_is_one(text, x, value):
    f, slope = actcli.activation(text), actcli.activation(f"grad({text})")
    assert f.gradient(np.array([x]))[0] == slope(np.array([x]))[0] == value
    assert slope.tree.read(x) == value
    assert slope.text == f"grad({text})"


def test_a_gradient_is_continuous_where_branches_meet():
    known = {v.property: v for v in check(actcli.activation("grad(relu(x) + log1p(exp(-abs(x))))"))}
    assert known["continuous"].verdict == "proved"
    assert known["same_as"].value == ["logistic"]


@pytest.mark.parametrize(
    ("text", "undefined", "defined"),
    [
        ("grad(log(x))", (-1.0, -1e-300), (1e-100, 2.0)),
        ("grad(log1p(x))", (-2.0,), (-0.5,)),
        ("grad(atanh(x))", (-1.5, 1.5), (-0.75, 0.5)),
        ("grad(grad(x*log(x)))", (-0.5,), (0.5,)),
        ("grad(sqrt(x)**2)", (-1.0,), (1.0,)),
        ("grad(x**2.5)", (-1.0,), (0.0, 1.0)),
        ("grad(log(log(x)))", (-1.0, 0.5), (1.5,)),
        ("grad(where(x < 1, x, log(x - 2)))", (1.0, 1.5), (0.5, 2.5)),
        ("log(x + 2)*grad(where(x > 0, log(x), x))", (-3.0,), (-1.0, 1.0)),
    ],
)
def test_it_is_undefined_where_the_formula_is(text, undefined, defined):
    f = actcli.activation(text)
    assert np.isnan(f.value_and_gradient(np.array(undefined))).all()
    assert np.isfinite(f.value_and_gradient(np.array(defined))).all()
    with np.errstate(all="ignore"):
        assert np.isnan(f.tree.read(np.array(undefined))).all()
        assert np.isfinite(f.tree.read(np.array(defined))).all()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("grad(x**3)", "3*x**2"),
        ("grad(grad(x**3))", "2*x*3"),
        ("grad(log(x))", "where(x >= 0, 1/x, nan)"),
        ("grad(relu(x))", "where(x > 0, 1, 0)"),
        ("grad(max(x, 0))", "where(x > 0, 1, 0)"),
        ("grad(max(0, x))", "where(0 < x, 1, 0)"),
        ("grad(1/x)", "-(1/x/x)"),
    ],
)
def test_no_more_is_written_than_is_needed(text, written):
    assert str(actcli.activation(text).tree) == written


@pytest.mark.parametrize(
    "text", ["grad(mish(x))", "x*grad(grad(log(1 + x**2)))", "swish(grad(x**2))"]
)
def test_the_text_can_be_typed_back(text):
    f = actcli.activation(text)
    assert f.text == str(parse(text)) == text
    assert r"\frac{d}{dx}\left(" in f.latex


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("grad(x, 1)", "grad takes one argument, not 2"),
        ("grad*x", "a function needs its argument: grad(x)"),
        ("grad(3)", "has no x in it"),
        ("x**grad(2*x)", "the exponent must be a constant"),
        ("grad(" * 7 + "x" + ")" * 7, "there are more than 6 grads in this formula"),
        ("grad(" * 6 + "*".join(["mish(gelu(x))"] * 40) + ")" * 6, "parts; too long"),
    ],
)
def test_what_is_no_derivative_is_refused(text, part):
    with pytest.raises(FormulaError, match=r"column|no x") as refusal:
        parse(text)
    assert part in str(refusal.value)


@pytest.mark.parametrize(
    ("guess", "apart"),
    [("sigmoid(x)*(1 + x*(1 - sigmoid(x)))", 0), ("grad(swish(x)) + 0.25*tanh(x)", 0.25)],
)
def test_a_guess_at_a_gradient_is_compared_with_it(compare, guess, apart):
    (row,) = json.loads(compare("grad(swish(x))", guess, "--json")[1])
    assert math.isclose(row["max_difference"], apart, rel_tol=1e-10)
    assert math.isclose(row["max_gradient_difference"], apart, rel_tol=1e-10)


def test_properties_of_a_gradient_are_proved():
    known = {v.property: v for v in check(actcli.activation("grad(gelu(x))"))}
    root = math.sqrt(2)  # f'' = (2 - x^2) phi(x)
    assert known["range"].where == pytest.approx([-root, root], rel=1e-12)
    top = 0.5 * (1 + math.erf(1)) + root * math.exp(-1) / math.sqrt(2 * math.pi)
    assert known["range"].value["sup"] == pytest.approx(top, rel=1e-10)
    assert known["numerically_stable"].verdict == "measured"
    (step,) = check(actcli.activation("grad(relu(x))"), ["same_as"])
    assert step.value == ["step"]


@pytest.mark.parametrize(
    "text", ["tanh", "logistic", "grad(tanh(x))", "sech(x)", "grad(logistic(x))"]
)
@pytest.mark.parametrize("x", [1e-100, -1e-19, 1e-9, 0.375, -38.25])
def test_sigmoids_bend_right_next_to_0(text, x):
    """tanh'' = -2 tanh sech^2, logistic'' = -sech^2(x/2) tanh(x/2)/4, and sech' = -sech tanh."""
    f = actcli.activation(text)
    found = (f.gradient if text.startswith("grad") else f.curvature)(x)
    with mpmath.workdps(30):
        bend = -2 * mp.tanh(x) * mp.sech(x) ** 2
        if "logistic" in text:
            bend = -(mp.sech(mpf(x) / 2) ** 2) * mp.tanh(mpf(x) / 2) / 4
        if "sech" in text:
            found, bend = f.gradient(x), -mp.sech(x) * mp.tanh(x)
    assert found == pytest.approx(float(bend), rel=2e-15)


def test_derivatives_of_derivatives_share_parts():
    tree = parse("*".join(["mish(gelu(x))"] * 20))
    for _ in range(2):
        tree = derivative(tree)
    assert sum(1 for _ in tree.walk()) < 3000


def test_a_negated_condition_is_read_as_a_formula():
    condition = Node("not", (Node(">", (Node("x"), Node("number", (0,)))),))
    assert str(condition.read(Node("x"))) == "not x > 0"
