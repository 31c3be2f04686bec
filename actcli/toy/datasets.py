"""The data sets: points, sequences, graphs and files, all drawn from the seed.

`sample` draws one seed's data, `gather` stacks those of many seeds with the seed axis in front.
"""

import hashlib
import math
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..inputs.streams import read_text
from ..inputs.tabular import read_examples
from ..numbers.types import Floats
from ..wording import unknown
from .choices import DATA_SETS, FEATURES, FILE
from .karate import INSTRUCTOR, KARATE, LABELLED

Random = np.random.Generator

NAMES = tuple(DATA_SETS)
_FORMULAS: Sequence[Callable[[Floats, Floats], Floats]] = (
    lambda x, y: x, lambda x, y: y, lambda x, y: x * x, lambda x, y: y * y, lambda x, y: x * y,
    lambda x, y: np.sin(x), lambda x, y: np.sin(y),
)  # fmt: skip
FORMULAS = dict(zip(FEATURES, _FORMULAS, strict=True))
DIGITS = 10
STEP = 0.3  # of the sine's phase from one value of `wave` to the next
INSIDE, ACROSS = 0.15, 0.02  # chances of an edge in `blocks`, within a group and between groups


@dataclass
class Examples:
    """Data of one seed, or of S seeds with a leading axis S in every array.

    `inputs` are (n, d), or (n, T, d) for sequences; `targets` (n,) numbers for regression, -1 and 1
    for two classes, 0.. for more. `train` and `test` (n,) say to which part an example belongs; the
    first examples are the training part except in a graph.
    """

    kind: str  # points, sequences, graph
    inputs: Floats
    targets: Floats
    train: NDArray[np.bool_]
    classes: int  # 0: regression
    columns: tuple[str, ...] = ()
    adjacency: Floats | None = None  # (n, n)
    centre: Floats | None = None  # (d,) and (d,): taken off the columns of a file, then divided by
    spread: Floats | None = None
    target_name: str = "target"
    digest: str | None = None  # of the file
    names: tuple[str, ...] = ()  # of the classes of a file
    target_centre: float = 0.0  # taken off the numbers to be foretold, then divided by
    target_spread: float = 1.0


def kind_of(name: str) -> str:
    """points, sequences, graph or patterns; what is no name must be a file."""
    if name in DATA_SETS:
        return DATA_SETS[name].kind
    if os.path.exists(name) or name.lower().removesuffix(".gz").endswith((".csv", ".tsv", ".txt")):
        return "points"
    raise unknown("data set or file", name, NAMES)


def sample(
    name: str,
    seed: int,
    noise: float | None = None,
    train_share: float = 0.5,
    length: int = 10,
    decimal: str | None = None,
) -> Examples:
    """The data set of that name, or the file, as the seed draws it; ValueError for what is none."""
    kind = kind_of(name)
    known = DATA_SETS.get(name, FILE)
    if noise is not None and known.noise is None:
        raise ValueError(f"--noise has no meaning for {name}; leave it out")
    noise = known.noise or 0.0 if noise is None else noise
    random = np.random.default_rng([seed, 0])
    if kind == "graph":
        return _karate() if name == "karate" else _blocks(random, train_share)
    if kind == "sequences":
        return _sequences(name, random, noise, train_share, length)
    if name not in DRAWN:
        return _from_file(name, random, train_share, decimal)
    points, targets = DRAWN[name](random, noise)
    order = random.permutation(len(points))
    train = _first(len(points), train_share)
    return Examples("points", points[order], targets[order], train, known.classes, ("x", "y"))


def gather(samples: Sequence[Examples]) -> Examples:
    """The data of several seeds under one leading axis."""
    arrays = [name for name, value in vars(samples[0]).items() if isinstance(value, np.ndarray)]
    stacked: Any = {name: np.stack([getattr(s, name) for s in samples]) for name in arrays}
    return replace(samples[0], **stacked)


