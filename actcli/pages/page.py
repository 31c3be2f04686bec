"""Activations -> a page, as one text."""

import re
import shlex
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from html import escape
from importlib.resources import files
from math import inf
from typing import TYPE_CHECKING, Any

from ..evaluation.activation import Activation
from ..figures.data import Picture
from ..files import whole_file
from ..numbers.exact import SATURATED
from ..pictures.function import PictureRequest, picture
from ..properties import NAMES, Verdict, answers
from ..toy.run import Run
from ..version import __version__
from ..wording import joined
from . import sections
from .formulas import as_json, parameters, requires, script
from .histogram import NamedInputs, histogram
from .still import still

if TYPE_CHECKING:
    from ..proofs.branch_and_bound import Distance

MOST = 6
THEMES = ("auto", "light", "dark")
POLICY = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:"
SCRIPTS = (
    "numbers.js", "curves.js", "frame.js", "explorer.js", "depth.js", "inputs.js", "learn.js",
    "page.js", "start.js",
)  # fmt: skip

LATER = '<p class="facts">The script of this page fills this in.</p>'


class HtmlPage:
    """A page as text: `str(page)` is the HTML file, which `save` writes; notebooks show it."""

    def __init__(self, html: str) -> None:
        self._html = html

    def __str__(self) -> str:
        return self._html

    def __repr__(self) -> str:
        return f"<page of {len(self._html)} characters>"

    def save(self, path: str) -> None:
        """Writes the file, whole or not at all. ValueError if it cannot be written."""
        with whole_file(path) as stream:
            stream.write(self._html)

    def _repr_html_(self) -> str:
        """The page in a frame, with its sliders, for notebooks."""
        inside = escape(self._html, quote=True)
        return (
            f'<iframe srcdoc="{inside}" title="actcli page" width="100%" height="760" '
            'style="border:0" sandbox="allow-scripts"></iframe>'
        )


def page(
    functions: Sequence[Activation],
    verdicts: Sequence[Sequence[Verdict]] | None = None,
    *,
    limits: tuple[float, float] | None = None,
    only: Sequence[str] = NAMES,
    theme: str = "auto",
    inputs: NamedInputs | None = None,
    runs: Sequence[tuple[str, Sequence[Run]]] = (),
) -> HtmlPage:
    """Makes the page of one to six functions.

    `verdicts` are those of the properties in `only`, by function; None asks for them. `limits` are
    the ends of the view. ValueError for a number of functions that has no page, for Python
    callables, and where nothing can be drawn.
    """
    check(functions)
    if verdicts is None:
        verdicts = [list(answers(f, only)) for f in functions]
    asked = PictureRequest(range_=limits, order=2, points=200, marks=())
    if inputs is not None:
        asked = replace(asked, inputs=inputs.numbers, source=inputs.source)
    drawn = picture(functions, asked)
    low, high = drawn.xlim
    data = {
        "functions": [facts(f, f"f{k}", k, gain_in(found))
                      for k, (f, found) in enumerate(zip(functions, verdicts, strict=True))],
        "runs": _learned(runs),
        "inputs": None if inputs is None else histogram(inputs.numbers, drawn),
        "view": {"low": low, "high": high, "x": 1.0 if low < 1 < high else (low + high) / 2,
                 "id": "x"},
    }  # fmt: skip
    names = sections.quoted(functions)
    view = "" if limits is None else f" -r {low!r}:{high!r}"
    first = functions[0].label
    several = len(functions) > 1
    parts = [
        sections.header(functions, theme),
        "<main>",
        sections.explored(
            "curves", names,
            '<div class="sliders" data-part="controls"></div>'
            f'<div class="panels" data-part="curves">{still(drawn)}</div>'
            + (sections.distances(first, _distances(functions)) if several else ""),
            view,
        ),
        sections.explored("here", names, f'<div data-part="readout">{LATER}</div>'),
        sections.explored("depth", names, f'<div data-part="depth">{LATER}</div>'),
        *([] if inputs is None else [_inputs_section(inputs, drawn, functions)]),
        *([_learn_section(runs)] if runs else []),
        sections.explored(
            "properties", names, sections.properties_table(functions, verdicts),
            "" if tuple(only) == NAMES else f" --only {','.join(only)}",
        ),
        "</main>",
        f"<footer><p>Made by actcli {__version__}; MIT licence.</p>"
        f"{sections.shown(f'actcli page {names}{view}')}</footer>",
    ]  # fmt: skip
    shown = [(f"f{k}", f) for k, f in enumerate(functions)]
    code = script([*shown, *zip(_keys(runs).values(), _functions(runs).values(), strict=True)])
    title = joined([f.label for f in functions])
    idle = {"inputs.js": inputs is None, "learn.js": not runs}
    scripts = [name for name in SCRIPTS if not idle.get(name)]
    return HtmlPage(assembled(title, "".join(parts), data, code, scripts, theme))


def with_exact(functions: Sequence[Activation]) -> list[Activation]:
    """The functions of a page, behind the exact ones that they approximate; checked.

    ValueError for functions that have no page.
    """
    labels = {f.label for f in functions}
    exact = {f.label: f for f in (f.approximates for f in functions) if f is not None}
    found = [*(f for label, f in exact.items() if label not in labels), *functions]
    check(found)
    return found


