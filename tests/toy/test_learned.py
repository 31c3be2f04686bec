import numpy as np
import pytest

import actcli
from actcli.toy.layers import Dense, Graph, NodeRecurrent, Recurrent, normalised, with_ones
from actcli.toy.learned import LearnedParameters, check_learned, learned_names
from actcli.toy.network import Network
from actcli.toy.storage import load, save
from actcli.toy.training import Setup, completed, train

OWN = (
    "x*sigmoid(b*x) + c*x**2:b=1.5,c=0.2",
    "grad(x*tanh(b*x)):b=0.7",
    "elu(x, alpha=a)*b:a=1.2,b=0.8",
)
SEEDS, UNITS = 2, 3


def functions_with_numbers():
    for name in actcli.names():
        f = actcli.activation(name)
        if learned_names(f, list(f.parameters)):
            yield name
    yield from OWN


def networks(make, learned):
    random = np.random.default_rng(0)
    edges = normalised((random.random((5, 5)) < 0.5).astype(float))
    points, nodes = (
        with_ones(random.normal(size=(SEEDS, 4, 2))),
        with_ones(random.normal(size=(SEEDS, 5, 2))),
    )
    sequence = with_ones(random.normal(size=(SEEDS, 4, 3, 2)))
    yield points, [Dense(2, UNITS, make, learned()), Dense(UNITS, 1, None)]
    yield (
        sequence,
        [
            Recurrent(2, UNITS, make, True, learned()),
            Recurrent(UNITS, UNITS, make, False, learned()),
            Dense(UNITS, 1, None),
        ],
    )
    yield nodes, [Graph(2, UNITS, make, edges, learned()), Graph(UNITS, 1, None, edges)]
    yield nodes, [NodeRecurrent(2, UNITS, make, edges, 2, learned()), Dense(UNITS, 1, None)]


@pytest.mark.parametrize("text", list(functions_with_numbers()))
@pytest.mark.parametrize("per_unit", [False, True])
@np.errstate(all="ignore")
def test_gradients_in_parameters_are_those_of_central_differences(text, per_unit):
    f = actcli.activation(text)
    names = learned_names(f, list(f.parameters))
    for x, layers in networks(f, lambda: LearnedParameters(f, names, UNITS if per_unit else 1)):
        network = Network(layers, "linear")
        weights = np.stack(
            [network.initial("xavier", np.random.default_rng(s)) for s in range(SEEDS)]
        )
        weights += np.random.default_rng(7).normal(size=weights.shape) * 0.03
        network.attach(weights)
        targets = np.random.default_rng(8).normal(size=(SEEDS, x.shape[1], 1))
        network.loss_and_gradient(x, targets, 0.25)
        found = network.gradient.copy()
        start = 0
        for layer, size in zip(layers, network.sizes, strict=True):
            start += size
            for place in range(start - (layer.learned.start.size if layer.learned else 0), start):
                gaps = []
                for step in (1e-5, 2e-5):
                    at = weights[:, place].copy()
                    losses = []
                    for side in (step, -step):
                        weights[:, place] = at + side
                        network.forward(x)
                        losses.append(network.losses(targets, 0.25))
                    weights[:, place] = at
                    gaps.append((losses[0] - losses[1]) / (2 * step))
                wanted = (4 * gaps[0] - gaps[1]) / 3
                np.testing.assert_allclose(found[:, place], wanted, rtol=1e-5, atol=1e-7)


def test_functions_at_their_start_train_as_ever_in_the_first_step():
    """Nothing is drawn for a learned parameter, so that weights start alike with and without."""
    runs = [train(Setup(epochs=0, seeds=3, learn=learn), [actcli.activation("swish")])[0]
            for learn in ((), ("beta",))]  # fmt: skip
    np.testing.assert_allclose(runs[0].train_loss, runs[1].train_loss, rtol=1e-12)
    np.testing.assert_array_equal(runs[1].learned, np.ones((3, 1, 2)))


