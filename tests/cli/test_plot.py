"""`actcli plot`: files, names, options, errors, and how long it takes to start."""

import re
import signal
import sys
import time
import warnings
from functools import partial
from xml.etree import ElementTree

import numpy as np
import pytest
from processes import started

from actcli.cli.function_argument import resolve_functions
from actcli.pictures.function import PictureRequest, picture
from actcli.pictures.picture_files import file_name

PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture
def plot(program):
    """Runs `actcli plot ...` in an empty directory: status, standard output in bytes, errors."""
    return partial(program, "plot")


# --- files and names -----------------------------------------------------------------------


def test_a_png_of_that_name_appears_and_its_path_is_printed(plot, tmp_path):
    assert plot("tanh") == (0, b"tanh.png\n", "")
    assert [path.name for path in tmp_path.iterdir()] == ["tanh.png"]
    assert (tmp_path / "tanh.png").read_bytes().startswith(PNG)


@pytest.mark.parametrize(
    ("functions", "param", "name"),
    [
        (["gelu"], [], "gelu.png"),
        (["SiLU"], [], "silu.png"),
        (["logistic", "tanh"], [], "logistic-tanh.png"),
        (["gelu:approx=tanh"], [], "gelu-approx=tanh.png"),
        (["swish"], ["beta=0,0.5,1,100"], "swish-beta.png"),
        (["gelu"], ["approx=none,tanh,sigmoid"], "gelu-approx.png"),
        (["x*tanh(softplus(x))"], [], "x-tanh-softplus-x.png"),
        (["-x/2"], [], "x-2.png"),
        (["1/x", "1/x"], [], "1-x.png"),
        (["+".join(["tanh(x)"] * 50)], [], None),
    ],
)
def test_names_are_safe_in_a_shell_and_a_file_system(functions, param, name):
    found = file_name(resolve_functions(functions, param))
    assert found == name or name is None
    assert re.fullmatch(r"[A-Za-z0-9_=+][\w.=+-]{0,103}\.png", found)


@pytest.mark.parametrize(
    ("suffix", "start"), [("png", PNG), ("svg", b"<?xml"), ("pdf", b"%PDF-"), ("PNG", PNG)]
)
def test_the_suffix_chooses_the_format(plot, tmp_path, suffix, start):
    assert plot("relu", "-o", f"out.{suffix}") == (0, f"out.{suffix}\n".encode(), "")
    assert (tmp_path / f"out.{suffix}").read_bytes().startswith(start)


def test_many_functions_are_told_of_the_grid(plot, tmp_path):
    many = ("relu", "gelu", "silu", "mish", "elu", "selu", "celu", "softplus")
    said = "8 curves in one panel are hard to tell apart; --grid gives each function a panel of its own\n"
    assert plot(*many, "-o", "a.svg") == (0, b"a.svg\n", said)
    assert plot(*many[:7], "-o", "a.svg")[2] == plot(*many, "-o", "a.svg", "-q")[2] == ""
    assert plot("swish", "-p", "beta=" + ",".join(map(str, range(9))), "-o", "a.svg")[2] == ""
    said = "--marks: no effect in a grid, whose panels have no marks; leave out --grid\n"
    assert plot("relu", "elu", "--grid", "--marks", "none", "-o", "a.svg")[2] == said
    assert plot(*many, "--grid", "-o", "a.svg") == (0, b"a.svg\n", "")
    for suffix in ("png", "pdf"):
        written = plot("relu", "elu", "--grid", "-o", f"a.{suffix}")
        assert written == (0, f"a.{suffix}\n".encode(), "")
    assert sum(name.startswith("panel") for name in panels(tmp_path / "a.svg")[1]) == 8


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["exp(x)", "-r", "-5:50"],
         "exp(x) goes on to 5.18e+21, beyond the panel; --yscale log shows all of it\n"),
        (["x**9", "-r", "-50:50", "--order", "0"],
         "x**9 goes on to 1.95e+15, beyond the panel; --yscale symlog shows all of it\n"),
        (["exp(x)", "-r", "-5:50", "--yscale", "log"], ""),
        (["exp(x)", "-r", "-5:50", "--ylim", "0:1"], ""),
        (["square"], ""),
        (["1/x"], ""),
    ],
)  # fmt: skip
def test_a_curve_that_is_mostly_out_of_sight_is_told(plot, args, said):
    assert plot(*args, "-o", "a.svg") == (0, b"a.svg\n", said)


