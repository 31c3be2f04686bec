"""The options of a neuron, and the rows of inputs that it reads."""

from typing import TYPE_CHECKING, NamedTuple

import click

from ..wording import count_of
from .input_options import column_option, decimal_option, dtype_option, require_input
from .notes import tell_keyboard
from .options import Count, bundled
from .output_options import Output

if TYPE_CHECKING:
    from ..inputs.tabular import Rows
    from ..numbers.types import Floats

DEFAULT_POINTS = 11
MOST_POINTS = 10**6  # which are all in memory
MOST_EPOCHS = 10**7  # minutes


class NeuronOptions(NamedTuple):
    """The options that say what the neuron and its rows are, and how it is fitted to them."""

    weights: str | None
    bias: str | None
    input_: str | None
    column: tuple[str, ...]
    decimal: str | None
    at: tuple[str, ...]
    range_: str | None
    points: int | None
    dtype: str
    fit: bool
    target: str | None
    epochs: int | None
    rate: float | None


asked_options = bundled(
    "asked", NeuronOptions,
    click.option("-w", "--weights", metavar="W[,W...]", help="One weight per input."),
    click.option("-b", "--bias", metavar="B", help="The bias.  [default: 0]"),
    click.option("-i", "--input", "input_", metavar="FILE",
                 help="Rows of inputs, one per line, with or without a header; - is standard input."),
    column_option("An input column of the file, by name or number; may be repeated.", multiple=True),
    decimal_option,
    click.option("--at", multiple=True, metavar="X[,X...]",
                 help="One row of inputs; may be repeated."),
    click.option("-r", "--range", "range_", metavar="LOW:HIGH",
                 help="Range of the inputs in the picture, or of a single input in the table."),
    click.option("-n", "--points", type=Count(1, MOST_POINTS), metavar="N",
                 help="Number of points in the range, for a single input.  "
                 f"[default: {DEFAULT_POINTS}]"),
    dtype_option(),
    click.option("--fit", is_flag=True, help="Adjust weights and bias to the target column."),
    click.option("--target", metavar="COLUMN",
                 help="The target column, by name or number.  [default with --fit: the last]"),
    click.option("--epochs", type=Count(1, MOST_EPOCHS), metavar="N",
                 help="Passes over the rows.  [default: 2000; perceptron rule: 1000]"),
    click.option("--learning-rate", "rate", type=click.FloatRange(min=0, min_open=True),
                 metavar="RATE", help="Step size.  [default: chosen by function and data]"),
)  # fmt: skip


def numbers_of(option: str, text: str, count: int | None = None) -> "Floats":
    """Reads the finite numbers of an option; ValueError names it."""
    import numpy as np

    from ..inputs.numbers import parse_numbers

    example = "--bias 0.5" if count else f"{option} 1,-2"
    found = parse_numbers(text.removeprefix("="), option, example)  # -w=-1,2
    if not np.isfinite(found).all():
        raise ValueError(f"{option}: {text!r} is not finite; give numbers, as in {example}")
    if count is not None and len(found) != count:
        raise ValueError(f"{option}: {text!r} is more than one number; give one, as in {example}")
    return found


def rows_of(
    w: "Floats | None",
    asked: NeuronOptions,
    limits: tuple[float, float] | None,
    out: Output,
    drawn: bool,
) -> "Rows":
    """Reads or makes the rows asked for, as many columns as there are weights."""
    import numpy as np

    from ..inputs.numbers import DEFAULT_RANGE, parse_numbers
    from ..inputs.numbers import points as spaced
    from ..inputs.tabular import Rows, read_rows

    if asked.input_ is not None:
        tell_keyboard(asked.input_, "rows", out.quiet)
        rows = read_rows(asked.input_, asked.target, asked.fit, asked.column, asked.decimal)
        _match(rows, w, asked.fit or asked.target is not None)
        return rows
    require_input(asked.column, asked.decimal)
    if w is None:
        raise ValueError("give --weights, one per input, as in --weights 1,-2")
    names = [f"x{k}" for k in range(1, len(w) + 1)]
    if asked.at:
        listed = [parse_numbers(text) for text in asked.at]
        if len(w) == 1:
            return Rows(np.concatenate(listed)[:, None], names)
        for text, row in zip(asked.at, listed, strict=True):
            if len(row) != len(w):
                raise ValueError(
                    f"--at {text} has {count_of(len(row), 'number')}, but there are {len(w)} weights; "
                    "give one number per weight, and --at once per row"
                )
        return Rows(np.array(listed), names)
    if len(w) == 1 and not (drawn and asked.points is None):
        low, high = limits or DEFAULT_RANGE
        return Rows(spaced(low, high, asked.points or DEFAULT_POINTS)[:, None], names)
    if not drawn:
        raise ValueError(
            f"no inputs for {len(w)} weights; give --at {','.join('1' * len(w))} or --input FILE"
        )
    return Rows(np.zeros((0, len(w))), names)


def _match(rows: "Rows", w: "Floats | None", targeted: bool) -> None:
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
