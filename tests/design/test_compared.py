"""Distances to polynomials, far below what cells reach; the truth by mpmath."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from by_mpmath import TRUTHS

import actcli
from actcli.design.by_polynomial import by_degree
from actcli.design.compared import distances, polynomial_of


def test_a_polynomial_of_degree_10_is_told_from_exp():
    f = actcli.activation("exp(x)")
    design = by_degree(f, -1.0, 1.0, 10)
    p = actcli.activation(design.formula)
    (found, _) = distances(f, p, (-1.0, 1.0))
    coefficients = [Fraction(int(c.p), int(c.q)) for c in polynomial_of(p.tree).coeffs()]

    def error(x):
        at = Fraction(float(x))
        value = sum(c * at**k for k, c in enumerate(coefficients))
        return abs(
            mpmath.mpf(value.numerator) / value.denominator - TRUTHS["exp(x)"](mpmath.mpf(float(x)))
        )

    near = np.linspace(found.where - 1e-6, min(found.where + 1e-6, 1.0), 201)
    top = max(map(error, [*np.linspace(-1, 1, 301), *near, *design.attained_at]))
    assert found.low <= top * (1 + mpmath.mpf("1e-12"))
    assert top <= found.high
    assert found.low <= found.value <= found.high
    assert found.high - found.low <= 1e-11 * found.high
    assert found.value == pytest.approx(design.error_high, rel=1e-6)


@pytest.mark.parametrize(
    ("text", "coefficients"),
    [("x*(2 - x/4) + 1.5", [1.5, 2, -0.25]), ("-(x - 1)**3", [1, -3, 3, -1]), ("tanh(x)", None),
     ("1/x", None), ("x**0.5", None), ("max(x, 0)", None)],
)  # fmt: skip
def test_polynomials_are_known_from_formulas(text, coefficients):
    found = polynomial_of(actcli.activation(text).tree)
    if coefficients is None:
        assert found is None
    else:
        assert [float(Fraction(int(c.p), int(c.q))) for c in found.coeffs()] == coefficients


def test_slopes_that_hardly_differ_are_compared_by_interpolation(monkeypatch):
    """Against mpmath; without cells, which would take a second."""
    monkeypatch.setattr("actcli.design.compared.supremum", None)
    text = " + ".join(f"x**{k}/{mpmath.factorial(k)}" for k in range(2, 11))
    f, g = actcli.activation("exp(x)"), actcli.activation(f"1 + x + {text}")
    values, slopes = distances(f, g, (-1.0, 1.0))
    with mpmath.workdps(40):
        c = [1 / mpmath.factorial(k) for k in range(11)]
        off = [mpmath.e - mpmath.fsum(c), mpmath.e - mpmath.fsum(c[:10])]  # largest at 1
    for found, truth in zip((values, slopes), off, strict=True):
        assert found.low <= truth <= found.high
        assert found.value == pytest.approx(float(truth), rel=1e-12)
        assert found.where == pytest.approx(1.0)


@pytest.mark.parametrize("limits", [None, (-3.0, 3.0), (-0.125, 2.0)])
@pytest.mark.parametrize("shift", ["1.5707963267948963", "1.5707963267948966", "1.57079632679"])
def test_waves_that_hardly_differ(shift, limits):
    found = distances(actcli.activation("cos(x)"), actcli.activation(f"sin(x + {shift})"), limits)
    with mpmath.workdps(60):  # cos(x) - sin(x + c) is 2*sin(d/2)*sin(x - d/2) for d = pi/2 - c
        d = mpmath.pi / 2 - mpmath.mpf(shift)
        size = abs(2 * mpmath.sin(d / 2))
        for each in found:
            assert each.low <= size <= each.high
            assert each.high - each.low <= 1e-11 * size


@pytest.mark.parametrize(
    ("text", "other", "truth"),
    [("tanh(x)", "1 - 2/(exp(2*x) + 1 + 1e-14)",
      lambda x: mpmath.tanh(x) - 1 + 2 / (mpmath.exp(2 * x) + 1 + mpmath.mpf("1e-14"))),
     ("softplus", "log(1 + exp(x)) + 1e-13*sin(5*x)",
      lambda x: mpmath.mpf("-1e-13") * mpmath.sin(5 * x)),
     ("where(x > 1, exp(x), x)", "where(x > 1, exp(x), x) + 1e-20*where(x > 1, x, x**3)",
      lambda x: mpmath.mpf("1e-20") * (x if x > 1 else x**3))],
)  # fmt: skip
def test_formulas_that_hardly_differ(text, other, truth):
    (found, _) = distances(actcli.activation(text), actcli.activation(other), (-2.0, 3.0))
    with mpmath.workdps(60):
        top = max(abs(truth(mpmath.mpf(float(x)))) for x in np.linspace(-2, 3, 8001))
    assert found.low * (1 - 1e-5) <= top <= found.high
    assert found.high - found.low <= 1e-11 * found.high


@pytest.mark.parametrize("name", ["gelu", "swish", "mish"])
def test_registered_functions_in_formulas_are_compared(name):
    f, g = actcli.activation(name), actcli.activation(f"{name}(x) + 2e-16*exp(-100*x*x)")
    (found, _) = distances(f, g, (-1.0, 1.0))
    assert found.value == pytest.approx(2e-16, rel=1e-11)
