import io
import json
import os
import re
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress

import numpy as np
import pytest
from processes import finished, started

import actcli
from actcli.tables import BLOCK_ROWS


@pytest.fixture
def records(table):
    def call(*args):
        status, out, err = table(*args, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)

    return call


def test_eleven_points_from_minus_5_to_5(table):
    status, out, err = table("relu")
    lines = out.splitlines()
    assert (status, err) == (0, "")
    assert lines[0] == "function\tx\tvalue\tgradient"
    assert lines[1] == "relu\t-5.0\t0.0\t0.0"
    assert lines[11] == "relu\t5.0\t5.0\t1.0"
    assert len(lines) == 12


@pytest.mark.parametrize(
    ("text", "value", "gradient"),
    [("x-1", 1.0, 1), ("3-x", 1.0, -1), ("pi-x", np.pi - 2, -1), ("e-x", np.e - 2, -1),
     ("x--1", 3.0, 1), ("x-x", 0.0, 0)],
)  # fmt: skip
def test_a_difference_without_blanks_is_a_formula(records, text, value, gradient):
    (row,) = records(text, "--at", "2")
    assert row == {"function": text, "x": 2.0, "value": value, "gradient": gradient}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("leaky-rleu", "no activation is called 'leaky-rleu'; did you mean leaky_relu?"),
        ("x-relu", "a function needs its argument: relu(x)"),
    ],
)
def test_a_misspelt_name_is_no_difference(table, refused, text, said):
    refused(table, [text], said)


def test_short_options_take_an_equals_sign_too(call, tmp_path):
    status, out, _ = call("table", "swish", "-r=-3:-x", "-n=2")
    assert (status, out) == (2, "")
    assert call("table", "swish", "-p=beta=2", "-r=-3:1", "-n=3", "-o=t.csv") == (0, "", "")
    same = call("table", "swish", "-p", "beta=2", "-r", "-3:1", "-n", "3", "-f", "csv")[1]
    assert (tmp_path / "t.csv").read_text() == same
    assert same.count("\n") == 4


def test_a_minus_is_an_underscore_in_names_alone(records):
    assert records("e-swish", "--at", "2") == records("e_swish", "--at", "2")


def test_inputs_keep_order_and_count(records):
    at = "3,-1e-300,nan,3,inf,-inf,0"
    found = records("identity", "--at", at)
    assert [record["x"] for record in found] == [3, -1e-300, "NaN", 3, "Infinity", "-Infinity", 0]
    assert [record["x"] for record in found] == [record["value"] for record in found]


def test_one_block_per_function_and_parameter(records):
    found = records("swish", "relu", "-p", "beta=0,1,2", "--at", "1,2")
    labels = [record["function"] for record in found]
    assert labels == [
        label for label in ("swish(beta=0)", "swish", "swish(beta=2)", "relu") for _ in range(2)
    ]
    assert [record["x"] for record in found] == [1, 2] * 4


@pytest.mark.parametrize(
    ("order", "columns"),
    [
        ("0", ["function", "x", "value"]),
        ("1", ["function", "x", "value", "gradient"]),
        ("2", ["function", "x", "value", "gradient", "curvature"]),
    ],
)
def test_order(records, order, columns):
    (found,) = records("square", "--at", "3", "--order", order)
    assert list(found) == columns
    assert list(found.values())[2:] == [9, 6, 2][: len(columns) - 2]


def test_values_are_those_of_the_library(records):
    x = np.linspace(-40, 40, 321)
    np.savetxt("x.txt", x)
    found = records("gelu:approx=tanh", "-i", "x.txt")
    value, gradient = actcli.activation("gelu", approx="tanh").value_and_gradient(x)
    assert [record["value"] for record in found] == value.tolist()
    assert [record["gradient"] for record in found] == gradient.tolist()


@pytest.mark.parametrize(
    ("dtype", "x", "value"),
    [
        ("float32", 0.1, 0.099667996),
        ("float16", 0.0999755859375, 0.09967041015625),
        ("bfloat16", 0.10009765625, 0.099609375),
    ],
)
def test_dtype_rounds_inputs_and_results(records, dtype, x, value):
    found = records("tanh", "--at", "0.1,1e39", "--dtype", dtype)
    assert [record["x"] for record in found] == [x, "Infinity"]
    assert found[0]["value"] == value


