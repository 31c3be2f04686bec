"""Breakpoints of a formula: where they are, what it does on both sides, and its derivatives there.

The gradient of a formula as it is computed is that of the branch taken. Where several branches meet
(relu(x) - relu(-x) at 0), where one holds at a single point (sign(0) is 0) or a formula breaks down
(0/0), that is not the slope of the function, though it may have one. There, and only where an input
is such a place, one-sided limits are proved; where they agree, they are the derivative.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from ..expressions.breakpoints import (
    CROSSED,
    Breakpoint,
    Place,
    breakpoints,
    crosses,
    edges,
    nearest,
    places,
)  # fmt: skip
from ..expressions.differentiate import derivative, expanded
from ..expressions.node import Interpreter, Node, node, rebuilt
from ..numbers.bisection import bisected
from ..numbers.distinct import distinct
from ..numbers.types import Array
from ..numbers.wide import narrowed, widened
from .limits import PROVING

Gap = Callable[[Array], Array]
Sides = tuple[float, float, float]

SLOPED = ("abs", "max", "min", "softsign", "softsign_cdf")
SAMPLES = 2049  # at which a breakpoint that is not plain to see is looked for
MOST = 64  # places of one breakpoint
SAME = 1e-12  # of two slopes at a breakpoint, one computed


class Breakpoints:
    """The breakpoints of one formula. Of a `trusted` one only those where breakpoints meet are watched."""

    def __init__(self, tree: Node, trusted: bool = False) -> None:
        self.tree = tree
        self.trusted = trusted
        self._sides: dict[tuple[Any, int], Sides] = {}
        self._found: dict[tuple[int, float, float], set[float]] = {}

    @cached_property
    def listed(self) -> list[tuple[Breakpoint, list[Place] | None]]:
        """All breakpoints, with their places where those are plain to see."""
        return [(found, places(found)) for found in breakpoints(self.tree)]

    @property
    def plain(self) -> list[tuple[float, float]] | None:
        """All breakpoints as the nearest doubles and what they lack, 0 where that is irrational.

        Those that are not plain to see are doubles beside places where a sample of the line shows that
        branches cross; None where it shows that they touch, or cross everywhere.
        """
        found = [_crossings(hidden) if at is None else at for hidden, at in self.listed]
        if any(known is None for known in found):
            return None
        pairs = []
        for place in (place for known in found for place in known or ()):
            near = nearest(place)
            exact = not isinstance(place, Node) and abs(near) < float("inf")
            pairs.append((near, float(place - type(place)(near)) if exact else 0.0))
        return pairs

    def within(self, low: float, high: float) -> list[float]:
        """The breakpoints in [low, high], ascending; those that are not plain to see by sampling."""
        found: set[float] = set()
        for k, (breakpoint, known) in enumerate(self.listed):
            if known is None:
                if (k, low, high) not in self._found:
                    self._found[k, low, high] = _sampled(breakpoint, low, high)
                found |= self._found[k, low, high]
            else:
                found.update(x for x in map(nearest, known) if low <= x <= high)
        return sorted(found)

    def edges_within(self, low: float, high: float) -> list[float]:
        """Places in [low, high] where the formula may break down, as far as they are plain to see."""
        return sorted({x for x in map(nearest, self._edges) if low <= x <= high})

    # -- what is proved ---------------------------------------------------------------------------
    def sides(self, x: float, order: int) -> Sides:
        """Left limit, value and right limit of f, f' or f'' at a breakpoint; nan where not proved.

        The value of a derivative is known only where f has that derivative: the limits agree then.
        """
        place = self._exact.get(x, x)
        key = (x, order)
        if key not in self._sides:
            from ..proofs.beside import limits_beside

            with PROVING:
                found = limits_beside(self.tree, place, order)
            for k, known in enumerate(found):
                self._sides[x, k] = known
        return self._sides[key]

    def is_known(self, x: float) -> bool:
        """Whether a double is proved to be a breakpoint, or stands for one whose place is known."""
        if x in self._exact:
            return True
        here = np.array([x])
        ties = [s for s, known in self.listed if known is None and _gap(s)(here)[0] == 0]
        return any(Breakpoints(node(s.a - s.b)).sides(x, 0)[1] == 0 for s in ties)

    @cached_property
    def _exact(self) -> dict[float, Place]:
        """The exact places of doubles that count as breakpoints."""
        return {
            nearest(place): place
            for known in (*(k for _, k in self.listed), self._edges)
            for place in known or ()
        }

    @cached_property
    def _edges(self) -> list[Place]:
        """Places among which all ends and holes of the domain are that are plain to see."""
        return [place for edge in edges(self.tree) for place in places(edge) or ()]

    # -- derivatives for arrays ---------------------------------------------------------------------
    def mend(self, x: Array, orders: tuple[int, ...], outs: list[Array]) -> None:
        """Put the derivatives where inputs are breakpoints at which f has them."""
        for at in self._met(x, max(orders)):
            here = x == at
            for order, out in zip(orders, outs, strict=True):
                if order and not np.isnan(derivative := self.sides(at, order)[1]):
                    out[here] = derivative

    def _met(self, x: Array, order: int) -> Iterator[float]:
        """The inputs at which the computed derivative may not be the derivative."""
        watched, broken, hidden = self._suspects[order > 1]
        for at in watched:
            if (x == at).any():
                yield at
        for at in broken:
            if (x == at).any() and np.isfinite(self.tree.read(np.array([at]))).all():
                yield at
        for gap in hidden:
            ties = x[gap(x) == 0]
            yield from distinct(ties[np.isfinite(ties)])[:MOST].tolist()

    @cached_property
    def _suspects(self) -> list[tuple[list[float], list[float], list[Gap]]]:
        """For gradients, and for curvatures: places to watch, ends of the domain to watch where f has
        a value, and differences to watch for zeros."""
        meeting: dict[float, set[_Test]] = defaultdict(set)
        hidden: dict[_Test, Gap] = {}
        for breakpoint, known in self.listed:
            test = _Test(breakpoint.test, str(breakpoint.a), str(breakpoint.b), crosses(breakpoint))
            if known is None:
                hidden[test] = _gap(breakpoint)
            for place in known or ():
                meeting[nearest(place)].add(test)
        broken = {*map(nearest, self._edges)}
        found: list[tuple[list[float], list[float], list[Gap]]] = []
        for order in (1, 2):
            watched = {
                at
                for at, tests in meeting.items()
                if len(tests) > 1 or not (self.trusted or all(t.harmless(order) for t in tests))
            }
            alone = len(hidden) == 1 and not meeting and all(t.harmless(order) for t in hidden)
            if self.trusted:
                found.append((sorted(watched), [], []))
            else:
                gaps = [] if alone else [*hidden.values()]
                found.append((sorted(watched), sorted(broken - watched), gaps))
        return found

    def exceptions(self, slope: Node) -> list[tuple[Node, Node]]:
        """Breakpoints x == p at which f' is not `slope`, its derivative elsewhere, and what it is there."""
        found = []
        for at in self._suspects[0][0]:
            derivative = self.sides(at, 1)[1]
            with np.errstate(all="ignore"):
                written = np.broadcast_to(slope.read(np.array([at])), 1)[0]
            if np.isnan(derivative) or abs(written - derivative) <= SAME * (1 + abs(derivative)):
                continue
            from ..proofs.beside import slope_beside

            place = self._exact[at]
            if (there := slope_beside(self.tree, place)) is not None:
                found.append((Node("==", (Node("x"), node(place))), there))
        return found


