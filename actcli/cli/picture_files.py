"""Pictures as files and as text in the terminal."""

import sys
from typing import TYPE_CHECKING

from .output import STANDARD_OUTPUT, destination

if TYPE_CHECKING:
    from ..figures.data import Picture


def save(content: bytes, output: str) -> None:
    """Writes the file, which appears whole or not at all; - is standard output."""
    if output != "-":
        from ..files import whole_file

        with whole_file(output, "wb") as stream:
            stream.write(content)
        return
    if sys.stdout.isatty():
        raise ValueError("-o - writes a PNG to the terminal; redirect it, or use --terminal")
    sys.stdout.buffer.write(content)
    sys.stdout.flush()


def show_in_terminal(drawn: "Picture", output: str | None) -> None:
    """Prints the picture as text: in colour on a terminal, unless NO_COLOR says otherwise."""
    import os
    import shutil

    from ..figures.terminal import in_terminal

    on_terminal = output in STANDARD_OUTPUT and sys.stdout.isatty()
    wanted = os.environ.get("FORCE_COLOR") or (on_terminal and os.environ.get("TERM") != "dumb")
    colour = bool(wanted) and not os.environ.get("NO_COLOR")
    columns, lines = shutil.get_terminal_size((80, 24))
    text = in_terminal(drawn, columns, lines if on_terminal else 0, colour)
    with destination(output) as stream:
        stream.write(text + "\n")