def test_a_title_and_labels_are_printable_and_may_hold_formulas(plot, tmp_path):
    labels = ("--label", r"GELU, $\beta$", "--label", "$5")
    assert plot("gelu", "relu", *labels, "--title", "a\x1b[31m", "-o", "a.svg")[0] == 0
    texts = ["".join(e.itertext()) for e in ElementTree.parse(tmp_path / "a.svg").iter() if e.text]
    assert r"a\x1b[31m" in texts
    assert "$5" in texts
    assert not any(r"\beta" in text for text in texts)


def test_quiet_prints_nothing(plot):
    assert plot("relu", "-q") == (0, b"", "")


def test_a_dash_writes_the_picture_to_standard_output(plot, tmp_path):
    status, out, err = plot("relu", "-o", "-")
    assert (status, out[:8], err) == (0, PNG, "")
    assert list(tmp_path.iterdir()) == []


def test_size_dpi_and_style(plot, tmp_path):
    plot("relu", "--size", "6x3", "--dpi", "50", "--style", "dark", "-o", "dark.png")
    content = (tmp_path / "dark.png").read_bytes()
    assert (int.from_bytes(content[16:20]), int.from_bytes(content[20:24])) == (300, 150)


def panels(path):
    """The names of the pairs of axes in an SVG, and of everything in it."""
    ids = [e.get("id") for e in ElementTree.parse(path).iter() if e.get("id")]
    known = ("value", "gradient", "curvature", "error", "inputs", "gradients")
    return [name for name in ids if name in known], ids


def test_orders(plot, tmp_path):
    for order, names in enumerate((["value"], ["value", "gradient"])):
        plot("tanh", "--order", str(order), "-o", "a.svg")
        assert panels(tmp_path / "a.svg")[0] == names
    plot("gelu", "--approx", "tanh", "--order", "2", "-o", "a.svg")
    assert panels(tmp_path / "a.svg")[0] == ["value", "gradient", "curvature", "error"]


def test_points_asked_for_are_marked(plot, tmp_path):
    plot("gelu", "--at", "-1,7,nan", "-o", "a.svg")
    ids = panels(tmp_path / "a.svg")[1]
    assert sum(name.startswith("input") for name in ids) == 4  # two points, two panels


def test_a_formula_may_start_with_a_minus(plot):
    assert plot("-x*tanh(x)", "-q") == (0, b"", "")


def test_another_precision_can_be_drawn(plot):
    for dtype in ("float32", "float16", "bfloat16"):
        assert plot("gelu", "--dtype", dtype, "-q", "-r", "-1e6:1e6")[0] == 0
        out = plot("gelu", "--dtype", dtype, "--terminal")[1].decode()
        assert f"value in {dtype}" in out
        assert f"gradient in {dtype}" in out


def test_somebody_elses_function(plot, tmp_path, monkeypatch):
    (tmp_path / "theirs_to_plot.py").write_text("def relu(x):\n    return x * (x > 0)\n")
    monkeypatch.syspath_prepend(tmp_path)
    plot("theirs_to_plot:relu", "-o", "a.svg")
    assert {"kink", "open", "dead"} <= set(panels(tmp_path / "a.svg")[1])


# --- inputs --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hidden(tmp_path_factory):
    """Pre-activations of the hidden layer of a small net that has learned to read digits."""
    from sklearn.datasets import load_digits
    from sklearn.neural_network import MLPClassifier

    pixels, digits = load_digits(return_X_y=True)
    pixels = pixels / 16
    net = MLPClassifier((32,), max_iter=15, random_state=0)
    with warnings.catch_warnings():  # it stops early, and says so
        warnings.simplefilter("ignore")
        net.fit(pixels, digits)
    path = tmp_path_factory.mktemp("hidden") / "z.npy"
    np.save(path, (pixels @ net.coefs_[0] + net.intercepts_[0]).astype(np.float32))
    return path


def test_real_pre_activations_show_where_units_sit(plot, tmp_path, hidden):
    status, out, err = plot("relu", "--input", str(hidden), "--terminal")
    z = np.load(hidden)
    dead = 100 * np.mean(z <= 0)
    assert (status, err) == (0, "")
    assert 5 < dead < 95
    assert f"dead {dead:.1f} %" in out.decode()
    assert plot("gelu", "--input", str(hidden), "-o", "a.svg")[0] == 0
    assert panels(tmp_path / "a.svg")[0] == ["value", "gradient", "inputs", "gradients"]


