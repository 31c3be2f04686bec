"""What the picture of an audit shows: the worst error of each bin of inputs, and the regions."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..evaluation.activation import Activation
from ..figures.audit import NEAR, REACH, AuditPicture, Errors
from ..figures.data import FigureOptions
from ..numbers.types import Floats
from .audit import AuditedBlock
from .reference import QUANTITIES
from .regions import ORDER, Regions

BINS = 480
LARGEST = 1e300  # of an error that is drawn
ROOM = 0.8  # of the axis, in powers of ten, that the name of a region takes
DRAWN = ("left tail", "shoulders", "centre", "right tail")


def audit_picture(
    f: Activation, label: str, blocks: Sequence[AuditedBlock], design: FigureOptions
) -> AuditPicture:
    """The picture of the blocks of an audit, a panel for each."""
    panels = [_panel(f, block) for block in blocks]
    return AuditPicture(title=f"{label} against {f.label}", panels=panels, **design.design)


def _panel(f: Activation, block: AuditedBlock) -> Errors:
    x, counted = block.truth.x, block.truth.counted
    places, ulps = x[counted], np.minimum(block.ulps[counted], LARGEST)
    at = _place(np.clip(places, -REACH, REACH))
    end = float(_place(np.array([REACH]))[0])
    edges = np.linspace(-end, end, BINS + 1)
    bins = np.clip(np.searchsorted(edges, at, side="right") - 1, 0, BINS - 1)
    missing = np.isnan(ulps)
    worst = np.full(BINS, -1.0)
    np.maximum.at(worst, bins[~missing], ulps[~missing])
    kept = worst >= 0
    middles = _input((edges[:-1] + edges[1:]) / 2)
    nan = middles[np.unique(bins[missing])].tolist()
    call = "" if block.call == "array" else f", {block.call}"
    evidence = "" if block.exhaustive else ", sampled"
    return Errors(
        f"{block.dtype} {block.quantity}{call}{evidence}", middles[kept], worst[kept], nan,
        _regions(f, block),
    )  # fmt: skip


def _place(x: Floats) -> Floats:
    """Where a number stands on an axis that is linear between -NEAR and NEAR."""
    far = np.sign(x) * (1 + np.log10(np.maximum(np.abs(x), NEAR) / NEAR))
    return np.where(np.abs(x) <= NEAR, x / NEAR, far)


def _input(place: Floats) -> Floats:
    """The number at a place of that axis."""
    far = np.sign(place) * NEAR * 10 ** np.minimum(np.abs(place) - 1, 305)
    found: Floats = np.where(np.abs(place) <= 1, place * NEAR, far)
    return found


def _regions(f: Activation, block: AuditedBlock) -> list[tuple[float, float, str]]:
    """The tails, the shoulders and the centre, from left to right."""
    number = Regions(f, QUANTITIES.index(block.quantity)).of(block.truth, block.dtype)
    x = block.truth.x
    shown = np.isin(number, [ORDER.index(name) for name in DRAWN])
    order = np.argsort(x[shown], kind="stable")
    x, number = x[shown][order], number[shown][order]
    cuts = np.flatnonzero(np.diff(number)) + 1
    starts: list[Any] = [0, *cuts.tolist()]
    found = []
    for start, stop in zip(starts, [*starts[1:], len(x)], strict=True):
        if stop > start:
            low, high = float(x[start]), float(x[min(stop, len(x) - 1)])
            width = float(np.diff(_place(np.clip([low, high], -REACH, REACH)))[0])
            found.append((low, high, ORDER[int(number[start])] if width > ROOM else ""))
    return found
