"""The sections of a page as HTML; what moves in them is filled in by the scripts."""

import shlex
from collections.abc import Iterable, Sequence
from html import escape
from math import isfinite
from typing import TYPE_CHECKING, Any

from ..evaluation.activation import Activation
from ..expressions.latex import latex
from ..functions.parameters import text
from ..properties import Verdict
from ..wording import joined, property_value, rounded
from .formulas import numeric
from .mathml import mathml

if TYPE_CHECKING:
    from ..proofs.branch_and_bound import Distance

EXPLORED = {  # title, sentence and command of what any function has; {F} stands for the functions
    "curves": (
        "Curves",
        "Value, gradient and curvature: move x over a picture, drag to pan, turn the wheel with Ctrl "
        "to zoom; double click or 0 resets.",
        "actcli plot {F} --order 2",
    ),
    "here": (
        "At x",
        "The numbers at x, as a table prints them.",
        "actcli table {F} --at=1 --order 2",
    ),
    "depth": (
        "Signal through depth",
        "A layer maps the mean square q of its inputs to s² E f(√q Z)²; the slider is the scale s of "
        "the weights, at first the gain, which keeps 1 at 1.",
        "actcli check-properties {F} --only gain,gaussian_moments",
    ),
    "properties": (
        "Properties",
        "What holds for every input: proved, or refuted by a witness; measured is evidence only.",
        "actcli check-properties {F}",
    ),
}


def explored(kind: str, names: str, content: str, more: str = "") -> str:
    """A section of EXPLORED for functions as a shell takes them; `more` ends its command."""
    title, sentence, command = EXPLORED[kind]
    return section(kind, title, sentence, command.replace("{F}", names) + more, content)


def quoted(functions: Iterable[Activation]) -> str:
    """The functions as a shell takes them."""
    return " ".join(shlex.quote(f.written) for f in functions)


def section(kind: str, title: str, sentence: str, command: str, content: str) -> str:
    """A section with its title, a sentence in words, and the command that says the same."""
    return (
        f'<section id="{kind}" aria-labelledby="{kind}-title">'
        f'<h2 id="{kind}-title">{escape(title)}</h2><p>{escape(sentence)}</p>{shown(command)}'
        f"{content}</section>"
    )


def shown(command: str) -> str:
    """A command with a button that copies it."""
    return (
        f'<div class="command"><code>{escape(command)}</code>'
        '<button type="button" name="copy" hidden>copy</button></div>'
    )


def header(functions: Sequence[Activation], theme: str) -> str:
    """What the functions are: formulas, parameters, words, sources."""
    title = joined([f.label for f in functions])
    blocks = "".join(_about(f, k) for k, f in enumerate(functions))
    return (
        f'<header><div class="row"><h1>{escape(title)}</h1>'
        f'<button type="button" id="theme" hidden>theme: {theme}</button></div>{blocks}</header>'
    )


def _about(f: Activation, k: int) -> str:
    names = numeric(f)
    formula = mathml("f(x) = " + latex(f.symbolic(*names), cases=True))
    facts = []
    if f.settings:
        values = ", ".join(f"{name} = {text(value)}" for name, value in f.settings.items())
        facts.append(values)
    if f.function is not None:
        facts += [f"family: {f.family.replace('_', '-')}", f"source: {f.function.source}"]
        if f.function.aliases:
            facts.append("also called " + ", ".join(f.function.aliases))
    else:
        facts.append(f.family)
    about = " ".join(f.about.split()) if f.function is not None else ""
    label = f'<span class="swatch c{k}" aria-hidden="true"></span><b>{escape(f.label)}</b>'
    said = f"<p>{escape(about)}</p>" if about else ""
    return (
        f'<div class="about"><div class="formula">{label} &nbsp; {formula}</div>{said}'
        f'<p class="facts">{escape("; ".join(facts))}</p></div>'
    )


def properties_table(functions: Sequence[Activation], verdicts: Sequence[Sequence[Verdict]]) -> str:
    """The verdicts, a row for each property and a column for each function."""
    head = "".join(f'<th scope="col">{escape(f.label)}</th>' for f in functions)
    rows = []
    for number, first in enumerate(verdicts[0]):
        cells = "".join(
            f'<td data-function="{escape(f.label, quote=True)}">{_verdict(found[number])}</td>'
            for f, found in zip(functions, verdicts, strict=True)
        )
        name = escape(first.property)
        words = escape(first.property.replace("_", " "))
        rows.append(f'<tr data-property="{name}"><th scope="row">{words}</th>{cells}</tr>')
    return (
        '<p data-part="made" role="status" hidden>A slider has moved: what follows holds for the '
        "values that this page was made with.</p>"
        f'<div class="wide"><table class="stacked"><thead><tr><th scope="col">property</th>{head}'
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _verdict(verdict: Verdict) -> str:
    value = property_value(verdict.property, verdict.value)
    parts = [f'<b class="{verdict.verdict}">{verdict.verdict}</b>']
    if value:
        parts.append(f"<span>{escape(value)}</span>")
    parts.append(f"<br>{escape(verdict.detail)}")
    for x in places(verdict.where):
        parts.append(f'<button type="button" data-x="{x!r}" disabled>{rounded(x)}</button>')
    return " ".join(parts)


def places(where: Any) -> list[float]:
    """The finite places of a verdict, at most six."""
    listed = where if isinstance(where, list | tuple) else [where]
    found = [float(x) for x in listed if isinstance(x, int | float) and isfinite(x)]
    return list(dict.fromkeys(found))[:6]


def distances(first: str, found: "Iterable[tuple[str, Distance]]") -> str:
    """How far each function is from the first, in words."""
    lines = []
    for label, distance in found:
        value, where = distance.value, distance.where
        if value is None:
            lines.append(f"how far {label} gets from {first} is undecided")
            continue
        if value == 0:
            told = f"{label} is {first} everywhere"
        elif not isfinite(value):
            told = f"{label} gets arbitrarily far from {first}"
        else:
            at = f", at {rounded(where)}" if where is not None and isfinite(where) else ""
            told = f"{label} is never farther than {rounded(value)} from {first}{at}"
        lines.append(f"{told} (proved, over the whole line)")
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f"<ul>{items}</ul>" if items else ""
