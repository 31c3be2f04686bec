"""Refits on grids, of the relative error, and with tails that tie constants: against numpy."""

import json
from fractions import Fraction
from itertools import product

import ml_dtypes
import mpmath
import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.special import expit, ndtr

from actcli.design.forms import designed
from actcli.design.request import Conditions, Request
from actcli.evaluation.function_text import resolve

X = np.linspace(-6, 6, 24_001)


def refit(function, form, limits=None, **asked):
    return designed(resolve(function), Request(form, limits, conditions=Conditions(**asked)))


def test_one_constant_on_a_grid_is_the_best_of_all_its_numbers():
    bits = np.arange(0x3F80, 0x4040, dtype=np.uint16)  # from 1 to 3
    numbers = bits.view(ml_dtypes.bfloat16).astype(np.float64)
    errors = [np.max(np.abs(X * expit(c * X) - X * ndtr(X))) for c in numbers]
    design = refit("gelu", "x*sigmoid(c*x)", coefficients="bfloat16")
    assert design.coefficients["c"] == numbers[np.argmin(errors)]
    assert design.error_high == pytest.approx(min(errors), rel=1e-5)
    assert (design.format, design.verdict) == ("bfloat16", "proved")
    assert design.optimum_low == pytest.approx(0.0139222454728, rel=2e-6)  # of the best of all


@pytest.mark.parametrize("bits", [5, 7, 9])
def test_two_constants_on_a_grid_are_searched_not_rounded(bits):
    step, cubes, truth = 2.0**-bits, X**3, X * ndtr(X)

    def error(a, b, some=slice(None)):
        x = X[some]
        return np.max(np.abs(x * expit(2 * a * (x + b * cubes[some])) - truth[some]))

    a, b = (np.arange(np.floor(low / step), np.ceil(high / step) + 1) * step
            for low, high in ((0.7, 0.9), (0.0, 0.1)))  # fmt: skip
    best, few = np.inf, slice(None, None, 60)
    for pair in product(a, b):  # of all places the largest is no less than that of a few
        best = min(best, error(*pair)) if error(*pair, few) < best else best
    form = "0.5*x*(1 + tanh(a*(x + b*x**3)))"
    design = refit("gelu", form, coefficients=f"fixed{bits}")
    assert all(value % step == 0 for value in design.coefficients.values())
    assert design.error_high == pytest.approx(best, rel=1e-4)
    assert error(*design.coefficients.values()) == pytest.approx(design.error_high, rel=1e-5)


def test_three_constants_of_float16():
    design = refit("logistic", "a + b*x + c*x**3", (-3.0, 3.0), coefficients="float16")
    found = np.array([*design.coefficients.values()])
    assert (found.astype(np.float16) == found).all()
    x = np.linspace(-3, 3, 6001)

    def error(values):
        a, b, c = values
        return np.max(np.abs(a + b * x + c * x**3 - expit(x)))

    near = [np.nextafter(np.float16(v), np.float16(side)) for v in found for side in (9, -9)]
    steps = [[v, *near[2 * k : 2 * k + 2]] for k, v in enumerate(found)]
    assert error(found) <= min(error(np.float64(each)) for each in product(*steps))
    assert error(found) == pytest.approx(design.error_high, rel=1e-6)


def places_of(low, high):
    """Samples, which come near to 0 too, where quotients have limits."""
    x = np.concatenate([np.linspace(low, high, 60_001), [-1e-9, 1e-9]])
    return x[(x != 0) & (x >= low) & (x <= high)]


def relative_search(truth, form, start, low, high):
    x = places_of(low, high)
    y = truth(x)
    tight = {"xatol": 1e-12, "fatol": 1e-14, "maxfev": 4000}
    return minimize(
        lambda c: np.max(np.abs(1 - form(x, *c) / y)), start, method="Nelder-Mead", options=tight
    )


@pytest.mark.parametrize(
    ("function", "form", "limits", "truth", "rival", "start"),
    [
        ("gelu", "x*sigmoid(c*x)", (-3.0, 3.0), lambda x: x * ndtr(x),
         lambda x, c: x * expit(c * x), [2.0]),
        ("tanh", "a*x/(1 + b*abs(x))", (-3.0, 3.0), np.tanh,
         lambda x, a, b: a * x / (1 + b * np.abs(x)), [1.1, 0.6]),
        ("softplus", "log(1 + a*exp(b*x))", (-5.0, 2.0), lambda x: np.logaddexp(0, x) + 0 * x,
         lambda x, a, b: np.log1p(a * np.exp(b * x)), [0.9, 0.9]),
        ("exp(x)", "a + b*x + c*x*x", (-1.0, 1.0), np.exp,
         lambda x, a, b, c: a + b * x + c * x * x, [1.0, 1.0, 0.5]),
    ],
)  # fmt: skip
def test_relative_errors_are_the_least(function, form, limits, truth, rival, start):
    design = refit(function, form, limits, relative=True)
    found = [*design.coefficients.values()]
    x = places_of(*limits)
    error = np.max(np.abs(1 - rival(x, *found) / truth(x)))
    assert error <= design.error_high + 1e-13
    if design.error_high > 1e-9:
        best = relative_search(truth, rival, start, *limits)
        assert design.error_high <= best.fun * (1 + 1e-6)
        assert design.error_low >= error * (1 - 1e-6)
        at = np.array([place for place in design.attained_at if place])
        assert np.abs(1 - rival(at, *found) / truth(at)) == pytest.approx(
            design.error_high, rel=1e-5
        )


