"""`actcli neuron`: one artificial neuron, z = w.x + b and a = f(z)."""

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, TextIO

import click

from .options import (
    Command,
    destination,
    dtype_named,
    format_for,
    functions_argument,
    output_options,
    parameter_options,
    picture_options,
    resolve_functions,
)

if TYPE_CHECKING:
    from ..evaluate import Activation
    from ..figures.data import Trace
    from ..figures.neuron import Neuron
    from ..inputs import Floats
    from ..toy.neuron import Fit, Pass

PICTURES = (".png", ".svg", ".pdf")
MOST_NAMED = 4  # inputs whose names an equation spells out
DEFAULT_POINTS = 11


@dataclass
class Rows:
    """Examples as read: numbers (n, d), their names, and the target column, if there is one."""

    numbers: "Floats"
    names: list[str]
    target: "Floats | None" = None
    classes: tuple[str, str] | None = None
    target_name: str = ""
    source: str = ""


@click.command(cls=Command, name="neuron")
@functions_argument()
@parameter_options
@click.option("-w", "--weights", metavar="W[,W...]", help="One weight per input.")
@click.option("-b", "--bias", metavar="B", help="The bias.  [default: 0]")
@click.option("-i", "--input", "input_", metavar="FILE",
              help="Rows of inputs, one per line, with or without a header; - is standard input.")
@click.option("--at", multiple=True, metavar="X[,X...]",
              help="One row of inputs; may be repeated.")
@click.option("-r", "--range", "range_", metavar="LOW:HIGH",
              help="Range of the inputs in the picture, or of a single input in the table.")
@click.option("-n", "--points", type=click.IntRange(1), metavar="N",
              help=f"Number of points in the range, for a single input.  [default: {DEFAULT_POINTS}]"
              )
@click.option("--dtype", type=click.Choice(("float64", "float32", "float16", "bfloat16")),
              default="float64", show_default=True, help="Evaluate in this precision.")
@click.option("--fit", is_flag=True, help="Adjust weights and bias to the target column.")
@click.option("--target", metavar="COLUMN",
              help="The target column, by name or number.  [default with --fit: the last]")
@click.option("--epochs", type=click.IntRange(1), metavar="N",
              help="Passes over the rows.  [default: 2000; perceptron rule: 1000]")
@click.option("--learning-rate", "rate", type=click.FloatRange(min=0, min_open=True),
              metavar="RATE", help="Step size.  [default: chosen by function and data]")
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
    from ..inputs import parse_range

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
        _draw(f, rows, w, b, limits, learned, result, str(output), style, size, dpi, ylim)
        if not quiet:
            click.echo(output, err=True)
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
            click.echo("\n".join(said), err=True)


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

    from ..inputs import parse_numbers

    example = "--bias 0.5" if count else f"{option} 1,-2"
    try:
        found = parse_numbers(text)
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

    from ..inputs import DEFAULT_RANGE, parse_numbers
    from ..inputs import points as spaced

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
                    f"--at {text} has {_count(len(row), 'number')}, but there are {len(w)} weights; "
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


def _count(n: int, noun: str) -> str:
    return f"{n} {noun}" + ("" if n == 1 else "s")


def _match(rows: Rows, w: "Floats | None", targeted: bool) -> None:
    columns = rows.numbers.shape[1]
    if w is None or len(w) == columns:
        return
    held = f"{rows.source} has {_count(columns, 'input')} per row"
    if targeted:
        held += f" beside the target {rows.target_name!r}"
    advice = "give one weight per input"
    if columns == len(w) + 1 and not targeted:
        advice += f", or name the target: --target {rows.names[-1]}"
    raise ValueError(f"{held}, but there are {_count(len(w), 'weight')}; {advice}")


