"""Columns, headers and decimal commas, held against Python's csv module and float()."""

import csv
import gzip
import io
import os
import re
import sys
import threading

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from actcli.inputs import numbers
from actcli.inputs.numbers import read_blocks, read_numbers
from actcli.inputs.tabular import read_rows

NAME = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), max_size=4).map(
    "n{}".format
)
WORDS = st.sampled_from(["", "bob", "two words", "a, b", "1; 2", 'say "no"', "x\ty", "# no"])


@st.composite
def tables(draw):
    """The text of a file with a header, and its delimiter."""
    names = draw(st.lists(NAME, min_size=2, max_size=5, unique=True))
    kinds = [draw(st.sampled_from([st.floats(), st.integers(-999, 999), WORDS])) for _ in names[1:]]
    rows = draw(st.lists(st.tuples(st.floats(), *kinds), min_size=1, max_size=8))
    delimiter = draw(st.sampled_from(",;\t"))
    stream = io.StringIO()
    writer = csv.writer(
        stream, delimiter=delimiter, lineterminator=draw(st.sampled_from(["\n", "\r\n"])),
        quoting=draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])),
    )  # fmt: skip
    writer.writerows([names, *rows])
    return stream.getvalue(), delimiter


def from_stdin(content, **options):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
        return np.concatenate(list(read_blocks("-", **options)))


@example(("n;n,\n0.0;0.0\n", ";"), 7)
@given(tables(), st.sampled_from([1, 7, 1 << 18]))
def test_columns_are_what_csv_and_float_make_of_them(table, size):
    text, delimiter = table
    records = list(csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numbers, "BLOCK_BYTES", size)
        for place, name in enumerate(records[0], 1):
            try:
                expected = [float(record[name]) for record in records]
            except ValueError:
                with pytest.raises(
                    ValueError, match=r"standard input, line \d+: .* is not a number"
                ):
                    from_stdin(text.encode(), column=name)
                continue
            for column in {name, name if str(place) in records[0] else str(place)}:
                np.testing.assert_array_equal(from_stdin(text.encode(), column=column), expected)


@given(st.lists(st.lists(st.floats(), min_size=2, max_size=2), min_size=1), st.sampled_from(";\t "))
def test_decimal_commas(rows, mark):
    text = "\n".join(mark.join(f"{x!r}" for x in row) for row in rows).replace(".", ",")
    assert from_stdin(text.encode(), decimal=",").tolist() == pytest.approx(
        np.ravel(rows).tolist(), rel=0, abs=0, nan_ok=True
    )
    assert from_stdin(text.encode(), decimal=",", column="2").tolist() == pytest.approx(
        [row[1] for row in rows], rel=0, abs=0, nan_ok=True
    )


