"""The shape of a difference, put together from the shapes of its two parts.

A function is compared with many others: its pieces, values and expansions are found once. What parts
do not tell (two places that may be one, limits that cancel) is asked of the difference itself.
"""

from contextlib import suppress
from fractions import Fraction
from functools import cached_property
from math import inf
from types import NoneType

from flint import ctx

from ..expressions.node import Node
from ..expressions.rewriting import rewritten_last, without_common_terms
from ..numbers.interval import Enclosure, enclosure
from .asymptotics import Answer, AsymptoticExpansion
from .breakpoints import branch_at
from .exact_values import rational, settled, value_at
from .points import BUDGET, Piece, Place, Undecided, at
from .shape import Shape

KEPT = 400  # parts that are remembered
_Value = tuple[Fraction | None, Enclosure]


class Part(Shape):
    """The shape of one part between two places; what it is asked is remembered."""

    def __init__(self, tree: Node, low: Place, high: Place) -> None:
        super().__init__(tree, BUDGET, low, high)
        self._values: dict[tuple[Place, int, int], _Value] = {}
        self._there: dict[Place, _Value] = {}

    @cached_property
    def periodic(self) -> bool:
        """Not taken as such: the other part may have no period."""
        return False

    def known(self, place: Place, order: int, index: int) -> _Value:
        """f^(order) of a piece at a place, exactly if that is told, and as an enclosure."""
        key = place, order, index
        if key not in self._values:
            exact = None
            if place.exact:
                exact = rational(self.trees(index, order)[order], Fraction(place.low))
            value = self.value(place, order, index) if exact is None else enclosure(exact)
            self._values[key] = exact, value
        return self._values[key]

    def there(self, place: Place) -> _Value:
        """The same of the value at a breakpoint or end."""
        if place not in self._there:
            branch = branch_at(self.tree, place)
            if place.exact:
                branch = settled(branch, Fraction(place.low))
            exact = Fraction(branch.args[0]) if branch.op == "number" else None
            self._there[place] = exact, value_at(branch, place.enclosure)
        return self._there[place]

    def expansion(self, side: int, order: int) -> AsymptoticExpansion:
        """The asymptotic expansion of a derivative."""
        return self._outward[side].expansion(order)


class DifferenceShape(Shape):
    """The shape of f - g between two places."""

    def __init__(self, f: Node, g: Node, low: Place, high: Place) -> None:
        super().__init__(Node("-", (f, g)), BUDGET, low, high)
        self._parts = _part(f, low, high), _part(g, low, high)

    @cached_property
    def _joined(self) -> list[tuple[Piece, int, int]]:
        """The pieces, with the piece of each part that they lie in; none if the parts do not tell."""
        if self.periodic:
            return []
        try:
            one, other = (part.pieces for part in self._parts)
        except Undecided:
            return []
        found: list[tuple[Piece, int, int]] = []
        i = j = 0
        low = self.low
        while i < len(one) and j < len(other):
            a, b = one[i], other[j]
            same = a.high == b.high
            high = a.high if same or a.high.high < b.high.low else b.high
            if not (high.exact if same else high.high < max(a.high.low, b.high.low)):
                return []
            edge = (a.edge and a.low == low) or (b.edge and b.low == low)
            tree = rewritten_last(Node("-", without_common_terms(a.tree, b.tree)))
            found.append((Piece(low, high, tree, edge), i, j))
            low = high
            i, j = i + (high == a.high), j + (high == b.high)
        return found

    @cached_property
    def _pieces(self) -> list[Piece] | Undecided:
        return [piece for piece, *_ in self._joined] or super()._pieces

    def value(
        self, x: Place | float | Fraction, order: int = 0, index: int | None = None
    ) -> Enclosure:
        """d^(order) of a piece at a finite place."""
        place = x if isinstance(x, Place) else at(Fraction(x))
        if self._joined:
            piece = self.piece_at(place.number) if index is None else index
            _, *indices = self._joined[piece]
            one, other = (
                part.known(place, order, i) for part, i in zip(self._parts, indices, strict=True)
            )
            found = _difference(one, other)
            if found.finite:
                return found
        return super().value(x, order, index)

    def itself(self, place: Place) -> Enclosure:
        """d at a breakpoint or end: the value of the branches that the formulas take there."""
        if self._joined:
            one, other = (part.there(place) for part in self._parts)
            found = _difference(one, other)
            if found.finite:
                return found
        return super().itself(place)

    def order(self, place: Place, enough: float = inf) -> float:
        """-1 for a jump, else the largest k <= `enough` with d in C^k: of two that differ the smaller."""
        if self._joined:
            try:
                one, other = (
                    part.order(place, enough) if place in part.places else enough
                    for part in self._parts
                )
            except Undecided:
                return super().order(place, enough)
            if one != other or one >= enough:
                return min(one, other)
        return super().order(place, enough)

    def limit(self, side: int, order: int = 0) -> Enclosure | float | None:
        """Limit of d^(order) at an end: an enclosure, an infinity, or None: there is none."""
        if self._joined and not (self.high if side > 0 else self.low).finite:
            with suppress(Undecided):
                one, other = (part.expansion(side, order) for part in self._parts)
                found = (one - other).limit()
                if not isinstance(found, Answer):
                    return found
                kinds = [type(part.limit(side, order)) for part in self._parts]
                if set(kinds) == {Enclosure, NoneType}:  # one settles, the other does not
                    return None
        return super().limit(side, order)


def _difference(one: _Value, other: _Value) -> Enclosure:
    """Exactly where both values are known exactly."""
    if one[0] is not None and other[0] is not None:
        return enclosure(one[0] - other[0])
    return one[1] - other[1]


_PARTS: dict[tuple[int, Place, Place, int], Part] = {}


def _part(tree: Node, low: Place, high: Place) -> Part:
    """The part with that formula at this precision, which is kept, so that no id is used twice."""
    key = id(tree), low, high, ctx.prec
    if key not in _PARTS:
        if len(_PARTS) >= KEPT:
            _PARTS.clear()
        _PARTS[key] = Part(tree, low, high)
    return _PARTS[key]
