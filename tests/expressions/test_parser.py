"""Typed formulas: what is read, what is refused, and that nothing is ever executed."""

import math
import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import actcli
from actcli.expressions.parser import MAX_DEPTH, MAX_LENGTH, FormulaError, parse

X = np.array([-3.0, -0.5, 0.0, 0.25, 1.0, 2.5])


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("x*sigmoid(1.702*x)", lambda x: x / (1 + math.exp(-1.702 * x))),
        ("max(x, 0.1*x)", lambda x: max(x, 0.1 * x)),
        ("min(6, max(0, x), 4)", lambda x: min(6, max(0, x), 4)),
        ("where(x > 0, x, tanh(x))", lambda x: x if x > 0 else math.tanh(x)),
        ("x if 0 < x <= 1 else -x", lambda x: x if 0 < x <= 1 else -x),
        ("x if x > 1 or x < -1 else x**3", lambda x: x if x > 1 or x < -1 else x**3),
        ("x if not x > 1 else 1", lambda x: 1 if x > 1 else x),
        ("x if x == 1 else 0", lambda x: x if x == 1 else 0),
        ("swish(x, beta=2) - relu(x)", lambda x: x / (1 + math.exp(-2 * x)) - max(x, 0)),
        ("gelu(x, approx=sigmoid)", lambda x: x / (1 + math.exp(-1.702 * x))),
        ("elu(2*x, alpha=1/2)", lambda x: 2 * x if x > 0 else 0.5 * math.expm1(2 * x)),
        ("pi*x + e", lambda x: math.pi * x + math.e),
        ("x**-2 if x > 0 else x**2", lambda x: x**-2 if x > 0 else x**2),
        ("(x**2)**0.5", abs),
        ("2**(1/2)*x", lambda x: math.sqrt(2) * x),
        ("-x**2", lambda x: -(x**2)),
        ("+x - -1", lambda x: x + 1),
        ("abs(x)/(1 + abs(x))", lambda x: abs(x) / (1 + abs(x))),
        ("x", lambda x: x),
        ("0*x", lambda x: 0.0),
        ("x*2 if 2 > 1 else x", lambda x: 2 * x),
        ("clip(x, -1, 2)", lambda x: min(max(x, -1), 2)),
        ("clamp(x*x, low=1, high=4)", lambda x: min(max(x * x, 1), 4)),
        ("clip(x, 2, 1)", lambda x: 1.0),  # numpy and PyTorch: the upper end wins
        ("maximum(x, 0) - minimum(x, 1)", lambda x: max(x, 0) - min(x, 1)),
        ("ln(1 + x*x)", lambda x: math.log(1 + x * x)),
        ("log2(x**2 + 1)", lambda x: math.log2(x * x + 1)),
        ("log10(x**2 + 1)", lambda x: math.log10(x * x + 1)),
        ("pow(x, 3) + pow(b=2, a=x)", lambda x: x**3 + x**2),
        ("x*pow(2, 3)", lambda x: 8 * x),
        ("cbrt(x)", math.cbrt),
        ("cbrt(x - 1)**3", lambda x: math.cbrt(x - 1) ** 3),
        ("sech(x)", lambda x: 1 / math.cosh(x)),
        ("arcsinh(x) + arctanh(x/4)", lambda x: math.asinh(x) + math.atanh(x / 4)),
    ],
)
def test_a_formula_means_what_it_says(text, truth):
    f = actcli.activation(text)
    with np.errstate(divide="ignore"):
        expected = [truth(x) for x in X.tolist()]
    np.testing.assert_allclose(f(X), expected, rtol=1e-15, atol=1e-300)
    assert f.label == text


