"""CPU time of commands that do much: text of a million numbers, proofs about all functions, records.

Ratios are of whole processes that take turns.
"""

import statistics
import sys
import time
from itertools import combinations
from random import Random

import numpy as np
from benchmarks.test_startup import PROGRAM, cpu_seconds

import actcli
from actcli.toy.training import Setup, train

SCRIPT = """
import numpy as np
x = np.loadtxt("numbers.txt")
s = 1 / (1 + np.exp(-x))
np.savetxt("script.tsv", np.stack([x, s, s * (1 - s)], axis=1), fmt="%.17g", delimiter="\\t")
"""
PAIRS = 200
SEEDS, EPOCHS = 1000, 30


def processes(folder, *codes, rounds=3):
    """Median CPU seconds of processes of Python code and arguments."""
    taken = [
        [cpu_seconds([sys.executable, "-c", *code], folder) for code in codes]
        for _ in range(rounds)
    ]
    return [statistics.median(column) for column in zip(*taken, strict=True)]


def test_text(tmp_path, row):
    x = np.random.default_rng(0).normal(0, 3, 1_000_000)
    (tmp_path / "numbers.txt").write_text("\n".join(map(repr, x.tolist())))
    command = ("table", "logistic", "-i", "numbers.txt", "-o", "ours.tsv")
    ours, script = processes(tmp_path, (PROGRAM, *command), (SCRIPT,))
    written = np.loadtxt(tmp_path / "ours.tsv", skiprows=1, usecols=(1, 2), max_rows=1000)
    expected = np.loadtxt(tmp_path / "script.tsv", usecols=(0, 1), max_rows=1000)
    np.testing.assert_allclose(written, expected, rtol=1e-12)
    row("text", ours / script)


def test_properties(row):
    taken = []
    for name in actcli.names():
        start = time.process_time()
        actcli.activation(name).properties()
        taken.append(time.process_time() - start)
    row("properties", sum(taken), max(taken))


def test_distances(row):
    pairs = Random(0).sample([*combinations(actcli.names(), 2)], PAIRS)
    start = time.process_time()
    for a, b in pairs:
        actcli.compare(a, b)
    row("distances", time.process_time() - start)


def test_records(in_turn, row):
    def trained(every):
        setup = Setup(seeds=SEEDS, epochs=EPOCHS, every=every)
        return lambda: train(setup, [actcli.activation("relu")])

    seconds = in_turn({"each": trained(1), "last": trained(EPOCHS)}, 3)
    row("records", seconds["each"] / seconds["last"])
