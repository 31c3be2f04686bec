"""An audit: an implementation against a function, by dtype, quantity, way of calling and region."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..evaluation.dtypes import DTYPES, dtype_named
from ..numbers.types import Array, Floats
from . import patterns
from .calls import Caller, NotAccepted
from .measures import Measures, ulps_of
from .reference import QUANTITIES, Reference, Truth
from .regions import Regions
from .tallies import Tally, tally

CALLS = ("array", "strided", "scalar")
COLUMNS = (
    "function", "implementation", "dtype", "quantity", "call", "region", "low", "high", "inputs",
    "correctly_rounded", "within_1", "max_ulps", "p99_ulps", "mean_ulps", "max_steps", "x", "got",
    "right", "nan", "infinite", "zero", "not_zero", "wrong_sign", "flushed", "zero_sign", "special",
    "diagnosis", "evidence",
)  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What an audit is asked for."""

    dtypes: Sequence[str] = DTYPES
    gradient: bool = True
    calls: Sequence[str] = ("array",)
    samples: int | None = None
    flush_subnormals: bool = False


@dataclass
class Block:
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


def audit(f: Activation, label: str, caller: Caller, asked: Asked) -> Iterator[Block | str]:
    """Audits dtype after dtype: blocks as they are done, and a line for each that is not accepted."""
    for dtype in asked.dtypes:
        x = inputs(f, dtype, asked.samples)
        for quantity in QUANTITIES:
            if quantity == "gradient" and not (asked.gradient and caller.facts["gradient"]):
                continue
            truth: Truth | None = None
            for how in asked.calls:
                try:
                    y = caller(x, quantity, how)
                    check = getattr(caller, "check_again", None)
                    if check is not None:
                        check(x, y, quantity, how)
                except NotAccepted as why:
                    yield f"{label} {dtype} {quantity}: not accepted: {why}"
                    continue
                if truth is None:
                    truth = Reference(f, dtype, quantity).at(x)
                yield block_of(f, dtype, quantity, how, x, y, truth)


def inputs(f: Activation, dtype: str, samples: int | None = None) -> Array:
    """The inputs of one dtype: all patterns of 16 bits, else a hard sample with the special ones."""
    kind = dtype_named(dtype)
    if kind.itemsize == 2:
        return patterns.numbers(np.arange(1 << 16), dtype)
    places = [*f.breakpoints.within(-1e6, 1e6), *_turns(f)]
    special = np.array([np.inf, -np.inf, np.nan]).astype(kind)
    return np.concatenate([patterns.hard_sample(dtype, places, samples), special])


def _turns(f: Activation) -> list[float]:
    """Roots of value, gradient and curvature, about."""
    x = np.linspace(-20, 20, 4001) + 1e-4
    with np.errstate(all="ignore"):
        found = f.derivatives(x, 2)
    turns = [np.flatnonzero(np.sign(v[:-1]) * np.sign(v[1:]) < 0)[:40] for v in found]
    return [float(x[k]) for each in turns for k in each]


def block_of(
    f: Activation, dtype: str, quantity: str, how: str, x: Array, y: Array, truth: Truth
) -> Block:
    """The block of results y at inputs x, tallied."""
    ulps = ulps_of(truth, np.asarray(y).astype(np.float64), dtype)
    exhaustive = dtype_named(dtype).itemsize == 2
    found = tally(Regions(f, QUANTITIES.index(quantity)), truth, x, y, ulps, dtype)
    return Block(dtype, quantity, how, x, y, truth, ulps, exhaustive, found)


def records(f: Activation, label: str, block: Block, diagnosis: str = "") -> list[dict[str, Any]]:
    """The records of a block: all inputs, then its regions and the intervals that are off."""
    found = [_record(f, label, block, "all", block.tally.whole, diagnosis)]
    for name, measures in block.tally.regions.items():
        found.append(_record(f, label, block, name, measures, ""))
    for measures in block.tally.intervals:
        found.append(_record(f, label, block, "above 2 ulps", measures, ""))
    return found


def _record(
    f: Activation, label: str, block: Block, region: str, m: Measures, diagnosis: str
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
