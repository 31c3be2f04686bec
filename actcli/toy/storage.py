"""Runs as .npz files, without pickles.

A file is data: nothing that it names is imported or executed, and none of its arrays is unpacked
before all of them have been found to be what its setup asks for.
"""

import json
import math
import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import IO, Any

import numpy as np
from numpy.lib import format as npy

from ..evaluation.activation import Activation
from ..wording import may_be_label
from .run import ARRAYS, INTEGERS, Run
from .validity import FACTS, Shape, plan, setup_of

FORMAT = "actcli train-toy 1"
MOST_INFLATED = 1 << 27  # bytes; a larger run is stored as it is, not compressed
MOST_HEADER = 1 << 24  # bytes, 4 for a character
MOST_DIRECTORY = 1 << 20  # bytes; 10,000 arrays
_END = struct.Struct("<4s4H2LH")  # the last record of an archive, with the size of its directory


def save(runs: Sequence[Run], stream: IO[bytes]) -> None:
    """Writes weights, options and records of the runs as an .npz file, without pickles."""
    arrays: dict[str, Any] = {}
    headers = []
    for k, run in enumerate(runs):
        headers.append(
            {name: getattr(run, name) for name in FACTS}
            | {"setup": asdict(run.setup), "functions": [f.written for f in run.activations]}
            | _labels_of(run)
        )
        names = [name for name in ARRAYS if name != "learned" or run.learned_names]
        arrays |= {f"{k}/{name}": getattr(run, name) for name in names}
        arrays |= {f"{k}/state/{name}": array for name, array in run.state.items()}
    header = np.array(json.dumps({"format": FORMAT, "runs": headers}))
    large = sum(array.nbytes for array in arrays.values()) > MOST_INFLATED // 2
    (np.savez if large else np.savez_compressed)(stream, header=header, **arrays)


def load(path: str, resolve: Callable[[str], Activation]) -> list[Run]:
    """The runs in a file; `resolve` makes activations of labels, and should import nothing.

    ValueError for any other file, before anything large is read of it, and for a label that
    `resolve` refuses.
    """
    with _opened(path) as stream:
        with _damage(path):
            archive = _Archive(stream)
            headers = archive.headers()
            setups = [setup_of(header["setup"]) for header in headers]
            labels = [header["functions"] for header in headers]
            if not all(isinstance(label, str) for each in labels for label in each):
                raise ValueError("its functions have no names")
            shown = [_labels_in(header) for header in headers]
        known: dict[str, Activation] = {}
        for label in dict.fromkeys(label for each in labels for label in each):
            try:
                known[label] = resolve(label)
            except ValueError as error:
                raise ValueError(f"{path!r}: {error}") from None
        with _damage(path):
            plans = [
                plan(
                    header, setup, [known[t].relabelled(s) for t, s in zip(each, said, strict=True)]
                )
                for header, setup, each, said in zip(headers, setups, labels, shown, strict=True)
            ]
            arrays = [
                each.arrays(archive.length(f"{k}/epochs"), archive.length(f"{k}/frame_epochs"))
                for k, each in enumerate(plans)
            ]
            archive.check({f"{k}/{n}": s for k, each in enumerate(arrays) for n, s in each.items()})
            return [
                p.run({name: archive.read(f"{k}/{name}") for name in each})
                for k, (p, each) in enumerate(zip(plans, arrays, strict=True))
            ]


def _labels_of(run: Run) -> dict[str, list[str]]:
    """The labels that the functions were given, if any."""
    given = [f.label for f in run.activations]
    return {"labels": given} if given != [f.written for f in run.activations] else {}


def _labels_in(header: Mapping[str, Any]) -> list[str]:
    """The labels under which the functions are shown."""
    found = header.get("labels", header["functions"])
    if not isinstance(found, list) or len(found) != len(header["functions"]):
        raise ValueError("its labels are not those of its functions")
    if "labels" in header and not all(isinstance(s, str) and may_be_label(s) for s in found):
        raise ValueError("its labels are not printable")
    return found


