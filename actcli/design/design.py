"""An approximation as it is reported: what it is, its coefficients, and what is proved of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

COLUMNS = (
    "function", "kind", "low", "high", "degree", "segments", "segments_used", "basis",
    "coefficients", "denominator", "breakpoints", "error_low", "error_high", "attained_at",
    "optimum_low", "ratio", "format", "tails", "verdict",
)  # fmt: skip
FLAT = 32  # powers of a formula in one nest of brackets
PARTS = ("part", "low", "high", "coefficients")


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
    tails: Sequence[Any] | None = None
    relative: bool = False
    parts: Sequence[tuple[float, float, Sequence[float]]] = field(default=())

    @property
    def is_codes(self) -> bool:
        """Whether it is a table from codes to codes."""
        return self.format in ("int8", "uint8")

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

    def record(self) -> dict[str, Any]:
        """The record of `actcli approximate`."""
        return {name: getattr(self, name) for name in COLUMNS}

    def part_records(self) -> list[dict[str, Any]]:
        """A row for each part."""
        return [
            {"part": k, "low": low, "high": high, "coefficients": list(c)}
            for k, (low, high, c) in enumerate(self.parts)
        ]


def horner(coefficients: Sequence[float | Fraction], x: str = "x") -> str:
    """A polynomial with power coefficients, ascending, as text that can be typed back."""
    shown = list(coefficients)
    while len(shown) > 1 and shown[-1] == 0:
        shown.pop()
    if len(shown) > FLAT + 1:  # a formula may not be nested deeper
        return f"{horner(shown[:FLAT], x)} + ({x})**{FLAT}*({horner([*shown[FLAT:]], x)})"
    text = exact_text(shown[-1])
    if len(shown) == 1:
        return f"{text} + 0*x"  # a formula has an x
    for c in reversed(shown[:-1]):
        text = f"({text})" if any(sign in text for sign in "+-*/") else text
        text = x if text == "1" else f"{x}*{text}"
        if c:
            text = f"{exact_text(c)} + {text}"
    return text


def chebyshev_horner(coefficients: Sequence[float], low: float, high: float) -> str:
    """A sum of Chebyshev polynomials on [low, high], in powers of what they are taken of."""
    before, here = [Fraction(1)], [Fraction(0), Fraction(1)]
    total = [Fraction(0)] * len(coefficients)
    for k, c in enumerate(coefficients):
        for power, factor in enumerate(before):
            total[power] += Fraction(c) * factor
        if k + 1 < len(coefficients):
            doubled = [Fraction(0), *(2 * v for v in here)]
            for power, v in enumerate(before):
                doubled[power] -= v
            before, here = here, doubled
    shift, width = Fraction(low) + Fraction(high), Fraction(high) - Fraction(low)
    if shift == 0:
        return horner(total, f"x/{exact_text(high)}" if high != 1 else "x")
    sign = "-" if shift > 0 else "+"
    return horner(total, f"(2*x {sign} {exact_text(abs(shift))})/{exact_text(width)}")


def exact_text(value: float | Fraction) -> str:
    """A double with all its digits, as constants mean what is written."""
    from ..numbers.exact import number_text, plain

    return number_text(plain(Fraction(value)))
