"""Differences of functions as data for figures."""

from collections.abc import Sequence
from itertools import combinations
from typing import TYPE_CHECKING, Any, Literal

from ..evaluation.dtypes import dtype_named

if TYPE_CHECKING:
    from ..evaluation.activation import Activation



MOST_PAIRS = 10  # differences in one picture


# -- the picture ---------------------------------------------------------------------------------
def difference_picture(
    activations: "Sequence[Activation]",
    range_: str | None,
    points: int | None,
    at: str | None,
    input_: str | None,
    dtype: str,
    size: str | None,
    dpi: int,
    style: Literal["light", "dark"],
    ylim: str | None,
) -> tuple[Any, list[Any]]:
    """The overlay of values and gradients, and the difference of every pair."""
    from dataclasses import replace

    import numpy as np

    from ..figures.difference import Difference
    from ..inputs.numbers import MOST_POINTS, parse_numbers, parse_range, read_numbers
    from ..sampling import difference
    from .function import Wanted, picture
    from .picture_files import named, parse_size

    shown = list({activation.label: activation for activation in activations}.values())
    wanted = Wanted(
        range_=parse_range(range_) if range_ else None,
        ylim=named("--ylim", parse_range, ylim),
        points=min(max(points, 2), MOST_POINTS) if points else 800,
        dtype=None if dtype == "float64" else dtype_named(dtype),
        at=[
            *([] if at is None else parse_numbers(at)),
            *([] if input_ is None else read_numbers(input_)),
        ],
        style=style,
        size=parse_size(size) if size else None,
        dpi=dpi,
    )
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

        def gap(x: Any, a: Any = a, b: Any = b) -> Any:
            return a(x) - b(x)

        seams = [cut.x for f in (a, b) for cut in f.cuts(*drawn.xlim)]
        with np.errstate(all="ignore"):  # of numbers near the largest
            pieces, (x, largest) = difference(gap, *drawn.xlim, breakpoints=seams)
        found.append(Difference(i, j, [_sizes(*piece) for piece in pieces], (x, abs(largest))))
    return drawn, found


def _sizes(x: Any, y: Any) -> tuple[Any, Any]:
    """|y|, with a zero put in where y changes sign."""
    import numpy as np

    at = np.flatnonzero(np.sign(y[:-1]) * np.sign(y[1:]) < 0)
    before, after = np.abs(y[at]) / 2, np.abs(y[at + 1]) / 2
    zeros = x[at] + (x[at + 1] - x[at]) * (before / (before + after))
    return np.insert(x, at + 1, zeros), np.insert(abs(y), at + 1, 0.0)


def write_difference(picture: Any, differences: Sequence[Any], output: str) -> None:
    from ..figures.difference import render
    from ..files import whole_file
    from .picture_files import kind_of

    content = render(picture, differences, kind_of(output))
    with whole_file(output, "wb") as stream:
        stream.write(content)
