"""Pairs of doubles against mpmath: random numbers, beyond the range of a double, and the special ones."""

import operator
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf

from actcli.numbers.double_double_functions import DoubleDouble

FINITE = st.floats(allow_nan=False, allow_infinity=False)
SPECIAL = st.sampled_from([0.0, -0.0, np.inf, -np.inf, np.nan, 5e-324, -2.5e-310, 1.8e308, 1.0])


@pytest.fixture(autouse=True)
def digits():
    with mp.workprec(2400), np.errstate(all="ignore"):
        yield


def exact(number, place=0):
    """A pair as an mpf."""
    scale = 0 if number.scale is None else int(np.atleast_1d(number.scale)[place])
    low = np.atleast_1d(np.broadcast_to(number.low, number.shape))[place]
    return mpmath.ldexp(mpf(float(np.atleast_1d(number.high)[place])) + mpf(float(low)), scale)


def pairs(high, low):
    """Numbers of more than 53 bits."""
    return DoubleDouble(np.array(high)) * (1 + DoubleDouble(np.array(low) * 2.0**-54))


def error(got, true):
    """In units of the true value, as a power of 2."""
    if true == 0:
        return -np.inf if got == 0 else np.inf
    return float(mpmath.log(abs(got / true - 1), 2)) if got != true else -np.inf


OPERATIONS = {
    "+": (operator.add, -101), "-": (operator.sub, -101), "*": (operator.mul, -100),
    "/": (operator.truediv, -99),
}  # fmt: skip


@pytest.mark.parametrize("sign", OPERATIONS)
@settings(max_examples=300)
@given(a=FINITE, b=FINITE, c=st.floats(-1, 1), d=st.floats(-1, 1))
def test_arithmetic_of_any_two_numbers(sign, a, b, c, d):
    operation, bound = OPERATIONS[sign]
    if sign == "/" and b == 0:
        b = 1.0
    x, y = pairs([a, 3.0], [c, 0.1]), pairs([b, 7.0], [d, 0.2])
    found = operation(x, y)
    for place in (0, 1):
        assert error(exact(found, place), operation(exact(x, place), exact(y, place))) < bound


@settings(max_examples=200)
@given(a=st.one_of(FINITE, SPECIAL), b=st.one_of(FINITE, SPECIAL))
def test_of_doubles_everything_else_is_what_numpy_says(a, b):
    x, y = DoubleDouble(np.array([a])), DoubleDouble(np.array([b]))
    p, q = np.array([a]), np.array([b])
    for compare in (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne):
        np.testing.assert_array_equal(compare(x, y), compare(p, q))
        np.testing.assert_array_equal(compare(x, b), compare(p, b))
        np.testing.assert_array_equal(compare(a, y), compare(a, q))
    for function in (np.maximum, np.minimum):
        np.testing.assert_array_equal(
            np.asarray(function(x, y)), function(p, q)
        )  # of 0 and -0 either
    same(np.copysign(x, y), np.copysign(p, q))
    for function in (
        np.abs,
        np.negative,
        np.sign,
        np.isnan,
        np.isfinite,
        np.isinf,
        np.signbit,
        np.rint,
    ):
        same(function(x), function(p))
    same(np.where(x < y, x, y), np.where(p < q, p, q))
    same(np.clip(x, -1, b if b > -1 else 2), np.clip(p, -1, b if b > -1 else 2))
    same(x + 0 * y, p + 0 * q)
    if not (np.isfinite(a) and np.isfinite(b)) or a == 0 or b == 0:
        for operation in (operator.add, operator.sub, operator.mul, operator.truediv):
            same(operation(x, y), operation(p, q))


def same(got, true):
    got = np.asarray(got, np.asarray(true).dtype)
    np.testing.assert_array_equal(got, true)
    if got.dtype.kind == "f":
        keep = ~np.isnan(true)
        np.testing.assert_array_equal(np.signbit(got[keep]), np.signbit(true[keep]))


FUNCTIONS = {  # true function, how far out, largest error as a power of 2
    "exp": (mp.exp, 1e5, -90), "expm1": (mp.expm1, 1e5, -84), "log": (mp.log, None, -88),
    "log1p": (mp.log1p, None, -88), "sqrt": (mp.sqrt, None, -100),
    "cbrt": (lambda x: mp.sign(x) * mp.cbrt(abs(x)), None, -90),
    "sin": (mp.sin, None, -90), "cos": (mp.cos, None, -90), "tan": (mp.tan, None, -88),
    "sinh": (mp.sinh, 1e5, -84), "cosh": (mp.cosh, 1e5, -90), "tanh": (mp.tanh, 1e3, -84),
    "arcsinh": (mp.asinh, None, -88), "arctanh": (mp.atanh, 1, -88), "arctan": (mp.atan, None, -90),
}  # fmt: skip
ODD = {
    "sin",
    "tan",
    "sinh",
    "tanh",
    "arcsinh",
    "arctanh",
    "arctan",
    "expm1",
    "log1p",
    "sqrt",
    "cbrt",
}


