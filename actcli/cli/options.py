"""What several subcommands take: FUNCTIONs with parameters, inputs, formats, pictures.

Options that travel together reach a command as one object: `param_options`, `input_options`,
`picture_options` and `output_options` declare the options and pass `param`, `inputs`, `look` and
`out`.
"""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import click

from ..evaluation.dtypes import DTYPES, dtype_named
from ..inputs.layout import DECIMALS
from ..tables import FORMATS
from ..wording import joined, printable, significant_digits
from .completion import complete_from, complete_function, complete_param
from .output import ARRAY, PICTURES, check_suffix, format_for

if TYPE_CHECKING:
    from ..figures.data import Context
    from ..figures.scales import Scale
    from ..inputs.numbers import File
    from ..pictures.function import Wanted

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

DESIGN = ("size", "dpi", "style", "context", "title", "no_legend")
LOOKS = (*DESIGN, "ylim", "xscale", "yscale", "marks")
NO_PICTURE = "no effect without a picture; add -o FILE.png"
IN_TERMINAL = "no effect in the terminal; leave out --terminal, and add -o FILE.png"
LEFT_OUT = "--yscale log leaves out values of 0 and less; --yscale symlog shows them"
APPROX = ("none", "tanh", "sigmoid")
ROUNDED = ("table", "markdown", "latex")  # formats in which --digits rounds
MOST_POINTS = 10**9  # a table of as many rows has 40 GB


class Param(NamedTuple):
    """`-p`, `--approx` and `--label` as typed."""

    param: tuple[str, ...] = ()
    approx: str | None = None
    labels: tuple[str, ...] = ()


class Inputs(NamedTuple):
    """`-r`, `-n`, `--at`, `-i`, `--column`, `--decimal` and `--dtype` as typed."""

    range_: str | None
    points: int | None
    at: str | None
    input_: str | None
    column: str | None
    decimal: str | None
    dtype: str

    @property
    def limits(self) -> tuple[float, float] | None:
        """The ends of --range; ValueError says what is accepted."""
        from ..inputs.numbers import parse_range

        return parse_range(self.range_) if self.range_ else None

    @property
    def file(self) -> "File | None":
        """The file of --input; ValueError if only its columns are told."""
        from ..inputs.numbers import File

        if self.input_ is not None:
            return File(self.input_, self.column, self.decimal)
        require_input(self.column, self.decimal)
        return None


def require_input(column: object, decimal: str | None) -> None:
    """Raises ValueError where --column or --decimal was typed, but no --input."""
    for option, value in (("--column", column), ("--decimal", decimal)):
        if value:
            raise ValueError(f"{option} says how to read a file; add --input FILE")


class Look(NamedTuple):
    """The options of pictures as typed."""

    size: str | None
    dpi: int
    style: Literal["light", "dark"]
    context: "Context"
    title: str
    no_legend: bool
    ylim: str | None = None
    terminal: bool = False
    xscale: "Scale" = "linear"
    yscale: "Scale" = "linear"
    marks: str | None = None

    @property
    def inches(self) -> tuple[float, float] | None:
        """Width and height; ValueError says what is accepted."""
        from ..pictures.picture_files import parse_size

        return parse_size(self.size) if self.size else None

    @property
    def design(self) -> dict[str, Any]:
        """What these ask of any picture: the fields of a Design by name."""
        return {
            "style": self.style, "size": self.inches, "dpi": self.dpi, "context": self.context,
            "heading": printable(self.title), "legend": not self.no_legend,
        }  # fmt: skip

    @property
    def limits(self) -> "list[tuple[float, float] | None]":
        """The ends of --ylim, one for each panel; ValueError says what is accepted."""
        from ..inputs.numbers import parse_ranges

        return parse_ranges(self.ylim, "--ylim") if self.ylim else []

    @property
    def marked(self) -> Sequence[str]:
        """The kinds of --marks; ValueError says which there are."""
        from ..pictures.function import MARKS

        if self.marks is None:
            return MARKS
        kinds = [kind.strip().lower() for kind in self.marks.split(",")]
        for kind in kinds:
            if kind not in MARKS and kinds != ["none"]:
                raise ValueError(
                    f"--marks {self.marks!r}: {kind!r} is no kind of mark; give none, or some of "
                    f"{', '.join(MARKS)}, with commas"
                )
        return [] if kinds == ["none"] else kinds


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


