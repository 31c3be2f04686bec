"""What several subcommands take: FUNCTIONs with parameters, inputs, formats, pictures."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any, TextIO, cast

import click

from .notes import note

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from ..functions.registry import Parameter

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

FORMATS = ("table", "tsv", "csv", "json", "jsonl", "markdown", "latex")
STANDARD_OUTPUT = (None, "-")
SUFFIXES = {
    ".tsv": "tsv", ".csv": "csv", ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl",
    ".md": "markdown", ".markdown": "markdown", ".tex": "latex",
}  # fmt: skip
PICTURES = (".png", ".svg", ".pdf")
LOOKS = ("size", "dpi", "style", "ylim")
NO_PICTURE = "no effect without a picture; add -o FILE.png"
OTHER_PICTURES = (".jpg", ".jpeg", ".gif", ".webp", ".bmp", ".tif", ".tiff")
MOST_POINTS = 10**9  # a table of as many rows has 40 GB
MOST_CURVES = 20_000  # of one command, over all values of -p
DTYPES = ("float64", "float32", "float16", "bfloat16")


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


def complete_function(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Names and aliases that start like what was typed; parameters after a colon."""
    from ..functions.registry import all_names, find, knows

    name, colon, typed = incomplete.partition(":")
    if colon and knows(name):
        head, comma, last = typed.rpartition(",")
        offers = _settings(find(name).parameters)
        return [f"{name}:{head}{comma}{offer}" for offer in offers if offer.startswith(last)]
    wanted = incomplete.lower().replace("-", "_")
    return [name for name in all_names() if name.startswith(wanted)]


def _settings(parameters: "Sequence[Parameter]") -> list[str]:
    """`name=` of each parameter, and `name=word` where it takes words."""
    offers = []
    for parameter in parameters:
        words = getattr(parameter.domain, "options", ())
        offers += [f"{parameter.name}={word}" for word in words or ("",)]
    return offers


def _complete_param(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    from ..functions.registry import FUNCTIONS, names

    names()  # click does not tell which FUNCTIONs were typed before
    offers = [s for function in FUNCTIONS.values() for s in _settings(function.parameters)]
    return [offer for offer in dict.fromkeys(offers) if offer.startswith(incomplete)]


def _complete_approx(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    return [word for word in ("none", "tanh", "sigmoid") if word.startswith(incomplete)]


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
                     shell_complete=_complete_approx),
        click.option(
            "-p", "--param", multiple=True, metavar="NAME=VALUE[,VALUE...]",
            shell_complete=_complete_param,
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


def resolve_functions(
    functions: Sequence[str], param: Sequence[str] = (), approx: str | None = None
) -> list["Activation"]:
    """The activations meant, one per combination of `-p` values; wrong ones raise ValueError."""
    from ..evaluation.function_text import resolve
    from ..functions.registry import find, text

    sweeps = _sweeps([*param, *([f"approx={approx}"] if approx is not None else [])])
    used: set[str] = set()
    found: list[Activation] = []
    for function in functions:
        plain = resolve(function)
        names = [name for name in sweeps if name in plain.parameters]
        used.update(names)
        if len(found) + prod(len(sweeps[name]) for name in names) > MOST_CURVES:
            raise ValueError(f"-p asks for more than {MOST_CURVES} functions; give fewer values")
        for values in product(*(sweeps[name] for name in names)):
            given = dict(zip(names, values, strict=True))
            found.append(resolve(function, given) if given else plain)
    for name in sweeps:
        if name not in used:
            shown = "; ".join(
                f"{f.name} has " + ", ".join(
                    f"{p.name} (default {text(p.default)})" for p in find(f.name).parameters
                )
                for f in found
                if f.parameters
            )  # fmt: skip
            raise ValueError(
                f"no FUNCTION here has a parameter {name!r}; {shown or 'they have none'}"
            )
    return found


def _sweeps(param: Sequence[str]) -> dict[str, list[str]]:
    sweeps: dict[str, list[str]] = {}
    for item in param:
        name, equals, values = item.partition("=")
        name = name.strip()
        listed = [value.strip() for value in values.split(",")]
        if not equals or not name or not all(listed):
            raise ValueError(
                f"-p {item!r} is not of the form NAME=VALUE[,VALUE...]; type for example -p beta=1,2"
            )
        if name in sweeps:
            raise ValueError(f"the parameter {name!r} is set twice; give its values in one -p")
        sweeps[name] = listed
    return sweeps


def note_unused(names: Sequence[str], why: str, quiet: bool = False) -> None:
    """Say on standard error which of these options were typed, though nothing comes of them."""
    from click.core import ParameterSource

    source = click.get_current_context().get_parameter_source
    given = [f"--{name}" for name in names if source(name) is ParameterSource.COMMANDLINE]
    if given and not quiet:
        note(f"{', '.join(given)}: {why}")


def note_callables(activations: "Sequence[Activation]", quiet: bool) -> None:
    """Say how to audit the Python callables among them, of which nothing can be proved."""
    from shlex import quote

    theirs = [quote(f.label) for f in activations if f.family == "Python callable"]
    if not theirs or quiet:
        return
    known = [quote(f.label) for f in activations if f.family != "Python callable"]
    note(
        f"of a Python callable nothing can be proved; 'actcli table {(known or ['gelu'])[0]} "
        f"{theirs[0]}' sets its values and gradients beside others"
    )


def dtype_named(name: str) -> Any:
    """The numpy dtype of that name, bfloat16 included."""
    import numpy as np

    if name == "bfloat16":
        from ml_dtypes import bfloat16

        return np.dtype(bfloat16)
    return np.dtype(name)


@contextmanager
def destination(output: str | None) -> Iterator[TextIO]:
    """Standard output, or the file `output`, which appears whole or not at all."""
    if output in STANDARD_OUTPUT:
        yield sys.stdout
    else:
        if str(output).lower().endswith(PICTURES):
            raise ValueError(
                f"-o {output!r}: this command draws no picture, 'actcli plot' does; "
                "records go to a file such as records.tsv"
            )
        if str(output).lower().endswith(OTHER_PICTURES):
            raise ValueError(
                f"-o {output!r}: a picture is .png, .svg or .pdf; records go to a file such as "
                "records.tsv"
            )
        from ..files import whole_file

        with whole_file(str(output)) as stream:
            yield cast(TextIO, stream)


def format_for(format_: str | None, output: str | None = None) -> str:
    """The chosen format; else that of the suffix of `output`; else table on a terminal, or tsv."""
    if format_ is not None:
        return format_
    if output in STANDARD_OUTPUT:
        return "table" if sys.stdout.isatty() else "tsv"
    found = [form for suffix, form in SUFFIXES.items() if str(output).lower().endswith(suffix)]
    return found[0] if found else "tsv"
