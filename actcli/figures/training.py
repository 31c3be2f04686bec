"""The picture of `train-toy`: losses, learned surfaces or graphs, idle units, gradient norms."""

import re
from collections.abc import Sequence
from itertools import cycle
from typing import Literal

import numpy as np
from matplotlib.figure import Figure
from matplotlib.typing import ColorType

from .charts import MARKERS, class_colours, draw_title, log_axis, shortened, two_colours
from .legend import LOOSE, MARGIN, Item, Legend, function_styles, patch, stroke
from .output import in_few_colours, rendered
from .page import POINT, Frame, Look, Page, page_for
from .surfaces import FittedLine, GraphPicture, Surface, colour_scale, fitted, graph, surface
from .ticks import number
from .trained import LearningCurves, Training, quantiles
from .training_layers import (
    AFTER,
    BEFORE,
    absent,
    draw_changes,
    draw_norms,
    draw_shares,
    empty,
    shares_of,
)

MOST_PICTURES = 9
GAP = 0.42  # inches left of each picture, for its ticks
FOOT = 0.22
"""The share of the height that the legend may take."""
FEW = 3
"""Of more functions, the panel of losses shows no training loss."""


def render(training: Training, kind: Literal["png", "svg", "pdf"] = "png") -> bytes:
    """The finished file; the same bytes for the same data."""
    content = rendered(lambda: compose(training), training, kind)
    return in_few_colours(content) if kind == "png" else content


def compose(training: Training) -> Figure:
    """The figure, laid out. Call it inside the style's context."""
    pictured = [run for run in training.runs if run.picture is not None][:MOST_PICTURES]
    page = page_for(
        training, (13.5, 7.4 if len(pictured) < 4 else 8.6), 10.5, (13.5, 7.4), (0.55, 1.3)
    )
    width, base = page.width, page.base
    looks = function_styles(page, len(training.runs))
    top = _header(page, training, looks)
    foot = _legend(page, training)
    line = base * POINT
    under, above = 1.3 * page.tick_size * POINT + 0.5 * line, 1.9 * line
    room = max(top - foot - 2 * (under + above), 0.8)
    part = (0.36 if len(pictured) < 4 else 0.3) if pictured else 0.45
    low_high, high_high = part * room, (1 - part) * room
    area = (0.0, 0.3, 0.47, 0.63, 0.56)[min(len(pictured), 4)] * width
    area = max(area, min(1.9 * len(pictured), 0.5 * width))  # on narrow pages
    if 0 < len(pictured) < 4:  # in one row, whose height their width decides
        high_high = min(high_high, max(area / len(pictured) - GAP + 0.25, 0.48 * room))
        low_high = room - high_high
    lower, upper = foot + under, foot + under + low_high + above + under
    shares = shares_of(training)
    idle = [share for share in shares if np.any(share.heights > 0)]
    changed = any(run.changes for run in training.runs)
    tall = (
        len(pictured) == 1 and not idle and not changed
    )  # one surface, as high as both panels beside it
    if tall:
        tallest = low_high + above + under + high_high
        area = min(tallest + GAP, 0.56 * width, 0.63 * width - 0.8)
        side = _pictures(page, pictured, looks, training, area, lower, tallest)
    elif pictured:
        side = _pictures(page, pictured, looks, training, area, upper, high_high)
    losses = Frame(0.325 + 0.05 * base, upper, 0.0, high_high)
    if not pictured and not _layered(training):
        whole = Frame(losses.left, foot + under, width - 1.2, top - foot - under - above)
        _losses(page, whole, training, looks)
        return page.finished()
    if pictured:
        losses.wide = width - side - losses.left - 0.35
    if tall:
        columns = [Frame(losses.left, lower, losses.wide, low_high)]
    elif pictured:
        columns = _row(page, len(idle) + 1 + changed, lower, low_high)
    elif len(idle) == 2 and not changed:
        losses, beside = _row(page, 2, upper, high_high)
        columns = [*_row(page, 2, lower, low_high), beside]
    else:
        (losses,) = _row(page, 1, upper, high_high)
        columns = _row(page, len(idle) + 1 + changed, lower, low_high)
    _losses(page, losses, training, looks)
    for frame, share in zip(columns, idle, strict=False):
        draw_shares(page, frame, training, looks, share)
    draw_norms(page, columns[len(idle)], training, looks, absent(shares))
    if changed:
        draw_changes(page, columns[-1], training, looks)
    return page.finished()


def _layered(training: Training) -> bool:
    """Whether anything is known of layers: an associative memory has none."""
    return any(
        np.isfinite(run.gradient_norms).any() or (run.diverged.size and run.diverged.all())
        for run in training.runs
    )


def _row(page: Page, count: int, bottom: float, high: float) -> list[Frame]:
    """Frames side by side, with room for tick labels before each."""
    room, edge = 0.63 + 0.02 * page.base, 0.28
    wide = (page.width - edge) / count - room
    return [Frame(room + i * (wide + room) + 0.02, bottom, wide - 0.02, high) for i in range(count)]


