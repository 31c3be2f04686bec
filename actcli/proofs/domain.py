"""Decides whether a place is in the domain of a formula: whether every step has a value there."""

from typing import Any

from ..expressions.differentiate import needs
from ..expressions.node import Node, node
from .asymptotics.limits import plain
from .branches import choices_at
from .points import Place, Undecided


class NotDefined(Undecided):
    """The formula has no value on an interval; `x` is a number in it."""

    def __init__(self, x: float) -> None:
        super().__init__(f"it is not defined at {x:.6g}; ask on an interval with -r LOW:HIGH")
        self.x = x


def undefined(tree: Node, place: Place) -> bool:
    """Decides whether a formula has no value at a place; Undecided if that stays open."""
    try:
        return _Steps(choices_at(place)).undefined(plain(tree))
    except TypeError:
        raise Undecided(f"whether it is defined at {place.number:.6g} stays open") from None


class _Steps:
    """The steps of a formula at a place, each looked at once."""

    def __init__(self, choices: Any) -> None:
        self.choices = choices
        self.known: dict[int, tuple[Any, bool]] = {}

    def undefined(self, part: Any) -> bool:
        """Whether a step has no value; a TypeError says that it stays open."""
        if not isinstance(part, Node):
            return False
        if id(part) not in self.known:
            self.known[id(part)] = part, self._undefined(part)
        return self.known[id(part)][1]

    def _undefined(self, part: Node) -> bool:
        op, args = part.op, part.args
        if op == "number":
            return bool(args[0] != args[0])
        if op == "where":
            if self.undefined(args[0]):
                return True
            return self.undefined(args[1] if self.choices.holds(args[0]) else args[2])
        if any(self.undefined(arg) for arg in args):
            return True
        for inner, signs in needs(part):
            sign = self.choices.order(self.choices.branch(inner), node(0))
            if (sign < 0 and ">=" in signs) or (sign == 0 and "!=" in signs):
                return True
        return False
