"""Roots of smooth functions, and 0, and polynomials around them that keep every digit there.

Like root_polynomials.py, but wide: code of other languages has nothing else near a root.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import log
from typing import Any

import numpy as np

from .near_rational import NearRational
from .types import Array, Floats

REACH, SAMPLES = 24.0, 4001  # roots are looked for in [-REACH, REACH]
MOST = 6  # roots, those next to 0
NEXT_TO_0 = 0.5
TERMS = (1, 2, 4, 8, 12, 16, 20, 24, 28, 32)
TESTS = 14  # places, of which hardly one is a node
ERROR = 2.0**-56  # relative, of the polynomial that is multiplied by the distance to the root
CANCELLED = 4  # times the polynomial, what its terms may sum up to
BITS = 320
STEP = 2.0**-60  # of differences, whose roots are the turns of a function but for its square
HIGHEST = 8  # order of a root
BESIDE = 40  # samples, beside which a root without a change of sign is small
SMALL = 1e-2
WIDER, BEYOND = 2, np.linspace(1, 2, 8)
Sharp = Callable[[NearRational], NearRational]


@dataclass(frozen=True)
class RootSeries:
    """(x - root)**order times a polynomial in x - root, for low < x < high; the root is a sum of two."""

    root: tuple[float, float]
    order: int
    low: float
    high: float
    coefficients: tuple[float, ...]


def root_series(
    read: Callable[[Array], Floats], sharp: Sharp, breaks: Sequence[float],
    right: Callable[[Array, Floats], bool],
) -> list[RootSeries]:  # fmt: skip
    """What a function is around 0, and those of its roots that are next to it.

    `read` gives it at doubles, `sharp` to any precision; it is smooth but at `breaks`. The roots are
    found by sampling: some may be missed, and none is where the function has none. A series reaches
    further where what is there otherwise is not `right` beyond it, at places with these results.
    """
    x = np.linspace(-REACH, REACH, SAMPLES) + 1e-4
    with np.errstate(all="ignore"):
        y = np.asarray(read(x))
        crossing = np.sign(y[:-1]) * np.sign(y[1:]) < 0
    places = np.flatnonzero(crossing | _touching(np.abs(y)))
    places = places[np.argsort(abs(x[places]), kind="stable")[:MOST]]
    places = np.union1d(places, np.flatnonzero(x[:-1] * x[1:] < 0))
    ends = np.array(sorted(breaks))
    found = (
        _series(sharp, float(x[k]), float(x[k + 1]), ends, not crossing[k], right) for k in places
    )
    return [series for series in found if series is not None]


def _touching(y: Floats) -> Array:
    """Between which samples a function may touch 0, of its sizes (n,): (n - 1,)."""
    padded = np.pad(y, BESIDE, mode="edge")
    beside = np.maximum(padded[: -2 * BESIDE], padded[2 * BESIDE :])
    low = (y[1:-1] < y[2:]) & (y[1:-1] <= y[:-2]) & (y[1:-1] > 0)
    low &= y[1:-1] < SMALL * beside[1:-1]
    found = np.zeros(len(y) - 1, bool)
    right = y[2:] < y[:-2]  # of the lowest sample, on the side of its lower neighbour
    found[1:] |= low & right
    found[:-1] |= low & ~right
    return found


def _series(
    sharp: Sharp, low: float, high: float, breaks: Floats, touching: bool,
    right: Callable[[Array, Floats], bool],
) -> RootSeries | None:  # fmt: skip
    from flint import arb, ctx

    if ((breaks >= low) & (breaks <= high)).any():
        return None
    value = partial(_at, sharp)
    with ctx.workprec(BITS):
        try:
            root = arb(0) if low < 0 < high else _root(value, arb(low), arb(high), touching)
            if root is None:
                return None
            near, reach = float(root), abs(float(root)) / 2 or NEXT_TO_0
            if near and value(arb(near)) == 0:
                root = arb(near)
            order = _order(value, root, reach)
            if order is None or (order == 0 and near):
                return None
            for _ in range(WIDER):
                beyond = np.concatenate([near + side * reach * BEYOND for side in (-1, 1)])
                if right(beyond, np.array([float(value(arb(at))) for at in beyond.tolist()])):
                    break
                reach *= 2
            below = float(max([near - reach, *breaks[breaks < near]]))
            above = float(min([near + reach, *breaks[breaks > near]]))
            for _ in range(4 + WIDER):
                found = _fitted(value, root, order, below, above)
                if found is not None:
                    return RootSeries((near, float(root - arb(near))), order, below, above, found)
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


def _root(value: Any, a: Any, b: Any, touching: bool) -> Any:
    """The root between two numbers, by the secant method, or by halves; None if there is none.

    One where the function is `touching` 0 is where its differences change their sign.
    """
    if touching:
        root = _root(lambda x: value(x + STEP) - value(x - STEP), a, b, False)
        return root if root is not None and abs(value(root)) < STEP**3 * abs(value(a)) else None
    low, high, before, after = a, b, value(a), value(b)
    first = before
    for _ in range(80):
        if after == before:
            break
        step = (after * (b - a) / (after - before)).mid()
        a, before, b = b, after, (b - step).mid()
        after = value(b)
        if abs(step) < 2.0**-105:
            break
    margin = 2.0**-100
    if low < b < high and value(b - margin) * value(b + margin) < 0:
        return b
    for _ in range(110):  # to a root of a higher order
        b = (low + high) / 2
        low, high = (b, high) if value(b) * first > 0 else (low, b)
    return b if abs(value(b)) < STEP * abs(first) else None


def _order(value: Any, root: Any, reach: float) -> int | None:
    """The order of a root: how fast the function falls to it on both sides, alike."""
    steps = [side * reach * 2.0**-30 for side in (-1, 1)]
    falls = [
        float(abs(value(root + 2 * step) / value(root + step)).log() / log(2)) for step in steps
    ]
    order = round(falls[0])
    alike = all(abs(fall - order) < 1e-3 for fall in falls)
    return order if alike and 0 <= order <= HIGHEST else None


def _fitted(value: Any, root: Any, order: int, low: float, high: float) -> tuple[float, ...] | None:
    """Coefficients of value/(x - root)**order in powers of x - root; None where these are too many."""
    from flint import arb, arb_poly

    a, b = arb(low) - root, arb(high) - root

    def shares(count: int) -> tuple[list[Any], list[Any]]:
        angles = [arb(2 * k + 1) / (2 * count) for k in range(count)]
        at = [((a + b) / 2 + (b - a) / 2 * t.cos_pi()).mid() for t in angles]
        if any(abs(d) < 1e-9 for d in at):  # next to the root the quotient loses its digits
            at = [(d + (b - a) / 1000).mid() for d in at]
        return at, [value(root + d) / d**order for d in at]

    tests = [*zip(*shares(TESTS), strict=True)]
    for count in TERMS:
        poly = arb_poly.interpolate(*shares(count))
        if all(abs(poly(d) / wanted - 1) < ERROR for d, wanted in tests):
            found = tuple(float(c.mid()) for c in poly.coeffs())
            return found if np.isfinite(found).all() and _keeps_digits(found, tests) else None
    return None


def _keeps_digits(coefficients: Sequence[float], tests: Sequence[tuple[Any, Any]]) -> bool:
    """Whether terms of a polynomial do not cancel, at its root and at places with known results."""
    for place, wanted in tests:
        terms = [abs(c * float(place) ** k) for k, c in enumerate(coefficients)]
        if not sum(terms) <= CANCELLED * abs(float(wanted)):
            return False
    return True
