"""Notes on standard error: held until the command has done its work, so that an error is one line."""

import click

_held: list[str] = []


def note(text: str) -> None:
    """Says a line on standard error, once the command has ended without an error."""
    _held.append(text)


def tell() -> None:
    """Prints the notes."""
    while _held:
        click.echo(_held.pop(0), err=True)


def forget() -> None:
    """Drops the notes."""
    _held.clear()
