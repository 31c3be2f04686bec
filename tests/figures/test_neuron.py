"""Pictures of a neuron and of training: nothing covers anything, and the same bytes each time."""

import io
from dataclasses import replace
from functools import cache, partial
from itertools import combinations

import numpy as np
import pytest
from matplotlib import style
from pictures import VISIONS, artists, covered, differ
from PIL import Image

from actcli.cli.function_argument import resolve_functions
from actcli.figures import animation as animations
from actcli.figures import neuron as neurons
from actcli.figures import training
from actcli.figures.animation import Animation, Scene
from actcli.figures.charts import PAIRS, log_axis
from actcli.figures.neuron import colour_bands, half_plane_part
from actcli.figures.output import style_files
from actcli.figures.surfaces import GraphPicture, Surface
from actcli.figures.trained import LearningCurves, Training
from actcli.inputs.tabular import Rows
from actcli.pictures.function import PictureRequest
from actcli.pictures.neuron import neuron_picture
from actcli.toy.fitting import fit
from actcli.toy.neuron import forward

SIDE = np.linspace(-6, 6, 41)
X, Y = np.meshgrid(SIDE, SIDE)
POINTS = np.random.default_rng(0).uniform(-5, 5, (200, 2))


def laid_out(module, picture):
    with style.context(style_files(picture), after_reset=True):
        found = module.compose(picture)
        found.draw_without_rendering()
    return found


# --- training ------------------------------------------------------------------------------


def plane(units=True, classes=2):
    lines = [X + 2, Y - 1, X + Y - 3, X - Y]
    inside = np.hypot(*POINTS.T) < 2.5
    values, targets = np.tanh(2 - np.hypot(X, Y)), np.where(inside, 1.0, -1.0)
    if classes > 2:
        values, targets = np.digitize(X, [-2, 2]), np.digitize(POINTS[:, 0], [-2, 2])
    return Surface((-6, 6), (-6, 6), values, POINTS, targets, (-1, 1), classes,
                   lines if units else ())  # fmt: skip


def network(groups=2, count=34):
    angle = np.linspace(0, 6, count)
    edges = np.array([(i, (i + k) % count) for i in range(count) for k in (1, 5)])
    group = np.arange(count) * groups // count
    guess = group.copy()
    guess[3] = (guess[3] + 1) % groups
    return GraphPicture(
        np.stack([np.cos(angle), np.sin(angle)], 1), edges, group, guess, (0, count - 1)
    )


def learned(label, k=0, picture=None, hidden=2, seeds=6, **more):
    g = np.random.default_rng(k)
    epochs = np.arange(0, 100, 4)
    loss = np.exp(-epochs * g.uniform(0.01, 0.05, (seeds, 1))) + 0.01
    shares = g.random((2, seeds, epochs.size, hidden)) * [[[[k % 2]]], [[[1]]]]
    norms = 10.0 ** -g.uniform(0, 3 * k + 1, (seeds, epochs.size, hidden + 1))
    names = [*(f"layer{i + 1}" for i in range(hidden)), "output"]
    given = {"note": "test accuracy 98.4 %, seed 3", **more}
    return LearningCurves(label, epochs, 0.8 * loss, loss, *shares, norms, names, picture, **given)


NAMES = ["relu", "leaky_relu(slope=0.2)", "x*tanh(softplus(x))", "logistic", "elu", "mish"]
TRAININGS = {
    "one": Training("circle", [learned("relu", 0, plane())]),
    "two": Training("circle", [learned(n, k, plane()) for k, n in enumerate(NAMES[:2])]),
    "three": Training("a.csv", [learned(n, k, plane(classes=3)) for k, n in enumerate(NAMES[:3])]),
    "six": Training("spiral", [learned(n, k, plane(), 5) for k, n in enumerate(NAMES)], "dark"),
    "many": Training("x", [learned(f"swish(beta={k})", k, plane()) for k in range(12)]),
    "sequences": Training("parity", [learned(n, k, None, 1) for k, n in enumerate(NAMES[:3])]),
    "karate": Training("karate", [learned(n, k, network()) for k, n in enumerate(NAMES[:2])]),
    "blocks": Training("blocks", [learned("relu", 0, network(4, 200))]),
    "one seed": Training("circle", [learned("relu", 0, plane(), seeds=1)]),
    "small": Training("circle", [learned("relu", 0, plane())], size=(8.0, 5.0)),
    "long": Training("a very long title " * 12, [learned("x*" * 90 + "x", 0, plane())]),
    "diverged": Training(
        "circle",
        [
            learned("relu", 0, plane(), diverged=np.array([True] + 5 * [False])),
            learned("x*x*x", 1, None, diverged=np.ones(6, bool)),
        ],
    ),
}


