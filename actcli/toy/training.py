"""Train small networks with any activation function, all seeds at once, and keep records.

    setup = Setup(data="circle", layers=(4, 2), epochs=300, seeds=5)
    runs = train(setup, [activation("relu"), (activation("tanh"), activation("relu"))])
    runs[0].test_loss           # (seeds, records)
    predict(runs[0], points)    # (seeds, points)

A seed's result is the same, bit by bit, whatever other seeds run beside it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.malloc import keep_freed_memory
from ..numbers.types import Floats
from . import datasets as sets
from .hopfield import Memory
from .layers import with_ones
from .learned import check_learned
from .network import Network
from .run import Run
from .setup import Functions, Setup, check_learnable, completed, per_layer
from .task import Task, network_of, sample_of
from .trainer import Trainer

__all__ = [
    "Run",
    "Setup",
    "TrainingInterrupted",
    "answers",
    "completed",
    "examples",
    "hidden_inputs",
    "predict",
    "train",
]  # fmt: skip

FEW = 30  # functions that may keep their tables
Progress = Callable[[int, int, float], None]  # epochs done, epochs in all, median training loss


class TrainingInterrupted(KeyboardInterrupt):
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
    keep_freed_memory()
    setup = completed(setup)
    assert setup.layers is not None
    assert setup.epochs is not None
    chosen = [per_layer(functions, len(setup.layers)) for functions in activations]
    associative = setup.data == "patterns"
    check_learned(setup.learn, [f for functions in chosen for f in functions])
    found: list[Trainer | Memory | Run] = []
    if not associative:
        for functions in chosen:
            check_learnable(setup, functions)
            _let_go(functions, len(chosen))
        task = Task(setup)
    total = setup.epochs * len(chosen)
    with np.errstate(all="ignore"):
        try:
            for k, functions in enumerate(chosen):
                earlier = resume[k] if resume else None
                trainer = (
                    Memory(setup, functions, earlier)
                    if associative
                    else Trainer(setup, task, functions, earlier)
                )
                found.append(trainer)
                for epoch, loss in trainer.epochs():
                    if progress:
                        progress(k * setup.epochs + epoch, total, loss)
                found[-1] = trainer.run()  # its networks may go
                _let_go(functions, len(chosen))
        except KeyboardInterrupt:
            raise TrainingInterrupted([c for c in map(_reached, found) if c is not None]) from None
    return [run for run in found if isinstance(run, Run)]


def _let_go(functions: Sequence[Activation], count: int) -> None:
    """Drop the functions' tables, if they are those of one function of many."""
    for f in functions if count > FEW else ():
        f.let_go()


def _reached(trainer: Trainer | Memory | Run) -> Run | None:
    if isinstance(trainer, Run):
        return trainer
    return trainer.run() if trainer.rows else None


def predict(run: Run, points: Floats, frame: int | None = None, seed: int | None = None) -> Floats:
    """The network's output (S, N) at points (N, d) in the data's own coordinates; feedforward only.

    With more than two classes: the most likely one's number. `frame` takes earlier weights, `seed`
    (an index into run.seeds) that seed alone: (1, N).
    """
    built, x = _attached(run, points, frame, seed)
    with np.errstate(all="ignore"):
        return _read(built, built.outputs(x))


def hidden_inputs(run: Run, points: Floats, seed: int | None = None) -> list[Floats]:
    """Pre-activations (S, N, units) of every hidden layer at points (N, d); feedforward only.

    Where one is 0 lies the on/off line of a piecewise-linear unit.
    """
    built, x = _attached(run, points, None, seed)
    with np.errstate(all="ignore"):
        built.forward(x)
    return [layer.z for layer in built.layers[:-1]]


def answers(run: Run) -> Floats:
    """What the network says of its own examples, (S, n), as `predict` has it; any topology."""
    task = Task(run.setup)
    adjacency = task.adjacency
    built = network_of(run.setup, run.activations, run.inputs, run.outputs, adjacency)
    built.attach(run.weights)
    with np.errstate(all="ignore"):
        return _read(built, built.outputs(task.x))


def _read(built: Network, outputs: Floats) -> Floats:
    if built.output == "softmax":
        return np.asarray(outputs.argmax(axis=-1), np.float64)
    return np.asarray(outputs[..., 0])


def examples(run: Run, seed: int) -> sets.Examples:
    """The data of one seed (its index), in their own coordinates."""
    drawn = sample_of(run.setup, int(run.seeds[seed]))
    if drawn.centre is None or drawn.spread is None:
        return drawn
    return replace(drawn, inputs=drawn.inputs * drawn.spread + drawn.centre)


def _attached(
    run: Run, points: Floats, frame: int | None, seed: int | None
) -> tuple[Network, Floats]:
    """The network with the run's weights, and the points as it takes them."""
    if run.setup.topology != "feedforward" or not run.columns:
        raise ValueError("only feedforward networks on points have a surface")
    chosen = slice(None) if seed is None else slice(seed, seed + 1)
    weights = (run.weights if frame is None else run.frames[frame])[chosen]
    x = np.broadcast_to(np.asarray(points, np.float64), (len(weights), *np.shape(points)))
    if run.centre.size:
        x = (x - run.centre[chosen, None]) / run.spread[chosen, None]
    x = with_ones(sets.with_features(x, run.columns, run.setup.features))
    built = network_of(run.setup, run.activations, run.inputs, run.outputs, None)
    built.attach(np.ascontiguousarray(weights))
    return built, x
