"""What several subcommands take: FUNCTIONs with parameters, inputs, formats, pictures."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from ..evaluation.dtypes import DTYPES
from .completion import complete_approx, complete_function, complete_param
from .output import FORMATS

if TYPE_CHECKING:
    pass

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

LOOKS = ("size", "dpi", "style", "ylim")
NO_PICTURE = "no effect without a picture; add -o FILE.png"
MOST_POINTS = 10**9  # a table of as many rows has 40 GB
MOST_CURVES = 20_000  # of one command, over all values of -p


class Command(click.Command):
    """A command whose FUNCTION may be a formula that starts with a minus sign."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        known = {name for p in self.params if isinstance(p, click.Option) for name in p.opts}
        previous = ""
        shielded = []
        for arg in args:
            formula = arg.startswith("-") and arg[:2] not in known and set(arg) & set("x(")
            if formula and not arg.startswith("--") and previous not in known:
                arg = " " + arg
            shielded.append(arg)
            previous = arg
        try:
            return super().parse_args(ctx, shielded)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # so that advice names this command's help
            raise


def functions_argument(required: bool = True) -> Decorator:
    """FUNCTION..., passed on as a tuple of texts named `functions`."""
    return click.argument(
        "functions", metavar="FUNCTION..." if required else "[FUNCTION...]", nargs=-1,
        required=required,
        shell_complete=complete_function,
    )  # fmt: skip


def parameter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`-p/--param` and `--approx`, passed on as `param` and `approx`."""
    for option in (
        click.option("--approx", metavar="none|tanh|sigmoid", help="Short for -p approx=...",
                     shell_complete=complete_approx),
        click.option(
            "-p", "--param", multiple=True, metavar="NAME=VALUE[,VALUE...]",
            shell_complete=complete_param,
            help="Set a parameter on every FUNCTION that has it; several values: one curve, or "
            "one block of rows, each.",
        ),
    ):  # fmt: skip
        command = option(command)
    return command


class Count(click.IntRange):
    """A whole number, with an example in its refusal."""

    name = "whole number"

    def convert(
        self, value: Any, parameter: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        try:
            return int(super().convert(value, parameter, ctx))
        except click.BadParameter:
            top = f" and at most {self.max}" if self.max is not None else ""
            example = max(self.min or 0, 100)
            if self.max is not None:
                example = min(example, self.max)
            self.fail(
                f"{str(value)[:60]!r} is no whole number from {self.min} on{top}; "
                f"type for example {example}", parameter, ctx,
            )  # fmt: skip


def input_options(points: str, reach: str = "-5:5", **helps: str) -> Decorator:
    """`-r`, `-n`, `--at`, `-i` and `--dtype`; `points` and `reach` tell the defaults, and `helps`
    what an option does where that is something of its own."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in (
            click.option("--dtype", type=click.Choice(DTYPES), default="float64",
                         show_default=True, help=helps.get("dtype", "Evaluate in this precision.")),
            click.option("-i", "--input", "input_", metavar="FILE", type=click.Path(),
                         help=helps.get("input", "Inputs from a file of numbers or a .npy file; "
                                        "- is standard input.")),
            click.option("--at", metavar="X[,X...]", help=helps.get("at", "Exact inputs.")),
            click.option("-n", "--points", type=Count(1, MOST_POINTS), metavar="N",
                         help=f"Number of points in the range (default {points})."),
            click.option("-r", "--range", "range_", metavar="LOW:HIGH",
                         help=f"Range of the input (default {reach})."),
        ):  # fmt: skip
            command = option(command)
        return command

    return decorate


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`-f`, `--json`, `-o` and `-q`, passed on as `format_` (None: choose), `output` and `quiet`."""

    def shorthand(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
        if wanted:
            if ctx.params.get("format_") not in (None, "json"):
                raise click.UsageError("use just one of --json and --format", ctx)
            ctx.params["format_"] = "json"

    def chosen(ctx: click.Context, parameter: click.Parameter, value: str | None) -> str | None:
        earlier: str | None = ctx.params.get("format_")
        if earlier and value and earlier != value:
            raise click.UsageError("use just one of --json and --format", ctx)
        return value or earlier

    for option in (
        click.option("-q", "--quiet", is_flag=True, help="No notes and no progress bar."),
        click.option("-o", "--output", metavar="PATH", type=click.Path(),
                     help="Write there instead; - is standard output."),
        click.option("--json", is_flag=True, expose_value=False, callback=shorthand,
                     help="Short for -f json."),
        click.option("-f", "--format", "format_", type=click.Choice(FORMATS), callback=chosen,
                     help="Default: what the suffix of --output says, else table on a terminal "
                     "and tsv elsewhere."),
    ):  # fmt: skip
        command = option(command)
    return command


def picture_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """`--size`, `--dpi`, `--style`, `--ylim`, `--terminal`, as CLI.md has them."""
    for option in (
        click.option("--terminal", is_flag=True, help="Draw in the terminal."),
        click.option("--ylim", metavar="LOW:HIGH", help="Range of the value panel's vertical axis."),
        click.option("--style", type=click.Choice(("light", "dark")), default="light",
                     show_default=True, help="Colours."),
        click.option("--dpi", type=Count(10, 1200), metavar="N", default=150, show_default=True,
                     help="Dots per inch of a PNG."),
        click.option("--size", metavar="WIDTHxHEIGHT", help="Size in inches."),
    ):  # fmt: skip
        command = option(command)
    return command
