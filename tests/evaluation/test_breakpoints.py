"""Breakpoints: where they are, and the gradient and curvature there; values by hand."""

import json
import math
from functools import cache

import numpy as np
import pytest
from click.testing import CliRunner

import actcli
from actcli.cli import main
from actcli.evaluation.breakpoints import Breakpoints
from actcli.expressions.breakpoints import Breakpoint, breakpoints, crosses, nearest, places, zeros
from actcli.expressions.node import node
from actcli.expressions.parser import parse
from actcli.properties import check

bound = cache(actcli.activation)
ANY = None  # not asked for

# (formula, x, gradient, curvature)
DIFFERENTIABLE = [
    ("relu(x)+log1p(exp(-abs(x)))", 0, 0.5, 0.25),
    ("min(x,0)-log1p(exp(-abs(x)))", 0, 0.5, -0.25),
    ("relu(x)-relu(-x)", 0, 1, 0),
    ("max(x,0)+min(x,0)", 0, 1, 0),
    ("abs(x)*sign(x)", 0, 1, 0),
    ("abs(tanh(x))*sign(x)", 0, 1, 0),
    ("sign(x)*log1p(abs(x))", 0, 1, ANY),
    ("sign(x)*(sqrt(abs(x)+1)-1)+0.001*x", 0, 0.501, ANY),
    ("hard_tanh(x)+relu(x-1)-relu(-x-1)", -1, 1, 0),
    ("hard_tanh(x)+relu(x-1)-relu(-x-1)", 1, 1, 0),
    ("x/(1+abs(x)**1.5)", 0, 1, 0),
    ("abs(x)**2", 0, 0, 2),
    ("max(x*x, 0)", 0, 0, 2),
    ("(x**4)**0.5", 0, 0, 2),
    ("where(x != 0, sin(x)/x, 1)", 0, 0, -1 / 3),
    ("where(x == 3, 9, x*x)", 3, 6, 2),
    ("abs(sin(x))*sign(sin(x))", 0, 1, 0),
    ("sign(sinh(x))*sinh(abs(x))", 0, 1, 0),
    ("relu(3*x-1)-relu(1-3*x)", 1 / 3, 3, 0),
    ("where(x > pi, x, pi + sin(x - pi))", math.pi, 1, 0),
    ("relu(x - sqrt(2)) - relu(sqrt(2) - x)", math.sqrt(2), 1, 0),
    ("where(x > 0, exp(-1/x), 0)", 0, 0, 0),
    ("where(abs(x) < 1, (1 - x*x)**3, 0)", -1, 0, 0),
    ("hard_shrink:lambd=0", 0, 1, 0),
    ("soft_shrink:lambd=0", 0, 1, 0),
]


@pytest.mark.parametrize(("formula", "x", "gradient", "curvature"), DIFFERENTIABLE)
def test_where_f_is_differentiable_the_gradient_is_the_derivative(formula, x, gradient, curvature):
    for others in ((), (0.3, math.nan, math.inf), (0.7,) * 20_000):
        found = bound(formula).derivatives(np.array([x, *others]), 2)
        assert found[1][0] == pytest.approx(gradient, rel=1e-15, abs=0)
        assert curvature is ANY or found[2][0] == pytest.approx(curvature, rel=1e-15, abs=0)
        assert bound(formula).gradient(x) == found[1][0]
        assert bound(formula).curvature(x) == pytest.approx(found[2][0], nan_ok=True)


@pytest.mark.parametrize(("formula", "x", "gradient", "curvature"), DIFFERENTIABLE)
def test_the_command_prints_the_same(formula, x, gradient, curvature):
    done = CliRunner().invoke(main, ["table", formula, "--at", repr(x), "--order", "2", "--json"])
    (row,) = json.loads(done.stdout)
    assert row["gradient"] == pytest.approx(gradient, rel=1e-15, abs=0)
    assert curvature is ANY or row["curvature"] == pytest.approx(curvature, rel=1e-15, abs=0)


@pytest.mark.parametrize("formula", dict.fromkeys(row[0] for row in DIFFERENTIABLE[:11]))
def test_what_is_proved_differentiable_is_printed_and_judged_so(formula):
    found = {v.property: v for v in check(bound(formula), ["differentiable", "numerically_stable"])}
    assert found["differentiable"].value == []
    assert found["numerically_stable"].value["gradient_ulp"] <= 16


@pytest.mark.parametrize(
    ("formula", "x", "gradient"),
    [
        ("where(x > 0, x, 2*x)", 0, 2),
        ("where(x >= 0, x, 2*x)", 0, 1),
        ("relu(x) + abs(x)", 0, 0),
        ("max(x, 0.1*x)", 0, 0.1),
        ("sign(x)", 0, 0),
        ("where(x < 1, x, 5*x)", 1, 5),
    ],
)
def test_at_a_kink_or_jump_stands_the_slope_of_the_branch_taken(formula, x, gradient):
    assert bound(formula).gradient(x) == gradient


