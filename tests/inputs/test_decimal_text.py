from fractions import Fraction
from math import isfinite, nextafter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from actcli.inputs import numbers

FINITE = st.floats(allow_nan=False, allow_infinity=False)
MIDDLING = st.floats(-1e16, 1e16)


def numbers_in(text):
    return numbers.numbers_in(text, "file", 1)


def check(tokens, separator=" "):
    found = numbers_in(separator.join(tokens).encode())
    expected = np.array([float(token) for token in tokens])
    assert found.dtype == np.float64
    differ = found.view(np.uint64) != expected.view(np.uint64)
    assert not differ.any(), np.array(tokens)[differ]


FORMS = ["%r", "%.18e", "%.17g", "%.6f", "%.15E", "%+.3g", "%.0f", "%d."]


@given(st.lists(FINITE | MIDDLING, min_size=1), st.sampled_from(FORMS))
def test_written_floats(numbers, form):
    check([form % number for number in numbers])


@given(st.lists(st.floats() | MIDDLING, min_size=1))
def test_shortest_digits_with_nan_and_inf(numbers):
    check([repr(number) for number in numbers])


TOKENS = st.builds(
    "{}{}{}{}{}".format,
    st.sampled_from(["", "-", "+"]),
    st.integers(0, 10**26),
    st.sampled_from([".", ".0", ".000"]),
    st.just("") | st.integers(0, 10**26),
    st.just("") | st.integers(-400, 400).map("e{}".format) | st.integers(0, 9).map("E+0{}".format),
)


@given(st.lists(TOKENS | TOKENS.map(lambda token: token.replace(".", "")), min_size=1, max_size=9))
def test_any_digits(tokens):
    check(tokens)


@pytest.mark.parametrize("digits", [1, 16, 17, 19, 20])
def test_random_digits_at_all_magnitudes(digits):
    random = np.random.default_rng(digits)
    for power in (*range(-330, 310, 20), -308, 308):
        whole = random.integers(10 ** (digits - 1), min(10**digits, 2**64), 200, np.uint64)
        check([f"{number}e{power}" for number in whole])
        check([f"{str(number)[:1]}.{str(number)[1:]}e{power:+03d}" for number in whole])


def midpoint(number):
    """The exact digits half-way to the next float, and their power of ten."""
    middle = (Fraction(number) + Fraction(nextafter(number, np.inf))) / 2
    places = middle.denominator.bit_length() - 1
    return middle.numerator * 5**places, -places


@given(FINITE.filter(lambda x: isfinite(nextafter(x, np.inf))) | MIDDLING)
def test_next_to_midpoints(number):
    digits, power = midpoint(number)
    tokens = [f"{digits + step}e{power}" for step in (-1, 0, 1)]
    for count in (17, 18, 19):
        cut = max(len(str(abs(digits))) - count, 0)
        tokens += [f"{digits // 10**cut + step}e{power + cut}" for step in (-1, 0, 1, 2)]
    check(tokens)


def nearly_midpoints(power):
    """Integers of up to 19 digits, where this times 10**power is so close to half-way between two
    floats that 100 bits do not tell: denominators of continued fractions."""
    for exponent in range(-7, -1):
        ratio = Fraction(10) ** power
        ratio /= Fraction(2) ** (ratio.numerator.bit_length() - ratio.denominator.bit_length())
        ratio *= Fraction(2) ** exponent
        (n, m), (last_n, last_m) = (1, 0), (0, 1)
        while m < 10**19 and ratio.denominator > 1:
            part = ratio.numerator // ratio.denominator
            (n, m), (last_n, last_m) = (part * n + last_n, part * m + last_m), (n, m)
            if n.bit_length() == 54 and n % 2 and m < 10**19:
                yield m
            ratio = 1 / (ratio - part)


def test_nearly_midpoints():
    tokens = [f"{m}e{power}" for power in range(-270, 271, 10) for m in nearly_midpoints(power)]
    assert len(tokens) > 50
    check(tokens)


@given(st.integers(2**53, 2**63), st.integers(0, 10))
def test_ties_between_integers(whole, zeros):
    tie = whole | 1
    exact = tie << max(0, 54 - tie.bit_length())
    check([f"{number}{tail}" for number in (tie, exact) for tail in ("", ".0", "." + "0" * zeros)])
    check([str(2**53 + 1), str(2**53 + 3), str(2**54 + 2), str(2**54 + 6), "9007199254740993.0"])


ENDS = """
0 -0 0.0 -0.0 -0e5 0e999 0e-999 -0.000e-5 .5 5. -.5e1 +5.e-1
1e308 1.7976931348623157e308 1.7976931348623159e308 1e309 1e999 -1e400
5e-324 2e-324 3e-324 2.2250738585072011e-308 2.2250738585072014e-308 1e-999
1e22 1e23 1e-22 1e-23
9999999999999999999 10000000000000000000 18439999999999999999 18440000000000000000
18446744073709551615 18446744073709551616 99999999999999999999999 0.00012345678901234567
000000000000000000000001 1e0005 1e00000000000005
"""


def test_the_ends_of_the_range():
    check(ENDS.split())
    for token in ENDS.split():
        check([token])


@given(
    st.lists(MIDDLING.map(repr), min_size=1),
    st.lists(
        st.text(
            st.characters(max_codepoint=127, exclude_characters="#,") | st.sampled_from("٣½\u2003"),
            min_size=1,
        )
    ),
    st.randoms(use_true_random=False),
)
def test_anything_else_is_what_float_makes_of_it(numbers, others, random):
    tokens = numbers + others
    random.shuffle(tokens)
    text = " ".join(tokens).encode()
    try:
        expected = np.array([float(token) for token in text.split()])
        if b"_" in text:
            raise ValueError("1_000")
    except ValueError:
        with pytest.raises(ValueError, match="is not a number; separate"):
            numbers_in(text)
    else:
        np.testing.assert_array_equal(numbers_in(text), expected)


BAD = (
    "x 1.5x 1x5 1.2.3 12:45 12/45 1e 1e+ e5 . - + -- +-1 --1 -+1 .e5 1ee5 1e5.0 1.5e+x1 0x1p3 1e--5 "
    "1e+-5 -nan1 infin 1٣.5 1²"
)
WIDEST = '"446744073709551615'  # 2**64 - 1, if 18 were a digit


@pytest.mark.parametrize("token", [*BAD.split(), WIDEST, "1\0", "1\x1f2", "\x1f", "\0"])
def test_bad_numbers_among_good_ones(token):
    for good in ("1.5", "12345", "1.5e+01", "1e5", "1" * 19):
        with pytest.raises(ValueError, match="is not a number; separate"):
            numbers_in(" ".join([*[good] * 9, token, *[good] * 9]).encode())


@pytest.mark.parametrize("separator", ["\n", "\t", " \n ", "\r\n", "\v\f"])
def test_white_space(separator):
    check(["1.5", "-2", "3e5", "nan"] * 5, separator)
    text = separator + separator.join(["1", "2", "-3"]) + separator
    assert numbers_in(text.encode()).tolist() == [1, 2, -3]
    assert numbers_in(b"").shape == numbers_in(separator.encode()).shape == (0,)
