"""Pictures: what is drawn, where text stands, and that the same picture gives the same bytes."""

import xml.etree.ElementTree as ElementTree
from itertools import combinations, pairwise
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib import style
from matplotlib.colors import to_rgb
from matplotlib.patches import StepPatch
from pictures import (
    INPUTS,
    PICTURES,
    VISIONS,
    artists,
    covered,
    differ,
    drawn,
    figure,
    lightness,
    pictured,
    texts,
)
from processes import printed
from scipy.special import ndtr

from actcli.cli.function_argument import resolve_functions
from actcli.figures import difference
from actcli.figures.data import Curve, Panel, Picture, Trace
from actcli.figures.function import render
from actcli.figures.label_placement import Room
from actcli.figures.lower_panels import STATES
from actcli.figures.output import STYLES
from actcli.figures.overlap import overlap_segments
from actcli.figures.ticks import percent
from actcli.pictures.difference import difference_picture
from actcli.pictures.function import PictureRequest


def written(found, gid):
    return [text for name, text, _ in texts(found) if name == gid]


def density(x):
    """That of the normal distribution; scipy.stats has it, and takes half a second to import."""
    return np.exp(-x * x / 2) / np.sqrt(2 * np.pi)


def pairs_of(steps):
    """Both ends of each bar of a histogram that is not empty."""
    some = steps.values > steps.baseline
    return [*zip(steps.edges[:-1][some], steps.edges[1:][some], strict=True)]


# --- nothing covers anything ---------------------------------------------------------------


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("look", [{}, {"size": (6.0, 3.5), "style": "dark"}], ids=["", "small"])
def test_no_text_covers_anything(name, look):
    functions, options = PICTURES[name]
    assert covered(drawn(*functions, **options, **look)) == []


@pytest.mark.parametrize("names", [["gelu", "swish", "relu"], ["gelu", "elu", "selu", "mish"]])
def test_no_text_covers_anything_where_functions_are_compared(names):
    plain, differences = difference_picture(resolve_functions(names), PictureRequest())
    with style.context([STYLES / "actcli.mplstyle"], after_reset=True):
        found = difference.compose(plain, differences)
        found.draw_without_rendering()
    assert covered(found) == []


@pytest.mark.parametrize(
    "name", ["gelu", "gelu approx", "swish sweep", "waves", "relu family", "points"]
)
def test_extrema_and_asked_for_points_are_all_labelled(name):
    functions, options = PICTURES[name]
    plain = pictured(*functions, **options)
    found = figure(plain)
    wanted = 0
    for i, panel in enumerate(plain.panels):
        low, high = panel.ylim
        marks = [
            (round(x, 3), round(y, 3))
            for curve in plain.curves
            if not curve.behind
            for x, y in [(p.x, p.y) for p in curve.traces[i].extrema] + [*curve.traces[i].inputs]
            if low <= y <= high
        ]
        wanted += min(len(set(marks)), 4 if len(marks) > 24 else 12)
    assert len(written(found, "coordinates")) >= wanted - 1


def test_labels_have_the_coordinates():
    assert written(drawn("gelu"), "coordinates") == [
        "(−0.752, −0.170)",
        "(1.41, 1.13)",
        "(−1.41, −0.129)",
    ]


def test_a_room_gives_the_nearest_free_box():
    room = Room((0, 0, 10, 10), pad=0.1)
    room.add_path(np.array([0.0, 10.0]), np.array([5.0, 5.0]))
    _, bottom, _, _ = room.find(5, 5, 1, 0.5, up=True)
    assert 5.1 <= bottom < 5.5
    _, bottom, _, _ = room.find(5, 5, 1, 0.5, up=True)
    assert bottom > 5.5 or bottom < 5  # the first place is taken now
    assert room.find(5, 5, 11, 0.5, up=True) is None


def test_turning_points_that_a_wide_panel_does_not_resolve_keep_their_coordinates():
    found = drawn("gelu", range_=(-1e6, 1e6))
    assert set(written(found, "coordinates")) >= {"(1.41, 1.13)", "(−1.41, −0.129)"}


# --- what is drawn -------------------------------------------------------------------------


