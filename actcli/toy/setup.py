"""What is trained on what, and what became of it: `Setup` and `Run`."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..evaluation.activation import Activation
from ..wording import count_of
from . import datasets as sets
from . import learners
from .choices import (
    DATA_SETS,
    FILE,
    LEARN_PER,
    LEARNERS,
    PENALTIES,
    SCHEMES,
    TOPOLOGIES,
    Defaults,
)
from .network import OUTPUTS

Functions = Activation | Sequence[Activation]  # one for all hidden layers, or one per layer
Integers = NDArray[np.int64]

MOST_NUMBERS = (
    1e8  # in memory, of 8 to 16 bytes: weights, a layer's answers to all examples, records
)
COPIES = 5  # of the weights: first, last and present ones, their gradient, the learner's state
MOST_EPOCHS = 10**9
MOST_LAYERS = 1000
MOST_LENGTH = 10**9
MOST_FRAMES = 10**4
MOST_SEED = 2**53
ACCEPTED = {  # kinds of data, by topology
    "feedforward": ("points", "sequences"),
    "memory": ("sequences", "patterns"),
    "graph": ("graph",),
    "composite": ("graph",),
}
NATURAL = {
    "points": "feedforward", "sequences": "memory", "graph": "graph", "patterns": "memory",
}  # fmt: skip


@dataclass(frozen=True)
class Setup:
    """What is trained on what, and how. None means: chosen by the data, see `completed`."""

    data: str | None = None  # a name of data.NAMES or FILE.csv; circle, recall, karate by topology
    topology: str | None = None  # feedforward, memory, graph, composite; by the data
    layers: tuple[int, ...] | None = None  # hidden units
    features: tuple[str, ...] = ()  # x,y,x2,y2,xy,sinx,siny; (): the columns as they are
    learner: str | None = None  # sgd, momentum, adam, evolution, random-search; hebbian: patterns
    learning_rate: float | None = None
    batch_size: int = 10
    epochs: int | None = None  # sweeps of the associative memory
    init: str | None = None  # playground, xavier, he, lecun, gain
    regularization: str = "none"  # none, l1, l2
    regularization_rate: float = 0.0
    noise: float | None = None
    train_share: float = 0.5
    length: int | None = None  # of sequences; rounds of messages in the composite topology
    load: float = 0.1  # patterns per unit of the associative memory
    seeds: int = 5
    seed: int = 0  # the first one
    stop_loss: float | None = None  # a seed stops once its test loss is below
    every: int = 1  # epochs between records; the first and the last are always recorded
    output: str | None = None  # tanh, logistic, linear, softmax; by the target
    frames: int = 0  # so many sets of weights are kept along the way
    learn: tuple[str, ...] = ()  # parameters of the functions that are trained with the weights
    learn_per: str = "layer"  # or unit
    swept: tuple[
        str, ...
    ] = ()  # of SWEPT: the settings that labels tell, as other runs have others
    decimal: str | None = None  # sign of the data's file, a point unless it is a comma
    digest: str | None = None  # of the data's file, which must not change once it is trained on


SWEPT: dict[str, Callable[[Setup], str]] = {
    "learning_rate": lambda setup: f"learning rate {setup.learning_rate:g}",
    "layers": lambda setup: f"layers {','.join(map(str, setup.layers or ()))}",
}


# -- what the options mean -------------------------------------------------------------------------
def completed(setup: Setup) -> Setup:
    """The setup with every None replaced by what the data ask for; ValueError if it makes no sense."""
    topology, data = setup.topology, setup.data
    if data is None:
        if setup.learner == "hebbian" and topology in (None, "memory"):
            data = "patterns"
        else:
            data = TOPOLOGIES.get(topology or "feedforward", "circle")
    kind = sets.kind_of(data)
    topology = topology or NATURAL[kind]
    _one_of("--topology", topology, tuple(TOPOLOGIES))
    if kind not in ACCEPTED[topology]:
        fitting = ", ".join(n for n in sets.NAMES if sets.kind_of(n) in ACCEPTED[topology])
        raise ValueError(
            f"--data {data} does not fit --topology {topology}; that takes {fitting}, "
            f"and {data} takes --topology {NATURAL[kind]}"
        )
    own = DATA_SETS.get(data, FILE).learned
    learner = setup.learner or own.learner
    _one_of("--learner", learner, LEARNERS)
    if (learner == "hebbian") != (data == "patterns"):
        raise ValueError("--learner hebbian and --data patterns belong together; give both or none")
    init = setup.init or ("playground" if data in sets.NAMES and kind == "points" else "xavier")
    _one_of("--init", init, SCHEMES)
    _one_of("--regularization", setup.regularization, PENALTIES)
    if setup.output is not None:
        _one_of("output", setup.output, OUTPUTS)
    layers = setup.layers
    if layers is None:
        layers = own.layers if topology != "feedforward" or kind == "points" else Defaults().layers
    if data == "patterns" and len(layers) != 1:
        raise ValueError("the associative memory is one layer; give --layers one number, as in 200")
    if setup.regularization != "none" and learner not in learners.GRADIENT:
        raise ValueError(f"--regularization needs a learner with gradients; {learner} has none")
    if setup.features and kind != "points":
        raise ValueError(f"--features are for points in the plane; --data {data} has none")
    epochs, rate = setup.epochs, setup.learning_rate
    if epochs is None:
        epochs = own.epochs
    if rate is None:  # one learner's rate says nothing of another's
        rate = own.learning_rate if learner == own.learner else Defaults().learning_rate
    _one_of("--learn-per", setup.learn_per, LEARN_PER)
    for name in setup.learn:
        if not (name.isidentifier() and name.isprintable()):
            raise ValueError(
                f"--learn {name[:60]!r}: give names of parameters, as in beta or slope"
            )
    for name in setup.swept:
        _one_of("swept", name, tuple(SWEPT))
    if setup.learn and learner not in (*learners.GRADIENT, "evolution"):
        raise ValueError(f"--learn needs a learner that moves weights; {learner} does not")
    done = replace(
        setup, data=data, topology=topology, layers=layers, learner=learner, init=init,
        epochs=epochs, learning_rate=rate,
        length=own.length if setup.length is None else setup.length,
    )  # fmt: skip
    _check_numbers(done)
    _check_size(done, kind)
    return done


def _check_numbers(setup: Setup) -> None:
    """Raises ValueError for the first number of a completed setup that is out of its range."""
    noise, layers, epochs = setup.noise, setup.layers or (), setup.epochs or 0
    length, rate = setup.length or 0, setup.learning_rate or 0
    for sensible, message in (
        (all(n >= 1 for n in layers), "--layers are numbers of units, 1 or more, as in 4,2"),
        (len(layers) <= MOST_LAYERS, f"--layers are {MOST_LAYERS} at most"),
        (0 <= epochs <= MOST_EPOCHS, f"--epochs is 0 or more, {MOST_EPOCHS} at most"),
        (setup.batch_size >= 1, "--batch-size is 1 or more"),
        (setup.seeds >= 1, "--seeds is 1 or more"),
        (0 <= setup.seed <= MOST_SEED, f"--seed is 0 or more, {MOST_SEED} at most"),
        (setup.every >= 1, "--every is 1 or more"),
        (1 <= length <= MOST_LENGTH, f"--length is 1 or more, {MOST_LENGTH} at most"),
        (0 <= setup.frames <= MOST_FRAMES, f"frames are 0 or more, {MOST_FRAMES} at most"),
        (setup.decimal in (None, ".", ","), "--decimal is . or ,"),
        (len({*setup.swept}) == len(setup.swept), "what is swept is named once"),
        (len({*setup.learn}) == len(setup.learn), "--learn names each parameter once"),
        (0 < rate < math.inf, "--learning-rate is a positive number"),
        (0 <= setup.regularization_rate < math.inf, "--regularization-rate is 0 or more"),
        (0 < setup.train_share < 1, "--train-share is between 0 and 1, without them"),
        (noise is None or 0 <= noise <= 0.5, "--noise is from 0 to 0.5"),
        (setup.stop_loss is None or setup.stop_loss > 0, "--stop-loss is a positive number"),
        (0 < setup.load <= 10, "--load is a number of patterns per unit, up to 10"),
    ):
        if not sensible:
            raise ValueError(message)


def _check_size(setup: Setup, kind: str) -> None:
    """Refuses what would not fit into memory, before it is tried."""
    layers, epochs = setup.layers or (), setup.epochs or 0
    weights = sum(a * b for a, b in pairwise((*layers, 1)))
    if kind == "patterns":
        weights = layers[0] ** 2
    examples = 1200 * max(4, max(layers))
    if kind == "sequences" or setup.topology == "composite":
        examples *= setup.length or 1
    numbers = setup.seeds * (COPIES * weights + examples)
    if numbers > MOST_NUMBERS:
        raise ValueError(
            f"--layers {','.join(map(str, layers))} with {count_of(setup.seeds, 'seed')} "
            f"are too many numbers for a toy ({numbers:.2g}, at most {MOST_NUMBERS:.0g}); give fewer "
            "units, seeds or steps (--length)"
        )
    records = (epochs // setup.every + 2) * setup.seeds * (4 + 3 * len(layers))
    if records > MOST_NUMBERS:
        raise ValueError(
            f"{epochs} epochs of {setup.seeds} seeds have too many records for a toy ({records:.2g} "
            f"numbers, at most {MOST_NUMBERS:.0g}); record fewer with --every"
        )


def _one_of(option: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise ValueError(f"{option} {value!r} is unknown; choose one of {', '.join(known)}")


def per_layer(functions: Functions, layers: int) -> tuple[Activation, ...]:
    """One function per hidden layer; ValueError where they are not as many as the layers."""
    if isinstance(functions, Activation):
        return (functions,) * layers
    if len(functions) != layers:
        label = "/".join(f.label for f in functions)
        raise ValueError(
            f"{label!r} names {len(functions)} functions for {layers} hidden "
            f"layer{'s' * (layers != 1)}; name one for all of them, or one per layer of --layers"
        )
    return tuple(functions)


def check_learnable(setup: Setup, functions: Sequence[Activation]) -> None:
    """Raises ValueError for a function that gives gradient descent nothing to go by."""
    for f in functions if setup.learner in learners.GRADIENT else ():
        if learners.without_gradient(f):
            raise ValueError(
                f"{f.label} has gradient 0 everywhere: {setup.learner} cannot move the weights "
                "below it; try --learner evolution"
            )
