"""Tables of numbers from files: rows for a neuron, and examples with a target to train on."""

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..wording import count_of, printable
from .layout import Layout, is_number, layout_of, lines_of, parse_number, refuse_commas
from .npy import MAGIC, npy_array
from .numbers import ragged
from .streams import Stream, name_of, opened, text_in

if TYPE_CHECKING:
    from ..numbers.types import Floats

MOST_CELLS = 5_000_000  # of a .npy file of rows
LEAST_EXAMPLES = 4
MOST_LABELS = 50  # different texts in a file's last column
MOST_CLASSES = 10  # distinct numbers in a file's last column that still count as classes

Cells = Sequence[str | float]


class Rows(NamedTuple):
    """Examples as read: numbers (n, d), their names, and the target column, if there is one."""

    numbers: "Floats"
    names: list[str]
    target: "Floats | None" = None
    classes: tuple[str, str] | None = None
    target_name: str = ""
    source: str = ""


class InputTable(NamedTuple):
    """A text as rows of entries of one length, which `layout` reads, and the lines they are on."""

    layout: Layout
    rows: Sequence[Cells]
    lines: Sequence[int]

    def is_number(self, entry: str | float) -> bool:
        """Says whether an entry is a number."""
        return isinstance(entry, float) or is_number(entry, self.layout.decimal)

    def number(self, entry: str | float, source: str, line: int) -> float:
        """Reads an entry. Raises ValueError."""
        return entry if isinstance(entry, float) else self.layout.number(entry, source, line)


def table_of(text: str, source: str, decimal: str | None) -> InputTable:
    """Reads rows of commas, semicolons, tabs or white space between entries, with their header.

    Lines that are blank or start with # are skipped. Raises ValueError, which calls the file
    `source`.
    """
    given = lines_of(text)
    layout = layout_of(given[:2], decimal, source)
    below = given[layout.header is not None :]
    if layout.mark != "," or any(";" in line or len(line.split()) > 1 for _, line in below):
        refuse_commas(below, decimal, source)
    rows, lines = [], []
    width = len(layout.header or ())
    for line, row in layout.rows(below, source):
        width = width or len(row)
        if len(row) != width:
            raise ragged(source, line, len(row), width, below, layout)
        rows.append(row)
        lines.append(line)
    return InputTable(layout, rows, lines)


# -- rows of a neuron --------------------------------------------------------------------------------
def read_rows(
    path: str,
    target: str | None = None,
    fit: bool = False,
    columns: Sequence[str] = (),
    decimal: str | None = None,
) -> Rows:
    """Reads a text file (commas, semicolons or white space; header optional) or a .npy file.

    The column `target`, or with `fit` the last one, is set apart; the inputs are the `columns`
    (names, or numbers from 1), or all others. Raises ValueError.
    """
    source = name_of(path)
    with opened(path, "give a file of rows, or - to read a pipe") as stream:
        table = _rows_in(stream, path, decimal)
    if not table.rows:
        raise ValueError(f"{source} holds no rows; give one per line, as in 1,2")
    width = len(table.rows[0])
    header = table.layout.header
    names = [*map(printable, header)] if header else [f"x{k}" for k in range(1, width + 1)]
    last = None
    if target is not None or fit:
        last = (
            width - 1 if target is None else table.layout.place(target, source, width, "--target")
        )
    if fit and width < 2:
        raise ValueError(f"{source} has one column; --fit needs an input and a target")
    inputs = [table.layout.place(column, source, width) for column in columns]
    inputs = inputs or [k for k in range(width) if k != last]
    if last in inputs:
        raise ValueError(f"{names[last or 0]!r} is the target of {source}; choose another --column")
    numbers = np.empty((len(table.rows), len(inputs)))
    for i, (row, line) in enumerate(zip(table.rows, table.lines, strict=True)):
        numbers[i] = [table.number(row[k], source, line) for k in inputs]
    found = Rows(numbers, [names[k] for k in inputs], source=source)
    if last is not None:
        found = found._replace(target_name=names[last] if header else f"column {last + 1}")
        values, classes = _target([row[last] for row in table.rows], found, table)
        found = found._replace(target=values, classes=classes)
    return found


