"""A browser for the tests of pages.

Where there is none, these tests are skipped; with CI set, that is a failure. Every test fails when a
page that it looked at said something on the console, failed, or asked for anything but its own file.
"""

import os
from pathlib import Path

import pytest
from browsing import Browser

CHROMIUM = Path("/usr/bin/chromium-headless-shell")


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
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        without("playwright")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


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
