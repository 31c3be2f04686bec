"""`actcli list`: every registered function, or some in full."""

from collections.abc import Sequence

import click

from ..tables import write
from ..wording import unknown
from .completion import complete_from
from .function_report import COLUMNS, function_page, record_of
from .notes import note
from .output_options import Output
from .pager import paged
from .subcommand import subcommand

VOCABULARY = ("name", "typed", "meaning", "derivative")  # of --primitives


def _families() -> Sequence[str]:
    from ..functions.catalogue import find, names

    return list(dict.fromkeys(find(name).family for name in names()))


@subcommand(
    "list",
    click.option("--family", metavar="FAMILY", shell_complete=complete_from(_families),
                 help="Only this family: ramp, composite, ..."),
    click.option("--primitives", is_flag=True,
                 help="List what a formula may use besides these functions: exp, where, clip, "
                 "pi ..."),
    needs_function=False, param=False,
)  # fmt: skip
def command(functions: tuple[str, ...], family: str | None, primitives: bool, out: Output) -> None:
    """List every registered function, or show each FUNCTION in full.

    The formula has the defaults of the parameters in it and can be typed back as a FUNCTION; a typed
    formula is shown as the program reads it.
    --primitives lists the vocabulary of formulas instead: name, how it is typed, what it means, and
    its derivative.

    \b
    Examples:
      actcli list leaky_relu
      actcli list 'x*sigmoid(b*x):b=1.702'
      actcli list --primitives
    """
    from ..functions.catalogue import find, names

    if primitives:
        if functions or family is not None:
            raise ValueError("--primitives lists no FUNCTION and no family; leave these out")
        _write_primitives(out)
        return
    if functions:
        from ..evaluation.function_text import described

        chosen = [described(text) for text in functions]
    else:
        chosen = [(find(name), find(name).bind({})) for name in names()]
    if family is not None:
        families = _families()
        if family.lower() not in families:
            raise unknown("family", family, families)
        chosen = [pair for pair in chosen if pair[0].family == family.lower()]
    with paged(out) as stream:
        if out.form == "table" and functions:
            stream.write("\n\n".join(function_page(*pair) for pair in chosen) + "\n")
            return
        records = [record_of(*pair, typeset=out.form == "latex") for pair in chosen]
        columns = COLUMNS if out.form != "table" else ("name", "family", "parameters", "formula")
        write(out.form, columns, records, stream)
        if out.form == "table" and not out.quiet:
            note("'actcli list NAME' shows one in full, its aliases and source too.")


def _write_primitives(out: Output) -> None:
    from ..expressions.parser import vocabulary

    records = [dict(zip(VOCABULARY, row, strict=True)) for row in vocabulary()]
    columns = VOCABULARY if out.form != "table" else VOCABULARY[1:]
    with paged(out) as stream:
        write(out.form, columns, records, stream)
