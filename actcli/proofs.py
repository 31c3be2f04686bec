"""Claims over the line: pieces between seams, sign patterns, roots; three honest answers.

The line is every double that is finite. It is cut where a formula changes branch; on each piece the
formula is analytic, and signs are settled by enclosures on cells that are halved where they are
open, on a total budget of cells.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import inf
from typing import Any

from flint import arb

from .numbers.canonical import replace
from .numbers.enclosure import LARGEST, OPEN, Enclosure, enclosure, exact
from .numbers.recorder import BROKEN_AT_0, COMPARISONS, Node, Program, derivatives, node
from .primitives import PRIMITIVES

BUDGET = 20_000  # cells that one question may cost
NEGLIGIBLE = arb("1e-300")  # a gradient below this keeps its sign to infinity (PROPERTIES.md)


class Undecided(Exception):
    """A question that could not be settled; the message says where and what was spent."""


class Budget:
    """Cells left for one question."""

    def __init__(self, cells: int = BUDGET) -> None:
        self.total = self.left = cells

    def spend(self, low: Any, high: Any) -> None:
        if self.left <= 0:
            raise Undecided(
                f"open between {float(low):.6g} and {float(high):.6g} after {self.total} cells"
            )
        self.left -= 1


@dataclass(frozen=True)
class Place:
    """A point of the line, known exactly (low == high) or within a tiny interval; or an infinity."""

    low: Fraction | float
    high: Fraction | float

    @property
    def exact(self) -> bool:
        return self.low == self.high

    @property
    def finite(self) -> bool:
        return self.low not in (inf, -inf)

    @property
    def number(self) -> float:
        """The nearest double (or infinity)."""
        if not self.finite:
            return float(self.low)
        return float((Fraction(self.low) + Fraction(self.high)) / 2)

    @property
    def enclosure(self) -> Enclosure:
        return Enclosure(exact(self.low).lower(), exact(self.high).upper())


def at(value: Fraction | float | int) -> Place:
    """The place of an exactly known number or infinity."""
    known = value if value in (inf, -inf) else Fraction(value)
    return Place(known, known)


LEFT_END, RIGHT_END = at(-inf), at(inf)


@dataclass(frozen=True)
class Piece:
    """An open interval between neighbouring seams, and the branch-free formula that holds there.

    `edge`: the formula itself may break at `low` (a denominator or the argument of a root is 0).
    """

    low: Place
    high: Place
    tree: Node
    edge: bool = False

    @property
    def inside(self) -> Fraction:
        return between(self.low, self.high)


@dataclass(frozen=True)
class Stretch:
    """An interval on which a quantity keeps its sign: 1, -1, 0 (identically), None (open)."""

    low: Place
    high: Place
    sign: int | None


def between(low: Place, high: Place) -> Fraction:
    """A simple number strictly between two places."""
    if not low.finite and not high.finite:
        return Fraction(0)
    if not low.finite:
        return Fraction(high.low) - 1
    if not high.finite:
        return Fraction(low.high) + 1
    return (Fraction(low.high) + Fraction(high.low)) / 2


# -- cutting the line --------------------------------------------------------------------------------
def pieces(
    tree: Node, budget: Budget | None = None, low: Place = LEFT_END, high: Place = RIGHT_END
) -> list[Piece]:
    """The pieces of a formula between two places, left to right.

    Undecided if the formula is not defined on one of them.
    """
    budget = budget or Budget()
    branches = [p for a, b in tree.seams() for p in _crossings(a, b, budget, low, high)]
    edges = [p for a, _ in _edges(tree) for p in _zeros(a, budget, low, high)]
    cuts = [p for p in _merged([*branches, *edges]) if low.low < p.low and p.high < high.high]
    found: list[Piece] = []
    for left, right in zip([low, *cuts], [*cuts, high], strict=True):
        branch = _branch(tree, left, right)
        edge = any(e.low <= left.high and left.low <= e.high for e in edges)
        if found and not edge and str(found[-1].tree) == str(branch):
            found[-1] = Piece(found[-1].low, right, branch, found[-1].edge)
            continue
        found.append(Piece(left, right, branch, edge))
        if not _finite_at(branch, found[-1].inside):
            raise Undecided(f"the formula is not defined at {float(found[-1].inside):.6g}")
    return found


def _finite_at(tree: Node, x: Fraction) -> bool:
    (value,) = (enclosure(v) for v in Program([tree]).run(enclosure(x)))
    return bool(value.low.is_finite()) and bool(value.high.is_finite())


def _edges(tree: Node) -> Iterator[tuple[Node, Node]]:
    """Pairs whose crossings bound the formula's domain: denominators, arguments of log and sqrt."""
    for part in tree.walk():
        inner: Node | None = None
        if part.op == "/" and part.args[1].has_x:
            inner = part.args[1]
        elif part.op == "**" and part.args[0].has_x and part.args[1].op == "number":
            power = part.args[1].args[0]
            inner = part.args[0] if power < 0 or power != int(power) else None
        elif part.op == "call" and part.args[0].name in ("log", "sqrt", "log1p", "atanh"):
            name, argument = part.args[0].name, part.args[1]
            inner = argument if argument.has_x else None
            if inner is not None and name == "log1p":
                inner = node(1) + argument
            if inner is not None and name == "atanh":
                inner = node(1) - argument * argument
        elif part.op == "call" and part.args[0].name == "tan" and part.args[1].has_x:
            inner = node(PRIMITIVES["cos"](part.args[1]))
        elif part.op == "use" and part.args[2] is not None:
            for a, b in _edges(part.args[2]):
                yield tuple(Node("use", (*part.args[:2], side, part.args[3])) for side in (a, b))  # type: ignore[misc]
        if inner is not None:
            yield inner, node(0)


