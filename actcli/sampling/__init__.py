"""Numerical analysis for pictures: samples that break at jumps, extrema, flat regions, ranges.

Nothing here is proved, but for the constant pieces of `states`: what is found is found on a fine
grid and then narrowed down. The breakpoints of a formula are not searched for, they come from
`Activation.cuts`; only a Python callable, whose insides nobody knows, has its kinks and jumps found
by bisection (`Examined`).
"""

from .black_box import Examined
from .curves import difference, trace
from .flat_regions import asymptotes, spans
from .limits import xlimits, ylimits
from .protocol import Order, Reading, SampledFunction, breakpoints_of, reading

__all__ = [
    "Examined",
    "Order",
    "Reading",
    "SampledFunction",
    "asymptotes",
    "breakpoints_of",
    "difference",
    "reading",
    "spans",
    "trace",
    "xlimits",
    "ylimits",
]  # fmt: skip
