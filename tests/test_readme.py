"""README tells the truth: its commands run here and have to print what it shows.

`python tests/test_readme.py` writes the outputs and the pictures of README anew; the picture of a
page FILE.html is FILE.png, photographed in the browser that its tests need. A line `...` in
an output stands for lines that are left out; such an output is compared, never rewritten.
"""

import doctest
import io
import os
import re
import shlex
import shutil
import struct
import subprocess
import sys
import tempfile
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest import mock

import click
import pytest
from browsing import launched, photographed

import actcli
from actcli.cli import COMMANDS, main, run

ROOT = Path(__file__).resolve().parent.parent
README = ROOT / "README.md"
PICTURES = ROOT / "tests" / "readme"
TEXT = README.read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
TERMINAL = {"COLUMNS": "80", "LINES": "16", "NO_COLOR": "1", "PAGER": "", "LC_ALL": "C.UTF-8"}
TRIM = "...\n"
STATE = "beta=2.5&x=-0.6"  # of a page in its picture


def shown_commands(block):
    """All (command, output) of a console block; what follows a `$ ` line is its output."""
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        command, _, output = part.partition("\n")
        yield command, output.rstrip("\n") + "\n" if output.strip() else ""


CONSOLE = [list(shown_commands(block)) for language, block in BLOCKS if language == "console"]
SHOWN = [both for block in CONSOLE for both in block]


class Screen(io.TextIOWrapper):
    """A terminal in memory; standard error writes there too, but without progress bars."""

    def __init__(self, shared=None):
        self.terminal = shared is None
        buffer = io.BytesIO() if shared is None else shared.buffer
        super().__init__(buffer, encoding="utf-8", write_through=True)

    def isatty(self):
        return self.terminal

    def text(self):
        """What is to be read: without bold type, which NO_COLOR allows, and unseen blanks."""
        plain = re.sub(r"\x1b\[[0-9;]*m", "", self.buffer.getvalue().decode())
        return re.sub(r" +$", "", plain, flags=re.MULTILINE)


def prepare(place):
    """Runs README's scripts there and makes the program known to its shell commands."""
    bin_ = place / "bin"
    bin_.mkdir()
    program = bin_ / "actcli"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m actcli "$@"\n')
    program.chmod(0o755)
    with chdir(place):
        for language, block in BLOCKS:
            if language == "python" and ">>>" not in block:
                exec(compile(block, str(README), "exec"), {})


def printed(command, place):
    """What a terminal of 80 columns and 16 lines shows; a command with shell syntax is run by bash."""
    if re.search(r"[|;&><$]", re.sub(r"'[^']*'", "", command)):
        environment = os.environ | TERMINAL
        environment["PATH"] = f"{place / 'bin'}:{environment['PATH']}"
        environment["PYTHONPATH"] = str(Path(actcli.__file__).parents[1])
        done = subprocess.run(
            ["bash", "-c", command], cwd=place, env=environment, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300,
        )  # fmt: skip
        return done.stdout
    program, *arguments = shlex.split(command)
    assert program == "actcli", f"README runs {program!r} outside of a pipeline"
    screen = Screen()
    errors = Screen(shared=screen)
    with (
        chdir(place),
        mock.patch.dict(os.environ, TERMINAL),
        redirect_stdout(screen),
        redirect_stderr(errors),
        pytest.raises(SystemExit) as stopped,
    ):
        run(arguments)
    errors.detach()
    assert stopped.value.code == 0, screen.text()
    return screen.text()


def trimmed_alike(output, shown):
    """Whether they are equal where `shown` has no line `...`."""
    parts = [re.escape(part) for part in re.split(r"^\.\.\.\n", shown, flags=re.MULTILINE)]
    return re.fullmatch(r"(?:.*\n)*?".join(parts), output) is not None


def png_size(path):
    content = path.read_bytes()
    assert content.startswith(b"\x89PNG\r\n\x1a\n")
    return struct.unpack(">II", content[16:24])


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    path = tmp_path_factory.mktemp("readme")
    prepare(path)
    return path


# --- commands ------------------------------------------------------------------------------


@pytest.mark.parametrize("block", CONSOLE, ids=[block[0][0] for block in CONSOLE])
def test_commands_print_what_is_shown(block, place):
    for command, shown in block:  # a later one may read what an earlier one has written
        output = printed(command, place)
        if TRIM in shown:
            assert trimmed_alike(output, shown), output
        else:
            assert output == shown
        for name in re.findall(r"^\S+\.png$", output, re.MULTILINE):
            assert f"](tests/readme/{name})" in TEXT
            assert png_size(place / name) == png_size(PICTURES / name)


