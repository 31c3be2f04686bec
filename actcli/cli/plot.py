"""`actcli plot`: value and gradient as a picture."""

from collections.abc import Sequence
from typing import Any, Literal

import click

from ..evaluation.dtypes import dtype_named
from ..inputs.numbers import MOST_POINTS
from ..pictures.picture_files import named
from .function_argument import resolve_functions
from .notes import note, note_unused
from .options import (
    Command,
    Count,
    functions_argument,
    input_options,
    parameter_options,
    picture_options,
)
from .picture_files import show_in_terminal

IN_TERMINAL = "no effect in the terminal; leave out --terminal, and add -o FILE.png"


@click.command(cls=Command, name="plot")
@functions_argument()
@parameter_options
@input_options(points="enough for a smooth curve")
@click.option(
    "--order",
    type=Count(0, 2),
    metavar="0|1|2",
    default=1,
    show_default=True,
    help="0: value only, 1: with the gradient, 2: with the curvature too.",
)
@picture_options
@click.option(
    "-o",
    "--output",
    metavar="PATH",
    help="File; .png, .svg or .pdf chooses the format, - is standard output.",
)
@click.option("-q", "--quiet", is_flag=True, help="No notes, and not the file's name.")
def command(
    functions: tuple[str, ...],
    param: tuple[str, ...],
    approx: str | None,
    range_: str | None,
    points: int | None,
    at: str | None,
    input_: str | None,
    dtype: str,
    order: Literal[0, 1, 2],
    size: str | None,
    dpi: int,
    style: Literal["light", "dark"],
    ylim: str | None,
    terminal: bool,
    output: str | None,
    quiet: bool,
) -> None:
    """Draw value and gradient of each FUNCTION, side by side.

    Several FUNCTIONs share the picture. Inputs from a file are shown as a histogram below the
    curve, with the shares that are saturated, dead and alive. Without --output, FUNCTION.png
    appears in this directory.
    """
    import atexit
    import gc

    # Importing matplotlib makes half a million objects that live to the end: looking for
    # garbage among them takes a quarter of the whole run.
    gc.disable()
    atexit.register(gc.freeze)
    try:
        from ..inputs.numbers import parse_numbers, parse_range, read_numbers
        from ..pictures.function import Wanted, picture
        from ..pictures.picture_files import file_name, kind_of, parse_size, pictured, write
        from ..wording import printable

        if terminal and pictured(output):
            raise ValueError(
                f"--terminal draws text, which {output!r} is no name for; leave out one of the two"
            )
        if output is not None and not terminal:
            kind_of(output)
        found = resolve_functions(functions, param, approx)
        wanted = Wanted(
            range_=parse_range(range_) if range_ else None,
            ylim=named("--ylim", parse_range, ylim),
            order=order,
            points=min(max(points, 2), MOST_POINTS) if points else 800,
            dtype=None if dtype == "float64" else dtype_named(dtype),
            at=[] if at is None else list(parse_numbers(at)),
            inputs=None if input_ is None else read_numbers(input_),
            source="standard input" if input_ == "-" else printable((input_ or "").rpartition("/")[2]),
            style=style,
            size=parse_size(size) if size else None,
            dpi=dpi,
        )
        drawn = picture(found, wanted)
        if not quiet:
            _note_unseen(drawn, wanted.at)
            if ylim:
                _note_empty(drawn, ylim)
        if terminal:
            note_unused(("size", "dpi", "style"), IN_TERMINAL, quiet)
            show_in_terminal(drawn, output)
            return
        path = output or file_name(found)
        write(drawn, path)
        if path != "-" and not quiet:
            click.echo(path)
    finally:
        gc.enable()


def _note_unseen(drawn: Any, asked: Sequence[float]) -> None:
    """Says which of the inputs asked for no curve has a point at."""
    seen = {x for curve in drawn.curves for x, _ in curve.traces[0].inputs}
    unseen = [f"{x:g}" for x in asked if x not in seen and not 1e299 < abs(x) < float("inf")]
    if unseen:
        note(f"--at {','.join(unseen)}: no finite point to draw there")


def _note_empty(drawn: Any, ylim: str) -> None:
    """Says where the values lie if the range asked for has none of them."""
    low, high = drawn.panels[0].ylim
    ends = [(y.min(), y.max()) for curve in drawn.curves for _, y in curve.traces[0].pieces]
    if not any(top > low and bottom < high for bottom, top in ends):
        bottom, top = min(b for b, _ in ends), max(t for _, t in ends)
        note(f"--ylim {ylim}: nothing there; values are {bottom:g} to {top:g}")
