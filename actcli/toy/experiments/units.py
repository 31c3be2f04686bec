"""Threshold units that gradients cannot move, and features whose mean is not 0."""

import math
from collections.abc import Iterator
from itertools import combinations, product

import numpy as np
from numpy.typing import NDArray

from ...evaluation.activation import Activation
from ...numbers.types import Floats
from ..layers import Dense, with_ones
from .averages import mean_and_variance
from .rows import Row, one_by_one, row, share_band, share_tolerance, spread

# -- threshold units -------------------------------------------------------------------------------
INPUTS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
TARGETS = np.array([False, True, True, False])
DRAWS, CHUNK = 4_000_000, 250_000
GD_SEEDS, GD_STEPS, GD_RATE = 100, 100, 0.5
CHANCE, MEDIAN_DRAWS = 4.7e-4, 1459.0
CHANCE_SOURCE = (
    "known; agrees within 3 standard errors of the share and half a unit of its last digit"
)
EXACT_SOURCE = "known; agrees within half a unit of its last digit"
MEDIAN_SOURCE = "known, ln 2/p; agrees within 3 standard errors of the median (5 % and more)"
STUCK_SOURCE = "the gradient of a step is 0; agrees if exactly 0"


@one_by_one
def threshold_units(f: Activation) -> Iterator[Row]:
    """xor with 2-2-1 units and inputs 0 and 1: by gradient descent, and by drawing nine weights."""
    known = f.label == "step"
    moved = furthest_move(f, GD_SEEDS, GD_STEPS)
    setting = f"{f.label}, furthest move of a weight in {GD_STEPS} steps of gradient descent"
    yield row(setting, *spread(moved), 0.0 if known else None, STUCK_SOURCE, not moved.any())

    solved = solutions(f, DRAWS)
    share = solved.size / DRAWS
    tolerance = share_tolerance(CHANCE, DRAWS, 10**12, 3) + 5e-6
    setting = f"{f.label}, chance that nine drawn weights solve xor"
    yield row(setting, share, *share_band(share, DRAWS), CHANCE if known else None, CHANCE_SOURCE,
              tolerance=tolerance)  # fmt: skip
    if known:
        yield row(f"{setting}, by solid angles", exact_chance(), None, None, CHANCE, EXACT_SOURCE,
                  tolerance=5e-6)  # fmt: skip
    waits = np.diff(solved, prepend=-1).astype(np.float64)
    error = 3 / (math.log(2) * math.sqrt(max(waits.size, 1)))
    setting = f"{f.label}, draws until one solves xor"
    yield row(setting, *spread(waits), MEDIAN_DRAWS if known else None, MEDIAN_SOURCE,
              tolerance=max(error, 0.05) * MEDIAN_DRAWS)  # fmt: skip


def furthest_move(f: Activation, seeds: int, steps: int) -> Floats:
    """(seeds,): furthest that gradient descent on half the squared error moves any weight."""
    layers = [Dense(2, 2, f), Dense(2, 1, f)]
    random = np.random.default_rng(0)
    start = [random.standard_normal((seeds, *layer.shape)) for layer in layers]
    weights = [w.copy() for w in start]
    for layer, w in zip(layers, weights, strict=True):
        layer.attach(w, np.zeros_like(w))
    x = np.broadcast_to(with_ones(INPUTS), (seeds, 4, 3))
    for _ in range(steps):
        out = layers[1].forward(layers[0].forward(x))
        d = (out[..., :1] - TARGETS[:, None]) / 4
        layers[0].backward(layers[1].backward(d), False)
        for layer in layers:
            layer.weights -= GD_RATE * layer.gradient
    moves = [np.abs(w - s).reshape(seeds, -1) for w, s in zip(weights, start, strict=True)]
    return np.asarray(np.concatenate(moves, axis=1).max(axis=1))


def solutions(f: Activation, draws: int) -> NDArray[np.int64]:
    """Which of so many draws of nine weights from N(0, 1) solve xor: output unit's input > 0 or not."""
    random = np.random.default_rng(1)
    found = []
    for start in range(0, draws, CHUNK):
        w = random.standard_normal((9, min(CHUNK, draws - start)))
        left = np.arange(w.shape[1])
        for (a, b), target in zip(INPUTS, TARGETS, strict=True):
            hidden = [f.quick(w[i] * a + w[i + 1] * b + w[i + 2])[0] for i in (0, 3)]
            output = w[6] * hidden[0] + w[7] * hidden[1] + w[8]
            kept = (output > 0) == target
            left, w = left[kept], w[:, kept]
        found.append(start + left)
    return np.concatenate(found)


