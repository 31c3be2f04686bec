"""`actcli check-properties`: which properties hold, with evidence."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from ..evaluation.dtypes import DTYPES
from ..wording import short, smoothness, some, wrapped
from .function_argument import resolve_functions
from .notes import note, note_callables
from .options import Command, Count, functions_argument, output_options, parameter_options
from .output import destination, format_for
from .progress import question_bar

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from ..properties import Verdict

COLUMNS = ("function", "property", "verdict", "value", "where", "detail")
SHOWN = ("property", "verdict", "value", "detail")  # in a table for people
STYLES = {
    "verdict": {"proved": "green", "refuted": "red", "undecided": "yellow", "measured": "cyan"}
}


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

    shown = question_bar(activations, not quiet and _elsewhere(output))
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
    from ..wording import suggest

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


def _value(verdict: "Verdict") -> str:
    """The value of a property for people; of several numbers those that matter most."""
    value = verdict.value
    tell = _TOLD.get(verdict.property)
    return short(value) if value is None or tell is None else tell(value)


_TOLD: dict[str, Callable[[Any], str]] = {
    "smoothness": lambda v: smoothness(v),
    "saturates_left": lambda v: f"limit {some(v['limit'])}",
    "saturates_right": lambda v: f"limit {some(v['limit'])}",
    "identity_at_zero": lambda v: f"f {some(v['f'])}, gradient {some(v['gradient'])}",
    "gaussian_moments": lambda v: f"mean {some(v['mean'])}, variance {some(v['variance'])}",
    "gain": lambda v: f"{some(v['gain'])}, slope {some(v['slope'])}",
    "cost": lambda v: (
        f"{some(v['operations'])} + {some(v['gradient_operations'], 'unknown')} operations"
    ),
    "numerically_stable": lambda v: f"{some(v['value_ulp'])} and {some(v['gradient_ulp'])} ulp",
}
