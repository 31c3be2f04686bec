"""zero_centred, gaussian_moments, gain: by quadrature between the breakpoints."""

from math import inf, isfinite, isnan
from typing import Any

import numpy as np
from scipy.special import ndtri

from .common import Complaints, figure, near
from .sample import Sample


def zero_centred(sample: Sample, row: Any) -> Complaints:
    moments = integrals(sample)
    if moments is None or row.value is None:
        return
    if not near(moments["mean"], figure(row.value), 1e-6, 1e-6 * moments["size"]):
        yield f"E f is {moments['mean']!r}, not {row.value!r}"


def integrals(sample: Sample) -> dict[str, float] | None:
    """E f, E f^2, E f'^2 by Gauss-Legendre between the breakpoints; None where that is too rough."""
    if not sample.plain:
        return None
    cuts = sorted({-38.0, 38.0, *(s.place for s in sample.breakpoints if abs(s.place) < 38),
                   *np.linspace(-9, 9, 37)})  # fmt: skip
    totals = []
    for nodes, weights in (
        np.polynomial.legendre.leggauss(24),
        np.polynomial.legendre.leggauss(31),
    ):
        a, b = np.array(cuts[:-1])[:, None], np.array(cuts[1:])[:, None]
        x = ((a + b) / 2 + (b - a) / 2 * nodes).ravel()
        w = ((b - a) / 2 * weights).ravel() * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
        y = sample.rough(x)
        if not np.all(np.isfinite(y)) or _leaps(y.reshape(-1, len(nodes)), x):
            return None
        if not _seen(sample, cuts, y.reshape(-1, len(nodes))):
            return None
        h = (1e-5 * (b - a) + 0 * nodes).ravel()
        with np.errstate(all="ignore"):
            slope = (sample.rough(x + h) - sample.rough(x - h)) / (2 * h)
            totals.append([float(np.sum(w * y)), float(np.sum(w * y * y)), float(np.sum(w * slope**2)),
                           float(np.sum(w * x * x * y * y))])  # fmt: skip
    first, second = totals
    if not all(isfinite(v) for v in first) or not all(
        near(a, b, 1e-7, 1e-9) for a, b in zip(first[:2], second[:2], strict=True)
    ):
        return None
    exact = _slopes_seen(sample, cuts) and near(first[2], second[2], 1e-5, 1e-7)
    return {"mean": second[0], "mean_square": second[1], "size": 1 + second[1] ** 0.5,
            "gradient": second[2] if exact else float("nan"), "moment": second[3]}  # fmt: skip


def _scan(sample: Sample, cuts: list[float]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Points dense near 0 and breakpoints, their cells, and the values there."""
    x = sample.grid[np.abs(sample.grid) < 8]
    cell = np.clip(np.searchsorted(cuts, x, "right") - 1, 0, len(cuts) - 2)
    return x, cell, sample.rough(x)


def _seen(sample: Sample, cuts: list[float], y: np.ndarray) -> bool:
    """Whether no value of a dense scan lies far from those at the nodes of its cell."""
    x, cell, values = _scan(sample, cuts)
    low, high = y.min(axis=1)[cell], y.max(axis=1)[cell]
    slack = 0.1 * np.ptp(y) + 1e-300
    inside = (values > low - slack) & (values < high + slack)
    return bool(np.all(inside | np.isin(x, cuts)))


def _slopes_seen(sample: Sample, cuts: list[float]) -> bool:
    """Whether f is nowhere so steep between neighbours of a scan that nodes may step over it."""
    x, cell, values = _scan(sample, cuts)
    same = np.diff(cell) == 0
    with np.errstate(all="ignore"):
        steep = np.abs(np.diff(values) / np.diff(x))[same]
    usual = np.ptp(values) / 0.05
    return bool(np.all(np.isfinite(steep)) and steep.max(initial=0.0) < usual)


def _leaps(y: np.ndarray, x: np.ndarray) -> bool:
    """Whether values change too much from node to node for the rule."""
    near = np.abs(x).reshape(y.shape)[:, 0] < 9
    steps = np.abs(np.diff(y[near], axis=1)).max(initial=0.0)
    return bool(steps > 0.2 * (np.ptp(y[near]) + 1e-300))


def gaussian_moments(sample: Sample, row: Any) -> Complaints:
    moments = integrals(sample)
    if moments is None or row.value is None:
        return
    value = {k: figure(v) for k, v in row.value.items() if v is not None and isfinite(figure(v))}
    size = moments["size"]
    if "mean" in value and not near(value["mean"], moments["mean"], 1e-6, 1e-6 * size):
        yield f"E f is {moments['mean']!r}, not {value['mean']!r}"
    if "mean_square" in value and not near(
        value["mean_square"], moments["mean_square"], 1e-6, 1e-8
    ):
        yield f"E f^2 is {moments['mean_square']!r}, not {value['mean_square']!r}"
    gradient = value.get("gradient_mean_square", inf)
    known = isfinite(gradient) and not isnan(moments["gradient"])
    if known and not near(gradient, moments["gradient"], 1e-3, 1e-5):
        yield f"E f'^2 is {moments['gradient']!r}, not {gradient!r}"
    share = value.get("flat_share")
    if share is not None:
        got = flat_share(sample)
        if got is not None and abs(got - share) > 3e-3:
            yield f"P(|f'| < 0.01) is {got!r}, not {share!r}"


def flat_share(sample: Sample) -> float | None:

    x = ndtri((np.arange(4000) + 0.5) / 4000)
    h = 1e-6
    with np.errstate(all="ignore"):
        slope = np.abs(sample.rough(x + h) - sample.rough(x - h)) / (2 * h)
    if not np.all(np.isfinite(slope)) or np.any(np.abs(slope - 0.01) < 1e-6):
        return None
    return float(np.mean(slope < 0.01))


def gain(sample: Sample, row: Any) -> Complaints:
    moments = integrals(sample)
    if moments is None or row.value is None or not moments["mean_square"] > 1e-12:
        return
    square = moments["mean_square"]
    wanted = {"gain": square**-0.5, "slope": (moments["moment"] - square) / (2 * square)}
    for key, want in wanted.items():
        got = row.value.get(key)
        if got is not None and not near(figure(got), want, 1e-5, 1e-6):
            yield f"{key} is {want!r}, not {got!r}"
    chi = row.value.get("chi1")
    known = chi is not None and isfinite(figure(chi)) and not isnan(moments["gradient"])
    if known and not near(figure(chi), moments["gradient"] / square, 2e-3, 1e-5):
        yield f"chi1 is {moments['gradient'] / square!r}, not {chi!r}"
