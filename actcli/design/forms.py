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
    if request.limits is None:
        return whole_line(f, request.degree, request.error)
    if request.error is not None:
        return by_error(f, *request.limits, request.error)
    assert request.degree is not None
    return by_degree(f, *request.limits, request.degree)


def _table(f: "Activation", request: Request) -> "Design":
    from .tables import by_table

    return by_table(f, request.entries, request.limits)


def _refit(f: "Activation", request: Request) -> "Design":
    raise ValueError(f"--by takes {', '.join(FORMS)}, not {request.by[:60]!r}")


FORMS: Mapping[str, Callable[["Activation", Request], "Design"]] = {
    "polynomial": _polynomial,
    "table": _table,
}
