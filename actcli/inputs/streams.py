"""Bytes of files and pipes: unpacked where they are compressed, and as they come where they are live."""

import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, cast

STANDARD_INPUT = "-"
MOST_BYTES = 1 << 26  # of a text that is kept at once; its cells take twenty times as much
PATIENCE = 0.05  # seconds for which numbers of a pipe may wait to be evaluated together
PAUSE = 0.01  # seconds after which a writer counts as slow

_GZIP = b"\x1f\x8b"


class Stream:
    """A binary file that hands out what there is, and tells its beginning without losing it."""

    def __init__(self, file: "BinaryIO | gzip.GzipFile") -> None:
        self._file, self._live = file, _is_pipe(file)
        self._held = b""
        self._over = False

    @property
    def ended(self) -> bool:
        """Whether all was handed out."""
        return self._over and not self._held

    def starts_with(self, *beginnings: bytes) -> bool:
        """Says whether one of these is how the file begins."""
        while not self._over and any(
            len(self._held) < len(b) and b.startswith(self._held) for b in beginnings
        ):
            self._held += self._next(io.DEFAULT_BUFFER_SIZE if self._live else 1 << 16)
        return self._held.startswith(beginnings)

    def chunk(self, size: int) -> bytes:
        """Reads `size` bytes or a few more; of a pipe what comes within PATIENCE; b"" at the end."""
        data, self._held = self._held, b""
        if len(data) < size and not self._over and not (self._live and data):
            data += self._next(size - len(data))
        return data

    def read(self, size: int) -> bytes:
        """Reads `size` bytes, fewer at the end only."""
        while len(self._held) < size and not self._over:
            self._held += self._next(size - len(self._held))
        data, self._held = self._held[:size], self._held[size:]
        return data

    def _next(self, size: int) -> bytes:
        if self._live:
            data = _gathered(self._file, size)
            self._over = not data
        else:
            data = self._file.read(size)
            self._over = len(data) < size  # at a keyboard, to ask again would take another Ctrl-D
        return data


def _is_pipe(file: Any) -> bool:
    try:
        mode = os.fstat(file.fileno()).st_mode
    except (OSError, AttributeError, ValueError):
        return False
    return os.name == "posix" and not isinstance(file, gzip.GzipFile) and (
        stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)
    )  # fmt: skip


def _gathered(file: Any, size: int) -> bytes:
    """What a pipe holds, and what follows at once; b"" at its end."""
    import time
    from select import select

    parts: list[bytes] = []
    total, until = 0, float("inf")
    while total < size:
        now = time.monotonic()
        wait = None if not parts else max(0.0, min(PAUSE, until - now))
        if not select([file], [], [], wait)[0]:
            break
        data = file.read1(size - total)
        if data is None:  # a pipe that does not block, though something else took what was there
            continue
        if not data and parts:
            break  # the end is found once more by the next call
        if not parts:
            until = time.monotonic() + PATIENCE
        parts.append(data)
        total += len(data)
        if not data:
            break
    return b"".join(parts)


@contextmanager
def opened(path: str, advice: str = "give a file, or - to read a pipe") -> Iterator[Stream]:
    """Opens a file, "-" for standard input, whose .gz is unpacked.

    Raises ValueError, also in the block, where it cannot be read; it ends in the advice.
    """
    name = name_of(path)
    try:
        if path == STANDARD_INPUT:
            yield unpacked(Stream(sys.stdin.buffer), name)
        else:
            with open(path, "rb") as file:
                yield unpacked(Stream(file), name)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise ValueError(f"{name} is a damaged .gz file; pack it again with gzip") from error
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ValueError(f"cannot read {path!r}: {error.strerror or error}; {advice}") from error


def unpacked(stream: Stream, name: str) -> Stream:
    """What a stream holds in .gz, or itself. Raises ValueError for another file called .gz."""
    if stream.starts_with(_GZIP):
        return Stream(gzip.GzipFile(fileobj=cast(Any, stream), mode="rb"))
    if name.lower().endswith(".gz"):
        raise ValueError(f"{name} is no .gz file; pack it with gzip, or rename it")
    return stream


def name_of(path: str) -> str:
    """What messages call the file."""
    return "standard input" if path == STANDARD_INPUT else path


def read_text(path: str, advice: str) -> str:
    r"""Reads a file of rows in UTF-8, "-" for standard input, with \n for every line end.

    Not more than MOST_BYTES. Raises ValueError, which gives the advice where there is nothing to
    read.
    """
    with opened(path, advice) as stream:
        return text_in(stream, "standard input" if path == STANDARD_INPUT else repr(path))


def text_in(stream: Stream, name: str) -> str:
    """Reads a stream as `read_text` does a file."""
    content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"{name} is larger than {MOST_BYTES >> 20} MB; give fewer rows")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{name} is no text file; give rows of numbers in UTF-8") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")