def exact_chance() -> float:
    """The chance that three threshold units with weights N(0, 1) compute xor of inputs 0 and 1."""
    tables = truth_tables()
    chance = 0.0
    for first, second, last in product(tables, repeat=3):
        if all(last[2 * first[i] + second[i]] == target for i, target in enumerate(TARGETS)):
            chance += tables[first] * tables[second] * tables[last]
    return chance


def truth_tables() -> dict[tuple[int, ...], float]:
    """What one threshold unit answers to 00, 01, 10, 11, and with which chance.

    Weights and bias point anywhere on the sphere alike; the four inputs' great circles cut it into
    polygons, whose areas are their sums of angles less those of plane polygons (Girard).
    """
    normals = np.concatenate([INPUTS, np.ones((4, 1))], axis=1)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    chances = {}
    for answers in product((0, 1), repeat=4):
        sides = normals * (2 * np.array(answers)[:, None] - 1)
        angles = []
        for (a, b), sign in product(combinations(sides, 2), (1, -1)):
            corner = sign * np.cross(a, b)
            if (sides @ corner > -1e-12).all():
                angles.append(math.pi - math.acos(float(a @ b)))
        if angles:
            area = sum(angles) - (len(angles) - 2) * math.pi
            chances[answers] = area / (4 * math.pi)
    return chances


# -- bias shift ------------------------------------------------------------------------------------
FEATURES, EXAMPLES, SHIFT_SEEDS, MOST_EPOCHS = 100, 4000, 10, 50_000
CONDITION = {
    "logistic": 577.0, "softplus": 240.0, "relu": 47.7, "gelu": 24.0, "elu": 5.16, "tanh": 1.0,
    "selu": 1.0,
}  # fmt: skip
CONDITION_SOURCE = "closed form 1 + 100 mean^2/variance; agrees within 0.5 %"


@one_by_one
def bias_shift(f: Activation) -> Iterator[Row]:
    """A linear unit above 100 features f(z), z ~ N(0, 1): what their mean does to gradient descent.

    Epochs: full-batch steps of 1/(largest curvature) until the loss is 1 % of half the targets' variance.
    """
    mean, variance = mean_and_variance(f)
    condition = 1 + FEATURES * mean**2 / variance if variance > 0 else math.nan
    reference = CONDITION.get(f.label)
    setting = f"{f.label}, condition number of {FEATURES} equal features"
    yield row(setting, condition, None, None, reference, CONDITION_SOURCE,
              tolerance=reference and 0.005 * reference)  # fmt: skip
    for name, epochs in zip(("as they are", "centred"), shift_epochs(f, SHIFT_SEEDS), strict=True):
        yield row(f"{f.label}, epochs to 1 % of the loss, features {name}", *spread(epochs))


def shift_epochs(f: Activation, seeds: int) -> tuple[Floats, Floats]:
    """(seeds,) epochs with the features as they are, and centred; inf if not within MOST_EPOCHS."""
    moments = np.empty((2, seeds, FEATURES, FEATURES))
    off = np.empty((seeds, FEATURES, 1))  # weights less those that make the targets
    for seed in range(seeds):
        random = np.random.default_rng(seed)
        features = f.quick(random.standard_normal((EXAMPLES, FEATURES)))[0]
        off[seed, :, 0] = random.standard_normal(FEATURES)
        moments[0, seed] = features.T @ features / EXAMPLES
        features -= features.mean(axis=0)
        moments[1, seed] = features.T @ features / EXAMPLES
    goal = 0.01 * _losses(off, moments[1] @ off)
    plain, centred = (_epochs_to(goal, off, moment) for moment in moments)
    return plain, centred


def _losses(off: Floats, gradient: Floats) -> Floats:
    """Half the mean squared error, (seeds,), from the weights that are off and the gradient."""
    return np.asarray((off * gradient).sum(axis=(1, 2)) / 2)


def _epochs_to(goal: Floats, off: Floats, moments: Floats) -> Floats:
    """(seeds,): steps of gradient descent until the loss is at most `goal`."""
    found = np.full(len(goal), np.inf)
    if not np.isfinite(moments).all():
        return found
    rate = 1 / np.linalg.eigvalsh(moments)[:, -1, None, None]
    going = np.arange(len(goal))
    for epoch in range(MOST_EPOCHS):
        gradient = moments @ off
        reached = _losses(off, gradient) <= goal
        if reached.any():
            found[going[reached]] = epoch
            left = ~reached
            going, goal, off, gradient = going[left], goal[left], off[left], gradient[left]
            moments, rate = moments[left], rate[left]
            if not len(going):
                break
        off = off - rate * gradient
    return found
