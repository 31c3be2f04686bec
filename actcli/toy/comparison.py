"""Compares functions seed by seed: both saw the same data, in the same order.

The interval and the test need no assumption about how losses are distributed: differences of one
seed are independent of those of another, and under the null hypothesis each has either sign with
probability 1/2 (the sign test; see Conover, Practical Nonparametric Statistics, on quantiles).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import comb, inf, nan

import numpy as np

from ..numbers.types import Floats
from .run import Run
from .summary import SOLVED_EPOCH, measures, target_of

LOWER_IS_BETTER = {"train_loss": True, "test_loss": True, "test_accuracy": False,
                   SOLVED_EPOCH: True}  # fmt: skip
CONFIDENCE = 0.95
LUCK = 0.05  # a larger p may be luck


@dataclass(frozen=True)
class Paired:
    """One measure of two functions over the seeds that both have.

    `difference` is the median of a - b, `low` and `high` hold it with a confidence of 95 % (infinite
    where so few seeds tell nothing), `wins` the seeds where a is better, `losses` those where b is.
    """

    a: str
    b: str
    measure: str
    difference: float
    low: float
    high: float
    p_value: float
    wins: int
    losses: int
    seeds: int


def paired(runs: Sequence[Run]) -> Iterator[Paired]:
    """Compares every two functions in every measure of which one end is the better one."""
    found = [measures(run) for run in runs]
    for i, j in combinations(range(len(runs)), 2):
        for name, lower in LOWER_IS_BETTER.items():
            a, b = (found[k].get(name) for k in (i, j))
            if a is not None and b is not None:
                yield _pair(runs[i].label, runs[j].label, name, a, b, lower)


def _pair(a: str, b: str, measure: str, of_a: Floats, of_b: Floats, lower: bool) -> Paired:
    known = ~(np.isnan(of_a) | np.isnan(of_b))
    first, second = of_a[known], of_b[known]
    better = int(((first < second) if lower else (first > second)).sum())
    worse = int(((first > second) if lower else (first < second)).sum())
    with np.errstate(invalid="ignore"):
        gaps = np.where(first == second, 0.0, first - second)  # both never: no difference
    low, high = median_interval(gaps)
    middle = float(np.median(gaps)) if len(gaps) else nan
    return Paired(
        a, b, measure, middle, low, high, sign_test(better, worse), better, worse, len(gaps)
    )


def sign_test(wins: int, losses: int) -> float:
    """The exact two-sided p-value of so many wins and losses; ties are left out before."""
    n = wins + losses
    tail = sum(comb(n, k) for k in range(min(wins, losses) + 1))
    return float(min(1, 2 * tail / 2**n))


def median_interval(values: Floats, confidence: float = CONFIDENCE) -> tuple[float, float]:
    """An interval between two of the values that holds the median with that confidence.

    (-inf, inf) where there are too few: six are needed for 95 %.
    """
    ordered = np.sort(values)
    n = len(ordered)
    outside, k = 0.0, 0  # the chance that fewer than k values lie below the median
    while outside + 2 * comb(n, k) / 2**n <= 1 - confidence:
        outside += 2 * comb(n, k) / 2**n
        k += 1
    if k == 0:
        return -inf, inf
    return float(ordered[k - 1]), float(ordered[n - k])


def luck(runs: Sequence[Run]) -> str:
    """Whether the best function is ahead of the next one by more than luck, as a sentence; or ''.

    With more than two functions the p-value is that of the pair times the number of pairs
    (Bonferroni), since the pair was chosen by what was seen.
    """
    if len(runs) < 2 or len({run.label for run in runs}) < len(runs):
        return ""
    found = [measures(run) for run in runs]
    solved = any(np.isfinite(each[SOLVED_EPOCH]).any() for each in found)
    name = SOLVED_EPOCH if solved else "test_loss"
    middles = [float(np.median(each[name])) for each in found]
    losses = [float(np.median(each["test_loss"])) for each in found]
    first, second = sorted(range(len(runs)), key=lambda k: (middles[k], losses[k]))[:2]
    pair = _pair("", "", name, found[first][name], found[second][name], True)
    if pair.losses > pair.wins:  # the medians say one thing, the seeds another
        first, second = second, first
        pair = _pair("", "", name, found[first][name], found[second][name], True)
    a, b = runs[first], runs[second]
    pairs = comb(len(runs), 2)
    p = min(1.0, pair.p_value * pairs)
    did = f"reached a test loss of {target_of(a):g} before" if solved else "ended below"
    what = f"{a.label} {did} {b.label} in {pair.wins} of {pair.seeds} seeds"
    said = f"p = {p:.1g}" + (f" with all {pairs} pairs counted" if pairs > 1 else "")
    if p < LUCK:
        return f"{what}, which is more than luck ({said})."
    return f"{what}, which may be luck ({said}); more --seeds would tell."
