"""Selects the branch of a formula that holds near a sample, or exactly at a place."""

from fractions import Fraction
from math import pi
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from flint import arb, ctx, fmpq

from ..expressions.canonical import equal, replace
from ..expressions.node import Interpreter, Node, Rule, node, rebuilt
from ..expressions.program import alike
from ..numbers.interval import OPEN, Enclosure, enclosure
from ..primitives import CONSTANTS
from .asymptotics.limits import plain
from .exact_values import at_0, sign_at, value_at
from .points import Place, Undecided

DENOMINATOR = 24  # of a multiple of pi that is tried
SHARP = 400  # bits of it
_COMPARE = {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne}


def resolve(tree: Node, sample: Enclosure) -> Node:
    """Selects the branch that holds at the sample; TypeError if a condition is open there."""
    return _Near(sample)(tree)


def resolve_at(tree: Node, x: Fraction | Node) -> Node:
    """Selects the branch that the formula takes exactly at x, a rational number or a formula without x.

    TypeError if a condition stays open.
    """
    return _Exactly(x)(plain(tree))


def resolve_near(tree: Node, place: Place) -> Node:
    """Selects the branch taken at an isolated root, where formulas with that root are 0."""
    return _Root(place)(plain(tree))


def choices_at(place: Place) -> "_Exactly":
    """How a formula chooses at a place."""
    return _Exactly(Fraction(place.low)) if place.exact else _Root(place)


class _Near(Interpreter[Node]):
    """Formulas without choices: made as at a sample, by the enclosures there; TypeError if one is open."""

    def __init__(self, sample: Enclosure) -> None:
        super().__init__(_RULES, rebuilt)
        self.sample = sample

    def holds(self, condition: Any) -> bool:
        """Whether a condition holds; TypeError if it is open."""
        if isinstance(condition, bool):
            return condition
        op, args = condition.op, condition.args
        if op == "not":
            return not self.holds(args[0])
        if op in ("and", "or"):
            a, b = (self.holds(arg) for arg in args)
            return (a and b) if op == "and" else (a or b)
        return self.compare(op, *(self(arg) for arg in args))

    def value(self, tree: Node) -> Enclosure:
        return value_at(tree, self.sample)

    def inside(self, argument: Node) -> "_Near":
        """The choices in a formula whose x is this argument."""
        return _Near(self.value(argument))

    def compare(self, op: str, a: Node, b: Node) -> bool:
        """A comparison of two formulas by their enclosures; TypeError if it is open."""
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
        if primitive.name == "softsign_cdf":
            return node(1 - 0.5 / (1 + argument) if positive else 0.5 / (1 - argument))
        return self(primitive.formula.read(argument))


def _extremum(at: _Near, part: Node, x: None) -> Node:
    a, b = (at(arg) for arg in part.args)
    return a if at.larger(a, b) == (part.op == "max") else b


def _used(at: _Near, part: Node, x: None) -> Node:
    if part.args[2] is None:
        raise Undecided("nothing is known of the formula of a Python callable")
    argument = at(part.args[3])
    inner = at.inside(argument)(part.args[2])
    return inner if argument.op == "x" else replace(inner, argument)


def _called(at: _Near, part: Node, x: None) -> Node:
    primitive, *args = part.args
    parts = [at(arg) for arg in args]
    return at.smooth(primitive, *parts) if primitive.broken_at_0 else node(primitive(*parts))


_RULES: dict[str, Rule] = {
    **dict.fromkeys(("x", "number", "constant", "name"), lambda at, part, x: part),
    **dict.fromkeys(("max", "min"), _extremum),
    "where": lambda at, part, x: at(part.args[1] if at.holds(part.args[0]) else part.args[2]),
    "use": _used,
    "call": _called,
}


class _Exactly(_Near):
    """Choices made as at a known number, by exact algebra where rounding leaves them open."""

    def __init__(self, x: Fraction | Node) -> None:
        super().__init__(enclosure(node(x).read(enclosure(0))))
        self.x = x

    def compare(self, op: str, a: Node, b: Node) -> bool:
        return bool(_COMPARE[op](self.order(a, b), 0))

    def order(self, a: Node, b: Node) -> int:
        """The sign of a - b; TypeError if it stays open."""
        sign = sign_at(node(a - b), self.x)
        if sign is None:
            raise TypeError("open")
        return sign

    def larger(self, a: Node, b: Node) -> bool:
        return self.order(a, b) > 0

    def smooth(self, primitive: Any, argument: Node) -> Node:
        if self.order(argument, node(0)) == 0:
            return node(at_0(primitive))
        return super().smooth(primitive, argument)


class _Root(_Exactly):
    """Choices made at an isolated root, where the two sides of a condition meet."""

    def __init__(self, place: Place) -> None:
        _Near.__init__(self, place.enclosure)
        self.place = place

    def order(self, a: Node, b: Node) -> int:
        """Also 0 where a - b changes its sign at the root, as no other root is so near, or is 0 at
        the multiple of pi there."""
        gap = node(a - b)
        sign = self.value(gap).sign
        if sign is None and not (self.is_crossed(gap) or is_0_at_multiple_of_pi(gap, self.place)):
            raise TypeError("open")
        return sign or 0

    def is_crossed(self, gap: Node) -> bool:
        """Whether a formula is proved to change its sign within the place."""
        ends = Fraction(self.place.low), Fraction(self.place.high)
        return {sign_at(gap, end) for end in ends} == {-1, 1}


def is_0_at_multiple_of_pi(tree: Node, place: Place) -> bool:
    """Proves that a formula is 0 at a simple multiple of pi that lies within a place; False: not shown."""
    turns = Fraction(place.number / pi).limit_denominator(DENOMINATOR)
    with ctx.workprec(SHARP):
        angle = arb.pi() * arb(fmpq(turns.numerator, turns.denominator))
        if not place.enclosure.low <= angle <= place.enclosure.high:
            return False
    return equal(node(tree.read(node(turns) * node(CONSTANTS["pi"]))), node(0))
