"""What a saved run must look like: its setup, its arrays, and what is in them.

Every refusal is a ValueError (or TypeError, KeyError) that says what is wrong.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

import numpy as np

from ..evaluation.activation import Activation
from ..inputs.tabular import MOST_LABELS
from . import datasets as sets
from . import learners
from .run import Architecture, Run
from .setup import Setup, completed
from .task import network_of

FACTS = ("inputs", "outputs", "classes", "columns", "target_name")
SHARES = ("test_accuracy", "dead", "saturated")

Shape = tuple[int, ...]


def setup_of(given: Mapping[str, Any]) -> Setup:
    """The setup that a header holds, whose every field has its type and a sensible value."""
    hints = get_type_hints(Setup)
    for name, value in given.items():
        if not _fits(value, hints[name]):
            raise ValueError(f"its {name} cannot be {_shown(value)}")
    fields: Any = {n: tuple(v) if isinstance(v, list) else v for n, v in given.items()}
    setup = Setup(**fields)
    if setup != completed(setup):
        raise ValueError("its setup has gaps")
    if (setup.digest is None) != (setup.data in sets.NAMES):
        raise ValueError("its digest fits no data set")
    return setup


def _fits(value: Any, hint: Any) -> bool:
    """Whether a value from JSON has the type of a field."""
    if get_origin(hint) is UnionType:
        return any(_fits(value, option) for option in get_args(hint))
    if get_origin(hint) is tuple:
        return isinstance(value, list) and all(_fits(v, get_args(hint)[0]) for v in value)
    if hint is float:
        return type(value) in (int, float) and math.isfinite(value)
    return type(value) is hint


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."


@dataclass(frozen=True)
class Plan(Architecture):
    """What the run of a header is, and which arrays it has."""

    size: int  # weights of a seed

    def arrays(self, records: int, frames: int) -> dict[str, Shape]:
        """The shapes of the arrays, with so many records and frames."""
        seeds, hidden, size = self.setup.seeds, len(self.activations), self.size
        from_file = self.setup.data not in sets.NAMES
        scaled = (seeds, len(self.columns)) if from_file else (0, 0)
        each = (seeds, records)
        return {
            "seeds": (seeds,), "epochs": (records,), "train_loss": each, "test_loss": each,
            "test_accuracy": each, "dead": (*each, hidden), "saturated": (*each, hidden),
            "gradient_norms": (*each, len(self.layer_names)), "diverged": (seeds,),
            "stopped": (seeds,), "weights": (seeds, size), "frame_epochs": (frames,),
            "frames": (frames, seeds, size), "centre": scaled, "spread": scaled,
            **({"learned": (*each, len(self.learned_names))} if self.learned_names else {}),
            **{f"state/{name}": shape for name, shape in self._state().items()},
        }  # fmt: skip

    def _state(self) -> dict[str, Shape]:
        """Shapes of the learner's state."""
        if self.setup.data == "patterns":
            return {}
        like = learners.LEARNERS[str(self.setup.learner)].start(np.zeros((1, 2)))
        seeds = self.setup.seeds
        return {n: (seeds, self.size if a.shape[1] == 2 else 1) for n, a in like.items()}

    def run(self, arrays: dict[str, Any]) -> Run:
        """The run with these arrays, whose numbers must make sense."""
        _check_values(self.setup, arrays)
        arrays.setdefault("learned", np.zeros((*arrays["train_loss"].shape, 0)))
        state = {n.removeprefix("state/"): arrays.pop(n) for n in list(arrays) if "/" in n}
        known = {field.name: getattr(self, field.name) for field in fields(Architecture)}
        return Run(**known, **arrays, state=state)


