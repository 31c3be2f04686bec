from dataclasses import replace

import numpy as np
import pytest

import actcli
from actcli.evaluation.function_text import resolve
from actcli.toy.hopfield import hebbian, overlaps
from actcli.toy.measurements import last
from actcli.toy.run import ARRAYS, joined
from actcli.toy.setup import completed
from actcli.toy.storage import load, save
from actcli.toy.summary import median_seed, sentence, solved_at, summarise
from actcli.toy.training import (
    Setup,
    TrainingInterrupted,
    answers,
    examples,
    hidden_inputs,
    predict,
    train,
)

MEASURES = (
    "train_loss", "test_loss", "test_accuracy", "dead", "saturated", "gradient_norms", "weights",
)  # fmt: skip


def functions(*names):
    return [actcli.activation(name) for name in names]


def same(a, b):
    """The same bits, nan included."""
    return a.shape == b.shape and a.tobytes() == b.tobytes()


CASES = {
    "relu": (Setup(layers=(8, 8), seeds=100), "relu"),
    "gelu": (Setup(layers=(7, 3), batch_size=7, learning_rate=2.0), "gelu"),
    "erf": (Setup(layers=(1,), data="spiral"), "erf"),
    "wide": (Setup(layers=(17, 33), data="gaussians", learner="adam"), "mish"),
    "l1": (Setup(learner="momentum", regularization="l1", regularization_rate=0.01), "sine"),
    "evolution": (Setup(learner="evolution"), "step"),
    "random": (Setup(learner="random-search"), "sign"),
    "recall": (Setup(data="recall", layers=(8, 4)), "tanh"),
    "digits": (Setup(data="digit-sum", length=4), "softplus"),
    "wave": (Setup(data="wave", topology="feedforward"), "swish"),
    "karate": (Setup(data="karate"), "gelu_tanh"),
    "blocks": (Setup(data="blocks", learner="evolution", layers=(3,)), "leaky_relu"),
    "composite": (Setup(topology="composite", layers=(5, 4), length=3), "logistic"),
    "patterns": (Setup(data="patterns", layers=(50,)), "tanh"),
    "some diverge": (Setup(data="plane", layers=(8,), learning_rate=2.6, every=3), "square"),
}


@pytest.mark.parametrize("case", CASES)
def test_a_seed_does_not_depend_on_the_others(case):
    setup, name = CASES[case]
    setup = replace(setup, epochs=4, seeds=setup.seeds if setup.seeds > 5 else 4)
    (whole,), (again,) = (train(setup, functions(name)) for _ in range(2))
    assert all(same(getattr(whole, m), getattr(again, m)) for m in MEASURES)
    for seed in {0, 1, setup.seeds - 1}:
        (alone,) = train(replace(setup, seed=seed, seeds=1), functions(name))
        records = len(alone.epochs)
        for measure in MEASURES:
            among = getattr(whole, measure)[seed : seed + 1]
            if measure != "weights":
                assert np.isnan(among[:, records:]).all()
                among = among[:, :records]
            assert same(np.ascontiguousarray(among), getattr(alone, measure)), measure


@pytest.mark.parametrize("case", [*CASES, "learned", "stopped"])
def test_blocks_of_seeds_are_joined_to_what_they_are_together(case):
    more = {
        "learned": (Setup(data="moons", learn=("slope",), learner="adam"), "prelu"),
        "stopped": (Setup(layers=(8,), stop_loss=0.1, learning_rate=0.1), "relu"),
    }
    setup, name = (CASES | more)[case]
    setup = replace(setup, epochs=5, seeds=6, seed=3, frames=4)
    (whole,) = train(setup, functions(name))
    blocks = [(3, 1), (4, 3), (7, 2)]
    parts = [train(replace(setup, seed=s, seeds=n), functions(name))[0] for s, n in blocks]
    found = joined(parts)
    if case == "stopped":
        assert [len(part.frames) for part in parts] == [4, 4, 3]
    assert found.setup == whole.setup
    assert {n: v.tobytes() for n, v in found.state.items()} == {
        n: v.tobytes() for n, v in whole.state.items()
    }
    for field in ARRAYS:
        assert same(getattr(found, field), getattr(whole, field)), field


