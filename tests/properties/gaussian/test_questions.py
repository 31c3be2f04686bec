"""Gains that PyTorch knows."""

from math import inf, sqrt
from types import SimpleNamespace

from actcli import activation, names
from actcli.properties import check
from actcli.properties.gaussian.questions import torch_gain


def test_torch_gains():
    expected = {"identity": 1, "logistic": 1, "tanh": 5 / 3, "relu": sqrt(2), "selu": 3 / 4}
    for name in names():
        found = torch_gain(name, activation(name).parameters)
        if name == "leaky_relu":
            assert found == sqrt(2 / (1 + 0.01**2))
        else:
            assert found == expected.get(name)
    assert torch_gain("leaky_relu", {"slope": 0.5}) == sqrt(1.6)
    assert torch_gain("x", SimpleNamespace()) is None


def test_a_gain_needs_a_finite_mean_square_alone():
    """sqrt|x|: E|Z| = sqrt(2/pi), while E 1/(4|Z|) is infinite."""
    (verdict,) = check(activation("abs(x)**0.5"), ["gain"])
    assert verdict.verdict == "proved"
    assert abs(verdict.value["gain"] - (2 / 3.141592653589793) ** -0.25) < 1e-12
    assert verdict.value["chi1"] == inf


def test_two_inputs_of_a_witness_are_two():
    """A stretch narrower than the doubles are apart holds no two of them."""
    text = "where(x >= 0.3333333333333333 and x <= 1/3, 1, swish(x))"
    (row,) = check(activation(text), ["order_kept"])
    assert row.where[0] < row.where[1]
