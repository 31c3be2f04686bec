"""Published and known results, measured again: one row per setting, beside what was published.

rows = run("edge-of-chaos")
rows[0]     # {"experiment": ..., "setting": ..., "measured": ..., "reference": ..., "agrees": ...}
"""

from collections.abc import Sequence

import numpy as np

from ...evaluation.activation import Activation
from ..training import Progress
from . import depth, learning, memory, units
from .rows import Experiment, Row

COLUMNS = ("experiment", "setting", "measured", "low", "high", "reference", "source", "agrees")
EXPERIMENTS: dict[str, tuple[Experiment, tuple[str, ...]]] = {
    "vanishing-gradients": (depth.vanishing_gradients, ("logistic", "relu")),
    "dead-relu": (depth.dead_relu, ("relu", "leaky_relu")),
    "born-dead": (depth.born_dead, ("relu",)),
    "dying-by-step": (learning.dying_by_step, ("relu", "leaky_relu", "elu", "swish", "tanh")),
    "circle": (learning.circle, ("relu", "tanh", "logistic", "identity")),
    "spiral": (learning.spiral, ("sine", "relu", "tanh", "logistic")),
    "xor-2-2-1": (
        learning.xor_2_2_1, ("swish", "sine", "logistic", "tanh", "relu", "identity"),
    ),
    "threshold-units": (units.threshold_units, ("step",)),
    "self-normalizing": (depth.self_normalizing, ("selu",)),
    "edge-of-chaos": (depth.edge_of_chaos, ("tanh", "elu", "selu", "softsign")),
    "bias-shift": (
        units.bias_shift, ("logistic", "softplus", "relu", "gelu", "elu", "tanh", "selu"),
    ),
    "long-memory": (memory.long_memory, ("identity", "tanh", "relu", "logistic")),
    "hopfield": (memory.hopfield, ("sign",)),
    "oversmoothing": (memory.oversmoothing, ("relu", "tanh", "elu")),
}  # fmt: skip
NAMES = tuple(EXPERIMENTS)
DEFAULTS = {name: functions for name, (_, functions) in EXPERIMENTS.items()}


def run(
    name: str, activations: Sequence[Activation] | None = None, progress: Progress | None = None
) -> list[Row]:
    """Rows with the keys COLUMNS; without activations those of DEFAULTS, which have references.

    `low` and `high` are the 5 % and 95 % points over seeds (None without seeds), `agrees` is None
    without a reference. ValueError for an unknown name.
    """
    if name not in EXPERIMENTS:
        raise ValueError(f"no experiment is called {name!r}; there are {', '.join(NAMES)}")
    experiment, defaults = EXPERIMENTS[name]
    if not activations:
        from ...evaluation.function_text import resolve

        activations = [resolve(function) for function in defaults]
    with np.errstate(all="ignore"):
        return [{"experiment": name, **row} for row in experiment(activations, progress)]
