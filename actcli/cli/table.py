"""`actcli table`: values and gradients, one row per input."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from ..evaluation.dtypes import cast, dtype_named
from .function_argument import resolve_functions
from .input_options import InputOptions, input_options
from .notes import note_precision, note_unread, tell_keyboard
from .options import order_option
from .output import ARRAY, array_destination, destination
from .output_options import Output, output_options
from .subcommand import Param, subcommand

if TYPE_CHECKING:
    from ..numbers.types import Floats
    from ..tables import Writer
    from ..tables.arrays import ArrayWriter

DEFAULT_POINTS = 11
COLUMNS = ("function", "x", "value", "gradient", "curvature")
SPOOLED_IN_MEMORY = 1 << 24


@subcommand(
    "table",
    input_options(str(DEFAULT_POINTS)),
    order_option("0: the value alone; 2: value, gradient and curvature."),
    output=output_options(ARRAY),
)
def command(
    functions: tuple[str, ...], param: Param, inputs: InputOptions, order: int, out: Output
) -> None:
    """Print the value and the gradient of each FUNCTION, one row per input.

    Inputs keep their order and count; each FUNCTION has a block of rows. Input from a file or a
    pipe is read, evaluated and printed in pieces, so it may be longer than memory. With --output
    FILE.npy, or -f npy into a pipe, the rows become an array of shape (rows, columns), whose columns
    are x, value, gradient (and curvature), of several FUNCTIONs one of shape (FUNCTIONs, rows, columns).

    \b
    Examples:
      actcli table gelu -r -2:2 -n 5
      actcli table swish -p beta=0.5,2 --at -1,0,inf --order 2
      actcli table 'x*tanh(x)' --dtype float16 -o values.npy
    """
    from ..inputs.numbers import chosen_blocks

    activations = resolve_functions(functions, *param)
    note_precision(activations, out.quiet)
    blocks = chosen_blocks(inputs.at, inputs.range_, inputs.points, inputs.file, DEFAULT_POINTS)
    note_unread(inputs.input_, inputs.at, out.quiet)
    tell_keyboard(inputs.input_, "numbers", out.quiet)
    columns = COLUMNS[: 3 + order]
    with _writer(out, columns, len(activations)) as (stream, writer):
        for again in _passes(blocks, len(activations)):
            activation = activations.pop(0)
            for numbers in again:
                x = cast(numbers, dtype_named(inputs.dtype))
                results = activation.derivatives(x, order)
                writer.batch([activation.label, x, *results])
                stream.flush()  # what comes through a pipe is answered as it comes
            activation.let_go()


@contextmanager
def _writer(
    out: Output, columns: Sequence[str], blocks: int
) -> "Iterator[tuple[IO[Any], Writer | ArrayWriter]]":
    """What takes the rows, and the stream that it writes to."""
    from ..tables import Writer

    if str(out.output).lower().endswith(f".{ARRAY}"):
        for option, value in (("--format", out.format_), ("--digits", out.digits)):
            if value not in (None, ARRAY):
                raise ValueError(f"-o {out.output!r} is an array; leave out {option} {value}")
    if out.form != ARRAY:
        with destination(out.output) as text, Writer(out.form, columns, text) as writer:
            yield text, writer
        return
    from ..tables.arrays import ArrayWriter

    with array_destination(out.output) as file, ArrayWriter(file, blocks) as array:
        yield file, array


def _passes(blocks: Iterator["Floats"], count: int) -> Iterator[Iterator["Floats"]]:
    """The same blocks `count` times over, from the second time on out of a temporary file."""
    if count == 1:
        yield blocks
        return
    from tempfile import SpooledTemporaryFile

    import numpy as np

    with SpooledTemporaryFile(SPOOLED_IN_MEMORY) as spool:
        sizes = []

        def first() -> Iterator["Floats"]:
            for block in blocks:
                sizes.append(block.nbytes)
                spool.write(block.tobytes())
                yield block

        yield first()
        for _ in range(count - 1):
            spool.seek(0)
            yield (np.frombuffer(spool.read(size), np.float64) for size in sizes)
