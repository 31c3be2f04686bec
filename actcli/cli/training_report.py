"""What train-toy prints of runs and of experiments."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal, TextIO

from ..tables import Writer, write, write_shapes
from ..wording import wrapped

if TYPE_CHECKING:
    from ..toy.summary import Spread, Summary
    from ..toy.training import Run


def write_runs(
    form: str,
    runs: "Sequence[Run]",
    stream: TextIO,
    what: Literal["records", "summary", "pairs"] = "records",
) -> None:
    """Writes what each function did; for people always summed up."""
    if form == "table" and what != "pairs":
        show(runs, stream)
        return
    if what != "records":
        _write_summary(form, runs, stream, what == "pairs")
        return
    with Writer(form, columns(runs), stream) as writer:
        for run in runs:
            writer.batch(list(entries(run, columns(runs)[8:])))


SUMMARY = ("function", "measure", "median", "low", "high", "seeds")
PAIRS = ("a", "b", "measure", "difference", "low", "high", "p_value", "wins")


def _write_summary(form: str, runs: "Sequence[Run]", stream: TextIO, pairs: bool) -> None:
    """Writes what the runs come to; JSON holds both shapes, other formats the one asked for."""
    from ..toy.comparison import paired

    compared = [{name: getattr(pair, name) for name in PAIRS} for pair in paired(runs)]
    found = list(chain.from_iterable(map(_measured, runs)))
    if form in ("json", "jsonl") and not pairs:
        write_shapes(form, ((SUMMARY, found), (PAIRS, compared)), stream)
        return
    write(form, PAIRS if pairs else SUMMARY, compared if pairs else found, stream)


def _measured(run: "Run") -> Iterator[dict[str, Any]]:
    """The records of one function."""
    from ..toy.guessing import better_than_a_guess
    from ..toy.summary import summarise

    s, better = summarise(run), better_than_a_guess(run)
    for name, found in s.measures.items():
        yield {"function": s.label, "measure": name, **vars(found)}
    for name, share in (
        ("solved_fraction", s.solved),
        ("diverged_fraction", len(s.diverged) / s.seeds),
        ("better_than_guess_fraction", None if better is None else float(better.mean())),
    ):
        if share is not None:
            yield {"function": s.label, "measure": name, "median": share, "seeds": s.seeds}


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


def write_experiments(form: str | None, stream: TextIO) -> None:
    """Writes what experiments there are, as records if a format is asked for."""
    from ..toy.experiments import LISTED, listed

    if form is not None:
        write(form, LISTED, listed(), stream)
        return
    for name, shows, seconds, _ in (row.values() for row in listed()):
        stream.write(f"{name}\n{wrapped(f'  {shows}; about {seconds} s')}\n")


def columns(runs: "Sequence[Run]") -> tuple[str, ...]:
    """Names the columns of every machine format."""
    return (
        "function", "seed", "epoch", "train_loss", "test_loss", "test_accuracy", "dead_fraction",
        "saturated_fraction", *(f"gradient_norm_{name}" for name in _layers(runs)),
        *_learned(runs),
    )  # fmt: skip


def _layers(runs: "Sequence[Run]") -> Sequence[str]:
    """The layers of the deepest network."""
    return max((run.layer_names for run in runs), key=len)


def _learned(runs: "Sequence[Run]") -> list[str]:
    return list(dict.fromkeys(chain.from_iterable(run.learned_names for run in runs)))


def entries(run: "Run", layered: "Sequence[str]") -> Iterator[Any]:
    """Columns of one function: arrays with one entry per seed and epoch that was recorded.

    `layered` are the names of the columns that belong to a layer; nan where the run has no such.
    """
    import numpy as np

    there = np.isfinite(run.train_loss) | np.isfinite(run.test_loss)
    seeds, epochs = np.meshgrid(run.seeds, run.epochs, indexing="ij")
    units = np.array(run.setup.layers, np.float64)
    known = np.isfinite(run.saturated).any(axis=(0, 1))
    saturated = np.full(there.shape, np.nan)
    if known.any():
        saturated = run.saturated[..., known] @ (units[known] / units[known].sum())
    names = *(f"gradient_norm_{name}" for name in run.layer_names), *run.learned_names
    measured = np.concatenate([run.gradient_norms, run.learned], axis=-1)
    found = dict(zip(names, np.moveaxis(measured, -1, 0), strict=True))
    yield run.label
    for values in (
        seeds, epochs, run.train_loss, run.test_loss, run.test_accuracy,
        run.dead @ (units / units.sum()), saturated,
        *(found.get(name, np.full(there.shape, np.nan)) for name in layered),
    ):  # fmt: skip
        yield np.ascontiguousarray(values[there])


def show(runs: "Sequence[Run]", stream: TextIO) -> None:
    """The table per function, and the sentence."""
    from ..toy.comparison import luck
    from ..toy.run import title
    from ..toy.summary import sentence, summarise

    found = [summarise(run) for run in runs]
    setup = runs[0].setup
    stream.write(title(runs) + "\n\n")
    records = [_row(s, _layers(runs), _learned(runs), bool(runs[0].classes)) for s in found]
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
    if told := luck(runs):
        stream.write(wrapped(told) + "\n")
    if setup.seeds > 1:
        stream.write(wrapped("In brackets: from the 10 % to the 90 % point over seeds.") + "\n")


def _row(
    s: "Summary", layers: Sequence[str], learned: Sequence[str], classes: bool
) -> dict[str, str]:
    solved = f"test loss < {s.target:g}"
    row = {
        "function": s.label,
        "train loss": _spread(s.measures["train_loss"]),
        "test loss": _spread(s.measures["test_loss"]),
        "test accuracy": _spread(s.measures["test_accuracy"], percent=True) if classes else "",
        f"{solved}: seeds": _percent(s.solved),
        f"{solved}: epoch": f"{s.solved_at:g}" if s.solved_at == s.solved_at else "never",
        "diverged seeds": ", ".join(map(str, s.diverged)),
    }
    for name in layers[:-1]:
        row[f"dead, {name}"] = _percent(s.median(f"dead_fraction_{name}"))
        row[f"saturated, {name}"] = _percent(s.median(f"saturated_fraction_{name}"))
    for name in learned:
        parameter, _, layer = name.rpartition("_")
        row[f"{parameter}, {layer}"] = _spread(s.measures[name]) if name in s.measures else ""
    for name in layers:
        norm = s.median(f"gradient_norm_{name}")
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
