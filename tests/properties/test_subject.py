"""What is asked of a function: its values where branches meet."""

import pytest

import actcli
from actcli.properties import NAMES, answers
from actcli.properties.subject import Subject


def test_a_branch_at_one_place_is_not_that_beside_it():
    """Where branches agree there is no breakpoint between pieces, but conditions differ there."""
    for text in ("hard_shrink:lambd=0", "soft_shrink:lambd=0", "where(x == 1, 1, x)"):
        subject = Subject(actcli.activation(text), 1000, "float64")
        assert [subject.number(x) for x in (0, 1, 2, -3)] == [0, 1, 2, -3]


@pytest.mark.parametrize(
    "text",
    ["hard_shrink:lambd=0", "where(x == 1, 7, x)", "where(x > 0, x, where(x < 0, x, 0))",
     "where(x != 2, gelu(x), 7)*x", "where(abs(x) > 1, elu(x), x)"],
)  # fmt: skip
def test_an_answer_does_not_depend_on_what_was_asked_before(text):
    names = [name for name in NAMES if name != "numerically_stable"]
    together = list(answers(actcli.activation(text), names=names))
    alone = [v for name in names for v in answers(actcli.activation(text), names=[name])]
    assert together == alone
