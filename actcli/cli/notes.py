"""Notes on standard error: held until the command has done its work, so that an error is one line."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from .streams import input_waits

if TYPE_CHECKING:
    from ..evaluation.activation import Activation


_held: list[str] = []


def note(text: str, quiet: bool = False) -> None:
    """Says a line on standard error, once the command has ended without an error."""
    if not quiet:
        _held.append(text)


def tell() -> None:
    """Prints the notes."""
    while _held:
        click.echo(_held.pop(0), err=True)


def forget() -> None:
    """Drops the notes."""
    _held.clear()


def tell_keyboard(path: str | None, things: str, quiet: bool) -> None:
    """Says at once that standard input is a keyboard, if `path` is - and it is one."""
    if path == "-" and sys.stdin.isatty() and not quiet:
        click.echo(f"reading {things} from the keyboard; Ctrl-D ends them", err=True)


def note_unread(path: str | None, listed: object, quiet: bool) -> None:
    """Says that a pipe into the program is not read, unless inputs are `listed` by --at."""
    if path is None and not listed and not quiet and input_waits():
        note("standard input is not read; add -i - to take the inputs from it")


def note_unused(names: Sequence[str], why: str, quiet: bool = False) -> None:
    """Says on standard error which of these options were typed, though nothing comes of them."""
    from click.core import ParameterSource

    source = click.get_current_context().get_parameter_source
    given = [
        f"--{name.replace('_', '-')}"
        for name in names
        if source(name) is ParameterSource.COMMANDLINE
    ]
    if given:
        note(f"{', '.join(given)}: {why}", quiet)


def note_precision(activations: "Sequence[Activation]", quiet: bool) -> None:
    """Says which Python callables answer in a low precision, which leaves gradients few digits."""
    if not any(f.family == "Python callable" for f in activations):
        return
    from ..evaluation.python_callable import STEPS, PythonCallable
    from ..wording import count_of

    for f in activations:
        if isinstance(f, PythonCallable) and f.precision != "float64":
            digits = count_of(STEPS[f.precision][1], "digit")
            note(
                f"{f.label} answers in {f.precision}: its gradient, taken by differences, has about "
                f"{digits} here",
                quiet,
            )


def note_callables(activations: "Sequence[Activation]", quiet: bool) -> None:
    """Says how to audit the Python callables among them, of which nothing can be proved."""
    from shlex import quote

    theirs = [quote(f.label) for f in activations if f.family == "Python callable"]
    if not theirs or quiet:
        return
    known = [quote(f.label) for f in activations if f.family != "Python callable"]
    note(
        f"of a Python callable nothing can be proved; 'actcli table {(known or ['gelu'])[0]} "
        f"{theirs[0]}' sets its values and gradients beside others"
    )
