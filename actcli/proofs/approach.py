"""Proves limits of a formula and its derivatives at a place from one side, or at an infinity.

The question is local: which branch holds there is decided by asymptotic expansions, so that
breakpoints elsewhere, holes elsewhere and parts of the line where the formula has no value play no part.
"""

from fractions import Fraction
from functools import cached_property
from math import inf

from flint import fmpq

from ..expressions.breakpoints import nearest
from ..expressions.canonical import equal
from ..expressions.node import Node, node
from ..expressions.program import Program, derivatives
from ..numbers.arb_points import INFINITY
from ..numbers.interval import Enclosure, enclosure
from .asymptotics import (
    NONE,
    Answer,
    AsymptoticExpansion,
    ExpansionReading,
    approaching,
    plain,
    read,
)
from .asymptotics import limit as asymptotic_limits
from .asymptotics.coefficients import Coefficient, UndecidedError, is_varying
from .asymptotics.monomials import UNIT, T, compare
from .branches import _Exactly, _Near
from .exact_values import rational, value_at
from .points import Undecided, found_once

LONGEST = 250  # steps of a formula that is still differentiated
DERIVATIVES = ("value", "gradient", "curvature", "third derivative", *("derivative",) * 9)
_SHARP = (
    2.0**-66
)  # width of a limit, relative to max(1, its size), that can be read off an enclosure


class _Beside(_Exactly):
    """Choices made as at every point next to a place, on one side of it."""

    def __init__(self, x: AsymptoticExpansion) -> None:
        _Near.__init__(self, Enclosure(-INFINITY, INFINITY))
        self.expansion = x

    def order(self, a: Node, b: Node) -> int:
        """The sign of a - b next to the place; TypeError if it stays open."""
        sign: int | None = read([node(a - b)], self.expansion)[0].sign
        if sign is None:
            if equal(a, b):
                return 0
            raise TypeError("open")
        return sign

    def larger(self, a: Node, b: Node) -> bool:
        return self.order(a, b) > 0


class Approach:
    """A formula as x tends to `place` from below (side -1) or above (1), or to side*infinity."""

    def __init__(self, tree: Node, side: int, place: Fraction | Node | None = None) -> None:
        self.tree = tree
        self.side = side
        self.place = place
        self._x = approaching(side, place)
        self._trees: list[Node] = []
        self._limits: dict[int, Enclosure | float | Undecided | None] = {}
        self._expansions: dict[int, AsymptoticExpansion] = {}

    def __str__(self) -> str:
        return f"{self.side * inf}" if self.place is None else f"{nearest(self.place):.6g}"

    @cached_property
    def branch(self) -> Node:
        """Returns the branch-free formula that holds there; Undecided if a condition stays open."""
        tree = plain(self.tree)
        try:
            return _Beside(self._x)(tree)
        except (TypeError, UndecidedError):
            raise Undecided(f"which branch holds near {self} stays open") from None

    @cached_property
    def _reading(self) -> ExpansionReading:
        return ExpansionReading(self._x)

    @property
    def _expansion(self) -> AsymptoticExpansion:
        return self.expansion(0)

    def expansion(self, order: int) -> AsymptoticExpansion:
        """The asymptotic expansion of that derivative; Undecided if the formula's own is not known."""
        if order not in self._expansions:
            if order and not self._expansion.known:
                raise Undecided(f"whether it is defined near {self} stays open")
            self._expansions[order] = self._reading.of(self.derivative(order))
        return self._expansions[order]

    def derivative(self, order: int) -> Node:
        """The formula of that derivative of the branch."""
        self._trees = self._trees or [self.branch]
        return extended(self._trees, order, LONGEST)[order]

    def limit(self, order: int = 0) -> Enclosure | float | None:
        """The limit of that derivative: an enclosure, an infinity, or None: there is none."""
        return found_once(self._limits, order, lambda: self._limit(order))

    def _limit(self, order: int) -> Enclosure | float | None:
        if order and not self._expansion.known:
            raise Undecided(f"whether it is defined near {self} stays open")
        tree = self.derivative(order)
        if self.place is not None:
            known = exact_value(tree, self.place)
            if known.finite and known.width <= _SHARP * max(1.0, float(known.magnitude)):
                return known
        found = self.expansion(order).limit()
        if not isinstance(found, Answer):
            return found
        return proved_limit(
            tree, self.side, self.place, f"the limit of the {DERIVATIVES[order]} at {self}"
        )

    def line(self) -> tuple[Coefficient, Coefficient] | None:
        """Slope and intercept of the line that f - (slope*x + intercept) -> 0 belongs to, if proved."""
        expansion = self._expansion
        known: dict[int, Coefficient] = {0: fmpq(0), 1: fmpq(0)}
        try:
            for c, m in expansion.terms:
                order = compare(m, UNIT)
                if order < 0:
                    break
                if is_varying(c) or (order > 0 and compare(m, T) != 0):
                    return None
                known[order] = c
            if not expansion.known or (
                expansion.rest is not None and compare(expansion.rest, UNIT) >= 0
            ):
                return None
        except UndecidedError:
            return None
        return known[1] * fmpq(self.side), known[0]


def extended(known: list[Node], order: int, longest: float = inf) -> list[Node]:
    """Extends [f, f', ...] in place up to that order; Undecided where one takes more steps than that."""
    while len(known) <= order:
        if longest < inf and len(Program(known[-1:]).steps) > longest:
            raise Undecided(f"its derivative of order {len(known)} is too long a formula")
        known.append(derivatives(known[-1], 1)[1])
    return known


def proved_limit(
    tree: Node, side: int, place: Fraction | Node | None, what: str
) -> Enclosure | float | None:
    """Proves the limit of a branch-free formula; None: there is none; Undecided, with `what`, if open."""
    (found,) = asymptotic_limits([tree], side, place)
    if isinstance(found, Answer):
        if found is NONE:
            return None
        raise Undecided(f"{what} stays open")
    return found


def exact_value(tree: Node, place: Fraction | Node) -> Enclosure:
    """A formula without branches at a place; all reals if a part of it has no value there."""
    if isinstance(place, Node):
        return value_at(tree, enclosure_of(place))
    exact = rational(tree, place)
    return value_at(tree, enclosure(place)) if exact is None else enclosure(exact)


def enclosure_of(place: Node) -> Enclosure:
    """The value of a formula without x."""
    return enclosure(place.read(enclosure(0)))
