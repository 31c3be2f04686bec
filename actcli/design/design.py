"""An approximation as it is reported: what it is, its coefficients, and what is proved of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise, zip_longest
from math import isfinite, isinf
from typing import Any

from ..wording import between, count_of
from .quantization import Quantization

COLUMNS = (
    "function", "kind", "low", "high", "degree", "segments", "segments_used", "basis",
    "coefficients", "denominator", "breakpoints", "error_low", "error_high", "attained_at",
    "optimum_low", "ratio", "format", "tails", "verdict",
)  # fmt: skip
PLACED = 1e-6  # of the range, how exactly touching places are found
FLAT = 32  # powers of a formula in one nest of brackets
PARTS = ("part", "low", "high", "coefficients")  # and the denominator, of a quotient


@dataclass(frozen=True)
class Design:
    """A designed approximation; fields are those of a record, None where they do not apply.

    `formula` can be typed back with all digits; `parts` are (low, high, power coefficients).
    """

    function: str
    kind: str
    low: float
    high: float
    coefficients: Any
    error_low: float
    error_high: float
    formula: str
    degree: Any = None
    segments: int | None = None
    segments_used: int | None = None
    basis: str | None = None
    denominator: Any = None
    breakpoints: Sequence[float] | None = None
    attained_at: Sequence[float] = ()
    optimum_low: float | None = None
    format: str = "float64"
    grid_low: float = 0.0  # none of a rational function's format and form is below
    tails: Sequence[Any] | None = None
    relative: bool = False
    one_sided: bool = False  # touching places are those of the error and those of 0
    parts: Sequence[tuple[float, float, Sequence[float]]] = field(default=())
    divisor: Sequence[float] = ()  # of a quotient, power coefficients of the denominator
    ties: Sequence[str] = ()  # constants that the tails of a refit need, as "a = 1/b"
    approached: bool = False  # larger constants of a refit seem to be a little nearer still
    codes: Quantization | None = None  # of a table from codes to codes
    otherwise: Sequence[int] = ()  # codes whose entries scales of float32 change

    @property
    def verdict(self) -> str:
        """Whether the error is proved."""
        return "proved" if self.error_high < float("inf") else "undecided"

    @property
    def ratio(self) -> float | None:
        """How far the error is from a bound that no rival passes."""
        if not self.optimum_low:
            return 1.0 if self.optimum_low == self.error_high else None
        return self.error_high / self.optimum_low

    @property
    def what(self) -> str:
        """What is approximated, where, and by what."""
        line = isinf(self.low) and isinf(self.high)
        where = "the whole line" if line else between(self.low, self.high)
        return f"{self.function} on {where} by {self._form}, {self.format}"

    @property
    def _form(self) -> str:
        """What it is, with its article."""
        of = "" if self.degree is None else f" of degree {self.degree}"
        if self.codes:
            return f"a table of {len(self.coefficients)} codes"
        if self.kind in ("piecewise", "table"):
            return count_of(len(self.parts), "segment") + (of if self.degree != 1 else "")
        if self.kind == "refit":
            return ", ".join(f"{name} = {value}" for name, value in self.coefficients.items())
        return f"a {'rational function' if self.kind == 'rational' else self.kind}{of}"

    @property
    def claim(self) -> str:
        """How near it is to the function, in words."""
        if self.verdict != "proved":
            return f"at a distance of {self.function} that is undecided"
        size = f" times |{self.function}|" if self.relative else ""
        return f"within {self.error_high:.6g}{size} of {self.function} in reals"

    @property
    def places(self) -> list[float]:
        """Where it touches, with 0 for what is as close to 0 as such places are found."""
        ends = [abs(x) if isfinite(x) else 1.0 for x in (self.low, self.high)]
        return [x if abs(x) > PLACED * max(ends) else 0.0 for x in self.attained_at]

    @property
    def largest_jump(self) -> float:
        """How far parts are from meeting, about."""
        jumps = [0.0]
        for (_, end, left), (_, _, right) in pairwise(self.parts):
            gap = Fraction(0)
            for k, (a, b) in enumerate(zip_longest(left, right, fillvalue=0.0)):
                gap += (Fraction(a) - Fraction(b)) * Fraction(end) ** k
            jumps.append(abs(float(gap)))
        return max(jumps)

    def record(self) -> dict[str, Any]:
        """The record of `actcli approximate`."""
        return {name: getattr(self, name) for name in COLUMNS}

    def part_records(self) -> list[dict[str, Any]]:
        """A row for each part; of a table of codes one for each input, with the output it is given."""
        parts = self.parts
        if self.codes:
            ends = zip(self.codes.inputs(), self.codes.outputs(self.coefficients), strict=True)
            parts = [(float(x), float(x), [float(y)]) for x, y in ends]
        found: list[dict[str, Any]] = []
        for k, (low, high, c) in enumerate(parts):
            found.append({"part": k, "low": low, "high": high, "coefficients": list(c)})
            if self.divisor:
                inside = isfinite(high - low)
                found[-1]["denominator"] = list(self.divisor) if inside else None
        return found

    @property
    def part_columns(self) -> tuple[str, ...]:
        """What a row for a part holds."""
        return (*PARTS, "denominator") if self.divisor else PARTS


def horner(coefficients: Sequence[float | Fraction], x: str = "x", also: str = " + 0*x") -> str:
    """A polynomial with power coefficients, ascending, as text that can be typed back.

    A constant has `also` behind it, as a formula has an x.
    """
    shown = list(coefficients)
    while len(shown) > 1 and shown[-1] == 0:
        shown.pop()
    if len(shown) > FLAT + 1:  # a formula may not be nested deeper
        return f"{horner(shown[:FLAT], x)} + ({x})**{FLAT}*({horner([*shown[FLAT:]], x)})"
    text = exact_text(shown[-1])
    if len(shown) == 1:
        return text + also
    for c in reversed(shown[:-1]):
        if text == "1":
            text = x
        else:
            text = f"{x}*({text})" if any(sign in text for sign in "+-*/") else f"{x}*{text}"
        if c:
            text = f"{exact_text(c)} + {text}"
    return text


def chebyshev_text(coefficients: Sequence[float], low: float, high: float) -> str:
    """A sum of Chebyshev polynomials on [low, high], in a form that loses no digits in floats.

    Its powers would lose them. T_(m + r) is 2 T_m T_r - T_(m - r), and T_2m is 2 T_m^2 - 1, so a sum is
    A + T_m B, with A and B of half its degree, and so on down to cubic ones, which are in powers.
    """
    shift, width = Fraction(low) + Fraction(high), Fraction(high) - Fraction(low)
    if shift == 0:
        u = f"x/{exact_text(high)}" if high != 1 else "x"
    else:
        sign = "-" if shift > 0 else "+"
        u = f"(2*x {sign} {exact_text(abs(shift))})/{exact_text(width)}"
    return _halved([Fraction(c) for c in coefficients], u) or f"0*{u}"


def _halved(sums: list[Fraction], u: str) -> str:
    """The text of a sum; none of one that is 0."""
    while sums and not sums[-1]:
        sums = sums[:-1]
    if len(sums) <= 4:
        a, b, c, d = [*sums, *[Fraction(0)] * (4 - len(sums))]
        return horner([a - c, b - 3 * d, 2 * c, 4 * d], u, "") if sums else ""
    m = 4
    while 2 * m < len(sums):
        m *= 2
    left, right = sums[:m], [sums[m], *(2 * c for c in sums[m + 1 :])]
    for r, c in enumerate(sums[m + 1 :], 1):
        left[m - r] -= c
    text = f"2*({u})**2 - 1"
    for _ in range(m.bit_length() - 2):
        text = f"2*({text})**2 - 1"
    first, second = _halved(left, u), _halved(right, u)
    return f"{first} + ({text})*({second})" if first else f"({text})*({second})"


def exact_text(value: float | Fraction) -> str:
    """A double with all its digits, as constants mean what is written."""
    from ..numbers.exact import number_text, plain

    return number_text(plain(Fraction(value)))
