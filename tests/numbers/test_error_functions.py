"""erf, erfc and the normal distribution against mpmath, longdouble and float64."""

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf

from actcli.numbers import error_functions
from actcli.numbers.wide import wide_type, widened

LONG = np.longdouble
WIDE = np.finfo(LONG).nmant >= 63 or wide_type() is not LONG
TRUE = {
    "erf": mpmath.erf,
    "erfc": mpmath.erfc,
    "normal_cdf": lambda x: mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
}


@pytest.fixture(autouse=True)
def digits():
    with mp.workdps(60):
        yield


def exact(number):
    """A number of any of the types as an mpf."""
    over, under = number.as_integer_ratio()
    return mpf(over) / under


def points(reach):
    rng = np.random.default_rng(1)
    at = np.concatenate(
        [
            rng.normal(0, 1, 300),
            rng.uniform(-reach, reach, 400),
            rng.choice([-1, 1], 200) * 10 ** rng.uniform(-320, 0, 200),
            rng.choice([-1, 1], 100) * (error_functions.LIMIT + rng.uniform(-0.01, 0.01, 100)),
            rng.choice([-1, 1], 100)
            * (error_functions.SERIES_LIMIT + rng.uniform(-0.01, 0.01, 100)),
            (rng.integers(-600, 600, 100) + 0.5) / error_functions.PER_UNIT,
        ]
    )
    return at.astype(LONG) * (1 + LONG(2) ** -55)


def errors(name, x, epsilon, smallest):
    """Errors in units of epsilon * result, or epsilon * smallest where the result is below."""
    found = []
    for at, got in zip(x, getattr(error_functions, name)(x), strict=True):
        true = TRUE[name](exact(at))
        unit = max(abs(true), exact(smallest)) * exact(epsilon)
        found.append((float(abs(exact(got) - true) / unit), at))
    return found


@pytest.mark.skipif(not WIDE, reason="long double is no wider than double here")
@pytest.mark.parametrize("name", TRUE)
def test_longdouble_is_exact_to_61_bits(name):
    worst = max(errors(name, widened(points(140)), LONG(2) ** -61, np.finfo(LONG).tiny))
    assert worst[0] < 1, worst


@pytest.mark.parametrize("name", TRUE)
def test_float64_is_exact_to_4_units(name):
    x = points(38).astype(np.float64)
    worst = max(errors(name, x, 2.0**-52, np.finfo(float).tiny))
    assert worst[0] < 4, worst


@pytest.mark.parametrize("rate", [1, 2])
def test_tails_are_exact_to_a_few_units_of_the_wide_type(rate):
    rng = np.random.default_rng(rate)
    at = np.concatenate(
        [rng.uniform(0, 18, 400), rng.uniform(0, 99, 100), 10 ** rng.uniform(-30, 0, 100)]
    )
    unit = exact(np.finfo(LONG).eps) if wide_type() is LONG else mpf(2) ** -93
    for t, got in zip(at, error_functions._upper(widened(at), rate), strict=True):
        true = mpmath.erfc(mpf(float(t)) * mpmath.sqrt(mpf(rate) / 2)) * rate / 2
        assert abs(exact(got) / true - 1) < 4 * unit, t


@pytest.mark.parametrize("kind", [np.float64, wide_type()])
def test_ends(kind):
    x = np.array([-np.inf, np.inf, np.nan, 0])
    x = x if kind is np.float64 else widened(x)
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(
            np.asarray(error_functions.normal_cdf(x)), [0, 1, np.nan, 0.5]
        )
        np.testing.assert_array_equal(np.asarray(error_functions.erfc(x)), [2, 0, np.nan, 1])
        np.testing.assert_array_equal(np.asarray(error_functions.erf(x)), [-1, 1, np.nan, 0])
    assert error_functions.erf(x).dtype.type is kind


def test_the_tail_fades_out_at_the_smallest_number():
    far = -np.array([50, 100, 150, 151, 1e3, 1e300], LONG)
    tail = error_functions.normal_cdf(far)
    assert (np.diff(tail) <= 0).all()
    assert tail[-1] == 0
    assert error_functions.normal_cdf(-38.4) > 0
    assert error_functions.normal_cdf(-1e308) == 0


@pytest.mark.parametrize("name", ["erf", "erfc", "normal_cdf"])
def test_any_shape(name):
    function = getattr(error_functions, name)
    x = np.linspace(-3, 20, 24)
    assert function(x.reshape(2, 3, 4)).shape == (2, 3, 4)
    assert function(1.5).shape == ()
    assert function(np.array([])).shape == (0,)
    assert function(np.float32(0.5)).dtype == np.float64
    np.testing.assert_array_equal(function(x.reshape(4, 6)).ravel(), function(x))
