"""Picture files: their kinds, sizes and names, and how they are written."""

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    pass


def show_in_terminal(drawn: Any, output: str | None) -> None:
    """The picture in text: in colour on a terminal, unless NO_COLOR says otherwise."""
    import os
    import shutil

    from ..figures import in_terminal
    from .output import destination

    on_terminal = output in (None, "-") and sys.stdout.isatty()
    wanted = os.environ.get("FORCE_COLOR") or (on_terminal and os.environ.get("TERM") != "dumb")
    colour = bool(wanted) and not os.environ.get("NO_COLOR")
    columns, lines = shutil.get_terminal_size((80, 24))
    text = in_terminal(drawn, columns, lines if on_terminal else 0, colour)
    with destination(output) as stream:
        stream.write(text + "\n")
