"""The options of inputs, passed on as one `InputOptions`."""

from typing import TYPE_CHECKING, Any, NamedTuple

import click

from ..evaluation.dtypes import DTYPES
from ..inputs.layout import DECIMALS
from .options import Count, Decorator, bundled

if TYPE_CHECKING:
    from ..inputs.numbers import File


MOST_POINTS = 10**9  # a table of as many rows has 40 GB


class InputOptions(NamedTuple):
    """`-r`, `-n`, `--at`, `-i`, `--column`, `--decimal` and `--dtype` as typed."""

    range_: str | None
    points: int | None
    at: str | None
    input_: str | None
    column: str | None
    decimal: str | None
    dtype: str

    @property
    def limits(self) -> tuple[float, float] | None:
        """The ends of --range; ValueError says what is accepted."""
        from ..inputs.numbers import parse_range

        return parse_range(self.range_) if self.range_ else None

    @property
    def file(self) -> "File | None":
        """The file of --input; ValueError if only its columns are told."""
        from ..inputs.numbers import File

        if self.input_ is not None:
            return File(self.input_, self.column, self.decimal)
        require_input(self.column, self.decimal)
        return None


def require_input(column: object, decimal: str | None) -> None:
    """Raises ValueError where --column or --decimal was typed, but no --input."""
    for option, value in (("--column", column), ("--decimal", decimal)):
        if value:
            raise ValueError(f"{option} says how to read a file; add --input FILE")


def dtype_option(help_: str = "Evaluate in this precision.") -> Decorator:
    """Declares `--dtype`, passed on as the name of one of DTYPES."""
    return click.option(
        "--dtype", type=click.Choice(DTYPES), default="float64", show_default=True, help=help_
    )


def column_option(help_: str, **more: Any) -> Decorator:
    """Declares `--column`."""
    return click.option("--column", metavar="NAME|N", help=help_, **more)


decimal_option = click.option(
    "--decimal",
    type=click.Choice(DECIMALS),
    help="The decimal sign of the file (default: a point).",
)


def input_options(
    points: str, reach: str = "-5:5", *, dtype: str = "Evaluate in this precision.",
    at: str = "Exact inputs.",
    input_: str = "Inputs from a file of numbers, text or .npy, also .gz; - is standard input.",
) -> Decorator:  # fmt: skip
    """Declares the options of `InputOptions`; `points` and `reach` tell defaults, the others are helps."""
    return bundled(
        "inputs", InputOptions,
        click.option("-r", "--range", "range_", metavar="LOW:HIGH",
                     help=f"Range of the input (default {reach})."),
        click.option("-n", "--points", type=Count(1, MOST_POINTS), metavar="N",
                     help=f"Number of points in the range (default {points})."),
        click.option("--at", metavar="X[,X...]", help=at),
        click.option("-i", "--input", "input_", metavar="FILE", type=click.Path(), help=input_),
        column_option("Which column of the file, by name or number from 1."), decimal_option,
        dtype_option(dtype),
    )  # fmt: skip
