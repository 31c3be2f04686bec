"""Pieces of the relative error and with pins: linear programs of all places, and mpmath in fractions."""

from bisect import bisect_right
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from by_mpmath import TRUTHS
from scipy.optimize import linprog

from actcli.design.forms import designed
from actcli.design.request import Conditions, Pieces, Request
from actcli.evaluation.function_text import resolve

FINE = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}


def design(name, limits, degree=None, error=None, asked=None, **pieces):
    request = Request("piecewise", limits, degree, error, pieces=Pieces(**pieces), conditions=asked)
    return designed(resolve(name), request)


def at(found, x):
    """The part at a place, of the coefficients as they are."""
    starts = [low for low, _, _ in found.parts]
    c = found.parts[max(bisect_right(starts, x) - 1, 0)][2]
    value = sum((Fraction(v) * Fraction(x) ** k for k, v in enumerate(c)), Fraction(0))
    return mpmath.mpf(value.numerator) / value.denominator


def worst(found, truth, relative, count=600):
    places = {*np.linspace(found.low, found.high, count), *found.attained_at, *found.breakpoints}
    errors = [0]
    with mpmath.workdps(40):
        for x in map(float, places):
            f = truth(mpmath.mpf(x))
            if relative and f == 0:
                assert at(found, x) == 0
            else:
                errors.append(abs(at(found, x) - f) / (abs(f) if relative else 1))
    return max(errors)


def least(name, ends, degree, asked, jumps):
    """The least error of any pieces at many places, which none on all places is below."""
    truth = np.vectorize(lambda v: float(TRUTHS[name](mpmath.mpf(v))))
    width, count = degree + 1, len(ends) - 1

    def row(k, x):
        found = np.zeros(count * width + 1)
        a, b = ends[k], ends[k + 1]
        found[k * width : (k + 1) * width] = ((2 * x - a - b) / (b - a)) ** np.arange(width)
        return found

    def held(k, x):
        return ends[k] <= x < ends[k + 1] or (x == ends[-1] and k == count - 1)

    near, values, equal, kept = [], [], [], []
    pins = {float(v) for v in (asked.pin or "").split(",") if v}
    pins |= {0.0} if asked.relative and truth(0.0) == 0 and ends[0] <= 0 <= ends[-1] else set()
    for k in range(count):
        a, b = ends[k], ends[k + 1]
        x = a + (b - a) * (1 - np.cos(np.linspace(0, np.pi, 400))) / 2
        x = x[np.abs(x) > 1e-6] if asked.relative else x
        f = truth(x)
        sizes = np.abs(f) if asked.relative else np.ones(len(x))
        near += [row(k, v) / size for v, size in zip(x, sizes, strict=True)]
        values += [*f / sizes]
        for pin in pins:
            both = pin == 0 and asked.relative and a <= pin <= b
            if held(k, pin) or both:
                equal.append(row(k, pin))
                kept.append(float(truth(pin)))
        if k and not jumps:
            equal.append(row(k, a) - row(k - 1, a))
            kept.append(0.0)
    near, values, top = np.array(near), np.array(values), np.zeros(count * width + 1)
    top[-1] = 1.0
    solved = linprog(
        top, A_ub=np.concatenate([near - top, -near - top]), b_ub=np.concatenate([values, -values]),
        A_eq=np.array(equal) if equal else None, b_eq=kept or None,
        bounds=[(None, None)] * (count * width) + [(0, None)], options=FINE,
    )  # fmt: skip
    return solved.fun


@pytest.mark.parametrize("jumps", [False, True])
@pytest.mark.parametrize(
    ("name", "ends", "degree", "asked"),
    [
        ("tanh", [-3.0, -1.0, 0.0, 1.0, 3.0], 2, Conditions(relative=True)),  # two meet at the root
        ("gelu", [-2.0, -0.7, 0.9, 3.0], 3, Conditions(relative=True)),  # one has it inside
        ("softplus", [-4.0, -2.0, 0.0, 2.0], 1, Conditions(relative=True)),
        ("logistic", [-4.0, -1.0, 0.0, 2.0], 2, Conditions(relative=True, pin="0,2")),
        ("gelu", [-3.0, -1.0, 0.5, 2.0], 1, Conditions(pin="0")),
        ("exp(x)", [-1.0, 0.0, 0.4, 1.0], 2, Conditions(pin="0,1")),
        ("mish", [-3.0, -1.0, 0.5, 2.0], 2, Conditions(relative=True, pin="1")),
    ],
)
def test_errors_are_proved_and_none_is_nearer(name, ends, degree, asked, jumps):
    found = design(name, (ends[0], ends[-1]), degree, asked=asked, jumps=jumps,
                   breakpoints=",".join(map(str, ends[1:-1])))  # fmt: skip
    error = worst(found, TRUTHS[name], asked.relative)
    assert found.error_low * (1 - 2e-3) <= error <= found.error_high
    assert found.error_high <= found.error_low * (1 + 1e-6)
    best = least(name, ends, degree, asked, jumps)
    assert best * (1 - 1e-6) <= found.error_high <= best * (1 + 2e-3)
    assert found.optimum_low <= best * (1 + 2e-3)
    assert 1 <= found.ratio <= 1 + 1e-5
    assert found.relative == asked.relative
    for pin in map(float, (asked.pin or "").split(",") if asked.pin else ()):
        assert abs(at(found, pin) - TRUTHS[name](mpmath.mpf(pin))) <= 1e-14


