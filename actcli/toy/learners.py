"""How weights change: by gradients, by populations, or in one stroke for the associative memory.

A learner keeps its state in arrays with the seed axis in front, so that seeds can leave.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from . import choices
from .network import Network

FRICTION = 0.9  # momentum
DECAYS = (0.9, 0.999, 1e-8)  # adam: of the mean, of the square, and what keeps the quotient finite
FIRST_STEP = 0.5  # evolution: the spread of its first population
DRAWS = 32  # random search: candidates per epoch
CANDIDATE_NUMBERS = 1 << 20  # activations of candidates evaluated at once

Evaluate = Callable[[Floats, slice], Floats]


@dataclass(frozen=True)
class Options:
    """What learners are told; each takes what it needs."""

    seeds: Sequence[int]
    network: Network
    scheme: str  # of initial weights
    rate: float
    regularization: str
    strength: float  # of the regularization


class Learner:
    """Changes weights (S, P); its state are arrays (S, P) or (S, 1)."""

    def __init__(self, options: Options, state: dict[str, Floats]) -> None:
        self.seeds, self.state = options.seeds, state

    @staticmethod
    def start(weights: Floats) -> dict[str, Floats]:
        """The state before the first step on the weights (S, P)."""
        return {}


class Gradient(Learner):
    """sgd: `step` moves the weights (S, P) in place, by the gradient (S, P)."""

    def __init__(self, options: Options, state: dict[str, Floats]) -> None:
        super().__init__(options, state)
        self.rate = options.rate
        penalty = options.strength * options.network.penalised() if options.strength else None
        self.l1 = penalty if options.regularization == "l1" else None
        self.l2 = penalty if options.regularization == "l2" else None

    def step(self, weights: Floats, gradient: Floats) -> None:
        """One update; the gradient's array is used up."""
        if self.l2 is not None:
            gradient += self.l2 * weights
        if self.l1 is not None:
            before = np.sign(weights)
            gradient += self.l1 * before
        self._move(weights, gradient)
        if self.l1 is not None:  # a weight that the penalty pulls across 0 stays there
            weights[(np.sign(weights) == -before) & (self.l1 > 0)] = 0

    def _move(self, weights: Floats, gradient: Floats) -> None:
        gradient *= self.rate
        weights -= gradient


class Momentum(Gradient):
    """Gradient descent whose steps carry on (Polyak 1964)."""

    @staticmethod
    def start(weights: Floats) -> dict[str, Floats]:
        return {"velocity": np.zeros_like(weights)}

    def _move(self, weights: Floats, gradient: Floats) -> None:
        velocity = self.state["velocity"]
        velocity *= FRICTION
        velocity += gradient
        np.multiply(velocity, self.rate, out=gradient)
        weights -= gradient


class Adam(Gradient):
    """Steps in units of the gradient's usual size (Kingma and Ba 2015)."""

    @staticmethod
    def start(weights: Floats) -> dict[str, Floats]:
        zeros = np.zeros_like(weights)
        return {"mean": zeros, "square": zeros.copy(), "steps": np.zeros((len(weights), 1))}

    def _move(self, weights: Floats, gradient: Floats) -> None:
        first, second, tiny = DECAYS
        mean, square, steps = (self.state[k] for k in ("mean", "square", "steps"))
        steps += 1
        count = float(steps[0, 0])
        mean *= first
        mean += (1 - first) * gradient
        np.multiply(gradient, gradient, out=gradient)
        gradient *= 1 - second
        square *= second
        square += gradient
        np.multiply(square, 1 / (1 - second**count), out=gradient)
        np.sqrt(gradient, out=gradient)
        gradient += tiny
        np.divide(mean, gradient, out=gradient)
        gradient *= self.rate / (1 - first**count)
        weights -= gradient


