"""`actcli compare`: distances between functions, their facts side by side, an overlay."""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal, TextIO

import click

from .notes import note
from .options import (
    LOOKS,
    NO_PICTURE,
    PICTURES,
    Command,
    destination,
    dtype_named,
    format_for,
    functions_argument,
    input_options,
    note_callables,
    note_unused,
    output_options,
    parameter_options,
    picture_options,
    resolve_functions,
)

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from ..proofs.distance import Distance

MOST_COMPARED = 4950  # pairs; those of 100 functions
COLUMNS = (
    "a", "b", "max_difference", "max_difference_at", "max_gradient_difference",
    "max_gradient_difference_at",
)  # fmt: skip
ASKED = (
    "smoothness", "monotonic", "range", "gradient_range", "saturates_left", "saturates_right",
    "zero_centred", "dead_zone", "gain", "cost",
)  # fmt: skip
MOST_PAIRS = 10  # differences in one picture
INTERVALS = 6  # pairs whose certified intervals are spelt out

Pair = tuple["Activation", "Activation"]
Facts = Mapping[str, str]


@click.command(cls=Command, name="compare")
@functions_argument()
@parameter_options
@input_options(
    points="enough for a smooth curve",
    reach="the whole line for distances, -5:5 for the picture",
    dtype="Draw the picture in this precision; distances are those of the exact functions.",
    at="Inputs to be marked in the picture.",
    input="The same from a file of numbers or a .npy file; - is standard input.",
)
@click.option(
    "--max-difference", metavar="E",
    help="Exit with status 1 unless all pairs are proved to differ by E at most.",
)  # fmt: skip
@click.option(
    "--relative", is_flag=True,
    help="Divide differences by the size of the first, gradients by that of its gradient: infinite "
    "where that is 0 and the other is not; where both are 0, the place is left out. A picture "
    "shows the differences themselves.",
)  # fmt: skip
@picture_options
@output_options
def command(
    functions: tuple[str, ...],
    param: tuple[str, ...],
    approx: str | None,
    range_: str | None,
    points: int | None,
    at: str | None,
    input_: str | None,
    dtype: str,
    max_difference: str | None,
    relative: bool,
    size: str | None,
    dpi: int,
    style: Literal["light", "dark"],
    ylim: str | None,
    terminal: bool,
    format_: str | None,
    output: str | None,
    quiet: bool,
) -> int:
    """Compare FUNCTIONs: the largest difference of each pair, certified, and where it is.

    It is taken over the whole line, or over --range, of the exact functions: --dtype, --points,
    --at and --input shape the picture only. On a terminal their facts are shown side by side too.
    With --output FILE.png (.svg, .pdf) values, gradients and differences are drawn; any other FILE
    takes the distances.

    \b
    Examples:
      actcli compare gelu gelu:approx=tanh
      actcli compare 'grad(swish(x))' 'sigmoid(x)*(1 + x*(1 - sigmoid(x)))'
      actcli compare swish mish --relative
    """
    import shlex

    from ..inputs.numbers import parse_range

    activations = resolve_functions(functions, param, approx)
    if len(activations) < 2:
        raise ValueError(
            "compare takes two FUNCTIONs or more, or one with several values of a parameter, "
            f"as in 'actcli compare {shlex.quote(functions[0])} "
            f"{'gelu' if activations[0].label == 'relu' else 'relu'}'"
        )
    count = len(activations) * (len(activations) - 1) // 2
    if count > MOST_COMPARED:
        raise ValueError(
            f"{len(activations)} FUNCTIONs are {count} pairs, which takes hours; give 100 at most"
        )
    bound = None if max_difference is None else _bound(max_difference)
    note_callables(activations, quiet)
    limits = parse_range(range_) if range_ else None
    drawn = output is not None and output.lower().endswith(PICTURES)
    if drawn or terminal:
        options = (range_, points, at, input_, dtype, size, dpi, style, ylim)
        picture, differences = _picture(activations, *options)
        if drawn:
            _write_picture(picture, differences, str(output))
            if not quiet:
                note(str(output))
        if terminal:
            from .plot import IN_TERMINAL, _show

            _show(picture, None)
            if not drawn:
                note_unused(LOOKS[:3], IN_TERMINAL, quiet)
    elif not quiet:
        note_unused((*LOOKS, "points"), NO_PICTURE)
        if at is not None or input_ is not None:
            note("--at and --input mark points of a picture; add -o FILE.png")
        if dtype != "float64":
            note(
                "--dtype holds for a picture; distances are those of the exact functions, "
                f"and 'actcli table --dtype {dtype}' shows rounded values"
            )
    target = None if drawn else output
    form = format_for(format_, target)
    exceeded = []
    with destination(target) as stream:
        pairs = list(combinations(activations, 2))
        found = _distances(pairs, limits, relative, quiet)
        if form == "table":
            _sheet(activations, stream)
            stream.write("\n")
        elif form in ("markdown", "latex"):
            from ..tables import write

            facts = [_facts(activation) for activation in activations]
            if form == "latex":
                facts = [_set(*both) for both in zip(activations, facts, strict=True)]
            write(form, tuple(facts[0]), facts, stream)
            stream.write("\n")
        _write_pairs(form, pairs, found, limits, relative, stream)
    for (a, b), (distance, _) in zip(pairs, found, strict=True):
        if bound is not None and (distance.value is None or distance.value > bound):
            said = "undecided" if distance.value is None else f"{distance.value:.6g}"
            exceeded.append(
                f"{a.label} and {b.label}: max_difference is {said}, which is not within {bound:g}"
            )
    if not quiet:
        for line in exceeded:
            note(f"actcli: {line}")
    return 1 if exceeded else 0