@pytest.mark.parametrize(
    ("text", "gradient"),
    [
        ("x**3", lambda x: 3 * x**2),
        ("max(0, x)", lambda x: float(x > 0)),
        ("max(x, 0)", lambda x: float(x > 0)),
        ("max(x, 0.1*x)", lambda x: 1.0 if x > 0 else 0.1),
        ("1/(1 + x*x)", lambda x: -2 * x / (1 + x * x) ** 2),
        ("relu(relu(x - 1)*2)", lambda x: 2.0 * (x > 1)),
        ("sin(3*x)", lambda x: 3 * math.cos(3 * x)),
        ("tanh(x)/2", lambda x: 0.5 / math.cosh(x) ** 2),
        ("cosh(x)", math.sinh),
        ("atan(x)", lambda x: 1 / (1 + x * x)),
        ("clip(x, -0.5, 1)", lambda x: float(-0.5 < x < 1)),
        ("log2(x + 4)", lambda x: 1 / ((x + 4) * math.log(2))),
        ("cbrt(x)", lambda x: 1 / (3 * math.cbrt(x) ** 2) if x else math.inf),
        ("sech(x)", lambda x: -math.tanh(x) / math.cosh(x)),
    ],
)
def test_a_formula_has_its_gradient(text, gradient):
    f = actcli.activation(text)
    np.testing.assert_allclose(f.gradient(X), [gradient(x) for x in X.tolist()], rtol=4e-15)


@pytest.mark.parametrize(
    ("text", "printed"),
    [
        ("clip(x, 0, 6)", "min(max(x, 0), 6)"),
        ("log2(x)", "log(x)/log(2)"),
        ("log10(pow(x, 2))", "log(x**2)/log(10)"),
        ("cbrt(2*x)", "cbrt(2*x)"),
        ("sech(x)**2", "sech(x)**2"),
    ],
)
def test_what_further_names_stand_for_is_printed_and_can_be_typed_back(text, printed):
    assert str(parse(text)) == printed
    assert str(parse(printed)) == printed