def inputs(name):
    """Of all sizes, around 1, near multiples of pi/2, and two doubles close to such a multiple."""
    reach = FUNCTIONS[name][1]
    rng = np.random.default_rng(12)
    size = 10 ** rng.uniform(-320, np.log10(reach or 1e308), 60)
    near = rng.normal(0, 2, 60), 1 + rng.choice([-1, 1], 30) * 10 ** rng.uniform(-18, -1, 30)
    turns = np.rint(10 ** rng.uniform(0, 15, 40)) * (np.pi / 2)
    hard = [*rng.uniform(-1, 1, 60), 5.319372648326541e255, 6381956970095103 * 2.0**797, 2.5e-310]
    x = np.concatenate([rng.choice([-1, 1], 60) * size, *near, turns, hard])
    x = pairs(x, rng.uniform(-1, 1, x.size))
    if name in ("log", "sqrt"):
        x = abs(x)
    if name == "log1p":
        x = x[np.asarray(x > -1)]
    return x if reach is None else x[np.abs(np.asarray(x)) < reach]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions(name):
    true, _, bound = FUNCTIONS[name]
    x = inputs(name)
    assert x.size > 100
    found = getattr(np, name)(x)
    worst = max((error(exact(found, k), true(exact(x, k))), exact(x, k)) for k in range(x.size))
    assert worst[0] < bound, worst


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_special_numbers(name):
    x = np.array([0.0, -0.0, np.inf, -np.inf, np.nan, 1.0, -1.0])
    with np.errstate(all="ignore"):
        true, got = getattr(np, name)(x), np.asarray(getattr(np, name)(DoubleDouble(x)))
    np.testing.assert_allclose(got, true, rtol=1e-15)
    if name in ODD:
        assert np.signbit(got[1])
        assert not np.signbit(got[0])


@settings(max_examples=200)
@given(base=st.floats(1e-300, 1e300), exponent=st.floats(-3, 3), whole=st.integers(-70, 70))
def test_powers(base, exponent, whole):
    x = DoubleDouble(np.array([base, -base, 2.0]))
    assert error(exact(x**exponent), mpf(base) ** mpf(exponent)) < -88
    assert error(exact(x**whole, 1), mpf(-base) ** whole) < -88
    assert error(exact(2 ** x[2:]), 4) < -95
    assert np.isnan(np.asarray(x**0.25)[1])
    assert np.asarray(x**0.5)[1] != np.asarray(x**0.5)[1]


def test_constants_of_any_kind_are_exact():
    third = DoubleDouble(Fraction(1, 3))
    assert error(exact(third), mpf(1) / 3) < -105
    assert exact(DoubleDouble(3**60)) == pytest.approx(mpf(3) ** 60, rel=2.0**-105)
    assert Fraction(*DoubleDouble("0.5").as_integer_ratio()) == Fraction(1, 2)
    many = np.array([2**62 + 1, -(2**61) - 3, 7])
    assert [int(exact(DoubleDouble(many), k)) for k in range(3)] == many.tolist()
    assert float(DoubleDouble("3.14159265358979323846264338327950288")) == np.pi


def test_numbers_of_no_double_come_back_into_its_range():
    x = DoubleDouble(np.array([1e200, 1e-200, 3.0, -1e308]))
    far = x * x * x * x
    np.testing.assert_array_equal(np.asarray(far), [np.inf, 0, 81, np.inf])
    near = np.sqrt(np.sqrt(far))
    assert all(error(exact(near, k), abs(exact(x, k))) < -100 for k in range(4))
    assert near[:3].scale is None
    np.testing.assert_array_equal(far > x, [True, False, True, True])
    ratio = far / (1 + far)
    np.testing.assert_array_equal(np.asarray(ratio)[[0, 3]], 1)
    grown = np.exp(DoubleDouble(np.array([800.0, -20000.0])))
    assert error(exact(grown * grown), mp.exp(1600)) < -90
    assert error(exact(grown, 1), mp.exp(-20000)) < -90
    assert np.asarray(np.exp(DoubleDouble(np.array([np.inf, -np.inf, -1e300])))).tolist() == [
        np.inf,
        0,
        0,
    ]


def test_waves_far_out():
    x = 2 * DoubleDouble(np.array([1.7e308, -1.1e308, 3.0]))
    assert all(error(exact(np.sin(x), k), mp.sin(exact(x, k))) < -90 for k in range(3))
    assert np.isnan(np.asarray(np.cos(x * x)))[:2].all()


def test_arrays():
    values = np.arange(12.0).reshape(3, 4) - 5
    x = DoubleDouble(values) / 3
    for change in (
        lambda a: a[1], lambda a: a[:, ::2], lambda a: a[a > 0], lambda a: a.ravel(), lambda a: a.T,
        lambda a: a.reshape(4, 3), lambda a: a.take([1, 5]), lambda a: np.broadcast_to(a[0], (2, 4)),
        lambda a: np.concatenate([a, a[:1]]), lambda a: np.stack([a, a]), lambda a: a.sum(axis=1),
        lambda a: a.sum(axis=0), lambda a: a.max(axis=1), lambda a: a.min(axis=0), lambda a: a @ a.T,
        lambda a: np.ldexp(a, 3), lambda a: np.frexp(a)[0], lambda a: np.zeros_like(a),
    ):  # fmt: skip
        np.testing.assert_allclose(np.asarray(change(x)), change(values / 3), rtol=1e-15)
    assert x.shape == (3, 4)
    assert (x.size, x.ndim, len(x)) == (12, 2, 3)
    y = x.copy()
    y[0] = 1e-300 * DoubleDouble(np.full(4, 1e-300))
    assert exact(y[0], 2) == pytest.approx(mpf(10) ** -600, rel=1e-14)
    np.testing.assert_array_equal(np.asarray(y[1:]), np.asarray(x[1:]))
    with pytest.raises(TypeError):
        np.linalg.inv(x)
