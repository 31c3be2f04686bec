"""Train small networks with any activation function, all seeds at once, and keep records.

    setup = Setup(data="circle", layers=(4, 2), epochs=300, seeds=5)
    runs = train(setup, [activation("relu"), (activation("tanh"), activation("relu"))])
    runs[0].test_loss           # (seeds, records)
    predict(runs[0], points)    # (seeds, points)

A seed's result is the same, bit by bit, whatever other seeds run beside it.
"""

import json
import math
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from ..evaluate import Activation
from . import data as sets
from . import learners
from .layers import (
    OUTPUTS,
    SCHEMES,
    Dense,
    Floats,
    Graph,
    Layer,
    Network,
    NodeRecurrent,
    Recurrent,
    normalised,
    with_ones,
)

Functions = Activation | Sequence[Activation]  # one for all hidden layers, or one per layer
Progress = Callable[[int, int, float], None]  # epochs done, epochs in all, median training loss
Integers = NDArray[np.int64]

FLAT = 0.01  # a gradient smaller than this counts as saturated
TOPOLOGIES = {"feedforward": "circle", "memory": "recall", "graph": "karate", "composite": "karate"}
ACCEPTED = {  # kinds of data, by topology
    "feedforward": ("points", "sequences"),
    "memory": ("sequences", "patterns"),
    "graph": ("graph",),
    "composite": ("graph",),
}
NATURAL = {
    "points": "feedforward", "sequences": "memory", "graph": "graph", "patterns": "memory",
}  # fmt: skip
PLAYGROUND = ("circle", "xor", "gauss", "spiral", "moons", "plane", "gaussians")


@dataclass(frozen=True)
class Setup:
    """What is trained on what, and how. None means: chosen by the data, see `completed`."""

    data: str | None = None  # a name of data.NAMES or FILE.csv; circle, recall, karate by topology
    topology: str | None = None  # feedforward, memory, graph, composite; by the data
    layers: tuple[int, ...] | None = None  # hidden units: 4,2; 16 beyond feedforward; 200 patterns
    features: tuple[str, ...] = ()  # x,y,x2,y2,xy,sinx,siny; (): the columns as they are
    learner: str | None = None  # sgd, momentum, adam, evolution, random-search; hebbian: patterns
    learning_rate: float = 0.03
    batch_size: int = 10
    epochs: int | None = None  # 300; 100 for sequences; 20 sweeps of the associative memory
    init: str | None = None  # playground, xavier, he, lecun, gain
    regularization: str = "none"  # none, l1, l2
    regularization_rate: float = 0.0
    noise: float | None = None
    train_share: float = 0.5
    length: int = 10  # of sequences; rounds of messages in the composite topology
    load: float = 0.1  # patterns per unit of the associative memory
    seeds: int = 5
    seed: int = 0  # the first one
    stop_loss: float | None = None  # a seed stops once its test loss is below
    every: int = 1  # epochs between records; the first and the last are always recorded
    output: str | None = None  # tanh, logistic, linear, softmax; by the target
    frames: int = 0  # so many sets of weights are kept along the way


@dataclass
class Run:
    """What became of one function. S seeds, E records, H hidden layers, P weights.

    Where a seed has no record (stopped or diverged before) the arrays hold nan.
    """

    setup: Setup  # completed: nothing is None but noise and stop_loss
    activations: tuple[Activation, ...]  # one per hidden layer
    label: str  # 'relu', 'tanh/relu'
    layer_names: tuple[str, ...]  # layer1.., output
    inputs: int  # of the network, features included
    outputs: int
    classes: int  # 0: regression
    columns: tuple[str, ...]  # of the data, before features
    target_name: str
    seeds: Integers  # (S,)
    epochs: Integers  # (E,)
    train_loss: Floats  # (S, E)
    test_loss: Floats  # (S, E)
    test_accuracy: Floats  # (S, E); nan for regression
    dead: Floats  # (S, E, H): share of units whose gradient is 0 on every training example
    saturated: Floats  # (S, E, H): share of (unit, example) pairs, see `_idle`
    gradient_norms: Floats  # (S, E, H + 1): L2 norm of the weights' gradient, whole training set
    diverged: Integers  # (S,): epoch at which loss or weights were no longer finite; -1
    stopped: Integers  # (S,): epoch at which stop_loss was reached; -1
    weights: Floats  # (S, P), last ones; `network(run)` knows their meaning
    frame_epochs: Integers  # (F,)
    frames: Floats  # (F, S, P)
    centre: Floats  # (S, d) and (S, d): what the columns of a file were scaled by; else (0, 0)
    spread: Floats
    state: dict[str, Floats]  # of the learner, to train on


