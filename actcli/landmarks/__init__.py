"""Numerical analysis for pictures: samples that break at jumps, extrema, flat regions, ranges.

Nothing here is proved: what is found is found on a fine grid and then narrowed down. The seams of
a formula are not searched for, they come from `Activation.cuts`; only a Python callable, whose
insides nobody knows, has its kinks and jumps found by bisection (`Examined`).
"""

from .flat import asymptotes, spans
from .function import SATURATED, Floats, Function, Order, Reading, Seam, reading, seams_of
from .ranges import xlimits, ylimits
from .search import Examined
from .traces import difference, trace

__all__ = [
    "SATURATED", "Examined", "Floats", "Function", "Order", "Reading", "Seam", "asymptotes",
    "difference", "reading", "seams_of", "spans", "trace", "xlimits", "ylimits",
]  # fmt: skip