def test_panels_are_value_gradient_and_curvature():
    titles = [written(drawn("tanh", order=order), "panel-title") for order in (0, 1, 2)]
    assert titles[2] == ["value  f(x)", "gradient  f′(x)", "curvature  f″(x)"]
    assert titles[:2] == [titles[2][:1], titles[2][:2]]
    found = drawn("tanh", dtype=np.dtype("float16"), order=0)
    assert written(found, "panel-title") == ["value  f(x) in float16"]


def test_panels_stand_side_by_side_and_equally_wide():
    value, gradient = drawn("tanh").axes
    assert value.get_position().x1 < gradient.get_position().x0
    assert value.get_position().width == pytest.approx(gradient.get_position().width)


def test_no_panel_is_mostly_empty():
    """Every pair of axes has something on most of its columns."""
    for name in ("gelu approx", "relu family", "inputs", "pole"):
        functions, options = PICTURES[name]
        for ax in drawn(*functions, **options).axes:
            low, high = ax.get_xlim()
            spans = [line.get_xdata() for line in ax.lines if len(line.get_xdata()) > 2]
            spans += [
                (bar.get_x(), bar.get_x() + bar.get_width())
                for bar in ax.patches
                if not isinstance(bar, StepPatch)
            ]
            steps = [bar.get_data() for bar in ax.patches if isinstance(bar, StepPatch)]
            spans += [pair for s in steps for pair in pairs_of(s)]
            columns = np.linspace(low, high, 100)
            filled = [any(min(x) <= at <= max(x) for x in spans) for at in columns]
            assert np.mean(filled) > 0.6


def test_axes_go_through_the_origin():
    value, _ = drawn("tanh").axes
    lines = {line.get_gid(): line for line in value.lines}
    assert set(lines["axis-y"].get_xdata()) == {0}
    assert set(lines["axis-x"].get_ydata()) == {0}


def test_the_axis_leaves_room_for_an_asymptote_that_lies_on_it():
    _, gradient = drawn("tanh").axes
    assert [line for line in gradient.lines if line.get_gid() == "axis-x"] == []
    dashed = [line for line in gradient.lines if line.get_gid() == "asymptote"]
    assert len(dashed) == 2
    assert all(line.is_dashed() for line in dashed)


def test_jumps_are_dots_and_no_line_runs_between_them():
    found = drawn("step")
    (filled,), (hollow,) = artists(found, "filled"), artists(found, "open")
    assert filled.get_xydata().tolist() == [[0, 0]]
    assert hollow.get_xydata().tolist() == [[0, 1]]
    assert to_rgb(hollow.get_markerfacecolor()) == found.get_facecolor()[:3]
    assert filled.get_markerfacecolor() == filled.get_markeredgecolor()
    for line in artists(found, "curve-0"):
        if line.axes is found.axes[0]:
            assert np.ptp(line.get_ydata()) == pytest.approx(0, abs=1e-9)


def test_kinks_are_marked():
    assert [line.get_xydata().tolist() for line in artists(drawn("relu"), "kink")] == [[[0, 0]]]


def test_the_key_explains_no_mark_that_is_out_of_sight():
    near, far = ((-0.5, 0.5), {"range_": (-1.0, 1.0), "order": 0}), ((-2.0, 2.0), {"order": 0})
    keys = [written(drawn("tanh", ylim=[ylim], **rest), "key") for ylim, rest in (near, far)]
    assert ["asymptote" in key for key in keys] == [False, True]


def test_flat_regions_of_one_function_are_shaded_over_the_whole_height():
    found = drawn("tanh")
    left, right = artists(found, "saturated")
    assert left.axes is found.axes[1]
    assert left.get_height() == right.get_height() == 1
    (dead,) = artists(drawn("relu"), "dead")
    assert (dead.get_x(), dead.get_width(), dead.get_hatch()) == (-5, 5, "////")


def test_flat_regions_of_several_functions_have_lanes_below_the_curves():
    found = drawn("logistic", "tanh")
    lanes = artists(found, "saturated")
    assert len({lane.get_y() for lane in lanes}) == 2
    floor = max(lane.get_y() + lane.get_height() for lane in lanes)
    gradient = found.axes[1]
    low, high = gradient.get_ylim()
    assert low + floor * (high - low) < 0


