"""Rational functions of the relative error, exact at places, and on one side.

Errors are looked for by mpmath with the coefficients as exact fractions; that none is better is asked of a
linear program, which knows neither exchange nor eigenvalues.
"""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from by_mpmath import TRUTHS
from scipy.optimize import linprog

import actcli
from actcli.cli.approximate_report import sentences
from actcli.design.by_polynomial import whole_line as polynomial_on_the_line
from actcli.design.by_rational import by_degrees, whole_line
from actcli.design.request import Conditions

CASES = [
    ("tanh", -3.0, 3.0, 3, 2, Conditions(relative=True)),
    ("tanh", -3.0, 2.0, 2, 2, Conditions(relative=True)),
    ("softsign", -1.5, 4.0, 4, 2, Conditions(relative=True, pin="1,2")),
    ("exp(x)", -2.0, 1.0, 1, 2, Conditions(relative=True, pin="0.5")),
    ("exp(x)", -3.0, 3.0, 2, 2, Conditions(above=True)),
    ("exp(x)", -3.0, 3.0, 1, 3, Conditions(above=True)),
    ("gaussian", -3.0, 3.0, 0, 6, Conditions(below=True)),
    ("softplus", -4.0, 3.0, 2, 1, Conditions(below=True)),
    ("gelu", -4.0, 3.0, 4, 2, Conditions(pin="0,1,3")),
    ("gelu", -4.0, 4.0, 4, 3, Conditions(pin="0")),
    ("tanh", -3.0, 3.0, 3, 2, Conditions(pin="-1,1")),
    ("gaussian", -2.0, 2.0, 1, 4, Conditions(pin="-2,0.5")),
]


def errors(design, truth, x, relative):
    """p/q - f at places, of |f| if that is asked for."""

    def part(coefficients, at):
        return sum((Fraction(c) * at**k for k, c in enumerate(coefficients)), Fraction(0))

    assert design.basis == "power"
    found = []
    for place in x:
        at = Fraction(float(place))
        value = part(design.coefficients, at) / part(design.denominator, at)
        f = truth(mpmath.mpf(float(place)))
        error = mpmath.mpf(value.numerator) / value.denominator - f
        if not relative:
            found.append(error)
        elif f:
            found.append(error / abs(f))
    return found


def room(truth, x, m, n, level, asked, pins):
    """How far above 0 the denominator of a p/q can be at places that keeps all conditions and a level."""
    y = np.array([float(truth(mpmath.mpf(float(v)))) for v in x])
    low, high = np.min(x), np.max(x)

    def rows(at, degree):
        return np.polynomial.chebyshev.chebvander((2 * at - low - high) / (high - low), degree)

    size = level * (np.abs(y) if asked.relative else 1)
    up, down = (0.0 if asked.below else size), (0.0 if asked.above else size)
    p, q, one = rows(x, m), rows(x, n), np.ones((len(x), 1))
    kept = np.array(pins)
    values = np.array([float(truth(mpmath.mpf(v))) for v in pins])
    equal = np.hstack([rows(kept, m), -values[:, None] * rows(kept, n), 0 * kept[:, None]])
    found = linprog(
        [*[0] * (m + n + 2), -1],
        A_ub=np.vstack([
            np.hstack([p, -(y + up)[:, None] * q, 0 * one]),
            np.hstack([-p, (y - down)[:, None] * q, 0 * one]),
            np.hstack([0 * p, -q, one]),
        ]),
        b_ub=np.zeros(3 * len(x)), A_eq=equal if pins else None,
        b_eq=np.zeros(len(pins)) if pins else None,
        bounds=[(None, None)] * (m + 1) + [(-1, 1)] * (n + 1) + [(None, 1)], method="highs",
    )  # fmt: skip
    return -found.fun


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c[0]}-{c[3]}/{c[4]}")
def test_conditions_are_kept_proved_and_best(case):
    name, low, high, m, n, asked = case
    design = by_degrees(actcli.activation(name), low, high, m, n, asked)
    truth = TRUTHS[name]
    x = np.unique([*np.linspace(low, high, 81), *design.attained_at])
    found = errors(design, truth, x, asked.relative)
    assert design.error_low * (1 - 1e-6) <= max(map(abs, found)) <= design.error_high
    assert 1 <= design.ratio <= 1 + 1e-6
    assert not asked.above or min(found) >= 0
    assert not asked.below or max(found) <= 0
    pins = [float(pin) for pin in asked.pin.split(",")] if asked.pin else []
    assert all(abs(e) < 1e-15 for e in errors(design, truth, pins, False))
    near = np.geomspace(2e-4, 0.1, 12)  # relative errors beside a root are those of slopes
    x = np.unique([*np.linspace(low, high, 161), *design.attained_at, *near, *-near])
    x = x[(low <= x) & (x <= high)]
    if asked.relative and low < 0 < high and abs(truth(mpmath.mpf(0))) < 1e-30:
        pins = [*pins, 0.0]
    assert room(truth, x, m, n, design.optimum_low * 0.98, asked, pins) < 1e-7
    assert room(truth, x, m, n, design.error_high * 1.02, asked, pins) > 1e-5