def test_every_picture_comes_from_a_command_and_is_small():
    embedded = set(re.findall(r"\]\(tests/readme/([^)]+)\)", TEXT))
    names = {line for _, shown in SHOWN for line in shown.split()}
    drawn = {name for name in names if name.endswith(".png")}
    drawn |= {f"{name[:-5]}.png" for name in names if name.endswith(".html")}
    assert embedded == drawn == {path.name for path in PICTURES.iterdir()}
    assert max(path.stat().st_size for path in PICTURES.iterdir()) < 100_000


def test_python_examples_hold(place):
    finder = doctest.DocTestParser()
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    with chdir(place):
        for number, (language, block) in enumerate(BLOCKS):
            if language == "python" and ">>>" in block:
                found = finder.get_doctest(block, {}, f"block {number}", str(README), 0)
                complaints = io.StringIO()
                runner.run(found, out=complaints.write)
                assert not complaints.getvalue(), complaints.getvalue()
    assert runner.summarize(verbose=False).attempted > 0


# --- what has to be there ------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_is_told(name):
    assert any(re.search(rf"\bactcli {name}\b", command) for command, _ in SHOWN)
    command = main.get_command(click.Context(main), name)
    told = set(re.findall(r"(?<![\w-])--?[a-z][a-z-]*", TEXT))
    for option in command.params:
        if isinstance(option, click.Option):
            assert told & set(option.opts), f"README does not mention {option.opts[-1]}"


def test_the_first_two_commands_install_and_test():
    install, tests = (block for language, block in BLOCKS[:2] if language == "sh")
    fresh = "python3 -m venv .venv && .venv/bin/pip install "
    assert install == f"{fresh}. && .venv/bin/actcli plot gelu --approx tanh\n"
    assert tests == f"{fresh}'.[test]' && .venv/bin/pytest\n"


@pytest.mark.skipif(not (ROOT / ".ci").exists(), reason="a source distribution has no .ci")
def test_the_check_of_a_bare_machine_takes_its_commands_from_here():
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    taken = subprocess.run(
        ["bash", str(script), "--show"], capture_output=True, text=True, check=True
    ).stdout
    install, tests = (block for _, block in BLOCKS[:2])
    assert taken == tests + install


def test_paths_named_in_passing_exist():
    for path in re.findall(r"(?<![\w/.])(?:tests|actcli)/[\w/.=-]+", TEXT):
        assert (ROOT / path).exists(), path


def test_links_within_the_page_lead_to_its_headings():
    headings = re.findall(r"^#+ (.*)$", re.sub(r"^```.*?^```$", "", TEXT, flags=re.M | re.S), re.M)
    anchors = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    links = re.findall(r"\]\(#([^)]*)\)", TEXT)
    assert len(links) > 8
    assert set(links) <= anchors


# --- completion ----------------------------------------------------------------------------


def test_bash_completes_functions_as_described(place):
    line = next(text for text in TEXT.splitlines() if text.startswith('eval "$(_ACTCLI_COMPLETE'))
    asked = [  # as bash cuts them into words
        "actcli plot leaky_r",
        "actcli plot gelu : a",
        "actcli plot gelu:approx = t",
        "actcli plot gelu : ",
        "actcli table gelu --approx = s",
        "actcli table swish -p be",
    ]
    script = f"{line}\ncompopt() {{ :; }}\n" + "".join(
        f"COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1)); COMPREPLY=()\n"
        f"COMP_LINE='{words.replace(' : ', ':').replace(' = ', '=')}'; COMP_POINT=${{#COMP_LINE}}\n"
        '_actcli_completion actcli; echo "${COMPREPLY[@]}"\n'
        for words in asked
    )
    assert printed(script, place).splitlines() == [
        "leaky_relu",
        "approx=none approx=tanh approx=sigmoid",
        "tanh",
        "mu= sigma= approx=none approx=tanh approx=sigmoid",
        "sigmoid",
        "beta=",
    ]


# --- writing README anew -------------------------------------------------------------------


def renew():
    """Outputs and pictures as they are now; trimmed outputs that no longer fit are printed."""
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        prepare(place)
        text = TEXT
        shutil.rmtree(PICTURES, ignore_errors=True)
        PICTURES.mkdir()
        for command, shown in SHOWN:
            output = printed(command, place)
            if TRIM not in shown:
                text = text.replace(f"$ {command}\n{shown}", f"$ {command}\n{output}", 1)
            elif not trimmed_alike(output, shown):
                print(f"trim this by hand:\n$ {command}\n{output[:2000]}")
            for name in re.findall(r"^\S+\.png$", output, re.MULTILINE):
                shutil.copy(place / name, PICTURES / name)
            for name in re.findall(r"^(\S+)\.html$", output, re.MULTILINE):
                with launched() as chromium:
                    png = photographed(chromium, place / f"{name}.html", STATE)
                (PICTURES / f"{name}.png").write_bytes(png)
        README.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    renew()
