"""Rewrites a formula with the terms apart that do not vanish at an infinity.

x*logistic(x) - x cannot be enclosed far to the right: both terms are huge. Written as
-x*logistic(-x) it can. Every rewriting here is an identity on the whole line; the side only says
which identities help: logistic(u) = 1 - logistic(-u) where u grows, and the like.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from ..expressions.node import Node, node
from ..numbers.interval import enclosure
from ..primitives import PRIMITIVES

Polynomial = dict[int, Fraction]
Parts = tuple[Polynomial, Node]  # a polynomial in x with exact coefficients, and the rest

DEGREE = 8
FAR, LARGE = 1e9, 30  # an argument that is so large so far out is taken to grow
ZERO = node(0)


def split(tree: Node, side: int) -> Node:
    """Rewrites a branch-free formula: equal for every x, better enclosed as x -> side*infinity."""
    polynomial, rest = _parts(node(tree), side)
    return node(_written(polynomial) + rest)


def _parts(tree: Node, side: int) -> Parts:
    op, args = tree.op, tree.args
    if op == "x":
        return {1: Fraction(1)}, ZERO
    if op == "number" and args[0] == args[0]:
        return _clean({0: Fraction(args[0])}), ZERO
    found: Parts | None = None
    if op == "neg":
        polynomial, rest = _parts(args[0], side)
        found = {k: -c for k, c in polynomial.items()}, node(-rest)
    elif op in ("+", "-"):
        (p, a), (q, b) = (_parts(arg, side) for arg in args)
        sign = 1 if op == "+" else -1
        degrees = {*p, *q}
        found = (
            {k: p.get(k, Fraction(0)) + sign * q.get(k, Fraction(0)) for k in degrees},
            node(a + b if sign > 0 else a - b),
        )
    elif op == "*":
        found = _product(_parts(args[0], side), _parts(args[1], side))
    elif op == "/":
        found = _quotient(args[0], args[1], side)
    elif op == "**" and args[1].op == "number" and args[1].args[0] in (2, 3):
        factor = _parts(args[0], side)
        found = _product(factor, factor)
        if args[1].args[0] == 3 and found is not None:
            found = _product(found, factor)
        if not factor[0]:
            found = None
    elif op == "call" and len(args) == 2:
        found = _call(args[0], args[1], side)
    if found is None:
        return {}, tree
    return _clean(found[0]), found[1]


def _product(one: Parts, other: Parts) -> Parts | None:
    (p, a), (q, b) = one, other
    if max(p, default=0) + max(q, default=0) > DEGREE:
        return None
    both: Polynomial = {}
    for i, c in p.items():
        for j, d in q.items():
            both[i + j] = both.get(i + j, Fraction(0)) + c * d
    return both, node(_written(p) * b + a * (_written(q) + b))


def _quotient(top: Node, bottom: Node, side: int) -> Parts | None:
    p, a = _parts(top, side)
    q, b = _parts(bottom, side)
    if set(q) != {0}:
        return None
    c = q[0]
    result = {k: value / c for k, value in p.items()}
    if b.op == "number" and b.args[0] == 0:
        return result, node(a / _written(q))
    # (p + a)/(c + b) = p/c + a/(c + b) - p*b/(c*(c + b))
    below = _written(q) + b
    return result, node(a / below - _written(p) * b / (_written(q) * below))


def _call(primitive: Any, u: Node, side: int) -> Parts | None:
    """f(u) where u grows, or f(u) where -u grows, with the limit apart."""
    rules = [_RULES.get((primitive.name, sign)) for sign in (1, -1)]
    if rules == [None, None]:
        return None
    far = enclosure(u.read(enclosure(side * FAR)))
    rule = rules[0] if far.low > LARGE else rules[1] if far.high < -LARGE else None
    return None if rule is None else _parts_of_rule(rule(u), u, side)


def _parts_of_rule(rule: tuple[int, int, Node], u: Node, side: int) -> Parts:
    """a + b*u + rest."""
    a, b, rest = rule
    polynomial, small = _parts(u, side)
    found = {k: b * c for k, c in polynomial.items()}
    found[0] = found.get(0, Fraction(0)) + a
    return found, node(b * small + rest)


def _named(name: str) -> Callable[[Node], Node]:
    return lambda u: node(PRIMITIVES[name](u))


def _rules() -> dict[tuple[str, int], Callable[[Node], tuple[int, int, Node]]]:
    f = {
        name: _named(name)
        for name in ("logistic", "normal_cdf", "erfc", "softplus", "exp", "root_ramp",
                     "algebraic_cdf", "arctan_gate", "arctan_gate_slope")
    }  # fmt: skip

    def shown(part: Any) -> Node:
        return node(part)

    return {
        ("logistic", 1): lambda u: (1, 0, shown(-f["logistic"](-u))),
        ("normal_cdf", 1): lambda u: (1, 0, shown(-f["normal_cdf"](-u))),
        ("tanh", 1): lambda u: (1, 0, shown(-2 * f["logistic"](-2 * u))),
        ("tanh", -1): lambda u: (-1, 0, shown(2 * f["logistic"](2 * u))),
        ("erf", 1): lambda u: (1, 0, shown(-f["erfc"](u))),
        ("erf", -1): lambda u: (-1, 0, f["erfc"](-u)),
        ("erfc", -1): lambda u: (2, 0, shown(-f["erfc"](-u))),
        ("softplus", 1): lambda u: (0, 1, f["softplus"](-u)),
        ("expm1", -1): lambda u: (-1, 0, f["exp"](u)),
        ("exp_gap", -1): lambda u: (-1, -1, f["exp"](u)),
        ("tanh_gap", 1): lambda u: (-1, 1, shown(2 * f["logistic"](-2 * u))),
        ("tanh_gap", -1): lambda u: (1, 1, shown(-2 * f["logistic"](2 * u))),
        ("root_ramp", 1): lambda u: (0, 1, f["root_ramp"](-u)),
        ("root_gap", 1): lambda u: (-1, 1, shown(2 * f["root_ramp"](-u))),
        ("root_gap", -1): lambda u: (-1, -1, shown(2 * f["root_ramp"](u))),
        ("algebraic_cdf", 1): lambda u: (1, 0, shown(-f["algebraic_cdf"](-u))),
        ("algebraic", 1): lambda u: (1, 0, shown(-2 * f["algebraic_cdf"](-u))),
        ("algebraic", -1): lambda u: (-1, 0, shown(2 * f["algebraic_cdf"](u))),
        ("arctan_gate", 1): lambda u: (0, 1, f["arctan_gate"](-u)),
        ("arctan_gate_slope", 1): lambda u: (1, 0, shown(-f["arctan_gate_slope"](-u))),
        ("algebraic_gate", 1): lambda u: (0, 1, shown(-u * f["algebraic_cdf"](-u))),
    }


def _written(polynomial: Polynomial) -> Node:
    """As a formula."""
    total = ZERO
    x = Node("x")
    for degree, c in sorted(polynomial.items()):
        if c:
            power = x**degree if degree else node(1)
            total = node(total + node(c) * power)
    return total


def _clean(polynomial: Polynomial) -> Polynomial:
    return {k: c for k, c in polynomial.items() if c}


_RULES = _rules()
