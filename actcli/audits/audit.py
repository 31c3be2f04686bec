"""An audit: an implementation against a function, by dtype, quantity, way of calling and region."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ..evaluation.activation import Activation
from ..evaluation.dtypes import DTYPES, dtype_named
from ..numbers.types import Array, Floats
from .blocks import Blocks
from .calls import Caller, NotAccepted, same_bits
from .flushing import Measuring
from .inputs import inputs
from .measures import Measures
from .reference import QUANTITIES, Truth
from .tallies import Tally

SPARSE = 1 << 40  # the least distance of float64 patterns that are tried: 1024 blocks
CALLS = ("array", "strided", "scalar")
COLUMNS = (
    "function", "implementation", "dtype", "quantity", "call", "region", "low", "high", "inputs",
    "correctly_rounded", "within_1", "max_ulps", "p99_ulps", "mean_ulps", "max_steps", "x", "got",
    "right", "nan", "infinite", "zero", "not_zero", "wrong_sign", "flushed", "zero_sign", "special",
    "diagnosis", "evidence",
)  # fmt: skip

FEW = ("dtype", "quantity", "call", "region", "max_ulps", "x", "got", "right", "nan")


@dataclass
class AuditRequest:
    """What an audit is asked for."""

    dtypes: Sequence[str] = DTYPES
    gradient: bool = True
    calls: Sequence[str] = ("array",)
    samples: int | None = None
    every: int | None = None  # one of so many numbers of the wide formats; None: a hard sample
    flush_subnormals: bool = False
    exhaustive: bool = False

    def __post_init__(self) -> None:
        """ValueError if both all numbers and some of them are asked for."""
        if self.exhaustive:
            if self.every is not None:
                raise ValueError(
                    f"--exhaustive tries all numbers, and --every {self.every} does not; give one"
                )
            self.every = 1

    @property
    def tried(self) -> list[str]:
        """The wide dtypes of which one number of `every` is tried. ValueError if float64's are too many."""
        if self.every is None:
            return []
        found = [d for d in self.dtypes if dtype_named(d).itemsize > 2]
        if self.every < SPARSE and "float64" in found:
            if len(self.dtypes) < len(DTYPES):
                raise ValueError(
                    "float64 has 2**64 numbers; add --every N with N from "
                    f"{SPARSE} on, or name other formats with --dtype"
                )
            found.remove("float64")
        return found


@dataclass
class AuditedBlock:
    """One block of inputs with the truth and what was answered: all (n,)."""

    dtype: str
    quantity: str
    call: str
    x: Array
    y: Array
    truth: Truth
    ulps: Floats
    exhaustive: bool
    tally: Tally
    others: int = 0  # results that are not those of the first way of calling


@dataclass(frozen=True)
class Refusal:
    """What is not accepted, and why."""

    dtype: str
    quantity: str
    call: str
    why: str

    def __str__(self) -> str:
        return f"{self.dtype} {self.quantity}: not accepted: {self.why}"

    def record(self, f: Activation, label: str) -> dict[str, Any]:
        """Its record, which has no numbers."""
        known = {
            "function": f.label, "implementation": label, "dtype": self.dtype, "region": "all",
            "quantity": self.quantity, "call": self.call, "diagnosis": f"not accepted: {self.why}",
        }  # fmt: skip
        return dict.fromkeys(COLUMNS) | known


