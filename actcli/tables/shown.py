"""Formats for people: Markdown, and a table in the terminal."""

import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, groupby, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Literal, TextIO

from ..wording import DIGITS, digits_asked
from .entries import LONG_HEADING, filled, for_people, is_number

if TYPE_CHECKING:
    from rich.table import Table as RichTable

    from ..numbers.types import NumpyArray as Array

    Entries = Sequence[str | Array]

Styles = Mapping[str, Mapping[str, str]]

SHOWN_TOGETHER = 1000  # rows whose widths fix the layout of a longer table
GAP = 2  # characters between the columns of a table
NARROW_TEXT = 10  # a column of text is not squeezed further, even if that cuts words
WIDE_LABEL = 24  # room for the texts of rows that are still to come


class Shown(ABC):
    """Collects rows until their widths are known, then prints them."""

    def __init__(self, columns: Sequence[str], stream: TextIO) -> None:
        self._columns, self._stream = columns, stream
        self._digits = digits_asked() or DIGITS
        self._numeric = [False] * len(columns)
        self._waiting: list[Sequence[str]] = []
        self._laid_out = self._at_once = False

    def rows(self, records: Iterable[Mapping[str, object]]) -> None:
        entries = [[record.get(name) for name in self._columns] for record in records]
        given = [[e for e in column if e is not None] for column in zip(*entries, strict=True)]
        numeric = [bool(column) and all(map(is_number, column)) for column in given]
        self._add(([self._text(entry) for entry in row] for row in entries), numeric)
        if self._at_once:
            self._flush(last=False)

    def _text(self, entry: object) -> str:
        """An entry for people, in the characters that the stream will write in their stead."""
        text = for_people(entry)
        if text.isascii() or getattr(self._stream, "errors", None) in (None, "strict"):
            return text
        encoding = self._stream.encoding
        return text.encode(encoding, self._stream.errors or "strict").decode(encoding)

    def batch(self, entries: "Entries") -> None:
        size = max(len(entry) for entry in entries if not isinstance(entry, str))
        missing = 0 if self._laid_out else SHOWN_TOGETHER - len(self._waiting)
        if missing > 0:
            first = [e if isinstance(e, str) else e[:missing] for e in entries]
            self._add(self._texts(first), [not isinstance(e, str) for e in entries])
        if missing >= size:
            return
        self._flush(last=False)
        left = [e if isinstance(e, str) else e[missing:] for e in entries]
        text = self._block(left)
        if text is None:
            self._print(self._texts(left))
        else:
            self._stream.write(text)

    def _texts(self, entries: "Entries") -> list[tuple[str, ...]]:
        """Rows of a batch as texts."""
        from .digits import rounded_texts

        cells = [e if isinstance(e, str) else rounded_texts(e, self._digits) for e in entries]
        return [*zip(*filled(cells), strict=True)]

    @abstractmethod
    def _block(self, entries: "Entries") -> str | None:
        """Rows in the layout that was fixed, of a batch; None where they do not fit in."""

    def close(self) -> None:
        self._flush(last=True)

    def _add(self, rows: Iterable[Sequence[str]], numeric: Sequence[bool]) -> None:
        if not self._laid_out and numeric:
            self._numeric = list(numeric)
        for row in rows:
            if len(self._waiting) == SHOWN_TOGETHER:
                self._flush(last=False)
            self._waiting.append(row)

    def _flush(self, last: bool) -> None:
        if self._laid_out and not self._waiting:
            return
        if not self._laid_out:
            self._laid_out = True
            self._lay_out(self._waiting, last)
        self._print(self._waiting)
        self._waiting = []

    @abstractmethod
    def _lay_out(self, rows: Sequence[Sequence[str]], complete: bool) -> None:
        """Fix the widths by the first rows, which are all of them if `complete`."""

    @abstractmethod
    def _print(self, rows: Sequence[Sequence[str]]) -> None:
        """Write rows in the layout that was fixed."""


