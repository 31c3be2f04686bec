import io
import json

import pytest
from processes import finished

import actcli
from actcli import properties
from actcli.cli.verdict_report import write_tables

COLUMNS = ["function", "property", "verdict", "value", "where", "detail"]


def test_twenty_properties_in_the_fixed_order(check):
    status, out, err = check("relu", "--json")
    found = json.loads(out)
    assert (status, err) == (0, "")
    assert all(list(record) == COLUMNS for record in found)
    assert [record["property"] for record in found] == list(properties.NAMES)
    by_name = {record["property"]: record for record in found}
    assert by_name["monotonic"]["value"] == [
        ["-Infinity", 0, "constant"], [0, "Infinity", "increasing"],
    ]  # fmt: skip
    assert by_name["range"]["value"] == {
        "inf": 0, "sup": "Infinity", "inf_attained": True, "sup_attained": False,
    }  # fmt: skip
    assert by_name["gaussian_moments"]["value"]["mean"] == pytest.approx(0.3989422804014327)


def test_tsv_has_one_line_per_property(check):
    status, out, _ = check("tanh", "relu", "--only", "continuous,dead_zone")
    rows = [line.split("\t") for line in out.splitlines()]
    assert status == 0
    assert rows[0] == COLUMNS
    assert [row[:3] for row in rows[1:]] == [
        ["tanh", "continuous", "proved"], ["tanh", "dead_zone", "refuted"],
        ["relu", "continuous", "proved"], ["relu", "dead_zone", "proved"],
    ]  # fmt: skip
    assert json.loads(rows[4][3]) == [["-Infinity", 0]]


def test_names_are_read_as_people_write_them(check):
    _, out, _ = check("relu", "--only", " Dead-Zone ,continuous")
    assert [line.split("\t")[1] for line in out.splitlines()[1:]] == ["continuous", "dead_zone"]


def test_parameters_and_formulas(check):
    _, out, _ = check("leaky_relu", "-p", "slope=0.1,0", "--only", "order_kept", "-f", "jsonl")
    found = [json.loads(line) for line in out.splitlines()]
    assert [(r["function"], r["verdict"]) for r in found] == [
        ("leaky_relu(slope=0.1)", "proved"), ("leaky_relu(slope=0)", "refuted"),
    ]  # fmt: skip
    _, out, _ = check("where(x > 0, x, x + 5)", "--only", "continuous", "--json")
    (record,) = json.loads(out)
    assert (record["verdict"], record["value"], record["where"]) == ("refuted", 5, [0])


def test_only_what_is_asked_is_printed_but_what_is_required_is_looked_at(check):
    status, out, err = check("relu", "--only", "continuous", "--require", "dead_zone,convex")
    assert (status, err) == (0, "")
    assert out.count("\n") == 2


@pytest.mark.parametrize(
    ("functions", "required", "status"),
    [
        (["tanh"], "monotonic,symmetry,order_kept", 0),
        (["gelu"], "monotonic", 1),
        (["tanh", "gelu"], "monotonic", 1),
        (["tanh", "logistic"], "monotonic,range", 0),
        (["tanh"], "cost", 0),  # measured counts as met
    ],
)
def test_required_properties_make_the_status(check, functions, required, status):
    found, out, err = check(*functions, "--only", required, "--require", required)
    assert found == status
    assert out.startswith("function\t")
    assert ("gelu: monotonic is refuted" in err) == (status == 1)


def test_undecided_is_not_met(check):
    args = ["tanh(x)*x - x*erf(x)", "--only", "monotonic", "--require", "monotonic"]
    status, out, err = check(*args, "--budget", "3")
    assert status == 1
    assert "\tundecided\t" in out
    assert "undecided" in err
    assert check(*args, "--budget", "3", "-q")[2] == ""


def test_the_budget_is_handed_on(check, monkeypatch):
    seen = []

    def fake(activation, names, budget, dtype, low, high):
        seen.append((activation.label, list(names), budget, dtype, low, high))
        return iter([])

    monkeypatch.setattr(properties, "answers", fake)
    check("relu", "--budget", "77", "--dtype", "float16", "--only", "cost", "-r", "-1:2.5")
    assert seen == [("relu", ["cost"], 77, "float16", -1, 2.5)]


