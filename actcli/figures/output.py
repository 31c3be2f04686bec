"""Bytes of figures: styles, metadata, colours."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Literal

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from .data import FigureOptions

STYLES = Path(__file__).parent.parent
# Dates and program versions out: two runs give identical bytes.
METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}


def in_few_colours(png: bytes) -> bytes:
    """The picture with a palette of 256 colours, about a third as long; the resolution stays.

    The palette covers what there is, so that no colour turns into that of something else, as dark
    red does into orange where the palette follows how frequent colours are.
    """
    from PIL import Image

    with Image.open(io.BytesIO(png)) as opened:
        dpi = opened.info["dpi"]
        image = opened.convert("RGB")
    image = image.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    buffer = io.BytesIO()
    image.save(buffer, "PNG", dpi=dpi, optimize=True)
    return buffer.getvalue()


def style_files(design: FigureOptions) -> list[Path]:
    """The style sheets of light or dark pictures, and of what they are for."""
    dark = [STYLES / "actcli-dark.mplstyle"] if design.style == "dark" else []
    paper = [STYLES / "actcli-paper.mplstyle"] if design.context == "paper" else []
    return [STYLES / "actcli.mplstyle", *dark, *paper]


def styled(design: FigureOptions) -> AbstractContextManager[None]:
    """The style sheets of a picture in force, on top of matplotlib's own settings.

    matplotlib.style.context does the same, and reads thirty sheets when it is imported.
    """
    settings: dict[Any, Any] = dict(matplotlib.rcParamsDefault)
    del settings["backend"]
    for file in style_files(design):
        settings.update(matplotlib.rc_params_from_file(file, use_default_template=False))
    return matplotlib.rc_context(settings)


class ShownFigure(Figure):
    """A figure that any notebook shows, as the command line would write it."""

    design = FigureOptions()

    def _repr_png_(self) -> bytes:
        return rendered(lambda: self, self.design, "png")


@np.errstate(all="ignore")
def composed(compose: Callable[[], ShownFigure], design: FigureOptions) -> ShownFigure:
    """The figure that `compose` lays out, in its style wherever it is shown."""
    with styled(design):
        figure = compose()
    figure.design = design
    return figure


@np.errstate(all="ignore")
def rendered(
    compose: Callable[[], Figure],
    design: FigureOptions,
    kind: Literal["png", "svg", "pdf"],
) -> bytes:
    """The file of the figure that `compose` lays out; the same bytes for the same figure."""
    buffer = io.BytesIO()
    with styled(design):
        figure = compose()
        if kind == "svg":
            _make_ids_unique(figure)
        figure.savefig(buffer, format=kind, metadata=METADATA[kind])
    return buffer.getvalue()


def _make_ids_unique(figure: Figure) -> None:
    """The names of the artists become ids."""
    seen: dict[str, int] = {}
    for artist in figure.findobj(lambda artist: artist.get_gid() is not None):
        name = str(artist.get_gid())
        seen[name] = seen.get(name, 0) + 1
        if seen[name] > 1:
            artist.set_gid(f"{name}.{seen[name]}")
