"""Expressions as straight-line programs: every shared part is evaluated once."""

from collections.abc import Callable, Iterable
from typing import Any

from ..numbers.exact import lifted, quotient
from ..numbers.plan import Algebra, CompiledProgram
from ..numbers.types import Number
from .node import OPERATIONS, Node, node, power


class Program:
    """Several formulas as one list of steps, equal parts computed once; runs on any number type.

    Products are ordered so that numbers come first, and sin(u)*cos(u) becomes sin(2*u)/2, which has
    sharp bounds where the product has not; but 2*u may overflow: unless `joined` is False.
    """

    def __init__(self, formulas: Iterable[Any], joined: bool = True) -> None:
        self._joined = joined
        self.steps: list[tuple[str, tuple[Any, ...]]] = []
        self._known: dict[tuple[Any, ...], int] = {}
        self._places: dict[int, int] = {}
        self._kept: list[Node] = []  # so that no id is used twice
        self._plans: dict[Algebra, CompiledProgram] = {}
        self.formulas: list[Node] = []
        self.roots: list[int] = []
        for formula in formulas:
            self.add(formula)

    def add(self, formula: Any) -> None:
        """One more formula; what was planned is planned anew."""
        self.formulas.append(node(formula))
        self.roots.append(self._add(self.formulas[-1]))
        self._plans.clear()

    def _add(self, part: Node) -> int:
        if id(part) in self._places:
            return self._places[id(part)]
        op, args = part.op, part.args
        self._kept.append(part)
        if op == "*":
            place = self._product(self._add(args[0]), self._add(args[1]))
        elif op == "/":
            place = self._quotient(self._add(args[0]), self._add(args[1]))
        elif op == "call":
            place = self._step("call", (args[0], *(self._add(a) for a in args[1:])))
        elif op in ("x", "number", "constant", "name"):
            place = self._step(op, args)
        else:
            place = self._step(op, tuple(self._add(a) for a in args))
        self._places[id(part)] = place
        return place

    def _step(self, op: str, args: tuple[Any, ...]) -> int:
        key = (op, *((id(a) if hasattr(a, "name") or hasattr(a, "digits") else a) for a in args))
        if key not in self._known:
            self._known[key] = len(self.steps)
            self.steps.append((op, args))
        return self._known[key]

    def _quotient(self, a: int, b: int) -> int:
        """Numbers that cancel are left out: the rounding of 2*(w*(sin/2))/w would hide where it is -1."""
        factor: Any = 1
        rest = a
        while self.steps[b][0] == "number" and self.steps[rest][0] == "*":
            first, second = self.steps[rest][1]
            if self.steps[first][0] != "number":
                break
            factor *= self.steps[first][1][0]
            rest = second
        if rest != a and factor == self.steps[b][1][0] != 0:
            return rest
        return self._step("/", (a, b))

    def _product(self, a: int, b: int) -> int:
        first, second = self.steps[a], self.steps[b]
        if second[0] == "number" and first[0] != "number":
            a, b, first, second = b, a, second, first
        for one, other, factors in ((a, b, first), (b, a, second)):
            if factors[0] == "*" and self.steps[factors[1][0]][0] == "number":
                if one == b and first[0] == "number":
                    break
                return self._product(factors[1][0], self._product(factors[1][1], other))
        if self._joined and first[0] == second[0] == "call" and first[1][1:] == second[1][1:]:
            names = {first[1][0].name, second[1][0].name}
            if names == {"sin", "cos"}:
                sine = first[1][0] if first[1][0].name == "sin" else second[1][0]
                two = self._step("number", (2,))
                double = self._step("*", (two, first[1][1]))
                wave = self._step("call", (sine, double, *first[1][2:]))
                return self._step("*", (self._step("number", (quotient(1, 2),)), wave))
        return self._step("*", (a, b))

    def run(self, x: Number) -> list[Number]:
        """The formulas at `x`, in order; numbers and constants alone may come out as floats."""
        if hasattr(x, "algebra"):
            values, whole = self._planned(x)
            return [whole(values[i]) for i in self.roots]
        values = self.trace(x)
        return [values[i] for i in self.roots]

    def bare(self, x: Number) -> list[Any]:
        """The formulas at a number with an algebra, as what such numbers hold: Arb balls, pairs of ends."""
        values, _ = self._planned(x)
        return [values[i] for i in self.roots]

    def steps_at(self, x: Number) -> list[Any]:
        """Every step at a number with an algebra, bare."""
        values, _ = self._planned(x)
        return values

    def trace(self, x: Number) -> list[Number]:
        """Every step at `x`."""
        if hasattr(x, "algebra"):
            planned, whole = self._planned(x)
            return [whole(value) for value in planned]
        values: list[Any] = []
        for op, args in self.steps:
            if op == "x":
                value = x
            elif op == "number":
                value = lifted(args[0], x)
            elif op == "constant":
                value = args[0].like(x)
            elif op == "call":
                value = args[0](*(values[i] for i in args[1:]))
            elif op == "**" and self.steps[args[1]][0] == "number":
                value = values[args[0]] ** power(self.steps[args[1]][1][0], x)
            else:
                value = OPERATIONS[op](*[values[i] for i in args])
            values.append(value)
        return values

    def _planned(self, x: Number) -> tuple[list[Any], Callable[[Any], Number]]:
        """Every step at a number with an algebra, bare, and what makes numbers of them."""
        algebra = x.algebra()
        return self.plan(algebra).run(algebra.bare(x)), algebra.whole

    def plan(self, algebra: Algebra) -> CompiledProgram:
        """The steps in an algebra; made once."""
        known = self._plans.get(algebra)
        if known is None:
            known = self._plans[algebra] = CompiledProgram(self.steps, algebra)
        return known


def alike(a: Node, b: Node) -> bool:
    """Whether two formulas without branches are written alike, but for the order in products."""
    one, other = Program([a, b]).roots
    return one == other


def derivatives(formula: Node, order: int) -> list[Node]:
    """[f, f', ...] up to that order, as trees; of a formula without branches."""
    from ..numbers.jet import Jet, slope_of

    found = [formula]
    for _ in range(order):
        found.append(node(slope_of(found[-1].read(Jet(Node("x"), 1)))))
    return found
