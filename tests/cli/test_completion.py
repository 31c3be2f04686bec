"""Completion: names, parameters of what was typed, choices; and silence where there is none."""

import random

import click
import pytest

from actcli.cli import COMMANDS, main

KEPT_WORDS = ("--label", "--at", "--size", "--range", "--bias", "--epochs", "--layers", "--noise")


@pytest.mark.parametrize(
    ("words", "offers"),
    [
        (("plot", "x*sigmoid(b*x)", "-p", ""), ["b="]),
        (("plot", "x*sigmoid(b*x)", "swish", "-p", "b"), ["b=", "beta="]),
        (("plot", "-p", "b=1", "a*x + tanh(c*x)", "--param", ""), ["a=", "c="]),
        (("plot", "gelu", "-p", "approx=t"), ["approx=tanh"]),
        (("plot", "x*", "-p", "slo"), ["slope="]),
        (("train-toy", "prelu", "x*sigmoid(b*x)", "--learn", ""), ["slope", "b"]),
        (("train-toy", "prelu", "swish", "--learn", "slope,b"), ["slope,beta"]),
        (("train-toy", "gelu", "--learn", ""), ["mu", "sigma"]),
        (("help", "t"), ["table", "train-toy"]),
        (("plot", "gelu", "--marks", "extrema,k"), ["extrema,kinks"]),
        (("plot", "gelu", "--context", "p"), ["paper"]),
        (("compare", "gelu", "silu", "--xscale=sym"), ["symlog"]),
        (("plot", "gelu:"), ["gelu:mu=", "gelu:sigma=", "gelu:approx=none", "gelu:approx=tanh",
                             "gelu:approx=sigmoid"]),
    ],
)  # fmt: skip
def test_offers(completed, words, offers):
    assert completed(*words) == offers


def options():
    for name in COMMANDS:
        for option in main.get_command(click.Context(main), name).params:
            if isinstance(option, click.Option) and not option.is_flag:
                yield name, option


@pytest.mark.parametrize("name", COMMANDS)
def test_words_that_an_option_takes_are_offered(completed, name):
    """Those of its choices, and those that its help names with bars between."""
    for command, option in options():
        if command == name:
            found = completed(name, option.opts[-1], "")
            choices = getattr(option.type, "choices", ())
            named = option.metavar or ""
            if "|" in named and named.islower():
                choices = named.split("|")
            assert set(choices) <= set(found), option.opts
            if option.opts[-1] in KEPT_WORDS:
                assert found == [], option.opts


@pytest.fixture
def shell(call, monkeypatch):
    """Asks as a shell does: with these variables of the environment."""

    def ask(asked="bash_complete", **variables):
        for name in ("COMP_LINE", "COMP_WORDS", "COMP_CWORD"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("_ACTCLI_COMPLETE", asked)
        return call()

    return ask


def test_bash_with_the_words_alone(shell):
    status, out, err = shell(COMP_WORDS="actcli pl", COMP_CWORD="1")
    assert (status, out, err) == (0, "plain,plot\n", "")


@pytest.mark.parametrize("kind", ["bash", "zsh", "fish", "powershell", "csh", ""])
def test_odd_environments_are_met_with_silence(shell, kind):
    r = random.Random(f"environments of {kind}")
    texts = (
        "actcli pl",
        "",
        "actcli",
        "actcli plot 'x*",
        'actcli "',
        "actcli table \\",
        "0",
        "-1",
        "x",
        "99",
        "actcli quux ",
        "actcli plot -p",
        "actcli plot x/0 -p ",
        "actcli train-toy --data ",
        "\udc80",
        "actcli plot \x1b[31m",
        "actcli " + "a" * 5000,
        " actcli plot ge",
        "'",
        "\n",
    )
    for _ in range(60):
        chosen = {
            n: r.choice(texts)
            for n in ("COMP_LINE", "COMP_WORDS", "COMP_CWORD")
            if r.random() < 0.7
        }
        status, _, err = shell(f"{kind}_complete", **chosen)
        assert (status in (0, 1), err) == (True, ""), chosen


def test_the_script_of_an_unknown_shell_is_refused(shell):
    status, out, err = shell("tcsh_source")
    assert (status, out) == (2, "")
    assert err == "actcli: there is no completion for 'tcsh'; ask for bash, zsh or fish\n"
    assert "_actcli_completion" in shell("bash_source")[1]
