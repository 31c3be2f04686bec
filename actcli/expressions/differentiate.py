"""Symbolic differentiation: the derivative of a formula, branches included, as a formula."""

from collections.abc import Iterator
from typing import Any

from ..numbers.jet import Jet, slope_of, value_of
from ..numbers.types import Number
from ..numbers.where import where
from .node import OPERATIONS, Node, node


def derivative(tree: Node) -> Node:
    """The derivative with respect to x; undefined wherever the formula is.

    At a change of branch it is the slope of the branch taken; where two arguments of max or min are
    equal, the slope of smaller size.
    """
    plain = expanded(tree)
    kinds = Kinds()
    slope = slope_between_ties(plain, kinds, ties=True)
    domain = _Domain(kinds)
    kept = domain.of(slope)
    for key, condition in domain.of(plain).items():
        if key not in kept:
            slope = Node("where", (condition, slope, node(float("nan"))))
    return slope


def slope_between_ties(tree: Node, kinds: "Kinds", ties: bool = False) -> Node:
    """The derivative where the formula is defined; with `ties` also where arguments of max are equal."""
    return _slope(_Differentiated(kinds, ties).at(tree, Jet(Node("x"), 1)))


def expanded(tree: Node) -> Node:
    """The formula with every grad(...) in it carried out."""
    if not any(part.op == "grad" for part in tree.walk()):
        return tree
    known: dict[int, Node] = {}

    def written(part: Node) -> Node:
        if part.op == "grad":
            return part.args[1]  # type: ignore[no-any-return]
        if id(part) not in known:
            parts = (written(a) if isinstance(a, Node) else a for a in part.args)
            known[id(part)] = Node(part.op, tuple(parts))
        return known[id(part)]

    return written(tree)


class Kinds:
    """Numbers for parts of formulas: parts that are written alike have the same."""

    def __init__(self) -> None:
        self.places: dict[int, int] = {}
        self.kinds: dict[Any, int] = {}
        self.kept: list[Node] = []  # so that no id is used twice

    def of(self, part: Any) -> Any:
        if not isinstance(part, Node):
            return id(part) if hasattr(part, "name") or hasattr(part, "digits") else part
        if id(part) not in self.places:
            key = (part.op, *(self.of(arg) for arg in part.args))
            self.places[id(part)] = self.kinds.setdefault(key, len(self.kinds))
            self.kept.append(part)
        return self.places[id(part)]


def _slope(number: Number) -> Node:
    return node(slope_of(number))


class _Differentiated:
    """Parts of formulas at jets of formulas, each once."""

    def __init__(self, kinds: Kinds, ties: bool) -> None:
        self.kinds = kinds
        self.ties = ties
        self.known: dict[tuple[int, int], Number] = {}
        self.kept: list[Number] = []  # so that no id is used twice

    def at(self, part: Node, x: Number) -> Number:
        key = id(part), id(x)
        if key not in self.known:
            self.known[key] = self._at(part, x)
            self.kept += [part, x]
        return self.known[key]

    def _at(self, part: Node, x: Number) -> Number:
        op, args = part.op, part.args
        if op == "use":
            return self.at(args[2], self.at(args[3], x))
        if op == "call":
            return args[0](*(self.at(a, x) for a in args[1:]))
        if op == "where":
            condition = args[0]
            if not isinstance(condition, bool):
                condition = condition.read(value_of(x))
            return self._chosen(condition, self.at(args[1], x), self.at(args[2], x))
        if op in ("max", "min"):
            a, b = self.at(args[0], x), self.at(args[1], x)
            first, second = node(value_of(a)), node(value_of(b))
            over = first > second if op == "max" else first < second
            under = first < second if op == "max" else first > second
            steep, other = (where(s < 0, -s, s) for s in (_slope(a), _slope(b)))
            tie = steep < other
            if tie is False or not self.ties:
                slope = self._chosen(over, a, b)
            else:
                slope = self._chosen(under, b, a)
                if tie is not True:
                    slope = self._chosen(over, a, self._chosen(under, b, self._chosen(tie, a, b)))
            return Jet(Node(op, (first, second)), _slope(slope))
        if op in OPERATIONS:
            return OPERATIONS[op](*[self.at(a, x) for a in args])
        return part.read(x)

    def _chosen(self, condition: Any, a: Number, b: Number) -> Number:
        if isinstance(condition, bool):
            return a if condition else b
        slopes = _slope(a), _slope(b)
        alike = self.kinds.of(slopes[0]) == self.kinds.of(slopes[1])
        slope = slopes[0] if alike else Node("where", (condition, *slopes))
        return Jet(Node("where", (condition, node(value_of(a)), node(value_of(b)))), slope)


def conditions(tree: Node) -> list[Node]:
    """What must hold for every step of a formula to have a value."""
    return list(_Domain(Kinds()).of(expanded(tree)).values())


class _Domain:
    """What must hold for a formula to have a value: u >= 0 or u != 0, of some of its parts."""

    def __init__(self, kinds: Kinds) -> None:
        self.kinds = kinds
        self.known: dict[int, dict[Any, Node]] = {}

    def of(self, part: Node) -> dict[Any, Node]:
        """The conditions by keys that tell them apart."""
        if id(part) not in self.known:
            self.kinds.of(part)  # which keeps it
            self.known[id(part)] = self._of(part)
        return self.known[id(part)]

    def _of(self, part: Node) -> dict[Any, Node]:
        op, args = part.op, part.args
        found: dict[Any, Node] = {}
        if op == "where":
            condition = args[0]
            if isinstance(condition, bool):
                return self.of(args[1] if condition else args[2])
            guard = self.kinds.of(condition)
            for branch, taken in ((args[1], Node("not", (condition,))), (args[2], condition)):
                for key, needed in self.of(branch).items():
                    found[guard, branch is args[1], key] = Node("or", (taken, needed))
            return found | self.of(condition)
        if op == "use":
            for needed in self.of(args[2]).values():
                there = needed.read(args[3])
                found[self.kinds.of(there)] = there
            return found | self.of(args[3])
        for arg in args:
            if isinstance(arg, Node):
                found |= self.of(arg)
        for inner, signs in needs(part):
            for sign in signs:
                condition = Node(sign, (inner, node(0)))
                found[self.kinds.of(condition)] = condition
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
    elif op == "call" and args[0].name in _STARTS:
        start, signs = _STARTS[args[0].name]
        yield node(start(args[1])), signs


_STARTS: dict[str, Any] = {
    "log": (lambda u: u, (">=", "!=")),
    "log1p": (lambda u: 1 + u, (">=", "!=")),
    "sqrt": (lambda u: u, (">=",)),
    "atanh": (lambda u: 1 - u * u, (">=", "!=")),
}
