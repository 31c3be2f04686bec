"""Rewrites a formula with the terms apart that do not vanish at an infinity.

x*logistic(x) - x cannot be enclosed far to the right: both terms are huge. Written as
-x*logistic(-x) it can. Every rewriting here is an identity on the whole line; the side only says
which identities help: logistic(u) = 1 - logistic(-u) where u grows, and the like.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from flint import fmpq, fmpq_poly

from .. import primitives as f
from ..expressions.node import Node, node
from ..numbers.interval import enclosure

Parts = tuple[fmpq_poly, Node]  # a polynomial in x with exact coefficients, and the rest

DEGREE = 8
FAR, LARGE = 1e9, 30  # an argument that is so large so far out is taken to grow
ZERO = node(0)


def split(tree: Node, side: int) -> Node:
    """Rewrites a branch-free formula: equal for every x, better enclosed as x -> side*infinity."""
    polynomial, rest = parts(node(tree), side)
    return node(_written(polynomial) + rest)


def parts(tree: Node, side: int) -> Parts:
    """A formula as a polynomial and the rest; a formula without such a reading is all rest."""
    op, args = tree.op, tree.args
    if op == "x":
        return fmpq_poly([0, 1]), ZERO
    if op == "number" and args[0] == args[0]:
        return fmpq_poly([fmpq(*Fraction(args[0]).as_integer_ratio())]), ZERO
    found: Parts | None = None
    if op == "neg":
        polynomial, rest = parts(args[0], side)
        found = -polynomial, node(-rest)
    elif op in ("+", "-"):
        (p, a), (q, b) = (parts(arg, side) for arg in args)
        found = (p + q, node(a + b)) if op == "+" else (p - q, node(a - b))
    elif op == "*":
        found = _product(parts(args[0], side), parts(args[1], side))
    elif op == "/":
        found = _quotient(args[0], args[1], side)
    elif op == "**" and args[1].op == "number" and args[1].args[0] in (2, 3):
        factor = parts(args[0], side)
        found = _product(factor, factor)
        if args[1].args[0] == 3 and found is not None:
            found = _product(found, factor)
        if factor[0].degree() < 0:
            found = None
    elif op == "call" and len(args) == 2:
        found = _call(args[0], args[1], side)
    return (fmpq_poly(), tree) if found is None else found


def _product(one: Parts, other: Parts) -> Parts | None:
    """(p + a)(q + b) = pq + (pb + a(q + b)); None if the degree grows too high."""
    (p, a), (q, b) = one, other
    if max(p.degree(), 0) + max(q.degree(), 0) > DEGREE:
        return None
    return p * q, node(_written(p) * b + a * (_written(q) + b))


def _quotient(top: Node, bottom: Node, side: int) -> Parts | None:
    """A quotient whose denominator tends to a constant."""
    p, a = parts(top, side)
    q, b = parts(bottom, side)
    if q.degree() != 0:
        return None
    result = p / q[0]
    if b.op == "number" and b.args[0] == 0:
        return result, node(a / _written(q))
    # (p + a)/(c + b) = p/c + a/(c + b) - p*b/(c*(c + b))
    below = _written(q) + b
    return result, node(a / below - _written(p) * b / (_written(q) * below))


def _call(primitive: Any, u: Node, side: int) -> Parts | None:
    """f(u) where u grows, or f(u) where -u grows, with the limit apart; tanh(log(u)), a quotient."""
    if primitive.name == "tanh" and u.op == "call" and u.args[0].name in ("log", "log1p"):
        v = u.args[1] - 1 if u.args[0].name == "log" else u.args[1]
        return parts(node(v * (v + 2) / (v * (v + 2) + 2)), side)
    rules = [_RULES.get((primitive.name, sign)) for sign in (1, -1)]
    if rules == [None, None]:
        return None
    far = enclosure(u.read(enclosure(side * FAR)))
    rule = rules[0] if far.low > LARGE else rules[1] if far.high < -LARGE else None
    if rule is None:
        return None
    a, b, rest = rule(u)  # a + b*u + rest
    polynomial, small = parts(u, side)
    return b * polynomial + a, node(b * small + rest)


_Rule = Callable[[Node], tuple[int, int, Any]]

# a, b and the rest of f(u) = a + b*u + rest, for u that grows (1) or falls (-1)
_RULES: dict[tuple[str, int], _Rule] = {
    ("logistic", 1): lambda u: (1, 0, -f.logistic(-u)),
    ("normal_cdf", 1): lambda u: (1, 0, -f.normal_cdf(-u)),
    ("tanh", 1): lambda u: (1, 0, -2 * f.logistic(-2 * u)),
    ("tanh", -1): lambda u: (-1, 0, 2 * f.logistic(2 * u)),
    ("erf", 1): lambda u: (1, 0, -f.erfc(u)),
    ("erf", -1): lambda u: (-1, 0, f.erfc(-u)),
    ("erfc", -1): lambda u: (2, 0, -f.erfc(-u)),
    ("softplus", 1): lambda u: (0, 1, f.softplus(-u)),
    ("expm1", -1): lambda u: (-1, 0, f.exp(u)),
    ("exp_gap", -1): lambda u: (-1, -1, f.exp(u)),
    ("tanh_gap", 1): lambda u: (-1, 1, 2 * f.logistic(-2 * u)),
    ("tanh_gap", -1): lambda u: (1, 1, -2 * f.logistic(2 * u)),
    ("root_ramp", 1): lambda u: (0, 1, f.root_ramp(-u)),
    ("root_gap", 1): lambda u: (-1, 1, 2 * f.root_ramp(-u)),
    ("root_gap", -1): lambda u: (-1, -1, 2 * f.root_ramp(u)),
    ("algebraic_cdf", 1): lambda u: (1, 0, -f.algebraic_cdf(-u)),
    ("algebraic", 1): lambda u: (1, 0, -2 * f.algebraic_cdf(-u)),
    ("algebraic", -1): lambda u: (-1, 0, 2 * f.algebraic_cdf(u)),
    ("arctan_gate", 1): lambda u: (0, 1, f.arctan_gate(-u)),
    ("arctan_gate_slope", 1): lambda u: (1, 0, -f.arctan_gate_slope(-u)),
    ("algebraic_gate", 1): lambda u: (0, 1, -u * f.algebraic_cdf(-u)),
}


def _written(polynomial: fmpq_poly) -> Node:
    """As a formula."""
    total, x = ZERO, Node("x")
    for degree, c in enumerate(polynomial.coeffs()):
        if c:
            power = x**degree if degree else node(1)
            total = node(total + node(Fraction(int(c.p), int(c.q))) * power)
    return total