def plan(header: Mapping[str, Any], setup: Setup, activations: Sequence[Activation]) -> Plan:
    """What the run of a header is, by its setup; the facts in the header must agree."""
    layers = setup.layers or ()
    if len(activations) != len(layers):
        raise ValueError(f"its setup has {len(activations)} functions for {len(layers)} layers")
    if setup.data == "patterns":
        units = layers[0]
        known = Plan(setup, tuple(activations), ("layer1",), units, units, 2, (), "pattern",
                     units**2)  # fmt: skip
    else:
        known = _network(header, setup, tuple(activations))
    for name in FACTS:
        given = header[name]
        if (tuple(given) if isinstance(given, list) else given) != getattr(known, name):
            raise ValueError(f"its {name} cannot be {_shown(given)}")
    return known


def _network(header: Mapping[str, Any], setup: Setup, activations: tuple[Activation, ...]) -> Plan:
    """The plan of a network of layers. Of a file, which may be gone, the header tells columns,
    target and classes."""
    kind = sets.kind_of(str(setup.data))
    columns: tuple[str, ...] = ()
    if setup.data in sets.NAMES:
        drawn = sets.sample(str(setup.data), 0, length=2)
        classes, target_name, inputs = drawn.classes, drawn.target_name, drawn.inputs.shape[-1]
        columns = drawn.columns if kind == "points" else ()
    else:
        columns, target_name = tuple(header["columns"]), header["target_name"]
        classes, inputs = header["classes"], len(columns)
        names = *columns, target_name
        if not all(isinstance(name, str) and name.isprintable() for name in names):
            raise ValueError("its columns have no printable names")
        if not columns or classes not in range(MOST_LABELS + 1) or classes == 1:
            raise ValueError(f"its file cannot have {_shown(classes)} classes")
    if kind == "points":
        inputs = sets.with_features(np.zeros((1, inputs)), columns, setup.features).shape[-1]
    elif kind == "sequences" and setup.topology == "feedforward":
        inputs *= setup.length or 1
    if (classes == 0 and setup.output == "softmax") or (classes > 2 and setup.output != "softmax"):
        raise ValueError(f"its output cannot be {setup.output}")
    outputs = classes if setup.output == "softmax" else 1
    adjacency = np.zeros((1, 1, 1)) if kind == "graph" else None
    network = network_of(setup, activations, inputs, outputs, adjacency)
    return Plan(setup, activations, network.names, inputs, outputs, classes, columns, target_name,
                network.size)  # fmt: skip


def _check_values(setup: Setup, arrays: Mapping[str, Any]) -> None:
    """Raises ValueError for the first array whose numbers make no sense."""
    last, seeds = int(setup.epochs or 0), setup.seed + np.arange(setup.seeds)
    epochs, frames, spread = arrays["epochs"], arrays["frame_epochs"], arrays["spread"]
    losses = np.stack([arrays["train_loss"], arrays["test_loss"]])
    ends = np.stack([arrays["diverged"], arrays["stopped"]])
    shares = [arrays[name][~np.isnan(arrays[name])] for name in SHARES]
    for sensible, what in (
        ((arrays["seeds"] == seeds).all(), "seeds are not its setup's"),
        (epochs.size and epochs[0] == 0 and epochs[-1] <= last, "epochs are not its setup's"),
        ((np.diff(epochs) > 0).all(), "epochs do not rise"),
        (not frames.size or (frames[0] >= 0 and frames[-1] <= last), "frames are of other epochs"),
        ((np.diff(frames) > 0).all(), "frames do not rise"),
        (((ends >= -1) & (ends <= last)).all(), "seeds end at other epochs"),
        (not np.isinf(losses).any(), "losses are infinite"),
        (all(((s >= 0) & (s <= 1)).all() for s in shares), "shares are not from 0 to 1"),
        (not (arrays["gradient_norms"] < 0).any(), "norms are negative"),
        (np.isfinite(arrays["centre"]).all(), "columns are not centred"),
        (((spread > 0) & (spread < np.inf)).all(), "columns have no spread"),
    ):
        if not sensible:
            raise ValueError(f"its {what}")