@pytest.mark.parametrize(("name", "mark"), [("elu", "kink"), ("leaky_relu", "filled")])
def test_marks_of_many_curves_at_one_point_are_one_small_mark(name, mark):
    parameter = "alpha" if name == "elu" else "slope"
    few, many = (
        drawn(name, param=[f"{parameter}={','.join(str(k / 10) for k in range(2, 2 + count))}"])
        for count in (3, 20)
    )
    sizes = [[line.get_markersize() for line in artists(found, mark)] for found in (few, many)]
    kinks = [line for line in artists(many, "kink") if line.axes is many.axes[0]]
    assert len(kinks) == 1
    assert max(sizes[1]) <= min(sizes[0])
    assert len(artists(few, "kink")) == 3


def test_the_formula_is_in_the_title():
    assert written(drawn("softplus"), "formula") == [r"$f(x) = \ln\left(1+e^{x}\right)$"]
    assert written(drawn("softplus"), "name") == ["softplus"]
    assert written(drawn("x*tanh(x)"), "name") == []


def test_a_formula_that_mathtext_cannot_set_gives_way_to_the_name():
    line = np.array([0.0, 1.0])
    curve = Curve("mine", r"\nonsense{", [Trace([(line, line)])])
    found = figure(Picture((0, 1), [curve], [Panel(0, (0, 1))]))
    assert (written(found, "name"), written(found, "formula")) == (["mine"], [])


def test_a_formula_that_is_too_long_is_broken_or_left_out():
    found = drawn("srelu:left=-2.12345,right=3.12345,left_slope=0.23456", size=(5.0, 4.0))
    assert len(written(found, "formula")) > 1
    found = drawn("+".join(f"{k}*tanh(x+{k})" for k in range(2, 40)), size=(5.0, 4.0))
    assert written(found, "name")[0].endswith("…")


def test_numbers_in_a_title_are_as_short_as_they_can_be():
    (formula,) = written(drawn("hard_sigmoid"), "formula")
    assert r"(x \leq -3)" in formula
    assert r"\dfrac{1}{6}\,x" in formula
    (formula,) = written(drawn("where(x > 0, where(x > 1, x, x**2), x)"), "formula")
    assert r"\left(x\ \ (x > 1),\ \ x^{2}\ \ \mathrm{else}\right)\ \ (x > 0)" in formula


def test_a_small_page_with_many_curves_keeps_their_names():
    names = ["swish", "gelu", "mish", "relu", "elu", "tanh", "softplus", "selu"]
    found = drawn(*names, size=(3.0, 2.0))
    assert (written(found, "name"), written(found, "formula")) == (names, [])
    assert covered(found) == []


def test_an_approximation_has_the_exact_one_behind_it_and_its_error_below():
    found = drawn("gelu:approx=tanh")
    exact, mine = artists(found, "exact-0")[0], artists(found, "curve-1")[0]
    assert exact.get_zorder() < mine.get_zorder()
    assert exact.get_linewidth() > 2 * mine.get_linewidth()
    value, gradient, error = found.axes
    assert error.get_position().y1 < value.get_position().y0
    assert error.get_position().x0 == pytest.approx(value.get_position().x0)
    assert error.get_position().x1 == pytest.approx(gradient.get_position().x1)
    (mark,) = artists(found, "largest")
    assert abs(mark.get_xdata()[0]) == pytest.approx(2.69894138637727, abs=1e-6)
    assert mark.get_ydata()[0] == pytest.approx(4.7323552068729e-4, rel=1e-8)
    assert written(found, "largest-label")[0].startswith("largest |error| 4.73×10⁻⁴ at x = ")


def test_two_approximations_have_errors_of_their_own_size():
    found = drawn("gelu", param=["approx=none,tanh,sigmoid"])
    heights = [np.ptp(ax.get_ylim()) for ax in found.axes[2:]]
    assert heights[1] > 20 * heights[0]


def test_inputs_on_an_approximation_lie_between_its_curve_and_its_error():
    functions, options = PICTURES["inputs of an approximation"]
    found = drawn(*functions, **options)
    heights = {ax.get_gid(): ax.get_position() for ax in found.axes}
    assert set(heights) == {"value", "gradient", "inputs", "gradients", "error"}
    assert heights["value"].y0 > heights["inputs"].y1
    assert heights["inputs"].y0 > heights["error"].y1
    assert heights["value"].height > 1.5 * heights["inputs"].height
    low = drawn(*functions, **options, size=(3.0, 2.0))
    assert [ax.get_gid() for ax in low.axes] == ["value", "gradient", "inputs", "gradients"]
    assert covered(low) == []


