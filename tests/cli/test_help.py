"""The examples that help texts show can be run."""

import re
import shlex

import pytest

COMMANDS = ("list", "compare", "check-properties")


@pytest.mark.parametrize("name", COMMANDS)
def test_examples_run(call, name):
    examples = re.findall(r"^ +actcli (.*)$", call(name, "--help")[1], re.MULTILINE)
    assert examples
    for example in examples:
        status, out, _ = call(*shlex.split(example), "--json")
        assert (status, out[0]) == (0, "["), example
