"""Pictures as text, by plotext: curves, jumps, kinks and axes; the rest is said in words below."""

import textwrap
from collections.abc import Iterator, Sequence
from string import ascii_lowercase
from typing import Any

import numpy as np
import plotext
from numpy.typing import NDArray

from ..numbers.exact import SATURATED
from .data import Band, Curve, Panel, Picture, Trace
from .ticks import number, percent, ticks

TITLES = ("value", "gradient", "curvature")
COLOURS = ("blue+", "orange", "green", "magenta+", "cyan", "red")
MARKS = ("braille", "+", "x", "=", "%", "@", "&", "~", "$", "^")
"""Without colour, curves are told apart by what they are drawn with: nothing that stands in for a dot
or a kink where those cannot be printed."""
BAND = "."
SAMPLE = {"braille": "⠒⠒"}
LEAST_HIGH, USUAL_HIGH, MOST_HIGH = 5, 9, 26  # lines of a panel
LEAST_WIDE, USUAL_WIDE = 24, 36  # columns of a panel
LETTER_EVERY = 14  # columns between two letters in a curve, or more for many curves


@np.errstate(all="ignore")
def in_terminal(picture: Picture, columns: int, lines: int, colour: bool) -> str:
    """The picture in text, no line wider than `columns`; within `lines` if that is not 0.

    Without `colour`, curves are told apart by what they are drawn with; with it, by letters in them
    too, since not everyone sees all colours.
    """
    columns = min(max(columns, 30), 1000)
    top, bottom = _legend(picture, columns, colour), _words(picture, columns)
    count = len(picture.panels)
    room = lines - 1 - len(top) if lines else 0  # one line is for the prompt
    squeezed = lines and room < USUAL_HIGH * count and columns >= LEAST_WIDE * count
    stacked = columns < USUAL_WIDE * count and not squeezed
    rows = count if stacked else 1
    high = (room - len(bottom)) // rows if lines else 19
    high = min(max(high, USUAL_HIGH), MOST_HIGH)
    if lines:
        high = min(high, max(room // rows, LEAST_HIGH))
        bottom = _cut(bottom, room - high * rows, columns)
    body = panels_in_text(picture, columns, high, colour, stacked)
    return "\n".join([*top, *body, *bottom])


def panels_in_text(
    picture: Picture, columns: int, high: int, colour: bool, stacked: bool = False
) -> list[str]:
    """Lines of text with the panels, each so high, side by side or `stacked`."""
    rows = len(picture.panels) if stacked else 1
    figure = plotext.figure
    figure.clear()
    plotext.terminal.limit(False, False)
    figure.plot_size(columns, high * rows)
    several = len(picture.panels) > 1
    if several:
        figure.subplots(rows, 1 if stacked else len(picture.panels))
    for i, panel in enumerate(picture.panels):
        plot = figure.subplot(*((i + 1, 1) if stacked else (1, i + 1))) if several else figure
        _panel(plot, picture, panel, i, high, columns // (1 if stacked else len(picture.panels)),
               colour)  # fmt: skip
    text = figure.build().string(not colour)
    figure.clear()
    return [line.rstrip() for line in text.rstrip("\n").split("\n")]


def _cut(sentences: list[str], most: int, columns: int) -> list[str]:
    """Sentences, as many lines as there is room for, and how many are left out."""
    if len(sentences) <= most:
        return sentences
    left = len(sentences) - max(most - 1, 0)
    return [*sentences[:-left], f"... {left} more lines: use | cat"[:columns]][: max(most, 0)]


def _front(picture: Picture) -> list[tuple[int, Curve]]:
    """The curves that are not behind, with their indices."""
    return [(i, curve) for i, curve in enumerate(picture.curves) if not curve.behind]


def _marker(symbol: str, tint: str, colour: bool) -> Any:
    return plotext.marker(symbol, tint) if colour else symbol


def _panel(
    plot: Any, picture: Picture, panel: Panel, index: int, high: int, wide: int, colour: bool
) -> None:
    """Draws axes and traces of one panel."""
    plot.theme("colorless")
    plot.title(panel.titled(TITLES[panel.order]))
    plot.legend(False)
    (x0, x1), (y0, y1) = picture.xlim, panel.ylim
    for axis, (low, top), most in (("x", (x0, x1), wide // 9), ("y", (y0, y1), high // 3)):
        ruler = plot.ruler(axis)
        ruler.lim(low, top)
        found = ticks(low, top, min(max(most, 3), 11), whole=True)
        if axis == "y" and panel.yticks is not None:
            found = panel.yticks
        ruler.ticks(found.at, found.labels)
    # figure.line would paint its cells white
    if y0 < 0 < y1 and panel.yticks is None:
        along = np.linspace(x0, x1, 2 * wide).tolist()
        plot.draw(plot.signal(along, [0.0] * len(along), marker=_marker("─", "gray", colour)))
    if x0 < 0 < x1:
        along = np.linspace(y0, y1, 2 * high).tolist()
        plot.draw(plot.signal([0.0] * len(along), along, marker=_marker("│", "gray", colour)))
    traces = [curve.traces[index] for _, curve in _front(picture)]
    turns = _turns(traces, picture.xlim, panel.ylim, wide - 8, high - 4)
    for k, trace in enumerate(traces):
        if trace.band is not None:
            look = _marker(BAND, COLOURS[k % len(COLOURS)], colour)
            for x, y in _cells(trace.band, picture.xlim, (y0, y1), wide - 8, high - 4):
                plot.draw(plot.signal(x.tolist(), y.tolist(), marker=look))
    for k, (trace, mine) in enumerate(zip(traces, turns, strict=True)):
        _trace(plot, trace, picture.xlim, (y0, y1), mine, k, colour)
    if colour and len(traces) > 1:
        for k, (trace, mine) in enumerate(zip(traces, turns, strict=True)):
            tint = COLOURS[k % len(COLOURS)]
            for at, level in _letter_places(trace, picture.xlim, (y0, y1), mine, k, len(traces)):
                plot.draw(plot.signal([at], [level], marker=_marker(_letter(k), tint, colour)))


def _cells(
    band: Band, xlim: tuple[float, float], ylim: tuple[float, float], wide: int, high: int
) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The middles of the cells in a band, column by column."""
    levels = ylim[0] + (np.arange(high) + 0.5) / high * (ylim[1] - ylim[0])
    for x in xlim[0] + (np.arange(wide) + 0.5) / wide * (xlim[1] - xlim[0]):
        if band.x[0] <= x <= band.x[-1]:
            low, top = (np.interp(x, band.x, end) for end in (band.low, band.high))
            inside = levels[(levels >= low) & (levels <= top)]
            if inside.size:
                yield np.full(inside.size, x), inside


def _letter(k: int) -> str:
    return ascii_lowercase[k % len(ascii_lowercase)]


def _letter_places(
    trace: Trace, xlim: tuple[float, float], ylim: tuple[float, float], mine: NDArray[np.bool_],
    k: int, count: int,
) -> list[tuple[float, float]]:  # fmt: skip
    """Points of a curve that carry its letter, where it shows, apart from those of the others."""
    wide = mine.size
    centres = xlim[0] + (np.arange(wide) + 0.5) / wide * (xlim[1] - xlim[0])
    levels = np.full(wide, np.nan)
    for x, y in trace.pieces:
        near = (centres >= x[0]) & (centres <= x[-1])
        levels[near] = np.interp(centres[near], x, y)
    shown = np.flatnonzero(mine & (levels > ylim[0]) & (levels < ylim[1]))
    repeats = max(wide // max(LETTER_EVERY, 3 * count), 1)
    found = {}
    for wanted in (np.arange(repeats) + (k + 0.5) / count) / repeats * wide:
        if shown.size:
            column = int(shown[np.argmin(np.abs(shown - wanted))])
            found[column] = (float(centres[column]), float(levels[column]))
    return list(found.values())


def _turns(
    traces: list[Trace], xlim: tuple[float, float], ylim: tuple[float, float], wide: int, high: int
) -> NDArray[np.bool_]:
    """Whether each curve (row) shows in each column of cells: those in one cell take turns."""
    centres = xlim[0] + (np.arange(wide) + 0.5) / wide * (xlim[1] - xlim[0])
    rows = np.full((len(traces), wide), -1 - np.arange(len(traces))[:, None])
    for k, trace in enumerate(traces):
        for x, y in trace.pieces:
            near = (centres >= x[0]) & (centres <= x[-1])
            level = (np.interp(centres[near], x, y) - ylim[0]) / (ylim[1] - ylim[0])
            rows[k, near] = np.where(np.abs(level - 0.5) <= 0.5, level * high, rows[k, near])
    same = rows[:, None, :] == rows[None, :, :]
    turn = np.array([same[k, :k].sum(axis=0) for k in range(len(traces))])
    of = same.sum(axis=1)
    return np.asarray(np.arange(wide) // 2 % of == turn)


def _trace(
    plot: Any,
    trace: Trace,
    xlim: tuple[float, float],
    ylim: tuple[float, float],
    mine: NDArray[np.bool_],
    k: int,
    colour: bool,
) -> None:
    """Draws one curve where it is its turn, and its marks."""
    tint = COLOURS[k % len(COLOURS)]
    look = _marker("braille" if colour else MARKS[k % len(MARKS)], tint, colour)
    for x, y in trace.pieces:
        column = (x - xlim[0]) / (xlim[1] - xlim[0]) * mine.size
        shown = mine[np.clip(column.astype(int), 0, mine.size - 1)]
        for run_x, run_y in _inside(x, y, shown, ylim):
            plot.draw(plot.signal(run_x.tolist(), run_y.tolist(), marker=look).lines())
    marks = [(dot.x, dot.y, "●" if dot.filled else "○") for dot in trace.dots]
    marks.sort(key=lambda mark: mark[2], reverse=True)  # filled ones on top
    marks += [(x, y, "◆") for x, y in trace.kinks] + [(x, y, "■") for x, y in trace.inputs]
    for at, level, mark in marks:
        if ylim[0] <= level <= ylim[1]:
            plot.draw(plot.signal([at], [level], marker=_marker(mark, tint, colour)))


def _inside(
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    shown: NDArray[np.bool_],
    ylim: tuple[float, float],
) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """The stretches of a piece that are shown and within the limits."""
    within = shown & (y >= ylim[0]) & (y <= ylim[1])
    edges = np.flatnonzero(np.diff(np.concatenate([[False], within, [False]])))
    return [(x[a:b], y[a:b]) for a, b in edges.reshape(-1, 2)]


def _legend(picture: Picture, columns: int, colour: bool) -> list[str]:
    """The name of the function, or a sample and a name for each."""
    front = _front(picture)
    if len(front) == 1:
        return wrapped(front[0][1].label, columns)
    entries = []
    for k, (_, curve) in enumerate(front):
        mark = MARKS[k % len(MARKS)]
        sample = f"⠒{_letter(k)}⠒" if colour else SAMPLE.get(mark, 2 * mark)
        entries.append((sample, curve.label))
    rows: list[list[str]] = []
    width = columns + 1
    for k, (sample, label) in enumerate(entries):
        size = len(sample) + 1 + len(label)
        if width + 3 + size > columns:
            rows.append([])
            width = -3
        width += 3 + size
        shown = str(plotext.colorize(sample, COLOURS[k % len(COLOURS)])) if colour else sample
        rows[-1].append(f"{shown} {label}")
    return ["   ".join(row) for row in rows]


def wrapped(text: str, columns: int) -> list[str]:
    """The text in lines of at most so many columns."""
    return textwrap.wrap(text, columns, subsequent_indent="  ", break_on_hyphens=False)


def _words(picture: Picture, columns: int) -> list[str]:
    """What a coarse picture cannot show: coordinates, flat regions, errors, shares."""
    said: list[str] = []
    front = _front(picture)
    for _, curve in front:
        name = f"{curve.label}: " if len(front) > 1 else ""
        for panel, trace in zip(picture.panels, curve.traces, strict=True):
            points = [
                f"{point.kind} ({number(point.x)}, {number(point.y)})"
                for point in trace.extrema[:8]
            ]
            if points:
                said.append(f"{name}{panel.titled(TITLES[panel.order])}: {', '.join(points)}")
        flat = f"saturated (|gradient| < {SATURATED:g})"
        for kind, words in (("saturated", flat), ("dead", "dead zone")):
            spans = [span for span in curve.spans if span.kind == kind]
            if spans:
                listed = ", ".join(f"{number(s.low)} to {number(s.high)}" for s in spans[:8])
                said.append(f"{name}{words}: x from {listed}")
    for residual in picture.residuals:
        x, y = residual.largest
        label = picture.curves[residual.curve].label
        said.append(
            f"error {label} - {residual.exact}: largest |error| {number(abs(y))} at x = {number(x)}"
        )
    said += _inputs(picture)
    return [line for sentence in said for line in wrapped(sentence, columns)]


def _inputs(picture: Picture) -> Sequence[str]:
    """What is known of the inputs, in sentences."""
    if picture.histogram is None:
        return []
    found = [f"inputs: {picture.histogram.note}"]
    for share in picture.histogram.shares:
        label = picture.curves[share.curve].label
        found.append(
            f"{label}: alive {percent(share.alive)}, saturated {percent(share.saturated)}, "
            f"dead {percent(share.dead)}"
        )
    return found
