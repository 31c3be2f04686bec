"""`actcli check-properties`: which properties hold, with evidence."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from .notes import note
from .options import (
    DTYPES,
    Command,
    Count,
    destination,
    format_for,
    functions_argument,
    note_callables,
    output_options,
    parameter_options,
    resolve_functions,
)

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from ..properties import Verdict

COLUMNS = ("function", "property", "verdict", "value", "where", "detail")
SHOWN = ("property", "verdict", "value", "detail")  # in a table for people
STYLES = {
    "verdict": {"proved": "green", "refuted": "red", "undecided": "yellow", "measured": "cyan"}
}
MANY = 3  # functions for which a progress bar pays
MOST = 4  # members of a list that a table shows


def _complete_names(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    from ..properties import NAMES

    head, comma, last = incomplete.rpartition(",")
    return [f"{head}{comma}{name}" for name in NAMES if name.startswith(last)]


@click.command(cls=Command, name="check-properties")
@functions_argument()
@parameter_options
@click.option(
    "--only", metavar="NAME[,NAME...]", shell_complete=_complete_names,
    help="Only these properties.",
)  # fmt: skip
@click.option(
    "--require", metavar="NAME[,NAME...]", shell_complete=_complete_names,
    help="Exit with status 1 unless every FUNCTION has these properties.",
)  # fmt: skip
@click.option(
    "-r", "--range", "range_", metavar="LOW:HIGH",
    help="Ask every question on this interval: one-sided at its ends, limits there instead of at "
    "infinity, averages over normal inputs undecided.",
)  # fmt: skip
@click.option(
    "--budget", type=Count(1), metavar="CELLS",
    help="Cells that one question may cost before it is left undecided.",
)  # fmt: skip
@click.option(
    "--dtype", type=click.Choice(DTYPES), default="float64", show_default=True,
    help="The precision that numerically_stable judges.",
)  # fmt: skip
@output_options
def command(
    functions: tuple[str, ...],
    param: tuple[str, ...],
    approx: str | None,
    only: str | None,
    require: str | None,
    range_: str | None,
    budget: int | None,
    dtype: str,
    format_: str | None,
    output: str | None,
    quiet: bool,
) -> int:
    """Show which properties each FUNCTION has: proved, refuted with a witness, or undecided.

    `measured` is evidence from samples and averages, where nothing else is asked for.

    \b
    Examples:
      actcli check-properties gelu
      actcli check-properties 'log(x)' -r 0.5:2
      actcli check-properties 'grad(mish(x))' --only range,monotonic
    """
    from ..inputs.numbers import parse_range
    from ..properties import NAMES, answers

    form = format_for(format_, output)
    low, high = parse_range(range_) if range_ else (None, None)
    required = _names("--require", require, NAMES)
    wanted = _names("--only", only, NAMES)
    asked = [n for n in NAMES if not wanted or n in wanted or n in required]
    activations = resolve_functions(functions, param, approx)
    note_callables(activations, quiet)
    missed: list[str] = []

    def judged(activation: "Activation") -> "Iterator[Verdict]":
        for v in answers(activation, asked, budget, dtype, low, high):
            if v.property in required and v.verdict not in ("proved", "measured"):
                missed.append(f"{activation.label}: {v.property} is {v.verdict}: {v.detail}")
            if not wanted or v.property in wanted:
                yield v

    shown = _progress(activations, not quiet and _elsewhere(output))
    with destination(output) as stream:
        if form == "table":
            verdicts = ((activation, list(judged(activation))) for activation in shown)
            _tables(verdicts, len(activations), stream, whole=not wanted)
        else:
            from ..tables import Writer

            with Writer(form, COLUMNS, stream) as writer:
                for activation in shown:
                    for verdict in judged(activation):
                        writer.rows([_record(activation, verdict)])
                        stream.flush()
    if missed and not quiet:
        for line in missed:
            note(f"actcli: {line}")
    return 1 if missed else 0


def _names(option: str, text: str | None, known: Sequence[str]) -> list[str]:
    """The properties listed, in the fixed order; ValueError for a name that is none."""
    from ..functions.registry import suggest

    if text is None:
        return []
    listed = [name.strip().lower().replace("-", "_") for name in text.split(",")]
    for name in listed:
        if name not in known:
            raise ValueError(
                f"{option}: no property is called {name!r}; "
                + suggest(name, known, f"there are {', '.join(known)}")
            )
    return [name for name in known if name in listed]


def _elsewhere(output: str | None) -> bool:
    """Whether the answers do not appear on the terminal, so that a bar can stand there."""
    import sys

    return sys.stderr.isatty() and (output not in (None, "-") or not sys.stdout.isatty())


def _progress(activations: "Sequence[Activation]", bar: bool) -> "Iterator[Activation]":
    """The activations, under a bar if that is wanted and there are many; it vanishes at the end."""
    if not bar or len(activations) < MANY:
        yield from activations
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False)
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=len(activations))
        for activation in activations:
            progress.update(task, description=activation.label)
            yield activation
            progress.advance(task)


def _record(activation: "Activation", verdict: "Verdict") -> Mapping[str, object]:
    return {
        "function": activation.label,
        "property": verdict.property,
        "verdict": verdict.verdict,
        "value": verdict.value,
        "where": verdict.where,
        "detail": verdict.detail,
    }


# -- for people ----------------------------------------------------------------------------------
def _tables(
    answers: "Iterable[tuple[Activation, list[Verdict]]]", count: int, stream: Any, whole: bool
) -> None:
    """One table per function, each under its name and, if `whole`, over its summary."""
    from ..properties import summary
    from ..tables import write

    for number, (activation, verdicts) in enumerate(answers):
        if number:
            stream.write("\n")
        typed = activation.typed or activation.function is None
        title = activation.label if typed else f"{activation.label}  f(x) = {activation.text}"
        if count > 1 or not typed:
            stream.write(wrapped(title) + "\n\n")
        records = [
            {
                "property": v.property,
                "verdict": v.verdict,
                "value": _value(v),
                "detail": v.detail,
            }
            for v in verdicts
        ]
        write("table", SHOWN, records, stream, STYLES)
        if whole:
            stream.write("\n" + wrapped(summary(verdicts)) + "\n")
        stream.flush()


def wrapped(text: str) -> str:
    """Text cut into lines at the width of the terminal."""
    import shutil
    import textwrap

    width = shutil.get_terminal_size((80, 24)).columns
    return "\n".join(textwrap.wrap(text, width, subsequent_indent="  ", break_on_hyphens=False))


def _value(verdict: "Verdict") -> str:
    """The value of a property for people; of several numbers those that matter most."""
    value = verdict.value
    tell = _TOLD.get(verdict.property)
    return short(value) if value is None or tell is None else tell(value)


_TOLD: dict[str, Callable[[Any], str]] = {
    "smoothness": lambda v: smoothness(v),
    "saturates_left": lambda v: f"limit {_some(v['limit'])}",
    "saturates_right": lambda v: f"limit {_some(v['limit'])}",
    "identity_at_zero": lambda v: f"f {_some(v['f'])}, gradient {_some(v['gradient'])}",
    "gaussian_moments": lambda v: f"mean {_some(v['mean'])}, variance {_some(v['variance'])}",
    "gain": lambda v: f"{_some(v['gain'])}, slope {_some(v['slope'])}",
    "cost": lambda v: (
        f"{_some(v['operations'])} + {_some(v['gradient_operations'], 'unknown')} operations"
    ),
    "numerically_stable": lambda v: f"{_some(v['value_ulp'])} and {_some(v['gradient_ulp'])} ulp",
}


def _some(value: object, nothing: str = "none") -> str:
    return nothing if value is None else short(value)


def smoothness(order: float) -> str:
    """C0, C1, ... C∞, or that there are jumps."""
    if order == -1:
        return "jumps"
    return "C∞" if order == float("inf") else f"C{order:g}"


def short(value: object) -> str:
    """A value for people: six digits, intervals as [low, high], long lists cut."""
    if isinstance(value, Mapping):
        if {"inf", "sup", "inf_attained", "sup_attained"} <= value.keys():
            return interval(value)
        return ", ".join(f"{_word(key)} {short(entry)}" for key, entry in value.items())
    if isinstance(value, list | tuple):
        if len(value) == 3 and isinstance(value[2], str):
            return f"{value[2]} on {_between(*value[:2])}"
        shown = [
            _between(*v) if isinstance(v, list | tuple) and len(v) == 2 else short(v)
            for v in value[:MOST]
        ]
        return ", ".join(shown + ["..."] * (len(value) > MOST)) if shown else "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int):
        from ..tables.entries import rounded

        return rounded(float(value))
    return "" if value is None else str(value)


def _between(low: float, high: float) -> str:
    left, right = "(" if low == -float("inf") else "[", ")" if high == float("inf") else "]"
    return f"{left}{short(low)}, {short(high)}{right}"


def interval(value: Mapping[str, Any]) -> str:
    """A range in brackets; round ones where it is not attained."""
    low, high = ("?" if value[end] is None else short(value[end]) for end in ("inf", "sup"))
    left = "[" if value["inf_attained"] else "("
    return f"{left}{low}, {high}{']' if value['sup_attained'] else ')'}"


def _word(key: str) -> str:
    return key.replace("_", " ")
