"""Formats that keep every digit: TSV, CSV, JSON, JSON lines, LaTeX."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, TextIO

from ..wording import digits_asked
from .entries import LONG_HEADING, NOT_FINITE, Math, as_json, filled, is_number, plain

if TYPE_CHECKING:
    from ..numbers.types import NumpyArray as Array

    Entries = Sequence[str | Array]


class Exact(ABC):
    """Rows of texts between fixed pieces: what comes before, between and after the entries."""

    pieces: list[str]
    lead = ""  # what the first row does without
    foot = ""

    def __init__(self, columns: Sequence[str], stream: TextIO) -> None:
        self._columns, self._stream = columns, stream
        self._begun = False

    def head(self, numeric: Sequence[bool]) -> str:
        return ""

    @abstractmethod
    def text(self, value: object) -> str:
        """Any entry as text."""

    def number(self, digits: str) -> str:
        """A number, given as its shortest digits, nan, inf or -inf."""
        return digits

    def rows(self, records: Iterable[Mapping[str, object]]) -> None:
        entries = [[record.get(name) for name in self._columns] for record in records]
        given = [[e for e in column if e is not None] for column in zip(*entries, strict=True)]
        numeric = [bool(column) and all(map(is_number, column)) for column in given]
        self._put((self._row(map(self.text, row)) for row in entries), numeric)

    def batch(self, entries: "Entries") -> None:
        self._put([self._joined(entries)], [not isinstance(entry, str) for entry in entries])

    def close(self) -> None:
        if not self._begun:
            self._stream.write(self.head([False] * len(self._columns)))
        self._stream.write(self.foot)

    def _joined(self, entries: "Entries") -> str:
        """All rows of a batch."""
        from .digits import rows

        numbers: list[Array] = []
        pieces = [""]
        for piece, entry in zip(self.pieces, entries, strict=False):
            pieces[-1] += piece
            if isinstance(entry, str):
                pieces[-1] += self.text(entry)
            else:
                numbers.append(entry)
                pieces.append("")
        pieces[-1] += self.pieces[-1]
        return rows(numbers, pieces, [*map(self.number, NOT_FINITE)])

    def _row(self, texts: Iterable[str]) -> str:
        *before, last = self.pieces
        return "".join(piece + text for piece, text in zip(before, texts, strict=True)) + last

    def _put(self, parts: Iterable[str], numeric: Sequence[bool]) -> None:
        for part in parts:
            if not self._begun:
                self._begun = True
                part = self.head(numeric) + part.removeprefix(self.lead)
            self._stream.write(part)


class _Separated(Exact):
    """TSV: a line break or tab inside a text becomes a space."""

    separator = "\t"

    def __init__(self, columns: Sequence[str], stream: TextIO) -> None:
        super().__init__(columns, stream)
        self.pieces = ["", *[self.separator] * (len(columns) - 1), "\n"]

    def head(self, numeric: Sequence[bool]) -> str:
        return self._row(map(self.quoted, self._columns))

    def text(self, value: object) -> str:
        value = plain(value)
        if value is None:
            return ""
        return self.quoted(value if isinstance(value, str) else _field(value))

    def quoted(self, text: str) -> str:
        return re.sub(r"\s", " ", text)


def _field(value: object) -> str:
    return repr(value) if isinstance(value, float) else as_json(value)


class _Csv(_Separated):
    separator = ","

    def quoted(self, text: str) -> str:
        return '"' + text.replace('"', '""') + '"' if re.search(r'[",\r\n]', text) else text


class _JsonLines(Exact):
    def __init__(self, columns: Sequence[str], stream: TextIO) -> None:
        super().__init__(columns, stream)
        names = [f"{as_json(name)}: " for name in columns]
        self.pieces = ["{" + names[0], *(f", {name}" for name in names[1:]), "}\n"]

    def text(self, value: object) -> str:
        return as_json(value)

    def number(self, digits: str) -> str:
        return f'"{NOT_FINITE[digits]}"' if digits in NOT_FINITE else digits


class _JsonArray(_JsonLines):
    lead = ","

    def __init__(self, columns: Sequence[str], stream: TextIO) -> None:
        super().__init__(columns, stream)
        self.pieces = [",\n" + self.pieces[0], *self.pieces[1:-1], "}"]

    def head(self, numeric: Sequence[bool]) -> str:
        return "["

    def close(self) -> None:
        self.foot = "\n]\n" if self._begun else "]\n"
        super().close()


WIDE = 40  # characters from which on the texts of a LaTeX table are broken into lines


class _Latex(Exact):
    """A tabular of booktabs, for columns of a journal; its numbers stand in math mode.

    The formulas among its entries may need amsmath.
    """

    foot = "\\bottomrule\n\\end{tabular}\n"

    def __init__(self, columns: Sequence[str], stream: TextIO) -> None:
        super().__init__(columns, stream)
        self.pieces = ["", *[" & "] * (len(columns) - 1), " \\\\\n"]
        self._digits = digits_asked()
        self._wide = [False] * len(columns)

    def head(self, numeric: Sequence[bool]) -> str:
        broken = f"p{{{0.4 / max(sum(self._wide), 1):.2g}\\linewidth}}"
        spec = "".join(
            broken if wide else "r" if number else "l"
            for number, wide in zip(numeric, self._wide, strict=True)
        )
        names = self._row(
            _heading(name, "r" if number else "l")
            for name, number in zip(self._columns, numeric, strict=True)
        )
        return f"\\begin{{tabular}}{{{spec}}}\n\\toprule\n{names}\\midrule\n"

    def rows(self, records: Iterable[Mapping[str, object]]) -> None:
        records = list(records)
        for k, name in enumerate(self._columns):
            cells = [record.get(name) for record in records]
            self._wide[k] |= any(
                isinstance(cell, str) and not isinstance(cell, Math) and len(cell) > WIDE
                for cell in cells
            )
        super().rows(records)

    def text(self, value: object) -> str:
        value = plain(value)
        if value is None:
            return ""
        if is_number(value):
            return self.number(repr(value))
        if isinstance(value, Math):
            return f"${value}$"
        return _escaped(value if isinstance(value, str) else _field(value))

    def number(self, digits: str) -> str:
        if digits == "nan":
            return digits
        if self._digits:
            digits = f"{float(digits):.{self._digits}g}"
        mantissa, _, exponent = digits.replace("inf", "\\infty").partition("e")
        power = f" \\times 10^{{{int(exponent)}}}" if exponent else ""
        return f"${mantissa}{power}$"

    def _joined(self, entries: "Entries") -> str:
        from .digits import texts

        columns = [
            self.text(entry) if isinstance(entry, str) else list(map(self.number, texts(entry)))
            for entry in entries
        ]
        return "".join(map(self._row, zip(*filled(columns), strict=True)))


_LATEX: dict[str, str | int | None] = {
    "\\": "\\textbackslash{}",
    "~": "\\textasciitilde{}",
    "^": "\\textasciicircum{}",
    "<": "\\textless{}",
    ">": "\\textgreater{}",
    "|": "\\textbar{}",
    "∞": "$\\infty$",
    "≤": "$\\leq$",
    "≥": "$\\geq$",
    "−": "$-$",
    "×": "$\\times$",
    "·": "$\\cdot$",
    "′": "$'$",
    "…": "\\dots{}",
    "[": "{[}",  # after \\ it would open an optional argument
    **{special: f"\\{special}" for special in "&%$#_{}"},
}


def _heading(name: str, side: str) -> str:
    """The name of a column; a long one in two lines."""
    words = name.split("_")
    if len(name) <= LONG_HEADING or len(words) < 2:
        return _escaped(name)
    lines = [(" ".join(words[:k]), " ".join(words[k:])) for k in range(1, len(words))]
    first, second = min(lines, key=lambda pair: max(map(len, pair)))
    return f"\\shortstack[{side}]{{{_escaped(first)}\\\\{_escaped(second)}}}"


def _escaped(text: str) -> str:
    escaped = re.sub(r"\s", " ", text).translate(str.maketrans(_LATEX))
    return f"{{*}}{escaped[1:]}" if escaped.startswith("*") else escaped  # as with [


EXACT: dict[str, Callable[[Sequence[str], TextIO], Exact]] = {
    "tsv": _Separated,
    "csv": _Csv,
    "json": _JsonArray,
    "jsonl": _JsonLines,
    "latex": _Latex,
}
