import csv
import io
import json
import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ml_dtypes import bfloat16

from actcli.tables import BLOCK_ROWS, FORMATS, Writer, write
from actcli.tables.shown import SHOWN_TOGETHER
from actcli.wording import significant_digits

COLUMNS = ("name", "value", "where", "detail")
RECORDS = [
    {"name": "gelu", "value": 0.1, "where": [-2, float("inf")], "detail": 'a "b", c\td'},
    {"name": "leaky_relu", "value": float("-inf"), "where": None, "detail": "x**2 & 50% | <1>"},
    {"name": "x*tanh(x)", "value": np.float32(0.1), "where": {"low": float("nan")}},
]


@pytest.fixture(autouse=True)
def plain_terminal(monkeypatch):
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("COLUMNS", "80")


def written(form, columns=COLUMNS, records=RECORDS, **more):
    stream = io.StringIO()
    write(form, columns, records, stream, **more)
    return stream.getvalue()


def batched(form, *batches, columns=("function", "x", "value")):
    stream = io.StringIO()
    with Writer(form, columns, stream) as writer:
        for batch in batches:
            writer.batch(batch)
    return stream.getvalue()


def test_json_is_one_array_of_objects():
    assert json.loads(written("json")) == [
        {"name": "gelu", "value": 0.1, "where": [-2, "Infinity"], "detail": 'a "b", c\td'},
        {"name": "leaky_relu", "value": "-Infinity", "where": None, "detail": "x**2 & 50% | <1>"},
        {"name": "x*tanh(x)", "value": 0.1, "where": {"low": "NaN"}, "detail": None},
    ]
    assert written("json").startswith('[\n{"name"')
    assert written("json").endswith("}\n]\n")


def test_json_lines_hold_the_same_objects():
    assert [json.loads(line) for line in written("jsonl").splitlines()] == json.loads(
        written("json")
    )


def test_tsv_has_one_line_per_record_and_json_where_values_nest():
    assert written("tsv").splitlines() == [
        "name\tvalue\twhere\tdetail",
        'gelu\t0.1\t[-2, "Infinity"]\ta "b", c d',
        "leaky_relu\t-inf\t\tx**2 & 50% | <1>",
        'x*tanh(x)\t0.1\t{"low": "NaN"}\t',
    ]


def test_csv_quotes_what_needs_it():
    rows = list(csv.reader(io.StringIO(written("csv"), newline="")))
    assert rows[1] == ["gelu", "0.1", '[-2, "Infinity"]', 'a "b", c\td']
    assert [len(row) for row in rows] == [4, 4, 4, 4]


def test_markdown_escapes_markup_and_aligns():
    table = written("markdown").splitlines()
    assert len({len(line) for line in table}) == 1
    assert re.fullmatch(r"\| -+ \| -+: \| -+ \| -+ \|", table[1])
    assert "x\\*\\*2 & 50% \\| \\<1>" in table[3]
    assert "leaky_relu" in table[3]


def test_latex_is_a_tabular_without_markup_in_its_cells():
    assert written("latex").splitlines() == [
        r"\begin{tabular}{lrll}",
        r"\toprule",
        r"name & value & where & detail \\",
        r"\midrule",
        r'gelu & $0.1$ & {[}-2, "Infinity"] & a "b", c d \\',
        r"leaky\_relu & $-\infty$ &  & x**2 \& 50\% \textbar{} \textless{}1\textgreater{} \\",
        r'x*tanh(x) & $0.1$ & \{"low": "NaN"\} &  \\',
        r"\bottomrule",
        r"\end{tabular}",
    ]


def test_latex_numbers_are_powers_of_ten():
    text = batched("latex", ["f", np.array([1e-300, -2.5e20, np.nan]), np.ones(3)])
    assert r"$1 \times 10^{-300}$" in text
    assert r"$-2.5 \times 10^{20}$" in text
    assert " & nan & " in text


@pytest.mark.parametrize("form", FORMATS)
def test_batches_and_records_give_the_same_text(form):
    x = np.array([-1.5, 0.0, np.nan, np.inf, -np.inf, 1e-300, 1 / 3])
    records = [{"function": 'a"b', "x": a, "value": b} for a, b in zip(x, x[::-1], strict=True)]
    assert batched(form, ['a"b', x, x[::-1]]) == written(form, ("function", "x", "value"), records)


