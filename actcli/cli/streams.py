"""The process around a command: its standard streams, and Ctrl-C."""

import os
import stat
import sys


def input_waits() -> bool:
    """Says whether standard input is a pipe with data in it; takes none of them, and no time."""
    try:
        import fcntl
        import termios

        number = sys.stdin.fileno()
        mode = os.fstat(number).st_mode
        if not (stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode)):
            return False
        return any(fcntl.ioctl(number, termios.FIONREAD, bytes(4)))
    except (ImportError, OSError, ValueError, AttributeError):
        return False


def interrupt_again(lost: "sys.UnraisableHookArgs") -> None:
    """Repeats Ctrl-C a moment later where Python only reports exceptions, as in a destructor."""
    if lost.exc_type is not KeyboardInterrupt:
        sys.__unraisablehook__(lost)
        return
    from threading import Timer

    if os.name == "posix":
        import signal

        again = Timer(0.005, os.kill, (os.getpid(), signal.SIGINT))
    else:  # on Windows that would end the process at once
        from _thread import interrupt_main

        again = Timer(0.005, interrupt_main)
    again.daemon = True
    again.start()


def open_streams() -> None:
    """Replaces a closed standard stream (`<&-`, `>&-`) by an empty one, or refuses it."""
    if sys.stdin is None:
        sys.stdin = open(os.devnull)  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        encoding = getattr(stream, "encoding", None) or "utf-8"
        if not encoding.lower().startswith("utf") and hasattr(stream, "reconfigure"):
            import codecs

            from ..wording import stand_ins

            codecs.register_error("actcli", stand_ins)
            stream.reconfigure(errors="actcli")
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")  # noqa: SIM115
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115
        raise ValueError("standard output is closed; send it to a file, a pipe or /dev/null")
