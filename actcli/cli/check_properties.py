"""`actcli check-properties`: which properties hold, with evidence."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from .options import (
    DTYPES,
    Command,
    destination,
    format_for,
    functions_argument,
    output_options,
    parameter_options,
    resolve_functions,
)

if TYPE_CHECKING:
    from ..evaluate import Activation
    from ..properties import Verdict

COLUMNS = ("function", "property", "verdict", "value", "where", "detail")
SHOWN = ("property", "verdict", "value", "detail")  # in a table for people
STYLES = {
    "verdict": {"proved": "green", "refuted": "red", "undecided": "yellow", "measured": "cyan"}
}
MANY = 3  # functions for which a progress bar pays
MOST = 4  # members of a list that a table shows


@click.command(cls=Command, name="check-properties")
@functions_argument()
@parameter_options
@click.option("--only", metavar="NAME[,NAME...]", help="Only these properties.")
@click.option(
    "--require", metavar="NAME[,NAME...]",
    help="Exit with status 1 unless every FUNCTION has these properties.",
)  # fmt: skip
@click.option(
    "--budget", type=click.IntRange(1), metavar="CELLS",
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
    budget: int | None,
    dtype: str,
    format_: str | None,
    output: str | None,
    quiet: bool,
) -> int:
    """Show which properties each FUNCTION has: proved, refuted with a witness, or undecided.

    `measured` is evidence from samples and averages, where nothing else is asked for.
    """
    from ..properties import NAMES, check

    form = format_for(format_, output)
    required = _names("--require", require, NAMES)
    wanted = _names("--only", only, NAMES)
    asked = [n for n in NAMES if not wanted or n in wanted or n in required]
    activations = resolve_functions(functions, param, approx)
    missed: list[str] = []

    def answers() -> "Iterator[tuple[Activation, list[Verdict]]]":
        for activation in _progress(activations, quiet):
            verdicts = check(activation, asked, budget, dtype)
            missed.extend(
                f"{activation.label}: {v.property} is {v.verdict}" + (f", {v.detail}" if v.detail else "")
                for v in verdicts
                if v.property in required and v.verdict not in ("proved", "measured")
            )
            yield activation, [v for v in verdicts if not wanted or v.property in wanted]

    with destination(output) as stream:
        if form == "table":
            _tables(answers(), len(activations), stream, whole=not wanted)
        else:
            from ..tables import Writer

            with Writer(form, COLUMNS, stream) as writer:
                for activation, verdicts in answers():
                    writer.rows(_record(activation, v) for v in verdicts)
    if missed and not quiet:
        for line in missed:
            click.echo(f"actcli: {line}", err=True)
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


def _progress(activations: "Sequence[Activation]", quiet: bool) -> "Iterator[Activation]":
    """The activations, under a bar on a terminal if there are many; it vanishes at the end."""
    import sys

    if quiet or len(activations) < MANY or not sys.stderr.isatty() or sys.stdout.isatty():
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


# -- for people -------------------------------------------------------------------------------------
def _tables(
    answers: "Iterable[tuple[Activation, list[Verdict]]]", count: int, stream: Any, whole: bool
) -> None:
    """One table per function, each under its name and, if `whole`, over its summary."""
    from ..properties import summary
    from ..tables import write

    for number, (activation, verdicts) in enumerate(answers):
        if number:
            stream.write("\n")
        formula = "" if activation.typed else f"  f(x) = {activation.text}"
        if count > 1 or not activation.typed:
            stream.write(f"{activation.label}{formula}\n\n")
        records = [
            {
                "property": v.property,
                "verdict": v.verdict,
                "value": short(v.value),
                "detail": v.detail,
            }
            for v in verdicts
        ]
        write("table", SHOWN, records, stream, STYLES)
        if whole:
            stream.write("\n" + summary(verdicts) + "\n")
        stream.flush()


def short(value: object) -> str:
    """A value for people: six digits, intervals as [low, high], long lists cut."""
    if isinstance(value, Mapping):
        if {"inf", "sup", "inf_attained", "sup_attained"} <= value.keys():
            return interval(value)
        return ", ".join(f"{_word(key)} {short(entry)}" for key, entry in value.items())
    if isinstance(value, list | tuple):
        if len(value) == 3 and isinstance(value[2], str):
            return f"{value[2]} on [{short(value[0])}, {short(value[1])}]"
        shown = [
            f"[{', '.join(map(short, v))}]"
            if isinstance(v, list | tuple) and len(v) == 2 else short(v)
            for v in value[:MOST]
        ]  # fmt: skip
        return ", ".join(shown + ["..."] * (len(value) > MOST)) if shown else "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int):
        from ..tables.entries import rounded

        return rounded(float(value))
    return "" if value is None else str(value)


def interval(value: Mapping[str, Any]) -> str:
    """A range in brackets; round ones where it is not attained."""
    low, high = ("?" if value[end] is None else short(value[end]) for end in ("inf", "sup"))
    left = "[" if value["inf_attained"] else "("
    return f"{left}{low}, {high}{']' if value['sup_attained'] else ')'}"


def _word(key: str) -> str:
    return key.replace("_", " ")
