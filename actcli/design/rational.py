"""Best rational functions p/q on an interval by the exchange of Remez, in balls of Arb.

At m + n + 2 places the error of p/q can be levelled in n + 1 ways at most: they are the eigenvalues of a
pencil of symmetric matrices, and at most one of them has a q without sign changes (Maehly; Filip,
Nakatsukasa, Trefethen, Beckermann 2018). That holds for weighted errors too, and where some of the places
are pins, with errors of weight 0, or where errors are level on one side and 0 on the other. First
references come from smaller degrees.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np
from flint import acb_mat, arb, arb_mat, arb_poly, ctx

from ..numbers.types import Floats
from .certificates import smallest
from .exchange import (
    CLOSE,
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
from .polynomials import chebyshev_values
from .rational_problem import RationalProblem, moved
from .rational_samples import corrected
from .residual import Rests

chebval = np.polynomial.chebyshev.chebval
ENOUGH = 1e-5  # of an error, that one which did not settle may be above the bound
NEARLY = 1e-2  # the same where nothing else is known
BEYOND = 1e-12  # of the level, by which one that proves a one-sided bound is beyond f


@dataclass(frozen=True)
class BestRational:
    """p and q as coefficients of Chebyshev polynomials in u; the rest as in exchange.Best."""

    over: list[Any]
    under: list[Any]
    level: float
    reference: list[float]  # m + n + 2 places, less one a pin
    touching: list[float]
    lower: float
    exact: bool = False


def best_rational(problem: RationalProblem, first: Sequence[float] = ()) -> BestRational:
    """The best rational function of the degrees of a problem. NoConvergence where none is found.

    A `first` reference may be known, of these or of smaller degrees. Else on the way are those of
    smaller degrees, of both or of the denominator.
    """
    with ctx.workprec(PRECISION):
        if first and problem.low <= min(first) and max(first) <= problem.high:
            with suppress(NoConvergence):
                start = list(first) if len(first) == problem.touches else _start(problem, first)
                known = exchanged(problem, start)
                if known.lower and _positive(known.under):  # exact ones may be of smaller degrees
                    return known
        m, n = problem.m, problem.n
        if problem.side:
            return _beside(problem)
        both = [(m - k, n - k) for k in range(min(m, n), -1, -1)]
        lower: list[BestRational] = []
        for way in (both, [(m, k) for k in range(n + 1)]):
            found: BestRational | None = None
            better: BestRational | None = None
            for degrees in way:
                smaller = replace(problem, m=degrees[0], n=degrees[1])
                if smaller.touches < 2:
                    continue
                better = _attempt(smaller, found)
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


def best_from_samples(problem: RationalProblem) -> BestRational:
    """The same from the best one at samples, or 0: for what is degenerate, or nearly so. NoConvergence."""
    with ctx.workprec(PRECISION):
        if (zero := nothing(problem)) is not None:
            return zero
        over, under = ([arb(float(c)) for c in part] for part in corrected(problem)[:2])
        reader = _QuotientReader(problem)
        first = chebyshev_places(problem.low, problem.high, problem.touches + 1)
        first = [x for x in first if x not in problem.pins]
        peaks, top = reader.peaks(over, under, 0.0, first)
        if problem.side:
            peaks, _ = reader.peaks(over, under, problem.side * top / 2, first)
        turned = [(x, e * problem.turn(x)) for x, e in peaks]
        for defect in range(min(problem.m, problem.n) + 1):
            smaller = replace(problem, m=problem.m - defect, n=problem.n - defect)
            found = alternating(turned, smaller.touches) if smaller.touches > 1 else None
            if found is None:
                continue
            try:
                best = exchanged(smaller, [x for x, _ in found], NEARLY)
            except NoConvergence:
                continue
            if defect:
                best = _degenerate(problem, best) or replace(best, lower=0.0)
            if best.lower and _positive(best.under):
                return best
        raise NoConvergence("no best rational function was found, as it is degenerate or nearly so")


def nothing(problem: RationalProblem) -> BestRational | None:
    """0, if f itself alternates so often that none of these degrees is better."""
    if problem.side:
        return None
    zero = replace(problem, m=0, n=0)
    over, under = [arb(0)], [arb(1)]
    first = chebyshev_places(problem.low, problem.high, problem.m + 2)
    peaks, top = _QuotientReader(zero).peaks(over, under, 0.0, first)
    places = touched(peaks, top, problem.high - problem.low)
    known = {x: error_at(zero, over, under, x) * problem.turn(x) for x in places}
    places = [next(run) for _, run in groupby(places, key=lambda x: bool(known[x] > 0))]
    errors = [known[x] for x in places]
    kept = all(problem.exact(arb(pin)).contains(0) for pin in problem.pins)
    lower = bound_below(errors)
    if not kept or len(errors) < problem.m + 2 - len(problem.pins) or not lower:
        return None
    return BestRational(over, under, top, places, places, lower)


def _attempt(problem: RationalProblem, found: BestRational | None) -> BestRational | None:
    """The exchange from what smaller degrees know, then from places of Chebyshev; None if both fail."""
    for known in (found.reference, ()) if found else ((),):
        try:
            return exchanged(problem, _start(problem, known))
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
    if problem.side or not _positive(found.under):
        return None
    smaller = replace(problem, m=len(found.over) - 1, n=len(found.under) - 1)
    errors = _turning(
        error_at(smaller, found.over, found.under, x) * problem.turn(x) for x in found.touching
    )
    if len(errors) < problem.touches - defect:
        return None
    lower = bound_below(errors)
    return replace(found, lower=lower) if lower else None


def _turning(errors: Iterable[Any]) -> list[Any]:
    """Of errors with the same sign that follow one another the first."""
    return [next(run) for _, run in groupby(errors, key=lambda e: bool(e > 0))]


def _start(problem: RationalProblem, known: Sequence[float]) -> list[float]:
    """A first reference: that of smaller degrees with places in between, or that of Chebyshev."""
    count = problem.m + problem.n + 2
    if not known:
        if problem.square:
            extra = int(problem.factor)
            places = chebyshev_places(-problem.high, problem.high, 2 * count - 1 + extra)
            return _without_pins(problem, places[count - 1 + extra :])
        return _without_pins(problem, chebyshev_places(problem.low, problem.high, count))
    before = np.asarray(sorted([*known, *problem.pins]))
    share = np.linspace(0, 1, count)
    if problem.square:  # places crowd towards 0
        grown = np.interp(share, np.linspace(0, 1, len(before)), np.sqrt(before))
        return _without_pins(problem, [float(v) for v in grown**2])
    grown = np.interp(share, np.linspace(0, 1, len(before)), before)
    return _without_pins(problem, [float(v) for v in grown])


def _without_pins(problem: RationalProblem, places: Sequence[float]) -> list[float]:
    """The places but for those nearest to the pins."""
    kept = list(places)
    for pin in problem.pins:
        kept.remove(min(kept, key=lambda x: abs(x - pin)))
    return kept


def exchanged(
    problem: RationalProblem, reference: list[float], enough: float = ENOUGH
) -> BestRational:
    """The best one from a first reference, or one that is proved to be nearly as good.

    NoConvergence where the exchange ends elsewhere.
    """
    best: BestRational | None = None
    why = f"the exchange did not settle in {ROUNDS} rounds"
    try:
        for best, settled in _rounds(problem, reference):
            if settled:
                return best if problem.side or best.exact else _bounded(problem, best)
    except NoConvergence as stopped:
        why = str(stopped)
    if best is not None and not problem.side:
        best = _bounded(problem, best)
        if best.level <= best.lower * (1 + enough):
            return best
    raise NoConvergence(why)


def _rounds(
    problem: RationalProblem, reference: list[float]
) -> Iterator[tuple[BestRational, bool]]:
    """The best of each round and of those before it, and whether the exchange settles with it."""
    reader = _QuotientReader(problem)
    scale = reader.rests.scale
    best: BestRational | None = None
    phase = 0
    for _ in range(ROUNDS):
        over, under, level, phase = _levelled(problem, reference, phase)
        size = abs(float(level))
        peaks, top = reader.peaks(over, under, problem.side * size, reference)
        if top <= ZERO * scale:
            yield BestRational(over, under, 0.0, reference, [], 0.0, exact=True), True
        found = alternating([(x, e * problem.turn(x)) for x, e in peaks], problem.touches)
        if found is None:
            raise NoConvergence("the error does not alternate often enough")
        renewed = [x for x, _ in found]
        if best is None or problem.side or top < best.level:
            touching = touched(peaks, top, problem.high - problem.low)
            best = BestRational(over, under, top, renewed, touching, 0.0)
        settled = top <= size * (1 + CLOSE) or renewed == reference
        if settled and problem.side:
            best = _one_sided(problem, best, phase)
        yield best, settled
        phase = -problem.side * (1 if found[0][1] > 0 else -1)
        reference = renewed


def _bounded(problem: RationalProblem, best: BestRational) -> BestRational:
    """The same with the bound that follows from its reference."""
    errors = (error_at(problem, best.over, best.under, x) for x in best.reference)
    turned = [e * problem.turn(x) for e, x in zip(errors, best.reference, strict=True)]
    return replace(best, lower=bound_below(turned))


def _beside(problem: RationalProblem) -> BestRational:
    """The best one on a side of f, from the best of all."""
    best = best_rational(replace(problem, side=0))
    if best.exact:
        return best
    return exchanged(problem, best.reference)


def _one_sided(problem: RationalProblem, best: BestRational, phase: int) -> BestRational:
    """The best one with its error on the one side, and the bound that no other on it passes.

    One that is a trace beyond f where it should touch it crosses any with a smaller error too often.
    """
    crossing = moved(problem, -BEYOND * best.level)
    over, under, _, _ = _levelled(crossing, best.reference, phase)
    errors = [-problem.side * error_at(problem, over, under, x) for x in best.reference]
    lower = 0.0
    if _positive(under) and bound_below(errors):  # they alternate
        lower = float(np.nextafter(float(min((e.lower() for e in errors if e > 0), key=float)), 0))
    return replace(best, level=2 * best.level, lower=lower)


def kept_beside(
    problem: RationalProblem, best: BestRational, margin: float
) -> tuple[Any, Any, Any]:
    """Numerator, denominator and half the error of the best one that stays a margin away from f."""
    with ctx.workprec(PRECISION):
        found = exchanged(moved(problem, margin), best.reference)
    return found.over, found.under, found.level / 2


def _levelled(
    problem: RationalProblem, reference: Sequence[float], phase: int = 0
) -> tuple[list[Any], list[Any], Any, int]:
    """p, q without sign changes at the reference, the level of the error there, and its phase.

    The `phase` is the sign of the first error on a side, 0 if that is not known.
    """
    m, n = problem.m, problem.n
    places = sorted([*reference, *problem.pins])
    count = len(places)
    x = [arb(v) for v in places]
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
    for tried in (phase,) if phase or not problem.side else (1, -1):
        units = [_unit(problem, v, k, tried) for k, v in enumerate(places)]
        a, b = (
            arb_mat([
                [sum((rows[k][i] * c[k] * rows[k][j] for k in range(count)), arb(0))
                 for j in range(n + 1)] for i in range(n + 1)
            ])
            for c in ([w * v / t for w, v, t in zip(weights, f, s, strict=True)],
                      [w * unit / t for w, unit, t in zip(weights, units, s, strict=True)])
        )  # fmt: skip
        definite = sum(1 for unit in units if unit != 0) > n
        for height, q in _pairs(a, b, definite):
            if problem.side and not height > 0:
                continue
            level = height
            values = [sum((c * t for c, t in zip(q, row, strict=False)), arb(0)) for row in rows]
            if all(v > 0 for v in values) or all(v < 0 for v in values):
                break
        else:
            continue
        break
    else:
        raise NoConvergence("every levelled error has a pole")
    wanted = [
        (v - unit * level) * below / t
        for v, unit, below, t in zip(f, units, values, s, strict=True)
    ]
    chosen = [round(k * (count - 1) / m) for k in range(m + 1)] if m else [0]
    solution = arb_mat([rows[k][: m + 1] for k in chosen]).solve(
        arb_mat([[wanted[k]] for k in chosen])
    )
    p = [solution[k, 0].mid() for k in range(m + 1)]
    return p, [c.mid() for c in q], level, tried


def _unit(problem: RationalProblem, place: float, index: int, phase: int) -> Any:
    """The error that is asked for at one of the places, of the level."""
    if place in problem.pins:
        return arb(0)
    sign = 1 if index % 2 == 0 else -1
    if problem.side:
        return arb(-problem.side * (1 + sign * phase))
    return arb(sign) if problem.weight is None else sign * problem.weight(arb(place))


def _pairs(a: Any, b: Any, definite: bool) -> list[tuple[Any, list[Any]]]:
    """Finite eigenvalues and eigenvectors of a q = h b q, about."""
    n = a.nrows()
    if n == 1:
        return [((a[0, 0] / b[0, 0]).mid(), [arb(1)])] if not b[0, 0].contains(0) else []
    shift = arb(0)
    try:
        if definite:
            c = b.solve(a)
        else:
            sizes = [max((abs(v) for v in part.entries()), key=float) for part in (a, b)]
            shift = sizes[0] / sizes[1] / 1009
            c = (a + b * shift).solve(
                b
            )  # of eigenvalues 1/(h + shift), and 0 for each h that is infinite
        found = acb_mat(arb_mat(n, n, [v.mid() for v in c.entries()]))
        values, vectors = found.eig(right=True, algorithm="approx")
    except (ZeroDivisionError, ValueError):
        raise NoConvergence("the level of the error cannot be found") from None
    pairs = []
    largest_value = max((abs(v) for v in values), key=float)
    for k, value in enumerate(values):
        if not definite:
            if abs(value) < largest_value * 1e-60:
                continue
            value = 1 / value - shift
        column = [vectors[i, k] for i in range(n)]
        largest = max(column, key=lambda v: float(abs(v)))
        pairs.append((value.real.mid(), [(v / largest).real.mid() for v in column]))
    return pairs


class _QuotientReader:
    """Weighted errors; once they are small, by what the p/q of that time leaves."""

    def __init__(self, problem: RationalProblem) -> None:
        self.problem = problem
        self.rests = Rests(problem)

    def peaks(
        self, over: list[Any], under: list[Any], centre: float, reference: Sequence[float]
    ) -> tuple[list[tuple[float, float]], float]:
        """Where error and `centre` are larger than beside, their sum there, and the largest size.

        NoConvergence for a q that has not one sign.
        """
        problem = self.problem
        parts = _scaled(over, under, under if self.rests.base is None else self.rests.base[1])
        places = sorted([*reference, *problem.pins])
        while True:
            found = peaks_of(partial(self._read, parts, centre), problem, places)
            top = max(abs(e) for _, e in found)
            moved = 0.0
            for part, base in zip(parts, self.rests.base or parts, strict=True):
                moved = max(moved, *(float(abs(c - b)) for c, b in zip(part, base, strict=True)))
            if not self.rests.renewed(top, parts, partial(_left, problem, *parts), moved):
                return found, top

    def _read(self, parts: tuple[list[Any], list[Any]], centre: float, x: Floats) -> Floats:
        problem, rests = self.problem, self.rests
        p, q = (np.array([float(c) for c in part]) for part in parts)
        u = problem.u(x)
        below = chebval(u, q)
        if not (np.all(below > 0) or np.all(below < 0)):
            raise NoConvergence("the denominator has a zero on the range")
        if rests.rest is None:
            value = chebval(u, p) / below
            error = problem.quick(x) - (x * value if problem.factor else value)
        else:
            p0, q0 = (np.array([float(c) for c in part]) for part in rests.base)
            dp, dq = (
                np.array([float(c - b) for c, b in zip(part, base, strict=True)])
                for part, base in zip(parts, rests.base, strict=True)
            )
            above = chebval(u, p0) * chebval(u, dq) - chebval(u, q0) * chebval(u, dp)
            moved = above / (chebval(u, q0) * below)
            error = rests.rest(x) + (x * moved if problem.factor else moved)
        if problem.weights is not None:
            error = error / problem.weights(x)
        return np.asarray(error + centre, np.float64)


def _scaled(over: list[Any], under: list[Any], base: list[Any]) -> tuple[list[Any], list[Any]]:
    """The same quotient, with 1 where the largest coefficient of the base of its denominator is."""
    unit = under[max(range(len(base)), key=lambda k: float(abs(base[k])))]
    return [c / unit for c in over], [c / unit for c in under]


def _left(problem: RationalProblem, over: list[Any], under: list[Any], at: Any) -> Any:
    """What p/q leaves of f at an arb, as a ball."""
    values = chebyshev_values(problem.u(at), max(len(over), len(under)))
    p, q = (
        sum((c * v for c, v in zip(part, values, strict=False)), arb(0)) for part in (over, under)
    )
    return problem.exact(at) - (at * p / q if problem.factor else p / q)


def error_at(problem: RationalProblem, over: list[Any], under: list[Any], x: float) -> Any:
    """The weighted error at a double, as a ball."""
    left = _left(problem, over, under, arb(x))
    return left if problem.weight is None else left / problem.weight(arb(x))