def read_rows(path: str, target: str | None = None, fit: bool = False) -> Rows:
    """The rows of a text file (commas, semicolons or white space; header optional) or .npy file.

    The column `target`, or with `fit` the last one, is set apart. Raises ValueError.
    """
    import numpy as np

    source = "standard input" if path == "-" else path
    if path.lower().endswith(".npy"):
        from ..inputs import read_numbers

        count = len(read_numbers(path))  # says what is wrong with the file, if anything is
        table = np.load(path, allow_pickle=False).astype(np.float64)
        if table.ndim > 2 or table.ndim == 0:
            raise ValueError(f"{source} has shape {table.shape}; save rows and columns")
        table = table.reshape(-1, 1) if table.ndim == 1 else table
        assert table.size == count
        header, texts = [], [[repr(v) for v in row] for row in table.tolist()]
        lines = list(range(1, len(texts) + 1))
    else:
        header, texts, lines = _split(path, source)
    width = len(texts[0]) if texts else 0
    if not texts:
        raise ValueError(f"{source} holds no rows; give one per line, as in 1,2")
    names = header or [f"x{k}" for k in range(1, width + 1)]
    last = None
    if target is not None or fit:
        last = _column(target, names, bool(header), source)
    if fit and width < 2:
        raise ValueError(f"{source} has one column; --fit needs an input and a target")
    inputs = [k for k in range(width) if k != last]
    numbers = np.empty((len(texts), len(inputs)))
    for i, (row, line) in enumerate(zip(texts, lines, strict=True)):
        for j, k in enumerate(inputs):
            numbers[i, j] = _number(row[k], source, line)
    rows = Rows(numbers, [names[k] for k in inputs], source=source)
    if last is not None:
        rows.target_name = names[last] if header else f"column {last + 1}"
        rows.target, rows.classes = _target([row[last] for row in texts], rows, lines)
    return rows


def _split(path: str, source: str) -> tuple[list[str], list[list[str]], list[int]]:
    """Header (or []), rows of text and their line numbers."""
    try:
        if path == "-":
            content = sys.stdin.buffer.read()
        else:
            with open(path, "rb") as stream:
                content = stream.read()
        lines = content.decode("utf-8-sig").splitlines()
    except OSError as error:
        raise ValueError(
            f"cannot read {path!r}: {error.strerror}; give a file of rows, or - to read a pipe"
        ) from None
    except UnicodeDecodeError:
        raise ValueError(f"{source} is not text; give rows of numbers, or a .npy file") from None
    kept = [(n, s) for n, s in enumerate(lines, 1) if s.strip() and not s.lstrip().startswith("#")]
    mark = next((m for m in (",", ";", "\t") if kept and m in kept[0][1]), None)
    rows = []
    for number, line in kept:
        parts = line.split() if mark is None else next(csv.reader([line], delimiter=mark))
        rows.append((number, [part.strip() for part in parts]))
    for number, parts in rows:
        if len(parts) != len(rows[0][1]):
            raise ValueError(
                f"{source}, line {number}: {_count(len(parts), 'column')}, but "
                f"{len(rows[0][1])} in the line above; give each row as many"
            )
    header: list[str] = []
    if rows and not any(map(_is_number, rows[0][1])):
        header = rows.pop(0)[1]
    return header, [parts for _, parts in rows], [number for number, _ in rows]


def _is_number(text: str) -> bool:
    from ..inputs import parse_number

    try:
        parse_number(text)
    except ValueError:
        return False
    return True


def _number(text: str, source: str, line: int) -> float:
    from ..inputs import parse_number

    try:
        return parse_number(text)
    except ValueError:
        raise ValueError(
            f"{source}, line {line}: {text!r} is not a number; write nan for what is missing"
        ) from None


def _column(target: str | None, names: list[str], header: bool, source: str) -> int:
    if target is None:
        return len(names) - 1
    if header and target in names:
        return names.index(target)
    if target.isdigit() and 1 <= int(target) <= len(names):
        return int(target) - 1
    has = f"has the columns {', '.join(names)}" if header else f"has {len(names)} columns, no header"
    raise ValueError(f"--target {target!r}: {source} {has}; give a name or a number from 1")


def _target(
    texts: list[str], rows: Rows, lines: list[int]
) -> "tuple[Floats, tuple[str, str] | None]":
    """The target as numbers, and what its two values are called, if it has two."""
    import numpy as np

    if all(map(_is_number, texts)):
        numbers = np.array([_number(t, rows.source, n) for t, n in zip(texts, lines, strict=True)])
        values = np.unique(numbers)
        return numbers, (f"{values[0]:g}", f"{values[1]:g}") if values.size == 2 else None
    words = sorted(set(texts))
    if len(words) != 2:
        raise ValueError(
            f"the target {rows.target_name!r} of {rows.source} has {len(words)} different words; "
            "one neuron tells two classes apart"
        )
    return np.array([float(words.index(text)) for text in texts]), (words[0], words[1])


# --- results -----------------------------------------------------------------------------------


