"""The picture of an audit: what it draws is what was measured."""

import numpy as np
import pytest

from actcli import activation
from actcli.audits.audit import AuditRequest, audit
from actcli.audits.picture import audit_picture
from actcli.audits.stepwise import StepwiseCaller
from actcli.figures.audit import REACH, render
from actcli.figures.data import FigureOptions


@pytest.fixture(scope="module")
def blocks():
    caller = StepwiseCaller(activation("log(1+exp(x))"))
    return [*audit(activation("softplus"), "log(1+exp(x))", caller, AuditRequest(["float16"]))]


def test_the_worst_of_each_bin_is_drawn(blocks):
    (panel,) = audit_picture(activation("softplus"), "ours", blocks, FigureOptions()).panels
    (block,) = blocks
    counted = block.truth.counted
    x, ulps = block.truth.x[counted], block.ulps[counted]
    assert panel.worst.max() == ulps.max()
    for at in (-3.0, -0.01, 0.5, 100.0):  # the bar at a number is no lower than its error
        bar = panel.worst[np.argmin(np.abs(panel.x - at))]
        assert bar >= ulps[x == at].max(initial=0)
    quiet = (panel.x > 0.2) & (panel.x < 0.4)
    assert panel.worst[quiet].max() <= ulps[(x > 0.15) & (x < 0.5)].max()
    assert next(name for _, _, name in panel.regions if name) == "left tail"
    assert np.abs(panel.x).max() <= REACH


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_two_runs_give_the_same_bytes(blocks, kind):
    picture = audit_picture(activation("softplus"), "ours", blocks, FigureOptions())
    assert render(picture, kind) == render(picture, kind)


def test_the_command_writes_it(program, tmp_path):
    status, out, err = program(
        "audit", "softplus", "log(1+exp(x))", "--dtype", "float16", "-o", "errors.png", "-f", "tsv"
    )
    assert status == 0, err
    assert out.startswith(b"function\t")
    assert (tmp_path / "errors.png").read_bytes().startswith(b"\x89PNG")
