"""The picture and the animation of training as data for figures: from runs."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ..evaluation.activation import Activation
from ..figures.animation import Animation, Scene
from ..figures.data import FigureOptions
from ..figures.surfaces import FittedLine, GraphPicture, Surface
from ..figures.trained import Change, LearningCurves, Training
from ..numbers.types import Floats
from ..toy.choices import DATA_SETS
from ..toy.learned import learned_names, read_at
from ..toy.measurements import last
from ..toy.run import title
from ..toy.summary import median_seed, weakened
from ..toy.training import Run, answers, examples, hidden_inputs, predict

GRID, FINE_GRID, FRAME_GRID = 121, 481, 61  # places along each side of a surface
REACH = 4.0  # of the inputs of learned functions
MOST_UNITS = 12  # on/off lines
MOST_ACROSS = 16  # nodes beside each other


def training_picture(runs: Sequence[Run], design: FigureOptions) -> Training:
    """Losses against epochs, layer by layer what happened, and what was learned."""
    return _training(runs, [_learned(run) for run in runs], design)


def losses_picture(runs: Sequence[Run]) -> Training:
    """Losses against epochs alone."""
    return _training(runs, [_recorded(run) for run in runs], FigureOptions())


def _training(
    runs: Sequence[Run], learned: Sequence[LearningCurves], design: FigureOptions
) -> Training:
    training = Training(design.heading or title(runs), learned, **design.design)
    if runs[0].setup.data == "patterns":
        loss = "1 - overlap with the stored patterns, against sweeps"
        remarks = [text for text in map(weakened, runs) if text]
        training = replace(training, loss=loss, remarks=remarks)
    return training


def animation(runs: Sequence[Run], design: FigureOptions) -> Animation:
    """The surfaces as they were learned; ValueError where there is none."""
    if not _plane(runs[0]) or not len(runs[0].frames):
        raise ValueError("--gif needs a feedforward network on points with two columns, as circle")
    scenes = []
    for run in runs:
        seed = median_seed(run)
        surfaces = [_surface(run, seed, frame) for frame in range(len(run.frames))]
        surfaces += [surfaces[-1]] * (max(len(r.frames) for r in runs) - len(surfaces))
        kept = np.isfinite(run.test_loss[seed])
        scenes.append(Scene(run.label, surfaces, run.epochs[kept], run.test_loss[seed][kept]))
    longest = max(runs, key=lambda r: len(r.frames))
    epochs = [int(e) for e in longest.frame_epochs]
    return Animation(design.heading or title(runs), scenes, epochs, design.style)


def _learned(run: Run) -> LearningCurves:
    """One run, with the picture of its median seed."""
    seed, note = median_seed(run), ""
    picture: Surface | GraphPicture | FittedLine | None = None
    if run.diverged[seed] < 0:
        accuracy, loss = last(run.test_accuracy)[seed], last(run.test_loss)[seed]
        note = f"test accuracy {100 * accuracy:.3g} %" if run.classes else f"test loss {loss:.3g}"
        note += f", seed {run.seeds[seed]}"
        if _plane(run):
            picture = _surface(run, seed)
        elif run.setup.topology == "feedforward" and len(run.columns) == 1 and run.classes <= 2:
            picture = _fit(run, seed)
        elif run.setup.topology in ("graph", "composite"):
            picture = _graph(run, seed)
    changes = _changes(run, seed) if run.diverged[seed] < 0 else []
    return replace(_recorded(run), picture=picture, note=note, changes=changes)


def _changes(run: Run, seed: int) -> list[Change]:
    """The functions of the layers with the parameters that they learned; of units their mean."""
    x, rest = np.linspace(-REACH, REACH, 401), last(run.learned)[seed].tolist()
    found = []
    for f, layer in zip(run.activations, run.layer_names, strict=False):
        if names := learned_names(f, run.setup.learn):
            values, rest = rest[: len(names)], rest[len(names) :]
            after = read_at(f, dict(zip(names, values, strict=True)), x)
            found.append(Change(layer, x, f(x), after))
    return found


def _recorded(run: Run) -> LearningCurves:
    """The records of one run."""
    return LearningCurves(
        run.label, run.epochs, run.train_loss, run.test_loss, run.dead, run.saturated,
        run.gradient_norms, run.layer_names, diverged=run.diverged >= 0,
    )  # fmt: skip


def _plane(run: Run) -> bool:
    """Whether the network maps points in the plane."""
    return run.setup.topology == "feedforward" and len(run.columns) == 2


def _surface(run: Run, seed: int, frame: int | None = None) -> Surface:
    """The output over the plane, of the last weights or of an earlier frame."""
    drawn = examples(run, seed)
    points, targets = drawn.inputs, drawn.targets
    low, high = points.min(axis=0), points.max(axis=0)
    margin = 0.06 * (high - low)
    low, high = low - margin, high + margin
    cuts = [_cuts(f) for f in dict.fromkeys(run.activations)]
    steps = run.classes > 2 or any(kind == "jump" for each in cuts for _, kind in each)
    side = FRAME_GRID if frame is not None else FINE_GRID if steps else GRID
    values = predict(run, _places(low, high, side), frame, seed)[0].reshape(side, side)
    if run.setup.output == "logistic" or (run.setup.output == "softmax" and run.classes == 2):
        targets = (targets + 1) / 2
    if run.classes:
        span = (-1.0, 1.0) if run.setup.output in ("tanh", "linear") else (0.0, 1.0)
    else:
        values, targets = (
            drawn.target_centre + drawn.target_spread * each for each in (values, targets)
        )
        span = (float(targets.min()), float(targets.max()))
    if run.classes > 2:
        span = (0.0, float(run.classes - 1))
    units: list[Floats] = []
    if frame is None:
        first = hidden_inputs(run, _places(low, high, GRID), seed)[0][0]
        for place, _ in _cuts(run.activations[0]):
            units += [u.reshape(GRID, GRID) - place for u in first.T]
    named = ("", "") if run.setup.data in DATA_SETS else (run.columns[0], run.columns[1])
    return Surface(
        (float(low[0]), float(high[0])), (float(low[1]), float(high[1])), values, points, targets,
        span, run.classes, units[:MOST_UNITS], named, drawn.names,
    )  # fmt: skip


def _places(low: Floats, high: Floats, side: int) -> Floats:
    """A grid of points (side * side, 2), row by row."""
    x, y = (np.linspace(low[k], high[k], side) for k in (0, 1))
    return np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)


def _fit(run: Run, seed: int) -> FittedLine:
    """The output over the line, in the units of the file."""
    drawn = examples(run, seed)
    x = drawn.inputs[:, 0]
    margin = 0.06 * (x.max() - x.min())
    places = np.linspace(x.min() - margin, x.max() + margin, 801)
    y, targets = predict(run, places[:, None], None, seed)[0], drawn.targets
    if run.setup.output in ("logistic", "softmax"):
        targets = (targets + 1) / 2
    y, targets = (drawn.target_centre + drawn.target_spread * each for each in (y, targets))
    return FittedLine(places, y, np.stack([x, targets], axis=1), (run.columns[0], run.target_name))


def _cuts(f: Activation) -> list[tuple[float, str]]:
    """Where a piecewise-linear function turns or jumps, and which; nothing for others."""
    x = np.linspace(-9.87, 9.87, 401)
    slope = f.quick(x)[1]
    if not np.isfinite(slope).all() or len(np.unique(slope)) > 4:
        return []
    try:
        return [(c.x, c.kind) for c in f.cuts(-10, 10) if c.kind in ("kink", "jump")]
    except AttributeError:  # a Python callable keeps its breakpoints to itself
        return []


def _graph(run: Run, seed: int) -> GraphPicture:
    """The graph with what the network says of its nodes."""
    drawn = examples(run, seed)
    assert drawn.adjacency is not None
    groups = drawn.targets if run.classes > 2 else (drawn.targets + 1) / 2
    edges = np.argwhere(np.triu(drawn.adjacency, 1) > 0)
    return GraphPicture(
        positions(drawn.adjacency),
        edges.astype(np.int64),
        groups.astype(np.int64),
        answers(run)[seed].astype(np.int64),
        [int(k) for k in np.flatnonzero(drawn.train)],
    )


def positions(adjacency: Floats) -> Floats:
    """Places (n, 2) for the nodes: the largest connected part, and below it the nodes of others in
    rows, so that none is squeezed by nodes that nothing holds."""
    part = np.arange(len(adjacency))  # its lowest node names a connected part
    joined = adjacency + np.eye(len(adjacency)) > 0
    while not (part == (lower := np.where(joined, part, len(part)).min(axis=1))).all():
        part = lower
    main = part == np.bincount(part).argmax()
    places = np.zeros((len(part), 2))
    places[main] = _held(adjacency[np.ix_(main, main)])
    others = np.flatnonzero(~main)
    others = others[np.argsort(part[others], kind="stable")]
    if len(others):
        (left, low), (right, high) = places[main].min(axis=0), places[main].max(axis=0)
        across = min(len(others), MOST_ACROSS)
        row, column = np.divmod(np.arange(len(others)), across)
        places[others, 0] = left + (column + 0.5) / across * (right - left)
        places[others, 1] = low - (row + 1) * 0.08 * (high - low)
    return places


def _held(adjacency: Floats) -> Floats:
    """Places (n, 2): neighbours attract, all repel (Fruchterman and Reingold 1991)."""
    if len(adjacency) < 3:
        return np.arange(2.0 * len(adjacency)).reshape(-1, 2)
    count = len(adjacency)
    degrees = adjacency.sum(axis=1)
    _, vectors = np.linalg.eigh(np.diag(degrees) - adjacency)
    places = vectors[:, 1:3] / np.abs(vectors[:, 1:3]).max(axis=0)
    ideal = 2 / np.sqrt(count)
    for heat in np.linspace(0.2, 0.002, 150):
        gap = places[:, None] - places
        distance = np.maximum(np.hypot(gap[..., 0], gap[..., 1]), 0.01)
        force = ideal**2 / distance**2 - adjacency * distance / ideal
        np.fill_diagonal(force, 0)
        step = (gap * force[..., None]).sum(axis=1)
        length = np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)[:, None]
        places = places + step / length * np.minimum(length, heat)
    return np.asarray(places)
