"""One neuron as text: its output along one input, or the plane of two inputs in shades."""

import numpy as np
from numpy.typing import NDArray

from ..numbers.types import Floats
from .data import Curve, Panel, Picture, Trace
from .neuron_data import Neuron
from .terminal import in_terminal, panels_in_text, wrapped
from .text_panel import tinted
from .ticks import number, ticks

SHADES = " .:-=+*#%@"
"""From the lowest output to the highest: nothing rests on colour alone."""
ZERO, WRONG = "0", "!"
CLASSES = "AB"
ROW = "R"
BESIDE = 72
"""Columns from which on the plane and the curve stand side by side."""
TALLEST = 22
"""Lines of the plane."""


@np.errstate(all="ignore")
def neuron_in_terminal(neuron: Neuron, columns: int, lines: int, colour: bool) -> str:
    """The neuron in text, no line wider than `columns`; within `lines` if that is not 0."""
    columns = min(max(columns, 30), 1000)
    head = wrapped(f"{neuron.label}:  {neuron.equation},  a = f(z)", columns)
    room = lines - len(head) if lines else 0
    if len(neuron.weights) == 1:
        return "\n".join([*head, in_terminal(_along(neuron), columns, room, colour)])
    foot = _meanings(neuron, columns)
    beside = columns >= BESIDE
    high = (room - 1 - len(foot) if lines else TALLEST + 2) // (1 if beside else 2)
    high = min(max(high, 7), TALLEST + 2)
    wide = columns // 2 if beside else columns
    plane = _plane(neuron, min(wide, 4 * high) if not beside else wide - 2, high, colour)
    curve = panels_in_text(_activation(neuron), columns - wide if beside else columns, high, colour)
    if beside:
        gap = wide - max(width for _, width in plane)
        body = [
            text + " " * (max(width for _, width in plane) - own + gap) + right
            for (text, own), right in zip(plane, [*curve, *[""] * high], strict=False)
        ]
    else:
        body = [*(text for text, _ in plane), *curve]
    return "\n".join([*head, *(line.rstrip() for line in body), *foot])


def _along(neuron: Neuron) -> Picture:
    """Output and gradient along the only input, with the rows on them."""
    x, name = neuron.rows[:, 0], neuron.names[0]
    traces = [
        Trace(t.pieces, dots=t.dots, inputs=[*zip(x.tolist(), y.tolist(), strict=True)])
        for t, y in ((neuron.curve, neuron.a), (neuron.gradient, neuron.da))
    ]
    said = []
    if neuron.weights[0]:
        said = [f"z = 0 at {name} = {number(-neuron.bias / neuron.weights[0] + 0.0)}"]
    panels = [
        Panel(0, neuron.alim, title=f"output a along {name}"),
        Panel(1, neuron.glim, title=f"gradient da/d{name}"),
    ]
    said += ["■ row"] if len(x) else []
    return Picture(
        xlim=neuron.xlim,
        curves=[Curve("   ".join(said), "", traces, neuron.spans)],
        panels=panels,
    )


def _activation(neuron: Neuron) -> Picture:
    """The activation along z, with the rows on it."""
    points = [*zip(neuron.z.tolist(), neuron.a.tolist(), strict=True)]
    trace = Trace(neuron.curve.pieces, dots=neuron.curve.dots, inputs=points)
    panel = Panel(0, neuron.alim, title="a = f(z) along z")
    return Picture(neuron.zlim, [Curve(neuron.label, "", [trace])], [panel])


