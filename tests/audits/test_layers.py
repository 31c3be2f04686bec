"""The picture of several stored layers: its bars and shares are those of the numbers."""

import numpy as np
import pytest

from actcli import activation
from actcli.audits.layers import layers_picture
from actcli.audits.stored import stored
from actcli.audits.summary import summaries
from actcli.figures.data import FigureOptions
from actcli.figures.layers import render


@pytest.fixture
def picture(tmp_path):
    """Two layers under relu and tanh, drawn."""
    random = np.random.default_rng(3)
    layers = {"first": random.normal(0, 1, (300, 8)), "last": random.normal(-4, 2, (300, 5))}
    layers["last"][0, 0] = np.nan
    np.savez(tmp_path / "layers.npz", **layers)
    functions = [activation("relu"), activation("tanh")]
    arrays = stored(str(tmp_path / "layers.npz"))
    records = [r for array in arrays for r in summaries(functions, array, None, False)]
    return layers, layers_picture(functions, arrays, records, None, FigureOptions())


def test_bars_and_shares_are_those_of_the_numbers(picture):
    layers, drawn = picture
    names = [panel.name for panel in drawn.panels]
    assert names == ["first, relu", "first, tanh", "last, relu", "last, tanh"]
    assert drawn.columns == 2
    for panel, numbers in zip(
        drawn.panels, [v for v in layers.values() for _ in "ab"], strict=True
    ):
        z = numbers[np.isfinite(numbers)]
        assert 0 in panel.edges
        if panel.name.endswith("relu"):
            states = z > 0, np.zeros(z.shape, bool), z <= 0
        else:
            flat = 1 / np.cosh(z) ** 2 < 0.01
            states = ~flat, flat, np.zeros(z.shape, bool)
        for row, share, state in zip(panel.counts, panel.shares, states, strict=True):
            assert row.tolist() == np.histogram(z[state], panel.edges)[0].tolist()
            assert share == pytest.approx(state.mean())
        assert panel.counts.sum() >= 0.99 * z.size


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_two_runs_give_the_same_bytes(picture, kind):
    _, drawn = picture
    assert render(drawn, kind) == render(drawn, kind)


def test_the_command_draws_several_layers_and_says_where_they_do_not_fit(program, tmp_path):
    names = []
    for k in range(30):
        np.save(tmp_path / f"z{k}.npy", np.random.default_rng(k).normal(0, 1, (40, 4)))
        names += ["-i", f"z{k}.npy"]
    status, out, err = program("summary", "relu", *names[:8], "-o", "layers.svg", "-f", "tsv")
    assert status == 0, err
    assert out.count(b"\n") == 5
    text = (tmp_path / "layers.svg").read_text()
    assert all(f"z{k}.npy" in text for k in range(4))
    status, _, err = program("summary", "relu", *names, "-o", "no.png", "--size", "4x3")
    assert status == 2
    assert "30 panels cannot be read on 4x3 inches" in err
    assert not (tmp_path / "no.png").exists()