def test_other_functions_change_nothing():
    setup = Setup(epochs=3, seeds=2)
    both = train(setup, functions("relu", "tanh"))
    (alone,) = train(setup, functions("tanh"))
    assert same(both[1].weights, alone.weights)


def test_circle_is_learned():
    relu, tanh, logistic = train(Setup(epochs=60), functions("relu", "tanh", "logistic"))
    assert np.median(solved_at(relu)) < np.median(solved_at(tanh)) < 60
    assert np.isnan(solved_at(logistic)).all()
    assert np.median(relu.test_accuracy[:, -1]) > 0.98
    assert sentence([relu, logistic]).startswith("relu reached a test loss of 0.1 at epoch")


@pytest.mark.parametrize(
    ("setup", "name", "accuracy"),
    [
        (Setup(data="karate", learner="adam", learning_rate=0.01, epochs=200), "tanh", 0.9),
        (Setup(data="recall", learner="adam", learning_rate=0.01, epochs=6, length=5), "tanh", 0.9),
        (Setup(data="xor", learner="evolution", epochs=150, seeds=3), "step", 0.75),
        (Setup(data="xor", learner="momentum", epochs=20), "relu", 0.9),
        (Setup(data="gauss", learner="random-search", epochs=10), "tanh", 0.9),
        (Setup(topology="composite", learner="adam", learning_rate=0.01, epochs=100, length=3),
         "tanh", 0.85),
    ],
)  # fmt: skip
def test_each_learner_learns(setup, name, accuracy):
    (run,) = train(replace(setup, every=50), functions(name))
    assert np.median(run.test_accuracy[:, -1]) > accuracy


def test_one_function_per_layer():
    tanh, relu = functions("tanh", "relu")
    (run,) = train(Setup(epochs=1), [(tanh, relu)])
    assert run.label == "tanh/relu"
    with pytest.raises(ValueError, match="'tanh/relu' names 2 functions for 3 hidden layers"):
        train(Setup(layers=(2, 2, 2)), [(tanh, relu)])


def test_dead_units():
    """Steps so long that no example turns some units on again: relu's die, leaky_relu's do not."""
    for name, expected in (("relu", 1), ("leaky_relu", 0)):
        (run,) = train(Setup(learning_rate=30.0, epochs=5, data="circle"), functions(name))
        assert (run.dead[:, -1].mean() > 0.2) == expected
    (relu,) = train(Setup(learning_rate=30.0, epochs=5), functions("relu"))
    assert "of the relu units died: their pre-activation is negative" in sentence([relu])


def test_without_a_gradient_only_units_that_answer_alike_are_dead():
    (run,) = train(Setup(learner="evolution", epochs=60, seeds=3), functions("step"))
    for seed in range(3):
        drawn = examples(run, seed)
        points = drawn.inputs[drawn.train]
        for k, z in enumerate(hidden_inputs(run, points, seed=seed)):
            alike = ((z[0] > 0) == (z[0, :1] > 0)).all(axis=0)
            assert run.dead[seed, -1, k] == alike.mean()
    assert "gradient" not in sentence([run])
    assert "saturated" not in sentence([run])
    (start,) = train(Setup(learner="evolution", epochs=0, layers=(2, 40)), functions("step"))
    share = f"{start.dead.mean(axis=(0, 1)) @ (2, 40) / 42:.0%}".replace("%", " %")
    assert sentence([start]).startswith(
        f"{share} of the step units are dead: they answer every example alike; "
    )


def test_what_has_no_gradient_cannot_lose_it():
    step, tanh = functions("step", "tanh")
    setup = Setup(learner="evolution", epochs=2, seeds=2, layers=(3, 2))
    alone, first, last = train(setup, [step, (step, tanh), (tanh, step)])
    assert np.isnan(alone.saturated).all()
    assert np.isnan(summarise(alone).saturated).all()
    for run, graded in ((first, 1), (last, 0)):
        assert np.isfinite(run.saturated).all(axis=(0, 1)).tolist() == [graded == 0, graded == 1]
        for seed in range(2):
            drawn = examples(run, seed)
            z = hidden_inputs(run, drawn.inputs[drawn.train], seed=seed)[graded][0]
            share = np.mean(1 - np.tanh(z) ** 2 < 0.01)
            assert run.saturated[seed, -1, graded] == pytest.approx(share)