def test_where_f_has_no_value_it_has_no_gradient():
    for formula in ("sin(x)/x", "x/x", "where(x > 0, x, x/x)"):
        assert np.isnan(bound(formula).derivatives(0.0, 2)).all()


@pytest.mark.parametrize(
    "label",
    ["selu", "xielu", "gelu", "softplus", "tanh", "celu:alpha=2", "x*tanh(softplus(x))",
     "algebraic_gate(x)", "where(x > 0, log1p(x), sinh(x)*x**3)", "x/(1+exp(-x))"],
)  # fmt: skip
def test_more_derivatives_change_no_bit_of_the_others(label):
    label = label.replace("algebraic_gate(x)", "x*(0.5 + 0.5*x/sqrt(1 + x**2))")
    f = bound(label)
    rng = np.random.default_rng(2)
    x = np.concatenate([np.linspace(-8, 8, 1454), rng.normal(0, 30, 2000), [0, 1e-20, 1e9, -700]])
    value, gradient, curvature = f.derivatives(x, 2)
    np.testing.assert_array_equal(f.derivatives(x, 1), [value, gradient])
    np.testing.assert_array_equal(f(x), value)
    np.testing.assert_array_equal(f.gradient(x), gradient)
    np.testing.assert_array_equal(f.curvature(x), curvature)


@pytest.mark.parametrize("name", actcli.names())
def test_stated_gradients_of_registered_functions_agree_with_the_proofs(name):
    f = bound(name)
    for x in f.breakpoints.within(-1e3, 1e3)[:12]:
        if f.breakpoints.is_known(x):
            for order, printed in ((1, f.gradient(x)), (2, f.curvature(x))):
                derivative = f.sides(x, order)[1]
                assert math.isnan(derivative) or printed == pytest.approx(derivative, abs=1e-15)


def test_relu_and_tables_without_breakpoints_ask_no_proof(monkeypatch):
    def refuse(self, x, order):
        raise AssertionError("asked for a proof")

    monkeypatch.setattr("actcli.evaluation.breakpoints.Breakpoints.sides", refuse)
    x = np.linspace(-5, 5, 11)
    for formula in (
        "relu", "elu", "softsign", "abs", "where(x > 0, x, tanh(x))", "max(x, 0.1*x)",
        "x*sigmoid(x)", "abs(x)/(1 + abs(x))", "clip(x, -1, 1)", "relu6(x + 3)/6", "max(x, sin(x))", "1/x",
    ):  # fmt: skip
        actcli.activation(formula).gradient(x)
    actcli.activation("sign").gradient(x)


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("3*x - 1", [1 / 3]),
        ("tanh(2*x + 1)", [-0.5]),
        ("x*(x - 4)**3", [0, 4]),
        ("abs(x) - 2", [2, -2]),
        ("x**2 - 2", [math.sqrt(2), -math.sqrt(2)]),
        ("x*x + 1", []),
        ("exp(x)", []),
        ("log(x/5)", [5]),
        ("pi - x", [math.pi]),
        ("min(max(x, -1), 3) - 3", [3]),
        ("2 - abs(3*x + 1)/2", [1, -5 / 3]),
        ("1 + exp(x)", []),
        ("1/(x - 1) - 4", [1.25]),
        ("relu(x + 3)/6 - 1", [3]),
        ("x - tanh(x)", None),
        ("sin(x)", None),
    ],
)
def test_zeros_that_are_plain_to_see(formula, expected):
    found = zeros(bound(formula).tree)
    if expected is None:
        assert found is None
    else:
        assert sorted(map(nearest, found)) == sorted(expected)


def test_sides_that_cross_are_told_from_sides_that_touch():
    x = bound("x").tree
    assert crosses(Breakpoint(">", x, node(1)))
    assert crosses(Breakpoint("<", bound("abs(x)").tree, node(1)))
    assert not crosses(Breakpoint("<", bound("abs(x)").tree, node(0)))
    assert not crosses(Breakpoint(">", bound("x*x").tree, node(0)))
    assert places(Breakpoint(">", x, node(1))) == [1]


@pytest.mark.parametrize(
    ("formula", "x", "order", "sides"),
    [
        ("where(x > 0, x + exp(-60), 0)", 0, 0, (0, 0, math.exp(-60))),
        ("where(x > 0, 1e4*x**2, 0)", 0, 1, (0, 0, 0)),
        ("where(x > 0, sqrt(x), 0)", 0, 1, (0, math.nan, math.inf)),
        ("x/(1+abs(x)**1.5)", 0, 2, (0, 0, 0)),
        ("where(x > 1, 1/(x-1), 2)", 1, 0, (2, 2, math.inf)),
        ("abs(x**3)", 0, 2, (0, 0, 0)),
        ("elu", 0, 2, (1, math.nan, 0)),
        ("where(x > 0, sin(1/x), 0)", 0, 0, (0, 0, math.nan)),
    ],
)
def test_what_is_proved_beside_a_breakpoint(formula, x, order, sides):
    found = bound(formula).sides(x, order)
    assert found == pytest.approx(sides, nan_ok=True, rel=1e-15)