def mended(tree: Node) -> Node:
    """The formula with every grad(f) in it right where branches of f meet and f is differentiable."""
    if not any(part.op == "grad" for part in tree.walk()):
        return tree
    return Interpreter[Node]({"grad": _mended_slope}, rebuilt)(tree)


def _mended_slope(at: Interpreter[Any], part: Node, x: None) -> Node:
    inner = at(part.args[0])
    formula = expanded(inner)
    slope = part.args[1] if formula is part.args[0] else derivative(formula)
    found = Node("grad", (inner, slope))
    for place, there in Breakpoints(formula).exceptions(slope):
        found = Node("where", (place, there, found))
    return found


class _Test(NamedTuple):
    """A breakpoint by what is tested there; `crosses`: the sides change places there, as lines do."""

    name: str
    a: str
    b: str
    crosses: bool

    def harmless(self, order: int) -> bool:
        """Whether, with no other breakpoint there, the derivative as computed is that of f, if it has one.

        |u| and max(u, v) are given a slope that is right where they have no corner.
        """
        if order == 1 and self.name in SLOPED:
            return True
        return self.name in CROSSED and self.crosses


def _gap(breakpoint: Breakpoint) -> Gap:
    """a - b for arrays."""

    def gap(x: Array) -> Array:
        with np.errstate(all="ignore"):
            a, b = breakpoint.a.read(x), breakpoint.b.read(x)
            difference = np.where(a == b, 0, a - b)
        return np.broadcast_to(np.asarray(difference, np.float64), x.shape)

    return gap


