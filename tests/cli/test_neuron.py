"""`actcli neuron`: one neuron computed, fitted and drawn, and every complaint."""

import json

import numpy as np
import pytest

import actcli
from actcli.toy.fitting import fit
from actcli.toy.separability import separation

XOR = "x1,x2,y\n0,0,0\n0,1,1\n1,0,1\n1,1,0\n"
AND = "0 0 0\n0 1 0\n1 0 0\n1 1 1\n"
SQUARE = np.array([[0.0, 0], [0, 1], [1, 0], [1, 1]])


@pytest.fixture(autouse=True)
def files(tmp_path):
    (tmp_path / "xor.csv").write_text(XOR)
    (tmp_path / "and.txt").write_text(AND)


def records(neuron, *args):
    code, out, err = neuron(*args, "--json")
    assert code == 0, err
    return json.loads(out)


# --- values --------------------------------------------------------------------------------


def test_one_row_by_hand(neuron):
    (row,) = records(neuron, "logistic", "--weights", "1,-2", "--bias", "0.5", "--at", "1,2")
    s = 1 / (1 + np.exp(2.5))
    slope = s * (1 - s)
    assert list(row) == [
        "x1", "x2", "z", "a", "da_db", "da_dw1", "da_dw2", "da_dx1", "da_dx2"
    ]  # fmt: skip
    expected = [1, 2, -2.5, s, slope, slope, 2 * slope, slope, -2 * slope]
    assert list(row.values()) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize("name", ["tanh", "gelu", "softplus", "x*sin(x)"])
def test_the_gradients_are_those_of_the_output(neuron, name):
    w, b, x = np.array([0.7, -1.3, 0.4]), 0.2, np.array([1.1, 0.3, -0.8])
    (row,) = records(neuron, name, "-w", "0.7,-1.3,0.4", "-b", "0.2", "--at", "1.1,0.3,-0.8")
    f = actcli.activation(name)

    def a(w, b, x):
        return float(f(np.array([w @ x + b]))[0])

    h = 1e-6
    assert row["da_db"] == pytest.approx((a(w, b + h, x) - a(w, b - h, x)) / (2 * h), rel=1e-6)
    for k, e in enumerate(np.eye(3) * h, 1):
        by_w = (a(w + e, b, x) - a(w - e, b, x)) / (2 * h)
        by_x = (a(w, b, x + e) - a(w, b, x - e)) / (2 * h)
        assert row[f"da_dw{k}"] == pytest.approx(by_w, rel=1e-6)
        assert row[f"da_dx{k}"] == pytest.approx(by_x, rel=1e-6)


def test_rows_of_a_file_keep_their_order_and_headers_are_optional(neuron, tmp_path):
    given = [[1, 2], [3, 4], [-1, 0.5]]
    (tmp_path / "a.csv").write_text("p,q\n1,2\n3,4\n-1,0.5\n")
    (tmp_path / "b.txt").write_text("# two inputs\n1 2\n\n3\t4\n-1 0.5\n")
    (tmp_path / "c.csv").write_text("1;2\r\n3;4\r\n-1;0.5\r\n")
    np.save(tmp_path / "d.npy", np.array(given))
    for name in ("a.csv", "b.txt", "c.csv", "d.npy"):
        found = records(neuron, "relu", "-w", "2,1", "-i", name)
        assert [[row["x1"], row["x2"]] for row in found] == given
        assert [row["a"] for row in found] == [4, 10, 0]


def test_one_input_has_a_range_and_a_list(neuron):
    found = records(neuron, "tanh", "-w", "2", "-r", "-1:1", "-n", "3")
    assert [row["x1"] for row in found] == [-1, 0, 1]
    assert [row["z"] for row in records(neuron, "tanh", "-w", "2", "--at", "1,2,3")] == [2, 4, 6]
    assert len(records(neuron, "tanh", "-w", "2")) == 11


