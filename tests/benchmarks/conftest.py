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
    ("--version", "list"): "`--version`, `list`; least script of click",
    ("table relu", "table gelu", "neuron", "train-toy of one epoch", "plot --terminal"): (
        "`table relu`, `table gelu`, `neuron`, `train-toy` of one epoch, `plot --terminal`; "
        "least script of click and numpy"
    ),
    ("check-properties gelu",): "`check-properties gelu`; least script of python-flint",
    ("plot tanh", "plot of ten functions", "compare -o"): (
        "`plot tanh`, `plot` of ten functions, `compare -o FILE`; least script of matplotlib"
    ),
    ("float64 numpy",): (
        "values and gradients of 1e6 float64; formulas in numpy; worst of nine functions"
    ),
    ("float64 torch", "float32 torch"): (
        "the same, and of float32; PyTorch forward and backward; worst of each"
    ),
    ("copy",): "the same of all functions; `numpy.copyto`; worst",
    ("text",): "1e6 numbers from text to TSV; `loadtxt`, a formula and `savetxt`",
    ("properties",): "`check-properties` of all functions, in seconds; slowest",
    ("distances",): "`compare` of 200 of their pairs, in seconds",
    ("records",): "training of 1000 seeds with a record an epoch; with one at the end",
    ("training 1", "training 100"): (
        "a training step, and one of each of 100 seeds; a loop in PyTorch"
    ),
}
"""Rows of the table: the keys under which benchmarks give their numbers, and what is compared."""
KEYS = {key for keys in TABLE for key in keys}


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
        assert key in KEYS
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


def shown(numbers):
    """Two decimals, or one digit of what is smaller."""
    texts = [f"{number:.2f}" if number >= 0.01 else f"{number:.1g}" for number in numbers]
    return "; ".join(texts) or "not installed"


def table(rows):
    """The lines of README, from the numbers of all rows."""
    lines = ["| CPU time of the first over that of the second | |", "|---|---|"]
    for keys, said in TABLE.items():
        told = [number for key in keys for number in rows[key]]
        lines.append(f"| {said} | {shown(told)} |")
    return "\n".join([*lines, "", f"Measured on: {machine()}.", ""])


def pytest_sessionfinish(session, exitstatus):
    rows = session.config.stash[ROWS]
    if set(rows) != KEYS:
        return
    before, _, rest = README.read_text(encoding="utf-8").partition(MARKS[0])
    _, end, after = rest.partition(MARKS[1])
    assert end, "README has no place for the table"
    README.write_text(before + MARKS[0] + table(rows) + end + after, encoding="utf-8")


def pytest_terminal_summary(terminalreporter, config):
    for key, numbers in config.stash[ROWS].items():
        terminalreporter.write_line(f"{key}: {shown(numbers)}")
