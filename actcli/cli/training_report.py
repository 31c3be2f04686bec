"""What train-toy prints of runs: records, or what they come to."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal, TextIO

from ..tables import Writer, write, write_shapes
from .training_table import layers_of, learned_of, write_table

if TYPE_CHECKING:
    from ..toy.training import Run


def write_runs(
    form: str,
    runs: "Sequence[Run]",
    stream: TextIO,
    what: Literal["records", "summary", "pairs"] = "records",
) -> None:
    """Writes what each function did; for people always summed up."""
    if form == "table" and what != "pairs":
        write_table(runs, stream)
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


def columns(runs: "Sequence[Run]") -> tuple[str, ...]:
    """Names the columns of every machine format."""
    return (
        "function", "seed", "epoch", "train_loss", "test_loss", "test_accuracy", "dead_fraction",
        "saturated_fraction", *(f"gradient_norm_{name}" for name in layers_of(runs)),
        *learned_of(runs),
    )  # fmt: skip


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
