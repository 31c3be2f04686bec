"""What only some systems have is missed by nobody: the program without it prints the same."""

import os
import subprocess
import sys

import numpy as np
import pytest

from actcli import files
from actcli.evaluation import threads

BARE = """
import os, signal, sys
for name in ("O_TMPFILE", "sched_getaffinity", "sched_setaffinity", "register_at_fork", "fork"):
    delattr(os, name) if hasattr(os, name) else None
for name in ("SIGHUP", "SIGPIPE"):
    delattr(signal, name) if hasattr(signal, name) else None
sys.modules |= dict.fromkeys(("fcntl", "termios", "resource", "pwd", "readline"))
sys.argv[0] = "actcli"
from actcli.__main__ import main
main()
"""


def run(arguments, given=b"", *, bare=False, **environment):
    command = ["-c", BARE] if bare else ["-m", "actcli"]
    done = subprocess.run(
        [sys.executable, *command, *arguments], input=given, capture_output=True, check=False,
        env=os.environ | environment, timeout=120,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


@pytest.mark.parametrize(
    "arguments",
    [
        ["table", "gelu", "mish:beta=2", "--range=-3:3", "-n", "13"],
        ["table", "gelu", "-i", "-"],
        ["check-properties", "elu"],
        ["list", "swish"],
        ["plot", "tanh", "--terminal", "--quiet"],
        ["neuron", "gelu", "--weights", "1", "2", "--bias", "0.5", "--inputs", "3", "4"],
        ["table", "geluu"],
    ],
    ids=lambda arguments: " ".join(arguments[:2]),
)
def test_without_what_only_linux_has(arguments):
    given = b"-1\n0.5\n2\n"
    assert run(arguments, given, bare=True) == run(arguments, given)


def test_files_without_nameless_ones(tmp_path):
    for name in ("out.tsv", "out.png", "out.npy"):
        command = "plot" if name.endswith("png") else "table"
        made = []
        for bare in (False, True):
            target = tmp_path / str(bare) / name
            target.parent.mkdir(exist_ok=True)
            code, _, errors = run([command, "relu", "-o", str(target)], bare=bare)
            assert code == 0, errors
            assert list(target.parent.glob("*.part")) == []
            made.append(target.read_bytes())
        assert made[0] == made[1]


def test_text_stays_as_it_is_on_windows(tmp_path, monkeypatch):
    """Descriptors there are of text unless they say otherwise, and \\n becomes \\r\\n."""
    asked = []
    opened = os.open
    monkeypatch.delattr(os, "O_TMPFILE", raising=False)
    monkeypatch.setattr(files, "_NEW", files._NEW | (binary := os.O_SYNC))
    monkeypatch.setattr(
        os, "open", lambda path, flags, *mode: asked.append(flags) or opened(path, flags, *mode)
    )
    with files.whole_file(str(tmp_path / "a.txt")) as stream:
        stream.write("one\ntwo\n")
    assert [flags & binary for flags in asked] == [binary]
    assert (tmp_path / "a.txt").read_bytes() == b"one\ntwo\n"


def test_cores_without_affinity(monkeypatch):
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 3)
    assert threads._cores() == [0, 1, 2]
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert threads._cores() == [0]


INTERRUPTED = """
import os, time
from actcli.cli import streams
os.name, os.kill = "nt", None
class Lost: exc_type = KeyboardInterrupt
try:
    streams.interrupt_again(Lost())
    for _ in range(500): time.sleep(0.01)
except KeyboardInterrupt:
    print("interrupted")
"""


def test_ctrl_c_again_where_no_process_sends_itself_signals():
    done = subprocess.run([sys.executable, "-c", INTERRUPTED], capture_output=True, check=True)
    assert done.stdout == b"interrupted\n"


def test_the_program_is_told_by_the_environment_that_there_is_no_long_double():
    names = ["gelu", "swish", "sine:omega=30", "mish", "bent_identity"]
    arguments = ["table", *names, "--range=-2:2", "-n", "9", "-f", "tsv"]
    outputs = [run(arguments, ACTCLI_LONG_DOUBLE=state) for state in ("0", "1")]
    assert all(code == 0 for code, _, _ in outputs)
    lines = [text.decode().splitlines() for _, text, _ in outputs]
    tables = [np.loadtxt(each, skiprows=1, usecols=(1, 2, 3)) for each in lines]
    assert tables[0].shape == (9 * len(names), 3)
    np.testing.assert_allclose(tables[0], tables[1], rtol=4 * 2.0**-52)
