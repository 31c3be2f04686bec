"""Verdicts against the contract's own examples, published constants and hand-derived facts."""

import math
from math import inf, pi

import mpmath
import pytest

import actcli
from actcli.properties import NAMES, check

INF = inf
ROOT_PI = math.sqrt(math.pi)


def near(value):
    """Numbers within the contract's 1e-10 relative, 1e-12 absolute; everything else exactly."""
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int | float):
        return value if abs(value) == inf else pytest.approx(value, rel=1e-10, abs=1e-12)
    if isinstance(value, dict):
        return {k: near(v) for k, v in value.items()}
    return [near(v) for v in value]


def ask(label, name):
    (verdict,) = check(actcli.activation(label), [name])
    return verdict


ANY = object()


def rows(text_rows):
    return [pytest.param(*row, id=f"{row[1]}-{row[0]}") for row in text_rows]


CASES = [
    ("gelu", "continuous", "proved", 0, []),
    ("step", "continuous", "refuted", 1, [0]),
    ("sign", "continuous", "refuted", 2, [0]),
    ("hard_shrink", "continuous", "refuted", 0.5, [-0.5, 0.5]),
    ("1/x", "continuous", "refuted", INF, [0]),
    ("hard_sigmoid", "continuous", "proved", 0, []),
    ("pelu:a=0.1,b=0.3", "continuous", "proved", 0, []),
    ("where(x > 0, 1e-70, 0)", "continuous", "refuted", 1e-70, [0]),
    ("tanh", "differentiable", "proved", [], None),
    ("relu", "differentiable", "proved", [0], None),
    ("hard_mish", "differentiable", "proved", [-2], None),
    ("step", "differentiable", "refuted", [0], 0),
    ("max_logistic", "differentiable", "proved", [0.6590460684074], None),
    ("abs(sin(x))", "differentiable", "refuted", [k * math.pi for k in range(-3, 4)], ANY),
    ("abs(sin(x))", "range", "proved",
     {"inf": 0, "sup": 1, "inf_attained": True, "sup_attained": True}, ANY),
    ("abs(sin(x))", "saturates_left", "refuted", {"limit": None, "gradient_limit": None}, None),
    ("sqrt(x**2)", "differentiable", "proved", [0], None),
    # conditions that touch without crossing, and values of single points
    ("max(x**2, 0)", "dead_zone", "refuted", [], None),
    ("abs(1-cos(x))", "range", "proved",
     {"inf": 0, "sup": 2, "inf_attained": True, "sup_attained": True}, ANY),
    ("hard_tanh(x**2-1)", "continuous", "proved", 0, []),
    ("sign(x**2)", "continuous", "refuted", 1, [0]),
    ("where(1-cos(x) > 0, 1, 0)", "continuous", "refuted", 1, ANY),
    ("where(x == 1, 3, x)", "continuous", "refuted", 2, [1]),
    ("where(x == 1, 3, x)", "nonlinear", "proved", None, ANY),
    ("where(x == 1, 3, x)", "order_kept", "refuted", 1, ANY),
    ("where(x == 1, 3, x)", "smoothness", "refuted", -1, [1]),
    ("where(x*x == 2, 1, 0)", "continuous", "refuted", 1, [-math.sqrt(2), math.sqrt(2)]),
    ("where(x == 1, 1, x)", "continuous", "proved", 0, []),
    ("where(sin(x) > 0, 1, 0)", "saturates_left", "refuted",
     {"limit": None, "gradient_limit": 0}, None),
    ("sin(x)**2+cos(x)**2", "saturates_left", "proved", {"limit": 1, "gradient_limit": 0}, None),
    ("sin(x)**2+cos(x)**2", "dead_zone", "proved", [[-INF, INF]], None),
    ("1/x**2", "continuous", "refuted", INF, [0]),
    ("1/abs(x)", "continuous", "refuted", inf, [0]),
    ("arctan(tan(x))", "continuous", "refuted", None, [k * pi / 2 for k in (-5, -3, -1, 1, 3, 5)]),
    ("where(x > 0, x**10, 0)", "smoothness", "undecided", None, None),
    ("x**0.5", "continuous", "refuted", None, -1),
    ("relu", "smoothness", "refuted", 0, [0]),
    ("elu", "smoothness", "proved", 1, [0]),
    ("isrlu", "smoothness", "proved", 2, [0]),
    ("isrlu:alpha=3", "smoothness", "proved", 2, [0]),
    ("gelu", "smoothness", "proved", INF, []),
    ("step", "smoothness", "refuted", -1, [0]),
    ("celu:alpha=0.3", "smoothness", "proved", 1, [0]),
    ("softsign", "smoothness", "proved", 1, [0]),
    ("sqnl", "smoothness", "proved", 1, [-2, 0, 2]),
    ("where(x > 0, x**3, 0)", "smoothness", "proved", 2, [0]),
    ("where(x > 0, x*x, x**2)", "smoothness", "proved", INF, []),
    ("relu", "nonlinear", "proved", None, ANY),
    ("tanh", "nonlinear", "proved", None, ANY),
    ("identity", "nonlinear", "refuted", [1, 0], None),
    ("swish:beta=0", "nonlinear", "refuted", [0.5, 0], None),
    ("(x + 1)**2 - x**2", "nonlinear", "refuted", [2, 1], None),
    ("relu", "monotonic", "proved", [[-INF, 0, "constant"], [0, INF, "increasing"]], None),
    ("x**3", "monotonic", "proved", [[-INF, INF, "increasing"]], None),
    ("leaky_relu", "monotonic", "proved", [[-INF, INF, "increasing"]], None),
    ("tanh_shrink", "monotonic", "proved", [[-INF, INF, "increasing"]], None),
    ("snake", "monotonic", "proved", [[-INF, INF, "increasing"]], None),
    ("arctan", "monotonic", "proved", [[-INF, INF, "increasing"]], None),
    (
        "gelu", "monotonic", "refuted",
        [[-INF, -0.7517915246935645, "decreasing"], [-0.7517915246935645, INF, "increasing"]], ANY,
    ),
    (
        "where(x > 0, x, x + 5)", "monotonic", "refuted",
        [[-INF, 0, "increasing"], [0, INF, "increasing"]], ANY,
    ),
    (
        "leaky_relu:slope=-0.5", "monotonic", "refuted",
        [[-INF, 0, "decreasing"], [0, INF, "increasing"]], ANY,
    ),
    ("softplus", "convex", "proved", "convex", None),
    ("elu", "convex", "proved", "convex", None),
    ("atlu", "convex", "proved", "convex", None),
    ("log_sigmoid", "convex", "refuted", "concave", ANY),
    ("elu:alpha=2", "convex", "refuted", "neither", ANY),
    ("identity", "convex", "proved", "affine", None),
    ("smu", "convex", "refuted", "neither", ANY),
    (
        "gelu", "range", "refuted",
        {"inf": -0.16997120747990366, "sup": INF, "inf_attained": True, "sup_attained": False},
        [-0.7517915246935645, INF],
    ),
    (
        "tanh", "range", "proved",
        {"inf": -1, "sup": 1, "inf_attained": False, "sup_attained": False}, [-INF, INF],
    ),
    (
        "hard_tanh", "range", "proved",
        {"inf": -1, "sup": 1, "inf_attained": True, "sup_attained": True}, ANY,
    ),
    (
        "softsign", "range", "proved",
        {"inf": -1, "sup": 1, "inf_attained": False, "sup_attained": False}, [-INF, INF],
    ),
    (
        "sine", "range", "proved",
        {"inf": -1, "sup": 1, "inf_attained": True, "sup_attained": True}, ANY,
    ),
    (
        "gcu", "range", "refuted",
        {"inf": -INF, "sup": INF, "inf_attained": False, "sup_attained": False}, ANY,
    ),
    (
        "tanh", "gradient_range", "proved",
        {"inf": 0, "sup": 1, "inf_attained": False, "sup_attained": True}, [ANY, 0],
    ),
    (
        "hard_swish", "gradient_range", "proved",
        {"inf": -0.5, "sup": 1.5, "inf_attained": False, "sup_attained": False}, [-3, 3],
    ),
    (
        "elu:alpha=2", "gradient_range", "proved",
        {"inf": 0, "sup": 2, "inf_attained": False, "sup_attained": False}, [-INF, 0],
    ),
    (
        "square", "gradient_range", "refuted",
        {"inf": -INF, "sup": INF, "inf_attained": False, "sup_attained": False}, ANY,
    ),
    (
        "step", "gradient_range", "proved",
        {"inf": 0, "sup": 0, "inf_attained": True, "sup_attained": True}, ANY,
    ),
    ("softplus", "saturates_left", "proved", {"limit": 0, "gradient_limit": 0}, None),
    ("softplus", "saturates_right", "refuted", {"limit": INF, "gradient_limit": 1}, None),
    ("nlrelu", "saturates_right", "refuted", {"limit": INF, "gradient_limit": 0}, None),
    ("sine", "saturates_right", "refuted", {"limit": None, "gradient_limit": None}, None),
    ("relu", "saturates_left", "proved", {"limit": 0, "gradient_limit": 0}, None),
    ("atlu", "saturates_left", "proved", {"limit": -1 / math.pi, "gradient_limit": 0}, None),
    ("snake", "saturates_right", "refuted", {"limit": INF, "gradient_limit": None}, None),
    ("tanh", "zero_centred", "proved", 0, None),
    ("relu", "zero_centred", "refuted", 1 / math.sqrt(2 * math.pi), None),
    ("logistic", "zero_centred", "refuted", 0.5, None),
    ("tanh", "symmetry", "proved", "odd", None),
    ("sqnl", "symmetry", "proved", "odd", None),
    ("sign", "symmetry", "proved", "odd", None),
    ("lisht", "symmetry", "proved", "even", None),
    ("abs", "symmetry", "proved", "even", None),
    ("2*sigmoid(2*x) - 1", "symmetry", "proved", "odd", None),
    ("hard_shrink", "symmetry", "proved", "odd", None),
    ("gelu", "symmetry", "refuted", "none", ANY),
    ("0*x", "symmetry", "proved", "both", None),
    ("tanh", "identity_at_zero", "proved", {"f": 0, "gradient": 1}, None),
    ("elu", "identity_at_zero", "proved", {"f": 0, "gradient": 1}, None),
    ("hard_mish", "identity_at_zero", "proved", {"f": 0, "gradient": 1}, None),
    ("srelu", "identity_at_zero", "proved", {"f": 0, "gradient": 1}, None),
    ("relu", "identity_at_zero", "refuted", {"f": 0, "gradient": None}, None),
    ("swish", "identity_at_zero", "refuted", {"f": 0, "gradient": 0.5}, None),
    ("erf", "identity_at_zero", "refuted", {"f": 0, "gradient": 2 / ROOT_PI}, None),
    ("relu", "dead_zone", "proved", [[-INF, 0]], None),
    ("hard_tanh", "dead_zone", "proved", [[-INF, -1], [1, INF]], None),
    ("step", "dead_zone", "proved", [[-INF, 0], [0, INF]], None),
    ("swish", "dead_zone", "refuted", [], None),
    ("leaky_relu", "dead_zone", "refuted", [], None),
    ("elu", "same_as", "proved", ["celu", "pelu"], None),
    ("swish", "same_as", "proved", ["acon_c"], None),
    ("smelu:beta=1", "same_as", "proved", ["sparse_plus"], None),
    ("x*sigmoid(1.702*x)", "same_as", "proved", ["quick_gelu"], None),
    ("x*tanh(exp(x))", "same_as", "proved", ["tanhexp"], None),
    ("2*sigmoid(2*x) - 1", "same_as", "proved", ["tanh"], None),
    ("gelu", "same_as", "refuted", [], None),
    (
        "where(x > 0, 0.8*x**2, 0.8*(expm1(min(x, -1e-6)) - x)) + 0.5*x", "same_as",
        "refuted", [], None,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("label", "name", "verdict", "value", "where"), rows(CASES))
def test_the_contract_and_hand_derived_facts(label, name, verdict, value, where):
    got = ask(label, name)
    assert (got.property, got.verdict) == (name, verdict), got
    assert got.value == near(value), got
    if isinstance(where, list):
        assert [g for g, w in zip(got.where, where, strict=True) if w is not ANY] == [
            near(w) for w in where if w is not ANY
        ]
    elif where is not ANY:
        assert got.where == near(where)
    assert got.detail
    assert "\n" not in got.detail


W = float(mpmath.lambertw(1 / mpmath.e))


def mish(x):
    return x * mpmath.tanh(mpmath.log1p(mpmath.exp(x)))


ROOT = mpmath.findroot(lambda x: mpmath.diff(mish, x), -1.2)
PUBLISHED = [
    ("swish", "range", "inf", -W),
    ("mish", "range", "inf", float(mish(ROOT))),
    ("selu", "range", "inf", -1.7580993408473768),
    ("sinc", "range", "inf", -0.21723362821122165741),
    ("serlu", "range", "inf", -1.07862 * 2.90427 / math.e),
    ("gaussian", "gradient_range", "sup", math.sqrt(2 / math.e)),
    ("logistic", "gradient_range", "sup", 0.25),
    ("softsign", "gradient_range", "sup", 1),
    ("hard_swish", "range", "inf", -0.375),
]


@pytest.mark.parametrize(("label", "name", "key", "value"), PUBLISHED)
def test_published_extremes(label, name, key, value):
    assert ask(label, name).value[key] == pytest.approx(value, rel=1e-10)


@pytest.mark.parametrize("label", ["gelu", "step", "gcu", "elu:alpha=2", "where(x > 0, x, x + 5)"])
def test_witnesses_hold_in_double_precision(label):
    f = actcli.activation(label)
    verdicts = {v.property: v for v in check(f, ["monotonic", "convex", "symmetry", "nonlinear"])}
    falls = verdicts["monotonic"]
    if falls.verdict == "refuted":
        a, b = falls.where
        assert a < b
        assert f(a) > f(b)
    bend = verdicts["convex"]
    if bend.verdict == "refuted":
        a, b, c = bend.where
        assert a < b < c
        assert f(b) > f(a) + (f(c) - f(a)) * (b - a) / (c - a)
    odd = verdicts["symmetry"]
    if odd.verdict == "refuted":
        p, q = odd.where
        assert f(-p) != -f(p)
        assert f(-q) != f(q)


def test_twenty_properties_in_the_fixed_order():
    assert NAMES == (
        "continuous", "differentiable", "smoothness", "nonlinear", "monotonic", "convex", "range",
        "gradient_range", "saturates_left", "saturates_right", "zero_centred", "symmetry",
        "identity_at_zero", "dead_zone", "order_kept", "gaussian_moments", "gain", "cost",
        "numerically_stable", "same_as",
    )  # fmt: skip


def test_a_budget_that_is_too_small_is_owned_up_to():
    (verdict,) = check(actcli.activation("mish"), ["gradient_range"], budget=50)
    assert verdict.verdict == "undecided"
    assert "after 50 cells" in verdict.detail
    assert verdict.value is None


def test_a_domain_that_ends_where_another_branch_holds_is_no_breakpoint():
    """sign(x)*log(1 + |x|): f' = 1/(1 + |x|), f'' jumps from 1 to -1 at 0; smooth at +-1."""
    found = ask_all("where(x > 0, log(1 + x), -log(1 - x))")
    assert (found["continuous"].verdict, found["continuous"].value) == ("proved", 0)
    assert (found["smoothness"].value, found["smoothness"].where) == (1, [0])
    assert found["order_kept"].verdict == "proved"


def test_a_product_of_0_and_what_is_not_defined_has_no_value():
    found = ask_all("x*log(abs(x))")
    assert found["identity_at_zero"].verdict == "refuted"
    assert found["identity_at_zero"].value == {"f": None, "gradient": None}
    assert "not defined at 0" in found["identity_at_zero"].detail
    assert 0 not in found["convex"].where


def test_formulas_that_are_flat_to_all_orders_are_answered():
    """It ran for minutes once. Any verdict must be the true one."""
    found = ask_all("where(x != 0, exp(-1/x**2), 0)")
    assert found["symmetry"].value == "even"
    assert found["range"].value["sup"] == pytest.approx(1)
    assert found["order_kept"].value == pytest.approx(0.5, abs=1e-8)
    assert found["smoothness"].verdict in ("proved", "undecided")


def ask_all(label):
    return {v.property: v for v in check(actcli.activation(label))}


def test_witnesses_within_a_narrow_tooth():
    """x on (0, 1), else 0: f(1/2) = 1/2 lies above a chord, f(1) = 0 below one."""
    found = ask_all("where(x > 0 and x < 1, x, 0)")
    assert (found["convex"].verdict, found["convex"].value) == ("refuted", "neither")
    assert (found["symmetry"].verdict, found["symmetry"].value) == ("refuted", "none")
    p, q = found["symmetry"].where
    f = actcli.activation("where(x > 0 and x < 1, x, 0)")
    assert float(f(-p)) != -float(f(p))
    assert float(f(-q)) != float(f(q))


@pytest.mark.parametrize("text", ["relu(x) - relu(-x)", "where(x > 1, 2*x - 1, x + x - 1)"])
def test_pieces_of_one_line_are_a_line(text):
    verdict = check(actcli.activation(text), ["nonlinear"])[0]
    slope, offset = verdict.value
    assert verdict.verdict == "refuted"
    assert [slope * x + offset for x in (-2, 3)] == actcli.activation(text)([-2.0, 3.0]).tolist()


FAR = {  # f' of one sign far out, where enclosures of quotients say nothing; f'' too
    "x**3/(1+x**2)": ("proved", "neither", -inf, inf),
    "sqrt(1+x**2)-1": ("refuted", "convex", 0, inf),
    "x*arctan(x)": ("refuted", "convex", 0, inf),
    "x**2/(1+abs(x))": ("refuted", "convex", 0, inf),
}


@pytest.mark.parametrize("text", FAR)
def test_algebraic_tails(text):
    asked = ["monotonic", "convex", "range"]
    found = {v.property: v for v in check(actcli.activation(text), asked)}
    monotonic, shape, low, high = FAR[text]
    assert found["monotonic"].verdict == monotonic
    assert found["convex"].value == shape
    assert (found["range"].value["inf"], found["range"].value["sup"]) == (low, high)


@pytest.mark.parametrize("a", [0.2, 30])
def test_a_gradient_that_touches_0_at_irrational_places(a):
    """snake's is 1 + sin(2*a*x)."""
    found = check(actcli.activation("snake", a=a), ["monotonic", "dead_zone"])
    assert [v.verdict for v in found] == ["proved", "refuted"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("max(sin(x), 0.7)", "dead_zone"),
        ("max(sin(x), 0.7)", "monotonic"),
        ("where(x > 1.5, sin(0.1*x), 0.5)", "monotonic"),  # it jumps down: another way out
    ],
)
def test_a_list_that_never_ends_says_that_it_is_cut(text, name):
    (verdict,) = check(actcli.activation(text), [name])
    assert verdict.detail.endswith("only what lies within [-10, 10] is listed")
