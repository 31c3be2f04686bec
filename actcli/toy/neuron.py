"""One artificial neuron: z = w.x + b, a = f(z), its gradients, and how it is fitted to data."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..evaluation.activation import Activation

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Matrix = list[list[Fraction]]

EPOCHS = 2000
STARTS = 8
MOST_RATE = 10.0
LEAST = 1e-300
FEW = 200  # rows; so many are judged after every step of the perceptron rule


@dataclass(frozen=True)
class Pass:
    """What the neuron makes of n rows with d inputs: shapes (n,), and (n, d) for dw and dx."""

    z: Any
    a: Any
    db: Any
    dw: Any
    dx: Any


def forward(f: Activation, rows: Any, weights: Any, bias: Any) -> Pass:
    """z and a of each row, and the gradients of a with respect to b, w and x.

    `rows` (n, d) and `weights` (d,) have one float dtype, which the results keep.
    """
    rows, weights = np.asarray(rows), np.asarray(weights)
    wide = rows.astype(np.longdouble), weights.astype(np.longdouble)
    with np.errstate(all="ignore"):
        z = ((wide[0] * wide[1]).sum(axis=1) + np.longdouble(bias)).astype(rows.dtype)
        a, db = f.value_and_gradient(z)
        dw, dx = db[:, None] * rows + 0, db[:, None] * weights + 0  # no -0
    return Pass(z, a, db, dw, dx)


# --- can a line separate the classes? ----------------------------------------------------------


@dataclass(frozen=True)
class Separation:
    """Whether a line (plane) keeps two classes apart; None: too close to tell.

    If so, `weights` and `bias` are one that does, with the widest margin. If not, `point` lies
    among the rows `low` of one class as well as among the rows `high` of the other: it is a mean
    of either, which no line could put on two sides. Row numbers count from 0.
    """

    possible: bool | None
    weights: Floats | None = None
    bias: float = 0.0
    point: Floats | None = None
    low: tuple[int, ...] = ()
    high: tuple[int, ...] = ()


def separation(rows: Floats, high: Flags) -> Separation:
    """Decides by linear programming; a "no" is checked in exact arithmetic.

    `rows` has shape (n, d), all finite; `high` (n,) says which class each row is of.
    """
    from scipy.optimize import linprog

    scaled, centre, scale = standardized(rows)
    sign = np.where(high, 1.0, -1.0)
    count, inputs = rows.shape
    hulls = np.vstack([(scaled * sign[:, None]).T, high, ~high])
    total = np.array([0.0] * inputs + [1.0, 1.0])
    meet = linprog(np.zeros(count), A_eq=hulls, b_eq=total, method="highs-ds")
    if meet.status == 0:
        used = np.flatnonzero(np.asarray(meet.x) > 1e-12)
        shares = _exact_shares(rows[used], high[used])
        if shares is not None:
            point = [
                sum((s * Fraction(v) for s, v in zip(shares, column, strict=True)), Fraction(0))
                for column in rows[used][high[used]].T.tolist()
            ]
            return Separation(
                False,
                point=np.array([float(v) for v in point]),
                low=tuple(int(i) for i in used[~high[used]]),
                high=tuple(int(i) for i in used[high[used]]),
            )
    above = -np.column_stack([scaled * sign[:, None], sign, -np.ones(count)])
    bounds = [(-1.0, 1.0)] * inputs + [(None, None), (None, None)]
    aim = np.array([0.0] * (inputs + 1) + [-1.0])
    widest = linprog(aim, A_ub=above, b_ub=np.zeros(count), bounds=bounds, method="highs")
    if widest.status != 0:
        return Separation(None)
    solved = np.asarray(widest.x)
    weights = solved[:inputs] / scale
    bias = float(solved[inputs] - weights @ centre)
    room = sign * (rows @ weights + bias)
    doubt = (inputs + 4) * 2.0**-52 * (np.abs(rows) @ np.abs(weights) + abs(bias))
    return Separation(True if np.all(room > doubt) else None, weights, bias)


def _exact_shares(rows: Any, high: Any) -> list[Fraction] | None:
    """Shares of the rows of `high` with which the two means agree exactly; None if they cannot."""
    sign = np.where(high, 1, -1)
    exact = [[Fraction(v) * int(s) for v, s in zip(column, sign, strict=True)]
             for column in rows.T.tolist()]  # fmt: skip
    system: Matrix = [[*row, Fraction(0)] for row in exact]
    for group in (high, ~high):
        system.append([*(Fraction(int(v)) for v in group), Fraction(1)])
    found = _solve(system)
    if found is None or min(found) < 0:
        return None
    return [share for share, mine in zip(found, high, strict=True) if mine]


def _solve(system: Matrix) -> list[Fraction] | None:
    """The only solution of the linear equations [A | b], or None."""
    unknowns = len(system[0]) - 1
    for column in range(unknowns):
        pivot = next((r for r in range(column, len(system)) if system[r][column] != 0), None)
        if pivot is None:
            return None
        system[column], system[pivot] = system[pivot], system[column]
        top = [v / system[column][column] for v in system[column]]
        system[column] = top
        for r, row in enumerate(system):
            if r != column and row[column] != 0:
                system[r] = [v - row[column] * t for v, t in zip(row, top, strict=True)]
    if any(row[-1] != 0 for row in system[unknowns:]):
        return None
    return [system[k][-1] for k in range(unknowns)]


def standardized(rows: Floats) -> tuple[Floats, Floats, Floats]:
    """The columns with mean 0 and standard deviation 1, what was taken off, and the divisor.

    Sizes are brought to 1 by a power of two first: squares of 1e300 would be infinite.
    """
    _, power = np.frexp(np.abs(rows).max(axis=0, initial=0.0))
    near = np.ldexp(rows, -power)
    centre, scale = near.mean(axis=0), near.std(axis=0)
    scale = np.where(scale > 1e-12, scale, 1.0)
    return (near - centre) / scale, np.ldexp(centre, power), np.ldexp(scale, power)


# --- fitting -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Fit:
    """A fitted neuron. `aims` are the two outputs that the classes were given, or None where the
    target is a quantity; `mid` lies between them, and `levels` are the z at which f crosses it.
    `error` is the root of the mean squared error; `alive` the largest |f'(z)| on the rows."""

    weights: Floats
    bias: float
    rule: Literal["gradient descent", "perceptron rule"]
    epochs: int
    rate: float
    starts: int
    error: float
    start_error: float
    spread: float
    aims: tuple[float, float] | None
    mid: float
    levels: tuple[float, ...]
    correct: Flags | None
    alive: float
    separation: Separation | None

    @property
    def accuracy(self) -> float | None:
        return None if self.correct is None else float(self.correct.mean())


