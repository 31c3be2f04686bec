"""Where a command's output goes, and in which format."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TextIO, cast

from ..pictures.picture_files import KINDS

STANDARD_OUTPUT = (None, "-")
SUFFIXES = {
    ".tsv": "tsv", ".csv": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".md": "markdown", ".markdown": "markdown", ".tex": "latex",
}  # fmt: skip
PICTURES = tuple(KINDS)
OTHER_PICTURES = (".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff")


@contextmanager
def destination(output: str | None) -> Iterator[TextIO]:
    """Opens standard output, or the file `output`, which appears whole or not at all."""
    if output in STANDARD_OUTPUT:
        yield sys.stdout
    else:
        if str(output).lower().endswith(PICTURES):
            raise ValueError(
                f"-o {output!r}: this command draws no picture, 'actcli plot' does; "
                "records go to a file such as records.tsv"
            )
        if str(output).lower().endswith(OTHER_PICTURES):
            raise ValueError(
                f"-o {output!r}: a picture is .png, .svg or .pdf; records go to a file such as "
                "records.tsv"
            )
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