# --- words ---------------------------------------------------------------------------------------


def _header(page: Page, training: Training, looks: list[Look]) -> float:
    """Title and the functions with their lines; returns the height below which there is room."""
    size, left, room = 1.12 * page.base, MARGIN, page.width - 2 * MARGIN
    y = draw_title(page, training.title, 0.6) - 1.75 * size * POINT
    if not training.legend:
        return y + 0.4 * size * POINT
    for run, look in zip(training.runs, looks, strict=True):
        name = shortened(page, run.label, size, room - 0.45)
        wide = 0.42 + page.extent(name, size)[0] + 0.3
        if left + wide > page.width - MARGIN + 0.3 and left > MARGIN:
            left, y = MARGIN, y - 1.5 * size * POINT
        middle = y + 0.3 * size * POINT
        page.line([left, left + 0.34], [middle, middle], gid="legend-line", **look)
        page.text(left + 0.42, y, name, size, gid="name")
        left += wide
    return y - 0.1


def _legend(page: Page, training: Training) -> float:
    """What marks mean, at the foot; returns its height."""
    runs, ink, muted, paper = training.runs, page.theme.ink, page.theme.muted, page.theme.paper
    items: list[Item] = [([stroke(0, 0.26, color=muted, lw=2)], "test loss: median")]
    if max(len(run.test_loss) for run in runs) > 1:
        band = patch(0, -0.05, 0.26, 0.1, facecolor=muted, alpha=0.25, lw=0)
        items.append(([band], "10–90 % of the seeds"))
    if len(runs) <= FEW:
        line = stroke(0, 0.26, color=muted, lw=1, ls=(0, (1, 1.4)))
        items.append(([line], "training loss: median"))
    pictures = [run.picture for run in runs if run.picture is not None]
    surfaces = [picture for picture in pictures if isinstance(picture, Surface)]
    if any(isinstance(picture, FittedLine) for picture in pictures):
        items.append(([stroke(0.13, marker="o", ms=4, mfc=muted, mew=0, alpha=0.55)], "data"))
    if any(surface.classes == 2 for surface in surfaces):
        items.append(([stroke(0, 0.26, color=ink, lw=1.8)], "decision line"))
    if any(len(surface.units) for surface in surfaces):
        line = stroke(0, 0.26, color=ink, lw=0.9, ls=(0, (4, 2)), alpha=0.75)
        items.append(([line], "a first-layer unit turns on or off"))
    ends = {surface.span for surface in surfaces if surface.classes == 2}
    if len(ends) == 1:
        ((low, high),) = ends
        colours = two_colours(page)(np.arange(24) / 23)
        shades = [patch(0.26 * k / 24, -0.05, 0.26 / 24, 0.1, lw=0, facecolor=tuple(colour))
                  for k, colour in enumerate(colours)]  # fmt: skip
        named = zip(surfaces[0].names or ("", ""), (low, high), strict=True)
        ends_ = [f"{name} ({number(at)})" if name else number(at) for name, at in named]
        items.append((shades, f"output {' to '.join(ends_)}"))
    for k, name in enumerate(surfaces[0].names if surfaces and surfaces[0].classes > 2 else ()):
        colours_, mark = class_colours(page), MARKERS[k % len(MARKERS)]
        dot = stroke(0.15, marker=mark, ms=6, mfc=colours_[k % len(colours_)], mec=paper, mew=0.5)
        items.append(([dot], name))
    layers = list(dict.fromkeys(change.layer for run in runs for change in run.changes))
    if layers:
        items.append(([stroke(0, 0.26, color=muted, **BEFORE)], "function before training"))
    for name, dash in zip(layers, cycle(AFTER), strict=False):
        items.append(([stroke(0, 0.26, color=muted, lw=1.6, ls=dash)], f"after, {name}"))
    graphs = [picture for picture in pictures if isinstance(picture, GraphPicture)]
    for marker, occurs, meaning in (
        ("o", bool(graphs), "node, colour: what the network says"),
        ("s", any(len(g.labelled) for g in graphs), "its group was told"),
        ("X", any(np.any(g.guesses != g.groups) for g in graphs), "wrong"),
    ):
        if occurs:
            dot = stroke(0.15, marker=marker, ms=6.5, mfc=muted, mec=paper, mew=0.6)
            items.append(([dot], meaning))
    if _layered(training):
        dots = [stroke(at, marker="o", ms=5.0, mec=muted, mew=1.2, mfc=fill)
                for at, fill in ((0.07, paper), (0.21, muted))]  # fmt: skip
        items.append((dots, "gradient norm at the start, at the end"))
    for run in runs:
        if lost := int(np.sum(run.diverged)):
            seeds = len(run.test_loss)
            items.append(([], f"{run.label}: {lost} of {seeds} seeds diverged (left out)"))
    items += [([], remark) for remark in training.remarks]
    most = FOOT * page.height
    legend = Legend(page, items if training.legend else [], 0.84 * page.base, LOOSE, most)
    legend.draw()
    return legend.height