def test_negative_weights_in_every_spelling(neuron):
    for args in (["-w", "-1,2"], ["-w=-1,2"], ["--weights=-1,2"], ["--weights", "-1,2"]):
        assert records(neuron, "relu", *args, "-b=-0.5", "--at", "0,1")[0]["z"] == 1.5


def test_nan_and_infinity_are_inputs(neuron):
    found = records(neuron, "logistic", "-w", "1", "--at", "nan,inf,-inf")
    assert [row["a"] for row in found] == ["NaN", 1.0, 0.0]


def test_precision(neuron):
    code, out, _ = neuron("logistic", "-w", "1", "--at", "0.1", "--dtype", "float16", "-f", "tsv")
    assert (code, out.splitlines()[1].split()[:3]) == (
        0, ["0.0999755859375", "0.0999755859375", "0.52490234375"],
    )  # fmt: skip


@pytest.mark.parametrize("form", ["table", "tsv", "csv", "json", "jsonl", "markdown", "latex"])
def test_all_formats(neuron, form):
    code, out, err = neuron("relu", "-w", "1,-2", "--at", "3,1", "-f", form)
    assert (code, err) == (0, "")
    assert out.startswith("z = x1 - 2 x2,  a = relu(z)\n") == (form == "table")


def test_a_file_takes_the_records(neuron, tmp_path):
    code, out, _ = neuron("relu", "-w", "1,1,1", "--at", "1,2,3", "-f", "csv", "-o", "out.csv")
    assert (code, out) == (0, "")
    assert (tmp_path / "out.csv").read_text().splitlines()[1].startswith("1.0,2.0,3.0,6.0,6.0")


# --- fitting -------------------------------------------------------------------------------


def test_a_row_on_the_line_is_not_yet_learned_by_sign(neuron, tmp_path):
    """sign(0) = 0 is the answer of neither class."""
    (tmp_path / "and.csv").write_text("x1,x2,and\n0,0,0\n0,1,0\n1,0,0\n1,1,1\n")
    status, out, err = neuron("sign", "--fit", "--input", str(tmp_path / "and.csv"), "--json")
    assert status == 0
    assert [row["a"] for row in json.loads(out)] == [-1, -1, -1, 1]
    assert "4 of 4 rows are on the right side (100 %); root mean squared error 0" in err


def test_the_perceptron_learns_and(neuron):
    code, out, err = neuron("step", "--fit", "-i", "and.txt")
    assert code == 0
    assert [line.split()[3] for line in out.splitlines()[1:]] == ["0.0", "0.0", "0.0", "1.0"]
    assert "learned by perceptron rule" in err
    assert "4 of 4 rows are on the right side (100 %)" in err
    assert "decision line (a = 0.5): 2 x1 + x2 - 2 = 0" in err


@pytest.mark.parametrize("name", ["logistic", "tanh", "relu", "identity", "mish", "step"])
def test_xor_is_said_to_be_inseparable(neuron, name):
    code, out, _ = neuron(name, "--fit", "-i", "xor.csv", "-f", "table")
    assert code == 0
    assert "not linearly separable: (0.5, 0.5) lies among rows 1 and 4 of class 0" in out
    assert "also among rows 2 and 3 of class 1" in out
    assert "100 %" not in out


def test_xor_is_no_trouble_for_a_function_that_goes_up_and_down(neuron):
    _, out, _ = neuron("gcu", "--fit", "-i", "xor.csv", "-f", "table")
    assert "4 of 4 rows" in out
    assert "gcu does it by going up and down" in out
    assert "decision lines" in out


def test_what_was_learned_can_be_typed_back(neuron):
    _, out, err = neuron("logistic", "--fit", "-i", "and.txt", "-f", "csv")
    weights, bias = (part.split("=")[1] for part in err.splitlines()[0].split()[-2:])
    ats = [arg for x in SQUARE.tolist() for arg in ("--at", ",".join(map(str, x)))]
    assert neuron("logistic", "-w", weights, "-b", bias, *ats, "-f", "csv")[1] == out


