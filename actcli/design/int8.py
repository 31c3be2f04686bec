"""Tables of 256 entries for 8-bit networks, every entry proved to be rounded correctly."""

from fractions import Fraction
from math import floor, inf, nextafter
from typing import Any

from flint import arb, ctx, fmpq

from ..evaluation.activation import Activation
from .design import Design
from .quantization import TYPES, Quantization

PRECISIONS = (128, 400, 1600)  # bits
KNOWN = {"logistic": (Fraction(1, 256), -128), "tanh": (Fraction(1, 128), 0)}  # output, for int8


def quantized(f: Activation, dtype: str, low: float, high: float) -> Quantization:
    """The tightest scales over a range, from which input codes stand out by half a step.

    The outputs of all codes fit; logistic and tanh have the output scales of ONNX and TFLite.
    """
    first, last = TYPES[dtype]
    input_scale, input_zero = _tightest(low, high, first, last)
    if f.name in KNOWN and f.at_defaults:
        output_scale, output_zero = KNOWN[f.name]
        output_zero += first - TYPES["int8"][0]
    else:
        codes = Quantization(dtype, input_scale, input_zero, Fraction(1), first).inputs()
        ends = min(low, float(codes[0])), max(high, float(codes[-1]))
        output_scale, output_zero = _tightest(*_values(f, *ends), first, last)
    return Quantization(dtype, input_scale, input_zero, output_scale, output_zero)


def _values(f: Activation, low: float, high: float) -> tuple[float, float]:
    """The range of f on an interval, as it is certified."""
    from ..properties import check

    (verdict,) = check(f, ["range"], low=low, high=high)
    if not isinstance(verdict.value, dict) or None in (verdict.value["inf"], verdict.value["sup"]):
        raise ValueError(f"the range of {f.label} on {low:g}:{high:g} is open; give --output-scale")
    return float(verdict.value["inf"]), float(verdict.value["sup"])


def _tightest(low: float, high: float, first: int, last: int) -> tuple[Fraction, int]:
    """The scale, as a float32, and zero point that spread codes over [low, high] and 0."""
    import numpy as np

    low, high = min(low, 0.0), max(high, 0.0)
    if high == low:
        return Fraction(1), 0 if first <= 0 <= last else first
    with np.errstate(over="ignore", under="ignore"):
        scale = float(np.float32(high / (last - first) - low / (last - first)))
    if not 0 < scale < inf:
        raise ValueError(
            f"no scale that is a float32 spreads {last - first + 1} codes over {low:.3g}:{high:.3g}; "
            "give --input-scale and --output-scale"
        )
    zero = min(max(round(first - low / scale), first), last)
    return Fraction(scale), zero


def table(f: Activation, q: Quantization) -> Design:
    """The table of f: entry k belongs to the lowest code plus k.

    Each is the code that stands for what is nearest to f, so none at these scales is nearer. Scales count
    as they are given; which entries are others with those of frameworks, in float32, is told.
    """
    first, last = TYPES[q.dtype]
    inputs = q.inputs()
    found = [_entry(f, x, q, first, last) for x in inputs]
    error_low, error_high = max(low for _, low, _ in found), max(high for *_, high in found)
    worst = [float(x) for x, (*_, high) in zip(inputs, found, strict=True) if high >= error_low]
    return Design(
        function=f.label, kind="table", low=float(inputs[0]), high=float(inputs[-1]),
        coefficients=[entry for entry, *_ in found], error_low=error_low, error_high=error_high,
        attained_at=worst if error_high else [], optimum_low=error_low, format=q.dtype, formula="",
        segments=len(found), codes=q,
        otherwise=_otherwise(f, q, [entry for entry, *_ in found]),
    )  # fmt: skip


def _otherwise(f: Activation, q: Quantization, entries: list[int]) -> list[int]:
    """Codes whose entries are others, or cannot be told, where scales are rounded to float32."""
    try:
        rounded = q.in_float32
    except (ValueError, OverflowError):  # it has none that is as large, or as small
        return []
    found: list[int] = []
    for k, (x, entry) in enumerate(zip(rounded.inputs(), entries, strict=True)):
        try:
            same = rounded == q or _entry(f, x, rounded, *TYPES[q.dtype])[0] == entry
        except ValueError:
            same = False
        found += [] if same else [q.first + k]
    return found


def _entry(
    f: Activation, x: Fraction, q: Quantization, first: int, last: int
) -> tuple[int, float, float]:
    """The code of f(x), proved, and bounds of how far what it stands for is from f(x)."""
    from ..expressions.differentiate import expanded
    from ..numbers.near_rational import NearRational, known_at

    tree = expanded(f.tree)
    scale = fmpq(q.output_scale.numerator, q.output_scale.denominator)
    for precision in PRECISIONS:
        with ctx.workprec(precision):
            found = known_at(tree.read_once, x)
            rounded = _rounded(found, scale, q.rounding)
            if rounded is None:
                continue
            code = min(max(rounded + q.output_zero, first), last)
            stands = scale * (code - q.output_zero)
            error = abs((found - NearRational(stands)).ball)
            return code, _double(error.lower(), -inf), _double(error.upper(), inf)
    advice = (
        "give a scale and zero point whose codes avoid it" if x else "every table has that input"
    )
    half = found.ball.is_finite()
    why = "may be half-way between two codes there" if half else "has no value there"
    raise ValueError(f"the entry of input {float(x):g} cannot be told: {f.label} {why}; {advice}")


def _double(number: Any, direction: float) -> float:
    """The nearest double that is not on the inner side of an exact arb >= 0: subnormal ones are coarse."""
    near = float(number)
    inside = arb(near) < number if direction > 0 else arb(near) > number
    return max(nextafter(near, direction) if inside else near, 0.0)


def _rounded(value: Any, scale: Any, rounding: str) -> int | None:
    """value/scale rounded to a whole number; None where more bits are needed."""
    if value.rest is None:
        exact = Fraction(int(value.exact.p), int(value.exact.q)) / Fraction(
            int(scale.p), int(scale.q)
        )
        if rounding == "even":
            return round(exact)
        return floor(exact + Fraction(1, 2)) if exact >= 0 else -floor(-exact + Fraction(1, 2))
    share = value.ball / scale
    if not share.is_finite():
        return None
    lower, upper = (share + 0.5).lower().floor(), (share + 0.5).upper().floor()
    if lower == upper and not (share + 0.5).contains_integer():
        return int(lower.unique_fmpz())
    return None
