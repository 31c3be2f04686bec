"""What `plot` says of its picture on standard error."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .notes import note
from .picture_options import LEFT_OUT, Look

if TYPE_CHECKING:
    from ..figures.data import Picture
    from ..pictures.function import PictureRequest

MANY = 7
"""Curves that can be told apart in one panel."""
FAR = 100
"""Heights of a panel beyond which a curve is mostly out of sight."""


def note_drawn(drawn: "Picture", asked: "PictureRequest", look: Look) -> None:
    """Says what the picture does not show, and which option would."""
    alone = asked.grid or drawn.sweep or look.terminal
    if len(drawn.curves) > MANY and not alone:
        note(f"{len(drawn.curves)} curves in one panel are hard to tell apart; --grid gives "
             "each function a panel of its own")  # fmt: skip
    if asked.grid and (look.marks is not None or asked.at):
        option = "--at" if look.marks is None else "--marks"
        note(f"{option}: no effect in a grid, whose panels have no marks; leave out --grid")
    _note_unseen(drawn, asked.at)
    if look.ylim:
        _note_empty(drawn, look.ylim)
    elif not look.terminal:
        _note_cut(drawn)
    if any(panel.left_out for panel in drawn.panels):
        note(LEFT_OUT)


def _note_unseen(drawn: "Picture", asked: Sequence[float]) -> None:
    """Says which of the inputs asked for no curve has a point at."""
    seen = {x for curve in drawn.curves for x, _ in curve.traces[0].inputs}
    unseen = [f"{x:g}" for x in asked if x not in seen and not 1e299 < abs(x) < float("inf")]
    if unseen:
        note(f"--at {','.join(unseen)}: no finite point to draw there")


def _note_cut(drawn: "Picture") -> None:
    """Says how to see the whole of a curve, if by far the most of it lies beyond its panel."""
    from ..figures.data import exits

    for i, panel in enumerate(drawn.panels):
        low, high = panel.ylim
        for curve in drawn.curves:
            trace = curve.traces[i]
            if panel.yscale != "linear" or not exits(trace, drawn.xlim, panel.ylim):
                continue
            bottom = min(y.min() for _, y in trace.pieces)
            top = max(y.max() for _, y in trace.pieces)
            if max(top, -bottom) > FAR * (high - low):
                scale = "log" if bottom > 0 else "symlog"
                reached = (top if top >= -bottom else bottom) * 10.0**panel.unit
                note(f"{curve.label} goes on to {reached:.3g}, beyond the panel; "
                     f"--yscale {scale} shows all of it")  # fmt: skip
                return


def _note_empty(drawn: "Picture", ylim: str) -> None:
    """Says where the values lie if the range asked for has none of them."""
    low, high = drawn.panels[0].ylim
    ends = [(y.min(), y.max()) for curve in drawn.curves for _, y in curve.traces[0].pieces]
    if not any(top > low and bottom < high for bottom, top in ends):
        bottom, top = min(b for b, _ in ends), max(t for _, t in ends)
        note(f"--ylim {ylim}: nothing there; values are {bottom:g} to {top:g}")
