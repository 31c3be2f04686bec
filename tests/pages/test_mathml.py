"""Formulas of pages as MathML, which needs no browser."""

from xml.etree import ElementTree

import pytest

import actcli
from actcli.expressions.latex import latex
from actcli.pages.mathml import mathml


def shape(element):
    """A MathML element as words: bars in angles, tags of fractions and powers left out."""
    if element.text:
        form = {"prefix": "<", "postfix": ">"}.get(element.get("form"), "")
        return form if element.text == "|" else element.text
    return "".join(shape(part) for part in element)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("abs(x)", "<x>"),
        ("abs(x+abs(x))", "<x+<x>>"),
        ("abs(abs(abs(x)-1)-2)", "<<<x>−1>−2>"),
        ("abs(x)*abs(x-1)", "<x><x−1>"),
        ("abs(-abs(x))", "<−<x>>"),
        ("softsign(softsign(x))", "x1+<x>1+<x1+<x>>"),
    ],
)
def test_bars_belong_together(text, found):
    formula = actcli.activation(text).recorded
    assert shape(ElementTree.fromstring(mathml(latex(formula)))) == found


def test_bars_around_branches():
    formula = actcli.activation("softsign(where(abs(x) >= 0.5, x, 1)**2)").recorded
    assert mathml(latex(formula, cases=True)).count('form="postfix"') == 3
