"""The rows of inputs that a neuron reads."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from ..inputs.tabular import Rows, count_of, read_rows

if TYPE_CHECKING:
    from ..numbers.types import Floats



DEFAULT_POINTS = 11


def numbers_of(option: str, text: str, count: int | None = None) -> "Floats":
    """The finite numbers of an option; ValueError names it."""
    import numpy as np

    from ..inputs.numbers import parse_numbers

    example = "--bias 0.5" if count else f"{option} 1,-2"
    try:
        found = parse_numbers(text.removeprefix("="))  # -w=-1,2
    except ValueError as error:
        raise ValueError(str(error).replace("--at -1,0,2.5", example).replace("--at", option)
                         ) from None  # fmt: skip
    if not np.isfinite(found).all():
        raise ValueError(f"{option}: {text!r} is not finite; give numbers, as in {example}")
    if count is not None and len(found) != count:
        raise ValueError(f"{option}: {text!r} is more than one number; give one, as in {example}")
    return found


def rows_of(
    w: "Floats | None",
    at: Sequence[str],
    input_: str | None,
    limits: tuple[float, float] | None,
    points: int | None,
    fit: bool,
    target: str | None,
    drawn: bool,
    quiet: bool,
) -> Rows:
    """The rows that are asked for, as many columns as there are weights."""
    import numpy as np

    from ..inputs.numbers import DEFAULT_RANGE, parse_numbers
    from ..inputs.numbers import points as spaced

    if input_ is not None:
        if input_ == "-" and sys.stdin.isatty() and not quiet:
            click.echo("reading rows from the keyboard; Ctrl-D ends them", err=True)
        rows = read_rows(input_, target, fit)
        _match(rows, w, fit or target is not None)
        return rows
    if w is None:
        raise ValueError("give --weights, one per input, as in --weights 1,-2")
    names = [f"x{k}" for k in range(1, len(w) + 1)]
    if at:
        listed = [parse_numbers(text) for text in at]
        if len(w) == 1:
            return Rows(np.concatenate(listed)[:, None], names)
        for text, row in zip(at, listed, strict=True):
            if len(row) != len(w):
                raise ValueError(
                    f"--at {text} has {count_of(len(row), 'number')}, but there are {len(w)} weights; "
                    "give one number per weight, and --at once per row"
                )
        return Rows(np.array(listed), names)
    if len(w) == 1 and not (drawn and points is None):
        low, high = limits or DEFAULT_RANGE
        return Rows(spaced(low, high, points or DEFAULT_POINTS)[:, None], names)
    if not drawn:
        raise ValueError(
            f"no inputs for {len(w)} weights; give --at {','.join('1' * len(w))} or --input FILE"
        )
    return Rows(np.zeros((0, len(w))), names)


def _match(rows: Rows, w: "Floats | None", targeted: bool) -> None:
    columns = rows.numbers.shape[1]
    if w is None or len(w) == columns:
        return
    held = f"{rows.source} has {count_of(columns, 'input')} per row"
    if targeted:
        held += f" beside the target {rows.target_name!r}"
    advice = "give one weight per input"
    if columns == len(w) + 1 and not targeted:
        advice += f", or name the target: --target {rows.names[-1]}"
    there = "there is" if len(w) == 1 else "there are"
    raise ValueError(f"{held}, but {there} {count_of(len(w), 'weight')}; {advice}")
