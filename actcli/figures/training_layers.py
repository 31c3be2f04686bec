"""Panels of a picture of training, layer by layer: idle units, gradient norms, learned functions."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..numbers.exact import SATURATED
from ..numbers.types import Floats
from .charts import log_axis
from .page import SMALLEST, Frame, Look, Page
from .ticks import Ticks, percent, ticks
from .trained import Training, kept

BEFORE: Look = {"lw": 1.0, "ls": (0, (1, 1.4))}
AFTER = ("-", (0, (5, 2)), (0, (6, 2, 1.5, 2)), (0, (2, 2)))
"""The dashes of the layers, in their order."""


def say(page: Page, frame: Frame, caption: str) -> None:
    """Writes the caption above the frame."""
    room = frame.wide + 0.25
    size = page.base * float(np.clip(room / page.extent(caption, page.base)[0], SMALLEST, 1.0))
    caption = page.shortened(caption, size, room)
    page.text(frame.left, frame.top + 0.07, caption, size, page.theme.muted,
               gid="panel-title")  # fmt: skip


def empty(page: Page, frame: Frame, caption: str) -> None:
    """A panel without a seed to show."""
    frame.xticks = frame.yticks = Ticks([], [])
    page.axes(frame, "empty")
    say(page, frame, caption)
    middle = (frame.left + frame.right) / 2, (frame.bottom + frame.top) / 2
    page.text(*middle, "every seed diverged", page.base, page.theme.muted, ha="center",
               gid="nothing")  # fmt: skip


@dataclass(frozen=True)
class IdleShare:
    """One way of being idle: mean shares (functions, hidden layers) at the end of training; nan where
    a function cannot be so."""

    kind: str
    name: str
    meaning: str
    heights: Floats


def shares_of(training: Training) -> list[IdleShare]:
    """Shares of dead and of saturated units."""
    names = _layer_names(training)[:-1]
    shares = []
    for kind, name, meaning in (
        ("dead", "dead units, %", " (gradient 0, output constant)"),
        ("saturated", "saturated, %", f" (|gradient| < {SATURATED:g})"),
    ):
        heights = np.full((len(training.runs), max(len(names), 1)), np.nan)
        for k, run in enumerate(training.runs):
            found = kept(run, getattr(run, kind))
            if found.size:
                heights[k, : found.shape[2]] = found[:, -1].mean(axis=0)
        shares.append(IdleShare(kind, name, meaning, heights))
    return shares


def _layer_names(training: Training) -> Sequence[str]:
    """The layers of the deepest network, the output last."""
    return max((run.layers for run in training.runs), key=len)


def absent(shares: Sequence[IdleShare]) -> str:
    """What no unit is, which needs no panel."""
    kinds = [s.kind for s in shares if np.nanmax(s.heights, initial=-1) == 0]
    return f"; no unit is {' or '.join(kinds)}" if kinds else ""


def draw_shares(
    page: Page, frame: Frame, training: Training, looks: list[Look], share: IdleShare
) -> None:
    """Bars per hidden layer and function."""
    names = _layer_names(training)[:-1]
    heights, count = share.heights, len(names)
    name = _fitting(page, frame.wide + 0.2, share.name, share.meaning)
    top = float(np.nanmax(heights))
    full = 1.0 if top > 0.4 else next(v for v in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5) if v >= top)
    frame.xlim, frame.ylim = (-0.5, count - 0.5), (0.0, 1.12 * full)
    frame.xticks = _layer_ticks(page, frame, names)
    found_ticks = ticks(0.0, 100 * full, max(2, min(5, int(frame.high / 0.3))))
    frame.yticks = Ticks([v / 100 for v in found_ticks.at], found_ticks.labels)
    ax = page.axes(frame, share.kind)
    ax.grid(False, axis="x")
    say(page, frame, name)
    ax.axhline(0, color=page.theme.axis, lw=1.0, zorder=4, clip_on=False)
    wide = min(0.8 / len(training.runs), 0.75 * count / frame.wide)
    size = 0.78 * page.base
    inch = frame.wide / count * wide
    for k, look in enumerate(looks):
        for layer in range(count):
            value = heights[k, layer]
            if not np.isfinite(value):
                continue
            left = layer + (k - len(looks) / 2) * wide
            ax.bar(left + 0.06 * wide, value, 0.88 * wide, align="edge", color=look["color"],
                   zorder=3, gid="share", lw=0)  # fmt: skip
            text = percent(value) if 0 < value < 0.0995 else f"{100 * value:.0f} %"
            for shown in (text, text.removesuffix(" %")):
                if page.extent(shown, size)[0] < 0.96 * inch:
                    page.text(frame.x(left + wide / 2), frame.y(value) + 0.035, shown, size,
                               page.theme.muted, ha="center", gid="share-value")  # fmt: skip
                    break


def _fitting(page: Page, room: float, name: str, more: str) -> str:
    """Both, if there is room."""
    return name + more if page.extent(name + more, page.base)[0] <= room else name


def _layer_ticks(page: Page, frame: Frame, names: Sequence[str]) -> Ticks:
    """Names under their places; shortened, then every second one, where there is little room."""
    each = frame.wide / max(len(names), 1)
    shown = list(names)
    if any(page.extent(name, page.tick_size)[0] > 0.92 * each for name in shown):
        shown = [name.removeprefix("layer").strip() or name for name in shown]
        shown = ["out" if name == "output" else name for name in shown]
    widest = max((page.extent(name, page.tick_size)[0] for name in shown), default=0.1)
    every = max(1, int(np.ceil(1.1 * widest / max(each, 1e-3))))
    return Ticks([float(i) for i in range(len(shown))][::every], shown[::every])


def draw_norms(page: Page, frame: Frame, training: Training, looks: list[Look], more: str) -> None:
    """Median gradient norm of each layer: open at the start, filled at the end.

    `more` is said behind the title.
    """
    names = _layer_names(training)
    frame.xlim = (-0.45, len(names) - 0.55)
    frame.xticks = _layer_ticks(page, frame, names)
    levels: list[Floats | None] = []
    for run in training.runs:
        norms = kept(run, run.gradient_norms)
        levels.append(np.median(norms[:, [0, -1]], axis=0) if norms.size else None)
    caption = _fitting(page, frame.wide - 0.8, "gradient norm per layer", more)
    known = [v.ravel() for v in levels if v is not None]
    if not known:
        empty(page, frame, caption)
        return
    frame.ylim, frame.yticks = log_axis(np.concatenate(known), frame.high, 40)
    ax = page.axes(frame, "norms")
    say(page, frame, caption)
    count = len(training.runs)
    zeros = False
    for k, (run, look, found) in enumerate(zip(training.runs, looks, levels, strict=True)):
        if found is None:
            continue
        shift = 0.28 * ((k + 0.5) / count - 0.5)
        x = np.array([names.index(name) for name in run.layers]) + shift
        for which, norms in enumerate(found):
            with np.errstate(divide="ignore", invalid="ignore"):
                height = np.where(norms > 0, np.log10(norms), np.nan)
            zero = norms == 0
            zeros |= bool(zero.any())
            style_of = {"color": look["color"], "lw": (0.5 + 0.3 * which) * look["lw"]}
            ax.plot(x, height, ls=look["ls"] if which else (0, (1, 1.6)), zorder=2.5 + which,
                    gid=f"norm-{k}", **style_of)  # fmt: skip
            dots: Look = {
                "ls": "", "ms": 5.5 * page.mark, "mec": look["color"], "mew": 1.3,
                "mfc": look["color"] if which else page.theme.paper, "zorder": 3.5 + which,
            }  # fmt: skip
            ax.plot(x, height, marker="o", **dots)
            ax.plot(x[zero], np.full(int(zero.sum()), frame.ylim[0]), marker="v", clip_on=False,
                    gid="zero", **dots)  # fmt: skip
    if zeros:
        room, size = frame.wide - page.extent(caption, page.base)[0] - 0.15, 0.9 * page.base
        full = "▾ exactly 0"
        note = full if page.extent(full, size)[0] <= room else "▾ 0"
        page.text(frame.right, frame.top + 0.07, note, size, page.theme.muted, ha="right",
                   gid="zero-note")  # fmt: skip


def draw_changes(page: Page, frame: Frame, training: Training, looks: list[Look]) -> None:
    """The functions before and after training, each layer with a dash of its own."""
    changes = [change for run in training.runs for change in run.changes]
    layers = list(dict.fromkeys(change.layer for change in changes))
    values = np.concatenate([each for c in changes for each in (c.before, c.after)])
    values = values[np.isfinite(values)]
    low, high = (float(values.min()), float(values.max())) if values.size else (0.0, 1.0)
    margin = 0.06 * ((high - low) or 1.0)
    frame.xlim = float(changes[0].x[0]), float(changes[0].x[-1])
    frame.ylim = low - margin, high + margin
    frame.xticks = page.xticks(frame.xlim, frame.wide)
    frame.yticks = ticks(*frame.ylim, max(2, int(frame.high / 0.35)))
    ax = page.axes(frame, "changes")
    page.caption(frame, "function before and after training, median seed", "panel-title")
    for run, look in zip(training.runs, looks, strict=True):
        for k, change in enumerate(run.changes):
            if k == 0 or not np.array_equal(change.before, run.changes[0].before):
                ax.plot(change.x, change.before, color=look["color"], zorder=2, gid="before",
                        **BEFORE)  # fmt: skip
            dash = AFTER[layers.index(change.layer) % len(AFTER)]
            ax.plot(change.x, change.after, color=look["color"], lw=0.8 * look["lw"], ls=dash,
                    zorder=3, gid="after")  # fmt: skip
