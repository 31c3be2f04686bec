"""Code of formulas as people type them, which cancel and overflow as they stand, against mpmath."""

import math

import mpmath
import numpy as np
import pytest

import actcli
from actcli.audits.reference import Reference
from actcli.evaluation.as_code import code_formulas, computed

DIGITS = 1_500  # x + sqrt(x*x + 1) at -1e308 takes 620, and its slope as many again
mp = mpmath
SPLIT = {  # sums of exp, as they overflow; and what cancels: at roots of an order, and far out
    "exp(x)/(1+exp(x))": lambda x: 1 / (1 + mp.exp(-x)),
    "1 - 1/(1+exp(x))": lambda x: 1 / (1 + mp.exp(-x)),
    "(exp(x)-exp(-x))/(exp(x)+exp(-x))": mp.tanh,
    "(1-exp(-2*x))/(1+exp(-2*x))": mp.tanh,
    "sinh(x)/cosh(x)": mp.tanh,
    "log(1+exp(x))": lambda x: mp.log1p(mp.exp(x)) if x < 800 else x,
    "log(exp(x)+exp(-x))": lambda x: abs(x) + mp.log1p(mp.exp(-2 * abs(x))),
    "0.5*x*(1+erf(x/sqrt(2)))": lambda x: x * mp.erfc(-x / mp.sqrt(2)) / 2,
    "0.5*x*(1+tanh(sqrt(2/pi)*(x+0.044715*x**3)))": lambda x: (
        x / (1 + mp.exp(-2 * mp.sqrt(2 / mp.pi) * (x + mp.mpf("0.044715") * x**3)))
    ),
    "exp(-x*x/2)/sqrt(2*pi)": mp.npdf,
    "where(x>0, x, 0.1*(exp(x)-1))": lambda x: x if x > 0 else mp.expm1(x) / 10,
}
ROOTS = {
    "x - sin(x)": lambda x: x - mp.sin(x),
    "1 - cos(x)": lambda x: 1 - mp.cos(x),
    "exp(x) - 1 - x": lambda x: mp.exp(x) - 1 - x,
    "tanh(x) - x": lambda x: mp.tanh(x) - x,
    "sinh(x) - x": lambda x: mp.sinh(x) - x,
    "sqrt(x*x+1) - 1": lambda x: mp.sqrt(x * x + 1) - 1,
    "log(2+sin(x))": lambda x: mp.log(2 + mp.sin(x)),
    "x**5-5*x**4+10*x**3-10*x**2+5*x-1": lambda x: (x - 1) ** 5,
    "(1-exp(-x))/x": lambda x: -mp.expm1(-x) / x,
    "(x-sin(x))/x**3": lambda x: (x - mp.sin(x)) / x**3,
    "x/(exp(x)-1)": lambda x: x / mp.expm1(x),
}
POWERS = {
    "x**3/(1+x**2)": lambda x: x**3 / (1 + x**2),
    "sqrt(x**4+1)": lambda x: mp.sqrt(x**4 + 1),
    "1/(1+x**4)": lambda x: 1 / (1 + x**4),
    "x - sqrt(x*x+1)": lambda x: x - mp.sqrt(x * x + 1),
    "2*x/sqrt(1+4*x*x)": lambda x: 2 * x / mp.sqrt(1 + 4 * x * x),
    "log(x*x+1)": lambda x: mp.log(1 + x * x),
    "x*1e200*x*1e-200": lambda x: x * x,
}


def assert_right(text, truth, x):
    """Value and gradient within 8 units in the last place."""
    f, bad = actcli.activation(text), []
    codes = code_formulas(f)
    with mp.workdps(DIGITS):
        for at in x.tolist():
            here, step = mp.mpf(at), abs(mp.mpf(at)) * mp.mpf(10) ** -60
            slope = (truth(here + step) - truth(here - step)) / (2 * step)
            for order, exact in enumerate((truth(here), slope)):
                got = float(computed(codes[order], np.array([at]))[0])
                right = float(exact)
                if got != right and not abs(got - exact) <= 8 * math.ulp(right):
                    bad.append((order, at, got, right))
    assert not bad, bad[:8]


def sizes(seed, low, high, number=20):
    """Numbers of both signs, whose sizes are spread evenly."""
    rng = np.random.default_rng(seed)
    found = np.exp(rng.uniform(math.log(low), math.log(high), number))
    return found * rng.choice([-1, 1], number)


@pytest.mark.parametrize("text", SPLIT)
def test_sums_of_exponentials_keep_their_digits_and_do_not_overflow(text):
    assert_right(text, SPLIT[text], np.append(sizes(1, 1e-8, 700, 30), [18.0, -23.0, -36.9, 709.0]))


@pytest.mark.parametrize("text", ROOTS)
def test_beside_roots_of_any_order_and_holes(text):
    """A double root has no change of sign: that of log(2 + sin(x)) is at -pi/2."""
    near = np.append(sizes(2, 1e-9, 1e-2), sizes(3, 1e-2, 2))
    centre = {"log(2+sin(x))": -math.pi / 2, "x**5-5*x**4+10*x**3-10*x**2+5*x-1": 1.0}.get(text, 0)
    far = () if centre else sizes(4, 1e-100, 1e-9)
    assert_right(text, ROOTS[text], np.append(centre + near, far))


@pytest.mark.parametrize("text", POWERS)
def test_squares_do_not_overflow_before_the_function_does(text):
    """Nor is what becomes 1 + x*x a reason to be 0 before that."""
    assert_right(text, POWERS[text], np.append(sizes(5, 1e-9, 1e9), sizes(6, 1e9, 1.7e308)))


@pytest.mark.parametrize(
    ("text", "truth"), [(text, ROOTS[text]) for text in ("x - sin(x)", "exp(x) - 1 - x")]
)
def test_audits_know_the_truth_where_our_own_value_cancels(text, truth):
    x = sizes(7, 1e-120, 1e-3)
    found = Reference(actcli.activation(text), "float64").at(x)
    with mp.workdps(DIGITS):
        assert found.right.tolist() == [float(truth(mp.mpf(at))) for at in x.tolist()]


@pytest.mark.parametrize(
    ("text", "truth"),
    [("gelu((2-2)/gelu(x*x))", lambda x: mp.mpf(0)),
     ("log1p(x*gelu(x*x))", lambda x: mp.log1p(x * x * x * mp.ncdf(x * x)))],
)  # fmt: skip
def test_factors_with_and_without_calls_are_told_apart(text, truth):
    """Of which one was asked for its text, that helpers of code have none of."""
    assert_right(text, truth, np.abs(sizes(8, 1e-3, 30, 10)))


@pytest.mark.parametrize("text", ["3/sinh(x)", "x/cosh(x)"])
def test_there_is_no_gap_between_what_overflows_and_the_limit(text):
    for formula in code_formulas(actcli.activation(text)):
        x = np.linspace(600, 1100, 501)
        assert np.isfinite(computed(formula, np.append(x, -x))).all()
