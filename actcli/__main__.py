"""`python -m actcli` and the console script."""

import atexit
import gc
import os
import sys
from contextlib import suppress

GARBAGE = 200_000
"""New objects between two looks for garbage among them. What is imported lives to the end: with
Python's own 700 these looks take a quarter of the time of a picture."""


def main() -> None:
    """Runs the program and ends the process with its status."""
    gc.set_threshold(GARBAGE)
    _keep_quiet()
    status = 130
    try:
        from .cli import run

        run()
    except KeyboardInterrupt:  # what is imported first takes a tenth of a second
        sys.stderr.write("actcli: interrupted\n")
    except SystemExit as stop:
        status = int(stop.code or 0)
    _leave(status)


class _QuietMatplotlib:
    """Silences matplotlib's log, as of its directories, when it is first imported.

    To do so before would import `logging` in commands that draw nothing.
    """

    @classmethod
    def find_spec(cls, name: str, path: object = None, target: object = None) -> None:
        if name == "matplotlib":
            sys.meta_path.remove(cls)
            import logging

            logging.getLogger(name).setLevel(logging.CRITICAL)


def _keep_quiet() -> None:
    """Nothing but this program's own messages reaches standard error, nothing opens a window."""
    import warnings

    os.environ["MPLBACKEND"] = "agg"
    sys.meta_path.insert(0, _QuietMatplotlib)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")


def _leave(status: int) -> None:
    """Ends the process at once: to take its modules apart is a fifth of a short run."""
    atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):  # it may be closed
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    main()
