"""The process in which foreign code runs: `python -m actcli.audits.child`.

Requests and replies are frames: the length of a JSON header, the header, and the bytes it tells of.
What the foreign code prints goes to standard error: its standard output is a duplicate of that.
"""

import json
import os
import signal
import sys
import threading
import time
from contextlib import suppress
from typing import Any, BinaryIO

import numpy as np

from ..evaluation.dtypes import dtype_named
from .foreign_code import Refused, loaded
from .implementation import HEAD


def send(stream: BinaryIO, header: dict[str, Any], data: bytes = b"") -> None:
    """Writes a frame."""
    text = json.dumps(header).encode()
    try:
        stream.write(HEAD.pack(len(text), len(data)) + text + data)
        stream.flush()
    except OSError:  # the code has closed what it does not own
        os._exit(1)


def receive(stream: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """Reads a frame; None at the end of the stream."""
    head = stream.read(HEAD.size)
    if len(head) < HEAD.size:
        return None
    size, rest = HEAD.unpack(head)
    header = json.loads(stream.read(size))
    return header, stream.read(rest)


def flushes_subnormals() -> bool:
    """Whether this process takes subnormal numbers for 0, as -ffast-math makes it."""
    tiny = np.array([2.0**-1070, 0.0])
    return bool(
        (tiny * 1.0)[0] == 0.0 or (np.array([2.0**-140], np.float32) + np.float32(0))[0] == 0
    )


def _end_without(parent: int) -> None:
    """Ends this process and what it has started once its parent is gone, whatever runs here."""
    while os.getppid() == parent:
        time.sleep(1)
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def main() -> None:
    """Loads what the first frame names, then answers a frame for each call."""
    replies = os.fdopen(os.dup(1), "wb")
    requests = os.fdopen(os.dup(0), "rb")
    os.dup2(2, 1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    sys.stdout = sys.stderr
    if hasattr(os, "killpg"):
        threading.Thread(target=_end_without, args=(os.getppid(),), daemon=True).start()
    first = receive(requests)
    if first is None:
        return
    before, own = flushes_subnormals(), os.getpid()
    try:
        code = loaded(first[0])
    except Refused as why:
        send(replies, {"error": str(why)})
        return
    if os.getpid() != own:  # a copy that the code has made of this process
        os._exit(0)
    send(replies, {"facts": code.facts, "flushes": flushes_subnormals(), "flushed_before": before})
    while (request := receive(requests)) is not None:
        header, data = request
        kind = dtype_named(header["dtype"])
        x = np.frombuffer(data, kind).copy()
        try:
            with np.errstate(all="ignore"):
                y, said = code.call(x, header["quantity"], header["call"])
            reply: dict[str, Any] = {}
        except Refused as why:
            reply = {"error": str(why), "refused": why.dtype}
        except BaseException as why:  # SystemExit, KeyboardInterrupt, what a class makes up
            reply = {"error": f"it raises {type(why).__name__}"}
        if os.getpid() != own:
            os._exit(0)
        if reply:
            send(replies, reply)
            continue
        send(replies, {"said": said, "flushes": flushes_subnormals()}, y.tobytes())


if __name__ == "__main__":
    with suppress(BrokenPipeError):  # nobody waits for an answer any more
        main()
