"""A browser for the tests of pages.

Where there is none, these tests are skipped; with CI set, that is a failure. Every test fails when a
page that it looked at said something on the console, failed, or asked for anything but its own file.
"""

import os
from importlib.util import find_spec

import pytest
from browsing import CHROMIUM, Browser, launched


def without(what):
    """There is no browser: a failure where tests must run."""
    said = f"no {what}: apt-get install -y --no-install-recommends chromium-headless-shell"
    if os.environ.get("CI"):
        pytest.fail(said)
    pytest.skip(said)


@pytest.fixture(scope="session")
def chromium():
    if not CHROMIUM.exists():
        without(CHROMIUM)
    if find_spec("playwright") is None:
        without("playwright")
    with launched() as chromium:
        yield chromium


@pytest.fixture(scope="session")
def browser(chromium, tmp_path_factory):
    return Browser(chromium, tmp_path_factory.mktemp("pages"))


@pytest.fixture(autouse=True)
def no_complaint(request):
    yield
    if "browser" in request.fixturenames:
        found = request.getfixturevalue("browser").complaints
        said, found[:] = [*found], []
        assert said == []
