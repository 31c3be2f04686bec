"""`actcli train-toy --experiment NAME`: published results, measured again."""

from collections.abc import Callable, Sequence

import click

from .function_argument import resolve_functions
from .output import destination, format_for

COLUMNS = (
    "experiment", "setting", "measured", "low", "high", "reference", "source", "agrees",
)  # fmt: skip
TAKEN = {
    "experiment", "functions", "param", "approx", "format_", "json_", "output", "quiet",
}  # fmt: skip


def reproduce(
    name: str,
    functions: Sequence[str],
    param: Sequence[str],
    approx: str | None,
    format_: str | None,
    output: str | None,
    given: set[str],
    progress: Callable[[int, int, float], None] | None,
) -> int:
    """Prints measured beside published; `given` are the options that were typed."""
    from ..tables import write
    from ..toy import experiments
    from ..wording import suggest

    for other in sorted(given - TAKEN):
        option = f"--{other.replace('_', '-')}"
        raise ValueError(
            f"{option} does not go with --experiment, whose settings are those of the reference; "
            f"leave out {option}, or train without --experiment"
        )
    if output is not None and output.lower().endswith((".png", ".svg", ".pdf", ".gif")):
        raise ValueError(f"-o {output!r}: an experiment prints a table; use -o FILE.tsv, .csv, .json")
    names = list(experiments.NAMES)
    name = name.strip().lower().replace("_", "-")
    if name not in names:
        if name == "list":
            click.echo("\n".join(names))
            return 0
        raise ValueError(
            f"no experiment is called {name!r}; "
            + suggest(name, names, f"there are {', '.join(names)}")
        )
    records = experiments.run(name, resolve_functions(functions, param, approx), progress)
    form = format_for(format_, output)
    with destination(output) as stream:
        if form != "table":
            write(form, COLUMNS, records, stream)
            return 0
        said = {True: "yes", False: "no", None: ""}
        shown = [r | {"agrees": said[r["agrees"]]} for r in records]
        short = [c for c in COLUMNS if c not in ("experiment", "source")]
        write("table", short, shown, stream)
        from ..wording import wrapped

        sources = dict.fromkeys(str(r["source"]) for r in records if r["source"])
        stream.write("\n" + "\n".join(wrapped(f"Reference: {s}") for s in sources) + "\n")
    return 0
