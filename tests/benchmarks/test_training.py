"""Time per step and seed of a 2-8-8-1 network with batches of 10, beside a plain PyTorch loop.

`pytest tests/benchmarks/test_training.py -s`; without PyTorch only our own times are printed.
"""

import statistics
import time

import numpy as np
import pytest

import actcli
from actcli.toy.training import Setup, train

STEPS_PER_EPOCH = 25
ROUNDS = 3


def ours(name, seeds, epochs, every=1):
    """Microseconds per step and seed; drawing data and the first and last record are taken off."""
    functions = [actcli.activation(name)]

    def seconds(epochs):
        setup = Setup(layers=(8, 8), seeds=seeds, epochs=epochs, every=every)
        start = time.process_time()
        train(setup, functions)
        return time.process_time() - start

    fixed = min(seconds(1) for _ in range(2))
    return (seconds(1 + epochs) - fixed) / (seeds * epochs * STEPS_PER_EPOCH) * 1e6


def pytorch(name, steps=500):
    """Microseconds per step of what one would write down, or None without PyTorch."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    kind = {"relu": torch.nn.ReLU, "tanh": torch.nn.Tanh}[name]
    net = torch.nn.Sequential(
        torch.nn.Linear(2, 8), kind(), torch.nn.Linear(8, 8), kind(), torch.nn.Linear(8, 1),
        torch.nn.Tanh(),
    )  # fmt: skip
    optimiser = torch.optim.SGD(net.parameters(), lr=0.03)
    half_square = torch.nn.MSELoss()
    x, y = torch.randn(250, 2), torch.sign(torch.randn(250, 1))
    start = time.process_time()
    for k in range(steps):
        at = k % STEPS_PER_EPOCH * 10
        optimiser.zero_grad()
        loss = 0.5 * half_square(net(x[at : at + 10]), y[at : at + 10])
        loss.backward()
        optimiser.step()
    return (time.process_time() - start) / steps * 1e6


@pytest.mark.parametrize(("seeds", "epochs", "goal"), [(1, 60, 5), (100, 16, 100)])
@pytest.mark.parametrize("name", ["relu", "tanh"])
def test_step(name, seeds, epochs, goal, row):
    pytorch(name, 50)
    mine, theirs, bare = [], [], []
    for _ in range(ROUNDS):  # in turn, so that a busy moment hits all
        theirs.append(pytorch(name))
        mine.append(ours(name, seeds, epochs))
        bare.append(ours(name, seeds, epochs, every=10_000))
    ours_now, bare_now = statistics.median(mine), statistics.median(bare)
    line = f"\n{name}, {seeds} seeds: {bare_now:.2f} us per step and seed, recorded {ours_now:.2f}"
    if theirs[0] is not None:
        ratio = statistics.median(t / m for t, m in zip(theirs, bare, strict=True))
        full = statistics.median(t / m for t, m in zip(theirs, mine, strict=True))
        line += (
            f"; PyTorch {statistics.median(theirs):.0f} us: 1/{ratio:.0f}, recorded 1/{full:.0f}"
        )
    print(line)
    if goal and name == "relu":
        row(f"training {seeds}", *([] if theirs[0] is None else [1 / ratio]))
    if theirs[0] is not None and goal:
        assert ratio >= goal


def test_cost_is_linear():
    """Twice the epochs, seeds or layers take no more than about twice the time."""

    def seconds(setup):
        best = np.inf
        for _ in range(3):
            start = time.process_time()
            train(setup, [actcli.activation("tanh")])
            best = min(best, time.process_time() - start)
        return best

    base = Setup(layers=(8,) * 4, seeds=40, epochs=10)
    once = seconds(base)
    for longer in (
        Setup(layers=(8,) * 4, seeds=40, epochs=20),
        Setup(layers=(8,) * 4, seeds=80, epochs=10),
        Setup(layers=(8,) * 8, seeds=40, epochs=10),
    ):
        assert seconds(longer) < 3 * once
