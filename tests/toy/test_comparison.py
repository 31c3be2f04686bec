import csv
import io
import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import actcli
from actcli.cli.training_report import write_runs
from actcli.toy.comparison import luck, median_interval, paired, sign_test
from actcli.toy.training import Setup, train


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_sign_test_is_the_binomial_test(wins, losses):
    truth = stats.binomtest(wins, wins + losses).pvalue if wins + losses else 1.0
    assert sign_test(wins, losses) == pytest.approx(truth, rel=1e-9)


@pytest.mark.parametrize("n", [*range(13), 30, 101])
def test_the_interval_holds_the_median_as_often_as_it_says_and_is_the_shortest_such(n):
    low, high = median_interval(np.arange(1.0, n + 1)[::-1])
    if n < 6:  # 2 * 2**-5 is more than 5 %
        assert (low, high) == (-math.inf, math.inf)
        return
    below, above = low - 1, n - high  # so many values are outside on either side
    assert below == above
    assert 2 * stats.binom.cdf(below, n, 0.5) <= 0.05 < 2 * stats.binom.cdf(below + 1, n, 0.5)


@pytest.fixture(scope="module")
def runs():
    functions = [actcli.activation(name) for name in ("relu", "tanh", "identity")]
    return train(Setup(epochs=20, seeds=8), functions)


def text_of(write, *args):
    stream = io.StringIO()
    write(*args[:2], stream, *args[2:])
    return stream.getvalue()


def test_the_summary_says_what_the_records_say(runs):
    records = list(csv.DictReader(io.StringIO(text_of(write_runs, "csv", runs))))
    summary = list(csv.DictReader(io.StringIO(text_of(write_runs, "csv", runs, "summary"))))
    for name in ("relu", "tanh"):
        for measure in ("train_loss", "test_loss", "test_accuracy", "gradient_norm_output"):
            last = [float(r[measure]) for r in records
                    if r["function"] == name and r["epoch"] == "20"]  # fmt: skip
            (row,) = (r for r in summary if (r["function"], r["measure"]) == (name, measure))
            assert float(row["median"]) == pytest.approx(np.median(last), rel=1e-12)
            assert float(row["low"]) == pytest.approx(np.quantile(last, 0.1), rel=1e-12)
            assert row["seeds"] == "8"


def test_pairs_are_compared_seed_by_seed(runs):
    records = list(csv.DictReader(io.StringIO(text_of(write_runs, "csv", runs))))
    last = {
        name: [float(r["test_loss"]) for r in records
               if r["function"] == name and r["epoch"] == "20"]
        for name in ("relu", "tanh")
    }  # fmt: skip
    gaps = np.subtract(last["relu"], last["tanh"])
    (pair,) = (p for p in paired(runs) if (p.a, p.b, p.measure) == ("relu", "tanh", "test_loss"))
    assert pair.difference == pytest.approx(np.median(gaps), rel=1e-12)
    assert (pair.wins, pair.losses) == ((gaps < 0).sum(), (gaps > 0).sum())
    assert pair.p_value == pytest.approx(stats.binomtest(pair.wins, 8).pvalue)
    assert {p.measure for p in paired(runs)} == {
        "train_loss", "test_loss", "test_accuracy", "solved_epoch",
    }  # fmt: skip


def test_json_holds_both_shapes(runs):
    both = json.loads(text_of(write_runs, "json", runs, "summary"))
    shapes = {tuple(record) for record in both}
    assert shapes == {
        ("function", "measure", "median", "low", "high", "seeds"),
        ("a", "b", "measure", "difference", "low", "high", "p_value", "wins"),
    }
    lines = text_of(write_runs, "jsonl", runs, "summary").splitlines()
    assert [json.loads(line) for line in lines] == both


def test_the_sentence_on_luck_counts_all_pairs(runs):
    told = luck(runs)
    assert told.startswith("relu reached a test loss of 0.1 before ")
    assert "with all 3 pairs counted" in told
    assert luck(runs[:1]) == ""
    alone = luck(runs[1:])  # neither gets there: the losses decide
    assert alone.startswith("tanh ")


def test_the_sentence_on_luck_never_praises_who_lost_most_seeds():
    """The median of a may be the lower one although b is ahead in most seeds."""
    a, b = train(Setup(epochs=1, seeds=30), [actcli.activation(name) for name in ("relu", "tanh")])
    few, most = np.full(30, 0.5), np.full(30, 0.4)
    few[:16], most[:16] = 0.2, 0.3  # relu is ahead in 16 seeds, by median
    few[12:16] = 0.35
    for run, losses in ((a, few), (b, most)):
        run.test_loss[:] = losses[:, None]
    told = luck([a, b])
    wins = {"relu": int((few < most).sum()), "tanh": int((most < few).sum())}
    first = told.split()[0]
    assert wins[first] == max(wins.values())
    assert f"in {wins[first]} of 30 seeds" in told
