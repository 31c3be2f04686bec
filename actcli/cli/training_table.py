"""The table of train-toy for people: medians over seeds, and sentences."""

from collections.abc import Sequence
from itertools import chain
from typing import TYPE_CHECKING, TextIO

from ..tables import write
from ..wording import wrapped

if TYPE_CHECKING:
    from ..toy.summary import Spread, Summary
    from ..toy.training import Run


def layers_of(runs: "Sequence[Run]") -> Sequence[str]:
    """The layers of the deepest network."""
    return max((run.layer_names for run in runs), key=len)


def learned_of(runs: "Sequence[Run]") -> list[str]:
    """The learned parameters of all of them."""
    return list(dict.fromkeys(chain.from_iterable(run.learned_names for run in runs)))


def write_table(runs: "Sequence[Run]", stream: TextIO) -> None:
    """Writes the table, a column per function, and the sentences below it."""
    from ..toy.comparison import luck
    from ..toy.run import title
    from ..toy.summary import sentence, summarise

    found = [summarise(run) for run in runs]
    setup = runs[0].setup
    stream.write(title(runs) + "\n\n")
    records = [_row(s, layers_of(runs), learned_of(runs), bool(runs[0].classes)) for s in found]
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