def test_a_sweep_of_approximations_has_pale_exact_curves_and_names_its_errors_by_value():
    functions, options = PICTURES["sweep of approximations"]
    found = drawn(*functions, **options)
    assert written(found, "sweep-value") == ["0.5", "1", "2"]
    assert written(found, "name") == ["gelu(approx=tanh)", "exact"]
    assert written(found, "error-title") == [f"error  sigma={v}" for v in ("0.5", "1", "2")]
    pale = {artists(found, f"exact-{i}")[0].get_color() for i in range(3)}
    assert len(pale) == 1
    assert len({artists(found, f"curve-{i}")[0].get_color() for i in range(3, 6)} | pale) == 4


def test_a_sweep_has_a_colour_bar_with_its_values_and_rising_lightness():
    found = drawn("swish", param=["beta=100,0,1,0.5"])
    assert written(found, "sweep") == ["beta"]
    assert written(found, "sweep-value") == ["0", "0.5", "1", "100"]
    steps = [lightness(box.get_facecolor()) for box in artists(found, "sweep-step")]
    assert all(b > a + 10 for a, b in pairwise(steps))
    colours = [artists(found, f"curve-{i}")[0].get_color() for i in range(4)]
    assert [lightness(colour) for colour in colours] == pytest.approx(steps)


def test_a_long_sweep_skips_values_that_have_no_room():
    values = ",".join(str(k / 10) for k in range(1, 41))
    found = drawn("swish", param=[f"beta={values}"])
    assert len(artists(found, "sweep-step")) == 40
    assert 5 < len(written(found, "sweep-value")) < 40
    assert covered(found) == []


def test_inputs_are_stacked_by_state_below_the_value():
    found = drawn("relu", inputs=INPUTS, source="z.npy")
    value, _, bars, gradients = found.axes
    assert bars.get_position().x0 == pytest.approx(value.get_position().x0)
    assert bars.get_xlim() == value.get_xlim()
    dead, alive = (artists(found, f"bar-{state}") for state in ("dead", "alive"))
    shapes = [bar.get_data() for bar in dead + alive if bar.axes is bars]
    total = sum((shape.values - shape.baseline).sum() for shape in shapes)
    assert total == pytest.approx(INPUTS.size, rel=0.005)
    assert [label.get_text() for label in gradients.get_xticklabels()] == ["0", "1"]
    share = np.mean(INPUTS <= 0)
    assert f"dead (gradient 0) {percent(share)}" in written(found, "key")


def test_integers_have_bars_around_them_and_counts_are_whole():
    found = drawn("tanh", inputs=np.repeat([-3.0, -1, 0, 2], [1, 2, 2, 1]), source="z")
    bars = [bar for state in STATES for bar in artists(found, f"bar-{state}")]
    spans = sorted(
        pair for bar in bars if bar.axes is found.axes[2] for pair in pairs_of(bar.get_data())
    )
    assert [sum(pair) / 2 for pair in spans] == pytest.approx([-3, -1, 0, 2])
    assert [label.get_text() for label in found.axes[2].get_yticklabels()] == ["1", "2"]
    gradients = [
        pair for bar in bars if bar.axes is found.axes[3] for pair in pairs_of(bar.get_data())
    ]
    assert all(high - low < 0.8 for low, high in gradients)  # names of values stand apart


def test_a_lattice_has_bins_around_its_points():
    inputs = np.random.default_rng(1).integers(-50, 51, 4000) / 4
    plain = pictured("tanh", inputs=inputs, source="z").histogram
    edges = plain.edges * 4
    assert edges % 1 == pytest.approx(0.5)
    assert plain.counts.sum() == pytest.approx(4000, rel=0.01)


def test_what_is_painted_as_saturated_is_shaded_as_saturated():
    plain = pictured("gelu", inputs=INPUTS, source="z")
    spans = plain.curves[0].spans
    inside = [any(s.low <= x <= s.high for s in spans) for x in INPUTS]
    slope = ndtr(INPUTS) + INPUTS * density(INPUTS)
    assert np.mean(inside) == pytest.approx(np.mean(np.abs(slope) < 0.01), abs=2e-3)
    keys = written(figure(plain), "key")
    assert sum("saturated" in key for key in keys) == 1


