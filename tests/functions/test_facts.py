"""Every number that a docstring states is measured again."""

import math
import re
from collections.abc import Callable
from fractions import Fraction
from functools import cache

import numpy as np
import pytest

import actcli
from actcli.functions.catalogue import names
from actcli.functions.registry import FUNCTIONS

bound = cache(actcli.activation)


# -- measuring ---------------------------------------------------------------------------------
def value(label: str, x: float) -> float:
    return float(bound(label)(x))


def slope(label: str, x: float) -> float:
    return float(bound(label).gradient(x))


def curvature(label: str, x: float) -> float:
    return float(bound(label).curvature(x))


def crossing(f: Callable[[float], float], low: float, high: float) -> float:
    """Where f changes sign between low and high, by bisection."""
    side = f(low) > 0
    assert (f(high) > 0) != side, "no change of sign"
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if (f(middle) > 0) == side else (low, middle)
    return (low + high) / 2


def flat(label: str, low: float, high: float) -> tuple[float, float]:
    """x and f(x) where the gradient changes sign."""
    x = crossing(lambda x: slope(label, x), low, high)
    return x, value(label, x)


def steepest(label: str, low: float, high: float) -> tuple[float, float]:
    """x and f'(x) where the curvature changes sign."""
    x = crossing(lambda x: curvature(label, x), low, high)
    return x, slope(label, x)


GRID = np.linspace(-12, 12, 24_001)  # every kink of the defaults is on it


def farthest(a: str, b: str) -> tuple[float, float]:
    """The place right of 0 and the size of the largest |a - b|, on the grid."""
    gap = np.abs(bound(a)(GRID) - bound(b)(GRID))
    return abs(float(GRID[np.argmax(gap)])), float(gap.max())


def widest(a: str, b: str, low: float, high: float) -> tuple[float, float]:
    """The place between low and high where two smooth curves run parallel, and |a - b| there."""
    x = crossing(lambda x: slope(a, x) - slope(b, x), low, high)
    return x, abs(value(a, x) - value(b, x))


def gaussian_mean(label: str) -> float:
    """E f(Z) of a standard normal Z, by the rectangle rule (with 0 in the middle of a step)."""
    x = (np.arange(-200_000, 200_000) + 0.5) / 20_000
    return float(np.sum(bound(label)(x) * np.exp(-(x**2) / 2)) / 20_000 / math.sqrt(2 * math.pi))


# -- what the docstrings say -------------------------------------------------------------------
# (as written, as measured): a decimal fraction is right to its last digit, all else exactly
Facts = list[tuple[str, float]]


def both(found: tuple[float, float], x: str, y: str) -> Facts:
    return list(zip((x, y), found, strict=True))


def curvature_jumps(label: str, before: str, after: str) -> Facts:
    """The curvature next to 0, as fractions of small denominators."""
    sides = [Fraction(curvature(label, side * 1e-9)).limit_denominator(64) for side in (-1, 1)]
    return [(before, float(sides[0])), (after, float(sides[1]))]


