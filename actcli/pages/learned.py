"""Saved runs as a page shows them: the network's weights while it learned, and what was measured."""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from ..toy.learned import learned_names
from ..toy.run import Run, title
from ..toy.summary import median_seed
from ..toy.training import examples

WEIGHTS = 22_000  # of all runs of a page, over all frames; as text each takes 5.3 characters
MOST_POINTS = 300
MOST_RECORDS = 120
MARGIN = 0.06  # around the points, of their span


def run_data(run: Run, keys: Sequence[str], share: int) -> dict[str, Any]:
    """What the scripts know of a run: of its median seed, with `share` weights at most.

    `keys` are those of its layers' functions.
    """
    seed = median_seed(run)
    recorded = _thinned(np.flatnonzero(np.isfinite(run.train_loss[seed])), MOST_RECORDS)
    names = run.layer_names
    return {
        "label": run.label,
        "title": title([run]),
        "seed": int(run.seeds[seed]),
        "epochs": run.epochs[recorded].tolist(),
        "series": {
            "loss": {
                "training": _short(run.train_loss[seed, recorded]),
                "test": _short(run.test_loss[seed, recorded]),
            },
            **({"accuracy": {"test": _short(run.test_accuracy[seed, recorded])}}
               if run.classes else {}),
            "dead units": _by_layer(names, run.dead[seed, recorded]),
            "saturated": _by_layer(names, run.saturated[seed, recorded]),
            "gradient norm": _by_layer(names, run.gradient_norms[seed, recorded]),
        },
        "network": _network(run, seed, keys, share),
    }  # fmt: skip


def _by_layer(names: Sequence[str], values: Floats) -> dict[str, list[float]]:
    return {name: _short(column) for name, column in zip(names, values.T, strict=False)}


def _short(values: Floats) -> list[float]:
    return [float(f"{v:.6g}") for v in values]


def _thinned(places: Any, most: int) -> Any:
    """At most so many of the places, with the first and the last."""
    if len(places) <= most:
        return places
    return places[np.unique(np.linspace(0, len(places) - 1, most).round().astype(int))]


def _network(run: Run, seed: int, keys: Sequence[str], share: int) -> dict[str, Any] | None:
    """The network that a page runs itself: feedforward, on one or two columns; else None."""
    shown = run.setup.topology == "feedforward" and len(run.columns) in (1, 2)
    if not shown or run.diverged[seed] >= 0 or not run.setup.layers:
        return None
    frames, epochs = run.frames[:, seed], run.frame_epochs
    if not len(frames):
        frames, epochs = run.weights[seed][None], run.epochs[-1:]
    kept = _thinned(np.arange(len(frames)), max(1, share // frames.shape[1]))
    if kept[-1] != len(frames) - 1:
        kept = np.append(kept[:-1], len(frames) - 1)
    drawn = examples(run, seed)
    points = drawn.inputs[_thinned(np.arange(len(drawn.inputs)), MOST_POINTS)]
    targets = drawn.targets[_thinned(np.arange(len(drawn.targets)), MOST_POINTS)]
    low, high = drawn.inputs.min(axis=0), drawn.inputs.max(axis=0)
    margin = MARGIN * (high - low)
    scaled = len(run.centre) > 0
    return {
        "columns": list(run.columns),
        "features": [_feature(run, name) for name in run.setup.features or run.columns],
        "centre": run.centre[seed].tolist() if scaled else [0.0] * len(run.columns),
        "spread": run.spread[seed].tolist() if scaled else [1.0] * len(run.columns),
        "layers": [
            _layer(run, f, key, units)
            for f, key, units in zip(run.activations, keys, run.setup.layers, strict=True)
        ],
        "outputs": run.outputs,
        "output": run.setup.output,
        "classes": run.classes,
        "target": [float(drawn.target_centre), float(drawn.target_spread)],
        "low": _short(low - margin),
        "high": _short(high + margin),
        "points": [_short(point) for point in points],
        "targets": _short(targets),
        "frameEpochs": np.asarray(epochs)[kept].tolist(),
        "frames": b64encode(np.ascontiguousarray(frames[kept], "<f4").tobytes()).decode(),
    }


def _layer(run: Run, f: Activation, key: str, units: int) -> dict[str, Any]:
    """A hidden layer: its units, its function, and the parameters that it learned."""
    values = {name: float(v) for name, v in f.settings.items() if not isinstance(v, str)}
    return {
        "units": units,
        "key": key,
        "values": values,
        "learned": list(learned_names(f, run.setup.learn)),
        "perUnit": run.setup.learn_per == "unit",
    }


def _feature(run: Run, name: str) -> Any:
    """A column by its number, or a formula of two columns by its name."""
    return run.columns.index(name) if name in run.columns else name
