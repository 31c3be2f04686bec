"""Every layer's backward against central differences, for every registered function."""

import functools

import numpy as np
import pytest

import actcli
from actcli.toy.choices import SCHEMES
from actcli.toy.initialization import gain_of
from actcli.toy.layers import Dense, Graph, NodeRecurrent, Recurrent, normalised, with_ones
from actcli.toy.network import Network

RING = normalised(np.roll(np.eye(5), 1, axis=0) + np.roll(np.eye(5), -1, axis=0))
STEP = 1e-3
CLEARANCE = 0.02


def dense(f):
    return [Dense(3, 4, f), Dense(4, 3, f), Dense(3, 2, None)], (5, 3)


def graph(f):
    return [Graph(3, 4, f, RING), Graph(4, 2, None, RING)], (5, 3)


def recurrent(f):
    return [Recurrent(2, 3, f, sequence=True), Recurrent(3, 2, f), Dense(2, 2, None)], (3, 4, 2)


def composite(f):
    return [NodeRecurrent(2, 3, f, RING, 3), Dense(3, 2, None)], (5, 2)


TOPOLOGIES = {f.__name__: f for f in (dense, graph, recurrent, composite)}


@functools.cache
def breakpoints(name):
    return np.array([cut.x for cut in actcli.activation(name).cuts(-30, 30)])


def clear(network, name):
    """Whether no unit is near a breakpoint of its function, or far out."""
    z = np.concatenate([layer.z.ravel() for layer in network.layers[:-1]])
    if not (np.abs(z) < 4).all():
        return False
    places = breakpoints(name)
    return not places.size or np.abs(z[:, None] - places).min() > CLEARANCE


@pytest.mark.parametrize("output", ["tanh", "logistic", "linear", "softmax"])
def test_output_gradients(output):
    assert error("tanh", "dense", output) < 1e-6


@pytest.mark.parametrize("name", actcli.names())
def test_gradients(name):
    errors = {topology: error(name, topology, "linear") for topology in TOPOLOGIES}
    assert max(errors.values()) < 1e-6, errors


def error(name, topology, output):
    """Largest difference from fourth-order central differences, over the largest gradient."""
    layers, shape = TOPOLOGIES[topology](actcli.activation(name))
    network = Network(layers, output)
    with np.errstate(all="ignore"):
        for attempt in range(300):
            random = np.random.default_rng(attempt)
            x = with_ones(random.normal(0, 0.7, (1, *shape)))
            targets = np.eye(2)[random.integers(0, 2, (1, shape[0]))]
            weights = network.initial("xavier", random) * 0.7 + random.normal(0, 0.2, network.size)
            network.attach(weights[None])
            network.loss_and_gradient(x, targets, 1 / shape[0])
            if clear(network, name):
                break
        else:
            pytest.fail("every draw came near a breakpoint")
        exact = network.gradient[0].copy()
        steps = STEP * np.eye(network.size)
        moved = np.concatenate([weights + k * steps for k in (-2, -1, 1, 2)])
        network.attach(moved)
        network.forward(np.broadcast_to(x[0], (len(moved), *x[0].shape)))
        losses = network.losses(targets, 1 / shape[0]).reshape(4, -1)
        differences = np.array([1, -8, 8, -1]) @ losses / (12 * STEP)
    return np.abs(exact - differences).max() / max(np.abs(exact).max(), 1e-12)


def test_gradient_reaches_the_input():
    random = np.random.default_rng(0)
    f = actcli.activation("tanh")
    for layer, shape in (
        (Dense(3, 4, f), (5, 3)),
        (Graph(3, 4, f, RING), (5, 3)),
        (Recurrent(3, 4, f), (2, 6, 3)),
        (Recurrent(3, 4, f, sequence=True), (2, 6, 3)),
        (NodeRecurrent(3, 4, f, RING, 2), (5, 3)),
    ):
        weights = random.normal(0, 0.5, (1, *layer.shape))
        layer.attach(weights, np.zeros_like(weights))
        x = random.normal(size=(1, *shape))
        out = layer.forward(with_ones(x))[..., :-1].copy()
        pull = random.normal(size=out.shape)
        back = layer.backward(pull.copy())
        assert back.shape == x.shape
        place = (0, 1, *(0,) * (x.ndim - 3), 2)
        moved = []
        for step in (-1e-5, 1e-5):
            there = x.copy()
            there[place] += step
            moved.append((layer.forward(with_ones(there))[..., :-1] * pull).sum())
        assert back[place] == pytest.approx((moved[1] - moved[0]) / 2e-5, rel=1e-6)


def test_normalised_adjacency():
    path = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0.0]])
    expected = np.array([[1 / 2, 6**-0.5, 0], [6**-0.5, 1 / 3, 6**-0.5], [0, 6**-0.5, 1 / 2]])
    np.testing.assert_allclose(normalised(path), expected)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_initial_spread(scheme):
    f = actcli.activation("relu")
    network = Network([Dense(300, 200, f), Dense(200, 1, None)], "tanh")
    first = network.initial(scheme, np.random.default_rng(0))[: 301 * 200].reshape(301, 200)
    spread = {
        "playground": 1 / 12, "xavier": 2 / 500, "he": 2 / 300, "lecun": 1 / 300, "gain": 1 / 300,
    }[scheme]  # fmt: skip
    assert first[:-1].var() == pytest.approx(spread, rel=0.03)
    assert (first[-1] == (0.1 if scheme == "playground" else 0)).all()


def test_gain():
    assert gain_of(actcli.activation("relu")) == pytest.approx(2**0.5, rel=1e-6)
    assert gain_of(actcli.activation("identity")) == pytest.approx(1, rel=1e-9)
    assert gain_of(actcli.activation("exponential")) == pytest.approx(np.exp(-1), rel=1e-6)


def test_recurrent_weights_start_orthogonal():
    layer = Recurrent(3, 6, actcli.activation("tanh"))
    u = layer.draw("xavier", 1.0, np.random.default_rng(0))[3:-1]
    np.testing.assert_allclose(u @ u.T, np.eye(6), atol=1e-12)
