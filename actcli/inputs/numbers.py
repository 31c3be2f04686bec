"""Numbers from outside: options such as `--at` and `--range`, text files and .npy files."""

import re
import sys
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, BinaryIO

from ..evaluation.dtypes import cast

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..numbers.types import Floats

STANDARD_INPUT = "-"
DEFAULT_RANGE = (-5.0, 5.0)
BLOCK_BYTES = 3 << 17  # of text: 16,000 long numbers, and short ones need little memory
BLOCK_NUMBERS = 1 << 16
# Once a piece of this size was freed, glibc's malloc keeps as much for later pieces. Otherwise each
# block gives its memory back and asks for it again, at a microsecond for every 4096 bytes.
KEPT_BYTES = 1 << 24
LONGEST_TOKEN = 1000
MOST_POINTS = 60_000  # dots across the widest PNG there is: more show nothing more
MOST_NUMBERS = 50_000_000  # that are kept at once
MOST_BYTES = 1 << 26  # of a text that is kept at once; its cells take twenty times as much

_SEPARATORS = b" \t\n\v\f,"
_COMMENT = re.compile(rb"^[ \t]*#[^\n]*", re.MULTILINE)
_EMPTY_FIELD = re.compile(rb"(?:^|,)[ \t]*,", re.MULTILINE)
_NPY, _ZIP, _BYTE_ORDER_MARK = b"\x93NUMPY", b"PK\x03\x04", b"\xef\xbb\xbf"


