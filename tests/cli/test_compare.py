import json
import re
import xml.etree.ElementTree as xml

import pytest


def test_one_record_per_pair(compare):
    status, out, err = compare("relu", "elu", "selu", "--json")
    found = json.loads(out)
    assert (status, err) == (0, "")
    assert [(r["a"], r["b"]) for r in found] == [("relu", "elu"), ("relu", "selu"), ("elu", "selu")]
    assert list(found[0]) == [
        "a", "b", "max_difference", "max_difference_at", "max_gradient_difference",
        "max_gradient_difference_at",
    ]  # fmt: skip
    assert found[0]["max_difference"] == 1
    assert found[0]["max_difference_at"] == "-Infinity"
    assert found[2]["max_difference"] == "Infinity"
    assert found[2]["max_difference_at"] == "Infinity"


def test_the_default_is_tsv(compare):
    status, out, _ = compare("relu", "softplus")
    header, row = out.splitlines()
    assert status == 0
    assert header.split("\t")[:4] == ["a", "b", "max_difference", "max_difference_at"]
    assert row.split("\t") == ["relu", "softplus", "0.6931471805599453", "0.0", "0.5", "0.0"]


def test_variants_of_one_function(compare):
    status, out, _ = compare("swish", "-p", "beta=1,2", "--json")
    (record,) = json.loads(out)
    assert status == 0
    assert (record["a"], record["b"]) == ("swish", "swish(beta=2)")
    status, out, _ = compare("gelu", "gelu:approx=tanh", "-f", "jsonl")
    assert json.loads(out)["max_difference"] == pytest.approx(4.7323552068729e-4, rel=1e-11)


def test_a_range_limits_the_domain(compare):
    _, out, _ = compare("relu", "swish", "-r", "0:1", "--json")
    assert json.loads(out)[0]["max_difference"] == pytest.approx(1 - 0.7310585786300049, rel=1e-12)


@pytest.mark.parametrize(("bound", "status"), [("0.03", 0), ("0.0203", 1), ("0", 1), ("inf", 0)])
def test_a_bound_is_a_test(compare, bound, status):
    found, out, err = compare("gelu", "quick_gelu", "--max-difference", bound)
    assert found == status
    assert out.count("\n") == 2
    assert ("gelu and quick_gelu: max_difference is 0.0203349" in err) == (status == 1)


def test_equal_functions_are_within_0(compare):
    assert compare("elu", "celu", "--max-difference", "0")[0] == 0


def test_what_is_undecided_is_not_within_a_bound(compare, monkeypatch):
    from actcli.design import compared

    monkeypatch.setattr(compared, "CELLS", 3)
    status, out, err = compare("tanh", "erf", "--max-difference", "5", "--json")
    assert status == 1
    assert json.loads(out)[0]["max_difference"] is None
    assert "undecided" in err


def test_quiet_is_quiet(compare):
    status, _, err = compare("relu", "tanh", "--max-difference", "1", "-q")
    assert (status, err) == (1, "")


def test_fact_sheet_and_distances(compare):
    status, out, err = compare("relu", "gelu", "-f", "table")
    assert (status, err) == (0, "")
    assert max(map(len, out.splitlines())) <= 80
    facts = dict(re.findall(r"^(\w[\w -]*?)  +(.*)$", out, re.M))
    assert list(facts)[:12] == [
        "fact", "family", "formula", "range", "gradient range", "monotonic", "smoothness", "mean",
        "saturates", "dead zone", "gain", "cost",
    ]  # fmt: skip
    assert facts["monotonic"].split() == ["yes", "no"]
    assert facts["smoothness"].split() == ["C0", "C∞"]
    assert facts["mean"].split() == ["0.398942", "0.282095"]
    assert facts["dead zone"].split() == ["(-inf,", "0]", "none"]
    assert "over the whole line" in out
    assert "in [0.1699712074799" in out


