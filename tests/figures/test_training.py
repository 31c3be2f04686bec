"""Pictures of training: what is learned on a line, on a plane with classes, on a graph."""

import io

import numpy as np
import pytest
from matplotlib import style
from matplotlib.colors import to_hex
from matplotlib.text import Text
from PIL import Image

from actcli.evaluation.function_text import resolve
from actcli.figures import training
from actcli.figures.charts import CLASSES, MARKERS, PAIRS
from actcli.figures.data import FigureOptions
from actcli.figures.output import style_files
from actcli.figures.page import Page
from actcli.pictures.training import positions, training_picture
from actcli.toy.datasets import sample
from actcli.toy.summary import median_seed, sentence
from actcli.toy.training import Setup, predict, train

RANDOM = np.random.default_rng(0)
LINE = RANDOM.uniform(-3, 3, 150)


def drawn(setup, *names, **design):
    runs = train(setup, [resolve(name) for name in names])
    picture = training_picture(runs, FigureOptions(**design))
    with style.context(style_files(picture), after_reset=True):
        figure = training.compose(picture)
        figure.draw_without_rendering()
    return runs, figure


def by(figure, gid):
    return [a for a in figure.findobj() if (a.get_gid() or "") == gid]


def texts(figure, gid):
    return [t.get_text() for t in by(figure, gid)]


@pytest.fixture
def flowers(tmp_path):
    kinds = np.repeat(["rose", "daisy", "poppy"], 30)
    points = RANDOM.normal(np.repeat([[0, 0], [4, 1], [8, 3]], 30, axis=0), 0.5)
    rows = [f"{a:.3f},{b:.3f},{kind}" for (a, b), kind in zip(points, kinds, strict=True)]
    path = tmp_path / "flowers.csv"
    path.write_text("\n".join(["petal length,petal width,kind", *rows]))
    return str(path)


def test_columns_and_classes_of_a_file_are_named(flowers):
    _, figure = drawn(Setup(data=flowers, epochs=5, seeds=1), "relu", "tanh")
    assert sorted(set(texts(figure, "axis-name"))) == ["petal length", "petal width"]
    said = [t.get_text() for t in figure.findobj(Text)]
    for name in ("daisy", "poppy", "rose"):
        assert said.count(name) == 1
    fills = {to_hex(c) for dots in by(figure, "data") for c in dots.get_facecolor()}
    curves = {f"#{c}" for c in ("2a2fc0", "dc8400", "2f7f54", "b0107e", "1fa8e8", "5c2c00")}
    assert len(fills) == 3
    assert not fills & curves


@pytest.mark.parametrize("design", ["light", "dark"])
def test_classes_have_no_colour_of_a_curve(design):
    with style.context(style_files(FigureOptions(style=design)), after_reset=True):
        curves = {to_hex(c) for c in Page(4, 4, 100, 9).theme.curves}
    dark = design == "dark"
    own = [f"#{c}" for c in CLASSES[dark]]
    assert len(set(own)) == len(own) == len(MARKERS)
    assert not {*own, *(f"#{c}" for c in PAIRS[dark])} & curves


def test_the_learned_curve_is_drawn_over_the_data(tmp_path):
    path = tmp_path / "line.csv"
    path.write_text(
        "\n".join(["dose,response", *(f"{x:.4f},{50 + 20 * np.sin(x):.4f}" for x in LINE)])
    )
    setup = Setup(data=str(path), layers=(8,), learner="adam", epochs=60, seeds=3)
    _, figure = drawn(setup, "tanh")
    (curve,), (dots,) = by(figure, "fit-curve"), by(figure, "data")
    x, y = curve.get_data()
    assert np.abs(y - (50 + 20 * np.sin(x)))[np.abs(x) < 2.5].max() < 6  # in the units of the file
    shown = np.asarray(dots.get_offsets())
    np.testing.assert_allclose(shown[:, 1], 50 + 20 * np.sin(shown[:, 0]), atol=0.01)
    assert sorted(texts(figure, "axis-name")) == ["dose", "response"]


def test_a_quantity_has_a_scale():
    _, figure = drawn(Setup(data="gaussians", epochs=3, seeds=1), "tanh")
    low, high = texts(figure, "scale")
    targets = sample("gaussians", 0).targets
    assert float(low.split()[-1].replace("−", "-")) == pytest.approx(targets.min(), rel=0.01)
    assert float(high.split()[-1]) == pytest.approx(targets.max(), rel=0.01)
    assert len(by(figure, "colour-scale")) > 32
    beyond, figure = drawn(Setup(data="plane", epochs=0, seeds=1, train_share=0.001), "exp(x)")
    edges = np.array([[x, y] for x in (-6.5, 6.5) for y in (-6.5, 6.5)])
    out = predict(beyond[0], edges)
    targets = sample("plane", 0).targets
    assert ("≥" in texts(figure, "scale")[1]) == (out.max() > targets.max())


def test_the_decision_line_of_steps_is_no_staircase():
    setup = Setup(data="xor", layers=(4,), learner="evolution", epochs=60, seeds=1)
    _, figure = drawn(setup, "step")
    (line,) = by(figure, "decision")
    for path in line.get_paths():
        steps = np.hypot(*np.diff(path.vertices, axis=0).T)[path.codes[1:] == path.LINETO]
        assert steps.max() < 0.05  # of 12 units across


