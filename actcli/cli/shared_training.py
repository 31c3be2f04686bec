"""Training on several processes or machines: a block of seeds of a function with its settings is a task."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from .cluster_options import Workers
from .progress import Progress

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from ..toy.training import Run, Setup

SEEDS = 100  # of a block: a step of more together is hardly cheaper for each


@dataclass(frozen=True)
class SeedBlock:
    """Settings, of which the seeds are those of the block, and a function, or one for each layer.

    `number` is the place of settings and function among all; `expected` is what results depend on.
    """

    number: int
    setup: "Setup"
    functions: "Activation | Sequence[Activation]"
    expected: Mapping[str, Any]

    def __str__(self) -> str:
        first = self.setup.seed
        return f"training number {self.number + 1}, seeds {first} to {first + self.setup.seeds - 1}"

    def blocks(self) -> "list[SeedBlock]":
        """The tasks of blocks of SEEDS seeds at most."""
        setup = self.setup
        return [
            replace(
                self,
                setup=replace(setup, seed=setup.seed + k, seeds=min(SEEDS, setup.seeds - k)),
            )
            for k in range(0, setup.seeds, SEEDS)
        ]


def identity() -> dict[str, Any]:
    """What results depend on: versions, the compiled part, and what this processor computes."""
    from zlib import crc32

    import numpy as np

    from .. import native
    from ..version import __version__

    x = np.linspace(-3, 3, 250 * 5).reshape(250, 5)
    return {
        "actcli": __version__,
        "numpy": np.__version__,
        "compiled part": "there" if native.library() else None,
        "checksum of tanh and matmul": f"{crc32((np.tanh(x).T @ x).tobytes()):08x}",
    }


def trained(task: SeedBlock) -> "Run":
    """The run of a task, in any process; Mismatch in one whose results could be others."""
    from ..audits.executor import one_thread, same_here
    from ..toy.training import train

    one_thread()
    same_here(task.expected, identity(), "the training")
    (run,) = train(task.setup, [task.functions])
    return run


def trained_by(
    workers: Workers, tasks: Sequence[SeedBlock], progress: Progress | None
) -> "list[Run]":
    """The runs of all tasks in their order, whoever has done which block of them."""
    from ..audits.executor import results
    from ..toy.run import joined

    blocks = [block for task in tasks for block in task.blocks()]
    found: dict[tuple[int, int], Run] = {}
    with workers.pool() as pool:
        for block, run in results(pool, trained, blocks):
            found[block.number, block.setup.seed] = run
            if progress is not None:
                progress(len(found), len(blocks), float("nan"))
    return [
        joined([found[task.number, block.setup.seed] for block in task.blocks()]) for task in tasks
    ]
