"""approximate --to and -o: code that computes the approximation, and suffixes that are refused."""

import ctypes
import json
import re
import shlex
import shutil
import subprocess

import mpmath
import numpy as np
import pytest

import actcli
from actcli.cli import run
from actcli.design.request import Entries
from actcli.design.tables import by_table
from actcli.pictures.approximation import approximation_picture
from actcli.pictures.function import PictureRequest


def exit_status(*arguments):
    with pytest.raises(SystemExit) as stopped:
        run(list(arguments))
    return stopped.value.code


def test_code_is_within_the_error_that_was_proved(tmp_path, capsys):
    path = tmp_path / "gelu6.py"
    arguments = ["approximate", "gelu", "--degree", "6", "--to", "numpy", "-o", str(path)]
    assert exit_status(*arguments) == 0
    told = capsys.readouterr().err
    bound = float(told.split("within ")[1].split()[0])
    names = {}
    exec(compile(path.read_text(), str(path), "exec"), names)
    x = np.linspace(-9, 9, 20_001)
    error = np.max(np.abs(names["gelu"](x) - actcli.activation("gelu")(x)))
    assert 0.999 * bound <= error <= bound * (1 + 1e-5)  # six digits are told


@pytest.mark.parametrize(
    "design",
    [["gelu", "--by", "piecewise", "--segments", "4", "--coefficients", "bfloat16"],
     ["-x + exp(x)", "-r", "-1:1", "--degree", "3", "--relative", "-q", "--max-error", "1"],
     ["gelu", "--by", "x*sigmoid(c*x)", "-p", "c=1.5", "-r=-4:4", "--label", "our  gelu"],
     ["tanh", "--by", "table", "--dtype", "int8", "--rounding", "away", "--json"],
     ["tanh", "-r", "-2:2", "--by", "rational", "--degree", "3/2", "--pin", "0,1"]],
)  # fmt: skip
@pytest.mark.parametrize("target", ["c", "numpy"])
def test_a_file_says_the_whole_command_that_made_it(design, target, capsys, tmp_path):
    path = tmp_path / "code"
    assert exit_status("approximate", *design, "--to", target, "-o", str(path)) == 0
    code = path.read_text()
    (line,) = [line for line in code.splitlines() if "Written by actcli" in line]
    command = shlex.split(line.partition(": ")[2].rstrip("."))
    assert command[0] == "actcli"
    capsys.readouterr()
    assert exit_status(*command[1:]) == 0
    assert capsys.readouterr().out == code


@pytest.mark.parametrize(
    "design",
    [["tanh", "-r", "-2:2", "--degree", "5", "--coefficients", "fixed8"],
     ["gelu", "-r", "-4:4", "--by", "piecewise", "--segments", "4", "--coefficients", "bfloat16"],
     ["tanh", "-r", "-2:2", "--by", "rational", "--degree", "3/2", "--coefficients", "float16"]],
)  # fmt: skip
def test_coefficients_of_a_grid_are_literally_in_the_code(design, capsys):
    assert exit_status("approximate", *design, "--json") == 0
    (record,) = json.loads(capsys.readouterr().out)
    assert exit_status("approximate", *design, "--to", "c") == 0
    code = capsys.readouterr().out.partition("#include")[2]
    listed = np.concatenate(
        [np.ravel(record[name]) for name in ("coefficients", "denominator") if record[name]]
    )
    wanted = {repr(abs(float(c))) for c in listed if c}
    assert len(wanted) >= 3
    numbers = set(re.findall(r"\d[\d.]*(?:e[+-]?\d+)?", code))
    assert wanted <= numbers
    ends = {repr(abs(x)) for x in record["breakpoints"] or ()}
    if record["denominator"]:  # of degree 3/2: the gradient's limit
        ends.add(repr(record["coefficients"][3] / record["denominator"][2]))
    assert {n for n in numbers if "." in n} <= wanted | ends | {"1.0", "0.0"}