class Markdown(Shown):
    def _lay_out(self, rows: Sequence[Sequence[str]], complete: bool) -> None:
        marked = [[_marked(cell) for cell in row] for row in (self._columns, *rows)]
        self._widths = [max(3, *map(len, column)) for column in zip(*marked, strict=True)]
        self._line(marked[0])
        self._line(
            "-" * (width - 1) + ":" if numeric else "-" * width
            for width, numeric in zip(self._widths, self._numeric, strict=True)
        )

    def _print(self, rows: Sequence[Sequence[str]]) -> None:
        for row in rows:
            self._line(map(_marked, row))

    def _block(self, entries: "Entries") -> str | None:
        from ..native.decimals import RIGHT, Alignment
        from .digits import rounded_rows

        pieces, places = ["| "], []
        for entry, width in zip(entries, self._widths, strict=True):
            if isinstance(entry, str):
                pieces[-1] += _marked(entry).ljust(width) + " | "
            else:
                places.append(Alignment(RIGHT, width))
                pieces.append(" | ")
        pieces[-1] = pieces[-1].rstrip() + "\n"
        numbers = [entry for entry in entries if not isinstance(entry, str)]
        return rounded_rows(numbers, pieces, self._digits, places)

    def _line(self, cells: Iterable[str]) -> None:
        padded = (
            cell.rjust(width) if numeric else cell.ljust(width)
            for cell, width, numeric in zip(cells, self._widths, self._numeric, strict=True)
        )
        self._stream.write("| " + " | ".join(padded) + " |\n")


def _marked(cell: str) -> str:
    """A cell in which no character means markup; an underscore inside a word means none."""
    return re.sub(r"[\\`*|<~[\]]|\b_|_\b", r"\\\g<0>", re.sub(r"\s", " ", cell))


LEAST_WIDTH, MOST_WIDTH = 20, 1000  # of the terminal, whatever COLUMNS says


class TextTable(Shown):
    """Drawn by rich: decimal points below each other, text wrapped to the width of the terminal.

    Where the columns are too wide even so, they are spread over several tables.
    """

    def __init__(self, columns: Sequence[str], stream: TextIO, styles: Styles) -> None:
        super().__init__(columns, stream)
        # a name stays as it is typed, but a long one may be broken at its underscores
        self._headings = [n if len(n) <= LONG_HEADING else n.replace("_", " ") for n in columns]
        self._styles = styles

    def begin(self, records: Iterable[Mapping[str, object]]) -> None:
        """Lays out by these, and prints every row when it comes if one table can hold the columns."""
        self.rows(records)
        self._lay_out(self._waiting, True)
        self._waiting = []
        self._laid_out = self._at_once = len(self._tables) == 1

    def _lay_out(self, rows: Sequence[Sequence[str]], complete: bool) -> None:
        from rich.console import Console

        class Surfacing(Console):
            def on_broken_pipe(self) -> None:
                raise  # rich would end the program with status 1

        self._console = Surfacing(file=self._stream, highlight=False, markup=False, emoji=False)
        self._console.width = min(max(self._console.width, LEAST_WIDTH), MOST_WIDTH)
        columns = list(zip(*rows, strict=True)) or [()] * len(self._columns)
        self._points = [_around_point(cells, complete, self._digits) for cells in columns]
        least, easy, full = [], [], []  # widths: just enough, no word cut, no line wrapped
        for k, cells in enumerate(columns):
            words = [len(word) for cell in cells for word in cell.split()]
            heading = max(map(len, self._headings[k].split()))
            if self._numeric[k]:
                words = cells_width = [sum(self._points[k])]
                enough = words[0]
            else:
                cells_width = [*map(len, cells), 0 if complete else WIDE_LABEL]
                enough = min(max(words, default=0), NARROW_TEXT if k else 2 * NARROW_TEXT)
            least.append(max(heading, enough))
            easy.append(max([heading, *words]))
            full.append(max([len(self._headings[k]), *cells_width]))
        room = self._console.width
        self._tables = []
        for group in _groups(least, room, _telling(columns)):
            widths = {k: least[k] for k in group}
            _widen(widths, easy, room)
            _widen(widths, full, room)
            self._tables.append(widths)
        self._begun = False
        self._label = ""

    def _print(self, rows: Sequence[Sequence[str]]) -> None:
        text = self._plain(rows) if self._begun else None
        if text is None:
            with self._console.capture() as capture:
                for number, widths in enumerate(self._tables):
                    if number:
                        self._console.print()
                    self._console.print(self._drawn(rows, widths))
            text = capture.get()
        self._stream.write(re.sub(r" +$", "", text, flags=re.MULTILINE))
        self._begun = True

    def _block(self, entries: "Entries") -> str | None:
        """The same text as `_print` writes row by row."""
        from ..native.decimals import POINT, Alignment
        from .digits import rounded_rows

        label, *others = entries
        numbers = [entry for entry in others if not isinstance(entry, str)]
        (first, *columns), *more = self._tables
        room = self._tables[0][first]
        if not isinstance(label, str) or len(numbers) < len(others) or len(label) > room:
            return None
        places = [Alignment(POINT, *self._points[k]) for k in columns]
        spare = [self._tables[0][k] - sum(self._points[k]) for k in columns]
        if more or self._styles or min(spare) < 0:
            return None
        pieces = [" " * (GAP + n) for n in spare]
        pieces[0] = label.ljust(room) + pieces[0]
        text = rounded_rows(numbers, [*pieces, "\n"], self._digits, places)
        if text is None:
            return None
        lead = "" if label == self._label else "\n"
        self._label = label
        return lead + text

    def _plain(self, rows: Sequence[Sequence[str]]) -> str | None:
        """Rows as rich draws them, 100 times as fast; None where there is more to do than pad."""
        if self._styles or len(self._tables) > 1:
            return None
        lines = []
        widths = self._tables[0]
        for row in rows:
            if any(len(row[k]) > width for k, width in widths.items()):
                return None
            if row[0] != self._label and not self._numeric[0]:
                self._label = row[0]
                lines.append("\n")
            lines.append(
                (" " * GAP).join(self._padded(row[k], k, widths[k]) for k in widths) + "\n"
            )
        return "".join(lines)

    def _padded(self, cell: str, k: int, width: int) -> str:
        return _aligned(cell, self._points[k], width) if self._numeric[k] else cell.ljust(width)

    def _drawn(self, rows: Sequence[Sequence[str]], widths: Mapping[int, int]) -> "RichTable":
        from rich.box import SIMPLE_HEAD
        from rich.table import Table as RichTable
        from rich.text import Text

        table = RichTable(
            box=SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, GAP - 1, 0, 0),
            show_header=not self._begun, header_style="bold",
        )  # fmt: skip
        for k, width in widths.items():
            side: Literal["left", "right"] = "right" if self._numeric[k] else "left"
            table.add_column(Text(self._headings[k], justify=side), width=width)
        blocks = [len([*block]) for _, block in groupby(rows, key=itemgetter(0))]
        ends = {  # the last rows of blocks, where one of both has more rows
            last for last, sizes in zip(accumulate(blocks), pairwise(blocks), strict=False)
            if max(sizes) > 1
        }  # fmt: skip
        for number, row in enumerate(rows, 1):
            cells = []
            for k, width in widths.items():
                style = self._styles.get(self._columns[k], {}).get(row[k], "")
                cells.append(Text(self._padded(row[k], k, width), style, overflow="fold"))
            table.add_row(*cells, end_section=number in ends)
            self._label = row[0]
        return table


