"""Names, parameters, domains and labels, with every message word for word."""

import csv
import re
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

import actcli
from actcli.functions.catalogue import all_names, find, knows, names
from actcli.functions.parameters import Choices, Real
from actcli.functions.registry import FUNCTIONS, Function, activation

DATA = Path(__file__).parents[1] / "data"
with open(DATA / "functions.csv", newline="", encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))


def refusal(function: str, **given: object) -> str:
    """The message with which an activation is refused."""
    with pytest.raises(ValueError, match=r"\S") as caught:
        actcli.activation(function, **given)
    return str(caught.value)


@pytest.mark.parametrize("what", [3, None, 2.5, np.float64(1)])
def test_what_is_no_text_is_refused_in_words(what):
    assert "\n" not in refusal(what)


@pytest.mark.parametrize("sigma", ["1_0", "1_0/2", "2/1_0"])
def test_digits_are_not_separated(sigma):
    assert refusal("gelu", sigma=sigma) == f"gelu: sigma is a number > 0, not {sigma!r}"


# -- the registry is the CSV -----------------------------------------------------------------------
def test_every_row_is_registered_in_order():
    assert names() == [row["name"] for row in ROWS]


def defaults(function: Function) -> dict[str, object]:
    return {
        p.name: "|".join(p.domain.options) if isinstance(p.domain, Choices) else p.default
        for p in function.parameters
    }


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["name"])
def test_row_is_registered_as_written(row):
    function = FUNCTIONS[row["name"]]
    stated = dict(item.split("=") for item in row["parameters"].split())
    expected = {key: text if "|" in text else Fraction(text) for key, text in stated.items()}
    assert function.name == row["name"]
    assert function.family == row["family"]
    assert list(defaults(function).items()) == list(expected.items())
    assert list(function.aliases) == row["aliases"].split()
    assert row["source"].startswith(function.source)


def test_the_default_of_a_choice_is_its_first_word():
    for function in FUNCTIONS.values():
        for parameter in function.parameters:
            if isinstance(parameter.domain, Choices):
                assert parameter.default == parameter.domain.options[0]


@pytest.mark.parametrize("name", names())
def test_every_alias_is_the_same_function(name):
    for alias in FUNCTIONS[name].aliases:
        assert find(alias) is FUNCTIONS[name]
        made = actcli.activation(alias)
        assert (made.name, made.label) == (name, alias)


def test_names_and_aliases_are_all_different_and_plain():
    every = [key for f in FUNCTIONS.values() for key in (f.name, *f.aliases)]
    assert len(every) == len(set(every))
    assert sorted(every) == sorted(all_names())
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", key) for key in every)


def test_families_come_one_after_the_other():
    order = [function.family for function in FUNCTIONS.values()]
    ends = [a for a, b in pairwise([*order, ""]) if a != b]
    assert ends == ["s-shaped", "ramp", "composite", "shrinkage", "oscillating", "bump", "other"]


def test_what_a_function_approximates_is_registered():
    found = {f.name: f.approximates for f in FUNCTIONS.values() if f.approximates}
    assert found == {"gelu_tanh": "gelu", "quick_gelu": "gelu"}
    for label in ("gelu_tanh", "quick_gelu", "gelu:approx=tanh", "gelu:approx=sigmoid"):
        assert actcli.activation(label).approximates.label == "gelu"
    assert actcli.activation("gelu:approx=tanh,sigma=2").approximates.label == "gelu(sigma=2)"
    assert actcli.activation("gelu:approx=none").approximates is None
    assert actcli.activation("swish").approximates is None


def test_a_second_function_of_the_same_name_is_refused():
    def swish(x, beta: Real = 1):
        """Not this one."""
        return x

    with pytest.raises(ValueError, match=r"^two functions are called 'swish'$"):
        activation(family="composite", source="nowhere")(swish)
    assert find("swish").source.startswith("course notes")


