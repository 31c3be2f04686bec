"""A panel in text: cells of one character each, in a frame with ticks.

A cell holds dots, two across and four down (Braille), or another character. This is written here
because plotters for the terminal take longer to import than numpy, or draw no such frame.
"""

from collections.abc import Iterable
from itertools import groupby

import numpy as np
from numpy.typing import NDArray

from ..numbers.types import Floats
from .ticks import Ticks

BRAILLE = 0x2800
DOTS = np.array([[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]], np.uint8)
"""What each dot of a cell adds to the empty character BRAILLE."""
FRAME = 4
"""Lines of a panel that are no cells: title, frame, frame, labels."""

COLOURS = {"gray": 8, "blue+": 12, "orange": 3, "green": 2, "magenta+": 13, "cyan": 6, "red": 1}


def tinted(text: str, colour: str) -> str:
    """The text in that colour of a terminal; "" is its own colour."""
    return f"\x1b[38;5;{COLOURS[colour]}m{text}\x1b[0m" if colour else text


class TextPanel:
    """A frame of `columns` by `lines`, with ticks, around cells that show these limits."""

    def __init__(
        self,
        columns: int,
        lines: int,
        limits: tuple[tuple[float, float], tuple[float, float]],
        ticks: tuple[Ticks, Ticks],
    ) -> None:
        self.columns, self.limits, self.ticks = columns, limits, ticks
        self.margin = max(map(len, ticks[1].labels), default=0) + 1
        self.wide, self.high = max(columns - self.margin - 1, 1), max(lines - FRAME, 1)
        self.letters = np.full((self.high, self.wide), " ")
        self.colours = np.full((self.high, self.wide), "", f"<U{max(map(len, COLOURS))}")

    def _dots(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Where points lie, in dots from the upper left one."""
        (x0, x1), (y0, y1) = self.limits
        across, down = 2 * self.wide - 1, 4 * self.high - 1
        return (x - x0) / (x1 - x0) * across, (y1 - y) / (y1 - y0) * down

    def cells(self, x: Floats, y: Floats) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows and columns of the cells that points lie in."""
        across, down = self._dots(x, y)
        return np.rint(down).astype(np.intp) // 4, np.rint(across).astype(np.intp) // 2

    def columns_of(self, x: Floats) -> NDArray[np.intp]:
        """The columns of cells that inputs lie in, the nearest for those outside."""
        return np.clip(self.cells(x, np.full_like(x, self.limits[1][0]))[1], 0, self.wide - 1)

    def centres(self) -> Floats:
        """The inputs in the middle of each column."""
        (x0, x1), _ = self.limits
        return np.asarray(x0 + (2 * np.arange(self.wide) + 0.5) / (2 * self.wide - 1) * (x1 - x0))

    def mark(self, x: Floats | float, y: Floats | float, letter: str, colour: str) -> None:
        """Puts a character on points, which lie within the limits."""
        cells = self.cells(np.atleast_1d(x), np.atleast_1d(y))
        self.letters[cells], self.colours[cells] = letter, colour

    def axes(self, colour: str, down: bool) -> None:
        """Draws the lines x = 0 and, with `down`, y = 0 where they lie inside."""
        (x0, x1), (y0, y1) = self.limits
        (row,), (column,) = self.cells(np.zeros(1), np.zeros(1))
        if down and y0 < 0 < y1:
            self.letters[row], self.colours[row] = "─", colour
        if x0 < 0 < x1:
            self.letters[:, column], self.colours[:, column] = "│", colour

    def line(self, runs: Iterable[tuple[Floats, Floats]], letter: str, colour: str) -> None:
        """Draws polylines in that character, or in dots for ""; they lie within the limits."""
        found = np.zeros_like(self.letters, np.uint8)
        for x, y in runs:
            across, down = self._dots(x, y)
            steps = np.maximum(np.abs(np.diff(across)), np.abs(np.diff(down)))
            along = np.concatenate([[0.0], np.cumsum(steps)])
            places = np.linspace(0, along[-1], int(along[-1]) + 2)
            column, row = (
                np.rint(np.interp(places, along, at)).astype(np.intp) for at in (across, down)
            )
            np.bitwise_or.at(found, (row // 4, column // 2), DOTS[row % 4, column % 2])
        cells = found > 0
        dots = (BRAILLE + found[cells].astype(np.uint32)).view("<U1")
        self.letters[cells], self.colours[cells] = letter or dots, colour

    def text(self, title: str) -> list[str]:
        """The panel in lines of text, each `columns` wide."""
        (x0, _), (y0, _) = self.limits
        across, up = (np.asarray(found.at, float) for found in self.ticks)
        columns = self.cells(across, np.full_like(across, y0))[1].tolist()
        rows = self.cells(np.full_like(up, x0), up)[0].tolist()
        named = dict(zip(rows, self.ticks[1].labels, strict=True))
        space = self.margin - 1
        bottom, below = ["─"] * self.wide, [" "] * self.columns
        free = 0
        for column, label in zip(columns, self.ticks[0].labels, strict=True):
            bottom[column] = "┬"
            start = min(self.margin + column - (len(label) - 1) // 2, self.columns - len(label))
            if start >= free:
                below[start : start + len(label)] = label
                free = start + len(label) + 1
        return [
            (" " * self.margin + f"{title:^{self.wide}}")[: self.columns].ljust(self.columns),
            " " * space + "┌" + "─" * self.wide + "┐",
            *(
                f"{named.get(row, ''):>{space}}{'┤' if row in named else '│'}{self._row(row)}│"
                for row in range(self.high)
            ),
            " " * space + "└" + "".join(bottom) + "┘",
            "".join(below),
        ]

    def _row(self, row: int) -> str:
        """The characters of a row of cells, in their colours."""
        cells = zip(self.letters[row].tolist(), self.colours[row].tolist(), strict=True)
        return "".join(
            tinted("".join(letter for letter, _ in run), colour)
            for colour, run in groupby(cells, key=lambda cell: cell[1])
        )
