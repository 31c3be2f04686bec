import mpmath
import numpy as np
import pytest

import actcli
from actcli.toy.kernels import BLOCK, CAREFUL, LEAN, kernel_of, many_tanh

FAR = np.concatenate([np.linspace(-40, 40, 4001), [-1e300, 1e300, -np.inf, np.inf]])


@pytest.mark.parametrize("text", LEAN)
def test_lean_kernels(text):
    f = actcli.activation(text)
    x = np.linspace(-15, 15, 1001)
    found = [np.empty((2, x.size)) for _ in range(2)]
    for part, lean in zip(found, (False, True), strict=True):
        kernel_of(f, lean)(x, *part)
    np.testing.assert_allclose(found[1], found[0], rtol=1e-6, atol=1e-15)


@pytest.mark.parametrize("text", CAREFUL)
def test_careful_kernels_are_exact_far_out(text):
    f = actcli.activation(text)
    found = [np.empty((2, FAR.size)) for _ in range(2)]
    for part, careful in zip(found, (False, True), strict=True):
        kernel_of(f, True, careful)(FAR, *part)
    value, slope = f.value_and_gradient(FAR)
    np.testing.assert_allclose(found[1][1], slope, rtol=1e-9, atol=0)
    np.testing.assert_allclose(found[1][0], value, rtol=1e-9, atol=0)


@pytest.mark.parametrize("name", ["tanh", "logistic", "relu", "gelu", "swish", "mish", "sine"])
@pytest.mark.parametrize("careful", [False, True])
def test_values_alone_are_the_same(name, careful):
    kernel = kernel_of(actcli.activation(name), True, careful)
    x = np.random.default_rng(0).normal(0, 2, BLOCK + 77)
    with_slope, alone, slope = np.empty((3, x.size))
    kernel(x, with_slope, slope)
    kernel(x, alone, None)
    np.testing.assert_allclose(alone, with_slope, rtol=1e-14)


def test_tanh_by_table():
    x = np.concatenate([np.random.default_rng(1).normal(0, 4, 400), [1e-300, -1e-9, 0.0]])
    expected = [float(mpmath.tanh(mpmath.mpf(float(v)))) for v in x]
    np.testing.assert_allclose(many_tanh(x), expected, rtol=6e-16)
    edges = np.array([[np.inf, -np.inf, np.nan, 25.0]])
    np.testing.assert_array_equal(many_tanh(edges), [[1, -1, np.nan, 1]])
    long = np.linspace(-3, 3, 2 * BLOCK + 5)
    np.testing.assert_allclose(many_tanh(long), np.tanh(long), rtol=6e-16)
    assert many_tanh(np.zeros((0, 2))).shape == (0, 2)
