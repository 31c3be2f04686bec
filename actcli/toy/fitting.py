"""Fits a neuron to examples."""

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from .fit import FittedNeuron, NeuronProblem, crossings
from .perceptron import threshold
from .separability import separation, standardized

EPOCHS = 2000
STARTS = 8
MOST_RATE = 10.0
LEAST = 1e-300


@np.errstate(all="ignore")
def fit(
    f: Activation,
    rows: Floats,
    target: Floats,
    *,
    epochs: int | None = None,
    rate: float | None = None,
    start: tuple[Floats, float] | None = None,
) -> FittedNeuron:
    """Weights and bias that bring f(w.x + b) near the target, of shape (n,).

    A target with two values stands for two classes. Functions with two values and no gradient
    learn by the perceptron rule, all others by gradient descent on half the mean squared error,
    with inputs of mean 0 and standard deviation 1 (the weights returned are for the inputs as
    given), from `start` or the best of eight fixed starts. Raises ValueError where there is
    nothing to learn from.
    """
    values = np.unique(target)
    largest = np.abs(rows).max(axis=0, initial=0.0)
    if ((largest > 0) & (largest < LEAST)).any():
        raise ValueError(f"inputs below {LEAST:g} need weights that are no doubles; scale them up")
    if len(rows) < 2 or values.size < 2:
        raise ValueError("--fit needs two rows or more with different targets")
    probe = np.concatenate([np.linspace(-8, 8, 1601), [-1e3, 1e3, -37.0, 37.0]])
    value, gradient = f.quick(probe)
    known = np.isfinite(value) & np.isfinite(gradient)
    if not known.any():
        raise ValueError(f"{f.label} has no finite value near 0; a neuron cannot learn with it")
    flat = bool(np.all(gradient[known] == 0))
    outputs = np.unique(value[known])
    classes = values.size == 2
    if flat and not (outputs.size in (2, 3) and classes):
        raise ValueError(
            f"the gradient of {f.label} is 0 everywhere: gradient descent cannot move, and the "
            "perceptron rule needs a function and a target of two values each"
        )
    high = target == values[1]
    if flat:
        ends = float(outputs[0]), float(outputs[-1])
        return threshold(NeuronProblem(f, rows, high, ends, epochs or 1000, rate or 1.0, start))
    aims = _aims(values, value[known]) if classes else None
    wanted = target if aims is None else np.where(high, aims[1], aims[0])
    steep = float(np.max(np.abs(gradient[known][:1601]), initial=0.0))
    return _descent(
        NeuronProblem(f, rows, high, aims, epochs or EPOCHS, rate, start), wanted, steep
    )


def _aims(values: Floats, outputs: Floats) -> tuple[float, float]:
    """Outputs for the two classes: their values, if f takes them, else others that it takes."""
    low, high = float(outputs[:-4].min()), float(outputs[:-4].max())
    ends = float(outputs.min()), float(outputs.max())
    bounded = [abs(ends[k] - (low, high)[k]) < 0.5 for k in (0, 1)]
    reach = [(low - 1e-3 if bounded[0] else ends[0]), (high + 1e-3 if bounded[1] else ends[1])]
    if reach[0] <= values[0] and values[1] <= reach[1]:
        return float(values[0]), float(values[1])
    bottom = round(low, 3) if bounded[0] else -1.0
    top = round(high, 3) if bounded[1] else bottom + 1.0 if bounded[0] else 1.0
    return (bottom, top) if bounded[0] or not bounded[1] else (top - 1.0, top)


def _descent(problem: NeuronProblem, wanted: Floats, steep: float) -> FittedNeuron:
    """Gradient descent towards the outputs `wanted` (n,); f is nowhere steeper than `steep`."""
    f, rows, high, aims = problem.f, problem.rows, problem.high, problem.aims
    rate, start = problem.rate, problem.start
    scaled, centre, scale = standardized(rows)
    columns = np.column_stack([scaled, np.ones(len(rows))])
    if rate is None:
        largest = float(np.linalg.eigvalsh(columns.T @ columns / len(rows))[-1])
        rate = min(1.0 / (largest * max(min(steep, 1e3), 1e-3) ** 2), MOST_RATE)
    if start is None:
        first = 0.5 * (wanted - wanted.mean()) @ columns / len(rows) / (wanted.std() or 1.0)
        first[-1] = 0.1
        others = np.random.default_rng(0).normal(size=(STARTS - 1, columns.shape[1]))
        parameters = np.vstack([first, others])
    else:
        parameters = np.append(start[0] * scale, start[1] + start[0] @ centre)[None]
    for _ in range(problem.epochs):
        a, slope = f.quick(parameters @ columns.T)
        step = ((a - wanted) * slope) @ columns / len(rows)
        parameters = parameters - rate * step
    z = parameters @ columns.T
    a, slope = f.quick(z)
    errors = np.sqrt(np.mean((a - wanted) ** 2, axis=1))
    if not np.isfinite(errors).any():
        raise ValueError(
            f"gradient descent diverged at --learning-rate {rate:g}; try {rate / 10:g}"
        )
    mid = float(np.mean(aims)) if aims else 0.0
    wrong = ((a > mid) != high).mean(axis=1) if aims else np.zeros(len(errors))
    errors = np.where(np.isfinite(errors), errors, np.inf)
    best = int(np.lexsort((errors, np.where(np.isfinite(errors), wrong, np.inf)))[0])
    weights = parameters[best, :-1] / scale
    return FittedNeuron(
        weights=weights,
        bias=float(parameters[best, -1] - weights @ centre),
        rule="gradient descent",
        epochs=problem.epochs,
        rate=rate,
        starts=len(parameters),
        error=float(errors[best]),
        spread=float(wanted.std()),
        aims=aims,
        mid=mid,
        levels=tuple(_levels(f, mid, z[best])) if aims else (),
        correct=(a[best] > mid) == high if aims else None,
        alive=float(np.max(np.abs(slope[best]))),
        separation=separation(rows, high) if aims else None,
    )


def _levels(f: Activation, mid: float, z: Floats) -> list[float]:
    """Where f crosses `mid`, near the z that occur."""
    low, high = float(z.min()), float(z.max())
    margin = 0.2 * (high - low) + 0.1
    return crossings(lambda x: f.quick(x)[0] > mid, low - margin, high + margin)
