import numpy as np
import pytest

import actcli
from actcli.numbers.jet import Jet
from actcli.toy.kernels import BLOCK, EXACT, LEAN, kernel_of

FAR = np.concatenate([np.linspace(-40, 40, 4001), [-1e300, 1e300]])


@pytest.mark.parametrize("text", LEAN)
def test_lean_kernels(text):
    f = actcli.activation(text)
    x = np.linspace(-15, 15, 1001)
    found = [np.empty((2, x.size)) for _ in range(2)]
    for part, lean in zip(found, (False, True), strict=True):
        kernel_of(f, lean)(x, *part)
    np.testing.assert_allclose(found[1], found[0], rtol=1e-6, atol=1e-15)


@pytest.mark.parametrize("name", ["tanh", "logistic"])
def test_other_kernels_are_exact_far_out(name):
    f = actcli.activation(name)
    found = np.empty((2, FAR.size))
    kernel_of(f)(FAR, *found)
    value, slope = f.value_and_gradient(FAR)
    np.testing.assert_allclose(found[1], slope, rtol=1e-15, atol=0)
    np.testing.assert_allclose(found[0], value, rtol=1e-15, atol=0)


@pytest.mark.parametrize("name", ["tanh", "logistic", "relu", "gelu", "swish", "mish", "sine"])
@pytest.mark.parametrize("lean", [False, True])
def test_values_alone_are_the_same(name, lean):
    kernel = kernel_of(actcli.activation(name), lean)
    x = np.random.default_rng(0).normal(0, 2, BLOCK + 77)
    with_slope, alone, slope = np.empty((3, x.size))
    kernel(x, with_slope, slope)
    kernel(x, alone, None)
    np.testing.assert_allclose(alone, with_slope, rtol=1e-14)


@pytest.mark.parametrize("name", EXACT)
@pytest.mark.parametrize("lean", [False, True])
def test_exact_kernels_have_the_numbers_of_the_formula(name, lean):
    f = actcli.activation(name)
    x = np.concatenate([FAR, [0.0, -0.0, np.inf, -np.inf, np.nan]])
    value, slope = np.empty((2, x.size))
    kernel_of(f, lean)(x, value, slope)
    expected = f.read(Jet(x, 1))
    np.testing.assert_array_equal(value, expected.value)
    np.testing.assert_array_equal(slope, expected.slope)
