"""Logarithmic axes: where values stand, which ticks they have, and what is refused."""

import numpy as np
import pytest
from matplotlib import style
from matplotlib.figure import Figure
from pictures import artists, covered, drawn, pictured, texts

from actcli.cli.function_argument import resolve_functions
from actcli.figures import difference
from actcli.figures.choices import SCALES
from actcli.figures.output import style_files
from actcli.figures.scales import OPTIONS, fraction_at, scaled_limits, scaled_ticks, value_at
from actcli.figures.ticks import power_of_ten
from actcli.pictures.difference import difference_picture
from actcli.pictures.function import PictureRequest


@pytest.mark.parametrize(("scale", "ends"), [("linear", (-3, 7)), ("log", (1e-9, 1e5)),
                                             ("symlog", (-1e4, 50))])  # fmt: skip
def test_a_fraction_of_an_axis_and_the_value_there_are_inverse(scale, ends):
    at = np.linspace(0, 1, 41)
    values = value_at(scale, at, *ends)
    assert np.all(np.diff(values) > 0)
    assert fraction_at(scale, values, *ends) == pytest.approx(at)
    assert (fraction_at(scale, ends[0], *ends), fraction_at(scale, ends[1], *ends)) == (0, 1)


def test_decades_are_equally_long():
    assert fraction_at("log", np.array([1, 10, 100]), 1, 1000) == pytest.approx([0, 1 / 3, 2 / 3])
    at = fraction_at("symlog", np.array([-100, -10, -1, 0, 1, 10, 100]), -100, 100)
    steps = np.diff(at)
    assert steps == pytest.approx(steps[::-1])
    assert steps[0] == pytest.approx(steps[1])
    near = fraction_at("symlog", np.array([0.98, 1.0, 1.02]), -100, 100)  # no bend of its own at 1
    assert np.diff(near)[0] == pytest.approx(np.diff(near)[1], rel=0.05)


@pytest.mark.parametrize(("scale", "ends"), [("log", (1e-3, 40)), ("symlog", (-300, 7))])
def test_positions_are_those_of_the_axes(scale, ends):
    ax = Figure().add_subplot()
    ax.set_yscale(scale, **OPTIONS[scale])
    ax.set_ylim(*ends)
    values = np.concatenate([np.linspace(*ends, 30), [0.01, 0.5, 1.0, 1.5]])
    drawn_at = ax.transAxes.inverted().transform(
        ax.transData.transform(np.stack([np.zeros(values.size), values], axis=1))
    )[:, 1]
    assert fraction_at(scale, values, *ends) == pytest.approx(drawn_at)


@pytest.mark.parametrize("most", [2, 4, 7])
@pytest.mark.parametrize(
    ("scale", "ends"),
    [("log", (1e-9, 1e5)), ("log", (0.3, 40)), ("log", (2.0, 2.5)), ("symlog", (-1e8, 1e3)),
     ("symlog", (-0.2, 0.7)), ("symlog", (-5, 3)), ("symlog", (20, 5e5)), ("linear", (0, 1))],
)  # fmt: skip
def test_ticks_are_few_and_in_the_range(scale, ends, most):
    found = scaled_ticks(scale, *ends, most)
    assert 1 <= len(found.at) <= most + 1
    assert all(ends[0] <= at <= ends[1] for at in found.at)
    assert len(set(found.labels)) == len(found.at)
    for at, label in zip(found.at, found.labels, strict=True):
        if label.startswith("10") and at > 100:
            assert label == power_of_ten(round(np.log10(at)))


def test_limits_hold_all_values():
    values = np.array([-7.0, 0.0, 1e-6, 4e9])
    for scale in SCALES:
        low, high = scaled_limits(scale, values)
        assert low < (1e-6 if scale == "log" else -7)
        assert high > 4e9
    assert scaled_limits("log", np.array([-1.0, 0.0])) is None


@pytest.mark.parametrize("scale", ["log", "symlog"])
def test_the_largest_numbers_are_in_sight(scale):
    low, high = scaled_limits(scale, np.array([-1.7e308, 1.0, 1.7e308]))
    assert np.isfinite([low, high]).all()
    assert high >= 1.7e308
    assert all(np.isfinite(scaled_ticks(scale, low, high, 5).at))


# --- in pictures ---------------------------------------------------------------------------


def pixels(found, gid):
    (line,) = [each for each in artists(found, gid) if each.axes is found.axes[0]]
    return line.get_transform().transform(line.get_xydata()).T


def test_exp_is_a_straight_line_on_a_logarithmic_axis_and_all_of_it_is_seen():
    found = drawn("exp(x)", range_=(-5.0, 50.0), yscale="log")
    x, y = pixels(found, "curve-0")
    assert y - y[0] == pytest.approx((x - x[0]) * (y[-1] - y[0]) / (x[-1] - x[0]), abs=0.5)
    box = found.axes[0].bbox
    assert box.y0 < y.min() < y.max() < box.y1
    assert y.max() - y.min() > 0.8 * box.height


