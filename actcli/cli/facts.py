"""The facts that compare prints of each function, in words."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..wording import interval, short, smoothness
from .verdict_report import value_of

if TYPE_CHECKING:
    from ..evaluation.activation import Activation

ASKED = (
    "smoothness", "monotonic", "range", "gradient_range", "saturates_left", "saturates_right",
    "zero_centred", "dead_zone", "gain", "cost",
)  # fmt: skip
Facts = Mapping[str, str]


def facts_of(activation: "Activation") -> Facts:
    """What a paper's table says of a function, in words and six digits."""
    from ..properties import check

    verdicts = {v.property: v for v in check(activation, ASKED)}
    return {
        "name": activation.label,
        "family": activation.family,
        "formula": activation.text,
        **{
            name: _said(tell, [verdicts[part] for part in parts])
            for name, (parts, tell) in _TOLD.items()
        },
    }


def typeset(activation: "Activation", facts: Facts) -> Facts:
    """The facts with formulas, numbers, intervals and smoothness as LaTeX sets them."""
    from ..evaluation.activation import Activation
    from ..tables.entries import Math

    def entry(text: str) -> str:
        if re.fullmatch(r"C(\d+|∞)", text):
            text = f"C^{{{text[1:]}}}"
        elif not re.fullmatch(r"[\[(].*[\])]|-?[\d.]+(e-?\d+)?|-?inf", text):
            return text
        text = re.sub(r"e([-+]?)0*(\d+)", r" \\times 10^{\1\2}", text)
        return Math(re.sub(r"inf|∞", r"\\infty", text))

    found = {name: entry(text) for name, text in facts.items()}
    if type(activation) is Activation:
        found["formula"] = Math(activation.latex)
    return found


def _said(tell: Callable[..., str], verdicts: Sequence[Any]) -> str:
    if any(v.value is None and v.verdict == "undecided" for v in verdicts):
        return "undecided"
    return tell(*verdicts)


def _range(verdict: Any) -> str:
    return interval(verdict.value)


def _yes(verdict: Any) -> str:
    return {"proved": "yes", "refuted": "no"}.get(verdict.verdict, "undecided")


def _smoothness(verdict: Any) -> str:
    return smoothness(verdict.value)


def _number(verdict: Any) -> str:
    return short(verdict.value)


def _saturation(left: Any, right: Any) -> str:
    ends = [
        f"{side} at {short(verdict.value['limit'])}"
        for side, verdict in (("left", left), ("right", right))
        if verdict.verdict == "proved"
    ]
    return ", ".join(ends) or ("none" if "undecided" not in (left.verdict, right.verdict) else "?")


def _part(name: str, suffix: str = "") -> Callable[..., str]:
    def tell(verdict: Any) -> str:
        number = verdict.value.get(name)
        return "unknown" if number is None else f"{short(number)}{suffix}"

    return tell


_TOLD: dict[str, tuple[tuple[str, ...], Callable[..., str]]] = {
    "range": (("range",), _range),
    "gradient_range": (("gradient_range",), _range),
    "monotonic": (("monotonic",), _yes),
    "smoothness": (("smoothness",), _smoothness),
    "mean": (("zero_centred",), _number),
    "saturates": (("saturates_left", "saturates_right"), _saturation),
    "dead_zone": (("dead_zone",), _number),
    "gain": (("gain",), _part("gain")),
    "cost": (("cost",), value_of),
}
