"""Refits: known constants and errors, a search by scipy, and what is refused."""

from itertools import product

import mpmath
import numpy as np
import pytest
from by_mpmath import TRUTHS
from scipy.optimize import linprog, minimize, minimize_scalar
from scipy.special import erf, expit, ndtr

from actcli.cli.approximate_report import sentences
from actcli.design import refit as refit_module
from actcli.design.forms import designed
from actcli.design.refit import refit
from actcli.design.refit_bound import _Boxes, least_error
from actcli.design.refit_form import Form
from actcli.design.request import Conditions, Entries, Pieces, Request
from actcli.evaluation.function_text import resolve
from actcli.expressions.node import Node
from actcli.expressions.parser import parse


@pytest.mark.parametrize(
    ("function", "form", "constants", "error"),
    [
        ("normal_cdf(x)", "sigmoid(c*x)", {"c": 1.70174493}, 0.00945730918),
        ("gelu", "x*sigmoid(c*x)", {"c": 1.77293396562}, 0.0139222454728),
        (
            "gelu", "0.5*x*(1 + tanh(a*(x + b*x**3)))",
            {"a": 0.800157078548, "b": 0.0433676016405}, 2.70727474658e-4,
        ),
    ],
)  # fmt: skip
def test_known_constants(function, form, constants, error):
    design = refit(resolve(function), form, None, {})
    assert design.verdict == "proved"
    assert design.error_low <= design.error_high <= error * (1 + 1e-6)
    assert design.error_high >= error * (1 - 1e-9)
    assert design.coefficients == pytest.approx(constants, rel=1e-6)
    assert error * (1 - 2e-6) <= design.optimum_low <= error * (1 + 1e-9)


def test_places_are_those_of_the_constants_that_are_told():
    """Also where the formula has a kink that no sample is at; their error is told by numpy."""
    design = refit(resolve("softplus"), "max(a*x + b, 0)", (-2.0, 2.0), {})
    a, b = design.coefficients["a"], design.coefficients["b"]
    assert design.attained_at == pytest.approx([-b / a, np.log(a / (1 - a)), 2.0], abs=1e-3)
    x = np.array(design.attained_at)
    errors = np.abs(np.logaddexp(0, x) - np.maximum(a * x + b, 0))
    assert errors == pytest.approx(design.error_high, rel=2e-6)
    assert 0.999 * design.error_high < design.optimum_low <= design.error_high


@pytest.mark.parametrize(
    ("function", "form", "constants"),
    [
        ("1/(1 + exp(-3*x))", "sigmoid(a*x)", {"a": 3}), ("abs(x)", "abs(x)**a", {"a": 1}),
        ("tanh", "tanh(a*x + b)", {"a": 1, "b": 0}), ("x*x", "a*x*x + b", {"a": 1, "b": 0}),
    ],
)  # fmt: skip
def test_a_formula_that_is_the_function_touches_nowhere(function, form, constants):
    design = refit(resolve(function), form, (-2.0, 2.0), {})
    assert design.coefficients == constants
    assert design.error_high == design.optimum_low == 0
    assert design.attained_at == []


def test_places_where_the_formula_has_no_slope_are_left_out():
    """Of sqrt(1 - x), which has no slope at 1: of smaller a it has no value there."""
    design = refit(resolve("sqrt(x)"), "sqrt(a - x)", (0.0, 1.0), {})
    assert design.coefficients["a"] == pytest.approx(1, abs=1e-5)
    assert design.error_high == pytest.approx(1, abs=1e-2)


def test_a_level_error_is_touched_once_on_each_side():
    design = refit(resolve("where(x != 0, x, 5)"), "a*x + b", (-1.0, 1.0), {})
    assert design.error_high == pytest.approx(2.5)
    assert len(design.attained_at) <= 3
    assert 0.0 in design.attained_at


def test_a_formula_without_x_can_be_typed_back():
    design = refit(resolve("tanh"), "a*x", (-1e300, 1e300), {})
    assert design.error_high == pytest.approx(1)
    assert resolve(design.formula)(3.0) == 0
    assert 0.999 < design.optimum_low <= 1  # of places that touch, of which there are thousands


