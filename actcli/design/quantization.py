"""What 8-bit codes stand for: scales, zero points and the rounding between."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

LARGEST = 1e300  # of scales, so that what codes stand for are doubles
TYPES = {"int8": (-128, 127), "uint8": (0, 255)}


@dataclass(frozen=True)
class Quantization:
    """Real value = scale*(code - zero_point); codes are those of a type."""

    dtype: str
    input_scale: Fraction
    input_zero: int
    output_scale: Fraction
    output_zero: int
    rounding: str = "even"  # or away

    @property
    def first(self) -> int:
        """The lowest code."""
        return TYPES[self.dtype][0]

    def __str__(self) -> str:
        """Scales and zero points in words."""
        scales = (_text(v) for v in (self.input_scale, self.output_scale))
        zeros = self.input_zero, self.output_zero
        ends = zip(("input", "output"), scales, zeros, strict=True)
        told = ", ".join(f"{end} scale {scale} and zero point {zero}" for end, scale, zero in ends)
        halves = {"even": "to even codes", "away": "away from 0"}[self.rounding]
        return f"{told}, halves {halves}"

    @property
    def in_float32(self) -> "Quantization":
        """The same with scales as they are kept in float32."""
        import numpy as np

        with np.errstate(over="ignore", under="ignore"):
            ends = [
                Fraction(float(np.float32(float(v)))) for v in (self.input_scale, self.output_scale)
            ]
        return replace(self, input_scale=ends[0], output_scale=ends[1])

    def inputs(self) -> list[Fraction]:
        """What the codes stand for at the input, ascending."""
        first, last = TYPES[self.dtype]
        return [self.input_scale * (code - self.input_zero) for code in range(first, last + 1)]

    def outputs(self, entries: Sequence[int]) -> list[Fraction]:
        """What codes stand for at the output."""
        return [self.output_scale * (code - self.output_zero) for code in entries]

    def __post_init__(self) -> None:
        low, high = TYPES[self.dtype]
        for name, scale in (("input", self.input_scale), ("output", self.output_scale)):
            if not 0 < scale <= LARGEST:
                raise ValueError(f"--{name}-scale is a number > 0, and {LARGEST:.0e} at most")
        for name, zero in (("input", self.input_zero), ("output", self.output_zero)):
            if not low <= zero <= high:
                raise ValueError(
                    f"--{name}-zero-point is a code of {self.dtype}, {low} to {high}, not {zero}"
                )


def _text(scale: Fraction) -> str:
    """The scale as few digits tell it: of a double those that tell it from others."""
    from ..numbers.exact import number_text, plain

    return repr(float(scale)) if Fraction(float(scale)) == scale else number_text(plain(scale))
