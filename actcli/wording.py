"""Text as people may safely read it: `rounded` numbers of tables, `words` of sentences, names and lists."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from math import inf
from typing import Any

_STAND_INS = {
    "−": "-", "–": "-", "─": "-", "│": "|", "┌": "+", "┐": "+", "└": "+", "┘": "+", "├": "+", "┤": "+",
    "┬": "+", "┴": "+", "┼": "+", "━": "-", "·": "*", "×": "x", "′": "'", "″": "''", "≤": "<=", "≥": ">=",
    "∞": "inf", "●": "*", "○": "o", "◆": "#", "■": "#", "…": "...", "⠀": " ",
    "→": "->", "↑": "^",
}  # fmt: skip
_SUPERSCRIPTS = dict(zip("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789", strict=True))


def stand_ins(error: UnicodeError) -> tuple[str, int]:
    """Replaces characters that an encoding does not have; for codecs.register_error."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    found = ""
    for c in error.object[error.start : error.end]:
        if c in _SUPERSCRIPTS:
            found += ("" if found[-1:] in "-0123456789^" and found else "^") + _SUPERSCRIPTS[c]
        elif "⠁" <= c <= "⣿":
            found += "*"
        else:
            found += _STAND_INS.get(c, "?")
    return found, error.end


MOST_LETTERS = 200  # of a label


def may_be_label(text: str) -> bool:
    """Whether a text may stand for a function wherever something is printed or drawn."""
    return bool(text.strip()) and text.isprintable() and len(text) <= MOST_LETTERS


def printable(text: str) -> str:
    r"""Returns the text with escapes for what is no printable character: \x1b, \n, \u202e, \udc80.

    Control characters, direction marks and lone surrogates of a file's text would otherwise steer
    the terminal or reorder its lines.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)


def suggest(
    name: str, known: Iterable[str], otherwise: str = "'actcli list' shows them all"
) -> str:
    """Returns `did you mean ...?`, or what to do where nothing is near."""
    from difflib import get_close_matches

    known = list(known)
    near = get_close_matches(name, known, n=1) or get_close_matches(name.lower(), known, n=1)
    longer = [each for each in known if each.startswith(name.lower())]
    if not near and len(longer) == 1:  # check -> check-properties
        near = longer
    return f"did you mean {near[0]}?" if near else otherwise


def unknown(what: str, name: str, known: Collection[str]) -> ValueError:
    """Returns the error for a name that is none of those known: with the nearest; with all if these
    are few, or none is near."""
    listed = f"there are {', '.join(known)}"
    hint = suggest(name, known, listed)
    if hint != listed and len(known) <= FEW:
        hint += f" {listed}"
    return ValueError(f"no {what} is called {name!r}; {hint}")


FEW = 16  # names that a refusal lists even where one of them is near
DIGITS = 6  # of a rounded number
MOST = 4  # members of a list that a table shows


def wrapped(text: str) -> str:
    """Cuts a text into lines at the width of the terminal."""
    import shutil
    import textwrap

    width = shutil.get_terminal_size((80, 24)).columns
    return "\n".join(textwrap.wrap(text, width, subsequent_indent="  ", break_on_hyphens=False))


def some(value: object, nothing: str = "none") -> str:
    """A value, or what is said where there is none."""
    return nothing if value is None else short(value)


def smoothness(order: float) -> str:
    """Words the order of smoothness: C0, C1, ... C∞, or that there are jumps."""
    if order == -1:
        return "jumps"
    return "C∞" if order == float("inf") else f"C{order:g}"


def short(value: object) -> str:
    """Words a value for people: six digits, intervals as [low, high], long lists cut."""
    if isinstance(value, Mapping):
        if {"inf", "sup", "inf_attained", "sup_attained"} <= value.keys():
            return interval(value)
        return ", ".join(f"{word(key)} {short(entry)}" for key, entry in value.items())
    if isinstance(value, list | tuple):
        if len(value) == 3 and isinstance(value[2], str):
            return f"{value[2]} on {between(*value[:2])}"
        shown = [
            between(*v) if isinstance(v, list | tuple) and len(v) == 2 else short(v)
            for v in value[:MOST]
        ]
        return ", ".join(shown + ["..."] * (len(value) > MOST)) if shown else "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float | int):
        return rounded(float(value))
    return "" if value is None else str(value)


def between(low: float, high: float) -> str:
    """An interval in brackets, round ones at infinities."""
    left, right = "(" if low == -float("inf") else "[", ")" if high == float("inf") else "]"
    return f"{left}{short(low)}, {short(high)}{right}"


def interval(value: Mapping[str, Any]) -> str:
    """Writes a range in brackets; round ones where it is not attained."""
    low, high = ("?" if value[end] is None else short(value[end]) for end in ("inf", "sup"))
    left = "[" if value["inf_attained"] else "("
    return f"{left}{low}, {high}{']' if value['sup_attained'] else ')'}"


def word(key: str) -> str:
    """A key as words."""
    return key.replace("_", " ")


_DIGITS: ContextVar[int | None] = ContextVar("digits", default=None)


@contextmanager
def significant_digits(count: int | None) -> Iterator[None]:
    """Writes rounded numbers with so many significant digits in the block."""
    token = _DIGITS.set(count)
    try:
        yield
    finally:
        _DIGITS.reset(token)


def digits_asked() -> int | None:
    """The significant digits of `significant_digits`, None outside of it."""
    return _DIGITS.get()


def rounded(value: float) -> str:
    """Writes a number for people: six significant digits, or as many as are asked for."""
    text = f"{value:.{digits_asked() or DIGITS}g}"
    return "0" if text == "-0" else text


def words(value: float) -> str:
    """Writes a number for a sentence, as `rounded` does."""
    return {inf: "infinity", -inf: "-infinity"}.get(value) or rounded(value)


def count_of(number: int, noun: str) -> str:
    """Writes a count and what is counted: 1 row, 2 rows."""
    return f"{number} {noun}{'s' * (number != 1)}"


def joined(names: Sequence[str], conjunction: str = "and") -> str:
    """Lists names for a sentence: a, b and c."""
    *rest, last = names
    return f"{', '.join(rest)} {conjunction} {last}" if rest else last


def listing(values: Iterable[float]) -> str:
    """Lists numbers for a sentence."""
    return ", ".join(map(words, values))


def property_value(name: str, value: Any) -> str:
    """Words the value of a property for people; of several numbers those that matter most."""
    tell = _TOLD.get(name)
    return short(value) if value is None or tell is None else tell(value)


_TOLD: dict[str, Callable[[Any], str]] = {
    "smoothness": smoothness,
    "saturates_left": lambda v: f"limit {some(v['limit'])}",
    "saturates_right": lambda v: f"limit {some(v['limit'])}",
    "identity_at_zero": lambda v: f"f {some(v['f'])}, gradient {some(v['gradient'])}",
    "gaussian_moments": lambda v: f"mean {some(v['mean'])}, variance {some(v['variance'])}",
    "gain": lambda v: f"{some(v['gain'])}, slope {some(v['slope'])}",
    "cost": lambda v: (
        f"{some(v['operations'])} + {some(v['gradient_operations'], 'unknown')} operations"
    ),
    "numerically_stable": lambda v: f"{some(v['value_ulp'])} and {some(v['gradient_ulp'])} ulp",
}