@contextmanager
def _opened(path: str) -> Iterator[IO[bytes]]:
    """A regular file, open; ValueError where it cannot be read."""
    try:
        if not os.path.isdir(path) and not stat.S_ISREG(os.stat(path).st_mode):
            raise ValueError(f"{path!r} is no regular file; give one that --save has written")
        stream = open(path, "rb")  # noqa: SIM115
    except OSError as error:
        raise ValueError(
            f"cannot read {path!r}: {error.strerror}; give a file that --save has written"
        ) from None
    with stream:
        yield stream


@contextmanager
def _damage(path: str) -> Iterator[None]:
    """Whatever a file that is no saved run makes of reading it is one ValueError."""
    try:
        yield
    except (
        ValueError, KeyError, TypeError, AttributeError, EOFError, IndexError, MemoryError,
        OverflowError, RuntimeError, OSError, struct.error, zipfile.BadZipFile, zlib.error,
    ) as error:  # fmt: skip
        own = type(error) is ValueError and str(error).startswith("its ")
        raise ValueError(
            f"{path!r} is damaged or was not made by 'actcli train-toy --save'"
            f"{f' ({error})' if own else ''}; train again to make it"
        ) from None


@dataclass(frozen=True)
class _Member:
    """What an array of the archive says of itself."""

    shape: Shape
    dtype: Any
    by_columns: bool
    start: int  # of the numbers, in bytes


class _Archive:
    """The arrays of an .npz file, none of which is larger than it says, nor all than a run may be."""

    def __init__(self, stream: IO[bytes]) -> None:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(-_END.size, os.SEEK_END)
        sign, *_, directory, _, comment = _END.unpack(stream.read(_END.size))
        if sign != b"PK\5\6" or directory > MOST_DIRECTORY or comment:
            raise ValueError("its archive was made by another program")
        self._file = zipfile.ZipFile(stream)
        infos = self._file.infolist()
        if sum(info.file_size for info in infos) > max(MOST_INFLATED, 2 * size):
            raise ValueError("its arrays unpack to more than a run holds")
        self._members = {info.filename: self._member(info) for info in infos}
        if len(self._members) < len(infos):
            raise ValueError("its archive has two arrays of one name")

    def _member(self, info: zipfile.ZipInfo) -> _Member:
        """What an array says of itself, which must be what its size in bytes says too."""
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError("its archive was made by another program")
        with self._file.open(info) as stream:
            if npy.read_magic(stream) != (1, 0):
                raise ValueError("its arrays were made by another program")
            shape, by_columns, dtype = npy.read_array_header_1_0(stream)
            member = _Member(shape, dtype, by_columns, stream.tell())
        if member.start + math.prod(shape) * dtype.itemsize != info.file_size:
            raise ValueError(f"its array {info.filename!r} has another size than it says")
        return member

    def headers(self) -> list[Mapping[str, Any]]:
        """The headers of the runs, one or more."""
        member = self._members["header.npy"]
        if member.dtype.kind != "U" or member.shape or member.dtype.itemsize > MOST_HEADER:
            raise ValueError("its header is no text")
        header = json.loads(str(self.read("header")[()]))
        runs = header["runs"]
        if header["format"] != FORMAT or not isinstance(runs, list) or not runs:
            raise ValueError("its header tells of no runs")
        return runs

    def length(self, name: str) -> int:
        """How long an array of one dimension is."""
        return self._members[f"{name}.npy"].shape[0]

    def check(self, expected: Mapping[str, Shape]) -> None:
        """Raises ValueError unless the archive holds these arrays beside its header, and no others."""
        if set(self._members) != {"header.npy", *(f"{name}.npy" for name in expected)}:
            raise ValueError("its arrays are not those of its setup")
        for name, shape in expected.items():
            member = self._members[f"{name}.npy"]
            dtype = np.int64 if name.partition("/")[2] in INTEGERS else np.float64
            if member.shape != shape or member.dtype != dtype:
                raise ValueError(
                    f"its array {name!r} has shape {member.shape} and dtype {member.dtype}, "
                    f"not {shape} and {np.dtype(dtype)}"
                )

    def read(self, name: str) -> Any:
        """An array, in full."""
        member = self._members[f"{name}.npy"]
        with self._file.open(f"{name}.npy") as stream:
            data = stream.read()[member.start :]
        array = np.frombuffer(bytearray(data), member.dtype)
        return array.reshape(member.shape, order="F" if member.by_columns else "C")
