"""Computes exact values of formulas at rational places."""

from collections.abc import Callable
from fractions import Fraction
from math import isqrt

from flint import arb, ctx, fmpz

from ..expressions.canonical import equal
from ..expressions.node import BINARY, Node, node
from ..expressions.program import Program, derivatives
from ..numbers.arb_points import INFINITY
from ..numbers.ball import Ball, raw
from ..numbers.interval import Enclosure, enclosure

PRECISIONS = (400, 1600)  # bits, where 128 leave a sign open
LONGEST = 20_000  # bits of an exact value; (x**64)**64 would have millions


def rational(tree: Node, x: Fraction) -> Fraction | None:
    """Computes the exact value of a formula at x, if it is rational; else None."""
    known: dict[int, Fraction | None] = {}

    def value(part: Node) -> Fraction | None:
        if id(part) not in known:
            known[id(part)] = _short(_step(part, x, value))
        return known[id(part)]

    return value(tree)


def settled(tree: Node, x: Fraction) -> Node:
    """The formula with every part that has an exact value at x replaced by that number.

    sqrt(x - 0.3) at 3/10 is 0; an enclosure of x would have sqrt meet numbers below 0.
    """
    known: dict[int, Node] = {}

    def of(part: Node) -> Node:
        if id(part) not in known:
            exact = rational(part, x) if part.has_x else None
            if exact is not None:
                known[id(part)] = node(exact)
            elif part.has_x:
                args = (of(a) if isinstance(a, Node) else a for a in part.args)
                known[id(part)] = Node(part.op, tuple(args))
            else:
                known[id(part)] = part
        return known[id(part)]

    return of(tree)


def _short(value: Fraction | None) -> Fraction | None:
    if value is None:
        return None
    bits = value.numerator.bit_length() + value.denominator.bit_length()
    return value if bits <= LONGEST else None


def _step(tree: Node, x: Fraction, value: Callable[[Node], Fraction | None]) -> Fraction | None:
    op, args = tree.op, tree.args
    if op == "x":
        return x
    if op == "number":
        return Fraction(args[0]) if args[0] == args[0] else None
    if op == "neg":
        inner = value(args[0])
        return None if inner is None else -inner
    if op in ("+", "-", "*", "/", "**"):
        a, b = value(args[0]), value(args[1])
        if a is None or b is None or (op == "/" and b == 0):
            return None
        if op != "**":
            return Fraction(BINARY[op](a, b))
        small = b.denominator == 1 and abs(b) <= 64 and (a or b >= 0)
        return Fraction(a ** int(b)) if small else None
    if op == "call" and len(args) == 2:
        inner = value(args[1])
        if inner == 0:
            return AT_0.get(args[0].name)
        if inner is not None and args[0].name == "sqrt" and inner > 0:
            root = Fraction(isqrt(inner.numerator), isqrt(inner.denominator))
            return root if root * root == inner else None
        if inner is not None and args[0].name == "cbrt":
            return cube_root(inner)
    return None


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

    0*log(0) is no number, though an infinite bound times 0 is 0.
    """
    steps = [enclosure(v) for v in program.trace(x)]
    if all(step.finite for step in steps):
        return [steps[root] for root in program.roots]
    known: list[bool] = []
    for (op, args), step in zip(program.steps, steps, strict=True):
        needed = () if op in ("x", "number", "constant") else args[op == "call" :]
        known.append(step.finite and all(known[i] for i in needed))
    return [steps[i] if known[i] else Enclosure(-INFINITY, INFINITY) for i in program.roots]


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


# Exact values of the primitives at 0.
AT_0: dict[str, Fraction] = {
    **dict.fromkeys(
        ("expm1", "log1p", "sqrt", "cbrt", "abs", "sign",
         "sin", "tan", "sinh", "asinh", "atanh", "arctan",
         "tanh", "erf", "softsign", "algebraic", "tanh_gap", "exp_gap", "arctan_gate",
         "root_gap", "algebraic_gate"), Fraction(0)),
    **dict.fromkeys(("exp", "cos", "cosh", "sech", "erfc", "sinc"), Fraction(1)),
    **dict.fromkeys(
        ("logistic", "normal_cdf", "softsign_cdf", "algebraic_cdf", "root_ramp",
         "arctan_gate_slope", "algebraic_gate_slope"), Fraction(1, 2)),
    "sinc_1": Fraction(1, 3), "sinc_2": Fraction(1, 15), "sinc_3": Fraction(1, 105),
}  # fmt: skip
