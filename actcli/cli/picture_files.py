"""Pictures as files and as text in the terminal."""

import sys
from collections.abc import Callable
from typing import Literal

from .notes import note, note_unused
from .output import STANDARD_OUTPUT, destination
from .output_options import Output
from .picture_options import DESIGN, IN_TERMINAL, Look


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


def deliver(
    render: Callable[[Literal["png", "svg", "pdf"]], bytes],
    text: Callable[[int, int, bool], str] | None,
    look: Look,
    out: Output,
) -> None:
    """Writes the picture into the file asked for, prints it as text with --terminal, or both.

    A `text` of None: there is none.
    """
    from ..pictures.picture_files import kind_of

    if out.drawn:
        save(render(kind_of(out.output)), str(out.output))
        note(str(out.output), out.quiet)
    if look.terminal and text is not None:
        show_in_terminal(text, None)
        if not out.drawn:
            note_unused(DESIGN, IN_TERMINAL, out.quiet)


def show_in_terminal(drawn: Callable[[int, int, bool], str], output: str | None) -> None:
    """Prints what is drawn as text, by columns, lines and whether in colour: so on a terminal, unless
    NO_COLOR says otherwise."""
    import os
    import shutil

    on_terminal = output in STANDARD_OUTPUT and sys.stdout.isatty()
    wanted = os.environ.get("FORCE_COLOR") or (on_terminal and os.environ.get("TERM") != "dumb")
    colour = bool(wanted) and not os.environ.get("NO_COLOR")
    columns, lines = shutil.get_terminal_size((80, 24))
    text = drawn(columns, lines if on_terminal else 0, colour)
    with destination(output) as stream:
        stream.write(text + "\n")