def test_markdown_for_a_paper(compare):
    status, out, _ = compare("relu", "elu", "gelu", "-f", "markdown")
    facts, pairs = out.strip().split("\n\n")
    assert status == 0
    heads = [
        [cell.strip() for cell in table.splitlines()[0].strip("|").split("|")]
        for table in (facts, pairs)
    ]
    assert heads[0][:5] == ["name", "family", "formula", "range", "gradient_range"]
    assert {"smoothness", "monotonic"} < set(heads[0])
    assert heads[1][0] == "a"
    assert [len(t.splitlines()) for t in (facts, pairs)] == [5, 5]


def test_latex_has_the_facts_in_math_mode(compare):
    status, out, _ = compare("gelu", "elu:alpha=2", "swish:beta=1e-9", "-f", "latex")
    assert status == 0
    facts, distances = out.split("\n\n")
    assert facts.count("\\toprule\n") == facts.count("\\midrule\n") == 1
    assert r"fact & gelu & elu(alpha=2) & swish(beta=1e-09) \\" in facts
    assert r"family & composite & ramp & composite \\" in facts
    assert (
        r"formula & $x\,\Phi\left(x\right)$ & $\begin{cases}x & x > 0 \\ "
        r"2\,\left(e^{x}-1\right) & \text{otherwise}\end{cases}$ & "
    ) in facts
    assert r"range & $[-0.169971, \infty)$ & $(-2, \infty)$ & " in facts
    assert r"smoothness & $C^{\infty}$ & $C^{0}$ & $C^{\infty}$ \\" in facts
    assert r"gain & $1.53353$ & " in facts
    assert r" \times 10^{-10}$ \\" in facts
    assert r"a & b & max\_difference & " in distances


def test_options_without_effect_are_told(compare):
    _, out, err = compare("relu", "elu", "--dpi", "30", "--ylim", "0:1", "-n", "7")
    assert out.startswith("a\tb\t")
    assert err == "--dpi, --ylim, --points: no effect without a picture; add -o FILE.png\n"
    assert compare("relu", "elu", "--dpi", "30", "-q")[2] == ""
    _, _, err = compare("relu", "elu", "--terminal", "--style", "dark")
    assert err == (
        "--style: no effect in the terminal; leave out --terminal, and add -o FILE.png\n"
    )
    assert compare("relu", "elu", "--dpi", "30", "-o", "a.png")[2] == "a.png\n"


def test_help_tells_what_is_drawn_from_what_is_measured(compare):
    _, out, _ = compare("--help")
    told = " ".join(out.split())
    assert "default the whole line for distances, -5:5 for the picture" in told
    assert "in this precision; distances are those of the exact functions" in told


def test_a_file_takes_the_records(compare, tmp_path):
    status, out, _ = compare("relu", "elu", "-o", "distances.tsv")
    assert (status, out) == (0, "")
    assert (tmp_path / "distances.tsv").read_text().startswith("a\tb\tmax_difference")


@pytest.mark.parametrize(
    ("f", "g", "label"),
    [("where(x == 1, 3, x)", "x", "2 at 1"), ("where(x != 2, gelu(x), 7)", "gelu", "5.05 at 2")],
)
def test_the_picture_shows_a_difference_at_a_single_point(compare, tmp_path, f, g, label):
    assert compare(f, g, "-o", "point.svg", "-q")[0] == 0
    assert f">{label}</text>" in (tmp_path / "point.svg").read_text()


def test_a_picture_and_the_records(compare, tmp_path):
    status, out, err = compare("gelu", "gelu:approx=tanh", "-o", "gap.svg")
    assert (status, err) == (0, "gap.svg\n")
    assert out.startswith("a\tb\t")
    picture = xml.parse(tmp_path / "gap.svg").getroot()
    names = {e.get("id") for e in picture.iter() if e.get("id")}
    drawn = {"value", "gradient", "difference", "gradient-difference", "largest", "largest-label"}
    assert drawn <= names


