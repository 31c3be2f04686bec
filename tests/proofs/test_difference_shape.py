"""The shape of a difference, put together from parts, against the shape of the formula as a whole."""

from math import inf

import pytest

import actcli
from actcli.expressions.node import Node
from actcli.proofs.difference_shape import DifferenceShape
from actcli.proofs.points import BUDGET, at
from actcli.proofs.shape import Shape

PAIRS = [
    ("relu", "elu"), ("elu", "celu(alpha=2)"), ("hard_tanh", "hard_swish"), ("selu", "smish"),
    ("step", "sign"), ("relu6", "sine"), ("relu", "leaky_relu"), ("squared_relu", "sparse_plus"),
    ("where(x > 0, sqrt(x), 0)", "relu"), ("where(x != 1, x, 3)", "relu"),
    ("where(x > 1, x**2, x**3)", "where(x > 1, x**2 + 1, x**3 + 1)"), ("abs", "tanh"),
    ("max(x, logistic(x))", "hard_shrink"), ("x*logistic(x)", "x*logistic(x) + exp(-x)"),
]  # fmt: skip


def asked(question, *given):
    """The answer, or the kind of error."""
    try:
        return question(*given)
    except Exception as why:
        return type(why)


def alike(a, b):
    if not (hasattr(a, "low") and hasattr(b, "low")):
        return a == b
    wide = 1e-25 * (1 + abs(a.low))
    return bool(abs(a.low - b.low) < wide and abs(a.high - b.high) < wide)


@pytest.mark.parametrize("ends", [(-inf, inf), (-1, 2)])
@pytest.mark.parametrize("pair", PAIRS)
def test_as_the_difference_itself_tells(pair, ends):
    f, g = (actcli.activation(name).tree for name in pair)
    low, high = map(at, ends)
    joined, whole = DifferenceShape(f, g, low, high), Shape(Node("-", (f, g)), BUDGET, low, high)
    assert joined._joined
    assert set(whole.places) <= set(joined.places)
    for place in whole.places:
        for enough in (0, 1, 3, inf):
            assert asked(joined.order, place, enough) == asked(whole.order, place, enough)
        assert alike(asked(joined.itself, place), asked(whole.itself, place))
        for order in (0, 1):
            theirs = [asked(each.one_sided, place, order) for each in (joined, whole)]
            assert (
                all(map(alike, *theirs)) if isinstance(theirs[1], list) else theirs[0] == theirs[1]
            )
    for side in (-1, 1):
        for order in (0, 1):
            assert alike(asked(joined.limit, side, order), asked(whole.limit, side, order))


def test_two_breakpoints_that_may_be_one_are_asked_of_the_difference():
    f, g = (actcli.activation(name).tree for name in ("max(x, cos(x))", "max(2*x, 2*cos(x))"))
    joined = DifferenceShape(f, g, at(-10), at(10))
    assert not joined._joined
    assert len(joined.places) == 3
