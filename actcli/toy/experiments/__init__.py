"""Published and known results, measured again: one row per setting, beside what was published.

rows = run("edge-of-chaos")
rows[0]     # {"experiment": ..., "setting": ..., "measured": ..., "reference": ..., "agrees": ...}
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ...evaluation.activation import Activation
from ..training import Progress
from . import depth, learning, memory, units
from .rows import Experiment, Row

COLUMNS = ("experiment", "setting", "measured", "low", "high", "reference", "source", "agrees")
LISTED = ("experiment", "shows", "seconds", "functions")


class Known(NamedTuple):
    """An experiment: what it shows, about how many seconds it takes, its functions by default."""

    run: Experiment
    shows: str
    seconds: int
    functions: tuple[str, ...]


EXPERIMENTS = {
    "vanishing-gradients": Known(
        depth.vanishing_gradients, "gradients shrink from layer to layer, of logistic units most",
        1, ("logistic", "relu"),
    ),
    "dead-relu": Known(
        depth.dead_relu, "with biases of -8 relu passes no gradient, leaky_relu next to none",
        1, ("relu", "leaky_relu"),
    ),
    "born-dead": Known(
        depth.born_dead, "deep, narrow relu networks are constant before any training", 2, ("relu",)
    ),
    "dying-by-step": Known(
        learning.dying_by_step, "the larger the learning rate, the more relu units die",
        15, ("relu", "leaky_relu", "elu", "swish", "tanh"),
    ),
    "circle": Known(
        learning.circle, "relu learns the circle before tanh, logistic and identity never",
        4, ("relu", "tanh", "logistic", "identity"),
    ),
    "spiral": Known(
        learning.spiral, "sine learns the spiral best, logistic hardly at all",
        16, ("sine", "relu", "tanh", "logistic"),
    ),
    "xor-2-2-1": Known(
        learning.xor_2_2_1, "how often two hidden units learn xor",
        5, ("swish", "sine", "logistic", "tanh", "relu", "identity"),
    ),
    "threshold-units": Known(
        units.threshold_units, "step units have no gradient; drawing weights at random solves xor",
        2, ("step",),
    ),
    "self-normalizing": Known(
        depth.self_normalizing, "selu draws mean and variance of its layers towards 0 and 1",
        3, ("selu",),
    ),
    "edge-of-chaos": Known(
        depth.edge_of_chaos, "the weight variance at which signals neither fade nor explode",
        3, ("tanh", "elu", "selu", "softsign"),
    ),
    "bias-shift": Known(
        units.bias_shift, "outputs whose mean is not 0 slow the next layer down",
        2, ("logistic", "softplus", "relu", "gelu", "elu", "tanh", "selu"),
    ),
    "long-memory": Known(
        memory.long_memory, "how fast a recurrent layer forgets its state",
        2, ("identity", "tanh", "relu", "logistic"),
    ),
    "hopfield": Known(
        memory.hopfield, "an associative memory breaks down at .138 patterns per unit",
        6, ("sign",),
    ),
    "oversmoothing": Known(
        memory.oversmoothing, "many graph layers make all nodes alike, of relu first",
        3, ("relu", "tanh", "elu"),
    ),
}  # fmt: skip
NAMES = tuple(EXPERIMENTS)
DEFAULTS = {name: known.functions for name, known in EXPERIMENTS.items()}


def listed() -> list[Row]:
    """What there is to try, a row with the keys LISTED each."""
    return [
        dict(zip(LISTED, (name, e.shows, e.seconds, " ".join(e.functions)), strict=True))
        for name, e in EXPERIMENTS.items()
    ]


def run(
    name: str, activations: Sequence[Activation] | None = None, progress: Progress | None = None
) -> list[Row]:
    """Rows with the keys COLUMNS; without activations those of DEFAULTS, which have references.

    `low` and `high` are the 5 % and 95 % points over seeds (None without seeds), `agrees` is None
    without a reference. ValueError for an unknown name.
    """
    if name not in EXPERIMENTS:
        raise ValueError(f"no experiment is called {name!r}; there are {', '.join(NAMES)}")
    experiment = EXPERIMENTS[name].run
    if not activations:
        from ...evaluation.function_text import resolve

        activations = [resolve(function) for function in DEFAULTS[name]]
    with np.errstate(all="ignore"):
        return [{"experiment": name, **row} for row in experiment(activations, progress)]