def test_pictures_of_three_kinds(compare, tmp_path):
    for name, start in (("a.png", b"\x89PNG"), ("a.pdf", b"%PDF"), ("b.png", b"\x89PNG")):
        status, _, err = compare("relu", "elu", "step", "-o", name, "-q", "--style", "dark")
        assert (status, err) == (0, "")
        assert (tmp_path / name).read_bytes().startswith(start)
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_the_scale_is_logarithmic_where_differences_span_decades():
    import numpy as np

    from actcli.figures.difference import Difference, scale_of

    x = np.linspace(-5, 5, 101)
    flat, steep = 1 + 0.1 * x, np.exp(-(x**2))
    assert not scale_of([Difference(0, 1, [(x, flat)], (5.0, 1.5))], 6).log
    assert scale_of([Difference(0, 1, [(x, steep)], (0.0, 1.0))], 6).log
    small = Difference(0, 2, [(x, 1e-3 * flat)], (5.0, 1.5e-3))
    assert scale_of([Difference(0, 1, [(x, flat)], (5.0, 1.5)), small], 6).log
    assert not scale_of([Difference(0, 1, [(x, 0 * x)], (0.0, 0.0))], 6).log


def test_records_are_not_written_into_what_is_named_a_picture(compare, tmp_path):
    status, out, err = compare("relu", "elu", "-o", "c.jpg")
    assert (status, out) == (2, "")
    assert err == (
        "actcli: -o 'c.jpg': a picture is .png, .svg or .pdf; records go to a file such as "
        "records.tsv\n"
    )
    assert not list(tmp_path.iterdir())


def test_functions_that_are_equal_can_be_drawn(compare, tmp_path):
    assert compare("elu", "celu", "-o", "same.png", "-q")[0] == 0
    assert compare("relu", "relu", "-o", "one.png", "-q")[0] == 0


def test_a_precision_without_a_picture_is_said_to_change_nothing(compare):
    plain = compare("relu", "elu", "--json")
    status, out, err = compare("relu", "elu", "--json", "--dtype", "float16")
    assert (status, out) == plain[:2]
    assert "--dtype holds for a picture; distances are those of the exact functions" in err
    assert "'actcli table --dtype float16' shows rounded values" in err
    assert err.count("\n") == 1
    assert compare("relu", "elu", "--json", "--dtype", "float16", "-q")[2] == ""
    assert compare("relu", "elu", "-o", "a.png", "--dtype", "float16")[2] == "a.png\n"


def test_a_python_callable_is_called_one(compare, tmp_path):
    (tmp_path / "theirs_here.py").write_text("def f(x):\n    return 2 * x\n")
    status, out, _ = compare("identity", "theirs_here:f", "-f", "markdown")
    assert status == 0
    assert "| theirs_here:f | Python callable |" in " ".join(out.split())
    (row,) = json.loads(compare("identity", "theirs_here:f", "-r", "-3:3", "--json", "-q")[1])
    assert row["max_difference"] is row["max_gradient_difference"] is None
    _, out, err = compare("identity", "theirs_here:f", "-f", "latex")
    assert r"fact & identity & theirs\_here:f \\" in out
    assert r" & Python callable \\" in out
    assert r" & theirs\_here:f(x) \\" in out
    assert err == (
        "of a Python callable nothing can be proved; 'actcli table identity theirs_here:f' sets "
        "its values and gradients beside others\n"
    )
    assert compare("identity", "theirs_here:f", "-q")[2] == ""


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ["gelu"],
            "compare takes two FUNCTIONs or more, or one with several values of a parameter, "
            "as in 'actcli compare gelu relu'",
        ),
        (["relu"], "as in 'actcli compare relu gelu'"),
        (["x*tanh(x)"], "as in 'actcli compare 'x*tanh(x)' relu'"),
        (["relu", "geluu"], "did you mean gelu?"),
        (["relu", "elu", "--max-difference", "-1"], "give a number that is not negative"),
        (["relu", "elu", "--max-difference", "nan"], "give a number that is not negative"),
        (
            ["relu", "elu", "--max-difference", "little"],
            "--max-difference little: give a number that is not negative, as in "
            "--max-difference 1e-3",
        ),
        (["relu", "elu", "-r", "5:1"], "not below"),
        (["relu", "elu", "-o", "no/such/directory/a.png"], "there is no directory"),
    ],
)
def test_errors_are_one_line(compare, refused, args, message):
    refused(compare, args, message)
