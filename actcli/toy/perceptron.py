"""The perceptron algorithm (Rosenblatt 1958)."""

from dataclasses import replace

import numpy as np

from .fit import FittedNeuron, NeuronProblem, crossings
from .separability import Flags, Separation, separation, standardized

FEW = 200  # rows; so many are judged after every step of the perceptron rule


def threshold(problem: NeuronProblem) -> FittedNeuron:
    """The perceptron rule with the rows as they are; where it does not arrive, with inputs of
    mean 0 and standard deviation 1, which takes fewer steps if one input is much larger."""
    apart = separation(problem.rows, problem.high)
    if apart.possible is False:
        problem = replace(problem, epochs=min(problem.epochs, 100))  # it would go round in circles
    plain = perceptron_fit(problem, apart)
    if plain.error == 0 or problem.start is not None:
        return plain
    scaled, centre, scale = standardized(problem.rows)
    found = perceptron_fit(replace(problem, rows=scaled), apart)
    if found.error >= plain.error:
        return plain
    weights = found.weights / scale
    return replace(found, weights=weights, bias=float(found.bias - weights @ centre))


def perceptron_fit(problem: NeuronProblem, apart: Separation) -> FittedNeuron:
    """The perceptron rule, row by row in their order; the best weights met are kept."""
    f, rows, high, outputs, rate = problem.f, problem.rows, problem.high, problem.aims, problem.rate
    assert outputs is not None
    assert rate is not None
    mid = 0.5 * (outputs[0] + outputs[1])
    (cut, *more) = crossings(lambda x: f.quick(x)[0] > mid, -10.0, 10.0) or [0.0]
    if more:
        raise ValueError(
            f"{f.label} goes up and down; the perceptron rule needs a function with one step"
        )
    cut = round(cut, 9) + 0.0
    rises = bool(f.quick(np.array([cut + 1.0]))[0][0] > mid)
    turn = 1.0 if rises else -1.0
    value = float(f.quick(np.array([cut]))[0][0])
    at_cut, neither = value > mid, value not in outputs  # sign(0) = 0 answers for no class
    weights, bias = [0.0] * rows.shape[1], 0.0
    if problem.start:
        weights, bias = problem.start[0].tolist(), problem.start[1]
    data = list(zip(rows.tolist(), high.tolist(), strict=True))

    def judged(w: list[float], b: float) -> Flags:
        """Which rows are on the right side."""
        z = rows @ np.array(w) + b
        fires = np.where(z == cut, at_cut, (z > cut) == rises)
        return np.asarray((fires == high) & ~(neither & (z == cut)))

    def error(w: list[float], b: float) -> float:
        """Root of the mean squared error."""
        z = rows @ np.array(w) + b
        given = np.where((z > cut) == rises, outputs[1], outputs[0])
        given[z == cut] = value
        return float(np.sqrt(np.mean((given - np.where(high, outputs[1], outputs[0])) ** 2)))

    kept, fewest, done = (weights, bias), float(np.mean(~judged(weights, bias))), 0

    def keep() -> None:
        """Keeps the weights if they are the best so far."""
        nonlocal kept, fewest
        wrong = float(np.mean(~judged(weights, bias)))
        if wrong < fewest or (wrong == fewest and not any(kept[0])):
            kept, fewest = (weights, bias), wrong

    while done < problem.epochs and fewest > 0:
        done += 1
        for x, wanted in data:
            z = sum(w * v for w, v in zip(weights, x, strict=True)) + bias
            fires = at_cut if z == cut else (z > cut) == rises
            if fires != wanted or (neither and z == cut):
                step = turn * rate * (1.0 if wanted else -1.0)
                weights = [w + step * v for w, v in zip(weights, x, strict=True)]
                bias += step
                if len(data) <= FEW:
                    keep()
        keep()
    width = outputs[1] - outputs[0]
    return FittedNeuron(
        weights=np.array(kept[0]),
        bias=float(kept[1]),
        rule="perceptron rule",
        epochs=done,
        rate=rate,
        starts=1,
        error=error(*kept),
        spread=width * float(np.std(high)),
        aims=outputs,
        mid=mid,
        levels=(cut,),
        correct=judged(*kept),
        alive=0.0,
        separation=apart,
    )