def test_an_error_is_reached_by_the_fewest_of_one_width():
    asked = Conditions(relative=True)
    found = design("softplus", (-4.0, 2.0), error=0.02, asked=asked, uniform=True)
    fewer = design("softplus", (-4.0, 2.0), asked=asked, uniform=True, segments=found.segments - 1)
    assert found.error_high <= 0.02 < fewer.optimum_low


@pytest.mark.parametrize("jumps", [False, True])
@pytest.mark.parametrize("segments", [1, 3, 5])
def test_lines_along_exp_are_of_one_width(segments, jumps):
    """exp(x + s) is exp(s)*exp(x), so relative errors are of widths alone; the best lines meet."""
    asked = Conditions(relative=True)
    found = design("exp(x)", (-1.0, 2.0), asked=asked, jumps=jumps, segments=segments)
    h = 3 / segments
    slope = np.expm1(h) / h  # of the chord on [0, h]: of its relative error half is taken off
    top = slope * np.exp(1 / slope - 1)
    error = (top - 1) / (top + 1)
    assert found.error_high == pytest.approx(error, rel=2e-6)
    assert found.breakpoints == pytest.approx([h * k - 1 for k in range(1, segments)], abs=1e-3)
    assert error * (1 - 1e-3) <= found.optimum_low <= error * (1 + 1e-9)


@pytest.mark.parametrize(
    ("name", "limits", "segments", "degree", "asked", "jumps"),
    [
        ("tanh", (-3.0, 3.0), 4, 1, Conditions(relative=True), False),
        ("gelu", (-3.0, 3.0), 4, 1, Conditions(pin="0,1"), False),
        ("gelu", (-2.0, 3.0), 3, 2, Conditions(relative=True, pin="1"), False),
        ("swish", (-2.0, 3.0), 3, 2, Conditions(relative=True), True),
    ],
)
def test_breakpoints_are_found(name, limits, segments, degree, asked, jumps):
    found = design(name, limits, degree, asked=asked, jumps=jumps, segments=segments)
    error = worst(found, TRUTHS[name], asked.relative)
    assert found.error_low * (1 - 2e-3) <= error <= found.error_high
    assert found.error_high <= found.error_low * (1 + 1e-6)
    ends = [limits[0], *found.breakpoints, limits[1]]
    best = least(name, ends, degree, asked, jumps)
    assert best * (1 - 1e-6) <= found.error_high <= best * (1 + 2e-3)
    others = [np.linspace(*limits, segments + 1)]
    for k in range(1, segments):
        for move in (-0.01, 0.01):
            others.append(np.array(ends))
            others[-1][k] += move
    near = [least(name, list(other), degree, asked, jumps) for other in others]
    assert min(near) >= found.error_high * (1 - 2e-3)
    assert found.optimum_low <= min(near) * (1 + 2e-3)
    for pin in map(float, (asked.pin or "").split(",") if asked.pin else ()):
        assert abs(at(found, pin) - TRUTHS[name](mpmath.mpf(pin))) <= 1e-14


@pytest.mark.parametrize(
    ("name", "limits", "asked", "pieces", "message"),
    [
        ("cos(x)", (-1.0, 2.0), Conditions(relative=True), {"segments": 3, "uniform": True},
         "root at 1.5708: the relative error is infinite there; give a range"),
        ("tanh", None, Conditions(relative=True), {"breakpoints": "0"}, "needs a range"),
        ("tanh", (-1.0, 1.0), Conditions(relative=True), {"segments": 3, "jumps": True},
         "constants that are 0 at the root of tanh at 0 are off by all of it; give --degree 1"),
        ("tanh", (-1.0, 1.0), Conditions(pin="4"), {"breakpoints": "0"}, "--pin takes places in -1:1"),
        ("tanh", (-1.0, 1.0), Conditions(pin="0", coefficients="float16"), {"breakpoints": "0"},
         "goes without --coefficients"),
        ("tanh", (-1.0, 1.0), Conditions(pin="0"), {"breakpoints": "0", "on_curve": True},
         "goes without --on-curve"),
        ("tanh", (-1.0, 1.0), Conditions(pin="0", above=True), {"breakpoints": "0"}, "leave one out"),
        ("tanh", (-1.0, 1.0), Conditions(pin="0"), {"breakpoints": "0", "segments": 2}, "give one of"),
    ],
)  # fmt: skip
def test_what_is_refused(name, limits, asked, pieces, message):
    degree = 0 if "constants" in message else None
    with pytest.raises(ValueError, match=message):
        design(name, limits, degree, asked=asked, **pieces)
