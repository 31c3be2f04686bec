"""Experiments that train, with few seeds."""

import math

import numpy as np
import pytest

from actcli import activation
from actcli.toy import experiments
from actcli.toy.experiments import learning, memory


def measured(name, *functions):
    found = experiments.run(name, [activation(f) for f in functions])
    return {row["setting"]: row for row in found}


def test_circle(monkeypatch):
    monkeypatch.setattr(learning, "SEEDS", 5)
    found = {s.split(",")[0]: row for s, row in measured(
        "circle", "relu", "tanh", "logistic", "elu"
    ).items()}  # fmt: skip
    assert 5 < found["relu"]["measured"] < found["tanh"]["measured"] < 120
    assert found["logistic"]["measured"] == math.inf
    assert found["logistic"]["agrees"]
    assert found["elu"]["reference"] is None


def test_dying_by_step(monkeypatch):
    monkeypatch.setattr(learning, "DYING_SEEDS", 10)
    seen = []
    functions = [activation("relu"), activation("tanh")]
    found = experiments.run("dying-by-step", functions, lambda *step: seen.append(step[:2]))
    assert seen[-1][0] == seen[-1][1]
    assert seen == sorted(seen)
    shares = [row["measured"] for row in found]
    assert len(shares) == 10
    assert shares[4] > 0.15 > 0.1 > max(shares[:4])
    assert shares[5:] == [0] * 5


def test_spiral(monkeypatch):
    monkeypatch.setattr(learning, "SEEDS", 3)
    sine, logistic = measured("spiral", "sine", "logistic").values()
    assert sine["measured"] > 0.93
    assert 0.45 < logistic["measured"] < 0.7


def test_xor_2_2_1():
    assert learning.xor_solved(activation("sine"), 50, 1500).mean() > 0.9
    assert not learning.xor_solved(activation("identity"), 50, 200).any()
    relu = learning.xor_solved(activation("relu"), 200, 500).mean()
    assert 0.15 < relu < 0.45
    rows = experiments.run("xor-2-2-1", [activation(name) for name in ("tanh", "relu")])
    assert [row["agrees"] for row in rows] == [True, True]
    alone = learning.xor_solved(activation("relu"), 10, 500)
    assert (alone == learning.xor_solved(activation("relu"), 20, 500)[:10]).all()


def test_oversmoothing(monkeypatch):
    monkeypatch.setattr(memory, "GRAPH_SEEDS", 8)
    found = [row["measured"] for row in experiments.run("oversmoothing", [activation("relu")])]
    assert 0.93 <= found[0] <= 0.98
    assert 0.75 < found[1] < found[0]


def test_diverged_seeds_are_told_and_left_out():
    values = np.array([0.5, math.nan, 0.7, 0.6])
    assert experiments.rows.lost(values) == " (1 of 4 seeds diverged)"
    assert experiments.rows.spread(values)[0] == 0.6


def test_a_function_without_gradient_is_refused():
    with pytest.raises(ValueError, match="evolution"):
        experiments.run("circle", [activation("step")])