@pytest.mark.parametrize("form", ["tsv", "csv", "json", "jsonl", "latex", "table", "markdown"])
def test_16_bit_numbers_are_printed_themselves(table, form):
    for name, at, dtype in (("identity", "65504", "float16"), ("relu", "8192", "bfloat16")):
        status, out, err = table(name, "--at", at, "--dtype", dtype, "-f", form)
        assert (status, out.count(at), err) == (0, 2, "")


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
@pytest.mark.parametrize(
    "bits", [np.uint64(0x7FF4 << 48), np.uint32(0x7FA0 << 16), np.uint16(0x7D00)]
)
def test_signalling_nans_are_nans_without_a_warning(records, dtype, bits):
    # pytest turns warnings into errors
    np.save("x.npy", np.array([bits]).view(f"f{bits.itemsize}"))
    found = records("gelu", "-i", "x.npy", "--dtype", dtype)
    assert [found[0][key] for key in ("x", "value", "gradient")] == ["NaN"] * 3


def test_npy(records):
    np.save("z.npy", np.arange(4.0, dtype=np.float32).reshape(2, 2))
    assert [record["x"] for record in records("relu", "-i", "z.npy")] == [0, 1, 2, 3]


FORMATS = {
    "tsv": "function\tx\tvalue\tgradient\nrelu\t-1.0\t0.0\t0.0\nrelu\tinf\tinf\t1.0\n",
    "csv": "function,x,value,gradient\nrelu,-1.0,0.0,0.0\nrelu,inf,inf,1.0\n",
    "json": (
        '[\n{"function": "relu", "x": -1.0, "value": 0.0, "gradient": 0.0},\n'
        '{"function": "relu", "x": "Infinity", "value": "Infinity", "gradient": 1.0}\n]\n'
    ),
    "jsonl": (
        '{"function": "relu", "x": -1.0, "value": 0.0, "gradient": 0.0}\n'
        '{"function": "relu", "x": "Infinity", "value": "Infinity", "gradient": 1.0}\n'
    ),
    "markdown": (
        "| function |   x | value | gradient |\n| -------- | --: | ----: | -------: |\n"
        "| relu     |  -1 |     0 |        0 |\n| relu     | inf |   inf |        1 |\n"
    ),
    "latex": (
        "\\begin{tabular}{lrrr}\n\\toprule\nfunction & x & value & gradient \\\\\n\\midrule\n"
        "relu & $-1.0$ & $0.0$ & $0.0$ \\\\\nrelu & $\\infty$ & $\\infty$ & $1.0$ \\\\\n"
        "\\bottomrule\n\\end{tabular}\n"
    ),
    "table": (
        "function    x  value  gradient\n──────────────────────────────\n"
        "relu       -1      0         0\nrelu      inf    inf         1\n"
    ),
}


@pytest.mark.parametrize("form", FORMATS)
def test_formats(table, form):
    assert table("relu", "--at", "-1,inf", "-f", form) == (0, FORMATS[form], "")


@pytest.mark.parametrize("form", FORMATS)
def test_output_file_holds_the_same(table, form):
    assert table("relu", "--at", "-1,inf", "-f", form, "-o", "out") == (0, "", "")
    with open("out", encoding="utf-8", newline="") as found:
        assert found.read() == FORMATS[form]
    assert os.listdir() == ["out"]


@pytest.mark.parametrize(
    ("name", "form"),
    [("a.json", "json"), ("a.JSONL", "jsonl"), ("a.csv", "csv"), ("a.md", "markdown"),
     ("a.tex", "latex"), ("a.tsv", "tsv"), ("a.txt", "tsv"), ("json", "tsv")],
)  # fmt: skip
def test_the_suffix_of_a_file_chooses_the_format_unless_it_is_given(table, name, form):
    for more, expected in (([], form), (["-f", "csv"], "csv")):
        assert table("relu", "--at", "-1,inf", "-o", name, *more) == (0, "", "")
        with open(name, encoding="utf-8", newline="") as found:
            assert found.read() == FORMATS[expected]


