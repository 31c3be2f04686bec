"""Best polynomials under conditions: of the relative error, and exact at given places.

A polynomial that takes the values of f at pins is L + w*q: L interpolates there, w is the product of
x - pin, and q is free. Errors of q to (f - L)/w are weighed by |w|, or, of the relative error, by |w/f|.
"""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from math import inf
from typing import Any

import numpy as np
from flint import arb, arb_mat, arb_poly, ctx

from ..evaluation.activation import Activation
from ..expressions.node import Node
from ..numbers.types import Floats
from ..wording import count_of
from .exchange import PRECISION, Best, Problem, chebyshev_places, exchange
from .polynomials import Reading, chebyshev_sum, chebyshev_values, parity_of
from .singular import free_range

SAMPLES = 4001  # in which roots are looked for; that there are none is proved with the error
ENDLESS = arb("1e200")


def best_constrained(
    f: Activation, low: float, high: float, degree: int, pins: Sequence[float], relative: bool
) -> tuple[list[Any], Best]:
    """The best polynomial with f's values at the pins: power coefficients as balls, and the proof.

    Of the relative error a root at 0 has to be among the pins (root_at_zero says so). NoConvergence.
    """
    reading = Reading(f)
    count = degree + 1 - len(pins)
    if count < 1:
        what = "--pin and a root at 0 that is kept" if relative and 0.0 in pins else "--pin"
        raise ValueError(
            f"{what}: {count_of(len(pins), 'place')}; give --degree {len(pins)} or more"
        )
    with ctx.workprec(PRECISION):
        through, product = _interpolant(reading, pins), arb_poly([1])
        for pin in pins:
            product *= arb_poly([-arb(pin), 1])
        known, sizes = {}, {}  # the limits of (f - L)/w and of |f/w| at a root
        if relative and 0.0 in pins and _is_root(f.tree):
            slope, rate = slopes_at_0(f, low, high)[0], product.derivative()(arb(0))
            known[0.0] = (slope - through.derivative()(arb(0))) / rate
            sizes[0.0] = abs(slope / rate)

    def exact(x: Any) -> Any:
        if (pin := float(x)) in pins:
            return known.get(pin, arb(0))
        return (reading.exact(x) - through(x)) / product(x)

    def weight(x: Any) -> Any:
        if (pin := float(x)) in pins:
            return sizes.get(pin, ENDLESS)
        return abs(reading.exact(x) / product(x)) if relative else 1 / abs(product(x))

    line = [float(c) for c in through.coeffs()] or [0.0]
    value = np.polynomial.polynomial.polyval

    def times(x: Floats) -> Floats:  # in factors: 0 at pins alone
        return np.asarray(np.prod([x - pin for pin in pins], axis=0)) * np.ones(x.shape)

    def quick(x: Floats) -> Floats:
        with np.errstate(all="ignore"):
            found = (reading.quick(x) - value(x, line)) / times(x)
        return _patched(x, found, {pin: float(known.get(pin, 0.0)) for pin in pins})

    def weights(x: Floats) -> Floats:
        with np.errstate(all="ignore"):
            over = np.abs(reading.quick(x)) if relative else np.ones(x.shape)
            found = over / np.abs(times(x))
        return _patched(x, found, {pin: float(sizes.get(pin, 1e200)) for pin in pins})

    kinks = [x for x in f.breakpoints.within(low, high) if low < x < high]
    odd = list(pins) == [0.0]
    parity = parity_of(f, high, degree) if low == -high and (odd or not pins) else None
    even = parity is not None and ((odd and not relative) or not (parity.slope or parity.height))
    even = even and parity is not None and (parity.kind == "odd") == odd
    start: Sequence[float] = ()
    if even:
        count = (degree - odd) // 2 + 1
        start = chebyshev_places(-high, high, 2 * count + 1)[count:]
        kinks = [x for x in kinks if x > 0]

    def u(x: Any) -> Any:
        a, b = (arb(low), arb(high)) if isinstance(x, arb) else (low, high)
        return 2 * x * x / (b * b) - 1 if even else (2 * x - a - b) / (b - a)

    def sums(c: Floats, x: Floats) -> Floats:
        return np.asarray(np.polynomial.chebyshev.chebval(u(x), c), np.float64)

    found = exchange(Problem(
        0.0 if even else low, high, count, exact, quick, lambda x: chebyshev_values(u(x), count), sums,
        weight=weight, weights=weights, places=[*kinks, *(p for p in pins if low < p < high and not even)],
        start=start,
    ))  # fmt: skip
    with ctx.workprec(2 * PRECISION):
        square = arb(high) ** 2
        inner = arb_poly([-1, 0, 2 / square]) if even else None
        total = through + product * chebyshev_sum(found.coefficients, low, high, inner)
        coefficients = [total[k].mid() for k in range(degree + 1)]
        if 0.0 in pins:  # without what is left of terms that cancel
            coefficients[0] = reading.exact(arb(0)).mid()
    if even:
        found = replace(found, reference=sorted({*found.reference, *(-x for x in found.reference)}))
    return coefficients, found


