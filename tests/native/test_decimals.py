"""Decimal text of the compiled part: the same as Python's float, repr and % make of it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from actcli.inputs import numbers
from actcli.native import decimals, library
from actcli.tables import digits

pytestmark = pytest.mark.skipif(
    not hasattr(library(), "write_rows"),
    reason="the compiled part is not there, or has no decimals",
)
PLAIN = ["nan", "inf", "-inf"]
BITS = st.integers(0, 2**64 - 1).map(lambda bits: np.uint64(bits).view(np.float64))
SINGLE = st.integers(0, 2**32 - 1).map(lambda bits: np.uint32(bits).view(np.float32))
TEXT = st.text(st.sampled_from("0123456789+-.eE,,  \t\n\n#naifx(_)\v\0"), max_size=40)


@given(st.lists(BITS | st.floats(), min_size=1))
def test_any_bits_are_written_as_repr_does_and_read_back(values):
    text = decimals.write([np.array(values)], ["", "\n"], PLAIN)
    assert text.split("\n")[:-1] == [repr(float(value)) for value in values]
    np.testing.assert_array_equal(decimals.read(text.encode(), b","), values)


@given(st.lists(SINGLE, min_size=1))
def test_any_float32_is_written_with_the_digits_of_numpy(values):
    text = decimals.write([np.array(values, np.float32)], ["", "\n"], PLAIN)
    assert text.split("\n")[:-1] == [repr(float(str(value))) for value in values]


@given(st.lists(BITS | st.floats(), min_size=1), st.integers(1, 17))
def test_rounded_numbers_are_those_of_percent_g(values, count):
    text = decimals.write([np.array(values)], ["", "\n"], PLAIN, count)
    assert text.split("\n")[:-1] == [f"{float(value) + 0.0:.{count}g}" for value in values]


@given(
    arrays(np.float64, 7, elements=st.floats()),
    st.integers(1, 17),
    st.sampled_from([decimals.RIGHT, decimals.POINT]),
    st.integers(0, 9),
    st.integers(0, 9),
)
def test_rows_stand_at_the_same_places_without_it(values, count, align, whole, rest):
    place = decimals.Alignment(align, whole, rest if align == decimals.POINT else 0)
    asked = ([values, values[::-1].copy()], ["50 % | ", " ", "|\n"], count, [place, place])
    with_it = digits.rounded_rows(*asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decimals, "library", lambda: None)
        assert digits.rounded_rows(*asked) == with_it


@given(TEXT)
def test_text_is_read_or_refused_with_the_same_words_without_it(text):
    def answer():
        try:
            return numbers.numbers_in(text.encode(), "a", 1).view(np.uint64).tolist()
        except ValueError as error:
            return str(error)

    with_it = answer()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(decimals, "library", lambda: None)
        assert answer() == with_it


@pytest.mark.parametrize(
    "text", ["nan(1)", "nan()", "1e999", "+-1", "1_0", "1,,2", ",1", "1 # 2", "0x1", "\0"]
)
def test_it_leaves_to_python_what_may_be_no_number(text):
    assert decimals.read(text.encode(), b",") is None
