"""What experiments share: rows, spreads over seeds, and what counts as agreement."""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ...evaluation.activation import Activation
from ...numbers.types import Floats
from ..training import Progress

Row = dict[str, Any]
Experiment = Callable[[Sequence[Activation], Progress | None], list[Row]]


def row(
    setting: str,
    measured: float,
    low: float | None = None,
    high: float | None = None,
    reference: float | None = None,
    source: str = "",
    agrees: bool | None = None,
    tolerance: float | None = None,
) -> Row:
    """One line of the result. Without a reference nothing agrees or disagrees; with a `tolerance`
    it agrees that is within it."""
    if reference is not None and tolerance is not None:
        agrees = within(measured, reference, tolerance)
    return {
        "setting": setting,
        "measured": float(measured),
        "low": None if low is None else float(low),
        "high": None if high is None else float(high),
        "reference": reference,
        "source": source if reference is not None else "",
        "agrees": None if reference is None or agrees is None else bool(agrees),
    }


def spread(values: ArrayLike) -> tuple[float, float, float]:
    """Median and the 5 % and 95 % points; seeds without a number (nan) are left out."""
    ordered = np.sort(np.asarray(values, np.float64).reshape(-1))
    ordered = ordered[~np.isnan(ordered)]
    if not ordered.size:
        return math.nan, math.nan, math.nan
    low, high = (ordered[round(q * (ordered.size - 1))] for q in (0.05, 0.95))
    return float(np.median(ordered)), float(low), float(high)


def mean_and_band(values: Floats) -> tuple[float, float, float]:
    """Mean and the 5 % and 95 % points, likewise."""
    _, low, high = spread(values)
    return float(np.nanmean(values)) if np.isfinite(values).any() else math.nan, low, high


def lost(values: Floats) -> str:
    """What to add to a setting whose seeds did not all come to a number."""
    count = int(np.isnan(values).sum())
    return f" ({count} of {values.size} seeds diverged)" if count else ""


def within_factor(measured: float, reference: float, factor: float) -> bool:
    """Whether the quotient is at most that factor either way."""
    return measured > 0 and 1 / factor <= measured / reference <= factor


def within(measured: float, reference: float, tolerance: float) -> bool:
    """Whether they differ by at most the tolerance; two infinities are the same."""
    return measured == reference or abs(measured - reference) <= tolerance


def share_tolerance(share: float, count: int, other: int, errors: float) -> float:
    """That many standard errors of the difference between two shares of `count` and `other`."""
    return errors * math.sqrt(share * (1 - share) * (1 / count + 1 / other))


def share_band(share: float, count: int) -> tuple[float, float]:
    """The 5 % and 95 % points of what the true share may be (Wilson)."""
    z = 1.6449
    middle = (share + z * z / (2 * count)) / (1 + z * z / count)
    reach = math.sqrt(share * (1 - share) / count + (z / (2 * count)) ** 2)
    reach *= z / (1 + z * z / count)
    return middle - reach if share > 0 else 0.0, middle + reach if share < 1 else 1.0


MEDIANS = "agrees within the 95 % error of the difference of two medians of as many seeds"


def same_median(values: Floats, reference: float, slack: float = 0.0) -> bool:
    """Whether `reference` may be the median of as many other seeds, by ranks (95 %).

    Or differs by no more than `slack`.
    """
    ordered = np.sort(values[~np.isnan(values)])
    count = ordered.size
    if not count:
        return False
    if within(float(np.median(ordered)), reference, slack):
        return True
    reach = 1.96 * math.sqrt(count / 2)
    first = max(0, math.floor((count - 1) / 2 - reach))
    last = min(count - 1, math.ceil((count - 1) / 2 + reach))
    return bool(ordered[first] <= reference <= ordered[last])


def median_row(
    setting: str, values: Floats, reference: float | None, source: str, slack: float = 0.0
) -> Row:
    """The row of a median over seeds, which an infinite reference agrees with if it is infinite too."""
    measured, low, high = spread(values)
    agrees = None
    if reference is not None:
        endless = math.isinf(reference)
        agrees = measured == reference if endless else same_median(values, reference, slack)
    return row(f"{setting}{lost(values)}", measured, low, high, reference, source, agrees)


def report(progress: Progress | None, done: int, total: int) -> None:
    """Report progress, if anyone listens."""
    if progress:
        progress(done, total, math.nan)


def part_of(progress: Progress | None, part: int, parts: int) -> Progress | None:
    """Progress of one of several equal parts."""
    if progress is None:
        return None

    def advance(done: int, total: int, loss: float) -> None:
        progress(part * total + done, parts * total, loss)

    return advance


def one_by_one(measure: Callable[[Activation], Iterator[Row]]) -> Experiment:
    """The experiment that measures one function after the other."""

    @wraps(measure)
    def experiment(functions: Sequence[Activation], progress: Progress | None = None) -> list[Row]:
        rows: list[Row] = []
        for k, f in enumerate(functions):
            rows += measure(f)
            report(progress, k + 1, len(functions))
        return rows

    return experiment
