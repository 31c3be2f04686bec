"""Numbers from outside: options such as `--at` and `--range`, text files and .npy files."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from ..wording import count_of
from .layout import (
    SHOWN,
    Layout,
    Lines,
    columns_of,
    comma_advice,
    layout_of,
    lines_of,
    parse_number,
    refuse_commas,
)
from .streams import Stream, name_of, opened

if TYPE_CHECKING:
    from ..numbers.types import Floats

DEFAULT_RANGE = (-5.0, 5.0)
BLOCK_BYTES = 3 << 17  # of text: 16,000 long numbers, and short ones need little memory
BLOCK_NUMBERS = 1 << 16
LONGEST_TOKEN = 1000
LONGEST_LINE = 1 << 16  # of bytes that are kept together
MOST_POINTS = 60_000  # dots across the widest PNG there is: more show nothing more
MOST_NUMBERS = 50_000_000  # that are kept at once

PLAIN = Layout()
_SPACES = b" \t\n\v\f"
_COMMENT = re.compile(rb"^[ \t]*#[^\n]*", re.MULTILINE)
_SKIPPED = re.compile(rb"\s*(?:#[^\n]*\n\s*)*")
_EMPTY_FIELD = {
    mark: re.compile(rb"(?:^|%b)[ \t]*%b" % (mark, mark), re.MULTILINE) for mark in (b",", b";")
}
_NPY, _ZIP, _BYTE_ORDER_MARK = b"\x93NUMPY", b"PK\x03\x04", b"\xef\xbb\xbf"


class File(NamedTuple):
    """`--input`, `--column` and `--decimal` as typed."""

    path: str
    column: str | None = None
    decimal: str | None = None


def chosen_blocks(
    at: str | None, range_: str | None, count: int | None, file: File | None, default_count: int
) -> Iterator["Floats"]:
    """Reads the inputs that `--at`, `--range` and `--points`, or `--input` ask for, in blocks.

    Raises ValueError, for numbers in a file as they are reached.
    """
    ranged = "--points" if range_ is None else "--range"
    given = {"--at": at, ranged: range_ or count, "--input": file}
    options = [option for option, value in given.items() if value is not None]
    if len(options) > 1:
        raise ValueError(f"use just one of {' and '.join(options)}: each says what the inputs are")
    if at is not None:
        return iter([parse_numbers(at)])
    if file is not None:
        return read_blocks(*file)
    low, high = DEFAULT_RANGE if range_ is None else parse_range(range_)
    total = default_count if count is None else count
    return (
        points(low, high, total, start, start + BLOCK_NUMBERS)
        for start in range(0, total, BLOCK_NUMBERS)
    )


def parse_numbers(text: str, option: str = "--at", example: str = "--at -1,0,2.5") -> "Floats":
    """Reads the numbers of an option, float64 of shape (n,), n >= 1. Raises ValueError."""
    import numpy as np

    try:
        return np.array([parse_number(part) for part in text.split(",")], dtype=np.float64)
    except ValueError as error:
        raise ValueError(f"{option}: {error}; give numbers and commas, as in {example}") from None


def parse_range(text: str, option: str = "--range") -> tuple[float, float]:
    """Reads the ends of a range, both finite, LOW < HIGH. Raises ValueError."""
    advice = f"give two numbers, LOW:HIGH, as in {option} -5:5"
    parts = text.split(":")
    if len(parts) != 2:
        raise ValueError(f"{option}: {text!r} is not a range; {advice}")
    try:
        low, high = (parse_number(part) for part in parts)
    except ValueError as error:
        raise ValueError(f"{option}: {error}; {advice}") from None
    if not (abs(low) < float("inf") and abs(high) < float("inf")):
        raise ValueError(f"{option}: {text!r} does not end at finite numbers; {advice}")
    if low >= high:
        raise ValueError(f"{option}: {low:g} is not below {high:g}; {advice}")
    return low, high


def parse_ranges(text: str, option: str) -> list[tuple[float, float] | None]:
    """Reads ranges between commas; None for an empty part. Raises ValueError."""
    return [parse_range(part, option) if part.strip() else None for part in text.split(",")]


def points(
    low: float, high: float, count: int, start: int = 0, stop: int | None = None
) -> "Floats":
    """Makes `count` equidistant points from `low` to `high`, or those numbered start <= i < stop.

    Each is the double nearest to the exact point between the ends as they are printed: -1:1 in
    20 steps has 0.0 and 0.1, where floating-point steps would give 5.6e-17 and 0.10000000000000009.
    """
    from fractions import Fraction

    import numpy as np

    indices = range(count)[start:stop]
    if count == 1:
        return np.full(len(indices), low)
    (a, a_scale), (b, b_scale) = (Fraction(repr(float(v))).as_integer_ratio() for v in (low, high))
    a, b, scale, last = a * b_scale, b * a_scale, a_scale * b_scale, count - 1
    exact = (((last - i) * a + i * b) / (scale * last) for i in indices)
    return np.fromiter(exact, np.float64, len(indices))


def read_numbers(path: str, column: str | None = None, decimal: str | None = None) -> "Floats":
    """Reads all numbers of a file, float64 of shape (n,), n >= 1; see `read_blocks`. Not more than
    MOST_NUMBERS."""
    import numpy as np

    blocks, count = [], 0
    for block in read_blocks(path, column, decimal):
        blocks.append(block)
        count += block.size
        if count > MOST_NUMBERS:
            raise ValueError(
                f"{path!r} holds more than {MOST_NUMBERS} numbers, too many to keep all of them; "
                "'actcli table' takes any number"
            )
    return np.concatenate(blocks)


def read_blocks(
    path: str, column: str | None = None, decimal: str | None = None
) -> Iterator["Floats"]:
    """Reads the numbers of a file, in order, as float64 arrays of shape (n,), n >= 1.

    `path` is a text file (numbers between white space, commas and newlines; lines that start
    with # are skipped, and so is a header), a .npy file of floats or integers of any shape, either
    of them compressed (.gz), or "-" for standard input. Of a text with named columns, `column`, a
    name or a number from 1, says which. `decimal` is "," or, by default, "."; by default numbers
    that all look like 1,5 are refused. Memory stays bounded, whatever the size; what comes through
    a pipe is handed on as it comes. Raises ValueError, naming the line of a bad number.
    """
    name = name_of(path)
    empty = True
    with opened(path, "give a file of numbers, or - to read a pipe") as stream:
        for block in _blocks(stream, name, column, decimal):
            empty = False
            yield block
    if empty:
        raise ValueError(f"{name} holds no numbers; give at least one")


def _blocks(
    stream: Stream, name: str, column: str | None, decimal: str | None
) -> Iterator["Floats"]:
    from ..numbers.malloc import keep_freed_memory

    keep_freed_memory()
    if stream.starts_with(_NPY):
        from .npy import npy_blocks

        yield from npy_blocks(stream, name, column, BLOCK_NUMBERS)
    elif name.lower().removesuffix(".gz").endswith(".npy"):
        raise ValueError(f"{name} is no .npy file; save one with numpy.save, or rename a text file")
    elif stream.starts_with(_ZIP):
        raise ValueError(f"{name} is an archive (.npz?); save one array of it with numpy.save")
    else:
        blocks = _text_blocks(stream, name, decimal or ".")
        layout, line, text = _beginning(blocks, name, column, decimal)
        width = 0
        while text:
            if column is None:
                numbers = numbers_in(text, name, line, layout)
            else:
                numbers, width = _column_in(text, name, line, layout, column, width)
            if numbers.size:
                yield numbers
            line, text = next(blocks, (0, b""))


def _beginning(
    blocks: Iterator[tuple[int, bytes]], name: str, column: str | None, decimal: str | None
) -> tuple[Layout, int, bytes]:
    """The layout, and the first block of text below a header, with the number of its line."""
    start, text, lines = 1, b"", list[tuple[int, str]]()
    for line, block in blocks:
        start = start if text else line
        text += block
        skipped = _SKIPPED.match(text)
        if skipped is not None:
            start += _lines(skipped[0])
            text = text[skipped.end() :]
        if not text:
            continue
        head = text if len(text) <= LONGEST_LINE else text[: text.rfind(b"\n", 0, LONGEST_LINE) + 1]
        if not head:  # a line so long has no names
            return Layout(decimal=decimal or "."), start, text
        lines = [*lines_of(head.decode("utf-8", "replace"), start)]
        layout = layout_of(lines, decimal, name)
        if lines and (layout.header is None or len(lines) > 1 or len(text) > LONGEST_LINE):
            break
    else:
        if text and lines:
            raise ValueError(
                f"{name} holds no numbers below its first line {lines[0][1].strip()[:SHOWN]!r}; "
                "give at least one"
            )
        return PLAIN, 0, b""
    if layout.header is not None:
        if column is None and len(layout.header) > 1:
            example = layout.header[-1]
            raise ValueError(
                f"{name} has {columns_of(layout.header, 0)}; "
                f"choose one, as in --column {example if example.isalnum() else len(layout.header)}"
            )
        (line, _), *lines = lines
        start, text = line + 1, text.split(b"\n", line - start + 1)[-1]
    if column is None:
        refuse_commas(lines, decimal, name)
    return layout, start, text


def _column_in(
    text: bytes, name: str, line: int, layout: Layout, column: str, width: int
) -> tuple["Floats", int]:
    """The numbers of one column of a block of rows, and the columns of each row."""
    import numpy as np

    if width:
        plain = _plain_cells(text, layout, layout.place(column, name, width), width)
        numbers = None if plain is None else _one_each(plain, layout)
        if numbers is not None:
            return numbers, width
    lines = lines_of(text.decode("utf-8", "replace"), line)
    entries = []
    for number, row in layout.rows(lines, name):
        width = width or len(layout.header or row)
        place = layout.place(column, name, width)
        if len(row) != width:
            raise ragged(name, number, len(row), width, lines, layout)
        entries.append((number, row[place]))
    numbers = _one_each([cell.encode() for _, cell in entries], layout)
    if numbers is None:
        numbers = np.array([layout.number(cell, name, number) for number, cell in entries])
    return numbers, width


def _plain_cells(text: bytes, layout: Layout, place: int, width: int) -> list[bytes] | None:
    """One column of rows, four times as fast as the csv module; None if there is more to it."""
    if b'"' in text or b"#" in text:
        return None
    rows = [row for row in text.split(b"\n") if row]
    if layout.mark is None:
        split = [row.split() for row in rows]
        return None if any(len(row) != width for row in split) else [row[place] for row in split]
    mark = layout.mark.encode()
    if any(row.count(mark) != width - 1 for row in rows):
        return None
    return [row.split(mark, place + 1)[place].strip() for row in rows]


def _one_each(cells: list[bytes], layout: Layout) -> "Floats | None":
    """The numbers of cells, None unless each is one."""
    text = b"\n".join(cells)
    if b"#" in text or (b"," in text and layout.decimal == ".") or not all(cells):
        return None
    try:
        numbers = numbers_in(text, "", 1, Layout(None, None, layout.decimal))
    except ValueError:
        return None
    return numbers if numbers.size == len(cells) else None


def ragged(
    name: str, line: int, found: int, width: int, lines: Lines, layout: Layout
) -> ValueError:
    """The error for a row that has another number of columns than those above it."""
    if layout.mark == "," and width == 1:
        refuse_commas([pair for pair in lines if pair[0] == line], None, name)
    return ValueError(
        f"{name}, line {line}: {count_of(found, 'column')}, but {width} in the line above; "
        "give each row as many"
    )


def _text_blocks(stream: Stream, name: str, decimal: str) -> Iterator[tuple[int, bytes]]:
    """Blocks that cut no number in two, each with the number of its first line.

    They cut no line either, unless it is longer than LONGEST_LINE.
    """
    separators = _SPACES + (b";" if decimal == "," else b",")
    held, line, half = b"", 1, b""
    while not stream.ended:
        data = half + stream.chunk(BLOCK_BYTES)
        half = b"\r" if data.endswith(b"\r") and not stream.ended else b""
        held = (held + _unix(data[: len(data) - len(half)])).removeprefix(_BYTE_ORDER_MARK)
        cut = len(held) if stream.ended else held.rfind(b"\n") + 1
        if not cut and len(held) <= LONGEST_LINE:
            continue
        if not cut and held.lstrip(b" \t").startswith(b"#"):
            held = b"#"  # the comment goes on in the next block
            continue
        if not cut:
            stripped = held.rstrip(separators)
            cut = max(stripped.rfind(byte) for byte in separators) + 1 if stripped else len(held)
            if held.startswith(b"#", cut) or len(stripped) - cut > LONGEST_TOKEN:
                raise _no_number(stripped[cut:], name, line, decimal)
        yield line, held[:cut]
        line += _lines(held[:cut])
        held = held[cut:]


def _lines(text: bytes) -> int:
    """How many lines end in a text; numpy counts short lines ten times as fast as bytes.count."""
    import numpy as np

    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == ord("\n")))


def _unix(data: bytes) -> bytes:
    """The data with \\n for every line end."""
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data


def numbers_in(text: bytes, name: str, line: int, layout: Layout = PLAIN) -> "Floats":
    """Reads the numbers of a text, float64 of shape (n,); `line` is that of its first one.

    White space, newlines and commas stand between them, or semicolons where these are the mark of
    the layout. Raises ValueError, with the line.
    """
    import warnings

    from ..native import decimals

    mark = _mark(layout)
    if layout.decimal == "." or b"." not in text:
        read = decimals.read(text if layout.decimal == "." else text.replace(b",", b"."), mark)
        if read is not None:
            return read
    if b"#" in text:
        text = _COMMENT.sub(b"", text)
    numbers = text.replace(mark, b" ").strip()  # numpy reads white space alone as -1
    try:
        if b"(" in text or (mark in text and _EMPTY_FIELD[mark].search(text)):  # numpy takes nan(1)
            raise ValueError
        if layout.decimal == ",":
            if b"." in text:
                raise ValueError
            numbers = numbers.replace(b",", b".")
        with warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)  # what numpy < 2.3 gives
            return _read(numbers)
    except (ValueError, DeprecationWarning):
        raise _first_problem(text, name, line, layout) from None


def _read(text: bytes) -> "Floats":
    """The numbers between white space, each the nearest double.

    C's long double takes less than half the time of Python's float, but what lies on the middle
    between two doubles once it has 64 bits, or below all normal ones, is rounded twice: those are
    read again. It knows hexadecimal numbers, which are none here.
    """
    import numpy as np

    from ..numbers.wide import narrowed, wide_type

    if wide_type() is not np.longdouble or b"x" in text or b"X" in text:
        return np.fromstring(text, np.float64, sep=" ")
    wide = np.fromstring(text, np.longdouble, sep=" ")
    numbers: Floats = narrowed(wide)
    twice = (wide.view(np.uint64)[::2] & 0x7FF) == 0x400
    tiny = np.abs(numbers) <= np.finfo(np.float64).tiny
    if tiny.any():
        twice |= tiny & (wide != 0)
    places = np.flatnonzero(twice)
    if places.size:
        tokens = text.split()
        numbers[places] = [float(tokens[place]) for place in places]
    return numbers


def _mark(layout: Layout) -> bytes:
    """What stands between numbers beside white space."""
    return b";" if layout.mark == ";" or layout.decimal == "," else b","


def _first_problem(text: bytes, name: str, first: int, layout: Layout) -> ValueError:
    mark = _mark(layout)
    for line, row in enumerate(text.split(b"\n"), first):
        if _EMPTY_FIELD[mark].search(row):
            what = "comma" if mark == b"," else "semicolon"
            return ValueError(f"{name}, line {line}: no number before a {what}; write nan for it")
        for token in row.replace(mark, b" ").split():
            try:
                parse_number(token.decode("ascii", "replace"), layout.decimal)
            except ValueError:
                return _no_number(token, name, line, layout.decimal)
    raise AssertionError("no problem in this text")


def _no_number(token: bytes, name: str, line: int, decimal: str) -> ValueError:
    text = token[:SHOWN].decode("utf-8", "replace")
    advice = comma_advice(text, decimal) or (
        "separate numbers by white space, commas or newlines, and start other lines with #"
    )
    return ValueError(f"{name}, line {line}: {text!r} is not a number; {advice}")
