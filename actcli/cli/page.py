"""`actcli page`: one HTML file to look at and play with."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .function_argument import resolve_functions
from .input_options import column_option, decimal_option, require_input
from .output import STANDARD_OUTPUT
from .output_options import Output, file_options
from .progress import tracked
from .property_names import budget_option, named_properties, only_option
from .subcommand import Param, subcommand
from .training_runs import loaded_runs

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from ..pages.histogram import NamedInputs
    from ..properties import Verdict

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
    click.option("--all", "all_", is_flag=True,
                 help="The gallery: every registered function in one page."),
    only_option,
    budget_option,
    click.option("--theme", type=THEMES, default="auto", show_default=True,
                 help="Colours; auto are those of the browser."),
    click.option("--open", "open_", is_flag=True, help="Show it in the browser."),
    needs_function=False,
    output=file_options("File that ends in .html; - is standard output."),
)  # fmt: skip
def command(
    functions: tuple[str, ...],
    param: Param,
    range_: str | None,
    input_: str | None,
    column: str | None,
    decimal: str | None,
    load: tuple[str, ...],
    all_: bool,
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
      actcli page elu --theme dark -r -3:3
    """
    from ..inputs.numbers import parse_range
    from ..pages.page import HtmlPage, page, with_exact
    from ..pictures.picture_files import file_name
    from ..properties import NAMES, answers

    if out.output not in STANDARD_OUTPUT and not str(out.output).lower().endswith(".html"):
        raise ValueError(f"--output {out.output!r} does not end in .html, which a page is")
    if out.output == "-" and sys.stdout.isatty():
        raise ValueError("-o - writes HTML to the terminal; redirect it, or give a FILE.html")
    wanted = named_properties("--only", only) or list(NAMES)

    def judged(found: "list[Activation]") -> "list[list[Verdict]]":
        shown = tracked(found, lambda f: f.label, out.quiet)
        return [list(answers(f, wanted, budget)) for f in shown]

    made: HtmlPage
    if all_:
        from ..functions.catalogue import names
        from ..pages.gallery import gallery

        if functions or param != Param() or range_ or input_ or load:
            raise ValueError(
                "--all shows every registered function as it is; leave out FUNCTIONs, -p, -r, -i and "
                "--load, or leave out --all"
            )
        found = resolve_functions(names())
        made, path = gallery(found, judged(found), theme), "activations.html"
    else:
        if not functions:
            raise click.UsageError("Missing argument 'FUNCTION...', as in 'page gelu', or --all.")
        limits = parse_range(range_) if range_ else None
        inputs = _inputs(input_, column, decimal)
        runs = [(path, loaded_runs(path, set(), (), {}, out.quiet)[0]) for path in load]
        given = resolve_functions(functions, *param)
        found = with_exact(given)
        made = page(
            found, judged(found), limits=limits, only=wanted, theme=theme, inputs=inputs, runs=runs
        )
        path = file_name(given).removesuffix(".png") + ".html"
    path = out.output or path
    if path == "-":
        sys.stdout.write(str(made))
        return
    made.save(path)
    if not out.quiet:
        click.echo(path)
    if open_:
        import webbrowser

        webbrowser.open(Path(path).resolve().as_uri())


def _inputs(path: str | None, column: str | None, decimal: str | None) -> "NamedInputs | None":
    """The inputs of a file; ValueError if only its columns are told."""
    from ..inputs.numbers import File, read_numbers
    from ..inputs.streams import name_of
    from ..pages.histogram import NamedInputs
    from ..wording import printable

    if path is None:
        require_input(column, decimal)
        return None
    name = printable(name_of(path).rpartition("/")[2])
    return NamedInputs(read_numbers(*File(path, column, decimal)), path, name)