def pins_of(text: str | None, low: float, high: float) -> list[float]:
    """The places of --pin; ValueError says what is wrong."""
    from ..inputs.layout import parse_number

    pins = []
    for part in text.split(",") if text else ():
        try:
            pin = parse_number(part.strip())
        except ValueError:
            pin = inf
        if not low <= pin <= high:
            raise ValueError(f"--pin takes places in {low:g}:{high:g}, as in --pin 0, not {part!r}")
        pins.append(pin)
    if len({*pins}) < len(pins):
        raise ValueError(f"--pin {text}: a place is given twice")
    return pins


def root_at_zero(f: Activation, low: float, high: float) -> bool:
    """Whether f has its only root on [low, high] at 0, a simple one; False if it has none.

    ValueError names any other: the relative error is infinite there. That there is none that samples do
    not show, the certificate proves.
    """
    x = np.unique([*np.linspace(low, high, SAMPLES), *f.breakpoints.within(low, high)])
    with np.errstate(all="ignore"):
        y = np.asarray(f(x), np.float64)
    zeros = [float(v) for v in x[(y == 0) & (x != 0)]]
    for k in np.flatnonzero(y[1:] * y[:-1] < 0):
        if not x[k] < 0 < x[k + 1]:
            zeros.append(_crossing(f, float(x[k]), float(x[k + 1])))
    advice = "the relative error is infinite there; give a range without it, as in -r"
    if zeros:
        free = free_range(sorted(zeros), low, high)
        raise ValueError(f"{f.label} has a root at {min(zeros):.6g}: {advice} {free}")
    if not low <= 0 <= high or not _is_root(f.tree):
        return False
    slopes = slopes_at_0(f, low, high)
    if not all(slope.is_finite() and not slope.contains(0) for slope in slopes):
        free = free_range([0.0], low, high)
        raise ValueError(f"{f.label} has a root at 0 that is not simple: {advice} {free}")
    return True


def _crossing(f: Activation, low: float, high: float) -> float:
    rises = float(f(high)) > 0
    for _ in range(60):
        middle = low / 2 + high / 2
        low, high = (low, middle) if (float(f(middle)) > 0) == rises else (middle, high)
    return high


def _is_root(tree: Node) -> bool:
    """Whether a formula is 0 at 0: proved."""
    value = _at_0(tree)
    return value.rest is None and value.exact == 0


def slopes_at_0(f: Activation, low: float, high: float) -> list[Any]:
    """f' beside 0 on each side that [low, high] has, as balls; nan where f is not 0 there."""
    from ..proofs.approach import Approach
    from ..proofs.points import Undecided

    found = []
    for side in [side for side, end in ((-1, low), (1, high)) if side * end > 0]:
        try:
            branch = Approach(f.tree, side, Fraction(0)).branch
        except Undecided:
            return [arb("nan")]
        found.append(_at_0(branch, 1).ball if _is_root(branch) else arb("nan"))
    return found


def _at_0(tree: Node, order: int = 0) -> Any:
    """A derivative of a formula at 0: exact where it is rational."""
    from ..expressions.differentiate import expanded
    from ..numbers.near_rational import known_at

    with ctx.workprec(PRECISION):
        return known_at(expanded(tree).read_once, 0.0, order)


def _interpolant(reading: Reading, pins: Sequence[float]) -> Any:
    """The polynomial of least degree with f's values at the pins."""
    if not pins:
        return arb_poly([0])
    rows = [[arb(pin) ** k for k in range(len(pins))] for pin in pins]
    values = arb_mat([[reading.exact(arb(pin))] for pin in pins])
    found = arb_mat(rows).solve(values)
    return arb_poly([found[k, 0] for k in range(len(pins))])


def _patched(x: Floats, values: Floats, known: dict[float, float]) -> Floats:
    for place, value in known.items():
        values[x == place] = value
    return values