def _bound(text: str) -> float:
    from ..inputs.numbers import parse_number

    try:
        bound = parse_number(text)
    except ValueError:
        bound = -1.0
    if not bound >= 0:
        raise ValueError(
            f"--max-difference {text}: give a number that is not negative, as in "
            "--max-difference 1e-3"
        )
    return bound


# -- distances -----------------------------------------------------------------------------------
def _distances(
    pairs: Sequence[Pair], limits: tuple[float, float] | None, relative: bool, quiet: bool
) -> "list[tuple[Distance, Distance]]":
    from ..proofs.distance import distances
    from ..proofs.relative_distance import relative_distances

    measure = relative_distances if relative else distances
    return [measure(a, b, limits) for a, b in _progress(pairs, quiet)]


def _progress(pairs: Sequence[Pair], quiet: bool) -> Any:
    """The pairs, under a bar on a terminal if there are many; it vanishes at the end."""
    import sys

    if quiet or len(pairs) < 10 or not sys.stderr.isatty():
        return pairs
    from rich.console import Console
    from rich.progress import track

    return track(pairs, "comparing", console=Console(stderr=True), transient=True)


def _write_pairs(
    form: str,
    pairs: Sequence[Pair],
    found: "Sequence[tuple[Distance, Distance]]",
    limits: tuple[float, float] | None,
    relative: bool,
    stream: TextIO,
) -> None:
    from ..tables import write

    records = [
        {
            "a": a.label,
            "b": b.label,
            "max_difference": value.value,
            "max_difference_at": value.where,
            "max_gradient_difference": gradient.value,
            "max_gradient_difference_at": gradient.where,
        }
        for (a, b), (value, gradient) in zip(pairs, found, strict=True)
    ]
    if form != "table":
        write(form, COLUMNS, records, stream)
        return
    domain = "the whole line" if limits is None else f"[{limits[0]:g}, {limits[1]:g}]"
    kind = "relative differences, to the first," if relative else "differences"
    stream.write(f"Largest {kind} over {domain}:\n\n")
    columns = ("a", "b", "difference", "at", "gradient difference", "at ")
    shown = [dict(zip(columns, r.values(), strict=True)) for r in records]
    write("table", columns, shown, stream)
    many = len(pairs) > INTERVALS
    lines = []
    for (a, b), both in zip(pairs, found, strict=True):
        for name, distance in zip(
            ("largest difference of values", "of gradients"), both, strict=True
        ):
            if distance.value is None or (not many and 0 < distance.value < float("inf")):
                lines.append(f"{a.label}, {b.label}: {name} {distance.detail}")
    if lines:
        from .check_properties import wrapped

        stream.write("\n" + "\n".join(map(wrapped, lines)) + "\n")


# -- facts ---------------------------------------------------------------------------------------
def _sheet(activations: "Sequence[Activation]", stream: TextIO) -> None:
    """Facts side by side: one column per function."""
    from ..tables import write

    facts = {activation.label: _facts(activation) for activation in activations}
    rows = [name for name in next(iter(facts.values())) if name != "name"]
    records = [
        {"fact": name.replace("_", " "), **{label: facts[label][name] for label in facts}}
        for name in rows
    ]
    write("table", ("fact", *facts), records, stream)


def _facts(activation: "Activation") -> Facts:
    """What a paper's table says of a function, in words and six digits."""
    from ..properties import check

    verdicts = {v.property: v for v in check(activation, ASKED)}
    return {
        "name": activation.label,
        "family": activation.family,
        "formula": activation.text,
        **{
            name: _said(tell, [verdicts[part] for part in parts])
            for name, (parts, tell) in _TOLD.items()
        },
    }


def _set(activation: "Activation", facts: Facts) -> Facts:
    """The facts with formulas, numbers, intervals and smoothness as LaTeX sets them."""
    from ..evaluation.activation import Activation
    from ..tables.entries import Math

    def entry(text: str) -> str:
        if re.fullmatch(r"C(\d+|∞)", text):
            text = f"C^{{{text[1:]}}}"
        elif not re.fullmatch(r"[\[(].*[\])]|-?[\d.]+(e-?\d+)?|-?inf", text):
            return text
        text = re.sub(r"e([-+]?)0*(\d+)", r" \\times 10^{\1\2}", text)
        return Math(re.sub(r"inf|∞", r"\\infty", text))

    found = {name: entry(text) for name, text in facts.items()}
    if type(activation) is Activation:
        found["formula"] = Math(activation.latex)
    return found


