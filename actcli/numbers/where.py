"""Choice between branches, and named constants: what every number type has in common."""

from typing import Any

Number = Any  # whatever a formula is read with: array, jet, enclosure, recorder node, float


def where(condition: Number, chosen: Number, otherwise: Number) -> Number:
    """`chosen` where the condition holds, else `otherwise`; the branch not taken has no influence."""
    if isinstance(condition, bool):
        return chosen if condition else otherwise
    for number in (chosen, otherwise, condition):
        select = getattr(number, "select", None)
        if select is not None:
            return select(condition, chosen, otherwise)
    if getattr(condition, "ndim", 1) == 0:
        return chosen if condition else otherwise
    from . import array

    return array.select(condition, chosen, otherwise)


def maximum(a: Number, b: Number) -> Number:
    """The larger of two; at a tie a jet takes the gradient of smaller size (relu: 0 at 0)."""
    return _extremum("maximum", a, b)


def minimum(a: Number, b: Number) -> Number:
    """The smaller of two; at a tie a jet takes the gradient of smaller size."""
    return _extremum("minimum", a, b)


def _extremum(which: str, a: Number, b: Number) -> Number:
    for number, other in ((a, b), (b, a)):
        method = getattr(number, which, None)
        if method is not None:
            return method(other)
    from . import array

    return getattr(array, which)(a, b)


def seam(place: Number) -> Number:
    """The float64 nearest to `place`, in floating-point readings; `place` itself in all others.

    A kink such as 1/2 / fl(1/6) is no double; the double next to it then counts as the kink.
    """
    rounded = getattr(place, "seam", None)
    if rounded is not None:
        return rounded()
    return float(place)


class Constant:
    """A real number known to any precision, which takes the type of what it meets."""

    __array_ufunc__ = None  # numpy hands the operation over to the methods below

    def __init__(self, text: str, latex: str, digits: str) -> None:
        self.text = text
        self.latex = latex
        self.digits = digits

    def like(self, other: Number) -> Number:
        """This constant as a number that can be combined with `other`."""
        lift = getattr(other, "lift", None)
        if lift is not None:
            return lift(self)
        dtype = getattr(other, "dtype", None)
        return float(self.digits) if dtype is None else dtype.type(self.digits)

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
