"""Signals and gradients in deep networks at their start, before anything is learned."""

import math
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import numpy as np

from ...evaluation.activation import Activation
from ...numbers.bisection import bisected
from ...numbers.types import Floats
from ...wording import count_of
from .. import datasets as sets
from ..layers import Dense, Layer, with_ones
from ..network import Network
from .averages import mean_squares
from .rows import Row, one_by_one, row, share_band, share_tolerance, spread, within_factor

# -- gradients of the first step -------------------------------------------------------------------
POINTS, SEEDS = 640, 100
NNDL = "Neural Networks and Deep Learning, practice of ch. 4, one seed; agrees within a factor 10"
DEAD_SOURCE = "NNDL practice of ch. 4; agrees if exactly 0 in every seed"
VANISHING = {
    "logistic": (6.91e-11, 1.65e-8, 4.80e-6, 1.50e-3, 0.291),
    "relu": (4.66e-8, 3.04e-6, 1.73e-4, 1.07e-2, 0.403),
}
DEAD = {
    "relu": (0.0, 0.0, 0.0, 0.0, 0.0),
    "leaky_relu": (2.31e-16, 1.88e-13, 1.69e-9, 1.19e-5, 0.0701),
}


@one_by_one
def vanishing_gradients(f: Activation) -> Iterator[Row]:
    """2-3-3-3-3-1 on moons with biases 1: L2 norm of every layer's weight gradient."""
    return _first_step(f, 1.0, VANISHING)


@one_by_one
def dead_relu(f: Activation) -> Iterator[Row]:
    """The same with biases -8, where relu units are off on every example."""
    return _first_step(f, -8.0, DEAD)


def _first_step(
    f: Activation, bias: float, references: Mapping[str, tuple[float, ...]]
) -> Iterator[Row]:
    """One row per layer, beside the published norms."""
    known = references.get(f.label)
    for layer, values in enumerate(first_gradients(f, bias, SEEDS).T):
        reference = known[layer] if known else None
        measured, low, high = spread(values)
        if reference:
            source, agrees = NNDL, within_factor(measured, reference, 10)
        else:
            source, agrees = DEAD_SOURCE, not values.any()
        setting = f"{f.label}, biases {bias:g}, gradient norm of layer {layer + 1}"
        yield row(setting, measured, low, high, reference, source, agrees)


def first_gradients(f: Activation, bias: float, seeds: int) -> Floats:
    """(seeds, 5): gradient norms of the first full-batch step, weights N(0, 0.01^2)."""
    drawn = sets.gather([sets.sample("moons", s, 0.5, POINTS / 1000) for s in range(seeds)])
    x, targets = with_ones(drawn.inputs[:, :POINTS]), (drawn.targets[:, :POINTS, None] + 1) / 2
    sizes = (2, 3, 3, 3, 3)
    layers: list[Layer] = [Dense(a, b, f) for a, b in pairwise(sizes)]
    network = Network([*layers, Dense(3, 1, None)], "logistic")
    penalised = network.penalised()
    weights = np.stack(
        [np.random.default_rng([s, 1]).normal(0, 0.01, network.size) for s in range(seeds)]
    )
    network.attach(np.where(penalised == 1, weights, bias))
    network.backpropagate(x, targets, 1 / POINTS)
    return network.gradient_norms()


# -- networks that are constant from birth ---------------------------------------------------------
NETS = 40_000
LU = (
    "Lu et al. 2019, 40,000 nets; agrees within 3 standard errors of the difference and "
    "half a unit of the last digit"
)
LU_BOUND = "Lu et al. 2019, an upper bound; agrees if not above it by 3 standard errors"
BORN_DEAD = {  # (layers, width): share, half a unit of its last digit
    (10, 2): (0.881, 5e-4), (10, 3): (0.579, 5e-4), (10, 5): (0.126, 5e-4), (10, 10): (1.4e-3, 5e-5),
    (5, 2): (0.4965, 5e-5), (20, 2): (0.993, 5e-4),
}  # fmt: skip


@one_by_one
def born_dead(f: Activation) -> Iterator[Row]:
    """Share of bias-free He-normal nets whose last hidden layer is 0 for x = 1 and for x = -1."""
    for (layers, width), (published, digit) in BORN_DEAD.items():
        share = dead_share(f, layers, width, NETS)
        low, high = share_band(share, NETS)
        setting = f"{f.label}, {layers} layers, width {width}, share of dead nets"
        if f.label != "relu":
            yield row(setting, share, low, high)
            continue
        tolerance = share_tolerance(published, NETS, NETS, 3) + digit
        yield row(setting, share, low, high, published, LU, tolerance=tolerance)
        bound = 1 - (1 - 0.5**width) ** (layers - 1)
        agrees = share <= bound + share_tolerance(bound, NETS, NETS, 3)
        yield row(f"{setting}: bound", share, low, high, bound, LU_BOUND, agrees)


