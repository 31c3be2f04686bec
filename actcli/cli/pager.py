"""The pager, for lists that are longer than the terminal."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO
from typing import TextIO

import click

from .output import STANDARD_OUTPUT, destination
from .output_options import Output


class Screen(StringIO):
    """Text for a terminal, kept."""

    def isatty(self) -> bool:
        return True


@contextmanager
def paged(out: Output) -> Iterator[TextIO]:
    """Opens what `destination` does; a table that a terminal cannot hold is shown in a pager.

    That is the program in PAGER, none if it is set and empty, by default less.
    """
    people = out.form == "table" and os.environ.get("PAGER") != ""
    if not (
        people and out.output in STANDARD_OUTPUT and sys.stdout.isatty() and sys.stdin.isatty()
    ):
        with destination(out.output) as stream:
            yield stream
        return
    screen = Screen()
    yield screen
    text = screen.getvalue().removesuffix("\n")
    import shutil

    if len(text.splitlines()) < shutil.get_terminal_size().lines:
        sys.stdout.write(text + "\n")
    else:
        encoding = sys.stdout.encoding
        click.echo_via_pager(text.encode(encoding, sys.stdout.errors or "strict").decode(encoding))