def test_a_form_whose_tails_are_its_asymptotes_is_proved_on_the_line():
    """softplus by a hyperbola: as far below at 0 as it is above where it is furthest."""

    def above(x, b):
        return (x + mpmath.sqrt(x * x + b)) / 2 - mpmath.log1p(mpmath.exp(x))

    def alike(b, x):
        slope = (1 + x / mpmath.sqrt(x * x + b)) / 2 - 1 / (1 + mpmath.exp(-x))
        return [above(x, b) + above(0, b), slope]

    b, x = mpmath.findroot(alike, (1.5, 3.5))
    design = refit(resolve("softplus"), "(x + sqrt(x*x + b))/2", None, {})
    assert design.coefficients["b"] == pytest.approx(float(b), rel=1e-9)
    assert design.error_low <= design.error_high == pytest.approx(float(above(x, b)), rel=1e-9)
    assert design.optimum_low <= float(above(x, b))


@pytest.mark.parametrize(
    ("function", "form", "limits"),
    [("mish", "x*sigmoid(a*x + b)", None), ("tanh", "a*x/(1 + b*x*x)", (-1.5, 1.5)),
     ("exp(-x)", "1/(1 + a*x + b*x*x)", (0.0, 2.0))],
)  # fmt: skip
def test_no_constants_are_below_the_bound(function, form, limits):
    design = refit(resolve(function), form, limits, {})
    assert design.ratio <= 1 + 2e-6
    low, high = limits or (-8.0, 8.0)
    x = np.linspace(low, high, 801)
    random = np.random.default_rng(4)
    best, exact = np.array([*design.coefficients.values()]), truth(function, x)
    with np.errstate(all="ignore"):
        for spread in (1e-4, 1e-2, 0.3, 10.0):
            for a, b in best + spread * random.normal(size=(200, 2)):
                given = {"x": x, "a": a, "b": b, "sigmoid": expit}
                rival = np.max(np.abs(eval(form, given) - exact))
                assert not rival < design.optimum_low * (1 - 1e-4)  # grids miss a little


def truth(function, x):
    softplus = np.logaddexp(0, x)
    return {"mish": x * np.tanh(softplus), "tanh": np.tanh(x), "exp(-x)": np.exp(-x)}[function]


def test_constants_that_are_not_the_best_prove_no_more_than_is_true():
    f, tree = resolve("gelu"), parse("x*sigmoid(c*x)", {"c": Node("name", ("c",))})
    for c in (1.702, 1.78, 2.5):
        x = np.linspace(-6, 6, 2001)
        e = np.abs(x * expit(c * x) - x * ndtr(x))
        places = x[np.argsort(-e)[:6]].tolist()
        bound, better = least_error(f, tree, {"c": c}, float(e.max()), places)
        assert bound is None or bound <= 0.0139222454728
        assert better


@pytest.mark.parametrize(
    ("function", "form", "limits"),
    [
        ("exp(x)", "a + b*x + c*x*x", (-1.0, 1.0)), ("sin(x)", "a*x + b*x**3 + c*x**5", (-3.0, 3.0)),
        ("relu6", "a*sigmoid(b*x)", None),
    ],
)  # fmt: skip
def test_bounds_of_several_places_together_prove_no_more_than_is_true(function, form, limits):
    """Proved at the best; errors that are larger than its, or of other constants, are not."""
    found = Form(form, resolve(function), limits)
    design = refit(found.f, form, limits, {})
    assert design.ratio <= 1 + 2e-6
    best = np.array([*design.coefficients.values()])
    random = np.random.default_rng(8)
    for spread, over in product((0.0, 1e-5, 0.05), (1 + 3e-6, 1.01)):
        values = best * (1 + spread * random.normal(size=len(best)))
        given = dict(zip(found.names, values.tolist(), strict=True))
        places = found.touched(values) + found.touched(best)
        bound, _ = least_error(
            found.f, found.tree, given, design.error_high * over, places, worst=found.touched
        )
        assert bound is None


