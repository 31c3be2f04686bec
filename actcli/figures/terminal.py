"""Pictures as text: curves, jumps, kinks and axes; the rest is said in words below."""

import textwrap
from collections.abc import Sequence
from string import ascii_lowercase

import numpy as np
from numpy.typing import NDArray

from ..numbers.exact import SATURATED
from ..numbers.types import Floats
from .data import Band, Curve, Panel, Picture, Trace
from .text_panel import TextPanel, tinted
from .ticks import number, percent, ticks

TITLES = ("value", "gradient", "curvature")
COLOURS = ("blue+", "orange", "green", "magenta+", "cyan", "red")
MARKS = ("", "+", "x", "=", "%", "@", "&", "~", "$", "^")
"""Without colour, curves are told apart by what they are drawn with, dots first: nothing that
stands in for a dot or a kink where those cannot be printed."""
BAND = "."
SAMPLE = "⠒⠒"
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
    count = len(picture.panels)
    wide = (
        [columns] * count
        if stacked
        else [columns // count + (i < columns % count) for i in range(count)]
    )
    texts = [
        _panel(picture, panel, i, high, wide[i], colour) for i, panel in enumerate(picture.panels)
    ]
    if stacked:
        return [line.rstrip() for text in texts for line in text]
    return ["".join(line).rstrip() for line in zip(*texts, strict=True)]


def _cut(sentences: list[str], most: int, columns: int) -> list[str]:
    """Sentences, as many lines as there is room for, and how many are left out."""
    if len(sentences) <= most:
        return sentences
    left = len(sentences) - max(most - 1, 0)
    return [*sentences[:-left], f"... {left} more lines: use | cat"[:columns]][: max(most, 0)]


def _front(picture: Picture) -> list[tuple[int, Curve]]:
    """The curves that are not behind, with their indices."""
    return [(i, curve) for i, curve in enumerate(picture.curves) if not curve.behind]


def _panel(
    picture: Picture, panel: Panel, index: int, high: int, wide: int, colour: bool
) -> list[str]:
    """Axes and traces of one panel, in lines of text."""
    limits = picture.xlim, panel.ylim
    across, up = (
        ticks(low, top, min(max(most, 3), 11), whole=True)
        for (low, top), most in zip(limits, (wide // 9, high // 3), strict=True)
    )
    plot = TextPanel(wide, high, limits, (across, panel.yticks or up))
    tints = [COLOURS[k % len(COLOURS)] if colour else "" for k in range(len(picture.curves))]
    plot.axes("gray" if colour else "", panel.yticks is None)
    traces = [curve.traces[index] for _, curve in _front(picture)]
    turns = _turns(plot, traces)
    for trace, tint in zip(traces, tints, strict=False):
        if trace.band is not None:
            plot.mark(*_cells(plot, trace.band), BAND, tint)
    for k, (trace, mine) in enumerate(zip(traces, turns, strict=True)):
        _trace(plot, trace, mine, "" if colour else MARKS[k % len(MARKS)], tints[k])
    if colour and len(traces) > 1:
        for k, (trace, mine) in enumerate(zip(traces, turns, strict=True)):
            for at, level in _letter_places(plot, trace, mine, k, len(traces)):
                plot.mark(at, level, _letter(k), tints[k])
    return plot.text(panel.titled(TITLES[panel.order]))


def _cells(plot: TextPanel, band: Band) -> tuple[Floats, Floats]:
    """The middles of the cells in a band."""
    low, top = plot.limits[1]
    levels = low + (np.arange(plot.high) + 0.5) / plot.high * (top - low)
    x = plot.centres()
    x = x[(x >= band.x[0]) & (x <= band.x[-1])]
    ends = [np.interp(x, band.x, end) for end in (band.low, band.high)]
    inside = (levels[:, None] >= ends[0]) & (levels[:, None] <= ends[1])
    row, column = np.nonzero(inside)
    return x[column], levels[row]


def _letter(k: int) -> str:
    return ascii_lowercase[k % len(ascii_lowercase)]


def _letter_places(
    plot: TextPanel, trace: Trace, mine: NDArray[np.bool_], k: int, count: int
) -> list[tuple[float, float]]:
    """Points of a curve that carry its letter, where it shows, apart from those of the others."""
    centres, (low, top) = plot.centres(), plot.limits[1]
    levels = np.full(plot.wide, np.nan)
    for x, y in trace.pieces:
        near = (centres >= x[0]) & (centres <= x[-1])
        levels[near] = np.interp(centres[near], x, y)
    shown = np.flatnonzero(mine & (levels > low) & (levels < top))
    repeats = max(plot.wide // max(LETTER_EVERY, 3 * count), 1)
    found = {}
    for wanted in (np.arange(repeats) + (k + 0.5) / count) / repeats * plot.wide:
        if shown.size:
            column = int(shown[np.argmin(np.abs(shown - wanted))])
            found[column] = (float(centres[column]), float(levels[column]))
    return list(found.values())


def _turns(plot: TextPanel, traces: list[Trace]) -> NDArray[np.bool_]:
    """Whether each curve (row) shows in each column of cells: those in one cell take turns."""
    centres, (low, top) = plot.centres(), plot.limits[1]
    rows = np.full((len(traces), plot.wide), -1 - np.arange(len(traces))[:, None])
    for k, trace in enumerate(traces):
        for x, y in trace.pieces:
            near = (centres >= x[0]) & (centres <= x[-1])
            level = np.interp(centres[near], x, y)
            inside = (level >= low) & (level <= top)
            row = plot.cells(centres[near], np.clip(level, low, top))[0]
            rows[k, near] = np.where(inside, row, rows[k, near])
    same = rows[:, None, :] == rows[None, :, :]
    turn = np.array([same[k, :k].sum(axis=0) for k in range(len(traces))])
    of = same.sum(axis=1)
    return np.asarray(np.arange(plot.wide) // 2 % of == turn)


def _trace(plot: TextPanel, trace: Trace, mine: NDArray[np.bool_], letter: str, tint: str) -> None:
    """Draws one curve where it is its turn, and its marks."""
    low, top = plot.limits[1]
    runs = []
    for x, y in trace.pieces:
        runs += _inside(x, y, mine[plot.columns_of(x)], (low, top))
    plot.line(runs, letter, tint)
    marks = [(dot.x, dot.y, "●" if dot.filled else "○") for dot in trace.dots]
    marks.sort(key=lambda mark: mark[2], reverse=True)  # filled ones on top
    marks += [(x, y, "◆") for x, y in trace.kinks] + [(x, y, "■") for x, y in trace.inputs]
    for at, level, mark in marks:
        if low <= level <= top:
            plot.mark(at, level, mark, tint)


def _inside(
    x: Floats, y: Floats, shown: NDArray[np.bool_], ylim: tuple[float, float]
) -> list[tuple[Floats, Floats]]:
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
        sample = f"⠒{_letter(k)}⠒" if colour else 2 * mark or SAMPLE
        entries.append((sample, curve.label))
    rows: list[list[str]] = []
    width = columns + 1
    for k, (sample, label) in enumerate(entries):
        size = len(sample) + 1 + len(label)
        if width + 3 + size > columns:
            rows.append([])
            width = -3
        width += 3 + size
        shown = tinted(sample, COLOURS[k % len(COLOURS)] if colour else "")
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
            f"{residual.kind} {label} - {residual.exact}: "
            f"largest |error| {number(abs(y))} at x = {number(x)}"
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
