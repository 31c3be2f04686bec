"""The panels of a picture: their vertical axes, scales and units."""

import operator
from collections.abc import Sequence

import numpy as np

from .. import sampling
from ..figures.choices import Scale
from ..figures.data import Curve, Limits, Panel, Trace
from ..figures.scales import scaled_limits
from ..numbers.distinct import quantiles
from ..sampling import Order

WIDEST, NARROWEST = 1e300, 1e-250
HUGE = 20  # what is wider than WIDEST is drawn in units of 1e20


def check_ends(option: str, low: float, high: float) -> None:
    """Refuses ends that the drawing library, or the doubles themselves, cannot tell apart."""
    size = max(abs(low), abs(high))
    if size > WIDEST or high - low < max(NARROWEST, 1e-12 * size):
        far = "far apart" if size > WIDEST else "close together"
        raise ValueError(
            f"{option}: {low!r} and {high!r} are too {far} for the ends of a picture; "
            f"choose others, as in {option} -5:5"
        )


def check_ylim(ylim: Sequence[Limits | None], yscale: Scale, count: int) -> None:
    """Raises ValueError where --ylim does not fit so many panels or their scale."""
    if len(ylim) > count:
        raise ValueError(
            f"--ylim has {len(ylim)} ranges for {count} panel{'s' * (count > 1)}; "
            "give one for each at most, in their order"
        )
    for ends in ylim:
        if ends is None:
            continue
        check_ends("--ylim", *ends)
        if yscale == "log" and ends[0] <= 0:
            raise ValueError(
                f"--ylim {ends[0]:g}:{ends[1]:g} does not lie above 0, as --yscale log needs; "
                "give another, as in --ylim 0.001:10, or take symlog"
            )


def panels_of(
    curves: Sequence[Curve],
    orders: Sequence[Order],
    xlim: Limits,
    ylim: Sequence[Limits | None],
    yscale: Scale,
    *,
    grid: bool,
    precision: str,
) -> tuple[list[Curve], list[Panel]]:
    """Chooses a panel for each order, and returns the curves with what their scale can show.

    `ylim` are limits asked for, in the panels' order; all panels of a `grid` have the same.
    """
    panels = []
    curves = list(curves)
    for i, order in enumerate(orders):
        traces = [curve.traces[i] for curve in curves]
        asked = ylim[0 if grid else i] if (0 if grid else i) < len(ylim) else None
        if yscale != "linear":
            some = [_above_0(trace) for trace in traces] if yscale == "log" else traces
            limits = asked or _scaled_limits(curves, some, yscale, order)
            left_out = any(map(operator.ne, map(_count, some), map(_count, traces)))
            panels.append(Panel(order, limits, precision, 0, yscale, left_out))
            curves = _with_traces(curves, i, some)
            continue
        limits = sampling.ylimits(traces, order, *xlim)
        unit = 0
        if not max(map(abs, limits)) < WIDEST and not asked:
            unit = HUGE
            traces = [_in_units(trace, 10.0**unit) for trace in traces]
            limits = sampling.ylimits(traces, order, *xlim)
            curves = _with_traces(curves, i, traces)
        panels.append(Panel(order, asked or limits, precision, unit))
    if grid and not (ylim and ylim[0]):
        common = _common_limits(curves, panels, *xlim)
        panels = [panel._replace(ylim=common) for panel in panels]
    return curves, panels


def _scaled_limits(
    curves: Sequence[Curve], traces: Sequence[Trace], scale: Scale, order: Order
) -> Limits:
    """The range in which all of the curves is seen; ValueError where a scale shows nothing."""
    values = [y for trace in traces for _, y in trace.pieces]
    found = scaled_limits(scale, np.concatenate([np.zeros(0), *values]))
    if found is None:
        names = ", ".join(curve.label for curve in curves)
        reading = ("value", "gradient", "curvature")[order]
        raise ValueError(
            f"--yscale log: no {reading} of {names} is above 0 here; take --yscale symlog"
        )
    return found


def _common_limits(
    curves: Sequence[Curve], panels: Sequence[Panel], low: float, high: float
) -> Limits:
    """The vertical axis of all panels of a grid: what matters of most functions, and of all that
    need little more."""
    if panels[0].yscale != "linear":
        return min(p.ylim[0] for p in panels), max(p.ylim[1] for p in panels)
    ends = np.array([
        sampling.ylimits([trace], panel.order, low, high)
        for curve in curves for trace, panel in zip(curve.traces, panels, strict=True)
    ])  # fmt: skip
    bottom, top = ends.T.reshape(2, len(curves), len(panels))
    bottoms, tops = bottom.min(axis=1), top.max(axis=1)
    most = float(quantiles(bottoms, 0.25)), float(quantiles(tops, 0.75))
    more = 0.3 * (most[1] - most[0])
    return (
        float(bottoms[bottoms >= most[0] - more].min()),
        float(tops[tops <= most[1] + more].max()),
    )


def _count(trace: Trace) -> int:
    """How many points a trace has."""
    return sum(x.size for x, _ in trace.pieces)


def _with_traces(curves: Sequence[Curve], i: int, traces: Sequence[Trace]) -> list[Curve]:
    """The curves with other traces in panel `i`."""
    return [
        c._replace(traces=[*c.traces[:i], t, *c.traces[i + 1 :]])
        for c, t in zip(curves, traces, strict=True)
    ]


def _above_0(trace: Trace) -> Trace:
    """What of the trace lies above 0."""
    pieces = []
    for x, y in trace.pieces:
        ends = np.flatnonzero(np.diff(np.concatenate([[False], y > 0, [False]])))
        pieces += [(x[a:b], y[a:b]) for a, b in ends.reshape(-1, 2) if b - a > 1]
    return trace._replace(
        pieces=pieces,
        kinks=[point for point in trace.kinks if point[1] > 0],
        dots=[dot for dot in trace.dots if dot.y > 0],
        extrema=[point for point in trace.extrema if point.y > 0],
        asymptotes=[(a, b) for a, b in trace.asymptotes if max(a[1], b[1]) > 0],
        inputs=[point for point in trace.inputs if point[1] > 0],
    )


def _in_units(trace: Trace, unit: float) -> Trace:
    """The trace with every y divided by the unit."""
    return trace._replace(
        pieces=[(x, y / unit) for x, y in trace.pieces],
        kinks=[(x, y / unit) for x, y in trace.kinks],
        dots=[dot._replace(y=dot.y / unit) for dot in trace.dots],
        extrema=[point._replace(y=point.y / unit) for point in trace.extrema],
        asymptotes=[((a, b / unit), (c, d / unit)) for (a, b), (c, d) in trace.asymptotes],
        inputs=[(x, y / unit) for x, y in trace.inputs],
    )
