"""Orders monomials, and adds and multiplies lists of terms (coefficient, monomial)."""

from collections.abc import Sequence
from typing import Any

from .coefficients import ONE, ZERO, UndecidedError, sign_of

TERMS = 4  # as many are kept


class Monomial:
    """t^p * log(t)^q * log(log(t))^r * exp(sum of c*m), every m beyond log(t), in falling order."""

    __slots__ = ("exponent", "key", "powers")

    def __init__(self, powers: Any, exponent: Any = ()) -> None:
        self.powers = powers
        self.exponent = exponent
        self.key: Any = (powers, tuple((c, m.key) for c, m in exponent)) if exponent else powers

    def __mul__(self, other: "Monomial") -> "Monomial":
        a, b = self.powers, other.powers
        powers = (a[0] + b[0], a[1] + b[1], a[2] + b[2])
        if not (self.exponent or other.exponent):
            return Monomial(powers)
        return Monomial(powers, tuple(merged(self.exponent, other.exponent)))

    def __pow__(self, p: Any) -> "Monomial":
        return Monomial(
            tuple(a * p for a in self.powers), tuple((c * p, m) for c, m in self.exponent)
        )


UNIT = Monomial((ZERO, ZERO, ZERO))
T = Monomial((ONE, ZERO, ZERO))
LOG = Monomial((ZERO, ONE, ZERO))
LOGLOG = Monomial((ZERO, ZERO, ONE))


def compare(a: Monomial, b: Monomial) -> int:
    """Compares growth: 1 if b = o(a), -1 if a = o(b), 0 if they are equal."""
    if a is b or a.key == b.key:
        return 0
    if a.exponent or b.exponent:
        sign = _leading_sign(a.exponent, b.exponent)
        if sign:
            return sign
    return 1 if a.powers > b.powers else -1 if a.powers < b.powers else 0


def _leading_sign(a: Sequence[Any], b: Sequence[Any]) -> int:
    """The sign of the first term of a - b, two falling lists; 0 if there is none."""
    i = j = 0
    while i < len(a) or j < len(b):
        order = 1 if j == len(b) else -1 if i == len(a) else compare(a[i][1], b[j][1])
        c: Any = 0
        if order >= 0:
            c = a[i][0]
            i += 1
        if order <= 0:
            c = c + (-b[j][0])
            j += 1
        sign = sign_of(c)
        if sign is None:
            raise UndecidedError
        if sign:
            return sign
    return 0


def merged(a: Sequence[Any], b: Sequence[Any]) -> list[Any]:
    """Adds two falling lists of (coefficient, monomial)."""
    if not a or not b:
        return list(a or b)
    result = []
    i = j = 0
    while i < len(a) and j < len(b):
        order = compare(a[i][1], b[j][1])
        if order > 0:
            result.append(a[i])
            i += 1
        elif order < 0:
            result.append(b[j])
            j += 1
        else:
            c = a[i][0] + b[j][0]
            if c != 0:
                result.append((c, a[i][1]))
            i, j = i + 1, j + 1
    return result + list(a[i:]) + list(b[j:])


def largest(*found: Monomial | None) -> Monomial | None:
    """Returns the largest monomial; None stands for 0."""
    result = None
    for m in found:
        if m is not None and (result is None or compare(m, result) > 0):
            result = m
    return result


def products(a: Sequence[Any], b: Sequence[Any], rest: Monomial | None) -> Any:
    """Multiplies two falling lists, as far as terms are beyond O(rest); the product and the new rest."""
    total: list[Any] = []
    for c, m in a:
        row = []
        for d, n in b:
            product = m * n
            if rest is not None and compare(product, rest) <= 0:
                break
            share = c * d
            if share != 0:
                row.append((share, product))
        total = merged(total, row)
        if len(total) > TERMS:
            rest = largest(rest, total[TERMS][1])
            total = total[:TERMS]
    return total, rest
