"""The gallery: a page of every registered function."""

from collections.abc import Iterable, Sequence
from html import escape
from math import isfinite
from typing import Any

from ..evaluation.activation import Activation
from ..expressions.latex import latex
from ..properties import NAMES, Verdict
from ..version import __version__
from ..wording import property_value, rounded
from . import sections
from .formulas import numeric, script
from .mathml import mathml
from .page import HtmlPage, assembled, facts, gain_in

TITLE = "activation functions"
VIEW = {"low": -5.0, "high": 5.0, "x": 1.0, "id": "x"}
SCRIPTS = (
    "numbers.js",
    "curves.js",
    "frame.js",
    "explorer.js",
    "depth.js",
    "page.js",
    "gallery.js",
)
COLUMNS = (  # what a row tells besides name, picture and formula
    "smoothness", "monotonic", "range", "gradient_range", "zero_centred", "symmetry", "dead_zone",
    "gain",
)  # fmt: skip


def gallery(
    functions: Sequence[Activation], verdicts: Iterable[Sequence[Verdict]], theme: str = "auto"
) -> HtmlPage:
    """Makes the page of many functions: a row each, which opens sliders, panels and properties."""
    found = [{v.property: v for v in each} for each in verdicts]
    texts: dict[str, int] = {}  # details of properties, many of which are alike
    data = {
        "functions": [
            facts(f, f.name, 0, gain_in(answers.values()))
            | {
                "text": f"{f.name} {' '.join(_aliases(f))} {f.about} {_source(f)}".lower(),
                "properties": [_compact(answers[name], texts) for name in NAMES if name in answers],
            }
            for f, answers in zip(functions, found, strict=True)
        ],
        "names": list(NAMES),
        "texts": list(texts),
        "view": VIEW,
    }
    families = list(dict.fromkeys(f.family for f in functions))
    head = "".join(_heading(name) for name in ("name", "curve", "formula", *COLUMNS))
    rows = "".join(_row(f, answers) for f, answers in zip(functions, found, strict=True))
    body = (
        f'<header><div class="row"><h1>{len(functions)} {TITLE}</h1>'
        f'<button type="button" id="theme" hidden>theme: {theme}</button></div>'
        "<p>Every function that actcli knows, with what is proved of it. Open a row for its sliders, "
        "its panels and all its properties.</p>"
        f"{sections.shown('actcli page --all')}"
        '<div class="row"><label>search <input type="text" id="search" autocomplete="off"></label>'
        f'<label>family <select id="family"><option value="">all</option>{_options(families)}'
        '</select></label><output id="count" aria-live="polite"></output></div></header>'
        f'<main><div class="wide"><table class="gallery"><thead><tr>{head}</tr></thead>'
        f"<tbody>{rows}</tbody></table></div></main>"
        f'<template id="row">{_opened()}</template>'
        f"<footer><p>Made by actcli {__version__}; MIT licence.</p></footer>"
    )
    code = script((f.name, f) for f in functions)
    return HtmlPage(assembled(TITLE, body, data, code, SCRIPTS, theme))


def _options(families: Sequence[str]) -> str:
    return "".join(f'<option value="{escape(name, quote=True)}">{escape(_words(name))}</option>'
                   for name in families)  # fmt: skip


def _heading(name: str) -> str:
    words = escape(_words(name).replace("zero centred", "zero-centred"))
    if name in ("curve", "formula"):
        return f'<th scope="col">{words}</th>'
    return (
        f'<th scope="col" data-sort="{name}" aria-sort="none">'
        f'<button type="button" disabled>{words}</button></th>'
    )


def _row(f: Activation, answers: dict[str, Verdict]) -> str:
    cells = "".join(
        f'<td data-column="{name}" data-order="{_order(answers.get(name))}">'
        f"{_told(answers.get(name))}</td>"
        for name in COLUMNS
    )
    formula = mathml(latex(f.symbolic(*numeric(f)), cases=True))
    name, family = escape(f.name, quote=True), escape(f.family, quote=True)
    return (
        f'<tr data-name="{name}" data-family="{family}"><th scope="row">'
        f'<button type="button" class="opener" aria-expanded="false" disabled>{name}</button>'
        f'<br><span class="facts">{escape(_words(f.family))}</span></th>'
        f'<td class="thumb"></td><td class="formula">{formula}</td>{cells}</tr>'
    )


def _told(verdict: Verdict | None) -> str:
    """What a cell says: the value of the property in short, and what is open as such."""
    if verdict is None:
        return ""
    if verdict.verdict == "undecided":
        return "undecided"
    if verdict.property == "monotonic":
        return "yes" if verdict.verdict == "proved" else "no"
    if verdict.property == "gain" and isinstance(verdict.value, dict):
        gain = verdict.value.get("gain")
        return rounded(gain) if gain is not None else "none"
    if verdict.property == "zero_centred" and verdict.verdict == "proved":
        return "yes"
    return escape(property_value(verdict.property, verdict.value))


def _order(verdict: Verdict | None) -> str:
    """What a column is sorted by, where that is a number; else nothing: by its text."""
    value: Any = None if verdict is None else verdict.value
    if isinstance(value, dict):
        value = value.get("gain", value.get("inf"))
    if verdict is not None and verdict.property in ("monotonic", "convex", "symmetry"):
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return repr(float(value)) if isfinite(value) else ("1e999" if value > 0 else "-1e999")
    return ""


def _compact(verdict: Verdict, texts: dict[str, int]) -> list[Any]:
    """Verdict, number of its value's text, number of its detail, and the places."""
    value = property_value(verdict.property, verdict.value)
    numbers = [texts.setdefault(text, len(texts)) for text in (value, verdict.detail)]
    return [verdict.verdict, *numbers, *sections.places(verdict.where)]


def _opened() -> str:
    """The sections of an open row; {F} stands for its function."""
    parts = "".join(
        sections.explored(kind, "{F}", f'<div class="{look}" data-part="{part}"></div>')
        for kind, part, look in (
            ("curves", "curves", "panels"), ("here", "readout", ""), ("depth", "depth", ""),
            ("properties", "properties", ""),
        )
    )  # fmt: skip
    return f'<div class="opened"><div class="sliders" data-part="controls"></div>{parts}</div>'


def _aliases(f: Activation) -> tuple[str, ...]:
    return f.function.aliases if f.function is not None else ()


def _source(f: Activation) -> str:
    return f.function.source if f.function is not None else ""


def _words(name: str) -> str:
    return name.replace("_", " ")
