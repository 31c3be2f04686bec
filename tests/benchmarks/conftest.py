"""Prints the ratios that test_speed.py collects."""

import statistics

import pytest

RATIOS = pytest.StashKey[dict]()


def pytest_configure(config):
    config.stash[RATIOS] = {}


@pytest.fixture
def speed_ratios(pytestconfig):
    """By function: milliseconds, and that over the time of each rival."""
    return pytestconfig.stash[RATIOS]


def pytest_terminal_summary(terminalreporter, config):
    rows = config.stash[RATIOS]
    if not rows:
        return
    write = terminalreporter.write_line
    rivals = [rival for rival in next(iter(rows.values())) if rival != "ms"]
    terminalreporter.section("time over the rival's, value_and_gradient of 4 million float64")
    write(f"{'':12}{'ms':>8}" + "".join(f"{rival:>8}" for rival in rivals))
    for name, row in rows.items():
        write(f"{name:12}{row['ms']:8.1f}" + "".join(f"{row[rival]:8.2f}" for rival in rivals))
    means = [statistics.geometric_mean(row[rival] for row in rows.values()) for rival in rivals]
    write(f"{'geom. mean':20}" + "".join(f"{mean:8.2f}" for mean in means))