def dead_share(f: Activation, layers: int, width: int, nets: int) -> float:
    """Share of nets with `layers` - 1 hidden layers that do not depend on their input any more."""
    random = np.random.default_rng([layers, width])
    h = np.broadcast_to(np.array([[1.0], [-1.0]]), (nets, 2, 1))
    for _ in range(layers - 1):
        inputs = h.shape[-1]
        weights = random.normal(0, math.sqrt(2 / inputs), (nets, inputs, width))
        h = f.quick(np.matmul(h, weights))[0]
    return float((~h.any(axis=(1, 2))).mean())


# -- self-normalizing networks ---------------------------------------------------------------------
WIDTH, DEPTHS, NORMAL_SEEDS, BATCH = 256, (1, 2, 5, 10, 20), 20, 256
NORMAL = {"selu": ((0.134, 1.60), (0.040, 1.44), (-0.003, 1.17), (0.011, 1.05), (0.003, 1.03))}
NORMAL_SOURCE = "reference run; agrees within 0.1 (mean) and 0.2 (variance)"


@one_by_one
def self_normalizing(f: Activation) -> Iterator[Row]:
    """Mean and variance of what layers give, width 256, LeCun-normal, inputs of mean .5, variance 1.5."""
    moments = layer_moments(f, NORMAL_SEEDS, DEPTHS)
    known = NORMAL.get(f.label)
    for d, depth in enumerate(DEPTHS):
        for m, (name, tolerance) in enumerate((("mean", 0.1), ("variance", 0.2))):
            setting = f"{f.label}, {name} after {count_of(depth, 'layer')}"
            reference = known[d][m] if known else None
            yield row(setting, *spread(moments[:, d, m]), reference, NORMAL_SOURCE,
                      tolerance=tolerance)  # fmt: skip


def layer_moments(f: Activation, seeds: int, depths: Sequence[int]) -> Floats:
    """(seeds, depths, 2): mean and variance over units and examples."""
    found = np.empty((seeds, len(depths), 2))
    for seed in range(seeds):
        random = np.random.default_rng(seed)
        h = random.normal(0.5, math.sqrt(1.5), (BATCH, WIDTH))
        for depth in range(1, max(depths) + 1):
            h = f.quick(h @ random.normal(0, 1 / math.sqrt(WIDTH), (WIDTH, WIDTH)))[0]
            if depth in depths:
                found[seed, depths.index(depth)] = h.mean(), h.var()
    return found


# -- the edge of chaos -----------------------------------------------------------------------------
BIAS_VARIANCE = 0.05
CRITICAL = {"tanh": 1.7610, "elu": 1.5337, "selu": 0.9018, "softsign": 3.1412}
CRITICAL_SOURCE = (
    "mean-field theory (Poole et al. 2016, Schoenholz et al. 2017); agrees within 1e-4"
)


@one_by_one
def edge_of_chaos(f: Activation) -> Iterator[Row]:
    """The weight variance at which gradients neither vanish nor explode, chi = 1 at the fixed point."""
    variance, fixed = critical_variance(f)
    setting = f"{f.label}, critical weight variance at bias variance {BIAS_VARIANCE:g}"
    found = ": there is none" if math.isnan(variance) else f", fixed point q = {fixed:.4g}"
    yield row(setting + found, variance, None, None, CRITICAL.get(f.label), CRITICAL_SOURCE,
              tolerance=1e-4)  # fmt: skip


def critical_variance(f: Activation, bias_variance: float = BIAS_VARIANCE) -> tuple[float, float]:
    """The smallest weight variance w with w E f'(z)^2 = 1 at q = w E f(z)^2 + b, z ~ N(0, q); and q.

    nan and nan where there is none with q between b and 10^4 b.
    """

    def weight_and_gap(q: float) -> tuple[float, float]:
        square, slope = mean_squares(f, q)
        if slope <= 0 or not math.isfinite(square):
            return math.nan, math.nan
        return 1 / slope, q - square / slope - bias_variance

    def sign_of_gap(q: float) -> float:
        return float(np.sign(weight_and_gap(q)[1]))

    places = bias_variance * np.logspace(0, 4, 161)
    gaps = np.array([weight_and_gap(q)[1] for q in places])
    found = []
    for i in np.flatnonzero(np.sign(gaps[:-1]) * np.sign(gaps[1:]) <= 0):
        low, _ = bisected(sign_of_gap, np.sign(gaps[i]), *places[i : i + 2])
        found.append((weight_and_gap(low)[0], low))
    return min(found, default=(math.nan, math.nan))
