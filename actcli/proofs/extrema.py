"""Certifies extrema of a function and its derivatives over the line, piece by piece.

Between two neighbours of a sign pattern of f^(n + 1), f^(n) is monotone, so that its supremum is among
the values and one-sided limits there; where the pattern is open or never ends, bisection has to
show that nothing larger lies there.
"""

from contextlib import suppress
from fractions import Fraction
from math import inf
from typing import Any, NamedTuple

from flint import arb

from ..expressions.breakpoints import Breakpoint, breaks
from ..expressions.node import Node, node
from ..expressions.program import derivatives
from ..numbers.arb_points import INFINITY
from ..numbers.interval import LARGEST, Enclosure, enclosure, exact
from .approach import DERIVATIVES
from .asymptotics import limit as asymptotic_limits
from .asymptotics import limits_along_waves
from .breakpoints import branch_at
from .envelopes import approached
from .meeting import sign_there
from .points import (
    LEFT_END,
    RIGHT_END,
    Budget,
    Place,
    SignInterval,
    Undecided,
    at,
    between,
    midpoint,
    number_of,
    outward,
)
from .shape import WINDOW, Shape
from .signs import fraction

WIDE = arb("1e-10"), arb("1e-12")  # relative and absolute, beyond which a value tells no extreme


class Level(NamedTuple):
    """A value that f or f' takes or approaches: an enclosure or an infinity, and where."""

    value: Enclosure | float
    where: Place
    attained: bool
    tree: Node | None = None  # a formula that has the value at the place

    @property
    def number(self) -> float:
        """The value as a double or an infinity."""
        return number_of(self.value)


def _levels(shape: Shape, order: int) -> tuple[list[Level], list[tuple[Any, Any]]]:
    """Collects candidates for the extrema of f^(order), and intervals on which nothing is known.

    Between neighbours f^(order) is monotone, so its infimum and supremum are among them.
    """
    open_: list[tuple[Any, Any]] = []
    window = shape.periodic or shape.endless(order + 1)
    try:
        pattern = shape.loose_pattern(order + 1, window)
    except Undecided:
        if not shape.waves or window:
            raise
        pattern, window = shape.loose_pattern(order + 1, True), True
    found = []
    if window and not shape.periodic:
        open_ = [(-LARGEST, -WINDOW), (WINDOW, LARGEST)]
        for side, end in ((-1, shape.low), (1, shape.high)):
            with suppress(Undecided):
                found += [] if end.finite else [_far(shape, side, order)]
    for index, stretch in pattern:
        if stretch.sign is None:
            low, high = stretch.low, stretch.high
            open_.append((low.low if low.finite else -LARGEST,
                          high.high if high.finite else LARGEST))  # fmt: skip
            continue
        for right, place in ((False, stretch.low), (True, stretch.high)):
            tree = shape.trees(index, order)[order]
            if not place.finite and stretch.sign == 0:
                continue  # the level inside is the limit too
            if not place.finite:
                found.append(_far(shape, 1 if right else -1, order))
            elif place in (shape.pieces[index].low, shape.pieces[index].high):
                right = place == shape.pieces[index].high
                limit = shape.end(index, right, order)
                if limit is None:
                    raise Undecided(f"no limit at {place.number:.6g}")
                found.append(Level(limit, place, shape.attains(place, right, order), tree))
            else:
                found.append(Level(shape.value(place, order, index), place, True, tree))
        if stretch.sign == 0 and stretch.high != stretch.low:
            found.append(_inside(shape, index, stretch, order))
    for place in (*shape.breakpoints, *(end for end in (shape.low, shape.high) if end.finite)):
        if order == 0:
            here = shape.itself(place)
            if here.finite:
                found.append(Level(here, place, True, branch_at(shape.tree, place)))
            elif not shape.is_hole(place):
                raise Undecided(f"the value at {place.number:.6g} stays open")
    for place in shape.places if order else ():
        if shape.order(place, order) >= order:
            found.append(Level(shape.slope(place, order), place, True))
    return found, open_


def _inside(shape: Shape, index: int, stretch: SignInterval, order: int) -> Level:
    """The level of a constant stretch, at a point inside it."""
    middle = at(between(stretch.low, stretch.high))
    return Level(shape.value(middle, order, index), middle, True, shape.trees(index, order)[order])


def _far(shape: Shape, side: int, order: int) -> Level:
    """The limit of f^(order) at an infinity."""
    limit = shape.limit(side, order)
    if limit is None:
        raise Undecided("there is no limit at infinity")
    return Level(limit, RIGHT_END if side > 0 else LEFT_END, False)


def _within(shape: Shape, order: int, low: Any, high: Any, above: Any, below: Any) -> bool:
    """Whether f^(order) is proved to stay within [below, above] from low to high."""
    budget = Budget(4000)
    stack = [(exact(low).lower(), exact(high).upper())]
    while stack:
        a, b = stack.pop()
        try:
            budget.spend(a, b)
        except Undecided:
            return False
        middle = midpoint(a, b)
        parts = [i for i, p in enumerate(shape.pieces)
                 if p.low.low <= outward(b, inf) and p.high.high >= outward(a, -inf)]  # fmt: skip
        inside = True
        for index in parts:
            value = enclosure(shape.program(index, order).run(Enclosure(a, b))[0])
            inside = inside and bool(value.high <= above) and bool(value.low >= below)
        if not inside:
            if b - a < 1e-6:
                return False
            stack += [(a, middle), (middle, b)]
    return True


