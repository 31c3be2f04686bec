import io
import re
import resource
import sys
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ml_dtypes import bfloat16

from actcli.inputs import numbers
from actcli.inputs.layout import parse_number
from actcli.inputs.numbers import (
    File,
    chosen_blocks,
    parse_numbers,
    parse_range,
    points,
    read_blocks,
    read_numbers,
)
from actcli.inputs.streams import read_text

FINITE = st.floats(allow_nan=False, allow_infinity=False)


def saved(array, name="z.npy"):
    np.save(name, array)
    return name


# Options


@given(st.floats())
def test_numbers_come_back(number):
    assert repr(parse_number(repr(number))) == repr(number)


@pytest.mark.parametrize("text", ["", "x", "1_000", "0x10", "1,5", "1 2", "--1", "1e"])
def test_what_is_no_number(text):
    with pytest.raises(ValueError, match="is not a number"):
        parse_number(text)


@given(st.lists(st.floats(), min_size=1))
def test_at(numbers):
    found = parse_numbers(",".join(map(repr, numbers)))
    np.testing.assert_array_equal(found, numbers)
    assert found.dtype == np.float64


@pytest.mark.parametrize("text", ["", "1,,2", "1,", "1;2", "one"])
def test_at_says_what_it_takes(text):
    with pytest.raises(ValueError, match=r"--at: '.*' is not a number; .* --at -1,0,2\.5$"):
        parse_numbers(text)


@given(FINITE, FINITE)
def test_range(low, high):
    if low < high:
        assert parse_range(f"{low!r}:{high!r}") == (low, high)
    else:
        with pytest.raises(ValueError, match=r"is not below .* LOW:HIGH"):
            parse_range(f"{low!r}:{high!r}")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("5", "'5' is not a range"),
        ("1:2:3", "'1:2:3' is not a range"),
        (":1", "'' is not a number"),
        ("a:1", "'a' is not a number"),
        ("nan:1", "'nan:1' does not end at finite numbers"),
        ("0:inf", "'0:inf' does not end at finite numbers"),
        ("-1e999:1", "does not end at finite numbers"),
        ("2:2", "2 is not below 2"),
    ],
)
def test_unusable_ranges(text, reason):
    with pytest.raises(ValueError, match="--range: ") as caught:
        parse_range(text)
    assert reason in str(caught.value)
    assert str(caught.value).endswith("; give two numbers, LOW:HIGH, as in --range -5:5")


@given(st.decimals(-1000, 1000, places=3), st.integers(1, 5000), st.integers(2, 60))
def test_points_are_the_nearest_doubles(low, width, count):
    high = low + width
    step = Fraction(width, count - 1)
    exact = [float(Fraction(low) + i * step) for i in range(count)]
    assert points(float(low), float(high), count).tolist() == exact


def test_points():
    assert points(-1, 1, 5).tolist() == [-1, -0.5, 0, 0.5, 1]
    assert points(-1, 1, 21)[11] == 0.1
    assert points(2, 3, 1).tolist() == [2]
    assert points(0, 10, 11, 3, 5).tolist() == [3, 4]
    assert points(0, 10, 11, 8, 20).tolist() == [8, 9, 10]
    assert points(-1.7e308, 1.7e308, 3).tolist() == [-1.7e308, 0, 1.7e308]
    assert points(0, 5e-324, 2).tolist() == [0, 5e-324]


def test_choice_of_inputs(file):
    def chosen(at=None, range_=None, count=None, path=None):
        return np.concatenate(
            list(chosen_blocks(at, range_, count, path and File(path), 11))
        ).tolist()

    assert chosen() == list(range(-5, 6))
    assert chosen(count=3) == [-5, 0, 5]
    assert chosen(range_="0:1", count=2) == [0, 1]
    assert chosen(at="3,1") == [3, 1]
    assert chosen(path=file("7 8")) == [7, 8]
    for options, words in [
        ({"at": "1", "range_": "0:1"}, "--at and --range"),
        ({"at": "1", "count": 3}, "--at and --points"),
        ({"range_": "0:1", "path": "f"}, "--range and --input"),
        ({"at": "1", "range_": "0:1", "count": 2, "path": "f"}, "--at and --range and --input"),
    ]:
        with pytest.raises(ValueError, match=f"^use just one of {words}: "):
            chosen(**options)


def test_many_points_come_in_blocks(monkeypatch):
    monkeypatch.setattr(numbers, "BLOCK_NUMBERS", 4)
    blocks = list(chosen_blocks(None, "0:9", 10, None, 11))
    assert [block.tolist() for block in blocks] == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


# Text


