"""`actcli compare`: distances between functions, their facts side by side, an overlay."""

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal, TextIO

import click

from ..pictures.difference import difference_picture, write_difference
from .facts import facts_of, sheet, typeset
from .function_argument import resolve_functions
from .notes import note, note_callables, note_unused
from .options import (
    LOOKS,
    NO_PICTURE,
    Command,
    functions_argument,
    input_options,
    output_options,
    parameter_options,
    picture_options,
)
from .output import PICTURES, destination, format_for

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from ..proofs.branch_and_bound import Distance

MOST_COMPARED = 4950  # pairs; those of 100 functions
COLUMNS = (
    "a", "b", "max_difference", "max_difference_at", "max_gradient_difference",
    "max_gradient_difference_at",
)  # fmt: skip
INTERVALS = 6  # pairs whose certified intervals are spelt out

Pair = tuple["Activation", "Activation"]


@click.command(cls=Command, name="compare")
@functions_argument()
@parameter_options
@input_options(
    points="enough for a smooth curve",
    reach="the whole line for distances, -5:5 for the picture",
    dtype="Draw the picture in this precision; distances are those of the exact functions.",
    at="Inputs to be marked in the picture.",
    input="The same from a file of numbers or a .npy file; - is standard input.",
)
@click.option(
    "--max-difference", metavar="E",
    help="Exit with status 1 unless all pairs are proved to differ by E at most.",
)  # fmt: skip
@click.option(
    "--relative", is_flag=True,
    help="Divide differences by the size of the first, gradients by that of its gradient: infinite "
    "where that is 0 and the other is not; where both are 0, the place is left out. A picture "
    "shows the differences themselves.",
)  # fmt: skip
@picture_options
@output_options
def command(
    functions: tuple[str, ...],
    param: tuple[str, ...],
    approx: str | None,
    range_: str | None,
    points: int | None,
    at: str | None,
    input_: str | None,
    dtype: str,
    max_difference: str | None,
    relative: bool,
    size: str | None,
    dpi: int,
    style: Literal["light", "dark"],
    ylim: str | None,
    terminal: bool,
    format_: str | None,
    output: str | None,
    quiet: bool,
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
    import shlex

    from ..inputs.numbers import parse_range

    activations = resolve_functions(functions, param, approx)
    if len(activations) < 2:
        raise ValueError(
            "compare takes two FUNCTIONs or more, or one with several values of a parameter, "
            f"as in 'actcli compare {shlex.quote(functions[0])} "
            f"{'gelu' if activations[0].label == 'relu' else 'relu'}'"
        )
    count = len(activations) * (len(activations) - 1) // 2
    if count > MOST_COMPARED:
        raise ValueError(
            f"{len(activations)} FUNCTIONs are {count} pairs, which takes hours; give 100 at most"
        )
    bound = None if max_difference is None else _bound(max_difference)
    note_callables(activations, quiet)
    limits = parse_range(range_) if range_ else None
    drawn = output is not None and output.lower().endswith(PICTURES)
    if drawn or terminal:
        options = (range_, points, at, input_, dtype, size, dpi, style, ylim)
        picture, differences = difference_picture(activations, *options)
        if drawn:
            write_difference(picture, differences, str(output))
            if not quiet:
                note(str(output))
        if terminal:
            from .picture_files import show_in_terminal
            from .plot import IN_TERMINAL

            show_in_terminal(picture, None)
            if not drawn:
                note_unused(LOOKS[:3], IN_TERMINAL, quiet)
    elif not quiet:
        note_unused((*LOOKS, "points"), NO_PICTURE)
        if at is not None or input_ is not None:
            note("--at and --input mark points of a picture; add -o FILE.png")
        if dtype != "float64":
            note(
                "--dtype holds for a picture; distances are those of the exact functions, "
                f"and 'actcli table --dtype {dtype}' shows rounded values"
            )
    target = None if drawn else output
    form = format_for(format_, target)
    exceeded = []
    with destination(target) as stream:
        pairs = list(combinations(activations, 2))
        found = _distances(pairs, limits, relative, quiet)
        if form == "table":
            sheet(activations, stream)
            stream.write("\n")
        elif form in ("markdown", "latex"):
            from ..tables import write

            facts = [facts_of(activation) for activation in activations]
            if form == "latex":
                facts = [typeset(*both) for both in zip(activations, facts, strict=True)]
            write(form, tuple(facts[0]), facts, stream)
            stream.write("\n")
        _write_pairs(form, pairs, found, limits, relative, stream)
    for (a, b), (distance, _) in zip(pairs, found, strict=True):
        if bound is not None and (distance.value is None or distance.value > bound):
            said = "undecided" if distance.value is None else f"{distance.value:.6g}"
            exceeded.append(
                f"{a.label} and {b.label}: max_difference is {said}, which is not within {bound:g}"
            )
    if not quiet:
        for line in exceeded:
            note(f"actcli: {line}")
    return 1 if exceeded else 0


def _bound(text: str) -> float:
    from ..inputs.numbers import parse_number

    try:
        bound = parse_number(text)
    except ValueError:
        bound = -1.0
    if not bound >= 0:
        raise ValueError(
            f"--max-difference {text}: give a number that is not negative, as in "
            "--max-difference 1e-3"
        )
    return bound


# -- distances -----------------------------------------------------------------------------------
def _distances(
    pairs: Sequence[Pair], limits: tuple[float, float] | None, relative: bool, quiet: bool
) -> "list[tuple[Distance, Distance]]":
    from ..proofs.distance import distances
    from ..proofs.relative_distance import relative_distances

    measure = relative_distances if relative else distances
    return [measure(a.tree, b.tree, limits) for a, b in _progress(pairs, quiet)]


def _progress(pairs: Sequence[Pair], quiet: bool) -> Any:
    """The pairs, under a bar on a terminal if there are many; it vanishes at the end."""
    import sys

    if quiet or len(pairs) < 10 or not sys.stderr.isatty():
        return pairs
    from rich.console import Console
    from rich.progress import track

    return track(pairs, "comparing", console=Console(stderr=True), transient=True)


def _write_pairs(
    form: str,
    pairs: Sequence[Pair],
    found: "Sequence[tuple[Distance, Distance]]",
    limits: tuple[float, float] | None,
    relative: bool,
    stream: TextIO,
) -> None:
    from ..tables import write

    records = [
        {
            "a": a.label,
            "b": b.label,
            "max_difference": value.value,
            "max_difference_at": value.where,
            "max_gradient_difference": gradient.value,
            "max_gradient_difference_at": gradient.where,
        }
        for (a, b), (value, gradient) in zip(pairs, found, strict=True)
    ]
    if form != "table":
        write(form, COLUMNS, records, stream)
        return
    domain = "the whole line" if limits is None else f"[{limits[0]:g}, {limits[1]:g}]"
    kind = "relative differences, to the first," if relative else "differences"
    stream.write(f"Largest {kind} over {domain}:\n\n")
    columns = ("a", "b", "difference", "at", "gradient difference", "at ")
    shown = [dict(zip(columns, r.values(), strict=True)) for r in records]
    write("table", columns, shown, stream)
    many = len(pairs) > INTERVALS
    lines = []
    for (a, b), both in zip(pairs, found, strict=True):
        for name, distance in zip(
            ("largest difference of values", "of gradients"), both, strict=True
        ):
            if distance.value is None or (not many and 0 < distance.value < float("inf")):
                lines.append(f"{a.label}, {b.label}: {name} {distance.detail}")
    if lines:
        from ..wording import wrapped

        stream.write("\n" + "\n".join(map(wrapped, lines)) + "\n")
