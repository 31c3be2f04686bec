"""Proves how far a polynomial or a rational function is from a function, down to 1e-15 and below.

On a cell without breakpoints the function is replaced by its interpolant in Chebyshev nodes: where it is
holomorphic and at most M on the ellipse with foci at the ends of the cell and half axes that sum to
rho halves of the cell, that is off by 4 M rho^-n/(rho - 1) at most (Trefethen, Approximation Theory
and Approximation Practice, theorem 8.2). What is left is a quotient of polynomials, whose largest size
is found by bisection with expansions to the second order.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from math import copysign, inf, isfinite, log2, nextafter
from typing import Any

from flint import acb, arb, arb_mat, arb_poly, ctx

from ..evaluation.activation import Activation
from ..expressions.program import Program
from ..numbers.ball import Ball, raw
from ..numbers.interval import Enclosure, enclosure
from ..proofs.points import Undecided

PRECISION = 256  # bits
NODES = 48
RHOS = 3.0, 8.0, 24.0, 96.0  # ellipses that are tried; without poles near by wide ones serve
START, MOST_PARTS = 16, 8_000  # cells in which the largest size of a quotient is looked for
UNIT = arb(0, 1)
MOST_CELLS = 400
CELLS = 4_000  # that one supremum may cost
RELATIVE = 1e-7  # of the largest error, that a remainder may take
CUT = 1e-2  # of what a remainder may take, that high powers may
NARROW = 1e-4  # of a range: cells where enclosures may do
NOTHING = 1e-45  # an error that is as good as 0
FAR, SHARES = 4.0, (0.137, 0.419, 0.731)  # places where formulas are seen to differ


@dataclass(frozen=True)
class Bound:
    """The largest |f - p| is in [low, high]; `where` it is about, or None if nothing is proved."""

    low: float
    high: float
    where: float | None


def largest_error(
    f: Activation, coefficients: Sequence[Any], low: float, high: float,
    denominator: Sequence[Any] = (1,), relative: bool = False, root: bool = False,
    enough: float = RELATIVE, without_high: bool = False,
) -> Bound:  # fmt: skip
    """Bounds sup |f - p| on [low, high] for p with power coefficients, ascending, exactly these.

    `without_high` it is on [low, high). p is divided by the `denominator`. Of the `relative` error
    |f - p|/|f| it is the supremum over all x but 0, if f and p have a `root` there. Coefficients are
    floats or balls. `high` is infinite where nothing is proved: f has a jump or a pole there, p too, or
    there are too many cells.
    """
    with ctx.workprec(bits_for(len(coefficients), low, high)):
        over, under = (
            arb_poly([arb(c) for c in coefficients]),
            arb_poly([arb(c) for c in denominator]),
        )
        try:
            stack, tops = cells_of(f, over, under, low, high, without_high)
        except Undecided:
            return Bound(0.0, inf, None)
        if relative:
            tops = []
        cells = 0
        least = max((top[0] for top in tops), key=float, default=arb(0))
        if not relative:  # else errors that are nothing are looked at to the last digit
            least = max(least, _somewhere(stack, over, under), key=float)
        while stack:
            a, b, program = stack.pop()
            cells += 1
            if cells > MOST_CELLS:
                return Bound(float(least), inf, None)
            found = _cell(program, over, under, a, b, least, relative, root, enough)
            if found is None and not relative and b - a < NARROW * (high - low):
                found = _plain(program, over, under, a, b, least, enough)
            if found is None:
                middle = a / 2 + b / 2
                if not a < middle < b:
                    return Bound(float(least), inf, None)
                stack += [(a, middle, program), (middle, b, program)]
                continue
            tops.append(found)
            if found[0] > least:
                least = found[0]
        best = max(tops, key=lambda top: float(top[0]))
        most = max(float(top[1].upper()) for top in tops)
        return Bound(
            max(nextafter(float(best[0].lower()), -inf), 0.0), nextafter(most, inf), best[2]
        )


def _somewhere(cells: Sequence[tuple[float, float, Program]], over: Any, under: Any) -> Any:
    """The largest error at a few places."""
    places = [
        (a + (b - a) * k / START, program) for a, b, program in cells for k in range(1, START)
    ]
    errors = [
        abs(arb(raw(program.run(Ball(arb(x)))[0])) - over(arb(x)) / under(arb(x))).lower()
        for x, program in places
    ]
    return max((e for e in errors if e.is_finite()), key=float, default=arb(0))


def is_formula(f: Activation, text: str, low: float, high: float) -> bool:
    """Whether f is shown to be a formula itself from low to high, both included."""
    from ..expressions.node import node
    from ..expressions.parser import parse
    from ..numbers.near_rational import known_at
    from ..proofs.difference import FormulaDifference
    from ..proofs.distance import supremum

    tree = parse(text) if "x" in text else node(Fraction(text))
    a, b = (x if isfinite(x) else copysign(FAR, x) for x in (low, high))
    with ctx.workprec(PRECISION):
        for x in (a + share * (b - a) for share in SHARES):
            if low <= x <= high and (known_at(f.tree.read, x) - known_at(tree.read, x)).sign:
                return False
    return supremum(FormulaDifference(f.tree, tree, (low, high)), 0, CELLS).high == 0


def cells_of(
    f: Activation, over: Any, under: Any, low: float, high: float, without_high: bool
) -> tuple[list[tuple[float, float, Program]], list[tuple[Any, Any, float]]]:
    """The cells between breakpoints with their formulas, and the errors at breakpoints."""
    from ..expressions.canonical import replace
    from ..expressions.differentiate import expanded
    from ..expressions.node import Node

    if not f.breakpoints.listed:
        return [(low, high, Program([replace(expanded(f.tree), Node("x"))]))], []
    from ..proofs.points import BUDGET, at
    from ..proofs.shape import Shape

    shape = Shape(f.tree, BUDGET, at(Fraction(low)), at(Fraction(high)))
    cells, tops = [], []
    for piece in shape.pieces:
        a, b = float(piece.low.low), float(piece.high.high)
        a, b = (
            nextafter(a, -inf) if a > piece.low.low else a,
            nextafter(b, inf) if b < piece.high.high else b,
        )
        cells.append((max(a, low), min(b, high), Program([expanded(piece.tree)])))
        last = without_high and piece is shape.pieces[-1]
        for place in (piece.low,) if last else (piece.low, piece.high):
            value, x = shape.itself(place), place.enclosure
            if not value.finite:
                raise Undecided("no value at a breakpoint")
            where = x.low.union(x.high)
            error = abs(value.low.union(value.high) - over(where) / under(where))
            tops.append((error.lower(), error.upper(), place.number))
    return cells, tops


def bits_for(count: int, low: float, high: float) -> int:
    """Bits that leave 256 where powers cancel: those of a high degree on a range far from 0."""
    half = (high - low) / 2
    return PRECISION + int(count * 2 * log2(2 + max(abs(low), abs(high)) / half))


def _cell(
    program: Program, over: Any, under: Any, a: float, b: float, least: Any, relative: bool, root: bool,
    enough: float,
) -> tuple[Any, Any, float] | None:  # fmt: skip
    """A value of the error on a cell, a bound of all, and where; None if the cell is too wide."""
    middle, half = (arb(a) + arb(b)) / 2, (arb(b) - arb(a)) / 2
    linear = arb_poly([middle, half])
    root = root and a <= 0 <= b
    nodes = _nodes(ctx.prec)
    places = [middle + half * u for u in nodes]
    values = [arb(raw(program.run(Ball(x))[0])) for x in places]
    if root:
        values = [v / x for v, x in zip(values, places, strict=True)]
        over = arb_poly(over.coeffs()[1:])
    if not all(v.is_finite() for v in values):
        return None
    function = _interpolant(values)
    p, q = over(linear), under(linear)
    wanted = 0.0
    found = None
    sizes = sorted((abs(v) for v in values), key=float)
    smallest_size = None  # of f's interpolant, where errors are relative
    for rho in RHOS:
        most = _on_ellipse(program, middle, half, rho, root)
        if most is None:
            return None
        remainder = 4 * most * arb(rho) ** -(NODES - 1) / (arb(rho) - 1)
        size = sizes[-1] if relative else max(sizes[-1], least)  # where f is nothing, errors are
        if rho == RHOS[0] and remainder > 1e-3 * size:
            return None
        if relative:
            if not sizes[0] > remainder:
                continue
            if smallest_size is None:
                smallest_size = smallest(function)
            if not smallest_size > remainder:
                continue
        if found is None:
            if relative and p.degree() < 0:  # what 0 leaves of f is f
                return arb(1), arb(1), float(middle.mid())
            divisor = function * q if relative else q
            difference, cut = function * q - p, arb(0)
            if not relative and q.degree() == 0:  # of a wide ellipse high powers are nothing
                difference, cut = _shortened(difference, CUT * enough)
            found = _largest(difference, divisor, enough)
            if found is None:
                return None
            found = found[0] - cut / abs(q[0]), found[1] + cut / abs(q[0]), found[2]
            wanted = enough * max(float(found[0]), float(least))
        shift = remainder
        if relative:
            shift *= (1 + found[1]) / (smallest_size - remainder)
        if shift < wanted or shift < NOTHING:
            low = found[0] - shift
            return low, found[1] + shift, float((middle + half * found[2]).mid())
    return None


def _shortened(p: Any, share: float) -> tuple[Any, Any]:
    """A polynomial without its highest powers, and a bound of these on [-1, 1], a share of the rest."""
    coefficients, cut = p.coeffs(), arb(0)
    limit = share * max(
        (abs(float(p(arb(u)).mid())) for u in (-1.0, -0.5, 0.0, 0.6, 1.0)), default=0.0
    )
    while coefficients and (more := (cut + abs(coefficients[-1])).upper()) < limit:
        cut = more
        coefficients.pop()
    return arb_poly(coefficients), cut


def _plain(
    program: Program, over: Any, under: Any, a: float, b: float, least: Any, enough: float
) -> tuple[Any, Any, float] | None:
    """The same by enclosures alone: beside a place where f has a root's steepness."""
    found = program.run(Enclosure(arb(a), arb(b)))[0]
    ends = [arb(a), arb(b)]
    x = ends[0].union(ends[1])
    value = enclosure(found)
    if not value.finite:
        return None
    error = value.low.union(value.high) - over(x) / under(x)
    bound = abs(error).upper()
    if not bound.is_finite():
        return None
    at = abs(arb(raw(program.run(Ball(ends[1]))[0])) - over(ends[1]) / under(ends[1]))
    if bound < at.lower() * (1 + enough) or bound < least:
        return at.lower(), bound, b
    return None


