"""Proves continuity, smoothness, direction, convexity, range, saturation: what calculus can settle."""

from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from itertools import combinations, pairwise
from math import inf, ulp
from typing import Any

from ..expressions.canonical import equal
from ..expressions.node import node
from ..numbers.interval import Enclosure, enclosure
from ..proofs.extrema import extremum
from ..proofs.points import Place, SignInterval, Undecided, number_of
from ..proofs.shape import Shape
from ..wording import listing, words
from .equality import NEAR
from .subject import Answer, MonotoneInterval, Subject, directions, goes_on, of_holes, sides
from .witnesses import candidates, tidy

PLAIN = 1e-9  # relative size of a bend that is plain in double precision,
_JUMP = 2.0**-50  # and at a jump


def continuous(subject: Subject) -> Answer:
    """Proves continuity, or lists the jumps with the tallest."""
    shape = subject.shape
    jumps = [tidy(p.number) for p in shape.jumps]
    if not jumps:
        return "proved", 0, [], "the graph can be drawn without lifting the pen"
    heights = [_height(shape, place) for place in shape.jumps]
    tallest = None if None in heights else max(h for h in heights if h is not None)
    if set(shape.holes) == set(shape.jumps):
        return "refuted", tallest, jumps, of_holes(shape) + _cut(shape.periodic)
    how = "where it has no limit" if tallest is None else f"by up to {words(tallest)}"
    return "refuted", tallest, jumps, f"it jumps at {listing(jumps)}, {how}{_cut(shape.periodic)}"


def _cut(endless: bool) -> str:
    """What is said of a list that would never end."""
    return "; only what lies within [-10, 10] is listed" if endless else ""


def _height(shape: Shape, place: Place) -> float | None:
    """How far the limits and the value at a breakpoint or end lie apart; None if there is no limit."""
    try:
        levels = sides(shape, place)
    except Undecided:
        if shape.is_hole(place):
            return None
        raise
    known = [v for v in levels if v is not None]
    if not all(v.finite for v in known):
        return inf
    if len(known) < len(levels):
        return None
    return max((abs(number_of(a - b)) for a, b in combinations(known, 2)), default=0.0)


def differentiable(subject: Subject) -> Answer:
    """Proves where there is a gradient: everywhere, or but at the kinks listed."""
    shape = subject.shape
    rough = [tidy(p.number) for p in shape.places if shape.order(p, 1) <= 0]
    jumps = [tidy(p.number) for p in shape.jumps]
    if jumps:
        first = f"it is not even continuous: it jumps at {words(jumps[0])}"
        return "refuted", rough, jumps[0], (of_holes(shape) or first) + _cut(shape.periodic)
    if rough and shape.periodic:
        return "refuted", rough, rough[0], "its kinks never end; those within [-10, 10] are listed"
    if rough:
        return "proved", rough, None, f"it has a gradient everywhere but at {listing(rough)}"
    return "proved", [], None, "it has a gradient at every x"


def _breaks(shape: Shape) -> str:
    """What the gradient does where it is not continuous, as sentences have it."""
    said = set()
    for place in shape.places:
        if shape.order(place, 1) == 0:
            try:
                ends = shape.one_sided(place, 1)
            except Undecided:
                ends = []
            steep = any(isinstance(end, float) for end in ends)
            lost = any(end is None for end in ends)
            said.add("has no limit" if lost else "is infinite" if steep else "jumps")
    return " or ".join(sorted(said))


def smoothness(subject: Subject) -> Answer:
    """Determines the largest k with f in C^k, and the breakpoints that limit it."""
    shape = subject.shape
    order: float = -1 if shape.jumps else inf
    for place in shape.places:
        order = min(order, shape.order(place, order))
    if order == inf:
        return "proved", inf, [], "it can be differentiated any number of times"
    where = [tidy(p.number) for p in shape.places if shape.order(p, order + 1) == order]
    if order >= 1:
        return (
            "proved", int(order), where,
            f"derivatives up to order {int(order)} are continuous, the next breaks at "
            f"{listing(where)}{_cut(shape.periodic)}",
        )  # fmt: skip
    if order < 0 and shape.holes:
        return "refuted", -1, where, of_holes(shape) + _cut(shape.periodic)
    what = "the function itself jumps" if order < 0 else f"the gradient {_breaks(shape)}"
    return "refuted", int(order), where, f"{what} at {listing(where)}{_cut(shape.periodic)}"


