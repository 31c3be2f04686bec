"""What an audit of all numbers of a format needs: workers, a state file, and a way to go on."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import click

from .cluster_options import Workers, typed_again
from .progress import epoch_bar

if TYPE_CHECKING:
    from ..audits.audit import AuditRequest
    from ..audits.blocks import Blocks
    from ..audits.callers import Code
    from ..audits.calls import Caller
    from ..evaluation.activation import Activation


@contextmanager
def shared(
    f: "Activation", label: str, code: "Code", asked: "AuditRequest", timeout: float, resume: str | None,
    workers: Workers, quiet: bool,
) -> "Iterator[tuple[Caller, Blocks | None]]":  # fmt: skip
    """What calls the implementation, and what tries its numbers block by block if that is asked for.

    Ctrl-C says what goes on from the state file. ValueError for options that do not go together.
    """
    from ..audits.blocks import Blocks, identity
    from ..audits.callers import caller_of
    from ..audits.states import StateFile

    if resume is not None and not asked.tried:
        raise ValueError(
            f"--resume {resume}: nothing here takes long; add --exhaustive or --every N, or leave "
            "it out"
        )
    with ExitStack() as stack:
        pool = stack.enter_context(workers.pool())
        caller = caller_of(code, timeout)
        if hasattr(caller, "close"):
            stack.callback(caller.close)
        if not asked.tried:
            yield caller, None
            return
        facts = identity(caller)
        state = None
        if resume is not None:
            of = {
                "function": f.written, "implementation": label, "code": repr(code),
                "call": list(asked.calls), "dtype": asked.tried, "every": asked.every,
                "flush": asked.flush_subnormals, **facts,
            }  # fmt: skip
            state = stack.enter_context(StateFile(resume, of))
        report = stack.enter_context(epoch_bar(quiet))
        assert asked.every is not None
        try:
            flush = asked.flush_subnormals
            yield caller, Blocks(f, code, timeout, asked.every, flush, pool, facts, state, report)
        except KeyboardInterrupt:
            if resume is not None:
                said = f"what is finished is in {resume!r}; go on with {typed_again()}"
                click.echo(f"actcli: {said}", err=True)
            raise