def test_inputs_from_a_pipe_with_nan_and_inf(plot, monkeypatch):
    class Pipe:
        buffer = __import__("io").BytesIO(b"-3 nan 0.5\n2,inf\n")

    monkeypatch.setattr(sys, "stdin", Pipe)
    status, out, _ = plot("relu", "--input", "-", "--terminal")
    assert status == 0
    assert "inputs: 4 from standard input, 1 nan left out, 25.0 % out of sight" in out.decode()
    assert "dead 25.0 %" in out.decode()


def test_numbers_at_the_end_of_the_doubles(plot, tmp_path):
    (tmp_path / "z.txt").write_text("1e308 -1e308 5e-324")
    assert plot("relu", "gelu", "-i", "z.txt", "-q") == (0, b"", "")
    assert plot("relu", "--at", "1e308", "-n", "100000000", "-q", "--dpi", "30") == (0, b"", "")


def test_inputs_that_cannot_be_drawn_are_named(plot):
    assert plot("log(x)", "--at", "1,-2,inf,nan", "-o", "a.svg") == (
        0, b"a.svg\n", "--at -2,inf,nan: no finite point to draw there\n",
    )  # fmt: skip
    assert plot("relu", "--at", "1,-2", "-o", "a.svg")[2] == ""


def test_a_panel_without_a_curve_is_told(plot):
    assert plot("relu", "--ylim", "5:9", "-o", "a.svg") == (
        0, b"a.svg\n", "--ylim 5:9: nothing there; values are 0 to 5\n",
    )  # fmt: skip
    assert plot("relu", "--ylim", "4:9", "-o", "a.svg")[2] == ""
    assert plot("step", "--ylim", "0.5:2", "-o", "a.svg")[2] == ""


def test_what_a_precision_cannot_hold_is_no_pole():
    (trace, _) = (
        picture(
            resolve_functions(["exp(x)"]),
            PictureRequest(range_=(-20, 20), dtype=np.dtype("float16")),
        )
        .curves[0]
        .traces
    )
    assert trace.poles == []


# --- errors --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["geluu"], "no activation is called 'geluu'; did you mean gelu?"),
        (["tanh", "-o", "a.jpg"],
         "--output 'a.jpg' does not end in .png, .svg or .pdf, which chooses the format"),
        (["tanh", "-o", "png"],
         "--output 'png' does not end in .png, .svg or .pdf, which chooses the format"),
        (["tanh", "--size", "10"],
         "--size '10': give WIDTHxHEIGHT in inches, mm or cm, from 2.3x1.7 to 50x50 inches, "
         "as in 10x4.4 or 89mmx60mm"),
        (["tanh", "--size", "900x1"],
         "--size '900x1': give WIDTHxHEIGHT in inches, mm or cm, from 2.3x1.7 to 50x50 inches, "
         "as in 10x4.4 or 89mmx60mm"),
        (["tanh", "relu", "--grid", "--terminal"],
         "--grid needs a picture; leave out --terminal, and add -o FILE.png"),
        (["tanh", "relu", "--grid", "--size", "2.4x1.8", "--ylim", "0:1,0:1"],
         "--ylim has 2 ranges for 1 panel; give one for each at most, in their order"),
        (["swish", "-p", "beta=" + ",".join(map(str, range(201))), "--grid"],
         "201 curves are too many for one picture; draw 200 at most"),
        (["tanh", "--xscale", "log", "-r", "-5:5"],
         "--xscale log shows no x of 0 or less, and the range is -5:5; give another, as in "
         "-r 0.001:1000, or take symlog"),
        (["-exp(x)", "--yscale", "log"],
         "--yscale log: no value of -exp(x) is above 0 here; take --yscale symlog"),
        (["tanh", "--yscale", "log", "--ylim", "-1:2"],
         "--ylim -1:2 does not lie above 0, as --yscale log needs; give another, as in "
         "--ylim 0.001:10, or take symlog"),
        (["tanh", "--yscale", "log", "--terminal"],
         "--yscale log needs a picture; leave out --terminal, and add -o FILE.png"),
        (["tanh", "--ylim", "0:1,0:1,0:1"],
         "--ylim has 3 ranges for 2 panels; give one for each at most, in their order"),
        (["tanh", "--ylim", "0:1,2"],
         "--ylim: '2' is not a range; give two numbers, LOW:HIGH, as in --ylim -5:5"),
        (["tanh", "--marks", "extrema,kink"],
         "--marks 'extrema,kink': 'kink' is no kind of mark; give none, or some of extrema, kinks, "
         "asymptotes, saturation, with commas"),
        (["tanh", "--ylim", "5:1"],
         "--ylim: 5 is not below 1; give two numbers, LOW:HIGH, as in --ylim -5:5"),
        (["relu", "-r", "-1e308:1e308"],
         "--range: -1e+308 and 1e+308 are too far apart for the ends of a picture; "
         "choose others, as in --range -5:5"),
        (["relu", "-r", "0:1e-300"],
         "--range: 0.0 and 1e-300 are too close together for the ends of a picture; "
         "choose others, as in --range -5:5"),
        (["relu", "--ylim", "1:1.0000000000000002"],
         "--ylim: 1.0 and 1.0000000000000002 are too close together for the ends of a picture; "
         "choose others, as in --ylim -5:5"),
        (["relu", "--terminal", "-o", "relu.png"],
         "--terminal draws text, which 'relu.png' is no name for; leave out one of the two"),
        (["log(x)", "-r", "-5:-1"],
         "log(x) has no finite value in -5:-1; choose another --range"),
        (["swish", "-p", "beta=" + ",".join(map(str, range(65)))],
         "65 curves are too many for one picture; draw 64 at most, or 200 with --grid"),
        (["tanh", "-o", "missing/a.png"],
         "cannot write 'missing/a.png': there is no directory 'missing'; make it first"),
    ],
    ids=lambda v: " ".join(v)[:30] if isinstance(v, list) else "",
)  # fmt: skip
def test_errors_are_one_line_and_leave_no_file(plot, tmp_path, args, message):
    assert plot(*args) == (2, b"", f"actcli: {message}\n")
    assert list(tmp_path.iterdir()) == []