def _crossings(a: Node, b: Node, budget: Budget, low: Place, high: Place) -> list[Place]:
    """Where a - b is 0 or changes sign or branch."""
    gap = node(a - b)
    if not gap.has_x:
        return []
    straight = _line(gap)
    if straight is not None:
        slope, offset = straight
        return [at(-offset / slope)] if slope else []
    places: list[Place] = []
    for piece in pieces(gap, budget, low, high):
        program = Program(derivatives(piece.tree, 1))
        pattern = signs(program, piece.low, piece.high, budget)
        if any(s.sign is None for s in pattern):
            raise Undecided("the places where the formula changes branch could not be isolated")
        places += [s.low for s in pattern if s.low.finite and s.low != low]
    return places


def _zeros(tree: Node, budget: Budget, low: Place, high: Place) -> list[Place]:
    """Where a formula is 0, places where it only touches 0 included."""
    if _line(tree) is not None:
        return _crossings(tree, node(0), budget, low, high)
    places: list[Place] = []
    for piece in pieces(tree, budget, low, high):
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
    start = -LARGEST if not low.finite else float(low.low)
    stop = LARGEST if not high.finite else float(high.high)
    cuts = [start, *(c for c in _CUTS if start < c < stop), stop]
    for a, b in pairwise(cuts):
        value = enclosure(program.run(Enclosure(arb(a), arb(b)))[0])
        if not (value.positive or value.negative):
            return False
    return True


def _line(tree: Node) -> tuple[Fraction, Fraction] | None:
    """(slope, offset) of a formula that is visibly a line with rational coefficients."""
    try:
        slope = rational(derivatives(tree, 1)[1], Fraction(0))
        offset = rational(tree, Fraction(0))
        other = rational(tree, Fraction(7, 3))
    except TypeError:
        return None
    if slope is None or offset is None or other != offset + slope * Fraction(7, 3):
        return None
    return (slope, offset) if not derivatives(tree, 1)[1].has_x else None


def rational(tree: Node, x: Fraction) -> Fraction | None:
    """The exact value of a rational formula at x, or None."""
    op, args = tree.op, tree.args
    if op == "x":
        return x
    if op == "number":
        return Fraction(args[0]) if abs(args[0]) < inf else None
    if op == "neg":
        inner = rational(args[0], x)
        return None if inner is None else -inner
    if op in ("+", "-", "*", "/", "**"):
        a, b = rational(args[0], x), rational(args[1], x)
        if a is None or b is None or (op == "/" and b == 0):
            return None
        if op == "+":
            return a + b
        if op == "-":
            return a - b
        if op == "*":
            return a * b
        if op == "/":
            return a / b
        small = b.denominator == 1 and abs(b) <= 64 and (a or b >= 0)
        return Fraction(a ** int(b)) if small else None
    if op == "call" and len(args) == 2:
        inner = rational(args[1], x)
        if inner == 0:
            return AT_0.get(args[0].name)
        if inner is not None and args[0].name == "sqrt" and inner > 0:
            root = Fraction(_root(inner.numerator), _root(inner.denominator))
            return root if root * root == inner else None
    return None