# --- panels --------------------------------------------------------------------------------------


def _losses(page: Page, frame: Frame, training: Training, looks: list[Look]) -> None:
    """Loss against epoch: median of the seeds and the band of most of them."""
    last = max(int(run.epochs[-1]) for run in training.runs)
    first = min(int(run.epochs[0]) for run in training.runs)
    frame.xlim = (float(first), float(max(last, first + 1)))
    bands = [quantiles(run) for run in training.runs]
    known = [band.ravel() for band in bands if band is not None]
    if not known:
        empty(page, frame, training.loss)
        return
    frame.ylim, frame.yticks = log_axis(np.concatenate(known), frame.high)
    frame.xticks = page.xticks(frame.xlim, frame.wide)
    ax = page.axes(frame, "loss")
    fits = page.extent(training.loss, page.base)[0] <= frame.wide + 0.2
    page.caption(
        frame, training.loss if fits else re.split(r",? against ", training.loss)[0], "panel-title"
    )
    floor, few = 10 ** (frame.ylim[0] - 1), len(training.runs) <= FEW
    for k, (run, look, band) in enumerate(zip(training.runs, looks, bands, strict=True)):
        if band is None:
            continue
        low, middle, high, train = np.log10(np.maximum(band, floor))
        if len(run.test_loss) > 1:
            ax.fill_between(run.epochs, low, high, color=look["color"], alpha=0.16 if few else 0.08, lw=0,
                            zorder=2, gid=f"band-{k}")  # fmt: skip
        if few:
            ax.plot(run.epochs, train, color=look["color"], lw=0.5 * look["lw"], ls=(0, (1, 1.4)),
                    zorder=2.5, gid=f"train-{k}")  # fmt: skip
        ax.plot(run.epochs, middle, zorder=3 + 0.01 * k, gid=f"curve-{k}", **look)


def _pictures(
    page: Page,
    runs: Sequence[LearningCurves],
    looks: list[Look],
    training: Training,
    wide: float,
    bottom: float,
    high: float,
) -> float:
    """Squares at the right, as large as they can be; returns the width that they take."""
    gap, caption = GAP, 1.75 * page.base * POINT
    line = 1.5 * page.tick_size * POINT
    scaled = [run.picture for run in runs
              if isinstance(run.picture, Surface) and not run.picture.classes]  # fmt: skip
    named = any(any(getattr(run.picture, "axes", ())) for run in runs)
    gap += named * line
    below = (named + bool(scaled)) * line
    bottom, high = bottom + below, high - below
    choices = []
    for rows in range(1, len(runs) + 1):
        columns = -(-len(runs) // rows)
        side = min((wide - gap * columns) / columns, (high - (rows - 1) * (caption + 0.32)) / rows)
        choices.append((side, -rows, columns))
    side, rows, columns = max(choices)
    side, rows = max(side, 0.3), -rows
    taken = columns * (side + gap)
    step = (high - side) / max(rows - 1, 1)
    notes = _notes(page, runs, side)
    for k, (run, note) in enumerate(zip(runs, notes, strict=True)):
        row, column = divmod(k, columns)
        left = page.width - taken - 0.18 + column * (side + gap) + gap
        frame = Frame(left, bottom + high - side - row * step, side, side)
        look = looks[[each is run for each in training.runs].index(True)]
        _caption(page, frame, run.label, note, look["color"])
        if isinstance(run.picture, Surface):
            surface(page, frame, run.picture)
        elif isinstance(run.picture, FittedLine):
            fitted(page, frame, run.picture, look)
        elif run.picture is not None:
            graph(page, frame, run.picture)
    if scaled:
        colour_scale(page, frame, scaled, 1 + named)
    return taken + 0.18


def _notes(page: Page, runs: Sequence[LearningCurves], wide: float) -> list[str]:
    """What is said of each picture, all in one form: whole if each fits beside its name, else
    without words."""
    small = 0.88 * page.base
    short = [re.sub(r"^\D*", "", run.note) for run in runs]
    used = [0.2 + sum(page.extent(*said)[0] for said in ((run.label, page.base), (run.note, small)))
            for run in runs]  # fmt: skip
    return short if max(used) > wide - 0.14 else [run.note for run in runs]


def _caption(page: Page, frame: Frame, label: str, note: str, colour: ColorType) -> None:
    """The function, with a bar in its colour, shortened to leave room for the note."""
    y, size = frame.top + 0.07, page.base
    page.box(frame.left, y - 0.01, 0.07, 0.85 * size * POINT, facecolor=colour, lw=0)
    left, room = frame.left + 0.14, frame.wide - 0.14
    small = 0.88 * size
    taken = page.extent(note, small)[0] + 0.1
    if note and (taken < 0.6 * room or taken + page.extent(label, size)[0] <= room):
        page.text(frame.right, y, note, small, page.theme.muted, ha="right",
                  gid="picture-note")  # fmt: skip
        room -= taken
    page.text(left, y, shortened(page, label, size, room), size, gid="picture-name")
