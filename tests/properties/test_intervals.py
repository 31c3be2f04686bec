"""Questions on an interval: by hand, against samples, and never against the answers on the whole line."""

import json
import math
import random

import numpy as np
import pytest

import actcli
from actcli.proofs.distance import distances
from actcli.properties import check

INF = math.inf


def answers(text, low, high, *names):
    found = check(actcli.activation(text), names or None, low=low, high=high)
    return {v.property: v for v in found}


@pytest.mark.parametrize(
    ("text", "low", "high", "name", "verdict", "value"),
    [
        ("relu", 0, 1, "continuous", "proved", 0),
        ("relu", 0, 1, "differentiable", "proved", []),  # one-sided at 0
        ("relu", 0, 1, "smoothness", "proved", INF),
        ("relu", 0, 1, "nonlinear", "refuted", [1, 0]),
        ("relu", -1, 1, "differentiable", "proved", [0]),
        ("relu", -2, -1, "dead_zone", "proved", [[-2, -1]]),
        ("relu", -2, 3, "dead_zone", "proved", [[-2, 0]]),
        ("relu", 0, 1, "identity_at_zero", "proved", {"f": 0, "gradient": 1}),
        ("relu", 1, 2, "identity_at_zero", "undecided", None),
        ("step", 0, 2, "continuous", "refuted", 1),  # it is 0 at 0 and 1 right of it
        ("step", 0.5, 2, "continuous", "proved", 0),
        ("sign", -1, 0, "continuous", "refuted", 1),
        ("where(x >= 0, 1, 0)", 0, 2, "continuous", "proved", 0),
        ("where(x <= 0, 5, x)", 0, 2, "monotonic", "refuted", [[0, 2, "increasing"]]),
        ("where(x <= 0, 5, x)", 0, 2, "order_kept", "refuted", None),
        ("sqrt(x)", 0, 4, "differentiable", "proved", [0]),  # its slope at 0 is infinite
        ("sqrt(x)", 0, 4, "convex", "refuted", "concave"),
        ("x**2.5", 0, 4, "smoothness", "proved", 2),
        ("log(x)", 0, 2, "continuous", "refuted", INF),
        ("log(x)", 0.5, 2, "continuous", "proved", 0),
        ("log(x)", 0.5, 2, "symmetry", "undecided", None),
        ("1/x", 1, 2, "convex", "proved", "convex"),
        ("1/x", 1, 2, "range", "proved",
         {"inf": 0.5, "sup": 1, "inf_attained": True, "sup_attained": True}),
        ("step", 0, 2, "range", "proved",
         {"inf": 0, "sup": 1, "inf_attained": True, "sup_attained": True}),
        ("x**2", -1, 3, "range", "proved",
         {"inf": 0, "sup": 9, "inf_attained": True, "sup_attained": True}),
        ("x**2", -1, 3, "gradient_range", "proved",
         {"inf": -2, "sup": 6, "inf_attained": True, "sup_attained": True}),
        ("log(x)", 0, 1, "gradient_range", "refuted",
         {"inf": 1, "sup": INF, "inf_attained": True, "sup_attained": False}),
        ("sine", 0, 4, "monotonic", "refuted",
         [[0, math.pi / 2, "increasing"], [math.pi / 2, 4, "decreasing"]]),
        ("sine", -1, 1, "order_kept", "proved", 1),
        ("tanh", -1, 2, "saturates_left", "refuted",
         {"limit": math.tanh(-1), "gradient_limit": 1 / math.cosh(1) ** 2}),
        ("x**2", 0, 1, "saturates_left", "proved", {"limit": 0, "gradient_limit": 0}),
        ("hard_tanh", -1, 1, "same_as", "proved", None),
        ("gelu", -1, 1, "zero_centred", "undecided", None),
        ("gelu", -1, 1, "gaussian_moments", "undecided", None),
        ("gelu", -1, 1, "gain", "undecided", None),
        ("gelu", -1, 1, "cost", "measured", {"operations": 2, "gradient_operations": 8}),
        ("1/(1 + exp(-x))", -300, 300, "numerically_stable", "measured", None),
        ("tanh", -3, 2, "symmetry", "proved", "odd"),
        ("x + max(x - 2, 0)", -2, 3, "symmetry", "proved", "odd"),  # where both x and -x are
        ("x + max(x - 2, 0)", -3, 3, "symmetry", "refuted", "none"),
    ],
)  # fmt: skip
def test_by_hand(text, low, high, name, verdict, value):
    found = answers(text, low, high, name)[name]
    assert found.verdict == verdict, found
    if value is not None:
        if isinstance(value, dict):
            assert found.value.keys() == value.keys()
            for key, entry in value.items():
                assert found.value[key] == pytest.approx(entry, rel=1e-12), key
        elif isinstance(value, list) and value and isinstance(value[0], list):
            for got, meant in zip(found.value, value, strict=True):
                assert got[:2] == pytest.approx(meant[:2])
                assert got[2:] == meant[2:]
        else:
            assert found.value == value
    elif verdict == "undecided":
        assert found.value is None