def _rows_in(stream: Stream, path: str, decimal: str | None) -> InputTable:
    """The rows of a text, or of an array of two dimensions, or one."""
    source = name_of(path)
    if not stream.starts_with(MAGIC):
        if path.lower().removesuffix(".gz").endswith(".npy"):
            raise ValueError(f"{source} is no .npy file; save one with numpy.save, or rename it")
        return table_of(text_in(stream, source), source, decimal)
    array = npy_array(stream, source, MOST_CELLS)
    if array.ndim > 2 or array.ndim == 0:
        raise ValueError(f"{source} has shape {array.shape}; save rows and columns")
    rows = array.reshape(len(array), -1).tolist()
    return InputTable(Layout(), rows, range(1, len(array) + 1))


def _target(
    entries: Cells, rows: Rows, table: InputTable
) -> "tuple[Floats, tuple[str, str] | None]":
    """The target as numbers, and what its two values are called, if it has two."""
    if all(map(table.is_number, entries)):
        lines = zip(entries, table.lines, strict=True)
        numbers = np.array([table.number(entry, rows.source, n) for entry, n in lines])
        values = np.unique(numbers)
        return numbers, (f"{values[0]:g}", f"{values[1]:g}") if values.size == 2 else None
    words = sorted(map(str, set(entries)))
    if len(words) != 2:
        raise ValueError(
            f"the target {rows.target_name!r} of {rows.source} has {len(words)} different words; "
            "one neuron tells two classes apart"
        )
    classes = printable(words[0]), printable(words[1])
    return np.array([float(words.index(str(entry))) for entry in entries]), classes


# -- examples of a network ---------------------------------------------------------------------------
@lru_cache(maxsize=4)
def read_examples(
    text: str, shown: str, decimal: str | None = None
) -> "tuple[tuple[str, ...], str, Floats, tuple[str, ...]]":
    """Reads the text of a file of rows, whose last column is the target.

    Returns the names of the columns before it (x1, x2, ... without a header), its own, all numbers
    (n, d + 1), and the names of its classes, none for regression. Raises ValueError, which calls the
    file `shown`.
    """
    table = table_of(text, shown, decimal)
    if len(table.rows) < LEAST_EXAMPLES:
        count = count_of(len(table.rows), "row")
        raise ValueError(f"{shown} has {count}; give {LEAST_EXAMPLES} or more")
    width = len(table.rows[0])
    if width < 2:
        raise ValueError(f"{shown} has one column; the last of two or more is the target")
    header = table.layout.header or (*(f"x{k}" for k in range(1, width)), "target")
    numbers = np.empty((len(table.rows), width))
    for i, (row, line) in enumerate(zip(table.rows, table.lines, strict=True)):
        for j, name in enumerate(header[:-1]):
            numbers[i, j] = table.number(row[j], shown, line)
            if not math.isfinite(numbers[i, j]):
                raise ValueError(
                    f"{shown}, line {line}: {row[j]!r} under {printable(name)!r} is not finite; "
                    "leave out such rows"
                )
    numbers[:, -1], classes = _targets([str(row[-1]) for row in table.rows], shown, table)
    *columns, target_name = map(printable, header)
    return tuple(columns), target_name, numbers, classes


def _targets(
    cells: Sequence[str], shown: str, table: InputTable
) -> "tuple[Floats, tuple[str, ...]]":
    """The target column: -1 and 1, class numbers, or regression (no classes); and its classes."""
    decimal = table.layout.decimal
    numbers = [parse_number(cell, decimal) for cell in cells if is_number(cell, decimal)]
    numbers = [number for number in numbers if math.isfinite(number)]
    numeric = len(numbers) == len(cells)
    entries: Cells = numbers if numeric else cells
    values = sorted(set(entries))
    if len(values) < 2:
        raise ValueError(f"{shown}: the last column has one value only; it should be the target")
    if numeric and (len(values) > MOST_CLASSES or 2 * len(values) > len(cells)):
        return np.array(numbers, np.float64), ()
    if len(numbers) == len(cells) - 1 and not is_number(cells[0], decimal):
        table.number(cells[0], shown, table.lines[0])  # a header that was none
    if not numeric and (len(values) > MOST_LABELS or "" in values):
        raise ValueError(
            f"{shown}: the last column has {len(values)} different texts; "
            f"give classes ({MOST_LABELS} at most) or numbers there"
        )
    index = np.array([values.index(entry) for entry in entries], np.float64)
    names = tuple(printable(v) if isinstance(v, str) else f"{v:g}" for v in values)
    return (2 * index - 1 if len(values) == 2 else index), names
