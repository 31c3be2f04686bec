"""Errors of designs are far below doubles: mpmath has 50 digits in all of these tests."""

import mpmath
import pytest


@pytest.fixture(autouse=True)
def digits():
    with mpmath.workdps(50):
        yield