def _forward(f: "Activation", rows: Rows, w: "Floats", b: float, dtype: str) -> "Pass":
    import numpy as np

    from ..toy.neuron import forward

    kind = dtype_named(dtype)
    with np.errstate(over="ignore"):
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


def _equation(w: "Floats", b: float, names: Sequence[str], level: float = 0.0) -> str:
    """z = 2 x1 - x2 + 0.5."""
    return "z = " + _sum(w, b - level, names)


def _sum(w: "Floats", b: float, names: Sequence[str]) -> str:
    if len(w) > MOST_NAMED:
        terms = [(float(w[0]), f" {names[0]}"), (1.0, "..."), (float(w[-1]), f" {names[-1]}")]
    else:
        terms = [(float(v), f" {name}") for v, name in zip(w, names, strict=True)]
    text = ""
    for value, name in [*terms, *([(float(b), "")] if b or not any(w) else [])]:
        sign = "-" if value < 0 else "+"
        size = "" if abs(value) == 1 and name else f"{abs(value):.4g}"
        term = f"{size}{name}" if size else name.strip()
        text += f" {sign} {term}" if text else (f"-{term}" if value < 0 else term)
    return text


def _report(f: "Activation", rows: Rows, fit: "Fit") -> list[str]:
    """What was learned, in sentences."""
    weights = ",".join(repr(float(v)) for v in fit.weights)
    count = len(rows.numbers)
    starts = f", best of {fit.starts} starts" if fit.starts > 1 else ""
    said = [
        f"learned by {fit.rule} in {_count(fit.epochs, 'epoch')} at rate {fit.rate:.3g}{starts}: "
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
    if fit.rule == "gradient descent" and fit.alive == 0:
        said.append(
            f"the gradient of {f.label} is 0 on every row: this neuron is dead and cannot learn"
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
    proof = (
        f"({where}) lies among rows {_listed(found.low)} of class {low} and among rows "
        f"{_listed(found.high)} of class {high}"
    )
    if len(found.low) == len(found.high) == 1:
        proof = f"rows {found.low[0] + 1} and {found.high[0] + 1} are equal but of different classes"
    if perfect:
        return [f"no {kind} separates the classes ({proof}): {f.label} does it by going up and down"]
    return [
        f"not linearly separable: {proof}, so no {kind} has the classes on two sides, "
        "and no single neuron with a rising function can tell them apart"
    ]


def _listed(numbers: Sequence[int]) -> str:
    *rest, last = [str(k + 1) for k in numbers]
    return f"{', '.join(rest)} and {last}" if rest else last


# --- the picture -------------------------------------------------------------------------------


def _draw(
    f: "Activation",
    rows: Rows,
    w: "Floats",
    b: float,
    limits: tuple[float, float] | None,
    learned: "Fit | None",
    result: "Pass",
    output: str,
    style: Literal["light", "dark"],
    size: str | None,
    dpi: int,
    ylim: str | None,
) -> None:
    if len(w) > 2:
        raise ValueError(
            f"a neuron with {len(w)} inputs has no picture; one or two inputs can be drawn, "
            "and -o FILE.csv takes the numbers of any"
        )
    from ..figures.neuron import render
    from ..files import whole_file
    from ..inputs import parse_range
    from .pictures import kind_of, parse_size
    from .plot import _named

    drawn = _neuron(f, rows, w, b, limits, learned, result, _named("--ylim", parse_range, ylim),
                    {"style": style, "dpi": dpi, "size": parse_size(size) if size else None}
                    )  # fmt: skip
    content = render(drawn, kind_of(output))
    with whole_file(output, "wb") as stream:
        stream.write(content)


def _neuron(
    f: "Activation",
    rows: Rows,
    w: "Floats",
    b: float,
    limits: tuple[float, float] | None,
    learned: "Fit | None",
    result: "Pass",
    ylim: tuple[float, float] | None,
    look: dict[str, Any],
) -> "Neuron":
    import numpy as np

    from .. import landmarks
    from ..figures.neuron import Neuron

    shown = np.isfinite(rows.numbers).all(axis=1) & np.isfinite(result.z) & np.isfinite(result.a)
    numbers = rows.numbers[shown]
    sides = [limits or _limits(numbers[:, k]) for k in range(len(w))]
    if len(w) == 2 and not limits:
        sides = _alike(sides)
    corners = np.array(np.meshgrid(*sides)).reshape(len(w), -1)
    z = w @ corners + b
    zlim = float(z.min()), float(z.max())
    if zlim[1] - zlim[0] < 1e-9 * max(1.0, abs(zlim[0])):
        zlim = zlim[0] - 1.0, zlim[1] + 1.0
    read: Any = f if type(f).__name__ == "Activation" else landmarks.Examined(f, *zlim)
    seams = landmarks.seams_of(read, *zlim)
    traces = [landmarks.trace(read, order, *zlim, seams=seams) for order in (0, 1)]
    spans = landmarks.spans(read, *zlim, seams)
    if not traces[0].pieces:
        raise ValueError(f"{f.label} has no finite value for z in {zlim[0]:g}:{zlim[1]:g}")
    alim = ylim or landmarks.ylimits(traces[:1], 0, *zlim)
    bounds = [f.limit(-1), f.limit(1)] if hasattr(f, "limit") else [np.nan, np.nan]
    if np.isfinite(bounds).all() and bounds[0] != bounds[1]:
        ends = min(bounds), max(bounds)
    else:
        most = max(abs(alim[0]), abs(alim[1]))
        ends = -most, most
    if len(w) == 1:
        traces = [_along(t, float(w[0]), b, sides[0], k) for k, t in enumerate(traces)]
        spans = _spans_along(spans, float(w[0]), b, sides[0])
    target = rows.target[shown] if rows.target is not None and rows.classes else None
    return Neuron(
        label=f.label,
        equation=_equation(w, b, rows.names).replace("-", "−"),
        weights=tuple(w.tolist()),
        bias=b,
        names=rows.names,
        xlim=sides[0],
        ylim=sides[-1],
        curve=traces[0],
        gradient=traces[1],
        spans=spans,
        zlim=zlim,
        alim=alim,
        glim=landmarks.ylimits(traces[1:], 1, *sides[0]) if len(w) == 1 else alim,
        ends=ends,
        rows=numbers,
        z=result.z[shown].astype(np.float64),
        a=result.a[shown].astype(np.float64),
        da=result.dx[shown, 0].astype(np.float64),
        classes=None if target is None else (target == target.max()).astype(np.int64),
        wrong=~learned.correct[shown] if learned and learned.correct is not None else None,
        class_names=_class_names(rows),
        decisions=learned.levels if learned else (),
        mid=learned.mid if learned else 0.0,
        **look,
    )


def _class_names(rows: Rows) -> tuple[str, str]:
    if rows.classes is None:
        return "0", "1"
    first, second = (f"{rows.target_name} = {name}" for name in rows.classes)
    return first, second


def _limits(values: "Floats") -> tuple[float, float]:
    """A range with a margin around the values; -5:5 without any."""
    if not len(values):
        return -5.0, 5.0
    low, high = float(values.min()), float(values.max())
    margin = 0.25 * (high - low) or max(1.0, 0.5 * abs(low))
    return low - margin, high + margin


def _alike(sides: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """The same scale on both axes, unless one is more than four times as long."""
    spans = [high - low for low, high in sides]
    if max(spans) > 4 * min(spans):
        return sides
    half = 0.5 * max(spans)
    return [(0.5 * (low + high) - half, 0.5 * (low + high) + half) for low, high in sides]


def _along(trace: "Trace", w: float, b: float, side: tuple[float, float], order: int) -> "Trace":
    """A curve over z as one over x."""
    from dataclasses import replace

    import numpy as np

    from ..figures.data import Trace

    if w == 0:
        level = 0.0 if order else float(np.interp(b, *trace.pieces[0]))
        return Trace([(np.array(side), np.array([level, level]))])
    turn = 1 if w > 0 else -1
    factor = w if order else 1.0
    pieces = [((x[::turn] - b) / w, factor * y[::turn]) for x, y in trace.pieces][::turn]
    dots = [replace(dot, x=(dot.x - b) / w, y=factor * dot.y) for dot in trace.dots]
    return Trace(pieces, dots=dots)


def _spans_along(spans: Any, w: float, b: float, side: tuple[float, float]) -> Any:
    from dataclasses import replace

    if w == 0:
        return [replace(s, low=side[0], high=side[1]) for s in spans if s.low <= b <= s.high]
    ends = [sorted(((s.low - b) / w, (s.high - b) / w)) for s in spans]
    return [replace(s, low=low, high=high) for s, (low, high) in zip(spans, ends, strict=True)]
