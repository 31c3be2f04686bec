"""Hopfield networks: Hebbian learning and recall."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from . import datasets as sets
from .choices import DATA_SETS
from .measurements import Row, columns_of, median_of
from .run import Run
from .setup import Setup


class Memory:
    """An associative memory: stores patterns at once, then recalls them sweep by sweep.

    Records: train_loss is 1 - the mean overlap when it starts from the patterns themselves,
    test_loss the same from patterns with a share (`noise`) of their units turned over, test_accuracy
    the share of units with the right sign then.
    """

    def __init__(
        self, setup: Setup, functions: tuple[Activation, ...], earlier: Run | None
    ) -> None:
        if earlier is not None:
            raise ValueError("recall cannot be continued; start it afresh with more --epochs")
        self.setup = replace(setup, output="linear")
        self.functions = functions
        self.seeds = np.arange(setup.seed, setup.seed + setup.seeds)
        units = (setup.layers or (200,))[0]
        count = max(1, round(setup.load * units))
        self.patterns = [sets.patterns(int(s), units, count) for s in self.seeds]
        self.weights = np.stack([hebbian(p) for p in self.patterns])
        share = DATA_SETS["patterns"].noise or 0.0 if setup.noise is None else setup.noise
        self.states = []
        for p, s in zip(self.patterns, self.seeds, strict=True):
            start = flipped(p, share, np.random.default_rng([int(s), 1]))
            self.states.append(np.concatenate([p, start]))
        self.rows: list[Row] = []
        self.stopped = np.full(len(self.seeds), -1)
        self.diverged = self.stopped.copy()

    def epochs(self) -> Iterator[tuple[int, float]]:
        """Yields (sweep, median loss) after every sweep."""
        self._record(0)
        last = int(self.setup.epochs or 0)
        for epoch in range(1, last + 1):
            if self._gone().all():
                break
            for k, seed in enumerate(self.seeds):
                random = np.random.default_rng([int(seed), 2, epoch])
                self.states[k] = recall(self.weights[k], self.states[k], self.functions[0], random)
            if epoch % self.setup.every == 0 or epoch == last:
                self._record(epoch)
                yield epoch, median_of(self.rows[-1][2])

    def _gone(self) -> NDArray[np.bool_]:
        return (self.diverged >= 0) | (self.stopped >= 0)

    def _record(self, epoch: int) -> None:
        """Measures the overlaps, and notes which seeds are done."""
        found = []
        for p, states in zip(self.patterns, self.states, strict=True):
            kept, recalled = states[: len(p)], states[len(p) :]
            found.append(
                (1 - overlaps(p, kept).mean(), 1 - overlaps(p, recalled).mean(),
                 np.mean(np.sign(recalled) == p))
            )  # fmt: skip
        train, test, accuracy = np.array(found).T
        fine = np.isfinite(train) & np.isfinite(test)
        self.diverged[~fine & (self.diverged < 0)] = epoch
        for column in (train, test, accuracy):
            column[self._gone()] = np.nan
        limit = self.setup.stop_loss
        if limit is not None:
            self.stopped[test < limit] = epoch
        nothing = np.full((len(self.seeds), 1), np.nan)
        self.rows.append((epoch, train, test, accuracy, nothing, nothing, nothing, nothing[:, :0]))

    def run(self) -> Run:
        """What was reached so far."""
        weights = self.weights.reshape(len(self.seeds), -1)
        units = len(self.weights[0])
        return Run(
            setup=self.setup,
            activations=self.functions,
            layer_names=("layer1",),
            inputs=units,
            outputs=units,
            classes=2,
            columns=(),
            target_name="pattern",
            seeds=self.seeds,
            diverged=self.diverged,
            stopped=self.stopped,
            weights=weights,
            centre=np.zeros((0, 0)),
            spread=np.zeros((0, 0)),
            state={},
            **columns_of(self.rows, (), weights),
        )


# -- the associative memory ------------------------------------------------------------------------
def hebbian(patterns: Floats) -> Floats:
    """Weights (N, N) that store patterns (M, N) of -1 and 1: their mean outer product, diagonal 0."""
    weights = patterns.T @ patterns / patterns.shape[1]
    np.fill_diagonal(weights, 0)
    return np.asarray(weights)


def recall(
    weights: Floats,
    states: Floats,
    activation: Activation,
    random: np.random.Generator,
    undecided_stay: bool = False,
) -> Floats:
    """States (M, N) after one asynchronous sweep: every unit once, in random order, becomes f(W s).

    If `undecided_stay`, a unit whose input W s is 0 keeps its state.
    """
    states = states.copy()
    for unit in random.permutation(states.shape[1]):
        z = states @ weights[unit]
        value = activation.quick(z)[0]
        states[:, unit] = np.where(z == 0, states[:, unit], value) if undecided_stay else value
    return states


def overlaps(patterns: Floats, states: Floats) -> Floats:
    """(M,): mean product of patterns and states, 1 for perfect recall."""
    return np.asarray((patterns * states).mean(axis=1))


def flipped(patterns: Floats, share: float, random: np.random.Generator) -> Floats:
    """The patterns with that share of every one's units turned over."""
    states = patterns.copy()
    count = round(share * patterns.shape[1])
    for state in states:
        state[random.permutation(patterns.shape[1])[:count]] *= -1
    return states
