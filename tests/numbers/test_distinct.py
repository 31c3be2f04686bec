"""Sets of numbers and quantiles, against numpy's functions and what they import."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from processes import printed

from actcli.numbers.distinct import distinct, quantiles, union, without

NUMBERS = st.lists(st.floats(-3, 3).map(lambda x: round(x, 1)) | st.floats(allow_nan=False))


@given(NUMBERS, NUMBERS)
def test_sets_are_those_of_numpy(a, b):
    a, b = np.array(a), np.array(b)
    np.testing.assert_array_equal(distinct(a), np.unique(a))
    np.testing.assert_array_equal(union(a, b), np.union1d(a, b))
    np.testing.assert_array_equal(without(a, b), np.setdiff1d(a, b))


@given(NUMBERS.filter(len), st.lists(st.floats(0, 1), min_size=1))
def test_quantiles_are_those_of_numpy(a, shares):
    with np.errstate(all="ignore"):
        expected = np.quantile(a, shares)
        got = quantiles(a, shares)
        np.testing.assert_array_equal(got, expected)
        np.testing.assert_array_equal(quantiles(a, shares[0]), expected[0])


@pytest.mark.parametrize(
    "call",
    ["quantiles([1.0, 2.0], 0.3)", "distinct([1.0])", "union([1.0], [])", "without([1.0], [1.0])"],
)
def test_they_import_nothing_heavy(call):
    code = "import sys; from actcli.numbers.distinct import *; eval(sys.argv[1])"
    assert printed(f"{code}; print('numpy.ma' in sys.modules)", call) == "False\n"
