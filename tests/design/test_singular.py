"""Functions with poles are refused by a line that names one of them."""

import pytest

from actcli.design.forms import designed
from actcli.design.request import Entries, Pieces, Request
from actcli.evaluation.function_text import resolve

POLES = {  # in -2:2, and where the range may end that is given as an example
    "1/(x - 0.3)": (0.3, (-2, 0.0125)),
    "1/(x - 0.2999)": (0.2999, (-2, 0.0124)),
    "1/(x**2 - 2)": (-1.41421, (-1.06, 1.06)),
    "1/(exp(x) - 2)": (0.693147, (-2, 0.356)),
    "tan(x)": (-1.5708, (-1.18, 1.18)),
    "log(x + 2)": (-2, (-1.5, 2)),
    "where(x > 0, 1/x, 0)": (0, (-2, -0.25)),
}
REQUESTS = [
    Request(degree=4),
    Request("rational", degree=3, under=2),
    Request("piecewise", pieces=Pieces(segments=4)),
    Request("table", entries=Entries(points=9)),
]


@pytest.mark.parametrize("text", POLES)
@pytest.mark.parametrize("request_", REQUESTS, ids=lambda r: r.by)
def test_a_pole_is_named_with_a_range_that_has_none(text, request_):
    pole, (low, high) = POLES[text]
    with pytest.raises(ValueError, match="has no bound beside") as refused:
        designed(resolve(text), request_._replace(limits=(-2.0, 2.0)))
    told = str(refused.value)
    assert float(told.split("beside ")[1].split(",")[0]) == pytest.approx(pole)
    shown = [float(end) for end in told.split("-r ")[1].split(":")]
    assert shown == pytest.approx([low, high], rel=0.05)


def test_a_hole_that_can_be_filled_is_none():
    found = designed(resolve("tanh(x)/x"), Request(degree=4, limits=(-1.0, 2.0)))
    assert found.error_low > 0


def test_the_whole_line_is_refused_by_a_pole_too():
    with pytest.raises(ValueError, match=r"has no bound beside 0\.3"):
        designed(resolve("1/(x - 0.3)"), Request(degree=4))
