"""The runs that train-toy trains or loads."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from .cluster_options import Workers
from .notes import note
from .progress import Progress, epoch_bar
from .shared_training import SeedBlock, identity, trained_by

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from ..toy.training import Run, Setup

LATER = (  # what may differ when a saved run is trained on
    "epochs", "learning_rate", "batch_size", "regularization", "regularization_rate", "stop_loss",
    "every",
)  # fmt: skip


def trained_runs(
    blocks: "Sequence[tuple[Setup, Sequence[Activation | Sequence[Activation]]]]",
    given: set[str],
    quiet: bool,
    resume: "Sequence[Run] | None" = None,
    workers: Workers | None = None,
) -> "tuple[list[Run], bool]":
    """The runs, and whether Ctrl-C ended them.

    `blocks` are setups with their functions, `given` the options that were typed.
    """
    from ..toy.training import TrainingInterrupted, completed, train
    from .unused_options import without_effect

    blocks = [(completed(setup), activations) for setup, activations in blocks]
    for line in dict.fromkeys(line for setup, _ in blocks for line in without_effect(setup, given)):
        note(f"actcli: {line}", quiet)
    if workers is not None:
        each = [(setup, f) for setup, activations in blocks for f in activations]
        facts = identity()
        tasks = [SeedBlock(number, *pair, facts) for number, pair in enumerate(each)]
        with epoch_bar(quiet) as progress:
            return trained_by(workers, tasks, progress), False
    runs: list[Run] = []
    try:
        with epoch_bar(quiet) as progress:
            for number, (setup, activations) in enumerate(blocks):
                runs += train(setup, activations, _part_of(progress, number, len(blocks)), resume)
    except TrainingInterrupted as stop:
        if not runs + stop.runs:
            raise
        return runs + stop.runs, True
    return runs, False


def _part_of(progress: Progress | None, number: int, parts: int) -> Progress | None:
    """Progress of one part of equal parts as that of the whole."""
    if progress is None or parts == 1:
        return progress
    return lambda done, total, loss: progress(number * total + done, parts * total, loss)


def loaded_runs(
    file: str, given: set[str], functions: Sequence[str], options: dict[str, Any], quiet: bool
) -> "tuple[list[Run], bool]":
    """Loads the runs in the file, and trains them on if options ask for more epochs."""
    from ..evaluation.function_text import stored
    from ..toy.storage import load
    from ..toy.training import Setup

    named = [part.strip() for text in functions for part in text.split("/")]
    runs = load(file, lambda label: stored(label, named))
    trained = {f.written for run in runs for f in run.activations if f.family == "Python callable"}
    for name in named:  # it is named again so that it may be imported
        if name not in trained:
            raise ValueError(f"{file!r} says what was trained; leave out {name!r}")
    names = {name for name in given if name in Setup.__dataclass_fields__} - {"load", "output"}
    for name in sorted(names - set(LATER)):
        raise ValueError(f"--{name.replace('_', '-')} cannot change in a saved run; start afresh")
    reached = max(int(run.epochs[-1]) for run in runs)
    if "epochs" not in names:
        if names:
            raise ValueError(f"{file!r} has {reached} epochs; say how many with --epochs")
        return runs, False
    if options["epochs"] <= reached:
        raise ValueError(f"{file!r} has {reached} epochs already; --epochs takes more than that")
    setup = runs[0].setup
    if any(run.setup != setup for run in runs):
        raise ValueError(f"{file!r} has runs of several settings, which do not go on; train afresh")
    setup = replace(setup, **{name: options[name] for name in names})
    setup = replace(setup, frames=options.get("frames", setup.frames))
    return trained_runs([(setup, [run.activations for run in runs])], names, quiet, runs)
