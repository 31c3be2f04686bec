"""Pages in a real browser: Chromium's headless shell, driven by playwright."""

import io
import json
import re
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from PIL import Image

from actcli.evaluation.function_text import resolve
from actcli.pages.page import HtmlPage, page
from actcli.properties import answers

CHROMIUM = Path("/usr/bin/chromium-headless-shell")
QUANTITIES = ["value", "gradient", "curvature"]


@contextmanager
def launched():
    """Chromium, for the time of a with statement."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


class Browser:
    """Opens pages and notes what they complain about."""

    def __init__(self, chromium, directory):
        self.chromium = chromium
        self.directory = directory
        self.complaints = []
        self.count = 0

    def open(self, made, *, hash_="", width=1000, height=800, **settings):
        """Opens an HtmlPage, or HTML, from a file of its own in a window of that size."""
        self.count += 1
        file = self.directory / f"{self.count}.html"
        file.write_text(str(made), encoding="utf-8")
        context = self.chromium.new_context(viewport={"width": width, "height": height}, **settings)
        context.set_default_timeout(10_000)
        opened = context.new_page()
        opened.on("console", lambda message: self.complaints.append(message.text))
        opened.on("pageerror", lambda error: self.complaints.append(str(error)))
        opened.on("request", self.asked)
        opened.goto(f"{file.as_uri()}{hash_}")
        if settings.get("java_script_enabled", True):
            settle(opened)
        return opened

    def asked(self, request):
        if not request.url.startswith((self.directory.as_uri(), "data:", "about:")):
            self.complaints.append(f"asked for {request.url}")


def photographed(chromium, file, state):
    """A PNG of the beginning of a page, in a state that its address tells."""
    opened = chromium.new_page(viewport={"width": 1000, "height": 1000})
    opened.goto(f"{Path(file).resolve().as_uri()}#{state}")
    settle(opened)
    with Image.open(io.BytesIO(opened.screenshot())) as shot:
        few = shot.convert("RGB").quantize(128, method=Image.Quantize.MAXCOVERAGE)
    buffer = io.BytesIO()
    few.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def settle(opened):
    """Waits until what was asked of the page is drawn."""
    opened.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def paged(*functions, only=("range",), **wanted) -> HtmlPage:
    """The page of functions as the command line writes them, with few properties: those take long."""
    found = [resolve(f) if isinstance(f, str) else f for f in functions]
    return page(found, [list(answers(f, only)) for f in found], only=only, **wanted)


def panel(page, quantity="value"):
    return page.locator(f"svg[data-quantity={quantity}]").first


def view(page):
    """low, high of the pictures."""
    return [float(panel(page).get_attribute(f"data-{end}")) for end in ("low", "high")]


def x_of(page):
    return float(page.locator("#x").get_attribute("data-exact"))


def cell(page, label, quantity="value"):
    return page.locator(f'td[data-function="{label}"][data-quantity={quantity}]')


def exact(page, label, quantity="value"):
    return float(cell(page, label, quantity).get_attribute("data-exact"))


def slider(page, label, name, kind="range"):
    return page.locator(f'input[type={kind}][data-function="{label}"][data-parameter="{name}"]')


def move(page, label, name, value):
    """A slider to a value, as a pointer does it."""
    slider(page, label, name).evaluate(
        "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input')); }",
        value,
    )
    settle(page)


AXES = """svg => {
  const texts = [...svg.querySelectorAll('text')].map(t => [t.getAttribute('text-anchor'),
    t.textContent, +t.getAttribute('x'), +t.getAttribute('y')]);
  return JSON.stringify({texts, paths: Object.fromEntries([...svg.querySelectorAll('path[data-function]')]
    .map(p => [p.dataset.function, p.getAttribute('d')])), width: svg.viewBox.baseVal.width,
    dots: [...svg.querySelectorAll('circle')].map(c => [c.getAttribute('class'), c.textContent,
      +c.getAttribute('cx'), +c.getAttribute('cy')])});
}"""


class Seen:
    """A picture in the numbers of its axes, which the labels of the ticks tell."""

    def __init__(self, svg):
        read = json.loads(svg.evaluate(AXES))
        across = [(x, float(told)) for anchor, told, x, _ in read["texts"] if anchor == "middle"]
        up = [(y - 4, float(told)) for anchor, told, _, y in read["texts"] if anchor == "end"]
        self.x_axis, self.y_axis = (np.polyfit(*np.transpose(ticks), 1) for ticks in (across, up))
        assert np.ptp([value - np.polyval(self.x_axis, place) for place, value in across]) < 0.02
        self.paths = read["paths"]
        self.dots = [(kind, told, *self.at(x, y)) for kind, told, x, y in read["dots"]]
        self.pixel = abs(self.x_axis[0]), abs(self.y_axis[0])

    def at(self, x, y):
        return float(np.polyval(self.x_axis, x)), float(np.polyval(self.y_axis, y))

    def strokes(self, label):
        """The curve as arrays of x and y, one pair for each stroke of the pen."""
        d = self.paths[label]
        assert re.fullmatch(r"(?:[ML]-?[\d.]+ -?[\d.]+)+", d), d[:80]
        found = []
        for stroke in d.split("M")[1:]:
            points = [self.at(*map(float, point.split())) for point in stroke.split("L")]
            found.append(tuple(np.array(points).T))
        return found
