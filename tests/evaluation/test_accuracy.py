"""Values and gradients in float64 are within 4 ulp of the truth, for every function and input."""

import csv
import math
import random
import zlib

import numpy as np
import pytest
from truth import DATA, function, parse_label, rows, truth, ulps

import actcli

BOUND = 4  # ulp
PARAMETERS = [
    "scaled_tanh:amplitude=-0.3,scale=7",
    "hard_sigmoid:slope=0.3,offset=0.1",
    "isru:alpha=0.1",
    "laplace:mu=-3.3,sigma=0.1",
    "rrelu:lower=0.05,upper=0.7",
    "threshold:threshold=-0.7,value=-0.7",
    "elu:alpha=0.3",
    "celu:alpha=0.37",
    "softplus:beta=5",
    "softplus:beta=0.3",
    "squareplus:b=1e-6",
    "isrlu:alpha=0.3",
    "pelu:a=0.3,b=1.7",
    "srelu:left=0.1,right=0.7,left_slope=0.3,right_slope=3",
    "nlrelu:beta=3",
    "swish:beta=0.7",
    "swish:beta=100",
    "swish:beta=-1",
    "swish:beta=1e-3",
    "gelu:approx=sigmoid",
    "gelu:mu=0.5,sigma=2",
    "gelu:mu=-1,sigma=0.3,approx=tanh",
    "smish:alpha=-1.3,beta=3",
    "acon_c:p1=1.5,p2=0.5,beta=2",
    "smu:alpha=0.9,mu=1",
    "atlu:alpha=0.3",
    "atlu:alpha=1e6",
    "xielu:alpha_p=0.3,alpha_n=1.7,beta=0.1",
    "xielu:alpha_p=0.3,alpha_n=0.9,beta=0.9",
    "sinlu:a=1,b=30",
    "coslu:a=0.5,b=3",
    "sine:omega=30",
    "snake:a=0.1",
    "snake:a=30",
    "soft_exponential:alpha=-0.3",
    "soft_exponential:alpha=0",
    "soft_exponential:alpha=1",
]


# Rows whose gradient at a kink reads the parameters as doubles, unlike the rest of the file: 0.2 and
# 0.15000000000000002, where functions.csv has 0 on both ends and the mean of 1/10 and 2/10.
DOUBLE_KINKS = {
    ("hard_sigmoid:slope=0.2", -2.5),
    ("hard_sigmoid:slope=0.2", 2.5),
    ("rrelu:lower=0.1,upper=0.2", 0.0),
}


