"""The branch of a formula that holds near a sample, or exactly at a place."""

from fractions import Fraction
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from ..numbers.canonical import replace
from ..numbers.enclosure import OPEN, Enclosure, enclosure
from ..numbers.recorder import BROKEN_AT_0, Node, alike, node
from .places import Undecided
from .values import rational, value_at

ALIKE = 1e-15  # at a root that is known to 1e-26
_COMPARE = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}


def resolve(tree: Node, sample: Enclosure) -> Node:
    """The formula with every choice made as at the sample; TypeError if one is open there."""
    return _Near(sample).branch(tree)


def resolve_at(tree: Node, x: Fraction) -> Node:
    """The branch that the formula takes exactly at x; TypeError if a condition stays open."""
    return _Exactly(x).branch(tree)


def resolve_near(tree: Node, place: Enclosure) -> Node:
    """The branch taken at a place that is known to 1e-26: values that cannot be told apart are equal."""
    return _Root(place).branch(tree)


class _Near:
    """Choices made as at a sample, by the enclosures there."""

    def __init__(self, sample: Enclosure) -> None:
        self.sample = sample

    def branch(self, tree: Node) -> Node:
        op, args = tree.op, tree.args
        if op in ("x", "number", "constant", "name"):
            return tree
        if op == "where":
            return self.branch(args[1] if self.holds(args[0]) else args[2])
        if op in ("max", "min"):
            a, b = (self.branch(arg) for arg in args)
            return a if self.larger(a, b) == (op == "max") else b
        if op == "use":
            if args[2] is None:
                raise Undecided("nothing is known of the formula of a Python callable")
            argument = self.branch(args[3])
            inner = self.inside(argument).branch(args[2])
            return inner if argument.op == "x" else replace(inner, argument)
        parts: tuple[Any, ...] = tuple(self.branch(a) if isinstance(a, Node) else a for a in args)
        if op != "call":
            return Node(op, parts)
        return self.smooth(*parts) if args[0].name in BROKEN_AT_0 else node(args[0](*parts[1:]))

    def holds(self, condition: Any) -> bool:
        if isinstance(condition, bool):
            return condition
        op, args = condition.op, condition.args
        if op == "not":
            return not self.holds(args[0])
        if op in ("and", "or"):
            a, b = (self.holds(arg) for arg in args)
            return (a and b) if op == "and" else (a or b)
        return self.compare(op, *(self.branch(arg) for arg in args))

    def value(self, tree: Node) -> Enclosure:
        return value_at(tree, self.sample)

    def inside(self, argument: Node) -> "_Near":
        """The choices in a formula whose x is this argument."""
        return _Near(self.value(argument))

    def compare(self, op: str, a: Node, b: Node) -> bool:
        answer = _COMPARE[op](self.value(a), self.value(b))
        if answer is OPEN:
            raise TypeError("open")
        return bool(answer)

    def larger(self, a: Node, b: Node) -> bool:
        return alike(a, b) or self.compare(">", a, b)

    def smooth(self, primitive: Any, argument: Node) -> Node:
        """abs and the like on one side of their kink."""
        positive = self.compare(">", argument, node(0))
        if primitive.name == "abs":
            return argument if positive else node(-argument)
        if primitive.name == "sign":
            return node(1 if positive else -1)
        if primitive.name == "softsign":
            return node(1 - 1 / (1 + argument) if positive else 1 / (1 - argument) - 1)
        return node(1 - 0.5 / (1 + argument) if positive else 0.5 / (1 - argument))


class _Exactly(_Near):
    """Choices made as at a rational number, exactly where the values are rational too."""

    def __init__(self, x: Fraction) -> None:
        super().__init__(enclosure(x))
        self.x = x

    def inside(self, argument: Node) -> _Near:
        known = rational(argument, self.x)
        return super().inside(argument) if known is None else _Exactly(known)

    def compare(self, op: str, a: Node, b: Node) -> bool:
        return bool(_COMPARE[op](self.order(a, b), 0))

    def order(self, a: Node, b: Node) -> int:
        """The sign of a - b; TypeError if it stays open."""
        gap = node(a - b)
        exactly = rational(gap, self.x)
        if exactly is not None:
            return (exactly > 0) - (exactly < 0)
        sign = self.value(gap).sign
        if sign is None:
            raise TypeError("open")
        return sign

    def larger(self, a: Node, b: Node) -> bool:
        return self.order(a, b) > 0

    def smooth(self, primitive: Any, argument: Node) -> Node:
        if self.order(argument, node(0)) == 0:
            return node(0.5 if primitive.name == "softsign_cdf" else 0)
        return super().smooth(primitive, argument)


class _Root(_Exactly):
    """Choices made at an isolated root, where the two sides of a condition meet."""

    def __init__(self, place: Enclosure) -> None:
        _Near.__init__(self, place)

    def inside(self, argument: Node) -> _Near:
        return _Root(self.value(argument))

    def order(self, a: Node, b: Node) -> int:
        gap = self.value(node(a - b))
        if gap.sign is None and not gap.magnitude < ALIKE:
            raise TypeError("open")
        return gap.sign or 0
