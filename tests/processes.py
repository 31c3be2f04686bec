"""The program and other code in a process of its own, or here with streams as one has them."""

import io
import os
import subprocess
import sys
import time
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path

import actcli
from actcli.cli import run

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


def told(*args, encoding="utf-8"):
    """Status, output and errors of `actcli ...` in this process, with streams of that encoding."""
    streams = [io.TextIOWrapper(io.BytesIO(), encoding, newline="") for _ in range(2)]
    with redirect_stdout(streams[0]), redirect_stderr(streams[1]):
        try:
            run([*map(str, args)])
        except SystemExit as stopped:
            status = stopped.code
    for stream in streams:
        stream.flush()
    return status, *(stream.buffer.getvalue().decode(encoding) for stream in streams)


def done_here(*args, cwd="."):
    """What `finished` gives, without a start of the interpreter: `actcli ...` in this process."""
    with chdir(cwd):
        return subprocess.CompletedProcess(args, *told(*args))


def printed(code, *args):
    """What a script prints, on either stream; it must not fail."""
    done = finished(code, *args, command=(sys.executable, "-c"))
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def kept_after(count, path, process):
    """Waits until more than so many lines are in a file."""
    until = time.monotonic() + 120
    while time.monotonic() < until and process.poll() is None:
        if path.exists() and path.read_text().count("\n") > count:
            return
        time.sleep(0.05)
    raise AssertionError("it did not get there")
