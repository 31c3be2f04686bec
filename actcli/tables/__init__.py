"""Records as text: a table for people, TSV, CSV, JSON, JSON lines, Markdown, LaTeX.

numpy is imported only where an array is written, rich only for a table.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from io import StringIO
from types import TracebackType
from typing import TYPE_CHECKING, Self, TextIO

if TYPE_CHECKING:
    from ..numbers.types import NumpyArray as Array
    from .exact import Exact
    from .shown import Shown, Styles

FORMATS = ("table", "tsv", "csv", "json", "jsonl", "markdown", "latex")
BLOCK_ROWS = 1 << 14  # a block of numbers and its text stay in the processor's cache


class Writer:
    """Writes records with the given columns to a text stream, in one of FORMATS.

    `rows` takes records one by one, `batch` takes arrays, one row per element; both may be called
    many times, and nothing but the rows that fix the layout of a table is kept. A missing entry
    is written as None is: empty, or null in JSON. Floats are written with the fewest digits that
    give the same number in their own dtype ("table" and "markdown" show six). `styles` colours
    entries of a table: {"verdict": {"proved": "green"}}.

    Errors of the stream (BrokenPipeError) pass through, at the latest from `close`.
    """

    def __init__(
        self, form: str, columns: Sequence[str], stream: TextIO, styles: "Styles | None" = None
    ) -> None:
        if form not in FORMATS:
            raise ValueError(f"there is no format {form!r}; choose one of {', '.join(FORMATS)}")
        self._stream = stream
        self._form: Exact | Shown
        if form in ("table", "markdown"):
            from .shown import Markdown, TextTable

            table = form == "table"
            self._form = (
                TextTable(columns, stream, styles or {}) if table else Markdown(columns, stream)
            )
        else:
            from .exact import EXACT

            self._form = EXACT[form](columns, stream)

    def begin(self, records: Iterable[Mapping[str, object]]) -> None:
        """Fixes the layout of a table by these records, which it does not write; the rows to come
        are written at once, not together."""
        begin = getattr(self._form, "begin", None)
        if begin is not None:
            begin(records)

    def rows(self, records: Iterable[Mapping[str, object]]) -> None:
        """Writes one row per record."""
        self._form.rows(records)

    def batch(self, entries: Sequence["str | Array"]) -> None:
        """Writes one row per element of the arrays, all of shape (n,); a str is for all rows."""
        for block in _blocks(entries):
            self._form.batch(block)

    def close(self) -> None:
        """Writes what is still to be written, and flush the stream (without closing it)."""
        self._form.close()
        self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if error is None:
            self.close()


def write(
    form: str,
    columns: Sequence[str],
    records: Iterable[Mapping[str, object]],
    stream: TextIO,
    styles: "Styles | None" = None,
) -> None:
    """Writes all records; see `Writer`."""
    with Writer(form, columns, stream, styles) as writer:
        writer.rows(records)


def write_shapes(
    form: str,
    shapes: Iterable[tuple[Sequence[str], Iterable[Mapping[str, object]]]],
    stream: TextIO,
) -> None:
    """Write records of several shapes, columns and records each, as one "json" or "jsonl" text."""
    lines = StringIO()
    for columns, records in shapes:
        write("jsonl", columns, records, lines)
    text = lines.getvalue()
    stream.write(text if form == "jsonl" else "[\n" + text[:-1].replace("\n", ",\n") + "\n]\n")
    stream.flush()


def _blocks(entries: Sequence["str | Array"]) -> Iterator[list["str | Array"]]:
    size = max(len(entry) for entry in entries if not isinstance(entry, str))
    for start in range(0, size, BLOCK_ROWS):
        part = slice(start, start + BLOCK_ROWS)
        yield [entry if isinstance(entry, str) else entry[part] for entry in entries]
