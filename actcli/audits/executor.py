"""Workers: tasks go through one concurrent.futures executor, here or on the machines of a cluster.

A task is plain data with a text that names it, and its result does not depend on who works on it: a
lost one is simply done again. Workers have one thread each.
"""

import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from contextlib import suppress
from typing import Any, TypeVar

Task = TypeVar("Task")
Result = TypeVar("Result")

PATIENCE = 2.0  # seconds for a scheduler to answer
DEATHS = 3  # of workers on one task, after which it is given up
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class Lost(ValueError):
    """One line that says which task ends every process that works on it."""


class Mismatch(ValueError):
    """One line that says which worker has another implementation or other versions."""


class Pool:
    """Workers: processes of this machine, or those of the Dask scheduler at `address`.

    ValueError where there is no such scheduler. To be closed; `with` does it.
    """

    def __init__(self, processes: int | None = None, address: str | None = None) -> None:
        self._processes = processes or _cores()
        self._client = None if address is None else _client(address)
        self._executor: Executor | None = None

    def __enter__(self) -> "Pool":
        return self

    def __exit__(self, kind: Any, *_: object) -> None:
        self.close(kind is not None)

    @property
    def width(self) -> int:
        """How many tasks may be under way: those at work, and the next ones for a cluster."""
        if self._client is None:
            return self._processes
        cores: int = sum(self._client.ncores().values())
        return 2 * max(1, cores)

    @property
    def broken(self) -> tuple[type[BaseException], ...]:
        """What a future raises whose worker is gone."""
        from concurrent.futures import BrokenExecutor, CancelledError

        if self._client is None:
            return (BrokenExecutor,)
        from distributed.comm.core import CommClosedError

        return BrokenExecutor, CancelledError, CommClosedError, OSError

    def submit(self, work: Callable[[Task], Result], task: Task) -> "Future[Result]":
        """The future of a task; workers are started with the first one, and where they have gone."""
        if self._executor is None:
            self._executor = self._started()
        return self._executor.submit(work, task)

    def renew(self) -> None:
        """Gives up the workers that are left; the next task has new ones."""
        if self._client is None:
            self.close(True)

    def close(self, now: bool = False) -> None:
        """Ends the workers of this machine; `now`: whatever they do."""
        executor, self._executor = self._executor, None
        if self._client is not None:
            with suppress(Exception):
                self._client.close()
        elif executor is not None:
            at_work = list((getattr(executor, "_processes", None) or {}).values())
            executor.shutdown(wait=not now, cancel_futures=True)
            for process in at_work if now else ():
                process.kill()

    def _started(self) -> Executor:
        if self._client is not None:
            found: Executor = self._client.get_executor(pure=False, retries=0)
            return found
        from concurrent.futures import ProcessPoolExecutor
        from multiprocessing import get_context

        os.environ.update(dict.fromkeys(THREADS, "1"))  # read by those who are started
        return ProcessPoolExecutor(
            self._processes, get_context("spawn"), initializer=_ignore_interrupts
        )


def results(
    pool: Pool, work: Callable[[Task], Result], tasks: Iterable[Task]
) -> Iterator[tuple[Task, Result]]:
    """Each task with its result, as they are done. What a task raises is raised here.

    Tasks whose worker is gone are done again, each alone, so that the one that ends its workers is
    known: Lost after DEATHS of them.
    """
    waiting = deque((task, 0) for task in tasks)
    suspects: deque[tuple[Task, int]] = deque()
    running: dict[Future[Result], tuple[Task, int]] = {}
    while waiting or suspects or running:
        try:
            if suspects:
                while suspects and not running:
                    task, deaths = suspects.popleft()
                    running[pool.submit(work, task)] = task, deaths
            else:
                while waiting and len(running) < pool.width:
                    task, deaths = waiting[0]
                    running[pool.submit(work, task)] = waiting.popleft()
        except pool.broken:
            pool.renew()
            if not running:
                waiting.appendleft((task, deaths))
                continue
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        gone = False
        for future in done:
            task, deaths = running.pop(future)
            try:
                result = future.result()
            except pool.broken as why:
                gone = True
                if deaths + 1 >= DEATHS:
                    raise Lost(f"{task}: {DEATHS} workers have died on it ({why})") from None
                suspects.append((task, deaths + 1))
            except BaseException as why:
                if type(why).__name__ == "KilledWorker":  # Dask has tried it that often
                    raise Lost(f"{task}: the workers that took it have died") from None
                raise
            else:
                yield task, result
        if gone and not running:
            pool.renew()


def same_here(expected: Mapping[str, Any], found: Mapping[str, Any], work: str) -> None:
    """Mismatch for the first fact that is not in this process what it is where the work was started."""
    for name, wanted in expected.items():
        if found[name] != wanted:
            raise Mismatch(
                f"{_worker()}: its {name} is {found[name] or 'none'}, where {work} was started "
                f"it is {wanted or 'none'}; install the same on both"
            )


def _worker() -> str:
    """The name of this worker, and of its machine."""
    import os
    import platform
    import sys

    if "distributed" in sys.modules:
        try:
            return f"worker {sys.modules['distributed'].get_worker().address}"
        except ValueError:
            pass
    return f"worker {os.getpid()} on {platform.node()}"


def one_thread() -> None:
    """Lets this process work on one thread, as is right for one worker of several."""
    from ..evaluation import threads

    threads.only_this_thread()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _ignore_interrupts() -> None:
    """Ctrl-C is for the process that has started the workers, which ends them."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _client(address: str) -> Any:
    """A client of the Dask scheduler at an address."""
    try:
        from distributed import Client
    except ImportError:
        raise ValueError(
            "--dask needs the package distributed; pip install 'actcli[cluster]'"
        ) from None
    import logging

    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except Exception as why:
        said = " ".join(str(why).split())[:120]
        raise ValueError(
            f"--dask {address}: no scheduler answers there ({type(why).__name__}: {said}); "
            "start one with dask scheduler, or leave --dask out"
        ) from None
    if not client.ncores():
        client.close()
        raise ValueError(
            f"--dask {address}: it has no workers; start some with dask worker {address}"
        )
    return client
