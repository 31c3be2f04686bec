"""Where a command's output goes, and in which format."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO, cast

from ..pictures.picture_files import KINDS
from ..wording import joined

STANDARD_OUTPUT = (None, "-")
SUFFIXES = {
    ".tsv": "tsv", ".csv": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".md": "markdown", ".markdown": "markdown", ".tex": "latex", ".txt": "tsv",
}  # fmt: skip
ARRAY = ".npy"
PICTURES = tuple(KINDS)
OTHER_PICTURES = (".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff")


def check_suffix(
    output: str | None, draws: bool, others: Sequence[str] = (), animates: bool = False
) -> None:
    """Raises ValueError for a suffix that names no format; a file needs none.

    `draws` says whether the command makes pictures, `others` are suffixes that it takes besides.
    """
    suffix = os.path.splitext(output or "")[1].lower()
    if suffix in ("", *SUFFIXES, *others, *(PICTURES if draws else ())):
        return
    if suffix in PICTURES:
        what = "this command draws no picture, 'actcli plot' does"
    elif suffix in OTHER_PICTURES:
        what = "a picture is .png, .svg or .pdf"
        if animates:
            what += ", and an animation takes --gif FILE.gif"
    else:
        known = (*(PICTURES if draws else ()), *others, *SUFFIXES)
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


def format_for(format_: str | None, output: str | None = None) -> str:
    """Returns the chosen format; else that of the suffix of `output`; else table on a terminal, or tsv."""
    if format_ is not None:
        return format_
    if output in STANDARD_OUTPUT:
        return "table" if sys.stdout.isatty() else "tsv"
    found = [form for suffix, form in SUFFIXES.items() if str(output).lower().endswith(suffix)]
    return found[0] if found else "tsv"