@pytest.mark.parametrize("name", TRAININGS)
def test_no_text_covers_text_or_curves(name):
    found = covered(laid_out(training, TRAININGS[name]))
    assert [said for said in found if " covers curve" not in said] == []


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_same_training_gives_the_same_bytes(kind):
    assert training.render(TRAININGS["two"], kind) == training.render(TRAININGS["two"], kind)


def test_units_and_decision_are_drawn_for_two_classes_only():
    both = laid_out(training, TRAININGS["two"])
    assert len(artists(both, "decision")) == 2
    assert len(artists(both, "unit")) == 8
    assert not artists(laid_out(training, TRAININGS["three"]), "decision")


def test_seeds_that_diverged_are_named_and_left_out():
    found = laid_out(training, TRAININGS["diverged"])
    said = [text.get_text() for text in artists(found, "key")]
    assert "relu: 1 of 6 seeds diverged (left out)" in said
    assert "x*x*x: 6 of 6 seeds diverged (left out)" in said
    spoilt = learned("relu", 0, plane(), diverged=np.array([True] + 5 * [False]))
    spoilt.test_loss[0] = 1e9
    line = artists(laid_out(training, Training("t", [spoilt])), "curve-0")[0]
    assert line.get_ydata().max() < 1


def test_a_seed_that_stopped_keeps_its_last_loss():
    run = learned("relu", 0, seeds=2)
    run.test_loss[:, 5:] = np.nan
    line = artists(laid_out(training, Training("t", [run])), "curve-0")[0]
    assert np.isfinite(line.get_ydata()).all()
    assert (line.get_ydata()[5:] == line.get_ydata()[4]).all()


def test_a_gradient_of_exactly_zero_is_marked():
    run = learned("step", 0)
    run.gradient_norms[...] = 0
    found = laid_out(training, Training("t", [run]))
    assert artists(found, "zero")
    assert [text.get_text() for text in artists(found, "zero-note")] == ["▾ exactly 0"]


@pytest.mark.parametrize(
    "values", [[1.0], [0.0], [1e-70, 1], [0.3, 0.31], [np.nan, 2], [5e-8, 3e4]]
)
def test_logarithmic_axes_always_have_ticks(values):
    limits, found = log_axis(np.array(values), 2.0)
    assert limits[0] < limits[1]
    assert len(found.at) >= 2
    assert all(limits[0] <= at <= limits[1] for at in found.at)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("vision", VISIONS)
def test_low_and_high_output_differ_for_every_eye(dark, vision):
    low, high = (np.array([int(c[i : i + 2], 16) / 255 for i in (0, 2, 4)]) for c in PAIRS[dark])
    assert differ(low, high, vision) > 25


def animation(frames=4):
    grown = [replace(plane(), values=plane().values * k / frames) for k in range(1, frames + 1)]
    epochs = np.arange(10)
    scenes = [Scene(name, grown, epochs, 0.5 * 0.8**epochs) for name in ("relu", "tanh")]
    return Animation("circle, 2-4-2-1", scenes, list(range(0, 3 * frames, 3)))


def test_an_animation_is_the_same_each_time_and_changes_from_frame_to_frame():
    content = animations.render(animation())
    assert content == animations.render(animation())
    images = Image.open(io.BytesIO(content))
    assert (images.n_frames, images.info["loop"]) == (4, 0)
    frames = []
    for k in range(4):
        images.seek(k)
        frames.append(np.asarray(images.convert("RGB")))
    assert all((a != b).any() for a, b in combinations(frames, 2))


# --- a neuron ------------------------------------------------------------------------------


def drawn(name, weights, bias=0.0, rows=None, target=None, **look):
    (f,) = resolve_functions([name])
    w = np.array(weights)
    rows = np.zeros((0, w.size)) if rows is None else rows
    given = Rows(rows, [f"x{k + 1}" for k in range(w.size)], target, None, "kind")
    found = None
    if target is not None:
        found, given = fit(f, rows, target), given._replace(classes=("rose", "tulip"))
        w, bias = found.weights, found.bias
    result = forward(f, rows, w, bias)
    return neuron_picture(f, given, w, bias, result, found, "z = w·x + b", PictureRequest(**look))


