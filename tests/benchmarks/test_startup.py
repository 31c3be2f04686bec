"""CPU time of whole processes: short commands against floors, scripts that do the least for the task.

`pytest tests/benchmarks/test_startup.py -n 0`. A floor imports just what its task cannot do
without. A command and its floor take turns, so that a busy moment of the machine hits both.
"""

import os
import statistics
import subprocess
import sys

import pytest

ROUNDS = 5
PROGRAM = "import sys; from actcli.__main__ import main; sys.argv[0] = 'actcli'; main()"
"""What the script `actcli` does that an installation writes."""

CLICK = """
import click
@click.command()
def main():
    click.echo({said})
main(standalone_mode=False)
"""
NUMPY = "import numpy as np\nx = np.linspace(-5, 5, 11)\n" + CLICK.format(said="np.maximum(x, 0)")
FLINT = "import flint\n" + NUMPY
SAID = CLICK.format(said="'actcli'")

FIGURE = """
import numpy as np
from matplotlib.figure import Figure

figure = Figure(figsize={size}, dpi={dpi})
x = np.linspace(-5, 5, 1000)
for axes in figure.subplots(1, {panels}, squeeze=False)[0]:
    for i in range({curves}):
        axes.plot(x, np.tanh(x * (1 + i / 9)), label=f"curve {{i}}")
    axes.legend()
figure.savefig("floor.png")
"""
"""A least script of matplotlib for a picture of so many panels, curves a panel and pixels."""

TEN = ["tanh", "logistic", "relu", "gelu", "swish", "mish", "elu", "selu", "softplus", "softsign"]

# what is measured: the command, its floor, the ratio it is to stay under
STARTUP = {
    "--version": (["--version"], SAID, 1.1),
    "list": (["list"], SAID, 1.2),
    "table relu": (["table", "relu"], NUMPY, 1.1),
    "table gelu": (["table", "gelu"], NUMPY, 1.15),
    "plot tanh": (
        ["plot", "tanh", "-o", "f.png"],
        FIGURE.format(size=(10, 4.4), dpi=200, panels=2, curves=1),
        1.0,
    ),
    "plot --terminal": (["plot", "tanh", "--terminal"], NUMPY, 1.3),
    "neuron": (["neuron", "logistic", "-w", "2,-1", "--at", "1,3"], NUMPY, 1.15),
    "train-toy of one epoch": (["train-toy", "gelu", "--epochs", "1"], NUMPY, 1.3),
    "check-properties gelu": (["check-properties", "gelu"], FLINT, 2.0),
    "plot of ten functions": (
        ["plot", *TEN, "-o", "f.png"],
        FIGURE.format(size=(10, 4.4), dpi=200, panels=2, curves=10),
        1.2,
    ),
    "compare -o": (
        ["compare", "gelu", "gelu_tanh", "-o", "f.png"],
        FIGURE.format(size=(10, 4.4), dpi=200, panels=2, curves=2),
        1.2,
    ),
}


def cpu_seconds(argv, folder):
    """User and system time of a process, which ends with status 0."""
    process = subprocess.Popen(
        argv, cwd=folder, stdout=subprocess.DEVNULL, env=os.environ | {"OMP_NUM_THREADS": "1"}
    )
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)  # else Popen believes it to run
    assert status == 0, argv
    return usage.ru_utime + usage.ru_stime


def startup_ratio(name, folder):
    """CPU seconds of the command and of its floor, and the command's over the floor's."""
    command, floor, _ = STARTUP[name]
    pairs = [
        [
            cpu_seconds([sys.executable, "-c", *code], folder)
            for code in ((PROGRAM, *command), (floor,))
        ]
        for _ in range(ROUNDS + 1)
    ][1:]
    seconds, least = (statistics.median(column) for column in zip(*pairs, strict=True))
    return seconds, least, seconds / least


@pytest.mark.parametrize("name", STARTUP)
def test_startup(name, tmp_path, row):
    seconds, least, ratio = startup_ratio(name, tmp_path)
    row(name, ratio)
    print(f"{name}: {seconds * 1e3:.0f} ms, floor {least * 1e3:.0f} ms, ratio {ratio:.2f}")
    assert ratio <= STARTUP[name][2]
