"""Surfaces as they are learned, as a GIF."""

import io
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..numbers.types import Floats
from .charts import log_axis, shortened
from .choices import Style
from .data import FigureOptions
from .legend import MARGIN, function_styles
from .output import styled
from .page import POINT, Frame, Look, Page
from .surfaces import Surface, surface

STEPS = 25
"""Shades between low and high: bands compress to a third of what smooth colour takes."""


@dataclass(frozen=True)
class Scene:
    """One function's part of an animation: a surface per frame, and the loss over all epochs."""

    label: str
    surfaces: Sequence[Surface]
    epochs: NDArray[np.int64]
    loss: Floats


@dataclass(frozen=True)
class Animation:
    """Surfaces side by side as they are learned; `epochs` says when each frame was."""

    title: str
    scenes: Sequence[Scene]
    epochs: Sequence[int]
    style: Style = "light"
    milliseconds: int = 90


@np.errstate(all="ignore")
def render(animation: Animation) -> bytes:
    """An endless GIF that rests at its end; the same bytes for the same animation."""
    from PIL import Image

    with styled(FigureOptions(style=animation.style)):
        images = [Image.fromarray(_still(animation, k)) for k in range(len(animation.epochs))]
    wide, high = images[0].size
    some = [images[i] for i in sorted({0, len(images) // 2, len(images) - 1})]
    sample = Image.new("RGB", (wide, high * len(some)))
    for i, image in enumerate(some):
        sample.paste(image, (0, i * high))
    palette = sample.quantize(255, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    frames = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    buffer = io.BytesIO()
    durations = [animation.milliseconds] * (len(frames) - 1) + [2500]
    frames[0].save(buffer, "GIF", save_all=True, append_images=frames[1:], duration=durations,
                   loop=0, optimize=False, disposal=1)  # fmt: skip
    return buffer.getvalue()


def _still(animation: Animation, k: int) -> NDArray[np.uint8]:
    """One picture of the animation as RGB pixels."""
    count = len(animation.scenes)
    columns = min(count, 3)
    rows = -(-count // columns)
    side, gap = (3.4, 0.5) if columns == 1 else (2.9, 0.5)
    width = columns * (side + gap) + 0.35
    strip = 0.85
    height = 0.5 + rows * (side + 0.62) + strip + 0.75
    page = Page(width, height, int(min(100, 900 / width)), 9.5)
    looks = function_styles(page, count)
    size = 1.2 * page.base
    epoch = f"epoch {animation.epochs[k]}"
    size = min(size, size * (width - 1.6) / max(page.extent(animation.title, size)[0], 0.1))
    size = max(size, 0.95 * page.base)
    room = width - 2 * MARGIN - page.extent(f"epoch {max(animation.epochs)}", size)[0] - 0.2
    y = height - 0.12 - size * POINT
    for i, line in enumerate(title_lines(page, animation.title, size, room)):
        page.text(MARGIN, y - 1.35 * i * size * POINT, line, size)
    page.text(width - MARGIN, y, epoch, size, ha="right")
    for i, scene in enumerate(animation.scenes):
        row, column = divmod(i, columns)
        left = 0.55 + column * (side + gap)
        frame = Frame(left, height - 0.75 - side - row * (side + 0.62), side, side)
        page.box(left, frame.top + 0.06, 0.07, 0.12, facecolor=looks[i]["color"], lw=0)
        page.text(left + 0.14, frame.top + 0.07, shortened(page, scene.label, 9.5, side - 0.2),
                   page.base)  # fmt: skip
        surface(page, frame, scene.surfaces[k], STEPS)
    _progress(page, animation, looks, k, Frame(0.75, 0.36, width - 1.0, strip))
    page.canvas.draw()  # type: ignore[no-untyped-call]
    pixels: NDArray[np.uint8] = np.asarray(page.canvas.buffer_rgba())  # type: ignore[no-untyped-call]
    return pixels[..., :3].copy()


def title_lines(page: Page, title: str, size: float, room: float) -> list[str]:
    """The title as one line, or as two that break behind a comma."""
    parts = title.split(", ")
    starts = [", ".join(parts[:k]) for k in range(len(parts), 0, -1)]
    first = next((s for s in starts if page.extent(s + ",", size)[0] <= room), title)
    lines = [first + ",", title[len(first) + 2 :]] if first != title else [title]
    return [shortened(page, line, size, room) for line in lines]


def _progress(page: Page, animation: Animation, looks: list[Look], k: int, frame: Frame) -> None:
    """The losses, with a dot where the frame is."""
    losses = np.concatenate([scene.loss for scene in animation.scenes])
    frame.ylim, frame.yticks = log_axis(losses, frame.high)
    last = max(float(scene.epochs[-1]) for scene in animation.scenes)
    frame.xlim = (float(animation.scenes[0].epochs[0]), max(last, 1.0))
    frame.xticks = page.xticks(frame.xlim, frame.wide)
    ax = page.axes(frame, "loss")
    page.caption(frame, "loss", "panel-title")
    for scene, look in zip(animation.scenes, looks, strict=True):
        height = np.log10(np.maximum(scene.loss, 10 ** (frame.ylim[0] - 1)))
        past = scene.epochs <= animation.epochs[k]
        ax.plot(scene.epochs, height, color=look["color"], lw=0.9, alpha=0.35)
        ax.plot(scene.epochs[past], height[past], color=look["color"], lw=1.8)
        now = float(np.interp(animation.epochs[k], scene.epochs, height))
        ax.plot([animation.epochs[k]], [now], marker="o", ms=6, mfc=look["color"],
                mec=page.theme.paper, clip_on=False, zorder=5)  # fmt: skip
