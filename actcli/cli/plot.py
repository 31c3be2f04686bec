"""`actcli plot`: value and gradient as a picture."""

from dataclasses import replace
from functools import partial
from typing import Literal

import click

from .function_argument import resolve_functions
from .input_options import InputOptions, input_options
from .notes import note_precision, note_unread, note_unused
from .options import order_option
from .output import check_suffix
from .output_options import Output, file_options
from .picture_files import save, show_in_terminal
from .picture_options import DESIGN, IN_TERMINAL, Look, curve_options, wanted
from .plot_notes import note_drawn
from .subcommand import Param, subcommand


@subcommand(
    "plot",
    input_options(points="enough for a smooth curve"),
    order_option("0: value only, 1: with the gradient, 2: with the curvature too."),
    curve_options,
    click.option("--grid", is_flag=True,
                 help="Small multiples: a panel for each function, all with the same axes."),
    output=file_options("File; .png, .svg or .pdf chooses the format, - is standard output."),
)  # fmt: skip
def command(
    functions: tuple[str, ...],
    param: Param,
    inputs: InputOptions,
    order: Literal[0, 1, 2],
    look: Look,
    grid: bool,
    out: Output,
) -> None:
    """Draw value and gradient of each FUNCTION, side by side.

    Several FUNCTIONs share the picture. Inputs from a file are shown as a histogram below the
    curve, with the shares that are saturated, dead and alive. Without --output, FUNCTION.png
    appears in this directory.

    \b
    Examples:
      actcli plot gelu --approx tanh
      actcli plot 'x*sigmoid(b*x)' -p b=0.5,1,2 -o swish.pdf
      actcli plot mish --order 2 -r -8:4 --terminal
    """
    from ..inputs.numbers import read_numbers
    from ..inputs.streams import name_of
    from ..pictures.function import picture
    from ..pictures.picture_files import file_name, kind_of, pictured
    from ..wording import printable

    if look.terminal and pictured(out.output):
        raise ValueError(
            f"--terminal draws text, which {out.output!r} is no name for; leave out one of the two"
        )
    if grid and look.terminal:
        raise ValueError("--grid needs a picture; leave out --terminal, and add -o FILE.png")
    if look.terminal:
        check_suffix(out.output, draws=False)
    elif out.output is not None:
        kind_of(out.output)
    found = resolve_functions(functions, *param)
    note_precision(found, out.quiet)
    file = inputs.file
    note_unread(inputs.input_, inputs.at, out.quiet)
    asked = replace(
        wanted(inputs, look),
        order=order,
        grid=grid,
        inputs=None if file is None else read_numbers(*file),
        source="" if file is None else printable(name_of(file.path).rpartition("/")[2]),
    )
    drawn = picture(found, asked)
    if not out.quiet:
        note_drawn(drawn, asked, look)
    if look.terminal:
        note_unused(DESIGN, IN_TERMINAL, out.quiet)
        from ..figures.terminal import in_terminal

        show_in_terminal(partial(in_terminal, drawn), out.output)
        return
    from ..figures.function import render

    path = out.output or file_name(found)
    save(render(drawn, kind_of(path)), path)
    if path != "-" and not out.quiet:
        click.echo(path)
