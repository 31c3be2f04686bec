"""Training on several processes or machines: a function with its settings is a task."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .cluster_options import Workers
from .progress import Progress

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from ..toy.training import Run, Setup


@dataclass(frozen=True)
class Task:
    """Settings and a function, or one for each layer; `number` is its place among all."""

    number: int
    setup: "Setup"
    functions: "Activation | Sequence[Activation]"

    def __str__(self) -> str:
        return f"training number {self.number + 1}"


def trained(task: Task) -> "Run":
    """The run of a task, in any process."""
    from ..audits.executor import one_thread
    from ..toy.training import train

    one_thread()
    (run,) = train(task.setup, [task.functions])
    return run


def trained_by(workers: Workers, tasks: Sequence[Task], progress: Progress | None) -> "list[Run]":
    """The runs of all tasks in their order, whoever has done them."""
    from ..audits.executor import results

    found: dict[int, Run] = {}
    with workers.pool() as pool:
        for task, run in results(pool, trained, tasks):
            found[task.number] = run
            if progress is not None:
                progress(len(found), len(tasks), float("nan"))
    return [found[task.number] for task in tasks]
