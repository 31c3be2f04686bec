"""Programs as plans: lists of functions to call, with what has no x worked out once."""

import operator
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

from .types import Number


@dataclass(frozen=True, eq=False)
class Algebra:
    """The arithmetic of a number type at one precision, on what its numbers hold.

    `bare` and `whole` lead there and back; `apply` gives the function that applies a primitive,
    `raised` the one that raises to an exact exponent.
    """

    bare: Callable[[Number], Any]
    whole: Callable[[Any], Number]
    lift: Callable[[Number], Any]
    apply: Callable[[Any], Callable[..., Any]]
    raised: Callable[[Number], Callable[[Any], Any]]
    quotient: Callable[[Any, Any], Any] = operator.truediv
    maximum: Callable[[Any, Any], Any] | None = None
    minimum: Callable[[Any, Any], Any] | None = None
    power: Callable[[Any, Any], Any] = operator.pow
    sum: Callable[[Any, Any], Any] = operator.add
    difference: Callable[[Any, Any], Any] = operator.sub
    product: Callable[[Any, Any], Any] = operator.mul
    opposite: Callable[[Any], Any] = operator.neg
    guard: Callable[[], Any] | None = None  # what a program runs within

    def function(self, op: str, args: tuple[Any, ...], steps: Any) -> tuple[Any, tuple[int, ...]]:
        """What a step calls, and the places of what it is called with."""
        if op == "call":
            return self.apply(args[0]), args[1:]
        if op == "**" and steps[args[1]][0] == "number":
            return self.raised(steps[args[1]][1][0]), args[:1]
        known: dict[str, Any] = {
            "+": self.sum, "-": self.difference, "*": self.product, "neg": self.opposite,
            "/": self.quotient, "**": self.power, "max": self.maximum, "min": self.minimum,
        }  # fmt: skip
        return known[op], args


class CompiledProgram:
    """The steps of a program in one algebra."""

    def __init__(self, steps: list[tuple[str, tuple[Any, ...]]], algebra: Algebra) -> None:
        self.start: list[Any] = [None] * len(steps)
        self.x = -1
        self.moves: list[tuple[int, Any, int, int]] = []  # place, function, one or two places
        self.guard = algebra.guard
        with (self.guard or nullcontext)():
            self._plan(steps, algebra)

    def _plan(self, steps: list[tuple[str, tuple[Any, ...]]], algebra: Algebra) -> None:
        for place, (op, args) in enumerate(steps):
            if op == "x":
                self.x = place
            elif op in ("number", "constant"):
                self.start[place] = algebra.lift(args[0])
            else:
                function, given = algebra.function(op, args, steps)
                if all(self.start[i] is not None for i in given):
                    self.start[place] = function(*(self.start[i] for i in given))
                else:
                    self.moves.append((place, function, given[0], (*given, -1)[1]))

    def run(self, x: Any) -> list[Any]:
        """Every step at a bare number."""
        if self.guard is None:
            return self._run(x)
        with self.guard():
            return self._run(x)

    def _run(self, x: Any) -> list[Any]:
        values = self.start.copy()
        if self.x >= 0:
            values[self.x] = x
        for place, function, i, j in self.moves:
            values[place] = function(values[i]) if j < 0 else function(values[i], values[j])
        return values
