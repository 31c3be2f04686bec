"""Speed of value_and_gradient, beside numpy and beside PyTorch if that can be imported.

The rivals take turns, so that a busy moment of the machine hits all of them. The plain numpy
formula is what one would write down.
"""

import math
import statistics

import numpy as np
import pytest
from scipy.special import erf

import actcli

COUNT = 1_000_000


def logistic(x):
    value = 1 / (1 + np.exp(-x))
    return value, value * (1 - value)


def tanh(x):
    value = np.tanh(x)
    return value, 1 - value**2


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))), 1 / (1 + np.exp(-x))


def swish(x):
    share = 1 / (1 + np.exp(-x))
    return x * share, share * (1 + x * (1 - share))


def gelu(x):
    share = (1 + erf(x / math.sqrt(2))) / 2
    return x * share, share + x * np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def gelu_tanh(x):
    square = x * x
    t = np.tanh(math.sqrt(2 / math.pi) * x * (1 + 0.044715 * square))
    slope = math.sqrt(2 / math.pi) * (1 + 3 * 0.044715 * square)
    return x * (1 + t) / 2, (1 + t + x * (1 - t * t) * slope) / 2


def mish(x):
    t = np.tanh(np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x))))
    return x * t, t + x * (1 - t * t) / (1 + np.exp(-x))


def elu(x):
    return np.where(x > 0, x, np.expm1(x)), np.where(x > 0, 1, np.exp(x))


def relu(x):
    return np.maximum(x, 0), (x > 0).astype(np.float64)


PLAIN = {f.__name__: f for f in (logistic, tanh, softplus, swish, gelu, gelu_tanh, mish, elu, relu)}


def pytorch():
    """PyTorch's functions by our names; empty without PyTorch."""
    try:
        import torch
    except ImportError:
        return {}
    torch.set_num_threads(1)
    names = torch.nn.functional
    torch.relu(torch.zeros(9, requires_grad=True)).sum().backward()  # its gelu is slow before that
    return {
        "logistic": torch.sigmoid,
        "tanh": torch.tanh,
        "softplus": names.softplus,
        "swish": names.silu,
        "gelu": names.gelu,
        "gelu_tanh": lambda x: names.gelu(x, approximate="tanh"),
        "mish": names.mish,
        "elu": names.elu,
        "relu": names.relu,
    }


def forward_and_backward(function, x):
    import torch

    leaf = torch.from_numpy(x.copy()).requires_grad_(True)
    ones = torch.ones_like(leaf)

    def call():
        leaf.grad = None
        function(leaf).backward(ones)

    return call


def inputs(dtype):
    return np.random.default_rng(0).normal(0, 3, COUNT).astype(dtype)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_value_and_gradient(dtype, in_turn, row):
    x = inputs(dtype)
    ratios = {"numpy": [], "torch": []}
    torch = pytorch()
    for name, plain in PLAIN.items():
        activation = actcli.activation(name)
        calls = {
            "actcli": lambda f=activation: f.value_and_gradient(x),
            "numpy": lambda f=plain: f(x),
        }
        if torch:
            calls["torch"] = forward_and_backward(torch[name], x)
        with np.errstate(all="ignore"):
            for got, expected in zip(calls["actcli"](), plain(x), strict=True):
                np.testing.assert_allclose(got, expected, atol=1e-7 if dtype == "float64" else 1e-3)
            seconds = in_turn(calls)
        for rival in calls:
            if rival != "actcli":
                ratios[rival].append(seconds["actcli"] / seconds[rival])
    for rival, found in ratios.items():
        if rival == "torch" or dtype == "float64":
            shown = (statistics.geometric_mean(found), max(found)) if found else ()
            row(f"{dtype} {rival}", *shown)


def test_all_functions_beside_a_copy(in_turn, row):
    x = inputs("float64")
    out = np.empty_like(x)
    found = []
    for f in map(actcli.activation, actcli.names()):
        calls = {"actcli": lambda f=f: f.value_and_gradient(x), "copy": lambda: np.copyto(out, x)}
        seconds = in_turn(calls, 3)
        found.append(seconds["actcli"] / seconds["copy"])
    row("copy", statistics.geometric_mean(found), max(found))


def test_one_function(benchmark):
    """By pytest-benchmark, whose records can be kept and compared (--benchmark-autosave)."""
    x = inputs("float64")
    benchmark.pedantic(
        actcli.activation("gelu").value_and_gradient, (x,), rounds=5, warmup_rounds=1
    )
