"""Round tick positions and numbers as people write them."""

import math
from dataclasses import dataclass

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Ticks:
    """Positions with their labels; `note` says what was taken out of them ("×10⁶", "+ 1e6")."""

    at: list[float]
    labels: list[str]
    note: str = ""

    def only(self, kept: list[bool]) -> "Ticks":
        """Those for which `kept` is true."""
        at = [v for v, keep in zip(self.at, kept, strict=True) if keep]
        return Ticks(at, [v for v, keep in zip(self.labels, kept, strict=True) if keep], self.note)


def ticks(low: float, high: float, most: int, whole: bool = False) -> Ticks:
    """At most `most` (2 or more) round positions in [low, high]; `whole` labels need no note."""
    width = high - low
    power = 10.0 ** math.floor(math.log10(width / max(most, 2)))
    step, first, count = width, low, 0
    for factor in (1, 2, 2.5, 5, 10, 20, 25, 50):
        step = factor * power
        first = math.ceil(low / step - 1e-9)
        count = math.floor(high / step + 1e-9) - int(first) + 1
        if count <= max(most, 2):
            break
    at = [(first + i) * step for i in range(count)]
    found = _labelled(at, step)
    return Ticks(at, _whole(found, step)) if whole and found.note else found


def _whole(found: Ticks, step: float) -> list[str]:
    """Labels with what would be noted beside them."""
    if not found.note.startswith("×") or " " in found.note:
        return [plain(v, _decimals(step)) for v in found.at]
    return [label if label == "0" else label + found.note for label in found.labels]


def _labelled(at: list[float], step: float) -> Ticks:
    """Labels for these positions; digits that all share go into the note."""
    largest = max((abs(v) for v in at), default=0.0)
    if largest == 0:
        return Ticks(at, [plain(v, 0) for v in at])
    if largest / step > 1e5:  # the labels would share most of their digits
        base = round(at[0] / step) * step
        rest = _labelled([round(v - base, _decimals(step) + 3) for v in at], step)
        sign = "+" if base > 0 else "−"
        offset = f"{sign} {_trimmed(abs(base), _decimals(step))}"
        return Ticks(at, rest.labels, f"{rest.note} {offset}".strip())
    exponent = math.floor(math.log10(largest) + 1e-9)
    scale = exponent if exponent >= 5 or exponent <= -4 else 0
    unit = 10.0**scale
    labels = [plain(v / unit, _decimals(step / unit)) for v in at]
    return Ticks(at, labels, f"×{power_of_ten(scale)}" if scale else "")


def _decimals(step: float) -> int:
    """How many it takes to write multiples of a round step."""
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    return decimals + (abs(round(step, decimals) - step) > 1e-6 * step)


def plain(value: float, decimals: int) -> str:
    """Fixed point with a true minus sign, and 0 for every zero."""
    text = f"{value:.{decimals}f}"
    if float(text) == 0:
        return "0"
    return text.replace("-", "−")


def power_of_ten(exponent: int) -> str:
    """10⁶ and the like."""
    return "10" + str(exponent).translate(_SUPERSCRIPT)


def number(value: float, digits: int = 3, resolution: float = 0.0) -> str:
    """Value to `digits` significant digits, but no finer than `resolution`; 4.7×10⁻⁴ if small."""
    if value == 0 or abs(value) < resolution / 2:
        return "0"
    size = math.floor(math.log10(abs(value)))
    if -3 <= size < 6:
        decimals = max(0, digits - 1 - size)
        if resolution > 0:
            decimals = min(decimals, max(0, math.ceil(-math.log10(resolution))))
        return _trimmed(value, decimals)
    part = float(f"{value:.17e}".partition("e")[0])  # 10.0**-324 is 0
    return f"{_trimmed(part, digits - 1)}×{power_of_ten(size)}"


def _trimmed(value: float, decimals: int) -> str:
    """-0.17 if that is the value, -0.170 if the value was rounded to it."""
    text = plain(value, decimals)
    short = text.rstrip("0").rstrip(".") if "." in text else text
    exact = float(short.replace("−", "-"))
    return short if abs(exact - value) <= 1e-6 * abs(value) else text


def percent(share: float) -> str:
    """Never 0 % for a few, nor 100 % for nearly all."""
    if share in (0, 1):
        return f"{100 * share:.0f} %"
    if share < 0.001:
        return "< 0.1 %"
    return "> 99.9 %" if share > 0.999 else f"{100 * share:.1f} %"