def chosen_blocks(
    at: str | None, range_: str | None, count: int | None, file: str | None, default_count: int
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
        return read_blocks(file)
    low, high = DEFAULT_RANGE if range_ is None else parse_range(range_)
    total = default_count if count is None else count
    return (
        points(low, high, total, start, start + BLOCK_NUMBERS)
        for start in range(0, total, BLOCK_NUMBERS)
    )


def parse_number(text: str) -> float:
    """Reads the number that `text` spells: digits, an exponent, nan or inf. Raises ValueError."""
    try:
        if "_" in text:
            raise ValueError
        return float(text)
    except ValueError:
        raise ValueError(f"{text.strip()!r} is not a number") from None


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


def read_numbers(path: str) -> "Floats":
    """Reads all numbers of a file, float64 of shape (n,), n >= 1; see `read_blocks`. Not more than
    MOST_NUMBERS."""
    import numpy as np

    blocks, count = [], 0
    for block in read_blocks(path):
        blocks.append(block)
        count += block.size
        if count > MOST_NUMBERS:
            raise ValueError(
                f"{path!r} holds more than {MOST_NUMBERS} numbers, too many to keep all of them; "
                "'actcli table' takes any number"
            )
    return np.concatenate(blocks)


def read_text(path: str, advice: str) -> str:
    """Reads a file of rows in UTF-8, "-" for standard input; not more than MOST_BYTES.

    Raises ValueError, which gives the advice where there is nothing to read.
    """
    try:
        with _opened(path) as stream:
            content = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise ValueError(f"cannot read {path!r}: {error.strerror}; {advice}") from None
    name = "standard input" if path == STANDARD_INPUT else repr(path)
    if len(content) > MOST_BYTES:
        raise ValueError(f"{name} is larger than {MOST_BYTES >> 20} MB; give fewer rows")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{name} is no text file; give rows of numbers in UTF-8") from None


def _opened(path: str) -> AbstractContextManager[BinaryIO]:
    return nullcontext(sys.stdin.buffer) if path == STANDARD_INPUT else open(path, "rb")


def read_blocks(path: str) -> Iterator["Floats"]:
    """Reads the numbers of a file, in order, as float64 arrays of shape (n,), n >= 1.

    `path` is a text file (numbers between white space, commas and newlines; lines that start
    with # are skipped), a .npy file of floats or integers of any shape, or "-" for standard input.
    Memory stays bounded, whatever the size. Raises ValueError, naming the line of a bad number.
    """
    name = "standard input" if path == STANDARD_INPUT else path
    empty = True
    try:
        with _opened(path) as stream:
            for block in _blocks(stream, name):
                empty = False
                yield block
    except OSError as error:
        raise ValueError(
            f"cannot read {path!r}: {error.strerror}; give a file of numbers, or - to read a pipe"
        ) from error
    if empty:
        raise ValueError(f"{name} holds no numbers; give at least one")


def _blocks(stream: BinaryIO, name: str) -> Iterator["Floats"]:
    import numpy as np

    np.empty(KEPT_BYTES, np.uint8)
    data = stream.read(BLOCK_BYTES)
    if data.startswith(_NPY):
        yield from _npy_blocks(data, stream, name)
    elif name.endswith(".npy"):
        raise ValueError(f"{name} is no .npy file; save one with numpy.save, or rename a text file")
    elif data.startswith(_ZIP):
        raise ValueError(f"{name} is an archive (.npz?); save one array of it with numpy.save")
    else:
        for line, text in _text_blocks(data, stream, name):
            numbers = numbers_in(text, name, line)
            if numbers.size:
                yield numbers


def _text_blocks(data: bytes, stream: BinaryIO, name: str) -> Iterator[tuple[int, bytes]]:
    """Blocks that cut no number in two, each with the number of its first line."""
    held, line = b"", 1
    while data:
        held = (held + _unix(data, stream)).removeprefix(_BYTE_ORDER_MARK)
        data = stream.read(BLOCK_BYTES) if len(data) == BLOCK_BYTES else b""
        cut = held.rfind(b"\n") + 1 if data else len(held)
        if not cut and held.lstrip(b" \t").startswith(b"#"):
            held = b"#"  # the comment goes on in the next block
            continue
        if not cut:
            stripped = held.rstrip(_SEPARATORS)
            cut = max(stripped.rfind(byte) for byte in _SEPARATORS) + 1
            if held.startswith(b"#", cut) or len(stripped) - cut > LONGEST_TOKEN:
                raise _no_number(stripped[cut:], name, line)
        yield line, held[:cut]
        line += _lines(held[:cut])
        held = held[cut:]


def _lines(text: bytes) -> int:
    """How many lines end in a text; numpy counts short lines ten times as fast as bytes.count."""
    import numpy as np

    return int(np.count_nonzero(np.frombuffer(text, np.uint8) == ord("\n")))


def _unix(data: bytes, stream: BinaryIO) -> bytes:
    """`data`, completed where it was cut inside a line end, with \\n for every line end."""
    if b"\r" not in data:
        return data
    if data.endswith(b"\r"):
        data += stream.read(1)
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def numbers_in(text: bytes, name: str, line: int) -> "Floats":
    """Reads the numbers of a text, float64 of shape (n,); `line` is that of its first one.

    White space, commas or newlines stand between them. Raises ValueError, with the line.
    """
    import warnings

    import numpy as np

    if b"#" in text:
        text = _COMMENT.sub(b"", text)
    numbers = text.replace(b",", b" ").strip()  # numpy reads white space alone as -1
    try:
        if b"(" in text or (b"," in text and _EMPTY_FIELD.search(text)):  # numpy takes nan(1)
            raise ValueError
        with warnings.catch_warnings():
            warnings.simplefilter("error", DeprecationWarning)  # what numpy < 2.3 gives
            return np.fromstring(numbers, np.float64, sep=" ")
    except (ValueError, DeprecationWarning):
        raise _first_problem(text, name, line) from None


def _first_problem(text: bytes, name: str, first: int) -> ValueError:
    for line, row in enumerate(text.split(b"\n"), first):
        if _EMPTY_FIELD.search(row):
            return ValueError(f"{name}, line {line}: no number before a comma; write nan for it")
        for token in row.replace(b",", b" ").split():
            try:
                parse_number(token.decode("ascii", "replace"))
            except ValueError:
                return _no_number(token, name, line)
    raise AssertionError("no problem in this text")


def _no_number(token: bytes, name: str, line: int) -> ValueError:
    text = token[:40].decode("utf-8", "replace")
    return ValueError(
        f"{name}, line {line}: {text!r} is not a number; "
        "separate numbers by white space, commas or newlines, and start other lines with #"
    )


def _npy_blocks(data: bytes, stream: BinaryIO, name: str) -> Iterator["Floats"]:
    import io
    import math
    import warnings

    import numpy as np
    from numpy.lib import format as npy

    start = io.BytesIO(data)
    readers = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            shape, by_columns, dtype = readers[npy.read_magic(start)](start)
        if any(type(length) is not int or length < 0 for length in shape):
            raise ValueError
    except (ValueError, KeyError) as error:
        raise ValueError(f"{name} is a damaged .npy file; save it again with numpy.save") from error
    if dtype.kind not in "fiu":
        raise ValueError(
            f"{name} holds {dtype} values, not floats or integers; save x.astype(float) instead"
        )
    rest = data[start.tell() :]

    def take(count: int) -> "NDArray[np.generic]":
        nonlocal rest
        size = count * dtype.itemsize
        part, rest = rest[:size], rest[size:]
        if len(part) < size:
            part += stream.read(size - len(part))
        if len(part) < size:
            raise ValueError(f"{name} ends early: its shape is {shape}; save it again")
        return np.frombuffer(part, dtype)

    total = math.prod(shape)
    steps = range(0, total, BLOCK_NUMBERS)
    blocks: Iterable[NDArray[np.generic]] = (take(min(BLOCK_NUMBERS, total - k)) for k in steps)
    if total and by_columns and len(shape) > 1:  # rows first needs it all
        blocks = [np.concatenate(list(blocks)).reshape(shape, order="F").ravel()]
    for numbers in blocks:
        yield cast(numbers, np.float64)
    if rest or stream.read(1):
        raise ValueError(f"{name} holds more than one array; save one with numpy.save")
