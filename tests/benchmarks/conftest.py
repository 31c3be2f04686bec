"""What the benchmarks share: CPU time of calls that take turns, and the table in README.

A run of the whole folder, `pytest tests/benchmarks`, writes what it measured between two marks in
README; a part of it only prints. All is done by one process, whatever number of them is usual.
"""

import os
import platform
import re
import statistics
import subprocess
import time
from importlib import metadata
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when numpy is first imported

import pytest

README = Path(__file__).resolve().parents[2] / "README.md"
MARKS = "<!-- benchmarks -->\n", "<!-- end of benchmarks -->\n"
ROWS = pytest.StashKey[dict]()
TABLE = {
    "--version": "`--version`, least script of click",
    "list": "`list`, the same",
    "table relu": "`table relu`, least script of click and numpy",
    "table gelu": "`table gelu`, the same",
    "neuron": "`neuron`, the same",
    "train-toy of one epoch": "`train-toy` of one epoch, the same",
    "plot --terminal": "`plot --terminal`, the same",
    "check-properties gelu": "`check-properties gelu`, least script of python-flint",
    "plot tanh": "`plot tanh`, least script of matplotlib",
    "plot of ten functions": "`plot` of ten functions, the same",
    "compare -o": "`compare -o FILE`, the same",
    "float64 numpy": "values and gradients of 1e6 float64, formulas in numpy; worst of nine functions",
    "float64 torch": "the same, PyTorch forward and backward; worst",
    "float32 torch": "the same of float32; worst",
    "copy": "the same of all functions, `numpy.copyto`; worst",
    "text": "1e6 numbers from text to TSV, `loadtxt`, a formula and `savetxt`",
    "properties": "`check-properties` of all functions, in seconds; slowest",
    "distances": "`compare` of 200 of their pairs, in seconds",
    "records": "training of 1000 seeds with a record an epoch, with one at the end",
    "training 1": "a training step, a loop in PyTorch",
    "training 100": "a training step of each of 100 seeds, the same",
}
"""Rows of the table: the key under which a benchmark gives its numbers, and what is compared."""


def pytest_configure(config):
    config.stash[ROWS] = {}
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-1:])  # one thread, of actcli too


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config):
    """Benchmarks that ran side by side would measure each other."""
    config.option.numprocesses = 0


@pytest.fixture
def row(pytestconfig):
    """Takes the numbers of a row: its key, and one or two numbers, none without the rival."""

    def take(key, *numbers):
        assert key in TABLE
        pytestconfig.stash[ROWS][key] = numbers

    return take


@pytest.fixture(scope="session")
def in_turn():
    """Median CPU seconds of calls that take turns; `rounds` of them after one that warms up."""

    def measured(calls, rounds=3):
        times = {name: [] for name in calls}
        for _ in range(rounds + 1):
            for name, call in calls.items():
                start = time.process_time()
                call()
                times[name].append(time.process_time() - start)
        return {name: statistics.median(seconds[1:]) for name, seconds in times.items()}

    return measured


def machine():
    """Processor, cores, Python and what else the numbers depend on."""
    model = re.search(r"^model name\s*:\s*(.+)$", _cpuinfo(), re.MULTILINE)
    said = [model[1] if model else platform.processor() or platform.machine()]
    said += [f"{os.cpu_count()} cores", f"Python {platform.python_version()}"]
    for name in ("numpy", "torch"):
        try:
            said.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            said.append(f"{name} not installed")
    from actcli import native

    said.append(f"{'with' if native.library() else 'without'} the compiled part")
    return ", ".join(said)


def _cpuinfo():
    try:
        return Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        done = subprocess.run(
            ["sysctl", "-n", "machdep.cpu.brand_string"],
            capture_output=True,
            text=True,
            check=False,
        )
        return f"model name : {done.stdout}"


def table(rows):
    """The lines of README, from the numbers of all rows."""
    lines = ["| CPU time of the first over that of the second | |", "|---|---|"]
    for key, said in TABLE.items():
        numbers = "; ".join(f"{number:.2f}" for number in rows[key]) or "not installed"
        lines.append(f"| {said} | {numbers} |")
    return "\n".join([*lines, "", f"Measured on: {machine()}.", ""])


def pytest_sessionfinish(session, exitstatus):
    rows = session.config.stash[ROWS]
    if set(rows) != set(TABLE):
        return
    before, _, rest = README.read_text(encoding="utf-8").partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    assert end, "README has no place for the table"
    README.write_text(before + MARKS[0] + table(rows) + end + after, encoding="utf-8")


def pytest_terminal_summary(terminalreporter, config):
    for key, numbers in config.stash[ROWS].items():
        shown = "; ".join(f"{number:.2f}" for number in numbers) or "not installed"
        terminalreporter.write_line(f"{TABLE[key]}: {shown}")
