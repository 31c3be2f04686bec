"""What is recorded of a network: losses, accuracy, idle units, gradient norms."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..numbers.distinct import quantiles
from ..numbers.exact import SATURATED
from ..numbers.types import Floats
from .layers import Layer
from .network import Network

GROUP_NUMBERS = 1 << 15  # activations per layer that are computed at once
FIRST = 16  # examples on which most units show that they are not dead


@dataclass
class DataPart:
    """Examples x (S, n, ..., inputs + 1) and targets (S, n, outputs) of the training or test part."""

    x: Floats
    targets: Floats
    share: float | Floats  # weight of every example in the mean

    def some(self, seeds: slice) -> "DataPart":
        """The part of a slice of the seeds."""
        share = self.share if isinstance(self.share, float) else self.share[seeds]
        return DataPart(self.x[seeds], self.targets[seeds], share)

    def batches(self, size: int) -> "list[tuple[Floats, Floats, float | Floats]]":
        """In fixed order; a graph is one batch."""
        if not isinstance(self.share, float):
            return [(self.x, self.targets, self.share)]
        found: list[tuple[Floats, Floats, float | Floats]] = []
        for start in range(0, self.x.shape[1], size):
            x, targets = self.x[:, start : start + size], self.targets[:, start : start + size]
            found.append((x, targets, 1 / x.shape[1]))
        return found


@dataclass
class SeedGroup:
    """A few seeds, so few that what is computed on all their examples stays in the cache."""

    network: Network
    train: DataPart
    test: DataPart
    classes: int

    def __post_init__(self) -> None:
        """Notes what the accuracy asks for: which examples count, and what is right for them."""
        targets, share = self.test.targets, self.test.share
        self.chosen = None if isinstance(share, float) else share[..., 0] > 0
        if self.network.output == "softmax":
            self.right = targets.argmax(axis=-1)
        else:
            self.right = targets[..., 0] > (0.5 if self.network.output == "logistic" else 0)

    def measured(self) -> tuple[Floats, ...]:
        """Losses (S,) of both parts, accuracy (S,), dead and saturated shares (S, hidden layers).

        Leaves the gradient of the training loss in the network.
        """
        network, train, test = self.network, self.train, self.test
        train_loss = network.loss_and_gradient(train.x, train.targets, train.share)
        idle = [idle_shares(layer) for layer in network.layers[:-1]]
        dead, saturated = (np.stack(shares, axis=1) for shares in zip(*idle, strict=True))
        z = network.forward(test.x, False)
        test_loss = network.losses(test.targets, test.share)
        accuracy = self._accuracy(z) if self.classes else np.full(len(z), np.nan)
        return train_loss, test_loss, accuracy, dead, saturated

    def _accuracy(self, z: Floats) -> Floats:
        """Share (S,) of the test examples whose class is right, from the outputs z."""
        found = z.argmax(axis=-1) if self.network.output == "softmax" else z[..., 0] >= 0
        right = found == self.right
        if self.chosen is None:
            return np.asarray(_counts(right) / right.shape[1])
        return np.asarray(_counts(right & self.chosen) / _counts(self.chosen))


def idle_shares(layer: Layer) -> tuple[Floats, Floats]:
    """Shares (S,) of dead units and of saturated (unit, example) pairs.

    Dead: the gradient is exactly 0 and the output the same on every example. Saturated: the
    gradient is smaller than SATURATED, on a unit that is not dead, where the unit is not simply off
    (value and gradient 0, as relu's left side).
    """
    value, slope = layer.value, layer.slope
    small = np.asarray(np.abs(slope) < SATURATED)
    seeds, examples, units = small.shape
    if not small.any():
        return np.zeros(seeds), np.zeros(seeds)
    dead = np.asarray(~_some(slope[:, :FIRST] != 0))
    at, unit = np.nonzero(dead)
    if at.size:
        still = np.asarray(~slope[at, :, unit].any(axis=1))
        given = value[at[still], :, unit[still]]
        still[still] = (given == given[:, :1]).all(axis=1)
        dead[at, unit] = still
    small &= (slope != 0) | (value != 0)
    if not small.any():
        return _counts(dead) / units, np.zeros(seeds)
    at, unit = np.nonzero(dead)
    small[at, :, unit] = False
    return _counts(dead) / units, _counts(small) / (examples * units)


def _some(flags: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """(S, units): whether one of the examples (S, n, units) is true; in few long steps."""
    while (n := flags.shape[1]) > 1:
        flags = flags[:, : (n + 1) // 2] | flags[:, n // 2 :]
    return flags[:, 0]


def _counts(flags: NDArray[np.bool_]) -> Floats:
    """(S,): how many are true."""
    each = flags.reshape(len(flags), -1)
    return np.asarray(np.add.reduce(each, axis=1, dtype=np.int32), np.float64)


# -- the records of one function ----------------------------------------------------------------------
RECORDED = (
    "train_loss", "test_loss", "test_accuracy", "dead", "saturated", "gradient_norms", "learned",
)  # fmt: skip
Row = tuple[Any, ...]  # epoch, and RECORDED of all seeds


def median_of(losses: Floats) -> float:
    """The median of the seeds that have one."""
    known = losses[np.isfinite(losses)]
    return float(quantiles(known, 0.5)) if known.size else math.nan


def last(values: Floats) -> Floats:
    """(S, ...): the last entry along the second axis (records) that is no nan; nan without one."""
    there = np.isfinite(values)
    place = values.shape[1] - 1 - there[:, ::-1].argmax(axis=1)
    return np.asarray(np.take_along_axis(values, place[:, None], axis=1)[:, 0])


def columns_of(
    rows: Sequence[Row], frames: Sequence[tuple[int, Floats]], weights: Floats
) -> dict[str, Any]:
    """The fields of a Run that gather rows and frames under one axis."""
    found: dict[str, Any] = {
        name: np.stack([row[k] for row in rows], axis=1) for k, name in enumerate(RECORDED, 1)
    }
    found["epochs"] = np.array([row[0] for row in rows], np.int64)
    found["frame_epochs"] = np.array([epoch for epoch, _ in frames], np.int64)
    found["frames"] = np.array([w for _, w in frames]).reshape(len(frames), *weights.shape)
    return found
