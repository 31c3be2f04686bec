"""Piecewise polynomials at given breakpoints and with jumps, against other ways to find them."""

from itertools import combinations, pairwise
from math import e

import mpmath
import numpy as np
import pytest
from by_mpmath import TRUTHS
from scipy.optimize import linprog

from actcli.design import given_breakpoints
from actcli.design.forms import designed
from actcli.design.polynomials import best_polynomial
from actcli.design.request import Pieces, Request
from actcli.evaluation.function_text import resolve


def design(function, limits, degree=None, **pieces):
    return designed(
        resolve(function), Request("piecewise", limits, degree, pieces=Pieces(**pieces))
    )


def test_jumps_of_a_square_are_equal_widths():
    found = design("x**2", (-1.0, 1.0), segments=4, jumps=True)
    assert found.breakpoints == pytest.approx([-0.5, 0, 0.5], abs=1e-5)
    assert found.error_high == pytest.approx(1 / 32, rel=1e-5)


@pytest.mark.parametrize(
    ("name", "count", "degree"), [("gelu", 5, 1), ("elu", 3, 1), ("tanh", 4, 3)]
)
def test_no_rival_is_much_better(name, count, degree):
    found = design(name, (-4.0, 4.0), degree, segments=count, jumps=True)
    assert found.verdict == "proved"
    assert found.ratio <= 1 + 1e-4
    assert found.error_high <= found.error_low * (1 + 1e-6)


def test_steps_of_a_rising_function_are_halved_differences():
    found = design("exp(x)", (0.0, 1.0), 0, segments=8, jumps=True)
    assert found.error_high == pytest.approx((e - 1) / 16, rel=1e-4)


def test_uniform_lines_are_no_worse_than_those_through_the_function():
    meeting = design("tanh", (-4.0, 4.0), segments=8, uniform=True)
    through = design("tanh", (-4.0, 4.0), segments=8, uniform=True, on_curve=True)
    x = np.linspace(-4, 4, 8001)
    nodes = np.linspace(-4, 4, 9)
    worst = np.max(np.abs(np.interp(x, nodes, np.tanh(nodes)) - np.tanh(x)))
    assert through.error_high == pytest.approx(worst, rel=1e-4)
    assert meeting.error_high < through.error_high
    for shift in np.random.default_rng(1).normal(size=(200, 9)) * 0.02:
        lines = np.interp(x, nodes, np.array([c[0] + c[1] * a for a, _, c in meeting.parts]
                                             + [np.dot(meeting.parts[-1][2], [1, 4])]) + shift)  # fmt: skip
        assert np.max(np.abs(lines - np.tanh(x))) >= meeting.error_high * (1 - 1e-4)


def test_lines_through_a_convex_function_are_twice_as_far():
    through = design("exp(x)", (0.0, 1.0), segments=1, uniform=True, on_curve=True)
    free = design("exp(x)", (0.0, 1.0), segments=1)
    assert through.error_high == pytest.approx(2 * free.error_high, rel=1e-5)


def test_breakpoints_as_typed():
    found = design("tanh", (-4.0, 4.0), breakpoints="1,-1,0")
    assert found.breakpoints == [-1.0, 0.0, 1.0]
    assert found.segments_used == 4


@pytest.mark.parametrize(
    ("limits", "degree", "pieces", "message"),
    [
        (None, None, {"segments": 1, "uniform": True}, "takes 2 segments or more"),
        (None, None, {"segments": 2, "jumps": True}, "takes 3 segments or more"),
        ((-1.0, 1.0), 0, {"segments": 3}, "constants do not meet; add --jumps"),
        ((-1.0, 1.0), None, {}, "give one of --segments N"),
        ((-1.0, 1.0), None, {"breakpoints": "0,2"}, "are between -1 and 1"),
        ((-1.0, 1.0), None, {"breakpoints": "0", "uniform": True}, "exclude one another"),
        ((-1.0, 1.0), None, {"segments": 2, "uniform": True, "on_curve": True, "jumps": True},
         "leave --jumps out"),
    ],
)  # fmt: skip
def test_what_is_refused(limits, degree, pieces, message):
    with pytest.raises(ValueError, match=message):
        design("tanh", limits, degree, **pieces)


