"""Activations and what was asked for -> a Picture, and where it goes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .. import sampling
from ..evaluation.activation import Activation
from ..evaluation.function_text import label_of
from ..expressions.latex import latex
from ..figures.choices import MARKS, Scale
from ..figures.data import (
    Curve,
    ErrorStrip,
    FigureOptions,
    Histogram,
    Limits,
    ParameterValues,
    Picture,
    Point,
    Share,
)
from ..figures.ticks import plain
from ..numbers.distinct import distinct, quantiles
from ..numbers.types import Array, Floats
from ..sampling import Order, SampledFunction
from ..sampling.states import Flags, states
from .panels import WIDEST, check_ends, check_ylim, panels_of

Counts = NDArray[np.int64]

MOST_CURVES, MOST_PANELS = 64, 200
POSITIVE = 1e-3, 1e3
"""The range of a logarithmic axis of inputs, unless another is asked for."""
ORDERS: tuple[Order, ...] = (0, 1, 2)
FEW = 24
"""So many values of inputs have a bar each."""
BAR = 0.3
"""Half the width of a bar that stands for a value, of the distance between such bars."""


@dataclass(frozen=True)
class PictureRequest(FigureOptions):
    """What the options ask of a picture; None and empty mean: choose."""

    range_: Limits | None = None
    ylim: Sequence[Limits | None] = ()
    order: Order = 1
    points: int = 800
    dtype: np.dtype | None = None
    at: Sequence[float] = ()
    inputs: Floats | None = None
    source: str = ""
    xscale: Scale = "linear"
    yscale: Scale = "linear"
    marks: Sequence[str] = MARKS
    grid: bool = False
    in_text: bool = False  # which has no asymptotes


class InPrecision:
    """An activation evaluated in another float dtype, read as float64."""

    def __init__(self, activation: Activation, dtype: np.dtype) -> None:
        self._activation = activation
        self._dtype = dtype
        self.cuts = activation.cuts
        self.sides = activation.sides
        self.asymptote = activation.asymptote

    def _read(self, method: Callable[[Array], Array], x: Array) -> Floats:
        with np.errstate(over="ignore", invalid="ignore"):
            rounded = np.asarray(x, dtype=np.float64).astype(self._dtype)
        return np.asarray(method(rounded)).astype(np.float64)

    def __call__(self, x: Array) -> Floats:
        return self._read(self._activation, x)

    def rounding(self, x: Array, order: int) -> Floats:
        """A unit in the last place of that dtype."""
        size = np.abs((self, self.gradient, self.curvature)[order](x))
        unit: Floats = np.spacing(size.astype(self._dtype)).astype(np.float64)
        return unit

    def gradient(self, x: Array) -> Floats:
        return self._read(self._activation.gradient, x)

    def curvature(self, x: Array) -> Floats:
        return self._read(self._activation.curvature, x)


@np.errstate(all="ignore")
def picture(functions: Sequence[Activation], wanted: PictureRequest) -> Picture:
    """All functions in one picture, with the exact ones behind those that approximate them.

    Raises ValueError where there is nothing to draw.
    """
    most = MOST_PANELS if wanted.grid else MOST_CURVES
    if len(functions) > most:
        more = "" if wanted.grid else f", or {MOST_PANELS} with --grid"
        raise ValueError(
            f"{len(functions)} curves are too many for one picture; draw {most} at most{more}"
        )
    if wanted.grid and wanted.inputs is not None:
        raise ValueError("--grid shows no inputs; leave out --input, or --grid")
    sweep, functions = (None, list(functions)) if wanted.grid else _sweep(functions)
    labels = {f.label for f in functions}
    exact = {f.label: f for f in (f.approximates for f in functions) if f is not None}
    behind = [f for label, f in exact.items() if label not in labels and not wanted.grid]
    shown = [*behind, *functions]
    if wanted.inputs is not None:
        wanted = replace(wanted, inputs=_within_reach(wanted.inputs))
    wanted = replace(wanted, at=_within_reach(np.array(wanted.at, dtype=np.float64)).tolist())
    low, high = wanted.range_ or _range(shown, wanted)
    check_ends("--range", low, high)
    if wanted.xscale == "log" and low <= 0:
        raise ValueError(
            f"--xscale log shows no x of 0 or less, and the range is {low:g}:{high:g}; "
            "give another, as in -r 0.001:1000, or take symlog"
        )
    check_ylim(wanted.ylim, wanted.yscale, 1 if wanted.grid else wanted.order + 1)
    read = [_reader(f, low, high, wanted) for f in shown]
    orders = ORDERS[: wanted.order + 1]
    curves = [
        _curve(f, reader, orders, low, high, wanted, behind=k < len(behind))
        for k, (f, reader) in enumerate(zip(shown, read, strict=True))
    ]
    for curve in curves:
        if not curve.traces[0].pieces:
            raise ValueError(
                f"{curve.label} has no finite value in {low:g}:{high:g}; choose another --range"
            )
    curves, panels = panels_of(
        curves, orders, (low, high), wanted.ylim, wanted.yscale, grid=wanted.grid,
        precision="" if wanted.dtype is None else wanted.dtype.name,
    )  # fmt: skip
    title, title_latex = _title(functions, sweep)
    return Picture(
        xlim=(low, high),
        curves=curves,
        panels=panels,
        title=title,
        title_latex=title_latex,
        residuals=() if wanted.grid else _residuals(shown, read, low, high),
        sweep=sweep,
        histogram=_histogram(shown, read, len(behind), low, high, wanted),
        xscale=wanted.xscale,
        grid=wanted.grid,
        **wanted.design,
    )


def _reader(f: Activation, low: float, high: float, wanted: PictureRequest) -> SampledFunction:
    """The activation as it is to be drawn: in another precision, or without knowing its breakpoints."""
    if type(f) is Activation:
        return f if wanted.dtype is None else InPrecision(f, wanted.dtype)
    ends = [low, high]
    if wanted.inputs is not None:
        finite = wanted.inputs[np.isfinite(wanted.inputs)]
        ends += [float(v) for v in (finite.min(initial=low), finite.max(initial=high))]
    return sampling.Examined(f, min(ends), max(ends))


def _range(shown: Sequence[Activation], wanted: PictureRequest) -> Limits:
    """-5:5 or what the inputs span; without inputs, no wider than where something is defined."""
    given = np.concatenate([wanted.at, wanted.inputs if wanted.inputs is not None else []])
    if wanted.inputs is not None:
        return sampling.xlimits(given, [])
    if wanted.xscale == "log":
        return POSITIVE
    low, high = sampling.xlimits(
        None, [cut.x for f in shown for cut in sampling.breakpoints_of(f, -20, 20)]
    )
    x = np.linspace(low, high, 401)
    defined = x[np.any([np.isfinite(f(x)) for f in shown], axis=0)]
    if defined.size > 40:
        margin = 0.08 * float(np.ptp(defined))
        low = low if defined[0] == low else max(low, float(defined[0]) - margin)
        high = high if defined[-1] == high else min(high, float(defined[-1]) + margin)
    finite = given[np.isfinite(given)]
    if finite.size:
        margin = 0.1 * max(high - low, float(np.ptp(finite)))
        low = low if low < finite.min() else float(finite.min()) - margin
        high = high if high > finite.max() else float(finite.max()) + margin
    return low, high


def _within_reach(x: Floats) -> Floats:
    """Finite numbers that are too large to be drawn, as the largest that are not."""
    return np.where(np.isfinite(x), np.clip(x, -0.1 * WIDEST, 0.1 * WIDEST), x)


def _curve(
    f: Activation,
    read: SampledFunction,
    orders: Sequence[Order],
    low: float,
    high: float,
    wanted: PictureRequest,
    behind: bool,
) -> Curve:
    """The curve of one function: a trace per order, and its flat regions."""
    breakpoints = sampling.breakpoints_of(read, low, high)
    traces = []
    for order in orders:
        # fewer bits make stairs of every slope, which are no jumps of the function
        search = wanted.dtype is None
        turns, straight = ("extrema" in wanted.marks, "asymptotes" in wanted.marks)
        trace = sampling.trace(read, order, low, high, wanted.points, breakpoints, search, turns)
        lines: list[tuple[Point, Point]] = []
        if straight and not wanted.in_text:  # which takes proofs
            lines = sampling.asymptotes(f, order, trace, low, high)
        if wanted.dtype is not None:  # what only that precision cannot hold is no pole
            exact = sampling.reading(f, order)(np.array(trace.poles))
            poles = [x for x, y in zip(trace.poles, exact, strict=True) if not np.isfinite(y)]
            trace = trace._replace(poles=poles)
        trace = trace._replace(asymptotes=lines, inputs=_inputs(read, order, wanted))
        if "kinks" not in wanted.marks:
            trace = trace._replace(kinks=())
        if not straight:
            trace = trace._replace(poles=())
        traces.append(trace)
    # inputs are counted as saturated at a turn too, where a gradient passes through 0
    turns = wanted.inputs is not None
    flat = 1 in orders and "saturation" in wanted.marks
    spans = sampling.spans(read, low, high, breakpoints, turns=turns) if flat else []
    return Curve(
        label=f"{f.label} (exact)" if behind else f.label,
        latex="" if type(f) is not Activation else f.latex,
        traces=traces,
        spans=spans,
        behind=behind,
        typed=f.typed and f.label == f.written,
    )


def _inputs(read: SampledFunction, order: Order, wanted: PictureRequest) -> list[Point]:
    """The points at the inputs asked for, where both coordinates are finite."""
    if not len(wanted.at):
        return []
    x = np.asarray(wanted.at, dtype=np.float64)
    both = np.stack([x, sampling.reading(read, order)(x)], axis=1)
    return [(float(a), float(b)) for a, b in both[np.isfinite(both).all(axis=1)]]


# --- titles and sweeps ---------------------------------------------------------------------


def _sweep(functions: Sequence[Activation]) -> tuple[ParameterValues | None, list[Activation]]:
    """The one numeric parameter in which all functions differ, and the functions by its value."""
    name = swept(functions)
    if not name or isinstance(functions[0].parameters[name], str):
        return None, list(functions)
    ordered = sorted(functions, key=lambda f: float(f.parameters[name]))
    return ParameterValues(name, [float(f.parameters[name]) for f in ordered]), ordered


def swept(functions: Sequence[Activation]) -> str:
    """The one parameter in which several variants of one function differ, or ''."""
    first = functions[0]
    if len(functions) < 2 or any(f.name != first.name for f in functions):
        return ""
    differing = [
        name for name in first.parameters if len({str(f.parameters[name]) for f in functions}) > 1
    ]
    return differing[0] if len(differing) == 1 else ""


def _title(functions: Sequence[Activation], sweep: ParameterValues | None) -> tuple[str, str]:
    """Name and formula over a sweep: the swept parameter as a symbol, the others as they are."""
    first = functions[0]
    if sweep is None:
        return first.label, ""
    return label_of(first, without=sweep.parameter), latex(first.symbolic(sweep.parameter))


# --- strips --------------------------------------------------------------------------------


def _residuals(
    shown: Sequence[Activation], read: Sequence[SampledFunction], low: float, high: float
) -> list[ErrorStrip]:
    """What each approximation in the picture misses of its exact function."""
    found = []
    by_label = {f.label: reader for f, reader in zip(shown, read, strict=True)}
    for k, f in enumerate(shown):
        if f.approximates is None or f.approximates.label not in by_label:
            continue
        exact = by_label[f.approximates.label]

        def error(
            x: Floats, mine: SampledFunction = read[k], exact: SampledFunction = exact
        ) -> Floats:
            return np.asarray(mine(x) - exact(x), dtype=np.float64)

        pieces, largest = sampling.difference(error, low, high)
        if pieces:
            found.append(ErrorStrip(k, f.approximates.label, pieces, largest))
    return found


def _histogram(
    shown: Sequence[Activation],
    read: Sequence[SampledFunction],
    first: int,
    low: float,
    high: float,
    wanted: PictureRequest,
) -> Histogram | None:
    """Bins of the inputs, and what share of them each function in front keeps alive."""
    if wanted.inputs is None:
        return None
    inputs = wanted.inputs[~np.isnan(wanted.inputs)]
    missing = wanted.inputs.size - inputs.size
    if inputs.size == 0:
        raise ValueError(f"{wanted.source} holds no numbers but nan; give some that are")
    edges = _bins(inputs, low, high)
    counts: list[Counts] = []
    shares = []
    for k in range(first, len(shown)):
        gradient = np.asarray(read[k].gradient(inputs), dtype=np.float64)
        found = states(shown[k], inputs, gradient)
        shares.append(Share(k, *(float(state.mean()) for state in found)))
        if k == first:
            counts = [np.histogram(inputs[state], edges)[0] for state in found]
            levels, gradient_edges, gradient_counts = _gradients(gradient, found)
    outside = float(np.mean((inputs < low) | (inputs > high)))
    note = f"{inputs.size:,} from {wanted.source}".replace(",", " ")
    if missing:
        note += f", {missing} nan left out"
    if outside:
        note += f", {plain(100 * outside, 1) if outside > 0.0005 else '< 0.1'} % out of sight"
    return Histogram(
        edges, np.array(counts), shares, note, gradient_edges, gradient_counts, levels,
        wanted.source,
    )  # fmt: skip


def _bins(inputs: Floats, low: float, high: float) -> Floats:
    """Edges of bins: a narrow one around each of a few values, on a lattice (integers) such as have
    as many of its points each, else evenly spaced."""
    most = int(np.clip(2 * inputs.size**0.4, 16, 64))
    values = distinct(inputs[(inputs >= low) & (inputs <= high)])
    if values.size == 0:
        return np.linspace(low, high, most + 1)
    gap = float(np.diff(values).min(initial=high - low))
    if values.size <= FEW and gap > 0.01 * (high - low):
        return _apart(values, min(BAR * gap, 0.025 * (high - low)))
    steps = (values - values[0]) / gap
    if steps[-1] > 8 * most or np.abs(steps - np.round(steps)).max() > 1e-6:
        return np.linspace(low, high, most + 1)
    every = gap * np.ceil((high - low) / gap / most)
    first = values[0] - gap / 2
    return np.asarray(np.arange(first, values[-1] + every, every), dtype=np.float64)


def _apart(values: Floats, half: float) -> Floats:
    """Edges of bins of that half width around each value, with empty ones between and around."""
    edges = np.stack([values - half, values + half], axis=1).ravel()
    return np.concatenate([[edges[0] - half], edges, [edges[-1] + half]])


def _gradients(gradient: Floats, states: Sequence[Flags]) -> tuple[list[float], Floats, Counts]:
    """Bins of the gradients and counts per state; one bin per value where there are few values."""
    finite = gradient[np.isfinite(gradient)]
    values, which = np.unique(np.round(finite, 9), return_inverse=True)
    if 0 < values.size <= 8:
        edges = _apart(np.arange(values.size, dtype=np.float64), BAR)
        finite_states = [state[np.isfinite(gradient)] for state in states]
        counts = [np.histogram(which[s], edges)[0] for s in finite_states]
        return [float(value) for value in values], edges, np.array(counts)
    ends = quantiles(finite, [0.001, 0.999]) if finite.size else np.array([0.0, 1.0])
    bottom, top = min(0.0, float(ends[0])), max(float(ends[1]), 0.1)
    edges = np.asarray(np.linspace(bottom - 0.02 * top, 1.02 * top, 41), dtype=np.float64)
    return [], edges, np.array([np.histogram(gradient[state], edges)[0] for state in states])
