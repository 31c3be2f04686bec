"""What is asked of a function: its values where branches meet."""

import actcli
from actcli.properties.subject import Subject


def test_a_branch_at_one_place_is_not_that_beside_it():
    """Where branches agree there is no breakpoint between pieces, but conditions differ there."""
    for text in ("hard_shrink:lambd=0", "soft_shrink:lambd=0", "where(x == 1, 1, x)"):
        subject = Subject(actcli.activation(text), 1000, "float64")
        assert [subject.number(x) for x in (0, 1, 2, -3)] == [0, 1, 2, -3]