@pytest.mark.parametrize(
    ("function", "form", "truth", "low"),
    [("logistic", "clip(a*x + 1/2, 0, 1)", expit, 0.5), ("tanh", "clip(a*x, -1, 1)", np.tanh, 0.0)],
)
def test_bends_that_move_are_no_trap(function, form, truth, low):
    """At fixed places linear programs see no gain where clip ends; a search over slopes does."""

    def error(slope):
        end = (1 - low) / slope
        x = np.linspace(0, end, 100_001)
        return max(np.max(np.abs(slope * x + low - truth(x))), 1 - truth(end))

    least = minimize_scalar(
        error, bounds=(0.1, 1.0), method="bounded", options={"xatol": 1e-12}
    ).fun
    assert refit(resolve(function), form, None, {}).error_high <= least * (1 + 1e-6)


def test_the_error_is_that_of_the_constants_printed():
    design = refit(resolve("gelu"), "x*sigmoid(c*x)", None, {})
    c = mpmath.mpf(design.coefficients["c"])

    def error(x):
        return abs(TRUTHS["gelu"](x) - x / (1 + mpmath.exp(-c * x)))

    worst = max(error(mpmath.mpf(k) / 1000) for k in range(-6000, 6001, 3))
    assert worst <= design.error_high
    assert worst >= design.error_low * (1 - 1e-5)
    assert resolve(design.formula)(1.5) == pytest.approx(1.5 / (1 + np.exp(-1.5 * float(c))))


def test_a_search_finds_no_better():
    x = np.linspace(-3, 3, 6001)
    truth = x * ndtr(x)
    best = minimize_scalar(
        lambda c: np.max(np.abs(truth - x * np.tanh(c * np.logaddexp(0, x)))),
        bounds=(0.3, 3), method="bounded", options={"xatol": 1e-12},
    )  # fmt: skip
    design = refit(resolve("gelu"), "x*tanh(c*softplus(x))", (-3.0, 3.0), {})
    assert design.error_high <= best.fun * (1 + 1e-6)
    assert design.coefficients["c"] == pytest.approx(best.x, rel=1e-4)


@pytest.mark.parametrize(
    ("function", "form", "start", "message"),
    [
        ("gelu", "x*sigmoid(x)", {}, "no names to fit"),
        ("relu", "x*sigmoid(c*x)", {}, "runs away"),
        ("gelu", "x*sigmoid(c*x)", {"c": "one"}, "the start of a fit is one number"),
        ("gelu", "a+b+c+d+g+h+k*x", {}, "7 names to fit; 6 at most"),
    ],
)
def test_what_is_refused(function, form, start, message):
    with pytest.raises(ValueError, match=message):
        refit(resolve(function), form, None, start)


@pytest.mark.parametrize(
    ("request_", "message"),
    [
        (Request("foo("), "--by takes polynomial, rational, piecewise, table or a formula"),
        (Request("x*sigmoid(c*x)", degree=3), "--degree does not go with --by x"),
        (Request("table", error=0.1), "--error does not go with --by table"),
        (Request(degree=3, pieces=Pieces(jumps=True)), "--jumps does not go with --by polynomial"),
        (
            Request("piecewise", pieces=Pieces(3), entries=Entries(input_scale="1")),
            "--input-scale does not go with --by piecewise",
        ),
    ],
)
def test_options_of_another_form(request_, message):
    with pytest.raises(ValueError, match=message):
        designed(resolve("gelu"), request_)


def test_an_error_that_is_only_approached_counts_as_one_that_is_attained():
    design = designed(resolve("tanh"), Request("a*atan(b*x)"))
    at_infinity = design.coefficients["a"] * np.pi / 2 - 1
    assert at_infinity == pytest.approx(design.error_high, rel=1e-6)
    assert design.ratio < 1 + 2e-6
    x = np.linspace(-50, 50, 200_001)
    error = np.arctan(design.coefficients["b"] * x) * design.coefficients["a"] - np.tanh(x)
    assert np.abs(error).max() == pytest.approx(design.error_high, rel=1e-6)


def test_places_where_a_refit_touches_are_those_of_mpmath():
    design = designed(resolve("gelu"), Request("x*sigmoid(c*x)"))
    with mpmath.workdps(30):
        c = mpmath.mpf(design.coefficients["c"])

        def slope(x):
            return mpmath.diff(lambda v: v * mpmath.ncdf(v) - v / (1 + mpmath.exp(-c * v)), x)

        right = [float(mpmath.findroot(slope, near)) for near in (0.9, 2.4)]
    np.testing.assert_allclose(design.attained_at, [-right[1], -right[0], *right], rtol=1e-12)