def test_names_and_words_are_used(neuron, tmp_path):
    (tmp_path / "f.csv").write_text("kind,size\nrose,1\nrose,2\ntulip,4\ntulip,5\n")
    _, out, _ = neuron("logistic", "--fit", "-i", "f.csv", "--target", "kind", "-f", "table")
    assert "decision point (a = 0.5): size = 3" in out
    assert neuron("logistic", "--fit", "-i", "f.csv", "--target", "1", "-f", "table")[1] == out


def test_a_quantity_is_fitted_by_least_squares(neuron, tmp_path):
    x = np.random.default_rng(0).normal(size=(50, 3))
    y = x @ [1.5, -2, 0.25] + 3
    text = "\n".join(",".join(f"{v:.17g}" for v in row) for row in np.column_stack([x, y]))
    (tmp_path / "y.csv").write_text(text)
    _, _, err = neuron("identity", "--fit", "-i", "y.csv")
    assert "explains 100.0 % of the variance" in err
    learned = fit(actcli.activation("identity"), x, y)
    assert learned.weights == pytest.approx([1.5, -2, 0.25])
    assert learned.bias == pytest.approx(3)


def test_a_dead_start_is_called_dead(neuron):
    _, _, err = neuron("relu", "-w", "1,1", "-b", "-50", "--fit", "-i", "xor.csv")
    assert "the gradient of relu is 0 on every row: this neuron is dead" in err


def test_targets_out_of_reach_are_moved_and_said(neuron, tmp_path):
    (tmp_path / "pm.csv").write_text("-2,-1\n-1,-1\n1,1\n2,1\n")
    _, out, _ = neuron("logistic", "--fit", "-i", "pm.csv", "-f", "table")
    assert "targets the function can reach: -1 as 0 and 1 as 1" in out
    assert "4 of 4 rows" in out


def test_quiet_drops_the_report(neuron):
    assert neuron("step", "--fit", "-i", "and.txt", "-q")[2] == ""


def test_two_runs_learn_the_same():
    f = actcli.activation("tanh")
    first, second = (fit(f, SQUARE, np.array([0.0, 1, 1, 0])) for _ in range(2))
    assert (first.weights == second.weights).all()
    assert first.bias == second.bias


@pytest.mark.parametrize("seed", range(12))
def test_separation_has_a_witness_either_way(seed):
    g = np.random.default_rng(seed)
    n, d = int(g.integers(4, 30)), int(g.integers(1, 4))
    rows = g.normal(size=(n, d)) * 10.0 ** g.integers(-3, 4, d) + g.integers(-5, 5)
    apart = rows @ g.normal(size=d) > np.median(rows @ np.ones(d))
    high = apart if seed % 2 else g.random(n) < 0.5
    high[0], high[1] = True, False
    found = separation(rows, high)
    assert found.possible is not None
    if found.possible:
        assert ((rows @ found.weights + found.bias > 0) == high).all()
    else:  # each class has rows on both sides of every line through the point
        assert len(found.low) + len(found.high) <= d + 2
        assert high[list(found.high)].all()
        assert not high[list(found.low)].any()
        for _ in range(50):
            side = (rows - found.point) @ (g.normal(size=d) / rows.std(axis=0))
            for mine in (found.low, found.high):
                spread = side[list(mine)]
                assert spread.min() <= 1e-9
                assert spread.max() >= -1e-9


def test_touching_classes_are_inseparable():
    rows = np.array([[0.0, 0], [2, 2], [1, 1]])
    found = separation(rows, np.array([False, False, True]))
    assert (found.possible, found.point.tolist()) == (False, [1, 1])


def test_large_unequal_inputs_do_not_stop_the_perceptron():
    g = np.random.default_rng(1)
    rows = np.concatenate([g.normal([2, 200], [0.3, 60], (60, 2)),
                           g.normal([4, 600], [0.3, 140], (60, 2))])  # fmt: skip
    target = np.repeat([0.0, 1.0], 60)
    assert fit(actcli.activation("step"), rows, target).accuracy == 1


