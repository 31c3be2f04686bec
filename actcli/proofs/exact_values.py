"""Computes exact values of formulas at rational places."""

from collections.abc import Callable
from fractions import Fraction
from functools import cache
from math import isqrt

from flint import arb, ctx, fmpz

from ..expressions.canonical import equal
from ..expressions.node import OPERATIONS, Interpreter, Node, Rule, node, rebuilt
from ..expressions.program import Program, derivatives
from ..numbers.arb_points import INFINITY
from ..numbers.ball import Ball, raw
from ..numbers.interval import Enclosure, enclosure
from ..primitives import Primitive

PRECISIONS = (400, 1600)  # bits, where 128 leave a sign open
NARROW = arb(2) ** -100  # relative width of a ball that is as good as enclosures are
LONGEST = 20_000  # bits of an exact value; (x**64)**64 would have millions


def rational(tree: Node, x: Fraction) -> Fraction | None:
    """Computes the exact value of a formula at x, if it is rational; else None."""
    return Interpreter[Fraction | None](_RATIONAL, _unknown)(tree, x)


def settled(tree: Node, x: Fraction) -> Node:
    """The formula with every part that has an exact value at x replaced by that number.

    sqrt(x - 0.3) at 3/10 is 0; an enclosure of x would have sqrt meet numbers below 0.
    """

    def exact(at: Interpreter[Node], part: Node, x: Fraction) -> Node:
        value = rational(part, x) if part.has_x else None
        return node(value) if value is not None else rebuilt(at, part, x) if part.has_x else part

    return Interpreter[Node]({}, exact)(tree, x)


def _unknown(at: Interpreter[Fraction | None], part: Node, x: Fraction) -> None:
    return None


def _exactly(function: Callable[..., Fraction | None]) -> Rule:
    """An operation on exact values, which has one if all of them do and it is no longer than LONGEST."""

    def value(at: Interpreter[Fraction | None], part: Node, x: Fraction) -> Fraction | None:
        given = [at(arg, x) for arg in part.args if isinstance(arg, Node)]
        found = None if None in given else function(*given)
        if found is None:
            return None
        bits = found.numerator.bit_length() + found.denominator.bit_length()
        return found if bits <= LONGEST else None

    return value


def _power(a: Fraction, b: Fraction) -> Fraction | None:
    small = b.denominator == 1 and abs(b) <= 64 and (a or b >= 0)
    return Fraction(a ** int(b)) if small else None


def _call(at: Interpreter[Fraction | None], part: Node, x: Fraction) -> Fraction | None:
    name = part.args[0].name
    inner = at(part.args[1], x) if len(part.args) == 2 else None
    if inner == 0:
        return at_0(part.args[0])
    return _ROOTS[name](inner) if name in _ROOTS and inner is not None else None


def _root(value: Fraction) -> Fraction | None:
    if value < 0:
        return None
    root = Fraction(isqrt(value.numerator), isqrt(value.denominator))
    return root if root * root == value else None


def cube_root(value: Fraction) -> Fraction | None:
    """Computes the cube root of a rational number, if it is rational too."""
    ends = fmpz(value.numerator), fmpz(value.denominator)
    over, under = (int(end.root(3)) if end >= 0 else -int((-end).root(3)) for end in ends)
    root = Fraction(over, under)
    return root if root**3 == value else None


def value_at(tree: Node, x: Enclosure) -> Enclosure:
    """Encloses a branch-free formula at a place; all reals if a part of it has no value there."""
    return values_at(Program([tree]), x)[0]


def values_at(program: Program, x: Enclosure) -> list[Enclosure]:
    """Encloses the formulas of a program at a place; all reals where a step that they need has no value.

    0*log(0) is no number, though an infinite bound times 0 is 0. At an exact number balls are read: they
    take a fifth of the time, and are as narrow, but for what is tiny far out, and next to 0.
    """
    if x.low == x.high and x.finite and (sharp := _by_balls(program, x.low)) is not None:
        return sharp
    steps = [enclosure(v) for v in program.trace(x)]
    if all(step.finite for step in steps):
        return [steps[root] for root in program.roots]
    known: list[bool] = []
    for (op, args), step in zip(program.steps, steps, strict=True):
        needed = () if op in ("x", "number", "constant") else args[op == "call" :]
        known.append(step.finite and all(known[i] for i in needed))
    return [steps[i] if known[i] else Enclosure(-INFINITY, INFINITY) for i in program.roots]


def _by_balls(program: Program, x: arb) -> list[Enclosure] | None:
    """The formulas at an exact number, if balls enclose each narrowly, and every step has a value."""
    try:
        steps = program.steps_at(Ball(x))
    except (TypeError, ArithmeticError, ValueError, AttributeError):  # what no ball can tell
        return None
    found = [steps[root] for root in program.roots]
    for ball in found:
        if not ball.rad() <= abs(ball.mid()) * NARROW:
            return None
    return [enclosure(ball) for ball in found] if all(step.is_finite() for step in steps) else None


def sign_at(tree: Node, x: Fraction | Node) -> int | None:
    """Determines the sign of a branch-free formula at a rational place, or at a constant formula.

    It is 0 only by exact algebra; None: open.
    """
    known = None if isinstance(x, Node) else rational(tree, x)
    if known is not None:
        return (known > 0) - (known < 0)
    value = value_at(tree, enclosure(node(x).read(enclosure(0))))
    if value.sign is not None or not value.finite:
        return value.sign
    if equal(node(tree.read(node(x))), node(0)):
        return 0
    return next(filter(None, (_sign(tree, x, precision) for precision in PRECISIONS)), None)


def _sign(tree: Node, x: Fraction | Node, precision: int) -> int:
    before, ctx.prec = ctx.prec, precision
    try:
        ball = raw(tree.read(Ball(arb(raw(node(x).read(Ball(arb(0))))))))
        return int(bool(ball > 0)) - int(bool(ball < 0))
    except (ArithmeticError, ValueError):
        return 0
    finally:
        ctx.prec = before


def line(tree: Node) -> tuple[Fraction, Fraction] | None:
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


# Exact values at 0 of the primitives whose plain formulas do not tell them.
_AT_0 = {
    **dict.fromkeys(
        ("log1p", "sqrt", "cbrt", "abs", "sign", "sin", "asinh", "atanh", "arctan", "tanh", "erf",
         "arctan_gate"), Fraction(0)),
    **dict.fromkeys(("exp", "cos"), Fraction(1)),
    **dict.fromkeys(("logistic", "normal_cdf", "arctan_gate_slope"), Fraction(1, 2)),
}  # fmt: skip


@cache
def at_0(primitive: Primitive) -> Fraction | None:
    """Computes the exact value of a primitive at 0, if it is known to be rational."""
    if primitive.name in _AT_0 or primitive.formula is None:
        return _AT_0.get(primitive.name)
    return Fraction(primitive.at_0) if primitive.at_0 else rational(primitive.formula, Fraction(0))


_ROOTS = {"sqrt": _root, "cbrt": cube_root}
_RATIONAL: dict[str, Rule] = {
    "x": lambda at, part, x: x,
    "number": lambda at, part, x: Fraction(part.args[0]) if part.args[0] == part.args[0] else None,
    **{op: _exactly(OPERATIONS[op]) for op in ("neg", "+", "-", "*")},
    "/": _exactly(lambda a, b: Fraction(a / b) if b else None),
    "**": _exactly(_power),
    "call": _call,
}
