"""Stored pre-activations: arrays in .npy, .npz, text and .safetensors files, block by block."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..evaluation.dtypes import dtype_named
from ..numbers.types import Array
from ..wording import unknown

BLOCK = 1 << 16  # numbers, whose temporaries stay in the cache


@dataclass(frozen=True)
class Stored:
    """One array of a file, not yet read: `array` is its name there, "" if it has none."""

    file: str
    array: str
    data: Any  # an array, perhaps mapped

    def blocks(self, units: int | None) -> Iterator[Array]:
        """Blocks of shape (examples, units) in float32 or float64.

        `units` is the axis of the units, None the last one; of a single axis there is one unit.
        ValueError for an axis that is not there.
        """
        data = self.data
        axes = data.ndim
        if units is not None and not -axes <= units < axes:
            raise ValueError(f"--units {units}: {self.file!r} has the axes 0 to {axes - 1}")
        if axes < 2 and units is None:
            flat = data.reshape(-1)
            for start in range(0, flat.size, BLOCK):
                yield _floats(flat[start : start + BLOCK])[:, None]
            return
        axis = (axes - 1 if units is None else units) % axes
        moved = np.moveaxis(data, axis, -1)
        width = max(moved.shape[-1], 1)
        lead = moved.shape[0] if axes > 1 else 1
        if axes == 1:
            yield _floats(moved)[None, :]
            return
        per = max(1, BLOCK // max(moved[:1].size, 1))
        for start in range(0, lead, per):
            yield _floats(moved[start : start + per]).reshape(-1, width)

    def count_units(self, units: int | None) -> int:
        """How many units the array has."""
        if self.data.ndim < 2 and units is None:
            return 1
        return int(self.data.shape[-1 if units is None else units])


def _floats(block: Array) -> Array:
    """A block as float32 if it holds such or 16 bits, else float64, in the machine's order."""
    narrow = block.dtype.itemsize <= 4 and (
        block.dtype.kind == "f" or block.dtype.name == "bfloat16"
    )
    return np.ascontiguousarray(block).astype(np.float32 if narrow else np.float64, copy=False)


def stored(text: str, dtype: str | None = None, decimal: str | None = None) -> list[Stored]:
    """The arrays of FILE or FILE:ARRAY, or a column of a text, whose decimal sign may be given.

    ValueError where none can be read.
    """
    import os
    from zipfile import BadZipFile

    path, array = text, ""
    if not os.path.exists(path) and ":" in text:
        path, _, array = text.rpartition(":")
    suffix = os.path.splitext(path)[1].lower()
    if not os.path.exists(path):
        raise ValueError(f"there is no file {path!r}; give a .npy, .npz, .safetensors or text file")
    found: dict[str, Any]
    try:
        if suffix == ".npy":
            found = {"": np.load(path, mmap_mode="r", allow_pickle=False)}
        elif suffix == ".npz":
            with open(path, "rb") as stream, np.load(stream, allow_pickle=False) as archive:
                found = {name: archive[name] for name in archive.files if array in ("", name)}
                names = archive.files
        elif suffix == ".safetensors":
            found, names = _tensors(path, array)
        else:
            from ..inputs.numbers import read_numbers

            found = {array: read_numbers(path, array or None, decimal)}
    except (OSError, ValueError, EOFError, KeyError, BadZipFile) as why:
        if isinstance(why, ValueError) and path in str(why):
            raise ValueError(str(why).replace("--column ", f"-i {path}:")) from None
        raise ValueError(f"cannot read {path!r}: {' '.join(str(why).split())[:200]}") from None
    if array and array not in found:
        if suffix in (".npz", ".safetensors"):
            raise unknown("array", array, names)
        raise ValueError(f"{path!r} is one array, without names; leave out :{array}")
    kept = [Stored(path, name, _readable(path, data, dtype)) for name, data in found.items()]
    return [each for each in kept if not array or each.array == array]


def _tensors(path: str, array: str) -> tuple[dict[str, Any], list[str]]:
    try:
        from safetensors import SafetensorError, safe_open
    except ImportError:
        raise ValueError(
            f"{path!r} needs the package safetensors; pip install 'actcli[safetensors]'"
        ) from None
    dtype_named("bfloat16")  # is known to numpy from here on
    try:
        with safe_open(path, framework="numpy") as tensors:
            names = list(tensors.keys())
            return {n: tensors.get_tensor(n) for n in names if array in ("", n)}, names
    except (SafetensorError, TypeError, AttributeError) as why:  # damaged, or of unknown numbers
        raise ValueError(str(why)) from None


def _readable(path: str, data: Any, dtype: str | None) -> Any:
    """The array, with raw 16-bit words read as bfloat16 if that is asked for."""
    if dtype == "bfloat16" and data.dtype.itemsize == 2 and data.dtype.kind in "Vu":
        return data.view(dtype_named("bfloat16"))
    if data.dtype.kind in "fiub" or data.dtype.name == "bfloat16":
        return data
    hint = "; --dtype bfloat16 reads 16-bit words" if data.dtype.itemsize == 2 else ""
    raise ValueError(f"{path!r} holds {data.dtype} values, not floats or integers{hint}")