def check(functions: Sequence[Activation]) -> None:
    """Raises ValueError for functions that have no page."""
    if not 1 <= len(functions) <= MOST:
        raise ValueError(
            f"a page shows 1 to {MOST} functions, not {len(functions)}; leave some out, or try "
            "actcli page --all for the gallery"
        )
    for f in functions:
        if type(f) is not Activation:
            raise ValueError(
                f"{f.label} is a Python callable, which no page can compute; give a name or a "
                "formula, as in 'x*sigmoid(x)'"
            )
    labels = [f.label for f in functions]
    for label in labels:
        if labels.count(label) > 1:
            raise ValueError(f"two functions are called {label!r}; name them with --label")


def _functions(runs: Sequence[tuple[str, Sequence[Run]]]) -> dict[str, Activation]:
    """The functions of the layers of all runs, by label."""
    return {f.label: f for _, loaded in runs for run in loaded for f in run.activations}


def _keys(runs: Sequence[tuple[str, Sequence[Run]]]) -> dict[str, str]:
    return {label: f"r{k}" for k, label in enumerate(_functions(runs))}


def _learned(runs: Sequence[tuple[str, Sequence[Run]]]) -> list[dict[str, Any]]:
    """The runs of all files; ValueError for what no page can compute."""
    if not runs:
        return []
    from .learned import WEIGHTS, run_data

    keys = _keys(runs)
    for f in _functions(runs).values():
        check([f])
    every = [run for _, loaded in runs for run in loaded]
    share = WEIGHTS // len(every)
    return [run_data(run, [keys[f.label] for f in run.activations], share) for run in every]


def _learn_section(runs: Sequence[tuple[str, Sequence[Run]]]) -> str:
    """What it learns."""
    commands = [f"actcli train-toy --load {shlex.quote(path)}" for path, _ in runs]
    further = "".join(sections.shown(command) for command in commands[1:])
    return sections.section(
        "learn", "What it learns",
        "The network of the median seed, run by this page; the slider goes through the epochs that "
        "were kept.",
        commands[0],
        f'{further}<div data-part="learn">{LATER}</div>',
    )  # fmt: skip


def gain_in(verdicts: Iterable[Verdict]) -> float | None:
    """The scale of weights that keeps the size of a signal, if that was answered."""
    for verdict in verdicts:
        if verdict.property == "gain" and isinstance(verdict.value, dict):
            gain = verdict.value.get("gain")
            return float(gain) if gain is not None and 0 < gain < inf else None
    return None


def _inputs_section(inputs: NamedInputs, drawn: Picture, functions: Sequence[Activation]) -> str:
    """Your inputs: what is said of them where no script runs, too."""
    assert drawn.histogram is not None
    rows = "".join(
        f"<li>{escape(f.label)}: alive {share.alive:.1%}, saturated {share.saturated:.1%}, "
        f"dead {share.dead:.1%}</li>".replace("%", " %")
        for f, share in zip(functions, drawn.histogram.shares, strict=True)
    )
    return sections.section(
        "inputs", "Your inputs",
        "The inputs that the page was made with, and the shares that are alive, saturated (a "
        f"gradient smaller than {SATURATED:g}) and dead.",
        f"actcli plot {sections.quoted(functions)} -i {shlex.quote(inputs.path)}",
        f'<div data-part="inputs"><ul>{rows}</ul></div>',
    )  # fmt: skip


def facts(f: Activation, key: str, colour: int, gain: float | None) -> dict[str, Any]:
    """What the scripts know of a function."""
    return {
        "label": f.label,
        "name": f.name,
        "key": key,
        "colour": colour,
        "parameters": parameters(f),
        "requires": requires(f),
        "gain": gain,
    }


def _distances(functions: Sequence[Activation]) -> "list[tuple[str, Distance]]":
    """How far the values of the others get from the first function, by their labels."""
    from ..proofs.difference import FormulaDifference
    from ..proofs.distance import CELLS, supremum

    first, *others = functions
    return [
        (f.label, supremum(FormulaDifference(first.tree, f.tree, None), 0, CELLS)) for f in others
    ]


def assembled(
    title: str, body: str, data: Any, code: str, scripts: Iterable[str], theme: str
) -> str:
    """One HTML file: the body, the data and the scripts in one scope."""
    source = "\n".join(_file(name) for name in scripts)
    return (
        f'<!DOCTYPE html>\n<html lang="en" data-theme="{theme}">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title)}</title>\n<style>\n{_file('page.css')}</style>\n</head>\n"
        f"<body>\n{body}\n"
        f'<script type="application/json" id="actcli-data">{as_json(data)}</script>\n'
        f'<script>\n(() => {{\n"use strict";\n{code}{source}}})();\n</script>\n</body>\n</html>\n'
    )


@cache
def _file(name: str) -> str:
    """A file of this part without the comments and blanks that lines begin with."""
    source = files(__package__).joinpath(name).read_text(encoding="utf-8")
    return re.sub(r"^ *//.*\n|^ +", "", source, flags=re.MULTILINE)
