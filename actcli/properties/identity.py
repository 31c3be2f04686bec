"""Proves symmetry, and equality with registered functions, on canonical forms."""

from fractions import Fraction
from math import inf, nextafter

from ..expressions.canonical import equal, reflect
from ..expressions.node import Node, node
from ..functions.catalogue import names
from ..functions.registry import FUNCTIONS
from ..numbers.interval import enclosure
from ..primitives import logistic
from ..proofs.breakpoints import roots, told_apart
from ..proofs.difference import FormulaDifference
from ..proofs.distance import CELLS, supremum
from ..proofs.extrema import extremum
from ..proofs.points import Budget, Piece, Place, Undecided, written
from .equality import NEAR, agree, differ, value_at_place
from .subject import PROBES, Answer, Subject, default_tree, of_holes
from .witnesses import candidates, tidy

_CELLS = 300  # that may be looked at before two formulas count as open

_X = Node("x")

# formula -> what is said of a function that is proved to equal it
_FORMS: tuple[tuple[Node, str], ...] = (
    (node(2 * logistic(2 * _X) - 1), "it is 2 logistic(2x) - 1"),
    (node(_X / 2), "it is x/2, the swish of beta 0"),
    (node(_X * logistic(_X)), "it is x logistic(x)"),
)


def symmetry(subject: Subject) -> Answer:
    """Proves that f is odd or even, or finds witnesses against both."""
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
    _same_breakpoints_mirrored(subject)
    ends = [] if subject.whole else [written(subject.high)]
    missing = subject.shape.holes
    for place in (*subject.shape.breakpoints, *ends):
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
    breakpoints = [
        abs(Fraction(place.low)) for place in subject.shape.breakpoints if place.exact and place.low
    ]
    tried: list[float | Fraction] = [*simple, *(x for x in PROBES if 0 < x < 1), *breakpoints]
    for p in tried:
        if not subject.inside(float(p)):
            continue
        here, there = subject.at(p), subject.at(-p)
        if differ(there, here if sign > 0 else -here):
            return float(p)
    zero = subject.at(0)
    return 0.0 if sign < 0 and differ(zero, -zero) else None


def mirrored(parts: list[Piece], sign: int) -> bool:
    """Whether f(-x) = sign*f(x) is proved for every x but the breakpoints."""
    count = len(parts)
    for index, piece in enumerate(parts):
        other = parts[count - 1 - index]
        if not _opposite(piece.high, other.low):
            return False
        target = piece.tree if sign > 0 else node(-piece.tree)
        if not equal(reflect(other.tree), target):
            return False
    return True


def _same_breakpoints_mirrored(subject: Subject) -> None:
    """Undecided if a breakpoint that is no known number may lie beside the mirror image of another."""
    shape = subject.shape
    if all(place.exact for place in shape.breakpoints):
        return
    low, high = shape.pieces[0].low, shape.pieces[-1].high
    found = roots(shape.tree, Budget(shape.budget), low, high)
    told_apart(found + [(Place(-p.high, -p.low), reflect(gap)) for p, gap in found])


def _opposite(a: Place, b: Place) -> bool:
    if not (a.finite and b.finite):
        return a.low == -b.low
    return a.low <= -b.low and -b.high <= a.high


def same_as(subject: Subject) -> Answer:
    """Proves which registered functions are the same."""
    if missing := subject.own.holes:
        return "refuted", [], [tidy(place.number) for place in missing], of_holes(subject.own)
    found, open_ = subject.twins
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


def identities(subject: Subject) -> list[str]:
    """Proves the course's identities that hold for this function, as sentences."""
    found = []
    parts = subject.shape.pieces
    if len(parts) == 1:
        for form, sentence in _FORMS:
            if str(form) != str(subject.activation.tree) and equal(parts[0].tree, form):
                found.append(sentence)
    beta = subject.activation.parameters.get("beta")
    if subject.activation.name == "swish" and beta:
        lowest = abs(extremum(subject.shape, 0, -1).number) if beta > 0 else None
        # |swish - relu| is |x| logistic(-beta |x|), and so is -swish left of 0
        if lowest is not None:
            found.append(
                f"it differs from relu by at most {lowest:.5g}, which is 0.27846/beta: "
                "it tends to relu"
            )
    exact = subject.activation.approximates
    if exact is not None:
        apart = supremum(FormulaDifference(subject.activation.tree, exact.tree), 0, CELLS).value
        if apart is not None:
            found.append(f"it differs from {exact.label} by at most {apart:.5g}")
    return found


def _close(subject: Subject, name: str) -> bool | None:
    """Whether a registered function is proved to be equal within NEAR, or shown not to be; else None."""
    other = default_tree(FUNCTIONS[name])
    gap = supremum(FormulaDifference(subject.activation.tree, other), 0, _CELLS)
    if gap.value is None or gap.where is None:
        return None
    if gap.high <= NEAR:
        return True
    beside = (gap.where, nextafter(gap.where, inf), nextafter(gap.where, -inf))
    if any(
        differ(subject.at(x), enclosure(value_at_place(other, x))) for x in beside if abs(x) < inf
    ):
        return False
    return None