def test_a_learned_swish_loses_less_than_a_fixed_one():
    setup = {"epochs": 60, "seeds": 5}
    (fixed,) = train(Setup(**setup), [actcli.activation("x*sigmoid(b*x)", b=0.1)])
    (free,) = train(Setup(**setup, learn=("b",)), [actcli.activation("x*sigmoid(b*x)", b=0.1)])
    assert np.median(free.train_loss[:, -1]) < 0.5 * np.median(fixed.train_loss[:, -1])


def test_learned_parameters_stay_in_their_domain():
    f = actcli.activation("softplus:beta=1")
    (run,) = train(Setup(epochs=5, seeds=3, learn=("beta",), learning_rate=30.0), [f])
    assert (run.learned[np.isfinite(run.learned)] >= 1e-6).all()


def test_a_saved_run_goes_on_where_it_was(tmp_path):
    f = actcli.activation("x*sigmoid(b*x)", b=2)
    setup = {"seeds": 2, "learn": ("b",), "learn_per": "unit"}
    (first,) = train(Setup(**setup, epochs=3), [f])
    with open(tmp_path / "run.npz", "wb") as stream:
        save([first], stream)
    (again,) = load(str(tmp_path / "run.npz"), actcli.activation)
    np.testing.assert_array_equal(again.learned, first.learned)
    (resumed,) = train(Setup(**setup, epochs=6), [f], resume=[again])
    (whole,) = train(Setup(**setup, epochs=6), [f])
    np.testing.assert_array_equal(resumed.learned, whole.learned)
    np.testing.assert_array_equal(resumed.weights, whole.weights)


def test_seeds_do_not_depend_on_each_other():
    f = actcli.activation("prelu")
    (many,) = train(Setup(epochs=4, seeds=4, learn=("slope",)), [f])
    (one,) = train(Setup(epochs=4, seeds=1, seed=2, learn=("slope",)), [f])
    np.testing.assert_array_equal(one.learned[0], many.learned[2])


@pytest.mark.parametrize(
    ("wanted", "part"),
    [(["approx"], "gelu has mu, sigma"), (["slope"], "no FUNCTION here has such a number")],
)
def test_what_cannot_be_learned_is_refused(wanted, part):
    with pytest.raises(ValueError, match=part):
        check_learned(wanted, [actcli.activation("gelu")])


def test_learners_that_move_no_weights_are_refused():
    with pytest.raises(ValueError, match="random-search does not"):
        train(Setup(learner="random-search", learn=("beta",)), [actcli.activation("swish")])


@pytest.mark.parametrize("name", ["\x1b[31mbeta", "a b", "", "beta\n"])
def test_names_that_could_not_be_typed_are_refused(name):
    with pytest.raises(ValueError, match="give names of parameters"):
        completed(Setup(learn=(name,)))


def test_prelu_learns_as_in_pytorch():
    torch = pytest.importorskip("torch")
    (run,) = train(
        Setup(epochs=3, seeds=1, learn=("slope",), layers=(4,)), [actcli.activation("prelu")]
    )
    (start,) = train(
        Setup(epochs=0, seeds=1, learn=("slope",), layers=(4,)), [actcli.activation("prelu")]
    )
    from actcli.toy.task import Task

    part, _ = Task(start.setup).parts(np.array([0]))
    first = torch.tensor(start.weights[0][:12].reshape(3, 4).copy(), requires_grad=True)
    prelu = torch.nn.PReLU(dtype=torch.float64)
    last = torch.tensor(start.weights[0][13:].reshape(5, 1).copy(), requires_grad=True)
    inputs, targets = torch.tensor(part.x[0]), torch.tensor(part.targets[0])
    step = torch.optim.SGD([first, prelu.weight, last], lr=0.03)
    for _ in range(3):
        for at in range(0, len(inputs), 10):
            step.zero_grad()
            hidden = prelu(inputs[at : at + 10] @ first)
            ones = torch.ones(len(hidden), 1, dtype=torch.float64)
            out = torch.tanh(torch.cat([hidden, ones], 1) @ last)
            (0.5 * (out - targets[at : at + 10]) ** 2).mean().backward()
            step.step()
    np.testing.assert_allclose(run.learned[0, -1, 0], prelu.weight.item(), rtol=1e-9)
    np.testing.assert_allclose(run.weights[0][:12].reshape(3, 4), first.detach(), rtol=1e-8)