def test_what_nears_its_limit_slowly_is_fitted_there_too():
    """softsign and arctan near their limits like 1/x: samples of x/(1 + x) show the line, its end too."""
    share = np.linspace(0, 1, 200_001)[1:]
    with np.errstate(divide="ignore"):
        x = share / (1 - share)

    def largest(constants):
        return np.max(np.abs(share - constants[0] * np.arctan(constants[1] * x)))

    tight = {"xatol": 1e-12, "fatol": 1e-14, "maxfev": 2000}
    best = minimize(largest, [0.6, 1.1], method="Nelder-Mead", options=tight)
    found = refit(resolve("softsign"), "a*arctan(b*x)", None, {})
    assert found.error_high == pytest.approx(best.fun, rel=1e-6)


def test_a_level_error_far_out_hides_no_other():
    found = refit(resolve("logistic"), "a + b*erf(c*x)", None, {})
    x = np.linspace(0, 20, 200_001)
    y = 1 / (1 + np.exp(-x)) - 0.5

    def largest(constants):  # of the odd part
        return np.max(np.abs(y - constants[0] * erf(constants[1] * x)))

    tight = {"xatol": 1e-12, "fatol": 1e-14, "maxfev": 2000}
    best = minimize(largest, [0.49, 0.43], method="Nelder-Mead", options=tight)
    assert found.error_high == pytest.approx(best.fun, rel=1e-6)


def test_constants_of_either_sign_are_found():
    x = np.linspace(0, 4, 40_001)
    y = expit(x)
    best = minimize(
        lambda c: np.max(np.abs(c[0] * np.exp(-c[1] * x * x) + c[2] - y)), [-0.42, 0.6, 0.95],
        method="Nelder-Mead", options={"xatol": 1e-12, "fatol": 1e-14, "maxfev": 4000},
    )  # fmt: skip
    found = refit(resolve("logistic"), "a*exp(-b*x*x) + c", (0.0, 4.0), {})
    assert found.error_high <= best.fun * (1 + 1e-6)


@pytest.mark.parametrize(
    ("function", "form", "limits", "infimum"),
    [
        ("relu6", "a+b*erf(c*x)", (-2.0, 8.0), 0.75),
        ("relu6", "a+b*tanh(c*x)", (-2.0, 8.0), 0.75),
        ("relu6", "a+b*sigmoid(c*x)", (-2.0, 8.0), 0.75),
        ("relu6", "a*log1p(exp(b*x))+c", (-2.0, 8.0), 0.75),
        ("x*abs(x)", "a*sigmoid(b*x) + c", (5.0, 9.0), 2.0),
        (
            "exp(x)", "a*sigmoid(b*x) + c", (-2.0, 2.0),
            (np.exp(-2) + np.sinh(2) / 2 * (np.log(np.sinh(2) / 2) + 1)) / 2,
        ),
        ("relu", "a*tanh(b*x)", (-2.0, 4.0), 4 / 3),
    ],
)  # fmt: skip
def test_errors_that_are_only_approached_are_reached_within_a_millionth(
    function, form, limits, infimum
):
    """The best is the limit of ever larger constants: the nearest line, in closed form."""
    found = refit(resolve(function), form, limits, {})
    assert infimum * (1 - 1e-12) < found.error_high < infimum * (1 + 1e-6)
    assert found.approached
    assert any("the best seems to be approached only" in line for line in sentences(found))
    assert found.optimum_low is None or found.optimum_low <= infimum


@pytest.mark.parametrize(
    ("function", "form", "limits"),
    [
        ("relu", "a*tanh(b*x)", (0.0, 4.0)), ("relu", "a*softplus(b*x)", (-3.0, 3.0)),
        ("log(x)", "a + b*x**c", (0.5, 4.0)), ("x*x", "a*cosh(b*x) + c", (-2.0, 2.0)),
        ("relu", "x*sigmoid(a*x)", (0.0, 3.0)),  # which is worst between 0 and the next sample
    ],
)  # fmt: skip
def test_errors_of_0_that_are_only_approached_run_away(function, form, limits):
    with pytest.raises(ValueError, match="runs away: ever larger constants come nearer, as a = "):
        refit(resolve(function), form, limits, {})


