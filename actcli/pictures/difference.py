"""Differences of functions as data for figures."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from ..evaluation.activation import Activation
from ..figures.data import Picture
from ..figures.difference import Difference
from ..numbers.types import Floats
from ..sampling import difference
from .function import Wanted, picture

MOST_PAIRS = 10  # differences in one picture


def difference_picture(
    activations: Sequence[Activation], wanted: Wanted
) -> tuple[Picture, list[Difference]]:
    """The overlay of values and gradients, and the difference of every pair."""
    shown = list({activation.label: activation for activation in activations}.values())
    drawn = picture(shown, wanted)
    curves = [curve for curve in drawn.curves if not curve.behind]
    drawn = replace(drawn, curves=curves, residuals=(), sweep=None)
    by_label = {activation.label: activation for activation in shown}
    found = []
    pairs = list(combinations(range(len(curves)), 2))
    if len(pairs) > MOST_PAIRS:  # then only those with the first function
        pairs = pairs[: len(curves) - 1]
    for i, j in pairs:
        a, b = by_label[curves[i].label], by_label[curves[j].label]

        def gap(x: Floats, a: Activation = a, b: Activation = b) -> Floats:
            return np.asarray(a(x) - b(x))

        breakpoints = [cut.x for f in (a, b) for cut in f.cuts(*drawn.xlim)]
        with np.errstate(all="ignore"):  # of numbers near the largest
            pieces, (x, largest) = difference(gap, *drawn.xlim, breakpoints=breakpoints)
        found.append(Difference(i, j, [_sizes(*piece) for piece in pieces], (x, abs(largest))))
    return drawn, found


def _sizes(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """|y|, with a zero put in where y changes sign."""
    at = np.flatnonzero(np.sign(y[:-1]) * np.sign(y[1:]) < 0)
    before, after = np.abs(y[at]) / 2, np.abs(y[at + 1]) / 2
    zeros = x[at] + (x[at + 1] - x[at]) * (before / (before + after))
    return np.insert(x, at + 1, zeros), np.insert(abs(y), at + 1, 0.0)
