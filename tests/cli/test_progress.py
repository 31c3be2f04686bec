"""Progress appears on a terminal, once the work has taken a while, and leaves nothing behind."""

import io
import re
import time
from contextlib import redirect_stderr, suppress

import pytest

from actcli.cli import progress

CLEARED = "\x1b[2K"  # a terminal's line, at the end


@pytest.fixture
def shown(monkeypatch):
    """What work writes on standard error, a terminal by default."""
    monkeypatch.setattr(progress, "PATIENCE", 0.05)
    monkeypatch.setenv("TERM", "xterm")

    def of(work, *args, terminal=True):
        screen = io.StringIO()
        screen.isatty = lambda: terminal
        with redirect_stderr(screen), suppress(KeyboardInterrupt):
            work(*args)
        return re.sub(r"\x1b\[[\d;]*m", "", screen.getvalue())

    return of


def items(seconds, quiet=False):
    found = []
    for item in progress.tracked(["relu", "gelu", "mish"], str.upper, quiet):
        time.sleep(seconds)
        found.append(item)
    assert found == ["relu", "gelu", "mish"]


def epochs(losses):
    with progress.epoch_bar(quiet=False) as advance:
        for epoch, loss in enumerate(losses):
            advance(epoch, 300, loss)
            time.sleep(0.3)
        raise KeyboardInterrupt


def test_slow_work_shows_what_is_done_and_what_is_at_work(shown):
    screen = shown(items, 0.4)
    assert "1/3 GELU" in screen
    assert "2/3 MISH" in screen
    assert screen.endswith(CLEARED)


def test_nothing_is_shown_of_quick_work_nor_if_quiet_nor_without_a_terminal(shown):
    assert shown(items, 0) == ""
    assert shown(items, 0.1, True) == ""
    assert shown(items, 0.1, terminal=False) == ""


def test_epochs_are_shown_with_their_loss_even_if_interrupted(shown):
    screen = shown(epochs, [0.5, 0.25, float("nan")])
    assert "1/300 loss 0.2500" in screen
    assert "2/300" in screen
    assert "nan" not in screen
    assert screen.endswith(CLEARED)
