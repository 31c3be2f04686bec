"""The gallery: search, families, sorting, and rows that open, of a few functions."""

import numpy as np
import pytest
from browsing import QUANTITIES, Seen, cell, exact, move, panel, settle, x_of

from actcli.evaluation.function_text import resolve
from actcli.pages.gallery import COLUMNS, gallery
from actcli.properties import answers

NAMES = ["swish", "tanh", "step", "leaky_relu", "sine", "relu"]


@pytest.fixture(scope="module")
def html():
    found = [resolve(name) for name in NAMES]
    return str(gallery(found, [list(answers(f, COLUMNS)) for f in found]))


@pytest.fixture(scope="module")
def opened(browser, html):
    page = browser.open(html, width=1200, height=1000)
    yield page
    page.context.close()


@pytest.fixture
def rows(opened):
    """The names of the rows that are seen, in order, of a gallery with all rows closed."""
    for opener in opened.locator(".opener[aria-expanded=true]").all():
        opener.click()
    opened.fill("#search", "")
    opened.select_option("#family", "")
    settle(opened)
    return lambda: opened.locator("tr[data-name]:visible").evaluate_all(
        "rows => rows.map(row => row.dataset.name)"
    )


def test_search_and_family(opened, rows):
    assert rows() == NAMES
    for words, found in [
        ("swish", ["swish"]),
        ("SILU", ["swish"]),  # an alias
        ("maas", ["leaky_relu"]),  # of its source
        ("leaky-relu", ["leaky_relu"]),
        ("no such function", []),
    ]:
        opened.fill("#search", words)
        assert rows() == found
    opened.fill("#search", "")
    opened.select_option("#family", "ramp")
    assert rows() == ["leaky_relu", "relu"]


def test_sorting(opened, rows):
    for name in ("name", "gain"):
        head = opened.locator(f"th[data-sort={name}]")
        for direction in ("ascending", "descending"):
            head.locator("button").click()
            assert head.get_attribute("aria-sort") == direction
            found = rows()
            if name == "gain":
                found = [
                    float(text)
                    for text in opened.locator(
                        "tr[data-name] td[data-column=gain]"
                    ).all_text_contents()
                    if text != "none"
                ]
                assert len(found) >= 5
            assert found == sorted(found, reverse=direction == "descending")
    assert opened.locator("th[aria-sort=none]").count() >= 5


def test_thumbnails_are_the_functions(opened, rows):
    d = opened.locator("tr[data-name=tanh] svg path.c0").get_attribute("d")
    points = np.array([p.split() for p in d[1:].split("L")], float)
    x = np.interp(points[:, 0], [0, 90], [-5, 5])
    share = np.corrcoef(np.tanh(x), -points[:, 1])[0, 1]
    assert share > 0.999


def test_a_row_opens_with_all_that_a_page_has(opened, rows, browser, html):
    opened.click("tr[data-name=tanh] .opener")
    opened.locator("tr[data-name=swish] .opener").focus()
    opened.keyboard.press("Enter")
    settle(opened)
    assert opened.locator("svg[data-quantity=value]").count() == 1  # one row at a time
    assert opened.locator(".opener[aria-expanded=true]").text_content() == "swish"
    for quantity in QUANTITIES:
        panel(opened, quantity).scroll_into_view_if_needed()
        settle(opened)
        assert list(Seen(panel(opened, quantity)).paths) == ["swish"]
        assert cell(opened, "swish", quantity).count() == 1
    move(opened, "swish", "beta", 2)
    wanted = 1 / (1 + np.exp(-2.0))
    assert exact(opened, "swish") == pytest.approx(wanted, rel=1e-14)
    assert opened.locator("tr[data-property] td[data-function=swish]").count() == len(COLUMNS)
    commands = [t for t in opened.locator("code").all_text_contents() if "swish" in t]
    assert len(commands) >= 4
    opened.locator("#x").fill("2")
    opened.locator("#x").press("Enter")
    opened.wait_for_timeout(300)
    kept = opened.evaluate("location.hash")
    assert "swish" in kept
    again = browser.open(html, hash_=kept)
    try:
        assert x_of(again) == 2
        assert exact(again, "swish") == pytest.approx(2 / (1 + np.exp(-4.0)), rel=1e-14)
    finally:
        again.context.close()
    opened.click("tr[data-name=swish] .opener")
    assert opened.locator("svg[data-quantity]").count() == 0


def test_a_row_that_is_filtered_out_is_closed(opened, rows):
    opened.click("tr[data-name=sine] .opener")
    opened.fill("#search", "relu")
    assert opened.locator("svg[data-quantity]").count() == 0


def test_access_and_narrow_windows(browser, html):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page = browser.open(html, width=360, height=740, color_scheme="dark")
    try:
        page.click("tr[data-name=swish] .opener")
        settle(page)
        found = axe.run(page).response["violations"]
        serious = [v for v in found if v["impact"] in ("serious", "critical")]
        assert [(v["id"], v["nodes"][0]["html"][:200]) for v in serious] == []
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
    finally:
        page.context.close()