def test_what_is_the_same_on_a_part():
    found = answers("relu", 0.0, 1.0, "same_as")["same_as"].value
    assert {"identity", "leaky_relu", "relu6", "abs", "hard_tanh"} <= set(found)
    assert not {"softplus", "gelu", "hard_sigmoid"} & set(found)


@pytest.mark.parametrize(("low", "high"), [(-0.3, -0.2), (1e-9, 2e-9), (5.0, 1e6)])
def test_witnesses_lie_inside(low, high):
    for v in check(actcli.activation("gelu"), low=low, high=high):
        places = v.where if isinstance(v.where, list) else [v.where]
        if v.property not in ("symmetry",):
            assert all(p is None or low <= p <= high for p in places), v


FUNCTIONS = [
    *("relu", "gelu", "swish", "elu:alpha=2", "hard_swish", "hard_mish", "step", "sign", "tanh",
      "softplus", "hard_shrink", "relu6", "sine", "snake", "squared_relu", "isrlu", "laplace"),
    "abs(x)*sin(x)", "max(x, x**2)", "x**3 - x", "where(x > 0.5, x, -x)", "clip(x, -1, 2)",
    "cbrt(x)", "grad(hard_swish(x))",
]  # fmt: skip
WAYS = {"convex": {"convex", "affine"}, "concave": {"concave", "affine"}, "affine": {"affine"}}
ASKED = ("continuous", "differentiable", "smoothness", "nonlinear", "monotonic", "convex", "range",
         "gradient_range", "symmetry", "dead_zone", "order_kept", "same_as")  # fmt: skip


def consistent(text, line, low, high):
    """The answers on [low, high] beside those on the line, and beside samples."""
    part = answers(text, low, high, *ASKED)
    both = {n: (line[n], part[n]) for n in ASKED}

    def decided(name):
        return "undecided" not in (both[name][0].verdict, both[name][1].verdict)

    for name in ("continuous", "differentiable", "monotonic", "order_kept"):
        assert not (line[name].verdict == "proved" and part[name].verdict == "refuted"), name
    if decided("differentiable"):
        inside = [x for x in line["differentiable"].value if low < x < high]
        got = [x for x in part["differentiable"].value if low < x < high]
        assert got == pytest.approx(inside, abs=1e-12)
    if decided("smoothness"):
        assert part["smoothness"].value >= line["smoothness"].value
    assert not (line["nonlinear"].verdict == "refuted" and part["nonlinear"].verdict == "proved")
    if decided("convex") and line["convex"].value in WAYS:
        assert part["convex"].value in WAYS[line["convex"].value]
    for name in ("range", "gradient_range"):
        if decided(name):
            assert part[name].value["inf"] >= line[name].value["inf"] - 1e-12
            assert part[name].value["sup"] <= line[name].value["sup"] + 1e-12
    if decided("symmetry") and low == -high and line["symmetry"].value != "none":
        assert part["symmetry"].value in (line["symmetry"].value, "both")
    if decided("same_as"):
        assert set(line["same_as"].value) <= set(part["same_as"].value)
    if decided("dead_zone"):
        for a, b in line["dead_zone"].value:
            if min(b, high) - max(a, low) > 0:
                assert any(
                    p <= max(a, low) and min(b, high) <= q for p, q in part["dead_zone"].value
                )
    f = actcli.activation(text)
    x = np.unique(np.clip(np.linspace(low, high, 501), low, high))
    y = f(x)
    if part["range"].verdict != "undecided":
        value = part["range"].value
        assert value["inf"] <= y.min() + 1e-9
        assert y.max() - 1e-9 <= value["sup"]
        if value["inf_attained"]:
            assert f(part["range"].where[0]) == pytest.approx(value["inf"], rel=1e-9, abs=1e-9)
    if part["monotonic"].verdict == "proved":
        assert (np.diff(y) >= -1e-12 * (1 + abs(y[1:]))).all()
    if part["monotonic"].verdict == "refuted":
        a, b = part["monotonic"].where
        assert low <= a < b <= high
        assert f(a) > f(b)
    if part["order_kept"].verdict == "refuted":
        a, b = part["order_kept"].where
        assert low <= a < b <= high
        assert f(a) >= f(b)


