"""Decides whether a place is in the domain of a formula: whether every step has a value there."""

from ..expressions.differentiate import needs
from ..expressions.node import Interpreter, Node, node
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
    choices = choices_at(place)

    def step(at: Interpreter[bool], part: Node, x: None) -> bool:
        if any(at(arg) for arg in part.args if isinstance(arg, Node)):
            return True
        for inner, signs in needs(part):
            sign = choices.order(choices(inner), node(0))
            if (sign < 0 and ">=" in signs) or (sign == 0 and "!=" in signs):
                return True
        return False

    def where(at: Interpreter[bool], part: Node, x: None) -> bool:
        condition, chosen, otherwise = part.args
        if isinstance(condition, Node) and at(condition):
            return True
        return at(chosen if choices.holds(condition) else otherwise)

    def number(at: Interpreter[bool], part: Node, x: None) -> bool:
        return bool(part.args[0] != part.args[0])  # nan

    try:
        return Interpreter[bool]({"number": number, "where": where}, step)(plain(tree))
    except TypeError:
        raise Undecided(f"whether it is defined at {place.number:.6g} stays open") from None
