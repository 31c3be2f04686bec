"""What the runs of one command come to: numbers per function, and one sentence."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..numbers.exact import SATURATED
from ..numbers.types import Floats
from ..wording import joined
from .guessing import better_than_a_guess
from .learned import MEASURED
from .learners import without_gradient
from .measurements import last
from .run import Run

TARGET = 0.1  # test loss at which a seed counts as solved, unless --stop-loss says otherwise
REGRESSION_TARGET = 0.01
SOLVED_EPOCH = "solved_epoch"
FADING = np.linspace(0.01, 2, 200)  # sizes of a state
MANY_DEAD, MANY_SATURATED = 0.02, 0.25  # shares worth a sentence


@dataclass(frozen=True)
class Spread:
    """Median and the 10 % and 90 % points over so many seeds; nan without seeds."""

    median: float
    low: float
    high: float
    seeds: int = 0


@dataclass(frozen=True)
class Summary:
    """One function at its last records; diverged seeds are counted and left out of all else."""

    label: str
    seeds: int
    diverged: tuple[int, ...]  # the seeds
    diverged_at: tuple[int, ...]  # their epochs
    target: float
    solved: float  # share of all seeds whose test loss fell below the target
    solved_at: float  # median epoch over those; nan
    dead: tuple[float, ...]  # mean share per hidden layer
    saturated: tuple[float, ...]  # nan where the function has no gradient to lose
    measures: dict[str, Spread]  # by the names that `measures` uses

    def median(self, measure: str) -> float:
        """The median of a measure; nan where there is none."""
        return self.measures[measure].median if measure in self.measures else np.nan


def target_of(run: Run) -> float:
    """The test loss that counts as solved."""
    if run.setup.stop_loss is not None:
        return run.setup.stop_loss
    return TARGET if run.classes else REGRESSION_TARGET


def solved_at(run: Run) -> Floats:
    """(S,): the first recorded epoch at which the test loss was below the target; nan."""
    with np.errstate(invalid="ignore"):
        below = run.test_loss < target_of(run)
    return np.where(below.any(axis=1), run.epochs[below.argmax(axis=1)], np.nan)


def median_seed(run: Run) -> int:
    """Index of the seed whose last test loss is the median, among those that did not diverge."""
    losses = np.where(run.diverged < 0, last(run.test_loss), np.inf)
    order = np.argsort(losses, kind="stable")
    return int(order[max(int((run.diverged < 0).sum()) - 1, 0) // 2])


def summarise(run: Run) -> Summary:
    """The numbers of one run."""
    kept = run.diverged < 0
    found = measures(run)
    reached = found[SOLVED_EPOCH][np.isfinite(found[SOLVED_EPOCH])]
    return Summary(
        run.label,
        len(run.seeds),
        tuple(int(s) for s in run.seeds[~kept]),
        tuple(int(e) for e in run.diverged[~kept]),
        target_of(run),
        len(reached) / len(run.seeds),
        float(np.median(reached)) if len(reached) else np.nan,
        _layers(last(run.dead)[kept]),
        _layers(last(run.saturated)[kept]),
        {name: _spread(values[np.isfinite(values)]) for name, values in found.items()},
    )


def measures(run: Run) -> dict[str, Floats]:
    """What was reached, (S,) each: at the last record, and when the test loss fell below the target.

    A diverged seed has infinite losses and nothing else (nan); `solved_epoch` is infinite where it
    never came.
    """
    lost = run.diverged >= 0
    found = {name: np.where(lost, np.inf, last(getattr(run, name)))
             for name in ("train_loss", "test_loss")}  # fmt: skip
    if run.classes:
        found["test_accuracy"] = np.where(lost, np.nan, last(run.test_accuracy))
    at = np.where(lost, np.nan, solved_at(run))
    found[SOLVED_EPOCH] = np.where(np.isnan(at), np.inf, at)
    for name, values in zip(run.learned_names, last(run.learned).T, strict=True):
        found[name] = np.where(lost, np.nan, values)
    for name, values in zip(MEASURED, (run.dead, run.saturated, run.gradient_norms), strict=True):
        for layer, shares in zip(run.layer_names, last(values).T, strict=False):
            found[f"{name}_{layer}"] = np.where(lost, np.nan, shares)
    return found


def _spread(values: Floats) -> Spread:
    """Median and band of values (seeds,)."""
    if not len(values):
        return Spread(np.nan, np.nan, np.nan)
    low, middle, high = np.quantile(values, [0.1, 0.5, 0.9])
    return Spread(float(middle), float(low), float(high), len(values))


def _layers(values: Floats) -> tuple[float, ...]:
    """The mean over seeds of values (S, layers)."""
    return tuple(float(v.mean()) if len(v) else np.nan for v in values.T)


# -- one sentence ----------------------------------------------------------------------------------
def sentence(runs: Sequence[Run]) -> str:
    """The most telling of what happened: divergence, death, saturation, who learned and when, or
    nothing."""
    found = [summarise(run) for run in runs]
    lost = [s for s in found if s.diverged]
    if lost:
        return "; ".join(map(_lost, lost)) + "."
    said = [_dead(run, s) for run, s in zip(runs, found, strict=True)]
    said += [_saturated(s) for s in found]
    said += [weakened(run) for run in runs]
    said = [text for text in said if text][:2]
    return ". ".join(["; ".join([*said, _learned(runs[0], found)]), *_guessed(runs)]) + "."


def _lost(s: Summary) -> str:
    """Which seeds diverged, and when."""
    epochs = ", ".join(map(str, sorted(s.diverged_at)[:5])) + (", …" * (len(s.diverged) > 5))
    which = "epoch" if len(s.diverged) == 1 else "epochs"
    return (
        f"{s.label} diverged in {len(s.diverged)} of {s.seeds} seeds ({which} {epochs}): "
        "the loss or a weight was no longer finite"
    )


def _dead(run: Run, s: Summary) -> str:
    """How many units are dead, and why; nothing if they are few."""
    share = _overall(run, s.dead)
    if not share > MANY_DEAD:
        return ""
    if any(map(without_gradient, run.activations)):
        told = f"{share:.0%} of the {s.label} units are dead: they answer every example alike"
        return told.replace("%", " %")
    f = run.activations[0]
    left, right = f.quick(np.linspace(-50, -0.5, 100))[1], f.quick(np.linspace(0.5, 50, 100))[1]
    negative = len(set(run.activations)) == 1 and not left.any() and right.all()
    why = "their pre-activation is negative" if negative else "their gradient is 0"
    return f"{share:.0%} of the {s.label} units died: {why} on every example".replace("%", " %")


def _saturated(s: Summary) -> str:
    """The worst layer of many saturated units, else nothing."""
    shares = np.nan_to_num(s.saturated)
    if not (shares > MANY_SATURATED).any():
        return ""
    worst = int(shares.argmax())
    share = f"{shares[worst]:.0%}".replace("%", " %")
    return (
        f"{s.label} is saturated (gradient below {SATURATED:g}) in {share} of all cases "
        f"in layer {worst + 1}"
    )


def weakened(run: Run) -> str:
    """Why an associative memory loses what it stores, where its function is the reason; or nothing.

    A stored pattern of size m becomes f(m) in a sweep, which fades to 0 where |f(m)| < |m|.
    """
    if run.setup.data != "patterns":
        return ""
    m = np.concatenate([-FADING, FADING])
    if not (np.abs(run.activations[0].quick(m)[0]) < np.abs(m)).all():
        return ""
    return (
        f"{run.label} makes every state smaller, so what is stored fades, where sign keeps it whole"
    )


def _overall(run: Run, shares: Sequence[float]) -> float:
    """Of shares per hidden layer, the share of all hidden units."""
    return float(np.average(shares, weights=run.setup.layers))


def _learned(run: Run, found: Sequence[Summary]) -> str:
    """Who reached the target, and when."""
    target = f"a test loss of {found[0].target:g}"
    reached = sorted((s for s in found if s.solved >= 0.5), key=lambda s: s.solved_at)
    failed = [s for s in found if s.solved < 0.5]
    parts = []
    if reached:
        first = reached[0]
        parts.append(f"{first.label} reached {target} at epoch {first.solved_at:g} (median)")
        parts += [f"{s.label} at epoch {s.solved_at:g}" for s in reached[1:]]
    if failed:
        names = joined([s.label for s in failed])
        shares = {s.solved for s in failed}
        where = "in any seed" if shares == {0.0} else "in most seeds"
        parts.append(f"{names} did not{'' if reached else f' reach {target}'} {where}")
    return ", ".join(parts)


def _guessed(runs: Sequence[Run]) -> list[str]:
    """Who is no better than a guess, in half of the seeds or more, as a list of one text or none."""
    known = [(run, better_than_a_guess(run)) for run in runs]
    worse: dict[str, list[str]] = {}
    for run, better in known:
        if better is not None and 2 * (lost := int((~better).sum())) >= len(better):
            where = "" if lost == len(better) else f" in {lost} of {len(better)} seeds"
            worse.setdefault(where, []).append(run.label)
    return [
        f"{joined(names)} {'is' if len(names) == 1 else 'are'} no better than a guess{where}"
        for where, names in worse.items()
    ]