def _on_ellipse(program: Program, middle: Any, half: Any, rho: float, root: bool) -> Any | None:
    """A bound of |f| on the ellipse; None where it is not known to be holomorphic inside.

    With a `root` of f at 0, which lies on the cell, it is one of |f/x|.
    """
    # inside: a few discs cover the ellipse; that f is finite on them makes it holomorphic there
    grown, shrunk = (rho + 1 / rho) / 2, (rho - 1 / rho) / 2
    largest = arb(0)
    columns, rows = 8, 5
    for i in range(columns):
        for j in range(rows):
            re = arb(-grown + (2 * i + 1) * grown / columns, grown / columns * 1.01)
            im = arb(-shrunk + (2 * j + 1) * shrunk / rows, shrunk / rows * 1.01)
            value = raw(program.run(Ball(acb(middle + half * re, half * im)))[0])
            value = abs(acb(value))
            if not value.is_finite():
                return None
            upper = value.upper()
            if upper > largest:
                largest = upper
    # |x| on the boundary of the ellipse is the least beyond the ends: a root lies between these
    return largest / (half * (arb(grown) - 1)) if root else largest


@lru_cache(8)
def _nodes(bits: int) -> list[Any]:
    """The Chebyshev nodes in [-1, 1]."""
    return [(arb(2 * k + 1) / (2 * NODES)).cos_pi() for k in range(NODES)]


