"""What is refused of any form: ranges in which doubles do not tell places, or their squares, apart."""

import mpmath
import numpy as np
import pytest

from actcli.design.forms import designed
from actcli.design.request import Entries, Pieces, Request
from actcli.evaluation.function_text import resolve

FORMS = [
    Request("polynomial", degree=3), Request("rational", degree=3, under=2),
    Request("piecewise", pieces=Pieces(segments=3)),
]  # fmt: skip


@pytest.mark.parametrize("asked", FORMS)
@pytest.mark.parametrize(
    ("limits", "message"),
    [
        ((-1e308, 1e308), "-r -1e[+]308:1e[+]308: ends are 1e[+]150 in size at most"),
        ((0.0, 5e-324), "-r 0.0:5e-324: ends are 64 doubles apart at least"),
        ((1.0, 1.0000000000000002), "64 doubles apart"),
    ],
)
def test_ranges_that_doubles_do_not_hold_are_refused(asked, limits, message):
    with pytest.raises(ValueError, match=message):
        designed(resolve("tanh"), asked._replace(limits=limits))


def test_a_refit_takes_any_range():
    """Of a line through 0 to half of x or 0 on so wide a range."""
    design = designed(resolve("relu"), Request("a*x", limits=(-1e308, 1e308)))
    assert design.coefficients["a"] == pytest.approx(0.5)
    assert design.error_high == pytest.approx(5e307)


def test_numbers_beyond_doubles_are_told(monkeypatch):
    def beyond(*_):
        return 10.0**400

    monkeypatch.setattr("actcli.design.by_polynomial.by_degree", beyond)
    with pytest.raises(ValueError, match="--by polynomial meets numbers beyond 1e308"):
        designed(resolve("tanh"), Request(limits=(-1.0, 1.0), degree=3))


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("hard_tanh", Request("piecewise", pieces=Pieces(segments=3))),
        ("relu6", Request("piecewise", pieces=Pieces(segments=4))),
        ("relu", Request("table", (-2.0, 2.0), entries=Entries(points=5))),
        ("softsign", Request("rational", (0.0, 2.0), degree=1, under=1)),
    ],
)
def test_what_is_of_the_kind_has_error_0_which_none_is_below(text, asked):
    design = designed(resolve(text), asked)
    assert (design.error_low, design.error_high, design.optimum_low) == (0, 0, 0)
    assert not design.attained_at


def test_a_point_beside_is_no_error_of_0():
    """That is 1e-45 off at 1, where the lines are 0."""
    asked = Request("piecewise", (-1.0, 2.0), pieces=Pieces(breakpoints="0,1", jumps=True))
    design = designed(resolve("where(x == 1, 1e-45, max(0, -x))"), asked)
    assert 0 < design.error_high < 1e-40


@pytest.mark.parametrize(
    ("text", "limits", "degree", "segments"),
    [
        ("hard_swish", (-8.0, 0.0), 2, 2),
        ("abs(x - 0.3) + exp(x)", (-2.0, 2.0), 4, 5),
        ("leaky_relu", (-2.0, 6.0), 1, 7),
        ("tanh", (-3.0, 3.0), 3, 4),
    ],
)
def test_segments_touch_where_they_are_said_to_at_kinks_too(text, limits, degree, segments):
    f = resolve(text)
    pieces = Pieces(segments=segments, uniform=True)
    design = designed(f, Request("piecewise", limits, degree=degree, pieces=pieces))
    for x in design.attained_at:
        parts = [c for low, high, c in design.parts if low <= x <= high]
        off = [abs(float(f(x)) - np.polynomial.polynomial.polyval(x, c)) for c in parts]
        assert max(off) == pytest.approx(design.error_high, rel=1e-5)
    assert design.attained_at


@pytest.mark.parametrize(
    "asked",
    [
        Request("polynomial", (0.0, 1.0), degree=1),
        Request("rational", (0.0, 1.0), degree=1, under=1),
        Request("piecewise", (0.0, 1.0), pieces=Pieces(segments=1)),
    ],
)
@pytest.mark.parametrize(
    ("text", "jump"),
    [("where(x == 1, 1 + 1e-40, x)", 1e-40), ("where(x == 0, 1e-60, x)", 1e-60)],
)
def test_a_hair_at_an_end_is_an_error(asked, text, jump):
    """Half of which no line can be below."""
    design = designed(resolve(text), asked)
    assert design.error_high >= jump / 2
    assert design.optimum_low is None or design.optimum_low <= jump / 2


ENDS = {  # ranges whose doubles lie on the wrong side of an end as it is written: 1/10, 3/10
    "where(x <= 0.1, 5, x)": (0.1, 1.0), "where(x < 0.3, 5, x)": (0.3, 1.0),
    "where(x >= 0.3, 5, x)": (0.0, 0.3), "where(x > 0.1, 5, x)": (0.0, 0.1),
}  # fmt: skip


@pytest.mark.parametrize("asked", FORMS)
@pytest.mark.parametrize("text", ENDS)
def test_a_range_that_ends_at_a_jump_as_written_has_no_false_error(asked, text):
    """The double next to 1/10 or 3/10 lies beyond the jump, or f there is not what it is as written."""
    with pytest.raises(ValueError, match=r"jumps at 0[.][13], which is no double"):
        designed(resolve(text), asked._replace(limits=ENDS[text]))


@pytest.mark.parametrize(
    ("text", "low"),
    [("where(x < 0.1, 5, x)", 0.1), ("where(x < 0.5, 5, x)", 0.5), ("relu(x - 0.3)", 0.3)],
)
def test_a_range_that_ends_beside_a_jump_is_taken(text, low):
    design = designed(resolve(text), Request(degree=1, limits=(low, 1.0)))
    assert design.error_high < 1e-15


@pytest.mark.parametrize(("degree", "segments"), [(8, 3), (10, 2), (9, 4)])
def test_places_of_errors_near_rounding_are_touched(degree, segments):
    """Doubles tell errors of 1e-12 to a thousandth, and of 1e-15 not at all."""
    asked = Request(
        "piecewise", (-1.0, 1.0), degree, pieces=Pieces(segments=segments, uniform=True)
    )
    design = designed(resolve("exp(x)"), asked)
    assert 1e-16 < design.error_high < 1e-11
    assert design.attained_at
    for x in design.attained_at:
        (part, *_) = [c for low, high, c in design.parts if low <= x < high or x == high == 1]
        with mpmath.workdps(40):
            off = sum(mpmath.mpf(c) * mpmath.mpf(x) ** k for k, c in enumerate(part)) - mpmath.exp(
                x
            )
            assert abs(off) >= design.error_low * (1 - 2e-5)