def test_failure_leaves_no_file(table):
    with open("x.txt", "w") as stream:
        stream.write("1 " * 2_000_000 + "x")
    status, out, err = table("relu", "-i", "x.txt", "-o", "out.tsv")
    assert (status, out) == (2, "")
    assert err.startswith("actcli: x.txt, line 1: 'x' is not a number; ")
    assert os.listdir() == ["x.txt"]


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (["relu", "--at", "1,two"], "--at: 'two' is not a number; give numbers and commas, as in"),
        (["relu", "-r", "1"], "--range: '1' is not a range; give two numbers, LOW:HIGH"),
        (["relu", "-r", "5:-5"], "--range: 5 is not below -5; give two numbers, LOW:HIGH"),
        (["relu", "-r", "0:1", "--at", "1"], "use just one of --at and --range"),
        (["relu", "-n", "3", "-i", "x"], "use just one of --points and --input"),
        (["relu", "-i", "none.txt"], "cannot read 'none.txt': No such file or directory; give"),
        (["relu", "-o", "none/out.tsv"], "cannot write 'none/out.tsv': there is no directory"),
        (["relu", "-n", "0"], "is no whole number from 1 on"),
        (
            ["relu", "--order", "3"],
            "'3' is no whole number from 0 on and at most 2; type for example 2",
        ),
        (
            ["relu", "--order", "x"],
            "'x' is no whole number from 0 on and at most 2; type for example 2",
        ),
        (
            ["relu", "-o", "a.png"],
            "-o 'a.png': this command draws no picture, 'actcli plot' does; "
            "records go to a file such as records.tsv",
        ),
        (["relu", "-p"], "option '-p' requires an argument; see 'actcli table --help'"),
        (["relu", "-f", "xml"], "'xml' is not one of 'table', 'tsv'"),
        (["relu", "--dtype", "double"], "'double' is not one of 'float64'"),
        (["geluu"], "no activation is called 'geluu'; did you mean gelu?"),
        (["swish", "-p", "beta"], "is not of the form NAME=VALUE[,VALUE...]; type for example"),
        ([], "'FUNCTION...'"),
    ],
)
def test_errors_are_one_line(table, refused, args, message):
    refused(table, args, message)
    assert os.listdir() == []


@pytest.mark.parametrize("count", [1000, 300_000])
def test_several_functions_read_a_pipe_once(count):
    x = np.random.default_rng(0).normal(size=count)
    with started(
        "table", "relu", "identity", "-i", "-", "--order", "0", stdin=subprocess.PIPE
    ) as child:
        out, err = child.communicate("\n".join(map(repr, x.tolist())).encode())
    lines = out.decode().splitlines()
    assert (child.returncode, err) == (0, b"")
    assert lines[1 : count + 1] == [f"relu\t{v!r}\t{max(0.0, v)!r}" for v in x.tolist()]
    assert lines[count + 1 :] == [f"identity\t{v!r}\t{v!r}" for v in x.tolist()]


@pytest.mark.parametrize("dtype", ["float64", "float32", "float16", "bfloat16"])
@pytest.mark.parametrize("functions", [["gelu"], ["relu", "gelu", "relu"]])
def test_an_array_holds_the_numbers_of_the_records(table, records, functions, dtype):
    np.savetxt("x.txt", np.linspace(-4, 4, BLOCK_ROWS + 99))
    args = (*functions, "-i", "x.txt", "--dtype", dtype)
    names = ("x", "value", "gradient", "curvature")
    said = records(*args, "--order", "2")
    expected = np.array([[record[name] for name in names] for record in said])
    for order in (0, 1, 2):
        assert table(*args, "--order", str(order), "-o", "a.npy") == (0, "", "")
        found = np.load("a.npy")
        shape = (len(functions), BLOCK_ROWS + 99, order + 2)
        assert found.shape == (shape if len(functions) > 1 else shape[1:])
        assert found.dtype == (np.float32 if dtype == "bfloat16" else dtype)
        numbers = found.reshape(-1, order + 2)
        np.testing.assert_array_equal(numbers, expected[:, : order + 2].astype(found.dtype))


