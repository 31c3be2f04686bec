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


def sentence(error: Exception) -> str:
    """Words an error in one line: what was given, what is accepted, what to type next."""
    if isinstance(error, click.UsageError):
        where = error.ctx.command_path if error.ctx else "actcli"
        text = error.format_message().rstrip(".")
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
