"""The forms of approximations by name; any other name is a formula to refit."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from math import inf, nextafter, ulp
from typing import TYPE_CHECKING, Any

from ..wording import unknown
from .request import Conditions, Request

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from .design import Design

FARTHEST = 1e150  # ends of a range, as their squares are to be doubles
FEWEST = 64  # doubles in a range


def designed(f: "Activation", request: Request) -> "Design":
    """Designs what is asked for; ValueError says what is wrong."""
    form = FORMS.get(request.by, _refit)
    if form is _refit and request.by.isidentifier():
        known = unknown("form", request.by, FORMS)
        raise ValueError(f"{known}, or a formula with names to be found, as 'x*sigmoid(c*x)'")
    plain, uses = Request(), USES.get(request.by, ("conditions",))
    for name in ("degree", "error", "pieces", "entries", "conditions"):
        asked: Any = getattr(request, name)
        if name not in uses and asked != getattr(plain, name):
            if hasattr(asked, "_asdict"):
                name = next(n for n, v in asked._asdict().items() if v != asked._field_defaults[n])
            raise ValueError(
                f"--{name.replace('_', '-')} does not go with --by {request.by}; leave it out"
            )
    if request.limits and request.entries.dtype is None:
        if request.by in FORMS:
            _check_range(*request.limits)
        _check_ends(f, *request.limits)
    try:
        design = form(f, request)
    except OverflowError:
        raise ValueError(
            f"--by {request.by} meets numbers beyond 1e308 there; give a shorter range, or a lower "
            "degree"
        ) from None
    except (ValueError, ZeroDivisionError):
        _check_bounded(f, request)
        raise
    if design.verdict != "proved":
        _check_bounded(f, request)
    if design.error_high == 0:  # which none is below
        return replace(design, optimum_low=0.0)
    return design


def _check_range(low: float, high: float) -> None:
    """Refuses ranges in which doubles do not tell places or their squares apart."""
    size = max(abs(low), abs(high))
    if size > FARTHEST:
        raise ValueError(f"-r {low:g}:{high:g}: ends are {FARTHEST:g} in size at most")
    if high - low < max(1 / FARTHEST, FEWEST * ulp(size)):
        raise ValueError(
            f"-r {low!r}:{high!r}: ends are {FEWEST} doubles apart at least, and {1 / FARTHEST:g}"
        )


def _check_ends(f: "Activation", low: float, high: float) -> None:
    """Refuses ranges that end at a jump as it is written, 0.3, which lies beside the double."""
    if not f.breakpoints.listed:
        return
    from .jumps import jumps_beside

    for end, inside in ((low, nextafter(low, inf)), (high, nextafter(high, -inf))):
        if jumps_beside(f, end):
            raise ValueError(
                f"{f.label} jumps at {end!r}, which is no double; give a range that ends beside it, "
                f"as at {inside!r}"
            )


def _check_bounded(f: "Activation", request: Request) -> None:
    """Says where a function is not bounded, which is why its approximation failed."""
    from .singular import check_bounded

    check_bounded(f, *(request.limits or (-inf, inf)))


def _polynomial(f: "Activation", request: Request) -> "Design":
    from .by_polynomial import by_degree, by_error, whole_line

    if (request.degree is None) == (request.error is None):
        many = "" if request.degree is None else "--degree and --error exclude one another; "
        raise ValueError(f"{many}give one of --degree N and --error E, as in --degree 7")
    if request.under is not None:
        raise ValueError(
            f"--degree {request.degree}/{request.under} is of --by rational; a polynomial has "
            "--degree N"
        )
    asked = request.conditions
    _check(asked)
    if request.limits is None:
        return whole_line(f, request.degree, request.error, asked)
    if request.error is not None:
        return by_error(f, *request.limits, request.error, asked)
    assert request.degree is not None
    return by_degree(f, *request.limits, request.degree, asked)


def _check(asked: Conditions) -> None:
    """Refuses conditions that do not go together."""
    if asked.above and asked.below:
        raise ValueError("--above and --below exclude one another; give one")
    if asked.relative and (asked.above or asked.below):
        raise ValueError(
            "--above and --below go with errors that are not --relative; leave one out"
        )
    if asked.pin and (asked.above or asked.below):
        raise ValueError("--pin makes it touch, --above and --below keep it off; leave one out")


def _rational(f: "Activation", request: Request) -> "Design":
    from .by_rational import MOST, by_degrees, by_error, whole_line

    if (request.degree is None) == (request.error is None):
        many = "" if request.degree is None else "--degree and --error exclude one another; "
        raise ValueError(f"{many}give one of --degree M/N and --error E, as in --degree 3/2")
    asked = request.conditions
    _check(asked)
    if request.error is not None:
        if request.limits is None:
            return whole_line(f, None, request.error, asked)
        return by_error(f, *request.limits, request.error, asked)
    m, n = request.degree, request.under
    assert m is not None
    if n is None:
        raise ValueError(f"--by rational takes --degree M/N, as in --degree {m}/{max(m - 1, 0)}")
    if max(m, n) > MOST:
        raise ValueError(f"--degree {m}/{n}: both are {MOST} at most")
    if request.limits is None:
        return whole_line(f, (m, n), None, asked)
    return by_degrees(f, *request.limits, m, n, asked)


def _piecewise(f: "Activation", request: Request) -> "Design":
    from .pieces_asked import piecewise

    _check(request.conditions)
    return piecewise(f, request)


def _table(f: "Activation", request: Request) -> "Design":
    from .tables import by_table

    _check(request.conditions)
    return by_table(f, request.entries, request.limits, request.conditions)


def _refit(f: "Activation", request: Request) -> "Design":
    from ..expressions.parser import FormulaError
    from .refit import refit

    asked = request.conditions
    for name in ("pin", "above", "below"):
        if getattr(asked, name):
            raise ValueError(f"--{name} does not go with --by {request.by}; leave it out")
    try:
        return refit(f, request.by, request.limits, request.start, asked)
    except FormulaError as wrong:
        forms = ", ".join(FORMS)
        raise ValueError(
            f"--by takes {forms} or a formula with names to fit, as in 'x*sigmoid(c*x)'; {wrong}"
        ) from None


FORMS: Mapping[str, Callable[["Activation", Request], "Design"]] = {
    "polynomial": _polynomial,
    "rational": _rational,
    "piecewise": _piecewise,
    "table": _table,
}

# what of a request each takes
USES: Mapping[str, tuple[str, ...]] = {
    "polynomial": ("degree", "error", "conditions"),
    "rational": ("degree", "error", "conditions"),
    "piecewise": ("degree", "error", "pieces", "conditions"),
    "table": ("entries", "conditions"),
}
