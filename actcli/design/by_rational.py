"""Designs minimax rational functions: the best of two degrees, or the least degrees for an error."""

from typing import Any

from flint import arb, arb_poly, ctx

from ..evaluation.activation import Activation
from .certificates import bits_for, largest_error
from .design import Design, chebyshev_text, horner
from .exchange import NoConvergence
from .grids import grid_named
from .polynomials import chebyshev_sum, in_chebyshev, powers
from .rational import BestRational, RationalProblem, best_rational, problem_of
from .rational_grids import rational_on_grid

MOST = 24  # degrees of numerator and denominator
COST = 1e-7  # of the error, that rounding powers may add to it
SMALL = 1e-3  # of the size of a denominator: its value at 0, which is 1 otherwise


def by_degrees(
    f: Activation, low: float, high: float, m: int, n: int, coefficients: str = "float64"
) -> Design:
    """The best rational function of degree m over n on [low, high], rounded to doubles, proved.

    The denominator is proved free of zeros. ValueError where none is found.
    """
    grid = grid_named(coefficients)
    problem, taken_off = problem_of(f, low, high, m, n)
    try:
        best = best_rational(problem)
    except NoConvergence as why:
        raise ValueError(f"{f.label} by {m}/{n}: {why}; other degrees may do") from None
    with ctx.workprec(2 * bits_for(m + n, low, high)):
        over, under = _in_x(problem, best, taken_off)
        exact = [_padded(over, m), _padded(under, n)]
        if best.exact:
            exact = [[c if abs(c) > 1e-40 else arb(0) for c in part] for part in exact]
        rounded = [[float(c) for c in part] for part in exact]
        found = largest_error(f, rounded[0], low, high, rounded[1])
        basis, kept = "power", rounded
        if grid.name != "float64":
            places = [*best.touching, *(-x for x in best.touching if problem.square)]
            *kept, found = rational_on_grid(
                f, (low, high), rounded[0], rounded[1], best.level, places, grid
            )  # fmt: skip
        elif not best.exact and not found.low <= best.level * (1 + COST):
            other = [[float(c) for c in in_chebyshev(part, low, high)] for part in exact]
            again = largest_error(
                f, powers(other[0], low, high), low, high, powers(other[1], low, high)
            )
            if again.high < found.high:
                basis, kept, found = "chebyshev", other, again
    if basis == "power":
        texts = [horner(part) for part in kept]
    else:
        texts = [chebyshev_text(part, low, high) for part in kept]
    touching = {*best.touching, *(-x for x in best.touching if problem.square)}
    attained = sorted(touching)
    if grid.name != "float64" and found.where is not None:
        attained = [found.where]
    return Design(
        function=f.label, kind="rational", low=low, high=high, degree=f"{m}/{n}",
        coefficients=kept[0], denominator=kept[1], basis=basis, error_low=found.low,
        error_high=found.high, attained_at=attained, optimum_low=best.lower,
        formula=f"({texts[0]})/({texts[1]})" if n else texts[0], segments_used=1,
        parts=[(low, high, kept[0])], format=grid.name,
    )  # fmt: skip


def by_error(
    f: Activation, low: float, high: float, error: float, coefficients: str = "float64"
) -> Design:
    """The rational function of the least degrees m/m or (m + 1)/m that is proved to reach an error."""
    least: Design | None = None
    for total in range(1, 2 * MOST):
        try:
            design = by_degrees(f, low, high, (total + 1) // 2, total // 2, coefficients)
        except ValueError:
            continue
        if design.error_high <= error:
            return design
        if least is None or design.error_high < least.error_high:
            least = design
        elif total > 12 and design.error_high > 4 * least.error_high:
            break  # doubles end there
    told = "" if least is None else f"; degree {least.degree} reaches {least.error_high:.6g}"
    raise ValueError(f"no rational function up to degree {MOST}/{MOST} reaches {error:g}{told}")


def whole_line(
    f: Activation, degrees: tuple[int, int] | None, error: float | None,
    coefficients: str = "float64",
) -> Design:  # fmt: skip
    """The best rational function on [-R, R] with asymptotes outside: of degrees, or for an error."""
    from .whole_line import on_the_line, shortest

    if degrees is None:  # what reaches it on the shortest range does with the best range
        assert error is not None
        reach = shortest(f, error)
        first, second = str(by_error(f, -reach, reach, error, coefficients).degree).split("/")
        degrees = int(first), int(second)
    m, n = degrees

    def level(reach: float) -> float:
        return best_rational(problem_of(f, -reach, reach, m, n)[0]).level

    return on_the_line(f, level, lambda reach: by_degrees(f, -reach, reach, m, n, coefficients))


def _in_x(problem: RationalProblem, best: BestRational, taken_off: tuple[Any, Any]) -> list[Any]:
    """Numerator and denominator in x, the latter 1 at 0 or of size 1."""
    a = arb(problem.high)
    u = arb_poly([-1, 0, 2 / (a * a)]) if problem.square else None
    over, under = (
        chebyshev_sum(part, problem.low, problem.high, u) for part in (best.over, best.under)
    )
    if problem.factor:
        over *= arb_poly([0, 1])
    slope, height = taken_off
    over += under * arb_poly([height, slope])
    sizes = [
        abs(c * max(abs(problem.low), problem.high) ** k) for k, c in enumerate(under.coeffs())
    ]
    largest = max(sizes, key=float)
    unit = (
        under[0] if sizes[0] > SMALL * largest else max(under.coeffs(), key=lambda c: float(abs(c)))
    )
    return [part * arb_poly([1 / unit]) for part in (over, under)]


def _padded(p: Any, degree: int) -> list[Any]:
    return [p[k] for k in range(degree + 1)]
