"""Proves that two formulas are the same function, by exact canonical forms.

The idea. A formula is read as a quotient of two polynomials with rational coefficients. Their variables
are x, sqrt(pi) and atoms: exp of an argument, log|f|, sqrt|f| and |f| of a polynomial f, sine and cosine of
an argument, erf, arctan, roots of primes. What is known of an atom is a relation that
replaces a power of it: root^2 = f, sin^2 = 1 - cos^2, exp(x) = exp(x/2)^2. Two quotients are equal
if cross-multiplication and reduction by the relations leave 0: computer algebra with side
relations, on python-flint's polynomials, without any sampling and without rounding.

What always holds
- Numbers are exact: a double is the rational number that it is, sqrt(pi) and e are atoms.
- Equality means: at every x at which both formulas, as written, are defined. (x^2 - 1)/(x - 1) is x + 1.
- True is a proof; False is none. Two forms that differ may still be the same function: whether a formula
  with exp, sin and |.| vanishes is undecidable in general (Richardson 1968). Reading gives up
  (`Unsupported`) where formulas are outside of what is covered, or terms, degrees or work grow too many.
- Two arguments of exp that are rational multiples of each other share one atom: that of a
  common divisor of the two. A finer one that comes later renames the older.
- A sign is used only where it is known: |f| becomes f where f is a sum of products that are all >= 0, or
  where log(f) or sqrt(f) stands in the formula and so has to be defined.

A worked example: tanh(x) = 2 logistic(2x) - 1. With a = exp(2x) the left is (a - 1)/(a + 1), and the
right 2a/(a + 1) - 1, which is brought over one denominator. Both forms are the same two polynomials:

    >>> from actcli.expressions.parser import parse
    >>> forms = Forms()
    >>> forms.read(parse("tanh(x)")), forms.read(parse("2*logistic(2*x) - 1"))
    ((a2 - 1)/(a2 + 1), (a2 - 1)/(a2 + 1))

(a0 is x, a1 sqrt(pi).) Mish needs log: exp(softplus(x)) = 1 + exp(x), so that tanh(softplus(x)) becomes
a quotient of polynomials in b = exp(x), ((1 + b)^2 - 1)/((1 + b)^2 + 1):

    >>> mish, form = parse("x*tanh(softplus(x))"), "x*(exp(2*x) + 2*exp(x))/(exp(2*x) + 2*exp(x) + 2)"
    >>> Forms().read(mish)
    (a0*a2^2 + 2*a0*a2)/(a2^2 + 2*a2 + 2)
    >>> equal(mish, parse(form)), equal(parse("sqrt(x**2)"), parse("abs(x)"))
    (True, True)
    >>> equal(parse("sqrt(x**2)"), parse("x")), equal(parse("sqrt(x**2)"), parse("x"), side=1)
    (False, True)
"""

from ..node import Interpreter, Node, Rule, inlined, node, rebuilt
from .rational_forms import Unsupported
from .rules import Forms


def equal(a: Node, b: Node, side: int = 0) -> bool:
    """True if a(x) = b(x) is proved for every x at which both are defined; False: not shown.

    With `side` 1 or -1 for the x >= 0 or x <= 0 alone. where, comparisons and Python callables are
    not covered; min, max, abs and `use` are.
    """
    forms = Forms(side)
    try:
        return forms.same(forms.read(a), forms.read(b))
    except (Unsupported, RecursionError):
        return False


def divides(factor: Node, formula: Node) -> bool:
    """True if the formula is proved to be the factor times what is finite where the formula is."""
    forms = Forms()
    try:
        part, whole = forms.read(factor), forms.read(formula)
        if part.top == 0 or part.top.is_constant():
            return False
        return bool(forms.reduced(divmod(whole.top, part.top)[1]) == 0)
    except (Unsupported, RecursionError):
        return False


def reflect(formula: Node) -> Node:
    """The formula at -x, with `use` spelled out; no constant in it is worked out or rounded."""
    return replace(formula, -Node("x"))


def replace(formula: Node, argument: Node) -> Node:
    """The formula with `argument` for x; like Node.read, but calls on numbers stay calls."""
    return Interpreter[Node](_REPLACED, rebuilt)(node(formula), argument)


_REPLACED: dict[str, Rule] = {
    "x": lambda at, part, x: x,
    "use": lambda at, part, x: (rebuilt if part.args[2] is None else inlined)(at, part, x),
}

__all__ = ["divides", "equal", "reflect", "replace"]
