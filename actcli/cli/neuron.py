"""`actcli neuron`: one artificial neuron, z = w.x + b and a = f(z)."""

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, TextIO

import click

from ..inputs.tabular import Rows, count_of, read_rows
from .notes import note
from .options import (
    LOOKS,
    NO_PICTURE,
    PICTURES,
    Command,
    Count,
    destination,
    dtype_named,
    format_for,
    functions_argument,
    note_unused,
    output_options,
    parameter_options,
    picture_options,
    resolve_functions,
)

if TYPE_CHECKING:
    from ..evaluation.activation import Activation
    from ..inputs.numbers import Floats
    from ..toy.neuron import Fit, Pass

MOST_POINTS = 10**6  # which are all in memory
MOST_EPOCHS = 10**7  # minutes
MOST_NAMED = 4  # inputs whose names an equation spells out
DEFAULT_POINTS = 11


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
    w = None if weights is None else _numbers("--weights", weights)
    b = 0.0 if bias is None else float(_numbers("--bias", bias, 1)[0])
    rows = _rows(w, at, input_, limits, points, fit, target, drawn, quiet)
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

        equation = _equation(w, b, rows.names, "−")
        draw(f, rows, equation, w, b, limits, learned, result, str(output), style, size, dpi, ylim)
        if not quiet:
            note(str(output))
    else:
        note_unused(LOOKS, NO_PICTURE, quiet)
    target_file = None if drawn else output
    form = format_for(format_, target_file)
    with destination(target_file) as stream:
        said = [] if learned is None else _report(f, rows, learned)
        if form == "table":
            stream.write(f"{_equation(w, b, rows.names)},  a = {f.label}(z)\n\n")
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


def _numbers(option: str, text: str, count: int | None = None) -> "Floats":
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


# --- rows --------------------------------------------------------------------------------------


