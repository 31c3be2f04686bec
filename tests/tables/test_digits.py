import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from ml_dtypes import bfloat16

from actcli.tables.digits import FEW, WIDTH, _rows, doubles_of, texts


def joined(values):
    """The texts: of the compiled part, if there is one, and without it those of a short array and of
    one long enough for arithmetic on the whole."""
    short, long = (
        _rows([doubles_of(given)], ["", "\n"], ["nan", "inf", "-inf"]).split("\n")[: len(values)]
        for given in (values, np.resize(values, max(FEW, len(values))))
    )
    assert texts(values) == short == long
    return long


def neighbours(values):
    values = np.asarray(values)
    kind = values.dtype.type
    return np.concatenate(
        [values, np.nextafter(values, kind(0)), np.nextafter(values, kind("inf"))]
    )


@given(arrays(np.float64, st.integers(1, 20), elements=st.floats()))
def test_texts_are_those_of_repr(values):
    assert joined(values) == [repr(value) for value in values.tolist()]


@given(st.lists(st.decimals(allow_nan=False, allow_infinity=False, places=3), min_size=1))
def test_decimals_and_their_neighbours(decimals):
    values = neighbours(np.array(decimals, dtype=np.float64))
    assert joined(values) == [repr(value) for value in values.tolist()]


@given(arrays(np.float32, st.integers(1, 20), elements=st.floats(width=32)))
@example(np.array([1e-4, 0.01, 0.1, 16777216, 1e8, -0.0, 1e-45, 3.4028235e38], np.float32))
def test_float32_digits_are_numpys(values):
    assert joined(values) == texts(values) == [repr(float(str(value))) for value in values]


HARD = {
    "powers of ten": [float(f"1e{k}") for k in range(-110, 20)],
    "powers of two": 2.0 ** np.arange(-400, 70),
    "integers": np.arange(-5000, 5000.0),
    "quarters of large numbers": np.arange(4e14, 4e14 + 5000) / 4,
    "all binary digits": np.random.default_rng(1).integers(2**52, 2**53, 50000) / 2.0**52,
    "many sizes": 10 ** np.random.default_rng(2).uniform(-110, 17, 50000),
    "round numbers": np.random.default_rng(3).integers(1, 10**6, 20000) / 1000,
}


@pytest.mark.parametrize("name", HARD)
def test_hard_samples(name):
    values = neighbours(np.array(HARD[name], dtype=np.float64))
    wrong = [
        (text, value)
        for text, value in zip(joined(values), values.tolist(), strict=True)
        if text != repr(value)
    ]
    assert wrong == []
    single = neighbours(np.array(HARD[name], dtype=np.float32))
    assert joined(single) == texts(single)


@pytest.mark.parametrize("dtype", [np.float16, bfloat16])
def test_every_16_bit_number_is_printed_itself(dtype):
    values = np.arange(1 << 16, dtype=np.uint16)[::7].view(dtype)
    found = texts(values)
    with np.errstate(all="ignore"):
        numbers = values.astype(np.float64)
    np.testing.assert_array_equal([float(text) for text in found], numbers)
    assert joined(values) == found


def test_digits_of_16_bit_numbers():
    largest, smallest = 2.0**128 - 2.0**120, 2.0**-133
    assert texts(np.array([65504, 0.1, -(2**-24)], np.float16)) == [
        "65504.0", "0.0999755859375", "-5.960464477539063e-08",
    ]  # fmt: skip
    assert texts(np.array([8192, 0.1, 3.1416, -2.5, np.inf], bfloat16)) == [
        "8192.0", "0.10009765625", "3.140625", "-2.5", "inf",
    ]  # fmt: skip
    assert texts(np.array([largest, smallest], bfloat16)) == [
        "3.3895313892515355e+38", "9.183549615799121e-41",
    ]  # fmt: skip


def test_integers_and_the_longest_text():
    assert texts(np.array([1, -2])) == ["1", "-2"]
    assert texts(np.array([2**63], np.uint64)) == ["9223372036854775808"]
    assert len(repr(-2.2250738585072014e-308)) <= WIDTH
    assert joined(np.array([-2.2250738585072014e-308])) == ["-2.2250738585072014e-308"]


def test_parts_of_larger_arrays():
    values = np.arange(20.0)
    assert joined(values[::3]) == [repr(value) for value in values[::3].tolist()]
    assert joined(values.astype(bfloat16)[::3]) == joined(values[::3])
