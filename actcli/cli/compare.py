"""`actcli compare`: distances between functions, their facts side by side, an overlay."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations
from typing import TYPE_CHECKING

import click

from .compare_report import beyond, bound_of, write_facts, write_pairs, write_sheet
from .function_argument import resolve_compared
from .input_options import InputOptions, input_options
from .notes import note, note_callables, note_unread, note_unused
from .output import destination
from .output_options import Output
from .picture_files import deliver
from .picture_options import LEFT_OUT, LOOKS, NO_PICTURE, Look, curve_options, wanted
from .progress import tracked
from .subcommand import Param, subcommand

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from ..inputs.numbers import File


@subcommand(
    "compare",
    input_options(
        points="enough for a smooth curve",
        reach="the whole line for distances, -5:5 for the picture",
        dtype="Draw the picture in this precision; distances are those of the exact functions.",
        at="Inputs to be marked in the picture.",
        input_="The same from a file of numbers or a .npy file; - is standard input.",
    ),
    click.option("--max-difference", metavar="E",
                 help="Exit with status 1 unless all pairs are proved to differ by E at most."),
    click.option("--relative", is_flag=True,
                 help="Divide differences by the size of the first, gradients by that of its "
                 "gradient: infinite where that is 0 and the other is not; where both are 0, the "
                 "place is left out. A picture shows the differences themselves."),
    click.option("--facts", is_flag=True, help="Print the fact sheet instead of the distances."),
    curve_options,
)  # fmt: skip
def command(
    functions: tuple[str, ...],
    param: Param,
    inputs: InputOptions,
    max_difference: str | None,
    relative: bool,
    facts: bool,
    look: Look,
    out: Output,
) -> int:
    """Compare FUNCTIONs: the largest difference of each pair, certified, and where it is.

    It is taken over the whole line, or over --range, of the exact functions: --dtype, --points,
    --at and --input shape the picture only. On a terminal their facts are shown side by side too.
    With --output FILE.png (.svg, .pdf) values, gradients and differences are drawn; any other FILE
    takes the distances.

    \b
    Examples:
      actcli compare gelu gelu:approx=tanh
      actcli compare 'grad(swish(x))' 'sigmoid(x)*(1 + x*(1 - sigmoid(x)))'
      actcli compare swish mish --relative
    """
    from ..design.compared import distances
    from ..proofs.relative_distance import relative_distances

    activations = resolve_compared(functions, param, least=1 if facts else 2)
    bound = bound_of(max_difference)
    if facts and (bound is not None or relative):
        raise ValueError(
            "--facts prints no distances; leave out --max-difference and --relative, or --facts"
        )
    note_callables(activations, out.quiet)
    file = inputs.file
    note_unread(inputs.input_, inputs.at, out.quiet)
    limits = inputs.limits
    if out.drawn or look.terminal:
        _draw(activations, inputs, file, look, out)
    elif not out.quiet:
        _note_undrawn(inputs)
    pairs = list(combinations(activations, 2))
    with destination(out.target) as stream:
        if facts:
            if limits is not None:
                note("--facts tell of the whole line, whatever --range is", out.quiet)
            write_facts(out.form, activations, stream, out.quiet)
            return 0
        bar = tracked(pairs, lambda ab: f"{ab[0].label}, {ab[1].label}", out.quiet)
        found = [
            relative_distances(a.tree, b.tree, limits) if relative else distances(a, b, limits)
            for a, b in bar
        ]
        if out.form in ("table", "markdown", "latex"):
            write_sheet(out.form, activations, stream, out.quiet)
            stream.write("\n")
        write_pairs(out.form, pairs, found, limits, relative, stream)
    exceeded = [] if bound is None else list(beyond(bound, pairs, found))
    for line in exceeded:
        note(f"actcli: {line}", out.quiet)
    return 1 if exceeded else 0


def _draw(
    activations: "Sequence[Activation]",
    inputs: InputOptions,
    file: "File | None",
    look: Look,
    out: Output,
) -> None:
    """The picture, in a file or in the terminal; --input marks points as --at does."""
    from ..figures.difference import render
    from ..figures.terminal import in_terminal
    from ..inputs.numbers import read_numbers
    from ..pictures.difference import difference_picture

    asked = wanted(inputs, look)
    if file is not None:
        asked = replace(asked, at=[*asked.at, *read_numbers(*file)])
    picture, differences = difference_picture(activations, asked)
    deliver(partial(render, picture, differences), partial(in_terminal, picture), look, out)
    if out.drawn and any(panel.left_out for panel in picture.panels):
        note(LEFT_OUT, out.quiet)


def _note_undrawn(inputs: InputOptions) -> None:
    """Says which options have no effect without a picture."""
    note_unused((*LOOKS, "points"), NO_PICTURE)
    if inputs.at is not None or inputs.input_ is not None:
        note("--at and --input mark points of a picture; add -o FILE.png")
    if inputs.dtype != "float64":
        note(
            "--dtype holds for a picture; distances are those of the exact functions, "
            f"and 'actcli table --dtype {inputs.dtype}' shows rounded values"
        )
