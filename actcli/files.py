"""Writing whole files: a reader sees the old file or the new one, never a part of one."""

import errno
import os
import re
import signal
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import IO, Any

_DESCRIPTORS = "/proc/self/fd"
_OPENED = re.compile(r"/dev/(?:fd/(\d+)|(stdout|stderr))|/proc/self/fd/(\d+)")
"""Streams that are open already: to open a file behind one again would write over its beginning."""
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)  # Windows: \n stays \n


@contextmanager
def whole_file(path: str, mode: str = "w") -> Iterator[IO[Any]]:
    """Opens a stream that becomes the file `path` when the block ends, and no file if it fails.

    `mode` is "w" (UTF-8 text, newlines as written) or "wb". What is written goes to a file without
    a name in the same directory, which gets its name at the end, so that even a killed process
    leaves nothing; where the system has no such files, to a temporary one. Links are followed, and
    an existing file keeps its permissions. What is no regular file (/dev/stdout, whatever that is
    sent to, or a named pipe) is written to directly. Raises ValueError if `path` cannot be written
    to.
    """
    target = os.path.realpath(path)
    try:
        opened = _OPENED.fullmatch(path)
        if opened:
            number = int(opened[1] or opened[3] or ("", "stdout", "stderr").index(opened[2]))
            with _stream(os.dup(number), mode) as stream:
                yield stream
            return
        if os.path.exists(path) and not os.path.isfile(path) and not os.path.isdir(path):
            with _stream(path, mode) as stream:
                yield stream
            return
        check(path)
        temporary = os.path.join(os.path.dirname(target), f".{os.urandom(6).hex()}.part")
        with _removed_on_failure(temporary):
            descriptor = _nameless(os.path.dirname(target))
            named = descriptor is None
            if descriptor is None:
                descriptor = os.open(temporary, _NEW, 0o666)
            with _stream(descriptor, mode) as stream:
                yield stream
                stream.flush()
                with suppress(FileNotFoundError):
                    mode_now = stat.S_IMODE(os.stat(target).st_mode)
                    os.chmod(temporary if named else descriptor, mode_now)
                if not named:
                    named = _linked(descriptor, target, temporary)
            if named:
                os.replace(temporary, target)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise ValueError(f"cannot write {path!r}: {error.strerror}") from error


def _nameless(directory: str) -> int | None:
    """An open file that has no name yet, or None where the system knows no such files."""
    if not hasattr(os, "O_TMPFILE") or not os.path.isdir(_DESCRIPTORS):
        return None
    try:
        return os.open(directory, os.O_WRONLY | os.O_TMPFILE, 0o666)
    except OSError as error:
        if error.errno in (errno.EOPNOTSUPP, errno.EISDIR, errno.ENOENT, errno.EINVAL):
            return None
        raise


def _linked(descriptor: int, target: str, temporary: str) -> bool:
    """Gives a nameless file the name `target`, or where there is such a file `temporary`, and says
    whether it was that: a link replaces nothing, a name does."""
    place = f"{_DESCRIPTORS}/{descriptor}"
    folder = os.open(os.path.dirname(target), os.O_PATH)  # given, Python follows the link in /proc
    try:
        if not os.path.lexists(target):
            with suppress(FileExistsError):
                os.link(place, target, src_dir_fd=folder, follow_symlinks=True)
                return False
        os.link(place, temporary, src_dir_fd=folder, follow_symlinks=True)
        return True
    finally:
        os.close(folder)


def _stream(file: str | int, mode: str) -> IO[Any]:
    if "b" in mode:
        return open(file, mode)
    return open(file, mode, encoding="utf-8", newline="")


def check(path: str) -> None:
    """Raises ValueError, saying what to do, where `path` cannot become a file."""
    if _OPENED.fullmatch(path):
        return
    target = os.path.realpath(path)
    if not path or os.path.isdir(target) or path.endswith(("/", os.sep)):
        raise ValueError(f"cannot write {path!r}: it names no file; add a file name")
    if not os.path.isdir(os.path.dirname(target)):
        parent = os.path.dirname(path) or os.path.dirname(target)
        raise ValueError(f"cannot write {path!r}: there is no directory {parent!r}; make it first")
    try:
        os.stat(target)  # which finds a name that is too long
    except FileNotFoundError:
        pass
    except OSError as error:
        raise ValueError(f"cannot write {path!r}: {error.strerror}") from None
    if not os.access(os.path.dirname(target), os.W_OK):
        raise ValueError(f"cannot write {path!r}: its directory is read-only; choose another")
    if os.path.exists(target) and not os.access(target, os.W_OK):
        raise ValueError(f"cannot write {path!r}: the file is read-only; choose another name")


@contextmanager
def _removed_on_failure(path: str) -> Iterator[None]:
    """Remove the file if the block fails; SIGTERM and SIGHUP count as failures meanwhile."""

    def leave(number: int, frame: FrameType | None) -> None:
        sys.exit(128 + number)

    changed: list[int] = []
    try:
        for name in ("SIGTERM", "SIGHUP"):
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                with suppress(ValueError):  # only the main thread may set handlers
                    signal.signal(number, leave)
                    changed.append(number)
        yield
    except BaseException:
        with suppress(OSError):
            os.unlink(path)
        raise
    finally:
        for number in changed:
            signal.signal(number, signal.SIG_DFL)
