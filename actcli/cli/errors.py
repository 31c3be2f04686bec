"""Errors as one line on standard error."""

import os
from contextlib import suppress

import click


def fail(message: str) -> int:
    """Says the message on standard error; returns the exit status."""
    from ..wording import printable

    with suppress(OSError):  # the status tells of the error too
        click.echo(f"actcli: {printable(message)}", err=True)
    return 2


def file_of(error: Exception) -> str:
    """Returns the name of the file whose code raised the error."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_filename if trace else ""


def unexpected(error: Exception) -> str:
    """Describes an error of the program itself: what went wrong, and where."""
    from traceback import extract_tb

    places = [f for f in extract_tb(error.__traceback__) if "actcli" in f.filename]
    where = f"{os.path.basename(places[-1].filename)}, line {places[-1].lineno}" if places else "?"
    said = f"{type(error).__name__}: {error}"[:200]
    return f"unexpected {said} (in {where}); please report it with what you typed"


def _told(error: click.UsageError) -> str:
    """Words wrong usage; for an unknown option or a missing FUNCTION with what may be meant."""
    if isinstance(error, click.NoSuchOption):
        from ..functions.catalogue import find, names

        said = f"no such option {error.option_name!r}"
        name = error.option_name.strip("-").replace("-", "_")
        if any(name == p.name for function in names() for p in find(function).parameters):
            return f"{said}; a parameter is set with -p {name}=VALUE"
        if error.possibilities:
            return f"{said}; did you mean {error.possibilities[0]}?"
        return said
    if isinstance(error, click.MissingParameter) and error.ctx is not None:
        import re

        examples = re.findall(r"^ *(actcli .*)$", error.ctx.command.help or "", re.MULTILINE)
        for example in examples[:1]:
            return f"{error.format_message().rstrip('.')}; type for example {example}"
    return error.format_message()


def sentence(error: Exception) -> str:
    """Words an error in one line: what was given, what is accepted, what to type next."""
    if isinstance(error, click.UsageError):
        where = error.ctx.command_path if error.ctx else "actcli"
        text = _told(error).rstrip(".")
        text = text[:1].lower() + text[1:] if text[1:2].islower() else text
        hint = "" if ";" in text or text.endswith("?") else f"; see '{where} --help'"
        return " ".join(text.split()) + hint
    if isinstance(error, click.ClickException):
        return " ".join(error.format_message().split())
    if isinstance(error, FileNotFoundError) and error.filename is None:
        return "the current directory is gone; change to another one"
    if isinstance(error, OSError) and error.strerror:
        name = f"use {error.filename!r}" if error.filename else "write to standard output"
        return f"cannot {name}: {error.strerror}"
    return " ".join(str(error).split())
