"""What the pictures of training and of a neuron share: looks, colours, logarithmic axes."""

import numpy as np
from matplotlib.colors import LinearSegmentedColormap, to_hex, to_rgb
from matplotlib.typing import ColorType

from ..numbers.types import Floats
from .data import Limits
from .legend import MARGIN
from .page import POINT, Page
from .ticks import Ticks, number, power_of_ten, ticks

PAIRS = {False: ("c4342b", "0a8296"), True: ("f0705f", "35b6c9")}
"""Low and high output on light and on dark paper: no colour of a curve, and two colours under
every common colour blindness."""
CLASSES = {
    False: ("0a8296", "c4342b", "8a9a1c", "9a7fa8", "b98d4f", "6b7280"),
    True: ("35b6c9", "f0705f", "b9c95a", "b9a3c9", "d9bd8b", "9aa3ad"),
}
"""Of more than two classes: no colours of curves either."""
MARKERS = ("o", "s", "^", "D", "v", "P")
"""Of the classes, so that they do not rest on colour."""


def class_colours(page: Page) -> list[str]:
    """The colours of classes, in their order."""
    return [f"#{colour}" for colour in CLASSES[_is_dark(page)]]


def shortened(page: Page, text: str, size: float, room: float) -> str:
    """The text, or its beginning with an ellipsis."""
    while len(text) > 4 and page.extent(text, size)[0] > room:
        text = text[: max(3, int(0.93 * len(text)) - 1)].rstrip("… ") + "…"
    return text


def draw_title(page: Page, text: str, least: float) -> float:
    """Writes the title at the top, smaller (by `least` at most) and shortened if it is long;
    returns its base line."""
    size, room = 1.3 * page.head, page.width - 2 * MARGIN
    y = page.height - 0.12 - size * POINT
    size = max(least * size, min(size, size * room / max(page.extent(text, size)[0], 0.1)))
    page.text(MARGIN, y, shortened(page, text, size, room), size, gid="title")
    return y


def pair(page: Page) -> tuple[str, str]:
    """The colours of low and high outputs."""
    low, high = PAIRS[_is_dark(page)]
    return f"#{low}", f"#{high}"


def _is_dark(page: Page) -> bool:
    return sum(to_rgb(page.theme.paper)) < 1.5


def two_colours(page: Page, steps: int = 256) -> LinearSegmentedColormap:
    """From low over paper to high, in so many steps."""
    low, high = pair(page)
    paper = page.theme.paper
    stops: list[ColorType] = [low, mixed(low, paper, 0.55), paper, mixed(high, paper, 0.55), high]
    return LinearSegmentedColormap.from_list(
        "two", [to_hex(mixed(c, paper, 0.12)) for c in stops], N=steps
    )


def mixed(colour: ColorType, other: ColorType, share: float) -> tuple[float, float, float]:
    """Mixes two colours; `share` of the other."""
    r, g, b = ((1 - share) * p + share * q for p, q in zip(to_rgb(colour), to_rgb(other),
                                                         strict=True))  # fmt: skip
    return r, g, b


def log_axis(values: Floats, high: float, decades: int = 12) -> tuple[Limits, Ticks]:
    """Limits and ticks of a logarithmic axis, both as powers of ten; so many decades at most."""
    positive = values[np.isfinite(values) & (values > 0)]
    if positive.size == 0:
        positive = np.ones(1)
    top = float(np.log10(positive.max()))
    bottom = max(float(np.log10(positive.min())), top - decades)
    margin = 0.06 * max(top - bottom, 0.3)
    bottom, top = bottom - margin, top + margin
    most = max(2, int(high / 0.35))
    if top - bottom > 2.2:
        whole = range(int(np.ceil(bottom)), int(np.floor(top)) + 1)
        every = max(1, -(-len(whole) // most))
        at = [k for k in whole if k % every == 0]
        return (bottom, top), Ticks([float(k) for k in at], [_short(k) for k in at])
    for steps in ((1, 2, 3, 5, 7), (1, 2, 5), (1, 3), (1,)):
        at10 = [(s, k) for k in range(int(np.floor(bottom)), int(np.ceil(top)) + 1) for s in steps]
        shown = [(s, k) for s, k in at10 if bottom <= np.log10(s) + k <= top]
        if len(shown) <= most:
            break
    if len(shown) < 3:
        found = ticks(10**bottom, 10**top, max(most - 1, 2), whole=True)
        return (bottom, top), Ticks([float(np.log10(v)) for v in found.at], found.labels)
    places = [float(np.log10(s) + k) for s, k in shown]
    return (bottom, top), Ticks(places, [number(s * 10.0**k) for s, k in shown])


def _short(exponent: int) -> str:
    """A power of ten as a tick label."""
    return number(10.0**exponent) if -2 <= exponent <= 2 else power_of_ten(exponent)
