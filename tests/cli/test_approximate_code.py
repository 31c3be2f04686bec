"""approximate --to and -o: code that computes the approximation, and suffixes that are refused."""

import json

import numpy as np
import pytest

import actcli
from actcli.cli import run


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
