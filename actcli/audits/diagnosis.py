"""What is the matter with an implementation, said only where nothing else explains its results.

Every rule looks at all results of a block. A rule that could be met by chance, or by another fault,
stays silent.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import inf, log

import numpy as np

from ..evaluation.activation import Activation
from ..evaluation.dtypes import dtype_named
from ..numbers.formats import FORMATS, Format
from ..numbers.types import Floats
from . import patterns
from .audit import AuditedBlock
from .measures import ulps_of
from .parameter import another_parameter, plainly, some_of
from .reference import QUANTITIES, Reference
from .thresholds import Ask, bisected, broken_off

ALLOWED = 4.25  # units of 2^-p max(1, abs g) by which an implementation of g may differ from it
APART = 8.0  # and by which one of another function does
BESIDE = 8  # numbers next to a cut that are right, and behind it that are wrong
SMALL = 64  # multiples of 2^-p that are too coarse to be met by chance


@np.errstate(all="ignore")
def diagnosis(f: Activation, block: AuditedBlock, ask: Ask | None = None) -> str:
    """One word and what it found; "" where nothing is wrong, or nothing is certain.

    `ask` gives the implementation's results at further inputs, (n,), of the block's dtype: between
    two inputs of a sample no place is known without.
    """
    seen = _Seen(f, block)
    if not seen.wrong.any():
        return _fact(seen)  # of the others of an exhaustive audit
    if ask is not None and dtype_named(block.dtype).itemsize > 2:
        seen = _sharpened(seen, ask)
    for rule in RULES:
        if found := rule(seen):
            return found
    return ""


class _Seen:
    """A block in float64: x, results y and right ones, all (n,)."""

    def __init__(self, f: Activation, block: AuditedBlock) -> None:
        self.f, self.block = f, block
        self.form: Format = FORMATS[block.dtype]
        self.order = QUANTITIES.index(block.quantity)
        self.truth = block.truth
        self.x, self.right, self.ulps = block.truth.x, block.truth.right, block.ulps
        self.y: Floats = np.asarray(block.y).astype(np.float64)
        same = (self.y == self.right) | (np.isnan(self.y) & np.isnan(self.right))
        self.wrong = ~same & ~(self.truth.kink & (self.ulps == 0)) & ~np.isnan(self.x)
        self.tiny = 2.0 ** (self.form.lowest + self.form.digits - 1)

    def outwards(self, side: int) -> np.ndarray:
        """Places of the finite numbers of a side that have a truth, from 0 on."""
        here = np.flatnonzero((side * self.x > 0) & self.truth.counted)
        found: np.ndarray = here[np.argsort(np.abs(self.x[here]), kind="stable")]
        return found


def _step_by_step(seen: _Seen) -> str:
    """All bits are those of the formula with every operation rounded: exhaustive formats only."""
    from .stepwise import StepwiseCaller

    if seen.order or not seen.block.exhaustive or len(seen.x) != 1 << 16:
        return ""
    caller = StepwiseCaller(seen.f)
    for places in (some_of(len(seen.x)), slice(None)):
        steps = np.asarray(caller(seen.block.x[places])).astype(np.float64)
        y = seen.y[places]
        if not ((steps == y) | (np.isnan(steps) & np.isnan(y))).all():
            return ""
    return "computed-step-by-step"


def _rounds_twice(seen: _Seen) -> str:
    """All results at finite inputs are the right ones of float32, rounded once more."""
    if len(seen.x) != 1 << 16 or dtype_named(seen.block.dtype).itemsize != 2:
        return ""
    special = ~np.isfinite(seen.x)  # of which rounding decides nothing
    if not (seen.wrong & ~special).any():
        return ""
    judged = seen.truth.counted & ~seen.truth.kink
    if not (seen.ulps[judged] <= 0.5 + 2.0**-6).all():
        return ""
    wide = Reference(seen.f, "float32", seen.block.quantity)
    once = wide.at(seen.x.astype(np.float32)).right
    twice = seen.form.nearest(once)
    same = (twice == seen.y) | seen.truth.kink | special
    return "rounds-twice" if (same | (np.isnan(twice) & np.isnan(seen.y))).all() else ""


def _flushes(seen: _Seen) -> str:
    """Every subnormal result is 0, and no other one is."""
    size = np.abs(seen.right)
    judged = seen.truth.counted & ~seen.truth.kink
    below = judged & (size < seen.tiny) & (size > 0)
    above = judged & (size > seen.tiny) & (size < 4 * seen.tiny)
    if below.sum() < BESIDE or above.sum() < BESIDE:
        return ""
    if (seen.y[below] != 0).any() or (seen.y[above] == 0).any():
        return ""
    return "flushes-subnormals" if (seen.ulps[above] <= 2).all() else ""


def _limits(form: Format) -> list[float]:
    """Where squares, cubes, products and exponentials leave the format, or those of float32."""
    top = form.largest
    own = [top ** (1 / 2), top ** (1 / 3), top / 6, top / 2, log(top)]
    return [*own, log(FORMATS["float32"].largest)] if form.digits < 24 else own


def _named_limit(seen: _Seen, low: float, high: float) -> bool:
    """Whether a limit lies between two neighbours, or a few of them farther."""
    gap = 2 * seen.form.unit(high)
    return any(low - gap <= limit <= high + gap for limit in _limits(seen.form))


def _neighbours(seen: _Seen, low: float, high: float) -> bool:
    """Whether no number lies between: in a sample, T may be between the two that were tried."""
    return high - low <= seen.form.unit(high)


def _overflow_edge(seen: _Seen, side: int) -> tuple[int, int] | None:
    """The places of the last number with a finite result and of the next one, from which on none has."""
    out = seen.outwards(side)
    bad = ~np.isfinite(seen.y[out]) & np.isfinite(seen.right[out])
    good = np.flatnonzero(~bad)
    if not bad.any() or not good.size or good[-1] + 2 > len(out):
        return None
    last = int(good[-1])
    if bad[:last].any() or not bad[last + 1 :].all():
        return None
    return int(out[last]), int(out[last + 1])


def _cut_edges(seen: _Seen, side: int) -> Iterator[tuple[int, int]]:
    """The same of results that are one constant, or x: wrong from there on, and right before."""
    out = seen.outwards(side)
    x, y, ulps = seen.x[out], seen.y[out], seen.ulps[out]
    if len(out) < 4 * BESIDE:
        return
    for is_cut in ((y == y[-1]) & np.isfinite(y), y == x):
        inside = np.flatnonzero(~is_cut)
        if not inside.size or inside[-1] + BESIDE >= len(out) or inside[-1] < BESIDE:
            continue
        last = int(inside[-1])
        behind = slice(last + 1, last + 1 + BESIDE)
        before = slice(last + 1 - BESIDE, last + 1)
        if not (ulps[behind] > 2).all() or not (ulps[before] <= 2).all():
            continue
        if (np.abs(seen.right[out][behind]) < seen.tiny).any() or is_cut[before].any():
            continue
        yield int(out[last]), int(out[last + 1])


def _overflow(seen: _Seen) -> str:
    """Only nan and infinities from T on, T being where a usual operation overflows."""
    for side in (1, -1):
        if edge := _overflow_edge(seen, side):
            low, high = (float(abs(seen.x[k])) for k in edge)
            if _neighbours(seen, low, high) and _named_limit(seen, low, high):
                return f"overflow-inside {side * high!r}"
    return ""


def _cut(seen: _Seen) -> str:
    """From T on exactly one constant, or x."""
    for side in (1, -1):
        for edge in _cut_edges(seen, side):
            low, high = (float(abs(seen.x[k])) for k in edge)
            if _neighbours(seen, low, high) and not _named_limit(seen, low, high):
                return f"cut-at {side * high!r}"
    return ""


def _sharpened(seen: _Seen, ask: Ask) -> _Seen:
    """With more inputs beside places where results break off, so that these are known to the number."""
    block, more = seen.block, []
    for side in (1, -1):
        edges = [*_cut_edges(seen, side)]
        if overflow := _overflow_edge(seen, side):
            edges.append(overflow)
        for low, high in edges:
            ends = patterns.ordered(np.abs(np.asarray(block.x)[[low, high]])).tolist()
            like = broken_off(seen.y[high], seen.x[high])
            if (place := bisected(ask, like, side, ends, block.dtype)) is not None:
                beside = np.arange(place - BESIDE, place + BESIDE)
                more.append(side * patterns.numbers(np.maximum(beside, 0), block.dtype))
    if not more:
        return seen
    x = np.setdiff1d(np.concatenate(more), block.x)
    y = ask(x)
    truth = Reference(seen.f, block.dtype, block.quantity).at(x)
    ulps = ulps_of(truth, np.asarray(y).astype(np.float64), block.dtype)
    joined = replace(
        block, x=np.concatenate([block.x, x]), y=np.concatenate([block.y, y]),
        truth=block.truth.and_of(truth), ulps=np.concatenate([block.ulps, ulps]),
    )  # fmt: skip
    return _Seen(seen.f, joined)


def _cancellation(seen: _Seen) -> str:
    """y is x/2 times a few units of 1: 1 + erf or 1 + tanh, of which nothing else is left."""
    if seen.order:
        return ""
    out = seen.outwards(-1)
    x, y = seen.x[out], seen.y[out]
    few = np.rint(np.ldexp(y / (x / 2), seen.form.digits))
    bad = (seen.ulps[out] > 2) & (np.abs(seen.right[out]) >= seen.tiny) & (few < SMALL)
    if (bad & (few > 0)).sum() < 2 * BESIDE or len(np.unique(few[bad])) < BESIDE:
        return ""
    product = seen.form.nearest(x / 2 * np.ldexp(few, -seen.form.digits))
    return "cancellation" if (product[bad] == y[bad]).all() and _sum_from_one(seen) else ""


def _sum_from_one(seen: _Seen) -> bool:
    """Whether y is x/2 times a number of the format in [1, 2] where x > 0, as of 1 + erf.

    A table of the factor, whose steps are equal everywhere, has others.
    """
    here = (seen.x > 0) & seen.truth.counted & (seen.right >= seen.tiny)
    x, y = seen.x[here], seen.y[here]
    factor = np.ldexp(np.rint(np.ldexp(y / (x / 2), seen.form.digits - 1)), 1 - seen.form.digits)
    half = np.ldexp(0.5, np.frexp(y)[1] - seen.form.digits)  # of a unit of y
    return bool((np.abs(x / 2 * factor - y) <= half).all())


def _another_function(seen: _Seen) -> str:
    """A registered function that the results are next to, and no other one is.

    A constant, as a gradient that is lost, is no function's alone.
    """
    from ..evaluation.function_text import resolve
    from ..functions.catalogue import names

    near = (np.abs(seen.x) <= 8) & ~seen.truth.kink
    x, y = seen.x[near], seen.y[near]
    if not np.isfinite(y).all() or (y == y[:1]).all():
        return ""

    def values(g: Activation) -> Floats:
        return np.asarray((g, g.gradient)[seen.order](x), np.float64)

    def distance(value: Floats, y: Floats = y) -> float:
        unit = np.ldexp(np.maximum(1, np.abs(value)), -seen.form.digits)
        found = float(np.max(np.abs(y - value) / unit))
        return found if found == found else inf

    if not x.size or not distance(values(seen.f)) > APART:
        return ""
    few = some_of(x.size)

    def is_near(g: Activation) -> bool:
        value = plainly(g, seen.order, x[few])
        return distance(np.where(np.isfinite(value), value, y[few]), y[few]) <= 4 * APART

    known = {name: values(g) for name in names() if is_near(g := resolve(name))}
    if not known:
        return ""
    best = min(known, key=lambda name: (distance(known[name]), len(name)))
    others = [v for v in known.values() if not np.allclose(v, known[best], 1e-12, 1e-12)]
    near_it = distance(known[best])
    alone = all(distance(value) > 2 * near_it for value in others)
    same = [name for name, v in known.items() if np.allclose(v, known[best], 1e-12, 1e-12)]
    name = min(same, key=len)
    return f"another-function {name}" if near_it <= ALLOWED and alone else ""


def _another_parameter(seen: _Seen) -> str:
    """All results are those of the function with another value of one of its parameters."""
    judged = seen.truth.counted & ~seen.truth.kink
    x, y = np.asarray(seen.block.x), seen.y
    found = another_parameter(seen.f, seen.order, x, y, judged)
    return f"another-parameter {found}" if found else ""


def _fact(seen: _Seen) -> str:
    """What results do, of all that were tried, that the function is proved not to do."""
    found = seen.block.tally
    if found.whole.counts["wrong_sign"]:
        return "wrong-sign"
    if found.facts.outliers:
        return "outside-range"
    return "not-monotonic" if found.facts.pairs else ""


def _place(seen: _Seen) -> str:
    """Other results than those of the first way of calling."""
    return "depends-on-place" if seen.block.others else ""


RULES: tuple[Callable[[_Seen], str], ...] = (
    _place, _step_by_step, _rounds_twice, _flushes, _another_function, _another_parameter,
    _overflow, _cut, _cancellation, _fact,
)  # fmt: skip
