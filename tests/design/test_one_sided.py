"""Pieces on one side of f: the side by mpmath in exact fractions, the error by linear programs."""

from bisect import bisect_right
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from by_mpmath import TRUTHS
from scipy.optimize import linprog

from actcli.design.forms import designed
from actcli.design.one_sided import error_beside
from actcli.design.request import Conditions, Pieces, Request
from actcli.evaluation.function_text import resolve

pytestmark = pytest.mark.usefixtures("free_designs")
FAR = [-1e100, -1e6, -1e3, 1e3, 1e6, 1e100]


def design(name, limits, above, degree=None, error=None, coefficients="float64", **pieces):
    asked = Conditions(above=above, below=not above, coefficients=coefficients)
    request = Request("piecewise", limits, degree, error, pieces=Pieces(**pieces), conditions=asked)
    return designed(resolve(name), request)


def beyond(found, truth, count=301):
    """How far the parts are above f, in the coefficients as they are, at places and beside ends."""
    starts = [low for low, _, _ in found.parts]
    ends = [x for part in found.parts for x in part[:2] if abs(x) < np.inf]
    low, high = max(found.low, min(ends) - 30), min(found.high, max(ends) + 30)
    near = [np.nextafter(x, side) for x in ends for side in (-np.inf, np.inf)]
    places = {*np.linspace(low, high, count), *found.attained_at, *ends, *near, *FAR}
    for x in sorted(float(x) for x in places if found.low <= x <= found.high):
        at = Fraction(x)
        c = found.parts[max(bisect_right(starts, x) - 1, 0)][2]
        p = sum((Fraction(v) * at**k for k, v in enumerate(c)), Fraction(0))
        with mpmath.workdps(140):
            yield mpmath.mpf(p.numerator) / p.denominator - truth(mpmath.mpf(x))


@pytest.mark.parametrize("above", [True, False])
@pytest.mark.parametrize("limits", [None, (-3.0, 4.0)])
@pytest.mark.parametrize(
    "asked",
    [{"segments": 6}, {"segments": 5, "uniform": True, "degree": 2}, {"breakpoints": "-2,0,1"},
     {"segments": 6, "jumps": True, "degree": 1}, {"segments": 6, "coefficients": "bfloat16"}],
)  # fmt: skip
def test_the_side_is_kept_everywhere(asked, limits, above):
    found = design("gelu", limits, above, **asked)
    errors = [*beyond(found, TRUTHS["gelu"])]
    assert min(errors) >= 0 if above else max(errors) <= 0
    assert max(map(abs, errors)) <= found.error_high <= found.error_low * (1 + 1e-6)
    assert max(map(abs, errors)) >= found.error_low * (1 - 1e-3)
    assert found.optimum_low is None or found.optimum_low <= found.error_high


@pytest.mark.parametrize("above", [True, False])
@pytest.mark.parametrize(("degree", "limit"), [(1, 1 + 1e-6), (3, 1 + 1e-6)])
def test_none_at_these_breakpoints_is_nearer(degree, limit, above):
    """A linear program at samples, whose error is no more than that of any on all places."""
    ends = [-3.0, -1.0, 0.5, 2.0, 4.0]
    found = design("gelu", (-3.0, 4.0), above, degree, breakpoints="-1,0.5,2")
    count, rows, values, equal = (degree + 1) * 4, [], [], []
    for k in range(4):
        for x in np.linspace(ends[k], ends[k + 1], 401):
            row = np.zeros(count + 1)
            row[k * (degree + 1) : (k + 1) * (degree + 1)] = x ** np.arange(degree + 1)
            rows.append(row)
            values.append(float(TRUTHS["gelu"](mpmath.mpf(x))))
    for k, x in enumerate(ends[1:-1]):
        row = np.zeros(count + 1)
        row[k * (degree + 1) : (k + 2) * (degree + 1)] = [
            *x ** np.arange(degree + 1), *-(x ** np.arange(degree + 1))
        ]  # fmt: skip
        equal.append(row)
    a, b, side = np.array(rows), np.array(values), 1 if above else -1
    near = side * a
    near[:, -1] = -1.0
    solved = linprog(
        [0.0] * count + [1.0], A_ub=np.concatenate([-side * a, near]),
        b_ub=np.concatenate([-side * b, side * b]), A_eq=np.array(equal), b_eq=np.zeros(3),
        bounds=[(None, None)] * count + [(0, None)],
    )  # fmt: skip
    assert found.optimum_low <= solved.fun * (1 + 1e-3)
    assert solved.fun * (1 - 1e-6) <= found.error_high <= solved.fun * (1 + 1e-3)
    assert 1 <= found.ratio <= limit


def test_an_error_is_that_of_one_side():
    found = design("tanh", (-3.0, 3.0), True, error=0.02)
    assert found.error_high <= 0.02
    fewer = designed(
        resolve("tanh"), Request("piecewise", (-3.0, 3.0), pieces=Pieces(found.segments - 1))
    )
    assert 2 * fewer.optimum_low > 0.02  # so none of fewer segments is on one side within 0.02


@pytest.mark.parametrize(
    ("asked", "message"),
    [({"segments": 4, "on_curve": True}, "--on-curve makes segments meet on the function"),
     ({"error": 1e-15}, "reach an error of 5e-16, on both sides; on one it is twice that")],
)  # fmt: skip
def test_what_is_refused(asked, message):
    with pytest.raises(ValueError, match=message):
        design("tanh", (-3.0, 3.0), True, **asked)


def test_both_sides_exclude_one_another():
    asked = Conditions(above=True, below=True)
    with pytest.raises(ValueError, match="exclude one another"):
        designed(
            resolve("tanh"), Request("piecewise", None, pieces=Pieces(segments=4), conditions=asked)
        )


@pytest.mark.parametrize("above", [True, False])
def test_segments_that_need_not_meet_are_moved_by_their_own_errors(above):
    """Of a jump the error is that of one segment; what is f itself stays."""
    found = design("step", (-1.0, 1.0), above, segments=4, jumps=True)
    assert found.verdict == "proved"
    assert found.parts[0][2] == [0.0, 0.0]
    assert [part[2] for part in found.parts[2:]] == [[pytest.approx(1, abs=1e-12), 0.0]] * 2
    smooth = design("gelu", (-3.0, 3.0), above, segments=4, degree=2, uniform=True, jumps=True)
    errors = [*beyond(smooth, TRUTHS["gelu"])]
    assert min(errors) >= 0 if above else max(errors) <= 0
    outer = design("gelu", (-3.0, -1.5), above, segments=1, degree=2, jumps=True)
    assert smooth.parts[0][2] == pytest.approx(outer.parts[0][2], rel=1e-9)


@pytest.mark.parametrize(
    ("text", "over", "above"),
    [("where(x > 0, 1, 0)", [0.0, 16.0], True), ("where(x > 0, x, 1)", [1.0, -3.0, 16.0], False),
     ("where(x < 1, 1, 0)", [16.0, -16.0], True)],
)  # fmt: skip
def test_one_that_is_f_at_a_jump_is_not_on_its_side_beside_it(text, over, above):
    """Its derivatives there are those of f on the way out, its value is not."""
    found = error_beside(resolve(text), over, [1.0], (0.0, 1.0), 1 if above else -1)
    assert found.high == np.inf
