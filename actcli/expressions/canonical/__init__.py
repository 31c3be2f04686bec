"""Canonical forms: exact proofs that two formulas are the same function.

A formula becomes a rational function of x and a few atoms: exp of an argument, log|f|, sqrt|f| and
|f| of a polynomial f, sine and cosine of an argument, erf, arctan, sqrt(pi), roots of primes.
Coefficients are exact rationals (a double is the rational it is). Two forms are compared by
cross-multiplication and reduced by what is known of the atoms: root^2 = f, sin^2 = 1 - cos^2,
exp(x) = exp(x/2)^2.

Nothing is refuted here: two forms that differ may still be the same function. Equality means: at
every x where both formulas, as written, are defined.
"""

from ..node import Node, node
from .rational_forms import Unshown
from .rules import Forms


def equal(a: Node, b: Node, side: int = 0) -> bool:
    """True if a(x) = b(x) is proved for every x at which both are defined; False: not shown.

    With `side` 1 or -1 for the x >= 0 or x <= 0 alone. where, comparisons and Python callables are
    not covered; min, max, abs and `use` are.
    """
    forms = Forms(side)
    try:
        return forms.same(forms.read(a), forms.read(b))
    except (Unshown, RecursionError):
        return False


def divides(factor: Node, formula: Node) -> bool:
    """True if the formula is proved to be the factor times what is finite where the formula is."""
    forms = Forms()
    try:
        part, whole = forms.read(factor), forms.read(formula)
        if part.top == 0 or part.top.is_constant():
            return False
        return bool(forms.reduced(divmod(whole.top, part.top)[1]) == 0)
    except (Unshown, RecursionError):
        return False


def reflect(formula: Node) -> Node:
    """The formula at -x, with `use` spelled out; no constant in it is worked out or rounded."""
    return replace(formula, -Node("x"))


def replace(formula: Node, argument: Node) -> Node:
    """The formula with `argument` for x; like Node.read, but calls on numbers stay calls."""
    known: dict[tuple[int, int], Node] = {}

    def at(part: Node, x: Node) -> Node:
        if part.op == "x":
            return x
        key = (id(part), id(x))
        if key not in known:
            if part.op == "use" and part.args[2] is not None:
                inner = at(part.args[3], x)
                kept.append(inner)
                known[key] = at(part.args[2], inner)
            else:
                args = tuple(at(a, x) if isinstance(a, Node) else a for a in part.args)
                known[key] = Node(part.op, args)
        return known[key]

    kept: list[Node] = []  # so that no id is used twice
    return at(node(formula), argument)


__all__ = ["divides", "equal", "reflect", "replace"]
