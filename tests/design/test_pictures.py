"""The picture of an approximation: its error with the points that it touches."""

import numpy as np

import actcli
from actcli.design.by_polynomial import by_degree, whole_line
from actcli.design.forms import designed
from actcli.design.request import Conditions, Entries, Pieces, Request
from actcli.pictures.approximation import approximation_picture
from actcli.pictures.function import PictureRequest


def test_touching_points_alternate_at_the_proved_error():
    f = actcli.activation("tanh")
    design = by_degree(f, -3.0, 3.0, 5)
    drawn = approximation_picture(f, design, PictureRequest())
    (residual,) = drawn.residuals
    x, errors = np.array(residual.touching).T
    np.testing.assert_array_equal(x, design.attained_at)
    np.testing.assert_allclose(np.abs(errors), design.error_high, rtol=1e-6)
    assert (np.sign(errors[1:]) == -np.sign(errors[:-1])).sum() >= 6
    assert [c.behind for c in drawn.curves] == [True, False]
    assert drawn.xlim == (-3, 3)


def test_the_whole_line_is_shown_as_far_as_the_asymptotes_begin():
    f = actcli.activation("gelu")
    design = whole_line(f, 4, None)
    low, high = approximation_picture(f, design, PictureRequest()).xlim
    assert (low, high) == (1.5 * design.breakpoints[0], 1.5 * design.breakpoints[1])


def test_a_relative_design_is_drawn_by_its_relative_error():
    f = actcli.activation("gelu")
    design = by_degree(f, -1.0, 1.0, 5, Conditions(relative=True))
    (residual,) = approximation_picture(f, design, PictureRequest()).residuals
    assert residual.kind == "relative error"
    np.testing.assert_allclose(
        np.abs([y for _, y in residual.touching]), design.error_low, rtol=1e-5
    )
    assert max(np.abs(y).max() for _, y in residual.pieces) <= design.error_high * (1 + 1e-9)


def test_the_largest_error_is_marked_where_it_is_proved_and_a_refit_says_what_it_found():
    design = designed(actcli.activation("gelu"), Request(by="x*sigmoid(c*x)"))
    drawn = approximation_picture(actcli.activation("gelu"), design, PictureRequest())
    assert drawn.residuals[0].largest[0] == min(design.attained_at, key=lambda x: (abs(x), x < 0))
    assert drawn.curves[-1].label == "refit c = 1.77293"


def test_a_table_is_called_by_its_points():
    asked = Request(by="table", limits=(-4.0, 4.0), entries=Entries(points=9))
    drawn = approximation_picture(
        actcli.activation("gelu"), designed(actcli.activation("gelu"), asked), PictureRequest()
    )
    assert drawn.curves[-1].label == "table of 9 points"


def test_an_error_far_out_is_in_the_picture():
    """1 at 100, where the asymptote misses a bump; 0.04 where the polynomial is."""
    f = actcli.activation("tanh(x) + exp(-(x - 100)**2)")
    (residual,) = approximation_picture(f, whole_line(f, 3, None), PictureRequest()).residuals
    assert residual.largest[0] == 100
    np.testing.assert_allclose(residual.largest[1], -1)


def test_segments_that_are_used_are_named_where_more_were_asked_for():
    f = actcli.activation("tanh")  # odd: six are no better than five
    design = designed(f, Request("piecewise", pieces=Pieces(segments=6)))
    drawn = approximation_picture(f, design, PictureRequest())
    assert (design.segments, drawn.curves[-1].label) == (6, "5 segments")
