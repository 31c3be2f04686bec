"""What list prints of a function: a record, or a page that shows it in full."""

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..expressions.node import Node
    from ..functions.parameters import Parameter
    from ..functions.registry import Function

Values = dict[str, Any]
COLUMNS = ("name", "family", "parameters", "aliases", "formula", "source")


def record_of(function: "Function", values: Values, typeset: bool = False) -> dict[str, str]:
    """Returns the function as a record with the keys COLUMNS, its formula `typeset` in LaTeX."""
    from ..functions.parameters import text

    formula = _read(function, values)
    return {
        "name": function.name,
        "family": function.family,
        "parameters": " ".join(
            f"{p.name}={_options(p) or text(values[p.name])}" for p in function.parameters
        ),
        "aliases": " ".join(function.aliases),
        "formula": _typeset(formula) if typeset else str(formula),
        "source": function.source,
    }


def _typeset(formula: "Node") -> str:
    from ..expressions.latex import latex
    from ..tables.entries import Math

    return Math(latex(formula, cases=True))


def _options(parameter: "Parameter") -> str:
    return "|".join(getattr(parameter.domain, "options", ()))


def function_page(function: "Function", values: Values) -> str:
    """Describes one function in full, as text."""
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
            + ("" if p.default in (None, values[p.name]) else f"; default {text(p.default)}")
            for p in function.parameters
        ),
    )
    fact("aliases", *([", ".join(function.aliases)] if function.aliases else []))
    fact("notes", *function.notes)
    fact("source", *([function.source] if function.source else []))
    return "\n".join(lines)


def _sentences(about: str) -> list[str]:
    """A docstring as lines no wider than the terminal, each sentence beginning where it began."""
    lines = re.sub(r"(?<=[^.\n])\n(?=[^\n])", " ", about).split("\n")
    return [part for line in lines for part in _wrapped(line)]


def _wrapped(text: str, head: str = "") -> list[str]:
    """The text behind `head`, cut at the width of the terminal, with the other lines set in below it."""
    import shutil
    import textwrap

    width = max(shutil.get_terminal_size((80, 24)).columns, len(head) + 20)
    found = textwrap.wrap(
        text, width, initial_indent=head, subsequent_indent=" " * (len(head) + 2 * bool(head)),
        break_on_hyphens=False, break_long_words=False,
    )  # fmt: skip
    return found or [head]


def _read(function: "Function", values: Values) -> "Node":
    """The formula as recorded, with the parameters' values in it."""
    from ..expressions.node import Node, node

    given = {k: v if isinstance(v, str) else node(v) for k, v in values.items()}
    return node(function.formula(Node("x"), **given))
