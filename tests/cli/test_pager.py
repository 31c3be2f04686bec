"""Long lists on a terminal go to the pager, and nothing else does."""

import os
import re
import subprocess
import sys

import pytest
from processes import ENVIRONMENT, PROGRAM

pty = pytest.importorskip("pty")

PAGER = """import sys
text = sys.stdin.read()
open("paged.txt", "w").write(text)
print("shown by the pager")
"""


@pytest.fixture
def terminal(tmp_path):
    """Runs `actcli ...` on a terminal of some lines; what it shows, and what the pager was given."""
    (tmp_path / "pager.py").write_text(PAGER)
    command = f"{sys.executable} {tmp_path / 'pager.py'}"

    def run(*args, lines=24, columns=80, pager=command, **more):
        variables = {"LINES": str(lines), "COLUMNS": str(columns), "PAGER": pager, "TERM": "xterm"}
        environment = {k: v for k, v in ENVIRONMENT.items() if k not in ("NO_COLOR", "LESS")}
        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [*PROGRAM, *args], stdin=theirs, stdout=theirs, stderr=subprocess.PIPE, cwd=tmp_path,
            env=environment | variables | more,
        )  # fmt: skip
        os.close(theirs)
        shown = b""
        while True:
            try:
                part = os.read(ours, 1 << 16)
            except OSError:  # so Linux says that the other end is closed
                part = b""
            if not part:
                break
            shown += part
        os.close(ours)
        process.communicate(timeout=60)
        assert process.returncode == 0
        paged = tmp_path / "paged.txt"
        found = paged.read_text() if paged.exists() else ""
        paged.unlink(missing_ok=True)
        return shown.decode().replace("\r\n", "\n"), found

    return run


@pytest.mark.parametrize("args", [("list",), ("list", "--primitives")], ids=" ".join)
def test_a_long_list_is_paged(terminal, args):
    shown, paged = terminal(*args)
    assert shown == "shown by the pager\n"
    assert len(paged.splitlines()) > 24
    direct, nothing = terminal(*args, lines=1000)
    assert nothing == ""
    assert re.sub(r"\x1b\[[\d;]*m", "", direct) == paged


@pytest.mark.parametrize(
    "args",
    [
        ("list", "--family", "oscillating"),
        ("list", "gelu"),
        ("list", "--json"),
        ("list", "-f", "tsv"),
        ("table", "relu", "-n", "50"),
    ],
    ids=" ".join,
)
def test_nothing_else_is_paged(terminal, args):
    shown, paged = terminal(*args, lines=40)
    assert paged == ""
    assert "shown by the pager" not in shown
    assert len(shown) > 100


def test_an_empty_pager_means_none(terminal):
    shown, paged = terminal("list", pager="")
    assert (len(shown.splitlines()) > 24, paged) == (True, "")


@pytest.mark.parametrize(("less", "coloured"), [("", True), ("-R", True), ("-S", False)])
def test_colours_are_kept_for_less_if_it_shows_them(terminal, tmp_path, less, coloured):
    program = tmp_path / "less"
    program.write_text(f"#!{sys.executable}\n{PAGER}")
    program.chmod(0o755)
    _, paged = terminal("list", pager=str(program), LESS=less)
    assert ("\x1b[1m" in paged) == coloured
    assert "logistic" in paged


def test_the_pager_is_given_what_the_terminal_can_show(terminal):
    _, paged = terminal("list", "--primitives", LC_ALL="C", PYTHONUTF8="0", PYTHONCOERCECLOCALE="0")
    assert paged.isascii()
    assert "---" in paged
