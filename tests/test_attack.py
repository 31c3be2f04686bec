"""Random formulas against an independent evaluation (tests/attack): nothing false is proved.

A seeded part of the attack; `python -m attack --seed N --seconds S` from this folder goes on.
"""

import random
from fractions import Fraction
from types import SimpleNamespace

import mpmath
import pytest
from attack.__main__ import Attack
from attack.checks import check
from attack.exact import Formula, Undefined, size_of
from attack.pairs import Gap, check_distance
from attack.sample import Sample


@pytest.mark.parametrize(
    ("text", "x", "by_mpmath"),
    [
        ("gelu(x)", "-37.5", lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2),
        ("x*tanh(softplus(x))", "-700", lambda x: x * mpmath.tanh(mpmath.log1p(mpmath.exp(x)))),
        ("erf(x/3)*atanh(x/4) + asinh(x)*sinh(x)", "0.7",
         lambda x: mpmath.erf(x / 3) * mpmath.atanh(x / 4) + mpmath.asinh(x) * mpmath.sinh(x)),
        ("tanh(x + (1/3 - 0.3333333333333333)*1e17)", "0", lambda x: mpmath.tanh(x + mpmath.mpf(10) / 3)),
        ("x**0.3*log(x)", "2", lambda x: x ** mpmath.mpf("0.3") * mpmath.log(x)),
        ("exp(-1/x)*cos(x)", "0.01", lambda x: mpmath.exp(-1 / x) * mpmath.cos(x)),
        ("elu(x, alpha=1/3)", "-2", lambda x: mpmath.expm1(x) / 3),
    ],
)  # fmt: skip
def test_the_independent_evaluation_is_right(text, x, by_mpmath):
    """Value and three derivatives, against mpmath's own at 400 digits."""
    found = [size_of(v) for v in Formula(text)(Fraction(x), 3)]
    with mpmath.workdps(400):
        wanted = [float(mpmath.diff(by_mpmath, mpmath.mpf(x), k)) for k in range(4)]
    assert found == pytest.approx(wanted, rel=1e-14, abs=1e-320)


@pytest.mark.parametrize(
    ("text", "x"),
    [("x**2/x", 0), ("log(x)", 0), ("sqrt(x)", -1), ("x**-0.5", 0), ("x**(1/3)", -8), ("tanh(atanh(x))", 1),
     ("where(x > 0, 1, 1/x)", 0), ("exp(log(x)*0)", -1)],
)  # fmt: skip
def test_steps_without_a_real_value_are_undefined(text, x):
    with pytest.raises(Undefined):
        Formula(text)(Fraction(x))


@pytest.mark.parametrize(
    ("text", "name", "verdict", "value", "where", "words"),
    [
        ("where(exp(x)*(x + 800) > 0, 1, 0)", "continuous", "proved", 0, [], "-800"),
        ("where(x > 0, tanh(x)*(1/x)**2, 0)", "continuous", "proved", 0, [], "infinite"),
        ("where(x > 0, x + exp(-60), 0)", "continuous", "proved", 0, [], "finite"),
        ("where(x != 2, gelu(x), 7)", "same_as", "proved", ["gelu"], None, "off by 5"),
        ("tanh(atanh(x))", "continuous", "proved", 0, [], "not defined"),
        ("where(x > 1, 0.1*x + 0.9, x)", "continuous", "refuted", 0, [1], "nothing breaks"),
        ("tanh(-1/x)", "monotonic", "proved",
         [["-Infinity", 0, "increasing"], [0, "Infinity", "increasing"]], None, "falls"),
        ("abs(exp(-x*x)*(x - 40))", "range", "proved",
         {"inf": -40.006, "sup": 0, "inf_attained": True, "sup_attained": False}, [-0.0125, "-Infinity"],
         "beyond"),
        ("relu(x)", "dead_zone", "proved", [[-10, 0]], None, "goes on"),
        ("swish(x)", "saturates_right", "refuted", {"limit": 1, "gradient_limit": 1}, None, "limit"),
        ("tanh(x)", "gaussian_moments", "proved", {"mean": 0, "mean_square": 0.4}, None, "E f^2"),
        ("softplus(x)", "convex", "refuted", "concave", [-1, 0, 1], "above"),
    ],
)  # fmt: skip
def test_false_statements_are_seen(text, name, verdict, value, where, words):
    """Statements that were once proved, and others like them."""
    row = SimpleNamespace(property=name, verdict=verdict, value=value, where=where, detail="")
    complaints = check(Sample(text, random.Random(1), 5.0), row)
    assert any(words in complaint for complaint in complaints), complaints


def test_false_distances_are_seen():
    """sup |sin' - abs'| is 2, not 1: the number lies outside of its interval and below samples."""
    gap = Gap("sine(x)", "abs(x)", 1, random.Random(1), 2.0)
    said = SimpleNamespace(value=1.0, where=0.0, low=2.0, high=2.0)
    assert any("outside" in c for c in check_distance(gap, said))
    said = SimpleNamespace(value=1.0, where=0.0, low=1.0, high=1.0)
    assert any("above" in c for c in check_distance(gap, said))


@pytest.mark.parametrize(
    ("mode", "seed", "count"),
    [("properties", 1, 24), ("properties", 2, 24), ("rewriting", 11, 20), ("rewriting", 12, 20),
     ("distance", 21, 8), ("interval", 31, 12), ("interval", 32, 12)],
)  # fmt: skip
def test_nothing_false_is_said_of_random_formulas(mode, seed, count):
    """Every proved and refuted row, on the line and on intervals; a distance lies in its interval,
    above every sample, and is no larger on a part; compare(f, f rewritten) = 0; what is proved equal
    prints equal; the gradient is the slope where f is differentiable; limits are printed as proved."""
    attack = Attack(seed, shrink=False)
    while attack.counts["formulas"] < count:
        attack.one(mode)
    assert attack.found == []
    asked = ("statements", "distances", "statements on intervals")
    assert sum(attack.counts[kind] for kind in asked) > count // 2
