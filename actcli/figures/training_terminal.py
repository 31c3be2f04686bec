"""Losses of training as text: the median of the seeds, and the band of most of them."""

import numpy as np

from .charts import log_axis
from .data import Band, Curve, Panel, Picture, Trace
from .terminal import BAND, in_terminal, wrapped
from .ticks import number
from .trained import Training, quantiles

TICKS = 1.75
"""The inches of a picture that has as many ticks."""


@np.errstate(all="ignore")
def training_in_terminal(training: Training, columns: int, lines: int, colour: bool) -> str:
    """The test losses in text, no line wider than `columns`; within `lines` if that is not 0."""
    columns = min(max(columns, 30), 1000)
    found = [(run, quantiles(run)) for run in training.runs]
    known = [(run, band) for run, band in found if band is not None]
    if not known:
        return "every seed diverged"
    several = any(len(run.test_loss) > 1 for run, _ in known)
    said = [f"{BAND} 10–90 % of the seeds"] if several else []
    for run, (low, middle, high, _) in known:
        spread = f" ({number(low[-1])} to {number(high[-1])})" if low[-1] < high[-1] else ""
        said.append(f"{run.label}: test loss {number(middle[-1])}{spread} at the end")
    foot = [line for sentence in said for line in wrapped(sentence, columns)]
    if lines:
        foot = foot[: max(lines // 3, 1)]
    ylim, yticks = log_axis(np.concatenate([band[:3].ravel() for _, band in known]), TICKS)
    curves = []
    for run, band in known:
        low, middle, high, _ = np.log10(np.maximum(band, 10 ** (ylim[0] - 1)))
        epochs = run.epochs.astype(np.float64)
        bands = Band(epochs, low, high) if len(run.test_loss) > 1 else None
        curves.append(Curve(run.label, "", [Trace([(epochs, middle)], band=bands)]))
    ends = [run.epochs[[0, -1]] for run, _ in known]
    first, last = float(np.min(ends)), float(np.max(ends))
    title = f"test {training.loss}" if training.loss.startswith("loss") else training.loss
    panel = Panel(0, ylim, title=title, yticks=yticks)
    picture = Picture((first, max(last, first + 1)), curves, [panel])
    room = lines - len(foot) if lines else 0
    return "\n".join([in_terminal(picture, columns, room, colour), *foot])