@pytest.mark.parametrize("width", [60, 80, 200])
def test_rows_of_a_table_come_as_they_are_proved(monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    stream = io.StringIO()
    f = actcli.activation("x*tanh(x)")
    names = ("continuous", "range", "gaussian_moments", "gain")

    def answered():
        for verdict in properties.answers(f, names):
            assert verdict.property not in stream.getvalue()
            yield verdict
            lines = stream.getvalue().splitlines()
            assert any(line.startswith(f"{verdict.property} ") for line in lines)
            assert max(map(len, lines)) <= width

    write_tables([(f, answered())], names, 1, stream, whole=False)
    firsts = [line.split()[0] for line in stream.getvalue().splitlines() if line[:1] > " "]
    assert firsts[2:] == [*names]


def test_a_table_for_people(check):
    status, out, err = check("relu", "swish:beta=2", "-f", "table")
    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert max(map(len, lines)) <= 80
    assert lines[0] == "relu  f(x) = where(x > 0, x, 0)"
    assert lines[2].split() == ["property", "verdict", "value", "detail"]
    assert any(line.startswith("swish(beta=2)  f(x) = ") for line in lines)
    assert out.count("dead_zone ") == 2
    assert "(-inf, 0]" in out
    assert "\x1b" not in out
    assert lines[-1].strip()  # the summary


def test_no_summary_of_a_part(check):
    _, out, _ = check("relu", "-f", "table", "--only", "continuous")
    assert "continuous" in out
    assert "non-linear" not in out


def test_the_summary_does_not_say_what_is_undecided():
    unknown = [
        properties.Verdict(f"saturates_{side}", "undecided", None, None, "")
        for side in ("left", "right")
    ]
    assert "saturates" not in properties.summary(unknown)
    refuted = [properties.Verdict(v.property, "refuted", None, None, "") for v in unknown]
    assert properties.summary(refuted) == "never saturates"


def test_verdicts_have_colours(check, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.delenv("NO_COLOR", raising=False)
    _, out, _ = check("relu", "-f", "table", "--only", "continuous,symmetry")
    assert "\x1b[32mproved" in out
    assert "\x1b[31mrefuted" in out


def test_an_output_file(check, tmp_path):
    status, out, err = check("relu", "--only", "continuous", "-o", "found.md", "-f", "markdown")
    assert (status, out, err) == (0, "", "")
    assert (tmp_path / "found.md").read_text().startswith("| function | property")


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ["relu", "--only", "monotone"],
            "--only: no property is called 'monotone'; did you mean monotonic?",
        ),
        (["relu", "--require", "quux"], "there are continuous, differentiable"),
        (["relu", "--only", ""], "no property is called ''"),
        (["geluu"], "did you mean gelu?"),
        (["relu", "--budget", "0"], "--budget"),
        (["relu", "--dtype", "float8"], "float8"),
    ],
)  # fmt: skip
def test_errors_are_one_line(check, refused, args, message):
    refused(check, args, message)


def test_as_a_process():
    """The status reaches the shell."""
    args = ("step", "--only", "continuous", "--require", "continuous")
    done = finished("check-properties", *args)
    assert done.returncode == 1
    assert done.stdout.splitlines()[1].startswith("step\tcontinuous\trefuted\t")
    assert done.stderr.startswith("actcli: step: continuous is refuted")


def test_what_is_not_known_of_a_callable_is_said_in_words(check, tmp_path):
    (tmp_path / "theirs_there.py").write_text("def f(x):\n    return 2 * x\n")
    status, out, err = check("theirs_there:f", "--only", "cost", "-f", "table")
    assert status == 0
    assert "'actcli table gelu theirs_there:f' sets its values and gradients beside" in err
    assert "unknown operations" in " ".join(out.split())
    assert "None" not in out


def test_names_of_properties_are_completed_after_every_comma(completed):
    for option in ("--only", "--require"):
        found = completed("check-properties", "gelu", option, "range,sat")
        assert found == ["range,saturates_left", "range,saturates_right"]
