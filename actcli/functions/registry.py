"""The registry: what a function's block declares, and how a name finds its function.

`@activation(...)` takes the facts that are no formula; name, parameters, defaults and the domain of
each parameter are read from the decorated function itself.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from ..numbers.exact import rational
from ..numbers.types import Number
from .parameters import Choices, Parameter, text


class Facts(NamedTuple):
    """What a block declares; a dataclass would take 2 ms."""

    name: str
    family: str
    formula: Callable[..., Number]
    aliases: tuple[str, ...]
    source: str
    notes: tuple[str, ...] = ()
    requires: tuple[tuple[str, str], ...] = ()
    approximates: str = ""


class Function(Facts):
    """A registered activation function: one formula and the facts about it."""

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """What the formula's signature declares; read when it is asked for."""
        return tuple(_parameters(self.formula))

    @property
    def about(self) -> str:
        """The function in words."""
        return inspect.cleandoc(self.formula.__doc__ or "")

    def bind(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """All parameters with their values; ValueError for unknown names and values not accepted."""
        values = bound(self.name, self.parameters, given)
        for low, high in self.requires:
            if not float(values[low]) <= float(values[high]):
                raise ValueError(
                    f"{self.name}: {low} must not exceed {high}, "
                    f"not {low}={text(values[low])}, {high}={text(values[high])}"
                )
        return values

    def label(self, values: Mapping[str, Any], alias: str = "") -> str:
        """`name(parameter=value)`, with what differs from the defaults; `alias` stays if it was typed."""
        return labelled(normalized(alias) or self.name, self.parameters, values)


def listed(parameters: Iterable[Parameter]) -> str:
    """The parameters with their defaults, as sentences name them."""
    return ", ".join(
        p.name if p.default is None else f"{p.name} (default {text(p.default)})" for p in parameters
    )


def bound(owner: str, parameters: Sequence[Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters with their values; ValueError for unknown names, values not accepted, none."""
    known = {p.name for p in parameters}
    for name in given:
        if name not in known:
            has = f"it has {listed(parameters)}" if parameters else "it has none"
            raise ValueError(f"{owner} has no parameter {name[:60]!r}; {has}")
    for p in parameters:
        if p.name not in given and p.default is None:
            raise ValueError(
                f"{owner[:60]!r}: the parameter {p.name} has no value; give it one with "
                f"-p {p.name}=1 (a formula has x, pi, e, numbers and parameters of its own)"
            )
    return {p.name: p.parse(owner, given[p.name]) if p.name in given else p.default
            for p in parameters}  # fmt: skip


def labelled(name: str, parameters: Iterable[Parameter], values: Mapping[str, Any]) -> str:
    """`name(parameter=value)`, with what differs from the defaults."""
    shown = [f"{p.name}={text(values[p.name])}" for p in parameters if values[p.name] != p.default]
    return f"{name}({','.join(shown)})" if shown else name


FUNCTIONS: dict[str, Function] = {}
ALIASES: dict[str, str] = {}


def activation(
    *,
    family: str,
    source: str,
    aliases: str = "",
    notes: tuple[str, ...] = (),
    requires: tuple[tuple[str, str], ...] = (),
    approximates: str = "",
) -> Callable[[Callable[..., Number]], Callable[..., Number]]:
    """Registers the decorated formula under its own name (a trailing underscore is dropped).

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
            if key in ALIASES:
                raise ValueError(f"two functions are called {key!r}")
            ALIASES[key] = name
        FUNCTIONS[name] = function
        return formula

    return register


def _parameters(formula: Callable[..., Number]) -> Iterator[Parameter]:
    (_, *annotated), defaults = formula.__annotations__.items(), formula.__defaults__
    for (name, kind), default in zip(annotated, defaults or (), strict=False):  # inspect takes 4 ms
        (domain,) = kind.__metadata__
        yield Parameter(name, default if isinstance(domain, Choices) else rational(default), domain)


def normalized(name: str) -> str:
    return name.strip().lower().replace("-", "_")
