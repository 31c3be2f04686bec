"""Gains that PyTorch knows."""

from math import sqrt
from types import SimpleNamespace

from actcli import activation, names
from actcli.properties.averages import torch_gain


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
