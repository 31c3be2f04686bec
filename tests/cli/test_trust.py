"""Whatever comes in, what comes out is safe to read, whole, and one line where it is an error."""

import json
import os
import re
import sys
import textwrap

import numpy as np
import pytest
from processes import ENVIRONMENT, finished, printed, told

from actcli.wording import printable


# -- text of files -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("größe ∂", "größe ∂"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("a\u202eb\u2066", r"a\u202eb\u2066"),
        ("two\nlines\ttab", r"two\nlines\ttab"),
        ("\udc80\u2028", r"\udc80\u2028"),
        ("\U000e0041", r"\U000e0041"),
    ],
)
def test_what_cannot_be_printed_is_escaped(text, shown):
    assert printable(text) == shown
    assert printable(text).isprintable()


EVIL = "\x1b[31mred\u202e,y,cla\x07ss\n" + "".join(
    f"{k},{k % 3},{'ab'[k % 2]}\n" for k in range(12)
)


def test_names_of_columns_are_printable(call, tmp_path):
    (tmp_path / "evil.csv").write_text(EVIL)
    for args in (
        ("neuron", "tanh", "-i", "evil.csv", "--fit", "-f", "table"),
        ("neuron", "tanh", "-i", "evil.csv", "--fit", "-f", "tsv"),
        ("train-toy", "tanh", "--data", "evil.csv", "--epochs", "1", "--seeds", "1", "-f", "table"),
        ("train-toy", "tanh", "--data", "evil.csv", "--features", "nosuch"),
        ("table", "relu", "-i", "evil.csv"),
    ):
        _, out, err = call(*args)
        assert all(line.isprintable() for line in (out + err).replace("\t", " ").splitlines()), args


@pytest.mark.parametrize("name", ["\x1b]0;title\x07.txt", "two\nlines.csv", "\u202etxt.npy"])
def test_names_of_files_are_printable_in_errors(call, tmp_path, name):
    (tmp_path / name).write_text("no number")
    for args in (("table", "relu", "-i", name), ("neuron", "relu", "-w", "1", "-i", name),
                 ("train-toy", "relu", "--data", name), ("train-toy", "--load", name)):  # fmt: skip
        status, out, err = call(*args)
        assert (status, out) == (2, "")
        assert err.count("\n") == 1
        assert err.removesuffix("\n").isprintable()


# -- numbers beyond what pictures hold ---------------------------------------------------------------
@pytest.mark.parametrize("f", ["1e308*tanh(x)", "where(x>0,1e308,-1e308)"])
@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_values_near_the_largest_double_are_drawn(call, tmp_path, f, suffix):
    assert call("plot", f, "-o", "a" + suffix)[::2] == (0, "")
    assert (tmp_path / f"a{suffix}").stat().st_size > 1000


def test_a_panel_says_its_unit(call):
    status, out, err = call("plot", "1e308*tanh(x)", "--terminal")
    assert (status, err) == (0, "")
    assert "value / 10²⁰" in out
    assert "10²⁸⁸" in out
    assert "/ 10" not in call("plot", "exp", "-r", "-1000:1000", "--terminal")[1]


@pytest.mark.parametrize("command", ["table", "plot", "train-toy", "check-properties"])
@pytest.mark.parametrize("f", ["x/0", "x/(1-1)", "where(x > 0, 1/0, x)"])
def test_nothing_is_divided_by_0(call, refused, command, f):
    refused(call, (command, f), "actcli: in the formula, at ")


def test_a_neuron_separates_inputs_of_any_size(call, tmp_path):
    for low, high in ((-1e300, 1e300), (1e300, 1.7e308), (-1.7e308, 1.7e308), (1e-299, 1e-298)):
        (tmp_path / "rows.csv").write_text(f"x,y\n{high!r},1\n{low!r},0\n")
        for f in ("logistic", "step"):
            status, out, err = call("neuron", f, "--fit", "-i", "rows.csv", "-f", "table")
            assert (status, err) == (0, ""), (f, low, high)
            assert "2 of 2 rows are on the right side (100 %)" in out, (f, low, high)
            assert "touch" not in out


# -- the terminal ------------------------------------------------------------------------------------
@pytest.mark.parametrize("columns", ["0", "1", "-5", "abc", "999999999"])
def test_a_table_is_shown_whatever_width_is_said(call, monkeypatch, columns):
    monkeypatch.setenv("COLUMNS", columns)
    status, out, _ = call("list", "-f", "table")
    assert status == 0
    assert "logistic" in out
    assert max(map(len, out.splitlines())) <= 1000
    assert "value" in call("plot", "relu", "--terminal")[1]


