"""The manual page actcli(1), made of the help texts of the program when its wheel is built."""

from collections.abc import Iterator
from inspect import cleandoc

import click

from ..version import __version__
from . import COMMANDS, main, run
from .details import details


def man_page() -> str:
    """Writes the manual page in roff: every command with its options and examples."""
    ctx = click.Context(main, info_name="actcli", **main.context_settings)
    lines = [
        f'.TH ACTCLI 1 "" "actcli {__version__}" "User Commands"',
        ".ad l",
        ".nh",
        ".SH NAME",
        f"actcli \\- {_plain(_paragraphs(main)[0])}",
        ".SH SYNOPSIS",
        *_synopsis(ctx),
        ".SH DESCRIPTION",
        *_text(_paragraphs(main)[1:]),
        ".PP",
        _plain(main.epilog or ""),
        *_options(ctx),
        ".SH COMMANDS",
    ]
    for name, about in COMMANDS.items():
        lines += [".TP", f"\\fB{_plain(name)}\\fR", _plain(about)]
    for name in COMMANDS:
        command = main.get_command(ctx, name)
        assert command is not None
        own = click.Context(command, ctx, name)
        lines += [f".SH {_plain(name).upper()}", *_synopsis(own), *_text(_paragraphs(command))]
        lines += _options(own)
        lines += _text(list(filter(None, details(name).split("\n\n"))))
    lines += [".SH EXIT STATUS", _plain(cleandoc(run.__doc__ or "").partition(": ")[2])]
    return "\n".join(lines) + "\n"


def _synopsis(ctx: click.Context) -> Iterator[str]:
    pieces = " ".join(ctx.command.collect_usage_pieces(ctx))
    yield from (".PP", f"\\fB{_plain(ctx.command_path)}\\fR {_plain(pieces)}")


def _paragraphs(command: click.Command) -> list[str]:
    return cleandoc(command.help or "").split("\n\n")


def _text(paragraphs: list[str]) -> Iterator[str]:
    """Paragraphs as roff; one that click keeps as it is, marked by a backspace, in a block."""
    for paragraph in paragraphs:
        kept, lines = paragraph.startswith("\b"), paragraph.strip("\b\n").split("\n")
        yield ".PP"
        yield from ([".nf"] if kept else [])
        yield from map(_plain, lines)
        yield from ([".fi"] if kept else [])


def _options(ctx: click.Context) -> Iterator[str]:
    """Each option with its help, under the names and the metavar that --help shows."""
    for option in ctx.command.get_params(ctx):
        if isinstance(option, click.Option):
            names, help_ = option.get_help_record(ctx) or ("", "")
            yield from (".TP", f"\\fB{_plain(names)}\\fR", _plain(help_))


def _plain(text: str) -> str:
    """Text that roff prints as it is: backslashes and hyphens escaped, no line read as a request."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    return f"\\&{text}" if text.startswith(".") else text