def test_only_nan_for_input(plot, tmp_path):
    (tmp_path / "z.txt").write_text("nan nan")
    _, _, err = plot("relu", "-i", "z.txt")
    assert err == "actcli: z.txt holds no numbers but nan; give some that are\n"


def test_no_picture_into_a_terminal(plot, monkeypatch):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    status, out, err = plot("relu", "-o", "-")
    assert (status, out) == (2, b"")
    assert err == "actcli: -o - writes a PNG to the terminal; redirect it, or use --terminal\n"


# --- the terminal --------------------------------------------------------------------------


def test_terminal_is_plain_when_piped_and_keeps_within_columns(plot, monkeypatch):
    for columns in ("40", "80", "120"):
        monkeypatch.setenv("COLUMNS", columns)
        status, out, err = plot("gelu", "--approx", "tanh", "--terminal")
        assert (status, err) == (0, "")
        assert b"\x1b" not in out
        assert max(len(line) for line in out.decode().splitlines()) <= int(columns)


def test_colour_can_be_forced_and_forbidden(plot, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert b"\x1b[38;5;" in plot("tanh", "relu", "--terminal")[1]
    monkeypatch.setenv("NO_COLOR", "1")
    assert b"\x1b" not in plot("tanh", "relu", "--terminal")[1]


def test_options_without_effect_in_the_terminal_are_told(plot):
    _, out, err = plot("tanh", "--terminal", "--dpi", "150", "--style", "light", "--ylim", "0:1")
    assert err == (
        "--dpi, --style: no effect in the terminal; leave out --terminal, and add -o FILE.png\n"
    )
    assert plot("tanh", "--terminal", "--dpi", "150", "--ylim", "0:1", "-q")[1:] == (out, "")


def test_terminal_into_a_file(plot, tmp_path):
    assert plot("tanh", "--terminal", "-o", "tanh.txt") == (0, b"", "")
    assert "gradient" in (tmp_path / "tanh.txt").read_text()


# --- whole processes -----------------------------------------------------------------------


def test_two_runs_give_identical_bytes(tmp_path):
    runs = [started("plot", "gelu", "-o", "-", cwd=tmp_path) for _ in range(2)]
    first, second = (run.communicate()[0] for run in runs)
    assert first.startswith(PNG)
    assert first == second


def test_a_killed_plot_leaves_no_half_file(tmp_path):
    path = tmp_path / "tanh.png"
    path.write_bytes(b"old")
    for delay in (0.1, 0.3, 0.45, 0.6):
        run = started("plot", "tanh", cwd=tmp_path)
        time.sleep(delay)
        run.send_signal(signal.SIGKILL)
        run.communicate()
        content = path.read_bytes()
        assert content == b"old" or (content.startswith(PNG) and content.endswith(b"\xaeB`\x82"))
