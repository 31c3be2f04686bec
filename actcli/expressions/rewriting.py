"""Rewrites formulas into forms that intervals, or floats, read well: (1 + erf(u))/2 as erfc(-u)/2.

Every rule is an identity wherever its left side is defined, and its right side is defined nowhere
else: tanh(atanh(x)) stays as it is, for x would be defined outside of (-1, 1) too. Rules look at the
structure of a formula without branches.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from fractions import Fraction
from math import isqrt
from typing import Any

from ..primitives import PRIMITIVES
from .node import Interpreter, Node, node, rebuilt
from .program import Program, alike

Term = tuple[Fraction, list[Node]]  # a number and the factors beside it
Built = dict[tuple[str, Fraction], Callable[[Node], Any]]  # of a primitive and k: 1 + k*name(u)


def rewritten(formula: Node) -> Node:
    """Applies every rule to a formula, from the inside outward."""
    return Interpreter[Node]({}, _rewritten)(formula)


def rewritten_for_floats(formula: Node) -> Node:
    """Applies every rule, and those for what loses its digits in floating point alone."""
    rules = {"+": _sum, "-": _sum, "/": _root_share, "call": _log_of_sum}

    def step(at: Interpreter[Node], part: Node, x: None) -> Node:
        inner = rebuilt(at, part, x)
        found = rules[inner.op](inner) if inner.op in rules else None
        return inner if found is None else found

    return Interpreter[Node]({}, step)(rewritten(formula))


def rewritten_last(formula: Node) -> Node:
    """Applies the rule for the last step of a formula whose parts are rewritten."""
    found = _RULES[formula.op](formula) if formula.op in _RULES else None
    return formula if found is None else found


def without_common_terms(a: Node, b: Node) -> tuple[Node, Node]:
    """Two formulas without the terms that stand in both: their difference is the same."""
    terms = _signed(a, 1), _signed(b, 1)
    if len(terms[0]) + len(terms[1]) < 3:
        return a, b
    places = Program(term for each in terms for _, term in each).roots
    keys = [(sign, place) for (sign, _), place in zip(terms[0] + terms[1], places, strict=True)]
    cut = len(terms[0])
    shared = Counter(keys[:cut]) & Counter(keys[cut:])
    if not shared:
        return a, b
    found = []
    for own, names in ((terms[0], keys[:cut]), (terms[1], keys[cut:])):
        left, total = shared.copy(), node(0)
        for (sign, term), key in zip(own, names, strict=True):
            if left[key] > 0:
                left[key] -= 1
            else:
                total = node(total + term if sign > 0 else total - term)
        found.append(total)
    return found[0], found[1]


def _signed(part: Node, sign: int) -> list[tuple[int, Node]]:
    """The terms of a sum, each with the sign that it is added with."""
    if part.op == "neg":
        return _signed(part.args[0], -sign)
    if part.op in ("+", "-"):
        second = sign if part.op == "+" else -sign
        return _signed(part.args[0], sign) + _signed(part.args[1], second)
    return [(sign, part)]


def _rewritten(at: Interpreter[Node], part: Node, x: None) -> Node:
    """One step, by the rule for it, of rewritten parts."""
    inner = rebuilt(at, part, x)
    if all(a is b for a, b in zip(inner.args, part.args, strict=True)):
        inner = part
    return rewritten_last(inner)


def _call(name: str, u: Any) -> Node:
    return node(PRIMITIVES[name](node(u)))


def _negative(u: Node) -> Node:
    """-u, written without two signs."""
    if u.op == "neg":
        return u.args[0]  # type: ignore[no-any-return]
    if u.op == "-":
        return node(u.args[1] - u.args[0])
    if u.op == "call" and u.args[0].name in ("tanh", "erf") and len(u.args) == 2:
        return _call(u.args[0].name, _negative(u.args[1]))
    if u.op in ("*", "/") and u.args[0].op in ("neg", "number"):
        return Node(u.op, (_negative(u.args[0]), u.args[1]))
    return node(-u)


def _name(part: Node) -> str:
    """The primitive of a call with one argument, else ''."""
    return str(part.args[0].name) if part.op == "call" and len(part.args) == 2 else ""


# -- terms ---------------------------------------------------------------------------------------
def _term(part: Node) -> Term:
    """A product as a number and its other factors."""
    op, args = part.op, part.args
    if op == "number" and args[0] == args[0]:
        return Fraction(args[0]), []
    if op == "neg":
        c, factors = _term(args[0])
        return -c, factors
    if op == "*":
        (c, a), (d, b) = _term(args[0]), _term(args[1])
        return c * d, a + b
    if op == "/" and args[1].op == "number" and args[1].args[0]:
        c, factors = _term(args[0])
        return c / Fraction(args[1].args[0]), factors
    return Fraction(1), [part]


def _terms(part: Node) -> list[Term] | None:
    """The two terms of a sum or difference."""
    if part.op not in ("+", "-"):
        return None
    a, (c, b) = _term(part.args[0]), _term(part.args[1])
    return [a, (c if part.op == "+" else -c, b)]


def _ordered(part: Node) -> list[list[Term]]:
    """The terms of a sum in both orders; nothing else has any."""
    terms = _terms(part)
    return [terms, terms[::-1]] if terms else []


def _product(c: Fraction, factors: Iterable[Node]) -> Node:
    """A term as a formula."""
    total = node(c)
    for factor in factors:
        total = node(total * factor)
    return total


def _without(factors: list[Node], some: list[Node]) -> list[Node] | None:
    """The factors but for those; None if one of them is missing."""
    rest = list(factors)
    for one in some:
        place = next((i for i, f in enumerate(rest) if f is one or alike(f, one)), None)
        if place is None:
            return None
        del rest[place]
    return rest


# -- sums ----------------------------------------------------------------------------------------
# c*(1 + k*name(u)) is c times what is built of u
_SHIFTED: Built = {
    ("erf", Fraction(1)): lambda u: _call("erfc", _negative(u)),
    ("erf", Fraction(-1)): lambda u: _call("erfc", u),
    ("erfc", Fraction(-1, 2)): lambda u: _call("erfc", _negative(u)) / 2,
    ("tanh", Fraction(1)): lambda u: 2 * _call("logistic", 2 * u),
    ("tanh", Fraction(-1)): lambda u: 2 * _call("logistic", -2 * u),
    ("logistic", Fraction(-1)): lambda u: _call("logistic", _negative(u)),
    ("logistic", Fraction(-2)): lambda u: _call("tanh", _negative(u) / 2),
    ("normal_cdf", Fraction(-1)): lambda u: _call("normal_cdf", _negative(u)),
    ("exp", Fraction(-1)): lambda u: -_call("expm1", u),
    ("expm1", Fraction(1)): lambda u: _call("exp", u),
}
_SQUARES: Built = {  # for floats: in proofs they have twice the period
    ("cos", Fraction(1)): lambda u: 2 * _call("cos", u / 2) ** 2,
    ("cos", Fraction(-1)): lambda u: 2 * _call("sin", u / 2) ** 2,
}


def _shifted(part: Node, built: Built = _SHIFTED) -> Node | None:
    """m + k*m*g(u) for a g whose values come near to -1/k."""
    terms = _terms(part)
    if terms is None:
        return None
    for (c, m), (d, factors) in (terms, terms[::-1]):
        if not c or len(factors) <= len(m):
            continue
        rest = _without(factors, m)
        if rest is None:
            continue
        found = _of_one(rest[0], d / c, built) if len(rest) == 1 else _of_square(rest, d / c)
        if found is not None:
            if c < 0:
                c, found = -c, _negative(found)
            return node(_product(c, m) * found)
    return None


def _of_one(g: Node, k: Fraction, built: Built) -> Node | None:
    """1 + k*g."""
    if g.op == "**" and g.args[1].op == "number" and g.args[1].args[0] == 2:
        return _of_square([g.args[0]] * 2, k)
    rule = built.get((_name(g), k))
    return None if rule is None else node(rule(g.args[1]))


def _of_square(factors: list[Node], k: Fraction) -> Node | None:
    """1 - tanh(u)^2."""
    if len(factors) != 2 or k != -1 or not all(_name(f) == "tanh" for f in factors):
        return None
    u = factors[0].args[1]
    if not alike(u, factors[1].args[1]):
        return None
    return node(4 * _call("logistic", 2 * u) * _call("logistic", -2 * u))


# -- exponentials --------------------------------------------------------------------------------
def _exponents(part: Node, sign: int = 1) -> tuple[Fraction, Node, Node] | None:
    """(c, a, b) of c*(exp(a) + exp(b)), c > 0, or with that `sign` between; 1 is exp(0)."""
    c, factors = _term(part)
    if sign < 0 and len(factors) == 1 and _name(factors[0]) == "expm1":
        return c, factors[0].args[1], node(0)
    terms = _terms(part)
    if terms is None or not terms[0][0] == sign * terms[1][0] != 0 or terms[0][0] < 0 < sign:
        return None
    found = []
    for _, factors in terms:
        if not factors:
            found.append(node(0))
        elif len(factors) == 1 and _name(factors[0]) == "exp":
            found.append(factors[0].args[1])
        else:
            return None
    return terms[0][0], found[0], found[1]


def _quotient(part: Node) -> Node | None:
    """m*exp(a)/(exp(a) + exp(b)) is m*logistic(a - b); with exp(a) - exp(b) above it is a tanh."""
    if _name(part.args[0]) == "sinh" and _name(part.args[1]) == "cosh":
        u, v = (arg.args[1] for arg in part.args)
        return _call("tanh", u) if alike(u, v) else None
    below = _exponents(part.args[1])
    if below is None:
        return None
    c, a, b = below
    d, factors = _term(part.args[0])
    for u, v in ((b, a), (a, b)) if _is_0(a) else ((a, b), (b, a)):
        above = _exponents(part.args[0], -1)
        if above is not None and alike(above[1], u) and alike(above[2], v):
            return node(node(above[0] / c) * _call("tanh", _gap(u, v) / 2))
    for u, v in ((b, a), (a, b)) if _is_0(a) else ((a, b), (b, a)):
        rest = factors if _is_0(u) else _without(factors, [_call("exp", u)])
        if rest is not None:
            return node(_product(d / c, rest) * _call("logistic", _gap(u, v)))
    return None


def _gap(u: Node, v: Node) -> Node:
    return _negative(v) if _is_0(u) else node(u + v.args[0] if v.op == "neg" else u - v)


def _is_0(part: Node) -> bool:
    return part.op == "number" and part.args[0] == 0


def _power(part: Node) -> Node | None:
    """(1 + exp(u))^-n is logistic(-u)^n."""
    base, exponent = part.args
    below = _exponents(base) if exponent.op == "number" and exponent.args[0] < 0 else None
    if below is None or below[0] != 1 or not (_is_0(below[1]) or _is_0(below[2])):
        return None
    u = below[2] if _is_0(below[1]) else below[1]
    return node(_call("logistic", _negative(u)) ** -exponent.args[0])


# -- roots of squares ----------------------------------------------------------------------------
def _hypotenuse(part: Node) -> Node | None:
    """u, of sqrt(u^2 + 1)."""
    for (c, one), (d, square) in _ordered(part.args[1]) if _name(part) == "sqrt" else ():
        u, root = _base(square), Fraction(isqrt(abs(d.numerator)), isqrt(d.denominator))
        if c == 1 and not one and u is not None and root**2 == d:
            return node(root * u)
    return None


def _base(factors: list[Node]) -> Node | None:
    """u, of u*u or u^2."""
    if len(factors) == 1 and factors[0].op == "**":
        base, power = factors[0].args
        return base if power.op == "number" and power.args[0] == 2 else None
    return factors[0] if len(factors) == 2 and alike(*factors) else None


def _sum(part: Node) -> Node | None:
    """The sums below, and 1 + cos(u) and 1 - cos(u)."""
    found = _shifted(part, _SQUARES)
    return _root_sum(part) if found is None else found


def _root_sum(part: Node) -> Node | None:
    """u + sqrt(u^2 + 1), and sqrt(u^2 + 1) - 1, in terms that do not cancel."""
    for (c, m), (d, factors) in _ordered(part):
        u = _hypotenuse(factors[0]) if len(factors) == 1 else None
        if u is None:
            continue
        if not m and c == -d:
            return node(d * _call("root_gap", u))
        k, rest = _term(u)
        if (
            k
            and c in (d * k, -d * k)
            and alike(_product(Fraction(1), m), _product(Fraction(1), rest))
        ):
            return node(2 * d * _call("root_ramp", u if c == d * k else _negative(u)))
    return None


def _root_share(part: Node) -> Node | None:
    """c*u/sqrt(u^2 + 1), whose slope does not overflow."""
    u = _hypotenuse(part.args[1])
    if u is None:
        return None
    (c, m), (k, rest) = _term(part.args[0]), _term(u)
    left = _without(m, rest) if rest else None
    return None if left is None else node(_product(c / k, left) * _call("algebraic", u))


def _log_of_sum(part: Node) -> Node | None:
    """log(1 + u), and log(u^2)."""
    if _name(part) != "log":
        return None
    c, factors = _term(part.args[1])
    u = _base(factors)
    if c == 1 and u is not None:
        return node(2 * _call("log", _call("abs", u)))
    for (c, one), other in _ordered(part.args[1]):
        if c == 1 and not one and other[1]:
            return _call("log1p", _product(*other))
    return None


# -- calls ---------------------------------------------------------------------------------------
def _log(part: Node) -> Node | None:
    u = part.args[1]
    if _name(u) == "logistic":
        return node(-_call("softplus", _negative(u.args[1])))
    sum_ = _exponents(u)
    if sum_ is None:
        return _asinh(u)
    c, a, b = sum_
    a, b = (b, a) if _is_0(a) else (a, b)
    scale = node(0) if c == 1 else Node("call", (PRIMITIVES["log"], node(c)))
    return node(scale + b + _call("softplus", _gap(a, b)))


def _asinh(u: Node) -> Node | None:
    """log of v + sqrt(v^2 + 1)."""
    terms = _terms(u) or []
    for (c, a), (d, b) in (terms, terms[::-1]) if terms else ():
        if not c == d == len(a) == len(b) == 1 or _name(b[0]) != "sqrt":
            continue
        inner = _terms(b[0].args[1])
        squares = [[a[0], a[0]], [Node("**", (a[0], node(2)))]]
        if inner and any(
            c == p == 1 and not one and any(_without(square, s) == [] for s in squares)
            for (c, one), (p, square) in (inner, inner[::-1])
        ):
            return _call("asinh", a[0])
    return None


def _log1p(part: Node) -> Node | None:
    u = part.args[1]
    return _call("softplus", u.args[1]) if _name(u) == "exp" else None


def _exp(part: Node) -> Node | None:
    """exp(-softplus(u)) is logistic(-u)."""
    u = _negative(part.args[1])
    return _call("logistic", _negative(u.args[1])) if _name(u) == "softplus" else None


_INVERSES = {("log", "exp"), ("sinh", "asinh"), ("asinh", "sinh"), ("atanh", "tanh"),
             ("tan", "arctan"), ("log1p", "expm1")}  # fmt: skip
_CALLS = {"log": _log, "log1p": _log1p, "exp": _exp}


def _of_call(part: Node) -> Node | None:
    name = _name(part)
    if not name:
        return None
    if (name, _name(part.args[1])) in _INVERSES:
        return node(part.args[1].args[1])
    rule = _CALLS.get(name)
    return None if rule is None else rule(part)


_RULES: dict[str, Callable[[Node], Node | None]] = {
    "+": _shifted, "-": _shifted, "/": _quotient, "**": _power, "call": _of_call,
}  # fmt: skip