@np.errstate(all="ignore")
def fit(
    f: Activation,
    rows: Floats,
    target: Floats,
    *,
    epochs: int | None = None,
    rate: float | None = None,
    start: tuple[Floats, float] | None = None,
) -> Fit:
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
    with np.errstate(all="ignore"):
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
    if flat:
        ends = float(outputs[0]), float(outputs[-1])
        return _threshold(f, rows, target == values[1], ends, epochs or 1000, rate or 1.0, start)
    aims = _aims(values, value[known]) if classes else None
    wanted = target if aims is None else np.where(target == values[1], aims[1], aims[0])
    steep = float(np.max(np.abs(gradient[known][:1601]), initial=0.0))
    return _descent(f, rows, wanted, target == values[1], aims, epochs or EPOCHS, rate, steep,
                    start)  # fmt: skip


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


def _descent(
    f: Activation,
    rows: Floats,
    wanted: Floats,
    high: Flags,
    aims: tuple[float, float] | None,
    epochs: int,
    rate: float | None,
    steep: float,
    start: tuple[Floats, float] | None,
) -> Fit:
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
    begun = _errors(f, columns, wanted, parameters)
    with np.errstate(all="ignore"):
        for _ in range(epochs):
            a, slope = f.quick(parameters @ columns.T)
            step = ((a - wanted) * slope) @ columns / len(rows)
            parameters = parameters - rate * step
    errors = _errors(f, columns, wanted, parameters)
    if not np.isfinite(errors).any():
        raise ValueError(
            f"gradient descent diverged at --learning-rate {rate:g}; try {rate / 10:g}"
        )
    mid = float(np.mean(aims)) if aims else 0.0
    with np.errstate(all="ignore"):
        z = parameters @ columns.T
        a, slope = f.quick(z)
        wrong = ((a > mid) != high).mean(axis=1) if aims else np.zeros(len(errors))
    errors = np.where(np.isfinite(errors), errors, np.inf)
    best = int(np.lexsort((errors, np.where(np.isfinite(errors), wrong, np.inf)))[0])
    weights = parameters[best, :-1] / scale
    return Fit(
        weights=weights,
        bias=float(parameters[best, -1] - weights @ centre),
        rule="gradient descent",
        epochs=epochs,
        rate=rate,
        starts=len(parameters),
        error=float(errors[best]),
        start_error=float(begun[best]),
        spread=float(wanted.std()),
        aims=aims,
        mid=mid,
        levels=tuple(_levels(f, mid, z[best])) if aims else (),
        correct=(a[best] > mid) == high if aims else None,
        alive=float(np.max(np.abs(slope[best]))),
        separation=separation(rows, high) if aims else None,
    )


def _errors(f: Activation, columns: Floats, wanted: Floats, parameters: Floats) -> Floats:
    """Root of the mean squared error of each start."""
    with np.errstate(all="ignore"):
        a, _ = f.quick(parameters @ columns.T)
        found: Floats = np.sqrt(np.mean((a - wanted) ** 2, axis=1))
    return found


def _levels(f: Activation, mid: float, z: Floats) -> list[float]:
    """Where f crosses `mid`, near the z that occur."""
    low, high = float(z.min()), float(z.max())
    margin = 0.2 * (high - low) + 0.1
    return crossings(lambda x: f.quick(x)[0] > mid, low - margin, high + margin)


def crossings(above: Callable[[Floats], Flags], low: float, high: float) -> list[float]:
    """Where a condition changes in [low, high], on a grid of 2001 points and then narrowed."""
    grid = np.linspace(low, high, 2001)
    state = above(grid)
    found = []
    for i in np.flatnonzero(state[:-1] != state[1:]):
        a, b = float(grid[i]), float(grid[i + 1])
        for _ in range(60):
            middle = 0.5 * (a + b)
            if bool(above(np.array([middle]))[0]) == bool(state[i]):
                a = middle
            else:
                b = middle
        found.append(0.0 if abs(a) < 1e-9 else 0.5 * (a + b))
    return found


def _threshold(
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
    plain = _perceptron(f, rows, high, outputs, epochs, rate, start, apart)
    if plain.error == 0 or start is not None:
        return plain
    scaled, centre, scale = standardized(rows)
    found = _perceptron(f, scaled, high, outputs, epochs, rate, None, apart)
    if found.error >= plain.error:
        return plain
    weights = found.weights / scale
    return replace(found, weights=weights, bias=float(found.bias - weights @ centre))


def _perceptron(
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
