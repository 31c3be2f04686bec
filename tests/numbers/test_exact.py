"""Constants as exact numbers."""

from fractions import Fraction

import numpy as np
import pytest

import actcli
from actcli.numbers.exact import rational


@pytest.mark.parametrize(
    ("given", "exact"),
    [(0.1, Fraction(1, 10)), (np.float64(0.7), Fraction(7, 10)), (np.float64(-2.0), -2),
     ("1/3", Fraction(1, 3)),
     (1e-300, Fraction(1, 10**300)), (np.float32(0.5), Fraction(1, 2)), (-0.0, 0)],
)  # fmt: skip
def test_a_float_means_the_shortest_decimal_that_prints_it(given, exact):
    assert rational(given) == exact


def test_a_registered_function_of_a_constant_is_read_everywhere():
    f = actcli.activation("where(x > 0.7, relu(x), relu(0.7) + 2*(x - 0.7))")
    value, gradient = f.value_and_gradient(np.array([-np.inf, 0.1, 0.9, np.inf]))
    assert value.tolist() == [-np.inf, pytest.approx(-0.5), 0.9, np.inf]
    assert gradient.tolist() == [2, 2, 1, 1]
