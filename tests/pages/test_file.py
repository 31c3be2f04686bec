"""The file of a page: its looks, its size, what it may do, and what it holds without scripts."""

import re
import shlex
from pathlib import Path

import pytest
from browsing import QUANTITIES, paged, panel, photographed, settle
from processes import finished

import actcli
from actcli.properties import NAMES

README_PICTURE = Path(__file__).parents[1] / "readme" / "swish-gelu.png"
HOSTILE = '</script><script>alert(1)</script> "it\'s" & <b> ]]> ${x} \\u003c <!-- é'


@pytest.fixture(scope="module")
def html():
    """A page as it is made by default, with all properties."""
    return str(actcli.activation("leaky_relu").page())


@pytest.fixture(scope="module")
def hostile():
    f = actcli.activation("x*tanh(b*x)", b=2).relabelled(HOSTILE)
    return str(paged(f, "relu", only=("range", "symmetry")))


@pytest.fixture(scope="module")
def opened(browser, hostile):
    page = browser.open(hostile, height=1600, color_scheme="dark")
    yield page
    page.context.close()


def test_labels_are_text(opened, hostile):
    assert hostile.count("</script>") == 2
    assert opened.locator("h1").text_content() == f"{HOSTILE} and relu"
    assert opened.title() == f"{HOSTILE} and relu"
    labels = opened.locator("td[data-quantity=value]").evaluate_all(
        "cells => cells.map(cell => cell.dataset.function)"
    )
    assert labels == [HOSTILE, "relu"]
    found = opened.evaluate("label => actcli.evaluate(label, 1, {b: 0.5})", HOSTILE)
    assert found[0] == pytest.approx(0.46211715726000973, rel=1e-14)
    opened.locator("input[type=number]").first.fill("0.5")
    opened.locator("input[type=number]").first.press("Enter")
    settle(opened)
    shown = opened.locator("td[data-quantity=value]").first
    assert float(shown.get_attribute("data-exact")) == pytest.approx(found[0], rel=1e-14)


def test_hostile_names_of_files(program, refused, tmp_path):
    name = 'a\'b "c" & <d> $e;f#g?h%20.html'
    status, out, err = program("page", "relu", "--only", "range", "-o", name)
    assert (status, out.decode().rstrip("\n"), err.count("Traceback")) == (0, name, 0)
    assert (tmp_path / name).read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    refused(program, ["page", "relu", "--label", "two\nlines"], "label")
    refused(program, ["page", "relu", "-o", "page.htm"], "does not end in .html")
    refused(program, ["page", "relu", "-o", "no/such/page.html", "--only", "range"], "no/such")
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_it_may_not_load_or_evaluate_anything(html, hostile):
    for page in (html, hostile):
        (policy,) = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page)
        assert policy.split("; ") == [
            "default-src 'none'", "style-src 'unsafe-inline'", "script-src 'unsafe-inline'",
            "img-src data:",
        ]  # fmt: skip
        assert not re.search(r"\beval\(|new Function|import\(|fetch\(|XMLHttpRequest", page)
        assert not re.search(r'\b(?:src|href)="(?!data:|#)|@import|url\((?!#)', page)
        assert "\r" not in page


def test_themes(opened):
    """The browser's at first; the button goes round."""
    button = opened.locator("#theme")
    colours = {}
    for theme in ("auto", "light", "dark"):
        assert opened.locator("html").get_attribute("data-theme") == theme
        assert theme in button.text_content()
        colours[theme] = opened.evaluate("getComputedStyle(document.body).backgroundColor")
        button.click()
    assert opened.locator("html").get_attribute("data-theme") == "auto"
    assert colours["auto"] == colours["dark"] != colours["light"] == "rgb(255, 255, 255)"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_everyone_can_read_and_use_it(opened, theme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    opened.evaluate("theme => { document.documentElement.dataset.theme = theme; }", theme)
    settle(opened)
    found = axe.run(opened).response["violations"]
    serious = [v for v in found if v["impact"] in ("serious", "critical")]
    assert [(v["id"], v["nodes"][0]["html"][:200]) for v in serious] == []
    assert opened.locator("h1").count() == 1
    assert opened.locator("html").get_attribute("lang") == "en"
    opened.evaluate("document.documentElement.dataset.theme = 'auto'")


def test_a_phone_scrolls_downwards_only(browser, hostile):
    page = browser.open(hostile, width=360, height=740)
    try:
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        wide = page.evaluate(
            "[...document.querySelectorAll('svg, input, button, h1, fieldset')].filter("
            "e => e.getBoundingClientRect().right > 361).map(e => e.outerHTML.slice(0, 90))"
        )
        assert wide == []
    finally:
        page.context.close()


def test_print(browser, html):
    """A few sheets of black on white, without controls."""
    page = browser.open(html, color_scheme="dark")
    try:
        sheets = len(re.findall(rb"/Type\s*/Page\b(?!s)", page.pdf(format="A4")))
        assert 1 <= sheets <= 5
        page.emulate_media(media="print")
        settle(page)
        assert page.locator("button:visible, input:visible").count() == 0
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
            "rgb(255, 255, 255)"
        )
        for quantity in QUANTITIES:  # also what was never scrolled to
            assert panel(page, quantity).locator("path[data-function]").count() == 1
        assert page.locator("tr[data-property]").count() == 20
    finally:
        page.context.close()


def test_without_scripts(browser, html):
    page = browser.open(html, java_script_enabled=False)
    try:
        assert page.locator("h1").text_content() == "leaky_relu"
        assert page.locator("header math").count() == 1
        assert page.locator("tr[data-property] td[data-function=leaky_relu]").count() == 20
        assert "actcli page leaky_relu" in page.locator("footer").text_content()
        for quantity in QUANTITIES:
            picture = panel(page, quantity)
            assert picture.bounding_box()["width"] > 200
            assert picture.locator("path[data-function=leaky_relu]").count() == 1
        d = panel(page).locator("path[data-function]").get_attribute("d")
        assert re.fullmatch(r"(?:[ML]-?[\d.]+ -?[\d.]+)+", d)
        assert page.locator("button:visible").count() == page.locator("td button:disabled").count()
    finally:
        page.context.close()


def test_the_command_beside_the_numbers_prints_them(opened, program):
    commands = [shlex.split(told) for told in opened.locator("code").all_text_contents()]
    assert all(words[0] == "actcli" for words in commands)
    (table,) = [words for words in commands if words[1] == "table"]
    status, out, _ = program(*table[1:])
    assert status == 0
    assert len(out.decode().splitlines()) == 3


def test_two_runs_give_the_same_bytes(html):
    again = finished("page", "leaky_relu", "-o", "-")
    assert again.returncode == 0
    assert again.stdout == html


@pytest.mark.parametrize(
    ("functions", "only", "most"),
    [
        (["hard_elish", "sqnl"], NAMES, 100_000),  # of all registered ones the longest
        (
            ["hard_elish", "sqnl", "srelu", "mish", "sinlu", "x*grad(x*sigmoid(x))"],
            ("range",),
            180_000,
        ),
    ],
)
def test_sizes(functions, only, most):
    size = len(str(paged(*functions, only=only)).encode())
    assert 20_000 < size < most


def test_the_picture_in_readme(chromium, html, tmp_path):
    """Is of the size that a photograph has now."""
    (tmp_path / "page.html").write_text(html, encoding="utf-8")
    taken = photographed(chromium, tmp_path / "page.html", "slope=0.5")
    kept = README_PICTURE.read_bytes()
    assert taken[:24] == kept[:24]  # up to the size that a PNG begins with
    assert len(kept) < 100_000