def nonlinear(subject: Subject) -> Answer:
    """Proves that f is no straight line, by three points, or that it is one."""
    shape = subject.shape
    if _is_line(subject):
        x = 0.0 if subject.inside(0) else candidates(subject.low, subject.high)[0]
        slope = shape.value(x, 1)
        a, b = number_of(slope), number_of(subject.at(x) - slope * enclosure(Fraction(x)))
        line = [tidy(a), tidy(b)]
        return "refuted", line, None, f"it is the straight line {a:.6g} x + {b:.6g}"
    places = [0.0, *(p.number for p in shape.breakpoints[:4]), 3.0, -3.0, *_within(subject)]
    for reach in (1.0, 2.0, 4.0, 0.5, 10.0, 0.125, 100.0, *_reaches(subject)):
        for place in places:
            points = [place - reach, place, place + 2 * reach]
            bend = _bend(subject, points)
            if bend and _visible(subject, points):
                told = f"the points above {listing(points)} do not lie on a line"
                return "proved", None, points, told
    raise Undecided("no three points off a line were found")


def _within(subject: Subject) -> list[float]:
    """Places inside of an interval that is not the whole line."""
    return [] if subject.whole else candidates(subject.low, subject.high)[:8]


def _reaches(subject: Subject) -> list[float]:
    """Distances within an interval of finite length."""
    width = subject.high - subject.low
    return [width / part for part in (8, 32, 256)] if width < inf else []


def _is_line(subject: Subject) -> bool:
    """Whether it is proved to be one straight line: pieces of one slope that meet."""
    shape = subject.shape
    if len(shape.pieces) == 1:
        straight = not shape.trees(0, 1)[1].has_x or equal(shape.trees(0, 2)[2], node(0))
        return straight and not shape.jumps
    if any(shape.trees(index, 1)[1].has_x for index in range(len(shape.pieces))):
        return False
    slopes = [shape.value(piece.inside, 1, i) for i, piece in enumerate(shape.pieces)]
    return all(s.low == s.high == slopes[0].low for s in slopes) and not shape.jumps


def _bend(subject: Subject, points: list[float]) -> int:
    """1 if the middle point lies certainly above the chord, -1 below, 0 if that is open."""
    if not subject.inside(*points):
        return 0
    a, b, c = (Fraction(p) for p in points)
    share = (b - a) / (c - a)
    low, middle, high = (subject.at(p) for p in (a, b, c))
    if not all(v.finite for v in (low, middle, high)):
        return 0
    gap = middle - (low * enclosure(1 - share) + high * enclosure(share))
    return gap.sign or 0


def _visible(subject: Subject, points: list[float], least: float = PLAIN) -> bool:
    """Whether the bend is plain in double precision too."""
    a, b, c = points
    low, middle, high = (subject.number(p) for p in points)
    if not all(abs(v) < 1e300 for v in (low, middle, high)):
        return False
    chord = low + (high - low) * ((b - a) / (c - a))
    return abs(middle - chord) > least * max(abs(low), abs(middle), abs(high))


def monotonic(subject: Subject) -> Answer:
    """Proves that f never falls, or finds a pair on which it does."""
    shape, runs = subject.shape, subject.stretches
    value = [run.listed() for run in runs]
    tail = _cut(shape.windowed)
    falling = [run for run in runs if run.kind == "decreasing"]
    if falling:
        pair = falling_pair(subject, falling)
        low, high = (words(place.number) for place in (falling[0].low, falling[0].high))
        return "refuted", value, pair, f"it falls from {low} to {high}{tail}"
    for jump in shape.jumps:
        if -1 in directions(shape, jump):
            place = jump.number
            pair = across(subject, place)
            return "refuted", value, pair, f"it jumps down at {words(place)}{tail}"
    if shape.windowed:
        raise Undecided("it rises within [-10, 10]; beyond, the sign of the gradient stays open")
    flat = any(run.kind == "constant" for run in runs)
    return "proved", value, None, "it never falls" + (", but is flat in part" if flat else "")


def falling_pair(subject: Subject, falling: list[MonotoneInterval]) -> list[float]:
    """Finds two simple points a < b with f(a) > f(b), plain in double precision."""
    for run in falling:
        inside = candidates(run.low.number, run.high.number)
        for pair in combinations(inside[:12], 2):
            a, b = sorted(pair)
            if _falls(subject, a, b):
                return [a, b]
    low, high = (words(place.number) for place in (falling[0].low, falling[0].high))
    raise Undecided(f"it falls between {low} and {high}, but no plain witness was found")


def _falls(subject: Subject, a: float, b: float) -> bool:
    """Whether f(a) > f(b) is proved, and plain in double precision."""
    return (subject.at(a) > subject.at(b)) is True and subject.number(a) > subject.number(b)


def across(subject: Subject, place: float) -> list[float]:
    """Finds two points around a jump down."""
    for reach in (1.0, 0.5, 0.25, 0.0625, *(2.0**-k for k in range(10, 52, 3)), ulp(place)):
        for a, b in (
            (place, place + reach),
            (place - reach, place),
            (place - reach, place + reach),
        ):
            if not subject.inside(a, b):
                continue
            with suppress(ZeroDivisionError):
                if _falls(subject, a, b):
                    return [a, b]
    raise Undecided(f"it jumps down at {words(place)}, but no plain witness was found")