@pytest.mark.parametrize("functions", [["gelu"], ["relu", "x-1"]])
def test_an_array_goes_into_a_pipe_or_behind_what_a_file_holds(table, functions):
    args = ("table", *functions, "-r", "-2:2", "-n", "5")
    assert table(*args[1:], "-o", "a.npy") == (0, "", "")
    expected = np.load("a.npy")
    with started(*args, "-f", "npy") as child:
        piped = child.communicate()[0]
    np.testing.assert_array_equal(np.load(io.BytesIO(piped)), expected)
    for name, more in (("b", []), ("c.npy", []), ("-", [])):
        with open("shared", "wb") as shared:
            shared.write(b"before")
            shared.flush()
            with started(*args, "-f", "npy", "-o", name, *more, stdout=shared) as child:
                child.wait()
        if name == "-":
            with open("shared", "rb") as shared:
                assert shared.read() == b"before" + piped
        else:
            np.testing.assert_array_equal(np.load(name), expected)


def test_an_array_is_for_no_terminal_and_has_all_digits(table, refused):
    refused(table, ["relu", "-f", "npy", "--digits", "3"], "npy keeps every digit")
    refused(table, ["relu", "-f", "csv", "-o", "a.npy"], "is an array; leave out --format csv")
    refused(table, ["relu", "-f", "npy", "-o", "a.png"], "draws no picture")
    assert os.listdir() == []


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="needs a pseudo-terminal")
def test_a_terminal_is_sent_no_array():
    leader, follower = os.openpty()
    try:
        with started("table", "relu", "-f", "npy", stdout=follower) as child:
            said = child.communicate()[1].decode()
        assert child.returncode == 2
        assert re.fullmatch(
            r"actcli: -f npy: a terminal shows no array; add -o FILE.npy, .*\n", said
        )
        assert not select.select([leader], [], [], 0)[0]
    finally:
        os.close(leader)
        os.close(follower)


def test_a_bad_number_leaves_the_pipe_of_an_array_empty(table):
    with open("x.txt", "w") as stream:
        stream.write("1\n" * 100_000 + "x\n")
    with started("table", "relu", "-i", "x.txt", "-f", "npy") as child:
        out, err = child.communicate()
    assert (child.returncode, out) == (2, b"")
    assert b"line 100001: 'x' is not a number" in err


@pytest.mark.parametrize("name", ["a.xlsx", "b.csv.gz", "c.html", "d.pgn", "old.dat"])
def test_unknown_suffixes_are_refused_before_any_work(refused, table, name):
    message = (
        f"{name!r}: .{name.rpartition('.')[2]} is no suffix that is known here; give one of .npy"
    )
    refused(table, ["nosuchfunction", "-o", name], message)
    refused(table, ["relu", "-f", "csv", "-o", name], message)
    assert os.listdir() == []


@pytest.mark.parametrize("form", ["tsv", "csv", "jsonl", "json", "latex"])
def test_numbers_are_answered_as_they_come(form):
    with started("table", "relu", "-i", "-", "-f", form, stdin=subprocess.PIPE, bufsize=0) as child:
        for number in (b"1.25\n", b"7.5\n", b"42.5\n"):
            child.stdin.write(number)
            answer = b""
            while number.strip() not in answer:
                assert select.select([child.stdout], [], [], 60)[0], "no answer before the end"
                answer += child.stdout.read(1 << 16)
        child.stdin.close()
        child.stdout.read()
        assert child.stderr.read() == b""
    assert child.returncode == 0


@pytest.mark.parametrize(
    "args",
    [
        ("table", "relu"), ("plot", "relu", "-o", "a.svg"), ("compare", "relu", "leaky_relu", "-f", "tsv"),
        ("neuron", "relu", "-w", "1"), ("table", "relu", "-r", "0:1"),
    ],
    ids=" ".join,
)  # fmt: skip
def test_a_pipe_that_is_not_read_is_told(args, tmp_path):
    def run(data, *more, **streams):
        ours, theirs = os.pipe()
        os.write(theirs, data)
        os.close(theirs)
        done = finished(*args, *more, cwd=tmp_path, **{"stdin": ours, **streams})
        left = os.read(ours, 100)
        os.close(ours)
        assert done.returncode == 0
        assert left == data
        return "standard input" in done.stderr

    assert run(b"1\n2\n3\n")
    if args != ("table", "relu"):  # all ask the same function, whose answer has no other reasons
        return
    assert not run(b"1\n2\n3\n", "-q")
    assert not run(b"")  # as in a loop of `while read`, whose pipe is at its end
    assert not run(b"", stdin=subprocess.DEVNULL)