def value(c, x):
    total = mpmath.mpf(0)
    for one in reversed(c):
        total = total * x + mpmath.mpf(one)
    return total


def error_of(found, function, reach=60.0):
    """The largest error on a dense grid by mpmath, and the largest jump where segments meet."""
    worst, jump, before = 0.0, 0.0, None
    with mpmath.workdps(50):
        for low, high, c in found.parts:
            low, high = max(low, -reach), min(high, reach)
            if before is not None:
                jump = max(jump, abs(value(c, low) - before))
            for k in range(201):
                x = mpmath.mpf(low) + (mpmath.mpf(high) - low) * k / 200
                worst = max(worst, abs(value(c, x) - function(x)))
            before = value(c, high)
    return float(worst), float(jump)


@pytest.mark.parametrize("limits", [(-4.0, 3.0), None])
@pytest.mark.parametrize(
    ("name", "degree", "asked"),
    [
        ("gelu", 2, {"segments": 6}),
        ("tanh", 3, {"segments": 5}),
        ("swish", 2, {"segments": 5, "on_curve": True}),
        ("softplus", 1, {"segments": 5, "on_curve": True}),
        ("gelu", 1, {"segments": 7, "uniform": True}),
        ("swish", 2, {"segments": 6, "uniform": True, "on_curve": True}),
        ("tanh", 2, {"segments": 6, "uniform": True, "jumps": True}),
        ("softplus", 3, {"segments": 4, "jumps": True}),
        ("tanh", 2, {"breakpoints": "-2,0,1.5"}),
        ("gelu", 2, {"breakpoints": "-2,0,1.5", "on_curve": True}),
        ("swish", 1, {"breakpoints": "-2,0,1.5", "jumps": True}),
    ],
)
def test_errors_are_those_of_mpmath(limits, name, degree, asked):
    found = design(name, limits, degree, **asked)
    assert found.verdict == "proved"
    worst, jump = error_of(found, TRUTHS[name])
    assert worst <= found.error_high * (1 + 1e-12)
    assert worst >= found.error_low * (1 - 2e-3)  # the grid is that coarse
    assert jump <= 1e-13 or asked.get("jumps")
    if found.optimum_low:
        assert found.optimum_low <= found.error_high
    if asked.get("on_curve"):
        for x in found.breakpoints:
            assert float(found_at(found, x)) == pytest.approx(float(TRUTHS[name](x)), abs=1e-13)
    if asked.get("uniform"):
        widths = np.diff(found.breakpoints)
        assert widths == pytest.approx(widths[0], rel=1e-12)


def found_at(found, x):
    """The approximation at a place."""
    c = next(c for low, high, c in found.parts if low <= x <= high)
    return np.polynomial.polynomial.polyval(x, c)


