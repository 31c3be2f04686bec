"""Where a formula may change branch, or break: its breakpoints, and the places that are plain to see.

Most breakpoints compare a straight line in x with a constant. Their places are exact, without any search.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from ..numbers.exact import as_float
from ..primitives import PRIMITIVES
from .differentiate import needs
from .node import COMPARISONS, Node, node

Place = Any  # a Fraction, or a formula without x
Line = tuple[Any, Place]

# primitives by where they are 0: only where their argument is, or nowhere
ZERO_AT_0 = {
    "expm1", "log1p", "sqrt", "cbrt", "abs", "sign", "sinh", "asinh", "atanh", "arctan", "tanh", "erf",
    "softsign", "algebraic", "tanh_gap", "exp_gap", "arctan_gate", "root_gap", "algebraic_gate",
}  # fmt: skip
NEVER_0 = {
    "exp", "cosh", "sech", "logistic", "softplus", "erfc", "normal_cdf", "softsign_cdf", "algebraic_cdf",
    "root_ramp",
}  # fmt: skip
CROSSED = {"<", "<=", ">", ">=", "max", "min"}  # tests of which one side or the other holds


class Breakpoint(NamedTuple):
    """Two sides a, b of a `test` (a comparison, max, abs, a division ...) that ends where a = b."""

    test: str
    a: Node
    b: Node


def breakpoints(tree: Node) -> list[Breakpoint]:
    """The pairs whose crossings are where a branch is changed."""
    found = []
    for part in tree.walk():
        op, args = part.op, part.args
        if op in COMPARISONS or op in ("max", "min"):
            found.append(Breakpoint(op, args[0], args[1]))
        elif op == "call" and args[0].broken_at_0:
            found.append(Breakpoint(args[0].name, args[1], node(0)))
        elif op == "use" and args[2] is not None:
            found += _outside(part, breakpoints(args[2]))
    return found


def edges(tree: Node) -> Iterator[Breakpoint]:
    """The pairs whose crossings bound the domain: denominators, arguments of log, sqrt and powers."""
    for part in tree.walk():
        name = part.args[0].name if part.op == "call" else part.op
        for inner, _ in needs(part):
            yield Breakpoint(name, inner, node(0))
        if name == "cbrt" and part.has_x:  # no value is missing, but a slope
            yield Breakpoint(name, part.args[1], node(0))
        if name == "use" and part.args[2] is not None:
            yield from _outside(part, edges(part.args[2]))


def breaks(tree: Node) -> list[Breakpoint]:
    """Breakpoints and edges."""
    return [*breakpoints(tree), *edges(tree)]


def _outside(use: Node, inside: Any) -> Iterator[Breakpoint]:
    """Breakpoints of a registered function as those of the formula that uses it."""
    label, shown, _, argument = use.args
    for test, *sides in inside:
        yield Breakpoint(test, *(Node("use", (label, shown, side, argument)) for side in sides))


def places(breakpoint: Breakpoint) -> list[Place] | None:
    """Places among which all are at which the two sides are equal, or None where they are not plain."""
    return zeros(node(breakpoint.a - breakpoint.b))


def _inlined(side: Node) -> Node:
    if side.op != "use" or side.args[2] is None:
        return side
    return node(_inlined(side.args[2]).read(_inlined(side.args[3])))


def crosses(breakpoint: Breakpoint) -> bool:
    """Whether the two sides are seen to change places where they meet: lines, or |line| at a level."""
    gap = node(breakpoint.a - breakpoint.b)
    found = line(gap)
    if found is None and gap.op == "-" and gap.args[0].op == "call":
        name, level = gap.args[0].args[0].name, constant(gap.args[1])
        if name == "abs" and not isinstance(level, Node) and level > 0:
            found = line(gap.args[0].args[1])
    return found is not None and found[0] != 0


def zeros(formula: Node) -> list[Place] | None:
    """Places among which are all zeros of a formula, or None where they are not plain to see."""
    return _solutions(formula, node(0))


def _solutions(formula: Node, level: Node) -> list[Place] | None:
    """Places among which are all at which a formula has a level; intervals by their ends."""
    if not formula.has_x:
        return []
    formula = _inlined(formula)
    straight = line(formula)
    if straight is not None:
        slope, offset = straight
        return [_quotient(_plus(constant(level), -offset), slope)] if slope else []
    op, args = formula.op, formula.args
    known = constant(level)
    sign = None if isinstance(known, Node) else (known > 0) - (known < 0)
    name = args[0].name if op == "call" and len(args) == 2 else op
    if op == "neg":
        return _solutions(args[0], node(-level))
    if op in ("max", "min", "where"):
        return _all(args[-2:], [level])
    if op in ("+", "-", "*", "/") and not (args[0].has_x and args[1].has_x):
        return _moved(op, args[0], args[1], level)
    square = (op == "**" and args[1].op == "number" and args[1].args[0] == 2) or (
        op == "*" and args[0].op == args[1].op == "x"
    )
    if sign == -1 and (square or name == "abs" or name in NEVER_0):
        return []
    if sign != 0 and (square or name == "abs"):
        root = node(PRIMITIVES["sqrt"](level)) if square else level
        return _all([args[0] if square else args[1]], [root, node(-root)])
    if sign != 0:
        return None
    if op == "*":
        return _all(args, [level])
    if op == "/" or (op == "**" and args[1].op == "number"):
        return _solutions(args[0], level)
    if name == "log":
        return _solutions(args[1], node(1))
    if name in ZERO_AT_0 or name in NEVER_0:
        return _solutions(args[1], level) if name in ZERO_AT_0 else []
    plain = args[0].formula if op == "call" and not args[0].at_0 else None
    return None if plain is None else _solutions(node(plain.read(args[1])), level)


def _moved(op: str, a: Node, b: Node, level: Node) -> list[Place] | None:
    """The solutions where one side is constant, with that side taken to the level."""
    if not b.has_x:
        if op in "*/" and constant(level) == 0:
            return None if constant(b) == 0 else _solutions(a, node(0))
        turned = {"+": level - b, "-": level + b, "*": level / b, "/": level * b}[op]
        return None if op in "*/" and constant(b) == 0 else _solutions(a, node(turned))
    if op == "/":
        return [] if constant(level) == 0 else _solutions(b, node(a / level))
    if op == "*" and constant(level) == 0:
        return None if constant(a) == 0 else _solutions(b, node(0))
    turned = {"+": level - a, "-": a - level, "*": level / a}[op]
    return None if op == "*" and constant(a) == 0 else _solutions(b, node(turned))


def _all(parts: Any, levels: Any) -> list[Place] | None:
    found: list[Place] = []
    for part in parts:
        for level in levels:
            more = _solutions(part, level)
            if more is None:
                return None
            found += more
    return found


def line(formula: Node) -> Line | None:
    """(slope, offset) of a formula that is written as a straight line with a rational slope."""
    from fractions import Fraction  # costs 2 ms

    formula = _inlined(formula)
    op, args = formula.op, formula.args
    if op == "x":
        return Fraction(1), Fraction(0)
    if not formula.has_x:
        return Fraction(0), constant(formula)
    found: Line | None
    if op == "neg":
        found = line(args[0])
        return None if found is None else (-found[0], -found[1])
    if op in ("+", "-"):
        a, b = line(args[0]), line(args[1])
        if a is None or b is None:
            return None
        if op == "+":
            return a[0] + b[0], _plus(a[1], b[1])
        return a[0] - b[0], _plus(a[1], -b[1])
    if op == "*" and args[1].has_x:
        args = args[::-1]
    if op in ("*", "/") and not args[1].has_x:
        found, factor = line(args[0]), constant(args[1])
        if found is None or not isinstance(factor, Fraction) or (op == "/" and factor == 0):
            return None
        factor = 1 / factor if op == "/" else factor
        return found[0] * factor, _quotient(found[1], 1 / factor) if factor else Fraction(0)
    return None


def constant(formula: Node) -> Place:
    """The exact value of a formula without x, or that formula itself where it is irrational."""
    from fractions import Fraction

    exact = formula.op == "number" and abs(formula.args[0]) < float("inf")
    return Fraction(formula.args[0]) if exact else formula


def _plus(a: Place, b: Place) -> Place:
    return node(a) + node(b) if isinstance(a, Node) or isinstance(b, Node) else a + b


def _quotient(a: Place, b: Any) -> Place:
    return node(a) / node(b) if isinstance(a, Node) else a / b


def nearest(place: Place) -> float:
    """The double next to a place; an infinity where it lies beyond all of them."""
    if not isinstance(place, Node):
        return as_float(place)
    if all(part.op in ("number", "neg") for part in place.walk()):
        return float(place.read(0.0))
    from ..numbers.interval import enclosure

    return float(enclosure(place.read(enclosure(0))).low.mid())