def _rows(
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

    from ..toy.neuron import fit

    assert rows.target is not None
    bad = ~(np.isfinite(rows.numbers).all(axis=1) & np.isfinite(rows.target))
    if bad.any():
        raise ValueError(
            f"row {int(np.argmax(bad)) + 1} of {rows.source} is not finite; --fit needs numbers"
        )
    start = None if w is None else (w, b)
    return fit(f, rows.numbers, rows.target, epochs=epochs, rate=rate, start=start)


# --- words -------------------------------------------------------------------------------------


def _equation(w: "Floats", b: float, names: Sequence[str], minus: str = "-") -> str:
    """z = 2 x1 - x2 + 0.5."""
    return "z = " + _sum(w, b, names, minus)


def _sum(w: "Floats", b: float, names: Sequence[str], minus: str = "-") -> str:
    if len(w) > MOST_NAMED:
        terms = [(float(w[0]), f" {names[0]}"), (1.0, " ..."), (float(w[-1]), f" {names[-1]}")]
    else:
        terms = [(float(v), f" {name}") for v, name in zip(w, names, strict=True)]
    text = ""
    for value, name in [*terms, *([(float(b), "")] if b or not any(w) else [])]:
        size = "" if abs(value) == 1 and name else f"{abs(value):.4g}"
        term = f"{size}{name}".strip()
        sign = minus if value < 0 else "+"
        text += f" {sign} {term}" if text else (f"{minus}{term}" if value < 0 else term)
    return text


def _report(f: "Activation", rows: Rows, fit: "Fit") -> list[str]:
    """What was learned, in sentences."""
    weights = ",".join(repr(float(v)) for v in fit.weights)
    count = len(rows.numbers)
    starts = f", best of {fit.starts} starts" if fit.starts > 1 else ""
    said = [
        f"learned by {fit.rule} in {count_of(fit.epochs, 'epoch')} at rate {fit.rate:.3g}{starts}: "
        f"--weights={weights} --bias={fit.bias!r}"
    ]
    if fit.correct is None:
        share = 1 - (fit.error / fit.spread) ** 2
        said.append(
            f"root mean squared error of {rows.target_name}: {fit.error:.4g} "
            f"(explains {100 * share:.1f} % of the variance)"
        )
    else:
        right = int(fit.correct.sum())
        said.append(
            f"{right} of {count} rows are on the right side ({100 * right / count:.4g} %); "
            f"root mean squared error {fit.error:.4g}"
        )
        said += _decision(rows, fit)
    if fit.rule == "gradient descent" and fit.alive == 0 and fit.accuracy != 1:
        said.append(
            f"the gradient of {f.label} is 0 on every row: this neuron is dead and cannot learn"
        )
    if fit.correct is None and rows.target is not None:
        ends = sorted((f.limit(-1), f.limit(1)))
        least, most = float(rows.target.min()), float(rows.target.max())
        slack = 0.2 * (most - least)
        if ends[0] - slack > least or ends[1] + slack < most:
            said.append(
                f"targets reach from {least:g} to {most:g}, "
                f"but {f.label} tends to {ends[0]:g} and {ends[1]:g}"
            )
    said += _apart(f, rows, fit)
    return said


def _decision(rows: Rows, fit: "Fit") -> list[str]:
    """The line (point, plane) at which the class changes."""
    assert rows.classes is not None
    if not fit.weights.any():
        return ["all weights are 0: every row gets the same answer"]
    if fit.aims is not None and rows.target is not None:
        given = sorted({float(v) for v in rows.target})
        if list(fit.aims) != given:
            pairs = [f"{n} as {a:g}" for n, a in zip(rows.classes, fit.aims, strict=True)]
            told = [f"targets the function can reach: {' and '.join(pairs)}"]
        else:
            told = []
    kind = {1: "point", 2: "line"}.get(len(fit.weights), "plane")
    places = []
    for level in fit.levels[:4]:
        if len(fit.weights) == 1:
            places.append(f"{rows.names[0]} = {(level - fit.bias) / fit.weights[0]:.6g}")
        else:
            places.append(_sum(fit.weights, fit.bias - level, rows.names) + " = 0")
    if not places:
        return [*told, "no decision line among the rows: they all get the same answer"]
    plural = "s" if len(fit.levels) > 1 else ""
    more = f" and {len(fit.levels) - 4} more" if len(fit.levels) > 4 else ""
    return [*told, f"decision {kind}{plural} (a = {fit.mid:g}): {'; '.join(places)}{more}"]


def _apart(f: "Activation", rows: Rows, fit: "Fit") -> list[str]:
    """Whether one neuron can separate the classes at all, and why not."""
    if fit.separation is None or rows.classes is None:
        return []
    found, low, high = fit.separation, *rows.classes
    kind = {1: "point", 2: "line"}.get(len(fit.weights), "plane")
    perfect = fit.accuracy == 1
    if found.possible:
        if perfect:
            return []
        return [f"a {kind} separates the classes, but {fit.rule} has not found it: more --epochs?"]
    if found.possible is None:
        return [] if perfect else ["the classes touch: too close to tell if they are separable"]
    assert found.point is not None
    where = ", ".join(f"{v:.6g}" for v in found.point)
    first = f"{_listed(found.low)} of class {low}"
    second = f"{_listed(found.high)} of class {high}"
    proof = f"({where}) lies among {first} and also among {second}"
    if len(found.low) == 1:
        proof = f"{first} lies among {second}"
    elif len(found.high) == 1:
        proof = f"{second} lies among {first}"
    if len(found.low) == len(found.high) == 1:
        proof = (
            f"rows {found.low[0] + 1} and {found.high[0] + 1} are equal but of different classes"
        )
    if perfect:
        return [
            f"no {kind} separates the classes ({proof}): {f.label} does it by going up and down"
        ]
    return [
        f"not linearly separable: {proof}, so no {kind} has the classes on two sides, "
        "and no single neuron with a rising function can tell them apart"
    ]


def _listed(numbers: Sequence[int]) -> str:
    *rest, last = [str(k + 1) for k in numbers]
    return f"rows {', '.join(rest)} and {last}" if rest else f"row {last}"
