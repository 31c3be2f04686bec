"""The float64 kernels against truth.py, and the constants in them against mpmath."""

import threading

import mpmath
import numpy as np
import pytest
from mpmath import mp, mpf
from truth import truth, ulps

import actcli
from actcli.numbers import fused

LABELS = [
    "logistic",
    "tanh",
    "softplus",
    "swish",
    "gelu",
    "gelu:approx=tanh",
    "mish",
    "elu",
    "relu",
]
ROOTS = {  # of the gradients
    "swish": fused.SILU_ROOT,
    "gelu": fused.GELU_ROOT,
    "gelu:approx=tanh": fused.GELU_TANH_ROOT,
    "mish": fused.MISH_ROOT,
}
SEAMS = [-745, -708, -700, -373, -38.5, -37.5, -22, -21, -16, 0, 16, 20, 36, 230, 700, 709]


def kernel(label):
    name, _, approx = label.partition(":approx=")
    text = actcli.activation(name, **({"approx": approx} if approx else {})).text
    return fused.FUSED[text]


def both(label, x):
    value, gradient = np.empty_like(x), np.empty_like(x)
    kernel(label)(x, value, gradient)
    return value, gradient


def hard_points(label):
    rng = np.random.default_rng(2)
    sets = [
        rng.normal(0, 3, 150),
        rng.uniform(-2.5, 2.5, 150),
        rng.uniform(-38.6, -2.5, 150),
        rng.uniform(-745.2, -700, 50),
        rng.uniform(-700, -38, 30),
        rng.uniform(2.5, 40, 50),
        rng.choice([-1, 1], 40) * 10 ** rng.uniform(-323, 0, 40),
        rng.choice([-1, 1], 40) * 10 ** rng.uniform(1, 308, 40),
        np.nextafter(SEAMS, -np.inf),
        SEAMS,
        np.nextafter(SEAMS, np.inf),
        [1.7976931348623157e308, -1.7976931348623157e308, 5e-324, -5e-324],
    ]
    if label in ROOTS:
        off = 10 ** rng.uniform(-17, -0.4, 60)
        sets += [ROOTS[label] + off, ROOTS[label] - off]
    return np.concatenate(sets)


@pytest.mark.parametrize("label", LABELS)
def test_within_4_ulp_everywhere_at_roots_too(label):
    x = hard_points(label)
    with np.errstate(all="raise"):
        results = both(label, x)
    worst = {"value": (0.0, 0.0), "gradient": (0.0, 0.0)}
    for at, *got in zip(x.tolist(), *(r.tolist() for r in results), strict=True):
        for kind, mine, true in zip(worst, got, truth(label, at), strict=True):
            worst[kind] = max(worst[kind], (ulps(mine, true), at))
    assert worst["value"][0] <= 4, worst
    assert worst["gradient"][0] <= 4, worst


@pytest.mark.parametrize("label", LABELS)
def test_either_output_alone_is_the_same(label):
    x = hard_points(label)
    value, gradient = both(label, x)
    alone = np.empty_like(x)
    kernel(label)(x, alone, None)
    np.testing.assert_array_equal(alone, value)
    kernel(label)(x, None, alone)
    np.testing.assert_array_equal(alone, gradient)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("others", [1.0, 800.0])
def test_nan_gives_nan_and_touches_nothing_else(label, others):
    x = np.array([-others, np.nan, others, 0.0])
    with np.errstate(all="raise"):
        value, gradient = both(label, x)
    np.testing.assert_array_equal(np.isnan(value), np.isnan(x))
    np.testing.assert_array_equal(np.isnan(gradient), np.isnan(x))
    alone = both(label, x[[0, 2, 3]])
    np.testing.assert_array_equal(value[[0, 2, 3]], alone[0])
    np.testing.assert_array_equal(gradient[[0, 2, 3]], alone[1])


@pytest.mark.parametrize("label", LABELS)
def test_the_company_in_a_block_does_not_matter(label):
    """Common inputs give the same whether or not the block needs tails, whatever its size."""
    x = np.random.default_rng(3).normal(0, 3, 2 * fused.BLOCK)
    large = both(label, x)
    mixed = both(label, np.concatenate([x[:100], [1e300, -1e300, 50, -50]]))
    for a, b in zip(large, mixed, strict=True):
        np.testing.assert_array_equal(a[:100], b[:100])
    halves = [both(label, part) for part in np.split(x, 2)]
    for k in (0, 1):
        np.testing.assert_array_equal(large[k], np.concatenate([half[k] for half in halves]))


