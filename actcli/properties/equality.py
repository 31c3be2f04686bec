"""Equality of functions to a stated tolerance."""

from fractions import Fraction
from itertools import pairwise

from ..expressions.canonical import equal
from ..expressions.node import Node
from ..expressions.program import alike
from ..functions.catalogue import names
from ..functions.registry import FUNCTIONS
from ..numbers.interval import Enclosure, enclosure
from ..proofs import pieces, resolve_at, value_at, value_there, written
from .subject import Subject, default_tree
from .witnesses import candidates

NEAR = 1e-12  # equal means within NEAR * max(1, |f|)
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
        if any(differ(value, value_at_place(other, p)) for value, p in zip(values, probes, strict=True)):
            continue
        verdict = _equal(subject, other)
        if verdict:
            found.append(name)
        elif verdict is None:
            open_.append(name)
    return found, open_


def value_at_place(tree: Node, x: float) -> Enclosure:
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
            if differ(subject.at(x), value_at_place(other, x)):
                return False
        return None
    seams = [piece.low for piece in (*mine[1:], *theirs[1:])] + [p for p in ends if p.finite]
    values = [(value_there(subject.activation.tree, p), value_there(other, p)) for p in seams]
    if any(differ(a, b) for a, b in values):
        return False
    return True if all(agree(a, b) for a, b in values) else None