def test_several_functions_have_a_bar_of_shares_each():
    found = drawn("relu", "tanh", inputs=INPUTS, source="z.npy")
    assert written(found, "share-name") == ["relu", "tanh"]
    saturated = np.mean(1 - np.tanh(INPUTS) ** 2 < 0.01)
    assert written(found, "share-head") == ["dead", "saturated", "alive"]
    assert written(found, "share-saturated") == ["0 %", percent(saturated)]
    for name in ("relu", "tanh"):
        assert name in written(found, "share-name")


def test_shares_of_many_functions_can_be_read():
    names = ["swish", "gelu", "mish", "relu", "elu", "tanh", "softplus", "selu"]
    found = drawn(*names, inputs=INPUTS, source="z.npy")
    assert written(found, "share-name") == names
    for text in found.texts:
        if (text.get_gid() or "").startswith("share"):
            assert text.get_fontsize() > 6
    bars = [artists(found, f"share-bar-{state}") for state in ("alive", "saturated", "dead")]
    assert len(bars[0]) == 8
    assert sum(bar.get_width() for state in bars for bar in state) == pytest.approx(
        8 * max(bar.get_width() for bar in bars[0]), rel=0.02
    )


def test_a_long_name_of_the_inputs_is_shortened_in_the_middle():
    found = drawn("relu", inputs=INPUTS, source="pre_activations_of_the_layer_" * 3 + "12.npy")
    (title,) = written(found, "inputs-title")
    assert title.startswith("inputs  5 000 from pre")
    assert "…" in title
    assert covered(found) == []


def test_numbers_about_the_inputs_are_not_shortened():
    inputs = np.concatenate([INPUTS[:1000], [500, np.nan, np.inf]])
    for order in (1, 2):
        found = drawn("gelu", inputs=inputs, source="far.npy", order=order)
        (title,) = written(found, "inputs-title")
        assert title.startswith("inputs  1 002")
        assert title.endswith(", 1 nan left out, 0.2 % out of sight")


def test_a_gradient_that_underflows_is_saturated_not_dead():
    plain = pictured("logistic", inputs=np.array([-800.0, 0.0, 800.0]), source="z")
    (share,) = plain.histogram.shares
    assert (share.alive, share.saturated, share.dead) == pytest.approx((1 / 3, 2 / 3, 0))


# --- telling curves apart ------------------------------------------------------------------


@pytest.mark.parametrize("look", ["light", "dark"])
def test_six_colours_differ_in_lightness_and_to_every_eye(look):
    names = ["relu", "tanh", "softplus", "gelu", "square", "sine"]
    found = drawn(*names, style=look)
    colours = [to_rgb(artists(found, f"curve-{i}")[0].get_color()) for i in range(6)]
    paper = found.get_facecolor()
    light = sorted(lightness(colour) for colour in colours)
    assert all(b - a > 1.5 for a, b in pairwise(light))
    assert abs(lightness(colours[0]) - lightness(colours[1])) > 10
    for colour in colours:
        assert abs(lightness(colour) - lightness(paper)) > 33
    for a, b in combinations(colours, 2):
        assert min(differ(a, b, vision) for vision in VISIONS) > 20


def test_curves_differ_in_their_dashes_too():
    found = drawn("tanh", "gaussian", "cosine", "square")
    dashes = {artists(found, f"curve-{i}")[0].get_linestyle() for i in range(4)}
    assert "-" in dashes
    patterns = {
        str(artists(found, f"curve-{i}")[0]._dash_pattern) for i in range(4)
    }  # no public name
    assert len(patterns) == 4


@pytest.mark.parametrize("look", ["light", "dark"])
def test_coordinates_can_be_read(look):
    found = drawn("swish", param=["beta=0.5,1,100"], style=look)
    paper = found.get_facecolor()
    labels = [text for text in found.texts if text.get_gid() == "coordinates"]
    assert len(labels) > 3
    for text in labels:
        assert abs(lightness(to_rgb(text.get_color())) - lightness(paper)) > 45


TEN = ["tanh", "sine", "cosine", "gcu", "square", "gaussian", "sinc", "exponential", "erf", "gelu"]


