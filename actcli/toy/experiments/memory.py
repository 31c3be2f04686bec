"""Networks with a state, associative memories, and networks on a graph."""

import math
from collections.abc import Iterator, Sequence

import numpy as np

from ...evaluation.activation import Activation
from ...numbers.types import Floats
from .. import datasets as sets
from .. import hopfield as memories
from ..setup import Setup
from ..training import Progress, train
from .rows import Row, lost, mean_and_band, one_by_one, part_of, report, row, spread

# -- long memory -----------------------------------------------------------------------------------
UNITS, TIMES, LONG_SEEDS = 64, (1, 10, 50, 100), 20
LONG: dict[str, tuple[float | None, ...]] = {
    "identity": (1.0, 1.0, 1.0, 1.0),
    "tanh": (1.0, 0.88, 0.12, 6.8e-3),
    "relu": (None, None, None, 4e-16),
    "logistic": (None, None, None, 9e-63),
}
LONG_SOURCE = (
    "reference run, which 20 seeds of the same draws repeat; agrees within half a unit of the last "
    "digit that it gives"
)


@one_by_one
def long_memory(f: Activation) -> Iterator[Row]:
    """Orthogonal recurrence of 64 units: median 2-norm of dh_T/dh_0."""
    norms = state_gradients(f, LONG_SEEDS, TIMES)
    known = LONG.get(f.label, (None,) * len(TIMES))
    for time, values, reference in zip(TIMES, norms.T, known, strict=True):
        setting = f"{f.label}, norm of dh_T/dh_0 at T = {time}"
        tolerance = reference and _half_unit(reference)
        yield row(setting, *spread(values), reference, LONG_SOURCE, tolerance=tolerance)
    last = state_gradients(f, LONG_SEEDS, TIMES, uniform=True)[:, -1]
    yield row(f"{setting}, rotation drawn uniformly", *spread(last))


def _half_unit(reference: float) -> float:
    """Half a unit of the last digit of a number as it is written: 0.05 of 6.8, 0.005 of 1."""
    digits = f"{reference:e}".partition("e")[0].rstrip("0").partition(".")[2]
    power = math.floor(math.log10(reference)) - max(len(digits), 0)
    return 0.5 * 10.0**power if reference < 1 else 0.005


def state_gradients(
    f: Activation, seeds: int, times: Sequence[int], uniform: bool = False
) -> Floats:
    """(seeds, times): 2-norms; h_t = f(U h + w x_t), w ~ N(0, 0.1^2), x_t ~ N(0, 1), h_0 = 0.

    U is what the QR factorisation of a normal matrix gives, whose signs are lopsided, or drawn
    uniformly from all rotations.
    """
    recurrent = np.empty((seeds, UNITS, UNITS))
    inputs = np.empty((max(times), seeds, UNITS))
    for seed in range(seeds):
        random = np.random.default_rng(seed)
        q, r = np.linalg.qr(random.standard_normal((UNITS, UNITS)))
        recurrent[seed] = q * np.where(np.diag(r) < 0, -1.0, 1.0) if uniform else q
        weights = random.normal(0, 0.1, UNITS)
        inputs[:, seed] = random.standard_normal(max(times))[:, None] * weights
    state = np.zeros((seeds, UNITS, 1))
    jacobian = np.broadcast_to(np.eye(UNITS), recurrent.shape)
    found = np.full((seeds, len(times)), np.nan)
    for time in range(1, max(times) + 1):
        state, slope = f.quick(recurrent @ state + inputs[time - 1, :, :, None])
        jacobian = slope * (recurrent @ jacobian)
        if time in times:
            fine = np.isfinite(jacobian).all(axis=(1, 2))
            norms = np.linalg.norm(jacobian[fine], 2, axis=(1, 2))
            found[fine, times.index(time)] = norms
    return found


# -- associative memory ----------------------------------------------------------------------------
HOPFIELD_UNITS, FLIPPED, SWEEPS, HOPFIELD_SEEDS = 200, 0.1, 20, 20
HOPFIELD = {0.05: 1.0, 0.10: 0.998, 0.138: 0.950, 0.16: 0.919, 0.20: 0.726}
HOPFIELD_SOURCE = (
    "reference run, taken as 20 seeds; capacity 0.138 (Amit et al. 1985); agrees within 3 standard "
    "errors of the difference of two means, or 0.005"
)


def hopfield(functions: Sequence[Activation], progress: Progress | None = None) -> list[Row]:
    """200 units with Hebbian weights, started with 10 % flipped: mean overlap with what is stored."""
    rows = []
    for k, f in enumerate(functions):
        for i, (load, published) in enumerate(HOPFIELD.items()):
            overlaps = np.array([recalled(f, load, seed) for seed in range(HOPFIELD_SEEDS)])
            error = float(overlaps.std(ddof=1)) * math.sqrt(2 / HOPFIELD_SEEDS)
            setting = f"{f.label}, load {load:g}, mean overlap after {SWEEPS} sweeps"
            reference = published if f.label == "sign" else None
            rows.append(row(setting, *mean_and_band(overlaps), reference, HOPFIELD_SOURCE,
                            tolerance=max(3 * error, 0.005)))  # fmt: skip
            report(progress, k * len(HOPFIELD) + i + 1, len(functions) * len(HOPFIELD))
    return rows


def recalled(f: Activation, load: float, seed: int) -> float:
    """Mean overlap over the patterns of one seed; a unit whose input is 0 stays as it is."""
    patterns = sets.patterns(seed, HOPFIELD_UNITS, round(load * HOPFIELD_UNITS))
    weights = memories.hebbian(patterns)
    random = np.random.default_rng([seed, 1])
    states = memories.flipped(patterns, FLIPPED, random)
    for _ in range(SWEEPS):
        before = states
        states = memories.recall(weights, states, f, random, undecided_stay=True)
        if (states == before).all():
            break
    return float(memories.overlaps(patterns, states).mean())


# -- oversmoothing ---------------------------------------------------------------------------------
GRAPH_SEEDS = 20
SMOOTHING = {
    (2, "relu"): 0.955, (2, "tanh"): 0.955, (2, "elu"): 0.955,
    (8, "relu"): 0.90, (8, "tanh"): 0.95, (8, "elu"): 0.95,
}  # fmt: skip
SMOOTHING_SOURCE = {
    2: "reference run, 0.94 to 0.97 for all; agrees if the mean is there, give or take 0.015",
    8: "reference run, 20 seeds; agrees within 0.03, one of 32 nodes",
}


def oversmoothing(functions: Sequence[Activation], progress: Progress | None = None) -> list[Row]:
    """The karate club with 2 and with 8 graph layers: mean accuracy on the 32 nodes without label."""
    rows: dict[tuple[int, int], Row] = {}
    for d, depth in enumerate((2, 8)):
        setup = Setup(
            data="karate", layers=(16,) * (depth - 1), learner="adam", learning_rate=0.01,
            init="xavier", epochs=200, every=200, seeds=GRAPH_SEEDS,
        )  # fmt: skip
        for k, run in enumerate(train(setup, functions, part_of(progress, d, 2))):
            accuracy = run.test_accuracy[:, -1]
            reference = SMOOTHING.get((depth, run.label))
            setting = f"{run.label}, {depth} graph layers, accuracy on the other nodes"
            rows[k, d] = row(setting + lost(accuracy), *mean_and_band(accuracy), reference,
                             SMOOTHING_SOURCE[depth], tolerance=0.03)  # fmt: skip
    return [rows[key] for key in sorted(rows)]
