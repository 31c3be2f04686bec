"""What tests of designs share: 50 digits of mpmath, as errors are far below doubles, and first designs."""

import mpmath
import pytest

from actcli.design import pieces_asked

FREE = {}


@pytest.fixture(autouse=True)
def digits():
    with mpmath.workdps(50):
        yield


@pytest.fixture
def free_designs(monkeypatch):
    """What is designed with any coefficients and on both sides is designed once for all grids and sides."""
    designed = pieces_asked._free_of_grids

    def kept(f, request):
        key = f, request._replace(conditions=None, start=None)
        if key not in FREE:
            FREE[key] = designed(f, request)
        return FREE[key]

    monkeypatch.setattr(pieces_asked, "_free_of_grids", kept)
