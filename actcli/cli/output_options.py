"""The options of output, passed on as one `Output`."""

from typing import NamedTuple

import click

from ..tables import FORMATS
from ..wording import joined, significant_digits
from .options import Count, Decorator, bundled, declared
from .output import PICTURES, check_suffix, format_for

ROUNDED = ("table", "markdown", "latex")  # formats in which --digits rounds


class Output(NamedTuple):
    """`-f`, `-o` and `-q` as typed, --json as -f json; None leaves the choice of the format."""

    output: str | None
    quiet: bool
    format_: str | None = None
    digits: int | None = None

    @property
    def drawn(self) -> bool:
        """Whether the file asked for is a picture."""
        return self.output is not None and self.output.lower().endswith(PICTURES)

    @property
    def target(self) -> str | None:
        """Where records go: standard output beside a picture."""
        return None if self.drawn else self.output

    @property
    def form(self) -> str:
        """The format of the records; ValueError if it rounds nothing and --digits was typed."""
        form = format_for(self.format_, self.target)
        if self.digits is not None and form not in ROUNDED:
            raise ValueError(
                f"--digits {self.digits}: {form} keeps every digit; add -f {joined(ROUNDED, 'or')}"
            )
        return form


def _json(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted:
        if ctx.params.get("format_") not in (None, "json"):
            raise click.UsageError("use just one of --json and --format", ctx)
        ctx.params["format_"] = "json"


def _format(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    earlier: str | None = ctx.params.get("format_")
    if earlier and value and earlier != value:
        raise click.UsageError("use just one of --json and --format", ctx)
    return value or earlier


def _digits(ctx: click.Context, parameter: click.Parameter, count: int | None) -> int | None:
    """Rounds what this command prints."""
    ctx.with_resource(significant_digits(count))
    return count


def _output(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
    """Refuses a suffix of --output that is none of this command's, before any work."""
    options = {p.name: p.type for p in ctx.command.params}
    choice = options.get("format_")
    formats = choice.choices if isinstance(choice, click.Choice) else FORMATS
    if "target" in options:  # of code, whose suffixes the command checks
        return value
    check_suffix(value, "dpi" in options, formats, "gif" in options)
    return value


def format_options(*formats: str) -> Decorator:
    """Declares -f and --json, with `formats` that other commands do not have."""
    return declared(
        click.option("-f", "--format", "format_", type=click.Choice((*FORMATS, *formats)),
                     callback=_format,
                     help="Default: what the suffix of --output says, else table on a terminal "
                     "and tsv elsewhere."),
        click.option("--json", is_flag=True, expose_value=False, callback=_json,
                     help="Short for -f json."),
    )  # fmt: skip


def output_options(*formats: str) -> Decorator:
    """Declares the options of output, with `formats` that other commands do not have."""
    return bundled(
        "out", Output,
        format_options(*formats),
        click.option("-o", "--output", metavar="PATH", type=click.Path(), callback=_output,
                     help="Write there instead; - is standard output."),
        click.option("--digits", type=Count(1, 17), metavar="N", callback=_digits,
                     help="Significant digits in the formats table, markdown and latex."),
        click.option("-q", "--quiet", is_flag=True, help="No notes and no progress bar."),
    )  # fmt: skip


def file_options(help_: str) -> Decorator:
    """Declares -o and -q of a command that writes one file; `help_` says what its suffix may be."""
    return bundled(
        "out", Output,
        click.option("-o", "--output", metavar="PATH", help=help_),
        click.option("-q", "--quiet", is_flag=True, help="No notes, and not the file's name."),
    )  # fmt: skip