def _plane(neuron: Neuron, columns: int, high: int, colour: bool) -> list[tuple[str, int]]:
    """Lines of text with their widths: the plane in shades, with ticks of both inputs."""
    (x0, x1), (y0, y1) = neuron.xlim, neuron.ylim
    count = high - 2  # title, and ticks below
    found = ticks(y0, y1, max(count // 3, 2), whole=True)
    margin = max(map(len, found.labels), default=0) + 1
    wide = columns - margin
    cells = _cells(neuron, wide, count)
    labels = [""] * count
    for at, label in zip(found.at, found.labels, strict=True):
        labels[int(np.clip((y1 - at) / (y1 - y0) * count, 0, count - 1))] = label
    lines = [f"{'':{margin}}up: {neuron.names[1]},  across: {neuron.names[0]}"[:columns]]
    shown = [(line, len(line)) for line in lines]
    for label, row in zip(labels, cells, strict=True):
        text = "".join(row)
        drawn = _tinted(text) if colour else text
        shown.append((f"{label:>{margin - 1}} {drawn}", margin + wide))
    below = [" "] * columns
    found = ticks(x0, x1, max(wide // 9, 2), whole=True)
    for at, label in zip(found.at, found.labels, strict=True):
        middle = margin + int((at - x0) / (x1 - x0) * wide)
        start = int(np.clip(middle - len(label) // 2, 0, columns - len(label)))
        below[start : start + len(label)] = label
    return [*shown, ("".join(below), columns)]


def _cells(neuron: Neuron, wide: int, count: int) -> NDArray[np.str_]:
    """A letter for each cell of the plane: the shade of its output, a row, or the line z = 0."""
    (x0, x1), (y0, y1) = neuron.xlim, neuron.ylim
    x = x0 + (np.arange(wide) + 0.5) / wide * (x1 - x0)
    y = y1 - (np.arange(count) + 0.5) / count * (y1 - y0)
    w1, w2 = neuron.weights
    z = w1 * x[None, :] + w2 * y[:, None] + neuron.bias
    share = (_output(neuron, z) - neuron.ends[0]) / (neuron.ends[1] - neuron.ends[0])
    shade = np.clip(share * len(SHADES), 0, len(SHADES) - 1)
    letters: NDArray[np.str_] = np.array([*SHADES])[np.nan_to_num(shade).astype(int)]
    step = abs(w1) * (x1 - x0) / wide, abs(w2) * (y1 - y0) / count
    if any(neuron.weights):
        letters[np.abs(z) <= 0.5 * max(step)] = ZERO
    for k, (a, b) in enumerate(neuron.rows):
        column = int((a - x0) / (x1 - x0) * wide)
        line = int((y1 - b) / (y1 - y0) * count)
        if 0 <= column < wide and 0 <= line < count:
            mark = ROW if neuron.classes is None else CLASSES[int(neuron.classes[k])]
            wrong = neuron.wrong is not None and neuron.wrong[k]
            letters[line, column] = WRONG if wrong else mark
    return letters


def _output(neuron: Neuron, z: Floats) -> Floats:
    """a at these z, read off the curve."""
    found = np.full(z.shape, np.nan)
    for at, a in neuron.curve.pieces:
        inside = (z >= at[0]) & (z <= at[-1])
        found[inside] = np.interp(z[inside], at, a)
    return found


def _tinted(text: str) -> str:
    """Low outputs in red and high ones in cyan; the letters say the same."""
    parts = []
    for letter in text:
        k = SHADES.find(letter)
        tint = "" if k < 0 else ("red", "", "cyan")[(k > 3) + (k > 5)]
        parts.append(tinted(letter, tint))
    return "".join(parts)


def _meanings(neuron: Neuron, columns: int) -> list[str]:
    """What the letters of the plane mean, in lines of at most so many columns."""
    low, high = (number(end) for end in neuron.ends)
    items = [f"output a from {low} to {high}: '{SHADES}'"]
    if any(neuron.weights):
        items.append(f"{ZERO} z = 0")
    if neuron.classes is not None:
        items += [f"{c} {name}" for c, name in zip(CLASSES, neuron.class_names, strict=True)]
    elif len(neuron.rows):
        items.append(f"{ROW} row (■ on the curve)")
    if neuron.wrong is not None and neuron.wrong.any():
        items.append(f"{WRONG} on the wrong side")
    lines: list[str] = []
    for item in items:
        if lines and len(lines[-1]) + 3 + len(item) <= columns:
            lines[-1] += f"   {item}"
        else:
            lines += wrapped(item, columns)
    return lines