@pytest.mark.parametrize("look", ["light", "dark"])
def test_ten_colours_are_ten_to_every_eye(look):
    found = drawn(*TEN, style=look, order=0)
    colours = [to_rgb(artists(found, f"curve-{i}")[0].get_color()) for i in range(10)]
    for a, b in combinations(colours, 2):
        assert min(differ(a, b, vision) for vision in VISIONS) > 15
    for colour in colours:
        assert abs(lightness(colour) - lightness(found.get_facecolor())) > 33


def test_a_returning_colour_has_another_dash():
    found = drawn(*TEN, "mish", order=0)
    first, last = (artists(found, f"curve-{i}")[0] for i in (0, 10))
    assert first.get_color() == last.get_color()
    assert first._dash_pattern != last._dash_pattern


@pytest.mark.parametrize("look", ["light", "dark"])
def test_states_of_inputs_have_colours_of_no_curve(look):
    found = drawn(*TEN, style=look, inputs=INPUTS, source="z")
    colours = [to_rgb(artists(found, f"curve-{i}")[0].get_color()) for i in range(10)]
    bars = [artists(found, f"share-bar-{state}")[0] for state in ("alive", "saturated")]
    for bar in bars:
        for colour in colours:
            assert differ(to_rgb(bar.get_facecolor()), colour, "ordinary") > 25


def test_flat_regions_carry_the_dash_of_their_curve():
    found = drawn("logistic", "tanh", "erf")
    curves = {line.get_color(): line for k in range(3) for line in artists(found, f"curve-{k}")}
    lanes = artists(found, "lane")
    assert {lane.get_color() for lane in lanes} == set(curves)
    assert len({str(lane._dash_pattern) for lane in lanes}) == 3


def test_asymptotes_have_the_colour_of_the_only_curve_that_has_them():
    found = drawn("softplus", "log(1+exp(x))-log(2)")
    value = [line for line in artists(found, "asymptote") if line.axes is found.axes[0]]
    own = {artists(found, f"curve-{i}")[0].get_color() for i in range(2)}
    assert {line.get_color() for line in value} == own
    shared = [line for line in artists(found, "asymptote") if line.axes is found.axes[1]]
    assert not own & {line.get_color() for line in shared}


def test_a_kink_under_a_turning_point_can_be_seen():
    kinks = [k for k in artists(drawn("tanh", "softsign"), "kink") if k.get_xdata()[0] == 0]
    dots = artists(drawn("tanh", "softsign"), "maximum")
    assert min(k.get_markersize() for k in kinks) > 1.5 * dots[0].get_markersize()


def test_coordinates_do_not_crowd():
    found = drawn("swish", param=["beta=0.1,0.5,1,2,5,10,20,50,100,1000"])
    assert 4 <= len(written(found, "coordinates")) <= 12
    assert covered(found) == []
    assert len(artists(found, "minimum")) > 12  # the marks stay


def test_coinciding_curves_take_turns_in_dashes():
    x = np.linspace(0, 5, 200)
    one, two = overlap_segments([[(x, x)], [(x, x)]], 0, 5, 0.02)
    assert [(segment.turn, segment.of) for segment in one + two] == [(0, 2), (1, 2)]
    found = drawn("elu", "celu", "pelu")
    drawn_as = [artists(found, f"curve-{i}") for i in range(3)]
    assert not any(line.is_dashed() for line in drawn_as[0])
    assert all(line.is_dashed() for line in drawn_as[1] + drawn_as[2])


def test_curves_that_part_are_drawn_in_their_own_style_from_there():
    x = np.linspace(0, 5, 500)
    one, two = overlap_segments([[(x, np.maximum(x, 2))], [(x, np.full(500, 2.0))]], 0, 5, 0.02)
    assert [segment.of for segment in two] == [2, 1]
    assert two[0].x[-1] == two[1].x[0] == pytest.approx(2, abs=0.1)
    assert sum(len(segment.x) for segment in one) >= 500


def test_crossing_curves_do_not_coincide():
    x = np.linspace(0, 5, 500)
    one, two = overlap_segments([[(x, x)], [(x, 5 - x)]], 0, 5, 0.02)
    assert [segment.of for segment in one + two] == [1, 1]


# --- files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_the_same_picture_gives_the_same_bytes(kind):
    plain = pictured("gelu:approx=tanh")
    content = render(plain, kind)
    assert content == render(plain, kind)
    for secret in (b"Software", b"Matplotlib", b"<dc:date>", b"CreationDate"):
        assert secret not in content


