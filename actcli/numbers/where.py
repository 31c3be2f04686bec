"""Choice between branches, and named constants: what every number type has in common."""

from .exact import lifted
from .types import Number


def where(condition: Number, chosen: Number, otherwise: Number) -> Number:
    """`chosen` where the condition holds, else `otherwise`; the branch not taken has no influence."""
    if isinstance(condition, bool):
        return chosen if condition else otherwise
    if hasattr(condition, "dtype"):
        chosen, otherwise = _beside(chosen, otherwise), _beside(otherwise, chosen)
    for number in _jets_first(chosen, otherwise, condition):
        select = getattr(number, "select", None)
        if select is not None:
            return select(condition, chosen, otherwise)
    if getattr(condition, "ndim", 1) == 0:
        return chosen if condition else otherwise
    from . import numpy_kernels

    return numpy_kernels.select(condition, chosen, otherwise)


def equal(a: Number, b: Number) -> Number:
    """Whether two numbers are the same; of recorded formulas the condition that they are."""
    for number, other in ((a, b), (b, a)):
        method = getattr(number, "equals", None)
        if method is not None:
            return method(other)
    return a == b


def different(a: Number, b: Number) -> Number:
    """Whether two numbers are not the same; of recorded formulas the condition that they are not."""
    for number, other in ((a, b), (b, a)):
        method = getattr(number, "differs", None)
        if method is not None:
            return method(other)
    return a != b


def maximum(a: Number, b: Number) -> Number:
    """The larger of two; at a tie a jet takes the gradient of smaller size (relu: 0 at 0)."""
    return _extremum("maximum", a, b)


def minimum(a: Number, b: Number) -> Number:
    """The smaller of two; at a tie a jet takes the gradient of smaller size."""
    return _extremum("minimum", a, b)


def _beside(number: Number, other: Number) -> Number:
    """A formula without x as a number of the type of an array, or jet of arrays; others as they are."""
    while hasattr(other, "slope"):
        other = other.value
    if not hasattr(number, "read"):
        return number
    if not hasattr(other, "dtype"):
        from .wide import wide_type

        other = wide_type()(0)
    return number.read(other)


def _jets_first(*numbers: Number) -> list[Number]:
    """The numbers in the order in which they are asked: a jet of formulas knows what a formula is."""
    return sorted(numbers, key=lambda number: not hasattr(number, "slope"))


def kink(place: Number, x: Number, height: Number = 0) -> Number:
    """A breakpoint as x meets it: of an array the nearest double counts as the breakpoint.

    Value and gradient there are those that the formula has at the breakpoint itself; not so if it
    jumps by a `height`: values are exact.
    """
    while hasattr(x, "slope"):
        x = x.value
    return float(place) if hasattr(x, "dtype") and float(height) == 0 else place


def _extremum(which: str, a: Number, b: Number) -> Number:
    for number in _jets_first(a, b):
        method = getattr(number, which, None)
        if method is not None:
            return method(b if number is a else a)
    from . import numpy_kernels

    return getattr(numpy_kernels, which)(a, b)


class Constant:
    """A real number known to any precision, which takes the type of what it meets."""

    __array_ufunc__ = None  # numpy hands the operation over to the methods below

    def __init__(self, text: str, latex: str, digits: str) -> None:
        self.text = text
        self.latex = latex
        self.digits = digits

    def like(self, other: Number) -> Number:
        """This constant as a number that can be combined with `other`."""
        return lifted(self, other)

    def __float__(self) -> float:
        return float(self.digits)

    def __neg__(self) -> "Constant":
        return Constant(f"-{self.text}", f"-{self.latex}", f"-{self.digits}")

    def __add__(self, other: Number) -> Number:
        return self.like(other) + other

    def __radd__(self, other: Number) -> Number:
        return other + self.like(other)

    def __sub__(self, other: Number) -> Number:
        return self.like(other) - other

    def __rsub__(self, other: Number) -> Number:
        return other - self.like(other)

    def __mul__(self, other: Number) -> Number:
        return self.like(other) * other

    def __rmul__(self, other: Number) -> Number:
        return other * self.like(other)

    def __truediv__(self, other: Number) -> Number:
        return self.like(other) / other

    def __rtruediv__(self, other: Number) -> Number:
        return other / self.like(other)
