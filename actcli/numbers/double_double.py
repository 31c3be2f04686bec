"""Pairs of doubles as arrays: about 104 bits of mantissa where there is no 80-bit long double.

A number is (high + low) * 2^scale, high the nearest double to high + low (Dekker 1971; Joldes, Muller
and Popescu 2017). `scale` is None as long as everything lies within 2^+-800, where no operation
overflows or loses low parts; elsewhere it is an array of exponents, so that the range is that of no
double. numpy's functions and operators work on them, so that a kernel is written once for all types.
"""

import operator
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from .types import Array

HIGH, LOW = 2.0**800, 2.0**-800  # between them a number has no scale
FOLDED = 700  # a binary exponent no larger goes back into the pair
FARTHEST = 1 << 24  # beyond this binary exponent are infinity and 0
_SPLITTER = 2.0**27 + 1
_ZERO = 0.0  # the low part, as a Python float, of numbers that are doubles
NO_EXPONENT = -(1 << 40)  # of 0: below all others

# What stands for numpy's functions, by their names: filled in by double_double_functions.py.
UFUNCS: dict[str, Callable[..., Any]] = {}
FUNCTIONS: dict[str, Callable[..., Any]] = {}


class _Kind:
    """What `dtype` says of pairs."""

    kind, name, itemsize = "f", "double-double", 16

    @property
    def type(self) -> Any:
        return DoubleDouble


