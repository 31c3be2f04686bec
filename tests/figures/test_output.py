"""Files of pictures: text stays text, so that it can be searched, copied and set anew."""

import re
import xml.etree.ElementTree as ElementTree
import zlib

import matplotlib
import pytest
from matplotlib import _mathtext, style
from pictures import pictured

from actcli.figures.data import FigureOptions
from actcli.figures.function import render
from actcli.figures.output import style_files, styled

TEXT = "{http://www.w3.org/2000/svg}text"


def words_of(svg):
    """What each text element of an SVG says."""
    found = ElementTree.fromstring(svg).iter(TEXT)
    return ["".join("".join(element.itertext()).split()) for element in found]


@pytest.mark.parametrize("look", ["light", "dark"])
def test_an_svg_holds_its_text_and_no_outlines_of_letters(look):
    svg = render(pictured("gelu", "relu", style=look), "svg")
    said = words_of(svg)
    for text in ("gelu", "relu", "−5", "(−0.752,−0.170)", "valuef(x)"):
        assert text in said
    assert b"DejaVuSans-" not in svg  # the name of an outline
    assert b"'DejaVu Sans', 'Verdana', sans-serif" in svg


@pytest.mark.parametrize("look", ["light", "dark"])
def test_a_pdf_holds_truetype_fonts_and_says_which_letters_they_are(look):
    pdf = render(pictured("gelu:approx=tanh", style=look), "pdf")
    kinds = re.findall(rb"/Subtype /(Type0|Type1|Type3|TrueType|CIDFontType\d)\b", pdf)
    assert b"CIDFontType2" in kinds or b"TrueType" in kinds
    assert set(kinds) <= {b"Type0", b"CIDFontType2", b"TrueType"}
    assert b"/ToUnicode" in pdf
    streams = re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL)
    unpacked = [zlib.decompress(each) for each in streams if each[:1] == b"\x78"]
    assert any(each.startswith(b"\x00\x01\x00\x00") for each in unpacked)  # a TrueType font


@pytest.mark.parametrize("design", [FigureOptions(), FigureOptions(style="dark", context="paper")])
def test_settings_are_those_of_a_style_of_matplotlib(design):
    with style.context(style_files(design), after_reset=True):
        expected = dict(matplotlib.rcParams)
    before = dict(matplotlib.rcParams)
    with matplotlib.rc_context({"lines.linewidth": 7}), styled(design):
        assert dict(matplotlib.rcParams) == expected
    assert dict(matplotlib.rcParams) == before


def test_each_formula_is_set_once(monkeypatch):
    parse, seen = _mathtext.Parser.parse, []
    monkeypatch.setattr(
        _mathtext.Parser,
        "parse",
        lambda self, text, *rest: seen.append(text) or parse(self, text, *rest),
    )
    render(pictured("gelu", "mish", size=(11.3, 5)), "png")
    assert len(seen) == len(set(seen)) == 2
