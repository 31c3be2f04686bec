"""Entries of a table as text."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..wording import rounded

LONG_HEADING = 16  # characters of a column's name, which may be broken at its underscores


class Math(str):
    """A formula in LaTeX, which that format sets in math mode and all others take as text."""


def plain(value: object) -> Any:
    """Converts a value to Python's own types, as JSON knows them; floats keep their shortest digits."""
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return float(value)
    if isinstance(value, Mapping):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, Iterable) and getattr(value, "ndim", 1) > 0:
        return [plain(entry) for entry in value]
    if hasattr(value, "dtype"):  # a numpy scalar, or an array of no dimension
        import numpy as np

        array = np.asarray(value)
        if array.dtype.kind in "biuU":
            return array.item()
        return float(str(array)) if array.dtype == np.float32 else float(array)
    raise TypeError(f"no text for {value!r}")


def as_json(value: object) -> str:
    """Writes a value in JSON; numbers that JSON does not know become "NaN", "Infinity", "-Infinity"."""
    from json import dumps  # costs 2 ms

    return dumps(_without_infinities(plain(value)))


def _without_infinities(value: Any) -> Any:
    if isinstance(value, float) and not abs(value) < float("inf"):
        return NOT_FINITE[repr(value)]
    if isinstance(value, dict):
        return {key: _without_infinities(entry) for key, entry in value.items()}
    if isinstance(value, list):
        return [_without_infinities(entry) for entry in value]
    return value


NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def for_people(value: object) -> str:
    """Writes a value for people: rounded, no quotes."""
    value = plain(value)
    if value is None:
        return ""
    if isinstance(value, float):
        return rounded(value)
    if isinstance(value, list):
        return "[" + ", ".join(map(for_people, value)) + "]"
    if isinstance(value, dict):
        return ", ".join(f"{key}={for_people(entry)}" for key, entry in value.items())
    return str(value).lower() if isinstance(value, bool) else str(value)


def is_number(value: object) -> bool:
    """Says whether an entry is an integer or a float, of Python or numpy."""
    entry = plain(value)
    return isinstance(entry, float | int) and not isinstance(entry, bool)


def filled(entries: Sequence[str | list[str]]) -> list[list[str]]:
    """Makes the columns of one length: a str is repeated."""
    size = max(len(entry) for entry in entries if isinstance(entry, list))
    return [[entry] * size if isinstance(entry, str) else entry for entry in entries]
