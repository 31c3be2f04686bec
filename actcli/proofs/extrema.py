"""Certifies extrema of a function and its derivatives over the line, piece by piece.

Between two neighbours of a sign pattern of f^(n + 1), f^(n) is monotone, so that its supremum is among
the values and one-sided limits there; where the pattern is open or never ends, bisection has to
show that nothing larger lies there.
"""

from contextlib import suppress
from math import inf
from typing import Any, NamedTuple

from flint import arb

from ..numbers.arb_points import INFINITY
from ..numbers.interval import LARGEST, Enclosure, enclosure, exact
from .approach import DERIVATIVES
from .asymptotics import limit as asymptotic_limits
from .asymptotics import limits_along_waves
from .envelopes import approached
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
)
from .shape import WINDOW, Shape


class Level(NamedTuple):
    """A value that f or f' takes or approaches: an enclosure or an infinity, and where."""

    value: Enclosure | float
    where: Place
    attained: bool

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
            if not place.finite:
                found.append(_far(shape, 1 if right else -1, order))
            elif place in (shape.pieces[index].low, shape.pieces[index].high):
                limit = shape.end(index, place == shape.pieces[index].high, order)
                if limit is None:
                    raise Undecided(f"no limit at {place.number:.6g}")
                found.append(Level(limit, place, False))
            else:
                found.append(Level(shape.value(place, order, index), place, True))
        if stretch.sign == 0 and stretch.high != stretch.low:
            found.append(_inside(shape, index, stretch, order))
    for place in (*shape.breakpoints, *(end for end in (shape.low, shape.high) if end.finite)):
        if order == 0:
            here = shape.itself(place)
            if here.finite:
                found.append(Level(here, place, True))
            elif not shape.is_hole(place):
                raise Undecided(f"the value at {place.number:.6g} stays open")
    for place in shape.places if order else ():
        if shape.order(place, order) >= order:
            found.append(Level(shape.slope(place, order), place, True))
    return found, open_


def _inside(shape: Shape, index: int, stretch: SignInterval, order: int) -> Level:
    """The level of a constant stretch, at a point inside it."""
    middle = at(between(stretch.low, stretch.high))
    return Level(shape.value(middle, order, index), middle, True)


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
                 if p.low.low <= float(b) and p.high.high >= float(a)]  # fmt: skip
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
    best = _best(found, sign)
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


def _best(found: list[Level], sign: int) -> Level:
    """The largest (smallest) level; of equal ones one that is attained, and nearest to 0."""

    def ends(level: Level) -> tuple[Any, Any]:
        if isinstance(level.value, float):
            end = arb(level.value * sign)
            return end, end
        return (level.value.low, level.value.high) if sign > 0 else (
            -level.value.high, -level.value.low
        )  # fmt: skip

    best = found[0]
    for level in found[1:]:
        (low, high), (best_low, best_high) = ends(level), ends(best)
        if low > best_high or (
            not (high < best_low)
            and (level.attained, -abs(level.where.number))
            > (best.attained, -abs(best.where.number))
        ):
            best = level
    return best
