"""The program and other code in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import actcli

ENVIRONMENT = os.environ | {"PYTHONPATH": str(Path(actcli.__file__).parents[1])}
PROGRAM = (sys.executable, "-m", "actcli")


def started(*args, command=PROGRAM, **more):
    """Starts `actcli ...`, with pipes for what it prints."""
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*command, *args], **{"env": ENVIRONMENT, **streams, **more})


def finished(*args, command=PROGRAM, **more):
    """Runs `actcli ...` to its end, with its text kept."""
    kept = {"capture_output": True, "text": True}
    return subprocess.run(
        [*map(str, (*command, *args))], **{"env": ENVIRONMENT, **kept, **more}, check=False
    )


def printed(code, *args):
    """What a script prints, on either stream; it must not fail."""
    done = finished(code, *args, command=(sys.executable, "-c"))
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr
