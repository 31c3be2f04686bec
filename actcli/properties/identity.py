"""Symmetry and equality with registered functions: identities, proved on canonical forms."""

from fractions import Fraction
from itertools import pairwise
from math import inf, nextafter

from ..expressions.canonical import equal, reflect
from ..expressions.node import Node, alike, node
from ..functions.registry import FUNCTIONS, names
from ..numbers.interval import Enclosure, enclosure
from ..proofs import Piece, Place, Undecided, pieces, resolve_at, value_at, value_there, written
from ..proofs.distance import Gap
from .known import identities
from .subject import Answer, Subject, candidates, default_tree, of_holes, tidy

NEAR = 1e-12  # equal means within NEAR * max(1, |f|)
_CELLS = 300  # that may be looked at before two formulas count as open
PROBES = (1.0, -1.0, 0.3125, -2.75, 4.5, -0.0625, 9.0, -7.5, 0.0)


def differ(a: Enclosure, b: Enclosure) -> bool:
    """Whether two values certainly differ by more than equality allows."""
    gap = a - b
    scale = NEAR * max(1.0, abs(float(a.low)), abs(float(a.high)))
    return bool(gap.low > scale) or bool(gap.high < -scale)


def agree(a: Enclosure, b: Enclosure) -> bool:
    """Whether two values are certainly equal, as far as equality asks."""
    if not (a.finite and b.finite):
        return False
    gap = a - b
    scale = NEAR * max(1.0, min(abs(float(a.low)), abs(float(a.high))))
    return bool(gap.high <= scale) and bool(gap.low >= -scale)


def symmetry(subject: Subject) -> Answer:
    if subject.low != -subject.high:  # asked where both x and -x lie in the interval
        reach = min(-subject.low, subject.high)
        if not reach > 0:
            raise Undecided("the interval holds no x and -x")
        f, budget = subject.activation, subject.budget
        return symmetry(Subject(f, budget, subject.dtype, -reach, reach))
    odd, even = _witness(subject, -1), _witness(subject, 1)
    if odd is not None and even is not None:
        detail = f"f({-odd:.6g}) is neither f({odd:.6g}) nor -f({odd:.6g})"
        if odd != even:
            detail = f"not odd (see {odd:.6g}) and not even (see {even:.6g})"
        return "refuted", "none", [odd, even], detail
    if odd is None and even is None:
        if all(not p.tree.has_x for p in subject.shape.pieces) and not subject.shape.jumps:
            return "proved", "both", None, "it is 0 everywhere"
        raise Undecided("no witness against either symmetry was found")
    sign = -1 if odd is None else 1
    if not mirrored(subject.shape.pieces, sign):
        raise Undecided("it looks symmetric, but that could not be proved")
    ends = [] if subject.whole else [written(subject.high)]
    missing = subject.shape.holes
    for place in (*subject.shape.seams, *ends):
        mirror = Place(-place.high, -place.low)
        if place in missing or mirror in missing:
            continue
        here, there = (subject.shape.itself(p) for p in (place, mirror))
        if not agree(here, there if sign > 0 else -there):
            raise Undecided(f"its value at {place.number:.6g} stays open")
    if sign < 0:
        return "proved", "odd", None, "f(-x) = -f(x): no bias for inputs around 0"
    return "proved", "even", None, "f(-x) = f(x): it does not tell x from -x"


def _witness(subject: Subject, sign: int) -> float | None:
    """A simple p with f(-p) != sign*f(p), or None."""
    simple = sorted(candidates(0, subject.high)[:40], key=lambda x: (x != 1, x))
    seams = [abs(Fraction(place.low)) for place in subject.shape.seams if place.exact and place.low]
    tried: list[float | Fraction] = [*simple, *(x for x in PROBES if 0 < x < 1), *seams]
    for p in tried:
        if not subject.inside(float(p)):
            continue
        here, there = subject.at(p), subject.at(-p)
        if differ(there, here if sign > 0 else -here):
            return float(p)
    zero = subject.at(0)
    return 0.0 if sign < 0 and differ(zero, -zero) else None


