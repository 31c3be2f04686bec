"""Calls of foreign code, which runs in a process of its own that may crash, hang or lie."""

import os
import select
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict
from time import monotonic
from typing import Any, NoReturn, Protocol

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.types import Array
from ..wording import printable
from .implementation import HEAD, Implementation

TIMEOUT = 60.0  # seconds for a block
AGAIN = 512  # numbers that are asked for a second time
FACTS = {"framework", "version", "hash", "gradient"}


class Failure(ValueError):
    """One line that says what an implementation did instead of answering."""


class NotAccepted(ValueError):
    """One line that says why a dtype or quantity is not answered; others may be."""


class Caller(Protocol):
    """An implementation that can be called: results have the dtype and shape of x."""

    facts: dict[str, Any]

    def __call__(self, x: Array, quantity: str, how: str) -> Array:
        """The results at x (n,). Failure or NotAccepted where there are none."""


class ForeignCaller:
    """Calls foreign code in a spawned process, started with the first call."""

    def __init__(self, implementation: Implementation, timeout: float = TIMEOUT) -> None:
        self.implementation = implementation
        self.timeout = timeout
        self.said: dict[str, str] = {}  # by dtype
        self.flushes = False
        self._start()

    def _start(self) -> None:
        environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
        path = [p for p in (root, environment.get("PYTHONPATH", "")) if p]
        environment["PYTHONPATH"] = os.pathsep.join(path)
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "actcli.audits.child"], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, env=environment, start_new_session=True,
        )  # fmt: skip
        reply, _ = self._ask(asdict(self.implementation), timeout=max(TIMEOUT, self.timeout))
        self.facts = reply["facts"]
        self.flushes = reply["flushes"] and not reply["flushed_before"]

    def __call__(self, x: Array, quantity: str, how: str = "array") -> Array:
        header = {"dtype": x.dtype.name, "quantity": quantity, "call": how}
        reply, data = self._ask(header, x.tobytes())
        if len(data) != x.nbytes:
            raise Failure(f"{self.implementation.text} answers {len(data)} bytes for {x.nbytes}")
        if reply["said"]:
            self.said[x.dtype.name] = printable(reply["said"])
        self.flushes |= reply["flushes"]
        return np.frombuffer(data, x.dtype)

    def check_again(self, x: Array, y: Array, quantity: str, how: str) -> None:
        """Raises Failure if some of x, asked for again, have other results."""
        some = slice(None, None, max(1, len(x) // AGAIN))
        if how == "array":  # the same whole array, for results may depend on the place
            again = self(x, quantity, how)
        else:
            again, y = self(np.ascontiguousarray(x[some]), quantity, how), y[some]
        if not same_bits(again, y).all():
            raise Failure(f"{self.implementation.text} answers differently when asked again")

    def close(self) -> None:
        """Ends the process, and what it has started."""
        try:
            os.killpg(self._process.pid, signal.SIGKILL)
        except (OSError, AttributeError):
            self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()

    def _ask(
        self, header: dict[str, Any], data: bytes = b"", timeout: float | None = None
    ) -> tuple[dict[str, Any], bytes]:
        """The reply to a request. Whatever else comes is a Failure: nothing of it is believed."""
        import json

        text = json.dumps(header).encode()
        message = HEAD.pack(len(text), len(data)) + text + data
        assert self._process.stdin is not None
        until = monotonic() + (timeout or self.timeout)
        try:
            os.set_blocking(self._process.stdin.fileno(), False)
            self._write(message, until)
            size, rest = HEAD.unpack(self._read(HEAD.size, until))
            if size > 1 << 16 or rest not in (0, len(data)):
                raise TypeError
            reply = json.loads(self._read(size, until))
            answer = self._read(rest, until)
            if not _is_reply(reply):
                raise TypeError
        except BrokenPipeError:
            self._gone(until)
        except Failure:
            self.close()
            raise
        except (ValueError, TypeError, RecursionError):
            self.close()
            raise Failure(
                f"{self.implementation.text} writes into the answers of its process"
            ) from None
        if "error" in reply:
            why = printable(" ".join(reply["error"].split())[:300])
            if reply.get("refused"):
                raise NotAccepted(why)
            self.close()
            raise Failure(f"{self.implementation.text}: {why}")
        return reply, answer

    def _write(self, message: bytes, until: float) -> None:
        assert self._process.stdin is not None
        number, view = self._process.stdin.fileno(), memoryview(message)
        while view:
            _, ready, _ = select.select([], [number], [], max(0.0, until - monotonic()))
            if not ready:
                self._late()
            view = view[os.write(number, view[: 1 << 16]) :]

    def _read(self, size: int, until: float) -> bytes:
        assert self._process.stdout is not None
        number, parts = self._process.stdout.fileno(), []
        while size:
            ready, _, _ = select.select([number], [], [], max(0.0, until - monotonic()))
            if not ready:
                self._late()
            part = os.read(number, min(size, 1 << 20))
            if not part:
                self._gone(until)
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def _late(self) -> NoReturn:
        self.close()
        raise Failure(
            f"{self.implementation.text} does not answer within {self.timeout:g} seconds; "
            "--timeout allows more"
        )

    def _gone(self, until: float) -> NoReturn:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.1, until - monotonic()))
        status = self._process.returncode
        self.close()
        name = self.implementation.text
        if status is None:
            raise Failure(f"{name} closes the answers of its process")
        if status < 0:
            raise Failure(f"{name} crashes ({signal.strsignal(-status) or -status})")
        raise Failure(f"{name} ends its process with status {status}")


def _is_reply(reply: object) -> bool:
    """Whether it has the form of what `child.py` sends."""
    if not isinstance(reply, dict):
        return False
    if "error" in reply:
        return isinstance(reply["error"], str)
    loaded = isinstance(reply.get("facts"), dict) and {*reply["facts"]} == FACTS
    return isinstance(reply.get("flushes"), bool) and (
        isinstance(reply.get("said"), str)
        or (loaded and isinstance(reply.get("flushed_before"), bool))
    )


class OwnCaller:
    """Our own evaluation as an implementation."""

    def __init__(self, f: Activation) -> None:
        self._f = f
        self.facts: dict[str, Any] = {
            "framework": "actcli",
            "version": "",
            "hash": "",
            "gradient": True,
        }

    def __call__(self, x: Array, quantity: str, how: str = "array") -> Array:
        """The results at x (n,), in its dtype."""
        read = self._f if quantity == "value" else self._f.gradient
        if how == "scalar":
            return np.concatenate([np.atleast_1d(read(x[k : k + 1])) for k in range(len(x))])
        return np.asarray(read(np.repeat(x, 2)[::2] if how == "strided" else x))


def same_bits(a: Array, b: Array) -> Any:
    """Where results agree to the bit, any nan being like any other: bool of their shape."""
    bits = f"u{a.dtype.itemsize}"
    return (a.view(bits) == b.view(bits)) | ((a != a) & (b != b))
