"""Tables of numbers from files: rows for a neuron, and examples with a target to train on."""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..evaluation.dtypes import cast
from ..wording import count_of, printable
from .numbers import parse_number, read_numbers, read_text

if TYPE_CHECKING:
    from ..numbers.types import Floats

MOST_CELLS = 5_000_000  # of a .npy file of rows
MOST_LABELS = 50  # different texts in a file's last column
MOST_CLASSES = 10  # distinct numbers in a file's last column that still count as classes

Cells = Sequence[str | float]


@dataclass
class Rows:
    """Examples as read: numbers (n, d), their names, and the target column, if there is one."""

    numbers: "Floats"
    names: list[str]
    target: "Floats | None" = None
    classes: tuple[str, str] | None = None
    target_name: str = ""
    source: str = ""


def split_rows(text: str, shown: str, comments: bool) -> tuple[list[list[str]], list[int]]:
    """Returns the entries of every row that is not blank, and the numbers of their lines.

    Commas, semicolons or tabs stand between entries, whichever the first row has most of. With
    `comments`, lines that start with # are skipped, and a first row that has none of these is one
    of a file with white space between entries. Raises ValueError, which calls the file `shown`.
    """
    lines = [
        (number, line) for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not (comments and line.lstrip().startswith("#"))
    ]  # fmt: skip
    first = lines[0][1] if lines else ""
    mark = max(",;\t", key=first.count)
    if comments and mark not in first:
        return [line.split() for _, line in lines], [number for number, _ in lines]
    reader = csv.reader((line for _, line in lines), delimiter=mark)
    rows, numbers = [], []
    try:
        for row in reader:
            rows.append([cell.strip() for cell in row])
            numbers.append(lines[reader.line_num - 1][0])
    except csv.Error as error:
        raise ValueError(f"{shown} is no CSV file ({error}); give one with a header") from None
    return rows, numbers


# -- rows of a neuron --------------------------------------------------------------------------------
def read_rows(path: str, target: str | None = None, fit: bool = False) -> Rows:
    """Reads a text file (commas, semicolons or white space; header optional) or a .npy file.

    The column `target`, or with `fit` the last one, is set apart. Raises ValueError.
    """
    source = "standard input" if path == "-" else path
    read = _npy_rows if path.lower().endswith(".npy") else _text_rows
    header, rows, lines = read(path, source)
    if not rows:
        raise ValueError(f"{source} holds no rows; give one per line, as in 1,2")
    width = len(rows[0])
    names = header or [f"x{k}" for k in range(1, width + 1)]
    last = None
    if target is not None or fit:
        last = _column(target, names, bool(header), source)
    if fit and width < 2:
        raise ValueError(f"{source} has one column; --fit needs an input and a target")
    inputs = [k for k in range(width) if k != last]
    numbers = np.empty((len(rows), len(inputs)))
    for i, (row, line) in enumerate(zip(rows, lines, strict=True)):
        numbers[i] = [_number(row[k], source, line) for k in inputs]
    found = Rows(numbers, [names[k] for k in inputs], source=source)
    if last is not None:
        found.target_name = names[last] if header else f"column {last + 1}"
        found.target, found.classes = _target([row[last] for row in rows], found, lines)
    return found


def _npy_rows(path: str, source: str) -> tuple[list[str], Sequence[Cells], Sequence[int]]:
    """No header, the rows of an array of one or two dimensions, and their numbers."""
    count = len(read_numbers(path))  # says what is wrong with the file, if anything is
    if count > MOST_CELLS:
        raise ValueError(f"{source} holds {count} numbers; a neuron takes {MOST_CELLS} at most")
    table = cast(np.load(path, allow_pickle=False), np.float64)
    if table.ndim > 2 or table.ndim == 0:
        raise ValueError(f"{source} has shape {table.shape}; save rows and columns")
    return [], table.reshape(len(table), -1).tolist(), range(1, len(table) + 1)


def _text_rows(path: str, source: str) -> tuple[list[str], Sequence[Cells], Sequence[int]]:
    """Header (or []), rows of text and their line numbers."""
    text = read_text(path, "give a file of rows, or - to read a pipe")
    rows, lines = split_rows(text, source, comments=True)
    for row, line in zip(rows, lines, strict=True):
        if len(row) != len(rows[0]):
            raise ValueError(
                f"{source}, line {line}: {count_of(len(row), 'column')}, but "
                f"{len(rows[0])} in the line above; give each row as many"
            )
    if rows and not any(map(_is_number, rows[0])):
        return [printable(name) for name in rows[0]], rows[1:], lines[1:]
    return [], rows, lines


