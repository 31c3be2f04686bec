"""The domain of a typed formula on arrays: nan where a step of it has no value.

Floats go on where mathematics stops: 1/0 is infinite, exp(-1/0) is 0, and a comparison with nan takes a
branch. Zeros of denominators that are plain to see are looked for among the inputs; where a denominator
is 0 only as it is computed, the proofs are asked, for it may have underflowed.
"""

from typing import Any

import numpy as np

from ..expressions.breakpoints import nearest, zeros
from ..expressions.differentiate import conditions
from ..expressions.node import Node, is_total
from ..numbers.distinct import distinct
from ..numbers.types import Array
from .limits import PROVING

MOST = 64  # inputs of one block about which the proofs are asked
_BRANCHING = ("where", "max", "min", "use")  # with them a formula may be 0 on an interval


class FormulaDomain:
    """Where a formula has a value."""

    def __init__(self, tree: Node) -> None:
        self.tree = tree
        self._asked: dict[float, bool] = {}
        foreign = any(part.op == "use" and part.args[2] is None for part in tree.walk())
        listed = [] if foreign or is_total(tree) else conditions(tree)
        self.conditions = [c for c in listed if not _always(c)]

    def clear(self, x: Array, outs: list[Array]) -> None:
        """Put nan where the formula has no value at a float64 block."""
        missing = np.zeros(x.shape, bool)
        for condition in self.conditions:
            missing |= ~np.broadcast_to(self._holds(condition, x), x.shape)
        missing &= np.isfinite(x)
        if missing.any():
            for out in outs:
                out[missing] = np.nan

    def _holds(self, condition: Any, x: Array) -> Array:
        if not isinstance(condition, Node):
            return condition
        op, args = condition.op, condition.args
        if op == "or":
            return self._holds(args[0], x) | self._holds(args[1], x)
        if op == "not":
            return ~np.asarray(self._holds(args[0], x))
        if op == "!=" and args[1].op == "number" and args[1].args[0] == 0:
            return ~self._is_0(args[0], x)
        return condition.read(x)

    def _is_0(self, inner: Node, x: Array) -> Array:
        places = zeros(inner)
        if places is not None and not any(part.op in _BRANCHING for part in inner.walk()):
            return np.isin(x, [nearest(place) for place in places])
        found = np.broadcast_to(np.asarray(inner.read(x)) == 0, x.shape).copy()
        asked = distinct(x[found & np.isfinite(x)])
        if asked.size <= MOST or not all(
            map(self._undefined, asked[:: asked.size // MOST].tolist())
        ):
            for value in asked[:MOST].tolist():
                if not self._undefined(value):
                    found &= x != value
        return found

    def _undefined(self, x: float) -> bool:
        if x not in self._asked:
            from fractions import Fraction

            from ..proofs.domain import undefined
            from ..proofs.points import Undecided, at

            with PROVING:
                try:
                    self._asked[x] = undefined(self.tree, at(Fraction(x)))
                except Undecided:
                    self._asked[x] = False
        return self._asked[x]


def _always(condition: Any) -> bool:
    """Whether a condition is seen to hold everywhere: a formula without zeros that is positive at 0."""
    if not isinstance(condition, Node):
        return bool(condition)
    inner = condition.args[0]
    if condition.op not in (">=", "!=") or not is_total(inner) or zeros(inner) != []:
        return False
    return condition.op == "!=" or bool(inner.read(0.0) > 0)