# -- names ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("GELU", "gelu"),
        ("leaky-relu", "leaky_relu"),
        ("Leaky-ReLU", "leaky_relu"),
        ("LeakyReLU", "leaky_relu"),
        ("SiLU", "swish"),
        ("sigmoid", "logistic"),
        ("HARD-SIGMOID", "hard_sigmoid"),
        (" tanh ", "tanh"),
        ("abs", "abs"),
        ("gelu-python-tanh", "gelu_tanh"),
    ],
)
def test_case_and_hyphens_do_not_matter(typed, name):
    assert knows(typed)
    assert find(typed).name == name
    assert actcli.activation(typed).name == name


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("geluu", "no activation is called 'geluu'; did you mean gelu?"),
        ("leaky-rely", "no activation is called 'leaky-rely'; did you mean leaky_relu?"),
        ("Swich", "no activation is called 'Swich'; did you mean swish?"),
        ("sigmoidd", "no activation is called 'sigmoidd'; did you mean sigmoid?"),
        ("qqqq", "no activation is called 'qqqq'; 'actcli list' shows them all"),
        ("geluu:sigma=2", "no activation is called 'geluu'; did you mean gelu?"),
    ],
)
def test_an_unknown_name_is_answered_with_the_nearest(typed, message):
    assert refusal(typed) == message


def test_an_endless_name_is_cut_in_its_message():
    wanted = f"no activation is called '{'z' * 57}...'; 'actcli list' shows them all"
    assert refusal("z" * 5000) == wanted


# -- parameters ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("elu", {"slope": 1}, "elu has no parameter 'slope'; it has alpha (default 1)"),
        ("tanh", {"beta": 1}, "tanh has no parameter 'beta'; it has none"),
        (
            "hard_sigmoid",
            {"alpha": 0.2},
            "hard_sigmoid has no parameter 'alpha'; "
            "it has slope (default 1/6), offset (default 0.5)",
        ),
        (
            "gelu",
            {"approximate": "tanh"},
            "gelu has no parameter 'approximate'; "
            "it has mu (default 0), sigma (default 1), approx (default none)",
        ),
        ("gelu", {"sigma": 0}, "gelu: sigma is a number > 0, not '0'"),
        ("gelu", {"sigma": "-1"}, "gelu: sigma is a number > 0, not '-1'"),
        ("gelu", {"approx": "erf"}, "gelu: approx is none or tanh or sigmoid, not 'erf'"),
        ("hard_shrink", {"lambd": -0.1}, "hard_shrink: lambd is a number >= 0, not '-0.1'"),
        ("snake", {"a": 0}, "snake: a is a number other than 0, not '0'"),
        ("swish", {"beta": "two"}, "swish: beta is a finite number, not 'two'"),
        ("swish", {"beta": float("nan")}, "swish: beta is a finite number, not 'nan'"),
        ("swish", {"beta": "1e400"}, "swish: beta is a finite number, not '1e400'"),
        ("swish", {"beta": "1/0"}, "swish: beta is a finite number, not '1/0'"),
        ("swish", {"beta": None}, "swish: beta is a finite number, not 'None'"),
        ("swish", {"beta": [1, 2]}, "swish: beta is a finite number, not '[1, 2]'"),
        ("hard_tanh", {"low": 2}, "hard_tanh: low must not exceed high, not low=2, high=1"),
        (
            "rrelu",
            {"lower": 0.5, "upper": 0.25},
            "rrelu: lower must not exceed upper, not lower=0.5, upper=0.25",
        ),
        ("srelu", {"left": 1.5}, "srelu: left must not exceed right, not left=1.5, right=1"),
        ("swish:beta=1,beta=2", {}, "'swish:beta=1,beta=2': beta is given twice"),
        ("swish:beta=", {}, "'swish:beta=': 'beta=' is not of the form parameter=value"),
        (
            "gelu:approx=tanh,2",
            {},
            "'gelu:approx=tanh,2': '2' is not of the form parameter=value",
        ),
    ],
)
def test_a_wrong_parameter_is_answered_word_for_word(name, given, message):
    assert refusal(name, **given) == message


