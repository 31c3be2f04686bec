"""The perceptron algorithm (Rosenblatt 1958)."""

from dataclasses import replace

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from .fit import Fit, crossings
from .separability import Flags, Separation, separation, standardized

FEW = 200  # rows; so many are judged after every step of the perceptron rule


def threshold(
    f: Activation,
    rows: Floats,
    high: Flags,
    outputs: tuple[float, float],
    epochs: int,
    rate: float,
    start: tuple[Floats, float] | None,
) -> Fit:
    """The perceptron rule with the rows as they are; where it does not arrive, with inputs of
    mean 0 and standard deviation 1, which takes fewer steps if one input is much larger."""
    apart = separation(rows, high)
    if apart.possible is False:
        epochs = min(epochs, 100)  # it would go round in circles
    plain = perceptron_fit(f, rows, high, outputs, epochs, rate, start, apart)
    if plain.error == 0 or start is not None:
        return plain
    scaled, centre, scale = standardized(rows)
    found = perceptron_fit(f, scaled, high, outputs, epochs, rate, None, apart)
    if found.error >= plain.error:
        return plain
    weights = found.weights / scale
    return replace(found, weights=weights, bias=float(found.bias - weights @ centre))


def perceptron_fit(
    f: Activation,
    rows: Floats,
    high: Flags,
    outputs: tuple[float, float],
    epochs: int,
    rate: float,
    start: tuple[Floats, float] | None,
    apart: Separation,
) -> Fit:
    """The perceptron rule, row by row in their order; the best weights met are kept."""
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
    weights, bias = (start[0].tolist(), start[1]) if start else ([0.0] * rows.shape[1], 0.0)
    data = list(zip(rows.tolist(), high.tolist(), strict=True))

    def judged(w: list[float], b: float) -> Flags:
        z = rows @ np.array(w) + b
        fires = np.where(z == cut, at_cut, (z > cut) == rises)
        return np.asarray((fires == high) & ~(neither & (z == cut)))

    def error(w: list[float], b: float) -> float:
        z = rows @ np.array(w) + b
        given = np.where((z > cut) == rises, outputs[1], outputs[0])
        given[z == cut] = value
        return float(np.sqrt(np.mean((given - np.where(high, outputs[1], outputs[0])) ** 2)))

    first = error(weights, bias)
    kept, fewest, done = (weights, bias), float(np.mean(~judged(weights, bias))), 0

    def keep() -> None:
        nonlocal kept, fewest
        wrong = float(np.mean(~judged(weights, bias)))
        if wrong < fewest or (wrong == fewest and not any(kept[0])):
            kept, fewest = (weights, bias), wrong

    while done < epochs and fewest > 0:
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
    return Fit(
        weights=np.array(kept[0]),
        bias=float(kept[1]),
        rule="perceptron rule",
        epochs=done,
        rate=rate,
        starts=1,
        error=error(*kept),
        start_error=first,
        spread=width * float(np.std(high)),
        aims=outputs,
        mid=mid,
        levels=(cut,),
        correct=judged(*kept),
        alive=0.0,
        separation=apart,
    )