def _neither(above: list[float]) -> Answer:
    detail = f"at {words(above[1])} it lies above a chord, elsewhere below"
    return "refuted", "neither", above, detail


def convex(subject: Subject) -> Answer:
    """Proves convexity, or finds three points that refute it."""
    shape = subject.shape
    above = _triple(subject, 1)
    below = _triple(subject, -1)
    if above and below:
        return _neither(above)
    try:
        pattern = shape.loose_pattern(2)
        kinds = {stretch.sign for _, stretch in pattern}
    except Undecided:
        if not shape.waves:
            raise
        pattern, kinds = shape.loose_pattern(2, True), {None}
    above = above or _inside(subject, pattern, -1)
    below = below or _inside(subject, pattern, 1)
    if above and below:
        return _neither(above)
    slopes = _slopes(subject)
    if shape.jumps and not (above or below):
        raise Undecided("it jumps, but no plain witness was found")
    if not shape.jumps and kinds <= {0} and not slopes:
        return "proved", "affine", None, "it is a straight line"
    if not shape.jumps and kinds <= {0, 1} and slopes <= {1}:
        return "proved", "convex", None, "its gradient never falls"
    if not shape.jumps and kinds <= {0, -1} and slopes <= {-1} and above:
        return "refuted", "concave", above, "its gradient never rises"
    if above:
        raise Undecided("it is not convex; whether it is concave stays open")
    raise Undecided("no plain witness was found")


def _slopes(subject: Subject) -> set[int]:
    """How the gradient changes at the kinks: up (1) or down (-1)."""
    shape = subject.shape
    found = set()
    for index, place in enumerate(shape.breakpoints):
        if shape.order(place, 1) == 0:
            left, right = shape.end(index, True, 1), shape.end(index + 1, False, 1)
            if not (isinstance(left, Enclosure) and isinstance(right, Enclosure)):
                raise Undecided("a slope at a kink is not finite")
            change = (right - left).sign
            if not change:
                raise Undecided("two slopes at a kink could not be told apart")
            found.add(change)
    return found


def _triple(subject: Subject, sign: int) -> list[float] | None:
    """Three simple points, the middle one above (1) or below (-1) the chord; None if none is found."""
    return next((p for p, least in _triples(subject) if _shows(subject, p, sign, least)), None)


def _shows(subject: Subject, points: list[float], sign: int, least: float = PLAIN) -> bool:
    """Whether the middle point lies above (1) or below (-1) the chord, plainly."""
    return _bend(subject, points) == sign and _visible(subject, points, least)


def _triples(subject: Subject) -> Iterator[tuple[list[float], float]]:
    """Three points in order that may lie off a line, and how plain that must be."""
    places = [0.0, *(p.number for p in subject.shape.breakpoints[:6] if p.exact), *_within(subject)]
    centres = sorted(
        {*places, *(p + d for p in places for d in (-1.0, 1.0, -2.0, 2.0, -3.0, 3.0, -5.0, 5.0))}
    )
    for reach in (1.0, 0.5, 2.0, 0.125, 5.0, 20.0, *_reaches(subject)):
        for centre in sorted(centres, key=abs):
            yield [centre - reach, centre, centre + reach], PLAIN
    for start, stop in pairwise(subject.shape.breakpoints[:7]):
        low, high = start.number, stop.number
        if reach := (high - low) / 2:  # such as the foot and the edge of a saw's tooth
            yield [low, low + reach, high], PLAIN
            yield [low + reach, high, high + reach], PLAIN
    for place in (p.number for p in subject.shape.jumps[:6]):
        for reach in (0.125, 2.0**-10, 2.0**-20, 2.0**-30, 2.0**-40, ulp(place)):
            for shift in (0, reach, -reach):
                points = [place + shift - reach, place + shift, place + shift + reach]
                if len({*points}) == 3:
                    yield points, _JUMP


def _inside(
    subject: Subject, pattern: list[tuple[int, SignInterval]], curvature: int
) -> list[float] | None:
    """Three points off a chord, within a stretch on which the curvature has that sign."""
    for _, stretch in pattern:
        for place, away in ((stretch.low, 1), (stretch.high, -1)):
            if stretch.sign != curvature or not place.finite:
                continue
            for power in range(0, -12, -1):
                points = sorted(place.number + away * k * 2.0**power for k in (1, 2, 3))
                inside = stretch.low.number < points[0] and points[2] < stretch.high.number
                if inside and _shows(subject, points, -curvature):
                    return points
    return None


