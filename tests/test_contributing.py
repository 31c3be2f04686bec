"""What README tells contributors works: its examples run, each in a fresh process."""

import re
import sys
from pathlib import Path

from processes import finished, printed

TEXT = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")
FUNCTION, PRIMITIVE, PROPERTY, COMMAND = re.findall(
    r"^```py\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL
)


def test_a_function_is_one_block():
    lines = printed(f"""
from actcli.functions import catalogue, ramp
catalogue.names()
exec({FUNCTION!r}, vars(ramp))
from actcli import activation, names
f = activation("half_wave(alpha=2)")
print(names()[-1])
print(*map(float, f.value_and_gradient(2.0)))
from actcli.properties import check
print(*(v.verdict for v in check(f, ["convex", "saturates_left"])))
""").splitlines()
    assert lines == ["half_wave", "0.6931471805599453 0.5", "proved proved"]


def test_a_primitive_is_a_row_and_a_kernel(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = printed(f"""
import numpy as np
from actcli import activation, primitives
from actcli.numbers import numpy_kernels
exec({PRIMITIVE!r}, vars(primitives))
numpy_kernels.tanh_square = lambda x: np.tanh(x) ** 2
f = activation("x + tanh_square(x)")
value, slope = map(float, f.value_and_gradient(1.0))
assert abs(value - 1 - np.tanh(1) ** 2) < 1e-15
assert abs(slope - 1 - 2 * np.tanh(1) / np.cosh(1) ** 2) < 1e-15
from actcli.properties import check
print(*(v.verdict for v in check(f, ["continuous", "monotonic", "saturates_left"])))
from actcli.cli import run
try:
    run(["export", "x + tanh_square(x)", "--to", "numpy", "--name", "g", "-o", "g.py"])
except SystemExit as ended:
    assert ended.code == 0
written = {{}}
exec(open("g.py").read(), written)
assert abs(written["g"](1.0) - value) < 1e-15
assert abs(written["g_gradient"](1.0) - slope) < 1e-15
""").splitlines()
    assert lines == ["proved proved refuted"]


def test_a_property_is_one_function():
    lines = printed(f"""
from math import inf
from actcli import activation, properties
from actcli.proofs.extrema import extremum
from actcli.properties.subject import Answer, Subject, words
exec({PROPERTY!r})
properties.QUESTIONS["lipschitz"] = lipschitz
properties.NAMES = tuple(properties.QUESTIONS)
for name in ("gelu", "square", "heaviside"):
    (found,) = properties.check(activation(name), ["lipschitz"])
    print(found.verdict, found.value)
""").splitlines()
    assert lines[0].startswith("proved 1.12890")
    assert lines[1:] == ["refuted inf", "refuted inf"]


def test_a_command_is_one_file():
    script = f"""
import sys, types
import click
from actcli import cli
from actcli.cli.subcommand import Command
module = sys.modules["actcli.cli.at"] = types.ModuleType("actcli.cli.at", "")
module.__package__ = "actcli.cli"
vars(module).update(click=click, Command=Command)
exec({COMMAND!r}, vars(module))
cli.COMMANDS["at"] = "Print a value."
cli.run(sys.argv[1:])
"""
    python = (sys.executable, "-c", script)
    done = [finished("at", name, "2", command=python) for name in ("relu", "relo")]
    assert (done[0].returncode, done[0].stdout) == (0, "2.0\n")
    assert done[1].returncode == 2
    assert "did you mean relu" in done[1].stderr