@pytest.mark.parametrize(
    "form", ["x*sigmoid(c*x) + b*0", "c*x + b - b", "c*x + where(x > 10, b, x)", "c*x + 0*exp(b*x)"]
)
def test_constants_without_effect_are_told(form):
    with pytest.raises(ValueError, match=r"no effect of b on .* is seen; leave it out, or write"):
        refit(resolve("gelu"), form, (-4.0, 4.0), {})


def test_constants_without_effect_at_the_best_stay():
    found = refit(resolve("relu"), "a*tanh(b*x) + c", (-2.0, 0.0), {})
    assert found.error_high == found.coefficients["a"] == 0
    assert abs(found.coefficients["b"]) < 100


@pytest.mark.parametrize(
    ("function", "form"),
    [
        ("x*sigmoid(1.702*x)", "x*sigmoid(c*x)"), ("x*erf(1.702*x)", "x*erf(c*x)"),
        ("tanh(1.3*x)", "tanh(c*x)"),
    ],
)  # fmt: skip
def test_constants_that_are_no_doubles_are_proved_near_on_the_line(function, form):
    design = refit(resolve(function), form, None, {})
    with mpmath.workdps(60):
        written = mpmath.mpf("1.3" if "1.3" in function else "1.702")
        c = mpmath.mpf(design.coefficients["c"])
        u = {"s": lambda x, a: x / (1 + mpmath.exp(-a * x)), "e": lambda x, a: x * mpmath.erf(a * x),
             "t": lambda x, a: mpmath.tanh(a * x)}[form.removeprefix("x*")[0]]  # fmt: skip
        worst = max(abs(u(x, written) - u(x, c)) for x in mpmath.linspace(0, 8, 4001))
    assert 0 < float(worst) <= design.error_high == pytest.approx(float(worst), rel=1e-6)


def test_no_effect_is_not_said_of_constants_that_most_values_saturate():
    found = refit(resolve("atan(x)"), "x*clip(a*x + b, 0, 1)", (5.0, 9.0), {})
    x = np.linspace(5, 9, 4001)
    a, b = found.coefficients.values()
    error = np.max(np.abs(np.arctan(x) - x * np.clip(a * x + b, 0, 1)))
    assert error == pytest.approx(found.error_high, rel=1e-5)
    assert found.error_high < 0.05


def test_kinks_are_looked_for_in_the_range():
    """The nearest with one kink: the line through the ends of hardswish below -3 and above."""
    found = refit(resolve("hardswish"), "a*relu(x - b) + c*x", (-6.0, -1.0), {})
    assert found.error_high == pytest.approx(1 / 12, rel=1e-9)
    assert refit(resolve("tanh(x - 25)"), "a*tanh(b*(x - c))", (20.0, 30.0), {}).error_high == 0


def test_roots_of_what_is_no_square_stay():
    found = refit(resolve("max(x, 0.1*x)"), "a*x/sqrt(1 + b*x*x)", (-2.0, 8.0), {})
    assert found.error_high == pytest.approx(1.1535751675865, rel=1e-9)  # by differential evolution


def test_constants_are_as_large_as_the_function_is():
    found = refit(resolve("exp(x)"), "a + b*x", (10.0, 12.0), {})
    slope = (np.exp(12) - np.exp(10)) / 2
    middle = np.log(slope)
    assert found.coefficients["b"] == pytest.approx(slope, rel=1e-9)
    error = (np.exp(10) + slope * (middle - 10) - slope) / 2
    assert found.error_high == pytest.approx(error, rel=1e-9)


def test_roots_of_squares_are_sizes():
    design = refit(resolve("relu"), "sqrt(a*x*x + b) + c*x", (-3.0, 3.0), {})
    assert design.coefficients == {"a": 0.25, "b": 0, "c": 0.5}
    assert design.error_high == 0