def _said(tell: Callable[..., str], verdicts: Sequence[Any]) -> str:
    if any(v.value is None and v.verdict == "undecided" for v in verdicts):
        return "undecided"
    return tell(*verdicts)


def _range(verdict: Any) -> str:
    from .check_properties import interval

    return interval(verdict.value)


def _yes(verdict: Any) -> str:
    return {"proved": "yes", "refuted": "no"}.get(verdict.verdict, "undecided")


def _smoothness(verdict: Any) -> str:
    from .check_properties import smoothness

    return smoothness(verdict.value)


def _number(verdict: Any) -> str:
    from .check_properties import short

    return short(verdict.value)


def _saturation(left: Any, right: Any) -> str:
    from .check_properties import short

    ends = [
        f"{side} at {short(verdict.value['limit'])}"
        for side, verdict in (("left", left), ("right", right))
        if verdict.verdict == "proved"
    ]
    return ", ".join(ends) or ("none" if "undecided" not in (left.verdict, right.verdict) else "?")


def _part(name: str, suffix: str = "") -> Callable[..., str]:
    def tell(verdict: Any) -> str:
        from .check_properties import short

        number = verdict.value.get(name)
        return "unknown" if number is None else f"{short(number)}{suffix}"

    return tell


def _cost(verdict: Any) -> str:
    from .check_properties import _value

    return _value(verdict)


_TOLD: dict[str, tuple[tuple[str, ...], Callable[..., str]]] = {
    "range": (("range",), _range),
    "gradient_range": (("gradient_range",), _range),
    "monotonic": (("monotonic",), _yes),
    "smoothness": (("smoothness",), _smoothness),
    "mean": (("zero_centred",), _number),
    "saturates": (("saturates_left", "saturates_right"), _saturation),
    "dead_zone": (("dead_zone",), _number),
    "gain": (("gain",), _part("gain")),
    "cost": (("cost",), _cost),
}


# -- the picture ---------------------------------------------------------------------------------
def _picture(
    activations: "Sequence[Activation]",
    range_: str | None,
    points: int | None,
    at: str | None,
    input_: str | None,
    dtype: str,
    size: str | None,
    dpi: int,
    style: Literal["light", "dark"],
    ylim: str | None,
) -> tuple[Any, list[Any]]:
    """The overlay of values and gradients, and the difference of every pair."""
    from dataclasses import replace

    import numpy as np

    from ..figures.difference import Difference
    from ..inputs.numbers import parse_numbers, parse_range, read_numbers
    from ..pictures.function import Wanted, parse_size, picture
    from ..sampling import difference
    from .plot import MOST_POINTS, _named

    shown = list({activation.label: activation for activation in activations}.values())
    wanted = Wanted(
        range_=parse_range(range_) if range_ else None,
        ylim=_named("--ylim", parse_range, ylim),
        points=min(max(points, 2), MOST_POINTS) if points else 800,
        dtype=None if dtype == "float64" else dtype_named(dtype),
        at=[
            *([] if at is None else parse_numbers(at)),
            *([] if input_ is None else read_numbers(input_)),
        ],
        style=style,
        size=parse_size(size) if size else None,
        dpi=dpi,
    )
    drawn = picture(shown, wanted)
    curves = [curve for curve in drawn.curves if not curve.behind]
    drawn = replace(drawn, curves=curves, residuals=(), sweep=None)
    by_label = {activation.label: activation for activation in shown}
    found = []
    pairs = list(combinations(range(len(curves)), 2))
    if len(pairs) > MOST_PAIRS:  # then only those with the first function
        pairs = pairs[: len(curves) - 1]
    for i, j in pairs:
        a, b = by_label[curves[i].label], by_label[curves[j].label]

        def gap(x: Any, a: Any = a, b: Any = b) -> Any:
            return a(x) - b(x)

        seams = [cut.x for f in (a, b) for cut in f.cuts(*drawn.xlim)]
        with np.errstate(all="ignore"):  # of numbers near the largest
            pieces, (x, largest) = difference(gap, *drawn.xlim, seams=seams)
        found.append(Difference(i, j, [_sizes(*piece) for piece in pieces], (x, abs(largest))))
    return drawn, found


def _sizes(x: Any, y: Any) -> tuple[Any, Any]:
    """|y|, with a zero put in where y changes sign."""
    import numpy as np

    at = np.flatnonzero(np.sign(y[:-1]) * np.sign(y[1:]) < 0)
    before, after = np.abs(y[at]) / 2, np.abs(y[at + 1]) / 2
    zeros = x[at] + (x[at + 1] - x[at]) * (before / (before + after))
    return np.insert(x, at + 1, zeros), np.insert(abs(y), at + 1, 0.0)


def _write_picture(picture: Any, differences: Sequence[Any], output: str) -> None:
    from ..figures.difference import render
    from ..files import whole_file
    from ..pictures.function import kind_of

    content = render(picture, differences, kind_of(output))
    with whole_file(output, "wb") as stream:
        stream.write(content)
