"""Simple roots of smooth functions, and polynomials around them that keep every digit there.

Like root_polynomials.py, but wide: code of other languages has nothing else near a root.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from .near_rational import NearRational
from .types import Array, Floats

REACH, SAMPLES = 24.0, 4001  # roots are looked for in [-REACH, REACH]
MOST = 6  # roots, those next to 0
NEXT_TO_0 = 0.5
SIMPLE = 2.0**-40
TERMS = (1, 2, 4, 8, 12, 16, 20, 24, 28, 32)
TESTS = 14  # places, of which hardly one is a node
ERROR = 2.0**-56  # relative, of the polynomial that is multiplied by the distance to the root
CANCELLED = 4  # times the polynomial, what its terms may sum up to
BITS = 320
Sharp = Callable[[NearRational], NearRational]


@dataclass(frozen=True)
class RootSeries:
    """(x - root) times a polynomial in x - root, for low < x < high; the root is a sum of two."""

    root: tuple[float, float]
    low: float
    high: float
    coefficients: tuple[float, ...]


def root_series(
    read: Callable[[Array], Floats], sharp: Sharp, breaks: Sequence[float]
) -> list[RootSeries]:
    """What a function is around those of its simple roots that are next to 0.

    `read` gives it at doubles, `sharp` to any precision; it is smooth but at `breaks`. The roots are
    found by sampling: some may be missed, and none is where the function has none.
    """
    x = np.linspace(-REACH, REACH, SAMPLES) + 1e-4
    with np.errstate(all="ignore"):
        signs = np.sign(read(x))
    places = np.flatnonzero(signs[:-1] * signs[1:] < 0)
    places = np.sort(places[np.argsort(abs(x[places]), kind="stable")[:MOST]])
    ends = np.array(sorted(breaks))
    found = (_series(sharp, float(x[k]), float(x[k + 1]), ends) for k in places)
    return [series for series in found if series is not None]


def _series(sharp: Sharp, low: float, high: float, breaks: Floats) -> RootSeries | None:
    from flint import arb, ctx

    if ((breaks >= low) & (breaks <= high)).any():
        return None
    value = partial(_at, sharp)
    with ctx.workprec(BITS):
        try:
            root = arb(0) if low < 0 < high else _root(value, arb(low), arb(high))
            if root is None or (root == 0 and value(root) != 0):
                return None
            near, reach = float(root), abs(float(root)) / 2 or NEXT_TO_0
            below = float(max([near - reach, *breaks[breaks < near]]))
            above = float(min([near + reach, *breaks[breaks > near]]))
            for _ in range(4):
                found = _fitted(value, root, below, above)
                if found is not None:
                    return RootSeries((near, float(root - arb(near))), below, above, found)
                below, above = (below + near) / 2, (above + near) / 2
        except (TypeError, AttributeError, ValueError, NotImplementedError):
            return None  # a formula that nearly rational numbers cannot read
    return None


def _at(sharp: Sharp, x: Any) -> Any:
    """The function at the middle of a ball, as the middle of a ball."""
    from flint import fmpq, fmpz

    digits, power = x.mid().man_exp()
    shift = fmpz(2) ** abs(int(power))
    exact = fmpq(digits * shift) if power >= 0 else fmpq(digits, shift)
    return sharp(NearRational(exact)).ball.mid()


def _root(value: Any, a: Any, b: Any) -> Any:
    """The root between two numbers, by the secant method; None if there is none."""
    low, high, before, after = a, b, value(a), value(b)
    for _ in range(80):
        if after == before:
            break
        step = (after * (b - a) / (after - before)).mid()
        a, before, b = b, after, (b - step).mid()
        after = value(b)
        if abs(step) < 2.0**-105:
            break
    margin = 2.0**-100
    return b if low < b < high and value(b - margin) * value(b + margin) < 0 else None


def _fitted(value: Any, root: Any, low: float, high: float) -> tuple[float, ...] | None:
    """Coefficients of value/(x - root) in powers of x - root; None where these are too many."""
    from flint import arb, arb_poly

    a, b = arb(low) - root, arb(high) - root

    def shares(count: int) -> tuple[list[Any], list[Any]]:
        angles = [arb(2 * k + 1) / (2 * count) for k in range(count)]
        at = [((a + b) / 2 + (b - a) / 2 * t.cos_pi()).mid() for t in angles]
        if any(abs(d) < 1e-9 for d in at):  # next to the root the quotient loses its digits
            at = [(d + (b - a) / 1000).mid() for d in at]
        return at, [value(root + d) / d for d in at]

    tests = [*zip(*shares(TESTS), strict=True)]
    for count in TERMS:
        poly = arb_poly.interpolate(*shares(count))
        if all(abs(poly(d) / wanted - 1) < ERROR for d, wanted in tests):
            found = tuple(float(c.mid()) for c in poly.coeffs())
            return found if np.isfinite(found).all() and _keeps_digits(found, tests) else None
    return None


def _keeps_digits(coefficients: Sequence[float], tests: Sequence[tuple[Any, Any]]) -> bool:
    """Whether terms of a polynomial do not cancel, at its root and at places with known results."""
    if abs(coefficients[0]) <= SIMPLE * max(map(abs, coefficients)):
        return False  # a root of more than one derivative
    for place, wanted in tests:
        terms = [abs(c * float(place) ** k) for k, c in enumerate(coefficients)]
        if not sum(terms) <= CANCELLED * abs(float(wanted)):
            return False
    return True
