"""Blocks of bit patterns: the units of work of an audit that tries all numbers of a wide format."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..numbers.types import Array
from . import patterns
from .callers import Code, caller_of
from .calls import Caller
from .executor import Pool, one_thread, results, same_here
from .flushing import Measuring
from .proved import Proved
from .states import StateFile
from .tallies import Tally, joined

SIZES = {"float32": 1 << 20, "float64": 1 << 14}  # tested patterns; float64 needs Arb for each
PART = 1 << 15  # numbers whose temporaries stay in the cache
AGAIN = 64  # one block of so many is asked for a second time
Report = Callable[[int, int, float], None]


def identity(caller: Caller) -> dict[str, Any]:
    """What results depend on: versions, the hash of the code, and whether it flushes subnormals."""
    from ..version import __version__

    facts = {name: caller.facts[name] for name in ("framework", "version", "hash")}
    return facts | {
        "actcli": __version__,
        "numpy": np.__version__,
        "flushes": bool(getattr(caller, "flushes", False)),
    }


@dataclass(frozen=True)
class PatternBlock:
    """One unit of work: names and numbers only. `every`: one of so many patterns is tested."""

    f: Activation
    code: Code
    timeout: float
    expected: Mapping[str, Any]
    dtype: str
    quantity: str
    call: str
    every: int
    flush: bool
    number: int

    def __str__(self) -> str:
        width = patterns.count(self.dtype).bit_length() // 4
        first, last = (f"0x{int(p):0{width}x}" for p in self.patterns[[0, -1]])
        return f"{self.dtype} {self.quantity} ({self.call}) of the patterns {first} to {last}"

    @property
    def key(self) -> str:
        return f"{self.dtype} {self.quantity} {self.call} {self.number}"

    @property
    def patterns(self) -> Array:
        """The bit patterns of the block, ascending: of one sign."""
        start, stop = _signs(self.dtype, self.every)[self.negative]
        size = SIZES[self.dtype]
        first = (self.number - self._before) * size
        wanted = np.arange(first, min(first + size, stop - start), dtype=np.uint64)
        found: Array = (wanted + np.uint64(start)) * np.uint64(self.every)
        return found

    @property
    def negative(self) -> bool:
        """Whether its numbers have a minus sign: they fall as the patterns rise."""
        return self.number >= _counts(self.dtype, self.every)[0]

    @property
    def _before(self) -> int:
        return _counts(self.dtype, self.every)[0] if self.negative else 0


def _signs(dtype: str, every: int) -> list[tuple[int, int]]:
    """Of either sign the first and last multiple of `every`, divided by it."""
    half = patterns.count(dtype) // 2
    return [(-(-sign * half // every), -(-(sign + 1) * half // every)) for sign in (0, 1)]


def _counts(dtype: str, every: int) -> list[int]:
    """How many blocks there are of either sign."""
    return [ceil((stop - start) / SIZES[dtype]) for start, stop in _signs(dtype, every)]


def tallied(block: PatternBlock) -> dict[str, Any]:
    """Works on a block, in any process: its Tally as JSON. Failure, or Mismatch."""
    one_thread()
    caller = _caller(block)
    x = patterns.numbers(block.patterns, block.dtype)
    y = caller(x, block.quantity, block.call)
    check = getattr(caller, "check_again", None)
    if check is not None and block.number % AGAIN == 0:
        check(x, y, block.quantity, block.call)
    measuring = _measuring(block)
    parts = []
    for start in range(0, len(x), PART):
        here = slice(start, start + PART)
        truth = measuring.reference.at(x[here])
        parts.append(measuring.measured(truth, x[here], y[here])[1])
    return joined(parts[::-1] if block.negative else parts, measuring.proved).as_json()


_held: dict[str, Any] = {}  # of this process: the caller and the truth that it used last


def _caller(block: PatternBlock) -> Caller:
    key = f"{block.code!r} {block.timeout}"
    if _held.get("code") != key:
        if (before := _held.get("caller")) is not None and hasattr(before, "close"):
            before.close()
        _held.clear()
        caller = caller_of(block.code, block.timeout)
        same_here(block.expected, identity(caller), "the audit")
        _held.update(code=key, caller=caller)
    held: Caller = _held["caller"]
    return held


def _measuring(block: PatternBlock) -> Measuring:
    key = (block.f.written, block.dtype, block.quantity, block.flush)
    if _held.get("of") != key:
        _held.update(of=key, measuring=Measuring(block.f, *key[1:]))
    held: Measuring = _held["measuring"]
    return held


@dataclass
class Blocks:
    """All blocks of audits of one implementation, worked on by a pool, kept in a state file."""

    f: Activation
    code: Code
    timeout: float
    every: int
    flush: bool
    pool: Pool
    expected: Mapping[str, Any]
    state: StateFile | None = None
    report: Report | None = None

    def tally(self, dtype: str, quantity: str, call: str) -> Tally:
        """The tally of all blocks of one dtype, quantity and way of calling."""
        blocks = list(self._blocks(dtype, quantity, call))
        found = {} if self.state is None else self.state.results
        left = [block for block in blocks if block.key not in found]
        done = len(blocks) - len(left)
        for block, result in results(self.pool, tallied, left):
            done += 1
            if self.state is not None:
                self.state.add(block.key, result)
            else:
                found[block.key] = result
            if self.report is not None:
                self.report(done, len(blocks), float("nan"))
        ascending = sorted(
            blocks, key=lambda b: (not b.negative, -b.number if b.negative else b.number)
        )
        tallies = (Tally.from_json(found[block.key]) for block in ascending)
        return joined(tallies, Proved.of(self.f))

    def _blocks(self, dtype: str, quantity: str, call: str) -> Iterator[PatternBlock]:
        for number in range(sum(_counts(dtype, self.every))):
            yield PatternBlock(
                self.f, self.code, self.timeout, self.expected, dtype, quantity, call, self.every,
                self.flush, number,
            )  # fmt: skip
