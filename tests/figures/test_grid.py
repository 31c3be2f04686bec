"""Small multiples: a panel for each function, with the same axes."""

import numpy as np
import pytest
from pictures import artists, covered, drawn, pictured, texts

from actcli import names
from actcli.pictures.picture_files import parse_size

FAMILY = ["relu", "gelu", "silu", "mish", "elu", "selu", "step"]


@pytest.fixture(scope="module")
def everything():
    return drawn(*names(), grid=True)


def named(found):
    return [text for name, text, _ in texts(found) if name == "name"]


def test_every_function_has_a_panel_with_its_name_and_the_same_axes():
    found = drawn(*FAMILY, grid=True)
    assert named(found) == FAMILY
    assert len(found.axes) == len(FAMILY)
    assert len({ax.get_xlim() + ax.get_ylim() for ax in found.axes}) == 1
    sizes = {tuple(np.round(ax.get_position().size, 6)) for ax in found.axes}
    assert len(sizes) == 1


def test_values_are_solid_and_gradients_thin_and_dashed():
    found = drawn(*FAMILY, grid=True)
    value, gradient = (artists(found, gid)[1] for gid in ("curve", "gradient"))
    assert not value.is_dashed()
    assert gradient.is_dashed()
    assert gradient.get_linewidth() < 0.8 * value.get_linewidth()
    assert gradient.get_color() != value.get_color()
    _, y = artists(found, "gradient")[-1].get_xydata().T  # of step
    assert np.all(y == 0)
    assert not artists(drawn(*FAMILY, grid=True, order=0), "gradient")
    assert artists(drawn(*FAMILY, grid=True, order=2), "curvature")


def test_numbers_stand_at_the_outer_sides_only():
    found = drawn(*FAMILY, grid=True, size=(9.0, 5.0))
    columns = len({round(ax.get_position().x0, 4) for ax in found.axes})
    for k, ax in enumerate(found.axes):
        left = [t.label1 for t in ax.yaxis.get_major_ticks() if t.label1.get_visible()]
        below = [t.label1 for t in ax.xaxis.get_major_ticks() if t.label1.get_visible()]
        assert bool(left) == (k % columns == 0)
        assert bool(below) == (k + columns >= len(FAMILY))


def test_all_functions_fit_one_sheet_and_can_be_read(everything):
    found = everything
    assert [name for name in named(found) if "…" not in name] == [
        name for name in names() if name != "arctan_square_minus_identity"
    ]
    assert covered(found) == []
    assert max(found.get_size_inches()) < 17  # A3
    for ax in found.axes:
        wide, high = ax.get_position().size * found.get_size_inches()
        assert wide > 1
        assert high > 0.6
    assert min(text.get_fontsize() for text in found.texts) >= 6


def test_the_axes_show_what_matters_of_most_functions(everything):
    low, high = everything.axes[0].get_ylim()
    assert low < -1.8  # all of selu and scaled_tanh
    assert 5 < high < 10  # all of relu, not of square


def test_the_size_says_how_many_columns():
    columns = [
        len({round(ax.get_position().x0, 4) for ax in drawn(*FAMILY, grid=True, size=s).axes})
        for s in ((12.0, 2.5), (7.0, 5.0), (3.0, 9.0))
    ]
    assert columns == sorted(columns, reverse=True)
    assert columns[0] == 7
    assert columns[-1] <= 2


@pytest.mark.parametrize("look", [
    {"context": "paper", "size": parse_size("89mmx60mm")}, {"style": "dark", "context": "talk"},
    {"heading": "The ramps", "size": (6.0, 4.0)},
])  # fmt: skip
def test_no_text_covers_anything_in_a_grid(look):
    found = drawn(*FAMILY, grid=True, **look)
    assert covered(found) == []
    assert ("The ramps" in named(found)) == ("heading" in look)


def test_panels_too_small_to_be_read_are_refused():
    with pytest.raises(
        ValueError, match=r"84 panels cannot be read on 3.5x2.4 inches; .* --size \d+x\d+"
    ):
        drawn(*names(), grid=True, size=(3.5, 2.4))


def test_a_sweep_and_an_approximation_have_panels_too():
    assert named(drawn("swish", param=["beta=0.5,2"], grid=True)) == [
        "swish(beta=0.5)",
        "swish(beta=2)",
    ]
    assert named(drawn("gelu:approx=tanh", grid=True)) == ["gelu(approx=tanh)"]


def test_limits_asked_for_hold_in_all_panels():
    assert {p.ylim for p in pictured(*FAMILY, grid=True, ylim=[(-2.0, 3.0)]).panels} == {
        (-2.0, 3.0)
    }