# -- one line ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "args",
    [
        ("compare", "relu", "tanh", "-n", "5", "-o", "/dev/full"),
        ("compare", "relu", "tanh", "--dtype", "float16", "-o", "none/a.csv"),
        ("neuron", "relu", "-w", "1", "--dpi", "99", "-o", "/dev/full"),
        ("train-toy", "tanh", "--init", "he", "--stop-loss", "9", "-o", "none/a.csv"),
        ("train-toy", "tanh", "--epochs", "0", "--save", "a.npz", "-o", "/dev/full"),
        ("list", "-f", "table", "-o", "/dev/full"),
    ],
    ids=" ".join,
)
def test_an_error_is_one_line(call, refused, args):
    refused(call, args, "actcli: cannot write ")


def test_training_does_not_begin_where_nothing_can_be_written(call, tmp_path):
    for option, name in (("--save", "none/a.npz"), ("--gif", "none/a.gif"), ("-o", "none/a.png")):
        status, _, err = call("train-toy", "tanh", "--epochs", "1000000", option, name)
        assert status == 2
        assert "there is no directory 'none'" in err
    assert not list(tmp_path.iterdir())


def test_an_unexpected_error_is_no_verdict(call, refused, monkeypatch):
    def fail(*args):
        raise ZeroDivisionError("by 0")

    monkeypatch.setattr("actcli.cli.function_argument.resolve_functions", fail)
    monkeypatch.setattr("actcli.cli.table.resolve_functions", fail)
    refused(call, ("table", "relu"), "actcli: unexpected ZeroDivisionError: by 0 (in ")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full device here")
def test_a_full_standard_error_keeps_the_status(tmp_path):
    with open("/dev/full", "w") as full:
        done = finished("table", "nosuch", capture_output=False, stderr=full)
    assert done.returncode == 2


# -- messages of others ------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "env",
    [{"MPLBACKEND": "nosuch"}, {"HOME": "/proc/none"}, {"MPLCONFIGDIR": "/proc/none"}],
    ids=lambda env: next(iter(env)),
)
def test_other_libraries_say_nothing(tmp_path, env):
    done = finished("plot", "relu", "x**9**9", "-o", "a.png", cwd=tmp_path, env=ENVIRONMENT | env)
    assert (done.returncode, done.stdout) == (0, "a.png\n")
    assert re.fullmatch(r"(x\*\*9\*\*9 goes on .*\n)?", done.stderr)


def test_a_warning_of_numpy_is_none_of_the_users_business(tmp_path):
    done = finished("plot", "x**9**9", "x**0.5", "--at", "inf", "-o", "a.png", cwd=tmp_path)
    assert done.returncode == 0
    first, *others = done.stderr.splitlines()
    assert first == "--at inf: no finite point to draw there"
    assert [line.partition(" goes on ")[0] for line in others] == ["x**9**9"]


# -- memory ------------------------------------------------------------------------------------------
def test_a_sweep_takes_no_more_memory_than_one_function(tmp_path):
    code = textwrap.dedent("""
        import resource, sys
        from actcli.cli import run
        try: run(sys.argv[1:])
        except SystemExit: pass
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, file=sys.stderr)
    """)
    sizes = []
    for count in (64, 192):
        values = ",".join(map(str, range(1, count + 1)))
        args = ["table", "swish", "-p", f"beta={values}", "-n", "2", "-o", os.devnull]
        sizes.append(int(printed(code, *args)))
    assert sizes[1] < sizes[0] + 40


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("table", "relu", "-n", 10**12), "--points': '1000000000000' is no whole number from 1"),
        (("neuron", "relu", "-w", "1", "-n", 10**9), "'1000000000' is no whole number from 1 on"),
        (("train-toy", "tanh", "--layers", "100000"), "too many numbers for a toy"),
        (("train-toy", "tanh", "--layers", "100000", "--seeds", "1"), "too many numbers for a toy"),
        (("train-toy", "tanh", "--seeds", 10**9), "too many"),
        (("train-toy", "tanh", "--epochs", 10**18), "--epochs is 0 or more, 1000000000 at most"),
        (("train-toy", "tanh", "--epochs", 10**9), "record fewer with --every"),
        (("train-toy", "tanh", "--seed", 10**30), "--seed is 0 or more"),
        (("train-toy", "tanh", "--layers", ",".join(["1"] * 2000)), "--layers are 1000 at most"),
        (("compare", "swish", "-p", "beta=" + ",".join(map(str, range(200)))), "are 19900 pairs"),
        (("table", "pelu", "-p", "a=" + ",".join(map(str, range(1, 200))),
          "-p", "b=" + ",".join(map(str, range(1, 200)))), "more than 20000 functions"),
    ],
    ids=lambda v: " ".join(map(str, v))[:40] if isinstance(v, tuple) else "",
)  # fmt: skip
def test_unreasonable_sizes_are_refused(call, refused, args, message):
    refused(call, args, message)


