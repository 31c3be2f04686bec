"""What options of subcommands are made of.

Options that travel together reach a command as one object: `bundled` declares them and passes a
named tuple, such as `Param`, `InputOptions`, `Look` and `Output` of the files beside this one.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

import click

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


class Count(click.IntRange):
    """A whole number, with an example in its refusal."""

    name = "whole number"

    def convert(
        self, value: Any, parameter: click.Parameter | None, ctx: click.Context | None
    ) -> int:
        try:
            return int(super().convert(value, parameter, ctx))
        except click.BadParameter:
            top = f" and at most {self.max}" if self.max is not None else ""
            example = max(self.min or 0, 100)
            if self.max is not None:
                example = min(example, self.max)
            self.fail(
                f"{str(value)[:60]!r} is no whole number from {self.min} on{top}; "
                f"type for example {example}", parameter, ctx,
            )  # fmt: skip


class Degree(Count):
    """A degree N, or M/N of a numerator and a denominator, as both numbers; N is None without one."""

    def convert(
        self, value: Any, parameter: click.Parameter | None, ctx: click.Context | None
    ) -> Any:
        if isinstance(value, tuple):
            return value
        over, slash, under = str(value).partition("/")
        first = super().convert(over, parameter, ctx)
        return first, super().convert(under, parameter, ctx) if slash else None


class Positive(click.FloatRange):
    """A number above 0, or 0 too if `zero` says so, with an example in its refusal."""

    name = "number"

    def __init__(self, example: str, *, zero: bool = False) -> None:
        super().__init__(min=0, min_open=not zero)
        self.example, self.zero = example, zero

    def convert(
        self, value: Any, parameter: click.Parameter | None, ctx: click.Context | None
    ) -> float:
        try:
            number = float(super().convert(value, parameter, ctx))
        except click.BadParameter:
            number = -1.0
        if not (0 < number < float("inf") or (self.zero and number == 0)):
            shown = str(value)[:60]
            self.fail(
                f"{shown!r} is no number >{'=' * self.zero} 0; type for example {self.example}",
                parameter,
                ctx,
            )
        return number


def declared(*options: Decorator) -> Decorator:
    """Declares options in the order of the help."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def bundled(name: str, kind: Any, *options: Decorator) -> Decorator:
    """Declares options whose values are passed on as one named tuple `kind`, called `name`."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)  # which shares click's list of the options declared so far
        def gathered(**values: Any) -> Any:
            given = {field: values.pop(field) for field in kind._fields if field in values}
            return command(**values, **{name: kind(**given)})

        return declared(*options)(gathered)

    return decorate


def order_option(help_: str) -> Decorator:
    """Declares `--order`, passed on as 0, 1 or 2."""
    return click.option(
        "--order", type=Count(0, 2), metavar="0|1|2", default=1, show_default=True, help=help_
    )