def audit(
    f: Activation, label: str, caller: Caller, asked: AuditRequest, blocks: Blocks | None = None
) -> Iterator[AuditedBlock | Refusal | str]:
    """Audits dtype after dtype: blocks as they are done, what is not accepted, and lines to be told.

    `blocks` do what is asked for beyond a hard sample, whose inputs a block then shows all the same.
    """
    for dtype in asked.dtypes:
        x = inputs(f, dtype, asked.samples)
        for quantity in QUANTITIES:
            if quantity == "gradient" and not (asked.gradient and caller.facts["gradient"]):
                continue
            truth: Truth | None = None
            measuring: Measuring | None = None
            first: Array | None = None
            for how in asked.calls:
                try:
                    y = caller(x, quantity, how)
                    check = getattr(caller, "check_again", None)
                    if check is not None:
                        check(x, y, quantity, how)
                except NotAccepted as why:
                    yield Refusal(dtype, quantity, how, str(why))
                    continue
                measuring = measuring or Measuring(f, dtype, quantity, asked.flush_subnormals)
                truth = measuring.reference.at(x) if truth is None else truth
                ulps, counted = measuring.measured(truth, x, y)
                exhaustive = dtype_named(dtype).itemsize == 2
                first = y if first is None else first
                others = int((~same_bits(y, first)).sum())
                found = AuditedBlock(
                    dtype, quantity, how, x, y, truth, ulps, exhaustive, counted, others
                )
                if others:
                    yield (
                        f"{label} {dtype} {quantity}: {others} of {len(x)} results are others when "
                        f"called by {how} than by {asked.calls[0]}"
                    )
                if blocks is not None and dtype in asked.tried:
                    whole = blocks.tally(dtype, quantity, how)
                    found = replace(found, tally=whole, exhaustive=asked.every == 1)
                yield found
        if said := getattr(caller, "said", {}).get(dtype):
            yield f"{label} {dtype}: {said}"
    if getattr(caller, "flushes", False):
        yield f"{label} makes its whole process take subnormal numbers for 0, as -ffast-math does"


def records(
    f: Activation, label: str, block: AuditedBlock, diagnosis: str = ""
) -> list[dict[str, Any]]:
    """The records of a block: all inputs, then its regions and the intervals that are off."""
    found = [_record(f, label, block, "all", block.tally.whole, diagnosis)]
    for name, measures in block.tally.regions.items():
        found.append(_record(f, label, block, name, measures, ""))
    for measures in block.tally.intervals:
        found.append(_record(f, label, block, "above 2 ulps", measures, ""))
    return found


def _record(
    f: Activation, label: str, block: AuditedBlock, region: str, m: Measures, diagnosis: str
) -> dict[str, Any]:
    nothing = m.max_ulps < 0
    return {
        "function": f.label,
        "implementation": label,
        "dtype": block.dtype,
        "quantity": block.quantity,
        "call": block.call,
        "region": region,
        "low": m.low if m.low <= m.high else None,
        "high": m.high if m.low <= m.high else None,
        "inputs": m.counts["inputs"],
        "correctly_rounded": m.counts["correctly_rounded"],
        "within_1": m.counts["within_1"],
        "max_ulps": None if nothing else m.max_ulps,
        "p99_ulps": m.p99_ulps,
        "mean_ulps": m.mean_ulps,
        "max_steps": None if nothing else m.max_steps,
        "x": None if nothing else m.x,
        "got": None if nothing else m.got,
        "right": None if nothing else m.right,
        **{name: m.counts[name] for name in (
            "nan", "infinite", "zero", "not_zero", "wrong_sign", "flushed", "zero_sign", "special"
        )},
        "diagnosis": diagnosis,
        "evidence": "exhaustive" if block.exhaustive else "sampled",
    }  # fmt: skip


def columns_for_people(rows: Sequence[dict[str, Any]]) -> list[str]:
    """The columns that a terminal has room for, without those that say the same of every row."""
    same = {name for name in ("dtype", "quantity", "call") if len({r[name] for r in rows}) == 1}
    if not any(row["nan"] for row in rows):
        same.add("nan")
    return [name for name in FEW if name not in same]


def diagnoses(rows: Sequence[dict[str, Any]]) -> list[str]:
    """A line for each record that has a diagnosis."""
    return [
        f"{row['dtype']} {row['quantity']} ({row['call']}): {row['diagnosis']}"
        for row in rows
        if row["diagnosis"]
    ]