class DoubleDouble:
    """An array of pairs of doubles; `shape`, indexing and numpy's functions are those of an array.

    Made of a float64 or integer array, a number, or the text of a decimal. Rounded once, to float64, by
    `astype(float64)` and by every assignment to an array of doubles.
    """

    __slots__ = ("high", "low", "scale")
    high: Any
    low: Any
    scale: Any
    dtype = _Kind()

    def __init__(self, value: Any) -> None:
        found = value if isinstance(value, DoubleDouble) else _of(value)
        self.high, self.low, self.scale = found.high, found.low, found.scale

    # -- as an array ----------------------------------------------------------------------------
    @property
    def shape(self) -> tuple[int, ...]:
        return np.shape(self.high)

    @property
    def ndim(self) -> int:
        return np.ndim(self.high)

    @property
    def size(self) -> int:
        return int(np.size(self.high))

    @property
    def T(self) -> "DoubleDouble":
        return self.each(np.transpose)

    def __len__(self) -> int:
        return len(self.high)

    def __repr__(self) -> str:
        return f"DoubleDouble({self.high!r} + {self.low!r}, scale={self.scale!r})"

    def __getitem__(self, places: Any) -> "DoubleDouble":
        return self.each(operator.itemgetter(places))

    def __setitem__(self, places: Any, value: Any) -> None:
        other = lifted(value)
        if type(self.low) is float and type(other.low) is not float:
            self.low = np.zeros(self.shape)
        if self.scale is None and other.scale is not None:
            self.scale = np.zeros(self.shape, np.int64)
        self.high[places] = other.high
        if type(self.low) is not float:
            self.low[places] = other.low
        if self.scale is not None:
            self.scale[places] = 0 if other.scale is None else other.scale

    def each(self, change: Callable[[Any], Any]) -> "DoubleDouble":
        """What a rearrangement (a selection, a shape) makes of it."""
        low = self.low if type(self.low) is float else change(self.low)
        scale = self.scale
        if scale is not None:
            scale = change(scale)
            scale = scale if scale.any() else None
        return pair(change(self.high), low, scale)

    def reshape(self, *shape: Any) -> "DoubleDouble":
        return self.each(lambda part: np.reshape(part, shape[0] if len(shape) == 1 else shape))

    def ravel(self) -> "DoubleDouble":
        return self.each(np.ravel)

    def copy(self) -> "DoubleDouble":
        return self.each(np.copy)

    def take(self, places: Any, **how: Any) -> "DoubleDouble":
        return self.each(lambda part: np.take(part, places, **how))

    def sum(self, axis: int | None = None) -> "DoubleDouble":
        """The sum over an axis, of halves of it and halves of those."""
        if 0 in self.shape:
            return DoubleDouble(np.sum(self.high, axis))
        return _folded(_sum, self, axis)

    def max(self, axis: int | None = None) -> "DoubleDouble":
        """The largest along an axis, nan where one is."""
        return _folded(maximum, self, axis)

    def min(self, axis: int | None = None) -> "DoubleDouble":
        """The smallest along an axis, nan where one is."""
        return _folded(minimum, self, axis)

    @property
    def leading(self) -> Array:
        """The nearest doubles, infinite or 0 where those end."""
        return self.high if self.scale is None else shifted(self.high, self.scale)

    def parts(self) -> tuple[Array, Array, Array]:
        """Mantissas in [1/2, 1), their low parts, and exponents; NO_EXPONENT that of 0."""
        mantissa, exponent = np.frexp(self.high)
        exponent = np.where(np.isfinite(self.high), exponent, 0).astype(np.int64)
        total = exponent + (0 if self.scale is None else self.scale)
        return mantissa, shifted(self.low, -exponent), np.where(self.high == 0, NO_EXPONENT, total)

    def astype(self, dtype: Any, copy: bool = True) -> Any:
        if dtype in (DoubleDouble, self.dtype):
            return self.copy() if copy else self
        with np.errstate(all="ignore"):
            return np.array(self.leading, dtype)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self.astype(np.float64), dtype)

    def __float__(self) -> float:
        return float(self.astype(np.float64))

    def as_integer_ratio(self) -> tuple[int, int]:
        """The exact value of a single number, as a fraction in lowest terms."""
        scale = 0 if self.scale is None else int(self.scale)
        value = (Fraction(float(self.high)) + Fraction(float(self.low))) * Fraction(2) ** scale
        return value.numerator, value.denominator

    # -- arithmetic -----------------------------------------------------------------------------
    def __neg__(self) -> "DoubleDouble":
        return pair(-self.high, self.low if type(self.low) is float else -self.low, self.scale)

    def __abs__(self) -> "DoubleDouble":
        if type(self.low) is float:
            return pair(np.abs(self.high), self.low, self.scale)
        return pair(np.abs(self.high), self.low * np.copysign(1.0, self.high), self.scale)

    def __add__(self, other: Any) -> Any:
        return _operated(_sum, self, other)

    def __radd__(self, other: Any) -> Any:
        return _operated(_sum, other, self)

    def __sub__(self, other: Any) -> Any:
        return _operated(lambda a, b: _sum(a, -b), self, other)

    def __rsub__(self, other: Any) -> Any:
        return _operated(lambda a, b: _sum(a, -b), other, self)

    def __mul__(self, other: Any) -> Any:
        return _operated(_product, self, other)

    def __rmul__(self, other: Any) -> Any:
        return _operated(_product, other, self)

    def __truediv__(self, other: Any) -> Any:
        return _operated(_quotient, self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return _operated(_quotient, other, self)

    def __pow__(self, exponent: Any) -> Any:
        return _operated(_power, self, exponent)

    def __rpow__(self, base: Any) -> Any:
        return _operated(_power, base, self)

    def __matmul__(self, other: Any) -> Any:
        return _operated(_matrix_product, self, other)

    def __rmatmul__(self, other: Any) -> Any:
        return _operated(_matrix_product, other, self)

    # -- comparison -----------------------------------------------------------------------------
    def __lt__(self, other: Any) -> Any:
        return _operated(_below, self, other)

    def __gt__(self, other: Any) -> Any:
        return _operated(_below, other, self)

    def __le__(self, other: Any) -> Any:
        return _operated(lambda a, b: _below(a, b) | _equal(a, b), self, other)

    def __ge__(self, other: Any) -> Any:
        return _operated(lambda a, b: _below(b, a) | _equal(a, b), self, other)

    def __eq__(self, other: object) -> Any:
        return _operated(_equal, self, other)

    def __ne__(self, other: object) -> Any:
        return _operated(lambda a, b: ~_equal(a, b), self, other)

    __hash__ = None  # type: ignore[assignment]

    # -- numpy ----------------------------------------------------------------------------------
    def __array_ufunc__(self, ufunc: Any, method: str, *given: Any, **options: Any) -> Any:
        function = UFUNCS.get(ufunc.__name__)
        if method != "__call__" or options or function is None:
            return NotImplemented
        return function(*map(lifted, given))

    def __array_function__(self, function: Any, types: Any, given: Any, options: Any) -> Any:
        own = FUNCTIONS.get(function.__name__)
        return NotImplemented if own is None else own(*given, **options)


def pair(high: Any, low: Any, scale: Any = None) -> DoubleDouble:
    """(high + low)*2^scale, of parts that are as the class wants them."""
    new = object.__new__(DoubleDouble)
    new.high, new.low, new.scale = high, low, scale
    return new


def _of(value: Any) -> DoubleDouble:
    if isinstance(value, str):
        value = Fraction(value)
    if isinstance(value, int | Fraction) and not isinstance(value, bool):
        near = float(value)
        return pair(np.float64(near), np.float64(float(value - Fraction(near))))
    array = np.asarray(value)
    high: Any = array.astype(np.float64)[()]
    low: Any = _ZERO
    if array.dtype.kind in "iu" and array.dtype.itemsize == 8:  # two halves, each a double
        top = (array >> 32).astype(np.float64) * 2.0**32
        high, low = _quick(top, (array & 0xFFFFFFFF).astype(np.float64))
    elif array.dtype.kind == "f" and array.dtype.itemsize > 8:
        low = (array - high).astype(np.float64)
    return in_range(high, low)


def lifted(value: Any) -> DoubleDouble:
    """A number, an array of doubles or pairs, as pairs."""
    if isinstance(value, DoubleDouble):
        return value
    if isinstance(value, int | float) and LOW <= abs(value) <= 2.0**53:
        return pair(np.float64(value), _ZERO, None)
    return DoubleDouble(value)


def _operated(operation: Callable[[Any, Any], Any], a: Any, b: Any) -> Any:
    """An operation on what numpy would take for arrays; jets and nodes know themselves what to do."""
    for other in (a, b):
        if getattr(other, "__array_ufunc__", operation) is None:
            return NotImplemented
    return operation(lifted(a), lifted(b))


# -- without error --------------------------------------------------------------------------------
def _quick(a: Any, b: Any) -> tuple[Any, Any]:
    """a + b and what the rounding lost, where |a| >= |b|."""
    total = a + b
    return total, b - (total - a)


def two_sum(a: Any, b: Any) -> tuple[Any, Any]:
    """a + b and what the rounding lost (Knuth)."""
    total = a + b
    part = total - a
    return total, (a - (total - part)) + (b - part)


def _halves(a: Any) -> tuple[Any, Any]:
    """A double as the sum of two of 26 bits (Veltkamp)."""
    grown = a * _SPLITTER
    high = grown - (grown - a)
    return high, a - high


def two_product(a: Any, b: Any) -> tuple[Any, Any]:
    """a*b and what the rounding lost (Dekker)."""
    product = a * b
    a_high, a_low = _halves(a)
    b_high, b_low = (a_high, a_low) if b is a else _halves(b)
    lost = a_high * b_high - product
    lost += a_high * b_low
    lost += a_low * b_high
    lost += a_low * b_low
    return product, lost


# -- with scales where they are needed ------------------------------------------------------------
def shifted(x: Array, places: Any) -> Array:
    """x*2^places."""
    places = np.asarray(places, np.int64)
    if np.abs(places).max(initial=0) <= 1022:
        return x * ((places + 1023) << 52).view(np.float64)
    return np.ldexp(x, np.clip(places, -5000, 5000).astype(np.intc))


def outside(size: Any) -> bool:
    """Whether absolute values, but for those that are 0, ask for scales or are not finite."""
    if size.size == 0 or (size.max() <= HIGH and size.min() >= LOW):
        return False
    return not (size.max() <= HIGH and np.min(size, where=size > 0, initial=1.0) >= LOW)


def in_range(high: Any, low: Any) -> DoubleDouble:
    """The pair, with a scale where it is needed."""
    if outside(np.abs(high)):
        return rescaled(high, low, np.zeros(np.shape(high), np.int64))
    return pair(high, low, None)


def rescaled(high: Any, low: Any, scale: Any) -> DoubleDouble:
    """(high + low)*2^scale with mantissas near 1 where their exponents stay, and else without scale."""
    exponent = np.frexp(high)[1]
    ordinary = np.isfinite(high) & (high != 0)
    total = np.where(ordinary, exponent + scale, 0)
    near = np.abs(total) <= FOLDED
    shift = np.where(ordinary, np.where(near, scale, -exponent), 0)
    high, low = shifted(high, shift), shifted(np.where(ordinary, low, 0), shift)
    gone = np.abs(total) > FARTHEST
    if gone.any():
        end = np.copysign(np.where(total > 0, np.inf, 0.0), high)
        high, low, near = np.where(gone, end, high), np.where(gone, 0, low), near | gone
    return pair(high, low, None if near.all() else np.where(near, 0, total))


def completed(first: Any, rest: Any, rounded: Any = None) -> DoubleDouble:
    """first + rest, where |first| >= |rest|; infinities, nan and the sign of 0 are those of `rounded`."""
    rounded = first if rounded is None else rounded
    high = first + rest
    low = rest - (high - first)
    size = np.abs(high)
    if size.size and not (size.max() <= HIGH and size.min() > 0):
        plain = ~np.isfinite(high) | (high == 0)
        kept = plain & ((rounded == 0) | ~np.isfinite(high))
        high, low = np.where(kept, rounded, high), np.where(plain, 0, low)
        if ((np.abs(high) > HIGH) & ~plain).any():
            return rescaled(high, low, np.zeros(np.shape(high), np.int64))
    return pair(high, low, None)


def _sum(a: DoubleDouble, b: DoubleDouble) -> DoubleDouble:
    scale = None
    if a.scale is None and b.scale is None:
        (high, low), (other, rest) = (a.high, a.low), (b.high, b.low)
    else:
        high, low, exponent = a.parts()
        other, rest, more = b.parts()
        scale = np.maximum(exponent, more)
        high, low = shifted(high, exponent - scale), shifted(low, exponent - scale)
        other, rest = shifted(other, more - scale), shifted(rest, more - scale)
    rounded, lost = two_sum(high, other)
    first = rounded
    if type(low) is float or type(rest) is float:
        lost = lost + (low + rest)
    else:
        small, least = two_sum(low, rest)
        lost, carried = _quick(first, lost + small)
        first, lost = lost, carried + least
    found = completed(first, lost, rounded)
    if scale is None:
        return found
    return rescaled(found.high, found.low, np.where(scale == NO_EXPONENT, 0, scale))


def _scaled(
    operation: Callable[[DoubleDouble, DoubleDouble], DoubleDouble],
    a: DoubleDouble,
    b: DoubleDouble,
    sign: int,
) -> DoubleDouble:
    """A product (sign 1) or quotient (-1) of mantissas, and the exponents together."""
    high, low, exponent = a.parts()
    other, rest, more = b.parts()
    found = operation(pair(high, low, None), pair(other, rest, None))
    total = np.where((exponent == NO_EXPONENT) | (more == NO_EXPONENT), 0, exponent + sign * more)
    return rescaled(found.high, found.low, total)


def _leaves_range(found: Any, a: DoubleDouble, b: DoubleDouble) -> bool:
    """Whether a product or quotient is too large or small for a pair without scale."""
    size = np.abs(found)
    if size.size == 0 or (size.max() <= HIGH and size.min() >= LOW):
        return False
    inside = np.isfinite(a.high) & np.isfinite(b.high) & (a.high != 0) & (b.high != 0)
    return bool((inside & ~((size <= HIGH) & (size >= LOW))).any())


def _product(a: DoubleDouble, b: DoubleDouble) -> DoubleDouble:
    if a.scale is not None or b.scale is not None:
        return _scaled(_product, a, b, 1)
    first, lost = two_product(a.high, b.high)
    if _leaves_range(first, a, b):
        return _scaled(_product, a, b, 1)
    if type(b.low) is not float:
        lost += a.high * b.low
    if type(a.low) is not float:
        lost += a.low * b.high
    return completed(first, lost)


def _quotient(a: DoubleDouble, b: DoubleDouble) -> DoubleDouble:
    if a.scale is not None or b.scale is not None:
        return _scaled(_quotient, a, b, -1)
    first = a.high / b.high
    if _leaves_range(first, a, b):
        return _scaled(_quotient, a, b, -1)
    product, lost = two_product(first, b.high)
    left = (a.high - product) - lost
    left += a.low
    left -= first * b.low
    return completed(first, left / b.high)


def _power(base: DoubleDouble, exponent: DoubleDouble) -> Any:
    return UFUNCS["power"](base, exponent)


def _matrix_product(a: DoubleDouble, b: DoubleDouble) -> Any:
    """a @ b of a matrix and a matrix or vector."""
    if b.ndim == 1:
        return (a * b).sum(axis=-1)
    return (a.reshape(*a.shape, 1) * b).sum(axis=1)


def _below(a: DoubleDouble, b: DoubleDouble) -> Any:
    if a.scale is None and b.scale is None:
        return (a.high < b.high) | ((a.high == b.high) & (a.low < b.low))
    finite = np.isfinite(a.high) & np.isfinite(b.high)
    return np.where(finite, _sum(a, -b).high < 0, a.high < b.high)


def _equal(a: DoubleDouble, b: DoubleDouble) -> Any:
    same = (a.high == b.high) & (a.low == b.low)
    if a.scale is None and b.scale is None:
        return same
    finite = np.isfinite(a.high) & np.isfinite(b.high)
    return np.where(finite, _sum(a, -b).high == 0, same)


def _folded(combine: Any, x: DoubleDouble, axis: int | None) -> DoubleDouble:
    """Two halves combined, and halves of those, until one is left."""
    rest = x.ravel() if axis is None else x.each(lambda part: np.moveaxis(part, axis, 0))
    while (count := len(rest)) > 1:
        half = count // 2
        paired = combine(rest[:half], rest[half : 2 * half])
        if count % 2:
            paired[:1] = combine(paired[:1], rest[-1:])
        rest = paired
    return rest[0]


# -- numpy's functions ----------------------------------------------------------------------------
def where(condition: Any, chosen: Any, otherwise: Any) -> DoubleDouble:
    a, b = lifted(chosen), lifted(otherwise)
    exact = type(a.low) is float and type(b.low) is float
    low = _ZERO if exact else np.where(condition, a.low, b.low)
    high: Any = np.where(condition, a.high, b.high)
    scale: Any = None
    if not (a.scale is None and b.scale is None):
        scales = (0 if part.scale is None else part.scale for part in (a, b))
        scale = np.where(condition, *scales)
        scale = scale + np.zeros(high.shape, np.int64) if scale.any() else None
    return pair(high, low, scale)


def maximum(a: DoubleDouble, b: DoubleDouble) -> DoubleDouble:
    return where((a >= b) | np.isnan(a.high), a, b)


def minimum(a: DoubleDouble, b: DoubleDouble) -> DoubleDouble:
    return where((a <= b) | np.isnan(a.high), a, b)


def clip(x: Any, low: Any, high: Any) -> DoubleDouble:
    return minimum(maximum(lifted(x), lifted(low)), lifted(high))