class Evolution(Learner):
    """A population around a mean: separable CMA-ES (Ros and Hansen 2008), one generation a step.

    Needs losses only; the step size and the spread of every weight adapt by themselves.
    """

    def __init__(self, options: Options, state: dict[str, Floats]) -> None:
        super().__init__(options, state)
        size = options.network.size
        self.count = max(16, 2 * (2 + int(1.5 * math.log(size))))
        kept = self.count // 2
        share = np.log(kept + 0.5) - np.log(np.arange(1, kept + 1))
        self.share = share / share.sum()
        mass = self.mass = 1 / float((self.share**2).sum())
        self.path_rate = (mass + 2) / (size + mass + 5)
        self.damping = 1 + self.path_rate + 2 * max(0, math.sqrt((mass - 1) / (size + 1)) - 1)
        self.spread_rate = (4 + mass / size) / (size + 4 + 2 * mass / size)
        faster = (size + 2) / 3  # only the diagonal is learned
        self.rank_one = min(0.5, faster * 2 / ((size + 1.3) ** 2 + mass))
        rank_many = faster * 2 * (mass - 2 + 1 / mass) / ((size + 2) ** 2 + mass)
        self.rank_many = min(1 - self.rank_one, rank_many)
        self.length = math.sqrt(size) * (1 - 1 / (4 * size) + 1 / (21 * size**2))

    @staticmethod
    def start(weights: Floats) -> dict[str, Floats]:
        zeros = np.zeros_like(weights)
        return {
            "step": np.full((len(weights), 1), FIRST_STEP),
            "variance": np.ones_like(weights),
            "path": zeros,
            "step_path": zeros.copy(),
        }

    def step(self, weights: Floats, evaluate: Evaluate, epoch: int) -> None:
        """One generation; `evaluate` gives losses (s, n) of candidates (s, n, P) of a slice of seeds."""
        state, size = self.state, weights.shape[1]
        normal = np.stack(
            [np.random.default_rng([s, 2, epoch]).standard_normal((self.count, size))
             for s in self.seeds]
        )  # fmt: skip
        moved = np.sqrt(state["variance"])[:, None] * normal
        losses = _evaluated(weights[:, None] + state["step"][:, None] * moved, evaluate)
        best = np.argsort(losses, axis=1, kind="stable")[:, : len(self.share), None]
        normal = np.take_along_axis(normal, best, axis=1)
        moved = np.take_along_axis(moved, best, axis=1)
        towards = np.matmul(self.share, moved)
        weights += state["step"] * towards

        rate, mass = self.path_rate, self.mass
        step_path, path = state["step_path"], state["path"]
        step_path *= 1 - rate
        step_path += math.sqrt(rate * (2 - rate) * mass) * np.matmul(self.share, normal)
        length = np.sqrt((step_path * step_path).sum(axis=1, keepdims=True))
        settled = math.sqrt(1 - (1 - rate) ** (2 * (epoch + 1)))
        calm = length / settled < (1.4 + 2 / (size + 1)) * self.length
        path *= 1 - self.spread_rate
        path += calm * math.sqrt(self.spread_rate * (2 - self.spread_rate) * mass) * towards
        variance = state["variance"]
        variance *= 1 - self.rank_one - self.rank_many
        variance += self.rank_one * path * path
        variance += self.rank_many * np.matmul(self.share, moved * moved)
        state["step"] *= np.exp(np.minimum(1, rate / self.damping * (length / self.length - 1)))


class RandomSearch(Learner):
    """Draws fresh weights, as at the start, and keeps the best ones."""

    def __init__(self, options: Options, state: dict[str, Floats]) -> None:
        super().__init__(options, state)
        self.network, self.scheme = options.network, options.scheme

    @staticmethod
    def start(weights: Floats) -> dict[str, Floats]:
        return {"best": np.full((len(weights), 1), np.inf)}

    def step(self, weights: Floats, evaluate: Evaluate, epoch: int) -> None:
        """One round of DRAWS draws."""
        drawn = []
        for seed in self.seeds:
            random = np.random.default_rng([seed, 2, epoch])
            drawn.append([self.network.initial(self.scheme, random) for _ in range(DRAWS)])
        candidates = np.concatenate([weights[:, None], np.array(drawn)], axis=1)
        losses = _evaluated(candidates, evaluate)
        best = losses.argmin(axis=1)  # the first of equals: what is there stays
        weights[...] = candidates[np.arange(len(weights)), best]
        self.state["best"][:, 0] = losses[np.arange(len(weights)), best]


_KINDS: Sequence[type[Gradient] | type[Evolution] | type[RandomSearch]] = (
    Gradient, Momentum, Adam, Evolution, RandomSearch,
)  # fmt: skip
LEARNERS = dict(zip(choices.LEARNERS, _KINDS, strict=False))  # a memory, hebbian, is last
GRADIENT = tuple(name for name, learner in LEARNERS.items() if issubclass(learner, Gradient))


def _evaluated(candidates: Floats, evaluate: Evaluate) -> Floats:
    """Losses (S, n) of candidates (S, n, P); inf where they are not finite."""
    parts = [evaluate(candidates[s : s + 1], slice(s, s + 1)) for s in range(len(candidates))]
    losses = np.concatenate(parts)
    losses[~np.isfinite(losses)] = np.inf
    return losses


def without_gradient(activation: Activation) -> bool:
    """Whether the gradient is 0 wherever one looks between -50 and 50."""
    x = np.linspace(-50, 50, 20_011)
    few = x[::2001]  # for which little is tabulated; nearly always one of them tells
    return not any(activation.quick(part)[1].any() for part in (few, x))
