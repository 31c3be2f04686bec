import json

import pytest

import actcli


@pytest.mark.parametrize(
    ("formula", "written"),
    [
        ("x/(1+abs(x)**1.5)", r"\frac{x}{1 + |x|^{1.5}}"),
        ("abs(x + 1)**3", r"|x + 1|^{3}"),
        ("exp(-x*x)", r"e^{-x^{2}}"),
        ("-2*x*x", r"-2\,x^{2}"),
        ("(x + 1)*(x + 1)", r"\left(x + 1\right)^{2}"),
        ("(-x)*abs(x)", r"-x\,|x|"),
        ("1 - (-x)*x", r"1 - \left(-x^{2}\right)"),
        ("x*(x*(x + 1))", r"x^{2}\,\left(x + 1\right)"),
        ("exp(-(-2*x))", r"e^{2\,x}"),
        ("exp(-1e-20*x)", r"e^{-10^{-20}\,x}"),
    ],
)
def test_products_and_sizes_have_no_more_brackets_than_they_need(formula, written):
    assert actcli.activation(formula).latex == written


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("x*(x*0.07)", r"0.07\,x^{2}"),
        ("x*(sin(x)*(-0.02))", r"-0.02\,x\,\sin\left(x\right)"),
        ("3*(-0.02*x)", r"3\,\left(-0.02\,x\right)"),
        ("x*(2*x) - 0.5", r"2\,x^{2} - 0.5"),
    ],
)
def test_numbers_go_first_and_negative_factors_have_parentheses(text, latex):
    assert actcli.activation(text).latex.endswith(latex)


def test_numbers_of_exported_code_are_whole(call):
    """Seven digits of coefficients would not keep the error that is proved of them."""
    words = ["approximate", "tanh", "-r", "-2:2", "--degree", "5", "--json"]
    (record,) = json.loads(call(*words)[1])
    written = call(*words[:-1], "--to", "latex")[1].partition("align*")[2]
    for coefficient in record["coefficients"][1::2]:
        assert repr(coefficient) in written
