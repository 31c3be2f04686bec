"""Cuts the line at the breakpoints of a formula: on each piece it is analytic."""

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from ..expressions.breakpoints import breaks, edges
from ..expressions.node import Node, node
from ..expressions.program import Program, alike, derivatives
from ..expressions.rewriting import rewritten
from ..numbers.interval import Enclosure, enclosure
from .branches import resolve, resolve_at, resolve_near
from .domain import NotDefined, undefined
from .exact_values import line, settled, value_at
from .meeting import same_point, sign_there
from .points import LEFT_END, RIGHT_END, Budget, Piece, Place, Undecided, at, between, cells
from .signs import FIRST_CUTS, signs


def pieces(
    tree: Node,
    budget: Budget | None = None,
    low: Place = LEFT_END,
    high: Place = RIGHT_END,
    partial: bool = False,
) -> list[Piece]:
    """Cuts a formula into its pieces between two places, left to right.

    Where it is not defined there is none if it is `partial`; else NotDefined is raised.
    """
    budget = budget or Budget()
    places = told_apart(roots(tree, budget, low, high))
    cuts = [p for p in places if low.low < p.low and p.high < high.high]
    found: list[Piece] = []
    before: tuple[Node, ...] = ()  # the branch of the piece before, as it is written
    for left, right in zip([low, *cuts], [*cuts, high], strict=True):
        written = _defined_branch(tree, left, right)
        if written is None:
            if not partial:
                raise NotDefined(at(between(left, right)).number)
            before = ()
            continue
        branch = rewritten(written)
        edge = left.finite and any(may_break(part, left) for part in (written, *before))
        before = (written,)
        joined = found and found[-1].high == left and not edge
        if joined and alike(found[-1].tree, branch) and _is_on(tree, branch, left):
            found[-1] = Piece(found[-1].low, right, branch, found[-1].edge)
        else:
            found.append(Piece(left, right, branch, edge))
    return found


def roots(tree: Node, budget: Budget, low: Place, high: Place) -> list[tuple[Place, Node]]:
    """Isolates where a formula may change branch, each with a formula that is 0 there.

    With 0 and the ends of the interval, if a root that is no known number may be one of them.
    """
    gaps = [node(a - b) for _, a, b in breaks(tree)]
    found = [(place, gap) for gap in gaps for place in zeros(gap, budget, low, high)]
    marks = [mark for mark in {low, at(0), high} if mark.exact and mark.finite]
    return found + [
        (mark, node(Node("x") - node(mark.low)))
        for mark in marks
        if any(p.low <= mark.low <= p.high and not p.exact for p, _ in found)
    ]


def joined(
    trees: Sequence[Node], parts: Sequence[Sequence[Piece]], low: Place, high: Place
) -> list[Place]:
    """The breakpoints of two formulas, by their pieces, each once; Undecided if two may be one or not."""
    one, other = ([piece.low for piece in pieces[1:]] for pieces in parts)
    if any(a.low <= b.high and b.low <= a.high and not (a.exact and b.exact)
           for a in one for b in other):  # fmt: skip
        told_apart([root for tree in trees for root in roots(tree, Budget(), low, high)])
    return merged(one + other)


def _defined_branch(tree: Node, left: Place, right: Place) -> Node | None:
    """The branch between two neighbouring cuts; None if the formula is not defined there."""
    inside = between(left, right)
    try:
        branch = _branch(tree, left, right)
        if value_at(branch, enclosure(inside)).finite:
            return branch
        raise Undecided(f"the value at {float(inside):.6g} stays open")
    except Undecided:
        if undefined(tree, at(inside)):
            return None
        raise


def may_break(branch: Node, place: Place) -> bool:
    """Whether the domain of a branch may end at a place: not so if another branch holds there."""
    for _, inner, _ in edges(branch):
        try:
            value = enclosure(inner.read(place.enclosure))
        except (TypeError, ArithmeticError):
            return True
        if value.low <= 0 and value.high >= 0:
            return True
    return False


def _is_on(tree: Node, branch: Node, place: Place) -> bool:
    """Whether the formula's value at a place is that of the branch on both sides of it."""
    here = branch_at(tree, place)
    return alike(here, branch) or sign_there(node(here - branch), place, breaks(tree)) == 0


