"""Minimax polynomials on an interval: of the least error among those of their degree, proved."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from math import log
from typing import Any

import numpy as np
from flint import arb, arb_poly, ctx, fmpq

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from .exchange import PRECISION, ZERO, Best, Problem, chebyshev_places, exchange

MOST = 60  # degree
NODES = 256  # at which coefficients are guessed
LOST = 1e-14  # of the size of f, below which these are no guess


class Reading:
    """A function at balls and at arrays."""

    def __init__(self, f: Activation) -> None:
        from ..expressions.differentiate import expanded

        self.f = f
        self._tree = expanded(f.tree)
        self._known: dict[tuple[float, int], Any] = {}

    def exact(self, x: Any) -> Any:
        """f at an exact arb, as a ball."""
        from ..numbers.near_rational import NearRational, known_at

        place = float(x), max(PRECISION, ctx.prec)
        if place in self._known and x == place[0]:
            return self._known[place]
        with ctx.workprec(place[1]):
            found = known_at(self._tree.read_once, NearRational(_rational(x))).ball
        if x == place[0]:
            self._known[place] = found
        return found

    def quick(self, x: Floats) -> Floats:
        """f at float64 arrays."""
        with np.errstate(all="ignore"):
            return np.asarray(self.f(x), np.float64)


def _rational(x: Any) -> Any:
    mantissa, exponent = (int(v) for v in x.mid().man_exp())
    return fmpq(mantissa) * fmpq(2) ** exponent


@dataclass(frozen=True)
class Parity:
    """What is left of f(x) - shift(x), and whether that is even or odd about 0."""

    kind: str  # "even" or "odd"
    slope: Any  # shift(x) = slope*x + height
    height: Any


def best_polynomial(
    f: Activation, low: float, high: float, degree: int, first: Sequence[float] = ()
) -> tuple[list[Any], Best]:
    """The best polynomial of a degree on [low, high]: coefficients of Chebyshev polynomials, as balls.

    A `first` reference of the exchange may be known. NoConvergence where none is found.
    """
    reading = Reading(f)
    parity = parity_of(f, high, degree) if low == -high else None
    kinks = [x for x in f.breakpoints.within(low, high) if low < x < high]
    if parity is None:
        problem = _chebyshev_problem(reading, low, high, degree, kinks)
        found = exchange(replace(problem, start=first if len(first) == degree + 2 else ()))
        return found.coefficients, found
    return _by_parity(reading, parity, high, degree, kinks, first)


def likely_degree(f: Activation, low: float, high: float, error: float) -> int:
    """About the degree that reaches an error, by the Chebyshev coefficients of f in float64."""
    angles = np.pi * (np.arange(NODES) + 0.5) / NODES
    with np.errstate(all="ignore"):
        values = np.asarray(f((low + high) / 2 + (high - low) / 2 * np.cos(angles)), np.float64)
    if not np.isfinite(values).all():
        return MOST
    sums = np.abs(np.cos(np.outer(np.arange(2 * MOST), angles)) @ values) * 2 / NODES
    size = float(np.max(np.abs(values))) or 1.0
    seen = max(error, LOST * size)
    degree = int(np.max(np.flatnonzero(sums > seen), initial=0))
    if error < seen:  # what float64 does not show goes on like the rest
        degree = round(degree * (log(error) - log(size)) / log(LOST))
    return min(degree, MOST)


def parity_of(f: Activation, high: float, degree: int) -> Parity | None:
    """Whether f, f - 1/2 or f - x/2 is even or odd: proved, once it looks so."""
    x = np.linspace(0, high, 17)[1:]
    with np.errstate(all="ignore"):
        right, left = np.asarray(f(x), np.float64), np.asarray(f(-x), np.float64)
    alike = 1e-9 * np.max(np.abs(right))
    for slope, height, text in ((0, 0, ""), (0, fmpq(1, 2), " - 0.5"), (fmpq(1, 2), 0, " - x/2")):
        r, l_ = (v - float(slope) * u - float(height) for v, u in ((right, x), (left, -x)))
        if not (np.all(np.abs(r - l_) <= alike) or np.all(np.abs(r + l_) <= alike)):
            continue
        if slope and not degree:
            continue
        kind = _symmetry(f.text, text)
        if kind is not None:
            return Parity(kind, slope, height)
    return None


@lru_cache(64)
def _symmetry(text: str, shift: str) -> str | None:
    """Whether a formula less its shift is even or odd, if that is proved."""
    from ..evaluation.function_text import resolve
    from ..properties import check

    try:
        shifted = resolve(f"({text}){shift}" if shift else text)
    except ValueError:  # of a constant
        return None
    (verdict,) = check(shifted, ["symmetry"])
    known = verdict.verdict == "proved" and verdict.value in ("even", "odd")
    return str(verdict.value) if known else None


def _chebyshev_problem(
    reading: Reading, low: float, high: float, degree: int, kinks: list[float]
) -> Problem:
    middle, half = arb(low) / 2 + arb(high) / 2, (arb(high) - arb(low)) / 2
    m, h = float(middle), float(half)

    def functions(x: Any) -> list[Any]:
        return chebyshev_values((x - middle) / half, degree + 1)

    def sums(c: Floats, x: Floats) -> Floats:
        return np.asarray(np.polynomial.chebyshev.chebval((x - m) / h, c), np.float64)

    return Problem(
        low, high, degree + 1, reading.exact, reading.quick, functions, sums, places=kinks
    )


def chebyshev_values(u: Any, count: int) -> list[Any]:
    values = [1 + 0 * u, u]
    while len(values) < count:
        values.append(2 * u * values[-1] - values[-2])
    return values[:count]


def _by_parity(
    reading: Reading, parity: Parity, high: float, degree: int, kinks: list[float],
    first: Sequence[float],
) -> tuple[list[Any], Best]:  # fmt: skip
    """The best polynomial by symmetry: in x^2 on [0, high], times x if it is odd."""
    odd = parity.kind == "odd"
    count = (degree - odd) // 2 + 1
    if count < 1:  # an odd function and a constant
        return [arb(parity.height), *[arb(0)] * degree], exchange(
            _chebyshev_problem(reading, -high, high, degree, kinks)
        )
    square = arb(high) ** 2
    slope, height = arb(parity.slope), arb(parity.height)

    def exact(x: Any) -> Any:
        return reading.exact(x) - slope * x - height

    def quick(x: Floats) -> Floats:
        return reading.quick(x) - float(slope) * x - float(height)

    def functions(x: Any) -> list[Any]:
        values = chebyshev_values(2 * x * x / square - 1, count)
        return [x * v for v in values] if odd else values

    def sums(c: Floats, x: Floats) -> Floats:
        found: Floats = np.asarray(
            np.polynomial.chebyshev.chebval(2 * x * x / float(square) - 1, c), np.float64
        )
        return x * found if odd else found

    low = high * 2.0**-20 if odd else 0.0  # at 0 an odd sum vanishes with the function
    inside = [x for x in kinks if x > low]
    start = [x for x in first if x >= low]
    if len(start) != count + 1:
        start = chebyshev_places(-high, high, 2 * count + 1 + odd)[count + odd :]
    found = exchange(
        Problem(low, high, count, exact, quick, functions, sums, places=inside, start=start)
    )
    found = replace(found, reference=sorted({*found.reference, *(-x for x in found.reference)}))
    with ctx.workprec(PRECISION):
        total = [arb(0)] * (2 * count + 2)
        for k, c in enumerate(found.coefficients):
            if odd:  # x*T_2k(x/high) = high/2*(T_(2k + 1) + T_|2k - 1|)
                total[2 * k + 1] += c * high / 2
                total[abs(2 * k - 1)] += c * high / 2
            else:
                total[2 * k] += c
        total[0] += height
        total[1] += slope * high
        total = [c.mid() for c in total[: degree + 1]]
    return total + [arb(0)] * (degree + 1 - len(total)), found


def powers(coefficients: Sequence[Any], low: float, high: float) -> list[Any]:
    """Power coefficients of a Chebyshev sum on [low, high], as balls of the working precision."""
    total = chebyshev_sum(coefficients, low, high)
    return [total[k] for k in range(len(coefficients))]


def mended_powers(exact: Sequence[Any], low: float, high: float) -> list[float]:
    """Power coefficients as doubles, of which the lower ones make up for the rounding of the higher.

    What rounding takes off x^k is given back but for a Chebyshev polynomial, which is 2^(1 - k) as large.
    The value at 0 stays.
    """
    width = arb(high) - arb(low)
    u = arb_poly([-(arb(low) + arb(high)) / width, 2 / width])
    sums = chebyshev_values(u, len(exact))
    left, found = arb_poly([arb(c) for c in exact]), []
    for k in range(len(exact) - 1, 0, -1):
        rounded = float(left[k])
        lost = (left[k] - arb(rounded)) / sums[k][k]
        found.append(rounded if abs(rounded) > ZERO else 0.0)
        left -= (sums[k] - sums[k][0]) * lost + arb_poly([*[0] * k, arb(rounded)])
    return [float(arb(exact[0])), *found[::-1]]


def chebyshev_sum(coefficients: Sequence[Any], low: float, high: float, u: Any = None) -> Any:
    """A sum of Chebyshev polynomials of u, by default of what is -1 at low and 1 at high, in x."""
    if u is None:
        width = arb(high) - arb(low)
        u = arb_poly([-(arb(low) + arb(high)) / width, 2 / width])
    total, before, here = arb_poly([0]), arb_poly([1]), u
    for c in coefficients:
        total += before * arb_poly([c])
        before, here = here, 2 * u * here - before
    return total


def in_chebyshev(coefficients: Sequence[Any], low: float, high: float) -> list[Any]:
    """Coefficients of Chebyshev polynomials on [low, high] from those of powers."""
    middle, half = (arb(low) + arb(high)) / 2, (arb(high) - arb(low)) / 2
    shifted = arb_poly(list(coefficients))(arb_poly([middle, half]))
    total = [arb(0)] * (len(coefficients) + 1)
    for k in reversed(range(len(coefficients))):  # t*T_j = (T_(j + 1) + T_|j - 1|)/2
        moved = [arb(0)] * (len(coefficients) + 1)
        for j, c in enumerate(total[:-1]):
            moved[j + 1] += c / 2
            moved[abs(j - 1)] += c / 2
        moved[0] += shifted[k]
        total = moved
    return total[: len(coefficients)]
