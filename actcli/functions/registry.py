"""The registry: what a function's block declares, and how a name finds its function.

`@activation(...)` takes the facts that are no formula; name, parameters, defaults and the domain of
each parameter are read from the decorated function itself.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property
from math import isfinite
from typing import Annotated, Any, get_type_hints

from ..numbers.exact import number_text, rational

Number = Any  # what formulas are read with


@dataclass(frozen=True, slots=True)
class Domain:
    """The values that a parameter may take."""

    words: str
    accepts: Callable[[float], bool]


@dataclass(frozen=True, slots=True)
class Choices:
    """The words that a parameter may take."""

    options: tuple[str, ...]


Real = Annotated[Any, Domain("a finite number", lambda v: True)]
Positive = Annotated[Any, Domain("a number > 0", lambda v: v > 0)]
NonNegative = Annotated[Any, Domain("a number >= 0", lambda v: v >= 0)]
NonZero = Annotated[Any, Domain("a number other than 0", lambda v: v != 0)]


@dataclass(frozen=True)
class Parameter:
    """A parameter's name, default and domain; numbers are exact."""

    name: str
    default: Any
    domain: Domain | Choices

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


@dataclass(frozen=True)
class Function:
    """A registered activation function: one formula and the facts about it."""

    name: str
    family: str
    formula: Callable[..., Number]
    aliases: tuple[str, ...]
    source: str
    notes: tuple[str, ...] = ()
    requires: tuple[tuple[str, str], ...] = ()
    preset: Mapping[str, Any] = field(default_factory=dict)
    approximates: str = ""

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """What the formula's signature declares; read when it is asked for, as 84 take 7 ms."""
        return tuple(_parameters(self.formula))

    @property
    def about(self) -> str:
        """The function in words."""
        return inspect.cleandoc(self.formula.__doc__ or "")

    def bind(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """All parameters with their values; ValueError for unknown names and values not accepted."""
        known = {p.name: p for p in self.parameters}
        for name in given:
            if name not in known:
                has = ", ".join(f"{p.name} (default {text(p.default)})" for p in self.parameters)
                raise ValueError(
                    f"{self.name} has no parameter {name[:60]!r}; "
                    + (f"it has {has}" if has else "it has none")
                )
        values = {
            p.name: p.parse(self.name, given[p.name]) if p.name in given else p.default
            for p in self.parameters
        }
        for low, high in self.requires:
            if not float(values[low]) <= float(values[high]):
                raise ValueError(
                    f"{self.name}: {low} must not exceed {high}, "
                    f"not {low}={text(values[low])}, {high}={text(values[high])}"
                )
        return values

    def label(self, values: Mapping[str, Any], alias: str = "") -> str:
        """`name(parameter=value)`, with what differs from the defaults; `alias` stays if it was typed."""
        shown = [
            f"{p.name}={text(values[p.name])}"
            for p in self.parameters
            if values[p.name] != p.default
        ]
        name = _normal(alias) or self.name
        return f"{name}({','.join(shown)})" if shown else name


def text(value: Any) -> str:
    """A parameter's value as it is typed: 2, not 2.0."""
    return str(value) if isinstance(value, str) or hasattr(value, "read") else number_text(value)


FUNCTIONS: dict[str, Function] = {}
_ALIASES: dict[str, str] = {}


def activation(
    *,
    family: str,
    source: str,
    aliases: str = "",
    notes: tuple[str, ...] = (),
    requires: tuple[tuple[str, str], ...] = (),
    approximates: str = "",
) -> Callable[[Callable[..., Number]], Callable[..., Number]]:
    """Register the decorated formula under its own name (a trailing underscore is dropped).

    `aliases`: further names, separated by blanks; `notes`: which library means what by the name;
    `requires`: pairs of parameters, the first not above the second; `approximates`: the function
    that this one stands in for.
    """

    def register(formula: Callable[..., Number]) -> Callable[..., Number]:
        name = formula.__name__.rstrip("_")
        function = Function(
            name=name,
            family=family,
            formula=formula,
            aliases=tuple(aliases.split()),
            source=source,
            notes=notes,
            requires=requires,
            approximates=approximates,
        )
        for key in (name, *function.aliases):
            if key in _ALIASES:
                raise ValueError(f"two functions are called {key!r}")
            _ALIASES[key] = name
        FUNCTIONS[name] = function
        return formula

    return register


def _parameters(formula: Callable[..., Number]) -> Iterator[Parameter]:
    hints = get_type_hints(formula, include_extras=True)
    for parameter in list(inspect.signature(formula).parameters.values())[1:]:
        (domain,) = hints[parameter.name].__metadata__
        default = parameter.default
        word = isinstance(domain, Choices)
        yield Parameter(parameter.name, default if word else rational(default), domain)


def names() -> list[str]:
    """Canonical names, in registry order."""
    _load()
    return list(FUNCTIONS)


def all_names() -> list[str]:
    """Canonical names and aliases."""
    _load()
    return list(_ALIASES)


def knows(name: str) -> bool:
    """Whether `name` is a registered name or alias."""
    _load()
    return _normal(name) in _ALIASES


def find(name: str) -> Function:
    """The function of that name or alias, whatever the case; ValueError names the nearest."""
    _load()
    key = _normal(name)
    if key in _ALIASES:
        return FUNCTIONS[_ALIASES[key]]
    shown = name if len(name) <= 60 else name[:57] + "..."
    raise ValueError(f"no activation is called {shown!r}; {suggest(key, _ALIASES)}")


_NAME = re.compile(r"[A-Za-z_][\w-]*\Z")
_SET = re.compile(r"([A-Za-z_][\w-]*)\s*:\s*(.*=.*)\Z", re.DOTALL)
_LABEL = re.compile(r"([A-Za-z_][\w-]*)\(\s*([A-Za-z_]\w*\s*=[^()]*)\)\Z")


def named(text: str) -> tuple[Function, dict[str, str]] | None:
    """The function and the settings of `name`, `name:p=v,...` or `name(p=v,...)`.

    None if the text is of another form (a formula, a Python callable); ValueError if the name or a
    setting is wrong.
    """
    given = _SET.match(text) or _LABEL.match(text)
    if given and (given.re is _SET or knows(given[1])):
        return find(given[1]), _settings(text, given[2])
    if _NAME.match(text) and (knows(text) or "x" not in text.split("-")):  # x-1 is a formula
        return find(text), {}
    name, colon, rest = text.partition(":")
    if colon and knows(name):
        has = [f"{p.name}={_default(p)}" for p in find(name).parameters]
        advice = f"type {name}:{has[0]}" if has else f"{name} has no parameters"
        raise ValueError(
            f"{text[:60]!r}: {rest[:60]!r} is not of the form parameter=value; {advice}"
        )
    return None


def _default(parameter: Parameter) -> str:
    return text(parameter.default)


def _settings(text: str, listed: str) -> dict[str, str]:
    text = text if len(text) <= 60 else text[:57] + "..."
    settings = {}
    for item in listed.split(","):
        name, equals, value = item.partition("=")
        if not equals or not name.strip() or not value.strip():
            raise ValueError(f"{text!r}: {item.strip()[:60]!r} is not of the form parameter=value")
        if name.strip() in settings:
            raise ValueError(f"{text!r}: {name.strip()} is given twice")
        settings[name.strip()] = value.strip()
    return settings


def suggest(name: str, known: Any, otherwise: str = "'actcli list' shows them all") -> str:
    """`did you mean ...?`, or what to do where nothing is near."""
    from difflib import get_close_matches

    near = get_close_matches(name.lower(), list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else otherwise


def _normal(name: str) -> str:
    return name.strip().lower().replace("-", "_")


def _load() -> None:
    """Import the families, in the course notes' order."""
    if not FUNCTIONS:
        from . import s_shaped, ramp, composite, shrinkage, oscillating, other  # noqa: F401, I001
