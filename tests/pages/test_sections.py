"""The sections of a page that play with depth, with inputs of one's own, and with learned networks."""

import re
import shlex

import numpy as np
import pytest
from browsing import move, settle
from processes import finished

NUMBERS = [-3, -2.5, -1.5, 0.25, 0.5, 1.25, 3, 4]


@pytest.fixture(scope="module")
def html(tmp_path_factory):
    place = tmp_path_factory.mktemp("sections")
    (place / "inputs & <b>.txt").write_text("\n".join(map(str, NUMBERS)))
    toy = "train-toy relu --data xor --layers 4 --epochs 40 --every 10 --save run.npz -q"
    page = "page relu hard_tanh --only gain,range --load run.npz -o page.html -q"
    for words in ([*toy.split()], [*page.split(), "-i", "inputs & <b>.txt"]):
        done = finished(*words, cwd=place)
        assert done.returncode == 0, done.stderr
    return (place / "page.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def opened(browser, html):
    page = browser.open(html, height=4500)
    yield page
    page.context.close()


def test_order_of_sections(opened, html):
    titles = [title.lower() for title in opened.locator("section h2").all_text_contents()]
    places = [next(k for k, title in enumerate(titles) if name in title)
              for name in ("curves", "depth", "inputs", "learn", "properties")]  # fmt: skip
    assert places == sorted(places)
    commands = [shlex.split(told) for told in opened.locator("section code").all_text_contents()]
    assert len(commands) == len(titles)
    assert ["inputs & <b>.txt" in words for words in commands].count(True) >= 1
    assert len(html.encode()) < 250_000


def told(page, label):
    (line,) = [t for t in page.locator("#depth li").all_text_contents() if t.startswith(label)]
    return line


def test_depth(opened):
    """relu halves the mean square of a symmetric signal, so that its gain is sqrt(2)."""
    assert "mean square is 1, that of the gradient 1; every q is a fixed point" in told(
        opened, "relu"
    )
    slider = opened.locator("#depth input[type=range]").first
    assert float(slider.input_value()) == pytest.approx(np.sqrt(2), rel=1e-9)
    slider.evaluate("s => { s.value = 1; s.dispatchEvent(new Event('input')); }")
    settle(opened)
    found = re.search(r"mean square is (\S+), that of the gradient (\S+);", told(opened, "relu"))
    assert [float(text) for text in found.groups()] == pytest.approx([2.0**-50] * 2, rel=0.01)
    # E hard_tanh(z)^2 = 1 - 2 phi(1) of a standard normal z, and E hard_tanh'(z)^2 = P(|z| < 1)
    scales = opened.locator("#depth input[type=range]")
    gain = 1 / np.sqrt(1 - 2 * np.exp(-0.5) / np.sqrt(2 * np.pi))
    assert float(scales.nth(1).input_value()) == pytest.approx(gain, rel=1e-6)


def shares(page, label):
    row = page.locator("#inputs tr", has=page.locator("th", has_text=label))
    return [float(text.removesuffix(" %")) for text in row.locator("td").all_text_contents()]


def test_inputs(opened):
    assert shares(opened, "relu") == [62.5, 0, 37.5]  # three of eight are negative
    alive, saturated, dead = shares(opened, "hard_tanh")
    assert alive == 25  # 0.25 and 0.5
    move(opened, "hard_tanh", "high", 2)
    assert shares(opened, "hard_tanh")[0] == 37.5
    move(opened, "hard_tanh", "high", 1)
    assert shares(opened, "hard_tanh") == [alive, saturated, dead]
    assert sum(shares(opened, "hard_tanh")) == pytest.approx(100)


def test_what_it_learns(opened):
    section = opened.locator("#learn")
    slider = section.locator("input[type=range]")
    last = int(slider.get_attribute("max"))
    assert int(slider.input_value()) == last
    opened.wait_for_timeout(600)
    assert int(slider.input_value()) == last  # nothing plays by itself
    count = "canvas => new Set(new Uint32Array(canvas.getContext('2d').getImageData("
    count += "0, 0, canvas.width, canvas.height).data.buffer)).size"
    assert section.locator("canvas").first.evaluate(count) > 20
    slider.evaluate("s => { s.value = 0; s.dispatchEvent(new Event('input')); }")
    settle(opened)
    assert section.locator("output").first.text_content() == "0"
    section.locator("button[data-play]").click()
    opened.wait_for_function("() => +document.querySelector('#learn input[type=range]').value > 0")
    names = section.locator("figcaption").all_text_contents()
    assert {"loss", "accuracy"} <= {name.split()[0].lower() for name in names}
