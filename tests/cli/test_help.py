"""Help texts: their examples can be run, `help` shows them, and bad names are told the good ones."""

import itertools
import re
import shlex
from pathlib import Path

import click
import numpy as np
import pytest

import actcli
from actcli.cli import COMMANDS, main
from actcli.cli.details import DETAILS, details
from actcli.properties import NAMES

HELPS = [(name, "--help") for name in COMMANDS] + [("--help",)]


def examples_in(text):
    """The commands below "Examples:", as lists of words without the first."""
    block = re.search(r"^ *Examples:\n((?: +actcli .*\n)+)", text, re.MULTILINE)
    assert block, text
    return [shlex.split(line)[1:] for line in block[1].splitlines()]


def make_input(path):
    """Writes pre-activations for an example that reads them."""
    z = np.random.default_rng(0).normal(size=(64, 8))
    (np.savez if path.suffix == ".npz" else np.save)(path, z)


@pytest.mark.parametrize("args", HELPS, ids=" ".join)
def test_every_help_has_examples_that_run(call, args, tmp_path):
    examples = examples_in(call(*args)[1])
    assert 2 <= len(examples) <= 3
    for example in examples:
        assert len(args) == 1 or example[0] == args[0]
        for option, name in itertools.pairwise(example):
            if option == "-i":
                make_input(tmp_path / name)
        status, out, err = call(*example)
        files = {e for e in example if re.fullmatch(r"\w+\.\w{3}", e)}
        assert status == 0, example
        assert out or files, example
        assert set(err.split()) <= files, example
        assert all((tmp_path / name).stat().st_size for name in files)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command_is_its_help_option(call, name):
    assert call("help", name) == call(name, "--help")
    assert call("help", name.upper().replace("-", "_")) == call(name, "--help")


@pytest.mark.parametrize("name", DETAILS)
def test_help_ends_with_the_details_of_a_command(call, name):
    shown = call("help", name)[1].rpartition("Show this message and exit.")[2]
    assert "".join(shown.split()) == "".join(details(name).replace("\b", "").split())
    assert name in COMMANDS


def test_every_property_is_explained_in_their_order(call):
    shown = call("help", "check-properties")[1].rpartition("Show this message and exit.")[2]
    assert tuple(re.findall(r"^  (\w+) {2,}\S", shown, re.MULTILINE)) == NAMES


def test_every_diagnosis_of_an_audit_is_named():
    source = (Path(actcli.__file__).parent / "audits" / "diagnosis.py").read_text()
    found = set(re.findall(r'return f?"([a-z]+(?:-[a-z]+)*)\b', source))
    assert {"cancellation", "rounds-twice", "wrong-sign"} < found
    told = re.search(r"results: (.*?)\.\n\n", details("audit"), re.DOTALL)[1]
    assert set(re.findall(r"[a-z]{3,}(?:-[a-z]+)*", told)) == found


def test_help_alone_lists_all_commands(call):
    assert call("help") == call("--help")
    assert set(re.findall(r"^  ([\w-]+)  ", call("help")[1], re.MULTILINE)) >= set(COMMANDS)


def test_without_arguments_three_commands_to_try(call):
    status, out, err = call()
    assert (status, err) == (0, "")
    assert len(out.splitlines()) < 10
    assert max(map(len, out.splitlines())) <= 80
    tried = re.findall(r"^  actcli (.*?)  ", out, re.MULTILINE)
    assert len(tried) == 3
    for words in tried:
        assert call(*shlex.split(words))[0] == 0


def test_every_option_has_a_help(call):
    for name in COMMANDS:
        command = main.get_command(click.Context(main), name)
        for option in command.params:
            assert not isinstance(option, click.Option) or option.help, f"{name} {option.opts}"


FORMATS = ("table", "tsv", "csv", "json", "jsonl", "markdown", "latex")
FAMILIES = ("s-shaped", "ramp", "composite", "shrinkage", "oscillating", "other")
EXPERIMENTS = ("vanishing-gradients", "dead-relu", "circle", "spiral", "edge-of-chaos", "hopfield")
DATA = ("circle", "xor", "gauss", "moons", "plane", "recall", "wave", "karate", "patterns")


@pytest.mark.parametrize(
    ("args", "names"),
    [
        (("plott",), COMMANDS),
        (("quux",), COMMANDS),
        (("help", "tabel"), COMMANDS),
        (("table", "relu", "-f", "xml"), (*FORMATS, "npy")),
        (("compare", "relu", "elu", "-f", "npy"), FORMATS),
        (("list", "--family", "rampp"), FAMILIES),
        (("train-toy", "--experiment", "circles"), EXPERIMENTS),
        (("train-toy", "relu", "--data", "circel"), DATA),
    ],
)
def test_bad_names_are_answered_with_the_list(call, refused, args, names):
    refused(call, args, args[-1])
    said = call(*args)[2]
    for name in names:
        assert re.search(rf"\b{name}\b", said), said


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (
            ("table", "swish", "--beta", "2"),
            "no such option '--beta'; a parameter is set with -p beta=",
        ),
        (
            ("plot", "gelu", "--approximate"),
            "no such option '--approximate'; did you mean --approx?",
        ),
        (("table", "gelu", "--fromat=csv"), "no such option '--fromat'; did you mean --format?"),
        (("table", "gelu", "--zzz"), "no such option '--zzz'; see 'actcli table --help'"),
        (("check", "gelu"), "no command is called 'check'; did you mean check-properties?"),
        (("plot", "numbers.csv"), "'numbers.csv' is a file, not a FUNCTION; type -i before"),
        (("plot", "swish", "beta=2"), "'beta=2' sets a parameter; type -p beta=2"),
        (("plot", "gelu,relu"), "type several functions apart, as in gelu relu"),
        (("table", "ours.py:gelu"), "leave out .py, as in ours:gelu"),
        (("approximate", "gelu", "--by", "spline"), "piecewise, table, or a formula with names"),
        (("audit", "elu", "relu", "-p", "alpha=1,2"), "audit takes one FUNCTION, not 2"),
        (("audit", "gelu", "ours.py:gelu"), "names no function in a file; type ours:gelu"),
        (("audit", "gelu", "ours.py"), "names no function in a file; type ours:NAME"),
        (
            ("audit", "gelu", "theirs.py"),
            "there is no file 'theirs.py'; give its path, or type MODULE:NAME",
        ),
        (("audit", "gelu", "./ours.c"), "names no function in a file; type ./ours.c:NAME"),
        (("table", "gelu", "--at", "1", "2"), "'2' is a number, not a FUNCTION"),
        (("plot",), "missing argument 'FUNCTION...'; type for example actcli plot gelu"),
        (("check-properties",), "type for example actcli check-properties gelu"),
    ],
)
def test_wrong_usage_is_answered_with_what_to_type(call, refused, args, message, tmp_path):
    for name in ("numbers.csv", "ours.py", "ours.c"):
        (tmp_path / name).write_text("1\n")
    refused(call, args, message)
