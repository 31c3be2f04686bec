"""What tests share: the commands as fixtures, which run in an empty directory.

Ctrl-C has effect in tests that were started in the background too, where shells switch it off. Matrix
products take one thread: tests share the cores by themselves, and two per product wait for each other.
Examples of hypothesis may take as long as they do on a machine that is busy. Polynomials of a function
and formulas as they are drawn that one test made are there for the next. Garbage is looked for as rarely
as the program does, and never in what lasts as long as the tests.
"""

import gc
import json
import os
import signal
import sys
import time
from functools import lru_cache

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when numpy is first imported

import pytest
from click.shell_completion import ShellComplete
from hypothesis import HealthCheck, settings
from matplotlib.mathtext import MathTextParser
from processes import started

from actcli.__main__ import GARBAGE
from actcli.cli import main, run
from actcli.evaluation import activation

signal.signal(signal.SIGINT, signal.default_int_handler)
settings.register_profile("busy", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy")
activation.MOST_TABLES = 256  # all functions are gone through again and again
MathTextParser._parse_cached = lru_cache(2048)(MathTextParser._parse_cached.__wrapped__)
gc.set_threshold(GARBAGE)


def pytest_collection_finish():
    gc.collect()
    gc.freeze()


@pytest.fixture
def program(capsysbinary, tmp_path, monkeypatch):
    """Runs `actcli ...`: status, standard output in bytes, standard error."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("FORCE_COLOR", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)

    def call(*args):
        with pytest.raises(SystemExit) as stopped:
            run([*map(str, args)])
        out, err = capsysbinary.readouterr()
        return stopped.value.code, out, err.decode()

    return call


def command(*words, columns=80):
    """A fixture that runs `actcli WORDS ...`: status, standard output, standard error."""

    @pytest.fixture
    def fixture(program, monkeypatch):
        monkeypatch.setenv("COLUMNS", str(columns))

        def call(*args):
            status, out, err = program(*words, *args)
            return status, out.decode("utf-8", "replace"), err

        return call

    return fixture


call = command()
check = command("check-properties")
compare = command("compare")
listed = command("list")
table = command("table")
neuron = command("neuron", columns=120)
toy = command("train-toy", columns=110)


@pytest.fixture
def refused():
    """Checks that a call ends with one line on standard error, and with a message in it."""

    def check(call, args, message):
        status, out, err = call(*args)
        assert (status, out or "") == (2, "")
        assert err.startswith("actcli: ")
        assert err.count("\n") == 1
        assert message.lower() in err.lower()

    return check


@pytest.fixture
def completed():
    """Completes the last word of `actcli ...`."""

    def call(*words):
        complete = ShellComplete(main, {}, "actcli", "_ACTCLI_COMPLETE").get_completions
        return [item.value for item in complete([*words[:-1]], words[-1])]

    return call


@pytest.fixture
def cluster(tmp_path):
    """A scheduler and two workers of one thread: its address, and their processes."""
    pytest.importorskip("distributed")
    file = tmp_path / "scheduler.json"
    plain = ("--no-dashboard", "--scheduler-file", str(file))
    dask = (sys.executable, "-m", "distributed.cli.dask_scheduler")
    running = [started(*plain, "--host", "127.0.0.1", "--port", "0", command=dask, cwd=tmp_path,
                       stdout=-3, stderr=-3)]  # fmt: skip
    try:
        until = time.monotonic() + 60
        while not file.exists() or not file.read_text().strip().endswith("}"):
            assert time.monotonic() < until
            time.sleep(0.1)
        dask = (sys.executable, "-m", "distributed.cli.dask_worker")
        for name in ("a", "b"):
            running.append(
                started(*plain, "--no-nanny", "--nthreads", "1", "--local-directory", name,
                        command=dask, cwd=tmp_path, stdout=-3, stderr=-3)
            )  # fmt: skip
        from distributed import Client

        address = json.loads(file.read_text())["address"]
        with Client(address, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=90)
        yield address, running[1:]
    finally:
        for process in reversed(running):
            process.kill()
            process.wait()