class Interrupted(KeyboardInterrupt):
    """Ctrl-C during `train`; `runs` has what was reached."""

    def __init__(self, runs: list[Run]) -> None:
        super().__init__("interrupted")
        self.runs = runs


def train(
    setup: Setup,
    activations: Sequence[Functions],
    progress: Progress | None = None,
    resume: Sequence[Run] | None = None,
) -> list[Run]:
    """One Run per function, all on the same data from the same seeds.

    `resume` goes on from earlier runs up to setup.epochs. Raises ValueError for what cannot be
    trained (a function without gradient, data that do not fit the topology), Interrupted at Ctrl-C.
    """
    setup = completed(setup)
    assert setup.layers is not None and setup.epochs is not None
    chosen = [_per_layer(functions, len(setup.layers)) for functions in activations]
    associative = setup.data == "patterns"
    courses: list[_Course | _Memory] = []
    if not associative:
        for functions in chosen:
            _check_learnable(setup, functions)
        task = _Task(setup)
    total = setup.epochs * len(chosen)
    with np.errstate(all="ignore"):
        try:
            for k, functions in enumerate(chosen):
                earlier = resume[k] if resume else None
                course = (
                    _Memory(setup, functions, earlier)
                    if associative
                    else _Course(setup, task, functions, earlier)
                )
                courses.append(course)
                for epoch, loss in course.epochs():
                    if progress:
                        progress(k * setup.epochs + epoch, total, loss)
        except KeyboardInterrupt:
            raise Interrupted([c.run() for c in courses if c.rows]) from None
    return [course.run() for course in courses]


def network(run: Run) -> Network:
    """The run's network, without weights; feedforward and memory only."""
    return _network(run.setup, run.activations, run.inputs, run.outputs, None)


def predict(
    run: Run, points: Floats, frame: int | None = None, seed: int | None = None
) -> Floats:
    """The network's output (S, N) at points (N, d) in the data's own coordinates; feedforward only.

    With more than two classes: the most likely one's number. `frame` takes earlier weights, `seed`
    (an index into run.seeds) that seed alone: (1, N).
    """
    built, x = _attached(run, points, frame, seed)
    with np.errstate(all="ignore"):
        return _read(built, built.outputs(x))


def hidden_inputs(
    run: Run, points: Floats, frame: int | None = None, seed: int | None = None
) -> list[Floats]:
    """Pre-activations (S, N, units) of every hidden layer at points (N, d); feedforward only.

    Where one is 0 lies the on/off line of a piecewise-linear unit.
    """
    built, x = _attached(run, points, frame, seed)
    with np.errstate(all="ignore"):
        built.forward(x)
    return [layer.z for layer in built.layers[:-1]]


def answers(run: Run) -> Floats:
    """What the network says of its own examples, (S, n), as `predict` has it; any topology."""
    task = _Task(run.setup)
    adjacency = task.adjacency
    built = _network(run.setup, run.activations, run.inputs, run.outputs, adjacency)
    built.attach(run.weights)
    with np.errstate(all="ignore"):
        return _read(built, built.outputs(task.x))


def _read(built: Network, outputs: Floats) -> Floats:
    if built.output == "softmax":
        return outputs.argmax(axis=-1).astype(np.float64)
    return np.asarray(outputs[..., 0])


def examples(run: Run, seed: int) -> dict[str, Floats]:
    """Points and targets of one seed (its index): train_points (n, d), train_targets (n,),
    test_points, test_targets; in the data's own coordinates."""
    setup = run.setup
    drawn = _sample(setup, int(run.seeds[seed]))
    points = drawn.inputs
    if drawn.centre is not None and drawn.spread is not None:
        points = points * drawn.spread + drawn.centre
    parts = {"train": drawn.train, "test": ~drawn.train}
    return {f"{part}_points": points[chosen] for part, chosen in parts.items()} | {
        f"{part}_targets": drawn.targets[chosen] for part, chosen in parts.items()
    }


