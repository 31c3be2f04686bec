"""`actcli summary`: what a function does to stored pre-activations."""

import click

from .function_argument import resolve_functions
from .options import Count
from .output import destination
from .output_options import Output
from .progress import tracked
from .subcommand import Param, subcommand


@subcommand(
    "summary",
    click.option("-i", "--input", "files", metavar="FILE[:ARRAY]", multiple=True, required=True,
                 help="Pre-activations: .npy, .npz (a row for each array), .safetensors, or text."),
    click.option("--units", type=int, metavar="AXIS",
                 help="The axis of the units, from 0 (default: the last one)."),
    click.option("--dtype", type=click.Choice(("bfloat16",)),
                 help="Read arrays of 16-bit words as bfloat16."),
    click.option("--suggest", type=Count(1, 84), metavar="N", default=1, show_default=True,
                 help="Name so many functions whose gradient factor is nearest 1."),
    click.option("--per-unit", is_flag=True, help="A row for each unit."),
)  # fmt: skip
def command(
    functions: tuple[str, ...], param: Param, files: tuple[str, ...], units: int | None,
    dtype: str | None, suggest: int, per_unit: bool, out: Output,
) -> None:  # fmt: skip
    """Show what each FUNCTION does to stored pre-activations: dead and saturated shares, means,
    variances, and the factor by which it scales gradients.

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
    arrays = [each for text in files for each in stored(text, dtype)]
    for each in arrays:
        each.count_units(units) if units is None else next(iter(each.blocks(units)), None)
    columns = (*COLUMNS, "unit") if per_unit else COLUMNS
    with destination(out.target) as stream, Writer(out.form, columns, stream) as writer:
        for array in tracked(arrays, lambda a: f"{a.file} {a.array}", out.quiet):
            for record in summaries(found, array, units, per_unit, suggest):
                writer.rows([record])
