"""The work of training: one function over the epochs, and its records."""

import math
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from . import learners
from .measurements import GROUP_NUMBERS, RECORDED, Row, SeedGroup, columns_of, median_of
from .network import Network
from .run import Run
from .setup import Integers, Setup
from .task import Task, network_of


class Trainer:
    """Trains one function; `epochs` does the work, `run` is what was reached."""

    def __init__(
        self, setup: Setup, task: Task, functions: tuple[Activation, ...], earlier: Run | None
    ) -> None:
        self.setup = setup = replace(setup, output=task.output, digest=task.drawn.digest)
        self.task, self.functions = task, functions
        self.flat = [learners.without_gradient(f) for f in functions]
        self.rows: list[Row] = []
        self.frames: list[tuple[int, Floats]] = []
        count = len(task.seeds)
        self.diverged, self.stopped = np.full(count, -1), np.full(count, -1)
        self.first = 0
        self.all_seeds = np.arange(count)
        whole = self._build(self.all_seeds)
        self.names, self.size = whole.names, whole.size
        self.single = self._build(self.all_seeds) if task.adjacency is None else None
        if earlier is None:
            randoms = [np.random.default_rng([int(s), 1]) for s in task.seeds]
            self.weights = np.stack([whole.initial(str(setup.init), r) for r in randoms])
            self.state = learners.LEARNERS[str(setup.learner)].start(self.weights)
        else:
            self._resume(earlier)
        self._keep(np.flatnonzero((self.diverged < 0) & (self.stopped < 0)))

    def _build(self, kept: Integers, single: int | None = None) -> Network:
        """A network without weights, for these seeds or for a `single` one."""
        adjacency = self.task.adjacency
        if adjacency is not None:
            adjacency = adjacency[kept] if single is None else adjacency[single]
        task = self.task
        return network_of(self.setup, self.functions, task.inputs, task.outputs, adjacency)

    def _resume(self, run: Run) -> None:
        """Goes on from an earlier run, whose seeds and weights must be the same in number."""
        if run.weights.shape != (len(self.all_seeds), self.size):
            raise ValueError("the saved run has other layers, features or seeds; start afresh")
        self.weights, self.state = run.weights.copy(), {k: v.copy() for k, v in run.state.items()}
        self.diverged, self.stopped = run.diverged.copy(), run.stopped.copy()
        self.first = int(run.epochs[-1])
        for e, epoch in enumerate(run.epochs):
            row: Any = int(epoch), *(getattr(run, name)[:, e] for name in RECORDED)
            self.rows.append(row)
        self.frames = [(int(e), w) for e, w in zip(run.frame_epochs, run.frames, strict=True)]

    def _keep(self, kept: Integers) -> None:
        """Go on with these seeds alone; the others' weights and state stay as they are."""
        self.kept = kept
        self.train, self.test = self.task.parts(kept)
        self.network = self._build(kept)
        self.network.use_lean_kernels()
        self.theta = np.ascontiguousarray(self.weights[kept])
        self.network.attach(self.theta)
        self.part_state = {k: np.ascontiguousarray(v[kept]) for k, v in self.state.items()}
        seeds = [int(s) for s in self.task.seeds[kept]]
        setup = self.setup
        options = learners.Options(
            seeds, self.network, str(setup.init), setup.learning_rate or 0.0, setup.regularization,
            setup.regularization_rate,
        )  # fmt: skip
        self.learner = learners.LEARNERS[str(setup.learner)](options, self.part_state)
        self.batches = self.train.batches(setup.batch_size)
        self.groups: list[SeedGroup] = []
        numbers = math.prod(self.train.x.shape[1:-1]) * max(setup.layers or (1,))
        size = max(1, GROUP_NUMBERS // numbers)
        for start in range(0, len(kept), size):
            seeds_of = slice(start, start + size)
            network = self._build(kept[seeds_of])
            if self.groups:
                network.share_buffers(self.groups[0].network)
            network.attach(self.theta[seeds_of], self.network.gradient[seeds_of])
            parts = self.train.some(seeds_of), self.test.some(seeds_of)
            self.groups.append(SeedGroup(network, *parts, self.task.classes))

    def _give_back(self) -> None:
        """Stores the weights and state of the seeds that go on."""
        self.weights[self.kept] = self.theta
        for name, array in self.part_state.items():
            self.state[name][self.kept] = array

    def epochs(self) -> Iterator[tuple[int, float]]:
        """Yields (epoch, median training loss) at every record."""
        setup, last = self.setup, int(self.setup.epochs or 0)
        shots = set(np.linspace(0, last, setup.frames).round().astype(int)) if setup.frames else ()
        if not self.rows:
            self._record(0)
            yield 0, median_of(self.rows[-1][1])
        if 0 in shots and not self.frames:
            self.frames.append((0, self.weights.copy()))
        for epoch in range(self.first + 1, last + 1):
            if not len(self.kept):
                break
            self._epoch(epoch)
            recorded = epoch % setup.every == 0 or epoch == last
            if recorded:
                self._record(epoch)
            elif not np.isfinite(self.theta).all():
                self._leave(np.asarray(np.isfinite(self.theta).all(axis=1)), epoch)
            if epoch in shots:
                self._give_back()
                self.frames.append((epoch, self.weights.copy()))
            if recorded:
                yield epoch, median_of(self.rows[-1][1])
        self._give_back()

    def _epoch(self, epoch: int) -> None:
        """One pass over the training part, or one generation."""
        network, theta = self.network, self.theta
        if not isinstance(self.learner, learners.Gradient):
            self.learner.step(theta, self._evaluate, epoch)
            network.confine()
            return
        for x, targets, share in self.batches:
            network.backpropagate(x, targets, share)
            self.learner.step(theta, network.gradient)
            network.confine()

    def _evaluate(self, candidates: Floats, seeds: slice) -> Floats:
        """Training losses (1, n) of candidates (1, n, P) of one of the seeds kept."""
        place = seeds.start
        network = self.single or self._build(self.kept, int(self.kept[place]))
        share = self.train.share
        share = share if isinstance(share, float) else share[place]
        x, targets = self.train.x[place], self.train.targets[place]
        numbers = max(1, x.shape[0] * max(self.setup.layers or (1,)))
        size = max(1, learners.CANDIDATE_NUMBERS // numbers)
        losses = []
        for start in range(0, candidates.shape[1], size):
            part = np.ascontiguousarray(candidates[0, start : start + size])
            network.attach(part)
            network.forward(np.broadcast_to(x, (len(part), *x.shape)), False)
            losses.append(network.losses(targets, share))
        return np.concatenate(losses)[None]

    def _leave(
        self, fine: NDArray[np.bool_], epoch: int, reached: NDArray[np.bool_] | bool = False
    ) -> None:
        """Seeds that are not fine have diverged, others have reached their goal; the rest go on."""
        self._give_back()
        self.diverged[self.kept[~fine]] = epoch
        self._keep(self.kept[fine & ~np.asarray(reached)])

    def _record(self, epoch: int) -> None:
        """Measures all seeds that go on; those that diverged or reached the goal leave."""
        if not len(self.kept):
            return
        found = [group.measured() for group in self.groups]
        measured = [np.concatenate(part) for part in zip(*found, strict=True)]
        measured += [self.network.gradient_norms(), self.network.learned_values()]
        train_loss, test_loss, _, _, saturated, *_ = measured
        saturated[:, self.flat] = np.nan
        fine = np.isfinite(train_loss) & np.isfinite(test_loss)
        fine &= np.isfinite(self.theta).all(axis=1)
        row: list[Any] = [epoch]
        for values in measured:
            whole = np.full((len(self.all_seeds), *values.shape[1:]), np.nan)
            whole[self.kept[fine]] = values[fine]
            row.append(whole)
        self.rows.append(tuple(row))
        limit = self.setup.stop_loss
        reached = fine & (test_loss < limit) if limit is not None else np.zeros_like(fine)
        if reached.any():
            self.stopped[self.kept[reached]] = epoch
        if not fine.all() or reached.any():
            self._leave(fine, epoch, reached)

    def run(self) -> Run:
        """What was reached so far."""
        self._give_back()
        task, drawn = self.task, self.task.drawn
        nothing = np.zeros((0, 0))
        return Run(
            setup=self.setup,
            activations=self.functions,
            layer_names=self.names,
            inputs=task.inputs,
            outputs=task.outputs,
            classes=task.classes,
            columns=drawn.columns if drawn.kind == "points" else (),
            target_name=drawn.target_name,
            seeds=task.seeds,
            diverged=self.diverged,
            stopped=self.stopped,
            weights=self.weights,
            centre=nothing if drawn.centre is None else drawn.centre,
            spread=nothing if drawn.spread is None else drawn.spread,
            state=self.state,
            **columns_of(self.rows, self.frames, self.weights),
        )