def _root(n: int) -> int:
    from math import isqrt

    return isqrt(n)


# Exact values of the primitives at 0.
AT_0: dict[str, Fraction] = {
    **dict.fromkeys(
        ("expm1", "log1p", "sqrt", "abs", "sign", "sin", "tan", "sinh", "asinh", "atanh", "arctan",
         "tanh", "erf", "softsign", "algebraic", "tanh_gap", "exp_gap", "arctan_gate",
         "root_gap", "algebraic_gate"), Fraction(0)),
    **dict.fromkeys(("exp", "cos", "cosh", "erfc", "sinc"), Fraction(1)),
    **dict.fromkeys(
        ("logistic", "normal_cdf", "softsign_cdf", "algebraic_cdf", "root_ramp",
         "arctan_gate_slope", "algebraic_gate_slope"), Fraction(1, 2)),
    "sinc_1": Fraction(1, 3), "sinc_2": Fraction(1, 15), "sinc_3": Fraction(1, 105),
}  # fmt: skip


def _merged(places: Sequence[Place]) -> list[Place]:
    """Ascending, without repetitions."""
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
    """The branch-free formula that holds between two neighbouring seams."""
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


def resolve(tree: Node, sample: Enclosure) -> Node:
    """The formula with every choice made as at the sample; TypeError if one is open there."""
    op, args = tree.op, tree.args
    if op in ("x", "number", "constant", "name"):
        return tree
    if op == "where":
        return resolve(args[1] if _holds(args[0], sample) else args[2], sample)
    if op in ("max", "min"):
        a, b = (resolve(arg, sample) for arg in args)
        if str(a) == str(b):
            return a
        larger = enclosure(a.read(sample)) > enclosure(b.read(sample))
        return a if bool(larger) == (op == "max") else b
    if op == "use":
        if args[2] is None:
            raise Undecided("nothing is known of the formula of a Python callable")
        argument = resolve(args[3], sample)
        inner = resolve(args[2], enclosure(argument.read(sample)))
        return inner if argument.op == "x" else replace(inner, argument)
    if op == "call" and args[0].name in BROKEN_AT_0:
        argument = resolve(args[1], sample)
        positive = bool(enclosure(argument.read(sample)) > 0)
        size = argument if positive else node(-argument)
        name = args[0].name
        if name == "abs":
            return size
        if name == "sign":
            return node(1 if positive else -1)
        if name == "softsign":
            return node(1 - 1 / (1 + argument) if positive else 1 / (1 - argument) - 1)
        return node(1 - 0.5 / (1 + argument) if positive else 0.5 / (1 - argument))
    rebuilt: tuple[Any, ...] = tuple(resolve(a, sample) if isinstance(a, Node) else a for a in args)
    if op == "call":
        return node(rebuilt[0](*rebuilt[1:]))
    return Node(op, rebuilt)


def resolve_at(tree: Node, x: Fraction) -> Node:
    """The branch that the formula takes exactly at x; TypeError if a condition stays open."""
    op, args = tree.op, tree.args
    if op in ("x", "number", "constant", "name"):
        return tree
    if op == "where":
        return resolve_at(args[1] if _holds_at(args[0], x) else args[2], x)
    if op in ("max", "min"):
        a, b = (resolve_at(arg, x) for arg in args)
        larger = _order_at(a, b, x) > 0
        return a if larger == (op == "max") else b
    if op == "use" and args[2] is not None:
        argument = resolve_at(args[3], x)
        inside = rational(argument, x)
        if inside is None:
            inner = resolve(args[2], enclosure(argument.read(enclosure(x))))
        else:
            inner = resolve_at(args[2], inside)
        return inner if argument.op == "x" else replace(inner, argument)
    if op == "call" and args[0].name in BROKEN_AT_0:
        argument = resolve_at(args[1], x)
        side = _order_at(argument, node(0), x)
        if side == 0:
            return node(0.5 if args[0].name == "softsign_cdf" else 0)
        return resolve(Node("call", (args[0], argument)), enclosure(x))
    rebuilt: tuple[Any, ...] = tuple(resolve_at(a, x) if isinstance(a, Node) else a for a in args)
    if op == "call":
        return node(rebuilt[0](*rebuilt[1:]))
    return Node(op, rebuilt)


