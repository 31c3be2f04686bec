"""Jets: a value with its slope, for arrays, enclosures or jets again (then: the curvature too).

`Jet(x, 1)` reads value and gradient, `Jet(Jet(x, 1), 1)` the curvature as well. A slope that is the
integer 1 stands for the input itself and is never multiplied.
"""

from collections.abc import Callable
from typing import Any

from .exact import lifted
from .types import Number
from .where import different, equal, where


def _times(a: Number, b: Number) -> Number:
    if isinstance(a, int) and a == 1:
        return b
    if isinstance(b, int) and b == 1:
        return a
    return a * b


class Jet:
    """`value` and `slope` = d value / d x; both of one number type, elementwise."""

    __slots__ = ("slope", "value")
    __array_ufunc__ = None

    def __init__(self, value: Number, slope: Number) -> None:
        self.value = value
        self.slope = slope

    def apply(self, primitive: Any, *constants: Number) -> "Jet":
        value, slope = primitive.value_and_derivative(self.value, *constants)
        return Jet(value, _times(slope, self.slope))

    def lift(self, number: Number) -> Number:
        return lifted(number, self.value)

    @staticmethod
    def select(condition: Number, chosen: Number, otherwise: Number) -> "Jet":
        return Jet(
            where(condition, value_of(chosen), value_of(otherwise)),
            where(condition, slope_of(chosen), slope_of(otherwise)),
        )

    def maximum(self, other: Number) -> "Jet":
        return self._extremum(other, lambda a, b: a > b)

    def minimum(self, other: Number) -> "Jet":
        return self._extremum(other, lambda a, b: a < b)

    def _extremum(self, other: Number, wins: Callable[[Number, Number], Number]) -> "Jet":
        a, b = (self.value, self.slope), (value_of(other), slope_of(other))
        flatter = abs(a[1]) < abs(b[1])
        return self.select(wins(a[0], b[0]) | (equal(a[0], b[0]) & flatter), self, other)

    def __neg__(self) -> "Jet":
        return Jet(-self.value, -self.slope)

    def __abs__(self) -> Number:
        return where(self.value < 0, -self, self)

    def __add__(self, other: Number) -> "Jet":
        if isinstance(other, Jet):
            return Jet(self.value + other.value, self.slope + other.slope)
        return Jet(self.value + other, self.slope)

    __radd__ = __add__

    def __sub__(self, other: Number) -> "Jet":
        if isinstance(other, Jet):
            return Jet(self.value - other.value, self.slope - other.slope)
        return Jet(self.value - other, self.slope)

    def __rsub__(self, other: Number) -> "Jet":
        return Jet(other - self.value, -self.slope)

    def __mul__(self, other: Number) -> "Jet":
        if isinstance(other, Jet):
            return Jet(
                self.value * other.value,
                _times(self.slope, other.value) + _times(self.value, other.slope),
            )
        return Jet(self.value * other, self.slope * other)

    __rmul__ = __mul__

    def __truediv__(self, other: Number) -> "Jet":
        if isinstance(other, Jet):
            ratio = self.value / other.value
            return Jet(ratio, (self.slope - _times(ratio, other.slope)) / other.value)
        return Jet(self.value / other, self.slope / other)

    def __rtruediv__(self, other: Number) -> "Jet":
        ratio = other / self.value
        return Jet(ratio, -_times(ratio / self.value, self.slope))

    def __pow__(self, exponent: Number) -> Number:
        if exponent == 0:
            return self * 0 + 1
        if exponent == 1:
            return self
        if exponent == 2:
            return Jet(self.value * self.value, _times(2 * self.value, self.slope))
        rate = exponent * self.value ** (exponent - 1)
        return Jet(self.value**exponent, _times(rate, self.slope))

    def __lt__(self, other: Number) -> Number:
        return self.value < value_of(other)

    def __le__(self, other: Number) -> Number:
        return self.value <= value_of(other)

    def __gt__(self, other: Number) -> Number:
        return self.value > value_of(other)

    def __ge__(self, other: Number) -> Number:
        return self.value >= value_of(other)

    def __eq__(self, other: object) -> Number:
        return equal(self.value, value_of(other))

    def __ne__(self, other: object) -> Number:
        return different(self.value, value_of(other))

    __hash__ = None  # type: ignore[assignment]


def value_of(number: Number) -> Number:
    """The value of a jet; any other number is its own value."""
    return number.value if isinstance(number, Jet) else number


def slope_of(number: Number) -> Number:
    """The slope of a jet; any other number is a constant."""
    return number.slope if isinstance(number, Jet) else 0