@pytest.mark.parametrize("label", LABELS)
def test_nothing_and_one(label):
    assert both(label, np.array([]))[0].size == 0
    value, gradient = both(label, np.array([0.0]))
    assert (value[0], gradient[0]) == truth(label, 0.0)


def test_threads_do_not_share_scratch():
    x = np.random.default_rng(4).normal(0, 3, fused.BLOCK)
    expected = both("gelu", x)
    wrong = []

    def work():
        for _ in range(30):
            if not np.array_equal(both("gelu", x), expected):
                wrong.append(1)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# -- constants ----------------------------------------------------------------------------------


def logistic(x):
    return 1 / (1 + mpmath.exp(-x))


def silu_gradient(x):
    return logistic(x) * (1 + x * logistic(-x))


def gelu_gradient(x):
    return mpmath.ncdf(x) + x * mpmath.npdf(x)


def gelu_tanh_gradient(x):
    slope = mpmath.sqrt(8 / mpmath.pi)
    cubic = slope * mpf(0.044715)
    u = slope * x + cubic * x**3
    return logistic(u) * (1 + x * (slope + 3 * cubic * x**2) * logistic(-u))


def mish_gradient(x):
    softplus = mpmath.log(1 + mpmath.exp(x))
    return mpmath.tanh(softplus) + x * logistic(x) / mpmath.cosh(softplus) ** 2


def root(gradient, double, low=None):
    """The root next to a double, after a check that it is that double (plus `low`)."""
    place = mpmath.findroot(gradient, double)
    assert float(place) == double
    assert low is None or float(place - double) == low
    return place


def test_roots():
    with mp.workdps(50):
        place = root(silu_gradient, fused.SILU_ROOT, fused.SILU_ROOT_LOW)
        assert float(mpmath.exp(place)) == fused.SILU_UP
        place = root(mish_gradient, fused.MISH_ROOT, fused.MISH_ROOT_LOW)
        assert float(mpmath.exp(place)) == fused.MISH_UP
        root(gelu_gradient, fused.GELU_ROOT)
        assert float(gelu_gradient(mpf(fused.GELU_ROOT))) == fused.GELU_AT_ROOT
        place = root(gelu_tanh_gradient, fused.GELU_TANH_ROOT, fused.GELU_TANH_ROOT_LOW)
        for k in range(-20, 20):
            d = fused.GELU_TANH_REACH * (mpf(k) + 0.5) / 20
            series = sum(mpf(c) * d**n for n, c in enumerate(fused.GELU_TANH_SERIES))
            assert abs(series * d / gelu_tanh_gradient(place + d) - 1) < mpf(2) ** -53


def test_constants_of_the_tanh_form():
    with mp.workdps(50):
        slope = mpmath.sqrt(8 / mpmath.pi)
        cubic = slope * mpf(0.044715)
        assert float(slope) == fused.SLOPE
        assert float(cubic) == fused.CUBIC
        for exact, high, low, bits in [
            (slope, fused.SLOPE_HIGH, fused.SLOPE_LOW, 33),
            (cubic, fused.CUBIC_HIGH, fused.CUBIC_LOW, 17),
        ]:
            assert (high * 2**bits).is_integer()
            assert low == float(exact - mpf(high))


def test_the_leading_part_of_the_argument_is_exact():
    short = np.arange(-32 * 256, 32 * 256 + 1) / 256
    total, low, cube, cube_low, *_ = fused._argument(short)
    with mp.workdps(50):
        for k in range(0, short.size, 97):
            x = mpf(short[k])
            linear = mpmath.sqrt(8 / mpmath.pi) * x
            power = linear * mpf(0.044715) * x**2
            assert abs(linear + power - total[k] - low[k]) <= abs(linear + power) * mpf(2) ** -64
            assert abs(2 * power - cube[k] - cube_low[k]) <= abs(power) * mpf(2) ** -64
            assert mpf(cube[k]) == 2 * mpf(fused.CUBIC_HIGH) * x**3


def test_shift():
    assert float(mpmath.exp(-fused.SHIFT)) == fused.UNSHIFT