# -- what the options mean -------------------------------------------------------------------------
def completed(setup: Setup) -> Setup:
    """The setup with every None replaced by what the data ask for; ValueError if it makes no sense."""
    topology, data = setup.topology, setup.data
    if data is None:
        if setup.learner == "hebbian" and topology in (None, "memory"):
            data = "patterns"
        else:
            data = TOPOLOGIES.get(topology or "feedforward", "circle")
    kind = sets.kind_of(data)
    topology = topology or NATURAL[kind]
    _one_of("--topology", topology, tuple(TOPOLOGIES))
    if kind not in ACCEPTED[topology]:
        fitting = ", ".join(n for n, k in sets.KINDS.items() if k in ACCEPTED[topology])
        raise ValueError(
            f"--data {data} does not fit --topology {topology}; that takes {fitting}, "
            f"and {data} takes --topology {NATURAL[kind]}"
        )
    learner = setup.learner or ("hebbian" if data == "patterns" else "sgd")
    _one_of("--learner", learner, learners.NAMES)
    if (learner == "hebbian") != (data == "patterns"):
        raise ValueError("--learner hebbian and --data patterns belong together; give both or none")
    init = setup.init or ("playground" if data in PLAYGROUND else "xavier")
    _one_of("--init", init, SCHEMES)
    _one_of("--regularization", setup.regularization, ("none", "l1", "l2"))
    if setup.output is not None:
        _one_of("output", setup.output, OUTPUTS)
    layers = setup.layers
    if layers is None:
        layers = (4, 2) if topology == "feedforward" else (200 if data == "patterns" else 16,)
    if data == "patterns" and len(layers) != 1:
        raise ValueError("the associative memory is one layer; give --layers one number, as in 200")
    if setup.regularization != "none" and learner not in learners.GRADIENT:
        raise ValueError(f"--regularization needs a learner with gradients; {learner} has none")
    if setup.features and kind != "points":
        raise ValueError(f"--features are for points in the plane; --data {data} has none")
    epochs = setup.epochs
    if epochs is None:
        epochs = {"patterns": 20, "sequences": 100}.get(kind, 300)
    _check_numbers(setup, layers, epochs)
    return replace(
        setup, data=data, topology=topology, layers=layers, learner=learner, init=init,
        epochs=epochs,
    )  # fmt: skip


def _check_numbers(setup: Setup, layers: tuple[int, ...], epochs: int) -> None:
    noise = setup.noise
    for sensible, message in (
        (all(n >= 1 for n in layers), "--layers are numbers of units, 1 or more, as in 4,2"),
        (epochs >= 0, "--epochs is 0 or more"),
        (setup.batch_size >= 1, "--batch-size is 1 or more"),
        (setup.seeds >= 1, "--seeds is 1 or more"),
        (setup.seed >= 0, "--seed is 0 or more"),
        (setup.every >= 1, "--every is 1 or more"),
        (setup.length >= 1, "--length is 1 or more"),
        (0 < setup.learning_rate < math.inf, "--learning-rate is a positive number"),
        (0 <= setup.regularization_rate < math.inf, "--regularization-rate is 0 or more"),
        (0 < setup.train_share < 1, "--train-share is between 0 and 1, without them"),
        (noise is None or 0 <= noise <= 0.5, "--noise is from 0 to 0.5"),
        (0 < setup.load <= 10, "--load is a number of patterns per unit, up to 10"),
    ):
        if not sensible:
            raise ValueError(message)


def _one_of(option: str, value: str, known: Sequence[str]) -> None:
    if value not in known:
        raise ValueError(f"{option} {value!r} is unknown; choose one of {', '.join(known)}")


def _per_layer(functions: Functions, layers: int) -> tuple[Activation, ...]:
    if isinstance(functions, Activation):
        return (functions,) * layers
    if len(functions) != layers:
        label = "/".join(f.label for f in functions)
        raise ValueError(
            f"{label!r} names {len(functions)} functions for {layers} hidden "
            f"layer{'s' * (layers != 1)}; name one for all of them, or one per layer of --layers"
        )
    return tuple(functions)


def _label(functions: Sequence[Activation]) -> str:
    labels = [f.label for f in functions]
    return labels[0] if len(set(labels)) < 2 else "/".join(labels)


def _check_learnable(setup: Setup, functions: Sequence[Activation]) -> None:
    for f in functions if setup.learner in learners.GRADIENT else ():
        if learners.without_gradient(f):
            raise ValueError(
                f"{f.label} has gradient 0 everywhere: {setup.learner} cannot move the weights "
                "below it; try --learner evolution"
            )


def _sample(setup: Setup, seed: int) -> sets.Examples:
    return sets.sample(str(setup.data), seed, setup.noise, setup.train_share, setup.length)