@pytest.mark.parametrize(
    ("typed", "given", "label"),
    [
        ("swish", {}, "swish"),
        ("swish", {"beta": 1}, "swish"),
        ("swish", {"beta": 2}, "swish(beta=2)"),
        ("swish", {"beta": 0.5}, "swish(beta=0.5)"),
        ("swish:beta=2", {"beta": 3}, "swish(beta=3)"),
        ("SiLU:beta=-1", {}, "silu(beta=-1)"),
        ("leaky-relu:slope=1/4", {}, "leaky_relu(slope=0.25)"),
        ("gelu", {"approx": "tanh"}, "gelu(approx=tanh)"),
        ("gelu(approx=tanh)", {}, "gelu(approx=tanh)"),
        ("gelu:approx=Tanh, sigma=2", {}, "gelu(sigma=2,approx=tanh)"),
        ("selu:scale=3,alpha=2", {}, "selu(alpha=2,scale=3)"),
        ("hard_sigmoid", {"slope": 1 / 6}, "hard_sigmoid(slope=0.16666666666666666)"),
        ("hard_sigmoid", {"slope": "1/6"}, "hard_sigmoid"),
        ("sine", {"omega": 1e22}, "sine(omega=1e+22)"),
        ("sine", {"omega": np.float32(30)}, "sine(omega=30)"),
    ],
)
def test_a_label_shows_what_differs_from_the_defaults(typed, given, label):
    f = actcli.activation(typed, **given)
    assert f.label == label
    again = actcli.activation(label)
    assert again.label == label
    assert again.parameters == f.parameters


# -- domains -------------------------------------------------------------------------------------
OUTSIDE = {  # all other parameters take every finite number
    "> 0": {
        "hard_logistic": "slope", "hard_sigmoid": "slope", "laplace": "sigma",
        "celu": "alpha", "softplus": "beta", "pelu": "a b", "nlrelu": "beta", "gelu": "sigma",
    },
    ">= 0": {
        "bounded_relu": "cap", "hard_shrink": "lambd", "soft_shrink": "lambd", "isru": "alpha",
        "squareplus": "b", "smelu": "beta", "isrlu": "alpha",
    },
    "other than 0": {"snake": "a"},
}  # fmt: skip
BAD = {"> 0": (0, -0.0, -5e-324, -1, -1e300), ">= 0": (-5e-324, -1, -1e300), "other than 0": (0,)}
PARAMETERS = [
    (f.name, p.name)
    for f in FUNCTIONS.values()
    for p in f.parameters
    if not isinstance(p.domain, Choices)
]


def kind_of(name: str, parameter: str) -> str:
    found = [k for k, listed in OUTSIDE.items() if parameter in listed.get(name, "").split()]
    return found[0] if found else ""


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_a_value_outside_the_domain_is_a_one_line_error(name, parameter):
    kind = kind_of(name, parameter)
    for bad in (*BAD.get(kind, ()), "nan", "inf", "-inf", "", "0x10", "1/2/3"):
        wanted = f"a number {kind}" if kind else "a finite number"
        message = f"{name}: {parameter} is {wanted}, not {str(bad)!r}"
        assert refusal(name, **{parameter: bad}) == message


HARD_INPUTS = np.array(
    [
        sign * x
        for sign in (-1, 1)
        for x in (0, 5e-324, 1e-300, 1e-10, 0.1, 0.5, 0.8, 1, 3, 40, 1e3, 1e10, 1e300, 1.7e308)
    ]
)
EXTREMES = (0, 1, 0.5, 2, 5, 1e10, 1e300, 1.7e308, 1e-10, 1e-300, 5e-324)


