"""The domain of a formula: whether every step of it has a value at a place."""

from collections.abc import Iterator
from typing import Any

from ..numbers.differentiate import needs
from ..numbers.recorder import Node, node
from ..primitives import PRIMITIVES
from .branches import choices_at
from .germ.reading import plain
from .places import Place, Undecided


class NotDefined(Undecided):
    """The formula has no value on an interval; `x` is a number in it."""

    def __init__(self, x: float) -> None:
        super().__init__(f"it is not defined at {x:.6g}; ask on an interval with -r LOW:HIGH")
        self.x = x


def undefined(tree: Node, place: Place) -> bool:
    """Whether a formula is proved to have no value at a place; False: it has; Undecided if open."""
    try:
        return _undefined(plain(tree), choices_at(place))
    except TypeError:
        raise Undecided(f"whether it is defined at {place.number:.6g} stays open") from None


def _undefined(part: Any, choices: Any) -> bool:
    """A TypeError says that it stays open."""
    if not isinstance(part, Node) or part.op in ("x", "number", "constant"):
        return isinstance(part, Node) and part.op == "number" and part.args[0] != part.args[0]
    op, args = part.op, part.args
    if op == "where":
        if _undefined(args[0], choices):
            return True
        return _undefined(args[1] if choices.holds(args[0]) else args[2], choices)
    if any(_undefined(arg, choices) for arg in args):
        return True
    for inner, signs in needed(part):
        sign = choices.order(choices.branch(inner), node(0))
        if (sign < 0 and ">=" in signs) or (sign == 0 and "!=" in signs):
            return True
    return False


def needed(part: Node) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """What the last step of a formula needs: u, and whether it must be >= 0 or != 0."""
    yield from needs(part)
    if part.op == "call" and part.args[0].name == "tan" and part.has_x:
        yield node(PRIMITIVES["cos"](*part.args[1:])), ("!=",)