@pytest.mark.parametrize(
    ("name", "asked"),
    [("gelu", Conditions(above=True)), ("softplus", Conditions(below=True)),
     ("tanh", Conditions(relative=True)), ("gelu", Conditions(pin="0,-1"))],
)  # fmt: skip
@pytest.mark.parametrize("rational", [True, False])
def test_conditions_hold_on_the_whole_line(name, asked, rational):
    f = actcli.activation(name)
    forms = (polynomial_on_the_line, 7), (whole_line, (4, 3))
    by, degree = forms[rational]
    design = by(f, degree, None, asked)
    reach = design.breakpoints[1]
    inside = np.linspace(-reach, reach, 101)
    typed = actcli.activation(design.formula)
    beyond = np.array([1.0, 1.001, 1.1, 2.0, 5.0]) * np.nextafter(reach, 9)
    x = np.concatenate([inside, beyond, -beyond])
    y = np.array([float(TRUTHS[name](mpmath.mpf(float(v)))) for v in x])
    found = np.asarray(typed(x)) - y
    if asked.relative:
        found = found[y != 0] / np.abs(y[y != 0])
    assert design.error_low * (1 - 1e-2) <= np.max(np.abs(found)) <= design.error_high + 1e-14
    assert 1 <= design.ratio <= 1 + 1e-6
    assert not asked.above or np.min(found) >= -1e-14
    assert not asked.below or np.max(found) <= 1e-14


@pytest.mark.parametrize(
    ("name", "asked", "told"),
    [("gelu", Conditions(relative=True), "asymptote 0 of gelu on the left is off by all of it"),
     ("gelu", Conditions(below=True), "that 0 is below gelu far out on the left is not so"),
     ("tanh", Conditions(pin="50"), "--pin takes places in")],
)  # fmt: skip
def test_what_asymptotes_cannot_keep_is_refused(name, asked, told):
    with pytest.raises(ValueError, match=told):
        whole_line(actcli.activation(name), (3, 2), None, asked)


def test_a_recovered_function_is_the_same_on_either_side():
    for asked in (Conditions(above=True), Conditions(relative=True), Conditions()):
        design = by_degrees(actcli.activation("1/(x - 3)"), -1.0, 2.0, 1, 2, asked)
        assert (design.error_high, design.ratio) == (0, 1)
        assert list(design.denominator) == [-3, 1, 0]


def test_places_of_a_one_sided_one_are_told_for_what_they_are():
    design = by_degrees(actcli.activation("softplus"), -4.0, 3.0, 2, 1, Conditions(below=True))
    found = [abs(e) for e in errors(design, TRUTHS["softplus"], design.attained_at, False)]
    assert any(e < 1e-6 * design.error_high for e in found)
    assert any("attained, or 0, at 5 places" in line for line in sentences(design))