@pytest.mark.parametrize(
    ("content", "options", "found"),
    [
        ("x\n1\n2\n", {}, [1, 2]),
        ('"x"\n1\n2\n', {}, [1, 2]),
        ("my values\n1\n2\n", {}, [1, 2]),
        ('"height, cm"\n1\n2\n', {"column": "height, cm"}, [1, 2]),
        ("\n# a comment\nx\n# another\n1\n", {}, [1]),
        ("x\n1 2,3\n", {}, [1, 2, 3]),
        ("0 0,inf 0\n1", {}, [0, 0, np.inf, 0, 1]),
        ("run 1,run 2\n3,4\n", {"column": "run 2"}, [4]),
        ("\n" * 500_000 + "# c\n" * 200_000 + "x\n1\n", {}, [1]),
        (" " * 2_000_000 + "\n1 " + "\t" * 900_000 + "2\n", {}, [1, 2]),
        ("1;2\n3;4\n", {}, [1, 2, 3, 4]),
        ("1;2\n3;4\n", {"column": "2"}, [2, 4]),
        ("1 2\n3 4\n", {"column": "1"}, [1, 3]),
        ("a b\n1 2\n3 4\n", {"column": "b"}, [2, 4]),
        ("a,b\n1,x\n\n# 3,4\n3,y\n", {"column": "a"}, [1, 3]),
        (",a\nrow1,1\nrow2,2\n", {"column": "a"}, [1, 2]),
        ('"u, v"\tw\n1\t2\n', {"column": "w"}, [2]),
        ("2,1\n3,4\n", {"column": "2"}, [1, 4]),
        ("1,5\n2,25\n", {"decimal": ","}, [1.5, 2.25]),
        ("1,5\n2,25\n", {"decimal": "."}, [1, 5, 2, 25]),
        ("Wert\n1,5\n2,5\n", {"decimal": ","}, [1.5, 2.5]),
        ("Zeit;Wert\n1,5;2,5\n", {"decimal": ",", "column": "Wert"}, [2.5]),
        ("-1,5e-3;nan;-inf\n", {"decimal": ","}, [-1.5e-3, np.nan, -np.inf]),
        ("\ufeffx\r\n1\r\n2\r\n", {}, [1, 2]),
        ("x\r1\r2", {}, [1, 2]),
        ("x\n1e400\n-1e400\nnan\n", {}, [np.inf, -np.inf, np.nan]),
    ],
)
def test_what_a_file_holds(file, content, options, found):
    np.testing.assert_array_equal(read_numbers(file(content), **options), found)
    np.testing.assert_array_equal(
        read_numbers(file(gzip.compress(content.encode()), "numbers.txt.gz"), **options), found
    )


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("a,b\n1,2\n", {}, "numbers.txt has the columns a, b; choose one, as in --column b"),
        ("a b\n1 2\n", {}, "has the columns a, b; choose one, as in --column b"),
        (
            "a,b\n1,2\n",
            {"column": "c"},
            "--column 'c': numbers.txt has the columns a, b; give a name",
        ),
        (
            "a,b\n1,2\n",
            {"column": "3"},
            "--column '3': numbers.txt has the columns a, b; give a name",
        ),
        ("1,2\n", {"column": "a"}, "has 2 columns, no header; give a name or a number from 1"),
        ("a,b\n1,2\n3\n", {"column": "a"}, "line 3: 1 column, but 2 in the line above"),
        ("a,b\n1,2\n3,\n", {"column": "b"}, "line 3: '' is not a number; write nan"),
        ("a,b\n1,2\n\n# x\n3,q\n", {"column": "b"}, "line 5: 'q' is not a number"),
        (
            "1,5\n2,25\n",
            {},
            "line 1: '1,5' looks like a number with a decimal comma; add --decimal ,",
        ),
        ("x\n1,5\n2,25\n", {}, "line 2: '1,5' looks like .* add --decimal , to read it so"),
        ("x\n1,5\n2,25\n", {"column": "x"}, "line 2: '1,5' looks like .* add --decimal ,"),
        ("1,5;2,5\n", {}, "line 1: '1,5' looks like"),
        ("a;b\n1,5;2,5\n", {"column": "b"}, "line 2: '2,5' is not a number; add --decimal ,"),
        ("1.5\n", {"decimal": ","}, "line 1: '1.5' is not a number; .* leave the option out"),
        ("1.234,5\n", {"decimal": ","}, "line 1: '1.234,5' is not a number"),
        ("x\n", {}, "holds no numbers below its first line 'x'"),
        ("one\ntwo\n", {}, "line 2: 'two' is not a number"),
        ("1.5x\n2\n", {}, r"line 1: '1\.5x' is not a number"),
        ("x\n1\0\n", {}, r"line 2: '1\\x00' is not a number"),
        ("", {"column": "1"}, "numbers.txt holds no numbers; give at least one"),
        ("x,y\n" + "1" * 200_000 + ",1\n", {"column": "y"}, "numbers.txt is no CSV file"),
        ("x" * 200_000, {}, r"line 1: 'x{40}' is not a number"),
    ],
)
def test_what_no_file_may_hold(file, content, options, message):
    with pytest.raises(ValueError, match=message) as caught:
        read_numbers(file(content), **options)
    assert "\n" not in str(caught.value)