def _network(
    setup: Setup,
    functions: Sequence[Activation],
    inputs: int,
    outputs: int,
    adjacency: Floats | None,
) -> Network:
    """`adjacency` is (n, n) or (S, n, n), normalised."""
    layers: list[Layer] = []
    kind, last = sets.kind_of(str(setup.data)), len(functions) - 1
    for k, (units, f) in enumerate(zip(setup.layers or (), functions, strict=True)):
        if setup.topology == "memory":
            layers.append(Recurrent(inputs, units, f, sequence=k < last))
        elif setup.topology == "graph" and adjacency is not None:
            layers.append(Graph(inputs, units, f, adjacency))
        elif setup.topology == "composite" and adjacency is not None:
            layers.append(NodeRecurrent(inputs, units, f, adjacency, setup.length))
        else:
            layers.append(Dense(inputs, units, f))
        inputs = units
    if setup.topology == "graph" and adjacency is not None:
        layers.append(Graph(inputs, outputs, None, adjacency))
    else:
        layers.append(Dense(inputs, outputs, None))
    if kind == "patterns":
        raise ValueError("the associative memory has no network of layers")
    return Network(layers, str(setup.output))


def _attached(
    run: Run, points: Floats, frame: int | None, seed: int | None
) -> tuple[Network, Floats]:
    """The network with the run's weights, and the points as it takes them."""
    if run.setup.topology != "feedforward" or not run.columns:
        raise ValueError("only feedforward networks on points have a surface")
    chosen = slice(None) if seed is None else slice(seed, seed + 1)
    weights = (run.weights if frame is None else run.frames[frame])[chosen]
    x = np.broadcast_to(np.asarray(points, np.float64), (len(weights), *np.shape(points)))
    if run.centre.size:
        x = (x - run.centre[chosen, None]) / run.spread[chosen, None]
    x = with_ones(sets.with_features(x, run.columns, run.setup.features))
    built = network(run)
    built.attach(np.ascontiguousarray(weights))
    return built, x


# -- the data as arrays ----------------------------------------------------------------------------
class _Task:
    """The data of all seeds, as networks take them: x (S, n, ..., inputs + 1), targets (S, n, outputs)."""

    def __init__(self, setup: Setup) -> None:
        self.seeds = np.arange(setup.seed, setup.seed + setup.seeds)
        drawn = self.drawn = sets.gather([_sample(setup, int(seed)) for seed in self.seeds])
        x = drawn.inputs
        if drawn.kind == "points":
            x = sets.with_features(x, drawn.columns, setup.features)
        elif setup.topology == "feedforward":  # a sequence at once
            x = x.reshape(*x.shape[:2], -1)
        self.x = with_ones(x)
        self.inputs = x.shape[-1]
        self.output = setup.output or _output_for(drawn)
        targets = drawn.targets
        self.classes = drawn.classes
        if self.output == "softmax":
            if not self.classes:
                raise ValueError("softmax needs classes, and the target is a number")
            index = ((targets + 1) / 2 if self.classes == 2 else targets).astype(np.int64)
            self.targets = np.eye(self.classes)[index]
        else:
            if self.classes > 2:
                raise ValueError(f"{self.classes} classes need the output softmax")
            if self.output == "logistic":
                targets = (targets + 1) / 2
            self.targets = targets[..., None]
        self.outputs = self.targets.shape[-1]
        self.adjacency = None if drawn.adjacency is None else normalised(drawn.adjacency)

    def parts(self, kept: Integers) -> "tuple[_Part, _Part]":
        """Training and test part for some of the seeds (their indices)."""
        x, targets, train = self.x[kept], self.targets[kept], self.drawn.train[kept]
        if self.adjacency is not None:
            shares = [w[..., None] / w.sum(axis=1)[:, None, None] for w in (train, ~train)]
            return _Part(x, targets, shares[0]), _Part(x, targets, shares[1])
        cut = int(train[0].sum())
        return (
            _Part(x[:, :cut], targets[:, :cut], 1 / cut),
            _Part(x[:, cut:], targets[:, cut:], 1 / (x.shape[1] - cut)),
        )


@dataclass
class _Part:
    x: Floats
    targets: Floats
    share: float | Floats  # weight of every example in the mean

    def batches(self, size: int) -> "list[tuple[Floats, Floats, float | Floats]]":
        """In fixed order; a graph is one batch."""
        if not isinstance(self.share, float):
            return [(self.x, self.targets, self.share)]
        found: list[tuple[Floats, Floats, float | Floats]] = []
        for start in range(0, self.x.shape[1], size):
            x, targets = self.x[:, start : start + size], self.targets[:, start : start + size]
            found.append((x, targets, 1 / x.shape[1]))
        return found


