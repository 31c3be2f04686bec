"""Best rational functions p/q on an interval by the exchange of Remez, in balls of Arb.

At m + n + 2 places the error of p/q can be levelled in n + 1 ways at most: they are the eigenvalues of a
pencil of symmetric matrices, one of them definite, and at most one of them has a q without sign changes
(Maehly; Filip, Nakatsukasa, Trefethen, Beckermann 2018). First references come from smaller degrees.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from flint import acb_mat, arb, arb_mat, arb_poly, ctx

from ..evaluation.activation import Activation
from ..numbers.types import Floats
from .certificates import smallest
from .exchange import (
    CLOSE,
    DOUBLES,
    PRECISION,
    ROUNDS,
    ZERO,
    NoConvergence,
    alternating,
    bound_below,
    chebyshev_places,
    peaks_of,
    touched,
)  # fmt: skip
from .polynomials import Reading, chebyshev_values, parity_of


@dataclass(frozen=True)
class RationalProblem:
    """f on [low, high] by s*p(u)/q(u): p of degree m, q of degree n in u, s the factor (1 or x).

    `square` says that u is of x^2, from -1 at 0 to 1 at high; else it is linear, from -1 to 1.
    """

    low: float
    high: float
    m: int
    n: int
    exact: Callable[[Any], Any]
    quick: Callable[[Floats], Floats]
    square: bool = False
    factor: bool = False
    places: Sequence[float] = ()

    def u(self, x: Any) -> Any:
        """The variable of p and q at a ball or at arrays."""
        if self.square:
            return 2 * x * x / self._number(x, self.high) ** 2 - 1
        low, high = self._number(x, self.low), self._number(x, self.high)
        return (2 * x - low - high) / (high - low)

    def _number(self, x: Any, value: float) -> Any:
        return arb(value) if isinstance(x, arb) else value


@dataclass(frozen=True)
class BestRational:
    """p and q as coefficients of Chebyshev polynomials in u; the rest as in exchange.Best."""

    over: list[Any]
    under: list[Any]
    level: float
    reference: list[float]  # m + n + 2 places
    touching: list[float]
    lower: float
    exact: bool = False


def best_rational(problem: RationalProblem) -> BestRational:
    """The best rational function of the degrees of a problem. NoConvergence where none is found.

    On the way are those of smaller degrees, of both or of the denominator.
    """
    with ctx.workprec(PRECISION):
        m, n = problem.m, problem.n
        both = [(m - k, n - k) for k in range(min(m, n), -1, -1)]
        lower: list[BestRational] = []
        for way in (both, [(m, k) for k in range(n + 1)]):
            found: BestRational | None = None
            better: BestRational | None = None
            for degrees in way:
                better = _attempt(replace(problem, m=degrees[0], n=degrees[1]), found)
                if better is not None and better.exact:
                    return better
                found = better or found
            if better is not None:
                return better if _positive(better.under) else replace(better, lower=0.0)
            if found is not None and way is both:
                lower.append(found)
        for found in lower:
            if (proved := _degenerate(problem, found)) is not None:
                return proved
        raise NoConvergence("no best rational function was found, as it is degenerate or nearly so")


def _attempt(problem: RationalProblem, found: BestRational | None) -> BestRational | None:
    """The exchange from what smaller degrees know, then from places of Chebyshev; None if both fail."""
    for known in (found, None) if found else (None,):
        try:
            return _exchanged(problem, _start(problem, known))
        except NoConvergence:  # the best one may have smaller degrees
            continue
    return None


def _positive(under: Sequence[Any]) -> bool:
    """Whether q is shown to have no zero, as the bound of de la Vallee-Poussin needs it."""
    total, before, here = arb_poly([0]), arb_poly([1]), arb_poly([0, 1])
    for c in under:
        total += before * arb_poly([c])
        before, here = here, arb_poly([0, 2]) * here - before
    return bool(smallest(total) > 0)


def _degenerate(problem: RationalProblem, found: BestRational) -> BestRational | None:
    """One of smaller degrees, if it touches often enough to be proved the best of these degrees too."""
    defect = min(problem.m - len(found.over) + 1, problem.n - len(found.under) + 1)
    if len(found.touching) < problem.m + problem.n + 2 - defect or not _positive(found.under):
        return None
    smaller = replace(problem, m=len(found.over) - 1, n=len(found.under) - 1)
    errors = [_error(smaller, found.over, found.under, x) for x in found.touching]
    lower = bound_below(errors)
    return replace(found, lower=lower) if lower else None


def _start(problem: RationalProblem, found: BestRational | None) -> list[float]:
    """A first reference: that of smaller degrees with places in between, or that of Chebyshev."""
    count = problem.m + problem.n + 2
    if found is None:
        if problem.square:
            extra = int(problem.factor)
            places = chebyshev_places(-problem.high, problem.high, 2 * count - 1 + extra)
            return places[count - 1 + extra :]
        return chebyshev_places(problem.low, problem.high, count)
    known = np.asarray(found.reference)
    share = np.linspace(0, 1, count)
    if problem.square:  # places crowd towards 0
        grown = np.interp(share, np.linspace(0, 1, len(known)), np.sqrt(known))
        return [float(v) for v in grown**2]
    return [float(v) for v in np.interp(share, np.linspace(0, 1, len(known)), known)]


def _exchanged(problem: RationalProblem, reference: list[float]) -> BestRational:
    count = problem.m + problem.n + 2
    with np.errstate(all="ignore"):
        size_of_f = np.abs(problem.quick(np.linspace(problem.low, problem.high, 129)))
    scale = float(np.max(size_of_f)) or 1.0
    best: BestRational | None = None
    for _ in range(ROUNDS):
        over, under, level = _levelled(problem, reference)
        size = abs(float(level))
        read = _reader(problem, over, under, size < DOUBLES * scale)
        peaks = peaks_of(read, problem, reference)
        top = max(abs(e) for _, e in peaks)
        if top <= ZERO * scale:
            return BestRational(over, under, 0.0, reference, [], 0.0, exact=True)
        found = alternating(peaks, count)
        if found is None:
            raise NoConvergence("the error does not alternate often enough")
        renewed = [x for x, _ in found]
        if best is None or top < best.level:
            lower = bound_below([_error(problem, over, under, x) for x in renewed])
            touching = touched(peaks, top, problem.high - problem.low)
            best = BestRational(over, under, top, renewed, touching, lower)
        if top <= size * (1 + CLOSE) or renewed == reference:
            return best
        reference = renewed
    if best is not None and best.level <= best.lower * (1 + 1e-5):
        return best
    raise NoConvergence(f"the exchange did not settle in {ROUNDS} rounds")


def _levelled(
    problem: RationalProblem, reference: Sequence[float]
) -> tuple[list[Any], list[Any], Any]:
    """p, q without sign changes at the reference, and the level of the error that alternates there."""
    m, n, count = problem.m, problem.n, len(reference)
    x = [arb(v) for v in reference]
    u = [problem.u(v) for v in x]
    s = x if problem.factor else [arb(1)] * count
    f = [problem.exact(v) for v in x]
    weights = []
    for i in range(count):
        product = arb(1)
        for j in range(count):
            if j != i:
                product *= u[i] - u[j]
        if product.contains(0):
            raise NoConvergence("two places of the reference coincide")
        weights.append(1 / product)
    rows = [chebyshev_values(v, max(m, n) + 1) for v in u]
    signs = [1 if i % 2 == 0 else -1 for i in range(count)]
    a, b = (
        arb_mat([
            [sum((rows[k][i] * c[k] * rows[k][j] for k in range(count)), arb(0))
             for j in range(n + 1)] for i in range(n + 1)
        ])
        for c in ([w * v / t for w, v, t in zip(weights, f, s, strict=True)],
                  [w * sign / t for w, sign, t in zip(weights, signs, s, strict=True)])
    )  # fmt: skip
    for height, q in _pairs(a, b):
        level = height
        values = [sum((c * t for c, t in zip(q, row, strict=False)), arb(0)) for row in rows]
        if all(v > 0 for v in values) or all(v < 0 for v in values):
            break
    else:
        raise NoConvergence("every levelled error has a pole")
    wanted = [
        (v - sign * level) * below / t
        for v, sign, below, t in zip(f, signs, values, s, strict=True)
    ]
    chosen = [round(k * (count - 1) / m) for k in range(m + 1)] if m else [0]
    solution = arb_mat([rows[k][: m + 1] for k in chosen]).solve(
        arb_mat([[wanted[k]] for k in chosen])
    )
    p = [solution[k, 0].mid() for k in range(m + 1)]
    return p, [c.mid() for c in q], level


def _pairs(a: Any, b: Any) -> list[tuple[Any, list[Any]]]:
    """Eigenvalues and eigenvectors of a q = h b q, about."""
    n = a.nrows()
    if n == 1:
        return [((a[0, 0] / b[0, 0]).mid(), [arb(1)])]
    try:
        c = b.solve(a)
        found = acb_mat(arb_mat(n, n, [v.mid() for v in c.entries()]))
        values, vectors = found.eig(right=True, algorithm="approx")
    except (ZeroDivisionError, ValueError):
        raise NoConvergence("the level of the error cannot be found") from None
    pairs = []
    for k, value in enumerate(values):
        column = [vectors[i, k] for i in range(n)]
        largest = max(column, key=lambda v: float(abs(v)))
        pairs.append((value.real.mid(), [(v / largest).real.mid() for v in column]))
    return pairs


def _reader(
    problem: RationalProblem, over: list[Any], under: list[Any], sharp: bool
) -> Callable[[Floats], Floats]:
    """The error at float64 arrays; not finite where q may have another sign than it should."""
    p, q = (np.array([float(c) for c in part]) for part in (over, under))

    def quick(x: Floats) -> Floats:
        u = problem.u(x)
        chebval = np.polynomial.chebyshev.chebval
        below = chebval(u, q)
        if not (np.all(below > 0) or np.all(below < 0)):
            raise NoConvergence("the denominator has a zero on the range")
        value = chebval(u, p) / below
        found: Floats = problem.quick(x) - (x * value if problem.factor else value)
        return found

    def exact(x: Floats) -> Floats:
        quick(x)  # the sign of q
        return np.array([float(_error(problem, over, under, v).mid()) for v in x.tolist()])

    return exact if sharp else quick


def _error(problem: RationalProblem, over: list[Any], under: list[Any], x: float) -> Any:
    """The error at a double, as a ball."""
    at = arb(x)
    values = chebyshev_values(problem.u(at), max(len(over), len(under)))
    p, q = (
        sum((c * v for c, v in zip(part, values, strict=False)), arb(0)) for part in (over, under)
    )
    value = at * p / q if problem.factor else p / q
    return problem.exact(at) - value


def problem_of(
    f: Activation, low: float, high: float, m: int, n: int
) -> tuple[RationalProblem, Any]:
    """The problem by symmetry, and what is taken off f for it: slope*x + height as (slope, height)."""
    reading = Reading(f)
    kinks = [x for x in f.breakpoints.within(low, high) if low < x < high]
    parity = parity_of(f, high, m) if low == -high else None
    if parity is not None and (m < n + bool(parity.slope) and (parity.slope or parity.height)):
        parity = None  # with the slope or height the numerator has another degree
    if parity is not None and parity.kind == "odd" and m < 1:
        parity = None
    if parity is None:
        return RationalProblem(low, high, m, n, reading.exact, reading.quick, places=kinks), (0, 0)
    slope, height = arb(parity.slope), arb(parity.height)
    odd = parity.kind == "odd"

    def exact(x: Any) -> Any:
        return reading.exact(x) - slope * x - height

    def quick(x: Floats) -> Floats:
        return reading.quick(x) - float(slope) * x - float(height)

    start = high * 2.0**-20 if odd else 0.0  # at 0 what is odd vanishes with the function
    return RationalProblem(
        start, high, (m - odd) // 2, n // 2, exact, quick, square=True, factor=odd,
        places=[x for x in kinks if x > start],
    ), (slope, height)  # fmt: skip
