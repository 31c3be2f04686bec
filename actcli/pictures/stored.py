"""The picture of stored pre-activations: their histogram, and what share each function keeps alive."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from ..evaluation.activation import Activation
from ..figures.data import Picture
from ..numbers.types import Floats
from .function import PictureRequest, picture

Shares = Mapping[str, tuple[float, float, float]]


def stored_picture(
    functions: Sequence[Activation],
    numbers: Floats,
    shares: Shares,
    source: str,
    wanted: PictureRequest,
) -> Picture:
    """The functions over the histogram of `numbers`, some of an array evenly spread.

    `shares` are those of the whole array by label: alive, saturated, dead. ValueError where there is
    nothing to draw.
    """
    drawn = picture(functions, replace(wanted, inputs=numbers, source=source))
    histogram = drawn.histogram
    assert histogram is not None
    exact = []
    for share in histogram.shares:
        alive, saturated, dead = shares[drawn.curves[share.curve].label]
        exact.append(share._replace(alive=alive, saturated=saturated, dead=dead))
    return replace(drawn, histogram=histogram._replace(shares=exact))
