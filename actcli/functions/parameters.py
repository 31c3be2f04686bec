"""Parameters of functions and the values they accept."""

from collections.abc import Callable
from contextlib import suppress
from math import inf, isfinite
from typing import Annotated, Any, NamedTuple

from ..numbers.exact import number_text, rational


class ParameterDomain(NamedTuple):
    """The values that a parameter may take."""

    words: str
    accepts: Callable[[float], bool]
    lowest: float = -inf  # how far training may take it


class Choices(NamedTuple):
    """The words that a parameter may take."""

    options: tuple[str, ...]


ANY_NUMBER = ParameterDomain("a finite number", lambda v: True)
Real = Annotated[Any, ANY_NUMBER]
Positive = Annotated[Any, ParameterDomain("a number > 0", lambda v: v > 0, 1e-6)]
NonNegative = Annotated[Any, ParameterDomain("a number >= 0", lambda v: v >= 0, 0.0)]
NonZero = Annotated[Any, ParameterDomain("a number other than 0", lambda v: v != 0)]


class Parameter(NamedTuple):
    """A parameter's name, default and domain; numbers are exact."""

    name: str
    default: Any  # None: it has none
    domain: ParameterDomain | Choices

    def parse(self, owner: str, given: Any) -> Any:
        """`given` (text or number) as a value of the domain; ValueError says what is accepted."""
        if isinstance(self.domain, Choices):
            word = str(given).strip().lower()
            if word in self.domain.options:
                return word
            accepted = " or ".join(self.domain.options)
        else:
            accepted = self.domain.words
            with suppress(ValueError, TypeError, ZeroDivisionError, OverflowError):
                value = given if hasattr(given, "read") else rational(given)
                if isfinite(float(value)) and self.domain.accepts(float(value) or value):
                    return value
        raise ValueError(f"{owner}: {self.name} is {accepted}, not {str(given)[:60]!r}")


def text(value: Any) -> str:
    """A parameter's value as it is typed: 2, not 2.0."""
    return str(value) if isinstance(value, str) or hasattr(value, "read") else number_text(value)
