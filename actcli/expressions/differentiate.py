"""Symbolic differentiation: the derivative of a formula, branches included, as a formula."""

from collections.abc import Iterator
from typing import Any

from ..numbers.jet import Jet, slope_of, value_of
from ..numbers.types import Number
from ..numbers.where import where
from .node import RULES, Interpreter, Node, node, operation, rebuilt


def derivative(tree: Node) -> Node:
    """The derivative with respect to x; undefined wherever the formula is.

    At a change of branch it is the slope of the branch taken; where two arguments of max or min are
    equal, the slope of smaller size.
    """
    plain = expanded(tree)
    kinds = Kinds()
    slope = slope_between_ties(plain, kinds, ties=True)
    domain = _Domain(kinds)
    kept = domain(slope)
    for key, condition in domain(plain).items():
        if key not in kept:
            slope = Node("where", (condition, slope, node(float("nan"))))
    return slope


def slope_between_ties(tree: Node, kinds: "Kinds", ties: bool = False) -> Node:
    """The derivative where the formula is defined; with `ties` also where arguments of max are equal."""
    return _slope(_Differentiated(kinds, ties)(tree, Jet(Node("x"), 1)))


def expanded(tree: Node) -> Node:
    """The formula with every grad(...) in it carried out."""
    if not any(part.op == "grad" for part in tree.walk()):
        return tree
    return Interpreter[Node]({"grad": lambda at, part, x: part.args[1]}, rebuilt)(tree)


class Kinds(Interpreter[int]):
    """Numbers for parts of formulas: parts that are written alike have the same."""

    def __init__(self) -> None:
        super().__init__({}, _kind)
        self.kinds: dict[Any, int] = {}

    def of(self, part: Any) -> Any:
        if isinstance(part, Node):
            return self(part)
        return id(part) if hasattr(part, "name") or hasattr(part, "digits") else part


def _kind(at: Kinds, part: Node, x: None) -> int:
    return at.kinds.setdefault((part.op, *map(at.of, part.args)), len(at.kinds))


def _slope(number: Number) -> Node:
    return node(slope_of(number))


class _Differentiated(Interpreter[Number]):
    """Formulas at jets of formulas."""

    def __init__(self, kinds: Kinds, ties: bool) -> None:
        own = {"where": _where, "max": _extremum, "min": _extremum, "**": operation}
        super().__init__(RULES | own, operation)
        self.kinds = kinds
        self.ties = ties

    def chosen(self, condition: Any, a: Number, b: Number) -> Number:
        if isinstance(condition, bool):
            return a if condition else b
        slopes = _slope(a), _slope(b)
        alike = self.kinds.of(slopes[0]) == self.kinds.of(slopes[1])
        slope = slopes[0] if alike else Node("where", (condition, *slopes))
        return Jet(Node("where", (condition, node(value_of(a)), node(value_of(b)))), slope)


def _where(at: _Differentiated, part: Node, x: Number) -> Number:
    condition, *branches = part.args
    if not isinstance(condition, bool):
        condition = condition.read(value_of(x))
    return at.chosen(condition, *(at(branch, x) for branch in branches))


def _extremum(at: _Differentiated, part: Node, x: Number) -> Number:
    a, b = (at(arg, x) for arg in part.args)
    first, second = node(value_of(a)), node(value_of(b))
    over, under = first > second, first < second
    if part.op == "min":
        over, under = under, over
    steep, other = (where(s < 0, -s, s) for s in (_slope(a), _slope(b)))
    tie = steep < other
    if tie is False or not at.ties:
        slope = at.chosen(over, a, b)
    else:
        slope = at.chosen(under, b, a)
        if tie is not True:
            slope = at.chosen(over, a, at.chosen(under, b, at.chosen(tie, a, b)))
    return Jet(Node(part.op, (first, second)), _slope(slope))


def conditions(tree: Node) -> list[Node]:
    """What must hold for every step of a formula to have a value."""
    return list(_Domain(Kinds())(expanded(tree)).values())


class _Domain(Interpreter[dict[Any, Node]]):
    """What must hold for a formula to have a value: u >= 0 or u != 0, of some of its parts.

    The conditions by keys that tell them apart.
    """

    def __init__(self, kinds: Kinds) -> None:
        super().__init__({"where": _where_needs, "use": _use_needs}, _step_needs)
        self.kinds = kinds


def _where_needs(at: _Domain, part: Node, x: None) -> dict[Any, Node]:
    condition, chosen, otherwise = part.args
    if isinstance(condition, bool):
        return at(chosen if condition else otherwise)
    guard = at.kinds.of(condition)
    found = {}
    for branch, taken in ((chosen, Node("not", (condition,))), (otherwise, condition)):
        for key, needed in at(branch).items():
            found[guard, branch is chosen, key] = Node("or", (taken, needed))
    return found | at(condition)


def _use_needs(at: _Domain, part: Node, x: None) -> dict[Any, Node]:
    there = [needed.read(part.args[3]) for needed in at(part.args[2]).values()]
    return {at.kinds.of(needed): needed for needed in there} | at(part.args[3])


def _step_needs(at: _Domain, part: Node, x: None) -> dict[Any, Node]:
    found: dict[Any, Node] = {}
    for arg in part.args:
        if isinstance(arg, Node):
            found |= at(arg)
    if part.op == "call" and part.args[0].name == "tan":
        return found  # no double is a pole, and its slope is not finite there
    for inner, signs in needs(part):
        for sign in signs:
            condition = Node(sign, (inner, node(0)))
            found[at.kinds.of(condition)] = condition
    return found


def needs(part: Node) -> Iterator[tuple[Node, tuple[str, ...]]]:
    """What the last step of a formula needs: u of which sign, ">=" 0 or "!=" 0."""
    op, args = part.op, part.args
    if not part.has_x:
        return
    if op == "/" and args[1].has_x:
        yield args[1], ("!=",)
    elif op == "**" and args[0].has_x:
        power = float(args[1].read(0.0))
        whole = power.is_integer()
        if not whole or power < 0:
            yield args[0], (*((">=",) if not whole else ()), *(("!=",) if power < 0 else ()))
    elif op == "call" and args[0].needs:
        start, sign = args[0].needs
        yield node(start(*args[1:])), (">=", "!=") if sign == ">" else (sign,)