def outside_rows() -> dict[str, list[tuple[float, float, float]]]:
    """data/values.csv by label: x, value, gradient."""
    found: dict[str, list[tuple[float, float, float]]] = {}
    with open(DATA / "values.csv", newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            x, value, gradient = (float.fromhex(row[key]) for key in ("x", "value", "gradient"))
            if (row["label"], x) not in DOUBLE_KINKS:
                found.setdefault(row["label"], []).append((x, value, gradient))
    return found


OUTSIDE = outside_rows()
LABELS = list(dict.fromkeys([*rows(), *OUTSIDE, *PARAMETERS]))


def named(label: str):
    name, settings = parse_label(label)
    return actcli.activation(name, **settings)


DECIMAL_WAVES = ("snake:a=0.1", "snake:a=0.3")  # their phase is known up to 1e12


def hard_sample(label: str) -> list[float]:
    """Ordinary points, both tails, powers of ten, and both sides of every kink."""
    source = random.Random(zlib.crc32(label.encode()))
    points = {sign * 10.0**k for k in (-310, -162, -40, -9, 2, 40, 155, 308) for sign in (-1, 1)}
    points |= {-37.5, -19.25, -8.3, -708.5, -744.25, 710.0, 8.25, 19.5, 37.25}
    for breakpoint in [*function(label).breakpoints(), 0.0]:
        points |= {
            breakpoint,
            math.nextafter(breakpoint, math.inf),
            math.nextafter(breakpoint, -math.inf),
        }
    points |= {source.gauss(0, 1) for _ in range(60)} | {source.gauss(0, 8) for _ in range(60)}
    points |= {-source.uniform(0, 760) for _ in range(20)}
    points |= {source.choice((-1, 1)) * 10 ** source.uniform(-20, 4) for _ in range(40)}
    reach = 1e12 if label in DECIMAL_WAVES else math.inf
    return sorted(x for x in points if abs(x) <= reach)


def is_near_root(label: str, x: float, term: int, true: float) -> bool:
    """Whether the true value (term 0) or gradient (1) reaches 0 close by, or all but touches it."""
    size = max(abs(truth(label, x + step)[term]) for step in (-1, -0.5, 0.5, 1))
    if not abs(true) < 0.05 * size:
        return False
    for step in (0.8 * 2.0**-k for k in range(0, 54, 2)):
        left, right = (truth(label, x + side * step)[term] for side in (-1, 1))
        if min(true * left, true * right) <= 0 or min(abs(left), abs(right)) > 20 * abs(true):
            return True
    return False


def misses(label: str, points: list[tuple[float, float, float]]) -> list[str]:
    """The points beyond the bound, worst first, for a reader."""
    activation = named(label)
    x = np.array([point[0] for point in points])
    whole = activation.value_and_gradient(x)
    # kernels may take a faster form by the range of what they are given, so short pieces too
    pieces = [activation.value_and_gradient(x[k : k + 12]) for k in range(0, len(x), 12)]
    found = {}
    for results in (whole, np.concatenate(pieces, axis=1)):
        for term, got in enumerate(results):
            for point, result in zip(points, got.tolist(), strict=True):
                true = point[1 + term]
                error = ulps(result, true)
                allowed = BOUND * 2.0**-53 * max(1.0, abs(point[0]))
                if error <= BOUND or (
                    abs(result - true) <= allowed and is_near_root(label, point[0], term, true)
                ):
                    continue
                what = ("value", "gradient")[term]
                found[f"{what} at {point[0]!r}: {result!r}, true {true!r}"] = error
    worst_first = sorted(found.items(), key=lambda item: -item[1])
    return [f"{label}: {error:.3g} ulp, {text}" for text, error in worst_first]


def report(lines: list[str]) -> str:
    return "\n".join([f"{len(lines)} points beyond {BOUND} ulp, the worst:", *lines[:8]])


@pytest.mark.parametrize("label", OUTSIDE)
def test_agrees_with_the_outside_values(label):
    lines = misses(label, OUTSIDE[label])
    assert not lines, report(lines)


@pytest.mark.parametrize("label", OUTSIDE)
def test_truth_agrees_with_the_outside_values_exactly(label):
    assert [(x, *truth(label, x)) for x, _, _ in OUTSIDE[label]] == OUTSIDE[label]


@pytest.mark.parametrize("label", LABELS)
def test_accurate_on_a_hard_sample(label):
    lines = misses(label, [(x, *truth(label, x)) for x in hard_sample(label)])
    assert not lines, report(lines)


TURNS = (-50, -7, -2, -1, 0, 1, 2, 7, 50, 1000)
DOUBLE_ROOTS = {  # of the gradient
    "snake": [(k - 0.25) * math.pi for k in TURNS],
    "snake:a=0.3": [(k - 0.25) * math.pi / 0.3 for k in TURNS],
    "cos_minus_identity": [(2 * k - 0.5) * math.pi for k in TURNS],
    "sinlu": [(2 * k + 1) * math.pi for k in TURNS[:-1]],
    "sinlu:a=0.5,b=2": [(k + 0.5) * math.pi for k in TURNS[:-1]],
    "sinlu:a=-1,b=1": [2 * k * math.pi for k in TURNS[:-1]],
    "sinlu:a=1e-10,b=1e10": [(2 * k + 1) * math.pi / 1e10 for k in TURNS[:-1]],
    "coslu:a=-1,b=1": [(2 * k - 0.5) * math.pi for k in TURNS[:-1]],
    "coslu": [(2 * k + 0.5) * math.pi for k in TURNS[:-1]],
    "coslu:a=0.1,b=10": [(2 * k + 0.5) * math.pi / 10 for k in TURNS[:-1]],
}
TRIPLE_ROOTS = ("sinlu:a=-1,b=1", "sinlu:a=-2,b=0.5")  # of the value, at 0
POLES = {
    f"soft_exponential:alpha={alpha}": [1 / alpha - alpha] for alpha in (-0.3, -0.77, -1e-5, -5.3)
}


@pytest.mark.parametrize("label", [*DOUBLE_ROOTS, *POLES])
def test_every_digit_holds_beside_a_double_root_or_a_pole(label):
    wrong = []
    for place in {**DOUBLE_ROOTS, **POLES}[label]:
        points = [place + side * 0.7 * 10.0**-k for k in range(17) for side in (-1, 1)]
        points += [place, math.nextafter(place, math.inf), math.nextafter(place, -math.inf)]
        got = named(label).gradient(np.array(points)).tolist()
        for x, gradient in zip(points, got, strict=True):
            true = truth(label, x)[1]
            if not ulps(gradient, true) <= BOUND:
                wrong.append(f"{label} at {x!r}: {gradient!r}, true {true!r}")
    assert not wrong, report(wrong)


@pytest.mark.parametrize("label", TRIPLE_ROOTS)
def test_every_digit_holds_beside_a_triple_root(label):
    points = [side * 0.7 * 10.0**-k for k in (*range(18), 60, 105, 150) for side in (-1, 1)]
    for x, *got in zip(points, *named(label).value_and_gradient(np.array(points)), strict=True):
        assert max(map(ulps, got, truth(label, x))) <= BOUND, f"{label} at {x!r}"


@pytest.mark.parametrize("label", LABELS)
def test_gradient_at_a_kink_is_the_convention_exactly(label):
    breakpoints = function(label).breakpoints()
    got = named(label).gradient(np.array(breakpoints)).tolist()
    assert dict(zip(breakpoints, got, strict=True)) == {x: truth(label, x)[1] for x in breakpoints}


@pytest.mark.parametrize("label", LABELS)
def test_curvature_at_ordinary_points_and_far_out(label):
    x = np.array([-1e300, -1e4, -4.3, -1.7, -0.9, -0.31, 0.23, 0.47, 1.1, 2.6, 5.2, 1e4, 1e300])
    got = named(label).curvature(x)
    true = np.array([truth(label, point, order=2)[2] for point in x.tolist()])
    far = ~np.isclose(got, true, rtol=1e-9, atol=1e-12, equal_nan=True)
    assert not far.any(), f"{label} at {x[far]}: {got[far]}, true {true[far]}"


@pytest.mark.parametrize("name", rows())
def test_nan_goes_through_and_only_nan_without_a_warning(name):
    # pytest turns warnings into errors
    x = np.array([np.nan, -1.7e308, -1e3, -5e-324, 0.0, 5e-324, 1e3, 1.7e308])
    for result in named(name).value_and_gradient(x):
        assert np.isnan(result).tolist() == np.isnan(x).tolist()
