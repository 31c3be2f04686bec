"""The domain is part of the formula, and breakpoints are compared exactly (values by hand)."""

from math import inf, pi

import pytest

from actcli import activation
from actcli.properties import check

ROOT = 0.6590460684074066  # of x = logistic(x)


def ask(formula, *names):
    return {v.property: v for v in check(activation(formula), names or None)}


@pytest.mark.parametrize(
    ("formula", "height", "where", "limit"),
    [
        ("x/x*tanh(x)", 0, [0], "tends to 0"),
        ("x**2/x", 0, [0], "tends to 0"),
        ("x/abs(x)*tanh(abs(x))", 0, [0], "tends to 0"),
        ("sin(x)/x", 0, [0], "tends to 1"),
        ("0/x*0", 0, [0], "tends to 0"),
        ("x*log(abs(x))", 0, [0], "tends to 0"),
        ("tanh(-1/x)", 2, [0], "from 1 to -1"),
        ("sqrt(x**2)/x", 2, [0], "from -1 to 1"),
        ("where(1/x > 0, 1, 0)", 1, [0], "from 0 to 1"),
        ("1/x", inf, [0], "not defined at 0"),
        ("1/(x - logistic(x))", None, [ROOT], "not defined at 0.659046"),
    ],
)
def test_an_isolated_hole_is_named_with_its_limit(formula, height, where, limit):
    found = ask(formula, "continuous", "differentiable", "smoothness", "same_as")
    assert {v.verdict for v in found.values()} == {"refuted"}
    assert found["continuous"].value == height
    assert found["continuous"].where == found["differentiable"].value == pytest.approx(where)
    assert found["smoothness"].value == -1
    assert (found["same_as"].value, found["same_as"].where) == ([], pytest.approx(where))
    assert all(limit in found[name].detail for name in ("continuous", "smoothness", "same_as"))


@pytest.mark.parametrize("formula", ["x**2/x", "sin(x)/x", "tanh(-1/x)"])
def test_at_a_hole_at_0_there_is_no_identity(formula):
    found = ask(formula, "identity_at_zero")["identity_at_zero"]
    assert (found.verdict, found.value) == ("refuted", {"f": None, "gradient": None})


@pytest.mark.parametrize(
    ("formula", "x"),
    [("tanh(atanh(x))", -2), ("relu(x)*exp(log(x)*0)", -1), ("log(x)", -1), ("x**0.5", -1),
     ("log(where(x <= 0.5, x, 3))", -1), ("exp(0*sqrt(x - 5))", 4)],
)  # fmt: skip
def test_where_much_is_missing_all_is_left_open_but_continuity(formula, x):
    found = ask(formula)
    first = found.pop("continuous")
    assert (first.verdict, first.value, first.where) == ("refuted", None, x)
    for name in ("cost", "numerically_stable"):
        found.pop(name)
    assert {v.verdict for v in found.values()} == {"undecided"}
    assert all("-r LOW:HIGH" in v.detail for v in found.values())


@pytest.mark.parametrize("formula", ["where(x != 0, sin(x)/x, 1)", "where(x > 0, log1p(x), x)"])
def test_a_branch_not_taken_needs_no_value(formula):
    assert ask(formula, "continuous")["continuous"].verdict == "proved"


# -- breakpoints --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("formula", "height", "where"),
    [
        ("where(x > 0, x + exp(-60), 0)", 8.75651076269652e-27, [0]),
        ("where(x > 0, 1e-70, 0)", 1e-70, [0]),
        ("where(x > 0, 1e-400 + x, 0)", 0, [0]),  # below every double, and not 0
        ("where(x > logistic(x), 2*x - logistic(x) + 1e-20, x)", 1e-20, [ROOT]),
        ("where(abs(x) == 1e-20, x - x, x)", 1e-20, [-1e-20, 1e-20]),
        ("where(x > 1e-300, 11*x, -x)", 1.2e-299, [1e-300]),
        ("where(1-cos(x) > 0, 1, 0)", 1, [-2 * pi, 0, 2 * pi]),
    ],
)
def test_jumps_are_not_lost_to_rounding(formula, height, where):
    found = ask(formula, "continuous")["continuous"]
    assert (found.verdict, found.where) == ("refuted", pytest.approx(where, rel=1e-12, abs=1e-320))
    assert found.value == pytest.approx(height, rel=1e-4, abs=1e-12)


@pytest.mark.parametrize(
    ("formula", "kinks", "order"),
    [
        ("where(x < -2.5, 0, where(x > 2.5, 1, 0.2*x+0.5))", [-2.5, 2.5], 0),
        ("where(x > 1, 0.1*x+0.9, x)", [1], 0),
        ("where(x < -1.7, -0.17, 0.1*x)", [-1.7], 0),
        ("where(x > sqrt(2), (x - sqrt(2))**2, 0)", [], 1),
        ("x*max(x, logistic(x))", [ROOT], 0),
        ("max(x, logistic(x)) + abs(x - logistic(x))", [ROOT], 0),
        ("logistic(x*x - hard_tanh(8 - x, low=0.25))", [7, 7.75], 0),  # slopes 1.4e-21 apart
        ("max(expm1(x)*(x - 40), 0)", [0, 40], 0),
        ("where(x<-1, -1, where(x>1, 1, sin(pi*x/2)))", [], 1),
    ],
)
def test_what_meets_is_proved_to_meet(formula, kinks, order):
    found = ask(formula, "continuous", "differentiable", "smoothness")
    assert (found["continuous"].verdict, found["continuous"].value) == ("proved", 0)
    assert found["differentiable"].value == pytest.approx(kinks)
    assert found["smoothness"].value == order


# -- constants ------------------------------------------------------------------------------------
def test_constants_mean_what_is_written():
    shifted = ask("tanh(x + (1/3 - 0.3333333333333333)*1e17)", "identity_at_zero", "zero_centred")
    assert shifted["identity_at_zero"].verdict == shifted["zero_centred"].verdict == "refuted"
    assert shifted["identity_at_zero"].value["f"] == pytest.approx(0.99745796747384, rel=1e-12)
    assert ask("(1e16 + 1 - 1e16)*tanh(x)", "same_as")["same_as"].value == ["tanh"]
    assert ask("relu6(x+3)/6", "same_as")["same_as"].value == ["hard_sigmoid"]
    assert ask("x*relu6(x+3)/6", "same_as")["same_as"].value == ["hard_swish"]
    assert ask("(hard_tanh(x/3)+1)/2", "same_as")["same_as"].value == ["hard_sigmoid"]


def test_a_function_of_a_constant_is_rounded_by_the_reading():
    """exp(2) - 7.38905609893065 is 2.3e-16; in floats all its digits are lost."""
    found = ask("(exp(2) - 7.38905609893065)*1e16*x", "numerically_stable", "gradient_range")
    assert found["numerically_stable"].verdict == "refuted"
    assert found["gradient_range"].value["sup"] == pytest.approx(2.2723042746057500782, rel=1e-10)
