"""Progress on standard error: on a terminal, of what takes longer than a second."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar

Item = TypeVar("Item")
Progress = Callable[[int, int, float], None]

PATIENCE = 1.0  # seconds without a bar


def tracked(items: Sequence[Item], label: Callable[[Item], str], quiet: bool) -> Iterator[Item]:
    """Yields the items, under a bar that names the one at work."""
    with bar(quiet) as show:
        for done, item in enumerate(items):
            if show is not None:
                show(done, len(items), label(item))
            yield item


@contextmanager
def epoch_bar(quiet: bool) -> Iterator[Progress | None]:
    """Shows the epochs done, and the loss, while the block runs."""
    with bar(quiet) as show:
        if show is None:
            yield None
        else:
            said = show
            yield lambda done, total, loss: said(
                done, total, f"loss {loss:.4f}" if loss == loss else ""
            )


@contextmanager
def bar(quiet: bool) -> Iterator[Callable[[int, int, str], None] | None]:
    """Passes on what shows how many of how many are done; the bar vanishes at the end."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from threading import Timer

    now = 0, 0, ""
    redraw: list[Callable[[], None]] = []
    stop: list[Callable[[], None]] = []

    def begin() -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        text = TextColumn("{task.description}", markup=False)
        kinds = BarColumn(), MofNCompleteColumn(), text, TimeRemainingColumn()
        bar = Progress(*kinds, console=Console(stderr=True), transient=True)
        task = bar.add_task("", total=None)

        def show() -> None:
            bar.update(task, completed=now[0], total=now[1] or None, description=now[2])

        show()
        stop.append(bar.stop)
        bar.start()
        redraw.append(show)

    def advance(done: int, total: int, text: str) -> None:
        nonlocal now
        now = done, total, text
        for show in redraw:
            show()

    late = Timer(PATIENCE, begin)
    late.daemon = True
    late.start()
    try:
        yield advance
    finally:
        late.cancel()
        late.join()
        for end in stop:
            end()