def branch_at(tree: Node, place: Place) -> Node:
    """Selects the branch that the formula takes at a place; Undecided if a condition stays open there."""
    try:
        if place.exact:
            return resolve_at(tree, Fraction(place.low))
        return resolve_near(tree, place)
    except TypeError:
        raise Undecided(f"which branch holds at {place.number:.6g} stays open") from None


def value_there(tree: Node, place: Place) -> Enclosure:
    """Encloses the value of a formula at a place: that of the branch taken there."""
    branch = branch_at(tree, place)
    if not place.exact:
        return value_at(branch, place.enclosure)
    return value_at(settled(branch, Fraction(place.low)), place.enclosure)


def _crossings(a: Node, b: Node, budget: Budget, low: Place, high: Place) -> list[Place]:
    """Where a - b is 0 or changes sign or branch."""
    gap = node(a - b)
    if not gap.has_x:
        return []
    straight = line(gap)
    if straight is not None:
        slope, offset = straight
        return [at(-offset / slope)] if slope else []
    places: list[Place] = []
    for piece in pieces(gap, budget, low, high, partial=True):
        program = Program(derivatives(piece.tree, 1))
        pattern = signs(program, piece.low, piece.high, budget)
        if any(s.sign is None for s in pattern):
            raise Undecided("the places where the formula changes branch could not be isolated")
        places += [s.low for s in pattern if s.low.finite and s.low != low]
    return places


def zeros(tree: Node, budget: Budget, low: Place, high: Place) -> list[Place]:
    """Isolates the zeros of a formula, places where it only touches 0 included.

    It may be a part of one that is defined elsewhere too: where(x >= 1, log(1 + sqrt(x - 1)), 1).
    """
    if line(tree) is not None:
        return _crossings(tree, node(0), budget, low, high)
    places: list[Place] = []
    for piece in pieces(tree, budget, low, high, partial=True):
        trees = derivatives(piece.tree, 2)
        if _never_0(Program(trees[:2]), piece.low, piece.high):
            continue
        places += _crossings(piece.tree, node(0), budget, piece.low, piece.high)
        for stretch in signs(Program(trees[1:]), piece.low, piece.high, budget):
            if stretch.low.finite:
                value = enclosure(Program(trees[:1]).run(stretch.low.enclosure)[0])
                if value.sign in (None, 0):
                    places.append(stretch.low)
    return places


def _never_0(program: Program, low: Place, high: Place) -> bool:
    """Whether a quick look shows that the first formula is not 0 between two places."""
    found = cells(at(low.low), at(high.high), FIRST_CUTS)  # with all that the places may be
    values = (enclosure(program.run(Enclosure(a, b))[0]) for a, b in found)
    return bool(found) and all(value.positive or value.negative for value in values)


def told_apart(places: Sequence[tuple[Place, Node]]) -> list[Place]:
    """Roots of formulas, ascending, each once; Undecided if two may be one or not."""
    found = sorted(places, key=lambda known: (known[0].low, known[0].high))
    for one, other in pairwise(found):
        if other[0].low <= one[0].high and not same_point(one, other):
            raise Undecided(f"breakpoints at {one[0].number:.6g} could not be told apart")
    return merged([place for place, _ in found])


def merged(places: Sequence[Place]) -> list[Place]:
    """Sorts places, without repetitions."""
    kept: list[Place] = []
    for place in sorted(places, key=lambda p: (p.low, p.high)):
        if kept and place.low <= kept[-1].high:
            if kept[-1].exact and place.low <= kept[-1].low <= place.high:
                continue
            if place.exact:
                kept[-1] = place
            continue
        kept.append(place)
    return kept


def _branch(tree: Node, low: Place, high: Place) -> Node:
    """The branch-free formula that holds between two neighbouring breakpoints."""
    middle = between(low, high)
    reach = (
        Fraction(1)
        if not (low.finite and high.finite)
        else (Fraction(high.low) - Fraction(low.high)) / 2
    )
    for share in (Fraction(0), Fraction(1, 3), Fraction(-1, 7), Fraction(3, 5)):
        sample = enclosure(middle + share * reach)
        try:
            return resolve(tree, sample)
        except TypeError:
            continue
    raise Undecided(f"no branch could be chosen near {float(middle):.6g}")