def with_features(points: Floats, columns: Sequence[str], features: Sequence[str]) -> Floats:
    """The chosen features of points (..., d): formulas of x and y, or columns by name."""
    if not features:
        return points
    chosen = []
    for name in features:
        if name in columns:
            chosen.append(points[..., list(columns).index(name)])
        elif name in FEATURES and len(columns) == 2:
            chosen.append(FORMULAS[name](points[..., 0], points[..., 1]))
        else:
            known = ", ".join(dict.fromkeys([*columns, *(FEATURES if len(columns) == 2 else ())]))
            raise ValueError(f"--features: there is no feature {name!r}; there are {known}")
    return np.stack(chosen, axis=-1)


def patterns(seed: int, units: int, count: int) -> Floats:
    """Random patterns of -1 and 1, (count, units)."""
    return np.random.default_rng([seed, 0]).choice([-1.0, 1.0], (count, units))


def _first(count: int, train_share: float) -> NDArray[np.bool_]:
    """Flags (count,) of the training part: the first examples."""
    return np.arange(count) < min(max(round(count * train_share), 1), count - 1)


# -- points in the plane ---------------------------------------------------------------------------
Drawn = tuple[Floats, Floats]


def _sign(condition: NDArray[np.bool_]) -> Floats:
    return np.where(condition, 1.0, -1.0)


def _circle(random: Random, noise: float) -> Drawn:
    """A disc inside a ring."""
    r = np.concatenate([random.uniform(0, 2.5, 250), random.uniform(3.5, 5, 250)])
    angle = random.uniform(0, 2 * np.pi, 500)
    points = np.stack([r * np.sin(angle), r * np.cos(angle)], axis=1)
    moved = points + random.uniform(-5, 5, (500, 2)) * noise
    return points, _sign(np.hypot(moved[:, 0], moved[:, 1]) < 2.5)


def _xor(random: Random, noise: float) -> Drawn:
    """Quadrants in the colours of a chessboard."""
    points = random.uniform(-5, 5, (500, 2))
    points += np.where(points > 0, 0.3, -0.3)
    moved = points + random.uniform(-5, 5, (500, 2)) * noise
    return points, _sign(moved[:, 0] * moved[:, 1] >= 0)


def _gauss(random: Random, noise: float) -> Drawn:
    """Two normal clouds."""
    targets = np.repeat([1.0, -1.0], 250)
    points = 2 * targets[:, None] + random.normal(0, math.sqrt(0.5 + 7 * noise), (500, 2))
    return points, targets


def _spiral(random: Random, noise: float) -> Drawn:
    """Two arms, wound about each other."""
    i = np.arange(250)
    turns = [1.75 * 2 * np.pi * i / 250 + start for start in (0, np.pi)]
    r = 5 * i / 250
    points = np.concatenate([np.stack([r * np.sin(t), r * np.cos(t)], axis=1) for t in turns])
    return points + random.uniform(-1, 1, (500, 2)) * noise, np.repeat([1.0, -1.0], 250)


def _moons(random: Random, noise: float) -> Drawn:
    """Two half circles that reach into each other."""
    angle = np.linspace(0, np.pi, 500)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    points = np.concatenate([upper, [1, 0.5] - upper])
    return points + random.normal(0, noise, (1000, 2)), np.repeat([1.0, -1.0], 500)


def _plane(random: Random, noise: float) -> Drawn:
    """Regression: a plane."""
    points = random.uniform(-6, 6, (1200, 2))
    moved = points + random.uniform(-6, 6, (1200, 2)) * noise
    return points, moved.sum(axis=1) / 10


def _gaussians(random: Random, noise: float) -> Drawn:
    """Regression: six hills, up and down in turn."""
    points = random.uniform(-6, 6, (1200, 2))
    moved = points + random.uniform(-6, 6, (1200, 2)) * noise
    centres = np.array([(x, y) for y in (2.5, -2.5) for x in (-4, 0, 4)])
    signs = np.array([1, -1, 1, -1, 1, -1])
    distance = np.hypot(*(moved[:, None, :] - centres).transpose(2, 0, 1))
    nearest = distance.argmin(axis=1)
    return points, signs[nearest] * np.maximum(0, 1 - distance.min(axis=1) / 2)


