"""The words that options and arguments offer for what was typed, such as gelu:approx=tanh."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from ..functions.parameters import Parameter


def complete_function(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Offers names and aliases that start like what was typed; parameters after a colon."""
    from ..functions.catalogue import all_names, find, knows

    name, colon, typed = incomplete.partition(":")
    if colon and knows(name):
        head, comma, last = typed.rpartition(",")
        offers = _settings(find(name).parameters)
        return [f"{name}:{head}{comma}{offer}" for offer in offers if offer.startswith(last)]
    wanted = incomplete.lower().replace("-", "_")
    return [name for name in all_names() if name.startswith(wanted)]


def _settings(parameters: "Sequence[Parameter]") -> list[str]:
    """`name=` of each parameter, and `name=word` where it takes words."""
    offers = []
    for parameter in parameters:
        words = getattr(parameter.domain, "options", ())
        offers += [f"{parameter.name}={word}" for word in words or ("",)]
    return offers


def _parameters(ctx: click.Context) -> "Sequence[Parameter]":
    """Of the FUNCTIONs typed before, or of all if these have none."""
    from ..evaluation.function_text import parameters_of
    from ..functions.catalogue import names

    def of(functions: Iterable[str]) -> "Iterator[Parameter]":
        for function in functions:
            with suppress(ValueError):
                yield from parameters_of(function)

    typed = ctx.params.get("functions") or ctx.args  # the latter where an option is unfinished
    return [*of(typed)] or [*of(names())]


def complete_param(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Offers `name=` of parameters, and `name=word` where they take words."""
    offers = dict.fromkeys(_settings(_parameters(ctx)))
    return [offer for offer in offers if offer.startswith(incomplete)]


def complete_learned(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Offers names of parameters that take numbers, after every comma."""
    offers = dict.fromkeys(p.name for p in _parameters(ctx) if not hasattr(p.domain, "options"))
    return complete_from(lambda: offers, listed=True)(ctx, parameter, incomplete)


Complete = Callable[[click.Context, click.Parameter, str], list[str]]


def complete_from(words: Callable[[], Iterable[str]], listed: bool = False) -> Complete:
    """Offers the words that start like what was typed, or `listed` after every comma; they are
    asked for only then."""

    def complete(ctx: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
        head, comma, last = incomplete.rpartition(",") if listed else ("", "", incomplete)
        return [f"{head}{comma}{word}" for word in words() if word.startswith(last)]

    return complete
