"""`actcli summary`: what a function does to stored pre-activations."""

from functools import partial
from typing import TYPE_CHECKING, Any

import click

from .function_argument import resolve_functions
from .input_options import decimal_option
from .options import Count
from .output import destination
from .output_options import Output
from .picture_files import deliver
from .picture_options import Look, size_options
from .progress import tracked
from .subcommand import Param, subcommand

if TYPE_CHECKING:
    from ..audits.stored import Stored
    from ..evaluation.activation import Activation


@subcommand(
    "summary",
    click.option("-i", "--input", "files", metavar="FILE[:ARRAY]", multiple=True, required=True,
                 help="Pre-activations: .npy, .npz (a row for each array), .safetensors, or text, of "
                 "which :ARRAY is a column."),
    decimal_option,
    click.option("--units", type=click.IntRange(min=0), metavar="AXIS",
                 help="The axis of the units, from 0 (default: the last one)."),
    click.option("--dtype", type=click.Choice(("bfloat16",)),
                 help="Read arrays of 16-bit words as bfloat16."),
    click.option("--suggest", type=Count(1), metavar="N", default=1, show_default=True,
                 help="Name so many functions whose gradient factor is nearest 1."),
    click.option("--per-unit", is_flag=True, help="A row for each unit."),
    size_options,
)  # fmt: skip
def command(
    functions: tuple[str, ...], param: Param, files: tuple[str, ...], decimal: str | None,
    units: int | None, dtype: str | None, suggest: int, per_unit: bool, look: Look, out: Output,
) -> None:  # fmt: skip
    """Show what each FUNCTION does to stored pre-activations: dead and saturated shares, means,
    variances, and the factor by which it scales gradients. With --output FILE.png (.svg, .pdf) the
    histogram of one array is drawn below the curves, with these shares; of several arrays a
    histogram each.

    \b
    Examples:
      actcli summary relu -i layer1.npy
      actcli summary relu gelu -i activations.npz --suggest 3
      actcli summary tanh -i z.npy --units 0 --per-unit -f csv
    """
    from ..audits.stored import stored
    from ..audits.summary import COLUMNS, summaries
    from ..tables import Writer

    found = resolve_functions(functions, *param)
    arrays = [each for text in files for each in stored(text, dtype, decimal)]
    for each in arrays:
        each.count_units(units) if units is None else next(iter(each.blocks(units)), None)
    if out.drawn and per_unit:
        raise ValueError(
            f"-o {out.output!r}: a picture shows arrays as wholes; leave out --per-unit"
        )
    columns = (*COLUMNS, "unit") if per_unit else COLUMNS
    records: list[dict[str, Any]] = []
    with destination(out.target) as stream, Writer(out.form, columns, stream) as writer:
        for array in tracked(arrays, lambda a: f"{a.file} {a.array}", out.quiet):
            for record in summaries(found, array, units, per_unit, suggest):
                writer.rows([record])
                records.append(record)
    if out.drawn and len(arrays) > 1:
        from ..audits.layers import layers_picture
        from ..figures.data import FigureOptions
        from ..figures.layers import render

        drawn = layers_picture(found, arrays, records, units, FigureOptions(**look.design))
        deliver(partial(render, drawn), None, look, out)
    if look.terminal or (out.drawn and len(arrays) == 1):
        for place, array in enumerate(arrays):
            own = records[place * len(found) : (place + 1) * len(found)]
            _draw(
                found,
                array,
                own,
                units,
                look,
                out if len(arrays) == 1 else out._replace(output=None),
            )


def _draw(
    functions: "list[Activation]", array: "Stored", records: list[dict[str, Any]],
    units: int | None, look: Look, out: Output,
) -> None:  # fmt: skip
    """The picture, in a file or in the terminal."""
    from ..audits.summary import sample
    from ..figures.function import render
    from ..figures.terminal import in_terminal
    from ..pictures.function import PictureRequest
    from ..pictures.stored import stored_picture
    from ..wording import printable

    shares = {r["function"]: (r["alive"], r["saturated"], r["dead"]) for r in records}
    source = printable(array.array or array.file.rpartition("/")[2])
    numbers, count = sample(array, units), records[0]["count"]
    if count > numbers.size:
        source = f"{count:,} in {source}".replace(",", " ")
    wanted = PictureRequest(in_text=look.terminal, **look.design)
    drawn = stored_picture(functions, numbers, shares, source, wanted)
    deliver(partial(render, drawn), partial(in_terminal, drawn), look, out)