# --- complaints ----------------------------------------------------------------------------

WRONG = {
    "no weights": (["relu", "--at", "1"], "give --weights, one per input"),
    "no inputs": (["relu", "-w", "1,2"], "give --at 1,1 or --input FILE"),
    "not a number": (["relu", "-w", "1,a", "--at", "1,2"], "--weights: 'a' is not a number"),
    "not finite": (["relu", "-w", "1,inf", "--at", "1,2"], "is not finite"),
    "two biases": (["relu", "-w", "1", "-b", "1,2"], "more than one number"),
    "few numbers": (["relu", "-w", "1,2", "--at", "1"], "--at 1 has 1 number, but there are 2"),
    "columns": (["relu", "-w", "1,2,3,4", "-i", "xor.csv"], "3 inputs per row, but there are 4"),
    "target?": (["relu", "-w", "1,2", "-i", "xor.csv"], "name the target: --target y"),
    "fit columns": (["relu", "-w", "1", "--fit", "-i", "xor.csv"], "beside the target 'y'"),
    "fit what": (["relu", "--fit"], "give them with --input FILE"),
    "epochs": (["relu", "-w", "1", "--epochs", "3"], "--epochs goes with --fit"),
    "rate": (["relu", "-w", "1", "--learning-rate", "3"], "--learning-rate goes with --fit"),
    "both": (["relu", "-w", "1", "--at", "1", "-i", "xor.csv"], "just one of --at and --input"),
    "target": (["relu", "--fit", "-i", "xor.csv", "--target", "q"], "has the columns x1, x2, y"),
    "target alone": (["relu", "-w", "1", "--target", "q"], "names a column of --input"),
    "two functions": (["relu", "tanh", "-w", "1"], "takes one FUNCTION, not 2"),
    "three inputs": (["relu", "-w", "1,2,3", "-o", "a.png"], "one or two inputs can be drawn"),
    "three in text": (["relu", "-w", "1,2,3", "--terminal"], "one or two inputs can be drawn"),
    "range": (["relu", "-w", "1", "-r", "0:1", "--at", "1"], "--range without --at"),
    "no file": (["relu", "-w", "1", "-i", "none.csv"], "cannot read 'none.csv'"),
    "ragged": (["relu", "-w", "1,1", "-i", "ragged.csv"], "line 3: 3 columns, but 2"),
    "word": (["relu", "-w", "1,1", "-i", "word.csv"], "line 2: 'two' is not a number"),
    "empty": (["relu", "-w", "1,1", "-i", "empty.csv"], "holds no rows"),
    "binary": (["relu", "-w", "1,1", "-i", "binary.csv"], "is no text file"),
    "one class": (["relu", "--fit", "-i", "same.csv"], "different targets"),
    "one column": (["relu", "--fit", "-i", "one.csv"], "needs an input and a target"),
    "hole": (["relu", "--fit", "-i", "hole.csv"], "row 2 of hole.csv is not finite"),
    "words": (["relu", "--fit", "-i", "words.csv"], "3 different words"),
    "constant": (["0*x", "--fit", "-i", "xor.csv"], "gradient of 0*x is 0 everywhere"),
    "diverged": (["identity", "--fit", "-i", "xor.csv", "--learning-rate", "99"], "try 9.9"),
    "suffix": (["relu", "-w", "1", "-o", "missing/a.png"], "no directory 'missing'"),
}
FILES = {
    "ragged.csv": b"1,2\n3,4\n5,6,7\n",
    "word.csv": b"1,2\n1,two\n",
    "empty.csv": b"# nothing\n\n",
    "binary.csv": b"\xff\xfe\x00\x80",
    "same.csv": b"1,1\n2,1\n",
    "one.csv": b"1\n2\n",
    "hole.csv": b"1,0\nnan,1\n2,1\n",
    "words.csv": b"1,a\n2,b\n3,c\n",
}