def _around_point(cells: Sequence[str], complete: bool, digits: int) -> tuple[int, int]:
    """The most characters before and from the decimal point (or exponent) on."""
    parts = [_at_point(cell) for cell in cells]
    before = max((len(whole) for whole, _ in parts), default=0)
    after = max((len(rest) for _, rest in parts), default=0)
    return (
        (before, after)
        if complete
        else (max(before, digits + 1, len("-inf")), max(after, digits + 5))
    )


def _at_point(cell: str) -> tuple[str, str]:
    found = re.search(r"[.e]", cell)
    place = found.start() if found else len(cell)
    return cell[:place], cell[place:]


def _aligned(cell: str, points: tuple[int, int], width: int) -> str:
    whole, rest = _at_point(cell)
    return (whole.rjust(points[0]) + rest.ljust(points[1])).rjust(width)


def _telling(columns: Sequence[Sequence[str]]) -> list[int]:
    """The first columns that tell the rows apart, without those that are the same in all; else [0]."""
    found: list[int] = []
    for k, cells in enumerate(columns):
        found += [k] * (len({*cells}) > 1)
        if found and len({*zip(*(columns[j] for j in found), strict=True)}) == len(cells):
            return found
    return [0]


def _groups(least: Sequence[int], room: int, telling: list[int]) -> list[list[int]]:
    """Columns that fit side by side; those that tell the rows apart begin every further group."""
    begins = telling if sum(least[k] + GAP for k in telling) < room / 2 else [0]
    groups = [[0]]
    for k in range(1, len(least)):
        used = sum(least[j] + GAP for j in groups[-1]) + least[k]
        begun = 1 if len(groups) == 1 else len(begins)
        if used > room and len(groups[-1]) > begun:
            groups.append([*begins])
        groups[-1] += [k] * (k not in groups[-1])
    return groups


def _widen(widths: dict[int, int], wanted: Sequence[int], room: int) -> None:
    """Hand out the room that is left, narrowest column first, up to the widths wanted."""
    left = room - sum(widths.values()) - GAP * (len(widths) - 1)
    while left > 0:
        growing = [k for k in widths if widths[k] < wanted[k]]
        if not growing:
            return
        widths[min(growing, key=widths.__getitem__)] += 1
        left -= 1
