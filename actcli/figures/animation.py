"""Surfaces as they are learned, as a GIF."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from matplotlib import style
from numpy.typing import NDArray

from .charts import MARGIN, log_axis, looks_of, place, sheets, shortened
from .data import Floats
from .page import POINT, Frame, Sheet
from .surfaces import Surface, surface

STEPS = 25
"""Shades between low and high: bands compress to a third of what smooth colour takes."""


@dataclass(frozen=True)
class Scene:
    """One function's part of a film: a surface per frame, and the loss over all epochs."""

    label: str
    surfaces: Sequence[Surface]
    epochs: NDArray[np.int64]
    loss: Floats


@dataclass(frozen=True)
class Film:
    """Surfaces side by side as they are learned; `epochs` says when each frame was."""

    title: str
    scenes: Sequence[Scene]
    epochs: Sequence[int]
    style: Literal["light", "dark"] = "light"
    milliseconds: int = 90


@np.errstate(all="ignore")
def gif(film: Film) -> bytes:
    """An endless GIF that rests at its end; the same bytes for the same film."""
    from PIL import Image

    with style.context(sheets(film.style), after_reset=True):
        images = [Image.fromarray(_still(film, k)) for k in range(len(film.epochs))]
    wide, high = images[0].size
    some = [images[i] for i in sorted({0, len(images) // 2, len(images) - 1})]
    sample = Image.new("RGB", (wide, high * len(some)))
    for i, image in enumerate(some):
        sample.paste(image, (0, i * high))
    palette = sample.quantize(255, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    frames = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    buffer = io.BytesIO()
    durations = [film.milliseconds] * (len(frames) - 1) + [2500]
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=durations,
                   loop=0, optimize=False, disposal=1)  # fmt: skip
    return buffer.getvalue()


def _still(film: Film, k: int) -> NDArray[np.uint8]:
    """One picture of the film as RGB pixels."""
    count = len(film.scenes)
    columns = min(count, 3)
    rows = -(-count // columns)
    side, gap = (3.4, 0.5) if columns == 1 else (2.9, 0.5)
    width = columns * (side + gap) + 0.35
    strip = 0.85
    height = 0.5 + rows * (side + 0.62) + strip + 0.75
    sheet = Sheet(width, height, int(min(100, 900 / width)), 9.5)
    looks = looks_of(sheet, count)
    size = 1.2 * sheet.base
    epoch = f"epoch {film.epochs[k]}"
    size = min(size, size * (width - 1.6) / max(sheet.extent(film.title, size)[0], 0.1))
    size = max(size, 0.95 * sheet.base)
    room = width - 2 * MARGIN - sheet.extent(f"epoch {max(film.epochs)}", size)[0] - 0.2
    y = height - 0.12 - size * POINT
    for i, line in enumerate(title_lines(sheet, film.title, size, room)):
        sheet.text(MARGIN, y - 1.35 * i * size * POINT, line, size)
    sheet.text(width - MARGIN, y, epoch, size, ha="right")
    for i, scene in enumerate(film.scenes):
        row, column = divmod(i, columns)
        left = 0.55 + column * (side + gap)
        frame = place(left, height - 0.75 - side - row * (side + 0.62), side, side)
        sheet.box(left, frame.top + 0.06, 0.07, 0.12, facecolor=looks[i]["color"], lw=0)
        sheet.text(left + 0.14, frame.top + 0.07, shortened(sheet, scene.label, 9.5, side - 0.2),
                   sheet.base)  # fmt: skip
        surface(sheet, frame, scene.surfaces[k], STEPS)
    _progress(sheet, film, looks, k, place(0.75, 0.36, width - 1.0, strip))
    sheet.canvas.draw()  # type: ignore[no-untyped-call]
    pixels: NDArray[np.uint8] = np.asarray(sheet.canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    return pixels[..., :3].copy()


def title_lines(sheet: Sheet, title: str, size: float, room: float) -> list[str]:
    """The title as one line, or as two that break behind a comma."""
    parts = title.split(", ")
    starts = [", ".join(parts[:k]) for k in range(len(parts), 0, -1)]
    first = next((s for s in starts if sheet.extent(s + ",", size)[0] <= room), title)
    lines = [first + ",", title[len(first) + 2 :]] if first != title else [title]
    return [shortened(sheet, line, size, room) for line in lines]


def _progress(sheet: Sheet, film: Film, looks: list[dict[str, Any]], k: int, frame: Frame) -> None:
    """The losses, with a dot where the frame is."""
    losses = np.concatenate([scene.loss for scene in film.scenes])
    frame.ylim, frame.yticks = log_axis(losses, frame.high)
    last = max(float(scene.epochs[-1]) for scene in film.scenes)
    frame.xlim = (float(film.scenes[0].epochs[0]), max(last, 1.0))
    frame.xticks = sheet.xticks(frame.xlim, frame.wide)
    ax = sheet.axes(frame, "loss")
    sheet.caption(frame, "loss", "panel-title")
    for scene, look in zip(film.scenes, looks, strict=True):
        height = np.log10(np.maximum(scene.loss, 10 ** (frame.ylim[0] - 1)))
        past = scene.epochs <= film.epochs[k]
        ax.plot(scene.epochs, height, color=look["color"], lw=0.9, alpha=0.35)
        ax.plot(scene.epochs[past], height[past], color=look["color"], lw=1.8)
        now = float(np.interp(film.epochs[k], scene.epochs, height))
        ax.plot([film.epochs[k]], [now], marker="o", ms=6, mfc=look["color"],
                mec=sheet.theme.paper, clip_on=False, zorder=5)  # fmt: skip
