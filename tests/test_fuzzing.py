"""A few command lines at random, and a few kills; tests/fuzzing.py runs thousands."""

import pytest
from command_lines import unknown_options
from fuzzing import fuzz, kill


def test_every_option_is_tried():
    assert unknown_options() == set()


@pytest.mark.parametrize("seed", [7, 8])
def test_command_lines_at_random(seed):
    told = []
    fuzz(16, seed, tell=told.append)
    assert len(told) == 1, "\n".join(told)  # the statuses


def test_kills_at_random():
    told = []
    assert kill(6, 5, tell=told.append) == 0, "\n".join(told)
