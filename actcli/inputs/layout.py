"""How a text lays out its numbers: what stands between them, a header, decimal points or commas."""

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from ..wording import count_of, printable

DECIMALS = (".", ",")
MARKS = (",", ";", "\t")
SHOWN = 40  # characters of what is no number, in an error
WITH_COMMA = re.compile(r"[+-]?\d+,\d+([eE][+-]?\d+)?")
_FIELD = re.compile(r"[^;\s]+")

Lines = Sequence[tuple[int, str]]


def parse_number(text: str, decimal: str = ".") -> float:
    """Reads the number that `text` spells: digits, an exponent, nan or inf. Raises ValueError."""
    try:
        if "_" in text or (decimal == "," and "." in text):
            raise ValueError
        return float(text.replace(",", ".") if decimal == "," else text)
    except ValueError:
        raise ValueError(f"{printable(text.strip()[:SHOWN])!r} is not a number") from None


def is_number(text: str, decimal: str = ".") -> bool:
    """Says whether `text` spells a number."""
    try:
        parse_number(text, decimal)
    except ValueError:
        return False
    return True


def lines_of(text: str, first: int = 1) -> Lines:
    """The lines that are neither blank nor a comment (#), numbered from `first` on."""
    return [
        (number, line) for number, line in enumerate(text.split("\n"), first)
        if line.strip() and not line.lstrip().startswith("#")
    ]  # fmt: skip


class Layout(NamedTuple):
    """What stands between the entries of a row (None: white space), their names, the decimal sign.

    `header` is None where the first line holds numbers.
    """

    mark: str | None = None
    header: tuple[str, ...] | None = None
    decimal: str = "."

    def rows(self, lines: Lines, name: str) -> Iterator[tuple[int, list[str]]]:
        """The entries of each row and the number of its line. ValueError calls the file `name`."""
        if self.mark is None:
            yield from ((number, line.split()) for number, line in lines)
            return
        import csv

        reader = csv.reader((line for _, line in lines), delimiter=self.mark)
        try:
            for row in reader:
                yield lines[reader.line_num - 1][0], [cell.strip() for cell in row]
        except csv.Error as error:
            raise ValueError(
                f"{name} is no CSV file ({error}); give rows of numbers, one per line"
            ) from None

    def number(self, text: str, name: str, line: int) -> float:
        """Reads an entry. Raises ValueError."""
        try:
            return parse_number(text, self.decimal)
        except ValueError as error:
            what = comma_advice(text, self.decimal) or "write nan for what is missing"
            raise ValueError(f"{name}, line {line}: {error}; {what}") from None

    def place(self, column: str, name: str, width: int, option: str = "--column") -> int:
        """Finds a column by its name or its number from 1; `width` columns. Raises ValueError."""
        names = self.header or ()
        if column in names:
            return names.index(column)
        if column.isascii() and column.isdigit() and 1 <= int(column) <= width:
            return int(column) - 1
        raise ValueError(
            f"{option} {column!r}: {name} has {columns_of(names, width)}; "
            "give a name or a number from 1"
        )


def columns_of(names: Sequence[str], width: int) -> str:
    """Words the columns of a file: their names, if they have any, else how many there are."""
    if not names:
        return f"{count_of(width, 'column')}, no header"
    shown = [printable(name)[:SHOWN] for name in names[:12]]
    more = ", ..." if len(names) > 12 else ""
    return f"the column{'s' * (len(names) > 1)} {', '.join(shown)}{more}"


def layout_of(lines: Lines, decimal: str | None, name: str) -> Layout:
    """Finds the layout of a text from its first lines, of which one at least should follow a header.

    Without a `decimal` sign that is a point, but ValueError refuses numbers that all look like 1,5
    in rows or columns of their own.
    """
    if not lines:
        return Layout(decimal=decimal or ".")
    first, second = lines[0][1], lines[1][1] if len(lines) > 1 else ""
    sign = decimal or "."
    mark = _mark_of(first, sign, second)
    cells = next(iter(Layout(mark).rows(lines[:1], name)))[1]
    if not _names(cells, sign):
        return Layout(mark, None, sign)
    if len(cells) > 1 and len(_FIELD.findall(second)) == 1 and (mark or " ") not in second:
        cells, mark = [first.strip()], None  # a title of several words
    if mark is None:
        cells = [re.sub(r"""^(["'])(.*)\1$""", r"\2", cell) for cell in cells]
    return Layout(mark or _mark_of(second, sign), tuple(cells), sign)


def _mark_of(line: str, decimal: str, after: str = "") -> str | None:
    """The mark between the fields of a line: rather one that the line after it has too."""
    bare = re.sub('"[^"]*"', "", line)
    marks = (mark for mark in MARKS if mark != decimal)
    mark = max(marks, key=lambda mark: (mark in bare and mark in after, bare.count(mark)))
    return mark if mark in bare else None


def _names(cells: Sequence[str], decimal: str) -> bool:
    """Whether a first row is a header: no number in it, and not only what may be a damaged one."""
    return any(
        cell and not cell[0].isdigit() and cell[0] not in "+-.#\ufffd" and "\0" not in cell
        for cell in cells
    ) and not any(cell and all(is_number(part, decimal) for part in cell.split()) for cell in cells)


def refuse_commas(lines: Iterable[tuple[int, str]], decimal: str | None, name: str) -> None:
    """Raises ValueError if no decimal sign is told and all numbers look like 1,5."""
    first = None
    for line, text in lines if decimal is None else ():
        for found in _FIELD.finditer(text):
            if not WITH_COMMA.fullmatch(found[0]):
                return
            first = first or (line, found[0])
    if first is not None:
        raise ValueError(
            f"{name}, line {first[0]}: {first[1]!r} looks like a number with a decimal comma; "
            "add --decimal , to read it so, or --decimal . if commas stand between numbers"
        )


def comma_advice(text: str, decimal: str) -> str:
    """What to type where `text` is a number with the other decimal sign; else ''."""
    text = text.strip()
    if decimal == "." and WITH_COMMA.fullmatch(text):
        return "add --decimal , if that is a decimal comma"
    if decimal == "." and any(WITH_COMMA.fullmatch(part) for part in text.split(";")[:-1]):
        return "add --decimal , if semicolons stand between entries"
    if decimal == "," and is_number(text):
        return "with --decimal , a number has no point; leave the option out"
    return ""
