"""Formulas that people publish: few rows open, none wrong; and values worked out by hand."""

import random
from math import inf, log, pi, tanh
from typing import Any

import pytest
from published import complaints, formulas

from actcli.evaluation.function_text import resolve
from actcli.expressions.parser import parse
from actcli.proofs.distance import distances
from actcli.properties import check

SOME = random.Random(7).sample(formulas(), 12)
BUMP = "where(abs(x) < 1, exp(-1/(1-x**2)), 0)"
SMOOTHER = "where(x<0,0,where(x>1,1,x**3*(10-15*x+6*x**2)))"
SINE = "where(x<-1,-1,where(x>1,1,sin(pi*x/2)))"
CUT_SOFTPLUS = "where(x > 20, x, log1p(exp(x)))"
RIPPLED = "where(x>0, x, 0.1*(exp(x)-1)) + 0.05*sin(x)"
PADE = "x*(27+x*x)/(27+9*x*x)"
LINE = [[-inf, inf, "increasing"]]


def extent(low: float, high: float, at_low: bool, at_high: bool) -> dict[str, Any]:
    return {"inf": low, "sup": high, "inf_attained": at_low, "sup_attained": at_high}


# Minima of GELU and SiLU: mpmath.findroot of the gradient at 50 digits.
GELU_LOW, SILU_LOW = -0.16997120747990366, -0.27846454276107377

BY_HAND = [
    ("x*(1+erf(x))/2", "dead_zone", "refuted", []),
    ("0.5*x*(1+tanh(x))", "dead_zone", "refuted", []),
    ("0.5*x*(1+tanh(0.79788456*(x+0.044715*x**3)))", "dead_zone", "refuted", []),
    ("log(1+exp(x))-log(2)", "convex", "proved", "convex"),
    ("log(exp(x)+exp(-x))", "convex", "proved", "convex"),
    ("log(exp(x)+exp(-x))", "gradient_range", "proved", extent(-1, 1, False, False)),
    ("1/cosh(x)", "convex", "refuted", "neither"),
    ("1/cosh(x)", "gradient_range", "proved", extent(-0.5, 0.5, True, True)),
    ("atanh(tanh(x))", "nonlinear", "refuted", [1, 0]),
    ("sqrt(1-tanh(x)**2)", "range", "proved", extent(0, 1, False, True)),
    ("log(1-tanh(x)**2)", "gradient_range", "proved", extent(-2, 2, False, False)),
    ("log(1-exp(-softplus(x)))", "range", "refuted", extent(-inf, 0, False, False)),
    ("gelu(x)-relu(x)", "range", "proved", extent(GELU_LOW, 0, True, True)),
    ("silu(x)-relu(x)", "range", "proved", extent(SILU_LOW, 0, True, True)),
    ("softplus(x)-softplus(x-6)", "range", "proved", extent(0, 6, False, False)),
    ("softplus(x)-softplus(x-6)", "monotonic", "proved", LINE),
    ("tanh(x+1)-tanh(x-1)", "range", "proved", extent(0, 2 * tanh(1), False, True)),
    ("where(x > 0, exp(-1/x), 0)", "smoothness", "proved", inf),
    ("where(x > 0, exp(-1/x), 0)", "range", "proved", extent(0, 1, True, False)),
    (BUMP, "smoothness", "proved", inf),
    (BUMP, "continuous", "proved", 0),
    (BUMP, "dead_zone", "proved", [[-inf, -1], [1, inf]]),
    (SMOOTHER, "smoothness", "proved", 2),
    (SMOOTHER, "range", "proved", extent(0, 1, True, True)),
    (SMOOTHER, "dead_zone", "proved", [[-inf, 0], [1, inf]]),
    (SMOOTHER, "monotonic", "proved",
     [[-inf, 0, "constant"], [0, 1, "increasing"], [1, inf, "constant"]]),
    (SINE, "range", "proved", extent(-1, 1, True, True)),
    (SINE, "monotonic", "proved",
     [[-inf, -1, "constant"], [-1, 1, "increasing"], [1, inf, "constant"]]),
    (SINE, "gradient_range", "proved", extent(0, pi / 2, True, True)),
    (CUT_SOFTPLUS, "monotonic", "refuted", [[-inf, 20, "increasing"], [20, inf, "increasing"]]),
    (CUT_SOFTPLUS, "continuous", "refuted", 2.0611536203144e-9),  # log1p(exp(-20))
    (CUT_SOFTPLUS, "convex", "refuted", "neither"),
    (CUT_SOFTPLUS, "same_as", "refuted", []),
    (RIPPLED, "range", "refuted", extent(-0.15, inf, False, False)),
    (RIPPLED, "gradient_range", "proved", extent(-0.05, 1.05, False, True)),
    (PADE, "monotonic", "proved", LINE),
    (PADE, "range", "refuted", extent(-inf, inf, False, False)),
    (PADE, "gradient_range", "proved", extent(0, 1, True, True)),
    (f"max(-1, min(1, {PADE}))", "smoothness", "proved", 2),  # 1 - f is (3 - x)^3/(27 + 9x^2)
    ("sin(x)-sin(x)**3/3", "range", "proved", extent(-2 / 3, 2 / 3, True, True)),  # f' = cos^3
    ("x+sin(3*x)**2/3", "convex", "refuted", "neither"),
    ("log(x+sqrt(x*x+1))", "symmetry", "proved", "odd"),
    ("sigmoid(x)*sin(x)", "range", "proved", extent(-1, 1, False, False)),
    ("x*cos(x/2)", "gradient_range", "refuted", extent(-inf, inf, False, False)),
    ("where(x > 30, x, log(1+exp(x)))", "same_as", "proved", ["softplus"]),  # 9.4e-14 apart
]  # fmt: skip


def alike(a: Any, b: Any) -> bool:
    if isinstance(b, dict):
        return a.keys() == b.keys() and all(alike(a[k], b[k]) for k in b)
    if isinstance(b, list):
        return len(a) == len(b) and all(map(alike, a, b))
    if isinstance(b, bool | str):
        return bool(a == b)
    return bool(a == b or abs(a - b) <= 1e-12 + 1e-10 * abs(b))


@pytest.mark.parametrize(("text", "name", "verdict", "value"), BY_HAND)
def test_values_by_hand(text: str, name: str, verdict: str, value: Any) -> None:
    (found,) = check(resolve(text), [name])
    assert (found.verdict, alike(found.value, value)) == (verdict, True), found


@pytest.mark.parametrize("text", SOME)
def test_rows_are_decided_and_right(text: str) -> None:
    verdicts = check(resolve(text))
    assert not [v for v in verdicts if v.verdict == "undecided"]
    assert not complaints(text, verdicts, 0.3)


def test_parts_of_the_line_on_which_both_are_defined_are_compared() -> None:
    value, _ = distances(parse("sqrt(x)"), parse("x"), (0.25, 1.0))
    assert (value.value, value.where) == (0.25, 0.25)
    value, _ = distances(parse("log(expm1(x))"), parse("x+log(-expm1(-x))"), (0.1, 50.0))
    assert value.value == 0


def test_a_shifted_softplus_starts_at_its_constant() -> None:
    (found,) = check(resolve("log(1+exp(x))-log(2)"), ["range"])
    assert alike(found.value, extent(-log(2), inf, False, False))
