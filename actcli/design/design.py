"""An approximation as it is reported: what it is, its coefficients, and what is proved of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

COLUMNS = (
    "function", "kind", "low", "high", "degree", "segments", "segments_used", "basis",
    "coefficients", "denominator", "breakpoints", "error_low", "error_high", "attained_at",
    "optimum_low", "ratio", "format", "tails", "verdict",
)  # fmt: skip
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
    parts: Sequence[tuple[float, float, Sequence[float]]] = field(default=())

    @property
    def verdict(self) -> str:
        """Whether the error is proved."""
        return "proved" if self.error_high < float("inf") else "undecided"

    @property
    def ratio(self) -> float | None:
        """How far the error is from a bound that no rival passes."""
        return self.error_high / self.optimum_low if self.optimum_low else None

    def record(self) -> dict[str, Any]:
        """The record of `actcli approximate`."""
        return {name: getattr(self, name) for name in COLUMNS}

    def part_records(self) -> list[dict[str, Any]]:
        """A row for each part."""
        return [
            {"part": k, "low": low, "high": high, "coefficients": list(c)}
            for k, (low, high, c) in enumerate(self.parts)
        ]


def horner(coefficients: Sequence[float], x: str = "x") -> str:
    """A polynomial with power coefficients, ascending, as text that can be typed back."""
    shown = list(coefficients)
    while len(shown) > 1 and shown[-1] == 0:
        shown.pop()
    text = exact_text(shown[-1])
    for c in reversed(shown[:-1]):
        text = f"{x}*({text})" if any(sign in text[1:] for sign in "+-*") else f"{x}*{text}"
        if c:
            text = f"{exact_text(c)} + {text}"
    return text


def exact_text(value: float) -> str:
    """A double with all its digits, as constants mean what is written."""
    from fractions import Fraction

    from ..numbers.exact import number_text

    exact = Fraction(value)
    return number_text(int(exact) if exact.denominator == 1 else exact)