def test_a_run_and_its_header_reach_the_terminal_as_text(call, tmp_path):
    (tmp_path / "data.csv").write_text(EVIL)
    args = ("--data", "data.csv", "--epochs", "1", "--seeds", "1")
    assert call("train-toy", "tanh", *args, "--save", "run.npz", "-q")[0] == 0
    _, out, _ = call("train-toy", "--load", "run.npz", "-f", "table")
    assert all(line.isprintable() for line in out.splitlines())
    with np.load("run.npz") as file:
        arrays = {name: file[name] for name in file.files}
    header = json.loads(str(arrays.pop("header")))
    header["runs"][0]["functions"] = ["\x1b[2Jtanh"] * 2
    np.savez("run.npz", header=np.array(json.dumps(header)), **arrays)
    status, out, err = call("train-toy", "--load", "run.npz")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.removesuffix("\n").isprintable()


# -- terminals that know few characters ---------------------------------------------------------------
@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437"])
@pytest.mark.parametrize(
    "args",
    [
        ("plot", "tanh", "--terminal"),
        ("plot", "1e300*tanh(x)", "mish", "--order", "2", "--terminal"),
        ("compare", "relu", "elu", "-f", "table"),
        ("compare", "gelu", "silu", "--terminal", "-f", "table"),
        ("check-properties", "gelu", "-f", "table"),
        ("train-toy", "relu", "tanh", "--epochs", "20", "--seeds", "2", "-f", "table"),
        ("list", "gelu", "mish", "-f", "table"),
        ("list", "--primitives", "-f", "table"),
    ],
    ids=" ".join,
)
def test_characters_that_an_encoding_lacks_have_stand_ins(monkeypatch, encoding, args):
    monkeypatch.setenv("COLUMNS", "80")
    status, out, err = told(*args, encoding=encoding)
    assert (status, err) == (0, "")
    assert out
    assert "?" not in out


def test_stand_ins_keep_the_columns_of_a_table(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    _, out, _ = told("compare", "gelu", "silu", "-f", "table", encoding="ascii")
    lines = out.split("\n")
    (at,) = [line.index("Cinf") for line in lines if line.startswith("smoothness")]
    (edge,) = [line.index("Cinf", at + 4) for line in lines if line.startswith("smoothness")]
    assert lines[0].index("silu") == edge


def test_a_directory_that_is_gone_is_said_to_be(tmp_path):
    code = (
        "import os, sys; os.mkdir('gone'); os.chdir('gone'); os.rmdir('../gone')\n"
        "from actcli.cli import run\nrun(sys.argv[1:])"
    )
    script = (sys.executable, "-P", "-c", code)
    done = finished("plot", "relu", command=script, cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr == "actcli: the current directory is gone; change to another one\n"


def test_settings_of_a_library_that_cannot_be_read(tmp_path):
    (tmp_path / "matplotlibrc").write_bytes(bytes(range(128, 256)))
    done = finished("plot", "relu", "-o", "a.png", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("actcli: unexpected UnicodeDecodeError: ")
    assert done.stderr.count("\n") == 1


# -- pictures at both ends of the doubles --------------------------------------------------------------
@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize(
    ("status", "args"),
    [
        (0, ("plot", "soft_shrink:lambd=5e-324")),
        (0, ("plot", "hard_sigmoid:offset=1.7976931348623157e308")),
        (0, ("plot", "hard_sigmoid:slope=5e-324,offset=1e-300")),
        (0, ("compare", "hard_tanh:high=5e-324", "x + (1e-30 - 1e300)")),
        (0, ("neuron", "tanh", "-w", "5e-324")),
        (0, ("neuron", "tanh", "-w", "1e-310,1")),
        (2, ("neuron", "tanh", "-w", "1e300,1e300")),
        (2, ("neuron", "relu", "-w", "1e308,1e308", "--at", "1e308,1e308")),
        (2, ("neuron", "relu", "-w", "1", "--at", "1.7e308", "--at=-1.7e308")),
        (2, ("neuron", "1e308*tanh(x)", "-w", "1")),
    ],
    ids=str,
)
def test_pictures_of_very_large_and_very_small_numbers(call, tmp_path, status, args):
    found, _, err = call(*args, "-o", "a.png")
    assert found == status
    assert (tmp_path / "a.png").exists() == (status == 0)
    assert err.count("\n") == (1 if status or args[0] != "plot" else 0)
    assert "unexpected" not in err
