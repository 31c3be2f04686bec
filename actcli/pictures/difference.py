"""Differences of functions as data for figures."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from ..evaluation.activation import Activation
from ..figures.data import Picture
from ..figures.difference import Difference
from ..numbers.types import Floats
from ..sampling import Reading, difference, reading
from .function import ORDERS, PictureRequest, picture
from .panels import check_ylim

MOST_PAIRS = 10  # differences in one picture


def difference_picture(
    activations: Sequence[Activation], wanted: PictureRequest
) -> tuple[Picture, list[Difference]]:
    """The overlay of values and gradients, and the differences of every pair."""
    shown = list({activation.label: activation for activation in activations}.values())
    check_ylim(wanted.ylim, "linear", 4)
    limits = [*wanted.ylim, None, None, None, None]
    drawn = picture(shown, replace(wanted, ylim=limits[:2]))
    curves = [curve for curve in drawn.curves if not curve.behind]
    drawn = replace(drawn, curves=curves, residuals=(), sweep=None)
    by_label = {activation.label: activation for activation in shown}
    found = []
    pairs = list(combinations(range(len(curves)), 2))
    if len(pairs) > MOST_PAIRS:  # then only those with the first function
        pairs = pairs[: len(curves) - 1]
    for i, j in pairs:
        a, b = by_label[curves[i].label], by_label[curves[j].label]

        breakpoints = [cut.x for f in (a, b) for cut in f.cuts(*drawn.xlim)]
        for order in ORDERS[:2]:
            one, other = reading(a, order), reading(b, order)

            def gap(x: Floats, one: Reading = one, other: Reading = other) -> Floats:
                return np.asarray(one(x) - other(x))

            with np.errstate(all="ignore"):  # of numbers near the largest
                pieces, (x, largest) = difference(gap, *drawn.xlim, breakpoints=breakpoints)
            sizes = [_sizes(*piece) for piece in pieces]
            found.append(Difference(i, j, sizes, (x, abs(largest)), order, limits[2 + order]))
    return drawn, found


def _sizes(x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """|y|, with a zero put in where y changes sign."""
    at = np.flatnonzero(np.sign(y[:-1]) * np.sign(y[1:]) < 0)
    before, after = np.abs(y[at]) / 2, np.abs(y[at + 1]) / 2
    zeros = x[at] + (x[at + 1] - x[at]) * (before / (before + after))
    return np.insert(x, at + 1, zeros), np.insert(abs(y), at + 1, 0.0)
