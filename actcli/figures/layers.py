"""The figure of stored layers: small multiples of histograms, each with its shares."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, sqrt
from typing import Any, Literal

from ..numbers.exact import SATURATED
from ..numbers.types import Floats
from .data import FigureOptions
from .legend import TIGHT, Item, Legend, patch, state_look
from .lower_panels import STATES, draw_bars
from .output import ShownFigure, rendered
from .page import POINT, SMALLEST, Frame, page_for
from .ticks import percent

WIDE, HIGH = 2.9, 1.25  # inches of a panel
GAP = 0.18
LEAST = 0.7, 0.35  # inches of width and height below which nothing can be read in a panel
MEANINGS = {
    "alive": "alive",
    "saturated": f"saturated: |gradient| < {SATURATED:g}",
    "dead": "dead: on a constant piece",
}


@dataclass(frozen=True)
class LayerPanel:
    """One array under one function: counts of numbers (a row per state) in the bins between the
    edges, and the shares of the whole array in the same order: alive, saturated, dead."""

    name: str
    edges: Floats
    counts: Any
    shares: tuple[float, float, float]


@dataclass(frozen=True)
class LayersPicture(FigureOptions):
    """Panels row by row; `columns` of them where each column is one function, else 0."""

    title: str = ""
    xlim: tuple[float, float] = (-1.0, 1.0)
    panels: Sequence[LayerPanel] = ()
    columns: int = 0


def render(picture: LayersPicture, kind: Literal["png", "svg", "pdf"]) -> bytes:
    """The file of the picture; the same bytes for the same picture. ValueError where the panels do
    not fit its size."""
    return rendered(lambda: _compose(picture), picture, kind)


def _compose(picture: LayersPicture) -> ShownFigure:
    count = len(picture.panels)
    columns = picture.columns or ceil(sqrt(count / 1.6))
    rows = ceil(count / columns)
    usual = columns * (WIDE + GAP) + 0.5, rows * (HIGH + 0.6) + 1.0
    page = page_for(picture, usual, 9.0, (9, 3.9), (0.8, 1.0))
    looks: list[Item] = [
        ([patch(0, -0.05, 0.26, 0.12, **state_look(page, state))], MEANINGS[state])
        for k, state in enumerate(STATES) if any(panel.counts[k].any() for panel in picture.panels)
    ]  # fmt: skip
    legend = Legend(page, looks if picture.legend else [], 0.95 * page.base, TIGHT)
    legend.draw()
    head = 0.0
    if title := picture.heading or (picture.title if picture.legend else ""):
        head = 2.1 * page.base * POINT
        size = 1.2 * page.base
        text = page.shortened(title, size, page.width - 0.4)
        page.text(0.2, page.height - 0.75 * head, text, size, gid="title")
    line, foot = 1.3 * page.base * POINT, legend.height + 1.4 * page.tick_size * POINT + 0.08
    name = 2.7 * line
    wide = (page.width - 0.4 + GAP) / columns - GAP
    high = (page.height - head - foot) / rows - name
    if wide < LEAST[0] or high < LEAST[1]:
        width, height = picture.size or usual
        raise ValueError(
            f"{count} panels cannot be read on {width:.3g}x{height:.3g} inches; name fewer arrays or "
            f"functions, or give more room, as in --size {ceil(usual[0])}x{ceil(usual[1])}"
        )
    xticks = page.xticks(picture.xlim, wide)
    for k, panel in enumerate(picture.panels):
        row, column = divmod(k, columns)
        bottom = foot + (rows - 1 - row) * (high + name)
        frame = Frame(0.2 + column * (wide + GAP), bottom, wide, high, picture.xlim, xticks=xticks)
        ax = draw_bars(page, frame, "inputs", panel.edges, panel.counts, merged=False)
        ax.set_yticks([])
        ax.tick_params(labelbottom=k + columns >= count)
        top = frame.top + 0.06
        page.text(frame.left, top + line, page.shortened(panel.name, page.base, wide), page.base,
                  gid="name")  # fmt: skip
        size, text = page.tick_size, _shares(panel.shares)
        while size > SMALLEST * page.base and page.extent(text, size)[0] > wide:
            size *= 0.97
        page.text(frame.left, top, text, size, page.theme.muted, gid="shares")
    return page.finished()


def _shares(shares: tuple[float, float, float]) -> str:
    """Alive, and what else there is."""
    told = [
        f"{percent(share)} {state}" for share, state in zip(shares, STATES, strict=True) if share
    ]
    return ", ".join(told)
