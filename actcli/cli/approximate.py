"""`actcli approximate`: designs an approximation and proves its error."""

import os
from functools import partial
from typing import TYPE_CHECKING

import click

from ..design.forms import designed
from ..design.request import Conditions, Entries, Pieces, Request
from ..design.watching import watched
from ..expressions.code.targets import TARGETS
from .approximate_report import FEW, write_design
from .approximation_options import condition_options, entry_options, piece_options, started
from .export import check_code_suffix, made_by, write_code
from .function_argument import resolve_one
from .notes import note, note_unused
from .options import Degree, Positive
from .output import check_suffix, destination
from .output_options import Output
from .picture_files import deliver
from .picture_options import LOOKS, NO_PICTURE, Look, size_options
from .progress import bar
from .subcommand import Param, subcommand

if TYPE_CHECKING:
    from ..design.design import Design
    from ..evaluation.activation import Activation

# Read when numpy is first imported: threads slow programs of so few unknowns down, to a third.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@subcommand(
    "approximate",
    click.option("--by", "by", default="polynomial", show_default=True, metavar="FORM",
                 help="polynomial, rational, piecewise, table, or a formula with names to be found."),
    click.option("--degree", metavar="N|M/N", type=Degree(0, 60),
                 help="Degree of the polynomial, or of each segment (1); M/N of a rational function."),
    click.option("--error", type=Positive("1e-3"), metavar="E",
                 help="The least degree, or fewest segments, proved to reach this error."),
    click.option("-r", "--range", "range_", metavar="LOW:HIGH",
                 help="Where it is to hold.  [default: the whole line]"),
    condition_options,
    piece_options,
    entry_options,
    click.option("--max-error", type=Positive("1e-3"), metavar="E",
                 help="Exit with status 1 unless the error is proved to be no larger."),
    click.option("--parts", is_flag=True, help="After the record a row for each part."),
    click.option("--to", "target", type=click.Choice(tuple(TARGETS), case_sensitive=False),
                 help="Print its code in that language instead, or write it to -o FILE."),
    size_options,
    one=True,
)  # fmt: skip
def command(
    functions: tuple[str, ...], param: Param, by: str, degree: tuple[int, int | None] | None,
    error: float | None, range_: str | None, pieces: Pieces, entries: Entries,
    conditions: Conditions, max_error: float | None, parts: bool, target: str | None,
    look: Look, out: Output,
) -> int:  # fmt: skip
    """Design an approximation of FUNCTION and prove its error.

    \b
    Examples:
      actcli approximate tanh -r -3:3 --degree 9
      actcli approximate gelu --by piecewise --segments 16 --parts
      actcli approximate gelu --by 'x*sigmoid(c*x)' -o gelu.png
    """
    from ..inputs.numbers import parse_range

    if target is None:
        check_suffix(out.output, draws=True)
    else:
        check_code_suffix(target, out.output)
    own, start = started(functions, by, param)
    f = resolve_one("approximate", functions, own)
    limits = None if range_ is None else parse_range(range_)
    over, under = degree or (None, None)
    with bar(out.quiet) as show, watched(show):
        design = designed(
            f, Request(by, limits, over, error, pieces, entries, under, conditions, start)
        )
    if codes := design.otherwise:
        which = ", ".join(map(str, codes[:FEW])) + (", ..." if len(codes) > FEW else "")
        told = f"{len(codes)} of 256 entries are others (of codes {which})"
        note(
            f"scales count as typed; rounded to float32, as frameworks keep them, {told}", out.quiet
        )
    if target is not None:
        _write_code(f, design, target, out)
        note_unused((*LOOKS, "terminal", "parts"), "--to writes code alone", out.quiet)
    elif out.drawn or look.terminal:
        _draw(f, design, look, out)
    else:
        note_unused(LOOKS, NO_PICTURE, out.quiet)
    if target is None:
        with destination(out.target) as stream:
            write_design(out.form, design, stream, parts)
    if max_error is not None and not design.error_high <= max_error:
        found = f"{design.error_high:.6g}" if design.verdict == "proved" else "undecided"
        note(f"actcli: the error is {found}, not {max_error:g} at most", out.quiet)
        return 1
    return 0


def _write_code(f: "Activation", design: "Design", target: str, out: Output) -> None:
    """The code of an approximation, under the name of the function, and a note of its error."""
    from ..audits.written import code_of

    name, code = code_of(f, design, target, made_by())
    write_code(code, out.output)
    note(f"the code of {name} is {design.claim}", out.quiet)


def _draw(f: "Activation", design: "Design", look: Look, out: Output) -> None:
    """The picture, in a file or in the terminal."""
    from ..figures.function import render
    from ..figures.terminal import in_terminal
    from ..pictures.approximation import approximation_picture
    from ..pictures.function import PictureRequest

    picture = approximation_picture(f, design, PictureRequest(in_text=look.terminal, **look.design))
    deliver(partial(render, picture), partial(in_terminal, picture), look, out)