def test_no_node_squeezes_the_others():
    adjacency = sample("blocks", 4).adjacency
    alone = adjacency.sum(axis=1) == 0
    assert alone.sum() == 1
    places = positions(adjacency)
    low, high = places[~alone].min(axis=0), places[~alone].max(axis=0)
    assert ((high - low) > 0.85 * (places.max(axis=0) - places.min(axis=0))).all()
    assert (places[alone, 1] < low[1]).all()


def test_pieces_of_a_graph_do_not_lie_on_each_other():
    adjacency = np.zeros((9, 9))
    for a, b in ((0, 1), (1, 2), (2, 3), (5, 6)):
        adjacency[a, b] = adjacency[b, a] = 1
    places = positions(adjacency)
    gaps = np.hypot(*(places[:, None] - places).transpose(2, 0, 1)) + 9 * np.eye(9)
    assert gaps.min() > 0.02
    assert np.isfinite(positions(np.zeros((3, 3)))).all()


@pytest.mark.parametrize("size", [(4.0, 3.0), (5.0, 4.0), (13.5, 7.4)])
def test_losses_have_room_on_every_page(size):
    _, figure = drawn(Setup(epochs=2, seeds=1), "relu", size=size)
    (losses,) = by(figure, "loss")
    assert losses.get_position().width * size[0] > 0.25 * size[0]
    assert any(text.startswith("loss") and "…" not in text for text in texts(figure, "panel-title"))


def test_every_picture_says_its_accuracy_in_one_form():
    _, figure = drawn(Setup(epochs=2, seeds=2), "x*tanh(softplus(x))", "gelu", "silu")
    notes = texts(figure, "picture-note")
    assert len(notes) == 3
    assert len({note.startswith("test") for note in notes}) == 1
    assert all("%" in note and "seed" in note for note in notes)


@pytest.mark.parametrize(("name", "fades"), [("tanh", True), ("sign", False), ("tanh(4*x)", False)])
def test_why_a_memory_fades_is_said(name, fades):
    runs, figure = drawn(Setup(data="patterns", layers=(60,), seeds=2), name)
    said = [t.get_text() for t in figure.findobj(Text)]
    assert any("what is stored fades" in text for text in said) == fades
    assert ("what is stored fades" in sentence(runs)) == fades
    if fades:  # as it does
        assert (runs[0].test_loss[:, -1] > runs[0].test_loss[:, 0] + 0.3).all()


@pytest.mark.parametrize("data", ["circle", "recall"])
def test_learned_functions_are_drawn_before_and_after(data):
    setup = Setup(data=data, epochs=8, seeds=3, length=4, learn=("slope", "b"))
    both = ("prelu", "x*sigmoid(b*x):b=1", "tanh")
    runs, figure = drawn(setup, *both)
    before, after = by(figure, "before"), by(figure, "after")
    hidden = len(runs[0].activations)
    assert (len(before), len(after)) == (2, 2 * hidden)  # tanh has nothing to learn
    for run, start, name, f in (
        (runs[0], 0.25, "slope", lambda x, p: np.where(x > 0, x, p * x)),
        (runs[1], 1.0, "b", lambda x, p: x / (1 + np.exp(-p * x))),
    ):
        k = runs.index(run)
        x, y = before[k].get_data()
        np.testing.assert_allclose(y, f(x, start), atol=1e-12)
        seed = median_seed(run)
        assert run.learned_names == tuple(f"{name}_layer{i + 1}" for i in range(hidden))
        for layer in range(hidden):
            line = after[k * hidden + layer]
            learned = run.learned[seed, -1, layer]
            assert learned != start
            np.testing.assert_allclose(line.get_ydata(), f(x, learned), atol=1e-12)
            assert line.get_color() == before[k].get_color()
    assert len({str(line._unscaled_dash_pattern) for line in after}) == hidden
    said = [t.get_text() for t in figure.findobj(Text)]
    assert [f"after, layer{i + 1}" for i in range(hidden)] == [t for t in said if "after, " in t]


def test_without_learning_there_is_no_such_panel():
    _, figure = drawn(Setup(epochs=2, seeds=1), "prelu")
    assert not by(figure, "changes")


@pytest.mark.parametrize("design", ["light", "dark"])
def test_no_colour_turns_into_another(monkeypatch, design):
    """The palette of the file is near every colour of the picture."""
    found = []
    few = training.in_few_colours
    monkeypatch.setattr(training, "in_few_colours", lambda png: found.append(png) or few(png))
    runs = train(Setup(data="gaussians", epochs=5, seeds=1), [resolve("relu"), resolve("tanh")])
    png = training.render(training_picture(runs, FigureOptions(size=(9, 6), dpi=100, style=design)))
    before, after = (
        np.asarray(Image.open(io.BytesIO(content)).convert("RGB")).astype(int)
        for content in (found[0], png)
    )
    assert np.abs(before - after).max() < 20
    assert len(png) < len(found[0])
