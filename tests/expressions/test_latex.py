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
