"""Losses as text: no wider and no higher than asked, and where the numbers say."""

import re

import numpy as np
import pytest

from actcli.figures.trained import LearningCurves, Training
from actcli.figures.training_terminal import training_in_terminal

EPOCHS = np.arange(0, 101)


def learned(label, loss, diverged=None):
    loss = np.asarray(loss, dtype=float)
    shares = np.zeros((*loss.shape, 1))
    given = {} if diverged is None else {"diverged": np.asarray(diverged)}
    norms = np.ones((*loss.shape, 2))
    return LearningCurves(
        label, EPOCHS, loss, loss, shares, shares, norms, ["layer1", "output"], **given
    )


def falling(rate, seeds=5):
    return np.exp(-rate * EPOCHS) * (1 + 0.2 * np.arange(seeds)[:, None])


RUNS = [learned("relu", falling(0.05)), learned("x*tanh(x)", falling(0.02))]


@pytest.mark.parametrize(("columns", "lines"), [(80, 24), (120, 40), (40, 15), (80, 0)])
@pytest.mark.parametrize("count", [1, 2])
def test_it_fits(columns, lines, count):
    said = training_in_terminal(Training("circle", RUNS[:count]), columns, lines, False)
    shown = said.split("\n")
    assert max(map(len, shown)) <= columns
    assert not lines or len(shown) < lines
    assert "test loss against epoch" in said
    for run in RUNS[:count]:
        assert run.label in said


def rows_of(said, mark):
    """For every column inside the frame the lines on which a mark stands."""
    body = [line for line in said.split("\n") if "│" in line or "┤" in line]
    body = [re.split("[│┤]", line, maxsplit=1)[1] for line in body]
    return body, [(x, y) for y, line in enumerate(body) for x, c in enumerate(line) if c == mark]


def test_curves_lie_where_the_losses_are():
    """Without colour: the second is made of plus signs, on the logarithm of its median."""
    said = training_in_terminal(Training("circle", RUNS), 100, 40, False)
    body, points = rows_of(said, "+")
    assert len(points) > 30
    x, y = np.array(points).T
    slope, middle = np.polyfit(x, y, 1)
    wide = max(len(line) for line in body) - 1
    losses = np.median(falling(0.02), axis=0)
    low, high = np.quantile(np.concatenate([falling(0.05), falling(0.02)]), [0, 1])
    decades = np.log10(losses[0] / losses[-1]) / np.log10(high / low)
    assert slope * wide / len(body) == pytest.approx(decades, rel=0.15)
    assert np.abs(y - (slope * x + middle)).max() < 1.5


def test_the_band_is_dotted_and_named():
    assert ". 10–90 % of the seeds" in training_in_terminal(Training("a", RUNS), 80, 24, False)
    one = Training("a", [learned("relu", falling(0.05, 1))])
    assert "of the seeds" not in training_in_terminal(one, 80, 24, False)
    wide = Training("a", [learned("relu", falling(0.02) ** [[1], [1], [2], [3], [4]])])
    body, points = rows_of(training_in_terminal(wide, 80, 24, False), ".")
    at_end = {y for x, y in points if 0.9 < x / len(body[0]) < 0.95}
    at_start = {y for x, y in points if 0.05 < x / len(body[0]) < 0.1}
    assert len(at_end) > len(at_start)


def test_the_numbers_at_the_end_are_said():
    said = training_in_terminal(Training("a", RUNS[:1]), 80, 24, False)
    low, middle, high = np.quantile(falling(0.05)[:, -1], [0.1, 0.5, 0.9])
    line = next(line for line in said.split("\n") if line.startswith("relu: test loss"))
    told = [float(part.strip("()")) for part in line.split() if part.strip("()")[:1].isdigit()]
    np.testing.assert_allclose(told, [middle, low, high], rtol=0.006)


def test_with_colour_letters_tell_curves_apart():
    said = training_in_terminal(Training("a", RUNS), 80, 24, True)
    assert "⠒a⠒" in said
    assert "⠒b⠒" in said


def test_seeds_that_diverged_are_left_out():
    lost = [learned("square", np.full((2, 101), np.nan), [True, True])]
    assert training_in_terminal(Training("a", lost), 80, 24, False) == "every seed diverged"
    both = training_in_terminal(Training("a", [*lost, RUNS[0]]), 80, 24, False)
    assert "square" not in both
    assert "relu" in both
