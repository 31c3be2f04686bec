"""Approximations on the whole line: both errors meet, and no claim is below what mpmath finds."""

import mpmath
import numpy as np
import pytest
from by_mpmath import TRUTHS

import actcli
from actcli.design import by_rational
from actcli.design.by_polynomial import by_degree, whole_line
from actcli.design.forms import designed
from actcli.design.request import Conditions, Pieces, Request
from actcli.evaluation.function_text import resolve


@pytest.mark.parametrize(
    ("name", "tails"),
    [("gelu", ["0", "x"]), ("tanh", ["-1", "1"]), ("softplus", ["0", "x"]), ("elu", ["-1", "x"])],
)
def test_the_error_holds_on_the_whole_line(name, tails):
    f = actcli.activation(name)
    design = whole_line(f, 6, None)
    assert design.verdict == "proved"
    assert list(design.tails) == tails
    low, high = design.breakpoints
    assert low == -high
    typed = actcli.activation(design.formula)
    beyond = np.nextafter(high, 99)
    x = np.concatenate([np.linspace(-3 * high, 3 * high, 2001), [beyond, -beyond, 1e9, -1e9]])
    errors = np.array([abs(float(TRUTHS[name](mpmath.mpf(float(v)))) - float(typed(v))) for v in x])
    assert errors.max() <= design.error_high + 1e-12  # typed is float64
    outside = errors[np.abs(x) > high].max()
    inside = by_degree(f, low, high, 6)
    assert outside == pytest.approx(inside.error_high, rel=1e-5)
    assert 1 <= design.ratio <= 1 + 1e-6
    for other in (0.9 * high, 1.1 * high):  # another R is worse
        tail = max(
            abs(
                float(TRUTHS[name](mpmath.mpf(s * other)))
                - float(actcli.activation(t + "+0*x")(s * other))
            )
            for s, t in zip((-1, 1), tails, strict=True)
        )
        assert max(tail, by_degree(f, -other, other, 6).error_high) > design.error_low


def test_an_error_is_reached_with_the_least_degree():
    f = actcli.activation("swish")
    design = whole_line(f, None, 0.01)
    assert design.error_high <= 0.01
    assert design.degree > 2
    assert whole_line(f, design.degree - 1, None).error_low > 0.01


def test_what_ends_in_its_asymptotes_is_met_exactly():
    design = whole_line(actcli.activation("hard_tanh"), 3, None)
    assert (design.error_high, list(design.breakpoints)) == (0, [-1, 1])


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("exp", "no asymptote on the right"),
        ("relu", "is its asymptotes"),
        ("sin(x)", "no asymptote"),
    ],
)
def test_what_has_no_asymptotes_is_refused(name, why):
    with pytest.raises(ValueError, match=f"{why}.*-r -4:4"):
        whole_line(actcli.activation(name), 3, None)


@pytest.mark.parametrize(
    ("text", "tails"),
    [
        ("selu", ["-1.7580993408473768", "1.0507009873554804934193349852946*x"]),
        ("leaky_relu(x) + tanh(x)", ["0.01*x - 1", "x + 1"]),
        ("max(0, x/3) + exp(-x**2)", ["0", "1/3*x"]),
    ],
)
def test_slopes_that_are_no_doubles(text, tails):
    design = whole_line(resolve(text), 5, None)
    assert design.verdict == "proved"
    assert design.tails[0].startswith(tails[0])
    assert design.tails[1] == tails[1]
    g, x = resolve(design.formula), np.linspace(-40, 40, 8001)
    worst = np.max(np.abs(g(x) - resolve(text)(x)))
    assert design.error_low * (1 - 1e-3) <= worst <= design.error_high * (1 + 1e-9)


@pytest.mark.parametrize(
    ("text", "reach"),
    [("hard_tanh", 1.0), ("hard_swish", 3.0), ("smelu", 2.0), ("soft_shrink", 0.5)],
)
def test_what_is_its_asymptotes_beyond_kinks_is_found_as_it_is(text, reach):
    for degrees in ((3, 3), (4, 4)):
        found = by_rational.whole_line(resolve(text), degrees, None)
        assert found.breakpoints == [-reach, reach]
        assert found.error_high <= 1e-50
        assert found.denominator[1:] == [0.0] * degrees[1]