@pytest.mark.parametrize(
    ("content", "numbers"),
    [
        ("1 2\n3\n", [1, 2, 3]),
        ("1, 2,3,\n-4e-3", [1, 2, 3, -4e-3]),
        ("\n\n 5\t6 \n", [5, 6]),
        ("# a, comment\n1\n  # 2\n#\n3", [1, 3]),
        ("nan inf -inf NaN Infinity +1", [np.nan, np.inf, -np.inf, np.nan, np.inf, 1]),
        ("1\r\n# two\r\n3\r\n", [1, 3]),
        ("1\r# two\r3", [1, 3]),
        ("\ufeff1\n2", [1, 2]),
        ("1e999 1e-999", [np.inf, 0]),
    ],
)
def test_text(file, content, numbers):
    assert read_numbers(file(content)).tolist() == pytest.approx(numbers, rel=0, nan_ok=True)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "1\n2 x3\n",
            "numbers.txt, line 2: 'x3' is not a number; separate numbers by white",
        ),
        ("# x\n\n1,2;3", "numbers.txt, line 3: '2;3' is not a number"),
        ("1\r\n2\r\nthree", "numbers.txt, line 3: 'three' is not a number"),
        ("x,1\n1,2", "line 1: 'x' is not a number; .* start other lines with #"),
        ("1 # one", "line 1: '#' is not a number"),
        ("1_000", "line 1: '1_000' is not a number"),
        ("1\n2,,3", "line 2: no number before a comma; write nan for it"),
        (",1", "line 1: no number before a comma"),
        (b"\xff\xfe1\x00", "line 1: .* is not a number"),
        ("9" * 5 + "x" * 100, "line 1: '99999x{35}' is not a number"),
        ("٣", "line 1: '٣' is not a number"),
        ("", "numbers.txt holds no numbers; give at least one"),
        ("# only a comment", "numbers.txt holds no numbers"),
        (b"PK\x03\x04...", r"numbers.txt is an archive \(.npz\?\); save one array of it"),
    ],
)
def test_malformed_text(file, content, message):
    with pytest.raises(ValueError, match=message) as caught:
        read_numbers(file(content))
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("bad", ["1.5x00000", "1.50000.0", "1_5000000", "1.5\0000000", "1٣000000"])
@pytest.mark.parametrize("separator", ["\n", "\r\n", ",0.5\n"])
def test_a_bad_number_in_a_long_file(file, bad, separator):
    rows = ["1.5000000"] * 100_000
    rows[90_000] = bad
    with pytest.raises(ValueError, match=f"line 90001: {re.escape(repr(bad))} is not a number"):
        read_numbers(file(separator.join(rows)))


@pytest.mark.parametrize("separator", ["\n", "\r\n", "\t", ", ", "\n# 1.5\n"])
def test_a_long_file(file, separator):
    numbers = np.random.default_rng(0).normal(0, 3, 50_000)
    numbers[::1000] = np.nan
    for form in ("%.18e", "%r"):
        content = separator.join(form % number for number in numbers.tolist())
        np.testing.assert_array_equal(read_numbers(file(content)), numbers)


def test_unreadable_files(file):
    with pytest.raises(ValueError, match="cannot read 'none': No such file or directory; give a"):
        read_numbers("none")
    with pytest.raises(ValueError, match=r"cannot read '\.': Is a directory; give a file"):
        read_numbers(".")


SEPARATORS = st.sampled_from([" ", "\n", ",", ", ", "\t", "\r\n", "\n# 1 2\n", "\n\n"])


@given(st.lists(st.tuples(st.floats(), SEPARATORS), min_size=1), st.integers(1, 40))
def test_any_block_size_gives_the_same_numbers(tokens, size):
    text = "".join(f"{number!r}{separator}" for number, separator in tokens)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbers, "BLOCK_BYTES", size)
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
        blocks = list(read_blocks("-"))
    np.testing.assert_array_equal(np.concatenate(blocks), [number for number, _ in tokens])


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 21])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_any_block_size_names_the_same_line(file, monkeypatch, size, newline):
    monkeypatch.setattr(numbers, "BLOCK_BYTES", size)
    name = file(newline.join(["# a comment", "1 2 3", "", "4 5", "6 wrong 7"]))
    with pytest.raises(ValueError, match=r"line 5: 'wr?o?n?g?' is not a number"):
        read_numbers(name)


def test_a_comment_within_a_cut_line_is_an_error(file, monkeypatch):
    monkeypatch.setattr(numbers, "BLOCK_BYTES", 4)
    with pytest.raises(ValueError, match=r"line 1: '#.?.?' is not a number"):
        read_numbers(file("1 2 #3 4"))


def test_an_endless_token_is_refused_early(monkeypatch):
    class Endless(io.BytesIO):
        def read(self, size=-1):
            return b"1" * size

    monkeypatch.setattr(sys, "stdin", type("Stdin", (), {"buffer": Endless()}))
    with pytest.raises(ValueError, match=r"standard input, line 1: '1{40}' is not a number"):
        read_numbers("-")


def test_the_end_is_asked_for_once(monkeypatch):
    """At a keyboard every request waits for another Ctrl-D."""

    class Keyboard(io.BytesIO):
        requests = 0

        def read(self, size=-1):
            self.requests += 1
            return super().read(size)

    keyboard = Keyboard(b"1 2\n")
    monkeypatch.setattr(sys, "stdin", type("Stdin", (), {"buffer": keyboard}))
    assert read_numbers("-").tolist() == [1, 2]
    assert keyboard.requests == 1


