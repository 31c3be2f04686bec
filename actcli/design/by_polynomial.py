"""Designs minimax polynomials: the best of a degree, or the least degree that reaches an error."""

from ..evaluation.activation import Activation
from .certificates import largest_error
from .design import Design, horner
from .exchange import Best
from .polynomials import MOST, best_polynomial


def by_degree(f: Activation, low: float, high: float, degree: int) -> Design:
    """The best polynomial of a degree on [low, high], its coefficients rounded to doubles, proved."""
    powers, best = best_polynomial(f, low, high, degree)
    return _design(f, low, high, degree, [float(c) for c in powers], best)


def by_error(f: Activation, low: float, high: float, error: float) -> Design:
    """The polynomial of the least degree whose error is proved to be `error` at most.

    ValueError where degree MOST does not reach it.
    """
    best: Design | None = None
    below, above = -1, 1
    while above <= MOST:
        best = by_degree(f, low, high, above)
        if best.error_high <= error:
            break
        below, above = above, min(2 * above, MOST) if above < MOST else MOST + 1
    if best is None or best.error_high > error:
        told = "" if best is None else f"; degree {MOST} reaches {best.error_high:.6g}"
        raise ValueError(f"no polynomial up to degree {MOST} reaches {error:g}{told}")
    while above - below > 1:
        middle = (above + below) // 2
        tried = by_degree(f, low, high, middle)
        if tried.error_high <= error:
            above, best = middle, tried
        else:
            below = middle
    return best


def _design(
    f: Activation, low: float, high: float, degree: int, coefficients: list[float], best: Best
) -> Design:
    found = largest_error(f, coefficients, low, high)
    attained = sorted({*best.reference, *(-x for x in best.reference if low == -high)})
    return Design(
        function=f.label, kind="polynomial", low=low, high=high, degree=degree,
        coefficients=coefficients, basis="power", error_low=found.low, error_high=found.high,
        attained_at=attained, optimum_low=best.lower, formula=horner(coefficients),
        parts=[(low, high, coefficients)],
    )  # fmt: skip
