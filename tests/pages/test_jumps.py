"""Jumps on a page are never drawn as steep lines, whatever value a slider has."""

import numpy as np
import pytest
from browsing import Seen, move, paged, panel

OWN = "where(x<a, x, x-2*a)(a=1)"
LABELS = ["step", "sign", "hard_shrink", "threshold", OWN]
SLIDERS = {"hard_shrink": "lambd", "threshold": "threshold", OWN: "a"}


def jumps(label, t):
    """(x, y, whether f(x) = y) of the ends of curves at jumps, by the definitions."""
    found = {
        "step": [(0, 0, True), (0, 1, False)],
        "sign": [(0, 0, True), (0, 1, False), (0, -1, False)],
        "hard_shrink": [(-t, 0, True), (t, 0, True), (t, t, False), (-t, -t, False)],
        "threshold": [(t, 0, True), (t, t, False)],
        OWN: [(t, t, False), (t, -t, True)],
    }[label]
    return found if t or label not in SLIDERS else []


@pytest.fixture(scope="module")
def opened(browser):
    page = browser.open(paged(*LABELS[:4], "where(x<a, x, x-2*a):a=1"), height=1800)
    yield page
    page.context.close()


@pytest.mark.parametrize("t", [0.5, 0.3, 1 / 3, 0.7000000000000001, 1.2345678901234567, 0.05, 0.0])
def test_jumps(opened, t):
    for label, name in SLIDERS.items():
        move(opened, label, name, t)
    seen = Seen(panel(opened))
    across, up = seen.pixel
    for k, label in enumerate(LABELS):
        for x, y in seen.strokes(label):
            rounded = 0.02 * (up + across)
            assert (abs(np.diff(y)) <= abs(np.diff(x)) + rounded).all(), label
        wanted = jumps(label, t)
        dots = [dot for dot in seen.dots if dot[0] in (f"filled c{k}", f"open c{k}")]
        assert len(dots) == len(wanted), (label, dots)
        for x, y, filled in wanted:
            (kind,) = [d[0] for d in dots if abs(d[2] - x) < across and abs(d[3] - y) < up]
            assert kind.split()[0] == ("filled" if filled else "open"), label
    for _, y in Seen(panel(opened, "gradient")).strokes("step"):
        assert np.allclose(y, 0, atol=0.01)