def _is_number(entry: str | float) -> bool:
    try:
        _number(entry, "", 0)
    except ValueError:
        return False
    return True


def _number(entry: str | float, source: str, line: int) -> float:
    if isinstance(entry, float):
        return entry
    try:
        return parse_number(entry)
    except ValueError:
        raise ValueError(
            f"{source}, line {line}: {entry!r} is not a number; write nan for what is missing"
        ) from None


def _column(target: str | None, names: list[str], header: bool, source: str) -> int:
    if target is None:
        return len(names) - 1
    if header and target in names:
        return names.index(target)
    if target.isdigit() and 1 <= int(target) <= len(names):
        return int(target) - 1
    has = (
        f"has the columns {', '.join(names)}" if header else f"has {len(names)} columns, no header"
    )
    raise ValueError(f"--target {target!r}: {source} {has}; give a name or a number from 1")


def _target(
    entries: Cells, rows: Rows, lines: Sequence[int]
) -> "tuple[Floats, tuple[str, str] | None]":
    """The target as numbers, and what its two values are called, if it has two."""
    if all(map(_is_number, entries)):
        numbers = np.array(
            [_number(entry, rows.source, n) for entry, n in zip(entries, lines, strict=True)]
        )
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
def read_examples(text: str, shown: str) -> "tuple[tuple[str, ...], str, Floats, int]":
    """Reads the text of a CSV file with a header, whose last column is the target.

    Returns the names of the columns before it, its own, all numbers (n, d + 1), and how many
    classes it has, 0 for regression. Raises ValueError, which calls the file `shown`.
    """
    rows = [row for row in split_rows(text, repr(shown), comments=False)[0] if any(row)]
    if len(rows) < 5:
        count = max(len(rows) - 1, 0)
        raise ValueError(f"{shown!r} has {count_of(count, 'row')}; give a header and 4 or more")
    header, *rows = rows
    if len(header) < 2:
        raise ValueError(f"{shown!r} has one column; the last of two or more is the target")
    if all(_finite(cell) is not None for cell in header):
        raise ValueError(f"{shown!r} starts with numbers; put a header above them, as in x,y,class")
    table = np.empty((len(rows), len(header)))
    for i, row in enumerate(rows):
        if len(row) != len(header):
            raise ValueError(
                f"{shown!r}, row {i + 2}: {len(row)} entries under a header of {len(header)}"
            )
    for j, name in enumerate(header[:-1]):
        for i, row in enumerate(rows):
            number = _finite(row[j])
            if number is None:
                raise ValueError(
                    f"{shown!r}, row {i + 2}: {row[j]!r} under {name!r} is no finite number"
                )
            table[i, j] = number
    table[:, -1], classes = _targets([row[-1] for row in rows], shown)
    *columns, target_name = map(printable, header)
    return tuple(columns), target_name, table, classes


def _finite(text: str) -> float | None:
    """The finite number that a text spells, if it spells one; 1_000 is one here."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def _targets(cells: Sequence[str], shown: str) -> "tuple[Floats, int]":
    """The target column: -1 and 1, class numbers, or regression (0 classes)."""
    numbers = [number for number in map(_finite, cells) if number is not None]
    numeric = len(numbers) == len(cells)
    entries: Cells = numbers if numeric else cells
    values = sorted(set(entries))
    if len(values) < 2:
        raise ValueError(f"{shown!r}: the last column has one value only; it should be the target")
    if numeric and (len(values) > MOST_CLASSES or 2 * len(values) > len(cells)):
        return np.array(numbers, np.float64), 0
    if not numeric and (len(values) > MOST_LABELS or "" in values):
        raise ValueError(
            f"{shown!r}: the last column has {len(values)} different texts; "
            f"give classes ({MOST_LABELS} at most) or numbers there"
        )
    index = np.array([values.index(entry) for entry in entries], np.float64)
    return (2 * index - 1, 2) if len(values) == 2 else (index, len(values))