def test_bounds_are_sharp_where_fewer_places_are_touched_than_there_are_constants():
    found = refit(resolve("relu6"), "a*sigmoid(b*x)", None, {})
    x = np.linspace(-20, 20, 40_001)
    assert found.ratio < 1 + 2e-6
    for a in np.linspace(3, 6, 61):
        for b in np.linspace(0.3, 2, 35):
            assert np.max(np.abs(a * expit(b * x) - np.clip(x, 0, 6))) > found.optimum_low


def test_products_of_names_try_few_ties(monkeypatch):
    """Any ties of a*b*c*d*f*g leave it one slope: no tie brings a line near gelu far out."""
    tried = []
    monkeypatch.setattr(refit_module, "Form", lambda *asked: tried.append(asked) or Form(*asked))
    with pytest.raises(ValueError, match="far out the formula is not near gelu"):
        refit(resolve("gelu"), "a*b*c*d*f*g*x", None, {})
    assert len(tried) <= refit_module.MOST_TRIED + 1


def test_places_go_together_at_once_where_the_best_touches_few(monkeypatch):
    """Of relu6 two places for two constants: no place alone refutes what is near, so none is tried so."""
    passes = []

    def refuted(self, work, programs, worst, before=_Boxes.refuted):
        passes.append(programs)
        return before(self, work, programs, worst)

    monkeypatch.setattr(_Boxes, "refuted", refuted)
    assert refit(resolve("relu6"), "a*sigmoid(b*x)", None, {}).ratio < 1 + 2e-6
    assert passes == [True]


def test_bounds_need_slopes_of_what_follows_a_number():
    """1 + x*x and 1/(1 + x*x), of which a program of two hundred places knows the best."""
    found = refit(resolve("softplus"), "a + b*x + c/(1 + x*x)", (-2.0, 2.0), {})
    x = np.linspace(-2, 2, 201)
    basis = np.stack([np.ones_like(x), x, 1 / (1 + x * x)], axis=1)
    one, truth = np.ones((len(x), 1)), np.log1p(np.exp(x))
    best = linprog(
        [0, 0, 0, 1], A_ub=np.block([[basis, -one], [-basis, -one]]),
        b_ub=np.append(truth, -truth), bounds=[(None, None)] * 4,
    )  # fmt: skip
    assert found.error_high == pytest.approx(best.fun, rel=1e-3)
    assert found.ratio < 1 + 2e-6


def test_large_constants_that_are_the_best_are_not_called_approached():
    for function, form in (("tanh(300*x) + x/10", "tanh(c*x)"), ("gelu", "x*sigmoid(c*x)")):
        assert not refit(resolve(function), form, (-1.0, 1.0), {}).approached


def test_constants_in_which_a_form_is_linear_follow_from_the_others():
    """exp by a bell far from 0: for each rate the others are a linear program; scipy searches rates."""
    x = np.linspace(20, 30, 1001)
    y = np.exp(x - 30)
    line, one = np.ones((len(x), 1)), np.ones(len(x))

    def largest(rate):
        a = np.stack([np.exp(rate * (x * x - 900)), one], axis=1)
        rows = np.block([[a, -line], [-a, -line]])
        bounds = [(None, None), (None, None), (0, None)]
        return linprog([0, 0, 1], A_ub=rows, b_ub=np.concatenate([y, -y]), bounds=bounds).fun

    best = minimize_scalar(largest, bounds=(0.015, 0.02), method="bounded", options={"xatol": 1e-9})
    found = refit(resolve("exp(x)"), "a*exp(-b*x*x) + c", (20.0, 30.0), {})
    assert found.error_high <= best.fun * np.exp(30) * (1 + 1e-4)  # samples miss a little
    assert found.coefficients["b"] == pytest.approx(-best.x, rel=1e-3)


def test_starts_have_no_poles_where_others_have_none():
    """At 0 the form is 0 and logistic is not: 1 is the least relative error, and 0 has it."""
    found = refit(
        resolve("logistic"), "x*(a + b*x*x)/(1 + c*x*x)", (-3.0, 3.0), {}, Conditions(relative=True)
    )
    assert found.verdict == "proved"
    assert found.error_high == pytest.approx(1, rel=1e-6)
