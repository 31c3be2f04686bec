"""What train-toy prints of runs and of experiments."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TextIO

from ..tables import Writer, write
from ..wording import wrapped

if TYPE_CHECKING:
    from ..numbers.types import NumpyArray
    from ..toy.summary import Spread, Summary
    from ..toy.training import Run


def write_runs(form: str, runs: "Sequence[Run]", stream: TextIO) -> None:
    """Writes what each function did; in machine formats every record."""
    if form == "table":
        show(runs, stream)
        return
    with Writer(form, columns(runs), stream) as writer:
        for run in runs:
            writer.batch(list(entries(run)))


def write_experiment(form: str, records: Sequence[Mapping[str, Any]], stream: TextIO) -> None:
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


def columns(runs: "Sequence[Run]") -> tuple[str, ...]:
    """Names the columns of every machine format."""
    return (
        "function", "seed", "epoch", "train_loss", "test_loss", "test_accuracy", "dead_fraction",
        "saturated_fraction", *(f"gradient_norm_{name}" for name in runs[0].layer_names),
    )  # fmt: skip


def entries(run: "Run") -> "Iterator[str | NumpyArray]":
    """Yields the columns of one function: its label, then arrays with an entry per seed and epoch kept."""
    import numpy as np

    there = np.isfinite(run.train_loss) | np.isfinite(run.test_loss)
    seeds, epochs = np.meshgrid(run.seeds, run.epochs, indexing="ij")
    units = np.array(run.setup.layers, np.float64)
    known = np.isfinite(run.saturated).any(axis=(0, 1))
    saturated = np.full(there.shape, np.nan)
    if known.any():
        saturated = run.saturated[..., known] @ (units[known] / units[known].sum())
    yield run.label
    for values in (
        seeds, epochs, run.train_loss, run.test_loss, run.test_accuracy,
        run.dead @ (units / units.sum()), saturated,
        *np.moveaxis(run.gradient_norms, -1, 0),
    ):  # fmt: skip
        yield np.ascontiguousarray(values[there])


def show(runs: "Sequence[Run]", stream: TextIO) -> None:
    """Prints the table of all functions, and the sentence that sums it up."""
    from ..toy.run import title
    from ..toy.summary import sentence, summarise

    found = [summarise(run) for run in runs]
    setup = runs[0].setup
    stream.write(title(runs) + "\n\n")
    records = [_row(s, runs[0].layer_names, bool(runs[0].classes)) for s in found]
    facts = [name for name in records[0] if name != "function"]
    facts = [n for n in facts if any(r[n] for r in records)]
    labels = [s.label for s in found]
    if len(set(labels)) < len(labels):
        labels = [f"{label} ({k})" for k, label in enumerate(labels, 1)]
    table = [
        {
            "median over seeds": fact,
            **{label: r[fact] for label, r in zip(labels, records, strict=True)},
        }
        for fact in facts
    ]
    write("table", ("median over seeds", *labels), table, stream)
    stream.write("\n" + wrapped(sentence(runs)) + "\n")
    if setup.seeds > 1:
        stream.write(wrapped("In brackets: from the 10 % to the 90 % point over seeds.") + "\n")


def _row(s: "Summary", layers: Sequence[str], classes: bool) -> dict[str, str]:
    solved = f"test loss < {s.target:g}"
    row = {
        "function": s.label,
        "train loss": _spread(s.train_loss),
        "test loss": _spread(s.test_loss),
        "test accuracy": _spread(s.accuracy, percent=True) if classes else "",
        f"{solved}: seeds": _percent(s.solved),
        f"{solved}: epoch": f"{s.solved_at:g}" if s.solved_at == s.solved_at else "never",
        "diverged seeds": ", ".join(map(str, s.diverged)),
    }
    for k, name in enumerate(layers[: len(s.dead)]):
        row[f"dead, {name}"] = _percent(s.dead[k])
        row[f"saturated, {name}"] = _percent(s.saturated[k])
    for name, norm in zip(layers, s.gradient_norms, strict=True):
        row[f"gradient norm, {name}"] = f"{norm:.2g}" if norm == norm else ""
    return row


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %" if share == share else ""


def _spread(s: "Spread", percent: bool = False) -> str:
    if s.median != s.median:
        return ""
    middle, low, high = (100 * v if percent else v for v in (s.median, s.low, s.high))
    unit = " %" if percent else ""
    if low == high:
        return f"{middle:.3g}{unit}"
    return f"{middle:.3g}{unit} ({low:.3g} to {high:.3g})"
