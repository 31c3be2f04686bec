"""A network is better than a guess only if luck would hardly do as well."""

from dataclasses import replace
from math import comb

import numpy as np
import pytest

from actcli.evaluation.function_text import resolve
from actcli.toy import guessing
from actcli.toy.choices import DATA_SETS, Defaults, defaults_said
from actcli.toy.guessing import better_than_a_guess
from actcli.toy.setup import Setup, completed
from actcli.toy.summary import sentence
from actcli.toy.training import examples, train

USUAL = ("relu", "tanh")


def functions(*names):
    return [resolve(name) for name in names]


@pytest.mark.parametrize("data", [name for name in DATA_SETS if name != "patterns"])
def test_every_data_set_is_learned_at_its_defaults(data):
    for run in train(Setup(data=data, seeds=2, every=1000), functions(*USUAL)):
        drawn = [examples(run, seed) for seed in range(2)]
        assert better_than_a_guess(run).all(), run.label
        targets = [d.targets[~d.train] for d in drawn]
        if run.classes:
            shares = [np.unique(t, return_counts=True)[1].max() / len(t) for t in targets]
            assert np.median(run.test_accuracy[:, -1]) > np.median(shares) + 0.1, run.label
        else:
            assert np.median(run.test_loss[:, -1]) < 0.6 * np.var(targets) / 2, run.label
        assert "guess" not in sentence([run])


def test_the_associative_memory_mends_patterns():
    (run,) = train(Setup(data="patterns", seeds=3), functions("sign"))
    assert (run.test_accuracy[:, -1] > run.test_accuracy[:, 0]).all()
    assert better_than_a_guess(run) is None
    assert "guess" not in sentence([run])


@pytest.mark.parametrize("data", DATA_SETS)
def test_defaults_are_those_of_the_list_and_what_is_typed_wins(data):
    done = completed(Setup(data=data))
    learned = DATA_SETS[data].learned
    assert tuple(getattr(done, field) for field in Defaults._fields) == learned
    if data != "patterns":
        typed = {
            "layers": (3,),
            "learner": "momentum",
            "learning_rate": 0.2,
            "epochs": 7,
            "length": 3,
        }
        done = completed(Setup(data=data, **typed))
        assert {name: getattr(done, name) for name in typed} == typed
        other = "momentum" if learned.learner == "adam" else "adam"
        assert completed(Setup(data=data, learner=other)).learning_rate == 0.03
    for field in Defaults._fields:
        value = getattr(learned, field)
        text = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        usual, *others = defaults_said(field).split("; ")
        said = {
            name: v for v, names in (o.split(" for ") for o in others) for name in names.split(", ")
        }
        assert said.get(data, usual) == text


def test_help_says_the_defaults(toy):
    told = " ".join(toy("--help")[1].split())
    for field in Defaults._fields:
        assert f"default {defaults_said(field)}" in told


def binomial_tail(right, count, share):
    return sum(
        comb(count, k) * share**k * (1 - share) ** (count - k) for k in range(right, count + 1)
    )


def test_classes_are_held_against_the_commonest_one():
    (run,) = train(Setup(data="circle", epochs=0, seeds=1), functions("tanh"))
    drawn = examples(run, 0)
    targets = drawn.targets[~drawn.train]
    count = len(targets)
    share = max((targets == 1).mean(), (targets == -1).mean())
    least = next(k for k in range(count) if binomial_tail(k, count, share) < 0.01)
    assert least / count > share + 0.05
    for right, better in ((least, True), (least - 1, False), (0, False)):
        given = replace(run, test_accuracy=np.full_like(run.test_accuracy, right / count))
        assert better_than_a_guess(given).tolist() == [better]
        assert ("guess" in sentence([given])) != better


def test_quantities_are_held_against_the_mean():
    """No fit by a single random feature may count, as it would in one of a hundred."""
    (run,) = train(Setup(data="gaussians", epochs=0, seeds=1), functions("tanh"))
    drawn = examples(run, 0)
    targets = drawn.targets[~drawn.train]
    guess = ((targets - drawn.targets[drawn.train].mean()) ** 2).mean() / 2
    random = np.random.default_rng(0)
    reached = []
    for _ in range(2000):
        feature = random.normal(size=len(targets))
        reached.append(1 - np.corrcoef(feature, targets)[0, 1] ** 2)
    edge = 1 - guessing.Z**2 / len(targets)
    assert np.mean(np.array(reached) < edge) == pytest.approx(0.02, abs=0.01)  # of either sign
    for loss, better in ((0.999 * edge * guess, True), (1.001 * edge * guess, False)):
        given = replace(run, test_loss=np.full_like(run.test_loss, loss))
        assert better_than_a_guess(given).tolist() == [better]


def test_some_seeds_are_told():
    (run,) = train(Setup(data="circle", epochs=0, seeds=4), functions("tanh"))
    given = replace(run, test_accuracy=np.array([[1.0], [0.5], [0.5], [1.0]]))
    assert sentence([given]).endswith("tanh is no better than a guess in 2 of 4 seeds.")
    diverged = replace(given, diverged=np.array([0, -1, -1, -1]))
    assert better_than_a_guess(diverged).tolist() == [False, False, False, True]


def test_summary_has_the_share_of_seeds(toy):
    import csv
    import io

    args = ("relu", "logistic", "--epochs", "40", "--seeds", "3", "--summary", "-f", "csv")
    found = {
        row["function"]: float(row["median"])
        for row in csv.DictReader(io.StringIO(toy(*args)[1]))
        if row["measure"] == "better_than_guess_fraction"
    }
    assert found == {"relu": 1.0, "logistic": 0.0}


def test_a_file_that_is_gone_leaves_the_question_open(toy, tmp_path):
    random = np.random.default_rng(0)
    rows = [f"{a:.3f},{b:.3f},{int(a * b > 0)}" for a, b in random.normal(size=(60, 2))]
    (tmp_path / "rows.csv").write_text("\n".join(["a,b,where", *rows]))
    args = ("logistic", "--data", "rows.csv", "--epochs", "1", "--seeds", "2")
    assert "no better than a guess" in toy(*args, "--save", "run.npz", "-f", "table")[1]
    (tmp_path / "rows.csv").unlink()
    status, out, _ = toy("--load", "run.npz", "-f", "table")
    assert status == 0
    assert "guess" not in out