def test_columns_of_arrays(file):
    array = np.arange(12.0).reshape(4, 3)
    np.save("a.npy", array)
    np.save("f.npy", np.asfortranarray(array))
    np.save("s.npy", np.array([(1, 0.5), (2, 0.25)], [("n", int), ("x", "f4")]))
    for name in ("a.npy", "f.npy"):
        for size in (1, 2, 5, 1000):
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(numbers, "BLOCK_NUMBERS", size)
                assert read_numbers(name, "2").tolist() == [1, 4, 7, 10]
    assert read_numbers("s.npy", "x").tolist() == [0.5, 0.25]
    with pytest.raises(ValueError, match=r"--column '4': a.npy has 3 columns, no header"):
        read_numbers("a.npy", "4")
    with pytest.raises(ValueError, match=r"s.npy holds the columns n, x, not floats .* --column x"):
        read_numbers("s.npy")
    with open("a.npy", "rb") as stream:
        packed = file(gzip.compress(stream.read()), "a.npy.gz")
    assert read_numbers(packed, "1").tolist() == [0, 3, 6, 9]
    assert read_rows(packed).numbers.tolist() == array.tolist()


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda packed: packed[:-9], "is a damaged .gz file; pack it again"),
        (lambda packed: packed[:10], "is a damaged .gz file"),
        (lambda packed: packed[:20] + b"\xff" * 9 + packed[29:], "is a damaged .gz file"),
        (lambda packed: b"\x1f\x8b", "is a damaged .gz file"),
        (lambda packed: b"1 2 3", "is no .gz file; pack it with gzip, or rename it"),
        (lambda packed: gzip.compress(b""), "holds no numbers"),
    ],
)
def test_damaged_compressed_files(file, damage, message):
    with pytest.raises(ValueError, match=message):
        read_numbers(file(damage(gzip.compress(b"1 2 3 " * 99)), "z.gz"))


def test_compressed_parts_follow_each_other(file):
    assert read_numbers(file(gzip.compress(b"1 2\n") + gzip.compress(b"3\n"), "z")).tolist() == [
        1, 2, 3
    ]  # fmt: skip


@given(st.binary(), st.sampled_from([None, "1", "a"]), st.sampled_from([None, ".", ","]))
def test_no_bytes_give_a_traceback(content, column, decimal):
    for text in (content, b"a,b\n1,2\n" + content, gzip.compress(content)):
        message = ""
        try:
            assert from_stdin(text, column=column, decimal=decimal).size
        except ValueError as error:
            message = str(error)
        assert not message or re.fullmatch(".*standard input.*;.*", message)


@given(st.lists(st.floats(), min_size=1), st.lists(st.integers(1, 9), min_size=1), st.booleans())
def test_a_pipe_gives_the_same_however_it_is_written(values, cuts, header):
    text = ("value\n" if header else "") + "\r\n".join(map(repr, values))
    ours, theirs = os.pipe()

    def write():
        rest = text.encode()
        with open(theirs, "wb", buffering=0) as stream:
            for cut in cuts:
                stream.write(rest[:cut])
                rest = rest[cut:]
            stream.write(rest)

    writer = threading.Thread(target=write)
    writer.start()
    found = read_numbers(f"/dev/fd/{ours}")
    writer.join()
    os.close(ours)
    np.testing.assert_array_equal(found, values)


def test_what_came_is_handed_on_before_the_rest():
    ours, theirs = os.pipe()
    with open(theirs, "wb", buffering=0) as stream:
        blocks = read_blocks(f"/dev/fd/{ours}")
        for number in (b"1\n", b"2.5\n", b"# note\n-3\n"):
            stream.write(number)
            assert next(blocks).tolist() == [float(number.split()[-1])]
    with pytest.raises(StopIteration):
        next(blocks)
    os.close(ours)
