"""The experiments of train-toy: what is measured beside what was published."""

from collections.abc import Mapping, Sequence
from typing import Any, TextIO

from ..tables import write
from ..wording import wrapped
from .function_argument import resolve_functions
from .output import destination
from .output_options import Output
from .progress import epoch_bar
from .subcommand import Param

WITH_EXPERIMENT = {"experiment", "functions", "param", "approx", "format_", "output", "quiet"}


def reproduce(
    name: str, functions: Sequence[str], param: Param, out: Output, given: set[str]
) -> int:
    """Prints measured beside published; `given` are the options that were typed."""
    from ..toy import experiments

    name = _experiment_named(name, given, out)
    if name == "list":
        with destination(out.output) as stream:
            _write_list(out.format_ or (out.output and out.form), stream)
        return 0
    with epoch_bar(out.quiet) as progress:
        records = experiments.run(name, resolve_functions(functions, *param), progress)
    with destination(out.output) as stream:
        _write_measured(out.form, records, stream)
    return 0


def _experiment_named(name: str, given: set[str], out: Output) -> str:
    """Normalizes the name of an experiment, or "list"; ValueError for options that go with none."""
    from ..toy.experiments import NAMES
    from ..wording import unknown

    for other in sorted(given - WITH_EXPERIMENT):
        option = f"--{other.replace('_', '-')}"
        raise ValueError(
            f"{option} does not go with --experiment, whose settings are those of the reference; "
            f"leave out {option}, or train without --experiment"
        )
    if out.drawn:
        raise ValueError(
            f"-o {out.output!r}: an experiment prints a table; use -o FILE.tsv, .csv, .json"
        )
    name = name.strip().lower().replace("_", "-")
    if name not in (*NAMES, "list"):
        raise unknown("experiment", name, NAMES)
    return name


def _write_measured(form: str, records: Sequence[Mapping[str, Any]], stream: TextIO) -> None:
    """Writes measured beside published results; for people the references are below the table."""
    from ..toy.experiments import COLUMNS

    if form != "table":
        write(form, COLUMNS, records, stream)
        return
    said = {True: "yes", False: "no", None: ""}
    shown = [{**r, "agrees": said[r["agrees"]]} for r in records]
    short = [c for c in COLUMNS if c not in ("experiment", "source")]
    write("table", short, shown, stream)
    sources = dict.fromkeys(str(r["source"]) for r in records if r["source"])
    stream.write("\n" + "\n".join(wrapped(f"Reference: {s}") for s in sources) + "\n")


def _write_list(form: str | None, stream: TextIO) -> None:
    """Writes what experiments there are, as records if a format is asked for."""
    from ..toy.experiments import LISTED, listed

    if form is not None:
        write(form, LISTED, listed(), stream)
        return
    for name, shows, seconds, _ in (row.values() for row in listed()):
        stream.write(f"{name}\n{wrapped(f'  {shows}; about {seconds} s')}\n")
