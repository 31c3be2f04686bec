"""`actcli page`: one HTML file to look at and play with."""

import sys
from pathlib import Path

import click

from .function_argument import resolve_functions
from .input_options import column_option, decimal_option, require_input
from .options import bundled
from .output import STANDARD_OUTPUT
from .output_options import Output
from .progress import tracked
from .property_names import budget_option, named_properties, only_option
from .subcommand import Param, subcommand
from .training_runs import loaded_runs

THEMES = click.Choice(("auto", "light", "dark"))


@subcommand(
    "page",
    click.option("-r", "--range", "range_", metavar="LOW:HIGH",
                 help="What the curves show at first (default -5:5)."),
    click.option("-i", "--input", "input_", metavar="FILE", type=click.Path(),
                 help="Inputs from a file: their histogram, and which are alive; - is standard "
                 "input."),
    column_option("Which column of the file, by name or number from 1."), decimal_option,
    click.option("--load", multiple=True, metavar="RUN.npz", type=click.Path(),
                 help="Runs that train-toy has saved: what they learned, epoch by epoch."),
    only_option,
    budget_option,
    click.option("--theme", type=THEMES, default="auto", show_default=True,
                 help="Colours; auto are those of the browser."),
    click.option("--open", "open_", is_flag=True, help="Show it in the browser."),
    output=bundled(
        "out", Output,
        click.option("-o", "--output", metavar="PATH",
                     help="File that ends in .html; - is standard output."),
        click.option("-q", "--quiet", is_flag=True, help="No notes, and not the file's name."),
    ),
)  # fmt: skip
def command(
    functions: tuple[str, ...],
    param: Param,
    range_: str | None,
    input_: str | None,
    column: str | None,
    decimal: str | None,
    load: tuple[str, ...],
    only: str | None,
    budget: int | None,
    theme: str,
    open_: bool,
    out: Output,
) -> None:
    """Write one HTML file with curves, sliders and the properties of each FUNCTION.

    It needs no network and no server: open it in a browser, send it, put it into a lecture. Without
    --output, FUNCTION.html appears in this directory.

    \b
    Examples:
      actcli page gelu
      actcli page swish relu 'x*tanh(b*x)' -p b=2 -o three.html
      actcli page elu --theme dark --open
    """
    from ..inputs.numbers import File, parse_range, read_numbers
    from ..inputs.streams import name_of
    from ..pages.histogram import Inputs
    from ..pages.page import page, with_exact
    from ..pictures.picture_files import file_name
    from ..properties import NAMES, answers
    from ..wording import printable

    if input_ is None:
        require_input(column, decimal)
    if out.output not in STANDARD_OUTPUT and not str(out.output).lower().endswith(".html"):
        raise ValueError(f"--output {out.output!r} does not end in .html, which a page is")
    limits = parse_range(range_) if range_ else None
    wanted = named_properties("--only", only) or list(NAMES)
    inputs = None
    if input_ is not None:
        name = printable(name_of(input_).rpartition("/")[2])
        inputs = Inputs(read_numbers(*File(input_, column, decimal)), input_, name)
    runs = [(path, loaded_runs(path, set(), (), {}, out.quiet)[0]) for path in load]
    found = with_exact(resolve_functions(functions, *param))
    verdicts = [
        list(answers(f, wanted, budget)) for f in tracked(found, lambda f: f.label, out.quiet)
    ]
    made = page(found, verdicts, limits=limits, only=wanted, theme=theme, inputs=inputs, runs=runs)
    path = out.output or file_name(found).removesuffix(".png") + ".html"
    if path == "-":
        if sys.stdout.isatty():
            raise ValueError("-o - writes HTML to the terminal; redirect it, or give a FILE.html")
        sys.stdout.write(str(made))
        return
    made.save(path)
    if not out.quiet:
        click.echo(path)
    if open_:
        import webbrowser

        webbrowser.open(Path(path).resolve().as_uri())