def declared(*options: Decorator) -> Decorator:
    """Declares options in the order of the help."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def bundled(name: str, kind: Any, *options: Decorator) -> Decorator:
    """Declares options whose values are passed on as one named tuple `kind`, called `name`."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)  # which shares click's list of the options declared so far
        def gathered(**values: Any) -> Any:
            given = {field: values.pop(field) for field in kind._fields if field in values}
            return command(**values, **{name: kind(**given)})

        return declared(*options)(gathered)

    return decorate


param_options = bundled(
    "param", Param,
    click.option(
        "-p", "--param", multiple=True, metavar="NAME=VALUE[,VALUE...]",
        shell_complete=complete_param,
        help="Set a parameter on every FUNCTION that has it; several values: one curve, or "
        "one block of rows, each.",
    ),
    click.option("--approx", metavar="|".join(APPROX), help="Short for -p approx=...",
                 shell_complete=complete_from(lambda: APPROX)),
    click.option("--label", "labels", multiple=True, metavar="TEXT",
                 help="What to call a FUNCTION; once for each, in order."),
)  # fmt: skip


def dtype_option(help_: str = "Evaluate in this precision.") -> Decorator:
    """Declares `--dtype`, passed on as the name of one of DTYPES."""
    return click.option(
        "--dtype", type=click.Choice(DTYPES), default="float64", show_default=True, help=help_
    )


def column_option(help_: str, **more: Any) -> Decorator:
    """Declares `--column`."""
    return click.option("--column", metavar="NAME|N", help=help_, **more)


decimal_option = click.option(
    "--decimal",
    type=click.Choice(DECIMALS),
    help="The decimal sign of the file (default: a point).",
)


def input_options(
    points: str, reach: str = "-5:5", *, dtype: str = "Evaluate in this precision.",
    at: str = "Exact inputs.",
    input_: str = "Inputs from a file of numbers, text or .npy, also .gz; - is standard input.",
) -> Decorator:  # fmt: skip
    """Declares the options of `Inputs`; `points` and `reach` tell defaults, the others are helps."""
    return bundled(
        "inputs", Inputs,
        click.option("-r", "--range", "range_", metavar="LOW:HIGH",
                     help=f"Range of the input (default {reach})."),
        click.option("-n", "--points", type=Count(1, MOST_POINTS), metavar="N",
                     help=f"Number of points in the range (default {points})."),
        click.option("--at", metavar="X[,X...]", help=at),
        click.option("-i", "--input", "input_", metavar="FILE", type=click.Path(), help=input_),
        column_option("Which column of the file, by name or number from 1."), decimal_option,
        dtype_option(dtype),
    )  # fmt: skip


def order_option(help_: str) -> Decorator:
    """Declares `--order`, passed on as 0, 1 or 2."""
    return click.option(
        "--order", type=Count(0, 2), metavar="0|1|2", default=1, show_default=True, help=help_
    )


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
    names = {p.name for p in ctx.command.params}
    check_suffix(value, "dpi" in names, (ARRAY,) if ctx.command.name == "table" else (),
                 "gif" in names)  # fmt: skip
    return value


output_options = bundled(
    "out", Output,
    click.option("-f", "--format", "format_", type=click.Choice(FORMATS), callback=_format,
                 help="Default: what the suffix of --output says, else table on a terminal "
                 "and tsv elsewhere."),
    click.option("--json", is_flag=True, expose_value=False, callback=_json,
                 help="Short for -f json."),
    click.option("-o", "--output", metavar="PATH", type=click.Path(), callback=_output,
                 help="Write there instead; - is standard output."),
    click.option("--digits", type=Count(1, 17), metavar="N", callback=_digits,
                 help="Significant digits in the formats table, markdown and latex."),
    click.option("-q", "--quiet", is_flag=True, help="No notes and no progress bar."),
)  # fmt: skip