POINTS = (_circle, _xor, _gauss, _spiral, _moons, _plane, _gaussians)
DRAWN = {draw.__name__.lstrip("_"): draw for draw in POINTS}


# -- sequences -------------------------------------------------------------------------------------
def _sequences(
    name: str, random: Random, noise: float, train_share: float, length: int
) -> Examples:
    """wave, digit-sum, recall or parity: (n, length, 1 or 10 inputs)."""
    classes = 2
    if name == "wave":
        count, classes = 1000, 0
        start = random.uniform(0, 2 * np.pi)
        values = np.sin(start + STEP * np.arange(count + length))
        values += random.normal(0, noise, values.shape)
        windows = np.lib.stride_tricks.sliding_window_view(values, length)
        inputs, targets = windows[:count, :, None], values[length:]
        train = _first(count, train_share)  # the past; what is to be foretold comes later
        cut = int(train.sum())
        order = np.concatenate([random.permutation(cut), np.arange(cut, count)])
        return Examples("sequences", inputs[order], targets[order], train, classes, ("value",))
    if name == "digit-sum":
        if length < 2:
            raise ValueError(f"digit-sum adds the first two digits; --length {length} is too short")
        count, classes = 500, 2 * DIGITS - 1
        digits = np.zeros((count, length), np.int64)
        digits[:, :2] = random.integers(0, DIGITS, (count, 2))
        inputs, targets = np.eye(DIGITS)[digits], digits.sum(axis=1).astype(np.float64)
        columns = tuple(f"digit {k}" for k in range(DIGITS))
    else:
        count, columns = 1000, ("bit",)
        bits = random.integers(0, 2, (count, length))
        inputs = bits[:, :, None].astype(np.float64)
        targets = _sign((bits[:, 0] if name == "recall" else bits.sum(axis=1) % 2) == 1)
    if noise:
        inputs = inputs + random.normal(0, noise, inputs.shape)
    return Examples("sequences", inputs, targets, _first(count, train_share), classes, columns)


# -- graphs ----------------------------------------------------------------------------------------
def _karate() -> Examples:
    """Zachary's karate club, of which two members are labelled."""
    adjacency = np.zeros((34, 34))
    for member, others in KARATE.items():
        adjacency[member, list(others)] = adjacency[list(others), member] = 1
    targets, train = np.ones(34), np.zeros(34, bool)
    targets[list(INSTRUCTOR)] = -1
    train[list(LABELLED)] = True
    return Examples("graph", np.eye(34), targets, train, 2, ("member",), adjacency)


def _blocks(random: Random, train_share: float) -> Examples:
    """A stochastic block model: four groups of 50."""
    groups = np.repeat(np.arange(4), 50)
    chance = np.where(groups[:, None] == groups, INSIDE, ACROSS)
    upper = np.triu(random.random((200, 200)) < chance, 1)
    train = np.zeros(200, bool)
    train[random.permutation(200)[: min(max(round(200 * train_share), 1), 199)]] = True
    adjacency = (upper | upper.T).astype(np.float64)
    return Examples("graph", np.eye(200), groups.astype(float), train, 4, ("node",), adjacency)


# -- files -----------------------------------------------------------------------------------------
def _from_file(path: str, random: Random, train_share: float, decimal: str | None) -> Examples:
    """Shuffled, and scaled to mean 0 and spread 1 as the training part has it."""
    text = read_text(path, "give a file of rows, or a data set, as in --data circle")
    columns, target_name, table, names = read_examples(text, path, decimal)
    table = table[random.permutation(len(table))]
    train = _first(len(table), train_share)
    inputs, targets = table[:, :-1], table[:, -1]
    centre, spread = inputs[train].mean(axis=0), inputs[train].std(axis=0)
    spread[spread == 0] = 1
    middle, scale = 0.0, 1.0
    if not names:
        middle, scale = float(targets[train].mean()), float(targets[train].std()) or 1.0
        targets = (targets - middle) / scale
    return Examples(
        "points", (inputs - centre) / spread, targets, train, len(names), columns,
        centre=centre, spread=spread, target_name=target_name,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        names=names, target_centre=middle, target_spread=scale,
    )  # fmt: skip
