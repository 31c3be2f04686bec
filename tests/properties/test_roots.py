"""Properties of cube roots and of what has a slope only as a limit, by hand."""

import math

import pytest

import actcli
from actcli.properties import check


def ask(text, name):
    (found,) = check(actcli.activation(text), [name])
    return found


@pytest.mark.parametrize(
    ("text", "name", "verdict", "value"),
    [
        ("cbrt(x)", "continuous", "proved", 0),
        ("cbrt(x)", "differentiable", "proved", [0]),  # its slope at 0 is infinite
        ("cbrt(x)", "smoothness", "refuted", 0),
        ("cbrt(x)", "symmetry", "proved", "odd"),
        ("cbrt(x)", "gradient_range", "refuted",
         {"inf": 0, "sup": math.inf, "inf_attained": False, "sup_attained": False}),
        ("cbrt(x)", "identity_at_zero", "refuted", {"f": 0, "gradient": None}),
        ("cbrt(x)**2", "differentiable", "proved", [0]),
        ("cbrt(x)**2", "identity_at_zero", "refuted", {"f": 0, "gradient": None}),
        ("cbrt(x)*x", "smoothness", "proved", 1),  # 4/3 cbrt(x)
        ("cbrt(x)*x", "identity_at_zero", "refuted", {"f": 0, "gradient": 0}),
        ("cbrt(x)*x", "gradient_range", "refuted",
         {"inf": -math.inf, "sup": math.inf, "inf_attained": False, "sup_attained": False}),
        ("x*abs(x)**0.5", "identity_at_zero", "refuted", {"f": 0, "gradient": 0}),
        ("x*abs(x)**0.5", "gradient_range", "refuted",
         {"inf": 0, "sup": math.inf, "inf_attained": True, "sup_attained": False}),
        ("cbrt(x**3)", "same_as", "proved", ["identity"]),
        ("cbrt(8*x)", "same_as", "refuted", []),
        ("sech(x)", "range", "proved",
         {"inf": 0, "sup": 1, "inf_attained": False, "sup_attained": True}),
        ("sech(x)", "gradient_range", "proved",
         {"inf": -0.5, "sup": 0.5, "inf_attained": True, "sup_attained": True}),
        ("sech(x)", "symmetry", "proved", "even"),
        ("clip(x, -1, 1)", "same_as", "proved", ["hard_tanh"]),
    ],
)  # fmt: skip
def test_by_hand(text, name, verdict, value):
    found = ask(text, name)
    assert found.verdict == verdict
    assert found.value == value or found.value == pytest.approx(value, rel=1e-10)


def test_averages():
    # E |Z|^(2/3) = 2^(1/3) Gamma(5/6)/sqrt(pi); the slope is x^(-2/3)/3, whose square has no mean
    found = ask("cbrt(x)", "gaussian_moments")
    square = 2 ** (1 / 3) * math.gamma(5 / 6) / math.sqrt(math.pi)
    assert found.verdict == "refuted"
    assert found.value["mean_square"] == pytest.approx(square, rel=1e-8)
    assert found.value["gradient_mean_square"] == math.inf
    # E sech(Z), by mpmath with 30 digits
    assert ask("sech(x)", "zero_centred").value == pytest.approx(0.74126427412537959, rel=1e-8)