@lru_cache(8)
def _matrix(bits: int) -> Any:
    """What takes values in the Chebyshev nodes to power coefficients."""
    before, here = arb_poly([1]), arb_poly([0, 1])
    polynomials = [before, here]
    while len(polynomials) < NODES:
        before, here = here, arb_poly([0, 2]) * here - before
        polynomials.append(here)
    powers = arb_mat([[p[k] for p in polynomials] for k in range(NODES)])
    cosines = [
        [
            (arb(n * (2 * k + 1)) / (2 * NODES)).cos_pi() * (2 if n else 1) / NODES
            for k in range(NODES)
        ]
        for n in range(NODES)
    ]
    return powers * arb_mat(cosines)


def _interpolant(values: list[Any]) -> Any:
    """The polynomial in [-1, 1] through values in the Chebyshev nodes."""
    found = _matrix(ctx.prec) * arb_mat([[v] for v in values])
    return arb_poly([found[k, 0] for k in range(NODES)])


def smallest(p: Any) -> Any:
    """A bound below |p| on [-1, 1]; 0 where it may have a root."""
    cells = [(arb(0), arb(1))]
    first = p.derivative()
    least = arb("inf")
    for _ in range(MOST_PARTS):
        if not cells:
            return least
        m, r = cells.pop()
        value = abs(p(m)).lower()
        bound = (value - r * abs(first(m + r * UNIT)).upper()).lower()
        if bound > value / 2:
            if bound < least:
                least = bound
            continue
        if r < 1e-6:
            break
        cells += [(m - r / 2, r / 2), (m + r / 2, r / 2)]
    return arb(0)