@pytest.mark.parametrize(
    ("name", "limits", "degree", "count"),
    [("gelu", (-4.0, 4.0), 2, 3), ("tanh", (-3.0, 2.0), 3, 3), ("mish", (-4.0, 4.0), 2, 2)],
)
def test_no_breakpoints_of_a_grid_are_better(name, limits, degree, count):
    """Linear programs of their own at all breakpoints of a grid; continuity as an equation.

    Only where a segment is so wide that even alone it is no nearer, none is solved.
    """
    found = design(name, limits, degree, segments=count)
    f = resolve(name)
    x = np.linspace(*limits, 161)
    y = f(x)
    best = np.inf
    for inner in combinations(np.linspace(*limits, 21)[1:-1], count - 1):
        k = np.searchsorted(inner, x)
        alone = [missed_at_least(x[k == i], y[k == i], degree) for i in range(count)]
        if max(alone) > found.error_high:
            continue
        rows = np.zeros((len(x), count * (degree + 1)))
        for j in range(degree + 1):
            rows[np.arange(len(x)), k * (degree + 1) + j] = x**j
        meets = np.zeros((count - 1, rows.shape[1]))
        for i, t in enumerate(inner):
            for j in range(degree + 1):
                meets[i, i * (degree + 1) + j] = t**j
                meets[i, (i + 1) * (degree + 1) + j] = -(t**j)
        one = np.ones((len(x), 1))
        lp = linprog(
            [*[0.0] * rows.shape[1], 1.0],
            A_ub=np.block([[rows, -one], [-rows, -one]]), b_ub=np.concatenate([y, -y]),
            A_eq=np.hstack([meets, np.zeros((count - 1, 1))]), b_eq=np.zeros(count - 1),
            bounds=(None, None), method="highs",
        )  # fmt: skip
        best = min(best, lp.fun)
    assert found.error_high <= best * (1 + 1e-3)  # 161 samples miss that much
    assert best < np.inf


def missed_at_least(x, y, degree):
    """What no polynomial is nearer to all y than: its divided differences vanish (de la Vallée Poussin)."""
    if len(x) < 4 * (degree + 2):
        return 0.0
    share = (1 - np.cos(np.pi * np.arange(degree + 2) / (degree + 1))) / 2
    at = np.rint(share * (len(x) - 1)).astype(int)
    weights = 1 / np.prod(x[at][:, None] - x[at] + np.eye(len(at)), axis=1)
    return abs(weights @ y[at]) / np.abs(weights).sum()


def test_a_function_of_such_segments_is_found_itself():
    found = design("hard_swish", None, 2, segments=4)
    assert found.error_high < 1e-15
    assert found.breakpoints == [-3.0, 3.0]


@pytest.mark.parametrize(
    ("function", "ends", "error"),
    [
        ("where(x >= 0, 1, 0)", "0", 0.0), ("where(x >= 0.5, x*x, x)", "0.5", 0.0),
        ("step", "0", 0.5),  # which is 0 at 0 itself, and there the second segment begins
        ("hard_shrink", "-0.5,0.5", 0.25),
    ],
)  # fmt: skip
def test_segments_that_begin_where_the_function_jumps(function, ends, error):
    """The end of a segment is of the next one, where it is 0.5 at most of a jump of 1 or less.

    None is refuted: with x <= 0 in place of x < 0 step itself is two segments.
    """
    degree = 2 if "x*x" in function else 1
    asked = Request("piecewise", (-1.0, 1.0), degree, pieces=Pieces(jumps=True, breakpoints=ends))
    design = designed(resolve(function), asked)
    assert design.error_high == pytest.approx(error, rel=1e-6, abs=1e-15)
    assert not design.optimum_low
    x = np.linspace(-1, 1, 4001)
    off = np.abs(resolve(function)(x) - resolve(design.formula)(x))
    assert np.max(off) <= design.error_high + 1e-15
    assert all(off[np.argmin(np.abs(x - at))] >= 0.99 * error for at in design.attained_at)


@pytest.mark.parametrize(
    ("name", "limits", "degree", "asked"),
    [
        ("gelu", (-4.0, 3.0), 2, {"segments": 6, "uniform": True}),
        ("tanh", (-4.0, 4.0), 5, {"segments": 8, "uniform": True}),
        ("gelu", (-8.0, 8.0), 3, {"segments": 20, "uniform": True}),
        ("swish", (-3.0, 4.0), 3, {"breakpoints": "-2,0,1.5", "on_curve": True}),
        ("abs(x-0.3)+exp(x)", (-1.0, 1.0), 2, {"breakpoints": "0.2,0.5"}),
        ("softplus", (-4.0, 4.0), 1, {"breakpoints": "0"}),
    ],
)
def test_what_meets_at_given_breakpoints_is_proved_the_best(name, limits, degree, asked):
    """The bound is no more than what the design itself reaches, and no less than a program on samples."""
    found = design(name, limits, degree, **asked)
    assert found.error_low * (1 - 5e-6) <= found.optimum_low <= found.error_high
    f, ends = resolve(name), [limits[0], *found.breakpoints, limits[1]]
    if not asked.get("on_curve"):
        assert met_on_samples(f, ends, degree) <= found.optimum_low * (1 + 1e-6)


