"""Train small networks with any activation function, all seeds at once, and keep records.

    setup = Setup(data="circle", layers=(4, 2), epochs=300, seeds=5)
    runs = train(setup, [activation("relu"), (activation("tanh"), activation("relu"))])
    runs[0].test_loss           # (seeds, records)
    predict(runs[0], points)    # (seeds, points)

A seed's result is the same, bit by bit, whatever other seeds run beside it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..evaluate import Activation

Floats = NDArray[np.float64]
Functions = Activation | Sequence[Activation]  # one for all hidden layers, or one per layer
Progress = Callable[[int, int, float], None]  # epochs done, epochs in all, median training loss


@dataclass(frozen=True)
class Setup:
    """What is trained on what, and how. None means: chosen by the data, see `completed`."""

    data: str | None = None  # a name of data.NAMES or FILE.csv; circle, recall, karate by topology
    topology: str | None = None  # feedforward, memory, graph, composite; by the data
    layers: tuple[int, ...] | None = None  # hidden units: 4,2; 16 beyond feedforward; 200 patterns
    features: tuple[str, ...] = ()  # x,y,x2,y2,xy,sinx,siny; (): the columns as they are
    learner: str = "sgd"  # sgd, momentum, adam, evolution, random-search, hebbian
    learning_rate: float = 0.03
    batch_size: int = 10
    epochs: int = 300
    init: str | None = None  # playground, xavier, he, lecun, gain
    regularization: str = "none"  # none, l1, l2
    regularization_rate: float = 0.0
    noise: float | None = None
    train_share: float = 0.5
    length: int = 10  # of sequences; rounds of messages in the composite topology
    load: float = 0.1  # patterns per unit of the associative memory
    seeds: int = 5
    seed: int = 0  # the first one
    stop_loss: float | None = None  # a seed stops once its test loss is below
    every: int = 1  # epochs between records; the first and the last are always recorded
    output: str | None = None  # tanh, logistic, linear, softmax; by the target
    frames: int = 0  # so many sets of weights are kept along the way, for `--gif`


@dataclass
class Run:
    """What became of one function. S seeds, E records, H hidden layers, P weights.

    Where a seed has no record (stopped or diverged before) the arrays hold nan.
    """

    setup: Setup  # completed: nothing is None but noise, stop_loss
    activations: tuple[Activation, ...]  # one per hidden layer
    label: str  # 'relu', 'tanh/relu'
    layer_names: tuple[str, ...]  # layer1.., output
    seeds: NDArray[np.int64]  # (S,)
    epochs: NDArray[np.int64]  # (E,)
    train_loss: Floats  # (S, E)
    test_loss: Floats  # (S, E)
    test_accuracy: Floats  # (S, E); nan for regression
    dead: Floats  # (S, E, H): share of units whose gradient is 0 on every training example
    saturated: Floats  # (S, E, H): share of (unit, example) pairs with |gradient| < 0.01
    gradient_norms: Floats  # (S, E, H + 1): L2 norm of the weights' gradient, whole training set
    diverged: NDArray[np.int64]  # (S,): epoch at which loss or weights were no longer finite; -1
    stopped: NDArray[np.int64]  # (S,): epoch at which stop_loss was reached; -1
    weights: Floats  # (S, P), last ones; `network(run)` knows their meaning
    frame_epochs: NDArray[np.int64]  # (F,)
    frames: Floats  # (F, S, P)
    state: dict[str, Any]  # of the learner, to train on


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during `train`; `runs` has what was reached."""

    def __init__(self, runs: list[Run]) -> None:
        super().__init__("interrupted")
        self.runs = runs


def train(
    setup: Setup,
    activations: Sequence[Functions],
    progress: Progress | None = None,
    resume: Sequence[Run] | None = None,
) -> list[Run]:
    """One Run per function, all on the same data from the same seeds.

    `resume` goes on from earlier runs up to setup.epochs. Raises ValueError for what cannot be
    trained (a function without gradient, data that do not fit the topology), Interrupted at Ctrl-C.
    """
    raise NotImplementedError


def predict(run: Run, points: Floats, frame: int | None = None) -> Floats:
    """The network's output (S, N) at points (N, d) in the data's own coordinates; feedforward only.

    With more than two classes: the most likely one's number. `frame` takes earlier weights.
    """
    raise NotImplementedError


def examples(run: Run, seed: int) -> dict[str, Floats]:
    """Arrays of one seed (index into run.seeds): train_points (n, d), train_targets (n,),
    test_points, test_targets."""
    raise NotImplementedError


def hidden_inputs(run: Run, points: Floats) -> list[Floats]:
    """Pre-activations (S, N, units) of every hidden layer at points (N, d); feedforward only.

    Where one is 0 lies the on/off line of a piecewise-linear unit.
    """
    raise NotImplementedError