# by mpmath with 40 digits
@pytest.mark.parametrize(
    ("text", "x", "value", "gradient"),
    [
        ("sech(x)", 400.0, 3.8303391934280114e-174, -3.8303391934280114e-174),
        ("sech(x)", -730.5, 1.1192084e-317, 1.1192084e-317),
        ("sech(x)", 1e-160, 1.0, -1e-160),
        ("cbrt(x)", -1e300, -1e100, 3.3333333333333333e-201),
        ("cbrt(x)", 5e-324, 1.7031839360032603e-108, 1.1490942214795806e215),
        ("log2(x)", 1.0000000000000002, 3.203426503814917e-16, 1.442695040888963),
        ("log10(x)", 1e-300, -300.0, 4.342944819032518e299),
    ],
)
def test_further_functions_keep_their_digits_far_out(text, x, value, gradient):
    found = actcli.activation(text).value_and_gradient(np.array([x]))
    np.testing.assert_allclose(
        [part[0] for part in found], [value, gradient], rtol=6e-16, atol=5e-324
    )


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("x*sigmod(x)", "at 'sigmod' (column 3): no function is called 'sigmod'; did you mean sig"),
        ("tanh(x, 2)", "tanh takes one argument, not 2"),
        ("where(x > 0, x)", "where takes (condition, a, b), not 2 arguments"),
        ("min(x)", "min takes two or more arguments, 100 at most, not 1"),
        ("max(" + "x, " * 100 + "x)", "max takes two or more arguments, 100 at most, not 101"),
        ("3 + 4", "has no x in it"),
        ("-5", "'-5' is a number, not a FUNCTION; several numbers of an option are typed"),
        ("x**x", "at 'x' (column 4): the exponent must be a constant"),
        ("x.real", "at 'x.real' (column 1): not accepted"),
        ("x[0]", "at 'x[0]' (column 1): not accepted"),
        ("'x'", "only numbers, x and calls"),
        ("x + True", "at 'True' (column 5)"),
        ("x*1j", "at '1j' (column 3)"),
        ("1e999*x", "at '1e999' (column 1): the constant is no finite number"),
        ("x + 9" + "9" * 400, "the constant is no finite number"),
        ("x*exp(1000)", "at 'exp(1000)' (column 3): the constant is no finite number"),
        ("1/0*x", "at '1/0' (column 1)"),
        ("x^2", "type **"),
        ("lambda x: x", "not accepted"),
        ("[x]", "not accepted"),
        ("(x := 2)", "not accepted"),
        ("f'{x}'", "not accepted"),
        ("x(2)", "type * to multiply"),
        ("tanh*x", "a function needs its argument: tanh(x)"),
        ("nan*x", "at 'nan' (column 1): nan is accepted as a branch of where only"),
        ("where(x > nan, x, 0)", "at 'nan' (column 11): nan is accepted as a branch"),
        ("y*x", "give it one with -p y=1"),
        ("x if x else 1", "a condition is a comparison such as x > 0"),
        ("x > 0", "a condition is no number"),
        ("x if x in x else 1", "accepted comparisons are"),
        ("tanh(*x)", "do not unpack"),
        ("swish(x, **x)", "do not unpack"),
        ("tanh(x, beta=1)", "has no parameter 'beta'"),
        ("exp(x=x)", "takes one argument"),
        ("swish(x, beta=x)", "the parameter beta must be a constant"),
        ("swish(x, gamma=2)", "swish has no parameter 'gamma'; it has beta (default 1)"),
        ("celu(x, alpha=-1)", "celu: alpha is a number > 0"),
        ("gelu(x, approx=foo)", "approx is none or tanh or sigmoid, not 'foo'"),
        ("__import__('os').system('true')", "only functions called by name"),
        (
            "x*round(x)",
            "at 'round' (column 3): there is no round here: it jumps endlessly often; write",
        ),
        ("floor(x)", "such as step(x) + step(x - 1)"),
        (
            "x % 2",
            "at 'x % 2' (column 1): there is no % here: it jumps endlessly often; write the bran",
        ),
        ("x//2", "there is no // here"),
        ("mod(x, 2)", "with where(condition, a, b)"),
        ("lgamma(x)", "its derivatives are not in the vocabulary that 'actcli list --primitives'"),
        ("hypot(x, 1)", "write sqrt(a**2 + b**2)"),
        ("clip(x, 1)", "at 'clip(x, 1)' (column 1): type clip(x, low, high)"),
        ("clip(x, 0, upper=1)", "type clip(x, low, high)"),
        ("clip(x, 0, 1, low=0)", "type clip(x, low, high)"),
        ("ln(x, 2)", "type ln(x)"),
        ("1 + pow(2, x)", "at 'x' (column 12): the exponent must be a constant"),
        ("clip*x", "a function needs its argument"),
        ("clipp(x, 0, 1)", "did you mean clip?"),
        ("x +", "cannot read the formula 'x +': something is missing at its end (column 4)"),
        ("x*", "something is missing at its end (column 3); type it like"),
        ("x if x > 0 else", "something is missing at its end (column 16)"),
        ("x 2", "invalid syntax at column 3; type it like"),
        ("(x", "'(' was never closed at column 1"),
        ("x)", "unmatched ')' at column 2"),
        ("", "cannot read the formula: it is empty; type it like"),
        ("x" + "+x" * MAX_LENGTH, f"at most {MAX_LENGTH}"),
        ("(" * (MAX_DEPTH + 1) + "x" + ")" * (MAX_DEPTH + 1), "nested deeper than 100"),
        ("-" * 500 + "x", "nested deeper than 100"),
        ("x + \0", "cannot read the formula"),
    ],
)
def test_what_is_refused_is_pointed_at_in_one_line(text, part):
    with pytest.raises(FormulaError) as refusal:
        parse(text)
    assert part in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_function_may_be_undefined_somewhere():
    for text in ("where(x > 0, x, nan)", "x if x > 0 else nan", "where(x <= 0, nan, x)"):
        f = actcli.activation(text)
        np.testing.assert_array_equal(f.value_and_gradient([-1.0, 2.0]), [[np.nan, 2], [np.nan, 1]])
        assert actcli.activation(f.text).text == f.text
    f = actcli.activation("soft_exponential:alpha=-1")
    np.testing.assert_array_equal(actcli.activation(f.text)([-1.0, 0.5]), f([-1.0, 0.5]))


