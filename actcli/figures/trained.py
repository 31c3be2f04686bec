"""What a picture of training shows, as plain data: built by pictures/, read by training.py."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..numbers.types import Floats
from .data import FigureOptions
from .surfaces import FittedLine, GraphPicture, Surface

NO_FLAGS: NDArray[np.bool_] = np.zeros(0, dtype=bool)


@dataclass(frozen=True)
class Change:
    """A layer's function before and after training: values (n,) at x (n,)."""

    layer: str
    x: Floats
    before: Floats
    after: Floats


@dataclass(frozen=True)
class LearningCurves:
    """How one function learned: S seeds, E records, H hidden layers.

    Losses have shape (S, E), shares (S, E, H), gradient norms (S, E, H + 1); nan where a seed had
    stopped. `layers` names the H + 1 layers. Seeds that `diverged` (S,) are left out.
    """

    label: str
    epochs: NDArray[np.int64]
    train_loss: Floats
    test_loss: Floats
    dead: Floats
    saturated: Floats
    gradient_norms: Floats
    layers: Sequence[str]
    picture: Surface | GraphPicture | FittedLine | None = None
    note: str = ""
    """Said above the picture, such as "test accuracy 98.4 %, seed 3"."""
    diverged: NDArray[np.bool_] = field(default_factory=lambda: NO_FLAGS)
    changes: Sequence[Change] = ()
    """What became of functions whose parameters were trained too."""


@dataclass(frozen=True)
class Training(FigureOptions):
    """Everything that is drawn; `title` says what was trained on what."""

    title: str
    runs: Sequence[LearningCurves]
    loss: str = "loss against epoch"
    """Said above the panel of losses."""
    remarks: Sequence[str] = ()
    """Said at the foot."""


def kept(run: LearningCurves, values: Floats) -> Floats:
    """Seeds that did not diverge; one that stopped early keeps what it had reached."""
    values = np.array(values, dtype=np.float64)
    if run.diverged.size:
        values = values[~run.diverged]
    for e in range(1, values.shape[1] if values.ndim > 1 else 0):
        values[:, e] = np.where(np.isnan(values[:, e]), values[:, e - 1], values[:, e])
    return values


def quantiles(run: LearningCurves) -> Floats | None:
    """(4, E): 10 %, 50 % and 90 % of the test losses, the median training loss; None without seeds."""
    test, train = kept(run, run.test_loss), kept(run, run.train_loss)
    if not len(test):
        return None
    return np.vstack([np.quantile(test, [0.1, 0.5, 0.9], axis=0), np.median(train, axis=0)])
