"""Proves extrema that waves only approach far out: f = a + b*sin(u) lies between a - b and a + b."""

from functools import lru_cache
from math import inf
from typing import Any

from ..expressions.canonical import equal
from ..expressions.node import RULES, Interpreter, Node, called, node, operation, rebuilt
from ..expressions.program import Program, alike, derivatives
from ..numbers.interval import Enclosure, enclosure
from ..numbers.jet import Jet, slope_of
from ..primitives import PRIMITIVES
from .asymptotics import Answer, limit
from .points import LEFT_END, RIGHT_END, Budget, Undecided, at
from .signs import signs
from .taylor_model import sign_far

STARTS = 8, 60, 1000  # from where on bounds may be shown to be monotone


@lru_cache(8)
def envelope(tree: Node) -> list[Node] | None:
    """a + r and a - r for f = a + b*cos(u) + c*sin(u), r = sqrt(b^2 + c^2); None if f is not like that."""
    waves = [p for p in tree.walk() if p.op == "call" and p.args[0].name in ("sin", "cos")]
    if not waves or len(set(Program(node(w.args[1]) for w in waves).roots)) > 1:
        return None
    if any(len(w.args) > 2 for w in waves):
        return None
    a = line = _with(tree)
    parts = []
    for name in {w.args[0].name: w for w in waves}:
        parts.append(_rate(tree, name))
        line = node(line + parts[-1] * PRIMITIVES[name](waves[0].args[1]))
    if equal(a, node(0)):  # x*exp(x) - x*exp(x) is wide on a cell
        a = node(0)
    r = parts[0] if len(parts) == 1 else node(PRIMITIVES["sqrt"](sum(p * p for p in parts)))
    return [node(a + r), node(a - r)] if equal(tree, line) else None


class Envelope:
    """What waves that stay bounded lie between on a side, with the limits of both bounds there."""

    def __init__(self, bounds: list[Node], limits: list[Enclosure], side: int) -> None:
        self.limits = limits
        self._side = side
        self._program = Program(bounds)
        slopes = [derivatives(bound, 1)[1] for bound in bounds]
        programs = [Program([slope]) for slope in slopes if slope.has_x]
        self._start = next(
            (start for start in STARTS if all(sign_far(p, side, start) for p in programs)), None
        )

    def most(self, x: Enclosure) -> Any:
        """A bound of |f| on a cell; where both bounds are monotone, from its near end and the limits."""
        near = x.low if self._side > 0 else x.high
        if self._start is None or self._side * near < self._start:
            return max(enclosure(end).magnitude for end in self._program.run(x))
        ends = [*map(enclosure, self._program.run(Enclosure(near))), *self.limits]
        return max(end.magnitude for end in ends)


def bounded_waves(tree: Node, side: int) -> Envelope | None:
    """The envelope of waves that stay bounded on a side; else None.

    f = a + b*cos(u) + c*sin(u) lies between a - r and a + r, r = sqrt(b^2 + c^2), and comes near to the
    limits of both without end as u goes to an infinity: without waves, a, b and c have limits or grow
    steadily, and so has the angle of (b, c), by which u is turned.
    """
    tree = _in_sines(tree)
    parts = envelope(tree)
    if parts is None or not _is_endless(tree, side):
        return None
    limits = [found for found in limit(parts, side) if isinstance(found, Enclosure)]
    return Envelope(parts, limits, side) if len(limits) == len(parts) else None


def _in_sines(tree: Node) -> Node:
    """A formula with the quotients sin(x)/x and the like, and sin(x)cos(x), in sines: equal but at 0."""

    def call(at: Interpreter[Node], part: Node, x: None) -> Node:
        if not part.args[0].name.startswith("sinc"):
            return rebuilt(at, part, x)
        return node(part.args[0].plain(at(part.args[1])))

    def product(at: Interpreter[Node], part: Node, x: None) -> Node:
        one, other = (at(arg) for arg in part.args)
        factor, first = one.args if one.op == "*" else (1, one)
        names = {p.args[0].name for p in (first, other) if p.op == "call"}
        if names == {"sin", "cos"} and alike(first.args[1], other.args[1]):
            return node(factor * PRIMITIVES["sin"](2 * first.args[1]) / 2)
        return node(one * other)

    return Interpreter[Node]({"call": call, "*": product}, rebuilt)(tree)


def _with(tree: Node) -> Node:
    """A formula with 0 for its waves."""

    def wave(at: Interpreter[Node], part: Node, x: None) -> Node:
        return node(0) if part.args[0].name in ("sin", "cos") else rebuilt(at, part, x)

    return Interpreter[Node]({"call": wave}, rebuilt)(tree)


def _rate(tree: Node, name: str) -> Node:
    """What the waves of a name are multiplied with: a formula's derivative in them, at 0 for all."""

    def wave(at: Interpreter[Any], part: Node, x: Node) -> Any:
        if part.args[0].name in ("sin", "cos"):
            return Jet(node(0), int(part.args[0].name == name))
        return called(at, part, x)

    return node(slope_of(Interpreter[Any](RULES | {"call": wave}, operation)(tree, Node("x"))))


def approached(
    tree: Node, side: int, start: int, sign: int, budget: Budget
) -> Enclosure | float | None:
    """The supremum (sign 1) or infimum of f where side*x > start, if waves come near to it without end
    and never reach it; else None."""
    parts = envelope(tree)
    if parts is None or not _is_endless(tree, side):
        return None
    tops = []
    for part in parts:
        found = _top(part, side, start, sign, budget)
        if found is None:
            return None
        tops.append(found)
    for (level, grows), (rest, _) in (tops, tops[::-1]):
        if grows and (isinstance(level, float) or (level - rest).sign in (0, sign)):
            return level
    return None


def _is_endless(tree: Node, side: int) -> bool:
    """Whether the argument of every wave goes to an infinity: that of sin(1/x) does not."""
    waves = (p for p in tree.walk() if p.op == "call" and p.args[0].name in ("sin", "cos"))
    return all(found in (inf, -inf) for found in limit([w.args[1] for w in waves], side))


def _top(
    part: Node, side: int, start: int, sign: int, budget: Budget
) -> tuple[Enclosure | float, bool] | None:
    """A bound of the envelope beyond `start`, and whether it is approached at infinity alone."""
    found = {direction * side * sign for direction in _directions(part, side, start, budget.total)}
    if found == {1}:
        (level,) = limit([part], side)
        return None if isinstance(level, Answer) else (level, True)
    if found == {-1}:
        return enclosure(part.read(enclosure(side * start))), False
    return None


@lru_cache(8)  # for the largest and the smallest values, on either side
def _directions(part: Node, side: int, start: int, cells: int) -> set[int]:
    """The signs of the gradient beyond `start`; 0 also where one stays open."""
    ends = (at(start), RIGHT_END) if side > 0 else (LEFT_END, at(-start))
    try:
        found = signs(Program(derivatives(derivatives(part, 1)[1], 1)), *ends, Budget(cells))
    except Undecided:
        return {0}
    return {stretch.sign or 0 for stretch in found}
