"""What is asked of an approximation."""

from collections.abc import Mapping
from typing import NamedTuple

MOST_SEGMENTS = 1024
LARGEST = 1e4  # of coefficients that are searched
RUNAWAY = 1e8  # of constants of a formula, in units of f where it is large: beyond, a fit runs away


class NotReached(ValueError):
    """No number of segments reaches the error asked for."""


class Pieces(NamedTuple):
    """What is asked of a piecewise polynomial; free breakpoints and continuous by default."""

    segments: int | None = None
    jumps: bool = False
    uniform: bool = False
    breakpoints: str | None = None
    on_curve: bool = False


class Entries(NamedTuple):
    """What is asked of a table; scales and zero points None where they are to be found."""

    points: int | None = None
    dtype: str | None = None
    input_scale: str | None = None
    input_zero_point: int | None = None
    output_scale: str | None = None
    output_zero_point: int | None = None
    rounding: str | None = None


class Conditions(NamedTuple):
    """What else is asked of an approximation."""

    relative: bool = False
    pin: str | None = None
    above: bool = False
    below: bool = False
    coefficients: str = "float64"


PLAIN = Conditions()


class Request(NamedTuple):
    """An approximation as it is asked for; `limits` None is the whole line."""

    by: str = "polynomial"
    limits: tuple[float, float] | None = None
    degree: int | None = None
    error: float | None = None
    pieces: Pieces = Pieces()
    entries: Entries = Entries()
    under: int | None = None  # degree of the denominator
    conditions: Conditions = PLAIN
    start: Mapping[str, str] = {}  # of the names that a refit finds
