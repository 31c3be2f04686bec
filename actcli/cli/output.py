"""Where a command's output goes, and in which format."""

import os
import stat
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from typing import IO, TextIO, cast

from ..pictures.picture_files import KINDS
from ..tables import FORMATS
from ..wording import joined

STANDARD_OUTPUT = (None, "-")
ARRAY = "npy"  # the format that is no text
SUFFIXES = {
    ".npy": ARRAY,
    ".tsv": "tsv", ".csv": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".md": "markdown", ".markdown": "markdown", ".tex": "latex", ".txt": "tsv",
}  # fmt: skip
PICTURES = tuple(KINDS)
OTHER_PICTURES = (".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff")


def check_suffix(
    output: str | None, draws: bool, formats: Sequence[str] = FORMATS, animates: bool = False
) -> None:
    """Raises ValueError for a suffix that names no format; a file needs none.

    `draws` says whether the command makes pictures, `formats` what its records may be.
    """
    suffix = os.path.splitext(output or "")[1].lower()
    known = [*(PICTURES if draws else ()), *(s for s, form in SUFFIXES.items() if form in formats)]
    if suffix in ("", *known):
        return
    if suffix in PICTURES:
        what = "this command draws no picture, 'actcli plot' does"
    elif suffix in OTHER_PICTURES:
        what = "a picture is .png, .svg or .pdf"
        if animates:
            what += ", and an animation takes --gif FILE.gif"
    else:
        raise ValueError(
            f"-o {output!r}: {suffix} is no suffix that is known here; "
            f"give one of {joined(known, 'or')}"
        )
    raise ValueError(f"-o {output!r}: {what}; records go to a file such as records.tsv")


@contextmanager
def destination(output: str | None) -> Iterator[TextIO]:
    """Opens standard output, or the file `output`, which appears whole or not at all."""
    if output in STANDARD_OUTPUT:
        yield sys.stdout
    else:
        from ..files import whole_file

        with whole_file(str(output)) as stream:
            yield cast(TextIO, stream)


@contextmanager
def array_destination(output: str | None) -> Iterator[IO[bytes]]:
    """Opens the same for an array, whose writer has to go back to its beginning: what is no file of its
    own gets the whole of it at the end. Raises ValueError for a terminal."""
    from ..files import whole_file

    shared = output in STANDARD_OUTPUT
    if shared and sys.stdout.isatty():
        raise ValueError(
            "-f npy: a terminal shows no array; add -o FILE.npy, or a pipe to a program that reads it"
        )
    with nullcontext(sys.stdout.buffer) if shared else whole_file(str(output), "wb") as stream:
        shared = shared or str(output).startswith(("/dev/", "/proc/"))
        if not shared and stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
            yield stream
            return
        from shutil import copyfileobj
        from tempfile import TemporaryFile

        with TemporaryFile() as held:
            yield held
            held.seek(0)
            copyfileobj(held, stream)
            stream.flush()


def format_for(format_: str | None, output: str | None = None) -> str:
    """Returns the chosen format; else that of the suffix of `output`; else table on a terminal, or tsv."""
    if format_ is not None:
        return format_
    if output in STANDARD_OUTPUT:
        return "table" if sys.stdout.isatty() else "tsv"
    found = [form for suffix, form in SUFFIXES.items() if str(output).lower().endswith(suffix)]
    return found[0] if found else "tsv"
