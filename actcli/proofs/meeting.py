"""Proves whether two branches meet at a breakpoint: whether they have the same value there."""

from dataclasses import dataclass
from fractions import Fraction

from ..expressions.breakpoints import Breakpoint, nearest, places
from ..expressions.canonical import divides, equal
from ..expressions.node import Node, node
from ..expressions.program import alike
from ..numbers.interval import Enclosure, enclosure
from .asymptotics.coefficients import UndecidedError
from .asymptotics.limits import approaching, plain, read
from .branches import choices_at, is_0_at_multiple_of_pi
from .exact_values import sign_at, value_at
from .points import Place, Undecided


def sign_there(tree: Node, place: Place, breakpoints: list[Breakpoint]) -> int:
    """Determines the sign of a branch-free formula at a place; 0 by exact algebra, never by rounding.

    `breakpoints` are those of the whole formula, and its edges, of which some lie at the place: what is
    0 there is told by them. Undecided if open.
    """
    if place.exact:
        sign = sign_at(tree, Fraction(place.low))
    else:
        value = value_at(tree, place.enclosure)
        sign = value.sign
        if sign is None and value.finite and _is_0(tree, place, breakpoints):
            sign = 0
    if sign is None:
        raise Undecided(f"whether two values at {place.number:.6g} are equal stays open")
    return sign


def _is_0(tree: Node, place: Place, breakpoints: list[Breakpoint]) -> bool:
    if equal(tree, node(0)):
        return True
    turn = is_0_at_multiple_of_pi(tree, place)
    for each in breakpoints:
        gap = _gap(each, place)
        if gap is None:
            continue
        if (turn and is_0_at_multiple_of_pi(gap, place)) or divides(gap, tree):
            return True
        root = _root(each, place)
        if root is not None and equal(node(tree.read(root)), node(0)):
            return True
    return False


def _root(breakpoint: Breakpoint, place: Place) -> Node | None:
    """The place as a formula without x, where it is plain to see: x < log(2)."""
    known = map(node, places(breakpoint) or ())
    near = [x for x in known if _meets(enclosure(x.read(enclosure(0))), place.enclosure)]
    return near[0] if len(near) == 1 else None


def _meets(a: Enclosure, b: Enclosure) -> bool:
    return bool(a.low <= b.high and b.low <= a.high)


def _gap(breakpoint: Breakpoint, place: Place) -> Node | None:
    """The difference of two sides without branches, if that is 0 at an isolated root."""
    choices = choices_at(place)
    try:
        gap = choices(plain(node(breakpoint.a - breakpoint.b)))
        return gap if choices.order(gap, node(0)) == 0 else None
    except (TypeError, ArithmeticError):
        return None


def same_point(one: tuple[Place, Node], other: tuple[Place, Node]) -> bool:
    """Whether isolated roots of two formulas, known to lie close together, are proved to be one."""
    (a, first), (b, second) = ((place, plain(formula)) for place, formula in (one, other))
    if (a.exact and b.exact) or alike(first, second):
        return True
    if a.exact or b.exact:
        place, formula = (a, second) if a.exact else (b, first)
        choices = choices_at(place)
        try:
            return choices.order(choices(formula), node(0)) == 0
        except TypeError:
            return False
    choices = choices_at(a)
    try:
        first, second = (choices(formula) for formula in (first, second))
    except TypeError:
        return False
    return divides(first, second) or divides(second, first)


@dataclass(frozen=True)
class Limit:
    """A limit from one side of a place (-1 or 1) or the value there (0), with its formula."""

    value: Enclosure | float | None
    tree: Node
    side: int


def step(one: Limit, other: Limit, place: Place | Fraction | Node, known: list[Breakpoint]) -> int:
    """The sign of other - one; 0 is proved. Undecided if it stays open. `known` are the breakpoints."""
    if one.value is None or other.value is None:
        raise Undecided("there is no limit")
    a, b = enclosure(one.value), enclosure(other.value)
    if (a < b) is True or (a > b) is True:
        return 1 if a.low < b.low else -1
    if a.low == a.high == b.low == b.high:
        return 0
    exactly = Fraction(place.low) if isinstance(place, Place) and place.exact else place
    gap = node(other.tree - one.tree)
    if isinstance(exactly, Place):
        return sign_there(gap, exactly, known)
    sign = sign_at(gap, exactly)
    if sign is None and _tends_to_0(one, other, exactly):
        return 0
    if sign is None:
        raise Undecided(f"whether two limits at {nearest(exactly):.6g} are equal stays open")
    return sign


def _tends_to_0(one: Limit, other: Limit, place: Fraction | Node) -> bool:
    """Whether the difference of two expansions beside a place is proved to tend to 0."""
    expansions = []
    for level in (one, other):
        formula = level.tree if level.side else node(level.tree.read(node(place)))
        expansions += read([formula], approaching(level.side or 1, place))
    try:
        gap = expansions[1] - expansions[0]
        return bool(gap.known and gap.size == -1)
    except (UndecidedError, ArithmeticError):
        return False
