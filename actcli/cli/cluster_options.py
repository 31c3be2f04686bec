"""Options of work that several processes or machines share."""

import sys
from typing import TYPE_CHECKING, NamedTuple

import click

from .options import Count, bundled

if TYPE_CHECKING:
    from ..audits.executor import Pool


class Workers(NamedTuple):
    """`--processes` and `--dask` as typed."""

    processes: int | None = None
    dask: str | None = None

    def pool(self) -> "Pool":
        """The workers asked for; ValueError where there are none."""
        from ..audits.executor import Pool

        if self.processes is not None and self.dask is not None:
            raise ValueError("--processes and --dask exclude each other; leave one out")
        return Pool(self.processes, self.dask)


worker_options = bundled(
    "workers", Workers,
    click.option("--processes", type=Count(1, 1024), metavar="N",
                 help="Processes that share the work (default: one for every core)."),
    click.option("--dask", metavar="ADDRESS",
                 help="Share it with the workers of this Dask scheduler, as tcp://host:8786."),
)  # fmt: skip


def typed_again() -> str:
    """The command as it was typed, for a shell."""
    from shlex import join

    return join(["actcli", *sys.argv[1:]])