@pytest.mark.parametrize(("name", "parameter"), PARAMETERS)
def test_every_value_inside_the_domain_gives_numbers(name, parameter):
    kind = kind_of(name, parameter)
    together = next((pair for pair in FUNCTIONS[name].requires if parameter in pair), [parameter])
    tried = 0
    for extreme in {sign * size for sign in (-1, 1) for size in EXTREMES}:
        if extreme in BAD.get(kind, ()) or (kind.startswith(">") and extreme < 0):
            continue
        f = actcli.activation(name, **dict.fromkeys(together, extreme))
        value, gradient = f.value_and_gradient(HARD_INPUTS)
        defined = np.full(HARD_INPUTS.shape, True)
        if name == "soft_exponential" and extreme < 0:  # the logarithm's domain ends somewhere
            defined = ~np.isnan(value)
        assert not np.isnan(value[defined]).any(), f.label
        assert not np.isnan(gradient[defined]).any(), f.label
        tried += 1
    assert tried >= 10


@pytest.mark.parametrize(
    ("label", "other"),
    [("squareplus(b=0)", "relu"), ("smelu(beta=0)", "relu"), ("isru(alpha=0)", "identity"),
     ("isrlu(alpha=0)", "identity"), ("soft_exponential(alpha=0)", "identity"),
     ("bounded_relu(cap=0)", "x*0"), ("soft_shrink(lambd=0)", "identity")],
)  # fmt: skip
def test_at_the_end_of_a_domain_the_limit_is_taken(label, other):
    f, g = actcli.activation(label), actcli.activation(other)
    assert f.label == label
    assert actcli.activation(f.text)(1.5) == g(1.5)
    x = np.array([-np.inf, *HARD_INPUTS, np.inf])
    x = x[(x != 0) | (other != "identity") | (f.name != "soft_shrink")]  # there a kink is left
    for found, expected in zip(f.derivatives(x, 2), g.derivatives(x, 2), strict=True):
        np.testing.assert_array_equal(found, expected)
    for found, expected in zip(f.quick(HARD_INPUTS), g.quick(HARD_INPUTS), strict=True):
        np.testing.assert_array_equal(found[HARD_INPUTS != 0], expected[HARD_INPUTS != 0])


def test_soft_exponential_is_not_defined_beyond_its_pole():
    value, gradient = actcli.activation("soft_exponential:alpha=-1").value_and_gradient(
        np.array([-1e300, -1, -5e-324, 0, 5e-324, 1])
    )
    assert np.isnan(value).tolist() == [True, True, True, True, False, False]
    assert np.isnan(gradient).tolist() == [True, True, True, True, False, False]
    assert value[4:] == pytest.approx([np.log(5e-324), 0])


# forms that keep their digits where the obvious one cancels
@pytest.mark.parametrize(
    ("label", "x", "value", "gradient"),
    [
        ("acon_c:p2=1e300", -1e10, -1e10, 1),
        ("acon_c:p2=-1e300", 0.5, 0.5, 1),
        ("smu:alpha=1e300", -3, -3, 1),
        ("atlu:alpha=-1", 1e300, 1 / np.pi, 0),
        ("squareplus:b=1e-300", -1, 2.5e-301, 2.5e-301),
        ("snake:a=1e-300", 5, 5, 1),
        ("soft_exponential:alpha=1e-300", 5, 5, 1),
        ("soft_exponential:alpha=-1e-300", 5, 5, 1),
        ("celu:alpha=1e300", -5, -5, 1),
        ("pelu:a=1e-300,b=1e-300", -5, -1e-300, 0),
        ("isru:alpha=1e300", 1e-150, 0.5**0.5 * 1e-150, 0.125**0.5),
        ("softplus:beta=1e300", -5, 0, 0),
        ("softplus:beta=1e-300", 0, np.log(2) * 1e300, 0.5),
    ],
)
def test_extreme_parameters_keep_their_digits(label, x, value, gradient):
    found = [float(v) for v in actcli.activation(label).value_and_gradient(np.float64(x))]
    assert found == pytest.approx([value, gradient], rel=1e-14, abs=0)
