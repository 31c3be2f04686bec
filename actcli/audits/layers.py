"""The picture of several stored arrays: a histogram of each under each function, with its shares."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..figures.data import FigureOptions
from ..figures.layers import LayerPanel, LayersPicture
from ..numbers.types import Floats
from ..sampling.states import states
from .stored import Stored
from .summary import sample

BINS = 48
SHOWN = (0.002, 0.998)  # quantiles of each array between which all are drawn


def layers_picture(
    functions: Sequence[Activation], arrays: Sequence[Stored], records: Sequence[dict[str, Any]],
    units: int | None, design: FigureOptions,
) -> LayersPicture:  # fmt: skip
    """The picture of arrays, a row of panels for each if there are several functions.

    Bars are of some numbers of an array, evenly spread; shares are those of the whole array, from
    its `records`. ValueError where an array has no finite number.
    """
    samples = [sample(array, units) for array in arrays]
    ends = [np.quantile(numbers, SHOWN) for numbers in samples]
    low, high = float(min(e[0] for e in ends)), float(max(e[1] for e in ends))
    step = (high - low) / BINS or 1.0
    edges = step * np.arange(np.floor(low / step) - 1, np.ceil(high / step) + 2)  # 0 is one of them
    several, files = len(functions) > 1, len({array.file for array in arrays})
    found = iter(records)
    panels = []
    for array, numbers in zip(arrays, samples, strict=True):
        parts = [array.file.rpartition("/")[2] if files > 1 or not array.array else "", array.array]
        name = " ".join(filter(None, parts))
        for f in functions:
            record = next(found)
            shares = tuple(record[state] for state in ("alive", "saturated", "dead"))
            titled = f"{name}, {f.label}" if several else name
            panels.append(_panel(f, titled, numbers, shares, edges))
    title = "" if several else functions[0].label
    columns = len(functions) if several else 0
    xlim = float(edges[0]), float(edges[-1])
    return LayersPicture(title=title, xlim=xlim, panels=panels, columns=columns, **design.design)


def _panel(f: Activation, name: str, numbers: Floats, shares: Any, edges: Floats) -> LayerPanel:
    found = states(f, numbers, np.asarray(f.gradient(numbers)))
    counts = np.array([np.histogram(numbers[state], edges)[0] for state in found])
    return LayerPanel(name, edges, counts, shares)