@pytest.mark.parametrize("text", ["gelu_tanh"])
def test_a_range_of_degenerate_best_ones_is_no_obstacle(text):
    f = resolve(text)
    found = by_rational.whole_line(f, (4, 4), None)
    x = np.linspace(-12, 12, 48_001)
    error = np.abs(resolve(found.formula)(x) - f(x)).max()
    assert found.error_high * (1 - 1e-3) - 1e-15 <= error <= found.error_high + 1e-15


@pytest.mark.parametrize(("text", "degrees"), [("silu", (2, 2)), ("gelu", (4, 0))])
def test_the_range_of_a_grid_is_its_own(text, degrees):
    """No range near by does better by much with its best coefficients of the grid and the asymptotes."""
    f, (m, n) = resolve(text), degrees
    asked = Conditions(coefficients="fixed5")
    found = by_rational.whole_line(f, degrees, None, asked) if n else whole_line(f, m, None, asked)
    x = np.linspace(-30, 30, 60_001)
    right = np.ones(x.shape) if text == "tanh" else x
    left = -np.ones(x.shape) if text == "tanh" else 0 * x
    assert np.abs(resolve(found.formula)(x) - f(x)).max() <= found.error_high * (1 + 1e-9)
    for reach in found.breakpoints[1] * np.array([0.9, 0.95, 1.05, 1.1]):
        if n:
            inside = by_rational.by_degrees(f, -reach, reach, m, n, asked)
        else:
            inside = by_degree(f, -reach, reach, m, asked)
        tail = np.where(x > reach, right, np.where(x < -reach, left, f(x)))
        error = max(inside.error_high, np.abs(tail - f(x)).max())
        assert found.error_high <= error * 1.02
        assert found.optimum_low <= error
        assert found.grid_low <= error


@pytest.mark.parametrize(
    ("text", "place"),
    [("where(x == 50, 9, tanh(x))", 50), ("tanh(x) + exp(-(x + 100)**2)", -100)],
)
def test_an_error_of_a_tail_is_said_to_be_where_it_is(text, place):
    design = whole_line(resolve(text), 3, None)
    assert design.attained_at == pytest.approx([place])


def test_fewer_segments_than_asked_for_prove_no_bound_of_so_many():
    """Five constants come within 1/4 of tanh and of 9 beyond 1e200; two do not come within less than 1."""
    asked = Request("piecewise", degree=0, pieces=Pieces(segments=5, jumps=True))
    design = designed(resolve("where(x > 1e200, 9, tanh(x))"), asked)
    assert design.optimum_low is None or design.optimum_low <= 0.25


@pytest.mark.parametrize(
    ("text", "slope", "inside"),
    [
        ("x*tanh(log(1 + sigmoid(x)))", "3/5", lambda x: 1 + 1 / (1 + mpmath.exp(-x))),
        ("x*tanh(log1p(1 + erf(x)))", "4/5", lambda x: 2 + mpmath.erf(x)),
        ("x*tanh(log(3 + tanh(x)))", "15/17", lambda x: 3 + mpmath.tanh(x)),
    ],
)
@pytest.mark.parametrize("pieces", [Pieces(), Pieces(segments=6)])
def test_slopes_that_are_tanh_of_logarithms(text, slope, inside, pieces):
    f = resolve(text)
    kind = "piecewise" if pieces.segments else "polynomial"
    design = designed(f, Request(kind, degree=1 if pieces.segments else 5, pieces=pieces))
    assert design.verdict == "proved"
    assert design.ratio <= 1 + 2e-6
    with mpmath.workdps(60):
        for x in [*np.linspace(-12, 12, 241).tolist(), 80.0, 1e9, -1e9, 1e30]:
            true = x * mpmath.tanh(mpmath.log(inside(mpmath.mpf(x))))
            part = next(p[2] for p in design.parts if x <= p[1])
            if x > 12:
                height = mpmath.mpf(part[0] if len(part) > 1 else 0)
                found = height + x * mpmath.mpf(slope.split("/")[0]) / int(slope.split("/")[1])
            else:
                found = sum(mpmath.mpf(c) * mpmath.mpf(x) ** k for k, c in enumerate(part))
            assert abs(found - true) <= design.error_high * (1 + mpmath.mpf("1e-9")), x
