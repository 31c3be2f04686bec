"""The difference of two formulas, piece by piece."""

from fractions import Fraction
from functools import cached_property
from math import inf, isfinite
from typing import Any

from flint import arb

from ..expressions.canonical import equal
from ..expressions.node import Node, node
from ..expressions.program import Program
from ..numbers.interval import Enclosure, enclosure
from .approach import extended
from .branches import resolve_at
from .difference_shape import DifferenceShape
from .exact_values import values_at
from .far_form import split
from .points import Place, at, between, written
from .shape import Shape
from .sweep import Pair

ALIKE = arb("1e-25")


class FormulaDifference:
    """The difference of two formulas over the line or over an interval."""

    def __init__(self, f: Node, g: Node, limits: tuple[float, float] | None = None) -> None:
        self.tree = Node("-", (f, g))
        self.limits = limits
        self._readings: dict[tuple[int, int], list[Node]] = {}
        self._programs: dict[tuple[int, int, int], Program] = {}

    def anew(self) -> "FormulaDifference":
        """The same, of which nothing is known yet."""
        f, g = self.tree.args
        return FormulaDifference(f, g, self.limits)

    @cached_property
    def shape(self) -> Shape:
        return DifferenceShape(*self.tree.args, *map(written, self.limits or (-inf, inf)))

    @cached_property
    def parts(self) -> list[tuple[int, Place, Place]]:
        """Pieces of the difference: index, low, high."""
        return [(index, piece.low, piece.high) for index, piece in enumerate(self.shape.pieces)]

    @cached_property
    def breakpoints(self) -> list[Place]:
        """Breakpoints within the interval, and its ends."""
        return self.shape.places

    @cached_property
    def constants(self) -> dict[int, float]:
        """The pieces on which the difference is shown to be a constant, such as 0."""
        found = {}
        for index, piece in enumerate(self.shape.pieces):
            if piece.tree.op != "-" or len(piece.tree.args) != 2:
                continue
            a, b = piece.tree.args
            places = piece.inside, between(piece.low, at(piece.inside))
            one, other = (enclosure(piece.tree.read(enclosure(x))) for x in places)
            gap = size_of(one - other)[1]
            if not (one.finite and gap < ALIKE * (1 + abs(one.low))):
                continue
            value = 0.0 if size_of(one)[1] < ALIKE else float(((one.low + one.high) / 2).mid())
            if isfinite(value) and equal(a, node(b + value)):
                found[index] = value
        return found

    @cached_property
    def pairs(self) -> dict[int, Pair]:
        """The pieces that are no constant, as differences of two formulas that are read one by one."""
        return {
            index: Pair(*_terms(piece.tree), piece.low, piece.high)
            for index, piece in enumerate(self.shape.pieces)
            if index not in self.constants
        }

    def trees(self, index: int, side: int, order: int) -> list[Node]:
        """[d, d', ...] of a piece as it is read on a side: -1, 1, or 0 for the middle."""
        key = (index, side)
        if key not in self._readings:
            tree = self.shape.pieces[index].tree
            if index in self.constants:
                tree = node(self.constants[index])
            elif side:
                tree = split(tree, side)
            self._readings[key] = [tree]
        return extended(self._readings[key], order)

    def program(self, index: int, side: int, order: int) -> Program:
        """d^(order) and its next two derivatives."""
        key = (index, side, order)
        if key not in self._programs:
            self._programs[key] = Program(self.trees(index, side, order + 2)[order : order + 3])
        return self._programs[key]

    def read(self, index: int, side: int, order: int, x: Enclosure) -> list[Enclosure]:
        """d^(order) and its next two derivatives at x."""
        if index in self.pairs:
            return self.pairs[index].at(side, order, x)
        return read(self.program(index, side, order), x)

    def itself(self, place: Place) -> Enclosure:
        """d at a breakpoint or an end; exactly where the branches taken there are shown to be equal."""
        here = self.shape.itself(place)
        if here.finite and place.exact and self.constants:
            branch = resolve_at(self.tree, Fraction(place.low))
            if branch.op == "-" and equal(*branch.args):
                return enclosure(0)
        return here


def _terms(tree: Node) -> tuple[Node, Node]:
    """What a formula is the difference of: maybe of itself and 0."""
    return tree.args if tree.op == "-" else (tree, node(0))


def read(program: Program, x: Enclosure) -> list[Enclosure]:
    """The formulas of a program on a cell, or at a point, where every step needs a value."""
    found = values_at(program, x) if x.low == x.high else program.run(x)
    return [enclosure(v) for v in found]


def size_of(value: Any) -> tuple[Any, Any]:
    """Bounds of the absolute value."""
    value = value if isinstance(value, Enclosure) else Enclosure(value)
    ends = abs(value.low), abs(value.high)
    least = arb(0) if value.low <= 0 <= value.high else min(ends)
    return least, max(ends)