@pytest.mark.parametrize("case", WRONG)
def test_complaints_are_one_line(neuron, refused, tmp_path, case):
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    refused(neuron, *WRONG[case])


# --- pictures ------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_a_picture_is_written_and_the_same_each_time(neuron, tmp_path, suffix):
    found = []
    for name in ("a", "b"):
        path = f"{name}.{suffix}"
        args = ("logistic", "-w", "1,-2", "-i", "xor.csv", "--target", "y", "-o", path)
        code, out, err = neuron(*args)
        assert (code, err) == (0, path + "\n")
        assert len(out.splitlines()) == 5
        found.append((tmp_path / path).read_bytes())
    assert found[0] == found[1]


@pytest.mark.parametrize(
    "args",
    [
        ["relu", "-w", "-1.5", "-b", "2"],
        ["step", "-w", "0,0", "--style", "dark"],
        ["tanh", "-w", "0"],
        ["sine", "-w", "50,30", "-r", "-1:1"],
        ["1/x", "-w", "1,1"],
        ["elu", "-w", "0.001,300", "-r", "0:1", "--size", "5x3"],
        ["gelu", "-w", "1,1", "--at", "nan,1", "--at", "2,2"],
        ["logistic", "-w", "1,1", "-b", "100"],
        ["step", "--fit", "-i", "xor.csv"],
    ],
    ids=" ".join,
)
def test_odd_neurons_are_drawn(neuron, tmp_path, args):
    assert neuron(*args, "-o", "n.png")[0] == 0
    assert (tmp_path / "n.png").read_bytes().startswith(b"\x89PNG")


def test_looks_of_a_picture_that_is_not_drawn_have_no_effect(neuron):
    err = neuron("tanh", "-w", "1", "--at", "1", "--size", "4x4", "--style", "dark")[2]
    assert err == "--size, --style: no effect without a picture; add -o FILE.png\n"


def shown(neuron, monkeypatch, columns, *args):
    monkeypatch.setenv("COLUMNS", str(columns))
    status, out, err = neuron(*args, "--terminal", "-q")
    assert (status, err) == (0, "")
    return out.splitlines()


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_neuron_is_drawn_in_the_terminal(neuron, monkeypatch, columns):
    for args in (["logistic", "-w", "2", "-b", "0.5"], ["gelu", "-w", "1,-2", "-b", "0.5"]):
        lines = shown(neuron, monkeypatch, columns, *args)
        assert max(map(len, lines)) <= columns
        assert len(lines) > 12
    one = " ".join(shown(neuron, monkeypatch, columns, "logistic", "-w", "2", "-b", "0.5"))
    assert "z = 0 at x1 = −0.25" in one


def test_the_plane_in_the_terminal_has_the_output_in_its_shades(neuron, monkeypatch):
    lines = shown(neuron, monkeypatch, 80, "tanh", "-w", "3,0", "--at", "2,1", "-r", "-4:4")
    plane = [line for line in lines[2:-4] if not line[:3].strip() and "0" in line[:38]]
    assert len(plane) > 10  # z = 0 is upright, in one column of each line
    for line in plane:
        left, right = line[:38].split("0")
        assert right.replace("R", "").strip("+*#%@ ") == ""
        assert left.strip(" .:-=") == ""
    assert sum(line[:38].count("R") for line in lines[:-4]) == 1
    assert any("' .:-=+*#%@'" in line for line in lines)


def test_classes_in_the_terminal_have_letters(neuron, monkeypatch, tmp_path):
    lines = shown(neuron, monkeypatch, 80, "step", "--fit", "-i", str(tmp_path / "xor.csv"))
    text = "\n".join(lines)
    assert "A y = 0" in text
    assert "B y = 1" in text
    assert "! on the wrong side" in text
