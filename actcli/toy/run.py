"""A run: a setup and what its training measured."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from .learned import learned_names
from .measurements import RECORDED
from .setup import SWEPT, Integers, Setup


@dataclass(frozen=True)
class Architecture:
    """What a setup makes of its data: the shape of the network, and its activation functions."""

    setup: Setup  # completed: nothing is None but noise, stop_loss, digest
    activations: tuple[Activation, ...]  # one per hidden layer
    layer_names: tuple[str, ...]  # layer1.., output
    inputs: int  # of the network, features included
    outputs: int
    classes: int  # 0: regression
    columns: tuple[str, ...]  # of the data, before features
    target_name: str

    @property
    def label(self) -> str:
        """The functions of the hidden layers: 'relu', 'tanh/relu', and what else tells runs apart."""
        labels = [f.label for f in self.activations]
        label = labels[0] if len(set(labels)) < 2 else "/".join(labels)
        settings = [SWEPT[name](self.setup) for name in self.setup.swept]
        return f"{label} ({'; '.join(settings)})" if settings else label

    @property
    def learned_names(self) -> tuple[str, ...]:
        """The parameters that are trained with the weights: beta_layer1, beta_layer2."""
        return tuple(
            f"{name}_{layer}"
            for f, layer in zip(self.activations, self.layer_names, strict=False)
            for name in learned_names(f, self.setup.learn)
        )


@dataclass(frozen=True)
class Run(Architecture):
    """What became of one function. S seeds, E records, H hidden layers, P weights.

    Where a seed has no record (stopped or diverged before) the arrays hold nan.
    """

    seeds: Integers  # (S,)
    epochs: Integers  # (E,)
    train_loss: Floats  # (S, E)
    test_loss: Floats  # (S, E)
    test_accuracy: Floats  # (S, E); nan for regression
    dead: Floats  # (S, E, H): share of units, see `idle_shares`
    saturated: Floats  # (S, E, H): share of (unit, example) pairs; nan: no gradient
    gradient_norms: Floats  # (S, E, H + 1): L2 norm of the weights' gradient, whole training set
    diverged: Integers  # (S,): epoch at which loss or weights were no longer finite; -1
    stopped: Integers  # (S,): epoch at which stop_loss was reached; -1
    weights: Floats  # (S, P), last ones; `Network.attach` knows their meaning
    frame_epochs: Integers  # (F,)
    frames: Floats  # (F, S, P)
    centre: Floats  # (S, d) and (S, d): what the columns of a file were scaled by; else (0, 0)
    spread: Floats
    learned: Floats  # (S, E, n): parameters by `learned_names`; per unit: their mean in the layer
    state: dict[str, Floats]  # of the learner, to train on


ARRAYS = tuple(field.name for field in fields(Run)[len(fields(Architecture)) : -1])  # but `state`
INTEGERS = tuple(field.name for field in fields(Run) if field.type == Integers)


def joined(parts: Sequence[Run]) -> Run:
    """Joins runs of blocks of seeds, in their order, to the run of all seeds trained together.

    A block whose seeds have all left early has fewer records and frames than others: from then on
    its records are nan, and its weights stay.
    """
    longest = max(parts, key=lambda run: len(run.epochs))
    most = max(parts, key=lambda run: len(run.frames))
    found: dict[str, Any] = {}
    for name in RECORDED:
        blocks = [getattr(run, name) for run in parts]
        size = blocks[0].shape[2:]
        found[name] = np.concatenate([
            np.concatenate(
                [b, np.full((len(b), len(longest.epochs) - b.shape[1], *size), np.nan)], axis=1
            )
            for b in blocks
        ])  # fmt: skip
    for name in ("seeds", "diverged", "stopped", "weights", "centre", "spread"):
        found[name] = np.concatenate([getattr(run, name) for run in parts])
    frames = [
        np.concatenate([run.frames, *[run.weights[None]] * (len(most.frames) - len(run.frames))])
        for run in parts
    ]
    return replace(
        longest,
        setup=replace(parts[0].setup, seeds=len(found["seeds"])),
        frame_epochs=most.frame_epochs,
        frames=np.concatenate(frames, axis=1),
        state={name: np.concatenate([run.state[name] for run in parts]) for name in parts[0].state},
        **found,
    )


def title(runs: Sequence[Run]) -> str:
    """What was trained on what: circle, 2-4-2-1, sgd with rate 0.03, 300 epochs, 5 seeds from 0."""
    from ..wording import count_of, printable

    run, setup = runs[0], runs[0].setup
    hidden = ("...",) if "layers" in setup.swept else setup.layers or ()
    units = "-".join(map(str, (run.inputs, *hidden, run.outputs)))
    parts = [
        printable(str(setup.data)),
        units if setup.data != "patterns" else f"{run.inputs} units",
    ]
    if setup.topology != "feedforward":
        parts.append(str(setup.topology))
    if setup.learner in ("sgd", "momentum", "adam") and "learning_rate" not in setup.swept:
        parts.append(f"{setup.learner} with rate {setup.learning_rate:g}")
    else:
        parts.append(str(setup.learner))
    if setup.learn:
        parts.append(f"learning {' and '.join(setup.learn)} per {setup.learn_per}")
    epochs = max(int(run.epochs[-1]) for run in runs)
    parts.append(count_of(epochs, "epoch"))
    parts.append(f"{count_of(len(run.seeds), 'seed')} from {run.seeds[0]}")
    return ", ".join(parts)
