"""Designs minimax rational functions: the best of two degrees, or the least degrees for an error."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from math import inf
from typing import Any

from flint import arb, arb_poly, ctx

from ..evaluation.activation import Activation
from .certificates import RELATIVE, Bound, bits_for, is_formula, largest_error
from .constrained import pins_of, root_at_zero
from .design import Design, chebyshev_text, horner
from .exchange import NoConvergence
from .grid_quotients import on_grid
from .grids import grid_named
from .jumps import Jump, largest_jump
from .one_sided import error_beside, moved_by
from .polynomials import Reading, chebyshev_sum, in_chebyshev, powers
from .rational import BestRational, best_from_samples, best_rational, kept_beside
from .rational_problem import RationalProblem, TakenOff, problem_of
from .rational_samples import corrected, crossing
from .request import PLAIN, Conditions
from .watching import tell

MOST = 24  # degrees of numerator and denominator
COST = 1e-7  # of the error, that rounding powers may add to it
SMALL = 1e-3  # of the size of a denominator: its value at 0, which is 1 otherwise
SURE = 1 + 1e-6  # times a bound, an error that needs no other bound
MISSED = 2  # degrees whose best would do, but for the rounding of coefficients
MARGIN = 2e-9  # of the error, by which one on a side stays away from f
MARGINS = 12  # that are tried, each ten times the one before

Parts = Sequence[Sequence[Any]]  # coefficients of a numerator and of a denominator


def by_degrees(
    f: Activation, low: float, high: float, m: int, n: int, asked: Conditions = PLAIN,
    first: Sequence[float] = (),
) -> Design:  # fmt: skip
    """The best rational function of degree m over n on [low, high], rounded to doubles, proved.

    The denominator is proved free of zeros. ValueError where none is found. A `first` reference
    of the exchange may be known.
    """
    grid = grid_named(asked.coefficients)
    root = asked.relative and root_at_zero(f, low, high)
    side = 1 if asked.above else -1 if asked.below else 0
    problem, taken_off, best = _best(f, low, high, m, n, asked, root, first)
    optimum = best.lower * (2 if side and not problem.side else 1)
    at_0 = Reading(f).exact(arb(0)).mid() if 0.0 in pins_of(asked.pin, low, high) else None
    touching = sorted({*best.touching, *(-x for x in best.touching if problem.square)})

    def certified(basis: str, kept: Parts, enough: float = RELATIVE) -> Bound:
        over, under = kept if basis == "power" else [powers(part, low, high) for part in kept]
        return largest_error(f, over, low, high, under, asked.relative, root, enough)

    def in_x(over: list[Any], under: list[Any]) -> list[list[Any]]:
        parts = _in_x(problem, over, under, taken_off, (m, n))
        if root or at_0 is not None:  # without what is left of terms that cancel
            parts[0][0] = arb(0) if root else at_0 * parts[1][0]
        return parts

    with ctx.workprec(2 * bits_for(m + n, low, high)):
        exact = in_x(best.over, best.under)
        basis, kept, lowest = "power", _rounded(exact), 0.0
        if grid.name != "float64":
            pins = {*pins_of(asked.pin, low, high), *[0.0] * root}
            level, free = best.level, kept
            if side and not problem.side:
                level *= 2
                free = _rounded(moved_by(exact, side * arb(best.level)))

            def proved(parts: tuple[list[float], list[float]]) -> Bound:
                if side:
                    return error_beside(f, *parts, (low, high), side)
                return certified("power", parts)

            parts, found, lowest = on_grid(
                f, (low, high), free[0], free[1], level, touching, grid, proved,
                asked.relative, sorted(pins), side
            )  # fmt: skip
            kept = [*parts]
        elif best.exact:
            kept, found = _recovered(f, exact, certified, low, high)
        elif side:
            level = best.level / 2 if problem.side else best.level

            def beside(margin: float) -> tuple[list[list[Any]], Any]:
                if problem.side:
                    *parts, half = kept_beside(problem, best, margin)
                    return in_x(*parts), arb(half) + margin
                change = arb(level) + arb(margin)
                return moved_by(exact, side * change), change

            basis, kept, found = _on_a_side(level, side, beside, certified, (low, high))
        else:
            found = certified(basis, kept)
            if not found.low <= best.level * (1 + COST) and not root:
                other = _chebyshev(exact, low, high)
                again = certified("chebyshev", other)
                if again.high < found.high:
                    basis, kept, found = "chebyshev", other, again
        over, under = kept
        if basis == "chebyshev":
            over, under = ([float(c) for c in powers(part, low, high)] for part in kept)
    if found.high < inf and not asked.pin:  # as it is one of its kind
        found = replace(found, low=max(found.low, optimum))
    if basis == "power":
        texts = [horner(part) for part in kept]
    else:
        texts = [chebyshev_text(part, low, high) for part in kept]
    if grid.name != "float64" and found.where is not None:
        touching = [found.where]
    return Design(
        function=f.label, kind="rational", low=low, high=high, degree=f"{m}/{n}",
        coefficients=kept[0], denominator=kept[1], basis=basis, error_low=found.low,
        error_high=found.high, attained_at=touching, optimum_low=optimum,
        formula=f"({texts[0]})/({texts[1]})" if n else texts[0], segments_used=1,
        parts=[(low, high, over)], format=grid.name, relative=asked.relative,
        one_sided=bool(side), grid_low=lowest, divisor=under,
    )  # fmt: skip


def _best(
    f: Activation, low: float, high: float, m: int, n: int, asked: Conditions, root: bool,
    first: Sequence[float],
) -> tuple[RationalProblem, TakenOff, BestRational]:  # fmt: skip
    """The best one, and the problem that it is of."""
    problem, taken_off = _posed(f, low, high, m, n, asked, root)
    try:
        best = best_rational(problem, first)
        if best.lower < best.level / SURE and (found := largest_jump(f, low, high, root)):
            bound = found.bound(asked.relative) * (2 if problem.side else 1)
            best = replace(best, lower=max(best.lower, bound))
        return problem, taken_off, best
    except NoConvergence:
        pass
    plain, as_it_is = _posed(f, low, high, m, n, asked, root, symmetric=False)
    jump = None if plain.side else largest_jump(f, low, high, root)
    if jump is not None and (through := _through(plain, jump)) is not None:
        return plain, as_it_is, through
    try:
        return problem, taken_off, best_from_samples(problem)
    except NoConvergence as why:
        peaks = "; peaks that narrow towards a --pin have no best one" if asked.pin else ""
        raise ValueError(f"{f.label} by {m}/{n}: {why}{peaks}; other degrees may do") from None


def _posed(
    f: Activation, low: float, high: float, m: int, n: int, asked: Conditions, root: bool,
    symmetric: bool = True,
) -> tuple[RationalProblem, TakenOff]:  # fmt: skip
    """What is asked for as a problem, by symmetry if that is to be used."""
    side = 1 if asked.above else -1 if asked.below else 0
    return problem_of(
        f, low, high, m, n, relative=asked.relative, root=root, pins=pins_of(asked.pin, low, high),
        side=side if m < n else 0, symmetric=symmetric,
    )  # fmt: skip


def _through(problem: RationalProblem, jump: Jump) -> BestRational | None:
    """One that is as near to the function of a problem as a jump allows, if there is one."""
    weighed = problem.weights is not None
    level, middle = (float(v) for v in jump.nearest(weighed))
    found = crossing(problem, jump.place, middle, level)
    if found is None:
        return None
    over, under = ([arb(float(c)) for c in part] for part in found)
    return BestRational(over, under, level, [jump.place], [jump.place], jump.bound(weighed))


def _recovered(
    f: Activation, exact: Parts, certified: Callable[..., Bound], low: float, high: float
) -> tuple[list[list[float]], Bound]:
    """A rational function that f itself is, in the unit that rounds its coefficients least."""
    tried: list[tuple[float, int, Parts]] = []
    for unit in (exact[1][0], *exact[1], *exact[0]):
        if abs(unit) > 1e-40:
            scaled = [[_plain(c / unit) for c in part] for part in exact]
            off = sum(float(abs(c - arb(float(c)))) for part in scaled for c in part)
            tried.append((off, len(tried), scaled))
    kept = _rounded(min(tried)[2])
    if is_formula(f, f"({horner(kept[0])})/({horner(kept[1])})", low, high):
        return kept, Bound(0.0, 0.0, None)
    return kept, certified("power", kept)


def _plain(value: Any) -> Any:
    """The number, or the double that it can hardly be told from."""
    if abs(value) < 1e-40:
        return arb(0)
    near = arb(float(value))
    return near if abs(value - near) < 1e-40 * abs(near) else value.mid()


def _on_a_side(
    level: float, side: int, beside: Callable[[float], tuple[Parts, Any]], certified: Callable[..., Bound],
    limits: tuple[float, float],
) -> tuple[str, list[list[float]], Bound]:  # fmt: skip
    """Basis and coefficients that stay on a side of f, and their error: both proved.

    What differs from f by h at most, once h is taken off it, is above f. `beside` gives what stays a
    margin away from f, and h.
    """
    for k in range(MARGINS):
        margin = level * MARGIN * 10**k
        exact, h = beside(margin)
        for basis, kept in (("power", _rounded(exact)), ("chebyshev", _chebyshev(exact, *limits))):
            lowered = moved_by(kept, -side * h)
            if arb(certified(basis, lowered, MARGIN / 10).high) <= h:
                return basis, kept, certified(basis, kept)
    raise ValueError("that it stays on one side is not proved; take another range or degree")


def _rounded(exact: Parts) -> list[list[float]]:
    return [[float(c) for c in part] for part in exact]


def _chebyshev(exact: Parts, low: float, high: float) -> list[list[float]]:
    return _rounded([in_chebyshev(part, low, high) for part in exact])


def by_error(
    f: Activation, low: float, high: float, error: float, asked: Conditions = PLAIN
) -> Design:
    """The rational function of the least degrees m/m or (m + 1)/m that is proved to reach an error."""
    if asked.relative:
        root_at_zero(f, low, high)
    pins_of(asked.pin, low, high)
    references: dict[int, Sequence[float]] = {}
    least: Design | None = None
    lowest, kept, missed = inf, (0, 0), 0
    for total in range(1, 2 * MOST):
        m, n = degrees = (total + 1) // 2, total // 2
        reached = f", {lowest:.3g} reached" if lowest < inf else ""
        tell(total, 2 * MOST, f"degrees, {m}/{n} at work{reached}")
        try:
            level, reference = _level(f, low, high, degrees, asked, references.get(total - 2, ()))
        except ValueError:
            continue
        references[total] = reference
        if level < lowest:
            lowest, kept = level, degrees
        if level > error:
            continue
        design = by_degrees(f, low, high, m, n, asked, reference)
        if design.error_high <= error:
            return design
        missed += 1
        if least is None or design.error_high < least.error_high:
            least = design
        elif missed > MISSED:
            break  # doubles end there
    if least is None and lowest < inf:
        least = by_degrees(f, low, high, *kept, asked)
    told = "" if least is None else f"; degree {least.degree} reaches {least.error_high:.6g}"
    raise ValueError(f"no rational function up to degree {MOST}/{MOST} reaches {error:g}{told}")


def _level(
    f: Activation, low: float, high: float, degrees: tuple[int, int], asked: Conditions,
    first: Sequence[float],
) -> tuple[float, Sequence[float]]:  # fmt: skip
    """About the error of the best one, and its reference, from a first one; nothing is proved."""
    root = asked.relative and root_at_zero(f, low, high)
    problem, _, best = _best(f, low, high, *degrees, asked, root, first)
    twice = (asked.above or asked.below) and not problem.side
    return best.level * (1 + twice), best.reference


def whole_line(
    f: Activation, degrees: tuple[int, int] | None, error: float | None,
    asked: Conditions = PLAIN,
) -> Design:  # fmt: skip
    """The best rational function on [-R, R] with asymptotes outside: of degrees, or for an error."""
    from .whole_line import on_the_line, shortest, within

    if degrees is None:  # what reaches it on the shortest range does with the best range
        assert error is not None
        reach = shortest(f, error, asked)
        over, under = str(by_error(f, -reach, reach, error, within(asked, reach)).degree).split("/")
        degrees = int(over), int(under)
    m, n = degrees

    shares: list[float] = []  # the last reference, of R

    def scaled(reach: float) -> list[float]:
        return [share * reach for share in shares]

    def level(reach: float, asked: Conditions) -> float:
        try:
            found, reference = _level(f, -reach, reach, (m, n), asked, scaled(reach))
        except ValueError:  # it is degenerate, or nearly so, there
            with suppress(NoConvergence):
                root = asked.relative and root_at_zero(f, -reach, reach)
                return corrected(_posed(f, -reach, reach, m, n, asked, root)[0])[2]
            raise
        shares[:] = [x / reach for x in reference]
        return found

    return on_the_line(
        f, level, lambda reach: by_degrees(f, -reach, reach, m, n, asked, scaled(reach)), asked
    )


def _in_x(
    problem: RationalProblem, above: list[Any], below: list[Any], taken_off: TakenOff,
    degrees: tuple[int, int],
) -> list[list[Any]]:  # fmt: skip
    """Numerator and denominator in x, the latter 1 at 0 or of size 1."""
    a = arb(problem.high)
    u = arb_poly([-1, 0, 2 / (a * a)]) if problem.square else None
    over, under = (chebyshev_sum(part, problem.low, problem.high, u) for part in (above, below))
    if problem.factor or taken_off.root:
        over *= arb_poly([0, 1])
    over += under * arb_poly([taken_off.height, taken_off.slope])
    sizes = [
        abs(c * max(abs(problem.low), problem.high) ** k) for k, c in enumerate(under.coeffs())
    ]
    largest = max(sizes, key=float)
    unit = (
        under[0] if sizes[0] > SMALL * largest else max(under.coeffs(), key=lambda c: float(abs(c)))
    )
    return [
        [part[k] / unit for k in range(degree + 1)]
        for part, degree in zip((over, under), degrees, strict=True)
    ]
