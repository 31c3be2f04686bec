"""Whether a network has learned anything: its test part against a guess that looks at no input.

Of classes the guess is the commonest one of the test part, and a seed is better if as many right
answers would come by luck with a probability below 1 % (binomial). Of a quantity it is the mean of
the training part; a seed is better if its loss is lower by more than a factor 1 - z^2/n, which is
what a chance correlation with n targets gives (z: the 99 % point of the normal distribution).
"""

import numpy as np
from numpy.typing import NDArray

from .measurements import last
from .run import Run
from .task import Task

LUCK = 0.01
Z = 2.326


def better_than_a_guess(run: Run) -> NDArray[np.bool_] | None:
    """(S,): the seeds that are better than a guess at their last record; a diverged one is not.

    None where that is no question: for an associative memory, and where a file has changed or gone.
    """
    if run.setup.data == "patterns":
        return None
    try:
        drawn = Task(run.setup).drawn
    except ValueError:
        return None
    with np.errstate(invalid="ignore"):
        better = [
            _named(run, s, targets[~train])
            if run.classes
            else _told(run, s, targets[~train], targets[train])
            for s, (targets, train) in enumerate(zip(drawn.targets, drawn.train, strict=True))
        ]
    return np.array(better) & (run.diverged < 0)


def _named(run: Run, seed: int, targets: NDArray[np.float64]) -> bool:
    """Whether more targets are right than luck explains."""
    from scipy.special import bdtrc

    count = len(targets)
    share = np.unique(targets, return_counts=True)[1].max() / count
    right = round(float(np.nan_to_num(last(run.test_accuracy)[seed])) * count)
    return bool(right > 0 and bdtrc(right - 1, count, share) < LUCK)


def _told(run: Run, seed: int, targets: NDArray[np.float64], known: NDArray[np.float64]) -> bool:
    """Whether the loss is lower than that of the mean of the known targets."""
    guess = 0.5 * float(((targets - known.mean()) ** 2).mean())
    return bool(last(run.test_loss)[seed] < guess * (1 - Z**2 / len(targets)))
