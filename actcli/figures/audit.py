"""The figure of an audit: errors in units of the last place against the input."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from ..numbers.types import Floats
from .data import FigureOptions
from .output import ShownFigure, rendered

NEAR, REACH = 0.1, 1e3  # the axis of inputs is linear between -NEAR and NEAR, and ends at REACH
WIDTH, HEIGHT, HEAD = 8.0, 2.3, 0.5  # inches; HEIGHT of each panel


@dataclass(frozen=True)
class Errors:
    """One panel: the worst error at the inputs x of each bin, where results are nan, and regions as
    (low, high, name), from left to right."""

    label: str
    x: Floats
    worst: Floats
    nan: Sequence[float]
    regions: Sequence[tuple[float, float, str]]


@dataclass(frozen=True)
class AuditPicture(FigureOptions):
    """The panels of an audit under one title."""

    title: str = ""
    panels: Sequence[Errors] = ()


def render(picture: AuditPicture, kind: Literal["png", "svg", "pdf"]) -> bytes:
    """The file of the picture; the same bytes for the same picture."""
    return rendered(lambda: _compose(picture), picture, kind)


def _compose(picture: AuditPicture) -> ShownFigure:
    from matplotlib import rcParams

    size = picture.size or (WIDTH, HEAD + HEIGHT * len(picture.panels))
    figure = ShownFigure(figsize=size, dpi=picture.dpi, layout="constrained")
    figure.suptitle(picture.heading or picture.title, fontsize=rcParams["font.size"] * 1.15)
    axes = figure.subplots(len(picture.panels), 1, squeeze=False, sharex=True)[:, 0]
    colour = rcParams["axes.prop_cycle"].by_key()["color"][0]
    for ax, panel in zip(axes, picture.panels, strict=True):
        for number, (low, high, name) in enumerate(panel.regions):
            if number % 2:
                ax.axvspan(low, high, color=rcParams["patch.facecolor"], zorder=0, linewidth=0)
            if not name:
                continue
            ax.annotate(
                name, (max(low, -REACH), 1), (3, -3), xycoords=("data", "axes fraction"),
                textcoords="offset points", va="top", fontsize=rcParams["font.size"] * 0.8,
                color=rcParams["axes.labelcolor"], annotation_clip=True,
            )  # fmt: skip
        ax.vlines(
            panel.x, 0, panel.worst, colors=f"#{colour.lstrip('#')}", linewidth=0.9, gid="errors"
        )
        ax.axhline(0.5, color=rcParams["axes.edgecolor"], linewidth=0.8, linestyle="--")
        if len(panel.nan):
            top = [0.96] * len(panel.nan)
            ax.plot(panel.nan, top, "x", color=rcParams["text.color"], markersize=4,
                    transform=ax.get_xaxis_transform(), gid="nan")  # fmt: skip
        ax.set_xscale("symlog", linthresh=NEAR)
        ax.set_yscale("symlog", linthresh=1)
        ax.set_ylim(0, max(2.0, 3 * float(panel.worst.max(initial=0.0))))
        ax.set_ylabel("ulps")
        ax.set_title(panel.label, loc="left", fontsize=rcParams["font.size"])
        ax.set_xlim(-1.1 * REACH, 1.1 * REACH)
    axes[-1].set_xlabel(
        f"x (what lies beyond {REACH:g} is in the last bars); dashed: 0.5, the least possible maximum"
    )
    return figure
