"""The picture of an approximation: its error with the points that it touches."""

import numpy as np

import actcli
from actcli.design.by_polynomial import by_degree, whole_line
from actcli.pictures.approximation import approximation_picture
from actcli.pictures.function import Wanted


def test_touching_points_alternate_at_the_proved_error():
    f = actcli.activation("tanh")
    design = by_degree(f, -3.0, 3.0, 5)
    drawn = approximation_picture(f, design, Wanted())
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
    low, high = approximation_picture(f, design, Wanted()).xlim
    assert (low, high) == (1.5 * design.breakpoints[0], 1.5 * design.breakpoints[1])