def _order_at(a: Node, b: Node, x: Fraction) -> int:
    """The sign of a - b at x; TypeError if it stays open."""
    exactly = rational(node(a - b), x)
    if exactly is not None:
        return (exactly > 0) - (exactly < 0)
    sign = enclosure(node(a - b).read(enclosure(x))).sign
    if sign is None:
        raise TypeError("open")
    return sign


def _holds_at(condition: Any, x: Fraction) -> bool:
    if isinstance(condition, bool):
        return condition
    op, args = condition.op, condition.args
    if op == "not":
        return not _holds_at(args[0], x)
    if op in ("and", "or"):
        a, b = (_holds_at(arg, x) for arg in args)
        return (a and b) if op == "and" else (a or b)
    side = _order_at(resolve_at(args[0], x), resolve_at(args[1], x), x)
    return {
        "<": side < 0, "<=": side <= 0, ">": side > 0, ">=": side >= 0, "==": side == 0,
        "!=": side != 0,
    }[op]  # fmt: skip


def _holds(condition: Any, sample: Enclosure) -> bool:
    if isinstance(condition, bool):
        return condition
    op, args = condition.op, condition.args
    if op == "not":
        return not _holds(args[0], sample)
    if op in ("and", "or"):
        a, b = (_holds(arg, sample) for arg in args)
        return (a and b) if op == "and" else (a or b)
    left, right = (enclosure(resolve(arg, sample).read(sample)) for arg in args)
    answer = {
        "<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right,
        "==": left == right, "!=": left != right,
    }[op]  # fmt: skip
    if answer is OPEN:
        raise TypeError("open")
    return bool(answer)


# -- signs and roots -----------------------------------------------------------------------------------
# First cuts. They are no round numbers, so that roots at round numbers lie inside a cell; but 0 is
# one, for there formulas are often exactly 0.
_STEPS = (0.037, 0.31, 0.93, 2.17, 4.7, 9.3, 21.7, 47.0, 103.0, 391.0, 811.0)
_FAR = tuple(10.0 ** (3.3 * 1.9**k) for k in range(8))
_CUTS = sorted({0.0, *_STEPS, *_FAR, *(-s for s in _STEPS), *(-s for s in _FAR)})


@dataclass
class _Cell:
    low: Any
    high: Any
    sign: int | None = None
    tiny: bool = False
    root: Place | None = None


def signs(program: Program, low: Place, high: Place, budget: Budget) -> list[Stretch]:
    """The sign pattern of program's first formula g between two places; its second is g'.

    A stretch of sign 1 or -1 has at most isolated zeros inside; neighbours meet at a root, which is
    isolated to a relative width of 1e-24. Where a sign stays open, so does the stretch.
    """
    start = arb(-LARGEST) if not low.finite else exact(low.high).upper()
    stop = arb(LARGEST) if not high.finite else exact(high.low).lower()
    if not start < stop:
        return []
    inner = [c for c in (arb(c) for c in _CUTS) if c > start and c < stop]
    ends = [start, *inner, stop]
    cells: list[_Cell] = []
    stack = [_Cell(a, b) for a, b in pairwise(ends)][::-1]
    while stack:
        cell = stack.pop()
        budget.spend(cell.low, cell.high)
        settled = _settle(program, cell)
        if settled is not None:
            cells += settled
            continue
        middle = _split(cell.low, cell.high)
        if middle is None:
            cells.append(_Cell(cell.low, cell.high, None))
        else:
            stack += [_Cell(middle, cell.high), _Cell(cell.low, middle)]
    return _stretches(_reopened(program, cells, budget), low, high)


def _settle(program: Program, cell: _Cell) -> list[_Cell] | None:
    """The cell with its sign, or the two sides of its only root, or None: open."""
    x = Enclosure(cell.low, cell.high)
    value, slope = (enclosure(v) for v in program.run(x)[:2])
    sign = _weak(value)
    tiny = bool(value.high < NEGLIGIBLE) and bool(value.low > -NEGLIGIBLE)
    if sign is not None or tiny:
        return [_Cell(cell.low, cell.high, sign, tiny)]
    if not (slope.low.is_finite() and slope.high.is_finite()):
        return None
    middle = ((cell.low + cell.high) / 2).mid()
    (centre,) = (enclosure(v) for v in program.run(Enclosure(middle))[:1])
    sign = _weak(centre + slope * (x - Enclosure(middle)))
    if sign is not None:
        return [_Cell(cell.low, cell.high, sign)]
    rises = _weak(slope)
    if rises in (None, 0):
        return None
    first, last = (_weak(enclosure(program.run(Enclosure(e))[0])) for e in (cell.low, cell.high))
    if first is None or last is None:
        return None
    if first * last >= 0:
        return [_Cell(cell.low, cell.high, first or last)]
    root = _refine(program, cell, int(rises or 0))
    if root is None:
        return None
    below, above = exact(root.low).lower(), exact(root.high).upper()
    return [_Cell(cell.low, below, first), _Cell(above, cell.high, last, root=root)]