def _extent(subject: Subject, order: int) -> tuple[Answer, float, float]:
    """The answer, and the infimum and supremum of f^(order)."""
    low, high = (extremum(subject.shape, order, sign) for sign in (-1, 1))
    value = {
        "inf": tidy(low.number),
        "sup": tidy(high.number),
        "inf_attained": low.attained,
        "sup_attained": high.attained,
    }
    bounded = abs(low.number) < inf and abs(high.number) < inf
    told = f"{('values', 'gradients')[order]} from {words(low.number)} to {words(high.number)}"
    where = [tidy(low.where.number), tidy(high.where.number)]
    return ("proved" if bounded else "refuted", value, where, told), low.number, high.number


def range_(subject: Subject) -> Answer:
    """Certifies infimum and supremum of f, and whether they are attained."""
    return _extent(subject, 0)[0]


def gradient_range(subject: Subject) -> Answer:
    """Certifies infimum and supremum of f' where it exists."""
    (verdict, value, where, told), low, high = _extent(subject, 1)
    if verdict == "proved" and high > 1.0000001:
        told += ": it can enlarge an error that is passed back"
    elif verdict == "proved" and 0 < high < 0.9999999 and low >= 0:
        told += ": every layer makes the error that is passed back smaller"
    return verdict, value, where, told


def saturates_left(subject: Subject) -> Answer:
    """Proves a finite limit on the left, with a gradient that tends to 0."""
    return _saturates(subject, -1)


def saturates_right(subject: Subject) -> Answer:
    """Proves a finite limit on the right, with a gradient that tends to 0."""
    return _saturates(subject, 1)


def _saturates(subject: Subject, side: int) -> Answer:
    """The limits of f and f' on a side, and whether f levels off."""
    limits = [subject.own.limit(side, order) for order in (0, 1)]
    numbers = [v if v is None else tidy(number_of(v)) for v in limits]
    value = {"limit": numbers[0], "gradient_limit": numbers[1]}
    finite = isinstance(limits[0], Enclosure)
    flat = isinstance(limits[1], Enclosure) and limits[1].contains(0) and limits[1].width < 1e-12
    if finite and flat:
        return "proved", value, None, f"it levels off at {words(numbers[0] or 0.0)}"
    shown = "has no limit" if numbers[0] is None else f"tends to {words(numbers[0])}"
    verb = "tends to" if numbers[0] is None else "to"
    slope = "has none" if numbers[1] is None else f"{verb} {words(numbers[1])}"
    return "refuted", value, None, f"it {shown}, its gradient {slope}"


def identity_at_zero(subject: Subject) -> Answer:
    """Determines f(0) and f'(0), and whether they are 0 and 1."""
    shape = subject.shape
    if not subject.inside(0):
        raise Undecided("0 does not lie in the interval")
    if any(place.low <= 0 <= place.high for place in shape.holes):
        return "refuted", {"f": None, "gradient": None}, None, of_holes(shape)
    value = subject.at(0)
    number = subject.number(0)
    gradient: float | None = None
    slope: Any = None
    kink = next((p for p in shape.places if p.low <= 0 <= p.high), None)
    if kink is None or shape.order(kink, 1) >= 1:
        slope = shape.value(0.0, 1) if kink is None else shape.slope(kink)
        gradient = float(((slope.low + slope.high) / 2).mid())
    answer = {"f": tidy(number), "gradient": gradient if gradient is None else tidy(gradient)}
    near = enclosure(NEAR)
    zero = bool((value <= near) is True and (value >= -near) is True)
    one = slope is not None and bool((slope - 1 <= near) is True and (slope - 1 >= -near) is True)
    if zero and one:
        return "proved", answer, None, "small inputs pass unchanged"
    if gradient is None:
        return "refuted", answer, None, "there is no gradient at 0"
    return "refuted", answer, None, f"f(0) = {words(number)}, f'(0) = {words(gradient)}"


def dead_zone(subject: Subject) -> Answer:
    """Finds the intervals on which the gradient is 0."""
    shape = subject.shape
    runs: list[MonotoneInterval] = []
    for index, piece in enumerate(shape.pieces):
        if not shape.constant(index):
            continue
        on = runs and runs[-1].piece == index - 1 and goes_on(shape, runs[-1], index, "constant")
        low = runs.pop().low if on else piece.low
        runs.append(MonotoneInterval(low, piece.high, "constant", index))
    if not runs:
        return "refuted", [], None, "its gradient is 0 on no interval: a unit can always learn"
    zones = [run.listed()[:2] for run in runs]
    place = " and ".join(_said(low, high) for low, high in zones[:3])
    told = f"gradient is 0 {place}: a unit pushed there stops learning{_cut(shape.periodic)}"
    return "proved", zones, None, told


def _said(low: float, high: float) -> str:
    """An interval in words."""
    if low == -inf:
        return "at every x" if high == inf else f"for every x < {words(high)}"
    return f"for every x > {words(low)}" if high == inf else f"from {words(low)} to {words(high)}"
