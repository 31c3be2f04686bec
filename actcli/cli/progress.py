"""Progress on standard error."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..evaluation.activation import Activation



MANY = 3  # functions for which a progress bar pays


def question_bar(activations: "Sequence[Activation]", bar: bool) -> "Iterator[Activation]":
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


Progress = Callable[[int, int, float], None]


@contextmanager
def epoch_bar(quiet: bool) -> Iterator[Progress | None]:
    """One bar with loss and time left on standard error, if that is a terminal."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeRemainingColumn,
    )

    shown = TextColumn("{task.fields[loss]}", markup=False)
    kinds = BarColumn(), TaskProgressColumn(), shown, TimeRemainingColumn()
    with Progress(*kinds, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None, loss="")

        def advance(done: int, total: int, loss: float) -> None:
            said = f"loss {loss:.4f}" if loss == loss else ""
            bar.update(task, completed=done, total=total, loss=said)

        yield advance