def _output_for(drawn: sets.Examples) -> str:
    if drawn.classes == 0:
        return "linear"
    return "softmax" if drawn.classes > 2 or drawn.kind == "graph" else "tanh"


# -- one function's course -------------------------------------------------------------------------
Row = tuple[int, Floats, Floats, Floats, Floats, Floats, Floats]  # epoch, and arrays of all seeds


class _Course:
    """Trains one function; `epochs` does the work, `run` is what was reached."""

    def __init__(
        self, setup: Setup, task: _Task, functions: tuple[Activation, ...], earlier: Run | None
    ) -> None:
        self.setup = setup = replace(setup, output=task.output)
        self.task, self.functions = task, functions
        self.rows: list[Row] = []
        self.frames: list[tuple[int, Floats]] = []
        count = len(task.seeds)
        self.diverged, self.stopped = np.full(count, -1), np.full(count, -1)
        self.first = 0
        self.all_seeds = np.arange(count)
        whole = self._build(self.all_seeds)
        self.names, self.size = whole.names, whole.size
        if earlier is None:
            self.weights = np.stack(
                [whole.initial(str(setup.init), np.random.default_rng([s, 1])) for s in task.seeds]
            )
            self.state = self._start()
        else:
            self._take_over(earlier)
        self._keep(np.flatnonzero((self.diverged < 0) & (self.stopped < 0)))

    def _build(self, kept: Integers, single: int | None = None) -> Network:
        adjacency = self.task.adjacency
        if adjacency is not None:
            adjacency = adjacency[kept] if single is None else adjacency[single]
        task = self.task
        return _network(self.setup, self.functions, task.inputs, task.outputs, adjacency)

    def _start(self) -> dict[str, Floats]:
        if self.setup.learner == "evolution":
            return learners.Evolution.start(self.weights)
        if self.setup.learner == "random-search":
            return learners.RandomSearch.start(self.weights)
        return learners.Gradient.start(str(self.setup.learner), self.weights)

    def _take_over(self, run: Run) -> None:
        if run.weights.shape != (len(self.all_seeds), self.size):
            raise ValueError("the saved run has other layers, features or seeds; start afresh")
        self.weights, self.state = run.weights.copy(), {k: v.copy() for k, v in run.state.items()}
        self.diverged, self.stopped = run.diverged.copy(), run.stopped.copy()
        self.first = int(run.epochs[-1])
        for e, epoch in enumerate(run.epochs):
            self.rows.append(
                (int(epoch), run.train_loss[:, e], run.test_loss[:, e], run.test_accuracy[:, e],
                 run.dead[:, e], run.saturated[:, e], run.gradient_norms[:, e])
            )  # fmt: skip
        self.frames = [(int(e), w) for e, w in zip(run.frame_epochs, run.frames, strict=True)]

    def _keep(self, kept: Integers) -> None:
        """Go on with these seeds alone; the others' weights and state stay as they are."""
        self.kept = kept
        self.train, self.test = self.task.parts(kept)
        self.network = self._build(kept)
        self.theta = np.ascontiguousarray(self.weights[kept])
        self.network.attach(self.theta)
        self.part_state = {k: np.ascontiguousarray(v[kept]) for k, v in self.state.items()}
        seeds = [int(s) for s in self.task.seeds[kept]]
        setup, self.learner = self.setup, None
        if setup.learner == "evolution":
            self.learner = learners.Evolution(seeds, self.part_state, self.size)
        elif setup.learner == "random-search":
            self.learner = learners.RandomSearch(
                seeds, self.part_state, self.network, str(setup.init)
            )
        else:
            self.gradient = learners.Gradient(
                str(setup.learner), setup.learning_rate, setup.regularization,
                setup.regularization_rate, self.network.penalised(), self.part_state,
            )  # fmt: skip
        self.batches = self.train.batches(setup.batch_size)

    learner: learners.Evolution | learners.RandomSearch | None

    def _give_back(self) -> None:
        self.weights[self.kept] = self.theta
        for name, array in self.part_state.items():
            self.state[name][self.kept] = array

    def epochs(self) -> Any:
        """Yields (epoch, median training loss) at every record."""
        setup, last = self.setup, int(self.setup.epochs or 0)
        shots = set(np.linspace(0, last, setup.frames).round().astype(int)) if setup.frames else ()
        if not self.rows:
            self._record(0)
            yield 0, self._loss()
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
                self._leave(np.isfinite(self.theta).all(axis=1), epoch)
            if epoch in shots:
                self._give_back()
                self.frames.append((epoch, self.weights.copy()))
            if recorded:
                yield epoch, self._loss()
        self._give_back()

    def _loss(self) -> float:
        loss = self.rows[-1][1]
        return float(np.nanmedian(loss)) if np.isfinite(loss).any() else math.nan

    def _epoch(self, epoch: int) -> None:
        network, theta = self.network, self.theta
        if self.learner is not None:
            self.learner.step(theta, self._evaluate, epoch)
            return
        step, gradient = self.gradient.step, network.gradient
        for x, targets, share in self.batches:
            network.backpropagate(x, targets, share)
            step(theta, gradient)

    def _evaluate(self, candidates: Floats, seeds: slice) -> Floats:
        """Training losses (1, n) of candidates (1, n, P) of one of the seeds kept."""
        place = seeds.start
        network = self._build(self.kept, int(self.kept[place]))
        share = self.train.share
        share = share if isinstance(share, float) else share[place]
        x, targets = self.train.x[place], self.train.targets[place]
        numbers = max(1, x.shape[0] * max(self.setup.layers or (1,)))
        size = max(1, learners.CANDIDATE_NUMBERS // numbers)
        losses = []
        for start in range(0, candidates.shape[1], size):
            part = np.ascontiguousarray(candidates[0, start : start + size])
            network.attach(part)
            network.forward(np.broadcast_to(x, (len(part), *x.shape)))
            losses.append(network.losses(targets, share))
        return np.concatenate(losses)[None]

    def _leave(self, going_on: NDArray[np.bool_], epoch: int) -> None:
        """Seeds that are not going on have diverged."""
        self._give_back()
        self.diverged[self.kept[~going_on]] = epoch
        self._keep(self.kept[going_on])

    def _record(self, epoch: int) -> None:
        network, train, test = self.network, self.train, self.test
        count, hidden = len(self.all_seeds), len(self.names) - 1
        if not len(self.kept):
            return
        train_loss = network.loss_and_gradient(train.x, train.targets, train.share)
        norms = network.gradient_norms()
        idle = [_idle(layer.value, layer.slope) for layer in network.layers[:-1]]
        network.forward(test.x)
        test_loss = network.losses(test.targets, test.share)
        accuracy = self._accuracy(network.layers[-1].z, test)
        fine = np.isfinite(train_loss) & np.isfinite(test_loss)
        fine &= np.isfinite(self.theta).all(axis=1)
        row: list[Any] = [epoch]
        for values, width in (
            (train_loss, ()), (test_loss, ()), (accuracy, ()),
            (np.stack([d for d, _ in idle], axis=1), (hidden,)),
            (np.stack([s for _, s in idle], axis=1), (hidden,)),
            (norms, (hidden + 1,)),
        ):  # fmt: skip
            whole = np.full((count, *width), np.nan)
            whole[self.kept[fine]] = values[fine]
            row.append(whole)
        self.rows.append(tuple(row))
        limit = self.setup.stop_loss
        reached = fine & (test_loss < limit) if limit is not None else np.zeros_like(fine)
        if reached.any():
            self.stopped[self.kept[reached]] = epoch
        if not fine.all() or reached.any():
            kept = self.kept
            self._leave(fine, epoch)
            if reached.any():
                self._keep(kept[fine & ~reached])

    def _accuracy(self, z: Floats, part: _Part) -> Floats:
        if not self.task.classes:
            return np.full(len(z), np.nan)
        if self.network.output == "softmax":
            right = z.argmax(axis=-1) == part.targets.argmax(axis=-1)
        else:
            middle = 0.5 if self.network.output == "logistic" else 0
            right = ((z >= 0) == (part.targets > middle))[..., 0]
        if isinstance(part.share, float):
            return np.asarray(right.mean(axis=1))
        chosen = part.share[..., 0] > 0
        return np.asarray((right & chosen).sum(axis=1) / chosen.sum(axis=1))

    def run(self) -> Run:
        """What was reached so far."""
        self._give_back()
        task = self.task
        scaled = task.drawn.centre is not None
        nothing = np.zeros((0, 0))
        return Run(
            self.setup, self.functions, _label(self.functions), self.names,
            task.inputs, task.outputs, task.classes,
            task.drawn.columns if task.drawn.kind == "points" else (), task.drawn.target_name,
            task.seeds, *_columns(self.rows), self.diverged, self.stopped, self.weights,
            *_frames(self.frames, self.weights.shape),
            task.drawn.centre if scaled and task.drawn.centre is not None else nothing,
            task.drawn.spread if scaled and task.drawn.spread is not None else nothing,
            self.state,
        )  # fmt: skip


def _idle(value: Floats, slope: Floats) -> tuple[Floats, Floats]:
    """Shares (S,) of dead units and of saturated (unit, example) pairs, from (S, B, units).

    Dead: the gradient is exactly 0 on every example. Saturated: it is smaller than FLAT, on a unit
    that is not dead, where the unit is not simply off (value and gradient 0, as relu's left side).
    """
    size = np.abs(slope)
    dead = size.max(axis=1) == 0
    small = size < FLAT
    if small.any():
        np.logical_and(small, (slope != 0) | (value != 0), out=small)
    saturated = np.count_nonzero(small, axis=1)
    saturated[dead] = 0
    units = value.shape[2]
    return dead.sum(axis=1) / units, saturated.sum(axis=1) / (units * value.shape[1])


def _columns(rows: Sequence[Row]) -> list[Any]:
    """Epochs (E,), then every other entry of the rows as an array (S, E, ...)."""
    found: list[Any] = [np.array([row[0] for row in rows], np.int64)]
    for k in range(1, 7):
        found.append(np.stack([row[k] for row in rows], axis=1))
    return found


def _frames(frames: Sequence[tuple[int, Floats]], shape: tuple[int, ...]) -> tuple[Any, Floats]:
    epochs = np.array([epoch for epoch, _ in frames], np.int64)
    return epochs, np.array([w for _, w in frames]).reshape(len(frames), *shape)


class _Memory:
    """An associative memory: stores patterns at once, then recalls them sweep by sweep.

    Records: train_loss is 1 - the mean overlap when it starts from the patterns themselves,
    test_loss the same from patterns with a share (`noise`) of their units turned over, test_accuracy
    the share of units with the right sign then.
    """

    def __init__(self, setup: Setup, functions: tuple[Activation, ...], earlier: Run | None) -> None:
        if earlier is not None:
            raise ValueError("recall cannot be continued; start it afresh with more --epochs")
        self.setup = replace(setup, output="linear")
        self.functions = functions
        self.seeds = np.arange(setup.seed, setup.seed + setup.seeds)
        units = (setup.layers or (200,))[0]
        count = max(1, round(setup.load * units))
        self.patterns = [sets.patterns(int(s), units, count) for s in self.seeds]
        self.weights = np.stack([learners.hebbian(p) for p in self.patterns])
        share = sets.DEFAULT_NOISE["patterns"] if setup.noise is None else setup.noise
        self.states = []
        for p, s in zip(self.patterns, self.seeds, strict=True):
            start = learners.flipped(p, share, np.random.default_rng([s, 1]))
            self.states.append(np.concatenate([p, start]))
        self.rows: list[Row] = []
        self.stopped = np.full(len(self.seeds), -1)
        self.diverged = self.stopped.copy()

    def epochs(self) -> Any:
        """Yields (sweep, median loss) after every sweep."""
        self._record(0)
        last = int(self.setup.epochs or 0)
        for epoch in range(1, last + 1):
            for k, seed in enumerate(self.seeds):
                random = np.random.default_rng([int(seed), 2, epoch])
                self.states[k] = learners.recall(
                    self.weights[k], self.states[k], self.functions[0], random
                )
            if epoch % self.setup.every == 0 or epoch == last:
                self._record(epoch)
                yield epoch, float(np.median(self.rows[-1][2]))

    def _record(self, epoch: int) -> None:
        found = []
        for p, states in zip(self.patterns, self.states, strict=True):
            kept, recalled = states[: len(p)], states[len(p) :]
            found.append(
                (1 - learners.overlaps(p, kept).mean(), 1 - learners.overlaps(p, recalled).mean(),
                 np.mean(np.sign(recalled) == p))
            )  # fmt: skip
        train, test, accuracy = np.array(found).T
        fine = np.isfinite(train) & np.isfinite(test)
        self.diverged[~fine & (self.diverged < 0)] = epoch
        lost = self.diverged >= 0
        for column in (train, test, accuracy):
            column[lost] = np.nan
        nothing = np.full((len(self.seeds), 1), np.nan)
        self.rows.append((epoch, train, test, accuracy, nothing, nothing, nothing))

    def run(self) -> Run:
        """What was reached so far."""
        weights = self.weights.reshape(len(self.seeds), -1)
        units = len(self.weights[0])
        return Run(
            self.setup, self.functions, _label(self.functions), ("layer1",), units, units, 2, (),
            "pattern", self.seeds, *_columns(self.rows), self.diverged, self.stopped, weights,
            *_frames([], weights.shape), np.zeros((0, 0)), np.zeros((0, 0)), {},
        )  # fmt: skip


# -- files -----------------------------------------------------------------------------------------
FORMAT = "actcli train-toy 1"
ARRAYS = {  # name: dimensions
    "seeds": 1, "epochs": 1, "train_loss": 2, "test_loss": 2, "test_accuracy": 2, "dead": 3,
    "saturated": 3, "gradient_norms": 3, "diverged": 1, "stopped": 1, "weights": 2,
    "frame_epochs": 1, "frames": 3, "centre": 2, "spread": 2,
}  # fmt: skip
FACTS = ("label", "layer_names", "inputs", "outputs", "classes", "columns", "target_name")


def save(runs: Sequence[Run], stream: IO[bytes]) -> None:
    """Weights, options and records of the runs as an .npz file, without pickles."""
    arrays: dict[str, Any] = {}
    headers = []
    for k, run in enumerate(runs):
        headers.append(
            {name: getattr(run, name) for name in FACTS}
            | {"setup": asdict(run.setup), "functions": [f.label for f in run.activations]}
            | {"state": list(run.state)}
        )
        arrays |= {f"{k}/{name}": getattr(run, name) for name in ARRAYS}
        arrays |= {f"{k}/state/{name}": array for name, array in run.state.items()}
    header = json.dumps({"format": FORMAT, "runs": headers})
    np.savez_compressed(stream, header=np.array(header), **arrays)


def load(path: str, resolve: Callable[[str], Activation]) -> list[Run]:
    """The runs in a file; `resolve` makes activations of labels. ValueError for any other file."""
    try:
        with open(path, "rb") as stream:
            with np.load(stream, allow_pickle=False) as file:
                if not isinstance(file, np.lib.npyio.NpzFile):
                    raise ValueError
                header = json.loads(str(file["header"][()]))
                if header["format"] != FORMAT:
                    raise ValueError
                return [_loaded(file, k, h, resolve) for k, h in enumerate(header["runs"])]
    except OSError as error:
        if error.strerror:
            raise ValueError(f"cannot read {path!r}: {error.strerror}") from None
        raise _foreign(path) from None
    except (
        ValueError, KeyError, TypeError, AttributeError, EOFError, IndexError, MemoryError,
        NotImplementedError, RecursionError, zipfile.BadZipFile, zipfile.zlib.error,
    ):  # fmt: skip
        raise _foreign(path) from None


def _foreign(path: str) -> ValueError:
    return ValueError(
        f"{path!r} is damaged or was not made by 'actcli train-toy --save'; train again to make it"
    )


def _loaded(file: Any, k: int, header: Any, resolve: Callable[[str], Activation]) -> Run:
    given = header["setup"]
    known = {f.name for f in fields(Setup)}
    setup = Setup(**{n: tuple(v) if isinstance(v, list) else v for n, v in given.items() if n in known})
    setup = completed(setup)
    arrays = {name: file[f"{k}/{name}"] for name in ARRAYS}
    seeds, records = len(arrays["seeds"]), len(arrays["epochs"])
    hidden = len(setup.layers or ())
    for name, dimensions in ARRAYS.items():
        array = arrays[name]
        if array.ndim != dimensions or array.dtype.kind not in "if":
            raise ValueError
        if name.startswith(("train", "test", "dead", "sat", "grad")):
            if array.shape[:2] != (seeds, records):
                raise ValueError
    if not seeds or not records or len(arrays["weights"]) != seeds or len(header["functions"]) != hidden:
        raise ValueError
    facts = {
        name: tuple(header[name]) if isinstance(header[name], list) else header[name]
        for name in FACTS
    }
    activations = tuple(resolve(label) for label in header["functions"])
    state = {name: file[f"{k}/state/{name}"] for name in header["state"]}
    return Run(setup=setup, activations=activations, state=state, **facts, **arrays)