def _sampled(breakpoint: Breakpoint, low: float, high: float) -> set[float]:
    gap = _gap(breakpoint)
    grid = np.linspace(low, high, SAMPLES)
    signs = np.sign(gap(grid))
    touched = grid[signs == 0]
    found = set(touched.tolist()) if touched.size < MOST else set()
    for i in np.nonzero(signs[:-1] * signs[1:] < 0)[0]:
        low, high = bisected(lambda x: np.sign(gap(np.array([x]))[0]), signs[i], *grid[i : i + 2])
        nearer = abs(high) <= abs(low) or gap(np.array([high]))[0] == 0
        found.add(_simple(gap, high if nearer else low))
    return found


def _crossings(breakpoint: Breakpoint) -> list[Place] | None:
    """The last doubles before a - b changes sign, read in wide numbers at a sample of the whole line."""

    def signs(x: Array) -> Array:
        wide = widened(x)
        return np.sign(narrowed(breakpoint.a.read(wide) - breakpoint.b.read(wide) + 0 * wide))

    right = np.concatenate([np.geomspace(1e-300, 2**-7, 256), np.geomspace(2**-6, 1e300, SAMPLES)])
    grid = np.concatenate([-right[::-1], right])
    with np.errstate(all="ignore"):
        found = signs(grid)
        changes = np.flatnonzero(found[:-1] != found[1:])
        if len(changes) > MOST or not (np.abs(found) == 1).all():
            return None
        places = []
        for low, high in zip(grid[changes], grid[changes + 1], strict=True):
            while (inner := distinct(np.linspace(low, high, 65))).size > 2:
                k = int((signs(inner) != signs(inner[:1])).argmax())
                low, high = inner[k - 1 : k + 1]
            places.append(float(low))
        return places


def _simple(gap: Gap, x: float) -> float:
    """A shorter number next to x that is a crossing exactly (0 for -9e-64), else x."""
    for digits in (0, 3, 9):
        short = round(x, digits) + 0.0
        if abs(short - x) <= 1e-12 * max(1.0, abs(x)) and gap(np.array([short]))[0] == 0:
            return short
    return x


class Cut(NamedTuple):
    """A place where the formula changes branch, or has no value, with both one-sided limits.

    `kind` is "jump" (the value breaks), "kink" (the gradient breaks), "smooth" or "hole" (no value).
    """

    x: float
    kind: str
    left: float
    value: float
    right: float
    left_gradient: float
    right_gradient: float
    proved: bool = False


def fastest(tree: Node) -> float:
    """The largest |w| of sin(w*x) and its kin in a registered formula."""
    calls = [part.args for part in tree.walk() if part.op == "call"]
    waves = [abs(float(args[2].read(0.0))) for args in calls if len(args) > 2]
    plain = [1.0 for name, *_ in calls if str(name).split("_")[0] in ("sin", "cos", "tan", "sinc")]
    return max([*waves, *plain], default=0.0)