SQUARE = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])
NEURONS = {
    "logistic": partial(drawn, "logistic", [1.0, -2], 0.5),
    "relu": partial(drawn, "relu", [1.0, -2], 0.5, style="dark"),
    "step": partial(drawn, "step", [1.0, 1], -1.5, SQUARE),
    "xor": partial(drawn, "tanh", [1.0, 1], 0, SQUARE, np.array([0.0, 1, 1, 0])),
    "gcu": partial(drawn, "gcu", [1.0, 1], 0, SQUARE, np.array([0.0, 1, 1, 0])),
    "small": partial(drawn, "elu", [0.1, 300], size=(5.0, 3.0)),
    "one": partial(drawn, "logistic", [1.5], -2, np.linspace(-1, 4, 9)[:, None]),
    "one dark": partial(drawn, "relu", [-1.5], 2, style="dark"),
}


@cache
def neuron(name):
    return NEURONS[name]()


@pytest.mark.parametrize("name", NEURONS)
def test_no_text_of_a_neuron_covers_anything(name):
    assert covered(laid_out(neurons, neuron(name))) == []


def test_the_line_z_is_0_lies_where_z_is_0():
    found = laid_out(neurons, neuron("logistic"))
    x, y = artists(found, "zero")[0].get_xydata().T
    assert x - 2 * y + 0.5 == pytest.approx(0, abs=1e-12)


def test_the_weight_vector_starts_on_the_line_and_points_uphill():
    (arrow,) = artists(laid_out(neurons, neuron("logistic")), "weights")
    foot, tip = np.array(arrow.xyann), np.array(arrow.xy)
    assert foot @ [1, -2] + 0.5 == pytest.approx(0, abs=1e-12)
    way = tip - foot
    assert way / np.hypot(*way) == pytest.approx(np.array([1, -2]) / 5**0.5)


def test_the_weight_vector_hides_no_row_and_both_sides_of_the_line_are_in_sight():
    drawing = drawn("gelu", [1.0, -2], 0.5, np.array([[1.0, 2.0]]))
    (arrow,) = artists(laid_out(neurons, drawing), "weights")
    shaft = np.linspace(arrow.xyann, arrow.xy, 50)
    assert np.hypot(*(shaft - [1, 2]).T).min() > 0.3
    corners = np.array([[x, y] for x in drawing.xlim for y in drawing.ylim])
    z = corners @ [1, -2] + 0.5
    assert z.min() < -2.5
    assert z.max() > 2.5
    on_the_line = drawn("gelu", [1.0, 1], 0.0, np.array([[0.0, 0.0], [1, 1], [-1, -1]]))
    (arrow,) = artists(laid_out(neurons, on_the_line), "weights")
    shaft = np.linspace(arrow.xyann, arrow.xy, 50)
    assert np.hypot(*shaft.T).min() > 0.2


def test_a_small_neuron_stays_on_its_page():
    found = laid_out(neurons, drawn("relu", [1.0, 1], 0.0, size=(3.5, 2.5)))
    for ax in found.axes:
        assert ax.get_position().x1 <= 1
        assert ax.get_position().width > 0.15


def test_dead_and_saturated_regions_lie_where_the_gradient_says():
    (dead,) = artists(laid_out(neurons, neuron("relu")), "dead")[:1]
    assert (dead.get_xy() @ [1, -2] + 0.5 <= 1e-9).all()
    shades = artists(laid_out(neurons, neuron("logistic")), "saturated")
    corners = np.concatenate([s.get_xy() for s in shades if hasattr(s, "get_xy")
                              and np.ndim(s.get_xy()) == 2])  # fmt: skip
    assert np.abs(corners @ [1, -2] + 0.5).min() == pytest.approx(4.585, abs=0.05)


def test_bands_break_at_a_jump_and_nowhere_else():
    found = colour_bands(neuron("step").curve, neuron("step").zlim, neuron("step").alim)
    assert [(round(z, 9), a) for z, a in found[1:]] == [(0.0, 1.0)]
    assert found[0][1] == 0


def test_wrong_rows_and_both_lines_are_marked():
    found = laid_out(neurons, neuron("xor"))
    assert artists(found, "wrong")[0].get_xdata().size == 1
    assert len(artists(laid_out(neurons, neuron("gcu")), "decision")) == 4  # in either panel


def test_half_planes():
    square = np.array([[0.0, 0], [1, 0], [1, 1], [0, 1]])
    assert len(half_plane_part(square, np.array([1.0, 0]), 2.0)) == 0
    assert half_plane_part(square, np.array([1.0, 0]), -1.0).tolist() == square.tolist()
    part = half_plane_part(square, np.array([1.0, 0]), 0.25)
    assert sorted(map(tuple, part.tolist())) == [(0.25, 0), (0.25, 1), (1, 0), (1, 1)]


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_same_neuron_gives_the_same_bytes(kind):
    assert neurons.render(neuron("xor"), kind) == neurons.render(neuron("xor"), kind)