def test_units_on_both_flat_sides_are_saturated_not_dead():
    wide = Setup(epochs=0, layers=(50,), data="circle", seeds=2)
    (run,) = train(wide, [actcli.activation("max(-1, min(1, 1000*(x - 0.1)))")])
    assert run.dead.max() == 0
    assert run.saturated.min() > 0.9


def test_divergence_is_reported_and_left_out():
    setup = Setup(data="plane", layers=(8,), learning_rate=2.6, epochs=8, seeds=8)
    (run,) = train(setup, functions("square"))
    lost = run.diverged >= 0
    assert lost.any()
    for seed in np.flatnonzero(lost):
        after = run.epochs >= run.diverged[seed]
        assert np.isnan(run.test_loss[seed, after]).all()
        assert np.isfinite(run.test_loss[seed, ~after]).all()
    found = summarise(run)
    assert len(found.diverged) == lost.sum()
    if not lost.all():
        assert found.test_loss.median == np.median(last(run.test_loss)[~lost])
    assert sentence([run]).startswith(f"square diverged in {lost.sum()} of 8 seeds (epoch")


def test_recall_stops_at_its_loss():
    setup = Setup(data="patterns", layers=(60,), load=0.15, seeds=8, epochs=6)
    (whole,) = train(setup, functions("sign"))
    (run,) = train(replace(setup, stop_loss=0.02), functions("sign"))
    below = whole.test_loss < 0.02
    expected = np.where(below.any(axis=1), below.argmax(axis=1), -1)
    assert len(set(expected)) > 1
    assert (run.stopped == expected).all()
    for k, end in enumerate(expected):
        shown = run.test_loss[k]
        kept = slice(0, end + 1) if end >= 0 else slice(None)
        assert (shown[kept] == whole.test_loss[k, : len(shown)][kept]).all()
        assert end < 0 or np.isnan(shown[end + 1 :]).all()
    (soon,) = train(replace(setup, stop_loss=1.0), functions("sign"))
    assert soon.epochs.tolist() == [0]


def test_stop_loss():
    (run,) = train(Setup(stop_loss=0.2, epochs=100), functions("relu"))
    assert (run.stopped > 0).all()
    assert (last(run.test_loss) < 0.2).all()
    for seed, epoch in enumerate(run.stopped):
        assert np.isnan(run.test_loss[seed, run.epochs > epoch]).all()
    assert run.epochs[-1] == run.stopped.max()
    (free,) = train(Setup(epochs=100), functions("relu"))
    records = len(run.epochs)
    kept = np.isfinite(run.test_loss)
    assert (run.test_loss[kept] == free.test_loss[:, :records][kept]).all()


def test_every():
    (run,) = train(Setup(epochs=10, every=4), functions("relu"))
    assert list(run.epochs) == [0, 4, 8, 10]
    (each,) = train(Setup(epochs=10), functions("relu"))
    assert same(run.weights, each.weights)


def test_penalties():
    plain, l1, l2 = (
        train(Setup(epochs=20, regularization=kind, regularization_rate=rate), functions("tanh"))[0]
        for kind, rate in (("none", 0), ("l1", 0.03), ("l2", 0.03))
    )
    assert (l1.weights == 0).sum() > (plain.weights == 0).sum() == 0
    assert (l2.weights**2).sum() < (plain.weights**2).sum()


def test_hebbian_memory():
    (run,) = train(Setup(data="patterns", load=0.05, epochs=5), functions("sign"))
    assert run.test_accuracy[:, -1].min() > 0.99
    (full,) = train(Setup(data="patterns", load=0.5, epochs=5), functions("sign"))
    assert np.median(full.test_accuracy[:, -1]) < 0.9
    stored = np.array([[1.0, -1, 1, 1], [1, 1, -1, 1]])
    weights = hebbian(stored)
    np.testing.assert_array_equal(
        weights * 4, [[0, 0, 0, 2], [0, 0, -2, 0], [0, -2, 0, 0], [2, 0, 0, 0]]
    )
    assert list(overlaps(stored, stored)) == [1, 1]


