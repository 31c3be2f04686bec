"""The manual page holds every option of every command, formats without a warning, and is in the wheel."""

import re
import subprocess
import zipfile
from pathlib import Path
from shutil import which

import click
import pytest

import actcli
from actcli.cli import COMMANDS, main
from actcli.cli.man_page import man_page

ROOT = Path(actcli.__file__).parents[1]


def sections(text, heading):
    """What stands below each heading, by heading."""
    parts = re.split(heading, text, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.fixture(scope="module")
def pages():
    """What the page says, by section, without the requests and escapes of roff."""
    shown = re.sub(r"\\f[BR]|\\&", "", man_page())
    shown = shown.replace("\\-", "-").replace("\\(aq", "'").replace("\\e", "\\")
    found = sections(shown, r"^\.SH (.*)\n")
    return {name: re.sub(r"^\.\w+\n", "", text, flags=re.MULTILINE) for name, text in found.items()}


@pytest.mark.skipif(not which("groff"), reason="groff, which shows manual pages, is not installed")
def test_the_page_is_formatted_without_a_warning_and_nothing_is_lost(pages):
    done = subprocess.run(
        ["groff", "-man", "-Tascii", "-ww", "-rLL=150n"],
        input=man_page(),
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    shown = sections(re.sub(r"\x1b\[[0-9;]*m|.\x08", "", done.stdout), r"^(\S.*)\n")
    for name, text in pages.items():
        assert words(text) in words(shown[name])


def words(text):
    return " ".join(text.split())


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_and_its_help_is_there(pages, name):
    page = words(pages[name.upper()])
    command = main.get_command(click.Context(main), name)
    assert f"actcli {name} " in page
    for option in command.params:
        if isinstance(option, click.Option):
            assert re.search(rf"(?<![\w-]){', '.join(option.opts)}(?![\w-])", page), option.opts
            assert words(option.help) in page


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_stand_line_by_line(call, pages, name):
    examples = re.findall(r"^ +actcli .*$", call(name, "--help")[1], re.MULTILINE)
    assert examples
    lines = [line.strip() for line in pages[name.upper()].splitlines()]
    assert [e.strip() for e in examples if e.strip() not in lines] == []


def test_the_usual_sections_are_there(pages):
    assert pages["NAME"].strip().startswith("actcli - Explore activation functions")
    assert {"SYNOPSIS", "DESCRIPTION", "COMMANDS", "EXIT STATUS"} <= pages.keys()
    for status in ("0", "1", "2", "130"):
        assert re.search(rf"\b{status} \w", pages["EXIT STATUS"])


@pytest.mark.skipif(not (ROOT / "pyproject.toml").exists(), reason="an installed package has none")
def test_the_wheel_holds_it(tmp_path):
    wheel = pytest.importorskip("hatchling.builders.wheel")
    (built,) = wheel.WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"])
    with zipfile.ZipFile(built) as archive:
        (name,) = (n for n in archive.namelist() if n.endswith(".1"))
        assert name.endswith(".data/data/share/man/man1/actcli.1")
        assert archive.read(name).decode() == man_page()
