"""`actcli neuron`: one artificial neuron, z = w.x + b and a = f(z)."""

from functools import partial
from typing import TYPE_CHECKING

from ..evaluation.dtypes import cast, dtype_named
from .function_argument import resolve_one
from .neuron_report import equation_text, report, write_rows
from .neuron_rows import NeuronOptions, asked_options, numbers_of, rows_of
from .notes import note, note_unread, note_unused
from .output import destination
from .output_options import Output
from .picture_files import deliver
from .picture_options import LOOKS, NO_PICTURE, Look, picture_options
from .subcommand import Param, subcommand

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from ..inputs.tabular import Rows
    from ..numbers.types import Floats
    from ..toy.fit import FittedNeuron
    from ..toy.neuron import Pass


@subcommand("neuron", asked_options, picture_options, one=True)
def command(
    functions: tuple[str, ...], param: Param, asked: NeuronOptions, look: Look, out: Output
) -> None:
    """Compute one neuron: collect z = w.x + b, then activate a = f(z).

    Prints z, a and the gradients of a with respect to b, w and x, one line per row of inputs.
    With --fit, weights and bias are learned from the rows: by the perceptron rule for a function
    with two values (step), else by gradient descent from --weights or the best of several starts.
    With --output FILE.png (.svg, .pdf) or --terminal a neuron with one or two inputs is drawn.

    \b
    Examples:
      actcli neuron logistic -w 2,-1 -b 0.5 --at 1,3 --at 0,1
      actcli neuron gelu -w 1.5 -r -3:3 -n 7
      actcli neuron step -w 1,1 -b -1.5 -o and.png
    """
    from ..inputs.numbers import parse_range

    f = resolve_one("neuron", functions, param)
    _check(asked, look, out)
    limits = parse_range(asked.range_) if asked.range_ else None
    w = None if asked.weights is None else numbers_of("--weights", asked.weights)
    b = 0.0 if asked.bias is None else float(numbers_of("--bias", asked.bias, 1)[0])
    note_unread(asked.input_, asked.at, out.quiet)
    drawn = out.drawn or look.terminal
    rows = rows_of(w, asked, limits, out, drawn)
    learned = _fitted(f, rows, w, b, asked) if asked.fit else None
    if learned is not None:
        w, b = learned.weights, learned.bias
    if w is None:
        raise ValueError("give --weights, one per input, as in --weights 1,-2 (or let --fit find)")
    result = _forward(f, rows, w, b, asked.dtype)
    if drawn:
        if len(w) > 2:
            raise ValueError(
                f"a neuron with {len(w)} inputs has no picture; one or two inputs can be drawn, "
                "and -o FILE.csv takes the numbers of any"
            )
        from ..figures.neuron import render
        from ..figures.neuron_terminal import neuron_in_terminal
        from ..pictures.function import PictureRequest
        from ..pictures.neuron import neuron_picture

        equation = equation_text(w, b, rows.names, "−")
        wanted = PictureRequest(limits, look.limits, **look.design)
        picture = neuron_picture(f, rows, w, b, result, learned, equation, wanted)
        deliver(partial(render, picture), partial(neuron_in_terminal, picture), look, out)
    else:
        note_unused(LOOKS, NO_PICTURE, out.quiet)
    with destination(out.target) as stream:
        said = [] if learned is None else report(f, rows, learned)
        if out.form == "table" and (len(rows.numbers) or not drawn):
            stream.write(f"{equation_text(w, b, rows.names)},  a = {f.label}(z)\n\n")
        if len(rows.numbers):
            write_rows(out.form, rows, result, stream)
        if out.form == "table" and said:
            stream.write("\n" + "\n".join(said) + "\n")
        elif said:
            note("\n".join(said), out.quiet)


def _check(asked: NeuronOptions, look: Look, out: Output) -> None:
    """Raises ValueError for options that do not go together."""
    for name, value in (("--epochs", asked.epochs), ("--learning-rate", asked.rate)):
        if value is not None and not asked.fit:
            raise ValueError(f"{name} goes with --fit; add it, or leave {name} out")
    if asked.fit and asked.input_ is None:
        raise ValueError("--fit learns from rows with a target; give them with --input FILE")
    if asked.at and asked.input_ is not None:
        raise ValueError("use just one of --at and --input: each says what the rows are")
    if asked.target is not None and asked.input_ is None:
        raise ValueError("--target names a column of --input; give that too")
    ranged = asked.range_ is not None or asked.points is not None
    drawn = out.drawn or look.terminal
    if ranged and (asked.at or asked.input_ is not None) and not drawn:
        given = "--points" if asked.range_ is None else "--range"
        raise ValueError(f"use {given} without --at and --input, or draw with -o FILE.png")


def _forward(f: "Activation", rows: "Rows", w: "Floats", b: float, dtype: str) -> "Pass":
    import numpy as np

    from ..toy.neuron import forward

    x, weights, bias = (cast(v, dtype_named(dtype)) for v in (rows.numbers, w, np.array(b)))
    with np.errstate(over="ignore", invalid="ignore"):
        return forward(f, x, weights, bias)


def _fitted(
    f: "Activation", rows: "Rows", w: "Floats | None", b: float, asked: NeuronOptions
) -> "FittedNeuron":
    import numpy as np

    from ..toy.fitting import fit

    assert rows.target is not None
    bad = ~(np.isfinite(rows.numbers).all(axis=1) & np.isfinite(rows.target))
    if bad.any():
        raise ValueError(
            f"row {int(np.argmax(bad)) + 1} of {rows.source} is not finite; --fit needs numbers"
        )
    start = None if w is None else (w, b)
    return fit(f, rows.numbers, rows.target, epochs=asked.epochs, rate=asked.rate, start=start)