def test_the_relative_error_is_infinite_at_roots():
    with pytest.raises(ValueError, match=r"sin.x. has a root at 3.14159"):
        refit("sin(x)", "a*x + b*x**3", (-1.0, 4.0), relative=True)
    with pytest.raises(ValueError, match=r"is 0 at 0 and 'a . b.x' is not"):
        refit("tanh", "a + b*x", (-1.0, 4.0), relative=True)
    with pytest.raises(ValueError, match="--pin does not go with --by a"):
        refit("tanh", "a*x", (-1.0, 4.0), pin="0")


def test_constants_that_tails_tie_are_found_exactly():
    """a*gelu(b*x) is near x far out only if a = 1/b: then the error is a times that of x*sigmoid(x/b)."""
    design = refit("silu", "a*gelu(b*x)")
    a, b = Fraction(design.coefficients["a"]), Fraction(design.coefficients["b"])
    assert a * b == 1
    with mpmath.workdps(30):
        factor = mpmath.mpf(b.numerator) / b.denominator
        places = [mpmath.mpf(k) / 512 for k in range(12 * 512)]
        worst = max(abs(x * mpmath.ncdf(factor * x) - x / (1 + mpmath.exp(-x))) for x in places)
    assert float(worst) == pytest.approx(design.error_high, rel=1e-5)
    assert float(b) == pytest.approx(1 / 1.77293396562, rel=1e-6)
    assert design.error_high == pytest.approx(0.0139222454728 * 1.77293396562, rel=1e-8)
    assert resolve(design.formula)(1e6) == pytest.approx(1e6, rel=1e-15)
    assert json.loads(json.dumps(design.record()))["coefficients"]["b"] == float(b)
    with pytest.raises(ValueError, match="where a = 1/b, which numbers of float16 are not"):
        refit("silu", "a*gelu(b*x)", coefficients="float16")


@pytest.mark.parametrize(
    ("function", "form", "constants", "error"),
    [
        ("gelu", "a*softplus(x)", {"a": 1}, np.log(2)),
        ("hardswish", "x*clip(a*x + b, 0, 1)", {"a": "1/6", "b": 0.5}, 0),
        ("softplus", "log1p(exp(a*x))/b", {"a": 1, "b": 1}, 0),
        ("gelu", "a*x*sigmoid(1.702*x) + b*x", {"a": 1, "b": 0}, 0.020335),
        ("abs", "sqrt(x*x + a) - b", {"a": 0, "b": 0}, 0),
    ],
)
def test_tails_that_need_plain_constants(function, form, constants, error):
    design = refit(function, form)
    assert design.coefficients == constants
    assert design.error_high == pytest.approx(error, rel=1e-4)


def test_registered_functions_with_branches_stand_in_forms():
    x = np.linspace(-4, 4, 4001)
    for form, truth in (
        ("relu(x) + a*x", np.maximum(x, 0)),
        ("a*leaky_relu(x)", np.maximum(x, 0.01 * x)),
    ):
        design = refit("gelu", form, (-4.0, 4.0))
        assert design.verdict == "proved"
        rest = (
            truth + design.coefficients["a"] * x
            if form[0] == "r"
            else design.coefficients["a"] * truth
        )
        assert np.max(np.abs(rest - x * ndtr(x))) == pytest.approx(design.error_high, rel=1e-4)


def test_constants_that_tails_give_are_on_the_grid():
    design = refit("gelu", "a*softplus(x)", coefficients="float16")
    assert (design.coefficients, design.format) == ({"a": 1}, "float16")
    assert design.error_high == pytest.approx(np.log(2))
    with pytest.raises(ValueError, match="where a = 1/2, which numbers of fixed0 are not"):
        refit("gelu", "a*softplus(x)*2", coefficients="fixed0")


def test_limits_that_are_approached_are_touched_nowhere():
    design = refit("tanh", "a*atan(b*x)")
    assert design.attained_at
    assert max(map(abs, design.attained_at)) < 10