# -- what was learned ------------------------------------------------------------------------------
def test_predict_gives_the_recorded_accuracy():
    (run,) = train(Setup(epochs=10, frames=3, features=("x2", "y2")), functions("tanh"))
    for seed in range(2):
        drawn = examples(run, seed)
        points, targets = drawn.inputs[~drawn.train], drawn.targets[~drawn.train]
        assert len(points) == len(targets) == drawn.train.sum() == 250
        found = predict(run, points)
        assert found.shape == (5, 250)
        right = (found[seed] >= 0) == (targets > 0)
        assert right.mean() == run.test_accuracy[seed, -1]
        assert same(predict(run, points, seed=seed), found[seed : seed + 1])
    assert list(run.frame_epochs) == [0, 5, 10]
    assert same(run.frames[-1], run.weights)
    first, second = hidden_inputs(run, points)
    assert (first.shape, second.shape) == ((5, 250, 4), (5, 250, 2))
    assert run.diverged[median_seed(run)] < 0


def test_predict_on_a_file(tmp_path):
    random = np.random.default_rng(0)
    points = random.normal([100, -3], [20, 0.1], (60, 2))
    lines = "\n".join(f"{x},{y},{'up' if x > 100 else 'down'}" for x, y in points)
    path = tmp_path / "data.csv"
    path.write_text(f"a,b,c\n{lines}\n")
    (run,) = train(Setup(data=str(path), epochs=30, learning_rate=0.3), functions("tanh"))
    drawn = examples(run, 2)
    right = (predict(run, drawn.inputs)[2] >= 0) == (drawn.targets > 0)
    right = right[~drawn.train]
    assert right.mean() == run.test_accuracy[2, -1] > 0.8


def test_answers_on_a_graph():
    (run,) = train(Setup(data="karate", epochs=3), functions("tanh"))
    drawn = examples(run, 0)
    target = (drawn.targets[~drawn.train] + 1) / 2
    held_out = np.delete(answers(run), [0, 33], axis=1)
    np.testing.assert_allclose((held_out == target).mean(axis=1), run.test_accuracy[:, -1])
    with pytest.raises(ValueError, match="only feedforward networks on points have a surface"):
        predict(run, np.zeros((1, 2)))


# -- options ---------------------------------------------------------------------------------------
def test_data_choose_the_rest():
    assert completed(Setup()).layers == (4, 2)
    assert completed(Setup(data="recall")).topology == "memory"
    assert completed(Setup(topology="composite")).data == "karate"
    assert completed(Setup(learner="hebbian")).data == "patterns"
    assert completed(Setup(data="karate")).init == "xavier"
    assert completed(Setup(data="moons")).init == "playground"


@pytest.mark.parametrize(
    ("setup", "message"),
    [
        (Setup(data="karate", topology="memory"), "--data karate does not fit --topology memory"),
        (Setup(topology="tree"), "--topology 'tree' is unknown; choose one of feedforward, memory"),
        (Setup(learner="sdg"), "--learner 'sdg' is unknown; choose one of sgd"),
        (Setup(data="circle", learner="hebbian"), "belong together"),
        (Setup(init="hee"), "--init 'hee' is unknown"),
        (Setup(regularization="l3"), "--regularization 'l3' is unknown"),
        (Setup(learner="evolution", regularization="l1"), "needs a learner with gradients"),
        (Setup(data="recall", features=("x",)), "--features are for points in the plane"),
        (Setup(data="patterns", layers=(3, 3)), "the associative memory is one layer"),
        (Setup(data="digit-sum", length=1), "--length 1 is too short"),
        (Setup(layers=(0,)), "--layers are numbers of units"),
        (Setup(epochs=-1), "--epochs is 0 or more"),
        (Setup(batch_size=0), "--batch-size is 1 or more"),
        (Setup(seeds=0), "--seeds is 1 or more"),
        (Setup(seed=-1), "--seed is 0 or more"),
        (Setup(every=0), "--every is 1 or more"),
        (Setup(length=0), "--length is 1 or more"),
        (Setup(learning_rate=float("nan")), "--learning-rate is a positive number"),
        (Setup(regularization_rate=-1.0), "--regularization-rate is 0 or more"),
        (Setup(train_share=1.0), "--train-share is between 0 and 1"),
        (Setup(noise=0.6), "--noise is from 0 to 0.5"),
        (Setup(load=0.0), "--load is a number of patterns per unit"),
        (Setup(data="plane", output="softmax"), "softmax needs classes"),
        (Setup(data="blocks", output="tanh"), "4 classes need the output softmax"),
    ],
)
def test_what_makes_no_sense(setup, message):
    with pytest.raises(ValueError, match=message):
        train(setup, functions("relu"))


