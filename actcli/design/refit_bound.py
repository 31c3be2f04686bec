"""Proves an error that a formula is not below with any constants up to a size: branch and bound over these.

Constants in a box are refuted by one place where f and the formula are further apart than the error,
whatever they are there: that is read with enclosures. Or by several together, by enclosures of their
slopes in the box: a sum of errors that is positive for all constants there, with multipliers of a linear
program (Neumaier, Interval Methods for Systems of Equations, 1990, for the mean value form). Places are
those that the best touches, and then those where others are the worst.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from math import inf, log2, nextafter
from typing import Any, TypeAlias

import numpy as np
from flint import arb

from ..evaluation.activation import Activation
from ..expressions.node import Node
from ..expressions.parametric import read_with
from ..numbers.interval import Enclosure, enclosure
from ..numbers.jet import Jet, slope_of
from ..numbers.types import Floats
from .polynomials import Reading
from .request import RUNAWAY

SHARES = 1e-6, 1e-3, 1e-2  # of the error, below it: bounds that are tried, the others if not these
WORKS = (5_000, False), (4_000, True)  # readings for each constant, and whether places go together
PROGRAM, PAIRS = 30, 2  # readings that this costs at least, and for each slope of a place
MOST_PLACES, MORE_PLACES = 40, 40  # at first, and those that boxes ask for
SOME, MOST_LEFT = 0.03, 60  # boxes that are no wider tell of constants that may be better
NARROW = 1e-13  # boxes that are not split
FEW, SELDOM = 4, 0.2  # programs for boxes of a kind, and the share that is to tell something then
NEARBY = 4.0  # times the best constants, beyond which boxes are of another kind
HUGE = 1e50  # errors and slopes that tell nothing
EACH = 3  # places that are taken together, for each constant and one more

Box: TypeAlias = tuple[tuple[float, float], ...]
Truth: TypeAlias = tuple[Enclosure, Any, Any]  # a place, f there, and how far off is too far


def least_error(
    f: Activation, tree: Node, best: Mapping[str, float], error: float, places: Sequence[float],
    relative: bool = False, shares: Sequence[float] = SHARES[:1],
    worst: Callable[[Floats], Sequence[float]] | None = None,
) -> tuple[float | None, list[list[float]]]:  # fmt: skip
    """An error that no constants up to RUNAWAY in size bring the formula below; None if none is found.

    With it constants that these places do not refute, nor those where others are the `worst`.
    """
    if not error:  # the formula is f
        return None, []
    places = places[:: len(places) // MOST_PLACES + 1]  # a plateau has many
    reading = Reading(f)
    left: list[list[float]] = []
    for share in shares:
        bound = error * (1 - share)

        def known(places: Sequence[float], bound: float = bound) -> list[Truth]:
            truths = [(Enclosure(arb(x)), reading.exact(arb(x))) for x in places]
            return [
                (x, y, bound * abs(y) if relative else arb(bound))
                for x, y in truths
                if y.is_finite() and not (relative and y.contains(0))
            ]

        def more(
            values: Floats, known: Callable[[Sequence[float]], list[Truth]] = known
        ) -> list[Truth]:
            return known(worst(values)) if worst else []

        truths = known(places)
        search = _Boxes(tree, best, truths)
        few = WORKS[:1] if share > SHARES[0] else WORKS[len(best) > 2 or search.blunt() :]
        for work, programs in few if truths else ():
            search = _Boxes(tree, best, truths)
            if search.refuted(work * len(best), programs, more):
                return bound, []
            left = search.left
    return None, left


class _Boxes:
    """Boxes of constants, each of which is to be shown to be too far from f at some place."""

    def __init__(self, tree: Node, best: Mapping[str, float], truths: list[Truth]) -> None:
        self.tree, self.names, self.truths = tree, [*best], truths
        self.best = [*best.values()]
        self.sizes = [abs(v) or 1.0 for v in self.best]
        self.left: list[list[float]] = []  # constants that are not refuted
        self.work = 0

    def blunt(self) -> bool:
        """Whether the best touches no more places than constants: no place alone refutes what is near."""
        at = self._given([(v, v) for v in self.best])
        touched = {float(x.low) for x, *off in self.truths if apart(self.tree, at, x, *off)}
        return len(touched) <= len(self.names)

    def refuted(self, work: int, programs: bool, worst: Callable[[Floats], list[Truth]]) -> bool:
        """Whether all constants are proved further from f than the bound at some place."""
        stack: list[Box] = [((-RUNAWAY, RUNAWAY),) * len(self.names)]
        places = len(self.truths) + MORE_PLACES
        kinds: dict[tuple[int, bool], tuple[int, int]] = {}
        self.work = work
        costs = max(PROGRAM, PAIRS * (len(self.names) + 1) ** 2)
        while self.work > 0:
            if not stack:
                return True
            box = stack.pop()
            if self._one_refutes(box):
                continue
            parts, width = _halves(box, self.sizes)
            if not parts:
                return False
            kind = (
                round(log2(width)),
                any(
                    max(-a, b) > NEARBY * size for (a, b), size in zip(box, self.sizes, strict=True)
                ),
            )
            tried, told = kinds.get(kind, (0, 0))
            if programs and (tried < FEW or told > SELDOM * tried):  # boxes of a kind are alike
                self.work -= costs
                nearest = self._none_together(box)
                kinds[kind] = tried + 1, told + (nearest is None)
                if nearest is None:
                    continue
                known = {float(x.low) for x, _, _ in self.truths}
                more = worst(nearest) if len(known) < places else []
                self.truths += [truth for truth in more if float(truth[0].low) not in known]
            if width < SOME and len(self.left) < MOST_LEFT:
                self.left.append([a / 2 + b / 2 for a, b in box])
            stack += parts
        return False

    def _one_refutes(self, box: Box) -> bool:
        """Whether all of a box are too far off at one place."""
        given = self._given(box)
        for rank, truth in enumerate(self.truths):
            self.work -= 1
            if apart(self.tree, given, *truth):
                self.truths.insert(0, self.truths.pop(rank))
                return True
        return False

    def _none_together(self, box: Box) -> Floats | None:
        """None if no constants in a box are near enough at all places, else some that may be.

        With multipliers of the places that a linear program has, the sum of what is too much is positive
        in its middle, and less what it may fall by: its slopes in the box are known.
        """
        from scipy.optimize import linprog

        middle = np.array([a / 2 + b / 2 for a, b in box])
        at = self._given(zip(middle, middle, strict=True))
        found = []
        for x, y, bound in self._farthest(middle):
            with suppress(TypeError, ArithmeticError, ValueError):
                gap = (_ball(read_with(self.tree, x, at)) - y) / bound
                slopes = [slope / bound for slope in self._slopes(x, box)]
                if all(abs(ball) < HUGE for ball in (gap, *slopes)):
                    found.append((gap, slopes))
        if not found:
            return middle
        reach = np.array(
            [
                nextafter(max(b - m, m - a), inf)
                for m, (a, b) in zip(middle.tolist(), box, strict=True)
            ]
        )
        one = np.ones((len(found), 1))
        gaps = np.array([float(gap.mid()) for gap, _ in found])
        steps = np.array([[float(s.mid()) for s in each] for _, each in found]) * reach
        vague = np.array([[float(s.rad()) for s in each] for _, each in found]) @ reach
        program = linprog(
            [*[0.0] * len(box), 1.0],
            A_ub=np.block([[steps, -one], [-steps, -one]]),
            b_ub=np.concatenate([vague - gaps, vague + gaps]),
            bounds=[*[(-1.0, 1.0)] * len(box), (0.0, None)], method="highs-ds",
        )  # fmt: skip
        if program.x is None:
            return middle
        nearest: Floats = middle + program.x[:-1] * reach
        if program.x[-1] <= 1:
            return nearest
        weights = -program.ineqlin.marginals
        weights = weights[: len(found)] - weights[len(found) :]
        total, steep = arb(0), [arb(0)] * len(box)
        for weight, (gap, each) in zip(weights.tolist(), found, strict=True):
            total += weight * gap - abs(weight)
            steep = [s + weight * slope for s, slope in zip(steep, each, strict=True)]
        if total - sum((abs(s) * r for s, r in zip(steep, reach, strict=True)), arb(0)) > 0:
            return None
        return nearest

    def _given(self, box: Iterable[tuple[float, float]]) -> dict[str, Enclosure]:
        """The constants by name."""
        ends = zip(self.names, box, strict=True)
        return {name: Enclosure(arb(float(a)), arb(float(b))) for name, (a, b) in ends}

    def _farthest(self, values: Floats) -> list[Truth]:
        """The places where the formula with some constants is furthest off, about."""
        truths = sorted(self.truths, key=lambda truth: float(truth[0].low))
        x, y, bound = (np.array([float(v) for v in column]) for column in zip(
            *((x.low, y, bound) for x, y, bound in truths), strict=True
        ))  # fmt: skip
        with np.errstate(all="ignore"):
            g = read_with(self.tree, x, dict(zip(self.names, values.tolist(), strict=True)))
            off = np.nan_to_num(np.abs(g - y) / bound, nan=0.0)
        beside = np.pad(off, 1, constant_values=-1.0)
        top = (off >= beside[:-2]) & (off >= beside[2:])  # then what is beside tops
        return [truths[k] for k in np.lexsort((-off, ~top))[: EACH * (len(values) + 1)]]

    def _slopes(self, x: Enclosure, box: Box) -> list[Any]:
        """The derivatives by each constant in a box, as balls."""
        found = []
        for k in range(len(box)):
            given = {
                name: Jet(Enclosure(arb(a), arb(b)), Enclosure(arb(int(j == k))))
                for j, (name, (a, b)) in enumerate(zip(self.names, box, strict=True))
            }
            found.append(_ball(slope_of(read_with(self.tree, Jet(x, Enclosure(arb(0))), given))))
        return found


def _ball(value: Any) -> Any:
    """All that an enclosure may be."""
    ends = enclosure(value)
    return ends.low.union(ends.high)


def apart(tree: Node, given: Mapping[str, Any], x: Enclosure, truth: Any, bound: Any) -> bool:
    """Whether the formula is further from f than a bound at x, with all constants given."""
    try:
        found = enclosure(read_with(tree, x, given))
    except (TypeError, ArithmeticError, ValueError):  # a condition is open, or it has no value
        return False
    return bool(found.low > truth + bound) or bool(found.high < truth - bound)


def _halves(box: Box, sizes: Sequence[float]) -> tuple[list[Box], float]:
    """A box in two, along what is widest on a scale up to infinity, and that width; none of a point."""
    widths = [_place(b, size) - _place(a, size) for (a, b), size in zip(box, sizes, strict=True)]
    k = widths.index(max(widths))
    if widths[k] < NARROW:
        return [], 0.0
    a, b = box[k]
    near = min(abs(a), abs(b)) if a >= 0 or b <= 0 else 0.0
    if near and max(abs(a), abs(b)) > 4 * near:
        middle = (1 if a > 0 else -1) * (abs(a) * abs(b)) ** 0.5
    else:
        middle = _value(_place(a, sizes[k]) / 2 + _place(b, sizes[k]) / 2, sizes[k])
    if not a < middle < b:
        return [], 0.0
    halves: list[Box] = [tuple((c, d) if j != k else part for j, (c, d) in enumerate(box))
            for part in ((a, middle), (middle, b))]  # fmt: skip
    return halves, widths[k]


def _place(value: float, size: float) -> float:
    """Where a constant is on a scale that ends at infinity, from -1 to 1."""
    return value / (size + abs(value))


def _value(place: float, size: float) -> float:
    """The constant there."""
    return size * place / (1 - abs(place))