def test_a_pipe_that_stays_empty_is_not_waited_for():
    with started("table", "relu", stdin=subprocess.PIPE) as child:
        assert child.stdout.read().count(b"\n") == 12
        assert child.stderr.read() == b""
    closed = finished(f"{sys.executable} -m actcli table relu <&-", command=("sh", "-c"))
    assert (closed.returncode, closed.stderr) == (0, "")


def test_a_loop_over_lines_is_left_alone():
    loop = f"seq 3 | while read x; do {sys.executable} -m actcli table relu --at $x; done"
    done = finished(loop, command=("sh", "-c"))
    assert (done.stdout.count("\n"), done.stderr) == (6, "")


@pytest.mark.parametrize("form", ["tsv", "json", "markdown", "table"])
def test_closing_the_pipe_early_is_silent(form):
    with started("table", "relu", "-n", "200000", "-f", form) as child:
        assert child.stdout.readline()
        child.stdout.close()
        assert child.stderr.read() == b""
    assert child.returncode == 0


@pytest.mark.skipif(not os.path.exists("/proc/self/status"), reason="reads /proc")
def test_a_million_numbers_need_little_memory():
    line = b"0.12345678901234567 -1.2345678901234567e-05\n"
    peak = 0
    with (
        started("table", "gelu", "tanh", "-i", "-", "-f", "json", stdin=subprocess.PIPE) as child,
        subprocess.Popen(["cat"], stdin=child.stdout, stdout=subprocess.DEVNULL) as reader,
    ):
        child.stdout.close()
        child.stdin.write(line * 500_000)
        child.stdin.close()
        while reader.poll() is None:
            with open(f"/proc/{child.pid}/status") as status:
                peak = max([peak, *map(int, re.findall(r"VmHWM:\s+(\d+) kB", status.read()))])
            time.sleep(0.02)
    assert child.returncode == 0
    assert 20e6 < peak * 1024 < 150e6


def writes_in(child, folder):
    """Whether the process has opened a file there, with or without a name."""
    opened = f"/proc/{child.pid}/fd"
    for number in os.listdir(opened):
        with suppress(OSError):  # which is closed again
            if os.readlink(f"{opened}/{number}").startswith(f"{folder}/"):
                return True
    return False


@pytest.mark.skipif(not os.path.exists("/proc/self/fd"), reason="tells no open files")
def test_an_interruption_is_one_line_and_leaves_no_file(tmp_path):
    with started("table", "relu", "-n", "100000000", "-o", "out.tsv", cwd=tmp_path) as child:
        while child.poll() is None and not writes_in(child, tmp_path):
            time.sleep(0.01)
        child.send_signal(signal.SIGINT)
        assert child.stderr.read() == b"actcli: interrupted\n"
    assert child.returncode == 130
    assert os.listdir(tmp_path) == []


def test_an_interruption_is_not_lost_in_a_destructor(tmp_path):
    (tmp_path / "slow.py").write_text(
        "import os, signal, time\n"
        "class Last:\n"
        "    def __del__(self):\n"
        "        os.kill(os.getpid(), signal.SIGINT)\n"
        "        time.sleep(1)\n"
        "def f(x):\n"
        "    Last()\n"
        "    time.sleep(20)\n"
        "    return x\n"
    )
    began = time.monotonic()
    with started("table", "slow:f", cwd=tmp_path) as child:
        assert child.stderr.read() == b"actcli: interrupted\n"
    assert child.returncode == 130
    assert time.monotonic() - began < 15


@pytest.mark.parametrize(
    ("redirected", "message"),
    [
        (">&-", "standard output is closed; send it to a file, a pipe or /dev/null"),
        ("-i - <&-", "standard input holds no numbers; give at least one"),
        (">/dev/full", "cannot write to standard output: No space left on device"),
    ],
)
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no such device here")
def test_closed_and_full_streams(redirected, message):
    line = f"{sys.executable} -m actcli table relu {redirected}"
    done = finished(line, command=("sh", "-c"))
    assert (done.returncode, done.stderr) == (2, f"actcli: {message}\n")