def test_a_power_is_a_straight_line_where_both_axes_are_logarithmic():
    found = drawn("x**3", range_=(0.01, 100.0), xscale="log", yscale="log", order=0)
    x, y = pixels(found, "curve-0")
    assert y - y[0] == pytest.approx((x - x[0]) * (y[-1] - y[0]) / (x[-1] - x[0]), abs=0.5)


@pytest.mark.parametrize("scales", [("linear", "log"), ("log", "linear"), ("symlog", "symlog")])
@pytest.mark.parametrize("names", [["gelu"], ["gelu", "silu", "tanh"], ["gelu:approx=tanh"]])
def test_no_text_covers_anything_on_other_scales(names, scales):
    xscale, yscale = scales
    found = drawn(*names, xscale=xscale, yscale=yscale)
    assert covered(found) == []
    written = {text for name, text, _ in texts(found) if name == "coordinates"}
    if xscale == "symlog":
        assert "(1.41, 1.13)" in written or "gelu" not in names


def test_what_is_not_above_0_is_left_out_of_a_logarithmic_axis():
    plain = pictured("gelu", yscale="log")
    assert all(panel.left_out for panel in plain.panels)
    for trace in plain.curves[0].traces:
        assert all(y.min() > 0 for _, y in trace.pieces)
    assert not pictured("softplus", yscale="log").panels[0].left_out


# --- axes and marks asked for --------------------------------------------------------------


def test_each_panel_has_the_limits_asked_for():
    plain = pictured("gelu", ylim=[(-1.0, 2.0), (0.0, 1.2)])
    assert [panel.ylim for panel in plain.panels] == [(-1, 2), (0, 1.2)]
    usual = pictured("gelu").panels
    assert pictured("gelu", ylim=[None, (0.0, 1.2)]).panels[0] == usual[0]
    assert pictured("gelu", ylim=[(-1.0, 2.0)]).panels[1] == usual[1]


def test_differences_have_the_limits_asked_for_too():
    wanted = PictureRequest(ylim=[None, (0.0, 1.2), (0.0, 0.5), (-1.0, 2.0)])
    plain, found = difference_picture(resolve_functions(["gelu", "silu"]), wanted)
    assert plain.panels[1].ylim == (0, 1.2)
    with style.context(style_files(plain), after_reset=True):
        axes = {ax.get_gid(): ax for ax in difference.compose(plain, found).axes}
    assert axes["difference"].get_ylim() == (0, 0.5)
    assert axes["gradient-difference"].get_ylim() == (-1, 2)
    with pytest.raises(ValueError, match="--ylim has 5 ranges for 4 panels"):
        difference_picture(
            resolve_functions(["gelu", "silu"]), PictureRequest(ylim=[None] * 4 + [(0, 1)])
        )


KINDS = {
    "extrema": {"minimum", "maximum"},
    "kinks": {"kink"},
    "asymptotes": {"asymptote"},
    "saturation": {"saturated", "dead"},
}


@pytest.mark.parametrize("kinds", [[], ["extrema"], ["kinks", "saturation"], list(KINDS)])
def test_only_the_marks_asked_for_are_drawn(kinds):
    found = drawn("elu(x, alpha=2)", "gelu", "hard_tanh", marks=kinds)
    names = {artist.get_gid() for artist in found.findobj()} & set().union(*KINDS.values())
    assert names == set().union(*(KINDS[kind] for kind in kinds))
    keys = " ".join(text for name, text, _ in texts(found) if name == "key")
    words = {"extrema": "minimum or", "kinks": "kink", "asymptotes": "asymptote",
             "saturation": "saturated"}  # fmt: skip
    for kind, word in words.items():
        assert (word in keys) == (kind in kinds)
    assert artists(found, "open")


# --- curves that leave their panel ---------------------------------------------------------


def test_where_a_curve_leaves_its_panel_there_is_a_mark():
    found = drawn("exp(x)", range_=(-5.0, 50.0))
    for ax in found.axes:
        (mark,) = [line for line in artists(found, "cut") if line.axes is ax]
        assert mark.get_marker() == "^"
        assert mark.get_xdata()[0] == pytest.approx(np.log(ax.get_ylim()[1]), abs=0.02)
        bottom, top = ax.get_ylim()
        assert top - 0.03 * (top - bottom) < mark.get_ydata()[0] < top
    assert "goes on beyond the panel" in [text for name, text, _ in texts(found) if name == "key"]


@pytest.mark.parametrize(
    ("formula", "options", "count"),
    [("gelu", {}, 0), ("1/x", {}, 0), ("1/x**2", {}, 0), ("log(x)", {}, 0),
     ("exp(x)", {"yscale": "log"}, 0), ("x**3-3*x", {}, 4), ("tanh", {"ylim": [(5.0, 6.0)]}, 0),
     ("gelu", {"ylim": [(0.0, 2.0)], "order": 0}, 2)],
)  # fmt: skip
def test_only_curves_that_go_on_have_such_a_mark(formula, options, count):
    found = drawn(formula, **options)
    marks = artists(found, "cut")
    assert len(marks) == count
    keys = [text for name, text, _ in texts(found) if name == "key"]
    assert ("goes on beyond the panel" in keys) == bool(count)
    assert covered(found) == []
