"""Progress on standard error."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")


def tracked(
    items: Sequence[Item], label: Callable[[Item], str], quiet: bool, many: int
) -> Iterator[Item]:
    """Yields the items, on a terminal under a bar if there are `many`; it vanishes at the end."""
    if quiet or len(items) < many or not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

    columns = BarColumn(), MofNCompleteColumn(), TextColumn("{task.description}", markup=False)
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=len(items))
        for item in items:
            progress.update(task, description=label(item))
            yield item
            progress.advance(task)


Progress = Callable[[int, int, float], None]


@contextmanager
def epoch_bar(quiet: bool) -> Iterator[Progress | None]:
    """Shows one bar with loss and time left on standard error, if that is a terminal."""
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
