"""Runs as .npz files, without pickles."""

import json
import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict
from typing import IO, Any

import numpy as np

from ..evaluate import Activation
from .setup import Run, Setup, completed

FORMAT = "actcli train-toy 1"
ARRAYS = {  # name: dimensions
    "seeds": 1, "epochs": 1, "train_loss": 2, "test_loss": 2, "test_accuracy": 2, "dead": 3,
    "saturated": 3, "gradient_norms": 3, "diverged": 1, "stopped": 1, "weights": 2,
    "frame_epochs": 1, "frames": 3, "centre": 2, "spread": 2,
}  # fmt: skip
FACTS = ("label", "layer_names", "inputs", "outputs", "classes", "columns", "target_name")


def save(runs: Sequence[Run], stream: IO[bytes]) -> None:
    """Weights, options and records of the runs as an .npz file, without pickles."""
    arrays: dict[str, Any] = {}
    headers = []
    for k, run in enumerate(runs):
        headers.append(
            {name: getattr(run, name) for name in FACTS}
            | {"setup": asdict(run.setup), "functions": [f.label for f in run.activations]}
            | {"state": list(run.state)}
        )
        arrays |= {f"{k}/{name}": getattr(run, name) for name in ARRAYS}
        arrays |= {f"{k}/state/{name}": array for name, array in run.state.items()}
    header = json.dumps({"format": FORMAT, "runs": headers})
    np.savez_compressed(stream, header=np.array(header), **arrays)


def load(path: str, resolve: Callable[[str], Activation]) -> list[Run]:
    """The runs in a file; `resolve` makes activations of labels. ValueError for any other file."""
    try:
        with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as file:
            header = json.loads(str(file["header"][()]))
            if header["format"] != FORMAT:
                raise ValueError
            return [_loaded(file, k, h, resolve) for k, h in enumerate(header["runs"])]
    except OSError as error:
        if error.strerror:
            raise ValueError(
                f"cannot read {path!r}: {error.strerror}; give a file that --save has written"
            ) from None
        raise _foreign(path) from None
    except (
        ValueError, KeyError, TypeError, AttributeError, EOFError, IndexError, MemoryError,
        NotImplementedError, RecursionError, zipfile.BadZipFile, zlib.error,
    ):  # fmt: skip
        raise _foreign(path) from None


def _foreign(path: str) -> ValueError:
    return ValueError(
        f"{path!r} is damaged or was not made by 'actcli train-toy --save'; train again to make it"
    )


def _loaded(file: Any, k: int, header: Any, resolve: Callable[[str], Activation]) -> Run:
    given: Any = {n: tuple(v) if isinstance(v, list) else v for n, v in header["setup"].items()}
    setup = completed(Setup(**given))
    arrays = {name: file[f"{k}/{name}"] for name in ARRAYS}
    seeds, records = len(arrays["seeds"]), len(arrays["epochs"])
    hidden = len(setup.layers or ())
    for name, dimensions in ARRAYS.items():
        array = arrays[name]
        if array.ndim != dimensions or array.dtype.kind not in "if":
            raise ValueError
        per_record = name.startswith(("train", "test", "dead", "saturated", "gradient"))
        if per_record and array.shape[:2] != (seeds, records):
            raise ValueError
    if not seeds or not records or len(arrays["weights"]) != seeds:
        raise ValueError
    if len(header["functions"]) != hidden or len(header["layer_names"]) < hidden:
        raise ValueError
    facts: Any = {
        name: tuple(header[name]) if isinstance(header[name], list) else header[name]
        for name in FACTS
    }
    activations = tuple(resolve(label) for label in header["functions"])
    state = {name: file[f"{k}/state/{name}"] for name in header["state"]}
    return Run(setup=setup, activations=activations, state=state, **facts, **arrays)