def subcommand(
    name: str, *own: Decorator, needs_function: bool = True, param: bool = True,
    output: Decorator = output_options,
) -> Decorator:  # fmt: skip
    """Declares a subcommand: FUNCTION..., passed on as a tuple of texts named `functions`, -p and
    --approx unless it takes no `param`, the options of its `own`, and those of the `output`."""
    functions = click.argument(
        "functions", metavar="FUNCTION..." if needs_function else "[FUNCTION...]", nargs=-1,
        required=needs_function, shell_complete=complete_function,
    )  # fmt: skip
    command = click.command(cls=Command, name=name)
    return declared(command, functions, *([param_options] if param else []), *own, output)


_DESIGN = (
    click.option("--size", metavar="WIDTHxHEIGHT",
                 help="Size in inches, or as in 89mmx60mm, 8.9cmx6cm."),
    click.option("--dpi", type=Count(10, 1200), metavar="N", default=150, show_default=True,
                 help="Dots per inch of a PNG."),
    click.option("--style", type=click.Choice(("light", "dark")), default="light",
                 show_default=True, help="Colours."),
    click.option("--context", type=click.Choice(("notebook", "paper", "talk")),
                 default="notebook", show_default=True,
                 help="What the picture is for; scales type and lines to its size."),
    click.option("--title", metavar="TEXT", default="", help="A line above the picture."),
    click.option("--no-legend", is_flag=True,
                 help="No names and formulas above, and no meaning of marks below."),
)  # fmt: skip
_YLIM = click.option("--ylim", metavar="LOW:HIGH[,LOW:HIGH...]",
                     help="Ranges of the panels' vertical axes; an empty one is chosen.")  # fmt: skip
_TERMINAL = click.option("--terminal", is_flag=True, help="Draw in the terminal.")
def _kinds_of_marks() -> tuple[str, ...]:
    from ..pictures.function import MARKS

    return ("none", *MARKS)


_SCALES = click.Choice(("linear", "log", "symlog"))
size_options = bundled("look", Look, *_DESIGN, _TERMINAL)
picture_options = bundled(
    "look", Look, *_DESIGN,
    _YLIM, _TERMINAL,
)  # fmt: skip
curve_options = bundled(
    "look", Look, *_DESIGN, _YLIM,
    click.option("--xscale", type=_SCALES, default="linear", show_default=True,
                 help="Scale of the inputs; symlog is linear between -1 and 1."),
    click.option("--yscale", type=_SCALES, default="linear", show_default=True,
                 help="Scale of values and gradients."),
    click.option("--marks", metavar="none|KIND[,KIND...]",
                 shell_complete=complete_from(_kinds_of_marks, listed=True),
                 help="Draw no other marks than these: extrema, kinks, asymptotes, saturation "
                 "(default all). The ends of jumps are always drawn."),
    _TERMINAL,
)  # fmt: skip


def wanted(inputs: Inputs, look: Look) -> "Wanted":
    """Reads what these options ask of a picture, but for --input; may raise ValueError."""
    for name, scale in (("xscale", look.xscale), ("yscale", look.yscale)):
        if look.terminal and scale != "linear":
            raise ValueError(
                f"--{name} {scale} needs a picture; leave out --terminal, and add -o FILE.png"
            )
    from ..inputs.numbers import MOST_POINTS, parse_numbers
    from ..pictures.function import Wanted

    return Wanted(
        range_=inputs.limits,
        ylim=look.limits,
        xscale=look.xscale,
        yscale=look.yscale,
        marks=look.marked,
        points=min(max(inputs.points, 2), MOST_POINTS) if inputs.points else 800,
        dtype=None if inputs.dtype == "float64" else dtype_named(inputs.dtype),
        at=[] if inputs.at is None else list(parse_numbers(inputs.at)),
        **look.design,
    )