def _largest(p: Any, q: Any, enough: float) -> tuple[Any, Any, Any] | None:
    """A value of |p/q| on [-1, 1], a bound of all, and about where it is largest.

    By bisection with an expansion to the second order in each cell; the bound is within `enough`
    of the value, relatively. None after too many cells, as where q has a root.
    """
    simple = q.degree() == 0
    p = p * (1 / q[0]) if simple else p
    first, second = p.derivative(), p.derivative().derivative()
    below, below2 = q.derivative(), q.derivative().derivative()
    best, where = arb(0), arb(0)
    most = arb(0)
    for place in (arb(-1), arb(1)):
        value = abs(p(place) if simple else p(place) / q(place))
        if not value.is_finite():
            return None
        if value.upper() > most:
            most = value.upper()
        if value.lower() > best:
            best, where = value.lower(), place
    cells = [(arb(2 * k + 1) / START - 1, arb(1) / START) for k in range(START)]
    for _ in range(MOST_PARTS):
        if not cells:
            return best, max(most, best, key=float), where
        m, r = cells.pop()
        ball = m + r * UNIT
        if simple:
            here, slope, curve = p(m), first(m), second(ball)
        else:
            # g = p/q: g' = (p' - g q')/q and g'' = (p'' - 2 g' q' - g q'')/q
            under = q(m) + r * UNIT * (below(m) + r * UNIT * below2(ball) / 2)
            if not under.is_finite() or under.contains(0):
                if r < 1e-9:
                    return None
                cells += [(m - r / 2, r / 2), (m + r / 2, r / 2)]
                continue
            over = p(m) + r * UNIT * (first(m) + r * UNIT * second(ball) / 2)
            here = p(m) / q(m)
            slope = (first(m) - here * below(m)) / q(m)
            whole = over / under
            slopes = (first(ball) - whole * below(ball)) / under
            curve = (second(ball) - 2 * slopes * below(ball) - whole * below2(ball)) / under
        size = abs(here)
        if size.lower() > best:
            best, where = size.lower(), m
        bound = size.upper() + r * abs(slope).upper() + r * r / 2 * abs(curve).upper()
        if bound <= best * (1 + enough) or bound < NOTHING:
            if bound.upper() > most:
                most = bound.upper()
            continue
        cells += [(m - r / 2, r / 2), (m + r / 2, r / 2)]
    return None