@pytest.mark.parametrize("name", ["step", "sign"])
def test_no_gradient_no_descent(name):
    with pytest.raises(ValueError, match=f"{name} has gradient 0 everywhere.*--learner evolution"):
        train(Setup(), functions(name))


# -- saving and going on ---------------------------------------------------------------------------
@pytest.mark.parametrize("learner", ["sgd", "momentum", "adam", "evolution", "random-search"])
def test_going_on_is_the_same_as_never_stopping(learner, tmp_path):
    setup = Setup(learner=learner, epochs=4, seeds=3)
    path = tmp_path / "run.npz"
    with open(path, "wb") as stream:
        save(train(setup, functions("tanh")), stream)
    saved = load(str(path), resolve)
    longer = replace(saved[0].setup, epochs=9)
    (later,) = train(longer, [r.activations for r in saved], resume=saved)
    (whole,) = train(replace(setup, epochs=9), functions("tanh"))
    for measure in (*MEASURES, "epochs"):
        assert same(getattr(later, measure), getattr(whole, measure)), measure


def test_load_gives_what_was_saved(tmp_path):
    path = tmp_path / "run.npz"
    runs = train(Setup(epochs=2, frames=2), [*functions("tanh"), functions("relu", "x*tanh(x)")])
    with open(path, "wb") as stream:
        save(runs, stream)
    for run, again in zip(runs, load(str(path), resolve), strict=True):
        assert again.setup == run.setup
        assert again.label == run.label
        assert [f.label for f in again.activations] == [f.label for f in run.activations]
        assert all(same(getattr(run, m), getattr(again, m)) for m in (*MEASURES, "frames"))
        assert same(predict(run, np.ones((1, 2))), predict(again, np.ones((1, 2))))


def test_damaged_files(tmp_path):
    path = tmp_path / "run.npz"
    with open(path, "wb") as stream:
        save(train(Setup(epochs=1, seeds=1), functions("tanh")), stream)
    whole = path.read_bytes()
    broken = [b"", b"hello", whole[:100], whole[: len(whole) // 2], whole[:-30]]
    for start in range(40, len(whole) - 1000, len(whole) // 25):
        broken.append(whole[:start] + bytes(64) + whole[start + 64 :])
    for content in broken:
        path.write_bytes(content)
        with pytest.raises(ValueError, match="is damaged or was not made by"):
            load(str(path), resolve)
    np.savez(path, a=np.ones(3))
    with pytest.raises(ValueError, match="is damaged or was not made by"):
        load(str(path), resolve)
    np.savez(path, header=np.array({"a": 1}, dtype=object), allow_pickle=True)
    with pytest.raises(ValueError, match="is damaged or was not made by"):
        load(str(path), resolve)
    with pytest.raises(ValueError, match=r"cannot read .*No such file"):
        load(str(tmp_path / "none.npz"), resolve)


def test_interruption_keeps_what_was_reached():
    def progress(done, total, loss):
        if done == 7:
            raise KeyboardInterrupt

    with pytest.raises(TrainingInterrupted) as stopped:
        train(Setup(epochs=5), functions("relu", "tanh"), progress)
    relu, tanh = stopped.value.runs
    assert (relu.epochs[-1], tanh.epochs[-1]) == (5, 2)
    (whole,) = train(Setup(epochs=2), functions("tanh"))
    assert same(tanh.weights, whole.weights)


def test_progress():
    seen = []
    train(Setup(epochs=2), functions("relu", "tanh"), lambda *now: seen.append(now))
    assert [done for done, _, _ in seen] == [0, 1, 2, 2, 3, 4]
    assert {total for _, total, _ in seen} == {4}
