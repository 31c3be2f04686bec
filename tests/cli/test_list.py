"""`actcli list`: pages about one function, within the width of the terminal."""

import json
import math
import re

import pytest

from actcli.expressions.parser import parse
from actcli.functions.catalogue import names


@pytest.mark.parametrize("columns", [60, 80, 120])
def test_pages_keep_within_the_width_of_the_terminal(listed, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", str(columns))
    status, out, _ = listed(*names(), "-f", "table")
    assert status == 0
    for line in out.splitlines():
        formula = line.startswith(("  formula", "  with values"))  # stays whole, to be copied
        assert len(line) <= columns or formula, line


def test_a_wrapped_note_goes_on_below_its_beginning(listed):
    page = listed("xielu", "-f", "table")[1].splitlines()
    (at,) = [k for k, line in enumerate(page) if line.startswith("  notes")]
    assert page[at].endswith("which is up to 8e-07 off")
    assert page[at + 1] == " " * 17 + "between -1e-6 and 0."
    assert page[at + 2].startswith(" " * 15 + "Hugging Face learns")


def test_sentences_of_a_page_begin_where_the_docstring_begins_them(listed, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    page = listed("gelu", "-f", "table")[1].splitlines()
    assert page[2].endswith("lies below it.")
    assert page[3] == ""
    assert page[4].endswith("is at most 0.000473 off it, and approx=sigmoid 0.020335.")
    assert page[5] == "Infinitely smooth."


def test_the_vocabulary_of_formulas_is_listed(listed):
    rows = {row["name"]: row for row in json.loads(listed("--primitives", "--json")[1])}
    assert rows["cbrt"]["derivative"] == "cbrt(x)**(-2)/3"
    assert rows["clip"] == {
        "name": "clip", "typed": "clip(x, low, high)", "meaning": "min(max(x, low), high)",
        "derivative": "",
    }  # fmt: skip
    assert {"where", "max", "pi", "ln", "sech", "expm1"} <= rows.keys()
    assert all(row["meaning"] for row in rows.values())
    typed = {
        "where": "where(x > 0, x, 1)",
        "min": "min(x, 1)",
        "max": "max(x, 1)",
        "grad": "grad(x)",
    }
    for name, row in rows.items():
        text = typed.get(name, row["typed"])
        parse("x + " + re.sub(r"\b(low|high|a|b)\b", "2", text))


def test_the_vocabulary_has_no_families(listed, refused):
    refused(listed, ["--primitives", "relu"], "--primitives lists no FUNCTION")


@pytest.mark.parametrize(
    "text", ["x*sigmoid(b*x):b=1.702", "x*sigmoid(b*x)(b=1.702)", " x*sigmoid( b*x ) : b = 1.702"]
)
def test_a_typed_formula_is_shown_with_its_own_parameters(listed, text):
    (row,) = json.loads(listed(text, "--json")[1])
    assert row["parameters"] == "b=1.702"
    assert (row["family"], row["aliases"], row["source"]) == ("formula", "", "")
    x = 0.3
    assert float(parse(row["formula"]).read(x)) == pytest.approx(x / (1 + math.exp(-1.702 * x)))
    page = listed(text, "-f", "table")[1]
    assert re.search(r"^  parameters   b = 1\.702 \(a finite number\)$", page, re.MULTILINE)
    assert re.search(r"^  formula      x\*\S+\(b\*x\)$", page, re.MULTILINE)
    assert not re.search(r" $", page, re.MULTILINE)
    assert "source" not in page


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x*sigmoid(b*x)", "parameter b has no value; type 'x*sigmoid(b*x):b=1'"),
        ("a*tanh(c*x):c=2", "type 'a*tanh(c*x):c=2,a=1'"),
        ("x*sigmoid(b*x):b=hello", "hello"),
        ("x*sigmoid(b*x):d=1", "has no parameter 'd'; it has b"),
        ("math:sin", "'actcli table math:sin' shows"),
        ("geluu", "did you mean gelu?"),
        ("x +", "something is missing"),
    ],
)
def test_what_cannot_be_shown_is_answered_with_what_to_type(listed, refused, text, message):
    refused(listed, [text], message)
