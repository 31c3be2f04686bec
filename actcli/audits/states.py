"""State files: what is finished of a long piece of work, so that it can go on after an end.

A line of JSON with a checksum for each finished task, written through to the disk before the next.
"""

import json
import os
from types import TracebackType
from typing import Any, TextIO
from zlib import crc32


class StateFile:
    """The results of finished tasks by key, in a file that knows what they are of. A `with` block.

    A line that is damaged, as by the end of the machine, is not believed: its task is done again.
    ValueError for a file of something else, or one that another process is writing to.
    """

    def __init__(self, path: str, identity: dict[str, Any]) -> None:
        self.path = path
        self.results: dict[str, Any] = {}
        self._stream: TextIO = open(path, "a+", encoding="utf-8")  # noqa: SIM115 - held open
        try:
            self._lock()
            self._read(json.loads(json.dumps(identity)))
        except BaseException:
            self._stream.close()
            raise

    def __enter__(self) -> "StateFile":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        self._stream.close()

    def add(self, key: str, result: Any) -> None:
        """Writes the result of a task down, to the disk."""
        self._write([key, result])
        self.results[key] = result

    def _write(self, content: Any) -> None:
        text = json.dumps(content, separators=(",", ":"))
        self._stream.write(f"[{text},{crc32(text.encode())}]\n")
        self._stream.flush()
        os.fsync(self._stream.fileno())

    def _lock(self) -> None:
        try:
            import fcntl
        except ImportError:  # Windows has none of it
            return
        try:
            fcntl.flock(self._stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise ValueError(
                f"{self.path!r} is being written to by another process; give another FILE"
            ) from None

    def _read(self, identity: dict[str, Any]) -> None:
        self._stream.seek(0)
        text = self._stream.read()
        if not text:
            self._write(identity)
            return
        lines = text.split("\n")
        if lines[-1]:  # an end without its newline; the next line begins afresh
            self._stream.write("\n")
        known = _content(lines[0])
        if not isinstance(known, dict):
            raise ValueError(f"{self.path!r} is no state of an audit; give another FILE")
        for name in identity | known:
            was, now = known.get(name), identity.get(name)
            if was != now:
                raise ValueError(
                    f"{self.path!r} is of another audit: its {name} is {_shown(was)}, here it is "
                    f"{_shown(now)}; give another FILE, or delete this one"
                )
        for line in lines[1:]:
            content = _content(line)
            if isinstance(content, list) and len(content) == 2:
                self.results[content[0]] = content[1]


def _content(line: str) -> Any:
    """What a line holds; None if it is damaged."""
    try:
        content, check = json.loads(line)
        text, _, _ = line[1:].rpartition(",")
        return content if crc32(text.encode()) == check else None
    except (ValueError, TypeError):
        return None


def _shown(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
