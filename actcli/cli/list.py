"""`actcli list`: every registered function, or some in full."""

import re
import shutil
import textwrap
from typing import TYPE_CHECKING, Any

import click

from .notes import note
from .options import Command, functions_argument, output_options
from .output import destination, format_for

if TYPE_CHECKING:
    from ..functions.registry import Function

Values = dict[str, Any]
COLUMNS = ("name", "family", "parameters", "aliases", "formula", "source")
VOCABULARY = ("name", "typed", "meaning", "derivative")  # of --primitives


def _families(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    from ..functions.catalogue import names
    from ..functions.registry import FUNCTIONS

    names()
    return [
        f for f in dict.fromkeys(f.family for f in FUNCTIONS.values()) if f.startswith(incomplete)
    ]


@click.command(cls=Command, name="list")
@functions_argument(required=False)
@click.option(
    "--family", metavar="FAMILY", shell_complete=_families,
    help="Only this family: ramp, composite, ...",
)  # fmt: skip
@click.option(
    "--primitives", is_flag=True,
    help="List what a formula may use besides these functions: exp, where, clip, pi ...",
)  # fmt: skip
@output_options
def command(
    functions: tuple[str, ...],
    family: str | None,
    primitives: bool,
    format_: str | None,
    output: str | None,
    quiet: bool,
) -> None:
    """List every registered function, or show those named by FUNCTION in full.

    The formula has the defaults of the parameters in it and can be typed back as a FUNCTION.
    --primitives lists the vocabulary of formulas instead: name, how it is typed, what it means, and
    its derivative.

    \b
    Examples:
      actcli list leaky_relu
      actcli list --primitives
    """
    from ..evaluation.function_text import named
    from ..functions.catalogue import names
    from ..functions.registry import FUNCTIONS

    form = format_for(format_, output)
    if primitives:
        if functions or family is not None:
            raise ValueError("--primitives lists no FUNCTION and no family; leave these out")
        _write_primitives(form, output)
        return
    chosen = []
    for text in functions:
        found = named(text.strip())
        if found is None:
            raise ValueError(f"{text!r} is not registered; 'actcli list' shows what is")
        chosen.append((found[0], found[0].bind(found[1])))
    if not functions:
        chosen = [(FUNCTIONS[name], FUNCTIONS[name].bind({})) for name in names()]
    if family is not None:
        families = list(dict.fromkeys(f.family for f in FUNCTIONS.values()))
        if family.lower() not in families:
            raise ValueError(f"no family is called {family!r}; there are {', '.join(families)}")
        chosen = [pair for pair in chosen if pair[0].family == family.lower()]
    with destination(output) as stream:
        if form == "table" and functions:
            stream.write("\n\n".join(_page(*pair) for pair in chosen) + "\n")
            return
        from ..tables import write

        records = [_record(*pair) for pair in chosen]
        columns = COLUMNS if form != "table" else ("name", "family", "parameters", "formula")
        write(form, columns, records, stream)
        if form == "table" and not quiet:
            note("'actcli list NAME' shows one in full, its aliases and source too.")


def _write_primitives(form: str, output: str | None) -> None:
    from ..expressions.parser import vocabulary
    from ..tables import write

    records = [dict(zip(VOCABULARY, row, strict=True)) for row in vocabulary()]
    columns = VOCABULARY if form != "table" else VOCABULARY[1:]
    with destination(output) as stream:
        write(form, columns, records, stream)


def _record(function: "Function", values: Values) -> dict[str, str]:
    from ..functions.parameters import text

    return {
        "name": function.name,
        "family": function.family,
        "parameters": " ".join(
            f"{p.name}={_options(p) or text(values[p.name])}" for p in function.parameters
        ),
        "aliases": " ".join(function.aliases),
        "formula": str(_read(function, values)),
        "source": function.source,
    }


def _options(parameter: Any) -> str:
    return "|".join(getattr(parameter.domain, "options", ()))


def _page(function: "Function", values: Values) -> str:
    """One function in full, as text."""
    from ..expressions.node import Node, node
    from ..functions.parameters import text

    free = {p.name: values[p.name] if _options(p) else Node("name", (p.name,))
            for p in function.parameters}  # fmt: skip
    lines = [f"{function.label(values)} ({function.family})", "", *_sentences(function.about), ""]

    def fact(title: str, *texts: str, whole: bool = False) -> None:
        for number, entry in enumerate(texts):
            head = f"  {'' if number else title:<13}"
            lines.extend([head + entry] if whole else _wrapped(entry, head))

    general = str(node(function.formula(Node("x"), **free)))
    bound = str(_read(function, values))
    fact("formula", general, whole=True)  # in one piece, so that it can be copied
    if bound != general:
        fact("with values", bound, whole=True)
    fact(
        "parameters",
        *(
            f"{p.name} = {text(values[p.name])}"
            f" ({_options(p).replace('|', ', ') or getattr(p.domain, 'words', '')})"
            + ("" if values[p.name] == p.default else f"; default {text(p.default)}")
            for p in function.parameters
        ),
    )
    fact("aliases", *([", ".join(function.aliases)] if function.aliases else []))
    fact("notes", *function.notes)
    fact("source", function.source)
    return "\n".join(lines)


def _sentences(about: str) -> list[str]:
    """A docstring as lines no wider than the terminal, each sentence beginning where it began."""
    lines = re.sub(r"(?<=[^.\n])\n(?=[^\n])", " ", about).split("\n")
    return [part for line in lines for part in _wrapped(line)]


def _wrapped(text: str, head: str = "") -> list[str]:
    """The text behind `head`, cut at the width of the terminal, with the other lines set in below it."""
    width = max(shutil.get_terminal_size((80, 24)).columns, len(head) + 20)
    found = textwrap.wrap(
        text, width, initial_indent=head, subsequent_indent=" " * (len(head) + 2 * bool(head)),
        break_on_hyphens=False, break_long_words=False,
    )  # fmt: skip
    return found or [head]


def _read(function: "Function", values: Values) -> Any:
    """The formula as recorded, with the parameters' values in it."""
    from ..expressions.node import Node, node

    given = {k: v if isinstance(v, str) else node(v) for k, v in values.items()}
    return node(function.formula(Node("x"), **given))
