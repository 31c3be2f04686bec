"""What training makes of the activation function, on points in the plane and on xor."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ...evaluation.activation import Activation
from ...numbers.types import Floats
from ..layers import Dense, with_ones
from ..network import Network
from ..run import Run
from ..setup import Setup
from ..training import Progress, examples, hidden_inputs, train
from .rows import (
    MEDIANS,
    Row,
    lost,
    mean_and_band,
    median_row,
    one_by_one,
    part_of,
    row,
    share_band,
)

SEEDS = 20

# -- units that die by too large steps -------------------------------------------------------------
DYING_SEEDS = 100
RATES = (0.03, 0.3, 1.0, 3.0)
NONE_DIES = (0.0, 0.0, 0.0, 0.0)
DYING = {
    "relu": (0.0, 0.0, 0.019, 0.41), "leaky_relu": NONE_DIES, "elu": NONE_DIES,
    "swish": NONE_DIES, "tanh": NONE_DIES,
}  # fmt: skip
DYING_SOURCE = (
    "reference run, taken as 20 seeds; agrees within 3 standard errors of the difference of two "
    "means, 0 within 0.001"
)


def dying_by_step(functions: Sequence[Activation], progress: Progress | None = None) -> list[Row]:
    """Circle, 8,8, 40 epochs: mean share of hidden units that give 0 on all data."""
    start = Setup(
        data="circle", layers=(8, 8), learner="sgd", epochs=0, every=40, seeds=DYING_SEEDS
    )
    rows: dict[tuple[int, int], Row] = {}
    for k, run in enumerate(train(start, functions)):
        setting = f"{run.label}, share of silent units before training"
        rows[k, -1] = row(setting, *mean_and_band(silent_shares(run)))
    for r, rate in enumerate(RATES):
        setup = replace(start, epochs=40, learning_rate=rate)
        for k, run in enumerate(train(setup, functions, part_of(progress, r, len(RATES)))):
            shares = silent_shares(run)
            reference = DYING[run.label][r] if run.label in DYING else None
            error = 3 * float(np.nanstd(shares)) * np.sqrt(1 / DYING_SEEDS + 1 / 20)
            setting = f"{run.label}, learning rate {rate:g}, share of silent units{lost(shares)}"
            rows[k, r] = row(setting, *mean_and_band(shares), reference, DYING_SOURCE,
                             tolerance=error if reference else 0.001)  # fmt: skip
    return [rows[key] for key in sorted(rows)]


def silent_shares(run: Run) -> Floats:
    """(S,): share of hidden units with output 0 on all examples; nan for seeds that diverged."""
    found = np.full(len(run.seeds), np.nan)
    for k in np.flatnonzero(run.diverged < 0):
        hidden = hidden_inputs(run, examples(run, int(k)).inputs, seed=int(k))
        values = [f.quick(z[0])[0] for z, f in zip(hidden, run.activations, strict=True)]
        found[k] = np.mean(~np.concatenate(values, axis=1).any(axis=0))
    return found


# -- the playground --------------------------------------------------------------------------------
NEVER = float("inf")
CIRCLE = {"relu": 18.0, "tanh": 48.0, "logistic": NEVER, "identity": NEVER}
CIRCLE_SOURCE = f"reference run, 20 seeds; {MEDIANS}, inf if the median seed never gets there"


def circle(functions: Sequence[Activation], progress: Progress | None = None) -> list[Row]:
    """Circle with the default network, 300 epochs: median epoch at which the test loss is below .1."""
    setup = Setup(
        data="circle", layers=(4, 2), learner="sgd", learning_rate=0.03, epochs=300, seeds=SEEDS,
        stop_loss=0.1,
    )  # fmt: skip
    return [
        median_row(
            f"{run.label}, epoch at which the test loss is below 0.1",
            np.where(run.stopped < 0, NEVER, run.stopped), CIRCLE.get(run.label), CIRCLE_SOURCE,
        )
        for run in train(setup, functions, progress)
    ]  # fmt: skip


SPIRAL = {"sine": 0.99, "relu": 0.91, "tanh": 0.90, "logistic": 0.59}
SPIRAL_SOURCE = f"reference run; {MEDIANS}, or within 0.02"


def spiral(functions: Sequence[Activation], progress: Progress | None = None) -> list[Row]:
    """Spiral, 8,8, features x and y, 600 epochs: test accuracy."""
    setup = Setup(
        data="spiral", layers=(8, 8), learner="sgd", learning_rate=0.03, epochs=600, seeds=SEEDS,
        every=100,
    )  # fmt: skip
    return [
        median_row(
            f"{run.label}, test accuracy after 600 epochs",
            run.test_accuracy[:, -1], SPIRAL.get(run.label), SPIRAL_SOURCE, 0.02,
        )
        for run in train(setup, functions, progress)
    ]  # fmt: skip


# -- xor with two hidden units ---------------------------------------------------------------------
XOR_INPUTS = np.array([[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]])
XOR_TARGETS = np.array([0.0, 1.0, 1.0, 0.0])
XOR_SEEDS, XOR_STEPS, XOR_RATE = 100, 3000, 0.5
XOR = {"swish": 1.0, "sine": 1.0, "logistic": 0.77, "tanh": 0.62, "relu": 0.23, "identity": 0.0}
XOR_SOURCE = "reference run, 100 seeds, the same draws; agrees within 0.02, two seeds"


@one_by_one
def xor_2_2_1(f: Activation) -> Iterator[Row]:
    """Two hidden units, full batch, 3000 steps: share of seeds that classify all four points."""
    share = float(xor_solved(f, XOR_SEEDS, XOR_STEPS).mean())
    low, high = share_band(share, XOR_SEEDS)
    setting = f"{f.label}, share of {XOR_SEEDS} seeds with all four right"
    yield row(setting, share, low, high, XOR.get(f.label), XOR_SOURCE, tolerance=0.02)


def xor_solved(f: Activation, seeds: int, steps: int) -> NDArray[np.bool_]:
    """(seeds,): whether all four are right; weights start N(0, 1), biases 0."""
    network = Network([Dense(2, 2, f), Dense(2, 1, None)], "logistic")
    weights = np.zeros((seeds, network.size))
    for seed in range(seeds):
        drawn = np.random.default_rng(seed).standard_normal(6)
        weights[seed, network.penalised() == 1] = drawn
    network.attach(weights)
    x = np.broadcast_to(with_ones(XOR_INPUTS), (seeds, 4, 3))
    targets = np.broadcast_to(XOR_TARGETS[:, None], (seeds, 4, 1))
    for _ in range(steps):
        network.backpropagate(x, targets, 1 / 4)
        weights -= XOR_RATE * network.gradient
    right = (network.outputs(x) > 0.5) == (targets > 0.5)
    return np.asarray(right.all(axis=(1, 2)))
