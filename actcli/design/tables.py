"""Designs tables: uniform ones with linear interpolation, and those of 256 entries for 8-bit networks."""

from ..evaluation.activation import Activation
from .design import Design
from .int8 import Quantization, quantized, table
from .request import Entries

REACH = (-8.0, 8.0)  # of input codes, where nothing is said


def by_table(f: Activation, asked: Entries, limits: tuple[float, float] | None) -> Design:
    """The table asked for; ValueError says what is wrong."""
    if (asked.points is None) == (asked.dtype is None):
        raise ValueError("give one of --points N and --dtype int8|uint8, as in --points 64")
    return table(f, _quantization(f, asked, limits))


def _quantization(
    f: Activation, asked: Entries, limits: tuple[float, float] | None
) -> Quantization:
    """The scales and zero points as given, the others as tight as they can be."""
    assert asked.dtype is not None
    low, high = limits or REACH
    return quantized(f, asked.dtype, low, high)
