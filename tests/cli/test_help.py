"""The examples that help texts show can be run."""

import re
import shlex

import pytest

from actcli.cli import run

COMMANDS = ("list", "compare", "check-properties")


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_run(name, capsys):
    with pytest.raises(SystemExit):
        run([name, "--help"])
    examples = re.findall(r"^ +actcli (.*)$", capsys.readouterr().out, re.MULTILINE)
    assert examples
    for example in examples:
        with pytest.raises(SystemExit) as stopped:
            run([*shlex.split(example), "--json"])
        assert stopped.value.code == 0, example
        assert capsys.readouterr().out.startswith("["), example
