"""Numbers and ticks as people write them, and pictures in the terminal."""

import re

import pytest
from pictures import PICTURES, pictured

from actcli.figures.terminal import in_terminal
from actcli.figures.ticks import number, percent, ticks

# --- numbers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (-0.75179, "−0.752"), (-0.1699712, "−0.170"), (2.0, "2"), (4.732e-4, "4.73×10⁻⁴"),
     (-1.5, "−1.5"), (123456, "123456"), (1.234e9, "1.23×10⁹"), (0.5, "0.5")],
)  # fmt: skip
def test_numbers_as_people_write_them(value, text):
    assert number(value) == text


@pytest.mark.parametrize(
    ("low", "high", "labels", "note"),
    [
        (-5, 5, ["−4", "−2", "0", "2", "4"], ""),
        (0, 1, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"], ""),
        (-5e-4, 5e-4, ["−4", "−2", "0", "2", "4"], "×10⁻⁴"),
        (-2e6, 2e6, ["−2", "−1", "0", "1", "2"], "×10⁶"),
        (1e6, 1e6 + 1, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"], "+ 1000000"),
        (1e-6, 1e-6 + 1e-12, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"], "×10⁻¹² + 0.000001"),
    ],
)
def test_ticks(low, high, labels, note):
    found = ticks(low, high, 6)
    assert (found.labels, found.note) == (labels, note)


@pytest.mark.parametrize(("low", "high"), [(-5, 5), (0.1, 0.1001), (1e6, 1e6 + 1), (-3e-7, 2e-7)])
def test_ticks_lie_in_the_range_and_whole_labels_say_where(low, high):
    for most in (2, 4, 7, 11):
        found = ticks(low, high, most, whole=True)
        assert 1 <= len(found.at) <= most
        assert found.note == ""
        for at, label in zip(found.at, found.labels, strict=True):
            plain = label.replace("−", "-").partition("×10")
            power = plain[2].translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
            assert float(plain[0]) * 10.0 ** int(power or 0) == pytest.approx(at, abs=1e-12 * high)
            assert low - 1e-9 * (high - low) <= at <= high + 1e-9 * (high - low)


@pytest.mark.parametrize(
    ("share", "text"),
    [(0, "0 %"), (1, "100 %"), (0.0001, "< 0.1 %"), (0.99999, "> 99.9 %"), (0.5, "50.0 %")],
)
def test_few_are_not_none_and_nearly_all_are_not_all(share, text):
    assert percent(share) == text


# --- in a terminal -------------------------------------------------------------------------


@pytest.mark.parametrize("columns", [30, 60, 80, 132])
@pytest.mark.parametrize("name", ["tanh", "gelu approx", "relu family", "inputs", "jumps", "pole"])
def test_text_keeps_within_the_columns_and_is_plain(name, columns):
    functions, options = PICTURES[name]
    text = in_terminal(pictured(*functions, **options), columns, 0, colour=False)
    assert "\x1b" not in text
    assert max(len(line) for line in text.split("\n")) <= columns


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (60, 24), (40, 30), (132, 16), (200, 60)])
@pytest.mark.parametrize(
    ("functions", "order"),
    [(["tanh"], 1), (["gelu", "silu", "mish"], 2), (["relu", "elu", "selu", "gelu", "sine"], 1)],
    ids=str,
)
def test_text_fits_the_terminal(functions, order, columns, lines):
    picture = pictured(*functions, order=order)
    whole = in_terminal(picture, columns, 0, colour=False).split("\n")
    shown = in_terminal(picture, columns, lines, colour=False).split("\n")
    assert len(shown) < lines  # the prompt needs one
    assert max(map(len, shown)) <= columns
    frame = [k for k, line in enumerate(shown) if set("┌└") & set(line)]
    assert " ".join(shown[: frame[-1]]).count("─┐") == order + 1
    below = shown[frame[-1] + 2 :]
    words = whole[-len(below) :] if below else []
    if below and below[-1].startswith("... "):
        words = whole[max(k for k, line in enumerate(whole) if "└" in line) + 2 :]
        assert below.pop() == f"... {len(words) - len(below)} more lines: use | cat"
    assert below == words[: len(below)]


def test_text_shows_jumps_kinks_and_says_the_rest():
    text = in_terminal(pictured("step", "relu"), 80, 0, colour=False)
    assert {"●", "○", "◆"} <= set(text)
    assert "relu: dead zone: x from −5 to 0" in text
    text = in_terminal(pictured("gelu:approx=tanh"), 100, 0, colour=False)
    assert "value: minimum (−0.752, −0.170)" in text
    assert "largest |error| 4.73×10⁻⁴" in text


def test_coloured_text_tells_curves_apart_by_colour():
    text = in_terminal(pictured("tanh", "relu"), 80, 0, colour=True)
    assert len({part.split("m")[0] for part in text.split("\x1b[38;5;")[1:]}) >= 3
    assert "\x1b[48" not in text  # the terminal keeps its own background


@pytest.mark.parametrize("columns", [40, 80, 132])
def test_curves_in_colour_carry_the_letters_of_their_legend(columns):
    names = ("gelu", "relu", "tanh", "sine")
    text = re.sub(r"\x1b\[[\d;]*m", "", in_terminal(pictured(*names), columns, 0, colour=True))
    lines = text.split("\n")
    drawn = "".join(line for line in lines if "│" in line)
    for letter, name in zip("abcd", names, strict=True):
        assert any(f"⠒{letter}⠒ {name}" in line for line in lines[:3])
        assert drawn.count(letter) >= 2
    assert "⠒a⠒" not in in_terminal(pictured("gelu"), columns, 0, colour=True)


def test_curves_that_share_a_cell_take_turns():
    text = in_terminal(pictured("elu", "celu"), 80, 0, colour=False)
    body = text.split("\n", 1)[1]
    assert "+" in body
    assert any("⠀" < char <= "⣿" for char in body)


def test_ticks_of_tiny_numbers_say_0():
    text = in_terminal(pictured("relu", range_=(-1e-8, 1e-8)), 80, 0, colour=False)
    assert re.search(r"\b0┤", text)
    assert not re.search(r"(?<![.\d])0×10", text)


def test_one_panel_alone():
    assert "value" in in_terminal(pictured("tanh", order=0), 60, 0, colour=False)