@pytest.mark.parametrize("text", FUNCTIONS)
def test_a_part_never_contradicts_the_line(text):
    rng = random.Random(text)
    line = {v.property: v for v in check(actcli.activation(text), ASKED)}
    for _ in range(3):
        low, high = sorted(rng.sample([k / 8 for k in range(-40, 41)] + [-7.3, 0.123, 3.3], 2))
        if rng.random() < 0.3:
            low, high = -abs(high) - 0.5, abs(high) + 0.5
        consistent(text, line, low, high)


def test_the_command_and_python_say_the_same(call):
    status, out, _ = call(
        "check-properties", "log(x)", "-r", "0.5:2", "--json", "--require", "continuous,monotonic"
    )
    assert status == 0
    told = json.loads(out)
    mine = actcli.activation("log(x)").properties(low=0.5, high=2)
    assert [row.keys() for row in told] == [row.keys() for row in mine]
    assert [row["verdict"] for row in told] == [row["verdict"] for row in mine]
    (one,) = actcli.activation("relu").properties(["continuous"])
    assert (one["function"], one["verdict"]) == ("relu", "proved")
    (half,) = actcli.activation("log(x)").properties(["monotonic"], low=1)
    assert half["value"] == [[1, INF, "increasing"]]
    with pytest.raises(ValueError, match="no property is called 'monoton'"):
        actcli.activation("relu").properties(["monoton"])
    with pytest.raises(ValueError, match="low=2 is not below high=1"):
        actcli.activation("relu").properties(low=2, high=1)


@pytest.mark.parametrize("text", ["1", "2:1", "a:b", "0:inf"])
def test_ranges_that_are_none(call, refused, text):
    refused(call, ("check-properties", "relu", "-r", text), "actcli: --range: ")


def test_ends_are_the_decimals_that_are_written():
    """0.7 and 0.3 are no doubles: f(7/10) = 1/2, and sqrt has no value left of 3/10."""
    f = actcli.activation("where(x != 0.7, relu(x), 0.5)")
    found = {row.property: row for row in check(f, low=0.3, high=0.7)}
    assert (found["continuous"].verdict, found["continuous"].where) == ("refuted", [0.7])
    assert found["same_as"].value == []
    assert found["monotonic"].verdict != "proved"
    assert found["range"].value["sup_attained"] is False
    apart, _ = distances(f.tree, actcli.activation("relu").tree, (0.3, 0.7))
    assert (apart.value, apart.where) == (pytest.approx(0.2, rel=1e-12), 0.7)

    bow = check(
        actcli.activation("sqrt(x - 0.3)*sqrt(0.7 - x)"), ["continuous", "range"], low=0.3, high=0.7
    )
    assert bow[0].verdict == "proved"
    assert bow[1].value == {"inf": 0, "sup": 0.2, "inf_attained": True, "sup_attained": True}