FACTS: dict[str, Callable[[], Facts]] = {
    "logistic": lambda: [
        ("1/2", value("logistic", 0)),
        ("1/4", steepest("logistic", -1, 1)[1]),
        ("4.585", crossing(lambda x: slope("logistic", x) - 0.01, 1, 9)),
        ("0.01", 0.01),
    ],
    "tanh": lambda: [
        ("1", steepest("tanh", -1, 1)[1]),
        *both((slope("tanh", -2), slope("tanh", 2)), "0.070651", "0.070651"),
    ],
    "hard_logistic": lambda: [
        ("0", value("hard_logistic", -2)),
        ("1", value("hard_logistic", 2)),
        ("0.119203", 1 - value("logistic", 2)),
        ("0.119203", value("logistic", -2)),
    ],
    "hard_sigmoid": lambda: [
        ("0", value("hard_sigmoid", -3)),
        ("1", value("hard_sigmoid", 3)),
        ("0.069182", farthest("hard_sigmoid", "logistic")[1]),
    ],
    "hard_tanh": lambda: [
        ("0.238406", farthest("hard_tanh", "tanh")[1]),
        ("1", farthest("hard_tanh", "tanh")[0]),
    ],
    "softsign": lambda: [
        ("0.99", value("softsign", 99)),
        ("2.647", crossing(lambda x: value("tanh", x) - 0.99, 1, 9)),
        *curvature_jumps("softsign", "2", "-2"),
    ],
    "arctan": lambda: [
        ("0.785398", value("arctan", 1)),
        ("1", slope("arctan", 0)),
        ("1/2", slope("arctan", 1)),
    ],
    "erf": lambda: [("1.128379", steepest("erf", -1, 1)[1])],
    "isru": lambda: [
        ("0.6", value("isru", 0.75)),
        ("0.75", 0.75),
        ("1", slope("isru:alpha=9", 0)),
    ],
    "scaled_tanh": lambda: [
        ("0.999997", value("scaled_tanh", 1)),
        ("1.143933", steepest("scaled_tanh", -1, 1)[1]),
    ],
    "elliott": lambda: [
        ("3/4", value("elliott", 1)),
        ("1/2", slope("elliott", 0)),
        ("1/2", 2 * slope("logistic", 0)),
        *curvature_jumps("elliott", "1", "-1"),
    ],
    "sqnl": lambda: [
        ("-1", value("sqnl", -2)),
        ("1", value("sqnl", 2)),
        ("3/4", value("sqnl", 1)),
        ("0.761594", value("tanh", 1)),
    ],
    "sparse_sigmoid": lambda: [
        ("1/2", value("sparse_sigmoid", 0)),
        ("1/2", slope("sparse_sigmoid", 0.9)),
        ("1/2", 2 * slope("logistic", 0)),
    ],
    "laplace": lambda: [
        ("1/2", value("laplace", 0.707107)),
        ("1.41421", slope("laplace", 0.707107)),
        ("1.41421", slope("squared_relu", 0.707107)),
    ],
    "step": lambda: [("0", value("step", 0)), ("1", value("step", 5e-324))],
    "sign": lambda: [("0", value("sign", 0)), ("2", value("sign", 5e-324) + value("sign", 7))],
    "relu": lambda: [("0.398942", gaussian_mean("relu"))],
    "relu6": lambda: [
        ("6", value("relu6", 6)),
        ("6", value("relu6", 7)),
        ("5", value("relu6", 5)),
    ],
    "bounded_relu": lambda: [
        ("1", value("bounded_relu", 1)),
        ("1", value("bounded_relu", 100)),
        ("6", value("bounded_relu:cap=6", 7)),
    ],
    "leaky_relu": lambda: [
        ("-1", value("leaky_relu", -100)),
        ("0.01", slope("leaky_relu", 0)),
    ],
    "prelu": lambda: [("-1", value("prelu", -4)), ("0.25", slope("prelu", 0))],
    "rrelu": lambda: [("0.229167", slope("rrelu", -1)), ("0.229167", 11 / 48)],
    "threshold": lambda: [
        ("0", value("threshold", 1)),
        ("1", round(value("threshold", 1 + 1e-12), 9)),
    ],
    "elu": lambda: [("-0.632121", value("elu", -1)), ("1", slope("elu", 0))],
    "celu": lambda: [
        ("-0.786939", value("celu:alpha=2", -1)),
        ("-2", value("celu:alpha=2", -math.inf)),
        ("1", slope("celu:alpha=2", 0)),
        ("1", 2 * round(curvature("celu:alpha=2", -1e-12), 9)),
        ("0", curvature("celu:alpha=2", 1e-12)),
    ],
    "selu": lambda: [
        ("-1.758099", value("selu", -math.inf)),
        ("1.758099", slope("selu", 0)),
    ],
    "softplus": lambda: [
        ("0.693147", value("softplus", 0)),
        ("0.693147", 3 * value("softplus:beta=3", 0)),
        ("0.693147", farthest("softplus", "relu")[1]),
    ],
    "log_sigmoid": lambda: [
        ("-0.693147", value("log_sigmoid", 0)),
        ("0", value("log_sigmoid", math.inf)),
        ("0", value("log_sigmoid", -1e3) + 1e3),
    ],
    "squareplus": lambda: [
        ("2", round(2 * value("squareplus:b=4", 0), 12)),
        ("1/4", curvature("squareplus", 0)),
        ("1/4", curvature("softplus", 0)),
    ],
    "sparse_plus": lambda: [
        ("1/4", value("sparse_plus", 0)),
        ("1/4", farthest("sparse_plus", "relu")[1]),
        ("1/2", curvature("sparse_plus", -0.99)),
        ("1/2", curvature("sparse_plus", 0.99)),
        ("0", curvature("sparse_plus", -1.01)),
        ("0", curvature("sparse_plus", 1.01)),
    ],
    "smelu": lambda: [
        ("1/2", value("smelu", 0)),
        ("4", 4 * value("smelu:beta=4", 0)),
        ("1/2", farthest("smelu", "relu")[1]),
        ("2", 4 * 4 * curvature("smelu:beta=4", -3.9)),
        ("2", 4 * 4 * curvature("smelu:beta=4", 3.9)),
        ("0", curvature("smelu:beta=4", 4.1)),
    ],
    "sqrt_softplus": lambda: [("0.832555", value("sqrt_softplus", 0))],
    "squared_relu": lambda: [
        ("9", value("squared_relu", 3)),
        ("6", slope("squared_relu", 3)),
        *curvature_jumps("squared_relu", "0", "2"),
    ],
    "star_relu": lambda: [
        ("-0.4472", value("star_relu", 0)),
        ("0.707107", crossing(lambda x: value("star_relu", x), 0.1, 2)),
        ("2", round(curvature("star_relu", 1e-9) / 0.8944, 12)),
    ],
    "isrlu": lambda: [
        ("-0.6", value("isrlu", -0.75)),
        ("-0.75", -0.75),
        ("-3", round((curvature("isrlu:alpha=2", -1e-6) - 0) / -1e-6 / 2, 6)),
        ("0", curvature("isrlu:alpha=2", 1e-6)),
    ],
    "pelu": lambda: [
        ("-1.264241", value("pelu:a=2,b=4", -4)),
        ("-2", value("pelu:a=2,b=4", -math.inf)),
        ("2", 4 * slope("pelu:a=2,b=4", 0)),
        ("2", 16 * round(curvature("pelu:a=2,b=4", -1e-12), 9)),
        ("0", curvature("pelu:a=2,b=4", 1e-12)),
    ],
    "serlu": lambda: [
        *both(flat("serlu", -2, -0.5), "-1", "-1.152421"),
        ("1.07862", slope("serlu", 0)),
        ("0.00000018", gaussian_mean("serlu")),  # in its notes
    ],
    "srelu": lambda: [
        ("-2", value("srelu", -6)),
        ("3", value("srelu", 6)),
        ("0.2", slope("srelu", -1)),
        ("0.4", slope("srelu", 1)),
    ],
    "nlrelu": lambda: [("0.693147", value("nlrelu", 1)), ("6.907755", value("nlrelu", 999))],
    "bent_identity": lambda: [
        ("0", value("bent_identity", 0)),
        ("1", slope("bent_identity", 0)),
        ("1.207107", value("bent_identity", 1)),
        ("1/2", slope("bent_identity", -math.inf)),
        ("3/2", slope("bent_identity", math.inf)),
    ],
    "identity": lambda: [("1", slope("identity", -1e300))],
    "abs": lambda: [("3", value("abs", -3)), ("-1", slope("abs", -3))],
    "swish": lambda: [
        *both(flat("swish", -3, 0), "-1.278465", "-0.278465"),
        ("2", 3 / value("swish:beta=0", 3)),
    ],
    "e_swish": lambda: both(flat("e_swish", -3, 0), "-1.278465", "-0.417697"),
    "hard_swish": lambda: [
        *both(flat("hard_swish", -2.5, 0), "-3/2", "-3/8"),
        *both(farthest("hard_swish", "swish"), "3", "0.142278"),
    ],
    "gelu": lambda: [
        *both(flat("gelu", -3, 0), "-0.751792", "-0.169971"),
        ("0.000473", farthest("gelu", "gelu:approx=tanh")[1]),
        ("0.020335", farthest("gelu", "gelu:approx=sigmoid")[1]),
    ],
    "gelu_tanh": lambda: [
        *both(flat("gelu_tanh", -3, 0), "-0.752461", "-0.170041"),
        ("2.698941", widest("gelu", "gelu_tanh", 2.5, 3)[0]),
    ],
    "quick_gelu": lambda: [
        *both(flat("quick_gelu", -3, 0), "-0.751154", "-0.163610"),
        ("2.270398", widest("gelu", "quick_gelu", 2, 2.5)[0]),
    ],
    "mish": lambda: [
        *both(flat("mish", -3, 0), "-1.192431", "-0.308843"),
        ("0.6", slope("mish", 0)),
    ],
    "hard_mish": lambda: [
        *both(flat("hard_mish", -1.5, 0), "-1", "-1/2"),
        ("1", slope("hard_mish", 0)),
        ("1", slope("hard_mish", -1e-300)),
    ],
    "serf": lambda: both(flat("serf", -3, 0), "-1.193060", "-0.348437"),
    "tanhexp": lambda: both(flat("tanhexp", -3, 0), "-1.078860", "-0.353286"),
    "logish": lambda: [
        *both(flat("logish", -3, 0), "-1.372454", "-0.252769"),
        ("0.693147", slope("logish", math.inf)),
    ],
    "smish": lambda: [
        *both(flat("smish", -3, 0), "-1.394519", "-0.249994"),
        ("0.6", slope("smish", math.inf)),
    ],
    "phish": lambda: [
        *both(flat("phish", -3, -0.5), "-1.195431", "0.164659"),
        ("0", value("phish", 0)),
        ("0", min(0.0, float(bound("phish")(GRID).min()))),
    ],
    "gish": lambda: [
        *both(flat("gish", -3, 0), "-1.282051", "-0.278159"),
        ("0.693147", slope("gish", math.inf)),
    ],
    "lisht": lambda: [
        ("0", value("lisht", 0)),
        ("0", min(0.0, float(bound("lisht")(GRID).min()))),
        *both((value("lisht", -1), value("lisht", 1)), "0.761594", "0.761594"),
    ],
    "dsilu": lambda: [
        *both(flat("dsilu", -3, 0), "-2.399357", "-0.099839"),
        *both(flat("dsilu", 0, 3), "2.399357", "1.099839"),
    ],
    "elish": lambda: [
        *both(flat("elish", -3, 0), "-0.881374", "-0.171573"),
        ("1/2", slope("elish", 0)),
        *curvature_jumps("elish", "1", "1/2"),
    ],
    "hard_elish": lambda: [
        *both(flat("hard_elish", -0.9, 0), "-0.442854", "-0.099673"),
        ("1/2", slope("hard_elish", 0)),
        ("1/2", slope("hard_elish", -1e-300)),
    ],
    "ft_swish": lambda: [
        ("-0.2", value("ft_swish", 0)),
        ("0.342061", crossing(lambda x: value("ft_swish", x), 0.1, 2)),
    ],
    "pflu": lambda: both(flat("pflu", -3, 0), "-0.786151", "-0.150142"),
    "acon_c": lambda: [
        ("1/2", slope("acon_c", 0)),
        ("1", slope("acon_c:p1=1.75,p2=0.25,beta=3", 0)),
        ("0", float(np.abs(bound("acon_c")(GRID) - bound("swish")(GRID)).max())),
    ],
    "smu": lambda: [("0.625", slope("smu", 0)), ("1", round(slope("smu:alpha=0.3", 0) / 0.65, 9))],
    "atlu": lambda: [
        ("-1/4", value("atlu", -1)),
        ("-0.318310", value("atlu", -math.inf)),
        ("-0.318310", -1 / math.pi),
    ],
    "xielu": lambda: [
        *both(flat("xielu", -3, 0), "-0.980829", "-0.205751"),
        ("0", slope("xielu:beta=0.3", 0) - 0.3),
        *curvature_jumps("xielu:alpha_p=2,alpha_n=3", "3", "4"),
    ],
    "sinlu": lambda: both(flat("sinlu", -2, 0), "-1.082865", "-0.497371"),
    "coslu": lambda: [
        *both(flat("coslu", -3, -1), "-1.905408", "-0.289273"),
        ("1/2", value("coslu", 0)),
        ("3/2", value("coslu:a=3", 0)),
    ],
    "hard_shrink": lambda: [
        ("0.6", value("hard_shrink", 0.6)),
        ("0", value("hard_shrink", 0.5)),
        ("0.5", 0.5),
        ("0", value("hard_shrink", -0.5)),
    ],
    "soft_shrink": lambda: [
        ("1.5", value("soft_shrink", 2)),
        ("-1.5", value("soft_shrink", -2)),
    ],
    "tanh_shrink": lambda: [
        ("0.238406", value("tanh_shrink", 1)),
        ("1", round(3 * value("tanh_shrink", 1e-5) / 1e-15, 9)),
    ],
    "sine": lambda: [
        ("1.570796", flat("sine", 0, 3)[0]),
        ("1", flat("sine", 0, 3)[1]),
        ("30", slope("sine:omega=30", 0)),
    ],
    "cosine": lambda: [
        ("1", value("cosine", 0)),
        ("1.570796", crossing(lambda x: value("cosine", x), 0, 3)),
    ],
    "snake": lambda: [
        ("0.785398", steepest("snake", 0, 1)[0]),
        ("2", round(steepest("snake", 0, 1)[1], 12)),
        ("0", round(float(bound("snake:a=-3").gradient(GRID).min()), 5)),
        ("2", round(float(bound("snake:a=-3").gradient(GRID).max()), 5)),
    ],
    "gcu": lambda: both(flat("gcu", 0.1, 1.5), "0.860334", "0.561096"),
    "sinc": lambda: [
        *both(flat("sinc", 4, 5), "4.493409", "-0.217234"),
        *both(flat("sinc", -5, -4), "-4.493409", "-0.217234"),
        ("1", value("sinc", 0)),
    ],
    "cos_minus_identity": lambda: [
        ("0.739085", crossing(lambda x: value("cos_minus_identity", x), 0, 3)),
        ("-2", round(float(bound("cos_minus_identity").gradient(GRID).min()), 5)),
        ("0", round(float(bound("cos_minus_identity").gradient(GRID).max()), 5) + 0.0),
    ],
    "min_sine": lambda: [
        *both(flat("min_sine", 1, 2), "1.570796", "1"),
        ("0", curvature("min_sine", -1e-6)),
        ("-1", round(curvature("min_sine", 1e-6) / 1e-6, 6)),
    ],
    "gaussian": lambda: [
        ("1", value("gaussian", 0)),
        *both(steepest("gaussian", 0.1, 2), "0.707107", "-0.857764"),
        ("0.606531", value("gaussian", steepest("gaussian", 0.1, 2)[0])),
        ("-0.707107", steepest("gaussian", -2, -0.1)[0]),
    ],
    "exponential": lambda: [
        ("2.718282", value("exponential", 1)),
        ("709.782713", math.log(np.finfo(np.float64).max)),
        ("1", float(value("exponential", 709.7827) < math.inf == value("exponential", 709.7828))),
    ],
    "square": lambda: [("9", value("square", -3)), ("-6", slope("square", -3))],
    "soft_exponential": lambda: [
        ("1.797443", value("soft_exponential", 1)),
        ("0", value("soft_exponential:alpha=0.3", 0) - 0.3),
        ("0", value("soft_exponential:alpha=0", 0)),
        ("0", value("soft_exponential:alpha=-1", 7) - math.log(7)),
        ("0", value("soft_exponential:alpha=0", 7) - 7),
        ("0", value("soft_exponential:alpha=1", 7) - math.exp(7)),
    ],
    "arctan_squared_minus_identity": lambda: [
        ("-1", slope("arctan_squared_minus_identity", 0)),
        *both(steepest("arctan_squared_minus_identity", 0.1, 2), "0.765379", "-0.176101"),
    ],
    "max_logistic": lambda: [
        ("0.659046", crossing(lambda x: x - value("logistic", x), 0, 1)),
        ("0.224704", slope("max_logistic", 0.65904606)),
        ("1", slope("max_logistic", 0.65904608)),
    ],
}
MINIMA = [name for name in names() if "its minimum is" in FUNCTIONS[name].about.lower()]