def test_limits_are_where_they_are_said_to_be():
    parse("(" * MAX_DEPTH + "x" + ")" * MAX_DEPTH)
    padded = "x" + " " * (MAX_LENGTH - 2) + "+"
    with pytest.raises(FormulaError, match="cannot read"):
        parse(padded)
    parse("x" + "+1" * (MAX_DEPTH - 17))


WORDS = [
    "x", "x", "+", "-", "*", "/", "**", "(", ")", ",", "1", "2.5", "1e308", "0", ".", "tanh(",
    "relu(", "swish", "beta", "=", "where(", "min(", " if ", " else ", "<", ">=", " and ", " not ",
    "pi", "lambda ", "[", "]", "{", "'a'", '"', "__import__", "open", ":", ":=", "@", "%", "^", "~",
    "1j", "\n", "\\", "#", "\0", "∞", "é", "9" * 400, "0x1F", "1_0", "exec(", ".real", "...",
    "await ", "yield ", "nan", "inf", "gelu(x, approx=tanh)",
]  # fmt: skip


@settings(max_examples=400)
@given(st.one_of(st.text(max_size=40), st.lists(st.sampled_from(WORDS), max_size=25).map("".join)))
@example("x" * 5000)
@example("(" * 5000)
@example("x if " * 300)
@example("not " * 400 + "x")
def test_any_text_is_read_or_refused_in_one_line(text):
    try:
        tree = parse(text)
    except FormulaError as error:
        refusal = str(error)
    else:
        refusal = ""
        assert parse(str(tree)) is not None
    assert "\n" not in refusal
    assert len(refusal) < 600


@pytest.mark.parametrize("name", actcli.names())
def test_the_printed_formula_can_be_typed_back(name):
    f = actcli.activation(name)
    typed = actcli.activation(f.text)
    x = np.linspace(-6, 6, 97)
    np.testing.assert_allclose(typed(x), f(x), rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(
        typed.gradient(x + 0.01), f.gradient(x + 0.01), rtol=1e-11, atol=1e-13
    )


def test_deep_nesting_of_registered_functions_stays_linear():
    f = actcli.activation("relu(" * 90 + "x" + ")" * 90)
    assert f(2.0) == 2
    assert f.gradient(np.array([-1.0, 2.0])).tolist() == [0, 1]
    assert [cut.x for cut in f.cuts(-1, 1)] == [0.0]


def test_constants_that_are_no_numbers_warn_of_nothing(recwarn):
    with pytest.raises(FormulaError, match="no finite number"):
        parse("(-2)**0.5*x")
    assert not recwarn.list


def test_a_long_name_does_not_make_a_long_message():
    with pytest.raises(FormulaError) as caught:
        parse(f"swish(x, {'a' * 500}=1)")
    assert len(str(caught.value)) < 250


def test_the_lines_of_a_long_table_are_read():
    lines = [f"{k}.{'3' * 60} + x*{k}.{'7' * 60}" for k in range(1024)]

    def chosen(low, high):
        if high - low == 1:
            return lines[low]
        middle = (low + high) // 2
        return f"where(x < {middle}, {chosen(low, middle)}, {chosen(middle, high)})"

    text = chosen(0, 1024)
    assert len(text) > 140_000
    value = parse(text).read(np.array([700.5]))
    assert value == pytest.approx(700 + 1 / 3 + 700.5 * (700 + 7 / 9))


@pytest.mark.parametrize(
    ("text", "advice"),
    [("2x", "a product is typed with *, like 2*x"), ("tanh(3x)", "a product is typed with *"),
     ("|x|", "an absolute value is typed like abs(x)"), ("sin x", "type it like")],
)  # fmt: skip
def test_notation_of_textbooks_is_told_what_to_type(text, advice):
    with pytest.raises(FormulaError, match=re.escape(advice)):
        parse(text)