def met_on_samples(f, ends, degree):
    """The least largest error on samples of polynomials that meet: less than on all places."""
    count, terms, rows, right, meets = len(ends) - 1, degree + 1, [], [], []
    for k, (low, high) in enumerate(pairwise(ends)):
        u = np.linspace(-1, 1, 80)
        block = np.zeros((80, count * terms + 1))
        block[:, k * terms : (k + 1) * terms] = np.vander(u, terms)
        rows.append(block)
        right.append(f(low + (high - low) * (1 + u) / 2))
        if k:
            meets.append(np.zeros(count * terms + 1))
            meets[-1][(k - 1) * terms : k * terms] = 1
            meets[-1][k * terms : (k + 1) * terms] = -np.vander([-1.0], terms)[0]
    matrix, y, error = np.concatenate(rows), np.concatenate(right), np.zeros(count * terms + 1)
    error[-1] = 1
    found = linprog(
        error, A_ub=np.concatenate([matrix - error, -matrix - error]), b_ub=np.concatenate([y, -y]),
        A_eq=meets or None, b_eq=np.zeros(len(meets)) if meets else None, bounds=(None, None),
    )  # fmt: skip
    return found.fun


def test_a_wide_segment_in_which_the_function_turns_often():
    """Six periods of a sine on one of degree 4: 0 is as near, which alternates more than 5 times."""
    found = design("sin(5*x)", (0.5, 8.5), 4, breakpoints="8.31,6.64")
    assert found.error_high == pytest.approx(1, rel=1e-6)
    assert found.optimum_low == pytest.approx(1, rel=1e-6)


@pytest.mark.parametrize(("text", "degree"), [("abs(x)", 2), ("where(x > 0.5, x**2, x/2)", 2)])
def test_jumps_and_kinks_get_breakpoints(text, degree):
    found = design(text, (-1.0, 1.0), degree, segments=3, jumps=True)
    assert found.error_high < 1e-15


def test_errors_of_doubles_alone_are_not_compared():
    assert design("exp(x)", (0.0, 1.0), 12, segments=3).error_high < 1e-14


@pytest.mark.parametrize("width", [0.7, 1.4, 1.9, 2.4])
@pytest.mark.parametrize(
    ("name", "degree"), [("tanh", 1), ("tanh", 3), ("cos(x)", 2), ("softplus", 2), ("sin(x)", 5)]
)
def test_errors_of_mirror_images_are_not_taken_for_larger(name, degree, width):
    """An exchange that starts at places of which errors may all be 0 ends anywhere."""
    f = resolve(name)
    level, places = given_breakpoints._level(f, -width, width, degree)
    _, best = best_polynomial(f, -width, width, degree)
    assert level == pytest.approx(best.lower, rel=1e-5)
    assert len(places) == degree + 2


def test_the_reach_of_equal_segments_is_where_errors_meet():
    """Of lines apart on tanh: the error of the outer ones, (1 - tanh R)/2, is that of the worst within."""
    asked = Request("piecewise", None, 1, pieces=Pieces(segments=9, uniform=True, jumps=True))
    found = designed(resolve("tanh"), asked)
    reach = found.breakpoints[-1]
    assert found.error_high == pytest.approx((1 - np.tanh(reach)) / 2, rel=1e-5)
    inner = [
        best_polynomial(resolve("tanh"), a, b, 1)[1].lower for a, b in pairwise(found.breakpoints)
    ]
    assert max(inner) == pytest.approx(found.error_high, rel=1e-5)
