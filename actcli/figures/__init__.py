"""Pictures of activation functions: plain data in, a file's bytes or a terminal's text out.

Imports nothing heavy until something is drawn: matplotlib in `render`, plotext in `in_terminal`.
"""

from typing import Literal

from .data import Picture


def render(picture: Picture, kind: Literal["png", "svg", "pdf"]) -> bytes:
    """The picture as a file; the same bytes for the same picture."""
    from . import function

    return function.render(picture, kind)


def in_terminal(picture: Picture, columns: int, lines: int, colour: bool) -> str:
    """The picture in text, no line longer than `columns`; without `colour`, plain.

    It fits a terminal of that many `lines`, if the number is not 0.
    """
    from . import terminal

    return terminal.draw(picture, columns, lines, colour)
