"""What check-properties prints: verdicts as records, and as tables for people."""

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, TextIO

from ..tables import Writer
from ..wording import property_value, wrapped

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from ..properties import Verdict

COLUMNS = ("function", "property", "verdict", "value", "where", "detail")
SHOWN = ("property", "verdict", "value", "detail")  # in a table for people
USUAL = {"verdict": "undecided", "value": "?" * 32, "detail": "?" * 1000}  # for the widths
STYLES = {
    "verdict": {"proved": "green", "refuted": "red", "undecided": "yellow", "measured": "cyan"}
}


def record_of(activation: "Activation", verdict: "Verdict") -> dict[str, object]:
    """Returns the verdict as a record with the keys COLUMNS."""
    return {
        "function": activation.label,
        "property": verdict.property,
        "verdict": verdict.verdict,
        "value": verdict.value,
        "where": verdict.where,
        "detail": verdict.detail,
    }


def write_tables(
    answers: "Iterable[tuple[Activation, Iterable[Verdict]]]", names: Iterable[str], count: int,
    stream: TextIO, whole: bool,
) -> None:  # fmt: skip
    """Writes one table per function, each under its name and, if `whole`, over its summary.

    The `names` of the properties set the width of the table, whose rows are written as they come.
    """
    from ..properties import summary

    for number, (activation, verdicts) in enumerate(answers):
        if number:
            stream.write("\n")
        typed = activation.typed or activation.function is None
        title = activation.label if typed else f"{activation.label}  f(x) = {activation.text}"
        if count > 1 or not typed:
            stream.write(wrapped(title) + "\n\n")
        found = []
        with Writer("table", SHOWN, stream, STYLES) as writer:
            writer.begin({"property": name} | USUAL for name in names)
            for verdict in verdicts:
                found.append(verdict)
                value = property_value(verdict.property, verdict.value)
                writer.rows([record_of(activation, verdict) | {"value": value}])
                stream.flush()
        if whole:
            stream.write("\n" + wrapped(summary(found)) + "\n")
        stream.flush()


def typeset_record(activation: "Activation", verdict: "Verdict") -> dict[str, object]:
    """Returns the verdict in words, and in LaTeX where these are a number, an interval or C^k."""
    value = in_math(property_value(verdict.property, verdict.value))
    return record_of(activation, verdict) | {"value": value}


def in_math(text: str) -> str:
    """Sets a number, an interval or an order of smoothness in LaTeX; other texts stay as they are."""
    from ..tables.entries import Math

    if re.fullmatch(r"C(\d+|∞)", text):
        text = f"C^{{{text[1:]}}}"
    elif not re.fullmatch(r"[\[(][^ ]*, [^ ]*[\])]|-?[\d.]+(e[+-]?\d+)?|-?inf", text):
        return text
    text = re.sub(r"e([-+]?)0*(\d+)", _power, text)
    return Math(re.sub(r"inf|∞", r"\\infty", text))


def _power(found: re.Match[str]) -> str:
    return f" \\times 10^{{{found[1].strip('+')}{found[2]}}}"
