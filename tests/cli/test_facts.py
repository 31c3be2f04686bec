import csv
import io
import json

import pytest

from actcli.cli import run


@pytest.fixture
def compare(capsys):
    def call(*args):
        with pytest.raises(SystemExit) as stopped:
            run(["compare", *args])
        out, err = capsys.readouterr()
        return stopped.value.code, out, err

    return call


def test_facts_are_records_of_function_fact_and_value(compare):
    status, out, err = compare("relu", "gelu", "--facts", "--json")
    assert (status, err) == (0, "")
    found = {(r["function"], r["fact"]): r["value"] for r in json.loads(out)}
    assert found["relu", "range"] == {
        "inf": 0.0, "sup": "Infinity", "inf_attained": True, "sup_attained": False,
    }  # fmt: skip
    assert found["gelu", "mean"] == pytest.approx(0.28209479177387814, rel=1e-15)  # 1/(2 sqrt(pi))
    assert found["relu", "saturates"] == {"left": 0.0, "right": None}
    assert found["relu", "gain"] == pytest.approx(2**0.5)
    status, out, _ = compare("relu", "gelu", "--facts", "-f", "csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [(r["function"], r["fact"]) for r in rows] == list(found)


def test_facts_that_are_open_are_null(compare):
    status, out, err = compare("gelu:mu=1000", "--facts", "--json")
    assert (status, err) == (0, "")
    assert {r["fact"]: r["value"] for r in json.loads(out)}["gain"] is None
    assert "undecided" in compare("gelu:mu=1000", "--facts", "-f", "markdown")[1]


def test_facts_of_one_function_are_printed_too(compare):
    status, out, _ = compare("tanh", "--facts", "-f", "markdown")
    assert status == 0
    assert "(-1, 1)" in out


@pytest.mark.parametrize("other", ["--relative", "--max-difference=1"])
def test_facts_go_without_distances(compare, other):
    status, out, err = compare("tanh", "gelu", "--facts", other)
    assert (status, out) == (2, "")
    assert "--facts prints no distances" in err
