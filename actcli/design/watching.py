"""Who is told how far long work has come, which nothing that it finds depends on."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

Watcher = Callable[[int, int, str], None]  # of how many of how many are done, and of what

_watcher: ContextVar[Watcher | None] = ContextVar("watcher", default=None)


@contextmanager
def watched(watcher: Watcher | None) -> Iterator[None]:
    """Tells a watcher, if there is one, of the work in the block."""
    before = _watcher.set(watcher)
    try:
        yield
    finally:
        _watcher.reset(before)


def tell(done: int, total: int, what: str) -> None:
    """Tells who watches; a total of 0 is not known."""
    watcher = _watcher.get()
    if watcher is not None:
        watcher(done, total, what)
