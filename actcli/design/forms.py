"""The forms of approximations by name; any other name is a formula to refit."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from .request import Request

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from .design import Design


def designed(f: "Activation", request: Request) -> "Design":
    """Designs what is asked for; ValueError says what is wrong."""
    return FORMS.get(request.by, _refit)(f, request)


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
    if request.limits is None:
        return whole_line(f, request.degree, request.error)
    if request.error is not None:
        return by_error(f, *request.limits, request.error)
    assert request.degree is not None
    return by_degree(f, *request.limits, request.degree)


def _rational(f: "Activation", request: Request) -> "Design":
    from .by_rational import MOST, by_degrees, by_error, whole_line

    if (request.degree is None) == (request.error is None):
        many = "" if request.degree is None else "--degree and --error exclude one another; "
        raise ValueError(f"{many}give one of --degree M/N and --error E, as in --degree 3/2")
    if request.error is not None:
        if request.limits is None:
            return whole_line(f, None, request.error)
        return by_error(f, *request.limits, request.error)
    m, n = request.degree, request.under
    assert m is not None
    if n is None:
        raise ValueError(f"--by rational takes --degree M/N, as in --degree {m}/{max(m - 1, 0)}")
    if max(m, n) > MOST:
        raise ValueError(f"--degree {m}/{n}: both are {MOST} at most")
    if request.limits is None:
        return whole_line(f, (m, n), None)
    return by_degrees(f, *request.limits, m, n)


def _table(f: "Activation", request: Request) -> "Design":
    from .tables import by_table

    return by_table(f, request.entries, request.limits)


def _refit(f: "Activation", request: Request) -> "Design":
    raise ValueError(f"--by takes {', '.join(FORMS)}, not {request.by[:60]!r}")


FORMS: Mapping[str, Callable[["Activation", Request], "Design"]] = {
    "polynomial": _polynomial,
    "rational": _rational,
    "table": _table,
}
