"""Inputs as a page shows them: counted in bins, for the data themselves are not in the file."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..figures.data import Picture
from ..numbers.exact import SATURATED
from ..numbers.types import Floats

BINS = 160


@dataclass(frozen=True)
class NamedInputs:
    """Numbers of any count, the path that they were read from, and its name."""

    numbers: Floats
    path: str
    source: str


def histogram(numbers: Floats, drawn: Picture) -> dict[str, Any]:
    """Counts and means of the inputs in bins, and what share of all is alive, saturated and dead.

    The bins span the view; what lies outside is counted in the first and the last of them.
    """
    assert drawn.histogram is not None
    low, high = drawn.xlim
    kept = numbers[~np.isnan(numbers)]
    seen = np.clip(kept, low, high)
    counts, edges = np.histogram(seen, np.linspace(low, high, BINS + 1))
    sums, _ = np.histogram(seen, edges, weights=seen)
    middles = (edges[:-1] + edges[1:]) / 2
    means = np.where(counts > 0, sums / np.maximum(counts, 1), middles)
    return {
        "edges": [float(f"{edge:.9g}") for edge in edges],
        "counts": counts.tolist(),
        "means": [float(f"{mean:.9g}") for mean in means],
        "exact": [[s.alive, s.saturated, s.dead] for s in drawn.histogram.shares],
        "saturated": SATURATED,
        "note": drawn.histogram.note,
    }
