"""The grids of numbers that hardware has for coefficients."""

from dataclasses import dataclass
from math import frexp

import numpy as np

from ..numbers.formats import FORMATS, Format
from ..numbers.types import Floats

ENOUGH = 3e-5  # relative gain that is not looked for


@dataclass(frozen=True)
class Grid:
    """The numbers of a format, or the multiples of 2^-bits."""

    name: str
    format: Format | None = None
    bits: int = 0

    def rounded(self, numbers: Floats) -> Floats:
        """The nearest of them; infinite beyond the largest."""
        if self.format is None:
            return np.asarray(np.rint(numbers * 2.0**self.bits) / 2.0**self.bits, np.float64)
        return np.asarray(self.format.nearest(numbers) + 0.0, np.float64)

    def nearest(self, number: float) -> float:
        """The same of one number."""
        return float(self.rounded(np.array([number]))[0])

    def beyond(self, number: float, side: int) -> float:
        """The nearest of them that is not on the other side."""
        found = self.nearest(number)
        return self.next(found, side) if (found - number) * side < 0 else found

    def unit(self, number: float) -> float:
        """The step between them there."""
        return 2.0**-self.bits if self.format is None else self.format.unit(abs(number))

    def next(self, number: float, side: int) -> float:
        """The neighbour of one of them on a side."""
        step = self.unit(number)
        if self.format is not None and number * side < 0 and frexp(abs(number))[0] == 0.5:
            step = max(step / 2, 2.0**self.format.lowest)  # below a power of two
        return number + side * step


def grid_named(name: str) -> Grid:
    """The grid of --coefficients; ValueError says what is accepted."""
    if name in FORMATS:
        return Grid(name, FORMATS[name])
    digits = name.removeprefix("fixed")
    if name.startswith("fixed") and digits.isdecimal() and int(digits) <= 52:
        return Grid(name, bits=int(digits))
    raise ValueError(
        f"--coefficients takes {', '.join(FORMATS)} or fixedK with K bits behind the point, as "
        f"in fixed8, not {name[:60]!r}"
    )