@pytest.mark.parametrize("form", FORMATS)
def test_no_rows(form):
    text = written(form, ("a", "b"), [])
    assert text == batched(form, ["f", np.array([])], columns=("a", "b"))
    expected = {
        "tsv": "a\tb\n",
        "csv": "a,b\n",
        "json": "[]\n",
        "jsonl": "",
        "markdown": "| a   | b   |\n| --- | --- |\n",
    }
    assert text == expected.get(form, text)
    assert form in ("json", "jsonl") or re.search(r"a\W+b", text)


@pytest.mark.parametrize("form", ["tsv", "jsonl"])
def test_blocks_join_without_a_break(form):
    x = np.arange(2.0 * BLOCK_ROWS + 3)
    whole = batched(form, ["f", x, -x])
    assert whole == batched(form, ["f", x[:7], -x[:7]], ["f", x[7:], -x[7:]])
    assert whole.count("\n") == x.size + (form == "tsv")


def test_json_blocks_join_to_one_array():
    x = np.arange(BLOCK_ROWS + 1.0)
    records = json.loads(batched("json", ["f", x, x], ["g", x, x]))
    assert [record["x"] for record in records] == [*x, *x]
    assert [record["function"] for record in records] == ["f"] * x.size + ["g"] * x.size


@given(st.lists(st.floats(), min_size=1), st.sampled_from(["tsv", "csv", "json", "jsonl"]))
def test_machine_formats_carry_every_float(floats, form):
    text = batched(form, ["f", np.array(floats), np.array(floats)])
    if form in ("tsv", "csv"):
        back = [line.split("\t" if form == "tsv" else ",")[1] for line in text.splitlines()[1:]]
    else:
        lines = json.loads(text) if form == "json" else map(json.loads, text.splitlines())
        back = [record["x"] for record in lines]
    assert [repr(float(text)) for text in back] == [repr(value) for value in floats]


@pytest.mark.parametrize(
    ("dtype", "text"),
    [(np.float32, "0.33333334"), (np.float16, "0.333251953125"), (bfloat16, "0.333984375")],
)
def test_other_dtypes_print_their_own_digits(dtype, text):
    third = np.array([1 / 3]).astype(dtype)
    assert f'"x": {text},' in batched("jsonl", ["f", third, third])
    assert json.loads(written("json", ["x"], [{"x": third[0]}])) == [{"x": float(text)}]
    assert batched("tsv", ["f", third, third]).splitlines()[1] == f"f\t{text}\t{text}"


def test_table_rounds_and_puts_points_below_each_other():
    x = np.array([-5, 0.5, 123456.7, 1e-20, np.inf])
    lines = batched("table", ["gelu", x, x / 3]).splitlines()
    assert lines[0].split() == ["function", "x", "value"]
    assert lines[2:] == [
        "gelu          -5         -1.66667",
        "gelu           0.5        0.166667",
        "gelu      123457      41152.2",
        "gelu           1e-20      3.33333e-21",
        "gelu         inf        inf",
    ]


def test_table_separates_blocks_and_has_no_negative_zero():
    x = np.array([-0.0, 1])
    lines = batched("table", ["f", x, x], ["g", x, x]).splitlines()
    assert [line.split() for line in lines[2:]] == [
        ["f", "0", "0"], ["f", "1", "1"], [], ["g", "0", "0"], ["g", "1", "1"],
    ]  # fmt: skip