# .npy


@pytest.mark.parametrize(
    "array",
    [
        np.arange(6.0).reshape(2, 3),
        np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        np.arange(24, dtype=np.float32).reshape(2, 3, 4).transpose(),
        np.array(3),
        np.array([1, -2], dtype=">i2"),
        np.array([0.1, np.nan, np.inf], dtype=np.float16),
        np.array([2**63], dtype=np.uint64),
        np.array([0.1], dtype=np.longdouble),
    ],
)
@pytest.mark.parametrize("block", [2, 1 << 16])
def test_npy_of_any_shape_and_dtype(file, monkeypatch, array, block):
    file("")
    monkeypatch.setattr(numbers, "BLOCK_NUMBERS", block)
    for name in (saved(array), saved(array)):
        found = read_numbers(name)
        np.testing.assert_array_equal(found, array.ravel().astype(np.float64))
        assert found.dtype == np.float64


def test_npy_is_known_by_its_content(file):
    file("")
    saved(np.arange(3))
    with open("z.npy", "rb") as stream:
        assert read_numbers(file(stream.read(), "data")).tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (
            np.array([{}], object),
            "z.npy holds object values, not floats or integers; save",
        ),
        (np.ones(2, complex), "holds complex128 values"),
        (np.ones(2, bool), "holds bool values"),
        (np.array(["a"]), "holds <U1 values"),
        (np.ones(2, bfloat16), "holds .V2 values"),
        (np.ones(2, [("a", float)]), "not floats or integers"),
        (np.ones((0, 3)), "z.npy holds no numbers"),
    ],
)
def test_npy_that_holds_something_else(file, array, message):
    file("")
    with pytest.raises(ValueError, match=message):
        read_numbers(saved(array))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda data: data[:-3], r"z.npy ends early: its shape is \(4,\); save it again"),
        (lambda data: data[:20], "z.npy is a damaged .npy file; save it again with numpy.save"),
        (lambda data: data[:6], "z.npy is a damaged .npy file"),
        (lambda data: data[:6] + b"\x09\x00" + data[8:], "z.npy is a damaged .npy file"),
        (lambda data: data + data, "z.npy holds more than one array"),
        (lambda data: b"1 2 3", "z.npy is no .npy file; save one with numpy.save, or rename"),
        (lambda data: b"", "z.npy is no .npy file"),
    ],
)
def test_damaged_npy(file, damage, message):
    file("")
    with open(saved(np.arange(4.0)), "rb") as stream:
        data = stream.read()
    with pytest.raises(ValueError, match=message):
        read_numbers(file(damage(data), "z.npy"))


@given(st.binary())
def test_no_bytes_give_a_traceback(content):
    for prefix in (b"", b"\x93NUMPY\x01\x00"):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(prefix + content)))
            message = ""
            try:
                assert read_numbers("-").size > 0
            except ValueError as error:
                message = str(error)
            assert not message or re.fullmatch("standard input.*;.*", message)


# -- sizes that a file only claims ---------------------------------------------------------------------
def npy_of(path, shape, by_columns, data=bytes(800)):
    said = f"{{'descr': '<f8', 'fortran_order': {by_columns}, 'shape': {shape}, }}".encode()
    said = said.ljust(117) + b"\n"
    path.write_bytes(b"\x93NUMPY\x01\x00" + len(said).to_bytes(2, "little") + said + data)
    return str(path)


@pytest.mark.parametrize("by_columns", [False, True])
@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ("(1000000000, 1000000000)", "ends early"),
        ("(2, 300000000)", "ends early"),
        ("(10000000000,)", "ends early"),
        ("(-3, 2)", "damaged"),
        ("(True, 100)", "damaged"),
    ],
)
def test_a_shape_is_not_believed(tmp_path, shape, message, by_columns):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(ValueError, match=message):
        read_numbers(npy_of(tmp_path / "a.npy", shape, by_columns))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_arrays_by_columns_are_read_by_rows(tmp_path):
    array = np.arange(150_000.0).reshape(3, 50_000)
    np.save(tmp_path / "a.npy", np.asfortranarray(array))
    assert np.array_equal(read_numbers(str(tmp_path / "a.npy")), array.ravel())


def test_what_is_kept_whole_is_bounded(tmp_path, monkeypatch):
    (tmp_path / "a.txt").write_text("1 " * 100)
    monkeypatch.setattr("actcli.inputs.numbers.MOST_NUMBERS", 50)
    with pytest.raises(ValueError, match="holds more than 50 numbers"):
        read_numbers(str(tmp_path / "a.txt"))
    monkeypatch.setattr("actcli.inputs.streams.MOST_BYTES", 1 << 20)
    with pytest.raises(ValueError, match="'/dev/zero' is larger than 1 MB; give fewer rows"):
        read_text("/dev/zero", "give a file")
