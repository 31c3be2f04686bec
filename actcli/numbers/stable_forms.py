"""Where a formula cancels, floating-point readings take another form of it; all others the plain one.

These are for what no primitive's row can hold: a sum that touches 0, terms that cancel
in a tail, and a difference from a number that is no double.
"""

from collections.abc import Callable

from .exact import rational_of_double
from .jet import Jet, value_of
from .types import Number
from .where import where


def in_floats(plain: Number, form: Callable[[], Number]) -> Number:
    """`plain`; for arrays of floats and jets of them another form of the same function."""
    return form() if _is_array(plain) else plain


def sloped(plain: Number, x: Number, slope: Callable[[Number], Number]) -> Number:
    """`plain`, a formula in x; a jet of arrays takes its slope from `slope`, a formula in x too."""
    if not (isinstance(plain, Jet) and isinstance(x, Jet) and _is_array(x)):
        return plain
    better = slope(x.value)
    if not (isinstance(x.slope, int) and x.slope == 1):
        better = better * x.slope
    return Jet(sloped(plain.value, x.value, slope), better)


def one_plus(turn: Number, other: Number) -> Number:
    """1 + turn for a sine and its cosine, or the reverse; next to the double roots other^2/(1 - turn)."""
    return where(turn < 0, other * other / (1 - turn), 1 + turn)


def from_root(x: Number, root: Number) -> Number:
    """x - root, with the root, a rational number, in two parts; x if there is no root."""
    if root.op != "number":  # a parameter that has no value yet; if there is no root, infinity
        return x if root.op == "/" and root.args[1].op == "number" else x - root
    exact = root.args[0]
    if abs(exact) > 2**1000:  # no double is next to it
        return x - root
    high = float(exact)
    return (x - high) - float(exact - rational_of_double(high))


def excess(a: Number, b: Number) -> Number:
    """abs(a*b) - 1 of two parameters, worked out exactly."""
    return abs(a * b) - 1


def _is_array(number: Number) -> bool:
    """Whether a number, or what a formula is recorded for, is an array of floats or a jet of them."""
    inner = value_of(value_of(number))
    return hasattr(inner, "dtype") or getattr(inner, "for_floats", False)
