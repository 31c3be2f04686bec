"""Speed of value_and_gradient: `pytest tests/benchmarks -n 0`, with PyTorch if that can be imported.

The rivals take turns, so that a busy moment of the machine hits all of them. The plain numpy
formula is what one would write down; it runs on one core.
"""

import math
import os
import statistics
import time

import numpy as np
import pytest
from scipy.special import erf

import actcli

COUNT = 4_000_000
ROUNDS = 9


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
    torch.set_num_threads(len(os.sched_getaffinity(0)))
    names = torch.nn.functional
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

    def call():
        leaf.grad = None
        y = function(leaf)
        y.backward(torch.ones_like(y))
        return y

    return call


def alternate(calls):
    """Median seconds of each call, the calls taking turns. Results live until the next one."""
    times = {name: [] for name in calls}
    kept = {}
    for _ in range(ROUNDS):
        for name, call in calls.items():
            start = time.perf_counter()
            kept[name] = call()
            times[name].append(time.perf_counter() - start)
            time.sleep(0.02)  # idle threads of the others come to rest
    return {name: statistics.median(seconds[2:]) for name, seconds in times.items()}


@pytest.mark.parametrize("name", PLAIN)
def test_value_and_gradient(name, benchmark, speed_ratios):
    x = np.random.default_rng(0).normal(0, 3, COUNT)
    activation = actcli.activation(name)
    calls = {
        "actcli": lambda: activation.value_and_gradient(x),
        "numpy": lambda: PLAIN[name](x),
    }
    if name in pytorch():
        calls["torch"] = forward_and_backward(pytorch()[name], x)
    with np.errstate(all="ignore"):
        for got, plain in zip(calls["actcli"](), calls["numpy"](), strict=True):
            np.testing.assert_allclose(got, plain, atol=1e-7)
        seconds = alternate(calls)
    ratios = {rival: seconds["actcli"] / seconds[rival] for rival in calls if rival != "actcli"}
    speed_ratios[name] = {"ms": seconds["actcli"] * 1e3} | ratios
    benchmark.extra_info.update(ratios)
    benchmark.pedantic(calls["actcli"], rounds=ROUNDS, warmup_rounds=1)
