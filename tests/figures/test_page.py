"""Sizes and contexts: type in points on paper and on slides, and text that may hold formulas."""

import pytest
from pictures import PICTURES, covered, drawn, texts

from actcli.figures.data import FigureOptions
from actcli.figures.output import styled
from actcli.figures.page import Page
from actcli.pictures.picture_files import parse_size

COLUMN = parse_size("89mmx60mm")


def points(found, gid):
    """The sizes of the type with that name."""
    return {text.get_fontsize() for text in found.texts if text.get_gid() == gid}


def widths(found, gid):
    return {line.get_linewidth() for ax in found.axes for line in ax.lines
            if (line.get_gid() or "").startswith(gid)}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "inches"),
    [("10x4.4", (10, 4.4)), ("254mmx50.8mm", (10, 2)), ("25.4cmX5.08cm", (10, 2)),
     ("60mmx45mm", (60 / 25.4, 45 / 25.4)), ("254x50.8mm", (10, 2)), ("3.5in×60mm", (3.5, 60 / 25.4))],
)  # fmt: skip
def test_sizes_in_inches_and_millimetres(text, inches):
    assert parse_size(text) == pytest.approx(inches)


@pytest.mark.parametrize(
    "text", ["89", "89mm", "1x1", "50mmx45mm", "60x45", "3ftx2ft", "nanx3", "-4x3", "x"]
)
def test_other_sizes_are_refused(text):
    with pytest.raises(ValueError, match="give WIDTHxHEIGHT in inches, mm or cm, from 2"):
        parse_size(text)


def test_a_figure_in_a_column_has_type_of_a_column():
    found = drawn("gelu", "silu", size=COLUMN, context="paper")
    assert found.get_size_inches() == pytest.approx(COLUMN)
    for gid in ("name", "panel-title", "coordinates", "key"):
        assert all(6.4 <= size <= 8.2 for size in points(found, gid)), gid
    ticks = {label.get_fontsize() for ax in found.axes for label in ax.get_xticklabels()}
    assert all(7 <= size <= 8 for size in ticks)
    assert all(width <= 1.25 for width in widths(found, "curve"))
    assert not any(line.get_visible() for ax in found.axes for line in ax.get_xgridlines())


def test_a_wide_figure_on_paper_has_the_same_type():
    narrow, wide = (drawn("gelu", context="paper", size=s) for s in (COLUMN, (7.2, 3.2)))
    (small,), (large,) = points(narrow, "panel-title"), points(wide, "panel-title")
    assert small <= large <= 1.1 * small


def test_type_and_lines_grow_with_a_slide():
    small, large = (drawn("gelu", context="talk", size=s) for s in ((8.0, 4.5), (16.0, 9.0)))
    for gid in ("panel-title", "coordinates"):
        assert max(points(large, gid)) == pytest.approx(2 * max(points(small, gid)))
    assert min(points(large, "panel-title")) >= 18
    assert max(widths(large, "curve")) == pytest.approx(2 * max(widths(small, "curve")))
    assert max(widths(large, "curve")) > 4
    marks = [
        line.get_markersize()
        for ax in large.axes
        for line in ax.lines
        if line.get_gid() == "maximum"
    ]
    assert min(marks) > 9


def test_without_a_size_paper_is_two_columns_wide_and_talk_a_slide():
    assert drawn("gelu", context="paper").get_size_inches()[0] == pytest.approx(7.0)
    assert drawn("gelu", context="talk").get_size_inches() == pytest.approx((40 / 3, 7.5))


@pytest.mark.parametrize("name", PICTURES)
@pytest.mark.parametrize("look", [
    {"context": "paper", "size": COLUMN}, {"context": "talk", "size": (16.0, 9.0), "style": "dark"},
], ids=["paper", "talk"])  # fmt: skip
def test_no_text_covers_anything_on_paper_and_on_slides(name, look):
    functions, options = PICTURES[name]
    assert covered(drawn(*functions, **options, **look)) == []


# --- above and below -----------------------------------------------------------------------


def said(found):
    return [(name, text) for name, text, _ in texts(found)]


@pytest.mark.parametrize("functions", [["gelu"], ["gelu", "relu"]])
def test_a_title_stands_above_and_a_legend_can_be_left_out(functions):
    found = drawn(*functions, heading="Figure 1")
    tops = {text: box.y0 for _, text, box in texts(found)}
    assert tops["Figure 1"] == max(tops.values())
    assert "gelu" in tops
    bare = drawn(*functions, heading="Figure 1", legend=False)
    assert not {"formula", "key"} & {name for name, _ in said(bare)}
    assert [text for name, text in said(bare) if name == "name"] == ["Figure 1"]
    assert bare.axes[0].get_position().height > found.axes[0].get_position().height
    assert said(drawn(*functions, legend=False))


def is_math(text):
    with styled(FigureOptions()):
        return Page(4, 3, 100, 9).is_math(text, 10)


def test_a_label_with_formulas_is_set_and_any_other_is_shown_as_typed():
    assert is_math(r"GELU, $\beta = 2$")
    assert not any(map(is_math, ("plain", "$5", "$a$ and $5", r"$\nonsense{$", "")))
    for heading in (r"$\beta_1$", r"$\nonsense{$", "$5 for 5$ more and $"):
        found = drawn("gelu", heading=heading)
        (text,) = [t for t in found.texts if t.get_text() == heading]
        assert text.get_parse_math() == is_math(heading)
