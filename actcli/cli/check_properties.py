"""`actcli check-properties`: which properties hold, with evidence."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ..property_meanings import MEANINGS
from .completion import complete_from
from .function_argument import resolve_functions
from .input_options import dtype_option
from .notes import note, note_callables
from .output import STANDARD_OUTPUT, destination
from .output_options import Output
from .progress import tracked
from .property_names import budget_option, named_properties, only_option
from .subcommand import Param, subcommand
from .verdict_report import COLUMNS, SHOWN, record_of, typeset_record, write_tables

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from ..properties import Verdict


@subcommand(
    "check-properties",
    only_option,
    click.option("--require", metavar="NAME[,NAME...]",
                 shell_complete=complete_from(lambda: MEANINGS, listed=True),
                 help="Exit with status 1 unless every FUNCTION has these properties."),
    click.option("-r", "--range", "range_", metavar="LOW:HIGH",
                 help="Ask every question on this interval: one-sided at its ends, limits there "
                 "instead of at infinity, averages over normal inputs undecided."),
    budget_option,
    dtype_option("The precision that numerically_stable judges."),
)  # fmt: skip
def command(
    functions: tuple[str, ...],
    param: Param,
    only: str | None,
    require: str | None,
    range_: str | None,
    budget: int | None,
    dtype: str,
    out: Output,
) -> int:
    """Show which properties each FUNCTION has: proved, refuted with a witness, or undecided.

    \b
    Examples:
      actcli check-properties gelu
      actcli check-properties 'log(x)' -r 0.5:2
      actcli check-properties 'grad(mish(x))' --only range,monotonic
    """
    from ..inputs.numbers import parse_range
    from ..properties import answers
    from ..tables import Writer, write

    low, high = parse_range(range_) if range_ else (None, None)
    required = named_properties("--require", require)
    wanted = named_properties("--only", only)
    asked = [n for n in MEANINGS if not wanted or n in wanted or n in required]
    activations = resolve_functions(functions, *param)
    note_callables(activations, out.quiet)
    missed: list[str] = []

    def judged(activation: "Activation") -> "Iterator[Verdict]":
        for v in answers(activation, asked, budget, dtype, low, high):
            if v.property in required and v.verdict not in ("proved", "measured"):
                missed.append(f"{activation.label}: {v.property} is {v.verdict}: {v.detail}")
            if not wanted or v.property in wanted:
                yield v

    visible = sys.stdout.isatty() and out.output in STANDARD_OUTPUT  # where a bar would stand
    shown = tracked(activations, lambda f: f.label, out.quiet or visible)
    with destination(out.output) as stream:
        if out.form == "table":
            verdicts = ((activation, judged(activation)) for activation in shown)
            write_tables(verdicts, wanted or asked, len(activations), stream, whole=not wanted)
        elif out.form == "latex":
            records = [typeset_record(f, verdict) for f in shown for verdict in judged(f)]
            columns = SHOWN if len(activations) == 1 else ("function", *SHOWN)
            write(out.form, columns, records, stream)
        else:
            with Writer(out.form, COLUMNS, stream) as writer:
                for activation in shown:
                    for verdict in judged(activation):
                        writer.rows([record_of(activation, verdict)])
                        stream.flush()
    for line in missed:
        note(f"actcli: {line}", out.quiet)
    return 1 if missed else 0
