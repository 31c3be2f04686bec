"""The options of `approximate` that belong to one of its forms."""

from collections.abc import Sequence

import click

from ..design.request import MOST_SEGMENTS, Conditions, Entries, Pieces
from .options import Count, bundled
from .subcommand import Param

piece_options = bundled(
    "pieces", Pieces,
    click.option("--segments", metavar="N", type=Count(1, MOST_SEGMENTS),
                 help="piecewise: how many segments."),
    click.option("--jumps", is_flag=True, help="piecewise: segments need not meet."),
    click.option("--uniform", is_flag=True, help="piecewise: segments of one width."),
    click.option("--breakpoints", metavar="X[,X...]", help="piecewise: where segments meet."),
    click.option("--on-curve", is_flag=True, help="piecewise: segments meet on the function."),
)  # fmt: skip

entry_options = bundled(
    "entries", Entries,
    click.option("--points", metavar="N", type=Count(2, 4097),
                 help="table: equally spaced entries, between which lines run."),
    click.option("--dtype", type=click.Choice(["int8", "uint8"]),
                 help="table: 256 entries, from codes to codes."),
    click.option("--input-scale", metavar="S", help="table: a step of an input code, as typed."),
    click.option("--input-zero-point", metavar="Z", type=int, help="table: the code of input 0."),
    click.option("--output-scale", metavar="S", help="table: the same of outputs."),
    click.option("--output-zero-point", metavar="Z", type=int, help="table: the code of output 0."),
    click.option("--rounding", type=click.Choice(["even", "away"]),
                 help="table: halves go to even (ONNX, the default) or away from 0 (TFLite, CMSIS)."),
)  # fmt: skip

condition_options = bundled(
    "conditions", Conditions,
    click.option("--relative", is_flag=True,
                 help="Of the error divided by |FUNCTION|; a simple root at 0 is kept."),
    click.option("--pin", metavar="X[,X...]", help="Exact there, but for the rounding."),
    click.option("--above", is_flag=True, help="Nowhere below FUNCTION."),
    click.option("--below", is_flag=True, help="Nowhere above FUNCTION."),
    click.option("--coefficients", metavar="FORMAT", default="float64", show_default=True,
                 help="float32, float16, bfloat16, or fixedK with K bits behind the point."),
)  # fmt: skip


def started(functions: Sequence[str], by: str, param: Param) -> tuple[Param, dict[str, str]]:
    """What -p sets on FUNCTION, and the starts of names that --by is to find."""
    from ..design.forms import FORMS
    from ..evaluation.function_text import parameters_of
    from ..expressions.parser import FormulaError, parameter_names
    from ..wording import joined

    try:
        names = [] if by in FORMS or not param.param else parameter_names(by)
    except FormulaError:
        return param, {}
    own = {p.name for f in functions for p in parameters_of(f)} if names else set()
    start, kept = {}, []
    for item in param.param:
        name, equals, value = item.partition("=")
        if equals and name.strip() in names:
            start[name.strip()] = value.strip()
        elif names and equals and name.strip() not in own:
            raise ValueError(
                f"-p {item}: neither {functions[0]} nor {by!r} has {name.strip()!r}; the latter has "
                f"{joined(names)} to start, as in -p {names[0]}=1"
            )
        else:
            kept.append(item)
    return param._replace(param=tuple(kept)), start
