"""`actcli neuron`: one artificial neuron, z = w.x + b and a = f(z)."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TextIO

import click

from ..evaluation.dtypes import dtype_named
from ..inputs.tabular import Rows
from .function_argument import resolve_functions
from .neuron_report import equation_text, report
from .neuron_rows import DEFAULT_POINTS, numbers_of, rows_of
from .notes import note, note_unused
from .options import (
    LOOKS,
    NO_PICTURE,
    Command,
    Count,
    functions_argument,
    output_options,
    parameter_options,
    picture_options,
)
from .output import PICTURES, destination, format_for

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from ..numbers.types import Floats
    from ..toy.fit import Fit
    from ..toy.neuron import Pass

MOST_POINTS = 10**6  # which are all in memory
MOST_EPOCHS = 10**7  # minutes


@click.command(cls=Command, name="neuron")
@functions_argument()
@parameter_options
@click.option("-w", "--weights", metavar="W[,W...]", help="One weight per input.")
@click.option("-b", "--bias", metavar="B", help="The bias.  [default: 0]")
@click.option(
    "-i",
    "--input",
    "input_",
    metavar="FILE",
    help="Rows of inputs, one per line, with or without a header; - is standard input.",
)
@click.option("--at", multiple=True, metavar="X[,X...]", help="One row of inputs; may be repeated.")
@click.option(
    "-r",
    "--range",
    "range_",
    metavar="LOW:HIGH",
    help="Range of the inputs in the picture, or of a single input in the table.",
)
@click.option(
    "-n",
    "--points",
    type=Count(1, MOST_POINTS),
    metavar="N",
    help=f"Number of points in the range, for a single input.  [default: {DEFAULT_POINTS}]",
)
@click.option(
    "--dtype",
    type=click.Choice(("float64", "float32", "float16", "bfloat16")),
    default="float64",
    show_default=True,
    help="Evaluate in this precision.",
)
@click.option("--fit", is_flag=True, help="Adjust weights and bias to the target column.")
@click.option(
    "--target",
    metavar="COLUMN",
    help="The target column, by name or number.  [default with --fit: the last]",
)
@click.option(
    "--epochs",
    type=Count(1, MOST_EPOCHS),
    metavar="N",
    help="Passes over the rows.  [default: 2000; perceptron rule: 1000]",
)
@click.option(
    "--learning-rate",
    "rate",
    type=click.FloatRange(min=0, min_open=True),
    metavar="RATE",
    help="Step size.  [default: chosen by function and data]",
)
@picture_options
@output_options
def command(
    functions: tuple[str, ...],
    param: tuple[str, ...],
    approx: str | None,
    weights: str | None,
    bias: str | None,
    input_: str | None,
    at: tuple[str, ...],
    range_: str | None,
    points: int | None,
    dtype: str,
    fit: bool,
    target: str | None,
    epochs: int | None,
    rate: float | None,
    size: str | None,
    dpi: int,
    style: Literal["light", "dark"],
    ylim: str | None,
    terminal: bool,
    format_: str | None,
    output: str | None,
    quiet: bool,
) -> None:
    """Compute one neuron: collect z = w.x + b, then activate a = f(z).

    Prints z, a and the gradients of a with respect to b, w and x, one line per row of inputs.
    With --fit, weights and bias are learned from the rows: by the perceptron rule for a function
    with two values (step), else by gradient descent from --weights or the best of several starts.
    With --output FILE.png (.svg, .pdf) a neuron with one or two inputs is drawn.
    """
    from ..inputs.numbers import parse_range

    found = resolve_functions(functions, param, approx)
    if len(found) != 1:
        raise ValueError(
            f"neuron takes one FUNCTION, not {len(found)}; call it once for each of them"
        )
    f = found[0]
    drawn = output is not None and output.lower().endswith(PICTURES)
    _check(fit, target, epochs, rate, at, input_, terminal, drawn, range_, points)
    limits = parse_range(range_) if range_ else None
    w = None if weights is None else numbers_of("--weights", weights)
    b = 0.0 if bias is None else float(numbers_of("--bias", bias, 1)[0])
    rows = rows_of(w, at, input_, limits, points, fit, target, drawn, quiet)
    learned = _fitted(f, rows, w, b, epochs, rate) if fit else None
    if learned is not None:
        w, b = learned.weights, learned.bias
    if w is None:
        raise ValueError("give --weights, one per input, as in --weights 1,-2 (or let --fit find)")
    result = _forward(f, rows, w, b, dtype)
    if drawn:
        if len(w) > 2:
            raise ValueError(
                f"a neuron with {len(w)} inputs has no picture; one or two inputs can be drawn, "
                "and -o FILE.csv takes the numbers of any"
            )
        from ..pictures.neuron import draw

        equation = equation_text(w, b, rows.names, "−")
        draw(f, rows, equation, w, b, limits, learned, result, str(output), style, size, dpi, ylim)
        if not quiet:
            note(str(output))
    else:
        note_unused(LOOKS, NO_PICTURE, quiet)
    target_file = None if drawn else output
    form = format_for(format_, target_file)
    with destination(target_file) as stream:
        said = [] if learned is None else report(f, rows, learned)
        if form == "table":
            stream.write(f"{equation_text(w, b, rows.names)},  a = {f.label}(z)\n\n")
        if len(rows.numbers):
            _write(form, rows, result, stream)
        if form == "table" and said:
            stream.write("\n" + "\n".join(said) + "\n")
        elif said and not quiet:
            note("\n".join(said))


def _check(
    fit: bool,
    target: str | None,
    epochs: int | None,
    rate: float | None,
    at: Sequence[str],
    input_: str | None,
    terminal: bool,
    drawn: bool,
    range_: str | None,
    points: int | None,
) -> None:
    """Raises ValueError for options that do not go together."""
    if terminal:
        raise ValueError("neuron draws no picture in the terminal; use -o FILE.png")
    for name, value in (("--epochs", epochs), ("--learning-rate", rate)):
        if value is not None and not fit:
            raise ValueError(f"{name} goes with --fit; add it, or leave {name} out")
    if fit and input_ is None:
        raise ValueError("--fit learns from rows with a target; give them with --input FILE")
    if at and input_ is not None:
        raise ValueError("use just one of --at and --input: each says what the rows are")
    if target is not None and input_ is None:
        raise ValueError("--target names a column of --input; give that too")
    if (range_ is not None or points is not None) and (at or input_ is not None) and not drawn:
        given = "--points" if range_ is None else "--range"
        raise ValueError(f"use {given} without --at and --input, or draw with -o FILE.png")


# --- rows --------------------------------------------------------------------------------------


# --- results -----------------------------------------------------------------------------------


def _forward(f: "Activation", rows: Rows, w: "Floats", b: float, dtype: str) -> "Pass":
    import numpy as np

    from ..toy.neuron import forward

    kind = dtype_named(dtype)
    with np.errstate(over="ignore", invalid="ignore"):
        return forward(f, rows.numbers.astype(kind), w.astype(kind), np.float64(b).astype(kind))


def _write(form: str, rows: Rows, result: "Pass", stream: TextIO) -> None:
    """One record per row; the columns are those of CLI.md whatever the file calls them."""
    from ..tables import Writer

    order = range(1, rows.numbers.shape[1] + 1)
    columns = [f"x{k}" for k in order] + ["z", "a", "da_db"]
    columns += [f"da_dw{k}" for k in order] + [f"da_dx{k}" for k in order]
    inputs = rows.numbers.astype(result.z.dtype)
    with Writer(form, columns, stream) as writer:
        writer.batch([*inputs.T, result.z, result.a, result.db, *result.dw.T, *result.dx.T])


def _fitted(
    f: "Activation", rows: Rows, w: "Floats | None", b: float, epochs: int | None,
    rate: float | None,
) -> "Fit":  # fmt: skip
    import numpy as np

    from ..toy.fitting import fit

    assert rows.target is not None
    bad = ~(np.isfinite(rows.numbers).all(axis=1) & np.isfinite(rows.target))
    if bad.any():
        raise ValueError(
            f"row {int(np.argmax(bad)) + 1} of {rows.source} is not finite; --fit needs numbers"
        )
    start = None if w is None else (w, b)
    return fit(f, rows.numbers, rows.target, epochs=epochs, rate=rate, start=start)


# --- words -------------------------------------------------------------------------------------