@pytest.mark.parametrize(
    ("more", "why"),
    [(["--to", "c", "-o", "x.png"], "ends in .c"), (["-o", "x.c"], "no suffix that is known"),
     (["-o", "x.jpg"], "a picture is .png"), (["--to", "cobol"], "cobol")],
)  # fmt: skip
def test_another_suffix_is_refused_and_nothing_is_written(more, why, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert exit_status("approximate", "tanh", "-r", "-1:1", "--degree", "3", *more) == 2
    said = capsys.readouterr().err
    assert why in said
    assert said.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_json_is_one_array_of_the_record_and_its_parts(capsys):
    wanted = ["approximate", "tanh", "--by", "piecewise", "--segments", "3", "--parts", "--json"]
    assert exit_status(*wanted) == 0
    record, *parts = json.loads(capsys.readouterr().out)
    assert record["segments_used"] == len(parts) == 3
    assert [part["part"] for part in parts] == [0, 1, 2]
    assert (parts[0]["low"], parts[2]["high"]) == ("-Infinity", "Infinity")


TABLE = ["approximate", "tanh", "--by", "table", "--dtype", "int8", "--input-scale", "1/32"]


def codes_of_tanh():
    """round(128 tanh(q/32)), which is clamped to 127; no share is a half."""
    with mpmath.workdps(40):
        return [
            min(int(mpmath.nint(128 * mpmath.tanh(q / mpmath.mpf(32)))), 127)
            for q in range(-128, 128)
        ]


def run_c(path):
    subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC", path,
                    "-o", path.with_suffix(".so")], check=True)  # fmt: skip
    look_up = ctypes.CDLL(str(path.with_suffix(".so"))).tanh_activation
    look_up.argtypes, look_up.restype = [ctypes.c_int8], ctypes.c_int8
    return [look_up(code) for code in range(-128, 128)]


def run_numpy(path):
    names = {}
    exec(compile(path.read_text(), str(path), "exec"), names)
    found = names["tanh"](np.arange(-128, 128, dtype=np.int8).reshape(2, 128))
    assert (found.dtype, found.shape) == (np.int8, (2, 128))
    return found.ravel().tolist()


def run_js(path):
    call = f"import {{tanh}} from {path.as_uri()!r}; for (let q = -128; q < 128; q++) console.log(tanh(q));"
    words = ["node", "--input-type=module", "-e", call]
    return [int(v) for v in subprocess.run(words, capture_output=True, check=True).stdout.split()]


def run_onnx(path):
    reference = pytest.importorskip("onnx.reference")
    codes = np.arange(-128, 128, dtype=np.int8)
    return reference.ReferenceEvaluator(path.read_bytes()).run(None, {"x": codes})[0].tolist()


@pytest.mark.parametrize(
    ("target", "suffix", "tool", "look_up"),
    [("c", ".c", "cc", run_c), ("numpy", ".py", "", run_numpy), ("js", ".mjs", "node", run_js),
     ("onnx", ".onnx", "", run_onnx)],
)  # fmt: skip
def test_tables_of_codes_look_up_what_is_rounded_correctly(target, suffix, tool, look_up, tmp_path):
    if tool and not shutil.which(tool):
        pytest.skip(f"there is no {tool} here")
    if target == "onnx":
        pytest.importorskip("onnx")
    path = tmp_path / f"tanh8{suffix}"
    assert exit_status(*TABLE, "--to", target, "-o", str(path)) == 0
    assert look_up(path) == codes_of_tanh()


def test_tables_of_codes_are_no_formula(capsys):
    assert exit_status(*TABLE, "--to", "latex") == 2
    assert "give one of c, numpy, torch, jax, js or onnx" in capsys.readouterr().err


def test_the_picture_of_codes_has_all_entries(tmp_path):
    path = tmp_path / "tanh8.csv"
    assert exit_status(*TABLE, "-o", str(path.with_suffix(".png"))) == 0
    assert path.with_suffix(".png").read_bytes().startswith(b"\x89PNG")
    f = actcli.activation("tanh")
    entries = Entries(dtype="int8", input_scale="1/32")
    drawn = approximation_picture(f, by_table(f, entries, None), PictureRequest())
    ((x, y),) = drawn.curves[1].traces[0].pieces
    assert drawn.curves[0].behind
    assert drawn.curves[0].label == "tanh (exact)"  # as in other designs
    np.testing.assert_array_equal(y[::2] * 128, codes_of_tanh())
    np.testing.assert_array_equal(np.diff(x)[::2], 1 / 32)
    ((at, errors),) = drawn.residuals[0].pieces
    assert not errors[::3].any()
    assert not errors[2::3].any()
    expected = np.array(codes_of_tanh()) / 128 - np.tanh(at[1::3])
    np.testing.assert_allclose(errors[1::3], expected, atol=1e-15)
