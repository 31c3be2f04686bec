"""Rows of numbers from a file: examples for a neuron, with or without a target column."""

import csv
import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ..wording import printable
from .numbers import read_text

if TYPE_CHECKING:
    from ..numbers.types import Floats


MOST_CELLS = 5_000_000


@dataclass
class Rows:
    """Examples as read: numbers (n, d), their names, and the target column, if there is one."""

    numbers: "Floats"
    names: list[str]
    target: "Floats | None" = None
    classes: tuple[str, str] | None = None
    target_name: str = ""
    source: str = ""


def read_rows(path: str, target: str | None = None, fit: bool = False) -> Rows:
    """The rows of a text file (commas, semicolons or white space; header optional) or .npy file.

    The column `target`, or with `fit` the last one, is set apart. Raises ValueError.
    """
    import numpy as np

    source = "standard input" if path == "-" else path
    if path.lower().endswith(".npy"):
        from .numbers import read_numbers

        count = len(read_numbers(path))  # says what is wrong with the file, if anything is
        if count > MOST_CELLS:
            raise ValueError(f"{source} holds {count} numbers; a neuron takes {MOST_CELLS} at most")
        with np.errstate(over="ignore", invalid="ignore"):  # a signalling nan is invalid
            table = np.load(path, allow_pickle=False).astype(np.float64)
        if table.ndim > 2 or table.ndim == 0:
            raise ValueError(f"{source} has shape {table.shape}; save rows and columns")
        table = table.reshape(-1, 1) if table.ndim == 1 else table
        assert table.size == count
        header: list[str] = []
        texts = [[repr(v) for v in row] for row in table.tolist()]
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


def count_of(n: int, noun: str) -> str:
    return f"{n} {noun}" + ("" if n == 1 else "s")


def _split(path: str, source: str) -> tuple[list[str], list[list[str]], list[int]]:
    """Header (or []), rows of text and their line numbers."""
    from .numbers import read_text

    try:
        lines = read_text(path).splitlines()
    except OSError as error:
        raise ValueError(
            f"cannot read {path!r}: {error.strerror}; give a file of rows, or - to read a pipe"
        ) from None
    kept = [(n, s) for n, s in enumerate(lines, 1) if s.strip() and not s.lstrip().startswith("#")]
    mark = next((m for m in (",", ";", "\t") if kept and m in kept[0][1]), None)
    rows = []
    for number, line in kept:
        parts = line.split() if mark is None else next(csv.reader([line], delimiter=mark))
        rows.append((number, [part.strip() for part in parts]))
    for number, parts in rows:
        if len(parts) != len(rows[0][1]):
            raise ValueError(
                f"{source}, line {number}: {count_of(len(parts), 'column')}, but "
                f"{len(rows[0][1])} in the line above; give each row as many"
            )
    header: list[str] = []
    if rows and not any(map(_is_number, rows[0][1])):
        header = [printable(name) for name in rows.pop(0)[1]]
    return header, [parts for _, parts in rows], [number for number, _ in rows]


def _is_number(text: str) -> bool:
    from .numbers import parse_number

    try:
        parse_number(text)
    except ValueError:
        return False
    return True


def _number(text: str, source: str, line: int) -> float:
    from .numbers import parse_number

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
    has = (
        f"has the columns {', '.join(names)}" if header else f"has {len(names)} columns, no header"
    )
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
    classes = printable(words[0]), printable(words[1])
    return np.array([float(words.index(text)) for text in texts]), classes


MOST_LABELS = 50  # different texts in a file's last column
MOST_CLASSES = 10  # distinct numbers in a file's last column that still count as classes


def file_text(path: str) -> str:
    try:
        return read_text(path)
    except OSError as error:
        raise ValueError(
            f"cannot read {path!r}: {error.strerror}; give a CSV file with a header, or a data set, "
            "as in --data circle"
        ) from None


@lru_cache(maxsize=4)
def read_examples(text: str, shown: str) -> "tuple[tuple[str, ...], str, Floats, int]":
    first = text.partition("\n")[0]
    mark = max(",;\t", key=first.count)
    try:
        cells = list(csv.reader(text.splitlines(), delimiter=mark))
    except csv.Error as error:
        raise ValueError(f"{shown!r} is no CSV file ({error}); give one with a header") from None
    rows = [[cell.strip() for cell in row] for row in cells]
    rows = [row for row in rows if any(row)]
    if len(rows) < 5:
        count = max(len(rows) - 1, 0)
        raise ValueError(
            f"{shown!r} has {count} row{'s' * (count != 1)}; give a header and 4 or more"
        )
    header = rows[0]
    if len(header) < 2:
        raise ValueError(f"{shown!r} has one column; the last of two or more is the target")
    if all(number_in(cell) is not None for cell in header):
        raise ValueError(f"{shown!r} starts with numbers; put a header above them, as in x,y,class")
    for i, row in enumerate(rows[1:], 2):
        if len(row) != len(header):
            raise ValueError(
                f"{shown!r}, row {i}: {len(row)} entries under a header of {len(header)}"
            )
    table = np.empty((len(rows) - 1, len(header)))
    for j, name in enumerate(header[:-1]):
        for i, row in enumerate(rows[1:]):
            number = number_in(row[j])
            if number is None:
                raise ValueError(
                    f"{shown!r}, row {i + 2}: {row[j]!r} under {name!r} is no finite number"
                )
            table[i, j] = number
    table[:, -1], classes = _targets([row[-1] for row in rows[1:]], shown)
    *columns, target_name = map(printable, header)
    return tuple(columns), target_name, table, classes


def number_in(text: str) -> float | None:
    try:
        value = float(text)
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _targets(cells: list[str], shown: str) -> "tuple[Floats, int]":
    """The target column: -1 and 1, class numbers, or regression (0 classes)."""
    numbers = [number_in(cell) for cell in cells]
    numeric = all(number is not None for number in numbers)
    entries: list[Any] = list(numbers) if numeric else list(cells)
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
    place = {value: k for k, value in enumerate(values)}
    index = np.array([place[entry] for entry in entries], np.float64)
    return (2 * index - 1, 2) if len(values) == 2 else (index, len(values))