@pytest.mark.parametrize("width", [40, 80, 120])
def test_table_stays_within_the_terminal(width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    text = "a sentence of many words that says what was found and where it was found"
    records = [{"name": f"row_{i}", "text": text, "value": i / 7} for i in range(3)]
    lines = written("table", ("name", "text", "value"), records).splitlines()
    assert max(map(len, lines)) <= width
    assert all(word in " ".join(lines) for word in text.split())


def test_too_many_columns_are_spread_over_several_tables(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    names = ["function", *(f"da_dw{i}" for i in range(12))]
    record = dict.fromkeys(names, 1 / 3) | {"function": "tanh"}
    text = written("table", names, [record, record])
    assert max(map(len, text.splitlines())) <= 40
    assert text.count("0.333333") == 24
    assert text.count("function") > 1


def test_each_of_several_tables_says_which_row_is_which(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    names = ["file", "unit", "seed", *(f"measure_{i}" for i in range(6))]
    rows = [dict.fromkeys(names, 1 / 3) | {"file": "z", "unit": u, "seed": s}
            for u in "ab" for s in (11, 12)]  # fmt: skip
    first, *others = written("table", names, rows).split("\n\n")
    assert re.match(r"file +unit +seed +measure_0", first)
    for table in others:
        assert re.match(r"unit +seed +measure_", table)
        assert re.findall(r"^(a|b) +(11|12) ", table, re.MULTILINE) == [
            ("a", "11"), ("a", "12"), ("b", "11"), ("b", "12")
        ]  # fmt: skip
    assert len(others) > 1


def test_blocks_stand_apart_and_rows_of_one_do_not():
    def shown(labels):
        return written("table", ("f", "x"), [{"f": f, "x": 1} for f in labels]).splitlines()[2:]

    assert shown("abc") == ["a  1", "b  1", "c  1"]
    assert shown("abccd") == ["a  1", "b  1", "", "c  1", "c  1", "", "d  1"]


def test_long_tables_keep_their_first_layout():
    x = np.linspace(-1, 1, SHOWN_TOGETHER + 5)
    lines = batched("table", ["f", x, x], ["a much longer label", x * 1e-9, x]).splitlines()
    rows = [line for line in lines[2:] if line]
    assert len(rows) == 2 * x.size
    assert len(lines) == 2 + len(rows) + 1
    assert len({line.index(".", 45) for line in rows if "." in line[45:]}) == 1


def test_styles_colour_entries_on_a_terminal(monkeypatch):
    styles = {"verdict": {"proved": "green"}}
    records = [{"verdict": "proved"}, {"verdict": "refuted"}]
    assert "\x1b" not in written("table", ["verdict"], records, styles=styles)
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm-256color")
    assert "\x1b[32mproved" in written("table", ["verdict"], records, styles=styles)
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[32m" not in written("table", ["verdict"], records, styles=styles)


def test_unknown_formats_and_values():
    with pytest.raises(ValueError, match="there is no format 'xml'; choose one of table, tsv"):
        written("xml")
    with pytest.raises(TypeError, match="no text for"):
        written("tsv", ["a"], [{"a": object()}])


def test_numpy_values_are_python_values():
    record = {
        "i": np.int64(3),
        "b": np.bool_(True),
        "f": np.float64(0.1),
        "a": np.eye(2),
        "n": math.nan,
    }
    assert json.loads(written("jsonl", list(record), [record])) == {
        "i": 3, "b": True, "f": 0.1, "a": [[1.0, 0.0], [0.0, 1.0]], "n": "NaN",
    }  # fmt: skip


class Closed(io.StringIO):
    def write(self, text):
        raise BrokenPipeError


@pytest.mark.parametrize("form", FORMATS)
def test_a_closed_pipe_surfaces(form):
    with pytest.raises(BrokenPipeError):
        write(form, COLUMNS, RECORDS, Closed())


# -- long tables ---------------------------------------------------------------------------------------
@given(
    st.lists(st.floats(), min_size=1).map(
        lambda given: np.append(np.arange(SHOWN_TOGETHER) / 8, np.resize(given, 300))
    )
    | st.integers(0, 99).map(lambda seed: np.random.default_rng(seed).normal(0, 99, 3000).round(2)),
    st.sampled_from([None, 1, 3, 6, 12, 17]),
    st.sampled_from(["table", "markdown"]),
)
@settings(max_examples=8)
def test_a_long_table_shows_rounded_numbers_below_each_other(x, digits, form):
    with np.errstate(over="ignore"):
        y = np.float32(x)
    stream = io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patch,
        significant_digits(digits),
        Writer(form, ("function", "x", "value"), stream) as writer,
    ):
        patch.setenv("COLUMNS", "120")
        for part in np.array_split(np.arange(len(x)), 3):
            writer.batch(["relu", x[part], y[part]])
    head, _, *lines = [line for line in stream.getvalue().split("\n") if line]
    assert head.split() == (["function", "x", "value"] if form == "table" else
                            ["|", "function", "|", "x", "|", "value", "|"])  # fmt: skip
    expected = [
        ["relu", *(f"{float(v) + 0.0:.{digits or 6}g}" for v in (a, str(b)))]
        for a, b in zip(x, y, strict=True)
    ]
    assert [line.replace("|", " ").split() for line in lines] == expected
    if form == "table":
        for k in (1, 2):
            places = {_point(line, k) for line in lines}
            assert len(places) == 1


def _point(line, k):
    """Where the decimal point, the exponent or the end of the k-th entry of a line is."""
    entry = list(re.finditer(r"\S+", line))[k]
    return entry.start() + re.search(r"[.e]|\Z", entry[0]).start()


def test_rows_of_numbers_alone_have_no_gaps_between_them():
    x = np.arange(3000.0)
    lines = batched("table", [x, -x], columns=("x1", "a")).splitlines()
    assert "" not in lines
    assert len(lines) == 3002
