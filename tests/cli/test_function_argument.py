import pytest

from actcli.cli import run
from actcli.cli.function_argument import resolve_functions

SWEPT = ["swish", "x*tanh(b*x)", "relu"]
BOTH = ["beta=1,2", "b=3"]


def labels(*given, functions=SWEPT, param=BOTH):
    return [f.label for f in resolve_functions(functions, param, None, given)]


def test_labels_name_functions_in_order_and_keep_the_values_of_a_sweep():
    assert labels() == ["swish", "swish(beta=2)", "x*tanh(b*x)(b=3)", "relu"]
    assert labels("ours", "theirs", "old") == ["ours", "ours(beta=2)", "theirs(b=3)", "old"]
    assert labels("a", "b", "c", "d") == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("given", "part"),
    [
        (("a",), "--label is given 1 time for 4 functions"),
        (("a", "b", "c", "b"), "two functions would have one label"),
        (("a", "b", "c", "\x1b[31m"), "printable characters"),
        (("a", "b", "c", " "), "printable characters"),
        (("a", "b", "c", "x" * 201), "1 to 200"),
    ],
)
def test_labels_that_cannot_be_are_refused(given, part):
    with pytest.raises(ValueError, match=r"[a-z]") as refusal:
        labels(*given)
    assert part in str(refusal.value)


def test_parameters_that_nobody_has_are_refused_with_what_there_is():
    with pytest.raises(ValueError, match=r"'slope'; x\*tanh\(b\*x\) has b; elu has alpha"):
        labels(functions=["x*tanh(b*x)", "elu"], param=["slope=1", "b=1"])


def test_starts_of_names_that_neither_has_are_told_of_both(capsys):
    with pytest.raises(SystemExit) as stopped:
        run(["approximate", "gelu", "--by", "x*sigmoid(c*x)", "-p", "d=1"])
    assert stopped.value.code == 2
    told = capsys.readouterr().err
    assert "-p d=1: neither gelu nor 'x*sigmoid(c*x)' has 'd'; the latter has c to start" in told
