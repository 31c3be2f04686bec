"""Pages in a real browser: Chromium's headless shell, driven by playwright."""

from actcli.evaluation.function_text import resolve
from actcli.pages.page import Page, page
from actcli.properties import answers


class Browser:
    """Opens pages and notes what they complain about."""

    def __init__(self, chromium, directory):
        self.chromium = chromium
        self.directory = directory
        self.complaints = []
        self.count = 0

    def open(self, made, *, hash_="", width=1000, height=800, **settings):
        """Opens a Page, or HTML, from a file of its own in a window of that size."""
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
        settle(opened)
        return opened

    def asked(self, request):
        if not request.url.startswith((self.directory.as_uri(), "data:", "about:")):
            self.complaints.append(f"asked for {request.url}")


def settle(opened):
    """Waits until what was asked of the page is drawn."""
    opened.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def paged(*functions, only=("range",), **wanted) -> Page:
    """The page of functions as the command line writes them, with few properties: those take long."""
    found = [resolve(f) if isinstance(f, str) else f for f in functions]
    return page(found, [list(answers(f, only)) for f in found], only=only, **wanted)
