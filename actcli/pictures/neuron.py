"""The picture of a neuron as data for figures: from weights, rows and what was learned."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from .. import sampling
from ..evaluation.activation import Activation
from ..figures.data import Limits, Span, Trace
from ..figures.neuron_data import Neuron
from ..inputs.tabular import Rows
from ..numbers.types import Floats
from .function import PictureRequest
from .panels import WIDEST, check_ends

if TYPE_CHECKING:
    from ..toy.fit import FittedNeuron
    from ..toy.neuron import Pass


@np.errstate(all="ignore")
def neuron_picture(
    f: Activation,
    rows: Rows,
    w: Floats,
    b: float,
    result: "Pass",
    learned: "FittedNeuron | None",
    equation: str,
    wanted: PictureRequest,
) -> Neuron:
    """The neuron with weights `w` (d,) over the range that is wanted, or around the rows.

    Rows that are not finite are left out. Raises ValueError where there is nothing to draw.
    """
    limits = wanted.range_
    shown = np.isfinite(rows.numbers).all(axis=1) & np.isfinite(result.z) & np.isfinite(result.a)
    numbers = rows.numbers[shown]
    around = _with_the_line(numbers, w, b)
    sides = [limits or _limits(around[:, k]) for k in range(len(w))]
    if len(w) == 2 and not limits:
        sides = _alike(sides)
    for side in sides:
        check_ends("--range", *side)
    corners = np.array(np.meshgrid(*sides)).reshape(len(w), -1)
    z = w @ corners + b
    zlim = float(z.min()), float(z.max())
    if not max(map(abs, zlim)) <= WIDEST:
        raise ValueError(
            f"z reaches from {zlim[0]:g} to {zlim[1]:g}, too far for a picture; give smaller weights"
        )
    flat = zlim[1] - zlim[0] < 1e-9 * max(1.0, abs(b))
    if zlim[1] - zlim[0] < 1e-9 * max(1.0, abs(zlim[0])):
        zlim = zlim[0] - 1.0, zlim[1] + 1.0
    read = f if type(f) is Activation else sampling.Examined(f, *zlim)
    breakpoints = sampling.breakpoints_of(read, *zlim)
    orders: tuple[sampling.Order, ...] = (0, 1)
    traces = [sampling.trace(read, k, *zlim, breakpoints=breakpoints) for k in orders]
    spans = sampling.spans(read, *zlim, breakpoints)
    if not traces[0].pieces:
        raise ValueError(f"{f.label} has no finite value for z in {zlim[0]:g}:{zlim[1]:g}")
    given = [*wanted.ylim, None, None]
    alim = given[0] or sampling.ylimits(traces[:1], 0, *zlim)
    check_ends("--ylim", *alim)
    if len(wanted.ylim) > (panels := 2 if len(w) == 1 else 1):
        raise ValueError(
            f"--ylim has {len(wanted.ylim)} ranges for {panels} panel{'s' * (panels > 1)} of this "
            "neuron; give one for each at most"
        )
    bounds = [f.limit(-1), f.limit(1)] if hasattr(f, "limit") else [np.nan, np.nan]
    if np.isfinite(bounds).all() and bounds[0] != bounds[1]:
        ends = min(bounds), max(bounds)
    else:
        most = max(abs(alim[0]), abs(alim[1]))
        ends = -most, most
    if len(w) == 1:
        slope = 0.0 if flat else float(w[0])
        traces = [_along(t, slope, b, sides[0], k) for k, t in enumerate(traces)]
        spans = _spans_along(spans, slope, b, sides[0])
    glim = alim
    if len(w) == 1:
        glim = given[1] or sampling.ylimits(traces[1:], 1, *sides[0])
        check_ends("--ylim", *glim)
    target = rows.target[shown] if rows.target is not None and rows.classes else None
    return Neuron(
        label=f.label,
        equation=equation,
        weights=tuple(w.tolist()),
        bias=b,
        names=rows.names,
        xlim=sides[0],
        ylim=sides[-1],
        curve=traces[0],
        gradient=traces[1],
        spans=spans,
        zlim=zlim,
        alim=alim,
        glim=glim,
        ends=ends,
        rows=numbers,
        z=result.z[shown].astype(np.float64),
        a=result.a[shown].astype(np.float64),
        da=result.dx[shown, 0].astype(np.float64),
        classes=None if target is None else (target == target.max()).astype(np.int64),
        wrong=~learned.correct[shown] if learned and learned.correct is not None else None,
        class_names=_class_names(rows),
        decisions=learned.levels if learned else (),
        mid=learned.mid if learned else 0.0,
        **wanted.design,
    )


def _class_names(rows: Rows) -> tuple[str, str]:
    """What the two classes are called in the legend."""
    if rows.classes is None:
        return "0", "1"
    said = "class " if rows.target_name.startswith("column ") else f"{rows.target_name} = "
    first, second = (said + name for name in rows.classes)
    return first, second


def _with_the_line(rows: Floats, w: Floats, b: float) -> Floats:
    """The rows and, where all lie on one side of z = 0, what is as far on the other, if that is near."""
    z = rows @ w + b
    if not len(rows) or not w.any() or (z.min() < 0 < z.max()):
        return rows
    middle = rows.mean(axis=0)
    beyond = middle - 2 * (w @ middle + b) / (w @ w) * w
    apart, spread = np.hypot.reduce(beyond - middle), np.hypot.reduce(np.ptp(rows, axis=0))
    if not np.isfinite(beyond).all() or apart > (3 * spread or 1e6):
        return rows
    return np.vstack([rows, beyond])


def _limits(values: Floats) -> Limits:
    """A range with a margin around the values; -5:5 without any."""
    if not len(values):
        return -5.0, 5.0
    low, high = float(values.min()), float(values.max())
    margin = 0.25 * (high - low) or max(1.0, 0.5 * abs(low))
    return low - margin, high + margin


def _alike(sides: list[Limits]) -> list[Limits]:
    """The same scale on both axes, unless one is more than four times as long."""
    spans = [high - low for low, high in sides]
    if max(spans) > 4 * min(spans):
        return sides
    half = 0.5 * max(spans)
    return [(0.5 * (low + high) - half, 0.5 * (low + high) + half) for low, high in sides]


def _along(trace: Trace, w: float, b: float, side: Limits, order: int) -> Trace:
    """A curve over z as one over x."""
    if w == 0:
        level = 0.0 if order else float(np.interp(b, *trace.pieces[0]))
        return Trace([(np.array(side), np.array([level, level]))])
    turn = 1 if w > 0 else -1
    factor = w if order else 1.0
    pieces = [((x[::turn] - b) / w, factor * y[::turn]) for x, y in trace.pieces][::turn]
    dots = [dot._replace(x=(dot.x - b) / w, y=factor * dot.y) for dot in trace.dots]
    return Trace(pieces, dots=dots)


def _spans_along(spans: Sequence[Span], w: float, b: float, side: Limits) -> list[Span]:
    """Flat regions over z as such over x."""
    if w == 0:
        return [s._replace(low=side[0], high=side[1]) for s in spans if s.low <= b <= s.high]
    ends = [sorted(((s.low - b) / w, (s.high - b) / w)) for s in spans]
    return [s._replace(low=low, high=high) for s, (low, high) in zip(spans, ends, strict=True)]
