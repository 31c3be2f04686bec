"""Blocks of inputs on several threads."""

import os
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import Any

BLOCK = 16_384  # numbers per block: a kernel's temporaries then stay in the second-level cache
MOST_WORKERS = 8  # each holds up to 7 MB of scratch


_alone = False


def only_this_thread() -> None:
    """Does all blocks of this process on the thread that asks, as one worker of several should."""
    global _alone
    _alone = True


def each_block(work: Callable[[int], None], starts: range) -> None:
    """Run `work` for the start of every block, on all cores where that pays."""
    few = len(starts) < 2 or starts.step * len(starts) < 4 * BLOCK
    if _alone or few or _workers() == 1:
        for start in starts:
            work(start)
        return
    left = iter(starts)  # each thread takes the next block: one core may be slower than others

    def share() -> None:
        try:
            for start in left:
                work(start)
        finally:
            deque(left, 0)  # the others stop too, after an error; else nothing is left

    try:
        for done in [_pool().submit(share) for _ in range(_workers())]:
            done.result()
    finally:
        deque(left, 0)  # nor do they go on after an interrupt


def _cores() -> list[int]:
    """The cores that this process may run on; numbers without meaning where that is not known."""
    if hasattr(os, "sched_getaffinity"):
        return sorted(os.sched_getaffinity(0))
    return list(range(os.cpu_count() or 1))


@cache
def _workers() -> int:
    return min(len(_cores()), MOST_WORKERS)


@cache
def _pool() -> Any:
    """A pool that stays, with its threads and the kernels' scratch arrays.

    Threads that hand the interpreter to one another are often put on the same core. If there is one
    for every core, each keeps to its own.
    """
    from concurrent.futures import ThreadPoolExecutor

    cores = iter(_cores())

    def settle() -> None:
        if _workers() == len(_cores()) and hasattr(os, "sched_setaffinity"):
            with suppress(OSError, StopIteration):
                os.sched_setaffinity(0, {next(cores)})

    return ThreadPoolExecutor(_workers(), initializer=settle)