def extremum(shape: Shape, order: int, sign: int) -> Level:
    """Certifies the supremum (sign 1) or infimum (-1) of f^(order) over the line.

    f' counts where it exists. The answer says where it is attained or approached. Undecided if a part of
    the line cannot be bounded within the shape's budget.
    """
    unbounded = _runs_away(shape, order, sign)
    if unbounded is not None:
        return unbounded
    found, open_ = _levels(shape, order)
    for side, place, far in (
        (-1, LEFT_END, (-LARGEST, -WINDOW)),
        (1, RIGHT_END, (WINDOW, LARGEST)),
    ):
        if far in open_ and (level := _approached(shape, order, side, sign)) is not None:
            found.append(Level(level, place, False))
            open_.remove(far)
    if not found:
        raise Undecided(f"the sign of the {DERIVATIVES[order + 1]} stays open")
    best = _best(found, sign, breaks(shape.tree))
    if isinstance(best.value, Enclosure):
        low, high = best.value.low, best.value.high
        apart = 0 if best.attained else arb("1e-13") * (1 + abs(high))
        above, below = (high - apart, -INFINITY) if sign > 0 else (INFINITY, low + apart)
        for start, stop in open_:
            if not _within(shape, order, start, stop, above, below):
                raise Undecided(
                    f"the {DERIVATIVES[order]} between {float(start):.6g} and {float(stop):.6g} "
                    "could not be bounded"
                )
    return best


def _approached(shape: Shape, order: int, side: int, sign: int) -> Enclosure | float | None:
    """The extreme beyond [-10, 10] on a side, if waves come near to it and never reach it."""
    index = 0 if side < 0 else len(shape.pieces) - 1
    piece = shape.pieces[index]
    if not (piece.low.low < WINDOW and piece.high.high > -WINDOW):
        return None
    return approached(shape.trees(index, order)[order], side, WINDOW, sign, Budget(shape.budget))


def _runs_away(shape: Shape, order: int, sign: int) -> Level | None:
    """An infinity beside waves: a limit, or one that waves reach without a limit (x*cos(x))."""
    if not shape.waves or shape.periodic:
        return None
    for side, place in ((-1, shape.low), (1, shape.high)):
        if place.finite:
            continue
        index = 0 if side < 0 else len(shape.pieces) - 1
        tree = shape.trees(index, order)[order]
        for reached in (*asymptotic_limits([tree], side), *limits_along_waves(tree, side)):
            if isinstance(reached, float) and reached == sign * inf:
                return Level(sign * inf, place, False)
    return None


def _best(found: list[Level], sign: int, known: list[Breakpoint]) -> Level:
    """The largest (smallest) level; of equal ones one that is attained, and nearest to 0.

    Undecided if it stays open whether a limit that is not attained lies beyond all that are. `known` are
    the breakpoints and edges of the formula.
    """
    ends = [_ends(level, sign) for level in found]
    least = max(low for low, _ in ends)
    near = [level for level, (_, high) in zip(found, ends, strict=True) if high >= least]
    near.sort(key=lambda level: (not level.attained, abs(level.where.number)))
    wide = abs(least) * WIDE[0] + WIDE[1]
    if least.is_finite() and any(high - least > wide for _, high in ends):
        raise Undecided("a value that may be the extreme is not known well enough")
    taken = [level for level in near if level.attained]
    for limit in near[len(taken) :] if taken else ():
        signs = [_compared(limit, level, sign, known) for level in taken]
        if all(each == 1 for each in signs):
            return limit
        if not any(each is not None and each <= 0 for each in signs):
            end = "supremum" if sign > 0 else "infimum"
            raise Undecided(f"whether the {end} {limit.number:.6g} is attained stays open")
    return near[0]


def _ends(level: Level, sign: int) -> tuple[Any, Any]:
    """Bounds of a level times 1 or -1."""
    if isinstance(level.value, float):
        return (arb(level.value * sign),) * 2
    low, high = level.value.low, level.value.high
    return (low, high) if sign > 0 else (-high, -low)


def _compared(one: Level, other: Level, sign: int, known: list[Breakpoint]) -> int | None:
    """The sign of one less other, times 1 or -1; None: open."""
    (low, high), (other_low, other_high) = _ends(one, sign), _ends(other, sign)
    if high <= other_low or low > other_high:
        return 1 if low > other_high else -1 if high < other_low else 0
    for level, constant, turned in ((one, _formula(other), sign), (other, _formula(one), -sign)):
        if level.tree is not None and level.where.finite and constant is not None:
            turning = Breakpoint("turn", derivatives(level.tree, 1)[1], node(0))
            with suppress(Undecided):
                return turned * sign_there(
                    node(level.tree - constant), level.where, [*known, turning]
                )
    return None


def _formula(level: Level) -> Node | None:
    """A constant formula that is a level exactly."""
    value = level.value
    if isinstance(value, Enclosure) and value.low == value.high:
        return node(fraction(value.low))
    if level.tree is None or not level.where.exact:
        return None
    return node(level.tree.read(node(Fraction(level.where.low))))