def mirrored(parts: list[Piece], sign: int) -> bool:
    """Whether f(-x) = sign*f(x) is proved for every x but the seams."""
    count = len(parts)
    for index, piece in enumerate(parts):
        other = parts[count - 1 - index]
        if not _opposite(piece.high, other.low):
            return False
        target = piece.tree if sign > 0 else node(-piece.tree)
        if not equal(reflect(other.tree), target):
            return False
    return True


def _opposite(a: Place, b: Place) -> bool:
    if not (a.finite and b.finite):
        return a.low == -b.low
    return a.low <= -b.low and -b.high <= a.high


def same_as(subject: Subject) -> Answer:
    if missing := subject.own.holes:
        return "refuted", [], [tidy(place.number) for place in missing], of_holes(subject.own)
    found, open_ = twins(subject)
    close = {name: _close(subject, name) for name in open_}
    found = [name for name in names() if name in found or close.get(name)]
    open_ = [name for name in open_ if close[name] is None]
    if open_ and not found:
        raise Undecided(f"it could be {', '.join(open_)}; that was neither proved nor refuted")
    try:
        told = identities(subject) if subject.whole else []
        more = "".join(f"; {sentence}" for sentence in told)
    except Undecided:
        more = ""
    if found:
        return "proved", found, None, f"the same function as {', '.join(found)}{more}"
    return "refuted", [], None, f"no other registered function is the same{more}"


def _close(subject: Subject, name: str) -> bool | None:
    """Whether a registered function is proved to be equal within NEAR, or shown not to be; else None."""
    other = default_tree(FUNCTIONS[name])
    gap = Gap(subject.activation.tree, other).distance(0, _CELLS)
    if gap.value is None or gap.where is None:
        return None
    if gap.high <= NEAR:
        return True
    beside = (gap.where, nextafter(gap.where, inf), nextafter(gap.where, -inf))
    if any(differ(subject.at(x), enclosure(_at(other, x))) for x in beside if abs(x) < inf):
        return False
    return None


def twins(subject: Subject) -> tuple[list[str], list[str]]:
    """Registered functions that are proved to be the same, and those of which it stays open."""
    f = subject.activation
    found: list[str] = []
    open_: list[str] = []
    probes = [p for p in PROBES if subject.inside(p)]
    if not subject.whole:
        probes += candidates(subject.low, subject.high)[:6]
    values = [subject.at(p) for p in probes]
    for name in names():
        function = FUNCTIONS[name]
        if f.function is function and f.settings == function.bind({}):
            continue
        other = default_tree(function)
        if any(differ(value, _at(other, p)) for value, p in zip(values, probes, strict=True)):
            continue
        verdict = _equal(subject, other)
        if verdict:
            found.append(name)
        elif verdict is None:
            open_.append(name)
    return found, open_


def _at(tree: Node, x: float) -> Enclosure:
    return value_at(resolve_at(tree, Fraction(x)), enclosure(x))


def _equal(subject: Subject, other: Node) -> bool | None:
    """True: proved equal; False: proved different; None: open."""
    ends = written(subject.low), written(subject.high)
    mine, theirs = (pieces(tree, None, *ends) for tree in (subject.activation.tree, other))
    places = sorted(
        {p.low.number for p in (*mine, *theirs)} | {p.high.number for p in (*mine, *theirs)}
    )
    for low, high in pairwise(places):
        middle = candidates(low, high)[0]
        a = next(p.tree for p in mine if p.low.number <= middle <= p.high.number)
        b = next(p.tree for p in theirs if p.low.number <= middle <= p.high.number)
        if alike(a, b) or equal(a, b, (low >= 0) - (high <= 0)):
            continue
        for x in candidates(low, high)[:60]:
            if differ(subject.at(x), _at(other, x)):
                return False
        return None
    seams = [piece.low for piece in (*mine[1:], *theirs[1:])] + [p for p in ends if p.finite]
    values = [(value_there(subject.activation.tree, p), value_there(other, p)) for p in seams]
    if any(differ(a, b) for a, b in values):
        return False
    return True if all(agree(a, b) for a, b in values) else None
