"""What is learned: examples and the network that fits them."""

from collections.abc import Sequence

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from . import datasets as sets
from .choices import Defaults
from .layers import Dense, Graph, Layer, NodeRecurrent, Recurrent, normalised, with_ones
from .learned import LearnedParameters, learned_names
from .measurements import DataPart
from .network import Network
from .setup import Integers, Setup


def sample_of(setup: Setup, seed: int) -> sets.Examples:
    """The data of one seed; ValueError if the file is not the one that was trained on."""
    length = setup.length or Defaults().length
    drawn = sets.sample(
        str(setup.data), seed, setup.noise, setup.train_share, length, setup.decimal
    )
    if setup.digest not in (None, drawn.digest):
        raise ValueError(
            f"{setup.data!r} has changed since the saved run was trained on it; put back what it was, "
            "or train afresh without --load"
        )
    return drawn


def network_of(
    setup: Setup,
    functions: Sequence[Activation],
    inputs: int,
    outputs: int,
    adjacency: Floats | None,
) -> Network:
    """`adjacency` is (n, n) or (S, n, n), normalised."""
    layers: list[Layer] = []
    kind, last = sets.kind_of(str(setup.data)), len(functions) - 1
    for k, (units, f) in enumerate(zip(setup.layers or (), functions, strict=True)):
        names = learned_names(f, setup.learn)
        learned = (
            LearnedParameters(f, names, units if setup.learn_per == "unit" else 1)
            if names
            else None
        )
        if setup.topology == "memory":
            layers.append(Recurrent(inputs, units, f, k < last, learned))
        elif setup.topology == "graph" and adjacency is not None:
            graph = Graph(inputs, units, f, adjacency, learned)
            graph.fixed = k == 0
            layers.append(graph)
        elif setup.topology == "composite" and adjacency is not None:
            rounds = setup.length or Defaults().length
            layers.append(NodeRecurrent(inputs, units, f, adjacency, rounds, learned))
        else:
            layers.append(Dense(inputs, units, f, learned))
        inputs = units
    if setup.topology == "graph" and adjacency is not None:
        layers.append(Graph(inputs, outputs, None, adjacency))
    else:
        layers.append(Dense(inputs, outputs, None))
    if kind == "patterns":
        raise ValueError("the associative memory has no network of layers")
    return Network(layers, str(setup.output))


# -- the data as arrays ----------------------------------------------------------------------------
class Task:
    """The data of all seeds, as networks take them: x (S, n, ..., inputs + 1), targets (S, n, outputs)."""

    def __init__(self, setup: Setup) -> None:
        self.seeds = np.arange(setup.seed, setup.seed + setup.seeds)
        drawn = self.drawn = sets.gather([sample_of(setup, int(seed)) for seed in self.seeds])
        x = drawn.inputs
        if drawn.kind == "points":
            x = sets.with_features(x, drawn.columns, setup.features)
        elif setup.topology == "feedforward":  # a sequence at once
            x = x.reshape(*x.shape[:2], -1)
        self.x = with_ones(x)
        self.inputs = x.shape[-1]
        self.output = setup.output or _output_for(drawn)
        targets = drawn.targets
        self.classes = drawn.classes
        if self.output == "softmax":
            if not self.classes:
                raise ValueError("softmax needs classes, and the target is a number")
            index = ((targets + 1) / 2 if self.classes == 2 else targets).astype(np.int64)
            self.targets = np.eye(self.classes)[index]
        else:
            if self.classes > 2:
                raise ValueError(f"{self.classes} classes need the output softmax")
            if self.output == "logistic":
                targets = (targets + 1) / 2
            self.targets = targets[..., None]
        self.outputs = self.targets.shape[-1]
        self.adjacency = None if drawn.adjacency is None else normalised(drawn.adjacency)

    def parts(self, kept: Integers) -> "tuple[DataPart, DataPart]":
        """Training and test part for some of the seeds (their indices)."""
        x, targets, train = self.x[kept], self.targets[kept], self.drawn.train[kept]
        if self.adjacency is not None:
            shares = [w[..., None] / w.sum(axis=1)[:, None, None] for w in (train, ~train)]
            return DataPart(x, targets, shares[0]), DataPart(x, targets, shares[1])
        cut = int(self.drawn.train[0].sum())
        return (
            DataPart(x[:, :cut], targets[:, :cut], 1 / cut),
            DataPart(x[:, cut:], targets[:, cut:], 1 / (x.shape[1] - cut)),
        )


def _output_for(drawn: sets.Examples) -> str:
    """The output function that the target asks for."""
    if drawn.classes == 0:
        return "linear"
    return "softmax" if drawn.classes > 2 or drawn.kind == "graph" else "tanh"