def _weak(value: Enclosure) -> int | None:
    """1 for >= 0, -1 for <= 0, 0 for 0 alone."""
    if value.low >= 0:
        return 0 if value.high == 0 else 1
    return -1 if value.high <= 0 else None


def _refine(program: Program, cell: _Cell, rises: int) -> Place | None:
    """The root of a monotone g in a cell, by interval Newton steps and bisection."""
    low, high = cell.low, cell.high
    for _ in range(200):
        width = high - low
        if width < abs(low + high) * arb("1e-26") or width < arb("1e-320"):
            break
        middle = ((low + high) / 2).mid()
        point = Enclosure(middle)
        value = enclosure(program.run(point)[0])
        slope = enclosure(program.run(Enclosure(low, high))[1])
        if value.low == 0 and value.high == 0:
            return at(_fraction(middle))
        if slope.positive or slope.negative:
            step = point - value / slope
            new_low = step.low if step.low > low else low
            new_high = step.high if step.high < high else high
            if new_low > new_high:
                return None
        else:
            new_low, new_high = low, high
        if not new_high - new_low < width * 0.6:
            sign = _weak(value)
            if sign is None:
                break
            new_low, new_high = (low, middle) if sign * rises > 0 else (middle, high)
        low, high = new_low, new_high
    if not high - low < (abs(low) + abs(high)) * arb("1e-14") + arb("1e-300"):
        return None
    return Place(_fraction(low), _fraction(high))


def _fraction(end: Any) -> Fraction:
    """An exact Arb number as a fraction."""
    mantissa, exponent = end.man_exp()
    return Fraction(int(mantissa)) * Fraction(2) ** int(exponent)


def _split(low: Any, high: Any) -> Any:
    """A point inside the cell, geometrically where it spans magnitudes; None if it is too small."""
    if high - low < (abs(low) + abs(high)) * 1e-13 or high - low < arb("1e-290"):
        return None
    if low > 0 and high > 4 * low:
        return (low * high).sqrt().mid()
    if high < 0 and low < 4 * high:
        return -(low * high).sqrt().mid()
    return (low + (high - low) * 0.4871).mid()


def _reopened(program: Program, cells: list[_Cell], budget: Budget) -> list[_Cell]:
    """Neighbouring open cells tried once more as one: a root may sit on their common end."""
    result: list[_Cell] = []
    for cell in cells:
        if cell.sign is None and not cell.tiny and result:
            before = result[-1]
            if before.sign is None and not before.tiny and before.root is None:
                budget.spend(before.low, cell.high)
                joined = _Cell(before.low, cell.high)
                settled = _settle(program, joined)
                result[-1:] = settled if settled is not None else [joined]
                continue
        result.append(cell)
    return result


def _carry(cells: list[_Cell]) -> None:
    """Let the far tail that comes first, where |g| is negligible, take over its neighbour's sign."""
    for index, cell in enumerate(cells):
        if not cell.tiny:
            for tail in cells[:index]:
                tail.sign = cell.sign if tail.sign is None else tail.sign
            return


def _stretches(cells: list[_Cell], low: Place, high: Place) -> list[Stretch]:
    _carry(cells[::-1])
    _carry(cells)
    found: list[Stretch] = []
    for cell in cells:
        start = cell.root or at(_fraction(cell.low))
        if found and found[-1].sign == cell.sign and cell.root is None:
            continue
        if found and found[-1].sign == cell.sign and cell.sign is not None:
            continue
        if found:
            found[-1] = Stretch(found[-1].low, start, found[-1].sign)
        found.append(Stretch(start if found else low, high, cell.sign))
    return found


__all__ = [
    "AT_0", "BUDGET", "COMPARISONS", "LEFT_END", "RIGHT_END", "Budget", "Piece", "Place", "Stretch",
    "Undecided", "at", "between", "pieces", "rational", "resolve", "resolve_at", "signs",
]  # fmt: skip