@pytest.mark.parametrize("name", names())
def test_stated_numbers_are_right(name):
    for written, measured in FACTS[name]():
        digits = len(written.partition(".")[2])
        wanted = float(Fraction(written))
        allowed = 0.5000001 * 10.0**-digits if digits > 2 else 1e-15 * max(1, abs(wanted))
        assert abs(measured - wanted) <= allowed, f"{name}: {written} is {measured!r}"


@pytest.mark.parametrize("name", names())
def test_no_stated_decimal_goes_unchecked(name):
    checked = {written.lstrip("-") for written, _ in FACTS[name]()}
    assert set(re.findall(r"\d+\.\d+", FUNCTIONS[name].about)) <= checked


@pytest.mark.parametrize("name", MINIMA)
def test_a_stated_minimum_is_the_lowest_value_anywhere(name):
    stated = re.search(r"minimum is (?:[^,]* = )?(-?\d+(?:[./]\d+)?)", FUNCTIONS[name].about)
    f, wide = bound(name), np.linspace(-800, 800, 20_001)
    with np.errstate(all="ignore"):
        plain = f.read(wide)  # the formula as it is, of which no cells are made
    plain = np.where(np.isfinite(plain), plain, f(np.where(np.isfinite(plain), 0.0, wide)))
    assert stated is not None
    assert min(f(GRID).min(), plain.min()) >= float(Fraction(stated[1])) - 1e-6