def test_svg_is_well_formed_with_unique_ids():
    root = ElementTree.fromstring(render(pictured("relu", "elu"), "svg"))
    ids = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(ids) == len(set(ids))


def test_png_has_the_size_that_was_asked_for():
    content = render(pictured("tanh", size=(6.0, 3.0), dpi=50), "png")
    assert int.from_bytes(content[16:20]), int.from_bytes(content[20:24]) == (300, 150)


def test_drawing_leaves_the_settings_as_they_were():
    before = dict(matplotlib.rcParams)
    render(pictured("tanh"), "png")
    assert dict(matplotlib.rcParams) == before


def test_no_pyplot():
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pictures import pictured\n"
        "from actcli.figures.function import render\n"
        "render(pictured('tanh'), 'png')\n"
        "print('matplotlib.pyplot' in sys.modules)"
    )
    tests = Path(__file__).parents[1]
    assert printed(code, tests).split() == ["False"]


def test_enormous_values_can_be_drawn():
    x = np.linspace(0, 1, 5)
    y = np.array([0, 1, 1e100, 1e300, -1e308])
    curve = Curve("huge", "", [Trace([(x, y)])])
    assert render(Picture((0, 1), [curve], [Panel(0, (0, 1))]), "png")


# --- differences ---------------------------------------------------------------------------


def compared(*names, **wanted):
    plain, differences = difference_picture(resolve_functions(names), PictureRequest(**wanted))
    with style.context([STYLES / "actcli.mplstyle"], after_reset=True):
        found = difference.compose(plain, differences)
        found.draw_without_rendering()
    return found


def test_a_difference_is_drawn_in_no_dash_which_would_mean_that_curves_coincide():
    for names in (["gelu", "silu"], ["gelu", "silu", "relu"]):
        found = compared(*names)
        lines = [
            line
            for k in range(3)
            for gid in ("difference", "gradient-difference")
            for line in artists(found, f"{gid}-{k}")
        ]
        assert lines
        assert not any(line.is_dashed() for line in lines)


def test_the_largest_differences_of_values_and_gradients_are_where_they_are():
    x = np.linspace(-5, 5, 200_001)
    logistic = 1 / (1 + np.exp(-x))
    values = np.abs(x * ndtr(x) - x * logistic)
    slopes = np.abs(ndtr(x) + x * density(x) - logistic - x * logistic * (1 - logistic))
    found = compared("gelu", "silu")
    for line, size in zip(artists(found, "largest"), (values, slopes), strict=True):
        assert line.get_ydata() == pytest.approx(size.max(), rel=1e-6)
        assert abs(line.get_xdata()[0]) == pytest.approx(abs(x[size.argmax()]), abs=1e-3)


def test_all_pairs_are_named_and_the_scale_is_said():
    names = ["gelu", "silu", "relu", "mish", "elu"]
    found = compared(*names)
    keys = written(found, "key")
    for a, b in combinations(names, 2):
        assert sum(key.startswith(f"{a}, {b}  ") for key in keys) == 1
    assert [title.endswith("log scale") for title in written(found, "panel-title")] == [0, 0, 1, 1]
    (key,) = [key for key in keys if key.startswith("relu, elu  ")]
    assert key.endswith("; 1 at 0")  # the gradient of relu jumps there, that of elu does not
    assert covered(found) == []


def test_a_comparison_in_a_column_can_be_read():
    found = compared("gelu", "silu", size=(3.5, 3.0))
    assert covered(found) == []
    said = " ".join([*written(found, "largest-label"), *written(found, "panel-title")])
    assert "0.193 at 1.97" in said
    assert "0.160 at 0.865" in said
    for ax in found.axes:
        assert sum(bool(label.get_text()) for label in ax.get_xticklabels()) >= 3
        assert sum(bool(label.get_text()) for label in ax.get_yticklabels()) >= 2


def test_a_low_strip_of_errors_has_a_tick_near_the_largest():
    found = drawn("gelu:approx=tanh", size=(3.5, 2.5))
    (error,) = [ax for ax in found.axes if ax.get_gid() == "error"]
    ticks = error.get_yticks()
    assert 2.4e-4 <= max(ticks) <= 4.8e-4
    assert len(ticks) > 1
    assert covered(found) == []
