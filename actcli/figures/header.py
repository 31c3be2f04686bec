"""The top of a picture: the formula of one function, or a legend of several."""

from dataclasses import dataclass
from math import inf

from .data import Curve, Picture
from .page import POINT, Look, Page

HANDLE = 0.34
"""Length of a line sample, inches."""
CASES = r",\ \ "
"""What stands between the branches of a formula."""
LONGEST = 600
"""Characters; a longer formula fits on no page, and takes seconds to set."""
TALLEST = 0.28
"""The share of the page's height that one formula may take."""


@dataclass
class _Entry:
    """A sample of a line (or none), a name and a formula, set side by side."""

    style: Look | None
    name: str
    math: str
    size: float
    label: str = ""
    """What is shown where there is neither name nor room for the formula."""
    width: float = 0.0
    ascent: float = 0.0
    depth: float = 0.0

    def measure(self, page: Page) -> None:
        """Sets width, ascent and depth; ValueError where mathtext cannot set the formula."""
        if self.math and not page.is_math(self.math, self.size):
            raise ValueError(f"{self.math} is no mathtext")
        self.width = HANDLE + 0.08 if self.style else 0.0
        self.ascent, self.depth = self.size * POINT * 0.8, self.size * POINT * 0.2
        for text in (self.name, self.math):
            if text:
                width, height, depth = page.extent(text, self.size)
                self.width += width
                self.ascent = max(self.ascent, height - depth)
                self.depth = max(self.depth, depth)
        if self.name and self.math:
            self.width += 0.12


class Header:
    """Rows of entries across the page; knows its height before it is drawn."""

    def __init__(self, page: Page, picture: Picture, styles: list[Look], most: float = inf) -> None:
        """`most` is the height it may take, if that can be kept by leaving out the formulas."""
        self.page = page
        self.margin = 0.22
        self.rows: list[list[_Entry]] = []
        room = page.width - 2 * self.margin
        title = [_Entry(None, picture.heading, "", 1.3 * page.head)] if picture.heading else []
        self._fill(title, _entries(page, picture, styles), room)
        if self.height > most:
            bare = [_Entry(e.style, e.name or e.label, "", 0.85 * e.size, e.label)
                    for e in _entries(page, picture, styles)]  # fmt: skip
            self._fill(title, bare, room)

    def _fill(self, title: list[_Entry], entries: list[_Entry], room: float) -> None:
        """Breaks the entries into rows, below the title if there is one."""
        self.rows = [_fitted(self.page, entry, room) for entry in title]
        left = room
        for whole in entries:
            for k, entry in enumerate(_fitted(self.page, whole, room)):
                if k > 0 or left + entry.width > room:
                    self.rows.append([])
                    left = 0.0
                self.rows[-1].append(entry)
                left += entry.width + 0.35
        self.height = 0.1 + sum(self._height(row) for row in self.rows)

    @staticmethod
    def _height(row: list[_Entry]) -> float:
        return max(entry.ascent for entry in row) + max(entry.depth for entry in row) + 0.09

    def draw(self) -> None:
        """Draws the rows, from the top of the page."""
        page = self.page
        top = page.height - 0.1
        for row in self.rows:
            base = top - max(entry.ascent for entry in row)
            left = self.margin
            for entry in row:
                x = left
                if entry.style:
                    middle = base + 0.3 * entry.size * POINT
                    page.line([x, x + HANDLE], [middle, middle], gid="legend-line", **entry.style)
                    x += HANDLE + 0.08
                if entry.name:
                    page.text(x, base, entry.name, entry.size, gid="name")
                    x += page.extent(entry.name, entry.size)[0] + 0.12
                if entry.math:
                    page.text(x, base, entry.math, entry.size, gid="formula")
                left += entry.width + 0.35
            top -= self._height(row)


def _entries(page: Page, picture: Picture, styles: list[Look]) -> list[_Entry]:
    """The entries of a sweep, of a single function, or of several."""
    if not picture.legend:
        return []
    size = 1.3 * page.head
    if picture.sweep:
        title = _Entry(None, picture.title, _math(picture.title_latex, tall=True), size)
        pale = [look for c, look in zip(picture.curves, styles, strict=True) if c.behind]
        return [title, *(_Entry(look, "exact", "", size) for look in pale[:1])]
    if len(picture.curves) == 1:
        curve = picture.curves[0]
        return [_Entry(None, _name(curve), _math(curve.latex, tall=True), size, curve.label)]
    size = (1.15 if len(picture.curves) <= 4 else 1.0) * page.head
    both = sorted(zip(picture.curves, styles, strict=True), key=lambda pair: pair[0].behind)
    return [
        _Entry(look, _name(curve), _math(curve.latex), size, curve.label) for curve, look in both
    ]


def _name(curve: Curve) -> str:
    """What is written before the formula; a typed formula is its own name."""
    return "" if curve.typed and _math(curve.latex) else curve.label


def _math(latex: str, tall: bool = False) -> str:
    """The formula as mathtext, or nothing where there is none that could be set."""
    if tall:
        latex = latex.replace(r"\frac", r"\dfrac")
    return f"$f(x) = {latex}$" if 0 < len(latex) < LONGEST else ""


def _fitted(page: Page, entry: _Entry, room: float) -> list[_Entry]:
    """The entry made narrow enough: in smaller type, else the formula in several lines, else
    without it, else with a shortened name."""
    if _fits(page, entry, room):
        return [entry]
    *parts, last = _branches(entry.math.strip("$"))
    lines = [f"${part},$" for part in parts] + [f"${last}$"]
    for texts in ([entry.math], lines):
        for first in (texts[0], ""):  # the formula beside its name, or below
            rest = texts[1:] if first else texts
            found = [_Entry(entry.style, entry.name, first, entry.size)]
            found += [_Entry(None, "", rf"$\qquad {line[1:]}", entry.size) for line in rest]
            if not all(_fits(page, each, room) for each in found):
                continue
            if sum(each.ascent + each.depth for each in found) > TALLEST * page.height:
                continue
            smallest = min(each.size for each in found)
            for each in found:
                each.size = smallest
                each.measure(page)
            return found
    entry.name, entry.math = entry.name or entry.label, ""
    while not _fits(page, entry, room) and len(entry.name) > 8:
        entry.name = entry.name[: max(8, int(len(entry.name) * 0.9)) - 1] + "…"
    return [entry]


def _branches(latex: str) -> list[str]:
    """A formula by cases, in pieces; those of an inner `where` stay together."""
    found: list[str] = []
    held = ""
    for part in latex.split(CASES):
        held = held + CASES + part if held else part
        if held.count(r"\left") == held.count(r"\right") and held.count("{") == held.count("}"):
            found.append(held)
            held = ""
    return [*found, held] if held else found


def _fits(page: Page, entry: _Entry, room: float) -> bool:
    """Whether the entry is narrow enough, in type that is smaller by three tenths at most."""
    size = entry.size
    for share in (1.0, 0.85, 0.7):
        entry.size = size * share
        try:
            entry.measure(page)
        except ValueError:  # mathtext cannot set this formula
            entry.name, entry.math = entry.name or entry.label, ""
            entry.measure(page)
        if entry.width <= room:
            return True
    entry.size = size
    return False
