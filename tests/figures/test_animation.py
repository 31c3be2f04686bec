"""Titles of animations: whole, in one line or two."""

import pytest
from matplotlib import style

from actcli.figures.animation import title_lines
from actcli.figures.data import FigureOptions
from actcli.figures.output import style_files
from actcli.figures.page import Page

TITLE = "spiral, 4-8-8-1, momentum with rate 0.03, 300 epochs, 100 seeds from 0"


@pytest.mark.parametrize(("room", "count"), [(8.0, 1), (3.5, 2), (3.0, 2)])
def test_titles_are_broken_not_cut(room, count):
    with style.context(style_files(FigureOptions()), after_reset=True):
        page = Page(4.0, 4.0, 100, 9.5)
        lines = title_lines(page, TITLE, 9.5, room)
        assert " ".join(lines) == TITLE
        assert len(lines) == count
        assert all(page.extent(line, 9.5)[0] <= room for line in lines)


def test_what_cannot_be_broken_is_shortened():
    with style.context(style_files(FigureOptions()), after_reset=True):
        page = Page(4.0, 4.0, 100, 9.5)
        (line,) = title_lines(page, "a" * 200, 9.5, 2.0)
        assert line.endswith("…")
        assert page.extent(line, 9.5)[0] <= 2.0