def test_a_slope_that_is_0_in_doubles_divides_nothing():
    f = bound("where((pi - 3.141592653589793)*x > 0, x, 2*x)")
    assert f.gradient(np.array([-1.0, 0.0, 3.0]))[0] == 2


def test_the_place_of_a_breakpoint_keeps_its_digits():
    """pi - 3.141592653589793 is 2.3846264338327950e-16 (pi to 32 digits), 1.2e-16 in floats."""
    f = actcli.activation("where((pi - 3.141592653589793)*x > 1, x, 1)")
    found = [nearest(place) for breakpoint in breakpoints(f.tree) for place in places(breakpoint)]
    assert found == [pytest.approx(1 / 2.3846264338327950e-16, rel=1e-14)]
    zero = actcli.activation("where((pi - 3.141592653589793)*x > 0, x, 1)")
    assert [place for breakpoint in breakpoints(zero.tree) for place in places(breakpoint)] == [0]


def test_a_slope_by_convention_is_not_called_rounding(monkeypatch):
    """Where no derivative is proved the slope of a branch is printed, and judged as what it is."""
    nothing = (math.nan, math.nan, math.nan)
    monkeypatch.setattr(
        "actcli.evaluation.breakpoints.Breakpoints.sides", lambda self, x, order: nothing
    )
    f = actcli.activation("relu(x) - relu(-x)")
    assert f.gradient(0.0) == 0
    (verdict,) = check(f, ["numerically_stable"])
    assert verdict.verdict == "refuted"
    assert verdict.detail == "at x = 0 the gradient is that of one branch, by convention at a kink"


BRANCHES = {  # of u: formula, then left limit, value, right limit of value and gradient at u = 0
    "relu({u})": ((0, 0, 0), (0, 1)),
    "relu(-({u}))": ((0, 0, 0), (-1, 0)),
    "abs({u})": ((0, 0, 0), (-1, 1)),
    "sign({u})": ((-1, 0, 1), (0, 0)),
    "min({u}, 0)": ((0, 0, 0), (1, 0)),
    "where({u} >= 0, {u}, sin({u}))": ((0, 0, 0), (1, 1)),
    "where({u} > 0, 1, 0)": ((0, 0, 1), (0, 0)),
    "tanh({u})": ((0, 0, 0), (1, 1)),
    "where({u} != 0, sin({u})/({u}), 1)": ((1, 1, 1), (0, 0)),
    "where({u} == 0, 2, exp({u}))": ((1, 2, 1), (1, 1)),
}


@pytest.mark.parametrize("inner", ["x", "2*x - 3", "1 - x/4"])
def test_sums_and_products_of_branches_have_the_slope_of_calculus(inner):
    """Rules for sums and products, on both sides of the place where the inner line is 0."""
    rate, x = {"x": (1, 0), "2*x - 3": (2, 1.5), "1 - x/4": (-0.25, 4)}[inner]
    for a, (value_a, slope_a) in BRANCHES.items():
        for b, (value_b, slope_b) in BRANCHES.items():
            for op in "+*":
                sides = []
                for side in (0, 1):
                    f, g = value_a[2 * side], value_b[2 * side]
                    df, dg = slope_a[side], slope_b[side]
                    sides.append((f + g, df + dg) if op == "+" else (f * g, df * g + f * dg))
                f, g = value_a[1], value_b[1]
                here = f + g if op == "+" else f * g
                if sides[0] == sides[1] and sides[0][0] == here:
                    text = f"({a}){op}({b})".format(u=inner)
                    assert actcli.activation(text).gradient(x) == rate * sides[0][1], text


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("max(exp(x), x+2)", [-1.8414056604369606, 1.1461932206205825]),  # -2 - W(-exp(-2))
        ("where(exp(x) > x+2, x, 1)", [-1.8414056604369606, 1.1461932206205825]),
        ("max(sin(x), cos(x))", None),  # everywhere
        ("max(exp(x), exp(x))", None),
        ("max(log(x), x-2)", None),  # no value on one side
    ],
)
def test_branches_that_cross_at_no_plain_place_do_between_the_double_and_the_next(
    formula, expected
):
    found = Breakpoints(parse(formula, {}), trusted=True).plain
    if expected is None:
        assert found is None
    else:
        for (place, rest), exact in zip(sorted(found), expected, strict=True):
            assert rest == 0
            assert abs(place - exact) <= math.ulp(exact)
